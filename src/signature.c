/*
 * signature.c
 *		Signatures of tokens, and the keys that verify them.
 *
 * Reading a public key from its DER costs OpenSSL 3 several times what
 * verifying a signature does, so the last few are kept. They are found by all
 * of their bytes: a key that is kept cannot be out of date. Secrets are not
 * kept.
 *
 * OpenSSL's queue of errors is the process's, and PostgreSQL looks at it for
 * its own connections: it is left empty.
 */
#include "tenant_acl.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "signature.h"

/* How many public keys are kept; then the oldest goes. */
#define KEPT_KEYS	8

/* A public key that is kept, with the DER that it was read from. */
typedef struct KeptKey
{
	unsigned char *der;			/* NULL if there is none */
	int			len;
	EVP_PKEY   *key;
} KeptKey;

static KeptKey kept_keys[KEPT_KEYS];
static int	kept_next = 0;

static const struct
{
	const char *name;
	const char *digest;			/* of HMAC */
	int			min_secret;		/* RFC 7518: as long as the digest */
	int			key_type;		/* of a public key */
}			algorithms[] =

{
	[SIGNATURE_HS256] = {"HS256", "SHA256", 32, EVP_PKEY_NONE},
	[SIGNATURE_HS384] = {"HS384", "SHA384", 48, EVP_PKEY_NONE},
	[SIGNATURE_HS512] = {"HS512", "SHA512", 64, EVP_PKEY_NONE},
	[SIGNATURE_RS256] = {"RS256", NULL, 0, EVP_PKEY_RSA},
	[SIGNATURE_PS256] = {"PS256", NULL, 0, EVP_PKEY_RSA},
	[SIGNATURE_ES256] = {"ES256", NULL, 0, EVP_PKEY_EC},
	[SIGNATURE_EDDSA] = {"EdDSA", NULL, 0, EVP_PKEY_ED25519},
};

/* The algorithm of this name, else SIGNATURE_UNKNOWN. */
SignatureAlgorithm
signature_algorithm(TaclName name)
{
	for (int i = SIGNATURE_UNKNOWN + 1; i < lengthof(algorithms); i++)
	{
		if (name_equal(signature_name(i), name))
			return i;
	}
	return SIGNATURE_UNKNOWN;
}

/* The name of an algorithm, which must not be SIGNATURE_UNKNOWN. */
TaclName
signature_name(SignatureAlgorithm algorithm)
{
	const char *text = algorithms[algorithm].name;
	TaclName	name = {text, strlen(text)};

	return name;
}

/* Is the key a secret? */
bool
signature_is_symmetric(SignatureAlgorithm algorithm)
{
	return algorithms[algorithm].digest != NULL;
}

/* The shortest secret, in bytes. */
int
signature_min_secret(SignatureAlgorithm algorithm)
{
	return algorithms[algorithm].min_secret;
}

/* Are they keys of the same kind? See signature.h. */
bool
signature_same_kind(SignatureAlgorithm a, SignatureAlgorithm b)
{
	return algorithms[a].key_type == algorithms[b].key_type;
}

/*
 * Keys
 */

/* Is the public exponent one that keeps signatures from being forged? */
static bool
exponent_is_possible(EVP_PKEY *key)
{
	BIGNUM	   *exponent = NULL;
	bool		possible;

	possible = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E,
									 &exponent) == 1 &&
		BN_is_odd(exponent) && !BN_is_one(exponent);
	BN_free(exponent);
	return possible;
}

/* Is the key on the curve of ES256? */
static bool
curve_is_p256(EVP_PKEY *key)
{
	char		curve[64];

	return EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME,
										  curve, sizeof(curve), NULL) == 1 &&
		strcmp(curve, P256_NAME) == 0;
}

/* Are the key's values possible: a point on the curve, a modulus of RSA? */
static bool
values_are_possible(EVP_PKEY *key)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	bool		possible = context != NULL &&
		EVP_PKEY_public_check(context) == 1;

	EVP_PKEY_CTX_free(context);
	return possible;
}

/*
 * Is the key of Ed25519 a point of large order? By one of small order, for
 * which there is no private key, anyone makes signatures that are good.
 * These are all of them, also as they must not be written, but for the sign
 * of x, which is the highest bit.
 */
