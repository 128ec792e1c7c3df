/*
 * reader.c
 *		Asks, in transactions of every level and length, in every way.
 *
 * One session does it all in turn, so that what it remembers from one way and
 * one level meets all others. Plans are custom in one reader, generic in the
 * next, and PostgreSQL's choice in a third; every other one has no sequential
 * scans, so that policies become conditions of an index.
 */
#include "stress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 120
#define LOOP_ROUNDS 8

/* A user with the levers that concern it. */
typedef struct Subject
{
	char		name[16];
	int			count;
	int		   *levers;
	uint64_t   *before;			/* words, when the question was sent */
	char	   *tenants;		/* array of tenants, */
	char	   *untimed;		/* and of numbers of levers, as text */
} Subject;

static Subject *subjects;
static int	subject_count;

static const char *const prepared[][2] = {
	{"one", "SELECT tacl_can($1, 'doc.view', $2)"},
	{"many", "SELECT substr(t, 2), tacl_can($1, 'doc.view', t) FROM unnest($2::text[]) AS t"},
	{"loop", "SELECT * FROM stress_loop($1, $2, $3, $4, $5)"},
	{"loop_stable", "SELECT * FROM stress_loop_stable($1, $2, $3, $4, $5)"},
	{"become", "SELECT set_config('app.user_id', $1, false), set_config('app.tenant', $2, false)"},
	{"may", "SELECT lever, count(*) FROM doc_may GROUP BY lever"},
	{"can", "SELECT lever, count(*) FROM doc_can GROUP BY lever"},
	{"active", "SELECT lever, count(*) FROM doc_active GROUP BY lever"},
	{"mine", "SELECT lever, count(*) FROM doc_mine GROUP BY lever"},
};

/*
 * Subjects
 */

/* Appends to a text that is an array. */
static void
append(char **array, const char *form, int number)
{
	size_t		used = strlen(*array);

	*array = realloc(*array, used + 24);
	(*array)[used - 1] = used > 2 ? ',' : '{';
	if (used == 2)
		used = 1;
	sprintf(*array + used, form, number);
	strcat(*array, "}");
}

/* The subject of that name, made if there is none. */
static Subject *
subject_named(const char *name)
{
	Subject    *subject;

	for (int i = 0; i < subject_count; i++)
	{
		if (strcmp(subjects[i].name, name) == 0)
			return &subjects[i];
	}
	subjects = realloc(subjects, (subject_count + 1) * sizeof(Subject));
	subject = &subjects[subject_count++];
	memset(subject, 0, sizeof(*subject));
	strcpy(subject->name, name);
	subject->tenants = strdup("{}");
	subject->untimed = strdup("{}");
	subject->levers = malloc(lever_count() * sizeof(int));
	subject->before = malloc(lever_count() * sizeof(uint64_t));
	return subject;
}

/* Finds out who is asked about. */
static void
make_subjects(void)
{
	char		name[16];
	Subject    *subject;

	for (int lever = 0; lever < lever_count(); lever++)
	{
		lever_user(lever, name);
		subject = subject_named(name);
		subject->levers[subject->count++] = lever;
		append(&subject->tenants, "t%d", lever);
		if (!lever_kind(lever)->timed)
			append(&subject->untimed, "%d", lever);
	}
}

/* Notes what the board says before a question about the subject is sent. */
static void
look(Subject *subject)
{
	for (int i = 0; i < subject->count; i++)
		subject->before[i] = board_read(subject->levers[i]);
}

/*
 * Questions. Each returns false if the transaction was refused.
 */

/* One check of one lever. */
static bool
ask_one(Session *session, Question *question, Subject *subject)
{
	int			i = session_random(session, subject->count);
	int			lever = subject->levers[i];
	char		tenant[16];
	const char *params[] = {subject->name, tenant};
	char	   *sql = NULL;
	PGresult   *result;

	sprintf(tenant, "t%d", lever);
	if (question->how == HOW_TEXT)
		sql = lever_sql(lever, "SELECT tacl_can('{u}', 'doc.view', 't{n}')");
	look(subject);
	result = sql != NULL ? session_run(session, sql) :
		session_run_with(session, "one", 2, params, true);
	free(sql);
	if (result == NULL)
		return false;
	judge(question, lever, subject->before[i], *PQgetvalue(result, 0, 0) == 't');
	PQclear(result);
	return true;
}

/* One statement that checks all levers of the subject. */
static bool
ask_many(Session *session, Question *question, Subject *subject)
{
	const char *params[] = {subject->name, subject->tenants};
	PGresult   *result;

	look(subject);
	result = session_run_with(session, "many", 2, params, true);
	if (result == NULL)
		return false;
	if (PQntuples(result) != subject->count)
		trouble(session, "many", "a different number of answers");
	for (int i = 0; i < subject->count; i++)
		judge(question, subject->levers[i], subject->before[i], *PQgetvalue(result, i, 1) == 't');
	PQclear(result);
	return true;
}

/* A loop inside the server, which looks at the board itself. */
static bool
ask_loop(Session *session, Question *question, Subject *subject)
{
	char		rounds[16];
	const char *params[] = {options.board, board_phase_byte() == 0 ? "0" : "7",
	subject->name, subject->untimed, rounds};
	PGresult   *result;
	long		n[5];

	sprintf(rounds, "%u", 1 + session_random(session, LOOP_ROUNDS));
	result = session_run_with(session, question->how == HOW_LOOP ? "loop" : "loop_stable",
							  5, params, true);
	if (result == NULL)
		return false;
	for (int i = 0; i < 5; i++)
		n[i] = atol(PQgetvalue(result, 0, i));
	judge_counted(question, n[0], n[1], n[2], n[3], n[4]);
	PQclear(result);
	return true;
}

