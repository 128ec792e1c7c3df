-- tacl_setup_role(): what it grants and says, once; whom it refuses.

\set SHOW_CONTEXT never
\pset format unaligned
\pset footer off
CREATE ROLE regress_tacl_app LOGIN;
CREATE ROLE "regress_tacl ""App'%s\
two" NOLOGIN;
CREATE ROLE regress_tacl_other;

--
-- Grants
--

-- EXECUTE on what the application needs is PUBLIC's: nothing is left to grant
SELECT tacl_setup_role('regress_tacl_app', 'runtime');

-- Hostile names, and a search_path in which nothing is what it seems
CREATE SCHEMA evil;
CREATE DOMAIN evil.text AS integer;
CREATE DOMAIN evil."interval" AS integer;
CREATE FUNCTION evil.caught(oid, oid) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE ''caught''; END';
CREATE OPERATOR evil.= (FUNCTION = evil.caught, LEFTARG = oid, RIGHTARG = oid);
CREATE FUNCTION evil.tacl_issue_token() RETURNS pg_catalog.text LANGUAGE sql AS 'SELECT NULL::pg_catalog.text';
CREATE FUNCTION public.tacl_flush(integer) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE TABLE evil.assignment ();
REVOKE EXECUTE ON FUNCTION public.tacl_flush(integer) FROM PUBLIC;
SET search_path = evil, pg_catalog, public;
SELECT tacl_setup_role(E'regress_tacl "App\'%s\\\ntwo', 'issuer');
SELECT tacl_setup_role(E'regress_tacl "App\'%s\\\ntwo', 'operator');
SHOW search_path;
RESET search_path;
SELECT tacl_setup_role(E'regress_tacl "App\'%s\\\ntwo', 'issuer'), tacl_setup_role(E'regress_tacl "App\'%s\\\ntwo', 'operator'),
       tacl_setup_role(E'regress_tacl "App\'%s\\\ntwo', 'readonly'), tacl_setup_role(E'regress_tacl "App\'%s\\\ntwo', 'runtime');
SELECT has_function_privilege(oid, 'public.tacl_flush(integer)', 'EXECUTE') AS namesake,
       has_table_privilege(oid, 'evil.assignment', 'SELECT') AS namesake_table
FROM pg_roles WHERE rolname ~ '^regress_tacl "App';
DROP FUNCTION public.tacl_flush(integer);
SET client_min_messages = warning;
DROP SCHEMA evil CASCADE;
RESET client_min_messages;

-- Only what is missing; what a role has from another is not its own
GRANT SELECT ON tacl.role, tacl.assignment TO regress_tacl_app;
GRANT UPDATE (name) ON tacl.role TO regress_tacl_app;
GRANT DELETE ON tacl.tenant TO PUBLIC;
GRANT "regress_tacl ""App'%s\
two" TO regress_tacl_app;
SELECT tacl_setup_role('regress_tacl_app', 'operator');
REVOKE INSERT, DELETE ON tacl.user_account FROM regress_tacl_app;
SELECT tacl_setup_role('regress_tacl_app', 'operator');
REVOKE DELETE ON tacl.tenant FROM PUBLIC;

-- It can be undone, and is rolled back
BEGIN;
REVOKE EXECUTE ON FUNCTION tacl_user() FROM PUBLIC;
SELECT tacl_setup_role('regress_tacl_app', 'runtime');
ROLLBACK;
DROP OWNED BY regress_tacl_app;
SELECT count(*) FROM pg_shdepend WHERE refobjid = 'regress_tacl_app'::regrole;

-- What it says is what it did
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT tacl_setup_role('regress_tacl_app', 'readonly');
RESET client_min_messages;
ROLLBACK;
GRANT USAGE ON SCHEMA tacl TO regress_tacl_app;
GRANT SELECT ON TABLE tacl.tenant, tacl.role, tacl.role_include, tacl.assignment, tacl.user_account, tacl.user_group,
    tacl.group_member, tacl.group_include TO regress_tacl_app;
SELECT tacl_setup_role('regress_tacl_app', 'readonly');

--
-- Refusals
--

