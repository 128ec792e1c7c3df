/*
 * stubs.c
 *		What the modules under test need of the server, and the entry of
 *		libFuzzer.
 *
 * Memory is malloc's, freed after each input, so that AddressSanitizer watches
 * each piece by itself. The rest comes from PostgreSQL's libpgcommon and
 * libpgport. A pure module raises no error whatever it is given: an error is a
 * finding.
 */
#include "fuzz.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/json.h"

/* In front of each piece of memory. */
typedef struct Piece
{
	struct Piece *next;
	struct Piece *before;
} Piece;

static Piece pieces = {&pieces, &pieces};

MemoryContext CurrentMemoryContext = NULL;

/* Nobody interrupts. */
volatile sig_atomic_t InterruptPending = false;

extern int	LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

/* A new piece that nothing is written to yet. */
void *
palloc(Size size)
{
	Piece	   *piece = malloc(sizeof(Piece) + size);

	MUST(piece != NULL);
	piece->next = pieces.next;
	piece->before = &pieces;
	piece->next->before = piece;
	pieces.next = piece;
	return piece + 1;
}

/* The same, of zeros. */
void *
palloc0(Size size)
{
	return memset(palloc(size), 0, size);
}

/* Frees a piece. */
void
pfree(void *pointer)
{
	Piece	   *piece = (Piece *) pointer - 1;

	piece->next->before = piece->before;
	piece->before->next = piece->next;
	free(piece);
}

/* The piece with another size, elsewhere or not. */
void *
repalloc(void *pointer, Size size)
{
	Piece	   *piece = realloc((Piece *) pointer - 1, sizeof(Piece) + size);

	MUST(piece != NULL);
	piece->next->before = piece;
	piece->before->next = piece;
	return piece + 1;
}

/* The same two, of any size. */
void *
palloc_extended(Size size, int flags)
{
	return palloc(size);
}

void *
repalloc_huge(void *pointer, Size size)
{
	return repalloc(pointer, size);
}

/* A copy that is zero-terminated. */
char *
pnstrdup(const char *text, Size len)
{
	char	   *copy = palloc0(len + 1);

	return memcpy(copy, text, strnlen(text, len));
}

/* The same of a text that is. */
char *
pstrdup(const char *text)
{
	return pnstrdup(text, strlen(text));
}

/* An error begins, which ends it all. */
bool
errstart(int elevel, const char *domain)
{
	fuzz_found("no error is raised", "errstart", 0);
}

/* The same, where the compiler is told that it is rare. */
bool
errstart_cold(int elevel, const char *domain)
{
	return errstart(elevel, domain);
}

/* What follows errstart() is never reached, and has to be there. */
int
errcode(int sqlerrcode)
{
	return 0;
}

int
errmsg(const char *fmt,...)
{
	return 0;
}

int
errmsg_internal(const char *fmt,...)
{
	return 0;
}

int
errhint(const char *fmt,...)
{
	return 0;
}

void
errfinish(const char *filename, int lineno, const char *funcname)
{
}

/* An assertion failed. */
void
ExceptionalCondition(const char *conditionName,
#if PG_VERSION_NUM < 160000
					 const char *errorType,
#endif
					 const char *fileName, int lineNumber)
{
	fuzz_found(conditionName, fileName, lineNumber);
}

/* Called when somebody has interrupted. */
void
ProcessInterrupts(void)
{
}

/* The database is in UTF-8. */
int
GetDatabaseEncoding(void)
{
	return PG_UTF8;
}

/* Writes a string as JSON. */
void
escape_json(StringInfo buf, const char *str)
{
	appendStringInfoChar(buf, '"');
	for (; *str != '\0'; str++)
	{
		if (*str == '"' || *str == '\\' || (unsigned char) *str < ' ')
			appendStringInfo(buf, "\\u%04x", *str);
		else
			appendStringInfoChar(buf, *str);
	}
	appendStringInfoChar(buf, '"');
}

/* Prints what was found, and ends in the way that libFuzzer notices. */
void
fuzz_found(const char *what, const char *file, int line)
{
	fprintf(stderr, "FOUND: not so: %s (%s, line %d)\n", what, file, line);
	abort();
}

/* Cuts off a line; see fuzz.h. */
TaclName
fuzz_cut_line(TaclName *rest)
{
	const char *end = memchr(rest->data, '\n', rest->len);
	TaclName	line = {rest->data, end == NULL ? rest->len : end - rest->data};
	int			taken = line.len + (end == NULL ? 0 : 1);

	rest->data += taken;
	rest->len -= taken;
	return line;
}

/* Copies a text; see fuzz.h. */
TaclName
fuzz_copy(TaclName text)
{
	char	   *data = palloc(text.len);
	TaclName	copy = {data, text.len};

	memcpy(data, text.data, text.len);
	return copy;
}

/* Called by libFuzzer. */
int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	TaclName	input = {(const char *) data, size};

	fuzz_one(fuzz_copy(input));
	while (pieces.next != &pieces)
		pfree(pieces.next + 1);
	return 0;
}
