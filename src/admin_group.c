/*
 * admin_group.c
 *		Groups of users: create, fill, include, drop.
 */
#include "admin.h"

#include "catalog/pg_type.h"

#include "guard.h"
#include "make_way.h"

PG_FUNCTION_INFO_V1(tacl_create_group);
PG_FUNCTION_INFO_V1(tacl_drop_group);
PG_FUNCTION_INFO_V1(tacl_add_member);
PG_FUNCTION_INFO_V1(tacl_remove_member);
PG_FUNCTION_INFO_V1(tacl_include_group);
PG_FUNCTION_INFO_V1(tacl_exclude_group);

static const AdminAction create_action = {
	"tacl_create_group()", TACL_RIGHT_ASSIGN,
	{[STORE_USER_GROUP] = ACL_INSERT | ACL_UPDATE}
};

static const AdminAction drop_action = {
	"tacl_drop_group()", TACL_RIGHT_ASSIGN, {[STORE_USER_GROUP] = ACL_DELETE}
};

static const AdminAction drop_cascade_action = {
	"tacl_drop_group()", TACL_RIGHT_ASSIGN, {
		[STORE_USER_GROUP] = ACL_DELETE,
		[STORE_ASSIGNMENT] = ACL_DELETE
	}
};

static const AdminAction add_action = {
	"tacl_add_member()", TACL_RIGHT_ASSIGN, {[STORE_GROUP_MEMBER] = ACL_INSERT}
};

static const AdminAction remove_action = {
	"tacl_remove_member()", TACL_RIGHT_ASSIGN, {[STORE_GROUP_MEMBER] = ACL_DELETE}
};

static const AdminAction include_action = {
	"tacl_include_group()", TACL_RIGHT_ASSIGN, {[STORE_GROUP_INCLUDE] = ACL_INSERT}
};

static const AdminAction exclude_action = {
	"tacl_exclude_group()", TACL_RIGHT_ASSIGN, {[STORE_GROUP_INCLUDE] = ACL_DELETE}
};

static Statement insert_group = {
	"INSERT INTO tacl.user_group (tenant, name, description)"
	" VALUES ($1, $2, $3)"
	" ON CONFLICT ON CONSTRAINT user_group_tenant_name_key DO NOTHING",
	{TEXTOID, TEXTOID, TEXTOID}
};

/* The group $1 if it has not the description $2. */
static Statement other_description = {
	"SELECT id FROM tacl.user_group WHERE id OPERATOR(pg_catalog.=) $1"
	" AND (description OPERATOR(pg_catalog.=) $2) IS NOT TRUE",
	{INT8OID, TEXTOID}
};

static Statement update_description = {
	"UPDATE tacl.user_group SET description = $2"
	" WHERE id OPERATOR(pg_catalog.=) $1",
	{INT8OID, TEXTOID}
};

/* What keeps $1 from being dropped, for a delegate. */
static Statement includes = {
	"SELECT pg_catalog.format('Groups that include it, or that it includes: %s.',"
	" pg_catalog.count(*))"
	" FROM tacl.group_include WHERE group_id OPERATOR(pg_catalog.=) $1"
	" OR included_id OPERATOR(pg_catalog.=) $1"
	" HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 0",
	{INT8OID}
};

/* What keeps $1 from being dropped. */
static Statement uses = {
	"SELECT pg_catalog.format('Assignments to it: %s.', pg_catalog.count(*))"
	" FROM tacl.assignment WHERE group_id OPERATOR(pg_catalog.=) $1"
	" HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 0",
	{INT8OID}
};

static Statement delete_assignments = {
	"DELETE FROM tacl.assignment WHERE group_id OPERATOR(pg_catalog.=) $1",
	{INT8OID}
};

static Statement delete_group = {
	"DELETE FROM tacl.user_group WHERE id OPERATOR(pg_catalog.=) $1",
	{INT8OID}
};

static Statement insert_member = {
	"INSERT INTO tacl.group_member (user_id, group_id, added_by)"
	" VALUES ($1, $2, $3)"
	" ON CONFLICT ON CONSTRAINT group_member_pkey DO NOTHING",
	{TEXTOID, INT8OID, TEXTOID}
};

static Statement delete_member = {
	"DELETE FROM tacl.group_member"
	" WHERE user_id OPERATOR(pg_catalog.=) $1"
	" AND (group_id OPERATOR(pg_catalog.+) 0) OPERATOR(pg_catalog.=) $2",
	{TEXTOID, INT8OID}
};

static Statement insert_include = {
	"INSERT INTO tacl.group_include (group_id, included_id) VALUES ($1, $2)"
	" ON CONFLICT ON CONSTRAINT group_include_pkey DO NOTHING",
	{INT8OID, INT8OID}
};

