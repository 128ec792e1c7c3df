/*
 * admin_role.c
 *		Define and drop roles.
 */
#include "admin.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"

#include "catalog.h"
#include "closure.h"
#include "guard.h"
#include "make_way.h"

PG_FUNCTION_INFO_V1(tacl_define_role);
PG_FUNCTION_INFO_V1(tacl_drop_role);

static const AdminAction define_action = {
	"tacl_define_role()", TACL_RIGHT_DEFINE,
	{[STORE_ROLE] = ACL_INSERT | ACL_UPDATE}
};

static const AdminAction define_includes_action = {
	"tacl_define_role()", TACL_RIGHT_DEFINE, {
		[STORE_ROLE] = ACL_INSERT | ACL_UPDATE,
		[STORE_ROLE_INCLUDE] = ACL_INSERT | ACL_DELETE
	}
};

static const AdminAction drop_action = {
	"tacl_drop_role()", TACL_RIGHT_DEFINE, {[STORE_ROLE] = ACL_DELETE}
};

static const AdminAction drop_cascade_action = {
	"tacl_drop_role()", TACL_RIGHT_DEFINE, {
		[STORE_ROLE] = ACL_DELETE,
		[STORE_ROLE_INCLUDE] = ACL_DELETE,
		[STORE_ASSIGNMENT] = ACL_DELETE
	}
};

static Statement insert_role = {
	"INSERT INTO tacl.role (tenant, name, permissions, description, defined_by)"
	" VALUES ($1, $2, COALESCE($3, '{}'), $4, $5)"
	" ON CONFLICT ON CONSTRAINT role_tenant_name_key DO NOTHING",
	{TEXTOID, TEXTOID, TEXTARRAYOID, TEXTOID, TEXTOID}
};

/* The role $1 if it has not the description $2. */
static Statement other_description = {
	"SELECT id FROM tacl.role WHERE id OPERATOR(pg_catalog.=) $1"
	" AND (description OPERATOR(pg_catalog.=) $2) IS NOT TRUE",
	{INT8OID, TEXTOID}
};

/*
 * A NULL leaves the column; $2 is given only if it differs. Who only describes
 * a role has not defined it.
 */
static Statement update_role = {
	"UPDATE tacl.role SET permissions = COALESCE($2, permissions),"
	" description = COALESCE($3, description),"
	" defined_by = CASE WHEN $2 IS NULL THEN defined_by ELSE $4 END"
	" WHERE id OPERATOR(pg_catalog.=) $1",
	{INT8OID, TEXTARRAYOID, TEXTOID, TEXTOID}
};

/* For other includes of a role that stays as it is. */
static Statement update_author = {
	"UPDATE tacl.role SET defined_by = $2"
	" WHERE id OPERATOR(pg_catalog.=) $1"
	" AND COALESCE(defined_by, '') OPERATOR(pg_catalog.<>) COALESCE($2, '')",
	{INT8OID, TEXTOID}
};

static Statement delete_other_includes = {
	"DELETE FROM tacl.role_include WHERE role_id OPERATOR(pg_catalog.=) $1"
	" AND NOT included_id OPERATOR(pg_catalog.=) ANY ($2)",
	{INT8OID, INT8ARRAYOID}
};

static Statement insert_includes = {
	"INSERT INTO tacl.role_include (role_id, included_id)"
	" SELECT $1, x FROM pg_catalog.unnest($2) AS x"
	" ON CONFLICT ON CONSTRAINT role_include_pkey DO NOTHING",
	{INT8OID, INT8ARRAYOID}
};

/* What keeps $1 from being dropped. */
static Statement uses = {
	"SELECT pg_catalog.format('Assignments of it: %s.', pg_catalog.count(*))"
	" FROM tacl.assignment WHERE role_id OPERATOR(pg_catalog.=) $1"
	" HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 0"
	" UNION ALL "
	"SELECT pg_catalog.format('Roles that include it: %s.', pg_catalog.count(*))"
	" FROM tacl.role_include WHERE included_id OPERATOR(pg_catalog.=) $1"
	" HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 0",
	{INT8OID}
};

static Statement delete_assignments = {
	"DELETE FROM tacl.assignment WHERE role_id OPERATOR(pg_catalog.=) $1",
	{INT8OID}
};

