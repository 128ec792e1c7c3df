-- Where a user has something: tacl_tenants() and tacl_memberships().
\set SHOW_CONTEXT never
SET jit = off;
\pset null ~
SET timezone = 'UTC';
SET datestyle = 'ISO';

SELECT tacl_create_tenant('tl-acme'), tacl_create_tenant('tl-acme/eu', 'tl-acme'), tacl_create_tenant('tl-acme/eu/de', 'tl-acme/eu'), tacl_create_tenant('tl-acme/us', 'tl-acme'),
       tacl_create_tenant('tl-globex'), tacl_create_tenant('tl-plan'), tacl_create_tenant('tl-plan/x', 'tl-plan');
SELECT tacl_define_role('tl-admin', '{*}'), tacl_define_role('tl-viewer', '{orders.view}'), tacl_define_role('tl-careful', '{orders.*,!orders.delete}', 'tl-acme'),
       tacl_define_role('tl-empty', '{}'), tacl_define_role('tl-never', '{!orders.view}');

CREATE TEMP TABLE users AS SELECT 'tl-' || u AS u FROM unnest('{ann,staff,crew,inner,when,plan,kept,off,careful,nothing,covered,nobody}'::text[]) AS u;
CREATE TEMP TABLE permissions AS SELECT p FROM unnest('{orders.view,orders.delete,orders.items.view,billing.pay,orders,tacl.assign}'::text[]) AS p;
-- What each list gives, the tenants of this test in the list's order
CREATE TEMP VIEW lists AS
SELECT u, array(SELECT l FROM tacl_tenants(u) AS l WHERE l ^@ 'tl-') AS anything,
       array(SELECT l FROM tacl_tenants(u, 'orders.view') AS l WHERE l ^@ 'tl-') AS view,
       array(SELECT l FROM tacl_tenants(u, 'orders.delete') AS l WHERE l ^@ 'tl-') AS delete
FROM users;
-- Lists and checks: the same set, both ways
CREATE TEMP VIEW listed AS SELECT u, p, l.tenant FROM users, permissions, tacl_tenants(u, p) AS l;
CREATE TEMP VIEW checked AS SELECT u, p, id FROM users, permissions, tacl.tenant WHERE id <> '*' AND tacl_can(u, p, id);
CREATE TEMP VIEW difference AS
(TABLE listed EXCEPT ALL TABLE checked) UNION ALL (TABLE checked EXCEPT ALL TABLE listed)
UNION ALL (SELECT u, NULL, tenant FROM users, tacl_tenants(u) EXCEPT ALL
           SELECT u, NULL, id FROM users, tacl.tenant WHERE id <> '*' AND EXISTS (SELECT FROM tacl_permissions(u, id) WHERE effect = 'allow'))
UNION ALL (SELECT u, NULL, id FROM checked EXCEPT SELECT u, NULL, tenant FROM users, tacl_tenants(u));

-- One's own and below; staff everywhere but where denied; by a group and a group in it
SELECT tacl_assign('tl-ann', 'tl-admin', 'tl-acme/eu'), tacl_assign('tl-ann', 'tl-viewer', 'tl-globex', '2100-01-01'),
       tacl_assign('tl-staff', 'tl-viewer', '*'), tacl_grant('tl-staff', '!orders.view', 'tl-acme/eu'), tacl_grant('tl-staff', 'orders.view', 'tl-acme/eu/de'),
       tacl_create_group('tl-crew', 'tl-acme'), tacl_create_group('tl-inner', 'tl-acme'), tacl_include_group('tl-crew', 'tl-inner', 'tl-acme'),
       tacl_add_member('tl-crew', 'tl-crew', 'tl-acme'), tacl_add_member('tl-inner', 'tl-inner', 'tl-acme'), tacl_assign_group('tl-crew', 'tl-careful', 'tl-acme/us'),
       tacl_assign('tl-inner', 'tl-admin', 'tl-globex');
