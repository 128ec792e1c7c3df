/*
 * inval.c
 *		How a change reaches every session: the freshness protocol.
 *
 * What must hold: when the COMMIT of a change has returned, no check that
 * starts later, in any session, gives the answer from before. And nothing
 * that was rolled back, or is not committed yet, is ever part of an answer to
 * others.
 *
 * 1. Signal. A row trigger on each table that an answer depends on, and a
 *    statement trigger for TRUNCATE, register a relcache invalidation of a
 *    proxy: a view without storage, which nothing else touches (an empty table
 *    would be flushed by VACUUM). PostgreSQL sends it right after the
 *    transaction became visible and before COMMIT returns; it carries it
 *    through PREPARE TRANSACTION and the WAL, so that standbys hear it too.
 *    There is one proxy for tenants, one for roles, one for groups, one for
 *    keys of tokens, and 64 for users by hash: an assignment makes no one
 *    recompile roles. The triggers
 *    are ENABLE ALWAYS, for replica role and logical replication. A proxy is
 *    registered once per (sub)transaction: 100,000 messages for 100,000
 *    single-row inserts would overrun the queue and reset every session.
 *
 * 2. Hear. Every question and list calls AcceptInvalidationMessages() before it
 *    looks at anything (begin_question() in cache.c). A statement that takes no
 *    new lock would hear nothing.
 *
 * 3. Note. The callback here compares OIDs, sets flags and bumps the cache's
 *    generation. InvalidOid means everything. A message for one of our tables
 *    (VACUUM, DDL) makes the OIDs doubtful and forgets nothing.
 *
 * 4. Build. store.c reads all tables under one registered catalog snapshot.
 *    It is neither the active nor the transaction's snapshot: those are old
 *    under REPEATABLE READ, and the stale answer would outlive the
 *    transaction. What is older than the snapshot is proved to be unchanged
 *    (cache_build.c). A user is kept only if the generation is what it was
 *    before the build; and since flags are obeyed when the next question
 *    begins, never in the middle of a build, tenants and roles that were added
 *    after a message came are forgotten as well.
 *
 * 5. Own changes. After its first change a transaction forgets everything at
 *    each of its further changes and at the command that follows one, and at
 *    its end; so nothing built from uncommitted rows is left. A check can also
 *    run inside the changing command, before the trigger fires: whatever is
 *    kept while the transaction has an id marks it dirty, and a dirty
 *    transaction forgets everything when it, or a subtransaction of it, is
 *    rolled back, and at PREPARE (own_changes.c).
 *
 *    What tokens were found to be worth (token.c) goes by the same protocol
 *    with a generation of its own: keys and rights do not touch each other.
 *
 * 6. Never in a plan. The functions are STABLE and never constant-folded, and
 *    policies call them bare, not in (SELECT ...): EvalPlanQual re-uses the
 *    value of such an InitPlan.
 *
 * A check thus sees its own transaction's changes from the next command on,
 * and other sessions' as soon as they are committed, in every isolation level.
 */
#include "tenant_acl.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "commands/trigger.h"
#include "utils/inval.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "args.h"
#include "cache.h"
#include "fault.h"
#include "inval.h"
#include "store.h"
#include "token.h"

PG_FUNCTION_INFO_V1(tacl_signal);

/*
 * The subtransaction that registered each proxy's invalidation in the current
 * transaction; InvalidSubTransactionId if none did.
 */
static SubTransactionId registered[STORE_PROXIES];
static bool any_registered = false;

/*
 * Signal
 */

/* Registers a proxy's invalidation, once per transaction. */
static void
signal_proxy(int proxy)
{
	if (registered[proxy] != InvalidSubTransactionId)
		return;
	CacheInvalidateRelcacheByRelid(store_proxy_oid(proxy));
	registered[proxy] = GetCurrentSubTransactionId();
	any_registered = true;
}

/* Signals the user in a column of a row; a row without one is a group's. */
static void
signal_user(Relation table, HeapTuple row, const char *column)
{
	TupleDesc	tupdesc = RelationGetDescr(table);
	int			number = 0;
	bool		isnull;
	Datum		value;

	while (strcmp(NameStr(TupleDescAttr(tupdesc, number)->attname), column) != 0)
	{
		if (++number == tupdesc->natts)
			elog(ERROR, "table \"%s\" has no column \"%s\"",
				 RelationGetRelationName(table), column);
	}
	value = heap_getattr(row, number + 1, tupdesc, &isnull);
	if (isnull)
	{
		signal_proxy(PROXY_GROUPS);
		return;
	}
	signal_proxy(PROXY_USERS +
				 store_user_bucket(name_hash(arg_name_of_text(value))));
}

/* Signals the users of the old and the new row. */
static void
signal_users(TriggerData *trigger)
{
	signal_user(trigger->tg_relation, trigger->tg_trigtuple, "user_id");
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		signal_user(trigger->tg_relation, trigger->tg_newtuple, "user_id");
}

