/*
 * store_oids.c
 *		OIDs of the extension's tables, indexes and proxies.
 *
 * They are found by name in schema tacl, accepted only for members of the
 * extension, and kept until a relcache message for one of the tables makes
 * them doubtful (store_forget_oids). The old numbers stay in place until then:
 * a proxy's message must be recognized at any time.
 */
#include "tenant_acl.h"

#include "access/relation.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "nodes/primnodes.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "store_oids.h"

static const char *const table_names[STORE_ALL_TABLES] = {
	[STORE_TENANT] = "tenant",
	[STORE_ROLE] = "role",
	[STORE_ROLE_INCLUDE] = "role_include",
	[STORE_ASSIGNMENT] = "assignment",
	[STORE_USER_ACCOUNT] = "user_account",
	[STORE_USER_GROUP] = "user_group",
	[STORE_GROUP_MEMBER] = "group_member",
	[STORE_GROUP_INCLUDE] = "group_include",
	[STORE_PERMISSION] = "permission",
	[STORE_USER_PREFERENCE] = "user_preference",
	[STORE_KEY] = "key",
	[STORE_AUDIT] = "audit",
};

static const struct
{
	StoreTable	table;
	const char *name;
	AttrNumber	columns[MAX_INDEX_COLUMNS]; /* that searches rely on; 0 ends */
}			indexes[STORE_INDEXES] =

{
	[TENANT_BY_ID] = {STORE_TENANT, "tenant_pkey", {TENANT_ID}},
	[TENANT_BY_PARENT] = {STORE_TENANT, "tenant_parent_idx", {TENANT_PARENT}},
	[ROLE_BY_ID] = {STORE_ROLE, "role_pkey", {ROLE_ID}},
	[ROLE_BY_NAME] = {STORE_ROLE, "role_tenant_name_key", {ROLE_TENANT, ROLE_NAME}},
	[ROLE_INCLUDE_BY_FROM] = {STORE_ROLE_INCLUDE, "role_include_pkey", {INCLUDE_FROM, INCLUDE_TO}},
	[ROLE_INCLUDE_BY_TO] = {STORE_ROLE_INCLUDE, "role_include_included_idx", {INCLUDE_TO}},
	[ASSIGNMENT_BY_ID] = {STORE_ASSIGNMENT, "assignment_pkey", {ASSIGNMENT_ID}},
	[ASSIGNMENT_BY_USER] = {
		STORE_ASSIGNMENT, "assignment_key",
		{ASSIGNMENT_USER, ASSIGNMENT_GROUP, ASSIGNMENT_TENANT, ASSIGNMENT_ROLE, ASSIGNMENT_PATTERN}
	},
	[ASSIGNMENT_BY_GROUP] = {STORE_ASSIGNMENT, "assignment_group_idx", {ASSIGNMENT_GROUP}},
	[ASSIGNMENT_BY_TENANT] = {
		STORE_ASSIGNMENT, "assignment_tenant_idx",
		{ASSIGNMENT_TENANT, ASSIGNMENT_ROLE, ASSIGNMENT_PATTERN}
	},
	[ASSIGNMENT_BY_ROLE] = {STORE_ASSIGNMENT, "assignment_role_idx", {ASSIGNMENT_ROLE}},
	[ACCOUNT_BY_USER] = {STORE_USER_ACCOUNT, "user_account_pkey", {ACCOUNT_USER}},
	[GROUP_BY_ID] = {STORE_USER_GROUP, "user_group_pkey", {GROUP_ID}},
	[GROUP_BY_NAME] = {STORE_USER_GROUP, "user_group_tenant_name_key", {GROUP_TENANT, GROUP_NAME}},
	[MEMBER_BY_USER] = {STORE_GROUP_MEMBER, "group_member_pkey", {MEMBER_USER, MEMBER_GROUP}},
	[MEMBER_BY_GROUP] = {STORE_GROUP_MEMBER, "group_member_group_idx", {MEMBER_GROUP}},
	[GROUP_INCLUDE_BY_FROM] = {STORE_GROUP_INCLUDE, "group_include_pkey", {INCLUDE_FROM, INCLUDE_TO}},
	[GROUP_INCLUDE_BY_TO] = {STORE_GROUP_INCLUDE, "group_include_included_idx", {INCLUDE_TO}},
	[PREFERENCE_BY_USER] = {STORE_USER_PREFERENCE, "user_preference_pkey", {PREFERENCE_USER}},
	[KEY_BY_KID] = {STORE_KEY, "key_pkey", {KEY_KID}},
};

