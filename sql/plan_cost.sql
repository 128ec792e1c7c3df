-- What an index condition for a check costs: for each of the tenants the index is
-- descended once, which in a small table is more than to check each row.
-- Guards: the planner support of the functions that find tenants.
SET client_min_messages = warning;
SET tacl.user_setting = 'app.user_id';
SELECT count(tacl_create_tenant('cost-' || n)) FROM generate_series(1, 100) AS n;
SELECT tacl_define_role('cost-viewer', '{orders.view}'), tacl_assign('cost-few', 'cost-viewer', 'cost-1');
SELECT count(tacl_assign('cost-many', 'cost-viewer', 'cost-' || n)) FROM generate_series(1, 40) AS n;
CREATE TABLE small AS SELECT n AS id, 'cost-' || n % 100 + 1 AS tenant_id FROM generate_series(1, 2000) AS n;
CREATE TABLE large AS SELECT n AS id, 'cost-' || n % 100 + 1 AS tenant_id FROM generate_series(1, 20000) AS n;
CREATE INDEX ON small (tenant_id);
CREATE INDEX ON large (tenant_id);
VACUUM ANALYZE small, large;
CREATE FUNCTION scan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        IF line ~ 'Scan' THEN RETURN CASE WHEN line ~ 'Seq' THEN 'each row' ELSE 'index' END; END IF;
    END LOOP;
END $$;
SELECT asked, scan(format('SELECT * FROM small WHERE tacl_can(%L, ''orders.view'', tenant_id)', asked)) AS small,
       scan(format('SELECT * FROM large WHERE tacl_can(%L, ''orders.view'', tenant_id)', asked)) AS large
FROM unnest('{cost-few,cost-many}'::text[]) AS asked;
SET app.user_id = 'cost-many';
SELECT scan('SELECT * FROM small WHERE tacl_may(''orders.view'', tenant_id)') AS small, scan('SELECT * FROM large WHERE tacl_may(''orders.view'', tenant_id)') AS large;
RESET app.user_id;

DROP FUNCTION scan(text);
DROP TABLE small, large;
SELECT count(tacl_drop_tenant('cost-' || n, true)) FROM generate_series(1, 100) AS n;
SELECT tacl_drop_role('cost-viewer');
