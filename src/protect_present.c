/*
 * protect_present.c
 *		Policies that are there: which of them are ours, and what they use.
 *
 * A policy is ours by its name and by its comment, so that one that somebody
 * altered still is. In a dump without comments it is ours if it is made as we
 * make them. Others must not have such names: nobody could tell what becomes of
 * them in the next call.
 *
 * Restrictive policies are evaluated in the order of their names, and only the
 * first one can be an index condition: the names of ours begin with "!", which
 * sorts before all that people usually write. Behind it stands the permission,
 * because PostgreSQL prints the name when it refuses a row.
 */
#include "protect.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "commands/comment.h"
#include "commands/extension.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

/* How the names of ours begin. */
#define RESTRICTS_PREFIX	"!tacl "
#define BASE_PREFIX			"tacl (base"
#define GUARD_PREFIX		"tacl (guard"
#define EXEMPTS_PREFIX		"tacl (exempt"

/* How their comments begin. */
#define COMMENT_PREFIX		"{\"function\": \"tacl_protect"

/* A test of a row of pg_policy. */
typedef bool (*PolicyTest) (HeapTuple tuple, TupleDesc desc, List *roles);

/*
 * Names
 */

/* The word for a policy's command. */
const char *
protect_command_word(char command)
{
	switch (command)
	{
		case ACL_SELECT_CHR:
			return "select";
		case ACL_INSERT_CHR:
			return "insert";
		case ACL_UPDATE_CHR:
			return "update";
		case ACL_DELETE_CHR:
			return "delete";
		default:
			return "all";
	}
}

/* How the name of a policy that restricts ends. */
static const char *
name_behind(char command, int call)
{
	return psprintf(" (%s%s)", protect_command_word(command),
					call > 1 ? psprintf(" %d", call) : "");
}

/* What a policy that restricts is called; see the head of this file. */
const char *
protect_policy_name(char command, const char *permission, int call)
{
	const char *behind = name_behind(command, call);
	int			room = NAMEDATALEN - 1 - strlen(RESTRICTS_PREFIX) - strlen(behind);

	return psprintf("%s%.*s%s", RESTRICTS_PREFIX, room, permission, behind);
}

/* What another one is called. */
const char *
protect_other_name(PolicyKind kind, int call)
{
	return psprintf("%s%s)", kind == POLICY_BASE ? BASE_PREFIX :
					kind == POLICY_GUARD ? GUARD_PREFIX : EXEMPTS_PREFIX,
					call > 1 ? psprintf(" %d", call) : "");
}

/*
 * What an object depends on
 */

/* Begins to read the dependencies of an object. */
static SysScanDesc
begin_dependencies(Relation depend, Oid class, Oid object)
{
	ScanKeyData keys[2];

	ScanKeyInit(&keys[0], Anum_pg_depend_classid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(class));
	ScanKeyInit(&keys[1], Anum_pg_depend_objid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(object));
	return systable_beginscan(depend, DependDependerIndexId, true, NULL, 2,
							  keys);
}

/* The objects of a class that an object depends on. */
List *
protect_dependencies(Oid class, Oid object, Oid refclass)
{
	Relation	depend = table_open(DependRelationId, AccessShareLock);
	SysScanDesc scan = begin_dependencies(depend, class, object);
	List	   *found = NIL;
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend form = (Form_pg_depend) GETSTRUCT(tuple);

		if (form->refclassid == refclass)
			found = list_append_unique_oid(found, form->refobjid);
	}
	systable_endscan(scan);
	table_close(depend, AccessShareLock);
	return found;
}

/* Is the function a member of the extension? */
static bool
is_own_function(Oid function)
{
	return getExtensionOfObject(ProcedureRelationId, function) ==
		get_extension_oid(TACL_EXTENSION, false);
}

/* Raises the error of a function or operator that stands in the way. */
static void
report_captured(const char *what, const char *signature)
{
	ereport(ERROR,
			(errcode(ERRCODE_DUPLICATE_FUNCTION),
			 errmsg("%s %s would be used in place of the extension's own",
					what, signature),
			 errhint("Drop or rename it.")));
}

/*
 * Ensures that a policy or trigger uses no function but the extension's own,
 * and no operator but PostgreSQL's own and the given ones: another one with
 * just these arguments would have been preferred.
 */
