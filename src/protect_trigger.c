/*
 * protect_trigger.c
 *		An UPDATE must not move a row to where it could not be inserted.
 *
 * WITH CHECK of an UPDATE's policy sees only the new row, and a user may update
 * in two tenants but create in only one of them. So a row whose tenant changes
 * must also pass the policies for INSERT, as a new row would.
 *
 * The trigger fires before the row is written, because a row that changes its
 * partition has no UPDATE after that. Its name sorts last, so that it sees what
 * other such triggers have made of the row. It has no arguments: which policies
 * count, and for whom, is read from the table when a row moves.
 */
#include "protect.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/partition.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"

#include "statement.h"

PG_FUNCTION_INFO_V1(tacl_guard_move);

#define TRIGGER_NAME "~tacl move"

/* What a moved row is called in the query that checks it. */
#define MOVED "moved"

/* What is asked of a moved row; kept for one statement. */
typedef struct MoveCheck
{
	SPIPlanPtr	plan;			/* NULL if nothing is */
	List	   *policies;		/* one for each column of the plan's result */
	MemoryContextCallback release;
} MoveCheck;

/*
 * The trigger
 */

/* The trigger of ours on a table; NULL if there is none. */
static const Trigger *
find_trigger(Relation table)
{
	Oid			extension = get_extension_oid(TACL_EXTENSION, false);

	for (int i = 0; table->trigdesc != NULL && i < table->trigdesc->numtriggers; i++)
	{
		const Trigger *trigger = &table->trigdesc->triggers[i];

		if (strcmp(trigger->tgname, TRIGGER_NAME) == 0 &&
			getExtensionOfObject(ProcedureRelationId,
								 trigger->tgfoid) == extension)
			return trigger;
	}
	return NULL;
}

/* Does the trigger's condition look at this column of both rows alone? */
static bool
watches_column(const Trigger *trigger, AttrNumber column)
{
	Bitmapset  *wanted =
		bms_make_singleton(column - FirstLowInvalidHeapAttributeNumber);
	Bitmapset  *old = NULL;
	Bitmapset  *new = NULL;
	Node	   *condition;

	if (trigger->tgqual == NULL)
		return false;
	condition = stringToNode(trigger->tgqual);
	pull_varattnos(condition, PRS2_OLD_VARNO, &old);
	pull_varattnos(condition, PRS2_NEW_VARNO, &new);
	return bms_equal(old, wanted) && bms_equal(new, wanted);
}

/* Is there a trigger of ours, and is it as wanted? */
static bool
has_trigger(Oid relid, AttrNumber column, bool *as_wanted)
{
	Relation	table = table_open(relid, NoLock);
	const Trigger *trigger = find_trigger(table);
	bool		found = trigger != NULL;

	*as_wanted = found && trigger->tgenabled == TRIGGER_FIRES_ON_ORIGIN &&
		trigger->tgtype == (TRIGGER_TYPE_ROW | TRIGGER_TYPE_BEFORE |
							TRIGGER_TYPE_UPDATE) &&
		watches_column(trigger, column);
	table_close(table, NoLock);
	return found;
}

/* Drops the trigger. */
static void
drop_trigger(Oid relid)
{
	protect_run(psprintf("DROP TRIGGER %s ON %s",
						 quote_identifier(TRIGGER_NAME),
						 protect_table_name(relid)));
}

/*
 * Makes the trigger as wanted; returns whether anything changed. Partitions get
 * theirs from their parent.
 */
bool
protect_make_trigger(const ProtectCall *call, Oid relid,
					 const ProtectWish *wish)
{
	AttrNumber	number = get_attnum(relid, wish->column);
	const char *column = protect_exact_column(relid, number);
	bool		as_wanted;

	if (get_rel_relispartition(relid))
		return false;
	if (has_trigger(relid, number, &as_wanted))
	{
		if (as_wanted)
			return false;
		drop_trigger(relid);
	}
	protect_run(psprintf("CREATE TRIGGER %s BEFORE UPDATE ON %s FOR EACH ROW"
						 " WHEN ((OLD.%s %s NEW.%s) IS NOT TRUE)"
						 " EXECUTE FUNCTION %s.tacl_guard_move()",
						 quote_identifier(TRIGGER_NAME),
						 protect_table_name(relid), column,
						 protect_operator(wish->column_operator), column,
						 call->schema));
	protect_verify(TriggerRelationId,
				   get_trigger_oid(relid, TRIGGER_NAME, false),
				   list_make1_oid(wish->column_operator));
	return true;
}

/* Drops the trigger if there is one; returns whether there was. */
bool
protect_drop_trigger(Oid relid)
{
	bool		as_wanted;

	if (get_rel_relispartition(relid) ||
		!has_trigger(relid, InvalidAttrNumber, &as_wanted))
		return false;
	drop_trigger(relid);
	return true;
}

/*
 * What it asks
 */

/* Is the policy for the calling role? */
static bool
is_for_caller(const Policy *policy)
{
	ListCell   *cell;

	foreach(cell, policy->roles)
	{
		Oid			role = lfirst_oid(cell);

		if (role == ACL_ID_PUBLIC || has_privs_of_role(GetUserId(), role))
			return true;
	}
	return false;
}

