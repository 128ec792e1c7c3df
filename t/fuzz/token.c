/*
 * token.c
 *		src/jwt.c and what it is made of.
 *
 * An input without a line end is a token; in any other one the first line is a
 * header and the rest are claims, which are signed here: otherwise nothing
 * would get beyond base64.
 */
#include "fuzz.h"

#include "mb/pg_wchar.h"

#include "base64url.h"
#include "jwt.h"
#include "pattern.h"

static const TaclName secret = {"the secret of all fuzzed tokens.", 32};

/* What a key can demand. */
static const JwtRules rules[] = {
	{{NULL, 0}, {NULL, 0}, {"sub", 3}, {"org_id", 6}},
	{{"i", 1}, {"a", 1}, {"email", 5}, {"https://example.com/org", 23}}
};

/* Is it a name that could be stored? */
static bool
is_name(TaclName name)
{
	return name_fault(name.data, name.len).problem == NULL &&
		pg_encoding_verifymbstr(PG_UTF8, name.data, name.len) == name.len;
}

/* Are both there and equal, or neither? */
static bool
same(TaclName a, TaclName b)
{
	return (a.data == NULL) == (b.data == NULL) &&
		(a.data == NULL || name_equal(a, b));
}

/* What was read can be used, */
static void
look_at_claims(const JwtClaims *claims)
{
	const TimestampTz epoch = ((TimestampTz) UNIX_EPOCH_JDATE - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY;
	const TimestampTz last = epoch + INT64CONST(253402300799) * USECS_PER_SEC;

	MUST(is_name(claims->user));
	MUST(claims->tenant.data == NULL || is_name(claims->tenant));
	MUST(claims->actor.data == NULL || is_name(claims->actor));
	MUST(claims->expires_at >= epoch && claims->expires_at <= last);
	MUST(claims->not_before == DT_NOBEGIN || (claims->not_before >= epoch && claims->not_before <= last));
	MUST(claims->scope_count <= TACL_MAX_PATTERNS);
	MUST(claims->scoped || claims->scope_count == 0);
	for (int i = 0; i < claims->scope_count; i++)
		MUST(pattern_fault(claims->scope[i].data, claims->scope[i].len).problem == NULL);
}

/* and is read again from what is written of it, but for parts of a second. */
static void
write_and_read(const JwtRules *demanded, const JwtClaims *claims)
{
	const TaclName kid = {"kid", 3};
	StringInfoData text;
	TaclName	token;
	JwtClaims	again;
	Jwt			jwt;

	initStringInfo(&text);
	MUST(jwt_write(&text, kid, SIGNATURE_HS256, secret, demanded, claims, 0));
	token.data = text.data;
	token.len = text.len;
	if (token.len > JWT_MAX_BYTES)
		return;
	MUST(jwt_open(token, &jwt) == JWT_GOOD && name_equal(jwt.kid, kid));
	MUST(jwt_verify(&jwt, SIGNATURE_HS256, secret) == JWT_GOOD);
	MUST(jwt_read_claims(&jwt, demanded, &again) == JWT_GOOD);
	MUST(same(again.user, claims->user) && same(again.tenant, claims->tenant) &&
		 same(again.actor, claims->actor) && again.scoped == claims->scoped &&
		 again.scope_count == claims->scope_count &&
		 llabs(again.expires_at - claims->expires_at) < USECS_PER_SEC);
	for (int i = 0; i < again.scope_count; i++)
		MUST(name_equal(again.scope[i], claims->scope[i]));
}

/* A signature with one bit changed is none. */
static void
tamper(Jwt *jwt)
{
	char	   *bytes = unconstify(char *, jwt->signature.data);

	if (jwt->signature.len == 0)
		return;
	bytes[jwt->payload.len % jwt->signature.len] ^= 1;
	MUST(jwt_verify(jwt, SIGNATURE_HS256, secret) == JWT_BAD_SIGNATURE);
}

/* Tries a token. */
static void
try_token(TaclName token)
{
	const TaclName algorithm = {"HS256", 5};
	StringInfoData text;
	JwtClaims	claims;
	JwtFault	fault;
	Jwt			jwt;

	fault = jwt_open(token, &jwt);
	MUST(jwt_fault_text(fault) != NULL);
	MUST((fault == JWT_TOO_LONG) == (token.len > JWT_MAX_BYTES));
	if (fault != JWT_GOOD)
		return;

	/* The only text of what it consists of. */
	initStringInfo(&text);
	appendBinaryStringInfo(&text, token.data, jwt.signed_text.len - base64url_encode(jwt.payload).len);
	appendStringInfo(&text, "%s.%s", base64url_encode(jwt.payload).data, base64url_encode(jwt.signature).data);
	MUST(text.len == token.len && memcmp(text.data, token.data, text.len) == 0);

	fault = jwt_verify(&jwt, SIGNATURE_HS256, secret);
	MUST((fault == JWT_WRONG_ALGORITHM) == !name_equal(jwt.algorithm, algorithm));
	if (fault != JWT_GOOD)
		return;
	for (int i = 0; i < lengthof(rules); i++)
	{
		if (jwt_read_claims(&jwt, &rules[i], &claims) != JWT_GOOD)
			continue;
		look_at_claims(&claims);
		write_and_read(&rules[i], &claims);
	}
	tamper(&jwt);
}

/* The token of a header and claims. */
static TaclName
sign(TaclName header, TaclName claims)
{
	unsigned char buffer[EVP_MAX_MD_SIZE];
	TaclName	signature = {(const char *) buffer, 0};
	StringInfoData text;
	TaclName	token;

	initStringInfo(&text);
	appendStringInfo(&text, "%s.%s", base64url_encode(header).data, base64url_encode(claims).data);
	token.data = text.data;
	token.len = text.len;
	signature.len = signature_make(SIGNATURE_HS256, secret, token, buffer);
	appendStringInfo(&text, ".%s", base64url_encode(signature).data);
	token.data = text.data;
	token.len = text.len;
	return fuzz_copy(token);
}

void
fuzz_one(TaclName input)
{
	TaclName	rest = input;
	TaclName	header = fuzz_cut_line(&rest);

	if (header.len == input.len)
		try_token(input);
	else
		try_token(sign(header, rest));
}
