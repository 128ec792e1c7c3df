/*
 * list_rights.c
 *		What a user has at one tenant: roles and permissions.
 */
#include "tenant_acl.h"

#include "lib/qunique.h"
#include "miscadmin.h"

#include "list_int.h"

/*
 * Permissions
 */

/* Patterns while they are collected. */
typedef struct Collected
{
	NameArray	names;
	int			room;
} Collected;

/* Adds the patterns of one holding: allows to one list, denies to the other. */
static void
collect_patterns(PatternArray patterns, bool visible, Collected *allows,
				 Collected *denies)
{
	for (int i = 0; i < patterns.count; i++)
	{
		TaclName	pattern = patterns.items[i];

		if (pattern_is_deny(pattern.data, pattern.len))
			names_add(&denies->names, &denies->room, pattern);
		else if (visible)
			names_add(&allows->names, &allows->room, pattern);
	}
}

/* Adds what a holding gives. */
static void
collect_holding(StoreReader *reader, const Holding *holding,
				Collected *allows, Collected *denies)
{
	PatternArray one = {unconstify(TaclName *, &holding->pattern), 1};
	RoleRow		row;

	if (!is_within_time(&holding->limits))
		return;
	if (holding->role == NULL)
	{
		collect_patterns(one, holding->limits.visible, allows, denies);
		return;
	}
	for (int i = 0; i < holding->role->nmembers; i++)
	{
		if (store_role(reader, holding->role->members[i].id, &row))
			collect_patterns(row.patterns, holding->limits.visible, allows,
							 denies);
	}
}

/* What the patterns and a limit have in common. */
static NameArray
cut_patterns(NameArray patterns, PatternArray limit)
{
	Collected	left = {{NULL, 0}, 0};
	char		buffer[TACL_MAX_NAME_BYTES];

	for (int i = 0; i < patterns.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int k = 0; k < limit.count; k++)
		{
			TaclName	both = {buffer, 0};

			both.len = pattern_intersection(patterns.items[i], limit.items[k],
											buffer);
			if (both.len >= 0)
				names_add(&left.names, &left.room, name_copy(both));
		}
	}
	names_sort(&left.names);
	return left.names;
}

/* What ceilings and suspensions, from the tenant upwards, leave of patterns. */
static NameArray
within_limits(StoreReader *reader, NameArray patterns,
			  const TenantNode *tenant)
{
	const TenantNode *cut = tenant->cut;
	TenantRow	row;

	while (cut != NULL && patterns.count > 0)
	{
		if (!store_tenant(reader, cut->id, &row))
			elog(ERROR, "a tenant was not found again");
		if (row.limited)
			patterns = cut_patterns(patterns, row.ceiling);
		if (row.suspended)
			patterns = cut_patterns(patterns, row.keeps);
		cut = cut->parent != NULL ? cut->parent->cut : NULL;
	}
	return patterns;
}

/* Does one of the denies cover the whole pattern? */
static bool
is_denied(TaclName pattern, NameArray denies)
{
	for (int i = 0; i < denies.count; i++)
	{
		if (pattern_covers(denies.items[i], pattern))
			return true;
	}
	return false;
}

/* Drops the allows of which nothing is left. */
static void
drop_denied(NameArray *allows, NameArray denies)
{
	int			kept = 0;

	for (int i = 0; i < allows->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!is_denied(allows->items[i], denies))
			allows->items[kept++] = allows->items[i];
	}
	allows->count = kept;
}

/*
 * What a user may do at a tenant. A permission is allowed there exactly if one
 * of the allows matches it and none of the denies does; and since several
 * denies cover nothing that none of them covers, something is allowed exactly
 * if there is an allow.
 */
void
effective_permissions(StoreReader *reader, const Draft *draft,
					  const TenantNode *tenant, Permissions *result)
{
	Collected	all = {{NULL, 0}, 0};
	Collected	denies = {{NULL, 0}, 0};

	for (; tenant != NULL; tenant = tenant->parent)
	{
		HoldingRun	run = holdings_at(draft, tenant);
		Collected	allows = {{NULL, 0}, 0};
		NameArray	left;

		for (int i = 0; i < run.count; i++)
			collect_holding(reader, &run.items[i], &allows, &denies);
		names_sort(&allows.names);
		left = within_limits(reader, allows.names, tenant);
		for (int i = 0; i < left.count; i++)
			names_add(&all.names, &all.room, left.items[i]);
	}
	names_sort(&all.names);
	names_sort(&denies.names);
	drop_denied(&all.names, denies.names);
	result->allows = all.names;
	result->denies = denies.names;
}