void
protect_verify(Oid class, Oid object, List *operators)
{
	ListCell   *cell;

	foreach(cell, protect_dependencies(class, object, ProcedureRelationId))
	{
		if (!is_own_function(lfirst_oid(cell)))
			report_captured("function", format_procedure(lfirst_oid(cell)));
	}
	foreach(cell, protect_dependencies(class, object, OperatorRelationId))
	{
		if (!list_member_oid(operators, lfirst_oid(cell)))
			report_captured("operator", format_operator(lfirst_oid(cell)));
	}
}

/*
 * Policies that are there
 */

/* The number of the call that a policy's name carries. */
static int
call_of_name(const char *name)
{
	const char *open = strrchr(name, '(');
	const char *blank = open == NULL ? NULL : strchr(open, ' ');

	return blank == NULL ? 1 : atoi(blank + 1);
}

/* Does a name begin so? */
static bool
begins(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Does a name end so? */
static bool
ends(const char *name, const char *suffix)
{
	int			rest = strlen(name) - strlen(suffix);

	return rest >= 0 && strcmp(name + rest, suffix) == 0;
}

/* Does its name begin as those of ours? Then also sets what it is for. */
static bool
is_reserved(Form_pg_policy form, PolicyKind *kind)
{
	const char *name = NameStr(form->polname);

	if (form->polpermissive)
	{
		*kind = begins(name, BASE_PREFIX) ? POLICY_BASE : POLICY_EXEMPTS;
		return *kind == POLICY_BASE || begins(name, EXEMPTS_PREFIX);
	}
	*kind = begins(name, GUARD_PREFIX) ? POLICY_GUARD : POLICY_RESTRICTS;
	return *kind == POLICY_GUARD || begins(name, RESTRICTS_PREFIX);
}

/* Is it named exactly as we name such a policy? */
static bool
is_named_by_us(Form_pg_policy form, PolicyKind kind)
{
	const char *name = NameStr(form->polname);
	int			call = call_of_name(name);

	if (kind == POLICY_RESTRICTS)
		return ends(name, name_behind(form->polcmd, call));
	return form->polcmd == '*' &&
		strcmp(name, protect_other_name(kind, call)) == 0;
}

/* Does it call a function of ours, as all do but the one that guards? */
static bool
calls_us(Form_pg_policy form, PolicyKind kind)
{
	ListCell   *cell;

	if (kind == POLICY_GUARD)
		return true;
	foreach(cell, protect_dependencies(PolicyRelationId, form->oid,
									   ProcedureRelationId))
	{
		if (is_own_function(lfirst_oid(cell)))
			return true;
	}
	return false;
}

/* Is a policy ours? Then also sets what it is for. */
static bool
is_ours(Form_pg_policy form, PolicyKind *kind)
{
	const char *comment;

	if (!is_reserved(form, kind))
		return false;
	comment = GetComment(form->oid, PolicyRelationId, 0);
	if (comment != NULL && begins(comment, COMMENT_PREFIX))
		return true;
	return is_named_by_us(form, *kind) && calls_us(form, *kind);
}

/* A column of pg_policy that holds an expression; NULL if it has none. */
static const char *
tree_of(HeapTuple tuple, AttrNumber column, TupleDesc desc)
{
	bool		isnull;
	Datum		datum = heap_getattr(tuple, column, desc, &isnull);

	return isnull ? NULL : TextDatumGetCString(datum);
}

/* The same as SQL. */
static const char *
expression_of(HeapTuple tuple, AttrNumber column, TupleDesc desc, List *context,
			  bool prefixed)
{
	const char *tree = tree_of(tuple, column, desc);

	return tree == NULL ? NULL :
		deparse_expression(stringToNode(tree), context, prefixed, false);
}

/* The roles that a policy is for. */
static List *
roles_of(HeapTuple tuple, TupleDesc desc)
{
	bool		isnull;
	Datum		datum = heap_getattr(tuple, Anum_pg_policy_polroles, desc,
									 &isnull);
	ArrayType  *array = DatumGetArrayTypeP(datum);
	Oid		   *oids = (Oid *) ARR_DATA_PTR(array);
	List	   *roles = NIL;

	for (int i = 0; i < ARR_DIMS(array)[0]; i++)
		roles = lappend_oid(roles, oids[i]);
	list_sort(roles, list_oid_cmp);
	return roles;
}

/* Begins to read the policies of a table. */
static SysScanDesc
begin_policies(Relation catalog, Oid relid)
{
	ScanKeyData key;

	ScanKeyInit(&key, Anum_pg_policy_polrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	return systable_beginscan(catalog, PolicyPolrelidPolnameIndexId, true,
							  NULL, 1, &key);
}

/* A row of pg_policy. */
static Policy *
read_policy(HeapTuple tuple, TupleDesc desc, Oid relid, const char *alias)
{
	Form_pg_policy form = (Form_pg_policy) GETSTRUCT(tuple);
	List	   *context = deparse_context_for(alias != NULL ? alias :
											  get_rel_name(relid), relid);
	Policy	   *policy = palloc0(sizeof(Policy));

	policy->oid = form->oid;
	policy->name = pstrdup(NameStr(form->polname));
	policy->command = form->polcmd;
	policy->call = call_of_name(policy->name);
	policy->roles = roles_of(tuple, desc);
	policy->using = expression_of(tuple, Anum_pg_policy_polqual, desc, context,
								  alias != NULL);
	policy->check = expression_of(tuple, Anum_pg_policy_polwithcheck, desc,
								  context, alias != NULL);
	policy->check_tree = tree_of(tuple, Anum_pg_policy_polwithcheck, desc);
	policy->comment = GetComment(form->oid, PolicyRelationId, 0);
	return policy;
}

/*
 * The policies of the table that are ours. In their expressions, the columns
 * of the table are prefixed with the alias if there is one.
 */
List *
protect_policies(Oid relid, const char *alias)
{
	Relation	catalog = table_open(PolicyRelationId, AccessShareLock);
	SysScanDesc scan = begin_policies(catalog, relid);
	List	   *policies = NIL;
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_policy form = (Form_pg_policy) GETSTRUCT(tuple);
		PolicyKind	kind;
		Policy	   *policy;

		if (!is_ours(form, &kind))
			continue;
		policy = read_policy(tuple, RelationGetDescr(catalog), relid, alias);
		policy->kind = kind;
		policies = lappend(policies, policy);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return policies;
}

/* Finds a policy of the table; NULL if there is none. */
static const char *
find_policy(Oid relid, PolicyTest test, List *roles)
{
	Relation	catalog = table_open(PolicyRelationId, AccessShareLock);
	SysScanDesc scan = begin_policies(catalog, relid);
	const char *name = NULL;
	HeapTuple	tuple;

	while (name == NULL && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		if (test(tuple, RelationGetDescr(catalog), roles))
			name = pstrdup(NameStr(((Form_pg_policy) GETSTRUCT(tuple))->polname));
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return name;
}

/* Is it not ours: permissive and for some of the roles, or any if they are NIL? */
static bool
is_of_others(HeapTuple tuple, TupleDesc desc, List *roles)
{
	Form_pg_policy form = (Form_pg_policy) GETSTRUCT(tuple);
	PolicyKind	kind;

	return !is_ours(form, &kind) &&
		(roles == NIL || (form->polpermissive &&
						  protect_roles_meet(roles, roles_of(tuple, desc))));
}

/*
 * Finds a policy that is not ours: a permissive one for some of the roles, or
 * any at all if the roles are NIL. NULL if there is none.
 */
const char *
protect_policy_of_others(Oid relid, List *roles)
{
	return find_policy(relid, is_of_others, roles);
}

/* Has it a name that is kept for ours? */
static bool
is_misnamed(HeapTuple tuple, TupleDesc desc, List *roles)
{
	Form_pg_policy form = (Form_pg_policy) GETSTRUCT(tuple);
	PolicyKind	kind;

	return is_reserved(form, &kind) && !is_ours(form, &kind);
}

/* Raises an error for a policy that only bears a name like ours. */
void
protect_refuse_misnamed(Oid relid)
{
	const char *name = find_policy(relid, is_misnamed, NIL);

	if (name != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_RESERVED_NAME),
				 errmsg("policy \"%s\" of table \"%s\" has a name that is kept for those of extension \"%s\"",
						name, get_rel_name(relid), TACL_EXTENSION),
				 errhint("ALTER POLICY %s ON %s RENAME TO ...;",
						 quote_identifier(name), protect_table_name(relid))));
}
