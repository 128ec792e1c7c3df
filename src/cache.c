/*
 * cache.c
 *		What a session remembers: users, tenants and compiled roles.
 *
 * Tenants and roles live in one memory context, users in another. Users point
 * to tenants and roles, never the other way: forgetting those forgets all
 * users, by resetting both contexts. Users of one bucket are forgotten by
 * beginning a new age of the bucket: what is of an older age is not found any
 * more, and replaced when its user is asked about again.
 *
 * Nothing is forgotten while a build holds pointers. An invalidation only sets
 * a flag and bumps the generation (it may arrive in a callback, in the middle
 * of a build); the flags are obeyed when the next question begins. So what a
 * build adds after a message came is forgotten with the rest. See inval.c for
 * the whole protocol.
 */
#include "tenant_acl.h"

#include "miscadmin.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "cache_int.h"
#include "fault.h"
#include "guc.h"
#include "own_changes.h"

/* How often a build that was overtaken by changes starts again. */
#define MAX_ATTEMPTS 5

/* How many slots are looked at for entries to free when a user is added. */
#define SWEPT_SLOTS 4

/* Longer names in a question are not remembered. */
#define MAX_ASKED_BYTES 64

/* What the processor fetches at once, on most machines. */
#define CACHE_LINE_BYTES 64

/*
 * Hash table of users. The name is where an entry begins, so that a slot is
 * small: more of them stay near the processor.
 */
typedef struct UserSlot
{
	const TaclName *user;		/* of a UserEntry */
	uint32		hash;
	char		status;
} UserSlot;

StaticAssertDecl(offsetof(UserEntry, user) == 0, "an entry begins with its name");

/* Hash table of tenants; the same. */
typedef struct TenantSlot
{
	const TaclName *id;			/* of a TenantNode */
	uint32		hash;
	char		status;
} TenantSlot;

StaticAssertDecl(offsetof(TenantNode, id) == 0, "a node begins with its name");

/* Hash table of compiled roles. */
typedef struct RoleSlot
{
	int64		key;
	char		status;
	CompiledRole *role;
} RoleSlot;

#define SH_PREFIX usertab
#define SH_ELEMENT_TYPE UserSlot
#define SH_KEY_TYPE const TaclName *
#define SH_KEY user
#define SH_HASH_KEY(tb, key) name_hash(*(key))
#define SH_EQUAL(tb, a, b) name_equal(*(a), *(b))
#define SH_STORE_HASH
#define SH_GET_HASH(tb, a) (a)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

#define SH_PREFIX tenanttab
#define SH_ELEMENT_TYPE TenantSlot
#define SH_KEY_TYPE const TaclName *
#define SH_KEY id
#define SH_HASH_KEY(tb, key) name_hash(*(key))
#define SH_EQUAL(tb, a, b) name_equal(*(a), *(b))
#define SH_STORE_HASH
#define SH_GET_HASH(tb, a) (a)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

#define SH_PREFIX roletab
#define SH_ELEMENT_TYPE RoleSlot
#define SH_KEY_TYPE int64
#define SH_KEY key
#define SH_HASH_KEY(tb, key) murmurhash32((uint32) (key) ^ (uint32) ((key) >> 32))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* Tenants and roles. */
static MemoryContext base_context;
static tenanttab_hash *tenants = NULL;
static roletab_hash *roles = NULL;

/* Users. */
static MemoryContext users_context;
static usertab_hash *users = NULL;
static uint64 bucket_ages[TACL_USER_BUCKETS];

/* Lists that are remembered by list_memo.c, which bounds them. */
static MemoryContext lists_context;

/* Where builds work; reset before each. */
static MemoryContext build_context;

/* What is to be forgotten before the next question, and how often it grew. */
static bool forget_all = false;
static uint64 forget_buckets = 0;
static uint64 generation = 0;

StaticAssertDecl(TACL_USER_BUCKETS <= 64, "one bit per bucket");

/* The OIDs under which everything was read. */
static uint64 cached_epoch = 0;

/* Changes of our tables by the own transaction. */
static OwnChanges own_changes;

/*
 * A scan asks the same about one user in tenant after tenant: what it asks
 * stands here, and each answer in the node of its tenant, with this number. The
 * number is never used again, once the question is another or something was
 * forgotten.
 */
