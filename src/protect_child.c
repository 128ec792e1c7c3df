/*
 * protect_child.c
 *		tacl_protect_child(): rows that are seen and written as the row that
 *		they refer to.
 *
 * A child has each policy that its parent has, for the same command and roles:
 * there is a row of the parent with the key that the child's row refers to, and
 * the parent's policy holds for it. PostgreSQL applies the parent's own
 * policies for SELECT to that sub-select as well, so the parent's row must be
 * visible, and the caller needs SELECT on the parent.
 *
 * In a plain SELECT the planner may turn the sub-select round, find all
 * parents first and look the children up among them. Where rows are locked or
 * changed it must not: rights can go while the statement waits, and what was
 * found before would still be used. A condition on the child's row within the
 * sub-select, beside tacl_reads_only(), keeps it from that.
 */
#include "protect.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_policy.h"
#include "lib/stringinfo.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

PG_FUNCTION_INFO_V1(tacl_protect_child);

/* What the parent's row is called in a child's policy. */
#define PARENT_ALIAS "parent"

/* What a call of tacl_protect_child() asks for. */
typedef struct ChildRule
{
	const char *column;
	Oid			parent;
	AttrNumber	key;			/* column of the parent */
	Oid			operator;		/* parent's column = child's column */
	List	   *policies;		/* of the parent, with its alias */
	bool		force;
	bool		base;
} ChildRule;

/*
 * The parent
 */

/*
 * Does a foreign key stand for itself? Those to partitions of another one's
 * table do not.
 */
static bool
stands_for_itself(Oid constraint)
{
	HeapTuple	tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint));
	bool		result;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for constraint %u", constraint);
	result = !OidIsValid(((Form_pg_constraint) GETSTRUCT(tuple))->conparentid);
	ReleaseSysCache(tuple);
	return result;
}

/* The foreign keys of the table that are this column alone, to other tables. */
static List *
foreign_keys(Oid relid, AttrNumber column)
{
	Relation	table = table_open(relid, NoLock);
	List	   *found = NIL;
	ListCell   *cell;

	foreach(cell, RelationGetFKeyList(table))
	{
		ForeignKeyCacheInfo *key = lfirst(cell);

		if (key->nkeys == 1 && key->conkey[0] == column &&
			key->confrelid != relid && stands_for_itself(key->conoid))
			found = lappend(found, copyObject(key));
	}
	table_close(table, NoLock);
	return found;
}

/* Raises an error for a column from which no protected parent is found. */
static void
report_no_parent(Oid relid, const char *column, List *keys)
{
	Oid			parent;

	if (keys == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_FOREIGN_KEY),
				 errmsg("column \"%s\" of table \"%s\" alone is no foreign key to another table",
						column, get_rel_name(relid)),
				 errhint("Add a foreign key, or a column that holds the tenant.")));
	parent = linitial_node(ForeignKeyCacheInfo, keys)->confrelid;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("table \"%s\", which column \"%s\" refers to, is not protected",
					get_rel_name(parent), column),
			 errhint("Call tacl_protect() or tacl_protect_child() for \"%s\" first.",
					 get_rel_name(parent))));
}

/* Raises an error for a column that refers to two protected tables. */
static void
report_two_parents(Oid relid, const char *column)
{
	ereport(ERROR,
			(errcode(ERRCODE_AMBIGUOUS_COLUMN),
			 errmsg("column \"%s\" of table \"%s\" refers to more than one protected table",
					column, get_rel_name(relid))));
}

/* Takes the foreign key whose table is protected. */
static void
find_parent(Oid relid, ChildRule *rule)
{
	List	   *keys = foreign_keys(relid, protect_column(relid, rule->column));
	ListCell   *cell;

	foreach(cell, keys)
	{
		ForeignKeyCacheInfo *key = lfirst(cell);
		List	   *policies;

		LockRelationOid(key->confrelid, AccessShareLock);
		policies = protect_policies(key->confrelid, PARENT_ALIAS);
		if (policies == NIL)
			continue;
		if (rule->policies != NIL && rule->parent != key->confrelid)
			report_two_parents(relid, rule->column);
		rule->policies = policies;
		rule->parent = key->confrelid;
		rule->key = key->confkey[0];
		rule->operator = key->conpfeqop[0];
	}
	if (rule->policies == NIL)
		report_no_parent(relid, rule->column, keys);
}

