/*
 * make_way.h
 *		Rows and tables that a change needs, while nobody holds them.
 *
 * Whatever writes goes through here first, and does not wait afterwards. The
 * operator waits for no delegate: see make_way.c.
 */
#ifndef TACL_MAKE_WAY_H
#define TACL_MAKE_WAY_H

#include "delegate.h"
#include "store_hold.h"

#include "storage/lock.h"

/*
 * Locks rows to the end of the transaction: with LockTupleNoKeyExclusive what
 * will be updated, with LockTupleExclusive what will be deleted, with
 * LockTupleKeyShare what will be referred to by foreign keys.
 */
extern void make_way_to_rows(const Delegate *by, StoreRows rows,
							 LockTupleMode mode);

/* The same with rows of several ids. */
extern void make_way_to_each(const Delegate *by, StoreIndex which, IdArray ids,
							 LockTupleMode mode);

/* The same with the tenant that a row which is inserted will belong to. */
extern void make_way_to_tenant(const Delegate *by, TaclName id);

/*
 * To be called right before and after a row is inserted: in between, nobody
 * else inserts or has inserted one of this key without having committed.
 */
extern LOCKTAG make_way_to_key(const Delegate *by, StoreRows key);
extern void make_way_done(const LOCKTAG *key_lock);

/* Locks a table to the end of the transaction, for the operator. */
extern void make_way_to_table(StoreTable table, LOCKMODE mode);

/* No call of a delegate begins between these two. */
extern void make_way_close_door(void);
extern void make_way_open_door(void);

#endif							/* TACL_MAKE_WAY_H */
