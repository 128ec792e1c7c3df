/*
 * bench_noop.c
 *		What tacl_can() is compared with: a function that does nothing but look
 *		at the same three arguments, and a bare look-up of them in a hash table.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(noop);
PG_FUNCTION_INFO_V1(hash_put);
PG_FUNCTION_INFO_V1(hash_get);

/* User, permission and tenant, one after the other. */
typedef struct Triple
{
	int			len[3];
	const char *data[3];
} Triple;

typedef struct Answer
{
	Triple		key;
	uint32		hash;
	char		status;
	bool		answer;
} Answer;

/* The hash of all three. */
static inline uint32
triple_hash(const Triple *triple)
{
	uint32		hash = 0;

	for (int i = 0; i < 3; i++)
		hash = hash_combine(hash, hash_bytes((const unsigned char *) triple->data[i],
											 triple->len[i]));
	return hash;
}

/* Are all three the same? */
static inline bool
triple_equal(const Triple *a, const Triple *b)
{
	for (int i = 0; i < 3; i++)
	{
		if (a->len[i] != b->len[i] ||
			memcmp(a->data[i], b->data[i], a->len[i]) != 0)
			return false;
	}
	return true;
}

#define SH_PREFIX answers
#define SH_ELEMENT_TYPE Answer
#define SH_KEY_TYPE Triple
#define SH_KEY key
#define SH_HASH_KEY(tb, key) triple_hash(&(key))
#define SH_EQUAL(tb, a, b) triple_equal(&(a), &(b))
#define SH_STORE_HASH
#define SH_GET_HASH(tb, a) (a)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

static answers_hash *table = NULL;

/* noop(text, text, text): true if none is NULL or empty */
Datum
noop(PG_FUNCTION_ARGS)
{
	for (int i = 0; i < 3; i++)
	{
		text	   *argument;

		if (PG_ARGISNULL(i))
			PG_RETURN_BOOL(false);
		argument = PG_GETARG_TEXT_PP(i);
		if (VARSIZE_ANY_EXHDR(argument) == 0 || *VARDATA_ANY(argument) == '\0')
			PG_RETURN_BOOL(false);
	}
	PG_RETURN_BOOL(true);
}

/* Reads the three arguments; false if one is NULL. */
static inline bool
get_triple(FunctionCallInfo fcinfo, Triple *triple)
{
	for (int i = 0; i < 3; i++)
	{
		text	   *argument;

		if (PG_ARGISNULL(i))
			return false;
		argument = PG_GETARG_TEXT_PP(i);
		triple->len[i] = VARSIZE_ANY_EXHDR(argument);
		triple->data[i] = VARDATA_ANY(argument);
	}
	return true;
}

/* hash_put(text, text, text, boolean): remembers an answer */
Datum
hash_put(PG_FUNCTION_ARGS)
{
	Triple		triple;
	Answer	   *answer;
	bool		found;

	if (!get_triple(fcinfo, &triple) || PG_ARGISNULL(3))
		PG_RETURN_BOOL(false);
	if (table == NULL)
		table = answers_create(TopMemoryContext, 1024, NULL);
	answer = answers_insert(table, triple, &found);
	for (int i = 0; i < 3 && !found; i++)
		answer->key.data[i] = memcpy(MemoryContextAlloc(TopMemoryContext,
														Max(triple.len[i], 1)),
									 triple.data[i], triple.len[i]);
	answer->answer = PG_GETARG_BOOL(3);
	PG_RETURN_BOOL(!found);
}

/* hash_get(text, text, text): the answer remembered, else false */
Datum
hash_get(PG_FUNCTION_ARGS)
{
	Triple		triple;
	Answer	   *answer;

	if (table == NULL || !get_triple(fcinfo, &triple))
		PG_RETURN_BOOL(false);
	answer = answers_lookup(table, triple);
	PG_RETURN_BOOL(answer != NULL && answer->answer);
}
