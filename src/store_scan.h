/*
 * store_scan.h
 *		Scans of the extension's tables, for store only.
 */
#ifndef TACL_STORE_SCAN_H
#define TACL_STORE_SCAN_H

#include "access/genam.h"
#include "access/skey.h"

#include "store_oids.h"

/* No table of the extension has more columns than this. */
#define MAX_COLUMNS 16

/* A scan of one table for rows whose columns compare to the keys. */
typedef struct StoreScan
{
	SysScanDesc scan;
	Relation	index;			/* of an exact scan, else NULL */
	TupleDesc	tupdesc;
	HeapTuple	tuple;
	ScanKeyData keys[5];
	int			nkeys;
	Datum		values[MAX_COLUMNS];
	bool		nulls[MAX_COLUMNS];
} StoreScan;

/* keys, before the start */
extern void scan_key_name(StoreScan *scan, AttrNumber column, TaclName name);
extern void scan_key_id(StoreScan *scan, AttrNumber column, int64 id);
extern void scan_key_null(StoreScan *scan, AttrNumber column);
extern void scan_key_name_or_null(StoreScan *scan, AttrNumber column,
								  TaclName name);
extern void scan_key_id_or_null(StoreScan *scan, AttrNumber column, int64 id);
extern void scan_key_name_after(StoreScan *scan, AttrNumber column,
								TaclName name);
extern void scan_key_id_after(StoreScan *scan, AttrNumber column, int64 id);

/* start and end */
extern void scan_start(StoreScan *scan, StoreReader *reader, StoreIndex which);
extern void scan_start_exact(StoreScan *scan, StoreReader *reader,
							 StoreIndex which);
extern bool scan_can_be_exact(StoreIndex which);
extern void scan_by_name(StoreScan *scan, StoreReader *reader,
						 StoreIndex which, TaclName name);
extern void scan_by_id(StoreScan *scan, StoreReader *reader, StoreIndex which,
					   int64 id);
extern void scan_by_tenant_and_name(StoreScan *scan, StoreReader *reader,
									StoreIndex which, TaclName tenant,
									TaclName name);
extern bool scan_next(StoreScan *scan);
extern void scan_end(StoreScan *scan);

/* the row that the scan stands on */
extern TaclName column_name(StoreScan *scan, AttrNumber column);
extern int64 column_id(StoreScan *scan, AttrNumber column);
extern TimestampTz column_time(StoreScan *scan, AttrNumber column,
							   TimestampTz if_null);
extern PatternArray column_patterns(StoreScan *scan, AttrNumber column);
extern RowVersion row_version(StoreScan *scan);

/* store.c: all rows of a scan, which is ended */
extern AssignmentArray collect_assignments(StoreScan *scan);

#endif							/* TACL_STORE_SCAN_H */
