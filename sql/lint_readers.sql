-- tacl_lint(): what reads protected tables with other rights than the user's.

\pset format unaligned
\pset footer off
\set lint 'SELECT * FROM tacl_lint() WHERE object LIKE \'%lint_%\''
\set fix 'SELECT fix FROM tacl_lint() WHERE object LIKE \'%lint_%\' AND fix IS NOT NULL'

CREATE ROLE regress_tacl_lint_owner;
CREATE ROLE regress_tacl_lint_super SUPERUSER;
CREATE ROLE regress_tacl_lint_bypass BYPASSRLS;
CREATE ROLE regress_tacl_lint_reader;
CREATE TABLE lint_orders (tenant_id text NOT NULL, id bigint, PRIMARY KEY (tenant_id, id));
ALTER TABLE lint_orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY view ON lint_orders USING (tacl_may('lint.view', tenant_id));
ALTER TABLE lint_orders OWNER TO regress_tacl_lint_owner;
GRANT ALL ON lint_orders TO regress_tacl_lint_super;
:lint;

-- definer-view: worse if its owner is not stopped by policies; also through others
CREATE VIEW "lint_view ""1%" AS SELECT * FROM lint_orders;
CREATE VIEW lint_invoker WITH (security_invoker = on, security_barrier) AS SELECT * FROM lint_orders;
CREATE VIEW lint_outer WITH (security_invoker = 0) AS SELECT * FROM lint_invoker;
CREATE VIEW lint_other AS SELECT 1 AS one;
ALTER VIEW lint_outer OWNER TO regress_tacl_lint_owner;
ALTER VIEW "lint_view ""1%" OWNER TO regress_tacl_lint_super;
:lint;
ALTER TABLE lint_orders NO FORCE ROW LEVEL SECURITY;
:lint;
ALTER TABLE lint_orders FORCE ROW LEVEL SECURITY;
:fix \gexec
:lint;

-- materialized-view: only if others may read it
CREATE MATERIALIZED VIEW lint_materialized AS SELECT * FROM lint_invoker;
:lint;
GRANT SELECT ON lint_materialized TO regress_tacl_lint_reader;
GRANT SELECT (id) ON lint_materialized TO PUBLIC;
:lint;
:fix \gexec
:lint;

-- definer-function: what a body that is kept parsed depends on
CREATE FUNCTION lint_definer(integer) RETURNS bigint LANGUAGE sql SECURITY DEFINER BEGIN ATOMIC SELECT count(*) FROM lint_orders; END;
CREATE FUNCTION lint_invoker() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM lint_orders; END;
CREATE FUNCTION lint_definer_by_view() RETURNS bigint LANGUAGE sql SECURITY DEFINER BEGIN ATOMIC SELECT count(*) FROM lint_invoker; END;
CREATE FUNCTION lint_definer_stopped() RETURNS bigint LANGUAGE sql SECURITY DEFINER BEGIN ATOMIC SELECT count(*) FROM lint_orders; END;
ALTER FUNCTION lint_definer(integer) OWNER TO regress_tacl_lint_super;
ALTER FUNCTION lint_definer_by_view() OWNER TO regress_tacl_lint_bypass;
ALTER FUNCTION lint_definer_stopped() OWNER TO regress_tacl_lint_owner;
:lint;
DROP FUNCTION lint_definer(integer), lint_invoker(), lint_definer_by_view(), lint_definer_stopped();
DROP MATERIALIZED VIEW lint_materialized;
DROP VIEW lint_outer, lint_invoker, "lint_view ""1%", lint_other;
DROP TABLE lint_orders;
DROP ROLE regress_tacl_lint_owner, regress_tacl_lint_super, regress_tacl_lint_bypass, regress_tacl_lint_reader;
