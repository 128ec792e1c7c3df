/*
 * transfer_section.c
 *		What the sections of a document are, in words and in SQL.
 *
 * An export and a comparison read the same rows; each comes as it is shown and
 * as it is meant, which differ in includes: shown by name where the name leads
 * there, meant with their tenants. Rows are compared as they are meant, and
 * identified by that without the keys that may change.
 *
 * What is to be deleted is known by its place (ctid): the tables are locked
 * from the comparison to the end of the transaction, so that no row moves.
 *
 * What a document has is joined to tables by LATERAL (... OFFSET 0) or FULL
 * JOIN. This leaves the planner looks into an index, or a hash or merge join,
 * but no loop over both, whatever it believes to be in the tables (see
 * statement.c). All rows are found from their tenants downwards for the same
 * reason, also where the scope is everything.
 *
 * Times are written as to_jsonb() does; the caller has set TimeZone to UTC.
 */
#include "transfer_int.h"

#include "catalog/pg_type.h"

#define EQ		" OPERATOR(pg_catalog.=) "

/* The tenants that $1 and $2 stand for. */
#define SCOPE \
	"WITH RECURSIVE scope (id) AS (" \
	"SELECT id FROM tacl.tenant WHERE id" EQ "$1" \
	" UNION " \
	"SELECT t.id FROM scope AS s, LATERAL (SELECT id FROM tacl.tenant" \
	" WHERE parent" EQ "s.id AND $2 OFFSET 0) AS t) "

/* The tenants from a start upwards, with their level. */
#define WAY(start) \
	"WITH RECURSIVE way (id, level) AS (" \
	"SELECT " start ", 0" \
	" UNION ALL " \
	"SELECT t.parent, w.level OPERATOR(pg_catalog.+) 1 FROM way AS w," \
	" LATERAL (SELECT parent FROM tacl.tenant WHERE id" EQ "w.id OFFSET 0) AS t" \
	" WHERE w.level OPERATOR(pg_catalog.<) " CppAsString2(TACL_MAX_WALK) \
	" AND t.parent IS NOT NULL) "

/* Is a tenant among those that $1 and $2 stand for? */
#define INSIDE(tenant) \
	"(($1" EQ "'" TACL_ROOT "' AND $2) OR " tenant EQ "$1 OR ($2 AND EXISTS (" \
	WAY(tenant) "SELECT FROM way WHERE id" EQ "$1)))"

/*
 * Rows
 */

/* An object without the keys that have nothing. */
#define OBJECT(pairs) \
	"pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(" pairs "))"

/* Rows x that are meant as they are shown, with columns to order them by. */
#define ROWS(columns, pairs, from) \
	"SELECT y.shown, y.shown AS meant, x.place, " columns \
	" FROM " from ", LATERAL (SELECT " OBJECT(pairs) " AS shown OFFSET 0) AS y"

#define PERMISSION_ROWS \
	ROWS("x.name", "'name', x.name, 'description', x.description", \
		 "(SELECT ctid AS place, name, description FROM tacl.permission) AS x")

#define TENANT_ROWS \
	ROWS("x.id", \
		 "'id', x.id, 'parent', x.parent, 'ceiling', x.ceiling," \
		 " 'suspended_at', x.suspended_at, 'keeps', x.suspension_keeps", \
		 "scope AS s, LATERAL (SELECT ctid AS place, id, parent, ceiling," \
		 " suspended_at, suspension_keeps FROM tacl.tenant" \
		 " WHERE id" EQ "s.id AND parent IS NOT NULL OFFSET 0) AS x")

#define MEMBER_ROWS \
	ROWS("x.user_id, g.tenant, g.name", \
		 "'user', x.user_id, 'group', g.name, 'tenant', g.tenant", \
		 "scope AS s, LATERAL (SELECT id, tenant, name FROM tacl.user_group" \
		 " WHERE tenant" EQ "s.id OFFSET 0) AS g," \
		 " LATERAL (SELECT ctid AS place, user_id FROM tacl.group_member" \
		 " WHERE group_id" EQ "g.id OFFSET 0) AS x")

