/*
 * walk.c
 *		Walks over graphs of ids, breadth first, visiting nothing twice.
 */
#include "tenant_acl.h"

#include "miscadmin.h"

#include "walk.h"

/* An element of the set. */
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

/* Starts an empty walk. */
void
walk_begin(IdWalk *walk)
{
	walk->seen = idset_create(CurrentMemoryContext, 16, NULL);
	walk->queue = (IdArray) {NULL, 0};
	walk->room = 0;
	walk->next = 0;
}

/* Queues an id unless it was queued before. */
void
walk_add(IdWalk *walk, int64 id)
{
	bool		found;

	(void) idset_insert(walk->seen, id, &found);
	if (found)
		return;
	*ARRAY_ADD(&walk->queue, walk->room) = id;
}

/* Queues several ids. */
void
walk_add_all(IdWalk *walk, IdArray ids)
{
	for (int i = 0; i < ids.count; i++)
		walk_add(walk, ids.items[i]);
}

/* Takes the next id from the queue; false at the end. */
bool
walk_next(IdWalk *walk, int64 *id)
{
	CHECK_FOR_INTERRUPTS();
	if (walk->next == walk->queue.count)
		return false;
	*id = walk->queue.items[walk->next++];
	return true;
}
