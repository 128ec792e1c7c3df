/*
 * resolve.h
 *		Tenants, roles and groups by the names that a caller wrote.
 *
 * A role or group is looked up nearest upwards: at the tenant itself, then at
 * its parent, up to the root. A name that leads nowhere is error 42704, whose
 * hint says what may have been meant, as far as the caller may read the table.
 */
#ifndef TACL_RESOLVE_H
#define TACL_RESOLVE_H

#include "store.h"

/* The tenant, or an error that it does not exist. */
extern TenantRow resolve_tenant(StoreReader *reader, TaclName id);

/* The same, for who looks at nothing else. */
extern TenantRow resolve_look_at_tenant(TaclName id);

/* The role of the name at the tenant or, nearest first, above: or an error. */
extern RoleRow resolve_role(StoreReader *reader, TaclName name,
							TaclName tenant);

/* The same, false if there is none. */
extern bool resolve_find_role(StoreReader *reader, TaclName name,
							  TaclName tenant, RoleRow *role);

/* The same, but only above the tenant. */
extern bool resolve_find_role_above(StoreReader *reader, TaclName name,
									TaclName tenant, RoleRow *role);

/* The same three of groups. */
extern GroupRow resolve_group(StoreReader *reader, TaclName name,
							  TaclName tenant);
extern bool resolve_find_group(StoreReader *reader, TaclName name,
							   TaclName tenant, GroupRow *group);
extern bool resolve_find_group_above(StoreReader *reader, TaclName name,
									 TaclName tenant, GroupRow *group);

/* The group of the name that the tenant itself owns, or an error. */
extern GroupRow resolve_own_group(StoreReader *reader, TaclName name,
								  TaclName tenant);

/*
 * The candidate, of zero-terminated texts, that is most like the name; NULL if
 * none is like it.
 */
extern const char *resolve_nearest(List *candidates, TaclName name);

#endif							/* TACL_RESOLVE_H */
