/*
 * inval.h
 *		Signals between sessions; the protocol is explained in inval.c.
 */
#ifndef TACL_INVAL_H
#define TACL_INVAL_H

#include "tenant_acl.h"

extern void inval_init(void);
extern void inval_flush_everyone(void);

#endif							/* TACL_INVAL_H */
