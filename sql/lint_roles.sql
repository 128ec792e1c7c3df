-- tacl_lint(): database roles that policies do not stop, or that hold too much.

\pset format unaligned
\pset footer off
SET client_min_messages = warning;
CREATE FUNCTION pg_temp.lint() RETURNS TABLE (severity text, object text, finding text, fix text) LANGUAGE sql AS $$
    SELECT severity, object, replace(finding, quote_ident(current_database()), '<database>'),
           replace(regexp_replace(fix, ' GRANTED BY .*', ' ...'), quote_ident(current_database()), '<database>')
    FROM tacl_lint()
    WHERE object ~ '^role .*regress_tacl_lint' OR (object ~ '^parameter' AND finding ~ 'PUBLIC')
$$;
CREATE FUNCTION pg_temp.mend() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    found record;
BEGIN
    FOR found IN SELECT * FROM tacl_lint() WHERE object ~ '^role .*regress_tacl_lint' AND fix IS NOT NULL LOOP
        EXECUTE found.fix;
    END LOOP;
    RETURN QUERY SELECT 'still: ' || finding FROM pg_temp.lint();
END $$;

CREATE ROLE regress_tacl_lint_owner;
CREATE ROLE "regress_tacl_lint ""App%" LOGIN;
CREATE TABLE lint_orders (tenant_id text NOT NULL, id bigint, PRIMARY KEY (tenant_id, id));
ALTER TABLE lint_orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY view ON lint_orders USING (tacl_may('lint.view', tenant_id));
ALTER TABLE lint_orders OWNER TO regress_tacl_lint_owner;

-- runtime-temporary: of a role that has something on a protected table, be it one column
SELECT * FROM pg_temp.lint();
GRANT SELECT (id) ON lint_orders TO "regress_tacl_lint ""App%";
SELECT * FROM pg_temp.lint();
SELECT * FROM pg_temp.mend();

-- A role that may become such a role counts as well, a superuser does not
CREATE ROLE regress_tacl_lint_pool LOGIN NOINHERIT;
CREATE ROLE regress_tacl_lint_super LOGIN SUPERUSER;
GRANT "regress_tacl_lint ""App%" TO regress_tacl_lint_pool, regress_tacl_lint_super;
GRANT TEMPORARY ON DATABASE :"DBNAME" TO "regress_tacl_lint ""App%";
SELECT * FROM pg_temp.lint();
SELECT * FROM pg_temp.mend();
DROP ROLE regress_tacl_lint_pool, regress_tacl_lint_super;

-- runtime-create: in the database, and in schemas but the extension's own
CREATE SCHEMA "lint ""schema%";
GRANT CREATE ON DATABASE :"DBNAME" TO "regress_tacl_lint ""App%";
GRANT CREATE ON SCHEMA "lint ""schema%" TO PUBLIC;
SELECT * FROM pg_temp.lint();
SELECT * FROM pg_temp.mend();

-- runtime-owner: temporary and large objects are not meant
CREATE FUNCTION "lint ""schema%".f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
ALTER FUNCTION "lint ""schema%".f() OWNER TO "regress_tacl_lint ""App%";
CREATE TEMPORARY TABLE lint_temporary ();
ALTER TABLE lint_temporary OWNER TO "regress_tacl_lint ""App%";
SELECT lo_create(4242) \gset
ALTER LARGE OBJECT 4242 OWNER TO "regress_tacl_lint ""App%";
SELECT * FROM pg_temp.lint();
ALTER SCHEMA "lint ""schema%" OWNER TO "regress_tacl_lint ""App%";
SELECT * FROM pg_temp.lint();
ALTER SCHEMA "lint ""schema%" OWNER TO CURRENT_USER;
SELECT current_user AS superuser \gset
ALTER DATABASE :"DBNAME" OWNER TO "regress_tacl_lint ""App%";
SELECT * FROM pg_temp.lint();
ALTER DATABASE :"DBNAME" OWNER TO :"superuser";
SELECT lo_unlink(4242) \gset
DROP FUNCTION "lint ""schema%".f();
DROP SCHEMA "lint ""schema%";
DROP TABLE lint_temporary;
SELECT * FROM pg_temp.lint();

