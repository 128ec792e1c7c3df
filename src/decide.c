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
#include "session.h"

/* Slots up to this number are searched one by one. */
#define FEW_SLOTS 8

/* The number of the user's slot at this very tenant, or NO_SLOT. */
int
slot_of(const UserEntry *entry, const TenantNode *tenant)
{
	const Slot *slots = entry->slots;
	int			low = 0;
	int			count = entry->nslots;

	while (count > FEW_SLOTS)
	{
		int			half = count / 2;

		if ((uintptr_t) slots[low + half].tenant <= (uintptr_t) tenant)
		{
			low += half;
			count -= half;
		}
		else
			count = half;
	}
	for (int i = low; i < low + count; i++)
	{
		if (slots[i].tenant == tenant)
			return i;
	}
	return NO_SLOT;
}

/* The slot of the tenant or of its nearest ancestor with one, or NO_SLOT. */
static int
nearest_slot(const UserEntry *entry, const TenantNode *tenant)
{
	int			slot = NO_SLOT;

	for (; tenant != NULL && slot == NO_SLOT; tenant = tenant->parent)
	{
		/* Mostly, one bit tells that there is none. */
		if ((entry->marks & tenant->mark) != 0)
			slot = slot_of(entry, tenant);
	}
	return slot;
}

/* Is it the time between these limits? */
bool
is_within_time(const Limits *limits)
{
	TimestampTz now = session_now();

	return limits->starts_at <= now && now < limits->expires_at;
}

/* Is the item in force now? */
static inline bool
in_force(const Item *item)
{
	return item->limits == NULL || is_within_time(item->limits);
}

/* Do the item's allows count? */
static inline bool
is_visible(const Item *item)
{
	return item->limits == NULL || item->limits->visible;
}

/* Does the set, if there is one, keep the permission from counting? */
static inline bool
cuts(const PermSet *set, TaclName permission)
{
	return set != NULL &&
		!(permset_match(set, permission.data, permission.len) & PERMSET_ALLOW);
}

/*
 * The nearest tenant, from this one upwards, whose ceiling or suspension does
 * not let the permission through; NULL if all do.
 */
const TenantNode *
tenant_cut(const TenantNode *tenant, TaclName permission)
{
	const TenantNode *cut = tenant->cut;

	while (cut != NULL)
	{
		if (cuts(cut->ceiling, permission) || cuts(cut->keeps, permission))
			return cut;
		cut = cut->parent != NULL ? cut->parent->cut : NULL;
	}
	return NULL;
}

/* Do all ceilings from the tenant upwards let the permission through? */
bool
tenant_within_ceilings(const TenantNode *tenant, TaclName permission)
{
	for (; tenant != NULL; tenant = tenant->parent)
	{
		if (cuts(tenant->ceiling, permission))
			return false;
	}
	return true;
}

/* Is any tenant from this one upwards suspended? */
bool
tenant_is_suspended(const TenantNode *tenant)
{
	for (; tenant != NULL; tenant = tenant->parent)
	{
		if (tenant->keeps != NULL)
			return true;
	}
	return false;
}

/* What the role says about the permission: PERMSET_* bits. */
static inline int
match_role(const CompiledRole *role, const Permission *permission)
{
	uint64	   *verdict = &role->verdicts[permission->place];
	int			bits;

	if (likely(permission->number != 0 && *verdict / 4 == permission->number))
		return *verdict % 4;
	bits = permset_match(role->set, permission->name.data,
						 permission->name.len);
	if (permission->number != 0)
		*verdict = permission->number * 4 + bits;
	return bits;
}

/* What the items of a slot say; see match_slot(). */
static int
match_items(const Slot *slot, const Permission *permission)
{
	const Item *item = slot->assigned.items;
	int			bits = 0;

	for (int i = 0; i < slot->nitems; i++, item++)
	{
		int			found;

		if (!in_force(item))
			continue;
		found = item->role != NULL ? match_role(item->role, permission) :
			permset_match(item->set, permission->name.data,
						  permission->name.len);
		bits |= is_visible(item) ? found : (found & PERMSET_DENY);
		if (bits & PERMSET_DENY)
			break;
	}
	return bits;
}

/*
 * What was assigned at a slot says: PERMSET_ALLOW and PERMSET_DENY bits. Cuts
 * are not considered.
 */
static inline int
match_slot(const Slot *slot, const Permission *permission)
{
	if (likely(slot->nitems == 0))
		return match_role(slot->assigned.role, permission);
	return match_items(slot, permission);
}

/* May the user do this there? */
bool
standing_allows(const Standing *standing, const Permission *permission)
{
	const UserEntry *entry = standing->entry;
	bool		allowed = false;
	const Slot *slot;

	for (int i = nearest_slot(entry, standing->tenant); i != NO_SLOT;
		 i = slot->up)
	{
		int			bits;

		slot = &entry->slots[i];
		bits = match_slot(slot, permission);
		if (bits & PERMSET_DENY)
			return false;
		if ((bits & PERMSET_ALLOW) && !allowed)
			allowed = tenant_cut(slot->tenant, permission->name) == NULL;
	}
	return allowed;
}

/* The same of a permission that is known by name only, and valid. */
bool
standing_can(const Standing *standing, TaclName permission)
{
	Permission	unknown = {.name = permission};

	return standing_allows(standing, &unknown);
}

/* May the user do this there? The names can be anything. */
bool
cache_allows(TaclName user, const Permission *permission, TaclName tenant)
{
	Standing	standing;
	bool		can;

	if (cache_recall(user, permission->name, tenant, &can))
		return can;
	if (!cache_find(user, cache_expect(user), tenant, &standing))
		return false;
	can = standing_allows(&standing, permission);
	cache_remember(&standing, permission->name, can);
	return can;
}

/* The same of a permission that is known by name only, and valid. */
bool
cache_can(TaclName user, TaclName permission, TaclName tenant)
{
	Permission	unknown = {.name = permission};

	return cache_allows(user, &unknown, tenant);
}

/* Is a role of this name in the item's closure? */
static bool
item_has_role(const Item *item, TaclName role)
{
	if (item->role == NULL || !is_visible(item))
		return false;
	for (int i = 0; i < item->role->nmembers; i++)
	{
		if (name_equal(item->role->members[i].name, role))
			return true;
	}
	return false;
}

/* Is a role of this name in force among the items of a slot? */
static bool
slot_has_role(const Slot *slot, TaclName role)
{
	Item		room;
	const Item *items;
	int			count = slot_items(slot, &room, &items);

	for (int i = 0; i < count; i++)
	{
		if (in_force(&items[i]) && item_has_role(&items[i], role))
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
	const UserEntry *entry = standing->entry;
	const Slot *slot;

	for (int i = nearest_slot(entry, standing->tenant); i != NO_SLOT;
		 i = slot->up)
	{
		slot = &entry->slots[i];
		if (!tenant_is_suspended(slot->tenant) && slot_has_role(slot, role))
			return true;
	}
	return false;
}
