-- tacl_can_any, tacl_can_all, tacl_authorize, tacl_has_role, tacl_check,
-- tacl_may, and what is asked without a tenant.
\set VERBOSITY terse
SET client_min_messages = warning;

SELECT tacl_create_tenant('chk-acme'), tacl_create_tenant('chk-globex'),
       tacl_define_role('chk-base', '{members.view}'),
       tacl_define_role('chk-member', '{orders.*}', includes => '{chk-base}'),
       tacl_assign('chk-ann', 'chk-member', 'chk-acme'),
       tacl_grant('chk-ann', 'root.only', '*');

-- Any and all; an empty list is false for both, and so is NULL.
SELECT tacl_can_any('chk-ann', '{x.y,orders.view}', 'chk-acme') AS any_one, tacl_can_any('chk-ann', '{x.y,x.z}', 'chk-acme') AS any_none,
       tacl_can_any('chk-ann', '{}', 'chk-acme') AS any_empty, tacl_can_any('chk-ann', NULL, 'chk-acme') AS any_null;
SELECT tacl_can_all('chk-ann', '{orders.view,members.view}', 'chk-acme') AS all_both, tacl_can_all('chk-ann', '{orders.view,x.y}', 'chk-acme') AS all_one,
       tacl_can_all('chk-ann', '{}', 'chk-acme') AS all_empty, tacl_can_all('chk-ann', NULL, 'chk-acme') AS all_null;
SELECT tacl_can_any('chk-ann', ARRAY[NULL, '', 'orders.view'], 'chk-acme') AS any_with_null,
       tacl_can_all('chk-ann', ARRAY[NULL, 'orders.view'], 'chk-acme') AS all_with_null,
       tacl_can_all('chk-ann', ARRAY['', 'orders.view'], 'chk-acme') AS all_with_empty;
SELECT tacl_can_any('chk-ann', '{orders.view,orders.*}', 'chk-acme');
SELECT tacl_can_all('chk-ann', '{{orders.view},{x.y}}', 'chk-acme');
SELECT tacl_can_any('chk-ann', (SELECT array_agg('p.' || i) FROM generate_series(1, 1001) AS i), 'chk-acme');
SELECT tacl_can_any(NULL, '{orders.view}', 'chk-acme'), tacl_can_all('chk-ann', '{orders.view}', NULL);

-- Authorize: true, or an error that says what was asked and nothing else.
SELECT tacl_authorize('chk-ann', 'orders.view', 'chk-acme');
CREATE FUNCTION pg_temp.attempt(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text;
BEGIN
    EXECUTE query;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, ''));
END
$$;
SELECT pg_temp.attempt(q) FROM unnest(ARRAY[
    $$SELECT tacl_authorize('chk-ann', 'orders.view', 'chk-globex')$$,
    $$SELECT tacl_authorize('chk-ann', 'orders.view', 'nowhere')$$,
    $$SELECT tacl_authorize('nobody', 'orders.view', 'chk-acme')$$,
    $$SELECT tacl_authorize(NULL, 'orders.view', 'chk-acme')$$,
    $$SELECT tacl_authorize('chk-ann', NULL, 'chk-acme')$$,
    $$SELECT tacl_authorize('chk-ann', 'orders.view')$$,
    $$SELECT tacl_authorize('chk-ann', 'orders..view', 'chk-acme')$$]) AS q;

-- Roles by name: own and included, there and below; a grant is no role.
SELECT tacl_has_role('chk-ann', 'chk-member', 'chk-acme') AS own, tacl_has_role('chk-ann', 'chk-base', 'chk-acme') AS included,
       tacl_has_role('chk-ann', 'chk-member', 'chk-globex') AS elsewhere, tacl_has_role('chk-ann', 'nothing', 'chk-acme') AS unknown,
       tacl_has_role('chk-ann', NULL, 'chk-acme') AS null_role, tacl_has_role(NULL, 'chk-base', 'chk-acme') AS null_user;

-- Sixty buttons in one call.
SELECT tacl_check('chk-ann', '{orders.view,x.y,members.view,root.only}', 'chk-acme');
SELECT tacl_check('nobody', '{orders.view}', 'chk-acme'), tacl_check('chk-ann', '{orders.view}', 'nowhere'),
       tacl_check('chk-ann', '{}', 'chk-acme'), tacl_check('chk-ann', NULL, 'chk-acme');
SELECT pg_temp.attempt(q) FROM unnest(ARRAY[
    $$SELECT tacl_check('chk-ann', ARRAY['orders.view', NULL], 'chk-acme')$$,
    $$SELECT tacl_check('chk-ann', '{orders.*}', 'chk-acme')$$,
    $$SELECT tacl_check('chk-ann', (SELECT array_agg('p.' || i) FROM generate_series(1, 1001) AS i), 'chk-acme')$$]) AS q;
