/*
 * jwk.c
 *		Keys as they are handed over: a secret, PEM, JWK or JWKS.
 *
 * Whatever form a public key comes in, what is stored is the DER of its
 * SubjectPublicKeyInfo: the same key is the same bytes.
 */
#include "tenant_acl.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "miscadmin.h"

#include "base64url.h"
#include "json.h"
#include "jwk.h"

#define FAULT(problem, hint) ((TextFault) {problem, hint})

static const TextFault no_fault = {NULL, NULL};

static const TextFault public_secret = {
	"A public key cannot be a secret",
	"Everybody may know it, and could sign: pass RS256, PS256, ES256 or EdDSA"
};

static const TextFault misfit = {
	"The key does not fit the algorithm",
	"RS256 and PS256 take RSA keys of at least 2048 bits, ES256 keys on P-256, EdDSA keys of Ed25519"
};

static const TextFault secret_without_algorithm = {
	"It does not say its algorithm",
	"Pass the algorithm, HS256 for a secret of 32 bytes"
};

/* The text without the white space around it. */
static TaclName
trim(TaclName text)
{
	while (text.len > 0 && strchr(" \t\r\n", text.data[0]) != NULL)
	{
		text.data++;
		text.len--;
	}
	while (text.len > 0 && strchr(" \t\r\n", text.data[text.len - 1]) != NULL)
		text.len--;
	return text;
}

/*
 * Secrets
 */

/* Takes the bytes as a secret. */
static TextFault
take_secret(TaclName bytes, JwkKey *key)
{
	if (bytes.len < signature_min_secret(key->algorithm))
		return FAULT("The secret is too short",
					 "HS256 takes at least 32 bytes, HS384 48, HS512 64, all of them random");
	if (bytes.len > SIGNATURE_MAX_KEY_BYTES)
		return FAULT("The secret is too long",
					 "Beyond the length of the digest a longer one is no better");
	if (!signature_key_is_valid(key->algorithm, bytes))
		return public_secret;
	key->material = bytes;
	return no_fault;
}

/* Reads a text that is neither PEM nor JSON. */
static TextFault
read_secret(TaclName text, JwkKey *key)
{
	if (key->algorithm == SIGNATURE_UNKNOWN)
		return secret_without_algorithm;
	if (!signature_is_symmetric(key->algorithm))
		return FAULT("It is not a public key",
					 "Pass the public key as PEM, JWK or JWKS");
	return take_secret(text, key);
}

/*
 * Public keys
 */

/* Writes the DER of a public key; returns its length, 0 if that cannot be. */
static int
write_der(EVP_PKEY *key, unsigned char *buffer)
{
	int			length = i2d_PUBKEY(key, NULL);

	if (length <= 0 || length > SIGNATURE_MAX_KEY_BYTES ||
		i2d_PUBKEY(key, &buffer) != length)
		return 0;
	return length;
}

/* The only algorithm that takes this kind of key, if there is only one. */
static SignatureAlgorithm
implied_algorithm(EVP_PKEY *key)
{
	switch (EVP_PKEY_get_base_id(key))
	{
		case EVP_PKEY_EC:
			return SIGNATURE_ES256;
		case EVP_PKEY_ED25519:
			return SIGNATURE_EDDSA;
		default:
			return SIGNATURE_UNKNOWN;
	}
}

/* Takes a public key, which is freed; NULL if there was none. */
static TextFault
take_public_key(EVP_PKEY *public_key, JwkKey *key)
{
	unsigned char der[SIGNATURE_MAX_KEY_BYTES];
	int			length = 0;
	bool		fits = false;

	if (public_key == NULL)
	{
		ERR_clear_error();
		return FAULT("It does not hold a public key", misfit.hint);
	}
	if (key->algorithm == SIGNATURE_UNKNOWN)
		key->algorithm = implied_algorithm(public_key);
	if (key->algorithm != SIGNATURE_UNKNOWN)
	{
		fits = signature_fits(key->algorithm, public_key);
		length = write_der(public_key, der);
	}
	EVP_PKEY_free(public_key);
	ERR_clear_error();
	if (key->algorithm == SIGNATURE_UNKNOWN)
		return FAULT("It does not say its algorithm",
					 "Pass the algorithm, RS256 or PS256 for a key of RSA");
	if (!fits || length == 0)
		return misfit;
	key->material.data = memcpy(palloc(length), der, length);
	key->material.len = length;
	return no_fault;
}

