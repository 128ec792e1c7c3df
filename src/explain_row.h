/*
 * explain_row.h
 *		What the files that explain a row share.
 *
 * explain_row.c goes through the policies; row_by_key.c finds the row, and
 * row_policy.c asks one policy about it.
 */
#ifndef TACL_EXPLAIN_ROW_H
#define TACL_EXPLAIN_ROW_H

#include "tenant_acl.h"

#include "nodes/nodes.h"
#include "utils/relcache.h"

#include "row_query.h"

/* Whether something holds. */
typedef enum Outcome
{
	OUTCOME_PASSES,
	OUTCOME_UNKNOWN,			/* asking raised an error */
	OUTCOME_FAILS
} Outcome;

/*
 * row_by_key.c: the row of the table whose key is the value of a type, with its
 * system columns if they are wanted. Policies do not hide it from the owner, as
 * whom this has to run. Raises an error unless there is exactly one.
 */
extern AskedRow row_by_key(Relation table, Datum key, Oid type, bool system);

/*
 * row_policy.c: does an expression from a policy of the table hold for the row?
 * Where it says current_user, that is the role, whoever asks. If asking raises
 * an error, that is its message.
 */
extern Outcome row_policy_holds(Relation table, const AskedRow *row,
								Node *expression, Oid role,
								const char **message);

#endif							/* TACL_EXPLAIN_ROW_H */
