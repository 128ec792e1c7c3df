/*
 * catalog.h
 *		The catalog of the permissions that the application asks about.
 *
 * It is optional, and no answer depends on it.
 */
#ifndef TACL_CATALOG_H
#define TACL_CATALOG_H

#include "store.h"

/* All permissions in order, as zero-terminated texts. */
extern List *catalog_permissions(StoreReader *reader);

/*
 * Raises a warning for each of the patterns that matches no permission of the
 * catalog, if there is one: it may be a typo.
 */
extern void catalog_warn(PatternArray patterns);

#endif							/* TACL_CATALOG_H */
