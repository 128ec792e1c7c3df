/*
 * explain.c
 *		Why an answer is what it is.
 *
 * The verdict comes from where all answers come from, standing_can(). What
 * stands around it looks at the same holdings one by one.
 */
#include "tenant_acl.h"

#include "lib/stringinfo.h"
#include "utils/timestamp.h"

#include "explain.h"
#include "list_int.h"
#include "session.h"

/* Why a matching allow does not count; the first is told before the others. */
typedef enum Flaw
{
	FLAW_CUT,
	FLAW_NOT_YET,
	FLAW_EXPIRED,
	FLAW_UNKNOWN_THERE,
	FLAW_NONE
} Flaw;

/* What is asked, and the answer while it is worked out. */
typedef struct Inquiry
{
	TaclName	user;
	TaclName	permission;
	TaclName	tenant;
	bool		sees_all;
	StoreReader *reader;
	Draft		draft;
	Explanation result;
	int			room;
	Flaw		worst;			/* of the reason to be told, if none decided */
	const char *flaw;			/* the same in words */
} Inquiry;

/* Arguments for "%.*s". */
#define NAME(name) (name).len, (name).data

/*
 * Which pattern
 */

/* The first pattern of the wanted effect that matches; NULL if none does. */
static const TaclName *
find_pattern(PatternArray patterns, TaclName permission, bool deny)
{
	for (int i = 0; i < patterns.count; i++)
	{
		const TaclName *pattern = &patterns.items[i];

		if (pattern_is_deny(pattern->data, pattern->len) == deny &&
			pattern_matches(pattern->data, pattern->len,
							permission.data, permission.len))
			return pattern;
	}
	return NULL;
}

/* The member of a closure that includes another one first, by number. */
static int
includer_of(const CompiledRole *role, int member)
{
	for (int i = 0; i < role->nmembers; i++)
	{
		if (id_array_has(role->members[i].includes, role->members[member].id))
			return i;
	}
	return 0;
}

/*
 * The names on the way from a role to a member of its closure, without the
 * role itself. Members come breadth first: who includes one comes before it.
 */
static const char *
path_to_member(const CompiledRole *role, int member)
{
	char	   *path = psprintf("%.*s", NAME(role->members[member].name));
	int			above = includer_of(role, member);

	for (; above > 0; above = includer_of(role, above))
		path = psprintf("%.*s > %s", NAME(role->members[above].name), path);
	return path;
}

/* Finds what of a role has the wanted effect. */
static bool
find_in_role(Inquiry *inquiry, const CompiledRole *role, bool deny,
			 Reason *reason)
{
	for (int i = 0; i < role->nmembers; i++)
	{
		RoleRow		row;
		const TaclName *found;

		if (!store_role(inquiry->reader, role->members[i].id, &row))
			continue;
		found = find_pattern(row.patterns, inquiry->permission, deny);
		if (found == NULL)
			continue;
		reason->pattern = *found;
		reason->effect = deny ? EFFECT_DENY : EFFECT_ALLOW;
		if (i > 0)
			reason->through_role = path_to_member(role, i);
		return true;
	}
	return false;
}

/* Finds out what a direct grant says. */
static void
look_at_grant(Inquiry *inquiry, const Holding *holding, Reason *reason)
{
	TaclName	pattern = holding->pattern;

	reason->pattern = pattern;
	if (!pattern_matches(pattern.data, pattern.len, inquiry->permission.data,
						 inquiry->permission.len))
		return;
	reason->effect = pattern_is_deny(pattern.data, pattern.len) ?
		EFFECT_DENY : EFFECT_ALLOW;
}

/* Finds out what a role says; of both, that it denies. */
static void
look_at_role(Inquiry *inquiry, const Holding *holding, Reason *reason)
{
	const CompiledRole *role = holding->role;
	int			bits = permset_match(role->set, inquiry->permission.data,
									 inquiry->permission.len);

	reason->role = name_copy(role->members[0].name);
	if (inquiry->sees_all ||
		is_known_tenant(&inquiry->draft, holding->tenant,
						role->members[0].tenant))
		reason->defined_at = name_copy(role->members[0].tenant);
	if (bits != 0)
		(void) find_in_role(inquiry, role, (bits & PERMSET_DENY) != 0, reason);
}

