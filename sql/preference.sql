-- Where a user begins: the primary tenant and the last active one. Set by an
-- operator or by the user; worth nothing where the user no longer belongs.
\set SHOW_CONTEXT never

SELECT tacl_create_tenant('prf-a'), tacl_create_tenant('prf-a1', 'prf-a'), tacl_create_tenant('prf-b'), tacl_create_tenant('prf-c');
SELECT tacl_define_role('prf-viewer', '{orders.view}'), tacl_create_group('prf-crew', 'prf-b');
SELECT tacl_assign('prf-ann', 'prf-viewer', 'prf-a'), tacl_assign_group('prf-crew', 'prf-viewer', 'prf-b'), tacl_add_member('prf-ann', 'prf-crew', 'prf-b');

-- Set, replace, clear; the same again changes nothing
SELECT tacl_set_primary('prf-ann', 'prf-a'), tacl_set_primary('prf-ann', 'prf-a') AS again, tacl_remember_tenant('prf-ann', 'prf-b'), tacl_remember_tenant('prf-ann', 'prf-b') AS again;
TABLE tacl.user_preference;
SELECT tacl_set_primary('prf-ann', 'prf-a1') AS below, tacl_remember_tenant('prf-ann', 'prf-a') AS another;
TABLE tacl.user_preference;
SELECT tacl_set_primary('prf-ann', NULL), tacl_set_primary('prf-ann', NULL) AS again;
TABLE tacl.user_preference;
SELECT tacl_remember_tenant('prf-ann', NULL), tacl_remember_tenant('prf-ann', NULL) AS again, tacl_remember_tenant('prf-nobody', NULL), tacl_set_primary('prf-nobody', NULL);
TABLE tacl.user_preference;

-- A call that changes nothing writes nothing
SELECT tacl_set_primary('prf-ann', 'prf-a'), tacl_remember_tenant('prf-ann', 'prf-b');
BEGIN;
SELECT tacl_set_primary('prf-ann', 'prf-a'), tacl_remember_tenant('prf-ann', 'prf-b'), tacl_set_primary('prf-nobody', NULL);
SELECT pg_current_xact_id_if_assigned() IS NULL AS wrote_nothing;
COMMIT;

-- No check is made anew because of it
SELECT tacl_can('prf-ann', 'orders.view', 'prf-a'), set_config('prf.flushes', flushes::text, false) <> '' AS noted FROM tacl_stats();
SELECT tacl_set_primary('prf-ann', 'prf-b'), tacl_remember_tenant('prf-ann', 'prf-a'), tacl_set_primary('prf-ann', NULL), tacl_set_primary('prf-ann', 'prf-a'), tacl_remember_tenant('prf-ann', 'prf-b');
SELECT tacl_can('prf-ann', 'orders.view', 'prf-a'), flushes - current_setting('prf.flushes')::bigint AS flushes FROM tacl_stats();
INSERT INTO tacl.user_preference VALUES ('prf-other', 'prf-a', 'prf-b');
DELETE FROM tacl.user_preference WHERE user_id = 'prf-other';
SELECT tacl_can('prf-ann', 'orders.view', 'prf-a'), flushes - current_setting('prf.flushes')::bigint AS flushes FROM tacl_stats();

-- Ids of other types
SELECT tacl_create_tenant(7121), tacl_assign(7120, 'prf-viewer', 7121), tacl_create_tenant('0b0b0b0b-0000-4000-8000-00000000000b'), tacl_assign(7120, 'prf-viewer', '0b0b0b0b-0000-4000-8000-00000000000b'::uuid);
SELECT tacl_set_primary(7120, 7121::bigint), tacl_set_primary('7120', '7121') AS again, tacl_remember_tenant(7120::bigint, '0B0B0B0B-0000-4000-8000-00000000000B'::uuid), tacl_remember_tenant(7120, NULL::uuid), tacl_set_primary(7120, 7121::smallint::text);
SELECT tacl_set_primary(1.5, 'prf-a');

-- The tenant must be one that the user belongs to; the operator is told why not
SELECT tacl_set_primary('prf-ann', 'prf-c');
SELECT tacl_remember_tenant('prf-ann', 'prf-bb');
SELECT tacl_remember_tenant('prf-ann', '*');
SELECT tacl_set_primary('prf-ann', '');
SELECT tacl_set_primary(NULL, 'prf-a');
SELECT tacl_set_primary('', 'prf-a');
SELECT tacl_set_primary(E'prf\nann', NULL);
SELECT tacl_grant('prf-denied', '!orders.edit', 'prf-a');
SELECT tacl_set_primary('prf-denied', 'prf-a'); -- a deny is nothing
SELECT tacl_grant('prf-denied', 'orders.list', 'prf-a'), tacl_set_primary('prf-denied', 'prf-a1') AS by_a_grant;
SELECT tacl_assign('prf-staff', 'prf-viewer', '*'), tacl_set_primary('prf-staff', 'prf-c') AS staff, tacl_assign('prf-late', 'prf-viewer', 'prf-a', '2001-01-01');
SELECT tacl_set_primary('prf-late', 'prf-a');
SELECT tacl_disable_user('prf-staff');
SELECT tacl_remember_tenant('prf-staff', 'prf-c');

-- Belonging is decided anew in each call, also within one statement
SELECT tacl_assign('prf-eve', 'prf-viewer', 'prf-c'), tacl_set_primary('prf-eve', 'prf-c'), tacl_unassign('prf-eve', 'prf-viewer', 'prf-c');
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT tacl_assign('prf-eve', 'prf-viewer', 'prf-c'), tacl_remember_tenant('prf-eve', 'prf-c');
ROLLBACK;
SELECT user_id, primary_tenant, last_tenant FROM tacl.user_preference WHERE user_id = 'prf-eve';

