/*
 * key_row.h
 *		What the row of a key of tokens has to be.
 */
#ifndef TACL_KEY_ROW_H
#define TACL_KEY_ROW_H

#include "store.h"

/* The longest leeway, in seconds. */
#define KEY_MAX_LEEWAY 300

/*
 * Ensures that the row can be stored, or raises 22023 or 22004. Nothing of
 * the material is part of a message.
 */
extern void key_row_check(const KeyRow *row);

/* Raises 22023 for an infinite time. */
extern void key_require_finite(TimestampTz retires_at);

/* Are both the same but for their age? */
extern bool key_row_equal(const KeyRow *a, const KeyRow *b);

#endif							/* TACL_KEY_ROW_H */
