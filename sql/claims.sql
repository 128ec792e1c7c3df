-- What a token may say about a user: tacl_claims, beside the lists that say the
-- same row by row.
\set SHOW_CONTEXT never

SELECT tacl_create_tenant('clm-a'), tacl_create_tenant('clm-a1', 'clm-a'), tacl_create_tenant('clm-b'), tacl_create_tenant('clm-c'), tacl_create_tenant('clm-d');
SELECT tacl_define_role('clm-viewer', '{orders.view, billing.view}'), tacl_define_role('clm-editor', '{orders.*, !orders.delete}', 'clm-a', '{clm-viewer}'), tacl_define_role('clm-owner', '{*, tacl.assign}'), tacl_create_group('clm-crew', 'clm-c');
SELECT tacl_assign('clm-ann', 'clm-editor', 'clm-a'), tacl_assign('clm-ann', 'clm-viewer', 'clm-a1'), tacl_assign('clm-ann', 'clm-owner', 'clm-b'), tacl_assign_group('clm-crew', 'clm-viewer', 'clm-c'), tacl_add_member('clm-ann', 'clm-crew', 'clm-c'), tacl_grant('clm-ann', 'orders.list', 'clm-d');

-- In a tenant: roles as assigned, permissions with denies; and everywhere
SELECT jsonb_pretty(tacl_claims('clm-ann', 'clm-a1'));

-- In no tenant; where the user begins: the last active one, else the primary
SELECT tacl_claims('clm-ann');
SELECT tacl_set_primary('clm-ann', 'clm-b'), tacl_claims('clm-ann') - 'tenants' AS claims;
SELECT tacl_remember_tenant('clm-ann', 'clm-d'), tacl_claims('clm-ann') - 'tenants' AS claims;

-- NULL is as if none were given; an empty or unknown tenant is none, as is one
-- that the user does not belong to. The root is one for those who are there
SELECT tacl_claims('clm-ann', NULL) - 'tenants' AS null_tenant, tacl_claims('clm-ann', NULL) = tacl_claims('clm-ann') AS same;
SELECT tacl_claims('clm-ann', '') - 'tenants' AS empty;
SELECT tacl_claims('clm-ann', 'clm-none') - 'tenants' AS unknown;
SELECT tacl_claims('clm-ann', repeat('x', 100000)) - 'tenants' = tacl_claims('clm-ann', '') - 'tenants' AS impossible, tacl_claims('clm-ann', '*') - 'tenants' = tacl_claims('clm-ann', '') - 'tenants' AS root;

-- The session's active tenant is meant before where the user begins
SET app.tenant = 'clm-c';
SELECT tacl_claims('clm-ann') - 'tenants' AS active, tacl_claims('clm-ann', 'clm-d') ->> 'tenant' AS given, tacl_claims('clm-ann', NULL) ->> 'tenant' AS null_tenant;
SET app.tenant = 'clm-none';
SELECT tacl_claims('clm-ann') - 'tenants' AS active;
SET app.tenant = '';
SELECT tacl_claims('clm-ann') ->> 'tenant' AS none_active;
RESET app.tenant;

-- Nobody
SELECT tacl_claims('clm-nobody'), tacl_claims('clm-nobody', 'clm-a') = tacl_claims('clm-nobody') AS same;
SELECT tacl_claims(NULL) IS NULL AS null_user, tacl_claims('') IS NULL AS empty, tacl_claims(NULL, 'clm-a') IS NULL AS at_a_tenant, tacl_claims(repeat('x', 256)) IS NULL AS too_long;
SELECT tacl_disable_user('clm-ann'), tacl_claims('clm-ann', 'clm-a') AS disabled, tacl_enable_user('clm-ann');

-- More tenants than wanted: only the one asked about, and that there are more
SELECT tacl_claims('clm-ann', 'clm-b', 5) ? 'tenants_omitted' AS all_of_five, tacl_claims('clm-ann', 'clm-b', 5) = tacl_claims('clm-ann', 'clm-b') AS same;
SELECT tacl_claims('clm-ann', 'clm-b', 4);
SELECT tacl_claims('clm-ann', NULL, max_tenants => 0);
SELECT tacl_claims('clm-ann', 'clm-none', 1);
SELECT tacl_claims('clm-nobody', NULL, 0);
SELECT tacl_claims('clm-ann', 'clm-b', NULL) = tacl_claims('clm-ann', 'clm-b') AS null_is_the_default;
SELECT tacl_claims('clm-ann', 'clm-b', -1);
SELECT tacl_claims('clm-ann', 'clm-b', 100001);
SELECT count(tacl_create_tenant('clm-a1/' || i, 'clm-a1')) FROM generate_series(1, 46) AS i;
SELECT tacl_claims('clm-ann', 'clm-a1') -> 'tenants' AS at_51, tacl_claims('clm-ann', 'clm-a1') -> 'tenants_omitted' AS omitted, tacl_drop_tenant('clm-a1/46'), (SELECT count(*) FROM jsonb_object_keys(tacl_claims('clm-ann') -> 'tenants')) AS at_50;
SELECT bool_and(tacl_drop_tenant('clm-a1/' || i)) FROM generate_series(1, 45) AS i;

