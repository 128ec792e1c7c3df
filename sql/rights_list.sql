-- What a user has at one tenant: tacl_roles() and tacl_permissions().
\set SHOW_CONTEXT never
SET jit = off;
\pset null ~
SET timezone = 'UTC';
SET datestyle = 'ISO';

SELECT tacl_create_tenant('rl-acme'), tacl_create_tenant('rl-acme/eu', 'rl-acme'), tacl_create_tenant('rl-acme/eu/de', 'rl-acme/eu'), tacl_create_tenant('rl-globex');
SELECT tacl_define_role('rl-admin', '{*}'), tacl_define_role('rl-base', '{orders.view}'), tacl_define_role('rl-mid', '{orders.edit,!orders.delete}', includes => '{rl-base}'),
       tacl_define_role('rl-top', '{orders.*,*.items.view}', 'rl-acme', includes => '{rl-mid}'), tacl_define_role('rl-base', '{stock.view}', 'rl-acme/eu', override => true), tacl_define_role('rl-own', '{tacl.assign,members.*}', 'rl-acme', includes => '{rl-base}');

CREATE TEMP TABLE users AS SELECT 'rl-' || u AS u FROM unnest('{ann,bob,cat,dan,eve,fay,off,gil,nobody}'::text[]) AS u;
CREATE TEMP TABLE tenants AS SELECT t FROM unnest('{*,rl-acme,rl-acme/eu,rl-acme/eu/de,rl-globex,nowhere}'::text[]) AS t;
CREATE TEMP TABLE names AS SELECT r FROM unnest('{rl-admin,rl-base,rl-mid,rl-top,rl-own,rl-none}'::text[]) AS r;
CREATE TEMP TABLE permissions AS
SELECT DISTINCT a || b AS p FROM unnest('{orders,stock,members,billing,tacl,tacl.assign,orders.items,stock.items}'::text[]) AS a, unnest('{"",.view,.edit,.delete,.assign,.items,.items.view,.view.x}'::text[]) AS b;
-- What a user may do, in one line
CREATE TEMP VIEW lists AS
SELECT u, t, array(SELECT pattern FROM tacl_permissions(u, t)) AS permissions,
       array(SELECT concat_ws(' ', role, '(' || nullif(defined_at, '*') || ')', 'at ' || nullif(assigned_at, t), 'by ' || through_group, 'in ' || included_by) FROM tacl_roles(u, t)) AS roles FROM users, tenants;
-- Lists and checks: the same sets, both ways
CREATE TEMP VIEW difference AS
WITH patterns AS (SELECT u, t, l.* FROM users, tenants, tacl_permissions(u, t) AS l),
listed AS (SELECT DISTINCT u, t, p FROM patterns AS l, permissions WHERE effect = 'allow' AND tacl.pattern_matches(pattern, p) AND NOT EXISTS (
           SELECT FROM patterns AS d WHERE (d.u, d.t) = (l.u, l.t) AND d.effect = 'deny' AND tacl.pattern_matches(d.pattern, p))),
checked AS (SELECT u, t, p FROM users, tenants, permissions WHERE tacl_can(u, p, t)),
named AS (SELECT DISTINCT u, t, role FROM users, tenants, tacl_roles(u, t)),
has AS (SELECT u, t, r FROM users, tenants, names WHERE tacl_has_role(u, r, t))
(TABLE listed EXCEPT ALL TABLE checked) UNION ALL (TABLE checked EXCEPT ALL TABLE listed) UNION ALL (TABLE named EXCEPT ALL TABLE has) UNION ALL (TABLE has EXCEPT ALL TABLE named);

