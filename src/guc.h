/*
 * guc.h
 *		Settings.
 */
#ifndef TACL_GUC_H
#define TACL_GUC_H

#include "tenant_acl.h"

/* What a check does when there is no user in the session. */
typedef enum OnMissingUser
{
	MISSING_USER_HIDE,			/* answers no */
	MISSING_USER_ERROR			/* raises an error */
} OnMissingUser;

extern int	tacl_cache_size_kb;		/* tacl.cache_size */
extern bool tacl_dump_keys;			/* tacl.dump_keys */
extern bool tacl_log_denied;		/* tacl.log_denied */
extern int	tacl_on_missing_user;	/* tacl.on_missing_user */
extern char *tacl_reason;			/* tacl.reason */
extern char *tacl_tenant_setting;	/* tacl.tenant_setting */
extern char *tacl_token;			/* tacl.token */
extern char *tacl_user_setting;		/* tacl.user_setting */

/* Grows whenever tacl.token is set, or becomes what it was before. */
extern uint64 tacl_token_serial;

extern void guc_init(void);

#endif							/* TACL_GUC_H */
