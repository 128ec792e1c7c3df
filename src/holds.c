/*
 * holds.c
 *		What a person holds firmly enough to hand it on.
 *
 * Signs of the patterns asked about do not matter: who hands on a deny has to
 * hold what it denies.
 */
#include "tenant_acl.h"

#include "miscadmin.h"

#include "holds.h"
#include "list_int.h"
#include "session.h"

/* An allow that reaches a person, with the tenant where it was assigned. */
typedef struct Allow
{
	TaclName	pattern;
	const TenantNode *tenant;
} Allow;

typedef struct AllowArray
{
	Allow	   *items;
	int			count;
} AllowArray;

/* A question about one person. */
typedef struct HoldsQuestion
{
	TaclName	person;
	const Demand *demand;
	AllowArray	allows;			/* that last as long as is asked */
	int			allows_room;
	NameArray	denies;			/* that count at any time meanwhile */
	int			denies_room;
	bool		below;			/* does power below the tenant matter? */
	bool		held;
} HoldsQuestion;

/* Is one tenant the other, or below it? */
static bool
is_at_or_below(const TenantNode *tenant, const TenantNode *other)
{
	while (tenant != NULL && tenant != other)
		tenant = tenant->parent;
	return tenant != NULL;
}

/* Adds the allows of a holding if they count now and until then. */
static void
collect_allows(HoldsQuestion *question, StoreReader *reader,
			   const Holding *holding)
{
	NameArray	patterns = {NULL, 0};
	int			room = 0;

	if (!holding->limits.visible || !is_within_time(&holding->limits) ||
		holding->limits.expires_at < question->demand->until)
		return;
	holding_patterns(reader, holding, false, &patterns, &room);
	for (int i = 0; i < patterns.count; i++)
	{
		Allow	   *allow = ARRAY_ADD(&question->allows, question->allows_room);

		allow->pattern = patterns.items[i];
		allow->tenant = holding->tenant;
	}
}

/* Adds the denies of a holding if they count now or before then. */
static void
collect_denies(HoldsQuestion *question, StoreReader *reader,
			   const Holding *holding)
{
	TimestampTz now = session_now();

	if (holding->limits.expires_at > now &&
		(holding->limits.starts_at <= now ||
		 holding->limits.starts_at < question->demand->until))
		holding_patterns(reader, holding, true, &question->denies,
						 &question->denies_room);
}

/* Collects what reaches the person at the tenant, and the denies below it. */
static void
collect(HoldsQuestion *question, StoreReader *reader, const Draft *draft,
		const TenantNode *tenant)
{
	question->allows.count = 0;
	question->denies.count = 0;
	for (int i = 0; i < draft->count; i++)
	{
		const Holding *holding = &draft->items[i];
		bool		reaches = is_at_or_below(tenant, holding->tenant);

		CHECK_FOR_INTERRUPTS();
		if (reaches)
			collect_allows(question, reader, holding);
		if (reaches || is_at_or_below(holding->tenant, tenant))
			collect_denies(question, reader, holding);
	}
}

/* Do all ceilings from the tenant upwards cover the pattern? */
static bool
ceilings_cover(StoreReader *reader, const TenantNode *tenant, TaclName pattern)
{
	const TenantNode *cut = tenant->cut;
	TenantRow	row;

	while (cut != NULL)
	{
		if (!store_tenant(reader, cut->id, &row))
			elog(ERROR, "a tenant was not found again");
		if (row.limited && !pattern_one_covers(row.ceiling.items, row.ceiling.count, pattern))
			return false;
		cut = cut->parent != NULL ? cut->parent->cut : NULL;
	}
	return true;
}

/* Does what was collected hold one pattern? */
static bool
holds_pattern(const HoldsQuestion *question, StoreReader *reader,
			  TaclName pattern)
{
	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < question->denies.count; i++)
	{
		if (pattern_meets(question->denies.items[i], pattern))
			return false;
	}
	for (int i = 0; i < question->allows.count; i++)
	{
		const Allow *allow = &question->allows.items[i];

		if (pattern_covers(allow->pattern, pattern) &&
			ceilings_cover(reader, allow->tenant, pattern))
			return true;
	}
	return false;
}

/* Finds out whether the person holds what is demanded. */
static BuildOutcome
read_holds(StoreReader *reader, void *arg)
{
	HoldsQuestion *question = arg;
	const NameArray *patterns = &question->demand->patterns;
	Draft		draft;
	const TenantNode *tenant;
	BuildOutcome outcome = read_user_at(reader, question->person,
										question->demand->tenant, &draft,
										&tenant);

	question->held = outcome == BUILD_DONE && tenant != NULL &&
		!draft.disabled && !tenant_is_suspended(tenant);
	if (question->held)
		collect(question, reader, &draft, tenant);
	for (int i = 0; i < patterns->count && question->held; i++)
		question->held = holds_pattern(question, reader, patterns->items[i]);
	return outcome;
}

/* Does the person hold all patterns? See holds.h. */
bool
holds(TaclName person, const Demand *demand)
{
	HoldsQuestion question = {.person = person, .demand = demand};

	cache_read(read_holds, &question);
	return question.held;
}

/* Is any of the holding's allows a right over the extension? */
static bool
has_reserved(StoreReader *reader, const Holding *holding)
{
	NameArray	patterns = {NULL, 0};
	int			room = 0;

	holding_patterns(reader, holding, false, &patterns, &room);
	for (int i = 0; i < patterns.count; i++)
	{
		if (pattern_is_reserved(patterns.items[i]))
			return true;
	}
	return false;
}

/* Is this a holding that gives power at the tenant? See holds_no_power(). */
static bool
is_power(const HoldsQuestion *question, StoreReader *reader,
		 const Holding *holding, const TenantNode *tenant)
{
	if (holding->limits.expires_at <= session_now())
		return false;
	if (holding->tenant == tenant ||
		(question->below && is_at_or_below(holding->tenant, tenant)))
		return has_reserved(reader, holding);
	return is_at_or_below(tenant, holding->tenant);
}

/* Finds out whether somebody has no power. */
static BuildOutcome
read_no_power(StoreReader *reader, void *arg)
{
	HoldsQuestion *question = arg;
	Draft		draft;
	const TenantNode *tenant;
	BuildOutcome outcome = read_user_at(reader, question->person,
										question->demand->tenant, &draft,
										&tenant);

	question->held = outcome == BUILD_DONE && tenant != NULL;
	for (int i = 0; question->held && i < draft.count; i++)
		question->held = !is_power(question, reader, &draft.items[i],
								   tenant);
	return outcome;
}

/* Has the user no power at the tenant? See holds.h. */
bool
holds_no_power(TaclName user, TaclName tenant, bool below)
{
	Demand		demand = {.tenant = tenant};
	HoldsQuestion question = {
		.person = user,
		.demand = &demand,
		.below = below
	};

	cache_read(read_no_power, &question);
	return question.held;
}
