/*
 * list_permissions.c
 *		What a user may do at one tenant.
 *
 * Ceilings and suspensions cut patterns: what is left of a pattern is its
 * intersection with one of theirs, which is a pattern again. Of several limits
 * one above the other, what is left is a tree of intersections; it is gone
 * through branch by branch, so that its size takes time but no memory.
 */
#include "tenant_acl.h"

#include "miscadmin.h"

#include "list_int.h"

/* So many comparisons take about a second. */
#define MAX_STEPS 10000000

/* Patterns while they are collected. */
typedef struct Collected
{
	NameArray	names;
	int			room;
} Collected;

/* The limits that what is assigned at one tenant lies within. */
typedef struct Limitations
{
	PatternArray *items;
	int			count;
	int			room;
} Limitations;

/* What is being found out. */
typedef struct Reduction
{
	StoreReader *reader;
	const Draft *draft;
	Collected	denies;			/* all of them, before anything is allowed */
	Collected	allows;			/* that are left */
	bool		find_any;		/* is one enough? */
	int			check_at;		/* when to look for duplicates */
	int			steps;			/* intersections so far */
	Limitations limits;			/* of the tenant looked at */
} Reduction;

/* Adds the patterns of one kind. */
static void
add_patterns(PatternArray patterns, bool deny, NameArray *names, int *room)
{
	for (int i = 0; i < patterns.count; i++)
	{
		TaclName	pattern = patterns.items[i];

		if (pattern_is_deny(pattern.data, pattern.len) == deny)
			names_add(names, room, pattern);
	}
}

/*
 * Adds what a holding allows, or what it denies, whether or not that counts
 * now.
 */
void
holding_patterns(StoreReader *reader, const Holding *holding, bool deny,
				 NameArray *names, int *room)
{
	PatternArray one = {unconstify(TaclName *, &holding->pattern), 1};
	RoleRow		row;

	if (holding->role == NULL)
		add_patterns(one, deny, names, room);
	else if (permset_bits(holding->set) & (deny ? PERMSET_DENY : PERMSET_ALLOW))
	{
		for (int i = 0; i < holding->role->nmembers; i++)
		{
			if (store_role(reader, holding->role->members[i].id, &row))
				add_patterns(row.patterns, deny, names, room);
		}
	}
}

/* Adds what is allowed, or denied, by what was assigned at one tenant. */
static void
collect_at(Reduction *reduction, const TenantNode *tenant, bool deny,
		   Collected *collected)
{
	HoldingRun	run = holdings_at(reduction->draft, tenant);

	for (int i = 0; i < run.count; i++)
	{
		const Limits *limits = &run.items[i].limits;

		if (is_within_time(limits) && (deny || limits->visible))
			holding_patterns(reduction->reader, &run.items[i], deny,
							 &collected->names, &collected->room);
	}
	names_sort(&collected->names);
}

/* Orders limits: those that leave least come first. */
static int
compare_limits(const void *a, const void *b)
{
	return ((const PatternArray *) a)->count - ((const PatternArray *) b)->count;
}

/* Reads the ceilings and suspensions from a tenant upwards. */
static void
read_limits(Reduction *reduction, const TenantNode *tenant)
{
	Limitations *limits = &reduction->limits;
	const TenantNode *cut = tenant->cut;
	TenantRow	row;

	for (limits->count = 0; cut != NULL;
		 cut = cut->parent != NULL ? cut->parent->cut : NULL)
	{
		if (!store_tenant(reduction->reader, cut->id, &row))
			elog(ERROR, "a tenant was not found again");
		if (row.limited)
			*ARRAY_ADD(limits, limits->room) = row.ceiling;
		if (row.suspended)
			*ARRAY_ADD(limits, limits->room) = row.keeps;
	}
	if (limits->count > 1)
		qsort(limits->items, limits->count, sizeof(PatternArray),
			  compare_limits);
}

/* Is nothing left of a pattern, because a deny covers it? */
static bool
is_denied(const Reduction *reduction, TaclName pattern)
{
	for (int i = 0; i < reduction->denies.names.count; i++)
	{
		if (pattern_covers(reduction->denies.names.items[i], pattern))
			return true;
	}
	return false;
}

/* Raises 54000. */
static void
report_too_complex(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("ceilings cut the permissions into too many patterns"),
			 errdetail("%s", detail),
			 errhint("Ask for single permissions, or make the ceilings simpler.")));
}

