#!/bin/sh
# check.sh: builds with warnings as errors and runs every test.
#
# The stages and what each counts:
#   static      rules about the tree of files, one each
#   regression  pg_regress tests, sql/
#   isolation   specs, specs/
#   faults      specs, specs/fault/, with a build that has fault points
#   tap         assertions, t/; a file that dies counts as one failure
#   faults-tap  assertions, t/fault/, with the build that has fault points
#
# A stage that runs nothing is a failure. The last line is
# "<n> passed, <n> failed". The work tree is not written to.
set -eu

. "$(dirname "$0")/setup.sh"
. "$(dirname "$0")/cluster.sh"
. "$(dirname "$0")/suite.sh"
. "$(dirname "$0")/examples.sh"

# What is a warning depends on how much is optimized: TACL_WARNINGS="" is for
# builds with sanitizers.
WARNINGS=${TACL_WARNINGS--Werror -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers}

passed=0
failed=0
summary=

# Adds a stage's count.
count_stage() {
	passed=$((passed + $2))
	failed=$((failed + $3))
	if [ $(($2 + $3)) -eq 0 ]; then
		echo "$1: nothing was run"
		failed=$((failed + 1))
	fi
	summary="$summary$(printf '  %-11s %4d of %d' "$1" "$2" $(($2 + $3)))
"
}

# Prints the last line and ends.
finish() {
	echo
	printf '%s' "$summary"
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ] && exit 0
	exit 1
}

# Ends with one failure more: the rest cannot be run.
give_up() {
	echo "$*"
	failed=$((failed + 1))
	finish
}

heading() {
	echo
	echo "== $*"
}

#
# Static rules: each prints what breaks it
#

rule_version_checks_in_compat() {
	grep -n PG_VERSION_NUM src/*.c src/*.h | grep -v '^src/compat\.h:'
}

rule_no_file_over_800_lines() {
	wc -l src/*.c src/*.h | awk '$1 > 800 && $2 != "total" { print $2 ": " $1 " lines" }'
}

# statement.c is excepted: what it does with a snapshot is writing.
rule_only_catalog_snapshots() {
	grep -nE 'Get(Active|Transaction|Latest)Snapshot' src/*.c src/*.h |
		grep -v '^src/statement\.c:'
}

rule_each_test_has_expected_output() {
	for name in $(regress_names) $(names specs .spec); do
		[ -f "expected/$name.out" ] || echo "expected/$name.out is missing"
	done
	for name in $(names specs/fault .spec); do
		[ -f "specs/fault/expected/$name.out" ] ||
			echo "specs/fault/expected/$name.out is missing"
	done
}

rule_tests_and_specs_have_different_names() {
	{ regress_names && names specs .spec; } | sort | uniq -d
}

rule_each_function_is_in_the_reference() {
	for name in $(sed -n 's/^CREATE FUNCTION @extschema@\.\([a-z_]*\)(.*/\1/p' \
		sql/tenant_acl--*.sql | sort -u); do
		grep -q "^### .*\`$name(" doc/reference.md ||
			echo "doc/reference.md has no entry for $name"
	done
}

# A mutant whose place is gone guards nothing any more.
rule_each_mutant_applies() {
	perl t/mutants/mutate.pl check 2>&1
}

rule_no_warnings_as_errors_shipped() {
	grep -nE 'Werror|march=' Makefile
}

