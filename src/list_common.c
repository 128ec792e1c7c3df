/*
 * list_common.c
 *		What lists and explanations share.
 */
#include "tenant_acl.h"

#include "list_int.h"

/* Orders holdings by the address of their tenant. */
static int
compare_tenants(const void *left, const void *right)
{
	uintptr_t	a = (uintptr_t) ((const Holding *) left)->tenant;
	uintptr_t	b = (uintptr_t) ((const Holding *) right)->tenant;

	return (a > b) - (a < b);
}

/* Reads what reaches a user, ordered for holdings_at(). */
BuildOutcome
read_user(StoreReader *reader, TaclName user, Draft *draft)
{
	BuildOutcome outcome = draft_read(reader, user, draft);

	if (outcome == BUILD_DONE && draft->count > 0)
		qsort(draft->items, draft->count, sizeof(Holding), compare_tenants);
	return outcome;
}

/* The same, and the tenant; *node is NULL if it is not registered. */
BuildOutcome
read_user_at(StoreReader *reader, TaclName user, TaclName tenant,
			 Draft *draft, const TenantNode **node)
{
	TenantNode *found = NULL;
	BuildOutcome outcome = build_tenant(reader, tenant, &found);

	*node = outcome == BUILD_DONE ? found : NULL;
	if (outcome == BUILD_OUTDATED)
		return outcome;
	return read_user(reader, user, draft);
}

/* What was assigned at this very tenant. */
HoldingRun
holdings_at(const Draft *draft, const TenantNode *tenant)
{
	int			low = 0;
	int			high = draft->count;
	HoldingRun	run;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if ((uintptr_t) draft->items[middle].tenant < (uintptr_t) tenant)
			low = middle + 1;
		else
			high = middle;
	}
	run.items = draft->items + low;
	for (high = low; high < draft->count && draft->items[high].tenant == tenant;)
		high++;
	run.count = high - low;
	return run;
}

/*
 * Does the holding make the user one who belongs to its tenant? A role or an
 * allow does that is in force and known there.
 */
bool
holding_is_membership(const Holding *holding)
{
	return holding->limits.visible && is_within_time(&holding->limits) &&
		(holding->role != NULL ||
		 !pattern_is_deny(holding->pattern.data, holding->pattern.len));
}

/* Does a role or an allow in force reach the user there? */
bool
is_member(const Draft *draft, const TenantNode *tenant)
{
	for (; tenant != NULL && !draft->disabled; tenant = tenant->parent)
	{
		HoldingRun	run = holdings_at(draft, tenant);

		for (int i = 0; i < run.count; i++)
		{
			if (holding_is_membership(&run.items[i]))
				return true;
		}
	}
	return false;
}

/*
 * May the user know the tenant that defines a role, by this name, if the role
 * was assigned to them at the tenant given? It is that one, the root, or one
 * above that the user belongs to.
 */
bool
is_known_tenant(const Draft *draft, const TenantNode *assigned_at,
				TaclName name)
{
	const TenantNode *tenant = assigned_at;

	while (tenant != NULL && !name_equal(tenant->id, name))
		tenant = tenant->parent;
	return tenant != NULL &&
		(tenant == assigned_at || tenant->parent == NULL ||
		 is_member(draft, tenant));
}

/* A copy in CurrentMemoryContext; no data stays none. */
TaclName
name_copy(TaclName name)
{
	if (name.data != NULL)
		name.data = memcpy(palloc(Max(name.len, 1)), name.data, name.len);
	return name;
}
