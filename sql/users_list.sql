-- Who has something at a tenant: tacl_users() and tacl_members().
\set SHOW_CONTEXT never
SET jit = off;
\pset null ~
SET timezone = 'UTC';
SET datestyle = 'ISO';

SELECT tacl_create_tenant('ul-acme'), tacl_create_tenant('ul-acme/eu', 'ul-acme'), tacl_create_tenant('ul-acme/eu/de', 'ul-acme/eu'), tacl_create_tenant('ul-globex');
SELECT tacl_define_role('ul-admin', '{*}'), tacl_define_role('ul-viewer', '{orders.view}'), tacl_define_role('ul-careful', '{orders.*,!orders.delete}', 'ul-acme'),
       tacl_define_role('ul-lead', '{members.*}', 'ul-acme', includes => '{ul-careful}'), tacl_define_role('ul-empty', '{}');

CREATE TEMP TABLE permissions AS SELECT p FROM unnest('{orders.view,orders.delete,members.invite,billing.pay,tacl.assign}'::text[]) AS p;
CREATE TEMP TABLE tenants AS SELECT t FROM unnest('{*,ul-acme,ul-acme/eu,ul-acme/eu/de,ul-globex,nowhere}'::text[]) AS t;
CREATE TEMP VIEW users AS
SELECT user_id AS u FROM tacl.assignment WHERE user_id IS NOT NULL UNION SELECT user_id FROM tacl.group_member UNION SELECT user_id FROM tacl.user_account UNION SELECT 'nobody';
-- Who may see and delete orders, and who belongs there
CREATE TEMP VIEW lists AS
SELECT t, array(SELECT user_id || coalesce(' ' || nullif(assigned_at, t), '') FROM tacl_users('orders.view', t) WHERE user_id ^@ 'ul-') AS view,
       array(SELECT user_id FROM tacl_users('orders.delete', t) WHERE user_id ^@ 'ul-') AS delete,
       array(SELECT user_id FROM tacl_members(t) WHERE user_id ^@ 'ul-') AS members
FROM tenants;
-- Lists and checks: the same set, both ways; and who may anything belongs
CREATE TEMP VIEW listed AS SELECT p, t, l.user_id FROM permissions, tenants, tacl_users(p, t) AS l;
CREATE TEMP VIEW checked AS SELECT p, t, u FROM permissions, tenants, users WHERE tacl_can(u, p, t);
CREATE TEMP VIEW difference AS
(TABLE listed EXCEPT ALL TABLE checked) UNION ALL (TABLE checked EXCEPT ALL TABLE listed)
UNION ALL (SELECT NULL, t, u FROM checked EXCEPT SELECT NULL, t, user_id FROM tenants, tacl_members(t))
UNION ALL (SELECT DISTINCT NULL, t, user_id FROM tenants, tacl_members(t) WHERE t <> '*' EXCEPT SELECT NULL, tenant, u FROM users, tacl_memberships(u))
UNION ALL (SELECT NULL, tenant, u FROM users, tacl_memberships(u), tenants WHERE t = tenant EXCEPT SELECT DISTINCT NULL, t, user_id FROM tenants, tacl_members(t));

-- From above, several times, by a role that is included; the nearest is told
SELECT tacl_assign('ul-staff', 'ul-viewer', '*'), tacl_assign('ul-ann', 'ul-admin', 'ul-acme'), tacl_assign('ul-ann', 'ul-viewer', 'ul-acme/eu', '2100-01-01'), tacl_grant('ul-ann', 'orders.*', 'ul-acme/eu'),
       tacl_assign('ul-bob', 'ul-lead', 'ul-acme/eu'), tacl_assign('ul-bob', 'ul-viewer', 'ul-acme'), tacl_assign('ul-cat', 'ul-admin', 'ul-globex'),
-- A deny from below, from above and in a role; all that is left is no membership
       tacl_grant('ul-ann', '!orders.view', 'ul-acme/eu/de'), tacl_grant('ul-dan', '!orders.*', '*'), tacl_assign('ul-dan', 'ul-admin', 'ul-acme/eu'), tacl_grant('ul-only', '!x.y', 'ul-acme'),
