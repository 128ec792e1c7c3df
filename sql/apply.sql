-- Apply: makes the sections that a document names equal to it, and says what differed.
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on

-- From nothing, whatever is there; undone at the end
BEGIN;
SELECT count(*) >= 0 AS emptied FROM tacl_apply('{"permissions": [], "tenants": [], "roles": [], "groups": [], "members": [], "users": [], "assignments": [], "preferences": []}');

-- All sections at once; what is left out means the root, the nearest definition, no limit
SELECT * FROM tacl_apply($${
    "permissions": [{"name": "orders.view", "description": "See orders"}, {"name": "orders.edit"}],
    "tenants": [{"id": "app-a1", "parent": "app-a"}, {"id": "app-a", "ceiling": ["orders.*", "billing.*"]},
                {"id": "app-b", "suspended_at": "2031-01-01 00:00:00+01"}],
    "roles": [{"role": "viewer", "permissions": ["*.view"], "description": "Looks"},
              {"role": "viewer", "tenant": "app-a", "permissions": ["orders.list"], "includes": ["viewer"]},
              {"role": "lead", "tenant": "app-a1", "includes": ["viewer", {"role": "viewer", "tenant": "*"}, "viewer"]}],
    "groups": [{"group": "crew", "tenant": "app-a", "includes": ["shift"]}, {"group": "shift", "tenant": "app-a", "description": null}],
    "members": {"user": "ann", "group": "shift", "tenant": "app-a"},
    "users": [{"user": "eve", "disabled_at": "2029-01-01"}, {"user": "fay"}],
    "assignments": [{"user": "bob", "role": "viewer", "tenant": "app-a1"},
                    {"user": "bob", "role": "viewer", "role_tenant": "*", "tenant": "app-a1", "expires_at": "2030-06-30T12:00:00-01:00"},
                    {"group": "crew", "role": "lead", "tenant": "app-a1"},
                    {"user": "cid", "pattern": "!orders.delete", "tenant": "*", "starts_at": "2020-02-29 00:00:00.25"}],
    "preferences": {"user": "bob", "primary": "app-a"}
}$$);

-- It is what was asked for, and is exported as "after" said
SELECT tacl_can('bob', 'orders.view', 'app-a1') AS viewer, tacl_can('bob', 'orders.list', 'app-a1') AS list, tacl_can('bob', 'orders.view', 'app-a') AS above,
       tacl_can('ann', 'orders.list', 'app-a1') AS by_group, tacl_can('ann', 'users.view', 'app-a1') AS beyond_ceiling, tacl_can('eve', 'orders.view', '*') AS disabled;
SELECT * FROM tacl_export();
SELECT * FROM tacl_apply((SELECT jsonb_agg(e) FROM tacl_export() AS e));

-- Only the sections named: roles alone leave assignments alone; null is not named; an empty list is
SELECT * FROM tacl_apply('{"permissions": null, "members": null}');
SELECT * FROM tacl_apply('[]');
SELECT * FROM tacl_apply('{"permissions": [{"name": "orders.edit"}], "preferences": []}');

-- Update: permissions, includes and description in place; the validity of an assignment
CREATE TEMPORARY TABLE ids AS SELECT id, tenant, name FROM tacl.role UNION ALL SELECT id, user_id, tenant FROM tacl.assignment;
CREATE TEMPORARY TABLE document AS SELECT jsonb_agg(e) AS d FROM tacl_export() AS e WHERE e ?| '{roles, assignments}';
UPDATE document SET d = jsonb_path_query_array(d, '$[*] ? (!exists(@.assignments.user ? (@ == "cid")))')
    || '[{"assignments": {"user": "cid", "pattern": "!orders.delete", "tenant": "*", "expires_at": "2035-01-01"}}]';
UPDATE document SET d = jsonb_path_query_array(d, '$[*] ? (!(@.roles.tenant == "app-a"))')
    || '[{"roles": {"role": "viewer", "tenant": "app-a", "permissions": ["orders.list", "orders.view"], "description": "Lists"}}]';
