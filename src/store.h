/*
 * store.h
 *		The only reader of the extension's tables.
 *
 * A StoreReader reads all tables under one registered catalog snapshot: it
 * sees one committed state plus what the own transaction's earlier commands
 * wrote, in any isolation level, in parallel workers and on standbys. What
 * it returns is allocated in CurrentMemoryContext, detoasted, and stays
 * valid after the reader is closed.
 */
#ifndef TACL_STORE_H
#define TACL_STORE_H

#include "arrays.h"

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "storage/itemptr.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"

/* The extension's tables. An answer depends on all but the last ones. */
typedef enum StoreTable
{
	STORE_TENANT,
	STORE_ROLE,
	STORE_ROLE_INCLUDE,
	STORE_ASSIGNMENT,
	STORE_USER_ACCOUNT,
	STORE_USER_GROUP,
	STORE_GROUP_MEMBER,
	STORE_GROUP_INCLUDE,
	STORE_PERMISSION,
	STORE_USER_PREFERENCE,
	STORE_KEY,
	STORE_AUDIT
} StoreTable;

/* Those that an answer depends on, and all. */
#define STORE_TABLES	(STORE_GROUP_INCLUDE + 1)
#define STORE_ALL_TABLES	(STORE_AUDIT + 1)

/* Tables for store_begin_some(), as bits. */
#define STORE_ONLY(table)	(UINT32_C(1) << (table))
#define STORE_EACH			PG_UINT32_MAX

/*
 * The invalidation proxies: views without storage whose relcache messages
 * tell what changed. Users follow by bucket.
 */
typedef enum StoreProxy
{
	PROXY_TENANTS,				/* tenants */
	PROXY_ROLES,				/* roles and their includes */
	PROXY_GROUPS,				/* what reaches users through groups */
	PROXY_KEYS,					/* keys of tokens */
	PROXY_USERS					/* + bucket: one user's own rows */
} StoreProxy;

#define STORE_PROXIES	(PROXY_USERS + TACL_USER_BUCKETS)

/* What an OID is to the extension. */
typedef enum StoreOidKind
{
	STORE_OID_FOREIGN,			/* not ours */
	STORE_OID_TABLE,			/* one of StoreTable */
	STORE_OID_PROXY				/* one of StoreProxy; number is set */
} StoreOidKind;

/* Identifies one version of a row. */
typedef struct RowVersion
{
	TransactionId xmin;			/* raw, survives freezing */
	ItemPointerData tid;
} RowVersion;

typedef struct StoreReader
{
	Snapshot	snapshot;		/* registered until store_end() */
	uint64		stamp;			/* equal for snapshots that see the same
								 * committed state; grows */
	Relation	tables[STORE_ALL_TABLES];	/* NULL if not opened; the last ones
											 * only while they are read */
	BlockNumber pages[STORE_TABLES];	/* InvalidBlockNumber until asked for */
} StoreReader;

/* items is NULL when the column is. */
typedef NameArray PatternArray;

typedef struct TenantRow
{
	TaclName	id;
	TaclName	parent;			/* data is NULL at the root */
	bool		limited;		/* is there a ceiling? */
	PatternArray ceiling;
	bool		suspended;
	PatternArray keeps;			/* of the suspension */
	RowVersion	version;
	TransactionId xmin;			/* FrozenTransactionId if long frozen */
} TenantRow;

/* A tenant as its parent's child. */
typedef struct ChildRow
{
	TaclName	id;
	bool		suspended;
} ChildRow;

typedef struct ChildArray
{
	ChildRow   *items;
	int			count;
} ChildArray;

/* data is NULL for what is not set. */
typedef struct PreferenceRow
{
	TaclName	primary;
	TaclName	last;
} PreferenceRow;

/* A key of tokens; data is NULL for what is not demanded. */
typedef struct KeyRow
{
	TaclName	kid;
	TaclName	algorithm;
	TaclName	material;		/* bytes */
	TaclName	issuer;
	TaclName	audience;
	TaclName	user_claim;
	TaclName	tenant_claim;
	int			leeway;			/* in seconds */
	TimestampTz created_at;
	TimestampTz retires_at;		/* DT_NOEND if never */
} KeyRow;

typedef struct KeyArray
{
	KeyRow	   *items;
	int			count;
} KeyArray;

typedef struct RoleRow
{
	int64		id;
	TaclName	tenant;
	TaclName	name;
	PatternArray patterns;
	RowVersion	version;
} RoleRow;

typedef struct GroupRow
{
	int64		id;
	TaclName	tenant;
	TaclName	name;
} GroupRow;

