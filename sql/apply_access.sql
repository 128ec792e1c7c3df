-- Apply: who may, and when. It takes the tables of the sections that are named, before anything is looked at.
\set SHOW_CONTEXT never

SELECT tacl_create_tenant('acc-a'), tacl_define_role('acc-role', '{x}', 'acc-a'), tacl_assign('ann', 'acc-role', 'acc-a');
CREATE ROLE regress_tacl_operator;

-- Without anything: neither what is there nor what is wrong with the document is told
SET ROLE regress_tacl_operator;
SELECT * FROM tacl_apply('{}');
SELECT * FROM tacl_apply('{"scope": "acc-none"}');
SELECT * FROM tacl_apply('{"roles": 7}');
SELECT * FROM tacl_apply('[{"scope": "acc-a"}, {"assignments": []}]', true);
RESET ROLE;

-- For roles: their tables, and tenants to read
GRANT INSERT, UPDATE, DELETE ON tacl.role, tacl.role_include TO regress_tacl_operator;
SET ROLE regress_tacl_operator;
SELECT * FROM tacl_apply('{"scope": "acc-a", "roles": []}');
RESET ROLE;
GRANT SELECT ON tacl.role, tacl.role_include TO regress_tacl_operator;
SET ROLE regress_tacl_operator;
SELECT * FROM tacl_apply('{"scope": "acc-a", "roles": []}');
RESET ROLE;
GRANT SELECT ON tacl.tenant TO regress_tacl_operator;
SET ROLE regress_tacl_operator;
SELECT * FROM tacl_apply('{"scope": "acc-a", "roles": {"role": "acc-role", "tenant": "acc-a", "permissions": ["y"]}}');
SELECT * FROM tacl_apply('{"scope": "acc-a", "roles": {"role": "acc-role", "tenant": "acc-a", "permissions": ["z"]}, "assignments": []}');
SELECT * FROM tacl_apply('{"scope": "acc-a", "tenants": {"id": "acc-a"}}');
SELECT * FROM tacl_apply('{"scope": "acc-a", "groups": []}');
SELECT * FROM tacl_apply('{"scope": "acc-a", "members": []}');
SELECT * FROM tacl_apply('{"users": []}');
SELECT * FROM tacl_apply('{"permissions": []}');
SELECT * FROM tacl_apply('{"preferences": []}');

-- Every privilege counts, for a dry run as well
RESET ROLE;
REVOKE DELETE ON tacl.role_include FROM regress_tacl_operator;
SET ROLE regress_tacl_operator;
SELECT * FROM tacl_apply('{"scope": "acc-a", "roles": []}', true);
RESET ROLE;
GRANT DELETE ON tacl.role_include TO regress_tacl_operator;

-- Nothing can be written in a read-only transaction, or in a security-restricted operation
BEGIN READ ONLY;
SELECT * FROM tacl_apply('{}');
ROLLBACK;
CREATE FUNCTION acc_apply() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM public.tacl_apply('{"scope": "acc-a", "roles": []}') $$;
CREATE MATERIALIZED VIEW acc_view AS SELECT acc_apply() WITH NO DATA;
REFRESH MATERIALIZED VIEW acc_view;
DROP MATERIALIZED VIEW acc_view;
DROP FUNCTION acc_apply();

-- What is locked: only tables of the sections named, and not for a dry run
CREATE TEMPORARY VIEW locked AS SELECT c.relname, l.mode FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
WHERE l.pid = pg_backend_pid() AND l.mode = 'ShareRowExclusiveLock' ORDER BY c.relname COLLATE "C";
BEGIN;
SELECT operation FROM tacl_apply('{"scope": "acc-a", "assignments": []}', true);
TABLE locked;
ROLLBACK;
BEGIN;
SELECT operation FROM tacl_apply('{"scope": "acc-a", "assignments": []}');
TABLE locked;
SELECT operation FROM tacl_apply('{"scope": "acc-a", "roles": []}');
TABLE locked;
SELECT operation FROM tacl_apply('{"scope": "acc-a", "groups": [], "members": [], "tenants": []}');
TABLE locked;
ROLLBACK;

-- A call that finds nothing to do writes nothing
BEGIN;
SELECT * FROM tacl_apply((SELECT jsonb_agg(e) FROM tacl_export('acc-a') AS e));
SELECT pg_current_xact_id_if_assigned() IS NULL AS wrote_nothing;
ROLLBACK;

-- Under an old snapshot
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM tacl.assignment WHERE tenant = 'acc-a';
SELECT operation, object FROM tacl_apply('{"scope": "acc-a", "assignments": {"user": "bob", "role": "acc-role", "tenant": "acc-a"}, "roles": {"role": "acc-role", "tenant": "acc-a", "permissions": ["x", "y"]}}');
SELECT * FROM tacl_export('acc-a');
SELECT tacl_can('ann', 'x', 'acc-a') AS ann, tacl_can('bob', 'y', 'acc-a') AS bob;
ROLLBACK;
SELECT tacl_can('ann', 'y', 'acc-a') AS ann, tacl_can('bob', 'y', 'acc-a') AS bob;

-- Every row must be written: what a trigger of somebody else keeps back is an error
CREATE FUNCTION acc_skip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER acc_skip BEFORE INSERT OR DELETE ON tacl.assignment FOR EACH ROW EXECUTE FUNCTION acc_skip();
SELECT operation FROM tacl_apply('{"scope": "acc-a", "assignments": []}');
DROP TRIGGER acc_skip ON tacl.assignment;
DROP FUNCTION acc_skip();

DROP OWNED BY regress_tacl_operator;
DROP ROLE regress_tacl_operator;
SELECT tacl_drop_tenant('acc-a', true);
