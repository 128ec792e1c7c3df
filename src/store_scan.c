/*
 * store_scan.c
 *		Scans of the extension's tables, and values of their columns.
 */
#include "tenant_acl.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "store_scan.h"

/* Adds a text key. */
void
scan_key_name(StoreScan *scan, AttrNumber column, TaclName name)
{
	ScanKeyInit(&scan->keys[scan->nkeys++], column, BTEqualStrategyNumber,
				F_TEXTEQ,
				PointerGetDatum(cstring_to_text_with_len(name.data, name.len)));
}

/* Adds a bigint key. */
void
scan_key_id(StoreScan *scan, AttrNumber column, int64 id)
{
	ScanKeyInit(&scan->keys[scan->nkeys++], column, BTEqualStrategyNumber,
				F_INT8EQ, Int64GetDatum(id));
}

/* Adds a key that a column is NULL: for exact scans only. */
void
scan_key_null(StoreScan *scan, AttrNumber column)
{
	ScanKeyEntryInitialize(&scan->keys[scan->nkeys++],
						   SK_ISNULL | SK_SEARCHNULL, column, InvalidStrategy,
						   InvalidOid, InvalidOid, InvalidOid, (Datum) 0);
}

/* Adds a key for a name that may be missing. */
void
scan_key_name_or_null(StoreScan *scan, AttrNumber column, TaclName name)
{
	if (name.data == NULL)
		scan_key_null(scan, column);
	else
		scan_key_name(scan, column, name);
}

/* Adds a key for an id that may be missing. */
void
scan_key_id_or_null(StoreScan *scan, AttrNumber column, int64 id)
{
	if (id == 0)
		scan_key_null(scan, column);
	else
		scan_key_id(scan, column, id);
}

/* Adds a key for names after this one; without one, all that are there. */
void
scan_key_name_after(StoreScan *scan, AttrNumber column, TaclName name)
{
	if (name.data == NULL)
		name.data = "";
	ScanKeyInit(&scan->keys[scan->nkeys++], column, BTGreaterStrategyNumber,
				F_TEXT_GT,
				PointerGetDatum(cstring_to_text_with_len(name.data, name.len)));
}

/* Adds a key for ids after this one. */
void
scan_key_id_after(StoreScan *scan, AttrNumber column, int64 id)
{
	ScanKeyInit(&scan->keys[scan->nkeys++], column, BTGreaterStrategyNumber,
				F_INT8GT, Int64GetDatum(id));
}

/* Remembers how rows look; an error if they have too many columns. */
static void
scan_describe(StoreScan *scan, Relation table)
{
	scan->tupdesc = RelationGetDescr(table);
	if (scan->tupdesc->natts > MAX_COLUMNS)
		elog(ERROR, "table \"%s\" has too many columns",
			 RelationGetRelationName(table));
}

/* Starts the scan with the keys that were added. */
void
scan_start(StoreScan *scan, StoreReader *reader, StoreIndex which)
{
	Relation	table = reader->tables[store_index_table(which)];
	Oid			index = store_index_oid(which);

	Assert(table != NULL);
	scan->index = NULL;
	scan_describe(scan, table);
	scan->scan = systable_beginscan(table, index, OidIsValid(index),
									reader->snapshot, scan->nkeys, scan->keys);
}

/*
 * The same by the index in any case, which can look for NULL as well; keys are
 * in its order. Only if scan_can_be_exact().
 */
void
scan_start_exact(StoreScan *scan, StoreReader *reader, StoreIndex which)
{
	Relation	table = reader->tables[store_index_table(which)];

	Assert(table != NULL);
	scan->index = index_open(store_index_oid(which), AccessShareLock);
	scan_describe(scan, table);
	scan->scan = systable_beginscan_ordered(table, scan->index,
											reader->snapshot, scan->nkeys,
											scan->keys);
}

/* Is there an index for an exact scan? */
bool
scan_can_be_exact(StoreIndex which)
{
	return OidIsValid(store_index_oid(which)) && !IgnoreSystemIndexes;
}

