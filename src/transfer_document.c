/*
 * transfer_document.c
 *		Reads a document, and finds what is wrong with it by itself.
 *
 * No table is looked at here: everything that a document can be refused for
 * without knowing what exists is found before anything is locked or compared.
 * Objects keep pointing into the document.
 */
#include "transfer_int.h"

#include "miscadmin.h"

/* What is called for each object of a list; index is -1 outside of arrays. */
typedef void (*ObjectReader) (JsonbContainer *object, const DocumentPath *path,
							  int index, void *arg);

/* What a section's objects are read into. */
typedef struct RowTarget
{
	Document   *document;
	TransferSection section;
	int			place;			/* of the document among several, or -1 */
} RowTarget;

/*
 * Objects
 */

/* Raises the error of keys that do not go together, if they do not. */
static void
refuse_if(bool wrong, const DocumentPath *path, const char *detail)
{
	if (wrong)
		document_refuse(path, detail, NULL);
}

/* Ensures that a tenant keeps something only while it is suspended. */
static void
complete_tenant(const DocumentPath *path, DocumentRow *row)
{
	KeyValue   *keeps = &row->values[TENANT_KEY_KEEPS];
	bool		suspended = row->values[TENANT_KEY_SUSPENDED_AT].time.given;

	refuse_if(name_is_root(row->values[TENANT_KEY_ID].text),
			  PATH_KEY(path, "id"),
			  "The root \"" TACL_ROOT "\" is always there as it is.");
	refuse_if(keeps->patterns.items != NULL && !suspended, path,
			  "\"keeps\" needs \"suspended_at\".");
	if (suspended && keeps->patterns.items == NULL)
		keeps->patterns.items = palloc0(sizeof(TaclName));
}

/* Ensures that an assignment gives one thing to one subject. */
static void
complete_assignment(const DocumentPath *path, DocumentRow *row)
{
	const KeyValue *values = row->values;
	bool		user = values[ASSIGNMENT_KEY_USER].text.data != NULL;
	bool		group = values[ASSIGNMENT_KEY_GROUP].text.data != NULL;
	bool		group_tenant =
		values[ASSIGNMENT_KEY_GROUP_TENANT].text.data != NULL;
	bool		role = values[ASSIGNMENT_KEY_ROLE].text.data != NULL;
	bool		role_tenant =
		values[ASSIGNMENT_KEY_ROLE_TENANT].text.data != NULL;
	bool		pattern = values[ASSIGNMENT_KEY_PATTERN].text.data != NULL;
	KeyValue	starts = values[ASSIGNMENT_KEY_STARTS_AT];
	KeyValue	expires = values[ASSIGNMENT_KEY_EXPIRES_AT];

	refuse_if(user == group, path, "One of \"user\" and \"group\" is needed.");
	refuse_if(role == pattern, path,
			  "One of \"role\" and \"pattern\" is needed.");
	refuse_if(group && pattern, path, "A group is given roles, not patterns.");
	refuse_if(group_tenant && !group, path,
			  "\"group_tenant\" needs \"group\".");
	refuse_if(role_tenant && !role, path, "\"role_tenant\" needs \"role\".");
	refuse_if(starts.time.given && expires.time.given &&
			  starts.time.at >= expires.time.at, path,
			  "\"starts_at\" must be before \"expires_at\".");
}

/* Refuses what is missing or does not fit. */
static void
complete_row(const DocumentPath *path, TransferSection section,
			 DocumentRow *row)
{
	const SectionSpec *spec = &transfer_sections[section];

	for (int i = 0; i < spec->identity; i++)
	{
		const KeySpec *key = &spec->keys[i];

		if (row->values[i].text.data == NULL && key->required)
			document_refuse(path, psprintf("The key \"%s\" is missing.",
										   key->name), NULL);
	}
	if (section == SECTION_TENANTS)
		complete_tenant(path, row);
	else if (section == SECTION_ASSIGNMENTS)
		complete_assignment(path, row);
}

/* The number of keys that a section's objects may have. */
static int
count_keys(const SectionSpec *spec)
{
	int			count = 0;

	while (spec->keys[count].name != NULL)
		count++;
	return count;
}

/* The place of a key among those of the section, or an error. */
static int
find_key(const DocumentPath *path, const SectionSpec *spec, TaclName key)
{
	List	   *possible = NIL;

	for (int i = 0; spec->keys[i].name != NULL; i++)
	{
		if (document_key_is(key, spec->keys[i].name))
			return i;
	}
	for (int i = 0; spec->keys[i].name != NULL; i++)
		possible = lappend(possible, unconstify(char *, spec->keys[i].name));
	document_refuse_key(path, key, possible);
	return -1;					/* not reached */
}

