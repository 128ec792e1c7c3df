/*
 * setup_role.c
 *		tacl_setup_role(): what a database role of some kind has to be granted.
 *
 * What each kind needs is the list below. EXECUTE on most functions is
 * PUBLIC's; they are in the list all the same, for databases where it has been
 * revoked. A name in the list that is no object of the extension is an error:
 * a part of a kind's privileges that is silently left out would be missed in
 * production only.
 *
 * All is done by GRANT statements, which event triggers and logs see and
 * pg_dump carries. Who may call the function has the rights of the objects'
 * owner, so PostgreSQL records the owner as the grantor, whoever calls.
 */
#include "statement.h"

#include "catalog/catalog.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "args.h"

PG_FUNCTION_INFO_V1(tacl_setup_role);

/* Kinds of roles, as bits. */
#define RUNTIME		(1 << 0)
#define OPERATOR	(1 << 1)
#define ISSUER		(1 << 2)
#define READONLY	(1 << 3)

static const struct
{
	const char *name;
	int			bit;
}			kinds[] =

{
	{"runtime", RUNTIME},
	{"operator", OPERATOR},
	{"issuer", ISSUER},
	{"readonly", READONLY}
};

/* Privileges on objects that some kinds need. */
typedef struct Need
{
	int			kinds;
	const char *privileges;		/* separated by ", ", as GRANT has them */
	const char *class;			/* FUNCTION, SCHEMA or TABLE */
	const char *names;			/* separated by blanks; functions in all their
								 * forms. A trailing * stands for anything.
								 * "extension" is the schema that CREATE
								 * EXTENSION was given */
} Need;

/*
 * Nobody needs tacl.key, tacl_add_key(), tacl_drop_key() and this function
 * itself: who adds a key can become every user. Nor tacl_audit_purge(): who
 * makes changes does not remove their records. That is a superuser's, or
 * granted by name.
 */
