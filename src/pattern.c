/*
 * pattern.c
 *		Permission text: validate and match.
 *
 * A permission is one or more segments joined by dots; a pattern is the same
 * with '*' in place of whole segments, and '!' in front of a deny. All valid
 * text is ASCII, so bytes are characters here.
 *
 * pattern_covers() says what a pattern means, in the plainest way. permset.c
 * gives the same answers faster; the tests hold one against the other.
 */
#include "compat.h"

#include "pattern.h"

#define FAULT(problem, hint) ((TextFault) {(problem), (hint)})

#define HINT_CHARACTERS \
	"Segments are made of the letters A to Z and a to z, digits, \"_\", \"-\" and \":\", and joined by dots"
#define HINT_ASKED \
	"Ask for one permission, as in orders.view; patterns belong in roles and grants"

static const TextFault no_fault = {NULL, NULL};

/* What a byte can be in a permission; 0 if it cannot be there. */
#define ALLOWED 1
#define DOT		ALLOWED			/* between two segments */
#define SEGMENT (2 | ALLOWED)	/* part of one */

static const uint8 byte_kind[256] = {
	['.'] = DOT,
	['-'] = SEGMENT, ['0'] = SEGMENT, ['1'] = SEGMENT, ['2'] = SEGMENT,
	['3'] = SEGMENT, ['4'] = SEGMENT, ['5'] = SEGMENT, ['6'] = SEGMENT,
	['7'] = SEGMENT, ['8'] = SEGMENT, ['9'] = SEGMENT, [':'] = SEGMENT,
	['A'] = SEGMENT, ['B'] = SEGMENT, ['C'] = SEGMENT, ['D'] = SEGMENT,
	['E'] = SEGMENT, ['F'] = SEGMENT, ['G'] = SEGMENT, ['H'] = SEGMENT,
	['I'] = SEGMENT, ['J'] = SEGMENT, ['K'] = SEGMENT, ['L'] = SEGMENT,
	['M'] = SEGMENT, ['N'] = SEGMENT, ['O'] = SEGMENT, ['P'] = SEGMENT,
	['Q'] = SEGMENT, ['R'] = SEGMENT, ['S'] = SEGMENT, ['T'] = SEGMENT,
	['U'] = SEGMENT, ['V'] = SEGMENT, ['W'] = SEGMENT, ['X'] = SEGMENT,
	['Y'] = SEGMENT, ['Z'] = SEGMENT, ['_'] = SEGMENT, ['a'] = SEGMENT,
	['b'] = SEGMENT, ['c'] = SEGMENT, ['d'] = SEGMENT, ['e'] = SEGMENT,
	['f'] = SEGMENT, ['g'] = SEGMENT, ['h'] = SEGMENT, ['i'] = SEGMENT,
	['j'] = SEGMENT, ['k'] = SEGMENT, ['l'] = SEGMENT, ['m'] = SEGMENT,
	['n'] = SEGMENT, ['o'] = SEGMENT, ['p'] = SEGMENT, ['q'] = SEGMENT,
	['r'] = SEGMENT, ['s'] = SEGMENT, ['t'] = SEGMENT, ['u'] = SEGMENT,
	['v'] = SEGMENT, ['w'] = SEGMENT, ['x'] = SEGMENT, ['y'] = SEGMENT,
	['z'] = SEGMENT,
};

/* True for the characters that segments are made of. */
static inline bool
is_segment_character(char c)
{
	return byte_kind[(unsigned char) c] == SEGMENT;
}

/* True for the ASCII control characters. */
static inline bool
is_control_character(char c)
{
	return (unsigned char) c < 0x20 || c == 0x7f;
}

/* True if the segment that starts at the position is exactly "*". */
static inline bool
is_star_at(const char *text, int len, int pos)
{
	return text[pos] == '*' && (pos + 1 == len || text[pos + 1] == '.');
}

/* Returns what is wrong with a character that cannot stand where it does. */
static TextFault
character_fault(char c, bool is_pattern)
{
	if (c == '*' && is_pattern)
		return FAULT("A \"*\" is only a part of a segment",
					 "Write \"*\" for a whole segment, as in orders.* or *.view");
	if (c == '*')
		return FAULT("It contains \"*\"", HINT_ASKED);
	if (c == '!' && is_pattern)
		return FAULT("A \"!\" stands elsewhere than at the beginning",
					 "Write one \"!\" in front of a pattern to deny it, as in !orders.delete");
	if (c == '!')
		return FAULT("It contains \"!\"", HINT_ASKED);
	if (c == ' ' || is_control_character(c))
		return FAULT("It contains a blank or a control character",
					 HINT_CHARACTERS);
	return FAULT("It contains a character that is not allowed",
				 HINT_CHARACTERS);
}

