-- Who made a change, who may write to the audit, and who may read it.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT coalesce(max(id), 0) AS first FROM tacl.audit \gset
CREATE ROLE regress_tacl_operator LOGIN;
CREATE ROLE regress_tacl_reader;
CREATE ROLE regress_tacl_writer;
GRANT regress_tacl_reader TO regress_tacl_operator;
GRANT INSERT, UPDATE, DELETE ON tacl.assignment, tacl.user_account TO regress_tacl_operator;
GRANT USAGE ON SCHEMA tacl TO regress_tacl_operator;
SELECT tacl_create_tenant('acc-org'), tacl_create_tenant('acc-team', 'acc-org'), tacl_create_tenant('acc-other'),
       tacl_define_role('acc-viewer', '{orders.view}'), tacl_define_role('acc-auditor', '{tacl.audit}'), tacl_define_role('acc-admin', '{*}');

-- Who: an operator without any privilege on the audit, as itself, and for a user
SET SESSION AUTHORIZATION regress_tacl_operator;
SET application_name = 'acc app';
SET tacl.reason = 'TICKET-1';
SELECT tacl_assign('acc-bob', 'acc-viewer', 'acc-org');
SET tacl.reason = '';
RESET SESSION AUTHORIZATION;
-- and as another, in a function that runs as its owner
CREATE FUNCTION acc_definer() RETURNS boolean LANGUAGE sql SECURITY DEFINER AS $$ SELECT tacl_assign('acc-bob', 'acc-viewer', 'acc-team') $$;
SET SESSION AUTHORIZATION regress_tacl_operator;
SET ROLE regress_tacl_reader;
SELECT acc_definer();
RESET ROLE;
RESET SESSION AUTHORIZATION;
DROP FUNCTION acc_definer();
RESET application_name;
-- a delegate, and whatever a setting says in a change by SQL
SELECT tacl_grant('acc-eve', p, 'acc-org') FROM unnest('{tacl.assign, orders.list}'::text[]) AS p;
SET tacl.user_setting = 'app.user_id';
SET app.user_id = 'acc-eve';
SELECT tacl_grant('acc-bob', 'orders.list', 'acc-org');
SELECT set_config('app.user_id', repeat('x', 300), false) IS NOT NULL;
INSERT INTO tacl.assignment (user_id, tenant, pattern) VALUES ('acc-bob', 'acc-org', 'orders.more');
RESET app.user_id;
RESET tacl.user_setting;
SELECT tacl_add_key('acc', 'HS256', 'the secret of the key of this test');
SELECT set_config('tacl.token', tacl_issue_token('acc-admin', actor => 'acc-staff'), false);
INSERT INTO tacl.user_account VALUES ('acc-gone', now());
SET tacl.token = 'no token';
INSERT INTO tacl.user_account VALUES ('acc-lost');
SET tacl.token = '';
SELECT subject, left(user_id, 9) AS user_id, length(user_id) AS length, actor, replace(database_role, current_user, '<me>') AS database_role,
       replace(login_role, current_user, '<me>') AS login_role, client_addr IS NOT DISTINCT FROM host(inet_client_addr()) AS from_here,
       nullif(application_name, current_setting('application_name')) AS application_name, reason
FROM tacl.audit WHERE id > :first AND object IN ('assignment', 'user_account') ORDER BY id;
BEGIN;
INSERT INTO tacl.user_account VALUES ('acc-now');
SELECT transaction_id = pg_current_xact_id()::text::bigint AND at BETWEEN now() AND clock_timestamp() FROM tacl.audit ORDER BY id DESC LIMIT 1;
ROLLBACK;
\set VERBOSITY sqlstate
SELECT set_config('tacl.reason', repeat('x', 1001), false);
\set VERBOSITY default
SELECT set_config('tacl.reason', repeat('x', 1000), false) IS NOT NULL;
RESET tacl.reason;

