/*
 * session.h
 *		Who asks, and in which tenant.
 */
#ifndef TACL_SESSION_H
#define TACL_SESSION_H

#include "tenant_acl.h"

#include "datatype/timestamp.h"

/*
 * The user of the session, into *user, which stays valid until settings
 * change; false if there is none. The one getter for every source.
 */
extern bool session_asker(TaclName *user);

/* The active tenant, in the same way. */
extern bool session_active_tenant(TaclName *tenant);

/* The tenant that is asked about when none is given: the active one, or the root. */
extern TaclName session_tenant_meant(void);

/*
 * The time at which something has to be in force to be in force now: the later
 * of the starts of the statement and of the transaction.
 */
extern TimestampTz session_now(void);

#endif							/* TACL_SESSION_H */