static Statement delete_includes = {
	"DELETE FROM tacl.group_include"
	" WHERE group_id OPERATOR(pg_catalog.=) $1"
	" AND (included_id OPERATOR(pg_catalog.+) 0) OPERATOR(pg_catalog.=) ANY ($2)",
	{INT8OID, INT8ARRAYOID}
};

/* What is there of a group that is to be created. */
typedef struct Place
{
	bool		is_taken;
	GroupRow	group;			/* by this one */
	bool		is_as_wished;
} Place;

/* Looks at it; an error if there cannot be a group of the name at the tenant. */
static Place
look_at_place(const Delegate *by, TaclName name, TaclName tenant,
			  NullableDatum description)
{
	StoreReader reader;
	GroupRow	above;
	Place		place;

	store_begin(&reader);
	(void) resolve_tenant(&reader, tenant);
	delegate_check_name(by, "group", name,
						resolve_find_group_above(&reader, name, tenant, &above));
	place.is_taken = store_group_named(&reader, tenant, name, &place.group);
	place.is_as_wished = place.is_taken &&
		(description.isnull ||
		 statement_texts(&other_description,
						 PARAMS(param_id(place.group.id), description),
						 &reader) == NIL);
	store_end(&reader);
	return place;
}

/* Adds a group; false if another transaction did. */
static bool
add_group(const Delegate *by, TaclName name, TaclName tenant,
		  NullableDatum description)
{
	StoreRows	key = {GROUP_BY_NAME, 2, {{.name = tenant}, {.name = name}}};
	LOCKTAG		key_lock;
	bool		added;

	make_way_to_tenant(by, tenant);
	key_lock = make_way_to_key(by, key);
	added = statement_run(&insert_group,
						  PARAMS(param_name(tenant), param_name(name),
								 description)) > 0;
	make_way_done(&key_lock);
	return added;
}

/* Changes the description; false if another transaction dropped the group. */
static bool
describe_group(const Delegate *by, const GroupRow *group,
			   NullableDatum description)
{
	make_way_to_rows(by, ROWS_BY_ID(GROUP_BY_ID, group->id),
					 LockTupleNoKeyExclusive);
	return statement_run(&update_description,
						 PARAMS(param_id(group->id), description)) > 0;
}

/* A group that the tenant owns, or an error. */
static GroupRow
own_group(const Delegate *by, StoreReader *reader, TaclName name,
		  TaclName tenant)
{
	GroupRow	group;

	if (by->count == 0)
		return resolve_own_group(reader, name, tenant);
	if (!store_group_named(reader, tenant, name, &group))
		delegate_refuse(by, "group", name);
	return group;
}

/* The id of a group that the tenant owns, or an error. */
static int64
own_group_id(const Delegate *by, TaclName name, TaclName tenant)
{
	StoreReader reader;
	GroupRow	group;

	store_begin(&reader);
	group = own_group(by, &reader, name, tenant);
	store_end(&reader);
	return group.id;
}

/* Creates a group; false if it is there, with the description if given. */
Datum
tacl_create_group(PG_FUNCTION_ARGS)
{
	NullableDatum description = admin_param(fcinfo, 2);
	IdBuffer	buffer;
	Delegate	by;
	TaclName	name;
	TaclName	tenant;
	bool		done = false;

	admin_begin(&create_action, &by);
	name = arg_required_name(fcinfo, 0, "group");
	tenant = arg_required_id(fcinfo, 1, &buffer, "tenant");
	delegate_enter(&by, tenant);
	for (int attempt = 1; !done; attempt++)
	{
		Place		place;

		admin_check_attempt(attempt);
		place = look_at_place(&by, name, tenant, description);
		if (place.is_as_wished)
			PG_RETURN_BOOL(false);
		if (place.is_taken)
			delegate_describe_group(&by, place.group.id);
		done = place.is_taken ?
			describe_group(&by, &place.group, description) :
			add_group(&by, name, tenant, description);
	}
	PG_RETURN_BOOL(true);
}

/*
 * Raises an error if roles are assigned to the group. A delegate does not drop
 * one through which anything reaches anybody.
 */
static void
refuse_use(const Delegate *by, StoreReader *reader, const GroupRow *group)
{
	NullableDatum *args = PARAMS(param_id(group->id));
	List	   *lines = statement_texts(&uses, args, reader);

	if (by->count > 0)
		lines = list_concat(lines, statement_texts(&includes, args, reader));
	if (lines == NIL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
			 errmsg("group \"%s\" of tenant \"%s\" cannot be dropped while it is in use",
					group->name.data, group->tenant.data),
			 errdetail_internal("%s", admin_join(lines, " ")),
			 by->count > 0 ? errhint("End its use first.") :
			 errhint("Pass cascade => true to end its use as well.")));
}

