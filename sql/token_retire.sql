-- Keys that retire at a time: from then on their tokens are worth nothing, as
-- if they had expired, and nothing is signed that would outlive its key.
SELECT tacl_create_tenant('ret-org'), tacl_define_role('ret-viewer', '{ret.view}'), tacl_assign('ret-ann', 'ret-viewer', 'ret-org');
SELECT tacl_add_key('ret-1', 'HS256', 'the first secret of this test, 32 bytes', leeway => 300);
SELECT set_config('tacl.token', tacl_issue_token('ret-ann', 'ret-org', '1 hour'), false);
\set may 'SELECT tacl_may(''ret.view'') AS may'
-- The operator, who has no user in the session
CREATE FUNCTION pg_temp.retire(key text, at timestamptz) RETURNS boolean LANGUAGE sql SET tacl.token = '' AS 'SELECT tacl_drop_key(key, retires_at => at)';
:may;

-- At a time to come; the same again changes nothing
SELECT pg_temp.retire('ret-1', '2999-01-01 UTC'), pg_temp.retire('ret-1', '2999-01-01 UTC') AS again, pg_temp.retire('ret-none', '2999-01-01 UTC') AS no_such_key;
SELECT kid, retires_at = '2999-01-01 UTC' AS as_said FROM tacl.key;
:may;
BEGIN;
SELECT pg_temp.retire('ret-1', '2999-01-01 UTC');
SELECT pg_current_xact_id_if_assigned() IS NULL AS wrote_nothing;
COMMIT;

-- In the middle of a transaction, prepared and cached: no leeway counts
PREPARE ask AS SELECT tacl_may('ret.view') AS may;
BEGIN;
EXECUTE ask;
SELECT pg_temp.retire('ret-1', statement_timestamp() + '3 seconds');
EXECUTE ask;
SAVEPOINT a;
SELECT pg_sleep(3);
EXECUTE ask;
SELECT tacl_user();
ROLLBACK TO a;
SELECT tacl_drop_key('ret-1', '2999-01-01 UTC'); -- not with that token
ROLLBACK TO a;
EXECUTE ask;
ROLLBACK;
EXECUTE ask;
RESET tacl.token;

-- What has expired has expired, whatever became of its key; and one that is
-- not signed by the key does not say that it has retired
SELECT tacl_add_key('ret-1', 'HS256', 'the first secret of this test, 32 bytes') AS without_leeway;
SELECT tacl_issue_token('ret-ann', 'ret-org', '1 second') AS short, tacl_issue_token('ret-ann', 'ret-org', '1 hour') AS long \gset
UPDATE tacl.key SET retires_at = statement_timestamp() + '1.5 seconds';
SELECT pg_sleep(2);
SELECT set_config('tacl.token', :'short', false) AS token;
SELECT tacl_user();
SELECT set_config('tacl.token', :'long', false) AS token;
SELECT tacl_user();
SELECT set_config('tacl.token', left(:'long', -8) || 'AAAAAAAA', false) AS token;
SELECT tacl_user();
SELECT set_config('tacl.token', :'long', false) AS token;
-- Changed by hand, it is heard of at once
UPDATE tacl.key SET retires_at = NULL;
EXECUTE ask;
UPDATE tacl.key SET retires_at = '2001-01-01';
EXECUTE ask;
RESET tacl.token;

-- Past ones that would be new, and infinite ones, are refused, in the table too
SELECT tacl_drop_key('ret-1', '2001-01-01') AS so_already;
SELECT tacl_drop_key('ret-1', '2001-01-02 UTC');
SELECT tacl_drop_key('ret-1', 'infinity');
SELECT tacl_drop_key('ret-1', '-infinity');
SELECT tacl_drop_key(NULL, '2999-01-01');
SELECT tacl_drop_key('', '2999-01-01');
\set VERBOSITY terse
SELECT tacl_drop_key('ret-1', now());
UPDATE tacl.key SET retires_at = 'infinity';
INSERT INTO tacl.key (kid, algorithm, material, retires_at) VALUES ('ret-3', 'HS256', repeat('SECRET', 10)::tacl.key_material, '-infinity');
\set VERBOSITY default
-- What has retired can go on for a while
SELECT pg_temp.retire('ret-1', '2999-01-01 UTC');
SELECT set_config('tacl.token', :'long', true), tacl_user();

