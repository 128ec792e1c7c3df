/*
 * audit_row.h
 *		A row as the audit records it.
 */
#ifndef TACL_AUDIT_ROW_H
#define TACL_AUDIT_ROW_H

#include "store.h"

#include "access/htup.h"
#include "utils/jsonb.h"

/* What a record says of a row, and what it belongs to. */
typedef struct AuditedRow
{
	TaclName	tenant;			/* data is NULL for none */
	TaclName	subject;
	TaclName	key;			/* which of the subject's rows; the same */
	Datum		secret;			/* of a key of tokens */
	const Jsonb *document;
} AuditedRow;

/* Are the table's rows recorded? */
extern bool audit_is_audited(StoreTable table);

/*
 * Reads a row of one of the audited tables. "before" is what it was before an
 * UPDATE, else NULL: then the document says whether a secret was changed.
 */
extern AuditedRow audit_read_row(Relation relation, StoreTable table,
								 HeapTuple tuple, const AuditedRow *before);

#endif							/* TACL_AUDIT_ROW_H */
