/*
 * permset.h
 *		Patterns compiled into one searchable set.
 *
 * A PermSet is one contiguous piece of memory without pointers: it can be
 * copied with memcpy to any MAXALIGNed place, and freed with one pfree. Pure:
 * no tables, no session.
 */
#ifndef TACL_PERMSET_H
#define TACL_PERMSET_H

#include "pattern.h"

/* What a permission finds in a set; several bits may be set. */
#define PERMSET_ALLOW	0x01
#define PERMSET_DENY	0x02

typedef struct PermSet PermSet;

/*
 * Compiles valid patterns (allows and denies mixed, duplicates allowed) into
 * a set allocated in CurrentMemoryContext.
 */
extern PermSet *permset_compile(const TaclName *patterns, int count);

/* Size in bytes of the whole set, for memcpy and accounting. */
extern Size permset_size(const PermSet *set);

/* PERMSET_ALLOW if there is any allow in the set, PERMSET_DENY, or both. */
extern int	permset_bits(const PermSet *set);

/*
 * PERMSET_ALLOW if an allow of the set matches the permission, PERMSET_DENY
 * if a deny does, both, or 0. The permission must be valid. Allocates
 * nothing. Cost depends on the permission's segments, not on the set's size
 * (a binary search per segment; '*' in inner segments may add branches).
 */
extern int	permset_match(const PermSet *set, const char *permission, int len);

#endif							/* TACL_PERMSET_H */
