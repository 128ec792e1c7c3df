/*
 * writer.c
 *		Flips levers, and undoes flips.
 *
 * A writer has levers of its own. It publishes that a lever is open right
 * before it sends the COMMIT that flips it, and what is true after that COMMIT
 * returned. What it changes and does not commit, or undoes, it does not
 * publish at all: no reader may see anything of it. It asks the same questions
 * itself: inside the transaction its own change counts, after its end, or the
 * end of the savepoint, it does not.
 */
#include "stress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A lever in the hands of its writer. */
typedef struct Flip
{
	Session    *session;
	int			lever;
	const LeverKind *kind;
	Phase		from;
	Phase		to;
	char	   *sql;
	char	   *ask;
} Flip;

/* Which levers of each writer are given now. */
static bool *given;

/* Picks a lever of the writer, to be given if it is not. */
static Flip
pick_flip(Session *session)
{
	int			mine = lever_count() / options.writers;
	int			lever = session->number * mine + session_random(session, mine);
	const LeverKind *kind = lever_kind(lever);
	Flip		flip = {session, lever, kind, kind->always, kind->always, NULL, NULL};

	if (kind->always == PHASE_OPEN)
	{
		flip.from = given[lever] ? PHASE_ALLOW : PHASE_DENY;
		flip.to = given[lever] ? PHASE_DENY : PHASE_ALLOW;
	}
	flip.sql = lever_sql(lever, given[lever] ? kind->take : kind->give);
	flip.ask = lever_sql(lever, "SELECT tacl_can('{u}', 'doc.view', 't{n}')");
	return flip;
}

/* What the writer itself is told must be this; time is nobody's change. */
static void
expect(Flip *flip, Phase phase, const char *when)
{
	PGresult   *result;
	bool		allowed;

	if (flip->kind->timed)
		return;
	result = session_run(flip->session, flip->ask);
	if (result == NULL)
		return;
	allowed = *PQgetvalue(result, 0, 0) == 't';
	PQclear(result);
	COUNT(own, 1);
	if (allowed == (phase == PHASE_ALLOW))
		return;
	COUNT(own_wrong, 1);
	printf("VIOLATION writer %d: lever %d (%s) %s %s\n", flip->session->number, flip->lever,
		   flip->kind->name, allowed ? "allowed" : "denied", when);
	fflush(stdout);
}

/* Sends what commits the flip, and publishes what came of it. */
static void
commit_flip(Flip *flip, const char *sql)
{
	bool		done;

	if (flip->from != flip->to)
		board_publish(flip->lever, PHASE_OPEN);
	done = session_done(flip->session, sql);
	if (!done)
	{
		COUNT(retries, 1);
		session_must(flip->session, "ROLLBACK");
	}
	else
	{
		if (flip->kind->timed)
			usleep((LEVER_DELAY_MS + 2) * 1000);
		given[flip->lever] = !given[flip->lever];
		COUNT(flips[lever_kind_of(flip->lever)], 1);
	}
	if (flip->from != flip->to)
		board_publish(flip->lever, done ? flip->to : flip->from);
	expect(flip, done ? flip->to : flip->from, "after its end");
}

/* Undoes the flip, of which nothing is left. */
static void
undo_flip(Flip *flip, const char *sql)
{
	session_must(flip->session, sql);
	COUNT(undone[lever_kind_of(flip->lever)], 1);
	expect(flip, flip->from, "after it was undone");
}

/* Makes the change in the open transaction; false, and out of it, if refused. */
static bool
change(Flip *flip)
{
	if (session_done(flip->session, flip->sql))
		expect(flip, flip->to, "in its own transaction");
	if (PQtransactionStatus(flip->session->conn) != PQTRANS_INTRANS)
	{
		COUNT(retries, 1);
		session_must(flip->session, "ROLLBACK");
		return false;
	}
	nap(flip->session, 3);
	return true;
}

/* Begins a transaction of some level. */
static void
begin(Session *session)
{
	static const char *const begins[] = {
		"BEGIN ISOLATION LEVEL READ COMMITTED", "BEGIN ISOLATION LEVEL READ COMMITTED",
		"BEGIN ISOLATION LEVEL REPEATABLE READ", "BEGIN ISOLATION LEVEL SERIALIZABLE"
	};

	session_must(session, begins[session_random(session, 4)]);
}

/* One statement by itself. */
static void
flip_at_once(Flip *flip)
{
	commit_flip(flip, flip->sql);
}

/* A transaction. */
static void
flip_in_transaction(Flip *flip)
{
	begin(flip->session);
	if (change(flip))
		commit_flip(flip, "COMMIT");
}

/* A transaction that is rolled back. */
static void
roll_back(Flip *flip)
{
	begin(flip->session);
	if (change(flip))
		undo_flip(flip, "ROLLBACK");
}

/* A transaction that fails, and is committed all the same. */
static void
fail(Flip *flip)
{
	begin(flip->session);
	if (!change(flip))
		return;
	PQclear(PQexec(flip->session->conn, "SELECT 1 / 0"));
	undo_flip(flip, "COMMIT");
}

