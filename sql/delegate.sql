-- Delegated administration, rule by rule: what a user may give, take away and
-- define. Rules are those of doc/delegation.md. A subset check of what roles
-- match would let most of these through.
SET client_min_messages = warning;
SET search_path = public, pg_catalog;
CREATE ROLE dlg_runtime;
SET tacl.user_setting = 'app.user_id';
CREATE FUNCTION pg_temp.as_user(who text, command text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE answer text; detail text;
BEGIN
    PERFORM set_config('app.user_id', who, true);
    EXECUTE command INTO answer;
    PERFORM set_config('app.user_id', '', true);
    RETURN answer;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN format('%s %s', SQLSTATE, SQLERRM) || CASE WHEN detail = '' THEN '' ELSE ' (' || detail || ')' END;
END $$;

-- A reseller with two customers, one of which has a branch.
SELECT tacl_create_tenant('dlg'), tacl_create_tenant('dlg/a', 'dlg'), tacl_create_tenant('dlg/b', 'dlg'),
       tacl_create_tenant('dlg/a/x', 'dlg/a'), tacl_create_tenant('dlg-other');
SELECT tacl_define_role('dlg-admin', '{*, tacl.*}'), tacl_define_role('dlg-viewer', '{*.view}'),
       tacl_define_role('dlg-seller', '{orders.*}'), tacl_define_role('dlg-clerk', '{orders.*, tacl.assign}'),
       tacl_define_role('dlg-careful', '{orders.*, !orders.delete}'), tacl_define_role('dlg-definer', '{orders.*, tacl.define}'),
       tacl_define_role('dlg-boss', '{*}', includes => '{dlg-clerk}');
SELECT tacl_assign('root-ann', 'dlg-admin', 'dlg'), tacl_assign('ann', 'dlg-admin', 'dlg/a'), tacl_assign('carl', 'dlg-clerk', 'dlg/a'),
       tacl_assign('bob', 'dlg-admin', 'dlg/b'), tacl_assign('dora', 'dlg-definer', 'dlg/a'), tacl_assign('mia', 'dlg-viewer', 'dlg/a');

-- 1. It takes the right, at the tenant; elsewhere and nowhere are the same.
SET ROLE dlg_runtime;
SELECT who, pg_temp.as_user(who, $$SELECT tacl_assign('new', 'dlg-seller', 'dlg/a')$$)
FROM unnest('{nobody, mia, bob, dora, carl}'::text[]) AS who;
SELECT t, pg_temp.as_user('carl', format('SELECT tacl_assign(''new'', ''dlg-seller'', %L)', t))
FROM unnest('{dlg/a/x, dlg/b, dlg, dlg-nowhere, *}'::text[]) AS t;
-- What is the operator's is refused to every user, whatever the role.
SELECT c, pg_temp.as_user('root-ann', c) FROM unnest(ARRAY[
    $$SELECT tacl_disable_user('mia')$$, $$SELECT tacl_enable_user('mia')$$, $$SELECT tacl_move_tenant('dlg/a', '*')$$,
    $$SELECT tacl_drop_tenant('dlg/a/x')$$, $$SELECT count(*) FROM tacl_apply('{}')$$, $$SELECT tacl_drop_key('k')$$,
    $$SELECT tacl_create_group('g', '*')$$, $$SELECT tacl_grant('mia', 'orders.view', '*')$$]) AS c;
-- Without a user it is the database role that counts.
SELECT pg_temp.as_user('', $$SELECT tacl_assign('new', 'dlg-viewer', 'dlg/a')$$);

-- 2. Only what one holds: one pattern has to cover, without a deny that
-- touches it, as long as it lasts; including what a role includes.
SELECT r, pg_temp.as_user('carl', format('SELECT tacl_assign(''new'', %L, ''dlg/a'')', r))
FROM unnest('{dlg-viewer, dlg-clerk, dlg-boss, dlg-admin, dlg-unknown}'::text[]) AS r;
SELECT p, pg_temp.as_user('carl', format('SELECT tacl_grant(''new'', %L, ''dlg/a'')', p))
FROM unnest('{orders.view, orders.*, orders.*.view, *, *.view, tacl.assign, tacl.*, tacl.define, !orders.view}'::text[]) AS p;
RESET ROLE;
SELECT tacl_grant('carl', 'stock.*', 'dlg/a', expires_at => now() + interval '1 day'),
       tacl_grant('carl', '!orders.delete', 'dlg/a/x'), tacl_grant('carl', '!stock.burn', 'dlg/a', starts_at => now() + interval '1 hour');
SET ROLE dlg_runtime;
-- A deny below is touched by what is handed on above it.
SELECT p, until, pg_temp.as_user('carl', format('SELECT tacl_grant(''new2'', %L, ''dlg/a'', now() + %L)', p, until::interval))
FROM (VALUES ('orders.*', '1 hour'), ('orders.delete', '1 hour'), ('orders.view', '1 hour'), ('orders.view', '1 year'),
             ('stock.view', '23 hours'), ('stock.view', '25 hours'), ('stock.view', NULL),
             ('stock.burn', '30 minutes'), ('stock.burn', '2 hours'), ('stock.*', '30 minutes')) AS v (p, until);
RESET ROLE;
SELECT tacl_revoke('carl', '!orders.delete', 'dlg/a/x'), tacl_revoke('carl', 'stock.*', 'dlg/a'), tacl_revoke('carl', '!stock.burn', 'dlg/a');
-- Ceilings: of the tenant where it was assigned, and above. Nothing while suspended.
SELECT tacl_limit_tenant('dlg/a', '{orders.view, orders.edit, tacl.*}');
SET ROLE dlg_runtime;
SELECT p, pg_temp.as_user('carl', format('SELECT tacl_grant(''new3'', %L, ''dlg/a'')', p)) FROM unnest('{orders.view, orders.*, orders.delete}'::text[]) AS p;
SELECT pg_temp.as_user('root-ann', $$SELECT tacl_grant('new3', 'orders.delete', 'dlg/a')$$) AS held_above_the_ceiling;
RESET ROLE;
SELECT tacl_limit_tenant('dlg/a', NULL), tacl_suspend_tenant('dlg/a', '{*, tacl.*}');
SET ROLE dlg_runtime;
SELECT pg_temp.as_user('carl', $$SELECT tacl_grant('new4', 'orders.view', 'dlg/a')$$), pg_temp.as_user('root-ann', $$SELECT tacl_grant('new4', 'orders.view', 'dlg/a')$$);
RESET ROLE;
SELECT tacl_resume_tenant('dlg/a');

-- 3. Never one's own rights, directly or through a group.
SELECT tacl_create_group('dlg-team', 'dlg/a'), tacl_create_group('dlg-inner', 'dlg/a'), tacl_include_group('dlg-team', 'dlg-inner', 'dlg/a'),
       tacl_add_member('ann', 'dlg-inner', 'dlg/a'), tacl_assign_group('dlg-team', 'dlg-viewer', 'dlg/a'), tacl_create_group('dlg-free', 'dlg/a');
SET ROLE dlg_runtime;
SELECT c, pg_temp.as_user('ann', c) FROM unnest(ARRAY[
    $$SELECT tacl_assign('ann', 'dlg-viewer', 'dlg/a')$$, $$SELECT tacl_unassign('ann', 'dlg-admin', 'dlg/a')$$,
    $$SELECT tacl_sync_roles('ann', '{dlg-admin, dlg-viewer}', 'dlg/a')$$, $$SELECT tacl_grant('ann', 'orders.view', 'dlg/a/x')$$,
    $$SELECT tacl_add_member('ann', 'dlg-free', 'dlg/a')$$, $$SELECT tacl_remove_member('ann', 'dlg-inner', 'dlg/a')$$,
    $$SELECT tacl_assign_group('dlg-team', 'dlg-seller', 'dlg/a')$$, $$SELECT tacl_unassign_group('dlg-team', 'dlg-viewer', 'dlg/a')$$,
    $$SELECT tacl_include_group('dlg-free', 'dlg-inner', 'dlg/a')$$, $$SELECT tacl_exclude_group('dlg-team', 'dlg-inner', 'dlg/a')$$,
    $$SELECT tacl_assign('ann', 'dlg-admin', 'dlg/a', now() + interval '1 day')$$]) AS c;

-- 4. Who takes power away has to have it; anything else only the right.
SELECT c, pg_temp.as_user('carl', c) FROM unnest(ARRAY[
    $$SELECT tacl_unassign('mia', 'dlg-viewer', 'dlg/a')$$, $$SELECT tacl_unassign('ann', 'dlg-admin', 'dlg/a')$$,
    $$SELECT tacl_unassign('dora', 'dlg-definer', 'dlg/a')$$, $$SELECT tacl_sync_roles('ann', '{}', 'dlg/a')$$,
    $$SELECT tacl_unassign('nobody', 'dlg-viewer', 'dlg/a')$$, $$SELECT tacl_unassign('nobody', 'dlg-unknown', 'dlg/a')$$]) AS c;
-- Another expiry is taking away and giving.
SELECT c, pg_temp.as_user(who, c) FROM (VALUES
    ('carl', $$SELECT tacl_assign('ann', 'dlg-admin', 'dlg/a', now() + interval '1 day')$$),
    ('ann', $$SELECT tacl_assign('carl', 'dlg-clerk', 'dlg/a', now() + interval '1 day')$$),
    ('ann', $$SELECT tacl_assign('carl', 'dlg-clerk', 'dlg/a')$$)) AS v (who, c);

-- 5. Denies are the operator's. A role with one goes only to who cannot be hurt.
RESET ROLE;
SELECT tacl_grant('new', '!orders.burn', 'dlg/a'), tacl_assign('fran', 'dlg-viewer', 'dlg'), tacl_assign('xena', 'dlg-clerk', 'dlg/a/x'),
       tacl_define_role('dlg-nosy', '{orders.view, !tacl.assign}'), tacl_define_role('dlg-local', '{!orders.view}', 'dlg/a'),
       tacl_define_role('dlg-ops', '{stock.*}', 'dlg/a'),
       tacl_create_group('dlg-nosies', 'dlg/a'), tacl_assign_group('dlg-nosies', 'dlg-nosy', 'dlg/a');
SET ROLE dlg_runtime;
SELECT c, pg_temp.as_user('ann', c) FROM unnest(ARRAY[
    $$SELECT tacl_grant('mia', '!orders.view', 'dlg/a')$$, $$SELECT tacl_define_role('evil', '{!orders.view}', 'dlg/a')$$,
    $$SELECT tacl_define_role('evil', '{orders.view}', 'dlg/a', '{dlg-careful}')$$, $$SELECT tacl_define_role('dlg-local', '{orders.view}', 'dlg/a')$$,
    $$SELECT tacl_drop_role('dlg-local', 'dlg/a')$$, $$SELECT tacl_assign_group('dlg-free', 'dlg-careful', 'dlg/a')$$,
    $$SELECT tacl_assign('mia', 'dlg-careful', 'dlg/a')$$, $$SELECT tacl_assign('fran', 'dlg-careful', 'dlg/a')$$,
    $$SELECT tacl_assign('carl', 'dlg-careful', 'dlg/a')$$, $$SELECT tacl_assign('xena', 'dlg-nosy', 'dlg/a')$$, $$SELECT tacl_assign('xena', 'dlg-nosy', 'dlg/a', starts_at => now() + interval '1 day')$$,
    $$SELECT tacl_sync_roles('xena', '{dlg-nosy}', 'dlg/a')$$, $$SELECT tacl_add_member('xena', 'dlg-nosies', 'dlg/a')$$,
    $$SELECT tacl_revoke('new', '!orders.burn', 'dlg/a')$$]) AS c;

-- 6. No name that is known from above, only printable ASCII.
SELECT c, pg_temp.as_user('dora', c) FROM unnest(ARRAY[
    $$SELECT tacl_define_role('dlg-seller', '{orders.view}', 'dlg/a', override => true)$$, $$SELECT tacl_define_role('dlg-séller', '{orders.view}', 'dlg/a')$$,
    $$SELECT tacl_define_role(' dlg', '{orders.view}', 'dlg/a')$$, $$SELECT tacl_define_role('dlg ', '{orders.view}', 'dlg/a')$$, $$SELECT tacl_define_role('packer', '{orders.pack}', 'dlg/a', '{dlg-seller}', 'Packs')$$,
    $$SELECT tacl_define_role('packer', '{orders.pack, stock.view}', 'dlg/a')$$, $$SELECT tacl_define_role('packer', '{orders.pack, tacl.define}', 'dlg/a', '{}')$$,
    $$SELECT tacl_define_role('packer', '{orders.pack}', 'dlg/a')$$, $$SELECT tacl_define_role('packer', '{orders.pack}', 'dlg/b')$$, $$SELECT tacl_drop_role('dlg-ops', 'dlg/a')$$]) AS c;
SELECT pg_temp.as_user('ann', $$SELECT tacl_define_role('packer', '{orders.view, tacl.*}', 'dlg/a')$$), pg_temp.as_user('dora', $$SELECT tacl_define_role('packer', '{orders.view}', 'dlg/a')$$);
RESET ROLE;
SELECT r.tenant, r.name, r.permissions, r.defined_by FROM tacl.role AS r WHERE r.tenant = 'dlg/a' ORDER BY r.name;
SET ROLE dlg_runtime;
SELECT c, pg_temp.as_user('ann', c) FROM unnest(ARRAY[
    $$SELECT tacl_assign('mia', 'packer', 'dlg/a')$$, $$SELECT tacl_drop_role('packer', 'dlg/a')$$, $$SELECT tacl_drop_role('packer', 'dlg/a', true)$$,
    $$SELECT tacl_unassign('mia', 'packer', 'dlg/a')$$, $$SELECT tacl_drop_role('packer', 'dlg/a')$$, $$SELECT tacl_drop_role('dlg-seller')$$]) AS c;

-- 7. Tenants: below one's own, named after it; ceilings only down, and no
-- suspension of the operator's is lifted.
SELECT c, pg_temp.as_user('root-ann', c) FROM unnest(ARRAY[
    $$SELECT tacl_create_tenant('acme', 'dlg')$$, $$SELECT tacl_create_tenant('dlg/', 'dlg')$$, $$SELECT tacl_create_tenant('dlg/ñ', 'dlg')$$,
    $$SELECT tacl_create_tenant('dlx/c', 'dlg')$$, $$SELECT tacl_create_tenant('dlg-c', 'dlg')$$,
    $$SELECT tacl_create_tenant('dlg/a/x', 'dlg')$$, $$SELECT tacl_create_tenant('dlg/c', 'dlg')$$, $$SELECT tacl_create_tenant('dlg/c', 'dlg')$$,
    $$SELECT tacl_create_tenant('x/y', '*')$$, $$SELECT tacl_limit_tenant('dlg/c', '{orders.*, stock.view}')$$, $$SELECT tacl_limit_tenant('dlg/c', '{orders.view}')$$,
    $$SELECT tacl_limit_tenant('dlg/c', '{orders.*}')$$, $$SELECT tacl_limit_tenant('dlg/c', NULL)$$, $$SELECT tacl_limit_tenant('dlg', '{}')$$,
    $$SELECT tacl_limit_tenant('dlg-nowhere', '{}')$$, $$SELECT tacl_suspend_tenant('dlg/c')$$, $$SELECT tacl_suspend_tenant('dlg/c', '{orders.*}')$$,
    $$SELECT tacl_resume_tenant('dlg/c')$$, $$SELECT tacl_resume_tenant('dlg/c')$$, $$SELECT tacl_suspend_tenant('dlg/c')$$]) AS c;
RESET ROLE;
SELECT suspended_by FROM tacl.tenant WHERE id = 'dlg/c';
SELECT tacl_suspend_tenant('dlg/c'), tacl_suspend_tenant('dlg/c');
SET ROLE dlg_runtime;
SELECT c, pg_temp.as_user('root-ann', c) FROM unnest(ARRAY[$$SELECT tacl_resume_tenant('dlg/c')$$, $$SELECT tacl_suspend_tenant('dlg/c', '{*}')$$]) AS c;

RESET ROLE;
-- Taking over a document leaves it the operator's or the delegate's, unless
-- that is what differs.
BEGIN;
UPDATE tacl.tenant SET suspended_by = 'ann' WHERE id = 'dlg/c';
CREATE TEMP TABLE document AS SELECT jsonb_agg(e) AS d FROM tacl_export() AS e WHERE e ? 'tenants';
SELECT count(*), (SELECT suspended_by FROM tacl.tenant WHERE id = 'dlg/c') FROM tacl_apply((SELECT d FROM document));
SELECT count(*) FROM tacl_apply((SELECT jsonb_agg(CASE WHEN e #>> '{tenants,id}' = 'dlg/c' THEN jsonb_set(e, '{tenants,ceiling}', '["orders.*"]') ELSE e END) FROM document, jsonb_array_elements(d) AS e));
SELECT ceiling, suspended_by FROM tacl.tenant WHERE id = 'dlg/c';
SELECT count(*) FROM tacl_apply((SELECT jsonb_agg(CASE WHEN e #>> '{tenants,id}' = 'dlg/c' THEN jsonb_set(e, '{tenants,keeps}', '["orders.*"]') ELSE e END) FROM document, jsonb_array_elements(d) AS e));
SELECT suspension_keeps, suspended_by FROM tacl.tenant WHERE id = 'dlg/c';
ROLLBACK;

-- 8. Who gave it is known.
SELECT user_id, tenant, pattern, assigned_by FROM tacl.assignment WHERE assigned_by IS NOT NULL ORDER BY 1, 2, 3;
SELECT tacl_assign('carl', 'dlg-clerk', 'dlg/a', now() + interval '1 day'), tacl_assign('carl', 'dlg-clerk', 'dlg/a');
SELECT assigned_by FROM tacl.assignment AS a JOIN tacl.role AS r ON r.id = a.role_id WHERE user_id = 'carl';

-- 9. The last administrator stays, whichever way one would be lost.
SELECT tacl_create_tenant('dlg/d', 'dlg'), tacl_assign('dan', 'dlg-admin', 'dlg/d'), tacl_create_group('dlg-heads', 'dlg/d'),
       tacl_create_tenant('dlg/d/y', 'dlg/d'), tacl_assign('yan', 'dlg-clerk', 'dlg/d/y');
SET ROLE dlg_runtime;
SELECT c, pg_temp.as_user('root-ann', c) FROM unnest(ARRAY[
    $$SELECT tacl_unassign('dan', 'dlg-admin', 'dlg/d')$$, $$SELECT tacl_sync_roles('dan', '{dlg-viewer}', 'dlg/d')$$,
    $$SELECT tacl_assign('dan', 'dlg-admin', 'dlg/d', now() + interval '1 day')$$, $$SELECT tacl_limit_tenant('dlg/d', '{orders.*}')$$,
    $$SELECT tacl_limit_tenant('dlg/d', '{*, tacl.define}')$$, $$SELECT tacl_limit_tenant('dlg/d', '{*, tacl.*}')$$,
    $$SELECT tacl_assign('eve', 'dlg-clerk', 'dlg/d', now() + interval '1 day')$$, $$SELECT tacl_unassign('dan', 'dlg-admin', 'dlg/d')$$,
    $$SELECT tacl_suspend_tenant('dlg/d')$$, $$SELECT tacl_unassign('dan', 'dlg-admin', 'dlg/d')$$, $$SELECT tacl_resume_tenant('dlg/d')$$,
    $$SELECT tacl_assign_group('dlg-heads', 'dlg-clerk', 'dlg/d')$$, $$SELECT tacl_add_member('hanna', 'dlg-heads', 'dlg/d')$$,
    $$SELECT tacl_unassign('dan', 'dlg-admin', 'dlg/d')$$, $$SELECT tacl_remove_member('hanna', 'dlg-heads', 'dlg/d')$$,
    $$SELECT tacl_unassign_group('dlg-heads', 'dlg-clerk', 'dlg/d')$$]) AS c;

-- 11. A group is all that it carries, wherever that is.
RESET ROLE;
SELECT tacl_create_group('dlg-wide', 'dlg/a'), tacl_assign_group('dlg-wide', 'dlg-boss', 'dlg/a/x'), tacl_create_group('dlg-narrow', 'dlg/a'),
       tacl_assign_group('dlg-narrow', 'dlg-seller', 'dlg/a/x'), tacl_create_group('dlg-shell', 'dlg/a'), tacl_include_group('dlg-wide', 'dlg-shell', 'dlg/a');
SET ROLE dlg_runtime;
SELECT c, pg_temp.as_user('carl', c) FROM unnest(ARRAY[
    $$SELECT tacl_add_member('new', 'dlg-wide', 'dlg/a')$$, $$SELECT tacl_add_member('new', 'dlg-shell', 'dlg/a')$$, $$SELECT tacl_add_member('new', 'dlg-none', 'dlg/a')$$,
    $$SELECT tacl_add_member('new', 'dlg-narrow', 'dlg/a')$$, $$SELECT tacl_remove_member('new', 'dlg-narrow', 'dlg/a')$$,
    $$SELECT tacl_create_group('mine', 'dlg/a')$$, $$SELECT tacl_include_group('dlg-wide', 'mine', 'dlg/a')$$, $$SELECT tacl_include_group('mine', 'dlg-narrow', 'dlg/a')$$,
    $$SELECT tacl_exclude_group('dlg-wide', 'dlg-shell', 'dlg/a')$$, $$SELECT tacl_drop_group('dlg-narrow', 'dlg/a', true)$$, $$SELECT tacl_drop_group('mine', 'dlg/a')$$,
    $$SELECT tacl_exclude_group('mine', 'dlg-narrow', 'dlg/a')$$, $$SELECT tacl_drop_group('mine', 'dlg/a')$$]) AS c;

-- Lists take tacl.view, at the tenant.
SELECT c, pg_temp.as_user('ann', c), pg_temp.as_user('carl', c) FROM unnest(ARRAY[
    $$SELECT count(*) FROM tacl_members('dlg/a')$$, $$SELECT string_agg(user_id, ',') FROM tacl_users('tacl.assign', 'dlg/a')$$, $$SELECT count(*) > 0 FROM tacl_roles('mia', 'dlg/a')$$,
    $$SELECT count(*) FROM tacl_permissions('mia', 'dlg/a')$$, $$SELECT effect FROM tacl_explain('mia', 'orders.view', 'dlg/a') LIMIT 1$$, $$SELECT count(*) > 5 FROM tacl_tenant_roles('dlg/a')$$,
    $$SELECT count(*) FROM tacl_role_permissions('dlg-seller', 'dlg/a')$$, $$SELECT count(*) > 0 FROM tacl_matrix('dlg/a')$$, $$SELECT count(*) FROM tacl_members('dlg/b')$$,
    $$SELECT count(*) FROM tacl_members('dlg-nowhere')$$, $$SELECT count(*) FROM tacl_tenants('mia')$$]) AS c;

RESET ROLE;
RESET tacl.user_setting;
SELECT tacl_drop_tenant('dlg', true), tacl_drop_tenant('dlg-other', true);
SELECT bool_and(tacl_drop_role(r, '*', true)) FROM unnest('{dlg-boss, dlg-admin, dlg-viewer, dlg-seller, dlg-clerk, dlg-careful, dlg-definer, dlg-nosy}'::text[]) AS r;
DROP ROLE dlg_runtime;
