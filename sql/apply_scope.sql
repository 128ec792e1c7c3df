-- Apply: a document with a scope speaks of one tenant, or of all that is below it, and of nothing else.
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on

BEGIN;
SELECT tacl_create_tenant('sco-a'), tacl_create_tenant('sco-a1', 'sco-a'), tacl_create_tenant('sco-a11', 'sco-a1'), tacl_create_tenant('sco-b'), tacl_create_tenant('sco-b1', 'sco-b');
SELECT tacl_define_role('sco-viewer', '{*.view}'), tacl_define_role('sco-editor', '{orders.*}', 'sco-a', '{sco-viewer}'), tacl_define_role('sco-local', '{x}', 'sco-a1', '{sco-editor}'), tacl_define_role('sco-other', '{y}', 'sco-b', '{sco-viewer}');
SELECT tacl_create_group('sco-crew', 'sco-a'), tacl_create_group('sco-team', 'sco-a1'), tacl_create_group('sco-crew', 'sco-b'), tacl_include_group('sco-team', 'sco-crew', 'sco-a1'),
       tacl_add_member('ann', 'sco-crew', 'sco-a'), tacl_add_member('bob', 'sco-team', 'sco-a1'), tacl_add_member('ann', 'sco-crew', 'sco-b');
SELECT tacl_assign('ann', 'sco-viewer', '*'), tacl_assign('bob', 'sco-editor', 'sco-a'), tacl_assign('bob', 'sco-editor', 'sco-a11'), tacl_assign('cid', 'sco-local', 'sco-a1'), tacl_assign('cid', 'sco-other', 'sco-b1'), tacl_assign_group('sco-crew', 'sco-editor', 'sco-a1');
CREATE TEMPORARY TABLE before AS SELECT e FROM tacl_export() AS e;
CREATE TEMPORARY VIEW gone AS SELECT e FROM before EXCEPT SELECT * FROM tacl_export();
CREATE TEMPORARY VIEW come AS SELECT * FROM tacl_export() AS e EXCEPT SELECT e FROM before;

-- An export of a tenant applied again is nothing
SELECT * FROM tacl_apply((SELECT jsonb_agg(e) FROM tacl_export('sco-a1') AS e));

-- Only what is inside is dropped
SAVEPOINT start;
SELECT operation, object FROM tacl_apply('{"scope": "sco-a1", "tenants": {"id": "sco-a1", "parent": "sco-a"}, "roles": [], "groups": [], "members": [], "assignments": {"user": "dan", "role": "sco-editor", "tenant": "sco-a1"}}');
TABLE gone;
TABLE come;
ROLLBACK TO start;

-- All of it; the tenant itself, too
SELECT operation, object FROM tacl_apply('{"scope": "sco-a", "tenants": [], "roles": [], "groups": [], "members": [], "assignments": []}');
SELECT e FROM tacl_export() AS e WHERE e::text ~ 'sco-';
ROLLBACK TO start;

-- The tenant alone: role templates from a migration, customers keep theirs
SELECT operation, object, after FROM tacl_apply('[{"scope": "*", "below": false}, {"roles": [{"role": "sco-viewer", "permissions": ["*.view", "*.list"]}, {"role": "sco-new"}]}]') WHERE object ~ 'sco-';
TABLE gone;
TABLE come;
ROLLBACK TO start;
SELECT operation, object FROM tacl_apply('{"scope": "sco-a1", "below": false, "assignments": [], "members": []}');
TABLE gone;
ROLLBACK TO start;

-- A copy in another place, and one that is not there yet
SELECT operation, object FROM tacl_apply('{"scope": "sco-c", "tenants": [{"id": "sco-c1", "parent": "sco-c"}, {"id": "sco-c", "parent": "sco-b"}], "roles": {"role": "sco-c-role", "tenant": "sco-c"},
    "assignments": [{"user": "eve", "role": "sco-c-role", "tenant": "sco-c1"}, {"user": "eve", "role": "sco-other", "tenant": "sco-c1"}]}');
SELECT * FROM tacl_export('sco-c');
TABLE gone;

