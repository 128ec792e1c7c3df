-- R19: a runtime role with alice's token tries to become bob, who sees another
-- row, by everything that SQL text can do. By other tokens: become_token.sql;
-- before the library is there, and by a connection's options: 019_connection.pl.
\set VERBOSITY terse
SELECT tacl_create_tenant('bec-a'), tacl_create_tenant('bec-b'), tacl_define_role('bec-viewer', '{bec.view}'),
       tacl_assign('bec-alice', 'bec-viewer', 'bec-a'), tacl_assign('bec-bob', 'bec-viewer', 'bec-b');
SELECT tacl_add_key('bec-1', 'HS256', 'the secret of key bec-1, 32 bytes');
CREATE TABLE bec_row AS SELECT t AS tenant_id FROM unnest('{bec-a, bec-b}'::text[]) AS t;
ALTER TABLE bec_row ENABLE ROW LEVEL SECURITY;
CREATE POLICY view ON bec_row USING (tacl_may('bec.view', tenant_id));
CREATE ROLE regress_tacl_become;
GRANT SELECT ON bec_row TO regress_tacl_become;
SELECT tacl_issue_token('bec-alice', kid => 'bec-1') AS alice, tacl_issue_token('bec-bob', kid => 'bec-1') AS bob \gset

-- Who it is, and whose rows it sees
CREATE FUNCTION pg_temp.seen() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    seen text := concat('sees ', coalesce((SELECT string_agg(tenant_id, ' ') FROM public.bec_row), 'nothing'));
BEGIN
    RETURN concat(coalesce(public.tacl_user(), 'nobody'), ' ', seen);
EXCEPTION WHEN invalid_authorization_specification THEN
    RETURN concat('bad token, ', seen);
END $$;

