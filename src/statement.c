/*
 * statement.c
 *		SQL that the extension runs on its own tables.
 *
 * Plans are kept by the session, and must not depend on how much is in the
 * tables when they are made: what is a good plan for ten rows would go on
 * while the same transaction writes 100,000 more. So they are generic, and
 * planned as if sequential scans did not exist, without JIT. A statement
 * leaves the planner one useful index for each table, by its key or by
 * "column + 0" for what that index should not be chosen for. How far a
 * recursive query goes, the planner cannot know; such a query joins by
 * LATERAL (... OFFSET 0), which leaves it only a look into the index for each
 * row.
 *
 * A writing statement sees all that is committed, also under REPEATABLE READ
 * and SERIALIZABLE, where touching a row that the transaction cannot see is a
 * serialization failure instead of a row overlooked. Foreign keys' triggers
 * in PostgreSQL do the same.
 */
#include "statement.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/tstoreReceiver.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

/* What to go back to when the statement is done; an error does it too. */
typedef struct Caller
{
	Oid			user;
	int			sec_context;
	int			guc_level;
} Caller;

/* The owner of the extension's tables; see statement.h. */
Oid
statement_owner(void)
{
	HeapTuple	tuple;
	Oid			owner;

	store_resolve_oids();
	tuple = SearchSysCache1(RELOID,
							ObjectIdGetDatum(store_table_oid(STORE_TENANT)));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u",
			 store_table_oid(STORE_TENANT));
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/* Turns a planner setting off until the caller's level is left. */
static void
turn_off(const char *setting)
{
	(void) set_config_option(setting, "off", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

/* Pins the search_path; see statement.h. */
int
statement_pin_path(void)
{
	int			level = NewGUCNestLevel();

	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	return level;
}

/* Connects to SPI, as the owner. */
static void
enter(Caller *caller)
{
	Oid			owner = statement_owner();

	GetUserIdAndSecContext(&caller->user, &caller->sec_context);
	SetUserIdAndSecContext(owner, caller->sec_context |
						   SECURITY_LOCAL_USERID_CHANGE);
	caller->guc_level = NewGUCNestLevel();
	turn_off("enable_seqscan");
	turn_off("jit");
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

/* Undoes enter(). */
static void
leave(const Caller *caller)
{
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	AtEOXact_GUC(true, caller->guc_level);
	SetUserIdAndSecContext(caller->user, caller->sec_context);
}

/* The number of arguments. */
static int
count_args(const Statement *statement)
{
	int			count = 0;

	while (count < STATEMENT_MAX_ARGS && OidIsValid(statement->types[count]))
		count++;
	return count;
}

/* Prepares the statement unless it is. */
static void
prepare(Statement *statement)
{
	SPIPlanPtr	plan;

	if (statement->plan != NULL)
		return;
	plan = SPI_prepare_cursor(statement->sql, count_args(statement),
							  statement->types, CURSOR_OPT_GENERIC_PLAN);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare_cursor failed: %s",
			 SPI_result_code_string(SPI_result));
	SPI_keepplan(plan);
	statement->plan = plan;
}

/* Executes the statement between enter() and leave(). */
static void
execute(Statement *statement, const NullableDatum *args, Snapshot snapshot,
		Snapshot crosscheck, bool read_only)
{
	Datum		values[STATEMENT_MAX_ARGS];
	char		nulls[STATEMENT_MAX_ARGS];
	int			code;

	for (int i = 0; i < count_args(statement); i++)
	{
		values[i] = args[i].value;
		nulls[i] = args[i].isnull ? 'n' : ' ';
	}
	prepare(statement);
	code = SPI_execute_snapshot(statement->plan, values, nulls, snapshot,
								crosscheck, read_only, true, 0);
	if (code < 0)
		elog(ERROR, "SPI_execute_snapshot failed: %s",
			 SPI_result_code_string(code));
}

/* Runs a writing statement; see statement.h. */
uint64
statement_run(Statement *statement, const NullableDatum *args)
{
	Caller		caller;
	Snapshot	snapshot = InvalidSnapshot;
	Snapshot	crosscheck = InvalidSnapshot;
	uint64		rows;

	store_refuse_all_triggers(statement->preferences);
	enter(&caller);
	/* For writing only, never for a check: see the head of this file. */
	if (IsolationUsesXactSnapshot())
	{
		CommandCounterIncrement();
		snapshot = GetLatestSnapshot();
		crosscheck = GetTransactionSnapshot();
	}
	execute(statement, args, snapshot, crosscheck, false);
	rows = SPI_processed;
	leave(&caller);
	return rows;
}

/* What stands for a row of a result, in CurrentMemoryContext. */
typedef void *(*ReadRow) (HeapTuple row, TupleDesc tupdesc);

/* Runs a query; returns a list of what is read of its rows. */
static List *
run_query(Statement *statement, const NullableDatum *args,
		  StoreReader *reader, ReadRow read)
{
	MemoryContext context = CurrentMemoryContext;
	MemoryContext spi_context;
	Caller		caller;
	List	   *rows = NIL;

	enter(&caller);
	execute(statement, args, reader->snapshot, InvalidSnapshot, true);
	spi_context = MemoryContextSwitchTo(context);
	for (uint64 i = 0; i < SPI_processed; i++)
		rows = lappend(rows, read(SPI_tuptable->vals[i],
								  SPI_tuptable->tupdesc));
	MemoryContextSwitchTo(spi_context);
	leave(&caller);
	return rows;
}

/* The text of the first column. */
static void *
read_text(HeapTuple row, TupleDesc tupdesc)
{
	return SPI_getvalue(row, tupdesc, 1);
}

/* The texts of all columns. */
static void *
read_texts(HeapTuple row, TupleDesc tupdesc)
{
	char	  **texts = palloc(sizeof(char *) * tupdesc->natts);

	for (int i = 0; i < tupdesc->natts; i++)
		texts[i] = SPI_getvalue(row, tupdesc, i + 1);
	return texts;
}

/* Runs a query for the first column; see statement.h. */
List *
statement_texts(Statement *statement, const NullableDatum *args,
				StoreReader *reader)
{
	return run_query(statement, args, reader, read_text);
}

/* Runs a query for all columns; see statement.h. */
List *
statement_rows(Statement *statement, const NullableDatum *args,
			   StoreReader *reader)
{
	return run_query(statement, args, reader, read_texts);
}

/* The statement's arguments as a list of parameters. */
static ParamListInfo
param_list(const Statement *statement, const NullableDatum *args)
{
	int			count = count_args(statement);
	ParamListInfo params = makeParamList(count);

	for (int i = 0; i < count; i++)
	{
		ParamExternData *param = &params->params[i];

		param->value = args[i].value;
		param->isnull = args[i].isnull;
		param->pflags = PARAM_FLAG_CONST;
		param->ptype = statement->types[i];
	}
	return params;
}

/* Runs a query, with rows going to the receiver; see statement.h. */
void
statement_send(Statement *statement, const NullableDatum *args,
			   StoreReader *reader, DestReceiver *receiver)
{
	SPIExecuteOptions options = {
		.params = param_list(statement, args),
		.read_only = true,
		.dest = receiver
	};
	Caller		caller;
	int			code;

	enter(&caller);
	prepare(statement);
	PushActiveSnapshot(reader->snapshot);
	code = SPI_execute_plan_extended(statement->plan, &options);
	PopActiveSnapshot();
	if (code < 0)
		elog(ERROR, "SPI_execute_plan_extended failed: %s",
			 SPI_result_code_string(code));
	leave(&caller);
}

/* Where rows have to go to be the result of a set-returning function. */
static DestReceiver *
result_receiver(FunctionCallInfo fcinfo)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	DestReceiver *receiver = CreateDestReceiver(DestTuplestore);

	if (result == NULL || !IsA(result, ReturnSetInfo) ||
		result->setResult == NULL)
		InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	SetTuplestoreDestReceiverParams(receiver, result->setResult,
									CurrentMemoryContext, false, NULL, NULL);
	return receiver;
}

/* Runs a query for a function's result; see statement.h. */
void
statement_fill(Statement *statement, const NullableDatum *args,
			   StoreReader *reader, FunctionCallInfo fcinfo)
{
	statement_send(statement, args, reader, result_receiver(fcinfo));
}

/* A text argument. */
NullableDatum
param_name(TaclName name)
{
	if (name.data == NULL)
		return param_null();
	return param_value(PointerGetDatum(cstring_to_text_with_len(name.data,
															   name.len)));
}

/* A bigint argument. */
NullableDatum
param_id(int64 id)
{
	return id == 0 ? param_null() : param_value(Int64GetDatum(id));
}

/* A timestamp argument. */
NullableDatum
param_time(TimestampTz time)
{
	return TIMESTAMP_NOT_FINITE(time) ? param_null() :
		param_value(TimestampTzGetDatum(time));
}

/* A bigint[] argument. */
NullableDatum
param_ids(IdArray ids)
{
	Datum	   *elements = palloc(sizeof(Datum) * Max(ids.count, 1));

	for (int i = 0; i < ids.count; i++)
		elements[i] = Int64GetDatum(ids.items[i]);
	return param_value(PointerGetDatum(
		construct_array(elements, ids.count, INT8OID, sizeof(int64),
						FLOAT8PASSBYVAL, TYPALIGN_DOUBLE)));
}

/* A text[] argument. */
NullableDatum
param_texts(List *texts)
{
	Datum	   *elements = palloc(sizeof(Datum) * Max(list_length(texts), 1));
	ListCell   *cell;

	foreach(cell, texts)
		elements[foreach_current_index(cell)] =
			CStringGetTextDatum(lfirst(cell));
	return param_value(PointerGetDatum(
		construct_array(elements, list_length(texts), TEXTOID, -1, false,
						TYPALIGN_INT)));
}

/* Any argument that is not NULL. */
NullableDatum
param_value(Datum value)
{
	NullableDatum param = {value, false};

	return param;
}

/* NULL. */
NullableDatum
param_null(void)
{
	NullableDatum param = {(Datum) 0, true};

	return param;
}