/* Appends an object to a section that has only what it need not say. */
static DocumentRow *
append_row(const RowTarget *target, int index)
{
	DocumentSection *section = &target->document->sections[target->section];
	const SectionSpec *spec = &transfer_sections[target->section];
	int			keys = count_keys(spec);
	DocumentRow *row = palloc0(offsetof(DocumentRow, values) +
							   sizeof(KeyValue) * keys);

	*ARRAY_ADD(section, section->room) = row;
	row->document = target->place;
	row->row = index;
	for (int i = 0; i < keys; i++)
	{
		if (spec->keys[i].fallback != NULL)
			row->values[i].text = name_from_cstring(spec->keys[i].fallback);
	}
	return row;
}

/* Reads one object of a section. */
static void
read_row(JsonbContainer *object, const DocumentPath *path, int index,
		 void *arg)
{
	const RowTarget *target = arg;
	const SectionSpec *spec = &transfer_sections[target->section];
	DocumentRow *row = append_row(target, index);
	JsonbIterator *iterator = JsonbIteratorInit(object);
	TaclName	key;
	JsonbValue	value;

	CHECK_FOR_INTERRUPTS();
	while (document_next_pair(&iterator, &key, &value))
	{
		int			place = find_key(path, spec, key);

		if (value.type != jbvNull)
			row->values[place] =
				document_read_value(PATH_KEY(path, spec->keys[place].name),
									spec, spec->keys[place].kind, &value);
	}
	complete_row(path, target->section, row);
}

/*
 * Documents
 */

/* Calls the reader for an object, or for each object of an array. */
static void
read_objects(JsonbContainer *container, const DocumentPath *path,
			 ObjectReader reader, void *arg)
{
	JsonbIterator *iterator;
	JsonbValue	value;
	int			index = 0;

	if (JsonContainerIsObject(container))
	{
		reader(container, path, -1, arg);
		return;
	}
	iterator = JsonbIteratorInit(container);
	while (document_next_element(&iterator, &value))
	{
		if (value.type != jbvBinary ||
			!JsonContainerIsObject(value.val.binary.data))
			document_refuse_kind(JsonContainerIsScalar(container) ? path :
								 PATH_INDEX(path, index), "An object", &value);
		reader(value.val.binary.data, PATH_INDEX(path, index), index, arg);
		index++;
	}
}

/* Reads a section of one document. */
static void
read_section(const DocumentPath *path, const JsonbValue *value,
			 RowTarget *target)
{
	path = PATH_KEY(path, transfer_sections[target->section].name);
	if (value->type != jbvBinary)
		document_refuse_kind(path, "An object or an array of objects", value);
	target->document->sections[target->section].named = true;
	read_objects(value->val.binary.data, path, read_row, target);
}

/* Reads the scope; documents that are read together must have one. */
static void
read_scope(const DocumentPath *path, const JsonbValue *value,
		   Document *document)
{
	TaclName	scope = document_read_name(path, value);

	if (document->scope.data != NULL && !name_equal(document->scope, scope))
		document_refuse(path, psprintf("The scope is %s already.",
									   document_quote(document->scope)), NULL);
	document->scope = scope;
}

/* Reads whether what is below the scope is meant as well. */
static void
read_below(const DocumentPath *path, const JsonbValue *value,
		   Document *document)
{
	if (value->type != jbvBool)
		document_refuse_kind(path, "A boolean", value);
	if (document->below_given && document->below != value->val.boolean)
		document_refuse(path, psprintf("It is %s already.",
									   document->below ? "true" : "false"),
						NULL);
	document->below_given = true;
	document->below = value->val.boolean;
}

/* The section of a name, or an error. */
static TransferSection
find_section(const DocumentPath *path, TaclName key)
{
	List	   *possible = list_make2("scope", "below");

	for (int i = 0; i < SECTIONS; i++)
	{
		if (document_key_is(key, transfer_sections[i].name))
			return i;
		possible = lappend(possible,
						   unconstify(char *, transfer_sections[i].name));
	}
	document_refuse_key(path, key, possible);
	return SECTIONS;			/* not reached */
}

/* Reads one document. */
static void
read_document(JsonbContainer *object, const DocumentPath *path, int index,
			  void *arg)
{
	Document   *document = arg;
	JsonbIterator *iterator = JsonbIteratorInit(object);
	TaclName	key;
	JsonbValue	value;

	while (document_next_pair(&iterator, &key, &value))
	{
		RowTarget	target = {document, SECTIONS, index};
		bool		given = value.type != jbvNull;

		if (document_key_is(key, "scope"))
		{
			if (given)
				read_scope(PATH_KEY(path, "scope"), &value, document);
		}
		else if (document_key_is(key, "below"))
		{
			if (given)
				read_below(PATH_KEY(path, "below"), &value, document);
		}
		else
		{
			target.section = find_section(path, key);
			if (given)
				read_section(path, &value, &target);
		}
	}
}