/*
 * The policies that a moved row has to pass. A caller for whom there are none
 * comes through somebody else's view, and it is not known whose: then it has to
 * pass them all, unless the caller is exempt.
 */
static List *
policies_to_pass(List *policies)
{
	List	   *all = NIL;
	List	   *own = NIL;
	bool		exempt = false;
	ListCell   *cell;

	foreach(cell, policies)
	{
		Policy	   *policy = lfirst(cell);
		bool		for_caller = is_for_caller(policy);

		if (policy->kind == POLICY_EXEMPTS && for_caller)
			exempt = true;
		if (policy->kind != POLICY_RESTRICTS ||
			policy->command != ACL_INSERT_CHR)
			continue;
		all = lappend(all, policy);
		if (for_caller)
			own = lappend(own, policy);
	}
	return own != NIL || exempt ? own : all;
}

/*
 * The policies for a row of the table: its own, or if it is a partition that
 * has none, those of the next table above that has.
 */
static List *
policies_for_row(Oid relid)
{
	List	   *tables = list_make1_oid(relid);
	ListCell   *cell;

	if (get_rel_relispartition(relid))
		tables = list_concat(tables, get_partition_ancestors(relid));
	foreach(cell, tables)
	{
		List	   *policies = protect_policies(lfirst_oid(cell), MOVED);

		if (policies == NIL)
			continue;
		if (check_enable_rls(lfirst_oid(cell), InvalidOid, true) != RLS_ENABLED)
			return NIL;
		return policies_to_pass(policies);
	}
	return NIL;
}

/* Gives the plan back when the statement is done. */
static void
release_check(void *arg)
{
	SPI_freeplan(((MoveCheck *) arg)->plan);
}

/* Prepares the query that asks, of a row of this type. */
static SPIPlanPtr
prepare_query(List *policies, Oid row_type)
{
	StringInfoData sql;
	SPIPlanPtr	plan;
	ListCell   *cell;

	initStringInfo(&sql);
	foreach(cell, policies)
	{
		const Policy *policy = lfirst(cell);

		appendStringInfo(&sql, "%s (%s)", sql.len > 0 ? "," : "SELECT",
						 policy->check == NULL ? "false" : policy->check);
	}
	appendStringInfoString(&sql, " FROM (SELECT ($1).*) AS " MOVED);
	plan = SPI_prepare(sql.data, 1, &row_type);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s",
			 SPI_result_code_string(SPI_result));
	SPI_keepplan(plan);
	return plan;
}

/* What is to be asked in this statement. */
static MoveCheck *
find_check(FunctionCallInfo fcinfo)
{
	Relation	table = ((TriggerData *) fcinfo->context)->tg_relation;
	MemoryContext context = fcinfo->flinfo->fn_mcxt;
	MoveCheck  *check = fcinfo->flinfo->fn_extra;
	MemoryContext caller;
	int			guc_level;

	if (check != NULL)
		return check;
	guc_level = statement_pin_path();
	caller = MemoryContextSwitchTo(context);
	check = palloc0(sizeof(MoveCheck));
	check->policies = policies_for_row(RelationGetRelid(table));
	MemoryContextSwitchTo(caller);
	if (check->policies != NIL)
	{
		check->plan = prepare_query(check->policies,
									RelationGetForm(table)->reltype);
		check->release.func = release_check;
		check->release.arg = check;
		MemoryContextRegisterResetCallback(context, &check->release);
	}
	AtEOXact_GUC(true, guc_level);
	fcinfo->flinfo->fn_extra = check;
	return check;
}

/* Asks it of the row. */
static void
check_row(const MoveCheck *check, const TriggerData *trigger)
{
	Datum		row = heap_copy_tuple_as_datum(trigger->tg_newtuple,
											   RelationGetDescr(trigger->tg_relation));
	int			code = SPI_execute_plan(check->plan, &row, NULL, true, 0);
	ListCell   *cell;

	if (code != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(code));
	foreach(cell, check->policies)
	{
		const Policy *policy = lfirst(cell);
		bool		isnull;
		Datum		passed = SPI_getbinval(SPI_tuptable->vals[0],
										   SPI_tuptable->tupdesc,
										   foreach_current_index(cell) + 1,
										   &isnull);

		if (isnull || !DatumGetBool(passed))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("new row violates row-level security policy \"%s\" for table \"%s\"",
							policy->name,
							RelationGetRelationName(trigger->tg_relation)),
					 errdetail("The row would move to where it has to be allowed as a new row.")));
	}
}

/* Raises an error about a call that is not the trigger's. */
static void
report_protocol(const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("function \"tacl_guard_move\" %s", problem),
			 errhint("It serves the triggers that tacl_protect() makes.")));
}

/* Trigger before UPDATE of each row that moves: refuses it, or lets it pass. */
Datum
tacl_guard_move(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	MoveCheck  *check;

	if (!CALLED_AS_TRIGGER(fcinfo))
		report_protocol("was not called by a trigger");
	if (!TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		report_protocol("must be called before UPDATE of each row");
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	check = find_check(fcinfo);
	if (check->plan != NULL)
		check_row(check, trigger);
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	return PointerGetDatum(trigger->tg_newtuple);
}
