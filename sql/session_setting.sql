-- The settings that hold user and tenant are found by their names, whatever comes,
-- goes or moves among the settings of the session, and whatever type they have.
-- Guards: the name at a remembered place is compared; so is the type.

-- One goes when the library is loaded that reserves its prefix
SET tacl.user_setting = 'plpgsql.user_id';
SET plpgsql.user_id = 'ses-ann';
SELECT tacl_user();
DO $$
BEGIN
    PERFORM tacl_create_tenant('ses-a'), tacl_create_tenant('ses-b');
    PERFORM tacl_define_role('ses-viewer', '{orders.view}');
    PERFORM tacl_assign('ses-ann', 'ses-viewer', 'ses-a'), tacl_assign('ses-bob', 'ses-viewer', 'ses-b');
    PERFORM tacl_assign('on', 'ses-viewer', 'ses-b');
END $$;
CREATE FUNCTION asks() RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', tacl_user(), tacl_tenant(), tacl_may('orders.view'), tacl_active_tenant('orders.view', NULL::text))
$$;
SELECT tacl_user();
SET aa.one = 'ses-ann';
SELECT tacl_user();

-- Not there yet, then there
SET tacl.user_setting = 'app.user_id';
SELECT asks();
SET app.tenant = 'ses-a';
SET app.user_id = 'ses-ann';
SELECT asks();
-- Others come before and behind
SET aa.first = 'ses-bob';
SELECT asks();
SET app.tenant_before = 'ses-b';
SET app.tenanu = 'ses-b';
SET zz.last = 'ses-bob';
SELECT asks();
-- Values within a transaction, and back
BEGIN;
SET LOCAL app.tenant = 'ses-b';
SELECT asks();
SAVEPOINT s;
SET LOCAL app.user_id = 'ses-bob';
SELECT asks();
ROLLBACK TO s;
SELECT asks();
COMMIT;
SELECT asks();
-- Other names among the same settings
SET tacl.user_setting = 'aa.first';
SET tacl.tenant_setting = 'app.tenanu';
SELECT asks();
SET tacl.tenant_setting = 'App.Tenant';
SET tacl.user_setting = 'APP.USER_ID';
SELECT asks();
-- A setting that is no text
SET tacl.user_setting = 'plpgsql.check_asserts';
SET aa.second = '';
SELECT tacl_user(), tacl_may('orders.view', 'ses-b'), tacl_may('orders.view', 'ses-a');
-- Empty, and as it was at the start of the session
SET tacl.user_setting = 'app.user_id';
SET app.user_id = '';
SELECT asks();
RESET app.tenant;
SET app.user_id = 'ses-ann';
SELECT asks();

RESET tacl.user_setting;
RESET tacl.tenant_setting;
DROP FUNCTION asks();
DO $$
BEGIN
    PERFORM tacl_unassign('ses-ann', 'ses-viewer', 'ses-a'), tacl_unassign('ses-bob', 'ses-viewer', 'ses-b');
    PERFORM tacl_unassign('on', 'ses-viewer', 'ses-b');
    PERFORM tacl_drop_role('ses-viewer'), tacl_drop_tenant('ses-a'), tacl_drop_tenant('ses-b');
END $$;
