-- Guards: what no statement may write, whoever writes it.
\set SHOW_CONTEXT never

-- The root
\set VERBOSITY terse
DELETE FROM tacl.tenant WHERE id = '*';
UPDATE tacl.tenant SET parent = '*' WHERE id = '*';
UPDATE tacl.tenant SET id = 'root' WHERE id = '*';
UPDATE tacl.tenant SET ceiling = '{}' WHERE id = '*';
INSERT INTO tacl.tenant (id) VALUES ('grd-root');
\set VERBOSITY default
SET client_min_messages = warning;
TRUNCATE tacl.tenant CASCADE;
RESET client_min_messages;

-- A tree of tenants, in whatever order rows arrive
INSERT INTO tacl.tenant (id, parent) VALUES ('grd-a11', 'grd-a1'), ('grd-a1', 'grd-a'), ('grd-a', '*'), ('grd-b', '*');
INSERT INTO tacl.tenant (id, parent) VALUES ('grd-x', 'grd-x');
INSERT INTO tacl.tenant (id, parent) VALUES ('grd-x', 'grd-y'), ('grd-y', 'grd-z'), ('grd-z', 'grd-x');
UPDATE tacl.tenant SET parent = 'grd-a11' WHERE id = 'grd-a';
UPDATE tacl.tenant SET parent = CASE id WHEN 'grd-a' THEN 'grd-b' ELSE 'grd-a' END WHERE id IN ('grd-a', 'grd-b');
MERGE INTO tacl.tenant AS t USING (VALUES ('grd-a1', 'grd-a11')) AS v (id, parent) ON t.id = v.id WHEN MATCHED THEN UPDATE SET parent = v.parent;
INSERT INTO tacl.tenant (id, parent) VALUES ('grd-a1', '*') ON CONFLICT (id) DO UPDATE SET parent = 'grd-a11';
UPDATE tacl.tenant SET id = 'grd-c' WHERE id = 'grd-b';
SELECT id, parent FROM tacl.tenant WHERE id ~ '^grd-' ORDER BY id;

-- 32 levels below the root, by creating and by moving
INSERT INTO tacl.tenant (id, parent) SELECT 'grd-l' || i, coalesce('grd-l' || nullif(i - 1, 0), '*') FROM generate_series(1, 32) AS i;
SELECT tacl_create_tenant('grd-l33', 'grd-l32');
SELECT tacl_move_tenant('grd-a', 'grd-l30');
SELECT tacl_move_tenant('grd-a', 'grd-l29'), tacl_move_tenant('grd-b', 'grd-l31'), tacl_move_tenant('grd-b', '*');
SELECT tacl_move_tenant('grd-l1', 'grd-b');
SELECT tacl_move_tenant('grd-a', '*'), tacl_drop_tenant('grd-l1', true);

-- Roles and groups stay where they are, but can be renamed
SELECT tacl_define_role('grd-top', '{top}'), tacl_define_role('grd-role', '{r}', 'grd-a', '{grd-top}'), tacl_define_role('grd-role-1', '{r}', 'grd-a1', '{grd-role}'), tacl_define_role('grd-role-b', '{r}', 'grd-b');
SELECT tacl_create_group('grd-group', 'grd-a'), tacl_create_group('grd-group-1', 'grd-a1'), tacl_create_group('grd-group-b', 'grd-b'), tacl_include_group('grd-group-1', 'grd-group', 'grd-a1');
UPDATE tacl.role SET tenant = '*' WHERE name = 'grd-role';
UPDATE tacl.role SET id = id + 1000000 WHERE name = 'grd-role-b';
UPDATE tacl.role SET name = 'grd-role-c' WHERE name = 'grd-role-b';
UPDATE tacl.user_group SET tenant = '*' WHERE name = 'grd-group';

-- Includes: of the same tenant or above, no cycle
CREATE FUNCTION pg_temp.role(text) RETURNS bigint LANGUAGE sql AS 'SELECT id FROM tacl.role WHERE name = $1';
CREATE FUNCTION pg_temp.grp(text) RETURNS bigint LANGUAGE sql AS 'SELECT id FROM tacl.user_group WHERE name = $1';
INSERT INTO tacl.role_include VALUES (pg_temp.role('grd-role'), pg_temp.role('grd-role-c'));
INSERT INTO tacl.role_include VALUES (pg_temp.role('grd-role'), pg_temp.role('grd-role-1'));
INSERT INTO tacl.role_include VALUES (pg_temp.role('grd-role'), pg_temp.role('grd-role'));
UPDATE tacl.role_include SET included_id = pg_temp.role('grd-role-c') WHERE role_id = pg_temp.role('grd-role');
INSERT INTO tacl.group_include VALUES (pg_temp.grp('grd-group'), pg_temp.grp('grd-group-1'));
INSERT INTO tacl.group_include VALUES (pg_temp.grp('grd-group'), pg_temp.grp('grd-group-b'));
INSERT INTO tacl.group_include VALUES (pg_temp.grp('grd-group'), pg_temp.grp('grd-group'));

