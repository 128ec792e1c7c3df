/*
 * pattern.c
 *		src/pattern.c and src/permset.c against a plain matcher.
 *
 * The first line of an input is a permission, the others are patterns.
 */
#include "fuzz.h"

#include "permset.h"

#define MAX_PATTERNS 200

/* A text split at its dots. */
typedef struct Parts
{
	int			count;
	TaclName	items[TACL_MAX_NAME_BYTES + 2];
} Parts;

static const TaclName star = {"*", 1};
static const TaclName reserved = {"tacl", 4};

/* A segment that stands in no pattern: it is longer than any. */
static const char unused[TACL_MAX_NAME_BYTES + 1];
static const TaclName fresh = {unused, sizeof(unused)};

/* Splits a text. */
static void
split_plainly(TaclName text, Parts *parts)
{
	parts->count = 1;
	parts->items[0].data = text.data;
	parts->items[0].len = 0;
	for (int i = 0; i < text.len; i++)
	{
		if (text.data[i] != '.')
			parts->items[parts->count - 1].len++;
		else
		{
			parts->items[parts->count].data = text.data + i + 1;
			parts->items[parts->count++].len = 0;
		}
	}
}

/* Is the segment a word of the characters that are allowed? */
static bool
is_word(TaclName segment)
{
	for (int i = 0; i < segment.len; i++)
	{
		if (!isalnum((unsigned char) segment.data[i]) && (segment.data[i] == '\0' || strchr("_-:", segment.data[i]) == NULL))
			return false;
	}
	return segment.len > 0;
}

/* Is the text a permission, or where stars are allowed, a pattern? */
static bool
is_valid(TaclName text, bool stars)
{
	Parts		parts;

	if (text.len > TACL_MAX_NAME_BYTES)
		return false;
	split_plainly(text, &parts);
	for (int i = 0; i < parts.count; i++)
	{
		if (!is_word(parts.items[i]) && !(stars && name_equal(parts.items[i], star)))
			return false;
	}
	return true;
}

/* Does what the pattern wants from one segment on match? */
static bool
matches_from(const Parts *pattern, int i, const Parts *permission, int j)
{
	TaclName	want;

	if (i == pattern->count || j == permission->count)
		return i == pattern->count && j == permission->count;
	want = pattern->items[i];
	if (!name_equal(want, star))
		return name_equal(want, permission->items[j]) && matches_from(pattern, i + 1, permission, j + 1);
	if (i == 0 && name_equal(permission->items[j], reserved))
		return false;
	return i + 1 == pattern->count || matches_from(pattern, i + 1, permission, j + 1);
}

/* Does the pattern match the permission? */
static bool
matches(TaclName pattern, TaclName permission)
{
	Parts		wanted;
	Parts		asked;

	split_plainly(pattern, &wanted);
	split_plainly(permission, &asked);
	return matches_from(&wanted, 0, &asked, 0);
}

/*
 * Does the pattern match what the other does? It does if it matches two of its
 * permissions, in which other segments stand for its stars than any that the
 * pattern names: one for the last star, and two.
 */
static bool
covers(TaclName pattern, TaclName other)
{
	Parts		wide;
	Parts		narrow;
	bool		open;
	bool		covered;

	split_plainly(pattern, &wide);
	split_plainly(other, &narrow);
	open = name_equal(narrow.items[narrow.count - 1], star);
	for (int i = 0; i < narrow.count; i++)
	{
		if (name_equal(narrow.items[i], star))
			narrow.items[i] = fresh;
	}
	covered = matches_from(&wide, 0, &narrow, 0);
	if (open)
	{
		narrow.items[narrow.count++] = fresh;
		covered = covered && matches_from(&wide, 0, &narrow, 0);
	}
	return covered;
}

/* The pattern without its '!'. */
static TaclName
without_sign(TaclName pattern)
{
	bool		deny = pattern_is_deny(pattern.data, pattern.len);
	TaclName	rest = {pattern.data + deny, pattern.len - deny};

	return rest;
}

/* Two patterns, and a permission or none. */
static void
try_pair(TaclName a, TaclName b, const TaclName *permission)
{
	char		buffer[TACL_MAX_NAME_BYTES];
	TaclName	both = {buffer, pattern_intersection(a, b, buffer)};

	MUST(pattern_covers(a, b) == covers(a, b));
	MUST(both.len < 0 || (is_valid(both, true) && pattern_covers(a, both) && pattern_covers(b, both)));
	if (permission != NULL)
		MUST((both.len >= 0 && matches(both, *permission)) == (matches(a, *permission) && matches(b, *permission)));
}

/* All patterns together. */
static void
try_set(const TaclName *patterns, int count, const TaclName *permission)
{
	PermSet    *set = permset_compile(patterns, count);
	Size		size = permset_size(set);
	void	   *copy = memcpy(palloc(size), set, size);
	int			bits = 0;
	int			found = 0;

	pfree(set);
	for (int i = 0; i < count; i++)
	{
		int			bit = pattern_is_deny(patterns[i].data, patterns[i].len) ? PERMSET_DENY : PERMSET_ALLOW;

		bits |= bit;
		if (permission != NULL && matches(without_sign(patterns[i]), *permission))
			found |= bit;
	}
	MUST(permset_bits(copy) == bits);
	if (permission != NULL)
		MUST(permset_match(copy, permission->data, permission->len) == found);
}

/* Is the line a pattern? Both say so, or neither. */
static bool
check_pattern(TaclName line)
{
	bool		valid = pattern_fault(line.data, line.len).problem == NULL;

	MUST(valid == (line.len > 0 && is_valid(without_sign(line), true)));
	return valid;
}

void
fuzz_one(TaclName input)
{
	TaclName	patterns[MAX_PATTERNS];
	TaclName	rest = input;
	TaclName	permission = fuzz_copy(fuzz_cut_line(&rest));
	bool		asked = permission_is_valid(permission.data, permission.len);
	int			count = 0;

	MUST(asked == is_valid(permission, false));
	MUST(asked == (permission_fault(permission.data, permission.len).problem == NULL));
	while (rest.len > 0 && count < MAX_PATTERNS)
	{
		TaclName	line = fuzz_copy(fuzz_cut_line(&rest));

		if (check_pattern(line))
			patterns[count++] = line;
	}
	for (int i = 0; i < count; i++)
	{
		TaclName	plain = without_sign(patterns[i]);

		if (asked)
			MUST(pattern_matches(plain.data, plain.len, permission.data, permission.len) == matches(plain, permission));
		try_pair(plain, without_sign(patterns[i > 0 ? i - 1 : 0]), asked ? &permission : NULL);
	}
	try_set(patterns, count, asked ? &permission : NULL);
}