--
-- An unprivileged role, with and without a user in the session
--
CREATE ROLE regress_tacl_preference;
SET tacl.user_setting = 'app.user_id';
SET app.user_id = 'prf-ann';
SET ROLE regress_tacl_preference;

-- Their own, any of their tenants; suspended ones, too
SELECT tacl_set_primary('prf-ann', 'prf-b'), tacl_remember_tenant('prf-ann', 'prf-a1'), tacl_remember_tenant('prf-ann', NULL), tacl_remember_tenant('prf-ann', 'prf-a');
RESET ROLE;
SET app.user_id = '';
SELECT tacl_suspend_tenant('prf-b');
SET app.user_id = 'prf-ann';
SET ROLE regress_tacl_preference;
SELECT tacl_remember_tenant('prf-ann', 'prf-b'), tacl_set_primary('prf-ann', 'prf-a');

-- Nothing about tenants that they do not belong to: the same for one that is
-- there and one that is not
SELECT tacl_set_primary('prf-ann', 'prf-c');
SELECT tacl_set_primary('prf-ann', 'prf-x');
SELECT tacl_remember_tenant('prf-ann', 'prf-c');
SELECT tacl_remember_tenant('prf-ann', 'prf-x');

-- Nobody else's, whatever the arguments: the same error each time
SELECT tacl_set_primary('prf-staff', 'prf-c');
SELECT tacl_remember_tenant('prf-nobody', 'prf-x');
SELECT tacl_remember_tenant('prf-eve', NULL);
SELECT tacl_set_primary('', '*');
SELECT tacl_set_primary(NULL, NULL);
RESET app.user_id;
SELECT tacl_set_primary('prf-ann', 'prf-a');
SELECT tacl_set_primary('', 'prf-a');
SELECT * FROM tacl.user_preference;
UPDATE tacl.user_preference SET primary_tenant = 'prf-c';
RESET ROLE;

-- A user who is disabled has no tenants
SELECT tacl_disable_user('prf-ann');
SET app.user_id = 'prf-ann';
SET ROLE regress_tacl_preference;
SELECT tacl_set_primary('prf-ann', 'prf-a');
RESET ROLE;
RESET app.user_id;
SELECT tacl_enable_user('prf-ann');

-- An operator needs INSERT and UPDATE on the table, and no SELECT
GRANT INSERT ON tacl.user_preference TO regress_tacl_preference;
SET ROLE regress_tacl_preference;
SELECT tacl_set_primary('prf-ann', 'prf-b');
RESET ROLE;
GRANT UPDATE ON tacl.user_preference TO regress_tacl_preference;
SET ROLE regress_tacl_preference;
SELECT tacl_set_primary('prf-ann', 'prf-b'), tacl_remember_tenant('prf-ann', NULL);
RESET ROLE;
REVOKE ALL ON tacl.user_preference FROM regress_tacl_preference;
DROP ROLE regress_tacl_preference;
RESET tacl.user_setting;

-- Not where nothing may be written
BEGIN READ ONLY;
SELECT tacl_set_primary('prf-ann', 'prf-a');
ROLLBACK;
CREATE MATERIALIZED VIEW prf_view AS SELECT tacl_set_primary('prf-ann', 'prf-a');

-- It says nothing once the user has left or the tenant is gone, and again when
-- they are back
SELECT tacl_set_primary('prf-ann', 'prf-b'), tacl_remember_tenant('prf-ann', 'prf-a1');
SELECT tacl_claims('prf-ann') ->> 'tenant' AS tenant, tacl_claims('prf-ann') ->> 'primary' AS primary, array_agg(tenant) FILTER (WHERE is_primary) AS marked FROM tacl_memberships('prf-ann');
SELECT tacl_remove_member('prf-ann', 'prf-crew', 'prf-b');
SELECT tacl_claims('prf-ann') ->> 'tenant' AS tenant, tacl_claims('prf-ann') ->> 'primary' AS primary, array_agg(tenant) FILTER (WHERE is_primary) AS marked FROM tacl_memberships('prf-ann');
SELECT tacl_drop_tenant('prf-a1');
SELECT tacl_claims('prf-ann') ->> 'tenant' AS tenant, tacl_claims('prf-ann') ->> 'primary' AS primary, array_agg(tenant) FILTER (WHERE is_primary) AS marked FROM tacl_memberships('prf-ann');
SELECT user_id, primary_tenant, last_tenant FROM tacl.user_preference WHERE user_id = 'prf-ann';
SELECT tacl_add_member('prf-ann', 'prf-crew', 'prf-b');
SELECT tacl_claims('prf-ann') ->> 'tenant' AS tenant, tacl_claims('prf-ann') ->> 'primary' AS primary, array_agg(tenant) FILTER (WHERE is_primary) AS marked FROM tacl_memberships('prf-ann');

-- Clean up
DELETE FROM tacl.user_preference;
DELETE FROM tacl.assignment WHERE user_id ~ '^prf-';
DELETE FROM tacl.user_account WHERE user_id ~ '^prf-';
SELECT tacl_drop_tenant(id, true) FROM tacl.tenant WHERE id ~ '^prf-' OR id IN ('7121', '0b0b0b0b-0000-4000-8000-00000000000b') ORDER BY id;
SELECT tacl_drop_role(name) FROM tacl.role WHERE name ~ '^prf-' ORDER BY name;
