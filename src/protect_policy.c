/*
 * protect_policy.c
 *		What makes policies as they shall be.
 *
 * What is there is compared with what is wanted as PostgreSQL writes both, so
 * that a call which would change nothing does nothing, also after a dump and
 * restore, and a policy that somebody altered is made again.
 */
#include "protect.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_policy.h"
#include "commands/policy.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "parser/parse_clause.h"
#include "parser/parse_collate.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"

/* In comments: what tacl_unprotect() is to undo. */
#define MARK_ENABLED		"\"enabled\": true"
#define MARK_FORCED			"\"forced\": true"

/* Whether a table's row-level security was turned on by us, and forced. */
typedef struct Marks
{
	bool		enabled;
	bool		forced;
} Marks;

/*
 * Statements
 */

/* Runs a statement as the caller, between protect_begin() and protect_end(). */
void
protect_run(const char *statement)
{
	int			code = SPI_execute(statement, false, 0);

	if (code < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(code));
	CommandCounterIncrement();
}

/* What the comments of our policies say about the table. */
static Marks
marks_of(List *policies)
{
	Marks		marks = {false, false};
	ListCell   *cell;

	foreach(cell, policies)
	{
		const char *comment = ((Policy *) lfirst(cell))->comment;

		if (comment == NULL)
			continue;
		marks.enabled = marks.enabled || strstr(comment, MARK_ENABLED) != NULL;
		marks.forced = marks.forced || strstr(comment, MARK_FORCED) != NULL;
	}
	return marks;
}

/*
 * Policies as they shall be
 */

/* A policy of the same call as the one for SELECT, for all commands. */
static Policy *
policy_beside(const Policy *select, PolicyKind kind, List *roles,
			  const char *using)
{
	Policy	   *policy = palloc0(sizeof(Policy));

	policy->name = protect_other_name(kind, select->call);
	policy->kind = kind;
	policy->command = '*';
	policy->call = select->call;
	policy->roles = roles;
	policy->using = using;
	return policy;
}

/* The policy that permits what the call's others do not forbid. */
Policy *
protect_base(const Policy *select)
{
	return policy_beside(select, POLICY_BASE, select->roles,
						 psprintf(TACL_SCHEMA ".tacl_protected(%s)",
								  select->using));
}

/*
 * The policy that there is instead where others permit. It does not depend on
 * the extension, and forbids all once the policies that do are gone.
 */
Policy *
protect_guard(Oid relid, const Policy *select)
{
	return policy_beside(select, POLICY_GUARD, select->roles,
						 psprintf("EXISTS (SELECT 1 FROM pg_catalog.pg_policy AS p"
								  " WHERE p.polrelid OPERATOR(pg_catalog.=) %s::pg_catalog.regclass"
								  " AND p.polname OPERATOR(pg_catalog.=) %s)",
								  quote_literal_cstr(protect_table_name(relid)),
								  quote_literal_cstr(select->name)));
}

/* The policy that permits all to the exempt. */
Policy *
protect_exemption(const Policy *select, List *roles)
{
	return policy_beside(select, POLICY_EXEMPTS, roles,
						 psprintf(TACL_SCHEMA ".tacl_protected(%s)",
								  select->using));
}

/* Is there a role in both lists, or does one say PUBLIC? */
bool
protect_roles_meet(List *roles, List *others)
{
	return list_member_oid(roles, ACL_ID_PUBLIC) ||
		list_member_oid(others, ACL_ID_PUBLIC) ||
		oids_meet(roles, others);
}

/* The roles for a statement. */
const char *
protect_role_list(List *roles)
{
	StringInfoData list;
	ListCell   *cell;

	initStringInfo(&list);
	foreach(cell, roles)
	{
		Oid			role = lfirst_oid(cell);

		appendStringInfo(&list, "%s%s", list.len > 0 ? ", " : "",
						 role == ACL_ID_PUBLIC ? "PUBLIC" :
						 quote_identifier(GetUserNameFromId(role, false)));
	}
	return list.data;
}

/* An expression of a policy of the table, as PostgreSQL would keep it. */
static Node *
analyse(Oid relid, const char *expression)
{
	List	   *parsed = raw_parser(psprintf("SELECT %s", expression),
									RAW_PARSE_DEFAULT);
	SelectStmt *select = castNode(SelectStmt,
								  linitial_node(RawStmt, parsed)->stmt);
	Relation	table = table_open(relid, NoLock);
	ParseState *state = make_parsestate(NULL);
	Node	   *node;

	addNSItemToQuery(state,
					 addRangeTableEntryForRelation(state, table, AccessShareLock,
												   NULL, false, false),
					 false, true, true);
	node = transformWhereClause(state,
								linitial_node(ResTarget, select->targetList)->val,
								EXPR_KIND_POLICY, "POLICY");
	assign_expr_collations(state, node);
	free_parsestate(state);
	table_close(table, NoLock);
	return node;
}