static struct
{
	uint64		number;
	TaclName	user;
	TaclName	permission;
	char		user_data[MAX_ASKED_BYTES];
	char		permission_data[MAX_ASKED_BYTES];
}			asked = {.number = 1, .user.len = -1};	/* nobody's length */

/* Who was answered about from memory last, and was it the same one before? */
static const UserEntry *last_entry = NULL;
static bool same_entry = false;

static CacheStats stats;

/*
 * Memory
 */

/* No block is larger, unless one piece is: what is added grows in small steps. */
#define MAX_BLOCK_BYTES (64 * 1024)

/* Bytes that the cache holds now. */
static Size
cache_bytes(void)
{
	return MemoryContextMemAllocated(base_context, false) +
		MemoryContextMemAllocated(users_context, false) +
		MemoryContextMemAllocated(lists_context, false);
}

/*
 * Bytes that may be filled on purpose. An eighth is left for what allocation
 * rounds up, for a hash table that grows, which is less than an eighth of what
 * is in it, and for what one question adds of tenants and roles.
 */
static Size
usable_bytes(void)
{
	Size		limit = (Size) tacl_cache_size_kb * 1024;

	return limit - limit / 8;
}

/* Would this many bytes more be too many? */
static bool
is_full(Size more)
{
	return cache_bytes() + more > usable_bytes();
}

/* Forgets the answers in tenants' nodes. */
static void
forget_answers(void)
{
	asked.number++;
	last_entry = NULL;
}

/* Forgets the users of some buckets. */
static void
age_buckets(uint64 which)
{
	forget_answers();
	for (int i = 0; i < TACL_USER_BUCKETS; i++)
	{
		if (which & (UINT64CONST(1) << i))
			bucket_ages[i]++;
	}
}

/* Forgets all users. */
static void
reset_users(void)
{
	age_buckets(PG_UINT64_MAX);
	users = NULL;
	stats.entries = 0;
	MemoryContextReset(users_context);
}

/* Forgets everything. */
static void
reset_all(void)
{
	reset_users();
	tenants = NULL;
	roles = NULL;
	MemoryContextReset(base_context);
}

/* Obeys the flags that invalidations have set. */
static void
obey_invalidations(void)
{
	if (forget_all)
		reset_all();
	else if (forget_buckets == PG_UINT64_MAX)
		reset_users();
	else
		age_buckets(forget_buckets);
	forget_all = false;
	forget_buckets = 0;
	stats.flushes++;
}

/* Makes the contexts; once per process. */
void
cache_init(void)
{
	base_context = AllocSetContextCreate(TopMemoryContext,
										 "tenant_acl tenants and roles",
										 0, ALLOCSET_DEFAULT_INITSIZE,
										 MAX_BLOCK_BYTES);
	users_context = AllocSetContextCreate(TopMemoryContext,
										  "tenant_acl users",
										  0, ALLOCSET_DEFAULT_INITSIZE,
										  MAX_BLOCK_BYTES);
	lists_context = AllocSetContextCreate(TopMemoryContext,
										  "tenant_acl lists",
										  ALLOCSET_SMALL_SIZES);
	build_context = AllocSetContextCreate(TopMemoryContext,
										  "tenant_acl build",
										  ALLOCSET_DEFAULT_SIZES);
}

/*
 * All that is inserted below is inserted between a call of this and the return
 * of what it returned to forget_all: a hash table that finds no memory to grow
 * is left broken, and so is forgotten before the next question.
 */
static bool
begin_insert(void)
{
	bool		forget = forget_all;

	forget_all = true;
	return forget;
}

/* The context of tenants and roles. */
MemoryContext
cache_base_context(void)
{
	return base_context;
}

/* The context of remembered lists. */
MemoryContext
cache_lists_context(void)
{
	return lists_context;
}

/*
 * Tenants and roles
 */

/* The tenant as cached, or NULL. */
TenantNode *
cached_tenant(TaclName id)
{
	TenantSlot *slot = tenants ? tenanttab_lookup(tenants, &id) : NULL;

	return slot ? (TenantNode *) slot->id : NULL;
}

/* Remembers a tenant that was built in cache_base_context(). */
void
cache_add_tenant(TenantNode *node)
{
	bool		forget = begin_insert();
	bool		found;

	if (tenants == NULL)
		tenants = tenanttab_create(base_context, 32, NULL);
	(void) tenanttab_insert(tenants, &node->id, &found);
	Assert(!found);
	forget_all = forget;
}

