/*
 * session.c
 *		Connections, and what becomes of their errors.
 *
 * An error of class 40 (not serializable, deadlock) is a refusal, and so is a
 * lock that is not to be had in time, and what is sent before the transaction
 * is rolled back. Any other error is trouble, and ends the run. If the server
 * is to be killed, a lost connection ends the process quietly.
 */
#include "stress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Ends the run: something happened that must not. */
void
trouble(Session *session, const char *what, const char *detail)
{
	printf("TROUBLE %s %d: %s: %s\n", session->role, session->number, what, detail);
	fflush(stdout);
	COUNT(trouble, 1);
	__atomic_store_n(&totals->stop, true, __ATOMIC_SEQ_CST);
	exit(2);
}

/* Ends the process because the server is gone. */
static void
lost(Session *session, const char *what)
{
	if (!options.until_lost)
		trouble(session, what, PQerrorMessage(session->conn));
	__atomic_store_n(&totals->stop, true, __ATOMIC_SEQ_CST);
	exit(0);
}

/* Connects by the environment; readers as an ordinary role, to a replica if there is one. */
Session *
session_open(const char *role, int number)
{
	Session    *session = calloc(1, sizeof(Session));
	bool		reader = strcmp(role, "reader") == 0;
	char		conninfo[1024];

	session->role = role;
	session->number = number;
	session->random = options.seed * UINT64_C(0x9E3779B97F4A7C15) + number * 2 + reader + 1;
	snprintf(conninfo, sizeof(conninfo), "%s application_name=stress",
			 reader ? "user=" READER_ROLE : "");
	if (reader)
		snprintf(conninfo + strlen(conninfo), sizeof(conninfo) - strlen(conninfo), " %s", options.replica);
	session->conn = PQconnectdb(conninfo);
	if (PQstatus(session->conn) != CONNECTION_OK)
		lost(session, "connecting");
	session_must(session, "SET client_min_messages = error");
	session_must(session, "SET statement_timeout = '60 s'");
	session->recovering = session_said_true(session, "SELECT pg_is_in_recovery()");
	return session;
}

/* The next random number below a limit (splitmix64). */
uint32_t
session_random(Session *session, uint32_t below)
{
	uint64_t	x = session->random += UINT64_C(0x9E3779B97F4A7C15);

	x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
	return (uint32_t) ((x ^ (x >> 31)) % below);
}

/* Waits up to so many milliseconds. */
void
nap(Session *session, int max_ms)
{
	usleep(session_random(session, max_ms * 1000 + 1));
}

/* Is the state of an error that of a refusal? */
static bool
is_refusal(const char *state)
{
	return strncmp(state, "40", 2) == 0 || strcmp(state, "55P03") == 0 ||
		strcmp(state, "25P02") == 0;
}

/*
 * Returns the result if it is one; else NULL if the statement was refused
 * because of what others do.
 */
static PGresult *
checked(Session *session, const char *sql, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		return result;
	if (PQstatus(session->conn) != CONNECTION_OK || state == NULL ||
		(options.until_lost && strncmp(state, "57P", 3) == 0))
		lost(session, sql);
	if (!is_refusal(state))
		trouble(session, sql, PQerrorMessage(session->conn));
	PQclear(result);
	return NULL;
}

/* Runs a text; NULL if refused. */
PGresult *
session_run(Session *session, const char *sql)
{
	return checked(session, sql, PQexec(session->conn, sql));
}

/* Runs a text or a prepared statement with parameters; NULL if refused. */
PGresult *
session_run_with(Session *session, const char *sql, int nparams,
				 const char *const *params, bool prepared)
{
	return checked(session, sql, prepared ?
				   PQexecPrepared(session->conn, sql, nparams, params, NULL, NULL, 0) :
				   PQexecParams(session->conn, sql, nparams, NULL, params, NULL, NULL, 0));
}

/* Runs a text; was it done? */
bool
session_done(Session *session, const char *sql)
{
	PGresult   *result = session_run(session, sql);

	PQclear(result);
	return result != NULL;
}

/* Runs a question that must be answered; was it a yes? */
bool
session_said_true(Session *session, const char *sql)
{
	PGresult   *result = session_run(session, sql);
	bool		yes;

	if (result == NULL)
		trouble(session, sql, "refused");
	yes = strcmp(PQgetvalue(result, 0, 0), "t") == 0;
	PQclear(result);
	return yes;
}

/* Runs a text that nothing may refuse. */
void
session_must(Session *session, const char *sql)
{
	if (!session_done(session, sql))
		trouble(session, sql, "refused");
}
