/*
 * guard.c
 *		What keeps the tables sound beyond what foreign keys can say.
 *
 * A guard that looks at other rows runs after the row is written, makes the
 * own command's rows visible, and then reads under a fresh catalog snapshot.
 * So it sees both its own rows and all that is committed, whatever the
 * isolation level. Two transactions that write half of a cycle each would
 * still miss each other's row. Therefore there is a lock of moves and includes,
 * one for all three, since a move also changes which includes are allowed, and
 * with several the order of taking them could deadlock. Whoever commits such a
 * change has looked at it while holding the lock, which is held until the
 * transaction ends: the second waits, and then sees what the first did.
 *
 * The lock is taken at one of two times. Moves, and includes in a session
 * without a user, take it before any row is written. A user may leave a
 * transaction open, and one tenant's must not hold up all others: in a session
 * with a user, an include takes no lock when it is written. Its guard looks all
 * the same, so that an error comes early, and the row is remembered by what
 * includes; when the transaction commits, the lock is taken, and the guard
 * looks again at all that these roles and groups include then. An error ends
 * the transaction. What decides whether a row is remembered is not who asks but
 * whether the lock is held at that moment. It is given back before the end only
 * with a savepoint that it was taken after, which takes along the rows that
 * were written under it: it is never a cursor's (see lock_tag.c). What is
 * remembered of rows that were rolled back is looked at in vain.
 *
 * No other lock is taken here. An assignment that is written while its tenant
 * is moved away from the role can therefore remain; it then allows nothing
 * (see cache_build.c).
 *
 * Walks end on a cycle all the same: replica role skips guards.
 */
#include "guard_int.h"

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "guard.h"
#include "lock_tag.h"
#include "session.h"

PG_FUNCTION_INFO_V1(tacl_guard_cascade);
PG_FUNCTION_INFO_V1(tacl_guard_lock);
PG_FUNCTION_INFO_V1(tacl_guard_row);
PG_FUNCTION_INFO_V1(tacl_guard_truncate);

/* Takes the lock of moves and includes; see guard.h. */
void
guard_take_lock(void)
{
	ResourceOwner caller;

	store_resolve_oids();
	caller = lock_keep_begin();
	LockDatabaseObject(RelationRelationId, store_proxy_oid(PROXY_TENANTS), 0,
					   ExclusiveLock);
	lock_keep_end(caller);
}

/* Does the own transaction hold it? */
bool
guard_has_lock(void)
{
	LOCKTAG		tag;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, RelationRelationId,
					   store_proxy_oid(PROXY_TENANTS), 0);
	return lock_is_mine(&tag, ExclusiveLock);
}

/* Takes it, or leaves that to the end of the transaction; see guard.h. */
void
guard_prepare_includes(void)
{
	TaclName	user;

	if (!session_asker(&user))
		guard_take_lock();
}

/* Looks again at what was written without the lock; see the head of this file. */
static void
end_of_transaction(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_PRE_COMMIT || event == XACT_EVENT_PRE_PREPARE)
		guard_includes_again();
	else if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT ||
			 event == XACT_EVENT_PREPARE)
		guard_forget_includes();
}

/* Registers the callback. */
void
guard_init(void)
{
	RegisterXactCallback(end_of_transaction, NULL);
}

/* Raises an error about a guard that is not called as it must be. */
void
guard_report_protocol(const char *function, const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("function \"%s.%s\" %s", TACL_SCHEMA, function, problem),
			 errhint("It serves the tables of extension \"%s\" only.",
					 TACL_EXTENSION)));
}

/*
 * The table that a trigger of the extension fires for. An error unless it is
 * called by a trigger on one of the extension's own tables.
 */
StoreTable
guard_table(FunctionCallInfo fcinfo, const char *function)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	int			table = 0;

	if (!CALLED_AS_TRIGGER(fcinfo))
		guard_report_protocol(function, "was not called by a trigger");
	store_resolve_oids();
	if (store_oid_kind(RelationGetRelid(trigger->tg_relation),
					   &table) != STORE_OID_TABLE)
		guard_report_protocol(function, "was called by a trigger on another's table");
	return table;
}

/* The row as it is now. */
GuardRow
guard_new_row(TriggerData *trigger)
{
	GuardRow	row;

	row.tupdesc = RelationGetDescr(trigger->tg_relation);
	row.tuple = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ?
		trigger->tg_newtuple : trigger->tg_trigtuple;
	return row;
}

/* The row as it was; only of an UPDATE or DELETE. */
GuardRow
guard_old_row(TriggerData *trigger)
{
	GuardRow	row;

	row.tupdesc = RelationGetDescr(trigger->tg_relation);
	row.tuple = trigger->tg_trigtuple;
	return row;
}

/* A column's value; false if it is NULL. */
static bool
column_value(GuardRow row, const char *column, Datum *value)
{
	int			number = SPI_fnumber(row.tupdesc, column);
	bool		isnull;

	if (number <= 0)
		elog(ERROR, "column \"%s\" is missing", column);
	*value = SPI_getbinval(row.tuple, row.tupdesc, number, &isnull);
	return !isnull;
}

/* A text column; data is NULL if the column is. */
TaclName
guard_name(GuardRow row, const char *column)
{
	TaclName	name = {NULL, 0};
	Datum		value;

	if (column_value(row, column, &value))
	{
		name.data = TextDatumGetCString(value);
		name.len = strlen(name.data);
	}
	return name;
}