SELECT * FROM tacl_apply((SELECT d FROM document));
SELECT (SELECT count(*) FROM (SELECT id, tenant, name FROM tacl.role UNION ALL SELECT id, user_id, tenant FROM tacl.assignment EXCEPT TABLE ids) AS x) AS new_ids,
       (SELECT count(*) FROM tacl.role_include) AS includes;

-- A dry run says the same, and does nothing
CREATE TEMPORARY TABLE said AS SELECT * FROM tacl_apply('{"assignments": {"user": "dan", "role": "viewer", "tenant": "app-b"}, "members": []}', dry_run => true);
SELECT operation, object FROM said;
SELECT count(*) FROM tacl.assignment AS a WHERE a.user_id = 'dan';
TABLE said EXCEPT ALL SELECT * FROM tacl_apply('{"assignments": {"user": "dan", "role": "viewer", "tenant": "app-b"}, "members": []}');
SELECT e FROM tacl_export() AS e WHERE e ?| '{assignments, members}';

-- What uses something goes before it, with it, in one document
SELECT operation, object, before, after FROM tacl_apply('{"roles": [{"role": "viewer"}], "assignments": [], "groups": {"group": "shift", "tenant": "app-a", "includes": ["crew"]}}');
SELECT operation, object, before, after FROM tacl_apply('{"roles": [{"role": "viewer"}], "groups": [{"group": "shift", "tenant": "app-a", "includes": ["crew"]}, {"group": "crew", "tenant": "app-a"}]}');
SELECT operation, object, before, after FROM tacl_apply('{"groups": [{"group": "shift", "tenant": "app-a"}, {"group": "crew", "tenant": "app-a", "includes": ["shift"]}]}');

-- Parents change places in one statement
SELECT operation, object FROM tacl_apply('{"tenants": [{"id": "app-a1"}, {"id": "app-a", "parent": "app-a1"}, {"id": "app-b", "parent": "app-new"}, {"id": "app-new", "parent": "app-a"}]}');
SELECT id, parent FROM tacl.tenant ORDER BY id;
SELECT operation, object FROM tacl_apply('{"tenants": [{"id": "app-a"}, {"id": "app-a1", "parent": "app-a"}], "groups": []}');
SELECT operation, object FROM tacl_apply('{"tenants": []}');

-- Hostile names
CREATE TEMPORARY TABLE made AS SELECT x.* FROM (SELECT jsonb_build_object('tenants', jsonb_agg(jsonb_build_object('id', n)), 'roles', jsonb_agg(jsonb_build_object('role', n, 'tenant', n, 'description', n)),
        'groups', jsonb_agg(jsonb_build_object('group', n, 'tenant', n)), 'members', jsonb_agg(jsonb_build_object('user', n, 'group', n, 'tenant', n)),
        'assignments', jsonb_agg(jsonb_build_object('user', n, 'role', n, 'tenant', n)) || jsonb_agg(jsonb_build_object('group', n, 'role', n, 'tenant', n))) AS document
    FROM unnest('{"o''brien", "say \"hi\"", "back\\slash", "{a,b}", "%s %1$s", "größe", " blanks ", "$1", "null", "''; DROP TABLE tacl.tenant; --"}'::text[]) AS n) AS d, tacl_apply(d.document) AS x;
SELECT object, after FROM made WHERE object ~ '^(member|assignment)' AND operation = 'create' AND after ->> 'user' ~ '[o%b]';
SELECT count(*) FROM tacl_export() AS x (e), jsonb_each(e) AS s (section, row) JOIN made AS m ON m.after = s.row;
SELECT * FROM tacl_apply((SELECT jsonb_agg(e) FROM tacl_export() AS e));
SELECT operation, count(*) FROM tacl_apply('{"tenants": [], "roles": [], "groups": [], "members": [], "assignments": []}') GROUP BY operation;

ROLLBACK;
