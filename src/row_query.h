/*
 * row_query.h
 *		Asking expressions of policies about a row.
 *
 * Expressions are given as the catalog holds them. They are not written out
 * and parsed again, because a name in them could then mean another function
 * than it did when the policy was made.
 */
#ifndef TACL_ROW_QUERY_H
#define TACL_ROW_QUERY_H

#include "tenant_acl.h"

#include "access/sysattr.h"
#include "executor/spi.h"
#include "nodes/pg_list.h"
#include "utils/relcache.h"

/* System columns have the numbers -1 to -ROW_SYSTEM_COLUMNS. */
#define ROW_SYSTEM_COLUMNS (-FirstLowInvalidHeapAttributeNumber - 1)

/* A row that is asked about. */
typedef struct AskedRow
{
	Datum		row;
	NullableDatum system[ROW_SYSTEM_COLUMNS];	/* that of column -1 first */
} AskedRow;

/* What is asked. Has to stay as long as a plan that was made for it. */
typedef struct RowQuestion
{
	List	   *expressions;	/* of policies of one table */
	Oid			row_type;		/* the rows', with the columns of that table */
	bool		has_system;		/* are values of system columns known? */
} RowQuestion;

/* Is a system column of the policy's row used? */
extern bool row_query_uses_system(Node *expression);

/*
 * The plan that asks about a row; expressions number columns as the table
 * does. Between SPI_connect() and SPI_finish().
 */
extern SPIPlanPtr row_query_prepare(Relation table, RowQuestion *question);

/*
 * Asks about one row; SPI_tuptable then has a row with a boolean for each
 * expression.
 */
extern void row_query_run(SPIPlanPtr plan, const RowQuestion *question,
						  const AskedRow *row, bool read_only);

/* Does the expression hold, of those that were asked? NULL does not. */
extern bool row_query_holds(int number);

#endif							/* TACL_ROW_QUERY_H */
