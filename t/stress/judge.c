/*
 * judge.c
 *		Compares answers with the board, and counts.
 */
#include "stress.h"

#include <stdio.h>

/* So many violations are printed. */
#define PRINTED 20

static const char *const hows[HOWS] = {
	"direct, as text", "direct, prepared", "direct, many at once",
	"in a PL/pgSQL loop", "in a PL/pgSQL loop, STABLE",
	"policy with tacl_may", "policy with tacl_can",
	"tacl_protect, active tenant", "tacl_protect, all tenants"
};

static const char *const levels[LEVELS] = {
	"autocommit", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"
};

/* What a way to ask is called. */
const char *
how_name(How how)
{
	return hows[how];
}

/* What a kind of transaction is called. */
const char *
level_name(Level level)
{
	return levels[level];
}

/* Prints a violation, unless there were too many. */
static void
report(const Question *question, int lever, const char *what)
{
	if (totals->stale_allow + totals->stale_deny > PRINTED)
		return;
	printf("VIOLATION %s: lever %d (%s), %s, %s, statement %d of reader %d's transaction\n",
		   what, lever, lever_kind(lever)->name, how_name(question->how),
		   level_name(question->level), question->nth, question->reader);
	fflush(stdout);
}

/* Counts checks by how and where they were asked. */
static void
count_checks(const Question *question, long checks)
{
	COUNT(checks, checks);
	COUNT(by_how[question->how], checks);
	COUNT(by_level[question->level], checks);
}

/* Judges one answer; "before" is the lever's word before the question. */
void
judge(const Question *question, int lever, uint64_t before, bool allowed)
{
	Phase		phase = board_phase(before);

	count_checks(question, 1);
	if (phase == PHASE_OPEN || board_read(lever) != before)
	{
		COUNT(unjudged, 1);
		return;
	}
	if (phase == PHASE_DENY)
		COUNT(judged_deny, 1);
	else
		COUNT(judged_allow, 1);
	if (allowed && phase == PHASE_DENY)
	{
		COUNT(stale_allow, 1);
		report(question, lever, "allowed though revoked");
	}
	if (!allowed && phase == PHASE_ALLOW)
	{
		COUNT(stale_deny, 1);
		report(question, lever, "denied though granted");
	}
}

/* Counts what the server has judged itself. */
void
judge_counted(const Question *question, long checks, long judged_allow,
			  long judged_deny, long stale_allow, long stale_deny)
{
	count_checks(question, checks);
	COUNT(judged_allow, judged_allow);
	COUNT(judged_deny, judged_deny);
	COUNT(unjudged, checks - judged_allow - judged_deny);
	COUNT(stale_allow, stale_allow);
	COUNT(stale_deny, stale_deny);
	if (stale_allow > 0)
		printf("VIOLATION %ld allowed though revoked: %s, %s\n", stale_allow,
			   how_name(question->how), level_name(question->level));
	if (stale_deny > 0)
		printf("VIOLATION %ld denied though granted: %s, %s\n", stale_deny,
			   how_name(question->how), level_name(question->level));
	fflush(stdout);
}

/* A row of a tenant where the user never had anything was visible. */
void
judge_foreign(const Question *question, int lever)
{
	COUNT(stale_allow, 1);
	report(question, lever, "a row of a foreign tenant");
}
