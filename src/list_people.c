/*
 * list_people.c
 *		Who has something at a tenant.
 *
 * What counts at a tenant was assigned there or at an ancestor. There, each
 * role and each pattern is looked at once, and only if it says something about
 * the question, all its assignments: administrators are found without going
 * through all members.
 */
#include "tenant_acl.h"

#include "miscadmin.h"

#include "list_int.h"
#include "walk.h"

/* Called for each assignment of one role or pattern at one tenant. */
typedef void (*VisitHolding) (void *arg, StoreReader *reader,
							  const AssignmentRow *row,
							  const Holding *holding);

/* A way through all that was assigned from a tenant upwards. */
typedef struct Visit
{
	StoreReader *reader;
	VisitHolding visit;
	void	   *arg;
	TaclName	permission;		/* what it must say something about; data is
								 * NULL for anything */
	int			distance;		/* of the tenant looked at, in levels */
} Visit;

/* Does the role say something about what is asked? */
static bool
role_concerns(const Visit *visit, const CompiledRole *role)
{
	return visit->permission.data == NULL ||
		permset_match(role->set, visit->permission.data,
					  visit->permission.len) != 0;
}

/* Does the pattern? */
static bool
pattern_concerns(const Visit *visit, TaclName pattern)
{
	return visit->permission.data == NULL ||
		pattern_matches(pattern.data, pattern.len, visit->permission.data,
						visit->permission.len);
}

/* Visits assignments of one role, or of one pattern if that is NULL. */
static void
visit_assignments(const Visit *visit, const TenantNode *tenant,
				  const CompiledRole *role, AssignmentArray rows)
{
	for (int i = 0; i < rows.count; i++)
	{
		const AssignmentRow *row = &rows.items[i];
		GroupRow	group;
		Holding		holding;

		if (row->group_id != 0 &&
			!store_group(visit->reader, row->group_id, &group))
			continue;
		set_holding(&holding, row, tenant, role,
					row->group_id != 0 ? &group : NULL);
		if (is_within_time(&holding.limits))
			visit->visit(visit->arg, visit->reader, row, &holding);
	}
}

/* Visits what was assigned at one tenant. */
static BuildOutcome
visit_tenant(const Visit *visit, const TenantNode *tenant)
{
	int64		role_id = 0;
	TaclName	pattern = {NULL, 0};
	CompiledRole *role;

	while (store_next_role_at(visit->reader, tenant->id, &role_id))
	{
		BuildOutcome outcome = build_role(visit->reader, role_id, &role);

		if (outcome != BUILD_DONE)
			return outcome;
		if (role != NULL && role_concerns(visit, role))
			visit_assignments(visit, tenant, role,
							  store_role_assignments_at(visit->reader,
														tenant->id, role_id));
	}
	while (store_next_grant_at(visit->reader, tenant->id, &pattern))
	{
		if (pattern_concerns(visit, pattern))
			visit_assignments(visit, tenant, NULL,
							  store_grants_at(visit->reader, tenant->id,
											  pattern));
	}
	return BUILD_DONE;
}

/* Visits what was assigned from a tenant upwards, nearest first. */
static BuildOutcome
visit_chain(Visit *visit, TaclName tenant)
{
	TenantNode *node;
	BuildOutcome outcome = build_tenant(visit->reader, tenant, &node);

	if (outcome == BUILD_NO_TENANT)
		return BUILD_DONE;
	for (visit->distance = 0; node != NULL && outcome == BUILD_DONE;
		 node = node->parent, visit->distance++)
		outcome = visit_tenant(visit, node);
	return outcome;
}

/* All members of a group, those of groups that it includes as well. */
static NameArray
group_users(StoreReader *reader, int64 group_id)
{
	NameArray	users = {NULL, 0};
	int			room = 0;
	IdWalk		walk;
	int64		id;
	GroupRow	group;

	walk_begin(&walk);
	walk_add(&walk, group_id);
	while (walk_next(&walk, &id))
	{
		NameArray	members;

		if (!store_group(reader, id, &group))
			continue;
		members = store_group_members(reader, id);
		for (int i = 0; i < members.count; i++)
			names_add(&users, &room, members.items[i]);
		walk_add_all(&walk, store_group_includes(reader, id));
	}
	names_sort(&users);
	return users;
}

/* The users whom an assignment was made to. */
static NameArray
assigned_users(StoreReader *reader, const AssignmentRow *row)
{
	NameArray	users = {NULL, 0};
	int			room = 0;

	if (row->group_id != 0)
		return group_users(reader, row->group_id);
	names_add(&users, &room, row->user);
	return users;
}

/*
 * Users
 */

/* What one assignment says about one user. */
typedef struct Voice
{
	TaclName	user;
	const TenantNode *tenant;
	int			distance;
	bool		denies;			/* else it allows */
} Voice;

