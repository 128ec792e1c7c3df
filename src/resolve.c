/*
 * resolve.c
 *		Tenants, roles and groups by the names that a caller wrote.
 */
#include "resolve.h"

#include "catalog/pg_type.h"
#include "utils/varlena.h"

#include "access.h"
#include "statement.h"

/* A typo is at most this far from what was meant. */
#define MAX_DISTANCE 3

/* The ids that sort next to $1. */
static Statement near_tenants = {
	"(SELECT id FROM tacl.tenant WHERE id OPERATOR(pg_catalog.>=) $1"
	" ORDER BY id LIMIT 500)"
	" UNION ALL "
	"(SELECT id FROM tacl.tenant WHERE id OPERATOR(pg_catalog.<) $1"
	" ORDER BY id DESC LIMIT 500)",
	{TEXTOID}
};

/* Names known at $1, of the table that the query goes on with. */
#define ABOVE \
	"WITH RECURSIVE above (id, parent) AS (" \
	"SELECT id, parent FROM tacl.tenant WHERE id OPERATOR(pg_catalog.=) $1" \
	" UNION " \
	"SELECT t.id, t.parent FROM above AS a," \
	" LATERAL (SELECT id, parent FROM tacl.tenant" \
	" WHERE id OPERATOR(pg_catalog.=) a.parent OFFSET 0) AS t) "

static Statement near_roles = {
	ABOVE
	"SELECT x.name FROM above AS a, LATERAL (SELECT name FROM tacl.role"
	" WHERE tenant OPERATOR(pg_catalog.=) a.id OFFSET 0) AS x LIMIT 1000",
	{TEXTOID}
};

static Statement near_groups = {
	ABOVE
	"SELECT x.name FROM above AS a, LATERAL (SELECT name FROM tacl.user_group"
	" WHERE tenant OPERATOR(pg_catalog.=) a.id OFFSET 0) AS x LIMIT 1000",
	{TEXTOID}
};

/* A tenant that has $1, if it is found soon. */
static Statement role_elsewhere = {
	"SELECT x.tenant FROM (SELECT tenant, name FROM tacl.role LIMIT 10000) AS x"
	" WHERE x.name OPERATOR(pg_catalog.=) $1 ORDER BY x.tenant LIMIT 1",
	{TEXTOID}
};

static Statement group_elsewhere = {
	"SELECT x.tenant FROM (SELECT tenant, name FROM tacl.user_group LIMIT 10000) AS x"
	" WHERE x.name OPERATOR(pg_catalog.=) $1 ORDER BY x.tenant LIMIT 1",
	{TEXTOID}
};

/* What is looked up nearest upwards. */
typedef struct Kind
{
	const char *noun;
	StoreTable	table;
	Statement  *near;
	Statement  *elsewhere;
	const char *hint;			/* when nothing better is known */
} Kind;

static const Kind roles = {
	"role", STORE_ROLE, &near_roles, &role_elsewhere,
	"Roles are defined with tacl_define_role()."
};

static const Kind groups = {
	"group", STORE_USER_GROUP, &near_groups, &group_elsewhere,
	"Groups are created with tacl_create_group()."
};

/* The candidate that is most like the name; see resolve.h. */
const char *
resolve_nearest(List *candidates, TaclName name)
{
	const char *best = NULL;
	int			limit = Min(MAX_DISTANCE, (name.len - 1) / 2);
	ListCell   *cell;

	foreach(cell, candidates)
	{
		const char *candidate = lfirst(cell);
		int			distance;

		if (limit < 1)
			break;
		distance = varstr_levenshtein_less_equal(name.data, name.len,
												 candidate, strlen(candidate),
												 1, 1, 1, limit, true);
		if (distance > limit || distance == 0)
			continue;
		best = candidate;
		limit = distance - 1;	/* from here on only better ones */
	}
	return best;
}

/* What to do about an unknown tenant. */
static const char *
tenant_hint(StoreReader *reader, TaclName id)
{
	const char *near;

	if (access_holds(STORE_TENANT, ACL_SELECT))
	{
		near = resolve_nearest(statement_texts(&near_tenants,
											   PARAMS(param_name(id)), reader),
							   id);
		if (near != NULL)
			return psprintf("Perhaps you meant \"%s\".", near);
	}
	return "Tenants are registered with tacl_create_tenant().";
}

