/*
 * closure.c
 *		A role together with all that it includes.
 *
 * Walked breadth first, without regard to what was allowed when it was
 * written: a cycle that replica role wrote ends where it began, and an include
 * whose role is gone leads nowhere.
 */
#include "closure.h"

#include "miscadmin.h"
#include "utils/hsearch.h"

struct RoleBook
{
	StoreReader *reader;
	MemoryContext context;
	HTAB	   *roles;			/* BookRole by id */
	int			walks;			/* so far */
};

typedef struct BookRole
{
	int64		id;
	bool		exists;
	RoleRow		row;
	IdArray		includes;
	int			walk;			/* the last one that came by */
} BookRole;

/* An empty book; see closure.h. */
RoleBook *
role_book(StoreReader *reader)
{
	HASHCTL		control = {
		.keysize = sizeof(int64),
		.entrysize = sizeof(BookRole),
		.hcxt = CurrentMemoryContext
	};
	RoleBook   *book = palloc(sizeof(RoleBook));

	book->reader = reader;
	book->context = CurrentMemoryContext;
	book->roles = hash_create("tenant_acl roles", 64, &control,
							  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	book->walks = 0;
	return book;
}

/* Reads a role for the book. */
static void
read_role(RoleBook *book, BookRole *role)
{
	MemoryContext caller = MemoryContextSwitchTo(book->context);

	role->exists = store_role(book->reader, role->id, &role->row);
	role->includes = store_role_includes(book->reader, role->id);
	role->walk = 0;
	MemoryContextSwitchTo(caller);
}

/* Adds the role to the level unless this walk has come by. */
static void
visit(RoleBook *book, int64 id, List **level)
{
	bool		found;
	BookRole   *role = hash_search(book->roles, &id, HASH_ENTER, &found);

	if (!found)
		read_role(book, role);
	if (!role->exists || role->walk == book->walks)
		return;
	role->walk = book->walks;
	*level = lappend(*level, role);
}

/* The order of the roles of one level: by name, the tenant and id for ties. */
static int
compare_roles(const ListCell *a, const ListCell *b)
{
	const BookRole *left = lfirst(a);
	const BookRole *right = lfirst(b);
	int			diff = name_compare(left->row.name, right->row.name);

	if (diff == 0)
		diff = name_compare(left->row.tenant, right->row.tenant);
	if (diff == 0)
		diff = left->id < right->id ? -1 : left->id > right->id;
	return diff;
}

/* What the roles of one level include, as far as it was not visited. */
static List *
next_level(RoleBook *book, List *level)
{
	List	   *next = NIL;
	ListCell   *cell;

	foreach(cell, level)
	{
		const BookRole *role = lfirst(cell);

		for (int i = 0; i < role->includes.count; i++)
			visit(book, role->includes.items[i], &next);
	}
	list_sort(next, compare_roles);
	return next;
}

/* The role and all that it includes; see closure.h. */
List *
role_closure(RoleBook *book, int64 id)
{
	List	   *rows = NIL;
	List	   *level = NIL;

	book->walks++;
	visit(book, id, &level);
	for (; level != NIL; level = next_level(book, level))
	{
		ListCell   *cell;

		CHECK_FOR_INTERRUPTS();
		foreach(cell, level)
			rows = lappend(rows, &((BookRole *) lfirst(cell))->row);
	}
	return rows;
}

/* All patterns of the role and what it includes; see closure.h. */
NameArray
role_closure_patterns(RoleBook *book, int64 id)
{
	List	   *closure = role_closure(book, id);
	NameArray	all = {NULL, 0};
	ListCell   *cell;
	int			count = 0;

	foreach(cell, closure)
		count += ((RoleRow *) lfirst(cell))->patterns.count;
	all.items = palloc(sizeof(TaclName) * Max(count, 1));
	foreach(cell, closure)
	{
		const PatternArray *patterns = &((RoleRow *) lfirst(cell))->patterns;

		for (int i = 0; i < patterns->count; i++)
			all.items[all.count++] = patterns->items[i];
	}
	return all;
}