/* Returns the first fault in segments joined by dots. */
static TextFault
segments_fault(const char *text, int len, bool is_pattern)
{
	const TextFault empty_segment =
	FAULT("A segment is empty",
		  "Join segments by single dots, none in front and none at the end, as in orders.view");
	bool		at_start = true;

	for (int i = 0; i < len; i++)
	{
		if (is_segment_character(text[i]))
			at_start = false;
		else if (text[i] == '.')
		{
			if (at_start)
				return empty_segment;
			at_start = true;
		}
		else if (is_pattern && at_start && is_star_at(text, len, i))
			at_start = false;
		else
			return character_fault(text[i], is_pattern);
	}
	return at_start ? empty_segment : no_fault;
}

/*
 * True if permission_fault() finds nothing. Asked of every permission in every
 * check, so without a branch for each byte: collects what all bytes have, and
 * what each or the one before it has.
 */
bool
permission_is_valid(const char *text, int len)
{
	int			before = DOT;
	int			bytes = ALLOWED;
	int			pairs = SEGMENT;

	if (len > TACL_MAX_NAME_BYTES)
		return false;
	for (int i = 0; i < len; i++)
	{
		int			kind = byte_kind[(unsigned char) text[i]];

		bytes &= kind;
		pairs &= kind | before;
		before = kind;
	}
	return bytes == ALLOWED && pairs == SEGMENT && before == SEGMENT;
}

/* Returns what is wrong with a permission that is asked for. */
TextFault
permission_fault(const char *text, int len)
{
	if (len == 0)
		return FAULT("It is empty", HINT_ASKED);
	if (len > TACL_MAX_NAME_BYTES)
		return FAULT("It is longer than 255 bytes",
					 "Use fewer or shorter segments");
	return segments_fault(text, len, false);
}

/* Returns what is wrong with a pattern, its '!' included. */
TextFault
pattern_fault(const char *text, int len)
{
	if (len == 0)
		return FAULT("It is empty",
					 "Write a permission (orders.view) or a pattern (orders.*)");
	if (pattern_is_deny(text, len))
	{
		text++;
		len--;
		if (len == 0)
			return FAULT("Nothing follows the \"!\"",
						 "Write what to deny, as in !orders.delete");
	}
	if (len > TACL_MAX_NAME_BYTES)
		return FAULT("It is longer than 255 bytes",
					 "Use fewer or shorter segments");
	return segments_fault(text, len, true);
}

/* The same of a pattern that must not be a deny. */
TextFault
allow_fault(const char *text, int len)
{
	TextFault	fault = pattern_fault(text, len);

	if (fault.problem == NULL && pattern_is_deny(text, len))
		return FAULT("A deny cannot stand here",
					 "Ceilings and suspensions hold allows only: list what remains possible");
	return fault;
}

/* Returns what is wrong with the name of a user, tenant, role or group. */
TextFault
name_fault(const char *text, int len)
{
	if (len == 0)
		return FAULT("It is empty", "Give a name of 1 to 255 bytes");
	if (len > TACL_MAX_NAME_BYTES)
		return FAULT("It is longer than 255 bytes",
					 "Give a name of 1 to 255 bytes");
	for (int i = 0; i < len; i++)
	{
		if (is_control_character(text[i]))
			return FAULT("It contains a control character",
						 "Leave out tabs, line ends and other control characters");
	}
	return no_fault;
}

/* True if the pattern denies. */
bool
pattern_is_deny(const char *text, int len)
{
	return len > 0 && text[0] == '!';
}

/* Starts a walk over the segments of a permission or pattern; skips a '!'. */
void
segment_walk_begin(SegmentWalk *walk, const char *text, int len)
{
	walk->next = text + (pattern_is_deny(text, len) ? 1 : 0);
	walk->end = text + len;
	walk->done = false;
}

/*
 * Reads the next segment. False if there is none left. After the last one
 * walk->done is true. Between and around n dots there are n + 1 segments.
 */
bool
segment_walk_next(SegmentWalk *walk, Segment *segment)
{
	const char *stop = walk->next;

	if (walk->done)
		return false;
	while (stop < walk->end && *stop != '.')
		stop++;
	segment->data = walk->next;
	segment->len = stop - walk->next;
	walk->done = (stop == walk->end);
	if (!walk->done)
		walk->next = stop + 1;
	return true;
}

/* True for the segment "*". */
bool
segment_is_star(const Segment *segment)
{
	return segment->len == 1 && segment->data[0] == '*';
}

/* True for the segment that a leading star does not match. */
bool
segment_is_reserved(const Segment *segment)
{
	return segment->len == sizeof(TACL_RESERVED) - 1 &&
		memcmp(segment->data, TACL_RESERVED, sizeof(TACL_RESERVED) - 1) == 0;
}

