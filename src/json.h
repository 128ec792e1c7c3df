/*
 * json.h
 *		JSON documents that are read strictly.
 *
 * For what comes from outside and says who somebody is: two readers must
 * never find different things in it. Pure: no tables, no session.
 */
#ifndef TACL_JSON_H
#define TACL_JSON_H

#include "tenant_acl.h"

/* How deep arrays and objects may be nested. */
#define JSON_MAX_DEPTH 32

typedef enum JsonKind
{
	JSON_KIND_OBJECT,
	JSON_KIND_ARRAY,
	JSON_KIND_STRING,
	JSON_KIND_NUMBER,
	JSON_KIND_OTHER				/* true, false, null */
} JsonKind;

/* A value. What it consists of is a list of values in their order. */
typedef struct JsonTree
{
	JsonKind	kind;
	TaclName	name;			/* as a member of an object */
	TaclName	text;			/* of a string (without escapes) or number */
	struct JsonTree *parent;
	struct JsonTree *next;		/* in the parent's list */
	struct JsonTree *first;		/* of the own list */
	struct JsonTree *last;
	int			count;			/* length of the own list */
} JsonTree;

/*
 * The value that the text is, allocated in CurrentMemoryContext, strings in
 * UTF-8. NULL if it is not one JSON value in valid UTF-8, if anything but
 * white space follows, if there is a \u0000, if it is nested too deep, or,
 * which *repeated tells, if a name occurs twice in one object.
 */
extern const JsonTree *json_read(TaclName text, bool *repeated);

/* The member of this name; NULL if there is none, or the value is no object. */
extern const JsonTree *json_member(const JsonTree *tree, const char *name);
extern const JsonTree *json_member_named(const JsonTree *tree, TaclName name);

/* The value is there and a string: into *text. */
extern bool json_string(const JsonTree *value, TaclName *text);

/* The value is there, and null. */
extern bool json_is_null(const JsonTree *value);

#endif							/* TACL_JSON_H */
