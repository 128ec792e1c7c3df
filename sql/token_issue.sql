-- Tokens for services that are trusted to make them.
SELECT tacl_create_tenant('iss-org'), tacl_disable_user('iss-gone');
CREATE ROLE regress_tacl_issuer;
CREATE ROLE regress_tacl_other;

CREATE FUNCTION pg_temp.part(token text, n integer) RETURNS jsonb LANGUAGE sql AS $$
    SELECT convert_from(decode(translate(part, '-_', '+/') || repeat('=', (4 - length(part) % 4) % 4), 'base64'), 'UTF8')::jsonb
    FROM split_part(token, '.', n) AS part
$$;

SELECT tacl_issue_token('iss-alice');
SELECT tacl_add_key('iss-pub', NULL, '{"kty":"OKP", "crv":"Ed25519", "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}');
SELECT tacl_issue_token('iss-alice');
SELECT tacl_add_key('iss-1', 'HS256', 'the first secret of this test, 32 bytes', issuer => 'https://db.example/', audience => 'orders');

-- What is in it
SELECT token ~ '^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$' AS compact, pg_temp.part(token, 1) AS header, pg_temp.part(token, 2) - '{iat, exp}'::text[] AS claims,
       (pg_temp.part(token, 2) ->> 'exp')::bigint - (pg_temp.part(token, 2) ->> 'iat')::bigint AS lifetime,
       abs((pg_temp.part(token, 2) ->> 'iat')::bigint - extract(epoch FROM clock_timestamp())) < 5 AS issued_now
FROM (VALUES (tacl_issue_token('iss-alice')),
             (tacl_issue_token('iss-alice', 'iss-org')),
             (tacl_issue_token('iss-alice', NULL, '24 hours')),
             (tacl_issue_token('iss-alice', lifetime => '1 day', actor => 'iss-eve', scope => '{orders.*}')),
             (tacl_issue_token('o''"\ö', 'iss-org', '1 second'))) AS tokens (token);

-- Ids of other types
SELECT set_config('tacl.token', tacl_issue_token(7, 'iss-org'), false), tacl_user(), tacl_tenant();
RESET tacl.token;
SELECT pg_temp.part(tacl_issue_token('a81bc81b-dead-4e5d-abff-90865d1e13b1'::uuid), 2) ->> 'sub' AS sub;
SELECT tacl_issue_token(true);

-- The newest secret signs, or the one that is named
SELECT tacl_add_key('iss-2', 'HS512', 'the second secret of this test, which is one for HS512 and so is longer');
SELECT pg_temp.part(tacl_issue_token('iss-alice'), 1) AS newest, pg_temp.part(tacl_issue_token('iss-alice', kid => 'iss-1'), 1) AS named;
-- of those added at once, the last by name
SELECT tacl_add_key('iss-b', 'HS256', 'a secret of this test, of 32 bytes: b'), tacl_add_key('iss-a', 'HS256', 'a secret of this test, of 32 bytes: a');
SELECT pg_temp.part(tacl_issue_token('iss-alice'), 1) ->> 'kid' AS at_once;
-- What replaces another secret is new; the same secret is not, whatever else is changed
SELECT tacl_add_key('iss-a', 'HS256', 'another secret of this test, 32 bytes') AS replaced;
SELECT pg_temp.part(tacl_issue_token('iss-alice'), 1) ->> 'kid' AS replaced;
SELECT tacl_add_key('iss-b', 'HS256', 'a secret of this test, of 32 bytes: b', leeway => 1) AS changed;
SELECT pg_temp.part(tacl_issue_token('iss-alice'), 1) ->> 'kid' AS still;
SELECT tacl_add_key('iss-2', 'HS256', 'the second secret of this test, which is one for HS512 and so is longer') AS algorithm;
SELECT pg_temp.part(tacl_issue_token('iss-alice'), 1) ->> 'kid' AS algorithm;
SELECT tacl_drop_key('iss-a'), tacl_drop_key('iss-b');

SELECT tacl_issue_token('iss-alice', kid => 'iss-3');
SELECT tacl_issue_token('iss-alice', kid => 'iss-pub');

-- What is refused
SELECT tacl_issue_token(NULL);
SELECT tacl_issue_token('');
SELECT tacl_issue_token('iss-gone');
SELECT tacl_issue_token('iss-alice', actor => 'iss-gone');
SELECT tacl_issue_token('iss-alice', 'iss-nowhere');
SELECT tacl_issue_token('iss-alice', actor => '');
SELECT lifetime, (SELECT 'issued' FROM tacl_issue_token('iss-alice', lifetime => lifetime::interval)) FROM (VALUES ('1 second'), ('24:00:00')) AS v (lifetime);
SELECT tacl_issue_token('iss-alice', lifetime => '0.9 seconds');
SELECT tacl_issue_token('iss-alice', lifetime => '24 hours 1 second');
SELECT tacl_issue_token('iss-alice', lifetime => '1 month');
SELECT tacl_issue_token('iss-alice', lifetime => '-1 day');
-- as microseconds in 64 bits these would be 16 and 8 hours
SELECT tacl_issue_token('iss-alice', lifetime => '213503983 days');
SELECT tacl_issue_token('iss-alice', lifetime => '-213503982 days');
SELECT tacl_issue_token('iss-alice', lifetime => '-178000000 years');
SELECT tacl_issue_token('iss-alice', lifetime => NULL);

-- EXECUTE is nobody's; who has it needs nothing else, and can do it read-only
SET ROLE regress_tacl_other;
SELECT tacl_issue_token('iss-alice');
RESET ROLE;
GRANT EXECUTE ON FUNCTION tacl_issue_token(text, text, interval, text, text[], text) TO regress_tacl_issuer;
SET ROLE regress_tacl_issuer;
BEGIN READ ONLY;
SELECT set_config('tacl.token', tacl_issue_token('iss-alice', 'iss-org'), true), tacl_user();
COMMIT;
SELECT * FROM tacl.key;
SELECT tacl_issue_token(7);
RESET ROLE;
-- Nor what a superuser did not mean to run
CREATE MATERIALIZED VIEW iss_view AS SELECT tacl_issue_token('iss-alice');

DROP OWNED BY regress_tacl_issuer;
DROP ROLE regress_tacl_issuer, regress_tacl_other;
SELECT tacl_drop_key('iss-1'), tacl_drop_key('iss-2'), tacl_drop_key('iss-pub'), tacl_drop_tenant('iss-org'), tacl_enable_user('iss-gone');
