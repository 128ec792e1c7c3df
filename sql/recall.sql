-- The same asked again about one user in tenant after tenant, which is answered
-- from what was answered before: as right as the first time, for everybody.
SELECT count(tacl_create_tenant('rcl-' || i)) FROM generate_series(1, 20) AS i;
SELECT tacl_define_role('rcl-viewer', '{orders.view, long.*}'), tacl_define_role('rcl-editor', '{orders.*}');
SELECT count(tacl_assign('rcl-ann', 'rcl-viewer', 'rcl-' || i)) FROM generate_series(1, 20, 2) AS i;
SELECT count(tacl_assign('rcl-bob', 'rcl-editor', 'rcl-' || i)) FROM generate_series(1, 20, 4) AS i;

-- In how many of the tenants may the user do this? Asked four times.
CREATE FUNCTION pg_temp.ask(who text, permission text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(DISTINCT n::text, ' then ') FROM (
        SELECT count(*) AS n FROM generate_series(0, 79) AS i
        WHERE tacl_can(who, permission, 'rcl-' || 1 + i % 20) GROUP BY i / 20) AS rounds
$$;

-- One after the other, and in turn: nobody gets another's answer, and no
-- permission that of another
SELECT pg_temp.ask('rcl-ann', 'orders.view') AS ann_10, pg_temp.ask('rcl-bob', 'orders.view') AS bob_5,
       pg_temp.ask('rcl-ann', 'orders.edit') AS ann_none, pg_temp.ask('rcl-bob', 'orders.edit') AS bob_5,
       pg_temp.ask('rcl-ann', 'orders.view') AS ann_10, pg_temp.ask('rcl-nobody', 'orders.view') AS none;
SELECT who, permission, count(*) FROM generate_series(0, 79) AS i,
       unnest('{rcl-ann, rcl-bob}'::text[]) AS who, unnest('{orders.view, orders.edit}'::text[]) AS permission
WHERE tacl_can(who, permission, 'rcl-' || 1 + i % 20) GROUP BY 1, 2 ORDER BY 1, 2;
SELECT who, permission, count(*) FROM generate_series(0, 639) AS i,
       LATERAL (SELECT (ARRAY['rcl-ann', 'rcl-bob'])[1 + i / 20 % 2], (ARRAY['orders.view', 'orders.edit'])[1 + i / 40 % 2]) AS asked (who, permission)
WHERE tacl_can(who, permission, 'rcl-' || 1 + i % 20) GROUP BY 1, 2 ORDER BY 1, 2;
SELECT tacl_can('rcl-ann', 'orders.view', t) AS can FROM unnest(ARRAY['rcl-1', 'rcl-1', 'rcl-1', 'rcl-2', NULL, '', 'rcl-none', repeat('x', 256), 'rcl-1']) AS t;

-- Own changes and what is left of them
BEGIN;
SELECT tacl_unassign('rcl-ann', 'rcl-viewer', 'rcl-1');
SELECT pg_temp.ask('rcl-ann', 'orders.view') AS ann_9;
SAVEPOINT two;
SELECT tacl_define_role('rcl-viewer', '{bills.view}');
SELECT pg_temp.ask('rcl-ann', 'orders.view') AS ann_none, pg_temp.ask('rcl-ann', 'bills.view') AS ann_9;
ROLLBACK TO two;
SELECT pg_temp.ask('rcl-ann', 'orders.view') AS ann_9;
SELECT tacl_suspend_tenant('rcl-3');
SELECT pg_temp.ask('rcl-ann', 'orders.view') AS ann_8;
ROLLBACK;
SELECT pg_temp.ask('rcl-ann', 'orders.view') AS ann_10;
SELECT tacl_disable_user('rcl-ann');
SELECT pg_temp.ask('rcl-ann', 'orders.view') AS none;
SELECT tacl_enable_user('rcl-ann');
SELECT pg_temp.ask('rcl-ann', 'orders.view') AS ann_10;

-- What ends with time: the next statement knows
SELECT tacl_assign('rcl-temp', 'rcl-viewer', 'rcl-1', clock_timestamp() + interval '1 s');
BEGIN;
SELECT pg_temp.ask('rcl-temp', 'orders.view') AS once;
SELECT pg_sleep(1);
SELECT pg_temp.ask('rcl-temp', 'orders.view') AS never;
COMMIT;

-- Names that are too long to be remembered
SELECT tacl_assign('rcl-' || repeat('u', 100), 'rcl-viewer', 'rcl-1');
SELECT pg_temp.ask('rcl-' || repeat('u', 100), 'orders.view') AS once, pg_temp.ask('rcl-' || repeat('u', 99), 'orders.view') AS never;
SELECT pg_temp.ask('rcl-ann', 'long.' || repeat('p', 100)) AS ann_10, pg_temp.ask('rcl-ann', 'long-' || repeat('p', 100)) AS none,
       pg_temp.ask('rcl-ann', 'long.' || repeat('p', 100)) AS ann_10;

-- More permissions than roles remember what they say about, some of them with
-- the same beginning and end
SELECT permission LIKE 'orders%' AS orders, count(*), count(*) FILTER (WHERE tacl_can('rcl-bob', permission, 'rcl-1')) AS can
FROM generate_series(0, 1799) AS i, LATERAL (SELECT (ARRAY['orders.', 'bills.'])[1 + i % 2] || i % 600 || '.view') AS asked (permission) GROUP BY 1;
SELECT permission LIKE 'permission-a.%' AS allowed, count(*), count(*) FILTER (WHERE tacl_can('rcl-both', permission, 'rcl-1')) AS can
FROM (SELECT tacl_define_role('rcl-both', '{permission-a.*}'), tacl_assign('rcl-both', 'rcl-both', 'rcl-1')) AS made, generate_series(1, 3) AS round,
     unnest(ARRAY['permission-a.' || repeat('x', 50) || '.view', 'permission-b.' || repeat('x', 50) || '.view']) AS permission GROUP BY 1;

-- What is no permission stays an error, also after one that is
SELECT tacl_can('rcl-bob', 'orders.view', 'rcl-1'), tacl_can('rcl-bob', 'orders.view', 'rcl-1'), tacl_can('rcl-bob', 'orders.*', 'rcl-1');

-- A token that narrows its user narrows what is remembered, too
SELECT pg_temp.ask('rcl-bob', 'orders.edit') AS bob_5;
SELECT tacl_add_key('rcl', 'HS256', 'the secret of the key of this test');
SELECT set_config('tacl.token', tacl_issue_token('rcl-bob', 'rcl-1', scope => '{orders.view}'), false) IS NOT NULL AS set;
SELECT pg_temp.ask('rcl-bob', 'orders.edit') AS none, pg_temp.ask('rcl-bob', 'orders.view') AS bob_5,
       (SELECT count(*) FROM generate_series(0, 79) AS i WHERE tacl_may('orders.edit', 'rcl-' || 1 + i % 20)) AS none,
       (SELECT count(*) FROM generate_series(0, 79) AS i WHERE tacl_may('orders.view', 'rcl-' || 1 + i % 20)) AS bob_20;
RESET tacl.token;
SELECT pg_temp.ask('rcl-bob', 'orders.edit') AS bob_5;
SELECT tacl_drop_key('rcl');
