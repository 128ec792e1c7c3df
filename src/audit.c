/*
 * audit.c
 *		Records every change of who may do what.
 *
 * Ordinary triggers on each row write one record in the same transaction,
 * however the change is made: functions, direct statements, COPY, cascades.
 * TRUNCATE fires no row triggers; before it removes them, each row is recorded.
 * Replica role, and so logical replication apply, fires none of this: there
 * the change was recorded where it was made. A dump carries the records, so
 * the rows that it restores are not recorded again.
 *
 * A record belongs to one row, found by object, subject and key, and to one
 * tenant: an UPDATE that changes any of these is recorded as a DELETE and an
 * INSERT. So what a row was at some time is "before" of its first record
 * after that time, and if there is none, what it is now.
 */
#include "tenant_acl.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_class.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "audit.h"
#include "audit_row.h"
#include "guard.h"

PG_FUNCTION_INFO_V1(tacl_audit_guard);
PG_FUNCTION_INFO_V1(tacl_audit_row);
PG_FUNCTION_INFO_V1(tacl_audit_truncate);

/* Raises an error about a trigger that is not called as it must be. */
pg_noreturn static void
report_protocol(const char *function, const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("function \"%s.%s\" %s", TACL_SCHEMA, function, problem),
			 errhint("It serves the tables of extension \"%s\" only.",
					 TACL_EXTENSION)));
}

/*
 * The table that a trigger fires for: one that is audited, or the audit itself.
 * An error unless it is what the trigger is for.
 */
static StoreTable
trigger_table(FunctionCallInfo fcinfo, const char *function, bool itself)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	int			table = 0;

	if (!CALLED_AS_TRIGGER(fcinfo))
		report_protocol(function, "was not called by a trigger");
	store_resolve_oids();
	if (store_oid_kind(RelationGetRelid(trigger->tg_relation),
					   &table) != STORE_OID_TABLE ||
		(itself ? table != STORE_AUDIT : !audit_is_audited(table)))
		report_protocol(function, "was called by a trigger on another's table");
	return table;
}

/*
 * Records
 */

/* Writes the record of one row, which was, is, or both. */
static void
write_record(Relation relation, const char *operation,
			 const AuditedRow *before, const AuditedRow *after)
{
	const AuditedRow *row = after != NULL ? after : before;
	AuditRecord record = {
		.operation = operation,
		.object = RelationGetRelationName(relation),
		.subject = row->subject,
		.tenant = row->tenant,
		.before = before != NULL ? before->document : NULL,
		.after = after != NULL ? after->document : NULL
	};

	audit_write(&record);
}

/* Bytewise equality of names that may be missing. */
static bool
same(TaclName a, TaclName b)
{
	if (a.data == NULL || b.data == NULL)
		return a.data == b.data;
	return name_equal(a, b);
}

/* Does the record of an UPDATE belong where that of the row before does? */
static bool
is_same_row(const AuditedRow *before, const AuditedRow *after)
{
	return same(before->tenant, after->tenant) &&
		same(before->subject, after->subject) &&
		same(before->key, after->key);
}

/* Are the documents the same? */
static bool
is_unchanged(const Jsonb *before, const Jsonb *after)
{
	return VARSIZE(before) == VARSIZE(after) &&
		memcmp(before, after, VARSIZE(before)) == 0;
}

/* Records an UPDATE, if it changed anything. */
static void
record_update(const TriggerData *trigger, StoreTable table)
{
	Relation	relation = trigger->tg_relation;
	AuditedRow	before = audit_read_row(relation, table,
										trigger->tg_trigtuple, NULL);
	AuditedRow	after = audit_read_row(relation, table,
									   trigger->tg_newtuple, &before);

	if (!is_same_row(&before, &after))
	{
		write_record(relation, "DELETE", &before, NULL);
		write_record(relation, "INSERT", NULL, &after);
	}
	else if (!is_unchanged(before.document, after.document))
		write_record(relation, "UPDATE", &before, &after);
}

/* Trigger after each row: records what happened to it. */
Datum
tacl_audit_row(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	StoreTable	table = trigger_table(fcinfo, "audit_row", false);
	AuditedRow	row;

	if (!TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		report_protocol("audit_row", "must be called after each row");
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
	{
		record_update(trigger, table);
		PG_RETURN_POINTER(NULL);
	}
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) && guard_is_restore())
		PG_RETURN_POINTER(NULL);
	row = audit_read_row(trigger->tg_relation, table, trigger->tg_trigtuple,
						 NULL);
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		write_record(trigger->tg_relation, "INSERT", NULL, &row);
	else
		write_record(trigger->tg_relation, "DELETE", &row, NULL);
	PG_RETURN_POINTER(NULL);
}

/*
 * TRUNCATE
 */

/* Records all rows of the table as lost; returns how many. */
static uint64
record_all(Relation relation, StoreTable table, Snapshot snapshot)
{
	TableScanDesc scan = table_beginscan(relation, snapshot, 0, NULL);
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "tenant_acl audit",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	uint64		count = 0;

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		AuditedRow	row;

		CHECK_FOR_INTERRUPTS();
		row = audit_read_row(relation, table,
							 ExecFetchSlotHeapTuple(slot, false, NULL), NULL);
		write_record(relation, "TRUNCATE", &row, NULL);
		MemoryContextReset(context);
		count++;
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	return count;
}

/*
 * Trigger before TRUNCATE, which nobody can get between: records each row,
 * and if there is none, that there was nothing.
 */
Datum
tacl_audit_truncate(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	StoreTable	table = trigger_table(fcinfo, "audit_truncate", false);
	Snapshot	snapshot;
	AuditRecord nothing = {"TRUNCATE"};

	if (!TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		report_protocol("audit_truncate", "must be called before TRUNCATE");
	nothing.object = RelationGetRelationName(trigger->tg_relation);
	snapshot = RegisterSnapshot(GetCatalogSnapshot(RelationGetRelid(trigger->tg_relation)));
	if (record_all(trigger->tg_relation, table, snapshot) == 0)
		audit_write(&nothing);
	UnregisterSnapshot(snapshot);
	PG_RETURN_POINTER(NULL);
}

/*
 * Writing to the audit itself
 */

/* Trigger before a statement: an error for all but the owner and superusers. */
Datum
tacl_audit_guard(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	(void) trigger_table(fcinfo, "audit_guard", true);
	if (!object_ownercheck(RelationRelationId,
						   RelationGetRelid(trigger->tg_relation),
						   GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to write to the audit"),
				 errdetail("Records are written by the changes that they are of."),
				 errhint("Old records are removed with tacl_audit_purge().")));
	PG_RETURN_POINTER(NULL);
}
