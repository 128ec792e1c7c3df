/*
 * delegate_rules.c
 *		What a user may change by themselves: how much they may hand on.
 *
 * Whoever could hand on a pattern that they do not hold themselves, or take
 * away from above them, could become more than they are by a second account.
 * And a deny is a weapon: nobody can defend themselves against one.
 */
#include "delegate.h"

#include "args.h"
#include "closure.h"
#include "holds.h"
#include "list_int.h"
#include "pattern.h"
#include "session.h"
#include "walk.h"

/* What an assignment carries. */
typedef struct Carried
{
	NameArray	patterns;
	bool		has_deny;
	bool		has_right;		/* over the extension */
	bool		denies_right;
} Carried;

/* Is the user one of those who make the change? */
static bool
is_person(const Delegate *by, TaclName user)
{
	for (int i = 0; i < by->count; i++)
	{
		if (name_equal(by->persons[i], user))
			return true;
	}
	return false;
}

/* Are one of those who make the change in the group, or in one it includes? */
static bool
has_person(const Delegate *by, StoreReader *reader, int64 group_id)
{
	IdWalk		walk;
	int64		id;

	walk_begin(&walk);
	for (int i = 0; i < by->count; i++)
		walk_add_all(&walk, store_user_groups(reader, by->persons[i]));
	while (walk_next(&walk, &id))
	{
		if (id == group_id)
			return true;
		walk_add_all(&walk, store_groups_including(reader, id));
	}
	return false;
}

/* What several patterns carry. */
static Carried
carried_by(NameArray patterns)
{
	Carried		carried = {.patterns = patterns};

	for (int i = 0; i < patterns.count; i++)
	{
		TaclName	pattern = patterns.items[i];

		bool		deny = pattern_is_deny(pattern.data, pattern.len);

		carried.has_deny |= deny;
		carried.has_right |= pattern_is_reserved(pattern);
		carried.denies_right |= deny && pattern_is_reserved(pattern);
	}
	return carried;
}

/* What an assignment carries. */
static Carried
read_carried(StoreReader *reader, const AssignmentRow *row)
{
	NameArray	patterns = {unconstify(TaclName *, &row->pattern), 1};

	if (row->role_id != 0)
		patterns = role_closure_patterns(role_book(reader), row->role_id);
	return carried_by(patterns);
}

/* Does everyone who makes the change hold the patterns there until then? */
static bool
all_hold(const Delegate *by, NameArray patterns, TaclName tenant,
		 TimestampTz until)
{
	Demand		demand = {tenant, until, patterns};

	for (int i = 0; i < patterns.count; i++)
	{
		if (!session_scope_covers(patterns.items[i]))
			return false;
	}
	for (int i = 0; i < by->count; i++)
	{
		if (!holds(by->persons[i], &demand))
			return false;
	}
	return true;
}

/*
 * May what an assignment carries be given to a user? A deny only where it
 * cannot be turned against somebody: to who has nothing from above, and no
 * right over the extension there. One that denies such rights, nor below: it
 * could take them from a tenant's last administrator, at whatever time it
 * starts.
 */
static bool
may_give(const Delegate *by, const Carried *carried, TaclName user, TaclName tenant,
		 TimestampTz until)
{
	if (carried->has_deny &&
		!holds_no_power(user, tenant, carried->denies_right))
		return false;
	return all_hold(by, carried->patterns, tenant, until);
}

/* May it be taken away? What gives power only by who has it themselves. */
static bool
may_take(Delegate *by, const Carried *carried, TaclName tenant,
		 TimestampTz until)
{
	if (!carried->has_deny && !carried->has_right)
		return true;
	delegate_watch(by, tenant);
	return all_hold(by, carried->patterns, tenant, until);
}

/* What a change of an assignment is about. */
typedef struct Subject
{
	const char *what;
	TaclName	name;			/* for a refusal */
	Carried		carried;
	bool		own;			/* is it the delegate's? */
} Subject;

/* Reads what a change of an assignment is about. */
static Subject
read_subject(const Delegate *by, const AssignmentRow *row)
{
	Subject		subject = {"pattern", row->pattern};
	StoreReader reader;
	RoleRow		role = {0};

	store_begin(&reader);
	if (row->role_id != 0)
	{
		(void) store_role(&reader, row->role_id, &role);
		subject.what = "role";
		subject.name = role.name;
	}
	subject.carried = read_carried(&reader, row);
	subject.own = row->group_id != 0 ?
		has_person(by, &reader, row->group_id) : is_person(by, row->user);
	store_end(&reader);
	return subject;
}

