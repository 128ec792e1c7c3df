/*
 * store.c
 *		The only reader of the extension's tables.
 *
 * All tables that a reading may look at are locked and opened before its
 * snapshot is taken, so that not even TRUNCATE or a rewrite can get between two
 * of them. Locks are given back at the end of the reading, as for system
 * catalogs. An index that is missing or invalid costs speed, not correctness.
 */
#include "tenant_acl.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "store_scan.h"

/* Opens tables under AccessShareLock. */
static void
open_tables(StoreReader *reader, uint32 which)
{
	for (int i = 0; i < STORE_ALL_TABLES; i++)
		reader->tables[i] = i >= STORE_TABLES || (which & STORE_ONLY(i)) == 0 ?
			NULL : table_open(store_table_oid(i), AccessShareLock);
}

/* Closes the tables that were opened, and gives their locks back. */
static void
close_tables(StoreReader *reader)
{
	for (int i = 0; i < STORE_TABLES; i++)
	{
		if (reader->tables[i] != NULL)
			table_close(reader->tables[i], AccessShareLock);
	}
}

/* Raises the error that nothing can be read inside logical decoding. */
void
store_report_decoding(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("rights cannot be asked for inside logical decoding")));
}

/* Opens a reading of all tables; see store_begin_some(). */
void
store_begin(StoreReader *reader)
{
	store_begin_some(reader, STORE_EACH);
}

/*
 * Opens a reading: from here to store_end() these tables are seen under one
 * catalog snapshot, which is always taken anew because our tables have no
 * syscache. The caller has resolved the OIDs; if they became doubtful while
 * the locks were taken, they are resolved again.
 */
void
store_begin_some(StoreReader *reader, uint32 which)
{
	Snapshot	snapshot;

	if (HistoricSnapshotActive())
		store_report_decoding();
	for (;;)
	{
		store_resolve_oids();
		open_tables(reader, which);
		if (store_oids_valid())
			break;
		close_tables(reader);
		CHECK_FOR_INTERRUPTS();
	}
	snapshot = GetCatalogSnapshot(store_table_oid(STORE_TENANT));
	for (int i = 0; i < STORE_TABLES; i++)
		reader->pages[i] = InvalidBlockNumber;
	/* A registered snapshot is a copy, which does not have this any more. */
	reader->stamp = snapshot->snapXactCompletionCount;
	reader->snapshot = RegisterSnapshot(snapshot);
}

/* Ends a reading. An error in between lets the resource owner do it. */
void
store_end(StoreReader *reader)
{
	UnregisterSnapshot(reader->snapshot);
	reader->snapshot = NULL;
	close_tables(reader);
}

/* Number of pages of a table, which cannot shrink while it is locked. */
static BlockNumber
pages_of(StoreReader *reader, StoreTable which)
{
	BlockNumber *pages = &reader->pages[which];

	if (*pages == InvalidBlockNumber)
		*pages = RelationGetNumberOfBlocks(reader->tables[which]);
	return *pages;
}

/*
 * Is there nothing to be found in the table? Looked at where that is common:
 * it takes a tenth of a scan.
 */
static bool
is_empty(StoreReader *reader, StoreTable which)
{
	return pages_of(reader, which) == 0;
}

/*
 * Is this version of a row the one that the reading sees? Then there is no
 * other version of the row for it to see. Looks where the version was, which
 * takes a tenth of finding the row by its key; that it is the row of this key,
 * and not another that took its place, says the comparison.
 */
static bool
version_is_seen(StoreReader *reader, StoreTable which,
				const RowVersion *version, AttrNumber column,
				bool (*is_key) (Datum value, const void *key),
				const void *key)
{
	Relation	table = reader->tables[which];
	HeapTupleData tuple;
	Buffer		buffer;
	bool		isnull;
	Datum		value;
	bool		same;

	tuple.t_self = version->tid;
	if (ItemPointerGetBlockNumber(&tuple.t_self) >= pages_of(reader, which) ||
		!heap_fetch(table, reader->snapshot, &tuple, &buffer, false))
		return false;
	value = heap_getattr(&tuple, column, RelationGetDescr(table), &isnull);
	same = HeapTupleHeaderGetRawXmin(tuple.t_data) == version->xmin &&
		!isnull && is_key(value, key);
	ReleaseBuffer(buffer);
	return same;
}

