/*
 * keys.c
 *		Keys of tokens: add and drop them, let them retire, and sign with one.
 *
 * The key itself, as it comes in or as it is stored, is never part of a
 * message, nor of a statement's text.
 */
#include "admin.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "jwk.h"
#include "jwt.h"
#include "key_row.h"
#include "session.h"

PG_FUNCTION_INFO_V1(tacl_add_key);
PG_FUNCTION_INFO_V1(tacl_drop_key);
PG_FUNCTION_INFO_V1(tacl_issue_token);

#define SUPPORTED_HINT \
	"Supported are HS256, HS384, HS512, RS256, PS256, ES256 and EdDSA."

/* How long a token may be valid. */
#define MIN_LIFETIME	USECS_PER_SEC
#define MAX_LIFETIME	USECS_PER_DAY

static const AdminAction add_action = {
	"tacl_add_key()", NULL, {[STORE_KEY] = ACL_INSERT | ACL_UPDATE}
};

static const AdminAction drop_action = {
	"tacl_drop_key()", NULL, {[STORE_KEY] = ACL_DELETE}
};

static const AdminAction retire_action = {
	"tacl_drop_key()", NULL, {[STORE_KEY] = ACL_UPDATE}
};

/* $9: is it another key than the one that it replaces? Then it is new. */
static Statement put = {
	"INSERT INTO tacl.key (kid, algorithm, material, issuer, audience,"
	" user_claim, tenant_claim, leeway)"
	" VALUES ($1, $2, CAST($3 AS tacl.key_material), $4, $5, $6, $7, $8)"
	" ON CONFLICT ON CONSTRAINT key_pkey DO UPDATE SET"
	" algorithm = EXCLUDED.algorithm, material = EXCLUDED.material,"
	" issuer = EXCLUDED.issuer, audience = EXCLUDED.audience,"
	" user_claim = EXCLUDED.user_claim,"
	" tenant_claim = EXCLUDED.tenant_claim, leeway = EXCLUDED.leeway,"
	" created_at = CASE WHEN $9 THEN EXCLUDED.created_at"
	" ELSE key.created_at END,"
	" retires_at = NULL",
	{TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, INT4OID,
	BOOLOID}
};

static Statement delete = {
	"DELETE FROM tacl.key WHERE kid OPERATOR(pg_catalog.=) $1",
	{TEXTOID}
};

static Statement retire = {
	"UPDATE tacl.key SET retires_at = $2"
	" WHERE kid OPERATOR(pg_catalog.=) $1"
	" AND (retires_at OPERATOR(pg_catalog.=) $2) IS NOT TRUE",
	{TEXTOID, TIMESTAMPTZOID}
};

/*
 * Adding
 */

/*
 * The algorithm given; SIGNATURE_UNKNOWN for NULL. A wrong one is not shown: it
 * may be the key, if arguments were swapped.
 */
static SignatureAlgorithm
algorithm_arg(FunctionCallInfo fcinfo, int argno)
{
	SignatureAlgorithm algorithm = SIGNATURE_UNKNOWN;
	TaclName	name;

	if (!arg_text(fcinfo, argno, &name))
		return SIGNATURE_UNKNOWN;
	algorithm = signature_algorithm(name);
	if (algorithm == SIGNATURE_UNKNOWN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown algorithm for tokens"),
				 errhint(SUPPORTED_HINT)));
	return algorithm;
}

/* A name; data is NULL if the argument is. */
static TaclName
optional_name_arg(FunctionCallInfo fcinfo, int argno, const char *what)
{
	TaclName	name = {NULL, 0};

	if (!PG_ARGISNULL(argno))
		name = arg_required_name(fcinfo, argno, what);
	return name;
}

/* A claim's name; the one given for NULL. */
static TaclName
claim_arg(FunctionCallInfo fcinfo, int argno, const char *if_null)
{
	TaclName	name = name_from_cstring(if_null);

	(void) arg_text(fcinfo, argno, &name);
	return name;
}

