/*
 * args.h
 *		Arguments of SQL-callable functions, and complaints about them.
 */
#ifndef TACL_ARGS_H
#define TACL_ARGS_H

#include "pattern.h"
#include "permission.h"

#include "utils/array.h"

/* Room for an id that is not text in the table: a uuid or an integer. */
typedef struct IdBuffer
{
	char		data[40];
} IdBuffer;

/* How an argument's bytes become a name. */
typedef enum IdKind
{
	ID_UNRESOLVED = 0,
	ID_TEXT,
	ID_NAME,
	ID_CSTRING,
	ID_UUID,
	ID_INT2,
	ID_INT4,
	ID_INT8
} IdKind;

/* No function has an id beyond these arguments. */
#define ID_ARGS 4

/* What a call site keeps in fn_extra. */
typedef struct IdKinds
{
	IdKind		kinds[ID_ARGS];
} IdKinds;

/* Points a name to the bytes of a text; copies it only if it is toasted. */
static inline TaclName
arg_name_of_text(Datum datum)
{
	text	   *value = (text *) DatumGetPointer(datum);
	TaclName	name;

	/* A pointer to a toasted value looks like a short header, too. */
	if (likely(VARATT_IS_SHORT(value) && !VARATT_IS_EXTERNAL(value)))
	{
		name.data = VARDATA_SHORT(value);
		name.len = VARSIZE_SHORT(value) - VARHDRSZ_SHORT;
		return name;
	}
	if (unlikely(!VARATT_IS_4B_U(value)))
		value = DatumGetTextPP(datum);
	name.data = VARDATA_ANY(value);
	name.len = VARSIZE_ANY_EXHDR(value);
	return name;
}

extern bool arg_id_of_any_kind(FunctionCallInfo fcinfo, int argno,
							   IdBuffer *buffer, TaclName *id);

/*
 * Reads an id given as text, varchar, name, uuid, smallint, integer, bigint or
 * a domain over them. False if it is NULL. Anything else is error 42804. The
 * name points into the argument or the buffer; only a toasted or compressed
 * text is copied.
 */
static inline bool
arg_id(FunctionCallInfo fcinfo, int argno, IdBuffer *buffer, TaclName *id)
{
	const IdKinds *known = fcinfo->flinfo->fn_extra;

	if (likely(known != NULL && known->kinds[argno] == ID_TEXT &&
			   !PG_ARGISNULL(argno)))
	{
		*id = arg_name_of_text(PG_GETARG_DATUM(argno));
		return true;
	}
	return arg_id_of_any_kind(fcinfo, argno, buffer, id);
}

/* Can a value of the type be an id? */
extern bool arg_type_is_id(Oid type);

/* Reads an id from a value of a type; false if the type cannot be an id's. */
extern bool arg_id_of_value(Datum value, Oid type, IdBuffer *buffer,
							TaclName *id);

/* Reads a text argument. False if it is NULL. */
static inline bool
arg_text(FunctionCallInfo fcinfo, int argno, TaclName *name)
{
	if (PG_ARGISNULL(argno))
		return false;
	*name = arg_name_of_text(PG_GETARG_DATUM(argno));
	return true;
}

/* Raises 22023 with the text, the problem and the hint of the fault. */
pg_noreturn extern void report_fault(TextFault fault, const char *what,
									 TaclName text);

/* Raises 22004 for an argument that must be there. */
pg_noreturn extern void report_missing(const char *what);

/* Raises 22023 unless the text is a permission: a pattern is none. */
static inline Permission
require_permission(TaclName text)
{
	Permission	permission;

	if (unlikely(!permission_read(text, &permission)))
		report_fault(permission_fault(text.data, text.len), "permission", text);
	return permission;
}

/*
 * Reads a permission that is asked for, and may be invalid. False if there is
 * none (NULL or empty), which makes the answer no.
 */
static inline bool
arg_permission_text(FunctionCallInfo fcinfo, int argno, TaclName *permission)
{
	return arg_text(fcinfo, argno, permission) && permission->len > 0;
}

/*
 * The same; error 22023 if it is invalid, so that a typo does not pass for a
 * quiet no.
 */
static inline bool
arg_permission(FunctionCallInfo fcinfo, int argno, Permission *permission)
{
	TaclName	text;

	if (!arg_permission_text(fcinfo, argno, &text))
		return false;
	*permission = require_permission(text);
	return true;
}

/*
 * Reads a one-dimensional text[] argument into *names (palloc'd), returning
 * its length, or -1 if it is NULL. A NULL element is error 22004.
 */
extern int	arg_text_array(FunctionCallInfo fcinfo, int argno,
						   TaclName **names);

/* The same, but a NULL element is a name whose data is NULL. */
extern int	arg_text_array_with_nulls(FunctionCallInfo fcinfo, int argno,
									  TaclName **names);

/*
 * The same for arguments that must be there: NULL is error 22004, and an id
 * or name that breaks name_fault() is error 22023. "what" names the argument
 * in the message.
 */
extern TaclName arg_required_id(FunctionCallInfo fcinfo, int argno,
								IdBuffer *buffer, const char *what);
extern TaclName arg_required_name(FunctionCallInfo fcinfo, int argno,
								  const char *what);

/* Raises 22023 unless the text can be a name. */
extern void require_name(TaclName name, const char *what);

/*
 * Raises 22023 unless the text is a pattern, and unless denies are possible
 * where it shall stand, no deny.
 */
extern void require_pattern(TaclName text, bool denies_too);

/* Raises 54000 for more patterns than one list may hold. */
extern void require_few_patterns(int count);

/* A name that points to a zero-terminated text. */
extern TaclName name_from_cstring(const char *text);

#endif							/* TACL_ARGS_H */
