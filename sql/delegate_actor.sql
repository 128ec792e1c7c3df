-- Delegated changes with a token: by somebody who acts for the user (rule 12 of
-- doc/delegation.md), and within a scope. Each call is undone.
SET client_min_messages = warning;
SET search_path = public, pg_catalog;
\pset null -
CREATE ROLE dac_runtime;
SELECT tacl_add_key('dac', 'HS256', 'the secret of the key of this test');
SELECT tacl_create_tenant('dac'), tacl_create_tenant('dac/a', 'dac'), tacl_create_tenant('dac/a/x', 'dac/a'), tacl_create_tenant('dac/b', 'dac');
SELECT tacl_define_role('dac-admin', '{*, tacl.*}'), tacl_define_role('dac-clerk', '{orders.*, tacl.assign}'), tacl_define_role('dac-viewer', '{*.view}'),
       tacl_define_role('dac-seller', '{orders.*}'), tacl_define_role('dac-careful', '{orders.view, !orders.edit}'), tacl_define_role('dac-stock', '{stock.view}', 'dac/a');
-- ann is the customer's administrator; eve, who is support, may do less there,
-- nil nothing, and max until tomorrow; off will be disabled, bea is elsewhere.
SELECT tacl_assign('ann', 'dac-admin', 'dac/a'), tacl_assign('two', 'dac-admin', 'dac/a'), tacl_assign('eve', 'dac-clerk', 'dac/a'), tacl_assign('max', 'dac-admin', 'dac/a', now() + interval '1 day'),
       tacl_assign('off', 'dac-admin', 'dac/a'), tacl_assign('bea', 'dac-admin', 'dac/b'), tacl_assign('top', 'dac-admin', 'dac'), tacl_assign('mia', 'dac-stock', 'dac/a'),
       tacl_assign('pat', 'dac-clerk', 'dac/a'), tacl_grant('mia', '!stock.burn', 'dac/a'), tacl_grant('mia', '!orders.burn', 'dac/a');
SELECT tacl_create_group('dac-team', 'dac/a'), tacl_add_member('eve', 'dac-team', 'dac/a'), tacl_create_group('dac-crew', 'dac/a'), tacl_assign_group('dac-crew', 'dac-seller', 'dac/a'),
       tacl_create_group('dac-shop', 'dac/a'), tacl_assign_group('dac-shop', 'dac-stock', 'dac/a');

