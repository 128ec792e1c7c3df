/*
 * key_row.c
 *		What the row of a key of tokens has to be, and the type of its material.
 *
 * Whoever knows a secret can be anyone. Privileges and policies on the table
 * would not keep it from who may read all data or bypasses row-level security,
 * and a policy would make pg_dump fail for others than superusers; so it is
 * the type that does not show it: its text is the bytes for a superuser only,
 * and there is no other way from it to bytes. Nor can others make a
 * value of it, which they could compare with one.
 *
 * All that a row has to be is one check: PostgreSQL would show the row that
 * breaks one of its own. COPY shows the line that an error is raised in, and
 * so do others by their context: such an error has none. Raising it sets back
 * the stack of contexts, as for any error.
 */
#include "tenant_acl.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "args.h"
#include "guc.h"
#include "jwt.h"
#include "key_row.h"

PG_FUNCTION_INFO_V1(tacl_check_key);
PG_FUNCTION_INFO_V1(tacl_key_material_in);
PG_FUNCTION_INFO_V1(tacl_key_material_out);

/* Ensures that a name that must be there can be stored. */
static void
require_present_name(TaclName name, const char *what)
{
	if (name.data == NULL)
		report_missing(psprintf("%s of a key", what));
	require_name(name, what);
}

/* Ensures that a claim can be the user's or the tenant's. */
static void
require_claim(TaclName claim, const char *what)
{
	const TextFault reserved = {
		"Its meaning in a token is fixed",
		"Name a claim of the application's, or sub"
	};

	require_present_name(claim, what);
	if (jwt_claim_is_reserved(claim))
		report_fault(reserved, what, claim);
}

/* Ensures that the row can be stored; see key_row.h. */
void
key_row_check(const KeyRow *row)
{
	require_present_name(row->kid, "kid");
	require_present_name(row->algorithm, "algorithm");
	if (row->material.data == NULL ||
		!signature_key_is_valid(signature_algorithm(row->algorithm),
								row->material))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid key \"%.*s\"", row->kid.len, row->kid.data),
				 errdetail("Its material is no key of this algorithm, or the algorithm is not supported."),
				 errhint("Add keys with tacl_add_key().")));
	if (row->issuer.data != NULL)
		require_name(row->issuer, "issuer");
	if (row->audience.data != NULL)
		require_name(row->audience, "audience");
	require_claim(row->user_claim, "user_claim");
	require_claim(row->tenant_claim, "tenant_claim");
	if (name_equal(row->user_claim, row->tenant_claim))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("user_claim and tenant_claim must not be the same")));
	if (row->leeway < 0 || row->leeway > KEY_MAX_LEEWAY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("leeway must be between 0 and %d seconds",
						KEY_MAX_LEEWAY)));
}

/* Ensures that a time at which a key retires is one; see key_row.h. */
void
key_require_finite(TimestampTz retires_at)
{
	if (TIMESTAMP_NOT_FINITE(retires_at))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("retires_at must not be %s",
						TIMESTAMP_IS_NOEND(retires_at) ? "infinity" : "-infinity"),
				 errhint("A key never retires unless a time is set; tacl_add_key() takes one back.")));
}

/* Are both the same but for their age? */
bool
key_row_equal(const KeyRow *a, const KeyRow *b)
{
	return name_equal(a->kid, b->kid) &&
		name_equal(a->algorithm, b->algorithm) &&
		name_equal(a->material, b->material) &&
		name_equal_or_missing(a->issuer, b->issuer) &&
		name_equal_or_missing(a->audience, b->audience) &&
		name_equal(a->user_claim, b->user_claim) &&
		name_equal(a->tenant_claim, b->tenant_claim) &&
		a->leeway == b->leeway && a->retires_at == b->retires_at;
}

/* A text argument, or one of the material; data is NULL if it is. */
static TaclName
bytes_arg(FunctionCallInfo fcinfo, int argno)
{
	TaclName	bytes = {NULL, 0};

	(void) arg_text(fcinfo, argno, &bytes);
	return bytes;
}

/*
 * tacl.check_key(kid, algorithm, material, issuer, audience, user_claim,
 * tenant_claim, leeway, retires_at): true, or an error.
 */
Datum
tacl_check_key(PG_FUNCTION_ARGS)
{
	ErrorContextCallback *context = error_context_stack;
	KeyRow		row = {
		.kid = bytes_arg(fcinfo, 0),
		.algorithm = bytes_arg(fcinfo, 1),
		.material = bytes_arg(fcinfo, 2),
		.issuer = bytes_arg(fcinfo, 3),
		.audience = bytes_arg(fcinfo, 4),
		.user_claim = bytes_arg(fcinfo, 5),
		.tenant_claim = bytes_arg(fcinfo, 6),
		.leeway = PG_ARGISNULL(7) ? -1 : PG_GETARG_INT32(7)
	};

	error_context_stack = NULL;
	key_row_check(&row);
	if (!PG_ARGISNULL(8))
		key_require_finite(PG_GETARG_TIMESTAMPTZ(8));
	error_context_stack = context;
	PG_RETURN_BOOL(true);
}

/* Input of tacl.key_material: as bytea, for superusers. */
Datum
tacl_key_material_in(PG_FUNCTION_ARGS)
{
	ErrorContextCallback *context = error_context_stack;
	Datum		bytes;

	error_context_stack = NULL;
	if (!superuser())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to write key material"),
				 errhint("Add keys with tacl_add_key().")));
	bytes = byteain(fcinfo);
	error_context_stack = context;
	return bytes;
}

/*
 * Output of tacl.key_material: as bytea, for superusers. A dump that is to
 * carry keys fails for others: what is hidden in it could not be restored.
 */
Datum
tacl_key_material_out(PG_FUNCTION_ARGS)
{
	if (!superuser() && tacl_dump_keys)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to dump keys of tokens"),
				 errhint("Dump as a superuser, or with tacl.dump_keys = off.")));
	if (!superuser())
		PG_RETURN_CSTRING(pstrdup("(hidden)"));
	return byteaout(fcinfo);
}
