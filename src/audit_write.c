/*
 * audit_write.c
 *		Adds a record to the audit, with what the session says of itself.
 *
 * The row goes into the table and its indexes without a query: that takes half
 * of the instructions, and no privilege. Everything else is as for an INSERT:
 * constraints, triggers and indexes that the owner has added take part, but
 * nobody else's triggers.
 *
 * Nothing here may fail because of what a client has set: a record that cannot
 * be written would keep the change from being made. So texts are made to fit.
 */
#include "tenant_acl.h"

#include "access/table.h"
#include "access/xact.h"
#include "commands/sequence.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "args.h"
#include "audit.h"
#include "guc.h"
#include "session.h"
#include "store.h"

/* Columns, in the order of the script. */
enum
{
	AUDIT_ID,
	AUDIT_AT,
	AUDIT_USER,
	AUDIT_ACTOR,
	AUDIT_DATABASE_ROLE,
	AUDIT_LOGIN_ROLE,
	AUDIT_CLIENT_ADDR,
	AUDIT_APPLICATION_NAME,
	AUDIT_TRANSACTION_ID,
	AUDIT_OPERATION,
	AUDIT_OBJECT,
	AUDIT_SUBJECT,
	AUDIT_TENANT,
	AUDIT_BEFORE,
	AUDIT_AFTER,
	AUDIT_REASON,
	AUDIT_COLUMNS
};

/* A row while it is put together. */
typedef struct AuditRow
{
	Datum		values[AUDIT_COLUMNS];
	bool		nulls[AUDIT_COLUMNS];
} AuditRow;

/*
 * Values
 */

/* Sets a column. */
static void
set_value(AuditRow *row, int column, Datum value)
{
	row->values[column] = value;
	row->nulls[column] = false;
}

/* Sets a text column; leaves it NULL for a name without data. */
static void
set_name(AuditRow *row, int column, TaclName name)
{
	if (name.data != NULL)
		set_value(row, column, PointerGetDatum(
			cstring_to_text_with_len(name.data, name.len)));
}

/* Sets a text column; leaves it NULL for none and for an empty one. */
static void
set_text(AuditRow *row, int column, const char *text)
{
	if (text != NULL && text[0] != '\0')
		set_value(row, column, CStringGetTextDatum(text));
}

/*
 * A setting's value as it can be stored. Connection options have not been
 * verified to be in the database's encoding, and can be of any length.
 */
static TaclName
storable(TaclName value, int limit)
{
	char	   *copy;

	if (!pg_verify_mbstr(GetDatabaseEncoding(), value.data, value.len, true))
	{
		copy = pnstrdup(value.data, value.len);
		for (char *at = copy; *at != '\0'; at++)
		{
			if (IS_HIGHBIT_SET(*at))
				*at = '?';
		}
		value.data = copy;
	}
	value.len = pg_mbcliplen(value.data, value.len, limit);
	return value;
}

/* Sets a column to something that a setting says. */
static void
set_setting(AuditRow *row, int column, TaclName value, int limit)
{
	if (value.data != NULL && value.len > 0)
		set_name(row, column, storable(value, limit));
}

/* The client's address; NULL for a Unix socket. It stays while we run. */
static const char *
client_address(void)
{
	static bool known = false;
	static char *address = NULL;

	if (!known)
	{
		LOCAL_FCINFO(call, 0);
		Datum		value;

		InitFunctionCallInfoData(*call, NULL, 0, InvalidOid, NULL, NULL);
		value = inet_client_addr(call);
		if (!call->isnull)
			address = MemoryContextStrdup(TopMemoryContext,
										  DatumGetCString(DirectFunctionCall1(inet_out, value)));
		known = true;
	}
	return address;
}

/* Says who makes the change. */
static void
set_who(AuditRow *row)
{
	TaclName	user = {NULL, 0};
	TaclName	actor = {NULL, 0};

	(void) session_asker(&user);
	(void) session_actor(&actor);
	set_setting(row, AUDIT_USER, user, TACL_MAX_NAME_BYTES);
	set_setting(row, AUDIT_ACTOR, actor, TACL_MAX_NAME_BYTES);
	set_text(row, AUDIT_DATABASE_ROLE, GetUserNameFromId(GetOuterUserId(), false));
	set_text(row, AUDIT_LOGIN_ROLE, GetUserNameFromId(GetSessionUserId(), false));
	set_text(row, AUDIT_CLIENT_ADDR, client_address());
	set_text(row, AUDIT_APPLICATION_NAME, application_name);
	set_setting(row, AUDIT_REASON, name_from_cstring(tacl_reason),
				TACL_MAX_REASON_BYTES);
}

