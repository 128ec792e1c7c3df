/*
 * guard_include.c
 *		Keeps the includes of roles and of groups free of cycles.
 *
 * Both are graphs of ids with owners and names. A walk goes level by level
 * and holds each id once per level, so that it ends after TACL_MAX_DEPTH
 * levels whatever the graph looks like. Where the lock of moves and includes
 * is held, what a walk finds stays true; what is written without it is looked
 * at again when it is (see guard.c).
 */
#include "guard_int.h"

#include "lib/qunique.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "guard.h"

/* What a role or group is called, and whose it is. */
typedef struct Owned
{
	TaclName	tenant;
	TaclName	name;
} Owned;

/* A graph of includes. */
typedef struct Graph
{
	const char *noun;
	const char *column;			/* of the one that includes */
	IdArray		(*down) (StoreReader *reader, int64 id);
	IdArray		(*up) (StoreReader *reader, int64 id);
	bool		(*find) (StoreReader *reader, int64 id, Owned *owned);
} Graph;

/* What has got includes that nobody has looked at under the lock. */
typedef struct Doubtful
{
	int64		id;
	const Graph *graph;
} Doubtful;

/* All of this transaction, in TopTransactionContext; NULL if there are none. */
static HTAB *doubtful = NULL;

/* One id on a level, and the place on the level before that led to it. */
typedef struct Step
{
	int64		id;
	int			from;
} Step;

typedef struct Level
{
	Step	   *items;
	int			count;
} Level;

/* A walk; levels[0] is where it starts. */
typedef struct Walk
{
	Level		levels[TACL_MAX_DEPTH + 2];
	int			height;			/* the last level that has something */
} Walk;

/* Orders steps by id. */
static int
compare_steps(const void *a, const void *b)
{
	int64		left = ((const Step *) a)->id;
	int64		right = ((const Step *) b)->id;

	return left < right ? -1 : left > right;
}

/* Appends the ids that one place of a level leads to. */
static void
append_steps(Level *level, int *room, IdArray ids, int from)
{
	for (int i = 0; i < ids.count; i++)
	{
		Step	   *step = ARRAY_ADD(level, *room);

		step->id = ids.items[i];
		step->from = from;
	}
}

/* The level that comes after another, each id once. */
static Level
next_level(StoreReader *reader, const Level *level,
		   IdArray (*next) (StoreReader *, int64))
{
	Level		result = {NULL, 0};
	int			room = 0;

	for (int i = 0; i < level->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		append_steps(&result, &room, next(reader, level->items[i].id), i);
	}
	if (result.count > 1)
	{
		qsort(result.items, result.count, sizeof(Step), compare_steps);
		result.count = qunique(result.items, result.count, sizeof(Step),
							   compare_steps);
	}
	return result;
}

/* The place of an id on a level; -1 if it is not there. */
static int
place_of(const Level *level, int64 id)
{
	for (int i = 0; i < level->count; i++)
	{
		if (level->items[i].id == id)
			return i;
	}
	return -1;
}

/*
 * Walks from ids to all that they lead to, or until the target is met or the
 * limit exceeded. Returns the target's place on the last level, else -1.
 */
static int
walk_levels(StoreReader *reader, IdArray (*next) (StoreReader *, int64),
			IdArray start, int64 target, Walk *walk)
{
	Level		level = {NULL, 0};
	int			room = 0;

	append_steps(&level, &room, start, 0);
	walk->levels[0] = level;
	walk->height = 0;
	for (;;)
	{
		int			place = place_of(&walk->levels[walk->height], target);

		if (place >= 0 || walk->height > TACL_MAX_DEPTH)
			return place;
		level = next_level(reader, &walk->levels[walk->height], next);
		if (level.count == 0)
			return -1;
		walk->levels[++walk->height] = level;
	}
}

/* The name of a role or group for a message. */
static const char *
display_name(const Graph *graph, StoreReader *reader, int64 id)
{
	Owned		owned;

	return graph->find(reader, id, &owned) ? owned.name.data : "?";
}

/* Raises the error of a cycle that ends at a place of the last level. */
static void
report_cycle(const Graph *graph, StoreReader *reader, const Walk *walk,
			 int place)
{
	int64		path[TACL_MAX_DEPTH + 2];
	StringInfoData chain;

	for (int i = walk->height; i >= 0; i--)
	{
		path[i] = walk->levels[i].items[place].id;
		place = walk->levels[i].items[place].from;
	}
	initStringInfo(&chain);
	appendStringInfoString(&chain,
						   display_name(graph, reader, path[walk->height]));
	for (int i = 0; i <= walk->height; i++)
		appendStringInfo(&chain, " -> %s",
						 display_name(graph, reader, path[i]));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
			 errmsg("%s \"%s\" would include itself: %s", graph->noun,
					display_name(graph, reader, path[walk->height]),
					chain.data)));
}

/* Ensures that includes close no cycle and make no chain too long. */
static void
check_chain(const Graph *graph, StoreReader *reader, int64 id,
			IdArray included)
{
	Walk	   *walk = palloc(sizeof(Walk));
	IdArray		lowest = {&id, 1};
	int			length;
	int			place;

	place = walk_levels(reader, graph->down, included, id, walk);
	if (place >= 0)
		report_cycle(graph, reader, walk, place);
	length = walk->height + 1;
	if (length <= TACL_MAX_DEPTH)
	{
		(void) walk_levels(reader, graph->up, lowest, included.items[0], walk);
		length += walk->height;
	}
	if (length > TACL_MAX_DEPTH)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("includes around %s \"%s\" would be nested too deeply",
						graph->noun, display_name(graph, reader, id)),
				 errdetail("A chain of includes has at most %d steps.",
						   TACL_MAX_DEPTH)));
}

