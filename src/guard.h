/*
 * guard.h
 *		What keeps the tables sound: the part that others may call.
 */
#ifndef TACL_GUARD_H
#define TACL_GUARD_H

extern void guard_init(void);

/*
 * Takes the lock of moves and includes, to the end of the transaction; see
 * guard.c. Meant for a function that is going to change them: taken before it
 * writes any row, so that two such functions wait for each other in one place.
 */
extern void guard_take_lock(void);

/* The same for includes, which in a session with a user take it at the end. */
extern void guard_prepare_includes(void);

/*
 * Is the statement that runs one of a dump that a superuser restores? Of such a
 * statement what it inserts is meant, as rows that were there before.
 */
extern bool guard_is_restore(void);

#endif							/* TACL_GUARD_H */
