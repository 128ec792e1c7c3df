/*
 * guc.h
 *		Settings.
 */
#ifndef TACL_GUC_H
#define TACL_GUC_H

#include "tenant_acl.h"

extern int	tacl_cache_size_kb;		/* tacl.cache_size */
extern char *tacl_tenant_setting;	/* tacl.tenant_setting */
extern char *tacl_user_setting;		/* tacl.user_setting */

extern void guc_init(void);

#endif							/* TACL_GUC_H */
