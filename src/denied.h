/*
 * denied.h
 *		Refusals in the server log.
 */
#ifndef TACL_DENIED_H
#define TACL_DENIED_H

#include "tenant_acl.h"

/*
 * Writes to the server log, if tacl.log_denied says so, that the user was
 * refused this permission in this tenant; data is NULL for what was not given.
 */
extern void denied_log(TaclName user, TaclName permission, TaclName tenant);

#endif							/* TACL_DENIED_H */
