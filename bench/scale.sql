-- scale.sql: many users with 5 tenants each, many tenants and roles. Of "every"
-- 1 all users are loaded, else those of that distance, with the tenants they use.

SELECT tacl_create_group('nobody', '*');
BEGIN;
SET LOCAL session_replication_role = replica;
CREATE TEMP TABLE assigned AS
SELECT 'user-' || u AS u, 'tenant-' || (u * 7 + k * 1013) % :tenants AS t, 1 + (u + k * 31) % 1000 AS r
FROM generate_series(0, 4) AS k, generate_series(0, :users - 1, :every) AS u;
INSERT INTO tacl.tenant (id, parent) SELECT DISTINCT t, '*' FROM assigned;
INSERT INTO tacl.role (id, tenant, name, permissions)
SELECT n, '*', 'role-' || n, ARRAY['orders.*', 'area-' || n || '.*', 'area-' || n + 1 || '.view'] FROM generate_series(1, 1000) AS n;
\timing on
INSERT INTO tacl.assignment (user_id, tenant, role_id) SELECT u, t, r FROM assigned;
\timing off
COMMIT;
DROP TABLE assigned;

-- The same 1,000 users in each database
CREATE UNLOGGED TABLE question AS
SELECT 'user-' || u AS u, (ARRAY['orders.view', 'billing.view', 'area-1.view', 'orders.items.delete'])[1 + k % 4] AS p,
       'tenant-' || (u * 7 + k % 5 * 1013) % :tenants AS t
FROM generate_series(0, 99) AS k, generate_series(0, :users - 1, :users / 1000) AS u;
CREATE UNLOGGED TABLE newcomer AS SELECT DISTINCT ON (u) u, p, t FROM question;
VACUUM ANALYZE;
