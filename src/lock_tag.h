/*
 * lock_tag.h
 *		Locks of the extension's own, by name; and how long locks are kept.
 *
 * They are of a kind that no SQL takes, neither as advisory locks nor on the
 * way of another command: nobody but the extension can hold or await them.
 */
#ifndef TACL_LOCK_TAG_H
#define TACL_LOCK_TAG_H

#include "tenant_acl.h"

#include "storage/lock.h"
#include "utils/resowner.h"

typedef enum LockKind
{
	LOCK_DELEGATES,				/* one: shared by all delegates' transactions */
	LOCK_DOOR,					/* one: each call of a delegate goes through */
	LOCK_TENANT,				/* of a tenant: one delegate after another */
	LOCK_KEY					/* of a unique key, while a row is inserted */
} LockKind;

/* For the locks that there is one of. */
#define NO_NAME		((TaclName) {NULL, 0})

/*
 * A lock of this database. Different names give different locks, but for a
 * chance of one in 2^64 that nobody can bring about; none is a name, too.
 */
extern LOCKTAG lock_tag(LockKind kind, TaclName name);

/*
 * What is locked in between is kept as long as the rows that are written now;
 * the first returns what the second needs. See lock_tag.c.
 */
extern ResourceOwner lock_keep_begin(void);
extern void lock_keep_end(ResourceOwner caller);

#endif							/* TACL_LOCK_TAG_H */
