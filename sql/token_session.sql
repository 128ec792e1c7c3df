-- R19: nobody becomes someone else by SQL text, and the token that counts is
-- the one that is set now: SET, SET LOCAL, savepoints, functions, roles.
SELECT tacl_create_tenant('ses-org'), tacl_define_role('ses-viewer', '{ses.view}'),
       tacl_assign('ses-alice', 'ses-viewer', 'ses-org'), tacl_assign('ses-root', 'ses-viewer', '*');
SELECT tacl_add_key('ses', 'HS256', 'the secret of the key of this test');
SELECT tacl_issue_token('ses-alice', 'ses-org') AS alice, tacl_issue_token('ses-bob', 'ses-org') AS bob \gset

CREATE ROLE regress_tacl_runtime;
CREATE TABLE ses_row (id integer, tenant_id text);
INSERT INTO ses_row VALUES (1, 'ses-org'), (2, 'ses-other');
ALTER TABLE ses_row ENABLE ROW LEVEL SECURITY;
CREATE POLICY view ON ses_row USING (tacl_may('ses.view', tenant_id));
GRANT SELECT ON ses_row TO regress_tacl_runtime;
SET ROLE regress_tacl_runtime;

\set who 'SELECT tacl_user(), tacl_tenant(), (SELECT count(*) FROM ses_row) AS rows'

--
-- The token that is set now
--

SET tacl.token = :'alice';
:who;
SET tacl.token = :'bob';
:who;
RESET tacl.token;
:who;
SELECT set_config('tacl.token', :'alice', false);
:who;
RESET ALL;
SELECT tacl_user();
SET ROLE regress_tacl_runtime;
SET SESSION tacl.token TO :'alice';
:who;
DISCARD ALL;
SELECT tacl_user();
SET ROLE regress_tacl_runtime;

-- SET LOCAL, savepoints, rollback
BEGIN;
SET LOCAL tacl.token = :'alice';
:who;
SAVEPOINT a;
SET LOCAL tacl.token = :'bob';
:who;
SAVEPOINT b;
SET LOCAL tacl.token = '';
:who;
ROLLBACK TO b;
:who;
ROLLBACK TO a;
:who;
RELEASE a;
COMMIT;
:who;
BEGIN;
SET tacl.token = :'alice';
:who;
ROLLBACK;
:who;
-- A pooled session: the next transaction has no user
BEGIN;
SET LOCAL tacl.token = :'alice';
COMMIT;
SELECT current_setting('tacl.token') AS left_behind, tacl_user();

-- An error, caught or not, puts back what was
SET tacl.token = :'alice';
DO $$
BEGIN
    PERFORM set_config('tacl.token', '', false);
    RAISE NOTICE 'inside: %', tacl_user();
    RAISE EXCEPTION 'caught';
EXCEPTION WHEN raise_exception THEN
    RAISE NOTICE 'after: %', tacl_user();
END $$;
SELECT set_config('tacl.token', :'bob', false), 1 / 0;
:who;

