/*
 * lint.c
 *		What tacl_lint() has to know and SQL cannot find out: what the
 *		expressions of policies say, and which tables are signalled.
 *
 * The rules themselves are SQL functions, see the script. The functions here
 * take expressions as catalogs hold them; no SQL text can make up a value of
 * that type. Columns and permissions are found by the names of the arguments
 * that they are given for, so that a new function of the extension needs
 * nothing here.
 */
#include "tenant_acl.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "funcapi.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "guc.h"
#include "store.h"

PG_FUNCTION_INFO_V1(tacl_is_signalled);
PG_FUNCTION_INFO_V1(tacl_policy_asks_once);
PG_FUNCTION_INFO_V1(tacl_policy_calls);
PG_FUNCTION_INFO_V1(tacl_policy_columns);
PG_FUNCTION_INFO_V1(tacl_policy_permissions);

/* The policy's row is the first and only relation of its query. */
#define ROW_VARNO 1

/* A walk through an expression. */
typedef struct Walk
{
	Oid			extension;
	int			depth;			/* queries around the node */
	List	   *columns;		/* numbers of columns that hold a tenant */
	List	   *permissions;	/* texts */
	List	   *calls;			/* names of functions */
} Walk;

/*
 * Calls
 */

/* Does the function belong to the extension? */
static bool
is_own_function(Oid function, Oid extension)
{
	return function >= FirstNormalObjectId &&
		getExtensionOfObject(ProcedureRelationId, function) == extension;
}

/* The place of a function's argument; -1 if it has none of that name. */
static int
argument_number(Oid function, const char *wanted)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Oid		   *types;
	char	  **names;
	char	   *modes;
	int			count;
	int			found = -1;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function);
	count = get_func_arg_info(tuple, &types, &names, &modes);
	for (int i = 0; names != NULL && i < count; i++)
	{
		if (strcmp(names[i], wanted) == 0)
			found = i;
	}
	ReleaseSysCache(tuple);
	return found;
}

/* What a call passes for an argument; NULL if it has none of that name. */
static Node *
argument_of(const FuncExpr *call, const char *name)
{
	int			number = argument_number(call->funcid, name);

	return number < 0 || number >= list_length(call->args) ? NULL :
		list_nth(call->args, number);
}

/* Is one of the extension's functions called here or below? */
static bool
calls_own(Node *node, Oid *extension)
{
	if (node == NULL)
		return false;
	if (IsA(node, FuncExpr) &&
		is_own_function(((FuncExpr *) node)->funcid, *extension))
		return true;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, calls_own, extension, 0);
	return expression_tree_walker(node, calls_own, extension);
}

/*
 * Columns
 */

/* Notes the column of the row that an expression is, whatever it is cast to. */
static void
note_column(Walk *walk, Node *node)
{
	const Var  *var;

	while (node != NULL &&
		   (IsA(node, RelabelType) || IsA(node, CoerceViaIO) ||
			IsA(node, CollateExpr) || IsA(node, CoerceToDomain)))
		node = IsA(node, RelabelType) ? (Node *) ((RelabelType *) node)->arg :
			IsA(node, CoerceViaIO) ? (Node *) ((CoerceViaIO *) node)->arg :
			IsA(node, CollateExpr) ? (Node *) ((CollateExpr *) node)->arg :
			(Node *) ((CoerceToDomain *) node)->arg;
	if (node == NULL || !IsA(node, Var))
		return;
	var = (const Var *) node;
	if (var->varno == ROW_VARNO && var->varlevelsup == walk->depth &&
		var->varattno > 0)
		walk->columns = list_append_unique_int(walk->columns, var->varattno);
}

/* Is it a text constant that names the setting of the active tenant? */
static bool
is_tenant_setting(const Node *node)
{
	const Const *value = (const Const *) node;

	return IsA(node, Const) && value->consttype == TEXTOID &&
		!value->constisnull && tacl_tenant_setting != NULL &&
		strcmp(TextDatumGetCString(value->constvalue), tacl_tenant_setting) == 0;
}

/* Is it a call that returns the active tenant? */
static bool
is_tenant_call(const Node *node, Oid extension)
{
	const FuncExpr *call = (const FuncExpr *) node;
	const char *name;

	if (!IsA(node, FuncExpr) || !is_own_function(call->funcid, extension))
		return false;
	name = get_func_name(call->funcid);
	return strcmp(name, "tacl_active_tenant") == 0 ||
		strcmp(name, "tacl_tenant") == 0;
}

/* Is the active tenant asked for here or below? */
static bool
names_active_tenant(Node *node, Oid *extension)
{
	if (node == NULL)
		return false;
	if (is_tenant_setting(node) || is_tenant_call(node, *extension))
		return true;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, names_active_tenant,
								 extension, 0);
	return expression_tree_walker(node, names_active_tenant, extension);
}

/* Notes the column that is compared with the active tenant. */
static void
note_comparison(Walk *walk, const OpExpr *comparison)
{
	char	   *operator = get_opname(comparison->opno);

	if (list_length(comparison->args) != 2 || strcmp(operator, "=") != 0)
		return;
	for (int i = 0; i < 2; i++)
	{
		if (names_active_tenant(list_nth(comparison->args, 1 - i),
								&walk->extension))
			note_column(walk, list_nth(comparison->args, i));
	}
}

/*
 * Permissions
 */

/* Notes a permission, or several, that a call asks for. */
static void
note_permission(Walk *walk, Node *node)
{
	const Const *value = (const Const *) node;
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	if (node == NULL || !IsA(node, Const) || value->constisnull)
		return;
	if (value->consttype == TEXTOID)
		walk->permissions = lappend(walk->permissions,
									TextDatumGetCString(value->constvalue));
	if (value->consttype != TEXTARRAYOID)
		return;
	deconstruct_array(DatumGetArrayTypeP(value->constvalue), TEXTOID, -1, false,
					  TYPALIGN_INT, &elements, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		if (!nulls[i])
			walk->permissions = lappend(walk->permissions,
										TextDatumGetCString(elements[i]));
	}
}