/* Compares a text column. */
static bool
is_name(Datum value, const void *key)
{
	text	   *stored = DatumGetTextPP(value);
	TaclName	name = {VARDATA_ANY(stored), VARSIZE_ANY_EXHDR(stored)};

	return name_equal(name, *(const TaclName *) key);
}

/* Compares a bigint column. */
static bool
is_id(Datum value, const void *key)
{
	return DatumGetInt64(value) == *(const int64 *) key;
}

/* Is the tenant's row what it was when it had this version? */
bool
store_tenant_unchanged(StoreReader *reader, TaclName id,
					   const RowVersion *version)
{
	return version_is_seen(reader, STORE_TENANT, version, TENANT_ID, is_name,
						   &id);
}

/* The same of a role's row. */
bool
store_role_unchanged(StoreReader *reader, int64 id, const RowVersion *version)
{
	return version_is_seen(reader, STORE_ROLE, version, ROLE_ID, is_id, &id);
}

/*
 * The transaction that wrote a row, for comparing it with snapshots. A row can be
 * frozen as soon as its transaction is visible, before a message has told of it; so
 * it counts as frozen only if the transaction is so old that it seems to come.
 */
static TransactionId
writer_of(StoreReader *reader, HeapTuple tuple)
{
	TransactionId xid = HeapTupleHeaderGetRawXmin(tuple->t_data);

	if (HeapTupleHeaderXminFrozen(tuple->t_data) &&
		!TransactionIdPrecedes(xid, reader->snapshot->xmax))
		return FrozenTransactionId;
	return xid;
}

/* Fetches one tenant; false if it is not registered. */
bool
store_tenant(StoreReader *reader, TaclName id, TenantRow *row)
{
	StoreScan	scan;
	bool		found;

	scan_by_name(&scan, reader, TENANT_BY_ID, id);
	found = scan_next(&scan);
	if (found)
	{
		row->id = column_name(&scan, TENANT_ID);
		row->parent = column_name(&scan, TENANT_PARENT);
		row->limited = !scan.nulls[TENANT_CEILING - 1];
		row->ceiling = column_patterns(&scan, TENANT_CEILING);
		row->suspended = !scan.nulls[TENANT_SUSPENDED_AT - 1];
		row->keeps = column_patterns(&scan, TENANT_KEEPS);
		row->version = row_version(&scan);
		row->xmin = writer_of(reader, scan.tuple);
	}
	scan_end(&scan);
	return found;
}

/*
 * Goes from a tenant to its parent. False at the root, and where a walk gives
 * up, whose count of steps starts as 0.
 */
bool
store_go_up(StoreReader *reader, TaclName *tenant, int *steps)
{
	TenantRow	row;

	if (++*steps > TACL_MAX_WALK || !store_tenant(reader, *tenant, &row) ||
		row.parent.data == NULL)
		return false;
	*tenant = row.parent;
	return true;
}

/* Fetches the next role of the scan; false at the end. */
static bool
next_role(StoreScan *scan, RoleRow *row)
{
	if (!scan_next(scan))
		return false;
	row->id = column_id(scan, ROLE_ID);
	row->tenant = column_name(scan, ROLE_TENANT);
	row->name = column_name(scan, ROLE_NAME);
	row->patterns = column_patterns(scan, ROLE_PERMISSIONS);
	row->version = row_version(scan);
	return true;
}

/* Reads the role that the scan finds, and ends the scan. */
static bool
read_role(StoreScan *scan, RoleRow *row)
{
	bool		found = next_role(scan, row);

	scan_end(scan);
	return found;
}

/* Fetches a role by id; false if there is none. */
bool
store_role(StoreReader *reader, int64 id, RoleRow *row)
{
	StoreScan	scan;

	scan_by_id(&scan, reader, ROLE_BY_ID, id);
	return read_role(&scan, row);
}

/* Fetches the role of a name defined at this very tenant. */
bool
store_role_named(StoreReader *reader, TaclName tenant, TaclName name,
				 RoleRow *row)
{
	StoreScan	scan;

	scan_by_tenant_and_name(&scan, reader, ROLE_BY_NAME, tenant, name);
	return read_role(&scan, row);
}

