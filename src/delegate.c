/*
 * delegate.c
 *		What a user may change by themselves: who may, and one after another.
 *
 * A delegate has a right at a tenant, and hands on only what they hold there
 * (see delegate_rules.c). Who acts for the user has to be allowed the same.
 *
 * Delegates of one tenant wait for each other, so that two of them cannot
 * remove each other at once. A change at a tenant may have effects anywhere
 * below it; it takes a lock of the tenant that excludes all others, and one of
 * each tenant above that excludes only changes made there. The locks are taken
 * from above downwards, so that delegates do not end in a deadlock by a single
 * change. The operator takes none of them, and never waits for them.
 *
 * But rows that a delegate has changed stay locked until the transaction ends;
 * how the operator comes to them says make_way.c.
 */
#include "delegate.h"

#include "access/xact.h"
#include "utils/memutils.h"

#include "args.h"
#include "cache.h"
#include "list.h"
#include "lock_tag.h"
#include "session.h"

/* How often a tenant may be moved while its locks are taken. */
#define MAX_ATTEMPTS 20

/* A right that a change of this transaction was made by. */
typedef struct UsedRight
{
	Delegate	by;
	SubTransactionId subtransaction;	/* that made the change */
} UsedRight;

/*
 * All of them, in TopTransactionContext. Each once: one that an outer
 * transaction has used counts for what is made within it.
 */
static List *used_rights = NIL;

/* Has this transaction taken such locks? */
static bool has_locked = false;

/* A copy, since settings can change. */
static TaclName
copy_name(TaclName name)
{
	name.data = pnstrdup(name.data, name.len);
	return name;
}

/* Who makes a change; see delegate.h. */
void
delegate_begin(Delegate *by, const char *function, const char *right)
{
	TaclName	person;

	memset(by, 0, sizeof(*by));
	by->right = right;
	if (!session_asker(&person))
		return;
	if (right == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for %s to the user of the session",
						function),
				 errhint("This is the operator's to do, in a session without a user.")));
	by->persons[by->count++] = copy_name(person);
	if (session_actor(&person))
		by->persons[by->count++] = copy_name(person);
}

/* Has the delegate the right there? See delegate.h. */
bool
delegate_has_right(const Delegate *by, TaclName tenant)
{
	TaclName	right;

	if (by->count == 0)
		return true;
	right = name_from_cstring(by->right);
	if (name_is_root(tenant) ||
		!session_scope_allows(by->persons[0], right))
		return false;
	for (int i = 0; i < by->count; i++)
	{
		if (!cache_can(by->persons[i], right, tenant))
			return false;
	}
	return true;
}

/* Raises 42501: there is no such right, or no such tenant. */
pg_noreturn static void
report_no_right(const Delegate *by, TaclName tenant, const char *where)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied at tenant \"%.*s\"",
					tenant.len, tenant.data),
			 errdetail("It takes \"%s\" %s.", by->right, where)));
}

/* The tenant with all above it but the root, the topmost first. */
static NameArray
read_chain(TaclName tenant)
{
	TaclName   *names = palloc(sizeof(TaclName) * TACL_MAX_WALK);
	NameArray	chain = {NULL, 0};
	StoreReader reader;
	TenantRow	row;
	int			first = TACL_MAX_WALK;

	store_begin(&reader);
	while (first > 0 && store_tenant(&reader, tenant, &row) &&
		   row.parent.data != NULL)
	{
		names[--first] = row.id;
		tenant = row.parent;
	}
	store_end(&reader);
	chain.items = names + first;
	chain.count = TACL_MAX_WALK - first;
	return chain;
}

/* Are these the same names? */
static bool
same_names(NameArray a, NameArray b)
{
	if (a.count != b.count)
		return false;
	for (int i = 0; i < a.count; i++)
	{
		if (!name_equal(a.items[i], b.items[i]))
			return false;
	}
	return true;
}

/*
 * Makes the own transaction known as one of a delegate, until it ends. The
 * operator can close the door that leads there; see make_way.c.
 */
static void
go_in(void)
{
	LOCKTAG		door = lock_tag(LOCK_DOOR, NO_NAME);
	LOCKTAG		delegates = lock_tag(LOCK_DELEGATES, NO_NAME);
	ResourceOwner caller;

	(void) LockAcquire(&door, ShareLock, false, false);
	caller = lock_keep_begin();
	(void) LockAcquire(&delegates, ShareLock, false, false);
	lock_keep_end(caller);
	(void) LockRelease(&door, ShareLock, false);
}

/* Takes the locks of a chain, for as long as what is written then. */
static void
lock_chain(NameArray chain)
{
	ResourceOwner caller = lock_keep_begin();

	for (int i = 0; i < chain.count; i++)
	{
		LOCKTAG		tag = lock_tag(LOCK_TENANT, chain.items[i]);

		(void) LockAcquire(&tag, i == chain.count - 1 ?
						   ExclusiveLock : ShareLock, false, false);
	}
	lock_keep_end(caller);
}

/* Is it the same right of the same persons at the same tenant? */
static bool
same_right(const Delegate *a, const Delegate *b)
{
	return strcmp(a->right, b->right) == 0 &&
		name_equal(a->tenant, b->tenant) &&
		same_names((NameArray) {(TaclName *) a->persons, a->count},
				   (NameArray) {(TaclName *) b->persons, b->count});
}

/* Is a right remembered? Of what is rolled back, none is. */
static bool
is_noted(const Delegate *by)
{
	ListCell   *cell;

	foreach(cell, used_rights)
	{
		if (same_right(&((UsedRight *) lfirst(cell))->by, by))
			return true;
	}
	return false;
}

