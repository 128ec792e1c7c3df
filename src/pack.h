/*
 * pack.h
 *		Pieces copied into one chunk whose size was added up before.
 */
#ifndef TACL_PACK_H
#define TACL_PACK_H

#include "permset.h"

/* Copies a piece to *next, which moves on. */
static inline void *
pack(char **next, const void *data, Size size)
{
	char	   *at = *next;

	if (size > 0)
		memcpy(at, data, size);
	*next += MAXALIGN(size);
	return at;
}

/* Copies the bytes of a name. */
static inline TaclName
pack_name(char **next, TaclName name)
{
	TaclName	copy;

	copy.data = pack(next, name.data, name.len);
	copy.len = name.len;
	return copy;
}

/* Bytes that several names take in a chunk. */
static inline Size
packed_names_size(const TaclName *names, int count)
{
	Size		size = MAXALIGN(sizeof(TaclName) * (Size) count);

	for (int i = 0; i < count; i++)
		size += MAXALIGN(names[i].len);
	return size;
}

/* Copies several names, with their bytes. */
static inline TaclName *
pack_names(char **next, const TaclName *names, int count)
{
	TaclName   *copies = pack(next, names, sizeof(TaclName) * (Size) count);

	for (int i = 0; i < count; i++)
		copies[i] = pack_name(next, names[i]);
	return copies;
}

/* Bytes that a set takes in a chunk. */
static inline Size
packed_set_size(const PermSet *set)
{
	return set != NULL ? MAXALIGN(permset_size(set)) : 0;
}

/* Copies a set; NULL stays NULL. */
static inline PermSet *
pack_set(char **next, const PermSet *set)
{
	return set != NULL ? pack(next, set, permset_size(set)) : NULL;
}

#endif							/* TACL_PACK_H */
