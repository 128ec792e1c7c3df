-- Assign, unassign, sync, grant, revoke, disable, enable.
\set SHOW_CONTEXT never

CREATE VIEW assignment_list AS
SELECT a.user_id, a.tenant, r.tenant || '/' || r.name AS role, a.pattern, extract(year FROM a.starts_at AT TIME ZONE 'UTC') AS starts, extract(year FROM a.expires_at AT TIME ZONE 'UTC') AS expires
FROM tacl.assignment AS a LEFT JOIN tacl.role AS r ON r.id = a.role_id
WHERE a.user_id ~ '^asg-' ORDER BY a.user_id, a.tenant, r.tenant, r.name, a.pattern;
SELECT tacl_create_tenant('asg-a'), tacl_create_tenant('asg-a1', 'asg-a'), tacl_create_tenant('asg-b');
SELECT tacl_define_role('asg-viewer', '{orders.view}'), tacl_define_role('asg-editor', '{orders.edit}', 'asg-a'), tacl_define_role('asg-lead', '{orders.lead}', 'asg-b');

-- Assign: the role nearest upwards; the same again changes nothing
SELECT tacl_assign('asg-ann', 'asg-viewer', 'asg-a'), tacl_assign('asg-ann', 'asg-viewer', 'asg-a') AS again;
SELECT tacl_assign('asg-ann', 'asg-editor', 'asg-a1'), tacl_assign('asg-ann', 'asg-viewer', '*'), tacl_assign('asg-ann', 'asg-lead', 'asg-b');
SELECT * FROM assignment_list;

-- Bound by id: a role of the same name defined later is another one
SELECT tacl_define_role('asg-viewer', '{orders.list}', 'asg-a', override => true);
SELECT tacl_assign('asg-bob', 'asg-viewer', 'asg-a1'), tacl_assign('asg-ann', 'asg-viewer', 'asg-a');
SELECT * FROM assignment_list WHERE role ~ 'viewer';

-- Validity: another one replaces it; infinity means no limit
SELECT tacl_assign('asg-cat', 'asg-viewer', 'asg-b', '2100-06-01'), tacl_assign('asg-cat', 'asg-viewer', 'asg-b', '2100-06-01') AS again;
SELECT tacl_assign('asg-cat', 'asg-viewer', 'asg-b', '2101-06-01', '2000-06-01'), tacl_assign('asg-cat', 'asg-viewer', 'asg-b', '2101-06-01', starts_at => '2000-06-01') AS again;
SELECT * FROM assignment_list WHERE user_id = 'asg-cat';
SELECT tacl_assign('asg-cat', 'asg-viewer', 'asg-b', 'infinity', '-infinity'), tacl_assign('asg-cat', 'asg-viewer', 'asg-b') AS again;
SELECT tacl_assign('asg-cat', 'asg-viewer', 'asg-b', starts_at => '2000-06-01'), tacl_assign('asg-cat', 'asg-viewer', 'asg-b', '2001-06-01') AS expired;
SELECT * FROM assignment_list WHERE user_id = 'asg-cat';
SET TimeZone = 'UTC';
SELECT tacl_assign('asg-cat', 'asg-viewer', 'asg-b', '2100-01-01', '2100-01-01');
SELECT tacl_assign('asg-cat', 'asg-viewer', 'asg-b', '-infinity');
SELECT tacl_assign('asg-cat', 'asg-viewer', 'asg-b', starts_at => 'infinity');

-- Ids of other types
SELECT tacl_create_tenant(471101);
SELECT tacl_assign(42, 'asg-viewer', 471101), tacl_assign('42', 'asg-viewer', '471101') AS again, tacl_unassign(42::bigint, 'asg-viewer', 471101::bigint);
SELECT tacl_assign(1.5, 'asg-viewer', 'asg-a');

-- NULL, names, unknown
SELECT tacl_assign(NULL, 'asg-viewer', 'asg-a');
SELECT tacl_assign('asg-ann', NULL, 'asg-a');
SELECT tacl_assign('asg-ann', 'asg-viewer', NULL);
SELECT tacl_assign('', 'asg-viewer', 'asg-a');
SELECT tacl_assign('asg-ann', 'asg-viewer', 'asg-none');
SELECT tacl_assign('asg-ann', 'asg-veiwer', 'asg-a');
SELECT tacl_assign('asg-ann', 'asg-lead', 'asg-a');
SELECT tacl_assign('asg-ann', 'nothing like it', 'asg-a');

-- Unassign: all of the name at the tenant itself
SELECT tacl_unassign('asg-ann', 'asg-viewer', 'asg-a'), tacl_unassign('asg-ann', 'asg-viewer', 'asg-a') AS again;
SELECT * FROM assignment_list WHERE user_id = 'asg-ann';
SELECT tacl_unassign('asg-ann', 'asg-viewer', 'asg-none');
SELECT tacl_unassign('asg-ann', 'asg-editer', 'asg-a1');
SELECT tacl_unassign('asg-nobody', 'asg-viewer', 'asg-a');