-- The same after it has run something, with alice's token
CREATE FUNCTION pg_temp.attempt(token text, statements text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    refused text;
BEGIN
    PERFORM set_config('tacl.token', token, true);
    BEGIN
        EXECUTE statements;
    EXCEPTION WHEN OTHERS THEN
        refused := ', refused ' || sqlstate;
    END;
    RAISE EXCEPTION USING message = concat(pg_temp.seen(), refused), errcode = 'R1900';
EXCEPTION WHEN SQLSTATE 'R1900' THEN
    RETURN sqlerrm;
WHEN insufficient_privilege THEN
    RETURN 'sees an error';
END $$;

--
-- Statements
--

SET SESSION AUTHORIZATION regress_tacl_become;
\pset format unaligned
SELECT replace(statements, :'bob', 'bob''s token') AS statements, pg_temp.attempt(:'alice', statements) AS then
FROM (VALUES
    -- the twins: nothing, and bob's own token
    ('SELECT 1'), (format('SELECT set_config(%L, %L, true)', 'tacl.token', :'bob')),
    -- the token's setting
    ($$SET tacl.token = 'bec-bob'$$), ('SET tacl.token = ''{"sub":"bec-bob"}'''), ('RESET tacl.token'), ('SET LOCAL tacl.token TO DEFAULT'), ('RESET ALL'),
    ($$UPDATE pg_settings SET setting = 'bec-bob' WHERE name = 'tacl.token'$$),
    ($$SET SESSION tacl.token = 'x'; RESET tacl.token; SET app.user_id = 'bec-bob'$$),
    -- the setting of the application's, which is not believed
    ($$SET tacl.user_setting = 'app.user_id'$$), ($$SELECT set_config('tacl.user_setting', 'app.user_id', true)$$),
    ($$UPDATE pg_settings SET setting = 'app.user_id' WHERE name = 'tacl.user_setting'$$),
    ($$SET app.user_id = 'bec-bob'$$), ($$SET app."user" = 'bec-bob'$$), ($$SET "tacl.user" = 'bec-bob'$$), ($$SET tacl.anything = 'bec-bob'$$),
    ($$SET tacl.tenant_setting = 'app.user_id'$$), ($$SET tacl.on_missing_user = 'error'$$),
    -- of a role, a database, the server
    ($$ALTER ROLE regress_tacl_become SET tacl.user_setting = 'app.user_id'$$), ($$ALTER ROLE ALL SET tacl.user_setting = 'app.user_id'$$),
    ($$ALTER ROLE regress_tacl_become SET session_preload_libraries = ''$$),
    ($$DO 'BEGIN EXECUTE format($a$ALTER DATABASE %I SET tacl.user_setting = $b$app.user_id$b$ $a$, current_database()); END'$$),
    -- functions with a SET clause, and definers
    ($$CREATE FUNCTION pg_temp.f() RETURNS void LANGUAGE sql SET tacl.user_setting = 'app.user_id' AS 'SELECT'$$),
    ($$CREATE FUNCTION pg_temp.f() RETURNS text LANGUAGE sql SET tacl.token = 'bec-bob' AS 'SELECT pg_temp.seen()'; DO 'BEGIN RAISE EXCEPTION $a$%$a$, pg_temp.f(); END'$$),
    ($$CREATE FUNCTION pg_temp.f() RETURNS text LANGUAGE sql SECURITY DEFINER SET app.user_id = 'bec-bob' AS 'SELECT pg_temp.seen()'; DO 'BEGIN RAISE EXCEPTION $a$%$a$, pg_temp.f(); END'$$),
    -- roles, row-level security
    ('SET ROLE none'), ('SET row_security = off'), ('SET session_replication_role = replica'), ('ALTER TABLE bec_row DISABLE ROW LEVEL SECURITY'),
    ('DROP POLICY view ON bec_row'), ('CREATE POLICY mine ON bec_row USING (true)'),
    -- functions, operators, tables and casts of the same names in front
    ($$CREATE FUNCTION pg_temp.tacl_user() RETURNS text RETURN 'bec-bob'; SET search_path = pg_temp, pg_catalog, public$$),
    ($$CREATE FUNCTION pg_temp.tacl_may(text, text) RETURNS boolean RETURN true; SET search_path = pg_temp, pg_catalog, public$$),
    ($$CREATE FUNCTION pg_temp.same(text, text) RETURNS boolean RETURN true; CREATE OPERATOR pg_temp.= (FUNCTION = pg_temp.same, LEFTARG = text, RIGHTARG = text); SET search_path = pg_temp, pg_catalog, public$$),
    ($$CREATE TEMPORARY TABLE key AS SELECT 'bec-1' AS kid; CREATE TEMPORARY TABLE assignment AS SELECT 'bec-alice' AS user_id, 'bec-b' AS tenant, '*' AS pattern; SET search_path = pg_temp, tacl, public$$),
    ($$CREATE OR REPLACE FUNCTION public.tacl_user() RETURNS text RETURN 'bec-bob'$$), ($$ALTER FUNCTION tacl_user() SET tacl.token = 'x'$$),
    -- what the answer is made of
    ('SELECT material FROM tacl.key'), ($$SELECT tacl_add_key('bec-3', 'HS256', 'the secret of the key of the attacker')$$),
    ($$INSERT INTO tacl.key (kid, algorithm, material) VALUES ('bec-3', 'HS256', '\x00')$$), ($$SELECT tacl_drop_key('bec-1')$$),
    ($$SELECT tacl_issue_token('bec-bob')$$), ($$SELECT tacl_assign('bec-alice', 'bec-viewer', 'bec-b')$$),
    ($$INSERT INTO tacl.assignment (user_id, tenant, pattern) VALUES ('bec-alice', 'bec-b', '*')$$), ('SELECT tacl_flush()'),
    -- the active tenant is only where it asks
    ($$SET app.tenant = 'bec-b'$$), ($$SET LOCAL app.tenant = '*'$$)) AS v (statements);
\pset format aligned

-- In one SELECT, before and after the rows are read
SELECT set_config('tacl.token', :'alice', false);
WITH changed AS MATERIALIZED (SELECT set_config('app.user_id', 'bec-bob', false), set_config('tacl.token', 'bec-bob', false))
SELECT count(*) AS rows FROM changed, bec_row;
SELECT set_config('tacl.token', :'alice', false);
SELECT tenant_id, set_config('app.user_id', 'bec-bob', false) AS set FROM bec_row;
-- Cursors and prepared statements keep to who asks when they run
PREPARE rows AS SELECT tenant_id FROM bec_row;
EXECUTE rows;
BEGIN;
DECLARE c CURSOR FOR SELECT tenant_id FROM bec_row;
SELECT set_config('tacl.token', :'bob', true);
EXECUTE rows;
FETCH c;
ROLLBACK;
EXECUTE rows;
DISCARD ALL;
SET SESSION AUTHORIZATION regress_tacl_become;
SELECT tacl_user(), (SELECT count(*) FROM bec_row) AS rows;
RESET SESSION AUTHORIZATION;

DROP TABLE bec_row;
DROP ROLE regress_tacl_become;
SELECT tacl_drop_key('bec-1'), tacl_drop_tenant('bec-a', true), tacl_drop_tenant('bec-b', true), tacl_drop_role('bec-viewer');
