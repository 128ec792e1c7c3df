/*
 * store_key.c
 *		The keys of tokens: read when a token is verified, not with the rest.
 */
#include "tenant_acl.h"

#include "access/table.h"

#include "store_scan.h"

/* Opens the table, which store_begin() does not. */
static void
open_table(StoreReader *reader)
{
	reader->tables[STORE_KEY] = table_open(store_table_oid(STORE_KEY),
										   AccessShareLock);
}

/* Closes it, and gives its lock back. */
static void
close_table(StoreReader *reader)
{
	table_close(reader->tables[STORE_KEY], AccessShareLock);
	reader->tables[STORE_KEY] = NULL;
}

/* Reads the key that the scan stands on. */
static void
read_key(StoreScan *scan, KeyRow *row)
{
	row->kid = column_name(scan, KEY_KID);
	row->algorithm = column_name(scan, KEY_ALGORITHM);
	row->material = column_name(scan, KEY_MATERIAL);
	row->issuer = column_name(scan, KEY_ISSUER);
	row->audience = column_name(scan, KEY_AUDIENCE);
	row->user_claim = column_name(scan, KEY_USER_CLAIM);
	row->tenant_claim = column_name(scan, KEY_TENANT_CLAIM);
	row->leeway = DatumGetInt32(scan->values[KEY_LEEWAY - 1]);
	row->created_at = column_time(scan, KEY_CREATED_AT, DT_NOBEGIN);
	row->retires_at = column_time(scan, KEY_RETIRES_AT, DT_NOEND);
}

/* Fetches the key of this name; false if there is none. */
bool
store_key(StoreReader *reader, TaclName kid, KeyRow *row)
{
	StoreScan	scan;
	bool		found;

	open_table(reader);
	scan_by_name(&scan, reader, KEY_BY_KID, kid);
	found = scan_next(&scan);
	if (found)
		read_key(&scan, row);
	scan_end(&scan);
	close_table(reader);
	return found;
}

/* All keys. */
KeyArray
store_keys(StoreReader *reader)
{
	KeyArray	result = {NULL, 0};
	StoreScan	scan;
	int			room = 0;

	open_table(reader);
	scan.nkeys = 0;
	scan_start(&scan, reader, KEY_BY_KID);
	while (scan_next(&scan))
		read_key(&scan, ARRAY_ADD(&result, room));
	scan_end(&scan);
	close_table(reader);
	return result;
}