-- Of who calls: EXECUTE is not PUBLIC's, and is not enough
SET ROLE regress_tacl_other;
SELECT tacl_setup_role('no_such', 'none');
RESET ROLE;
GRANT EXECUTE ON FUNCTION tacl_setup_role(name, text) TO regress_tacl_other;
GRANT SELECT ON tacl.tenant TO regress_tacl_other WITH GRANT OPTION;
SET ROLE regress_tacl_other;
SELECT tacl_setup_role(NULL, 'none');
RESET ROLE;
DROP OWNED BY regress_tacl_other;
CREATE MATERIALIZED VIEW setup_view AS SELECT tacl_setup_role('regress_tacl_other', 'operator');
BEGIN READ ONLY;
SELECT tacl_setup_role('regress_tacl_other', 'readonly');
ROLLBACK;

-- Of arguments
SELECT tacl_setup_role(NULL, 'runtime');
SELECT tacl_setup_role('regress_tacl_other', NULL);
SELECT tacl_setup_role('regress_tacl_none', 'runtime');
SELECT tacl_setup_role('regress_tacl_other', 'Runtime');
SELECT tacl_setup_role('regress_tacl_other', '');
SELECT tacl_setup_role('public', 'runtime');
SELECT tacl_setup_role('pg_read_all_data', 'readonly');
SELECT tacl_setup_role('PUBLIC', 'runtime');

-- Of roles that have too much; who bypasses policies may still migrate
ALTER ROLE regress_tacl_other SUPERUSER;
SELECT tacl_setup_role('regress_tacl_other', 'readonly');
ALTER ROLE regress_tacl_other NOSUPERUSER BYPASSRLS;
SELECT tacl_setup_role('regress_tacl_other', 'runtime');
SELECT tacl_setup_role('regress_tacl_other', 'issuer');

-- Of a role that owns the tables, or can; and by an owner who is no superuser
BEGIN;
CREATE ROLE regress_tacl_owner;
CREATE ROLE regress_tacl_member IN ROLE regress_tacl_owner;
CREATE ROLE regress_tacl_heir NOINHERIT IN ROLE regress_tacl_owner;
DO $$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN SELECT oid FROM pg_class WHERE relnamespace = 'tacl'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO regress_tacl_owner', relation);
    END LOOP;
END $$;
ALTER SCHEMA tacl OWNER TO regress_tacl_owner;
GRANT EXECUTE ON FUNCTION tacl_setup_role(name, text) TO regress_tacl_member;
SAVEPOINT owned;
SELECT tacl_setup_role('regress_tacl_owner', 'operator');
ROLLBACK TO owned;
SELECT tacl_setup_role('regress_tacl_member', 'operator');
ROLLBACK TO owned;
SELECT tacl_setup_role('regress_tacl_heir', 'operator');
ROLLBACK TO owned;
SET LOCAL ROLE regress_tacl_member;
SELECT tacl_setup_role('regress_tacl_other', 'readonly');
SELECT DISTINCT a.grantor::regrole, a.grantee::regrole, a.privilege_type
FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS a
WHERE c.oid = 'tacl.group_include'::regclass AND a.grantee = 'regress_tacl_other'::regrole;

-- It can grant nothing on a function that is not his, and not all on a table
SELECT tacl_setup_role('regress_tacl_app', 'issuer');
ROLLBACK TO owned;
GRANT EXECUTE ON FUNCTION tacl_stats(), tacl_flush(), tacl_audit_purge(timestamptz) TO regress_tacl_other;
GRANT SELECT ON tacl.audit TO regress_tacl_other;
ALTER TABLE tacl.group_include OWNER TO CURRENT_USER;
GRANT SELECT, INSERT ON tacl.group_include TO regress_tacl_member WITH GRANT OPTION;
SET LOCAL ROLE regress_tacl_member;
SET LOCAL client_min_messages = warning;
SELECT tacl_setup_role('regress_tacl_other', 'operator');
ROLLBACK;

DROP OWNED BY regress_tacl_app, regress_tacl_other, "regress_tacl ""App'%s\
two";
DROP ROLE regress_tacl_app, regress_tacl_other, "regress_tacl ""App'%s\
two";
