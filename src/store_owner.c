/*
 * store_owner.c
 *		The tenant that a role or group belongs to, also when it is gone.
 *
 * A role that is deleted takes its includes with it: when these are recorded,
 * the role is not there any more for any snapshot. Its row still is, deleted by
 * this very transaction. Which tenant it belonged to could not be changed.
 */
#include "tenant_acl.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "store_scan.h"

/* Has the own transaction deleted the row? */
static bool
is_deleted_here(HeapTuple tuple)
{
	return !(tuple->t_data->t_infomask & HEAP_XMAX_INVALID) &&
		!HEAP_XMAX_IS_LOCKED_ONLY(tuple->t_data->t_infomask) &&
		TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetUpdateXid(tuple->t_data));
}

/* Looks for the row with a snapshot; one that sees all takes only own deletes. */
static bool
find_tenant(StoreReader *reader, StoreTable table, int64 id, TaclName *tenant)
{
	bool		roles = table == STORE_ROLE;
	bool		found = false;
	StoreScan	scan;

	scan_by_id(&scan, reader, roles ? ROLE_BY_ID : GROUP_BY_ID, id);
	while (!found && scan_next(&scan))
	{
		found = reader->snapshot != SnapshotAny || is_deleted_here(scan.tuple);
		if (found)
			*tenant = column_name(&scan, roles ? ROLE_TENANT : GROUP_TENANT);
	}
	scan_end(&scan);
	return found;
}

/*
 * The tenant of a role or group, whether it is there, written by the running
 * command, or deleted by this transaction; no data if it is none of these.
 */
TaclName
store_owner_tenant(StoreTable table, int64 id)
{
	TaclName	tenant = {NULL, 0};
	StoreReader reader;
	Snapshot	snapshot;

	CommandCounterIncrement();
	store_resolve_oids();
	reader.tables[table] = table_open(store_table_oid(table), AccessShareLock);
	snapshot = RegisterSnapshot(GetCatalogSnapshot(store_table_oid(table)));
	reader.snapshot = snapshot;
	if (!find_tenant(&reader, table, id, &tenant))
	{
		reader.snapshot = SnapshotAny;
		(void) find_tenant(&reader, table, id, &tenant);
	}
	UnregisterSnapshot(snapshot);
	table_close(reader.tables[table], AccessShareLock);
	return tenant;
}
