/*
 * guard.h
 *		What keeps the tables sound: the part that others may call.
 */
#ifndef TACL_GUARD_H
#define TACL_GUARD_H

/*
 * Takes the lock of moves and includes, to the end of the transaction. Meant
 * for a function that is going to change includes: taken before it writes any
 * row, so that two such functions wait for each other in one place.
 */
extern void guard_take_lock(void);

/*
 * Is the statement that runs one of a dump that a superuser restores? Of such a
 * statement what it inserts is meant, as rows that were there before.
 */
extern bool guard_is_restore(void);

#endif							/* TACL_GUARD_H */
