/*
 * tenant_acl.h
 *		Names and limits shared by all modules.
 */
#ifndef TENANT_ACL_H
#define TENANT_ACL_H

#include "compat.h"

#define TACL_EXTENSION			"tenant_acl"
#define TACL_SCHEMA				"tacl"

/* Root of the tenant tree: made by the extension, ancestor of all. */
#define TACL_ROOT				"*"

/* First segment of the rights over the extension itself. */
#define TACL_RESERVED			"tacl"

/* Rights over the extension, that are had at a tenant like any permission. */
#define TACL_RIGHT_ASSIGN		"tacl.assign"	/* roles, grants and groups */
#define TACL_RIGHT_DEFINE		"tacl.define"	/* roles */
#define TACL_RIGHT_TENANTS		"tacl.tenants"	/* tenants right below */
#define TACL_RIGHT_VIEW			"tacl.view" /* what others have */
#define TACL_RIGHT_AUDIT		"tacl.audit"	/* what was changed */

/* Users, tenants, roles, groups, permissions and patterns, in bytes. */
#define TACL_MAX_NAME_BYTES		255

/* A deny is a pattern with a leading '!'. */
#define TACL_MAX_PATTERN_BYTES	(TACL_MAX_NAME_BYTES + 1)

/* What a change is made for, in bytes. */
#define TACL_MAX_REASON_BYTES	1000

/* Limits that are checked when something is written. */
#define TACL_MAX_PATTERNS		1000	/* of one role, ceiling or suspension */
#define TACL_MAX_INCLUDES		64	/* of one role or group */
#define TACL_MAX_DEPTH			32	/* of tenants, includes and groups */
#define TACL_MAX_PERMISSIONS	1000	/* asked in one call */
#define TACL_MAX_LIST			100000	/* elements of any list */

/*
 * Written trees are at most TACL_MAX_DEPTH deep, but replica role can write
 * anything, even cycles: a walk upwards gives up here.
 */
#define TACL_MAX_WALK			1000

/* Users are spread over this many invalidation proxies by hash. */
#define TACL_USER_BUCKETS		64

/* A byte string with its length; not zero-terminated. */
typedef struct TaclName
{
	const char *data;
	int			len;
} TaclName;

#define TACL_ROOT_NAME			((TaclName) {TACL_ROOT, sizeof(TACL_ROOT) - 1})

/* Can there be a user, tenant or role of this name at all? */
static inline bool
name_is_possible(TaclName name)
{
	return name.len > 0 && name.len <= TACL_MAX_NAME_BYTES;
}

/* Eight bytes as a number, from any address. */
static inline uint64
name_word(const char *at)
{
	uint64		word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/*
 * Bytewise equality. Most names have 8 to 16 bytes, for which two overlapping
 * words do without a loop and without calling memcmp().
 */
static inline bool
name_equal(TaclName a, TaclName b)
{
	int			last = a.len - (int) sizeof(uint64);

	if (a.len != b.len)
		return false;
	if (last < 0 || last > (int) sizeof(uint64))
		return memcmp(a.data, b.data, a.len) == 0;
	return name_word(a.data) == name_word(b.data) &&
		name_word(a.data + last) == name_word(b.data + last);
}

/* The same of names that may be missing: then data is NULL. */
static inline bool
name_equal_or_missing(TaclName a, TaclName b)
{
	if (a.data == NULL || b.data == NULL)
		return a.data == b.data;
	return name_equal(a, b);
}

/* Is it the root's? */
static inline bool
name_is_root(TaclName name)
{
	return name_equal(name, TACL_ROOT_NAME);
}

/* Bytewise order, a name before those that continue it. */
static inline int
name_compare(TaclName a, TaclName b)
{
	int			diff = memcmp(a.data, b.data, Min(a.len, b.len));

	return diff != 0 ? diff : a.len - b.len;
}

/* The same of names that may be missing: those come first. */
static inline int
name_compare_or_missing(TaclName a, TaclName b)
{
	if (a.data == NULL || b.data == NULL)
		return (a.data != NULL) - (b.data != NULL);
	return name_compare(a, b);
}

/*
 * The hash of a name. It decides which proxy a user's changes are signalled
 * by, also to standbys that may run another version of the extension: it must
 * never change.
 */
static inline uint32
name_hash(TaclName name)
{
	const char *end = name.data + name.len;
	const char *at = name.data;
	uint64		hash = name.len;
	uint64		rest = 0;

	if (name.len >= (int) sizeof(uint64))
	{
		for (; at + sizeof(uint64) < end; at += sizeof(uint64))
			hash = murmurhash64(hash ^ name_word(at));
		return (uint32) murmurhash64(hash ^ name_word(end - sizeof(uint64)));
	}
	for (; at < end; at++)
		rest = rest << 8 | (unsigned char) *at;
	return (uint32) murmurhash64(hash ^ rest);
}

#endif							/* TENANT_ACL_H */
