/*
 * matrix.c
 *		Every role against every permission.
 *
 * Roles by permissions is a large product: 200 by 1,000 is ordinary. So each
 * role is compiled once and asked for every permission, and only where it says
 * something is the pattern looked for that decides. What was decided is kept
 * as a pointer for each pair, since rows go out by permission, not by role.
 */
#include "tenant_acl.h"

#include "funcapi.h"
#include "lib/qunique.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "access.h"
#include "args.h"
#include "catalog.h"
#include "closure.h"
#include "permset.h"
#include "resolve.h"
#include "statement.h"

PG_FUNCTION_INFO_V1(tacl_matrix);

/* A role that can be assigned at the tenant. */
typedef struct MatrixRole
{
	const RoleRow *row;
	int			distance;		/* from the tenant to where it is defined */
	List	   *closure;		/* of RoleRow, itself first */
	const TaclName **decided;	/* the pattern for each permission, or NULL */
} MatrixRole;

typedef struct MatrixRoleArray
{
	MatrixRole *items;
	int			count;
} MatrixRoleArray;

typedef struct Matrix
{
	StoreReader *reader;
	List	   *tenants;		/* of TenantRow, upwards */
	MatrixRoleArray roles;		/* by name */
	int			roles_room;
	NameArray	permissions;	/* in order */
	int			permissions_room;
} Matrix;

/* A pattern of a role. */
typedef struct RolePattern
{
	const TaclName *text;
	bool		included;		/* does it come from another role? */
} RolePattern;

typedef struct RolePatternArray
{
	RolePattern *items;
	int			count;
} RolePatternArray;

/* Orders roles by name, the nearest first. */
static int
compare_roles(const void *a, const void *b)
{
	const MatrixRole *left = a;
	const MatrixRole *right = b;
	int			diff = name_compare(left->row->name, right->row->name);

	return diff != 0 ? diff : left->distance - right->distance;
}

/* Equal are roles of one name, for qunique(). */
static int
compare_role_names(const void *a, const void *b)
{
	return name_compare(((const MatrixRole *) a)->row->name,
						((const MatrixRole *) b)->row->name);
}

/* Reads the tenant and those above it. */
static void
read_tenants(Matrix *matrix, TaclName id)
{
	TenantRow	row = resolve_tenant(matrix->reader, id);

	for (int i = 0; i <= TACL_MAX_WALK; i++)
	{
		TenantRow  *copy = palloc(sizeof(TenantRow));

		*copy = row;
		matrix->tenants = lappend(matrix->tenants, copy);
		if (row.parent.data == NULL ||
			!store_tenant(matrix->reader, row.parent, &row))
			break;
	}
}

/* Adds the roles defined at a tenant. */
static void
add_roles(Matrix *matrix, const TenantRow *tenant, int distance)
{
	ListCell   *cell;

	foreach(cell, store_tenant_roles(matrix->reader, tenant->id))
	{
		MatrixRole *role = ARRAY_ADD(&matrix->roles, matrix->roles_room);

		role->row = lfirst(cell);
		role->distance = distance;
	}
}

/* Reads the roles that can be assigned at the tenant, with their includes. */
static void
read_roles(Matrix *matrix)
{
	MatrixRoleArray *roles = &matrix->roles;
	RoleBook   *book = role_book(matrix->reader);
	ListCell   *cell;

	foreach(cell, matrix->tenants)
		add_roles(matrix, lfirst(cell), foreach_current_index(cell));
	if (roles->count > 1)
	{
		qsort(roles->items, roles->count, sizeof(MatrixRole), compare_roles);
		roles->count = qunique(roles->items, roles->count, sizeof(MatrixRole),
							   compare_role_names);
	}
	for (int i = 0; i < roles->count; i++)
		roles->items[i].closure = role_closure(book, roles->items[i].row->id);
}

/* Adds those of the patterns that are permissions, without a '!'. */
static void
add_permissions(Matrix *matrix, PatternArray patterns)
{
	for (int i = 0; i < patterns.count; i++)
	{
		TaclName	name = patterns.items[i];
		bool		deny = pattern_is_deny(name.data, name.len);

		name.data += deny;
		name.len -= deny;
		if (permission_is_valid(name.data, name.len))
			names_add(&matrix->permissions, &matrix->permissions_room, name);
	}
}

/* Collects what is written out in the roles and limits that were read. */
static void
collect_permissions(Matrix *matrix)
{
	ListCell   *cell;

	foreach(cell, matrix->tenants)
	{
		const TenantRow *tenant = lfirst(cell);

		add_permissions(matrix, tenant->ceiling);
		add_permissions(matrix, tenant->keeps);
	}
	for (int i = 0; i < matrix->roles.count; i++)
	{
		foreach(cell, matrix->roles.items[i].closure)
			add_permissions(matrix, ((const RoleRow *) lfirst(cell))->patterns);
	}
	names_sort(&matrix->permissions);
}

/* Finds the permissions: the catalog, or where there is none, what is used. */
static void
read_permissions(Matrix *matrix)
{
	List	   *names = catalog_permissions(matrix->reader);
	ListCell   *cell;

	foreach(cell, names)
		names_add(&matrix->permissions, &matrix->permissions_room,
				  name_from_cstring(lfirst(cell)));
	if (names == NIL)
		collect_permissions(matrix);
}

