-- Switching the active tenant of the session's user, for the transaction: only
-- where the user has anything; to the remembered or primary one without an
-- argument. Whoever is refused does not learn what is there.
\pset null (null)
SELECT tacl_create_tenant('swi-a'), tacl_create_tenant('swi-a1', 'swi-a'), tacl_create_tenant('swi-b'), tacl_create_tenant('swi-c'), tacl_create_tenant('o''"\ö %s'), tacl_create_tenant(7131), tacl_create_tenant('0b0b0b0b-0000-4000-8000-000000000131');
SELECT tacl_define_role('swi-viewer', '{orders.view}'), tacl_create_group('swi-crew', 'swi-b'), tacl_assign_group('swi-crew', 'swi-viewer', 'swi-b'), tacl_add_member('swi-ann', 'swi-crew', 'swi-b');
SELECT tacl_assign('swi-ann', 'swi-viewer', t) FROM unnest(ARRAY['swi-a', 'o''"\ö %s', '7131', '0b0b0b0b-0000-4000-8000-000000000131']) AS t;
SELECT tacl_assign('swi-staff', 'swi-viewer', '*'), tacl_assign('swi-late', 'swi-viewer', 'swi-a', '2001-01-01'), tacl_assign('swi-early', 'swi-viewer', 'swi-a', '2999-01-01', '2998-01-01'), tacl_grant('swi-denied', '!orders.view', 'swi-a');
SELECT tacl_add_key('swi', 'HS256', 'the secret of the key of this test');
CREATE ROLE regress_tacl_switch;

