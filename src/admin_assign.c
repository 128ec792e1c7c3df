/*
 * admin_assign.c
 *		Assign roles, grant patterns, disable users.
 *
 * What is there already is neither written nor locked again; two transactions
 * that assign the same at once leave one row.
 */
#include "admin.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(tacl_assign);
PG_FUNCTION_INFO_V1(tacl_unassign);
PG_FUNCTION_INFO_V1(tacl_sync_roles);
PG_FUNCTION_INFO_V1(tacl_grant);
PG_FUNCTION_INFO_V1(tacl_revoke);
PG_FUNCTION_INFO_V1(tacl_disable_user);
PG_FUNCTION_INFO_V1(tacl_enable_user);

static const AdminAction assign_action = {
	"tacl_assign()", {[STORE_ASSIGNMENT] = ACL_INSERT | ACL_UPDATE}
};

static const AdminAction unassign_action = {
	"tacl_unassign()", {[STORE_ASSIGNMENT] = ACL_DELETE}
};

static const AdminAction sync_action = {
	"tacl_sync_roles()",
	{[STORE_ASSIGNMENT] = ACL_INSERT | ACL_UPDATE | ACL_DELETE}
};

static const AdminAction grant_action = {
	"tacl_grant()", {[STORE_ASSIGNMENT] = ACL_INSERT | ACL_UPDATE}
};

static const AdminAction revoke_action = {
	"tacl_revoke()", {[STORE_ASSIGNMENT] = ACL_DELETE}
};

static const AdminAction disable_action = {
	"tacl_disable_user()", {[STORE_USER_ACCOUNT] = ACL_INSERT | ACL_UPDATE}
};

static const AdminAction enable_action = {
	"tacl_enable_user()", {[STORE_USER_ACCOUNT] = ACL_INSERT | ACL_UPDATE}
};

/* Are two times the same, NULL being no limit? */
#define SAME_TIMES(starts_a, expires_a, starts_b, expires_b) \
	"(COALESCE(" starts_a ", '-infinity') OPERATOR(pg_catalog.=)" \
	" COALESCE(" starts_b ", '-infinity')" \
	" AND COALESCE(" expires_a ", 'infinity') OPERATOR(pg_catalog.=)" \
	" COALESCE(" expires_b ", 'infinity'))"

/*
 * Gives what column "object" says ($5) to what column "subject" says ($4) at
 * $1, from $2 until $3. "others" says that the other columns of the key are
 * NULL.
 */
#define PUT(subject, object, others) \
	"INSERT INTO tacl.assignment" \
	" (tenant, starts_at, expires_at, " subject ", " object ")" \
	" SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (" \
	"SELECT FROM tacl.assignment AS a" \
	" WHERE a.tenant OPERATOR(pg_catalog.=) $1" \
	" AND a." subject " OPERATOR(pg_catalog.=) $4" \
	" AND a." object " OPERATOR(pg_catalog.=) $5" \
	" AND " others \
	" AND " SAME_TIMES("a.starts_at", "a.expires_at", "$2", "$3") ")" \
	" ON CONFLICT ON CONSTRAINT assignment_key DO UPDATE" \
	" SET starts_at = EXCLUDED.starts_at, expires_at = EXCLUDED.expires_at" \
	" WHERE NOT " SAME_TIMES("assignment.starts_at", "assignment.expires_at", \
							 "EXCLUDED.starts_at", "EXCLUDED.expires_at")

static Statement put_user_role = {
	PUT("user_id", "role_id", "a.group_id IS NULL AND a.pattern IS NULL"),
	{TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, INT8OID}
};

static Statement put_group_role = {
	PUT("group_id", "role_id", "a.user_id IS NULL AND a.pattern IS NULL"),
	{TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID, INT8OID}
};

static Statement put_user_pattern = {
	PUT("user_id", "pattern", "a.group_id IS NULL AND a.role_id IS NULL"),
	{TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, TEXTOID}
};

/* All roles named $3 that user $1 has at $2. */
static Statement delete_user_role = {
	"DELETE FROM tacl.assignment AS a USING tacl.role AS r"
	" WHERE a.user_id OPERATOR(pg_catalog.=) $1 AND a.group_id IS NULL"
	" AND a.tenant OPERATOR(pg_catalog.=) $2"
	" AND r.id OPERATOR(pg_catalog.=) a.role_id"
	" AND r.name OPERATOR(pg_catalog.=) $3",
	{TEXTOID, TEXTOID, TEXTOID}
};

static Statement delete_user_pattern = {
	"DELETE FROM tacl.assignment"
	" WHERE user_id OPERATOR(pg_catalog.=) $1 AND group_id IS NULL"
	" AND tenant OPERATOR(pg_catalog.=) $2 AND role_id IS NULL"
	" AND pattern OPERATOR(pg_catalog.=) $3",
	{TEXTOID, TEXTOID, TEXTOID}
};