-- Disabled; expired and not yet; a role with nothing in it
       tacl_assign('ul-off', 'ul-admin', 'ul-acme'), tacl_disable_user('ul-off'), tacl_assign('ul-old', 'ul-admin', 'ul-acme', '2000-01-01'), tacl_grant('ul-new', '*', 'ul-acme', NULL, '2100-01-01'), tacl_assign('ul-nil', 'ul-empty', 'ul-acme/eu');
-- Groups: of the tenant and of the root, one in another, one user in both, assigned twice
SELECT tacl_create_group('ul-crew', 'ul-acme'), tacl_create_group('ul-crew', '*'), tacl_create_group('ul-inner', '*'), tacl_include_group('ul-crew', 'ul-inner', 'ul-acme'), tacl_include_group('ul-crew', 'ul-inner', '*'),
       tacl_add_member('ul-eve', 'ul-crew', 'ul-acme'), tacl_add_member('ul-fay', 'ul-inner', '*'), tacl_add_member('ul-fay', 'ul-crew', 'ul-acme'), tacl_add_member('ul-off', 'ul-inner', '*'), tacl_add_member('ul-idle', 'ul-inner', '*'), tacl_remove_member('ul-idle', 'ul-inner', '*'),
       tacl_assign_group('ul-crew', 'ul-viewer', 'ul-acme'), tacl_assign_group('ul-crew', 'ul-careful', 'ul-acme', '2100-01-01'), tacl_assign_group('ul-inner', 'ul-careful', 'ul-acme/eu/de', '2000-01-01'), tacl_assign_group('ul-crew', 'ul-viewer', '*');
SELECT * FROM lists;
SELECT m.* FROM tacl_members('ul-acme/eu/de') AS m WHERE user_id ^@ 'ul-';
TABLE difference;
SELECT p, count(*) FROM listed WHERE user_id ^@ 'ul-' GROUP BY p ORDER BY p;

-- A ceiling and a suspension cut whom they cut; members stay members
SELECT tacl_limit_tenant('ul-acme', '{members.*,orders.delete}'), tacl_suspend_tenant('ul-acme/eu', '{orders.*}');
SELECT * FROM lists WHERE t ^@ 'ul-acme';
SELECT user_id, assigned_at FROM tenants, tacl_users('members.invite', t) WHERE t = 'ul-acme/eu' AND user_id ^@ 'ul-';
TABLE difference;
SELECT tacl_limit_tenant('ul-acme', NULL), tacl_resume_tenant('ul-acme/eu');

-- Own changes, in a function that catches what fails; nothing is left after it
CREATE FUNCTION pg_temp.try(tenant text) RETURNS TABLE (what text, users text[]) LANGUAGE plpgsql AS $$
DECLARE
    l record;
BEGIN
    BEGIN
        PERFORM tacl_unassign('ul-cat', 'ul-admin', 'ul-globex');
        PERFORM tacl_assign(u, 'ul-admin', 'ul-globex') FROM unnest('{ul-yet,ul-bob}'::text[]) AS u;
        FOR l IN SELECT * FROM tacl_users('billing.pay', try.tenant) LOOP
            users := users || l.user_id;
            PERFORM tacl_disable_user(l.user_id);
        END LOOP;
        what := 'within';
        RETURN NEXT;
        users := array(SELECT user_id FROM tacl_members(try.tenant) WHERE user_id ^@ 'ul-');
        what := 'disabled';
        RETURN NEXT;
        PERFORM tacl_users('no such', try.tenant);
    EXCEPTION WHEN invalid_parameter_value THEN
        users := array(SELECT user_id FROM tacl_users('billing.pay', try.tenant) AS u);
        what := sqlerrm;
        RETURN NEXT;
    END;
END
$$;
SELECT * FROM pg_temp.try('ul-globex');
TABLE difference;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT tacl_drop_role('ul-careful', 'ul-acme', true), tacl_define_role('ul-viewer', '{orders.delete}'), tacl_drop_group('ul-inner', '*', true), tacl_enable_user('ul-off');
SELECT * FROM lists WHERE t = 'ul-acme/eu';
TABLE difference;
ROLLBACK;
-- Two groups of one name, of the tenant and of the root, both assigned at the tenant: not one row
BEGIN;
UPDATE tacl.assignment SET tenant = 'ul-acme' WHERE tenant = '*' AND group_id IS NOT NULL;
SELECT * FROM tacl_members('ul-acme') WHERE user_id = 'ul-fay' ORDER BY roles;
ROLLBACK;
SELECT * FROM lists WHERE t = 'ul-acme/eu';