typedef struct AssignmentRow
{
	int64		id;
	TaclName	user;			/* data is NULL for a group's */
	int64		group_id;		/* 0 for a user's */
	TaclName	tenant;
	int64		role_id;		/* 0 for a direct grant */
	TaclName	pattern;		/* of a direct grant */
	TimestampTz starts_at;		/* DT_NOBEGIN if from ever */
	TimestampTz expires_at;		/* DT_NOEND if never */
} AssignmentRow;

/* A growing array of ids. */
typedef struct IdArray
{
	int64	   *items;
	int			count;
} IdArray;

typedef struct AssignmentArray
{
	AssignmentRow *items;
	int			count;
} AssignmentArray;

/* OIDs */
extern void store_forget_oids(void);
extern void store_resolve_oids(void);
extern uint64 store_epoch(void);
extern Oid	store_table_oid(StoreTable table);
extern Oid	store_proxy_oid(int proxy);
extern Oid	store_audit_ids_oid(void);
extern Oid	store_recorded_oid(void);
extern StoreOidKind store_oid_kind(Oid relid, int *number);
extern int	store_user_bucket(uint32 hash);

/* reading */
pg_noreturn extern void store_report_decoding(void);
extern void store_begin(StoreReader *reader);
extern void store_begin_some(StoreReader *reader, uint32 which);
extern void store_end(StoreReader *reader);

extern bool store_tenant(StoreReader *reader, TaclName id, TenantRow *row);
extern bool store_go_up(StoreReader *reader, TaclName *tenant, int *steps);
extern bool store_role(StoreReader *reader, int64 id, RoleRow *row);
extern bool store_tenant_unchanged(StoreReader *reader, TaclName id,
								   const RowVersion *version);
extern bool store_role_unchanged(StoreReader *reader, int64 id,
								 const RowVersion *version);
extern bool store_role_named(StoreReader *reader, TaclName tenant,
							 TaclName name, RoleRow *row);
extern List *store_tenant_roles(StoreReader *reader, TaclName tenant);
extern bool store_group(StoreReader *reader, int64 id, GroupRow *row);
extern bool store_group_named(StoreReader *reader, TaclName tenant,
							  TaclName name, GroupRow *row);
extern bool store_user_disabled(StoreReader *reader, TaclName user);

extern IdArray store_role_includes(StoreReader *reader, int64 role_id);
extern IdArray store_roles_including(StoreReader *reader, int64 role_id);
extern IdArray store_user_groups(StoreReader *reader, TaclName user);
extern IdArray store_group_includes(StoreReader *reader, int64 group_id);
extern IdArray store_groups_including(StoreReader *reader, int64 group_id);
extern AssignmentArray store_user_assignments(StoreReader *reader,
											  TaclName user);
extern AssignmentArray store_user_assignments_at(StoreReader *reader,
												 TaclName user,
												 TaclName tenant);
extern AssignmentArray store_group_assignments(StoreReader *reader,
											   int64 group_id);
extern bool store_assignment_like(StoreReader *reader,
								  const AssignmentRow *wanted,
								  AssignmentRow *row);

/* store_list.c: what lists need beyond that */
extern ChildArray store_children(StoreReader *reader, TaclName parent,
								 int limit);
extern NameArray store_group_members(StoreReader *reader, int64 group_id);
extern bool store_next_role_at(StoreReader *reader, TaclName tenant,
							   int64 *role_id);
extern bool store_next_grant_at(StoreReader *reader, TaclName tenant,
								TaclName *pattern);
extern AssignmentArray store_role_assignments_at(StoreReader *reader,
												 TaclName tenant,
												 int64 role_id);
extern AssignmentArray store_grants_at(StoreReader *reader, TaclName tenant,
									   TaclName pattern);
extern bool store_preference(StoreReader *reader, TaclName user,
							 PreferenceRow *row);

/* store_key.c: the keys of tokens */
extern bool store_key(StoreReader *reader, TaclName kid, KeyRow *row);
extern KeyArray store_keys(StoreReader *reader);

/* store_trigger.c: nobody else's code runs as the owner */
extern void store_forget_triggers(void);
extern void store_refuse_triggers(StoreTable which);
extern void store_refuse_all_triggers(bool preferences);
extern void store_lock_all_tables(void);

/* store_owner.c: whose a row is */
extern TaclName store_owner_tenant(StoreTable table, int64 id);

/* comparing */
extern bool id_array_equal(IdArray a, IdArray b);
extern bool id_array_has(IdArray ids, int64 id);

#endif							/* TACL_STORE_H */
