// Queries as a user with Prisma: in an interactive transaction, whose first
// query hands the token over. The tagged template makes it a bind parameter.

import { SignJWT } from 'jose';

// A token for a user, signed with the key that tacl_add_key() knows as app-1.
export function signToken(user) {
    return new SignJWT()
        .setProtectedHeader({ alg: 'HS256', kid: 'app-1' })
        .setSubject(user)
        .setExpirationTime('5m')
        .sign(new TextEncoder().encode(process.env.TOKEN_SECRET));
}

const set = (client, token, tenant) =>
    client.$queryRaw`SELECT pg_catalog.set_config('tacl.token', ${token}, true), pg_catalog.set_config('app.tenant', ${tenant}, true)`;

// Runs fn(tx) in a transaction as the token's user, at a tenant. Only what is
// asked of tx is asked as the user; the end of the transaction takes both back.
export function asUser(prisma, token, tenant, fn) {
    return prisma.$transaction(async (tx) => {
        await set(tx, token, tenant);
        return fn(tx);
    });
}

// The same for queries that need no answer of each other, in one call: Prisma
// runs each query of its own on any connection of the pool, and so has no other
// autocommit for a user. fn(prisma) returns the queries.
export async function asUserInBatch(prisma, token, tenant, fn) {
    const [, ...results] = await prisma.$transaction([set(prisma, token, tenant), ...fn(prisma)]);

    return results;
}
