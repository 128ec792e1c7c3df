-- What the access token is to say: of up to 20 tenants all, of more only the
-- one that the user was last active in. One parameter: the user id.

SELECT tacl_claims(:'user_id'::text, NULL, max_tenants => 20) AS claims;
