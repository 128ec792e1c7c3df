/*
 * statement.h
 *		SQL that the extension runs on its own tables.
 *
 * For writing, and for what only a message or a guard has to know; what an
 * answer depends on is read by store.
 */
#ifndef TACL_STATEMENT_H
#define TACL_STATEMENT_H

#include "store.h"

#include "executor/spi.h"
#include "nodes/pg_list.h"

#define STATEMENT_MAX_ARGS 9

/*
 * One statement, meant to be static. All its names are qualified, operators
 * included, and nothing in it looks up an operator behind the scenes (no IN,
 * BETWEEN or IS DISTINCT FROM): it means the same under any search_path. And
 * it leaves the planner one useful index for each table; see statement.c.
 */
typedef struct Statement
{
	const char *sql;
	Oid			types[STATEMENT_MAX_ARGS];	/* of $1, $2, ...; 0 ends */
	bool		preferences;	/* does it write those? Nothing else is then */
	SPIPlanPtr	plan;			/* kept by the session; starts as NULL */
} Statement;

/* Runs a writing statement as the owner; returns the number of rows. */
extern uint64 statement_run(Statement *statement, const NullableDatum *args);

/*
 * Runs a query as the owner under the snapshot of a reader. Returns the first
 * column of its rows as zero-terminated texts, allocated like the list in
 * CurrentMemoryContext.
 */
extern List *statement_texts(Statement *statement, const NullableDatum *args,
							 StoreReader *reader);

/*
 * The same with all columns: each element is an array of zero-terminated
 * texts, NULL where the column is.
 */
extern List *statement_rows(Statement *statement, const NullableDatum *args,
							StoreReader *reader);

/*
 * Runs a query as the owner under the snapshot of a reader. Its rows go to the
 * receiver one by one.
 */
extern void statement_send(Statement *statement, const NullableDatum *args,
						   StoreReader *reader, DestReceiver *receiver);

/*
 * The same for the result of a set-returning function, to which the rows are
 * appended. Their columns are those that the function declares.
 */
extern void statement_fill(Statement *statement, const NullableDatum *args,
						   StoreReader *reader, FunctionCallInfo fcinfo);

/* The owner of the extension's tables, as whom all these run. */
extern Oid	statement_owner(void);

/*
 * Makes names in statements, and those that are printed, mean the same whatever
 * the caller's search_path, until AtEOXact_GUC() leaves the level that is
 * returned.
 */
extern int	statement_pin_path(void);

/* The arguments of one statement. */
#define PARAMS(...) ((NullableDatum[]) {__VA_ARGS__})

/*
 * One argument each. A name without data, the id 0 and infinite times are
 * passed as NULL.
 */
extern NullableDatum param_name(TaclName name);
extern NullableDatum param_id(int64 id);
extern NullableDatum param_time(TimestampTz time);
extern NullableDatum param_ids(IdArray ids);
extern NullableDatum param_texts(List *texts);
extern NullableDatum param_value(Datum value);
extern NullableDatum param_null(void);

#endif							/* TACL_STATEMENT_H */
