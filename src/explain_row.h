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

/* Whether something holds. */
typedef enum Outcome
{
	OUTCOME_PASSES,
	OUTCOME_UNKNOWN,			/* asking raised an error */
	OUTCOME_FAILS
} Outcome;

/*
 * row_by_key.c: the row of the table, of its row type, whose key is the value
 * of a type. Policies do not hide it from the owner. Raises an error unless
 * there is exactly one.
 */
extern Datum row_by_key(Relation table, Datum key, Oid type);

/*
 * row_policy.c: does an expression from a policy of the table hold for the row?
 * If asking raises an error, that is its message.
 */
extern Outcome row_policy_holds(Relation table, Datum row, Node *expression,
								const char **message);

#endif							/* TACL_EXPLAIN_ROW_H */
