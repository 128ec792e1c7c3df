-- The functions that list someone's tenants for plans are callable by everyone,
-- since plans are; but no SQL text can make the call: nothing has a value of
-- type internal, not even NULL.
\set VERBOSITY terse
SET client_min_messages = warning;
SET tacl.user_setting = 'app.user_id';

SELECT tacl_create_tenant('pi-acme'), tacl_define_role('pi-viewer', '{orders.view}'), tacl_assign('pi-ann', 'pi-viewer', 'pi-acme');
CREATE ROLE regress_tacl_pi;
CREATE SCHEMA pi AUTHORIZATION regress_tacl_pi;
GRANT USAGE ON SCHEMA tacl TO regress_tacl_pi;
SET ROLE regress_tacl_pi;
SET search_path = pi, public;

-- Written out
SELECT tacl.tenants_as_text('pi-ann', 'orders.view', NULL);
SELECT tacl.tenants_as_text('pi-ann', 'orders.view', '');
SELECT tacl.tenants_as_text('pi-ann'::text, 'orders.view', NULL::internal);
SELECT tacl.tenants_as_text('pi-ann'::text, 'orders.view', CAST(NULL AS internal));
SELECT tacl.tenants_as_text('pi-ann'::text, 'orders.view', plan => NULL);
SELECT tacl.tenants_as_text('pi-ann'::text, 'orders.view', internal_in('x'));
SELECT tacl.tenants_as_text('pi-ann'::text, 'orders.view', internal_in(NULL));
SELECT tacl.tenants_as_text('pi-ann'::text, 'orders.view', (SELECT NULL));
SELECT tacl.tenants_as_text('pi-ann'::text, 'orders.view', NULL::cstring);
SELECT tacl.tenants_as_text('pi-ann'::text, 'orders.view', NULL::void);
SELECT tacl.tenants_as_text('pi-ann'::text, 'orders.view', array_agg_transfn(NULL, 1));
SELECT tacl.tenants_as_text('pi-ann'::text, 'orders.view', tacl.plan_support(NULL));
SELECT tacl.tenants_as_bigint('orders.view', NULL);
SELECT tacl.plan_support(NULL);
SELECT ('tacl.tenants_as_text'::regproc)('pi-ann', 'orders.view', NULL);
SELECT * FROM tacl.tenants_as_text('pi-ann'::text, 'orders.view', NULL);
SELECT tacl.tenants_as_text('pi-ann'::text, 'orders.view', VARIADIC NULL);

-- As parameters, variables, defaults and columns
PREPARE list(internal) AS SELECT tacl.tenants_as_text('pi-ann', 'orders.view', $1);
PREPARE list AS SELECT tacl.tenants_as_text('pi-ann'::text, 'orders.view', $1);
CREATE FUNCTION list(plan internal) RETURNS text[] LANGUAGE sql AS $$ SELECT tacl.tenants_as_text('pi-ann'::text, 'orders.view', plan) $$;
CREATE FUNCTION list(plan internal DEFAULT NULL) RETURNS text[] LANGUAGE plpgsql AS $$ BEGIN RETURN tacl.tenants_as_text('pi-ann'::text, 'orders.view', plan); END $$;
DO $$ DECLARE plan internal; BEGIN RAISE INFO '%', tacl.tenants_as_text('pi-ann'::text, 'orders.view', plan); END $$;
DO $$ BEGIN EXECUTE 'SELECT tacl.tenants_as_text($1, $2, $3)' USING 'pi-ann', 'orders.view', NULL; END $$;
CREATE FUNCTION make() RETURNS internal LANGUAGE sql AS $$ SELECT NULL $$;
CREATE TABLE internals (plan internal);
CREATE TYPE with_internal AS (plan internal);
SELECT tacl.tenants_as_text('pi-ann'::text, 'orders.view', x.plan) FROM jsonb_to_record('{}') AS x (plan internal);
SELECT tacl.tenants_as_text('pi-ann'::text, 'orders.view', plan) FROM (VALUES (NULL)) AS x (plan);
CREATE CAST (text AS internal) WITHOUT FUNCTION;
CREATE CAST (text AS internal) WITH INOUT;

-- Through an operator, an aggregate, an index, an operator class, a trigger
CREATE OPERATOR @#@ (FUNCTION = tacl.tenants_as_text, LEFTARG = text, RIGHTARG = internal);
SELECT 'orders.view'::text @#@ NULL;
SELECT 'orders.view'::text OPERATOR(pi.@#@) NULL;
CREATE AGGREGATE list(text, internal) (SFUNC = tacl.tenants_as_text, STYPE = text[]);
SELECT list('orders.view', NULL);
SELECT list(p, NULL) FROM (VALUES ('orders.view'::text)) AS s (p);
CREATE AGGREGATE list(text) (SFUNC = textcat, STYPE = text, FINALFUNC = tacl.tenants_as_text);
CREATE AGGREGATE list(internal) (SFUNC = textcat, STYPE = text, FINALFUNC = tacl.tenants_as_text, FINALFUNC_EXTRA);
CREATE AGGREGATE list("any", text, internal ORDER BY text) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = tacl.tenants_as_text, FINALFUNC_EXTRA);
CREATE TABLE permissions (permission text);
CREATE INDEX ON permissions (tacl.tenants_as_text(permission, NULL));
CREATE OPERATOR CLASS pi_ops FOR TYPE text USING btree AS FUNCTION 1 tacl.tenants_as_text(text, internal);
CREATE TRIGGER list AFTER INSERT ON permissions EXECUTE FUNCTION tacl.tenants_as_text();
CREATE TABLE copied (tenants text[] GENERATED ALWAYS AS (tacl.tenants_as_text('orders.view', NULL)) STORED);
CREATE FUNCTION list(text, text) RETURNS text[] LANGUAGE sql AS $$ SELECT '{}'::text[] $$ SUPPORT tacl.plan_support;
ALTER FUNCTION tacl.tenants_as_text(text, internal) OWNER TO regress_tacl_pi;
CREATE OR REPLACE FUNCTION tacl.tenants_as_text(text, internal) RETURNS text[] LANGUAGE sql AS $$ SELECT '{}'::text[] $$;

-- Declared anew over the same C function
CREATE FUNCTION list(text, text, text) RETURNS text[] LANGUAGE c AS '$libdir/tenant_acl', 'tacl_tenants_array';

-- What plans do: only for a check that the role could make.
RESET search_path;
CREATE TABLE pi.orders AS SELECT 'pi-acme' || nullif(n % 50, 0) AS tenant_id FROM generate_series(1, 500) AS n;
CREATE INDEX ON pi.orders (tenant_id);
ANALYZE pi.orders;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM pi.orders WHERE tacl_can('pi-ann', 'orders.view', tenant_id);
EXPLAIN (VERBOSE, COSTS OFF) SELECT count(*) FROM pi.orders WHERE tacl_may('orders.view', tenant_id);
-- A plan's text is no query.
SELECT count(*) FROM pi.orders WHERE tenant_id = ANY (tacl.tenants_as_text('pi-ann'::text, 'orders.view'::text, NULL::internal));

RESET ROLE;
DROP SCHEMA pi CASCADE;
DROP OWNED BY regress_tacl_pi;
DROP ROLE regress_tacl_pi;
SELECT tacl_drop_tenant('pi-acme', true), tacl_drop_role('pi-viewer');
