-- R19: with a token that is set and is worth nothing there is no user, although a
-- setting would name one: nowhere does that one take its place.
\set VERBOSITY terse
SET client_min_messages = warning;
SELECT tacl_create_tenant('tfb'), tacl_define_role('tfb-role', '{orders.*,tacl.*}'), tacl_assign('tfb-ann', 'tfb-role', 'tfb');
CREATE TABLE tfb_orders (tenant text, id int);
INSERT INTO tfb_orders SELECT 'tfb', i FROM generate_series(1, 3) AS i;
SELECT tacl_protect('tfb_orders', 'tenant', 'orders', scope => 'all_mine');
CREATE ROLE regress_tacl_tfb;
GRANT SELECT, INSERT ON tfb_orders TO regress_tacl_tfb;
SET tacl.user_setting = 'app.user_id';
SET app.user_id = 'tfb-ann';

-- The setting alone: it says who the user is.
SET ROLE regress_tacl_tfb;
SELECT tacl_user(), tacl_may('orders.view', 'tfb') AS may, (SELECT count(*) FROM tfb_orders) AS rows;
SELECT array_agg(tenant) AS tenants FROM tacl_tenants('tfb-ann');
SELECT user_id FROM tacl_users('orders.view', 'tfb');
SELECT count(*) > 0 AS recorded FROM tacl_audit('tfb');

-- With a token beside it that is worth nothing
SET tacl.token = 'this.is.none';
SELECT tacl_user();
SELECT tacl_may('orders.view', 'tfb') AS may, tacl_active_tenant('orders.view', NULL::text) AS active, (SELECT count(*) FROM tfb_orders) AS rows;
INSERT INTO tfb_orders VALUES ('tfb', 4);
SELECT * FROM tacl_tenants('tfb-ann');
SELECT * FROM tacl_roles('tfb-ann', 'tfb');
SELECT * FROM tacl_users('orders.view', 'tfb');
SELECT * FROM tacl_audit('tfb');
SELECT tacl_switch('tfb');
SELECT tacl_grant('tfb-ben', 'orders.view', 'tfb');

-- Nor is what a superuser changes by hand recorded as that user's.
RESET ROLE;
INSERT INTO tacl.assignment (user_id, pattern, tenant) VALUES ('tfb-ben', 'orders.view', 'tfb');
SELECT user_id IS NULL AS nobodys FROM tacl.audit WHERE subject = 'tfb-ben';
RESET tacl.token;

SET app.user_id = '';
DROP TABLE tfb_orders;
DROP ROLE regress_tacl_tfb;
SELECT tacl_unassign('tfb-ann', 'tfb-role', 'tfb'), tacl_revoke('tfb-ben', 'orders.view', 'tfb'), tacl_drop_role('tfb-role'), tacl_drop_tenant('tfb');
