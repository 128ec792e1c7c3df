/*
 * planner.c
 *		What the planner may know about checks.
 *
 * A policy that calls tacl_can(user, permission, tenant_id) for each row would
 * read the whole table. The support function offers an index condition in its
 * place: tenant_id = ANY (the tenants where the user may), where the tenants
 * are found when the scan starts. So a plan holds no decision, and can be used
 * for other users.
 *
 * The condition is the same as the check as of the start of the scan, which is
 * what a plain SELECT wants. Where rows are locked or changed, rights can go
 * while the scan waits for another transaction: there each row is checked as
 * well (the condition is "lossy").
 *
 * No help is always right, so everything that does not fit exactly gets none.
 * What must not be added: indexes that are not btree (their scans cannot take
 * arrays, or only one element at a time); before PostgreSQL 17 columns other
 * than the first one of an index (the planner takes a derived array condition
 * on a later column for one that keeps the order, and ORDER BY ... LIMIT
 * returns wrong rows); columns whose collation is not deterministic; arguments
 * that come from tables.
 *
 * Policies written by hand say user and tenant by current_setting(), for each
 * row again. Where PostgreSQL is slow at that it takes longer than the check, so
 * a function that remembers the place is called in its stead.
 */
#include "tenant_acl.h"

#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "access.h"
#include "args.h"
#include "idtype.h"
#include "list.h"
#include "session.h"

PG_FUNCTION_INFO_V1(tacl_array_support);
PG_FUNCTION_INFO_V1(tacl_at_execution);
PG_FUNCTION_INFO_V1(tacl_plan_policy);
PG_FUNCTION_INFO_V1(tacl_plan_support);
PG_FUNCTION_INFO_V1(tacl_protected);
PG_FUNCTION_INFO_V1(tacl_reads_only);

/* The number of tenants of a user who is not known yet. */
#define UNKNOWN_TENANTS 5

/*
 * The greatest part of a table for which an index condition is of help.
 * Measured: up to a half it is faster than a check of each row, several times
 * so if the index has all columns. For all tenants it is half as fast, and the
 * planner would not see that.
 */
#define GREATEST_SHARE 0.5

/*
 * What an array of tenants costs, in units of cpu_operator_cost. For each one
 * of them the index is descended once, which the planner does not know: it
 * takes an array that is a function's for one of ten elements. So large sets
 * are no help in small tables.
 */
#define ARRAY_COST 1000
#define ARRAY_TENANT_COST 400

/*
 * The call
 */

/* A call of tacl_can(user, permission, tenant) or tacl_may(permission, tenant). */
typedef struct CheckCall
{
	Node	   *user;			/* NULL: the user of the session */
	Node	   *permission;
	Node	   *tenant;
} CheckCall;

/* Takes the arguments apart. */
static CheckCall
check_call(List *args)
{
	CheckCall	call;
	int			count = list_length(args);

	Assert(count == 2 || count == 3);
	call.user = count == 3 ? linitial(args) : NULL;
	call.permission = list_nth(args, count - 2);
	call.tenant = llast(args);
	return call;
}

/* Can the value be known when a scan starts, and does it stay the same? */
static bool
is_known_at_start(Node *node)
{
	return !contain_var_clause(node) && !contain_volatile_functions(node);
}

/*
 * How many
 */

/* The value that an expression has now, to estimate by; NULL if none has. */
static Const *
present_value(PlannerInfo *root, Node *node)
{
	Node	   *value = estimate_expression_value(root, node);

	return IsA(value, Const) ? (Const *) value : NULL;
}

/* The id in a constant; false if it is NULL or cannot be one. */
static bool
id_of_constant(const Const *value, IdBuffer *buffer, TaclName *id)
{
	return !value->constisnull &&
		arg_id_of_value(value->constvalue, value->consttype, buffer, id);
}

/*
 * The user that a call asks about as things are now; false if there is none.
 * A plan can be made before anyone is in the session.
 */
