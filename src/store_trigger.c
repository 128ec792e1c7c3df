/*
 * store_trigger.c
 *		Others' triggers on the extension's tables.
 *
 * What the extension writes, it writes as the owner, and triggers would run as
 * the owner with it. TRIGGER on a table, which one GRANT ALL ON ALL TABLES IN
 * SCHEMA gives away, would be all that the owner may do. So nothing is written
 * while a table has a trigger that runs code of anybody but the owner and
 * superusers: its function, or one that its WHEN calls. Who made a trigger,
 * PostgreSQL does not keep.
 *
 * The lock that is taken for it keeps new triggers out until the end of the
 * transaction. What a table's triggers are is looked at once, and again after
 * any message that could mean another answer: about the extension's tables, or
 * about who owns a function or is a superuser. Whoever has the lock has had the
 * messages of all that was committed before.
 */
#include "tenant_acl.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xlog.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "lock_tag.h"
#include "store.h"

/* Grows with each such message; and what it was when a table was looked at. */
static uint64 doubts = 1;
static uint64 looked_at[STORE_ALL_TABLES];

/* Makes the next write look again. Safe in a callback. */
void
store_forget_triggers(void)
{
	doubts++;
}

/* Does the function belong to somebody else than the owner or a superuser? */
static bool
is_foreign_function(Oid function, void *owner)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Oid			function_owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function);
	function_owner = ((Form_pg_proc) GETSTRUCT(tuple))->proowner;
	ReleaseSysCache(tuple);
	return function_owner != *(Oid *) owner && !superuser_arg(function_owner);
}

/* Is such a function called here or below? */
static bool
calls_foreign_function(Node *node, void *owner)
{
	if (node == NULL)
		return false;
	return check_functions_in_node(node, is_foreign_function, owner) ||
		expression_tree_walker(node, calls_foreign_function, owner);
}

/* Does the trigger run somebody else's code? Foreign keys' do not. */
static bool
is_foreign_trigger(const Trigger *trigger, Oid owner)
{
	if (trigger->tgisinternal)
		return false;
	return is_foreign_function(trigger->tgfoid, &owner) ||
		(trigger->tgqual != NULL &&
		 calls_foreign_function(stringToNode(trigger->tgqual), &owner));
}

/* Raises the error of such a trigger. */
pg_noreturn static void
report_trigger(Relation table, const Trigger *trigger)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("trigger \"%s\" on table \"%s.%s\" would run as the owner of the table",
					trigger->tgname, TACL_SCHEMA,
					RelationGetRelationName(table)),
			 errdetail("It runs a function that belongs neither to the owner nor to a superuser."),
			 errhint("Drop the trigger, and revoke TRIGGER on the table: DROP TRIGGER %s ON %s.%s.",
					 quote_identifier(trigger->tgname), TACL_SCHEMA,
					 quote_identifier(RelationGetRelationName(table)))));
}

/* Ensures that the table, which is locked for writing, has no such trigger. */
void
store_refuse_triggers(StoreTable which)
{
	uint64		present = doubts;
	Relation	table;

	if (looked_at[which] == present)
		return;
	table = table_open(store_table_oid(which), NoLock);
	for (int i = 0; table->trigdesc != NULL && i < table->trigdesc->numtriggers; i++)
	{
		const Trigger *trigger = &table->trigdesc->triggers[i];

		if (is_foreign_trigger(trigger, table->rd_rel->relowner))
			report_trigger(table, trigger);
	}
	table_close(table, NoLock);
	looked_at[which] = present;
}

/* Locks a table for writing, for as long as what is written then. */
static void
lock_for_writing(StoreTable which)
{
	ResourceOwner caller = lock_keep_begin();

	LockRelationOid(store_table_oid(which), RowExclusiveLock);
	lock_keep_end(caller);
}

/*
 * Ensures it for all tables that a change may reach, by a foreign key's cascade
 * too, and locks them for writing. Preferences stand alone: who sets them holds
 * up nobody, and nobody holds them up. A standby, where nothing is written, has
 * no such locks.
 */
void
store_refuse_all_triggers(bool preferences)
{
	if (RecoveryInProgress())
		return;
	store_resolve_oids();
	for (int i = 0; i < STORE_ALL_TABLES; i++)
	{
		if ((i == STORE_USER_PREFERENCE) != preferences)
			continue;
		lock_for_writing(i);
		store_refuse_triggers(i);
	}
}

/*
 * Locks the tables that a change may reach for writing: for who locks rows
 * before the change, since others lock tables before rows.
 */
void
store_lock_all_tables(void)
{
	store_resolve_oids();
	for (int i = 0; i < STORE_ALL_TABLES; i++)
	{
		if (i != STORE_USER_PREFERENCE)
			lock_for_writing(i);
	}
}
