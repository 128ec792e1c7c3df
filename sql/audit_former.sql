-- Of a former tenant of the same name, and of the time before a tenant was
-- moved, nothing is told to a user; the operator is told all.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET tacl.user_setting = 'app.user_id';
CREATE ROLE regress_tacl_app;
CREATE TEMPORARY TABLE moment (n integer GENERATED ALWAYS AS IDENTITY, what text, at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION pg_temp.after(what text) RETURNS void LANGUAGE sql AS 'INSERT INTO moment (what) VALUES ($1)';
-- What somebody is told about a time, '' being the operator
CREATE FUNCTION pg_temp.told(who text, at timestamptz, tenant text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
    PERFORM set_config('app.user_id', who, true);
    SELECT h.effect INTO answer FROM tacl_history('frm-bob', 'orders.view', tenant, at) AS h WHERE h.kind = 'verdict';
    PERFORM set_config('app.user_id', '', true);
    RETURN answer;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;
CREATE FUNCTION pg_temp.told(tenant text) RETURNS TABLE (what text, operator text, here text, above text, below text) LANGUAGE sql AS $$
    SELECT m.what, pg_temp.told('', m.at, tenant), pg_temp.told('frm-ann', m.at, tenant), pg_temp.told('frm-top', m.at, tenant), pg_temp.told('frm-low', m.at, tenant)
    FROM moment AS m ORDER BY m.n
$$;

-- A tenant, dropped and made again, with one below
SELECT tacl_create_tenant('frm'), tacl_create_tenant('frm/a', 'frm'), tacl_grant('frm-bob', 'orders.*', 'frm/a'), tacl_define_role('frm-auditor', '{tacl.audit}');
SELECT pg_temp.after('the former');
SELECT tacl_drop_tenant('frm/a', true);
SELECT pg_temp.after('none');
SELECT tacl_create_tenant('frm/a', 'frm'), tacl_create_tenant('frm/a/x', 'frm/a'), tacl_assign('frm-ann', 'frm-auditor', 'frm/a'),
       tacl_assign('frm-top', 'frm-auditor', 'frm'), tacl_assign('frm-low', 'frm-auditor', 'frm/a/x');
SELECT pg_temp.after('the new');
SELECT tacl_grant('frm-bob', 'orders.view', 'frm/a');
SELECT pg_temp.after('granted');
-- Ceilings and suspensions make no other tenant of it
SELECT tacl_limit_tenant('frm/a', '{orders.*, tacl.*}'), tacl_suspend_tenant('frm', '{tacl.*}'), tacl_resume_tenant('frm');
SELECT pg_temp.after('limited');
SELECT * FROM pg_temp.told('frm/a');
SELECT * FROM pg_temp.told('frm/a/x');
-- At the very time of its creation it is there
SELECT pg_temp.told('frm-ann', a.at - interval '1 us', 'frm/a') AS before, pg_temp.told('frm-ann', a.at, 'frm/a') AS at
FROM tacl.audit AS a WHERE a.subject = 'frm/a' AND a.operation = 'INSERT' AND a.object = 'tenant' ORDER BY a.id DESC LIMIT 1;

-- Moved, and moved along: what was inherited before is another's
TRUNCATE moment;
SELECT pg_temp.after('where it was');
SELECT tacl_create_tenant('frm-b'), tacl_move_tenant('frm', 'frm-b');
SELECT pg_temp.after('moved');
SELECT * FROM pg_temp.told('frm/a');
SELECT tacl_assign('frm-low', 'frm-auditor', '*'), tacl_move_tenant('frm', '*');
SELECT pg_temp.after('back');
SELECT * FROM pg_temp.told('frm/a');
SELECT pg_temp.told('frm-low', at, t) FROM moment, unnest('{frm-b, *}'::text[]) AS t WHERE what = 'where it was';
SELECT tacl_unassign('frm-low', 'frm-auditor', '*');

-- It is one error, whatever the time
SELECT set_config('app.user_id', 'frm-ann', false) AS set;
SET ROLE regress_tacl_app;
SELECT count(*) FROM tacl_history('frm-bob', 'orders.view', 'frm/a', (SELECT now() - interval '1 year'));
SELECT count(*) FROM tacl_history('frm-bob', 'orders.view', 'frm-b', now());
RESET ROLE;
-- A purge leaves nothing to be told of the time before, to nobody
BEGIN;
SET LOCAL app.user_id = '';
SELECT tacl_audit_purge(clock_timestamp()) > 0 AS purged;
SELECT pg_temp.told('frm-ann', now() - interval '1 year', 'frm/a'), pg_temp.told('', now() - interval '1 year', 'frm/a'), pg_temp.told('frm-ann', clock_timestamp(), 'frm/a');
ROLLBACK;

-- Records of the former tenant are not shown, to whomever: also not if the new
-- one was written past the audit
SELECT operation, object, subject, after ->> 'pattern' AS pattern FROM tacl_audit('frm/a') WHERE object IN ('tenant', 'assignment') AND tenant = 'frm/a' ORDER BY id;
BEGIN;
SET LOCAL app.user_id = '';
DELETE FROM tacl.assignment WHERE tenant LIKE 'frm/a%';
DELETE FROM tacl.tenant WHERE id = 'frm/a/x';
DELETE FROM tacl.tenant WHERE id = 'frm/a';
SET LOCAL session_replication_role = replica;
INSERT INTO tacl.tenant (id, parent) VALUES ('frm/a', 'frm');
SET LOCAL session_replication_role = origin;
SELECT count(*) AS none FROM tacl_audit('frm/a');
SELECT tacl_grant('frm-bob', 'orders.list', 'frm/a');
SELECT operation, object, subject, after ->> 'pattern' AS pattern FROM tacl_audit('frm/a');
SET LOCAL app.user_id = 'frm-top';
SELECT operation, object, subject, after ->> 'pattern' AS pattern FROM tacl_audit('frm/a');
SELECT pg_temp.told('frm-top', at, 'frm/a') FROM moment WHERE what = 'back';
ROLLBACK;

RESET app.user_id;
RESET tacl.user_setting;
SELECT tacl_drop_tenant('frm', true), tacl_drop_tenant('frm-b'), tacl_drop_role('frm-auditor');
DROP ROLE regress_tacl_app;