static bool
present_user(PlannerInfo *root, const CheckCall *call, IdBuffer *buffer,
			 TaclName *user)
{
	Const	   *value;

	if (call->user == NULL)
		return session_asker(user) && name_is_possible(*user);
	value = present_value(root, call->user);
	return value != NULL && id_of_constant(value, buffer, user) &&
		name_is_possible(*user);
}

/* The permission; false if it is none. */
static bool
permission_of_constant(const Const *value, TaclName *permission)
{
	if (value->constisnull)
		return false;
	*permission = arg_name_of_text(value->constvalue);
	return permission->len > 0 &&
		permission_is_valid(permission->data, permission->len);
}

/*
 * Would the check raise an error, for an argument as it is now? The array
 * function would, too, but the planner calls it for an estimate.
 */
static bool
is_refused(PlannerInfo *root, const CheckCall *call)
{
	Const	   *value = present_value(root, call->permission);
	TaclName	permission;

	if (call->user != NULL && !arg_type_is_id(exprType(call->user)))
		return true;
	return value != NULL && !value->constisnull &&
		!permission_of_constant(value, &permission) && permission.len > 0;
}

/*
 * The number of tenants where a call says yes now; false if they are many. At
 * least one: the plan may be used for others.
 */
static bool
present_tenants(PlannerInfo *root, const CheckCall *call, double *number)
{
	Const	   *value = present_value(root, call->permission);
	IdBuffer	buffer;
	TaclName	permission;
	TaclName	user;
	NameArray	tenants;

	*number = UNKNOWN_TENANTS;
	if (value == NULL || !permission_of_constant(value, &permission) ||
		!present_user(root, call, &buffer, &user))
		return true;
	if (!list_few_tenants(user, permission, &tenants))
		return false;
	*number = Max(tenants.count, 1);
	return true;
}

/* The part of a table's rows that a call says yes to: all for many tenants. */
static double
present_share(PlannerInfo *root, const CheckCall *call, int varRelid)
{
	VariableStatData stats;
	double		tenants;
	double		distinct;
	bool		is_default;

	if (!present_tenants(root, call, &tenants))
		return 1.0;
	examine_variable(root, call->tenant, varRelid, &stats);
	distinct = get_variable_numdistinct(&stats, &is_default);
	ReleaseVariableStats(stats);
	return Min(tenants / Max(distinct, 1.0), 1.0);
}

/*
 * Index condition
 */

/* The expression without changes of type that change nothing. */
static Node *
strip_relabels(Node *node)
{
	while (node != NULL && IsA(node, RelabelType))
		node = (Node *) ((RelabelType *) node)->arg;
	return node;
}

/* Is this the plain column that the index has there? */
static bool
is_indexed_column(const SupportRequestIndexCondition *request, Node *node)
{
	const IndexOptInfo *index = request->index;
	const Var  *var = (const Var *) strip_relabels(node);

	return IsA(var, Var) && var->varno == index->rel->relid &&
		var->varlevelsup == 0 && var->varattno > 0 &&
		var->varattno == index->indexkeys[request->indexcol];
}

/* Can an array condition be used with this column of this index? */
static bool
is_usable_index(const SupportRequestIndexCondition *request, Oid base)
{
	const IndexOptInfo *index = request->index;

	if (index->relam != BTREE_AM_OID ||
		(request->indexcol > 0 && !COMPAT_ARRAYS_ON_ANY_INDEX_COLUMN))
		return false;
	if (!OidIsValid(base) || index->opcintype[request->indexcol] != base)
		return false;
	return !OidIsValid(request->indexcollation) ||
		get_collation_isdeterministic(request->indexcollation);
}

/* Is one side of a clause the column, and the other known at the start? */
static bool
fixes_column(const SupportRequestIndexCondition *request, Oid operator,
			 Node *left, Node *right)
{
	if (get_op_opfamily_strategy(operator, request->opfamily) !=
		BTEqualStrategyNumber)
		return false;
	return (is_indexed_column(request, left) && is_known_at_start(right)) ||
		(is_indexed_column(request, right) && is_known_at_start(left));
}

