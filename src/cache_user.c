/*
 * cache_user.c
 *		Users, from tables to what the cache holds.
 *
 * What reaches a user is read into a draft, one holding per assignment or
 * grant. For answering, direct grants are merged and all is put into one
 * piece; lists and explanations look at the holdings one by one.
 */
#include "tenant_acl.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "cache_int.h"
#include "fault.h"
#include "pack.h"
#include "walk.h"

/* Says what an assignment gives. */
void
set_holding(Holding *holding, const AssignmentRow *row,
			const TenantNode *tenant, const CompiledRole *role,
			const GroupRow *group)
{
	holding->tenant = tenant;
	holding->role = role;
	holding->set = role != NULL ? role->set : NULL;
	holding->group = group;
	holding->pattern = row->pattern;
	holding->limits.starts_at = row->starts_at;
	holding->limits.expires_at = row->expires_at;
	holding->limits.visible =
		(role == NULL || tenant_is_at_or_below(tenant, role->members[0].tenant)) &&
		(group == NULL || tenant_is_at_or_below(tenant, group->tenant));
}

/*
 * Finds or reads the tenant of an assignment. For an answer, one that is cached
 * may be older than the snapshot: whoever asks about it, or a tenant below it,
 * has to prove that it was still so when the user was read; see is_coherent().
 * Most are not asked about before the user is forgotten.
 */
static BuildOutcome
find_tenant_of(Draft *draft, TaclName id, TenantNode **tenant)
{
	*tenant = draft->for_answer ? cached_tenant(id) : NULL;
	return *tenant != NULL ? BUILD_DONE :
		build_tenant(draft->reader, id, tenant);
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
	BuildOutcome outcome = find_tenant_of(draft, row->tenant, &tenant);

	if (outcome == BUILD_NO_TENANT)
		return BUILD_DONE;
	if (outcome == BUILD_DONE && row->role_id != 0)
		outcome = build_role(draft->reader, row->role_id, &role);
	if (outcome != BUILD_DONE || (row->role_id != 0 && role == NULL))
		return outcome;

	set_holding(ARRAY_ADD(draft, draft->room), row, tenant, role, group);
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
		GroupRow   *group = palloc(sizeof(GroupRow));
		BuildOutcome outcome;

		if (!store_group(reader, id, group))
			continue;
		outcome = add_assignments(draft, store_group_assignments(reader, id),
								  group);
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
	const Holding *a = left;
	const Holding *b = right;
	int			order = COMPARE((uintptr_t) a->tenant, (uintptr_t) b->tenant);

	if (order == 0)
		order = COMPARE(a->role == NULL, b->role == NULL);
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
can_merge(const Holding *a, const Holding *b)
{
	return a->role == NULL && compare_items(a, b) == 0;
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
		Holding		first = draft->items[i];
		int			count = 0;

		if (first.role != NULL)
			i++;
		else
		{
			while (i < draft->count && can_merge(&first, &draft->items[i]))
				patterns[count++] = draft->items[i++].pattern;
			first.set = permset_compile(patterns, count);
		}
		draft->items[kept++] = first;
	}
	draft->count = kept;
}

/* Orders and merges what was read. */
static void
draft_compile(Draft *draft)
{
	if (draft->count == 0)
		return;
	qsort(draft->items, draft->count, sizeof(Holding), compare_items);
	merge_grants(draft);
}

/* Reads all that reaches a user, also one who is disabled. */
static BuildOutcome
fill_draft(StoreReader *reader, TaclName user, bool for_answer, Draft *draft)
{
	AssignmentArray rows;
	BuildOutcome outcome;

	memset(draft, 0, sizeof(Draft));
	draft->for_answer = for_answer;
	draft->reader = reader;
	draft->user = user;
	draft->stamp = reader->stamp;
	draft->snap_xmin = reader->snapshot->xmin;
	draft->disabled = store_user_disabled(reader, user);
	rows = store_user_assignments(reader, user);
	fault_point("build-after-assignments");
	outcome = add_assignments(draft, rows, NULL);
	return outcome == BUILD_DONE ? add_groups(draft) : outcome;
}

/* The same for lists and explanations, which look at all tenants. */
BuildOutcome
draft_read(StoreReader *reader, TaclName user, Draft *draft)
{
	return fill_draft(reader, user, false, draft);
}

/* Reads all that reaches a user, ready for draft_finish(). */
BuildOutcome
build_draft(StoreReader *reader, TaclName user, Draft **result)
{
	BuildOutcome outcome;

	*result = palloc(sizeof(Draft));
	outcome = fill_draft(reader, user, true, *result);
	if ((*result)->disabled)
		(*result)->count = 0;
	if (outcome == BUILD_DONE)
		draft_compile(*result);
	return outcome;
}

/*
 * The entry that answers for a draft that draft_read() has filled, in
 * CurrentMemoryContext; the draft stays as it is.
 */
