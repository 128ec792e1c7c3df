/*
 * arrays.c
 *		Arrays that grow, and arrays of names.
 */
#include "arrays.h"

#include "lib/qunique.h"

/* Makes room for more items; see arrays.h. */
void *
array_grow(void *items, int *room, Size item_size)
{
	*room = *room * 2 + 16;
	return items == NULL ?
		palloc_extended(item_size * (Size) *room, MCXT_ALLOC_HUGE) :
		repalloc_huge(items, item_size * (Size) *room);
}

/* Adds a name. */
void
names_add(NameArray *names, int *room, TaclName name)
{
	*ARRAY_ADD(names, *room) = name;
}

/* name_compare(), for qsort(). */
static int
compare_names(const void *a, const void *b)
{
	return name_compare(*(const TaclName *) a, *(const TaclName *) b);
}

/* Sorts names and drops duplicates. */
void
names_sort(NameArray *names)
{
	if (names->count < 2)
		return;
	qsort(names->items, names->count, sizeof(TaclName), compare_names);
	names->count = qunique(names->items, names->count, sizeof(TaclName),
						   compare_names);
}
