/*
 * admin_assign.c
 *		Assign roles, grant patterns, disable users.
 *
 * What is there already is neither written nor locked again; two transactions
 * that assign the same at once leave one row.
 */
#include "admin.h"

#include "catalog/pg_type.h"

#include "make_way.h"

PG_FUNCTION_INFO_V1(tacl_assign);
PG_FUNCTION_INFO_V1(tacl_unassign);
PG_FUNCTION_INFO_V1(tacl_grant);
PG_FUNCTION_INFO_V1(tacl_revoke);
PG_FUNCTION_INFO_V1(tacl_disable_user);
PG_FUNCTION_INFO_V1(tacl_enable_user);

static const AdminAction assign_action = {
	"tacl_assign()", TACL_RIGHT_ASSIGN,
	{[STORE_ASSIGNMENT] = ACL_INSERT | ACL_UPDATE}
};

static const AdminAction unassign_action = {
	"tacl_unassign()", TACL_RIGHT_ASSIGN, {[STORE_ASSIGNMENT] = ACL_DELETE}
};

static const AdminAction grant_action = {
	"tacl_grant()", TACL_RIGHT_ASSIGN,
	{[STORE_ASSIGNMENT] = ACL_INSERT | ACL_UPDATE}
};

static const AdminAction revoke_action = {
	"tacl_revoke()", TACL_RIGHT_ASSIGN, {[STORE_ASSIGNMENT] = ACL_DELETE}
};

static const AdminAction disable_action = {
	"tacl_disable_user()", NULL,
	{[STORE_USER_ACCOUNT] = ACL_INSERT | ACL_UPDATE}
};

static const AdminAction enable_action = {
	"tacl_enable_user()", NULL,
	{[STORE_USER_ACCOUNT] = ACL_INSERT | ACL_UPDATE}
};

static Statement insert_assignment = {
	"INSERT INTO tacl.assignment"
	" (user_id, group_id, tenant, role_id, pattern, starts_at, expires_at,"
	" assigned_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
	" ON CONFLICT ON CONSTRAINT assignment_key DO NOTHING",
	{TEXTOID, INT8OID, TEXTOID, INT8OID, TEXTOID, TIMESTAMPTZOID,
	TIMESTAMPTZOID, TEXTOID}
};

static Statement update_validity = {
	"UPDATE tacl.assignment"
	" SET starts_at = $2, expires_at = $3, assigned_by = $4"
	" WHERE id OPERATOR(pg_catalog.=) $1",
	{INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID}
};

