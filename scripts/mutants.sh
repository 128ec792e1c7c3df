#!/bin/sh
# mutants.sh [--all] [name...]: shows that the tests notice what is wrong.
#
# A mutant is the source with one thing wrong; t/mutants has the list, with the
# tests that must notice each. All of them, or those named, are built and run in
# private clusters, two or more at a time. Ends with an error if a mutant
# survives, does not apply or does not build; or if a test fails without any
# mutant. With --all, a mutant that survives its own tests meets all others.
#
# The build has fault points, for the tests that need them.
set -eu

. "$(dirname "$0")/setup.sh"
. "$(dirname "$0")/cluster.sh"
. "$(dirname "$0")/suite.sh"
. "$(dirname "$0")/examples.sh"

SUITE_TIMEOUT=300

mutate() {
	perl "$SOURCE/t/mutants/mutate.pl" "$@"
}

# All tests, as the list of mutants names them; the fastest first.
all_tests() {
	regress_names | sed 's|^|sql/|'
	names specs .spec | sed 's|^|specs/|'
	names specs/fault .spec | sed 's|^|specs/fault/|'
	names t .pl | sed 's|^|t/|'
	names t/fault .pl | sed 's|^|t/fault/|'
}

# Runs one test; true if it passes.
passes() {
	name=${1##*/}
	case $1 in
		sql/*)
			set -- REGRESS="$name" ISOLATION= TAP_TESTS= ;;
		specs/fault/*)
			set -- REGRESS= ISOLATION="$name" TAP_TESTS= EXTRA_REGRESS_OPTS=--inputdir=fault ;;
		specs/*)
			set -- REGRESS= ISOLATION="$name" TAP_TESTS= ;;
		t/*)
			set -- REGRESS= ISOLATION= PROVE_TESTS="$1.pl" ;;
	esac
	installcheck "$@" >"$PLACE/test.log" 2>&1
}

# Runs tests one by one until one fails, and prints that one.
first_failure() {
	for test in $1; do
		if ! passes "$test"; then
			echo "$test"
			return
		fi
	done
}

# Sets the place where a worker builds and runs: PLACE, BUILD and BINDIR.
use_place() {
	PLACE=$WORK/worker$1
	BUILD=$PLACE/build
	BINDIR=$PLACE/root$("$PG_CONFIG" --bindir)
	[ ! -d "$PLACE" ] || return 0
	as_owner mkdir "$PLACE"
	as_owner cp -a "$WORK/mutants.root" "$PLACE/root"
}

# Takes something that no worker has taken yet; false if one has.
take() {
	mkdir "$WORK/taken/$(echo "$1" | tr / +)" 2>/dev/null
}

# Puts the original, or a mutant of it, into the worker's place.
build_one() {
	as_owner rm -rf "$BUILD"
	as_owner cp -a "$WORK/mutants" "$BUILD"
	if [ -n "$1" ]; then
		as_owner cp -r "$SOURCE/t/mutants" "$PLACE/lists"
		as_owner perl "$PLACE/lists/mutate.pl" apply "$1" "$BUILD" || return 1
		as_owner rm -rf "$PLACE/lists"
	fi
	as_owner make -C "$BUILD" PG_CONFIG="$PG_CONFIG" with_llvm=no \
		PG_CPPFLAGS=-DTACL_FAULT_POINTS || return 1
	as_owner make -C "$BUILD" install DESTDIR="$PLACE/root" PG_CONFIG="$PG_CONFIG" \
		with_llvm=no
}

# Says how a mutant fares: "killed", "survived" or "broken", its name and more.
try_one() {
	if ! build_one "$1" >"$PLACE/build.log" 2>&1; then
		echo "broken $1: it does not apply or build"
		tail -n 5 "$PLACE/build.log" | sed 's/^/  /'
		return
	fi
	if ! cluster_start >"$PLACE/start.log" 2>&1; then
		echo "killed $1: the server does not start"
		return
	fi
	killer=$(first_failure "$(mutate tests "$1")")
	if [ -z "$killer" ] && [ "$all" = yes ]; then
		killer=$(first_failure "$(all_tests)")
	fi
	cluster_stop
	if [ -n "$killer" ]; then
		echo "killed $1: $killer"
	else
		echo "survived $1: $(mutate intent "$1")"
	fi
}

# Tries mutants until there are no more.
try_mutants() {
	for mutant in $wanted; do
		if take "$mutant"; then
			try_one "$mutant" >"$WORK/$mutant.result"
			cat "$WORK/$mutant.result"
		fi
	done
}

# Runs the tests that are to notice until there are no more: nothing is wrong
# yet, and all must pass.
try_tests() {
	build_one '' >"$PLACE/build.log" 2>&1 && cluster_start || {
		echo "the original does not build or start" >"$WORK/failed"
		return
	}
	for test in $(cat "$WORK/tests"); do
		if take "$test" && ! passes "$test"; then
			echo "$test fails without any mutant" | tee -a "$WORK/failed"
			tail -n 40 "$PLACE/test.log"
		fi
	done
	cluster_stop
}

# Lets each worker do something, and waits for all.
all_workers() {
	for worker in $(seq "$(nproc)"); do
		(
			trap cluster_stop EXIT
			use_place "$worker"
			"$1"
		) &
		workers="$workers $!"
	done
	wait
	workers=
}

all=no
if [ "${1:-}" = --all ]; then
	all=yes
	shift
fi
mutate check || die "the list of mutants is wrong"
setup_tools
[ "$all" = no ] || setup_examples
major=$("$PG_CONFIG" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/')
wanted=$(mutate names "$major" "$@") || exit 1
work_begin
began=$(date +%s)
install_variant mutants PG_CPPFLAGS=-DTACL_FAULT_POINTS with_llvm=no ||
	die "the build failed"
link_faults
fill_expected "$BUILD/expected" "$(regress_names) $(names specs .spec)"
mkdir "$WORK/taken"
for mutant in $wanted; do
	mutate tests "$mutant"
done | sort -ru >"$WORK/tests"
workers=
trap 'kill $workers 2>/dev/null || :; wait; work_end' EXIT
all_workers try_tests
[ ! -f "$WORK/failed" ] || die "tests fail without any mutant"
echo "$(wc -l <"$WORK/tests") tests pass without mutants, after $(($(date +%s) - began)) s"
all_workers try_mutants
cat "$WORK"/*.result >"$WORK/results"
count() {
	grep -c "^$1 " "$WORK/results" || :
}
echo "$(count killed) killed, $(count survived) survived, $(count broken) broken, after $(($(date +%s) - began)) s"
[ "$(count killed)" -eq "$(echo "$wanted" | wc -l)" ]
