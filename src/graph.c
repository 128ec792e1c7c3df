/*
 * graph.c
 *		The tenants, with what is defined and assigned there, as a picture.
 *
 * Drawn from the tenant downwards, level by level: first tenants with their
 * own roles and groups, then who has which role, then what includes what. A
 * role or group from above the tenant is drawn where it is first used. What
 * is too much of one kind is collapsed into one node, with which everything
 * ends that belongs to it. Everything is read in a fixed order, so that the
 * same tables give the same text.
 */
#include "tenant_acl.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"

#include "access.h"
#include "args.h"
#include "mermaid.h"
#include "resolve.h"
#include "session.h"
#include "statement.h"

PG_FUNCTION_INFO_V1(tacl_graph);

/* So many children, roles or groups of one tenant are drawn, */
#define MAX_DRAWN	50
/* and so many users or groups are listed by name. */
#define MAX_LISTED	5

#define LIMIT_DRAWN		CppAsString2(MAX_DRAWN)
#define LIMIT_LISTED	CppAsString2(MAX_LISTED)

/* What is drawn for roles and groups alike. */
typedef struct Kind
{
	const char *noun;			/* plural */
	char		letter;
	ChartShape	shape;
	Statement  *defined;		/* at tenant $1: id, name */
	Statement  *included;		/* by $1: id, name, tenant */
	bool		has_members;
} Kind;

/* A role or group. */
typedef struct Thing
{
	int64		id;
	ChartNode	node;
	bool		collapsed;
} Thing;

/* All of one kind. */
typedef struct Things
{
	const Kind *kind;
	HTAB	   *by_id;			/* Thing by id */
	List	   *drawn;			/* of Thing, without collapsed ones */
	int			from_above;		/* how many of these no tenant here defines */
	int			more_from_above;	/* how many of such are collapsed, */
	ChartNode	more_node;		/* and into which node */
} Things;

typedef struct TenantBox
{
	TaclName	id;				/* zero-terminated */
	const struct TenantBox *parent; /* NULL for the first */
	ChartNode	node;
	bool		limited;
	bool		suspended;
} TenantBox;

typedef struct Graph
{
	StoreReader *reader;
	Flowchart	chart;
	List	   *tenants;		/* of TenantBox, as found */
	Things		roles;
	Things		groups;
	int			assignments;	/* nodes of other kinds so far */
	int			grants;
	int			collapsed;
} Graph;

static const ChartShape box_shape = {"[", "]"};
static const ChartShape holders_shape = {"(", ")"};

static const char class_definitions[] =
"  classDef limited stroke:orange,stroke-width:3px\n"
"  classDef suspended fill:lightgray,stroke-dasharray:4 4\n";

/*
 * The first children of $1, and how many there are; a cycle ends at $2. OFFSET
 * 0 keeps the order from choosing the index.
 */
static Statement children = {
	"SELECT c.id, c.limited, c.suspended, c.total FROM ("
	"SELECT id, ceiling IS NOT NULL AS limited,"
	" suspended_at IS NOT NULL AS suspended,"
	" pg_catalog.count(*) OVER () AS total FROM tacl.tenant"
	" WHERE parent OPERATOR(pg_catalog.=) $1"
	" AND id OPERATOR(pg_catalog.<>) $2 OFFSET 0) AS c"
	" ORDER BY c.id LIMIT " LIMIT_DRAWN,
	{TEXTOID, TEXTOID}
};

static Statement roles_defined = {
	"SELECT id, name FROM tacl.role"
	" WHERE tenant OPERATOR(pg_catalog.=) $1 ORDER BY name",
	{TEXTOID}
};

static Statement roles_included = {
	"SELECT r.id, r.name, r.tenant FROM tacl.role_include AS i,"
	" LATERAL (SELECT id, name, tenant FROM tacl.role"
	" WHERE id OPERATOR(pg_catalog.=) i.included_id OFFSET 0) AS r"
	" WHERE i.role_id OPERATOR(pg_catalog.=) $1 ORDER BY r.name, r.tenant",
	{INT8OID}
};