static const Need needs[] = {
	{RUNTIME | OPERATOR | ISSUER | READONLY, "USAGE", "SCHEMA", "extension"},

	/* To write the catalog of permissions, and to read tables by SQL. */
	{OPERATOR | READONLY, "USAGE", "SCHEMA", "tacl"},

	/* What whoever looks up others must see; see access.h. */
	{READONLY, "SELECT", "TABLE",
		"tenant role role_include assignment user_account user_group group_member group_include"},

	/* All that changing functions ask for; tacl_apply() asks for most. */
	{OPERATOR, "SELECT, INSERT, UPDATE, DELETE", "TABLE",
		"tenant role role_include assignment user_account user_group group_member group_include permission user_preference"},

	/* Questions about any user. */
	{RUNTIME | OPERATOR | READONLY, "EXECUTE", "FUNCTION",
		"tacl_can tacl_can_any tacl_can_all tacl_has_role tacl_check"},

	/* The user of the session: what policies ask, and the application. */
	{RUNTIME | OPERATOR, "EXECUTE", "FUNCTION",
		"tacl_may tacl_authorize tacl_active_tenant tacl_user tacl_actor tacl_tenant tacl_switch"},

	/* What generated policies call as well, and what plans do. */
	{RUNTIME | OPERATOR, "EXECUTE", "FUNCTION",
		"tacl_protected tacl_reads_only at_execution setting tenants_as_*"},

	/* Lists and reasons, as far as who asks may see. */
	{RUNTIME | OPERATOR | READONLY, "EXECUTE", "FUNCTION",
		"tacl_tenants tacl_memberships tacl_users tacl_members tacl_roles tacl_permissions tacl_explain tacl_claims"},
	{RUNTIME | OPERATOR | READONLY, "EXECUTE", "FUNCTION",
		"tacl_role_permissions tacl_tenant_roles tacl_matrix tacl_graph"},

	/* A user's own preferences. */
	{RUNTIME | OPERATOR, "EXECUTE", "FUNCTION",
		"tacl_set_primary tacl_remember_tenant"},

	/* What the administrators of tenants call, through the application. */
	{RUNTIME | OPERATOR, "EXECUTE", "FUNCTION",
		"tacl_create_tenant tacl_limit_tenant tacl_suspend_tenant tacl_resume_tenant"},
	{RUNTIME | OPERATOR, "EXECUTE", "FUNCTION",
		"tacl_define_role tacl_drop_role"},
	{RUNTIME | OPERATOR, "EXECUTE", "FUNCTION",
		"tacl_assign tacl_unassign tacl_sync_roles tacl_grant tacl_revoke"},
	{RUNTIME | OPERATOR, "EXECUTE", "FUNCTION",
		"tacl_create_group tacl_drop_group tacl_add_member tacl_remove_member tacl_include_group tacl_exclude_group"},
	{RUNTIME | OPERATOR, "EXECUTE", "FUNCTION",
		"tacl_assign_group tacl_unassign_group"},

	/* What was changed: to be read by those who change it, never removed. */
	{OPERATOR, "SELECT", "TABLE", "audit"},
	{RUNTIME | OPERATOR, "EXECUTE", "FUNCTION", "tacl_audit tacl_history"},

	/* What only operators change. */
	{OPERATOR, "EXECUTE", "FUNCTION",
		"tacl_move_tenant tacl_drop_tenant tacl_disable_user tacl_enable_user tacl_export tacl_apply"},

	/* Migrations: for tables of their own; what tacl_lint() calls. */
	{OPERATOR, "EXECUTE", "FUNCTION",
		"tacl_protect tacl_protect_child tacl_unprotect tacl_guard_move tacl_explain_row"},
	{OPERATOR, "EXECUTE", "FUNCTION",
		"tacl_lint lint_* policy_* is_signalled pattern_matches"},

	/* Constraints of the tables, where they are written by SQL. */
	{OPERATOR, "EXECUTE", "FUNCTION",
		"check_name check_pattern check_patterns check_allows check_permission"},

	{OPERATOR, "EXECUTE", "FUNCTION", "tacl_stats tacl_flush"},
	{ISSUER, "EXECUTE", "FUNCTION", "tacl_issue_token"}
};

/*
 * For each name the statement that grants what the role $1 lacks, or NULL if
 * there is no object of that name. What a role has as a member of another is
 * not counted: memberships come and go.
 */
