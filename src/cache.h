/*
 * cache.h
 *		User -> what reaches them, by tenant; the one place that decides.
 */
#ifndef TACL_CACHE_H
#define TACL_CACHE_H

#include "permission.h"

typedef struct UserEntry UserEntry;
typedef struct TenantNode TenantNode;

/*
 * One user at one tenant. Valid until the next question or list, or the end of
 * the command: to be used at once, never to be kept.
 */
typedef struct Standing
{
	const UserEntry *entry;
	const TenantNode *tenant;
} Standing;

typedef struct CacheStats
{
	int64		hits;			/* questions answered from memory */
	int64		misses;			/* questions that read the tables */
	int64		builds;			/* users compiled */
	int64		retries;		/* builds repeated, tables having changed */
	int64		flushes;		/* times that something was forgotten */
	int64		entries;		/* users held */
	int64		bytes;			/* memory held */
} CacheStats;

extern void cache_init(void);

/* asking */
extern uint32 cache_expect(TaclName user);
extern bool cache_find(TaclName user, uint32 hash, TaclName tenant,
					   Standing *standing);
extern bool cache_recall(TaclName user, TaclName permission, TaclName tenant,
						 bool *can);
extern void cache_remember(const Standing *standing, TaclName permission,
						   bool can);
extern bool standing_allows(const Standing *standing,
							const Permission *permission);
extern bool standing_can(const Standing *standing, TaclName permission);
extern bool cache_allows(TaclName user, const Permission *permission,
						 TaclName tenant);
extern bool cache_can(TaclName user, TaclName permission, TaclName tenant);
extern bool standing_has_role(const Standing *standing, TaclName role);
extern void cache_get_stats(CacheStats *stats);

/* invalidation; all but the first are safe in a callback */
extern void cache_own_change(void);
extern void cache_invalidate_all(void);
extern void cache_invalidate_users(void);
extern void cache_invalidate_bucket(int bucket);
extern void cache_end_transaction(bool committed);
extern void cache_abort_subtransaction(void);

#endif							/* TACL_CACHE_H */
