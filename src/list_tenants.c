/*
 * list_tenants.c
 *		Where a user has something.
 *
 * What a user may do at a tenant depends on the nearest tenant upwards where
 * something was assigned to them. So each of those is decided about once, and
 * holds for all below it down to the next. Only what is listed is read.
 */
#include "tenant_acl.h"

#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "list_int.h"

/* What is told about each tenant of a subtree. */
typedef struct Below
{
	TaclName	id;				/* in memory of its own */
	bool		suspended;		/* the tenant or one above */
} Below;

/* A walk down from one tenant. */
typedef struct WalkDown
{
	StoreReader *reader;
	const UserEntry *entry;
	Below	   *waiting;		/* a stack */
	int			count;
	int			room;
} WalkDown;

/* Puts a tenant on the stack. */
static void
push(WalkDown *walk, TaclName id, bool suspended)
{
	if (walk->count == walk->room)
		walk->waiting = list_grow(walk->waiting, &walk->room, sizeof(Below));
	walk->waiting[walk->count].id = id;
	walk->waiting[walk->count].suspended = suspended;
	walk->count++;
}

/* Was anything assigned to the user at this very tenant? */
static bool
is_slot(const UserEntry *entry, TaclName id)
{
	const TenantNode *node = cached_tenant(id);

	return node != NULL && slot_of(entry, node) != NO_SLOT;
}

/* Starts a walk down from the tenant of a slot. */
static void
walk_down_begin(WalkDown *walk, StoreReader *reader, const UserEntry *entry,
				const TenantNode *from)
{
	memset(walk, 0, sizeof(*walk));
	walk->reader = reader;
	walk->entry = entry;
	push(walk, name_copy(from->id), tenant_is_suspended(from));
}

/*
 * Takes the next tenant, and puts its children on the stack that are not slots
 * themselves; false at the end. The tree has no cycle below a tenant whose
 * chain is sound.
 */
static bool
walk_down_next(WalkDown *walk, Below *next)
{
	ChildArray	children;

	CHECK_FOR_INTERRUPTS();
	if (walk->count == 0)
		return false;
	*next = walk->waiting[--walk->count];
	children = store_children(walk->reader, next->id);
	for (int i = 0; i < children.count; i++)
	{
		const ChildRow *child = &children.items[i];

		if (!is_slot(walk->entry, child->id))
			push(walk, child->id, next->suspended || child->suspended);
	}
	if (children.items != NULL)
		pfree(children.items);
	return true;
}

/* Is it the root, which is in no list? */
static bool
is_root(TaclName id)
{
	return id.len == 1 && id.data[0] == TACL_ROOT[0];
}

/*
 * Tenants
 */

/* A question for tenants. */
typedef struct TenantsQuestion
{
	TaclName	user;
	TaclName	permission;		/* data is NULL: anything */
	NameArray	tenants;
	int			room;
} TenantsQuestion;

/*
 * Is it plain that something is allowed at a slot? By items from there upwards,
 * none of which denies, is limited in time or is cut.
 */
static bool
allows_plainly(const UserEntry *entry, int slot)
{
	int			bits = 0;

	for (; slot != NO_SLOT; slot = entry->slots[slot].up)
	{
		const Slot *at = &entry->slots[slot];

		if (at->tenant->cut != NULL)
			return false;
		for (int i = at->first_item; i < at->first_item + at->nitems; i++)
		{
			if (entry->items[i].limits != NULL)
				return false;
			bits |= permset_bits(entry->items[i].set);
		}
	}
	return bits == PERMSET_ALLOW;
}

/* Is anything allowed at the tenant? In memory that goes at once. */
static bool
allows_anything(StoreReader *reader, const Draft *draft,
				const TenantNode *tenant)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext scratch = AllocSetContextCreate(caller,
												  "tenant_acl permissions",
												  ALLOCSET_DEFAULT_SIZES);
	Permissions permissions;

	MemoryContextSwitchTo(scratch);
	effective_permissions(reader, draft, tenant, &permissions);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(scratch);
	return permissions.allows.count > 0;
}

/* Is what is asked for allowed at a slot, and so at what is below it? */
static bool
slot_answers(StoreReader *reader, const TenantsQuestion *question,
			 const Draft *draft, const UserEntry *entry, int slot)
{
	Standing	standing = {entry, entry->slots[slot].tenant};

	if (question->permission.data != NULL)
		return standing_can(&standing, question->permission);
	return allows_plainly(entry, slot) ||
		allows_anything(reader, draft, standing.tenant);
}

