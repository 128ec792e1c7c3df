/*
 * guc.c
 *		Settings, in alphabetical order.
 *
 * Each is the superuser's, and its compiled default is its strictest value: a
 * client can put any setting back to that default.
 */
#include "tenant_acl.h"

#include <limits.h>

#include "utils/guc.h"

#include "guc.h"

#define CACHE_SIZE_DEFAULT_KB	(32 * 1024)
#define CACHE_SIZE_MIN_KB		1024

int			tacl_cache_size_kb = CACHE_SIZE_DEFAULT_KB;
char	   *tacl_tenant_setting = NULL;
char	   *tacl_user_setting = NULL;

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

	DefineCustomStringVariable("tacl.tenant_setting",
							   "Name of the setting that holds the active tenant.",
							   NULL,
							   &tacl_tenant_setting,
							   "app.tenant",
							   PGC_SUSET, 0,
							   check_setting_name, NULL, NULL);

	DefineCustomStringVariable("tacl.user_setting",
							   "Name of the setting that holds the user of the session.",
							   "Empty: no setting is believed.",
							   &tacl_user_setting,
							   "",
							   PGC_SUSET, 0,
							   check_setting_name, NULL, NULL);

	MarkGUCPrefixReserved("tacl");
}