/* Does a clause leave one tenant, or a list of them? */
static bool
clause_fixes_column(const SupportRequestIndexCondition *request, Node *clause)
{
	if (IsA(clause, OpExpr) && list_length(((OpExpr *) clause)->args) == 2)
	{
		OpExpr	   *expr = (OpExpr *) clause;

		return fixes_column(request, expr->opno, linitial(expr->args),
							lsecond(expr->args));
	}
	if (IsA(clause, ScalarArrayOpExpr) && ((ScalarArrayOpExpr *) clause)->useOr)
	{
		ScalarArrayOpExpr *expr = (ScalarArrayOpExpr *) clause;

		return fixes_column(request, expr->opno, linitial(expr->args),
							lsecond(expr->args));
	}
	return false;
}

/* Does another clause fix the column? Then that one is the better condition. */
static bool
is_column_fixed(const SupportRequestIndexCondition *request)
{
	ListCell   *cell;

	foreach(cell, request->index->rel->baserestrictinfo)
	{
		if (clause_fixes_column(request,
								(Node *) ((RestrictInfo *) lfirst(cell))->clause))
			return true;
	}
	return false;
}

/* Does the whole query only read, without locking rows? */
static bool
is_plain_select(PlannerInfo *root)
{
	for (; root != NULL; root = root->parent_root)
	{
		if (root->parse->commandType != CMD_SELECT ||
			root->parse->rowMarks != NIL)
			return false;
	}
	return true;
}

/* The name of the function that finds tenants, with values of the type. */
static const char *
array_function_name(Oid base)
{
	switch (base)
	{
		case TEXTOID:
			return "tenants_as_text";
		case UUIDOID:
			return "tenants_as_uuid";
		case INT2OID:
			return "tenants_as_smallint";
		case INT4OID:
			return "tenants_as_integer";
	}
	return "tenants_as_bigint";
}

/*
 * That function; InvalidOid if it is not there. Looked up without regard to
 * privileges on its schema, which nobody needs to have who asks.
 */
static Oid
array_function(Oid base, bool of_session)
{
	const Oid	types[] = {ANYOID, TEXTOID, INTERNALOID};
	oidvector  *arguments = of_session ? buildoidvector(types + 1, 2) :
		buildoidvector(types, 3);

	return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid,
						   CStringGetDatum(array_function_name(base)),
						   PointerGetDatum(arguments),
						   ObjectIdGetDatum(get_namespace_oid(TACL_SCHEMA,
															  true)));
}

/*
 * The call that finds the tenants. No SQL text can make one: there is no way to
 * write an argument of type internal.
 */
static Expr *
make_array(const CheckCall *call, Oid base, Oid function)
{
	List	   *args = list_make2(call->permission,
								  makeConst(INTERNALOID, -1, InvalidOid,
											sizeof(Datum), (Datum) 0, true,
											true));

	if (call->user != NULL)
		args = lcons(call->user, args);
	return (Expr *) makeFuncExpr(function, get_array_type(base), args,
								 InvalidOid, InvalidOid,
								 COERCE_EXPLICIT_CALL);
}

/* column = ANY (array) */
static Node *
make_condition(const SupportRequestIndexCondition *request, Node *column,
			   Oid base, Oid operator, Expr *array)
{
	ScalarArrayOpExpr *expr = makeNode(ScalarArrayOpExpr);

	column = strip_relabels(column);
	if (exprType(column) != base)
		column = (Node *) makeRelabelType((Expr *) column, base, -1,
										  request->indexcollation,
										  COERCE_IMPLICIT_CAST);
	expr->opno = operator;
	expr->opfuncid = get_opcode(operator);
	expr->useOr = true;
	expr->inputcollid = request->indexcollation;
	expr->args = list_make2(copyObject(column), array);
	expr->location = -1;
	return (Node *) expr;
}

