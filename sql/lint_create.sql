-- tacl_lint(): roles that may create what they may not view.

\pset format unaligned
\pset footer off
\set lint 'SELECT * FROM tacl_lint() WHERE object LIKE \'tenant role %lint-%\''
\set fix 'SELECT fix FROM tacl_lint() WHERE object LIKE \'tenant role %lint-%\' AND fix IS NOT NULL'

CREATE TABLE lint_orders (tenant_id text NOT NULL, id bigint, PRIMARY KEY (tenant_id, id));
ALTER TABLE lint_orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY view ON lint_orders FOR SELECT USING (tenant_id = tacl_active_tenant('lint.view', NULL::text));
CREATE POLICY new ON lint_orders FOR INSERT WITH CHECK (tacl_can_any('ann', '{lint.create, lint.import}', tenant_id));
CREATE POLICY change ON lint_orders FOR UPDATE USING (tacl_may('lint.update', tenant_id));

SELECT tacl_create_tenant('lint-a');
SELECT tacl_define_role('lint-viewer', '{lint.view}'), tacl_define_role('lint-editor', '{lint.*}'),
       tacl_define_role('lint-updater', '{lint.update}');
:lint;

-- Own patterns, those of included roles, and denies
SELECT tacl_define_role('lint-import ''"%', '{lint.import, !lint.delete}', 'lint-a');
SELECT tacl_define_role('lint-includes', '{a.b}', 'lint-a', '{"lint-import ''\"%"}');
SELECT tacl_define_role('lint-includes-both', '{}', 'lint-a', '{"lint-import ''\"%", lint-viewer}');
SELECT tacl_define_role('lint-denied', '{lint.*, !*.view}', 'lint-a');
SELECT tacl_define_role('lint-denied-all', '{lint.create, lint.import, !lint.*}', 'lint-a');
:lint;

-- A fix adds the permission; a deny is somebody's decision
:fix \gexec
:lint;
SELECT tacl_role.name, permissions FROM tacl.role AS tacl_role WHERE tenant = 'lint-a' ORDER BY name;

-- A role's description can waive it
SELECT tacl_define_role('lint-denied', tenant => 'lint-a', description => E'Sends orders in.\ntacl: ignore create-without-view - a machine that never reads');
:lint;
SELECT severity, finding FROM tacl_lint(waived => true) WHERE object LIKE 'tenant role %lint-%';

-- Whoever may not read the roles is not told about them, nor refused
CREATE ROLE regress_tacl_lint IN ROLE pg_read_all_settings;
SELECT tacl_define_role('lint-creator', '{lint.create}');
GRANT SELECT ON tacl.role TO regress_tacl_lint;
SET ROLE regress_tacl_lint;
:lint;
RESET ROLE;
GRANT SELECT ON tacl.role_include TO regress_tacl_lint;
SET ROLE regress_tacl_lint;
:lint;
RESET ROLE;

REVOKE SELECT ON tacl.role, tacl.role_include FROM regress_tacl_lint;
DROP ROLE regress_tacl_lint;
DROP TABLE lint_orders;
SELECT tacl_drop_tenant('lint-a', true), tacl_drop_role('lint-viewer'), tacl_drop_role('lint-editor'),
       tacl_drop_role('lint-updater'), tacl_drop_role('lint-creator');