#define USER_ROWS \
	ROWS("x.user_id", "'user', x.user_id, 'disabled_at', x.disabled_at", \
		 "(SELECT ctid AS place, user_id, disabled_at" \
		 " FROM tacl.user_account) AS x")

#define ASSIGNMENT_ROWS \
	ROWS("x.user_id, g.tenant AS group_tenant, g.name AS group_name," \
		 " x.tenant, r.name AS role_name, r.tenant AS role_tenant, x.pattern", \
		 "'user', x.user_id, 'group', g.name, 'group_tenant', g.tenant," \
		 " 'tenant', x.tenant, 'role', r.name, 'role_tenant', r.tenant," \
		 " 'pattern', x.pattern, 'starts_at', x.starts_at," \
		 " 'expires_at', x.expires_at", \
		 "scope AS s CROSS JOIN LATERAL (SELECT ctid AS place, user_id," \
		 " group_id, tenant, role_id, pattern, starts_at, expires_at" \
		 " FROM tacl.assignment WHERE tenant" EQ "s.id OFFSET 0) AS x" \
		 " LEFT JOIN LATERAL (SELECT tenant, name FROM tacl.user_group" \
		 " WHERE id" EQ "x.group_id OFFSET 0) AS g ON true" \
		 " LEFT JOIN LATERAL (SELECT tenant, name FROM tacl.role" \
		 " WHERE id" EQ "x.role_id OFFSET 0) AS r ON true")

#define PREFERENCE_ROWS \
	ROWS("x.user_id", \
		 "'user', x.user_id, 'primary', x.primary_tenant," \
		 " 'last', x.last_tenant", \
		 "(SELECT ctid AS place, user_id, primary_tenant, last_tenant" \
		 " FROM tacl.user_preference) AS x")

/*
 * What x includes, as e: by its name, its tenant, and whether the name alone
 * would lead there. The search for x's own name begins above x.
 */
#define INCLUDED(noun, table, link, column) \
	"(SELECT d.name, d.tenant, pg_catalog.jsonb_build_object(" \
	"'" noun "', d.name, 'tenant', d.tenant) AS object," \
	" COALESCE(d.tenant" EQ "CASE WHEN b.id" EQ "d.tenant THEN d.tenant ELSE (" \
	WAY("b.id") "SELECT w.id FROM way AS w, LATERAL (SELECT FROM " table \
	" WHERE tenant" EQ "w.id AND name" EQ "d.name OFFSET 0) AS f" \
	" ORDER BY w.level LIMIT 1) END, false) AS name_is_enough" \
	" FROM (SELECT included_id FROM " link " WHERE " column EQ "x.id" \
	" OFFSET 0) AS n," \
	" LATERAL (SELECT tenant, name FROM " table \
	" WHERE id" EQ "n.included_id OFFSET 0) AS d," \
	" LATERAL (SELECT CASE WHEN d.name" EQ "x.name THEN (SELECT t.parent" \
	" FROM tacl.tenant AS t WHERE t.id" EQ "x.tenant) ELSE x.tenant END AS id" \
	" OFFSET 0) AS b) AS e"