-- Grant and revoke
SELECT tacl_grant('asg-ann', 'orders.*', 'asg-a'), tacl_grant('asg-ann', 'orders.*', 'asg-a') AS again, tacl_grant('asg-ann', '!orders.delete', 'asg-a', '2100-06-01');
SELECT tacl_grant('asg-ann', '!orders.delete', 'asg-a', '2101-06-01'), tacl_grant('asg-ann', '!orders.delete', 'asg-a', '2101-06-01') AS again;
SELECT * FROM assignment_list WHERE pattern IS NOT NULL;
SELECT tacl_grant('asg-ann', 'orders..view', 'asg-a');
SELECT tacl_grant('asg-ann', NULL, 'asg-a');
SELECT tacl_grant('asg-ann', 'orders.*', 'asg-none');
SELECT tacl_revoke('asg-ann', 'orders.view', 'asg-a'), tacl_revoke('asg-ann', '!orders.delete', 'asg-a'), tacl_revoke('asg-ann', '!orders.delete', 'asg-a') AS again;
SELECT tacl_revoke('asg-ann', 'orders.*', 'asg-none');

-- Sync: exactly these at this tenant; grants and other tenants stay
SELECT tacl_define_role('asg-one', '{one}'), tacl_define_role('asg-two', '{two}'), tacl_define_role('asg-three', '{three}'), tacl_define_role('asg-four', '{four}');
SELECT tacl_assign('asg-ann', 'asg-one', 'asg-a', '2100-06-01'), tacl_assign('asg-ann', 'asg-two', 'asg-a', '2001-06-01'), tacl_assign('asg-ann', 'asg-three', 'asg-a', NULL, '2100-06-01'), tacl_assign('asg-ann', 'asg-four', 'asg-a');
SELECT tacl_sync_roles('asg-ann', '{asg-three, asg-two, asg-one, asg-two, asg-editor}', 'asg-a'), tacl_sync_roles('asg-ann', '{asg-one, asg-two, asg-three, asg-editor}', 'asg-a') AS again;
SELECT * FROM assignment_list WHERE user_id = 'asg-ann';
SELECT tacl_sync_roles('asg-ann', '{asg-one, asg-none}', 'asg-a');
SELECT tacl_sync_roles('asg-ann', '{asg-one, NULL}', 'asg-a');
SELECT tacl_sync_roles('asg-ann', NULL, 'asg-a');
SELECT tacl_sync_roles('asg-ann', '{}', 'asg-none');
SELECT count(*) FROM assignment_list WHERE user_id = 'asg-ann' AND tenant = 'asg-a';
SELECT tacl_sync_roles('asg-ann', '{}', 'asg-a'), tacl_sync_roles('asg-ann', '{}', 'asg-a') AS again;
SELECT * FROM assignment_list WHERE user_id = 'asg-ann';

-- Disable and enable, known or not
SELECT tacl_disable_user('asg-ann'), tacl_disable_user('asg-ann') AS again, tacl_disable_user(42);
SELECT user_id, disabled_at <= now() AS disabled FROM tacl.user_account WHERE user_id IN ('asg-ann', '42') ORDER BY user_id;
SELECT tacl_enable_user('asg-ann'), tacl_enable_user('asg-ann') AS again, tacl_enable_user('asg-nobody'), tacl_disable_user('asg-ann');
SELECT tacl_disable_user(NULL);
SELECT tacl_enable_user('');

-- Nothing is written by a call that changes nothing
BEGIN;
SELECT tacl_assign('asg-bob', 'asg-viewer', 'asg-a1'), tacl_unassign('asg-bob', 'asg-viewer', '*'), tacl_grant('asg-ann', 'orders.*', 'asg-a'), tacl_revoke('asg-ann', 'orders.view', 'asg-a'),
       tacl_sync_roles('asg-bob', '{asg-viewer}', 'asg-a1'), tacl_disable_user('asg-ann'), tacl_enable_user('asg-bob');
SELECT pg_current_xact_id_if_assigned() IS NULL AS wrote_nothing;
COMMIT;

-- Clean up
DELETE FROM tacl.assignment WHERE user_id ~ '^asg-';
DELETE FROM tacl.user_account WHERE user_id IN ('asg-ann', '42');
SELECT tacl_drop_tenant(id, true) FROM tacl.tenant WHERE id IN ('asg-a', 'asg-b', '471101');
SELECT tacl_drop_role(name) FROM tacl.role WHERE name ~ '^asg-';
DROP VIEW assignment_list;
