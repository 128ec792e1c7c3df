// Shows as-user.mjs at work on the orders of ../setup.sql: over one pool of two
// connections, each user sees the orders of their organization.

import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '@prisma/client';
import { asUser, asUserInBatch, signToken } from './as-user.mjs';

const TENANT = { alice: 'org-acme', bob: 'org-globex' };
const ORDERS = { alice: '1 2', bob: '3', nobody: '' };
const prisma = new PrismaClient({
    adapter: new PrismaPg({ max: 2 }),      // PGHOST, PGUSER and so on say where
    transactionOptions: { maxWait: 60000, timeout: 60000 },
});
const token = { alice: await signToken('alice'), bob: await signToken('bob') };

// Injected: another text under the name of each prepared statement about orders.
const REPLACE = `DO $$ DECLARE stmt text; BEGIN
    FOR stmt IN SELECT quote_ident(name) FROM pg_prepared_statements WHERE statement LIKE '%ORDER BY%id%' LOOP
        EXECUTE 'DEALLOCATE ' || stmt;
        EXECUTE 'PREPARE ' || stmt || ' AS SELECT 666 AS id';
    END LOOP;
END $$`;

const ids = (rows) => rows.map((row) => row.id).join(' ');
const query = (client) => client.order.findMany({ orderBy: { id: 'asc' } });

// What a user sees, asked in the one way or the other.
const ways = {
    transaction: async (user) => ids(await asUser(prisma, token[user], TENANT[user], query)),
    batch: async (user) => ids((await asUserInBatch(prisma, token[user], TENANT[user], (client) => [query(client)]))[0]),
};

// What is there without a user, if there is none.
async function nobody() {
    const [{ user, id }] = await prisma.$queryRaw`SELECT tacl_user() AS user, (SELECT min(id) FROM orders) AS id`;

    return [user, id].join('');
}

for (const name of ['transaction', 'batch']) {
    for (const user of ['alice', 'bob'])
        console.log(`${name}: ${user} sees ${await ways[name](user)}`);
    console.log(`${name}: then nobody sees ${await nobody()}`);
}

// An error takes back what was done, and the user.
await asUser(prisma, token.alice, 'org-acme', async (tx) => {
    await tx.order.create({ data: { id: 4, tenantId: 'org-acme' } });
    throw new Error('no more paper');
}).catch((error) => console.log(`error: ${error.message}`));
console.log(`error: then nobody sees ${await nobody()}`);
console.log(`error: then alice sees ${await ways.transaction('alice')}`);

// What alice leaves under the name of a prepared statement must not run as bob.
await asUser(prisma, token.alice, 'org-acme', async (tx) => {
    await query(tx);
    await tx.$executeRawUnsafe(REPLACE);
});
console.log(`prepared: bob sees ${await ways.transaction('bob')}`);

// A query of the client, not of tx, is on another connection and nobody's.
console.log(`not of tx: alice sees ${await asUser(prisma, token.alice, 'org-acme', nobody)}`);

// Requests of both users, and of nobody, at the same time.
const seen = await Promise.all(Array.from({ length: 300 }, async (_, n) => {
    const user = ['alice', 'bob', 'nobody'][n % 3];
    const way = ways[n % 2 ? 'transaction' : 'batch'];

    return await (user === 'nobody' ? nobody() : way(user)) === ORDERS[user];
}));

console.log(`together: ${seen.length} requests, ${seen.filter((right) => !right).length} wrong`);
await prisma.$disconnect();
