-- tacl_lint(): each hole in a table is found, and gone after its own fix.

\pset format unaligned
\pset footer off
\set lint 'SELECT * FROM tacl_lint() WHERE object LIKE \'%lint_%\''
\set fix 'SELECT fix FROM tacl_lint() WHERE object LIKE \'%lint_%\' AND fix IS NOT NULL'
SET client_min_messages = warning;
CREATE ROLE regress_tacl_lint;

-- A protected table that leaves nothing to be said
CREATE TABLE lint_orders (tenant_id text NOT NULL, id bigint, PRIMARY KEY (tenant_id, id));
ALTER TABLE lint_orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY view ON lint_orders FOR SELECT USING (tacl_may('lint.view', tenant_id));
CREATE POLICY change ON lint_orders FOR UPDATE USING (tenant_id = current_setting('app.tenant') AND tacl_may('lint.update'));
GRANT SELECT, UPDATE ON lint_orders TO regress_tacl_lint;
:lint;

-- rls-off, force-off
ALTER TABLE lint_orders DISABLE ROW LEVEL SECURITY;
:lint;
:fix \gexec
ALTER TABLE lint_orders NO FORCE ROW LEVEL SECURITY;
:lint;
:fix \gexec
:lint;

-- unprotected: a column of the same name and type; worse if somebody has privileges
CREATE TABLE "lint_Free ""%" ("tenant_id" text);
CREATE TABLE lint_other_type (tenant_id integer);
CREATE TEMPORARY TABLE lint_temporary (tenant_id text);
:lint;
GRANT INSERT (tenant_id) ON "lint_Free ""%" TO PUBLIC;
:lint;
:fix \gexec
:lint;
ALTER TABLE "lint_Free ""%" NO FORCE ROW LEVEL SECURITY;
:lint;
DROP TABLE "lint_Free ""%", lint_other_type, lint_temporary;

-- The table of the tenants itself does not make each id a tenant's
CREATE TABLE lint_tenants (id uuid PRIMARY KEY);
ALTER TABLE lint_tenants ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY view ON lint_tenants USING (tacl_may('lint.view', id));
CREATE TABLE lint_colours (id uuid);
:lint;
DROP TABLE lint_tenants, lint_colours;

-- partition-open: partitions and inheriting tables, at any depth
CREATE TABLE lint_parted (tenant_id uuid NOT NULL, id integer) PARTITION BY LIST (tenant_id);
ALTER TABLE lint_parted ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY view ON lint_parted USING (tacl_may('lint.view', tenant_id));
CREATE TABLE lint_part PARTITION OF lint_parted DEFAULT PARTITION BY HASH (id);
CREATE TABLE lint_subpart PARTITION OF lint_part FOR VALUES WITH (MODULUS 1, REMAINDER 0);
GRANT SELECT ON lint_subpart TO regress_tacl_lint;
CREATE TABLE lint_heir () INHERITS (lint_orders);
CREATE POLICY open ON lint_heir USING (true);
:lint;
:fix \gexec
:lint;
DROP POLICY open ON lint_heir;
:lint;
DROP TABLE lint_parted, lint_heir;

-- init-plan: the answer of a sub-select that does not depend on the row is kept
CREATE POLICY once ON lint_orders FOR DELETE USING (tacl_may('lint.delete', tenant_id) AND tenant_id = (SELECT tacl_active_tenant('lint.delete', NULL::text)));
CREATE POLICY list ON lint_orders FOR INSERT WITH CHECK (tenant_id IN (SELECT t.id FROM tacl.tenant AS t WHERE tacl_may('lint.create', t.id)));
CREATE POLICY inner_once ON lint_orders FOR DELETE USING (EXISTS (SELECT FROM tacl.tenant AS t WHERE t.id = tenant_id AND (SELECT tacl_may('lint.delete'))));
CREATE POLICY each ON lint_orders FOR DELETE USING (EXISTS (SELECT FROM tacl.tenant AS t WHERE t.id = tenant_id AND tacl_may('lint.delete', t.id)));
CREATE POLICY each_deep ON lint_orders FOR DELETE USING (EXISTS (SELECT FROM tacl.tenant AS t WHERE EXISTS (SELECT WHERE tacl_may('lint.delete', tenant_id))));
:lint;
DROP POLICY once ON lint_orders;
DROP POLICY list ON lint_orders;
DROP POLICY inner_once ON lint_orders;
DROP POLICY each ON lint_orders;
DROP POLICY each_deep ON lint_orders;

