-- Partitioned tables and inheritance: protected with all that is below, also when it
-- is used directly. Guards: all partitions; the root only; the trigger for a row that
-- changes its partition; policies of the next table above for a partition that is new.
\set SHOW_CONTEXT never
SET tacl.user_setting = 'app.user_id';
CREATE ROLE regress_tacl_app;
DO $$
BEGIN
    PERFORM tacl_create_tenant('org-a'), tacl_create_tenant('org-b'), tacl_create_tenant('org-c');
    PERFORM tacl_define_role('editor', '{orders.*}'), tacl_define_role('changer', '{orders.view, orders.update, orders.delete}');
    PERFORM tacl_assign('ann', 'editor', 'org-a'), tacl_assign('ann', 'changer', 'org-b');
END $$;

-- By tenant, with partitions below a partition, and columns in another order
CREATE TABLE orders (id int, tenant_id text, note text) PARTITION BY LIST (tenant_id);
CREATE TABLE orders_a PARTITION OF orders FOR VALUES IN ('org-a');
CREATE TABLE orders_b (gone int, note text, id int, tenant_id text) PARTITION BY HASH (id);
ALTER TABLE orders_b DROP COLUMN gone;
ALTER TABLE orders ATTACH PARTITION orders_b FOR VALUES IN ('org-b');
CREATE TABLE orders_b0 PARTITION OF orders_b FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE orders_b1 PARTITION OF orders_b FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO orders SELECT i, 'org-' || substr('ab', i % 2 + 1, 1), 'new' FROM generate_series(1, 10) AS i;
GRANT SELECT, INSERT, UPDATE, DELETE ON orders, orders_a, orders_b, orders_b0, orders_b1 TO regress_tacl_app;
\set protected 'SELECT relname, relrowsecurity AS enabled, relforcerowsecurity AS forced, (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid) AS policies, (SELECT string_agg(tgname, '', '') FROM pg_trigger WHERE tgrelid = c.oid) AS triggers FROM pg_class AS c WHERE relname LIKE ''orders%'' AND relkind IN (''r'', ''p'') ORDER BY relname'

SELECT tacl_protect('orders', 'tenant_id', 'orders', 'all_mine'), tacl_protect('orders', 'tenant_id', 'orders', 'all_mine');
:protected;
SELECT tacl_protect('orders_a', 'tenant_id', 'orders');
SELECT tacl_unprotect('orders_b0');

SET app.user_id = 'ann';
SET ROLE regress_tacl_app;
SELECT tenant_id, count(*) FROM orders GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM orders_a;
SELECT count(*) FROM orders_b;
SET app.user_id = 'bob';
SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM orders_a), (SELECT count(*) FROM orders_b), (SELECT count(*) FROM orders_b0);
SET app.user_id = 'ann';
-- Moves between partitions, and those that stay in one
UPDATE orders SET tenant_id = 'org-b' WHERE id = 2;
UPDATE orders SET tenant_id = 'org-a' WHERE id = 1 RETURNING id, tenant_id;
UPDATE orders_b SET tenant_id = 'org-a' WHERE id = 3;
UPDATE orders SET id = id + 1 WHERE tenant_id = 'org-b' RETURNING id;
INSERT INTO orders_b0 VALUES ('new', 101, 'org-b');
RESET ROLE;

-- The active tenant finds its partition, and only that
SELECT tacl_protect('orders', 'tenant_id', 'orders');
SET app.tenant = 'org-a';
SET ROLE regress_tacl_app;
EXPLAIN (COSTS OFF) SELECT * FROM orders;
SELECT count(*) FROM orders;
RESET ROLE;

-- A new partition: protected through the root; by itself from the next call on
CREATE TABLE orders_c PARTITION OF orders DEFAULT;
SELECT tacl_protect('orders', 'tenant_id', 'orders', 'all_mine');
SET app.user_id = '';
SELECT tacl_assign('ann', 'changer', 'org-c');
SET app.user_id = 'ann';
CREATE TABLE orders_d PARTITION OF orders FOR VALUES IN ('org-d');
INSERT INTO orders VALUES (201, 'org-c'), (202, 'org-d');
GRANT SELECT, UPDATE ON orders_d TO regress_tacl_app;
SET ROLE regress_tacl_app;
SELECT count(*) FROM orders WHERE tenant_id = 'org-d';
SELECT count(*) AS "by itself" FROM orders_d;
UPDATE orders SET tenant_id = 'org-c' WHERE id = 4;
UPDATE orders_d SET tenant_id = 'org-c';
RESET ROLE;
SELECT tacl_protect('orders', 'tenant_id', 'orders', 'all_mine');
:protected;
SET ROLE regress_tacl_app;
SELECT count(*) AS "by itself" FROM orders_d;
RESET ROLE;
-- Detached, it keeps its policies; then it is a table of its own, and has to be
-- unprotected before it is attached again
ALTER TABLE orders DETACH PARTITION orders_c;
SELECT tacl_protect('orders_c', 'tenant_id', 'orders', 'all_mine');
ALTER TABLE orders ATTACH PARTITION orders_c DEFAULT;
SELECT tacl_unprotect('orders_c');
ALTER TABLE orders ATTACH PARTITION orders_c DEFAULT;
SELECT tacl_protect('orders', 'tenant_id', 'orders', 'all_mine');
SELECT tacl_unprotect('orders');
:protected;
DROP TABLE orders;