-- Many: by a group, by a role, by grants; one row of them; who may do more is found among them
INSERT INTO tacl.assignment (user_id, tenant, role_id) SELECT 'ul-many' || i, 'ul-globex', r.id FROM generate_series(1, 2000) AS i, tacl.role AS r WHERE r.name = 'ul-viewer';
INSERT INTO tacl.assignment (user_id, tenant, pattern) SELECT 'ul-many' || i, 'ul-globex', 'orders.n' || i FROM generate_series(1, 2000) AS i;
INSERT INTO tacl.group_member (user_id, group_id) SELECT 'ul-many' || i, g.id FROM generate_series(1, 3000) AS i, tacl.user_group AS g WHERE g.name = 'ul-inner';
SELECT count(*), count(DISTINCT user_id), count(*) FILTER (WHERE assigned_at = '*') AS from_root FROM tacl_users('orders.view', 'ul-globex') WHERE user_id ^@ 'ul-many';
SELECT count(*), count(DISTINCT user_id), count(through_group), sum(cardinality(grants)) AS grants FROM tacl_members('ul-globex') WHERE user_id ^@ 'ul-many';
SELECT * FROM tacl_users('orders.n7', 'ul-globex') WHERE user_id ^@ 'ul-';
SELECT p, u.user_id FROM generate_series(1, 20) AS i, LATERAL (SELECT 'orders.n' || i * 100 AS p) AS p, LATERAL (SELECT * FROM tacl_users(p, 'ul-globex') WHERE assigned_at = 'ul-globex' AND user_id ^@ 'ul-many' LIMIT 1) AS u WHERE i > 18;
DELETE FROM tacl.assignment WHERE user_id ^@ 'ul-many';
DELETE FROM tacl.group_member WHERE user_id ^@ 'ul-many';

-- Ids of other types, names as they are, nothing for nothing, bad input
CREATE DOMAIN pg_temp.org AS bigint;
SELECT tacl_create_tenant(42::bigint), tacl_create_tenant('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12'), tacl_create_group('ul-"É''\%#{}', '42'), tacl_add_member('ul-x"É''\%#{}', 'ul-"É''\%#{}', '42'), tacl_assign_group('ul-"É''\%#{}', 'ul-viewer', '42'), tacl_grant('ul-z', 'a.b', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12');
SELECT (SELECT count(*) FROM tacl_users('orders.view', 42) WHERE assigned_at = '42') AS int, (SELECT array_agg(user_id) FROM tacl_users('orders.view', 42::pg_temp.org) WHERE assigned_at = '42') AS domain,
       (SELECT array_agg(user_id) FROM tacl_users('a.b', 'A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a12'::uuid)) AS uuid, (SELECT array_agg(user_id) FROM tacl_members('42'::varchar(2)) WHERE assigned_at = '42') AS varchar;
SELECT user_id, through_group FROM tacl_members(42::smallint) WHERE assigned_at = '42';
SELECT count(*) FROM unnest(ARRAY['', NULL, 'nowhere', repeat('x', 300)]) AS t, LATERAL (SELECT user_id FROM tacl_users('orders.view', t) UNION ALL SELECT user_id FROM tacl_members(t)) AS l;
SELECT (SELECT count(*) FROM tacl_users(NULL, '42')) AS "null", (SELECT count(*) FROM tacl_users('', '42')) AS empty;
SELECT tacl_users('orders.*', 'nowhere');
SELECT tacl_users('!orders', NULL);
SELECT tacl_members(true);
SELECT tacl_users('orders.view', ARRAY['ul-acme']);

SELECT tacl_drop_tenant(t, true) FROM unnest('{ul-acme,ul-globex,42,a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12}'::text[]) AS t;
SELECT tacl_drop_group('ul-crew', '*', true), tacl_drop_group('ul-inner', '*', true), tacl_revoke('ul-dan', '!orders.*', '*');
SELECT tacl_drop_role(r, '*', true) FROM unnest('{ul-admin,ul-viewer,ul-empty}'::text[]) AS r;
DELETE FROM tacl.user_account WHERE user_id ^@ 'ul-';
SELECT count(*) FROM tacl.assignment WHERE user_id ^@ 'ul-';
