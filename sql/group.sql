-- Groups: create, members, includes, assignments, drop.
\set SHOW_CONTEXT never

CREATE VIEW group_list AS
SELECT g.tenant, g.name, g.description,
       (SELECT array_agg(m.user_id ORDER BY m.user_id) FROM tacl.group_member AS m WHERE m.group_id = g.id) AS members,
       (SELECT array_agg(i.tenant || '/' || i.name ORDER BY i.tenant, i.name)
        FROM tacl.group_include AS n JOIN tacl.user_group AS i ON i.id = n.included_id WHERE n.group_id = g.id) AS includes,
       (SELECT array_agg(a.tenant || ':' || r.tenant || '/' || r.name || coalesce(' until ' || extract(year FROM a.expires_at), '') ORDER BY a.tenant, r.tenant, r.name)
        FROM tacl.assignment AS a JOIN tacl.role AS r ON r.id = a.role_id WHERE a.group_id = g.id) AS roles
FROM tacl.user_group AS g WHERE g.name ~ '^grp-' ORDER BY g.tenant, g.name;
SELECT tacl_create_tenant('grp-a'), tacl_create_tenant('grp-a1', 'grp-a'), tacl_create_tenant('grp-b');
SELECT tacl_define_role('grp-viewer', '{orders.view}'), tacl_define_role('grp-editor', '{orders.edit}', 'grp-a1');

-- Create; the same again changes nothing, another description does
SELECT tacl_create_group('grp-staff', 'grp-a'), tacl_create_group('grp-staff', 'grp-a') AS again;
SELECT tacl_create_group('grp-staff', 'grp-a', 'All of them'), tacl_create_group('grp-staff', 'grp-a', 'All of them') AS again, tacl_create_group('grp-staff', 'grp-a') AS again;
SELECT tacl_create_group('grp-staff', 'grp-b', 'Others'), tacl_create_group('grp-staff', '*'), tacl_create_group('grp-crew', 'grp-a1');
SELECT * FROM group_list;
SELECT tacl_create_group(NULL, 'grp-a');
SELECT tacl_create_group('', 'grp-a');
SELECT tacl_create_group('grp-bad', NULL);
SELECT tacl_create_group('grp-bad', 'grp-none');

-- Members: of a group of the tenant itself
SELECT tacl_add_member('grp-ann', 'grp-staff', 'grp-a'), tacl_add_member('grp-ann', 'grp-staff', 'grp-a') AS again, tacl_add_member('grp-bob', 'grp-staff', 'grp-a'), tacl_add_member('grp-cat', 'grp-crew', 'grp-a1');
SELECT tacl_remove_member('grp-bob', 'grp-staff', 'grp-a'), tacl_remove_member('grp-bob', 'grp-staff', 'grp-a') AS again, tacl_remove_member('grp-dan', 'grp-crew', 'grp-a1');
SELECT tacl_add_member('grp-ann', 'grp-crew', 'grp-a');
SELECT tacl_add_member('grp-ann', 'grp-staff', 'grp-a1');
SELECT tacl_add_member('grp-ann', 'grp-stuff', 'grp-a');
SELECT tacl_remove_member('grp-ann', 'nothing like it', 'grp-a');
SELECT tacl_remove_member('grp-ann', 'grp-staff', 'grp-none');
SELECT tacl_add_member(NULL, 'grp-staff', 'grp-a');

-- Includes: nearest upwards, bound by id; its own name means the one above
SELECT tacl_include_group('grp-crew', 'grp-staff', 'grp-a1'), tacl_include_group('grp-crew', 'grp-staff', 'grp-a1') AS again;
SELECT tacl_include_group('grp-staff', 'grp-staff', 'grp-a'), tacl_include_group('grp-staff', 'grp-staff', 'grp-a') AS again;
SELECT * FROM group_list;
SELECT tacl_include_group('grp-staff', 'grp-staff', '*');
SELECT tacl_include_group('grp-staff', 'grp-crew', 'grp-a');
SELECT tacl_create_group('grp-x', 'grp-a'), tacl_create_group('grp-y', 'grp-a'), tacl_create_group('grp-z', 'grp-a');
SELECT tacl_include_group('grp-x', 'grp-y', 'grp-a'), tacl_include_group('grp-y', 'grp-z', 'grp-a');
SELECT tacl_include_group('grp-z', 'grp-x', 'grp-a');

