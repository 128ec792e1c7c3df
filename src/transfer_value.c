/*
 * transfer_value.c
 *		What a key of a document holds, and complaints about it.
 *
 * Whatever is wrong with a document is error 22023 whose message says where.
 */
#include "transfer_int.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/datetime.h"
#include "utils/guc.h"
#include "utils/json.h"
#include "utils/timestamp.h"

/* So many bytes of a bad text are repeated in a message. */
#define MAX_QUOTED 80

/*
 * The clock
 */

/* Times are written in UTC, and read so unless they say otherwise. */
int
transfer_set_clock(void)
{
	int			level = NewGUCNestLevel();

	(void) set_config_option("TimeZone", "UTC", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("DateStyle", "ISO, YMD", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	return level;
}

/* Undoes it; an error does so, too. */
void
transfer_reset_clock(int level)
{
	AtEOXact_GUC(true, level);
}

/*
 * Complaints
 */

/* A text in quotes, clipped, without control characters. */
char *
document_quote(TaclName text)
{
	StringInfoData result;
	int			len = pg_mbcliplen(text.data, text.len, MAX_QUOTED);

	initStringInfo(&result);
	escape_json(&result, pnstrdup(text.data, len));
	if (len < text.len)
		appendStringInfoString(&result, "...");
	return result.data;
}

/* Can a key stand in a path as it is? */
static bool
is_plain_key(const char *key)
{
	return key[0] != '\0' &&
		strspn(key, "abcdefghijklmnopqrstuvwxyz_") == strlen(key);
}

/* Writes a path as jsonpath does. */
static void
append_path(StringInfo result, const DocumentPath *path)
{
	if (path == NULL)
	{
		appendStringInfoChar(result, '$');
		return;
	}
	append_path(result, path->up);
	if (path->key == NULL)
		appendStringInfo(result, "[%d]", path->index);
	else if (is_plain_key(path->key))
		appendStringInfo(result, ".%s", path->key);
	else
		appendStringInfo(result, ".%s",
						 document_quote(name_from_cstring(path->key)));
}

/* A path as it is written. */
char *
document_path_text(const DocumentPath *path)
{
	StringInfoData result;

	initStringInfo(&result);
	append_path(&result, path);
	return result.data;
}

/* Raises the error of a bad document. */
void
document_refuse(const DocumentPath *path, const char *detail,
				const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid document at %s", document_path_text(path)),
			 errdetail_internal("%s", detail),
			 hint == NULL ? 0 : errhint("%s", hint)));
}

/* A copy of a step that outlives the caller. */
static const DocumentPath *
keep_step(const DocumentPath *step)
{
	DocumentPath *copy = palloc(sizeof(DocumentPath));

	*copy = *step;
	return copy;
}

/* The path to an object that was read. */
const DocumentPath *
document_row_path(TransferSection section, const DocumentRow *row)
{
	const DocumentPath *path = NULL;

	if (row->document >= 0)
		path = keep_step(PATH_INDEX(path, row->document));
	path = keep_step(PATH_KEY(path, transfer_sections[section].name));
	if (row->row >= 0)
		path = keep_step(PATH_INDEX(path, row->row));
	return path;
}

/* Raises the error of a text with a fault. */
static void
refuse_fault(const DocumentPath *path, TaclName text, TextFault fault)
{
	if (fault.problem != NULL)
		document_refuse(path,
						psprintf("%s: %s.", document_quote(text),
								 fault.problem),
						psprintf("%s.", fault.hint));
}

/* What a value is, with its article. */
static const char *
kind_of_value(const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvNull:
			return "null";
		case jbvString:
			return "a string";
		case jbvNumeric:
			return "a number";
		case jbvBool:
			return "a boolean";
		default:
			break;
	}
	return value->type == jbvBinary &&
		JsonContainerIsObject(value->val.binary.data) ? "an object" :
		"an array";
}

/* Raises the error of a value that is something else than it should be. */
void
document_refuse_kind(const DocumentPath *path, const char *expected,
					 const JsonbValue *value)
{
	document_refuse(path, psprintf("%s is expected here, not %s.", expected,
								   kind_of_value(value)), NULL);
}

/* Raises the error of a key that means nothing; the keys that do are given. */
void
document_refuse_key(const DocumentPath *path, TaclName key, List *possible)
{
	document_refuse(PATH_KEY(path, pnstrdup(key.data, key.len)),
					"There is no such key.",
					psprintf("Keys are %s.", admin_join(possible, ", ")));
}