/* Says what the change is. */
static void
set_what(AuditRow *row, const AuditRecord *record)
{
	set_value(row, AUDIT_ID,
			  Int64GetDatum(nextval_internal(store_audit_ids_oid(), false)));
	set_value(row, AUDIT_AT, TimestampTzGetDatum(GetCurrentTimestamp()));
	set_value(row, AUDIT_TRANSACTION_ID,
			  Int64GetDatum((int64) U64FromFullTransactionId(GetTopFullTransactionId())));
	set_text(row, AUDIT_OPERATION, record->operation);
	set_text(row, AUDIT_OBJECT, record->object);
	set_name(row, AUDIT_SUBJECT, record->subject);
	set_name(row, AUDIT_TENANT, record->tenant);
	if (record->before != NULL)
		set_value(row, AUDIT_BEFORE, JsonbPGetDatum(record->before));
	if (record->after != NULL)
		set_value(row, AUDIT_AFTER, JsonbPGetDatum(record->after));
}

/*
 * Writing
 */

/* Inserts a row that is in a slot. */
static void
insert_slot(EState *estate, Relation table, TupleTableSlot *slot)
{
	ResultRelInfo *target = makeNode(ResultRelInfo);

	InitResultRelInfo(target, table, 0, NULL, 0);
	estate->es_opened_result_relations = list_make1(target);
	ExecOpenIndices(target, false);
	AfterTriggerBeginQuery();
	ExecSimpleRelationInsert(target, estate, slot);
	AfterTriggerEndQuery(estate);
	ExecCloseIndices(target);
}

/* Inserts a row into the table. */
static void
insert_row(Relation table, const AuditRow *row)
{
	EState	   *estate = CreateExecutorState();
	TupleTableSlot *slot = ExecInitExtraTupleSlot(estate,
												  RelationGetDescr(table),
												  &TTSOpsVirtual);
	MemoryContext caller = MemoryContextSwitchTo(estate->es_query_cxt);

	if (slot->tts_tupleDescriptor->natts != AUDIT_COLUMNS)
		elog(ERROR, "table \"%s\" is not as it was made",
			 RelationGetRelationName(table));
	memcpy(slot->tts_values, row->values, sizeof(row->values));
	memcpy(slot->tts_isnull, row->nulls, sizeof(row->nulls));
	ExecStoreVirtualTuple(slot);
	insert_slot(estate, table, slot);
	ExecResetTupleTable(estate->es_tupleTable, false);
	MemoryContextSwitchTo(caller);
	FreeExecutorState(estate);
}

/*
 * Notes that something is recorded in this database, from where on no restore
 * is expected; see guard_restore.c. Once for a session.
 */
static void
note_use(void)
{
	static uint64 noted_in = 0;

	if (noted_in == store_epoch())
		return;
	(void) nextval_internal(store_recorded_oid(), false);
	noted_in = store_epoch();
}

/* Writes a record; see audit.h. An error gives the caller's role back, too. */
void
audit_write(const AuditRecord *record)
{
	Relation	table;
	AuditRow	row;
	Oid			user;
	int			sec_context;

	memset(row.nulls, true, sizeof(row.nulls));
	store_resolve_oids();
	note_use();
	set_what(&row, record);
	set_who(&row);
	table = table_open(store_table_oid(STORE_AUDIT), RowExclusiveLock);
	store_refuse_triggers(STORE_AUDIT);
	GetUserIdAndSecContext(&user, &sec_context);
	SetUserIdAndSecContext(table->rd_rel->relowner,
						   sec_context | SECURITY_LOCAL_USERID_CHANGE);
	insert_row(table, &row);
	SetUserIdAndSecContext(user, sec_context);
	table_close(table, NoLock);
}
