/*
 * json.c
 *		JSON documents that are read strictly.
 *
 * PostgreSQL's own parser does the work; here its events become a tree. The
 * depth is looked at before: before PostgreSQL 16 an action cannot stop the
 * parser, which would raise an error of its own when the stack is used up.
 */
#include "tenant_acl.h"

#include "common/jsonapi.h"
#include "mb/pg_wchar.h"

#include "arrays.h"
#include "json.h"

/* What is being read. */
typedef struct Reading
{
	JsonTree	root;			/* an array, whose one element is the value */
	JsonTree   *open;			/* innermost array or object */
	TaclName	name;			/* of the next value in an object */
	bool		repeated;		/* did a name occur twice in an object? */
} Reading;

/* Does a name occur twice among the members? */
static bool
has_repeated_name(const JsonTree *object)
{
	NameArray	names = {NULL, 0};
	int			room = 0;

	for (const JsonTree *at = object->first; at != NULL; at = at->next)
		names_add(&names, &room, at->name);
	names_sort(&names);
	return names.count < object->count;
}

/* Adds a value to what is open. */
static JsonTree *
add_value(Reading *reading, JsonKind kind)
{
	JsonTree   *parent = reading->open;
	JsonTree   *value = palloc0(sizeof(JsonTree));

	value->kind = kind;
	value->parent = parent;
	if (parent->kind == JSON_KIND_OBJECT)
		value->name = reading->name;
	if (parent->last == NULL)
		parent->first = value;
	else
		parent->last->next = value;
	parent->last = value;
	parent->count++;
	return value;
}

/* Action: an object begins. */
static json_action_result
on_object_start(void *state)
{
	Reading    *reading = state;

	reading->open = add_value(reading, JSON_KIND_OBJECT);
	return JSON_ACTION_DONE;
}

/* Action: the name of an object's next value. */
static json_action_result
on_field_start(void *state, char *name, bool isnull)
{
	Reading    *reading = state;

	reading->name.data = name;
	reading->name.len = strlen(name);
	return JSON_ACTION_DONE;
}

/* Action: an object ends. */
static json_action_result
on_object_end(void *state)
{
	Reading    *reading = state;

	if (has_repeated_name(reading->open))
		reading->repeated = true;
	reading->open = reading->open->parent;
	return JSON_ACTION_DONE;
}

/* Action: an array begins. */
static json_action_result
on_array_start(void *state)
{
	Reading    *reading = state;

	reading->open = add_value(reading, JSON_KIND_ARRAY);
	return JSON_ACTION_DONE;
}

/* Action: an array ends. */
static json_action_result
on_array_end(void *state)
{
	Reading    *reading = state;

	reading->open = reading->open->parent;
	return JSON_ACTION_DONE;
}

/* Action: any other value. */
static json_action_result
on_scalar(void *state, char *text, JsonTokenType type)
{
	JsonTree   *value = add_value(state,
								  type == JSON_TOKEN_STRING ? JSON_KIND_STRING :
								  type == JSON_TOKEN_NUMBER ? JSON_KIND_NUMBER :
								  JSON_KIND_OTHER);

	value->text.data = text;
	value->text.len = strlen(text);
	return JSON_ACTION_DONE;
}

/* Is nothing nested too deep? Right for JSON; for anything else, no matter. */
static bool
is_shallow(TaclName text)
{
	bool		in_string = false;
	int			depth = 0;

	for (int i = 0; i < text.len; i++)
	{
		char		c = text.data[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '{' || c == '['))
			depth++;
		else if (!in_string && (c == '}' || c == ']'))
			depth--;
		if (depth > JSON_MAX_DEPTH)
			return false;
	}
	return true;
}

/* The value that the text is; see json.h. */
const JsonTree *
json_read(TaclName text, bool *repeated)
{
	Reading		reading = {.root = {.kind = JSON_KIND_ARRAY}};
	JsonSemAction actions = {
		.semstate = &reading,
		.object_start = on_object_start,
		.object_end = on_object_end,
		.array_start = on_array_start,
		.array_end = on_array_end,
		.object_field_start = on_field_start,
		.scalar = on_scalar
	};

	*repeated = false;
	reading.open = &reading.root;
	if (pg_encoding_verifymbstr(PG_UTF8, text.data, text.len) != text.len ||
		!is_shallow(text))
		return NULL;
	if (pg_parse_json(json_lexer(text.data, text.len), &actions) !=
		JSON_SUCCESS)
		return NULL;
	*repeated = reading.repeated;
	if (reading.repeated)
		return NULL;
	reading.root.first->parent = NULL;
	return reading.root.first;
}

/* The member of an object; see json.h. */
const JsonTree *
json_member_named(const JsonTree *tree, TaclName name)
{
	if (tree == NULL || tree->kind != JSON_KIND_OBJECT)
		return NULL;
	for (const JsonTree *at = tree->first; at != NULL; at = at->next)
	{
		if (name_equal(at->name, name))
			return at;
	}
	return NULL;
}

/* The same for a zero-terminated name. */
const JsonTree *
json_member(const JsonTree *tree, const char *name)
{
	TaclName	wanted = {name, strlen(name)};

	return json_member_named(tree, wanted);
}

/* The text of a string; see json.h. */
bool
json_string(const JsonTree *value, TaclName *text)
{
	if (value == NULL || value->kind != JSON_KIND_STRING)
		return false;
	*text = value->text;
	return true;
}

/* Is the value there, and null? */
bool
json_is_null(const JsonTree *value)
{
	return value != NULL && value->kind == JSON_KIND_OTHER &&
		strcmp(value->text.data, "null") == 0;
}
