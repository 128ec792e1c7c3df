-- A check that is asked with current_setting() reads the setting by a function
-- that remembers its place. It says the same, whatever becomes of the setting.
SET client_min_messages = warning;
SET search_path = public, pg_catalog;
LOAD 'plpgsql';
CREATE FUNCTION pg_temp.differ(moment text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(format('%s: %L, not %L', name, tacl.setting(name), current_setting(name, true)), '; '), 'as current_setting()')
    FROM unnest(ARRAY['pse.who', 'PSE.Who', 'pse.never', 'tacl.cache_size', 'tacl.token', 'tacl.on_missing_user', 'plpgsql.variable_conflict', 'work_mem', 'search_path', 'TimeZone']) AS name
    WHERE tacl.setting(name) IS DISTINCT FROM current_setting(name, true)
$$;
PREPARE ask AS SELECT $1::text AS moment, tacl.setting('pse.who') AS setting, pg_temp.differ($1) AS differ;
EXECUTE ask('never set');
SET pse.who = 'ann';
EXECUTE ask('set');
BEGIN;
SET LOCAL pse.who = 'bob';
EXECUTE ask('local');
SAVEPOINT a;
SET LOCAL pse.who = 'eve';
EXECUTE ask('in a savepoint');
ROLLBACK TO a;
EXECUTE ask('rolled back to it');
COMMIT;
EXECUTE ask('committed');
-- Settings that come move the others
SELECT count(set_config('pse.a' || n, 'x', false)) FROM generate_series(1, 200) AS n;
EXECUTE ask('among more');
SET pse.who = '';
EXECUTE ask('empty');
RESET pse.who;
EXECUTE ask('reset');
-- Not the token itself, in a session that has one
SET tacl.token = 'a.b.c';
SELECT tacl.setting('tacl.token') AS token, pg_temp.differ('token');
RESET tacl.token;
SELECT tacl.setting(NULL) IS NULL AS of_null, tacl.setting('') IS NULL AS of_nothing;

-- Where it stands: in the arguments of checks, for names with a dot that may be
-- missing
CREATE TABLE pse (tenant_id text);
SET plan_cache_mode = force_generic_plan;
PREPARE plan(text) AS SELECT FROM pse WHERE tacl_can(current_setting('pse.who', true), 'orders.view', tenant_id)
    AND tacl_may(current_setting('pse.permission', true), current_setting('pse.tenant', true)) AND tacl_can(current_setting('pse.who'), 'orders.view', tenant_id)
    AND tacl_can(current_setting('role', true), 'orders.view', tenant_id) AND tacl_can(current_setting($1, true), 'orders.view', tenant_id)
    AND tacl_can('x' || current_setting('pse.who', true), 'orders.view', tenant_id) AND tenant_id = current_setting('pse.tenant', true);
SET pse.who = 'ann';
EXPLAIN (COSTS OFF) EXECUTE plan('pse.who');
-- Not for who may not call it
CREATE ROLE regress_tacl_pse;
GRANT SELECT ON pse TO regress_tacl_pse;
BEGIN;
REVOKE EXECUTE ON FUNCTION tacl.setting(text) FROM PUBLIC;
SET LOCAL ROLE regress_tacl_pse;
EXPLAIN (COSTS OFF) SELECT FROM pse WHERE tacl_can(current_setting('pse.who', true), 'orders.view', tenant_id);
ROLLBACK;
DROP TABLE pse;
DROP ROLE regress_tacl_pse;