-- Expired and not yet; a ceiling that leaves something, and nothing; suspended with something kept; disabled
SELECT tacl_assign('tl-when', 'tl-viewer', 'tl-acme', '2000-01-01'), tacl_assign('tl-when', 'tl-viewer', 'tl-globex', NULL, '2100-01-01'),
       tacl_assign('tl-plan', 'tl-admin', 'tl-plan/x'), tacl_limit_tenant('tl-plan', '{billing.*}'), tacl_grant('tl-plan', 'orders.view', 'tl-globex'), tacl_assign('tl-nothing', 'tl-viewer', 'tl-plan'),
       tacl_assign('tl-kept', 'tl-admin', 'tl-acme/eu/de'), tacl_suspend_tenant('tl-acme/eu/de', '{orders.view}'),
       tacl_assign('tl-off', 'tl-admin', '*'), tacl_disable_user('tl-off');
-- A deny within a role; nothing at all in a role; all of it denied but the reserved rights
SELECT tacl_assign('tl-careful', 'tl-careful', 'tl-acme'), tacl_assign('tl-nothing', 'tl-empty', 'tl-acme'), tacl_assign('tl-nothing', 'tl-never', 'tl-globex'),
       tacl_assign('tl-covered', 'tl-admin', 'tl-acme'), tacl_grant('tl-covered', '!*', 'tl-acme'), tacl_grant('tl-covered', 'tacl.*', 'tl-acme/us');
SELECT * FROM lists;
SELECT u, m.* FROM users, tacl_memberships(u) AS m WHERE tenant ^@ 'tl-';
TABLE difference;
SELECT p, count(*) FROM listed WHERE tenant ^@ 'tl-' GROUP BY p ORDER BY p;

-- The root is never in a list, and what is held there is inherited from it
SELECT count(*) FILTER (WHERE tenant = '*') AS root, count(*) = (SELECT count(*) - 1 FROM tacl.tenant) AS all_others FROM tacl_memberships('tl-staff');
-- The last to expire counts, over all that reaches; roles are named once
SELECT tacl_assign('tl-ann', 'tl-viewer', 'tl-acme/eu/de', '2100-01-01'), tacl_assign('tl-ann', 'tl-admin', 'tl-globex', '2090-01-01'), tacl_grant('tl-ann', 'a.b', 'tl-globex', '2110-01-01'), tacl_grant('tl-ann', 'a.c', 'tl-globex', '2080-01-01'), tacl_assign('tl-ann', 'tl-admin', 'tl-acme/eu/de', '2090-01-01');
SELECT * FROM tacl_memberships('tl-ann');
-- Primary is what the user calls so, if it is in the list
INSERT INTO tacl.user_preference (user_id, primary_tenant, last_tenant) VALUES ('tl-ann', 'tl-globex', 'tl-acme/eu'), ('tl-crew', 'nowhere', 'tl-acme/us');
SELECT u, tenant, is_primary FROM users, tacl_memberships(u) WHERE u IN ('tl-ann', 'tl-crew');

-- Own changes count from the next command on, whatever the isolation; not after rollback
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) > 0 FROM tacl.tenant;
SELECT tacl_resume_tenant('tl-acme/eu/de'), tacl_suspend_tenant('tl-acme/eu');
SELECT tenant, suspended FROM tacl_memberships('tl-careful');
SELECT tacl_unassign('tl-ann', 'tl-viewer', 'tl-globex'), tacl_move_tenant('tl-globex', 'tl-acme'), tacl_resume_tenant('tl-acme/eu'), tacl_enable_user('tl-off'), tacl_limit_tenant('tl-plan', NULL), tacl_create_tenant('tl-acme/us/new', 'tl-acme/us');
SELECT * FROM lists WHERE u IN ('tl-ann', 'tl-careful', 'tl-kept', 'tl-off', 'tl-plan', 'tl-crew');
TABLE difference;
SAVEPOINT a;
TRUNCATE tacl.assignment;
SELECT count(*) FROM users, tacl_tenants(u);
ROLLBACK TO a;
SELECT tacl_drop_tenant('tl-acme/us', true);
SELECT * FROM lists WHERE u IN ('tl-crew', 'tl-covered');
ROLLBACK;
SELECT * FROM lists WHERE u IN ('tl-ann', 'tl-crew', 'tl-off');
-- Within the changing command: as of its start
WITH gone AS (DELETE FROM tacl.assignment WHERE user_id = 'tl-crew' OR group_id IS NOT NULL RETURNING array(SELECT l FROM tacl_tenants('tl-crew') AS l))
SELECT *, array(SELECT l FROM tacl_tenants('tl-crew') AS l) AS main FROM gone;
SELECT array(SELECT l FROM tacl_tenants('tl-crew') AS l) AS crew;

