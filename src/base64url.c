/*
 * base64url.c
 *		Bytes as text in the alphabet of JSON Web Tokens.
 *
 * PostgreSQL's own base64 does the work; here the two other characters are
 * translated and the padding is taken off or put on. One sequence of bytes
 * has one text only: what would decode but was not encoded so is refused.
 */
#include "tenant_acl.h"

#include "common/base64.h"

#include "base64url.h"

/* The text of the bytes; see base64url.h. */
TaclName
base64url_encode(TaclName bytes)
{
	int			room = pg_b64_enc_len(bytes.len);
	char	   *text = palloc(room + 1);
	TaclName	result = {text, 0};

	/* The first argument is of another type before PostgreSQL 18. */
	result.len = pg_b64_encode((const void *) bytes.data, bytes.len, text,
							   room);
	if (result.len < 0)
		elog(ERROR, "could not encode %d bytes", bytes.len);
	while (result.len > 0 && text[result.len - 1] == '=')
		result.len--;
	for (int i = 0; i < result.len; i++)
	{
		if (text[i] == '+')
			text[i] = '-';
		else if (text[i] == '/')
			text[i] = '_';
	}
	text[result.len] = '\0';
	return result;
}

/* Is the character in the alphabet? */
static bool
is_in_alphabet(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		(c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* The bytes of the text; see base64url.h. */
bool
base64url_decode(TaclName text, TaclName *bytes)
{
	int			padded = TYPEALIGN(4, text.len);
	char	   *standard = palloc(padded + 1);
	int			room = pg_b64_dec_len(padded);
	char	   *data = palloc(room + 1);

	for (int i = 0; i < text.len; i++)
	{
		char		c = text.data[i];

		if (!is_in_alphabet(c))
			return false;
		standard[i] = c == '-' ? '+' : c == '_' ? '/' : c;
	}
	memset(standard + text.len, '=', padded - text.len);
	bytes->data = data;
	bytes->len = pg_b64_decode(standard, padded, (void *) data, room);
	return bytes->len >= 0 && name_equal(base64url_encode(*bytes), text);
}
