/*
 * guard_int.h
 *		What the files of the guards share.
 *
 * guard.c is called by the triggers; guard_tenant.c watches the tree of
 * tenants, guard_include.c the includes of roles and groups.
 */
#ifndef TACL_GUARD_INT_H
#define TACL_GUARD_INT_H

#include "store.h"

#include "access/htup.h"
#include "commands/trigger.h"

/* A row as a trigger gets it. */
typedef struct GuardRow
{
	TupleDesc	tupdesc;
	HeapTuple	tuple;
} GuardRow;

/* guard.c */
extern StoreTable guard_table(FunctionCallInfo fcinfo, const char *function);
extern void guard_report_protocol(const char *function, const char *problem);
extern GuardRow guard_new_row(TriggerData *trigger);
extern GuardRow guard_old_row(TriggerData *trigger);
extern TaclName guard_name(GuardRow row, const char *column);
extern int64 guard_id(GuardRow row, const char *column);
extern void guard_look(StoreReader *reader);
extern bool guard_has_lock(void);
extern bool guard_covers(StoreReader *reader, TaclName upper, TaclName lower);

/* guard_tenant.c */
extern void guard_tenant(TriggerData *trigger);

/* guard_include.c */
extern void guard_role_include(TriggerData *trigger);
extern void guard_group_include(TriggerData *trigger);
extern void guard_includes_again(void);
extern void guard_forget_includes(void);

#endif							/* TACL_GUARD_INT_H */
