/*
 * constraint.c
 *		Functions of the tables' CHECK constraints.
 *
 * They return true or raise an error that says what to do, which a plain
 * CHECK cannot. All are declared STRICT: NULL passes, as it does in a CHECK.
 * Whoever writes to the tables, by function, by hand or by a restored dump,
 * passes through here, so everything else may rely on what is stored.
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "args.h"
#include "pattern.h"

PG_FUNCTION_INFO_V1(tacl_check_name);
PG_FUNCTION_INFO_V1(tacl_check_pattern);
PG_FUNCTION_INFO_V1(tacl_check_patterns);
PG_FUNCTION_INFO_V1(tacl_check_allows);
PG_FUNCTION_INFO_V1(tacl_check_permission);
PG_FUNCTION_INFO_V1(tacl_pattern_covers);
PG_FUNCTION_INFO_V1(tacl_pattern_intersection);
PG_FUNCTION_INFO_V1(tacl_pattern_matches);

/*
 * Raises an error if the bytes are not text in the encoding of the database:
 * a function in C or a damaged dump may have made them.
 */
static void
refuse_broken_encoding(const char *what, TaclName text)
{
	const TextFault broken = {
		"Its bytes are not valid in the encoding of the database",
		"Convert it to this encoding first"
	};

	if (!pg_verifymbstr(text.data, text.len, true))
		report_fault(broken, what, text);
}

/* Raises an error if the text is not a pattern, or a deny where none can be. */
static void
refuse_bad_pattern(TaclName text, bool denies_too)
{
	refuse_broken_encoding("permission pattern", text);
	require_pattern(text, denies_too);
}

/* Raises an error if the array's shape is not that of a list of patterns. */
static void
refuse_bad_shape(ArrayType *array)
{
	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("permission patterns must be a one-dimensional array"),
				 errdetail("The array has %d dimensions.", ARR_NDIM(array)),
				 errhint("Pass a plain list, as in ARRAY['orders.view', 'orders.items.*'].")));
	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("permission patterns must not contain NULL"),
				 errhint("Leave out NULL elements, with array_remove(..., NULL) for example.")));
	require_few_patterns(ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)));
}

/* Raises an error if the array is not a list of patterns (of allows only). */
static void
refuse_bad_patterns(ArrayType *array, bool denies_too)
{
	Datum	   *items;
	int			count;

	refuse_bad_shape(array);
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT,
					  &items, NULL, &count);
	for (int i = 0; i < count; i++)
		refuse_bad_pattern(arg_name_of_text(items[i]), denies_too);
	pfree(items);
}

/* True for the name of a user, tenant, role or group; else an error. */
Datum
tacl_check_name(PG_FUNCTION_ARGS)
{
	TaclName	text = arg_name_of_text(PG_GETARG_DATUM(0));

	refuse_broken_encoding("name", text);
	require_name(text, "name");
	PG_RETURN_BOOL(true);
}

/* True for a pattern; else an error. */
Datum
tacl_check_pattern(PG_FUNCTION_ARGS)
{
	refuse_bad_pattern(arg_name_of_text(PG_GETARG_DATUM(0)), true);
	PG_RETURN_BOOL(true);
}

/* True for a list of patterns; else an error. */
Datum
tacl_check_patterns(PG_FUNCTION_ARGS)
{
	refuse_bad_patterns(PG_GETARG_ARRAYTYPE_P(0), true);
	PG_RETURN_BOOL(true);
}

/* True for a list of patterns without a deny; else an error. */
Datum
tacl_check_allows(PG_FUNCTION_ARGS)
{
	refuse_bad_patterns(PG_GETARG_ARRAYTYPE_P(0), false);
	PG_RETURN_BOOL(true);
}

/* Raises an error if the text is not a permission. */
static void
refuse_bad_permission(TaclName text)
{
	refuse_broken_encoding("permission", text);
	(void) require_permission(text);
}

/* True for a permission; else an error. */
Datum
tacl_check_permission(PG_FUNCTION_ARGS)
{
	refuse_bad_permission(arg_name_of_text(PG_GETARG_DATUM(0)));
	PG_RETURN_BOOL(true);
}

/* A pattern argument, or an error. */
static TaclName
pattern_arg(FunctionCallInfo fcinfo, int argno)
{
	TaclName	pattern = arg_name_of_text(PG_GETARG_DATUM(argno));

	refuse_bad_pattern(pattern, true);
	return pattern;
}

/*
 * True if the pattern, without its '!', matches the permission. An error if
 * one of them is invalid.
 */
Datum
tacl_pattern_matches(PG_FUNCTION_ARGS)
{
	TaclName	pattern = pattern_arg(fcinfo, 0);
	TaclName	permission = arg_name_of_text(PG_GETARG_DATUM(1));

	refuse_bad_permission(permission);
	PG_RETURN_BOOL(pattern_matches(pattern.data, pattern.len,
								   permission.data, permission.len));
}

/* True if the first pattern matches all that the second matches. */
Datum
tacl_pattern_covers(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(pattern_covers(pattern_arg(fcinfo, 0),
								  pattern_arg(fcinfo, 1)));
}

/* The pattern of what both match; NULL if that is nothing. */
Datum
tacl_pattern_intersection(PG_FUNCTION_ARGS)
{
	char		buffer[TACL_MAX_NAME_BYTES];
	int			len = pattern_intersection(pattern_arg(fcinfo, 0),
										   pattern_arg(fcinfo, 1), buffer);

	if (len < 0)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(buffer, len));
}