-- At most 64 includes, 32 steps deep, by either end; both halves of a cycle in one statement
INSERT INTO tacl.role (tenant, name, permissions) SELECT 'grd-b', 'grd-n' || i, '{n}' FROM generate_series(0, 65) AS i;
INSERT INTO tacl.role_include SELECT pg_temp.role('grd-n0'), pg_temp.role('grd-n' || i) FROM generate_series(1, 65) AS i;
INSERT INTO tacl.role_include SELECT pg_temp.role('grd-n0'), pg_temp.role('grd-n' || i) FROM generate_series(1, 64) AS i;
SELECT tacl_define_role('grd-n0', tenant => 'grd-b', includes => '{}');
INSERT INTO tacl.role_include SELECT pg_temp.role('grd-n' || i), pg_temp.role('grd-n' || i + 1) FROM generate_series(0, 31) AS i;
INSERT INTO tacl.role_include VALUES (pg_temp.role('grd-n32'), pg_temp.role('grd-n33'));
INSERT INTO tacl.role_include VALUES (pg_temp.role('grd-n33'), pg_temp.role('grd-n0'));
INSERT INTO tacl.role_include VALUES (pg_temp.role('grd-n40'), pg_temp.role('grd-n41')), (pg_temp.role('grd-n33'), pg_temp.role('grd-n32'));
INSERT INTO tacl.role_include VALUES (pg_temp.role('grd-n41'), pg_temp.role('grd-n1'));
INSERT INTO tacl.role_include VALUES (pg_temp.role('grd-n50'), pg_temp.role('grd-n51')), (pg_temp.role('grd-n51'), pg_temp.role('grd-n50'));
INSERT INTO tacl.user_group (tenant, name) SELECT 'grd-b', 'grd-n' || i FROM generate_series(0, 65) AS i;
INSERT INTO tacl.group_include SELECT pg_temp.grp('grd-n0'), pg_temp.grp('grd-n' || i) FROM generate_series(1, 65) AS i;
INSERT INTO tacl.group_include SELECT pg_temp.grp('grd-n' || i), pg_temp.grp('grd-n' || i + 1) FROM generate_series(0, 32) AS i;
INSERT INTO tacl.group_include VALUES (pg_temp.grp('grd-n50'), pg_temp.grp('grd-n51')), (pg_temp.grp('grd-n51'), pg_temp.grp('grd-n50'));

-- Assignments: of a role, and to a group, of the tenant or above
INSERT INTO tacl.assignment (user_id, tenant, role_id) VALUES ('grd-ann', 'grd-b', pg_temp.role('grd-role'));
INSERT INTO tacl.assignment (user_id, tenant, role_id) VALUES ('grd-ann', '*', pg_temp.role('grd-role'));
INSERT INTO tacl.assignment (group_id, tenant, role_id) VALUES (pg_temp.grp('grd-group'), 'grd-b', pg_temp.role('grd-top'));
INSERT INTO tacl.assignment (user_id, tenant, role_id) VALUES ('grd-ann', 'grd-a11', pg_temp.role('grd-role')), ('grd-ann', 'grd-a1', pg_temp.role('grd-role-1'));
INSERT INTO tacl.assignment (group_id, tenant, role_id) VALUES (pg_temp.grp('grd-group'), 'grd-a1', pg_temp.role('grd-top'));
UPDATE tacl.assignment SET tenant = '*' WHERE role_id = pg_temp.role('grd-role-1');
UPDATE tacl.assignment SET role_id = pg_temp.role('grd-role-c') WHERE user_id = 'grd-ann' AND tenant = 'grd-a11';

-- Moving away from definitions that are used is refused; the rest may go
SELECT tacl_move_tenant('grd-a1', 'grd-b');
SELECT tacl_move_tenant('grd-a11', 'grd-b');
INSERT INTO tacl.role (tenant, name, permissions) SELECT 'grd-a', 'grd-many-' || i, '{m}' FROM generate_series(10, 34) AS i;
INSERT INTO tacl.assignment (user_id, tenant, role_id) SELECT u, 'grd-a11', id FROM tacl.role, unnest('{grd-ann, grd-bob}'::text[]) AS u WHERE name ~ '^grd-many-';
SELECT tacl_move_tenant('grd-a11', '*');
SELECT tacl_move_tenant('grd-a', 'grd-b'), tacl_move_tenant('grd-a11', 'grd-a');

-- Also when a tenant changes places with the one below it that uses its definitions
UPDATE tacl.tenant SET parent = CASE id WHEN 'grd-a' THEN 'grd-a1' ELSE 'grd-b' END WHERE id IN ('grd-a', 'grd-a1');