static Statement lacking_grants = {
	"WITH member AS ("
	" SELECT d.classid, d.objid"
	" FROM pg_catalog.pg_extension AS e"
	" JOIN pg_catalog.pg_depend AS d ON d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass"
	"  AND d.refobjid OPERATOR(pg_catalog.=) e.oid AND d.deptype OPERATOR(pg_catalog.=) 'e'"
	" WHERE e.extname OPERATOR(pg_catalog.=) '" TACL_EXTENSION "'),"
	"object (class, name, identity, acl) AS ("
	" SELECT 'FUNCTION', p.proname::pg_catalog.text, p.oid::pg_catalog.regprocedure::pg_catalog.text,"
	"  coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))"
	" FROM member AS m JOIN pg_catalog.pg_proc AS p ON p.oid OPERATOR(pg_catalog.=) m.objid"
	" WHERE m.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass"
	" UNION ALL"
	" SELECT 'TABLE', c.relname::pg_catalog.text, c.oid::pg_catalog.regclass::pg_catalog.text,"
	"  coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))"
	" FROM member AS m JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) m.objid"
	" WHERE m.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass"
	" UNION ALL"
	" SELECT 'SCHEMA', CASE WHEN n.oid OPERATOR(pg_catalog.=) e.extnamespace THEN 'extension' ELSE n.nspname::pg_catalog.text END,"
	"  pg_catalog.quote_ident(n.nspname), coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))"
	" FROM pg_catalog.pg_extension AS e"
	" JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) e.extnamespace"
	"  OR n.nspname OPERATOR(pg_catalog.=) '" TACL_SCHEMA "'"
	" WHERE e.extname OPERATOR(pg_catalog.=) '" TACL_EXTENSION "'),"
	"wanted AS ("
	" SELECT g.place AS need, n.place, g.privileges, g.class, n.name"
	" FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4))"
	"  WITH ORDINALITY AS g (privileges, class, names, place)"
	" CROSS JOIN LATERAL pg_catalog.string_to_table(g.names, ' ') WITH ORDINALITY AS n (name, place)),"
	"lacked AS ("
	" SELECT w.need, w.place, w.class, w.name, o.identity, ("
	"  SELECT pg_catalog.string_agg(p.name, ', ' ORDER BY p.place)"
	"  FROM pg_catalog.string_to_table(w.privileges, ', ') WITH ORDINALITY AS p (name, place)"
	"  WHERE NOT EXISTS (SELECT FROM pg_catalog.aclexplode(o.acl) AS a"
	"   WHERE a.privilege_type OPERATOR(pg_catalog.=) p.name"
	"   AND (a.grantee OPERATOR(pg_catalog.=) 0 OR a.grantee OPERATOR(pg_catalog.=) $1))) AS privileges"
	" FROM wanted AS w"
	" LEFT JOIN object AS o ON o.class OPERATOR(pg_catalog.=) w.class"
	"  AND (o.name OPERATOR(pg_catalog.=) w.name"
	"   OR (pg_catalog.right(w.name, 1) OPERATOR(pg_catalog.=) '*'"
	"    AND pg_catalog.starts_with(o.name, pg_catalog.rtrim(w.name, '*')))))"
	" SELECT l.name, pg_catalog.format('GRANT %s ON %s ', l.privileges, l.class)"
	"  OPERATOR(pg_catalog.||) pg_catalog.string_agg(l.identity, ', ' ORDER BY l.identity COLLATE pg_catalog.\"C\")"
	"  OPERATOR(pg_catalog.||) pg_catalog.format(' TO %I', $5)"
	" FROM lacked AS l"
	" WHERE l.privileges IS NOT NULL"
	" GROUP BY l.need, l.place, l.name, l.class, l.privileges"
	" ORDER BY l.need, l.place",
	{OIDOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTOID}
};

/*
 * Who may call it, and for which role
 */

/*
 * Ensures that what the caller grants is granted by the owner, or raises an
 * error.
 */
static void
require_owner(void)
{
	if (InSecurityRestrictedOperation())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("cannot execute %s within security-restricted operation",
						"tacl_setup_role()")));
	if (!has_privs_of_role(GetUserId(), statement_owner()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_EXTENSION, TACL_EXTENSION);
}

/* The database role that is the first argument. */
static Oid
role_arg(FunctionCallInfo fcinfo)
{
	const char *name;

	if (PG_ARGISNULL(0))
		report_missing("database role");
	name = NameStr(*PG_GETARG_NAME(0));
	if (strcmp(name, "public") == 0 || IsReservedName(name))
		ereport(ERROR,
				(errcode(ERRCODE_RESERVED_NAME),
				 errmsg("cannot set up role \"%s\"", name),
				 errdetail("It is everyone's, or PostgreSQL's own."),
				 errhint("Create a role for the purpose.")));
	return get_role_oid(name, false);
}

/* The kind that is the second argument. */
static int
kind_arg(FunctionCallInfo fcinfo)
{
	char	   *name;

	if (PG_ARGISNULL(1))
		report_missing("kind");
	name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	for (int i = 0; i < lengthof(kinds); i++)
	{
		if (strcmp(name, kinds[i].name) == 0)
			return kinds[i].bit;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid kind: \"%s\"", name),
			 errhint("Pass runtime for the application, operator for migrations and the back office, issuer for a service that issues tokens, readonly for support and reports.")));
}

/* Raises the error of a role that no privileges can limit. */
static void
report_unfit(Oid role, const char *problem, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_GRANT_OPERATION),
			 errmsg("role \"%s\" %s", GetUserNameFromId(role, false), problem),
			 errhint("%s", hint)));
}

