-- R22: whoever may create functions beside the extension's cannot put one in their
-- place: policies and the trigger call functions of schema tacl, where nobody else may
-- create any, and the trigger asks what the policies are, not what they read like.
-- Guards: schema tacl in all that is generated; the stored expressions of policies.
\set SHOW_CONTEXT never
SET tacl.user_setting = 'app.user_id';
CREATE ROLE regress_tacl_owner;
CREATE ROLE regress_tacl_app;
CREATE ROLE regress_tacl_mal;
GRANT CREATE ON SCHEMA public TO regress_tacl_owner, regress_tacl_mal;
\set a '''aaaaaaaa-0000-0000-0000-000000000000'''
\set b '''bbbbbbbb-0000-0000-0000-000000000000'''
SELECT tacl_create_tenant(:a), tacl_create_tenant(:b), tacl_define_role('editor', '{orders.*}'), tacl_define_role('changer', '{orders.view, orders.update}'),
       tacl_assign('ann', 'editor', :a), tacl_assign('ann', 'changer', :b);
SET ROLE regress_tacl_owner;
CREATE TABLE orders (id int PRIMARY KEY, tenant_id uuid, before int);
CREATE TABLE events (gone int, tenant_id uuid, id int) PARTITION BY LIST (tenant_id);
ALTER TABLE events DROP COLUMN gone;
CREATE TABLE events_a PARTITION OF events FOR VALUES IN (:a);
CREATE TABLE events_rest (id int, tenant_id uuid);
CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders, note text);
INSERT INTO orders VALUES (1, :a), (2, :b);
INSERT INTO events VALUES (:a, 1);
INSERT INTO events_rest VALUES (2, :b);
INSERT INTO lines VALUES (1, 1), (2, 2);
GRANT SELECT, INSERT, UPDATE, DELETE ON orders, events, lines TO regress_tacl_app;
-- Functions that are in the way when the tables are protected, and those that come later
SET client_min_messages = warning;
SELECT tacl_protect('orders', 'tenant_id', 'orders', 'all_mine');
SET ROLE regress_tacl_mal;
CREATE FUNCTION captured(what text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING '% runs as %', what, current_user; END $$;
CREATE FUNCTION tacl_may(permission text, tenant uuid) RETURNS boolean LANGUAGE sql AS $$ SELECT captured('tacl_may'); SELECT true $$;
CREATE FUNCTION tacl_active_tenant(permission text, type uuid) RETURNS uuid LANGUAGE sql AS $$ SELECT captured('tacl_active_tenant'); SELECT type $$;
SET ROLE regress_tacl_owner;
SELECT tacl_protect('events', 'tenant_id', 'orders'), tacl_protect_child('lines', 'order_id');
-- A partition that came later, with its columns in another order: the policies are the parent's
ALTER TABLE events ATTACH PARTITION events_rest DEFAULT;
RESET client_min_messages;
SELECT tablename, count(*) FILTER (WHERE coalesce(qual, with_check) LIKE '%tacl.tacl\_%') AS "with functions of ours", count(*) FROM pg_policies GROUP BY 1 ORDER BY 1;
SELECT DISTINCT refobjid::regprocedure::text COLLATE "C" AS "depends on" FROM pg_depend
WHERE classid IN ('pg_policy'::regclass, 'pg_trigger'::regclass) AND refclassid = 'pg_proc'::regclass AND objid NOT IN (SELECT oid FROM pg_trigger WHERE tgrelid::regclass::text LIKE 'tacl.%') ORDER BY 1;

-- Where ann may change, but not create
SET ROLE regress_tacl_app;
SET app.user_id = 'ann';
SELECT id FROM orders ORDER BY id;
UPDATE orders SET tenant_id = :b WHERE id = 1;
UPDATE orders SET tenant_id = :a WHERE id = 2 RETURNING id;
UPDATE lines SET order_id = 1 RETURNING id;
SET app.tenant = :b;
SELECT id FROM events;
-- The setting changes within the statement, so that only the trigger is left to stop it
SET app.tenant = :a;
UPDATE events SET tenant_id = set_config('app.tenant', :b, false)::uuid;
SET app.tenant = :b;
UPDATE events SET tenant_id = set_config('app.tenant', :a, false)::uuid RETURNING id;

-- What the owner has written into a policy of ours still means what it meant then
SET ROLE regress_tacl_owner;
CREATE FUNCTION allowed(id bigint) RETURNS boolean LANGUAGE sql AS 'SELECT id <> 1';
ALTER POLICY "!tacl orders.create (insert)" ON orders WITH CHECK (allowed(id));
SET ROLE regress_tacl_mal;
CREATE FUNCTION allowed(id int) RETURNS boolean LANGUAGE sql AS $$ SELECT captured('allowed'); SELECT true $$;
SET ROLE regress_tacl_app;
UPDATE orders SET tenant_id = :b WHERE id = 1;
UPDATE orders SET tenant_id = :b WHERE id = 2;
UPDATE orders SET tenant_id = :a WHERE id = 2 RETURNING id;
-- A system column of a row that is not written yet has no value
SET ROLE regress_tacl_owner;
ALTER POLICY "!tacl orders.create (insert)" ON orders WITH CHECK (xmin IS NULL);
SET ROLE regress_tacl_app;
UPDATE orders SET tenant_id = :b WHERE id = 1;
SET ROLE regress_tacl_owner;
ALTER POLICY "!tacl orders.create (insert)" ON orders WITH CHECK (orders IS NOT DISTINCT FROM ROW(1, :b::uuid, NULL::int) AND EXISTS (SELECT FROM lines WHERE lines.id = orders.id));
SET ROLE regress_tacl_app;
UPDATE orders SET tenant_id = :b WHERE id = 1 RETURNING id;

RESET ROLE;
RESET app.user_id;
RESET app.tenant;
SET client_min_messages = warning;
DROP TABLE orders, events, lines CASCADE;
DROP FUNCTION tacl_may(text, uuid), tacl_active_tenant(text, uuid), captured(text), allowed(bigint), allowed(int);
REVOKE CREATE ON SCHEMA public FROM regress_tacl_owner, regress_tacl_mal;
DROP ROLE regress_tacl_owner, regress_tacl_app, regress_tacl_mal;
SELECT tacl_drop_tenant(:a, true), tacl_drop_tenant(:b, true), tacl_drop_role('editor'), tacl_drop_role('changer');
