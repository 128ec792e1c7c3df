-- tacl_lint(): the extension's own objects, and what stands beside them.

\pset format unaligned
\pset footer off
SET client_min_messages = warning;
CREATE TEMPORARY TABLE names AS
SELECT quote_ident(current_database()) AS database, extowner::regrole::text AS owner FROM pg_extension WHERE extname = 'tenant_acl';
CREATE FUNCTION pg_temp.lint(rule text) RETURNS TABLE (severity text, object text, finding text, fix text) LANGUAGE sql AS $$
    SELECT severity, replace(object, database, '<database>'), replace(finding, owner, '<owner>'),
           replace(replace(fix, owner, '<owner>'), database, '<database>')
    FROM tacl_lint(), names
    WHERE finding LIKE rule || ':%'
$$;
CREATE FUNCTION pg_temp.mend(rule text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    found record;
BEGIN
    FOR found IN SELECT * FROM tacl_lint() WHERE finding LIKE rule || ':%' AND fix IS NOT NULL LOOP
        EXECUTE found.fix;
    END LOOP;
    RETURN QUERY SELECT 'still: ' || finding FROM pg_temp.lint(rule);
END $$;

-- not-preloaded: what there is stays
ALTER DATABASE :"DBNAME" SET session_preload_libraries = 'auto_explain', '$libdir/plugins/a "b"';
SELECT * FROM pg_temp.lint('not-preloaded');
SELECT * FROM pg_temp.mend('not-preloaded');
SELECT line FROM pg_db_role_setting, unnest(setconfig) AS line, pg_database
WHERE setdatabase = pg_database.oid AND datname = current_database() AND setrole = 0 AND line LIKE 'session_preload%';
ALTER DATABASE :"DBNAME" SET session_preload_libraries = '';
SELECT * FROM pg_temp.mend('not-preloaded');
ALTER DATABASE :"DBNAME" SET session_preload_libraries = 'my_tenant_acl';
SELECT * FROM pg_temp.lint('not-preloaded');
ALTER DATABASE :"DBNAME" RESET session_preload_libraries;
SELECT * FROM pg_temp.lint('not-preloaded');

-- not-preloaded: a role's own value hides the database's, unless it cannot matter
CREATE ROLE "regress_tacl_lint ""App%" LOGIN;
CREATE ROLE regress_tacl_lint_super LOGIN SUPERUSER;
CREATE ROLE regress_tacl_lint_group;
ALTER ROLE "regress_tacl_lint ""App%" SET session_preload_libraries = 'auto_explain', 'a "b"';
ALTER ROLE regress_tacl_lint_super SET session_preload_libraries = 'auto_explain';
ALTER ROLE regress_tacl_lint_group SET session_preload_libraries = 'auto_explain';
ALTER DATABASE :"DBNAME" SET session_preload_libraries = 'tenant_acl';
SELECT * FROM pg_temp.lint('not-preloaded');
ALTER ROLE "regress_tacl_lint ""App%" IN DATABASE :"DBNAME" SET session_preload_libraries = '';
SELECT * FROM pg_temp.lint('not-preloaded');
SELECT * FROM pg_temp.mend('not-preloaded');
ALTER ROLE "regress_tacl_lint ""App%" SET session_preload_libraries = 'tenant_acl';
ALTER ROLE "regress_tacl_lint ""App%" IN DATABASE :"DBNAME" SET session_preload_libraries = 'auto_explain';
SELECT object FROM pg_temp.lint('not-preloaded');
ALTER DATABASE :"DBNAME" RESET session_preload_libraries;
ALTER ROLE "regress_tacl_lint ""App%" IN DATABASE :"DBNAME" RESET session_preload_libraries;
SELECT object FROM pg_temp.lint('not-preloaded');
DROP ROLE "regress_tacl_lint ""App%", regress_tacl_lint_super, regress_tacl_lint_group;

-- signal-trigger: dropped, disabled, not ALWAYS, replaced by one that fires less
SELECT * FROM pg_temp.lint('signal-trigger');
DROP TRIGGER signal_row ON tacl.tenant;
ALTER TABLE tacl.role DISABLE TRIGGER signal_row;
ALTER TABLE tacl.role_include ENABLE TRIGGER signal_row;
ALTER TABLE tacl.user_account ENABLE REPLICA TRIGGER signal_truncate;
CREATE OR REPLACE TRIGGER signal_row AFTER INSERT OR UPDATE OR DELETE ON tacl.user_group FOR EACH ROW WHEN (pg_trigger_depth() = 7) EXECUTE FUNCTION tacl.signal();
CREATE OR REPLACE TRIGGER signal_row AFTER INSERT OR UPDATE OF user_id OR DELETE ON tacl.group_member FOR EACH ROW EXECUTE FUNCTION tacl.signal();
CREATE OR REPLACE TRIGGER signal_row AFTER INSERT OR DELETE ON tacl.group_include FOR EACH ROW EXECUTE FUNCTION tacl.signal();
CREATE OR REPLACE TRIGGER signal_row AFTER INSERT OR UPDATE OR DELETE ON tacl.assignment FOR EACH ROW EXECUTE FUNCTION tacl.guard_row();
ALTER TABLE tacl.user_group ENABLE ALWAYS TRIGGER signal_row;
ALTER TABLE tacl.group_member ENABLE ALWAYS TRIGGER signal_row;
ALTER TABLE tacl.group_include ENABLE ALWAYS TRIGGER signal_row;
ALTER TABLE tacl.assignment ENABLE ALWAYS TRIGGER signal_row;
SELECT * FROM pg_temp.lint('signal-trigger');
SELECT * FROM pg_temp.mend('signal-trigger');
SELECT DISTINCT tgname, tgenabled, tgtype FROM pg_trigger WHERE tgfoid = 'tacl.signal'::regproc ORDER BY 1;

-- trigger-off: guards
ALTER TABLE tacl.tenant DISABLE TRIGGER guard_row;
SELECT * FROM pg_temp.lint('trigger-off');
SELECT * FROM pg_temp.mend('trigger-off');

-- extension-owner
CREATE ROLE regress_tacl_lint;
ALTER TABLE tacl.assignment OWNER TO regress_tacl_lint;
ALTER VIEW tacl.proxy_user_07 OWNER TO regress_tacl_lint;
ALTER FUNCTION tacl_can(text, text, "any") OWNER TO regress_tacl_lint;
ALTER SCHEMA tacl OWNER TO regress_tacl_lint;
SELECT * FROM pg_temp.lint('extension-owner');
SELECT * FROM pg_temp.lint('schema-create');
SELECT * FROM pg_temp.mend('extension-owner');

-- extension-grant: what an operator needs is no hole, unless an application can be the operator
CREATE ROLE regress_tacl_lint_app LOGIN;
CREATE TABLE lint_orders (tenant_id text NOT NULL);
CREATE POLICY view ON lint_orders USING (tacl_may('lint.view', tenant_id));
GRANT SELECT ON lint_orders TO regress_tacl_lint_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON tacl.assignment TO regress_tacl_lint;
GRANT SELECT ON tacl.assignment TO regress_tacl_lint_app;
SELECT * FROM pg_temp.lint('extension-grant');
GRANT TRIGGER ON tacl.permission TO regress_tacl_lint;
GRANT SELECT (user_id) ON tacl.assignment TO PUBLIC;
GRANT INSERT ON tacl.user_preference TO regress_tacl_lint;
GRANT ALL ON SEQUENCE tacl.audit_id_seq TO regress_tacl_lint;
GRANT EXECUTE ON FUNCTION tacl_audit_purge TO regress_tacl_lint, PUBLIC;
GRANT regress_tacl_lint TO regress_tacl_lint_app;
SELECT * FROM pg_temp.lint('extension-grant');
SELECT * FROM pg_temp.mend('extension-grant');
DROP TABLE lint_orders;
REVOKE SELECT ON tacl.assignment FROM regress_tacl_lint_app;
DROP ROLE regress_tacl_lint_app;

-- schema-create: on the schema of the functions, and on that of the tables
GRANT CREATE ON SCHEMA public TO PUBLIC;
GRANT CREATE ON SCHEMA tacl TO regress_tacl_lint;
SELECT * FROM pg_temp.lint('schema-create');
SELECT * FROM pg_temp.mend('schema-create');

-- namesake: worse if it bears the very name
CREATE FUNCTION tacl_helper() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE SCHEMA "lint ""schema%";
CREATE PROCEDURE "lint ""schema%".tacl_can(INOUT a text, b "any") LANGUAGE internal AS 'now';
CREATE AGGREGATE "lint ""schema%".tacl_may(text) (SFUNC = textcat, STYPE = text, INITCOND = '');
CREATE FUNCTION pg_temp.tacl_may(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
SELECT * FROM pg_temp.lint('namesake');
SELECT * FROM pg_temp.mend('namesake');
DROP SCHEMA "lint ""schema%";

REVOKE SELECT, INSERT, UPDATE, DELETE ON tacl.assignment FROM regress_tacl_lint;
DROP OWNED BY regress_tacl_lint;
DROP ROLE regress_tacl_lint;
