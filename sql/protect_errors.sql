-- What tacl_protect() and tacl_unprotect() refuse, and that then nothing is done.
-- Guards: owner only, before anything else; kinds of tables; functions in the way.
\set SHOW_CONTEXT never
CREATE ROLE regress_tacl_owner;
CREATE ROLE regress_tacl_other;
CREATE ROLE regress_tacl_member IN ROLE regress_tacl_other;
GRANT CREATE ON SCHEMA public TO regress_tacl_owner;
SET ROLE regress_tacl_owner;
CREATE TABLE orders (id int, tenant_id text, gone text, letters text GENERATED ALWAYS AS (upper(tenant_id)) STORED, fixed char(10), doc jsonb);
ALTER TABLE orders DROP COLUMN gone;
CREATE INDEX ON orders (tenant_id);
CREATE VIEW orders_view AS SELECT * FROM orders;
CREATE MATERIALIZED VIEW orders_kept AS SELECT * FROM orders;
CREATE SEQUENCE orders_number;
CREATE TABLE parted (tenant_id text) PARTITION BY LIST (tenant_id);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN ('a') PARTITION BY LIST (tenant_id);
CREATE TABLE parted_aa PARTITION OF parted_a DEFAULT;
CREATE TABLE inheriting () INHERITS (orders);

-- Whose is it? Decided before anything else is looked at
SET ROLE regress_tacl_other;
SELECT tacl_protect('orders', 'no_such', 'a..b', 'x');
SELECT tacl_protect('orders_view', 'no_such', NULL);
SELECT tacl_protect('pg_class', 'relname', 'orders');
SELECT tacl_protect('tacl.role', 'tenant', 'orders');
SELECT tacl_unprotect('orders');
SELECT tacl_protect_child('orders', 'no_such');
SET ROLE regress_tacl_owner;
SELECT tacl_protect('parted_aa', 'no_such', 'orders');
RESET ROLE;
ALTER TABLE inheriting OWNER TO regress_tacl_other;
SET ROLE regress_tacl_owner;
SELECT tacl_protect('orders', 'tenant_id', 'orders');
RESET ROLE;
DROP TABLE inheriting;

-- What is it?
SELECT tacl_protect('no_such', 'tenant_id', 'orders');
SELECT tacl_protect(0, 'tenant_id', 'orders');
SELECT tacl_protect(NULL, 'tenant_id', 'orders');
SELECT tacl_unprotect(NULL);
SELECT tacl_protect('orders_view', 'tenant_id', 'orders');
SELECT tacl_protect('orders_kept', 'tenant_id', 'orders');
SELECT tacl_protect('orders_number', 'tenant_id', 'orders');
SELECT tacl_protect('orders_tenant_id_idx', 'tenant_id', 'orders');
SELECT tacl_protect('pg_class', 'relname', 'orders');
SELECT tacl_protect('tacl.role', 'tenant', 'orders');
SELECT tacl_unprotect('orders_view');
CREATE FOREIGN DATA WRAPPER regress_tacl_wrapper;
CREATE SERVER regress_tacl_server FOREIGN DATA WRAPPER regress_tacl_wrapper;
CREATE FOREIGN TABLE far (tenant_id text) SERVER regress_tacl_server;
SELECT tacl_protect('far', 'tenant_id', 'orders');
ALTER TABLE parted ATTACH PARTITION far FOR VALUES IN ('far');
SELECT tacl_protect('parted', 'tenant_id', 'orders');
SET client_min_messages = warning;
DROP FOREIGN DATA WRAPPER regress_tacl_wrapper CASCADE;
RESET client_min_messages;

-- By which column?
SELECT tacl_protect('orders', 'tenant', 'orders');
SELECT tacl_protect('orders', '........pg.dropped.3........', 'orders');
SELECT tacl_protect('orders', NULL, 'orders');
SELECT tacl_protect('orders', 'tableoid', 'orders');
SELECT tacl_protect('orders', 'letters', 'orders');
SELECT tacl_protect('orders', 'fixed', 'orders');
SELECT tacl_protect('orders', 'doc', 'orders');

