/*
 * admin_sync.c
 *		Give a user exactly these roles at a tenant.
 */
#include "admin.h"

#include "catalog/pg_type.h"

#include "make_way.h"
#include "session.h"

PG_FUNCTION_INFO_V1(tacl_sync_roles);

static const AdminAction sync_action = {
	"tacl_sync_roles()", TACL_RIGHT_ASSIGN,
	{[STORE_ASSIGNMENT] = ACL_INSERT | ACL_UPDATE | ACL_DELETE}
};

static Statement renew_assignments = {
	"UPDATE tacl.assignment"
	" SET starts_at = NULL, expires_at = NULL, assigned_by = $2"
	" WHERE id OPERATOR(pg_catalog.=) ANY ($1)",
	{INT8ARRAYOID, TEXTOID}
};

/* What is to be done. */
typedef struct SyncPlan
{
	AssignmentArray removed;
	AssignmentArray renewed;
	IdArray		added;			/* roles */
} SyncPlan;

/* The roles that the names mean at the tenant, sorted; or an error. */
static IdArray
role_ids(const Delegate *by, StoreReader *reader, PatternArray names,
		 TaclName tenant)
{
	IdArray		ids = admin_id_room(names.count);

	(void) resolve_tenant(reader, tenant);
	for (int i = 0; i < names.count; i++)
		ids.items[ids.count++] =
			admin_role(by, reader, names.items[i], tenant).id;
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
		plan->removed.items[plan->removed.count++] = *row;
	else
	{
		found[place] = true;
		if (row->starts_at > now || row->expires_at <= now)
			plan->renewed.items[plan->renewed.count++] = *row;
	}
}

/* An empty array with room for so many assignments. */
static AssignmentArray
assignment_room(int count)
{
	AssignmentArray rows;

	rows.items = palloc_extended(sizeof(AssignmentRow) * (Size) Max(count, 1),
								 MCXT_ALLOC_HUGE);
	rows.count = 0;
	return rows;
}

/* Compares what the user has at the tenant with the roles wanted. */
static SyncPlan
make_plan(AssignmentArray present, IdArray wanted, TimestampTz now)
{
	bool	   *found = palloc0(sizeof(bool) * Max(wanted.count, 1));
	SyncPlan	plan;

	plan.removed = assignment_room(present.count);
	plan.renewed = assignment_room(present.count);
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

/*
 * Ensures that a delegate may renew and add what the plan says. Who may give
 * something without end may take it away for another end.
 */
static void
require_gifts(Delegate *by, const SyncPlan *plan, TaclName user,
			  TaclName tenant)
{
	AssignmentRow gift = {
		.user = user,
		.tenant = tenant,
		.starts_at = DT_NOBEGIN,
		.expires_at = DT_NOEND
	};

	for (int i = 0; i < plan->renewed.count; i++)
	{
		gift.role_id = plan->renewed.items[i].role_id;
		delegate_give(by, &gift);
	}
	for (int i = 0; i < plan->added.count; i++)
	{
		gift.role_id = plan->added.items[i];
		delegate_give(by, &gift);
	}
}

/* Renews assignments; false if there are none. */
static bool
renew(const Delegate *by, AssignmentArray rows)
{
	IdArray		ids = admin_id_room(rows.count);

	for (int i = 0; i < rows.count; i++)
		ids.items[ids.count++] = rows.items[i].id;
	make_way_to_each(by, ASSIGNMENT_BY_ID, ids, LockTupleNoKeyExclusive);
	return ids.count > 0 &&
		statement_run(&renew_assignments,
					  PARAMS(param_ids(ids), admin_author(by))) > 0;
}

/* Gives the user roles; returns how many nobody else gave meanwhile. */
static int
add(const Delegate *by, IdArray roles, TaclName user, TaclName tenant)
{
	AssignmentRow row = {
		.user = user,
		.tenant = tenant,
		.starts_at = DT_NOBEGIN,
		.expires_at = DT_NOEND
	};
	int			added = 0;

	for (int i = 0; i < roles.count; i++)
	{
		row.role_id = roles.items[i];
		added += admin_add_assignment(by, &row);
	}
	return added;
}

/*
 * Writes what the plan says, and notes if that is anything. False if another
 * transaction has given a role meanwhile: then it has to be looked at again.
 */
static bool
execute_plan(Delegate *by, const SyncPlan *plan, TaclName user,
			 TaclName tenant, bool *changed)
{
	int			added;

	require_gifts(by, plan, user, tenant);
	*changed |= renew(by, plan->renewed);
	added = add(by, plan->added, user, tenant);
	*changed |= added > 0;
	*changed |= admin_delete_assignments(by, plan->removed);
	return added == plan->added.count;
}

/* Compares what the user has at the tenant with the roles of these names. */
static SyncPlan
look(const Delegate *by, TaclName user, PatternArray names, TaclName tenant,
	 TimestampTz now)
{
	StoreReader reader;
	SyncPlan	plan;

	store_begin(&reader);
	plan = make_plan(store_user_assignments_at(&reader, user, tenant),
					 role_ids(by, &reader, names, tenant), now);
	store_end(&reader);
	return plan;
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
	TimestampTz now = session_now();
	SyncPlan	plan;
	Delegate	by;
	bool		changed = false;
	int			attempt = 0;

	admin_begin(&sync_action, &by);
	user = arg_required_id(fcinfo, 0, &user_buffer, "user");
	if (!admin_names(fcinfo, 1, "role", &names))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("roles must not be NULL"),
				 errhint("Pass '{}' to take all roles at the tenant from the user.")));
	tenant = arg_required_id(fcinfo, 2, &tenant_buffer, "tenant");
	delegate_enter(&by, tenant);
	do
	{
		admin_check_attempt(++attempt);
		plan = look(&by, user, names, tenant, now);
	} while (!execute_plan(&by, &plan, user, tenant, &changed));

	/* What was given can be a deny, which takes somebody's right. */
	delegate_end(&by);
	PG_RETURN_BOOL(changed);
}