-- Exclude: every include of the name
SELECT tacl_create_group('grp-staff', 'grp-a1');
SELECT tacl_include_group('grp-crew', 'grp-staff', 'grp-a1');
SELECT * FROM group_list WHERE name = 'grp-crew';
SELECT tacl_exclude_group('grp-crew', 'grp-staff', 'grp-a1'), tacl_exclude_group('grp-crew', 'grp-staff', 'grp-a1') AS again;
SELECT * FROM group_list WHERE name = 'grp-crew';
SELECT tacl_exclude_group('grp-crew', 'grp-none', 'grp-a1');
SELECT tacl_exclude_group('grp-none', 'grp-staff', 'grp-a1');

-- Assign: group and role nearest upwards; a member may, until the group or the member may not
SELECT tacl_assign_group('grp-crew', 'grp-editor', 'grp-a1'), tacl_assign_group('grp-crew', 'grp-editor', 'grp-a1') AS again;
SELECT tacl_assign_group('grp-staff', 'grp-viewer', 'grp-b', '2100-06-01'), tacl_assign_group('grp-staff', 'grp-viewer', 'grp-b', '2100-06-01', '-infinity') AS again;
SELECT tacl_can('grp-cat', 'orders.edit', 'grp-a1') AS cat, tacl_can('grp-ann', 'orders.edit', 'grp-a1') AS ann;
SELECT tacl_include_group('grp-crew', 'grp-staff', 'grp-a1'), tacl_exclude_group('grp-crew', 'grp-staff', 'grp-a1');
SELECT tacl_assign_group('grp-x', 'grp-viewer', 'grp-a1'), tacl_add_member('grp-ann', 'grp-z', 'grp-a');
SELECT tacl_can('grp-ann', 'orders.view', 'grp-a1') AS ann, tacl_can('grp-ann', 'orders.view', 'grp-a') AS above;
SELECT * FROM group_list;
SELECT tacl_assign_group('grp-crew', 'grp-viewer', 'grp-a');
SELECT tacl_assign_group('grp-x', 'grp-editor', 'grp-a');
SELECT tacl_assign_group('grp-x', 'grp-viewer', 'grp-none');
SELECT tacl_assign_group('grp-x', 'grp-viewer', 'grp-a', '2000-01-01', '2000-01-01 00:00');

-- Unassign: every group and role of the names at the tenant itself
SELECT tacl_assign_group('grp-staff', 'grp-viewer', 'grp-a1'), tacl_drop_group('grp-staff', 'grp-a1');
SELECT tacl_assign_group('grp-staff', 'grp-viewer', 'grp-a1'), tacl_drop_group('grp-staff', 'grp-a1', true);
SELECT tacl_assign_group('grp-staff', 'grp-viewer', 'grp-a1'), tacl_create_group('grp-staff', 'grp-a1'), tacl_unassign_group('grp-staff', 'grp-viewer', 'grp-a1'), tacl_unassign_group('grp-staff', 'grp-viewer', 'grp-a1') AS again;
SELECT tacl_unassign_group('grp-staff', 'grp-none', 'grp-a1');
SELECT tacl_unassign_group('grp-none', 'grp-viewer', 'grp-a1');
SELECT tacl_unassign_group('grp-staff', 'grp-viewer', 'grp-none');

-- Drop
SELECT tacl_drop_group('grp-x', 'grp-a');
SELECT tacl_drop_group('grp-x', 'grp-a', cascade => true), tacl_drop_group('grp-x', 'grp-a', cascade => true) AS again, tacl_drop_group('grp-z', 'grp-a');
SELECT tacl_drop_group('grp-x', 'grp-none');
SELECT tacl_can('grp-ann', 'orders.view', 'grp-a1') AS ann;
SELECT * FROM group_list;

-- Nothing is written by a call that changes nothing
BEGIN;
SELECT tacl_create_group('grp-staff', 'grp-a', 'All of them'), tacl_add_member('grp-ann', 'grp-staff', 'grp-a'), tacl_remove_member('grp-bob', 'grp-staff', 'grp-a'),
       tacl_include_group('grp-staff', 'grp-staff', 'grp-a'), tacl_exclude_group('grp-staff', 'grp-y', 'grp-a'), tacl_assign_group('grp-crew', 'grp-editor', 'grp-a1');
SELECT pg_current_xact_id_if_assigned() IS NULL AS wrote_nothing;
COMMIT;

-- Clean up
SELECT tacl_drop_tenant('grp-a', true), tacl_drop_tenant('grp-b', true), tacl_drop_group('grp-staff', '*'), tacl_drop_role('grp-viewer');
DROP VIEW group_list;
