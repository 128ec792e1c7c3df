/*
 * json.c
 *		The module of this name against a plain reader of RFC 8259, and what it
 *		reads written and read again.
 */
#include "fuzz.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/json.h"

#include "json.h"

/* Where the plain reader is. */
static const char *at;
static const char *end;

static bool accepts_value(int depth);

/* Skips white space; then the character that is next, or 0. */
static char
next_char(void)
{
	while (at < end && memchr(" \t\r\n", *at, 4) != NULL)
		at++;
	return at < end ? *at : '\0';
}

/* Takes the character if it is next. */
static bool
takes(char c)
{
	if (at < end && *at == c)
	{
		at++;
		return true;
	}
	return false;
}

/* Takes one or more digits. */
static bool
takes_digits(void)
{
	const char *start = at;

	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return at > start;
}

/* Is there a number? */
static bool
accepts_number(void)
{
	(void) takes('-');
	if (!takes('0') && !takes_digits())
		return false;
	if (takes('.') && !takes_digits())
		return false;
	if (takes('e') || takes('E'))
	{
		if (!takes('+'))
			(void) takes('-');
		return takes_digits();
	}
	return true;
}

/* The four hexadecimal digits that are next, or -1. */
static int
take_hex(void)
{
	int			value = 0;

	for (int i = 0; i < 4; i++, at++)
	{
		if (at >= end || !isxdigit((unsigned char) *at))
			return -1;
		value = value * 16 + (*at <= '9' ? *at - '0' : (*at | 32) - 'a' + 10);
	}
	return value;
}

/* Is what follows a backslash an escape that stands for a character? */
static bool
accepts_escape(void)
{
	int			value;

	if (at >= end)
		return false;
	if (*at++ != 'u')
		return memchr("\"\\/bfnrt", at[-1], 8) != NULL;
	value = take_hex();
	if (value >= 0xd800 && value <= 0xdbff)
	{
		if (!takes('\\') || !takes('u'))
			return false;
		value = take_hex();
		return value >= 0xdc00 && value <= 0xdfff;
	}
	return value > 0 && !(value >= 0xdc00 && value <= 0xdfff);
}

/* Is there a string? */
static bool
accepts_string(void)
{
	if (!takes('"'))
		return false;
	while (at < end && *at != '"')
	{
		char		c = *at++;

		if ((unsigned char) c < ' ' || (c == '\\' && !accepts_escape()))
			return false;
	}
	return takes('"');
}

/* Is there the rest of a list that ends so? */
static bool
accepts_list(char close, bool named, int depth)
{
	at++;
	if (next_char() == close)
		return takes(close);
	for (;;)
	{
		if (named)
		{
			(void) next_char();
			if (!accepts_string() || next_char() != ':' || !takes(':'))
				return false;
		}
		if (!accepts_value(depth + 1))
			return false;
		if (next_char() == close)
			return takes(close);
		if (!takes(','))
			return false;
	}
}

/* Is there this word? */
static bool
accepts_word(const char *word)
{
	int			len = strlen(word);

	if (end - at < len || memcmp(at, word, len) != 0)
		return false;
	at += len;
	return true;
}

/* Is there a value? */
static bool
accepts_value(int depth)
{
	char		c = next_char();

	if ((c == '{' || c == '[') && depth >= JSON_MAX_DEPTH)
		return false;
	if (c == '{')
		return accepts_list('}', true, depth);
	if (c == '[')
		return accepts_list(']', false, depth);
	if (c == '"')
		return accepts_string();
	if (c == 't')
		return accepts_word("true");
	if (c == 'f')
		return accepts_word("false");
	if (c == 'n')
		return accepts_word("null");
	return accepts_number();
}

/* Is it one value, and nothing else? Names may be repeated. */
static bool
accepts(TaclName text)
{
	at = text.data;
	end = text.data + text.len;
	return pg_encoding_verifymbstr(PG_UTF8, text.data, text.len) == text.len &&
		accepts_value(0) && next_char() == '\0' && at == end;
}

/* Writes a value as JSON, looking at how it hangs together. */
static void
write_value(StringInfo json, const JsonTree *value)
{
	const JsonTree *last = NULL;
	bool		object = value->kind == JSON_KIND_OBJECT;
	int			count = 0;

	if (value->kind == JSON_KIND_STRING)
		escape_json(json, value->text.data);
	else if (!object && value->kind != JSON_KIND_ARRAY)
		appendStringInfoString(json, value->text.data);
	if (!object && value->kind != JSON_KIND_ARRAY)
		return;
	appendStringInfoChar(json, object ? '{' : '[');
	for (const JsonTree *child = value->first; child != NULL; child = child->next)
	{
		MUST(child->parent == value);
		if (count++ > 0)
			appendStringInfoChar(json, ',');
		if (object)
		{
			MUST(json_member_named(value, child->name) == child);
			escape_json(json, child->name.data);
			appendStringInfoChar(json, ':');
		}
		write_value(json, child);
		last = child;
	}
	MUST(value->last == last && value->count == count);
	appendStringInfoChar(json, object ? '}' : ']');
}

/* The value as JSON. */
static TaclName
written(const JsonTree *value)
{
	StringInfoData json;
	TaclName	text;

	initStringInfo(&json);
	write_value(&json, value);
	text.data = json.data;
	text.len = json.len;
	return text;
}

void
fuzz_one(TaclName input)
{
	bool		repeated;
	const JsonTree *value = json_read(input, &repeated);
	TaclName	text;

	MUST((value != NULL || repeated) == accepts(input));
	MUST(value == NULL || !repeated);
	if (value == NULL)
		return;
	text = written(value);
	value = json_read(text, &repeated);
	MUST(value != NULL && name_equal(written(value), text));
}
