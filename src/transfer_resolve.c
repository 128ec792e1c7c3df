/*
 * transfer_resolve.c
 *		Gives every name in a document its meaning.
 *
 * A role or group that is named without its tenant is the nearest one upwards
 * among those that will exist when the document is applied. What is resolved
 * here is what statements compare and write: they need not search. A document
 * that names what will not exist, or what its scope does not cover, is refused.
 */
#include "transfer_int.h"

#include "catalog/pg_type.h"
#include "lib/qunique.h"
#include "miscadmin.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "utils/memutils.h"

#include "jsonb_push.h"

/* A key of an object, and an element of what it holds; -1 for all of it. */
typedef struct Spot
{
	TransferSection section;
	DocumentRow *row;
	int			key;
	int			element;
} Spot;

/*
 * What the document names must exist
 */

/* Raises an error about a spot. */
static void
refuse_at(const Spot *spot, const char *detail, const char *hint)
{
	const DocumentPath *path =
		PATH_KEY(document_row_path(spot->section, spot->row),
				 transfer_sections[spot->section].keys[spot->key].name);

	document_refuse(spot->element < 0 ? path :
					PATH_INDEX(path, spot->element), detail, hint);
}

/* What to do about something that will not be there; NULL if nothing helps. */
static const char *
missing_hint(const TransferState *state, TransferSection section)
{
	if (!state_document(state)->sections[section].named)
		return NULL;
	return psprintf("The document has a section \"%s\": what is not in it will not be there.",
					transfer_sections[section].name);
}

/* Ensures that there will be such a tenant. */
static void
require_tenant(TransferState *state, const Spot *spot)
{
	TaclName	tenant = spot->row->values[spot->key].text;

	if (!state_has_tenant(state, tenant))
		refuse_at(spot, psprintf("Tenant %s does not exist.",
								 document_quote(tenant)),
				  missing_hint(state, SECTION_TENANTS));
}

/* Raises the error of a tenant that the scope does not cover. */
static void
refuse_outside(const TransferState *state, const Spot *spot)
{
	const Document *document = state_document(state);

	refuse_at(spot,
			  psprintf("Tenant %s is outside the scope %s%s.",
					   document_quote(spot->row->values[spot->key].text),
					   document_quote(document->scope),
					   document->below ? "" : ", which is that tenant alone"),
			  NULL);
}

/* Ensures that there will be such a tenant, and that the scope covers it. */
static void
require_tenant_inside(TransferState *state, const Spot *spot)
{
	require_tenant(state, spot);
	if (!state_inside(state, spot->row->values[spot->key].text))
		refuse_outside(state, spot);
}

/* Raises the error of a role or group that will not be there. */
static void
refuse_unknown(const TransferState *state, const Spot *spot,
			   TransferSection section, TaclName name, const char *where)
{
	refuse_at(spot,
			  psprintf("There will be no %s %s %s.",
					   transfer_sections[section].noun, document_quote(name),
					   where),
			  missing_hint(state, section));
}

/* Ensures that the tenant itself will have this role or group. */
static void
require_own(TransferState *state, const Spot *spot, TransferSection section,
			TaclName name, TaclName tenant)
{
	if (!state_has(state, section, name, tenant))
		refuse_unknown(state, spot, section, name,
					   psprintf("at tenant %s", document_quote(tenant)));
}

/*
 * Tenants
 */

/* Ensures that what the document is about is there, or will be. */
static void
check_scope(TransferState *state)
{
	TaclName	scope = state_document(state)->scope;

	if (scope.data != NULL && !state_had_tenant(state, scope) &&
		!state_has_tenant(state, scope))
		document_refuse(PATH_KEY(NULL, "scope"),
						psprintf("Tenant %s does not exist.",
								 document_quote(scope)), NULL);
}