/* Refuses a parent whose own policies ask about the child. */
static void
check_loop(const ProtectCall *call, const ChildRule *rule)
{
	ListCell   *cell;

	foreach(cell, rule->policies)
	{
		const Policy *policy = lfirst(cell);
		List	   *tables = protect_dependencies(PolicyRelationId, policy->oid,
												  RelationRelationId);

		if (oids_meet(tables, call->tables))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
					 errmsg("tables \"%s\" and \"%s\" would be protected as each other's rows",
							get_rel_name(call->root),
							get_rel_name(rule->parent))));
	}
}

/* The operators that the child's policies may use. */
static List *
operators_of(const ChildRule *rule)
{
	List	   *operators = list_make1_oid(rule->operator);
	ListCell   *cell;

	foreach(cell, rule->policies)
		operators = list_concat(operators,
								protect_dependencies(PolicyRelationId,
													 ((Policy *) lfirst(cell))->oid,
													 OperatorRelationId));
	return operators;
}

/*
 * Policies
 */

/* What a policy of the child asks: that the parent's policy holds. */
static const char *
condition_for(const ChildRule *rule, Oid relid, const Policy *policy)
{
	const char *column = psprintf("%s.%s", protect_table_name(relid),
								  quote_identifier(rule->column));
	bool		only = get_rel_relkind(rule->parent) == RELKIND_RELATION;

	return psprintf("EXISTS (SELECT 1 FROM %s%s AS %s WHERE %s.%s %s %s AND (%s)"
					" AND (" TACL_SCHEMA ".tacl_reads_only() OR %s IS NOT NULL))",
					only ? "ONLY " : "", protect_table_name(rule->parent),
					PARENT_ALIAS, PARENT_ALIAS,
					quote_identifier(get_attname(rule->parent, rule->key, false)),
					protect_operator(rule->operator), column,
					policy->using != NULL ? policy->using : policy->check,
					column);
}

/* The policy of the child for one of the parent's that restrict. */
static Policy *
restrictive_policy(const Policy *parent, const char *condition)
{
	Policy	   *policy = palloc0(sizeof(Policy));

	*policy = *parent;
	policy->using = parent->using == NULL ? NULL : condition;
	policy->check = parent->check == NULL ? NULL : condition;
	return policy;
}

/* The roles that are exempt from the policies of a call; NIL if none are. */
static List *
exempt_from(List *policies, int number)
{
	ListCell   *cell;

	foreach(cell, policies)
	{
		const Policy *policy = lfirst(cell);

		if (policy->kind == POLICY_EXEMPTS && policy->call == number)
			return policy->roles;
	}
	return NIL;
}

/* The policies beside those that the parent's call restricts by. */
static List *
other_policies(const ChildRule *rule, Oid relid, const Policy *select)
{
	List	   *exempt = exempt_from(rule->policies, select->call);
	List	   *policies = list_make1(rule->base ? protect_base(select) :
									  protect_guard(relid, select));

	if (exempt != NIL)
		policies = lappend(policies, protect_exemption(select, exempt));
	return policies;
}

/* All policies that the call asks for on a table. */
static List *
wanted_policies(const ChildRule *rule, Oid relid)
{
	List	   *policies = NIL;
	ListCell   *cell;

	foreach(cell, rule->policies)
	{
		const Policy *parent = lfirst(cell);
		Policy	   *policy;

		if (parent->kind != POLICY_RESTRICTS)
			continue;
		policy = restrictive_policy(parent,
									condition_for(rule, relid, parent));
		policies = lappend(policies, policy);
		if (policy->command == ACL_SELECT_CHR)
			policies = list_concat(policies,
								   other_policies(rule, relid, policy));
	}
	return policies;
}