/* The roles defined at this very tenant, as a list of RoleRow. */
List *
store_tenant_roles(StoreReader *reader, TaclName tenant)
{
	List	   *roles = NIL;
	StoreScan	scan;
	RoleRow		row;

	scan_by_name(&scan, reader, ROLE_BY_NAME, tenant);
	while (next_role(&scan, &row))
	{
		RoleRow    *copy = palloc(sizeof(RoleRow));

		*copy = row;
		roles = lappend(roles, copy);
	}
	scan_end(&scan);
	return roles;
}

/* Reads the group that the scan finds, and ends the scan. */
static bool
read_group(StoreScan *scan, GroupRow *row)
{
	bool		found = scan_next(scan);

	if (found)
	{
		row->id = column_id(scan, GROUP_ID);
		row->tenant = column_name(scan, GROUP_TENANT);
		row->name = column_name(scan, GROUP_NAME);
	}
	scan_end(scan);
	return found;
}

/* Fetches a group by id; false if there is none. */
bool
store_group(StoreReader *reader, int64 id, GroupRow *row)
{
	StoreScan	scan;

	scan_by_id(&scan, reader, GROUP_BY_ID, id);
	return read_group(&scan, row);
}

/* Fetches the group of a name owned by this very tenant. */
bool
store_group_named(StoreReader *reader, TaclName tenant, TaclName name,
				  GroupRow *row)
{
	StoreScan	scan;

	scan_by_tenant_and_name(&scan, reader, GROUP_BY_NAME, tenant, name);
	return read_group(&scan, row);
}

/* Is the user disabled? */
bool
store_user_disabled(StoreReader *reader, TaclName user)
{
	StoreScan	scan;
	bool		disabled;

	if (is_empty(reader, STORE_USER_ACCOUNT))
		return false;
	scan_by_name(&scan, reader, ACCOUNT_BY_USER, user);
	disabled = scan_next(&scan) && !scan.nulls[ACCOUNT_DISABLED_AT - 1];
	scan_end(&scan);
	return disabled;
}

static const IdArray no_ids = {NULL, 0};

/* Collects a bigint column of all rows of the scan, and ends it. */
static IdArray
collect_ids(StoreScan *scan, AttrNumber column)
{
	IdArray		ids = {NULL, 0};
	int			room = 0;

	while (scan_next(scan))
		*ARRAY_ADD(&ids, room) = column_id(scan, column);
	scan_end(scan);
	return ids;
}

/* The roles that a role includes, in the order of their ids. */
IdArray
store_role_includes(StoreReader *reader, int64 role_id)
{
	StoreScan	scan;

	if (is_empty(reader, STORE_ROLE_INCLUDE))
		return no_ids;
	scan_by_id(&scan, reader, ROLE_INCLUDE_BY_FROM, role_id);
	return collect_ids(&scan, INCLUDE_TO);
}

/* The roles that include a role. */
IdArray
store_roles_including(StoreReader *reader, int64 role_id)
{
	StoreScan	scan;

	scan_by_id(&scan, reader, ROLE_INCLUDE_BY_TO, role_id);
	return collect_ids(&scan, INCLUDE_FROM);
}

/* The groups that the user was put into, in the order of their ids. */
IdArray
store_user_groups(StoreReader *reader, TaclName user)
{
	StoreScan	scan;

	if (is_empty(reader, STORE_GROUP_MEMBER))
		return no_ids;
	scan_by_name(&scan, reader, MEMBER_BY_USER, user);
	return collect_ids(&scan, MEMBER_GROUP);
}

/* The groups whose members are members of this one. */
IdArray
store_group_includes(StoreReader *reader, int64 group_id)
{
	StoreScan	scan;

	scan_by_id(&scan, reader, GROUP_INCLUDE_BY_FROM, group_id);
	return collect_ids(&scan, INCLUDE_TO);
}

/* The groups that the members of this one are members of as well. */
IdArray
store_groups_including(StoreReader *reader, int64 group_id)
{
	StoreScan	scan;

	scan_by_id(&scan, reader, GROUP_INCLUDE_BY_TO, group_id);
	return collect_ids(&scan, INCLUDE_FROM);
}