-- Writing: nobody, whatever was granted, and not as part of a change either
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON tacl.audit TO regress_tacl_writer;
SELECT severity, finding FROM tacl_lint() WHERE object = 'table tacl.audit' ORDER BY finding;
GRANT pg_write_all_data TO regress_tacl_writer;
SET ROLE regress_tacl_writer;
INSERT INTO tacl.audit (at) VALUES (now());
UPDATE tacl.audit SET user_id = 'x';
DELETE FROM tacl.audit;
DELETE FROM tacl.audit WHERE false;
COPY tacl.audit FROM stdin;
\.
TRUNCATE tacl.audit;
WITH d AS (DELETE FROM tacl.audit RETURNING id) SELECT count(*) FROM d;
SELECT tacl_audit_purge(now());
RESET ROLE;
-- nor as a restore, for who is no superuser
SET check_function_bodies = off;
SELECT set_config('search_path', '', false);
SET ROLE regress_tacl_operator;
ALTER SEQUENCE tacl.recorded RESTART;
SELECT pg_catalog.setval('tacl.recorded', 1, false);
RESET ROLE;
-- nor by a superuser where something was recorded before
INSERT INTO tacl.user_account VALUES ('acc-hidden-0');
COPY tacl.user_account (user_id) FROM stdin;
acc-hidden-1
\.
COPY tacl.assignment (user_id, tenant, pattern) FROM stdin;
acc-hidden-1	acc-org	orders.view
\.
ALTER SEQUENCE tacl.recorded RESTART;
SET ROLE regress_tacl_operator;
INSERT INTO tacl.user_account VALUES ('acc-hidden');
COPY tacl.user_account (user_id) FROM stdin;
acc-hidden-2
\.
RESET ROLE;
CREATE FUNCTION public.acc_definer() RETURNS void LANGUAGE sql SECURITY DEFINER
AS $$ INSERT INTO tacl.user_account VALUES ('acc-hidden-3') $$;
SET SESSION AUTHORIZATION regress_tacl_operator;
INSERT INTO tacl.user_account SELECT 'acc-hidden-4' FROM public.acc_definer();
RESET SESSION AUTHORIZATION;
-- whoever the session belongs to, and not to who becomes one
DELETE FROM tacl.user_account WHERE user_id ~ 'acc-hidden';
SET ROLE regress_tacl_operator;
INSERT INTO tacl.user_account SELECT 'acc-hidden-4' FROM public.acc_definer();
RESET ROLE;
SELECT pg_catalog.format('GRANT %I TO regress_tacl_operator', current_user) AS grant, pg_catalog.format('REVOKE %I FROM regress_tacl_operator', current_user) AS revoke, current_user AS me \gset
:grant;
SET SESSION AUTHORIZATION regress_tacl_operator;
SET ROLE :"me";
INSERT INTO tacl.user_account VALUES ('acc-hidden-5');
RESET SESSION AUTHORIZATION;
:revoke;
-- a superuser's own statement is one, a function and what is no INSERT are not
DELETE FROM tacl.user_account WHERE user_id = 'acc-hidden-3';
SELECT public.acc_definer();
UPDATE tacl.user_account SET disabled_at = NULL WHERE user_id = 'acc-gone';
INSERT INTO tacl.user_account VALUES ('acc-restored');
INSERT INTO tacl.user_account VALUES ('acc-restored') ON CONFLICT (user_id) DO UPDATE SET disabled_at = pg_catalog.now();
CREATE FUNCTION pg_temp.drop_restored() RETURNS text LANGUAGE sql AS $$ DELETE FROM tacl.user_account WHERE user_id = 'acc-restored' RETURNING 'acc-restored-2' $$;
INSERT INTO tacl.user_account SELECT pg_temp.drop_restored();
COPY tacl.assignment (user_id, tenant, pattern) FROM stdin;
acc-restored	acc-org	orders.view
\.
RESET search_path;
RESET check_function_bodies;
SELECT pg_catalog.nextval('tacl.recorded');
DROP FUNCTION acc_definer();
SELECT operation, subject, replace(database_role, current_user, '<me>') AS database_role FROM tacl.audit
WHERE id > :first AND object IN ('user_account', 'assignment') AND subject ~ 'hidden|gone|restored' ORDER BY id;
SELECT user_id FROM tacl.user_account WHERE user_id ~ 'acc-restored';

