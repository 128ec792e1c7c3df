-- An index condition for a check depends on the whole query: where that changes or
-- locks rows, each row is checked as well, also in its sub-selects; and no index is
-- scanned for it by several processes, each of which would find its own tenants.
SET client_min_messages = warning;
SET jit = off;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT count(tacl_create_tenant('po-' || n)) FROM generate_series(1, 40) AS n;
SELECT tacl_define_role('po-viewer', '{orders.view}');
SELECT count(tacl_assign('po-ann', 'po-viewer', 'po-' || n)) FROM generate_series(1, 10) AS n;
CREATE SCHEMA po;
CREATE TABLE po.orders AS SELECT i AS id, 'po-' || i % 40 + 1 AS tenant FROM generate_series(1, 20000) AS i;
CREATE TABLE po.sums (total bigint);
CREATE INDEX ON po.orders (tenant);
ALTER TABLE po.orders SET (parallel_workers = 2);
ANALYZE po.orders;

-- How the index is read
CREATE FUNCTION po.plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        IF line ~ '(Index|Bitmap).* Scan|Cond:|Filter:' THEN
            RETURN NEXT regexp_replace(line, '^[ >-]+', '');
        END IF;
    END LOOP;
END $$;

-- Reading, and nothing else: the condition is all.
SELECT * FROM po.plan($$SELECT (SELECT max(id) FROM po.orders WHERE tacl_can('po-ann', 'orders.view', tenant)) FROM po.sums$$);

-- A query that changes or locks rows: the check is there, too.
SELECT * FROM po.plan($$UPDATE po.sums SET total = (SELECT max(id) FROM po.orders WHERE tacl_can('po-ann', 'orders.view', tenant))$$);
SELECT * FROM po.plan($$SELECT (SELECT max(id) FROM po.orders WHERE tacl_can('po-ann', 'orders.view', tenant)) FROM po.sums FOR UPDATE$$);
SELECT * FROM po.plan($$INSERT INTO po.sums SELECT max(id) FROM po.orders WHERE tacl_can('po-ann', 'orders.view', tenant)$$);

-- Several processes
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_index_scan_size = 0;
SET min_parallel_table_scan_size = 0;
SELECT * FROM po.plan($$SELECT sum(id) FROM po.orders WHERE tacl_can('po-ann', 'orders.view', tenant)$$);
SELECT * FROM po.plan($$SELECT sum(id) FROM po.orders WHERE tenant IN ('po-1', 'po-2')$$);
SET enable_bitmapscan = on;
SELECT * FROM po.plan($$SELECT sum(id) FROM po.orders WHERE tacl_can('po-ann', 'orders.view', tenant)$$);

DROP SCHEMA po CASCADE;
SELECT count(tacl_drop_tenant('po-' || n, true)) FROM generate_series(1, 40) AS n;
SELECT tacl_drop_role('po-viewer');