/* Reads the keys that the arguments hold, or raises 22023. */
static JwkArray
keys_arg(FunctionCallInfo fcinfo)
{
	TaclName	kid = optional_name_arg(fcinfo, 0, "kid");
	SignatureAlgorithm algorithm = algorithm_arg(fcinfo, 1);
	JwkArray	keys;
	TextFault	fault;
	TaclName	text;

	if (!arg_text(fcinfo, 2, &text))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("key must not be NULL")));
	fault = jwk_read(text, kid, algorithm, &keys);
	if (fault.problem != NULL)
		ereport(ERROR,
				(errcode(keys.too_much ? ERRCODE_PROGRAM_LIMIT_EXCEEDED :
						 ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid key for tokens"),
				 errdetail("%s.", fault.problem),
				 errhint("%s.", fault.hint)));
	return keys;
}

/* What all keys of one call have in common. */
static KeyRow
common_row(FunctionCallInfo fcinfo)
{
	KeyRow		row = {
		.issuer = optional_name_arg(fcinfo, 3, "issuer"),
		.audience = optional_name_arg(fcinfo, 4, "audience"),
		.user_claim = claim_arg(fcinfo, 5, "sub"),
		.tenant_claim = claim_arg(fcinfo, 6, "org_id"),
		.leeway = PG_ARGISNULL(7) ? 0 : PG_GETARG_INT32(7),
		.retires_at = DT_NOEND
	};

	return row;
}

/* Bytes as the text of a bytea. */
static NullableDatum
param_bytes(TaclName bytes)
{
	char	   *text = palloc(2 * (Size) bytes.len + 3);

	memcpy(text, "\\x", 2);
	text[2 + hex_encode(bytes.data, bytes.len, text + 2)] = '\0';
	return param_value(CStringGetTextDatum(text));
}

/* Fetches the key of this name; false if there is none. */
static bool
find_key(TaclName kid, KeyRow *key)
{
	StoreReader reader;
	bool		found;

	store_begin(&reader);
	found = store_key(&reader, kid, key);
	store_end(&reader);
	return found;
}

/* Is it the same key, whatever it demands of its tokens? */
static bool
is_same_key(const KeyRow *a, const KeyRow *b)
{
	return name_equal(a->algorithm, b->algorithm) &&
		name_equal(a->material, b->material);
}

/*
 * Raises 22023 if a key of a set would replace one that is not of the same
 * source: who publishes a set chooses its names, and could take another's.
 */
static void
require_same_source(const KeyRow *present, const KeyRow *row)
{
	if (name_equal_or_missing(present->issuer, row->issuer) &&
		signature_same_kind(signature_algorithm(present->algorithm),
							signature_algorithm(row->algorithm)))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("key \"%.*s\" of the set would replace another key",
					row->kid.len, row->kid.data),
			 errdetail("The key that is there has another issuer, or is of another kind."),
			 errhint("Drop that one with tacl_drop_key(), or add this one by itself.")));
}

/* Writes a key, which may come from a set; false if it is there as it is. */
static bool
put_key(const KeyRow *row, bool of_set)
{
	KeyRow		present;
	bool		found = find_key(row->kid, &present);

	if (found && of_set)
		require_same_source(&present, row);
	if (found && key_row_equal(&present, row))
		return false;
	return statement_run(&put, PARAMS(param_name(row->kid),
									  param_name(row->algorithm),
									  param_bytes(row->material),
									  param_name(row->issuer),
									  param_name(row->audience),
									  param_name(row->user_claim),
									  param_name(row->tenant_claim),
									  param_value(Int32GetDatum(row->leeway)),
									  param_value(BoolGetDatum(!found || !is_same_key(&present, row))))) > 0;
}

/*
 * tacl_add_key(kid, algorithm, key, issuer, audience, user_claim,
 * tenant_claim, leeway): false if all is so already.
 */