/* OpenSSL asks for a password, which a public key does not have. */
static int
refuse_password(char *buffer, int size, int writing, void *arg)
{
	return -1;
}

/* Reads PEM. */
static TextFault
read_pem(TaclName text, JwkKey *key)
{
	TaclName	rest = {text.data + 1, text.len - 1};
	EVP_PKEY   *public_key = NULL;
	BIO		   *bio;

	if (signature_text_contains(text, "PRIVATE KEY-----"))
		return FAULT("It is a private key",
					 "Pass the public key, as openssl pkey -pubout writes it, and keep the private one where tokens are signed");
	if (signature_is_pem(rest))
		return FAULT("It holds more than one key", "Add them one by one");
	if (key->algorithm != SIGNATURE_UNKNOWN &&
		signature_is_symmetric(key->algorithm))
		return public_secret;
	bio = BIO_new_mem_buf(text.data, text.len);
	if (bio != NULL)
		public_key = PEM_read_bio_PUBKEY(bio, NULL, refuse_password, NULL);
	BIO_free(bio);
	return take_public_key(public_key, key);
}

/*
 * JSON Web Keys
 */

/* The bytes of a member in base64url. */
static bool
member_bytes(const JsonTree *jwk, const char *name, TaclName *bytes)
{
	TaclName	text;

	return json_string(json_member(jwk, name), &text) &&
		base64url_decode(text, bytes);
}

/* Is the member a string, and this one? */
static bool
member_is(const JsonTree *jwk, const char *name, const char *value)
{
	TaclName	wanted = {value, strlen(value)};
	TaclName	text;

	return json_string(json_member(jwk, name), &text) &&
		name_equal(text, wanted);
}

/* Makes a public key from what OpenSSL calls its parameters. */
static EVP_PKEY *
key_of_params(const char *kind, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
	EVP_PKEY   *key = NULL;

	if (context == NULL || params == NULL ||
		EVP_PKEY_fromdata_init(context) != 1 ||
		EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	return key;
}

/* The key of kty RSA; NULL if it is none. */
static EVP_PKEY *
read_rsa(const JsonTree *jwk)
{
	OSSL_PARAM_BLD *builder;
	OSSL_PARAM *params = NULL;
	EVP_PKEY   *key = NULL;
	TaclName	n;
	TaclName	e;
	BIGNUM	   *modulus;
	BIGNUM	   *exponent;

	if (!member_bytes(jwk, "n", &n) || !member_bytes(jwk, "e", &e))
		return NULL;
	builder = OSSL_PARAM_BLD_new();
	modulus = BN_bin2bn((const unsigned char *) n.data, n.len, NULL);
	exponent = BN_bin2bn((const unsigned char *) e.data, e.len, NULL);
	if (builder != NULL && modulus != NULL && exponent != NULL &&
		OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
		OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1)
		params = OSSL_PARAM_BLD_to_param(builder);
	key = key_of_params("RSA", params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(builder);
	BN_free(modulus);
	BN_free(exponent);
	return key;
}

/* The key of kty EC; NULL if it is none. */
static EVP_PKEY *
read_ec(const JsonTree *jwk)
{
	unsigned char point[1 + 2 * P256_BYTES] = {POINT_CONVERSION_UNCOMPRESSED};
	char		curve[] = P256_NAME;
	OSSL_PARAM	params[3];
	TaclName	x;
	TaclName	y;

	if (!member_is(jwk, "crv", "P-256") ||
		!member_bytes(jwk, "x", &x) || x.len != P256_BYTES ||
		!member_bytes(jwk, "y", &y) || y.len != P256_BYTES)
		return NULL;
	memcpy(point + 1, x.data, P256_BYTES);
	memcpy(point + 1 + P256_BYTES, y.data, P256_BYTES);
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
												 curve, 0);
	params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
												  point, sizeof(point));
	params[2] = OSSL_PARAM_construct_end();
	return key_of_params("EC", params);
}

