/*
 * admin_tenant.c
 *		Create, move, limit, suspend, resume and drop tenants.
 */
#include "admin.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "guard.h"
#include "make_way.h"

PG_FUNCTION_INFO_V1(tacl_create_tenant);
PG_FUNCTION_INFO_V1(tacl_move_tenant);
PG_FUNCTION_INFO_V1(tacl_limit_tenant);
PG_FUNCTION_INFO_V1(tacl_suspend_tenant);
PG_FUNCTION_INFO_V1(tacl_resume_tenant);
PG_FUNCTION_INFO_V1(tacl_drop_tenant);

static const AdminAction create_action = {
	"tacl_create_tenant()", TACL_RIGHT_TENANTS, {[STORE_TENANT] = ACL_INSERT}
};

static const AdminAction move_action = {
	"tacl_move_tenant()", NULL, {[STORE_TENANT] = ACL_UPDATE}
};

static const AdminAction limit_action = {
	"tacl_limit_tenant()", TACL_RIGHT_TENANTS, {[STORE_TENANT] = ACL_UPDATE}
};

static const AdminAction suspend_action = {
	"tacl_suspend_tenant()", TACL_RIGHT_TENANTS, {[STORE_TENANT] = ACL_UPDATE}
};

static const AdminAction resume_action = {
	"tacl_resume_tenant()", TACL_RIGHT_TENANTS, {[STORE_TENANT] = ACL_UPDATE}
};

static const AdminAction drop_action = {
	"tacl_drop_tenant()", NULL, {[STORE_TENANT] = ACL_DELETE}
};

static const AdminAction drop_cascade_action = {
	"tacl_drop_tenant()", NULL, {
		[STORE_TENANT] = ACL_DELETE,
		[STORE_ROLE] = ACL_DELETE,
		[STORE_ROLE_INCLUDE] = ACL_DELETE,
		[STORE_USER_GROUP] = ACL_DELETE,
		[STORE_ASSIGNMENT] = ACL_DELETE
	}
};

static Statement insert_tenant = {
	"INSERT INTO tacl.tenant (id, parent) VALUES ($1, $2)"
	" ON CONFLICT ON CONSTRAINT tenant_pkey DO NOTHING",
	{TEXTOID, TEXTOID}
};

static Statement update_parent = {
	"UPDATE tacl.tenant SET parent = $2"
	" WHERE id OPERATOR(pg_catalog.=) $1"
	" AND parent OPERATOR(pg_catalog.<>) $2",
	{TEXTOID, TEXTOID}
};

static Statement update_ceiling = {
	"UPDATE tacl.tenant SET ceiling = $2"
	" WHERE id OPERATOR(pg_catalog.=) $1",
	{TEXTOID, TEXTARRAYOID}
};