/* How many rows of a lever's tenant were returned. */
static int
rows_of(PGresult *result, int lever)
{
	for (int i = 0; i < PQntuples(result); i++)
	{
		if (atoi(PQgetvalue(result, i, 0)) == lever)
			return atoi(PQgetvalue(result, i, 1));
	}
	return 0;
}

/* Judges a tenant of which some rows are visible and some are not. */
static void
judge_rows(const Question *question, Subject *subject, int i, int rows)
{
	Phase		phase = board_phase(subject->before[i]);
	bool		all = rows == ROWS_PER_TENANT;

	/* Some are none where all must be, and all where none may be. */
	if (rows > 0 && !all)
		all = phase != PHASE_ALLOW;
	judge(question, subject->levers[i], subject->before[i], all);
}

/* Judges what a policy let through; only "only" is asked about if that is one. */
static void
judge_result(const Question *question, Subject *subject, PGresult *result, int only)
{
	int			known = 0;
	int			rows;

	for (int i = 0; i < subject->count; i++)
	{
		rows = rows_of(result, subject->levers[i]);
		known += rows > 0;
		if (only < 0 || i == only)
			judge_rows(question, subject, i, rows);
		else if (rows > 0)
			judge_foreign(question, subject->levers[i]);
	}
	for (int i = known; i < PQntuples(result); i++)
		judge_foreign(question, atoi(PQgetvalue(result, i, 0)));
}

/* Reads a table that a policy protects, as the subject. */
static bool
ask_policy(Session *session, Question *question, Subject *subject)
{
	static const char *const names[] = {"may", "can", "active", "mine"};
	int			only = session_random(session, subject->count);
	char		tenant[16];
	const char *params[] = {subject->name, tenant};
	PGresult   *result;

	sprintf(tenant, "t%d", subject->levers[only]);
	result = session_run_with(session, "become", 2, params, true);
	if (result == NULL)
		return false;
	PQclear(result);
	look(subject);
	result = session_run_with(session, names[question->how - HOW_POLICY_MAY], 0, NULL, true);
	if (result == NULL)
		return false;
	judge_result(question, subject, result, question->how == HOW_PROTECTED_ACTIVE ? only : -1);
	PQclear(result);
	return true;
}

static bool (*const questions[HOWS]) (Session *, Question *, Subject *) = {
	ask_one, ask_one, ask_many, ask_loop, ask_loop, ask_policy, ask_policy, ask_policy, ask_policy
};

/* How often each is asked: small ones more often. */
static const How mixture[] = {
	HOW_TEXT, HOW_TEXT, HOW_TEXT, HOW_TEXT, HOW_TEXT, HOW_TEXT,
	HOW_PREPARED, HOW_PREPARED, HOW_PREPARED, HOW_PREPARED, HOW_PREPARED, HOW_PREPARED,
	HOW_BATCH, HOW_BATCH, HOW_BATCH, HOW_LOOP, HOW_LOOP_STABLE,
	HOW_POLICY_MAY, HOW_POLICY_CAN, HOW_PROTECTED_ACTIVE, HOW_PROTECTED_ACTIVE, HOW_PROTECTED_MINE
};

/* Some way to ask. */
static How
any_how(Session *session)
{
	return mixture[session_random(session, sizeof(mixture) / sizeof(mixture[0]))];
}

/* Anyone. */
static Subject *
anyone(Session *session)
{
	return &subjects[session_random(session, subject_count)];
}

/*
 * Asks a number of times, until refused. As often as not it is always the same
 * question: then the session takes no new lock, and hears of nothing on the way.
 */
static bool
ask(Session *session, Level level, int length)
{
	Question	question = {any_how(session), level, session->number, 1};
	Subject    *subject = anyone(session);
	bool		same = session_random(session, 2) == 0;

	for (; question.nth <= length && !time_to_stop(); question.nth++)
	{
		if (!questions[question.how] (session, &question, subject))
			return false;
		if (!same)
		{
			question.how = any_how(session);
			subject = anyone(session);
		}
	}
	return true;
}

/* One transaction, or some statements without one. */
static void
read_once(Session *session)
{
	static const char *const begins[LEVELS] = {
		NULL, "BEGIN ISOLATION LEVEL READ COMMITTED",
		"BEGIN ISOLATION LEVEL REPEATABLE READ", "BEGIN ISOLATION LEVEL SERIALIZABLE"
	};
	Level		level = session_random(session, session->recovering ? LEVEL_SERIALIZABLE : LEVELS);
	bool		done;

	if (begins[level] != NULL)
		session_must(session, begins[level]);
	done = ask(session, level, 1 + session_random(session, LONGEST));
	COUNT(transactions, 1);
	if (!done)
		COUNT(retries, 1);
	if (begins[level] == NULL)
		return;
	if (!done || session_random(session, 4) == 0)
		session_must(session, "ROLLBACK");
	else if (!session_done(session, "COMMIT"))
		COUNT(retries, 1);
}

/* A reader's process. */
void
read_until_stopped(int number)
{
	static const char *const modes[] = {"auto", "force_generic_plan", "force_custom_plan"};
	Session    *session = session_open("reader", number);
	char		sql[64];

	make_subjects();
	sprintf(sql, "SET plan_cache_mode = %s", modes[number % 3]);
	session_must(session, sql);
	sprintf(sql, "SET enable_seqscan = %s", number % 2 == 0 ? "on" : "off");
	session_must(session, sql);
	for (size_t i = 0; i < sizeof(prepared) / sizeof(prepared[0]); i++)
		PQclear(PQprepare(session->conn, prepared[i][0], prepared[i][1], 0, NULL));
	while (!time_to_stop())
		read_once(session);
	PQfinish(session->conn);
}
