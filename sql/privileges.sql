-- What belongs to the extension, who may use it, and what others are refused.
\pset format unaligned

--
-- Member objects
--

-- Counts by kind; row types are members since PostgreSQL 17
SELECT d.classid::regclass AS catalog, count(*)
FROM pg_depend AS d
JOIN pg_extension AS e ON e.oid = d.refobjid
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'tenant_acl'
  AND d.classid <> 'pg_type'::regclass
GROUP BY d.classid::regclass::text, d.classid
ORDER BY d.classid::regclass::text COLLATE "C";

-- What others than the owner hold
CREATE FUNCTION pg_temp.acl_text(acl aclitem[], owner oid) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(entry, ', ' ORDER BY entry COLLATE "C")
    FROM (SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
                 || '=' || string_agg(a.privilege_type, '+' ORDER BY a.privilege_type COLLATE "C")
                 || CASE WHEN bool_or(a.is_grantable) THEN '*' ELSE '' END AS entry
          FROM aclexplode(acl) AS a
          WHERE a.grantee <> owner
          GROUP BY a.grantee) AS entries
$$;
CREATE TEMPORARY VIEW member AS
SELECT d.classid, d.objid
FROM pg_depend AS d
JOIN pg_extension AS e ON e.oid = d.refobjid
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'tenant_acl';

-- Functions
SELECT p.oid::regprocedure AS function,
       pg_temp.acl_text(coalesce(p.proacl, acldefault('f', p.proowner)), p.proowner) AS acl
FROM member AS m
JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
ORDER BY p.oid::regprocedure::text COLLATE "C";

-- How functions are declared; none runs as its owner
SELECT l.lanname AS language, p.prosecdef AS definer, p.proleakproof AS leakproof,
       p.provolatile AS volatile, p.proparallel AS parallel, p.proisstrict AS strict,
       count(*), string_agg(DISTINCT p.proname, ' ' ORDER BY p.proname) AS functions
FROM member AS m
JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
JOIN pg_language AS l ON l.oid = p.prolang
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY 1, 2, 3, 4, 5, 6;

-- Tables, views and sequences; the 64 proxies of users in one line
SELECT c.relkind AS kind,
       regexp_replace(c.oid::regclass::text, '_user_\d\d$', '_user_NN') COLLATE "C" AS relation,
       pg_temp.acl_text(c.relacl, c.relowner) AS acl,
       count(*)
FROM member AS m
JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3;

-- Column privileges: none
SELECT a.attrelid::regclass, a.attname
FROM member AS m
JOIN pg_attribute AS a ON m.classid = 'pg_class'::regclass AND a.attrelid = m.objid
WHERE a.attacl IS NOT NULL;

-- The schema
SELECT n.nspname, pg_temp.acl_text(n.nspacl, n.nspowner) AS acl
FROM member AS m
JOIN pg_namespace AS n ON m.classid = 'pg_namespace'::regclass AND n.oid = m.objid;

-- Triggers: A fires always, O not under replica role
SELECT t.tgrelid::regclass AS relation, t.tgname AS trigger, t.tgenabled AS enabled,
       regexp_replace(pg_get_triggerdef(t.oid), '^CREATE TRIGGER \S+ (.*) ON \S+ (.*)$', '\1 \2') AS fires
FROM pg_trigger AS t
JOIN member AS m ON m.classid = 'pg_class'::regclass AND t.tgrelid = m.objid
WHERE NOT t.tgisinternal
ORDER BY t.tgrelid::regclass::text COLLATE "C", t.tgname;

-- What a dump carries
SELECT config.relid::regclass AS relation, config.condition
FROM pg_extension AS e, unnest(e.extconfig, e.extcondition) AS config (relid, condition)
WHERE e.extname = 'tenant_acl'
ORDER BY config.relid::regclass::text COLLATE "C";

-- Every object but the proxies has a comment
SELECT pg_describe_object(m.classid, m.objid, 0) AS without_comment
FROM member AS m
WHERE obj_description(m.objid, m.classid::regclass::text::name) IS NULL
  AND pg_describe_object(m.classid, m.objid, 0) !~ '^view tacl\.proxy_'
  AND m.classid IN ('pg_proc'::regclass, 'pg_class'::regclass, 'pg_namespace'::regclass)
  AND NOT EXISTS (SELECT FROM pg_class AS c
                  WHERE m.classid = 'pg_class'::regclass AND c.oid = m.objid AND c.relkind = 'S')
ORDER BY 1;

-- Public functions start with tacl_, and nothing else is in their schema
SELECT n.nspname, p.proname
FROM member AS m
JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname <> 'tacl' AND p.proname !~ '^tacl_';

