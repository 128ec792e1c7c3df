-- R16: what the planner expects of the active tenant does not depend on who is in the
-- session while a query is planned: a plan that was made with no user, or for one with
-- no rights, is as good for those who come later.
-- Guards: the argument of tacl_active_tenant() that the planner does not know.
SET tacl.user_setting = 'app.user_id';
CREATE ROLE regress_tacl_app;
SELECT tacl_create_tenant('org-a'), tacl_create_tenant('org-b'), tacl_define_role('editor', '{orders.*}'), tacl_assign('ann', 'editor', 'org-a');
-- Nearly all rows are of one tenant, so that its index is of no help to find one row
CREATE TABLE orders (id int PRIMARY KEY, tenant_id text, note text);
INSERT INTO orders SELECT i, CASE WHEN i % 10 = 0 THEN 'org-' || i ELSE 'org-a' END, 'new' FROM generate_series(1, 20000) AS i;
CREATE INDEX ON orders (tenant_id);
CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders);
INSERT INTO lines SELECT i, i FROM generate_series(1, 2000) AS i;
CREATE TABLE by_hand AS TABLE orders;
ALTER TABLE by_hand ADD PRIMARY KEY (id), ENABLE ROW LEVEL SECURITY;
CREATE INDEX ON by_hand (tenant_id);
CREATE POLICY active ON by_hand USING (tenant_id = tacl_active_tenant('orders.view', NULL::text));
ANALYZE orders, lines, by_hand;
SELECT tacl_protect('orders', 'tenant_id', 'orders'), tacl_protect_child('lines', 'order_id');
GRANT SELECT, UPDATE ON orders, lines, by_hand TO regress_tacl_app;
CREATE FUNCTION expected_rows(query text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
    RETURN plan->0->'Plan'->>'Plan Rows';
END $$;
CREATE FUNCTION scans(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        IF line ~ 'Scan' THEN RETURN NEXT ltrim(line, ' ->'); END IF;
    END LOOP;
END $$;

-- As many rows as there are of any tenant
SET ROLE regress_tacl_app;
SET app.tenant = 'org-a';
SELECT expected_rows('SELECT * FROM orders') AS nobody, expected_rows('SELECT * FROM by_hand') AS "by hand";
SET app.user_id = 'bob';
SELECT expected_rows('SELECT * FROM orders') AS bob, expected_rows('SELECT * FROM by_hand') AS "by hand";
SET app.user_id = 'ann';
SELECT expected_rows('SELECT * FROM orders') AS ann, expected_rows('SELECT * FROM by_hand') AS "by hand";

-- Where no user is an error, it is none yet to plan
RESET app.user_id;
RESET ROLE;
SET tacl.on_missing_user = 'error';
SET ROLE regress_tacl_app;
SELECT expected_rows('SELECT * FROM orders') AS nobody;
SELECT count(*) FROM orders;
RESET ROLE;
RESET tacl.on_missing_user;

-- Planned with no user: one row is found by its key, also a child's parent
SET ROLE regress_tacl_app;
SET plan_cache_mode = force_generic_plan;
PREPARE one (int) AS SELECT id FROM orders WHERE id = $1;
PREPARE one_by_hand (int) AS SELECT id FROM by_hand WHERE id = $1;
PREPARE locked AS SELECT id FROM lines WHERE id < 50 FOR UPDATE;
EXECUTE one (1);
EXECUTE one_by_hand (1);
EXECUTE locked;
SET app.user_id = 'ann';
SELECT * FROM scans('EXECUTE one (1)');
SELECT * FROM scans('EXECUTE one_by_hand (1)');
SELECT * FROM scans('EXECUTE locked');
EXECUTE one (1);
EXECUTE one (10);
EXECUTE one_by_hand (1);

DEALLOCATE ALL;
RESET plan_cache_mode;
RESET ROLE;
RESET app.user_id;
RESET app.tenant;
DROP FUNCTION expected_rows(text), scans(text);
DROP TABLE orders, lines, by_hand;
DROP ROLE regress_tacl_app;
SELECT tacl_drop_tenant('org-a', true), tacl_drop_tenant('org-b', true), tacl_drop_role('editor');