static Statement delete_assignments = {
	"DELETE FROM tacl.assignment WHERE id OPERATOR(pg_catalog.=) ANY ($1)",
	{INT8ARRAYOID}
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

/* Fetches what is there of the wanted assignment; false if nothing is. */
static bool
find_assignment(const AssignmentRow *wanted, AssignmentRow *present)
{
	StoreReader reader;
	bool		found;

	store_begin_some(&reader, STORE_ONLY(STORE_ASSIGNMENT));
	found = store_assignment_like(&reader, wanted, present);
	store_end(&reader);
	return found;
}

/* Adds an assignment; false if another transaction did. See admin.h. */
bool
admin_add_assignment(const Delegate *by, const AssignmentRow *wanted)
{
	StoreRows	key = {
		ASSIGNMENT_BY_USER, 5, {
			{.name = wanted->user}, {.id = wanted->group_id},
			{.name = wanted->tenant}, {.id = wanted->role_id},
			{.name = wanted->pattern}
		}
	};
	LOCKTAG		key_lock;
	bool		added;

	make_way_to_tenant(by, wanted->tenant);
	if (wanted->group_id != 0)
		make_way_to_rows(by, ROWS_BY_ID(GROUP_BY_ID, wanted->group_id),
						 LockTupleKeyShare);
	if (wanted->role_id != 0)
		make_way_to_rows(by, ROWS_BY_ID(ROLE_BY_ID, wanted->role_id),
						 LockTupleKeyShare);
	key_lock = make_way_to_key(by, key);
	added = statement_run(&insert_assignment,
						  PARAMS(param_name(wanted->user),
								 param_id(wanted->group_id),
								 param_name(wanted->tenant),
								 param_id(wanted->role_id),
								 param_name(wanted->pattern),
								 param_time(wanted->starts_at),
								 param_time(wanted->expires_at),
								 admin_author(by))) > 0;
	make_way_done(&key_lock);
	return added;
}

/* Changes the validity; false if another transaction removed the row. */
static bool
change_validity(const Delegate *by, const AssignmentRow *present,
				const AssignmentRow *wanted)
{
	make_way_to_rows(by, ROWS_BY_ID(ASSIGNMENT_BY_ID, present->id),
					 LockTupleNoKeyExclusive);
	return statement_run(&update_validity,
						 PARAMS(param_id(present->id),
								param_time(wanted->starts_at),
								param_time(wanted->expires_at),
								admin_author(by))) > 0;
}

/*
 * Ensures that the assignment is there with its validity; true if that
 * changed anything. If another transaction is faster, what it did is looked
 * at again.
 */
bool
admin_put_assignment(Delegate *by, const AssignmentRow *wanted)
{
	bool		done = false;

	delegate_give(by, wanted);
	for (int attempt = 1; !done; attempt++)
	{
		AssignmentRow present;

		admin_check_attempt(attempt);
		if (!find_assignment(wanted, &present))
			done = admin_add_assignment(by, wanted);
		else if (present.starts_at == wanted->starts_at &&
				 present.expires_at == wanted->expires_at)
			return false;
		else
		{
			/* To change its validity is to take it away, and give it again. */
			delegate_take(by, &present);
			done = change_validity(by, &present, wanted);
		}
	}
	delegate_end(by);
	return true;
}

/* Deletes assignments; true if there were any. */
bool
admin_delete_assignments(Delegate *by, AssignmentArray rows)
{
	IdArray		ids = admin_id_room(rows.count);

	if (rows.count == 0)
		return false;
	for (int i = 0; i < rows.count; i++)
	{
		delegate_take(by, &rows.items[i]);
		ids.items[ids.count++] = rows.items[i].id;
	}
	make_way_to_each(by, ASSIGNMENT_BY_ID, ids, LockTupleExclusive);
	if (statement_run(&delete_assignments, PARAMS(param_ids(ids))) == 0)
		return false;
	delegate_end(by);
	return true;
}

/* The id of the role that a name means at the tenant, or an error. */
static int64
role_id_at(const Delegate *by, TaclName name, TaclName tenant)
{
	StoreReader reader;
	RoleRow		role;

	store_begin_some(&reader, STORE_ONLY(STORE_TENANT) | STORE_ONLY(STORE_ROLE));
	role = admin_role(by, &reader, name, tenant);
	store_end(&reader);
	return role.id;
}

/* Gives the user a role; false if they have it with the same validity. */
Datum
tacl_assign(PG_FUNCTION_ARGS)
{
	IdBuffer	user_buffer;
	IdBuffer	tenant_buffer;
	AssignmentRow wanted = {0};
	Delegate	by;
	TaclName	role;

	admin_begin(&assign_action, &by);
	wanted.user = arg_required_id(fcinfo, 0, &user_buffer, "user");
	role = arg_required_name(fcinfo, 1, "role");
	wanted.tenant = arg_required_id(fcinfo, 2, &tenant_buffer, "tenant");
	admin_validity(fcinfo, 3, &wanted);
	delegate_enter(&by, wanted.tenant);
	wanted.role_id = role_id_at(&by, role, wanted.tenant);
	PG_RETURN_BOOL(admin_put_assignment(&by, &wanted));
}

/* The user's assignments at the tenant of all roles of a name. */
static AssignmentArray
assignments_of_name(TaclName user, TaclName tenant, TaclName name)
{
	StoreReader reader;
	AssignmentArray all;
	RoleRow		role;
	int			kept = 0;

	store_begin(&reader);
	all = store_user_assignments_at(&reader, user, tenant);
	for (int i = 0; i < all.count; i++)
	{
		if (all.items[i].role_id != 0 &&
			store_role(&reader, all.items[i].role_id, &role) &&
			name_equal(role.name, name))
			all.items[kept++] = all.items[i];
	}
	all.count = kept;
	store_end(&reader);
	return all;
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
	Delegate	by;
	TaclName	role;
	TaclName	tenant;

	admin_begin(&unassign_action, &by);
	user = arg_required_id(fcinfo, 0, &user_buffer, "user");
	role = arg_required_name(fcinfo, 1, "role");
	tenant = arg_required_id(fcinfo, 2, &tenant_buffer, "tenant");
	delegate_enter(&by, tenant);
	if (admin_delete_assignments(&by, assignments_of_name(user, tenant, role)))
		PG_RETURN_BOOL(true);

	/*
	 * A name that means nothing is more likely a mistake than done. What names
	 * there are, a delegate is not told.
	 */
	if (by.count == 0)
		(void) role_id_at(&by, role, tenant);
	PG_RETURN_BOOL(false);
}

/* Gives the user a pattern; false if they have it with the same validity. */
Datum
tacl_grant(PG_FUNCTION_ARGS)
{
	IdBuffer	user_buffer;
	IdBuffer	tenant_buffer;
	AssignmentRow wanted = {0};
	Delegate	by;

	admin_begin(&grant_action, &by);
	wanted.user = arg_required_id(fcinfo, 0, &user_buffer, "user");
	wanted.pattern = admin_pattern(fcinfo, 1);
	wanted.tenant = arg_required_id(fcinfo, 2, &tenant_buffer, "tenant");
	admin_validity(fcinfo, 3, &wanted);
	delegate_enter(&by, wanted.tenant);
	(void) resolve_look_at_tenant(wanted.tenant);
	PG_RETURN_BOOL(admin_put_assignment(&by, &wanted));
}

/* Takes a pattern, granted at the tenant itself; false if there is none. */
Datum
tacl_revoke(PG_FUNCTION_ARGS)
{
	IdBuffer	user_buffer;
	IdBuffer	tenant_buffer;
	AssignmentRow wanted = {0};
	AssignmentRow present;
	AssignmentArray rows = {&present, 1};
	Delegate	by;

	admin_begin(&revoke_action, &by);
	wanted.user = arg_required_id(fcinfo, 0, &user_buffer, "user");
	wanted.pattern = admin_pattern(fcinfo, 1);
	wanted.tenant = arg_required_id(fcinfo, 2, &tenant_buffer, "tenant");
	delegate_enter(&by, wanted.tenant);
	if (find_assignment(&wanted, &present) &&
		admin_delete_assignments(&by, rows))
		PG_RETURN_BOOL(true);
	(void) resolve_look_at_tenant(wanted.tenant);
	PG_RETURN_BOOL(false);
}

/* From now on the user may do nothing; false if that is so. */
Datum
tacl_disable_user(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	TaclName	user;

	admin_begin(&disable_action, NULL);
	user = arg_required_id(fcinfo, 0, &buffer, "user");
	PG_RETURN_BOOL(statement_run(&disable_user, PARAMS(param_name(user))) > 0);
}

/* Ends that; false if the user was not disabled. */
Datum
tacl_enable_user(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	TaclName	user;

	admin_begin(&enable_action, NULL);
	user = arg_required_id(fcinfo, 0, &buffer, "user");
	PG_RETURN_BOOL(statement_run(&enable_user, PARAMS(param_name(user))) > 0);
}
