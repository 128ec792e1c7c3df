/*
 * lever.c
 *		The ways in which a right is given and taken.
 *
 * Lever n is about tenant tn, mostly of its own, and about one of a few users
 * who have other levers as well. All is about the permission doc.view. In the
 * texts, {n} is the lever's number and {u} its user.
 */
#include "stress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEMBERS_ASSIGNED "SELECT tacl_create_group('g{n}', 't{n}'), tacl_assign_group('g{n}', 'viewer', 't{n}')"
#define GRANTED "SELECT tacl_grant('{u}', 'doc.*', 't{n}')"
#define ASSIGNMENT "user_id = '{u}' AND tenant = 't{n}'"

static const LeverKind kinds[] = {
	{"grant", .give = "SELECT tacl_grant('{u}', 'doc.view', 't{n}')",
		.take = "SELECT tacl_revoke('{u}', 'doc.view', 't{n}')"},
	{"deny", .setup = GRANTED,
		.give = "SELECT tacl_revoke('{u}', '!doc.*', 't{n}')",
		.take = "SELECT tacl_grant('{u}', '!doc.*', 't{n}')"},
	{"assign", .give = "SELECT tacl_assign('{u}', 'viewer', 't{n}')",
		.take = "SELECT tacl_unassign('{u}', 'viewer', 't{n}')"},
	{"sync", .give = "SELECT tacl_sync_roles('{u}', '{viewer}', 't{n}')",
		.take = "SELECT tacl_sync_roles('{u}', '{}', 't{n}')"},
	{"role pattern", .setup = "SELECT tacl_define_role('r{n}', '{doc.list}'), tacl_assign('{u}', 'r{n}', 't{n}')",
		.give = "SELECT tacl_define_role('r{n}', '{doc.list, doc.view}')",
		.take = "SELECT tacl_define_role('r{n}', '{doc.list}')"},
	{"role deny", .setup = GRANTED ", tacl_define_role('r{n}', '{}'), tacl_assign('{u}', 'r{n}', 't{n}')",
		.give = "UPDATE tacl.role SET permissions = '{doc.list}' WHERE name = 'r{n}'",
		.take = "UPDATE tacl.role SET permissions = '{doc.list, !*.view}' WHERE name = 'r{n}'"},
	{"role include", .setup = "SELECT tacl_define_role('r{n}', '{doc.list}'), tacl_assign('{u}', 'r{n}', 't{n}')",
		.give = "SELECT tacl_define_role('r{n}', NULL, '*', '{viewer}')",
		.take = "SELECT tacl_define_role('r{n}', NULL, '*', '{}')"},
	{"role drop", .give = "SELECT tacl_define_role('r{n}', '{*.view}', 't{n}'), tacl_assign('{u}', 'r{n}', 't{n}')",
		.take = "SELECT tacl_drop_role('r{n}', 't{n}', true)"},
	{"tree move", .setup = "SELECT tacl_create_tenant('a{n}'), tacl_create_tenant('b{n}'), tacl_grant('{u}', 'doc.view', 'a{n}')",
		.give = "SELECT tacl_move_tenant('t{n}', 'a{n}')",
		.take = "SELECT tacl_move_tenant('t{n}', 'b{n}')"},
	{"tenant drop", .give = "SELECT tacl_create_tenant('t{n}'), tacl_grant('{u}', '*', 't{n}')",
		.take = "SELECT tacl_drop_tenant('t{n}', true)"},
	{"suspension", .setup = GRANTED,
		.give = "SELECT tacl_resume_tenant('t{n}')",
		.take = "SELECT tacl_suspend_tenant('t{n}', '{billing.*}')"},
	{"suspension above", .setup = GRANTED ", tacl_create_tenant('a{n}'), tacl_move_tenant('t{n}', 'a{n}')",
		.give = "SELECT tacl_resume_tenant('a{n}')",
		.take = "SELECT tacl_suspend_tenant('a{n}')"},
	{"ceiling", .setup = GRANTED,
		.give = "SELECT tacl_limit_tenant('t{n}', NULL)",
		.take = "SELECT tacl_limit_tenant('t{n}', '{doc.list, billing.*}')"},
	{"group member", .setup = MEMBERS_ASSIGNED,
		.give = "SELECT tacl_add_member('{u}', 'g{n}', 't{n}')",
		.take = "SELECT tacl_remove_member('{u}', 'g{n}', 't{n}')"},
	{"group include", .setup = MEMBERS_ASSIGNED ", tacl_create_group('h{n}', 't{n}'), tacl_add_member('{u}', 'h{n}', 't{n}')",
		.give = "SELECT tacl_include_group('g{n}', 'h{n}', 't{n}')",
		.take = "SELECT tacl_exclude_group('g{n}', 'h{n}', 't{n}')"},
	{"group assign", .setup = "SELECT tacl_create_group('g{n}', 't{n}'), tacl_add_member('{u}', 'g{n}', 't{n}')",
		.give = "SELECT tacl_assign_group('g{n}', 'viewer', 't{n}')",
		.take = "SELECT tacl_unassign_group('g{n}', 'viewer', 't{n}')"},
	{"disabled user", .setup = GRANTED, .own_user = true,
		.give = "SELECT tacl_enable_user('{u}')",
		.take = "SELECT tacl_disable_user('{u}')"},
	{"direct row", .give = "INSERT INTO tacl.assignment (user_id, tenant, pattern) VALUES ('{u}', 't{n}', 'doc.*')",
		.take = "DELETE FROM tacl.assignment WHERE " ASSIGNMENT},
	{"row of another", .setup = GRANTED,
		.give = "UPDATE tacl.assignment SET user_id = '{u}' WHERE tenant = 't{n}'",
		.take = "UPDATE tacl.assignment SET user_id = 'x{n}' WHERE tenant = 't{n}'"},
	{"expiry", .setup = "SELECT tacl_assign('{u}', 'viewer', 't{n}')",
		.give = "UPDATE tacl.assignment SET expires_at = NULL WHERE " ASSIGNMENT,
		.take = "UPDATE tacl.assignment SET expires_at = now() - interval '1 s' WHERE " ASSIGNMENT},
	{"lapse", .timed = true,
		.give = "SELECT tacl_assign('{u}', 'viewer', 't{n}')",
		.take = "SELECT tacl_assign('{u}', 'viewer', 't{n}', clock_timestamp() + interval '20 ms')"},
	{"begin", .timed = true,
		.give = "SELECT tacl_assign('{u}', 'viewer', 't{n}', NULL, clock_timestamp() + interval '20 ms')",
		.take = "SELECT tacl_unassign('{u}', 'viewer', 't{n}')"},
	{"swap of allows", .always = PHASE_ALLOW,
		.setup = "SELECT tacl_define_role('r{n}', '{doc.view}'), tacl_define_role('q{n}', '{doc.list}'),"
		" tacl_assign('{u}', 'r{n}', 't{n}'), tacl_assign('{u}', 'q{n}', 't{n}')",
		.give = "SELECT tacl_define_role('r{n}', '{doc.view}'), tacl_define_role('q{n}', '{doc.list}')",
		.take = "SELECT tacl_define_role('r{n}', '{doc.list}'), tacl_define_role('q{n}', '{doc.view}')"},
	{"swap of denies", .always = PHASE_DENY,
		.give = "SELECT tacl_grant('{u}', 'doc.view', 't{n}'), tacl_suspend_tenant('t{n}')",
		.take = "SELECT tacl_revoke('{u}', 'doc.view', 't{n}'), tacl_resume_tenant('t{n}')"},
};

