/*
 * fuzz.h
 *		What the programs that scripts/fuzz.sh builds have in common.
 *
 * A target is one file that tries one module of src/, which is pure: no
 * server runs. It looks at what comes out and not only whether it crashes.
 */
#ifndef TACL_FUZZ_H
#define TACL_FUZZ_H

#include "tenant_acl.h"

/* Tries one input, which is not zero-terminated. In each target. */
extern void fuzz_one(TaclName input);

/* Ends the program with a finding unless the condition holds. */
#define MUST(condition) \
	((condition) ? (void) 0 : fuzz_found(#condition, __FILE__, __LINE__))

pg_noreturn extern void fuzz_found(const char *what, const char *file, int line);

/* Cuts the text before the next line end off the rest; all, if there is none. */
extern TaclName fuzz_cut_line(TaclName *rest);

/* A copy of its own, so that reading beyond its end is seen. */
extern TaclName fuzz_copy(TaclName text);

#endif							/* TACL_FUZZ_H */
