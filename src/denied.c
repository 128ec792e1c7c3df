/*
 * denied.c
 *		Refusals in the server log.
 *
 * Whoever may ask can ask often: one session writes a few lines a second at
 * most, and the next line after that says how many are missing. What was asked
 * is another's text: it is written so that it cannot pass for anything else.
 */
#include "tenant_acl.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/timestamp.h"

#include "denied.h"
#include "guc.h"

/* Lines that one session writes in one second. */
#define LINES_PER_SECOND 10

/* The second that is running, the lines written in it, and those that were not. */
static TimestampTz second_began = 0;
static int	lines = 0;
static uint64 missing = 0;

/* May a line be written now? */
static bool
take_line(void)
{
	TimestampTz now = GetCurrentTimestamp();

	if (now < second_began || now >= second_began + USECS_PER_SEC)
	{
		second_began = now;
		lines = 0;
	}
	if (lines == LINES_PER_SECOND)
		return false;
	lines++;
	return true;
}

/* A name in quotes, with what could end it or the line written as its byte. */
static char *
quoted(TaclName name)
{
	StringInfoData text;
	int			len;

	if (name.data == NULL)
		return "NULL";
	len = pg_mbcliplen(name.data, name.len, TACL_MAX_NAME_BYTES);
	initStringInfo(&text);
	appendStringInfoChar(&text, '"');
	for (int i = 0; i < len; i++)
	{
		unsigned char byte = name.data[i];

		if (byte < ' ' || byte == 0x7f || byte == '"' || byte == '\\')
			appendStringInfo(&text, "\\x%02x", byte);
		else
			appendStringInfoChar(&text, byte);
	}
	appendStringInfoChar(&text, '"');
	return text.data;
}

/* Logs a refusal; see denied.h. */
void
denied_log(TaclName user, TaclName permission, TaclName tenant)
{
	if (!tacl_log_denied)
		return;
	if (!take_line())
	{
		missing++;
		return;
	}
	ereport(LOG_SERVER_ONLY,
			(errmsg("permission denied: user %s, permission %s, tenant %s",
					quoted(user), quoted(permission), quoted(tenant)),
			 missing > 0 ? errdetail_log("%llu refusals before this one were not logged.",
										 (unsigned long long) missing) : 0,
			 errhidestmt(true),
			 errhidecontext(true)));
	missing = 0;
}
