/*
 * guard_restore.c
 *		Lets pg_restore load the tables in any order.
 *
 * pg_dump knows that an extension's tables have to be loaded in the order of
 * their foreign keys, but does not write that into an archive: pg_restore -j
 * loads them in any order, and would fail. It sends one statement per table,
 * outside of a transaction block. For that statement the triggers that look at
 * other rows are turned off, as for tables whose foreign keys are created when
 * all data is there. What is dumped was sound; the signals to other sessions
 * and the CHECK constraints stay. In a transaction block (pg_restore -1, or a
 * dump of data only that the user wraps), where the setting would outlive the
 * statement, nothing is turned off; there the order is the right one.
 *
 * This adds no right: who is not a superuser gets the errors.
 */
#include "guard_int.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "miscadmin.h"
#include "utils/guc.h"

PG_FUNCTION_INFO_V1(tacl_guard_restore);

/*
 * Does the statement come from a dump, outside of a transaction block? All
 * dumps begin by turning this setting off, and by emptying the search path.
 */
static bool
is_single_restore(void)
{
	return !check_function_bodies && namespace_search_path[0] == '\0' &&
		!IsTransactionBlock() && superuser();
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