/* Ensures that the delegate may make an assignment; see delegate.h. */
void
delegate_give(Delegate *by, const AssignmentRow *row)
{
	Subject		subject;

	if (by->count == 0)
		return;
	subject = read_subject(by, row);

	/* No delegate writes a deny, nor gives one to a group. */
	if (subject.own ||
		(subject.carried.has_deny && (row->role_id == 0 || row->group_id != 0)) ||
		!may_give(by, &subject.carried, row->user, row->tenant, row->expires_at))
		delegate_refuse(by, subject.what, subject.name);
}

/* Ensures that the delegate may end an assignment; see delegate.h. */
void
delegate_take(Delegate *by, const AssignmentRow *row)
{
	Subject		subject;

	if (by->count == 0)
		return;
	subject = read_subject(by, row);
	if (subject.own ||
		!may_take(by, &subject.carried, row->tenant, row->expires_at))
		delegate_refuse(by, subject.what, subject.name);
}

/*
 * Groups
 */

/* What is assigned to a group, and to those that include it. */
static AssignmentArray
read_group_assignments(StoreReader *reader, int64 group_id)
{
	AssignmentArray all = {NULL, 0};
	int			room = 0;
	IdWalk		walk;
	int64		id;

	walk_begin(&walk);
	walk_add(&walk, group_id);
	while (walk_next(&walk, &id))
	{
		AssignmentArray rows = store_group_assignments(reader, id);

		for (int i = 0; i < rows.count; i++)
			*ARRAY_ADD(&all, room) = rows.items[i];
		walk_add_all(&walk, store_groups_including(reader, id));
	}
	return all;
}

/* A change of a membership, as far as it is known before the rules. */
typedef struct MembershipChange
{
	GroupRow	group;			/* for a refusal */
	AssignmentArray rows;		/* that it gives or takes */
	Carried    *carried;		/* by each */
	bool		own;			/* does it change what the delegate has? */
} MembershipChange;

/*
 * Reads what comes with a group: to a user, or to the members of another group
 * if that is not 0.
 */
static MembershipChange
read_membership(const Delegate *by, int64 group_id, TaclName user,
				int64 included_id)
{
	MembershipChange change = {.rows = {NULL, 0}};
	StoreReader reader;

	store_begin(&reader);
	(void) store_group(&reader, group_id, &change.group);
	change.own = included_id != 0 ? has_person(by, &reader, included_id) :
		is_person(by, user);
	change.rows = read_group_assignments(&reader, group_id);
	change.carried = palloc_extended(sizeof(Carried) *
									 (Size) Max(change.rows.count, 1),
									 MCXT_ALLOC_HUGE);
	for (int i = 0; i < change.rows.count; i++)
		change.carried[i] = read_carried(&reader, &change.rows.items[i]);
	store_end(&reader);
	return change;
}

/* Does the delegate hold what such a change is about, wherever it is? */
static bool
holds_all_of(const Delegate *by, const MembershipChange *change)
{
	bool		held = true;

	for (int i = 0; i < change->rows.count && held; i++)
		held = delegate_has_right(by, change->rows.items[i].tenant) &&
			all_hold(by, change->carried[i].patterns,
					 change->rows.items[i].tenant,
					 change->rows.items[i].expires_at);
	return held;
}

/* Ensures that the delegate may describe the group; see delegate.h. */
void
delegate_describe_group(Delegate *by, int64 group_id)
{
	const TaclName nobody = {NULL, 0};
	MembershipChange change;

	if (by->count == 0)
		return;
	change = read_membership(by, group_id, nobody, 0);
	if (!holds_all_of(by, &change))
		delegate_refuse(by, "group", change.group.name);
}

/* Ensures that the delegate may put the user into the group; see delegate.h. */
void
delegate_add_member(Delegate *by, TaclName user, int64 group_id)
{
	MembershipChange change;
	bool		may;

	if (by->count == 0)
		return;
	change = read_membership(by, group_id, user, 0);
	may = !change.own;
	for (int i = 0; i < change.rows.count && may; i++)
		may = delegate_has_right(by, change.rows.items[i].tenant) &&
			may_give(by, &change.carried[i], user,
					 change.rows.items[i].tenant,
					 change.rows.items[i].expires_at);
	if (!may)
		delegate_refuse(by, "group", change.group.name);
}

