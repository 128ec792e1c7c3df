/*
 * lookup.c
 *		Lists and explanations, for SQL.
 *
 * A list agrees with the checks: t is in tacl_tenants(u, p) exactly when
 * tacl_can(u, p, t) and t is not the root, and u is in tacl_users(p, t) exactly
 * when tacl_can(u, p, t).
 */
#include "tenant_acl.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "access.h"
#include "args.h"
#include "explain.h"
#include "list.h"
#include "session.h"

PG_FUNCTION_INFO_V1(tacl_explain);
PG_FUNCTION_INFO_V1(tacl_members);
PG_FUNCTION_INFO_V1(tacl_memberships);
PG_FUNCTION_INFO_V1(tacl_permissions);
PG_FUNCTION_INFO_V1(tacl_roles);
PG_FUNCTION_INFO_V1(tacl_tenants);
PG_FUNCTION_INFO_V1(tacl_users);

/*
 * Arguments
 */

/* Reads the user that is asked about. */
static TaclName
user_arg(FunctionCallInfo fcinfo, int argno, IdBuffer *buffer)
{
	TaclName	user = {NULL, 0};

	(void) arg_id(fcinfo, argno, buffer, &user);
	return user;
}

/* Reads the tenant; without such an argument, the one that is meant. */
static TaclName
tenant_arg(FunctionCallInfo fcinfo, int argno, IdBuffer *buffer)
{
	TaclName	tenant = {NULL, 0};

	if (PG_NARGS() <= argno)
		return session_tenant_meant();
	(void) arg_id(fcinfo, argno, buffer, &tenant);
	return tenant;
}

/* Reads a permission; no data if it is NULL or empty, error 22023 if none. */
static TaclName
permission_arg(FunctionCallInfo fcinfo, int argno)
{
	Permission	permission;

	if (!arg_permission(fcinfo, argno, &permission))
		return (TaclName) {NULL, 0};
	return permission.name;
}

/*
 * Results
 */

/* No function here has more columns than this. */
#define MAX_RESULT_COLUMNS 13

/* One row while it is put together. */
typedef struct ResultRow
{
	Datum		values[MAX_RESULT_COLUMNS];
	bool		nulls[MAX_RESULT_COLUMNS];
	int			count;
} ResultRow;

/* Adds a column. */
static void
add_value(ResultRow *row, Datum value, bool isnull)
{
	row->values[row->count] = value;
	row->nulls[row->count++] = isnull;
}

/* Adds a name; NULL if it has no data. */
static void
add_name(ResultRow *row, TaclName name)
{
	add_value(row, name.data == NULL ? (Datum) 0 :
			  PointerGetDatum(cstring_to_text_with_len(name.data, name.len)),
			  name.data == NULL);
}

/* Adds a zero-terminated text, or NULL. */
static void
add_text(ResultRow *row, const char *text)
{
	add_value(row, text == NULL ? (Datum) 0 : CStringGetTextDatum(text),
			  text == NULL);
}

/* Adds a list of names. */
static void
add_names(ResultRow *row, NameArray names)
{
	Datum	   *elements = palloc(sizeof(Datum) * Max(names.count, 1));

	for (int i = 0; i < names.count; i++)
		elements[i] = PointerGetDatum(
			cstring_to_text_with_len(names.items[i].data, names.items[i].len));
	add_value(row, PointerGetDatum(construct_array(elements, names.count,
												   TEXTOID, -1, false,
												   TYPALIGN_INT)), false);
}

/* Adds a time; NULL if it means that there is no limit. */
static void
add_time(ResultRow *row, TimestampTz time)
{
	add_value(row, TimestampTzGetDatum(time), TIMESTAMP_NOT_FINITE(time));
}

/* Adds a boolean. */
static void
add_flag(ResultRow *row, bool flag)
{
	add_value(row, BoolGetDatum(flag), false);
}

/* Puts the row into the result, and starts the next. */
static void
put_row(FunctionCallInfo fcinfo, ResultRow *row)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	if (result->setDesc->natts != row->count)
		elog(ERROR, "a function is not declared with the columns that it returns");
	tuplestore_putvalues(result->setResult, result->setDesc, row->values,
						 row->nulls);
	row->count = 0;
}