/* A question about one user at one tenant. */
typedef struct Question
{
	TaclName	user;
	TaclName	tenant;
	Permissions permissions;
	RoleArray	roles;
	int			room;
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

/*
 * Roles
 */

/* Adds the roles of a holding. */
static void
add_roles(Question *question, const Draft *draft, const Holding *holding,
		  int distance)
{
	const CompiledRole *role = holding->role;

	if (role == NULL || !holding_is_membership(holding))
		return;
	for (int i = 0; i < role->nmembers; i++)
	{
		ListedRole *row = LIST_ADD(&question->roles, question->room);

		memset(row, 0, sizeof(*row));
		row->name = name_copy(role->members[i].name);
		row->defined_at = name_copy(role->members[i].tenant);
		row->definer_known = is_known_tenant(draft, holding->tenant,
											 row->defined_at);
		row->assigned_at = name_copy(holding->tenant->id);
		row->distance = distance;
		if (holding->group != NULL)
			row->group = holding->group->name;
		if (i > 0)
			row->included_by = name_copy(role->members[0].name);
		row->expires_at = holding->limits.expires_at;
	}
}

/* Reads roles. */
static BuildOutcome
read_roles(StoreReader *reader, void *arg)
{
	Question   *question = arg;
	Draft		draft;
	const TenantNode *node;
	int			distance = 0;
	BuildOutcome outcome = read_user_at(reader, question->user,
										question->tenant, &draft, &node);

	question->roles.count = 0;
	if (outcome != BUILD_DONE || draft.disabled)
		return outcome;
	for (; node != NULL; node = node->parent, distance++)
	{
		HoldingRun	run = holdings_at(&draft, node);

		for (int i = 0; i < run.count && !tenant_is_suspended(node); i++)
			add_roles(question, &draft, &run.items[i], distance);
	}
	return outcome;
}

/* Orders names that may be missing: these come first. */
static int
compare_missing(TaclName a, TaclName b)
{
	if (a.data == NULL || b.data == NULL)
		return (a.data != NULL) - (b.data != NULL);
	return compare_names(&a, &b);
}

/* Orders by role. */
static int
compare_roles(const void *a, const void *b)
{
	const ListedRole *left = a;
	const ListedRole *right = b;
	int			order = compare_names(&left->name, &right->name);

	return order != 0 ? order :
		compare_names(&left->defined_at, &right->defined_at);
}

/*
 * Orders by role, then by the way that it takes: the nearest, the most direct,
 * the one that lasts longest.
 */
static int
compare_ways(const void *a, const void *b)
{
	const ListedRole *left = a;
	const ListedRole *right = b;
	int			order = compare_roles(a, b);

	if (order == 0)
		order = left->distance - right->distance;
	if (order == 0)
		order = (left->included_by.data != NULL) -
			(right->included_by.data != NULL);
	if (order == 0)
		order = (left->group.data != NULL) - (right->group.data != NULL);
	if (order == 0)
		order = (left->expires_at < right->expires_at) -
			(left->expires_at > right->expires_at);
	if (order == 0)
		order = compare_missing(left->included_by, right->included_by);
	if (order == 0)
		order = compare_missing(left->group, right->group);
	return order;
}

/* The roles that reach the user at the tenant; see list.h. */
RoleArray
list_roles(TaclName user, TaclName tenant)
{
	Question	question = {.user = user, .tenant = tenant};
	RoleArray  *roles = &question.roles;

	cache_read(read_roles, &question);
	if (roles->count > 1)
	{
		qsort(roles->items, roles->count, sizeof(ListedRole), compare_ways);
		roles->count = qunique(roles->items, roles->count, sizeof(ListedRole),
							   compare_roles);
	}
	return *roles;
}