/* Ensures that the delegate may include a group; see delegate.h. */
void
delegate_include_group(Delegate *by, int64 group_id, int64 included_id)
{
	const TaclName nobody = {NULL, 0};
	MembershipChange change;
	bool		may;

	if (by->count == 0)
		return;
	change = read_membership(by, group_id, nobody, included_id);
	may = !change.own && holds_all_of(by, &change);
	for (int i = 0; i < change.rows.count && may; i++)
		may = !change.carried[i].has_deny;
	if (!may)
		delegate_refuse(by, "group", change.group.name);
}

/* Ensures that the delegate may end what comes with a group. */
static void
leave_group(Delegate *by, int64 group_id, TaclName user, int64 included_id)
{
	MembershipChange change;
	bool		may;

	if (by->count == 0)
		return;
	change = read_membership(by, group_id, user, included_id);
	may = !change.own;
	for (int i = 0; i < change.rows.count && may; i++)
		may = delegate_has_right(by, change.rows.items[i].tenant) &&
			may_take(by, &change.carried[i], change.rows.items[i].tenant,
					 change.rows.items[i].expires_at);
	if (!may)
		delegate_refuse(by, "group", change.group.name);
}

/* Ensures that the delegate may take the user out; see delegate.h. */
void
delegate_remove_member(Delegate *by, TaclName user, int64 group_id)
{
	leave_group(by, group_id, user, 0);
}

/* Ensures that the delegate may end an include; see delegate.h. */
void
delegate_exclude_group(Delegate *by, int64 group_id, int64 included_id)
{
	const TaclName nobody = {NULL, 0};

	leave_group(by, group_id, nobody, included_id);
}

/*
 * Definitions
 */

/* Ensures that the delegate may define the role so; see delegate.h. */
void
delegate_define(Delegate *by, TaclName name, NameArray before,
				NameArray after)
{
	bool		may;

	if (by->count == 0)
		return;
	may = !carried_by(before).has_deny && !carried_by(after).has_deny &&
		all_hold(by, before, by->tenant, DT_NOEND) &&
		all_hold(by, after, by->tenant, DT_NOEND);
	for (int i = 0; i < before.count && may; i++)
		may = !pattern_is_reserved(before.items[i]) ||
			pattern_one_covers(after.items, after.count, before.items[i]);
	if (!may)
		delegate_refuse(by, "role", name);
}

/* Ensures that the delegate may drop the role; see delegate.h. */
void
delegate_drop_role(Delegate *by, TaclName name, NameArray carried)
{
	/* Who could drop it without holding it could define it anew. */
	if (by->count > 0 &&
		(carried_by(carried).has_deny ||
		 !all_hold(by, carried, by->tenant, DT_NOEND)))
		delegate_refuse(by, "role", name);
}

/* Is the name made of printable ASCII characters, without blanks at its ends? */
static bool
is_plain(TaclName name)
{
	for (int i = 0; i < name.len; i++)
	{
		if (name.data[i] < ' ' || name.data[i] > '~')
			return false;
	}
	return name.len > 0 && name.data[0] != ' ' &&
		name.data[name.len - 1] != ' ';
}

/* Refuses a name; see delegate.h. */
void
delegate_check_name(const Delegate *by, const char *what, TaclName name,
					bool is_taken_above)
{
	if (by->count > 0 && (is_taken_above || !is_plain(name)))
		delegate_refuse(by, what, name);
}

/* Refuses a tenant that is not named "<parent>/..."; see delegate.h. */
void
delegate_check_tenant_name(const Delegate *by, TaclName name, TaclName parent)
{
	if (by->count > 0 &&
		(!is_plain(name) || name.len <= parent.len + 1 ||
		 memcmp(name.data, parent.data, parent.len) != 0 ||
		 name.data[parent.len] != '/'))
		delegate_refuse(by, "tenant", name);
}

/* Ensures that a ceiling is not raised; see delegate.h. */
void
delegate_limit(Delegate *by, const TenantRow *tenant, bool limited,
			   PatternArray ceiling)
{
	bool		may = true;

	if (by->count == 0 || !tenant->limited)
		return;
	for (int i = 0; limited && i < ceiling.count && may; i++)
		may = pattern_one_covers(tenant->ceiling.items, tenant->ceiling.count,
						 ceiling.items[i]);
	if (!limited || !may)
		delegate_refuse(by, "tenant", tenant->id);
}
