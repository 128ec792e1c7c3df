-- tacl_lint(): who is told what, what a comment waives, and the caller's search_path.

\pset format unaligned
\pset footer off

CREATE ROLE regress_tacl_lint_ann;
CREATE ROLE regress_tacl_lint_bob LOGIN;
CREATE ROLE regress_tacl_lint_nobody;
CREATE ROLE regress_tacl_lint_monitor IN ROLE pg_read_all_settings;
CREATE TABLE lint_ann (tenant_id text NOT NULL, name text UNIQUE, PRIMARY KEY (tenant_id, name));
CREATE TABLE lint_bob (tenant_id text NOT NULL);
CREATE POLICY view ON lint_ann USING (tacl_may('lint.view', tenant_id));
CREATE POLICY view ON lint_bob USING ((SELECT tacl_may('lint.view')));
ALTER TABLE lint_ann OWNER TO regress_tacl_lint_ann;
ALTER TABLE lint_bob OWNER TO regress_tacl_lint_bob;
CREATE VIEW lint_bob_on_ann AS SELECT * FROM lint_ann;
ALTER VIEW lint_bob_on_ann OWNER TO regress_tacl_lint_bob;
GRANT TRIGGER ON tacl.tenant TO regress_tacl_lint_nobody;
ALTER DATABASE :"DBNAME" SET session_preload_libraries = 'plpgsql';

-- A superuser, an owner of tables, somebody else, a monitor
SELECT severity, replace(object, quote_ident(current_database()), '<database>') AS object, split_part(finding, ':', 1) AS rule
FROM tacl_lint() WHERE object ~ 'lint_|tacl' OR finding LIKE 'not-preloaded:%' AND object = 'database ' || quote_ident(current_database());
SET ROLE regress_tacl_lint_ann;
SELECT * FROM tacl_lint();
SET ROLE regress_tacl_lint_bob;
SELECT severity, object, split_part(finding, ':', 1) AS rule FROM tacl_lint();
SET ROLE regress_tacl_lint_nobody;
SELECT * FROM tacl_lint();
SET ROLE regress_tacl_lint_monitor;
SELECT count(*) > 6 AS all, count(*) FILTER (WHERE finding LIKE 'not-preloaded:%') AS settings FROM tacl_lint();
RESET ROLE;

--
-- A comment waives: on the object, on the table, by rule or all; with a reason
--
COMMENT ON TABLE lint_ann IS E'Orders.\ntacl: ignore rls-off - checked by the application\n tacl: ignore unprotected-key - no such rule';
COMMENT ON CONSTRAINT lint_ann_name_key ON lint_ann IS 'tacl: ignore unique-key -  names are public ';
COMMENT ON POLICY view ON lint_bob IS 'tacl: ignore * - a test';
COMMENT ON VIEW lint_bob_on_ann IS E'tacl: ignore\ntacl: ignore definer-view\ntacl: ignore definer-view -\ntacl: ignore definer-vie. - x\nfoo tacl: ignore definer-view - x';
COMMENT ON ROLE regress_tacl_lint_bob IS 'tacl: ignore owner-login - migrates';
SELECT severity, object, split_part(finding, ':', 1) AS rule FROM tacl_lint() WHERE object ~ 'lint_';
SELECT severity, object, finding FROM tacl_lint(waived => true) WHERE object ~ 'lint_' AND severity = 'waived';
SELECT count(*) FROM tacl_lint(NULL) WHERE severity = 'waived';

--
-- Names of the caller's, and of a hostile schema, mean nothing to it
--
CREATE SCHEMA evil;
DO $$
DECLARE
    op text;
    pair text;
BEGIN
    CREATE FUNCTION evil.caught() RETURNS boolean LANGUAGE plpgsql AS
        $f$ BEGIN RAISE EXCEPTION 'something in schema evil was used'; END $f$;
    FOREACH pair IN ARRAY '{"oid,oid", "oid,integer", "name,text", "name,name", "text,text", "\"char\",\"char\"", "\"char\",text",
                            "smallint,smallint", "smallint[],smallint[]", "regclass,oid", "oid,regclass", "regclass,regclass"}'::text[] LOOP
        EXECUTE format('CREATE FUNCTION evil.trap(%1$s) RETURNS boolean LANGUAGE sql AS ''SELECT evil.caught()''', pair);
        FOREACH op IN ARRAY '{=, <>, <, ~, &&, @>, ||}'::text[] LOOP
            EXECUTE format('CREATE OPERATOR evil.%s (FUNCTION = evil.trap, LEFTARG = %s, RIGHTARG = %s)',
                           op, split_part(pair, ',', 1), split_part(pair, ',', 2));
        END LOOP;
    END LOOP;
END $$;
CREATE FUNCTION evil.pg_has_role(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT evil.caught()';
CREATE FUNCTION evil.format(text, VARIADIC "any") RETURNS text LANGUAGE internal AS 'text_format';
CREATE TABLE evil.pg_class (oid oid);
CREATE TABLE evil.pg_policy (oid oid);
CREATE TEMPORARY TABLE pg_policy (oid oid);
SET search_path = evil, pg_temp, pg_catalog, public;
SELECT severity, object, fix FROM public.tacl_lint() WHERE object OPERATOR(pg_catalog.~) 'lint_';
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA evil CASCADE;

COMMENT ON ROLE regress_tacl_lint_bob IS NULL;
ALTER DATABASE :"DBNAME" RESET session_preload_libraries;
REVOKE TRIGGER ON tacl.tenant FROM regress_tacl_lint_nobody;
DROP VIEW lint_bob_on_ann;
DROP TABLE lint_ann, lint_bob;
DROP ROLE regress_tacl_lint_ann, regress_tacl_lint_bob, regress_tacl_lint_nobody, regress_tacl_lint_monitor;
