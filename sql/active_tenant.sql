-- tacl_active_tenant(permission, NULL::type): the active tenant where the user
-- may do this, in the type of a column; NULL for all that is no such tenant,
-- never an error that repeats it (R18).
\set VERBOSITY terse
SET client_min_messages = warning;
SET tacl.user_setting = 'app.user_id';
\pset null (null)

-- Tenants of all kinds: most of these are the text of no number and no uuid.
CREATE TABLE at_tenant (n serial, id text);
INSERT INTO at_tenant (id) VALUES ('at-acme'), ('7'), ('-7'), ('007'), ('+7'), ('7 '), (' 7'), ('7.0'), ('7e0'), ('0x7'), ('-'), ('0'), ('-0'), ('32767'), ('32768'),
    ('-32768'), ('2147483647'), ('2147483648'), ('9223372036854775807'), ('9223372036854775808'), ('-9223372036854775808'), ('-9223372036854775809'), ('99999999999999999999'),
    ('7f000000-0000-0000-0000-000000000001'), ('7F000000-0000-0000-0000-000000000001'), ('7f000000000000000000000000000001'), ('{7f000000-0000-0000-0000-000000000001}'),
    ('7f000000-0000-0000-0000-00000000000g'), ('7f0000000-000-0000-0000-000000000001'), (' 7f00000-0000-0000-0000-000000000001');
SELECT count(tacl_create_tenant(id)) FROM at_tenant;
SELECT tacl_create_tenant('at-acme/eu', 'at-acme');
SELECT tacl_define_role('at-viewer', '{orders.view}'), tacl_assign('at-ann', 'at-viewer', '*');
CREATE DOMAIN at_id AS text;
CREATE FUNCTION at_here() RETURNS TABLE (as_text text, as_varchar varchar, as_uuid uuid, as_smallint smallint, as_integer integer, as_bigint bigint) LANGUAGE sql STABLE
RETURN (tacl_active_tenant('orders.view', NULL::text), tacl_active_tenant('orders.view', NULL::varchar), tacl_active_tenant('orders.view', NULL::uuid),
        tacl_active_tenant('orders.view', NULL::smallint), tacl_active_tenant('orders.view', NULL::integer), tacl_active_tenant('orders.view', NULL::bigint));
CREATE ROLE regress_tacl_at;
GRANT SELECT ON at_tenant TO regress_tacl_at;
SET ROLE regress_tacl_at;

-- Nobody, no tenant.
SELECT * FROM at_here();
SET app.user_id = 'at-ann';
SELECT * FROM at_here();

-- Each of them as the active tenant: registered ones, and what is none.
CREATE FUNCTION pg_temp.here_at(tenant text) RETURNS TABLE (as_text text, as_varchar varchar, as_uuid uuid, as_smallint smallint, as_integer integer, as_bigint bigint) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.tenant', tenant, true);
    RETURN QUERY SELECT * FROM at_here();
END $$;
SELECT quote_literal(id) AS tenant, h.* FROM at_tenant, LATERAL pg_temp.here_at(id) AS h ORDER BY n;
-- Not registered, none, the root.
SELECT quote_literal(id) AS tenant, h.* FROM unnest(ARRAY['8', 'unknown', '', '*']) AS id, LATERAL pg_temp.here_at(id) AS h;
SELECT * FROM pg_temp.here_at(repeat('7', 300));
SELECT * FROM pg_temp.here_at(E'at-acme\n');

-- It follows the setting within a transaction, and its rollback.
BEGIN;
SET LOCAL app.tenant = 'at-acme';
SAVEPOINT a;
SET LOCAL app.tenant = '7';
SELECT tacl_active_tenant('orders.view', NULL::integer);
ROLLBACK TO a;
SELECT tacl_active_tenant('orders.view', NULL::text), tacl_active_tenant('orders.edit', NULL::text) AS not_this, tacl_active_tenant(NULL, NULL::text) AS nothing, tacl_active_tenant('', NULL::text) AS empty;
SELECT pg_typeof(tacl_active_tenant('orders.view', NULL::varchar)), pg_typeof(tacl_active_tenant('orders.view', NULL::smallint)), pg_typeof(tacl_active_tenant('orders.view', 1::bigint));
COMMIT;

