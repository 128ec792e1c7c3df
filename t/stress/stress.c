/*
 * stress.c
 *		Writers flip rights while readers ask: is anyone ever told the past?
 *
 *	stress [options] setup		makes the extension and the levers
 *	stress [options] run		takes all rights, then flips and asks
 *	stress [options] verify		asks about each lever, as the board left it
 *	stress [options] prepare	leaves -c transactions prepared, of the board's levers
 *
 *	-b file		the board			-c number	checks
 *	-r number	readers				-t seconds	limit of time
 *	-w number	writers				-k number	levers of each kind, per writer
 *	-s number	seed				-d			maintenance meanwhile
 *	-l			run until the connections are lost
 *	-m seconds	run so long at least
 *	-R conninfo	where readers ask, if not where writers write
 *
 * A run goes on until a lever of each kind was flipped, too.
 *
 * The database is found by libpq's environment. The result is 0 if no
 * violation was seen, 1 if one was, 2 if something else went wrong.
 *
 * Each process chooses from numbers of its own that follow from the seed;
 * which of them comes first is the machine's business.
 */
#include "stress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

Options		options = {
	.writers = 3, .readers = 9, .copies = 1, .checks = 100000, .seconds = 300, .board = "board",
	.replica = ""
};
Totals	   *totals;

static time_t earliest;
static time_t deadline;

/* Was there enough of everything? */
static bool
is_enough(time_t now)
{
	if (options.until_lost || now < earliest || totals->checks < options.checks)
		return false;
	for (int i = 0; i < lever_kinds(); i++)
	{
		if (totals->flips[i] == 0)
			return false;
	}
	return true;
}

/* Is the run over? */
bool
time_to_stop(void)
{
	time_t		now = time(NULL);

	return __atomic_load_n(&totals->stop, __ATOMIC_SEQ_CST) || now >= deadline || is_enough(now);
}

/* Reads the arguments; returns the command. */
static const char *
read_arguments(int argc, char **argv)
{
	int			option;

	options.seed = time(NULL);
	while ((option = getopt(argc, argv, "b:c:k:m:r:s:t:w:R:dl")) != -1)
	{
		if (option == 'b')
			options.board = optarg;
		else if (option == 'c')
			options.checks = atol(optarg);
		else if (option == 'k')
			options.copies = atoi(optarg);
		else if (option == 'm')
			options.least_seconds = atoi(optarg);
		else if (option == 'r')
			options.readers = atoi(optarg);
		else if (option == 's')
			options.seed = strtoul(optarg, NULL, 10);
		else if (option == 't')
			options.seconds = atoi(optarg);
		else if (option == 'w')
			options.writers = atoi(optarg);
		else if (option == 'R')
			options.replica = optarg;
		else if (option == 'd')
			options.disturb = true;
		else if (option == 'l')
			options.until_lost = true;
		else
			exit(2);
	}
	return optind == argc - 1 ? argv[optind] : "";
}

/* Starts a process that runs a function. */
static void
start(void (*function) (int), int number)
{
	pid_t		pid = fork();

	if (pid < 0)
	{
		perror("fork");
		exit(2);
	}
	if (pid == 0)
	{
		function(number);
		exit(0);
	}
}

/* Runs all processes to their end. */
static void
run(void)
{
	int			status;

	earliest = time(NULL) + options.least_seconds;
	deadline = time(NULL) + options.seconds;
	for (int i = 0; i < options.writers; i++)
		start(write_until_stopped, i);
	for (int i = 0; i < options.readers; i++)
		start(read_until_stopped, i);
	if (options.disturb)
		start(disturb_until_stopped, 0);
	while (wait(&status) > 0)
	{
		if (WIFSIGNALED(status))
			COUNT(trouble, 1);
	}
}

/* Prints what was done. */
static void
report(double seconds)
{
	long		flips = 0;
	long		undone = 0;

	printf("seed %u, %d writers, %d readers, %d levers\n",
		   options.seed, options.writers, options.readers, lever_count());
	printf("%ld checks in %.1f s, %ld transactions\n", totals->checks, seconds, totals->transactions);
	for (int i = 0; i < HOWS; i++)
		printf("  %-28s %9ld\n", how_name(i), totals->by_how[i]);
	for (int i = 0; i < LEVELS; i++)
		printf("  %-28s %9ld\n", level_name(i), totals->by_level[i]);
	for (int i = 0; i < lever_kinds(); i++)
	{
		printf("  %-18s flipped %6ld, undone %6ld\n", lever_kind_number(i)->name,
			   totals->flips[i], totals->undone[i]);
		flips += totals->flips[i];
		undone += totals->undone[i];
	}
	printf("flips: %ld\nundone: %ld\nrefused: %ld\n", flips, undone, totals->retries);
	printf("disturbances: %ld, refused %ld\n", totals->disturbed, totals->disturb_refused);
	printf("judged: %ld must be denied, %ld must be allowed; %ld not judged\n",
		   totals->judged_deny, totals->judged_allow, totals->unjudged);
	printf("stale allows: %ld\nstale denies: %ld\n", totals->stale_allow, totals->stale_deny);
	printf("own checks: %ld, wrong %ld\n", totals->own, totals->own_wrong);
}

int
main(int argc, char **argv)
{
	const char *command = read_arguments(argc, argv);
	struct timespec begin;
	struct timespec end;

	totals = mmap(NULL, sizeof(Totals), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	board_open(strcmp(command, "setup") == 0 || strcmp(command, "run") == 0);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	if (strcmp(command, "setup") == 0)
	{
		lever_setup();
		return 0;
	}
	if (strcmp(command, "run") == 0)
	{
		lever_reset();
		clock_gettime(CLOCK_MONOTONIC, &begin);
		run();
	}
	else if (strcmp(command, "verify") == 0)
		lever_verify();
	else if (strcmp(command, "prepare") == 0)
		lever_prepare();
	else
	{
		fprintf(stderr, "setup, run, verify or prepare?\n");
		return 2;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	report(end.tv_sec - begin.tv_sec + (end.tv_nsec - begin.tv_nsec) / 1e9);
	if (totals->trouble > 0)
		return 2;
	return totals->stale_allow + totals->stale_deny + totals->own_wrong > 0 ? 1 : 0;
}
