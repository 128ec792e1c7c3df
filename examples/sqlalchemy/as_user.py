"""Queries as a user with SQLAlchemy 1.4 or 2 over asyncpg, whose parameters are
bound by the server: a token is never part of a statement's text."""

import datetime
import os
from contextlib import asynccontextmanager

import jwt
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

SET = text(
    "SELECT pg_catalog.set_config('tacl.token', :token, :local), pg_catalog.set_config('app.tenant', :tenant, :local)"
)

# For create_async_engine(). A prepared statement that stays in the session has a
# name, under which injected SQL can leave a text of its own for the next user;
# so none stays. And neither echo nor an error shows parameters.
OPTIONS = {
    "hide_parameters": True,
    "connect_args": {"prepared_statement_cache_size": 0, "statement_cache_size": 0},
}


def sign_token(user):
    """A token for a user, signed with the key that tacl_add_key() knows as app-1."""
    expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=5)
    return jwt.encode({"sub": user, "exp": expires}, os.environ["TOKEN_SECRET"], "HS256", {"kid": "app-1"})


class UserSession(Session):
    """A session with a user: each of its transactions begins with the token."""


@event.listens_for(UserSession, "after_begin")
def _hand_over(session, transaction, connection):
    connection.execute(SET, {**session.info, "local": True})


def as_user(engine, token, tenant):
    """An ORM session as the token's user, at a tenant; the end of a transaction
    takes both back, the next one of this session begins with them again."""
    return AsyncSession(engine, sync_session_class=UserSession, info={"token": token, "tenant": tenant})


@asynccontextmanager
async def as_user_in_autocommit(engine, token, tenant):
    """A connection as the token's user, each statement in autocommit. DISCARD ALL
    takes everything back, and fails in a transaction that was left open: a
    connection that was not cleaned is closed. Not for a transaction pooler."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        try:
            await connection.execute(SET, {"token": token, "tenant": tenant, "local": False})
            yield connection
        finally:
            try:
                await connection.execute(text("DISCARD ALL"))
            except BaseException:
                await connection.invalidate()
                raise
