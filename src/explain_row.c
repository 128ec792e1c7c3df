/*
 * explain_row.c
 *		tacl_explain_row(): why a row may or may not be viewed, updated and
 *		deleted, policy by policy.
 *
 * For the owner of the table, who could switch its policies off. Each policy is
 * asked about the row on its own, as the user and in the tenant of the session.
 *
 * Policies run code that the caller has not seen: functions that they call,
 * constraints of the key's type. So the row is looked for as the owner of the
 * table, and the policies are asked as the role that is given only if the owner
 * could become that role, else as the owner; in a security-restricted operation
 * that undoes settings, so that nothing of it comes back to the caller. As the
 * owner, current_user in an expression is still the role, and so is whom
 * policies are for and whom they do not stop; but other tables are seen as the
 * owner sees them, and functions find the owner to be the current user.
 *
 * The verdicts combine the policies as PostgreSQL does: all restrictive ones and
 * at least one permissive one must hold, and a statement that reads what it
 * changes needs the policies for SELECT as well. What would be written is not
 * known; it is taken to be the row as it is.
 */
#include "tenant_acl.h"

#include "access/table.h"
#include "catalog/pg_class.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "rewrite/rewriteManip.h"
#include "rewrite/rowsecurity.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

#include "args.h"
#include "explain_row.h"

PG_FUNCTION_INFO_V1(tacl_explain_row);

/* The columns of the result. */
enum
{
	RESULT_COMMAND,
	RESULT_POLICY,
	RESULT_KIND,
	RESULT_EXPRESSION,
	RESULT_PASSES,
	RESULT_NOTE,
	RESULT_COLUMNS
};

/* What is explained, and to where. */
typedef struct Inquiry
{
	FunctionCallInfo fcinfo;
	Relation	table;
	AskedRow	row;
	Oid			role;			/* whose policies count */
	Oid			asker;			/* as whom they are asked */
	const char *exempt;			/* why none does; NULL if they do */
	List	   *policies;		/* of RowSecurityPolicy, as they are applied */
} Inquiry;

/* A command that policies are for. */
typedef struct Command
{
	const char *name;
	char		policies;		/* as in pg_policy */
	AclMode		privilege;
} Command;

static const Command commands[] = {
	{"select", ACL_SELECT_CHR, ACL_SELECT},
	{"update", ACL_UPDATE_CHR, ACL_UPDATE},
	{"delete", ACL_DELETE_CHR, ACL_DELETE},
};

/* What is to be put back after something of the table owner's was run. */
typedef struct Caller
{
	Oid			user;
	int			sec_context;
	int			guc_level;
} Caller;

/* What is decided so far, and the first reason for it if that is no yes. */
typedef struct Verdict
{
	Outcome		outcome;
	const char *reason;
} Verdict;

/* The same of several policies: all must hold, and one that permits. */
typedef struct Tally
{
	Verdict		restricted;
	Outcome		permitted;
	bool		erred;			/* did one that may permit? */
} Tally;

/*
 * Result
 */

