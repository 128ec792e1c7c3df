-- A scope in the token narrows what its user may do in this session, and gives
-- nothing.
SELECT tacl_create_tenant('sco-org'), tacl_define_role('sco-clerk', '{orders.*, bills.view, !orders.delete}'),
       tacl_assign('sco-alice', 'sco-clerk', 'sco-org'), tacl_assign('sco-bob', 'sco-clerk', 'sco-org');
SELECT tacl_add_key('sco', 'HS256', 'the secret of the key of this test');

CREATE FUNCTION pg_temp.may(scope text[]) RETURNS TABLE (view boolean, edit boolean, delete boolean, bills boolean, other boolean) LANGUAGE sql AS $$
    SELECT set_config('tacl.token', tacl_issue_token('sco-alice', 'sco-org', scope => scope), true);
    SELECT tacl_may('orders.view'), tacl_may('orders.edit'), tacl_may('orders.delete'), tacl_may('bills.view'), tacl_may('other.view');
$$;
SELECT scope, (pg_temp.may(scope::text[])).*
FROM (VALUES (NULL), ('{*}'), ('{orders.view}'), ('{*.view}'), ('{orders.*}'), ('{orders.*, !orders.edit}'), ('{!orders.edit}'), ('{}'), ('{tacl.*}')) AS scopes (scope);

SELECT set_config('tacl.token', tacl_issue_token('sco-alice', 'sco-org', scope => '{orders.view, other.*}'), false);

-- In every check about this user, and about no other
SELECT who, tacl_can(who, 'orders.view', 'sco-org') AS can, tacl_can(who, 'orders.edit', 'sco-org') AS edit,
       tacl_can_any(who, '{orders.edit, bills.view}', 'sco-org') AS any_other, tacl_can_all(who, '{orders.view, orders.edit}', 'sco-org') AS all_of,
       tacl_check(who, '{orders.view, orders.edit, orders.delete}', 'sco-org')
FROM unnest('{sco-alice, sco-bob}'::text[]) AS who;
SELECT tacl_authorize('sco-alice', 'orders.view', 'sco-org');
SELECT tacl_authorize('sco-alice', 'orders.edit', 'sco-org');
-- Lists agree
SELECT (SELECT array_agg(tenant) FROM tacl_tenants('sco-alice', 'orders.view')) AS view,
       (SELECT array_agg(tenant) FROM tacl_tenants('sco-alice', 'orders.edit')) AS edit,
       (SELECT array_agg(user_id) FROM tacl_users('orders.edit', 'sco-org')) AS who_edits;
SELECT kind, role, effect, decided, reason FROM tacl_explain('sco-alice', 'orders.view', 'sco-org');
SELECT kind, role, effect, decided, reason FROM tacl_explain('sco-alice', 'orders.edit', 'sco-org');
-- What the user is called, and what they hold, is not narrowed
SELECT tacl_has_role('sco-alice', 'sco-clerk', 'sco-org'), array_agg(pattern) FROM tacl_permissions('sco-alice', 'sco-org');

-- Without the token it is not narrowed, nor by a bad one
RESET tacl.token;
SELECT tacl_can('sco-alice', 'orders.edit', 'sco-org') AS can;
SET tacl.token = 'garbage';
SELECT tacl_can('sco-alice', 'orders.edit', 'sco-org') AS can, tacl_may('orders.view', 'sco-org') AS may;
RESET tacl.token;

SELECT tacl_issue_token('sco-alice', scope => '{a..b}');
SELECT length(tacl_issue_token('sco-alice', scope => array_agg('orders.' || n))) > 1000 AS long FROM generate_series(1, 400) AS n;
SELECT tacl_issue_token('sco-alice', scope => array_agg('orders.' || n)) FROM generate_series(1, 1000) AS n;

SELECT tacl_drop_key('sco'), tacl_drop_tenant('sco-org', true), tacl_drop_role('sco-clerk');