-- Functions with a SET clause, nested
CREATE FUNCTION pg_temp.as_nobody() RETURNS text LANGUAGE plpgsql SET tacl.token = '' AS $$ BEGIN RETURN coalesce(tacl_user(), 'nobody'); END $$;
SELECT set_config('ses.bob', :'bob', false) <> '' AS set;
DO $$
BEGIN
    EXECUTE format('CREATE FUNCTION pg_temp.as_bob() RETURNS text LANGUAGE plpgsql SET tacl.token = %L AS
        ''BEGIN RETURN concat(tacl_user(), $a$, $a$, pg_temp.as_nobody(), $a$, $a$, tacl_user()); END''', current_setting('ses.bob'));
END $$;
SELECT tacl_user() AS before, pg_temp.as_bob() AS inside, tacl_user() AS after;

-- Several in one statement
SELECT n, set_config('tacl.token', CASE n % 2 WHEN 1 THEN :'alice' ELSE :'bob' END, false) AS set, tacl_user(), tacl_may('ses.view', 'ses-org') AS may
FROM generate_series(1, 4) AS n;
RESET tacl.token;

-- More tokens than are remembered, good and bad
RESET ROLE;
CREATE TEMPORARY TABLE many AS
SELECT n, tacl_issue_token('ses-user-' || n) AS token FROM generate_series(1, 40) AS n;
SELECT count(*), count(*) FILTER (WHERE tacl_user() = 'ses-user-' || n)
FROM (SELECT n, set_config('tacl.token', token, true) FROM many, generate_series(1, 3) OFFSET 0) AS changing;
SELECT count(*), count(*) FILTER (WHERE tacl_may('ses.view', '*'))
FROM (SELECT n, set_config('tacl.token', left(token, -8), true) FROM many, generate_series(1, 3) OFFSET 0) AS changing;
SET ROLE regress_tacl_runtime;

--
-- Becoming someone else
--

-- Only the signature counts, whoever says so and however
SELECT set_config('tacl.token', 'ses-root', false), tacl_may('ses.view', 'ses-org') AS may;
WITH changed AS MATERIALIZED (SELECT set_config('tacl.token', '{"sub":"ses-root"}', true))
SELECT (SELECT count(*) FROM changed), count(*) FROM ses_row;
UPDATE pg_settings SET setting = :'bob' WHERE name LIKE 'tacl.%';
:who;
RESET tacl.token;
SET tacl.user_setting = 'app.user_id';
SELECT set_config('tacl.user_setting', 'app.user_id', false);
SET tacl.tenant_setting = 'app.other';
SET tacl.on_missing_user = 'error';
SET tacl.dump_keys = on;
UPDATE pg_settings SET setting = 'app.user_id' WHERE name = 'tacl.user_setting';
SET app.user_id = 'ses-root';
:who;
ALTER ROLE regress_tacl_runtime SET tacl.user_setting = 'app.user_id';
SET "tacl.user" = 'ses-root';
SELECT tacl_add_key('ses-2', 'HS256', 'the secret of the key of the attacker');
SELECT tacl_issue_token('ses-root');
SELECT tacl_drop_key('ses');
SELECT tacl.signal();
-- A session's user without a token is not in question where there is a bad one
RESET ROLE;
SET tacl.user_setting = 'app.user_id';
SET ROLE regress_tacl_runtime;
:who;
SET tacl.token = 'x.y.z';
SELECT count(*) FROM ses_row;
SELECT tacl_user();
SET tacl.token = :'bob';
:who;
RESET ROLE;
RESET tacl.user_setting;
RESET app.user_id;

--
-- Database roles do not matter
--

SET tacl.token = :'alice';
CREATE FUNCTION pg_temp.definer() RETURNS text LANGUAGE sql SECURITY DEFINER RETURN tacl_user();
SELECT tacl_user(), pg_temp.definer();
SET ROLE regress_tacl_runtime;
SELECT tacl_user(), pg_temp.definer();
RESET ROLE;
SET SESSION AUTHORIZATION regress_tacl_runtime;
SELECT tacl_user(), pg_temp.definer();
RESET SESSION AUTHORIZATION;

--
-- It is not shown
--

SHOW tacl.token;
SELECT current_setting('tacl.token'), current_setting('tacl.token', true) = :'alice' AS told;
SELECT count(*) FROM pg_settings WHERE name = 'tacl.token' OR setting LIKE '%eyJ%' OR reset_val LIKE '%eyJ%' OR boot_val LIKE '%eyJ%';
SET tacl.token = '';
SHOW tacl.token;
ALTER SYSTEM SET tacl.token = 'x';

-- Before the library is there the setting is anyone's, and then it is this one
\c -
SET ROLE regress_tacl_runtime;
BEGIN;
SET LOCAL tacl.token = :'alice';
:who;
ROLLBACK;
:who;
\c -
SET tacl.token = :'alice';
LOAD 'tenant_acl';
SELECT tacl_user();
\c -
BEGIN;
SET LOCAL tacl.token = :'alice';
LOAD 'tenant_acl';
SELECT tacl_user();
COMMIT;
SELECT tacl_user();

-- By connection options: that is what RESET goes back to
\c -reuse-previous=on "options='-c tacl.token=garbage'"
SELECT tacl_user();
SET tacl.token = :'alice';
SELECT tacl_user();
RESET tacl.token;
SELECT tacl_user();
\c -reuse-previous=on "options=''"
SELECT tacl_user();

DROP TABLE ses_row;
DROP OWNED BY regress_tacl_runtime;
DROP ROLE regress_tacl_runtime;
SELECT tacl_drop_key('ses'), tacl_drop_tenant('ses-org', true), tacl_drop_role('ses-viewer', cascade => true);
