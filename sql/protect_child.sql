-- tacl_protect_child(): order lines are seen and written as their order is, and
-- parts of lines as their line is. Guards: the parent's condition within the child's,
-- the trigger against moves, nothing kept from before where rows are locked.
\set SHOW_CONTEXT never
SET tacl.user_setting = 'app.user_id';
CREATE ROLE regress_tacl_owner;
CREATE ROLE regress_tacl_app;
CREATE ROLE regress_tacl_warehouse;
CREATE SCHEMA regress_shop AUTHORIZATION regress_tacl_owner;
GRANT USAGE ON SCHEMA regress_shop TO PUBLIC;
DO $$
BEGIN
    PERFORM tacl_create_tenant('org-a'), tacl_create_tenant('org-b'), tacl_create_tenant('org-c');
    PERFORM tacl_define_role('editor', '{orders.*}'), tacl_define_role('changer', '{orders.view, orders.update}');
    PERFORM tacl_assign('ann', 'editor', 'org-a'), tacl_assign('ann', 'changer', 'org-b');
END $$;
SET ROLE regress_tacl_owner;
SET search_path = regress_shop, public;
CREATE TABLE orders (id int PRIMARY KEY, tenant_id text);
CREATE INDEX ON orders (tenant_id);
CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders ON UPDATE CASCADE, note text);
-- Named like the alias in the policies, with the columns' names swapped about
CREATE TABLE parent (line_id int PRIMARY KEY, id int REFERENCES lines, tenant_id text);
INSERT INTO orders SELECT i, 'org-' || substr('abc', i % 3 + 1, 1) FROM generate_series(1, 300) AS i;
INSERT INTO lines SELECT i, i, 'new' FROM generate_series(1, 300) AS i;
INSERT INTO lines VALUES (0, NULL, 'of no order');
INSERT INTO parent SELECT 300 - i, i, 'org-a' FROM generate_series(1, 300) AS i;
ANALYZE orders, lines, parent;
GRANT SELECT, INSERT, UPDATE, DELETE ON lines, parent TO PUBLIC;

-- Not yet, not so
SELECT tacl_protect_child('lines', 'order_id');
SELECT tacl_protect('orders', 'tenant_id', 'orders', 'all_mine', to_roles => '{regress_tacl_app}', exempt_roles => '{regress_tacl_warehouse}');
SELECT tacl_protect_child('lines', 'note');
SELECT tacl_protect_child('lines', 'no_such');
SELECT tacl_protect_child('lines', NULL);
SELECT tacl_protect_child('lines', 'order_id', force => NULL);

SELECT tacl_protect_child('lines', 'order_id'), tacl_protect_child('lines', 'order_id');
SELECT tacl_protect_child('parent', 'id'), tacl_protect_child('parent', 'id');
SELECT policyname, permissive, roles, cmd FROM pg_policies WHERE tablename = 'parent' ORDER BY policyname COLLATE "C";
SELECT pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polrelid = 'parent'::regclass AND polcmd = 'd';

-- A loop, a row of the same table, two parents
ALTER TABLE orders ADD COLUMN line_id int REFERENCES parent, ADD COLUMN before_id int REFERENCES orders;
SELECT tacl_protect_child('orders', 'line_id');
SELECT tacl_protect_child('orders', 'before_id');
ALTER TABLE parent ADD FOREIGN KEY (id) REFERENCES orders;
SELECT tacl_protect_child('parent', 'id');
ALTER TABLE parent DROP CONSTRAINT parent_id_fkey1;

