/*
 * fault.c
 *		Places where tests can make a build wait; absent from normal builds.
 */
#include "tenant_acl.h"

#include "utils/fmgrprotos.h"
#include "utils/guc.h"

#include "fault.h"

#ifdef TACL_FAULT_POINTS

/* The advisory lock that a paused build waits for. */
#define FAULT_LOCK_CLASS	7283
#define FAULT_LOCK_OBJECT	1

/* Waits for the lock if the setting tacl_fault.point is this place's name. */
void
fault_point(const char *name)
{
	const char *wanted = GetConfigOption("tacl_fault.point", true, false);

	if (wanted == NULL || strcmp(wanted, name) != 0)
		return;
	DirectFunctionCall2(pg_advisory_lock_int4,
						Int32GetDatum(FAULT_LOCK_CLASS),
						Int32GetDatum(FAULT_LOCK_OBJECT));
	DirectFunctionCall2(pg_advisory_unlock_int4,
						Int32GetDatum(FAULT_LOCK_CLASS),
						Int32GetDatum(FAULT_LOCK_OBJECT));
}

#endif							/* TACL_FAULT_POINTS */
