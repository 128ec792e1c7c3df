-- tacl_lint(): a comment waives what its writer answers for, and nothing else.

\pset format unaligned
\pset footer off
\set lint 'SELECT severity, object, split_part(finding, \':\', 1) AS rule FROM tacl_lint(waived => true) WHERE object ~ \'lint_|tacl_(helper|may)\''
\set all_of '\'tacl: ignore * - x\''
SET client_min_messages = warning;
CREATE ROLE regress_tacl_lint_own;
CREATE ROLE regress_tacl_lint_deputy IN ROLE regress_tacl_lint_own;
CREATE ROLE regress_tacl_lint_mal;
CREATE SCHEMA lint_schema;
GRANT CREATE, USAGE ON SCHEMA lint_schema TO regress_tacl_lint_own, regress_tacl_lint_deputy, regress_tacl_lint_mal;
SET search_path = lint_schema, public;

-- A function of a superuser's, and one of anybody's; a use of it keeps it from being dropped
SET ROLE regress_tacl_lint_mal;
CREATE FUNCTION tacl_may(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
COMMENT ON FUNCTION lint_schema.tacl_may(text, text) IS :all_of;
RESET ROLE;
CREATE FUNCTION tacl_helper() RETURNS boolean LANGUAGE sql AS 'SELECT true';
COMMENT ON FUNCTION tacl_helper() IS :all_of;
:lint;
CREATE TABLE lint_used (org text DEFAULT lint_schema.tacl_may('a', 'b'));
SELECT object, finding, fix FROM tacl_lint() WHERE finding LIKE 'namesake:%';
ALTER EXTENSION tenant_acl ADD FUNCTION tacl_helper();
:lint;
ALTER EXTENSION tenant_acl DROP FUNCTION tacl_helper();
DROP TABLE lint_used;
SELECT fix FROM tacl_lint() WHERE finding LIKE 'namesake:%' \gexec
:lint;
DROP FUNCTION tacl_helper();

-- What is found about a table is for its owner, and who can become it
SET ROLE regress_tacl_lint_own;
CREATE TABLE lint_orders (org text NOT NULL, id bigint UNIQUE, PRIMARY KEY (org, id));
CREATE POLICY view ON lint_orders USING ((SELECT public.tacl_may('lint.view')) AND public.tacl_may('lint.view', org));
CREATE VIEW lint_view AS SELECT * FROM lint_orders;
GRANT SELECT, REFERENCES ON lint_orders TO regress_tacl_lint_mal;
COMMENT ON TABLE lint_orders IS E'tacl: ignore table-grant - needed\ntacl: ignore rls-off - later';
COMMENT ON POLICY view ON lint_orders IS :all_of;
COMMENT ON CONSTRAINT lint_orders_id_key ON lint_orders IS :all_of;
COMMENT ON VIEW lint_view IS :all_of;
SET ROLE regress_tacl_lint_deputy;
CREATE VIEW lint_view_deputy AS SELECT * FROM lint_orders;
COMMENT ON VIEW lint_view_deputy IS :all_of;
RESET ROLE;
:lint;
-- ... not of others, whose own objects look into it
SET ROLE regress_tacl_lint_mal;
CREATE VIEW lint_view_mal AS SELECT * FROM lint_orders;
COMMENT ON VIEW lint_view_mal IS :all_of;
CREATE TABLE lint_probe (id bigint CONSTRAINT lint_probe_fkey REFERENCES lint_orders (id));
COMMENT ON CONSTRAINT lint_probe_fkey ON lint_probe IS :all_of;
COMMENT ON TABLE lint_probe IS :all_of;
CREATE MATERIALIZED VIEW lint_copy AS SELECT * FROM lint_orders;
COMMENT ON MATERIALIZED VIEW lint_copy IS :all_of;
GRANT SELECT ON lint_copy TO PUBLIC;
RESET ROLE;
SELECT severity, object, split_part(finding, ':', 1) AS rule FROM tacl_lint() WHERE object ~ 'lint_';
-- ... but the table's owner can
COMMENT ON TABLE lint_orders IS :all_of;
SELECT severity, object, split_part(finding, ':', 1) AS rule FROM tacl_lint() WHERE object ~ 'lint_';
-- ... nor of what should be the extension's
BEGIN;
ALTER FUNCTION public.tacl_can(text, text) OWNER TO regress_tacl_lint_mal;
SET ROLE regress_tacl_lint_mal;
COMMENT ON FUNCTION public.tacl_can(text, text) IS :all_of;
RESET ROLE;
SELECT severity, object FROM tacl_lint() WHERE finding LIKE 'extension-owner:%';
ROLLBACK;
DROP TABLE lint_orders CASCADE;
DROP TABLE lint_probe;

-- Of roles: whoever creates roles can comment on them, so on itself
CREATE TABLE lint_orders (org text PRIMARY KEY);
ALTER TABLE lint_orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY view ON lint_orders USING (public.tacl_may('lint.view', org));
ALTER ROLE regress_tacl_lint_mal LOGIN;
ALTER ROLE regress_tacl_lint_deputy LOGIN;
GRANT SELECT ON lint_orders TO regress_tacl_lint_mal;
COMMENT ON ROLE regress_tacl_lint_mal IS :all_of;
COMMENT ON ROLE regress_tacl_lint_deputy IS :all_of;
:lint;
CREATE ROLE regress_tacl_lint_dba CREATEROLE;
GRANT regress_tacl_lint_dba TO regress_tacl_lint_mal;
SELECT DISTINCT severity <> 'waived' AS found, split_part(finding, ':', 1) AS rule FROM tacl_lint(true) WHERE object = 'role regress_tacl_lint_mal' ORDER BY 2;

RESET search_path;
DROP SCHEMA lint_schema CASCADE;
DROP ROLE regress_tacl_lint_deputy, regress_tacl_lint_own, regress_tacl_lint_mal, regress_tacl_lint_dba;