-- Added again, it does not retire; with the same secret or another, as text or as JWK
SELECT tacl_add_key('ret-1', 'HS256', 'the first secret of this test, 32 bytes'), tacl_add_key('ret-1', 'HS256', 'the first secret of this test, 32 bytes') AS again;
SELECT kid, retires_at FROM tacl.key;
SELECT tacl_drop_key('ret-1', '2999-01-01 UTC'), tacl_add_key('ret-1', 'HS256', 'another secret of this test, 32 bytes'), tacl_drop_key('ret-1', '2999-01-01 UTC'),
       tacl_add_key(NULL, 'HS256', '{"kty":"oct", "kid":"ret-1", "k":"YW5vdGhlciBzZWNyZXQgb2YgdGhpcyB0ZXN0LCAzMiBieXRlcw"}');
SELECT kid, retires_at FROM tacl.key;

--
-- Signing
--

SELECT tacl_add_key('ret-2', 'HS256', 'the second secret of this test, 32 bytes');
CREATE FUNCTION pg_temp.signer(lifetime interval, kid text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT convert_from(decode(translate(head, '-_', '+/') || repeat('=', (4 - length(head) % 4) % 4), 'base64'), 'UTF8')::jsonb ->> 'kid'
    FROM split_part(tacl_issue_token('ret-ann', lifetime => lifetime, kid => kid), '.', 1) AS head
$$;
-- The newest that lasts as long as the token does
SELECT pg_temp.signer('1 hour') AS newest, tacl_drop_key('ret-2', statement_timestamp() + '30 minutes') AS retires, pg_temp.signer('1 hour') AS older, pg_temp.signer('29 minutes') AS short;
UPDATE tacl.key SET retires_at = '2001-01-01' WHERE kid = 'ret-2';
SELECT pg_temp.signer('1 second') AS retired, pg_temp.signer('1 hour', 'ret-1') AS named;
-- No token outlives its key
\set VERBOSITY terse
SELECT pg_temp.signer('1 second', 'ret-2');
UPDATE tacl.key SET retires_at = statement_timestamp() + '30 minutes' WHERE kid = 'ret-1';
SELECT pg_temp.signer('29 minutes', 'ret-1');
SELECT pg_temp.signer('31 minutes', 'ret-1');
SELECT pg_temp.signer('31 minutes');
\set VERBOSITY default
UPDATE tacl.key SET retires_at = '2001-01-01' WHERE kid = 'ret-1';
SELECT tacl_issue_token('ret-ann');
SELECT tacl_issue_token('ret-ann', kid => 'ret-1');
-- Several keys: a token has to name one, retired or not
SET tacl.token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.AAAA';
SELECT tacl_user();
RESET tacl.token;

--
-- Who: UPDATE to let it retire, DELETE to drop it now
--

CREATE ROLE regress_tacl_retire;
SET ROLE regress_tacl_retire;
SELECT tacl_drop_key('ret-1', '2999-01-01');
SELECT tacl_drop_key(NULL, 'infinity');
RESET ROLE;
GRANT UPDATE ON tacl.key TO regress_tacl_retire;
SET ROLE regress_tacl_retire;
SELECT tacl_drop_key('ret-1', '2999-01-01 UTC'), tacl_drop_key('ret-1', '2999-01-01 UTC') AS again;
SELECT tacl_drop_key('ret-1');
RESET ROLE;
REVOKE UPDATE ON tacl.key FROM regress_tacl_retire;
GRANT DELETE ON tacl.key TO regress_tacl_retire;
SET ROLE regress_tacl_retire;
SELECT tacl_drop_key('ret-1', '2998-01-01');
SELECT tacl_drop_key('ret-1'), tacl_drop_key('ret-1', NULL) AS again;
BEGIN READ ONLY;
SELECT tacl_drop_key('ret-2', '2999-01-01');
ROLLBACK;
RESET ROLE;

DEALLOCATE ask;
DROP OWNED BY regress_tacl_retire;
DROP ROLE regress_tacl_retire;
SELECT tacl_drop_key('ret-1') AS gone, tacl_drop_key('ret-2'), tacl_drop_tenant('ret-org', true), tacl_drop_role('ret-viewer');
