/*
 * cache_int.h
 *		What the files of the cache share.
 *
 * cache.c holds and forgets; cache_build.c reads and compiles tenants and
 * roles, cache_user.c users; decide.c answers; list_*.c list and explain.
 */
#ifndef TACL_CACHE_INT_H
#define TACL_CACHE_INT_H

#include "access/transam.h"

#include "cache.h"
#include "permission.h"
#include "permset.h"
#include "store.h"

/*
 * A registered tenant. Its chain is the tenant with all its ancestors.
 *
 * The chain was found unchanged under snapshots with first_stamp and
 * last_stamp, and so it is under any between.
 */
struct TenantNode
{
	TaclName	id;
	uint64		mark;			/* one bit, the same for every 64th */
	uint64		asked;			/* the question that can answers */
	bool		can;
	TenantNode *parent;			/* NULL at the root */
	TenantNode *cut;			/* nearest with a ceiling or suspension, itself
								 * included; NULL if none */
	PermSet    *ceiling;		/* NULL if not limited */
	PermSet    *keeps;			/* NULL if not suspended */
	RowVersion	version;
	TransactionId chain_xmin;	/* youngest row of the chain */
	uint64		first_stamp;
	uint64		last_stamp;
};

/* A role of a closure, as it was when compiled. */
typedef struct RoleMember
{
	int64		id;
	RowVersion	version;
	TaclName	tenant;			/* where it is defined */
	TaclName	name;
	IdArray		includes;
} RoleMember;

/* A role with all that it includes. */
typedef struct CompiledRole
{
	int64		id;
	PermSet    *set;			/* of the whole closure */
	uint64		stamp;			/* last found unchanged */
	int			nmembers;
	RoleMember *members;		/* itself first */

	uint64	   *verdicts;		/* what the set says about the permission that was
								 * last in each place: its number times 4, and
								 * bits */
} CompiledRole;

/* What keeps an item from counting always and fully. */
typedef struct Limits
{
	TimestampTz starts_at;		/* in force from here on */
	TimestampTz expires_at;		/* and before this */
	bool		visible;		/* role and group are defined at the tenant or
								 * above; if not, only denies count */
} Limits;

/* One thing that was assigned, or several direct grants of equal limits. */
typedef struct Item
{
	const CompiledRole *role;	/* NULL for direct grants */
	const PermSet *set;
	const Limits *limits;		/* NULL if there are none */
} Item;

/*
 * What was assigned at one tenant. Mostly that is one role without limits, which
 * then stands in place of items.
 */
typedef struct Slot
{
	const TenantNode *tenant;
	union
	{
		const CompiledRole *role;
		const Item *items;
	}			assigned;
	int			nitems;			/* 0 if it is the role */
	int			up;				/* slot of the nearest ancestor, or NO_SLOT */
} Slot;

#define NO_SLOT (-1)

/*
 * A user, in one piece of memory with all that it points to but tenants and
 * roles. Kept small: a random one costs as much as the cache lines it takes.
 * The first ENTRY_HOT_BYTES hold all that most answers need.
 */
struct UserEntry
{
	TaclName	user;
	uint64		age;			/* of its bucket, when it was kept */
	uint64		stamp;			/* of the snapshot it was built under */
	uint64		marks;			/* of the tenants of all slots */
	TransactionId snap_xmin;	/* of that snapshot */
	uint32		nslots : 31;	/* 0 for who is disabled */
	uint32		limited : 1;	/* does anything depend on the time? */
	Slot	   *slots;			/* ordered by address of tenant */
};

#define ENTRY_HOT_BYTES 192

/* What was assigned at a slot; the caller lends room for one item. */
static inline int
slot_items(const Slot *slot, Item *room, const Item **items)
{
	if (slot->nitems > 0)
	{
		*items = slot->assigned.items;
		return slot->nitems;
	}
	room->role = slot->assigned.role;
	room->set = slot->assigned.role->set;
	room->limits = NULL;
	*items = room;
	return 1;
}

/* Outcome of reading; see cache_build.c. */
typedef enum BuildOutcome
{
	BUILD_DONE,
	BUILD_NO_TENANT,			/* the tenant is not registered */
	BUILD_OUTDATED				/* something cached is not what the tables say */
} BuildOutcome;

/* One assignment or direct grant that reaches a user. */
typedef struct Holding
{
	const TenantNode *tenant;	/* where it was made */
	const CompiledRole *role;	/* NULL for a direct grant */
	const PermSet *set;			/* of a grant, NULL until it is compiled */
	const GroupRow *group;		/* NULL if it was made to the user */
	TaclName	pattern;		/* of a direct grant */
	Limits		limits;
} Holding;

/* A run of holdings made at one tenant. */
typedef struct HoldingRun
{
	const Holding *items;
	int			count;
} HoldingRun;

/* A user as read, before it is put into one piece. */
typedef struct Draft
{
	StoreReader *reader;
	TaclName	user;
	bool		for_answer;		/* are tenants proved when they are asked about? */
	bool		disabled;
	uint64		stamp;
	TransactionId snap_xmin;
	Holding    *items;
	int			count;
	int			room;
} Draft;

/* Reads something; see cache_read(). */
typedef BuildOutcome (*CacheReading) (StoreReader *reader, void *arg);

/* cache.c */
extern TenantNode *cached_tenant(TaclName id);
extern void cache_add_tenant(TenantNode *node);
extern CompiledRole *cached_role(int64 id);
extern void cache_add_role(CompiledRole *role);
extern MemoryContext cache_base_context(void);
extern MemoryContext cache_lists_context(void);
extern uint64 cache_user_state(TaclName user);
extern void cache_read(CacheReading read, void *arg);

/* cache_build.c */
extern BuildOutcome build_tenant(StoreReader *reader, TaclName id,
								 TenantNode **node);
extern BuildOutcome build_role(StoreReader *reader, int64 id,
							   CompiledRole **role);
extern bool tenant_is_at_or_below(const TenantNode *tenant, TaclName name);

/* cache_user.c */
extern BuildOutcome build_draft(StoreReader *reader, TaclName user,
								Draft **draft);
extern BuildOutcome draft_read(StoreReader *reader, TaclName user,
							   Draft *draft);
extern UserEntry *draft_entry(const Draft *draft);
extern void set_holding(Holding *holding, const AssignmentRow *row,
						const TenantNode *tenant, const CompiledRole *role,
						const GroupRow *group);
extern Size draft_size(const Draft *draft);
extern UserEntry *draft_finish(const Draft *draft, MemoryContext context);

/* decide.c */
extern int	slot_of(const UserEntry *entry, const TenantNode *tenant);
extern bool is_within_time(const Limits *limits);
extern const TenantNode *tenant_cut(const TenantNode *tenant,
									TaclName permission);
extern bool tenant_within_ceilings(const TenantNode *tenant,
								   TaclName permission);
extern bool tenant_is_suspended(const TenantNode *tenant);

/*
 * Do a user and a tenant, read under different snapshots, describe one state?
 * Yes if the tenant's chain is known to have been the same when the user was
 * read: that snapshot lies between two that saw the chain unchanged, or it is
 * older than those but has all rows of the chain in its past.
 */
static inline bool
is_coherent(const UserEntry *entry, const TenantNode *tenant)
{
	if (entry->stamp > tenant->last_stamp)
		return false;
	return entry->stamp >= tenant->first_stamp ||
		TransactionIdPrecedes(tenant->chain_xmin, entry->snap_xmin);
}

#endif							/* TACL_CACHE_INT_H */
