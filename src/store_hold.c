/*
 * store_hold.c
 *		Locks rows without waiting, and tells who is in the way.
 *
 * Rows are found under a fresh snapshot. Whoever holds one stands in its
 * header, several together in a multixact; only those count whose lock is at
 * odds with the one that is wanted. A row that has another version by now is
 * looked for again by the caller, under the next snapshot.
 *
 * Who only refers to a row may do so while somebody changes what is not its key.
 * The version that is not committed yet is locked as well then, or it could be
 * taken as soon as it is; but not before it is known that this, too, will not
 * wait: who made the version may have gone on to delete it.
 */
#include "tenant_acl.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/multixact.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "executor/tuptable.h"
#include "storage/bufmgr.h"
#include "storage/procarray.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "store_hold.h"
#include "store_scan.h"

/* Adds the keys of a scan; those that are NULL only to an exact one. */
static void
add_keys(StoreScan *scan, const StoreRows *rows, bool exact)
{
	scan->nkeys = 0;
	for (int i = 0; i < rows->count; i++)
	{
		AttrNumber	column = store_index_column_at(rows->which, i);

		if (rows->columns[i].name.data != NULL)
			scan_key_name(scan, column, rows->columns[i].name);
		else if (exact || rows->columns[i].id != 0)
			scan_key_id_or_null(scan, column, rows->columns[i].id);
	}
}

/* Starts a scan for the rows. */
static void
start(StoreScan *scan, StoreReader *reader, const StoreRows *rows)
{
	bool		exact = scan_can_be_exact(rows->which);

	add_keys(scan, rows, exact);
	if (exact)
		scan_start_exact(scan, reader, rows->which);
	else
		scan_start(scan, reader, rows->which);
}

/* Is the row that the scan stands on NULL where it has to be? */
static bool
is_meant(const StoreScan *scan, const StoreRows *rows)
{
	for (int i = 0; i < rows->count; i++)
	{
		if (rows->columns[i].name.data == NULL && rows->columns[i].id == 0 &&
			!scan->nulls[store_index_column_at(rows->which, i) - 1])
			return false;
	}
	return true;
}

/* Is a lock of this kind, or a change, at odds with the one that is wanted? */
static bool
is_at_odds(MultiXactStatus status, LockTupleMode wanted)
{
	switch (wanted)
	{
		case LockTupleKeyShare:
			return status == MultiXactStatusForUpdate ||
				status == MultiXactStatusUpdate;
		case LockTupleNoKeyExclusive:
			return status != MultiXactStatusForKeyShare;
		default:
			return true;
	}
}

/* What a single holder has done, as the row's header says. */
static MultiXactStatus
status_of(uint16 infomask, uint16 infomask2)
{
	bool		has_key = (infomask2 & HEAP_KEYS_UPDATED) != 0;

	if (!HEAP_XMAX_IS_LOCKED_ONLY(infomask))
		return has_key ? MultiXactStatusUpdate : MultiXactStatusNoKeyUpdate;
	if (HEAP_XMAX_IS_KEYSHR_LOCKED(infomask))
		return MultiXactStatusForKeyShare;
	if (HEAP_XMAX_IS_SHR_LOCKED(infomask))
		return MultiXactStatusForShare;
	return has_key ? MultiXactStatusForUpdate : MultiXactStatusForNoKeyUpdate;
}

/* Adds a holder; false if it is over or the own transaction. */
static bool
add_holder(HolderArray *holders, TransactionId xid)
{
	if (TransactionIdIsCurrentTransactionId(xid) ||
		!TransactionIdIsInProgress(xid))
		return false;
	for (int i = 0; i < holders->count; i++)
	{
		if (TransactionIdEquals(holders->items[i], xid))
			return true;
	}
	*ARRAY_ADD(holders, holders->room) = xid;
	return true;
}

/* Adds a header's holders who are at odds with what is wanted, if there are. */
static bool
add_holders(HolderArray *holders, HeapTupleHeader header, LockTupleMode wanted)
{
	TransactionId xmax = HeapTupleHeaderGetRawXmax(header);
	MultiXactMember *members;
	int			count;
	bool		any = false;

	if ((header->t_infomask & HEAP_XMAX_INVALID) != 0)
		return false;
	if ((header->t_infomask & HEAP_XMAX_IS_MULTI) == 0)
		return is_at_odds(status_of(header->t_infomask, header->t_infomask2),
						  wanted) &&
			add_holder(holders, xmax);
	count = GetMultiXactIdMembers(xmax, &members, false,
								  HEAP_XMAX_IS_LOCKED_ONLY(header->t_infomask));
	for (int i = 0; i < count; i++)
	{
		if (is_at_odds(members[i].status, wanted) &&
			add_holder(holders, members[i].xid))
			any = true;
	}
	return any;
}

