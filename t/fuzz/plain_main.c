/*
 * plain_main.c
 *		Tries the files that are named, for a build without libFuzzer.
 */
#include "fuzz.h"

#include <stdio.h>

extern int	LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

/* Tries one file; false if it cannot be read. */
static bool
try_file(const char *name)
{
	static uint8 data[65536];
	FILE	   *file = fopen(name, "rb");
	size_t		size;

	if (file == NULL)
		return false;
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	(void) LLVMFuzzerTestOneInput(data, size);
	return true;
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
	{
		if (!try_file(argv[i]))
			return 1;
	}
	return 0;
}
