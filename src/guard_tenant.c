/*
 * guard_tenant.c
 *		Keeps the tree of tenants a tree, and definitions above their uses.
 */
#include "guard_int.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "guard.h"
#include "session.h"
#include "statement.h"

PG_FUNCTION_INFO_V1(tacl_guard_suspension);

/* Levels below a tenant, not counted beyond the limit: $1. */
static Statement subtree_height = {
	"WITH RECURSIVE below (id, level) AS ("
	"SELECT id, 0 FROM tacl.tenant WHERE id OPERATOR(pg_catalog.=) $1"
	" UNION ALL "
	"SELECT t.id, b.level OPERATOR(pg_catalog.+) 1 FROM below AS b,"
	" LATERAL (SELECT id FROM tacl.tenant"
	" WHERE parent OPERATOR(pg_catalog.=) b.id OFFSET 0) AS t"
	" WHERE b.level OPERATOR(pg_catalog.<=) " CppAsString2(TACL_MAX_DEPTH) ") "
	"SELECT pg_catalog.max(level) FROM below",
	{TEXTOID}
};

/*
 * What is used in the subtree of $1 but defined neither there nor above: at
 * most 20 lines, and how many more there are.
 */
static Statement lost_definitions = {
	"WITH RECURSIVE inside (id) AS ("
	"SELECT id FROM tacl.tenant WHERE id OPERATOR(pg_catalog.=) $1"
	" UNION "
	"SELECT t.id FROM inside AS i, LATERAL (SELECT id FROM tacl.tenant"
	" WHERE parent OPERATOR(pg_catalog.=) i.id OFFSET 0) AS t"
	"), above (id, parent) AS ("
	"SELECT id, parent FROM tacl.tenant WHERE id OPERATOR(pg_catalog.=) $1"
	" UNION "
	"SELECT t.id, t.parent FROM above AS a,"
	" LATERAL (SELECT id, parent FROM tacl.tenant"
	" WHERE id OPERATOR(pg_catalog.=) a.parent OFFSET 0) AS t"

	/* what is assigned there, and to which groups */
	"), assigned (tenant, role_id, group_id) AS ("
	"SELECT DISTINCT i.id, a.role_id, a.group_id FROM inside AS i,"
	" LATERAL (SELECT role_id, group_id FROM tacl.assignment"
	" WHERE tenant OPERATOR(pg_catalog.=) i.id OFFSET 0) AS a"

	/* what is included there */
	"), including_roles (name, tenant, included_id) AS ("
	"SELECT r.name, i.id, n.included_id FROM inside AS i,"
	" LATERAL (SELECT id, name FROM tacl.role"
	" WHERE tenant OPERATOR(pg_catalog.=) i.id OFFSET 0) AS r,"
	" LATERAL (SELECT included_id FROM tacl.role_include"
	" WHERE role_id OPERATOR(pg_catalog.=) r.id OFFSET 0) AS n"
	"), including_groups (name, tenant, included_id) AS ("
	"SELECT g.name, i.id, n.included_id FROM inside AS i,"
	" LATERAL (SELECT id, name FROM tacl.user_group"
	" WHERE tenant OPERATOR(pg_catalog.=) i.id OFFSET 0) AS g,"
	" LATERAL (SELECT included_id FROM tacl.group_include"
	" WHERE group_id OPERATOR(pg_catalog.=) g.id OFFSET 0) AS n"

	/* all of that, and where it is defined */
	"), used (noun, name, tenant, how, by, at) AS ("
	"SELECT 'role', r.name, r.tenant, 'assigned', '', u.tenant"
	" FROM assigned AS u, LATERAL (SELECT name, tenant FROM tacl.role"
	" WHERE id OPERATOR(pg_catalog.=) u.role_id OFFSET 0) AS r"
	" UNION "
	"SELECT 'group', g.name, g.tenant, 'assigned to', '', u.tenant"
	" FROM assigned AS u, LATERAL (SELECT name, tenant FROM tacl.user_group"
	" WHERE id OPERATOR(pg_catalog.=) u.group_id OFFSET 0) AS g"
	" UNION ALL "
	"SELECT 'role', r.name, r.tenant, 'included',"
	" pg_catalog.format(' by role \"%s\"', u.name), u.tenant"
	" FROM including_roles AS u, LATERAL (SELECT name, tenant FROM tacl.role"
	" WHERE id OPERATOR(pg_catalog.=) u.included_id OFFSET 0) AS r"
	" UNION ALL "
	"SELECT 'group', g.name, g.tenant, 'included',"
	" pg_catalog.format(' by group \"%s\"', u.name), u.tenant"
	" FROM including_groups AS u,"
	" LATERAL (SELECT name, tenant FROM tacl.user_group"
	" WHERE id OPERATOR(pg_catalog.=) u.included_id OFFSET 0) AS g"

	/* not defined above $1: perhaps between it and the use */
	"), suspect AS MATERIALIZED ("
	"SELECT u.* FROM used AS u WHERE NOT EXISTS (SELECT FROM above AS a"
	" WHERE a.id OPERATOR(pg_catalog.=) u.tenant)"
	"), lost (line) AS ("
	"SELECT pg_catalog.format('%s \"%s\" of tenant \"%s\", %s%s at tenant \"%s\"',"
	" noun, name, tenant, how, by, at) FROM suspect AS s"
	" WHERE NOT EXISTS ("
	"WITH RECURSIVE way (id) AS ("
	"SELECT s.at"
	" UNION "
	"SELECT t.parent FROM way AS w, LATERAL (SELECT parent FROM tacl.tenant"
	" WHERE id OPERATOR(pg_catalog.=) w.id"
	" AND id OPERATOR(pg_catalog.<>) $1 OFFSET 0) AS t"
	") SELECT FROM way WHERE id OPERATOR(pg_catalog.=) s.tenant)"
	"), numbered (line, place, total) AS ("
	"SELECT line, pg_catalog.row_number() OVER (ORDER BY line),"
	" pg_catalog.count(*) OVER () FROM lost"
	") SELECT CASE WHEN place OPERATOR(pg_catalog.<=) 20 THEN line"
	" ELSE pg_catalog.format('and %s more', total OPERATOR(pg_catalog.-) 20) END"
	" FROM numbered WHERE place OPERATOR(pg_catalog.<=) 21 ORDER BY place",
	{TEXTOID}
};

