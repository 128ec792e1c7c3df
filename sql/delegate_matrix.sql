-- Every function that changes something, called by everyone: what each may,
-- and nobody more. What a cell says is "t" (it was changed), "f" (there was
-- nothing to change) or an SQLSTATE. Each call is undone.
SET client_min_messages = warning;
SET search_path = public, pg_catalog;
SET tacl.user_setting = 'app.user_id';
CREATE ROLE dlm_runtime;
CREATE ROLE dlm_operator;
GRANT ALL ON ALL TABLES IN SCHEMA tacl TO dlm_operator;

-- The tenant is dlm/a; dlm/b is its sibling, dlm their parent. Staff have the
-- same rights at the root, where nothing is delegated.
SELECT tacl_create_tenant('dlm'), tacl_create_tenant('dlm/a', 'dlm'), tacl_create_tenant('dlm/b', 'dlm');
SELECT bool_and(tacl_create_tenant(t, 'dlm/a')) AS below FROM unnest('{dlm/a/x, dlm/a/y, dlm/a/z, dlm/a/limited}'::text[]) AS t;
SELECT tacl_define_role('dlm-admin', '{*, tacl.*}'), tacl_define_role('dlm-viewer', '{*.view}'), tacl_define_role('dlm-seller', '{orders.*}'),
       tacl_define_role('dlm-careful', '{orders.*, !orders.delete}'), tacl_define_role('dlm-free', '{orders.view}'), tacl_define_role('dlm-packer', '{orders.pack}', 'dlm/a'),
       tacl_define_role('dlm-unused', '{orders.pack}', 'dlm/a'), tacl_define_role('dlm-no', '{!orders.pack}', 'dlm/a');
SELECT tacl_assign('dlm-member', 'dlm-viewer', 'dlm/a'), tacl_assign('dlm-here', 'dlm-admin', 'dlm/a'), tacl_assign('dlm-sibling', 'dlm-admin', 'dlm/b'),
       tacl_assign('dlm-parent', 'dlm-admin', 'dlm'), tacl_assign('dlm-staff', 'dlm-admin', '*'), tacl_assign('dlm-second', 'dlm-admin', 'dlm/a'), tacl_grant('dlm-member', 'stock.view', 'dlm/a'),
       tacl_grant('dlm-member', '!stock.burn', 'dlm/a'), tacl_assign('dlm-packer', 'dlm-packer', 'dlm/a'), tacl_disable_user('dlm-off');
SELECT bool_and(tacl_create_group(g, 'dlm/a')) AS groups FROM unnest('{dlm-crew, dlm-heads, dlm-shift, dlm-empty}'::text[]) AS g;
SELECT tacl_assign_group('dlm-crew', 'dlm-seller', 'dlm/a'), tacl_assign_group('dlm-heads', 'dlm-admin', 'dlm/a'),
       tacl_add_member('dlm-member', 'dlm-crew', 'dlm/a'), tacl_include_group('dlm-crew', 'dlm-shift', 'dlm/a'), tacl_add_member('dlm-third', 'dlm-heads', 'dlm/a');
SELECT tacl_limit_tenant('dlm/a/limited', '{orders.*}'), tacl_suspend_tenant('dlm/a/z');
SET app.user_id = 'dlm-here';
SELECT tacl_suspend_tenant('dlm/a/y');
RESET app.user_id;
CREATE TABLE dlm_orders (id bigint PRIMARY KEY, tenant_id text NOT NULL);
CREATE TABLE dlm_lines (id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES dlm_orders);
CREATE TABLE dlm_done (id bigint PRIMARY KEY, tenant_id text NOT NULL);
ALTER TABLE dlm_orders OWNER TO dlm_operator;
ALTER TABLE dlm_lines OWNER TO dlm_operator;
ALTER TABLE dlm_done OWNER TO dlm_operator;
SELECT tacl_protect('dlm_done', 'tenant_id', 'done'), tacl_protect('dlm_orders', 'tenant_id', 'orders');

