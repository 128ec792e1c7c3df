-- What a role holds, and which roles can be assigned at a tenant.
\set SHOW_CONTEXT never

SELECT tacl_create_tenant('look-a'), tacl_create_tenant('look-a1', 'look-a'), tacl_create_tenant('look-b'), tacl_create_tenant(471200, 'look-a');
SELECT tacl_define_role('look-viewer', '{orders.view, reports.*}', description => 'May look');
SELECT tacl_define_role('look-editor', '{z.last, orders.edit, !orders.delete}', 'look-a', '{look-viewer}');
SELECT tacl_define_role('look-clerk', '{files.*}', 'look-a');
SELECT tacl_define_role('look-viewer', '{!reports.pay, orders.list}', 'look-a1', '{look-viewer, look-editor, look-clerk}', override => true);
SELECT tacl_define_role('look-empty', '{}', 'look-b'), tacl_define_role('look-holder', '{}', 'look-b', '{look-empty}');

--
-- tacl_role_permissions: own patterns as stored, then by depth and name
--

SELECT * FROM tacl_role_permissions('look-viewer');
SELECT * FROM tacl_role_permissions('look-editor', 'look-a1');
SELECT * FROM tacl_role_permissions('look-viewer', tenant => 'look-a1');
SELECT count(*) FROM tacl_role_permissions('look-holder', 'look-b');

-- Tenants of other types
SELECT count(*) FROM tacl_role_permissions('look-editor', 471200);
SELECT (SELECT count(*) FROM tacl_role_permissions('look-editor', 'look-a'::name)) AS name, (SELECT count(*) FROM tacl_role_permissions('look-editor', 'look-a'::varchar)) AS varchar;
SELECT tacl_role_permissions('look-clerk', 'look-a');

-- Each role once, at its least depth, however it is reached
SELECT tacl_define_role('look-d', '{d}'), tacl_define_role('look-c', '{c}', includes => '{look-d}'), tacl_define_role('look-b', '{b}', includes => '{look-d}'),
       tacl_define_role('look-top', '{top}', includes => '{look-c, look-b, look-viewer}');
SELECT string_agg(from_role || ':' || pattern, ' ') AS patterns FROM tacl_role_permissions('look-top');
SELECT tacl_define_role('look-top', includes => '{look-b, look-c, look-d}');
SELECT string_agg(from_role || ':' || pattern, ' ') AS patterns FROM tacl_role_permissions('look-top');

-- A cycle, which only replica role can write, ends
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO tacl.role_include SELECT d.id, t.id FROM tacl.role AS d, tacl.role AS t WHERE d.name = 'look-d' AND t.name = 'look-top';
SELECT string_agg(from_role || ':' || pattern, ' ') AS patterns FROM tacl_role_permissions('look-c');
UPDATE tacl.tenant SET parent = 'look-a1' WHERE id = 'look-a';
SELECT role, defined_at FROM tacl_tenant_roles('look-a');
ROLLBACK;

--
-- tacl_tenant_roles: of several of one name the nearest
--

SELECT * FROM tacl_tenant_roles('look-a1') WHERE role ~ '^look-';
SELECT * FROM tacl_tenant_roles('look-a') WHERE role IN ('look-viewer', 'look-editor', 'look-clerk', 'look-holder');
SELECT role, defined_at FROM tacl_tenant_roles('*') WHERE role ~ '^look-';
SELECT role, includes FROM tacl_tenant_roles('look-b'::text) WHERE role ~ '^look-[eh]';
SELECT count(*) FROM tacl_tenant_roles(471200) WHERE role ~ '^look-';
-- What it lists can be assigned there, and nothing else
SELECT role, tacl_assign('look-ann', role, 'look-a1') AS assigned FROM tacl_tenant_roles('look-a1') WHERE role ~ '^look-';
SELECT count(*) AS other FROM tacl.role AS r WHERE r.name ~ '^look-'
   AND NOT EXISTS (SELECT FROM tacl_tenant_roles('look-a1') AS t WHERE (t.role, t.defined_at) = (r.name, r.tenant))
   AND EXISTS (SELECT FROM tacl.assignment AS a WHERE a.role_id = r.id AND a.user_id = 'look-ann');

-- Unknown, and what may have been meant
SELECT * FROM tacl_role_permissions('look-veiwer', 'look-a1');
SELECT * FROM tacl_role_permissions('look-editor');
SELECT * FROM tacl_role_permissions('look-editor', 'look-none');
SELECT * FROM tacl_tenant_roles('look-aa');
-- NULL and names that cannot be
SELECT * FROM tacl_role_permissions(NULL);
SELECT * FROM tacl_role_permissions('look-viewer', NULL::text);
SELECT * FROM tacl_role_permissions('', 'look-none');
SELECT * FROM tacl_tenant_roles(NULL);
SELECT * FROM tacl_tenant_roles('');
SELECT * FROM tacl_tenant_roles(1.5);

-- Hostile names
\pset format unaligned
SELECT tacl_create_tenant('look ''"\%{}é'), tacl_define_role('look-''"\,{}é', '{q.view}', 'look ''"\%{}é', description => E'two\nlines');
SELECT tacl_define_role('look-"more', '{q.more}', 'look ''"\%{}é', '{"look-''\"\\,{}é"}');
SELECT * FROM tacl_role_permissions('look-"more', 'look ''"\%{}é');
SELECT role, includes, description FROM tacl_tenant_roles('look ''"\%{}é') WHERE defined_at <> '*';
\pset format aligned

-- What is committed now is seen in any isolation level, and the own changes
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT tacl_define_role('look-clerk', '{files.view}', 'look-a');
SELECT pattern FROM tacl_role_permissions('look-clerk', 'look-a');
SELECT permissions FROM tacl_tenant_roles('look-a') WHERE role = 'look-clerk';
ROLLBACK;

-- It takes sight of all, before anything is said about arguments
CREATE ROLE look_none;
CREATE ROLE look_reader IN ROLE pg_read_all_data;
SET ROLE look_none;
SELECT * FROM tacl_role_permissions(NULL, 'look-none');
SELECT * FROM tacl_tenant_roles('look-none');
SET ROLE look_reader;
SELECT count(*) FROM tacl_role_permissions('look-clerk', 'look-a');
SELECT count(*) FROM tacl_tenant_roles('look-b') WHERE role ~ '^look-h';
RESET ROLE;

-- Clean up
DROP ROLE look_none, look_reader;
SELECT tacl_drop_tenant(id, true) FROM tacl.tenant WHERE id ~ '^look' AND parent = '*' ORDER BY id;
SELECT count(tacl_drop_role(name, cascade => true)) FROM tacl.role WHERE name ~ '^look-';
