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
 * change; false if there is none, or a bad token. The one getter for every
 * source.
 */
extern bool session_asker(TaclName *user);

/* Is this the user of the session? */
extern bool session_is_asker(TaclName user);

/* The active tenant, in the same way. */
extern bool session_active_tenant(TaclName *tenant);

/* Who acts for the user, as the token says, in the same way. */
extern bool session_actor(TaclName *actor);

/* The tenant that is asked about when none is given: the active one, or the root. */
extern TaclName session_tenant_meant(void);

/*
 * To be called by a check for the user of the session when there is none:
 * raises 28000 if tacl.on_missing_user says so.
 */
extern void session_miss_asker(void);

/*
 * Makes it the active tenant until the transaction ends, or none if it has no
 * data: what SET LOCAL of the setting does. Where the setting is empty, a
 * token's tenant is the active one.
 */
extern void session_set_tenant(TaclName tenant);

/* The user of the session; raises 28000 if there is none, or a bad token. */
extern TaclName session_require_asker(void);

/* Raises 28000 if there is a token that is not good. */
extern void session_require_good_token(void);

/*
 * Is the permission within what the token narrows this user to? Yes where
 * there is no token that narrows anything, and for other users.
 */
extern bool session_scope_allows(TaclName user, TaclName permission);

/* Does a token narrow what this user may do, to whatever it is? */
extern bool session_scope_narrows(TaclName user);

/*
 * Is all that the pattern matches within what the token narrows its user to?
 * Yes where there is no token that narrows anything.
 */
extern bool session_scope_covers(TaclName pattern);

/*
 * The user of the session, for a check of this permission. False if the token
 * does not leave them the permission, or if there is no user: then it has
 * called session_miss_asker(). User and scope are those of one look at the
 * token, so that no change of keys comes between them.
 */
extern bool session_asks(TaclName permission, TaclName *user);

/*
 * The time at which something has to be in force to be in force now: the later
 * of the starts of the statement and of the transaction.
 */
extern TimestampTz session_now(void);

/*
 * Makes it a later time, for what is decided long after the statement started;
 * 0 ends that.
 */
extern void session_set_now(TimestampTz now);

#endif							/* TACL_SESSION_H */
