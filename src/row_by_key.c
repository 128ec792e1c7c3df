/*
 * row_by_key.c
 *		Finding a row by what a person knows of it.
 *
 * That is the value of the primary key, or an object that names columns and
 * their values. Values are read as text in the column's type, so that a key can
 * be given in whatever type comes handy. Types and operators can be the table
 * owner's own, and so can what they run.
 */
#include "tenant_acl.h"

#include "catalog/heap.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/rel.h"
#include "utils/typcache.h"

#include "explain_row.h"

/* What the row is called in the query. */
#define ROW_ALIAS "\"row of tacl\""

/* The column that alone is the primary key; NULL if there is none. */
static const char *
single_key_column(Relation table)
{
	Bitmapset  *columns =
		RelationGetIndexAttrBitmap(table, INDEX_ATTR_BITMAP_PRIMARY_KEY);
	int			number;

	if (!bms_get_singleton_member(columns, &number))
		return NULL;
	return get_attname(RelationGetRelid(table),
					   number + FirstLowInvalidHeapAttributeNumber, false);
}

/* Raises the error for a key that has to be an object. */
static void
report_no_object(Relation table, const char *key)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("key must be an object of columns and values"),
			 errdetail("The key of table \"%s\" is given as: %s",
					   RelationGetRelationName(table), key),
			 errhint("A single value is enough where one column is the primary key. Else pass for example '{\"tenant_id\": \"acme\", \"id\": 7}'::jsonb.")));
}

/* The operator that compares values of a type for equality, for a statement. */
static const char *
equality(Oid type)
{
	Oid			operator = lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr;
	List	   *names;
	List	   *types;

	if (!OidIsValid(operator))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("type %s has no equality operator",
						format_type_be(type)),
				 errhint("Pass an object of other columns.")));
	format_operator_parts(operator, &names, &types, false);
	return psprintf("OPERATOR(%s.%s)", quote_identifier(linitial(names)),
					(char *) lsecond(names));
}

/* Adds a condition: the column is equal to the value of an expression. */
static void
add_condition(StringInfo sql, Relation table, const char *column,
			  const char *value)
{
	Oid			relid = RelationGetRelid(table);
	AttrNumber	number = get_attnum(relid, column);
	Oid			type;

	if (number == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of table \"%s\" does not exist", column,
						RelationGetRelationName(table))));
	type = get_atttype(relid, number);
	appendStringInfo(sql, "%s %s.%s %s CAST(%s AS %s)",
					 sql->data[sql->len - 1] == 'E' ? "" : " AND",
					 ROW_ALIAS, quote_identifier(column), equality(type), value,
					 format_type_extended(type, -1, FORMAT_TYPE_TYPEMOD_GIVEN |
										  FORMAT_TYPE_FORCE_QUALIFY));
}

/* Adds a condition for each member of an object; returns how many. */
static int
add_conditions(StringInfo sql, Relation table, Jsonb *object)
{
	JsonbIterator *iterator = JsonbIteratorInit(&object->root);
	JsonbIteratorToken token;
	JsonbValue	value;
	int			count = 0;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		const char *column;

		if (token != WJB_KEY)
			continue;
		column = pnstrdup(value.val.string.val, value.val.string.len);
		add_condition(sql, table, column,
					  psprintf("$1 OPERATOR(pg_catalog.->>) %s",
							   quote_literal_cstr(column)));
		count++;
	}
	return count;
}

/* The key as an object; an error if it is none. */
static Datum
object_of(Relation table, const char *key)
{
	const char *begin = key + strspn(key, " \t\r\n");

	if (*begin != '{')
		report_no_object(table, key);
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(key));
}

/*
 * The beginning of the query that finds the row, up to its conditions. The row
 * is named with its columns, because one of them can be called as it is.
 */
static void
begin_query(StringInfo sql, Relation table, bool system)
{
	const char *name = quote_qualified_identifier(
		get_namespace_name(RelationGetNamespace(table)),
		RelationGetRelationName(table));

	initStringInfo(sql);
	appendStringInfo(sql, "SELECT CAST(" ROW_ALIAS ".* AS %s)", name);
	for (int i = 1; system && i <= ROW_SYSTEM_COLUMNS; i++)
		appendStringInfo(sql, ", " ROW_ALIAS ".%s",
						 NameStr(SystemAttributeDefinition(-i)->attname));
	appendStringInfo(sql, " FROM %s AS " ROW_ALIAS " WHERE", name);
}

/* A value of the row that the query has found, kept beyond SPI. */
static NullableDatum
take_value(int column)
{
	TupleDesc	desc = SPI_tuptable->tupdesc;
	Form_pg_attribute attribute = TupleDescAttr(desc, column - 1);
	NullableDatum result;

	result.value = SPI_getbinval(SPI_tuptable->vals[0], desc, column,
								 &result.isnull);
	if (!result.isnull)
		result.value = SPI_datumTransfer(result.value, attribute->attbyval,
										 attribute->attlen);
	return result;
}

/*
 * Runs the query that finds the row, whose parameter is the key. Policies do
 * not count, although they may be forced.
 */
static AskedRow
find_row(Relation table, const char *sql, Oid type, Datum value,
		 const char *key)
{
	AskedRow	row = {0};
	Oid			user;
	int			sec_context;

	GetUserIdAndSecContext(&user, &sec_context);
	SetUserIdAndSecContext(user, sec_context | SECURITY_NOFORCE_RLS);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_with_args(sql, 1, &type, &value, NULL, true, 2) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed");
	if (SPI_processed != 1)
		ereport(ERROR,
				(errcode(SPI_processed == 0 ? ERRCODE_NO_DATA_FOUND :
						 ERRCODE_CARDINALITY_VIOLATION),
				 errmsg("%s of table \"%s\" has this key",
						SPI_processed == 0 ? "no row" : "more than one row",
						RelationGetRelationName(table)),
				 errdetail("The key is %s.", key)));
	row.row = take_value(1).value;
	for (int i = 2; i <= SPI_tuptable->tupdesc->natts; i++)
		row.system[i - 2] = take_value(i);
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	SetUserIdAndSecContext(user, sec_context);
	return row;
}

/* The row with the key; see explain_row.h. */
AskedRow
row_by_key(Relation table, Datum key, Oid type, bool system)
{
	const char *column = single_key_column(table);
	StringInfoData sql;
	Oid			output;
	bool		varlena;
	const char *text;
	Datum		object;

	getTypeOutputInfo(type, &output, &varlena);
	text = OidOutputFunctionCall(output, key);
	begin_query(&sql, table, system);
	if (column != NULL && type != JSONBOID && type != JSONOID)
	{
		add_condition(&sql, table, column, "$1");
		return find_row(table, sql.data, TEXTOID, CStringGetTextDatum(text),
						text);
	}
	object = object_of(table, text);
	if (add_conditions(&sql, table, DatumGetJsonbP(object)) == 0)
		report_no_object(table, text);
	return find_row(table, sql.data, JSONBOID, object, text);
}