/*
 * The operator to compare the column with, if the index is ordered by the
 * type's own equality; else InvalidOid.
 */
static Oid
equality_operator(const SupportRequestIndexCondition *request, Oid base)
{
	Oid			operator = get_opfamily_member(request->opfamily, base, base,
											   BTEqualStrategyNumber);

	return operator == lookup_type_cache(base, TYPECACHE_EQ_OPR)->eq_opr ?
		operator : InvalidOid;
}

/*
 * May the caller make the check, and what would stand for it? Looked at here
 * since a condition in place of the check would not be refused at execution.
 */
static bool
may_execute(PlannerInfo *root, Oid check, Oid array_function)
{
	root->glob->dependsOnRole = true;
	return OidIsValid(array_function) && access_may_execute(check) &&
		access_may_execute(array_function);
}

/*
 * Ensures that the query has no parallel scan of this index. The processes of
 * one tell each other how far they are as positions in the array, but each finds
 * its array itself, and not the same if a right comes or goes while they start.
 * Rows were then missed, and others found twice; PostgreSQL 17 and later would
 * read beyond the end of an array. A bitmap is built by one process.
 */
static void
forbid_parallel_scan(const SupportRequestIndexCondition *request)
{
	request->index->amcanparallel = false;
}

/* The index condition for a check, or NULL if there is no help. */
static Node *
index_condition(SupportRequestIndexCondition *request)
{
	FuncExpr   *check = (FuncExpr *) request->node;
	CheckCall	call;
	Oid			base;
	Oid			operator;
	Oid			function;

	if (!IsA(check, FuncExpr))
		return NULL;
	call = check_call(check->args);
	if (!is_indexed_column(request, call.tenant) ||
		!is_known_at_start(call.permission) ||
		(call.user != NULL && !is_known_at_start(call.user)))
		return NULL;

	base = idtype_base(exprType(strip_relabels(call.tenant)));
	if (!is_usable_index(request, base) || is_column_fixed(request))
		return NULL;

	operator = equality_operator(request, base);
	function = array_function(base, call.user == NULL);
	if (!OidIsValid(operator) ||
		!may_execute(request->root, check->funcid, function) ||
		is_refused(request->root, &call) ||
		present_share(request->root, &call, 0) > GREATEST_SHARE)
		return NULL;
	request->lossy = !is_plain_select(request->root);
	forbid_parallel_scan(request);
	return make_condition(request, call.tenant, base, operator,
						  make_array(&call, base, function));
}

/* Estimates the part of a check's rows; false if there is no help. */
static bool
estimate_selectivity(SupportRequestSelectivity *request)
{
	CheckCall	call = check_call(request->args);

	if (request->is_join || !IsA(strip_relabels(call.tenant), Var) ||
		!access_may_execute(request->funcid))
		return false;
	request->selectivity = present_share(request->root, &call,
										 request->varRelid);
	return true;
}

/* Is this current_setting() of a setting with a dot in its name, or NULL? */
static bool
reads_setting(const Node *node)
{
	const FuncExpr *call = (const FuncExpr *) node;
	const Const *name;
	const Const *missing_ok;

	if (!IsA(node, FuncExpr) ||
		call->funcid != F_CURRENT_SETTING_TEXT_BOOL ||
		!IsA(linitial(call->args), Const) || !IsA(lsecond(call->args), Const))
		return false;
	name = linitial(call->args);
	missing_ok = lsecond(call->args);
	return !name->constisnull && !missing_ok->constisnull &&
		DatumGetBool(missing_ok->constvalue) &&
		strchr(TextDatumGetCString(name->constvalue), '.') != NULL;
}

/* tacl.setting(name); InvalidOid if it is not there. */
static Oid
setting_function(void)
{
	const Oid	type = TEXTOID;

	return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid,
						   CStringGetDatum("setting"),
						   PointerGetDatum(buildoidvector(&type, 1)),
						   ObjectIdGetDatum(get_namespace_oid(TACL_SCHEMA,
															  true)));
}

