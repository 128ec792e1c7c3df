/*
 * admin_preference.c
 *		Where a user begins: the primary and the last active tenant.
 *
 * A preference gives no right. Who reads one looks whether the user still
 * belongs there.
 */
#include "admin.h"

#include "catalog/pg_type.h"

#include "list.h"
#include "resolve.h"
#include "session.h"

PG_FUNCTION_INFO_V1(tacl_remember_tenant);
PG_FUNCTION_INFO_V1(tacl_set_primary);

/* One of the two preferences. */
typedef struct Preference
{
	bool		is_primary;
	AdminAction for_others;
	Statement  *set;
	Statement  *clear;
} Preference;

static Statement set_primary = {
	"INSERT INTO tacl.user_preference AS p (user_id, primary_tenant) VALUES ($1, $2)"
	" ON CONFLICT ON CONSTRAINT user_preference_pkey"
	" DO UPDATE SET primary_tenant = EXCLUDED.primary_tenant"
	" WHERE (p.primary_tenant OPERATOR(pg_catalog.=) EXCLUDED.primary_tenant) IS NOT TRUE",
	{TEXTOID, TEXTOID}, .preferences = true
};

static Statement clear_primary = {
	"UPDATE tacl.user_preference SET primary_tenant = NULL"
	" WHERE user_id OPERATOR(pg_catalog.=) $1 AND primary_tenant IS NOT NULL",
	{TEXTOID}, .preferences = true
};

static Statement set_last = {
	"INSERT INTO tacl.user_preference AS p (user_id, last_tenant) VALUES ($1, $2)"
	" ON CONFLICT ON CONSTRAINT user_preference_pkey"
	" DO UPDATE SET last_tenant = EXCLUDED.last_tenant"
	" WHERE (p.last_tenant OPERATOR(pg_catalog.=) EXCLUDED.last_tenant) IS NOT TRUE",
	{TEXTOID, TEXTOID}, .preferences = true
};

static Statement clear_last = {
	"UPDATE tacl.user_preference SET last_tenant = NULL"
	" WHERE user_id OPERATOR(pg_catalog.=) $1 AND last_tenant IS NOT NULL",
	{TEXTOID}, .preferences = true
};

static const Preference primary_preference = {
	true,
	{"tacl_set_primary()", NULL, {[STORE_USER_PREFERENCE] = ACL_INSERT | ACL_UPDATE}},
	&set_primary, &clear_primary
};

static const Preference last_preference = {
	false,
	{"tacl_remember_tenant()", NULL, {[STORE_USER_PREFERENCE] = ACL_INSERT | ACL_UPDATE}},
	&set_last, &clear_last
};

/*
 * Raises an error unless the user belongs to the tenant. The user themselves
 * are not told whether there is such a tenant.
 */
static void
require_membership(TaclName user, TaclName tenant, bool is_own)
{
	if (list_is_member(user, tenant))
		return;
	if (is_own)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied: user \"%.*s\" has nothing at tenant \"%.*s\"",
						user.len, user.data, tenant.len, tenant.data)));
	(void) resolve_look_at_tenant(tenant);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("user \"%.*s\" has nothing at tenant \"%.*s\"",
					user.len, user.data, tenant.len, tenant.data),
			 errhint("Assign a role with tacl_assign() first. A disabled user has nothing anywhere.")));
}

/* Raises an error for the root, where no user is at home. */
static void
refuse_root(TaclName tenant)
{
	if (name_is_root(tenant))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the root \"%s\" is no tenant to begin at", TACL_ROOT)));
}

/* Is the preference as wanted? No data means that there is none. */
static bool
is_so_already(const Preference *preference, TaclName user, TaclName tenant)
{
	PreferenceRow row = {{NULL, 0}, {NULL, 0}};
	StoreReader reader;
	TaclName	present;

	store_begin(&reader);
	(void) store_preference(&reader, user, &row);
	store_end(&reader);
	present = preference->is_primary ? row.primary : row.last;
	if (present.data == NULL || tenant.data == NULL)
		return present.data == tenant.data;
	return name_equal(present, tenant);
}

/*
 * Writes a preference, or clears it if the tenant has no data. False if it is
 * so already.
 */
static bool
put_preference(const Preference *preference, TaclName user, TaclName tenant)
{
	if (is_so_already(preference, user, tenant))
		return false;
	if (tenant.data == NULL)
		return statement_run(preference->clear, PARAMS(param_name(user))) > 0;
	return statement_run(preference->set, PARAMS(param_name(user),
												 param_name(tenant))) > 0;
}

/* Remembers where a user is, who belongs there; false if it is so already. */
bool
admin_remember_tenant(TaclName user, TaclName tenant)
{
	return put_preference(&last_preference, user, tenant);
}

/* Sets a preference, or clears it if the tenant is NULL. */
static bool
prefer(FunctionCallInfo fcinfo, const Preference *preference)
{
	IdBuffer	user_buffer;
	IdBuffer	tenant_buffer;
	TaclName	user = {NULL, 0};
	TaclName	tenant = {NULL, 0};
	bool		is_own;

	(void) arg_id(fcinfo, 0, &user_buffer, &user);
	is_own = session_is_asker(user);
	if (is_own)
		admin_begin_own(preference->for_others.function);
	else
		admin_begin(&preference->for_others, NULL);
	user = arg_required_id(fcinfo, 0, &user_buffer, "user");
	if (!PG_ARGISNULL(1))
	{
		tenant = arg_required_id(fcinfo, 1, &tenant_buffer, "tenant");
		refuse_root(tenant);
		require_membership(user, tenant, is_own);
	}
	return put_preference(preference, user, tenant);
}

/* tacl_set_primary(user, tenant): false if it is so already. */
Datum
tacl_set_primary(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(prefer(fcinfo, &primary_preference));
}

/* tacl_remember_tenant(user, tenant): false if it is so already. */
Datum
tacl_remember_tenant(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(prefer(fcinfo, &last_preference));
}
