"""Queries as a user with Django, in a transaction or in autocommit."""

import csv
import datetime
import io
import os
from contextlib import contextmanager

import jwt
from django.db import connection, transaction


def sign_token(user):
    """A token for a user, signed with the key that tacl_add_key() knows as app-1."""
    expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=5)
    return jwt.encode({"sub": user, "exp": expires}, os.environ["TOKEN_SECRET"], "HS256", {"kid": "app-1"})


@contextmanager
def as_user(token, tenant):
    """In a transaction as the token's user, at a tenant. Its end takes both
    back; so an outer transaction, which would keep them, is refused."""
    with transaction.atomic(durable=True):
        _hand_over(token, tenant, True)
        yield


@contextmanager
def as_user_in_autocommit(token, tenant):
    """As the token's user, each query in autocommit. A connection that cannot be
    cleaned is closed, also if a transaction was left open in it, whose end could
    bring the user back. Not for a transaction pooler."""
    if connection.in_atomic_block:
        raise RuntimeError("as_user_in_autocommit() in a transaction")
    try:
        _hand_over(token, tenant, False)
        yield
    finally:
        try:
            _hand_over("", "", False)
            idle = connection.connection.info.transaction_status == 0
        except Exception:
            idle = False
        if not idle:
            connection.close()


def _hand_over(token, tenant, local):
    """Sets token and tenant without either becoming part of a statement's text,
    which others see. psycopg 3 does so with OPTIONS server_side_binding; psycopg2
    writes parameters into the text, so COPY carries them (psycopg2.sql)."""
    with connection.cursor() as cursor:
        if connection.Database.__name__ == "psycopg2":
            row = io.StringIO()
            csv.writer(row, quoting=csv.QUOTE_ALL).writerow([local, tenant, token])
            row.seek(0)
            cursor.copy_expert("COPY public.session_token (local, tenant, token) FROM STDIN (FORMAT csv)", row)
        elif connection.settings_dict["OPTIONS"].get("server_side_binding"):
            cursor.execute(
                "SELECT pg_catalog.set_config('tacl.token', %s, %s), pg_catalog.set_config('app.tenant', %s, %s)",
                [token, local, tenant, local],
            )
        else:
            raise RuntimeError("psycopg needs OPTIONS server_side_binding")
