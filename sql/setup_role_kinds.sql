-- tacl_setup_role(): what each kind of role may do, and that it may not do more.
--
-- With EXECUTE of everything revoked from PUBLIC, so that all a role may do is
-- what it was granted. Every function is called as every kind; each call is
-- undone, and all that is made here in the end.

\set SHOW_CONTEXT never
\pset footer off
BEGIN;
SET LOCAL client_min_messages = warning;

-- What there is to change
CREATE ROLE regress_runtime;
CREATE ROLE regress_operator;
CREATE ROLE regress_issuer;
CREATE ROLE regress_readonly;
CREATE ROLE regress_none;
SELECT count(*) FROM (SELECT tacl_create_tenant('kinds-a'), tacl_create_tenant('kinds-b'), tacl_create_tenant('kinds-s'),
    tacl_suspend_tenant('kinds-s'), tacl_define_role('kinds-viewer', '{kinds.view}'), tacl_define_role('kinds-free', '{kinds.view}'),
    tacl_define_role('kinds-child', '{kinds.edit}', includes => '{kinds-viewer}'),
    tacl_assign('kinds-ann', 'kinds-viewer', 'kinds-a'), tacl_grant('kinds-ann', 'kinds.update', 'kinds-a'),
    tacl_create_group('kinds-g', 'kinds-a'), tacl_create_group('kinds-h', 'kinds-a'), tacl_create_group('kinds-i', 'kinds-a'),
    tacl_include_group('kinds-g', 'kinds-h', 'kinds-a'), tacl_add_member('kinds-bob', 'kinds-g', 'kinds-a'),
    tacl_assign_group('kinds-g', 'kinds-viewer', 'kinds-a'), tacl_disable_user('kinds-carol'),
    tacl_add_key('kinds-key', 'HS256', 'the secret of the key of this test')) AS fixture;
CREATE TABLE kinds_orders (id int PRIMARY KEY, tenant_id text NOT NULL);
CREATE INDEX kinds_index ON kinds_orders (tenant_id);
CREATE TABLE kinds_done (id int PRIMARY KEY, tenant_id text NOT NULL);
CREATE INDEX ON kinds_done (tenant_id);
CREATE TABLE kinds_lines (id int PRIMARY KEY, done_id int REFERENCES kinds_done);
INSERT INTO kinds_done VALUES (1, 'kinds-a');
SELECT tacl_protect('kinds_done', 'tenant_id', 'kinds');
ALTER TABLE kinds_orders OWNER TO regress_operator;
ALTER TABLE kinds_lines OWNER TO regress_operator;
ALTER TABLE kinds_done OWNER TO regress_operator;

-- The roles
CREATE TEMPORARY VIEW member AS
SELECT d.classid, d.objid FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'tenant_acl';
SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', string_agg(objid::regprocedure::text, ', ')) AS harden
FROM member WHERE classid = 'pg_proc'::regclass \gset
:harden;
REVOKE USAGE ON SCHEMA public FROM PUBLIC;
SELECT tacl_setup_role('regress_runtime', 'runtime') AS runtime, tacl_setup_role('regress_operator', 'operator') AS operator,
       tacl_setup_role('regress_issuer', 'issuer') AS issuer, tacl_setup_role('regress_readonly', 'readonly') AS readonly;
SELECT tacl_setup_role('regress_runtime', 'runtime') AS runtime, tacl_setup_role('regress_operator', 'operator') AS operator,
       tacl_setup_role('regress_issuer', 'issuer') AS issuer, tacl_setup_role('regress_readonly', 'readonly') AS readonly;

