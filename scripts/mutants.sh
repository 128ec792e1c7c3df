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

# Makes the place where a worker builds and runs: PLACE, BUILD and BINDIR.
make_place() {
	PLACE=$WORK/worker$1
	BUILD=$PLACE/build
	as_owner mkdir "$PLACE"
	as_owner cp -a "$WORK/mutants.root" "$PLACE/root"
	BINDIR=$PLACE/root$("$PG_CONFIG" --bindir)
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

# Takes mutants that nobody has taken yet, until there are no more.
work() {
	make_place "$1"
	for mutant in $wanted; do
		if mkdir "$WORK/taken/$mutant" 2>/dev/null; then
			try_one "$mutant" >"$WORK/taken/$mutant/result"
			cat "$WORK/taken/$mutant/result"
		fi
	done
}

# Ensures that the tests that are to notice pass when nothing is wrong.
try_original() {
	make_place original
	build_one '' >"$PLACE/build.log" 2>&1 || {
		cat "$PLACE/build.log"
		die "the build failed"
	}
	cluster_start || die "the server did not start"
	for mutant in $wanted; do
		mutate tests "$mutant"
	done | sort -u >"$WORK/tests"
	failure=$(first_failure "$(cat "$WORK/tests")")
	cluster_stop
	if [ -n "$failure" ]; then
		tail -n 40 "$PLACE/test.log"
		cat "$BUILD"/regression.diffs "$BUILD"/*/regression.diffs 2>/dev/null || :
		die "$failure fails without any mutant"
	fi
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
try_original
echo "$(wc -l <"$WORK/tests") tests pass without mutants, after $(($(date +%s) - began)) s"
workers=
trap 'kill $workers 2>/dev/null; wait; work_end' EXIT
for worker in $(seq "$(nproc)"); do
	(
		trap cluster_stop EXIT
		work "$worker"
	) &
	workers="$workers $!"
done
wait
cat "$WORK"/taken/*/result >"$WORK/results"
count() {
	grep -c "^$1 " "$WORK/results" || :
}
echo "$(count killed) killed, $(count survived) survived, $(count broken) broken, after $(($(date +%s) - began)) s"
[ "$(count killed)" -eq "$(echo "$wanted" | wc -l)" ]