-- foreign-check: an exact overload of another schema has captured the call
CREATE SCHEMA lint_schema;
CREATE FUNCTION lint_schema.tacl_may(permission text, tenant text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE POLICY captured ON lint_orders FOR DELETE USING (lint_schema.tacl_may('lint.delete', tenant_id));
SELECT severity, object, finding, fix FROM tacl_lint() WHERE finding LIKE 'foreign-check:%';
DROP SCHEMA lint_schema CASCADE;

-- policy-order: by name among policies that restrict, which all come before those that permit
CREATE POLICY "!lint ""%" ON lint_orders AS RESTRICTIVE USING (id > 0);
:lint;
CREATE POLICY "#ours" ON lint_orders AS RESTRICTIVE FOR SELECT USING (tacl_may('lint.view', tenant_id));
CREATE POLICY "#ours too" ON lint_orders AS RESTRICTIVE FOR UPDATE USING (tacl_may('lint.update', tenant_id));
CREATE POLICY "%insert" ON lint_orders AS RESTRICTIVE FOR INSERT WITH CHECK (id > 0);
:lint;
:fix \gexec
:lint;
DROP POLICY "~!lint ""%" ON lint_orders;
DROP POLICY "#ours" ON lint_orders;
DROP POLICY "#ours too" ON lint_orders;

-- table-grant: also on columns, and passed on
GRANT TRUNCATE, REFERENCES ON lint_orders TO regress_tacl_lint WITH GRANT OPTION;
SET ROLE regress_tacl_lint;
GRANT TRUNCATE ON lint_orders TO PUBLIC;
RESET ROLE;
GRANT REFERENCES (id), TRIGGER ON lint_orders TO PUBLIC;
:lint;
:fix \gexec
:lint;

-- no-index: of the right column, collation and kind
CREATE COLLATION lint_collation (provider = icu, locale = 'und', deterministic = false);
CREATE TABLE lint_index (id integer, org text COLLATE lint_collation, part integer) PARTITION BY RANGE (part);
CREATE TABLE lint_index_1 PARTITION OF lint_index FOR VALUES FROM (0) TO (9);
ALTER TABLE lint_index ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE lint_index_1 ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY view ON lint_index USING (org COLLATE "C" = tacl_tenant() AND tacl_may('lint.view'));
CREATE INDEX ON lint_index (org);
CREATE INDEX ON lint_index (id, (org COLLATE "C"));
CREATE INDEX ON lint_index USING hash (org COLLATE "C");
:lint;
:fix \gexec
:lint;
-- ... which is the one compared with the setting of the active tenant
DROP POLICY view ON lint_orders;
ALTER TABLE lint_orders DROP CONSTRAINT lint_orders_pkey;
CREATE INDEX lint_partial ON lint_orders (tenant_id) WHERE id > 0;
:lint;
-- ... and of which the making has failed
INSERT INTO lint_orders VALUES ('org-a', 1), ('org-a', 1);
CREATE UNIQUE INDEX CONCURRENTLY lint_failed ON lint_orders (tenant_id, id);
SELECT indisvalid FROM pg_index WHERE indexrelid = 'lint_failed'::regclass;
:lint;
:fix \gexec
:lint;
DROP TABLE lint_index, lint_orders;
DROP COLLATION lint_collation;
DROP ROLE regress_tacl_lint;