Datum
tacl_add_key(PG_FUNCTION_ARGS)
{
	bool		changed = false;
	JwkArray	keys;
	KeyRow		row;

	admin_begin(&add_action, NULL);
	keys = keys_arg(fcinfo);
	row = common_row(fcinfo);
	for (int i = 0; i < keys.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		row.kid = keys.items[i].kid;
		row.algorithm = signature_name(keys.items[i].algorithm);
		row.material = keys.items[i].material;
		key_row_check(&row);
		changed |= put_key(&row, keys.of_set);
	}
	PG_RETURN_BOOL(changed);
}

/*
 * Dropping
 */

/* Sets the time at which a key retires; false if it is so already. */
static bool
retire_key(TaclName kid, TimestampTz retires_at)
{
	KeyRow		present;

	key_require_finite(retires_at);
	if (!find_key(kid, &present) || present.retires_at == retires_at)
		return false;
	if (retires_at <= session_now())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("retires_at must be in the future"),
				 errdetail("It is %s.", timestamptz_to_str(retires_at)),
				 errhint("Leave it out to drop the key now.")));
	return statement_run(&retire,
						 PARAMS(param_name(kid),
								param_value(TimestampTzGetDatum(retires_at)))) > 0;
}

/* tacl_drop_key(kid [, retires_at]): false if there is none, or so already. */
Datum
tacl_drop_key(PG_FUNCTION_ARGS)
{
	bool		now = PG_ARGISNULL(1);
	TaclName	kid;

	admin_begin(now ? &drop_action : &retire_action, NULL);
	kid = arg_required_name(fcinfo, 0, "kid");
	if (!now)
		PG_RETURN_BOOL(retire_key(kid, PG_GETARG_TIMESTAMPTZ(1)));
	PG_RETURN_BOOL(statement_run(&delete, PARAMS(param_name(kid))) > 0);
}

/*
 * Signing
 */

/* Refuses where a definer's privilege might be abused. */
static void
refuse_restricted_moment(void)
{
	if (InSecurityRestrictedOperation())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("cannot execute %s within security-restricted operation",
						"tacl_issue_token()")));
}

/* Can the key sign? */
static bool
can_sign(const KeyRow *key)
{
	return signature_is_symmetric(signature_algorithm(key->algorithm));
}

/* Is the key newer than the best so far, if there is one? */
static bool
is_newer(const KeyRow *key, const KeyRow *best)
{
	return best == NULL || key->created_at > best->created_at ||
		(key->created_at == best->created_at &&
		 strcmp(key->kid.data, best->kid.data) > 0);
}

/* The newest key that can sign and does not retire before this, or 55000. */
static KeyRow
newest_signing_key(StoreReader *reader, TimestampTz until)
{
	KeyArray	keys = store_keys(reader);
	bool		any = false;
	KeyRow	   *best = NULL;

	for (int i = 0; i < keys.count; i++)
	{
		KeyRow	   *key = &keys.items[i];

		if (!can_sign(key))
			continue;
		any = true;
		if (until <= key->retires_at && is_newer(key, best))
			best = key;
	}
	if (best == NULL && any)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("all keys to sign a token with retire before it would expire"),
				 errhint("Give a shorter lifetime, or add a secret with tacl_add_key().")));
	if (best == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("there is no key to sign a token with"),
				 errhint("Add a secret with tacl_add_key(); a public key only verifies.")));
	return *best;
}

/* The key of this name, which can sign until then, or an error. */
static KeyRow
signing_key(StoreReader *reader, TaclName kid, TimestampTz until)
{
	KeyRow		key;

	if (!store_key(reader, kid, &key))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("key \"%.*s\" does not exist", kid.len, kid.data),
				 errhint("Add it with tacl_add_key().")));
	if (!can_sign(&key))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("key \"%.*s\" cannot sign", kid.len, kid.data),
				 errhint("A public key only verifies; name a secret.")));
	if (until > key.retires_at)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("key \"%.*s\" retires before the token would expire",
						kid.len, kid.data),
				 errdetail("It retires at %s.",
						   timestamptz_to_str(key.retires_at)),
				 errhint("Give a shorter lifetime, or name another key.")));
	return key;
}

/* Raises 42501 for a user who is disabled. */
static void
refuse_disabled(StoreReader *reader, TaclName user)
{
	if (store_user_disabled(reader, user))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied: user \"%.*s\" is disabled",
						user.len, user.data)));
}