-- A cursor shows what was when its first row was fetched, and can be left open
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM tacl_tenants('tl-ann');
DECLARE d CURSOR FOR SELECT * FROM tacl_tenants('tl-ann');
FETCH 1 FROM c;
SELECT tacl_unassign('tl-ann', 'tl-admin', 'tl-acme/eu'), tacl_sync_roles('tl-ann', '{}', 'tl-acme/eu/de');
FETCH ALL FROM c;
FETCH ALL FROM d;
COMMIT;

-- One row of many; many users at once; twice in one query
INSERT INTO tacl.tenant (id, parent) SELECT 'tl-plan/' || i, 'tl-plan' FROM generate_series(10001, 12000) AS i;
SELECT tacl_limit_tenant('tl-plan', NULL), tacl_grant('tl-many', 'a.b', 'tl-plan');
SELECT count(tacl_grant('tl-few-' || i, 'a.b', 'tl-plan/' || 10000 + i)) FROM generate_series(1, 300) AS i;
SELECT * FROM tacl_tenants('tl-many') LIMIT 1;
SELECT count(*), min(tenant), max(tenant), bool_and(inherited_from = 'tl-plan') AS inherited FROM tacl_memberships('tl-many') WHERE tenant <> 'tl-plan';
SELECT count(*), count(DISTINCT tenant), min(n), max(n) FROM generate_series(1, 300) AS i, tacl_tenants('tl-few-' || i, 'a.b') WITH ORDINALITY AS l (tenant, n);
SELECT count(*) FROM tacl_tenants('tl-many') AS a JOIN tacl_tenants('tl-many', 'a.b') AS b USING (tenant) JOIN tacl_memberships('tl-many') AS c USING (tenant);

-- Ids of other types; names as they are, ordered bytewise; nothing for nobody; bad input
CREATE DOMAIN pg_temp.code AS varchar(36);
SELECT tacl_create_tenant('tl-É"''\%#{}'), tacl_create_tenant('tl-a b'), tacl_grant('tl-É"''\', 'a.b', 'tl-É"''\%#{}'), tacl_grant('tl-É"''\', 'a.b', 'tl-a b'), tacl_grant('7', 'a.b', 'tl-a b'), tacl_grant('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a.b', 'tl-a b');
SELECT * FROM tacl_tenants('tl-É"''\', 'a.b');
SELECT tacl_tenants(7), tacl_tenants(7::bigint, 'a.b'), tacl_tenants('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid), tacl_tenants('7'::pg_temp.code), (tacl_memberships('7'::varchar)).tenant, (tacl_memberships('A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid)).inherited_from;
SELECT (SELECT count(*) FROM tacl_tenants(NULL)) AS "null", (SELECT count(*) FROM tacl_tenants('')) AS empty, (SELECT count(*) FROM tacl_tenants(repeat('x', 300))) AS "long",
       (SELECT count(*) FROM tacl_tenants('tl-ann', NULL)) AS null_permission, (SELECT count(*) FROM tacl_tenants('tl-ann', '')) AS empty_permission, (SELECT count(*) FROM tacl_memberships(NULL::bigint)) AS memberships;
SELECT tacl_tenants('tl-ann', 'orders.*');
SELECT tacl_tenants('nobody', 'orders..view');
SELECT tacl_tenants(7.5);
SELECT tacl_memberships(now());

SELECT tacl_drop_tenant(t, true) FROM unnest('{tl-acme,tl-globex,tl-plan,"tl-É\"''\\%#{}",tl-a b}'::text[]) AS t;
SELECT tacl_drop_role(r, '*', true) FROM unnest('{tl-admin,tl-viewer,tl-empty,tl-never}'::text[]) AS r;
DELETE FROM tacl.user_account WHERE user_id ^@ 'tl-';
DELETE FROM tacl.user_preference WHERE user_id ^@ 'tl-';
SELECT count(*) FROM tacl.assignment WHERE user_id ^@ 'tl-';