static Statement delete_uses = {
	"DELETE FROM tacl.role_include WHERE included_id OPERATOR(pg_catalog.=) $1",
	{INT8OID}
};

static Statement delete_role = {
	"DELETE FROM tacl.role WHERE id OPERATOR(pg_catalog.=) $1",
	{INT8OID}
};

/* A role as the caller wants it; what is not given stays. */
typedef struct Wish
{
	Delegate	by;
	IdBuffer	tenant_buffer;
	TaclName	tenant;
	TaclName	name;
	bool		has_patterns;
	PatternArray patterns;
	NullableDatum patterns_param;
	bool		has_includes;
	PatternArray includes;
	NullableDatum description;
	bool		override;
} Wish;

/* What is there, and what it lacks of the wish. */
typedef struct State
{
	bool		exists;
	int64		id;
	bool		other_patterns;
	bool		other_description;
	bool		other_includes;
	IdArray		includes;		/* as wished */
	NameArray	before;			/* patterns with those of includes, if it is */
	NameArray	after;			/* a delegate who asks */
} State;

/* Reads the arguments of tacl_define_role(). */
static void
read_wish(FunctionCallInfo fcinfo, Wish *wish)
{
	wish->name = arg_required_name(fcinfo, 0, "role");
	wish->has_patterns = admin_patterns(fcinfo, 1, true, &wish->patterns);
	wish->patterns_param = admin_param(fcinfo, 1);
	wish->tenant = arg_required_id(fcinfo, 2, &wish->tenant_buffer, "tenant");
	wish->has_includes = admin_names(fcinfo, 3, "role", &wish->includes);
	wish->description = admin_param(fcinfo, 4);
	wish->override = admin_flag(fcinfo, 5);
	if (wish->includes.count > TACL_MAX_INCLUDES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many included roles: %d", wish->includes.count),
				 errdetail("A role includes at most %d others.",
						   TACL_MAX_INCLUDES)));
}

/*
 * The role that a name means in the wish's list of includes. The role's own
 * name means the one above: with override a role can extend what it hides.
 */
static RoleRow
included_role(StoreReader *reader, const Wish *wish, TaclName name)
{
	RoleRow		role;

	if (!name_equal(name, wish->name))
		return admin_role(&wish->by, reader, name, wish->tenant);
	if (!resolve_find_role_above(reader, name, wish->tenant, &role))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
				 errmsg("role \"%.*s\" would include itself",
						name.len, name.data)));
	return role;
}

/* The wished includes, sorted. */
static IdArray
wished_includes(StoreReader *reader, const Wish *wish)
{
	IdArray		ids = admin_id_room(wish->includes.count);

	for (int i = 0; i < wish->includes.count; i++)
		ids.items[ids.count++] =
			included_role(reader, wish, wish->includes.items[i]).id;
	admin_sort_ids(&ids);
	return ids;
}

/* Is a role of the name known from above? */
static bool
is_defined_above(StoreReader *reader, const Wish *wish)
{
	RoleRow		above;

	return resolve_find_role_above(reader, wish->name, wish->tenant, &above);
}

/* Raises an error if a new role would hide one above unasked. */
static void
refuse_hiding(StoreReader *reader, const Wish *wish)
{
	RoleRow		above;

	if (wish->override ||
		!resolve_find_role_above(reader, wish->name, wish->tenant, &above))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DUPLICATE_OBJECT),
			 errmsg("role \"%s\" is already defined at tenant \"%s\"",
					above.name.data, above.tenant.data),
			 errhint("Use that one, or pass override => true to define another of this name at tenant \"%.*s\".",
					 wish->tenant.len, wish->tenant.data)));
}

/* Adds names to an array that has room for them. */
static void
append_names(NameArray *names, const TaclName *items, int count)
{
	names->items = names->items == NULL ?
		palloc(sizeof(TaclName) * Max(count, 1)) :
		repalloc(names->items, sizeof(TaclName) * (names->count + count + 1));
	for (int i = 0; i < count; i++)
		names->items[names->count++] = items[i];
}

/* What the role would carry, with what it would include. */
static NameArray
wished_patterns(RoleBook *book, const Wish *wish, const RoleRow *role,
				IdArray includes)
{
	NameArray	all = {NULL, 0};

	if (wish->has_patterns)
		append_names(&all, wish->patterns.items, wish->patterns.count);
	else if (role != NULL)
		append_names(&all, role->patterns.items, role->patterns.count);
	for (int i = 0; i < includes.count; i++)
	{
		NameArray	more = role_closure_patterns(book, includes.items[i]);

		append_names(&all, more.items, more.count);
	}
	return all;
}

