-- The tree of tenants: create, move, limit, suspend, resume, drop.
\set SHOW_CONTEXT never

CREATE VIEW tenant_tree AS
SELECT id, parent, ceiling, suspended_at IS NOT NULL AS suspended, suspension_keeps AS keeps
FROM tacl.tenant WHERE id ~ '^tree-' ORDER BY id;

-- Create: under the root unless said otherwise; the same again changes nothing
SELECT tacl_create_tenant('tree-a'), tacl_create_tenant('tree-a') AS again;
SELECT tacl_create_tenant('tree-a1', 'tree-a'), tacl_create_tenant('tree-a2', parent => 'tree-a');
SELECT tacl_create_tenant('tree-a', '*') AS again, tacl_create_tenant('tree-a1', 'tree-a') AS again;
SELECT * FROM tenant_tree;

-- An id under another parent is an error, never "already there"
SELECT tacl_create_tenant('tree-a1');
SELECT tacl_create_tenant('tree-a1', 'tree-a2');

-- Ids of other types
SELECT tacl_create_tenant(4711), tacl_create_tenant(4711::bigint) AS again, tacl_create_tenant('4711') AS again;
SELECT tacl_create_tenant('6d3c1b2a-0000-4000-8000-0000000000ff'::uuid, 4711);
SELECT tacl_drop_tenant('6D3C1B2A-0000-4000-8000-0000000000FF'::uuid), tacl_drop_tenant(4711::smallint);

-- Names and NULL
SELECT tacl_create_tenant(NULL);
SELECT tacl_create_tenant('tree-b', NULL);
SELECT tacl_create_tenant('');
SELECT tacl_create_tenant(E'tree\n');
SELECT tacl_create_tenant(repeat('x', 256));

-- Unknown: what may have been meant
SELECT tacl_create_tenant('tree-b', 'tree-aa');
SELECT tacl_create_tenant('tree-b', 'something else');
SELECT tacl_suspend_tenant('tree-a3');

-- The root
SELECT tacl_create_tenant('*');
SELECT tacl_move_tenant('*', 'tree-a');
SELECT tacl_limit_tenant('*', '{orders.*}');
SELECT tacl_suspend_tenant('*');
SELECT tacl_resume_tenant('*');
SELECT tacl_drop_tenant('*');
SELECT tacl_drop_tenant('*', cascade => true);

-- Ceiling: as given, and NULL removes it
SELECT tacl_limit_tenant('tree-a', '{orders.*, billing.view}'), tacl_limit_tenant('tree-a', '{orders.*, billing.view}') AS again;
SELECT tacl_limit_tenant('tree-a1', '{}'), tacl_limit_tenant('tree-a1', '{}') AS again;
SELECT * FROM tenant_tree;
SELECT tacl_limit_tenant('tree-a', NULL), tacl_limit_tenant('tree-a', NULL) AS again, tacl_limit_tenant('tree-a1', NULL);
SELECT tacl_limit_tenant('tree-a', '{!orders.delete}');
SELECT tacl_limit_tenant('tree-a', '{orders..view}');
SELECT tacl_limit_tenant('tree-a', '{orders.view, NULL}');
SELECT tacl_limit_tenant('tree-a', array_agg('p' || i)) FROM generate_series(1, 1001) AS i;
SELECT tacl_limit_tenant('tree-none', NULL);

-- Suspension: other patterns kept are a change, but not of its time
SELECT tacl_suspend_tenant('tree-a'), tacl_suspend_tenant('tree-a') AS again, tacl_suspend_tenant('tree-a', '{}') AS again;
UPDATE tacl.tenant SET suspended_at = '2001-02-03 00:00+00' WHERE id = 'tree-a';
SELECT tacl_suspend_tenant('tree-a', keep => '{billing.*}'), tacl_suspend_tenant('tree-a', '{billing.*}') AS again;
SELECT * FROM tenant_tree;
SELECT suspended_at = '2001-02-03 00:00+00' AS same_time FROM tacl.tenant WHERE id = 'tree-a';
SELECT tacl_suspend_tenant('tree-a', '{!billing.*}');
SELECT tacl_resume_tenant('tree-a'), tacl_resume_tenant('tree-a') AS again;
SELECT tacl_resume_tenant('tree-none');

