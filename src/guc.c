/*
 * guc.c
 *		Settings, in alphabetical order.
 *
 * Each but tacl.reason and tacl.token is the superuser's, and its compiled
 * default is its strictest value: a client can put any setting back to that
 * default.
 *
 * The token is anyone's to set: it is worth something only if it is signed.
 * It is never shown. It has no check hook, whose refusal PostgreSQL would
 * report together with the value.
 */
#include "tenant_acl.h"

#include <limits.h>

#include "utils/guc.h"

#include "guc.h"

#define CACHE_SIZE_DEFAULT_KB	(32 * 1024)
#define CACHE_SIZE_MIN_KB		1024

static const struct config_enum_entry missing_user_options[] = {
	{"hide", MISSING_USER_HIDE, false},
	{"error", MISSING_USER_ERROR, false},
	{NULL, 0, false}
};

int			tacl_cache_size_kb = CACHE_SIZE_DEFAULT_KB;
bool		tacl_dump_keys = false;
bool		tacl_log_denied = false;
int			tacl_on_missing_user = MISSING_USER_HIDE;
char	   *tacl_reason = NULL;
char	   *tacl_tenant_setting = NULL;
char	   *tacl_token = NULL;
char	   *tacl_user_setting = NULL;

uint64		tacl_token_serial = 0;

/*
 * Refuses what cannot be the name of an application's setting. PostgreSQL's
 * own settings have no dot, and do not say who somebody is.
 */
static bool
check_setting_name(char **value, void **extra, GucSource source)
{
	static const char allowed[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$.";
	const char *name = *value;
	const char *dot = strchr(name, '.');

	if (name[0] == '\0')
		return true;
	if (dot != NULL && dot != name && dot[1] != '\0' &&
		name[strspn(name, allowed)] == '\0')
		return true;
	GUC_check_errdetail("It must be the name of a setting with a dot in it, as in app.user_id.");
	return false;
}

/* Refuses a reason that is too long to be recorded with each change. */
static bool
check_reason(char **value, void **extra, GucSource source)
{
	if (strlen(*value) <= TACL_MAX_REASON_BYTES)
		return true;
	GUC_check_errdetail("It must not be longer than %d bytes.",
						TACL_MAX_REASON_BYTES);
	return false;
}

/*
 * Notes that the token is another one. Called for every change, also by a
 * rollback and at the end of a function with a SET clause; must not fail.
 */
static void
assign_token(const char *value, void *extra)
{
	tacl_token_serial++;
}

/* What is shown instead of the token. */
static const char *
show_token(void)
{
	return tacl_token != NULL && tacl_token[0] != '\0' ? "(hidden)" : "";
}

/* Defines all settings, and reserves their prefix. */
void
guc_init(void)
{
	DefineCustomIntVariable("tacl.cache_size",
							"Memory that one session's cache may use.",
							"When it is full, it is emptied and fills again.",
							&tacl_cache_size_kb,
							CACHE_SIZE_DEFAULT_KB,
							CACHE_SIZE_MIN_KB, MAX_KILOBYTES,
							PGC_SUSET, GUC_UNIT_KB,
							NULL, NULL, NULL);

	DefineCustomBoolVariable("tacl.dump_keys",
							 "Lets pg_dump carry the keys that tokens are verified with.",
							 NULL,
							 &tacl_dump_keys,
							 false,
							 PGC_SUSET, 0,
							 NULL, NULL, NULL);

	DefineCustomBoolVariable("tacl.log_denied",
							 "Writes refusals of tacl_authorize() to the server log.",
							 NULL,
							 &tacl_log_denied,
							 false,
							 PGC_SUSET, 0,
							 NULL, NULL, NULL);

	DefineCustomEnumVariable("tacl.on_missing_user",
							 "What a check for the user of the session does when there is none.",
							 "It answers no (hide), or raises an error.",
							 &tacl_on_missing_user,
							 MISSING_USER_HIDE, missing_user_options,
							 PGC_SUSET, 0,
							 NULL, NULL, NULL);

	DefineCustomStringVariable("tacl.reason",
							   "Why changes are made: recorded by the audit with each of them.",
							   "The number of a ticket, for example.",
							   &tacl_reason,
							   "",
							   PGC_USERSET, 0,
							   check_reason, NULL, NULL);

	DefineCustomStringVariable("tacl.tenant_setting",
							   "Name of the setting that holds the active tenant.",
							   NULL,
							   &tacl_tenant_setting,
							   "app.tenant",
							   PGC_SUSET, 0,
							   check_setting_name, NULL, NULL);

	DefineCustomStringVariable("tacl.token",
							   "Signed token that says who the user of the session is.",
							   "It is not shown.",
							   &tacl_token,
							   "",
							   PGC_USERSET,
							   GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE |
							   GUC_DISALLOW_IN_FILE,
							   NULL, assign_token, show_token);

	DefineCustomStringVariable("tacl.user_setting",
							   "Name of the setting that holds the user of the session.",
							   "Empty: no setting is believed.",
							   &tacl_user_setting,
							   "",
							   PGC_SUSET, 0,
							   check_setting_name, NULL, NULL);

	MarkGUCPrefixReserved("tacl");
}
