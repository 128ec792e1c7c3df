-- R16: the generated policies are index conditions beside the neighbours that a
-- table may have: other restrictive policies, permissive ones, both scopes, and
-- conditions of the query. Nothing of the row's check is left in a plain SELECT.
-- Guards: names that sort first; tacl_reads_only() known to the planner.
SET tacl.user_setting = 'app.user_id';
CREATE ROLE regress_tacl_app;
CREATE ROLE regress_tacl_office;
DO $$
BEGIN
    PERFORM tacl_create_tenant('org-a'), tacl_create_tenant('org-b');
    PERFORM tacl_define_role('editor', '{orders.*}');
    PERFORM tacl_assign('ann', 'editor', 'org-a'), tacl_assign('ann', 'editor', 'org-b');
END $$;
CREATE TABLE orders (id int PRIMARY KEY, tenant_id text NOT NULL, note text);
INSERT INTO orders SELECT i, 'org-' || i % 200, 'new' FROM generate_series(1, 5000) AS i;
CREATE INDEX orders_tenant ON orders (tenant_id, id);
ANALYZE orders;
GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO regress_tacl_app, regress_tacl_office;
SELECT tacl_protect('orders', 'tenant_id', 'orders', to_roles => '{regress_tacl_app}'),
       tacl_protect('orders', 'tenant_id', 'orders', 'all_mine', to_roles => '{regress_tacl_office}');

-- Neighbours: their functions are not leakproof, so they must come after ours
CREATE POLICY "A first" ON orders AS RESTRICTIVE USING (note LIKE '%e%');
CREATE POLICY "a last" ON orders AS RESTRICTIVE FOR SELECT USING (note !~ tenant_id);
CREATE POLICY "permits" ON orders FOR SELECT USING (note ~ 'x');

SET enable_bitmapscan = off;
SET app.user_id = 'ann';
SET app.tenant = 'org-a';
SET ROLE regress_tacl_app;
EXPLAIN (COSTS OFF) SELECT * FROM orders;
EXPLAIN (COSTS OFF) SELECT * FROM orders WHERE note LIKE 'n%' ORDER BY id LIMIT 5;
EXPLAIN (COSTS OFF) SELECT * FROM orders WHERE id = 5;
EXPLAIN (COSTS OFF) SELECT * FROM orders FOR UPDATE;
EXPLAIN (COSTS OFF) DELETE FROM orders;
EXPLAIN (COSTS OFF) INSERT INTO orders VALUES (0, 'org-a');
SET ROLE regress_tacl_office;
EXPLAIN (COSTS OFF) SELECT * FROM orders;
EXPLAIN (COSTS OFF) SELECT * FROM orders WHERE note LIKE 'n%';
EXPLAIN (COSTS OFF) SELECT * FROM orders FOR SHARE;
EXPLAIN (COSTS OFF) UPDATE orders SET note = 'x';
RESET ROLE;

-- A neighbour whose name sorts before ours turns the check's condition off, but not
-- the comparison with the active tenant, which leaks nothing
CREATE POLICY " before" ON orders AS RESTRICTIVE USING (note LIKE '%e%');
SET ROLE regress_tacl_app;
EXPLAIN (COSTS OFF) SELECT * FROM orders;
SET ROLE regress_tacl_office;
EXPLAIN (COSTS OFF) SELECT * FROM orders;
RESET ROLE;
DROP POLICY " before" ON orders;

-- Without neighbours: the active tenant, index-only, with more conditions, prepared
DROP POLICY "A first" ON orders;
DROP POLICY "a last" ON orders;
DROP POLICY "permits" ON orders;
VACUUM orders;
SET ROLE regress_tacl_app;
EXPLAIN (COSTS OFF) SELECT count(*) FROM orders;
EXPLAIN (COSTS OFF) SELECT tenant_id FROM orders WHERE tenant_id < 'org-b' AND id BETWEEN 5 AND 9;
PREPARE by_id (int) AS SELECT * FROM orders WHERE id > $1;
SET plan_cache_mode = force_generic_plan;
EXPLAIN (COSTS OFF) EXECUTE by_id (5);
SET plan_cache_mode = force_custom_plan;
EXPLAIN (COSTS OFF) EXECUTE by_id (5);
-- Its plan is made for the role: another role's is another
SET ROLE regress_tacl_office;
EXPLAIN (COSTS OFF) EXECUTE by_id (5);
RESET plan_cache_mode;

-- Within a query that changes something, what is only read is checked as well
EXPLAIN (COSTS OFF) INSERT INTO orders SELECT id + 10000, tenant_id FROM orders;
-- also in a query within it that is planned by itself
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) INSERT INTO orders SELECT id + 10000, tenant_id FROM (SELECT * FROM orders LIMIT 3) AS few;
SET ROLE regress_tacl_app;
EXPLAIN (COSTS OFF) INSERT INTO orders SELECT id + 10000, tenant_id FROM (SELECT * FROM orders LIMIT 3) AS few;
RESET ROLE;
RESET enable_seqscan;
RESET enable_bitmapscan;
RESET app.user_id;
RESET app.tenant;
DEALLOCATE by_id;
DROP TABLE orders;
DROP ROLE regress_tacl_app, regress_tacl_office;
SELECT tacl_drop_tenant('org-a', true), tacl_drop_tenant('org-b', true), tacl_drop_role('editor');