/*
 * Whether it counts
 */

/* What a ceiling or suspension is called, for a reader who may know it. */
static const char *
name_of_cut(const Inquiry *inquiry, const TenantNode *cut,
			const TenantNode *tenant, const char *kind)
{
	if (cut == tenant || inquiry->sees_all)
		return psprintf("%s of %.*s", kind, NAME(cut->id));
	return psprintf("%s above %.*s", kind, NAME(tenant->id));
}

/* Does the suspension of this tenant stop the permission? */
static bool
is_stopped_by_suspension(const TenantNode *cut, TaclName permission)
{
	return cut->keeps != NULL &&
		!(permset_match(cut->keeps, permission.data, permission.len) &
		  PERMSET_ALLOW);
}

/* Says of a cut which one it is, and what that means. */
static const char *
tell_cut(const Inquiry *inquiry, const TenantNode *cut,
		 const TenantNode *tenant, Reason *reason)
{
	bool		suspended = is_stopped_by_suspension(cut, inquiry->permission);
	bool		named = cut == tenant || inquiry->sees_all;
	TaclName	name = named ? cut->id : tenant->id;
	const char *which = named ? "tenant" : "a tenant above";

	reason->cut_by = name_of_cut(inquiry, cut, tenant,
								 suspended ? "suspension" : "ceiling");
	reason->text = psprintf("cut by the %s", reason->cut_by);
	if (suspended)
		return psprintf("%s %.*s is suspended", which, NAME(name));
	return psprintf("the ceiling of %s %.*s leaves out %.*s", which,
					NAME(name), NAME(inquiry->permission));
}

/* What a reason is called in a sentence. */
static const char *
name_of_reason(const Reason *reason)
{
	StringInfoData name;

	initStringInfo(&name);
	if (reason->role.data != NULL)
		appendStringInfo(&name, "role %.*s, assigned", NAME(reason->role));
	else
		appendStringInfo(&name, "%.*s, granted", NAME(reason->pattern));
	appendStringInfo(&name, " at %.*s", NAME(reason->assigned_at));
	if (reason->group.data != NULL)
		appendStringInfo(&name, " to group %.*s", NAME(reason->group));
	return name.data;
}

/* Notes why nothing is allowed, if this is the best reason so far. */
static void
note_flaw(Inquiry *inquiry, Flaw flaw, const char *text)
{
	if (flaw >= inquiry->worst)
		return;
	inquiry->worst = flaw;
	inquiry->flaw = text;
}

/* Says that it is not the time. */
static void
tell_time(Inquiry *inquiry, Reason *reason)
{
	bool		early = session_now() < reason->starts_at;
	const char *when = pstrdup(timestamptz_to_str(early ? reason->starts_at :
												  reason->expires_at));

	reason->text = psprintf("%s %s", early ? "starts at" : "expired at", when);
	if (reason->effect == EFFECT_ALLOW)
		note_flaw(inquiry, early ? FLAW_NOT_YET : FLAW_EXPIRED,
				  psprintf("%s, %s", name_of_reason(reason), reason->text));
}

/* Says that role or group is not known where it is assigned. */
static void
tell_unknown(Inquiry *inquiry, Reason *reason)
{
	reason->text = "role or group is not defined where it is assigned, nor above";
	note_flaw(inquiry, FLAW_UNKNOWN_THERE,
			  psprintf("%s: %s", name_of_reason(reason), reason->text));
}

/* Decides what a reason that matches is worth. */
static void
weigh(Inquiry *inquiry, const Holding *holding, Reason *reason)
{
	const TenantNode *cut = NULL;

	if (reason->effect == EFFECT_ALLOW)
		cut = tenant_cut(holding->tenant, inquiry->permission);
	if (!is_within_time(&holding->limits))
		tell_time(inquiry, reason);
	else if (reason->effect == EFFECT_DENY)
	{
		reason->text = "denies it";
		reason->decided = true;
	}
	else if (!holding->limits.visible)
		tell_unknown(inquiry, reason);
	else if (cut != NULL)
		note_flaw(inquiry, FLAW_CUT,
				  tell_cut(inquiry, cut, holding->tenant, reason));
	else
	{
		reason->text = "allows it";
		reason->decided = true;
	}
}

