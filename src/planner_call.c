/*
 * planner_call.c
 *		Functions that plans and policies call when a scan starts.
 */
#include "tenant_acl.h"

#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "args.h"
#include "cache.h"
#include "idtype.h"
#include "list.h"
#include "session.h"

PG_FUNCTION_INFO_V1(tacl_active_tenant);
PG_FUNCTION_INFO_V1(tacl_setting);
PG_FUNCTION_INFO_V1(tacl_tenants_array);

/*
 * The user of a call that has one, or of the session; false if there is none,
 * or if the token does not leave them the permission.
 */
static bool
asked_user(FunctionCallInfo fcinfo, TaclName permission, IdBuffer *buffer,
		   TaclName *user)
{
	if (PG_NARGS() == 2)
		return session_asks(permission, user) && name_is_possible(*user);
	return arg_id(fcinfo, 0, buffer, user) && name_is_possible(*user) &&
		session_scope_allows(*user, permission);
}

/*
 * tacl.tenants_as_...([user,] permission, internal): the tenants, with the root
 * if it is one, that are values of the type.
 */
Datum
tacl_tenants_array(PG_FUNCTION_ARGS)
{
	Oid			base = get_element_type(get_func_rettype(fcinfo->flinfo->fn_oid));
	IdBuffer	buffer;
	TaclName	user;
	Permission	permission;
	NameArray	tenants = {NULL, 0};
	Datum	   *values;
	int			count = 0;
	int16		len;
	bool		by_value;
	char		align;

	if (arg_permission(fcinfo, PG_NARGS() - 2, &permission) &&
		asked_user(fcinfo, permission.name, &buffer, &user) &&
		!list_few_tenants(user, permission.name, &tenants))
		tenants = list_tenants_and_root(user, permission.name);
	values = palloc_extended(sizeof(Datum) * (Size) Max(tenants.count, 1),
							 MCXT_ALLOC_HUGE);
	for (int i = 0; i < tenants.count; i++)
	{
		if (idtype_value(tenants.items[i], base, &values[count]))
			count++;
	}
	get_typlenbyvalalign(base, &len, &by_value, &align);
	PG_RETURN_ARRAYTYPE_P(construct_array(values, count, base, len, by_value,
										  align));
}

/*
 * The value of the active tenant. As text it is made once for a call site,
 * which a sequential scan calls for each row; not again for another tenant,
 * since nobody says when the first one is not needed any more.
 */
static bool
active_value(FmgrInfo *flinfo, Oid base, TaclName tenant, Datum *value)
{
	if (base != TEXTOID)
		return idtype_value(tenant, base, value);
	if (flinfo->fn_extra == NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(flinfo->fn_mcxt);

		flinfo->fn_extra = cstring_to_text_with_len(tenant.data, tenant.len);
		MemoryContextSwitchTo(caller);
	}
	*value = PointerGetDatum(flinfo->fn_extra);
	return name_equal(arg_name_of_text(*value), tenant) ||
		idtype_value(tenant, base, value);
}

/*
 * tacl_active_tenant(permission, NULL::type): the active tenant as a value of
 * the type, if the user of the session may do this there; else NULL.
 */
Datum
tacl_active_tenant(PG_FUNCTION_ARGS)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, 1);
	Oid			base = idtype_base_of_plain(type);
	Permission	permission;
	TaclName	user;
	TaclName	tenant;
	Datum		value;

	if (!OidIsValid(base))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("type %s cannot be used for the active tenant",
						format_type_be(type)),
				 errhint("Pass NULL::text, NULL::uuid, NULL::smallint, NULL::integer or NULL::bigint.")));
	if (!arg_permission(fcinfo, 0, &permission) ||
		!session_asks(permission.name, &user) ||
		!session_active_tenant(&tenant) ||
		!cache_allows(user, &permission, tenant) ||
		!active_value(fcinfo->flinfo, base, tenant, &value))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(value);
}

/* What a call site of tacl.setting() remembers. */
typedef struct SettingCall
{
	text	   *name;
	char	   *zero_terminated;
	ConfigPlace place;
} SettingCall;

/* The memory of the call site, for this name. */
static SettingCall *
setting_call(FmgrInfo *flinfo, text *name)
{
	SettingCall *call = flinfo->fn_extra;
	MemoryContext caller;

	if (call != NULL && VARSIZE_ANY(call->name) == VARSIZE_ANY(name) &&
		memcmp(call->name, name, VARSIZE_ANY(name)) == 0)
		return call;
	caller = MemoryContextSwitchTo(flinfo->fn_mcxt);
	call = palloc0(sizeof(SettingCall));
	call->name = memcpy(palloc(VARSIZE_ANY(name)), name, VARSIZE_ANY(name));
	call->zero_terminated = text_to_cstring(name);
	MemoryContextSwitchTo(caller);
	flinfo->fn_extra = call;
	return call;
}

/* tacl.setting(name): current_setting(name, true), faster. */
Datum
tacl_setting(PG_FUNCTION_ARGS)
{
	SettingCall *call = setting_call(fcinfo->flinfo, PG_GETARG_TEXT_PP(0));
	const char *value = compat_show_setting(call->zero_terminated,
											&call->place);

	if (value == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(value));
}
