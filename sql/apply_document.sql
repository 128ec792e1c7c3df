-- Apply: a document that is wrong changes nothing, and the error says where.
\set SHOW_CONTEXT never

SELECT tacl_create_tenant('doc-a'), tacl_define_role('doc-role', '{x}', 'doc-a'), tacl_create_group('doc-group', 'doc-a');
CREATE TEMPORARY TABLE before AS SELECT e FROM tacl_export() AS e;

-- No document
SELECT * FROM tacl_apply(NULL);
SELECT * FROM tacl_apply('null');
SELECT * FROM tacl_apply('"roles"');
SELECT * FROM tacl_apply('[{"roles": []}, []]');
SELECT * FROM tacl_apply('[{}, 7]');

-- Sections
SELECT * FROM tacl_apply('{"rolls": []}');
SELECT * FROM tacl_apply('[{}, {"Roles \"new\"": []}]');
SELECT * FROM tacl_apply('{"roles": "viewer"}');
SELECT * FROM tacl_apply('{"roles": ["viewer"]}');
SELECT * FROM tacl_apply('{"roles": [[]]}');

-- Keys
SELECT * FROM tacl_apply('{"roles": [{"role": "doc-x"}, {"role": "doc-y", "name": "z"}]}');
SELECT * FROM tacl_apply('{"roles": [{"tenant": "*"}]}');
SELECT * FROM tacl_apply('{"roles": {"role": null}}');
SELECT * FROM tacl_apply('{"tenants": [{}]}');
SELECT * FROM tacl_apply('{"assignments": [{"user": "u", "role": "doc-role"}]}');

-- Names, patterns, permissions
SELECT * FROM tacl_apply('{"roles": [{"role": ""}]}');
SELECT * FROM tacl_apply('{"roles": [{"role": 7}]}');
SELECT * FROM tacl_apply('{"members": [{"user": "a\tb", "group": "doc-group", "tenant": "doc-a"}]}');
SELECT * FROM tacl_apply(jsonb_build_object('users', jsonb_build_object('user', repeat('ü', 200))));
SELECT * FROM tacl_apply('[{"roles": [{"role": "doc-x"}, {"role": "doc-y"}, {"role": "doc-z", "permissions": ["orders.view", "orders view"]}]}]');
SELECT * FROM tacl_apply('{"roles": [{"role": "doc-x", "permissions": ["a", null]}]}');
SELECT * FROM tacl_apply('{"roles": [{"role": "doc-x", "permissions": "a"}]}');
SELECT * FROM tacl_apply('{"roles": [{"role": "doc-x", "permissions": {"a": true}}]}');
SELECT * FROM tacl_apply('{"roles": [{"role": "doc-x", "description": ["a"]}]}');
SELECT * FROM tacl_apply('{"tenants": [{"id": "doc-x", "ceiling": ["orders.*", "!orders.delete"]}]}');
SELECT * FROM tacl_apply('{"tenants": [{"id": "doc-x", "suspended_at": "2030-01-01", "keeps": ["!a"]}]}');
SELECT * FROM tacl_apply('{"permissions": [{"name": "orders.*"}]}');
SELECT * FROM tacl_apply(jsonb_build_object('roles', jsonb_build_object('role', 'doc-x', 'permissions', (SELECT jsonb_agg('p' || i) FROM generate_series(1, 1001) AS i))));
SELECT * FROM tacl_apply(jsonb_build_object('groups', jsonb_build_object('group', 'doc-x', 'includes', (SELECT jsonb_agg('p' || i) FROM generate_series(1, 65) AS i))));

-- Times
SELECT * FROM tacl_apply('{"users": [{"user": "u", "disabled_at": "yesterday evening"}]}');
SELECT * FROM tacl_apply('{"users": [{"user": "u", "disabled_at": "2030-02-30"}]}');
SELECT * FROM tacl_apply('{"users": [{"user": "u", "disabled_at": "infinity"}]}');
SELECT * FROM tacl_apply('{"users": [{"user": "u", "disabled_at": "now"}]}');
SELECT * FROM tacl_apply('{"users": [{"user": "u", "disabled_at": "12:00 Tomorrow"}]}');
SELECT * FROM tacl_apply('{"users": [{"user": "u", "disabled_at": "294277-01-01"}]}');
SELECT * FROM tacl_apply('{"users": [{"user": "u", "disabled_at": "2030-01-01 00:00 Nowhere/Else"}]}');
SELECT * FROM tacl_apply('{"users": [{"user": "u", "disabled_at": 2030}]}');
SET TimeZone = 'America/New_York';
SELECT after FROM tacl_apply('{"users": [{"user": "u", "disabled_at": "2030-01-02 03:04"}, {"user": "v", "disabled_at": "2030-01-02T03:04:05.678901-05"}]}', true);
RESET TimeZone;

