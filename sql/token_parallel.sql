-- R17: parallel workers know the session's token and find it worth the same as
-- their leader does, also with the transaction's own changes of keys.
SELECT tacl_create_tenant('tpar-' || i) FROM generate_series(1, 4) i;
SELECT tacl_define_role('tpar-viewer', '{orders.view}');
SELECT tacl_assign('tpar-user', 'tpar-viewer', 'tpar-' || i) FROM generate_series(1, 3) i;
SELECT tacl_add_key('tpar', 'HS256', 'the secret of the key of this test');
SELECT tacl_issue_token('tpar-user', 'tpar-2', actor => 'tpar-staff') AS good,
       tacl_issue_token('tpar-user', scope => '{orders.list}') AS narrow \gset

CREATE TABLE tpar_orders AS
    SELECT i AS id, 'tpar-' || i % 5 AS tenant_id FROM generate_series(1, 20000) i;
ALTER TABLE tpar_orders SET (parallel_workers = 2);
ANALYZE tpar_orders;
ALTER TABLE tpar_orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_right ON tpar_orders USING (tacl_may('orders.view', tenant_id));
CREATE ROLE regress_tacl_tpar;
GRANT SELECT ON tpar_orders TO regress_tacl_tpar;

-- Parallel whenever it is allowed at all; force_parallel_mode before PostgreSQL 16.
SELECT set_config(name, 'on', false) AS forced FROM pg_settings
    WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;

\set by_policy 'SELECT tacl_user(), tacl_actor(), count(*), count(*) FILTER (WHERE tenant_id = tacl_tenant()) AS here FROM tpar_orders'
\set serial 'SET max_parallel_workers_per_gather = 0'
\set parallel 'SET max_parallel_workers_per_gather = 2'

SET ROLE regress_tacl_tpar;
SET tacl.token = :'good';
:parallel;
EXPLAIN (COSTS OFF) SELECT count(*) FROM tpar_orders;
:by_policy;
:serial;
:by_policy;
:parallel;
SET tacl.token = :'narrow';
SELECT count(*) FROM tpar_orders;
SET tacl.token = 'garbage';
SELECT count(*) FROM tpar_orders;
\set VERBOSITY terse
SELECT max(tacl_user()) FROM generate_series(1, 2);
\set VERBOSITY default
RESET tacl.token;
:by_policy;

-- The setting of this transaction, savepoint and function
BEGIN;
SET LOCAL tacl.token = :'good';
:by_policy;
SAVEPOINT a;
SET LOCAL tacl.token = '';
:by_policy;
ROLLBACK TO a;
:by_policy;
COMMIT;
CREATE FUNCTION pg_temp.nobody_sees() RETURNS bigint LANGUAGE plpgsql STABLE SET tacl.token = ''
AS $$ BEGIN RETURN (SELECT count(*) FROM tpar_orders); END $$;
SET tacl.token = :'good';
SELECT pg_temp.nobody_sees();
:by_policy;
RESET ROLE;

-- Own changes of keys, in any isolation level
BEGIN ISOLATION LEVEL REPEATABLE READ;
SET LOCAL tacl.token = '';
SELECT tacl_drop_key('tpar');
SET LOCAL tacl.token = :'good';
SET LOCAL ROLE regress_tacl_tpar;
SELECT count(*) FROM tpar_orders;
:serial;
SELECT count(*) FROM tpar_orders;
RESET ROLE;
ROLLBACK;
BEGIN;
SAVEPOINT a;
SET LOCAL tacl.token = '';
SELECT tacl_add_key('tpar', 'HS256', 'another secret of the key of this test');
SET LOCAL tacl.token = :'good';
SET LOCAL ROLE regress_tacl_tpar;
:parallel;
SELECT count(*) FROM tpar_orders;
ROLLBACK TO a;
SET LOCAL ROLE regress_tacl_tpar;
:parallel;
:by_policy;
:serial;
:by_policy;
ROLLBACK;

-- In a function of another role's, whose rows only workers read, also after an own
-- revoke
CREATE FUNCTION tpar_pid() RETURNS integer LANGUAGE internal STABLE PARALLEL SAFE AS 'pg_backend_pid';
CREATE FUNCTION tpar_definer(leader integer) RETURNS TABLE (rows bigint, in_workers boolean) LANGUAGE plpgsql STABLE SECURITY DEFINER AS
    'BEGIN RETURN QUERY SELECT count(*), bool_and(tpar_pid() <> leader) FROM tpar_orders; END';
ALTER FUNCTION tpar_definer(integer) OWNER TO regress_tacl_tpar;
SET parallel_leader_participation = off;
:parallel;
SELECT * FROM tpar_definer(pg_backend_pid());
BEGIN;
SELECT set_config('tacl.token', '', true), tacl_unassign('tpar-user', 'tpar-viewer', 'tpar-1'), set_config('tacl.token', :'good', true);
SELECT * FROM tpar_definer(pg_backend_pid());
SELECT tacl_drop_key('tpar') FROM set_config('tacl.token', '', true);
SELECT set_config('tacl.token', :'good', true);
SELECT * FROM tpar_definer(pg_backend_pid());
ROLLBACK;
SELECT * FROM tpar_definer(pg_backend_pid());
:serial;
SELECT * FROM tpar_definer(pg_backend_pid());
RESET parallel_leader_participation;
DROP FUNCTION tpar_definer(integer), tpar_pid();

-- After it all: as it was
SET ROLE regress_tacl_tpar;
:parallel;
:by_policy;
RESET ROLE;
RESET tacl.token;

DROP TABLE tpar_orders;
DROP OWNED BY regress_tacl_tpar;
DROP ROLE regress_tacl_tpar;
SELECT tacl_drop_key('tpar');
SELECT tacl_drop_tenant('tpar-' || i, true) FROM generate_series(1, 4) i;
SELECT tacl_drop_role('tpar-viewer');
