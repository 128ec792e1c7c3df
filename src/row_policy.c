/*
 * row_policy.c
 *		Asking one policy about one row.
 *
 * The expression is not written out and parsed again, because a name in it
 * could then mean another function than the policy's. Instead the parser gets
 * a query that selects a column of the row, and puts the expression where the
 * column is named. Columns of the row keep their numbers: those that were
 * dropped are there as NULL.
 */
#include "tenant_acl.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_node.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/resowner.h"

#include "explain_row.h"

/* What the parser is to put into the query. */
typedef struct Question
{
	Node	   *expression;
	Oid			row_type;
} Question;

/* The query, for rows of the table. */
static const char *
query_for(Relation table)
{
	TupleDesc	desc = RelationGetDescr(table);
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT question FROM (SELECT ");
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(desc, i);

		appendStringInfoString(&sql, i == 0 ? "" : ", ");
		if (column->attisdropped)
			appendStringInfoString(&sql, "NULL::pg_catalog.int4");
		else
			appendStringInfo(&sql, "($1).%s",
							 quote_identifier(NameStr(column->attname)));
	}
	appendStringInfoString(&sql, ") AS asked");
	return sql.data;
}

/* Is a system column of the row used, so many queries below it? */
static bool
uses_system_column(Node *node, int *depth)
{
	bool		result;

	if (node == NULL)
		return false;
	if (IsA(node, Var))
		return ((Var *) node)->varlevelsup == *depth &&
			((Var *) node)->varattno < 0;
	if (!IsA(node, Query))
		return expression_tree_walker(node, uses_system_column, depth);
	++*depth;
	result = query_tree_walker((Query *) node, uses_system_column, depth, 0);
	--*depth;
	return result;
}

/*
 * Locks the tables that the expression looks at. The parser has done so for
 * what it has parsed itself.
 */
static void
lock_tables(Node *expression)
{
	Query	   *query = makeNode(Query);

	query->commandType = CMD_SELECT;
	query->hasSubLinks = true;
	query->jointree = makeFromExpr(NIL, NULL);
	query->targetList =
		list_make1(makeTargetEntry((Expr *) expression, 1, NULL, false));
	AcquireRewriteLocks(query, false, false);
}

/* Parser hook: the expression for the only column that the query names. */
static Node *
put_expression(ParseState *pstate, ColumnRef *column)
{
	const Question *question = pstate->p_ref_hook_state;
	Node	   *expression = copyObject(question->expression);
	int			depth = 0;

	if (uses_system_column(expression, &depth))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("system columns of the row are not known here")));
	if (checkExprHasSubLink(expression))
	{
		lock_tables(expression);
		pstate->p_hasSubLinks = true;
	}
	return expression;
}

/* Parser hook: the row for the only parameter. */
static Node *
put_row(ParseState *pstate, ParamRef *reference)
{
	const Question *question = pstate->p_ref_hook_state;
	Param	   *param = makeNode(Param);

	param->paramkind = PARAM_EXTERN;
	param->paramid = reference->number;
	param->paramtype = question->row_type;
	param->paramtypmod = -1;
	param->location = reference->location;
	return (Node *) param;
}

/* Sets the parser up. */
static void
set_hooks(ParseState *pstate, void *question)
{
	pstate->p_pre_columnref_hook = put_expression;
	pstate->p_paramref_hook = put_row;
	pstate->p_ref_hook_state = question;
}

/* Runs the query; an expression that is NULL does not hold. */
static bool
run(Relation table, Datum row, Question *question)
{
	SPIPrepareOptions prepare = {
		.parserSetup = set_hooks,
		.parserSetupArg = question,
		.parseMode = RAW_PARSE_DEFAULT
	};
	ParamListInfo params = makeParamList(1);
	SPIExecuteOptions execute = {.params = params};
	SPIPlanPtr	plan;
	Datum		holds;
	bool		isnull;

	params->params[0].value = row;
	params->params[0].isnull = false;
	params->params[0].pflags = PARAM_FLAG_CONST;
	params->params[0].ptype = question->row_type;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	plan = SPI_prepare_extended(query_for(table), &prepare);
	if (plan == NULL ||
		SPI_execute_plan_extended(plan, &execute) != SPI_OK_SELECT ||
		SPI_processed != 1)
		elog(ERROR, "could not evaluate a policy: %s",
			 SPI_result_code_string(SPI_result));
	holds = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1,
						  &isnull);
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	return !isnull && DatumGetBool(holds);
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
row_policy_holds(Relation table, Datum row, Node *expression,
				 const char **message)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	Question	question = {expression, table->rd_rel->reltype};
	volatile Outcome outcome = OUTCOME_UNKNOWN;

	*message = NULL;
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		outcome = run(table, row, &question) ? OUTCOME_PASSES : OUTCOME_FAILS;
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