/* The role as cached, or NULL. */
CompiledRole *
cached_role(int64 id)
{
	RoleSlot   *slot = roles ? roletab_lookup(roles, id) : NULL;

	return slot ? slot->role : NULL;
}

/* Remembers a role that was built in cache_base_context(). */
void
cache_add_role(CompiledRole *role)
{
	bool		forget = begin_insert();
	bool		found;

	if (roles == NULL)
		roles = roletab_create(base_context, 32, NULL);
	roletab_insert(roles, role->id, &found)->role = role;
	Assert(!found);
	forget_all = forget;
}

/*
 * Users
 */

/* The entry of a slot, or NULL if it is of an older age. */
static inline UserEntry *
entry_of(const UserSlot *slot)
{
	UserEntry  *entry = (UserEntry *) slot->user;

	return entry->age == bucket_ages[store_user_bucket(slot->hash)] ?
		entry : NULL;
}

/* The user as cached, or NULL. */
static inline UserEntry *
cached_user(TaclName user, uint32 hash)
{
	UserSlot   *slot = users ? usertab_lookup_hash(users, &user, hash) : NULL;

	return slot ? entry_of(slot) : NULL;
}

/*
 * Frees entries of older ages in a few slots, each time others than before: so
 * that in a session that asks about ever new users, these take the place of
 * those that were forgotten.
 */
static void
sweep_users(void)
{
	static uint32 at = 0;

	for (int i = 0; i < SWEPT_SLOTS; i++)
	{
		UserSlot   *slot = &users->data[++at & users->sizemask];

		if (slot->status == usertab_SH_IN_USE && entry_of(slot) == NULL)
		{
			UserEntry  *entry = (UserEntry *) slot->user;

			usertab_delete_item(users, slot);
			pfree(entry);
		}
	}
}

/* Puts a draft into one piece and remembers it, in place of what is there. */
static UserEntry *
keep_user(const Draft *draft, uint32 hash)
{
	bool		forget = begin_insert();
	UserEntry  *entry;
	UserSlot   *slot;
	bool		found;

	if (users == NULL)
		users = usertab_create(users_context, 64, NULL);
	sweep_users();
	entry = draft_finish(draft, users_context);
	entry->age = bucket_ages[store_user_bucket(hash)];
	slot = usertab_insert_hash(users, &entry->user, hash, &found);
	if (found)
	{
		forget_answers();
		pfree((UserEntry *) slot->user);
		slot->user = &entry->user;
	}
	forget_all = forget;
	stats.entries = users->members;
	return entry;
}

/*
 * Turns a draft into the entry that answers: kept if nothing changed
 * meanwhile and there is room, else for this one question only. A full cache
 * is emptied before the next question, unless the user is too large anyway.
 */
static UserEntry *
publish(const Draft *draft, uint32 hash, bool unchanged)
{
	Size		size = draft_size(draft);

	if (unchanged && !is_full(size))
		return keep_user(draft, hash);
	if (is_full(size) && size <= usable_bytes() / 2)
		cache_invalidate_all();
	return draft_finish(draft, build_context);
}

/*
 * Asking
 */

/* Opens a reading, in the epoch and with the care that what is kept needs. */
static void
begin_reading(StoreReader *reader, uint32 tables)
{
	/* Before anything is kept, since the build can end in an error. */
	own_changes_remember(&own_changes);

	store_begin_some(reader, tables);
	if (store_epoch() != cached_epoch)
	{
		reset_all();
		cached_epoch = store_epoch();
	}
}

/*
 * Answers with a cached user, if it is enough to read the tenant: when both
 * describe one state, or there is no such tenant. False if it is not.
 */
static bool
attempt_tenant(TaclName user, uint32 hash, TaclName tenant,
			   Standing *standing, bool *known)
{
	uint64		seen = generation;
	StoreReader reader;
	TenantNode *node;
	BuildOutcome outcome;

	if (cached_user(user, hash) == NULL)
		return false;
	begin_reading(&reader, STORE_ONLY(STORE_TENANT));
	fault_point("build-after-snapshot");
	outcome = build_tenant(&reader, tenant, &node);
	fault_point("build-before-publish");
	store_end(&reader);

	if (outcome == BUILD_OUTDATED)
	{
		cache_invalidate_all();
		return false;
	}
	if (generation != seen)
		return false;
	/* Gone if the reading began a new epoch. */
	standing->entry = cached_user(user, hash);
	standing->tenant = node;
	*known = (outcome == BUILD_DONE);
	return !*known ||
		(standing->entry != NULL && is_coherent(standing->entry, node));
}

