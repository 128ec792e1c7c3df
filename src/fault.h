/*
 * fault.h
 *		Places where tests can make a session wait, fail or leave something out.
 *
 * Only in builds with -DTACL_FAULT_POINTS; otherwise there is nothing.
 */
#ifndef TACL_FAULT_H
#define TACL_FAULT_H

#include "tenant_acl.h"

#ifdef TACL_FAULT_POINTS
extern void fault_point(const char *name);
extern bool fault_leaves_out(const char *name);
#else
#define fault_point(name) ((void) 0)
#define fault_leaves_out(name) false
#endif

#endif							/* TACL_FAULT_H */
