/*
 * jwk.h
 *		Keys as they are handed over: a secret, PEM, JWK or JWKS.
 *
 * Pure: no tables, no session. Nothing of a key is ever part of a message.
 */
#ifndef TACL_JWK_H
#define TACL_JWK_H

#include "pattern.h"
#include "signature.h"

/* The longest text, and the most keys in a set. */
#define JWK_MAX_BYTES	(256 * 1024)
#define JWK_MAX_KEYS	100

/* A key to be stored. */
typedef struct JwkKey
{
	TaclName	kid;
	SignatureAlgorithm algorithm;
	TaclName	material;		/* see signature_key_is_valid() */
} JwkKey;

typedef struct JwkArray
{
	JwkKey	   *items;
	int			count;
	bool		of_set;			/* a JWKS, as others publish it */
	bool		too_much;		/* what is wrong is how much it is */
} JwkArray;

/*
 * Reads the keys that a text holds, allocated in CurrentMemoryContext. What
 * the caller says about them, a kid without data and SIGNATURE_UNKNOWN for
 * nothing, must not contradict the text. Of a set, those are taken that
 * can verify signatures and are not contradicted. A private key is a fault.
 */
extern TextFault jwk_read(TaclName text, TaclName kid,
						  SignatureAlgorithm algorithm, JwkArray *keys);

#endif							/* TACL_JWK_H */
