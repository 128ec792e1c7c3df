/*
 * compat.c
 *		What older releases of PostgreSQL need instead of a macro.
 */
#include "compat.h"

#if COMPAT_SETTING_PLACES

#include "utils/guc_tables.h"

/*
 * PostgreSQL 15 finds a setting by comparing names without regard to case,
 * nine times among its 370: a quarter of what a look-up by key took longer
 * under a policy. So the place in its array is remembered. Settings come, go
 * and move; the place is believed only if one of this name stands there now.
 */

/* Looks for a setting by its exact name. */
static void
find_place(const char *name, ConfigPlace *place)
{
	struct config_generic **options = get_guc_variables();

	place->count = GetNumConfigOptions();
	for (place->index = 0; place->index < place->count; place->index++)
	{
		if (strcmp(options[place->index]->name, name) == 0)
			break;
	}
}

/* A text setting of this name at its place, or NULL. */
static struct config_string *
text_setting(const char *name, ConfigPlace *place)
{
	struct config_generic *option;

	if (place->count != GetNumConfigOptions())
		find_place(name, place);
	if (place->index >= place->count)
		return NULL;
	option = get_guc_variables()[place->index];
	return option->vartype == PGC_STRING && strcmp(option->name, name) == 0 ?
		(struct config_string *) option : NULL;
}

/* The value of a setting, or NULL; see compat.h. */
const char *
compat_config_option(const char *name, ConfigPlace *place)
{
	struct config_string *option = text_setting(name, place);

	return option != NULL ? *option->variable :
		GetConfigOption(name, true, false);
}

/*
 * The same as SHOW has it; see compat.h. What an extension has defined can be
 * shown otherwise than it is, or not to everyone.
 */
const char *
compat_show_setting(const char *name, ConfigPlace *place)
{
	struct config_string *option = text_setting(name, place);

	return option != NULL && (option->gen.flags & GUC_CUSTOM_PLACEHOLDER) != 0 &&
		*option->variable != NULL ? *option->variable :
		GetConfigOptionByName(name, NULL, true);
}

#endif
