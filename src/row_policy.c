/*
 * row_policy.c
 *		Asking one policy about one row.
 *
 * An error is an answer, too: so the question is asked in a subtransaction.
 */
#include "tenant_acl.h"

#include "access/xact.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/resowner.h"

#include "explain_row.h"

/* Is it current_user, by any of its names? */
static bool
is_current_user(const Node *node)
{
	const SQLValueFunction *function = (const SQLValueFunction *) node;

	return IsA(node, SQLValueFunction) &&
		(function->op == SVFOP_CURRENT_USER ||
		 function->op == SVFOP_CURRENT_ROLE || function->op == SVFOP_USER);
}

/* A copy of the expression, with the role's name for current_user. */
static Node *
put_role(Node *node, Name role)
{
	if (node == NULL)
		return NULL;
	if (is_current_user(node))
		return (Node *) makeConst(NAMEOID, -1, C_COLLATION_OID, NAMEDATALEN,
								  NameGetDatum(role), false, false);
	if (IsA(node, Query))
		return (Node *) query_tree_mutator((Query *) node, put_role, role, 0);
	return expression_tree_mutator(node, put_role, role);
}

/* Runs the query. */
static bool
run(Relation table, const AskedRow *row, Node *expression)
{
	RowQuestion question = {list_make1(expression), table->rd_rel->reltype, true};
	bool		holds;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	row_query_run(row_query_prepare(table, &question), &question, row, false);
	holds = row_query_holds(0);
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	return holds;
}

/*
 * The message of the error being handled, whose subtransaction is undone. What
 * ends a statement or a session is not ours to keep.
 */
static const char *
undo_error(MemoryContext context, ResourceOwner owner)
{
	ErrorData  *error;

	MemoryContextSwitchTo(context);
	error = CopyErrorData();
	FlushErrorState();
	RollbackAndReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	if (ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION)
		ReThrowError(error);
	return error->message;
}

/* Does the expression hold for the row? See explain_row.h. */
Outcome
row_policy_holds(Relation table, const AskedRow *row, Node *expression,
				 Oid role, const char **message)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	NameData	name;
	volatile Outcome outcome = OUTCOME_UNKNOWN;

	*message = NULL;
	namestrcpy(&name, GetUserNameFromId(role, false));
	expression = put_role(expression, &name);
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		outcome = run(table, row, expression) ? OUTCOME_PASSES : OUTCOME_FAILS;
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
	}
	PG_CATCH();
	{
		*message = undo_error(context, owner);
		outcome = OUTCOME_UNKNOWN;
	}
	PG_END_TRY();
	return outcome;
}
