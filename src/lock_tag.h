/*
 * lock_tag.h
 *		Locks of the extension's own, by name.
 *
 * They are of a kind that no SQL takes, neither as advisory locks nor on the
 * way of another command: nobody but the extension can hold or await them.
 */
#ifndef TACL_LOCK_TAG_H
#define TACL_LOCK_TAG_H

#include "tenant_acl.h"

#include "storage/lock.h"

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

#endif							/* TACL_LOCK_TAG_H */