-- Calls of every function, and statements on the tables
CREATE TEMPORARY TABLE call (place serial, statement text);
INSERT INTO call (statement) SELECT format('SELECT %s', expression) FROM unnest(ARRAY[
    $$tacl_can('kinds-ann', 'kinds.view', 'kinds-a')$$, $$tacl_can_any('kinds-ann', '{kinds.view}', 'kinds-a')$$,
    $$tacl_can_all('kinds-ann', '{kinds.view}', 'kinds-a')$$, $$tacl_has_role('kinds-ann', 'kinds-viewer', 'kinds-a')$$,
    $$tacl_check('kinds-ann', '{kinds.view}', 'kinds-a')$$, $$tacl_may('kinds.view', 'kinds-a') IS NOT NULL$$,
    $$tacl_authorize('kinds-ann', 'kinds.view', 'kinds-a')$$, $$tacl_active_tenant('kinds.view', NULL::text)$$,
    'tacl_user()', 'tacl_actor()', 'tacl_tenant()', $$tacl_switch('kinds-a') FROM set_config('app.user_id', 'kinds-ann', true)$$,
    $$tacl_switch() IS NULL FROM set_config('app.user_id', 'kinds-ann', true)$$, 'tacl.tacl_protected(true)',
    $$tacl_tenants('kinds-ann')$$, $$tacl_memberships('kinds-ann')$$, $$tacl_users('kinds.view', 'kinds-a')$$,
    $$tacl_members('kinds-a')$$, $$tacl_roles('kinds-ann', 'kinds-a')$$, $$tacl_permissions('kinds-ann', 'kinds-a')$$,
    $$tacl_explain('kinds-ann', 'kinds.view', 'kinds-a')$$, $$tacl_claims('kinds-ann', 'kinds-a')$$,
    $$tacl_role_permissions('kinds-viewer')$$, $$tacl_tenant_roles('kinds-a')$$, 'tacl_matrix()', 'tacl_graph()', 'tacl_export()',
    $$tacl_audit('kinds-a')$$, $$tacl_history('kinds-ann', 'kinds.view', 'kinds-a', now())$$, $$tacl_audit_purge('2000-01-01')$$,
    $$tacl_set_primary('kinds-ann', 'kinds-a')$$, $$tacl_remember_tenant('kinds-ann', 'kinds-a')$$,
    $$tacl_create_tenant('kinds-c')$$, $$tacl_limit_tenant('kinds-a', '{kinds.*}')$$, $$tacl_suspend_tenant('kinds-a')$$,
    $$tacl_resume_tenant('kinds-s')$$, $$tacl_move_tenant('kinds-b', 'kinds-a')$$, $$tacl_drop_tenant('kinds-b')$$,
    $$tacl_drop_tenant('kinds-a', true)$$, $$tacl_define_role('kinds-new', '{kinds.view}')$$,
    $$tacl_define_role('kinds-child', includes => '{kinds-free}')$$, $$tacl_drop_role('kinds-free')$$,
    $$tacl_drop_role('kinds-viewer', cascade => true)$$, $$tacl_assign('kinds-bob', 'kinds-viewer', 'kinds-a')$$,
    $$tacl_unassign('kinds-ann', 'kinds-viewer', 'kinds-a')$$, $$tacl_sync_roles('kinds-ann', '{kinds-free}', 'kinds-a')$$,
    $$tacl_grant('kinds-bob', '!kinds.view', 'kinds-a')$$, $$tacl_revoke('kinds-ann', 'kinds.update', 'kinds-a')$$,
    $$tacl_disable_user('kinds-ann')$$, $$tacl_enable_user('kinds-carol')$$, $$tacl_create_group('kinds-new', 'kinds-a')$$,
    $$tacl_drop_group('kinds-i', 'kinds-a')$$, $$tacl_drop_group('kinds-g', 'kinds-a', true)$$,
    $$tacl_add_member('kinds-ann', 'kinds-g', 'kinds-a')$$, $$tacl_remove_member('kinds-bob', 'kinds-g', 'kinds-a')$$,
    $$tacl_include_group('kinds-g', 'kinds-i', 'kinds-a')$$, $$tacl_exclude_group('kinds-g', 'kinds-h', 'kinds-a')$$,
    $$tacl_assign_group('kinds-h', 'kinds-viewer', 'kinds-a')$$, $$tacl_unassign_group('kinds-g', 'kinds-viewer', 'kinds-a')$$,
    $$tacl_apply(jsonb_agg(e) || '{"permissions": {"name": "kinds.new"}, "preferences": {"user": "kinds-ann"}}') FROM tacl_export() AS e$$,
    $$tacl_protect('kinds_orders', 'tenant_id', 'orders')$$, $$tacl_protect_child('kinds_lines', 'done_id')$$,
    $$tacl_unprotect('kinds_done')$$, $$tacl_explain_row('kinds_done', '1')$$, 'count(*) >= 0 FROM tacl_lint()',
    'tacl_stats()', 'tacl_flush()', $$tacl_issue_token('kinds-ann', 'kinds-a')$$, $$tacl_issue_token(7)$$,
    $$tacl_add_key('kinds-new', 'HS256', 'another secret of the key of this test')$$, $$tacl_drop_key('kinds-key')$$,
    $$tacl_setup_role('regress_none', 'issuer')$$]) WITH ORDINALITY AS c (expression, place) ORDER BY place;
INSERT INTO call (statement) VALUES
    ($$INSERT INTO tacl.permission (name) VALUES ('kinds.view') RETURNING true$$),
    ($$INSERT INTO tacl.role (tenant, name, permissions) VALUES ('*', 'kinds-direct', '{kinds.view}') RETURNING true$$),
    ($$INSERT INTO tacl.assignment (user_id, tenant, pattern) VALUES ('kinds-eve', '*', '*') RETURNING true$$),
    ($$UPDATE tacl.tenant SET ceiling = '{kinds.*}' WHERE id = 'kinds-a' RETURNING true$$),
    ($$DELETE FROM tacl.assignment WHERE user_id = 'kinds-ann' RETURNING true$$),
    ($$SELECT has_function_privilege('tacl.tacl_reads_only()', 'EXECUTE')$$),
    ($$SELECT has_function_privilege('tacl.tacl_guard_move()', 'EXECUTE')$$),
    ('SELECT count(*) > 0 FROM tacl.assignment'),
    ('SELECT count(*) > 0 FROM tacl.key'),
    ($$UPDATE tacl.key SET leeway = 60 RETURNING true$$),
    ('SELECT nextval(''tacl.assignment_id_seq'')'),
    ('TRUNCATE tacl.assignment CASCADE'),
    ('SELECT count(*) FROM tacl.proxy_tenants');

