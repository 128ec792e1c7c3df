/*
 * fault.c
 *		Places where tests can make a session wait, fail or leave something out;
 *		absent from normal builds.
 */
#include "tenant_acl.h"

#include "utils/fmgrprotos.h"
#include "utils/guc.h"

#include "fault.h"

#ifdef TACL_FAULT_POINTS

/* The advisory lock to wait for: this class, and the key or 1. */
#define FAULT_LOCK_CLASS	7283

/* A setting that tests may have set; "" if not. */
static const char *
fault_setting(const char *name)
{
	const char *value = GetConfigOption(name, true, false);

	return value != NULL ? value : "";
}

/*
 * If the setting tacl_fault.point is this place's name, waits until it had the
 * advisory lock whose key is in tacl_fault.key; or, if tacl_fault.action is
 * "error", raises one.
 */
void
fault_point(const char *name)
{
	int			key;

	if (strcmp(fault_setting("tacl_fault.point"), name) != 0)
		return;
	if (strcmp(fault_setting("tacl_fault.action"), "error") == 0)
		ereport(ERROR, (errmsg("fault point \"%s\"", name)));
	key = atoi(fault_setting("tacl_fault.key"));
	key = key != 0 ? key : 1;
	DirectFunctionCall2(pg_advisory_lock_int4,
						Int32GetDatum(FAULT_LOCK_CLASS), Int32GetDatum(key));
	DirectFunctionCall2(pg_advisory_unlock_int4,
						Int32GetDatum(FAULT_LOCK_CLASS), Int32GetDatum(key));
}

/*
 * Is the session to do without what has this name? So tests show that they
 * would notice if it were not there.
 */
bool
fault_leaves_out(const char *name)
{
	return strcmp(fault_setting("tacl_fault.leave_out"), name) == 0;
}

#endif							/* TACL_FAULT_POINTS */
