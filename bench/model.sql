-- model.sql: tenants, users with 5 tenants each, and roles, as tables of the
-- extension and as the tables that somebody would make by hand.

SELECT tacl_define_role('member', '{orders.*, members.view}'), tacl_define_role('admin', '{*}'),
       tacl_define_role('viewer', '{orders.view}');
SELECT tacl_create_group('nobody', '*');

BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO tacl.tenant (id, parent) SELECT 'tenant-' || n, '*' FROM generate_series(0, :tenants - 1) AS n;
INSERT INTO tacl.assignment (user_id, tenant, role_id)
SELECT 'user-' || u, 'tenant-' || (u * 7 + k * 13) % :tenants,
       (SELECT id FROM tacl.role WHERE name = (ARRAY['member', 'admin', 'viewer'])[1 + (u + k) % 3])
FROM generate_series(0, 4) AS k, generate_series(0, :users - 1) AS u;
COMMIT;

CREATE TABLE permission AS
SELECT area || '.' || verb AS name
FROM unnest('{orders, members, billing, reports, settings}'::text[]) AS area,
     unnest('{view, create, update, delete}'::text[]) AS verb;
CREATE TABLE role_permission (role text, permission text, PRIMARY KEY (role, permission));
INSERT INTO role_permission
SELECT role, name FROM permission, unnest('{admin, member, viewer}'::text[]) AS role
WHERE role = 'admin' OR name = 'orders.view'
   OR role = 'member' AND (name LIKE 'orders.%' OR name = 'members.view');
CREATE TABLE membership (user_id text, tenant_id text, role text, PRIMARY KEY (user_id, tenant_id, role));
INSERT INTO membership
SELECT a.user_id, a.tenant, r.name FROM tacl.assignment AS a JOIN tacl.role AS r ON r.id = a.role_id;

-- The best ways to write it by hand
CREATE FUNCTION hand_sql(u text, p text, t text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT EXISTS (SELECT FROM public.membership AS m JOIN public.role_permission AS r USING (role)
                   WHERE m.user_id = u AND m.tenant_id = t AND r.permission = p);
END;
CREATE FUNCTION hand_plpgsql(u text, p text, t text) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
    RETURN EXISTS (SELECT FROM public.membership AS m JOIN public.role_permission AS r USING (role)
                   WHERE m.user_id = u AND m.tenant_id = t AND r.permission = p);
END $$;
CREATE FUNCTION hand_tenants(u text, p text) RETURNS SETOF text LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
    RETURN QUERY SELECT m.tenant_id FROM public.membership AS m JOIN public.role_permission AS r USING (role)
                 WHERE m.user_id = u AND r.permission = p;
END $$;

VACUUM ANALYZE;