SET LOCAL tacl.user_setting = 'app.user_id';

-- What comes of it: - if the role may not call the function, "no" if that, or
-- the statement, refuses it; "false" if it may, and nothing comes of it
CREATE FUNCTION pg_temp.try(role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', role);
    IF statement ~ '^TRUNCATE' THEN
        EXECUTE statement;
    ELSE
        EXECUTE statement INTO result;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'XX999', MESSAGE = CASE result WHEN 'false' THEN 'false' ELSE 'yes' END;
EXCEPTION WHEN OTHERS THEN
    RETURN CASE WHEN sqlstate = 'XX999' THEN sqlerrm
                WHEN sqlstate <> '42501' THEN sqlstate || ' ' || sqlerrm
                WHEN sqlerrm ~ '^permission denied for function tacl_' THEN '-'
                ELSE 'no' END;
END $$;
SELECT regexp_replace(regexp_replace(statement, '^SELECT (tacl_)', '\1'), '^(.{50}).+', '\1 ...') AS statement,
       pg_temp.try('regress_runtime', statement) AS runtime, pg_temp.try('regress_operator', statement) AS operator,
       pg_temp.try('regress_issuer', statement) AS issuer, pg_temp.try('regress_readonly', statement) AS readonly
FROM call
ORDER BY place;

-- A role that is set up for nothing may do none of it
GRANT USAGE ON SCHEMA public, tacl TO regress_none;
SELECT pg_temp.try('regress_none', statement) AS tried, count(*) FROM call GROUP BY 1 ORDER BY 1;

-- No function was forgotten
SELECT DISTINCT p.proname AS not_called
FROM pg_proc AS p
WHERE p.oid IN (SELECT objid FROM member WHERE classid = 'pg_proc'::regclass) AND p.proname ~ '^tacl_'
AND NOT EXISTS (SELECT FROM call WHERE statement ~ ('\m' || p.proname || '\M'))
ORDER BY 1;

-- What was granted, on what is not a function with a form for every type of id
SELECT object, string_agg(kind || ': ' || privileges, '; ' ORDER BY kind) AS granted
FROM (SELECT o.identity AS object, a.grantee::regrole::text AS kind, string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type) AS privileges
      FROM (SELECT 'table ' || c.oid::regclass AS identity, c.relacl AS acl FROM pg_class AS c
            UNION ALL SELECT 'schema ' || n.nspname, n.nspacl FROM pg_namespace AS n
            UNION ALL SELECT 'internal ' || p.oid::regproc, p.proacl FROM pg_proc AS p
            WHERE p.pronamespace = 'tacl'::regnamespace AND p.proname !~ '^lint_'
            UNION ALL SELECT 'column ' || attrelid::regclass || '.' || attname, attacl FROM pg_attribute) AS o
      CROSS JOIN LATERAL aclexplode(o.acl) AS a
      WHERE a.grantee::regrole::text ~ '^regress_(runtime|operator|issuer|readonly)$'
      GROUP BY 1, 2) AS g
GROUP BY object
ORDER BY object COLLATE "C";
-- By the owner, without grant option, and each function in all its forms
SELECT a.grantor = p.proowner AS by_owner, a.is_grantable, count(*) > 0 AS some
FROM pg_proc AS p CROSS JOIN LATERAL aclexplode(p.proacl) AS a
WHERE a.grantee::regrole::text ~ '^regress_(runtime|operator|issuer|readonly)$'
GROUP BY 1, 2;
SELECT proname AS not_all_forms
FROM pg_proc
WHERE oid IN (SELECT objid FROM member WHERE classid = 'pg_proc'::regclass)
GROUP BY proname
HAVING count(DISTINCT proacl::text) > 1;

-- The application's plans are as they are without all that, and so is what
-- the user of the session may ask
INSERT INTO kinds_orders SELECT i, 'kinds-' || substr('abs', i % 3 + 1, 1) FROM generate_series(1, 30) AS i;
ALTER TABLE kinds_orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_mine ON kinds_orders USING (tacl_may('kinds.view', tenant_id));
GRANT SELECT, UPDATE ON kinds_orders, kinds_done TO regress_runtime;
SET LOCAL app.user_id = 'kinds-ann';
SET LOCAL app.tenant = 'kinds-a';
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
SET LOCAL enable_indexonlyscan = off;
SET LOCAL ROLE regress_runtime;
EXPLAIN (COSTS OFF) SELECT count(*) FROM kinds_orders;
SELECT count(*) FROM kinds_orders;
SELECT * FROM kinds_done FOR UPDATE;
SELECT tenant, roles, tacl_claims('kinds-ann') ->> 'tenant' AS claimed FROM tacl_memberships('kinds-ann');
ROLLBACK;
