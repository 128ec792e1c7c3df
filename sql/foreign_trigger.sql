-- Others' triggers on the extension's tables never run as the owner.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE ROLE regress_tacl_trigger;
CREATE SCHEMA regress_evil AUTHORIZATION regress_tacl_trigger;
GRANT USAGE ON SCHEMA tacl TO regress_tacl_trigger;
GRANT TRIGGER ON ALL TABLES IN SCHEMA tacl TO regress_tacl_trigger;
SELECT tacl_create_tenant('ft-org'), tacl_define_role('ft-viewer', '{ft.view}');
SET ROLE regress_tacl_trigger;
CREATE FUNCTION regress_evil.pwn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN EXECUTE 'ALTER ROLE regress_tacl_trigger SUPERUSER'; RETURN NULL; END $$;
CREATE FUNCTION regress_evil.pwned() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN EXECUTE 'ALTER ROLE regress_tacl_trigger SUPERUSER'; RETURN true; END $$;
RESET ROLE;
-- what is so after an attempt
CREATE FUNCTION pg_temp.harm() RETURNS TABLE (super boolean, tenants bigint, assigned bigint) LANGUAGE sql AS $$
    SELECT rolsuper, (SELECT count(*) FROM tacl.tenant WHERE id LIKE 'ft-%'), (SELECT count(*) FROM tacl.assignment WHERE user_id LIKE 'ft-%')
    FROM pg_roles WHERE rolname = 'regress_tacl_trigger' $$;

-- on the audit: by functions, and by direct statements
SET ROLE regress_tacl_trigger;
CREATE TRIGGER a BEFORE INSERT ON tacl.audit FOR EACH ROW EXECUTE FUNCTION regress_evil.pwn();
RESET ROLE;
SELECT tacl_create_tenant('ft-other');
INSERT INTO tacl.user_account (user_id, disabled_at) VALUES ('ft-bob', now());
SELECT tacl_assign('ft-bob', 'ft-viewer', 'ft-org');
SELECT * FROM pg_temp.harm();
DROP TRIGGER a ON tacl.audit;

-- on each of the others, whatever is written: a cascade may reach it
SET ROLE regress_tacl_trigger;
CREATE TRIGGER "a ""%" AFTER DELETE ON tacl.role_include EXECUTE FUNCTION regress_evil.pwn();
RESET ROLE;
SELECT tacl_assign('ft-bob', 'ft-viewer', 'ft-org');
SELECT tacl_drop_role('ft-viewer');
DROP TRIGGER "a ""%" ON tacl.role_include;

-- by the cascade of a direct statement, with all that a grant of all gives
SELECT tacl_define_role('ft-base', '{ft.base}'), tacl_define_role('ft-viewer', '{ft.view}', includes => '{ft-base}');
GRANT SELECT, DELETE ON tacl.role, tacl.user_group TO regress_tacl_trigger;
SET ROLE regress_tacl_trigger;
CREATE TRIGGER a BEFORE DELETE ON tacl.role_include FOR EACH ROW EXECUTE FUNCTION regress_evil.pwn();
DELETE FROM tacl.role WHERE name = 'ft-viewer';
RESET ROLE;
DROP TRIGGER a ON tacl.role_include;
SELECT * FROM pg_temp.harm();
SELECT bool_and(tgname < 'RI_' COLLATE "C") AS first, count(*) FROM pg_trigger WHERE tgname = 'GUARD_CASCADE';
SET ROLE regress_tacl_trigger;
CREATE TRIGGER a BEFORE INSERT ON tacl.assignment FOR EACH ROW EXECUTE FUNCTION regress_evil.pwn();
RESET ROLE;
SELECT tacl_assign('ft-bob', 'ft-viewer', 'ft-org');
SELECT * FROM pg_temp.harm();
DROP TRIGGER a ON tacl.assignment;

-- by the condition, with a superuser's function
SET ROLE regress_tacl_trigger;
CREATE TRIGGER a BEFORE INSERT ON tacl.audit FOR EACH ROW WHEN (regress_evil.pwned())
    EXECUTE FUNCTION pg_catalog.tsvector_update_trigger('a', 'b', 'c');
RESET ROLE;
SELECT tacl_assign('ft-bob', 'ft-viewer', 'ft-org');
SELECT * FROM pg_temp.harm();
DROP TRIGGER a ON tacl.audit;

