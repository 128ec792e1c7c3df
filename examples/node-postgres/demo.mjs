// Shows as-user.mjs at work on the orders of ../setup.sql: over one pool of two
// connections, each user sees the orders of their organization.

import pg from 'pg';
import { asUser, asUserInAutocommit, signToken } from './as-user.mjs';

const TENANT = { alice: 'org-acme', bob: 'org-globex' };
const ORDERS = { alice: '1 2', bob: '3', nobody: '' };
const pool = new pg.Pool({ max: 2 });       // PGHOST, PGUSER and so on say where
const token = { alice: await signToken('alice'), bob: await signToken('bob') };

// Injected: another text under the name of each prepared statement about orders.
const REPLACE = `DO $$ DECLARE stmt text; BEGIN
    FOR stmt IN SELECT quote_ident(name) FROM pg_prepared_statements WHERE statement LIKE '%ORDER BY%id%' LOOP
        EXECUTE 'DEALLOCATE ' || stmt;
        EXECUTE 'PREPARE ' || stmt || ' AS SELECT 666 AS id';
    END LOOP;
END $$`;

// The orders that a client sees.
async function orders(client) {
    const result = await client.query('SELECT id FROM orders ORDER BY id');

    return result.rows.map((row) => row.id).join(' ');
}

// What is there without a user, if there is none.
async function nobody() {
    const { rows } = await pool.query('SELECT tacl_user() AS user, (SELECT min(id) FROM orders) AS id');

    return [rows[0].user, rows[0].id].join('');
}

for (const [name, as] of [['transaction', asUser], ['autocommit', asUserInAutocommit]]) {
    for (const user of ['alice', 'bob'])
        console.log(`${name}: ${user} sees ${await as(pool, token[user], TENANT[user], orders)}`);
    console.log(`${name}: then nobody sees ${await nobody()}`);
}

// An error takes back what was done, and the user.
await asUser(pool, token.alice, 'org-acme', async (client) => {
    await client.query(`INSERT INTO orders VALUES (4, 'org-acme')`);
    throw new Error('no more paper');
}).catch((error) => console.log(`error: ${error.message}`));
await asUserInAutocommit(pool, token.alice, 'org-acme', (client) =>
    client.query('SELECT 1 / 0')).catch((error) => console.log(`error: ${error.message}`));
console.log(`error: then nobody sees ${await nobody()}`);
console.log(`error: then alice sees ${await asUser(pool, token.alice, 'org-acme', orders)}`);

// A transaction left open: its end must not bring the user back.
await asUserInAutocommit(pool, token.alice, 'org-acme', (client) => client.query('BEGIN'));
await pool.query('ROLLBACK');
console.log(`left open: then nobody sees ${await nobody()}`);

// What alice leaves under the name of a prepared statement must not run as bob.
await asUser(pool, token.alice, 'org-acme', async (client) => {
    await orders(client);
    await client.query(REPLACE);
});
console.log(`prepared: bob sees ${await asUser(pool, token.bob, 'org-globex', orders)}`);

// Requests of both users, and of nobody, at the same time.
const seen = await Promise.all(Array.from({ length: 300 }, async (_, n) => {
    const user = ['alice', 'bob', 'nobody'][n % 3];
    const as = n % 2 ? asUser : asUserInAutocommit;

    return await (user === 'nobody' ? nobody() : as(pool, token[user], TENANT[user], orders)) === ORDERS[user];
}));

console.log(`together: ${seen.length} requests, ${seen.filter((right) => !right).length} wrong`);
await pool.end();
