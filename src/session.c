/*
 * session.c
 *		Who asks, and in which tenant.
 *
 * A signed token says who the user is; where there is none, the setting that
 * the superuser named does. A token that is set counts alone: a bad one means
 * that there is no user, whatever the other setting says. For the active
 * tenant it is the other way round: the setting comes first, since it only
 * chooses where a question is asked.
 *
 * Settings are read each time they are asked for: nothing is remembered here,
 * so that SET LOCAL, savepoints, rollbacks and parallel workers need no care.
 */
#include "tenant_acl.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "guc.h"
#include "session.h"
#include "token.h"

PG_FUNCTION_INFO_V1(tacl_actor);
PG_FUNCTION_INFO_V1(tacl_tenant);
PG_FUNCTION_INFO_V1(tacl_user);

/*
 * The value of the setting that a setting names; false if unset or empty. The
 * place helps to find it again.
 */
static bool
setting_value(const char *name, ConfigPlace *place, TaclName *value)
{
	const char *text;

	if (name == NULL || name[0] == '\0')
		return false;
	text = compat_config_option(name, place);
	if (text == NULL || text[0] == '\0')
		return false;
	value->data = text;
	value->len = strlen(text);
	return true;
}

/* What the token says, if there is one and it is good; else NULL. */
static const TokenClaims *
good_token(void)
{
	const TokenClaims *claims;

	if (!token_is_set() || token_read(session_now(), &claims) != JWT_GOOD)
		return NULL;
	return claims;
}

/* The user of the session; false if there is none. */
bool
session_asker(TaclName *user)
{
	static ConfigPlace place;
	const TokenClaims *claims;

	if (!token_is_set())
		return setting_value(tacl_user_setting, &place, user);
	claims = good_token();
	if (claims == NULL)
		return false;
	*user = claims->user;
	return true;
}

/* Is this the user of the session? */
bool
session_is_asker(TaclName user)
{
	TaclName	asker;

	return session_asker(&asker) && name_equal(asker, user);
}

/* The active tenant; false if there is none. */
bool
session_active_tenant(TaclName *tenant)
{
	static ConfigPlace place;
	const TokenClaims *claims;

	if (setting_value(tacl_tenant_setting, &place, tenant))
		return true;
	claims = good_token();
	if (claims == NULL || claims->tenant.data == NULL)
		return false;
	*tenant = claims->tenant;
	return true;
}

/* Makes a tenant the active one; see session.h. */
void
session_set_tenant(TaclName tenant)
{
	const char *value = tenant.data == NULL ? "" :
		pnstrdup(tenant.data, tenant.len);

	if (tacl_tenant_setting == NULL || tacl_tenant_setting[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("no setting holds the active tenant"),
				 errdetail("tacl.tenant_setting is empty."),
				 errhint("A superuser names one, as app.tenant.")));
	(void) set_config_option(tacl_tenant_setting, value,
							 superuser() ? PGC_SUSET : PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
}

/* Who acts for the user; false if the token does not say. */
bool
session_actor(TaclName *actor)
{
	const TokenClaims *claims = good_token();

	if (claims == NULL || claims->actor.data == NULL)
		return false;
	*actor = claims->actor;
	return true;
}

/* The active tenant, else the root. */
TaclName
session_tenant_meant(void)
{
	TaclName	tenant = TACL_ROOT_NAME;

	(void) session_active_tenant(&tenant);
	return tenant;
}

/* Raises 28000 if there is a token that is not good. */
void
session_require_good_token(void)
{
	const TokenClaims *claims;
	JwtFault	fault;

	if (!token_is_set())
		return;
	fault = token_read(session_now(), &claims);
	if (fault != JWT_GOOD)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("the token of this session is not valid"),
				 errdetail_internal("%s", jwt_fault_text(fault)),
				 errhint("Set tacl.token to a valid token, or to an empty string for none.")));
}

/* The user of the session, or error 28000. */
TaclName
session_require_asker(void)
{
	TaclName	user = {NULL, 0};

	session_require_good_token();
	if (!session_asker(&user))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("no user in this session"),
				 errhint("Set tacl.token to the user's token in the transaction.")));
	return user;
}

/* There is no user; see session.h. */
void
session_miss_asker(void)
{
	if (tacl_on_missing_user == MISSING_USER_ERROR)
		(void) session_require_asker();
}

/* Does the token leave its user this permission? */
static inline bool
scope_allows(const TokenClaims *claims, TaclName permission)
{
	return claims->scope == NULL ||
		permset_match(claims->scope, permission.data, permission.len) ==
		PERMSET_ALLOW;
}

/* Is the permission within the token's scope? See session.h. */
bool
session_scope_allows(TaclName user, TaclName permission)
{
	const TokenClaims *claims = good_token();

	return claims == NULL || !name_equal(claims->user, user) ||
		scope_allows(claims, permission);
}

/* Does a token narrow this user? See session.h. */
bool
session_scope_narrows(TaclName user)
{
	const TokenClaims *claims = good_token();

	return claims != NULL && claims->scope != NULL &&
		name_equal(claims->user, user);
}

/* The user of the session, to be asked about; see session.h. */
bool
session_asks(TaclName permission, TaclName *user)
{
	const TokenClaims *claims = good_token();

	if (claims != NULL)
	{
		*user = claims->user;
		return scope_allows(claims, permission);
	}
	if (!token_is_set() && session_asker(user))
		return true;
	session_miss_asker();
	return false;
}

/* Is the whole pattern within the token's scope? See session.h. */
bool
session_scope_covers(TaclName pattern)
{
	const TokenClaims *claims = good_token();
	bool		covers = false;

	if (claims == NULL || claims->scope == NULL)
		return true;
	for (int i = 0; i < claims->scope_count; i++)
	{
		TaclName	part = claims->scope_patterns[i];

		if (!pattern_is_deny(part.data, part.len))
			covers |= pattern_covers(part, pattern);
		else if (pattern_meets(part, pattern))
			return false;
	}
	return covers;
}

/* The time that is meant instead, if it is later. */
static TimestampTz later_now = 0;

/* The time that counts for validity. */
TimestampTz
session_now(void)
{
	TimestampTz now = Max(GetCurrentStatementStartTimestamp(),
						  GetCurrentTransactionStartTimestamp());

	return Max(now, later_now);
}

/* Sets it; see session.h. */
void
session_set_now(TimestampTz now)
{
	later_now = now;
}

/* The result of a function that returns a name, or NULL if there is none. */
static Datum
name_result(FunctionCallInfo fcinfo, bool found, TaclName name)
{
	if (!found)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(name.data, name.len));
}

/* tacl_user(): the user of the session, or NULL. A bad token is an error. */
Datum
tacl_user(PG_FUNCTION_ARGS)
{
	TaclName	user = {NULL, 0};
	bool		found;

	session_require_good_token();
	found = session_asker(&user);
	return name_result(fcinfo, found, user);
}

/* tacl_actor(): who acts for the user, or NULL. A bad token is an error. */
Datum
tacl_actor(PG_FUNCTION_ARGS)
{
	TaclName	actor = {NULL, 0};
	bool		found;

	session_require_good_token();
	found = session_actor(&actor);
	return name_result(fcinfo, found, actor);
}

/* tacl_tenant(): the active tenant, or NULL. */
Datum
tacl_tenant(PG_FUNCTION_ARGS)
{
	TaclName	tenant = {NULL, 0};
	bool		found = session_active_tenant(&tenant);

	return name_result(fcinfo, found, tenant);
}
