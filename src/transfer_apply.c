/*
 * transfer_apply.c
 *		Makes what a document names equal to it.
 *
 * The document is read; the tables of the sections that it names are locked
 * against writing; everything that it says is resolved and compared as of one
 * moment; then the differences are written with a few statements for each
 * section. Since nobody can write in between, what was compared is what is
 * changed. Checks, which only read, are never blocked. A dry run ends before
 * the first write and locks nothing.
 *
 * A row that a section leaves out is not dropped while something uses it that
 * the document does not speak of: that would change a section which is not
 * named, or a tenant which is outside the scope.
 */
#include "transfer_int.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/tuplestore.h"

#include "guard.h"
#include "make_way.h"

PG_FUNCTION_INFO_V1(tacl_apply);

/*
 * The order in which tables are locked, after that of preferences and the lock
 * of moves and includes: that of the functions that change several, as far as
 * they agree.
 */
static const StoreTable lock_order[] = {
	STORE_ASSIGNMENT, STORE_ROLE, STORE_ROLE_INCLUDE, STORE_USER_GROUP,
	STORE_GROUP_MEMBER, STORE_GROUP_INCLUDE, STORE_TENANT, STORE_USER_ACCOUNT,
	STORE_PERMISSION
};

StaticAssertDecl(lengthof(lock_order) == STORE_KEY - 1,
				 "each table but that of keys has its place");

/* What is to be written in one section. */
typedef struct SectionChange
{
	ArrayBuildState *puts;		/* jsonb: created or updated, as meant */
	ArrayBuildState *drops;		/* tid */
} SectionChange;

/* Takes the differences of a section one by one. */
typedef struct DifferenceReceiver
{
	DestReceiver base;
	ReturnSetInfo *result;
	MemoryContext context;		/* of the change */
	SectionChange *change;
} DifferenceReceiver;

/* The columns of a difference; the first four are those of the result. */
enum
{
	DIFFERENCE_MEANT = 4,
	DIFFERENCE_PLACE = 5
};

/*
 * Before anything is looked at
 */

/* Ensures that the caller may apply what is named, or raises an error. */
static void
begin(Jsonb *json)
{
	AdminAction action = {"tacl_apply()"};
	bool		named[SECTIONS];
	bool		scoped;

	document_look(json, named, &scoped);
	if (scoped)
		action.needs[STORE_TENANT] |= ACL_SELECT;
	for (int i = 0; i < SECTIONS; i++)
	{
		for (int j = 0; named[i] && j < STORE_ALL_TABLES; j++)
		{
			if (transfer_sections[i].reads & TABLE_BIT(j))
				action.needs[j] |= ACL_SELECT;
			if (transfer_sections[i].writes & TABLE_BIT(j))
				action.needs[j] |= ACL_SELECT | ACL_INSERT | ACL_UPDATE |
					ACL_DELETE;
		}
	}
	admin_begin(&action, NULL);
}

/* The tables that the document's sections are written to. */
static uint32
tables_written(const Document *document)
{
	uint32		tables = 0;

	for (int i = 0; i < SECTIONS; i++)
	{
		if (document->sections[i].named)
			tables |= transfer_sections[i].writes;
	}
	return tables;
}

/* Keeps others from writing what the document names. */
static void
take_locks(const Document *document)
{
	uint32		tables = tables_written(document);

	/*
	 * Users write to this one, and their transactions can be long: nothing
	 * that a revocation needs is held while waiting for them.
	 */
	if (tables & TABLE_BIT(STORE_USER_PREFERENCE))
		make_way_to_table(STORE_USER_PREFERENCE, ShareRowExclusiveLock);
	if (tables & (TABLE_BIT(STORE_TENANT) | TABLE_BIT(STORE_ROLE_INCLUDE) |
				  TABLE_BIT(STORE_GROUP_INCLUDE)))
		guard_take_lock();

	/* Dropping a group would take new members along. */
	if (tables & TABLE_BIT(STORE_USER_GROUP))
		tables |= TABLE_BIT(STORE_GROUP_MEMBER);

	/*
	 * Whoever has changed anything has all these tables, see store_trigger.c:
	 * afterwards no delegate has a row of any.
	 */
	make_way_close_door();
	for (int i = 0; i < lengthof(lock_order); i++)
	{
		if (tables & TABLE_BIT(lock_order[i]))
			make_way_to_table(lock_order[i], ShareRowExclusiveLock);
	}
	make_way_open_door();
}