-- What a call answers a database role with a user in the session, or none.
CREATE FUNCTION pg_temp.answer(database_role text, who text, call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer boolean;
BEGIN
    PERFORM set_config('app.user_id', who, true), set_config('role', database_role, true);
    EXECUTE 'SELECT ' || call INTO answer;
    RAISE SQLSTATE 'ZZ000';
EXCEPTION
    WHEN SQLSTATE 'ZZ000' THEN RETURN left(answer::text, 1);
    WHEN OTHERS THEN RETURN SQLSTATE;
END $$;

CREATE TEMP TABLE called (n int GENERATED ALWAYS AS IDENTITY, call text);
INSERT INTO called (call) SELECT c FROM unnest(ARRAY[
    $$tacl_create_tenant('dlm/a/new', 'dlm/a')$$, $$tacl_create_tenant('dlm/a/x', 'dlm/a')$$, $$tacl_create_tenant('dlm-new', 'dlm/a')$$, $$tacl_create_tenant('dlm-new')$$,
    $$tacl_create_tenant('dlm/b', 'dlm/a')$$, $$tacl_move_tenant('dlm/a/x', 'dlm')$$, $$tacl_drop_tenant('dlm/a/x')$$, $$tacl_drop_tenant('dlm/a/x', true)$$,
    $$tacl_limit_tenant('dlm/a/x', '{orders.*}')$$, $$tacl_limit_tenant('dlm/a', '{*, tacl.*}')$$, $$tacl_limit_tenant('dlm/a', '{orders.*}')$$, $$tacl_limit_tenant('dlm/a/limited', NULL)$$,
    $$tacl_limit_tenant('dlm/a/none', '{}')$$, $$tacl_limit_tenant('dlm', '{*, tacl.*}')$$, $$tacl_suspend_tenant('dlm/a/x')$$, $$tacl_suspend_tenant('dlm/a')$$, $$tacl_suspend_tenant('dlm/a/z', '{*}')$$,
    $$tacl_resume_tenant('dlm/a/x')$$, $$tacl_resume_tenant('dlm/a/y')$$, $$tacl_resume_tenant('dlm/a/z')$$,
    $$tacl_define_role('dlm-new', '{orders.view}', 'dlm/a')$$, $$tacl_define_role('dlm-new', '{orders.view, tacl.assign}', 'dlm/a', '{dlm-seller}')$$,
    $$tacl_define_role('dlm-new', '{!orders.view}', 'dlm/a')$$, $$tacl_define_role('dlm-new', '{orders.view}')$$, $$tacl_define_role('dlm-new', '{orders.view}', 'dlm/none')$$,
    $$tacl_define_role('dlm-packer', '{orders.*}', 'dlm/a')$$, $$tacl_define_role('dlm-viewer', '{orders.view}', 'dlm/a', override => true)$$,
    $$tacl_drop_role('dlm-unused', 'dlm/a')$$, $$tacl_drop_role('dlm-packer', 'dlm/a', true)$$, $$tacl_drop_role('dlm-no', 'dlm/a')$$, $$tacl_drop_role('dlm-free')$$,
    $$tacl_assign('dlm-new', 'dlm-viewer', 'dlm/a')$$, $$tacl_assign('dlm-new', 'dlm-admin', 'dlm/a')$$, $$tacl_assign('dlm-new', 'dlm-viewer', 'dlm/a/x')$$,
    $$tacl_assign('dlm-new', 'dlm-viewer', '*')$$, $$tacl_assign('dlm-new', 'dlm-viewer', 'dlm/none')$$, $$tacl_assign('dlm-new', 'dlm-none', 'dlm/a')$$,
    $$tacl_assign('dlm-new', 'dlm-careful', 'dlm/a')$$, $$tacl_assign('dlm-second', 'dlm-careful', 'dlm/a')$$, $$tacl_assign('dlm-member', 'dlm-seller', 'dlm/a')$$,
    $$tacl_assign('dlm-here', 'dlm-seller', 'dlm/a')$$, $$tacl_assign('dlm-parent', 'dlm-seller', 'dlm/a')$$, $$tacl_assign('dlm-outsider', 'dlm-seller', 'dlm/a')$$,
    $$tacl_assign('dlm-second', 'dlm-admin', 'dlm/a', now() + interval '1 day')$$,
    $$tacl_unassign('dlm-member', 'dlm-viewer', 'dlm/a')$$, $$tacl_unassign('dlm-second', 'dlm-admin', 'dlm/a')$$, $$tacl_unassign('dlm-here', 'dlm-admin', 'dlm/a')$$,
    $$tacl_unassign('dlm-new', 'dlm-none', 'dlm/a')$$, $$tacl_unassign('dlm-parent', 'dlm-admin', 'dlm')$$, $$tacl_unassign('dlm-sibling', 'dlm-admin', 'dlm/b')$$,
    $$tacl_sync_roles('dlm-member', '{dlm-seller}', 'dlm/a')$$, $$tacl_sync_roles('dlm-here', '{}', 'dlm/a')$$, $$tacl_sync_roles('dlm-second', '{}', 'dlm/a')$$,
    $$tacl_grant('dlm-member', 'orders.*', 'dlm/a')$$, $$tacl_grant('dlm-member', 'tacl.assign', 'dlm/a')$$, $$tacl_grant('dlm-member', '!orders.view', 'dlm/a')$$,
    $$tacl_grant('dlm-here', 'orders.view', 'dlm/a/x')$$, $$tacl_grant('dlm-member', 'orders.*', '*')$$,
    $$tacl_revoke('dlm-member', 'stock.view', 'dlm/a')$$, $$tacl_revoke('dlm-member', '!stock.burn', 'dlm/a')$$, $$tacl_revoke('dlm-member', 'stock.edit', 'dlm/a')$$,
    $$tacl_disable_user('dlm-member')$$, $$tacl_disable_user('dlm-here')$$, $$tacl_enable_user('dlm-off')$$,
    $$tacl_create_group('dlm-new', 'dlm/a')$$, $$tacl_create_group('dlm-new', '*')$$, $$tacl_drop_group('dlm-empty', 'dlm/a')$$, $$tacl_drop_group('dlm-crew', 'dlm/a', true)$$,
    $$tacl_add_member('dlm-new', 'dlm-crew', 'dlm/a')$$, $$tacl_add_member('dlm-new', 'dlm-heads', 'dlm/a')$$, $$tacl_add_member('dlm-member', 'dlm-empty', 'dlm/a')$$,
    $$tacl_add_member('dlm-here', 'dlm-empty', 'dlm/a')$$, $$tacl_remove_member('dlm-member', 'dlm-crew', 'dlm/a')$$, $$tacl_remove_member('dlm-third', 'dlm-heads', 'dlm/a')$$,
    $$tacl_include_group('dlm-crew', 'dlm-empty', 'dlm/a')$$, $$tacl_include_group('dlm-heads', 'dlm-crew', 'dlm/a')$$, $$tacl_exclude_group('dlm-crew', 'dlm-shift', 'dlm/a')$$,
    $$tacl_assign_group('dlm-empty', 'dlm-seller', 'dlm/a')$$, $$tacl_assign_group('dlm-crew', 'dlm-careful', 'dlm/a')$$, $$tacl_assign_group('dlm-crew', 'dlm-admin', 'dlm/a')$$,
    $$tacl_unassign_group('dlm-crew', 'dlm-seller', 'dlm/a')$$, $$tacl_unassign_group('dlm-heads', 'dlm-admin', 'dlm/a')$$,
    $$tacl_set_primary('dlm-member', 'dlm/a')$$, $$tacl_remember_tenant('dlm-member', 'dlm/a')$$, $$tacl_remember_tenant('dlm-member', 'dlm/b')$$,
    $$tacl_add_key('dlm', 'HS256', 'the secret of the key of this test')$$, $$tacl_drop_key('dlm')$$, $$tacl_audit_purge('2000-01-01') = 0$$,
    $$count(*) > 0 FROM tacl_apply('{"assignments": {"user": "dlm-new", "role": "dlm-viewer", "tenant": "dlm/a"}}')$$,
    $$tacl_protect('dlm_orders', 'tenant_id', 'stock')$$, $$tacl_protect_child('dlm_lines', 'order_id')$$, $$tacl_unprotect('dlm_done')$$]) AS c;

-- None is missing. (What only asks, makes a token, forgets, switches or grants to a
-- database role changes nothing here.)
SELECT DISTINCT p.proname COLLATE "C" AS missing
FROM pg_depend AS d JOIN pg_proc AS p ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
WHERE d.refclassid = 'pg_extension'::regclass AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'tenant_acl') AND d.deptype = 'e'
  AND p.proname LIKE 'tacl\_%' AND p.provolatile = 'v' AND p.prorettype <> 'trigger'::regtype
  AND p.proname NOT IN ('tacl_explain_row', 'tacl_flush', 'tacl_issue_token', 'tacl_setup_role', 'tacl_stats', 'tacl_switch')
  AND NOT EXISTS (SELECT FROM called WHERE substring(call FROM 'tacl_\w+') = p.proname)
