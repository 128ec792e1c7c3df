/*
 * make_way.c
 *		Rows and tables that a change needs, while nobody holds them.
 *
 * A row that a delegate has changed stays locked until the delegate's
 * transaction ends, and that is for the client to say. No delegate shall hold
 * up the operator, for whom such a transaction is ended, with its session. Only
 * one that is really in the way: not for a row that another operator holds.
 *
 * Statements wait for whoever holds what they need, and do not tell for whom.
 * So nothing is left for them to wait for. Each row that a statement is going to
 * change, delete, or refer to by a foreign key is locked before, without waiting.
 * If somebody else holds it, they are known: the operator ends who is a
 * delegate, waits for that very transaction to be over, and tries again. Nobody
 * stands in a queue, in which a delegate could be next. A row that is locked
 * can't be taken any more; and who has locked a role, group or tenant to delete
 * it keeps others from inserting what refers to it, so that this is complete
 * when it is locked next.
 *
 * A row that is inserted cannot be locked before. It waits for another of the
 * same unique key that is not committed. So each insert, a delegate's as well,
 * takes place under a short lock of its key, in which nobody waits: tables, and
 * rows that are referred to, are locked before. Under it, one looks who else has
 * such a row, and gives the lock back to wait for them.
 *
 * A table that is locked as a whole is held by all who have changed anything. In
 * the queue for it, too, there could be delegates; so it is tried without
 * waiting, and who holds it is waited for. That might have no end as long as
 * there are others, and after some attempts there is the queue after all. So
 * that no new delegate gets in front meanwhile, each call of one goes through a
 * door first, which is closed; those who are in are ended as soon as they have
 * the table.
 *
 * Delegates are known by a lock that they share. What the extension's tables are
 * written by other means, with privileges on them, waits as ever.
 */
#include "make_way.h"

#include <signal.h>

#include "access/subtrans.h"
#include "access/xact.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "storage/sinvaladt.h"
#include "utils/lsyscache.h"

#include "fault.h"
#include "lock_tag.h"

/* How often a table is tried before standing in the queue. */
#define MAX_ATTEMPTS 20

/* How long to wait for who is about to take a row, in microseconds. */
#define MOMENT 1000

/* Is the transaction one of a delegate? */
static bool
is_delegate(VirtualTransactionId transaction)
{
	LOCKTAG		tag = lock_tag(LOCK_DELEGATES, NO_NAME);
	int			count;
	VirtualTransactionId *delegates = GetLockConflicts(&tag, ExclusiveLock,
													   &count);
	bool		found = false;

	for (int i = 0; i < count && !found; i++)
		found = VirtualTransactionIdEquals(delegates[i], transaction);
	pfree(delegates);
	return found;
}

/*
 * Ends the session of a transaction that is not over; the process, or 0. Under
 * the lock no transaction ends that has written: no later one of the session is
 * hit, nor another process of that number.
 */
static int
end_session_of(VirtualTransactionId transaction)
{
	PGPROC	   *process = virtual_transaction_process(transaction);
	int			pid = 0;

	LWLockAcquire(ProcArrayLock, LW_SHARED);
	if (process != NULL && process_is_in(process, transaction))
		pid = process->pid;
	if (pid != 0 && kill(pid, SIGTERM) != 0)
		pid = 0;
	LWLockRelease(ProcArrayLock);
	return pid;
}

/* Ends the transaction, with its session, if it is one of a delegate. */
static void
end_delegate(VirtualTransactionId transaction, StoreTable table)
{
	int			pid;

	if (!is_delegate(transaction))
		return;
	pid = end_session_of(transaction);
	if (pid == 0)
		return;
	ereport(LOG,
			(errmsg("ending a session that holds up the operator"),
			 errdetail("As a delegate, process %d has something of table \"%s.%s\" locked in a transaction that is still open.",
					   pid, TACL_SCHEMA,
					   get_rel_name(store_table_oid(table)))));
}

/* Waits until a transaction is over, which for the operator a delegate's is. */
static void
wait_for(const Delegate *by, TransactionId xid, StoreTable table)
{
	LOCKTAG		tag;
	int			count;
	VirtualTransactionId *transactions;

	if (by->count == 0)
	{
		SET_LOCKTAG_TRANSACTION(tag, SubTransGetTopmostTransaction(xid));
		transactions = GetLockConflicts(&tag, ShareLock, &count);
		for (int i = 0; i < count; i++)
			end_delegate(transactions[i], table);
		pfree(transactions);
	}
	XactLockTableWait(xid, NULL, NULL, XLTW_None);
}