/* Reads the header of what is at a place; false if there is nothing. */
static bool
read_header(Relation table, ItemPointer place, HeapTupleHeader header)
{
	HeapTupleData tuple;
	Buffer		buffer;

	tuple.t_self = *place;
	if (!heap_fetch(table, SnapshotAny, &tuple, &buffer, false))
		return false;
	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	memcpy(header, tuple.t_data, SizeofHeapTupleHeader);
	LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
	ReleaseBuffer(buffer);
	return true;
}

/* Is there a newer version, by a transaction that has not failed so far? */
static bool
has_newer(HeapTupleHeader header, ItemPointer place)
{
	return (header->t_infomask & HEAP_XMAX_INVALID) == 0 &&
		!HEAP_XMAX_IS_LOCKED_ONLY(header->t_infomask) &&
		!ItemPointerEquals(&header->t_ctid, place);
}

/*
 * Adds the holders of the row at a place, and of its newer versions, that are
 * at odds with what is wanted, if there are.
 */
static bool
look_at_holders(Relation table, ItemPointer place, LockTupleMode wanted,
				HolderArray *holders)
{
	ItemPointerData at = *place;
	TransactionId writer = InvalidTransactionId;
	HeapTupleHeaderData header;
	bool		any = false;

	/* The place of what a failed transaction wrote can be another row's. */
	while (read_header(table, &at, &header) &&
		   (!TransactionIdIsValid(writer) ||
			TransactionIdEquals(writer, HeapTupleHeaderGetXmin(&header))))
	{
		any |= add_holders(holders, &header, wanted);
		if (!has_newer(&header, &at))
			break;
		writer = HeapTupleHeaderGetUpdateXid(&header);
		at = header.t_ctid;
	}
	return any;
}

/* Locks the row at a place; false if that is not possible now. */
static bool
hold_place(Relation table, ItemPointer place, TupleTableSlot *slot,
		   LockTupleMode mode, HolderArray *holders)
{
	bool		refer = mode == LockTupleKeyShare;
	ItemPointerData at = *place;
	TM_FailureData failure;

	if (refer && look_at_holders(table, place, mode, holders))
		return false;
	switch (table_tuple_lock(table, &at, SnapshotAny, slot,
							 GetCurrentCommandId(true), mode, LockWaitSkip,
							 refer ? TUPLE_LOCK_FLAG_LOCK_UPDATE_IN_PROGRESS : 0,
							 &failure))
	{
		case TM_Ok:
		case TM_SelfModified:
			return true;
		case TM_WouldBlock:
			(void) look_at_holders(table, place, mode, holders);
			return false;
		default:
			return false;
	}
}

/* Locks rows; see store_hold.h. */
bool
store_hold_rows(const StoreRows *rows, LockTupleMode mode,
				HolderArray *holders)
{
	Relation	table = table_open(store_table_oid(store_index_table(rows->which)),
								   RowShareLock);
	TupleTableSlot *slot = table_slot_create(table, NULL);
	StoreReader reader;
	StoreScan	scan;
	bool		all = true;

	holders->count = 0;
	store_begin_some(&reader, STORE_ONLY(store_index_table(rows->which)));
	start(&scan, &reader, rows);
	while (scan_next(&scan))
	{
		if (is_meant(&scan, rows))
			all &= hold_place(table, &scan.tuple->t_self, slot, mode, holders);
	}
	scan_end(&scan);
	store_end(&reader);
	ExecDropSingleTupleTableSlot(slot);
	table_close(table, NoLock);
	return all;
}

/* Who is changing a row of a unique key; see store_hold.h. */
TransactionId
store_key_holder(const StoreRows *key)
{
	SnapshotData dirty;
	StoreReader reader;
	StoreReader dirty_reader;
	StoreScan	scan;
	TransactionId holder = InvalidTransactionId;

	InitDirtySnapshot(dirty);
	store_begin_some(&reader, STORE_ONLY(store_index_table(key->which)));
	dirty_reader = reader;
	dirty_reader.snapshot = &dirty;
	start(&scan, &dirty_reader, key);
	while (!TransactionIdIsValid(holder) && scan_next(&scan))
	{
		if (is_meant(&scan, key))
			holder = TransactionIdIsValid(dirty.xmin) ? dirty.xmin : dirty.xmax;
	}
	scan_end(&scan);
	store_end(&reader);
	return holder;
}