/* Signals what a change of this table affects. */
static void
signal_change(TriggerData *trigger, StoreTable table)
{
	switch (table)
	{
		case STORE_TENANT:
			signal_proxy(PROXY_TENANTS);
			break;
		case STORE_ROLE:
		case STORE_ROLE_INCLUDE:
			signal_proxy(PROXY_ROLES);
			break;
		case STORE_USER_GROUP:
		case STORE_GROUP_INCLUDE:
			signal_proxy(PROXY_GROUPS);
			break;
		case STORE_ASSIGNMENT:
		case STORE_USER_ACCOUNT:
		case STORE_GROUP_MEMBER:
			if (TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
				signal_users(trigger);
			else
				signal_proxy(PROXY_GROUPS); /* TRUNCATE: all users */
			break;
		case STORE_KEY:
			signal_proxy(PROXY_KEYS);
			break;
		case STORE_PERMISSION:
		case STORE_USER_PREFERENCE:
		case STORE_AUDIT:
			break;				/* no answer depends on them */
	}
}

/*
 * tacl.signal(): trigger. Tells all sessions at COMMIT what to forget, and
 * this one now. Refuses to be anything but an AFTER trigger of our tables.
 */
Datum
tacl_signal(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	int			table;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("tacl.signal() is an AFTER trigger")));
	store_resolve_oids();
	if (store_oid_kind(RelationGetRelid(trigger->tg_relation),
					   &table) != STORE_OID_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("tacl.signal() is for tables of the extension only")));
	signal_change(trigger, table);
	if (table == STORE_KEY)
		token_own_change();
	else
		cache_own_change();
	return PointerGetDatum(NULL);
}

/*
 * Makes all sessions forget everything: others at COMMIT, this one now. On a
 * standby only this one, which cannot send messages.
 */
void
inval_flush_everyone(void)
{
	store_resolve_oids();
	if (!RecoveryInProgress())
	{
		for (int i = 0; i < STORE_PROXIES; i++)
			signal_proxy(i);
	}
	cache_invalidate_all();
	token_invalidate();
}

/*
 * Hear and note
 */

/* A proxy's message has come. */
static void
note_proxy(int proxy)
{
	if (proxy == PROXY_TENANTS || proxy == PROXY_ROLES)
		cache_invalidate_all();
	else if (proxy == PROXY_GROUPS)
		cache_invalidate_users();
	else if (proxy == PROXY_KEYS)
		token_invalidate();
	else
		cache_invalidate_bucket(proxy - PROXY_USERS);
}

/* Relcache callback. Compares and notes; must not fail, read or allocate. */
static void
relcache_callback(Datum arg, Oid relid)
{
	int			number;

	if (relid == InvalidOid)
	{
		store_forget_oids();
		store_forget_triggers();
		cache_invalidate_all();
		token_invalidate();
		return;
	}
	switch (store_oid_kind(relid, &number))
	{
		case STORE_OID_FOREIGN:
			break;
		case STORE_OID_TABLE:
			store_forget_oids();
			store_forget_triggers();
			break;
		case STORE_OID_PROXY:
			note_proxy(number);
			break;
	}
}

/* Syscache callback: owners of functions, or superusers, may be others now. */
static void
syscache_callback(Datum arg, int cache, uint32 hash)
{
	store_forget_triggers();
}

/*
 * Own transaction
 */

/* Forgets which proxies were registered. */
static void
clear_registered(void)
{
	if (any_registered)
		memset(registered, 0, sizeof(registered));
	any_registered = false;
}

/* Transaction callback. */
static void
xact_callback(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_COMMIT:
			/* Visible to all, and not yet heard by any. */
			fault_point("commit-before-message");
			/* FALLTHROUGH */
		case XACT_EVENT_PARALLEL_COMMIT:
			cache_end_transaction(true);
			token_end_transaction(true);
			clear_registered();
			break;
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PARALLEL_ABORT:
		case XACT_EVENT_PREPARE:
			cache_end_transaction(false);
			token_end_transaction(false);
			clear_registered();
			break;
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PARALLEL_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
			break;
	}
}

/*
 * Subtransaction callback. A registration lives and dies with its
 * subtransaction, as PostgreSQL's own list of messages does.
 */
static void
subxact_callback(SubXactEvent event, SubTransactionId mine,
				 SubTransactionId parent, void *arg)
{
	SubTransactionId owner;

	if (event == SUBXACT_EVENT_ABORT_SUB)
	{
		cache_abort_subtransaction();
		token_abort_subtransaction();
		owner = InvalidSubTransactionId;
	}
	else if (event == SUBXACT_EVENT_COMMIT_SUB)
		owner = parent;
	else
		return;
	for (int i = 0; any_registered && i < STORE_PROXIES; i++)
	{
		if (registered[i] == mine)
			registered[i] = owner;
	}
}

/* Registers the callbacks; once per process. */
void
inval_init(void)
{
	CacheRegisterRelcacheCallback(relcache_callback, (Datum) 0);
	CacheRegisterSyscacheCallback(PROCOID, syscache_callback, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHOID, syscache_callback, (Datum) 0);
	RegisterXactCallback(xact_callback, NULL);
	RegisterSubXactCallback(subxact_callback, NULL);
}