/* Would PostgreSQL write the wanted expression like the one that is there? */
static bool
is_same_expression(Oid relid, const char *there, const char *wanted)
{
	if (there == NULL || wanted == NULL)
		return there == wanted;
	return strcmp(there,
				  deparse_expression(analyse(relid, wanted),
									 deparse_context_for(get_rel_name(relid),
														 relid),
									 false, false)) == 0;
}

/* Is a policy as it is wanted? */
static bool
is_as_wanted(Oid relid, const Policy *there, const Policy *wanted)
{
	return there->kind == wanted->kind && there->command == wanted->command &&
		equal(there->roles, wanted->roles) &&
		is_same_expression(relid, there->using, wanted->using) &&
		is_same_expression(relid, there->check, wanted->check);
}

/* The policy of this name among those; NULL if there is none. */
static const Policy *
policy_named(List *policies, const char *name)
{
	ListCell   *cell;

	foreach(cell, policies)
	{
		const Policy *policy = lfirst(cell);

		if (strcmp(policy->name, name) == 0)
			return policy;
	}
	return NULL;
}

/*
 * Making them so
 */

/* Drops a policy. */
static void
drop_policy(Oid relid, const Policy *policy)
{
	protect_run(psprintf("DROP POLICY %s ON %s",
						 quote_identifier(policy->name),
						 protect_table_name(relid)));
}

/* Creates a policy. */
static void
create_policy(Oid relid, const Policy *policy)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE POLICY %s ON %s AS %s FOR %s TO %s",
					 quote_identifier(policy->name), protect_table_name(relid),
					 policy->kind == POLICY_RESTRICTS ||
					 policy->kind == POLICY_GUARD ? "RESTRICTIVE" : "PERMISSIVE",
					 protect_command_word(policy->command),
					 protect_role_list(policy->roles));
	if (policy->using != NULL)
		appendStringInfo(&sql, " USING (%s)", policy->using);
	if (policy->check != NULL)
		appendStringInfo(&sql, " WITH CHECK (%s)", policy->check);
	protect_run(sql.data);
}

/* Gives a policy its comment unless it has it. */
static bool
put_comment(Oid relid, const char *name, const char *there, const char *comment)
{
	if (there != NULL && strcmp(there, comment) == 0)
		return false;
	protect_run(psprintf("COMMENT ON POLICY %s ON %s IS %s",
						 quote_identifier(name), protect_table_name(relid),
						 quote_literal_cstr(comment)));
	return true;
}

/* What it means that a policy is made or dropped. */
static ProtectChange
change_by(const Policy *policy)
{
	return policy->kind == POLICY_RESTRICTS || policy->kind == POLICY_EXEMPTS ?
		PROTECT_ASKS_OTHER : PROTECT_CHANGED;
}

/* Makes one policy as it is wanted. */
static ProtectChange
put_policy(Oid relid, const Policy *there, const Policy *wanted,
		   const char *comment, List *operators)
{
	bool		same = there != NULL && is_as_wanted(relid, there, wanted);

	if (there != NULL && !same)
		drop_policy(relid, there);
	if (!same)
		create_policy(relid, wanted);
	protect_verify(PolicyRelationId,
				   get_relation_policy_oid(relid, wanted->name, false),
				   operators);
	if (put_comment(relid, wanted->name, same ? there->comment : NULL, comment) &&
		same)
		return PROTECT_CHANGED;
	return same ? PROTECT_SAME : change_by(wanted);
}

/* Is row-level security enabled and forced for the table as it is? */
static Marks
security_of(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Form_pg_class form;
	Marks		marks;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relid);
	form = (Form_pg_class) GETSTRUCT(tuple);
	marks.enabled = form->relrowsecurity;
	marks.forced = form->relforcerowsecurity;
	ReleaseSysCache(tuple);
	return marks;
}

/* ENABLE, DISABLE, FORCE or NO FORCE. */
static void
alter_security(Oid relid, const char *action)
{
	protect_run(psprintf("ALTER TABLE ONLY %s %s ROW LEVEL SECURITY",
						 protect_table_name(relid), action));
}

