/*
 * lookup_role.c
 *		What roles there are, and what they hold.
 */
#include "tenant_acl.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "access.h"
#include "args.h"
#include "closure.h"
#include "resolve.h"
#include "statement.h"

PG_FUNCTION_INFO_V1(tacl_role_permissions);
PG_FUNCTION_INFO_V1(tacl_tenant_roles);

/*
 * The roles of $1 and above, of each name the nearest. What a role includes
 * is looked up only for those that remain.
 */
static Statement tenant_roles = {
	"WITH RECURSIVE above (id, parent, distance) AS ("
	"SELECT id, parent, 0 FROM tacl.tenant WHERE id OPERATOR(pg_catalog.=) $1"
	" UNION ALL "
	"SELECT t.id, t.parent, a.distance OPERATOR(pg_catalog.+) 1"
	" FROM above AS a, LATERAL (SELECT id, parent FROM tacl.tenant"
	" WHERE id OPERATOR(pg_catalog.=) a.parent OFFSET 0) AS t"
	" WHERE a.distance OPERATOR(pg_catalog.<) "
	CppAsString2(TACL_MAX_WALK) "), "
	"nearest AS ("
	"SELECT DISTINCT ON (r.name) r.id, r.name, r.tenant, r.permissions,"
	" r.description FROM above AS a, LATERAL (SELECT * FROM tacl.role"
	" WHERE tenant OPERATOR(pg_catalog.=) a.id OFFSET 0) AS r"
	" ORDER BY r.name, a.distance) "
	"SELECT n.name, n.tenant, n.permissions, ARRAY("
	"SELECT x.name FROM tacl.role_include AS i,"
	" LATERAL (SELECT name FROM tacl.role"
	" WHERE id OPERATOR(pg_catalog.=) i.included_id OFFSET 0) AS x"
	" WHERE i.role_id OPERATOR(pg_catalog.=) n.id ORDER BY x.name),"
	" n.description FROM nearest AS n ORDER BY n.name",
	{TEXTOID}
};

/* Adds a row for each pattern of the role to the function's result. */
static void
put_patterns(const RoleRow *role, ReturnSetInfo *result)
{
	bool		nulls[4] = {0};
	Datum		values[4];

	values[0] = param_name(role->name).value;
	values[1] = param_name(role->tenant).value;
	for (int i = 0; i < role->patterns.count; i++)
	{
		TaclName	pattern = role->patterns.items[i];
		bool		deny = pattern_is_deny(pattern.data, pattern.len);

		values[2] = param_name(pattern).value;
		values[3] = CStringGetTextDatum(deny ? "deny" : "allow");
		tuplestore_putvalues(result->setResult, result->setDesc, values,
							 nulls);
	}
}

/* tacl_role_permissions(role [, tenant]): own patterns, then included ones */
Datum
tacl_role_permissions(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	TaclName	name;
	TaclName	tenant = {NULL, 0};
	StoreReader reader;
	RoleRow		role;
	ListCell   *cell;

	(void) arg_id(fcinfo, 1, &buffer, &tenant);
	access_require_sight_at(tenant);
	name = arg_required_name(fcinfo, 0, "role");
	tenant = arg_required_id(fcinfo, 1, &buffer, "tenant");
	InitMaterializedSRF(fcinfo, 0);
	store_begin(&reader);
	role = resolve_role(&reader, name, tenant);
	foreach(cell, role_closure(role_book(&reader), role.id))
		put_patterns(lfirst(cell), (ReturnSetInfo *) fcinfo->resultinfo);
	store_end(&reader);
	return (Datum) 0;
}

/* tacl_tenant_roles(tenant): what can be assigned there */
Datum
tacl_tenant_roles(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	TaclName	tenant = {NULL, 0};
	StoreReader reader;

	(void) arg_id(fcinfo, 0, &buffer, &tenant);
	access_require_sight_at(tenant);
	tenant = arg_required_id(fcinfo, 0, &buffer, "tenant");
	store_begin(&reader);
	(void) resolve_tenant(&reader, tenant);
	statement_fill(&tenant_roles, PARAMS(param_name(tenant)), &reader, fcinfo);
	store_end(&reader);
	return (Datum) 0;
}
