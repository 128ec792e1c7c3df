/*
 * transfer_int.h
 *		What the files of export and apply share.
 *
 * transfer_section.c says what the sections of a document are, in words and in
 * SQL; transfer_document.c, with transfer_value.c, reads a document and finds
 * what is wrong with it by itself; transfer_state.c knows what will exist when
 * it is applied; transfer_resolve.c gives every name in it its meaning.
 * transfer_export.c and transfer_apply.c hold the functions that SQL calls.
 */
#ifndef TACL_TRANSFER_INT_H
#define TACL_TRANSFER_INT_H

#include "admin.h"

#include "utils/jsonb.h"

/* The sections of a document, in the order of exports and results. */
typedef enum TransferSection
{
	SECTION_PERMISSIONS,
	SECTION_TENANTS,
	SECTION_ROLES,
	SECTION_GROUPS,
	SECTION_MEMBERS,
	SECTION_USERS,
	SECTION_ASSIGNMENTS,
	SECTION_PREFERENCES
} TransferSection;

#define SECTIONS	(SECTION_PREFERENCES + 1)

/* The keys of an object, by section. Keys that identify it come first. */
enum
{
	PERMISSION_KEY_NAME, PERMISSION_KEY_DESCRIPTION
};
enum
{
	TENANT_KEY_ID, TENANT_KEY_PARENT, TENANT_KEY_CEILING,
	TENANT_KEY_SUSPENDED_AT, TENANT_KEY_KEEPS
};
enum
{
	/* of roles and of groups */
	OWNED_KEY_NAME, OWNED_KEY_TENANT, OWNED_KEY_INCLUDES,
	OWNED_KEY_DESCRIPTION, ROLE_KEY_PERMISSIONS
};
enum
{
	MEMBER_KEY_USER, MEMBER_KEY_GROUP, MEMBER_KEY_TENANT
};
enum
{
	USER_KEY_USER, USER_KEY_DISABLED_AT
};
enum
{
	ASSIGNMENT_KEY_USER, ASSIGNMENT_KEY_GROUP, ASSIGNMENT_KEY_GROUP_TENANT,
	ASSIGNMENT_KEY_TENANT, ASSIGNMENT_KEY_ROLE, ASSIGNMENT_KEY_ROLE_TENANT,
	ASSIGNMENT_KEY_PATTERN, ASSIGNMENT_KEY_STARTS_AT,
	ASSIGNMENT_KEY_EXPIRES_AT
};
enum
{
	PREFERENCE_KEY_USER, PREFERENCE_KEY_PRIMARY, PREFERENCE_KEY_LAST
};

#define MAX_KEYS	(ASSIGNMENT_KEY_EXPIRES_AT + 1)

/* What a key may hold. */
typedef enum KeyKind
{
	KEY_NAME,
	KEY_PERMISSION,
	KEY_PATTERN,
	KEY_TEXT,
	KEY_TIME,
	KEY_PATTERNS,
	KEY_ALLOWS,					/* patterns without a deny */
	KEY_INCLUDES				/* of roles or groups */
} KeyKind;

typedef struct KeySpec
{
	const char *name;			/* NULL ends */
	KeyKind		kind;
	bool		required;
	const char *fallback;		/* of a text that is absent, or NULL */
} KeySpec;

/* A set of StoreTables. */
#define TABLE_BIT(table)	(1U << (table))

typedef struct SectionSpec
{
	const char *name;
	const char *noun;			/* of one object */
	bool		global;			/* not of any tenant */
	int			identity;		/* so many keys identify an object */
	KeySpec		keys[MAX_KEYS + 1];
	uint32		writes;			/* tables that hold the section */
	uint32		reads;			/* tables that its names lead to */
} SectionSpec;

/*
 * The statements of a section; one that it has no need for has no SQL. Those
 * that read begin with the scope: a tenant, and whether what is below it is
 * meant, too.
 */
typedef struct SectionSql
{
	Statement	export;			/* rows of an export */
	Statement	compare;		/* differences from SectionRows */
	Statement	uses;			/* what keeps rows from being dropped */
	Statement	drop;			/* rows at places */
	Statement	put;			/* objects as they are meant */
	Statement	drop_includes;	/* what they, or dropped rows, include no more */
	Statement	put_includes;	/* what they include */
} SectionSql;