-- What a call comes to: the tenant, or the error
CREATE FUNCTION pg_temp.switched(tenant text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
BEGIN
    RETURN concat(tacl_switch(tenant), ' = ', tacl_tenant());
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN concat(sqlstate, ' ', sqlerrm, ': ', detail);
END $$;
CREATE FUNCTION pg_temp.switched_by(who text, tenant text) RETURNS text LANGUAGE sql AS
    $$ SELECT set_config('app.user_id', who, true); SELECT pg_temp.switched(tenant) $$;

-- No user, and no good one
SET ROLE regress_tacl_switch;
SELECT tacl_switch('swi-a');
SELECT tacl_switch();
SET tacl.token = 'garbage';
SELECT tacl_switch('swi-a');
RESET tacl.token;
RESET ROLE;
SET tacl.user_setting = 'app.user_id';
SET ROLE regress_tacl_switch;
SELECT tacl_switch(NULL);
SET app.user_id = 'swi-ann';

-- For the transaction; outside of one, for the statement
SELECT tacl_switch('swi-a'), tacl_tenant();
SELECT tacl_tenant(), current_setting('app.tenant');
BEGIN;
SELECT tacl_switch('swi-a');
SELECT tacl_tenant(), tacl_may('orders.view') AS may;
SAVEPOINT a;
SELECT tacl_switch('swi-b');
SELECT tacl_tenant();
ROLLBACK TO a;
SELECT tacl_tenant();
SELECT tacl_switch('swi-c');
ROLLBACK TO a;
SELECT tacl_tenant();
COMMIT;
SET app.tenant = 'swi-x';
BEGIN;
SELECT tacl_switch('swi-a1');
COMMIT;
SELECT tacl_tenant() AS as_before;
RESET app.tenant;

-- Ids of all types, in all forms; what comes back is text
PREPARE untyped AS SELECT tacl_switch($1), tacl_tenant();
EXECUTE untyped('swi-a');
PREPARE untyped_both AS SELECT tacl_switch($1, $2);
EXECUTE untyped_both('swi-a', false);
SELECT tacl_switch(7131), tacl_switch(7131::smallint), tacl_switch(7131::bigint, false), tacl_switch('swi-a'::varchar), tacl_switch('swi-a'::name, NULL),
       tacl_switch('0B0B0B0B-0000-4000-8000-000000000131'::uuid), tacl_switch(tenant => 'swi-b'), pg_typeof(tacl_switch(7131));
SELECT tacl_switch(id) FROM (VALUES ('0b0b0b0b-0000-4000-8000-000000000131'::uuid)) AS tenants (id);
SELECT tacl_switch(true);
SELECT tacl_switch(1.5);

-- Where the user has something
SELECT who, tenant, pg_temp.switched_by(who, tenant)
FROM (VALUES ('swi-ann', 'swi-a'), ('swi-ann', 'swi-a1'), ('swi-ann', 'swi-b'), ('swi-ann', 'o''"\ö %s'), ('swi-staff', 'swi-c'),
             ('swi-ann', 'swi-c'), ('swi-ann', 'swi-nowhere'), ('swi-ann', ''), ('swi-ann', '*'), ('swi-ann', 'SWI-A'), ('swi-ann', E'swi-a\n'),
             ('swi-staff', '*'), ('swi-late', 'swi-a'), ('swi-early', 'swi-a'), ('swi-denied', 'swi-a'), ('swi-nobody', 'swi-a')) AS cases (who, tenant);
SELECT pg_temp.switched(repeat('x', 256)), pg_temp.switched_by(repeat('u', 256), 'swi-a');
SELECT tacl_switch('swi-c');
RESET ROLE;
SELECT tacl_suspend_tenant('swi-b'), tacl_grant('swi-denied', 'orders.list', 'swi-a');
SET ROLE regress_tacl_switch;
SELECT pg_temp.switched('swi-b') AS suspended, pg_temp.switched_by('swi-denied', 'swi-a1') AS by_grant;
-- as tacl_memberships() has it
RESET ROLE;
SELECT count(*), count(*) FILTER (WHERE can <> EXISTS (SELECT FROM tacl_memberships(u) WHERE tenant = t)) AS differences, count(*) FILTER (WHERE can) AS can
FROM (SELECT u, t, pg_temp.switched_by(u, t) = concat(t, ' = ', t) AS can
      FROM unnest('{swi-ann,swi-staff,swi-late,swi-denied,swi-nobody}'::text[]) AS u, (SELECT id FROM tacl.tenant WHERE id ~ '^swi-' OR id = '*' UNION ALL SELECT 'swi-nowhere') AS tenants (t) OFFSET 0) AS cases;
SET ROLE regress_tacl_switch;

-- Decided anew in each call, with the own transaction's changes
RESET ROLE;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT pg_temp.switched('swi-c') AS before, tacl_assign('swi-ann', 'swi-viewer', 'swi-c') AS assigned, pg_temp.switched('swi-c') AS after;
SELECT tacl_disable_user('swi-ann'), pg_temp.switched('swi-c') AS disabled, tacl_switch() AS no_home;
ROLLBACK;
SET ROLE regress_tacl_switch;

--
-- Remembering
--

SELECT tacl_switch() AS nowhere, tacl_tenant(), current_setting('app.tenant') = '' AS is_empty;
SELECT tacl_switch('swi-a', true), tacl_switch('swi-a', true) AS again;
SELECT tacl_switch('swi-b', false), tacl_switch('swi-a1');
SELECT tacl_switch(), tacl_tenant();
SELECT tacl_switch(NULL::text), tacl_switch(NULL::uuid), tacl_switch(NULL, true);
SELECT tacl_switch('swi-c', true);
RESET ROLE;
SELECT user_id, primary_tenant, last_tenant FROM tacl.user_preference WHERE user_id ~ '^swi-';
BEGIN;
SELECT tacl_switch('swi-b'), tacl_switch(), tacl_switch('swi-a', true), pg_current_xact_id_if_assigned() IS NULL AS wrote_nothing;
COMMIT;
-- The remembered one, else the primary one, else none, while the user belongs there
SELECT tacl_set_primary('swi-ann', 'swi-b'), tacl_switch() AS remembered;
SELECT tacl_unassign('swi-ann', 'swi-viewer', 'swi-a'), tacl_switch() AS primary;
SELECT tacl_switch(NULL, remember => true), tacl_switch(), tacl_remove_member('swi-ann', 'swi-crew', 'swi-b');
BEGIN;
SELECT set_config('app.tenant', 'swi-c', true), tacl_switch() AS nowhere, tacl_tenant(), tacl_switch(NULL, true) AS remembers_nothing;
COMMIT;
SELECT user_id, primary_tenant, last_tenant FROM tacl.user_preference WHERE user_id ~ '^swi-';
SELECT tacl_assign('swi-ann', 'swi-viewer', 'swi-a'), tacl_add_member('swi-ann', 'swi-crew', 'swi-b'), tacl_switch() AS back;
-- The root is none to begin at, whoever wrote it
UPDATE tacl.user_preference SET last_tenant = '*' WHERE user_id = 'swi-ann';
INSERT INTO tacl.user_preference VALUES ('swi-staff', '*', '*');
SELECT tacl_switch(), pg_temp.switched_by('swi-staff', NULL) AS staff, tacl_claims('swi-staff') ->> 'tenant' AS claimed;
SET app.user_id = 'swi-ann';

-- Read-only, and in a security-restricted operation, it works unless it has to
-- write; what it sets there ends with the operation
BEGIN READ ONLY;
SELECT tacl_switch('swi-a'), tacl_switch(), tacl_tenant();
SELECT tacl_switch('swi-a', true);
ROLLBACK;
CREATE MATERIALIZED VIEW swi_view AS SELECT tacl_switch('swi-a'), tacl_tenant();
TABLE swi_view;
SELECT tacl_tenant();
CREATE MATERIALIZED VIEW swi_view_2 AS SELECT tacl_switch('swi-a', true);
DROP MATERIALIZED VIEW swi_view;

--
-- With a token: it says who, and where when the setting is empty; a scope takes
-- no tenant away, as it does not in tacl_memberships()
--

SELECT set_config('tacl.token', tacl_issue_token('swi-ann', 'swi-c', scope => '{}'), false) AS token;
SET ROLE regress_tacl_switch;
SELECT tacl_switch('swi-a'), tacl_tenant(), tacl_may('orders.view') AS may;
SELECT pg_temp.switched('swi-c');
SELECT tacl_switch(), tacl_tenant();
RESET ROLE;
DELETE FROM tacl.user_preference WHERE user_id ~ '^swi-';
SELECT tacl_switch() AS the_tokens, tacl_tenant();
RESET tacl.token;

-- Another setting; none; one that cannot hold a tenant
SET tacl.tenant_setting = 'app.org';
SELECT tacl_switch('swi-a'), current_setting('app.org'), current_setting('app.tenant', true) AS other;
SET tacl.tenant_setting = '';
SELECT tacl_switch('swi-a');
SELECT tacl_switch();
SET tacl.tenant_setting = 'plpgsql.variable_conflict';
SELECT pg_temp.switched('swi-c') AS not_there, pg_temp.switched('swi-a') AS there;
RESET tacl.tenant_setting;

-- Who may not call it
REVOKE EXECUTE ON FUNCTION tacl_switch(text, boolean) FROM PUBLIC;
SET ROLE regress_tacl_switch;
SELECT tacl_switch('swi-a');
RESET ROLE;
GRANT EXECUTE ON FUNCTION tacl_switch(text, boolean) TO PUBLIC;

-- Clean up
RESET tacl.user_setting;
RESET app.user_id;
DEALLOCATE ALL;
DROP ROLE regress_tacl_switch;
DELETE FROM tacl.assignment WHERE user_id ~ '^swi-';
DELETE FROM tacl.user_account WHERE user_id ~ '^swi-';
SELECT tacl_drop_key('swi'), count(tacl_drop_tenant(id, true)) FROM (SELECT id FROM tacl.tenant WHERE id ~ '^swi-.$' OR id IN ('7131', '0b0b0b0b-0000-4000-8000-000000000131', 'o''"\ö %s') ORDER BY id) AS tenants;
SELECT tacl_drop_role('swi-viewer');
