/*
 * idtype.h
 *		Ids as values of the types that tables keep them in.
 */
#ifndef TACL_IDTYPE_H
#define TACL_IDTYPE_H

#include "tenant_acl.h"

/*
 * The type that a column's type is compared as: text for text and varchar,
 * uuid, smallint, integer and bigint as they are, the same for domains over
 * them. InvalidOid if the type cannot hold ids.
 */
extern Oid	idtype_base(Oid type);

/* The same without looking into catalogs: InvalidOid also for domains. */
extern Oid	idtype_base_of_plain(Oid type);

/*
 * Turns an id into a value of such a type. False if the type has no value that
 * is written like this id, as "007" or an upper-case uuid: a check takes the
 * text of a column's value for the id.
 */
extern bool idtype_value(TaclName id, Oid base, Datum *value);

#endif							/* TACL_IDTYPE_H */
