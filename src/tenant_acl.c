/*
 * tenant_acl.c
 *		Module of the extension: who may do what in which tenant.
 */
#include "tenant_acl.h"

#include "cache.h"
#include "delegate.h"
#include "guard.h"
#include "guc.h"
#include "inval.h"

PG_MODULE_MAGIC_EXT(.name = "tenant_acl",.version = "1.0");

PGDLLEXPORT void _PG_init(void);

/* Called once when the library is loaded into a process. */
void
_PG_init(void)
{
	guc_init();
	cache_init();
	/*
	 * Callbacks are called in the reverse order: at COMMIT the guard, which can
	 * wait, before delegates' rights are looked at for the last time.
	 */
	delegate_init();
	guard_init();
	inval_init();
}