/* Waits until all are over; a moment if it is not known who they are. */
static void
wait_for_all(const Delegate *by, const HolderArray *holders, StoreTable table)
{
	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < holders->count; i++)
		wait_for(by, holders->items[i], table);
	if (holders->count == 0)
		pg_usleep(MOMENT);
}

/* Locks rows; see make_way.h. */
void
make_way_to_rows(const Delegate *by, StoreRows rows, LockTupleMode mode)
{
	HolderArray holders = {NULL};

	/* Tables before rows, as in any statement: see transfer_apply.c. */
	store_lock_all_tables();
	while (!store_hold_rows(&rows, mode, &holders))
		wait_for_all(by, &holders, store_index_table(rows.which));
}

/* Locks rows of several ids; see make_way.h. */
void
make_way_to_each(const Delegate *by, StoreIndex which, IdArray ids,
				 LockTupleMode mode)
{
	for (int i = 0; i < ids.count; i++)
		make_way_to_rows(by, ROWS_BY_ID(which, ids.items[i]), mode);
}

/* Locks a tenant that will be referred to; see make_way.h. */
void
make_way_to_tenant(const Delegate *by, TaclName id)
{
	make_way_to_rows(by, ROWS_BY_NAME(TENANT_BY_ID, id), LockTupleKeyShare);
}

/* What stands for a key among the locks. */
static LOCKTAG
key_lock(const StoreRows *key)
{
	StringInfoData text;
	TaclName	name;

	initStringInfo(&text);
	appendStringInfo(&text, "%d", key->which);
	for (int i = 0; i < key->count; i++)
	{
		const ColumnValue *column = &key->columns[i];

		appendStringInfo(&text, ",%d:" INT64_FORMAT ":", column->name.len,
						 column->id);
		appendBinaryStringInfo(&text, column->name.data, column->name.len);
	}
	name.data = text.data;
	name.len = text.len;
	return lock_tag(LOCK_KEY, name);
}

/* Locks a key for an insert; see make_way.h. */
LOCKTAG
make_way_to_key(const Delegate *by, StoreRows key)
{
	LOCKTAG		tag = key_lock(&key);

	store_lock_all_tables();
	for (;;)
	{
		TransactionId holder;

		(void) LockAcquire(&tag, ExclusiveLock, false, false);
		holder = store_key_holder(&key);
		if (!TransactionIdIsValid(holder))
			break;
		make_way_done(&tag);
		wait_for(by, holder, store_index_table(key.which));
	}
	fault_point("make-way-key");
	return tag;
}

/* Gives the lock of a key back; see make_way.h. */
void
make_way_done(const LOCKTAG *tag)
{
	(void) LockRelease(tag, ExclusiveLock, false);
}

/* Waits until those who hold a table are over, which delegates are. */
static void
wait_for_table(StoreTable table, LOCKMODE mode)
{
	LOCKTAG		tag;
	int			count;
	VirtualTransactionId *holders;

	CHECK_FOR_INTERRUPTS();
	SET_LOCKTAG_RELATION(tag, MyDatabaseId, store_table_oid(table));
	holders = GetLockConflicts(&tag, mode, &count);
	for (int i = 0; i < count; i++)
		end_delegate(holders[i], table);
	for (int i = 0; i < count; i++)
		(void) VirtualXactLock(holders[i], true);
	if (count == 0)
		pg_usleep(MOMENT);
	pfree(holders);
}

/* Locks a table, in the queue only if told so; true if it is locked. */
static bool
lock_table(Oid relid, LOCKMODE mode, bool in_queue)
{
	ResourceOwner caller = lock_keep_begin();
	bool		locked = true;

	if (in_queue)
		LockRelationOid(relid, mode);
	else
		locked = ConditionalLockRelationOid(relid, mode);
	lock_keep_end(caller);
	return locked;
}

/* Locks a table; see make_way.h. */
void
make_way_to_table(StoreTable table, LOCKMODE mode)
{
	Oid			relid = store_table_oid(table);

	for (int i = 0; !lock_table(relid, mode, i == MAX_ATTEMPTS); i++)
		wait_for_table(table, mode);
}

/* Keeps calls of delegates from beginning; see make_way.h. */
void
make_way_close_door(void)
{
	LOCKTAG		tag = lock_tag(LOCK_DOOR, NO_NAME);

	(void) LockAcquire(&tag, ExclusiveLock, false, false);
}

/* Lets them begin again. */
void
make_way_open_door(void)
{
	LOCKTAG		tag = lock_tag(LOCK_DOOR, NO_NAME);

	(void) LockRelease(&tag, ExclusiveLock, false);
}
