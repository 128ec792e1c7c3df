-- tacl_history(): could they at that time, and through what.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE TEMPORARY TABLE moment (n integer GENERATED ALWAYS AS IDENTITY, what text, at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION pg_temp.after(what text) RETURNS void LANGUAGE sql AS 'INSERT INTO moment (what) VALUES ($1)';
CREATE FUNCTION pg_temp.ask(who text DEFAULT 'his-bob', permission text DEFAULT 'orders.view', tenant text DEFAULT 'his-team')
RETURNS TABLE (what text, kind text, role text, pattern text, effect text, assigned_at text, through_group text, through_role text, cut_by text, decided boolean, reason text)
LANGUAGE sql AS $$
    SELECT m.what, h.kind, h.role, h.pattern, h.effect, h.assigned_at, h.through_group, h.through_role, h.cut_by, h.decided, h.reason
    FROM moment AS m, tacl_history(who, permission, tenant, m.at) WITH ORDINALITY AS
         h (kind, role, defined_at, pattern, effect, assigned_at, through_group, through_role, starts_at, expires_at, cut_by, decided, reason, place)
    ORDER BY m.n, h.place
$$;

-- A role, what it includes, a group of a group, and the tree
SELECT pg_temp.after('nothing');
SELECT tacl_create_tenant('his-org'), tacl_create_tenant('his-team', 'his-org');
SELECT pg_temp.after('tenants');
SELECT tacl_define_role('his-viewer', '{orders.view}', 'his-org'), tacl_define_role('his-lead', '{members.*}', 'his-org', '{his-viewer}'),
       tacl_create_group('his-crew', 'his-org'), tacl_create_group('his-shift', 'his-org'), tacl_include_group('his-crew', 'his-shift', 'his-org'),
       tacl_add_member('his-bob', 'his-shift', 'his-org'), tacl_assign_group('his-crew', 'his-lead', 'his-org');
SELECT pg_temp.after('in a group');
SELECT tacl_define_role('his-viewer', '{orders.list}', 'his-org'), tacl_grant('his-bob', 'orders.*', 'his-team');
SELECT pg_temp.after('granted');
SELECT tacl_move_tenant('his-team', '*');
SELECT pg_temp.after('moved');
SELECT tacl_drop_group('his-crew', 'his-org', true), tacl_drop_role('his-lead', 'his-org', true), tacl_drop_tenant('his-team', true);
SELECT pg_temp.after('dropped');
SELECT * FROM pg_temp.ask();
SELECT what, reason FROM pg_temp.ask(tenant => '*') WHERE kind = 'verdict';
SELECT what, reason FROM pg_temp.ask(who => 'his-nobody') WHERE kind = 'verdict';

-- Denies, ceilings, suspensions, disabled users, times
TRUNCATE moment;
SELECT tacl_create_tenant('his-team', 'his-org'), tacl_grant('his-bob', 'orders.*', 'his-team'), tacl_grant('his-bob', '!orders.view', 'his-org');
SELECT pg_temp.after('denied');
SELECT tacl_revoke('his-bob', '!orders.view', 'his-org'), tacl_limit_tenant('his-team', '{billing.*}');
SELECT pg_temp.after('limited');
SELECT tacl_limit_tenant('his-team', NULL), tacl_suspend_tenant('his-org');
SELECT pg_temp.after('suspended');
SELECT tacl_resume_tenant('his-org'), tacl_disable_user('his-bob');
SELECT pg_temp.after('disabled');
SELECT tacl_enable_user('his-bob');
SELECT pg_temp.after('enabled');
SELECT tacl_grant('his-bob', 'orders.*', 'his-team', starts_at => '2040-01-01 00:00+00');
SELECT pg_temp.after('later');
SELECT tacl_grant('his-bob', 'orders.*', 'his-team', '2001-01-01 00:00+00');
SELECT pg_temp.after('over');
SET timezone = 'UTC';
SELECT * FROM pg_temp.ask();
RESET timezone;
SELECT what, effect FROM pg_temp.ask(permission => 'tacl.assign') WHERE kind = 'verdict' GROUP BY 1, 2 ORDER BY 1;
SELECT kind, starts_at IS NOT NULL AS starts, expires_at IS NOT NULL AS expires FROM moment AS m, tacl_history('his-bob', 'orders.view', 'his-team', m.at) WHERE what = 'over';

-- What an expiry means is a matter of the time that is asked about
SELECT tacl_grant('his-bob', 'orders.*', 'his-team', clock_timestamp() + interval '0.2 s', clock_timestamp() + interval '0.1 s');
SELECT pg_sleep(0.3);
SELECT m.what, h.effect
FROM tacl.assignment AS a, LATERAL (VALUES ('before', a.starts_at - interval '1 us'), ('start', a.starts_at), ('last', a.expires_at - interval '1 us'), ('end', a.expires_at)) AS m (what, at),
     tacl_history('his-bob', 'orders.view', 'his-team', m.at) AS h
WHERE a.user_id = 'his-bob' AND h.kind = 'verdict' ORDER BY m.at;

-- TRUNCATE, and rows that were another's
TRUNCATE moment;
SELECT tacl_revoke('his-bob', 'orders.*', 'his-team'), tacl_grant('his-eve', 'orders.*', 'his-team');
SELECT pg_temp.after('of eve');
UPDATE tacl.assignment SET user_id = 'his-bob' WHERE user_id = 'his-eve';
SELECT pg_temp.after('of bob');
BEGIN;
TRUNCATE tacl.assignment;
SELECT pg_temp.after('lost');
SELECT who, what, effect FROM (VALUES ('his-bob'), ('his-eve')) AS v (who), pg_temp.ask(who) WHERE kind = 'verdict';
ROLLBACK;
SELECT who, what, effect FROM (VALUES ('his-bob'), ('his-eve')) AS v (who), pg_temp.ask(who) WHERE kind = 'verdict';

-- Cycles, which only a replica can write, end
SET session_replication_role = replica;
INSERT INTO tacl.tenant (id, parent) VALUES ('his-a', 'his-b'), ('his-b', 'his-a');
RESET session_replication_role;
SELECT reason FROM tacl_history('his-bob', 'orders.view', 'his-a', clock_timestamp());
SET session_replication_role = replica;
DELETE FROM tacl.tenant WHERE id IN ('his-a', 'his-b');
RESET session_replication_role;

-- Bad questions
SELECT * FROM tacl_history(NULL::text, 'orders.view', 'his-org', now());
SELECT * FROM tacl_history('his-bob', 'orders.*', 'his-org', now());
SELECT * FROM tacl_history('his-bob', NULL, 'his-org', now());
SELECT * FROM tacl_history('his-bob', 'orders.view', NULL::text, now());
SELECT * FROM tacl_history('his-bob', 'orders.view', 'his-org', NULL);
SELECT * FROM tacl_history('his-bob', 'orders.view', 'his-org', '-infinity');
SELECT * FROM tacl_history('his-bob', 'orders.view', 'his-org', '2140-01-01 00:00+00');
SELECT reason FROM tacl_history(7, 'orders.view', 8::bigint, now());

-- A purge: nothing is said about the time before; what it leaves suffices
BEGIN;
SELECT tacl_audit_purge(at) > 10 AS many FROM moment WHERE what = 'of bob';
SELECT tacl_audit_purge(at) AS none_left FROM moment WHERE what = 'of bob';
SELECT a.operation, a.object, a.subject, a.tenant, (a.after ->> 'before')::timestamptz = m.at AS same, (a.after ->> 'records')::integer > 10 AS many
FROM tacl.audit AS a, moment AS m WHERE m.what = 'of bob' ORDER BY a.id DESC LIMIT 1;
SELECT h.kind, h.effect FROM moment AS m, tacl_history('his-bob', 'orders.view', 'his-team', m.at) AS h WHERE m.what = 'of bob';
\set VERBOSITY terse
SELECT h.kind, h.effect FROM moment AS m, tacl_history('his-bob', 'orders.view', 'his-team', m.at - interval '1 us') AS h WHERE m.what = 'of bob';
ROLLBACK;
SELECT tacl_audit_purge(NULL);
SELECT tacl_audit_purge('2140-01-01 00:00+00');
SELECT tacl_audit_purge('-infinity');
BEGIN READ ONLY;
SELECT tacl_audit_purge(now());
ROLLBACK;
-- The record of a purge goes with the next, which says more
BEGIN;
SELECT tacl_audit_purge('2020-01-01 00:00+00');
SELECT tacl_audit_purge(clock_timestamp()) > 0 AS first, tacl_audit_purge(clock_timestamp()) AS second;
SELECT count(*) FROM tacl.audit;
SELECT * FROM tacl_history('his-bob', 'orders.view', 'his-team', (SELECT at FROM moment WHERE what = 'of bob'));
ROLLBACK;

DELETE FROM tacl.user_account WHERE user_id LIKE 'his-%';
SELECT tacl_drop_tenant('his-org', true);