-- Staff at the root: all tenants, and the root itself never among them
SELECT tacl_assign('clm-staff', 'clm-viewer', '*'), tacl_claims('clm-staff', '*', 0) AS claims;
SELECT tacl_claims('clm-staff', 'clm-c', 0);
SELECT (tacl_claims('clm-staff', NULL, 1000) -> 'tenants') ?& '{clm-a, clm-a1, clm-d}' AS all_of_them, (tacl_claims('clm-staff', '*', 1000) -> 'tenants') ? '*' AS root;

-- Ceilings cut permissions and no roles
SELECT tacl_limit_tenant('clm-b', '{orders.*, tacl.view}'), tacl_claims('clm-ann', 'clm-b', 0) AS claims;

-- Suspension: the roles assigned there or below count no more; what it keeps
-- does. What is held above the tenant is not cut
SELECT tacl_suspend_tenant('clm-a1', '{billing.*}'), tacl_claims('clm-ann', 'clm-a1', 0) AS below, tacl_claims('clm-staff', 'clm-a1', 0) AS staff;
SELECT tacl_resume_tenant('clm-a1'), tacl_suspend_tenant('clm-a', '{billing.*}'), tacl_claims('clm-ann', 'clm-a1');
SELECT tacl_resume_tenant('clm-a');

-- Validity
SELECT tacl_assign('clm-bob', 'clm-viewer', 'clm-a', '2001-01-01'), tacl_assign('clm-bob', 'clm-owner', 'clm-b', NULL, '2100-01-01'), tacl_assign('clm-bob', 'clm-viewer', 'clm-c', '2100-01-01'), tacl_grant('clm-bob', '!orders.view', 'clm-d'), tacl_claims('clm-bob', 'clm-c') AS claims;

-- Names that JSON has to escape, and ids that are no text
SELECT tacl_create_tenant('clm-"q\{}%#/ü☃'), tacl_define_role('clm-''r"\u0041', '{a}', 'clm-"q\{}%#/ü☃'), tacl_assign('clm-"u\ümlaut', 'clm-''r"\u0041', 'clm-"q\{}%#/ü☃'), tacl_set_primary('clm-"u\ümlaut', 'clm-"q\{}%#/ü☃');
SELECT tacl_claims('clm-"u\ümlaut');
SELECT tacl_claims('clm-"u\ümlaut')::text::jsonb = tacl_claims('clm-"u\ümlaut') AS read_again, t.key = 'clm-"q\{}%#/ü☃' AS key FROM jsonb_each(tacl_claims('clm-"u\ümlaut') -> 'tenants') AS t;
SELECT tacl_create_tenant(7131), tacl_create_tenant('0c0c0c0c-0000-4000-8000-00000000000c'), tacl_assign(7130, 'clm-viewer', 7131), tacl_assign(7130, 'clm-viewer', '0c0c0c0c-0000-4000-8000-00000000000c');
SELECT tacl_claims(7130, 7131::bigint), tacl_claims(7130::bigint, '0C0C0C0C-0000-4000-8000-00000000000C'::uuid, 1) ->> 'tenant' AS uuid, tacl_claims(7130::smallint) = tacl_claims('7130') AS same, tacl_claims('7130', 7131) = tacl_claims(7130, '7131') AS same;
SELECT tacl_claims(1.5);
SELECT tacl_claims('clm-ann', true);

-- The same as the lists say, for everyone everywhere
SELECT tacl_suspend_tenant('clm-c', '{orders.view}');
CREATE VIEW clm_said AS
SELECT u.user_id, t.tenant, tacl_claims(u.user_id, t.tenant, 1000) AS claims,
       EXISTS (SELECT FROM tacl_memberships(u.user_id) AS m WHERE m.tenant = t.tenant) AS belongs
