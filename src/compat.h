/*
 * compat.h
 *		Differences between PostgreSQL 15, 16, 17 and 18.
 *
 * The only place where PG_VERSION_NUM is looked at. Callers are written for
 * the newest release.
 */
#ifndef TACL_COMPAT_H
#define TACL_COMPAT_H

#include "pg_config.h"

/*
 * PostgreSQL 16 and later compile modules with hidden visibility and export
 * what SQL calls; the Makefile does the first for 15 as well, this the second.
 * Calls between our files are then direct.
 */
#if PG_VERSION_NUM < 160000 && defined(__GNUC__) && !defined(WIN32)
#define PGDLLEXPORT __attribute__((visibility("default")))
#endif

#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"

#if PG_VERSION_NUM < 160000
#undef PG_FUNCTION_INFO_V1
#define PG_FUNCTION_INFO_V1(funcname) \
extern PGDLLEXPORT Datum funcname(PG_FUNCTION_ARGS); \
extern PGDLLEXPORT const Pg_finfo_record *CppConcat(pg_finfo_, funcname) (void); \
const Pg_finfo_record * \
CppConcat(pg_finfo_, funcname) (void) \
{ \
	static const Pg_finfo_record info = {1}; \
	return &info; \
} \
extern int	no_such_variable
#endif

#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 190000
#error "tenant_acl supports PostgreSQL 15 to 18"
#endif

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#if PG_VERSION_NUM < 160000
/* PostgreSQL 16 asks about objects of all kinds with one function. */
#define object_ownercheck(class, object, role) \
	pg_class_ownercheck((object), (role))
#endif

#if PG_VERSION_NUM < 170000
/* The finalizer of MurmurHash3, which PostgreSQL 17 has in hashfn.h. */
static inline uint64
murmurhash64(uint64 data)
{
	data ^= data >> 33;
	data *= UINT64CONST(0xff51afd7ed558ccd);
	data ^= data >> 33;
	data *= UINT64CONST(0xc4ceb9fe1a85ec53);
	return data ^ (data >> 33);
}
#endif

/*
 * Before PostgreSQL 17 the planner takes an array condition that a support
 * function adds on a later column of an index for one that keeps its order.
 */
#define COMPAT_ARRAYS_ON_ANY_INDEX_COLUMN (PG_VERSION_NUM >= 170000)

#if PG_VERSION_NUM < 180000
/* PostgreSQL 18 lets a module state its name and version, */
#define PG_MODULE_MAGIC_EXT(...) PG_MODULE_MAGIC
/* and has this in front of a declaration instead of an attribute behind. */
#define pg_noreturn pg_attribute_noreturn()
#endif

#endif							/* TACL_COMPAT_H */