/* Roles or groups. */
#define OWNED_ROWS(noun, table, link, column, column_more, pair_more) \
	"SELECT " OBJECT("'" noun "', x.name, 'tenant', x.tenant" pair_more \
					 ", 'includes', i.shown, 'description', x.description") \
	" AS shown, " OBJECT("'" noun "', x.name, 'tenant', x.tenant" pair_more \
						 ", 'includes', i.meant, 'description', x.description") \
	" AS meant, x.place, x.tenant, x.name" \
	" FROM scope AS s, LATERAL (SELECT ctid AS place, id, tenant, name," \
	" description" column_more " FROM " table \
	" WHERE tenant" EQ "s.id OFFSET 0) AS x," \
	" LATERAL (SELECT pg_catalog.jsonb_agg(CASE WHEN e.name_is_enough" \
	" THEN pg_catalog.to_jsonb(e.name) ELSE e.object END" \
	" ORDER BY e.name, e.tenant) AS shown," \
	" pg_catalog.jsonb_agg(e.object ORDER BY e.name, e.tenant) AS meant" \
	" FROM " INCLUDED(noun, table, link, column) " OFFSET 0) AS i"

#define ROLE_ROWS \
	OWNED_ROWS("role", "tacl.role", "tacl.role_include", "role_id", \
			   ", permissions", ", 'permissions', x.permissions")

#define GROUP_ROWS \
	OWNED_ROWS("group", "tacl.user_group", "tacl.group_include", "group_id", \
			   "", "")

/*
 * Statements on rows
 */

#define EXPORT(section, rows, columns) \
	{ \
		SCOPE \
		"SELECT pg_catalog.jsonb_build_object('" section "', r.shown)" \
		" FROM (" rows ") AS r ORDER BY " columns, \
		{TEXTOID, BOOLOID} \
	}

/* What identifies a row. */
#define IDENTITY(row, changing) \
	"(" row ".meant OPERATOR(pg_catalog.-) '{" changing "}'::pg_catalog.text[])"

/* A key of the row that is compared, in the text that describes it. */
#define THE(key) "(j.either OPERATOR(pg_catalog.->>) '" key "')"

/*
 * The difference between the rows and $3 as shown, $4 as meant: operation,
 * object, before, after, what is meant afterwards, the place from before.
 */
#define COMPARE(rows, changing, description) \
	{ \
		SCOPE \
		"SELECT j.operation, pg_catalog.format(" description ")" \
		" COLLATE pg_catalog.\"C\" AS object, j.before, j.after, j.meant," \
		" j.place FROM (" \
		"SELECT CASE WHEN o.meant IS NULL THEN 'create'" \
		" WHEN n.meant IS NULL THEN 'drop' ELSE 'update' END AS operation," \
		" o.shown AS before, n.shown AS after, n.meant, o.place," \
		" COALESCE(n.meant, o.meant) AS either" \
		" FROM (" rows ") AS o FULL JOIN (" \
		"SELECT d.shown, d.meant FROM ROWS FROM (pg_catalog.unnest($3)," \
		" pg_catalog.unnest($4)) AS d (shown, meant)) AS n" \
		" ON " IDENTITY("o", changing) EQ IDENTITY("n", changing) \
		" WHERE o.meant IS NULL OR n.meant IS NULL" \
		" OR o.meant OPERATOR(pg_catalog.<>) n.meant) AS j" \
		" ORDER BY j.operation, object, j.either", \
		{TEXTOID, BOOLOID, JSONBARRAYOID, JSONBARRAYOID} \
	}

/* Deletes the rows at the places $1. */
#define DROP(table) \
	{ \
		"DELETE FROM " table " WHERE ctid" EQ "ANY ($1)", \
		{TIDARRAYOID} \
	}

/* Writes the objects $1; what identifies them may be there. */
#define PUT(table, columns, values, fields, from, conflict) \
	{ \
		"INSERT INTO " table " (" columns ") SELECT " values \
		" FROM pg_catalog.unnest($1) AS d (object)" \
		" CROSS JOIN LATERAL pg_catalog.jsonb_to_record(d.object)" \
		" AS x (" fields ") " from " ON CONFLICT " conflict, \
		{JSONBARRAYOID} \
	}

#define TEXT	" pg_catalog.text"
#define TEXTS	" pg_catalog.text[]"
#define TIME	" pg_catalog.timestamptz"

