/*
 * audit_read.c
 *		The audit read back, and what was so at some time.
 *
 * The queries are functions in schema tacl, which only the owner may call: who
 * may ask is decided here. They run as the owner, under a reader's snapshot.
 */
#include "admin.h"

#include "catalog/pg_type.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "audit.h"
#include "session.h"

PG_FUNCTION_INFO_V1(tacl_audit);
PG_FUNCTION_INFO_V1(tacl_audit_purge);
PG_FUNCTION_INFO_V1(tacl_history);

static const AdminAction purge_action = {"tacl_audit_purge()"};

static Statement records = {
	"SELECT * FROM tacl.audit_records($1, $2)",
	{TEXTOID, TIMESTAMPTZOID}
};

static Statement answer = {
	"SELECT * FROM tacl.past_answer($1, $2, $3, $4)",
	{TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID}
};

/* The time since when all is there, if that is after $1. */
static Statement boundary = {
	"SELECT a.after OPERATOR(pg_catalog.->>) 'before' FROM tacl.audit AS a"
	" WHERE a.subject OPERATOR(pg_catalog.=) 'audit'"
	" AND a.operation OPERATOR(pg_catalog.=) 'PURGE'"
	" AND CAST(a.after OPERATOR(pg_catalog.->>) 'before'"
	" AS pg_catalog.timestamptz) OPERATOR(pg_catalog.>) $1"
	" ORDER BY CAST(a.after OPERATOR(pg_catalog.->>) 'before'"
	" AS pg_catalog.timestamptz) DESC LIMIT 1",
	{TIMESTAMPTZOID}
};

/*
 * A tenant among $1 and those above it that came into being, or to another
 * place, after $2.
 */
static Statement newcomer = {
	"WITH RECURSIVE above (id, parent) AS ("
	"SELECT id, parent FROM tacl.tenant WHERE id OPERATOR(pg_catalog.=) $1"
	" UNION "
	"SELECT t.id, t.parent FROM above AS b,"
	" LATERAL (SELECT id, parent FROM tacl.tenant"
	" WHERE id OPERATOR(pg_catalog.=) b.parent OFFSET 0) AS t"
	") SELECT b.id FROM above AS b WHERE EXISTS ("
	"SELECT FROM tacl.audit AS a WHERE a.subject OPERATOR(pg_catalog.=) b.id"
	" AND a.object OPERATOR(pg_catalog.=) 'tenant'"
	" AND a.at OPERATOR(pg_catalog.>) $2"
	" AND (a.operation OPERATOR(pg_catalog.<>) 'UPDATE'"
	" OR (a.before OPERATOR(pg_catalog.->>) 'parent') OPERATOR(pg_catalog.<>)"
	" (a.after OPERATOR(pg_catalog.->>) 'parent')))",
	{TEXTOID, TIMESTAMPTZOID}
};

static Statement delete_records = {
	"DELETE FROM tacl.audit WHERE at OPERATOR(pg_catalog.<) $1"
	" AND operation OPERATOR(pg_catalog.<>) 'PURGE'",
	{TIMESTAMPTZOID}
};

/*
 * Reading
 */

/* Reads the tenant asked about; an error if the caller may not ask. */
static TaclName
tenant_arg(FunctionCallInfo fcinfo, int argno, IdBuffer *buffer)
{
	TaclName	tenant = {NULL, 0};

	(void) arg_id(fcinfo, argno, buffer, &tenant);
	access_require_audit(tenant);
	return tenant;
}

/* tacl_audit(tenant [, since]): the records, by id. */
Datum
tacl_audit(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	TaclName	tenant = tenant_arg(fcinfo, 0, &buffer);
	TimestampTz since = PG_ARGISNULL(1) ? DT_NOBEGIN : PG_GETARG_TIMESTAMPTZ(1);
	StoreReader reader;

	store_begin(&reader);
	statement_fill(&records,
				   PARAMS(param_name(tenant),
						  param_value(TimestampTzGetDatum(since))),
				   &reader, fcinfo);
	store_end(&reader);
	PG_RETURN_NULL();
}

