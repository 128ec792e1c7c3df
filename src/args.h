/*
 * args.h
 *		Arguments of SQL-callable functions, and complaints about them.
 */
#ifndef TACL_ARGS_H
#define TACL_ARGS_H

#include "pattern.h"

#include "utils/array.h"

/* Room for an id that is not text in the table: a uuid or an integer. */
typedef struct IdBuffer
{
	char		data[40];
} IdBuffer;

/*
 * Reads an id given as text, varchar, name, uuid, smallint, integer, bigint or
 * a domain over them. False if it is NULL. Anything else is error 42804. The
 * name points into the argument or the buffer; only a toasted or compressed
 * text is copied.
 */
extern bool arg_id(FunctionCallInfo fcinfo, int argno, IdBuffer *buffer,
				   TaclName *id);

/* Reads a text argument. False if it is NULL. */
extern bool arg_text(FunctionCallInfo fcinfo, int argno, TaclName *name);

/*
 * Reads a one-dimensional text[] argument into *names (palloc'd), returning
 * its length, or -1 if it is NULL. A NULL element is error 22004.
 */
extern int	arg_text_array(FunctionCallInfo fcinfo, int argno,
						   TaclName **names);

/* The same, but a NULL element is a name whose data is NULL. */
extern int	arg_text_array_with_nulls(FunctionCallInfo fcinfo, int argno,
									  TaclName **names);

/*
 * The same for arguments that must be there: NULL is error 22004, and an id
 * or name that breaks name_fault() is error 22023. "what" names the argument
 * in the message.
 */
extern TaclName arg_required_id(FunctionCallInfo fcinfo, int argno,
								IdBuffer *buffer, const char *what);
extern TaclName arg_required_name(FunctionCallInfo fcinfo, int argno,
								  const char *what);

/* Raises 22023 with the text, the problem and the hint of the fault. */
pg_noreturn extern void report_fault(TextFault fault, const char *what,
									 TaclName text);

/* A zero-terminated copy. */
extern char *name_cstring(TaclName name);
extern TaclName name_from_cstring(const char *text);

#endif							/* TACL_ARGS_H */
