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
 * Nothing but a COPY into our schema that a superuser sends by itself is
 * meant: not what a function or a trigger does on the way of another statement,
 * whose own triggers would be off as well.
 */
#include "guard_int.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "miscadmin.h"
#include "tcop/pquery.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"

PG_FUNCTION_INFO_V1(tacl_guard_restore);

/* Is the statement that the client has sent a COPY into our schema? */
static bool
is_copy_from_client(void)
{
	static const char start[] = "COPY " TACL_SCHEMA ".";

	return ActivePortal != NULL && ActivePortal->commandTag == CMDTAG_COPY &&
		debug_query_string != NULL &&
		strncmp(debug_query_string, start, sizeof(start) - 1) == 0;
}

/*
 * Is a dump being restored by a superuser, outside of a transaction block? All
 * dumps begin by turning this setting off, and by emptying the search path.
 */
static bool
is_single_restore(void)
{
	return !check_function_bodies && namespace_search_path[0] == '\0' &&
		!IsTransactionBlock() && is_copy_from_client() && superuser();
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
