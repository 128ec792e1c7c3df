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
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"

#include "row_query.h"

PG_FUNCTION_INFO_V1(tacl_guard_move);

#define TRIGGER_NAME "~tacl move"

/* What is asked of a moved row; kept for one statement. */
typedef struct MoveCheck
{
	List	   *policies;		/* NIL if nothing is */
	Oid			source;			/* the table that has them */
	RowQuestion question;		/* their expressions, in the same order */
	SPIPlanPtr	plan;
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
protect_make_trigger(Oid relid, const ProtectWish *wish)
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
						 " EXECUTE FUNCTION " TACL_SCHEMA ".tacl_guard_move()",
						 quote_identifier(TRIGGER_NAME),
						 protect_table_name(relid), column,
						 protect_operator(wish->column_operator), column));
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
 * The policies for a row of the table, and the table that has them: itself, or
 * for a partition that has none, the next one above that has.
 */
static List *
policies_for_row(Oid relid, Oid *source)
{
	List	   *tables = list_make1_oid(relid);
	ListCell   *cell;

	if (get_rel_relispartition(relid))
		tables = list_concat(tables, get_partition_ancestors(relid));
	foreach(cell, tables)
	{
		List	   *policies;

		*source = lfirst_oid(cell);
		policies = protect_policies(*source, NULL);
		if (policies == NIL)
			continue;
		if (check_enable_rls(*source, InvalidOid, true) != RLS_ENABLED)
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

/* Prepares what is to be asked, if there are policies. */
static void
prepare_check(MoveCheck *check, Relation table, MemoryContext context)
{
	Relation	source;
	ListCell   *cell;

	check->policies = policies_for_row(RelationGetRelid(table), &check->source);
	if (check->policies == NIL)
		return;
	check->question.row_type = RelationGetForm(table)->reltype;
	foreach(cell, check->policies)
	{
		const char *tree = ((Policy *) lfirst(cell))->check_tree;

		check->question.expressions =
			lappend(check->question.expressions, tree == NULL ?
					makeBoolConst(false, false) : stringToNode(tree));
	}
	source = table_open(check->source, AccessShareLock);
	check->plan = row_query_prepare(source, &check->question);
	table_close(source, NoLock);
	SPI_keepplan(check->plan);
	check->release.func = release_check;
	check->release.arg = check;
	MemoryContextRegisterResetCallback(context, &check->release);
}

/* What is to be asked in this statement. */
static MoveCheck *
find_check(FunctionCallInfo fcinfo)
{
	Relation	table = ((TriggerData *) fcinfo->context)->tg_relation;
	MemoryContext context = fcinfo->flinfo->fn_mcxt;
	MoveCheck  *check = fcinfo->flinfo->fn_extra;
	MemoryContext caller;

	if (check != NULL)
		return check;
	caller = MemoryContextSwitchTo(context);
	check = palloc0(sizeof(MoveCheck));
	prepare_check(check, table, context);
	MemoryContextSwitchTo(caller);
	fcinfo->flinfo->fn_extra = check;
	return check;
}

/* Asks it of the row. */
static void
check_row(const MoveCheck *check, const TriggerData *trigger)
{
	AskedRow	row = {
		.row = heap_copy_tuple_as_datum(trigger->tg_newtuple,
										RelationGetDescr(trigger->tg_relation))
	};
	ListCell   *cell;

	row_query_run(check->plan, &check->question, &row, true);
	foreach(cell, check->policies)
	{
		const Policy *policy = lfirst(cell);

		if (!row_query_holds(foreach_current_index(cell)))
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
