/*
 * protect.c
 *		tacl_protect() and tacl_unprotect(): policies for tables whose rows
 *		say which tenant they belong to.
 *
 * Each command has a restrictive policy, so that no permissive one can widen
 * it, and asks its own permission. In scope "active" the tenant of the row must
 * be the active one, which makes an index condition that is evaluated once,
 * when the scan starts. Where rows are locked or changed, rights can go while
 * the scan waits: there each row is checked as well (tacl_reads_only() is known
 * to the planner, so that a plain SELECT has nothing left of it). In scope
 * "all_mine" the check of the row is all there is; the planner makes an index
 * condition of it (see planner.c).
 *
 * One permissive policy, the base, permits what those do not forbid. Its
 * expression is true, but written around the one for SELECT: so it depends on
 * the extension and on the column as they do, and goes when they go. A table
 * without policies shows no row.
 */
#include "protect.h"

#include "catalog/pg_policy.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "idtype.h"

PG_FUNCTION_INFO_V1(tacl_protect);
PG_FUNCTION_INFO_V1(tacl_unprotect);

/* What a policy of each command is called in permissions and in catalogs. */
static const struct
{
	const char *verb;
	char		command;
}			commands[PROTECT_COMMANDS] =

{
	[PROTECT_SELECT] = {"view", ACL_SELECT_CHR},
	[PROTECT_INSERT] = {"create", ACL_INSERT_CHR},
	[PROTECT_UPDATE] = {"update", ACL_UPDATE_CHR},
	[PROTECT_DELETE] = {"delete", ACL_DELETE_CHR},
};

/* What a call of tacl_protect() asks for. */
typedef struct Rule
{
	const char *column;
	bool		active;			/* the active tenant only, not all of them */
	const char *permissions[PROTECT_COMMANDS];
	List	   *roles;			/* sorted OIDs */
	List	   *exempt;			/* sorted OIDs */
	bool		force;
	bool		base;
} Rule;

/*
 * Arguments
 */

/* A boolean that must be there. */
static bool
required_flag(FunctionCallInfo fcinfo, int argno, const char *what)
{
	if (PG_ARGISNULL(argno))
		report_missing(what);
	return PG_GETARG_BOOL(argno);
}

/* Is the scope "active"? The other is "all_mine". */
static bool
is_scope_active(FunctionCallInfo fcinfo, int argno)
{
	char	   *scope;

	if (PG_ARGISNULL(argno))
		report_missing("scope");
	scope = text_to_cstring(PG_GETARG_TEXT_PP(argno));
	if (strcmp(scope, "active") != 0 && strcmp(scope, "all_mine") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid scope: \"%s\"", scope),
				 errhint("Pass active for rows of the active tenant, all_mine for rows of all tenants where the user may.")));
	return strcmp(scope, "active") == 0;
}

/* The permission that a command asks for: as given, or the resource's. */
static const char *
permission_for(FunctionCallInfo fcinfo, int argno, int resource_argno,
			   const char *verb)
{
	char	   *permission;

	if (!PG_ARGISNULL(argno))
		permission = text_to_cstring(PG_GETARG_TEXT_PP(argno));
	else if (!PG_ARGISNULL(resource_argno))
		permission = psprintf("%s.%s",
							  text_to_cstring(PG_GETARG_TEXT_PP(resource_argno)),
							  verb);
	else
		report_missing("resource");
	(void) require_permission(name_from_cstring(permission));
	return permission;
}

/* A list of roles, sorted and without duplicates; PUBLIC is 0. */
static List *
roles_arg(FunctionCallInfo fcinfo, int argno, const char *what)
{
	List	   *roles = NIL;
	Datum	   *names;
	bool	   *nulls;
	int			count;

	if (PG_ARGISNULL(argno))
		report_missing(what);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(argno), NAMEOID, NAMEDATALEN, false,
					  TYPALIGN_CHAR, &names, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		const char *name = NameStr(*DatumGetName(names[i]));

		if (nulls[i])
			report_missing(psprintf("a role in %s", what));
		roles = list_append_unique_oid(roles, strcmp(name, "public") == 0 ?
									   ACL_ID_PUBLIC :
									   get_role_oid(name, false));
	}
	list_sort(roles, list_oid_cmp);
	return roles;
}

/* Raises the error of a list of roles that cannot be meant. */
static void
report_roles(const char *problem, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s", problem), errhint("%s", hint)));
}

