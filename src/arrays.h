/*
 * arrays.h
 *		Arrays that grow, and arrays of names.
 */
#ifndef TACL_ARRAYS_H
#define TACL_ARRAYS_H

#include "tenant_acl.h"

/*
 * Adds an item to an array, which is a structure with items and count and grows
 * from nothing: a pointer to the new item, to be set. How many there is room
 * for stands beside the array, in a variable that starts as 0.
 */
#define ARRAY_ADD(array, room) \
	((void) ((array)->count < (room) || \
			 ((array)->items = array_grow((array)->items, &(room), \
										  sizeof(*(array)->items)))), \
	 &(array)->items[(array)->count++])

/* Makes room for more items than there is room for; what ARRAY_ADD() needs. */
extern void *array_grow(void *items, int *room, Size item_size);

typedef struct NameArray
{
	TaclName   *items;
	int			count;
} NameArray;

/* Adds a name. */
extern void names_add(NameArray *names, int *room, TaclName name);

/* Sorts names and drops duplicates. */
extern void names_sort(NameArray *names);

#endif							/* TACL_ARRAYS_H */
