/*
 * permission.h
 *		Permissions that are asked about.
 *
 * An application asks about a few permissions again and again. Each that was
 * found valid is remembered with a number, by which roles remember what they
 * say about it.
 */
#ifndef TACL_PERMISSION_H
#define TACL_PERMISSION_H

#include "tenant_acl.h"

/* So many can be remembered, each in the place that its bytes say. */
#define PERMISSION_BITS 6
#define PERMISSION_PLACES (1 << PERMISSION_BITS)

/* A valid permission. */
typedef struct Permission
{
	TaclName	name;
	uint32		place;
	uint64		number;			/* never another one's; 0 if not remembered */
} Permission;

/* What is in a place. */
typedef struct KnownPermission
{
	uint64		number;			/* 0 if there is none */
	uint8		len;
	char		data[55];
} KnownPermission;

extern KnownPermission known_permissions[PERMISSION_PLACES];

extern bool permission_learn(TaclName text, Permission *permission);

/* The place of a permission: mostly two words decide, without a loop. */
static inline uint32
permission_place(TaclName text)
{
	uint64		mix;

	if (text.len < (int) sizeof(uint64))
		mix = name_hash(text);
	else
		mix = name_word(text.data) * 3 ^
			name_word(text.data + text.len - sizeof(uint64));
	return (mix * UINT64CONST(0x9E3779B97F4A7C15)) >> (64 - PERMISSION_BITS);
}

/* Is the text a permission? If so, says what is known of it. */
static inline bool
permission_read(TaclName text, Permission *permission)
{
	const KnownPermission *known;

	permission->name = text;
	permission->place = permission_place(text);
	known = &known_permissions[permission->place];
	permission->number = known->number;
	return likely(known->number != 0 &&
				  name_equal(text, (TaclName) {known->data, known->len})) ||
		permission_learn(text, permission);
}

#endif							/* TACL_PERMISSION_H */
