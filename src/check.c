/*
 * check.c
 *		The questions: may this user do this, in this tenant, now?
 *
 * Every function answers false rather than NULL, and false whenever it is in
 * doubt. Only the permission itself can be an error: a typo must not pass for
 * a quiet no.
 */
#include "tenant_acl.h"

#include "mb/pg_wchar.h"

#include "args.h"
#include "cache.h"
#include "denied.h"
#include "jsonb_push.h"
#include "session.h"
#include "token.h"

PG_FUNCTION_INFO_V1(tacl_authorize);
PG_FUNCTION_INFO_V1(tacl_can);
PG_FUNCTION_INFO_V1(tacl_can_all);
PG_FUNCTION_INFO_V1(tacl_can_any);
PG_FUNCTION_INFO_V1(tacl_check);
PG_FUNCTION_INFO_V1(tacl_has_role);
PG_FUNCTION_INFO_V1(tacl_may);

/* Who is asked about, and where. */
typedef struct Subject
{
	TaclName	user;			/* data is NULL if none was given */
	TaclName	tenant;			/* the same */
	IdBuffer	user_buffer;
	IdBuffer	tenant_buffer;
} Subject;

static const TaclName no_name = {NULL, 0};

/*
 * Reads the list of permissions: its length, 0 for NULL. Empty and (where they
 * are not error 22004) NULL elements stay, as names that nobody has.
 */
static int
get_permissions(FunctionCallInfo fcinfo, int argno, bool nulls,
				TaclName **permissions)
{
	int			count = nulls ?
		arg_text_array_with_nulls(fcinfo, argno, permissions) :
		arg_text_array(fcinfo, argno, permissions);

	if (count > TACL_MAX_PERMISSIONS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many permissions asked at once: %d", count),
				 errhint("Ask for at most %d in one call.",
						 TACL_MAX_PERMISSIONS)));
	for (int i = 0; i < count; i++)
	{
		if ((*permissions)[i].len > 0)
			(void) require_permission((*permissions)[i]);
	}
	return Max(count, 0);
}

/* Reads the tenant argument; without one the active tenant, else the root. */
static inline void
get_tenant(FunctionCallInfo fcinfo, int argno, Subject *subject)
{
	if (PG_NARGS() > argno)
	{
		if (!arg_id(fcinfo, argno, &subject->tenant_buffer, &subject->tenant))
			subject->tenant = no_name;
	}
	else
		subject->tenant = session_tenant_meant();
}

/* Reads the user (first argument) and the tenant (third, if there is one). */
static inline void
get_subject(FunctionCallInfo fcinfo, Subject *subject)
{
	if (!arg_id(fcinfo, 0, &subject->user_buffer, &subject->user))
		subject->user = no_name;
	get_tenant(fcinfo, 2, subject);
}

/* Finds what the subject has; false if that is nothing. */
static inline bool
find_standing(const Subject *subject, Standing *standing)
{
	return cache_find(subject->user, cache_expect(subject->user),
					  subject->tenant, standing);
}

/*
 * A token can narrow what its own user may do in this session: does it leave
 * the subject this?
 */
static inline bool
is_in_scope(const Subject *subject, TaclName permission)
{
	return likely(!token_is_set()) ||
		session_scope_allows(subject->user, permission);
}

/* May the subject, having this, do that? */
static inline bool
may(const Subject *subject, const Standing *standing, TaclName permission)
{
	return standing_can(standing, permission) && is_in_scope(subject, permission);
}

/*
 * Have roles and grants that the subject may do this? Error 22023 if it is no
 * permission.
 */
static inline bool
subject_can(const Subject *subject, TaclName permission)
{
	Standing	standing;
	Permission	known;
	uint32		hash;
	bool		can;

	if (cache_recall(subject->user, permission, subject->tenant, &can))
		return can;
	hash = cache_expect(subject->user);
	known = require_permission(permission);
	if (!cache_find(subject->user, hash, subject->tenant, &standing))
		return false;
	can = standing_allows(&standing, &known);
	cache_remember(&standing, permission, can);
	return can;
}

/* tacl_can(user, permission [, tenant]) */
Datum
tacl_can(PG_FUNCTION_ARGS)
{
	TaclName	permission;
	Subject		subject;

	get_subject(fcinfo, &subject);
	PG_RETURN_BOOL(arg_permission_text(fcinfo, 1, &permission) &&
				   subject_can(&subject, permission) &&
				   is_in_scope(&subject, permission));
}

