-- tacl_explain_row(): finding the row, bad input, and who may ask.

\pset format unaligned
\pset footer off
CREATE ROLE regress_tacl_key;
CREATE TABLE key_orders (id integer PRIMARY KEY, tenant_id text, question boolean, "Say ""'\%" uuid UNIQUE);
INSERT INTO key_orders VALUES (1, 'key-a', true, '11111111-1111-1111-1111-111111111111'), (2, 'key-b', false, NULL);
CREATE TABLE key_child (parent integer, "Line" varchar(3), fixed char(4), PRIMARY KEY (parent, "Line"));
INSERT INTO key_child VALUES (7, 'abc', 'x');

-- Keys: any type, any columns that name one row
SELECT count(*) FROM tacl_explain_row('key_orders', '1');
SELECT count(*) FROM tacl_explain_row('key_orders', 1::bigint);
SELECT count(*) FROM tacl_explain_row('key_orders', '{"tenant_id": "key-a"}'::jsonb);
SELECT count(*) FROM tacl_explain_row('key_child', '{"parent": 7}'::json);

SELECT count(*) FROM tacl_explain_row('key_orders', '{"Say \"''\\%": "11111111-1111-1111-1111-111111111111", "question": true}'::jsonb);
SELECT count(*) FROM tacl_explain_row('key_child', '{"parent": "7", "Line": "abc", "fixed": "x  "}');
SELECT count(*) FROM tacl_explain_row('key_child', '{"Line": "abcd"}');

-- Not found, more than one, not of the type, no such column, no such role
SELECT * FROM tacl_explain_row('key_orders', 3);
SELECT * FROM tacl_explain_row('key_orders', '{"question": null}'::jsonb);
INSERT INTO key_orders VALUES (4, 'key-a');
SELECT * FROM tacl_explain_row('key_orders', '{"tenant_id": "key-a"}'::jsonb);
SELECT * FROM tacl_explain_row('key_orders', 'one');
SELECT * FROM tacl_explain_row('key_orders', '{"%I": 1}'::jsonb);
SELECT * FROM tacl_explain_row('key_orders', '{}'::jsonb);
SELECT * FROM tacl_explain_row('key_orders', '[1]'::jsonb);
SELECT * FROM tacl_explain_row('key_child', 7);
SELECT * FROM tacl_explain_row('key_orders', 1, 'no such role');
\set VERBOSITY sqlstate
SELECT * FROM tacl_explain_row('key_orders', 3);
SELECT * FROM tacl_explain_row('key_orders', '{"tenant_id": "key-a"}'::jsonb);
SELECT * FROM tacl_explain_row('key_orders', '{}'::jsonb);
SELECT * FROM tacl_explain_row('key_child', '{');
SELECT * FROM tacl_explain_row(NULL, 1);
SELECT * FROM tacl_explain_row('key_orders', NULL);
SELECT * FROM tacl_explain_row(0, 1);
SELECT * FROM tacl_explain_row('key_orders_pkey', 1);
CREATE VIEW key_view AS SELECT * FROM key_orders;
SELECT * FROM tacl_explain_row('key_view', 1);
\set VERBOSITY default

-- Nobody but the owner is told anything, not even whether the arguments make sense
GRANT ALL ON key_orders TO regress_tacl_key;
SET ROLE regress_tacl_key;
SELECT * FROM tacl_explain_row('key_orders', 3);
SELECT * FROM tacl_explain_row('key_orders', NULL);
SELECT * FROM tacl_explain_row('key_orders', '{"%I": 1}'::jsonb, 'no such role');
SELECT * FROM tacl_explain_row('key_view', 1);
RESET ROLE;

DROP VIEW key_view;
DROP TABLE key_orders, key_child;
DROP ROLE regress_tacl_key;