/* Ensures that the scope fits what is named. */
static void
check_scope(const Document *document)
{
	if (document->below_given && document->scope.data == NULL)
		document_refuse(PATH_KEY(NULL, "below"), "\"below\" needs \"scope\".",
						NULL);
	for (int i = 0; i < SECTIONS; i++)
	{
		const SectionSpec *spec = &transfer_sections[i];

		if (document->scope.data != NULL && spec->global &&
			document->sections[i].named)
			document_refuse(PATH_KEY(NULL, spec->name),
							"What is in this section belongs to no tenant.",
							"Leave out \"scope\", or apply this section by itself.");
	}
}

/* Reads a document, or several in an array; see the head of this file. */
Document *
document_read(Jsonb *json)
{
	Document   *document = palloc0(sizeof(Document));

	document->below = true;
	read_objects(&json->root, NULL, read_document, document);
	check_scope(document);
	return document;
}

/*
 * A look ahead
 */

/* Has the object a key that is not null? */
static bool
has_key(JsonbContainer *object, const char *key)
{
	JsonbValue	wanted;
	JsonbValue *value;

	wanted.type = jbvString;
	wanted.val.string.val = unconstify(char *, key);
	wanted.val.string.len = strlen(key);
	value = findJsonbValueFromContainer(object, JB_FOBJECT, &wanted);
	return value != NULL && value->type != jbvNull;
}

/* The same for one document. */
static void
look_at_document(JsonbContainer *object, bool *named, bool *scoped)
{
	*scoped |= has_key(object, "scope");
	for (int i = 0; i < SECTIONS; i++)
		named[i] |= has_key(object, transfer_sections[i].name);
}

/*
 * Finds the sections that are named, and whether there is a scope, without
 * refusing anything: what it takes to apply the document is required before
 * anything is validated.
 */
void
document_look(Jsonb *json, bool *named, bool *scoped)
{
	JsonbContainer *root = &json->root;
	JsonbIterator *iterator;
	JsonbValue	value;

	memset(named, 0, sizeof(bool) * SECTIONS);
	*scoped = false;
	if (JsonContainerIsObject(root))
	{
		look_at_document(root, named, scoped);
		return;
	}
	iterator = JsonbIteratorInit(root);
	while (document_next_element(&iterator, &value))
	{
		if (value.type == jbvBinary &&
			JsonContainerIsObject(value.val.binary.data))
			look_at_document(value.val.binary.data, named, scoped);
	}
}

/*
 * Order
 */

/* Orders objects by what identifies them, which takes so many keys. */
static int
compare_identity(const KeyValue *a, const KeyValue *b, int keys)
{
	for (int i = 0; i < keys; i++)
	{
		int			result = name_compare_or_missing(a[i].text, b[i].text);

		if (result != 0)
			return result;
	}
	return 0;
}

/* The same for sorting, in which equal objects keep their order. */
static int
compare_rows(const void *a, const void *b, void *keys)
{
	const DocumentRow *left = *(DocumentRow *const *) a;
	const DocumentRow *right = *(DocumentRow *const *) b;
	int			result = compare_identity(left->values, right->values,
										  *(int *) keys);

	if (result != 0)
		return result;
	return left->document != right->document ?
		left->document - right->document : left->row - right->row;
}

/* The same for finding. */
static int
compare_with_row(const void *identity, const void *row, void *keys)
{
	return compare_identity(identity, (*(DocumentRow *const *) row)->values,
							*(int *) keys);
}

/* Raises the error of an object that is there already. */
static void
refuse_twin(TransferSection section, const DocumentRow *first,
			const DocumentRow *twin)
{
	const char *place = document_path_text(document_row_path(section, first));

	document_refuse(document_row_path(section, twin),
					psprintf("It is the same %s as %s.",
							 transfer_sections[section].noun, place), NULL);
}

/* Sorts a section; raises an error if it holds anything twice. */
void
document_sort(const Document *document, TransferSection section)
{
	const DocumentSection *rows = &document->sections[section];
	int			keys = transfer_sections[section].identity;

	if (rows->count < 2)
		return;
	qsort_arg(rows->items, rows->count, sizeof(DocumentRow *), compare_rows,
			  &keys);
	for (int i = 1; i < rows->count; i++)
	{
		if (compare_identity(rows->items[i - 1]->values, rows->items[i]->values,
							 keys) == 0)
			refuse_twin(section, rows->items[i - 1], rows->items[i]);
	}
}

/* The object that has this identity, in a sorted section; NULL if none has. */
DocumentRow *
document_find(const Document *document, TransferSection section,
			  const KeyValue *identity)
{
	const DocumentSection *rows = &document->sections[section];
	int			keys = transfer_sections[section].identity;
	DocumentRow **found;

	if (rows->count == 0)
		return NULL;
	found = bsearch_arg(identity, rows->items, rows->count,
						sizeof(DocumentRow *), compare_with_row, &keys);
	return found == NULL ? NULL : *found;
}