typedef struct VoiceArray
{
	Voice	   *items;
	int			count;
} VoiceArray;

/* A question for users. */
typedef struct UsersQuestion
{
	TaclName	permission;
	TaclName	tenant;
	bool		lasting;		/* only what does not expire, suspended or not? */
	Visit		visit;
	VoiceArray	voices;
	int			voices_room;
	UserArray	rows;
	int			room;
} UsersQuestion;

/* What a holding says: PERMSET_* bits. */
static int
holding_says(const UsersQuestion *question, const Holding *holding)
{
	TaclName	permission = question->permission;
	int			bits;

	if (holding->role != NULL)
		bits = permset_match(holding->set, permission.data, permission.len);
	else if (pattern_is_deny(holding->pattern.data, holding->pattern.len))
		bits = PERMSET_DENY;
	else
		bits = PERMSET_ALLOW;
	if (bits & PERMSET_DENY)
		return PERMSET_DENY;
	if (!holding->limits.visible)
		return 0;
	if (question->lasting)
		return holding->limits.expires_at == DT_NOEND &&
			tenant_within_ceilings(holding->tenant, permission) ? bits : 0;
	return tenant_cut(holding->tenant, permission) == NULL ? bits : 0;
}

/* Notes what an assignment says about its users. */
static void
note_voices(void *arg, StoreReader *reader, const AssignmentRow *row,
			const Holding *holding)
{
	UsersQuestion *question = arg;
	int			bits = holding_says(question, holding);
	NameArray	users;

	if (bits == 0)
		return;
	users = assigned_users(reader, row);
	for (int i = 0; i < users.count; i++)
	{
		Voice	   *voice = ARRAY_ADD(&question->voices,
									 question->voices_room);

		voice->user = users.items[i];
		voice->tenant = holding->tenant;
		voice->distance = question->visit.distance;
		voice->denies = (bits & PERMSET_DENY) != 0;
	}
}

/* Orders by user: denies first, then the nearest. */
static int
compare_voices(const void *a, const void *b)
{
	const Voice *left = a;
	const Voice *right = b;
	int			order = name_compare(left->user, right->user);

	if (order == 0)
		order = right->denies - left->denies;
	return order != 0 ? order : left->distance - right->distance;
}

/* Lists the users whose first voice allows. */
static void
count_voices(StoreReader *reader, UsersQuestion *question)
{
	const VoiceArray *voices = &question->voices;

	if (voices->count > 1)
		qsort(voices->items, voices->count, sizeof(Voice), compare_voices);
	for (int i = 0; i < voices->count; i++)
	{
		const Voice *voice = &voices->items[i];
		ListedUser *row;

		CHECK_FOR_INTERRUPTS();
		if (voice->denies ||
			(i > 0 && name_equal(voice->user, voice[-1].user)) ||
			store_user_disabled(reader, voice->user))
			continue;
		row = ARRAY_ADD(&question->rows, question->room);
		row->user = voice->user;
		row->assigned_at = name_copy(voice->tenant->id);
	}
}

/* Reads the users. */
static BuildOutcome
read_users(StoreReader *reader, void *arg)
{
	UsersQuestion *question = arg;
	BuildOutcome outcome;

	question->voices.count = 0;
	question->rows.count = 0;
	question->visit.reader = reader;
	outcome = visit_chain(&question->visit, question->tenant);
	if (outcome == BUILD_DONE)
		count_voices(reader, question);
	return outcome;
}

/* Lists users. */
static UserArray
ask_users(UsersQuestion *question)
{
	question->visit.visit = note_voices;
	question->visit.arg = question;
	question->visit.permission = question->permission;
	cache_read(read_users, question);
	return question->rows;
}

/* The users who may do this at the tenant; see list.h. */
UserArray
list_users(TaclName permission, TaclName tenant)
{
	UsersQuestion question = {.permission = permission, .tenant = tenant};

	return ask_users(&question);
}

/* Has the tenant an administrator of its own? See list.h. */
bool
list_has_administrator(TaclName tenant)
{
	UsersQuestion question = {
		.permission = {TACL_RIGHT_ASSIGN, sizeof(TACL_RIGHT_ASSIGN) - 1},
		.tenant = tenant,
		.lasting = true
	};
	UserArray	users = ask_users(&question);

	for (int i = 0; i < users.count; i++)
	{
		if (name_equal(users.items[i].assigned_at, tenant))
			return true;
	}
	return false;
}

/*
 * Members
 */

/* One role or grant of one user. */
typedef struct Part
{
	TaclName	user;
	const TenantNode *tenant;
	int			distance;
	int64		group_id;		/* 0 if assigned to the user */
	TaclName	group;
	TaclName	role;			/* data is NULL for a grant */
	TaclName	pattern;
	bool		belongs;		/* does it make the user a member? */
	TimestampTz expires_at;
} Part;

