/*
 * audit_row.c
 *		A row as the audit records it.
 *
 * Columns that are NULL are left out. What depends on no setting of the
 * session is the same document for the same row.
 */
#include "tenant_acl.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/datum.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/rel.h"

#include "args.h"
#include "audit.h"
#include "audit_row.h"

/* What of a table's rows says which record they belong to: columns' names. */
typedef struct AuditedTable
{
	const char *tenant;			/* NULL if there is none */
	const char *owner;			/* the id of a role or group that has it */
	StoreTable	owner_table;
	const char *subject;
	const char *other_subject;	/* if the subject is NULL */
	const char *key;			/* which of the subject's rows */
	const char *secret;			/* never recorded, only that it was changed */
} AuditedTable;

static const AuditedTable audited_tables[STORE_ALL_TABLES] = {
	[STORE_TENANT] = {.tenant = "id", .subject = "id"},
	[STORE_ROLE] = {.tenant = "tenant", .subject = "id"},
	[STORE_ROLE_INCLUDE] = {
		.owner = "role_id", .owner_table = STORE_ROLE,
		.subject = "role_id", .key = "included_id"
	},
	[STORE_ASSIGNMENT] = {
		.tenant = "tenant", .subject = "user_id", .other_subject = "group_id",
		.key = "id"
	},
	[STORE_USER_ACCOUNT] = {.subject = "user_id"},
	[STORE_USER_GROUP] = {.tenant = "tenant", .subject = "id"},
	[STORE_GROUP_MEMBER] = {
		.owner = "group_id", .owner_table = STORE_USER_GROUP,
		.subject = "user_id", .key = "group_id"
	},
	[STORE_GROUP_INCLUDE] = {
		.owner = "group_id", .owner_table = STORE_USER_GROUP,
		.subject = "included_id", .key = "group_id"
	},
	[STORE_PERMISSION] = {.subject = "name"},
	[STORE_KEY] = {.subject = "kid", .secret = "material"}
};

/* A row while it is read. */
typedef struct Reading
{
	const AuditedTable *table;
	const AuditedRow *before;	/* what it was, if that is known */
	AuditedRow *row;
	JsonbParseState *state;
} Reading;

/*
 * A row as a document
 */

/* The text of a value, by its type's output function. */
static TaclName
value_text(Form_pg_attribute column, Datum value)
{
	Oid			function;
	bool		is_varlena;

	getTypeOutputInfo(column->atttypid, &function, &is_varlena);
	return name_from_cstring(OidOutputFunctionCall(function, value));
}

/* Makes a string of JSON. */
static JsonbValue
json_text(TaclName text)
{
	JsonbValue	result = {.type = jbvNull};

	result.type = jbvString;
	result.val.string.val = unconstify(char *, text.data);
	result.val.string.len = text.len;
	return result;
}

/* Pushes an array of texts. */
static void
push_array(JsonbParseState **state, Datum value)
{
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false,
					  TYPALIGN_INT, &elements, &nulls, &count);
	(void) pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < count; i++)
	{
		JsonbValue	element = {.type = jbvNull};

		if (!nulls[i])
			element = json_text(arg_name_of_text(elements[i]));
		(void) pushJsonbValue(state, WJB_ELEM, &element);
	}
	(void) pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

/* A time as records have it; see audit.h. */
char *
audit_time_text(TimestampTz time)
{
	const int	utc = 0;

	return JsonEncodeDateTime(palloc(MAXDATELEN + 1),
							  TimestampTzGetDatum(time), TIMESTAMPTZOID, &utc);
}

/* A value that is no array. */
static JsonbValue
json_value(Form_pg_attribute column, Datum value)
{
	JsonbValue	result = {.type = jbvNull};

	switch (column->atttypid)
	{
		case TEXTOID:
			return json_text(arg_name_of_text(value));
		case TIMESTAMPTZOID:
			return json_text(name_from_cstring(audit_time_text(DatumGetTimestampTz(value))));
		case INT4OID:
		case INT8OID:
			result.type = jbvNumeric;
			result.val.numeric = int64_to_numeric(column->atttypid == INT4OID ?
												  DatumGetInt32(value) :
												  DatumGetInt64(value));
			return result;
		case BOOLOID:
			result.type = jbvBool;
			result.val.boolean = DatumGetBool(value);
			return result;
		default:
			return json_text(value_text(column, value));
	}
}

/* Pushes a name, and a value that is no array. */
static void
push_pair(Reading *reading, const char *name, JsonbValue value)
{
	JsonbValue	key = json_text(name_from_cstring(name));

	(void) pushJsonbValue(&reading->state, WJB_KEY, &key);
	(void) pushJsonbValue(&reading->state, WJB_VALUE, &value);
}

/* Pushes a column. */
static void
push_column(Reading *reading, Form_pg_attribute column, Datum value)
{
	if (column->atttypid == TEXTARRAYOID)
	{
		JsonbValue	key = json_text(name_from_cstring(NameStr(column->attname)));

		(void) pushJsonbValue(&reading->state, WJB_KEY, &key);
		push_array(&reading->state, value);
	}
	else
		push_pair(reading, NameStr(column->attname), json_value(column, value));
}

/*
 * Columns
 */

/* Is the column the one that the table's description names here? */
static bool
is_column(Form_pg_attribute column, const char *name)
{
	return name != NULL && strcmp(NameStr(column->attname), name) == 0;
}

/* Notes what a column says about the row itself. */
static void
note_column(const Reading *reading, Form_pg_attribute column, Datum value)
{
	const AuditedTable *table = reading->table;
	AuditedRow *row = reading->row;

	if (is_column(column, table->tenant))
		row->tenant = value_text(column, value);
	if (is_column(column, table->owner))
		row->tenant = store_owner_tenant(table->owner_table,
										 DatumGetInt64(value));
	if (is_column(column, table->subject) ||
		is_column(column, table->other_subject))
		row->subject = value_text(column, value);
	if (is_column(column, table->key))
		row->key = value_text(column, value);
}

/* Notes the secret, and pushes whether it is another than it was. */
static void
note_secret(Reading *reading, Form_pg_attribute column, Datum value)
{
	const AuditedRow *before = reading->before;

	reading->row->secret = value;
	if (before != NULL && !datum_image_eq(value, before->secret,
										  column->attbyval, column->attlen))
		push_pair(reading, NameStr(column->attname),
				  json_text(name_from_cstring("(changed)")));
}

/* Are the table's rows recorded? */
bool
audit_is_audited(StoreTable table)
{
	return audited_tables[table].subject != NULL;
}

/* Reads a row; see audit_row.h. */
AuditedRow
audit_read_row(Relation relation, StoreTable table, HeapTuple tuple,
			   const AuditedRow *before)
{
	TupleDesc	tupdesc = RelationGetDescr(relation);
	AuditedRow	row = {{NULL, 0}};
	Reading		reading = {&audited_tables[table], before, &row, NULL};

	(void) pushJsonbValue(&reading.state, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(tupdesc, i);
		bool		isnull;
		Datum		value = heap_getattr(tuple, i + 1, tupdesc, &isnull);

		if (column->attisdropped || isnull)
			continue;
		if (is_column(column, reading.table->secret))
		{
			note_secret(&reading, column, value);
			continue;
		}
		note_column(&reading, column, value);
		push_column(&reading, column, value);
	}
	row.document = JsonbValueToJsonb(pushJsonbValue(&reading.state,
													WJB_END_OBJECT, NULL));
	return row;
}
