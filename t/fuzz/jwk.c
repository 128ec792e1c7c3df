/*
 * jwk.c
 *		src/jwk.c and src/signature.c: keys in any form, and what is stored.
 *
 * The first byte says the algorithm and whether a kid is given.
 */
#include "fuzz.h"

#include "jwk.h"

/* Signatures by what may be a key at all: nothing to be seen but crashes. */
static void
try_as_key(SignatureAlgorithm algorithm, TaclName key)
{
	const TaclName text = {"text", 4};
	char		zeros[64] = {0};
	TaclName	signature = {zeros, sizeof(zeros)};

	(void) signature_key_is_valid(algorithm, key);
	(void) signature_verify(algorithm, key, text, signature);
	(void) signature_verify(algorithm, key, text, key);
}

/*
 * Could it be stored? Asked again if not: OpenSSL's look at a modulus draws
 * random numbers, and libFuzzer's alarm can come in between.
 */
static bool
can_be_stored(const JwkKey *key)
{
	return signature_key_is_valid(key->algorithm, key->material) ||
		signature_key_is_valid(key->algorithm, key->material);
}

/* Keys that were read can be stored and used. */
static void
look_at_keys(const JwkArray *keys, TaclName kid, SignatureAlgorithm algorithm)
{
	MUST(keys->count > 0 && keys->count <= JWK_MAX_KEYS);
	for (int i = 0; i < keys->count; i++)
	{
		const JwkKey *key = &keys->items[i];

		MUST(key->algorithm != SIGNATURE_UNKNOWN);
		MUST(algorithm == SIGNATURE_UNKNOWN || key->algorithm == algorithm);
		MUST(kid.data == NULL || name_equal(key->kid, kid));
		MUST(can_be_stored(key));
		MUST(key->material.len >= signature_min_secret(key->algorithm));
		try_as_key(key->algorithm, key->material);
		for (int j = 0; j < i; j++)
			MUST(!name_equal(key->kid, keys->items[j].kid));
	}
}

void
fuzz_one(TaclName input)
{
	const TaclName names[] = {{NULL, 0}, {"key", 3}};
	SignatureAlgorithm algorithm;
	TextFault	fault;
	JwkArray	keys;
	TaclName	kid;

	if (input.len == 0)
		return;
	algorithm = input.data[0] & 7;
	kid = names[(input.data[0] >> 3) & 1];
	input.data++;
	input.len--;
	fault = jwk_read(input, kid, algorithm, &keys);
	MUST((fault.problem == NULL) == (fault.hint == NULL));
	if (fault.problem == NULL)
		look_at_keys(&keys, kid, algorithm);
	try_as_key(algorithm, input);
}