/* The arguments for the comments. */
static const char *
rule_as_json(const ChildRule *rule)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoString(&json, "\"function\": \"tacl_protect_child\", \"foreign_key_column\": ");
	escape_json(&json, rule->column);
	return json.data;
}

/* Does for one table what the call asks for. */
static ProtectChange
protect_table(const ProtectCall *call, const ChildRule *rule, Oid relid)
{
	Oid			type = get_atttype(relid, get_attnum(relid, rule->column));
	List	   *present = protect_policies(relid, NULL);
	ProtectWish wish = {
		.policies = wanted_policies(rule, relid),
		.present = present,
		.replaced = present,
		.arguments = rule_as_json(rule),
		.force = rule->force,
		.operators = operators_of(rule),
		.column = rule->column,
		.column_operator = lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr
	};

	return protect_apply(call, relid, &wish);
}

/* tacl_protect_child(relation, foreign_key_column, force, base) */
Datum
tacl_protect_child(PG_FUNCTION_ARGS)
{
	ProtectCall call;
	ChildRule	rule = {NULL};
	ProtectChange changed = PROTECT_SAME;
	ListCell   *cell;

	protect_begin(&call, fcinfo, "tacl_protect_child()", true);
	for (int i = 1; i < PG_NARGS(); i++)
	{
		if (PG_ARGISNULL(i))
			report_missing(i == 1 ? "foreign key column" :
						   i == 2 ? "force" : "base");
	}
	rule.column = pstrdup(NameStr(*PG_GETARG_NAME(1)));
	rule.force = PG_GETARG_BOOL(2);
	rule.base = PG_GETARG_BOOL(3);
	find_parent(call.root, &rule);
	check_loop(&call, &rule);
	foreach(cell, call.tables)
	{
		ProtectChange of_table = protect_table(&call, &rule, lfirst_oid(cell));

		changed = Max(changed, of_table);
	}
	if (changed == PROTECT_ASKS_OTHER)
		protect_advise_children(&call);
	protect_end(&call);
	PG_RETURN_BOOL(changed != PROTECT_SAME);
}

/*
 * Tables that are protected as children of a table
 */

/* The table that a policy is of. */
static Oid
table_of_policy(Oid policy)
{
	Relation	catalog = table_open(PolicyRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			relid = InvalidOid;

	ScanKeyInit(&key, Anum_pg_policy_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(policy));
	scan = systable_beginscan(catalog, PolicyOidIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		relid = ((Form_pg_policy) GETSTRUCT(tuple))->polrelid;
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return relid;
}

/* Other tables whose policies ask about the table. */
static List *
tables_asking_about(const ProtectCall *call)
{
	Relation	depend = table_open(DependRelationId, AccessShareLock);
	List	   *tables = NIL;
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(RelationRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(call->root));
	scan = systable_beginscan(depend, DependReferenceIndexId, true, NULL, 2,
							  keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend form = (Form_pg_depend) GETSTRUCT(tuple);

		if (form->classid == PolicyRelationId)
			tables = list_append_unique_oid(tables,
											table_of_policy(form->objid));
	}
	systable_endscan(scan);
	table_close(depend, AccessShareLock);
	return list_difference_oid(tables, call->tables);
}

/*
 * Says which tables have policies made from those that the table had before.
 */
void
protect_advise_children(const ProtectCall *call)
{
	ListCell   *cell;

	foreach(cell, tables_asking_about(call))
	{
		Oid			relid = lfirst_oid(cell);

		if (protect_policies(relid, NULL) != NIL && !has_superclass(relid))
			ereport(NOTICE,
					(errmsg("policies of table \"%s\" still ask what those of \"%s\" asked before",
							get_rel_name(relid), get_rel_name(call->root)),
					 errhint("Call tacl_protect_child() for \"%s\" again.",
							 get_rel_name(relid))));
	}
}