-- The tenant moves, with what is below it
SELECT operation, object, before, after FROM tacl_apply('{"scope": "sco-c", "tenants": [{"id": "sco-c1", "parent": "sco-c"}, {"id": "sco-c", "parent": "sco-b1"}]}');
SELECT operation, object, before, after FROM tacl_apply('{"scope": "sco-c", "tenants": [{"id": "sco-c1", "parent": "sco-c"}, {"id": "sco-c", "parent": "sco-a"}]}');
ROLLBACK TO start;

-- Naming what is outside
SELECT * FROM tacl_apply('{"scope": "sco-none", "roles": []}');
SELECT * FROM tacl_apply('{"scope": "", "roles": []}');
SELECT * FROM tacl_apply('{"scope": "sco-a", "roles": {"role": "sco-new"}}');
SELECT * FROM tacl_apply('{"scope": "sco-a", "roles": {"role": "sco-new", "tenant": "sco-b"}}');
SELECT * FROM tacl_apply('{"scope": "sco-a", "members": {"user": "u", "group": "sco-crew", "tenant": "sco-b"}}');
SELECT * FROM tacl_apply('{"scope": "sco-a", "assignments": {"user": "u", "role": "sco-viewer", "tenant": "*"}}');
SELECT * FROM tacl_apply('{"scope": "sco-a", "below": false, "assignments": {"user": "u", "role": "sco-viewer", "tenant": "sco-a1"}}');
SELECT * FROM tacl_apply('{"scope": "sco-a", "tenants": [{"id": "sco-a"}, {"id": "sco-b1", "parent": "sco-a"}]}');
SELECT * FROM tacl_apply('{"scope": "sco-a", "tenants": [{"id": "sco-a"}, {"id": "sco-a1", "parent": "sco-b"}]}');
SELECT * FROM tacl_apply('{"scope": "sco-a", "tenants": [{"id": "sco-a1", "parent": "sco-a"}]}');
SELECT * FROM tacl_apply('{"scope": "sco-a", "below": false, "tenants": [{"id": "sco-a"}, {"id": "sco-x", "parent": "sco-a"}]}');
SELECT * FROM tacl_apply('{"scope": "*", "below": false, "tenants": [{"id": "sco-a"}]}');
SELECT * FROM tacl_apply('{"scope": "sco-a", "tenants": [{"id": "sco-a", "parent": "sco-a1"}, {"id": "sco-a1", "parent": "sco-a"}], "roles": [], "groups": [], "members": [], "assignments": []}');
SELECT * FROM tacl_apply('{"scope": "sco-a", "users": []}');
SELECT * FROM tacl_apply('[{"permissions": []}, {"scope": "*"}]');
SELECT * FROM tacl_apply('[{"scope": "sco-a"}, {"scope": "sco-b"}]');
SELECT * FROM tacl_apply('[{"scope": "sco-a", "below": true}, {"scope": "sco-a", "below": false}]');
SELECT * FROM tacl_apply('{"below": false, "roles": []}');
SELECT * FROM tacl_apply('{"scope": "sco-a", "below": "no"}');
SELECT * FROM tacl_apply('[{"scope": "sco-a", "below": null}, {"scope": "sco-a"}, {"scope": null}]');

-- Dropping what is used by a section that is not named, or from outside; a dry run finds it as well
SELECT * FROM tacl_apply('{"scope": "sco-a", "roles": []}', true);
SELECT * FROM tacl_apply('{"scope": "sco-a", "roles": []}');
SELECT * FROM tacl_apply('{"scope": "sco-a", "below": false, "roles": [], "assignments": []}');
SELECT * FROM tacl_apply('{"scope": "sco-a", "groups": []}');
SELECT * FROM tacl_apply('{"scope": "sco-a", "groups": [], "members": []}');
SELECT * FROM tacl_apply('{"scope": "sco-a", "below": false, "groups": [], "members": [], "assignments": []}');
SELECT * FROM tacl_apply('{"scope": "sco-a", "tenants": [{"id": "sco-a"}]}');
SELECT * FROM tacl_apply('{"scope": "sco-a", "below": false, "tenants": [], "roles": [], "assignments": []}', true);
SELECT * FROM tacl_apply('{"tenants": [], "assignments": []}');
TABLE gone;
TABLE come;

ROLLBACK;
