/*
 * disturb.c
 *		Maintenance, and floods of messages, under load.
 *
 * None of it changes an answer. What waits for a lock is given up soon, so
 * that others do not queue behind it for long.
 */
#include "stress.h"

static const char *const disturbances[] = {
	"DO $$ BEGIN FOR i IN 1 .. 1500 LOOP GRANT SELECT ON doc TO PUBLIC; REVOKE SELECT ON doc FROM PUBLIC; END LOOP; END $$",
	"VACUUM FULL pg_catalog.pg_class",
	"VACUUM FULL pg_catalog.pg_proc",
	"VACUUM FULL pg_catalog.pg_attribute",
	"VACUUM FULL pg_catalog.pg_depend",
	"VACUUM FULL pg_catalog.pg_index",
	"VACUUM (ANALYZE) tacl.tenant, tacl.role, tacl.assignment, tacl.group_member",
	"VACUUM (FREEZE)",
	"VACUUM FULL tacl.assignment",
	"VACUUM FULL tacl.role",
	"CLUSTER tacl.assignment USING assignment_key",
	"REINDEX TABLE CONCURRENTLY tacl.tenant",
	"REINDEX TABLE tacl.role",
	"ANALYZE",
	"ALTER TABLE tacl.assignment SET (fillfactor = 90)",
	"SELECT tacl_flush()",
	"CREATE FUNCTION passing() RETURNS int LANGUAGE sql AS 'SELECT 1'",
	"DROP FUNCTION IF EXISTS passing()",
};

/* The process that disturbs. */
void
disturb_until_stopped(int number)
{
	Session    *session = session_open("disturber", number);
	int			count = sizeof(disturbances) / sizeof(disturbances[0]);

	session_must(session, "SET lock_timeout = '200 ms'");
	for (int i = 0; !time_to_stop(); i = (i + 1) % count)
	{
		if (session_done(session, disturbances[i]))
			COUNT(disturbed, 1);
		else
			COUNT(disturb_refused, 1);
		nap(session, 100);
	}
	PQfinish(session->conn);
}
