-- R14: each command, in each form, with each kind of plan, by roles and users that
-- take turns in one session, sees and changes the same rows of a protected table.
-- Each cell is a function whose plans are kept from turn to turn; what it did is
-- rolled back. Guards: plans that hold no decision, policies for every command.
SET tacl.user_setting = 'app.user_id';
CREATE ROLE regress_tacl_owner;
CREATE ROLE regress_tacl_app;
CREATE ROLE regress_tacl_office;
CREATE SCHEMA regress_shop AUTHORIZATION regress_tacl_owner;
GRANT USAGE ON SCHEMA regress_shop TO PUBLIC;
SET search_path = regress_shop, public;
DO $$
BEGIN
    PERFORM tacl_create_tenant('org-a'), tacl_create_tenant('org-b'), tacl_create_tenant('org-c');
    PERFORM tacl_define_role('editor', '{orders.*}'), tacl_define_role('changer', '{orders.view, orders.update}');
    PERFORM tacl_assign('ann', 'editor', 'org-a'), tacl_assign('ann', 'changer', 'org-b'), tacl_assign('cid', 'editor', 'org-c');
END $$;
SET ROLE regress_tacl_owner;
CREATE TABLE orders (id int PRIMARY KEY, tenant_id text, note text);
CREATE INDEX ON orders (tenant_id);
CREATE VIEW invoker WITH (security_invoker) AS SELECT * FROM orders;
CREATE VIEW definer AS SELECT * FROM orders;
INSERT INTO orders SELECT i, 'org-' || substr('abc', i % 3 + 1, 1), 'new' FROM generate_series(1, 9) AS i;
GRANT SELECT, INSERT, UPDATE, DELETE ON orders, invoker, definer TO PUBLIC;
-- The definer view's owner asks for the active tenant, as the application does
SELECT tacl_protect('orders', 'tenant_id', 'orders', to_roles => '{regress_tacl_app, regress_tacl_owner}'),
       tacl_protect('orders', 'tenant_id', 'orders', 'all_mine', to_roles => '{regress_tacl_office}');
RESET ROLE;

-- The commands; %1$s is the table or a view, %2$s the first id
CREATE TABLE commands (number serial, command text, statement text);
INSERT INTO commands (command, statement) VALUES
    ('SELECT', 'SELECT id FROM %1$s WHERE id >= %2$s'),
    ('SELECT FOR UPDATE', 'SELECT id FROM %1$s WHERE id >= %2$s FOR UPDATE'),
    ('INSERT', 'INSERT INTO %1$s VALUES (99 + %2$s, ''org-a'', ''new'') RETURNING id'),
    ('INSERT SELECT', 'INSERT INTO %1$s SELECT id + 100, tenant_id, note FROM %1$s WHERE id >= %2$s RETURNING id'),
    ('UPDATE', 'UPDATE %1$s SET note = ''seen'' WHERE id >= %2$s RETURNING id'),
    ('UPDATE moves', 'UPDATE %1$s SET tenant_id = ''org-b'' WHERE id >= %2$s RETURNING id'),
    ('DELETE', 'DELETE FROM %1$s WHERE id >= %2$s RETURNING id'),
    ('ON CONFLICT', 'INSERT INTO %1$s VALUES (2 + %2$s, ''org-a'', ''seen'') ON CONFLICT (id) DO UPDATE SET note = ''seen'' RETURNING id'),
    ('MERGE', 'MERGE INTO %1$s AS o USING generate_series(%2$s, 9) AS s(id) ON o.id = s.id WHEN MATCHED AND o.id > 4 THEN UPDATE SET note = ''seen'' WHEN MATCHED THEN DELETE'),
    ('MERGE inserts', 'MERGE INTO %1$s AS o USING generate_series(99 + %2$s, 101) AS s(id) ON o.id = s.id WHEN NOT MATCHED THEN INSERT VALUES (s.id, ''org-a'', ''new'')');

-- The forms: what stands for the table, and around the statement
CREATE TABLE forms (form text, relation text, around text, for_merge boolean);
INSERT INTO forms VALUES
    ('plain', 'orders', '%s', true),
    ('CTE', 'orders', 'WITH x AS (%s) SELECT id FROM x', false),
    ('invoker', 'invoker', '%s', false),
    ('definer', 'definer', '%s', false);

-- A body that runs a statement and tells the ids; MERGE tells the number of rows
CREATE FUNCTION body(statement text) RETURNS text LANGUAGE sql RETURN
    CASE WHEN statement LIKE 'MERGE%' THEN
        format('DECLARE n int; BEGIN %s; GET DIAGNOSTICS n = ROW_COUNT; RETURN n || '' rows''; END', statement)
    ELSE
        format('DECLARE r int; a int[] = ''{}''; BEGIN FOR r IN %s LOOP a = a || r; END LOOP; RETURN (SELECT array_agg(x ORDER BY x) FROM unnest(a) AS x)::text; END', statement)
    END;
CREATE TABLE cells (cell serial, command text, form text, name text);
DO $$
DECLARE
    c record;
    name text;
    sql text;