UserEntry *
draft_entry(const Draft *draft)
{
	Draft		copy = *draft;

	copy.count = draft->disabled ? 0 : draft->count;
	copy.items = palloc_extended(sizeof(Holding) * (Size) Max(copy.count, 1),
								 MCXT_ALLOC_HUGE);
	memcpy(copy.items, draft->items, sizeof(Holding) * (Size) copy.count);
	draft_compile(&copy);
	return draft_finish(&copy, CurrentMemoryContext);
}

/* Does the item have to be stored with limits? */
static bool
is_limited(const Holding *item)
{
	return item->limits.starts_at != DT_NOBEGIN ||
		item->limits.expires_at != DT_NOEND || !item->limits.visible;
}

/* What of a draft becomes one slot. */
static HoldingRun
run_at(const Draft *draft, int first)
{
	HoldingRun	run = {draft->items + first, 1};

	while (first + run.count < draft->count &&
		   run.items[run.count].tenant == run.items->tenant)
		run.count++;
	return run;
}

/* Is that one role without limits, which needs no item? */
static bool
is_bare_role(HoldingRun run)
{
	return run.count == 1 && run.items->role != NULL && !is_limited(run.items);
}

/* Does anything in it have to be stored with limits? */
static bool
is_any_limited(HoldingRun run)
{
	for (int i = 0; i < run.count; i++)
	{
		if (is_limited(&run.items[i]))
			return true;
	}
	return false;
}

/* Number of different tenants in a draft. */
static int
draft_slots(const Draft *draft)
{
	int			slots = 0;

	for (int i = 0; i < draft->count; i += run_at(draft, i).count)
		slots++;
	return slots;
}

/* Number of items that its slots need. */
static int
draft_items(const Draft *draft)
{
	HoldingRun	run;
	int			items = 0;

	for (int i = 0; i < draft->count; i += run.count)
	{
		run = run_at(draft, i);
		if (!is_bare_role(run))
			items += run.count;
	}
	return items;
}

/* Bytes that the user will take in one piece. */
Size
draft_size(const Draft *draft)
{
	Size		size = MAXALIGN(sizeof(UserEntry)) +
		MAXALIGN(draft->user.len) +
		MAXALIGN(sizeof(Slot) * (Size) draft_slots(draft)) +
		MAXALIGN(sizeof(Item) * (Size) draft_items(draft));

	for (int i = 0; i < draft->count; i++)
	{
		if (draft->items[i].role == NULL)
			size += packed_set_size(draft->items[i].set);
		if (is_limited(&draft->items[i]))
			size += MAXALIGN(sizeof(Limits));
	}
	return size;
}

/* Points each slot to the one of its tenant's nearest ancestor. */
static void
link_slots(UserEntry *entry)
{
	for (int i = 0; i < (int) entry->nslots; i++)
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
pack_item(char **next, const Holding *from)
{
	Item		item = {from->role, from->set, NULL};

	if (item.role == NULL)
		item.set = pack_set(next, item.set);
	if (is_limited(from))
		item.limits = pack(next, &from->limits, sizeof(Limits));
	return item;
}

/* Fills a slot with what was assigned there, and items as it needs them. */
static void
fill_slot(Slot *slot, HoldingRun run, Item **items, char **next)
{
	slot->tenant = run.items->tenant;
	if (is_bare_role(run))
	{
		slot->assigned.role = run.items->role;
		slot->nitems = 0;
		return;
	}
	slot->assigned.items = *items;
	slot->nitems = run.count;
	for (int i = 0; i < run.count; i++)
		*(*items)++ = pack_item(next, &run.items[i]);
}

/* Puts a draft into one piece in the context given. */
UserEntry *
draft_finish(const Draft *draft, MemoryContext context)
{
	char	   *next = MemoryContextAllocHuge(context, draft_size(draft));
	UserEntry  *entry = (UserEntry *) next;
	Item	   *items;
	HoldingRun	run;

	next += MAXALIGN(sizeof(UserEntry));
	entry->user = pack_name(&next, draft->user);
	entry->age = 0;
	entry->marks = 0;
	entry->stamp = draft->stamp;
	entry->snap_xmin = draft->snap_xmin;
	entry->slots = (Slot *) next;
	entry->nslots = draft_slots(draft);
	entry->limited = false;
	next += MAXALIGN(sizeof(Slot) * (Size) entry->nslots);
	items = (Item *) next;
	next += MAXALIGN(sizeof(Item) * (Size) draft_items(draft));
	for (int i = 0, first = 0; first < draft->count; i++, first += run.count)
	{
		run = run_at(draft, first);
		fill_slot(&entry->slots[i], run, &items, &next);
		entry->marks |= run.items->tenant->mark;
		entry->limited |= is_any_limited(run);
	}
	link_slots(entry);
	return entry;
}
