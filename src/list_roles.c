/*
 * list_roles.c
 *		The roles that a user has at one tenant.
 */
#include "tenant_acl.h"

#include "lib/qunique.h"

#include "list_int.h"

/* A question about one user at one tenant. */
typedef struct Question
{
	TaclName	user;
	TaclName	tenant;
	RoleArray	roles;
	int			room;
} Question;

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
		ListedRole *row = ARRAY_ADD(&question->roles, question->room);

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

/* Orders by role. */
static int
compare_roles(const void *a, const void *b)
{
	const ListedRole *left = a;
	const ListedRole *right = b;
	int			order = name_compare(left->name, right->name);

	return order != 0 ? order :
		name_compare(left->defined_at, right->defined_at);
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
		order = name_compare_or_missing(left->included_by, right->included_by);
	if (order == 0)
		order = name_compare_or_missing(left->group, right->group);
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