-- What a call answers whom the token names, with who acts for them.
CREATE FUNCTION pg_temp.answer(token text, call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
    PERFORM set_config('tacl.token', token, true), set_config('role', 'dac_runtime', true);
    EXECUTE 'SELECT ' || call INTO answer;
    RAISE SQLSTATE 'ZZ000';
EXCEPTION
    WHEN SQLSTATE 'ZZ000' THEN RETURN left(answer, 8);
    WHEN OTHERS THEN RETURN SQLSTATE;
END $$;
CREATE TEMP TABLE token AS
SELECT n, who, coalesce(actor, who) AS actor, tacl_issue_token(who, actor => actor) AS token
FROM (VALUES (1, 'ann', NULL), (2, 'ann', 'eve'), (3, 'ann', 'nil'), (4, 'ann', 'max'), (5, 'ann', 'off'), (6, 'ann', 'bea'), (7, 'ann', 'top'), (8, 'ann', 'ann'), (9, 'eve', 'ann'), (10, 'nil', 'ann'))
     AS v (n, who, actor);
SELECT tacl_disable_user('off');

-- 12. Both need the right, and to hold what is handed on, as long as it is; what
-- is taken away likewise. Nothing is changed that is of one of them.
CREATE TEMP TABLE called (n int GENERATED ALWAYS AS IDENTITY, call text);
INSERT INTO called (call) SELECT c FROM unnest(ARRAY[
    $$tacl_assign('new', 'dac-seller', 'dac/a')$$, $$tacl_assign('new', 'dac-clerk', 'dac/a')$$, $$tacl_assign('new', 'dac-viewer', 'dac/a')$$, $$tacl_assign('new', 'dac-admin', 'dac/a')$$,
    $$tacl_assign('new', 'dac-seller', 'dac/a', now() + interval '1 hour')$$, $$tacl_assign('new', 'dac-seller', 'dac/a/x')$$, $$tacl_assign('new', 'dac-seller', 'dac/b')$$,
    $$tacl_assign('new', 'dac-careful', 'dac/a')$$, $$tacl_sync_roles('new', '{dac-seller, dac-stock}', 'dac/a')$$, $$tacl_sync_roles('pat', '{}', 'dac/a')$$,
    $$tacl_grant('new', 'orders.view', 'dac/a')$$, $$tacl_grant('new', 'stock.view', 'dac/a')$$,
    $$tacl_unassign('mia', 'dac-stock', 'dac/a')$$, $$tacl_unassign('pat', 'dac-clerk', 'dac/a')$$, $$tacl_unassign('two', 'dac-admin', 'dac/a')$$,
    $$tacl_revoke('mia', '!stock.burn', 'dac/a')$$, $$tacl_revoke('mia', '!orders.burn', 'dac/a')$$,
    $$tacl_assign('ann', 'dac-seller', 'dac/a')$$, $$tacl_grant('ann', 'orders.view', 'dac/a/x')$$, $$tacl_add_member('ann', 'dac-crew', 'dac/a')$$,
    $$tacl_assign('eve', 'dac-seller', 'dac/a')$$, $$tacl_unassign('eve', 'dac-clerk', 'dac/a')$$, $$tacl_sync_roles('eve', '{dac-seller}', 'dac/a')$$, $$tacl_grant('eve', 'orders.view', 'dac/a/x')$$,
    $$tacl_add_member('eve', 'dac-crew', 'dac/a')$$, $$tacl_remove_member('eve', 'dac-team', 'dac/a')$$, $$tacl_assign_group('dac-team', 'dac-seller', 'dac/a')$$,
    $$tacl_include_group('dac-crew', 'dac-team', 'dac/a')$$, $$tacl_add_member('new', 'dac-crew', 'dac/a')$$, $$tacl_add_member('new', 'dac-shop', 'dac/a')$$,
    $$tacl_create_group('mine', 'dac/a')$$, $$tacl_define_role('mine', '{orders.view}', 'dac/a')$$, $$tacl_define_role('dac-stock', '{orders.view}', 'dac/a')$$,
    $$tacl_create_tenant('dac/a/y', 'dac/a')$$, $$tacl_suspend_tenant('dac/a/x')$$, $$tacl_limit_tenant('dac/a', '{*, tacl.*}')$$,
    $$tacl_disable_user('mia')$$, $$tacl_drop_key('dac')$$, $$count(*) FROM tacl_apply('{"users": []}')$$]) AS c;
SELECT call, max(answer) FILTER (WHERE n = 1) AS ann, max(answer) FILTER (WHERE n = 2) AS "by eve", max(answer) FILTER (WHERE n = 3) AS "by nil", max(answer) FILTER (WHERE n = 4) AS "by max",
       max(answer) FILTER (WHERE n = 5) AS "by off", max(answer) FILTER (WHERE n = 6) AS "by bea", max(answer) FILTER (WHERE n = 7) AS "by top", max(answer) FILTER (WHERE n = 8) AS "by ann",
       max(answer) FILTER (WHERE n = 9) AS "eve by ann", max(answer) FILTER (WHERE n = 10) AS "nil by ann"
FROM (SELECT c.n AS line, c.call, t.n, pg_temp.answer(t.token, c.call) AS answer FROM called AS c, token AS t) AS a GROUP BY line, call ORDER BY line;

-- A deny of the acting person's counts, below as well.
SELECT tacl_grant('eve', '!orders.edit', 'dac/a/x');
SELECT call, pg_temp.answer(token, call) FROM token, unnest(ARRAY[$$tacl_grant('new', 'orders.edit', 'dac/a')$$, $$tacl_grant('new', 'orders.view', 'dac/a')$$, $$tacl_assign('new', 'dac-careful', 'dac/a')$$]) AS call
WHERE (who, actor) = ('ann', 'eve');
SELECT tacl_revoke('eve', '!orders.edit', 'dac/a/x');
-- It is the user who made the change.
BEGIN;
SELECT set_config('tacl.token', token, true) <> '' AS set FROM token WHERE (who, actor) = ('ann', 'eve');
SELECT tacl_assign('new', 'dac-seller', 'dac/a'), tacl_user(), tacl_actor();
SELECT user_id, assigned_by FROM tacl.assignment WHERE assigned_by IS NOT NULL;
ROLLBACK;

-- A token hands on and takes away only within its scope, which has to have the
-- right, too; its denies count like others.
SELECT scope, pg_temp.answer(t, $$tacl_grant('new', 'orders.view', 'dac/a')$$) AS "orders.view", pg_temp.answer(t, $$tacl_grant('new', 'orders.*', 'dac/a')$$) AS "orders.*",
       pg_temp.answer(t, $$tacl_grant('new', '*.view', 'dac/a')$$) AS "*.view", pg_temp.answer(t, $$tacl_grant('new', 'tacl.assign', 'dac/a')$$) AS "tacl.assign",
       pg_temp.answer(t, $$tacl_assign('new', 'dac-admin', 'dac/a')$$) AS admin, pg_temp.answer(t, $$tacl_assign('new', 'dac-careful', 'dac/a')$$) AS careful,
       pg_temp.answer(t, $$tacl_unassign('pat', 'dac-clerk', 'dac/a')$$) AS "-clerk", pg_temp.answer(t, $$tacl_unassign('mia', 'dac-stock', 'dac/a')$$) AS "-stock",
       pg_temp.answer(t, $$tacl_revoke('mia', '!stock.burn', 'dac/a')$$) AS "-deny", pg_temp.answer(t, $$tacl_add_member('new', 'dac-crew', 'dac/a')$$) AS crew,
       pg_temp.answer(t, $$tacl_define_role('mine', '{orders.view}', 'dac/a')$$) AS define, pg_temp.answer(t, $$tacl_define_role('dac-stock', '{orders.view}', 'dac/a')$$) AS redefine,
       pg_temp.answer(t, $$tacl_suspend_tenant('dac/a/x')$$) AS suspend, pg_temp.answer(t, $$tacl_create_tenant('dac/a/y', 'dac/a')$$) AS "create"
FROM (SELECT n, scope, tacl_issue_token('ann', scope => scope::text[]) AS t
      FROM unnest('{NULL, "{*, tacl.*}", "{*}", "{}", "{tacl.*}", "{*, tacl.assign}", "{tacl.assign, orders.*}", "{tacl.assign, orders.view}", "{tacl.assign, *.view}",
                    "{*, tacl.*, !orders.edit}", "{*, tacl.*, !*.edit}", "{*, tacl.*, !stock.*}", "{*, tacl.*, !tacl.assign}", "{*, tacl.*, !tacl.define}", "{orders.*, tacl.define, tacl.tenants}", "{!orders.edit}"}'::text[])
           WITH ORDINALITY AS v (scope, n)) AS tokens ORDER BY n;
-- Several patterns do not cover together what none of them covers; scope and
-- acting person both count.
SELECT scope, actor, pg_temp.answer(tacl_issue_token('ann', scope => scope::text[], actor => actor), $$tacl_grant('new', 'orders.view', 'dac/a')$$) AS "orders.view",
       pg_temp.answer(tacl_issue_token('ann', scope => scope::text[], actor => actor), $$tacl_grant('new', 'stock.view', 'dac/a')$$) AS "stock.view",
       pg_temp.answer(tacl_issue_token('ann', scope => scope::text[], actor => actor), $$tacl_grant('new', '*', 'dac/a')$$) AS "*"
FROM (VALUES ('{tacl.assign, *.*, orders, stock}', NULL), ('{tacl.assign, *.*, orders, stock}', 'eve'), ('{tacl.assign, stock.*}', 'eve'), ('{tacl.assign, orders.*}', 'eve'), ('{tacl.assign, orders.*}', 'nil')) AS v (scope, actor);

-- Lists take tacl.view within the scope as well. They show, and change nothing:
-- for them the user alone counts, as for a check.
SELECT who, actor, scope, pg_temp.answer(t, $$count(*) FROM tacl_members('dac/a')$$) AS members, pg_temp.answer(t, $$count(*) FROM tacl_users('orders.view', 'dac/a')$$) AS users,
       pg_temp.answer(t, $$count(*) FROM tacl_permissions('mia', 'dac/a')$$) AS permissions, pg_temp.answer(t, $$count(*) FROM tacl_permissions('ann', 'dac/a')$$) AS own,
       pg_temp.answer(t, $$count(*) > 0 FROM tacl_tenant_roles('dac/a')$$) AS roles, pg_temp.answer(t, $$count(*) FROM tacl_members('dac/b')$$) AS elsewhere, pg_temp.answer(t, $$count(*) FROM tacl_tenants('mia')$$) AS tenants
FROM (SELECT *, tacl_issue_token(who, scope => scope::text[], actor => actor) AS t
      FROM (VALUES ('ann', NULL, NULL), ('ann', NULL, '{tacl.view}'), ('ann', NULL, '{tacl.*}'), ('ann', NULL, '{*}'), ('ann', NULL, '{orders.*, tacl.assign}'), ('ann', NULL, '{tacl.*, !tacl.view}'),
                   ('ann', NULL, '{}'), ('ann', 'nil', NULL), ('ann', 'nil', '{orders.*}'), ('eve', NULL, NULL), ('eve', 'ann', NULL)) AS v (who, actor, scope)) AS tokens;

SELECT tacl_drop_key('dac'), tacl_drop_tenant('dac', true);
SELECT bool_and(tacl_drop_role(r)) FROM unnest('{dac-admin, dac-clerk, dac-viewer, dac-seller, dac-careful}'::text[]) AS r;
DELETE FROM tacl.user_account WHERE user_id = 'off';
DROP ROLE dac_runtime;
