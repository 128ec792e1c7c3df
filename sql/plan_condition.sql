-- The planner turns a check of a column into an index condition: one that finds
-- the tenants when the scan starts, so that a plan holds no decision (R12).
-- Indexes lead with the tenant: those help in every PostgreSQL.
\set VERBOSITY terse
SET client_min_messages = warning;
SET tacl.user_setting = 'app.user_id';
SET max_parallel_workers_per_gather = 0;
SET jit = off;

CREATE SCHEMA plan;
CREATE DOMAIN plan.label AS text CHECK (VALUE <> '');
CREATE DOMAIN plan.short_label AS varchar(40);
CREATE DOMAIN plan.key AS uuid;
CREATE DOMAIN plan.small AS smallint;
CREATE DOMAIN plan.number AS integer;
CREATE DOMAIN plan.big AS bigint NOT NULL;

-- Tenant n is "n" where tenants are numbers, ...0n where they are uuids.
CREATE FUNCTION plan.uuid_of(n int) RETURNS uuid LANGUAGE sql IMMUTABLE
RETURN (lpad(to_hex(n), 32, '0'))::uuid;
SELECT count(tacl_create_tenant(n::text)), count(tacl_create_tenant(plan.uuid_of(n))), count(tacl_create_tenant('org-' || n))
FROM generate_series(1, 50) AS n;
SELECT tacl_define_role('plan-viewer', '{orders.view}'), tacl_define_role('plan-editor', '{orders.*}');
SELECT tacl_assign('plan-ann', 'plan-viewer', t), tacl_assign('plan-ann', 'plan-editor', t || '1')
FROM unnest('{1,org-1}'::text[]) AS t;
SELECT tacl_assign('plan-ann', 'plan-viewer', plan.uuid_of(1)), tacl_assign('plan-ann', 'plan-editor', plan.uuid_of(11));
SELECT count(tacl_assign('plan-ben', 'plan-viewer', t)) FROM unnest(ARRAY['2', 'org-2', plan.uuid_of(2)::text]) AS t;

-- One table for each type, 50 tenants with 20 rows each.
\set filled 'AS SELECT i AS id, i % 7 AS created,'
\set rows 'AS tenant_id FROM generate_series(0, 999) AS i'
CREATE TABLE plan.t_text :filled 'org-' || i % 50 + 1 :rows;
CREATE TABLE plan.t_varchar :filled ('org-' || i % 50 + 1)::varchar :rows;
CREATE TABLE plan.t_varchar_n :filled ('org-' || i % 50 + 1)::varchar(30) :rows;
CREATE TABLE plan.t_label :filled ('org-' || i % 50 + 1)::plan.label :rows;
CREATE TABLE plan.t_short_label :filled ('org-' || i % 50 + 1)::plan.short_label :rows;
CREATE TABLE plan.t_uuid :filled plan.uuid_of(i % 50 + 1) :rows;
CREATE TABLE plan.t_key :filled plan.uuid_of(i % 50 + 1)::plan.key :rows;
CREATE TABLE plan.t_smallint :filled (i % 50 + 1)::smallint :rows;
CREATE TABLE plan.t_small :filled (i % 50 + 1)::plan.small :rows;
CREATE TABLE plan.t_integer :filled i % 50 + 1 :rows;
CREATE TABLE plan.t_number :filled (i % 50 + 1)::plan.number :rows;
CREATE TABLE plan.t_bigint :filled (i % 50 + 1)::bigint :rows;
CREATE TABLE plan.t_big :filled (i % 50 + 1)::plan.big :rows;
CREATE FUNCTION plan.counts(OUT "table" name, OUT can bigint, OUT may bigint) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
    FOR "table" IN SELECT relname FROM pg_class WHERE relnamespace = 'plan'::regnamespace AND relkind = 'r' ORDER BY 1
    LOOP
        EXECUTE format('SELECT count(*) FROM plan.%I WHERE tacl_can(''plan-ann'', ''orders.view'', tenant_id)', "table") INTO can;
        EXECUTE format('SELECT count(*) FROM plan.%I WHERE tacl_may(''orders.view'', tenant_id)', "table") INTO may;
        RETURN NEXT;
    END LOOP;
