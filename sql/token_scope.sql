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
-- A role is all that it allows: none is left. What the user holds is not narrowed
SELECT tacl_has_role('sco-alice', 'sco-clerk', 'sco-org') AS alice, tacl_has_role('sco-bob', 'sco-clerk', 'sco-org') AS bob,
       array_agg(pattern) FROM tacl_permissions('sco-alice', 'sco-org');
SELECT scope, set_config('tacl.token', tacl_issue_token('sco-alice', 'sco-org', scope => scope::text[]), true) IS NOT NULL AS set,
       tacl_has_role('sco-alice', 'sco-clerk', 'sco-org') AS alice, tacl_has_role('sco-bob', 'sco-clerk', 'sco-org') AS bob
FROM (VALUES ('{}'), ('{*}'), ('{orders.*, bills.view}'), (NULL)) AS scopes (scope);

-- Nor can a plan go beyond it: what an index condition finds, and the active tenant
CREATE TABLE sco_orders (id integer, tenant_id text);
INSERT INTO sco_orders VALUES (1, 'sco-org'), (2, 'sco-other');
CREATE INDEX ON sco_orders (tenant_id);
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT id FROM sco_orders WHERE tacl_may('orders.edit', tenant_id);
SELECT (SELECT count(*) FROM sco_orders WHERE tacl_may('orders.view', tenant_id)) AS may_view, (SELECT count(*) FROM sco_orders WHERE tacl_may('orders.edit', tenant_id)) AS may_edit,
       (SELECT count(*) FROM sco_orders WHERE tacl_can('sco-alice', 'orders.view', tenant_id)) AS can_view, (SELECT count(*) FROM sco_orders WHERE tacl_can('sco-alice', 'orders.edit', tenant_id)) AS can_edit,
       (SELECT count(*) FROM sco_orders WHERE tacl_can('sco-bob', 'orders.edit', tenant_id)) AS bob_edits,
       tacl_active_tenant('orders.view', NULL::text) AS view_at, tacl_active_tenant('orders.edit', NULL::text) AS edit_at;
-- with the same plan and another token, or none
PREPARE edits AS SELECT count(*) FROM sco_orders WHERE tacl_may('orders.edit', tenant_id);
EXECUTE edits;
BEGIN;
SELECT set_config('tacl.token', tacl_issue_token('sco-alice', 'sco-org'), true) IS NOT NULL AS set;
EXECUTE edits;
SET LOCAL tacl.token = 'garbage';
EXECUTE edits;
SELECT tacl_active_tenant('orders.view', NULL::text);
SET LOCAL tacl.on_missing_user = 'error';
SAVEPOINT s;
EXECUTE edits;
ROLLBACK TO s;
SELECT tacl_active_tenant('orders.view', NULL::text);
ROLLBACK;
DROP TABLE sco_orders;
RESET enable_seqscan;

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
