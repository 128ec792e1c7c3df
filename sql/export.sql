-- Export: everything, or what belongs to a tenant and what is below it.
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on

-- From nothing, whatever is there; undone at the end
BEGIN;
SELECT count(*) >= 0 AS emptied FROM tacl_apply('{"permissions": [], "tenants": [], "roles": [], "groups": [], "members": [], "users": [], "assignments": [], "preferences": []}');
SELECT * FROM tacl_export();
SELECT * FROM tacl_export('*');

-- Tenants: parent, ceiling, suspension
SELECT tacl_create_tenant('exp-a'), tacl_create_tenant('exp-a1', 'exp-a'), tacl_create_tenant('exp-a11', 'exp-a1'), tacl_create_tenant('exp-b'), tacl_create_tenant(471100);
SELECT tacl_limit_tenant('exp-a', '{orders.*, reports.view}'), tacl_limit_tenant('exp-b', '{}'), tacl_suspend_tenant('exp-a1', '{billing.*}'), tacl_suspend_tenant(471100);
UPDATE tacl.tenant SET suspended_at = '2031-01-01 12:00:00.5+02' WHERE suspended_at IS NOT NULL;
SELECT * FROM tacl_export();

-- Roles: what is included, by name where the name leads there
SELECT tacl_define_role('viewer', '{*.view}', description => 'Looks'), tacl_define_role('editor', '{orders.*, !orders.delete}', 'exp-a', '{viewer}'),
       tacl_define_role('viewer', '{orders.list}', 'exp-a1', '{viewer}', override => true), tacl_define_role('lead', '{}', 'exp-a11', '{viewer, editor}');
INSERT INTO tacl.role_include SELECT a.id, b.id FROM tacl.role AS a, tacl.role AS b WHERE a.name = 'lead' AND b.tenant = '*' AND b.name = 'viewer';
SELECT e FROM tacl_export() AS e WHERE e ? 'roles';

-- A definition in between changes what a name means, so it is not enough any more
SELECT tacl_define_role('editor', '{orders.list}', 'exp-a11', override => true);
SELECT e FROM tacl_export() AS e WHERE e #>> '{roles,role}' = 'lead';
SELECT tacl_drop_role('editor', 'exp-a11');

-- Groups and members
SELECT tacl_create_group('crew', 'exp-a', 'All of them'), tacl_create_group('shift', 'exp-a'), tacl_create_group('crew', 'exp-a1'),
       tacl_include_group('crew', 'shift', 'exp-a'), tacl_include_group('crew', 'crew', 'exp-a1'), tacl_include_group('crew', 'shift', 'exp-a1');
SELECT tacl_add_member('ann', 'crew', 'exp-a'), tacl_add_member('bob', 'shift', 'exp-a'), tacl_add_member('ann', 'crew', 'exp-a1');
SELECT e FROM tacl_export() AS e WHERE e ?| '{groups, members}';

-- Assignments, users, preferences, the catalog
SELECT tacl_assign('cid', 'editor', 'exp-a1', '2030-06-30 23:59:59+00', '2030-01-01 00:00:00.000001+01'), tacl_assign('cid', 'viewer', '*'), tacl_grant('cid', '!orders.delete', 'exp-a'),
       tacl_assign_group('crew', 'viewer', 'exp-a11'), tacl_assign('471100', 'viewer', 471100), tacl_assign('old', 'viewer', 'exp-b', '0044-03-15 12:00:00+00 BC');
SELECT tacl_disable_user('eve'), tacl_disable_user('fay'), tacl_enable_user('fay');
UPDATE tacl.user_account SET disabled_at = '2029-01-01 00:00+00' WHERE disabled_at IS NOT NULL;
INSERT INTO tacl.permission VALUES ('orders.view', 'See orders'), ('orders.edit', NULL);
INSERT INTO tacl.user_preference VALUES ('cid', 'exp-a', NULL), ('dan', 'exp-gone', 'exp-b'), ('eve', NULL, NULL);
SELECT e FROM tacl_export() AS e WHERE e ?| '{assignments, users, preferences, permissions}';

-- Times do not depend on the session
CREATE TEMPORARY TABLE before AS SELECT e FROM tacl_export() AS e;
SET LOCAL TimeZone = 'Asia/Kathmandu';
SET LOCAL DateStyle = 'SQL, DMY';
SELECT count(*), bool_and(b.e = x.e) FROM tacl_export() WITH ORDINALITY AS x (e, n) JOIN (SELECT e, row_number() OVER () AS n FROM before) AS b USING (n);
SHOW TimeZone;
SHOW DateStyle;
RESET TimeZone;
RESET DateStyle;

-- Of a tenant: first the scope, then what belongs to it and to those below it
SELECT * FROM tacl_export('exp-a1');
SELECT * FROM tacl_export(471100);
SELECT * FROM tacl_export('exp-b') LIMIT 2;

-- In the select list, and in a transaction that sees an old snapshot
SELECT tacl_export('exp-b') LIMIT 1;
SELECT count(*) FROM tacl_export() AS a, tacl_export('exp-b') AS b;

-- What cannot be exported
SELECT * FROM tacl_export('exp-none');
SELECT * FROM tacl_export(NULL);
SELECT * FROM tacl_export('');
SELECT * FROM tacl_export(1.5);

-- Whoever may not read all tables is told nothing
CREATE ROLE regress_tacl_reader;
GRANT SELECT ON tacl.tenant, tacl.role, tacl.role_include, tacl.assignment, tacl.user_account, tacl.user_group, tacl.group_member TO regress_tacl_reader;
SET ROLE regress_tacl_reader;
SELECT * FROM tacl_export('exp-none');
RESET ROLE;
GRANT SELECT ON tacl.group_include TO regress_tacl_reader;
SET ROLE regress_tacl_reader;
SELECT * FROM tacl_export('exp-none');
RESET ROLE;
GRANT SELECT ON tacl.permission, tacl.user_preference TO regress_tacl_reader;
SET ROLE regress_tacl_reader;
SELECT count(*) FROM tacl_export();
RESET ROLE;

ROLLBACK;
