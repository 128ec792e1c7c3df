/*
 * list_memberships.c
 *		The tenants that a user belongs to, and what a token says of them.
 */
#include "tenant_acl.h"

#include "list_int.h"

/* What makes a user belong to tenants, and nothing else. */
typedef struct Belonging
{
	Draft		draft;
	UserEntry  *entry;			/* its slots are where that was assigned */
	TaclName	primary;
	TaclName	last;
} Belonging;

/* The root is no tenant to begin at, though who writes the table can say so. */
static TaclName
unless_root(TaclName tenant)
{
	const TaclName none = {NULL, 0};

	return name_is_root(tenant) ? none : tenant;
}

/* Copies what makes the user belong to a tenant, and adds preferences. */
static void
find_belonging(StoreReader *reader, const Draft *all, Belonging *belonging)
{
	PreferenceRow preference = {{NULL, 0}, {NULL, 0}};
	Draft	   *draft = &belonging->draft;

	*draft = *all;
	draft->count = 0;
	draft->items = palloc_extended(sizeof(Holding) * (Size) Max(all->count, 1),
								   MCXT_ALLOC_HUGE);
	for (int i = 0; i < all->count; i++)
	{
		if (holding_is_membership(&all->items[i]))
			draft->items[draft->count++] = all->items[i];
	}
	belonging->entry = draft_entry(draft);
	(void) store_preference(reader, all->user, &preference);
	belonging->primary = unless_root(preference.primary);
	belonging->last = unless_root(preference.last);
}

/* The slot of the tenant or the nearest above; NO_SLOT for no belonging. */
static int
belonging_slot(const Belonging *belonging, const TenantNode *tenant)
{
	int			slot = NO_SLOT;

	for (; tenant != NULL && slot == NO_SLOT; tenant = tenant->parent)
		slot = slot_of(belonging->entry, tenant);
	return slot;
}

/*
 * What the user has from a slot upwards: roles, and when the last of it ends.
 * If only what counts is wanted, roles assigned where a suspension holds are
 * left out.
 */
static void
describe_slot(const Belonging *belonging, int slot, bool only_counting,
			  Membership *row)
{
	int			room = 0;

	memset(row, 0, sizeof(*row));
	row->expires_at = DT_NOBEGIN;
	for (; slot != NO_SLOT; slot = belonging->entry->slots[slot].up)
	{
		const TenantNode *tenant = belonging->entry->slots[slot].tenant;
		HoldingRun	run = holdings_at(&belonging->draft, tenant);
		bool		counts = !only_counting || !tenant_is_suspended(tenant);

		for (int i = 0; i < run.count; i++)
		{
			const Holding *holding = &run.items[i];

			if (holding->role != NULL && counts)
				names_add(&row->roles, &room,
						  name_copy(holding->role->members[0].name));
			row->expires_at = Max(row->expires_at, holding->limits.expires_at);
		}
	}
	names_sort(&row->roles);
}

/* A list of memberships while it is made. */
typedef struct MembershipList
{
	MembershipArray rows;
	int			room;
	int			limit;			/* 0 for none */
	bool		only_counting;	/* roles; see describe_slot() */
} MembershipList;

/* Is the list as long as it may be? */
static bool
is_at_limit(const MembershipList *list)
{
	return list->limit > 0 && list->rows.count >= list->limit;
}

/* Adds the tenants from a slot downwards. */
static void
add_slot(StoreReader *reader, const Belonging *belonging, int slot,
		 MembershipList *list)
{
	const TenantNode *from = belonging->entry->slots[slot].tenant;
	const TaclName none = {NULL, 0};
	TaclName	from_id = name_copy(from->id);
	Membership	row;
	WalkDown	walk;
	Below		next;

	describe_slot(belonging, slot, list->only_counting, &row);
	walk_down_begin(&walk, reader, belonging->entry, from, list->limit);
	while (!is_at_limit(list) && walk_down_next(&walk, &next))
	{
		if (name_is_root(next.id))
			continue;
		row.tenant = next.id;
		row.suspended = next.suspended;
		row.primary = belonging->primary.data != NULL &&
			name_equal(belonging->primary, next.id);
		row.inherited_from = name_equal(from_id, next.id) ? none : from_id;
		*ARRAY_ADD(&list->rows, list->room) = row;
	}
}

/* Orders by tenant. */
static int
compare_memberships(const void *a, const void *b)
{
	return name_compare(((const Membership *) a)->tenant,
						((const Membership *) b)->tenant);
}

/* Fills the list. */
static void
list_belonging(StoreReader *reader, const Belonging *belonging,
			   MembershipList *list)
{
	for (int i = 0; i < (int) belonging->entry->nslots; i++)
		add_slot(reader, belonging, i, list);
	if (list->rows.count > 1)
		qsort(list->rows.items, list->rows.count, sizeof(Membership),
			  compare_memberships);
}

/*
 * Memberships
 */

/* A question for memberships. */
typedef struct MembershipsQuestion
{
	TaclName	user;
	MembershipArray rows;
} MembershipsQuestion;

/* Reads the memberships. */
static BuildOutcome
read_memberships(StoreReader *reader, void *arg)
{
	MembershipsQuestion *question = arg;
	MembershipList list = {.limit = 0};
	Belonging	belonging;
	Draft		draft;
	BuildOutcome outcome = read_user(reader, question->user, &draft);

	if (outcome != BUILD_DONE)
		return outcome;
	find_belonging(reader, &draft, &belonging);
	list_belonging(reader, &belonging, &list);
	question->rows = list.rows;
	return outcome;
}

/* The tenants that the user belongs to; see list.h. */
MembershipArray
list_memberships(TaclName user)
{
	MembershipsQuestion question = {.user = user};

	cache_read(read_memberships, &question);
	return question.rows;
}

