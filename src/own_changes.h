/*
 * own_changes.h
 *		What the own transaction has changed of what a session remembers.
 *
 * Of rows that are not committed yet nothing may be remembered beyond the next
 * command, the transaction's end or a rollback; see inval.c, point 5. Each
 * memory asks here when it has to forget.
 */
#ifndef TACL_OWN_CHANGES_H
#define TACL_OWN_CHANGES_H

#include "tenant_acl.h"

/* Of one memory; all zero in the beginning. */
typedef struct OwnChanges
{
	bool		any;			/* has the transaction changed anything? */
	bool		dirty;			/* did it remember anything, having an id? */
	CommandId	change;			/* the last command that changed something */
	CommandId	content;		/* the command that began to fill the memory */
} OwnChanges;

/* The running command has changed something: what is remembered must go. */
extern void own_changes_add(OwnChanges *own);

/* Something is about to be remembered. */
extern void own_changes_remember(OwnChanges *own);

/*
 * A command begins to use what is remembered, if there are any changes: must
 * that go first? Yes if it was filled by the changing command or before it.
 */
extern bool own_changes_outdate(OwnChanges *own);

/* Must what is remembered go, now that a subtransaction was rolled back? */
extern bool own_changes_abort_sub(const OwnChanges *own);

/*
 * Must it go, now that the transaction is over, or was prepared and is no
 * longer ours? What was made of its own changes, and unless it committed also
 * what may have been made of rows that were not signalled yet.
 */
extern bool own_changes_end(OwnChanges *own, bool committed);

#endif							/* TACL_OWN_CHANGES_H */
