-- Hand-written policies and the index condition: several policies, neighbours
-- that turn it off (R16), partitions.
\set VERBOSITY terse
SET client_min_messages = warning;
SET tacl.user_setting = 'app.user_id';
SET max_parallel_workers_per_gather = 0;
SET jit = off;

CREATE SCHEMA pol;
SELECT count(tacl_create_tenant('pol-' || n)) FROM generate_series(1, 50) AS n;
SELECT tacl_define_role('pol-viewer', '{orders.view}'), tacl_define_role('pol-auditor', '{orders.audit}'),
       tacl_assign('pol-ann', 'pol-viewer', 'pol-1'), tacl_assign('pol-ann', 'pol-viewer', 'pol-3'),
       tacl_assign('pol-ann', 'pol-auditor', 'pol-2');
CREATE TABLE pol.orders AS SELECT i AS id, 'pol-' || i % 50 + 1 AS tenant_id, i % 7 AS state FROM generate_series(0, 999) AS i;
CREATE INDEX orders_tenant_idx ON pol.orders (tenant_id);
VACUUM ANALYZE pol.orders;
ALTER TABLE pol.orders ENABLE ROW LEVEL SECURITY;
CREATE ROLE regress_tacl_pol;
GRANT USAGE ON SCHEMA pol TO regress_tacl_pol;
GRANT SELECT, UPDATE, DELETE ON pol.orders TO regress_tacl_pol;
SET app.user_id = 'pol-ann';
SET enable_seqscan = off;

-- One policy; the query's own condition comes after it.
CREATE POLICY by_view ON pol.orders USING (tacl_may('orders.view', tenant_id));
SET ROLE regress_tacl_pol;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT * FROM pol.orders WHERE state = 3;
SELECT tenant_id, count(*) FROM pol.orders WHERE state = 3 GROUP BY tenant_id ORDER BY 1;
RESET enable_bitmapscan;
RESET ROLE;

-- Two that permit: a condition for each.
CREATE POLICY by_audit ON pol.orders USING (tacl_can(current_setting('app.user_id', true), 'orders.audit', tenant_id));
SET ROLE regress_tacl_pol;
EXPLAIN (COSTS OFF) SELECT * FROM pol.orders;
SELECT tenant_id, count(*) FROM pol.orders GROUP BY tenant_id ORDER BY 1;
RESET ROLE;

-- One that permits and knows nothing of tenants: none.
CREATE POLICY by_state ON pol.orders USING (state = 5);
SET enable_seqscan = on;
SET ROLE regress_tacl_pol;
EXPLAIN (COSTS OFF) SELECT * FROM pol.orders;
SELECT count(*) FROM pol.orders;
RESET ROLE;
SET enable_seqscan = off;
DROP POLICY by_state ON pol.orders;
DROP POLICY by_audit ON pol.orders;
DROP POLICY by_view ON pol.orders;

-- Ours restricts, and another permits all: the condition is there.
CREATE POLICY base ON pol.orders USING (true);
CREATE POLICY m_tenant ON pol.orders AS RESTRICTIVE USING (tacl_may('orders.view', tenant_id));
SET ROLE regress_tacl_pol;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT * FROM pol.orders;
RESET ROLE;

-- A neighbour that sorts after ours changes nothing.
CREATE POLICY n_state ON pol.orders AS RESTRICTIVE USING (state < 6);
SET ROLE regress_tacl_pol;
EXPLAIN (COSTS OFF) SELECT * FROM pol.orders;
SELECT tenant_id, count(*) FROM pol.orders GROUP BY tenant_id ORDER BY 1;
RESET ROLE;

-- One that sorts before turns the condition off: PostgreSQL applies it first.
ALTER POLICY n_state ON pol.orders RENAME TO a_state;
SET enable_seqscan = on;
SET ROLE regress_tacl_pol;
EXPLAIN (COSTS OFF) SELECT * FROM pol.orders;
SELECT tenant_id, count(*) FROM pol.orders GROUP BY tenant_id ORDER BY 1;
RESET ROLE;
SET enable_seqscan = off;