END $$;
SELECT format('CREATE INDEX %s_tenant_idx ON plan.%1$s (tenant_id, created)', relname)
FROM pg_class WHERE relnamespace = 'plan'::regnamespace AND relkind = 'r' ORDER BY 1 \gexec
VACUUM ANALYZE;
CREATE ROLE regress_tacl_plan;
GRANT USAGE ON SCHEMA plan TO regress_tacl_plan;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA plan TO regress_tacl_plan;

-- Everything from here on is asked by a role without rights on schema tacl.
SET ROLE regress_tacl_plan;
SET app.user_id = 'plan-ann';
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SET enable_hashagg = off;

-- Each type: the condition is in the column's own type. Rows: 40 each.
SELECT format('EXPLAIN (COSTS OFF) SELECT count(*) FROM plan.%s WHERE tacl_can(''plan-ann'', ''orders.view'', tenant_id)', relname)
FROM pg_class WHERE relnamespace = 'plan'::regnamespace AND relkind = 'r' ORDER BY relname \gexec
SELECT * FROM plan.counts() WHERE can <> 40 OR may <> 40;
EXPLAIN (COSTS OFF) SELECT count(*) FROM plan.t_integer WHERE tacl_may('orders.view', tenant_id);

-- The user can be given in any type, too.
EXPLAIN (COSTS OFF) SELECT id FROM plan.t_integer WHERE tacl_can(17::bigint, 'orders.view', tenant_id);
EXPLAIN (COSTS OFF) SELECT id FROM plan.t_uuid WHERE tacl_can('00000000-0000-0000-0000-000000000011'::uuid, 'orders.view', tenant_id);
EXPLAIN (COSTS OFF) SELECT id FROM plan.t_text WHERE tacl_can('plan-ann'::name, 'orders.view', tenant_id);
EXPLAIN (COSTS OFF) SELECT id FROM plan.t_text WHERE tacl_can(current_setting('app.user_id', true), 'orders.view', tenant_id);
EXPLAIN (COSTS OFF) SELECT id FROM plan.t_text WHERE tacl_can(NULL, 'orders.view', tenant_id);

-- Prepared statements: one plan, for each user their own rows.
PREPARE theirs(text, text) AS SELECT tenant_id, count(*) FROM plan.t_text WHERE tacl_can($1, $2, tenant_id) GROUP BY tenant_id ORDER BY 1;
SET plan_cache_mode = force_generic_plan;
EXPLAIN (COSTS OFF) EXECUTE theirs('plan-ann', 'orders.view');
EXECUTE theirs('plan-ann', 'orders.view');
EXECUTE theirs('plan-ben', 'orders.view');
EXECUTE theirs('plan-ann', 'orders.edit');
EXECUTE theirs('nobody', 'orders.view');
EXECUTE theirs(NULL, 'orders.view');
EXECUTE theirs('plan-ann', NULL);
SET plan_cache_mode = force_custom_plan;
EXPLAIN (COSTS OFF) EXECUTE theirs('plan-ann', 'orders.view');
EXECUTE theirs('plan-ann', 'orders.view');
EXECUTE theirs('plan-ben', 'orders.view');
SET plan_cache_mode = force_generic_plan;

-- The same with the session's user and tenant in a plan that others share.
PREPARE mine AS SELECT tenant_id, count(*) FROM plan.t_uuid WHERE tacl_may('orders.view', tenant_id) GROUP BY tenant_id ORDER BY 1;
PREPARE here AS SELECT min(tenant_id::text), count(*) FROM plan.t_uuid WHERE tenant_id = tacl_active_tenant('orders.view', NULL::uuid);
EXPLAIN (COSTS OFF) EXECUTE here;
RESET app.user_id;
EXECUTE mine;
EXECUTE here;
SET app.user_id = 'plan-ben';
EXECUTE mine;
SET app.tenant = '00000000-0000-0000-0000-000000000002';
EXECUTE here;
SET app.user_id = 'plan-ann';
EXECUTE mine;
EXECUTE here;
SET app.tenant = '00000000-0000-0000-0000-00000000000b';
EXECUTE here;
RESET app.tenant;

