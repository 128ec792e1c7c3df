/*
 * pattern.h
 *		Permission text: validate and match.
 *
 * Pure: no tables, no session, no memory allocation. Nothing here reports an
 * error by itself; callers turn a fault into a message.
 */
#ifndef TACL_PATTERN_H
#define TACL_PATTERN_H

#include "tenant_acl.h"

/*
 * What is wrong with a text, as two sentences without their full stops, for
 * DETAIL and HINT of a message. A NULL problem means valid.
 */
typedef struct TextFault
{
	const char *problem;
	const char *hint;
} TextFault;

/* One segment of a permission or pattern. */
typedef struct Segment
{
	const char *data;
	int			len;
} Segment;

/* Walks the segments of a text without its leading '!'. */
typedef struct SegmentWalk
{
	const char *next;			/* where the next segment starts */
	const char *end;
	bool		done;
} SegmentWalk;

extern bool permission_is_valid(const char *text, int len);
extern TextFault permission_fault(const char *text, int len);
extern TextFault pattern_fault(const char *text, int len);
extern TextFault allow_fault(const char *text, int len);
extern TextFault name_fault(const char *text, int len);

extern bool pattern_is_deny(const char *text, int len);
extern bool pattern_matches(const char *pattern, int pattern_len,
							const char *permission, int permission_len);
extern bool pattern_covers(TaclName pattern, TaclName other);
extern bool pattern_one_covers(const TaclName *patterns, int count, TaclName other);
extern int	pattern_intersection(TaclName a, TaclName b, char *buffer);
extern bool pattern_meets(TaclName a, TaclName b);
extern bool pattern_is_reserved(TaclName pattern);

extern void segment_walk_begin(SegmentWalk *walk, const char *text, int len);
extern bool segment_walk_next(SegmentWalk *walk, Segment *segment);
extern bool segment_is_star(const Segment *segment);
extern bool segment_is_reserved(const Segment *segment);

#endif							/* TACL_PATTERN_H */
