/*
 * catalog.c
 *		The catalog of the permissions that the application asks about.
 */
#include "catalog.h"

#include "miscadmin.h"

#include "access.h"
#include "pattern.h"
#include "resolve.h"
#include "statement.h"

/*
 * For so many patterns the nearest name is looked for. More of them in one
 * list are hardly typos, and each costs a comparison with the whole catalog.
 */
#define MAX_GUESSES 20

static Statement all_permissions = {
	"SELECT name FROM tacl.permission ORDER BY name", {0}
};

/* All permissions in order; see catalog.h. */
List *
catalog_permissions(StoreReader *reader)
{
	return statement_texts(&all_permissions, NULL, reader);
}

/* Does the pattern, with or without '!', match a permission of the catalog? */
static bool
matches_any(TaclName pattern, List *permissions)
{
	ListCell   *cell;

	CHECK_FOR_INTERRUPTS();
	foreach(cell, permissions)
	{
		const char *permission = lfirst(cell);

		if (pattern_matches(pattern.data, pattern.len,
							permission, strlen(permission)))
			return true;
	}
	return false;
}

/* Is it one of the rights over the extension itself, which need no entry? */
static bool
is_reserved(TaclName pattern)
{
	SegmentWalk walk;
	Segment		first;

	segment_walk_begin(&walk, pattern.data, pattern.len);
	return segment_walk_next(&walk, &first) && segment_is_reserved(&first);
}

/* What to do about a pattern that matches nothing, with a guess or without. */
static const char *
hint(TaclName pattern, List *permissions, bool guess)
{
	const char *near = NULL;

	if (guess && access_holds(STORE_PERMISSION, ACL_SELECT))
	{
		bool		deny = pattern_is_deny(pattern.data, pattern.len);
		TaclName	name = {pattern.data + deny, pattern.len - deny};

		near = resolve_nearest(permissions, name);
	}
	return near != NULL ? psprintf("Perhaps you meant \"%s\".", near) :
		"Insert what the application asks for into tacl.permission.";
}

/* Warns of what the catalog does not know; see catalog.h. */
void
catalog_warn(PatternArray patterns)
{
	StoreReader reader;
	List	   *permissions;
	int			warnings = 0;

	store_begin(&reader);
	permissions = catalog_permissions(&reader);
	store_end(&reader);
	if (permissions == NIL)
		return;
	for (int i = 0; i < patterns.count; i++)
	{
		TaclName	pattern = patterns.items[i];

		if (is_reserved(pattern) || matches_any(pattern, permissions))
			continue;
		warnings++;
		ereport(WARNING,
				(errmsg("pattern \"%.*s\" matches no permission of the catalog",
						pattern.len, pattern.data),
				 errhint("%s", hint(pattern, permissions,
									warnings <= MAX_GUESSES))));
	}
}