/*
 * Functions
 */

/* tacl_tenants(user [, permission]) */
Datum
tacl_tenants(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	ResultRow	row = {.count = 0};
	TaclName	user = user_arg(fcinfo, 0, &buffer);
	TaclName	permission = {NULL, 0};
	NameArray	tenants = {NULL, 0};

	access_require_sight_of(user);
	if (PG_NARGS() > 1)
		permission = permission_arg(fcinfo, 1);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (name_is_possible(user) && PG_NARGS() == 1)
		tenants = list_tenants(user);
	else if (name_is_possible(user) && permission.data != NULL &&
			 session_scope_allows(user, permission))
		tenants = list_tenants_allowing(user, permission);
	for (int i = 0; i < tenants.count; i++)
	{
		add_name(&row, tenants.items[i]);
		put_row(fcinfo, &row);
	}
	PG_RETURN_NULL();
}

/* tacl_users(permission, tenant) */
Datum
tacl_users(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	ResultRow	row = {.count = 0};
	TaclName	permission;
	TaclName	tenant;
	UserArray	users = {NULL, 0};

	tenant = tenant_arg(fcinfo, 1, &buffer);
	access_require_sight_at(tenant);
	permission = permission_arg(fcinfo, 0);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (permission.data != NULL && name_is_possible(tenant))
		users = list_users(permission, tenant);
	for (int i = 0; i < users.count; i++)
	{
		if (!session_scope_allows(users.items[i].user, permission))
			continue;
		add_name(&row, users.items[i].user);
		add_name(&row, users.items[i].assigned_at);
		put_row(fcinfo, &row);
	}
	PG_RETURN_NULL();
}

/* tacl_memberships(user) */
Datum
tacl_memberships(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	ResultRow	row = {.count = 0};
	TaclName	user = user_arg(fcinfo, 0, &buffer);
	MembershipArray found = {NULL, 0};

	access_require_sight_of(user);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (name_is_possible(user))
		found = list_memberships(user);
	for (int i = 0; i < found.count; i++)
	{
		const Membership *membership = &found.items[i];

		add_name(&row, membership->tenant);
		add_names(&row, membership->roles);
		add_name(&row, membership->inherited_from);
		add_time(&row, membership->expires_at);
		add_flag(&row, membership->suspended);
		add_flag(&row, membership->primary);
		put_row(fcinfo, &row);
	}
	PG_RETURN_NULL();
}

/* tacl_members(tenant) */
Datum
tacl_members(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	ResultRow	row = {.count = 0};
	TaclName	tenant;
	MemberArray found = {NULL, 0};

	tenant = tenant_arg(fcinfo, 0, &buffer);
	access_require_sight_at(tenant);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (name_is_possible(tenant))
		found = list_members(tenant);
	for (int i = 0; i < found.count; i++)
	{
		const Member *member = &found.items[i];

		add_name(&row, member->user);
		add_names(&row, member->roles);
		add_names(&row, member->grants);
		add_name(&row, member->group);
		add_name(&row, member->assigned_at);
		add_time(&row, member->expires_at);
		put_row(fcinfo, &row);
	}
	PG_RETURN_NULL();
}

/* tacl_roles(user [, tenant]) */
Datum
tacl_roles(PG_FUNCTION_ARGS)
{
	IdBuffer	user_buffer;
	IdBuffer	tenant_buffer;
	ResultRow	row = {.count = 0};
	TaclName	user = user_arg(fcinfo, 0, &user_buffer);
	TaclName	tenant = tenant_arg(fcinfo, 1, &tenant_buffer);
	RoleArray	roles = {NULL, 0};
	bool		sees_all = access_sees_all();
	const TaclName hidden = {NULL, 0};

	access_require_sight_of_at(user, tenant);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (name_is_possible(user) && name_is_possible(tenant))
		roles = list_roles(user, tenant);
	for (int i = 0; i < roles.count; i++)
	{
		const ListedRole *role = &roles.items[i];

		add_name(&row, role->name);
		add_name(&row, sees_all || role->definer_known ? role->defined_at :
				 hidden);
		add_name(&row, role->assigned_at);
		add_name(&row, role->group);
		add_name(&row, role->included_by);
		add_time(&row, role->expires_at);
		put_row(fcinfo, &row);
	}
	PG_RETURN_NULL();
}