/* Says which exempt roles are not, because they have the rights of others. */
static void
warn_of_members(const Rule *rule)
{
	ListCell   *exempt;
	ListCell   *role;

	foreach(exempt, rule->exempt)
	{
		foreach(role, rule->roles)
		{
			if (has_privs_of_role(lfirst_oid(exempt), lfirst_oid(role)))
				ereport(NOTICE,
						(errmsg("role \"%s\" is not exempt, because it has the privileges of role \"%s\"",
								GetUserNameFromId(lfirst_oid(exempt), false),
								GetUserNameFromId(lfirst_oid(role), false)),
						 errhint("Make it a member WITH INHERIT FALSE (before PostgreSQL 16, make it NOINHERIT), or no member.")));
		}
	}
}

/* Raises an error for lists of roles that do not fit together. */
static void
check_roles(const Rule *rule)
{
	bool		public = list_member_oid(rule->roles, ACL_ID_PUBLIC);

	if (rule->roles == NIL)
		report_roles("to_roles must not be empty",
					 "Name the roles to protect the table from, or leave it out for all.");
	if (public && list_length(rule->roles) > 1)
		report_roles("to_roles has other roles beside public",
					 "public includes them.");
	if (rule->exempt == NIL)
		return;
	if (public)
		report_roles("no role can be exempt from policies for public",
					 "Name the roles to protect the table from in to_roles.");
	if (protect_roles_meet(rule->roles, rule->exempt))
		report_roles("exempt_roles has public or a role of to_roles",
					 "Name only roles that shall see and write all rows.");
	warn_of_members(rule);
}

/* Raises an error unless the column can hold ids of tenants. */
static void
check_column(Oid relid, const char *column)
{
	Oid			type = get_atttype(relid, protect_column(relid, column));

	if (!OidIsValid(idtype_base(type)))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of table \"%s\" cannot hold ids of tenants",
						column, get_rel_name(relid)),
				 errdetail("Its type is %s.", format_type_be(type)),
				 errhint("It must be text, varchar, uuid, smallint, integer, bigint, or a domain over one of them.")));
}

/* Reads the arguments behind the table. */
static Rule
read_rule(FunctionCallInfo fcinfo, Oid relid)
{
	Rule		rule;

	if (PG_ARGISNULL(1))
		report_missing("tenant column");
	rule.column = pstrdup(NameStr(*PG_GETARG_NAME(1)));
	check_column(relid, rule.column);
	rule.active = is_scope_active(fcinfo, 3);
	for (int i = 0; i < PROTECT_COMMANDS; i++)
		rule.permissions[i] = permission_for(fcinfo, 4 + i, 2,
											 commands[i].verb);
	rule.roles = roles_arg(fcinfo, 8, "to_roles");
	rule.exempt = roles_arg(fcinfo, 9, "exempt_roles");
	rule.force = required_flag(fcinfo, 10, "force");
	rule.base = required_flag(fcinfo, 11, "base");
	check_roles(&rule);
	return rule;
}

/*
 * Policies
 */

/* What a restrictive policy asks of a row. */
static const char *
condition_for(const Rule *rule, Oid relid, ProtectCommand command)
{
	AttrNumber	number = get_attnum(relid, rule->column);
	Oid			base = idtype_base(get_atttype(relid, number));
	const char *permission = quote_literal_cstr(rule->permissions[command]);
	const char *active;
	const char *may;

	may = psprintf(TACL_SCHEMA ".tacl_may(%s, %s)", permission,
				   quote_identifier(rule->column));
	if (!rule->active)
		return may;
	active = psprintf("%s OPERATOR(pg_catalog.=) " TACL_SCHEMA ".tacl_active_tenant(%s, NULL::%s)",
					  protect_exact_column(relid, number), permission,
					  format_type_be(base));
	if (command == PROTECT_INSERT)
		return active;
	if (command == PROTECT_SELECT)
		return psprintf("%s AND (" TACL_SCHEMA ".tacl_reads_only() OR %s)",
						active, may);
	return psprintf("%s AND %s", active, may);
}

/* The policy that restricts one command. */
static Policy *
restrictive_policy(const Rule *rule, Oid relid, ProtectCommand command,
				   int number)
{
	Policy	   *policy = palloc0(sizeof(Policy));
	const char *condition = condition_for(rule, relid, command);

	policy->kind = POLICY_RESTRICTS;
	policy->command = commands[command].command;
	policy->call = number;
	policy->name = protect_policy_name(policy->command,
									   rule->permissions[command], number);
	policy->roles = rule->roles;
	if (command == PROTECT_INSERT)
		policy->check = condition;
	else
		policy->using = condition;
	return policy;
}