-- Suspended, and with what it keeps; below what is suspended.
RESET ROLE;
SET app.user_id = '';
SELECT tacl_unassign('at-ann', 'at-viewer', '*'), tacl_assign('at-ann', 'at-viewer', 'at-acme');
SELECT tacl_suspend_tenant('at-acme');
SET app.user_id = 'at-ann';
SELECT as_text FROM pg_temp.here_at('at-acme/eu');
SET app.user_id = '';
SELECT tacl_suspend_tenant('at-acme', '{orders.*}');
SET app.user_id = 'at-ann';
SELECT as_text FROM pg_temp.here_at('at-acme/eu');
SELECT as_text FROM pg_temp.here_at('7');
SET app.user_id = '';
SELECT tacl_disable_user('at-ann');
SET app.user_id = 'at-ann';
SELECT as_text FROM pg_temp.here_at('at-acme');
SET app.user_id = '';
SELECT tacl_enable_user('at-ann');
SELECT as_text FROM pg_temp.here_at('at-acme');
SELECT set_config('app.user_id', repeat('u', 256), false) <> '' AS over_long;
SELECT as_text FROM pg_temp.here_at('at-acme');
SET app.user_id = 'at-ann';

-- What it is not for: no permission, types that hold no tenant, domains.
SET app.tenant = 'at-acme';
SELECT tacl_active_tenant('orders.*', NULL::text);
SELECT tacl_active_tenant('orders view', NULL::text);
SELECT tacl_active_tenant('orders.view', NULL);
SELECT tacl_active_tenant('orders.view', NULL::name);
SELECT tacl_active_tenant('orders.view', NULL::char(7));
SELECT tacl_active_tenant('orders.view', NULL::numeric);
SELECT tacl_active_tenant('orders.view', NULL::text[]);
SELECT tacl_active_tenant('orders.view', NULL::at_id);

-- One call in whose rows it changes.
SELECT set_config('app.tenant', id, true) AS tenant, tacl_active_tenant('orders.view', NULL::text) AS here
FROM unnest(ARRAY['at-acme', 'at-acme', '7', 'unknown', 'at-acme/eu', 'at-acme']) AS id;

-- On a column of another type: no rows and no error.
SET app.user_id = '';
SELECT tacl_assign('at-ann', 'at-viewer', '7'), tacl_assign('at-ann', 'at-viewer', '99999999999999999999');
SET app.user_id = 'at-ann';
CREATE TABLE at_orders AS SELECT n AS id, n % 10 AS tenant_id FROM generate_series(0, 99) AS n;
PREPARE here AS SELECT tacl_tenant() AS tenant, tacl_may('orders.view') AS may, count(*) FROM at_orders WHERE tenant_id = tacl_active_tenant('orders.view', NULL::integer);
SELECT format('SET app.tenant = %L', t), 'EXECUTE here' FROM unnest('{at-acme,7,99999999999999999999,7x}'::text[]) AS t \gexec
DEALLOCATE here;

DROP FUNCTION at_here(), pg_temp.here_at(text);
DROP DOMAIN at_id;
RESET app.user_id;
DELETE FROM tacl.assignment WHERE user_id = 'at-ann';
SELECT tacl_drop_tenant('at-acme/eu');
SELECT count(tacl_drop_tenant(id)) FROM at_tenant;
DROP TABLE at_tenant, at_orders;
DROP ROLE regress_tacl_at;
SELECT tacl_drop_role('at-viewer');
DELETE FROM tacl.user_account WHERE user_id = 'at-ann';