/* Ensures that a tenant is, and remains, where the scope covers it. */
static void
check_tenant(TransferState *state, DocumentRow *row)
{
	const Document *document = state_document(state);
	const Spot	id = {SECTION_TENANTS, row, TENANT_KEY_ID, -1};
	const Spot	parent = {SECTION_TENANTS, row, TENANT_KEY_PARENT, -1};
	TaclName	name = row->values[TENANT_KEY_ID].text;

	if (state_covers_all(state) || name_equal(name, document->scope))
		require_tenant(state, &parent);
	else if (!document->below || state_was_outside(state, name))
		refuse_outside(state, &id);
	else
		require_tenant_inside(state, &parent);
}

/*
 * Roles and groups
 */

/* Orders references as an export does: by name, then by tenant. */
static int
compare_references(const void *a, const void *b)
{
	const Reference *left = a;
	const Reference *right = b;
	int			result = name_compare_or_missing(left->name, right->name);

	return result != 0 ? result :
		name_compare_or_missing(left->tenant, right->tenant);
}

/* Finds out which role or group is included. */
static void
resolve_include(TransferState *state, TransferSection section,
				DocumentRow *row, int element)
{
	const Spot	spot = {section, row, OWNED_KEY_INCLUDES, element};
	Reference  *included =
		&row->values[OWNED_KEY_INCLUDES].includes.items[element];
	TaclName	owner = row->values[OWNED_KEY_TENANT].text;
	bool		own = name_equal(included->name,
								 row->values[OWNED_KEY_NAME].text);

	if (included->tenant.data != NULL)
		require_own(state, &spot, section, included->name, included->tenant);
	else if (!state_nearest(state, section, included->name, owner, own,
							&included->tenant))
		refuse_unknown(state, &spot, section, included->name,
					   psprintf(own ? "above tenant %s" :
								"at tenant %s or above",
								document_quote(owner)));
}

/* Resolves a role or group with what it includes. */
static void
resolve_owned(TransferState *state, TransferSection section, DocumentRow *row)
{
	const Spot	tenant = {section, row, OWNED_KEY_TENANT, -1};
	ReferenceArray *includes = &row->values[OWNED_KEY_INCLUDES].includes;

	require_tenant_inside(state, &tenant);
	for (int i = 0; i < includes->count; i++)
		resolve_include(state, section, row, i);
	if (includes->count < 2)
		return;
	qsort(includes->items, includes->count, sizeof(Reference),
		  compare_references);
	includes->count = qunique(includes->items, includes->count,
							  sizeof(Reference), compare_references);
}

/*
 * Members and assignments
 */

/* Resolves one member of a group. */
static void
resolve_member(TransferState *state, DocumentRow *row)
{
	const Spot	group = {SECTION_MEMBERS, row, MEMBER_KEY_GROUP, -1};
	const Spot	tenant = {SECTION_MEMBERS, row, MEMBER_KEY_TENANT, -1};

	require_tenant_inside(state, &tenant);
	require_own(state, &group, SECTION_GROUPS,
				row->values[MEMBER_KEY_GROUP].text,
				row->values[MEMBER_KEY_TENANT].text);
}

/* Finds out which role, or which group, an assignment is about. */
static void
resolve_assigned(TransferState *state, TransferSection section,
				 const Spot *spot, TaclName *tenant)
{
	TaclName	name = spot->row->values[spot->key].text;
	TaclName	at = spot->row->values[ASSIGNMENT_KEY_TENANT].text;

	if (name.data == NULL)
		return;
	if (tenant->data != NULL)
		require_own(state, spot, section, name, *tenant);
	else if (!state_nearest(state, section, name, at, false, tenant))
		refuse_unknown(state, spot, section, name,
					   psprintf("at tenant %s or above", document_quote(at)));
}