/*
 * Raises an error for roles that have or can get more than any kind is meant
 * to have. Who can become one that bypasses row-level security is the linter's
 * to find: that may be how its login role is made.
 */
static void
refuse_unfit(Oid role, int kind)
{
	if (superuser_arg(role))
		report_unfit(role, "is a superuser",
					 "It needs no privilege, and no policy stops it. Create a role without SUPERUSER.");
	if (is_member_of_role(role, statement_owner()))
		report_unfit(role, "is, or can become, the owner of the extension's tables",
					 "It needs no privilege. Create a role that is not a member of the owner.");
	if (kind == RUNTIME && has_bypassrls_privilege(role))
		report_unfit(role, "bypasses row-level security",
					 "No policy would stop the application. Use ALTER ROLE ... NOBYPASSRLS.");
}

/*
 * What it is granted
 */

/* What the role lacks: rows of a name and a statement that grants it. */
static List *
lacking(Oid role, int kind)
{
	StoreReader reader;
	List	   *privileges = NIL;
	List	   *classes = NIL;
	List	   *names = NIL;
	List	   *rows;

	for (int i = 0; i < lengthof(needs); i++)
	{
		if ((needs[i].kinds & kind) == 0)
			continue;
		privileges = lappend(privileges, unconstify(char *, needs[i].privileges));
		classes = lappend(classes, unconstify(char *, needs[i].class));
		names = lappend(names, unconstify(char *, needs[i].names));
	}
	store_begin(&reader);
	rows = statement_rows(&lacking_grants,
						  PARAMS(param_value(ObjectIdGetDatum(role)),
								 param_texts(privileges),
								 param_texts(classes),
								 param_texts(names),
								 param_value(CStringGetTextDatum(GetUserNameFromId(role, false)))),
						  &reader);
	store_end(&reader);
	return rows;
}

/* Runs a statement as the caller, and says so. */
static void
run(const char *statement)
{
	int			code = SPI_execute(statement, false, 0);

	if (code < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(code));
	CommandCounterIncrement();
	ereport(NOTICE, (errmsg_internal("%s;", statement)));
}

/* Grants what the role lacks; returns whether that was anything. */
static bool
grant(Oid role, int kind)
{
	List	   *rows = lacking(role, kind);
	ListCell   *cell;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	foreach(cell, rows)
	{
		char	  **row = lfirst(cell);

		if (row[1] == NULL)
			elog(ERROR, "\"%s\" is no object of the extension", row[0]);
		run(row[1]);
	}
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	return rows != NIL;
}

/*
 * Raises an error if the role still lacks something: where an object belongs
 * to another owner, GRANT may do less than it is told.
 */
static void
verify(Oid role, int kind)
{
	List	   *rows = lacking(role, kind);

	if (rows != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("could not grant all that role \"%s\" needs",
						GetUserNameFromId(role, false)),
				 errdetail("This had no effect: %s", ((char **) linitial(rows))[1]),
				 errhint("Call the function as a superuser.")));
}

/* tacl_setup_role(database_role, kind): false if nothing was to be granted. */
Datum
tacl_setup_role(PG_FUNCTION_ARGS)
{
	Oid			role;
	int			kind;
	int			level;
	bool		changed;

	require_owner();
	/* Else PostgreSQL would speak of its locks. */
	PreventCommandDuringRecovery("tacl_setup_role()");
	role = role_arg(fcinfo);
	kind = kind_arg(fcinfo);
	refuse_unfit(role, kind);
	/* Two that grant at once would be "tuple concurrently updated". */
	LockDatabaseObject(ExtensionRelationId,
					   get_extension_oid(TACL_EXTENSION, false), 0,
					   ShareUpdateExclusiveLock);
	level = statement_pin_path();
	changed = grant(role, kind);
	if (changed)
		verify(role, kind);
	AtEOXact_GUC(true, level);
	PG_RETURN_BOOL(changed);
}