/*
 * What a row of the objects $1 refers to by a name and a tenant. If another
 * transaction drops it meanwhile, fewer rows are written than there should be.
 */
#define OWNED_BY_NAME(table, tenant, name) \
	" LATERAL (SELECT id FROM " table " WHERE tenant" EQ tenant \
	" AND name" EQ name " OFFSET 0)"

/* The roles or groups among the objects $1, as x. */
#define OWNED_OBJECTS(noun, table) \
	"pg_catalog.unnest($1) AS d (object)," \
	OWNED_BY_NAME(table, "(d.object OPERATOR(pg_catalog.->>) 'tenant')", \
				  "(d.object OPERATOR(pg_catalog.->>) '" noun "')") " AS x"

/*
 * Deletes what the objects $1 include but do not name, and all that the rows
 * at $2 include.
 */
#define DROP_INCLUDES(noun, table, link, column) \
	{ \
		"DELETE FROM " link " WHERE ctid" EQ "ANY (ARRAY(" \
		"SELECT n.place FROM " OWNED_OBJECTS(noun, table) "," \
		" LATERAL (SELECT ctid AS place, included_id FROM " link \
		" WHERE " column EQ "x.id OFFSET 0) AS n," \
		" LATERAL (SELECT tenant, name FROM " table \
		" WHERE id" EQ "n.included_id OFFSET 0) AS i" \
		" WHERE NOT COALESCE((d.object OPERATOR(pg_catalog.->) 'includes')" \
		" OPERATOR(pg_catalog.@>) pg_catalog.jsonb_build_array(" \
		"pg_catalog.jsonb_build_object('" noun "', i.name," \
		" 'tenant', i.tenant)), false)" \
		" UNION ALL " \
		"SELECT n.place FROM (SELECT id FROM " table \
		" WHERE ctid" EQ "ANY ($2)) AS x," \
		" LATERAL (SELECT ctid AS place FROM " link \
		" WHERE " column EQ "x.id OFFSET 0) AS n))", \
		{JSONBARRAYOID, TIDARRAYOID} \
	}

/* Writes what the objects $1 include; some of it may be there. */
#define PUT_INCLUDES(noun, table, link, column) \
	{ \
		"INSERT INTO " link " (" column ", included_id)" \
		" SELECT x.id, i.id FROM " OWNED_OBJECTS(noun, table) "," \
		" LATERAL pg_catalog.jsonb_array_elements(" \
		"d.object OPERATOR(pg_catalog.->) 'includes') AS e (object)," \
		OWNED_BY_NAME(table, "(e.object OPERATOR(pg_catalog.->>) 'tenant')", \
					  "(e.object OPERATOR(pg_catalog.->>) '" noun "')") " AS i" \
		" ON CONFLICT DO NOTHING", \
		{JSONBARRAYOID} \
	}

/*
 * The first of the rows at $3 that cannot be dropped: what it is, and why. $4
 * to $7: are roles, groups, members, assignments named?
 */
#define USES(dropped, queries, description) \
	{ \
		"WITH dropped AS (" dropped " WHERE ctid" EQ "ANY ($3))," \
		" uses (tenant, name, line) AS (" queries ")" \
		" SELECT pg_catalog.format('" description "', u.tenant, u.name)," \
		" pg_catalog.string_agg(u.line, ' ' ORDER BY u.line)" \
		" FROM uses AS u GROUP BY u.tenant, u.name" \
		" ORDER BY u.tenant, u.name LIMIT 1", \
		{TEXTOID, BOOLOID, TIDARRAYOID, BOOLOID, BOOLOID, BOOLOID, BOOLOID} \
	}

/* One kind of use, which counts under a condition. */
#define USE(what, from, condition) \
	"SELECT d.tenant, d.name, pg_catalog.format('" what ": %s.'," \
	" pg_catalog.count(*)) FROM dropped AS d, " from \
	" WHERE " condition " GROUP BY d.tenant, d.name"

