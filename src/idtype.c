/*
 * idtype.c
 *		Ids as values of the types that tables keep them in.
 */
#include "tenant_acl.h"

#include "catalog/pg_type.h"
#include "common/int.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/uuid.h"

#include "idtype.h"

/* Bytes of the text of a uuid. */
#define UUID_TEXT_LEN 36

/* The type to compare as, if it is no domain; see idtype.h. */
Oid
idtype_base_of_plain(Oid type)
{
	switch (type)
	{
		case VARCHAROID:
			return TEXTOID;
		case TEXTOID:
		case UUIDOID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
			return type;
	}
	return InvalidOid;
}

/* The type to compare as; see idtype.h. */
Oid
idtype_base(Oid type)
{
	return idtype_base_of_plain(getBaseType(type));
}

/* The value of a lower-case hexadecimal digit, or -1. */
static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Reads a uuid as it is usually written. */
static bool
parse_uuid(TaclName id, Datum *value)
{
	pg_uuid_t  *uuid = palloc(sizeof(pg_uuid_t));
	const char *at = id.data;

	if (id.len != UUID_TEXT_LEN)
		return false;
	for (int i = 0; i < UUID_LEN; i++)
	{
		int			high;
		int			low;

		if ((i == 4 || i == 6 || i == 8 || i == 10) && *at++ != '-')
			return false;
		high = hex_value(*at++);
		low = hex_value(*at++);
		if (high < 0 || low < 0)
			return false;
		uuid->data[i] = high << 4 | low;
	}
	*value = UUIDPGetDatum(uuid);
	return true;
}

/* Reads an integer as it is usually written: no leading zero, no "+". */
static bool
parse_integer(TaclName id, int64 *value)
{
	bool		negative = id.len > 0 && id.data[0] == '-';
	int			first = negative ? 1 : 0;
	int64		result = 0;

	if (id.len == first ||
		(id.data[first] == '0' && (negative || id.len > 1)))
		return false;
	for (int i = first; i < id.len; i++)
	{
		int			digit = id.data[i] - '0';

		if (digit < 0 || digit > 9 ||
			pg_mul_s64_overflow(result, 10, &result) ||
			pg_sub_s64_overflow(result, digit, &result))
			return false;
	}
	*value = result;
	return negative || !pg_sub_s64_overflow(0, result, value);
}

/* Turns an id into a value; see idtype.h. */
bool
idtype_value(TaclName id, Oid base, Datum *value)
{
	int64		number;

	if (base == TEXTOID)
	{
		*value = PointerGetDatum(cstring_to_text_with_len(id.data, id.len));
		return true;
	}
	if (base == UUIDOID)
		return parse_uuid(id, value);
	if (!parse_integer(id, &number))
		return false;
	switch (base)
	{
		case INT2OID:
			*value = Int16GetDatum((int16) number);
			return number == (int16) number;
		case INT4OID:
			*value = Int32GetDatum((int32) number);
			return number == (int32) number;
		case INT8OID:
			*value = Int64GetDatum(number);
			return true;
	}
	return false;
}
