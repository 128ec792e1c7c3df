-- lists.sql: users with 1, 10 and 10,000 tenants, staff at the root of 111,000; a
-- tenant with 100,000 users, 3 of them admins; a tenant 10 levels down, whose users
-- were assigned at the top. In a quick run a tenth of it.

SELECT tacl_define_role('admin', '{*}'), tacl_define_role('member', '{orders.*, members.view}');
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO tacl.tenant (id, parent) SELECT 't-' || n, '*' FROM generate_series(1, :many) AS n;
INSERT INTO tacl.tenant (id, parent) SELECT 'own-' || n, '*' FROM generate_series(1, :many / 10) AS n;
INSERT INTO tacl.tenant (id, parent)
SELECT 'level-' || n, CASE n WHEN 1 THEN '*' ELSE 'level-' || n - 1 END FROM generate_series(1, 10) AS n;
INSERT INTO tacl.tenant (id, parent) VALUES ('large', '*');
INSERT INTO tacl.assignment (user_id, tenant, role_id)
SELECT u, t, (SELECT id FROM tacl.role WHERE name = r)
FROM (SELECT 'one' AS u, 't-1' AS t, 'member' AS r
      UNION ALL SELECT 'ten', 't-' || n, 'member' FROM generate_series(1, 10) AS n
      UNION ALL SELECT 'many', 'own-' || n, 'member' FROM generate_series(1, :many / 10) AS n
      UNION ALL SELECT 'staff', '*', 'admin'
      UNION ALL SELECT 'user-' || n, x.t, CASE WHEN n <= 3 THEN 'admin' ELSE 'member' END
                FROM generate_series(1, :many) AS n, (VALUES ('large'), ('level-1')) AS x (t)) AS a;
COMMIT;
VACUUM ANALYZE;
