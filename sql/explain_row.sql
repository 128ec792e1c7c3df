-- tacl_explain_row(): why a row may or may not be viewed, updated and deleted.

\pset format unaligned
\pset footer off
\pset null '(null)'
CREATE ROLE regress_tacl_row_owner;
CREATE ROLE regress_tacl_row_app;
CREATE ROLE regress_tacl_row_bypass BYPASSRLS;
SET tacl.user_setting = 'app.user_id';
SELECT tacl_create_tenant('row-a'), tacl_create_tenant('row-b'), tacl_define_role('row-viewer', '{row.view}'),
       tacl_assign('row-ann', 'row-viewer', 'row-a'), tacl_grant('row-ann', 'row.update', 'row-b');

-- A column that was dropped, one that is called like what the query is made of
CREATE TABLE row_orders (gone integer, id integer PRIMARY KEY, question boolean, tenant_id text, "Say ""%" text);
ALTER TABLE row_orders DROP COLUMN gone;
INSERT INTO row_orders VALUES (1, true, 'row-a', 'x'), (2, false, 'row-b', NULL);
ALTER TABLE row_orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY mine ON row_orders FOR SELECT USING (tacl_may('row.view', tenant_id));
CREATE POLICY change ON row_orders FOR UPDATE USING (tacl_may('row.update', tenant_id)) WITH CHECK ("Say ""%" IS NOT NULL);
CREATE POLICY staff ON row_orders TO regress_tacl_row_bypass USING (true);
CREATE POLICY "!active" ON row_orders AS RESTRICTIVE USING (tenant_id = tacl_tenant());
CREATE POLICY sane ON row_orders AS RESTRICTIVE FOR DELETE TO regress_tacl_row_app USING (row_orders IS NOT NULL AND question);
ALTER TABLE row_orders OWNER TO regress_tacl_row_owner;
GRANT SELECT, UPDATE (tenant_id) ON row_orders TO regress_tacl_row_app;

-- The owner, as the user of the session; the row is found although it is hidden
SET ROLE regress_tacl_row_owner;
SET app.user_id = 'row-ann';
SET app.tenant = 'row-a';
SELECT id FROM row_orders;
SELECT * FROM tacl_explain_row('row_orders', 1);
SELECT * FROM tacl_explain_row('row_orders', 2);

-- For another role: its policies, its privileges; and roles that policies do not stop
SELECT * FROM tacl_explain_row('row_orders', 1, 'regress_tacl_row_app');
SELECT command, passes, note FROM tacl_explain_row('row_orders', 2, for_role => 'regress_tacl_row_bypass') WHERE kind = 'verdict';
ALTER TABLE row_orders NO FORCE ROW LEVEL SECURITY;
SELECT command, passes, note FROM tacl_explain_row('row_orders', 2) WHERE kind = 'verdict';
ALTER TABLE row_orders DISABLE ROW LEVEL SECURITY;
SELECT * FROM tacl_explain_row('row_orders', 2);
ALTER TABLE row_orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- What the explanation says is what happens
RESET ROLE;
GRANT DELETE ON row_orders TO regress_tacl_row_app;
CREATE POLICY remove ON row_orders FOR DELETE TO regress_tacl_row_app USING (tacl_may('row.delete', tenant_id));
INSERT INTO row_orders VALUES (5, NULL, 'row-a', NULL), (6, true, 'row-b', 'y');
SET app.user_id = '';
SELECT tacl_grant('row-ann', 'row.*', 'row-a'), tacl_grant('row-ann', 'row.view', 'row-b');
SET app.user_id = 'row-ann';
CREATE TABLE row_said (tenant text, id integer, command text, passes boolean);
DO $$
DECLARE
    tenant text;
BEGIN
    FOREACH tenant IN ARRAY ARRAY['row-a', 'row-b', ''] LOOP
        PERFORM set_config('app.tenant', tenant, true);
        INSERT INTO row_said SELECT tenant, o.id, e.command, e.passes
        FROM row_orders AS o, LATERAL tacl_explain_row('row_orders', o.id, 'regress_tacl_row_app') AS e
        WHERE e.kind = 'verdict';
    END LOOP;
END $$;
GRANT ALL ON row_said TO regress_tacl_row_app;
SET ROLE regress_tacl_row_app;
DO $$
DECLARE
    said record;
    count integer;