-- Reading: who is granted SELECT; and a user who may, whatever the database role
SET ROLE regress_tacl_reader;
SELECT count(*) FROM tacl_audit('acc-org');
SELECT count(*) FROM tacl_audit('nowhere');
SELECT count(*) FROM tacl_history('acc-bob', 'orders.view', 'acc-org', now());
RESET ROLE;
GRANT SELECT ON tacl.audit TO regress_tacl_reader;
SET ROLE regress_tacl_reader;
SELECT operation, object, subject, tenant, after ->> 'role' AS role, after ->> 'pattern' AS pattern FROM tacl_audit('acc-org') WHERE object <> 'tenant';
SELECT count(*) FROM tacl_audit('nowhere');
SELECT count(*) FROM tacl_audit(NULL::text);
SELECT count(*) FROM tacl_audit('acc-org', 'infinity');
SELECT object, subject FROM tacl_audit('acc-team', '-infinity') WHERE object <> 'tenant';
SELECT count(*) > 10 AS all_of_it, count(*) FILTER (WHERE tenant IS NULL) > 0 AS without_tenant FROM tacl_audit('*') WHERE id > :first;
RESET ROLE;
REVOKE SELECT ON tacl.audit FROM regress_tacl_reader;
SELECT tacl_assign('acc-ann', 'acc-auditor', 'acc-org'), tacl_assign('acc-all', 'acc-admin', 'acc-org');
CREATE FUNCTION pg_temp.as_user(who text, scope text[] DEFAULT NULL) RETURNS boolean LANGUAGE sql AS $$
    SELECT set_config('tacl.token', tacl_issue_token(who, scope => scope), false) IS NOT NULL
$$;
SELECT pg_temp.as_user('acc-ann');
SET ROLE regress_tacl_reader;
SELECT count(*) > 0 AS here FROM tacl_audit('acc-org');
SELECT count(*) > 0 AS below FROM tacl_audit('acc-team'::name);
SELECT kind, effect FROM tacl_history('acc-bob', 'orders.view', 'acc-team', now());
-- one error for all that is not theirs
SELECT count(*) FROM tacl_audit('*');
SELECT count(*) FROM tacl_audit('acc-other');
SELECT count(*) FROM tacl_audit('nowhere');
SELECT count(*) FROM tacl_audit(NULL::text);
SELECT count(*) FROM tacl_history('acc-bob', 'orders.view', 'acc-other', now());
SELECT count(*) FROM tacl_history('acc-bob', 'no permission', 'nowhere', 'infinity');
RESET ROLE;
-- also for who could read it without a user; * is not tacl.audit, a scope narrows, a bad token is an error
SELECT pg_temp.as_user('acc-all');
SELECT count(*) FROM tacl_audit('acc-org');
SELECT tacl_audit_purge(now());
SELECT pg_temp.as_user('acc-ann', '{orders.*}');
SELECT count(*) FROM tacl_audit('acc-org');
SET tacl.token = 'no token';
SELECT count(*) FROM tacl_audit('acc-org');
SELECT count(*) FROM tacl_history('acc-bob', 'orders.view', 'acc-org', now());
SELECT tacl_audit_purge(now());
SET tacl.token = '';

-- A tenant of a name that was used before: its records are its own
SELECT tacl_drop_tenant('acc-team', true), tacl_create_tenant('acc-team');
SELECT operation, object, subject FROM tacl_audit('acc-team');

SELECT tacl_drop_tenant('acc-org', true), tacl_drop_tenant('acc-team', true), tacl_drop_tenant('acc-other', true),
       tacl_drop_role('acc-viewer'), tacl_drop_role('acc-admin'), tacl_drop_role('acc-auditor'), tacl_drop_key('acc');
DELETE FROM tacl.user_account WHERE user_id LIKE 'acc-%';
DROP OWNED BY regress_tacl_operator, regress_tacl_reader, regress_tacl_writer;
DROP ROLE regress_tacl_operator, regress_tacl_reader, regress_tacl_writer;
