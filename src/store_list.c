/*
 * store_list.c
 *		What lists read of the tables, beyond what an answer needs.
 *
 * Roles and patterns that are assigned at a tenant are found one after the
 * other, each by one look into the index: how often each is assigned there
 * does not matter.
 */
#include "tenant_acl.h"

#include "access/table.h"

#include "store_scan.h"

/* The children of a tenant, at most so many of them unless the limit is 0. */
ChildArray
store_children(StoreReader *reader, TaclName parent, int limit)
{
	ChildArray	result = {NULL, 0};
	StoreScan	scan;
	int			room = 0;

	scan_by_name(&scan, reader, TENANT_BY_PARENT, parent);
	while ((limit == 0 || result.count < limit) && scan_next(&scan))
	{
		ChildRow   *child = ARRAY_ADD(&result, room);

		child->id = column_name(&scan, TENANT_ID);
		child->suspended = !scan.nulls[TENANT_SUSPENDED_AT - 1];
	}
	scan_end(&scan);
	return result;
}

/* The users who were put into a group itself. */
NameArray
store_group_members(StoreReader *reader, int64 group_id)
{
	NameArray	result = {NULL, 0};
	StoreScan	scan;
	int			room = 0;

	scan_by_id(&scan, reader, MEMBER_BY_GROUP, group_id);
	while (scan_next(&scan))
		names_add(&result, &room, column_name(&scan, MEMBER_USER));
	scan_end(&scan);
	return result;
}

/*
 * Goes from a role to the next one, by id, that is assigned at this very
 * tenant; from 0 to the first. False at the end.
 */
bool
store_next_role_at(StoreReader *reader, TaclName tenant, int64 *role_id)
{
	StoreScan	scan;
	int64		after = *role_id;
	bool		exact = scan_can_be_exact(ASSIGNMENT_BY_TENANT);

	scan.nkeys = 0;
	scan_key_name(&scan, ASSIGNMENT_TENANT, tenant);
	scan_key_id_after(&scan, ASSIGNMENT_ROLE, after);
	if (exact)
		scan_start_exact(&scan, reader, ASSIGNMENT_BY_TENANT);
	else
		scan_start(&scan, reader, ASSIGNMENT_BY_TENANT);
	while (scan_next(&scan))
	{
		int64		found = column_id(&scan, ASSIGNMENT_ROLE);

		if (*role_id == after || found < *role_id)
			*role_id = found;
		if (exact)
			break;				/* the first is the next */
	}
	scan_end(&scan);
	return *role_id != after;
}

/*
 * The same for patterns that are granted directly; from one without data to
 * the first.
 */
bool
store_next_grant_at(StoreReader *reader, TaclName tenant, TaclName *pattern)
{
	StoreScan	scan;
	TaclName	next = {NULL, 0};
	bool		exact = scan_can_be_exact(ASSIGNMENT_BY_TENANT);

	scan.nkeys = 0;
	scan_key_name(&scan, ASSIGNMENT_TENANT, tenant);
	if (exact)
		scan_key_null(&scan, ASSIGNMENT_ROLE);
	scan_key_name_after(&scan, ASSIGNMENT_PATTERN, *pattern);
	if (exact)
		scan_start_exact(&scan, reader, ASSIGNMENT_BY_TENANT);
	else
		scan_start(&scan, reader, ASSIGNMENT_BY_TENANT);
	while (scan_next(&scan))
	{
		TaclName	found = column_name(&scan, ASSIGNMENT_PATTERN);

		if (next.data == NULL || name_compare(found, next) < 0)
			next = found;
		if (exact)
			break;
	}
	scan_end(&scan);
	*pattern = next;
	return next.data != NULL;
}

/* The assignments of a role at this very tenant. */
AssignmentArray
store_role_assignments_at(StoreReader *reader, TaclName tenant, int64 role_id)
{
	StoreScan	scan;

	scan.nkeys = 0;
	scan_key_name(&scan, ASSIGNMENT_TENANT, tenant);
	scan_key_id(&scan, ASSIGNMENT_ROLE, role_id);
	scan_start(&scan, reader, ASSIGNMENT_BY_TENANT);
	return collect_assignments(&scan);
}

/* The direct grants of a pattern at this very tenant. */
AssignmentArray
store_grants_at(StoreReader *reader, TaclName tenant, TaclName pattern)
{
	StoreScan	scan;
	bool		exact = scan_can_be_exact(ASSIGNMENT_BY_TENANT);

	scan.nkeys = 0;
	scan_key_name(&scan, ASSIGNMENT_TENANT, tenant);
	if (exact)
		scan_key_null(&scan, ASSIGNMENT_ROLE);
	scan_key_name(&scan, ASSIGNMENT_PATTERN, pattern);
	if (exact)
		scan_start_exact(&scan, reader, ASSIGNMENT_BY_TENANT);
	else
		scan_start(&scan, reader, ASSIGNMENT_BY_TENANT);
	return collect_assignments(&scan);
}

/* Fetches what is known of where the user begins; false if nothing. */
bool
store_preference(StoreReader *reader, TaclName user, PreferenceRow *row)
{
	Relation   *table = &reader->tables[STORE_USER_PREFERENCE];
	StoreScan	scan;
	bool		found;

	*table = table_open(store_table_oid(STORE_USER_PREFERENCE),
						AccessShareLock);
	scan_by_name(&scan, reader, PREFERENCE_BY_USER, user);
	found = scan_next(&scan);
	if (found)
	{
		row->primary = column_name(&scan, PREFERENCE_PRIMARY);
		row->last = column_name(&scan, PREFERENCE_LAST);
	}
	scan_end(&scan);
	table_close(*table, AccessShareLock);
	*table = NULL;
	return found;
}