/* The check with tacl.setting() for current_setting(); NULL if it has none. */
static Node *
read_settings(SupportRequestSimplify *request)
{
	FuncExpr   *check = NULL;
	Oid			function = InvalidOid;
	ListCell   *cell;

	foreach(cell, request->fcall->args)
	{
		FuncExpr   *setting;

		if (!reads_setting(lfirst(cell)))
			continue;
		if (check == NULL)
		{
			function = setting_function();
			if (request->root == NULL ||
				!may_execute(request->root, request->fcall->funcid, function))
				return NULL;
			check = copyObject(request->fcall);
		}
		setting = copyObject(lfirst(cell));
		setting->funcid = function;
		setting->args = list_make1(linitial(setting->args));
		lfirst(list_nth_cell(check->args, foreach_current_index(cell))) =
			setting;
	}
	return (Node *) check;
}

/* Planner support of tacl_can(user, permission, tenant) and tacl_may(). */
Datum
tacl_plan_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	Node	   *condition = NULL;

	if (IsA(request, SupportRequestSelectivity))
		PG_RETURN_POINTER(estimate_selectivity((SupportRequestSelectivity *) request) ?
						  request : NULL);
	if (IsA(request, SupportRequestSimplify))
		PG_RETURN_POINTER(read_settings((SupportRequestSimplify *) request));
	if (IsA(request, SupportRequestIndexCondition))
		condition = index_condition((SupportRequestIndexCondition *) request);
	PG_RETURN_POINTER(condition != NULL ? list_make1(condition) : NULL);
}

/*
 * Planner support of the array functions: what a call costs, with what the
 * planner does not know, a descent into the index for each tenant.
 */
Datum
tacl_array_support(PG_FUNCTION_ARGS)
{
	SupportRequestCost *request = (SupportRequestCost *) PG_GETARG_POINTER(0);
	CheckCall	call;
	double		tenants;

	if (!IsA(request, SupportRequestCost) || request->root == NULL ||
		request->node == NULL || !IsA(request->node, FuncExpr))
		PG_RETURN_POINTER(NULL);
	call = check_call(((FuncExpr *) request->node)->args);
	if (!present_tenants(request->root, &call, &tenants))
		tenants = LIST_FEW_TENANTS;
	request->startup = 0;
	request->per_tuple = cpu_operator_cost *
		(ARRAY_COST + ARRAY_TENANT_COST * tenants);
	PG_RETURN_POINTER(request);
}

/*
 * Parts of policies that are known when a query is planned
 */

/*
 * Planner support of tacl_protected(condition) and of tacl_reads_only(): puts
 * their answers in their place, so that they cost nothing.
 */
Datum
tacl_plan_policy(PG_FUNCTION_ARGS)
{
	SupportRequestSimplify *request =
		(SupportRequestSimplify *) PG_GETARG_POINTER(0);

	if (!IsA(request, SupportRequestSimplify))
		PG_RETURN_POINTER(NULL);
	if (request->fcall->args != NIL)
		PG_RETURN_POINTER(makeBoolConst(true, false));
	if (request->root == NULL)
		PG_RETURN_POINTER(NULL);
	PG_RETURN_POINTER(makeBoolConst(is_plain_select(request->root), false));
}

/*
 * tacl_protected(condition): true, whatever the condition. The policy that
 * calls it depends on all that the condition depends on, and goes with it.
 */
Datum
tacl_protected(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(true);
}

/*
 * tacl_reads_only(): does the query only read, without locking rows? The
 * planner knows; where it was not asked, no.
 */
Datum
tacl_reads_only(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(false);
}

/*
 * at_execution(): NULL. An argument of functions that the planner is not to
 * call for an estimate: it leaves alone what returns a record, and so whatever
 * has that for an argument. The estimate is then that of an unknown value,
 * whoever is in the session while a query is planned, and the plan is good for
 * those who come later.
 */
Datum
tacl_at_execution(PG_FUNCTION_ARGS)
{
	PG_RETURN_NULL();
}