-- Settings: who may set them, and their defaults
LOAD 'tenant_acl';
SELECT name, setting, unit, context, vartype FROM pg_settings WHERE name LIKE 'tacl.%' ORDER BY name;

--
-- An unprivileged role
--

SELECT tacl_create_tenant('privileges-a');
SELECT tacl_define_role('privileges-reader', '{orders.view}');
SELECT tacl_assign('privileges-ann', 'privileges-reader', 'privileges-a');
SELECT tacl_create_group('privileges-staff', 'privileges-a');

CREATE ROLE regress_tacl_nobody;
CREATE ROLE regress_tacl_operator;
SET ROLE regress_tacl_nobody;

-- May check
SELECT tacl_can('privileges-ann', 'orders.view', 'privileges-a') AS can,
       tacl_can_any('privileges-ann', '{orders.view, orders.edit}', 'privileges-a') AS can_any,
       tacl_can_all('privileges-ann', '{orders.view, orders.edit}', 'privileges-a') AS can_all,
       tacl_authorize('privileges-ann', 'orders.view', 'privileges-a') AS authorized,
       tacl_has_role('privileges-ann', 'privileges-reader', 'privileges-a') AS has_role,
       tacl_check('privileges-ann', '{orders.view}', 'privileges-a') AS checked,
       tacl_may('orders.view', 'privileges-a') AS may,
       tacl_user() AS user_id,
       tacl_tenant() AS tenant;

-- May not do anything else: 42501 each time
\set VERBOSITY sqlstate
SELECT * FROM tacl.tenant;
SELECT * FROM tacl.role;
SELECT * FROM tacl.role_include;
SELECT * FROM tacl.assignment;
SELECT * FROM tacl.user_account;
SELECT * FROM tacl.user_group;
SELECT * FROM tacl.group_member;
SELECT * FROM tacl.group_include;
SELECT * FROM tacl.proxy_tenants;
SELECT nextval('tacl.assignment_id_seq');
INSERT INTO tacl.assignment (user_id, tenant, pattern) VALUES ('privileges-eve', '*', '*');
UPDATE tacl.user_account SET disabled_at = NULL;
DELETE FROM tacl.assignment;
TRUNCATE tacl.assignment;
CREATE FUNCTION tacl.tacl_may(text, uuid) RETURNS boolean LANGUAGE sql AS 'SELECT true';
SELECT tacl_create_tenant('privileges-b');
SELECT tacl_move_tenant('privileges-a', '*');
SELECT tacl_limit_tenant('privileges-a', '{orders.view}');
SELECT tacl_suspend_tenant('privileges-a');
SELECT tacl_resume_tenant('privileges-a');
SELECT tacl_drop_tenant('privileges-a');
SELECT tacl_define_role('privileges-reader', '{*}');
SELECT tacl_drop_role('privileges-reader');
SELECT tacl_assign('privileges-eve', 'privileges-reader', 'privileges-a');
SELECT tacl_unassign('privileges-ann', 'privileges-reader', 'privileges-a');
SELECT tacl_sync_roles('privileges-eve', '{privileges-reader}', 'privileges-a');
SELECT tacl_grant('privileges-eve', 'orders.view', 'privileges-a');
SELECT tacl_revoke('privileges-ann', 'orders.view', 'privileges-a');
SELECT tacl_disable_user('privileges-ann');
SELECT tacl_enable_user('privileges-ann');
SELECT tacl_create_group('privileges-b', 'privileges-a');
SELECT tacl_drop_group('privileges-staff', 'privileges-a');
SELECT tacl_add_member('privileges-eve', 'privileges-staff', 'privileges-a');
SELECT tacl_remove_member('privileges-eve', 'privileges-staff', 'privileges-a');
SELECT tacl_include_group('privileges-staff', 'privileges-other', 'privileges-a');
SELECT tacl_exclude_group('privileges-staff', 'privileges-other', 'privileges-a');
SELECT tacl_assign_group('privileges-staff', 'privileges-reader', 'privileges-a');
SELECT tacl_unassign_group('privileges-staff', 'privileges-reader', 'privileges-a');
SELECT tacl_stats();
SELECT tacl_flush();
SET tacl.user_setting = 'app.user_id';
SET tacl.tenant_setting = 'app.other';
SET tacl.cache_size = '1GB';

-- Nor whether a tenant or a role exists: the same error comes first
SELECT tacl_assign('privileges-eve', 'no-such-role', 'no-such-tenant');
SELECT tacl_drop_tenant('no-such-tenant');
SELECT tacl_assign(NULL, 'no-such-role', 'no-such-tenant');
SELECT tacl_define_role('privileges-bad', '{a..b}');

