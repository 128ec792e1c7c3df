/*
 * compat.h
 *		Differences between PostgreSQL 15, 16, 17 and 18.
 *
 * With compat.c the only place where PG_VERSION_NUM is looked at. Callers are written for
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

/* Fetches memory ahead of its use, where the compiler can say so. */
#ifdef __GNUC__
#define compat_prefetch(at) __builtin_prefetch(at)
#else
#define compat_prefetch(at) ((void) (at))
#endif

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#else
/* PostgreSQL 16 has one function for all classes of objects. */
#define object_aclcheck(class, object, role, mode) \
	((void) (class), pg_proc_aclcheck(object, role, mode))
#define object_ownercheck(class, object, role) \
	((void) (class), pg_class_ownercheck(object, role))
/* Before, who was a member could always become the role. */
#define member_can_set_role(member, role)	is_member_of_role(member, role)
#endif

#if PG_VERSION_NUM < 160000
#include "utils/datetime.h"

/* PostgreSQL 16 tells more about what is wrong with a time, */
typedef struct DateTimeErrorExtra
{
	int			unused;
} DateTimeErrorExtra;

/* and returns an unknown time zone as a code, too, instead of raising it. */
static inline int
decode_date_time(char **field, int *ftype, int nf, int *dtype,
				 struct pg_tm *tm, fsec_t *fsec, int *tzp,
				 DateTimeErrorExtra *extra)
{
	MemoryContext caller = CurrentMemoryContext;
	volatile int code = DTERR_BAD_FORMAT;

	PG_TRY();
	{
		code = DecodeDateTime(field, ftype, nf, dtype, tm, fsec, tzp);
	}
	PG_CATCH();
	{
		if (geterrcode() != ERRCODE_INVALID_PARAMETER_VALUE)
			PG_RE_THROW();
		MemoryContextSwitchTo(caller);
		FlushErrorState();
	}
	PG_END_TRY();
	return code;
}

#define DecodeDateTime decode_date_time
#endif

/*
 * GetConfigOption() for a setting that may be missing. Before PostgreSQL 16,
 * which hashes their names, the place where it was found is remembered.
 */
#define COMPAT_SETTING_PLACES (PG_VERSION_NUM < 160000)
#if COMPAT_SETTING_PLACES
typedef struct ConfigPlace
{
	int			count;			/* of settings, when it was looked for */
	int			index;			/* count if it was not found */
} ConfigPlace;

/* In compat.c. */
extern const char *compat_config_option(const char *name, ConfigPlace *place);

/* As SHOW has it, or NULL if there is no such setting. */
extern const char *compat_show_setting(const char *name, ConfigPlace *place);
#else
typedef struct ConfigPlace
{
	int			unused;
} ConfigPlace;

#define compat_config_option(name, place) \
	((void) (place), GetConfigOption(name, true, false))
#define compat_show_setting(name, place) \
	((void) (place), GetConfigOptionByName(name, NULL, true))
#endif

/*
 * The JSON parser: its actions return a result since PostgreSQL 16, and its
 * lexer may be the caller's since 17.
 */
#if PG_VERSION_NUM < 160000
#define json_action_result	void
#define JSON_ACTION_DONE
#else
#define json_action_result	JsonParseErrorType
#define JSON_ACTION_DONE	JSON_SUCCESS
#endif
#if PG_VERSION_NUM < 170000
#define json_lexer(text, len) \
	makeJsonLexContextCstringLen(unconstify(char *, text), len, PG_UTF8, true)
#else
#define json_lexer(text, len) \
	makeJsonLexContextCstringLen(NULL, text, len, PG_UTF8, true)
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
 * A memory context's method that allocates is told flags since PostgreSQL 17;
 * and what re-allocates is the context's until 15, the chunk's since 16.
 */
#if PG_VERSION_NUM < 170000
#define CONTEXT_FLAGS
#define CONTEXT_PASS_FLAGS
#else
#define CONTEXT_FLAGS , int flags
#define CONTEXT_PASS_FLAGS , flags
#endif
#define COMPAT_CONTEXT_REALLOCATES (PG_VERSION_NUM < 160000)

/*
 * Before PostgreSQL 17 the planner takes an array condition that a support
 * function adds on a later column of an index for one that keeps its order.
 */
#define COMPAT_ARRAYS_ON_ANY_INDEX_COLUMN (PG_VERSION_NUM >= 170000)

/* The process of a virtual transaction, or NULL; and is it still in that one? */
#if PG_VERSION_NUM < 170000
#define virtual_transaction_process(id) BackendIdGetProc((id).backendId)
#define process_is_in(process, id) \
	((process)->backendId == (id).backendId && \
	 (process)->lxid == (id).localTransactionId)
#else
#define virtual_transaction_process(id) ProcNumberGetProc((id).procNumber)
#define process_is_in(process, id) \
	((process)->vxid.lxid == (id).localTransactionId)
#endif

/* Does this transaction hold the lock in this mode? */
#if PG_VERSION_NUM < 170000
#define lock_is_mine(tag, mode) LockHeldByMe(tag, mode)
#else
#define lock_is_mine(tag, mode) LockHeldByMe(tag, mode, false)
#endif

#if PG_VERSION_NUM < 180000
/* PostgreSQL 18 lets a module state its name and version, */
#define PG_MODULE_MAGIC_EXT(...) PG_MODULE_MAGIC
/* and has this in front of a declaration instead of an attribute behind. */
#define pg_noreturn pg_attribute_noreturn()
#endif

#endif							/* TACL_COMPAT_H */