/* A bigint column; 0 if it is NULL. */
int64
guard_id(GuardRow row, const char *column)
{
	Datum		value;

	return column_value(row, column, &value) ? DatumGetInt64(value) : 0;
}

/* Opens a reading that sees the own command's rows. */
void
guard_look(StoreReader *reader)
{
	CommandCounterIncrement();
	store_begin(reader);
}

/* Is the first tenant the second, or one of its ancestors? */
bool
guard_covers(StoreReader *reader, TaclName upper, TaclName lower)
{
	int			steps = 0;

	if (name_is_root(upper))
		return true;
	do
	{
		if (name_equal(lower, upper))
			return true;
	} while (store_go_up(reader, &lower, &steps));
	return false;
}

/* Refuses to change which row a role or group is, or whose. */
static void
guard_identity(TriggerData *trigger, const char *noun)
{
	GuardRow	old = guard_old_row(trigger);
	GuardRow	new = guard_new_row(trigger);

	if (guard_id(old, "id") == guard_id(new, "id") &&
		name_equal(guard_name(old, "tenant"), guard_name(new, "tenant")))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("id and tenant of %s \"%s\" cannot be changed",
					noun, guard_name(old, "name").data),
			 errhint("Define another one, assign it instead, and drop this one.")));
}

/* Raises the error of a role or group used where it does not exist. */
static void
report_not_visible(const char *noun, TaclName name, TaclName owner,
				   TaclName tenant)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("%s \"%s\" does not exist at tenant \"%s\" or above",
					noun, name.data, tenant.data),
			 errdetail("It is defined at tenant \"%s\".", owner.data)));
}

/* Did an UPDATE leave alone what the assignment's guard looks at? */
static bool
assignment_is_same(TriggerData *trigger)
{
	GuardRow	old = guard_old_row(trigger);
	GuardRow	new = guard_new_row(trigger);

	return guard_id(old, "role_id") == guard_id(new, "role_id") &&
		guard_id(old, "group_id") == guard_id(new, "group_id") &&
		name_equal(guard_name(old, "tenant"), guard_name(new, "tenant"));
}

/* Ensures that what is assigned, and to whom, is known at the tenant. */
static void
guard_assignment(TriggerData *trigger)
{
	GuardRow	new = guard_new_row(trigger);
	int64		role_id = guard_id(new, "role_id");
	int64		group_id = guard_id(new, "group_id");
	TaclName	tenant = guard_name(new, "tenant");
	StoreReader reader;
	RoleRow		role;
	GroupRow	group;

	if (role_id == 0 && group_id == 0)
		return;
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) &&
		assignment_is_same(trigger))
		return;
	guard_look(&reader);
	if (role_id != 0 && store_role(&reader, role_id, &role) &&
		!guard_covers(&reader, role.tenant, tenant))
		report_not_visible("role", role.name, role.tenant, tenant);
	if (group_id != 0 && store_group(&reader, group_id, &group) &&
		!guard_covers(&reader, group.tenant, tenant))
		report_not_visible("group", group.name, group.tenant, tenant);
	store_end(&reader);
}

/* Trigger before INSERT or UPDATE: takes the lock of moves and includes. */
Datum
tacl_guard_lock(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	StoreTable	table = guard_table(fcinfo, "guard_lock");

	if (!TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event))
		guard_report_protocol("guard_lock", "must be called before the statement");
	if (table == STORE_TENANT)
		guard_take_lock();
	else
		guard_prepare_includes();
	PG_RETURN_POINTER(NULL);
}

/* Trigger after each row: raises an error if the row must not stay. */
Datum
tacl_guard_row(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	StoreTable	table = guard_table(fcinfo, "guard_row");

	if (!TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		guard_report_protocol("guard_row", "must be called after each row");
	if (table == STORE_TENANT)
		guard_tenant(trigger);
	else if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		guard_report_protocol("guard_row", "does not watch this event");
	else if (table == STORE_ROLE_INCLUDE)
		guard_role_include(trigger);
	else if (table == STORE_GROUP_INCLUDE)
		guard_group_include(trigger);
	else if (table == STORE_ASSIGNMENT)
		guard_assignment(trigger);
	else if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		guard_report_protocol("guard_row", "does not watch this event");
	else if (table == STORE_ROLE)
		guard_identity(trigger, "role");
	else if (table == STORE_USER_GROUP)
		guard_identity(trigger, "group");
	else
		guard_report_protocol("guard_row", "does not watch this table");
	PG_RETURN_POINTER(NULL);
}

/*
 * Trigger after each row that is deleted, before the foreign keys' triggers:
 * these delete what belongs to it as the owner, whoever runs the statement.
 */
Datum
tacl_guard_cascade(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	(void) guard_table(fcinfo, "guard_cascade");
	if (!TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		!TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		guard_report_protocol("guard_cascade", "must be called after each row that is deleted");
	store_refuse_all_triggers(false);
	PG_RETURN_POINTER(NULL);
}

/* Trigger before TRUNCATE of tacl.tenant: refuses it, as the root must stay. */
Datum
tacl_guard_truncate(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	(void) guard_table(fcinfo, "guard_truncate");
	if (!TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		guard_report_protocol("guard_truncate", "must be called by TRUNCATE");
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot truncate table \"%s.%s\"", TACL_SCHEMA,
					RelationGetRelationName(trigger->tg_relation)),
			 errdetail("The root \"%s\" must stay.", TACL_ROOT),
			 errhint("Drop tenants with tacl_drop_tenant(..., cascade => true).")));
	PG_RETURN_POINTER(NULL);	/* not reached */
}