static bool
order_is_large(EVP_PKEY *key)
{
	static const unsigned char small[][ED25519_BYTES] = {
		{0},
		{1},
		{0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
			0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
		0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
		{0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
			0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
		0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
		{0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
		{0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
		{0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}
	};
	unsigned char y[ED25519_BYTES];
	size_t		length = sizeof(y);

	if (EVP_PKEY_get_raw_public_key(key, y, &length) != 1 ||
		length != sizeof(y))
		return false;
	y[ED25519_BYTES - 1] &= 0x7f;
	for (int i = 0; i < lengthof(small); i++)
	{
		if (memcmp(y, small[i], sizeof(y)) == 0)
			return false;
	}
	return true;
}

/* Does a public key fit the algorithm? See signature.h. */
bool
signature_fits(SignatureAlgorithm algorithm, EVP_PKEY *key)
{
	int			type = EVP_PKEY_get_base_id(key);
	bool		fits;

	if (type == EVP_PKEY_NONE || type != algorithms[algorithm].key_type)
		return false;
	if (type == EVP_PKEY_RSA)
		fits = EVP_PKEY_get_bits(key) >= SIGNATURE_MIN_RSA_BITS &&
			EVP_PKEY_get_bits(key) <= SIGNATURE_MAX_RSA_BITS &&
			exponent_is_possible(key) && values_are_possible(key);
	else if (type == EVP_PKEY_EC)
		fits = curve_is_p256(key) && values_are_possible(key);
	else
		fits = order_is_large(key);
	ERR_clear_error();
	return fits;
}

/* The public key that the DER holds, all of it; NULL if it is none. */
static EVP_PKEY *
read_public_key(TaclName der)
{
	const unsigned char *at = (const unsigned char *) der.data;
	EVP_PKEY   *key = d2i_PUBKEY(NULL, &at, der.len);

	if (key != NULL && at != (const unsigned char *) der.data + der.len)
	{
		EVP_PKEY_free(key);
		key = NULL;
	}
	ERR_clear_error();
	return key;
}

/* Is this part anywhere in it? */
bool
signature_text_contains(TaclName text, const char *part)
{
	const int	len = strlen(part);

	for (int i = 0; i + len <= text.len; i++)
	{
		if (memcmp(text.data + i, part, len) == 0)
			return true;
	}
	return false;
}

/* Is there PEM anywhere in it? */
bool
signature_is_pem(TaclName key)
{
	return signature_text_contains(key, "-----BEGIN ");
}

/*
 * Can this be a key of the algorithm? See signature.h. What is a public key is
 * no secret: everybody could sign.
 */
bool
signature_key_is_valid(SignatureAlgorithm algorithm, TaclName key)
{
	EVP_PKEY   *public_key;
	bool		fits;

	if (algorithm == SIGNATURE_UNKNOWN || key.len > SIGNATURE_MAX_KEY_BYTES)
		return false;
	public_key = read_public_key(key);
	if (signature_is_symmetric(algorithm))
		fits = public_key == NULL && !signature_is_pem(key) &&
			key.len >= signature_min_secret(algorithm);
	else
		fits = public_key != NULL && signature_fits(algorithm, public_key);
	EVP_PKEY_free(public_key);
	return fits;
}

/* Keeps a public key, in the place of the oldest; false without memory. */
static bool
keep_public_key(TaclName der, EVP_PKEY *key)
{
	KeptKey    *oldest = &kept_keys[kept_next];
	unsigned char *copy = OPENSSL_memdup(der.data, der.len);

	if (copy == NULL)
		return false;
	OPENSSL_free(oldest->der);
	EVP_PKEY_free(oldest->key);
	oldest->der = copy;
	oldest->len = der.len;
	oldest->key = key;
	kept_next = (kept_next + 1) % KEPT_KEYS;
	return true;
}

/* The public key that the DER holds, which stays ours; NULL if it is none. */
static EVP_PKEY *
public_key_of(TaclName der)
{
	EVP_PKEY   *key;

	for (int i = 0; i < KEPT_KEYS; i++)
	{
		if (kept_keys[i].der != NULL && kept_keys[i].len == der.len &&
			memcmp(kept_keys[i].der, der.data, der.len) == 0)
			return kept_keys[i].key;
	}
	key = read_public_key(der);
	if (key != NULL && !keep_public_key(der, key))
	{
		EVP_PKEY_free(key);
		key = NULL;
	}
	return key;
}

/*
 * Signatures
 */

/* Signs with a secret; see signature.h. */
int
signature_make(SignatureAlgorithm algorithm, TaclName key, TaclName text,
			   unsigned char *buffer)
{
	size_t		length = 0;

	if (EVP_Q_mac(NULL, "HMAC", NULL, algorithms[algorithm].digest, NULL,
				  key.data, key.len, (const unsigned char *) text.data,
				  text.len, buffer, EVP_MAX_MD_SIZE, &length) == NULL)
		length = 0;
	ERR_clear_error();
	return (int) length;
}

/* Is it what signing with the secret gives? Compared in constant time. */
static bool
verify_secret(SignatureAlgorithm algorithm, TaclName key, TaclName text,
			  TaclName signature)
{
	unsigned char expected[EVP_MAX_MD_SIZE];
	int			length = signature_make(algorithm, key, text, expected);

	return length > 0 && length == signature.len &&
		CRYPTO_memcmp(expected, signature.data, length) == 0;
}

/*
 * Turns the signature of ES256, which is r and s side by side, into what
 * OpenSSL reads. Returns the length, and in *der what the caller has to free;
 * 0 if it is not one.
 */
static int
der_of_ecdsa(TaclName signature, unsigned char **der)
{
	const unsigned char *bytes = (const unsigned char *) signature.data;
	ECDSA_SIG  *pair = ECDSA_SIG_new();
	BIGNUM	   *r;
	BIGNUM	   *s;
	int			length = 0;

	if (pair == NULL || signature.len != 2 * P256_BYTES)
	{
		ECDSA_SIG_free(pair);
		return 0;
	}
	r = BN_bin2bn(bytes, P256_BYTES, NULL);
	s = BN_bin2bn(bytes + P256_BYTES, P256_BYTES, NULL);
	/* If it succeeds, the pair owns both. */
	if (r != NULL && s != NULL && ECDSA_SIG_set0(pair, r, s) == 1)
		length = i2d_ECDSA_SIG(pair, der);
	else
	{
		BN_free(r);
		BN_free(s);
	}
	ECDSA_SIG_free(pair);
	return Max(length, 0);
}

/* Sets what the algorithm demands beyond its key and digest. */
static bool
set_padding(SignatureAlgorithm algorithm, EVP_PKEY_CTX *context)
{
	if (algorithm == SIGNATURE_RS256)
		return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
	if (algorithm == SIGNATURE_PS256)
		return EVP_PKEY_CTX_set_rsa_padding(context,
											RSA_PKCS1_PSS_PADDING) == 1 &&
			EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1 &&
			EVP_PKEY_CTX_set_rsa_pss_saltlen(context,
											 RSA_PSS_SALTLEN_DIGEST) == 1;
	return true;
}

/* Verifies a signature in the form that OpenSSL reads. */
static bool
verify_with(EVP_PKEY *key, SignatureAlgorithm algorithm, TaclName text,
			const unsigned char *signature, int length)
{
	EVP_MD_CTX *digesting = EVP_MD_CTX_new();
	EVP_PKEY_CTX *context = NULL;	/* belongs to the other */
	const EVP_MD *digest = algorithm == SIGNATURE_EDDSA ? NULL : EVP_sha256();
	bool		good;

	good = digesting != NULL &&
		EVP_DigestVerifyInit(digesting, &context, digest, NULL, key) == 1 &&
		set_padding(algorithm, context) &&
		EVP_DigestVerify(digesting, signature, length,
						 (const unsigned char *) text.data, text.len) == 1;
	EVP_MD_CTX_free(digesting);
	return good;
}

/* Was it made with the private key of this public one? */
static bool
verify_public(SignatureAlgorithm algorithm, TaclName key, TaclName text,
			  TaclName signature)
{
	EVP_PKEY   *public_key = public_key_of(key);
	unsigned char *der = NULL;
	bool		good;

	if (public_key == NULL ||
		EVP_PKEY_get_base_id(public_key) != algorithms[algorithm].key_type)
		good = false;
	else if (algorithm == SIGNATURE_ES256)
	{
		int			length = der_of_ecdsa(signature, &der);

		good = length > 0 &&
			verify_with(public_key, algorithm, text, der, length);
	}
	else
		good = verify_with(public_key, algorithm, text,
						   (const unsigned char *) signature.data,
						   signature.len);
	OPENSSL_free(der);
	return good;
}

/* Is it the signature of the text? See signature.h. */
bool
signature_verify(SignatureAlgorithm algorithm, TaclName key, TaclName text,
				 TaclName signature)
{
	bool		good;

	if (algorithm == SIGNATURE_UNKNOWN)
		return false;
	if (signature_is_symmetric(algorithm))
		good = verify_secret(algorithm, key, text, signature);
	else
		good = verify_public(algorithm, key, text, signature);
	ERR_clear_error();
	return good;
}

/* SHA-256; see signature.h. */
bool
signature_digest(TaclName text, unsigned char digest[SIGNATURE_DIGEST_BYTES])
{
	bool		done = EVP_Digest(text.data, text.len, digest, NULL,
								  EVP_sha256(), NULL) == 1;

	ERR_clear_error();
	return done;
}