/* The order in which patterns decide: own ones first, then bytewise. */
static int
compare_patterns(const void *a, const void *b)
{
	const RolePattern *left = a;
	const RolePattern *right = b;

	if (left->included != right->included)
		return left->included ? 1 : -1;
	return name_compare(*left->text, *right->text);
}

/* All patterns of the role in that order. */
static RolePatternArray
list_patterns(const MatrixRole *role)
{
	RolePatternArray patterns = {NULL, 0};
	int			room = 0;
	ListCell   *cell;

	foreach(cell, role->closure)
	{
		const RoleRow *row = lfirst(cell);

		for (int i = 0; i < row->patterns.count; i++)
		{
			RolePattern *pattern = ARRAY_ADD(&patterns, room);

			pattern->text = &row->patterns.items[i];
			pattern->included = foreach_current_index(cell) > 0;
		}
	}
	if (patterns.count > 1)
		qsort(patterns.items, patterns.count, sizeof(RolePattern),
			  compare_patterns);
	return patterns;
}

/* The patterns as a searchable set. */
static PermSet *
compile_patterns(const RolePatternArray *patterns)
{
	NameArray	texts = {NULL, 0};
	int			room = 0;

	for (int i = 0; i < patterns->count; i++)
		names_add(&texts, &room, *patterns->items[i].text);
	return permset_compile(texts.items, texts.count);
}

/* The first of the patterns, denies or allows, that matches. */
static const TaclName *
find_decider(const RolePatternArray *patterns, bool deny, TaclName permission)
{
	for (int i = 0; i < patterns->count; i++)
	{
		const TaclName *pattern = patterns->items[i].text;

		if (pattern_is_deny(pattern->data, pattern->len) == deny &&
			pattern_matches(pattern->data, pattern->len,
							permission.data, permission.len))
			return pattern;
	}
	return NULL;
}

/* Finds what decides for each permission, with memory of its own to use up. */
static void
decide_role(MatrixRole *role, const NameArray *permissions)
{
	RolePatternArray patterns = list_patterns(role);
	PermSet    *set = compile_patterns(&patterns);

	for (int i = 0; i < permissions->count; i++)
	{
		TaclName	permission = permissions->items[i];
		int			found = permset_match(set, permission.data,
										  permission.len);

		CHECK_FOR_INTERRUPTS();
		role->decided[i] = found == 0 ? NULL :
			find_decider(&patterns, (found & PERMSET_DENY) != 0, permission);
	}
}

/* Finds what decides for each pair. */
static void
decide(Matrix *matrix)
{
	Size		size = sizeof(TaclName *) * (Size) matrix->permissions.count;
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "tenant_acl matrix",
												  ALLOCSET_DEFAULT_SIZES);

	for (int i = 0; i < matrix->roles.count; i++)
	{
		MatrixRole *role = &matrix->roles.items[i];
		MemoryContext caller;

		CHECK_FOR_INTERRUPTS();
		role->decided = MemoryContextAllocHuge(CurrentMemoryContext,
											   Max(size, 1));
		caller = MemoryContextSwitchTo(context);
		decide_role(role, &matrix->permissions);
		MemoryContextSwitchTo(caller);
		MemoryContextReset(context);
	}
	MemoryContextDelete(context);
}

/* Adds the row of one pair to the function's result. */
static void
put_pair(const MatrixRole *role, TaclName permission, const TaclName *pattern,
		 ReturnSetInfo *result)
{
	bool		nulls[4] = {false, false, pattern == NULL, pattern == NULL};
	Datum		values[4] = {0};

	values[0] = param_name(role->row->name).value;
	values[1] = param_name(permission).value;
	if (pattern != NULL)
	{
		bool		deny = pattern_is_deny(pattern->data, pattern->len);

		values[2] = CStringGetTextDatum(deny ? "deny" : "allow");
		values[3] = param_name(*pattern).value;
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Adds a row for each pair, by permission, then role. */
static void
put_pairs(const Matrix *matrix, ReturnSetInfo *result)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "tenant_acl matrix rows",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);

	for (int i = 0; i < matrix->permissions.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int j = 0; j < matrix->roles.count; j++)
			put_pair(&matrix->roles.items[j], matrix->permissions.items[i],
					 matrix->roles.items[j].decided[i], result);
		MemoryContextReset(context);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
}

/* tacl_matrix([tenant]): what each role says about each permission */
Datum
tacl_matrix(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	TaclName	tenant = {NULL, 0};
	StoreReader reader;
	Matrix		matrix = {.reader = &reader};

	(void) arg_id(fcinfo, 0, &buffer, &tenant);
	access_require_sight_at(tenant);
	tenant = arg_required_id(fcinfo, 0, &buffer, "tenant");
	InitMaterializedSRF(fcinfo, 0);
	store_begin(&reader);
	read_tenants(&matrix, tenant);
	read_roles(&matrix);
	read_permissions(&matrix);
	store_end(&reader);
	decide(&matrix);
	put_pairs(&matrix, (ReturnSetInfo *) fcinfo->resultinfo);
	return (Datum) 0;
}
