/*
 * args.c
 *		Arguments of SQL-callable functions, and complaints about them.
 *
 * An id may come in several types. Which one is found out once per call site
 * and kept in fn_extra, which is set up anew for each statement.
 */
#include "tenant_acl.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/uuid.h"

#include "args.h"

/* The type of an argument, also where the call has no expression tree. */
static Oid
arg_type(FunctionCallInfo fcinfo, int argno)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, argno);
	Oid		   *types;
	int			count;

	if (OidIsValid(type))
		return type;
	(void) get_func_signature(fcinfo->flinfo->fn_oid, &types, &count);
	return argno < count ? types[argno] : InvalidOid;
}

/* The kind of a type that is no domain; ID_UNRESOLVED if there is none. */
static IdKind
kind_of_plain_type(Oid type)
{
	switch (type)
	{
		case TEXTOID:
		case VARCHAROID:
			return ID_TEXT;
		case NAMEOID:
			return ID_NAME;
		case UNKNOWNOID:
			return ID_CSTRING;
		case UUIDOID:
			return ID_UUID;
		case INT2OID:
			return ID_INT2;
		case INT4OID:
			return ID_INT4;
		case INT8OID:
			return ID_INT8;
	}
	return ID_UNRESOLVED;
}

/*
 * The kind of a type; ID_UNRESOLVED if it cannot be an id's. The catalogs are
 * looked into for domains only: this is done once per call in each statement.
 */
static IdKind
kind_of_type(Oid type)
{
	IdKind		kind = kind_of_plain_type(type);

	return kind != ID_UNRESOLVED ? kind : kind_of_plain_type(getBaseType(type));
}

/* The kind of an argument's type, or error 42804. */
static IdKind
resolve_kind(FunctionCallInfo fcinfo, int argno)
{
	Oid			type = arg_type(fcinfo, argno);
	IdKind		kind = kind_of_type(type);

	if (kind == ID_UNRESOLVED)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("type %s cannot be used for a user or tenant",
						format_type_be(type)),
				 errhint("Use text, varchar, name, uuid, smallint, integer, bigint or a domain over them, or cast to text.")));
	return kind;
}

/* The kinds of the call site's arguments, as far as they were resolved. */
static IdKinds *
known_kinds(FmgrInfo *flinfo)
{
	if (flinfo->fn_extra == NULL)
		flinfo->fn_extra = MemoryContextAllocZero(flinfo->fn_mcxt,
												  sizeof(IdKinds));
	return flinfo->fn_extra;
}

/* The same as resolve_kind(), from the call site's memory. */
static IdKind
id_kind(FunctionCallInfo fcinfo, int argno)
{
	IdKinds    *known = known_kinds(fcinfo->flinfo);

	Assert(argno < ID_ARGS);
	if (known->kinds[argno] == ID_UNRESOLVED)
		known->kinds[argno] = resolve_kind(fcinfo, argno);
	return known->kinds[argno];
}

/* Writes a uuid in its usual form, without a zero at the end. */
static int
format_uuid(const pg_uuid_t *uuid, char *buffer)
{
	static const char digits[] = "0123456789abcdef";
	char	   *out = buffer;

	for (int i = 0; i < UUID_LEN; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = digits[uuid->data[i] >> 4];
		*out++ = digits[uuid->data[i] & 0x0F];
	}
	return out - buffer;
}

/* Reads an id of a known kind. */
static void
read_id(Datum value, IdKind kind, IdBuffer *buffer, TaclName *id)
{
	id->data = buffer->data;
	id->len = 0;
	switch (kind)
	{
		case ID_TEXT:
			*id = arg_name_of_text(value);
			break;
		case ID_NAME:
			*id = name_from_cstring(NameStr(*DatumGetName(value)));
			break;
		case ID_CSTRING:
			*id = name_from_cstring(DatumGetCString(value));
			break;
		case ID_UUID:
			id->len = format_uuid(DatumGetUUIDP(value), buffer->data);
			break;
		case ID_INT2:
			id->len = pg_ltoa(DatumGetInt16(value), buffer->data);
			break;
		case ID_INT4:
			id->len = pg_ltoa(DatumGetInt32(value), buffer->data);
			break;
		case ID_INT8:
			id->len = pg_lltoa(DatumGetInt64(value), buffer->data);
			break;
		case ID_UNRESOLVED:
			elog(ERROR, "unexpected kind of id: %d", (int) kind);
	}
}

/* Reads an id the long way; see arg_id(). */
bool
arg_id_of_any_kind(FunctionCallInfo fcinfo, int argno, IdBuffer *buffer,
				   TaclName *id)
{
	IdKind		kind = id_kind(fcinfo, argno);

	if (PG_ARGISNULL(argno))
		return false;
	read_id(PG_GETARG_DATUM(argno), kind, buffer, id);
	return true;
}

