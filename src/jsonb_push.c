/*
 * jsonb_push.c
 *		Names and booleans as parts of a jsonb that is built.
 */
#include "jsonb_push.h"

/* Pushes a key, value or element; see jsonb_push.h. */
void
jsonb_push_name(JsonbParseState **state, JsonbIteratorToken token,
				TaclName name)
{
	JsonbValue	value;

	value.type = name.data == NULL ? jbvNull : jbvString;
	value.val.string.val = unconstify(char *, name.data);
	value.val.string.len = name.len;
	(void) pushJsonbValue(state, token, &value);
}

/* Pushes a key with its value. */
void
jsonb_push_pair(JsonbParseState **state, const char *key, TaclName value)
{
	TaclName	name = {key, strlen(key)};

	jsonb_push_name(state, WJB_KEY, name);
	jsonb_push_name(state, WJB_VALUE, value);
}

/* Pushes the value of a key. */
void
jsonb_push_bool(JsonbParseState **state, bool value)
{
	JsonbValue	boolean = {.type = jbvBool, .val.boolean = value};

	(void) pushJsonbValue(state, WJB_VALUE, &boolean);
}

/* Pushes the elements of an array. */
void
jsonb_push_elements(JsonbParseState **state, NameArray names)
{
	for (int i = 0; i < names.count; i++)
		jsonb_push_name(state, WJB_ELEM, names.items[i]);
}