-- Who may read the lines must be able to read the orders
SET ROLE regress_tacl_app;
SET app.user_id = 'ann';
SELECT count(*) FROM lines;
RESET ROLE;
GRANT SELECT, UPDATE ON orders TO PUBLIC;
SET ROLE regress_tacl_app;
SELECT tenant_id, count(*), count(DISTINCT lines.id) FROM orders JOIN lines ON order_id = orders.id GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM lines;
SELECT count(*) FROM parent;
SELECT count(*) FROM parent WHERE line_id BETWEEN 101 AND 103;
INSERT INTO lines VALUES (1001, 3, 'new') RETURNING id;
INSERT INTO lines VALUES (1002, 1, 'new in org-b');
INSERT INTO lines VALUES (1002, 2, 'new in org-c');
INSERT INTO lines VALUES (1002, NULL, 'of no order');
INSERT INTO parent VALUES (1001, 1001), (1002, 1);
UPDATE lines SET note = 'seen' WHERE id < 5 RETURNING id;
DELETE FROM lines WHERE id IN (0, 1, 2, 1001) RETURNING id;
-- To another order: of the same tenant, of one without create, of one without anything
UPDATE lines SET order_id = 6 WHERE id = 3 RETURNING order_id;
UPDATE lines SET order_id = 1 WHERE id = 3;
UPDATE lines SET order_id = 2 WHERE id = 3;
UPDATE lines SET order_id = NULL WHERE id = 3;
UPDATE lines SET order_id = 3 WHERE id = 1 RETURNING order_id;
UPDATE parent SET id = 4 WHERE id = 6;
-- Along with its order, by a foreign key's action, which no policy stops
UPDATE orders SET id = 2001 WHERE id = 4;
SELECT id, order_id FROM lines WHERE order_id = 2001;
-- The exempt, as on the orders
SET ROLE regress_tacl_warehouse;
SELECT count(*) FROM lines;
SET ROLE regress_tacl_owner;
SELECT count(*) FROM parent;

-- All found at once in a plain SELECT; each row looked up wherever rows are locked
CREATE FUNCTION looks_up(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    result text = 'each row';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        IF line LIKE '%hashed SubPlan%' THEN result = 'all at once'; END IF;
        IF line LIKE '%InitPlan%' THEN RETURN 'wrong'; END IF;
    END LOOP;
    RETURN result;
END $$;
SET ROLE regress_tacl_app;
SELECT query, looks_up(query) FROM unnest(ARRAY['SELECT * FROM lines', 'SELECT * FROM lines WHERE id = 5', 'SELECT * FROM lines FOR UPDATE',
    'SELECT * FROM lines FOR SHARE', 'UPDATE lines SET note = note', 'DELETE FROM lines', 'SELECT * FROM parent FOR UPDATE',
    'INSERT INTO parent SELECT id + 5000, id FROM lines', 'MERGE INTO lines USING orders ON order_id = orders.id WHEN MATCHED THEN DELETE',
    'WITH l AS (SELECT * FROM lines FOR UPDATE) SELECT * FROM l']) AS query;

-- The parent's policies change: those of the child have to be made again
SET ROLE regress_tacl_owner;
SELECT tacl_protect('orders', 'tenant_id', 'orders', 'all_mine', view_permission => 'orders.list', to_roles => '{regress_tacl_app}');
SELECT tacl_protect_child('lines', 'order_id', base => false), tacl_protect_child('lines', 'order_id');
SELECT policyname, roles FROM pg_policies WHERE tablename = 'lines' AND cmd IN ('SELECT', 'ALL');
-- Without the parent's policies, the child keeps its own
SELECT tacl_unprotect('orders');
SET ROLE regress_tacl_app;
SELECT count(*) FROM orders;
SELECT count(*) FROM lines WHERE order_id < 10;
-- Without the column that they ask about, nothing is permitted
SET ROLE regress_tacl_owner;
SET client_min_messages = warning;
ALTER TABLE orders DROP COLUMN tenant_id CASCADE;
RESET client_min_messages;
SELECT tablename, policyname FROM pg_policies;
SET ROLE regress_tacl_app;
SELECT count(*) FROM lines;
SET ROLE regress_tacl_owner;
SELECT tacl_unprotect('lines'), tacl_unprotect('lines');

RESET search_path;
RESET ROLE;
RESET app.user_id;
SET client_min_messages = warning;
DROP SCHEMA regress_shop CASCADE;
DROP ROLE regress_tacl_owner, regress_tacl_app, regress_tacl_warehouse;
SELECT bool_and(tacl_drop_tenant(t, true)) FROM unnest('{org-a, org-b, org-c}'::text[]) AS t;
SELECT tacl_drop_role('editor'), tacl_drop_role('changer');