rule_no_addresses_in_scripts() {
	grep -nE 'https?://' .ci/run scripts/*.sh bench/*.sh bench/workloads/*.sh Makefile
}

static_stage() {
	heading "static rules"
	good=0 bad=0
	for rule in $(sed -n 's/^\(rule_[a-z0-9_]*\)() {$/\1/p' "$SOURCE/scripts/check.sh"); do
		findings=$(cd "$SOURCE" && "$rule" || :)
		if [ -z "$findings" ]; then
			good=$((good + 1))
			echo "ok      $rule"
		else
			bad=$((bad + 1))
			echo "FAILED  $rule"
			echo "$findings"
		fi
	done
	count_stage static $good $bad
}

#
# Stages that run the built extension
#

# Runs tests of pg_regress or pg_isolation_regress and counts them.
# Arguments: stage, variable of make, folder with "expected" in it, tests.
regress_stage() {
	stage=$1
	variable=$2
	input=$3
	tests=$(echo "$4" | tr '\n' ' ')
	log=$WORK/$stage.log
	heading "$stage"
	wanted=$(echo "$tests" | wc -w)
	good=0 bad=0
	if [ "$wanted" -gt 0 ]; then
		fill_expected "$BUILD/$input/expected" "$tests"
		status=0
		installcheck REGRESS= ISOLATION= TAP_TESTS= "$variable=$tests" \
			EXTRA_REGRESS_OPTS="--inputdir=$input" >"$log" 2>&1 || status=$?
		grep -E '^(test |ok |not ok )' "$log" || :
		good=$(grep -cE '^(test [^ ]+ +\.\.\. ok|ok [0-9])' "$log" || :)
		bad=$((wanted - good))
		if [ "$status" -ne 0 ]; then
			[ "$bad" -gt 0 ] || bad=1
			[ "$variable" = REGRESS ] || input=output_iso
			if [ -f "$BUILD/$input/regression.diffs" ]; then
				cat "$BUILD/$input/regression.diffs"
			else
				tail -n 20 "$log"
			fi
		fi
	fi
	count_stage "$stage" "$good" "$bad"
}

# Fails if a server process crashed.
no_crash() {
	if grep -E 'PANIC|was terminated by signal|TRAP:' "$CLUSTER/server.log"; then
		echo "a server process crashed"
		failed=$((failed + 1))
	fi
}

# The normal build must have no fault point, the other must have them.
fault_points_where_wanted() {
	if grep -q tacl_fault "$WORK/normal/tenant_acl.so" ||
		! grep -q tacl_fault "$WORK/faults/tenant_acl.so"; then
		echo "the normal build has fault points, or the other has none"
		failed=$((failed + 1))
	fi
}

# Runs the TAP tests of a folder and counts their assertions. Skipping is
# failing. Arguments: stage, folder.
tap_stage() {
	stage=$1
	folder=$2
	heading "$stage"
	good=0 bad=0
	for name in $(names "$folder" .pl); do
		log=$WORK/tap.log
		status=0
		installcheck REGRESS= ISOLATION= PROVE_TESTS="$folder/$name.pl" \
			PROVE_FLAGS=--verbose >"$log" 2>&1 || status=$?
		skips=$(grep -ciE '^(ok .*# skip|1\.\.0)' "$log" || :)
		oks=$(grep -c '^ok ' "$log" || :)
		wrong=$(grep -c '^not ok ' "$log" || :)
		oks=$((oks - $(grep -ciE '^ok .*# skip' "$log" || :)))
		wrong=$((wrong + skips))
		if [ "$wrong" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$oks" -eq 0 ]; }; then
			wrong=1
		fi
		good=$((good + oks))
		bad=$((bad + wrong))
		if [ "$wrong" -eq 0 ]; then
			echo "ok      $folder/$name.pl, $oks assertions"
		else
			echo "FAILED  $folder/$name.pl"
			grep -n '^not ok ' "$log" | head -n 50 || :
			tail -n 60 "$log"
			tail -n 60 "$BUILD"/tmp_check/log/regress_log_* 2>/dev/null || :
		fi
	done
	count_stage "$stage" $good $bad
}

setup_tools
setup_examples
work_begin
echo "$("$PG_CONFIG" --version), built and run in $WORK"
static_stage

heading "build"
install_variant normal COPT="$WARNINGS" || give_up "the build failed"
cluster_start || give_up "the server did not start"
regress_stage regression REGRESS . "$(regress_names)"
regress_stage isolation ISOLATION . "$(names specs .spec)"
no_crash
cluster_stop
tap_stage tap t

# The fault points are in this variant only; it is never installed elsewhere.
heading "build with fault points"
install_variant faults PG_CPPFLAGS=-DTACL_FAULT_POINTS COPT="$WARNINGS" with_llvm=no ||
	give_up "the build with fault points failed"
fault_points_where_wanted
cluster_start || give_up "the server did not start"
link_faults
regress_stage faults ISOLATION fault "$(names specs/fault .spec)"
no_crash
cluster_stop
tap_stage faults-tap t/fault
finish