FROM (SELECT DISTINCT a.user_id FROM tacl.assignment AS a WHERE a.user_id ~ '^(clm-|7130)' UNION SELECT 'clm-nobody') AS u,
     (SELECT id FROM tacl.tenant WHERE id <> '*') AS t (tenant);
SELECT count(*) > 20 AS enough, count(*) FILTER (WHERE belongs) > 10 AS many,
       bool_and(claims ->> 'tenant' IS NOT DISTINCT FROM CASE WHEN belongs THEN tenant END) AS tenant,
       bool_and(ARRAY(SELECT jsonb_array_elements_text(claims -> 'roles')) = ARRAY(SELECT r.role FROM tacl_roles(user_id, tenant) AS r WHERE r.included_by IS NULL AND belongs ORDER BY r.role COLLATE "C")) AS roles,
       bool_and(ARRAY(SELECT jsonb_array_elements_text(claims -> 'permissions')) = ARRAY(SELECT p.pattern FROM tacl_permissions(user_id, tenant) AS p WHERE belongs)) AS permissions,
       bool_and(ARRAY(SELECT jsonb_object_keys(claims -> 'tenants') ORDER BY 1) = ARRAY(SELECT m.tenant FROM tacl_memberships(user_id) AS m ORDER BY 1)) AS tenants,
       bool_and(NOT belongs OR claims -> 'tenants' -> tenant = claims -> 'roles') AS tenant_is_among_them,
       bool_and(claims ->> 'primary' IS NOT DISTINCT FROM (SELECT m.tenant FROM tacl_memberships(user_id) AS m WHERE m.is_primary)) AS primary
FROM clm_said;

--
-- Who may ask: the user about themselves; about others it takes SELECT on the
-- tables that an answer depends on
--
CREATE ROLE regress_tacl_claims;
SET tacl.user_setting = 'app.user_id';
SET app.user_id = 'clm-bob';
SET ROLE regress_tacl_claims;
SELECT tacl_claims('clm-bob', 'clm-c');
SELECT tacl_claims('clm-bob', 'clm-a') - 'tenants' = tacl_claims('clm-bob', 'clm-none') - 'tenants' AS unknown_or_not_theirs;
SELECT tacl_claims('clm-ann', 'clm-c');
SELECT tacl_claims('clm-nobody', 'clm-none', -1);
SELECT tacl_claims(NULL);
RESET app.user_id;
SELECT tacl_claims('clm-bob');
SELECT tacl_claims('');
RESET ROLE;
GRANT SELECT ON tacl.tenant, tacl.role, tacl.role_include, tacl.assignment, tacl.user_account, tacl.user_group, tacl.group_member TO regress_tacl_claims;
SET ROLE regress_tacl_claims;
SELECT tacl_claims('clm-bob', 'clm-c') ->> 'tenant' AS tenant;
RESET ROLE;
GRANT SELECT ON tacl.group_include TO regress_tacl_claims;
SET ROLE regress_tacl_claims;
SELECT tacl_claims('clm-bob', 'clm-c') ->> 'tenant' AS tenant;
RESET ROLE;
DROP OWNED BY regress_tacl_claims;
DROP ROLE regress_tacl_claims;
RESET tacl.user_setting;

-- In a read-only transaction; under a search_path of others
BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY;
SELECT tacl_claims('clm-bob') ->> 'user' AS user_id;
COMMIT;
CREATE SCHEMA clm_trap;
CREATE FUNCTION clm_trap.trap(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$;
CREATE OPERATOR clm_trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = clm_trap.trap);
SET search_path = clm_trap, pg_catalog, public;
SELECT tacl_set_primary('clm-bob', 'clm-c'), tacl_remember_tenant('clm-bob', 'clm-c'), tacl_remember_tenant('clm-bob', NULL), tacl_claims('clm-bob') ->> 'tenant';
RESET search_path;
DROP SCHEMA clm_trap CASCADE;

-- Clean up
DROP VIEW clm_said;
DELETE FROM tacl.user_preference;
DELETE FROM tacl.assignment WHERE user_id ~ '^clm-' OR user_id = '7130';
DELETE FROM tacl.user_account WHERE user_id ~ '^clm-';
SELECT bool_and(tacl_drop_tenant(id, true)) FROM tacl.tenant WHERE id ~ '^clm-' AND id <> 'clm-a1' OR id IN ('7131', '0c0c0c0c-0000-4000-8000-00000000000c');
SELECT bool_and(tacl_drop_role(name)) FROM tacl.role WHERE name ~ '^clm-';