/* Adds an allow that is left, or raises 54000 if there are too many. */
static void
add_allow(Reduction *reduction, TaclName pattern)
{
	Collected  *allows = &reduction->allows;

	names_add(&allows->names, &allows->room, name_copy(pattern));
	if (allows->names.count < reduction->check_at)
		return;
	names_sort(&allows->names);
	if (allows->names.count > TACL_MAX_LIST)
		report_too_complex(psprintf("More than %d are left.", TACL_MAX_LIST));
	reduction->check_at = Max(allows->names.count * 2, reduction->check_at);
}

/*
 * Adds what the limits from this level on leave of a pattern. False if no more
 * is wanted.
 */
static bool
reduce(Reduction *reduction, TaclName pattern, int level)
{
	PatternArray limit;
	char		buffer[TACL_MAX_NAME_BYTES];
	TaclName	both = {buffer, 0};

	CHECK_FOR_INTERRUPTS();
	check_stack_depth();
	if (is_denied(reduction, pattern))
		return true;
	if (level == reduction->limits.count)
	{
		add_allow(reduction, pattern);
		return !reduction->find_any;
	}
	limit = reduction->limits.items[level];
	reduction->steps += limit.count;
	if (reduction->steps > MAX_STEPS)
		report_too_complex(psprintf("It takes more than %d comparisons.",
									MAX_STEPS));
	for (int i = 0; i < limit.count; i++)
	{
		both.len = pattern_intersection(pattern, limit.items[i], buffer);
		if (both.len >= 0 && !reduce(reduction, both, level + 1))
			return false;
	}
	return true;
}

/* Adds what is allowed by what was assigned at one tenant; see reduce(). */
static bool
reduce_tenant(Reduction *reduction, const TenantNode *tenant)
{
	Collected	given = {{NULL, 0}, 0};

	collect_at(reduction, tenant, false, &given);
	if (given.names.count > 0)
		read_limits(reduction, tenant);
	for (int i = 0; i < given.names.count; i++)
	{
		if (!reduce(reduction, given.names.items[i], 0))
			return false;
	}
	return true;
}

/*
 * Finds what is allowed at a tenant, and denied. A permission is allowed there
 * exactly if one of the allows matches it and none of the denies does; and
 * since several denies cover nothing that none of them covers, something is
 * allowed exactly if there is an allow.
 */
static void
reduce_chain(Reduction *reduction, const TenantNode *tenant)
{
	const TenantNode *at;

	reduction->check_at = 1024;
	for (at = tenant; at != NULL; at = at->parent)
		collect_at(reduction, at, true, &reduction->denies);
	for (at = tenant; at != NULL; at = at->parent)
	{
		if (!reduce_tenant(reduction, at))
			break;
	}
	names_sort(&reduction->allows.names);
}

/* What a user may do at a tenant. */
void
effective_permissions(StoreReader *reader, const Draft *draft,
					  const TenantNode *tenant, Permissions *result)
{
	Reduction	reduction = {.reader = reader, .draft = draft};

	reduce_chain(&reduction, tenant);
	result->allows = reduction.allows.names;
	result->denies = reduction.denies.names;
}

/* Is there anything that a user may do at a tenant? */
bool
any_permission(StoreReader *reader, const Draft *draft,
			   const TenantNode *tenant)
{
	Reduction	reduction = {
		.reader = reader,
		.draft = draft,
		.find_any = true
	};

	reduce_chain(&reduction, tenant);
	return reduction.allows.names.count > 0;
}

/* A question about one user at one tenant. */
typedef struct Question
{
	TaclName	user;
	TaclName	tenant;
	Permissions permissions;
} Question;

/* Reads permissions. */
static BuildOutcome
read_permissions(StoreReader *reader, void *arg)
{
	Question   *question = arg;
	Draft		draft;
	const TenantNode *node;
	BuildOutcome outcome = read_user_at(reader, question->user,
										question->tenant, &draft, &node);

	memset(&question->permissions, 0, sizeof(Permissions));
	if (outcome == BUILD_DONE && node != NULL && !draft.disabled)
		effective_permissions(reader, &draft, node, &question->permissions);
	return outcome;
}

/* What the user may do at the tenant; see list.h. */
Permissions
list_permissions(TaclName user, TaclName tenant)
{
	Question	question = {.user = user, .tenant = tenant};

	cache_read(read_permissions, &question);
	return question.permissions;
}