-- Partitions by something else: one notice for all that lack the index
CREATE TABLE orders (id int PRIMARY KEY, tenant_id text) PARTITION BY RANGE (id);
CREATE TABLE orders_1 PARTITION OF orders FOR VALUES FROM (1) TO (100);
CREATE TABLE orders_2 PARTITION OF orders FOR VALUES FROM (100) TO (200);
INSERT INTO orders SELECT i, 'org-' || substr('abc', i % 3 + 1, 1) FROM generate_series(1, 190) AS i;
SELECT tacl_protect('orders', 'tenant_id', 'orders');
CREATE INDEX ON orders_2 (tenant_id);
SELECT tacl_protect('orders', 'tenant_id', 'orders');
CREATE INDEX ON orders (tenant_id);
SELECT tacl_protect('orders', 'tenant_id', 'orders');
-- Their rows' rows, partitioned as well
CREATE TABLE lines (id int, order_id int REFERENCES orders) PARTITION BY LIST (id);
CREATE TABLE lines_1 PARTITION OF lines FOR VALUES IN (1);
CREATE TABLE lines_2 (order_id int, id int);
ALTER TABLE lines ATTACH PARTITION lines_2 DEFAULT;
INSERT INTO lines SELECT i % 5, i FROM generate_series(1, 190) AS i;
GRANT SELECT, UPDATE ON orders, lines, lines_1, lines_2 TO regress_tacl_app;
SELECT tacl_protect_child('lines', 'order_id'), tacl_protect_child('lines', 'order_id');
SET ROLE regress_tacl_app;
SELECT (SELECT count(*) FROM lines), (SELECT count(*) FROM lines_1), (SELECT count(*) FROM lines_2);
UPDATE lines SET order_id = 3 WHERE order_id < 8 RETURNING id;
UPDATE lines SET order_id = 4 WHERE order_id = 3;
RESET ROLE;
SELECT tacl_protect_child('lines_1', 'order_id');
SELECT tacl_unprotect('lines'), tacl_unprotect('orders'), tacl_unprotect('lines');
DROP TABLE lines, orders;

-- Inheritance
CREATE TABLE orders (id int, tenant_id text);
CREATE TABLE orders_old (closed_at date) INHERITS (orders);
CREATE TABLE orders_both (tenant_id text, id int) INHERITS (orders_old);
INSERT INTO orders VALUES (1, 'org-a'), (2, 'org-b');
INSERT INTO orders_old VALUES (3, 'org-a'), (4, 'org-b');
INSERT INTO orders_both VALUES (5, 'org-a'), (6, 'org-b');
GRANT SELECT, UPDATE ON orders, orders_old, orders_both TO regress_tacl_app;
SELECT tacl_protect('orders', 'tenant_id', 'orders', 'all_mine'), tacl_protect('orders', 'tenant_id', 'orders', 'all_mine');
:protected;
SELECT tacl_protect('orders_both', 'tenant_id', 'orders');
SET ROLE regress_tacl_app;
SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM orders_old), (SELECT count(*) FROM orders_both);
UPDATE orders SET tenant_id = 'org-b' WHERE id = 5;
UPDATE orders_old SET tenant_id = 'org-b' WHERE id = 3;
UPDATE orders SET tenant_id = 'org-a' RETURNING id;
RESET ROLE;
-- One that comes later: seen as the policies say, but its rows can be moved until the
-- next call
CREATE TABLE orders_new () INHERITS (orders);
INSERT INTO orders_new VALUES (7, 'org-a'), (8, 'org-b'), (9, 'org-c');
SET ROLE regress_tacl_app;
SELECT id FROM orders WHERE id > 6 ORDER BY id;
UPDATE orders SET tenant_id = 'org-b' WHERE id = 7;
UPDATE orders SET tenant_id = 'org-a' WHERE id = 7;
RESET ROLE;
SELECT tacl_protect('orders', 'tenant_id', 'orders', 'all_mine'), tacl_protect('orders', 'tenant_id', 'orders', 'all_mine');
SET ROLE regress_tacl_app;
UPDATE orders SET tenant_id = 'org-b' WHERE id = 7;
RESET ROLE;
SELECT tacl_unprotect('orders');
:protected;

RESET app.user_id;
RESET app.tenant;
SET client_min_messages = warning;
DROP TABLE orders CASCADE;
DROP ROLE regress_tacl_app;
SELECT bool_and(tacl_drop_tenant(t, true)) FROM unnest('{org-a, org-b, org-c}'::text[]) AS t;
SELECT tacl_drop_role('editor'), tacl_drop_role('changer');
