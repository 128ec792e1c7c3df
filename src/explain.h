/*
 * explain.h
 *		Why an answer is what it is.
 */
#ifndef TACL_EXPLAIN_H
#define TACL_EXPLAIN_H

#include "tenant_acl.h"

#include "datatype/timestamp.h"

/* What a pattern says about the permission. */
typedef enum Effect
{
	EFFECT_NONE,				/* it does not match */
	EFFECT_ALLOW,
	EFFECT_DENY
} Effect;

/*
 * One assignment or grant that reaches the user at the tenant. Names have no
 * data, and texts are NULL, where there is none.
 */
typedef struct Reason
{
	TaclName	role;			/* none for a direct grant */
	TaclName	defined_at;		/* the role */
	TaclName	pattern;		/* that matched; of a grant in any case */
	Effect		effect;
	TaclName	assigned_at;
	TaclName	group;			/* that it was assigned to */
	const char *through_role;	/* included roles down to the pattern's */
	TimestampTz starts_at;
	TimestampTz expires_at;
	const char *cut_by;			/* the ceiling or suspension */
	bool		decided;		/* would be enough for the answer by itself */
	const char *text;
} Reason;

typedef struct Explanation
{
	Reason	   *items;			/* from the tenant upwards */
	int			count;
	bool		allowed;
	const char *verdict;
} Explanation;

/*
 * Explains what tacl_can() answers, whatever is asked; the permission must
 * be valid if there is one. To who may not see all, tenants are not named at
 * which the user has nothing, and look like those that are not there.
 */
extern Explanation explain(TaclName user, TaclName permission,
						   TaclName tenant, bool sees_all);

#endif							/* TACL_EXPLAIN_H */