/* How many kinds there are. */
int
lever_kinds(void)
{
	return sizeof(kinds) / sizeof(kinds[0]);
}

/* How many levers there are. */
int
lever_count(void)
{
	return options.writers * options.copies * lever_kinds();
}

/* One of the kinds. */
const LeverKind *
lever_kind_number(int number)
{
	return &kinds[number];
}

/* The number of a lever's kind. */
int
lever_kind_of(int lever)
{
	return lever % lever_kinds();
}

/* A lever's kind. */
const LeverKind *
lever_kind(int lever)
{
	return &kinds[lever_kind_of(lever)];
}

/* Writes the name of a lever's user, at most 15 bytes. */
void
lever_user(int lever, char *name)
{
	if (lever_kind(lever)->own_user)
		sprintf(name, "d%d", lever);
	else
		sprintf(name, "u%d", lever % USERS);
}

/* A text about the lever; to be freed. */
char *
lever_sql(int lever, const char *text)
{
	size_t		room = strlen(text) * 4 + 1;
	char	   *sql = malloc(room);
	char	   *end = sql;
	char		user[16];

	lever_user(lever, user);
	while (*text != '\0')
	{
		if (strncmp(text, "{n}", 3) == 0)
			end += sprintf(end, "%d", lever);
		else if (strncmp(text, "{u}", 3) == 0)
			end += sprintf(end, "%s", user);
		else
		{
			*end++ = *text++;
			continue;
		}
		text += 3;
	}
	*end = '\0';
	return sql;
}

