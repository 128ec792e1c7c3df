/*
 * cache_build.c
 *		From tables to what the cache holds.
 *
 * Tenants and roles are used again across builds, and so may be older than
 * the snapshot of a build: another transaction's rows become visible a moment
 * before its message arrives. Each use therefore proves that the rows it was
 * made of are the ones that this snapshot sees, by comparing row versions; the
 * proof is skipped when no transaction has completed since the last one
 * (equal stamps). A build thus never joins two states. What fails the proof is
 * BUILD_OUTDATED: the caller forgets everything and starts again.
 */
#include "tenant_acl.h"

#include "access/transam.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "cache_int.h"
#include "fault.h"

/* What a user has, as read. */
typedef struct DraftItem
{
	const TenantNode *tenant;
	Item		item;			/* without limits */
	Limits		limits;
	TaclName	pattern;		/* of a direct grant that is not compiled yet */
} DraftItem;

struct Draft
{
	StoreReader *reader;
	TaclName	user;
	bool		disabled;
	uint64		stamp;
	TransactionId snap_xmin;
	DraftItem  *items;			/* by tenant; roles before grants */
	int			count;
	int			room;
};

/* A set of ids, for walks that must not visit anything twice. */
typedef struct IdSlot
{
	int64		key;
	char		status;
} IdSlot;

#define SH_PREFIX idset
#define SH_ELEMENT_TYPE IdSlot
#define SH_KEY_TYPE int64
#define SH_KEY key
#define SH_HASH_KEY(tb, key) murmurhash32((uint32) (key) ^ (uint32) ((key) >> 32))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* A walk over a graph of ids, breadth first. */
typedef struct IdWalk
{
	idset_hash *seen;
	int64	   *queue;
	int			count;
	int			room;
	int			next;
} IdWalk;

/*
 * Walks
 */

/* Starts an empty walk. */
static void
walk_begin(IdWalk *walk)
{
	walk->seen = idset_create(CurrentMemoryContext, 16, NULL);
	walk->room = 16;
	walk->queue = palloc(sizeof(int64) * walk->room);
	walk->count = 0;
	walk->next = 0;
}

/* Queues an id unless it was queued before. */
static void
walk_add(IdWalk *walk, int64 id)
{
	bool		found;

	(void) idset_insert(walk->seen, id, &found);
	if (found)
		return;
	if (walk->count == walk->room)
	{
		walk->room *= 2;
		walk->queue = repalloc_huge(walk->queue,
									sizeof(int64) * (Size) walk->room);
	}
	walk->queue[walk->count++] = id;
}

/* Queues several ids. */
static void
walk_add_all(IdWalk *walk, IdArray ids)
{
	for (int i = 0; i < ids.count; i++)
		walk_add(walk, ids.items[i]);
}

/* Takes the next id from the queue; false at the end. */
static bool
walk_next(IdWalk *walk, int64 *id)
{
	CHECK_FOR_INTERRUPTS();
	if (walk->next == walk->count)
		return false;
	*id = walk->queue[walk->next++];
	return true;
}

/*
 * Packing: pieces are copied into one chunk whose size was added up before.
 */

/* Copies a piece to *next, which moves on. */
static void *
pack(char **next, const void *data, Size size)
{
	char	   *at = *next;

	if (size > 0)
		memcpy(at, data, size);
	*next += MAXALIGN(size);
	return at;
}

/* Copies the bytes of a name. */
static TaclName
pack_name(char **next, TaclName name)
{
	TaclName	copy;

	copy.data = pack(next, name.data, name.len);
	copy.len = name.len;
	return copy;
}

/* Compiles patterns, or returns NULL where there are none to compile. */
static PermSet *
compile_if(bool wanted, PatternArray patterns)
{
	return wanted ? permset_compile(patterns.items, patterns.count) : NULL;
}

/* Bytes that a set takes in a chunk. */
static Size
packed_set_size(const PermSet *set)
{
	return set != NULL ? MAXALIGN(permset_size(set)) : 0;
}