-- on preferences, which are written alone; and only these then
SET ROLE regress_tacl_trigger;
CREATE TRIGGER a BEFORE INSERT OR UPDATE OR DELETE ON tacl.user_preference FOR EACH ROW EXECUTE FUNCTION regress_evil.pwn();
RESET ROLE;
SELECT tacl_grant('ft-bob', 'ft.some', 'ft-org');
SELECT tacl_set_primary('ft-bob', 'ft-org');
SELECT tacl_set_primary('ft-bob', NULL);
SELECT tacl_remember_tenant('ft-bob', 'ft-org');
SELECT operation FROM tacl_apply('{"preferences": [{"user": "ft-bob", "primary": "ft-org"}]}');
DROP TRIGGER a ON tacl.user_preference;
SELECT tacl_set_primary('ft-bob', 'ft-org');
SET ROLE regress_tacl_trigger;
CREATE TRIGGER a BEFORE INSERT OR UPDATE OR DELETE ON tacl.user_preference FOR EACH ROW EXECUTE FUNCTION regress_evil.pwn();
RESET ROLE;
SELECT operation FROM tacl_apply('{"preferences": []}');
DROP TRIGGER a ON tacl.user_preference;
SET ROLE regress_tacl_trigger;
CREATE TRIGGER a BEFORE INSERT ON tacl.assignment FOR EACH ROW EXECUTE FUNCTION regress_evil.pwn();
RESET ROLE;
SELECT tacl_remember_tenant('ft-bob', 'ft-org'), tacl_set_primary('ft-bob', NULL);
DROP TRIGGER a ON tacl.assignment;
DELETE FROM tacl.user_preference WHERE user_id = 'ft-bob';
SELECT tacl_revoke('ft-bob', 'ft.some', 'ft-org');
SELECT * FROM pg_temp.harm();

-- found as soon as it is one, whatever makes it so, and no longer than that
CREATE FUNCTION ft_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE ROLE regress_tacl_once SUPERUSER;
CREATE TRIGGER a BEFORE INSERT ON tacl.assignment FOR EACH ROW EXECUTE FUNCTION ft_once();
SELECT tacl_grant('ft-bob', 'ft.1', 'ft-org');
ALTER FUNCTION ft_once() OWNER TO regress_tacl_trigger;
SELECT tacl_grant('ft-bob', 'ft.2', 'ft-org');
ALTER FUNCTION ft_once() OWNER TO regress_tacl_once;
SELECT tacl_grant('ft-bob', 'ft.2', 'ft-org');
ALTER ROLE regress_tacl_once NOSUPERUSER;
SELECT tacl_grant('ft-bob', 'ft.3', 'ft-org');
BEGIN;
DROP TRIGGER a ON tacl.assignment;
SELECT tacl_grant('ft-bob', 'ft.3', 'ft-org');
ROLLBACK;
SELECT tacl_grant('ft-bob', 'ft.3', 'ft-org');
BEGIN;
SAVEPOINT s;
DROP TRIGGER a ON tacl.assignment;
SELECT tacl_grant('ft-bob', 'ft.3', 'ft-org');
ROLLBACK TO s;
SELECT tacl_grant('ft-bob', 'ft.4', 'ft-org');
ROLLBACK;
DROP TRIGGER a ON tacl.assignment;
SELECT tacl_grant('ft-bob', 'ft.3', 'ft-org');
DROP FUNCTION ft_once();
DROP ROLE regress_tacl_once;
SELECT array_agg(tacl_revoke('ft-bob', pattern, 'ft-org')) FROM tacl.assignment WHERE user_id = 'ft-bob';
SELECT * FROM pg_temp.harm();

-- the owner's and superusers' triggers run as before
CREATE FUNCTION ft_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'noted'; RETURN NEW; END $$;
CREATE TRIGGER a BEFORE INSERT ON tacl.assignment FOR EACH ROW WHEN (NEW.user_id = 'ft-bob') EXECUTE FUNCTION ft_note();
SELECT tacl_assign('ft-bob', 'ft-viewer', 'ft-org');
SELECT * FROM pg_temp.harm();
DROP TRIGGER a ON tacl.assignment;
DROP FUNCTION ft_note();

SELECT tacl_unassign('ft-bob', 'ft-viewer', 'ft-org'), tacl_drop_role('ft-viewer'), tacl_drop_role('ft-base'), tacl_drop_tenant('ft-org');
DROP FUNCTION pg_temp.harm();
DROP SCHEMA regress_evil CASCADE;
DROP OWNED BY regress_tacl_trigger;
DROP ROLE regress_tacl_trigger;