/* Can a value of the type be an id? */
bool
arg_type_is_id(Oid type)
{
	return kind_of_type(type) != ID_UNRESOLVED;
}

/* Reads an id that is no argument; see args.h. */
bool
arg_id_of_value(Datum value, Oid type, IdBuffer *buffer, TaclName *id)
{
	IdKind		kind = kind_of_type(type);

	if (kind == ID_UNRESOLVED)
		return false;
	read_id(value, kind, buffer, id);
	return true;
}

/*
 * Reads a text[] whose elements may be NULL (data is NULL then). Returns its
 * length, or -1 if the array itself is NULL.
 */
int
arg_text_array_with_nulls(FunctionCallInfo fcinfo, int argno,
						  TaclName **names)
{
	ArrayType  *array;
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	if (PG_ARGISNULL(argno))
		return -1;
	array = PG_GETARG_ARRAYTYPE_P(argno);
	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("a list of names must have one dimension")));
	count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (count > TACL_MAX_LIST)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a list has too many elements: %d", count),
				 errdetail("At most %d are possible.", TACL_MAX_LIST)));
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT,
					  &elements, &nulls, &count);
	*names = palloc0(sizeof(TaclName) * Max(count, 1));
	for (int i = 0; i < count; i++)
	{
		if (!nulls[i])
			(*names)[i] = arg_name_of_text(elements[i]);
	}
	return count;
}

/* Reads a text[] without NULLs; see args.h. */
int
arg_text_array(FunctionCallInfo fcinfo, int argno, TaclName **names)
{
	int			count = arg_text_array_with_nulls(fcinfo, argno, names);

	for (int i = 0; i < count; i++)
	{
		if ((*names)[i].data == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("a list must not contain NULL")));
	}
	return count;
}

/* Raises 22004; see args.h. */
void
report_missing(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("%s must not be NULL", what)));
}

/* Ensures that the text can be a name; see args.h. */
void
require_name(TaclName name, const char *what)
{
	TextFault	fault = name_fault(name.data, name.len);

	if (fault.problem != NULL)
		report_fault(fault, what, name);
}

/* Reads an id that must be there; see args.h. */
TaclName
arg_required_id(FunctionCallInfo fcinfo, int argno, IdBuffer *buffer,
				const char *what)
{
	TaclName	id = {NULL, 0};

	if (!arg_id(fcinfo, argno, buffer, &id))
		report_missing(what);
	require_name(id, what);
	return id;
}

/* Reads a name that must be there; see args.h. */
TaclName
arg_required_name(FunctionCallInfo fcinfo, int argno, const char *what)
{
	TaclName	name = {NULL, 0};

	if (!arg_text(fcinfo, argno, &name))
		report_missing(what);
	require_name(name, what);
	return name;
}

/* Ensures that the text is a pattern; see args.h. */
void
require_pattern(TaclName text, bool denies_too)
{
	TextFault	fault = denies_too ? pattern_fault(text.data, text.len) :
		allow_fault(text.data, text.len);

	if (fault.problem != NULL)
		report_fault(fault, "permission pattern", text);
}

/* Ensures that a list of patterns is not too long; see args.h. */
void
require_few_patterns(int count)
{
	if (count > TACL_MAX_PATTERNS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many permission patterns: %d", count),
				 errdetail("One list holds at most %d.", TACL_MAX_PATTERNS),
				 errhint("Replace patterns by fewer with \"*\", or split the role and include the parts.")));
}

/* Can the text be shown in a message? */
static bool
is_printable(TaclName text)
{
	if (text.len > TACL_MAX_PATTERN_BYTES ||
		!pg_verifymbstr(text.data, text.len, true))
		return false;
	for (int i = 0; i < text.len; i++)
	{
		unsigned char c = text.data[i];

		if (c < 0x20 || c == 0x7F)
			return false;
	}
	return true;
}

/* Raises 22023; see args.h. */
void
report_fault(TextFault fault, const char *what, TaclName text)
{
	if (is_printable(text))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid %s: \"%.*s\"", what, text.len, text.data),
				 errdetail("%s.", fault.problem),
				 errhint("%s.", fault.hint)));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid %s", what),
			 errdetail("%s.", fault.problem),
			 errhint("%s.", fault.hint)));
}

/* A name that points to a zero-terminated text. */
TaclName
name_from_cstring(const char *text)
{
	TaclName	name;

	name.data = text;
	name.len = strlen(text);
	return name;
}
