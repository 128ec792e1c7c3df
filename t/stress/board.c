/*
 * board.c
 *		What is true: a word for each lever, in a file that is mapped.
 *
 * A word holds a serial number and a phase, and has one writer. It is opened
 * before a COMMIT that matters is sent, and settled after that COMMIT
 * returned. A change that is not committed yet, or never will be, does not
 * touch it.
 *
 * So a reader that finds the same word before it asks and after it was
 * answered knows that nothing was committed between the two, nor on its way: the
 * answer must be what the phase says, and an allow in the phase "deny" is a
 * violation. If the word has changed, nothing can be said.
 *
 * The server reads the same file by pg_read_binary_file(), in PL/pgSQL loops.
 */
#include "stress.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t *words;

/* Maps the file; a fresh one has everything open. */
void
board_open(bool fresh)
{
	size_t		size = sizeof(uint64_t) * lever_count();
	int			file = open(options.board, O_RDWR | (fresh ? O_CREAT | O_TRUNC : 0), 0600);

	if (file < 0 || (fresh && ftruncate(file, size) != 0))
	{
		perror(options.board);
		exit(2);
	}
	words = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (words == MAP_FAILED)
	{
		perror("mmap");
		exit(2);
	}
	close(file);
}

/* The word of a lever, now. */
uint64_t
board_read(int lever)
{
	return __atomic_load_n(&words[lever], __ATOMIC_SEQ_CST);
}

/* The phase that a word tells of. */
Phase
board_phase(uint64_t word)
{
	return (Phase) (word & ((1 << PHASE_BITS) - 1));
}

/* Says what is true from now on; by the lever's only writer. */
void
board_publish(int lever, Phase phase)
{
	uint64_t	serial = (words[lever] >> PHASE_BITS) + 1;

	__atomic_store_n(&words[lever], serial << PHASE_BITS | phase, __ATOMIC_SEQ_CST);
}

/* Which byte of a word has the phase. */
int
board_phase_byte(void)
{
	uint64_t	one = 1;

	return *(char *) &one == 1 ? 0 : sizeof(one) - 1;
}