/*
 * Turns row-level security on, and notes in *marks what of it is ours. It is
 * forced as wanted, unless somebody else forced it.
 */
static bool
put_security(Oid relid, bool force, Marks *marks)
{
	Marks		now = security_of(relid);
	bool		changed = !now.enabled || (force && !now.forced);

	if (!now.enabled)
		alter_security(relid, "ENABLE");
	if (force && !now.forced)
		alter_security(relid, "FORCE");
	if (!force && now.forced && marks->forced)
	{
		alter_security(relid, "NO FORCE");
		changed = true;
	}
	marks->enabled = marks->enabled || !now.enabled;
	marks->forced = force && (marks->forced || !now.forced);
	return changed;
}

/* What stands in the comments. */
static const char *
comment_of(const char *arguments, Marks marks)
{
	return psprintf("{%s, \"enabled\": %s, \"forced\": %s}", arguments,
					marks.enabled ? "true" : "false",
					marks.forced ? "true" : "false");
}

/*
 * Refuses to make a base policy beside permissive ones that it would widen,
 * and says so if without one nothing is permitted at all.
 */
static void
check_base(const ProtectCall *call, Oid relid, const ProtectWish *wish,
		   const Policy *policy)
{
	const char *base = protect_other_name(POLICY_BASE, policy->call);
	bool		wanted = policy_named(wish->policies, base) != NULL;
	const char *other = protect_policy_of_others(relid, policy->roles);

	if (wanted && other != NULL && policy_named(wish->replaced, base) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("permissive policy \"%s\" of table \"%s\" would not limit anything any more",
						other, get_rel_name(relid)),
				 errhint("Pass base => false to leave it in force, or drop it.")));
	if (!wanted && other == NULL && relid == call->root)
		ereport(NOTICE,
				(errmsg("no policy permits anything on table \"%s\" yet",
						get_rel_name(relid)),
				 errhint("Create a permissive policy, or pass base => true.")));
}

/* The same for each call among the wanted policies. */
static void
check_bases(const ProtectCall *call, Oid relid, const ProtectWish *wish)
{
	ListCell   *cell;

	foreach(cell, wish->policies)
	{
		const Policy *policy = lfirst(cell);

		if (policy->kind == POLICY_RESTRICTS &&
			policy->command == ACL_SELECT_CHR)
			check_base(call, relid, wish, policy);
	}
}

/* Makes a table as wanted. */
ProtectChange
protect_apply(const ProtectCall *call, Oid relid, const ProtectWish *wish)
{
	Marks		marks = marks_of(wish->present);
	ProtectChange changed;
	const char *comment;
	ListCell   *cell;

	protect_refuse_misnamed(relid);
	check_bases(call, relid, wish);
	changed = put_security(relid, wish->force, &marks) ? PROTECT_CHANGED :
		PROTECT_SAME;
	comment = comment_of(wish->arguments, marks);
	foreach(cell, wish->replaced)
	{
		const Policy *there = lfirst(cell);

		if (policy_named(wish->policies, there->name) != NULL)
			continue;
		drop_policy(relid, there);
		changed = Max(changed, change_by(there));
	}
	foreach(cell, wish->policies)
	{
		const Policy *wanted = lfirst(cell);
		ProtectChange made =
			put_policy(relid, policy_named(wish->replaced, wanted->name), wanted,
					   comment, wish->operators);

		changed = Max(changed, made);
	}
	if (protect_make_trigger(relid, wish))
		changed = Max(changed, PROTECT_CHANGED);
	return changed;
}

/* Undoes what was done to turn row-level security on. */
static void
remove_security(Oid relid, Marks marks)
{
	const char *other = protect_policy_of_others(relid, NIL);

	if (marks.forced)
		alter_security(relid, "NO FORCE");
	if (marks.enabled && other == NULL)
		alter_security(relid, "DISABLE");
	if (marks.enabled && other != NULL)
		ereport(NOTICE,
				(errmsg("row-level security of table \"%s\" stays enabled for policy \"%s\"",
						get_rel_name(relid), other),
				 errhint("ALTER TABLE %s DISABLE ROW LEVEL SECURITY;",
						 protect_table_name(relid))));
}

/* Takes away all that is ours; returns whether there was anything. */
bool
protect_remove(Oid relid)
{
	List	   *policies = protect_policies(relid, NULL);
	bool		had_trigger = protect_drop_trigger(relid);
	ListCell   *cell;

	foreach(cell, policies)
		drop_policy(relid, lfirst(cell));
	remove_security(relid, marks_of(policies));
	return policies != NIL || had_trigger;
}
