-- Policies by hand, in each form of the README, with the plans that it shows: for a
-- plain SELECT, and where rows are locked or changed.
CREATE ROLE regress_tacl_app;
CREATE TABLE orders (id int PRIMARY KEY, tenant_id text NOT NULL, owner_id text, note text);
INSERT INTO orders SELECT i, 'org-' || i % 50, 'user-' || i % 1000 FROM generate_series(1, 20000) AS i;
CREATE INDEX orders_tenant ON orders (tenant_id);
CREATE INDEX orders_owner ON orders (owner_id);
ANALYZE orders;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO regress_tacl_app;
DO $$
BEGIN
    PERFORM tacl_create_tenant('org-1'), tacl_create_tenant('org-2');
    PERFORM tacl_define_role('editor', '{orders.*}');
    PERFORM tacl_assign(u, 'editor', t) FROM unnest('{ann, regress_tacl_app}'::text[]) AS u, unnest('{org-1, org-2}'::text[]) AS t;
END $$;
SET tacl.user_setting = 'app.user_id';
SET app.user_id = 'ann';
SET app.tenant = 'org-1';
SET enable_bitmapscan = off;
SET enable_seqscan = off;

-- The active tenant
CREATE POLICY view ON orders FOR SELECT USING (tenant_id = tacl_active_tenant('orders.view', NULL::text) AND (tacl.tacl_reads_only() OR tacl_may('orders.view', tenant_id)));
CREATE POLICY change ON orders FOR UPDATE USING (tenant_id = tacl_active_tenant('orders.update', NULL::text) AND tacl_may('orders.update', tenant_id));
CREATE POLICY remove ON orders FOR DELETE USING (tenant_id = tacl_active_tenant('orders.delete', NULL::text) AND tacl_may('orders.delete', tenant_id));
CREATE POLICY new ON orders FOR INSERT WITH CHECK (tenant_id = tacl_active_tenant('orders.create', NULL::text));
SET ROLE regress_tacl_app;
EXPLAIN (COSTS OFF) SELECT note FROM orders;
EXPLAIN (COSTS OFF) SELECT note FROM orders FOR UPDATE;
EXPLAIN (COSTS OFF) UPDATE orders SET note = 'seen';
EXPLAIN (COSTS OFF) DELETE FROM orders;
SELECT count(*) FROM orders;
INSERT INTO orders VALUES (20001, 'org-1');
INSERT INTO orders VALUES (20002, 'org-2');
UPDATE orders SET tenant_id = 'org-2' WHERE id = 20001;
DELETE FROM orders WHERE id > 20000 RETURNING id;
RESET ROLE;
-- ... asked of each row in a plain SELECT as well
ALTER POLICY view ON orders USING (tenant_id = tacl_active_tenant('orders.view', NULL::text) AND tacl_may('orders.view', tenant_id));
SET ROLE regress_tacl_app;
EXPLAIN (COSTS OFF) SELECT note FROM orders;
RESET ROLE;

-- All tenants where the user may: exact by an index scan, but not by a bitmap heap scan
ALTER POLICY view ON orders USING (tacl_may('orders.view', tenant_id));
ALTER POLICY change ON orders USING (tacl_may('orders.update', tenant_id));
SET ROLE regress_tacl_app;
EXPLAIN (COSTS OFF) SELECT note FROM orders;
EXPLAIN (COSTS OFF) SELECT note FROM orders FOR UPDATE;
EXPLAIN (COSTS OFF) UPDATE orders SET note = 'seen';
SET enable_bitmapscan = on;
SET enable_indexscan = off;
EXPLAIN (COSTS OFF) SELECT note FROM orders;
SET enable_bitmapscan = off;
SET enable_indexscan = on;
RESET ROLE;

-- The database role as user
ALTER POLICY view ON orders USING (tacl_can(current_user, 'orders.view', tenant_id));
SET ROLE regress_tacl_app;
EXPLAIN (COSTS OFF) SELECT note FROM orders;
RESET ROLE;

-- The user's own
ALTER POLICY view ON orders USING (owner_id = tacl_user() AND tacl_may('orders.view', tenant_id));
SET ROLE regress_tacl_app;
EXPLAIN (COSTS OFF) SELECT note FROM orders;
RESET ROLE;
DROP INDEX orders_owner;
SET ROLE regress_tacl_app;
EXPLAIN (COSTS OFF) SELECT note FROM orders;
RESET ROLE;

-- A uuid: an active tenant that is none finds no row
CREATE TABLE others (tenant_id uuid);
INSERT INTO others VALUES ('00000000-0000-0000-0000-000000000001');
ALTER TABLE others ENABLE ROW LEVEL SECURITY;
CREATE POLICY view ON others USING (tenant_id = tacl_active_tenant('orders.view', NULL::uuid) AND tacl_may('orders.view', tenant_id));
GRANT SELECT ON others TO regress_tacl_app;
SET ROLE regress_tacl_app;
SELECT count(*) FROM others;
SET app.tenant = '';
SELECT count(*) FROM others;
RESET ROLE;

RESET app.user_id;
RESET app.tenant;
DROP TABLE orders, others;
DROP ROLE regress_tacl_app;
SELECT tacl_drop_tenant('org-1', true), tacl_drop_tenant('org-2', true), tacl_drop_role('editor');