static Statement groups_defined = {
	"SELECT id, name FROM tacl.user_group"
	" WHERE tenant OPERATOR(pg_catalog.=) $1 ORDER BY name",
	{TEXTOID}
};

static Statement groups_included = {
	"SELECT g.id, g.name, g.tenant FROM tacl.group_include AS i,"
	" LATERAL (SELECT id, name, tenant FROM tacl.user_group"
	" WHERE id OPERATOR(pg_catalog.=) i.included_id OFFSET 0) AS g"
	" WHERE i.group_id OPERATOR(pg_catalog.=) $1 ORDER BY g.name, g.tenant",
	{INT8OID}
};

static Statement group_members = {
	"SELECT m.user_id, m.total FROM ("
	"SELECT user_id, pg_catalog.count(*) OVER () AS total"
	" FROM tacl.group_member"
	" WHERE group_id OPERATOR(pg_catalog.=) $1 OFFSET 0) AS m"
	" ORDER BY m.user_id LIMIT " LIMIT_LISTED,
	{INT8OID}
};

/* The columns of holders; the first three are as find_thing() takes them. */
typedef enum HolderColumn
{
	HOLDER_ROLE,
	HOLDER_ROLE_NAME,
	HOLDER_ROLE_TENANT,
	HOLDER_NAME,
	HOLDER_OWNER,				/* the tenant of a group; NULL for a user */
	HOLDER_TOTAL
} HolderColumn;

/*
 * Who has which role at $1 in force at $2, users before groups: of more than
 * are listed by name, only the first with their number. A role of NULL stands
 * for direct grants.
 */
static Statement holders = {
	"WITH here AS MATERIALIZED (SELECT DISTINCT role_id, user_id, group_id"
	" FROM tacl.assignment WHERE tenant OPERATOR(pg_catalog.=) $1"
	" AND (starts_at IS NULL OR starts_at OPERATOR(pg_catalog.<=) $2)"
	" AND (expires_at IS NULL OR expires_at OPERATOR(pg_catalog.>) $2)), "
	"holder AS (SELECT role_id, user_id AS name, NULL AS owner,"
	" pg_catalog.count(*) OVER (PARTITION BY role_id) AS total,"
	" pg_catalog.row_number() OVER (PARTITION BY role_id ORDER BY user_id)"
	" AS place FROM here WHERE user_id IS NOT NULL"
	" UNION ALL "
	"SELECT h.role_id, g.name, g.tenant,"
	" pg_catalog.count(*) OVER (PARTITION BY h.role_id),"
	" pg_catalog.row_number() OVER (PARTITION BY h.role_id"
	" ORDER BY g.name, g.tenant) FROM here AS h,"
	" LATERAL (SELECT name, tenant FROM tacl.user_group"
	" WHERE id OPERATOR(pg_catalog.=) h.group_id OFFSET 0) AS g"
	" WHERE h.group_id IS NOT NULL) "
	"SELECT r.id, r.name, r.tenant, h.name, h.owner, h.total"
	" FROM holder AS h LEFT JOIN LATERAL ("
	"SELECT id, name, tenant FROM tacl.role"
	" WHERE id OPERATOR(pg_catalog.=) h.role_id OFFSET 0) AS r ON true"
	" WHERE h.place OPERATOR(pg_catalog.=) 1"
	" OR h.total OPERATOR(pg_catalog.<=) " LIMIT_LISTED
	" ORDER BY r.name, r.tenant, h.owner IS NOT NULL, h.name, h.owner",
	{TEXTOID, TIMESTAMPTZOID}
};

static const Kind role_kind = {
	.noun = "roles", .letter = 'r', .shape = {"([", "])"},
	.defined = &roles_defined, .included = &roles_included
};

static const Kind group_kind = {
	.noun = "groups", .letter = 'g', .shape = {"[[", "]]"},
	.defined = &groups_defined, .included = &groups_included,
	.has_members = true
};

