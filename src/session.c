/*
 * session.c
 *		Who asks, and in which tenant.
 *
 * Settings are read each time they are asked for: nothing is remembered here,
 * so that SET LOCAL, savepoints, rollbacks and parallel workers need no care.
 *
 * A signed token, once there is one, comes before the setting in
 * session_asker(), and after it in session_active_tenant(); both stay the only getters.
 */
#include "tenant_acl.h"

#include "access/xact.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "guc.h"
#include "session.h"

PG_FUNCTION_INFO_V1(tacl_user);
PG_FUNCTION_INFO_V1(tacl_tenant);

/* The value of the setting that a setting names; false if unset or empty. */
static bool
setting_value(const char *name, TaclName *value)
{
	const char *text;

	if (name == NULL || name[0] == '\0')
		return false;
	text = GetConfigOption(name, true, false);
	if (text == NULL || text[0] == '\0')
		return false;
	value->data = text;
	value->len = strlen(text);
	return true;
}

/* The user of the session; false if there is none. */
bool
session_asker(TaclName *user)
{
	return setting_value(tacl_user_setting, user);
}

/* The active tenant; false if there is none. */
bool
session_active_tenant(TaclName *tenant)
{
	return setting_value(tacl_tenant_setting, tenant);
}

/* The active tenant, else the root. */
TaclName
session_tenant_meant(void)
{
	TaclName	tenant = {TACL_ROOT, sizeof(TACL_ROOT) - 1};

	(void) session_active_tenant(&tenant);
	return tenant;
}

/* The time that counts for validity. */
TimestampTz
session_now(void)
{
	return Max(GetCurrentStatementStartTimestamp(),
			   GetCurrentTransactionStartTimestamp());
}

/* tacl_user(): the user of the session, or NULL. */
Datum
tacl_user(PG_FUNCTION_ARGS)
{
	TaclName	user;

	if (!session_asker(&user))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(user.data, user.len));
}

/* tacl_tenant(): the active tenant, or NULL. */
Datum
tacl_tenant(PG_FUNCTION_ARGS)
{
	TaclName	tenant;

	if (!session_active_tenant(&tenant))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(tenant.data, tenant.len));
}
