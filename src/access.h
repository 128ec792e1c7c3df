/*
 * access.h
 *		What the caller may look at and change.
 *
 * Decided before anything is looked at, so that a refused caller learns
 * nothing: neither whether something exists nor whether an argument is valid.
 */
#ifndef TACL_ACCESS_H
#define TACL_ACCESS_H

#include "store.h"

#include "utils/acl.h"

/* Does the calling database role hold all of these on the table? */
extern bool access_holds(StoreTable table, AclMode mode);

/* Ensures it, or raises 42501 naming the table. */
extern void access_require(StoreTable table, AclMode mode);

/* May the calling database role call the function? */
extern bool access_may_execute(Oid function);

/*
 * May the caller look up what anybody has? With SELECT on all tables that an
 * answer depends on.
 */
extern bool access_sees_all(void);

/* Ensures that the caller may look up what anybody has, or raises 42501. */
extern void access_require_sight(void);

/*
 * Ensures that the caller may look up what anybody has at one tenant: who may
 * look up all, or whose user in the session may do "tacl.view" there.
 */
extern void access_require_sight_at(TaclName tenant);

/*
 * Ensures that the caller may look up what this user has: everyone may for
 * the user of the session.
 */
extern void access_require_sight_of(TaclName user);

/* The same at one tenant. */
extern void access_require_sight_of_at(TaclName user, TaclName tenant);

/*
 * Ensures that the caller may read what was changed in a tenant: the user of
 * the session needs a permission there, and where there is no user, the
 * database role SELECT on the audit. To a user, a tenant that does not exist is
 * one that they have nothing at.
 */
extern void access_require_audit(TaclName tenant);

/* Raises the same error to a user, about what only the operator may read. */
pg_noreturn extern void access_refuse_audit(void);

#endif							/* TACL_ACCESS_H */
