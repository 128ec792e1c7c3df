-- Delegated administration: what exactly is held, at its edges, and what is in
-- a group's reach but not in the delegate's. Each call is undone.
SET client_min_messages = warning;
SET search_path = public, pg_catalog;
SET tacl.user_setting = 'app.user_id';
CREATE ROLE dlh_runtime;
SELECT tacl_create_tenant('dlh'), tacl_create_tenant('dlh/a', 'dlh'), tacl_create_tenant('dlh/a/x', 'dlh/a'), tacl_create_tenant('dlh/a/y', 'dlh/a'), tacl_create_tenant('dlh/b', 'dlh');
SELECT tacl_define_role('dlh-admin', '{*, tacl.*}'), tacl_define_role('dlh-clerk', '{orders.*, tacl.assign, tacl.define}'), tacl_define_role('dlh-seller', '{orders.*}'),
       tacl_define_role('dlh-careful', '{orders.view, !orders.edit}'), tacl_define_role('dlh-stock', '{stock.*}', 'dlh/b'), tacl_define_role('dlh-old', '{stock.view}', 'dlh/a');
SELECT tacl_assign('ann', 'dlh-admin', 'dlh/a'), tacl_assign('carl', 'dlh-clerk', 'dlh/a'), tacl_assign('mia', 'dlh-seller', 'dlh/a');

