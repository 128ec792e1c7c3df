/*
 * admin.c
 *		The frame of the functions that change something, and their arguments.
 *
 * Who may change what is decided here, before anything is looked at, so that
 * a refused caller learns nothing: neither whether a tenant exists nor
 * whether an argument is valid.
 */
#include "admin.h"

#include "lib/qunique.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/timestamp.h"

#include "session.h"

/* How often a function tries to write what others write and undo. */
#define MAX_ATTEMPTS 20

/* Refuses where nothing can be written, or must not be. */
static void
refuse_unfit_moment(const char *function)
{
	PreventCommandDuringRecovery(function);
	PreventCommandIfReadOnly(function);
	PreventCommandIfParallelMode(function);
	if (InSecurityRestrictedOperation())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("cannot execute %s within security-restricted operation",
						function)));
}

/*
 * Ensures that something may be changed here and now by the user of the
 * session about themselves, or raises an error. A bad token does not mean that
 * there is no user.
 */
void
admin_begin_own(const char *function)
{
	refuse_unfit_moment(function);
	session_require_good_token();
	store_resolve_oids();
}

/*
 * Ensures that the caller may do this here and now, or raises an error, and
 * finds out in whose name. With no user in the session it is the database role
 * that counts; with one, only what delegates may do. Where that is nothing,
 * it need not be found out.
 */
void
admin_begin(const AdminAction *action, Delegate *by)
{
	Delegate	operator;

	if (by == NULL)
		by = &operator;
	admin_begin_own(action->function);
	delegate_begin(by, action->function, action->right);
	for (int i = 0; i < STORE_ALL_TABLES && by->count == 0; i++)
	{
		if (action->needs[i] != 0)
			access_require(i, action->needs[i]);
	}
}

/* A boolean argument; NULL is false. */
bool
admin_flag(FunctionCallInfo fcinfo, int argno)
{
	return !PG_ARGISNULL(argno) && PG_GETARG_BOOL(argno);
}

/* An argument to be passed on to a statement as it is. */
NullableDatum
admin_param(FunctionCallInfo fcinfo, int argno)
{
	return fcinfo->args[argno];
}

/* A pattern that must be there. */
TaclName
admin_pattern(FunctionCallInfo fcinfo, int argno)
{
	TaclName	text;

	if (!arg_text(fcinfo, argno, &text))
		report_missing("permission pattern");
	require_pattern(text, true);
	return text;
}

/* A list of valid patterns; false if the argument is NULL. */
bool
admin_patterns(FunctionCallInfo fcinfo, int argno, bool denies_too,
			   PatternArray *patterns)
{
	patterns->count = arg_text_array(fcinfo, argno, &patterns->items);
	if (patterns->count < 0)
		return false;
	require_few_patterns(patterns->count);
	for (int i = 0; i < patterns->count; i++)
		require_pattern(patterns->items[i], denies_too);
	return true;
}

/* The same patterns in the same order? */
bool
admin_patterns_equal(PatternArray a, PatternArray b)
{
	if (a.count != b.count)
		return false;
	for (int i = 0; i < a.count; i++)
	{
		if (!name_equal(a.items[i], b.items[i]))
			return false;
	}
	return true;
}

/* A list of valid names; false if the argument is NULL. */
bool
admin_names(FunctionCallInfo fcinfo, int argno, const char *what,
			PatternArray *names)
{
	names->count = arg_text_array(fcinfo, argno, &names->items);
	for (int i = 0; i < names->count; i++)
		require_name(names->items[i], what);
	return names->count >= 0;
}

/* A time; NULL and the infinity that means no limit are the same. */
static TimestampTz
time_arg(FunctionCallInfo fcinfo, int argno, TimestampTz unlimited,
		 const char *what)
{
	TimestampTz time = PG_ARGISNULL(argno) ? unlimited :
		PG_GETARG_TIMESTAMPTZ(argno);

	if (time != unlimited && TIMESTAMP_NOT_FINITE(time))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be %s", what,
						TIMESTAMP_IS_NOEND(time) ? "infinity" : "-infinity"),
				 errhint("Pass NULL for no limit.")));
	return time;
}

/* Reads the arguments expires_at and starts_at, in this order. */
void
admin_validity(FunctionCallInfo fcinfo, int argno, AssignmentRow *wanted)
{
	wanted->expires_at = time_arg(fcinfo, argno, DT_NOEND, "expires_at");
	wanted->starts_at = time_arg(fcinfo, argno + 1, DT_NOBEGIN, "starts_at");
	if (wanted->starts_at >= wanted->expires_at)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("starts_at must be before expires_at"),
				 errdetail("It would start at %s and expire at %s.",
						   pstrdup(timestamptz_to_str(wanted->starts_at)),
						   pstrdup(timestamptz_to_str(wanted->expires_at)))));
}

/*
 * To be called before each attempt to write what other transactions may write
 * and undo meanwhile: raises 40001 if there were too many.
 */
void
admin_check_attempt(int attempt)
{
	CHECK_FOR_INTERRUPTS();
	if (attempt > MAX_ATTEMPTS)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not write because of concurrent changes"),
				 errhint("The transaction might succeed if retried.")));
}

/* An empty array with room for so many ids. */
IdArray
admin_id_room(int count)
{
	IdArray		ids;

	ids.items = palloc(sizeof(int64) * Max(count, 1));
	ids.count = 0;
	return ids;
}

/* Orders ids. */
static int
compare_ids(const void *a, const void *b)
{
	int64		left = *(const int64 *) a;
	int64		right = *(const int64 *) b;

	return left < right ? -1 : left > right;
}

/* Sorts ids and drops duplicates. */
void
admin_sort_ids(IdArray *ids)
{
	if (ids->count < 2)
		return;
	qsort(ids->items, ids->count, sizeof(int64), compare_ids);
	ids->count = qunique(ids->items, ids->count, sizeof(int64), compare_ids);
}

/* The place of an id among sorted ones; -1 if it is not there. */
int
admin_find_id(IdArray ids, int64 id)
{
	int64	   *found;

	if (ids.count == 0)
		return -1;
	found = bsearch(&id, ids.items, ids.count, sizeof(int64), compare_ids);
	return found == NULL ? -1 : (int) (found - ids.items);
}

/* The texts in one. */
char *
admin_join(List *texts, const char *separator)
{
	StringInfoData result;
	ListCell   *cell;

	initStringInfo(&result);
	foreach(cell, texts)
		appendStringInfo(&result, "%s%s", result.len > 0 ? separator : "",
						 (char *) lfirst(cell));
	return result.data;
}

/* The delegate's name as a parameter; NULL for the operator. */
NullableDatum
admin_author(const Delegate *by)
{
	const TaclName nobody = {NULL, 0};

	return param_name(by->count > 0 ? by->persons[0] : nobody);
}

/*
 * The role that a name means at the tenant, or an error: for a delegate the
 * same as for one that they may not use.
 */
RoleRow
admin_role(const Delegate *by, StoreReader *reader, TaclName name,
		   TaclName tenant)
{
	RoleRow		role;

	if (by->count == 0)
		return resolve_role(reader, name, tenant);
	if (!resolve_find_role(reader, name, tenant, &role))
		delegate_refuse(by, "role", name);
	return role;
}

/* The same of groups. */
GroupRow
admin_group(const Delegate *by, StoreReader *reader, TaclName name,
			TaclName tenant)
{
	GroupRow	group;

	if (by->count == 0)
		return resolve_group(reader, name, tenant);
	if (!resolve_find_group(reader, name, tenant, &group))
		delegate_refuse(by, "group", name);
	return group;
}