/* Puts a row; texts may be NULL. */
static void
put_row(const Inquiry *inquiry, const char *command, const char *policy,
		const char *kind, const char *expression, Outcome outcome,
		const char *note)
{
	ReturnSetInfo *result = (ReturnSetInfo *) inquiry->fcinfo->resultinfo;
	const char *texts[RESULT_COLUMNS] = {
		[RESULT_COMMAND] = command,
		[RESULT_POLICY] = policy,
		[RESULT_KIND] = kind,
		[RESULT_EXPRESSION] = expression,
		[RESULT_NOTE] = note
	};
	Datum		values[RESULT_COLUMNS];
	bool		nulls[RESULT_COLUMNS];

	for (int i = 0; i < RESULT_COLUMNS; i++)
	{
		nulls[i] = texts[i] == NULL;
		values[i] = nulls[i] ? (Datum) 0 : CStringGetTextDatum(texts[i]);
	}
	nulls[RESULT_PASSES] = outcome == OUTCOME_UNKNOWN;
	values[RESULT_PASSES] = BoolGetDatum(outcome == OUTCOME_PASSES);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Adds what must hold as well. */
static void
narrow(Verdict *verdict, Outcome outcome, const char *reason)
{
	if (outcome <= verdict->outcome)
		return;
	verdict->outcome = outcome;
	verdict->reason = reason;
}

/*
 * Rights
 */

/* Takes on the rights of a user, and takes care that no more can be had. */
static Caller
become(Oid user)
{
	Caller		caller;

	GetUserIdAndSecContext(&caller.user, &caller.sec_context);
	SetUserIdAndSecContext(user, caller.sec_context |
						   SECURITY_RESTRICTED_OPERATION);
	caller.guc_level = NewGUCNestLevel();
	return caller;
}

/* Puts the caller's rights back, and settings as they were. */
static void
go_back(const Caller *caller)
{
	AtEOXact_GUC(false, caller->guc_level);
	SetUserIdAndSecContext(caller->user, caller->sec_context);
}

/*
 * As whom policies are asked: the role that they are asked for if the table's
 * owner could as well be that role. For one that policies do not stop it does
 * not matter.
 */
static Oid
asker_for(const Inquiry *inquiry)
{
	Oid			owner = inquiry->table->rd_rel->relowner;

	return inquiry->exempt == NULL && member_can_set_role(owner, inquiry->role) ?
		inquiry->role : owner;
}

/*
 * Policies
 */

/* Whether a role is subject to policies of the table; NULL if it is. */
static const char *
exemption_of(Relation table, Oid role)
{
	const char *name = GetUserNameFromId(role, false);

	if (!table->rd_rel->relrowsecurity)
		return "row-level security is not enabled";
	if (superuser_arg(role) || has_bypassrls_privilege(role))
		return psprintf("role \"%s\" bypasses row-level security", name);
	if (!table->rd_rel->relforcerowsecurity &&
		object_ownercheck(RelationRelationId, RelationGetRelid(table), role))
		return psprintf("role \"%s\" owns the table, and row-level security is not forced",
						name);
	return NULL;
}

/* Restrictive policies come first, then by name. */
static int
compare_policies(const ListCell *a, const ListCell *b)
{
	const RowSecurityPolicy *left = lfirst(a);
	const RowSecurityPolicy *right = lfirst(b);

	if (left->permissive != right->permissive)
		return left->permissive ? 1 : -1;
	return strcmp(left->policy_name, right->policy_name);
}

/* Copies the policies of the table, for they can change while they are asked. */
static List *
policies_of(Relation table)
{
	List	   *policies = NIL;
	ListCell   *cell;

	if (table->rd_rsdesc == NULL)
		return NIL;
	foreach(cell, table->rd_rsdesc->policies)
	{
		RowSecurityPolicy *policy = palloc(sizeof(RowSecurityPolicy));

		*policy = *(RowSecurityPolicy *) lfirst(cell);
		policy->policy_name = pstrdup(policy->policy_name);
		policy->roles = DatumGetArrayTypePCopy(PointerGetDatum(policy->roles));
		policy->qual = copyObject(policy->qual);
		policy->with_check_qual = copyObject(policy->with_check_qual);
		policies = lappend(policies, policy);
	}
	list_sort(policies, compare_policies);
	return policies;
}

/* Is the policy for the role? */
static bool
is_for_role(const RowSecurityPolicy *policy, Oid role)
{
	Oid		   *roles = (Oid *) ARR_DATA_PTR(policy->roles);

	for (int i = 0; i < ARR_DIMS(policy->roles)[0]; i++)
	{
		if (roles[i] == ACL_ID_PUBLIC || has_privs_of_role(role, roles[i]))
			return true;
	}
	return false;
}

/* Does a policy use a system column of the row? */
static bool
uses_system_columns(List *policies)
{
	ListCell   *cell;

	foreach(cell, policies)
	{
		const RowSecurityPolicy *policy = lfirst(cell);

		if (row_query_uses_system((Node *) policy->qual) ||
			row_query_uses_system((Node *) policy->with_check_qual))
			return true;
	}
	return false;
}

/* What is to be said of an expression beside its outcome; NULL if nothing. */
static const char *
note_for(const Inquiry *inquiry, Node *expression, const char *error,
		 bool writes)
{
	const char *beside = inquiry->asker != inquiry->role &&
		checkExprHasSubLink(expression) ?
		psprintf("looks at other tables with the rights of role \"%s\"",
				 GetUserNameFromId(inquiry->asker, false)) : NULL;

	if (error != NULL)
		return psprintf("error: %s", error);
	if (!writes)
		return beside;
	return psprintf("of the row to be written, here the row as it is%s%s",
					beside != NULL ? "; " : "", beside != NULL ? beside : "");
}

/* Puts what came of one expression of a policy; NULL if it has none. */
static void
put_policy(const Inquiry *inquiry, const Command *command,
		   const RowSecurityPolicy *policy, Expr *expression, Outcome outcome,
		   const char *note)
{
	Oid			relid = RelationGetRelid(inquiry->table);
	List	   *context = deparse_context_for(get_rel_name(relid), relid);

	put_row(inquiry, command->name, policy->policy_name,
			policy->permissive ? "permissive" : "restrictive",
			expression == NULL ? NULL :
			deparse_expression((Node *) expression, context, false, false),
			outcome, note);
}

/* Puts a policy that is not for the role. */
static void
put_other(const Inquiry *inquiry, const Command *command,
		  const RowSecurityPolicy *policy)
{
	put_policy(inquiry, command, policy, policy->qual, OUTCOME_UNKNOWN,
			   psprintf("not for role \"%s\"",
						GetUserNameFromId(inquiry->role, false)));
}

/*
 * Asks one expression of a policy, and puts what came of it. A policy without
 * USING does not permit, nor restrict.
 */
static Outcome
ask(const Inquiry *inquiry, const Command *command,
	const RowSecurityPolicy *policy, Expr *expression, bool writes)
{
	Outcome		outcome;
	const char *error;
	const char *note = "has no USING";

	if (expression == NULL)
		outcome = policy->permissive ? OUTCOME_FAILS : OUTCOME_PASSES;
	else
	{
		Caller		caller = become(inquiry->asker);

		outcome = row_policy_holds(inquiry->table, &inquiry->row,
								   (Node *) expression, inquiry->role, &error);
		go_back(&caller);
		note = note_for(inquiry, (Node *) expression, error, writes);
	}
	put_policy(inquiry, command, policy, expression, outcome, note);
	return outcome;
}

/* Adds what came of a policy. */
static void
count(Tally *tally, const RowSecurityPolicy *policy, Outcome outcome)
{
	if (policy->permissive)
	{
		tally->permitted = Min(tally->permitted, outcome);
		tally->erred = tally->erred || outcome == OUTCOME_UNKNOWN;
	}
	else
		narrow(&tally->restricted, outcome,
			   psprintf(outcome == OUTCOME_FAILS ?
						"restrictive policy \"%s\" does not pass" :
						"restrictive policy \"%s\" raises an error",
						policy->policy_name));
}

/*
 * Adds what came of several to what must hold. An error in one that permits
 * counts also if another one does, for PostgreSQL may come to it first.
 */
static void
narrow_by_tally(Verdict *verdict, const Tally *tally)
{
	narrow(verdict, tally->restricted.outcome, tally->restricted.reason);
	if (tally->erred)
		narrow(verdict, OUTCOME_UNKNOWN, "a permissive policy raises an error");
	narrow(verdict, tally->permitted, "no permissive policy passes");
}

/* Goes through the policies for a command. */
static Verdict
decide_by_policies(const Inquiry *inquiry, const Command *command)
{
	Tally		of_row = {{OUTCOME_PASSES, NULL}, OUTCOME_FAILS, false};
	Tally		of_written = {{OUTCOME_PASSES, NULL}, OUTCOME_FAILS, false};
	Verdict		verdict = {OUTCOME_PASSES, NULL};
	ListCell   *cell;

	foreach(cell, inquiry->policies)
	{
		const RowSecurityPolicy *policy = lfirst(cell);
		Outcome		outcome;

		if (policy->polcmd != '*' && policy->polcmd != command->policies)
			continue;
		if (!is_for_role(policy, inquiry->role))
		{
			put_other(inquiry, command, policy);
			continue;
		}
		outcome = ask(inquiry, command, policy, policy->qual, false);
		count(&of_row, policy, outcome);
		if (command->policies != ACL_UPDATE_CHR)
			continue;
		if (policy->with_check_qual != NULL)
			outcome = ask(inquiry, command, policy, policy->with_check_qual,
						  true);
		count(&of_written, policy, outcome);
	}
	narrow_by_tally(&verdict, &of_row);
	if (command->policies == ACL_UPDATE_CHR)
		narrow_by_tally(&verdict, &of_written);
	return verdict;
}

/*
 * Verdicts
 */

/* Has the role the privilege on the table, or on a column of it? */
static bool
has_privilege(const Inquiry *inquiry, AclMode privilege)
{
	Oid			relid = RelationGetRelid(inquiry->table);

	return pg_class_aclcheck(relid, inquiry->role, privilege) == ACLCHECK_OK ||
		pg_attribute_aclcheck_all(relid, inquiry->role, privilege,
								  ACLMASK_ANY) == ACLCHECK_OK;
}

/* Puts the policies for a command, and the verdict, which is returned. */
static Verdict
explain_command(const Inquiry *inquiry, const Command *command,
				const Verdict *of_select)
{
	Verdict		verdict = {OUTCOME_PASSES, NULL};
	Verdict		of_policies = decide_by_policies(inquiry, command);

	if (!has_privilege(inquiry, command->privilege))
		narrow(&verdict, OUTCOME_FAILS,
			   psprintf("role \"%s\" has no privilege for it on the table",
						GetUserNameFromId(inquiry->role, false)));
	if (inquiry->exempt == NULL)
		narrow(&verdict, of_policies.outcome, of_policies.reason);
	if (of_select != NULL)
		narrow(&verdict, of_select->outcome,
			   "a statement that looks for the row does not find it");
	put_row(inquiry, command->name, NULL, "verdict", NULL, verdict.outcome,
			verdict.reason != NULL ? verdict.reason : inquiry->exempt);
	return verdict;
}

/*
 * The function
 */

/* Opens the table, or raises an error unless the caller owns it. */
static Relation
open_own_table(Oid relid)
{
	Relation	table;

	if (get_rel_name(relid) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	if (!object_ownercheck(RelationRelationId, relid, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER,
					   get_relkind_objtype(get_rel_relkind(relid)),
					   get_rel_name(relid));
	table = table_open(relid, AccessShareLock);
	if (table->rd_rel->relkind != RELKIND_RELATION &&
		table->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a table",
						RelationGetRelationName(table)),
				 errdetail_relkind_not_supported(table->rd_rel->relkind)));
	return table;
}

/* The row of the inquiry's table, found as its owner. */
static AskedRow
find_row(const Inquiry *inquiry)
{
	Caller		caller = become(inquiry->table->rd_rel->relowner);
	AskedRow	row = row_by_key(inquiry->table,
								 inquiry->fcinfo->args[1].value,
								 get_fn_expr_argtype(inquiry->fcinfo->flinfo, 1),
								 uses_system_columns(inquiry->policies));

	go_back(&caller);
	return row;
}

/* tacl_explain_row(relation, key [, for_role]) */
Datum
tacl_explain_row(PG_FUNCTION_ARGS)
{
	Inquiry		inquiry = {.fcinfo = fcinfo};
	Verdict		of_select;

	if (PG_ARGISNULL(0))
		report_missing("table");
	inquiry.table = open_own_table(PG_GETARG_OID(0));
	if (PG_ARGISNULL(1))
		report_missing("key");
	inquiry.role = PG_ARGISNULL(2) ? GetUserId() :
		get_role_oid(NameStr(*PG_GETARG_NAME(2)), false);
	inquiry.exempt = exemption_of(inquiry.table, inquiry.role);
	inquiry.asker = asker_for(&inquiry);
	inquiry.policies = policies_of(inquiry.table);
	inquiry.row = find_row(&inquiry);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	of_select = explain_command(&inquiry, &commands[0], NULL);
	for (int i = 1; i < lengthof(commands); i++)
		(void) explain_command(&inquiry, &commands[i], &of_select);
	table_close(inquiry.table, AccessShareLock);
	PG_RETURN_NULL();
}