/* Reads the permission, which must be one. */
static TaclName
permission_arg(FunctionCallInfo fcinfo, int argno)
{
	TaclName	permission = arg_required_name(fcinfo, argno, "permission");

	if (!permission_is_valid(permission.data, permission.len))
		report_fault(permission_fault(permission.data, permission.len),
					 "permission", permission);
	return permission;
}

/* Reads a time that is past. */
static TimestampTz
past_arg(FunctionCallInfo fcinfo, int argno, const char *what)
{
	TimestampTz time;

	if (PG_ARGISNULL(argno))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be NULL", what)));
	time = PG_GETARG_TIMESTAMPTZ(argno);
	if (TIMESTAMP_NOT_FINITE(time) || time > GetCurrentTimestamp())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a time in the past", what),
				 errdetail("It is %s.", timestamptz_to_str(time))));
	return time;
}

/* Ensures that no record of a change after that time was removed. */
static void
require_recorded(StoreReader *reader, TimestampTz at)
{
	List	   *times = statement_texts(&boundary, PARAMS(param_time(at)),
										reader);

	if (times != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("nothing is known of that time any more"),
				 errdetail("The audit was purged of what was changed before %s.",
						   (char *) linitial(times))));
}

/*
 * Ensures that a user who asks about a tenant hears nothing of another that had
 * its name, nor of those that it was below before.
 */
static void
require_same_place(StoreReader *reader, TaclName tenant, TimestampTz at)
{
	TaclName	user;

	if (session_asker(&user) &&
		statement_texts(&newcomer, PARAMS(param_name(tenant), param_time(at)),
						reader) != NIL)
		access_refuse_audit();
}

/* tacl_history(user, permission, tenant, at) */
Datum
tacl_history(PG_FUNCTION_ARGS)
{
	IdBuffer	user_buffer;
	IdBuffer	tenant_buffer;
	TaclName	tenant;
	TaclName	user;
	TaclName	permission;
	TimestampTz at;
	StoreReader reader;

	(void) tenant_arg(fcinfo, 2, &tenant_buffer);
	user = arg_required_id(fcinfo, 0, &user_buffer, "user");
	permission = permission_arg(fcinfo, 1);
	tenant = arg_required_id(fcinfo, 2, &tenant_buffer, "tenant");
	at = past_arg(fcinfo, 3, "at");
	store_begin(&reader);
	require_same_place(&reader, tenant, at);
	require_recorded(&reader, at);
	statement_fill(&answer,
				   PARAMS(param_name(user), param_name(permission),
						  param_name(tenant), param_time(at)),
				   &reader, fcinfo);
	store_end(&reader);
	PG_RETURN_NULL();
}

/*
 * Purging
 */

/* What a purge did, for its own record. */
static const Jsonb *
purge_document(TimestampTz before, uint64 count)
{
	JsonbParseState *state = NULL;
	JsonbValue	key = {.type = jbvString};
	JsonbValue	value = {.type = jbvString};

	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	key.val.string.val = "before";
	key.val.string.len = strlen(key.val.string.val);
	value.val.string.val = audit_time_text(before);
	value.val.string.len = strlen(value.val.string.val);
	(void) pushJsonbValue(&state, WJB_KEY, &key);
	(void) pushJsonbValue(&state, WJB_VALUE, &value);
	key.val.string.val = "records";
	key.val.string.len = strlen(key.val.string.val);
	value.type = jbvNumeric;
	value.val.numeric = int64_to_numeric(count);
	(void) pushJsonbValue(&state, WJB_KEY, &key);
	(void) pushJsonbValue(&state, WJB_VALUE, &value);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/*
 * tacl_audit_purge(before): removes the older records and returns how many.
 * That is recorded, so that nothing is said about the time before; the records
 * of purges stay, so that it remains known who removed what. Only past times:
 * what is recorded later must not be taken for removed.
 */
Datum
tacl_audit_purge(PG_FUNCTION_ARGS)
{
	AuditRecord record = {
		.operation = "PURGE",
		.object = "audit",
		.subject = {"audit", 5}
	};
	TimestampTz before;
	uint64		count;

	admin_begin(&purge_action, NULL);
	before = past_arg(fcinfo, 0, "before");
	count = statement_run(&delete_records, PARAMS(param_time(before)));
	if (count > 0)
	{
		record.after = purge_document(before, count);
		audit_write(&record);
	}
	PG_RETURN_INT64((int64) count);
}