/* What a delegate has suspended becomes the operator's who does the same. */
static Statement suspend = {
	"UPDATE tacl.tenant"
	" SET suspended_at = COALESCE(suspended_at, pg_catalog.now()),"
	" suspension_keeps = $2, suspended_by = $3"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND (suspension_keeps IS NULL"
	" OR suspension_keeps OPERATOR(pg_catalog.<>) $2"
	" OR ($3 IS NULL AND suspended_by IS NOT NULL))",
	{TEXTOID, TEXTARRAYOID, TEXTOID}
};

static Statement resume = {
	"UPDATE tacl.tenant"
	" SET suspended_at = NULL, suspension_keeps = NULL, suspended_by = NULL"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND suspended_at IS NOT NULL",
	{TEXTOID}
};

/* Has the operator suspended $1? */
static Statement operators_suspension = {
	"SELECT id FROM tacl.tenant WHERE id OPERATOR(pg_catalog.=) $1"
	" AND suspended_at IS NOT NULL AND suspended_by IS NULL",
	{TEXTOID}
};

/* What keeps $1 from being dropped. */
static Statement dependents = {
	"SELECT pg_catalog.format('Tenants right below it: %s.', pg_catalog.count(*))"
	" FROM tacl.tenant WHERE parent OPERATOR(pg_catalog.=) $1"
	" HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 0"
	" UNION ALL "
	"SELECT pg_catalog.format('Assignments at it: %s.', pg_catalog.count(*))"
	" FROM tacl.assignment WHERE tenant OPERATOR(pg_catalog.=) $1"
	" HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 0",
	{TEXTOID}
};

/* $1 and all below it. */
static Statement subtree = {
	"WITH RECURSIVE below (id) AS ("
	"SELECT id FROM tacl.tenant WHERE id OPERATOR(pg_catalog.=) $1"
	" UNION "
	"SELECT t.id FROM below AS b, LATERAL (SELECT id FROM tacl.tenant"
	" WHERE parent OPERATOR(pg_catalog.=) b.id OFFSET 0) AS t) "
	"SELECT id FROM below",
	{TEXTOID}
};

/* The groups of $1 itself. */
static Statement groups_of = {
	"SELECT id FROM tacl.user_group WHERE tenant OPERATOR(pg_catalog.=) $1",
	{TEXTOID}
};

/* What belongs to the tenants $1, in an order that foreign keys allow. */
static Statement delete_assignments = {
	"DELETE FROM tacl.assignment"
	" WHERE tenant OPERATOR(pg_catalog.=) ANY ($1)",
	{TEXTARRAYOID}
};

static Statement delete_includes = {
	"DELETE FROM tacl.role_include WHERE included_id OPERATOR(pg_catalog.=) ANY"
	" (ARRAY(SELECT id FROM tacl.role"
	" WHERE tenant OPERATOR(pg_catalog.=) ANY ($1)))",
	{TEXTARRAYOID}
};

static Statement delete_roles = {
	"DELETE FROM tacl.role WHERE tenant OPERATOR(pg_catalog.=) ANY ($1)",
	{TEXTARRAYOID}
};

static Statement delete_groups = {
	"DELETE FROM tacl.user_group WHERE tenant OPERATOR(pg_catalog.=) ANY ($1)",
	{TEXTARRAYOID}
};

static Statement delete_tenants = {
	"DELETE FROM tacl.tenant WHERE id OPERATOR(pg_catalog.=) ANY ($1)",
	{TEXTARRAYOID}
};

/* The tenant to be changed, which cannot be the root. */
static TaclName
changed_tenant(FunctionCallInfo fcinfo, IdBuffer *buffer, const char *verb)
{
	TaclName	id = arg_required_id(fcinfo, 0, buffer, "tenant");

	if (name_is_root(id))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the root \"%s\" cannot be %s", TACL_ROOT, verb)));
	return id;
}

/* Locks a tenant that is going to be changed. */
static void
hold_tenant(const Delegate *by, TaclName id)
{
	make_way_to_rows(by, ROWS_BY_NAME(TENANT_BY_ID, id),
					 LockTupleNoKeyExclusive);
}

/*
 * The tenant, right below one where a delegate may change it, or an error. An
 * operator who is changing it goes first, and can have moved it, too: what a
 * delegate may do is decided by what is there when it is done.
 */
static TenantRow
look_at_child(Delegate *by, TaclName id)
{
	delegate_enter_above(by, id);
	if (by->count > 0)
	{
		hold_tenant(by, id);
		delegate_enter_above(by, id);
	}
	return resolve_look_at_tenant(id);
}

/* Refuses to change a suspension that the operator made. */
static void
refuse_operators_suspension(const Delegate *by, TaclName id)
{
	StoreReader reader;

	if (by->count == 0)
		return;
	store_begin(&reader);
	if (statement_texts(&operators_suspension, PARAMS(param_name(id)),
						&reader) != NIL)
		delegate_refuse(by, "tenant", id);
	store_end(&reader);
}

/* Raises the error of a tenant created again in another place. */
static void
report_elsewhere(const Delegate *by, TaclName id)
{
	if (by->count > 0)
		delegate_refuse(by, "tenant", id);
	ereport(ERROR,
			(errcode(ERRCODE_DUPLICATE_OBJECT),
			 errmsg("tenant \"%.*s\" already exists under another parent",
					id.len, id.data),
			 errhint("Move it with tacl_move_tenant().")));
}

/*
 * Is the tenant there? An error if it is under another parent, or if it is
 * not there and the parent neither.
 */
static bool
tenant_is_created(const Delegate *by, TaclName id, TaclName parent)
{
	StoreReader reader;
	TenantRow	row;
	bool		found;

	store_begin(&reader);
	found = store_tenant(&reader, id, &row);
	if (found && !name_equal(row.parent, parent))
		report_elsewhere(by, id);
	if (!found)
		(void) resolve_tenant(&reader, parent);
	store_end(&reader);
	return found;
}

