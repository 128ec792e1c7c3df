-- Roles: define (create or replace what is given), override, include, drop.
\set SHOW_CONTEXT never

CREATE VIEW role_list AS
SELECT r.tenant, r.name, r.permissions, r.description,
       (SELECT array_agg(i.tenant || '/' || i.name ORDER BY i.tenant, i.name)
        FROM tacl.role_include AS n JOIN tacl.role AS i ON i.id = n.included_id WHERE n.role_id = r.id) AS includes
FROM tacl.role AS r WHERE r.name ~ '^def-' ORDER BY r.tenant, r.name;
SELECT tacl_create_tenant('def-a'), tacl_create_tenant('def-a1', 'def-a'), tacl_create_tenant('def-b');

-- Create; the same again changes nothing
SELECT tacl_define_role('def-viewer', '{orders.view, reports.*}', description => 'May look'),
       tacl_define_role('def-viewer', '{orders.view, reports.*}', description => 'May look') AS again;
SELECT tacl_define_role('def-editor', '{orders.edit, !orders.delete}', 'def-a', '{def-viewer}'),
       tacl_define_role('def-editor', '{orders.edit, !orders.delete}', 'def-a', '{def-viewer, def-viewer}') AS again;
SELECT tacl_define_role('def-empty'), tacl_define_role('def-empty') AS again;
SELECT * FROM role_list;

-- What is omitted stays
SELECT tacl_define_role('def-viewer'), tacl_define_role('def-viewer', NULL, '*', NULL, NULL, NULL) AS again;
SELECT tacl_define_role('def-viewer', '{orders.view}'), tacl_define_role('def-viewer', description => 'Looks'),
       tacl_define_role('def-editor', tenant => 'def-a', includes => '{def-empty, def-viewer}');
SELECT * FROM role_list;
SELECT tacl_define_role('def-editor', '{}', 'def-a'), tacl_define_role('def-editor', NULL, 'def-a', '{}'), tacl_define_role('def-editor', '{}', 'def-a', '{}') AS again;
SELECT * FROM role_list WHERE name = 'def-editor';

-- A tenant of another type
SELECT tacl_create_tenant(471100);
SELECT tacl_define_role('def-number', '{orders.view}', 471100), tacl_drop_role('def-number', 471100), tacl_drop_tenant(471100);

-- Names, patterns, limits
SELECT tacl_define_role(NULL);
SELECT tacl_define_role('');
SELECT tacl_define_role('def-bad', tenant => NULL::text);
SELECT tacl_define_role('def-bad', '{orders view}');
SELECT tacl_define_role('def-bad', '{orders.view, NULL}');
SELECT tacl_define_role('def-bad', '{{orders.view}}');
SELECT tacl_define_role('def-bad', array_agg('p' || i)) FROM generate_series(1, 1001) AS i;
SELECT tacl_define_role('def-bad', '{}', '*', array_agg('def-' || i)) FROM generate_series(1, 65) AS i;
SELECT tacl_define_role('def-bad', '{}', '*', '{def-viewer, NULL}');
SELECT tacl_define_role('def-bad', '{}', 'def-none');

-- A name that is visible from above
SELECT tacl_define_role('def-viewer', '{orders.list}', 'def-a1');
SELECT tacl_define_role('def-viewer', '{orders.list}', 'def-a', override => true), tacl_define_role('def-viewer', '{orders.list}', 'def-a') AS again;
SELECT tacl_define_role('def-viewer', '{orders.list}', 'def-a1', override => false);
SELECT tacl_define_role('def-local', '{orders.list}', 'def-a1'), tacl_define_role('def-local', '{orders.list}', 'def-b'), tacl_define_role('def-local', '{orders.list}');
SELECT * FROM role_list WHERE name IN ('def-viewer', 'def-local');

-- Includes: nearest upwards; bound by id, whatever is defined later
SELECT tacl_define_role('def-lead', '{orders.lead}', 'def-a1', '{def-viewer, def-empty}');
SELECT tacl_define_role('def-viewer', '{orders.tiny}', 'def-a1', override => true);
SELECT * FROM role_list WHERE name = 'def-lead';
SELECT tacl_define_role('def-lead', NULL, 'def-a1', '{def-viewer, def-empty}');
SELECT * FROM role_list WHERE name = 'def-lead';

-- Its own name means the one above, also the second time
SELECT tacl_define_role('def-viewer', '{orders.list}', 'def-b', '{def-viewer}', override => true),
       tacl_define_role('def-viewer', '{orders.list}', 'def-b', '{def-viewer}', override => true) AS again;
SELECT * FROM role_list WHERE name = 'def-viewer' AND tenant = 'def-b';

-- Unknown: what may have been meant
SELECT tacl_define_role('def-bad', '{}', 'def-a', '{def-veiwer}');
SELECT tacl_define_role('def-bad', '{}', 'def-b', '{def-lead}');
SELECT tacl_define_role('def-bad', '{}', 'def-b', '{nothing like it}');

-- Cycles, and nothing of them remains
SELECT tacl_define_role('def-viewer', includes => '{def-viewer}');
SELECT tacl_define_role('def-new', '{orders.new}', includes => '{def-new}');
SELECT tacl_define_role('def-x', '{x}'), tacl_define_role('def-y', '{y}', includes => '{def-x}'), tacl_define_role('def-z', '{z}', includes => '{def-y}');
SELECT tacl_define_role('def-x', '{changed}', includes => '{def-z}');
SELECT * FROM role_list WHERE name IN ('def-new', 'def-x', 'def-y', 'def-z');

-- Drop: refused while in use; unknown is no error, but an unknown tenant is
SELECT tacl_assign('def-ann', 'def-y', 'def-a'), tacl_assign('def-bob', 'def-y', 'def-b');
SELECT tacl_drop_role('def-y');
SELECT tacl_drop_role('def-x');
SELECT tacl_drop_role('def-y', 'def-a'), tacl_drop_role('def-none') AS unknown;
SELECT tacl_drop_role('def-y', 'def-none');
SELECT tacl_drop_role('def-y', cascade => true), tacl_drop_role('def-y', cascade => true) AS again;
SELECT tacl_drop_role('def-x'), tacl_drop_role('def-z');
SELECT count(*) FROM tacl.assignment WHERE user_id ~ '^def-';

-- Nothing is written by a call that changes nothing
BEGIN;
SELECT tacl_define_role('def-lead', '{orders.lead}', 'def-a1', '{def-empty, def-viewer}'), tacl_define_role('def-viewer', description => 'Looks'), tacl_drop_role('def-none');
SELECT pg_current_xact_id_if_assigned() IS NULL AS wrote_nothing;
SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'ExclusiveLock' AND locktype = 'object';
COMMIT;

-- Clean up
SELECT tacl_drop_tenant('def-a', true), tacl_drop_tenant('def-b', true);
SELECT tacl_drop_role(name, cascade => true) FROM tacl.role WHERE name ~ '^def-';
DROP VIEW role_list;
