/*
 * claims.c
 *		What a token may say about a user.
 */
#include "tenant_acl.h"

#include "access.h"
#include "args.h"
#include "jsonb_push.h"
#include "list.h"
#include "session.h"

PG_FUNCTION_INFO_V1(tacl_claims);

/* How many tenants are listed unless another number is given. */
#define DEFAULT_MAX_TENANTS 50

/* Pushes a key and an array of one or two lists. */
static void
push_names(JsonbParseState **state, TaclName key, NameArray names,
		   NameArray more)
{
	jsonb_push_name(state, WJB_KEY, key);
	(void) pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
	jsonb_push_elements(state, names);
	jsonb_push_elements(state, more);
	(void) pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

/* Pushes the tenants with the roles in each. */
static void
push_tenants(JsonbParseState **state, MembershipArray tenants)
{
	const NameArray none = {NULL, 0};

	jsonb_push_name(state, WJB_KEY, name_from_cstring("tenants"));
	(void) pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < tenants.count; i++)
		push_names(state, tenants.items[i].tenant, tenants.items[i].roles,
				   none);
	(void) pushJsonbValue(state, WJB_END_OBJECT, NULL);
}

/* Pushes that there are more tenants than listed. */
static void
push_omission(JsonbParseState **state)
{
	jsonb_push_name(state, WJB_KEY, name_from_cstring("tenants_omitted"));
	jsonb_push_bool(state, true);
}

/* The claims as an object. */
static Jsonb *
claims_to_jsonb(TaclName user, const Claims *claims)
{
	const NameArray none = {NULL, 0};
	JsonbParseState *state = NULL;

	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	jsonb_push_pair(&state, "user", user);
	jsonb_push_pair(&state, "tenant", claims->tenant);
	jsonb_push_pair(&state, "primary", claims->primary);
	push_tenants(&state, claims->tenants);
	if (!claims->complete)
		push_omission(&state);
	push_names(&state, name_from_cstring("roles"), claims->roles, none);
	push_names(&state, name_from_cstring("permissions"),
			   claims->permissions.allows, claims->permissions.denies);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/* The greatest number of tenants to list, or error 22023. */
static int
max_tenants_arg(FunctionCallInfo fcinfo, int argno)
{
	int			number = DEFAULT_MAX_TENANTS;

	if (PG_NARGS() > argno && !PG_ARGISNULL(argno))
		number = PG_GETARG_INT32(argno);
	if (number < 0 || number > TACL_MAX_LIST)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_tenants must be between 0 and %d", TACL_MAX_LIST)));
	return number;
}

/*
 * tacl_claims(user [, tenant [, max_tenants]]). NULL for a user who cannot be.
 */
Datum
tacl_claims(PG_FUNCTION_ARGS)
{
	IdBuffer	user_buffer;
	IdBuffer	tenant_buffer;
	TaclName	user = {NULL, 0};
	TaclName	tenant = {NULL, 0};
	int			max_tenants;
	Claims		claims;

	(void) arg_id(fcinfo, 0, &user_buffer, &user);
	access_require_sight_of(user);
	max_tenants = max_tenants_arg(fcinfo, 2);
	if (PG_NARGS() < 2 || !arg_id(fcinfo, 1, &tenant_buffer, &tenant))
		(void) session_active_tenant(&tenant);
	if (!name_is_possible(user))
		PG_RETURN_NULL();
	claims = list_claims(user, tenant, max_tenants);
	PG_RETURN_JSONB_P(claims_to_jsonb(user, &claims));
}