/* All roles that user $1 has at $2, but for $3. */
static Statement delete_other_roles = {
	"DELETE FROM tacl.assignment"
	" WHERE user_id OPERATOR(pg_catalog.=) $1 AND group_id IS NULL"
	" AND tenant OPERATOR(pg_catalog.=) $2 AND role_id IS NOT NULL"
	" AND NOT role_id OPERATOR(pg_catalog.=) ANY ($3)",
	{TEXTOID, TEXTOID, INT8ARRAYOID}
};

/* Is an assignment in force at $4? */
#define IN_FORCE(row) \
	"((" row ".starts_at IS NULL" \
	" OR " row ".starts_at OPERATOR(pg_catalog.<=) $4)" \
	" AND (" row ".expires_at IS NULL" \
	" OR " row ".expires_at OPERATOR(pg_catalog.>) $4))"

/* Gives user $1 the roles $3 at $2, where they are not in force at $4. */
static Statement put_roles = {
	"INSERT INTO tacl.assignment (user_id, tenant, role_id)"
	" SELECT $1, $2, x FROM pg_catalog.unnest($3) AS x WHERE NOT EXISTS ("
	"SELECT FROM tacl.assignment AS a"
	" WHERE a.user_id OPERATOR(pg_catalog.=) $1 AND a.group_id IS NULL"
	" AND a.tenant OPERATOR(pg_catalog.=) $2"
	" AND a.role_id OPERATOR(pg_catalog.=) x AND a.pattern IS NULL"
	" AND " IN_FORCE("a") ") ORDER BY x"
	" ON CONFLICT ON CONSTRAINT assignment_key DO UPDATE"
	" SET starts_at = NULL, expires_at = NULL"
	" WHERE NOT " IN_FORCE("assignment"),
	{TEXTOID, TEXTOID, INT8ARRAYOID, TIMESTAMPTZOID}
};

static Statement disable_user = {
	"INSERT INTO tacl.user_account (user_id, disabled_at)"
	" SELECT $1, pg_catalog.now() WHERE NOT EXISTS ("
	"SELECT FROM tacl.user_account AS a"
	" WHERE a.user_id OPERATOR(pg_catalog.=) $1 AND a.disabled_at IS NOT NULL)"
	" ON CONFLICT ON CONSTRAINT user_account_pkey DO UPDATE"
	" SET disabled_at = EXCLUDED.disabled_at"
	" WHERE user_account.disabled_at IS NULL",
	{TEXTOID}
};

static Statement enable_user = {
	"UPDATE tacl.user_account SET disabled_at = NULL"
	" WHERE user_id OPERATOR(pg_catalog.=) $1 AND disabled_at IS NOT NULL",
	{TEXTOID}
};

/* Writes an assignment; true if it was not there with this validity. */
static bool
put(Statement *statement, NullableDatum subject, NullableDatum object,
	TaclName tenant, Validity validity)
{
	return statement_run(statement,
						 PARAMS(param_name(tenant), validity.starts_at,
								validity.expires_at, subject, object)) > 0;
}

/* Assigns a role to a group; true if that changed anything. */
bool
admin_put_group_role(int64 group_id, int64 role_id, TaclName tenant,
					 Validity validity)
{
	return put(&put_group_role, param_id(group_id), param_id(role_id), tenant,
			   validity);
}

/* The id of the role that a name means at the tenant, or an error. */
static int64
role_id_at(TaclName name, TaclName tenant)
{
	StoreReader reader;
	RoleRow		role;

	store_begin(&reader);
	role = admin_role(&reader, name, tenant);
	store_end(&reader);
	return role.id;
}

/* Raises an error unless the tenant exists. */
static void
require_tenant(TaclName tenant)
{
	StoreReader reader;

	store_begin(&reader);
	(void) admin_tenant(&reader, tenant);
	store_end(&reader);
}

/* Gives the user a role; false if they have it with the same validity. */
Datum
tacl_assign(PG_FUNCTION_ARGS)
{
	IdBuffer	user_buffer;
	IdBuffer	tenant_buffer;
	TaclName	user;
	TaclName	role;
	TaclName	tenant;
	Validity	validity;

	admin_begin(&assign_action);
	user = arg_required_id(fcinfo, 0, &user_buffer, "user");
	role = arg_required_name(fcinfo, 1, "role");
	tenant = arg_required_id(fcinfo, 2, &tenant_buffer, "tenant");
	validity = admin_validity(fcinfo, 3);
	PG_RETURN_BOOL(put(&put_user_role, param_name(user),
					   param_id(role_id_at(role, tenant)), tenant, validity));
}

/*
 * Takes every role of a name, assigned at the tenant itself, from the user;
 * false if there is none.
 */