BEGIN
    FOR said IN SELECT * FROM row_said LOOP
        PERFORM set_config('app.tenant', said.tenant, true);
        BEGIN
            EXECUTE CASE said.command WHEN 'select' THEN 'SELECT FROM row_orders WHERE id = $1'
                WHEN 'update' THEN 'UPDATE row_orders SET tenant_id = tenant_id WHERE id = $1'
                ELSE 'DELETE FROM row_orders WHERE id = $1' END USING said.id;
            GET DIAGNOSTICS count = ROW_COUNT;
            RAISE EXCEPTION USING ERRCODE = 'ZZ000';
        EXCEPTION
            WHEN SQLSTATE 'ZZ000' THEN NULL;
            WHEN insufficient_privilege THEN count = 0;
        END;
        IF said.passes IS DISTINCT FROM (count = 1) THEN
            RAISE WARNING '% of row % in tenant "%": said %, but % row(s)', said.command, said.id, said.tenant, said.passes, count;
        END IF;
    END LOOP;
END $$;
SELECT count(*) AS compared, count(*) FILTER (WHERE passes) AS allowed FROM row_said;
RESET ROLE;
DROP TABLE row_said;
DELETE FROM row_orders WHERE id > 2;
DROP POLICY remove ON row_orders;
SET app.tenant = 'row-a';

-- Sub-selects, errors, policies without USING
CREATE TABLE row_parent (id integer PRIMARY KEY, tenant_id uuid);
CREATE TABLE row_child (parent integer, "Line" varchar(3), PRIMARY KEY (parent, "Line"));
INSERT INTO row_parent VALUES (7);
INSERT INTO row_child VALUES (7, 'a"b');
ALTER TABLE row_child ENABLE ROW LEVEL SECURITY;
CREATE POLICY parent ON row_child FOR SELECT USING (EXISTS (SELECT FROM row_parent AS p WHERE p.id = parent AND p.tenant_id IS NULL));
CREATE POLICY bad_uuid ON row_child FOR SELECT USING (current_setting('app.tenant')::uuid IS NULL);
CREATE POLICY bad_too ON row_child AS RESTRICTIVE FOR DELETE USING (1 / (parent - 7) > 0);
CREATE POLICY nothing ON row_child FOR DELETE;
CREATE POLICY system ON row_child FOR UPDATE USING (tableoid > 0 AND tacl_may('row.view', 'row-a'));
ALTER TABLE row_child OWNER TO regress_tacl_row_owner;
ALTER TABLE row_child FORCE ROW LEVEL SECURITY;
GRANT SELECT ON row_parent TO regress_tacl_row_owner;
SET ROLE regress_tacl_row_owner;
SELECT command, policy, kind, passes, note FROM tacl_explain_row('row_child', '{"parent": 7, "Line": "a\"b"}');
REVOKE ALL ON row_child FROM regress_tacl_row_owner;
GRANT SELECT ON row_child TO regress_tacl_row_owner;
SELECT command, passes, note FROM tacl_explain_row('row_child', '{"parent": 7, "Line": "a\"b"}') WHERE kind = 'verdict';
RESET ROLE;

-- A function of the name and of the exact type does not capture the policy's
CREATE TABLE row_varchar (id integer PRIMARY KEY, tenant_id varchar);
INSERT INTO row_varchar VALUES (1, 'row-a');
ALTER TABLE row_varchar ENABLE ROW LEVEL SECURITY;
CREATE POLICY ours ON row_varchar USING (tacl_may('row.view', tenant_id));
CREATE FUNCTION public.tacl_may(permission text, tenant varchar) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'captured'; END $$;
SELECT policy, passes, note FROM tacl_explain_row('row_varchar', 1, 'regress_tacl_row_app') WHERE command = 'select';
DROP FUNCTION tacl_may(text, varchar);

-- What ends the statement is no answer
CREATE POLICY slow ON row_varchar USING (pg_sleep(60) IS NULL);
SET statement_timeout = '100ms';
\set VERBOSITY terse
SELECT policy, passes, note FROM tacl_explain_row('row_varchar', 1);
RESET statement_timeout;
DROP TABLE row_varchar;

DROP TABLE row_orders, row_parent, row_child;
DROP ROLE regress_tacl_row_owner, regress_tacl_row_app, regress_tacl_row_bypass;
RESET app.user_id;
SELECT tacl_drop_tenant('row-a', true), tacl_drop_tenant('row-b', true), tacl_drop_role('row-viewer');