/* Starts a scan for one text key. */
void
scan_by_name(StoreScan *scan, StoreReader *reader, StoreIndex which,
			 TaclName name)
{
	scan->nkeys = 0;
	scan_key_name(scan, store_index_column(which), name);
	scan_start(scan, reader, which);
}

/* Starts a scan for one bigint key. */
void
scan_by_id(StoreScan *scan, StoreReader *reader, StoreIndex which, int64 id)
{
	scan->nkeys = 0;
	scan_key_id(scan, store_index_column(which), id);
	scan_start(scan, reader, which);
}

/* Starts a scan for a tenant's role or group of a name. */
void
scan_by_tenant_and_name(StoreScan *scan, StoreReader *reader,
						StoreIndex which, TaclName tenant, TaclName name)
{
	scan->nkeys = 0;
	scan_key_name(scan, store_index_column(which), tenant);
	scan_key_name(scan, store_index_column(which) + 1, name);
	scan_start(scan, reader, which);
}

/* Fetches the next row into values and nulls; false at the end. */
bool
scan_next(StoreScan *scan)
{
	CHECK_FOR_INTERRUPTS();
	scan->tuple = scan->index != NULL ?
		systable_getnext_ordered(scan->scan, ForwardScanDirection) :
		systable_getnext(scan->scan);
	if (!HeapTupleIsValid(scan->tuple))
		return false;
	heap_deform_tuple(scan->tuple, scan->tupdesc, scan->values, scan->nulls);
	return true;
}

/* Ends the scan. */
void
scan_end(StoreScan *scan)
{
	if (scan->index == NULL)
		systable_endscan(scan->scan);
	else
	{
		systable_endscan_ordered(scan->scan);
		index_close(scan->index, AccessShareLock);
	}
}

/* A copy of a text column; data is NULL if the column is. */
TaclName
column_name(StoreScan *scan, AttrNumber column)
{
	TaclName	name = {NULL, 0};
	text	   *value;
	char	   *copy;

	if (scan->nulls[column - 1])
		return name;
	value = DatumGetTextPP(scan->values[column - 1]);
	name.len = VARSIZE_ANY_EXHDR(value);
	copy = palloc(name.len + 1);
	memcpy(copy, VARDATA_ANY(value), name.len);
	copy[name.len] = '\0';
	name.data = copy;
	return name;
}

/* A bigint column; 0 if it is NULL. */
int64
column_id(StoreScan *scan, AttrNumber column)
{
	return scan->nulls[column - 1] ? 0 :
		DatumGetInt64(scan->values[column - 1]);
}

/* A timestamp column, or what NULL stands for. */
TimestampTz
column_time(StoreScan *scan, AttrNumber column, TimestampTz if_null)
{
	return scan->nulls[column - 1] ? if_null :
		DatumGetTimestampTz(scan->values[column - 1]);
}

/* A copy of a text[] column; items is NULL if the column is. */
PatternArray
column_patterns(StoreScan *scan, AttrNumber column)
{
	PatternArray result = {NULL, 0};
	ArrayType  *array;
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	if (scan->nulls[column - 1])
		return result;
	array = DatumGetArrayTypePCopy(scan->values[column - 1]);
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT,
					  &elements, &nulls, &count);
	result.items = palloc(sizeof(TaclName) * Max(count, 1));
	for (int i = 0; i < count; i++)
	{
		text	   *value;

		if (nulls[i])
			continue;
		value = DatumGetTextPP(elements[i]);
		result.items[result.count].data = VARDATA_ANY(value);
		result.items[result.count].len = VARSIZE_ANY_EXHDR(value);
		result.count++;
	}
	return result;
}

/* The version of the row that the scan stands on. */
RowVersion
row_version(StoreScan *scan)
{
	RowVersion	version;

	version.xmin = HeapTupleHeaderGetRawXmin(scan->tuple->t_data);
	version.tid = scan->tuple->t_self;
	return version;
}
