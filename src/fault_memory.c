/*
 * fault_memory.c
 *		Makes one allocation of a session fail; absent from normal builds.
 *
 * Between tacl_fault_arm(n) and tacl_fault_disarm() the n-th allocation in any
 * memory context raises what running out of memory raises: those of this
 * extension, and those that PostgreSQL makes on its behalf. So a statement
 * that says SELECT tacl_fault_arm(n), tacl_can(...), tacl_fault_disarm() for n
 * = 1, 2, ... until it succeeds has failed at each allocation of a check.
 * Tests create the two functions; they are no part of the extension.
 *
 * The methods of every context are replaced, and again before each allocation,
 * for there may be new contexts. A context that is made and allocates at once
 * is missed until something else is allocated, and what is re-allocated is
 * covered in PostgreSQL 15 only. In a subtransaction nothing fails
 * in TopMemoryContext: PostgreSQL 15 itself does not survive that (the lock
 * manager keeps a lock with nowhere to note its owners).
 */
#include "tenant_acl.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "nodes/memnodes.h"
#include "utils/memutils.h"

#ifdef TACL_FAULT_POINTS

PG_FUNCTION_INFO_V1(tacl_fault_arm);
PG_FUNCTION_INFO_V1(tacl_fault_disarm);

/* Kinds of contexts are few: sets, slabs, generations, bumps. */
#define MAX_KINDS 8

/* A kind's methods with ours among them, and as they were. */
typedef struct ArmedMethods
{
	MemoryContextMethods methods;
	const MemoryContextMethods *original;
} ArmedMethods;

static ArmedMethods kinds[MAX_KINDS];
static int	made = 0;			/* allocations since it was armed */
static int	fatal = 0;			/* the one that fails; 0 when not armed */

static void cover(MemoryContext context);
static void uncover(MemoryContext context);

/* Can PostgreSQL go on after a failure here? */
static bool
may_fail(MemoryContext context)
{
	return CritSectionCount == 0 &&
		!(context == TopMemoryContext && IsSubTransaction());
}

/* Counts an allocation; the one that is to fail does, or the next that may. */
static void
count_allocation(MemoryContext context)
{
	cover(TopMemoryContext);
	made++;
	if (made < fatal || !may_fail(context))
		return;
	fatal = 0;
	uncover(TopMemoryContext);
	ereport(ERROR,
			(errcode(ERRCODE_OUT_OF_MEMORY),
			 errmsg("out of memory"),
			 errdetail("Allocation %d was made to fail, in context \"%s\".",
					   made, context->name)));
}

/* What this kind of context did before. */
static const MemoryContextMethods *
original_methods(MemoryContext context)
{
	return ((const ArmedMethods *) context->methods)->original;
}

/* Allocates, unless this is the one. */
static void *
armed_alloc(MemoryContext context, Size size CONTEXT_FLAGS)
{
	count_allocation(context);
	return original_methods(context)->alloc(context, size CONTEXT_PASS_FLAGS);
}

#if COMPAT_CONTEXT_REALLOCATES
/* Re-allocates, unless this is the one. */
static void *
armed_realloc(MemoryContext context, void *pointer, Size size)
{
	count_allocation(context);
	return original_methods(context)->realloc(context, pointer, size);
}
#endif

/* The armed methods of a kind. */
static const MemoryContextMethods *
arm_methods(const MemoryContextMethods *original)
{
	int			i = 0;

	while (i < MAX_KINDS && kinds[i].original != NULL && kinds[i].original != original)
		i++;
	if (i == MAX_KINDS)
		elog(ERROR, "more kinds of memory contexts than expected");
	kinds[i].original = original;
	kinds[i].methods = *original;
	kinds[i].methods.alloc = armed_alloc;
#if COMPAT_CONTEXT_REALLOCATES
	kinds[i].methods.realloc = armed_realloc;
#endif
	return &kinds[i].methods;
}

/* Arms a context and all below it, but not what errors are made in. */
static void
cover(MemoryContext context)
{
	if (context == ErrorContext)
		return;
	if (context->methods->alloc != armed_alloc)
		context->methods = arm_methods(context->methods);
	for (MemoryContext child = context->firstchild; child != NULL; child = child->nextchild)
		cover(child);
}

/* The opposite. */
static void
uncover(MemoryContext context)
{
	if (context->methods->alloc == armed_alloc)
		context->methods = original_methods(context);
	for (MemoryContext child = context->firstchild; child != NULL; child = child->nextchild)
		uncover(child);
}

/* tacl_fault_arm(n): from now on the n-th allocation fails; n. */
Datum
tacl_fault_arm(PG_FUNCTION_ARGS)
{
	made = 0;
	fatal = PG_GETARG_INT32(0);
	cover(TopMemoryContext);
	PG_RETURN_INT32(fatal);
}

/* tacl_fault_disarm(): no allocation fails any more; how many there were. */
Datum
tacl_fault_disarm(PG_FUNCTION_ARGS)
{
	fatal = 0;
	uncover(TopMemoryContext);
	PG_RETURN_INT32(made);
}

#endif							/* TACL_FAULT_POINTS */
