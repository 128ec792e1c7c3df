/*
 * list_walk.c
 *		Down the tree from a tenant where a user has something.
 */
#include "tenant_acl.h"

#include "miscadmin.h"

#include "list_int.h"

/* Puts a tenant on the stack. */
static void
push(WalkDown *walk, TaclName id, bool suspended)
{
	if (walk->count == walk->room)
		walk->waiting = array_grow(walk->waiting, &walk->room, sizeof(Below));
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

/*
 * Starts a walk down from the tenant of a slot. With a number of tenants that
 * are enough it may end early, but only after as many.
 */
void
walk_down_begin(WalkDown *walk, StoreReader *reader, const UserEntry *entry,
				const TenantNode *from, int enough)
{
	memset(walk, 0, sizeof(*walk));
	walk->reader = reader;
	walk->entry = entry;
	walk->enough = enough;
	push(walk, name_copy(from->id), tenant_is_suspended(from));
}

/*
 * How many children to read: all, or enough even if some of them are slots.
 * A tenant can have a hundred thousand.
 */
static int
children_limit(const WalkDown *walk)
{
	return walk->enough == 0 ? 0 : walk->enough + walk->entry->nslots;
}

/*
 * Takes the next tenant, and puts its children on the stack that are not slots
 * themselves; false at the end. The tree has no cycle below a tenant whose
 * chain is sound.
 */
bool
walk_down_next(WalkDown *walk, Below *next)
{
	ChildArray	children;

	CHECK_FOR_INTERRUPTS();
	if (walk->count == 0)
		return false;
	*next = walk->waiting[--walk->count];
	children = store_children(walk->reader, next->id, children_limit(walk));
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
