-- Every change of who may do what is recorded, however it is made.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT coalesce(max(id), 0) AS first FROM tacl.audit \gset
-- What was recorded since the last look, without numbers that differ from run to run
CREATE TEMPORARY TABLE seen (id bigint);
INSERT INTO seen VALUES (:first);
CREATE FUNCTION pg_temp.plain(entry jsonb) RETURNS jsonb LANGUAGE sql AS
$$ SELECT entry - '{id, created_at, role_id, group_id, included_id}'::text[] $$;
CREATE FUNCTION pg_temp.news() RETURNS TABLE (operation text, object text, subject text, tenant text, before jsonb, after jsonb) LANGUAGE sql AS $$
    WITH look AS (UPDATE seen SET id = (SELECT max(id) FROM tacl.audit) RETURNING id)
    SELECT a.operation, a.object, CASE WHEN a.subject ~ '^[0-9]+$' THEN '(id)' ELSE a.subject END, a.tenant,
           pg_temp.plain(a.before), pg_temp.plain(a.after)
    FROM tacl.audit AS a, look WHERE a.id > (SELECT id FROM seen) AND a.id <= look.id ORDER BY a.id
$$;

-- Functions; what changes nothing is not recorded
SELECT tacl_create_tenant('aud-org'), tacl_create_tenant('aud-team', 'aud-org'), tacl_create_tenant('aud-org'),
       tacl_limit_tenant('aud-team', '{orders.*}'), tacl_suspend_tenant('aud-team', '{billing.*}'), tacl_resume_tenant('aud-team'),
       tacl_move_tenant('aud-team', '*');
SELECT tacl_define_role('aud-viewer', '{orders.view}', 'aud-org'), tacl_define_role('aud-lead', '{!orders.delete}', 'aud-org', '{aud-viewer}', 'leads'),
       tacl_define_role('aud-lead', '{!orders.delete}', 'aud-org', '{aud-viewer}', 'leads'), tacl_define_role('aud-lead', includes => '{}', tenant => 'aud-org');
SELECT operation, object, subject, tenant, before - 'suspended_at' AS before, after - 'suspended_at' AS after FROM pg_temp.news();
SELECT tacl_assign('aud-bob', 'aud-viewer', 'aud-org'), tacl_assign('aud-bob', 'aud-viewer', 'aud-org'),
       tacl_assign('aud-bob', 'aud-viewer', 'aud-org', '2040-01-01 00:00+02'), tacl_grant('aud-bob', 'orders.list', 'aud-org'),
       tacl_sync_roles('aud-bob', '{aud-lead}', 'aud-org'), tacl_revoke('aud-bob', 'orders.list', 'aud-org'), tacl_disable_user('aud-bob'),
       tacl_disable_user('aud-bob'), tacl_enable_user('aud-bob');
SELECT operation, object, subject, tenant, before - 'disabled_at' AS before, after - 'disabled_at' AS after FROM pg_temp.news();

-- Cascades: the tenant of what is gone is known all the same
SELECT tacl_create_group('aud-crew', 'aud-org'), tacl_create_group('aud-shift', 'aud-org'), tacl_include_group('aud-crew', 'aud-shift', 'aud-org'),
       tacl_add_member('aud-bob', 'aud-crew', 'aud-org'), tacl_assign_group('aud-crew', 'aud-viewer', 'aud-org'),
       tacl_drop_group('aud-crew', 'aud-org', true), tacl_drop_role('aud-lead', 'aud-org', true);
SELECT * FROM pg_temp.news();

-- Keys, but never what is secret in them
SELECT tacl_add_key('aud-key', 'HS256', 'the secret of the key of this test'), tacl_add_key('aud-key', 'HS256', 'the Secret of the key of this test'),
       tacl_add_key('aud-key', 'HS256', 'the Secret of the key of this test', leeway => 7), tacl_drop_key('aud-key');
SELECT operation, before, after FROM pg_temp.news();
SELECT count(*) FROM tacl.audit AS a WHERE a::text ~* 'secret|746865207365637265' OR before ? 'material' OR after ->> 'material' <> '(changed)';

-- Direct statements
INSERT INTO tacl.permission VALUES ('aud.one', 'first'), ('aud.two', NULL);
UPDATE tacl.permission SET description = 'first' WHERE name = 'aud.one';
UPDATE tacl.permission SET description = NULL WHERE name = 'aud.one';
INSERT INTO tacl.permission VALUES ('aud.two', 'x') ON CONFLICT (name) DO UPDATE SET description = EXCLUDED.description;
MERGE INTO tacl.permission AS p USING (VALUES ('aud.one')) AS v (name) ON p.name = v.name WHEN MATCHED THEN DELETE;
MERGE INTO tacl.permission AS p USING (VALUES ('aud.three')) AS v (name) ON p.name = v.name WHEN NOT MATCHED THEN INSERT VALUES (v.name);
COPY tacl.user_account (user_id) FROM stdin;
aud-dora
\.
WITH gone AS (DELETE FROM tacl.permission WHERE name LIKE 'aud.%' RETURNING name)
INSERT INTO tacl.assignment (user_id, tenant, pattern) SELECT 'aud-' || name, 'aud-org', name FROM gone ORDER BY name;
SELECT * FROM pg_temp.news();