/* The key of kty OKP; NULL if it is none. */
static EVP_PKEY *
read_okp(const JsonTree *jwk)
{
	TaclName	x;

	if (!member_is(jwk, "crv", "Ed25519") ||
		!member_bytes(jwk, "x", &x) || x.len != ED25519_BYTES)
		return NULL;
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
									   (const unsigned char *) x.data, x.len);
}

/* Is the key meant for verifying signatures, as far as it says? */
static bool
is_for_signatures(const JsonTree *jwk)
{
	const TaclName verify = {"verify", 6};
	const JsonTree *operations = json_member(jwk, "key_ops");
	TaclName	text;

	if (json_member(jwk, "use") != NULL && !member_is(jwk, "use", "sig"))
		return false;
	if (operations == NULL)
		return true;
	for (const JsonTree *at = operations->first; at != NULL; at = at->next)
	{
		if (json_string(at, &text) && name_equal(text, verify))
			return true;
	}
	return false;
}

/* Does it hold anything of the private half of a pair? */
static bool
is_private(const JsonTree *jwk)
{
	static const char *const members[] = {
		"d", "p", "q", "dp", "dq", "qi", "oth"
	};

	if (member_is(jwk, "kty", "oct"))
		return false;
	for (int i = 0; i < lengthof(members); i++)
	{
		if (json_member(jwk, members[i]) != NULL)
			return true;
	}
	return false;
}

/* Takes the key's name and algorithm, which may have been given. */
static TextFault
read_labels(const JsonTree *jwk, JwkKey *key)
{
	const JsonTree *alg = json_member(jwk, "alg");
	const JsonTree *kid = json_member(jwk, "kid");
	SignatureAlgorithm said;
	TaclName	text;

	if (alg != NULL)
	{
		said = json_string(alg, &text) ? signature_algorithm(text) :
			SIGNATURE_UNKNOWN;
		if (said == SIGNATURE_UNKNOWN)
			return FAULT("The algorithm that it names is not supported",
						 "Supported are HS256, HS384, HS512, RS256, PS256, ES256 and EdDSA");
		if (key->algorithm != SIGNATURE_UNKNOWN && key->algorithm != said)
			return FAULT("It names another algorithm",
						 "Pass NULL to take the algorithm that it names");
		key->algorithm = said;
	}
	if (kid != NULL)
	{
		if (!json_string(kid, &text))
			return FAULT("Its kid is not a string", "Leave it out, or name the key");
		if (key->kid.data != NULL && !name_equal(key->kid, text))
			return FAULT("It bears another kid",
						 "Tokens name the key by this kid: pass NULL to take it");
		key->kid = text;
	}
	return no_fault;
}

/* Reads a key of kty oct. */
static TextFault
read_oct(const JsonTree *jwk, JwkKey *key)
{
	TaclName	bytes;

	if (key->algorithm == SIGNATURE_UNKNOWN)
		return secret_without_algorithm;
	if (!signature_is_symmetric(key->algorithm))
		return misfit;
	if (!member_bytes(jwk, "k", &bytes))
		return FAULT("It does not hold a secret",
					 "The member k must hold the secret in base64url without padding");
	return take_secret(bytes, key);
}

/* Reads one JSON Web Key. */
static TextFault
read_jwk(const JsonTree *jwk, JwkKey *key)
{
	TextFault	fault;

	if (is_private(jwk))
		return FAULT("It is a private key",
					 "Pass the public half, and keep the private one where tokens are signed");
	if (!is_for_signatures(jwk))
		return FAULT("It is not meant for verifying signatures",
					 "Pass a key whose use is sig");
	fault = read_labels(jwk, key);
	if (fault.problem != NULL)
		return fault;
	if (member_is(jwk, "kty", "oct"))
		return read_oct(jwk, key);
	if (member_is(jwk, "kty", "RSA"))
		return take_public_key(read_rsa(jwk), key);
	if (member_is(jwk, "kty", "EC"))
		return take_public_key(read_ec(jwk), key);
	if (member_is(jwk, "kty", "OKP"))
		return take_public_key(read_okp(jwk), key);
	return FAULT("Its kty is not supported",
				 "Supported are oct, RSA, EC and OKP");
}