ORDER BY 1;

CREATE TEMP TABLE matrix AS
SELECT c.*, w.*, pg_temp.answer(w.database_role, w.user_id, c.call) AS answer
FROM called AS c,
     (VALUES ('nobody', 'dlm_runtime', ''), ('outsider', 'dlm_runtime', 'dlm-outsider'), ('member', 'dlm_runtime', 'dlm-member'), ('here', 'dlm_runtime', 'dlm-here'),
             ('sibling', 'dlm_runtime', 'dlm-sibling'), ('parent', 'dlm_runtime', 'dlm-parent'), ('staff', 'dlm_runtime', 'dlm-staff'), ('operator', 'dlm_operator', '')) AS w (who, database_role, user_id);
SELECT call, max(answer) FILTER (WHERE who = 'nobody') AS nobody, max(answer) FILTER (WHERE who = 'outsider') AS outsider, max(answer) FILTER (WHERE who = 'member') AS member,
       max(answer) FILTER (WHERE who = 'here') AS here, max(answer) FILTER (WHERE who = 'sibling') AS sibling, max(answer) FILTER (WHERE who = 'parent') AS parent,
       max(answer) FILTER (WHERE who = 'staff') AS staff, max(answer) FILTER (WHERE who = 'operator') AS operator
FROM matrix GROUP BY n, call ORDER BY n;

-- Nothing was left behind by any of them.
SELECT count(*) FROM matrix AS m WHERE pg_temp.answer(database_role, user_id, call) <> answer;
-- With a user in the session it does not matter what the database role may do,
-- but to tables that are its own.
SELECT DISTINCT substring(call FROM 'tacl_\w+') AS call FROM matrix
WHERE user_id <> '' AND (pg_temp.answer('dlm_operator', user_id, call), pg_temp.answer(session_user, user_id, call)) IS DISTINCT FROM (answer, answer) ORDER BY 1;

RESET tacl.user_setting;
DROP TABLE dlm_lines, dlm_orders, dlm_done;
SELECT tacl_drop_tenant('dlm', true), tacl_unassign('dlm-staff', 'dlm-admin', '*');
SELECT bool_and(tacl_drop_role(r)) FROM unnest('{dlm-admin, dlm-viewer, dlm-seller, dlm-careful, dlm-free}'::text[]) AS r;
DELETE FROM tacl.user_account WHERE user_id = 'dlm-off';
REVOKE ALL ON ALL TABLES IN SCHEMA tacl FROM dlm_operator;
DROP ROLE dlm_runtime, dlm_operator;
