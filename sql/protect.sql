-- tacl_protect(): a table's owner, who has no other rights here, protects it, and
-- an unprivileged role works with it. Guards: restrictive policies, their names,
-- the trigger against moves, comparison of what is there with what is wanted.
SET tacl.user_setting = 'app.user_id';
CREATE ROLE regress_tacl_owner;
CREATE ROLE regress_tacl_app;
CREATE ROLE regress_tacl_office;
CREATE ROLE regress_tacl_warehouse;
CREATE ROLE regress_tacl_guest;
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
CREATE TABLE orders (id int PRIMARY KEY, tenant_id text, note text);
CREATE INDEX ON orders (tenant_id);
INSERT INTO orders SELECT i, 'org-' || substr('abc', i % 3 + 1, 1), 'new' FROM generate_series(1, 9) AS i;
GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO PUBLIC;

\set state 'SELECT relrowsecurity AS enabled, relforcerowsecurity AS forced FROM pg_class WHERE oid = ''orders''::regclass'
\set policies 'SELECT policyname, permissive, roles, cmd, coalesce(qual, with_check) AS expression FROM pg_policies WHERE schemaname = ''regress_shop'' ORDER BY policyname COLLATE "C"'

SELECT tacl_protect('orders', 'tenant_id', 'orders');
:state;
:policies;
SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'orders'::regclass;
SELECT DISTINCT obj_description(oid, 'pg_policy')::jsonb AS comment FROM pg_policy WHERE polrelid = 'orders'::regclass;

-- The active tenant, with what the user may there
SET ROLE regress_tacl_app;
SELECT count(*) AS "nobody" FROM orders;
SET app.user_id = 'ann';
SELECT count(*) AS "nowhere" FROM orders;
SET app.tenant = 'org-c';
SELECT count(*) AS "may nothing there" FROM orders;
SET app.tenant = 'org-a';
SELECT id, tenant_id FROM orders ORDER BY id;
INSERT INTO orders VALUES (10, 'org-a') RETURNING id;
INSERT INTO orders VALUES (11, 'org-b');
INSERT INTO orders VALUES (11, NULL);
UPDATE orders SET note = 'seen' RETURNING id;
UPDATE orders SET tenant_id = 'org-b';
DELETE FROM orders WHERE id IN (10, 11, 1) RETURNING id;
SET app.tenant = 'org-b';
INSERT INTO orders VALUES (11, 'org-b');
UPDATE orders SET note = 'seen' RETURNING id;
DELETE FROM orders;
-- The setting can change within a statement: WITH CHECK alone would let it pass
SET app.tenant = 'org-a';
UPDATE orders SET tenant_id = set_config('app.tenant', 'org-b', false) WHERE id = 3;

-- The same call again changes nothing, and mends what was altered
SET ROLE regress_tacl_owner;
SELECT tacl_protect('orders', 'tenant_id', 'orders');
ALTER POLICY "!tacl orders.view (select)" ON orders USING (true);
DROP POLICY "!tacl orders.update (update)" ON orders;
COMMENT ON POLICY "!tacl orders.delete (delete)" ON orders IS 'x';
ALTER TABLE orders DISABLE TRIGGER "~tacl move";
SELECT tacl_protect('orders', 'tenant_id', 'orders');
SELECT tacl_protect('orders', 'tenant_id', 'orders');
SELECT count(*) AS "policies as before" FROM pg_policy WHERE polrelid = 'orders'::regclass AND polname <> 'tacl (base)'
    AND pg_get_expr(coalesce(polqual, polwithcheck), polrelid) LIKE '%tacl_active_tenant%' AND obj_description(oid, 'pg_policy') LIKE '%tenant_id%';
SELECT tgenabled FROM pg_trigger WHERE tgrelid = 'orders'::regclass;

-- Other arguments replace
SELECT tacl_protect('orders', 'tenant_id', 'orders', delete_permission => 'orders.update', force => false);
:state;
SELECT policyname, cmd, qual FROM pg_policies WHERE schemaname = 'regress_shop' AND cmd IN ('UPDATE', 'DELETE') ORDER BY cmd;

-- For one role the active tenant, for another all of them, and one is exempt
SELECT tacl_protect('orders', 'tenant_id', 'orders', to_roles => '{regress_tacl_app}');
SELECT tacl_unprotect('orders');
:state;
SELECT tacl_protect('orders', 'tenant_id', 'orders', to_roles => '{regress_tacl_app}', exempt_roles => '{regress_tacl_warehouse}');
SELECT tacl_protect('orders', 'tenant_id', 'orders', 'all_mine', to_roles => '{regress_tacl_office, regress_tacl_office}');
SELECT tacl_protect('orders', 'tenant_id', 'orders', to_roles => '{regress_tacl_app, regress_tacl_office}');
:policies;
SET app.tenant = 'org-a';
SET ROLE regress_tacl_app;
SELECT tenant_id, count(*) FROM orders GROUP BY 1 ORDER BY 1;
SET ROLE regress_tacl_office;
SELECT tenant_id, count(*) FROM orders GROUP BY 1 ORDER BY 1;
UPDATE orders SET tenant_id = 'org-b' WHERE id = 3;
UPDATE orders SET tenant_id = 'org-a' WHERE id = 4 RETURNING id, tenant_id;
SET ROLE regress_tacl_warehouse;
SELECT tenant_id, count(*) FROM orders GROUP BY 1 ORDER BY 1;
UPDATE orders SET tenant_id = 'org-b' WHERE id = 4 RETURNING id, tenant_id;
SET ROLE regress_tacl_owner;
SELECT count(*) AS "neither" FROM orders;
-- Through the office's view, for a role that no policy is for: it is not known that the
-- office asks, so that a row that moves has to pass the policies of all
GRANT CREATE ON SCHEMA regress_shop TO regress_tacl_office;
SET ROLE regress_tacl_office;
CREATE VIEW office_view AS SELECT * FROM orders;
GRANT SELECT, UPDATE ON office_view TO PUBLIC;
SET ROLE regress_tacl_guest;
SELECT count(*) AS "of the table", (SELECT count(*) FROM office_view) AS "of the view" FROM orders;
UPDATE office_view SET tenant_id = 'org-b' WHERE id = 3;
UPDATE office_view SET tenant_id = 'org-a' WHERE id = 4 RETURNING id, tenant_id;
SET ROLE regress_tacl_warehouse;
UPDATE office_view SET tenant_id = 'org-b' WHERE id = 4 RETURNING id, tenant_id;
SET ROLE regress_tacl_owner;

-- Undone: nothing is left, and twice is no error
SELECT tacl_unprotect('orders'), tacl_unprotect('orders');
:state;
:policies;
SELECT count(*) AS triggers FROM pg_trigger WHERE tgrelid = 'orders'::regclass;
-- What was there before stays
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SELECT tacl_protect('orders', 'tenant_id', 'orders'), tacl_protect('orders', 'tenant_id', 'orders', force => false), tacl_unprotect('orders');
:state;

RESET search_path;
RESET ROLE;
RESET app.user_id;
RESET app.tenant;
SET client_min_messages = warning;
DROP SCHEMA regress_shop CASCADE;
DROP ROLE regress_tacl_owner, regress_tacl_app, regress_tacl_office, regress_tacl_warehouse, regress_tacl_guest;
SELECT bool_and(tacl_drop_tenant(t, true)) FROM unnest('{org-a, org-b, org-c}'::text[]) AS t;
SELECT tacl_drop_role('editor'), tacl_drop_role('changer');
