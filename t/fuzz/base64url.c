/*
 * base64url.c
 *		The module of this name against a plain decoder of its own.
 */
#include "fuzz.h"

#include "lib/stringinfo.h"

#include "base64url.h"

/* The six bits that a character stands for, or -1. */
static int
value_of(char c)
{
	static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *at = c == '\0' ? NULL : strchr(alphabet, c);

	return at == NULL ? -1 : at - alphabet;
}

/* Decodes bit by bit; false if the text is not the bytes' only one. */
static bool
decode_plainly(TaclName text, StringInfo bytes)
{
	uint32		bits = 0;
	int			count = 0;

	for (int i = 0; i < text.len; i++)
	{
		if (value_of(text.data[i]) < 0)
			return false;
		bits = bits << 6 | value_of(text.data[i]);
		count += 6;
		if (count >= 8)
		{
			count -= 8;
			appendStringInfoCharMacro(bytes, (char) (bits >> count));
			bits &= (1 << count) - 1;
		}
	}
	return count < 6 && bits == 0;
}

void
fuzz_one(TaclName input)
{
	StringInfoData plain;
	TaclName	expected;
	TaclName	bytes;
	TaclName	text = base64url_encode(input);
	bool		good;

	MUST(base64url_decode(text, &bytes) && name_equal(bytes, input));
	MUST(strlen(text.data) == text.len);

	initStringInfo(&plain);
	good = decode_plainly(input, &plain);
	MUST(base64url_decode(input, &bytes) == good);
	expected.data = plain.data;
	expected.len = plain.len;
	if (good)
		MUST(name_equal(bytes, expected));
}
