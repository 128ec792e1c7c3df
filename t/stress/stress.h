/*
 * stress.h
 *		What the files of the stress program share.
 *
 * Writers change rights and publish on the board what they have committed;
 * readers ask, and compare with the board. A right that a writer flips is a
 * lever: one user, one tenant, one permission, one way to give and take it.
 *
 * stress.c		arguments, processes, the report
 * board.c		what is true, in a file that all processes and the server map
 * lever.c		the kinds of levers, and the database that is made of them
 * session.c	connections
 * writer.c		flips levers, and undoes flips
 * reader.c		asks in every way
 * judge.c		compares an answer with the board
 * disturb.c	maintenance and floods of messages meanwhile
 */
#ifndef STRESS_H
#define STRESS_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#define USERS 12
#define ROWS_PER_TENANT 4
#define READER_ROLE "stress_reader"

/* What the program was told. */
typedef struct Options
{
	uint32_t	seed;
	int			writers;
	int			readers;
	int			copies;			/* levers of each kind, for each writer */
	long		checks;			/* the run ends after so many, */
	int			least_seconds;	/* and after so long, */
	int			seconds;		/* and may take this long */
	bool		until_lost;		/* the server will be killed: no error */
	bool		disturb;		/* maintenance meanwhile */
	const char *board;			/* file */
	const char *replica;		/* where readers ask; empty for the same server */
} Options;

extern Options options;

/*
 * Board
 */

/* What is known of a lever; in the low bits of its word. */
typedef enum Phase
{
	PHASE_OPEN,					/* a commit is on its way, or its outcome unknown */
	PHASE_DENY,					/* a revocation is committed, and no grant begun */
	PHASE_ALLOW					/* a grant is committed, and no revocation begun */
} Phase;

#define PHASE_BITS 2

extern void board_open(bool fresh);
extern uint64_t board_read(int lever);
extern Phase board_phase(uint64_t word);
extern void board_publish(int lever, Phase phase);
extern int	board_phase_byte(void);

/*
 * Levers
 */

/* A way to give a right and to take it. */
typedef struct LeverKind
{
	const char *name;
	const char *setup;
	const char *give;
	const char *take;
	Phase		always;			/* if not open: what both leave as it is */
	bool		timed;			/* takes effect LEVER_DELAY_MS later */
	bool		own_user;		/* the user has this lever only */
} LeverKind;

#define LEVER_DELAY_MS 20

extern int	lever_count(void);
extern const LeverKind *lever_kind(int lever);
extern int	lever_kinds(void);
extern const LeverKind *lever_kind_number(int number);
extern int	lever_kind_of(int lever);
extern void lever_user(int lever, char *name);
extern char *lever_sql(int lever, const char *text);
extern void lever_setup(void);
extern void lever_reset(void);
extern void lever_prepare(void);
extern void lever_verify(void);

/*
 * Counts, shared by all processes
 */

typedef enum How
{
	HOW_TEXT,
	HOW_PREPARED,
	HOW_BATCH,
	HOW_LOOP,
	HOW_LOOP_STABLE,
	HOW_POLICY_MAY,
	HOW_POLICY_CAN,
	HOW_PROTECTED_ACTIVE,
	HOW_PROTECTED_MINE,
	HOWS
} How;

typedef enum Level
{
	LEVEL_AUTOCOMMIT,
	LEVEL_READ_COMMITTED,
	LEVEL_REPEATABLE_READ,
	LEVEL_SERIALIZABLE,
	LEVELS
} Level;

#define MAX_KINDS 32

typedef struct Totals
{
	long		checks;
	long		by_how[HOWS];
	long		by_level[LEVELS];
	long		judged_allow;
	long		judged_deny;
	long		unjudged;		/* the lever moved meanwhile */
	long		stale_allow;
	long		stale_deny;
	long		transactions;
	long		retries;		/* refused as not serializable, or deadlock */
	long		own;			/* checks by writers of what they do themselves */
	long		own_wrong;
	long		flips[MAX_KINDS];
	long		undone[MAX_KINDS];
	long		disturbed;
	long		disturb_refused;
	long		trouble;
	bool		stop;
} Totals;

extern Totals *totals;

#define COUNT(what, n) ((void) __atomic_add_fetch(&totals->what, (n), __ATOMIC_SEQ_CST))

extern bool time_to_stop(void);

/*
 * Sessions
 */

/* A process's connection and randomness. */
typedef struct Session
{
	PGconn	   *conn;
	uint64_t	random;
	const char *role;			/* reader, writer ... */
	int			number;
	bool		recovering;		/* on a standby, which is never SERIALIZABLE */
} Session;

extern Session *session_open(const char *role, int number);
extern PGresult *session_run(Session *session, const char *sql);
extern PGresult *session_run_with(Session *session, const char *sql,
								  int nparams, const char *const *params,
								  bool prepared);
extern bool session_done(Session *session, const char *sql);
extern bool session_said_true(Session *session, const char *sql);
extern void session_must(Session *session, const char *sql);
extern uint32_t session_random(Session *session, uint32_t below);
extern void nap(Session *session, int max_ms);
extern void trouble(Session *session, const char *what, const char *detail);

/*
 * Roles of processes
 */

extern void write_until_stopped(int number);
extern void read_until_stopped(int number);
extern void disturb_until_stopped(int number);

/*
 * Judging
 */

/* Where a question was asked. */
typedef struct Question
{
	How			how;
	Level		level;
	int			reader;
	int			nth;			/* statement of its transaction */
} Question;

extern const char *how_name(How how);
extern const char *level_name(Level level);
extern void judge(const Question *question, int lever, uint64_t before, bool allowed);
extern void judge_counted(const Question *question, long checks, long judged_allow,
						  long judged_deny, long stale_allow, long stale_deny);
extern void judge_foreign(const Question *question, int lever);

#endif							/* STRESS_H */