/* Goes back to the savepoint, and commits what is left: nothing. */
static void
undo_to_savepoint(Flip *flip)
{
	undo_flip(flip, "ROLLBACK TO s");
	if (!session_done(flip->session, "COMMIT"))
		COUNT(retries, 1);
	expect(flip, flip->from, "after a transaction with an undone savepoint");
}

/* A savepoint that is rolled back, in a transaction that is committed. */
static void
undo_savepoint(Flip *flip)
{
	begin(flip->session);
	session_must(flip->session, "SAVEPOINT s");
	if (change(flip))
		undo_to_savepoint(flip);
}

/* The same, and then once more, and released. */
static void
flip_after_savepoint(Flip *flip)
{
	begin(flip->session);
	session_must(flip->session, "SAVEPOINT s");
	if (!change(flip))
		return;
	undo_flip(flip, "ROLLBACK TO s");
	if (!change(flip))
		return;
	session_must(flip->session, "RELEASE s");
	commit_flip(flip, "COMMIT");
}

/* Runs the change in a block of PL/pgSQL whose end is given. */
static bool
run_block(Flip *flip, const char *end)
{
	static const char form[] = "DO $do$ BEGIN %s; RAISE division_by_zero;"
		" EXCEPTION WHEN division_by_zero THEN %s; END $do$";
	char	   *sql = malloc(sizeof(form) + 2 * strlen(flip->sql) + strlen(end) + 16);
	char	   *performed = malloc(strlen(flip->sql) + 16);
	bool		select = strncmp(flip->sql, "SELECT ", 7) == 0;
	bool		done;

	sprintf(performed, "%s%s", select ? "PERFORM " : "", flip->sql + (select ? 7 : 0));
	sprintf(sql, form, performed, end[0] != '\0' ? end : performed);
	done = session_done(flip->session, sql);
	free(sql);
	free(performed);
	return done;
}

/* An exception block that undoes the change. */
static void
undo_block(Flip *flip)
{
	if (!run_block(flip, "NULL"))
		COUNT(retries, 1);
	COUNT(undone[lever_kind_of(flip->lever)], 1);
	expect(flip, flip->from, "after an exception block");
}

/*
 * A statement that asks while its rows are there and no trigger has fired yet,
 * and fails; in a savepoint or not. Functions that change cannot be made to.
 */
static void
fail_inside(Flip *flip)
{
	static const char asking[] = " RETURNING 1 / (stress_ask('{u}', 't{n}') IS NULL)::int";
	bool		savepoint = session_random(flip->session, 2) == 0;
	char	   *text;
	char	   *sql;

	if (strncmp(flip->sql, "SELECT ", 7) == 0)
	{
		roll_back(flip);
		return;
	}
	text = malloc(strlen(flip->sql) + sizeof(asking));
	sprintf(text, "%s%s", flip->sql, asking);
	sql = lever_sql(flip->lever, text);
	if (savepoint)
	{
		begin(flip->session);
		session_must(flip->session, "SAVEPOINT s");
	}
	PQclear(PQexec(flip->session->conn, sql));
	if (savepoint)
		undo_to_savepoint(flip);
	else
		undo_flip(flip, "SELECT");
	free(text);
	free(sql);
}

/* A prepared transaction, committed or not; it is no longer the session's own. */
static void
prepare(Flip *flip)
{
	char		sql[64];
	char		end[64];
	bool		commit = session_random(flip->session, 2) == 0;

	begin(flip->session);
	if (!change(flip))
		return;
	sprintf(sql, "PREPARE TRANSACTION 'lever %d'", flip->lever);
	if (!session_done(flip->session, sql))
	{
		COUNT(retries, 1);
		return;
	}
	expect(flip, flip->from, "after PREPARE TRANSACTION");

	/* A server that dies is to find some of these when it comes back. */
	nap(flip->session, options.until_lost ? 60 : 3);
	sprintf(end, "%s PREPARED 'lever %d'", commit ? "COMMIT" : "ROLLBACK", flip->lever);
	if (commit)
		commit_flip(flip, end);
	else
		undo_flip(flip, end);
}

static void (*const ways[]) (Flip *) = {
	flip_at_once, flip_at_once, flip_at_once, flip_in_transaction, flip_in_transaction,
	flip_after_savepoint, prepare, prepare, roll_back, undo_savepoint, undo_block, fail, fail_inside
};

/* A writer's process. */
void
write_until_stopped(int number)
{
	Session    *session = session_open("writer", number);
	Flip		flip;

	given = calloc(lever_count(), sizeof(bool));
	while (!time_to_stop())
	{
		flip = pick_flip(session);
		ways[session_random(session, sizeof(ways) / sizeof(ways[0]))] (&flip);
		free(flip.sql);
		free(flip.ask);
		nap(session, 2);
	}
	PQfinish(session->conn);
}