/*
 * Walking
 */

/* Fetches the next key of an object, and what it holds; false at the end. */
bool
document_next_pair(JsonbIterator **iterator, TaclName *key, JsonbValue *value)
{
	JsonbIteratorToken token;

	do
	{
		token = JsonbIteratorNext(iterator, value, true);
		if (token == WJB_DONE)
			return false;
	} while (token != WJB_KEY);
	key->data = value->val.string.val;
	key->len = value->val.string.len;
	(void) JsonbIteratorNext(iterator, value, true);
	return true;
}

/* Fetches the next element of an array; false at the end. */
bool
document_next_element(JsonbIterator **iterator, JsonbValue *value)
{
	JsonbIteratorToken token;

	do
	{
		token = JsonbIteratorNext(iterator, value, true);
	} while (token != WJB_DONE && token != WJB_ELEM);
	return token == WJB_ELEM;
}

/* Is the key this? */
bool
document_key_is(TaclName key, const char *name)
{
	return name_equal(key, name_from_cstring(name));
}

/*
 * Values
 */

/* A string. */
static TaclName
read_string(const DocumentPath *path, const JsonbValue *value)
{
	TaclName	text = {NULL, 0};

	if (value->type != jbvString)
		document_refuse_kind(path, "A string", value);
	text.data = value->val.string.val;
	text.len = value->val.string.len;
	return text;
}

/* A name of anything. */
TaclName
document_read_name(const DocumentPath *path, const JsonbValue *value)
{
	TaclName	text = read_string(path, value);

	refuse_fault(path, text, name_fault(text.data, text.len));
	return text;
}

/* A pattern. */
static TaclName
read_pattern(const DocumentPath *path, const JsonbValue *value,
			 bool denies_too)
{
	TaclName	text = read_string(path, value);

	refuse_fault(path, text, denies_too ? pattern_fault(text.data, text.len) :
				 allow_fault(text.data, text.len));
	return text;
}

/* A permission. */
static TaclName
read_permission(const DocumentPath *path, const JsonbValue *value)
{
	TaclName	text = read_string(path, value);

	refuse_fault(path, text, permission_fault(text.data, text.len));
	return text;
}

/* Does the word occur in the text, in whatever case? */
static bool
has_word(const char *text, const char *word)
{
	for (; *text != '\0'; text++)
	{
		if (pg_strncasecmp(text, word, strlen(word)) == 0)
			return true;
	}
	return false;
}

/* Does the text start with a digit, and name no day that moves? */
static bool
is_fixed_time(const char *text)
{
	static const char *const moving[] = {
		"now", "today", "tomorrow", "yesterday"
	};

	for (int i = 0; i < lengthof(moving); i++)
	{
		if (has_word(text, moving[i]))
			return false;
	}
	return *text >= '0' && *text <= '9';
}

/*
 * Reads what PostgreSQL reads as a time; false if it is none, infinite, or
 * another one each day.
 */
static bool
parse_time(const char *text, TimestampTz *time)
{
	char		buffer[MAXDATELEN + MAXDATEFIELDS];
	char	   *fields[MAXDATEFIELDS];
	int			types[MAXDATEFIELDS];
	int			count;
	int			kind;
	int			zone;
	fsec_t		fraction;
	struct pg_tm tm;
	DateTimeErrorExtra extra;

	return is_fixed_time(text) &&
		ParseDateTime(text, buffer, sizeof(buffer), fields, types,
					  MAXDATEFIELDS, &count) == 0 &&
		DecodeDateTime(fields, types, count, &kind, &tm, &fraction, &zone,
					   &extra) == 0 &&
		kind == DTK_DATE &&
		tm2timestamp(&tm, fraction, &zone, time) == 0;
}

/* A time. */
static TimestampTz
read_time(const DocumentPath *path, const JsonbValue *value)
{
	TaclName	text = read_string(path, value);
	TimestampTz time;

	if (!parse_time(pnstrdup(text.data, text.len), &time))
		document_refuse(path,
						psprintf("%s is not a time.", document_quote(text)),
						"Write it as in 2030-12-31T23:59:59Z; leave the key out for no limit.");
	return time;
}

