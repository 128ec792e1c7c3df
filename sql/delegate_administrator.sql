-- Delegated administration: the last administrator (rule 9), by every way that
-- takes a right; and denies, which go to nobody who has one (rule 5). Each call
-- is undone.
SET client_min_messages = warning;
SET search_path = public, pg_catalog;
SET tacl.user_setting = 'app.user_id';
CREATE ROLE dlad_runtime;
SELECT tacl_create_tenant('dla'), tacl_create_tenant('dla/a', 'dla'), tacl_create_tenant('dla/a/x', 'dla/a'), tacl_create_tenant('dla/b', 'dla');
SELECT tacl_define_role('dla-admin', '{*, tacl.*}'), tacl_define_role('dla-clerk', '{orders.*, tacl.assign}'), tacl_define_role('dla-viewer', '{*.view}'),
       tacl_define_role('dla-careful', '{orders.view, !orders.edit}'), tacl_define_role('dla-nosy', '{orders.view, !tacl.assign}');
-- top is above all; ann is the only administrator of dla/b, xia of dla/a/x. The
-- first of them may assign by a group in a group.
SELECT tacl_assign('top', 'dla-admin', 'dla'), tacl_create_group('dla-heads', 'dla/b'), tacl_assign_group('dla-heads', 'dla-clerk', 'dla/b'), tacl_create_group('dla-inner', 'dla/b'),
       tacl_include_group('dla-heads', 'dla-inner', 'dla/b'), tacl_add_member('ann', 'dla-inner', 'dla/b'), tacl_assign('xia', 'dla-clerk', 'dla/a/x');

CREATE FUNCTION pg_temp.answer(who text, call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
    PERFORM set_config('app.user_id', who, true), set_config('role', 'dlad_runtime', true);
    EXECUTE 'SELECT ' || call INTO answer;
    RAISE SQLSTATE 'ZZ000';
EXCEPTION
    WHEN SQLSTATE 'ZZ000' THEN RETURN answer;
    WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE TEMP TABLE called AS SELECT n, call FROM unnest(ARRAY[
    $$tacl_remove_member('ann', 'dla-inner', 'dla/b')$$, $$tacl_exclude_group('dla-heads', 'dla-inner', 'dla/b')$$, $$tacl_unassign_group('dla-heads', 'dla-clerk', 'dla/b')$$,
    $$tacl_assign_group('dla-heads', 'dla-clerk', 'dla/b', now() + interval '1 day')$$, $$tacl_assign_group('dla-heads', 'dla-clerk', 'dla/b', NULL, now() + interval '1 day')$$,
    $$tacl_limit_tenant('dla/b', '{orders.*}')$$, $$tacl_limit_tenant('dla/b', '{orders.*, tacl.assign}')$$, $$tacl_limit_tenant('dla/a', '{orders.*}')$$, $$tacl_limit_tenant('dla/a', '{orders.*, tacl.assign}')$$,
    $$tacl_unassign('xia', 'dla-clerk', 'dla/a/x')$$, $$tacl_sync_roles('xia', '{}', 'dla/a/x')$$, $$tacl_sync_roles('xia', '{dla-viewer}', 'dla/a/x')$$,
    $$tacl_assign('xia', 'dla-nosy', 'dla/a')$$, $$tacl_sync_roles('xia', '{dla-nosy}', 'dla/a')$$, $$tacl_assign('xia', 'dla-careful', 'dla/a')$$, $$tacl_assign('xia', 'dla-nosy', 'dla/a/x')$$]) WITH ORDINALITY AS c (call, n);
SELECT call, pg_temp.answer('top', call) FROM called ORDER BY n;
-- With another one it is done; who may not for ever, or only by what comes from
-- above, or is disabled, is none.
SELECT tacl_assign('two', 'dla-clerk', 'dla/b', now() + interval '1 day'), tacl_assign('tom', 'dla-clerk', 'dla'), tacl_assign('off', 'dla-clerk', 'dla/b'), tacl_disable_user('off'),
       tacl_assign('yan', 'dla-clerk', 'dla/a/x', NULL, now() + interval '1 day');
SELECT call, pg_temp.answer('top', call) AS still_none FROM called WHERE n < 6 OR n IN (10, 13) ORDER BY n;
SELECT tacl_assign('two', 'dla-clerk', 'dla/b'), tacl_assign('yan', 'dla-clerk', 'dla/a/x');
SELECT call, pg_temp.answer('top', call) AS with_another FROM called ORDER BY n;
-- The operator is not held up.
SELECT tacl_unassign('two', 'dla-clerk', 'dla/b'), tacl_remove_member('ann', 'dla-inner', 'dla/b'), tacl_unassign('yan', 'dla-clerk', 'dla/a/x'), tacl_limit_tenant('dla/a', '{orders.*}');
-- Where there was none, none is needed.
SELECT pg_temp.answer('top', $$tacl_limit_tenant('dla/a', '{orders.view}')$$), pg_temp.answer('top', $$tacl_unassign('xia', 'dla-clerk', 'dla/a/x')$$);
SELECT tacl_limit_tenant('dla/a', NULL);

-- 5. A role with a deny goes to who has nothing from above and no right over
-- the extension at the tenant: now or later, but not to who has had.
SELECT tacl_assign('mia', 'dla-viewer', 'dla/a'), tacl_assign('was', 'dla-admin', 'dla/a', now() - interval '1 hour'), tacl_assign('was', 'dla-viewer', 'dla', now() - interval '1 hour'),
       tacl_assign('above', 'dla-viewer', 'dla'), tacl_assign('later', 'dla-clerk', 'dla/a', NULL, now() + interval '1 day'), tacl_assign('soon', 'dla-viewer', 'dla', NULL, now() + interval '1 day'),
       tacl_grant('only', 'tacl.view', 'dla/a'), tacl_grant('denied', '!orders.view', 'dla'), tacl_create_group('dla-crew', 'dla/a'), tacl_assign_group('dla-crew', 'dla-careful', 'dla/a'), tacl_assign('beside', 'dla-admin', 'dla/b');
SELECT u, pg_temp.answer('top', format('tacl_assign(%L, ''dla-careful'', ''dla/a'')', u)) AS assign, pg_temp.answer('top', format('tacl_sync_roles(%L, ''{dla-careful}'', ''dla/a'')', u)) AS sync,
       pg_temp.answer('top', format('tacl_add_member(%L, ''dla-crew'', ''dla/a'')', u)) AS member
FROM unnest('{new, mia, was, beside, xia, above, later, soon, only, denied}'::text[]) AS u;

RESET tacl.user_setting;
SELECT tacl_drop_tenant('dla', true);
SELECT bool_and(tacl_drop_role(r)) FROM unnest('{dla-admin, dla-clerk, dla-viewer, dla-careful, dla-nosy}'::text[]) AS r;
DELETE FROM tacl.user_account WHERE user_id = 'off';
DROP ROLE dlad_runtime;