/* Adds a tenant; false if another transaction did. */
static bool
add_tenant(const Delegate *by, TaclName id, TaclName parent)
{
	LOCKTAG		key_lock;
	bool		added;

	make_way_to_tenant(by, parent);
	key_lock = make_way_to_key(by, ROWS_BY_NAME(TENANT_BY_ID, id));
	added = statement_run(&insert_tenant,
						  PARAMS(param_name(id), param_name(parent))) > 0;
	make_way_done(&key_lock);
	return added;
}

/* Registers a tenant; false if it was. */
Datum
tacl_create_tenant(PG_FUNCTION_ARGS)
{
	IdBuffer	id_buffer;
	IdBuffer	parent_buffer;
	Delegate	by;
	TaclName	id;
	TaclName	parent;

	admin_begin(&create_action, &by);
	id = changed_tenant(fcinfo, &id_buffer, "created");
	parent = arg_required_id(fcinfo, 1, &parent_buffer, "parent");
	delegate_enter(&by, parent);
	delegate_check_tenant_name(&by, id, parent);

	/* If another transaction is faster, what it did is looked at again. */
	for (int attempt = 1; !tenant_is_created(&by, id, parent); attempt++)
	{
		admin_check_attempt(attempt);
		if (add_tenant(&by, id, parent))
			PG_RETURN_BOOL(true);
	}
	PG_RETURN_BOOL(false);
}

/*
 * Puts a tenant under another parent; false if it is there. The lock that
 * moves need is taken before the statement takes that of the table, as
 * tacl_apply() does.
 */
Datum
tacl_move_tenant(PG_FUNCTION_ARGS)
{
	IdBuffer	id_buffer;
	IdBuffer	parent_buffer;
	Delegate	by;
	TaclName	id;
	TaclName	parent;

	admin_begin(&move_action, &by);
	id = changed_tenant(fcinfo, &id_buffer, "moved");
	parent = arg_required_id(fcinfo, 1, &parent_buffer, "parent");
	if (name_equal(resolve_look_at_tenant(id).parent, parent))
		PG_RETURN_BOOL(false);
	(void) resolve_look_at_tenant(parent);
	guard_take_lock();
	hold_tenant(&by, id);
	PG_RETURN_BOOL(statement_run(&update_parent,
								 PARAMS(param_name(id),
										param_name(parent))) > 0);
}

/* Watches over the administrators of the tenant and of all below it. */
static void
watch_subtree(Delegate *by, TaclName id)
{
	StoreReader reader;
	List	   *ids;
	ListCell   *cell;

	if (by->count == 0)
		return;
	store_begin(&reader);
	ids = statement_texts(&subtree, PARAMS(param_name(id)), &reader);
	store_end(&reader);
	foreach(cell, ids)
		delegate_watch(by, name_from_cstring(lfirst(cell)));
}

/* Sets or removes a ceiling; false if it is as given. */
Datum
tacl_limit_tenant(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	TaclName	id;
	PatternArray patterns;
	bool		limited;
	Delegate	by;
	TenantRow	row;
	bool		changed;

	admin_begin(&limit_action, &by);
	id = changed_tenant(fcinfo, &buffer, "limited");
	limited = admin_patterns(fcinfo, 1, false, &patterns);
	row = look_at_child(&by, id);
	delegate_limit(&by, &row, limited, patterns);
	if (limited ? row.limited && admin_patterns_equal(row.ceiling, patterns) :
		!row.limited)
		PG_RETURN_BOOL(false);
	watch_subtree(&by, id);
	hold_tenant(&by, id);
	changed = statement_run(&update_ceiling, PARAMS(param_name(id),
													admin_param(fcinfo, 1))) > 0;
	delegate_end(&by);
	PG_RETURN_BOOL(changed);
}

/* Suspends a tenant but for some patterns; false if it is so suspended. */
Datum
tacl_suspend_tenant(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	TaclName	id;
	PatternArray keeps;
	NullableDatum keep_param;
	Delegate	by;

	admin_begin(&suspend_action, &by);
	id = changed_tenant(fcinfo, &buffer, "suspended");
	keep_param = admin_param(fcinfo, 1);
	if (!admin_patterns(fcinfo, 1, false, &keeps))
		keep_param =
			param_value(PointerGetDatum(construct_empty_array(TEXTOID)));
	(void) look_at_child(&by, id);
	refuse_operators_suspension(&by, id);
	hold_tenant(&by, id);
	PG_RETURN_BOOL(statement_run(&suspend, PARAMS(param_name(id), keep_param,
												  admin_author(&by))) > 0);
}

