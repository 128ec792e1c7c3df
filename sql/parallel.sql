-- R17: a query that runs in parallel workers gives the same rows as one that
-- does not, also with the transaction's own uncommitted changes, in savepoints,
-- in any isolation level, and inside a SECURITY DEFINER function.
SELECT tacl_create_tenant('par-' || i) FROM generate_series(1, 4) i;
SELECT tacl_define_role('par-viewer', ARRAY['orders.view']);
SELECT tacl_assign('par-user', 'par-viewer', 'par-' || i) FROM generate_series(1, 3) i;

CREATE TABLE par_orders AS
    SELECT i AS id, 'par-' || i % 5 AS tenant_id FROM generate_series(1, 20000) i;
ALTER TABLE par_orders SET (parallel_workers = 2);
ANALYZE par_orders;
ALTER TABLE par_orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_right ON par_orders
    USING (tacl_can(current_setting('app.user_id', true), 'orders.view', tenant_id));
CREATE ROLE regress_tacl_par;
GRANT SELECT ON par_orders TO regress_tacl_par;

-- Bypasses the policy, as its owner does, and asks itself.
CREATE FUNCTION par_count(user_id text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER
RETURN (SELECT count(*) FROM par_orders WHERE tacl_can(user_id, 'orders.view', tenant_id));

-- Parallel whenever it is allowed at all; force_parallel_mode before PostgreSQL 16.
SELECT set_config(name, 'on', false) AS forced FROM pg_settings
    WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;

\set by_policy 'SELECT tenant_id, count(*) FROM par_orders GROUP BY tenant_id ORDER BY tenant_id'
\set serial 'SET max_parallel_workers_per_gather = 0'
\set parallel 'SET max_parallel_workers_per_gather = 2'

SET app.user_id = 'par-user';
SET ROLE regress_tacl_par;
:parallel;
EXPLAIN (COSTS OFF) SELECT count(*) FROM par_orders;
:by_policy;
SELECT par_count('par-user');
:serial;
:by_policy;
SELECT par_count('par-user');
RESET ROLE;

-- Own uncommitted revoke and grant
BEGIN;
SELECT tacl_unassign('par-user', 'par-viewer', 'par-1'), tacl_assign('par-user', 'par-viewer', 'par-4');
SET LOCAL ROLE regress_tacl_par;
:parallel;
:by_policy;
SELECT par_count('par-user');
:serial;
:by_policy;
SELECT par_count('par-user');
RESET ROLE;

-- In a savepoint
SAVEPOINT a;
SELECT tacl_unassign('par-user', 'par-viewer', 'par-2');
SET LOCAL ROLE regress_tacl_par;
:parallel;
:by_policy;
:serial;
:by_policy;
ROLLBACK TO a;
:parallel;
SET LOCAL ROLE regress_tacl_par;
:by_policy;
:serial;
:by_policy;
RESET ROLE;

-- A role redefined, a tenant suspended, the user disabled
SELECT tacl_suspend_tenant('par-3');
:parallel;
SET LOCAL ROLE regress_tacl_par;
:by_policy;
:serial;
:by_policy;
RESET ROLE;
SELECT tacl_define_role('par-viewer', ARRAY['orders.list']);
:parallel;
SELECT par_count('par-user');
:serial;
SELECT par_count('par-user');
ROLLBACK;

BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT tacl_disable_user('par-user');
:parallel;
SELECT par_count('par-user');
:serial;
SELECT par_count('par-user');
ROLLBACK;

BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT tacl_unassign('par-user', 'par-viewer', 'par-1');
:parallel;
SELECT par_count('par-user');
:serial;
SELECT par_count('par-user');
ROLLBACK;

-- After it all: as it was
:parallel;
SELECT par_count('par-user');
:serial;
SELECT par_count('par-user');

DROP FUNCTION par_count(text);
DROP TABLE par_orders;
DROP ROLE regress_tacl_par;
SELECT tacl_drop_tenant('par-' || i, true) FROM generate_series(1, 4) i;
SELECT tacl_drop_role('par-viewer');