-- Included roles, also one of a name that is defined again below; each role once, by the nearest and most direct way
SELECT tacl_assign('rl-ann', 'rl-top', 'rl-acme', '2100-01-01'), tacl_assign('rl-ann', 'rl-base', 'rl-acme/eu'), tacl_assign('rl-ann', 'rl-mid', 'rl-acme/eu', '2090-01-01');
SELECT * FROM tacl_roles('rl-ann', 'rl-acme/eu/de');
SELECT * FROM tacl_roles('rl-ann', 'rl-acme');
SELECT * FROM tacl_permissions('rl-ann', 'rl-acme/eu/de');
-- Directly rather than through a group; of two groups, the one by which it lasts longer
SELECT tacl_create_group('rl-crew', 'rl-acme'), tacl_create_group('rl-also', 'rl-acme'), tacl_add_member('rl-bob', 'rl-crew', 'rl-acme'), tacl_add_member('rl-bob', 'rl-also', 'rl-acme'), tacl_assign_group('rl-crew', 'rl-own', 'rl-acme/eu', '2090-01-01'), tacl_assign_group('rl-also', 'rl-own', 'rl-acme/eu', '2080-01-01'), tacl_assign('rl-bob', 'rl-admin', 'rl-acme/eu'), tacl_assign_group('rl-crew', 'rl-admin', 'rl-acme/eu');
SELECT * FROM tacl_roles('rl-bob', 'rl-acme/eu');
-- The star leaves the reserved out; grants; a deny from above takes what it covers, and stands for what it does not
SELECT tacl_assign('rl-cat', 'rl-admin', 'rl-acme'), tacl_assign('rl-cat', 'rl-own', 'rl-acme/eu'), tacl_grant('rl-cat', '!members.*', '*'), tacl_grant('rl-cat', '!stock.items.*', 'rl-acme'), tacl_grant('rl-cat', 'stock.view', 'rl-acme/eu/de'), tacl_grant('rl-cat', 'stock.items.edit', 'rl-acme/eu/de'), tacl_grant('rl-cat', '!tacl.*', 'rl-acme/eu/de');
-- In time: expired, not yet, in force
SELECT tacl_assign('rl-dan', 'rl-admin', 'rl-acme', '2000-01-01'), tacl_grant('rl-dan', 'stock.*', 'rl-acme', NULL, '2100-01-01'), tacl_grant('rl-dan', '!orders.view', 'rl-acme', '2000-01-01'), tacl_assign('rl-dan', 'rl-base', 'rl-acme', '2100-01-01', '2000-01-01');
-- Disabled; only denied; granted where nothing else is
SELECT tacl_assign('rl-off', 'rl-admin', '*'), tacl_disable_user('rl-off'), tacl_grant('rl-eve', '!orders.*', 'rl-acme'), tacl_assign('rl-fay', 'rl-top', 'rl-acme/eu/de'), tacl_assign('rl-fay', 'rl-admin', '*'), tacl_assign('rl-gil', 'rl-admin', 'rl-acme/eu/de'), tacl_grant('rl-gil', 'tacl.*', 'rl-acme/eu');
SELECT * FROM lists WHERE cardinality(permissions || roles) > 0 AND u NOT IN ('rl-ann', 'rl-bob') ORDER BY u, t COLLATE "C";
SELECT count(*) FROM lists WHERE u IN ('rl-off', 'rl-nobody') AND cardinality(permissions || roles) > 0;
TABLE difference;

-- Ceilings: what each pattern has in common with each of theirs, from the tenant of the assignment upwards
SELECT tacl_limit_tenant('rl-acme', '{orders.*,*.view,tacl.*}'), tacl_limit_tenant('rl-acme/eu', '{orders.items.*,stock.*,*.*.view,*.assign}');
SELECT u, t, permissions FROM lists WHERE u IN ('rl-ann', 'rl-bob', 'rl-cat', 'rl-fay', 'rl-gil') AND t ^@ 'rl-acme';
TABLE difference;
SELECT tacl_limit_tenant('rl-acme', '{}');
SELECT u, t, permissions FROM lists WHERE t = 'rl-acme/eu/de';
-- A suspension: of what is kept a permission remains, a role does not; staff above keep theirs
SELECT tacl_limit_tenant('rl-acme', NULL), tacl_limit_tenant('rl-acme/eu', '{orders.*}'), tacl_suspend_tenant('rl-acme/eu', '{*.view,stock.*}');
SELECT u, t, permissions, roles FROM lists WHERE u IN ('rl-ann', 'rl-cat', 'rl-fay', 'rl-gil') AND t ^@ 'rl-acme/eu';
TABLE difference;
SELECT tacl_suspend_tenant('rl-acme');
SELECT u, t, permissions, roles FROM lists WHERE t = 'rl-acme/eu/de' AND cardinality(permissions || roles) > 0;
TABLE difference;

-- Own changes, seen through a prepared statement, and their rollback
PREPARE ask AS SELECT permissions, roles FROM lists WHERE u = 'rl-bob' AND t = 'rl-acme/eu';
BEGIN ISOLATION LEVEL REPEATABLE READ;
EXECUTE ask;
SELECT tacl_resume_tenant('rl-acme'), tacl_resume_tenant('rl-acme/eu'), tacl_limit_tenant('rl-acme/eu', NULL), tacl_unassign_group('rl-crew', 'rl-admin', 'rl-acme/eu'), tacl_unassign('rl-bob', 'rl-admin', 'rl-acme/eu');
EXECUTE ask;
SAVEPOINT a;
SELECT tacl_define_role('rl-own', '{a.b}', 'rl-acme', includes => '{}'), tacl_remove_member('rl-bob', 'rl-crew', 'rl-acme');
EXECUTE ask;
TABLE difference;
ROLLBACK TO a;
EXECUTE ask;
ROLLBACK;
EXECUTE ask;
SELECT tacl_resume_tenant('rl-acme'), tacl_resume_tenant('rl-acme/eu'), tacl_limit_tenant('rl-acme/eu', NULL);

