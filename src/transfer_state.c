/*
 * transfer_state.c
 *		What will exist once a document is applied.
 *
 * Inside the scope, a section that the document names is what the document
 * says; all else is as the tables have it now. What is asked of the tables is
 * remembered, since a document asks the same again and again.
 *
 * A tenant is inside if the document puts it there or it is there now. Applying
 * a document moves nothing into the scope or out of it, so that the scope holds
 * the same before and after, but for what is created and dropped.
 */
#include "transfer_int.h"

#include "common/hashfn.h"

/* A tenant as the tables have it. */
typedef struct TenantSlot
{
	TaclName	key;
	uint32		hash;
	char		status;
	bool		exists;
	TaclName	parent;			/* data is NULL at the root */
} TenantSlot;

#define SH_PREFIX seen_tenants
#define SH_ELEMENT_TYPE TenantSlot
#define SH_KEY_TYPE TaclName
#define SH_KEY key
#define SH_HASH_KEY(tb, key) name_hash(key)
#define SH_EQUAL(tb, a, b) name_equal(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, a) (a)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* What is defined by a tenant under a name. */
typedef struct Definition
{
	TransferSection section;
	TaclName	tenant;
	TaclName	name;
} Definition;

/* Is there such a role or group in the tables? */
typedef struct DefinitionSlot
{
	Definition	key;
	uint32		hash;
	char		status;
	bool		exists;
} DefinitionSlot;

/* The hash of a definition. */
static inline uint32
definition_hash(Definition key)
{
	return hash_combine(hash_combine(name_hash(key.tenant),
									 name_hash(key.name)), key.section);
}

/* Are they the same? */
static inline bool
definition_equal(Definition a, Definition b)
{
	return a.section == b.section && name_equal(a.tenant, b.tenant) &&
		name_equal(a.name, b.name);
}

#define SH_PREFIX seen_definitions
#define SH_ELEMENT_TYPE DefinitionSlot
#define SH_KEY_TYPE Definition
#define SH_KEY key
#define SH_HASH_KEY(tb, key) definition_hash(key)
#define SH_EQUAL(tb, a, b) definition_equal(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, a) (a)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct TransferState
{
	const Document *document;
	StoreReader *reader;
	bool		everything;		/* is there nothing outside the scope? */
	MemoryContext home;			/* what is remembered */
	MemoryContext work;			/* emptied after each look at a table */
	seen_tenants_hash *tenants;
	seen_definitions_hash *definitions;
};

/*
 * Begins with a document whose tenants, roles and groups are sorted. What is
 * asked about must stay where it is as long as the state is used.
 */
TransferState *
state_begin(const Document *document, StoreReader *reader)
{
	TransferState *state = palloc0(sizeof(TransferState));

	state->document = document;
	state->reader = reader;
	state->everything = document->scope.data == NULL ||
		(document->below && name_is_root(document->scope));
	state->home = CurrentMemoryContext;
	state->work = AllocSetContextCreate(CurrentMemoryContext, "tacl transfer",
										ALLOCSET_DEFAULT_SIZES);
	state->tenants = seen_tenants_create(CurrentMemoryContext, 256, NULL);
	state->definitions = seen_definitions_create(CurrentMemoryContext, 256,
												 NULL);
	return state;
}

/* A tenant as the tables have it. */
static TenantSlot
present_tenant(TransferState *state, TaclName id)
{
	MemoryContext caller;
	TenantRow	row;
	bool		found;
	TenantSlot *slot = seen_tenants_insert(state->tenants, id, &found);

	if (found)
		return *slot;
	slot->parent.data = NULL;
	caller = MemoryContextSwitchTo(state->work);
	slot->exists = store_tenant(state->reader, id, &row);
	MemoryContextSwitchTo(caller);
	if (slot->exists && row.parent.data != NULL)
	{
		char	   *copy = MemoryContextAlloc(state->home, row.parent.len);

		slot->parent.data = memcpy(copy, row.parent.data, row.parent.len);
		slot->parent.len = row.parent.len;
	}
	MemoryContextReset(state->work);
	return *slot;
}

