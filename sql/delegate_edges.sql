-- Delegated administration: who is the author, whose clock counts, and the
-- edges of the rules about groups, ceilings and names. Each call is undone.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET search_path = public, pg_catalog;
SET tacl.user_setting = 'app.user_id';
SELECT tacl_create_tenant('dle'), tacl_create_tenant('dle/a', 'dle'), tacl_create_tenant('dle/a/x', 'dle/a'), tacl_create_tenant('dle/b', 'dle');
SELECT tacl_define_role('dle-admin', '{*, tacl.*}'), tacl_define_role('dle-clerk', '{orders.*, tacl.assign, tacl.define}'), tacl_define_role('dle-seller', '{orders.*}'),
       tacl_define_role('dle-careful', '{orders.view, !orders.edit}'), tacl_define_role('dle-local', '{orders.view}', 'dle/a');
SELECT tacl_assign('ann', 'dle-admin', 'dle/a'), tacl_assign('top', 'dle-admin', 'dle'), tacl_assign('carl', 'dle-clerk', 'dle/a'), tacl_assign('mia', 'dle-seller', 'dle/a');

-- What a user's call answers. It is done if it is said so, else undone.
CREATE FUNCTION pg_temp.answer(who text, call text, VARIADIC done text[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
    PERFORM set_config('app.user_id', who, true);
    EXECUTE 'SELECT ' || call INTO answer;
    PERFORM set_config('app.user_id', '', true);
    IF done <> '{}' THEN RETURN answer; END IF;
    RAISE SQLSTATE 'ZZ000';
EXCEPTION
    WHEN SQLSTATE 'ZZ000' THEN RETURN answer;
    WHEN OTHERS THEN RETURN SQLSTATE;
END $$;

--
-- Authors
--
BEGIN;
-- Who only describes a role has not defined it.
CREATE FUNCTION pg_temp.author() RETURNS text LANGUAGE sql AS $$ SELECT coalesce(defined_by, '-') FROM tacl.role WHERE tenant = 'dle/a' AND name = 'dle-local' $$;
SELECT n, who, pg_temp.answer(who, call, 'done'), pg_temp.author()
FROM (VALUES (1, 'ann', $$tacl_define_role('dle-local', NULL, 'dle/a', description => 'one')$$), (2, 'ann', $$tacl_define_role('dle-local', '{orders.view}', 'dle/a', description => 'two')$$),
             (3, 'ann', $$tacl_define_role('dle-local', '{orders.view}', 'dle/a', '{}', 'two')$$), (4, 'ann', $$tacl_define_role('dle-local', '{orders.edit}', 'dle/a', description => 'three')$$),
             (5, 'carl', $$tacl_define_role('dle-local', NULL, 'dle/a', description => 'four')$$), (6, '', $$tacl_define_role('dle-local', NULL, 'dle/a', description => 'five')$$),
             (7, 'carl', $$tacl_define_role('dle-local', NULL, 'dle/a', '{dle-seller}', 'six')$$), (8, '', $$tacl_define_role('dle-local', '{orders.view}', 'dle/a', description => 'six')$$)) AS v (n, who, call) ORDER BY n;
SELECT description FROM tacl.role WHERE name = 'dle-local';
ROLLBACK;
-- What somebody else makes of a user's suspension is the operator's, and no
-- delegate ends it.
CREATE FUNCTION pg_temp.suspended(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
    PERFORM set_config('app.user_id', '', true);
    EXECUTE command;
    SELECT coalesce(suspended_by, '-') || CASE WHEN suspended_at IS NULL THEN ' none' ELSE '' END INTO answer FROM tacl.tenant WHERE id = 'dle/a';
    RETURN concat(answer, ', ', pg_temp.answer('top', $c$tacl_resume_tenant('dle/a')$c$));
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;
CREATE FUNCTION pg_temp.undone(who text, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
    answer := pg_temp.answer(who, $c$tacl_suspend_tenant('dle/a', '{orders.view, tacl.*}')$c$, 'done');
    answer := pg_temp.suspended(command);
    RAISE SQLSTATE 'ZZ000';
EXCEPTION WHEN SQLSTATE 'ZZ000' THEN RETURN answer;
END $$;
SELECT command, pg_temp.undone('top', command) AS of_user, pg_temp.undone('', command) AS of_operator FROM unnest(ARRAY[
    $$UPDATE tacl.tenant SET created_at = now() - interval '1 day' WHERE id = 'dle/a'$$, $$UPDATE tacl.tenant SET ceiling = '{*, tacl.*}', suspension_keeps = suspension_keeps WHERE id = 'dle/a'$$,
    $$UPDATE tacl.tenant SET suspension_keeps = '{tacl.*}' WHERE id = 'dle/a'$$, $$UPDATE tacl.tenant SET suspended_at = '2001-01-01' WHERE id = 'dle/a'$$,
    $$INSERT INTO tacl.tenant (id, parent) VALUES ('dle/a', 'dle') ON CONFLICT (id) DO UPDATE SET suspension_keeps = '{}'$$,
    $$UPDATE tacl.tenant SET suspension_keeps = '{tacl.*}', suspended_by = 'x' WHERE id = 'dle/a'$$,
    $$UPDATE tacl.tenant SET suspended_at = NULL, suspension_keeps = NULL, suspended_by = NULL WHERE id = 'dle/a'$$, $$SELECT set_config('app.user_id', 'top', true); UPDATE tacl.tenant SET suspension_keeps = '{}' WHERE id = 'dle/a'$$,
    $$SELECT set_config('app.user_id', 'ann', true); UPDATE tacl.tenant SET suspension_keeps = '{}' WHERE id = 'dle/a'$$, $$SET LOCAL session_replication_role = replica; UPDATE tacl.tenant SET suspension_keeps = '{}' WHERE id = 'dle/a'; SET LOCAL session_replication_role = origin$$]) AS command;
SELECT tacl.guard_suspension();
CREATE TEMPORARY TABLE other (suspended_by text);
CREATE TRIGGER t BEFORE UPDATE ON other FOR EACH ROW EXECUTE FUNCTION tacl.guard_suspension();
INSERT INTO other VALUES ('x');
UPDATE other SET suspended_by = 'y';
CREATE TRIGGER t BEFORE UPDATE ON tacl.role FOR EACH ROW EXECUTE FUNCTION tacl.guard_suspension();
UPDATE tacl.role SET description = 'x' WHERE name = 'dle-local';
DROP TRIGGER t ON tacl.role;

--
-- Groups: the right, and what they carry, is looked at wherever that is. To
-- say what a group is takes as much: others are put into it by that.
--
SELECT tacl_create_group('dle-crew', 'dle/a', 'Crew'), tacl_create_group('dle-inner', 'dle/a'), tacl_include_group('dle-crew', 'dle-inner', 'dle/a'), tacl_create_group('dle-new', 'dle/a'), tacl_add_member('mia', 'dle-crew', 'dle/a');
CREATE TEMPORARY TABLE called AS SELECT n, call FROM unnest(ARRAY[
    $$tacl_add_member('new', 'dle-crew', 'dle/a')$$, $$tacl_remove_member('mia', 'dle-crew', 'dle/a')$$, $$tacl_include_group('dle-crew', 'dle-new', 'dle/a')$$, $$tacl_exclude_group('dle-crew', 'dle-inner', 'dle/a')$$,
    $$tacl_create_group('dle-crew', 'dle/a')$$, $$tacl_create_group('dle-crew', 'dle/a', 'Crew')$$, $$tacl_create_group('dle-crew', 'dle/a', 'Everybody')$$, $$tacl_create_group('dle-inner', 'dle/a', 'Everybody')$$]) WITH ORDINALITY AS c (call, n);
-- With something assigned to it, and carl with something else: what he may.
CREATE FUNCTION pg_temp.with_group(role text, tenant text, command text DEFAULT '1') RETURNS text LANGUAGE plpgsql AS $$
DECLARE answers text;
BEGIN
    PERFORM tacl_assign_group('dle-crew', role, tenant);
    EXECUTE 'SELECT ' || command;
    SELECT string_agg(pg_temp.answer('carl', c.call), ' ' ORDER BY c.n) INTO answers FROM called AS c;
    RAISE SQLSTATE 'ZZ001';
EXCEPTION WHEN SQLSTATE 'ZZ001' THEN RETURN answers;
END $$;
SELECT n, call FROM called ORDER BY n;
SELECT pg_temp.with_group('dle-seller', 'dle/a') AS held, pg_temp.with_group('dle-admin', 'dle/a') AS more, pg_temp.with_group('dle-careful', 'dle/a') AS a_deny;
SELECT pg_temp.with_group('dle-seller', 'dle/a/x') AS below, pg_temp.with_group('dle-seller', 'dle/a/x', $$tacl_grant('carl', '!tacl.assign', 'dle/a/x')$$) AS no_right_below,
       pg_temp.with_group('dle-clerk', 'dle/a/x', $$tacl_grant('carl', '!orders.edit', 'dle/a/x')$$) AS less_below,
       pg_temp.with_group('dle-seller', 'dle/a', $$tacl_suspend_tenant('dle/a')$$) AS none;
-- A group that is the delegate's own is described like another; a new one is.
SELECT pg_temp.with_group('dle-seller', 'dle/a', $$tacl_add_member('carl', 'dle-crew', 'dle/a')$$) AS own;
SELECT pg_temp.answer('carl', $$tacl_create_group('dle-made', 'dle/a', 'Made')$$) AS made, pg_temp.answer('mia', $$tacl_create_group('dle-made', 'dle/a', 'Made')$$) AS no_right;

--
-- Ceilings: all from where it was assigned upwards, not the nearest alone.
--
BEGIN;
SELECT tacl_limit_tenant('dle', '{orders.view, tacl.*}'), tacl_limit_tenant('dle/a', '{orders.*, tacl.*}');
SELECT p, pg_temp.answer('carl', format('tacl_grant(''new'', %L, ''dle/a'')', p)) FROM unnest('{orders.view, orders.edit}'::text[]) AS p;
ROLLBACK;

--
-- Names: no blanks at their ends, nothing but printable ASCII.
--
SELECT name, pg_temp.answer('carl', format('tacl_define_role(%L, ''{orders.view}'', ''dle/a'')', name)) AS role, pg_temp.answer('carl', format('tacl_create_group(%L, ''dle/a'')', name)) AS "group",
       pg_temp.answer('ann', format('tacl_create_tenant(%L, ''dle/a'')', 'dle/a/' || name)) AS tenant
FROM unnest(ARRAY['n', 'n ', ' n', 'n n', 'n~', 'né', U&'n\00a0', 'n"%s\']) AS name;

--
-- The last administrator stays, also if an include would end.
--
SELECT tacl_create_group('dle-heads', 'dle/b'), tacl_create_group('dle-deputies', 'dle/b'), tacl_include_group('dle-heads', 'dle-deputies', 'dle/b'),
       tacl_add_member('dan', 'dle-deputies', 'dle/b'), tacl_assign_group('dle-heads', 'dle-clerk', 'dle/b');
SELECT call, pg_temp.answer('top', call) FROM unnest(ARRAY[
    $$tacl_exclude_group('dle-heads', 'dle-deputies', 'dle/b')$$, $$tacl_remove_member('dan', 'dle-deputies', 'dle/b')$$, $$tacl_unassign_group('dle-heads', 'dle-clerk', 'dle/b')$$]) AS call;
SELECT tacl_assign('eve', 'dle-clerk', 'dle/b');
SELECT pg_temp.answer('top', $$tacl_exclude_group('dle-heads', 'dle-deputies', 'dle/b')$$) AS another_left;

--
-- What a synchronization renews is given without end.
--
CREATE FUNCTION pg_temp.renews(command text, who text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
    EXECUTE 'SELECT ' || command;
    answer := pg_temp.answer(who, $c$tacl_sync_roles('new', '{dle-clerk}', 'dle/a')$c$);
    RAISE SQLSTATE 'ZZ001';
EXCEPTION WHEN SQLSTATE 'ZZ001' THEN RETURN answer;
END $$;
SELECT command, pg_temp.renews(command, 'carl') AS carl FROM unnest(ARRAY['1', $$tacl_assign('new', 'dle-clerk', 'dle/a', now() - interval '1 day')$$, $$tacl_assign('new', 'dle-clerk', 'dle/a', NULL, now() + interval '1 day')$$,
    $$tacl_assign('carl', 'dle-clerk', 'dle/a', now() + interval '1 day')$$]) AS command;

--
-- The right has to be there when the transaction ends, by the clock that is
-- then, not when its last statement began.
--
SELECT tacl_grant('bea', 'orders.*', 'dle/a'), tacl_grant('bea', 'tacl.assign', 'dle/a', clock_timestamp() + interval '1.5 s');
SET app.user_id = 'bea';
SELECT tacl_grant('new', 'orders.view', 'dle/a') AS in_time;
SELECT tacl_grant('new', 'orders.edit', 'dle/a') AS too_late WHERE tacl_grant('new', 'orders.list', 'dle/a') AND pg_sleep(1.7) IS NOT NULL;
SELECT tacl_grant('new', 'orders.edit', 'dle/a') AS after_that;
RESET app.user_id;
SELECT pattern, assigned_by FROM tacl.assignment WHERE user_id = 'new';
-- which is no longer that of what follows
SELECT tacl_grant('bea', 'tacl.assign', 'dle/a', clock_timestamp() + interval '1 hour');
SET app.user_id = 'bea';
SELECT tacl_grant('new', 'orders.edit', 'dle/a') AS in_time;

RESET app.user_id;
RESET tacl.user_setting;
SELECT tacl_drop_tenant('dle', true);
SELECT bool_and(tacl_drop_role(r)) FROM unnest('{dle-admin, dle-clerk, dle-seller, dle-careful}'::text[]) AS r;