-- owner-login: who owns a protected table, and who is a member of its owner
CREATE ROLE regress_tacl_lint_migrate LOGIN IN ROLE regress_tacl_lint_owner;
CREATE TABLE lint_more (tenant_id text PRIMARY KEY);
CREATE POLICY view ON lint_more USING (tacl_may('lint.view', tenant_id));
ALTER TABLE lint_more OWNER TO regress_tacl_lint_owner;
GRANT TEMPORARY ON DATABASE :"DBNAME" TO regress_tacl_lint_migrate;
GRANT SELECT ON lint_orders TO PUBLIC;
SELECT * FROM pg_temp.lint();
ALTER TABLE lint_orders OWNER TO regress_tacl_lint_migrate;
SELECT * FROM pg_temp.lint();
ALTER TABLE lint_orders OWNER TO regress_tacl_lint_owner;
DROP TABLE lint_more;
REVOKE SELECT ON lint_orders FROM PUBLIC;
REVOKE TEMPORARY ON DATABASE :"DBNAME" FROM regress_tacl_lint_migrate;
DROP ROLE regress_tacl_lint_migrate;

-- bypass-rls: its own attribute, or one that it can have by SET ROLE
CREATE ROLE "regress_tacl_lint ""Backup%" LOGIN BYPASSRLS;
CREATE ROLE regress_tacl_lint_all BYPASSRLS;
CREATE ROLE regress_tacl_lint_group;
GRANT regress_tacl_lint_all TO regress_tacl_lint_group;
GRANT regress_tacl_lint_group TO "regress_tacl_lint ""App%";
SELECT * FROM pg_temp.lint();
GRANT regress_tacl_lint_all TO "regress_tacl_lint ""App%";
REVOKE regress_tacl_lint_group FROM "regress_tacl_lint ""App%";
SELECT fix FROM pg_temp.lint();
SELECT * FROM pg_temp.mend();
DROP ROLE "regress_tacl_lint ""Backup%", regress_tacl_lint_all, regress_tacl_lint_group;

-- ... or a superuser that it can become
CREATE ROLE regress_tacl_lint_root SUPERUSER;
GRANT regress_tacl_lint_root TO "regress_tacl_lint ""App%";
SELECT * FROM pg_temp.lint();
SELECT * FROM pg_temp.mend();
DROP ROLE regress_tacl_lint_root;

-- runtime-attribute: of an application's role, itself or as a member; how bad CREATEROLE is depends on the version
CREATE ROLE regress_tacl_lint_dba CREATEROLE REPLICATION LOGIN;
CREATE ROLE regress_tacl_lint_group;
GRANT regress_tacl_lint_dba TO regress_tacl_lint_group;
SELECT * FROM pg_temp.lint();
GRANT regress_tacl_lint_group TO "regress_tacl_lint ""App%";
ALTER ROLE "regress_tacl_lint ""App%" REPLICATION;
SELECT CASE WHEN finding LIKE '%CREATEROLE' AND current_setting('server_version_num')::integer >= 160000 THEN replace(severity, 'warning', 'error')
       ELSE severity END AS severity, object, finding, fix FROM pg_temp.lint() ORDER BY finding COLLATE "C";
GRANT regress_tacl_lint_dba TO "regress_tacl_lint ""App%";
REVOKE regress_tacl_lint_group FROM "regress_tacl_lint ""App%";
ALTER ROLE "regress_tacl_lint ""App%" CREATEROLE;
ALTER ROLE regress_tacl_lint_dba NOCREATEROLE;
SELECT fix FROM pg_temp.lint() ORDER BY 1;
SELECT * FROM pg_temp.mend();
DROP ROLE regress_tacl_lint_dba, regress_tacl_lint_group;

-- parameter-grant
GRANT SET, ALTER SYSTEM ON PARAMETER tacl.user_setting TO "regress_tacl_lint ""App%";
GRANT SET ON PARAMETER tacl.tenant_setting TO PUBLIC;
SELECT * FROM pg_temp.lint();
SELECT * FROM pg_temp.mend();
REVOKE SET ON PARAMETER tacl.tenant_setting FROM PUBLIC;
SELECT * FROM pg_temp.lint();

GRANT TEMPORARY ON DATABASE :"DBNAME" TO PUBLIC;
DROP TABLE lint_orders;
DROP ROLE regress_tacl_lint_owner, "regress_tacl_lint ""App%";
