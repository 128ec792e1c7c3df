/*
 * closure.h
 *		A role together with all that it includes.
 */
#ifndef TACL_CLOSURE_H
#define TACL_CLOSURE_H

#include "store.h"

/* The roles that were read so far: each is read once, however often used. */
typedef struct RoleBook RoleBook;

/*
 * An empty book, in CurrentMemoryContext. What is read for it stays there as
 * well. It can be used until the reader is closed.
 */
extern RoleBook *role_book(StoreReader *reader);

/*
 * The role and those that it includes, directly or not, each once: by depth,
 * then name. A list, in CurrentMemoryContext, of the book's RoleRows.
 */
extern List *role_closure(RoleBook *book, int64 id);

/* All their patterns, allows and denies, for one role. */
extern NameArray role_closure_patterns(RoleBook *book, int64 id);

#endif							/* TACL_CLOSURE_H */
