/*
 * cache_build.c
 *		Tenants and roles, from tables to what the cache holds.
 *
 * Tenants and roles are used again across builds, and so may be older than
 * the snapshot of a build: another transaction's rows become visible a moment
 * before its message arrives. Each use therefore proves that the rows it was
 * made of are the ones that this snapshot sees, by comparing row versions; the
 * proof is skipped when no transaction has completed since the last one
 * (equal stamps). A build thus never joins two states. What fails the proof is
 * BUILD_OUTDATED: the caller forgets everything and starts again. Only where a
 * user has something, but is not asked about, the proof can wait until they are
 * (cache_user.c).
 */
#include "tenant_acl.h"

#include "access/transam.h"

#include "cache_int.h"
#include "pack.h"
#include "walk.h"

/* Compiles patterns, or returns NULL where there are none to compile. */
static PermSet *
compile_if(bool wanted, PatternArray patterns)
{
	return wanted ? permset_compile(patterns.items, patterns.count) : NULL;
}

/*
 * Tenants
 */

/* Proves that a cached chain is the one that the snapshot sees. */
static BuildOutcome
prove_chain(StoreReader *reader, TenantNode *node)
{
	uint64		stamp = reader->stamp;
	TenantNode *proved;

	for (proved = node; proved != NULL && proved->last_stamp != stamp;
		 proved = proved->parent)
	{
		if (!store_tenant_unchanged(reader, proved->id, &proved->version))
			return BUILD_OUTDATED;
	}
	for (; node != proved; node = node->parent)
		node->last_stamp = stamp;
	return BUILD_DONE;
}

/* Makes a node of a row and its parent's node, and caches it. */
static TenantNode *
add_tenant(const TenantRow *row, TenantNode *parent, uint64 stamp)
{
	PermSet    *ceiling = compile_if(row->limited, row->ceiling);
	PermSet    *keeps = compile_if(row->suspended, row->keeps);
	TenantNode *node;
	static unsigned int marks = 0;
	char	   *next;

	next = MemoryContextAllocHuge(cache_base_context(),
								  MAXALIGN(sizeof(TenantNode)) +
								  MAXALIGN(row->id.len) +
								  packed_set_size(ceiling) +
								  packed_set_size(keeps));
	node = (TenantNode *) next;
	next += MAXALIGN(sizeof(TenantNode));
	node->id = pack_name(&next, row->id);
	node->ceiling = pack_set(&next, ceiling);
	node->keeps = pack_set(&next, keeps);
	node->mark = UINT64CONST(1) << (marks++ % 64);
	node->asked = 0;
	node->parent = parent;
	node->cut = (ceiling != NULL || keeps != NULL) ? node :
		parent != NULL ? parent->cut : NULL;
	node->version = row->version;
	node->chain_xmin = row->xmin;
	if (parent != NULL &&
		TransactionIdFollows(parent->chain_xmin, node->chain_xmin))
		node->chain_xmin = parent->chain_xmin;
	node->first_stamp = node->last_stamp = stamp;
	cache_add_tenant(node);
	return node;
}

/* A climb from the tenant asked for. */
typedef struct Climb
{
	int			steps;			/* tenants so far */
	TaclName	mark;			/* one of them */
} Climb;

/*
 * Goes on to a tenant. False if the climb goes round in a cycle, or is too long
 * for one that doesn't. The mark is moved after 1, 2, 4, ... steps: sooner or
 * later it stands on the cycle, which then comes back to it before it is moved
 * again. A limit alone would cost each check there as many steps.
 */
static bool
climb_to(Climb *climb, TaclName id)
{
	if (climb->steps > TACL_MAX_WALK ||
		(climb->steps > 0 && name_equal(climb->mark, id)))
		return false;
	if ((climb->steps & (climb->steps - 1)) == 0)
		climb->mark = id;
	climb->steps++;
	return true;
}

/* Finds or reads a tenant that the climb has come to. */
static BuildOutcome
find_tenant(StoreReader *reader, TaclName id, Climb *climb, TenantNode **node)
{
	TenantNode *parent = NULL;
	TenantRow	row;
	BuildOutcome outcome;

	*node = cached_tenant(id);
	if (*node != NULL)
		return prove_chain(reader, *node);
	if (!climb_to(climb, id) || !store_tenant(reader, id, &row))
		return BUILD_NO_TENANT;
	if (row.parent.data != NULL)
	{
		outcome = find_tenant(reader, row.parent, climb, &parent);
		if (outcome != BUILD_DONE)
			return outcome;
	}
	*node = add_tenant(&row, parent, reader->stamp);
	return BUILD_DONE;
}

/*
 * Finds or reads a tenant with its chain. BUILD_NO_TENANT if it, or anything
 * above it, is not registered, or if it is above itself.
 */
