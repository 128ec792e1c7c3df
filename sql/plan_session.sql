-- Plans and lists that outlive what they were made for: users, tenants and
-- roles that come and go in one session, own changes, validity, cursors.
\set VERBOSITY terse
SET client_min_messages = warning;
SET tacl.user_setting = 'app.user_id';
SET max_parallel_workers_per_gather = 0;
SET jit = off;

CREATE SCHEMA ps;
SELECT count(tacl_create_tenant('ps-' || n)) FROM generate_series(1, 30) AS n;
SELECT tacl_define_role('ps-viewer', '{orders.view}'), tacl_define_role('ps-clerk', '{orders.edit}'),
       tacl_assign('ps-ann', 'ps-viewer', 'ps-1'), tacl_assign('ps-ann', 'ps-viewer', 'ps-2'), tacl_assign('ps-ben', 'ps-viewer', 'ps-3');
CREATE TABLE ps.orders AS SELECT i AS id, 'ps-' || i % 30 + 1 AS tenant_id FROM generate_series(0, 299) AS i;
CREATE INDEX ON ps.orders (tenant_id);
VACUUM ANALYZE ps.orders;
CREATE ROLE regress_tacl_ps;
GRANT USAGE ON SCHEMA ps TO regress_tacl_ps;
GRANT SELECT, UPDATE ON ps.orders TO regress_tacl_ps;
SET enable_seqscan = off;

-- Statements in a function keep their plan; each call has its own rows.
CREATE FUNCTION ps.tenants(permission text DEFAULT 'orders.view') RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT string_agg(DISTINCT tenant_id, ' ' ORDER BY tenant_id) FROM ps.orders WHERE tacl_may(permission, tenant_id));
END $$;
CREATE FUNCTION ps.tenants_of(who text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT string_agg(DISTINCT tenant_id, ' ' ORDER BY tenant_id) FROM ps.orders WHERE tacl_can(who, 'orders.view', tenant_id));
END $$;
SET plan_cache_mode = force_generic_plan;
SET ROLE regress_tacl_ps;
SELECT ps.tenants() IS NULL AS nobody;
SET app.user_id = 'ps-ann';
SELECT ps.tenants(), ps.tenants('orders.edit') IS NULL AS none, ps.tenants_of('ps-ben');
SET app.user_id = 'ps-ben';
SELECT ps.tenants(), ps.tenants_of('ps-ann');
BEGIN;
SET LOCAL app.user_id = 'ps-ann';
SAVEPOINT a;
SET LOCAL app.user_id = 'ps-ben';
SELECT ps.tenants();
ROLLBACK TO a;
SELECT ps.tenants();
COMMIT;
SELECT ps.tenants();
RESET ROLE;
SELECT ps.tenants(), ps.tenants_of('ps-ann');

-- Own changes count from the next command on, and not beyond a rollback.
SET app.user_id = '';
BEGIN;
SELECT tacl_unassign('ps-ann', 'ps-viewer', 'ps-1');
SELECT ps.tenants_of('ps-ann');
SAVEPOINT a;
SELECT tacl_assign('ps-ann', 'ps-viewer', 'ps-4');
SELECT ps.tenants_of('ps-ann'), ps.tenants_of('ps-ben');
SAVEPOINT b;
SELECT tacl_define_role('ps-viewer', '{orders.list}');
SELECT ps.tenants_of('ps-ann') IS NULL AS none;
ROLLBACK TO b;
SELECT ps.tenants_of('ps-ann');
ROLLBACK TO a;
SELECT ps.tenants_of('ps-ann');
DO $$
BEGIN
    PERFORM tacl_disable_user('ps-ann');
    RAISE INFO 'while disabled: %', ps.tenants_of('ps-ann');
    RAISE EXCEPTION 'undone';
EXCEPTION WHEN raise_exception THEN NULL;
END $$;
SELECT ps.tenants_of('ps-ann');
ROLLBACK;
SELECT ps.tenants_of('ps-ann');
-- Asked within the changing command, which then fails.
SELECT tacl_assign('ps-ann', 'ps-viewer', 'ps-5'), ps.tenants_of('ps-ann'), 1 / (random() * 0)::int;
SELECT ps.tenants_of('ps-ann');
WITH gone AS (DELETE FROM tacl.assignment WHERE user_id = 'ps-ann' RETURNING 1) SELECT count(*), ps.tenants_of('ps-ann') AS before FROM gone;
SELECT ps.tenants_of('ps-ann') IS NULL AS none;
SELECT tacl_assign('ps-ann', 'ps-viewer', 'ps-1'), tacl_assign('ps-ann', 'ps-viewer', 'ps-2');

-- Suspensions, and tenants that come and go.
SELECT ps.tenants_of('ps-ann');
SELECT tacl_suspend_tenant('ps-1');
SELECT ps.tenants_of('ps-ann');
SELECT tacl_resume_tenant('ps-1');
SELECT tacl_drop_tenant('ps-2', cascade => true);
SELECT ps.tenants_of('ps-ann');
SELECT tacl_create_tenant('ps-2', 'ps-1');
SELECT ps.tenants_of('ps-ann');