typedef struct PartArray
{
	Part	   *items;
	int			count;
} PartArray;

/* A question for members. */
typedef struct MembersQuestion
{
	TaclName	tenant;
	Visit		visit;
	PartArray	parts;
	int			parts_room;
	MemberArray rows;
	int			room;
} MembersQuestion;

/* Notes an assignment for each of its users. */
static void
note_parts(void *arg, StoreReader *reader, const AssignmentRow *row,
		   const Holding *holding)
{
	MembersQuestion *question = arg;
	NameArray	users;
	Part		part;

	if (!holding->limits.visible)
		return;
	memset(&part, 0, sizeof(part));
	part.tenant = holding->tenant;
	part.distance = question->visit.distance;
	part.group_id = row->group_id;
	if (holding->group != NULL)
		part.group = holding->group->name;
	if (holding->role != NULL)
		part.role = name_copy(holding->role->members[0].name);
	part.pattern = holding->pattern;
	part.belongs = holding_is_membership(holding);
	part.expires_at = holding->limits.expires_at;
	users = assigned_users(reader, row);
	for (int i = 0; i < users.count; i++)
	{
		part.user = users.items[i];
		*ARRAY_ADD(&question->parts, question->parts_room) = part;
	}
}

/* Orders parts by the row that they belong to. */
static int
compare_rows(const Part *a, const Part *b)
{
	int			order = name_compare(a->user, b->user);

	if (order == 0)
		order = a->distance - b->distance;
	if (order == 0)
		order = (a->group_id != 0) - (b->group_id != 0);
	if (order == 0 && a->group_id != 0)
		order = name_compare(a->group, b->group);
	if (order == 0)
		order = (a->group_id > b->group_id) - (a->group_id < b->group_id);
	return order;
}

/* The same, for qsort(). */
static int
compare_parts(const void *a, const void *b)
{
	return compare_rows(a, b);
}

/* Makes one row of the parts that belong to it. */
static void
add_member(MembersQuestion *question, const Part *parts, int count)
{
	Member	   *row = ARRAY_ADD(&question->rows, question->room);
	int			roles_room = 0;
	int			grants_room = 0;

	memset(row, 0, sizeof(*row));
	row->user = parts->user;
	row->group = parts->group;
	row->assigned_at = name_copy(parts->tenant->id);
	row->expires_at = DT_NOBEGIN;
	for (int i = 0; i < count; i++)
	{
		if (parts[i].role.data != NULL)
			names_add(&row->roles, &roles_room, parts[i].role);
		else
			names_add(&row->grants, &grants_room, parts[i].pattern);
		row->expires_at = Max(row->expires_at, parts[i].expires_at);
	}
	names_sort(&row->roles);
	names_sort(&row->grants);
}

/* The end of the parts that compare as equal to the first. */
static int
end_of_run(const PartArray *parts, int first, bool same_row)
{
	int			i = first + 1;

	while (i < parts->count &&
		   (same_row ?
			compare_rows(&parts->items[first], &parts->items[i]) == 0 :
			name_equal(parts->items[first].user, parts->items[i].user)))
		i++;
	return i;
}

/* Is any of these what makes the user a member? */
static bool
any_belongs(const PartArray *parts, int first, int end)
{
	for (int i = first; i < end; i++)
	{
		if (parts->items[i].belongs)
			return true;
	}
	return false;
}

/* Makes rows of all parts. */
static void
collect_members(StoreReader *reader, MembersQuestion *question)
{
	const PartArray *parts = &question->parts;
	int			end_of_user;

	if (parts->count > 1)
		qsort(parts->items, parts->count, sizeof(Part), compare_parts);
	for (int i = 0; i < parts->count; i = end_of_user)
	{
		int			end;

		end_of_user = end_of_run(parts, i, false);
		if (!any_belongs(parts, i, end_of_user) ||
			store_user_disabled(reader, parts->items[i].user))
			continue;
		for (int k = i; k < end_of_user; k = end)
		{
			end = end_of_run(parts, k, true);
			add_member(question, &parts->items[k], end - k);
		}
	}
}

/* Reads the members. */
static BuildOutcome
read_members(StoreReader *reader, void *arg)
{
	MembersQuestion *question = arg;
	BuildOutcome outcome;

	question->parts.count = 0;
	question->rows.count = 0;
	question->visit.reader = reader;
	outcome = visit_chain(&question->visit, question->tenant);
	if (outcome == BUILD_DONE)
		collect_members(reader, question);
	return outcome;
}

/* The members of a tenant; see list.h. */
MemberArray
list_members(TaclName tenant)
{
	MembersQuestion question = {.tenant = tenant};

	question.visit.visit = note_parts;
	question.visit.arg = &question;
	cache_read(read_members, &question);
	return question.rows;
}
