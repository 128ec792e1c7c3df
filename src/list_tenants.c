/*
 * list_tenants.c
 *		Where a user has something.
 *
 * What a user may do at a tenant depends on the nearest tenant upwards where
 * something was assigned to them. So each of those is decided about once, and
 * holds for all below it down to the next. Only what is listed is read.
 */
#include "tenant_acl.h"

#include "utils/memutils.h"

#include "list_int.h"
#include "session.h"

/*
 * Tenants
 */

/* A question for tenants. */
typedef struct TenantsQuestion
{
	TaclName	user;
	Permission	permission;		/* its name's data is NULL: anything */
	bool		with_root;
	int			limit;			/* 0: none */
	TenantList	list;
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
		Item		room;
		const Item *items;
		int			count = slot_items(at, &room, &items);

		if (at->tenant->cut != NULL)
			return false;
		for (int i = 0; i < count; i++)
		{
			if (items[i].limits != NULL)
				return false;
			bits |= permset_bits(items[i].set);
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
	bool		found;

	MemoryContextSwitchTo(scratch);
	found = any_permission(reader, draft, tenant);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(scratch);
	return found;
}

/* Is what is asked for allowed at a slot, and so at what is below it? */
static bool
slot_answers(StoreReader *reader, const TenantsQuestion *question,
			 const Draft *draft, const UserEntry *entry, int slot)
{
	Standing	standing = {entry, entry->slots[slot].tenant};

	if (question->permission.name.data != NULL)
		return standing_allows(&standing, &question->permission);
	return allows_plainly(entry, slot) ||
		allows_anything(reader, draft, standing.tenant);
}

/* With so many known and not yet listed, are there more than wanted? */
static bool
is_too_many(const TenantsQuestion *question, int waiting)
{
	return question->limit > 0 &&
		question->list.tenants.count + waiting > question->limit;
}

/* Adds the tenant of a slot and what is below it. */
static void
add_tenants(StoreReader *reader, TenantsQuestion *question,
			const UserEntry *entry, int slot)
{
	TenantList *list = &question->list;
	int			enough = question->limit == 0 ? 0 : question->limit + 1;
	WalkDown	walk;
	Below		next;

	walk_down_begin(&walk, reader, entry, entry->slots[slot].tenant, enough);
	while (list->complete && walk_down_next(&walk, &next))
	{
		if (question->with_root || !name_is_root(next.id))
			names_add(&list->tenants, &question->room, next.id);
		list->complete = !is_too_many(question, walk.count);
	}
}

/* Finds out how long a list will hold that was made from what a user has. */
static void
set_validity(TenantList *list, const Draft *draft)
{
	list->from = session_now();
	list->until = DT_NOEND;
	for (int i = 0; i < draft->count; i++)
	{
		const Limits *limits = &draft->items[i].limits;

		if (list->from < limits->starts_at)
			list->until = Min(list->until, limits->starts_at);
		else if (list->from < limits->expires_at)
			list->until = Min(list->until, limits->expires_at);
	}
}

/* Reads the tenants. */
static BuildOutcome
read_tenants(StoreReader *reader, void *arg)
{
	TenantsQuestion *question = arg;
	Draft		draft;
	UserEntry  *entry;
	BuildOutcome outcome = read_user(reader, question->user, &draft);

	question->list.tenants.count = 0;
	question->list.complete = true;
	if (outcome != BUILD_DONE)
		return outcome;
	set_validity(&question->list, &draft);
	entry = draft_entry(&draft);
	for (int i = 0; i < (int) entry->nslots && question->list.complete; i++)
	{
		if (slot_answers(reader, question, &draft, entry, i))
			add_tenants(reader, question, entry, i);
	}
	return outcome;
}

/* The tenants where the user may do this; see list_int.h. */
TenantList
list_tenants_to(TaclName user, TaclName permission, int limit, bool with_root)
{
	TenantsQuestion question = {
		.user = user,
		.with_root = with_root,
		.limit = limit
	};

	if (permission.data != NULL)
		(void) permission_read(permission, &question.permission);
	cache_read(read_tenants, &question);
	return question.list;
}

/* All of them but the root, in order. */
NameArray
list_tenants_allowing(TaclName user, TaclName permission)
{
	NameArray	tenants = list_tenants_to(user, permission, 0, false).tenants;

	names_sort(&tenants);
	return tenants;
}

/* All of them with the root, in no order. */
NameArray
list_tenants_and_root(TaclName user, TaclName permission)
{
	return list_tenants_to(user, permission, 0, true).tenants;
}

/* The tenants where there is anything that the user may do. */
NameArray
list_tenants(TaclName user)
{
	const TaclName anything = {NULL, 0};

	return list_tenants_allowing(user, anything);
}