/* Notes what the role carries, and would carry, for the rules of delegates. */
static void
compare_patterns(StoreReader *reader, const Wish *wish, const RoleRow *role,
				 IdArray present, State *state)
{
	RoleBook   *book = role_book(reader);

	if (state->exists)
		state->before = role_closure_patterns(book, role->id);
	state->after = wished_patterns(book, wish, state->exists ? role : NULL,
								   wish->has_includes ? state->includes :
								   present);
}

/* Compares what is there with the wish. */
static void
compare_wish(StoreReader *reader, const Wish *wish, State *state)
{
	RoleRow		role;
	IdArray		present = {NULL, 0};

	memset(state, 0, sizeof(*state));
	state->exists = store_role_named(reader, wish->tenant, wish->name, &role);
	if (state->exists)
	{
		state->id = role.id;
		state->other_patterns = wish->has_patterns &&
			!admin_patterns_equal(role.patterns, wish->patterns);
		state->other_description = !wish->description.isnull &&
			statement_texts(&other_description,
							PARAMS(param_id(role.id), wish->description),
							reader) != NIL;
		present = store_role_includes(reader, role.id);
		admin_sort_ids(&present);
	}
	else
	{
		(void) resolve_tenant(reader, wish->tenant);
		delegate_check_name(&wish->by, "role", wish->name,
							is_defined_above(reader, wish));
		refuse_hiding(reader, wish);
	}
	if (wish->has_includes)
	{
		state->includes = wished_includes(reader, wish);
		state->other_includes = !id_array_equal(present, state->includes);
	}
	if (wish->by.count > 0)
		compare_patterns(reader, wish, &role, present, state);
}

/* The same, as things are now. */
static void
look(const Wish *wish, State *state)
{
	StoreReader reader;

	store_begin(&reader);
	compare_wish(&reader, wish, state);
	store_end(&reader);
}

/* Locks a role that is going to be changed. */
static void
hold_role(const Delegate *by, TaclName tenant, TaclName name)
{
	StoreRows	rows = {ROLE_BY_NAME, 2, {{.name = tenant}, {.name = name}}};

	make_way_to_rows(by, rows, LockTupleNoKeyExclusive);
}

/*
 * Has a delegate wait for an operator who is changing the role: what a delegate
 * may do is decided by what is there when it is done.
 */
static void
let_operator_go_first(const Delegate *by, TaclName tenant, TaclName name)
{
	if (by->count > 0)
		hold_role(by, tenant, name);
}

/* Creates the role without includes; false if another transaction did. */
static bool
create_role(const Wish *wish)
{
	StoreRows	key = {
		ROLE_BY_NAME, 2, {{.name = wish->tenant}, {.name = wish->name}}
	};
	LOCKTAG		key_lock;
	bool		created;

	make_way_to_tenant(&wish->by, wish->tenant);
	key_lock = make_way_to_key(&wish->by, key);
	created = statement_run(&insert_role,
							PARAMS(param_name(wish->tenant),
								   param_name(wish->name),
								   wish->patterns_param, wish->description,
								   admin_author(&wish->by))) > 0;
	make_way_done(&key_lock);
	return created;
}

/* Changes permissions and description where they differ. */
static bool
change_role(const Wish *wish, const State *state)
{
	if (!state->other_patterns && !state->other_description)
		return false;
	return statement_run(&update_role,
						 PARAMS(param_id(state->id),
								state->other_patterns ?
								wish->patterns_param : param_null(),
								wish->description,
								admin_author(&wish->by))) > 0;
}

/* Makes the includes what they should be. */
static bool
change_includes(const Wish *wish, const State *state)
{
	NullableDatum *args = PARAMS(param_id(state->id),
								 param_ids(state->includes));
	bool		changed;

	if (!state->other_includes)
		return false;
	make_way_to_each(&wish->by, ROLE_BY_ID, state->includes,
					 LockTupleKeyShare);
	changed = statement_run(&delete_other_includes, args) > 0;
	if (state->includes.count > 0)
		changed |= statement_run(&insert_includes, args) > 0;
	if (changed)
		(void) statement_run(&update_author,
							 PARAMS(param_id(state->id),
									admin_author(&wish->by)));
	return changed;
}