-- Asking what?
SELECT tacl_protect('orders', 'tenant_id', NULL);
SELECT tacl_protect('orders', 'tenant_id', '');
SELECT tacl_protect('orders', 'tenant_id', 'orders.*');
SELECT tacl_protect('orders', 'tenant_id', repeat('x', 250));
SELECT tacl_protect('orders', 'tenant_id', 'orders', delete_permission => '!orders.view');
SELECT tacl_protect('orders', 'tenant_id', 'orders', 'all');
SELECT tacl_protect('orders', 'tenant_id', 'orders', NULL);
SELECT tacl_protect('orders', 'tenant_id', 'orders', force => NULL);
SELECT tacl_protect('orders', 'tenant_id', 'orders', base => NULL);

-- From whom?
SELECT tacl_protect('orders', 'tenant_id', 'orders', to_roles => NULL);
SELECT tacl_protect('orders', 'tenant_id', 'orders', to_roles => '{}');
SELECT tacl_protect('orders', 'tenant_id', 'orders', to_roles => '{regress_tacl_owner, NULL}');
SELECT tacl_protect('orders', 'tenant_id', 'orders', to_roles => '{regress_tacl_nobody}');
SELECT tacl_protect('orders', 'tenant_id', 'orders', to_roles => '{regress_tacl_owner, public}');
SELECT tacl_protect('orders', 'tenant_id', 'orders', exempt_roles => '{regress_tacl_owner}');
SELECT tacl_protect('orders', 'tenant_id', 'orders', to_roles => '{regress_tacl_owner}', exempt_roles => '{public}');
SELECT tacl_protect('orders', 'tenant_id', 'orders', to_roles => '{regress_tacl_owner}', exempt_roles => '{regress_tacl_owner}');
SELECT tacl_protect('orders', 'tenant_id', 'orders', to_roles => '{regress_tacl_other}', exempt_roles => '{regress_tacl_member}');
SELECT tacl_unprotect('orders');

-- Beside permissive policies of the table's own
CREATE POLICY own ON orders FOR SELECT USING (id > 5);
SELECT tacl_protect('orders', 'tenant_id', 'orders');
SELECT tacl_protect('orders', 'tenant_id', 'orders', base => false), tacl_protect('orders', 'tenant_id', 'orders', base => false);
SELECT tacl_unprotect('orders');
SELECT relrowsecurity FROM pg_class WHERE oid = 'orders'::regclass;
ALTER TABLE orders DISABLE ROW LEVEL SECURITY;
DROP POLICY own ON orders;
SELECT tacl_protect('orders', 'tenant_id', 'orders', base => false), tacl_unprotect('orders');

-- Where a materialized view is filled, with its owner's rights
CREATE MATERIALIZED VIEW trick AS SELECT tacl_protect('orders', 'tenant_id', 'orders');
CREATE MATERIALIZED VIEW trick AS SELECT tacl_unprotect('orders');