-- Without a tenant: the active one, else the root
SELECT tacl_permissions('rl-fay'), tacl_roles('rl-fay');
SET app.tenant = 'rl-acme/eu/de';
SELECT array(SELECT role FROM tacl_roles('rl-fay')) AS roles, array(SELECT pattern FROM tacl_permissions('rl-fay')) AS permissions;
SET app.tenant = 'nowhere';
SELECT (SELECT count(*) FROM tacl_roles('rl-fay')) AS roles, (SELECT count(*) FROM tacl_permissions('rl-fay')) AS permissions;
RESET app.tenant;

-- Many users at once; ids of other types; names as they are; nothing for nothing; bad input
SELECT count(*), min(p.pattern) FROM generate_series(1, 300) AS i, LATERAL (SELECT tacl_grant('rl-many' || i, 'a.n' || i, 'rl-globex') OFFSET 0) AS g, tacl_permissions('rl-many' || i, 'rl-globex') AS p;
SELECT count(*), count(DISTINCT p.pattern), bool_and(p.pattern = 'a.n' || i) AS own FROM generate_series(1, 300) AS i, tacl_permissions('rl-many' || i, 'rl-globex') AS p;
CREATE DOMAIN pg_temp.org AS bigint;
SELECT tacl_create_tenant('42'), tacl_create_tenant('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a13'), tacl_define_role('rl"É''\%#{}', '{a:b.*}', '42'), tacl_assign(7, 'rl"É''\%#{}', 42), tacl_grant('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a14', 'x.y', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a13');
SELECT * FROM tacl_roles(7::smallint, 42::pg_temp.org);
SELECT tacl_permissions('7'::varchar, 42), tacl_permissions(7, '42'), tacl_permissions('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a14'::uuid, 'A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a13'::uuid), (tacl_roles('7', 42::bigint)).defined_at, (tacl_roles(7::bigint, '42'::name)).expires_at;
SELECT count(*) FROM unnest(ARRAY['', NULL, 'rl-fay', repeat('x', 300)]) AS u, unnest(ARRAY['', NULL, 'nowhere', repeat('x', 300)]) AS t, LATERAL (SELECT role FROM tacl_roles(u, t) UNION ALL SELECT pattern FROM tacl_permissions(u, t)) AS l;
SELECT tacl_roles('rl-fay', 4.2);
SELECT tacl_permissions(now());
SELECT tacl_permissions('{rl-fay}'::text[], 'rl-acme');

-- Ceilings that cut each other multiply what is left; single answers do not care
CREATE FUNCTION pg_temp.numbered(form text) RETURNS text[] LANGUAGE sql AS $$
    SELECT array_agg(format(form, i)) FROM generate_series(1, 60) AS i
$$;
SELECT tacl_limit_tenant('rl-acme', pg_temp.numbered('c%s.*.*')), tacl_limit_tenant('rl-acme/eu', pg_temp.numbered('*.b%s.*')),
    tacl_define_role('rl-wide', pg_temp.numbered('*.*.a%s'), 'rl-acme/eu'), tacl_assign('rl-wide', 'rl-wide', 'rl-acme/eu');
SELECT * FROM tacl_permissions('rl-wide', 'rl-acme/eu');
SELECT * FROM tacl_tenants('rl-wide');
-- nor does one that leaves nothing
SELECT tacl_limit_tenant('rl-acme', '{zzz}');
SELECT * FROM tacl_tenants('rl-wide');
SELECT * FROM tacl_permissions('rl-wide', 'rl-acme/eu');
SELECT tacl_limit_tenant('rl-acme', pg_temp.numbered('c%s.*.*'));
SELECT tacl_can('rl-wide', 'c7.b60.a1', 'rl-acme/eu') AS inside, tacl_can('rl-wide', 'c61.b60.a1', 'rl-acme/eu') AS outside;

SELECT tacl_drop_tenant(t, true) FROM unnest('{rl-acme,rl-globex,42,a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a13}'::text[]) AS t;
SELECT tacl_revoke('rl-cat', '!members.*', '*');
SELECT tacl_drop_role(r, '*', true) FROM unnest('{rl-admin,rl-mid,rl-base}'::text[]) AS r;
DELETE FROM tacl.user_account WHERE user_id ^@ 'rl-';
SELECT count(*) FROM tacl.assignment WHERE user_id ^@ 'rl-';