/* Reads the assignment that the scan stands on. */
static void
read_assignment(StoreScan *scan, AssignmentRow *row)
{
	row->id = column_id(scan, ASSIGNMENT_ID);
	row->user = column_name(scan, ASSIGNMENT_USER);
	row->group_id = column_id(scan, ASSIGNMENT_GROUP);
	row->tenant = column_name(scan, ASSIGNMENT_TENANT);
	row->role_id = column_id(scan, ASSIGNMENT_ROLE);
	row->pattern = column_name(scan, ASSIGNMENT_PATTERN);
	row->starts_at = column_time(scan, ASSIGNMENT_STARTS_AT, DT_NOBEGIN);
	row->expires_at = column_time(scan, ASSIGNMENT_EXPIRES_AT, DT_NOEND);
}

/* Collects all assignments of the scan, and ends it. */
AssignmentArray
collect_assignments(StoreScan *scan)
{
	AssignmentArray result = {NULL, 0};
	int			room = 0;

	while (scan_next(scan))
		read_assignment(scan, ARRAY_ADD(&result, room));
	scan_end(scan);
	return result;
}

/* All assignments and grants made to the user, at any tenant. */
AssignmentArray
store_user_assignments(StoreReader *reader, TaclName user)
{
	StoreScan	scan;

	scan_by_name(&scan, reader, ASSIGNMENT_BY_USER, user);
	return collect_assignments(&scan);
}

/* Those made at this very tenant. */
AssignmentArray
store_user_assignments_at(StoreReader *reader, TaclName user, TaclName tenant)
{
	StoreScan	scan;
	bool		exact = scan_can_be_exact(ASSIGNMENT_BY_USER);

	scan.nkeys = 0;
	scan_key_name(&scan, ASSIGNMENT_USER, user);
	if (exact)
		scan_key_null(&scan, ASSIGNMENT_GROUP);
	scan_key_name(&scan, ASSIGNMENT_TENANT, tenant);
	if (exact)
		scan_start_exact(&scan, reader, ASSIGNMENT_BY_USER);
	else
		scan_start(&scan, reader, ASSIGNMENT_BY_USER);
	return collect_assignments(&scan);
}

/* All assignments made to the group, at any tenant. */
AssignmentArray
store_group_assignments(StoreReader *reader, int64 group_id)
{
	StoreScan	scan;

	scan_by_id(&scan, reader, ASSIGNMENT_BY_GROUP, group_id);
	return collect_assignments(&scan);
}

/* Do both assign the same to the same at the same tenant? */
static bool
same_assignment(const AssignmentRow *a, const AssignmentRow *b)
{
	return a->group_id == b->group_id && a->role_id == b->role_id &&
		name_equal_or_missing(a->user, b->user) &&
		name_equal(a->tenant, b->tenant) &&
		name_equal_or_missing(a->pattern, b->pattern);
}

/* Fetches the assignment that equals another but for id and validity. */
bool
store_assignment_like(StoreReader *reader, const AssignmentRow *wanted,
					  AssignmentRow *row)
{
	StoreScan	scan;
	bool		found = false;

	scan.nkeys = 0;
	if (scan_can_be_exact(ASSIGNMENT_BY_USER))
	{
		scan_key_name_or_null(&scan, ASSIGNMENT_USER, wanted->user);
		scan_key_id_or_null(&scan, ASSIGNMENT_GROUP, wanted->group_id);
		scan_key_name(&scan, ASSIGNMENT_TENANT, wanted->tenant);
		scan_key_id_or_null(&scan, ASSIGNMENT_ROLE, wanted->role_id);
		scan_key_name_or_null(&scan, ASSIGNMENT_PATTERN, wanted->pattern);
		scan_start_exact(&scan, reader, ASSIGNMENT_BY_USER);
	}
	else if (wanted->group_id == 0)
		scan_by_name(&scan, reader, ASSIGNMENT_BY_USER, wanted->user);
	else
		scan_by_id(&scan, reader, ASSIGNMENT_BY_GROUP, wanted->group_id);
	while (!found && scan_next(&scan))
	{
		read_assignment(&scan, row);
		found = same_assignment(row, wanted);
	}
	scan_end(&scan);
	return found;
}

/* Are these the same ids in the same order? */
bool
id_array_equal(IdArray a, IdArray b)
{
	return a.count == b.count &&
		(a.count == 0 ||
		 memcmp(a.items, b.items, sizeof(int64) * a.count) == 0);
}

/* Is the id among these? */
bool
id_array_has(IdArray ids, int64 id)
{
	for (int i = 0; i < ids.count; i++)
	{
		if (ids.items[i] == id)
			return true;
	}
	return false;
}