#define AND_USE " UNION ALL "

/* A use at a tenant, by rows that "where" finds. */
#define AT_TENANT(table, where) \
	"LATERAL (SELECT tenant FROM " table " WHERE " where " OFFSET 0) AS u"

/* A use by another role or group. */
#define BY_INCLUDE(table, link, column) \
	"LATERAL (SELECT " column " AS id FROM " link \
	" WHERE included_id" EQ "d.id OFFSET 0) AS n," \
	" LATERAL (SELECT tenant FROM " table " WHERE id" EQ "n.id OFFSET 0) AS u"

/*
 * Sections
 */

const SectionSpec transfer_sections[SECTIONS] = {
	[SECTION_PERMISSIONS] = {
		"permissions", "permission", true, 1,
		{
			[PERMISSION_KEY_NAME] = {"name", KEY_PERMISSION, true},
			[PERMISSION_KEY_DESCRIPTION] = {"description", KEY_TEXT}
		},
		TABLE_BIT(STORE_PERMISSION), 0
	},
	[SECTION_TENANTS] = {
		"tenants", "tenant", false, 1,
		{
			[TENANT_KEY_ID] = {"id", KEY_NAME, true},
			[TENANT_KEY_PARENT] = {"parent", KEY_NAME, false, TACL_ROOT},
			[TENANT_KEY_CEILING] = {"ceiling", KEY_ALLOWS},
			[TENANT_KEY_SUSPENDED_AT] = {"suspended_at", KEY_TIME},
			[TENANT_KEY_KEEPS] = {"keeps", KEY_ALLOWS}
		},
		TABLE_BIT(STORE_TENANT), 0
	},
	[SECTION_ROLES] = {
		"roles", "role", false, 2,
		{
			[OWNED_KEY_NAME] = {"role", KEY_NAME, true},
			[OWNED_KEY_TENANT] = {"tenant", KEY_NAME, false, TACL_ROOT},
			[OWNED_KEY_INCLUDES] = {"includes", KEY_INCLUDES},
			[OWNED_KEY_DESCRIPTION] = {"description", KEY_TEXT},
			[ROLE_KEY_PERMISSIONS] = {"permissions", KEY_PATTERNS}
		},
		TABLE_BIT(STORE_ROLE) | TABLE_BIT(STORE_ROLE_INCLUDE),
		TABLE_BIT(STORE_TENANT)
	},
	[SECTION_GROUPS] = {
		"groups", "group", false, 2,
		{
			[OWNED_KEY_NAME] = {"group", KEY_NAME, true},
			[OWNED_KEY_TENANT] = {"tenant", KEY_NAME, false, TACL_ROOT},
			[OWNED_KEY_INCLUDES] = {"includes", KEY_INCLUDES},
			[OWNED_KEY_DESCRIPTION] = {"description", KEY_TEXT}
		},
		TABLE_BIT(STORE_USER_GROUP) | TABLE_BIT(STORE_GROUP_INCLUDE),
		TABLE_BIT(STORE_TENANT)
	},
	[SECTION_MEMBERS] = {
		"members", "member", false, 3,
		{
			[MEMBER_KEY_USER] = {"user", KEY_NAME, true},
			[MEMBER_KEY_GROUP] = {"group", KEY_NAME, true},
			[MEMBER_KEY_TENANT] = {"tenant", KEY_NAME, false, TACL_ROOT}
		},
		TABLE_BIT(STORE_GROUP_MEMBER),
		TABLE_BIT(STORE_TENANT) | TABLE_BIT(STORE_USER_GROUP)
	},
	[SECTION_USERS] = {
		"users", "user", true, 1,
		{
			[USER_KEY_USER] = {"user", KEY_NAME, true},
			[USER_KEY_DISABLED_AT] = {"disabled_at", KEY_TIME}
		},
		TABLE_BIT(STORE_USER_ACCOUNT), 0
	},
	[SECTION_ASSIGNMENTS] = {
		"assignments", "assignment", false, 7,
		{
			[ASSIGNMENT_KEY_USER] = {"user", KEY_NAME},
			[ASSIGNMENT_KEY_GROUP] = {"group", KEY_NAME},
			[ASSIGNMENT_KEY_GROUP_TENANT] = {"group_tenant", KEY_NAME},
			[ASSIGNMENT_KEY_TENANT] = {"tenant", KEY_NAME, true},
			[ASSIGNMENT_KEY_ROLE] = {"role", KEY_NAME},
			[ASSIGNMENT_KEY_ROLE_TENANT] = {"role_tenant", KEY_NAME},
			[ASSIGNMENT_KEY_PATTERN] = {"pattern", KEY_PATTERN},
			[ASSIGNMENT_KEY_STARTS_AT] = {"starts_at", KEY_TIME},
			[ASSIGNMENT_KEY_EXPIRES_AT] = {"expires_at", KEY_TIME}
		},
		TABLE_BIT(STORE_ASSIGNMENT),
		TABLE_BIT(STORE_TENANT) | TABLE_BIT(STORE_ROLE) |
		TABLE_BIT(STORE_USER_GROUP)
	},
	[SECTION_PREFERENCES] = {
		"preferences", "preference", true, 1,
		{
			[PREFERENCE_KEY_USER] = {"user", KEY_NAME, true},
			[PREFERENCE_KEY_PRIMARY] = {"primary", KEY_NAME},
			[PREFERENCE_KEY_LAST] = {"last", KEY_NAME}
		},
		TABLE_BIT(STORE_USER_PREFERENCE), 0
	}
};

