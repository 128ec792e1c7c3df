/*
 * jwt.h
 *		JSON Web Tokens: read, verified against one key, and written.
 *
 * RFC 7515, 7519 and 8725. A token is opened, which tells its key; verified
 * with that key; and only then are its claims looked at. Pure: no tables, no
 * session, no clock.
 */
#ifndef TACL_JWT_H
#define TACL_JWT_H

#include "signature.h"

#include "datatype/timestamp.h"
#include "lib/stringinfo.h"

/* A longer token is refused. */
#define JWT_MAX_BYTES	8192

/* What is wrong with a token. */
typedef enum JwtFault
{
	JWT_GOOD,
	JWT_TOO_LONG,
	JWT_NOT_COMPACT,
	JWT_REPEATED_NAME,
	JWT_BAD_HEADER,
	JWT_BAD_TYPE,
	JWT_BAD_EXTENSION,
	JWT_NO_KEY_ID,
	JWT_UNKNOWN_KEY,
	JWT_UNUSABLE_KEY,
	JWT_WRONG_ALGORITHM,
	JWT_BAD_SIGNATURE,
	JWT_BAD_PAYLOAD,
	JWT_BAD_EXPIRY,
	JWT_BAD_TIME,
	JWT_WRONG_ISSUER,
	JWT_WRONG_AUDIENCE,
	JWT_NO_USER,
	JWT_BAD_TENANT,
	JWT_BAD_ACTOR,
	JWT_BAD_SCOPE,
	JWT_NOT_YET_VALID,
	JWT_EXPIRED,
	JWT_RETIRED_KEY
} JwtFault;

/* A token that was taken apart, and is not verified yet. */
typedef struct Jwt
{
	TaclName	signed_text;
	TaclName	signature;
	TaclName	payload;
	TaclName	kid;			/* data is NULL if it names none */
	TaclName	algorithm;
} Jwt;

/* What a key demands of the claims of its tokens. */
typedef struct JwtRules
{
	TaclName	issuer;			/* data is NULL if none is demanded */
	TaclName	audience;		/* the same */
	TaclName	user_claim;
	TaclName	tenant_claim;
} JwtRules;

/* What a token says; data is NULL where it says nothing. */
typedef struct JwtClaims
{
	TaclName	user;
	TaclName	tenant;
	TaclName	actor;
	TimestampTz not_before;		/* DT_NOBEGIN if from ever */
	TimestampTz expires_at;
	bool		scoped;
	TaclName   *scope;			/* patterns */
	int			scope_count;
} JwtClaims;

/* Says what is wrong, in a sentence for DETAIL. */
extern const char *jwt_fault_text(JwtFault fault);

/* Takes the token apart; what it consists of is in CurrentMemoryContext. */
extern JwtFault jwt_open(TaclName token, Jwt *jwt);

/* Was it signed by this key, and with the algorithm that the key is for? */
extern JwtFault jwt_verify(const Jwt *jwt, SignatureAlgorithm algorithm,
						   TaclName key);

/* Reads the claims of a token that was verified. */
extern JwtFault jwt_read_claims(const Jwt *jwt, const JwtRules *rules,
								JwtClaims *claims);

/*
 * Names of claims with a meaning of their own: neither user nor tenant can be
 * in one.
 */
extern bool jwt_claim_is_reserved(TaclName name);

/* Can a token carry the name, in this database's encoding? */
extern bool jwt_name_is_possible(TaclName name);

/*
 * Writes a token with these claims that says it was issued at a time; they
 * are the other way round what jwt_read_claims() reads. False if it cannot be
 * signed. The result may be longer than JWT_MAX_BYTES.
 */
extern bool jwt_write(StringInfo token, TaclName kid,
					  SignatureAlgorithm algorithm, TaclName key,
					  const JwtRules *rules, const JwtClaims *claims,
					  TimestampTz issued_at);

#endif							/* TACL_JWT_H */
