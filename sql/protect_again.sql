-- tacl_protect() called again: for a column that was renamed, for another one, beside
-- policies that only bear a name like ours, and what is said of tables that follow.
-- Guards: what a policy is known by; the trigger's column; whose policies a notice is
-- about, and what of.
\set SHOW_CONTEXT never
CREATE ROLE regress_tacl_app;
CREATE ROLE regress_tacl_staff;
CREATE TABLE orders (id int PRIMARY KEY, tenant_id text, seller_id text);
CREATE INDEX ON orders (tenant_id);
CREATE INDEX ON orders (seller_id);
CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders, first_order int REFERENCES orders);
CREATE TABLE notes (order_id int);
GRANT SELECT, UPDATE ON orders, lines TO regress_tacl_app;
SELECT tacl_protect('orders', 'tenant_id', 'orders', to_roles => '{regress_tacl_app}'), tacl_protect_child('lines', 'order_id');
-- Not ours, though it asks about the table; nor does it follow
CREATE POLICY by_order ON notes USING (EXISTS (SELECT FROM orders WHERE id = order_id));

-- Another name for the column: nothing else is asked, so nothing is said of lines
ALTER TABLE orders RENAME tenant_id TO owner_id;
SELECT tacl_protect('orders', 'owner_id', 'orders', to_roles => '{regress_tacl_app}'), tacl_protect('orders', 'owner_id', 'orders', to_roles => '{regress_tacl_app}');
SELECT DISTINCT obj_description(oid, 'pg_policy')::jsonb->>'tenant_column' AS "column" FROM pg_policy WHERE polrelid = 'orders'::regclass;
SELECT tacl_protect('orders', 'owner_id', 'orders', to_roles => '{regress_tacl_app}', force => false, base => false),
       tacl_protect('orders', 'owner_id', 'orders', to_roles => '{regress_tacl_app}');
-- Something else is
SELECT tacl_protect('orders', 'owner_id', 'orders', view_permission => 'orders.read', to_roles => '{regress_tacl_app}');
SELECT tacl_protect('orders', 'owner_id', 'orders', view_permission => 'orders.read', to_roles => '{regress_tacl_app}', exempt_roles => '{regress_tacl_staff}');
SELECT tacl_protect('orders', 'owner_id', 'orders', to_roles => '{regress_tacl_app}');

-- Another column: the trigger looks at that one
SELECT tacl_protect('orders', 'seller_id', 'orders', to_roles => '{regress_tacl_app}'), tacl_protect_child('lines', 'first_order');
SELECT tgrelid::regclass, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname LIKE '~%' ORDER BY 1;
SELECT tacl_protect('orders', 'seller_id', 'orders', to_roles => '{regress_tacl_app}'), tacl_protect_child('lines', 'first_order');

-- Policies of the owner's own whose names begin as ours do: refused, not dropped
CREATE POLICY "!tacl mine" ON orders AS RESTRICTIVE USING (id > 0);
SELECT tacl_protect('orders', 'seller_id', 'orders', to_roles => '{regress_tacl_app}');
SELECT tacl_protect('orders', 'seller_id', 'invoices', to_roles => '{regress_tacl_app}');
ALTER POLICY "!tacl mine" ON orders RENAME TO "!tacl mine (select)";
SELECT tacl_protect('orders', 'seller_id', 'invoices', to_roles => '{regress_tacl_app}');
DROP POLICY "!tacl mine (select)" ON orders;
-- Made as ours, but it asks nothing of ours
CREATE POLICY "!tacl mine (select)" ON orders AS RESTRICTIVE FOR SELECT USING (id > 0);
SELECT tacl_protect('orders', 'seller_id', 'invoices', to_roles => '{regress_tacl_app}');
DROP POLICY "!tacl mine (select)" ON orders;
-- It does, but for another command
CREATE POLICY "!tacl mine (select)" ON orders AS RESTRICTIVE FOR UPDATE USING (tacl_may('orders.view', seller_id));
SELECT tacl_protect('orders', 'seller_id', 'invoices', to_roles => '{regress_tacl_app}');
DROP POLICY "!tacl mine (select)" ON orders;
CREATE POLICY "tacl (base" ON orders USING (tacl_may('orders.view', seller_id));
SELECT tacl_protect('orders', 'seller_id', 'invoices', to_roles => '{regress_tacl_app}');
DROP POLICY "tacl (base" ON orders;
CREATE POLICY "tacl (exempt 2)" ON orders FOR SELECT USING (tacl_may('orders.view', seller_id));
SELECT tacl_protect('orders', 'seller_id', 'invoices', to_roles => '{regress_tacl_app}');
DROP POLICY "tacl (exempt 2)" ON orders;
CREATE POLICY "!tacl mine" ON lines AS RESTRICTIVE USING (id > 0);
SELECT tacl_protect_child('lines', 'order_id');
-- Nobody takes them away, either
SELECT tacl_unprotect('lines');
SELECT polname FROM pg_policy WHERE polrelid = 'lines'::regclass;
DROP POLICY "!tacl mine" ON lines;

-- Ours are known without comments, also the one that does not depend on the extension
SELECT tacl_protect('orders', 'seller_id', 'orders', to_roles => '{regress_tacl_app}'),
       tacl_protect('orders', 'seller_id', 'orders', 'all_mine', to_roles => '{regress_tacl_staff}', base => false);
SELECT format('COMMENT ON POLICY %I ON orders IS NULL', polname) FROM pg_policy WHERE polrelid = 'orders'::regclass ORDER BY polname COLLATE "C" \gexec
SELECT tacl_protect('orders', 'seller_id', 'orders', to_roles => '{regress_tacl_app}'),
       tacl_protect('orders', 'seller_id', 'orders', 'all_mine', to_roles => '{regress_tacl_staff}', base => false);
SELECT polname, obj_description(oid, 'pg_policy') IS NOT NULL AS comment FROM pg_policy WHERE polrelid = 'orders'::regclass ORDER BY polname COLLATE "C";
SELECT tacl_unprotect('orders');
SELECT count(*) FROM pg_policy WHERE polrelid = 'orders'::regclass;

DROP TABLE orders, lines, notes;
DROP ROLE regress_tacl_app, regress_tacl_staff;
