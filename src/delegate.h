/*
 * delegate.h
 *		What a user may change by themselves: delegated administration.
 *
 * When there is a user in the session, every change is made in that user's
 * name, whatever the database role may do; when there is none, the operator
 * makes it, whom nothing here holds up. A refusal is error 42501, and the same
 * whether something does not exist or is not the user's.
 */
#ifndef TACL_DELEGATE_H
#define TACL_DELEGATE_H

#include "store.h"

extern void delegate_init(void);

/* Who makes a change. */
typedef struct Delegate
{
	int			count;			/* of persons; 0 if it is the operator */
	TaclName	persons[2];		/* the user, and who acts for them */
	const char *right;			/* that the change takes */
	TaclName	tenant;			/* where it takes it */
	NameArray	watched;		/* tenants that must keep an administrator */
	int			watched_room;
} Delegate;

/*
 * Finds out who makes a change by a function. A right of NULL means that only
 * the operator may.
 */
extern void delegate_begin(Delegate *by, const char *function,
						   const char *right);

/*
 * Ensures that the delegate has the right at the tenant, and that no other
 * delegate changes anything there until the transaction ends. To be called
 * before anything is looked up.
 */
extern void delegate_enter(Delegate *by, TaclName tenant);

/* The same at the parent of a tenant, which need not exist. */
extern void delegate_enter_above(Delegate *by, TaclName tenant);

/* Has the delegate the right, there too? For the operator true. */
extern bool delegate_has_right(const Delegate *by, TaclName tenant);

/*
 * Refuses a name that a delegate may not give: to a role or group one that is
 * not printable ASCII, or known from above; to a tenant anything but
 * "<parent>/...".
 */
extern void delegate_check_name(const Delegate *by, const char *what,
								TaclName name, bool is_taken_above);
extern void delegate_check_tenant_name(const Delegate *by, TaclName name,
									   TaclName parent);

/* Ensures that the delegate may make such an assignment, or end it. */
extern void delegate_give(Delegate *by, const AssignmentRow *row);
extern void delegate_take(Delegate *by, const AssignmentRow *row);

/*
 * Ensures that the delegate may say what the group is: who reads it gives what
 * the group carries. To be called when it is written.
 */
extern void delegate_describe_group(Delegate *by, int64 group_id);

/* Ensures that the delegate may put the user into the group, or take out. */
extern void delegate_add_member(Delegate *by, TaclName user, int64 group_id);
extern void delegate_remove_member(Delegate *by, TaclName user,
								   int64 group_id);

/* Ensures that the delegate may include a group in another, or end it. */
extern void delegate_include_group(Delegate *by, int64 group_id,
								   int64 included_id);
extern void delegate_exclude_group(Delegate *by, int64 group_id,
								   int64 included_id);

/*
 * Ensures that the delegate may define a role that carried these patterns, with
 * what it includes, so that it carries those.
 */
extern void delegate_define(Delegate *by, TaclName name, NameArray before,
							NameArray after);

/* Ensures that the delegate may drop a role that carries these patterns. */
extern void delegate_drop_role(Delegate *by, TaclName name, NameArray carried);

/* Ensures that the delegate may limit the tenant so. */
extern void delegate_limit(Delegate *by, const TenantRow *tenant,
						   bool limited, PatternArray ceiling);

/* Remembers the tenant if it has an administrator, whom it must not lose. */
extern void delegate_watch(Delegate *by, TaclName tenant);

/*
 * To be called when all is written: ensures that no tenant has lost its last
 * administrator.
 */
extern void delegate_end(Delegate *by);

/* Raises 42501 about something of the name, there or not. */
pg_noreturn extern void delegate_refuse(const Delegate *by, const char *what,
										TaclName name);

#endif							/* TACL_DELEGATE_H */