/*
 * Looks at the role, and if it will be changed holds it, and looks again. Who
 * changes what it includes holds it, too.
 */
static void
look_and_hold(const Wish *wish, State *state)
{
	look(wish, state);
	if (!state->other_patterns && !state->other_description &&
		!state->other_includes)
		return;
	if (state->other_includes)
		guard_prepare_includes();
	hold_role(&wish->by, wish->tenant, wish->name);
	look(wish, state);
}

/* Creates a role, or replaces what is given; false if all is as given. */
Datum
tacl_define_role(PG_FUNCTION_ARGS)
{
	Wish		wish;
	State		state;
	bool		changed = false;

	admin_begin(PG_ARGISNULL(3) ? &define_action : &define_includes_action,
				&wish.by);
	read_wish(fcinfo, &wish);
	delegate_enter(&wish.by, wish.tenant);
	let_operator_go_first(&wish.by, wish.tenant, wish.name);
	look_and_hold(&wish, &state);
	for (int attempt = 1; !state.exists; attempt++)
	{
		admin_check_attempt(attempt);
		changed |= create_role(&wish);
		look_and_hold(&wish, &state);
	}
	delegate_define(&wish.by, wish.name, state.before, state.after);
	changed |= change_role(&wish, &state);
	changed |= change_includes(&wish, &state);
	if (wish.has_patterns)
		catalog_warn(wish.patterns);
	PG_RETURN_BOOL(changed);
}

/* Raises an error if the role is in use. */
static void
refuse_use(const Delegate *by, StoreReader *reader, const RoleRow *role)
{
	List	   *lines = statement_texts(&uses, PARAMS(param_id(role->id)),
										reader);

	if (lines == NIL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
			 errmsg("role \"%s\" of tenant \"%s\" cannot be dropped while it is in use",
					role->name.data, role->tenant.data),
			 errdetail_internal("%s", admin_join(lines, " ")),
			 by->count > 0 ? errhint("End its use first.") :
			 errhint("Pass cascade => true to end its use as well.")));
}

/*
 * Has nobody hold the role, and what is deleted with it. Who changes what it
 * includes holds the role itself.
 */
static void
make_way_to_role(const Delegate *by, int64 id, bool cascade)
{
	make_way_to_rows(by, ROWS_BY_ID(ROLE_BY_ID, id), LockTupleExclusive);
	if (!cascade)
		return;
	make_way_to_rows(by, ROWS_BY_ID(ROLE_INCLUDE_BY_TO, id),
					 LockTupleExclusive);
	make_way_to_rows(by, ROWS_BY_ID(ASSIGNMENT_BY_ROLE, id),
					 LockTupleExclusive);
}

/* Deletes a role, or its uses as well. */
static bool
drop_role(const Delegate *by, int64 id, bool cascade)
{
	NullableDatum *args = PARAMS(param_id(id));

	make_way_to_role(by, id, cascade);
	if (cascade)
	{
		(void) statement_run(&delete_assignments, args);
		(void) statement_run(&delete_uses, args);
	}
	return statement_run(&delete_role, args) > 0;
}

/* Drops a role; false if the tenant does not define it. */
Datum
tacl_drop_role(PG_FUNCTION_ARGS)
{
	bool		cascade = admin_flag(fcinfo, 2);
	IdBuffer	buffer;
	TaclName	name;
	TaclName	tenant;
	Delegate	by;
	StoreReader reader;
	RoleRow		role;
	bool		found;

	admin_begin(cascade ? &drop_cascade_action : &drop_action, &by);
	name = arg_required_name(fcinfo, 0, "role");
	tenant = arg_required_id(fcinfo, 1, &buffer, "tenant");
	delegate_enter(&by, tenant);
	let_operator_go_first(&by, tenant, name);
	store_begin(&reader);
	found = store_role_named(&reader, tenant, name, &role);
	if (!found)
		(void) resolve_tenant(&reader, tenant);
	else
	{
		delegate_drop_role(&by, name, role_closure_patterns(role_book(&reader),
															role.id));
		if (!cascade || by.count > 0)
			refuse_use(&by, &reader, &role);
	}
	store_end(&reader);
	PG_RETURN_BOOL(found && drop_role(&by, role.id, cascade));
}