-- A row that becomes another's, or another tenant's, is gone there and new here
UPDATE tacl.assignment SET user_id = 'aud-eve' WHERE user_id = 'aud-aud.two';
UPDATE tacl.assignment SET tenant = 'aud-team' WHERE user_id = 'aud-eve';
UPDATE tacl.assignment SET pattern = 'aud.four' WHERE user_id = 'aud-eve';
SELECT * FROM pg_temp.news();

-- TRUNCATE: each row that is lost; that there was none
BEGIN;
DELETE FROM tacl.user_account WHERE user_id NOT LIKE 'aud-%';
UPDATE seen SET id = (SELECT max(id) FROM tacl.audit);
TRUNCATE tacl.user_account;
TRUNCATE tacl.user_account;
SELECT * FROM pg_temp.news() ORDER BY subject NULLS LAST;
ROLLBACK;

-- An undone change leaves no record
DO $$
BEGIN
    BEGIN
        PERFORM tacl_assign('aud-bob', 'aud-viewer', 'aud-team');
        RAISE EXCEPTION 'undone';
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
    PERFORM tacl_grant('aud-bob', 'aud.done', 'aud-team');
END $$;
BEGIN;
SAVEPOINT s;
SELECT tacl_grant('aud-bob', 'aud.undone', 'aud-team');
ROLLBACK TO s;
SELECT tacl_grant('aud-bob', 'aud.kept', 'aud-team');
COMMIT;
SELECT * FROM pg_temp.news();

-- tacl_apply(): row by row
SELECT operation, object FROM tacl_apply('{"scope": "aud-org", "roles": [{"role": "aud-viewer", "tenant": "aud-org", "permissions": ["orders.*"]}, {"role": "aud-new", "tenant": "aud-org", "permissions": ["aud.new"], "includes": ["aud-viewer"]}]}', true);
SELECT count(*) FROM pg_temp.news();
SELECT operation, object FROM tacl_apply('{"scope": "aud-org", "roles": [{"role": "aud-viewer", "tenant": "aud-org", "permissions": ["orders.*"]}, {"role": "aud-new", "tenant": "aud-org", "permissions": ["aud.new"], "includes": ["aud-viewer"]}]}');
SELECT * FROM pg_temp.news();

-- A preference is nobody else's concern; replica role repeats what was recorded elsewhere
SELECT tacl_set_primary('aud-bob', 'aud-team');
SET session_replication_role = replica;
SELECT tacl_grant('aud-bob', 'aud.replica', 'aud-team');
TRUNCATE tacl.permission;
RESET session_replication_role;
SELECT count(*) FROM pg_temp.news();

-- Names as given, under an odd search_path and in another time zone
SET search_path = '';
SET timezone = 'Asia/Kathmandu';
SET DateStyle = 'German';
SELECT public.tacl_create_tenant(E'aud-\\"''%{}\u00e9', 'aud-org'), public.tacl_grant(E'aud-\\"''%{}\u00e9', 'aud.x', E'aud-\\"''%{}\u00e9', '2040-01-01 00:00+00');
RESET search_path;
RESET timezone;
RESET DateStyle;
SELECT * FROM pg_temp.news();

-- Who may call the triggers
SELECT tacl.audit_row();
CREATE TEMPORARY TABLE other (id text);
CREATE TRIGGER t AFTER INSERT ON other FOR EACH ROW EXECUTE FUNCTION tacl.audit_row();
INSERT INTO other VALUES ('x');
CREATE TRIGGER t AFTER INSERT ON tacl.user_preference FOR EACH ROW EXECUTE FUNCTION tacl.audit_row();
INSERT INTO tacl.user_preference VALUES ('aud-dora');
DROP TRIGGER t ON tacl.user_preference;

DELETE FROM tacl.assignment WHERE tenant LIKE 'aud-%';
DELETE FROM tacl.user_account WHERE user_id LIKE 'aud-%';
DELETE FROM tacl.user_preference WHERE user_id LIKE 'aud-%';
DELETE FROM tacl.user_group WHERE tenant LIKE 'aud-%';
SELECT tacl_drop_tenant('aud-org', true), tacl_drop_tenant('aud-team', true);
