/*
 * own_changes.c
 *		What the own transaction has changed of what a session remembers.
 */
#include "own_changes.h"

#include "access/transam.h"
#include "access/xact.h"

/* The running command has changed something. */
void
own_changes_add(OwnChanges *own)
{
	own->any = true;
	own->change = GetCurrentCommandId(false);
	own->content = own->change;
}

/* Something is about to be remembered. */
void
own_changes_remember(OwnChanges *own)
{
	if (TransactionIdIsValid(GetTopTransactionIdIfAny()))
		own->dirty = true;
}

/* Must what is remembered go before this command uses it? */
bool
own_changes_outdate(OwnChanges *own)
{
	CommandId	cid = GetCurrentCommandId(false);

	if (own->content == cid || own->content > own->change)
		return false;
	own->content = cid;
	return true;
}

/* Must it go after a subtransaction's rollback? */
bool
own_changes_abort_sub(const OwnChanges *own)
{
	return own->any || own->dirty;
}

/* Must it go after the transaction? */
bool
own_changes_end(OwnChanges *own, bool committed)
{
	bool		gone = own->any || (own->dirty && !committed);

	own->any = false;
	own->dirty = false;
	return gone;
}