-- What begins and what ends, while nothing is written.
SELECT tacl_assign('ps-cat', 'ps-viewer', 'ps-6', expires_at => clock_timestamp() + interval '2 seconds'),
       tacl_assign('ps-cat', 'ps-viewer', 'ps-7', starts_at => clock_timestamp() + interval '2 seconds'),
       tacl_assign('ps-cat', 'ps-viewer', 'ps-8'),
       tacl_grant('ps-cat', '!orders.view', 'ps-8', starts_at => clock_timestamp() + interval '2 seconds');
SELECT ps.tenants_of('ps-cat');
SELECT ps.tenants_of('ps-cat');
SELECT pg_sleep(2.1);
SELECT ps.tenants_of('ps-cat');

-- Many users, more than lists are remembered.
SELECT count(tacl_assign('ps-u' || n, 'ps-viewer', 'ps-' || n % 30 + 1)) FROM generate_series(1, 100) AS n;
SELECT count(*) FILTER (WHERE ps.tenants_of('ps-u' || n) IS DISTINCT FROM 'ps-' || n % 30 + 1 || CASE n % 30 + 1 WHEN 1 THEN ' ps-2' ELSE '' END) AS wrong
FROM generate_series(1, 100) AS n, generate_series(1, 2);
SELECT bytes < 1024 * 1024 AS bounded FROM tacl_stats();

-- A cursor keeps the rows of the rights at its first row, as it does those of
-- its snapshot. One that was not read yet has begun nothing; and what locks
-- rows checks each.
SET app.user_id = 'ps-ben';
BEGIN;
DECLARE read CURSOR FOR SELECT id FROM ps.orders WHERE tacl_may('orders.view', tenant_id);
DECLARE unread CURSOR FOR SELECT id FROM ps.orders WHERE tacl_may('orders.view', tenant_id);
DECLARE locking CURSOR FOR SELECT id FROM ps.orders WHERE tacl_may('orders.view', tenant_id) FOR UPDATE;
FETCH 2 FROM read;
FETCH 2 FROM locking;
SET LOCAL app.user_id = '';
SELECT tacl_unassign('ps-ben', 'ps-viewer', 'ps-3');
SET LOCAL app.user_id = 'ps-ben';
FETCH 2 FROM read;
FETCH 2 FROM locking;
FETCH 2 FROM unread;
MOVE BACKWARD ALL FROM read;
ROLLBACK;

CREATE TABLE ps.parts (LIKE ps.orders, part int) PARTITION BY LIST (part);
CREATE TABLE ps.part_1 PARTITION OF ps.parts FOR VALUES IN (1);
CREATE TABLE ps.part_2 PARTITION OF ps.parts FOR VALUES IN (2);
INSERT INTO ps.parts SELECT id, tenant_id, id % 2 + 1 FROM ps.orders, generate_series(1, 200);
ANALYZE ps.parts (tenant_id);
GRANT SELECT ON ps.parts TO regress_tacl_ps;
CREATE FUNCTION ps.estimate(who text, OUT rows int) LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE format('EXPLAIN (FORMAT JSON) SELECT * FROM ps.parts WHERE part = length(current_setting(''jit'')) AND tacl_can(%L, ''orders.view'', tenant_id)', who) INTO plan;
    rows := plan -> 0 -> 'Plan' ->> 'Plan Rows';
END $$;
SELECT ps.estimate('ps-ann') > ps.estimate('nobody') AS difference;

-- A plan made by a role that may execute the check is not that of one who may not.
\set ON_ERROR_ROLLBACK on
BEGIN;
REVOKE EXECUTE ON FUNCTION tacl_can(text, text, text) FROM PUBLIC;
PREPARE spy AS SELECT count(*) FROM ps.orders WHERE tacl_can('ps-ann', 'orders.view', tenant_id);
EXECUTE spy;
SET LOCAL ROLE regress_tacl_ps;
EXECUTE spy;
-- Nor does an estimate tell, of a plan that is never started.
SELECT ps.estimate('ps-ann') = ps.estimate('nobody') AS no_difference;
SELECT count(*) FROM ps.orders WHERE tacl_can('ps-ann', 'orders.view', tenant_id);
SELECT count(*) FROM ps.orders WHERE tacl_may('orders.view', tenant_id);
RESET ROLE;
EXECUTE spy;

-- Without the array function there is the check.
REVOKE EXECUTE ON FUNCTION tacl.tenants_as_text(text, internal) FROM PUBLIC;
SET LOCAL ROLE regress_tacl_ps;
SET LOCAL enable_seqscan = on;
EXPLAIN (COSTS OFF) SELECT count(*) FROM ps.orders WHERE tacl_may('orders.view', tenant_id);
SELECT count(*) FROM ps.orders WHERE tacl_may('orders.view', tenant_id);
ROLLBACK;

DEALLOCATE ALL;
DROP SCHEMA ps CASCADE;
DROP ROLE regress_tacl_ps;
RESET app.user_id;
SELECT count(tacl_drop_tenant('ps-' || n, true)) FROM generate_series(2, 30) AS n;
SELECT tacl_drop_tenant('ps-1', true);
SELECT tacl_drop_role('ps-viewer', cascade => true), tacl_drop_role('ps-clerk', cascade => true);
DELETE FROM tacl.user_account WHERE user_id LIKE 'ps-%';
