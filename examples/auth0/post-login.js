// An Auth0 Action for the trigger "post-login": puts what claims.sql says into
// the access token. It needs the dependency "pg" and the secret DATABASE_URL of
// a database role that may look up (claims_reader in README.md). If the query
// fails, so does the login: no token goes out without its claims.

const { Client } = require('pg');

const CLAIM = 'https://example.com/access';
const QUERY = 'SELECT tacl_claims($1::text, NULL, max_tenants => 20) AS claims';

exports.onExecutePostLogin = async (event, api) => {
    const client = new Client({ connectionString: event.secrets.DATABASE_URL });

    await client.connect();
    try {
        const result = await client.query(QUERY, [event.user.user_id]);

        api.accessToken.setCustomClaim(CLAIM, result.rows[0].claims);
    } finally {
        await client.end();
    }
};