/* A role or group that is included. */
typedef struct Reference
{
	TaclName	name;
	TaclName	tenant;			/* data is NULL until it is resolved */
} Reference;

typedef struct ReferenceArray
{
	Reference  *items;			/* NULL if absent */
	int			count;
} ReferenceArray;

/* What an object has for a key; all zero if nothing. */
typedef union KeyValue
{
	TaclName	text;
	PatternArray patterns;
	ReferenceArray includes;
	struct
	{
		bool		given;
		TimestampTz at;
	}			time;
} KeyValue;

/* One object. Where it stands: -1 stands for not in an array. */
typedef struct DocumentRow
{
	int			document;
	int			row;
	KeyValue	values[FLEXIBLE_ARRAY_MEMBER];
} DocumentRow;

typedef struct DocumentSection
{
	bool		named;
	DocumentRow **items;
	int			count;
	int			room;
} DocumentSection;

/* A document, or several in one. */
typedef struct Document
{
	TaclName	scope;			/* data is NULL for everything */
	bool		below_given;
	bool		below;			/* is what is below the scope meant, too? */
	DocumentSection sections[SECTIONS];
} Document;

/* A step of the way to a place in a document; NULL is the document itself. */
typedef struct DocumentPath
{
	const struct DocumentPath *up;
	const char *key;			/* NULL for an element of an array */
	int			index;
} DocumentPath;

#define PATH_KEY(up, key)		(&(DocumentPath) {(up), (key), 0})
#define PATH_INDEX(up, index)	(&(DocumentPath) {(up), NULL, (index)})

/* A section's objects as arguments of its statements: each a jsonb[]. */
typedef struct SectionRows
{
	NullableDatum shown;		/* as in an export */
	NullableDatum meant;		/* with every include resolved */
} SectionRows;

typedef struct TransferState TransferState;

/* transfer_section.c */
extern const SectionSpec transfer_sections[SECTIONS];
extern SectionSql transfer_sql[SECTIONS];

/* transfer_value.c */
extern int	transfer_set_clock(void);
extern void transfer_reset_clock(int level);
extern bool document_next_pair(JsonbIterator **iterator, TaclName *key,
							   JsonbValue *value);
extern bool document_next_element(JsonbIterator **iterator,
								  JsonbValue *value);
extern bool document_key_is(TaclName key, const char *name);
extern TaclName document_read_name(const DocumentPath *path,
								   const JsonbValue *value);
extern KeyValue document_read_value(const DocumentPath *path,
									const SectionSpec *section, KeyKind kind,
									const JsonbValue *json);
extern const DocumentPath *document_row_path(TransferSection section,
											 const DocumentRow *row);
extern char *document_path_text(const DocumentPath *path);
extern char *document_quote(TaclName text);
pg_noreturn extern void document_refuse(const DocumentPath *path,
										const char *detail,
										const char *hint);
pg_noreturn extern void document_refuse_kind(const DocumentPath *path,
											 const char *expected,
											 const JsonbValue *value);
pg_noreturn extern void document_refuse_key(const DocumentPath *path,
											TaclName key, List *possible);

/* transfer_document.c */
extern void document_look(Jsonb *json, bool *named, bool *scoped);
extern Document *document_read(Jsonb *json);
extern void document_sort(const Document *document, TransferSection section);
extern DocumentRow *document_find(const Document *document,
								  TransferSection section,
								  const KeyValue *identity);

/* transfer_state.c */
extern TransferState *state_begin(const Document *document,
								  StoreReader *reader);
extern const Document *state_document(const TransferState *state);
extern bool state_covers_all(const TransferState *state);
extern bool state_had_tenant(TransferState *state, TaclName tenant);
extern bool state_inside(TransferState *state, TaclName tenant);
extern bool state_was_outside(TransferState *state, TaclName tenant);
extern bool state_has_tenant(TransferState *state, TaclName tenant);
extern bool state_has(TransferState *state, TransferSection section,
					  TaclName name, TaclName tenant);
extern bool state_nearest(TransferState *state, TransferSection section,
						  TaclName name, TaclName start, bool above,
						  TaclName *tenant);

/* transfer_resolve.c */
extern void transfer_resolve(TransferState *state);
extern SectionRows transfer_rows(TransferState *state,
								 TransferSection section);

#endif							/* TACL_TRANSFER_INT_H */
