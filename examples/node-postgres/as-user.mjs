// Queries as a user: the token goes to the session as a bind parameter, and is
// gone before the pool gives the connection to someone else.

import { SignJWT } from 'jose';

const SET = `SELECT pg_catalog.set_config('tacl.token', $1, $3), pg_catalog.set_config('app.tenant', $2, $3)`;

// A token for a user, signed with the key that tacl_add_key() knows as app-1.
export function signToken(user) {
    return new SignJWT()
        .setProtectedHeader({ alg: 'HS256', kid: 'app-1' })
        .setSubject(user)
        .setExpirationTime('5m')
        .sign(new TextEncoder().encode(process.env.TOKEN_SECRET));
}

// Runs fn(client) in a transaction as the token's user, at a tenant. The end of
// the transaction takes both settings back.
export async function asUser(pool, token, tenant, fn) {
    const client = await pool.connect();
    let broken;

    try {
        await client.query('BEGIN');
        await client.query(SET, [token, tenant, true]);
        const result = await fn(client);

        await client.query('COMMIT');
        return result;
    } catch (error) {
        await client.query('ROLLBACK').catch((why) => { broken = why; });
        throw error;
    } finally {
        client.release(broken);
    }
}

// Runs fn(client) as the token's user, each of its queries in autocommit.
// DISCARD ALL takes everything back, and fails in a transaction that fn has left
// open: a connection that was not cleaned does not return to the pool.
export async function asUserInAutocommit(pool, token, tenant, fn) {
    const client = await pool.connect();
    let broken;

    try {
        await client.query(SET, [token, tenant, false]);
        return await fn(client);
    } finally {
        await client.query('DISCARD ALL').catch((why) => { broken = why; });
        client.release(broken);
    }
}
