/*
 * store_hold.h
 *		Locks rows without waiting, and tells who is in the way.
 *
 * For who is going to change them; nothing that is read depends on it.
 */
#ifndef TACL_STORE_HOLD_H
#define TACL_STORE_HOLD_H

#include "store_oids.h"

#include "access/transam.h"
#include "nodes/lockoptions.h"

/* What a column has to be: a name or an id, or else NULL. */
typedef struct ColumnValue
{
	TaclName	name;
	int64		id;
} ColumnValue;

/* Rows by the first columns of an index. */
typedef struct StoreRows
{
	StoreIndex	which;
	int			count;			/* of columns */
	ColumnValue columns[MAX_INDEX_COLUMNS];
} StoreRows;

#define ROWS_BY_ID(index, number) \
	((StoreRows) {.which = (index), .count = 1, .columns = {{.id = (number)}}})
#define ROWS_BY_NAME(index, text) \
	((StoreRows) {.which = (index), .count = 1, .columns = {{.name = (text)}}})

/* Transactions that are not over, without duplicates. */
typedef struct HolderArray
{
	TransactionId *items;
	int			count;
	int			room;
} HolderArray;

/*
 * Locks those of the rows that nobody else has locked, to the end of the
 * transaction. True if that is all of them; else the holders are those of the
 * others, none if they went away meanwhile or what is committed has changed.
 */
extern bool store_hold_rows(const StoreRows *rows, LockTupleMode mode,
							HolderArray *holders);

/*
 * The transaction that is inserting, changing or deleting a row of a unique
 * key: who inserts one would wait for it. Invalid if there is none.
 */
extern TransactionId store_key_holder(const StoreRows *key);

#endif							/* TACL_STORE_HOLD_H */