/* Does a key of this kid come before the given one? */
static bool
is_repeated(const JwkArray *keys, TaclName kid)
{
	for (int i = 0; i < keys->count; i++)
	{
		if (name_equal(keys->items[i].kid, kid))
			return true;
	}
	return false;
}

/*
 * Reads a set, skipping what cannot be used or is contradicted. A set is
 * published: a secret in it is none.
 */
static TextFault
read_set(const JsonTree *set, const JwkKey *wanted, JwkArray *keys)
{
	if (set->kind != JSON_KIND_ARRAY)
		return FAULT("Its keys are not an array", "Pass a JWKS document as it was published");
	keys->of_set = true;
	keys->too_much = set->count > JWK_MAX_KEYS;
	if (keys->too_much)
		return FAULT("There are more than 100 keys in the set", "Add them one by one");
	keys->items = palloc(sizeof(JwkKey) * Max(set->count, 1));
	for (const JsonTree *at = set->first; at != NULL; at = at->next)
	{
		JwkKey	   *key = &keys->items[keys->count];

		CHECK_FOR_INTERRUPTS();
		*key = *wanted;
		if (member_is(at, "kty", "oct"))
			return FAULT("There is a secret in the set",
						 "Whoever can read the set could sign: add a secret by itself");
		if (is_private(at))
			return FAULT("There is a private key in the set",
						 "Pass the set of public keys");
		if (json_member(at, "kid") == NULL ||
			read_jwk(at, key).problem != NULL)
			continue;
		if (is_repeated(keys, key->kid))
			return FAULT("Two keys in the set have the same kid",
						 "Add the one that is meant by itself");
		keys->count++;
	}
	if (keys->count == 0)
		return FAULT("No key of the set can be used",
					 "It takes a kid, a use for signatures, and a supported algorithm, which has to be passed if the keys do not say it");
	return no_fault;
}

/* Puts one key into the array. */
static TextFault
single_key(TextFault fault, const JwkKey *key, JwkArray *keys)
{
	if (fault.problem != NULL)
		return fault;
	keys->items = memcpy(palloc(sizeof(JwkKey)), key, sizeof(JwkKey));
	keys->count = 1;
	return no_fault;
}

/* Reads a JWK or a JWKS. */
static TextFault
read_json(TaclName text, JwkKey *wanted, JwkArray *keys)
{
	bool		repeated;
	const JsonTree *tree = json_read(text, &repeated);
	const JsonTree *set = json_member(tree, "keys");

	if (repeated)
		return FAULT("A name occurs twice in one object",
					 "Pass the JWK or JWKS document as it was published");
	if (tree == NULL)
		return FAULT("It begins like JSON and is none",
					 "Pass the JWK or JWKS document as it was published; a secret must not begin with a brace");
	if (set != NULL)
		return read_set(set, wanted, keys);
	return single_key(read_jwk(tree, wanted), wanted, keys);
}

/* Reads the keys that a text holds; see jwk.h. */
TextFault
jwk_read(TaclName text, TaclName kid, SignatureAlgorithm algorithm,
		 JwkArray *keys)
{
	JwkKey		wanted = {kid, algorithm};
	TaclName	trimmed = trim(text);

	memset(keys, 0, sizeof(JwkArray));
	keys->too_much = text.len > JWK_MAX_BYTES;
	if (keys->too_much)
		return FAULT("It is longer than 256 kB", "Pass the key alone");
	if (trimmed.len > 0 && trimmed.data[0] == '{')
		return read_json(trimmed, &wanted, keys);
	if (signature_is_pem(text))
		return single_key(read_pem(trimmed, &wanted), &wanted, keys);
	return single_key(read_secret(text, &wanted), &wanted, keys);
}
