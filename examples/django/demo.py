"""Shows as_user.py at work on the orders of ../setup.sql: two threads, each with
a connection that stays open; each user sees the orders of their organization."""

import os
from concurrent.futures import ThreadPoolExecutor

import django
from django.conf import settings

settings.configure(
    DATABASES={
        "default": {  # PGHOST, PGUSER and so on say where
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["PGDATABASE"],
            "CONN_MAX_AGE": None,
            # Django before 4.2 has psycopg2, which does not know this
            "OPTIONS": {"server_side_binding": True} if django.VERSION >= (4, 2) else {},
        }
    }
)
django.setup()

from django.db import DataError, connection, models, transaction  # noqa: E402

from as_user import as_user, as_user_in_autocommit, sign_token  # noqa: E402


class Order(models.Model):
    tenant_id = models.TextField()

    class Meta:
        app_label = "shop"
        db_table = "orders"
        managed = False


TENANT = {"alice": "org-acme", "bob": "org-globex"}
ORDERS = {"alice": "1 2", "bob": "3", "nobody": ""}
TOKEN = {user: sign_token(user) for user in TENANT}

# Injected: another text under the name of each prepared statement about orders.
REPLACE = """DO $$ DECLARE stmt text; BEGIN
    FOR stmt IN SELECT quote_ident(name) FROM pg_prepared_statements WHERE statement LIKE '%ORDER BY%id%' LOOP
        EXECUTE 'DEALLOCATE ' || stmt;
        EXECUTE 'PREPARE ' || stmt || ' AS SELECT 666 AS id';
    END LOOP;
END $$"""


def orders():
    return " ".join(str(order.id) for order in Order.objects.order_by("id"))


def nobody():
    """What is there without a user, if there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT concat(tacl_user(), (SELECT min(id) FROM orders))")
        return cursor.fetchone()[0]


for name, way in [("transaction", as_user), ("autocommit", as_user_in_autocommit)]:
    for user in TENANT:
        with way(TOKEN[user], TENANT[user]):
            print(f"{name}: {user} sees {orders()}")
    print(f"{name}: then nobody sees {nobody()}")

# An error takes back what was done, and the user.
try:
    with as_user(TOKEN["alice"], "org-acme"):
        Order.objects.create(id=4, tenant_id="org-acme")
        raise RuntimeError("no more paper")
except RuntimeError as error:
    print(f"error: {error}")
try:
    with as_user_in_autocommit(TOKEN["alice"], "org-acme"), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
except DataError as error:
    print(f"error: {str(error).splitlines()[0]}")
print(f"error: then nobody sees {nobody()}")
with as_user(TOKEN["alice"], "org-acme"):
    print(f"error: then alice sees {orders()}")

# An outer transaction would keep the user.
for way in as_user, as_user_in_autocommit:
    try:
        with transaction.atomic(), way(TOKEN["alice"], "org-acme"):
            print("outer transaction: accepted")
    except RuntimeError as error:
        print(f"outer transaction: {error}")

# A transaction left open: its end must not bring the user back.
with as_user_in_autocommit(TOKEN["alice"], "org-acme"), connection.cursor() as cursor:
    cursor.execute("BEGIN")
with connection.cursor() as cursor:
    cursor.execute("ROLLBACK")
print(f"left open: then nobody sees {nobody()}")

# What alice leaves under the name of a prepared statement must not run as bob;
# a table that she leaves under the name of the view must not get his token.
with as_user(TOKEN["alice"], "org-acme"), connection.cursor() as cursor:
    orders()
    cursor.execute(REPLACE)
    cursor.execute("CREATE TEMPORARY TABLE session_token (local boolean, tenant text, token text)")
with as_user(TOKEN["bob"], "org-globex"), connection.cursor() as cursor:
    print(f"prepared: bob sees {orders()}")
    cursor.execute("SELECT count(*) FROM pg_temp.session_token")
    print(f"shadow: alice has {cursor.fetchone()[0]} tokens")
    cursor.execute("DROP TABLE pg_temp.session_token")

# A queryset asks when it is read: after the transaction it is nobody's.
with as_user(TOKEN["alice"], "org-acme"):
    lazy = Order.objects.all()
print(f"lazy: alice sees {len(lazy)}")


def request(n):
    """Did the n-th request see what it should?"""
    user = ["alice", "bob", "nobody"][n % 3]
    if user == "nobody":
        return nobody() == ORDERS[user]
    with [as_user, as_user_in_autocommit][n % 2](TOKEN[user], TENANT[user]):
        return orders() == ORDERS[user]


# Requests of both users, and of nobody, at the same time.
with ThreadPoolExecutor(max_workers=2) as pool:
    seen = list(pool.map(request, range(300)))
print(f"together: {len(seen)} requests, {seen.count(False)} wrong")