/* Resolves one assignment. */
static void
resolve_assignment(TransferState *state, DocumentRow *row)
{
	const Spot	tenant = {SECTION_ASSIGNMENTS, row, ASSIGNMENT_KEY_TENANT, -1};
	const Spot	group = {SECTION_ASSIGNMENTS, row, ASSIGNMENT_KEY_GROUP, -1};
	const Spot	role = {SECTION_ASSIGNMENTS, row, ASSIGNMENT_KEY_ROLE, -1};

	require_tenant_inside(state, &tenant);
	resolve_assigned(state, SECTION_GROUPS, &group,
					 &row->values[ASSIGNMENT_KEY_GROUP_TENANT].text);
	resolve_assigned(state, SECTION_ROLES, &role,
					 &row->values[ASSIGNMENT_KEY_ROLE_TENANT].text);
}

/* Resolves one object. */
static void
resolve_row(TransferState *state, TransferSection section, DocumentRow *row)
{
	CHECK_FOR_INTERRUPTS();
	switch (section)
	{
		case SECTION_TENANTS:
			check_tenant(state, row);
			break;
		case SECTION_ROLES:
		case SECTION_GROUPS:
			resolve_owned(state, section, row);
			break;
		case SECTION_MEMBERS:
			resolve_member(state, row);
			break;
		case SECTION_ASSIGNMENTS:
			resolve_assignment(state, row);
			break;
		case SECTION_PERMISSIONS:
		case SECTION_USERS:
		case SECTION_PREFERENCES:
			break;				/* they refer to nothing */
	}
}

/* Resolves all objects of a section. */
static void
resolve_section(TransferState *state, TransferSection section)
{
	const DocumentSection *rows = &state_document(state)->sections[section];

	for (int i = 0; i < rows->count; i++)
		resolve_row(state, section, rows->items[i]);
}

/*
 * Resolves all that the document names, or raises an error. What is there
 * twice is found before names are resolved, since the search for them goes by
 * the order; only what an assignment is about is not known before.
 */
void
transfer_resolve(TransferState *state)
{
	const Document *document = state_document(state);

	for (int i = 0; i < SECTIONS; i++)
	{
		if (i != SECTION_ASSIGNMENTS)
			document_sort(document, i);
	}
	check_scope(state);
	for (int i = 0; i < SECTIONS; i++)
		resolve_section(state, i);
	document_sort(document, SECTION_ASSIGNMENTS);
}

/*
 * Objects as an export has them
 */

/* Pushes a time of the zone UTC, as to_jsonb() writes it there. */
static void
push_time(JsonbParseState **json, TimestampTz time)
{
	const int	utc = 0;
	char		buffer[MAXDATELEN + 1];

	(void) JsonEncodeDateTime(buffer, TimestampTzGetDatum(time),
							  TIMESTAMPTZOID, &utc);
	jsonb_push_name(json, WJB_VALUE, name_from_cstring(pstrdup(buffer)));
}

/* Would the included one be meant by its name alone? */
static bool
name_is_enough(TransferState *state, TransferSection section,
			   const DocumentRow *row, const Reference *included)
{
	TaclName	nearest;

	return state_nearest(state, section, included->name,
						 row->values[OWNED_KEY_TENANT].text,
						 name_equal(included->name,
									row->values[OWNED_KEY_NAME].text),
						 &nearest) &&
		name_equal(nearest, included->tenant);
}

/* Pushes what is included: as an export shows it, or with every tenant. */
static void
push_includes(JsonbParseState **json, TransferState *state,
			  TransferSection section, const DocumentRow *row, bool shown)
{
	const ReferenceArray *includes = &row->values[OWNED_KEY_INCLUDES].includes;

	(void) pushJsonbValue(json, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < includes->count; i++)
	{
		const Reference *included = &includes->items[i];

		if (shown && name_is_enough(state, section, row, included))
		{
			jsonb_push_name(json, WJB_ELEM, included->name);
			continue;
		}
		(void) pushJsonbValue(json, WJB_BEGIN_OBJECT, NULL);
		jsonb_push_pair(json, transfer_sections[section].noun, included->name);
		jsonb_push_pair(json, "tenant", included->tenant);
		(void) pushJsonbValue(json, WJB_END_OBJECT, NULL);
	}
	(void) pushJsonbValue(json, WJB_END_ARRAY, NULL);
}

