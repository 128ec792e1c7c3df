/*
 * decide.c
 *		The answer for one user at one tenant.
 *
 * What reaches a user at a tenant are the slots of the tenant and of its
 * ancestors. A deny in any of them decides. An allow counts within the cuts
 * (ceilings and suspensions) of the tenant where it was assigned and of that
 * tenant's ancestors.
 */
#include "tenant_acl.h"

#include "cache_int.h"

/* Slots up to this number are searched one by one. */
#define FEW_SLOTS 8

/* The user's slot at this very tenant, or NULL. */
const Slot *
slot_of(const UserEntry *entry, const TenantNode *tenant)
{
	const Slot *low = entry->slots;
	int			count = entry->nslots;

	while (count > FEW_SLOTS)
	{
		int			half = count / 2;

		if ((uintptr_t) low[half].tenant <= (uintptr_t) tenant)
		{
			low += half;
			count -= half;
		}
		else
			count = half;
	}
	for (int i = 0; i < count; i++)
	{
		if (low[i].tenant == tenant)
			return &low[i];
	}
	return NULL;
}

/* The slot of the tenant or of its nearest ancestor that has one, or NULL. */
static const Slot *
nearest_slot(const UserEntry *entry, const TenantNode *tenant)
{
	if (entry->nslots == 0)
		return NULL;
	for (; tenant != NULL; tenant = tenant->parent)
	{
		const Slot *slot = slot_of(entry, tenant);

		if (slot != NULL)
			return slot;
	}
	return NULL;
}

/* Is the item in force at this moment? */
static inline bool
in_force(const Item *item, TimestampTz now)
{
	return item->starts_at <= now && now < item->expires_at;
}

/* Does every ceiling and suspension from the tenant upwards let it through? */
static bool
within_cuts(const TenantNode *tenant, TaclName permission)
{
	const TenantNode *cut = tenant->cut;

	while (cut != NULL)
	{
		if (cut->ceiling != NULL &&
			!(permset_match(cut->ceiling, permission.data, permission.len) & PERMSET_ALLOW))
			return false;
		if (cut->keeps != NULL &&
			!(permset_match(cut->keeps, permission.data, permission.len) & PERMSET_ALLOW))
			return false;
		cut = cut->parent != NULL ? cut->parent->cut : NULL;
	}
	return true;
}

/* Is any tenant from this one upwards suspended? */
static bool
is_suspended(const TenantNode *tenant)
{
	for (; tenant != NULL; tenant = tenant->parent)
	{
		if (tenant->keeps != NULL)
			return true;
	}
	return false;
}

/*
 * What the items of a slot say: PERMSET_ALLOW and PERMSET_DENY bits. Cuts are
 * not considered.
 */
static int
match_slot(const Slot *slot, TaclName permission, TimestampTz now)
{
	int			bits = 0;

	for (int i = 0; i < slot->nitems; i++)
	{
		const Item *item = &slot->items[i];
		int			found;

		if (!in_force(item, now))
			continue;
		found = permset_match(item->set, permission.data, permission.len);
		bits |= item->visible ? found : (found & PERMSET_DENY);
		if (bits & PERMSET_DENY)
			break;
	}
	return bits;
}

/* May the user do this there? The permission must be valid. */
bool
standing_can(const Standing *standing, TaclName permission)
{
	bool		allowed = false;

	if (standing->entry->disabled)
		return false;
	for (const Slot *slot = nearest_slot(standing->entry, standing->tenant);
		 slot != NULL; slot = slot->up)
	{
		int			bits = match_slot(slot, permission, standing->now);

		if (bits & PERMSET_DENY)
			return false;
		if ((bits & PERMSET_ALLOW) && !allowed)
			allowed = within_cuts(slot->tenant, permission);
	}
	return allowed;
}

/* Is a role of this name in the item's closure? */
static bool
item_has_role(const Item *item, TaclName role)
{
	if (item->role == NULL || !item->visible)
		return false;
	for (int i = 0; i < item->role->nmembers; i++)
	{
		if (name_equal(item->role->members[i].name, role))
			return true;
	}
	return false;
}

/*
 * Does a role of this name reach the user there, by itself, a group or an
 * include? A role assigned at or below a suspended tenant does not count,
 * whatever the suspension keeps; ceilings cut permissions, not roles.
 */
bool
standing_has_role(const Standing *standing, TaclName role)
{
	if (standing->entry->disabled)
		return false;
	for (const Slot *slot = nearest_slot(standing->entry, standing->tenant);
		 slot != NULL; slot = slot->up)
	{
		if (is_suspended(slot->tenant))
			continue;
		for (int i = 0; i < slot->nitems; i++)
		{
			if (in_force(&slot->items[i], standing->now) &&
				item_has_role(&slot->items[i], role))
				return true;
		}
	}
	return false;
}
