-- tacl_lint(): who can issue tokens, or add keys that they are signed with.

\pset format unaligned
\pset footer off
SET client_min_messages = warning;
CREATE FUNCTION pg_temp.lint() RETURNS TABLE (severity text, object text, finding text, fix text) LANGUAGE sql AS $$
    SELECT severity, object, finding, fix
    FROM tacl_lint()
    WHERE finding LIKE 'token-grant:%' OR (finding LIKE 'extension-grant:%' AND object = 'table tacl.key')
$$;
CREATE FUNCTION pg_temp.mend() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    found record;
BEGIN
    FOR found IN SELECT * FROM pg_temp.lint() LOOP
        EXECUTE found.fix;
    END LOOP;
    RETURN QUERY SELECT 'still: ' || finding FROM pg_temp.lint();
END $$;

CREATE ROLE "regress_tacl_lint ""App%" LOGIN;
CREATE ROLE regress_tacl_lint_issuer LOGIN;
CREATE ROLE regress_tacl_lint_super LOGIN SUPERUSER;
CREATE TABLE lint_orders (tenant_id text NOT NULL);
CREATE POLICY view ON lint_orders USING (tacl_may('lint.view', tenant_id));
GRANT SELECT ON lint_orders TO "regress_tacl_lint ""App%";

-- A service that issues tokens, and has nothing on protected tables, is no finding
SELECT tacl_setup_role('regress_tacl_lint_issuer', 'issuer');
SELECT * FROM pg_temp.lint();

-- token-grant: of PUBLIC, of an application's role, of one that it can run as
GRANT EXECUTE ON FUNCTION tacl_issue_token("any", "any", interval, text, text[], text) TO PUBLIC;
GRANT EXECUTE ON FUNCTION tacl_issue_token("any", text, interval, text, text[], text) TO "regress_tacl_lint ""App%", regress_tacl_lint_super;
SELECT * FROM pg_temp.lint();
SELECT * FROM pg_temp.mend();
GRANT regress_tacl_lint_issuer TO "regress_tacl_lint ""App%";
SELECT severity, finding, count(*) FROM pg_temp.lint() GROUP BY 1, 2;
REVOKE regress_tacl_lint_issuer FROM "regress_tacl_lint ""App%";
SELECT * FROM pg_temp.lint();

-- extension-grant of keys: whoever it is but a superuser; what an operator gets is none
SELECT tacl_setup_role('regress_tacl_lint_issuer', 'operator'), tacl_setup_role('regress_tacl_lint_issuer', 'readonly');
GRANT ALL ON tacl.key TO regress_tacl_lint_super;
SELECT * FROM pg_temp.lint();
GRANT SELECT (kid), UPDATE (leeway) ON tacl.key TO regress_tacl_lint_issuer;
GRANT INSERT, DELETE, TRUNCATE ON tacl.key TO regress_tacl_lint_issuer;
GRANT INSERT, SELECT ON tacl.key TO "regress_tacl_lint ""App%";
GRANT SELECT ON tacl.key TO PUBLIC;
SELECT * FROM pg_temp.lint();
SELECT * FROM pg_temp.mend();
SELECT relacl IS NOT NULL AS changed, (SELECT count(*) FROM aclexplode(relacl) WHERE grantee <> relowner AND grantee <> 'regress_tacl_lint_super'::regrole) AS others
FROM pg_class WHERE oid = 'tacl.key'::regclass;

DROP TABLE lint_orders;
DROP OWNED BY regress_tacl_lint_issuer, regress_tacl_lint_super, "regress_tacl_lint ""App%";
DROP ROLE regress_tacl_lint_issuer, regress_tacl_lint_super, "regress_tacl_lint ""App%";
