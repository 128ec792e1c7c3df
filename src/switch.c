/*
 * switch.c
 *		Going to another tenant.
 *
 * The active tenant only chooses where questions are asked: switching gives no
 * right, and anyone can set the setting by hand. What switching adds is that
 * a user does not end up where they have nothing, and that they come back to
 * where they were. Whoever is refused is not told whether there is such a
 * tenant.
 */
#include "admin.h"

#include "utils/builtins.h"

#include "list.h"
#include "session.h"

PG_FUNCTION_INFO_V1(tacl_switch);

static const AdminAction remember_action = {"tacl_switch()"};

/*
 * Raises 42501 unless the user belongs to the tenant. Nothing in it depends on
 * the tenant, of which this would else be told.
 */
static void
require_belonging(TaclName user, TaclName tenant)
{
	if (name_is_root(tenant) || !list_is_member(user, tenant))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to switch to this tenant"),
				 errdetail("The user of the session has nothing there."),
				 errhint("tacl_memberships() lists the tenants that a user belongs to.")));
}

/*
 * The tenant to switch to: the one given, or where the user begins. It has no
 * data if that is nowhere.
 */
static TaclName
destination(FunctionCallInfo fcinfo, TaclName user, IdBuffer *buffer)
{
	TaclName	tenant = {NULL, 0};

	if (PG_NARGS() > 0 && arg_id(fcinfo, 0, buffer, &tenant))
		require_belonging(user, tenant);
	else
		tenant = list_home(user);
	return tenant;
}

/*
 * tacl_switch([tenant, remember]): the tenant that is active now, or NULL.
 * Writes nothing unless it shall remember.
 */
Datum
tacl_switch(PG_FUNCTION_ARGS)
{
	bool		remember = PG_NARGS() > 1 && admin_flag(fcinfo, 1);
	IdBuffer	buffer;
	TaclName	user;
	TaclName	tenant;

	if (remember)
		admin_begin(&remember_action);
	user = session_require_asker();
	tenant = destination(fcinfo, user, &buffer);
	if (remember && tenant.data != NULL)
		(void) admin_remember_tenant(user, tenant);
	session_set_tenant(tenant);
	if (!session_active_tenant(&tenant))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(tenant.data, tenant.len));
}
