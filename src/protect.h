/*
 * protect.h
 *		What the files that protect tables share.
 *
 * protect.c and protect_child.c say which policies there shall be;
 * protect_present.c reads those that are there, protect_policy.c makes what
 * differs; protect_table.c knows the tables, and protect_trigger.c what keeps
 * rows from moving where they could not be inserted.
 *
 * What policies and triggers call is in schema tacl, where nobody but the
 * extension's owner may create anything: see the script.
 *
 * Nothing is remembered anywhere but in the policies, their names and their
 * comments, so that a dump carries it. All is done with the rights of the
 * caller, by SQL statements that event triggers and logs see.
 */
#ifndef TACL_PROTECT_H
#define TACL_PROTECT_H

#include "args.h"

#include "access/attnum.h"
#include "nodes/pg_list.h"

/* The commands that policies are for, as in pg_policy. */
#define PROTECT_COMMANDS 4

typedef enum ProtectCommand
{
	PROTECT_SELECT,
	PROTECT_INSERT,
	PROTECT_UPDATE,
	PROTECT_DELETE
} ProtectCommand;

/* What a policy is there for. */
typedef enum PolicyKind
{
	POLICY_RESTRICTS,			/* one command */
	POLICY_BASE,				/* permits what is not restricted */
	POLICY_GUARD,				/* forbids all when those are gone */
	POLICY_EXEMPTS				/* permits all */
} PolicyKind;

/* A policy of ours, as it is or as it shall be. */
typedef struct Policy
{
	const char *name;
	PolicyKind	kind;
	char		command;		/* as in pg_policy */
	int			call;			/* number of the call that made it */
	List	   *roles;			/* sorted OIDs; 0 is PUBLIC */
	const char *using;			/* expressions; NULL if there is none */
	const char *check;
	const char *check_tree;		/* the same of one that is there, as stored */
	const char *comment;		/* of one that is there; or NULL */
	Oid			oid;			/* the same */
} Policy;

/* One call of a function, on a table with all that inherits from it. */
typedef struct ProtectCall
{
	const char *function;
	Oid			root;
	List	   *tables;			/* OIDs; the root comes first */
	int			guc_level;
} ProtectCall;

/* What a call wants of one table. */
typedef struct ProtectWish
{
	List	   *policies;
	List	   *present;		/* those of ours that are there */
	List	   *replaced;		/* of them, those that are to go if they are not
								 * wanted */
	const char *arguments;		/* JSON members, for the comments */
	bool		force;
	List	   *operators;		/* OIDs of those that they may use beside
								 * PostgreSQL's own */
	const char *column;			/* that ties a row to its tenant */
	Oid			column_operator;	/* compares it with itself */
} ProtectWish;

/* What a call has changed of a table; the greatest counts. */
typedef enum ProtectChange
{
	PROTECT_SAME,
	PROTECT_CHANGED,
	PROTECT_ASKS_OTHER			/* of those for whom, or what policies ask */
} ProtectChange;

/* Do two lists of OIDs have one in common? */
static inline bool
oids_meet(const List *some, const List *others)
{
	return list_length(list_difference_oid(some, others)) < list_length(some);
}

/* protect_table.c */
extern void protect_begin(ProtectCall *call, FunctionCallInfo fcinfo,
						  const char *function, bool whole);
extern void protect_end(const ProtectCall *call);
extern const char *protect_table_name(Oid relid);
extern AttrNumber protect_column(Oid relid, const char *column);
extern const char *protect_exact_column(Oid relid, AttrNumber column);
extern void protect_advise_index(const ProtectCall *call, const char *column);
extern const char *protect_operator(Oid operator);

/* protect_present.c */
extern const char *protect_command_word(char command);
extern List *protect_dependencies(Oid class, Oid object, Oid refclass);
extern void protect_verify(Oid class, Oid object, List *operators);
extern List *protect_policies(Oid relid, const char *alias);
extern const char *protect_policy_name(char command, const char *permission,
									   int call);
extern const char *protect_other_name(PolicyKind kind, int call);
extern const char *protect_policy_of_others(Oid relid, List *roles);
extern void protect_refuse_misnamed(Oid relid);

/* protect_policy.c */
extern void protect_run(const char *statement);
extern Policy *protect_base(const Policy *select);
extern Policy *protect_guard(Oid relid, const Policy *select);
extern Policy *protect_exemption(const Policy *select, List *roles);
extern bool protect_roles_meet(List *roles, List *others);
extern const char *protect_role_list(List *roles);
extern ProtectChange protect_apply(const ProtectCall *call, Oid relid,
								   const ProtectWish *wish);
extern bool protect_remove(Oid relid);

/* protect_child.c */
extern void protect_advise_children(const ProtectCall *call);

/* protect_trigger.c */
extern bool protect_make_trigger(Oid relid, const ProtectWish *wish);
extern bool protect_drop_trigger(Oid relid);

#endif							/* TACL_PROTECT_H */
