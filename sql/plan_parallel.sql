-- R17 with an index on the tenant: serial and parallel runs agree, also with the
-- transaction's own uncommitted changes and inside a SECURITY DEFINER function.
-- There is no parallel scan of the index itself: its processes would have to
-- find the same tenants, each for itself.
\set VERBOSITY terse
SET client_min_messages = warning;
SET tacl.user_setting = 'app.user_id';
SET jit = off;

CREATE SCHEMA pp;
SELECT count(tacl_create_tenant('pp-' || n)) FROM generate_series(1, 50) AS n;
SELECT tacl_define_role('pp-viewer', '{orders.view}');
SELECT count(tacl_assign('pp-ann', 'pp-viewer', 'pp-' || n)) FROM generate_series(1, 3) AS n;
CREATE TABLE pp.orders AS SELECT i AS id, 'pp-' || i % 50 + 1 AS tenant_id, repeat('x', 100) AS note FROM generate_series(0, 19999) AS i;
CREATE INDEX ON pp.orders (tenant_id);
ALTER TABLE pp.orders SET (parallel_workers = 2);
VACUUM ANALYZE pp.orders;
ALTER TABLE pp.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_view ON pp.orders USING (tacl_may('orders.view', tenant_id));
CREATE ROLE regress_tacl_pp;
GRANT USAGE ON SCHEMA pp TO regress_tacl_pp;
GRANT SELECT ON pp.orders TO regress_tacl_pp;

-- Its owner bypasses the policy and asks itself.
CREATE FUNCTION pp.tenants_of(who text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
RETURN (SELECT string_agg(DISTINCT tenant_id || ':' || right(note, 1), ' ' ORDER BY tenant_id || ':' || right(note, 1)) FROM pp.orders WHERE tacl_can(who, 'orders.view', tenant_id));

-- Index scans, in workers whenever that is allowed at all.
SELECT set_config(name, 'on', false) AS forced FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SET enable_seqscan = off;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET min_parallel_index_scan_size = 0;
\set serial 'SET max_parallel_workers_per_gather = 0'
\set parallel 'SET max_parallel_workers_per_gather = 2'
-- The same in all ways; a line for each.
\set by_policy 'SELECT string_agg(tenant_id || '':'' || n, '' '' ORDER BY tenant_id) AS rows FROM (SELECT tenant_id, count(note) AS n FROM pp.orders GROUP BY tenant_id) s'

SET app.user_id = 'pp-ann';
SET ROLE regress_tacl_pp;
:parallel;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT count(note) FROM pp.orders;
:by_policy;
SET enable_bitmapscan = on;
SET enable_indexscan = off;
EXPLAIN (COSTS OFF) SELECT count(note) FROM pp.orders;
:by_policy;
RESET enable_indexscan;
SELECT pp.tenants_of('pp-ann');
:serial;
:by_policy;
SELECT pp.tenants_of('pp-ann');
RESET ROLE;
SET enable_bitmapscan = off;

-- Own uncommitted changes, one after the other
BEGIN;
SET LOCAL app.user_id = '';
SELECT tacl_unassign('pp-ann', 'pp-viewer', 'pp-1'), tacl_assign('pp-ann', 'pp-viewer', 'pp-4');
SET LOCAL app.user_id = 'pp-ann';
SET LOCAL ROLE regress_tacl_pp;
:parallel;
:by_policy;
SELECT pp.tenants_of('pp-ann');
:serial;
:by_policy;
RESET ROLE;
SAVEPOINT a;
SET LOCAL app.user_id = '';
SELECT tacl_suspend_tenant('pp-2');
SET LOCAL app.user_id = 'pp-ann';
SET LOCAL ROLE regress_tacl_pp;
:parallel;
:by_policy;
:serial;
:by_policy;
RESET ROLE;
ROLLBACK TO a;
SET LOCAL app.user_id = '';
SELECT tacl_define_role('pp-viewer', '{orders.list}');
SET LOCAL app.user_id = 'pp-ann';
SET LOCAL ROLE regress_tacl_pp;
:parallel;
:by_policy;
SELECT pp.tenants_of('pp-ann');
:serial;
:by_policy;
ROLLBACK;

-- In other isolation levels
BEGIN ISOLATION LEVEL REPEATABLE READ;
SET LOCAL app.user_id = '';
SELECT tacl_unassign('pp-ann', 'pp-viewer', 'pp-1');
:parallel;
SELECT pp.tenants_of('pp-ann');
:serial;
SELECT pp.tenants_of('pp-ann');
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SET LOCAL app.user_id = '';
SELECT tacl_unassign('pp-ann', 'pp-viewer', 'pp-2');
:parallel;
SELECT pp.tenants_of('pp-ann');
:serial;
SELECT pp.tenants_of('pp-ann');
ROLLBACK;

-- The user and the tenant of the session are known to workers.
:parallel;
CREATE POLICY active ON pp.orders AS RESTRICTIVE USING (tenant_id = tacl_active_tenant('orders.view', NULL::text));
SET app.tenant = 'pp-3';
SET ROLE regress_tacl_pp;
:by_policy;
SET app.tenant = 'pp-4';
:by_policy;
RESET ROLE;

DROP SCHEMA pp CASCADE;
DROP ROLE regress_tacl_pp;
RESET app.user_id;
SELECT count(tacl_drop_tenant('pp-' || n, true)) FROM generate_series(1, 50) AS n;
SELECT tacl_drop_role('pp-viewer');