/* Starts with nothing of the kind. */
static void
begin_things(Things *things, const Kind *kind)
{
	HASHCTL		control = {
		.keysize = sizeof(int64),
		.entrysize = sizeof(Thing),
		.hcxt = CurrentMemoryContext
	};

	things->kind = kind;
	things->by_id = hash_create(kind->noun, 64, &control,
								HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* A new node for what is collapsed. */
static ChartNode
more_node(Graph *graph)
{
	return (ChartNode) {'m', ++graph->collapsed};
}

/* Draws it. */
static void
draw_more(Graph *graph, ChartNode node, int64 count, const char *what)
{
	mermaid_node(&graph->chart, node, box_shape,
				 psprintf("... and " INT64_FORMAT " more %s", count, what));
}

/* Adds the members of a group to its label. */
static void
list_members(Graph *graph, const Thing *group, StringInfo label)
{
	List	   *members = statement_rows(&group_members,
										 PARAMS(param_id(group->id)),
										 graph->reader);
	ListCell   *cell;

	foreach(cell, members)
	{
		char	  **member = lfirst(cell);

		appendStringInfoString(label, foreach_current_index(cell) > 0 ?
							   ", " : ": ");
		if (pg_strtoint64(member[1]) > MAX_LISTED)
		{
			appendStringInfo(label, "%s users", member[1]);
			break;
		}
		mermaid_escape(label, member[0]);
	}
}

/* Draws a role or group as a node of its own; says of which tenant if given. */
static void
draw_thing(Graph *graph, Things *things, Thing *thing, const char *name,
		   const char *tenant)
{
	StringInfoData label;

	things->drawn = lappend(things->drawn, thing);
	thing->node.letter = things->kind->letter;
	thing->node.number = list_length(things->drawn);
	thing->collapsed = false;
	initStringInfo(&label);
	mermaid_escape(&label, name);
	if (tenant != NULL)
	{
		appendStringInfoString(&label, " of ");
		mermaid_escape(&label, tenant);
	}
	if (things->kind->has_members)
		list_members(graph, thing, &label);
	mermaid_node(&graph->chart, thing->node, things->kind->shape, label.data);
}

/* Draws the roles or groups of a tenant: the first, and one node for the rest. */
static void
draw_defined(Graph *graph, Things *things, const TenantBox *tenant)
{
	const Kind *kind = things->kind;
	List	   *rows = statement_rows(kind->defined,
									  PARAMS(param_name(tenant->id)),
									  graph->reader);
	int			excess = list_length(rows) - MAX_DRAWN;
	ChartNode	more = {0};
	ListCell   *cell;

	if (excess > 0)
		more = more_node(graph);
	foreach(cell, rows)
	{
		char	  **row = lfirst(cell);
		int64		id = pg_strtoint64(row[0]);
		Thing	   *thing = hash_search(things->by_id, &id, HASH_ENTER, NULL);

		if (foreach_current_index(cell) < MAX_DRAWN)
		{
			draw_thing(graph, things, thing, row[1], NULL);
			mermaid_edge(&graph->chart, tenant->node, "---", thing->node);
			continue;
		}
		thing->node = more;
		thing->collapsed = true;
	}
	if (excess > 0)
	{
		draw_more(graph, more, excess, kind->noun);
		mermaid_edge(&graph->chart, tenant->node, "---", more);
	}
}

/* Draws a role or group that is used here and belongs to a tenant above. */
static void
draw_from_above(Graph *graph, Things *things, Thing *thing, const char *name,
				const char *tenant)
{
	if (things->from_above < MAX_DRAWN)
	{
		things->from_above++;
		draw_thing(graph, things, thing, name, tenant);
		return;
	}
	if (things->more_from_above == 0)
		things->more_node = more_node(graph);
	things->more_from_above++;
	thing->node = things->more_node;
	thing->collapsed = true;
}

/* The role or group that columns of a row tell of: id, name, tenant. */
static Thing *
find_thing(Graph *graph, Things *things, char **columns)
{
	int64		id = pg_strtoint64(columns[0]);
	bool		found;
	Thing	   *thing = hash_search(things->by_id, &id, HASH_ENTER, &found);

	if (!found)
		draw_from_above(graph, things, thing, columns[1], columns[2]);
	return thing;
}

/* Adds a tenant, to be drawn later. */
static void
add_tenant(Graph *graph, TaclName id, const TenantBox *parent, bool limited,
		   bool suspended)
{
	TenantBox  *box = palloc(sizeof(TenantBox));

	graph->tenants = lappend(graph->tenants, box);
	box->id = id;
	box->parent = parent;
	box->node = (ChartNode) {'t', list_length(graph->tenants)};
	box->limited = limited;
	box->suspended = suspended;
}

/* Adds the first children of a tenant, and draws one node for the rest. */
static void
add_children(Graph *graph, const TenantBox *parent)
{
	const TenantBox *first = linitial(graph->tenants);
	List	   *rows = statement_rows(&children,
									  PARAMS(param_name(parent->id),
											 param_name(first->id)),
									  graph->reader);
	int64		excess = 0;
	ListCell   *cell;

	foreach(cell, rows)
	{
		char	  **row = lfirst(cell);

		add_tenant(graph, name_from_cstring(row[0]), parent,
				   row[1][0] == 't', row[2][0] == 't');
		excess = pg_strtoint64(row[3]) - list_length(rows);
	}
	if (excess > 0)
	{
		ChartNode	more = more_node(graph);

		draw_more(graph, more, excess, "tenants");
		mermaid_edge(&graph->chart, parent->node, "-->", more);
	}
}

/* Draws a tenant with what is defined there. */
static void
draw_tenant(Graph *graph, const TenantBox *tenant)
{
	StringInfoData label;

	initStringInfo(&label);
	mermaid_escape(&label, tenant->id.data);
	mermaid_node(&graph->chart, tenant->node, box_shape, label.data);
	if (tenant->parent != NULL)
		mermaid_edge(&graph->chart, tenant->parent->node, "-->", tenant->node);
	if (tenant->limited)
		mermaid_class(&graph->chart, tenant->node, "limited");
	if (tenant->suspended)
		mermaid_class(&graph->chart, tenant->node, "suspended");
	draw_defined(graph, &graph->roles, tenant);
	draw_defined(graph, &graph->groups, tenant);
	add_children(graph, tenant);
}

/* Adds who has a role to the label: a user, a group, or a number of them. */
static void
list_holder(StringInfo label, char **row, const TenantBox *tenant)
{
	const char *name = row[HOLDER_NAME];
	const char *owner = row[HOLDER_OWNER];

	if (pg_strtoint64(row[HOLDER_TOTAL]) > MAX_LISTED)
	{
		appendStringInfo(label, "%s %s", row[HOLDER_TOTAL],
						 owner == NULL ? "users" : "groups");
		return;
	}
	if (owner != NULL)
		appendStringInfoString(label, "group ");
	mermaid_escape(label, name);
	if (owner != NULL && strcmp(owner, tenant->id.data) != 0)
	{
		appendStringInfoString(label, " of ");
		mermaid_escape(label, owner);
	}
}

/* Draws those who have the role that the row tells of. */
static void
draw_assignment(Graph *graph, const TenantBox *tenant, char **row,
				const char *label)
{
	const Thing *role = find_thing(graph, &graph->roles, row);
	ChartNode	node;

	if (role->collapsed)
		return;
	node = (ChartNode) {'a', ++graph->assignments};
	mermaid_node(&graph->chart, node, holders_shape, label);
	mermaid_edge(&graph->chart, tenant->node, "-->", node);
	mermaid_edge(&graph->chart, node, "-->", role->node);
}

/* Draws those who have something there without a role. */
static void
draw_grants(Graph *graph, const TenantBox *tenant, const char *label)
{
	ChartNode	node = {'d', ++graph->grants};

	mermaid_node(&graph->chart, node, holders_shape,
				 psprintf("direct grants: %s", label));
	mermaid_edge(&graph->chart, tenant->node, "-->", node);
}

/* Do both rows tell of the same role, or both of direct grants? */
static bool
same_role(char **a, char **b)
{
	if (a[HOLDER_ROLE] == NULL || b[HOLDER_ROLE] == NULL)
		return a[HOLDER_ROLE] == b[HOLDER_ROLE];
	return strcmp(a[HOLDER_ROLE], b[HOLDER_ROLE]) == 0;
}

/* Draws who has what at a tenant. */
static void
draw_holders(Graph *graph, const TenantBox *tenant)
{
	List	   *rows = statement_rows(&holders,
									  PARAMS(param_name(tenant->id),
											 param_time(session_now())),
									  graph->reader);
	StringInfoData label;
	ListCell   *cell;

	initStringInfo(&label);
	foreach(cell, rows)
	{
		char	  **row = lfirst(cell);
		ListCell   *next = lnext(rows, cell);

		list_holder(&label, row, tenant);
		if (next != NULL && same_role(row, lfirst(next)))
		{
			appendStringInfoString(&label, ", ");
			continue;
		}
		if (row[HOLDER_ROLE] == NULL)
			draw_grants(graph, tenant, label.data);
		else
			draw_assignment(graph, tenant, row, label.data);
		resetStringInfo(&label);
	}
}

/* Draws what a role or group includes, one edge to what is collapsed. */
static void
draw_included(Graph *graph, Things *things, const Thing *thing)
{
	List	   *rows = statement_rows(things->kind->included,
									  PARAMS(param_id(thing->id)),
									  graph->reader);
	List	   *collapsed = NIL;
	ListCell   *cell;

	foreach(cell, rows)
	{
		const Thing *included = find_thing(graph, things, lfirst(cell));

		if (included->collapsed)
		{
			if (list_member_int(collapsed, included->node.number))
				continue;
			collapsed = lappend_int(collapsed, included->node.number);
		}
		mermaid_edge(&graph->chart, thing->node, "-.->", included->node);
	}
}

/* The same for all of a kind, whose list grows by what is from above. */
static void
draw_includes(Graph *graph, Things *things)
{
	for (int i = 0; i < list_length(things->drawn); i++)
	{
		CHECK_FOR_INTERRUPTS();
		draw_included(graph, things, list_nth(things->drawn, i));
	}
	if (things->more_from_above > 0)
		draw_more(graph, things->more_node, things->more_from_above,
				  psprintf("%s from above", things->kind->noun));
}

/* Draws the tenant and all below it, into the chart. */
static void
draw_graph(Graph *graph, const TenantRow *first)
{
	ListCell   *cell;

	add_tenant(graph, first->id, NULL, first->limited, first->suspended);
	for (int i = 0; i < list_length(graph->tenants); i++)
	{
		CHECK_FOR_INTERRUPTS();
		draw_tenant(graph, list_nth(graph->tenants, i));
	}
	foreach(cell, graph->tenants)
	{
		CHECK_FOR_INTERRUPTS();
		draw_holders(graph, lfirst(cell));
	}
	draw_includes(graph, &graph->roles);
	draw_includes(graph, &graph->groups);
}

/* tacl_graph([tenant]): a Mermaid flowchart */
Datum
tacl_graph(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	TaclName	tenant;
	StoreReader reader;
	Graph		graph = {.reader = &reader};
	TenantRow	row;

	access_require_sight();
	tenant = arg_required_id(fcinfo, 0, &buffer, "tenant");
	mermaid_begin(&graph.chart);
	begin_things(&graph.roles, &role_kind);
	begin_things(&graph.groups, &group_kind);
	store_begin(&reader);
	row = resolve_tenant(&reader, tenant);
	draw_graph(&graph, &row);
	store_end(&reader);
	PG_RETURN_TEXT_P(mermaid_end(&graph.chart, class_definitions));
}