/* Runs a text about a lever, which must succeed. */
static void
must(Session *session, int lever, const char *text)
{
	char	   *sql;

	if (text == NULL)
		return;
	sql = lever_sql(lever, text);
	session_must(session, sql);
	free(sql);
}

/*
 * The tables that policies protect, in four ways. Each tenant has some rows,
 * which are visible together or not at all.
 */
static const char *const tables[] = {
	"CREATE TABLE doc (lever int NOT NULL, tenant_id text COLLATE \"C\" NOT NULL)",
	"CREATE TABLE doc_may (LIKE doc); CREATE INDEX ON doc_may (tenant_id)",
	"CREATE TABLE doc_can (LIKE doc); CREATE INDEX ON doc_can (tenant_id)",
	"CREATE TABLE doc_active (LIKE doc); CREATE INDEX ON doc_active (tenant_id)",
	"CREATE TABLE doc_mine (LIKE doc); CREATE INDEX ON doc_mine (tenant_id)",
	"ALTER TABLE doc_may ENABLE ROW LEVEL SECURITY; ALTER TABLE doc_can ENABLE ROW LEVEL SECURITY",
	"CREATE POLICY may ON doc_may USING (tacl_may('doc.view', tenant_id))",
	"CREATE POLICY can ON doc_can USING (tacl_can(current_setting('app.user_id'), 'doc.view', tenant_id))",
	"SELECT tacl_protect('doc_active', 'tenant_id', 'doc'), tacl_protect('doc_mine', 'tenant_id', 'doc', 'all_mine')",
	"CREATE ROLE " READER_ROLE " LOGIN",
	"GRANT SELECT ON doc_may, doc_can, doc_active, doc_mine TO " READER_ROLE,
	"GRANT pg_read_server_files TO " READER_ROLE,
	"GRANT EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint) TO " READER_ROLE,
};

/* Asks about levers again and again, and compares with the board by itself. */
static const char loop[] =
	"CREATE FUNCTION stress_loop%s(board text, byte int, who text, levers int[], rounds int,"
	" OUT checks int, OUT allows int, OUT denies int, OUT stale_allows int, OUT stale_denies int)\n"
	"LANGUAGE plpgsql %s AS $$\n"
	"DECLARE before bytea; may boolean; phase int; n int;\n"
	"BEGIN\n"
	"    checks := 0; allows := 0; denies := 0; stale_allows := 0; stale_denies := 0;\n"
	"    FOR i IN 1 .. rounds LOOP\n"
	"        FOREACH n IN ARRAY levers LOOP\n"
	"            before := pg_read_binary_file(board, n * 8, 8);\n"
	"            may := tacl_can(who, 'doc.view', 't' || n);\n"
	"            checks := checks + 1;\n"
	"            CONTINUE WHEN before <> pg_read_binary_file(board, n * 8, 8);\n"
	"            phase := get_byte(before, byte) & 3;\n"
	"            IF phase = 1 THEN\n"
	"                denies := denies + 1;\n"
	"                stale_allows := stale_allows + may::int;\n"
	"            ELSIF phase = 2 THEN\n"
	"                allows := allows + 1;\n"
	"                stale_denies := stale_denies + (NOT may)::int;\n"
	"            END IF;\n"
	"        END LOOP;\n"
	"    END LOOP;\n"
	"END $$";

/* Asks with the rows of the running statement in view. */
static const char ask[] =
	"CREATE FUNCTION stress_ask(who text, tenant text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS"
	" $$ BEGIN RETURN tacl_can(who, 'doc.view', tenant); END $$";