-- What a user may call, and what it answers.
CREATE FUNCTION pg_temp.answer(who text, call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
    PERFORM set_config('app.user_id', who, true), set_config('role', 'dlh_runtime', true);
    EXECUTE 'SELECT ' || call INTO answer;
    RAISE SQLSTATE 'ZZ000';
EXCEPTION
    WHEN SQLSTATE 'ZZ000' THEN RETURN answer;
    WHEN OTHERS THEN RETURN SQLSTATE;
END $$;
CREATE FUNCTION pg_temp.grants(pattern text, VARIADIC lasts text[] DEFAULT '{NULL}') RETURNS text[] LANGUAGE sql AS $$
    SELECT array_agg(pg_temp.answer('carl', format('tacl_grant(''new'', %L, ''dlh/a'', now() + %L::interval)', pattern, l)) ORDER BY n) FROM unnest(lasts) WITH ORDINALITY AS u (l, n)
$$;

--
-- Time: what has ended does not count, what begins later is not held yet. A
-- deny counts from when it begins, if that is before the end of what is given.
--
BEGIN;
SELECT tacl_grant('carl', 'past.*', 'dlh/a', now() - interval '1 hour'), tacl_grant('carl', 'later.*', 'dlh/a', starts_at => now() + interval '1 hour'),
       tacl_grant('carl', 'day.*', 'dlh/a', now() + interval '1 day'), tacl_grant('carl', '!orders.edit', 'dlh/a', now() - interval '1 hour'),
       tacl_grant('carl', '!orders.burn', 'dlh/a', now() + interval '3 hours', now() + interval '2 hours');
SELECT pg_temp.grants('past.view', '1 hour', NULL) AS past, pg_temp.grants('later.view', '1 hour', '1 day', NULL) AS later, pg_temp.grants('day.view', '1 hour', '1 day', '25 hours', NULL) AS day,
       pg_temp.grants('orders.edit', '1 hour', NULL) AS edit, pg_temp.grants('orders.burn', '1 hour', '2 hours', '121 minutes', '1 day', NULL) AS burn;
ROLLBACK;

--
-- Place: denies here, below and above count, not those beside; of allows only
-- those here and above.
--
CREATE FUNCTION pg_temp.grants_with(command text, pattern text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE answers text[];
BEGIN
    EXECUTE 'SELECT ' || command;
    answers := pg_temp.grants(pattern);
    RAISE SQLSTATE 'ZZ001';
EXCEPTION
    WHEN SQLSTATE 'ZZ001' THEN RETURN answers;
END $$;
SELECT t, pg_temp.grants_with(format('tacl_grant(''carl'', ''!orders.edit'', %L)', t), 'orders.edit') AS denied, pg_temp.grants_with(format('tacl_grant(''carl'', ''stock.*'', %L)', t), 'stock.edit') AS allowed
FROM unnest('{*, dlh, dlh/a, dlh/a/x, dlh/b}'::text[]) AS t;
-- A ceiling counts where the allow was assigned, and above.
SELECT t, pg_temp.grants_with(format('tacl_limit_tenant(%L, ''{orders.view, tacl.*}'')', t), 'orders.edit') AS edit, pg_temp.grants_with(format('tacl_limit_tenant(%L, ''{orders.view, tacl.*}'')', t), 'orders.view') AS view
FROM unnest('{dlh, dlh/a, dlh/a/x, dlh/b}'::text[]) AS t;
SELECT pg_temp.grants_with($$tacl_limit_tenant('dlh', '{orders.view, tacl.*}'), tacl_limit_tenant('dlh/a', '{orders.*, tacl.*}')$$, 'orders.edit') AS both_count;
-- So it is with suspensions; a tenant below does not matter.
SELECT t, pg_temp.grants_with(format('tacl_suspend_tenant(%L, ''{*, tacl.*}'')', t), 'orders.edit') AS suspended FROM unnest('{dlh, dlh/a, dlh/a/x, dlh/b}'::text[]) AS t;
-- What is used where it is not defined gives nothing, but denies.
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO tacl.assignment (user_id, tenant, role_id) SELECT 'carl', 'dlh/a', id FROM tacl.role WHERE name = 'dlh-stock';
SELECT pg_temp.grants('stock.view') AS stray_allow;
UPDATE tacl.role SET permissions = '{!orders.edit}' WHERE name = 'dlh-stock';
SELECT pg_temp.grants('orders.edit') AS stray_deny;
ROLLBACK;

--
-- Definitions: both what the role was and what it becomes, without end.
--
SELECT pg_temp.answer('carl', $$tacl_define_role('dlh-new', '{orders.view}', 'dlh/a')$$) AS without_end, pg_temp.answer('carl', $$tacl_define_role('dlh-old', '{orders.view}', 'dlh/a')$$) AS not_before;
BEGIN;
SELECT tacl_grant('carl', 'stock.*', 'dlh/a', now() + interval '1 day');
SELECT pg_temp.answer('carl', $$tacl_define_role('dlh-new', '{stock.view}', 'dlh/a')$$) AS after_ends, pg_temp.answer('carl', $$tacl_define_role('dlh-old', '{orders.view}', 'dlh/a')$$) AS before_ends;
SELECT tacl_grant('carl', 'stock.*', 'dlh/a');
SELECT pg_temp.answer('carl', $$tacl_define_role('dlh-new', '{stock.view}', 'dlh/a')$$) AS "after", pg_temp.answer('carl', $$tacl_define_role('dlh-old', '{orders.view}', 'dlh/a')$$) AS "before";
ROLLBACK;
-- What is not given stays, and counts: patterns with other includes, includes
-- with other patterns. No right is lost by that.
SELECT tacl_define_role('dlh-lead', '{orders.view}', 'dlh/a', '{dlh-clerk}'), tacl_define_role('dlh-chief', '{orders.view, tacl.assign}', 'dlh/a', '{dlh-seller}'), tacl_define_role('dlh-wide', '{orders.view}', 'dlh/a', '{dlh-old}');
SELECT call, pg_temp.answer('carl', call) FROM unnest(ARRAY[
    $$tacl_define_role('dlh-lead', '{orders.edit}', 'dlh/a')$$, $$tacl_define_role('dlh-lead', '{orders.edit}', 'dlh/a', '{dlh-seller}')$$, $$tacl_define_role('dlh-lead', '{orders.edit, tacl.assign, tacl.define}', 'dlh/a', '{}')$$,
    $$tacl_define_role('dlh-chief', NULL, 'dlh/a', '{}')$$, $$tacl_define_role('dlh-chief', '{orders.view}', 'dlh/a')$$, $$tacl_define_role('dlh-chief', '{orders.view}', 'dlh/a', '{dlh-clerk}')$$,
    $$tacl_define_role('dlh-wide', '{orders.edit}', 'dlh/a')$$, $$tacl_define_role('dlh-wide', NULL, 'dlh/a', '{}')$$, $$tacl_define_role('dlh-wide', NULL, 'dlh/a', NULL, 'Wide')$$]) AS call;
-- What was in force before or will be is renewed as if it were given.
SELECT tacl_assign('new', 'dlh-seller', 'dlh/a', now() - interval '1 hour'), tacl_assign('new', 'dlh-admin', 'dlh/a', now() - interval '1 hour'), tacl_assign('two', 'dlh-admin', 'dlh/a', NULL, now() + interval '1 hour');
SELECT call, pg_temp.answer('carl', call) AS carl, pg_temp.answer('ann', call) AS ann
FROM unnest('{"tacl_sync_roles(''new'', ''{dlh-seller, dlh-admin}'', ''dlh/a'')", "tacl_sync_roles(''new'', ''{dlh-seller}'', ''dlh/a'')", "tacl_sync_roles(''two'', ''{dlh-admin}'', ''dlh/a'')"}'::text[]) AS call;

--
-- Groups: the right is needed wherever something is assigned to them, and no
-- deny comes by an include.
--
SELECT tacl_create_group('dlh-crew', 'dlh/a'), tacl_assign_group('dlh-crew', 'dlh-seller', 'dlh/a/x'), tacl_create_group('dlh-shift', 'dlh/a'), tacl_include_group('dlh-crew', 'dlh-shift', 'dlh/a'),
       tacl_add_member('mia', 'dlh-crew', 'dlh/a'), tacl_create_group('dlh-new', 'dlh/a'), tacl_create_group('dlh-shy', 'dlh/a'), tacl_assign_group('dlh-shy', 'dlh-careful', 'dlh/a');
CREATE TEMP TABLE called AS SELECT n, call FROM unnest(ARRAY[
    $$tacl_add_member('new', 'dlh-crew', 'dlh/a')$$, $$tacl_remove_member('mia', 'dlh-crew', 'dlh/a')$$, $$tacl_include_group('dlh-crew', 'dlh-new', 'dlh/a')$$,
    $$tacl_exclude_group('dlh-crew', 'dlh-shift', 'dlh/a')$$, $$tacl_add_member('new', 'dlh-shift', 'dlh/a')$$, $$tacl_unassign_group('dlh-crew', 'dlh-seller', 'dlh/a/x')$$,
    $$tacl_add_member('new', 'dlh-shy', 'dlh/a')$$, $$tacl_include_group('dlh-shy', 'dlh-new', 'dlh/a')$$, $$tacl_assign_group('dlh-new', 'dlh-careful', 'dlh/a')$$]) WITH ORDINALITY AS c (call, n);
SELECT call, pg_temp.answer('carl', call) FROM called ORDER BY n;
SELECT tacl_grant('carl', '!tacl.assign', 'dlh/a/x');
SELECT call, pg_temp.answer('carl', call) AS "no right below" FROM called ORDER BY n;
SELECT tacl_revoke('carl', '!tacl.assign', 'dlh/a/x');
-- Their names are like those of roles; what is not there is not theirs.
SELECT tacl_create_group('dlh-top', 'dlh');
SELECT call, pg_temp.answer('carl', call) FROM unnest(ARRAY[
    $$tacl_create_group('dlh-top', 'dlh/a')$$, $$tacl_create_group('dlh-n', 'dlh/a')$$, $$tacl_create_group('dlh-ñ', 'dlh/a')$$, $$tacl_create_group(' dlh', 'dlh/a')$$,
    $$tacl_assign_group('dlh-none', 'dlh-seller', 'dlh/a')$$, $$tacl_assign_group('dlh-new', 'dlh-none', 'dlh/a')$$, $$tacl_include_group('dlh-new', 'dlh-none', 'dlh/a')$$, $$tacl_include_group('dlh-none', 'dlh-new', 'dlh/a')$$,
    $$tacl_exclude_group('dlh-crew', 'dlh-none', 'dlh/a')$$, $$tacl_add_member('new', 'dlh-top', 'dlh/a')$$, $$tacl_include_group('dlh-new', 'dlh-top', 'dlh/a')$$]) AS call;

RESET tacl.user_setting;
SELECT tacl_drop_tenant('dlh', true);
SELECT bool_and(tacl_drop_role(r)) FROM unnest('{dlh-admin, dlh-clerk, dlh-seller, dlh-careful}'::text[]) AS r;
DROP ROLE dlh_runtime;