-- Keys that do not go together
SELECT * FROM tacl_apply('{"assignments": [{"tenant": "*", "role": "doc-role"}]}');
SELECT * FROM tacl_apply('{"assignments": [{"tenant": "*", "role": "doc-role", "user": "u", "group": "g"}]}');
SELECT * FROM tacl_apply('{"assignments": [{"tenant": "*", "user": "u"}]}');
SELECT * FROM tacl_apply('{"assignments": [{"tenant": "*", "user": "u", "role": "doc-role", "pattern": "x"}]}');
SELECT * FROM tacl_apply('{"assignments": [{"tenant": "*", "group": "g", "pattern": "x"}]}');
SELECT * FROM tacl_apply('{"assignments": [{"tenant": "*", "user": "u", "pattern": "x", "role_tenant": "*"}]}');
SELECT * FROM tacl_apply('{"assignments": [{"tenant": "*", "user": "u", "pattern": "x", "group_tenant": "*"}]}');
SELECT * FROM tacl_apply('{"assignments": [{"tenant": "*", "user": "u", "pattern": "x", "starts_at": "2030-01-01", "expires_at": "2030-01-01"}]}');
SELECT * FROM tacl_apply('{"tenants": [{"id": "doc-x", "keeps": []}]}');
SELECT * FROM tacl_apply('{"tenants": [{"id": "*"}]}');

-- Twice the same
SELECT * FROM tacl_apply('[{"roles": [{"role": "doc-x"}, {"role": "doc-y"}]}, {"roles": {"role": "doc-x", "tenant": "*", "permissions": ["a"]}}]');
SELECT * FROM tacl_apply('{"assignments": [{"user": "u", "role": "doc-role", "tenant": "doc-a"}, {"user": "v", "role": "doc-role", "tenant": "doc-a"}, {"user": "u", "role": "doc-role", "role_tenant": "doc-a", "tenant": "doc-a", "expires_at": "2030-01-01"}]}');

-- References: to what is there, or will be, as far as the document says
SELECT * FROM tacl_apply('{"roles": [{"role": "doc-x", "tenant": "doc-none"}]}');
SELECT * FROM tacl_apply('{"tenants": [{"id": "doc-x", "parent": "doc-none"}]}');
SELECT * FROM tacl_apply('{"tenants": [{"id": "doc-x", "parent": "doc-a"}]}');
SELECT * FROM tacl_apply('{"tenants": [], "roles": [{"role": "doc-x", "tenant": "doc-a"}]}');
SELECT * FROM tacl_apply('{"assignments": [{"user": "u", "role": "doc-role", "tenant": "*"}]}');
SELECT * FROM tacl_apply('{"assignments": [{"user": "u", "role": "doc-role", "role_tenant": "*", "tenant": "doc-a"}]}');
SELECT * FROM tacl_apply('{"roles": [], "assignments": [{"user": "u", "role": "doc-role", "tenant": "doc-a"}]}');
SELECT * FROM tacl_apply('{"assignments": [{"group": "doc-none", "role": "doc-role", "tenant": "doc-a"}]}');
SELECT * FROM tacl_apply('{"members": [{"user": "u", "group": "doc-group"}]}');
SELECT * FROM tacl_apply('{"roles": [{"role": "doc-x", "includes": ["doc-role"]}]}');
SELECT * FROM tacl_apply('{"roles": [{"role": "doc-x", "tenant": "doc-a", "includes": ["doc-x"]}]}');
SELECT * FROM tacl_apply('{"roles": [{"role": "doc-x", "includes": [{"role": "doc-role", "tenant": "doc-a"}]}]}');
SELECT * FROM tacl_apply('{"groups": [{"group": "doc-x", "includes": [{"group": "doc-group", "at": "doc-a"}]}]}');
SELECT * FROM tacl_apply('{"groups": [{"group": "doc-x", "includes": [{"tenant": "doc-a"}]}]}');
SELECT * FROM tacl_apply('{"groups": [{"group": "doc-x", "includes": [["a"]]}]}');

-- What only guards find
SELECT * FROM tacl_apply('{"users": [{"user": "doc-u"}], "roles": [{"role": "doc-x", "includes": ["doc-y"]}, {"role": "doc-y", "includes": ["doc-x"]}]}');
SELECT * FROM tacl_apply('{"users": [{"user": "doc-u"}], "tenants": [{"id": "doc-x", "parent": "doc-y"}, {"id": "doc-y", "parent": "doc-x"}], "roles": [], "groups": []}');
SELECT * FROM tacl_apply('{"users": [{"user": "doc-u"}], "assignments": [{"user": "u", "role": "doc-role", "role_tenant": "doc-a", "tenant": "*"}]}');

-- Nothing of all this happened
SELECT * FROM tacl_export() AS e EXCEPT TABLE before;
TABLE before EXCEPT SELECT * FROM tacl_export();

SELECT tacl_drop_tenant('doc-a', true);