/* The array that is expected, and the number of its elements. */
static JsonbContainer *
expect_array(const DocumentPath *path, const JsonbValue *value, int limit,
			 int *count)
{
	JsonbContainer *array;

	if (value->type != jbvBinary ||
		!JsonContainerIsArray(value->val.binary.data))
		document_refuse_kind(path, "An array", value);
	array = value->val.binary.data;
	*count = JsonContainerSize(array);
	if (*count > limit)
		document_refuse(path, psprintf("It has %d elements; at most %d are possible.",
									   *count, limit), NULL);
	return array;
}

/* A list of patterns. */
static PatternArray
read_patterns(const DocumentPath *path, const JsonbValue *value,
			  bool denies_too)
{
	PatternArray patterns;
	JsonbContainer *array = expect_array(path, value, TACL_MAX_PATTERNS,
										 &patterns.count);

	patterns.items = palloc(sizeof(TaclName) * Max(patterns.count, 1));
	for (int i = 0; i < patterns.count; i++)
		patterns.items[i] = read_pattern(PATH_INDEX(path, i),
										 getIthJsonbValueFromContainer(array, i),
										 denies_too);
	return patterns;
}

/* One key of an included role or group that is given as an object. */
static void
read_reference_key(const DocumentPath *path, const char *noun, TaclName key,
				   const JsonbValue *value, Reference *reference)
{
	if (document_key_is(key, noun))
		reference->name = document_read_name(PATH_KEY(path, noun), value);
	else if (!document_key_is(key, "tenant"))
		document_refuse_key(path, key,
							list_make2(unconstify(char *, noun), "tenant"));
	else if (value->type != jbvNull)
		reference->tenant = document_read_name(PATH_KEY(path, "tenant"), value);
}

/* The same for all its keys. */
static Reference
read_reference_object(const DocumentPath *path, const char *noun,
					  JsonbContainer *object)
{
	Reference	reference = {{NULL, 0}, TACL_ROOT_NAME};
	JsonbIterator *iterator = JsonbIteratorInit(object);
	TaclName	key;
	JsonbValue	value;

	while (document_next_pair(&iterator, &key, &value))
		read_reference_key(path, noun, key, &value, &reference);
	if (reference.name.data == NULL)
		document_refuse(path, psprintf("The key \"%s\" is missing.", noun),
						NULL);
	return reference;
}

/* An included role or group: a name, or an object that names the tenant. */
static Reference
read_reference(const DocumentPath *path, const char *noun,
			   const JsonbValue *value)
{
	Reference	reference = {{NULL, 0}, {NULL, 0}};

	if (value->type == jbvBinary &&
		JsonContainerIsObject(value->val.binary.data))
		return read_reference_object(path, noun, value->val.binary.data);
	reference.name = document_read_name(path, value);
	return reference;
}

/* A list of included roles or groups. */
static ReferenceArray
read_includes(const DocumentPath *path, const char *noun,
			  const JsonbValue *value)
{
	ReferenceArray includes;
	JsonbContainer *array = expect_array(path, value, TACL_MAX_INCLUDES,
										 &includes.count);

	includes.items = palloc(sizeof(Reference) * Max(includes.count, 1));
	for (int i = 0; i < includes.count; i++)
		includes.items[i] = read_reference(PATH_INDEX(path, i), noun,
										   getIthJsonbValueFromContainer(array, i));
	return includes;
}

/* What a key of a section's objects holds. */
KeyValue
document_read_value(const DocumentPath *path, const SectionSpec *section,
					KeyKind kind, const JsonbValue *json)
{
	KeyValue	value;

	memset(&value, 0, sizeof(value));
	switch (kind)
	{
		case KEY_NAME:
			value.text = document_read_name(path, json);
			break;
		case KEY_PERMISSION:
			value.text = read_permission(path, json);
			break;
		case KEY_PATTERN:
			value.text = read_pattern(path, json, true);
			break;
		case KEY_TEXT:
			value.text = read_string(path, json);
			break;
		case KEY_TIME:
			value.time.given = true;
			value.time.at = read_time(path, json);
			break;
		case KEY_PATTERNS:
			value.patterns = read_patterns(path, json, true);
			break;
		case KEY_ALLOWS:
			value.patterns = read_patterns(path, json, false);
			break;
		case KEY_INCLUDES:
			value.includes = read_includes(path, section->noun, json);
			break;
	}
	return value;
}