Datum
tacl_unassign(PG_FUNCTION_ARGS)
{
	IdBuffer	user_buffer;
	IdBuffer	tenant_buffer;
	TaclName	user;
	TaclName	role;
	TaclName	tenant;

	admin_begin(&unassign_action);
	user = arg_required_id(fcinfo, 0, &user_buffer, "user");
	role = arg_required_name(fcinfo, 1, "role");
	tenant = arg_required_id(fcinfo, 2, &tenant_buffer, "tenant");
	if (statement_run(&delete_user_role,
					  PARAMS(param_name(user), param_name(tenant),
							 param_name(role))) > 0)
		PG_RETURN_BOOL(true);

	/* A name that means nothing is more likely a mistake than done. */
	(void) role_id_at(role, tenant);
	PG_RETURN_BOOL(false);
}

/* The roles that the names mean at the tenant, sorted; or an error. */
static IdArray
role_ids_at(PatternArray names, TaclName tenant)
{
	StoreReader reader;
	IdArray		ids;

	ids.items = palloc(sizeof(int64) * Max(names.count, 1));
	ids.count = 0;
	store_begin(&reader);
	(void) admin_tenant(&reader, tenant);
	for (int i = 0; i < names.count; i++)
		ids.items[ids.count++] =
			admin_role(&reader, names.items[i], tenant).id;
	store_end(&reader);
	admin_sort_ids(&ids);
	return ids;
}

/* When an assignment has to be in force to be in force now. */
static TimestampTz
present_time(void)
{
	return Max(GetCurrentTransactionStartTimestamp(),
			   GetCurrentStatementStartTimestamp());
}

/*
 * Gives the user exactly these roles at the tenant. What is in force stays as
 * it is; what is not is renewed without limit. False if nothing changed.
 */
Datum
tacl_sync_roles(PG_FUNCTION_ARGS)
{
	IdBuffer	user_buffer;
	IdBuffer	tenant_buffer;
	TaclName	user;
	TaclName	tenant;
	PatternArray names;
	NullableDatum *args;
	bool		changed;

	admin_begin(&sync_action);
	user = arg_required_id(fcinfo, 0, &user_buffer, "user");
	if (!admin_names(fcinfo, 1, "role", &names))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("roles must not be NULL"),
				 errhint("Pass '{}' to take all roles at the tenant from the user.")));
	tenant = arg_required_id(fcinfo, 2, &tenant_buffer, "tenant");
	args = PARAMS(param_name(user), param_name(tenant),
				  param_ids(role_ids_at(names, tenant)),
				  param_value(TimestampTzGetDatum(present_time())));
	changed = statement_run(&delete_other_roles, args) > 0;
	changed |= statement_run(&put_roles, args) > 0;
	PG_RETURN_BOOL(changed);
}

/* Gives the user a pattern; false if they have it with the same validity. */
Datum
tacl_grant(PG_FUNCTION_ARGS)
{
	IdBuffer	user_buffer;
	IdBuffer	tenant_buffer;
	TaclName	user;
	TaclName	pattern;
	TaclName	tenant;
	Validity	validity;

	admin_begin(&grant_action);
	user = arg_required_id(fcinfo, 0, &user_buffer, "user");
	pattern = admin_pattern(fcinfo, 1);
	tenant = arg_required_id(fcinfo, 2, &tenant_buffer, "tenant");
	validity = admin_validity(fcinfo, 3);
	require_tenant(tenant);
	PG_RETURN_BOOL(put(&put_user_pattern, param_name(user),
					   param_name(pattern), tenant, validity));
}

/* Takes a pattern, granted at the tenant itself; false if there is none. */
Datum
tacl_revoke(PG_FUNCTION_ARGS)
{
	IdBuffer	user_buffer;
	IdBuffer	tenant_buffer;
	TaclName	user;
	TaclName	pattern;
	TaclName	tenant;

	admin_begin(&revoke_action);
	user = arg_required_id(fcinfo, 0, &user_buffer, "user");
	pattern = admin_pattern(fcinfo, 1);
	tenant = arg_required_id(fcinfo, 2, &tenant_buffer, "tenant");
	if (statement_run(&delete_user_pattern,
					  PARAMS(param_name(user), param_name(tenant),
							 param_name(pattern))) > 0)
		PG_RETURN_BOOL(true);
	require_tenant(tenant);
	PG_RETURN_BOOL(false);
}

/* From now on the user may do nothing; false if that is so. */
Datum
tacl_disable_user(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	TaclName	user;

	admin_begin(&disable_action);
	user = arg_required_id(fcinfo, 0, &buffer, "user");
	PG_RETURN_BOOL(statement_run(&disable_user, PARAMS(param_name(user))) > 0);
}

/* Ends that; false if the user was not disabled. */
Datum
tacl_enable_user(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	TaclName	user;

	admin_begin(&enable_action);
	user = arg_required_id(fcinfo, 0, &buffer, "user");
	PG_RETURN_BOOL(statement_run(&enable_user, PARAMS(param_name(user))) > 0);
}
