/*
 * permission.c
 *		Permissions that are asked about.
 */
#include "tenant_acl.h"

#include "pattern.h"
#include "permission.h"

KnownPermission known_permissions[PERMISSION_PLACES];

/*
 * Is the text, which is not known, a permission? If so, it is remembered in
 * its place, if it is not too long.
 */
bool
permission_learn(TaclName text, Permission *permission)
{
	static uint64 last_number = 0;
	KnownPermission *known = &known_permissions[permission->place];

	permission->number = 0;
	if (!permission_is_valid(text.data, text.len))
		return false;
	if (text.len > (int) sizeof(known->data))
		return true;
	known->len = text.len;
	memcpy(known->data, text.data, text.len);
	known->number = ++last_number;
	permission->number = known->number;
	return true;
}