/* Puts a row for each pattern. */
static void
put_patterns(FunctionCallInfo fcinfo, NameArray patterns, const char *effect)
{
	ResultRow	row = {.count = 0};

	for (int i = 0; i < patterns.count; i++)
	{
		add_name(&row, patterns.items[i]);
		add_text(&row, effect);
		put_row(fcinfo, &row);
	}
}

/*
 * tacl_permissions(user [, tenant]): allows, then denies. The user of the
 * session who has nothing but denies could tell by them whether the tenant is
 * registered: that is shown only to who may see all.
 */
Datum
tacl_permissions(PG_FUNCTION_ARGS)
{
	IdBuffer	user_buffer;
	IdBuffer	tenant_buffer;
	TaclName	user = user_arg(fcinfo, 0, &user_buffer);
	TaclName	tenant = tenant_arg(fcinfo, 1, &tenant_buffer);
	Permissions permissions = {{NULL, 0}, {NULL, 0}};

	access_require_sight_of_at(user, tenant);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (name_is_possible(user) && name_is_possible(tenant))
		permissions = list_permissions(user, tenant);
	if (permissions.allows.count == 0 && !access_sees_all())
		permissions.denies.count = 0;
	put_patterns(fcinfo, permissions.allows, "allow");
	put_patterns(fcinfo, permissions.denies, "deny");
	PG_RETURN_NULL();
}

/* The name of an effect; NULL for none. */
static const char *
effect_name(Effect effect)
{
	return effect == EFFECT_ALLOW ? "allow" :
		effect == EFFECT_DENY ? "deny" : NULL;
}

/* Puts the row of one assignment or grant. */
static void
put_reason(FunctionCallInfo fcinfo, const Reason *reason)
{
	ResultRow	row = {.count = 0};

	add_text(&row, reason->role.data != NULL ? "role" : "grant");
	add_name(&row, reason->role);
	add_name(&row, reason->defined_at);
	add_name(&row, reason->pattern);
	add_text(&row, effect_name(reason->effect));
	add_name(&row, reason->assigned_at);
	add_name(&row, reason->group);
	add_text(&row, reason->through_role);
	add_time(&row, reason->starts_at);
	add_time(&row, reason->expires_at);
	add_text(&row, reason->cut_by);
	add_flag(&row, reason->decided);
	add_text(&row, reason->text);
	put_row(fcinfo, &row);
}

/* Puts the row of the verdict. */
static void
put_verdict(FunctionCallInfo fcinfo, const Explanation *explanation)
{
	ResultRow	row = {.count = 0};
	Effect		effect = explanation->allowed ? EFFECT_ALLOW : EFFECT_DENY;
	const TaclName none = {NULL, 0};

	add_text(&row, "verdict");
	add_name(&row, none);
	add_name(&row, none);
	add_name(&row, none);
	add_text(&row, effect_name(effect));
	add_name(&row, none);
	add_name(&row, none);
	add_text(&row, NULL);
	add_time(&row, DT_NOBEGIN);
	add_time(&row, DT_NOEND);
	add_text(&row, NULL);
	add_flag(&row, true);
	add_text(&row, explanation->verdict);
	put_row(fcinfo, &row);
}

/* tacl_explain(user, permission [, tenant]) */
Datum
tacl_explain(PG_FUNCTION_ARGS)
{
	IdBuffer	user_buffer;
	IdBuffer	tenant_buffer;
	TaclName	user = user_arg(fcinfo, 0, &user_buffer);
	TaclName	tenant = tenant_arg(fcinfo, 2, &tenant_buffer);
	TaclName	permission;
	Explanation explanation;

	access_require_sight_of_at(user, tenant);
	permission = permission_arg(fcinfo, 1);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	explanation = explain(user, permission, tenant, access_sees_all());
	for (int i = 0; i < explanation.count; i++)
		put_reason(fcinfo, &explanation.items[i]);
	put_verdict(fcinfo, &explanation);
	PG_RETURN_NULL();
}