-- Updates and deletes ask of each row again, by the policies of their command.
DROP POLICY a_state ON pol.orders;
CREATE POLICY m_update ON pol.orders AS RESTRICTIVE FOR UPDATE USING (tacl_may('orders.audit', tenant_id));
SET app.user_id = '';
SELECT tacl_assign('pol-ann', 'pol-auditor', 'pol-3');
SET app.user_id = 'pol-ann';
SET ROLE regress_tacl_pol;
EXPLAIN (COSTS OFF) UPDATE pol.orders SET state = 9;
EXPLAIN (COSTS OFF) SELECT * FROM pol.orders FOR UPDATE;
EXPLAIN (COSTS OFF) DELETE FROM pol.orders;
BEGIN;
UPDATE pol.orders SET state = 9;
SELECT tenant_id, state, count(*) FROM pol.orders WHERE state = 9 GROUP BY 1, 2;
ROLLBACK;
RESET ROLE;
RESET enable_bitmapscan;

-- The active tenant, and several of them: partitions are left out.
CREATE TABLE pol.parts (id int, tenant_id text, state int) PARTITION BY LIST (tenant_id);
SELECT format('CREATE TABLE pol.parts_%s PARTITION OF pol.parts FOR VALUES IN (%L)', n, 'pol-' || n) FROM generate_series(1, 4) AS n \gexec
INSERT INTO pol.parts SELECT id, 'pol-' || id % 4 + 1, state FROM pol.orders;
CREATE INDEX parts_tenant_idx ON pol.parts (tenant_id);
VACUUM ANALYZE pol.parts;
ALTER TABLE pol.parts ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON pol.parts TO regress_tacl_pol;
CREATE POLICY active ON pol.parts USING (tenant_id = tacl_active_tenant('orders.view', NULL::text));
SET enable_seqscan = on;
SET app.tenant = 'pol-3';
SET ROLE regress_tacl_pol;
EXPLAIN (COSTS OFF) SELECT * FROM pol.parts;
SELECT tenant_id, count(*) FROM pol.parts GROUP BY 1;
-- Not where the user may not, and with no tenant at all: no partition.
SET app.tenant = 'pol-2';
EXPLAIN (COSTS OFF) SELECT * FROM pol.parts;
SELECT count(*) FROM pol.parts;
RESET app.tenant;
SELECT count(*) FROM pol.parts;
-- One plan for several tenants.
PREPARE here AS SELECT tenant_id, count(*) FROM pol.parts GROUP BY 1;
SET plan_cache_mode = force_generic_plan;
EXECUTE here;
SET app.tenant = 'pol-1';
EXECUTE here;
SET app.tenant = 'pol-3';
EXECUTE here;
DEALLOCATE here;
RESET app.tenant;
RESET ROLE;

-- By the tenants where the user may: a condition for each partition.
DROP POLICY active ON pol.parts;
CREATE POLICY by_view ON pol.parts USING (tacl_may('orders.view', tenant_id));
CREATE TABLE pol.hashed (LIKE pol.parts) PARTITION BY HASH (id);
CREATE TABLE pol.hashed_0 PARTITION OF pol.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE pol.hashed_1 PARTITION OF pol.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE INDEX hashed_tenant_idx ON pol.hashed (tenant_id);
INSERT INTO pol.hashed SELECT id, tenant_id, state FROM pol.orders;
VACUUM ANALYZE pol.hashed;
ALTER TABLE pol.hashed ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_view ON pol.hashed USING (tacl_may('orders.view', tenant_id));
GRANT SELECT ON pol.hashed TO regress_tacl_pol;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SET ROLE regress_tacl_pol;
EXPLAIN (COSTS OFF) SELECT * FROM pol.hashed;
SELECT tenant_id, count(*) FROM pol.hashed GROUP BY 1 ORDER BY 1;
EXPLAIN (COSTS OFF) SELECT * FROM pol.hashed ORDER BY tenant_id LIMIT 2;
SELECT tenant_id, count(*) FROM pol.parts GROUP BY 1 ORDER BY 1;
RESET ROLE;

DROP SCHEMA pol CASCADE;
DROP ROLE regress_tacl_pol;
RESET app.user_id;
SELECT count(tacl_drop_tenant('pol-' || n, true)) FROM generate_series(1, 50) AS n;
SELECT tacl_drop_role('pol-viewer', cascade => true), tacl_drop_role('pol-auditor', cascade => true);
