/*
 * jsonb_push.h
 *		Names and booleans as parts of a jsonb that is built.
 */
#ifndef TACL_JSONB_PUSH_H
#define TACL_JSONB_PUSH_H

#include "arrays.h"

#include "utils/jsonb.h"

/* Pushes a key, value or element; null for a name without data. */
extern void jsonb_push_name(JsonbParseState **state, JsonbIteratorToken token,
							TaclName name);

/* Pushes a key with its value. */
extern void jsonb_push_pair(JsonbParseState **state, const char *key,
							TaclName value);

/* Pushes the value of a key. */
extern void jsonb_push_bool(JsonbParseState **state, bool value);

/* Pushes the elements of an array that has begun. */
extern void jsonb_push_elements(JsonbParseState **state, NameArray names);

#endif							/* TACL_JSONB_PUSH_H */