/* What is known of the database, and whether it may still be believed. */
typedef struct StoreOids
{
	Oid			tables[STORE_ALL_TABLES];
	Oid			indexes[STORE_INDEXES];
	Oid			proxies[STORE_PROXIES];
	Oid			audit_ids;		/* sequences */
	Oid			recorded;
} StoreOids;

static StoreOids oids;
static bool oids_valid = false;
static uint64 oid_epoch = 0;

/* All table and proxy OIDs lie between these. */
static Oid	oid_min = InvalidOid;
static Oid	oid_max = InvalidOid;

/* Makes the next reading look the OIDs up again. Safe in a callback. */
void
store_forget_oids(void)
{
	oids_valid = false;
}

/* The OID of a relation in our schema that is a member of the extension. */
static Oid
member_oid(Oid namespace, Oid extension, const char *name)
{
	Oid			relid = get_relname_relid(name, namespace);

	if (OidIsValid(relid) &&
		getExtensionOfObject(RelationRelationId, relid) != extension)
		return InvalidOid;
	return relid;
}

/* Are the first columns of an index the expected ones, in plain order? */
static bool
has_columns(Relation index, StoreIndex which)
{
	const Form_pg_index form = index->rd_index;

	for (int i = 0; i < MAX_INDEX_COLUMNS && indexes[which].columns[i] != 0; i++)
	{
		if (i >= form->indnkeyatts ||
			form->indkey.values[i] != indexes[which].columns[i] ||
			index->rd_indoption[i] != 0 ||
			(index->rd_opcintype[i] != INT8OID &&
			 index->rd_opcintype[i] != TEXTOID) ||
			(OidIsValid(index->rd_indcollation[i]) &&
			 index->rd_indcollation[i] != C_COLLATION_OID))
			return false;
	}
	return true;
}

/*
 * Has the index every row that can be looked for? All, or those in which the
 * first column is not NULL.
 */
static bool
has_all_rows(Relation index)
{
	List	   *predicate = RelationGetIndexPredicate(index);
	NullTest   *test = list_length(predicate) == 1 ? linitial(predicate) : NULL;

	if (predicate == NIL)
		return true;
	return test != NULL && IsA(test, NullTest) &&
		test->nulltesttype == IS_NOT_NULL && IsA(test->arg, Var) &&
		((Var *) test->arg)->varattno == index->rd_index->indkey.values[0];
}

/*
 * The OID of the index if it is as the script made it and can be used, else
 * InvalidOid: the table is read instead.
 */
static Oid
index_oid(Oid namespace, Oid table, StoreIndex which)
{
	Oid			relid = get_relname_relid(indexes[which].name, namespace);
	Relation	index;
	bool		usable;

	if (!OidIsValid(relid) || get_rel_relkind(relid) != RELKIND_INDEX)
		return InvalidOid;
	index = try_relation_open(relid, AccessShareLock);
	if (index == NULL)
		return InvalidOid;
	usable = index->rd_index->indrelid == table &&
		index->rd_index->indisvalid && index->rd_rel->relam == BTREE_AM_OID &&
		has_columns(index, which) && has_all_rows(index);
	relation_close(index, AccessShareLock);
	return usable ? relid : InvalidOid;
}

/* The name of a proxy view. */
static const char *
proxy_name(int proxy, char *buffer, Size size)
{
	if (proxy == PROXY_TENANTS)
		return "proxy_tenants";
	if (proxy == PROXY_ROLES)
		return "proxy_roles";
	if (proxy == PROXY_GROUPS)
		return "proxy_groups";
	if (proxy == PROXY_KEYS)
		return "proxy_keys";
	snprintf(buffer, size, "proxy_user_%02d", proxy - PROXY_USERS);
	return buffer;
}

/* Looks everything up; false if a table, proxy or sequence is missing. */
static bool
find_oids(StoreOids *found)
{
	Oid			namespace = get_namespace_oid(TACL_SCHEMA, true);
	Oid			extension = get_extension_oid(TACL_EXTENSION, true);
	char		buffer[NAMEDATALEN];

	memset(found, 0, sizeof(*found));
	if (!OidIsValid(namespace) || !OidIsValid(extension))
		return false;
	for (int i = 0; i < STORE_ALL_TABLES; i++)
	{
		found->tables[i] = member_oid(namespace, extension, table_names[i]);
		if (!OidIsValid(found->tables[i]))
			return false;
	}
	for (int i = 0; i < STORE_PROXIES; i++)
	{
		found->proxies[i] = member_oid(namespace, extension,
									   proxy_name(i, buffer, sizeof(buffer)));
		if (!OidIsValid(found->proxies[i]))
			return false;
	}
	found->audit_ids = member_oid(namespace, extension, "audit_id_seq");
	found->recorded = member_oid(namespace, extension, "recorded");
	if (!OidIsValid(found->audit_ids) || !OidIsValid(found->recorded))
		return false;
	for (int i = 0; i < STORE_INDEXES; i++)
		found->indexes[i] = index_oid(namespace,
									  found->tables[indexes[i].table], i);
	return true;
}