SectionSql	transfer_sql[SECTIONS] = {
	[SECTION_PERMISSIONS] = {
		.export = EXPORT("permissions", PERMISSION_ROWS, "r.name"),
		.compare = COMPARE(PERMISSION_ROWS, "description",
						   "'permission %s', " THE("name")),
		.drop = DROP("tacl.permission"),
		.put = PUT("tacl.permission", "name, description",
				   "x.name, x.description",
				   "name" TEXT ", description" TEXT, "",
				   "ON CONSTRAINT permission_pkey DO UPDATE"
				   " SET description = EXCLUDED.description")
	},
	[SECTION_TENANTS] = {
		.export = EXPORT("tenants", TENANT_ROWS, "r.id"),
		.compare = COMPARE(TENANT_ROWS, "parent,ceiling,suspended_at,keeps",
						   "'tenant %s', " THE("id")),
		.uses = USES("SELECT id, id AS tenant, '' AS name FROM tacl.tenant",
					 USE("Tenants right below it",
						 "LATERAL (SELECT id FROM tacl.tenant"
						 " WHERE parent" EQ "d.id OFFSET 0) AS u",
						 "NOT " INSIDE("u.id"))
					 AND_USE
					 USE("Roles of it",
						 AT_TENANT("tacl.role", "tenant" EQ "d.id"), "NOT $4")
					 AND_USE
					 USE("Groups of it",
						 AT_TENANT("tacl.user_group", "tenant" EQ "d.id"),
						 "NOT $5")
					 AND_USE
					 USE("Assignments at it",
						 AT_TENANT("tacl.assignment", "tenant" EQ "d.id"),
						 "NOT $7"),
					 "tenant \"%1$s\""),
		.drop = DROP("tacl.tenant"),
		/* one statement, so that guards see the tree only when it is done */
		.put = PUT("tacl.tenant",
				   "id, parent, ceiling, suspended_at, suspension_keeps",
				   "x.id, x.parent, x.ceiling, x.suspended_at, x.keeps",
				   "id" TEXT ", parent" TEXT ", ceiling" TEXTS
				   ", suspended_at" TIME ", keeps" TEXTS, "",
				   "ON CONSTRAINT tenant_pkey DO UPDATE"
				   " SET parent = EXCLUDED.parent, ceiling = EXCLUDED.ceiling,"
				   " suspended_at = EXCLUDED.suspended_at,"
				   " suspension_keeps = EXCLUDED.suspension_keeps,"
				   " suspended_by = CASE"
				   " WHEN tenant.suspended_at" EQ "EXCLUDED.suspended_at"
				   " AND tenant.suspension_keeps" EQ "EXCLUDED.suspension_keeps"
				   " THEN tenant.suspended_by END")
	},
	[SECTION_ROLES] = {
		.export = EXPORT("roles", ROLE_ROWS, "r.tenant, r.name"),
		.compare = COMPARE(ROLE_ROWS, "permissions,includes,description",
						   "'role %s/%s', " THE("tenant") ", " THE("role")),
		.uses = USES("SELECT id, tenant, name FROM tacl.role",
					 USE("Assignments of it",
						 AT_TENANT("tacl.assignment", "role_id" EQ "d.id"),
						 "NOT ($7 AND " INSIDE("u.tenant") ")")
					 AND_USE
					 USE("Roles that include it",
						 BY_INCLUDE("tacl.role", "tacl.role_include", "role_id"),
						 "NOT " INSIDE("u.tenant")),
					 "role \"%2$s\" of tenant \"%1$s\""),
		.drop = DROP("tacl.role"),
		.put = PUT("tacl.role", "tenant, name, permissions, description",
				   "x.tenant, x.role, x.permissions, x.description",
				   "tenant" TEXT ", role" TEXT ", permissions" TEXTS
				   ", description" TEXT, "",
				   "ON CONSTRAINT role_tenant_name_key DO UPDATE"
				   " SET permissions = EXCLUDED.permissions,"
				   " description = EXCLUDED.description"),
		.drop_includes = DROP_INCLUDES("role", "tacl.role",
									   "tacl.role_include", "role_id"),
		.put_includes = PUT_INCLUDES("role", "tacl.role",
									 "tacl.role_include", "role_id")
	},
	[SECTION_GROUPS] = {
		.export = EXPORT("groups", GROUP_ROWS, "r.tenant, r.name"),
		.compare = COMPARE(GROUP_ROWS, "includes,description",
						   "'group %s/%s', " THE("tenant") ", " THE("group")),
		.uses = USES("SELECT id, tenant, name FROM tacl.user_group",
					 USE("Members of it",
						 "LATERAL (SELECT FROM tacl.group_member"
						 " WHERE group_id" EQ "d.id OFFSET 0) AS u", "NOT $6")
					 AND_USE
					 USE("Assignments to it",
						 AT_TENANT("tacl.assignment", "group_id" EQ "d.id"),
						 "NOT ($7 AND " INSIDE("u.tenant") ")")
					 AND_USE
					 USE("Groups that include it",
						 BY_INCLUDE("tacl.user_group", "tacl.group_include",
									"group_id"),
						 "NOT " INSIDE("u.tenant")),
					 "group \"%2$s\" of tenant \"%1$s\""),
		.drop = DROP("tacl.user_group"),
		.put = PUT("tacl.user_group", "tenant, name, description",
				   "x.tenant, x.\"group\", x.description",
				   "tenant" TEXT ", \"group\"" TEXT ", description" TEXT, "",
				   "ON CONSTRAINT user_group_tenant_name_key DO UPDATE"
				   " SET description = EXCLUDED.description"),
		.drop_includes = DROP_INCLUDES("group", "tacl.user_group",
									   "tacl.group_include", "group_id"),
		.put_includes = PUT_INCLUDES("group", "tacl.user_group",
									 "tacl.group_include", "group_id")
	},
	[SECTION_MEMBERS] = {
		.export = EXPORT("members", MEMBER_ROWS,
						 "r.tenant, r.name, r.user_id"),
		.compare = COMPARE(MEMBER_ROWS, "",
						   "'member %s %s/%s', " THE("user") ", "
						   THE("tenant") ", " THE("group")),
		.drop = DROP("tacl.group_member"),
		.put = PUT("tacl.group_member", "user_id, group_id", "x.\"user\", g.id",
				   "\"user\"" TEXT ", \"group\"" TEXT ", tenant" TEXT,
				   "CROSS JOIN" OWNED_BY_NAME("tacl.user_group", "x.tenant",
											  "x.\"group\"") " AS g",
				   "DO NOTHING")
	},
	[SECTION_USERS] = {
		.export = EXPORT("users", USER_ROWS, "r.user_id"),
		.compare = COMPARE(USER_ROWS, "disabled_at", "'user %s', " THE("user")),
		.drop = DROP("tacl.user_account"),
		.put = PUT("tacl.user_account", "user_id, disabled_at",
				   "x.\"user\", x.disabled_at",
				   "\"user\"" TEXT ", disabled_at" TIME, "",
				   "ON CONSTRAINT user_account_pkey DO UPDATE"
				   " SET disabled_at = EXCLUDED.disabled_at")
	},
	[SECTION_ASSIGNMENTS] = {
		.export = EXPORT("assignments", ASSIGNMENT_ROWS,
						 "r.user_id, r.group_tenant, r.group_name, r.tenant,"
						 " r.role_name, r.role_tenant, r.pattern"),
		.compare = COMPARE(ASSIGNMENT_ROWS, "starts_at,expires_at",
						   "'assignment %s %s %s', COALESCE(" THE("user")
						   ", pg_catalog.format('group %s/%s', "
						   THE("group_tenant") ", " THE("group") ")), COALESCE("
						   THE("role") ", " THE("pattern") "), " THE("tenant")),
		.drop = DROP("tacl.assignment"),
		.put = PUT("tacl.assignment",
				   "user_id, group_id, tenant, role_id, pattern,"
				   " starts_at, expires_at",
				   "x.\"user\", g.id, x.tenant, r.id, x.pattern,"
				   " x.starts_at, x.expires_at",
				   "\"user\"" TEXT ", \"group\"" TEXT ", group_tenant" TEXT
				   ", tenant" TEXT ", role" TEXT ", role_tenant" TEXT
				   ", pattern" TEXT ", starts_at" TIME ", expires_at" TIME,
				   "LEFT JOIN" OWNED_BY_NAME("tacl.user_group",
											 "x.group_tenant", "x.\"group\"")
				   " AS g ON true"
				   " LEFT JOIN" OWNED_BY_NAME("tacl.role", "x.role_tenant",
											  "x.role")
				   " AS r ON true"
				   " WHERE (x.\"group\" IS NULL)" EQ "(g.id IS NULL)"
				   " AND (x.role IS NULL)" EQ "(r.id IS NULL)",
				   "ON CONSTRAINT assignment_key DO UPDATE"
				   " SET starts_at = EXCLUDED.starts_at,"
				   " expires_at = EXCLUDED.expires_at")
	},
	[SECTION_PREFERENCES] = {
		.export = EXPORT("preferences", PREFERENCE_ROWS, "r.user_id"),
		.compare = COMPARE(PREFERENCE_ROWS, "primary,last",
						   "'preference %s', " THE("user")),
		.drop = DROP("tacl.user_preference"),
		.drop.preferences = true,
		.put = PUT("tacl.user_preference",
				   "user_id, primary_tenant, last_tenant",
				   "x.\"user\", x.\"primary\", x.last",
				   "\"user\"" TEXT ", \"primary\"" TEXT ", last" TEXT, "",
				   "ON CONSTRAINT user_preference_pkey DO UPDATE"
				   " SET primary_tenant = EXCLUDED.primary_tenant,"
				   " last_tenant = EXCLUDED.last_tenant"),
		.put.preferences = true
	}
};
