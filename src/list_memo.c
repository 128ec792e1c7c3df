/*
 * list_memo.c
 *		The tenants of the users whom plans asked about last.
 *
 * The planner wants to know how many tenants a user has for each index and each
 * estimate, and each scan wants to know which they are. So short lists are
 * remembered. One is worth as much as what the cache knew of the user when it was
 * read: it is used until the user is forgotten there, and only until another
 * assignment of the user begins or expires. When there is no more room all are
 * forgotten.
 */
#include "tenant_acl.h"

#include "utils/memutils.h"

#include "guc.h"
#include "list_int.h"
#include "pack.h"
#include "session.h"

/* Lists that are remembered, and the part of the cache that they may take. */
#define MEMOS 64
#define MEMO_BYTES ((Size) tacl_cache_size_kb * 1024 / 8)

/* One list, in one piece of memory with all that it points to. */
typedef struct Memo
{
	uint64		state;			/* of the user in the cache, before it was read */
	TaclName	user;
	TaclName	permission;
	TenantList	list;			/* without tenants if it is not complete */
} Memo;

static Memo *memos[MEMOS];
static int	memo_count = 0;

/* Does the memo answer the question, and still hold? */
static bool
memo_answers(const Memo *memo, uint64 state, TaclName user, TaclName permission)
{
	TimestampTz now = session_now();

	return memo->state == state && name_equal(memo->user, user) &&
		name_equal(memo->permission, permission) &&
		memo->list.from <= now && now < memo->list.until;
}

/* The memo that answers, or NULL. */
static const Memo *
find_memo(uint64 state, TaclName user, TaclName permission)
{
	for (int i = 0; i < memo_count; i++)
	{
		if (memo_answers(memos[i], state, user, permission))
			return memos[i];
	}
	return NULL;
}

/* Bytes that a memo will take. */
static Size
memo_size(TaclName user, TaclName permission, const NameArray *tenants)
{
	Size		size = MAXALIGN(sizeof(Memo)) + MAXALIGN(user.len) +
		MAXALIGN(permission.len) + MAXALIGN(sizeof(TaclName) * tenants->count);

	for (int i = 0; i < tenants->count; i++)
		size += MAXALIGN(tenants->items[i].len);
	return size;
}

/* Copies all into one piece. */
static Memo *
make_memo(uint64 state, TaclName user, TaclName permission,
		  const TenantList *list, Size size)
{
	char	   *next = MemoryContextAlloc(cache_lists_context(), size);
	Memo	   *memo = (Memo *) next;
	NameArray  *tenants = &memo->list.tenants;

	next += MAXALIGN(sizeof(Memo));
	memo->state = state;
	memo->user = pack_name(&next, user);
	memo->permission = pack_name(&next, permission);
	memo->list = *list;
	tenants->items = pack(&next, list->tenants.items,
						  sizeof(TaclName) * tenants->count);
	for (int i = 0; i < tenants->count; i++)
		tenants->items[i] = pack_name(&next, tenants->items[i]);
	return memo;
}

/* Is there room for one more of this size? */
static bool
has_room(Size size)
{
	return memo_count < MEMOS &&
		MemoryContextMemAllocated(cache_lists_context(), false) + size <= MEMO_BYTES;
}

/* Remembers a list, unless it is too long. */
static void
keep_memo(uint64 state, TaclName user, TaclName permission, TenantList list)
{
	Size		size;

	if (!list.complete)
		list.tenants.count = 0;
	size = memo_size(user, permission, &list.tenants);
	if (!has_room(size))
	{
		memo_count = 0;
		MemoryContextReset(cache_lists_context());
	}
	if (!has_room(size))
		return;
	memos[memo_count] = make_memo(state, user, permission, &list, size);
	memo_count++;
}

/* The tenants where the user may do this, if they are few; see list.h. */
bool
list_few_tenants(TaclName user, TaclName permission, NameArray *tenants)
{
	uint64		state = cache_user_state(user);
	const Memo *memo = find_memo(state, user, permission);
	TenantList	list;

	if (memo != NULL)
		list = memo->list;
	else
	{
		list = list_tenants_to(user, permission, LIST_FEW_TENANTS, true);
		keep_memo(state, user, permission, list);
	}
	*tenants = list.tenants;
	return list.complete;
}
