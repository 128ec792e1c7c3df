/*
 * admin_group_assign.c
 *		Assign roles to groups.
 */
#include "admin.h"

PG_FUNCTION_INFO_V1(tacl_assign_group);
PG_FUNCTION_INFO_V1(tacl_unassign_group);

static const AdminAction assign_action = {
	"tacl_assign_group()", {[STORE_ASSIGNMENT] = ACL_INSERT | ACL_UPDATE}
};

static const AdminAction unassign_action = {
	"tacl_unassign_group()", {[STORE_ASSIGNMENT] = ACL_DELETE}
};

/* Gives a group a role; false if it has it with the same validity. */
Datum
tacl_assign_group(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	AssignmentRow wanted = {0};
	TaclName	group;
	TaclName	role;
	StoreReader reader;

	admin_begin(&assign_action);
	group = arg_required_name(fcinfo, 0, "group");
	role = arg_required_name(fcinfo, 1, "role");
	wanted.tenant = arg_required_id(fcinfo, 2, &buffer, "tenant");
	admin_validity(fcinfo, 3, &wanted);
	store_begin(&reader);
	wanted.group_id = resolve_group(&reader, group, wanted.tenant).id;
	wanted.role_id = resolve_role(&reader, role, wanted.tenant).id;
	store_end(&reader);
	PG_RETURN_BOOL(admin_put_assignment(&wanted));
}

/* Appends the group's assignments at the tenant of all roles of a name. */
static void
append_by_role_name(IdArray *ids, StoreReader *reader, int64 group_id,
					TaclName tenant, TaclName name)
{
	AssignmentArray all = store_group_assignments(reader, group_id);
	RoleRow		role;

	ids->items = repalloc_huge(ids->items, sizeof(int64) *
							   ((Size) ids->count + all.count + 1));
	for (int i = 0; i < all.count; i++)
	{
		if (name_equal(all.items[i].tenant, tenant) &&
			store_role(reader, all.items[i].role_id, &role) &&
			name_equal(role.name, name))
			ids->items[ids->count++] = all.items[i].id;
	}
}

/* The ids of such assignments to every group of a name, nearest and above. */
static IdArray
ids_by_names(StoreReader *reader, TaclName group_name, TaclName role_name,
			 TaclName tenant)
{
	IdArray		ids = admin_id_room(0);
	GroupRow	group;
	bool		found = resolve_find_group(reader, group_name, tenant, &group);

	for (int i = 0; found && i <= TACL_MAX_WALK; i++)
	{
		append_by_role_name(&ids, reader, group.id, tenant, role_name);
		found = resolve_find_group_above(reader, group_name, group.tenant,
										 &group);
	}
	return ids;
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
	StoreReader reader;
	IdArray		ids;

	admin_begin(&unassign_action);
	group = arg_required_name(fcinfo, 0, "group");
	role = arg_required_name(fcinfo, 1, "role");
	tenant = arg_required_id(fcinfo, 2, &buffer, "tenant");
	store_begin(&reader);
	ids = ids_by_names(&reader, group, role, tenant);

	/* A name that means nothing is more likely a mistake than done. */
	if (ids.count == 0)
	{
		(void) resolve_group(&reader, group, tenant);
		(void) resolve_role(&reader, role, tenant);
	}
	store_end(&reader);
	PG_RETURN_BOOL(admin_delete_assignments(ids));
}
