/*
 * walk.h
 *		Walks over graphs of ids, breadth first, visiting nothing twice.
 */
#ifndef TACL_WALK_H
#define TACL_WALK_H

#include "store.h"

typedef struct idset_hash IdSet;

/* A walk, in CurrentMemoryContext. */
typedef struct IdWalk
{
	IdSet	   *seen;
	IdArray		queue;
	int			room;
	int			next;
} IdWalk;

/* Starts an empty walk. */
extern void walk_begin(IdWalk *walk);

/* Queues an id, or several, unless queued before. */
extern void walk_add(IdWalk *walk, int64 id);
extern void walk_add_all(IdWalk *walk, IdArray ids);

/* Takes the next id from the queue; false at the end. Can be cancelled. */
extern bool walk_next(IdWalk *walk, int64 *id);

#endif							/* TACL_WALK_H */