/* Has nobody hold the group, and what is deleted with it. */
static void
make_way_to_group(const Delegate *by, int64 id, bool cascade)
{
	make_way_to_rows(by, ROWS_BY_ID(GROUP_BY_ID, id), LockTupleExclusive);
	make_way_to_rows(by, ROWS_BY_ID(MEMBER_BY_GROUP, id), LockTupleExclusive);
	make_way_to_rows(by, ROWS_BY_ID(GROUP_INCLUDE_BY_FROM, id),
					 LockTupleExclusive);
	make_way_to_rows(by, ROWS_BY_ID(GROUP_INCLUDE_BY_TO, id),
					 LockTupleExclusive);
	if (cascade)
		make_way_to_rows(by, ROWS_BY_ID(ASSIGNMENT_BY_GROUP, id),
						 LockTupleExclusive);
}

/* Deletes a group, or what is assigned to it as well. */
static bool
drop_group(const Delegate *by, int64 id, bool cascade)
{
	make_way_to_group(by, id, cascade);
	if (cascade)
		(void) statement_run(&delete_assignments, PARAMS(param_id(id)));
	return statement_run(&delete_group, PARAMS(param_id(id))) > 0;
}

/* Drops a group with its memberships; false if the tenant has none such. */
Datum
tacl_drop_group(PG_FUNCTION_ARGS)
{
	bool		cascade = admin_flag(fcinfo, 2);
	IdBuffer	buffer;
	TaclName	name;
	TaclName	tenant;
	Delegate	by;
	StoreReader reader;
	GroupRow	group;
	bool		found;

	admin_begin(cascade ? &drop_cascade_action : &drop_action, &by);
	name = arg_required_name(fcinfo, 0, "group");
	tenant = arg_required_id(fcinfo, 1, &buffer, "tenant");
	delegate_enter(&by, tenant);
	store_begin(&reader);
	found = store_group_named(&reader, tenant, name, &group);
	if (!found)
		(void) resolve_tenant(&reader, tenant);
	else if (!cascade || by.count > 0)
		refuse_use(&by, &reader, &group);
	store_end(&reader);
	PG_RETURN_BOOL(found && drop_group(&by, group.id, cascade));
}

/* Was the user put into the group? */
static bool
is_member(TaclName user, int64 group_id)
{
	StoreReader reader;
	bool		found;

	store_begin(&reader);
	found = id_array_has(store_user_groups(&reader, user), group_id);
	store_end(&reader);
	return found;
}

/* A membership as given by the arguments user, group and tenant. */
typedef struct Membership
{
	IdBuffer	user_buffer;
	IdBuffer	tenant_buffer;
	TaclName	user;
	TaclName	tenant;
	int64		group_id;
} Membership;

/* Reads the arguments, and finds the group. */
static void
read_member(FunctionCallInfo fcinfo, Delegate *by, Membership *membership)
{
	TaclName	name;

	membership->user = arg_required_id(fcinfo, 0, &membership->user_buffer,
									   "user");
	name = arg_required_name(fcinfo, 1, "group");
	membership->tenant = arg_required_id(fcinfo, 2,
										 &membership->tenant_buffer, "tenant");
	delegate_enter(by, membership->tenant);
	membership->group_id = own_group_id(by, name, membership->tenant);
}

/* The rows of a membership: one or none. */
static StoreRows
member_rows(const Membership *membership)
{
	return (StoreRows)
	{
		MEMBER_BY_USER, 2, {
			{.name = membership->user}, {.id = membership->group_id}
		}
	};
}

/* Adds a membership; false if another transaction did. */
static bool
add_member(const Delegate *by, const Membership *wanted)
{
	LOCKTAG		key_lock;
	bool		added;

	make_way_to_rows(by, ROWS_BY_ID(GROUP_BY_ID, wanted->group_id),
					 LockTupleKeyShare);
	key_lock = make_way_to_key(by, member_rows(wanted));
	added = statement_run(&insert_member,
						  PARAMS(param_name(wanted->user),
								 param_id(wanted->group_id),
								 admin_author(by))) > 0;
	make_way_done(&key_lock);
	return added;
}

/* Puts the user into a group of the tenant; false if they are in it. */
Datum
tacl_add_member(PG_FUNCTION_ARGS)
{
	Delegate	by;
	Membership	wanted;
	bool		added;

	admin_begin(&add_action, &by);
	read_member(fcinfo, &by, &wanted);
	delegate_add_member(&by, wanted.user, wanted.group_id);
	added = !is_member(wanted.user, wanted.group_id) &&
		add_member(&by, &wanted);
	delegate_end(&by);
	PG_RETURN_BOOL(added);
}