/* Has the object something for this key, as far as an export goes? */
static bool
has_value(KeyKind kind, const KeyValue *value)
{
	switch (kind)
	{
		case KEY_PATTERNS:
			return true;		/* none is an empty list */
		case KEY_ALLOWS:
			return value->patterns.items != NULL;
		case KEY_INCLUDES:
			return value->includes.count > 0;
		case KEY_TIME:
			return value->time.given;
		default:
			return value->text.data != NULL;
	}
}

/* Pushes what an object has for a key. */
static void
push_value(JsonbParseState **json, TransferState *state,
		   TransferSection section, const DocumentRow *row, int key,
		   bool shown)
{
	const KeySpec *spec = &transfer_sections[section].keys[key];
	const KeyValue *value = &row->values[key];

	if (!has_value(spec->kind, value))
		return;
	jsonb_push_name(json, WJB_KEY, name_from_cstring(spec->name));
	switch (spec->kind)
	{
		case KEY_PATTERNS:
		case KEY_ALLOWS:
			(void) pushJsonbValue(json, WJB_BEGIN_ARRAY, NULL);
			jsonb_push_elements(json, value->patterns);
			(void) pushJsonbValue(json, WJB_END_ARRAY, NULL);
			break;
		case KEY_INCLUDES:
			push_includes(json, state, section, row, shown);
			break;
		case KEY_TIME:
			push_time(json, value->time.at);
			break;
		default:
			jsonb_push_name(json, WJB_VALUE, value->text);
	}
}

/* An object as an export shows it, or with every include resolved. */
static Jsonb *
row_to_jsonb(TransferState *state, TransferSection section,
			 const DocumentRow *row, bool shown)
{
	JsonbParseState *json = NULL;

	(void) pushJsonbValue(&json, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; transfer_sections[section].keys[i].name != NULL; i++)
		push_value(&json, state, section, row, i, shown);
	return JsonbValueToJsonb(pushJsonbValue(&json, WJB_END_OBJECT, NULL));
}

/* All objects of a section as a jsonb[]. */
static NullableDatum
rows_to_array(const DocumentSection *rows, TransferState *state,
			  TransferSection section, bool shown)
{
	Datum	   *elements = palloc_extended(sizeof(Datum) * Max(rows->count, 1),
										   MCXT_ALLOC_HUGE);
	MemoryContext work = AllocSetContextCreate(CurrentMemoryContext,
											   "tacl transfer rows",
											   ALLOCSET_DEFAULT_SIZES);
	ArrayType  *array;

	for (int i = 0; i < rows->count; i++)
	{
		MemoryContext caller = MemoryContextSwitchTo(work);
		Jsonb	   *row = row_to_jsonb(state, section, rows->items[i], shown);

		MemoryContextSwitchTo(caller);
		elements[i] = PointerGetDatum(memcpy(palloc(VARSIZE(row)), row,
											 VARSIZE(row)));
		MemoryContextReset(work);
	}
	array = construct_array(elements, rows->count, JSONBOID, -1, false,
							TYPALIGN_INT);
	MemoryContextDelete(work);
	pfree(elements);
	return param_value(PointerGetDatum(array));
}

/* The objects of a section that is resolved, for its statements. */
SectionRows
transfer_rows(TransferState *state, TransferSection section)
{
	const DocumentSection *rows = &state_document(state)->sections[section];
	SectionRows result;

	result.shown = rows_to_array(rows, state, section, true);
	result.meant = section == SECTION_ROLES || section == SECTION_GROUPS ?
		rows_to_array(rows, state, section, false) : result.shown;
	return result;
}