/* True if both segments are the same bytes. */
static bool
segment_equal(const Segment *a, const Segment *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

/*
 * True if the pattern matches everything that the other one matches, both
 * without their '!'. Both must be valid. One '*' of the other stands for any
 * segment, and there are more of those than patterns can list: so the other is
 * covered by several patterns only if it is by one of them.
 */
bool
pattern_covers(TaclName pattern, TaclName other)
{
	SegmentWalk wide;
	SegmentWalk narrow;
	Segment		want;
	Segment		have;
	bool		first = true;

	segment_walk_begin(&wide, pattern.data, pattern.len);
	segment_walk_begin(&narrow, other.data, other.len);
	while (segment_walk_next(&wide, &want))
	{
		if (!segment_walk_next(&narrow, &have))
			return false;
		if (segment_is_star(&want))
		{
			if (first && segment_is_reserved(&have))
				return false;
			if (wide.done)
				return true;	/* takes this segment and all that follow */
		}
		else if (!segment_equal(&want, &have))
			return false;
		first = false;
	}
	return narrow.done;
}

/*
 * True if the pattern, without its '!', matches the permission: as a pattern,
 * that matches nothing but itself. Both must be valid.
 */
bool
pattern_matches(const char *pattern, int pattern_len,
				const char *permission, int permission_len)
{
	TaclName	wide = {pattern, pattern_len};
	TaclName	narrow = {permission, permission_len};

	return pattern_covers(wide, narrow);
}

/*
 * The segment that only what both match can have there, into *both. False if
 * there is none.
 */
static bool
segment_intersection(const Segment *a, const Segment *b, bool first,
					 Segment *both)
{
	bool		a_star = segment_is_star(a);
	bool		b_star = segment_is_star(b);

	*both = a_star ? *b : *a;
	if (a_star != b_star)
		return !(first && segment_is_reserved(both));
	return a_star || segment_equal(a, b);
}

/* Adds bytes to a pattern unless they are too many for one. */
static bool
append_bytes(char *buffer, int *len, const char *data, int count)
{
	if (*len + count > TACL_MAX_NAME_BYTES)
		return false;
	memcpy(buffer + *len, data, count);
	*len += count;
	return true;
}

/* Adds a segment and all that follows; returns the length, or -1. */
static int
append_rest(char *buffer, int len, const Segment *segment,
			const SegmentWalk *walk)
{
	return append_bytes(buffer, &len, segment->data,
						walk->end - segment->data) ? len : -1;
}

/*
 * Writes the pattern that matches what both match, without a '!', into the
 * buffer of TACL_MAX_NAME_BYTES. Returns its length, or -1 if no permission
 * matches both. Both must be valid.
 */
int
pattern_intersection(TaclName a, TaclName b, char *buffer)
{
	SegmentWalk walk_a;
	SegmentWalk walk_b;
	Segment		at_a;
	Segment		at_b;
	Segment		both;
	int			len = 0;

	segment_walk_begin(&walk_a, a.data, a.len);
	segment_walk_begin(&walk_b, b.data, b.len);
	while (segment_walk_next(&walk_a, &at_a))
	{
		if (!segment_walk_next(&walk_b, &at_b) ||
			!segment_intersection(&at_a, &at_b, len == 0, &both))
			return -1;
		if (len > 0 && !append_bytes(buffer, &len, ".", 1))
			return -1;

		/* A last star takes whatever follows in the other. */
		if (walk_a.done && segment_is_star(&at_a))
			return append_rest(buffer, len, &at_b, &walk_b);
		if (walk_b.done && segment_is_star(&at_b))
			return append_rest(buffer, len, &at_a, &walk_a);
		if (!append_bytes(buffer, &len, both.data, both.len))
			return -1;
	}
	return walk_b.done ? len : -1;
}

/* True if there is a permission that both match. Both must be valid. */
bool
pattern_meets(TaclName a, TaclName b)
{
	char		buffer[TACL_MAX_NAME_BYTES];

	return pattern_intersection(a, b, buffer) >= 0;
}

/* True if one of the patterns covers another. All must be valid. */
bool
pattern_one_covers(const TaclName *patterns, int count, TaclName other)
{
	for (int i = 0; i < count; i++)
	{
		if (pattern_covers(patterns[i], other))
			return true;
	}
	return false;
}

/* True for a pattern of rights over the extension itself, or of denying them. */
bool
pattern_is_reserved(TaclName pattern)
{
	SegmentWalk walk;
	Segment		first;

	segment_walk_begin(&walk, pattern.data, pattern.len);
	return segment_walk_next(&walk, &first) && segment_is_reserved(&first);
}