/* Collects columns and permissions. */
static bool
collect(Node *node, Walk *walk)
{
	bool		result;

	if (node == NULL)
		return false;
	if (IsA(node, FuncExpr) &&
		is_own_function(((FuncExpr *) node)->funcid, walk->extension))
	{
		note_column(walk, argument_of((FuncExpr *) node, "tenant"));
		note_permission(walk, argument_of((FuncExpr *) node, "permission"));
		note_permission(walk, argument_of((FuncExpr *) node, "permissions"));
	}
	if (IsA(node, OpExpr))
		note_comparison(walk, (OpExpr *) node);
	if (!IsA(node, Query))
		return expression_tree_walker(node, collect, walk);
	walk->depth++;
	result = query_tree_walker((Query *) node, collect, walk, 0);
	walk->depth--;
	return result;
}

/* Walks through the expression that is the function's argument. */
static Walk
collect_from_arg(FunctionCallInfo fcinfo)
{
	Walk		walk = {get_extension_oid(TACL_EXTENSION, false)};

	(void) collect(stringToNode(TextDatumGetCString(PG_GETARG_DATUM(0))), &walk);
	return walk;
}

/*
 * Functions that are called
 */

/*
 * Collects the names of the extension's functions. What tacl_protected() is
 * given is never evaluated, so nothing is asked there.
 */
static bool
collect_calls(Node *node, Walk *walk)
{
	if (node == NULL)
		return false;
	if (IsA(node, FuncExpr) &&
		is_own_function(((FuncExpr *) node)->funcid, walk->extension))
	{
		char	   *name = get_func_name(((FuncExpr *) node)->funcid);

		walk->calls = lappend(walk->calls, name);
		if (strcmp(name, "tacl_protected") == 0)
			return false;
	}
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, collect_calls, walk, 0);
	return expression_tree_walker(node, collect_calls, walk);
}

/*
 * What is evaluated once
 */

/* Does the sub-select use nothing of the queries around it? */
static bool
stands_alone(Node *query, int depth)
{
	for (int level = 1; level <= depth + 1; level++)
	{
		if (contain_vars_of_level(query, level))
			return false;
	}
	return true;
}

/* Is there a sub-select that asks and stands alone? */
static bool
asks_once(Node *node, Walk *walk)
{
	bool		result;

	if (node == NULL)
		return false;
	if (IsA(node, SubLink))
	{
		Node	   *query = ((SubLink *) node)->subselect;

		if (calls_own(query, &walk->extension) &&
			stands_alone(query, walk->depth))
			return true;
	}
	if (!IsA(node, Query))
		return expression_tree_walker(node, asks_once, walk);
	walk->depth++;
	result = query_tree_walker((Query *) node, asks_once, walk, 0);
	walk->depth--;
	return result;
}

/*
 * Functions
 */

/* The columns of a policy's row that say which tenant it belongs to. */
Datum
tacl_policy_columns(PG_FUNCTION_ARGS)
{
	List	   *columns = collect_from_arg(fcinfo).columns;
	Datum	   *elements = palloc(sizeof(Datum) * Max(list_length(columns), 1));
	ListCell   *cell;

	foreach(cell, columns)
		elements[foreach_current_index(cell)] = Int16GetDatum(lfirst_int(cell));
	PG_RETURN_ARRAYTYPE_P(construct_array(elements, list_length(columns),
										  INT2OID, sizeof(int16), true,
										  TYPALIGN_SHORT));
}

/* An array of the texts. */
static ArrayType *
text_array(List *texts)
{
	Datum	   *elements = palloc(sizeof(Datum) * Max(list_length(texts), 1));
	ListCell   *cell;

	foreach(cell, texts)
		elements[foreach_current_index(cell)] = CStringGetTextDatum(lfirst(cell));
	return construct_array(elements, list_length(texts), TEXTOID, -1, false,
						   TYPALIGN_INT);
}

/* The permissions that a policy asks for. */
Datum
tacl_policy_permissions(PG_FUNCTION_ARGS)
{
	PG_RETURN_ARRAYTYPE_P(text_array(collect_from_arg(fcinfo).permissions));
}

/* The names of the extension's functions that a policy calls. */
Datum
tacl_policy_calls(PG_FUNCTION_ARGS)
{
	Walk		walk = {get_extension_oid(TACL_EXTENSION, false)};

	(void) collect_calls(stringToNode(TextDatumGetCString(PG_GETARG_DATUM(0))),
						 &walk);
	PG_RETURN_ARRAYTYPE_P(text_array(walk.calls));
}

/*
 * Does a policy ask in a sub-select that does not depend on the row? Its
 * answer is kept for the rows that follow, and for the new version of a row
 * that was waited for.
 */
Datum
tacl_policy_asks_once(PG_FUNCTION_ARGS)
{
	Walk		walk = {get_extension_oid(TACL_EXTENSION, false)};

	PG_RETURN_BOOL(asks_once(stringToNode(TextDatumGetCString(PG_GETARG_DATUM(0))),
							 &walk));
}

/* Does an answer depend on the table, so that its changes are signalled? */
Datum
tacl_is_signalled(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);

	store_resolve_oids();
	for (int i = 0; i < STORE_TABLES; i++)
	{
		if (store_table_oid(i) == relid)
			PG_RETURN_BOOL(true);
	}
	PG_RETURN_BOOL(false);
}
