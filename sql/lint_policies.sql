-- tacl_lint(): policies that ask too little: not of each row, or nothing at all.

\pset format unaligned
\pset footer off
\set lint 'SELECT severity, object, finding, fix FROM tacl_lint() WHERE object ~ \'lint_\''
\set fix 'SELECT fix FROM tacl_lint() WHERE object ~ \'lint_\' AND fix IS NOT NULL'
SET client_min_messages = warning;
CREATE ROLE regress_tacl_lint_app;
CREATE ROLE regress_tacl_lint_staff;
CREATE TABLE lint_orders ("tenant ""%" uuid, id bigint, org text, owner text, PRIMARY KEY ("tenant ""%", id));
CREATE INDEX ON lint_orders (org);
ALTER TABLE lint_orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- row-unchecked: the index is asked once, and a statement that waits goes on; not of new rows
CREATE POLICY view ON lint_orders FOR SELECT USING ("tenant ""%" = tacl_active_tenant('lint.view', NULL::uuid));
CREATE POLICY change ON lint_orders FOR UPDATE USING ("tenant ""%" = tacl_active_tenant('lint.update', NULL::uuid) AND (id > 0 OR owner = tacl_user()));
CREATE POLICY remove ON lint_orders AS RESTRICTIVE FOR DELETE USING (tacl.tacl_reads_only() OR "tenant ""%" = tacl_active_tenant('lint.delete', NULL::uuid));
CREATE POLICY new ON lint_orders FOR INSERT WITH CHECK ("tenant ""%" = tacl_active_tenant('lint.create', NULL::uuid));
:lint;
-- A hostile search_path is no part of the fix
CREATE SCHEMA lint_schema;
CREATE FUNCTION lint_schema.tacl_active_tenant(text, uuid) RETURNS uuid LANGUAGE sql AS 'SELECT $2';
SET search_path = lint_schema, public;
:fix \gexec
RESET search_path;
DROP SCHEMA lint_schema CASCADE;
:lint;
SELECT policyname, qual FROM pg_policies WHERE tablename = 'lint_orders' AND qual IS NOT NULL ORDER BY 1;
-- Two permissions, or two columns, are no fix; whatever else asks of the row is enough
ALTER POLICY change ON lint_orders USING ("tenant ""%" = tacl_active_tenant('lint.update', NULL::uuid) OR "tenant ""%" = tacl_active_tenant('lint.admin', NULL::uuid));
ALTER POLICY remove ON lint_orders USING ("tenant ""%" = tacl_active_tenant('lint.delete', NULL::uuid) AND org = tacl_tenant());
ALTER POLICY view ON lint_orders USING ("tenant ""%" = tacl_active_tenant('lint.view', NULL::uuid) AND tacl_has_role(current_user, 'lint-editor'));
:lint;
ALTER POLICY change ON lint_orders USING ("tenant ""%" = current_setting('app.tenant')::uuid AND tacl_may('lint.update', "tenant ""%"));
ALTER POLICY remove ON lint_orders USING ("tenant ""%" = tacl_active_tenant('lint.delete', NULL::uuid) AND (tacl.tacl_reads_only() OR tacl_may('lint.delete')));
:lint;
-- What is within tacl.tacl_protected() is never asked
ALTER POLICY change ON lint_orders USING ("tenant ""%" = tacl_active_tenant('lint.update', NULL::uuid) AND tacl.tacl_protected(tacl_may('lint.update', "tenant ""%")));
:lint;
:fix \gexec
DROP POLICY view ON lint_orders;
DROP POLICY new ON lint_orders;
DROP POLICY remove ON lint_orders;

-- open-policy: permits what ours do not, by whatever part of it
CREATE POLICY view ON lint_orders FOR SELECT USING (tacl_may('lint.view', "tenant ""%"));
CREATE POLICY open ON lint_orders USING (true);
:lint;
ALTER POLICY open ON lint_orders WITH CHECK (tacl_may('lint.create', "tenant ""%"));
:lint;
ALTER POLICY open ON lint_orders USING (tacl_may('lint.view', "tenant ""%")) WITH CHECK (id > 0);
:lint;
ALTER POLICY open ON lint_orders USING ("tenant ""%"::text = tacl_tenant()) WITH CHECK (tacl.tacl_reads_only());
:lint;
ALTER POLICY open ON lint_orders USING (tacl.tacl_protected(tacl_may('lint.view'))) WITH CHECK (false);
:lint;
DROP POLICY open ON lint_orders;
CREATE POLICY open ON lint_orders FOR INSERT WITH CHECK (true);
CREATE POLICY own ON lint_orders FOR SELECT USING (owner = tacl_user());
CREATE POLICY none ON lint_orders FOR DELETE USING (false);
:lint;
-- ... unless one of ours restricts it, for as many roles
CREATE POLICY narrow ON lint_orders AS RESTRICTIVE FOR INSERT TO regress_tacl_lint_app WITH CHECK (tacl_may('lint.create', "tenant ""%"));
:lint;
ALTER POLICY open ON lint_orders TO regress_tacl_lint_app;
:lint;
ALTER POLICY open ON lint_orders TO regress_tacl_lint_app, regress_tacl_lint_staff;
:lint;
ALTER POLICY narrow ON lint_orders TO PUBLIC WITH CHECK (id > 0);
:lint;
ALTER POLICY narrow ON lint_orders WITH CHECK (tacl.tacl_reads_only());
:lint;
ALTER POLICY narrow ON lint_orders WITH CHECK (tacl_may('lint.create', "tenant ""%"));
:lint;
-- Roles that no policy of ours is for are somebody's decision
ALTER POLICY view ON lint_orders TO regress_tacl_lint_app;
DROP POLICY narrow ON lint_orders;
DROP POLICY change ON lint_orders;
DROP POLICY own ON lint_orders;
ALTER POLICY open ON lint_orders TO regress_tacl_lint_staff;
:lint;
ALTER POLICY open ON lint_orders TO PUBLIC;
:lint;
COMMENT ON POLICY open ON lint_orders IS 'tacl: ignore open-policy - a letter box';
:lint;
-- What reads another protected table asks there
CREATE TABLE lint_lines (tenant uuid PRIMARY KEY, id bigint);
ALTER TABLE lint_lines ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY new ON lint_lines FOR INSERT WITH CHECK (tacl_may('lint.create', tenant));
CREATE POLICY as_order ON lint_lines FOR SELECT USING (EXISTS (SELECT FROM lint_orders AS o WHERE o.id = lint_lines.id));
:lint;
CREATE POLICY as_none ON lint_lines FOR SELECT USING (EXISTS (SELECT FROM tacl.tenant AS t WHERE t.id = tenant::text));
:lint;
DROP TABLE lint_lines, lint_orders;

-- Generated policies: quiet; one that is gone leaves the base, and comes back
CREATE TABLE lint_made (tenant text, id bigint, PRIMARY KEY (tenant, id));
SELECT tacl_protect('lint_made', 'tenant', 'lint', to_roles => '{regress_tacl_lint_app}', exempt_roles => '{regress_tacl_lint_staff}');
:lint;
DROP POLICY "!tacl lint.update (update)" ON lint_made;
DROP POLICY "!tacl lint.view (select)" ON lint_made;
:lint;
:fix \gexec
:lint;
-- ... and without it, the owner's own cannot widen them
SELECT tacl_unprotect('lint_made');
SELECT tacl_protect('lint_made', 'tenant', 'lint', base => false);
CREATE POLICY own ON lint_made USING (id > 0);
:lint;
DROP TABLE lint_made;
DROP ROLE regress_tacl_lint_app, regress_tacl_lint_staff;
