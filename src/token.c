/*
 * token.c
 *		What the session's token is worth.
 *
 * A token is verified once per session: what it was found to be worth, bad
 * ones included, is remembered under the SHA-256 of its text, and holds as
 * long as no key changes. Times are compared at every use. Which of the
 * remembered ones is the present one is found out again whenever the setting
 * was assigned anything; so SET LOCAL, savepoints, rollbacks, functions with a
 * SET clause and parallel workers need no care.
 *
 * Keys are heard of by the protocol of inval.c: messages are accepted before
 * each use; the generation is noted before a key is read, and what was read is
 * remembered only if it is the same after; in a transaction that has changed
 * the keys, nothing outlives the command; and nothing that may have been read
 * from rows not signalled yet outlives a rollback.
 */
#include "tenant_acl.h"

#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "fault.h"
#include "own_changes.h"
#include "pack.h"
#include "store.h"
#include "token.h"

/* Tokens that are remembered; then the oldest goes. */
#define MEMO_SIZE 16

/* How often a verification that was overtaken by changes starts again. */
#define MAX_ATTEMPTS 5

/* A generation that never is: what bears it is not used again. */
#define NO_GENERATION 0

/* What a token was found to be worth, in one piece of memory. */
typedef struct TokenEntry
{
	unsigned char digest[SIGNATURE_DIGEST_BYTES];	/* of its text */
	uint64		generation;		/* of the keys, when it was verified */
	JwtFault	fault;			/* but for the times */
	TimestampTz not_before;
	TimestampTz expires_at;
	TimestampTz retires_at;		/* its key */
	TokenClaims claims;
} TokenEntry;

/*
 * The last that was asked for comes first. An entry is freed only when as many
 * others have been asked for since, so that what a caller has just been told
 * stays valid.
 */
static TokenEntry *memo[MEMO_SIZE];

/* The present token's entry, if the setting was not assigned since. */
static TokenEntry *current = NULL;
static uint64 current_serial = 0;

/* Grows whenever keys have changed. */
static uint64 generation = NO_GENERATION + 1;

/* The OIDs under which keys were read. */
static uint64 memo_epoch = 0;

/* Changes of keys by the own transaction. */
static OwnChanges own_changes;

/*
 * Verifying
 */

/*
 * Finds the key that the token names; without a name, the only key that there
 * is.
 */
static JwtFault
find_key(TaclName kid, KeyRow *key)
{
	StoreReader reader;
	KeyArray	keys;
	JwtFault	fault = JWT_GOOD;

	store_begin(&reader);
	if (store_epoch() != memo_epoch)
	{
		memo_epoch = store_epoch();
		token_invalidate();
	}
	fault_point("token-after-snapshot");
	if (kid.data != NULL)
	{
		if (kid.len > TACL_MAX_NAME_BYTES || !store_key(&reader, kid, key))
			fault = JWT_UNKNOWN_KEY;
	}
	else
	{
		keys = store_keys(&reader);
		if (keys.count == 1)
			*key = keys.items[0];
		else
			fault = JWT_NO_KEY_ID;
	}
	store_end(&reader);
	return fault;
}

/* Widens the time in which a token is valid by what its key allows. */
static void
add_leeway(JwtClaims *claims, int seconds)
{
	int64		leeway = seconds * USECS_PER_SEC;

	claims->expires_at += leeway;
	if (!TIMESTAMP_NOT_FINITE(claims->not_before))
		claims->not_before -= leeway;
}

/* Finds out what a token is worth, but for the times, and its key. */
static JwtFault
verify(TaclName text, KeyRow *key, JwtClaims *claims)
{
	JwtRules	rules;
	Jwt			jwt;
	JwtFault	fault = jwt_open(text, &jwt);

	if (fault == JWT_GOOD)
		fault = find_key(jwt.kid, key);
	if (fault == JWT_GOOD)
		fault = jwt_verify(&jwt, signature_algorithm(key->algorithm),
						   key->material);
	if (fault != JWT_GOOD)
		return fault;
	rules.issuer = key->issuer;
	rules.audience = key->audience;
	rules.user_claim = key->user_claim;
	rules.tenant_claim = key->tenant_claim;
	fault = jwt_read_claims(&jwt, &rules, claims);
	if (fault == JWT_GOOD)
		add_leeway(claims, key->leeway);
	return fault;
}

/*
 * Remembering
 */

/* Puts an entry first, before those that stood before a place. */
static TokenEntry *
put_first(TokenEntry *entry, int place)
{
	memmove(memo + 1, memo, sizeof(TokenEntry *) * place);
	memo[0] = entry;
	return entry;
}

/* Puts a new entry first; current is assigned next. */
static TokenEntry *
remember(TokenEntry *entry)
{
	if (memo[MEMO_SIZE - 1] != NULL)
		pfree(memo[MEMO_SIZE - 1]);
	return put_first(entry, MEMO_SIZE - 1);
}

