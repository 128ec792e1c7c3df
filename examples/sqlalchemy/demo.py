"""Shows as_user.py at work on the orders of ../setup.sql: over one pool of two
connections, each user sees the orders of their organization."""

import asyncio
from contextlib import suppress

from sqlalchemy import Column, Integer, Text, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import declarative_base

from as_user import OPTIONS, as_user, as_user_in_autocommit, sign_token


class Order(declarative_base()):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    tenant_id = Column(Text)


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

# PGHOST, PGUSER and so on say where.
engine = create_async_engine("postgresql+asyncpg://", pool_size=2, max_overflow=0, pool_timeout=60, **OPTIONS)


async def orders(client):
    """The orders that a session or a connection sees."""
    result = await client.execute(select(Order.id).order_by(Order.id))
    return " ".join(str(row.id) for row in result)


async def nobody():
    """What is there without a user, if there is none."""
    async with engine.connect() as connection:
        result = await connection.execute(text("SELECT concat(tacl_user(), (SELECT min(id) FROM orders))"))
        return result.scalar()


async def request(n):
    """Did the n-th request see what it should?"""
    user = ["alice", "bob", "nobody"][n % 3]
    if user == "nobody":
        return await nobody() == ORDERS[user]
    async with [as_user, as_user_in_autocommit][n % 2](engine, TOKEN[user], TENANT[user]) as client:
        return await orders(client) == ORDERS[user]


async def main():
    for name, way in [("transaction", as_user), ("autocommit", as_user_in_autocommit)]:
        for user in TENANT:
            async with way(engine, TOKEN[user], TENANT[user]) as client:
                print(f"{name}: {user} sees {await orders(client)}")
        print(f"{name}: then nobody sees {await nobody()}")

    # An error takes back what was done, and the user.
    try:
        async with as_user(engine, TOKEN["alice"], "org-acme") as session, session.begin():
            session.add(Order(id=4, tenant_id="org-acme"))
            await session.flush()
            raise RuntimeError("no more paper")
    except RuntimeError as error:
        print(f"error: {error}")
    try:
        async with as_user_in_autocommit(engine, TOKEN["alice"], "org-acme") as connection:
            await connection.execute(text("SELECT 1 / 0"))
    except DBAPIError as error:
        print(f"error: {str(error.orig).split(': ')[-1]}")
    print(f"error: then nobody sees {await nobody()}")
    async with as_user(engine, TOKEN["alice"], "org-acme") as session:
        print(f"error: then alice sees {await orders(session)}")

        # The session is hers in its next transaction, too.
        await session.commit()
        print(f"after commit: alice sees {await orders(session)}")
        await session.commit()
    print(f"after commit: then nobody sees {await nobody()}")

    # A transaction left open: its end must not bring the user back.
    with suppress(DBAPIError):
        async with as_user_in_autocommit(engine, TOKEN["alice"], "org-acme") as connection:
            await connection.execute(text("BEGIN"))
    for _ in range(2):
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("ROLLBACK"))
    print(f"left open: then nobody sees {await nobody()}")

    # What alice leaves under the name of a prepared statement must not run as bob.
    async with as_user(engine, TOKEN["alice"], "org-acme") as session:
        await orders(session)
        await session.execute(text(REPLACE))
        await session.commit()
    async with as_user(engine, TOKEN["bob"], "org-globex") as session:
        print(f"prepared: bob sees {await orders(session)}")

    # Requests of both users, and of nobody, at the same time.
    seen = await asyncio.gather(*(request(n) for n in range(300)))
    print(f"together: {len(seen)} requests, {seen.count(False)} wrong")
    await engine.dispose()


asyncio.run(main())