/* Makes the functions that ask. */
static void
make_functions(Session *session)
{
	char		sql[sizeof(loop) + 32];

	snprintf(sql, sizeof(sql), loop, "", "VOLATILE");
	session_must(session, sql);
	snprintf(sql, sizeof(sql), loop, "_stable", "STABLE");
	session_must(session, sql);
	session_must(session, ask);
}

/* Makes the extension, tenants, levers and tables. */
void
lever_setup(void)
{
	Session    *session = session_open("setup", 0);
	char		sql[256];

	session_must(session, "CREATE EXTENSION tenant_acl");
	session_must(session, "SELECT tacl_define_role('viewer', '{doc.view}')");
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		session_must(session, tables[i]);
	make_functions(session);
	for (int lever = 0; lever < lever_count(); lever++)
	{
		must(session, lever, "SELECT tacl_create_tenant('t{n}')");
		must(session, lever, lever_kind(lever)->setup);
	}
	for (const char *const *name = (const char *const[]) {"may", "can", "active", "mine", NULL}; *name != NULL; name++)
	{
		snprintf(sql, sizeof(sql),
				 "INSERT INTO doc_%s SELECT n, 't' || n FROM generate_series(0, %d) AS n, generate_series(1, %d)",
				 *name, lever_count() - 1, ROWS_PER_TENANT);
		session_must(session, sql);
	}
	session_must(session, "ANALYZE");
	PQfinish(session->conn);
}

/* Takes all rights, and says so. */
void
lever_reset(void)
{
	Session    *session = session_open("reset", 0);
	Phase		always;

	for (int lever = 0; lever < lever_count(); lever++)
	{
		/* A tenant that is there, or not, can be dropped. */
		must(session, lever, lever_kind(lever)->take);
		always = lever_kind(lever)->always;
		board_publish(lever, always != PHASE_OPEN ? always : PHASE_DENY);
	}
	PQfinish(session->conn);
	usleep(2 * LEVER_DELAY_MS * 1000);
}

/* What flips a settled lever, or leaves it as it always is; NULL if it is open. */
static const char *
flip_text(Session *session, int lever)
{
	const LeverKind *kind = lever_kind(lever);
	Phase		phase = board_phase(board_read(lever));
	bool		give = kind->always == PHASE_OPEN ? phase == PHASE_DENY : session_random(session, 2) == 0;

	if (phase == PHASE_OPEN)
		return NULL;
	return give ? kind->give : kind->take;
}

/* Leaves a flip of the lever prepared; false if others have locked what it needs. */
static bool
prepare_flip(Session *session, int lever)
{
	const char *text = flip_text(session, lever);
	char		end[64];
	char	   *sql;
	bool		done;

	if (text == NULL)
		return false;
	sql = lever_sql(lever, text);
	sprintf(end, "PREPARE TRANSACTION 'left lever %d'", lever);
	session_must(session, "BEGIN");
	session_must(session, "SET LOCAL lock_timeout = '50 ms'");
	done = session_done(session, sql) && session_done(session, end);
	if (!done)
		session_must(session, "ROLLBACK");
	free(sql);
	return done;
}

/* Leaves as many transactions prepared as checks are wanted, if it can be done. */
void
lever_prepare(void)
{
	Session    *session = session_open("prepare", 0);
	int			count = lever_count();
	int			first = session_random(session, count);
	int			done = 0;

	/* In steps of a prime, so that each is met once, and kinds are mixed. */
	for (int i = 0; i < count && done < options.checks; i++)
		done += prepare_flip(session, (first + i * 7907) % count);
	printf("prepared: %d\n", done);
	PQfinish(session->conn);
}

/* Asks about every lever that is settled, in a new session. */
void
lever_verify(void)
{
	Session    *session = session_open("verify", 0);
	Question	question = {HOW_TEXT, LEVEL_AUTOCOMMIT, 0, 1};
	char	   *sql;

	for (int lever = 0; lever < lever_count(); lever++)
	{
		sql = lever_sql(lever, "SELECT tacl_can('{u}', 'doc.view', 't{n}')");
		judge(&question, lever, board_read(lever), session_said_true(session, sql));
		free(sql);
	}
	PQfinish(session->conn);
}
