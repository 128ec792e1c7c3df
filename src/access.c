/*
 * access.c
 *		What the caller may look at and change.
 */
#include "access.h"

#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"

#include "cache.h"
#include "session.h"

/* Does the role hold all of these? See access.h. */
bool
access_holds(StoreTable table, AclMode mode)
{
	return pg_class_aclmask(store_table_oid(table), GetUserId(), mode,
							ACLMASK_ALL) == mode;
}

/* The same, or error 42501. */
void
access_require(StoreTable table, AclMode mode)
{
	if (!access_holds(table, mode))
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE,
					   psprintf("%s.%s", TACL_SCHEMA,
								get_rel_name(store_table_oid(table))));
}

/* May the caller call the function? */
bool
access_may_execute(Oid function)
{
	return object_aclcheck(ProcedureRelationId, function, GetUserId(),
						   ACL_EXECUTE) == ACLCHECK_OK;
}

/* May the caller look up what anybody has? */
bool
access_sees_all(void)
{
	store_resolve_oids();
	for (int i = 0; i < STORE_TABLES; i++)
	{
		if (!access_holds(i, ACL_SELECT))
			return false;
	}
	return true;
}

/* What else than SELECT on the tables there is, for a hint. */
#define OR_AT_TENANT \
	", or \"" TACL_RIGHT_VIEW "\" of the user of the session at the tenant"
#define OR_OWN			". About the user of the session everyone may ask"

/* The same, or error 42501. */
static void
require_sight(const char *otherwise)
{
	if (!access_sees_all())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to look up what others have"),
				 errhint("It takes SELECT on the tables in schema \"%s\"%s.",
						 TACL_SCHEMA, otherwise)));
}

/* Ensures that the caller may look up what anybody has; see access.h. */
void
access_require_sight(void)
{
	require_sight("");
}

/* May the user of the session do this at the tenant? */
static bool
asker_may(const char *right, TaclName tenant)
{
	TaclName	permission = {right, strlen(right)};
	TaclName	asker;

	return session_asker(&asker) && session_scope_allows(asker, permission) &&
		cache_can(asker, permission, tenant);
}

/* May the caller look up what anybody has at the tenant? See access.h. */
void
access_require_sight_at(TaclName tenant)
{
	if (!asker_may(TACL_RIGHT_VIEW, tenant))
		require_sight(OR_AT_TENANT);
}

/* May the caller look up what this user has? See access.h. */
void
access_require_sight_of(TaclName user)
{
	if (!session_is_asker(user))
		require_sight(OR_OWN);
}

/* May the caller look up what this user has at the tenant? See access.h. */
void
access_require_sight_of_at(TaclName user, TaclName tenant)
{
	if (!session_is_asker(user) && !asker_may(TACL_RIGHT_VIEW, tenant))
		require_sight(OR_AT_TENANT OR_OWN);
}

/* Raises 42501: this is not the user's to know. */
void
access_refuse_audit(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to read the audit of this tenant"),
			 errhint("It takes the permission \"%s\" there. Of the time before the tenant was created or moved nothing is told.",
					 TACL_RIGHT_AUDIT)));
}

/* May the caller read the audit of the tenant? See access.h. */
void
access_require_audit(TaclName tenant)
{
	TaclName	user;

	session_require_good_token();
	store_resolve_oids();
	if (!session_asker(&user))
		access_require(STORE_AUDIT, ACL_SELECT);
	else if (!asker_may(TACL_RIGHT_AUDIT, tenant))
		access_refuse_audit();
}