/* Raises the error of a tenant that is its own ancestor. */
static void
report_cycle(TaclName id, const StringInfoData *chain)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
			 errmsg("tenant \"%s\" would be its own ancestor", id.data),
			 errdetail("From child to parent: %s.", chain->data)));
}

/*
 * The number of tenants above the one given, whose parent is given. Raises an
 * error if it is among them.
 */
static int
depth_of(StoreReader *reader, TaclName id, TaclName parent)
{
	StringInfoData chain;
	TenantRow	row;
	int			depth = 0;

	initStringInfo(&chain);
	appendStringInfoString(&chain, id.data);
	while (parent.data != NULL && depth <= TACL_MAX_DEPTH)
	{
		appendStringInfo(&chain, " -> %s", parent.data);
		if (name_equal(parent, id))
			report_cycle(id, &chain);
		depth++;
		if (!store_tenant(reader, parent, &row))
			break;
		parent = row.parent;
	}
	return depth;
}

/* The number of levels below the tenant. */
static int
height_of(StoreReader *reader, TaclName id)
{
	List	   *texts = statement_texts(&subtree_height,
										PARAMS(param_name(id)), reader);

	return linitial(texts) == NULL ? 0 : pg_strtoint32(linitial(texts));
}

/* Ensures that the tree is not too deep around the tenant. */
static void
check_depth(StoreReader *reader, TaclName id, TaclName parent, bool moved)
{
	int			depth = depth_of(reader, id, parent);

	if (depth <= TACL_MAX_DEPTH && moved)
		depth += height_of(reader, id);
	if (depth > TACL_MAX_DEPTH)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("tenants below \"%s\" would be nested too deeply",
						parent.data),
				 errdetail("Tenants are nested at most %d deep below the root.",
						   TACL_MAX_DEPTH)));
}

/* Ensures that the moved tenant has not left definitions behind. */
static void
check_definitions(StoreReader *reader, TaclName id)
{
	List	   *lines = statement_texts(&lost_definitions,
										PARAMS(param_name(id)), reader);
	StringInfoData detail;
	ListCell   *cell;

	if (lines == NIL)
		return;
	initStringInfo(&detail);
	foreach(cell, lines)
		appendStringInfo(&detail, "%s%s", detail.len > 0 ? "\n" : "",
						 (char *) lfirst(cell));
	ereport(ERROR,
			(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
			 errmsg("tenant \"%s\" cannot be moved away from definitions that are used in it",
					id.data),
			 errdetail_internal("%s", detail.data),
			 errhint("Define these at a tenant above the new parent, or end their use first.")));
}

/* Ensures that the root stays, and is the root. */
static void
check_delete(TaclName id)
{
	if (name_is_root(id))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the root \"%s\" cannot be dropped", TACL_ROOT)));
}

/* Ensures that a new or moved tenant has its place in the tree. */
static void
check_place(TaclName id, TaclName parent, bool moved)
{
	StoreReader reader;

	guard_look(&reader);
	check_depth(&reader, id, parent, moved);
	if (moved)
		check_definitions(&reader, id);
	store_end(&reader);
}

/* The guard of tacl.tenant: raises an error if the change must not stay. */
void
guard_tenant(TriggerData *trigger)
{
	GuardRow	new = guard_new_row(trigger);
	TaclName	id = guard_name(new, "id");
	TaclName	parent = guard_name(new, "parent");

	if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		check_delete(id);
	else if (parent.data == NULL)
		return;					/* the root; see tenant_root_check */
	else if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		check_place(id, parent, false);
	else
	{
		GuardRow	old = guard_old_row(trigger);

		if (!name_equal(guard_name(old, "id"), id))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("id of tenant \"%s\" cannot be changed",
							guard_name(old, "id").data)));
		if (!name_equal(guard_name(old, "parent"), parent))
			check_place(id, parent, true);
	}
}

/*
 * Trigger before a suspension becomes another while it stays the same user's:
 * unless they change it themselves, it is the operator's from now on. What is
 * a user's, delegates may end.
 */
Datum
tacl_guard_suspension(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	StoreTable	table = guard_table(fcinfo, "guard_suspension");
	GuardRow	new;
	TaclName	author;
	int			column;
	Datum		value = (Datum) 0;
	bool		isnull = true;

	if (table != STORE_TENANT || !TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		guard_report_protocol("guard_suspension",
							  "must be called before each update of a tenant");
	new = guard_new_row(trigger);
	author = guard_name(new, "suspended_by");
	if (author.data == NULL || session_is_asker(author))
		return PointerGetDatum(new.tuple);
	column = SPI_fnumber(new.tupdesc, "suspended_by");
	return PointerGetDatum(heap_modify_tuple_by_cols(new.tuple, new.tupdesc, 1,
													 &column, &value, &isnull));
}
