-- plans.sql: a partitioned table, three tables that are joined, and a large
-- one, all protected for two database roles. Another one is not bound by policies.

CREATE TABLE event (id bigint, tenant_id text NOT NULL, amount numeric, PRIMARY KEY (tenant_id, id))
    PARTITION BY HASH (tenant_id);
SELECT format('CREATE TABLE event_%s PARTITION OF event FOR VALUES WITH (MODULUS 16, REMAINDER %1$s)', n)
FROM generate_series(0, 15) AS n \gexec
CREATE TABLE customer (id bigint PRIMARY KEY, tenant_id text NOT NULL, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id text NOT NULL, customer_id bigint NOT NULL, at timestamptz NOT NULL);
CREATE TABLE item (id bigint PRIMARY KEY, tenant_id text NOT NULL, order_id bigint NOT NULL, price numeric);
-- 4 tenants have a quarter of it each
CREATE UNLOGGED TABLE large (id bigint, tenant_id text NOT NULL, amount integer);

INSERT INTO event SELECT n, 'tenant-' || n % 1000, n FROM generate_series(0, :large / 20 - 1) AS n;
INSERT INTO customer SELECT n, 'tenant-' || n % 1000, 'customer ' || n FROM generate_series(0, :large / 200 - 1) AS n;
INSERT INTO orders SELECT n, 'tenant-' || n % 1000, n % (:large / 200), now() - n * interval '1 s'
FROM generate_series(0, :large / 20 - 1) AS n;
INSERT INTO item SELECT n, 'tenant-' || n % 1000, n % (:large / 20), n FROM generate_series(0, :large / 10 - 1) AS n;
INSERT INTO large SELECT n, 'tenant-' || n % 4 * 13 + 7, n % 997 FROM generate_series(1, :large) AS n;
CREATE INDEX ON customer (tenant_id);
CREATE INDEX ON orders (tenant_id, at);
CREATE INDEX ON orders (customer_id);
CREATE INDEX ON item (tenant_id);
CREATE INDEX ON item (order_id);
VACUUM ANALYZE;

CREATE ROLE free BYPASSRLS;
GRANT SELECT ON event, customer, orders, item, large TO free, active, all_mine;
SET client_min_messages = warning;
SELECT tacl_protect(t::regclass, 'tenant_id', t, view_permission => 'orders.view', to_roles => '{active}'),
       tacl_protect(t::regclass, 'tenant_id', t, 'all_mine', view_permission => 'orders.view', to_roles => '{all_mine}')
FROM unnest('{event, customer, orders, item, large}'::text[]) AS t;

-- The plan of a statement as nodes with their relations and indexes
CREATE FUNCTION plan_shape(node jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN concat_ws(' ', node ->> 'Node Type', node ->> 'Join Type', node ->> 'Relation Name', node ->> 'Index Name',
                     node ->> 'Subplans Removed', node ->> 'Workers Planned', node ->> 'Scan Direction') || coalesce(
        (SELECT '(' || string_agg(plan_shape(part), ', ' ORDER BY n) || ')'
         FROM jsonb_array_elements(node -> 'Plans') WITH ORDINALITY AS p (part, n)), '');
END $$;
CREATE FUNCTION plan_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) ' || statement INTO plan;
    RETURN plan_shape(plan -> 0 -> 'Plan');
END $$;