/* Ensures that nothing includes too many others. */
static void
check_count(const Graph *graph, StoreReader *reader, int64 id)
{
	int			count = graph->down(reader, id).count;

	if (count > TACL_MAX_INCLUDES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%s \"%s\" would include too many others: %d",
						graph->noun, display_name(graph, reader, id), count),
				 errdetail("A %s includes at most %d others.", graph->noun,
						   TACL_MAX_INCLUDES)));
}

/* Ensures that the included one is known where the other is defined. */
static void
check_visible(const Graph *graph, StoreReader *reader, int64 id,
			  int64 included)
{
	Owned		lower;
	Owned		upper;

	if (!graph->find(reader, id, &lower) ||
		!graph->find(reader, included, &upper) ||
		guard_covers(reader, upper.tenant, lower.tenant))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("%s \"%s\" does not exist at tenant \"%s\" or above",
					graph->noun, upper.name.data, lower.tenant.data),
			 errdetail("It is defined at tenant \"%s\"; %s \"%s\" of tenant \"%s\" cannot include it.",
					   upper.tenant.data, graph->noun, lower.name.data,
					   lower.tenant.data)));
}

/*
 * Ensures that includes of one, of which there are some, may stay. One walk does
 * for all of them: when a transaction ends, everybody else may be waiting for
 * this, and one walk each would be thousands where roles include many.
 */
static void
check_includes(const Graph *graph, StoreReader *reader, int64 id,
			   IdArray included)
{
	for (int i = 0; i < included.count; i++)
		check_visible(graph, reader, id, included.items[i]);
	check_count(graph, reader, id);
	check_chain(graph, reader, id, included);
}

/* Remembers to look again at all that this one includes. */
static void
remember(const Graph *graph, int64 id)
{
	Doubtful	key;

	if (doubtful == NULL)
	{
		HASHCTL		control = {
			.keysize = sizeof(Doubtful),
			.entrysize = sizeof(Doubtful),
			.hcxt = TopTransactionContext
		};

		doubtful = hash_create("tenant_acl includes", 16, &control,
							   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	memset(&key, 0, sizeof(key));
	key.id = id;
	key.graph = graph;
	(void) hash_search(doubtful, &key, HASH_ENTER, NULL);
}

/* Ensures that a new include may stay, so far. */
static void
check_row(const Graph *graph, TriggerData *trigger)
{
	GuardRow	row = guard_new_row(trigger);
	int64		id = guard_id(row, graph->column);
	int64		included_id = guard_id(row, "included_id");
	IdArray		included = {&included_id, 1};
	StoreReader reader;

	if (!guard_has_lock())
		remember(graph, id);
	guard_look(&reader);
	check_includes(graph, &reader, id, included);
	store_end(&reader);
}

/* Ensures that all that one includes may stay. */
static void
check_again(const Graph *graph, int64 id)
{
	StoreReader reader;
	IdArray		included;

	guard_look(&reader);
	included = graph->down(&reader, id);
	if (included.count > 0)
		check_includes(graph, &reader, id, included);
	store_end(&reader);
}

/*
 * Ensures under the lock that all includes may stay that were written without
 * it. An error ends the transaction.
 */
void
guard_includes_again(void)
{
	HASH_SEQ_STATUS all;
	Doubtful   *one;
	MemoryContext working;
	MemoryContext caller;

	if (doubtful == NULL)
		return;
	guard_take_lock();
	working = AllocSetContextCreate(TopTransactionContext,
									"tenant_acl includes looked at again",
									ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(working);
	hash_seq_init(&all, doubtful);
	while ((one = hash_seq_search(&all)) != NULL)
	{
		check_again(one->graph, one->id);
		MemoryContextReset(working);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(working);
}

/* Forgets them, as the transaction has ended. */
void
guard_forget_includes(void)
{
	doubtful = NULL;
}

/* Finds a role. */
static bool
find_role(StoreReader *reader, int64 id, Owned *owned)
{
	RoleRow		row;
	bool		found = store_role(reader, id, &row);

	if (found)
	{
		owned->tenant = row.tenant;
		owned->name = row.name;
	}
	return found;
}

/* Finds a group. */
static bool
find_group(StoreReader *reader, int64 id, Owned *owned)
{
	GroupRow	row;
	bool		found = store_group(reader, id, &row);

	if (found)
	{
		owned->tenant = row.tenant;
		owned->name = row.name;
	}
	return found;
}

/* The guard of tacl.role_include. */
void
guard_role_include(TriggerData *trigger)
{
	static const Graph roles = {
		"role", "role_id", store_role_includes, store_roles_including,
		find_role
	};

	check_row(&roles, trigger);
}

/* The guard of tacl.group_include. */
void
guard_group_include(TriggerData *trigger)
{
	static const Graph groups = {
		"group", "group_id", store_group_includes, store_groups_including,
		find_group
	};

	check_row(&groups, trigger);
}