/* Is there such a role or group in the tables? */
static bool
present_definition(TransferState *state, Definition key)
{
	MemoryContext caller;
	RoleRow		role;
	GroupRow	group;
	bool		found;
	DefinitionSlot *slot = seen_definitions_insert(state->definitions, key,
												   &found);

	if (found)
		return slot->exists;
	caller = MemoryContextSwitchTo(state->work);
	slot->exists = key.section == SECTION_ROLES ?
		store_role_named(state->reader, key.tenant, key.name, &role) :
		store_group_named(state->reader, key.tenant, key.name, &group);
	MemoryContextSwitchTo(caller);
	MemoryContextReset(state->work);
	return slot->exists;
}

/* Is the tenant inside the scope now? */
static bool
was_inside(TransferState *state, TaclName tenant)
{
	const Document *document = state->document;

	for (int i = 0; i <= TACL_MAX_WALK; i++)
	{
		if (name_equal(tenant, document->scope))
			return true;
		tenant = present_tenant(state, tenant).parent;
		if (!document->below || tenant.data == NULL)
			return false;
	}
	return false;
}

/* The document's object of a tenant; NULL if it has none. */
static const DocumentRow *
tenant_row(const TransferState *state, TaclName tenant)
{
	const KeyValue identity = {.text = tenant};

	return document_find(state->document, SECTION_TENANTS, &identity);
}

/* The document. */
const Document *
state_document(const TransferState *state)
{
	return state->document;
}

/* Is there nothing that the document cannot name? */
bool
state_covers_all(const TransferState *state)
{
	return state->everything;
}

/* Does the document speak of the tenant, if it names what is there? */
bool
state_inside(TransferState *state, TaclName tenant)
{
	return state->everything || tenant_row(state, tenant) != NULL ||
		was_inside(state, tenant);
}

/* Is there such a tenant now? */
bool
state_had_tenant(TransferState *state, TaclName tenant)
{
	return present_tenant(state, tenant).exists;
}

/* Is the tenant there now, where the document does not speak of it? */
bool
state_was_outside(TransferState *state, TaclName tenant)
{
	return !state->everything && state_had_tenant(state, tenant) &&
		!was_inside(state, tenant);
}

/*
 * Will there be such a tenant? If so, and it is not the root, *parent is set;
 * its data is NULL at the root.
 */
static bool
tenant_after(TransferState *state, TaclName tenant, TaclName *parent)
{
	const DocumentRow *row = tenant_row(state, tenant);
	TenantSlot	present;

	if (row != NULL)
	{
		*parent = row->values[TENANT_KEY_PARENT].text;
		return true;
	}
	present = present_tenant(state, tenant);
	*parent = present.parent;
	return present.exists &&
		(!state->document->sections[SECTION_TENANTS].named ||
		 present.parent.data == NULL || !state_inside(state, tenant));
}

/* Will there be such a tenant? */
bool
state_has_tenant(TransferState *state, TaclName tenant)
{
	TaclName	parent;

	return tenant_after(state, tenant, &parent);
}

/* Will the tenant define such a role, or have such a group? */
bool
state_has(TransferState *state, TransferSection section, TaclName name,
		  TaclName tenant)
{
	const KeyValue identity[] = {
		[OWNED_KEY_NAME] = {.text = name},
		[OWNED_KEY_TENANT] = {.text = tenant}
	};
	const Definition key = {section, tenant, name};

	if (state->document->sections[section].named &&
		state_inside(state, tenant))
		return document_find(state->document, section, identity) != NULL;
	return present_definition(state, key);
}

/*
 * Finds the tenant whose role or group of the name will be the nearest one
 * upwards from where the search starts, or if wanted from above it.
 */
bool
state_nearest(TransferState *state, TransferSection section, TaclName name,
			  TaclName start, bool above, TaclName *tenant)
{
	TaclName	parent;

	*tenant = start;
	for (int i = 0; i <= TACL_MAX_WALK; i++)
	{
		if (!(above && i == 0) && state_has(state, section, name, *tenant))
			return true;
		if (!tenant_after(state, *tenant, &parent) || parent.data == NULL)
			return false;
		*tenant = parent;
	}
	return false;
}
