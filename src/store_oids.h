/*
 * store_oids.h
 *		Tables, columns and indexes of the extension, for store and for who
 *		locks rows that an index finds.
 */
#ifndef TACL_STORE_OIDS_H
#define TACL_STORE_OIDS_H

#include "store.h"

/* Columns, in the order of the script. */
enum
{
	TENANT_ID = 1,
	TENANT_PARENT,
	TENANT_CEILING,
	TENANT_SUSPENDED_AT,
	TENANT_KEEPS
};

enum
{
	ROLE_ID = 1,
	ROLE_TENANT,
	ROLE_NAME,
	ROLE_PERMISSIONS
};

enum
{
	INCLUDE_FROM = 1,			/* role_include and group_include */
	INCLUDE_TO
};

enum
{
	ACCOUNT_USER = 1,
	ACCOUNT_DISABLED_AT
};

enum
{
	GROUP_ID = 1,
	GROUP_TENANT,
	GROUP_NAME
};

enum
{
	MEMBER_USER = 1,
	MEMBER_GROUP
};

enum
{
	ASSIGNMENT_ID = 1,
	ASSIGNMENT_USER,
	ASSIGNMENT_GROUP,
	ASSIGNMENT_TENANT,
	ASSIGNMENT_ROLE,
	ASSIGNMENT_PATTERN,
	ASSIGNMENT_STARTS_AT,
	ASSIGNMENT_EXPIRES_AT
};

enum
{
	PREFERENCE_USER = 1,
	PREFERENCE_PRIMARY,
	PREFERENCE_LAST
};

enum
{
	KEY_KID = 1,
	KEY_ALGORITHM,
	KEY_MATERIAL,
	KEY_ISSUER,
	KEY_AUDIENCE,
	KEY_USER_CLAIM,
	KEY_TENANT_CLAIM,
	KEY_LEEWAY,
	KEY_CREATED_AT,
	KEY_RETIRES_AT
};

/* The ways in which tables are searched. */
typedef enum StoreIndex
{
	TENANT_BY_ID,
	TENANT_BY_PARENT,
	ROLE_BY_ID,
	ROLE_BY_NAME,
	ROLE_INCLUDE_BY_FROM,
	ROLE_INCLUDE_BY_TO,
	ASSIGNMENT_BY_ID,
	ASSIGNMENT_BY_USER,
	ASSIGNMENT_BY_GROUP,
	ASSIGNMENT_BY_TENANT,
	ASSIGNMENT_BY_ROLE,
	ACCOUNT_BY_USER,
	GROUP_BY_ID,
	GROUP_BY_NAME,
	MEMBER_BY_USER,
	MEMBER_BY_GROUP,
	GROUP_INCLUDE_BY_FROM,
	GROUP_INCLUDE_BY_TO,
	PREFERENCE_BY_USER,
	KEY_BY_KID
} StoreIndex;

#define STORE_INDEXES (KEY_BY_KID + 1)

/* Most columns that an index is searched by. */
#define MAX_INDEX_COLUMNS 5

extern bool store_oids_valid(void);
extern Oid	store_index_oid(StoreIndex which);
extern StoreTable store_index_table(StoreIndex which);
extern AttrNumber store_index_column(StoreIndex which);
extern AttrNumber store_index_column_at(StoreIndex which, int place);

#endif							/* TACL_STORE_OIDS_H */