-- Move
SELECT tacl_create_tenant('tree-b');
SELECT tacl_move_tenant('tree-a1', 'tree-b'), tacl_move_tenant('tree-a1', 'tree-b') AS again;
SELECT tacl_move_tenant('tree-b', 'tree-a');
SELECT * FROM tenant_tree;
SELECT tacl_move_tenant('tree-a', 'tree-a');
SELECT tacl_move_tenant('tree-a', 'tree-a1');
SELECT tacl_move_tenant('tree-none', 'tree-a');
SELECT tacl_move_tenant('tree-a', 'tree-none');

-- Drop: refused while in use; roles and groups go along; unknown is no error
SELECT tacl_define_role('tree-viewer', '{orders.view}', 'tree-b'), tacl_define_role('tree-editor', '{orders.edit}', 'tree-b', '{tree-viewer}');
SELECT tacl_create_group('tree-staff', 'tree-b'), tacl_add_member('tree-ann', 'tree-staff', 'tree-b');
SELECT tacl_assign('tree-ann', 'tree-editor', 'tree-b'), tacl_assign_group('tree-staff', 'tree-viewer', 'tree-a1'), tacl_grant('tree-ann', 'orders.edit', 'tree-b');
SELECT tacl_drop_tenant('tree-b');
SELECT tacl_drop_tenant('tree-a1');
SELECT tacl_drop_tenant('tree-a', false);
SELECT tacl_unassign('tree-ann', 'tree-editor', 'tree-b'), tacl_unassign_group('tree-staff', 'tree-viewer', 'tree-a1'),
       tacl_revoke('tree-ann', 'orders.edit', 'tree-b'), tacl_drop_tenant('tree-a1');
SELECT tacl_drop_tenant('tree-b'), tacl_drop_tenant('tree-b') AS again, tacl_drop_tenant('tree-b', true) AS again;
SELECT count(*) FROM tacl.role WHERE name ~ '^tree-';

-- Drop with all below
SELECT tacl_create_tenant('tree-a21', 'tree-a2'), tacl_create_tenant('tree-c');
SELECT tacl_define_role('tree-viewer', '{orders.view}', 'tree-a'), tacl_define_role('tree-editor', '{orders.edit}', 'tree-a21', '{tree-viewer}'),
       tacl_define_role('tree-viewer', '{orders.view}', 'tree-c');
SELECT tacl_create_group('tree-staff', 'tree-a'), tacl_create_group('tree-crew', 'tree-a21'), tacl_include_group('tree-crew', 'tree-staff', 'tree-a21'),
       tacl_add_member('tree-ann', 'tree-staff', 'tree-a');
SELECT tacl_assign('tree-ann', 'tree-viewer', t) FROM unnest('{tree-a, tree-a2, tree-c}'::text[]) AS t;
SELECT tacl_assign_group('tree-staff', 'tree-editor', 'tree-a21');
SELECT tacl_drop_tenant('tree-a', cascade => true), tacl_drop_tenant('tree-a', cascade => true) AS again;
SELECT * FROM tenant_tree;
SELECT tenant, name FROM tacl.role WHERE name ~ '^tree-';
SELECT user_id, tenant FROM tacl.assignment WHERE tenant ~ '^tree-' OR user_id ~ '^tree-';

-- Nothing is written by a call that changes nothing, not even a row lock
BEGIN;
SELECT tacl_create_tenant('tree-c'), tacl_move_tenant('tree-c', '*'), tacl_limit_tenant('tree-c', NULL), tacl_resume_tenant('tree-c'), tacl_drop_tenant('tree-d');
SELECT pg_current_xact_id_if_assigned() IS NULL AS wrote_nothing;
COMMIT;

-- Read only
BEGIN READ ONLY;
SELECT tacl_create_tenant('tree-c');
ROLLBACK;

-- Clean up
SELECT tacl_drop_tenant('tree-c', true);
DROP VIEW tenant_tree;