/* Adds a reason for one holding. */
static void
add_reason(Inquiry *inquiry, const Holding *holding)
{
	Reason	   *reason = ARRAY_ADD(&inquiry->result, inquiry->room);

	memset(reason, 0, sizeof(*reason));
	reason->assigned_at = name_copy(holding->tenant->id);
	reason->starts_at = holding->limits.starts_at;
	reason->expires_at = holding->limits.expires_at;
	if (holding->group != NULL)
		reason->group = holding->group->name;
	if (holding->role != NULL)
		look_at_role(inquiry, holding, reason);
	else
		look_at_grant(inquiry, holding, reason);
	if (reason->effect == EFFECT_NONE)
		reason->text = "does not match";
	else
		weigh(inquiry, holding, reason);
}

/*
 * The verdict
 */

/* The first reason that decided in this way; NULL if there is none. */
static const Reason *
first_decided(const Inquiry *inquiry, Effect effect)
{
	for (int i = 0; i < inquiry->result.count; i++)
	{
		const Reason *reason = &inquiry->result.items[i];

		if (reason->decided && reason->effect == effect)
			return reason;
	}
	return NULL;
}

/* What decided, in words. */
static const char *
tell_decision(const Reason *reason)
{
	if (reason == NULL)
		elog(ERROR, "an answer has no reason");
	if (reason->role.data == NULL)
		return name_of_reason(reason);
	return psprintf("%.*s of %s", NAME(reason->pattern),
					name_of_reason(reason));
}

/* That nothing says anything, in words. */
static const char *
tell_nothing(const Inquiry *inquiry)
{
	return psprintf("no assignment at %.*s%s matches %.*s",
					NAME(inquiry->tenant),
					name_is_root(inquiry->tenant) ? "" : " or above",
					NAME(inquiry->permission));
}

/* Words for an answer that is no, if it comes from what was read. */
static const char *
tell_refusal(const Inquiry *inquiry)
{
	const Reason *reason = first_decided(inquiry, EFFECT_DENY);

	if (reason != NULL)
		return tell_decision(reason);
	return inquiry->flaw != NULL ? inquiry->flaw : tell_nothing(inquiry);
}

/* What would have decided with this effect has not, for the reason given. */
static void
withdraw(Inquiry *inquiry, Effect effect, const char *but)
{
	for (int i = 0; i < inquiry->result.count; i++)
	{
		Reason	   *reason = &inquiry->result.items[i];

		if (!reason->decided || reason->effect != effect)
			continue;
		reason->decided = false;
		reason->text = psprintf("%s, but %s", reason->text, but);
	}
}

/* Sets the verdict on a user who was read at a tenant that is there. */
static void
judge(Inquiry *inquiry, const TenantNode *tenant)
{
	Explanation *result = &inquiry->result;
	Standing	standing = {draft_entry(&inquiry->draft), tenant};

	result->allowed = standing_can(&standing, inquiry->permission);
	if (inquiry->draft.disabled)
	{
		withdraw(inquiry, EFFECT_ALLOW, "the user is disabled");
		withdraw(inquiry, EFFECT_DENY, "the user is disabled");
		result->verdict = psprintf("denied: user %.*s is disabled",
								   NAME(inquiry->user));
	}
	else if (result->allowed &&
			 !session_scope_allows(inquiry->user, inquiry->permission))
	{
		withdraw(inquiry, EFFECT_ALLOW, "the token does not reach so far");
		result->allowed = false;
		result->verdict = "denied: the token of this session does not reach so far";
	}
	else if (result->allowed)
		result->verdict = psprintf("allowed: %s",
								   tell_decision(first_decided(inquiry,
															   EFFECT_ALLOW)));
	else
	{
		withdraw(inquiry, EFFECT_ALLOW, "a deny beats it");
		result->verdict = psprintf("denied: %s", tell_refusal(inquiry));
	}
}

