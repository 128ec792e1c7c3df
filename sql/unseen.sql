-- An assignment of a role, or to a group, that is not defined at its tenant or
-- above, as replica role can write it and a move at the same time can leave it,
-- allows nothing. What it denies it denies.
\set VERBOSITY terse
SET client_min_messages = warning;
SELECT tacl_create_tenant('uns-a'), tacl_create_tenant('uns-a/x', 'uns-a'), tacl_create_tenant('uns-b'),
       tacl_define_role('uns-role', '{orders.*,!orders.delete}', 'uns-a'),
       tacl_create_group('uns-group', 'uns-a'), tacl_add_member('uns-gil', 'uns-group', 'uns-a'),
       tacl_define_role('uns-base', '{orders.view}'),
       tacl_assign('uns-ann', 'uns-role', 'uns-a'), tacl_grant('uns-ann', 'orders.delete', 'uns-b');
CREATE FUNCTION pg_temp.said(tenant text)
RETURNS TABLE (name text, can boolean, can_delete boolean, has_role boolean, listed boolean, among_users boolean, roles bigint, permissions bigint) LANGUAGE sql AS $$
    SELECT u, tacl_can(u, 'orders.view', tenant), tacl_can(u, 'orders.delete', tenant),
           tacl_has_role(u, 'uns-role', tenant) OR tacl_has_role(u, 'uns-base', tenant),
           tenant IN (SELECT t.tenant FROM tacl_tenants(u, 'orders.view') AS t),
           u IN (SELECT s.user_id FROM tacl_users('orders.view', tenant) AS s),
           (SELECT count(*) FROM tacl_roles(u, tenant)),
           (SELECT count(*) FROM tacl_permissions(u, tenant))
    FROM unnest('{uns-ann,uns-gil}'::text[]) AS u
$$;
SELECT * FROM pg_temp.said('uns-a/x');
SELECT * FROM pg_temp.said('uns-b');

BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO tacl.assignment (user_id, role_id, tenant)
SELECT 'uns-ann', id, 'uns-b' FROM tacl.role WHERE name = 'uns-role';
INSERT INTO tacl.assignment (group_id, role_id, tenant)
SELECT g.id, r.id, 'uns-b' FROM tacl.user_group AS g, tacl.role AS r WHERE g.name = 'uns-group' AND r.name = 'uns-base';
COMMIT;
SELECT * FROM pg_temp.said('uns-b');
SELECT * FROM pg_temp.said('uns-a/x');

-- The rows are what was missing, once the tenant is where role and group are
BEGIN;
SELECT tacl_move_tenant('uns-b', 'uns-a');
SELECT * FROM pg_temp.said('uns-b');
ROLLBACK;
SELECT * FROM pg_temp.said('uns-b');

SET client_min_messages = error;
DELETE FROM tacl.assignment WHERE tenant LIKE 'uns-%';
SELECT tacl_drop_role('uns-role', 'uns-a'), tacl_drop_role('uns-base'), tacl_drop_group('uns-group', 'uns-a'),
       tacl_drop_tenant('uns-b'), tacl_drop_tenant('uns-a/x'), tacl_drop_tenant('uns-a');