BEGIN
    FOR c IN SELECT * FROM commands, forms WHERE (command NOT LIKE 'MERGE%' OR for_merge) ORDER BY number LOOP
        name = format('cell_%s_%s', c.number, c.form);
        EXECUTE format('CREATE FUNCTION %I(p int) RETURNS text LANGUAGE plpgsql AS %L', name,
            body(format(c.around, format(c.statement, c.relation, 'p'))));
        INSERT INTO cells (command, form, name) VALUES (c.command, c.form, name);
    END LOOP;
    FOR c IN SELECT * FROM commands WHERE command NOT LIKE 'MERGE%' LOOP
        -- an SQL function
        EXECUTE format('CREATE FUNCTION sql_%s(p int) RETURNS SETOF int LANGUAGE sql AS %L', c.number, format(c.statement, 'orders', 'p'));
        EXECUTE format('CREATE FUNCTION %I(p int) RETURNS text LANGUAGE plpgsql AS %L', 'cell_sql_' || c.number,
            body(format('SELECT * FROM sql_%s(p)', c.number)));
        INSERT INTO cells (command, form, name) VALUES (c.command, 'SQL function', 'cell_sql_' || c.number);
        -- a sub-select over the table's own rows
        CONTINUE WHEN c.statement NOT LIKE '%WHERE id >=%';
        EXECUTE format('CREATE FUNCTION %I(p int) RETURNS text LANGUAGE plpgsql AS %L', 'cell_sub_' || c.number,
            body(replace(format(c.statement, 'orders', 'p'), 'id >= p', 'id IN (SELECT id FROM (SELECT * FROM orders) AS s WHERE s.id >= p)')));
        INSERT INTO cells (command, form, name) VALUES (c.command, 'sub-select', 'cell_sub_' || c.number);
    END LOOP;
END $$;

-- Runs one cell as somebody, and undoes what it did
CREATE FUNCTION run(name text, role text, user_id text, tenant text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    PERFORM set_config('app.user_id', user_id, true), set_config('app.tenant', tenant, true);
    EXECUTE format('SET LOCAL ROLE %I', role);
    EXECUTE format('SELECT %I(1)', name) INTO result;
    RAISE EXCEPTION USING ERRCODE = 'UNDO1', MESSAGE = coalesce(result, 'none');
EXCEPTION
    WHEN SQLSTATE 'UNDO1' THEN RETURN SQLERRM;
    WHEN insufficient_privilege THEN RETURN 'refused by ' || substring(SQLERRM from '"(.*?)[ 2]*\)"') || ')';
    WHEN OTHERS THEN RETURN SQLERRM;
END $$;

CREATE TABLE turns (turn serial, role text, user_id text, tenant text);
INSERT INTO turns (role, user_id, tenant) VALUES
    ('regress_tacl_app', 'ann', 'org-a'), ('regress_tacl_app', 'bob', 'org-a'), ('regress_tacl_office', 'ann', ''),
    ('regress_tacl_app', 'ann', 'org-b'), ('regress_tacl_app', 'cid', 'org-a'), ('regress_tacl_app', 'ann', 'org-c'), ('regress_tacl_app', 'ann', '');
CREATE TABLE results (plan text, turn int, cell int, result text);
DO $$
DECLARE
    plan text;
    r record;
BEGIN
    FOREACH plan IN ARRAY ARRAY['auto', 'force_custom_plan', 'force_generic_plan'] LOOP
        PERFORM set_config('plan_cache_mode', plan, false);
        FOR r IN SELECT * FROM cells, turns ORDER BY cell, turn LOOP
            INSERT INTO results VALUES (plan, r.turn, r.cell, run(r.name, r.role, r.user_id, r.tenant));
        END LOOP;
    END LOOP;
END $$;
RESET plan_cache_mode;

-- One line for each command and somebody, if all forms and plans agree. Through the
-- definer's view the office has what the owner has, which follows
SELECT turn, substr(role, 14) AS role, user_id, tenant, command, result, count(*) AS cells
FROM results NATURAL JOIN turns NATURAL JOIN cells NATURAL JOIN commands
GROUP BY turn, role, user_id, tenant, number, command, result
HAVING NOT (bool_and(form = 'definer') AND role = 'regress_tacl_office')
ORDER BY turn, number, result COLLATE "C";
SELECT DISTINCT command, result FROM results NATURAL JOIN turns NATURAL JOIN cells WHERE form = 'definer' AND role = 'regress_tacl_office' AND command IN ('SELECT', 'UPDATE', 'DELETE');
-- Nothing was left
SELECT count(*), count(DISTINCT note) AS notes FROM orders;

-- COPY, of the table and of a query
SET app.user_id = 'ann';
SET app.tenant = 'org-b';
SET ROLE regress_tacl_app;
COPY orders (id, tenant_id) TO STDOUT;
COPY (SELECT id FROM invoker) TO STDOUT;
COPY (SELECT id FROM definer) TO STDOUT;
COPY (UPDATE orders SET note = 'seen' RETURNING id) TO STDOUT;
COPY (TABLE orders) TO STDOUT;
SET ROLE regress_tacl_office;
COPY orders (id, tenant_id) TO STDOUT;

RESET search_path;
RESET ROLE;
RESET app.user_id;
RESET app.tenant;
SET client_min_messages = warning;
DROP SCHEMA regress_shop CASCADE;
DROP ROLE regress_tacl_owner, regress_tacl_app, regress_tacl_office;
SELECT bool_and(tacl_drop_tenant(t, true)) FROM unnest('{org-a, org-b, org-c}'::text[]) AS t;
SELECT tacl_drop_role('editor'), tacl_drop_role('changer');
