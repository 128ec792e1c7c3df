/*
 * admin.h
 *		What the functions that change something share.
 *
 * Each goes through the same frame: admin_begin() says whether the caller may
 * do it at all, arguments are validated, delegate_enter() says whether a
 * delegate may do it there, names are looked up under a fresh snapshot, the
 * rules for delegates are applied to what was found, and one or more
 * statements (see statement.h) write what differs. A call that would change
 * nothing returns false and writes nothing.
 */
#ifndef TACL_ADMIN_H
#define TACL_ADMIN_H

#include "access.h"
#include "args.h"
#include "delegate.h"
#include "resolve.h"
#include "statement.h"
#include "store.h"

/* What a function does, as far as permission to do it goes. */
typedef struct AdminAction
{
	const char *function;		/* its name, for messages */
	const char *right;			/* of a delegate; NULL for the operator's */
	AclMode		needs[STORE_ALL_TABLES];	/* of the calling database role */
} AdminAction;

/* admin.c: the frame, and arguments */
extern void admin_begin(const AdminAction *action, Delegate *by);
extern void admin_begin_own(const char *function);
extern void admin_check_attempt(int attempt);
extern bool admin_flag(FunctionCallInfo fcinfo, int argno);
extern NullableDatum admin_param(FunctionCallInfo fcinfo, int argno);
extern TaclName admin_pattern(FunctionCallInfo fcinfo, int argno);
extern bool admin_patterns(FunctionCallInfo fcinfo, int argno,
						   bool denies_too, PatternArray *patterns);
extern bool admin_patterns_equal(PatternArray a, PatternArray b);
extern bool admin_names(FunctionCallInfo fcinfo, int argno, const char *what,
						PatternArray *names);
extern void admin_validity(FunctionCallInfo fcinfo, int argno,
						   AssignmentRow *wanted);
extern IdArray admin_id_room(int count);
extern void admin_sort_ids(IdArray *ids);
extern int	admin_find_id(IdArray ids, int64 id);
extern char *admin_join(List *texts, const char *separator);
extern NullableDatum admin_author(const Delegate *by);
extern RoleRow admin_role(const Delegate *by, StoreReader *reader,
						  TaclName name, TaclName tenant);
extern GroupRow admin_group(const Delegate *by, StoreReader *reader,
							TaclName name, TaclName tenant);

/* admin_assign.c: used for groups and by tacl_sync_roles(), too */
extern bool admin_add_assignment(const Delegate *by,
								 const AssignmentRow *wanted);
extern bool admin_put_assignment(Delegate *by, const AssignmentRow *wanted);
extern bool admin_delete_assignments(Delegate *by, AssignmentArray rows);

/* admin_preference.c: used for switching, too */
extern bool admin_remember_tenant(TaclName user, TaclName tenant);

#endif							/* TACL_ADMIN_H */
