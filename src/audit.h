/*
 * audit.h
 *		What was changed, by whom.
 */
#ifndef TACL_AUDIT_H
#define TACL_AUDIT_H

#include "tenant_acl.h"

#include "datatype/timestamp.h"
#include "utils/jsonb.h"

/* One record, but for what the session says of itself. */
typedef struct AuditRecord
{
	const char *operation;		/* INSERT, UPDATE, DELETE, TRUNCATE, PURGE */
	const char *object;			/* the table, without schema */
	TaclName	subject;		/* data is NULL for none */
	TaclName	tenant;			/* the same */
	const Jsonb *before;		/* NULL if there was nothing */
	const Jsonb *after;			/* NULL if there is nothing */
} AuditRecord;

/* A time as records have it: in UTC, so that no setting shows in it. */
extern char *audit_time_text(TimestampTz time);

/* Writes the record, as the owner, in the running transaction. */
extern void audit_write(const AuditRecord *record);

#endif							/* TACL_AUDIT_H */
