-- Indexes and columns of the tables that are not what the script made: slower,
-- or a clear error, but never another answer.
SET client_min_messages = warning;
SELECT tacl_create_tenant('si-top'), tacl_create_tenant('si', 'si-top'), tacl_define_role('si-a', '{x.a}'), tacl_define_role('si-b', '{x.b}'), tacl_create_group('si-g', 'si');
SELECT count(tacl_assign('si-' || n, CASE WHEN n % 2 = 0 THEN 'si-a' ELSE 'si-b' END, CASE WHEN n < 4 THEN 'si' ELSE 'si-top' END)) AS assigned,
    count(tacl_grant('si-' || n, CASE WHEN n % 3 = 0 THEN '!x.a' ELSE 'x.a' END, 'si')) AS granted
FROM generate_series(1, 6) AS n;
SELECT tacl_add_member('si-7', 'si-g', 'si'), tacl_assign_group('si-g', 'si-a', 'si'), tacl_grant('si-7', '!x.b', 'si');

-- Every answer and list, in one line
CREATE FUNCTION pg_temp.said() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tacl_flush();
    RETURN (SELECT string_agg(user_id, ' ' ORDER BY user_id) FROM tacl_users('x.a', 'si'))
        || ' / ' || (SELECT string_agg('si-' || n, ' ' ORDER BY n) FROM generate_series(1, 9) AS n WHERE tacl_can('si-' || n, 'x.a', 'si'))
        || ' / ' || (SELECT count(*) FROM tacl_members('si'))
        || ' / ' || (SELECT string_agg(tenant, ' ') FROM tacl_tenants('si-4', 'x.a'));
END
$$;
CREATE TABLE said AS SELECT pg_temp.said() AS text;
TABLE said;

-- None expected to differ
CREATE FUNCTION pg_temp.with_index(name text, definition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    BEGIN
        EXECUTE format('DROP INDEX tacl.%I', name);
        EXECUTE format('CREATE INDEX %I ON tacl.%s', name, definition);
        answer := pg_temp.said();
        RAISE EXCEPTION USING ERRCODE = 'TA001';
    EXCEPTION WHEN SQLSTATE 'TA001' THEN
        RETURN CASE WHEN answer = (SELECT text FROM said) THEN 'the same' ELSE answer END;
    END;
END
$$;
SELECT name, definition, pg_temp.with_index(name, definition)
FROM (VALUES
    ('assignment_tenant_idx', 'assignment (tenant, role_id DESC, pattern)'),
    ('assignment_tenant_idx', 'assignment (tenant)'),
    ('assignment_tenant_idx', 'assignment (tenant, pattern, role_id)'),
    ('assignment_tenant_idx', 'assignment (tenant, role_id, pattern) WHERE user_id > ''si-3'''),
    ('assignment_tenant_idx', 'assignment (tenant text_pattern_ops, role_id, pattern)'),
    ('assignment_tenant_idx', 'assignment (tenant, role_id NULLS FIRST, pattern)'),
    ('assignment_tenant_idx', 'assignment USING hash (tenant)'),
    ('assignment_tenant_idx', 'assignment (tenant, role_id, pattern COLLATE "POSIX")'),
    ('assignment_tenant_idx', 'assignment (tenant, role_id, pattern, user_id)'),
    ('assignment_group_idx', 'assignment (group_id) WHERE role_id IS NULL'),
    ('group_member_group_idx', 'group_member (group_id) WHERE user_id < ''si-7'''),
    ('group_include_included_idx', 'group_include (included_id) WHERE group_id < 0'),
    ('tenant_parent_idx', 'tenant (parent) WHERE ceiling IS NOT NULL'),
    ('tenant_parent_idx', 'role (tenant)')
) AS v (name, definition);

-- More columns than a scan has room for: an error, whichever way it goes
CREATE FUNCTION pg_temp.attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLERRM;
END
$$;
BEGIN;
DO $$
BEGIN
    FOR i IN 1..40 LOOP
        EXECUTE format('ALTER TABLE tacl.assignment ADD x%s integer DEFAULT 7', i);
    END LOOP;
END
$$;
SELECT statement, pg_temp.attempt('SELECT ' || statement)
FROM unnest(ARRAY['tacl_can(''si-1'', ''x.a'', ''si'')', 'tacl_users(''x.a'', ''si'')', 'tacl_members(''si'')', 'tacl_assign(''si-1'', ''si-a'', ''si'')']) AS statement;
ROLLBACK;
SELECT pg_temp.said() = text AS the_same FROM said;

SELECT tacl_drop_tenant('si-top', true), tacl_drop_role('si-a', '*', true), tacl_drop_role('si-b', '*', true);
DROP TABLE said;
