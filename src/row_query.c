/*
 * row_query.c
 *		Asking expressions of policies about a row; see row_query.h.
 *
 * The parser gets a query whose parameters it does not know: for the first one
 * it is given the row, and for those behind the system columns the expressions.
 * They refer to the only relation of their query by the numbers of its columns,
 * which are those of the policy's table: columns that were dropped are there as
 * NULL.
 */
#include "row_query.h"

#include "catalog/heap.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_node.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"
#include "utils/rel.h"

/* Parameters: the row, its system columns, the expressions. */
#define ROW_PARAM		1
#define SYSTEM_PARAM(attribute) (ROW_PARAM - (attribute))
#define KNOWN_PARAMS	(ROW_PARAM + ROW_SYSTEM_COLUMNS)

/* A walk through an expression of a policy. */
typedef struct Walk
{
	int			depth;			/* queries around the node */
	const RowQuestion *question;
} Walk;

/*
 * System columns
 */

/* Is it a system column of the policy's row? */
static bool
is_system_column(const Node *node, int depth)
{
	return IsA(node, Var) && ((const Var *) node)->varlevelsup == depth &&
		((const Var *) node)->varattno < 0;
}

/* Is there one here or below, so many queries down? */
static bool
has_system_column(Node *node, int *depth)
{
	bool		result;

	if (node == NULL)
		return false;
	if (is_system_column(node, *depth))
		return true;
	if (!IsA(node, Query))
		return expression_tree_walker(node, has_system_column, depth);
	++*depth;
	result = query_tree_walker((Query *) node, has_system_column, depth, 0);
	--*depth;
	return result;
}

/* See row_query.h. */
bool
row_query_uses_system(Node *expression)
{
	int			depth = 0;

	return has_system_column(expression, &depth);
}

/* A parameter of the query. */
static Node *
make_param(int number, Oid type)
{
	Param	   *param = makeNode(Param);

	param->paramkind = PARAM_EXTERN;
	param->paramid = number;
	param->paramtype = type;
	param->paramtypmod = -1;
	param->location = -1;
	return (Node *) param;
}

/* A copy of the expression, with parameters for system columns. */
static Node *
put_system_columns(Node *node, Walk *walk)
{
	Node	   *result;

	if (node == NULL)
		return NULL;
	if (is_system_column(node, walk->depth))
	{
		const Var  *var = (const Var *) node;

		if (!walk->question->has_system)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("system columns of a row that is not written yet are not known")));
		return make_param(SYSTEM_PARAM(var->varattno), var->vartype);
	}
	if (!IsA(node, Query))
		return expression_tree_mutator(node, put_system_columns, walk);
	walk->depth++;
	result = (Node *) query_tree_mutator((Query *) node, put_system_columns,
										 walk, 0);
	walk->depth--;
	return result;
}

/*
 * The query
 */

/*
 * The query, for rows of the table's columns. The columns are named as the
 * row's type does, which may have them in another order.
 */
static const char *
query_for(Relation table, int expressions)
{
	TupleDesc	desc = RelationGetDescr(table);
	StringInfoData sql;

	initStringInfo(&sql);
	for (int i = 0; i < expressions; i++)
		appendStringInfo(&sql, "%s $%d", i == 0 ? "SELECT" : ",",
						 KNOWN_PARAMS + 1 + i);
	appendStringInfoString(&sql, " FROM (SELECT ");
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(desc, i);

		appendStringInfoString(&sql, i == 0 ? "" : ", ");
		if (column->attisdropped)
			appendStringInfoString(&sql, "NULL::pg_catalog.int4");
		else
			appendStringInfo(&sql, "($%d).%s", ROW_PARAM,
							 quote_identifier(NameStr(column->attname)));
	}
	appendStringInfoString(&sql, ") AS asked");
	return sql.data;
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

/* Parser hook: what stands for a parameter. */
static Node *
put_param(ParseState *pstate, ParamRef *reference)
{
	const RowQuestion *question = pstate->p_ref_hook_state;
	Walk		walk = {0, question};
	Node	   *expression;

	if (reference->number == ROW_PARAM)
		return make_param(ROW_PARAM, question->row_type);
	expression = list_nth(question->expressions,
						  reference->number - KNOWN_PARAMS - 1);
	expression = put_system_columns(expression, &walk);
	if (checkExprHasSubLink(expression))
	{
		lock_tables(expression);
		pstate->p_hasSubLinks = true;
	}
	return expression;
}

/* Sets the parser up. */
static void
set_hook(ParseState *pstate, void *question)
{
	pstate->p_paramref_hook = put_param;
	pstate->p_ref_hook_state = question;
}

/* See row_query.h. */
SPIPlanPtr
row_query_prepare(Relation table, RowQuestion *question)
{
	SPIPrepareOptions options = {
		.parserSetup = set_hook,
		.parserSetupArg = question,
		.parseMode = RAW_PARSE_DEFAULT
	};
	SPIPlanPtr	plan =
		SPI_prepare_extended(query_for(table, list_length(question->expressions)),
							 &options);

	if (plan == NULL)
		elog(ERROR, "could not prepare to ask policies: %s",
			 SPI_result_code_string(SPI_result));
	return plan;
}

/*
 * Running it
 */

/* Sets a parameter's value. */
static void
set_param(ParamListInfo params, int number, Oid type, NullableDatum value)
{
	ParamExternData *param = &params->params[number - 1];

	param->value = value.value;
	param->isnull = value.isnull;
	param->pflags = PARAM_FLAG_CONST;
	param->ptype = type;
}

/* The values of all parameters. */
static ParamListInfo
params_of(const RowQuestion *question, const AskedRow *row)
{
	ParamListInfo params = makeParamList(KNOWN_PARAMS);
	NullableDatum whole = {row->row, false};

	set_param(params, ROW_PARAM, question->row_type, whole);
	for (int i = 1; i <= ROW_SYSTEM_COLUMNS; i++)
		set_param(params, SYSTEM_PARAM(-i),
				  SystemAttributeDefinition(-i)->atttypid, row->system[i - 1]);
	return params;
}

/* See row_query.h. */
void
row_query_run(SPIPlanPtr plan, const RowQuestion *question,
			  const AskedRow *row, bool read_only)
{
	SPIExecuteOptions options = {
		.params = params_of(question, row),
		.read_only = read_only
	};
	int			code = SPI_execute_plan_extended(plan, &options);

	if (code != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "could not ask policies: %s", SPI_result_code_string(code));
}

/* See row_query.h. */
bool
row_query_holds(int number)
{
	bool		isnull;
	Datum		holds = SPI_getbinval(SPI_tuptable->vals[0],
									  SPI_tuptable->tupdesc, number + 1,
									  &isnull);

	return !isnull && DatumGetBool(holds);
}