/*
 * Claims
 */

/* A question for what a token should say. */
typedef struct ClaimsQuestion
{
	TaclName	user;
	TaclName	tenant;			/* data is NULL: where the user begins */
	int			max_tenants;
	Claims		claims;
} ClaimsQuestion;

/*
 * Finds the tenant, if the user belongs to it. The node is NULL if not, or if
 * there is none.
 */
static BuildOutcome
find_own_tenant(StoreReader *reader, const Belonging *belonging, TaclName id,
				const TenantNode **found)
{
	TenantNode *node;
	BuildOutcome outcome;

	*found = NULL;
	if (id.data == NULL)
		return BUILD_DONE;
	outcome = build_tenant(reader, id, &node);
	if (outcome == BUILD_DONE && belonging_slot(belonging, node) != NO_SLOT)
		*found = node;
	return outcome == BUILD_NO_TENANT ? BUILD_DONE : outcome;
}

/* Finds the tenant that claims are about. */
static BuildOutcome
find_claimed_tenant(StoreReader *reader, const Belonging *belonging,
					TaclName given, const TenantNode **found)
{
	BuildOutcome outcome;

	if (given.data != NULL)
		return find_own_tenant(reader, belonging, given, found);
	outcome = find_own_tenant(reader, belonging, belonging->last, found);
	if (outcome == BUILD_DONE && *found == NULL)
		outcome = find_own_tenant(reader, belonging, belonging->primary,
								  found);
	return outcome;
}

/* Claims what the user has at a tenant that they belong to. */
static void
claim_tenant(StoreReader *reader, const Draft *draft,
			 const Belonging *belonging, const TenantNode *tenant,
			 Claims *claims)
{
	Membership	here;

	describe_slot(belonging, belonging_slot(belonging, tenant), true, &here);
	claims->tenant = here.tenant = name_copy(tenant->id);
	claims->roles = here.roles;
	effective_permissions(reader, draft, tenant, &claims->permissions);
	if (!claims->complete && !name_is_root(here.tenant))
	{
		claims->tenants.items = memcpy(palloc(sizeof(here)), &here,
									   sizeof(here));
		claims->tenants.count = 1;
	}
}

/* Reads what a token should say. */
static BuildOutcome
read_claims(StoreReader *reader, void *arg)
{
	ClaimsQuestion *question = arg;
	Claims	   *claims = &question->claims;
	MembershipList list = {.only_counting = true};
	Belonging	belonging;
	const TenantNode *tenant;
	const TenantNode *primary;
	Draft		draft;
	BuildOutcome outcome = read_user(reader, question->user, &draft);

	memset(claims, 0, sizeof(*claims));
	if (outcome != BUILD_DONE)
		return outcome;
	find_belonging(reader, &draft, &belonging);
	outcome = find_claimed_tenant(reader, &belonging, question->tenant,
								  &tenant);
	if (outcome == BUILD_DONE)
		outcome = find_own_tenant(reader, &belonging, belonging.primary,
								  &primary);
	if (outcome != BUILD_DONE)
		return outcome;
	if (primary != NULL)
		claims->primary = name_copy(primary->id);
	list.limit = question->max_tenants + 1;
	list_belonging(reader, &belonging, &list);
	claims->complete = list.rows.count <= question->max_tenants;
	if (claims->complete)
		claims->tenants = list.rows;
	if (tenant != NULL)
		claim_tenant(reader, &draft, &belonging, tenant, claims);
	return outcome;
}

/* What a token should say; see list.h. */
Claims
list_claims(TaclName user, TaclName tenant, int max_tenants)
{
	ClaimsQuestion question = {
		.user = user,
		.tenant = tenant,
		.max_tenants = max_tenants
	};

	cache_read(read_claims, &question);
	return question.claims;
}

/*
 * Where a user begins
 */

/* A question for it. */
typedef struct HomeQuestion
{
	TaclName	user;
	TaclName	home;			/* data is NULL if there is none */
} HomeQuestion;

/* Reads where the user begins. */
static BuildOutcome
read_home(StoreReader *reader, void *arg)
{
	HomeQuestion *question = arg;
	const TaclName none = {NULL, 0};
	Belonging	belonging;
	const TenantNode *tenant;
	Draft		draft;
	BuildOutcome outcome = read_user(reader, question->user, &draft);

	question->home = none;
	if (outcome != BUILD_DONE)
		return outcome;
	find_belonging(reader, &draft, &belonging);
	outcome = find_claimed_tenant(reader, &belonging, none, &tenant);
	if (outcome == BUILD_DONE && tenant != NULL)
		question->home = name_copy(tenant->id);
	return outcome;
}

/* Where the user begins; see list.h. */
TaclName
list_home(TaclName user)
{
	HomeQuestion question = {.user = user};

	cache_read(read_home, &question);
	return question.home;
}

/*
 * Membership
 */

/* A question for one membership. */
typedef struct MemberQuestion
{
	TaclName	user;
	TaclName	tenant;
	bool		is_member;
} MemberQuestion;

/* Reads whether the user belongs to the tenant. */
static BuildOutcome
read_is_member(StoreReader *reader, void *arg)
{
	MemberQuestion *question = arg;
	Draft		draft;
	const TenantNode *node;
	BuildOutcome outcome = read_user_at(reader, question->user,
										question->tenant, &draft, &node);

	question->is_member = outcome == BUILD_DONE && is_member(&draft, node);
	return outcome;
}

/* Does the user belong to the tenant? See list.h. */
bool
list_is_member(TaclName user, TaclName tenant)
{
	MemberQuestion question = {.user = user, .tenant = tenant};

	cache_read(read_is_member, &question);
	return question.is_member;
}
