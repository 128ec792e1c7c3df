-- Why the answer is what it is: tacl_explain().
\set SHOW_CONTEXT never
SET jit = off;
\pset null ~
SET timezone = 'UTC';
SET datestyle = 'ISO';

SELECT tacl_create_tenant('ex-acme'), tacl_create_tenant('ex-acme/eu', 'ex-acme'), tacl_create_tenant('ex-acme/eu/de', 'ex-acme/eu'), tacl_create_tenant('ex-globex');
SELECT tacl_define_role('ex-admin', '{*}'), tacl_define_role('ex-viewer', '{x.y,orders.view,orders.*}'), tacl_define_role('ex-c', '{deep.view}', 'ex-acme', includes => '{ex-viewer}'), tacl_define_role('ex-b', '{}', 'ex-acme', includes => '{ex-c}'),
       tacl_define_role('ex-a', '{own.view,!own.delete}', 'ex-acme', includes => '{ex-b,ex-viewer}'), tacl_define_role('ex-never', '{!orders.delete}', 'ex-acme/eu');

-- What a row says, and the verdict, in few columns
CREATE FUNCTION pg_temp.why(user_id text, permission text, tenant text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', CASE WHEN decided THEN '*' ELSE ' ' END, kind, role || ' of ' || defined_at, pattern, effect, '@' || assigned_at, 'group ' || through_group, 'through ' || through_role, 'from ' || starts_at, 'to ' || expires_at, 'cut by ' || cut_by, ': ' || reason)
    FROM tacl_explain(user_id, permission, tenant)
$$;
-- Explanations and checks agree; a row that decided is there exactly if there is something to say
CREATE TEMP VIEW difference AS
SELECT u, p, t, e.* FROM unnest('{ex-ann,ex-bob,ex-cat,ex-dan,ex-eve,ex-fay,ex-gil,ex-hal,ex-off,ex-nobody}'::text[]) AS u, unnest('{orders.view,orders.delete,own.view,own.delete,deep.view,x.y,tacl.assign}'::text[]) AS p, unnest('{*,ex-acme,ex-acme/eu,ex-acme/eu/de,ex-globex,nowhere}'::text[]) AS t,
     LATERAL (SELECT count(*) FILTER (WHERE kind = 'verdict') AS verdicts, bool_or(effect = 'allow') FILTER (WHERE kind = 'verdict') AS allowed, bool_or(decided AND effect = 'allow') FILTER (WHERE kind <> 'verdict') AS allows, bool_or(decided AND effect = 'deny') FILTER (WHERE kind <> 'verdict') AS denies,
              array_agg(kind || coalesce(assigned_at, '')) AS shown FROM tacl_explain(u, p, t)) AS e
WHERE verdicts <> 1 OR allowed <> tacl_can(u, p, t) OR allowed <> coalesce(allows, false) OR allowed AND denies OR shown[cardinality(shown)] <> 'verdict';

-- All columns: by a role, through includes several levels deep by the shortest way, by a group, by a grant
SELECT tacl_assign('ex-ann', 'ex-a', 'ex-acme', '2100-01-01', '2000-01-01'), tacl_grant('ex-ann', 'orders.view', 'ex-acme/eu'), tacl_create_group('ex-crew', 'ex-acme'), tacl_create_group('ex-inner', '*'), tacl_include_group('ex-crew', 'ex-inner', 'ex-acme'), tacl_add_member('ex-ann', 'ex-inner', '*'), tacl_assign_group('ex-crew', 'ex-c', 'ex-acme/eu/de');
SELECT * FROM tacl_explain('ex-ann', 'deep.view', 'ex-acme/eu/de') \gx
SELECT pg_temp.why('ex-ann', 'orders.view', 'ex-acme/eu/de');
SELECT pg_temp.why('ex-ann', 'own.view', 'ex-acme/eu');
-- Denied by a role that would allow as well, by a grant from above, and both; an allow has not decided then
SELECT pg_temp.why('ex-ann', 'own.delete', 'ex-acme');
SELECT tacl_assign('ex-bob', 'ex-admin', 'ex-acme'), tacl_assign('ex-bob', 'ex-never', 'ex-acme/eu'), tacl_grant('ex-bob', '!orders.*', 'ex-acme'), tacl_grant('ex-bob', '!tacl.*', '*');
SELECT pg_temp.why('ex-bob', 'orders.delete', 'ex-acme/eu');
SELECT pg_temp.why('ex-bob', 'orders.view', 'ex-acme/eu/de');
SELECT pg_temp.why('ex-bob', 'tacl.assign', '*');
-- Nothing matches, also at the root; a star does not match the reserved
SELECT pg_temp.why('ex-bob', 'orders.view', 'ex-globex') UNION ALL SELECT pg_temp.why('ex-bob', 'orders.view', '*') UNION ALL SELECT pg_temp.why('ex-nobody', 'orders.view', 'ex-acme');
SELECT tacl_assign('ex-cat', 'ex-admin', '*');
SELECT pg_temp.why('ex-cat', 'tacl.assign', 'ex-acme');
-- Not in time: what began and ended counts for nothing, a deny neither
SELECT tacl_assign('ex-dan', 'ex-admin', 'ex-acme', '2000-01-01 12:00'), tacl_grant('ex-dan', '!x.y', 'ex-acme', '2000-01-01'), tacl_assign('ex-dan', 'ex-viewer', 'ex-acme/eu', '2100-01-01', '2090-01-01'), tacl_grant('ex-dan', 'own.view', 'ex-acme/eu', NULL, '2090-01-01');
SELECT pg_temp.why('ex-dan', 'x.y', 'ex-acme/eu') UNION ALL SELECT pg_temp.why('ex-dan', 'own.view', 'ex-acme/eu') UNION ALL SELECT pg_temp.why('ex-dan', 'deep.view', 'ex-acme');
-- Disabled: what would be allowed is shown, and decides nothing
SELECT tacl_assign('ex-off', 'ex-admin', 'ex-acme'), tacl_disable_user('ex-off');
SELECT pg_temp.why('ex-off', 'x.y', 'ex-acme') UNION ALL SELECT pg_temp.why('ex-off', 'x.y', 'nowhere');
-- No such tenant; nothing to ask about
SELECT pg_temp.why('ex-cat', 'x.y', 'nowhere');
SELECT n, w FROM (VALUES (1, NULL, 'x.y', 'ex-acme'), (2, '', 'x.y', 'ex-acme'), (3, 'ex-cat', NULL, 'ex-acme'), (4, 'ex-cat', '', 'ex-acme'), (5, 'ex-cat', 'x.y', NULL), (6, 'ex-cat', 'x.y', ''), (7, repeat('x', 256), 'x.y', 'ex-acme'), (8, 'ex-cat', 'x.y', repeat('x', 256))) AS a (n, u, p, t), pg_temp.why(u, p, t) AS w ORDER BY n;

-- Ceilings and suspensions: which one it is, at the tenant or above; the nearest of several, and before what is not in time
SELECT tacl_assign('ex-eve', 'ex-admin', 'ex-acme/eu/de'), tacl_assign('ex-eve', 'ex-viewer', 'ex-acme', '2000-01-01'), tacl_limit_tenant('ex-acme', '{orders.*,own.*}'), tacl_limit_tenant('ex-acme/eu', '{orders.*}');
SELECT pg_temp.why('ex-eve', p, 'ex-acme/eu/de') FROM unnest('{orders.view,own.view,x.y}'::text[]) AS p;
SELECT tacl_suspend_tenant('ex-acme/eu', '{orders.view}'), tacl_suspend_tenant('ex-acme/eu/de', '{orders.*}');
SELECT pg_temp.why('ex-eve', p, 'ex-acme/eu/de') FROM unnest('{orders.view,orders.delete,own.view}'::text[]) AS p;
SELECT pg_temp.why('ex-cat', 'x.y', 'ex-acme/eu/de');
-- They do not soften a deny; what is assigned above decides as well
SELECT tacl_suspend_tenant('ex-acme/eu/de'), tacl_grant('ex-fay', '!orders.*', 'ex-acme/eu/de'), tacl_assign('ex-fay', 'ex-admin', '*'), tacl_assign('ex-fay', 'ex-admin', 'ex-acme/eu/de');
SELECT pg_temp.why('ex-fay', 'orders.view', 'ex-acme/eu/de') UNION ALL SELECT pg_temp.why('ex-fay', 'x.y', 'ex-acme/eu/de');
TABLE difference;
SELECT tacl_limit_tenant(t, NULL), tacl_resume_tenant(t) FROM unnest('{ex-acme,ex-acme/eu,ex-acme/eu/de}'::text[]) AS t;

-- What no guard has seen: a role and a group where they are not defined, and what refers to nothing
SET session_replication_role = replica;
INSERT INTO tacl.assignment (user_id, tenant, role_id) SELECT 'ex-gil', 'ex-globex', id FROM tacl.role WHERE name = 'ex-a';
INSERT INTO tacl.assignment (user_id, tenant, role_id) VALUES ('ex-gil', 'ex-globex', 9000000000000000000);
INSERT INTO tacl.assignment (group_id, tenant, role_id) SELECT g.id, 'ex-globex', r.id FROM tacl.user_group AS g, tacl.role AS r WHERE g.name = 'ex-crew' AND r.name = 'ex-viewer';
INSERT INTO tacl.tenant (id, parent) VALUES ('ex-lost', 'ex-gone');
RESET session_replication_role;
SELECT pg_temp.why('ex-gil', p, 'ex-globex') FROM unnest('{own.view,own.delete,x.z}'::text[]) AS p;
SELECT pg_temp.why('ex-ann', 'x.y', 'ex-globex');
SELECT pg_temp.why('ex-cat', 'x.y', 'ex-lost');
TABLE difference;
DELETE FROM tacl.assignment WHERE tenant = 'ex-globex' AND role_id IS NOT NULL;
DELETE FROM tacl.tenant WHERE id = 'ex-lost';

-- Own changes and their rollback; the active tenant, else the root
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT pg_temp.why('ex-cat', 'x.y', 'ex-globex');
SELECT tacl_unassign('ex-cat', 'ex-admin', '*'), tacl_grant('ex-cat', 'x.*', 'ex-globex');
SELECT pg_temp.why('ex-cat', 'x.y', 'ex-globex');
ROLLBACK;
SELECT kind, role, reason FROM tacl_explain('ex-cat', 'x.y');
SET app.tenant = 'ex-acme/eu';
SELECT kind, role, reason FROM tacl_explain('ex-bob', 'x.y');
RESET app.tenant;
-- Many at once, with a LIMIT; in an exception block
SELECT count(*), count(DISTINCT reason) FROM generate_series(1, 500) AS i, LATERAL (SELECT * FROM tacl_explain('ex-' || i, 'x.y', 'ex-acme') LIMIT 1) AS e;
DO $$
DECLARE
    e record;
BEGIN
    FOR e IN SELECT * FROM tacl_explain('ex-bob', 'orders.view', 'ex-acme') LOOP
        BEGIN
            PERFORM tacl_revoke('ex-bob', '!orders.*', 'ex-acme'), tacl_explain('ex-bob', 'orders.*', 'ex-acme');
        EXCEPTION WHEN invalid_parameter_value THEN
            RAISE NOTICE '%: %', e.kind, sqlerrm;
        END;
    END LOOP;
END $$;
TABLE difference;

-- Ids of other types; names as they are; what cannot be asked
CREATE DOMAIN pg_temp.org AS bigint;
SELECT tacl_create_tenant('42'), tacl_create_tenant('ex-É"''\%s#{}', '42'), tacl_limit_tenant('ex-É"''\%s#{}', '{}'), tacl_define_role('ex"É''\%d', '{a:b.*}', '42'), tacl_assign(7, 'ex"É''\%d', 42), tacl_assign(7, 'ex"É''\%d', 'ex-É"''\%s#{}'), tacl_grant('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a15', '!a:b.c', '42');
SELECT role, assigned_at, cut_by, reason FROM tacl_explain(7, 'a:b.c', 'ex-É"''\%s#{}');
SELECT reason FROM tacl_explain('7'::varchar, 'a:b.c', 42::pg_temp.org) UNION ALL SELECT reason FROM tacl_explain('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a15'::uuid, 'a:b.c', '42');
SELECT tacl_explain('nobody', 'orders.*', 'nowhere');
SELECT tacl_explain(NULL, 'a b', NULL);
SELECT tacl_explain(1.5, 'x.y', 'ex-acme');
SELECT tacl_explain('ex-ann', 'x.y', true);

SELECT tacl_drop_tenant(t, true) FROM unnest('{ex-acme,ex-globex,42}'::text[]) AS t;
SELECT tacl_revoke('ex-bob', '!tacl.*', '*'), tacl_drop_group('ex-inner', '*', true);
SELECT tacl_drop_role(r, '*', true) FROM unnest('{ex-admin,ex-viewer}'::text[]) AS r;
DELETE FROM tacl.user_account WHERE user_id ^@ 'ex-';
SELECT count(*) FROM tacl.assignment WHERE user_id ^@ 'ex-';