/* Ends a suspension; false if there was none. */
Datum
tacl_resume_tenant(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	Delegate	by;
	TaclName	id;

	admin_begin(&resume_action, &by);
	id = changed_tenant(fcinfo, &buffer, "resumed");
	if (!look_at_child(&by, id).suspended)
		PG_RETURN_BOOL(false);
	refuse_operators_suspension(&by, id);
	hold_tenant(&by, id);
	PG_RETURN_BOOL(statement_run(&resume, PARAMS(param_name(id))) > 0);
}

/* Raises an error if something depends on the tenant. */
static void
refuse_dependents(StoreReader *reader, TaclName id)
{
	List	   *lines = statement_texts(&dependents, PARAMS(param_name(id)),
										reader);

	if (lines != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
				 errmsg("tenant \"%.*s\" cannot be dropped while it is in use",
						id.len, id.data),
				 errdetail_internal("%s", admin_join(lines, " ")),
				 errhint("Pass cascade => true to drop all of it.")));
}

/* The tenant, with cascade also all below; NIL if it does not exist. */
static List *
tenants_to_drop(TaclName id, bool cascade)
{
	StoreReader reader;
	List	   *ids;

	store_begin(&reader);
	if (!cascade)
		refuse_dependents(&reader, id);
	ids = statement_texts(&subtree, PARAMS(param_name(id)), &reader);
	store_end(&reader);
	return ids;
}

/* The ids of the groups of a tenant itself. */
static IdArray
group_ids(TaclName tenant)
{
	StoreReader reader;
	IdArray		ids;
	List	   *texts;
	ListCell   *cell;

	store_begin(&reader);
	texts = statement_texts(&groups_of, PARAMS(param_name(tenant)), &reader);
	store_end(&reader);
	ids = admin_id_room(list_length(texts));
	foreach(cell, texts)
		ids.items[ids.count++] = pg_strtoint64(lfirst(cell));
	return ids;
}

/*
 * Has nobody hold the roles and groups of a tenant, and what belongs to them.
 * Who changes what a role includes holds the role, which is dropped as well.
 */
static void
make_way_to_definitions(const Delegate *by, TaclName id)
{
	IdArray		groups;

	make_way_to_rows(by, ROWS_BY_NAME(ROLE_BY_NAME, id), LockTupleExclusive);
	make_way_to_rows(by, ROWS_BY_NAME(GROUP_BY_NAME, id), LockTupleExclusive);
	groups = group_ids(id);
	make_way_to_each(by, GROUP_INCLUDE_BY_FROM, groups, LockTupleExclusive);
	make_way_to_each(by, GROUP_INCLUDE_BY_TO, groups, LockTupleExclusive);
	make_way_to_each(by, MEMBER_BY_GROUP, groups, LockTupleExclusive);
}

/* Has nobody hold the tenants, and what is deleted with them. */
static void
make_way_to_tenants(const Delegate *by, List *ids)
{
	ListCell   *cell;

	foreach(cell, ids)
		make_way_to_rows(by, ROWS_BY_NAME(TENANT_BY_ID,
										  name_from_cstring(lfirst(cell))),
						 LockTupleExclusive);
	foreach(cell, ids)
	{
		TaclName	id = name_from_cstring(lfirst(cell));

		make_way_to_definitions(by, id);
		make_way_to_rows(by, ROWS_BY_NAME(ASSIGNMENT_BY_TENANT, id),
						 LockTupleExclusive);
	}
}

/* Deletes tenants with what is defined there, and assignments if asked to. */
static bool
drop_tenants(const Delegate *by, List *ids, bool assignments)
{
	NullableDatum *args = PARAMS(param_texts(ids));

	make_way_to_tenants(by, ids);
	if (assignments)
		(void) statement_run(&delete_assignments, args);
	(void) statement_run(&delete_includes, args);
	(void) statement_run(&delete_roles, args);
	(void) statement_run(&delete_groups, args);
	return statement_run(&delete_tenants, args) > 0;
}

/* Drops a tenant; false if there is none. */
Datum
tacl_drop_tenant(PG_FUNCTION_ARGS)
{
	bool		cascade = admin_flag(fcinfo, 1);
	IdBuffer	buffer;
	Delegate	by;
	TaclName	id;
	List	   *ids;

	admin_begin(cascade ? &drop_cascade_action : &drop_action, &by);
	id = changed_tenant(fcinfo, &buffer, "dropped");
	ids = tenants_to_drop(id, cascade);
	PG_RETURN_BOOL(ids != NIL && drop_tenants(&by, ids, cascade));
}
