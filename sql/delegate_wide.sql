-- Delegated administration: nothing at the root, whatever is held there; and what
-- is denied in part is not held as a whole. Each call is undone.
SET client_min_messages = warning;
SET tacl.user_setting = 'app.user_id';
CREATE ROLE dlw_runtime;
SELECT tacl_create_tenant('dlw'), tacl_define_role('dlw-admin', '{*, tacl.*}'), tacl_define_role('dlw-view', '{orders.view}');
SELECT tacl_assign('dlw-root', 'dlw-admin', '*'), tacl_assign('dlw-ann', 'dlw-admin', 'dlw'), tacl_assign('dlw-ben', 'dlw-admin', 'dlw'),
       tacl_grant('dlw-ben', '!orders.delete', 'dlw'), tacl_grant('dlw-mia', 'stock.view', '*');

-- What a user may call, and what it answers.
CREATE FUNCTION pg_temp.answer(who text, call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
    PERFORM set_config('app.user_id', who, true), set_config('role', 'dlw_runtime', true);
    EXECUTE 'SELECT ' || call INTO answer;
    RAISE SQLSTATE 'ZZ000';
EXCEPTION
    WHEN SQLSTATE 'ZZ000' THEN RETURN answer;
    WHEN OTHERS THEN RETURN SQLSTATE;
END $$;

-- At the root it is the operator's to do; below it is what is held at the root, too.
SELECT call, pg_temp.answer('dlw-root', format(call, '*')) AS at_the_root, pg_temp.answer('dlw-root', format(call, 'dlw')) AS below
FROM unnest(ARRAY[
    $$tacl_assign('dlw-new', 'dlw-view', %L)$$,
    $$tacl_grant('dlw-new', 'orders.view', %L)$$,
    $$tacl_revoke('dlw-mia', 'stock.view', %L)$$,
    $$tacl_define_role('dlw-mine', '{orders.view}', %L)$$,
    $$tacl_create_group('dlw-group', %L)$$]) AS call;

-- Who may not delete orders holds neither that nor anything that includes it.
SELECT pattern, pg_temp.answer('dlw-ann', format('tacl_grant(''dlw-new'', %L, ''dlw'')', pattern)) AS all_held,
       pg_temp.answer('dlw-ben', format('tacl_grant(''dlw-new'', %L, ''dlw'')', pattern)) AS some_denied
FROM unnest('{orders.view,orders.delete,orders.*,*,*.delete,*.view,stock.*,tacl.*}'::text[]) AS pattern;

SELECT tacl_unassign('dlw-root', 'dlw-admin', '*'), tacl_revoke('dlw-mia', 'stock.view', '*'), tacl_drop_tenant('dlw', true),
       tacl_drop_role('dlw-admin'), tacl_drop_role('dlw-view');
DROP ROLE dlw_runtime;