-- Replica role skips guards; walks end on the cycles that it left
SET session_replication_role = replica;
UPDATE tacl.tenant SET parent = 'grd-a1' WHERE id = 'grd-a';
INSERT INTO tacl.role_include VALUES (pg_temp.role('grd-n60'), pg_temp.role('grd-n61')), (pg_temp.role('grd-n61'), pg_temp.role('grd-n60'));
RESET session_replication_role;
BEGIN;
SELECT idx_scan AS scans FROM pg_stat_xact_user_tables WHERE relid = 'tacl.tenant'::regclass \gset
SELECT tacl_can('grd-nobody', 'm', 'grd-a11') AS below_it, tacl_can('grd-nobody', 'm', 'grd-a') AS on_it;
SELECT idx_scan - :scans < 20 AS few_steps FROM pg_stat_xact_user_tables WHERE relid = 'tacl.tenant'::regclass;
COMMIT;
SELECT tacl_create_tenant('grd-a12', 'grd-a1');
SELECT tacl_assign('grd-ann', 'grd-none', 'grd-a1');
SELECT tacl_define_role('grd-n62', NULL, 'grd-b', '{grd-n60}');
SELECT tacl_move_tenant('grd-b', 'grd-a1');
SELECT tacl_move_tenant('grd-a', 'grd-b');

-- Triggers serve their own tables, and their own events
CREATE TABLE guard_other (id text, parent text);
CREATE TRIGGER guard BEFORE INSERT ON guard_other FOR EACH STATEMENT EXECUTE FUNCTION tacl.guard_lock();
INSERT INTO guard_other VALUES ('a', 'b');
CREATE OR REPLACE TRIGGER guard AFTER INSERT ON guard_other FOR EACH ROW EXECUTE FUNCTION tacl.guard_row();
INSERT INTO guard_other VALUES ('a', 'b');
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON guard_other EXECUTE FUNCTION tacl.guard_truncate();
TRUNCATE guard_other;
DROP TABLE guard_other;
BEGIN;
CREATE TRIGGER guard AFTER INSERT ON tacl.user_account FOR EACH ROW EXECUTE FUNCTION tacl.guard_row();
INSERT INTO tacl.user_account VALUES ('grd-ann');
ROLLBACK;
SELECT tacl.guard_row();
SELECT tacl.guard_lock();
SELECT tacl.guard_truncate();

-- Clean up
SELECT tacl_drop_tenant('grd-b', true), tacl_drop_role('grd-top');

-- What lets a dump be restored in any order is for a COPY that a superuser
-- sends by itself: not for an operator, and not for what a block does.
CREATE ROLE regress_tacl_operator;
GRANT INSERT, UPDATE, DELETE ON tacl.role, tacl.role_include TO regress_tacl_operator;
SET check_function_bodies = off;
SELECT set_config('search_path', '', false);
-- only where nothing was recorded before
COPY tacl.role (tenant, name, permissions) FROM stdin;
grd-nowhere	grd-dump-e	{a}
\.
ALTER SEQUENCE tacl.recorded RESTART;
SET ROLE regress_tacl_operator;
SELECT public.tacl_define_role('grd-dump-a', '{x}'), public.tacl_define_role('grd-dump-b', '{y}', includes => '{grd-dump-a}');
SELECT public.tacl_define_role('grd-dump-a', includes => '{grd-dump-b}');
RESET ROLE;
SELECT public.tacl_define_role('grd-dump-a', includes => '{grd-dump-b}');
INSERT INTO tacl.role_include SELECT a.id, b.id FROM tacl.role AS a, tacl.role AS b WHERE a.name = 'grd-dump-a' AND b.name = 'grd-dump-b';
CREATE TABLE public.grd_pk (id int PRIMARY KEY);
CREATE TABLE public.grd_fk (id int REFERENCES public.grd_pk);
DO $$
BEGIN
    INSERT INTO tacl.role (tenant, name, permissions) VALUES ('*', 'grd-dump-c', '{a}');
    INSERT INTO public.grd_fk VALUES (99);
END
$$;
BEGIN;
COPY tacl.role (tenant, name, permissions) FROM stdin;
*	grd-dump-d	{a}
\.
SHOW session_replication_role;
ROLLBACK;
COPY tacl.role (tenant, name, permissions) FROM stdin;
grd-nowhere	grd-dump-e	{a}
\.
SHOW session_replication_role;
DELETE FROM tacl.role WHERE name = 'grd-dump-e';
RESET search_path;
RESET check_function_bodies;
SELECT nextval('tacl.recorded');
COPY tacl.role (tenant, name, permissions) FROM stdin;
grd-nowhere	grd-dump-e	{a}
\.
SELECT tacl_drop_role('grd-dump-b', cascade => true), tacl_drop_role('grd-dump-a', cascade => true);
DROP TABLE grd_fk, grd_pk;
DROP OWNED BY regress_tacl_operator;
DROP ROLE regress_tacl_operator;