/* Finds the key to sign with, for users who may be signed for. */
static KeyRow
prepare_signing(TaclName kid, const JwtClaims *claims)
{
	StoreReader reader;
	KeyRow		key;

	store_begin(&reader);
	refuse_disabled(&reader, claims->user);
	if (claims->actor.data != NULL)
		refuse_disabled(&reader, claims->actor);
	key = kid.data != NULL ?
		signing_key(&reader, kid, claims->expires_at) :
		newest_signing_key(&reader, claims->expires_at);
	store_end(&reader);
	return key;
}

/* The lifetime, in microseconds; days have 24 hours. */
static int64
lifetime_arg(FunctionCallInfo fcinfo, int argno)
{
	int64		lifetime = -1;
	Interval   *interval;

	if (!PG_ARGISNULL(argno))
	{
		interval = PG_GETARG_INTERVAL_P(argno);
		if (interval->month == 0 && interval->day >= 0 && interval->day <= 1 &&
			interval->time <= MAX_LIFETIME)
			lifetime = interval->day * USECS_PER_DAY + interval->time;
	}
	if (lifetime < MIN_LIFETIME || lifetime > MAX_LIFETIME)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("lifetime must be between 1 second and 24 hours")));
	return lifetime;
}

/* Raises 22023 for a name that a token cannot carry. */
static void
require_carried(TaclName name)
{
	if (name.data != NULL && !jwt_name_is_possible(name))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a token cannot carry \"%.*s\"", name.len, name.data),
				 errdetail("In a database whose encoding is not UTF8, names in tokens are ASCII.")));
}

/* Reads what the token shall say. */
static JwtClaims
claims_args(FunctionCallInfo fcinfo, IdBuffer *user_buffer,
			IdBuffer *tenant_buffer, TimestampTz issued_at)
{
	JwtClaims	claims = {.user = {NULL, 0}};
	PatternArray scope;

	claims.user = arg_required_id(fcinfo, 0, user_buffer, "user");
	if (arg_id(fcinfo, 1, tenant_buffer, &claims.tenant))
		claims.tenant = resolve_look_at_tenant(claims.tenant).id;
	else
		claims.tenant.data = NULL;
	claims.expires_at = issued_at + lifetime_arg(fcinfo, 2);
	claims.actor = optional_name_arg(fcinfo, 3, "actor");
	claims.scoped = admin_patterns(fcinfo, 4, true, &scope);
	if (claims.scoped)
	{
		claims.scope = scope.items;
		claims.scope_count = scope.count;
	}
	require_carried(claims.user);
	require_carried(claims.tenant);
	require_carried(claims.actor);
	return claims;
}

/* tacl_issue_token(user [, tenant, lifetime, actor, scope, kid]) */
Datum
tacl_issue_token(PG_FUNCTION_ARGS)
{
	TimestampTz issued_at = GetCurrentTimestamp();
	IdBuffer	user_buffer;
	IdBuffer	tenant_buffer;
	StringInfoData token;
	JwtClaims	claims;
	JwtRules	rules;
	KeyRow		key;

	refuse_restricted_moment();
	store_resolve_oids();
	claims = claims_args(fcinfo, &user_buffer, &tenant_buffer, issued_at);
	key = prepare_signing(optional_name_arg(fcinfo, 5, "kid"), &claims);
	rules.issuer = key.issuer;
	rules.audience = key.audience;
	rules.user_claim = key.user_claim;
	rules.tenant_claim = key.tenant_claim;
	initStringInfo(&token);
	if (!jwt_write(&token, key.kid, signature_algorithm(key.algorithm),
				   key.material, &rules, &claims, issued_at))
		elog(ERROR, "could not sign a token");
	if (token.len > JWT_MAX_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the token would be longer than %d bytes",
						JWT_MAX_BYTES),
				 errhint("Give a shorter scope.")));
	PG_RETURN_TEXT_P(cstring_to_text_with_len(token.data, token.len));
}
