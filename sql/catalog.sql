-- The catalog of permissions: a warning for what it does not know.
\set SHOW_CONTEXT never

SELECT tacl_create_tenant('cat-a');
-- While it is empty, nothing is said
SELECT tacl_define_role('cat-role', '{anything.goes, !no.such, some.*}', 'cat-a');

INSERT INTO tacl.permission (name, description) VALUES
    ('orders.view', 'See orders'), ('orders.edit', NULL), ('orders.items.delete', NULL), ('reports.view', NULL), ('read:users', NULL);
INSERT INTO tacl.permission (name) VALUES ('orders.*');
INSERT INTO tacl.permission (name) VALUES ('!orders.view');
INSERT INTO tacl.permission (name) VALUES ('orders.view');

-- Known, in every form
SELECT tacl_define_role('cat-role', '{orders.view, !orders.edit, orders.*, *.view, *, !*, orders.items.*, orders.*.delete, *.*.delete, read:users}', 'cat-a');
-- Rights over the extension itself need no entry
SELECT tacl_define_role('cat-role', '{tacl.*, tacl.assign, !tacl.define, tacl}', 'cat-a');

-- Not known: a warning each, in the order given, and the role is defined
SELECT tacl_define_role('cat-role', '{ordes.view, orders.view, !orders.edti, Orders.view, orders, orders.*.view, *.edit.x, billing.*, tacl-x.do, reports.view.all}', 'cat-a');
SELECT permissions FROM tacl.role WHERE name = 'cat-role';
-- Again when the same is given again, which changes nothing; not when nothing is given
SELECT tacl_define_role('cat-role', '{!ordes.view}', 'cat-a'), tacl_define_role('cat-role', '{!ordes.view}', 'cat-a') AS again,
       tacl_define_role('cat-role', tenant => 'cat-a', description => 'known') AS described, tacl_define_role('cat-role', '{}', 'cat-a') AS emptied;
-- With the rights over the extension alone in it, a star matches nothing
BEGIN;
DELETE FROM tacl.permission;
INSERT INTO tacl.permission (name) VALUES ('tacl.assign');
SELECT tacl_define_role('cat-role', '{*, tacl.*}', 'cat-a');
ROLLBACK;

-- Of many, only the first are guessed at
SELECT tacl_define_role('cat-role', array_agg('ordes.vie' || chr(96 + i)), 'cat-a') FROM generate_series(1, 22) AS i;

-- No warning for what is refused anyway
SELECT tacl_define_role('cat-role', '{ordes.view}', 'cat-none');
SELECT tacl_define_role('cat-role', '{ordes.view, "ordes view"}', 'cat-a');

-- The catalog as it is now, in any isolation level
BEGIN ISOLATION LEVEL REPEATABLE READ;
INSERT INTO tacl.permission (name) VALUES ('new.one');
SELECT tacl_define_role('cat-role', '{new.one, new.two}', 'cat-a');
ROLLBACK;

-- The nearest name is for those who may read the catalog
CREATE ROLE catalog_definer;
GRANT USAGE ON SCHEMA tacl TO catalog_definer;
GRANT INSERT, UPDATE ON tacl.role TO catalog_definer;
SET ROLE catalog_definer;
SELECT tacl_define_role('cat-role', '{ordes.view, orders.view}', 'cat-a');
RESET ROLE;
GRANT SELECT ON tacl.permission TO catalog_definer;
SET ROLE catalog_definer;
SELECT tacl_define_role('cat-role', '{ordes.view, orders.view}', 'cat-a');
RESET ROLE;
DROP OWNED BY catalog_definer;
DROP ROLE catalog_definer;

-- It is a warning of its class, which can be silenced
\set VERBOSITY sqlstate
SELECT tacl_define_role('cat-role', '{ordes.view}', 'cat-a');
\set VERBOSITY default
SET client_min_messages = error;
SELECT tacl_define_role('cat-role', '{ordes.view}', 'cat-a');
RESET client_min_messages;

-- Clean up
DELETE FROM tacl.permission;
SELECT tacl_drop_tenant('cat-a', true);