/* Copies a set; NULL stays NULL. */
static PermSet *
pack_set(char **next, const PermSet *set)
{
	return set != NULL ? pack(next, set, permset_size(set)) : NULL;
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
	TenantRow	row;

	for (proved = node; proved != NULL && proved->last_stamp != stamp;
		 proved = proved->parent)
	{
		if (!store_tenant(reader, proved->id, &row) ||
			!row_version_equal(&row.version, &proved->version))
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

/* Finds or reads a tenant, "below" levels above the one asked for. */
static BuildOutcome
find_tenant(StoreReader *reader, TaclName id, int below, TenantNode **node)
{
	TenantNode *parent = NULL;
	TenantRow	row;
	BuildOutcome outcome;

	*node = cached_tenant(id);
	if (*node != NULL)
		return prove_chain(reader, *node);
	if (below > TACL_MAX_WALK || !store_tenant(reader, id, &row))
		return BUILD_NO_TENANT;
	if (row.parent.data != NULL)
	{
		outcome = find_tenant(reader, row.parent, below + 1, &parent);
		if (outcome != BUILD_DONE)
			return outcome;
	}
	*node = add_tenant(&row, parent, reader->stamp);
	return BUILD_DONE;
}

/*
 * Finds or reads a tenant with its chain. BUILD_NO_TENANT if it, or anything
 * above it, is not registered.
 */
BuildOutcome
build_tenant(StoreReader *reader, TaclName id, TenantNode **node)
{
	return find_tenant(reader, id, 0, node);
}

/* Is this name the tenant's or an ancestor's? */
static bool
is_at_or_above(TaclName name, const TenantNode *tenant)
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
		RowVersion	version;

		if (!store_role_version(reader, member->id, &version) ||
			!row_version_equal(&version, &member->version) ||
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
	TaclName	tenant;			/* of the role itself */
	RoleMember *members;
	int			nmembers;
	TaclName   *patterns;
	int			npatterns;
	int			room_members;
	int			room_patterns;
} Closure;

/* Adds a role to a closure. */
static void
closure_add(Closure *closure, const RoleRow *row, IdArray includes)
{
	RoleMember *member;

	if (closure->nmembers == closure->room_members)
	{
		closure->room_members = closure->room_members * 2 + 8;
		closure->members = closure->members == NULL ?
			palloc(sizeof(RoleMember) * closure->room_members) :
			repalloc_huge(closure->members,
						  sizeof(RoleMember) * (Size) closure->room_members);
	}
	if (closure->npatterns + row->patterns.count > closure->room_patterns)
	{
		closure->room_patterns = closure->room_patterns * 2 +
			row->patterns.count + 8;
		closure->patterns = closure->patterns == NULL ?
			palloc(sizeof(TaclName) * closure->room_patterns) :
			repalloc_huge(closure->patterns,
						  sizeof(TaclName) * (Size) closure->room_patterns);
	}
	member = &closure->members[closure->nmembers++];
	member->id = row->id;
	member->version = row->version;
	member->name = row->name;
	member->includes = includes;
	for (int i = 0; i < row->patterns.count; i++)
		closure->patterns[closure->npatterns++] = row->patterns.items[i];
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
		if (closure->nmembers == 0)
		{
			if (next != id)
				return false;
			closure->tenant = row.tenant;
		}
		includes = store_role_includes(reader, next);
		closure_add(closure, &row, includes);
		walk_add_all(&walk, includes);
	}
	return closure->nmembers > 0;
}

/* Bytes of a compiled role in one piece. */
static Size
role_size(const Closure *closure, const PermSet *set)
{
	Size		size = MAXALIGN(sizeof(CompiledRole)) +
		MAXALIGN(sizeof(RoleMember) * closure->nmembers) +
		MAXALIGN(closure->tenant.len) + packed_set_size(set);

	for (int i = 0; i < closure->nmembers; i++)
		size += MAXALIGN(closure->members[i].name.len) +
			MAXALIGN(sizeof(int64) * closure->members[i].includes.count);
	return size;
}

/* Compiles a closure into one piece, and caches it. */
static CompiledRole *
add_role(const Closure *closure, uint64 stamp)
{
	PermSet    *set = permset_compile(closure->patterns, closure->npatterns);
	char	   *next = MemoryContextAllocHuge(cache_base_context(),
											  role_size(closure, set));
	CompiledRole *role = (CompiledRole *) next;

	next += MAXALIGN(sizeof(CompiledRole));
	role->id = closure->members[0].id;
	role->stamp = stamp;
	role->nmembers = closure->nmembers;
	role->members = pack(&next, closure->members,
						 sizeof(RoleMember) * closure->nmembers);
	role->tenant = pack_name(&next, closure->tenant);
	role->set = pack_set(&next, set);
	for (int i = 0; i < role->nmembers; i++)
	{
		RoleMember *member = &role->members[i];

		member->name = pack_name(&next, member->name);
		member->includes.items = pack(&next, member->includes.items,
									  sizeof(int64) * member->includes.count);
	}
	cache_add_role(role);
	return role;
}

/* Finds or compiles a role; *role is NULL if there is none. */
static BuildOutcome
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

/*
 * Users
 */

/* Adds room for one more item. */
static DraftItem *
draft_add(Draft *draft)
{
	if (draft->count == draft->room)
	{
		draft->room = draft->room * 2 + 8;
		draft->items = draft->items == NULL ?
			palloc(sizeof(DraftItem) * draft->room) :
			repalloc_huge(draft->items,
						  sizeof(DraftItem) * (Size) draft->room);
	}
	return memset(&draft->items[draft->count++], 0, sizeof(DraftItem));
}

/*
 * Adds one assignment, made to the user or to a group. What refers to nothing
 * is left out.
 */
static BuildOutcome
add_assignment(Draft *draft, const AssignmentRow *row, const GroupRow *group)
{
	TenantNode *tenant;
	CompiledRole *role = NULL;
	DraftItem  *added;
	BuildOutcome outcome = build_tenant(draft->reader, row->tenant, &tenant);

	if (outcome == BUILD_NO_TENANT)
		return BUILD_DONE;
	if (outcome == BUILD_DONE && row->role_id != 0)
		outcome = build_role(draft->reader, row->role_id, &role);
	if (outcome != BUILD_DONE || (row->role_id != 0 && role == NULL))
		return outcome;

	added = draft_add(draft);
	added->tenant = tenant;
	added->pattern = row->pattern;
	added->item.role = role;
	added->item.set = role != NULL ? role->set : NULL;
	added->limits.starts_at = row->starts_at;
	added->limits.expires_at = row->expires_at;
	added->limits.visible =
		(role == NULL || is_at_or_above(role->tenant, tenant)) &&
		(group == NULL || is_at_or_above(group->tenant, tenant));
	return BUILD_DONE;
}

/* Adds several assignments. */
static BuildOutcome
add_assignments(Draft *draft, AssignmentArray rows, const GroupRow *group)
{
	for (int i = 0; i < rows.count; i++)
	{
		BuildOutcome outcome = add_assignment(draft, &rows.items[i], group);

		if (outcome != BUILD_DONE)
			return outcome;
		CHECK_FOR_INTERRUPTS();
	}
	return BUILD_DONE;
}

/* Adds what comes through the user's groups, and the groups that include them. */
static BuildOutcome
add_groups(Draft *draft)
{
	StoreReader *reader = draft->reader;
	IdWalk		walk;
	int64		id;

	walk_begin(&walk);
	walk_add_all(&walk, store_user_groups(reader, draft->user));
	while (walk_next(&walk, &id))
	{
		GroupRow	group;
		BuildOutcome outcome;

		if (!store_group(reader, id, &group))
			continue;
		outcome = add_assignments(draft, store_group_assignments(reader, id),
								  &group);
		if (outcome != BUILD_DONE)
			return outcome;
		walk_add_all(&walk, store_groups_including(reader, id));
	}
	return BUILD_DONE;
}

/* Three-way comparison. */
#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

/* Orders by tenant, roles before grants, then by limits. */
static int
compare_items(const void *left, const void *right)
{
	const DraftItem *a = left;
	const DraftItem *b = right;
	int			order = COMPARE((uintptr_t) a->tenant, (uintptr_t) b->tenant);

	if (order == 0)
		order = COMPARE(a->item.role == NULL, b->item.role == NULL);
	if (order == 0)
		order = COMPARE(a->limits.starts_at, b->limits.starts_at);
	if (order == 0)
		order = COMPARE(a->limits.expires_at, b->limits.expires_at);
	if (order == 0)
		order = COMPARE(a->limits.visible, b->limits.visible);
	return order;
}

/* Are these two grants that can share one set? */
static bool
can_merge(const DraftItem *a, const DraftItem *b)
{
	return a->item.role == NULL && compare_items(a, b) == 0;
}

/* Compiles runs of direct grants, each into the first one of the run. */
static void
merge_grants(Draft *draft)
{
	int			kept = 0;
	int			i = 0;
	TaclName   *patterns = palloc(sizeof(TaclName) * Max(draft->count, 1));

	while (i < draft->count)
	{
		DraftItem	first = draft->items[i];
		int			count = 0;

		if (first.item.role != NULL)
			i++;
		else
		{
			while (i < draft->count && can_merge(&first, &draft->items[i]))
				patterns[count++] = draft->items[i++].pattern;
			first.item.set = permset_compile(patterns, count);
		}
		draft->items[kept++] = first;
	}
	draft->count = kept;
}

/* Reads all that reaches a user. */
BuildOutcome
build_draft(StoreReader *reader, TaclName user, Draft **result)
{
	Draft	   *draft = palloc0(sizeof(Draft));
	BuildOutcome outcome = BUILD_DONE;

	draft->reader = reader;
	draft->user = user;
	draft->stamp = reader->stamp;
	draft->snap_xmin = reader->snapshot->xmin;
	draft->disabled = store_user_disabled(reader, user);
	if (!draft->disabled)
	{
		AssignmentArray rows = store_user_assignments(reader, user);

		fault_point("build-after-assignments");
		outcome = add_assignments(draft, rows, NULL);
		if (outcome == BUILD_DONE)
			outcome = add_groups(draft);
	}
	if (outcome == BUILD_DONE && draft->count > 0)
	{
		qsort(draft->items, draft->count, sizeof(DraftItem), compare_items);
		merge_grants(draft);
	}
	*result = draft;
	return outcome;
}

/* Number of different tenants in a draft. */
static int
draft_slots(const Draft *draft)
{
	int			slots = 0;

	for (int i = 0; i < draft->count; i++)
		slots += (i == 0 ||
				  draft->items[i].tenant != draft->items[i - 1].tenant);
	return slots;
}

/* Does the item have to be stored with limits? */
static bool
is_limited(const DraftItem *item)
{
	return item->limits.starts_at != DT_NOBEGIN ||
		item->limits.expires_at != DT_NOEND || !item->limits.visible;
}

/* Bytes that the user will take in one piece. */
Size
draft_size(const Draft *draft)
{
	Size		size = MAXALIGN(sizeof(UserEntry)) +
		MAXALIGN(draft->user.len) +
		MAXALIGN(sizeof(Slot) * (Size) draft_slots(draft)) +
		MAXALIGN(sizeof(Item) * (Size) draft->count);

	for (int i = 0; i < draft->count; i++)
	{
		if (draft->items[i].item.role == NULL)
			size += packed_set_size(draft->items[i].item.set);
		if (is_limited(&draft->items[i]))
			size += MAXALIGN(sizeof(Limits));
	}
	return size;
}

/* Points each slot to the one of its tenant's nearest ancestor. */
static void
link_slots(UserEntry *entry)
{
	for (int i = 0; i < entry->nslots; i++)
	{
		const TenantNode *above = entry->slots[i].tenant->parent;
		int			up = NO_SLOT;

		for (; above != NULL && up == NO_SLOT; above = above->parent)
			up = slot_of(entry, above);
		entry->slots[i].up = up;
	}
}

/* Copies an item with what belongs to it alone. */
static Item
pack_item(char **next, const DraftItem *from)
{
	Item		item = from->item;

	if (item.role == NULL)
		item.set = pack_set(next, item.set);
	if (is_limited(from))
		item.limits = pack(next, &from->limits, sizeof(Limits));
	return item;
}

/* Fills slots and items. */
static void
fill_slots(UserEntry *entry, const Draft *draft, char **next)
{
	Slot	   *slot = entry->slots - 1;

	for (int i = 0; i < draft->count; i++)
	{
		const DraftItem *from = &draft->items[i];

		if (i == 0 || from->tenant != draft->items[i - 1].tenant)
		{
			slot++;
			slot->tenant = from->tenant;
			slot->first_item = i;
			slot->nitems = 0;
		}
		entry->items[i] = pack_item(next, from);
		slot->nitems++;
	}
}

/* Puts a draft into one piece in the context given. */
UserEntry *
draft_finish(const Draft *draft, MemoryContext context)
{
	char	   *next = MemoryContextAllocHuge(context, draft_size(draft));
	UserEntry  *entry = (UserEntry *) next;

	next += MAXALIGN(sizeof(UserEntry));
	entry->user = pack_name(&next, draft->user);
	entry->age = 0;
	entry->disabled = draft->disabled;
	entry->stamp = draft->stamp;
	entry->snap_xmin = draft->snap_xmin;
	entry->nslots = draft_slots(draft);
	entry->slots = (Slot *) next;
	next += MAXALIGN(sizeof(Slot) * (Size) entry->nslots);
	entry->items = (Item *) next;
	next += MAXALIGN(sizeof(Item) * (Size) draft->count);
	fill_slots(entry, draft, &next);
	link_slots(entry);
	return entry;
}