/* Orders holdings of one tenant: roles, then grants, each by name. */
static int
compare_holdings(const void *left, const void *right)
{
	const Holding *a = left;
	const Holding *b = right;
	int			order = (a->role == NULL) - (b->role == NULL);

	if (order == 0 && a->role != NULL)
		order = name_compare(a->role->members[0].name,
							  b->role->members[0].name);
	if (order == 0 && a->role != NULL)
		order = name_compare(a->role->members[0].tenant,
							  b->role->members[0].tenant);
	if (order == 0 && a->role == NULL)
		order = name_compare(a->pattern, b->pattern);
	if (order == 0)
		order = (a->group != NULL) - (b->group != NULL);
	if (order == 0 && a->group != NULL)
		order = name_compare(a->group->name, b->group->name);
	if (order == 0 && a->group != NULL)
		order = name_compare(a->group->tenant, b->group->tenant);
	return order;
}

/* Adds the reasons from a tenant upwards. */
static void
add_reasons(Inquiry *inquiry, const TenantNode *tenant)
{
	for (; tenant != NULL; tenant = tenant->parent)
	{
		HoldingRun	run = holdings_at(&inquiry->draft, tenant);

		if (run.count > 1)
			qsort(unconstify(Holding *, run.items), run.count,
				  sizeof(Holding), compare_holdings);
		for (int i = 0; i < run.count; i++)
			add_reason(inquiry, &run.items[i]);
	}
}

/* Explains at a tenant that is there. */
static void
explain_at(Inquiry *inquiry, const TenantNode *tenant)
{
	add_reasons(inquiry, tenant);
	judge(inquiry, tenant);
}

/*
 * May the user not know whether the tenant is there? Then what reaches them
 * there from above must not tell either.
 */
static bool
is_hidden(const Inquiry *inquiry, const TenantNode *tenant)
{
	return !inquiry->sees_all && !is_member(&inquiry->draft, tenant) &&
		holdings_at(&inquiry->draft, tenant).count == 0;
}

/*
 * Explains at a tenant that is not there, or is hidden. To who may not know
 * that, both look like any that the user has nothing at but what was assigned
 * at the root. If that would allow it, the answer itself tells.
 */
static BuildOutcome
explain_nowhere(Inquiry *inquiry)
{
	Explanation *result = &inquiry->result;
	TenantNode *node;
	BuildOutcome outcome = BUILD_NO_TENANT;

	if (!inquiry->sees_all)
		outcome = build_tenant(inquiry->reader, TACL_ROOT_NAME, &node);
	if (outcome == BUILD_OUTDATED)
		return outcome;
	if (outcome == BUILD_DONE)
		explain_at(inquiry, node);
	if (outcome == BUILD_NO_TENANT || result->allowed)
	{
		withdraw(inquiry, EFFECT_ALLOW, "the tenant is not registered");
		result->allowed = false;
		result->verdict = psprintf("denied: tenant %.*s is not registered",
								   NAME(inquiry->tenant));
	}
	return BUILD_DONE;
}

/* Reads and explains. */
static BuildOutcome
read_reasons(StoreReader *reader, void *arg)
{
	Inquiry    *inquiry = arg;
	const TenantNode *tenant;
	BuildOutcome outcome;

	inquiry->reader = reader;
	inquiry->result.count = 0;
	inquiry->result.allowed = false;
	inquiry->worst = FLAW_NONE;
	inquiry->flaw = NULL;
	outcome = read_user_at(reader, inquiry->user, inquiry->tenant,
						   &inquiry->draft, &tenant);
	if (outcome != BUILD_DONE)
		return outcome;
	if (tenant == NULL || is_hidden(inquiry, tenant))
		return explain_nowhere(inquiry);
	explain_at(inquiry, tenant);
	return outcome;
}

/* Explains an answer; see explain.h. */
Explanation
explain(TaclName user, TaclName permission, TaclName tenant, bool sees_all)
{
	Inquiry		inquiry = {
		.user = user,
		.permission = permission,
		.tenant = tenant,
		.sees_all = sees_all
	};

	if (!name_is_possible(user))
		inquiry.result.verdict = "denied: there is no user of this name";
	else if (permission.len == 0)
		inquiry.result.verdict = "denied: no permission is asked for";
	else if (!name_is_possible(tenant))
		inquiry.result.verdict = "denied: there is no tenant of this name";
	else
		cache_read(read_reasons, &inquiry);
	return inquiry.result;
}
