-- R15: a leaky function or operator in the user's WHERE never sees a value of a
-- row that a policy hides, whatever the plan. Planning raises no error of its own.
\set VERBOSITY terse
SET client_min_messages = notice;
SET tacl.user_setting = 'app.user_id';
SET max_parallel_workers_per_gather = 0;
SET jit = off;

CREATE SCHEMA leak;
SELECT count(tacl_create_tenant('leak-' || n)) FROM generate_series(1, 40) AS n;
SELECT tacl_define_role('leak-viewer', '{orders.view}'), tacl_assign('leak-ann', 'leak-viewer', 'leak-1'), tacl_assign('leak-ann', 'leak-viewer', 'leak-2');
CREATE TABLE leak.orders AS SELECT i AS id, 'leak-' || i % 40 + 1 AS tenant_id, CASE WHEN i % 40 < 2 THEN 'mine ' ELSE 'SECRET ' END || i AS note FROM generate_series(0, 79) AS i;
CREATE INDEX ON leak.orders (tenant_id);
CREATE TABLE leak.parts (LIKE leak.orders) PARTITION BY HASH (tenant_id);
CREATE TABLE leak.parts_0 PARTITION OF leak.parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE leak.parts_1 PARTITION OF leak.parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE INDEX ON leak.parts (tenant_id);
INSERT INTO leak.parts SELECT * FROM leak.orders;
ANALYZE leak.orders, leak.parts;
ALTER TABLE leak.orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE leak.parts ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_view ON leak.orders USING (tacl_may('orders.view', tenant_id));
CREATE POLICY by_view ON leak.parts USING (tacl_may('orders.view', tenant_id));

CREATE ROLE regress_tacl_leak;
CREATE SCHEMA spy AUTHORIZATION regress_tacl_leak;
GRANT USAGE ON SCHEMA leak TO regress_tacl_leak;
GRANT SELECT, UPDATE, DELETE ON leak.orders, leak.parts TO regress_tacl_leak;
SET ROLE regress_tacl_leak;
SET app.user_id = 'leak-ann';
CREATE FUNCTION spy.f_leak(value text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN RAISE NOTICE 'f_leak: %', value; RETURN true; END $$;
CREATE FUNCTION spy.equal(a text, b text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN RAISE NOTICE 'equal: %', a; RETURN false; END $$;
CREATE OPERATOR spy.<<< (FUNCTION = spy.equal, LEFTARG = text, RIGHTARG = text, RESTRICT = eqsel);

-- All notices are of rows of one's own: 4 of 80.
\set leaky 'WHERE spy.f_leak(note)'
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM leak.orders :leaky;
SELECT count(*) FROM leak.orders :leaky;
SELECT count(*) FROM leak.orders WHERE note OPERATOR(spy.<<<) 'x';
SELECT count(*) FROM leak.orders WHERE spy.f_leak(tenant_id) AND tacl_can('leak-ann', 'orders.view', tenant_id);
SELECT count(*) FROM leak.orders :leaky AND tenant_id = 'leak-3';
SELECT count(*) FROM leak.parts :leaky;
SET enable_bitmapscan = on;
SET enable_indexscan = off;
SELECT count(*) FROM leak.orders :leaky;
SELECT count(*) FROM leak.parts :leaky;
SET enable_seqscan = on;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM leak.orders :leaky;
SELECT count(*) FROM leak.orders :leaky;
SELECT count(*) FROM leak.parts :leaky;
SELECT count(*) FROM leak.orders o JOIN leak.parts p ON o.id = p.id AND spy.f_leak(o.note || '+' || p.note);
BEGIN;
UPDATE leak.orders SET note = note :leaky;
DELETE FROM leak.parts :leaky;
ROLLBACK;
RESET enable_indexscan;
RESET enable_bitmapscan;

-- A check of one's own in the query is no way around the policy.
SELECT tenant_id, count(*) FROM leak.orders WHERE tacl_can('leak-ann', 'orders.view', tenant_id) OR true GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM leak.orders WHERE tacl_can('nobody', 'orders.view', tenant_id);

-- No user, none that can be one.
RESET app.user_id;
SELECT count(*) FROM leak.orders :leaky;
SET app.user_id = '';
SELECT count(*) FROM leak.orders :leaky;
SELECT set_config('app.user_id', repeat('u', 300), false) <> '' AS set;
SELECT count(*) FROM leak.orders :leaky;
SET app.user_id = 'leak-ann';

-- Errors at planning: none. A permission that is none is an error of the check.
RESET ROLE;
ALTER POLICY by_view ON leak.orders USING (tacl_may('orders.*', tenant_id));
GRANT SELECT ON leak.parts_1 TO regress_tacl_leak;
SET ROLE regress_tacl_leak;
EXPLAIN (COSTS OFF) SELECT count(*) FROM leak.orders;
SELECT count(*) FROM leak.orders :leaky;
SET plan_cache_mode = force_custom_plan;
PREPARE ask(text, text) AS SELECT count(*) FROM leak.parts WHERE tacl_can($1, $2, tenant_id);
EXPLAIN (COSTS OFF) EXECUTE ask(NULL, NULL);
EXECUTE ask(NULL, NULL);
EXECUTE ask('leak-ann', 'orders view');
EXECUTE ask(repeat('u', 300), 'orders.view');
EXECUTE ask('leak-ann', repeat('p', 300));
EXECUTE ask('leak-ann', 'orders.view');
EXPLAIN (COSTS OFF) EXECUTE ask('leak-ann', 'orders.*');
DEALLOCATE ask;
EXPLAIN (COSTS OFF) SELECT count(*) FROM leak.parts_1 WHERE tacl_can(1.5, 'orders.view', tenant_id);
SELECT count(*) FROM leak.parts_1 WHERE tacl_can(1.5, 'orders.view', tenant_id);
RESET ROLE;
RESET app.user_id;

SET client_min_messages = warning;
DROP SCHEMA leak, spy CASCADE;
DROP ROLE regress_tacl_leak;
SELECT count(tacl_drop_tenant('leak-' || n, true)) FROM generate_series(1, 40) AS n;
SELECT tacl_drop_role('leak-viewer');