/*
 * One attempt to answer from the tables. Returns false if it has to be
 * repeated, because what was cached or just read is not the present state;
 * the last attempt always succeeds.
 */
static bool
attempt_question(TaclName user, uint32 hash, TaclName tenant,
				 Standing *standing, bool last, bool *known)
{
	uint64		seen = generation;
	StoreReader reader;
	TenantNode *node;
	Draft	   *draft;
	BuildOutcome outcome;

	begin_reading(&reader, STORE_EACH);
	fault_point("build-after-snapshot");
	outcome = build_tenant(&reader, tenant, &node);
	if (outcome == BUILD_DONE)
	{
		stats.builds++;
		outcome = build_draft(&reader, user, &draft);
	}
	fault_point("build-before-publish");
	store_end(&reader);

	if (outcome == BUILD_OUTDATED)
	{
		cache_invalidate_all();
		return false;
	}
	if (generation != seen && !last)
		return false;
	*known = (outcome == BUILD_DONE);
	if (*known)
	{
		standing->tenant = node;
		standing->entry = publish(draft, hash, generation == seen);
	}
	return true;
}

/*
 * Reads user and tenant until they describe the present state; false if the
 * tenant is not registered.
 */
static bool
read_question(TaclName user, uint32 hash, TaclName tenant, Standing *standing)
{
	bool		known = false;

	for (int attempt = 1;; attempt++)
	{
		if (forget_all || forget_buckets != 0)
			obey_invalidations();
		if (attempt_question(user, hash, tenant, standing,
							 attempt >= MAX_ATTEMPTS, &known))
			return known;
		stats.retries++;
	}
}

/* Answers from the tables; false if the tenant is not registered. */
static bool
ask_tables(TaclName user, uint32 hash, TaclName tenant, Standing *standing)
{
	MemoryContext caller = MemoryContextSwitchTo(build_context);
	bool		known;

	MemoryContextReset(build_context);
	stats.misses++;
	if (is_full(0))
		cache_invalidate_all();
	if (forget_all || !attempt_tenant(user, hash, tenant, standing, &known))
		known = read_question(user, hash, tenant, standing);
	MemoryContextSwitchTo(caller);
	return known;
}

/* Hears what other sessions have committed, before anything is answered. */
static inline void
begin_question(void)
{
	if (HistoricSnapshotActive())
		store_report_decoding();
	if (!fault_leaves_out("accept-messages"))
		AcceptInvalidationMessages();
	if (unlikely(own_changes.any) && own_changes_outdate(&own_changes))
		cache_invalidate_all();
	if (unlikely(forget_all || forget_buckets != 0))
		obey_invalidations();
}

/*
 * Begins to fetch what may be remembered of a user, about whom a question
 * follows: by the time it is asked, the memory has come nearer. Finds nothing
 * out, and may be wrong. Returns the hash of the name.
 */
uint32
cache_expect(TaclName user)
{
	uint32		hash = name_is_possible(user) ? name_hash(user) : 0;

	/* What is to be forgotten can be broken; see begin_insert(). */
	if (users != NULL && !forget_all)
	{
		const UserSlot *slot = &users->data[hash & users->sizemask];
		const char *entry = (const char *) slot->user;

		for (int i = 0; i < ENTRY_HOT_BYTES; i += CACHE_LINE_BYTES)
			compat_prefetch(entry + i);
	}
	return hash;
}

/*
 * Finds what the user (and the name's hash, from cache_expect()) has at the
 * tenant, hearing first what other sessions have committed. False if that is
 * nothing for sure: the tenant is not registered, or a name is none. An unknown
 * user is found, with nothing.
 */
