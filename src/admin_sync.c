/*
 * admin_sync.c
 *		Give a user exactly these roles at a tenant.
 */
#include "admin.h"

#include "catalog/pg_type.h"

#include "session.h"

PG_FUNCTION_INFO_V1(tacl_sync_roles);

static const AdminAction sync_action = {
	"tacl_sync_roles()",
	{[STORE_ASSIGNMENT] = ACL_INSERT | ACL_UPDATE | ACL_DELETE}
};

static Statement renew_assignments = {
	"UPDATE tacl.assignment SET starts_at = NULL, expires_at = NULL"
	" WHERE id OPERATOR(pg_catalog.=) ANY ($1)",
	{INT8ARRAYOID}
};

/*
 * Gives user $1 the roles $3 at $2. What another transaction gave meanwhile is
 * renewed if it is not in force at $4.
 */
static Statement add_roles = {
	"INSERT INTO tacl.assignment (user_id, tenant, role_id)"
	" SELECT $1, $2, x FROM pg_catalog.unnest($3) AS x"
	" ON CONFLICT ON CONSTRAINT assignment_key DO UPDATE"
	" SET starts_at = NULL, expires_at = NULL"
	" WHERE assignment.starts_at OPERATOR(pg_catalog.>) $4"
	" OR assignment.expires_at OPERATOR(pg_catalog.<=) $4",
	{TEXTOID, TEXTOID, INT8ARRAYOID, TIMESTAMPTZOID}
};

/* What is to be done. */
typedef struct SyncPlan
{
	IdArray		removed;		/* assignments */
	IdArray		renewed;		/* assignments */
	IdArray		added;			/* roles */
} SyncPlan;

/* The roles that the names mean at the tenant, sorted; or an error. */
static IdArray
role_ids(StoreReader *reader, PatternArray names, TaclName tenant)
{
	IdArray		ids = admin_id_room(names.count);

	(void) resolve_tenant(reader, tenant);
	for (int i = 0; i < names.count; i++)
		ids.items[ids.count++] =
			resolve_role(reader, names.items[i], tenant).id;
	admin_sort_ids(&ids);
	return ids;
}

/* Decides about one assignment; *found is set if its role is wanted. */
static void
plan_present(SyncPlan *plan, const AssignmentRow *row, IdArray wanted,
			 bool *found, TimestampTz now)
{
	int			place = admin_find_id(wanted, row->role_id);

	if (place < 0)
		plan->removed.items[plan->removed.count++] = row->id;
	else
	{
		found[place] = true;
		if (row->starts_at > now || row->expires_at <= now)
			plan->renewed.items[plan->renewed.count++] = row->id;
	}
}

/* Compares what the user has at the tenant with the roles wanted. */
static SyncPlan
make_plan(AssignmentArray present, IdArray wanted, TimestampTz now)
{
	bool	   *found = palloc0(sizeof(bool) * Max(wanted.count, 1));
	SyncPlan	plan;

	plan.removed = admin_id_room(present.count);
	plan.renewed = admin_id_room(present.count);
	plan.added = admin_id_room(wanted.count);
	for (int i = 0; i < present.count; i++)
	{
		if (present.items[i].role_id != 0)
			plan_present(&plan, &present.items[i], wanted, found, now);
	}
	for (int i = 0; i < wanted.count; i++)
	{
		if (!found[i])
			plan.added.items[plan.added.count++] = wanted.items[i];
	}
	return plan;
}

/* Writes what the plan says; false if that is nothing. */
static bool
execute_plan(const SyncPlan *plan, TaclName user, TaclName tenant,
			 TimestampTz now)
{
	bool		changed = admin_delete_assignments(plan->removed);

	if (plan->renewed.count > 0)
		changed |= statement_run(&renew_assignments,
								 PARAMS(param_ids(plan->renewed))) > 0;
	if (plan->added.count > 0)
		changed |= statement_run(&add_roles,
								 PARAMS(param_name(user), param_name(tenant),
										param_ids(plan->added),
										param_time(now))) > 0;
	return changed;
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
	StoreReader reader;
	TimestampTz now = session_now();
	SyncPlan	plan;

	admin_begin(&sync_action);
	user = arg_required_id(fcinfo, 0, &user_buffer, "user");
	if (!admin_names(fcinfo, 1, "role", &names))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("roles must not be NULL"),
				 errhint("Pass '{}' to take all roles at the tenant from the user.")));
	tenant = arg_required_id(fcinfo, 2, &tenant_buffer, "tenant");
	store_begin(&reader);
	plan = make_plan(store_user_assignments_at(&reader, user, tenant),
					 role_ids(&reader, names, tenant), now);
	store_end(&reader);
	PG_RETURN_BOOL(execute_plan(&plan, user, tenant, now));
}
