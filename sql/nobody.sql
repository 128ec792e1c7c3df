-- R18: who is nobody, and where is nowhere, finds nothing and gets no error,
-- whatever they are: missing, empty, too long, no name, unknown; given in the
-- call, by the application's setting or by the token; where the tenant's column
-- is text, uuid or bigint. Guards: name_is_possible(), idtype_value().
\set VERBOSITY terse
SELECT tacl_create_tenant(t), tacl_assign('nob-ann', 'nob-viewer', t)
FROM (SELECT tacl_define_role('nob-viewer', '{rows.*}')) AS r, unnest('{nob-org, a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11, 7007}'::text[]) AS t;
SELECT tacl_add_key('nob', 'HS256', 'the secret of the key of this test');
SELECT tacl_create_tenant('nob-empty'), tacl_disable_user('nob-off'), tacl_assign('nob-off', 'nob-viewer', '*');

-- For each type a table of the active tenant, and one of all of the user's
SET client_min_messages = warning;
CREATE ROLE regress_tacl_nobody;
CREATE TABLE nob_text AS SELECT t AS tenant_id FROM unnest('{nob-org, nob-empty, nowhere, *}'::text[]) AS t;
CREATE TABLE nob_uuid AS SELECT t AS tenant_id FROM unnest('{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11, a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12}'::uuid[]) AS t;
CREATE TABLE nob_bigint AS SELECT t AS tenant_id FROM unnest('{7007, 7008, 0}'::bigint[]) AS t;
CREATE TABLE all_text AS TABLE nob_text;
CREATE TABLE all_uuid AS TABLE nob_uuid;
CREATE TABLE all_bigint AS TABLE nob_bigint;
SELECT bool_and(tacl_protect(t, 'tenant_id', 'rows', scope))
FROM (VALUES ('nob_text'::regclass, 'active'), ('nob_uuid', 'active'), ('nob_bigint', 'active'), ('all_text', 'all_mine'), ('all_uuid', 'all_mine'), ('all_bigint', 'all_mine')) AS v (t, scope);
GRANT SELECT, INSERT, UPDATE, DELETE ON nob_text, nob_uuid, nob_bigint, all_text, all_uuid, all_bigint TO regress_tacl_nobody;
RESET client_min_messages;

-- How many rows of each, and the answers of the checks
CREATE FUNCTION pg_temp.seen() RETURNS text LANGUAGE sql RETURN format('active %s %s %s, all %s %s %s, may %s %s',
    (SELECT count(*) FROM nob_text), (SELECT count(*) FROM nob_uuid), (SELECT count(*) FROM nob_bigint),
    (SELECT count(*) FROM all_text), (SELECT count(*) FROM all_uuid), (SELECT count(*) FROM all_bigint),
    tacl_may('rows.view'), tacl_may('rows.view', 'nob-org'));