bool
cache_find(TaclName user, uint32 hash, TaclName tenant, Standing *standing)
{
	if (!name_is_possible(user) || !name_is_possible(tenant))
		return false;
	begin_question();
	standing->entry = cached_user(user, hash);
	standing->tenant = cached_tenant(tenant);
	if (likely(standing->entry != NULL && standing->tenant != NULL &&
			   is_coherent(standing->entry, standing->tenant)))
	{
		stats.hits++;
		same_entry = (standing->entry == last_entry);
		last_entry = standing->entry;
		return true;
	}
	same_entry = false;
	last_entry = NULL;
	return ask_tables(user, hash, tenant, standing);
}

/* Copies a name of at most MAX_ASKED_BYTES. */
static TaclName
copy_asked(char *buffer, TaclName name)
{
	memcpy(buffer, name.data, name.len);
	return (TaclName) {buffer, name.len};
}

/*
 * Remembers the answer to a question, if the user's are likely to be asked for
 * again and it holds until something is forgotten.
 */
void
cache_remember(const Standing *standing, TaclName permission, bool can)
{
	const UserEntry *entry = standing->entry;
	TenantNode *node = unconstify(TenantNode *, standing->tenant);

	if (likely(!same_entry) || entry->limited)
		return;
	if (!name_equal(permission, asked.permission) ||
		!name_equal(entry->user, asked.user))
	{
		if (Max(permission.len, entry->user.len) > MAX_ASKED_BYTES)
			return;
		asked.number++;
		asked.user = copy_asked(asked.user_data, entry->user);
		asked.permission = copy_asked(asked.permission_data, permission);
	}
	node->asked = asked.number;
	node->can = can;
}

/*
 * Is the answer remembered? If so, other sessions were heard first. Names can be
 * anything, also the permission, which is a valid one if this is true.
 */
bool
cache_recall(TaclName user, TaclName permission, TaclName tenant, bool *can)
{
	const TenantNode *node;

	if (!name_equal(user, asked.user) ||
		!name_equal(permission, asked.permission) || !name_is_possible(tenant))
		return false;
	begin_question();
	node = cached_tenant(tenant);
	if (node == NULL || node->asked != asked.number)
		return false;
	stats.hits++;
	*can = node->can;
	return true;
}

/*
 * Reads what a list or an explanation is made of: calls the function under
 * one snapshot of the present state, again if something cached turned out to
 * be older. What it reads is not kept, but for tenants and roles.
 */
void
cache_read(CacheReading read, void *arg)
{
	StoreReader reader;
	BuildOutcome outcome;

	begin_question();
	if (is_full(0))
		cache_invalidate_all();
	do
	{
		CHECK_FOR_INTERRUPTS();
		if (forget_all || forget_buckets != 0)
			obey_invalidations();
		begin_reading(&reader, STORE_EACH);
		outcome = read(&reader, arg);
		store_end(&reader);
		if (outcome == BUILD_OUTDATED)
			cache_invalidate_all();
	} while (outcome == BUILD_OUTDATED);
}

/*
 * Hears what other sessions have committed. Returns a number that changes
 * whenever what is cached about the user is forgotten: what was remembered with
 * another number is worth nothing.
 */
uint64
cache_user_state(TaclName user)
{
	begin_question();
	return bucket_ages[store_user_bucket(name_hash(user))];
}

/* Copies the counters, and measures. */
void
cache_get_stats(CacheStats *result)
{
	*result = stats;
	result->bytes = cache_bytes();
}

/*
 * Invalidation
 */

/* All that is cached is to be forgotten. */
void
cache_invalidate_all(void)
{
	forget_all = true;
	generation++;
}

/* All users are to be forgotten; tenants and roles stay. */
void
cache_invalidate_users(void)
{
	forget_buckets = PG_UINT64_MAX;
	generation++;
}

/* The users of one bucket are to be forgotten. */
void
cache_invalidate_bucket(int bucket)
{
	forget_buckets |= UINT64CONST(1) << bucket;
	generation++;
}

/* The running command of this session has changed our tables. */
void
cache_own_change(void)
{
	own_changes_add(&own_changes);
	cache_invalidate_all();
}

/* The transaction is over, or was prepared and is no longer ours. */
void
cache_end_transaction(bool committed)
{
	if (own_changes_end(&own_changes, committed))
		cache_invalidate_all();

	/* Nobody uses it any more; what one large build took goes back. */
	MemoryContextReset(build_context);
}

/* A subtransaction was rolled back. */
void
cache_abort_subtransaction(void)
{
	if (own_changes_abort_sub(&own_changes))
		cache_invalidate_all();
}