-- R22: with just these arguments, another function of schema tacl would be called
CREATE FUNCTION tacl.tacl_may(text, varchar) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION tacl.tacl_active_tenant(text, uuid) RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid';
CREATE TABLE caught (text_id varchar, uuid_id uuid);
SELECT tacl_protect('caught', 'text_id', 'orders');
SELECT tacl_protect('caught', 'uuid_id', 'orders');
DROP FUNCTION tacl.tacl_active_tenant(text, uuid);
CREATE FUNCTION tacl.tacl_may(text, uuid) RETURNS boolean LANGUAGE sql AS 'SELECT true';
SELECT tacl_protect('caught', 'uuid_id', 'orders', 'all_mine');
DROP FUNCTION tacl.tacl_may(text, varchar);
DROP FUNCTION tacl.tacl_may(text, uuid);
-- In another schema, also before ours in the path, it would not
CREATE SCHEMA regress_evil;
CREATE FUNCTION regress_evil.tacl_may(text, uuid) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION regress_evil.tacl_active_tenant(text, uuid) RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid';
CREATE FUNCTION regress_evil.tacl_guard_move() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION regress_evil.same(uuid, uuid) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR regress_evil.= (FUNCTION = regress_evil.same, LEFTARG = uuid, RIGHTARG = uuid);
SET search_path = regress_evil, pg_temp, pg_catalog, public;
SELECT tacl_protect('caught', 'uuid_id', 'orders'), tacl_protect('caught', 'uuid_id', 'orders');
RESET search_path;
SELECT DISTINCT refobjid::regprocedure::text COLLATE "C" AS "depends on" FROM pg_depend
WHERE classid IN ('pg_policy'::regclass, 'pg_trigger'::regclass) AND refclassid = 'pg_proc'::regclass
  AND objid NOT IN (SELECT oid FROM pg_trigger WHERE tgrelid <> 'caught'::regclass) ORDER BY 1;
SET client_min_messages = warning;
DROP SCHEMA regress_evil CASCADE;
RESET client_min_messages;

-- Called in another way, the trigger's function refuses
SELECT tacl.tacl_guard_move();
CREATE TRIGGER wrong AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION tacl.tacl_guard_move();
CREATE TRIGGER wrong_too BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION tacl.tacl_guard_move();
INSERT INTO orders (id) VALUES (1);
DROP TRIGGER wrong_too ON orders;
INSERT INTO orders (id) VALUES (1);
UPDATE orders SET id = 2;
DROP TRIGGER wrong ON orders;

-- Nothing was done
DROP TABLE caught;
SELECT count(*) AS policies FROM pg_policy;
SELECT relname FROM pg_class WHERE (relrowsecurity OR relforcerowsecurity) ORDER BY 1;
SELECT tgname FROM pg_trigger WHERE tgname LIKE '~%';

-- Hostile names, and a temporary table
CREATE SCHEMA "regress tacl ""x'%s";
CREATE ROLE "regress_tacl ""r'";
CREATE TEMPORARY TABLE "or""ders'; DROP TABLE orders; --" ("ten""ant'\" text);
CREATE TABLE "regress tacl ""x'%s"."or""ders%n" ("ten""ant'\" uuid);
CREATE INDEX ON "or""ders'; DROP TABLE orders; --" ("ten""ant'\");
SELECT tacl_protect('"or""ders''; DROP TABLE orders; --"', 'ten"ant''\', 'orders', to_roles => ARRAY['regress_tacl "r''']);
SELECT tacl_protect('"regress tacl ""x''%s"."or""ders%n"', 'ten"ant''\', 'orders', to_roles => ARRAY['regress_tacl "r''']);
SELECT DISTINCT roles, obj_description(pg_policy.oid, 'pg_policy')::jsonb->>'tenant_column' AS "column"
FROM pg_policies JOIN pg_policy ON polname = policyname;
SELECT tacl_unprotect('"or""ders''; DROP TABLE orders; --"'), tacl_unprotect('"regress tacl ""x''%s"."or""ders%n"');
-- A permission that is too long for a policy's name
SELECT tacl_protect('orders', 'tenant_id', repeat('x', 200)), tacl_protect('orders', 'tenant_id', repeat('x', 200));
SELECT policyname FROM pg_policies ORDER BY policyname COLLATE "C";

SET client_min_messages = warning;
DROP SCHEMA "regress tacl ""x'%s" CASCADE;
DROP TABLE orders, parted, "or""ders'; DROP TABLE orders; --" CASCADE;
DROP SEQUENCE orders_number;
REVOKE CREATE ON SCHEMA public FROM regress_tacl_owner;
DROP ROLE regress_tacl_owner, regress_tacl_member, regress_tacl_other, "regress_tacl ""r'";