CREATE FUNCTION pg_temp.attempt(setting text, value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    seen text;
BEGIN
    PERFORM set_config(setting, value, true);
    seen := pg_temp.seen();
    WITH active AS (DELETE FROM nob_text RETURNING 1), mine AS (DELETE FROM all_bigint RETURNING 1)
    SELECT format('%s, deletes %s %s', seen, (SELECT count(*) FROM active), (SELECT count(*) FROM mine)) INTO seen;
    RAISE EXCEPTION USING message = seen, errcode = 'R1800';
EXCEPTION WHEN SQLSTATE 'R1800' THEN
    RETURN sqlerrm;
END $$;
CREATE VIEW pg_temp.bad AS SELECT * FROM (VALUES
    ('missing', NULL), ('empty', ''), ('a blank', ' '), ('unknown', 'nob-eve'), ('in other case', 'NOB-ANN'), ('with a blank', 'nob-ann '),
    ('255 bytes', repeat('x', 255)), ('too long', repeat('x', 256)), ('much too long', repeat('nob-ann', 10000)), ('a tab', E'nob-ann\t'), ('a line end', E'\n'),
    ('the root', '*'), ('a pattern', 'nob-%'), ('a quote', ''''), ('SQL', ''' OR true --'), ('a number', '7'), ('an array', '{nob-ann}')) AS v (what, value);
GRANT SELECT ON pg_temp.bad TO regress_tacl_nobody;

--
-- The user
--

-- Given in the call: yes only for the twin
SELECT tacl_can('nob-ann', 'rows.view', 'nob-org') AS twin, tacl_can('nob-ann', 'rows.view', 7007::bigint) AS number,
       tacl_can('nob-ann', 'rows.view', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid) AS uuid;
SELECT count(*), count(*) FILTER (WHERE tacl_can(value, 'rows.view', 'nob-org') IS NOT FALSE) AS yes_or_null FROM pg_temp.bad;
SELECT tacl_can(NULL::uuid, 'rows.view', 'nob-org') AS uuid, tacl_can(7::bigint, 'rows.view', 'nob-org') AS number, tacl_can('nob-off', 'rows.view', 'nob-org') AS disabled;

-- By the application's setting
SET tacl.user_setting = 'app.user_id';
SET ROLE regress_tacl_nobody;
SET app.tenant = 'nob-org';
SELECT pg_temp.attempt('app.user_id', 'nob-ann') AS twin;
SELECT what, pg_temp.attempt('app.user_id', value) AS seen FROM pg_temp.bad;
SELECT pg_temp.attempt('app.user_id', 'nob-off') AS disabled;
INSERT INTO nob_text VALUES ('nob-org');

-- By a token
RESET ROLE;
SELECT tacl_issue_token('nob-ann', 'nob-org') AS ann, tacl_issue_token('nob-ann') AS nowhere, tacl_issue_token('nob-eve', 'nob-org') AS unknown,
       tacl_issue_token(7::bigint) AS number, tacl_issue_token(repeat('x', 255)) AS long, tacl_create_tenant('nob-gone') \gset
SELECT tacl_issue_token('nob-ann', 'nob-gone') AS no_tenant, tacl_drop_tenant('nob-gone') \gset
SET ROLE regress_tacl_nobody;
RESET app.tenant;
SELECT what, pg_temp.attempt('tacl.token', token) AS seen
FROM (VALUES ('twin', :'ann'), ('no tenant', :'nowhere'), ('unknown tenant', :'no_tenant'), ('unknown user', :'unknown'), ('a number', :'number'), ('255 bytes', :'long'), ('missing', ''), ('none', 'x'), ('bad', :'ann' || 'x')) AS v (what, token);
-- Then the setting does not count
SET app.user_id = 'nob-ann';
SET app.tenant = 'nob-org';
SELECT pg_temp.attempt('tacl.token', '') AS setting, pg_temp.attempt('tacl.token', ' ') AS blank_token, pg_temp.attempt('tacl.token', repeat('x', 100000)) AS long_token;

--
-- The tenant
--

RESET ROLE;
SELECT tacl_can('nob-ann', 'rows.view', NULL) AS missing, tacl_can('nob-ann', 'rows.view', NULL::uuid) AS uuid, tacl_can('nob-ann', 'rows.view', NULL::bigint) AS number,
       tacl_can('nob-ann', 'rows.view', 7008::bigint) AS unknown, tacl_can('nob-ann', 'rows.view', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12'::uuid) AS unknown_uuid;
SELECT count(*), count(*) FILTER (WHERE tacl_can('nob-ann', 'rows.view', value) IS NOT FALSE) AS yes_or_null FROM pg_temp.bad;
SET ROLE regress_tacl_nobody;
SELECT tenant AS twin, pg_temp.attempt('app.tenant', tenant) AS seen FROM unnest('{nob-org, a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11, 7007}'::text[]) AS tenant;
SELECT what, pg_temp.attempt('app.tenant', value) AS seen FROM pg_temp.bad;
SELECT tenant, pg_temp.attempt('app.tenant', tenant) AS seen
FROM unnest('{nob-empty, nowhere, 7008, 07007, +7007, 7007.0, 7e3, 9223372036854775808, -0, A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11, a0eebc999c0b4ef8bb6d6bb9bd380a11, a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1, nan, null}'::text[]) AS tenant;
-- With nobody and nowhere, with an error where that is wanted
SET app.user_id = '';
SELECT pg_temp.attempt('app.tenant', '') AS seen;
RESET ROLE;
SET tacl.on_missing_user = 'error';
SET ROLE regress_tacl_nobody;
SELECT count(*) FROM nob_uuid;
SET app.user_id = 'nob-eve';
SELECT count(*) FROM nob_uuid;

RESET ROLE;
RESET tacl.on_missing_user;
RESET tacl.user_setting;
RESET app.user_id;
RESET app.tenant;
DROP FUNCTION pg_temp.seen();
DROP TABLE nob_text, nob_uuid, nob_bigint, all_text, all_uuid, all_bigint;
DROP VIEW pg_temp.bad;
DROP ROLE regress_tacl_nobody;
SELECT tacl_enable_user('nob-off'), tacl_drop_key('nob'), count(tacl_drop_tenant(t, true)) FROM unnest('{nob-org, a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11, 7007, nob-empty}'::text[]) AS t;
SELECT tacl_drop_role('nob-viewer', cascade => true);