/* Sets the range that all of our OIDs lie in. */
static void
set_oid_range(void)
{
	oid_min = oid_max = oids.tables[0];
	for (int i = 0; i < STORE_ALL_TABLES; i++)
	{
		oid_min = Min(oid_min, oids.tables[i]);
		oid_max = Max(oid_max, oids.tables[i]);
	}
	for (int i = 0; i < STORE_PROXIES; i++)
	{
		oid_min = Min(oid_min, oids.proxies[i]);
		oid_max = Max(oid_max, oids.proxies[i]);
	}
}

/*
 * Ensures that the OIDs are known, or raises an error. A new epoch begins
 * when tables or proxies are others than before.
 */
void
store_resolve_oids(void)
{
	StoreOids	found;

	if (oids_valid)
		return;

	/* Set before looking: a message that comes while we look must count. */
	oids_valid = true;
	if (!find_oids(&found))
	{
		oids_valid = false;
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("extension \"%s\" is not complete in this database",
						TACL_EXTENSION),
				 errhint("Drop and create the extension, or restore what is missing in schema \"%s\".",
						 TACL_SCHEMA)));
	}
	if (memcmp(oids.tables, found.tables, sizeof(oids.tables)) != 0 ||
		memcmp(oids.proxies, found.proxies, sizeof(oids.proxies)) != 0)
		oid_epoch++;
	oids = found;
	set_oid_range();
}

/*
 * A number that changes when tables or proxies are others than before: what
 * was read in another epoch is worthless.
 */
uint64
store_epoch(void)
{
	return oid_epoch;
}

/* The OID of a table, as last resolved. */
Oid
store_table_oid(StoreTable table)
{
	return oids.tables[table];
}

/* The OID of a proxy, as last resolved. */
Oid
store_proxy_oid(int proxy)
{
	return oids.proxies[proxy];
}

/* The OID of the sequence of the audit's ids, as last resolved. */
Oid
store_audit_ids_oid(void)
{
	return oids.audit_ids;
}

/* The OID of the sequence that begins with the first record, as last resolved. */
Oid
store_recorded_oid(void)
{
	return oids.recorded;
}

/*
 * What the OID is to us, as last resolved; *number is the StoreTable or the
 * proxy. Compares only: safe in a callback.
 */
StoreOidKind
store_oid_kind(Oid relid, int *number)
{
	if (relid < oid_min || relid > oid_max)
		return STORE_OID_FOREIGN;
	for (int i = 0; i < STORE_PROXIES; i++)
	{
		if (oids.proxies[i] == relid)
		{
			*number = i;
			return STORE_OID_PROXY;
		}
	}
	for (int i = 0; i < STORE_ALL_TABLES; i++)
	{
		if (oids.tables[i] == relid)
		{
			*number = i;
			return STORE_OID_TABLE;
		}
	}
	return STORE_OID_FOREIGN;
}

/*
 * The bucket of a user with this hash, 0 to TACL_USER_BUCKETS - 1. By its
 * upper bits: a hash table of one bucket's users goes by the lower ones.
 */
int
store_user_bucket(uint32 hash)
{
	return (hash >> 16) % TACL_USER_BUCKETS;
}

/* Has nothing made the OIDs doubtful since they were resolved? */
bool
store_oids_valid(void)
{
	return oids_valid;
}

/* The OID of a usable index, as last resolved; else InvalidOid. */
Oid
store_index_oid(StoreIndex which)
{
	return oids.indexes[which];
}

/* The table that an index belongs to. */
StoreTable
store_index_table(StoreIndex which)
{
	return indexes[which].table;
}

/* The leading column of an index. */
AttrNumber
store_index_column(StoreIndex which)
{
	return indexes[which].columns[0];
}

/* The column at a place of an index, from 0. */
AttrNumber
store_index_column_at(StoreIndex which, int place)
{
	return indexes[which].columns[place];
}