/*
 * Comparing
 */

/* Takes one difference: into the result, and to be written. */
static bool
receive_difference(TupleTableSlot *slot, DestReceiver *self)
{
	DifferenceReceiver *receiver = (DifferenceReceiver *) self;
	SectionChange *change = receiver->change;

	slot_getallattrs(slot);
	tuplestore_putvalues(receiver->result->setResult,
						 receiver->result->setDesc, slot->tts_values,
						 slot->tts_isnull);
	if (slot->tts_isnull[DIFFERENCE_MEANT])
		(void) accumArrayResult(change->drops,
								slot->tts_values[DIFFERENCE_PLACE], false,
								TIDOID, receiver->context);
	else
		(void) accumArrayResult(change->puts,
								slot->tts_values[DIFFERENCE_MEANT], false,
								JSONBOID, receiver->context);
	return true;
}

/* Has nothing to prepare. */
static void
start_receiver(DestReceiver *self, int operation, TupleDesc typeinfo)
{
}

/* Has nothing to clean up. */
static void
end_receiver(DestReceiver *self)
{
}

/* The tenant of the scope as an argument; everything is the root and below. */
static NullableDatum
scope_param(const Document *document)
{
	return param_name(document->scope.data == NULL ?
					  TACL_ROOT_NAME : document->scope);
}

/* Compares one section; what differs goes into the result and the change. */
static void
compare_section(TransferState *state, StoreReader *reader,
				TransferSection section, ReturnSetInfo *result,
				SectionChange *change)
{
	const Document *document = state_document(state);
	SectionRows rows = transfer_rows(state, section);
	DifferenceReceiver receiver = {
		{receive_difference, start_receiver, end_receiver, end_receiver, DestNone},
		result, CurrentMemoryContext, change
	};

	change->puts = initArrayResult(JSONBOID, CurrentMemoryContext, false);
	change->drops = initArrayResult(TIDOID, CurrentMemoryContext, false);
	statement_send(&transfer_sql[section].compare,
				   PARAMS(scope_param(document),
						  param_value(BoolGetDatum(document->below)),
						  rows.shown, rows.meant),
				   reader, &receiver.base);
}

/* An array as an argument. */
static NullableDatum
array_param(ArrayBuildState *array)
{
	return param_value(makeArrayResult(array, CurrentMemoryContext));
}

/* Has it elements? It is NULL for a section that is not named. */
static bool
has_elements(const ArrayBuildState *array)
{
	return array != NULL && array->nelems > 0;
}

/* Whether the section is named, as an argument. */
static NullableDatum
named_param(const Document *document, TransferSection section)
{
	return param_value(BoolGetDatum(document->sections[section].named));
}

/* Raises an error if what is to be dropped is used by what stays. */
static void
refuse_uses(const Document *document, StoreReader *reader,
			TransferSection section, const SectionChange *change)
{
	List	   *uses;
	char	  **row;

	if (!has_elements(change->drops) ||
		transfer_sql[section].uses.sql == NULL)
		return;
	uses = statement_rows(&transfer_sql[section].uses,
						  PARAMS(scope_param(document),
								 param_value(BoolGetDatum(document->below)),
								 array_param(change->drops),
								 named_param(document, SECTION_ROLES),
								 named_param(document, SECTION_GROUPS),
								 named_param(document, SECTION_MEMBERS),
								 named_param(document, SECTION_ASSIGNMENTS)),
						  reader);
	if (uses == NIL)
		return;
	row = linitial(uses);
	ereport(ERROR,
			(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
			 errmsg("%s cannot be dropped while it is in use", row[0]),
			 errdetail_internal("%s", row[1]),
			 errhint("The document leaves it out. Add it, or end its use in the same document.")));
}