/* Takes the user out of a group of the tenant; false if they are not in it. */
Datum
tacl_remove_member(PG_FUNCTION_ARGS)
{
	Delegate	by;
	Membership	present;
	bool		removed;

	admin_begin(&remove_action, &by);
	read_member(fcinfo, &by, &present);
	delegate_remove_member(&by, present.user, present.group_id);
	make_way_to_rows(&by, member_rows(&present), LockTupleExclusive);
	removed = statement_run(&delete_member,
							PARAMS(param_name(present.user),
								   param_id(present.group_id))) > 0;
	delegate_end(&by);
	PG_RETURN_BOOL(removed);
}

/*
 * The group that a name means as an include. The group's own name means the
 * one above: so a tenant's "staff" can include the "staff" that it hides.
 */
static GroupRow
included_group(const Delegate *by, StoreReader *reader, TaclName name,
			   TaclName included, TaclName tenant)
{
	GroupRow	group;

	if (!name_equal(name, included))
		return admin_group(by, reader, included, tenant);
	if (!resolve_find_group_above(reader, included, tenant, &group))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
				 errmsg("group \"%.*s\" would include itself",
						name.len, name.data)));
	return group;
}

/* Finds both groups; true if one includes the other. */
static bool
find_include(const Delegate *by, TaclName name, TaclName included,
			 TaclName tenant, int64 *group_id, int64 *included_id)
{
	StoreReader reader;
	bool		found;

	store_begin(&reader);
	*group_id = own_group(by, &reader, name, tenant).id;
	*included_id = included_group(by, &reader, name, included, tenant).id;
	found = id_array_has(store_group_includes(&reader, *group_id),
						 *included_id);
	store_end(&reader);
	return found;
}

/*
 * Includes one group in another; false if it is included. The lock that
 * includes need is taken before the statement takes that of the table, as
 * tacl_apply() does.
 */
Datum
tacl_include_group(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	TaclName	name;
	TaclName	included;
	TaclName	tenant;
	Delegate	by;
	int64		group_id;
	int64		included_id;

	admin_begin(&include_action, &by);
	name = arg_required_name(fcinfo, 0, "group");
	included = arg_required_name(fcinfo, 1, "included group");
	tenant = arg_required_id(fcinfo, 2, &buffer, "tenant");
	delegate_enter(&by, tenant);
	if (find_include(&by, name, included, tenant, &group_id, &included_id))
		PG_RETURN_BOOL(false);
	delegate_include_group(&by, group_id, included_id);
	guard_prepare_includes();

	/* Who includes something holds the group: there is no other such row. */
	make_way_to_rows(&by, ROWS_BY_ID(GROUP_BY_ID, group_id),
					 LockTupleNoKeyExclusive);
	make_way_to_rows(&by, ROWS_BY_ID(GROUP_BY_ID, included_id),
					 LockTupleKeyShare);
	PG_RETURN_BOOL(statement_run(&insert_include,
								 PARAMS(param_id(group_id),
										param_id(included_id))) > 0);
}

/* The groups of a name that a group includes. */
static IdArray
includes_of_name(StoreReader *reader, int64 group_id, TaclName name)
{
	IdArray		all = store_group_includes(reader, group_id);
	IdArray		ids = admin_id_room(all.count);
	GroupRow	group;

	for (int i = 0; i < all.count; i++)
	{
		if (store_group(reader, all.items[i], &group) &&
			name_equal(group.name, name))
			ids.items[ids.count++] = all.items[i];
	}
	return ids;
}

/* Ensures that the include may be ended, and that nobody holds it. */
static void
exclude_one(Delegate *by, int64 group_id, int64 included_id)
{
	StoreRows	rows = {
		GROUP_INCLUDE_BY_FROM, 2, {{.id = group_id}, {.id = included_id}}
	};

	delegate_exclude_group(by, group_id, included_id);
	make_way_to_rows(by, rows, LockTupleExclusive);
}

/* Ends the include of every group of the name; false if there is none. */
Datum
tacl_exclude_group(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	TaclName	name;
	TaclName	included;
	TaclName	tenant;
	Delegate	by;
	StoreReader reader;
	int64		group_id;
	IdArray		ids;
	bool		changed;

	admin_begin(&exclude_action, &by);
	name = arg_required_name(fcinfo, 0, "group");
	included = arg_required_name(fcinfo, 1, "included group");
	tenant = arg_required_id(fcinfo, 2, &buffer, "tenant");
	delegate_enter(&by, tenant);
	store_begin(&reader);
	group_id = own_group(&by, &reader, name, tenant).id;
	ids = includes_of_name(&reader, group_id, included);

	/* A name that means nothing is more likely a mistake than done. */
	if (ids.count == 0)
		(void) admin_group(&by, &reader, included, tenant);
	store_end(&reader);
	for (int i = 0; i < ids.count; i++)
		exclude_one(&by, group_id, ids.items[i]);
	changed = ids.count > 0 &&
		statement_run(&delete_includes, PARAMS(param_id(group_id),
											   param_ids(ids))) > 0;
	delegate_end(&by);
	PG_RETURN_BOOL(changed);
}