/* Reads the tenants. */
static BuildOutcome
read_tenants(StoreReader *reader, void *arg)
{
	TenantsQuestion *question = arg;
	Draft		draft;
	UserEntry  *entry;
	BuildOutcome outcome = read_user(reader, question->user, &draft);

	question->tenants.count = 0;
	if (outcome != BUILD_DONE)
		return outcome;
	entry = draft_entry(&draft);
	for (int i = 0; i < entry->nslots; i++)
	{
		WalkDown	walk;
		Below		next;

		if (!slot_answers(reader, question, &draft, entry, i))
			continue;
		walk_down_begin(&walk, reader, entry, entry->slots[i].tenant);
		while (walk_down_next(&walk, &next))
		{
			if (!is_root(next.id))
				names_add(&question->tenants, &question->room, next.id);
		}
	}
	return outcome;
}

/* The tenants that answer yes, in order. */
static NameArray
find_tenants(TaclName user, TaclName permission)
{
	TenantsQuestion question = {.user = user, .permission = permission};

	cache_read(read_tenants, &question);
	names_sort(&question.tenants);
	return question.tenants;
}

/* The tenants where the user may do this; see list.h. */
NameArray
list_tenants_allowing(TaclName user, TaclName permission)
{
	return find_tenants(user, permission);
}

/* The tenants where there is anything that the user may do. */
NameArray
list_tenants(TaclName user)
{
	const TaclName anything = {NULL, 0};

	return find_tenants(user, anything);
}

/*
 * Memberships
 */

/* A question for memberships. */
typedef struct MembershipsQuestion
{
	TaclName	user;
	int			limit;			/* 0: none */
	PreferenceRow preference;
	MembershipArray rows;
	int			room;
} MembershipsQuestion;

/* Leaves only what makes the user belong to a tenant. */
static void
keep_memberships(Draft *draft)
{
	int			kept = 0;

	for (int i = 0; i < draft->count; i++)
	{
		if (holding_is_membership(&draft->items[i]))
			draft->items[kept++] = draft->items[i];
	}
	draft->count = kept;
}

/* What the user has from a slot upwards. */
static void
describe_slot(const Draft *draft, const UserEntry *entry, int slot,
			  Membership *row)
{
	int			room = 0;

	memset(row, 0, sizeof(*row));
	row->expires_at = DT_NOBEGIN;
	for (; slot != NO_SLOT; slot = entry->slots[slot].up)
	{
		HoldingRun	run = holdings_at(draft, entry->slots[slot].tenant);

		for (int i = 0; i < run.count; i++)
		{
			const Holding *holding = &run.items[i];

			if (holding->role != NULL)
				names_add(&row->roles, &room,
						  name_copy(holding->role->members[0].name));
			row->expires_at = Max(row->expires_at, holding->limits.expires_at);
		}
	}
	names_sort(&row->roles);
}

/* Adds the tenants from a slot downwards. */
static void
add_memberships(StoreReader *reader, MembershipsQuestion *question,
				const Draft *draft, const UserEntry *entry, int slot)
{
	TaclName	from = entry->slots[slot].tenant->id;
	TaclName	primary = question->preference.primary;
	Membership	row;
	WalkDown	walk;
	Below		next;

	describe_slot(draft, entry, slot, &row);
	walk_down_begin(&walk, reader, entry, entry->slots[slot].tenant);
	while (walk_down_next(&walk, &next))
	{
		if (question->limit > 0 && question->rows.count == question->limit)
			break;
		if (is_root(next.id))
			continue;
		row.tenant = next.id;
		row.suspended = next.suspended;
		row.primary = primary.data != NULL && name_equal(primary, next.id);
		row.inherited_from.data = NULL;
		if (!name_equal(from, next.id))
			row.inherited_from = name_copy(from);
		*LIST_ADD(&question->rows, question->room) = row;
	}
}

/* Reads the memberships. */
static BuildOutcome
read_memberships(StoreReader *reader, void *arg)
{
	MembershipsQuestion *question = arg;
	Draft		draft;
	UserEntry  *entry;
	BuildOutcome outcome = read_user(reader, question->user, &draft);

	question->rows.count = 0;
	if (outcome != BUILD_DONE)
		return outcome;
	memset(&question->preference, 0, sizeof(PreferenceRow));
	(void) store_preference(reader, question->user, &question->preference);
	keep_memberships(&draft);
	entry = draft_entry(&draft);
	for (int i = 0; i < entry->nslots; i++)
		add_memberships(reader, question, &draft, entry, i);
	return outcome;
}

/* Orders by tenant. */
static int
compare_memberships(const void *a, const void *b)
{
	return compare_names(&((const Membership *) a)->tenant,
						 &((const Membership *) b)->tenant);
}

/* The tenants that the user belongs to; see list.h. */
MembershipArray
list_memberships(TaclName user, int limit)
{
	MembershipsQuestion question = {.user = user, .limit = limit};

	cache_read(read_memberships, &question);
	if (question.rows.count > 1)
		qsort(question.rows.items, question.rows.count, sizeof(Membership),
			  compare_memberships);
	return question.rows;
}