/* Compares all that the document names with what is there now. */
static void
compare(const Document *document, ReturnSetInfo *result,
		SectionChange *changes)
{
	StoreReader reader;
	TransferState *state;

	store_begin(&reader);
	state = state_begin(document, &reader);
	transfer_resolve(state);
	for (int i = 0; i < SECTIONS; i++)
	{
		if (document->sections[i].named)
			compare_section(state, &reader, i, result, &changes[i]);
	}
	for (int i = 0; i < SECTIONS; i++)
		refuse_uses(document, &reader, i, &changes[i]);
	store_end(&reader);
}

/*
 * Writing
 */

/* Runs a statement that must concern each element of an array. */
static void
run_for_each(Statement *statement, ArrayBuildState *array)
{
	if (has_elements(array) &&
		statement_run(statement, PARAMS(array_param(array))) != array->nelems)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not write because of concurrent changes"),
				 errhint("The transaction might succeed if retried.")));
}

/* Deletes what the document leaves out of a section. */
static void
drop(SectionChange *changes, TransferSection section)
{
	run_for_each(&transfer_sql[section].drop, changes[section].drops);
}

/* Writes what a section has otherwise or not at all. */
static void
put(SectionChange *changes, TransferSection section)
{
	run_for_each(&transfer_sql[section].put, changes[section].puts);
}

/* Ends includes that the document does not have. */
static void
drop_includes(SectionChange *changes, TransferSection section)
{
	const SectionChange *change = &changes[section];

	if (has_elements(change->puts) || has_elements(change->drops))
		(void) statement_run(&transfer_sql[section].drop_includes,
							 PARAMS(array_param(change->puts),
									array_param(change->drops)));
}

/* Writes the includes that are not there. */
static void
put_includes(SectionChange *changes, TransferSection section)
{
	if (has_elements(changes[section].puts))
		(void) statement_run(&transfer_sql[section].put_includes,
							 PARAMS(array_param(changes[section].puts)));
}

/*
 * Writes the differences: uses end before what they use, and begin after it;
 * what must not be used any more goes last.
 */
static void
write_changes(SectionChange *changes)
{
	drop(changes, SECTION_ASSIGNMENTS);
	drop(changes, SECTION_MEMBERS);
	drop_includes(changes, SECTION_ROLES);
	drop_includes(changes, SECTION_GROUPS);

	put(changes, SECTION_TENANTS);
	put(changes, SECTION_ROLES);
	put(changes, SECTION_GROUPS);
	put_includes(changes, SECTION_ROLES);
	put_includes(changes, SECTION_GROUPS);
	put(changes, SECTION_ASSIGNMENTS);
	put(changes, SECTION_MEMBERS);
	put(changes, SECTION_USERS);
	put(changes, SECTION_PREFERENCES);
	put(changes, SECTION_PERMISSIONS);

	drop(changes, SECTION_ROLES);
	drop(changes, SECTION_GROUPS);
	drop(changes, SECTION_TENANTS);
	drop(changes, SECTION_USERS);
	drop(changes, SECTION_PREFERENCES);
	drop(changes, SECTION_PERMISSIONS);
}

/* tacl_apply(document [, dry_run]): the differences, which end here. */
Datum
tacl_apply(PG_FUNCTION_ARGS)
{
	bool		dry_run = admin_flag(fcinfo, 1);
	SectionChange changes[SECTIONS] = {0};
	Jsonb	   *json;
	Document   *document;
	int			settings;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("document must not be NULL"),
				 errhint("A document that names nothing is '{}'.")));
	json = PG_GETARG_JSONB_P(0);
	begin(json);
	settings = transfer_set_clock();
	document = document_read(json);
	if (!dry_run)
		take_locks(document);
	InitMaterializedSRF(fcinfo, 0);
	compare(document, (ReturnSetInfo *) fcinfo->resultinfo, changes);
	if (!dry_run)
		write_changes(changes);
	transfer_reset_clock(settings);
	return (Datum) 0;
}