/* tacl_may(permission [, tenant]): the same for the session's user */
Datum
tacl_may(PG_FUNCTION_ARGS)
{
	Permission	permission;
	Subject		subject;

	if (!arg_permission(fcinfo, 0, &permission) ||
		!session_asks(permission.name, &subject.user))
		PG_RETURN_BOOL(false);
	get_tenant(fcinfo, 1, &subject);
	PG_RETURN_BOOL(cache_allows(subject.user, &permission, subject.tenant));
}

/* Is each of the permissions as wanted: had (true), or not had (false)? */
static bool
all_are(const Subject *subject, const Standing *standing,
		const TaclName *permissions, int count, bool wanted)
{
	for (int i = 0; i < count; i++)
	{
		bool		can = permissions[i].len > 0 &&
			may(subject, standing, permissions[i]);

		if (can != wanted)
			return false;
	}
	return true;
}

/* tacl_can_any(user, permissions [, tenant]): false for an empty list */
Datum
tacl_can_any(PG_FUNCTION_ARGS)
{
	Subject		subject;
	Standing	standing;
	TaclName   *permissions;
	int			count = get_permissions(fcinfo, 1, true, &permissions);

	get_subject(fcinfo, &subject);
	PG_RETURN_BOOL(count > 0 && find_standing(&subject, &standing) &&
				   !all_are(&subject, &standing, permissions, count, false));
}

/* tacl_can_all(user, permissions [, tenant]): false for an empty list */
Datum
tacl_can_all(PG_FUNCTION_ARGS)
{
	Subject		subject;
	Standing	standing;
	TaclName   *permissions;
	int			count = get_permissions(fcinfo, 1, true, &permissions);

	get_subject(fcinfo, &subject);
	PG_RETURN_BOOL(count > 0 && find_standing(&subject, &standing) &&
				   all_are(&subject, &standing, permissions, count, true));
}

/* A name as it was asked, quoted, for a message; clipped if over-long. */
static char *
as_asked(TaclName name)
{
	if (name.data == NULL)
		return pstrdup("NULL");
	return psprintf("\"%.*s\"",
					pg_mbcliplen(name.data, name.len, TACL_MAX_NAME_BYTES),
					name.data);
}

/* tacl_authorize(user, permission [, tenant]): true, or error 42501 */
Datum
tacl_authorize(PG_FUNCTION_ARGS)
{
	TaclName	permission = no_name;
	Subject		subject;

	get_subject(fcinfo, &subject);
	if (!arg_permission_text(fcinfo, 1, &permission) ||
		!subject_can(&subject, permission) ||
		!is_in_scope(&subject, permission))
	{
		denied_log(subject.user, permission, subject.tenant);
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied: user %s, permission %s, tenant %s",
						as_asked(subject.user), as_asked(permission),
						as_asked(subject.tenant))));
	}
	PG_RETURN_BOOL(true);
}

/*
 * tacl_has_role(user, role [, tenant]). A role is all that it allows: a token
 * that narrows its user leaves them none.
 */
Datum
tacl_has_role(PG_FUNCTION_ARGS)
{
	TaclName	role;
	Subject		subject;
	Standing	standing;

	if (!arg_text(fcinfo, 1, &role))
		PG_RETURN_BOOL(false);
	get_subject(fcinfo, &subject);
	PG_RETURN_BOOL(find_standing(&subject, &standing) &&
				   standing_has_role(&standing, role) &&
				   (likely(!token_is_set()) ||
					!session_scope_narrows(subject.user)));
}

/*
 * tacl_check(user, permissions [, tenant]): {"permission": boolean, ...}. A
 * NULL element has no place in an object: error 22004.
 */
Datum
tacl_check(PG_FUNCTION_ARGS)
{
	Subject		subject;
	Standing	standing;
	TaclName   *permissions;
	int			count = get_permissions(fcinfo, 1, false, &permissions);
	bool		known;
	JsonbParseState *state = NULL;

	get_subject(fcinfo, &subject);
	known = find_standing(&subject, &standing);
	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < count; i++)
	{
		jsonb_push_name(&state, WJB_KEY, permissions[i]);
		jsonb_push_bool(&state, known && permissions[i].len > 0 &&
						may(&subject, &standing, permissions[i]));
	}
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT,
													   NULL)));
}