BuildOutcome
build_tenant(StoreReader *reader, TaclName id, TenantNode **node)
{
	Climb		climb = {0};

	return find_tenant(reader, id, &climb, node);
}

/* Does the tenant, or an ancestor, have this name? */
bool
tenant_is_at_or_below(const TenantNode *tenant, TaclName name)
{
	for (; tenant != NULL; tenant = tenant->parent)
	{
		if (name_equal(name, tenant->id))
			return true;
	}
	return false;
}

/*
 * Roles
 */

/* Proves that a cached role is what the snapshot sees. */
static BuildOutcome
prove_role(StoreReader *reader, CompiledRole *role)
{
	if (role->stamp == reader->stamp)
		return BUILD_DONE;
	for (int i = 0; i < role->nmembers; i++)
	{
		const RoleMember *member = &role->members[i];

		if (!store_role_unchanged(reader, member->id, &member->version) ||
			!id_array_equal(store_role_includes(reader, member->id),
							member->includes))
			return BUILD_OUTDATED;
	}
	role->stamp = reader->stamp;
	return BUILD_DONE;
}

/* A closure while it is collected. */
typedef struct Closure
{
	RoleMember *items;
	int			count;
	int			room;
	NameArray	patterns;
	int			patterns_room;
} Closure;

/* Adds a role to a closure. */
static void
closure_add(Closure *closure, const RoleRow *row, IdArray includes)
{
	RoleMember *member = ARRAY_ADD(closure, closure->room);

	member->id = row->id;
	member->version = row->version;
	member->tenant = row->tenant;
	member->name = row->name;
	member->includes = includes;
	for (int i = 0; i < row->patterns.count; i++)
		names_add(&closure->patterns, &closure->patterns_room,
				  row->patterns.items[i]);
}

/* Reads a role and all that it includes; false if there is no such role. */
static bool
read_closure(StoreReader *reader, int64 id, Closure *closure)
{
	IdWalk		walk;
	int64		next;

	memset(closure, 0, sizeof(*closure));
	walk_begin(&walk);
	walk_add(&walk, id);
	while (walk_next(&walk, &next))
	{
		RoleRow		row;
		IdArray		includes;

		if (!store_role(reader, next, &row))
			continue;
		includes = store_role_includes(reader, next);
		closure_add(closure, &row, includes);
		walk_add_all(&walk, includes);
	}
	return closure->count > 0;
}

/* Bytes of a compiled role in one piece. */
static Size
role_size(const Closure *closure, const PermSet *set)
{
	Size		size = MAXALIGN(sizeof(CompiledRole)) +
		MAXALIGN(sizeof(RoleMember) * closure->count) +
		sizeof(uint64) * PERMISSION_PLACES +
		packed_set_size(set);

	for (int i = 0; i < closure->count; i++)
		size += MAXALIGN(closure->items[i].tenant.len) +
			MAXALIGN(closure->items[i].name.len) +
			MAXALIGN(sizeof(int64) * closure->items[i].includes.count);
	return size;
}

/* Compiles a closure into one piece, and caches it. */
static CompiledRole *
add_role(const Closure *closure, uint64 stamp)
{
	PermSet    *set = permset_compile(closure->patterns.items,
									   closure->patterns.count);
	char	   *next = MemoryContextAllocHuge(cache_base_context(),
											  role_size(closure, set));
	CompiledRole *role = (CompiledRole *) next;

	next += MAXALIGN(sizeof(CompiledRole));
	role->id = closure->items[0].id;
	role->stamp = stamp;
	role->nmembers = closure->count;
	role->members = pack(&next, closure->items,
						 sizeof(RoleMember) * closure->count);
	role->set = pack_set(&next, set);
	role->verdicts = (uint64 *) next;
	memset(next, 0, sizeof(uint64) * PERMISSION_PLACES);
	next += sizeof(uint64) * PERMISSION_PLACES;
	for (int i = 0; i < role->nmembers; i++)
	{
		RoleMember *member = &role->members[i];

		member->tenant = pack_name(&next, member->tenant);
		member->name = pack_name(&next, member->name);
		member->includes.items = pack(&next, member->includes.items,
									  sizeof(int64) * member->includes.count);
	}
	cache_add_role(role);
	return role;
}

/* Finds or compiles a role; *role is NULL if there is none. */
BuildOutcome
build_role(StoreReader *reader, int64 id, CompiledRole **role)
{
	Closure		closure;

	*role = cached_role(id);
	if (*role != NULL)
		return prove_role(reader, *role);
	if (read_closure(reader, id, &closure))
		*role = add_role(&closure, reader->stamp);
	return BUILD_DONE;
}