/* Remembers the right that a change is made by. */
static void
note_right(const Delegate *by)
{
	MemoryContext caller;
	UsedRight  *used;

	if (is_noted(by))
		return;
	caller = MemoryContextSwitchTo(TopTransactionContext);
	used = palloc(sizeof(UsedRight));
	used->by = *by;
	used->by.tenant = copy_name(by->tenant);
	for (int i = 0; i < by->count; i++)
		used->by.persons[i] = copy_name(by->persons[i]);
	used->subtransaction = GetCurrentSubTransactionId();
	used_rights = lappend(used_rights, used);
	MemoryContextSwitchTo(caller);
}

/*
 * Raises 42501 if somebody has lost the right that they made a change by: it
 * must not come into force after the right is gone, however long the
 * transaction was open, or its last statement ran.
 */
static void
require_used_rights(void)
{
	ListCell   *cell;

	session_set_now(GetCurrentTimestamp());
	foreach(cell, used_rights)
	{
		const Delegate *by = &((UsedRight *) lfirst(cell))->by;

		for (int i = 0; i < by->count; i++)
		{
			if (!cache_can(by->persons[i], name_from_cstring(by->right),
						   by->tenant))
				report_no_right(by, by->tenant, "when the transaction ends");
		}
	}
}

/* Forgets rights of what is rolled back; others become the parent's. */
static void
end_of_subtransaction(SubXactEvent event, SubTransactionId mine,
					  SubTransactionId parent, void *arg)
{
	ListCell   *cell;

	foreach(cell, used_rights)
	{
		UsedRight  *used = lfirst(cell);

		if (used->subtransaction != mine)
			continue;
		if (event == SUBXACT_EVENT_ABORT_SUB)
			used_rights = foreach_delete_current(used_rights, cell);
		else if (event == SUBXACT_EVENT_COMMIT_SUB)
			used->subtransaction = parent;
	}
}

/*
 * A prepared transaction could hold up the operator for ever, with no session
 * to end: it makes no delegated change.
 */
static void
end_of_transaction(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_PRE_COMMIT)
	{
		require_used_rights();
		return;
	}
	if (event == XACT_EVENT_PRE_PREPARE && has_locked)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot PREPARE a transaction that has made a delegated change")));
	has_locked = false;
	used_rights = NIL;
	session_set_now(0);
}

/* Registers the callbacks. */
void
delegate_init(void)
{
	RegisterXactCallback(end_of_transaction, NULL);
	RegisterSubXactCallback(end_of_subtransaction, NULL);
}

/* Raises 40001. */
pg_noreturn static void
report_moved(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not write because of concurrent changes"),
			 errhint("The transaction might succeed if retried.")));
}

/* Takes the locks of the tenant, again if it was moved meanwhile. */
static void
lock_tenant(TaclName tenant)
{
	NameArray	chain = read_chain(tenant);

	has_locked = true;
	go_in();
	for (int i = 0; i < MAX_ATTEMPTS; i++)
	{
		NameArray	locked = chain;

		lock_chain(locked);
		chain = read_chain(tenant);
		if (same_names(locked, chain))
			return;
	}
	report_moved();
}

/* Has the delegate the right at their tenant, being alone there? */
static bool
enter(const Delegate *by)
{
	if (!delegate_has_right(by, by->tenant))
		return false;
	lock_tenant(by->tenant);

	/* Another delegate may have taken it away meanwhile. */
	if (!delegate_has_right(by, by->tenant))
		return false;
	note_right(by);
	return true;
}

/* Ensures that the delegate has the right there, and is alone; see delegate.h. */
void
delegate_enter(Delegate *by, TaclName tenant)
{
	if (by->count == 0)
		return;
	by->tenant = copy_name(tenant);
	if (!enter(by))
		report_no_right(by, tenant, "there");
}

/* The parent of a tenant; no data if there is none. */
static TaclName
parent_of(TaclName tenant)
{
	StoreReader reader;
	TenantRow	row;
	TaclName	parent = {NULL, 0};

	store_begin(&reader);
	if (store_tenant(&reader, tenant, &row))
		parent = row.parent;
	store_end(&reader);
	return parent;
}

/* The same at the parent; see delegate.h. */
void
delegate_enter_above(Delegate *by, TaclName tenant)
{
	TaclName	parent;

	if (by->count == 0)
		return;
	by->tenant = parent_of(tenant);
	if (by->tenant.data == NULL || !enter(by))
		report_no_right(by, tenant, "at its parent");
	parent = parent_of(tenant);
	if (parent.data == NULL || !name_equal(parent, by->tenant))
		report_moved();
}

/* Raises 42501; see delegate.h. */
void
delegate_refuse(const Delegate *by, const char *what, TaclName name)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied for %s \"%.*s\" at tenant \"%.*s\"",
					what, name.len, name.data, by->tenant.len, by->tenant.data),
			 errhint("A user changes nothing of their own, and gives and takes only what they hold there themselves, as long as it lasts and without a deny.")));
}

/* Remembers a tenant; see delegate.h. */
void
delegate_watch(Delegate *by, TaclName tenant)
{
	if (by->count == 0 || !list_has_administrator(tenant))
		return;
	names_add(&by->watched, &by->watched_room, tenant);
}

/* Ensures that all watched tenants still have an administrator. */
void
delegate_end(Delegate *by)
{
	for (int i = 0; i < by->watched.count; i++)
	{
		TaclName	tenant = by->watched.items[i];

		if (!list_has_administrator(tenant))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("permission denied to leave tenant \"%.*s\" without an administrator",
							tenant.len, tenant.data),
					 errdetail("Somebody must keep \"%s\" by an assignment at the tenant itself that does not expire.",
							   TACL_RIGHT_ASSIGN)));
	}
}