RESET ROLE;
SELECT tacl_can('privileges-eve', 'orders.view', 'privileges-a') AS eve,
       tacl_can('privileges-ann', 'orders.view', 'privileges-a') AS ann;

--
-- An operator needs the privileges on the table concerned, and no others
--

GRANT INSERT, UPDATE, DELETE ON tacl.assignment TO regress_tacl_operator;
SET ROLE regress_tacl_operator;
SELECT tacl_assign('privileges-bob', 'privileges-reader', 'privileges-a');
SELECT tacl_unassign('privileges-bob', 'privileges-reader', 'privileges-a');
SELECT tacl_define_role('privileges-reader', '{*}');
SELECT tacl_create_tenant('privileges-b');
SELECT tacl_disable_user('privileges-ann');
SELECT tacl_flush();
RESET ROLE;

-- INSERT alone is not enough to assign; with UPDATE it is, but not to take away
REVOKE UPDATE, DELETE ON tacl.assignment FROM regress_tacl_operator;
SET ROLE regress_tacl_operator;
SELECT tacl_assign('privileges-bob', 'privileges-reader', 'privileges-a');
RESET ROLE;
GRANT UPDATE ON tacl.assignment TO regress_tacl_operator;
SET ROLE regress_tacl_operator;
SELECT tacl_assign('privileges-bob', 'privileges-reader', 'privileges-a');
SELECT tacl_unassign('privileges-bob', 'privileges-reader', 'privileges-a');
RESET ROLE;

--
-- Nothing is changed by what a superuser did not mean to run
--

-- A materialized view's query runs as its owner: refused there
CREATE MATERIALIZED VIEW privileges_view AS SELECT tacl_assign('privileges-eve', 'privileges-reader', 'privileges-a');
CREATE TABLE privileges_trap (user_id text);
INSERT INTO privileges_trap VALUES ('privileges-eve');
CREATE FUNCTION privileges_trap(user_id text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
    $$ BEGIN RETURN public.tacl_assign(user_id, 'privileges-reader', 'privileges-a'); END $$;
CREATE INDEX ON privileges_trap (privileges_trap(user_id));
SELECT tacl_can('privileges-eve', 'orders.view', 'privileges-a') AS eve;

-- Triggers serve their own tables only
\set VERBOSITY default
CREATE TRIGGER signal AFTER INSERT ON privileges_trap FOR EACH ROW EXECUTE FUNCTION tacl.signal();
INSERT INTO privileges_trap VALUES ('privileges-eve');
DROP TRIGGER signal ON privileges_trap;
CREATE TRIGGER guard AFTER INSERT ON privileges_trap FOR EACH ROW EXECUTE FUNCTION tacl.guard_row();
INSERT INTO privileges_trap VALUES ('privileges-eve');
DROP TRIGGER guard ON privileges_trap;
SELECT tacl.signal();

--
-- What the README says about revoking
--

BEGIN;
DO $$
DECLARE
    function regprocedure;
BEGIN
    FOR function IN
        SELECT oid::regprocedure
        FROM pg_proc
        WHERE proname IN ('tacl_can', 'tacl_can_any', 'tacl_can_all', 'tacl_authorize', 'tacl_has_role', 'tacl_check')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', function);
    END LOOP;
END $$;
CREATE TABLE privileges_orders (id integer, tenant_id text);
INSERT INTO privileges_orders VALUES (1, 'privileges-a'), (2, 'privileges-z');
ALTER TABLE privileges_orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY view ON privileges_orders USING (tacl_may('orders.view', tenant_id));
GRANT SELECT ON privileges_orders TO regress_tacl_nobody;
SET LOCAL tacl.user_setting = 'app.user_id';
SET LOCAL app.user_id = 'privileges-ann';
SET LOCAL ROLE regress_tacl_nobody;
SELECT * FROM privileges_orders;
SELECT tacl_can('privileges-ann', 'orders.view', 'privileges-a');
ROLLBACK;

-- A setting made before the library is there is not believed
\c -
SET ROLE regress_tacl_nobody;
SET tacl.user_setting = 'app.user_id';
SET app.user_id = 'privileges-ann';
SELECT tacl_user(), tacl_may('orders.view', 'privileges-a');
SHOW tacl.user_setting;
RESET ROLE;

-- Clean up
DROP TABLE privileges_trap;
DROP FUNCTION privileges_trap(text);
REVOKE ALL ON tacl.assignment FROM regress_tacl_operator;
DROP ROLE regress_tacl_nobody, regress_tacl_operator;
SELECT tacl_drop_tenant('privileges-a', true), tacl_drop_role('privileges-reader');
