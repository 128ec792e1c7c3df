/*
 * jwt.c
 *		JSON Web Tokens: read, verified against one key, and written.
 *
 * Everything is refused that could be read in two ways: another number of
 * parts than three, base64 that is not the canonical one, a name that occurs
 * twice, bytes that follow, an unknown extension. The header is all that is
 * looked at before the signature; jwk, jku, x5u and x5c in it mean nothing:
 * the key is found by its kid among those registered, and the key says what
 * the algorithm is.
 */
#include "tenant_acl.h"

#include "mb/pg_wchar.h"
#include "utils/json.h"

#include "base64url.h"
#include "json.h"
#include "jwt.h"
#include "pattern.h"

/* The last second that can be an expiry: the end of the year 9999. */
#define MAX_NUMERIC_DATE	253402300799.0

/* From the epoch of NumericDate to PostgreSQL's, in seconds. */
#define EPOCH_DIFFERENCE \
	((POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * (int64) SECS_PER_DAY)

/* See the head of jwt.h. */
static const char *const fault_texts[] = {
	[JWT_GOOD] = "Nothing is wrong.",
	[JWT_TOO_LONG] = "It is longer than 8192 bytes.",
	[JWT_NOT_COMPACT] = "It does not consist of three parts in base64url.",
	[JWT_REPEATED_NAME] = "A name occurs twice in it.",
	[JWT_BAD_HEADER] = "Its header is not a JSON object that names an algorithm.",
	[JWT_BAD_TYPE] = "Its type is not that of a token for access.",
	[JWT_BAD_EXTENSION] = "Its header demands an extension that is not supported.",
	[JWT_NO_KEY_ID] = "It names no key, and not exactly one is registered.",
	[JWT_UNKNOWN_KEY] = "Its key is not registered.",
	[JWT_UNUSABLE_KEY] = "Its key cannot be used.",
	[JWT_WRONG_ALGORITHM] = "Its algorithm is not that of its key.",
	[JWT_BAD_SIGNATURE] = "Its signature is not that of its key.",
	[JWT_BAD_PAYLOAD] = "Its claims are not a JSON object.",
	[JWT_BAD_EXPIRY] = "It has no expiry, or an impossible one.",
	[JWT_BAD_TIME] = "It has an impossible time.",
	[JWT_WRONG_ISSUER] = "Its issuer is not the one that its key demands.",
	[JWT_WRONG_AUDIENCE] = "Its audience is not the one that its key demands.",
	[JWT_NO_USER] = "It does not name a user.",
	[JWT_BAD_TENANT] = "Its tenant is not a name.",
	[JWT_BAD_ACTOR] = "Its actor is not a name.",
	[JWT_BAD_SCOPE] = "Its scope is not a list of permission patterns.",
	[JWT_NOT_YET_VALID] = "It is not valid yet.",
	[JWT_EXPIRED] = "It has expired.",
	[JWT_RETIRED_KEY] = "Its key has retired."
};

/* What is wrong, as a sentence. */
const char *
jwt_fault_text(JwtFault fault)
{
	return fault_texts[fault];
}

/* Is the name one of these? */
static bool
is_one_of(TaclName name, const char *const *names, int count)
{
	for (int i = 0; i < count; i++)
	{
		if (name.len == strlen(names[i]) &&
			memcmp(name.data, names[i], name.len) == 0)
			return true;
	}
	return false;
}

/* Is the claim's meaning fixed? */
bool
jwt_claim_is_reserved(TaclName name)
{
	static const char *const reserved[] = {
		"act", "aud", "exp", "iat", "iss", "nbf", "tacl_scope"
	};

	return is_one_of(name, reserved, lengthof(reserved));
}

/*
 * Can a token carry the name? A token is in UTF-8; in another encoding the
 * bytes of what is not ASCII would be those of another name.
 */
bool
jwt_name_is_possible(TaclName name)
{
	if (name_fault(name.data, name.len).problem != NULL)
		return false;
	if (GetDatabaseEncoding() == PG_UTF8)
		return pg_encoding_verifymbstr(PG_UTF8, name.data, name.len) == name.len;
	for (int i = 0; i < name.len; i++)
	{
		if (IS_HIGHBIT_SET(name.data[i]))
			return false;
	}
	return true;
}

/*
 * Opening
 */

/* Cuts a part off the rest of a token; false if no dot follows it. */
static bool
cut_part(TaclName *rest, TaclName *part)
{
	const char *dot = memchr(rest->data, '.', rest->len);

	if (dot == NULL)
		return false;
	part->data = rest->data;
	part->len = dot - rest->data;
	rest->data = dot + 1;
	rest->len -= part->len + 1;
	return true;
}

/* Is the type in the header that of a token like ours? */
static bool
type_is_possible(const JsonTree *header)
{
	const JsonTree *type = json_member(header, "typ");
	TaclName	text;

	if (type == NULL)
		return true;
	return json_string(type, &text) &&
		(pg_strcasecmp(text.data, "JWT") == 0 ||
		 pg_strcasecmp(text.data, "at+jwt") == 0);
}

/* Reads the header. */
static JwtFault
read_header(TaclName text, Jwt *jwt)
{
	bool		repeated;
	const JsonTree *header = json_read(text, &repeated);
	const JsonTree *kid = json_member(header, "kid");

	if (repeated)
		return JWT_REPEATED_NAME;
	if (header == NULL ||
		!json_string(json_member(header, "alg"), &jwt->algorithm) ||
		(kid != NULL && !json_string(kid, &jwt->kid)))
		return JWT_BAD_HEADER;
	if (json_member(header, "crit") != NULL ||
		json_member(header, "b64") != NULL ||
		json_member(header, "zip") != NULL)
		return JWT_BAD_EXTENSION;
	return type_is_possible(header) ? JWT_GOOD : JWT_BAD_TYPE;
}

/* Takes a token apart; see jwt.h. */
JwtFault
jwt_open(TaclName token, Jwt *jwt)
{
	TaclName	header;
	TaclName	payload;
	TaclName	rest = token;

	memset(jwt, 0, sizeof(Jwt));
	if (token.len > JWT_MAX_BYTES)
		return JWT_TOO_LONG;
	if (!cut_part(&rest, &header) || !cut_part(&rest, &payload))
		return JWT_NOT_COMPACT;
	jwt->signed_text.data = token.data;
	jwt->signed_text.len = header.len + 1 + payload.len;
	if (!base64url_decode(header, &header) ||
		!base64url_decode(payload, &jwt->payload) ||
		!base64url_decode(rest, &jwt->signature))
		return JWT_NOT_COMPACT;
	return read_header(header, jwt);
}

/* Was it signed by this key? See jwt.h. */
JwtFault
jwt_verify(const Jwt *jwt, SignatureAlgorithm algorithm, TaclName key)
{
	if (algorithm == SIGNATURE_UNKNOWN)
		return JWT_UNUSABLE_KEY;
	if (!name_equal(jwt->algorithm, signature_name(algorithm)))
		return JWT_WRONG_ALGORITHM;
	if (!signature_verify(algorithm, key, jwt->signed_text, jwt->signature))
		return JWT_BAD_SIGNATURE;
	return JWT_GOOD;
}

/*
 * Claims
 */

/* A point in time as a number of seconds; false if it is none. */
static bool
read_time(const JsonTree *value, TimestampTz *time)
{
	double		seconds;

	if (value == NULL || value->kind != JSON_KIND_NUMBER)
		return false;
	/* The text is a number by JSON's grammar; out of range is infinite. */
	seconds = strtod(value->text.data, NULL);
	if (!(seconds >= 0 && seconds <= MAX_NUMERIC_DATE))
		return false;
	*time = (TimestampTz) (seconds * USECS_PER_SEC) -
		EPOCH_DIFFERENCE * USECS_PER_SEC;
	return true;
}

/* Reads exp, nbf and iat. */
static JwtFault
read_times(const JsonTree *payload, JwtClaims *claims)
{
	const JsonTree *nbf = json_member(payload, "nbf");
	const JsonTree *iat = json_member(payload, "iat");
	TimestampTz issued_at;

	if (!read_time(json_member(payload, "exp"), &claims->expires_at))
		return JWT_BAD_EXPIRY;
	claims->not_before = DT_NOBEGIN;
	if ((nbf != NULL && !read_time(nbf, &claims->not_before)) ||
		(iat != NULL && !read_time(iat, &issued_at)))
		return JWT_BAD_TIME;
	return JWT_GOOD;
}

/* Is the value this string, or a list of strings with it? */
static bool
names_audience(const JsonTree *value, TaclName audience)
{
	bool		found = false;
	TaclName	text;

	if (value == NULL)
		return false;
	if (value->kind == JSON_KIND_STRING)
		return name_equal(value->text, audience);
	if (value->kind != JSON_KIND_ARRAY)
		return false;
	for (const JsonTree *at = value->first; at != NULL; at = at->next)
	{
		if (!json_string(at, &text))
			return false;
		found = found || name_equal(text, audience);
	}
	return found;
}

/* Is the token from and for whom the key demands? */
static JwtFault
check_parties(const JsonTree *payload, const JwtRules *rules)
{
	TaclName	issuer;

	if (rules->issuer.data != NULL &&
		!(json_string(json_member(payload, "iss"), &issuer) &&
		  name_equal(issuer, rules->issuer)))
		return JWT_WRONG_ISSUER;
	if (rules->audience.data != NULL &&
		!names_audience(json_member(payload, "aud"), rules->audience))
		return JWT_WRONG_AUDIENCE;
	return JWT_GOOD;
}

/* A string that is a name. */
static bool
read_name(const JsonTree *value, TaclName *name)
{
	return json_string(value, name) && jwt_name_is_possible(*name);
}

/* Reads who somebody is, where, and who acts for them. */
static JwtFault
read_names(const JsonTree *payload, const JwtRules *rules, JwtClaims *claims)
{
	const JsonTree *tenant = json_member_named(payload, rules->tenant_claim);
	const JsonTree *act = json_member(payload, "act");

	if (!read_name(json_member_named(payload, rules->user_claim),
				   &claims->user))
		return JWT_NO_USER;
	if (tenant != NULL && !json_is_null(tenant) &&
		!read_name(tenant, &claims->tenant))
		return JWT_BAD_TENANT;
	if (act != NULL && !read_name(json_member(act, "sub"), &claims->actor))
		return JWT_BAD_ACTOR;
	return JWT_GOOD;
}

/* Adds a pattern to the scope; false if it is none, or one too many. */
static bool
add_to_scope(JwtClaims *claims, TaclName pattern)
{
	if (claims->scope_count == TACL_MAX_PATTERNS ||
		pattern_fault(pattern.data, pattern.len).problem != NULL)
		return false;
	claims->scope[claims->scope_count++] = pattern;
	return true;
}

/* Reads a scope that is one string, of patterns with blanks between them. */
static bool
read_scope_text(TaclName text, JwtClaims *claims)
{
	const char *end = text.data + text.len;
	const char *at = text.data;

	while (at < end)
	{
		TaclName	pattern = {at, 0};

		while (at < end && *at != ' ')
			at++;
		pattern.len = at - pattern.data;
		if (pattern.len > 0 && !add_to_scope(claims, pattern))
			return false;
		at++;
	}
	return true;
}

/* Reads what the token narrows its user to. */
static JwtFault
read_scope(const JsonTree *payload, JwtClaims *claims)
{
	const JsonTree *scope = json_member(payload, "tacl_scope");
	TaclName	text;

	if (scope == NULL)
		return JWT_GOOD;
	claims->scoped = true;
	claims->scope = palloc(sizeof(TaclName) * TACL_MAX_PATTERNS);
	if (json_string(scope, &text))
		return read_scope_text(text, claims) ? JWT_GOOD : JWT_BAD_SCOPE;
	if (scope->kind != JSON_KIND_ARRAY)
		return JWT_BAD_SCOPE;
	for (const JsonTree *at = scope->first; at != NULL; at = at->next)
	{
		if (!json_string(at, &text) || !add_to_scope(claims, text))
			return JWT_BAD_SCOPE;
	}
	return JWT_GOOD;
}

/* Reads the claims; see jwt.h. */
JwtFault
jwt_read_claims(const Jwt *jwt, const JwtRules *rules, JwtClaims *claims)
{
	bool		repeated;
	const JsonTree *payload = json_read(jwt->payload, &repeated);
	JwtFault	fault;

	memset(claims, 0, sizeof(JwtClaims));
	if (repeated)
		return JWT_REPEATED_NAME;
	if (payload == NULL || payload->kind != JSON_KIND_OBJECT)
		return JWT_BAD_PAYLOAD;
	fault = read_times(payload, claims);
	if (fault == JWT_GOOD)
		fault = check_parties(payload, rules);
	if (fault == JWT_GOOD)
		fault = read_names(payload, rules, claims);
	if (fault == JWT_GOOD)
		fault = read_scope(payload, claims);
	return fault;
}

/*
 * Writing
 */

/* Writes a string. */
static void
write_string(StringInfo json, TaclName text)
{
	escape_json(json, pnstrdup(text.data, text.len));
}

/* Writes a member with a string, after a comma; nothing without data. */
static void
write_member(StringInfo json, TaclName name, TaclName text)
{
	if (text.data == NULL)
		return;
	appendStringInfoChar(json, ',');
	write_string(json, name);
	appendStringInfoChar(json, ':');
	write_string(json, text);
}

/* A time as a NumericDate: whole seconds, which every reader takes. */
static int64
numeric_date(TimestampTz time)
{
	return time / USECS_PER_SEC + EPOCH_DIFFERENCE;
}

/* The claims as JSON. */
static TaclName
payload_of(const JwtRules *rules, const JwtClaims *claims,
		   TimestampTz issued_at)
{
	const TaclName issuer = {"iss", 3};
	const TaclName audience = {"aud", 3};
	TaclName	result;
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfo(&json, "{\"iat\":" INT64_FORMAT ",\"exp\":" INT64_FORMAT,
					 numeric_date(issued_at),
					 numeric_date(claims->expires_at));
	write_member(&json, issuer, rules->issuer);
	write_member(&json, audience, rules->audience);
	write_member(&json, rules->user_claim, claims->user);
	write_member(&json, rules->tenant_claim, claims->tenant);
	if (claims->actor.data != NULL)
	{
		appendStringInfoString(&json, ",\"act\":{\"sub\":");
		write_string(&json, claims->actor);
		appendStringInfoChar(&json, '}');
	}
	if (claims->scoped)
	{
		appendStringInfoString(&json, ",\"tacl_scope\":[");
		for (int i = 0; i < claims->scope_count; i++)
		{
			if (i > 0)
				appendStringInfoChar(&json, ',');
			write_string(&json, claims->scope[i]);
		}
		appendStringInfoChar(&json, ']');
	}
	appendStringInfoChar(&json, '}');
	result.data = json.data;
	result.len = json.len;
	return result;
}

/* The header as JSON. */
static TaclName
header_of(TaclName kid, SignatureAlgorithm algorithm)
{
	const TaclName name = {"kid", 3};
	TaclName	result;
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfo(&json, "{\"typ\":\"JWT\",\"alg\":\"%s\"",
					 signature_name(algorithm).data);
	write_member(&json, name, kid);
	appendStringInfoChar(&json, '}');
	result.data = json.data;
	result.len = json.len;
	return result;
}

/* Writes a token; see jwt.h. */
bool
jwt_write(StringInfo token, TaclName kid, SignatureAlgorithm algorithm,
		  TaclName key, const JwtRules *rules, const JwtClaims *claims,
		  TimestampTz issued_at)
{
	unsigned char buffer[EVP_MAX_MD_SIZE];
	TaclName	signature = {(const char *) buffer, 0};
	TaclName	signed_text;

	appendStringInfo(token, "%s.%s",
					 base64url_encode(header_of(kid, algorithm)).data,
					 base64url_encode(payload_of(rules, claims,
												 issued_at)).data);
	signed_text.data = token->data;
	signed_text.len = token->len;
	signature.len = signature_make(algorithm, key, signed_text, buffer);
	if (signature.len == 0)
		return false;
	appendStringInfo(token, ".%s", base64url_encode(signature).data);
	return true;
}
