/*
 * token.h
 *		What the session's token is worth.
 */
#ifndef TACL_TOKEN_H
#define TACL_TOKEN_H

#include "guc.h"
#include "jwt.h"
#include "permset.h"

/* What a good token says; data is NULL where it says nothing. */
typedef struct TokenClaims
{
	TaclName	user;
	TaclName	tenant;
	TaclName	actor;
	PermSet    *scope;			/* NULL if it does not narrow anything */
	TaclName   *scope_patterns; /* what it was compiled of */
	int			scope_count;
} TokenClaims;

/* Is there a token at all? A bad one counts. */
static inline bool
token_is_set(void)
{
	return tacl_token != NULL && tacl_token[0] != '\0';
}

/*
 * Finds out what the token, which is set, is worth at this time, after hearing
 * what other sessions have committed. If it is JWT_GOOD, *claims stays valid
 * until settings change.
 */
extern JwtFault token_read(TimestampTz now, const TokenClaims **claims);

/* invalidation; all but the first are safe in a callback */
extern void token_own_change(void);
extern void token_invalidate(void);
extern void token_end_transaction(bool committed);
extern void token_abort_subtransaction(void);

#endif							/* TACL_TOKEN_H */
