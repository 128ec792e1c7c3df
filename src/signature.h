/*
 * signature.h
 *		Signatures of tokens, and the keys that verify them.
 *
 * All cryptography is OpenSSL's, by its EVP interface. A key fits one
 * algorithm only. Pure: no tables, no session; nothing here raises an error
 * while it holds something of OpenSSL's.
 */
#ifndef TACL_SIGNATURE_H
#define TACL_SIGNATURE_H

#include "tenant_acl.h"

#include <openssl/evp.h>

/* Named as in RFC 7518 and 8037. */
typedef enum SignatureAlgorithm
{
	SIGNATURE_UNKNOWN,
	SIGNATURE_HS256,
	SIGNATURE_HS384,
	SIGNATURE_HS512,
	SIGNATURE_RS256,
	SIGNATURE_PS256,
	SIGNATURE_ES256,
	SIGNATURE_EDDSA
} SignatureAlgorithm;

/* Bits of a key of RSA; OpenSSL does not verify by longer ones. */
#define SIGNATURE_MIN_RSA_BITS	2048
#define SIGNATURE_MAX_RSA_BITS	16384

/* No secret or public key has more bytes. */
#define SIGNATURE_MAX_KEY_BYTES	8192

/* The curve of ES256 as OpenSSL names it; a number of it, in bytes. */
#define P256_NAME		"prime256v1"
#define P256_BYTES		32

/* A public key of Ed25519, in bytes. */
#define ED25519_BYTES	32

/* Bytes of a digest. */
#define SIGNATURE_DIGEST_BYTES	32

extern SignatureAlgorithm signature_algorithm(TaclName name);
extern TaclName signature_name(SignatureAlgorithm algorithm);

/* Is the key a secret, which signs as well as it verifies? */
extern bool signature_is_symmetric(SignatureAlgorithm algorithm);

/* The shortest secret that the algorithm takes, in bytes. */
extern int	signature_min_secret(SignatureAlgorithm algorithm);

/*
 * Does a public key fit the algorithm: kind, size, curve, and values that are
 * possible at all?
 */
extern bool signature_fits(SignatureAlgorithm algorithm, EVP_PKEY *key);

/*
 * Are they keys of the same kind: secrets, or public ones of RSA, on P-256, or
 * of Ed25519?
 */
extern bool signature_same_kind(SignatureAlgorithm a, SignatureAlgorithm b);

/* Is this part anywhere in it? */
extern bool signature_text_contains(TaclName text, const char *part);

/* Is there the line that PEM begins with anywhere in it? */
extern bool signature_is_pem(TaclName key);

/*
 * Can this be a key of the algorithm? A secret's bytes, or a public key as DER
 * of its SubjectPublicKeyInfo.
 */
extern bool signature_key_is_valid(SignatureAlgorithm algorithm, TaclName key);

/* Is it the signature of the text? No if anything at all is wrong. */
extern bool signature_verify(SignatureAlgorithm algorithm, TaclName key,
							 TaclName text, TaclName signature);

/*
 * Signs with a secret, into a buffer of EVP_MAX_MD_SIZE bytes; returns the
 * length, or 0 if it cannot be done.
 */
extern int	signature_make(SignatureAlgorithm algorithm, TaclName key,
						   TaclName text, unsigned char *buffer);

/* SHA-256 of the text; false if it cannot be computed. */
extern bool signature_digest(TaclName text,
							 unsigned char digest[SIGNATURE_DIGEST_BYTES]);

#endif							/* TACL_SIGNATURE_H */
