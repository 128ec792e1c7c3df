/*
 * admin_group_assign.c
 *		Assign roles to groups.
 */
#include "admin.h"

PG_FUNCTION_INFO_V1(tacl_assign_group);
PG_FUNCTION_INFO_V1(tacl_unassign_group);

static const AdminAction assign_action = {
	"tacl_assign_group()", TACL_RIGHT_ASSIGN,
	{[STORE_ASSIGNMENT] = ACL_INSERT | ACL_UPDATE}
};

static const AdminAction unassign_action = {
	"tacl_unassign_group()", TACL_RIGHT_ASSIGN,
	{[STORE_ASSIGNMENT] = ACL_DELETE}
};

/* Gives a group a role; false if it has it with the same validity. */
Datum
tacl_assign_group(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	AssignmentRow wanted = {0};
	Delegate	by;
	TaclName	group;
	TaclName	role;
	StoreReader reader;

	admin_begin(&assign_action, &by);
	group = arg_required_name(fcinfo, 0, "group");
	role = arg_required_name(fcinfo, 1, "role");
	wanted.tenant = arg_required_id(fcinfo, 2, &buffer, "tenant");
	admin_validity(fcinfo, 3, &wanted);
	delegate_enter(&by, wanted.tenant);
	store_begin(&reader);
	wanted.group_id = admin_group(&by, &reader, group, wanted.tenant).id;
	wanted.role_id = admin_role(&by, &reader, role, wanted.tenant).id;
	store_end(&reader);
	PG_RETURN_BOOL(admin_put_assignment(&by, &wanted));
}

/* Appends the group's assignments at the tenant of all roles of a name. */
static void
append_by_role_name(AssignmentArray *rows, StoreReader *reader,
					int64 group_id, TaclName tenant, TaclName name)
{
	AssignmentArray all = store_group_assignments(reader, group_id);
	RoleRow		role;

	rows->items = repalloc_huge(rows->items, sizeof(AssignmentRow) *
								((Size) rows->count + all.count + 1));
	for (int i = 0; i < all.count; i++)
	{
		if (name_equal(all.items[i].tenant, tenant) &&
			store_role(reader, all.items[i].role_id, &role) &&
			name_equal(role.name, name))
			rows->items[rows->count++] = all.items[i];
	}
}

/* Such assignments to every group of a name, nearest and above. */
static AssignmentArray
assignments_of_names(StoreReader *reader, TaclName group_name,
					 TaclName role_name, TaclName tenant)
{
	AssignmentArray rows = {palloc(sizeof(AssignmentRow)), 0};
	GroupRow	group;
	bool		found = resolve_find_group(reader, group_name, tenant, &group);

	for (int i = 0; found && i <= TACL_MAX_WALK; i++)
	{
		append_by_role_name(&rows, reader, group.id, tenant, role_name);
		found = resolve_find_group_above(reader, group_name, group.tenant,
										 &group);
	}
	return rows;
}

/*
 * Takes every role of a name, assigned at the tenant itself, from every group
 * of a name known there; false if there is none.
 */
Datum
tacl_unassign_group(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	TaclName	group;
	TaclName	role;
	TaclName	tenant;
	Delegate	by;
	StoreReader reader;
	AssignmentArray rows;

	admin_begin(&unassign_action, &by);
	group = arg_required_name(fcinfo, 0, "group");
	role = arg_required_name(fcinfo, 1, "role");
	tenant = arg_required_id(fcinfo, 2, &buffer, "tenant");
	delegate_enter(&by, tenant);
	store_begin(&reader);
	rows = assignments_of_names(&reader, group, role, tenant);

	/*
	 * A name that means nothing is more likely a mistake than done. What names
	 * there are, a delegate is not told.
	 */
	if (rows.count == 0 && by.count == 0)
	{
		(void) resolve_group(&reader, group, tenant);
		(void) resolve_role(&reader, role, tenant);
	}
	store_end(&reader);
	PG_RETURN_BOOL(admin_delete_assignments(&by, rows));
}