/* An entry with what a good token says, in one piece. */
static TokenEntry *
make_entry(const JwtClaims *claims)
{
	PermSet    *scope = claims->scoped ?
		permset_compile(claims->scope, claims->scope_count) : NULL;
	int			scope_count = claims->scoped ? claims->scope_count : 0;
	char	   *next = MemoryContextAllocZero(TopMemoryContext,
											  MAXALIGN(sizeof(TokenEntry)) +
											  MAXALIGN(claims->user.len) +
											  MAXALIGN(claims->tenant.len) +
											  MAXALIGN(claims->actor.len) +
											  packed_set_size(scope) +
											  packed_names_size(claims->scope,
																scope_count));
	TokenEntry *entry = (TokenEntry *) next;

	next += MAXALIGN(sizeof(TokenEntry));
	entry->not_before = claims->not_before;
	entry->expires_at = claims->expires_at;
	entry->claims.user = pack_name(&next, claims->user);
	if (claims->tenant.data != NULL)
		entry->claims.tenant = pack_name(&next, claims->tenant);
	if (claims->actor.data != NULL)
		entry->claims.actor = pack_name(&next, claims->actor);
	entry->claims.scope = pack_set(&next, scope);
	entry->claims.scope_patterns = pack_names(&next, claims->scope, scope_count);
	entry->claims.scope_count = scope_count;
	return entry;
}

/* Verifies a token, and remembers what came out unless keys changed. */
static TokenEntry *
verify_and_remember(TaclName text, const unsigned char *digest)
{
	const JwtClaims nothing = {.user = {NULL, 0}};
	JwtClaims	claims;
	KeyRow		key;
	TokenEntry *entry;
	JwtFault	fault;
	uint64		seen;

	/* Before anything is remembered, since this can end in an error. */
	own_changes_remember(&own_changes);
	for (int attempt = 1;; attempt++)
	{
		seen = generation;
		fault = verify(text, &key, &claims);
		fault_point("token-before-publish");
		if (seen == generation || attempt >= MAX_ATTEMPTS)
			break;
	}
	entry = make_entry(fault == JWT_GOOD ? &claims : &nothing);
	memcpy(entry->digest, digest, sizeof(entry->digest));
	entry->fault = fault;
	if (fault == JWT_GOOD)
		entry->retires_at = key.retires_at;
	entry->generation = seen == generation ? seen : NO_GENERATION;
	return remember(entry);
}

/* The entry of a token that was verified before; NULL if there is none. */
static TokenEntry *
remembered(const unsigned char *digest)
{
	for (int i = 0; i < MEMO_SIZE; i++)
	{
		if (memo[i] != NULL && memo[i]->generation == generation &&
			memcmp(memo[i]->digest, digest, sizeof(memo[i]->digest)) == 0)
			return put_first(memo[i], i);
	}
	return NULL;
}

/* The present token's entry; NULL if it is too long to be looked at. */
static TokenEntry *
find_entry(void)
{
	TaclName	text = {tacl_token, strlen(tacl_token)};
	unsigned char digest[SIGNATURE_DIGEST_BYTES];
	MemoryContext context;
	MemoryContext caller;
	TokenEntry *entry;

	if (text.len > JWT_MAX_BYTES)
		return NULL;
	if (!signature_digest(text, digest))
		elog(ERROR, "could not compute a digest");
	entry = remembered(digest);
	if (entry != NULL)
		return entry;
	context = AllocSetContextCreate(CurrentMemoryContext, "tenant_acl token",
									ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(context);
	entry = verify_and_remember(text, digest);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return entry;
}

/*
 * Using
 */

/* Is the present token's entry known? */
static inline bool
is_current(void)
{
	return current != NULL && current_serial == tacl_token_serial &&
		current->generation == generation;
}

/* What the token is worth; see token.h. */
JwtFault
token_read(TimestampTz now, const TokenClaims **claims)
{
	if (HistoricSnapshotActive())
		store_report_decoding();
	AcceptInvalidationMessages();
	if (unlikely(own_changes.any) && own_changes_outdate(&own_changes))
		token_invalidate();
	if (unlikely(!is_current()))
	{
		current = find_entry();
		current_serial = tacl_token_serial;
		if (current == NULL)
			return JWT_TOO_LONG;
	}
	*claims = &current->claims;
	if (current->fault != JWT_GOOD)
		return current->fault;
	if (now < current->not_before)
		return JWT_NOT_YET_VALID;
	if (now >= current->expires_at)
		return JWT_EXPIRED;
	return now < current->retires_at ? JWT_GOOD : JWT_RETIRED_KEY;
}

/*
 * Invalidation
 */

/* What was verified so far is not to be used again. */
void
token_invalidate(void)
{
	generation++;
}

/* The running command of this session has changed keys. */
void
token_own_change(void)
{
	own_changes_add(&own_changes);
	token_invalidate();
}

/* The transaction is over, or was prepared and is no longer ours. */
void
token_end_transaction(bool committed)
{
	if (own_changes_end(&own_changes, committed))
		token_invalidate();
}

/* A subtransaction was rolled back. */
void
token_abort_subtransaction(void)
{
	if (own_changes_abort_sub(&own_changes))
		token_invalidate();
}
