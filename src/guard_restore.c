/*
 * guard_restore.c
 *		Lets pg_restore load the tables in any order.
 *
 * pg_dump knows that an extension's tables have to be loaded in the order of
 * their foreign keys, but does not write that into an archive: pg_restore -j
 * loads them in any order, and would fail. It sends one COPY per table, outside
 * of a transaction block. For that statement, which is the whole transaction,
 * the triggers that look at other rows are turned off, as for tables whose
 * foreign keys are created when all data is there. What is dumped was sound;
 * the signals to other sessions and the CHECK constraints stay. In a
 * transaction block (pg_restore -1) nothing is turned off; there the order is
 * the right one.
 *
 * Rows that a dump restores, by COPY or INSERT, in a transaction block or not,
 * are not recorded by the audit either, whose records the dump carries.
 *
 * A restore is nothing but statements that a client sends. So it is believed
 * only until the first change is recorded in the database, by a sequence that
 * no dump has: who puts back single rows later, from a dump or in its words, is
 * recorded.
 *
 * Nothing but a COPY into our schema that a superuser sends by itself is
 * meant: not what a function or a trigger does on the way of another statement,
 * whose own triggers would be off as well.
 */
#include "guard_int.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "miscadmin.h"
#include "tcop/cmdtag.h"
#include "tcop/pquery.h"
#include "tcop/tcopprot.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"

#include "guard.h"

PG_FUNCTION_INFO_V1(tacl_guard_restore);

/* Is the statement that the client has sent of this kind, and begins so? */
static bool
is_from_client(CommandTag tag, const char *start)
{
	return ActivePortal != NULL && ActivePortal->commandTag == tag &&
		debug_query_string != NULL &&
		strncmp(debug_query_string, start, strlen(start)) == 0;
}

/* Has the client sent a COPY into our schema? */
static bool
is_copy_from_client(void)
{
	return is_from_client(CMDTAG_COPY, "COPY " TACL_SCHEMA ".");
}

/* Do a session's settings say that a dump is being restored? All dumps begin so. */
static bool
is_set_as_dumps_do(void)
{
	return !check_function_bodies && namespace_search_path[0] == '\0';
}

/* Has nothing been recorded in this database? To be asked by a superuser. */
static bool
is_unused(void)
{
	LOCAL_FCINFO(call, 1);

	store_resolve_oids();
	InitFunctionCallInfoData(*call, NULL, 1, InvalidOid, NULL, NULL);
	call->args[0].value = ObjectIdGetDatum(store_recorded_oid());
	call->args[0].isnull = false;
	(void) pg_sequence_last_value(call);
	return call->isnull;
}

/* Is a dump being restored by a superuser, outside of a transaction block? */
static bool
is_single_restore(void)
{
	return is_set_as_dumps_do() && !IsTransactionBlock() &&
		is_copy_from_client() && superuser() && is_unused();
}

/*
 * Does a superuser act by themselves, and not a function of theirs for another
 * one?
 */
static bool
is_superuser_acting(void)
{
	return GetUserId() == GetOuterUserId() && superuser_arg(GetUserId()) &&
		superuser_arg(GetSessionUserId());
}

/* Is this a statement of a dump that a superuser restores? See guard.h. */
bool
guard_is_restore(void)
{
	return is_set_as_dumps_do() && is_superuser_acting() &&
		(is_copy_from_client() ||
		 is_from_client(CMDTAG_INSERT, "INSERT INTO " TACL_SCHEMA ".")) &&
		is_unused();
}

/* Trigger before INSERT: turns other triggers off while a dump is restored. */
Datum
tacl_guard_restore(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	(void) guard_table(fcinfo, "guard_restore");
	if (!TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event))
		guard_report_protocol("guard_restore",
							  "must be called before the statement");
	if (is_single_restore())
		(void) set_config_option("session_replication_role", "replica",
								 PGC_SUSET, PGC_S_SESSION, GUC_ACTION_LOCAL,
								 true, 0, false);
	PG_RETURN_POINTER(NULL);
}