SELECT count(*), bool_or(value::boolean)
FROM jsonb_each(tacl_check('chk-ann', (SELECT array_agg('p.' || i) FROM generate_series(1, 1000) AS i), 'chk-acme'));

-- Without a tenant: the active one; when none is active, the root.
SELECT tacl_tenant(), tacl_can('chk-ann', 'orders.view') AS no_tenant, tacl_can('chk-ann', 'root.only') AS at_root;
SET app.tenant = 'chk-acme';
SELECT tacl_tenant(), tacl_can('chk-ann', 'orders.view'), tacl_can_any('chk-ann', '{orders.view}'), tacl_can_all('chk-ann', '{orders.view}'),
       tacl_authorize('chk-ann', 'orders.view'), tacl_has_role('chk-ann', 'chk-member'), tacl_check('chk-ann', '{orders.view}');
SET app.tenant = 'nowhere';
SELECT tacl_tenant(), tacl_can('chk-ann', 'orders.view') AS unregistered, tacl_can('chk-ann', 'root.only') AS unregistered_root;
BEGIN;
SET LOCAL app.tenant = 'chk-acme';
SELECT tacl_can('chk-ann', 'orders.view');
COMMIT;
SELECT tacl_can('chk-ann', 'orders.view');
SET app.tenant = '';
SELECT tacl_tenant(), tacl_can('chk-ann', 'orders.view') AS empty_is_none, tacl_can('chk-ann', 'root.only') AS at_root;

-- The session's user: nobody, unless the superuser names a setting to believe.
SET app.user_id = 'chk-ann';
SELECT tacl_user(), tacl_may('orders.view', 'chk-acme') AS not_believed;
SET tacl.user_setting = 'app.user_id';
SELECT tacl_user(), tacl_may('orders.view', 'chk-acme'), tacl_may('orders.view', 'chk-globex') AS elsewhere, tacl_may('orders.view') AS at_root;
SET app.tenant = 'chk-acme';
SELECT tacl_may('orders.view'), tacl_may('x.y'), tacl_may(NULL), tacl_may('orders.view', NULL);
SET app.user_id = '';
SELECT tacl_user(), tacl_may('orders.view', 'chk-acme');
SET tacl.tenant_setting = 'my.org';
SET my.org = 'chk-globex';
SELECT tacl_tenant();
RESET tacl.tenant_setting;
RESET tacl.user_setting;
-- Only what can be the name of an application's setting.
SET tacl.user_setting = 'search_path';
SET tacl.tenant_setting = 'app.tenant x';
SET tacl.tenant_setting = '.tenant';
SET tacl.tenant_setting = '';
SELECT tacl_tenant();
RESET tacl.tenant_setting;

-- Ids of other types; anything else is an error, not a no.
SELECT tacl_create_tenant('42'), tacl_create_tenant('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'),
       tacl_grant('7', 'x.y', '42'), tacl_grant('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12', 'x.y', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
CREATE DOMAIN pg_temp.org AS bigint;
CREATE DOMAIN pg_temp.code AS varchar(20);
SELECT tacl_can(7, 'x.y', 42), tacl_can(7::bigint, 'x.y', 42::smallint), tacl_can('7', 'x.y', 42::pg_temp.org), tacl_can(7, 'x.y', '42'),
       tacl_can('7'::varchar, 'x.y', '42'::name), tacl_can('7'::pg_temp.code, 'x.y', 42), tacl_can('7'::char(3), 'x.y', 42), tacl_can(8, 'x.y', 42) AS no;
SELECT tacl_can('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12'::uuid, 'x.y', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid),
       tacl_can('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12', 'x.y', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid);
SELECT tacl_can(NULL::uuid, 'x.y', 42), tacl_can(7, 'x.y', NULL::bigint);
SELECT tacl_can((-9223372036854775808)::bigint, 'x.y', 42);
PREPARE untyped AS SELECT tacl_can($1, $2, $3);
EXECUTE untyped('7', 'x.y', '42');
PREPARE typed(bigint, text, int) AS SELECT tacl_can($1, $2, $3);
EXECUTE typed(7, 'x.y', 42);
DEALLOCATE ALL;
SELECT pg_temp.attempt(q) FROM unnest(ARRAY[
    $$SELECT tacl_can(7.0, 'x.y', 42)$$, $$SELECT tacl_can(7, 'x.y', true)$$,
    $$SELECT tacl_can(7, 'x.y', ARRAY[42])$$, $$SELECT tacl_can(ROW(7), 'x.y', 42)$$]) AS q;

SELECT tacl_drop_tenant(t, true) FROM unnest(ARRAY['chk-acme', 'chk-globex', '42', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']) AS t;
SELECT tacl_revoke('chk-ann', 'root.only', '*'), tacl_drop_role('chk-member'), tacl_drop_role('chk-base');