-- Order and limit: the index gives them.
EXPLAIN (COSTS OFF) SELECT tenant_id, created FROM plan.t_text WHERE tacl_may('orders.view', tenant_id) ORDER BY tenant_id DESC, created DESC LIMIT 3;
SELECT tenant_id, created FROM plan.t_text WHERE tacl_may('orders.view', tenant_id) ORDER BY tenant_id DESC, created DESC LIMIT 3;

-- Joins: the tenant of either side, and of a side that may be missing.
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_material = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM plan.t_text t JOIN plan.t_integer i ON i.id = t.id AND tacl_may('orders.view', t.tenant_id) AND tacl_may('orders.view', i.tenant_id);
SELECT count(*) FROM plan.t_text t JOIN plan.t_integer i ON i.id = t.id AND tacl_may('orders.view', t.tenant_id) AND tacl_may('orders.view', i.tenant_id);
EXPLAIN (COSTS OFF) SELECT count(*), count(i.id) FROM plan.t_text t LEFT JOIN plan.t_integer i ON i.id = t.id AND tacl_may('orders.edit', i.tenant_id) WHERE tacl_may('orders.view', t.tenant_id);
SELECT count(*), count(i.id) FROM plan.t_text t LEFT JOIN plan.t_integer i ON i.id = t.id AND tacl_may('orders.edit', i.tenant_id) WHERE tacl_may('orders.view', t.tenant_id);
RESET enable_hashjoin;
RESET enable_mergejoin;
RESET enable_material;

-- Rows that are locked or changed are checked one by one as well.
EXPLAIN (COSTS OFF) SELECT id FROM plan.t_text WHERE tacl_may('orders.view', tenant_id) FOR UPDATE;
EXPLAIN (COSTS OFF) SELECT id FROM plan.t_text WHERE tacl_may('orders.view', tenant_id) FOR KEY SHARE;
EXPLAIN (COSTS OFF) SELECT * FROM (SELECT id FROM plan.t_text WHERE tacl_may('orders.view', tenant_id) OFFSET 0) s FOR UPDATE;
EXPLAIN (COSTS OFF) UPDATE plan.t_text SET created = 1 WHERE tacl_may('orders.edit', tenant_id);
EXPLAIN (COSTS OFF) DELETE FROM plan.t_text WHERE tacl_may('orders.edit', tenant_id);
EXPLAIN (COSTS OFF) WITH changed AS (UPDATE plan.t_text SET created = 1 WHERE tacl_may('orders.edit', tenant_id) RETURNING id) SELECT count(*) FROM changed;
RESET enable_bitmapscan;
SET enable_indexscan = off;
EXPLAIN (COSTS OFF) UPDATE plan.t_text SET created = 1 WHERE tacl_may('orders.edit', tenant_id);
RESET enable_indexscan;
RESET enable_seqscan;

-- Left to itself, the planner takes the condition for a small part of a table.
EXPLAIN (COSTS OFF) SELECT count(*) FROM plan.t_text WHERE tacl_may('orders.view', tenant_id);

RESET ROLE;
RESET app.user_id;
DEALLOCATE ALL;
RESET plan_cache_mode;
DROP SCHEMA plan CASCADE;
DROP ROLE regress_tacl_plan;
SELECT count(tacl_drop_tenant(n::text, true)), count(tacl_drop_tenant('org-' || n, true)),
       count(tacl_drop_tenant(lpad(to_hex(n), 32, '0')::uuid, true)) FROM generate_series(1, 50) AS n;
SELECT tacl_drop_role('plan-viewer', cascade => true), tacl_drop_role('plan-editor', cascade => true);
