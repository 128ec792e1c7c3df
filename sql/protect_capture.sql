-- R22: where somebody was given CREATE in schema tacl and has put a function there
-- that is taken before the extension's own, tacl_protect() says so and does nothing.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE ROLE regress_tacl_cap;
GRANT CREATE, USAGE ON SCHEMA tacl TO regress_tacl_cap;
CREATE TABLE cap_orders (id int, tenant varchar(20));
CREATE TABLE cap_lines (id int, tenant text);

SET ROLE regress_tacl_cap;
CREATE FUNCTION tacl.tacl_may(permission text, tenant varchar) RETURNS boolean LANGUAGE sql AS 'SELECT true';
RESET ROLE;
SELECT tacl_protect('cap_orders', 'tenant', 'orders');
SELECT tacl_protect('cap_orders', 'tenant', 'orders', scope => 'all_mine');
SELECT count(*) FROM pg_policy WHERE polrelid = 'cap_orders'::regclass;

-- Not where it is not taken; and not when it is gone.
SELECT tacl_protect('cap_lines', 'tenant', 'lines');
DROP FUNCTION tacl.tacl_may(text, varchar);
SELECT tacl_protect('cap_orders', 'tenant', 'orders');
SELECT count(*) FROM pg_policy WHERE polrelid = 'cap_orders'::regclass;

DROP TABLE cap_orders, cap_lines;
REVOKE ALL ON SCHEMA tacl FROM regress_tacl_cap;
DROP ROLE regress_tacl_cap;
