/*
 * list_int.h
 *		What the files of lists and explanations share.
 */
#ifndef TACL_LIST_INT_H
#define TACL_LIST_INT_H

#include "cache_int.h"
#include "list.h"

/* What is told about each tenant of a subtree. */
typedef struct Below
{
	TaclName	id;				/* in memory of its own */
	bool		suspended;		/* the tenant or one above */
} Below;

/* A walk down from one tenant. */
typedef struct WalkDown
{
	StoreReader *reader;
	const UserEntry *entry;
	int			enough;			/* tenants that are wanted; 0 for all */
	Below	   *waiting;		/* a stack */
	int			count;
	int			room;
} WalkDown;

/* Tenants where a user may do something. */
typedef struct TenantList
{
	NameArray	tenants;
	bool		complete;		/* no more than were wanted? */
	TimestampTz from;			/* as far as time goes, it holds from here on */
	TimestampTz until;			/* and before this */
} TenantList;

/* list_tenants.c */
extern TenantList list_tenants_to(TaclName user, TaclName permission,
								  int limit, bool with_root);

/* list_walk.c */
extern void walk_down_begin(WalkDown *walk, StoreReader *reader,
							const UserEntry *entry, const TenantNode *from,
							int enough);
extern bool walk_down_next(WalkDown *walk, Below *next);

/* list_common.c */
extern BuildOutcome read_user(StoreReader *reader, TaclName user,
							  Draft *draft);
extern BuildOutcome read_user_at(StoreReader *reader, TaclName user,
								 TaclName tenant, Draft *draft,
								 const TenantNode **node);
extern HoldingRun holdings_at(const Draft *draft, const TenantNode *tenant);
extern bool holding_is_membership(const Holding *holding);
extern bool is_member(const Draft *draft, const TenantNode *tenant);
extern bool is_known_tenant(const Draft *draft,
							const TenantNode *assigned_at, TaclName name);
extern TaclName name_copy(TaclName name);

/* list_permissions.c */
extern void holding_patterns(StoreReader *reader, const Holding *holding,
							 bool deny, NameArray *names, int *room);
extern void effective_permissions(StoreReader *reader, const Draft *draft,
								  const TenantNode *tenant,
								  Permissions *result);
extern bool any_permission(StoreReader *reader, const Draft *draft,
						   const TenantNode *tenant);

#endif							/* TACL_LIST_INT_H */