/* All policies that the call asks for on a table. */
static List *
wanted_policies(const Rule *rule, Oid relid, int number)
{
	List	   *policies = NIL;
	const Policy *select;

	for (int i = 0; i < PROTECT_COMMANDS; i++)
		policies = lappend(policies,
						   restrictive_policy(rule, relid, i, number));
	select = linitial(policies);
	policies = lappend(policies, rule->base ? protect_base(select) :
					   protect_guard(relid, select));
	if (rule->exempt != NIL)
		policies = lappend(policies, protect_exemption(select, rule->exempt));
	return policies;
}

/* Is there a policy of a call with this number? */
static bool
is_number_taken(List *policies, int number)
{
	ListCell   *cell;

	foreach(cell, policies)
	{
		if (((Policy *) lfirst(cell))->call == number)
			return true;
	}
	return false;
}

/*
 * The number of the call for these roles: that of an earlier one for the same
 * roles, else a new one. Roles cannot be in two calls: both would restrict
 * them.
 */
static int
number_for_roles(Oid relid, List *policies, List *roles)
{
	int			number = 1;
	ListCell   *cell;

	foreach(cell, policies)
	{
		const Policy *policy = lfirst(cell);

		if (policy->kind == POLICY_EXEMPTS)
			continue;
		if (equal(policy->roles, roles))
			return policy->call;
		if (protect_roles_meet(policy->roles, roles))
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_OBJECT),
					 errmsg("table \"%s\" is already protected from some of these roles",
							get_rel_name(relid)),
					 errdetail("There are policies for %s.",
							   protect_role_list(policy->roles)),
					 errhint("Pass the same to_roles to replace them, or call tacl_unprotect() first.")));
	}
	while (is_number_taken(policies, number))
		number++;
	return number;
}

/* The policies of the call with this number. */
static List *
policies_of_call(List *policies, int number)
{
	List	   *found = NIL;
	ListCell   *cell;

	foreach(cell, policies)
	{
		if (((Policy *) lfirst(cell))->call == number)
			found = lappend(found, lfirst(cell));
	}
	return found;
}

/* The arguments for the comments. */
static const char *
rule_as_json(const Rule *rule)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoString(&json, "\"function\": \"tacl_protect\", \"tenant_column\": ");
	escape_json(&json, rule->column);
	appendStringInfo(&json, ", \"scope\": \"%s\"",
					 rule->active ? "active" : "all_mine");
	for (int i = 0; i < PROTECT_COMMANDS; i++)
	{
		appendStringInfo(&json, ", \"%s\": ", commands[i].verb);
		escape_json(&json, rule->permissions[i]);
	}
	return json.data;
}

/* Does for one table what the call asks for. */
static ProtectChange
protect_table(const ProtectCall *call, const Rule *rule, Oid relid)
{
	List	   *policies = protect_policies(relid, NULL);
	int			number = number_for_roles(relid, policies, rule->roles);
	Oid			base = idtype_base(get_atttype(relid,
											   get_attnum(relid, rule->column)));
	ProtectWish wish = {
		.policies = wanted_policies(rule, relid, number),
		.present = policies,
		.replaced = policies_of_call(policies, number),
		.arguments = rule_as_json(rule),
		.force = rule->force,
		.column = rule->column,
		.column_operator = lookup_type_cache(base, TYPECACHE_EQ_OPR)->eq_opr
	};

	return protect_apply(call, relid, &wish);
}

/*
 * tacl_protect(relation, tenant_column, resource, scope, view_permission,
 * create_permission, update_permission, delete_permission, to_roles,
 * exempt_roles, force, base)
 */
Datum
tacl_protect(PG_FUNCTION_ARGS)
{
	ProtectCall call;
	Rule		rule;
	ProtectChange changed = PROTECT_SAME;
	ListCell   *cell;

	protect_begin(&call, fcinfo, "tacl_protect()", true);
	rule = read_rule(fcinfo, call.root);
	foreach(cell, call.tables)
	{
		ProtectChange of_table = protect_table(&call, &rule, lfirst_oid(cell));

		changed = Max(changed, of_table);
	}
	protect_advise_index(&call, rule.column);
	if (changed == PROTECT_ASKS_OTHER)
		protect_advise_children(&call);
	protect_end(&call);
	PG_RETURN_BOOL(changed != PROTECT_SAME);
}

/* tacl_unprotect(relation): takes away what the calls for the table made */
Datum
tacl_unprotect(PG_FUNCTION_ARGS)
{
	ProtectCall call;
	bool		changed = false;
	ListCell   *cell;

	protect_begin(&call, fcinfo, "tacl_unprotect()", false);
	foreach(cell, call.tables)
		changed |= protect_remove(lfirst_oid(cell));
	protect_end(&call);
	PG_RETURN_BOOL(changed);
}
