/*
 * list.h
 *		Lists: what a user has, and who has something at a tenant.
 *
 * Each is read under one snapshot of the present state and complete. Rows are
 * ordered bytewise by their names and allocated in CurrentMemoryContext. An
 * unknown user or tenant, and a disabled user, give none.
 */
#ifndef TACL_LIST_H
#define TACL_LIST_H

#include "store.h"

/* A user at one tenant, by what was assigned there or above. */
typedef struct Membership
{
	TaclName	tenant;
	NameArray	roles;			/* as assigned, without what they include */
	TaclName	inherited_from; /* data is NULL if something was assigned here */
	TimestampTz expires_at;		/* of the last to expire; DT_NOEND if never */
	bool		suspended;		/* the tenant or one above */
	bool		primary;
} Membership;

typedef struct MembershipArray
{
	Membership *items;
	int			count;
} MembershipArray;

/* A role that reaches a user at a tenant. */
typedef struct ListedRole
{
	TaclName	name;
	TaclName	defined_at;
	bool		definer_known;	/* may the user know that tenant? */
	TaclName	assigned_at;	/* the nearest tenant, if several */
	int			distance;		/* of that tenant, in levels upwards */
	TaclName	group;			/* data is NULL if assigned to the user */
	TaclName	included_by;	/* the assigned role; data is NULL if itself */
	TimestampTz expires_at;
} ListedRole;

typedef struct RoleArray
{
	ListedRole *items;
	int			count;
} RoleArray;

/* What a user may do at a tenant: patterns, as ceilings leave them. */
typedef struct Permissions
{
	NameArray	allows;			/* without those that one deny covers */
	NameArray	denies;			/* with their '!' */
} Permissions;

/* A user who may do something at a tenant. */
typedef struct ListedUser
{
	TaclName	user;
	TaclName	assigned_at;	/* the nearest tenant, of what allows it */
} ListedUser;

typedef struct UserArray
{
	ListedUser *items;
	int			count;
} UserArray;

/* What a user has at a tenant by one group, or by none, from one tenant. */
typedef struct Member
{
	TaclName	user;
	NameArray	roles;
	NameArray	grants;
	TaclName	group;			/* data is NULL if assigned to the user */
	TaclName	assigned_at;
	TimestampTz expires_at;		/* of the last to expire; DT_NOEND if never */
} Member;

typedef struct MemberArray
{
	Member	   *items;
	int			count;
} MemberArray;

/* What a user is told about themselves, for a token. */
typedef struct Claims
{
	TaclName	tenant;			/* where they are; data is NULL if nowhere */
	TaclName	primary;		/* data is NULL if none */
	bool		complete;		/* are these all tenants? else only that one */
	MembershipArray tenants;	/* with the roles that count there */
	NameArray	roles;			/* of them, those at the tenant */
	Permissions permissions;	/* at the tenant */
} Claims;

/* What the planner takes for few tenants. */
#define LIST_FEW_TENANTS 5000

/* The tenants where the user may do this; never the root. */
extern NameArray list_tenants_allowing(TaclName user, TaclName permission);

/* The same in no order, with the root if it is one. */
extern NameArray list_tenants_and_root(TaclName user, TaclName permission);

/*
 * The same if they are few, else false. Lists found lately are remembered; to
 * be used at once.
 */
extern bool list_few_tenants(TaclName user, TaclName permission,
							 NameArray *tenants);

/* The tenants where there is anything that the user may do; never the root. */
extern NameArray list_tenants(TaclName user);

/*
 * The tenants that a role or an allow in force reaches the user at, suspended
 * ones too; never the root.
 */
extern MembershipArray list_memberships(TaclName user);

/*
 * Where the user begins: where they were last, else their primary tenant, if
 * they still belong there; never the root. No data if nowhere.
 */
extern TaclName list_home(TaclName user);

/* Does a role or an allow in force reach the user at the tenant? */
extern bool list_is_member(TaclName user, TaclName tenant);

/*
 * What to tell the user about themselves at a tenant; without one, where they
 * were last, else at their primary one. More than max_tenants are not listed.
 */
extern Claims list_claims(TaclName user, TaclName tenant, int max_tenants);

/* The roles that reach the user at the tenant, those included as well. */
extern RoleArray list_roles(TaclName user, TaclName tenant);

/* What the user may do at the tenant. */
extern Permissions list_permissions(TaclName user, TaclName tenant);

/* The users who may do this at the tenant. */
extern UserArray list_users(TaclName permission, TaclName tenant);

/*
 * The users whom a role or an allow in force reaches at the tenant; one row for
 * each tenant and each group that it comes from.
 */
extern MemberArray list_members(TaclName tenant);

#endif							/* TACL_LIST_H */