/* What to do about an unknown role or group. */
static const char *
name_hint(const Kind *kind, StoreReader *reader, TaclName name,
		  TaclName tenant)
{
	const char *near;
	List	   *elsewhere;

	if (!access_holds(kind->table, ACL_SELECT) ||
		!access_holds(STORE_TENANT, ACL_SELECT))
		return kind->hint;
	elsewhere = statement_texts(kind->elsewhere, PARAMS(param_name(name)),
								reader);
	if (elsewhere != NIL)
		return psprintf("Tenant \"%s\" has one of this name.",
						(char *) linitial(elsewhere));
	near = resolve_nearest(statement_texts(kind->near,
										   PARAMS(param_name(tenant)), reader),
						   name);
	if (near != NULL)
		return psprintf("Perhaps you meant \"%s\".", near);
	return kind->hint;
}

/* Raises the error of an unknown role or group. */
static void
report_unknown(const Kind *kind, StoreReader *reader, TaclName name,
			   TaclName tenant, bool or_above)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("%s \"%.*s\" does not exist at tenant \"%.*s\"%s",
					kind->noun, name.len, name.data, tenant.len, tenant.data,
					or_above ? " or above" : ""),
			 errhint("%s", name_hint(kind, reader, name, tenant))));
}

/* The tenant, or an error that it does not exist. */
TenantRow
resolve_tenant(StoreReader *reader, TaclName id)
{
	TenantRow	row;

	if (!store_tenant(reader, id, &row))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("tenant \"%.*s\" does not exist", id.len, id.data),
				 errhint("%s", tenant_hint(reader, id))));
	return row;
}

/* The same, for who looks at nothing else. */
TenantRow
resolve_look_at_tenant(TaclName id)
{
	StoreReader reader;
	TenantRow	row;

	store_begin(&reader);
	row = resolve_tenant(&reader, id);
	store_end(&reader);
	return row;
}

/* Finds the role of the name at the tenant or, nearest first, above. */
bool
resolve_find_role(StoreReader *reader, TaclName name, TaclName tenant,
				  RoleRow *role)
{
	int			steps = 0;

	do
	{
		if (store_role_named(reader, tenant, name, role))
			return true;
	} while (store_go_up(reader, &tenant, &steps));
	return false;
}

/* The same, but only above the tenant. */
bool
resolve_find_role_above(StoreReader *reader, TaclName name, TaclName tenant,
						RoleRow *role)
{
	int			steps = 0;

	return store_go_up(reader, &tenant, &steps) &&
		resolve_find_role(reader, name, tenant, role);
}

/* The role of the name nearest upwards, or an error. */
RoleRow
resolve_role(StoreReader *reader, TaclName name, TaclName tenant)
{
	RoleRow		role;

	if (!resolve_find_role(reader, name, tenant, &role))
	{
		(void) resolve_tenant(reader, tenant);
		report_unknown(&roles, reader, name, tenant, true);
	}
	return role;
}

/* Finds the group of the name at the tenant or, nearest first, above. */
bool
resolve_find_group(StoreReader *reader, TaclName name, TaclName tenant,
				   GroupRow *group)
{
	int			steps = 0;

	do
	{
		if (store_group_named(reader, tenant, name, group))
			return true;
	} while (store_go_up(reader, &tenant, &steps));
	return false;
}

/* The same, but only above the tenant. */
bool
resolve_find_group_above(StoreReader *reader, TaclName name, TaclName tenant,
						 GroupRow *group)
{
	int			steps = 0;

	return store_go_up(reader, &tenant, &steps) &&
		resolve_find_group(reader, name, tenant, group);
}

/* The group of the name nearest upwards, or an error. */
GroupRow
resolve_group(StoreReader *reader, TaclName name, TaclName tenant)
{
	GroupRow	group;

	if (!resolve_find_group(reader, name, tenant, &group))
	{
		(void) resolve_tenant(reader, tenant);
		report_unknown(&groups, reader, name, tenant, true);
	}
	return group;
}

/* The group of the name that the tenant itself owns, or an error. */
GroupRow
resolve_own_group(StoreReader *reader, TaclName name, TaclName tenant)
{
	GroupRow	group;

	if (!store_group_named(reader, tenant, name, &group))
	{
		(void) resolve_tenant(reader, tenant);
		report_unknown(&groups, reader, name, tenant, false);
	}
	return group;
}
