#!/bin/sh
# sqlsmith.sh [seconds [seed]]: random queries against protected tables, ten
# minutes long unless another time is given.
#
# SQLsmith runs in a throw-away cluster as an ordinary database role with the token
# of a user who may view and change rows of some tenants: three at a time, one as
# it is, one without sequential scans and one with parallel plans, while another
# session changes what the user may. The first one queries the system catalogs,
# too. t/sqlsmith/world.sql has the tables, and tripwires that log when a function
# gets a value of a row that the user must not see, or a trigger a row that they
# must not change. First they must trip where row-level security is off.
#
# Ends with an error if a wire was tripped, a foreign row changed, a server
# process crashed, or the extension raised an internal error.
set -eu

. "$(dirname "$0")/setup.sh"
. "$(dirname "$0")/cluster.sh"

# How the log begins each line: with the SQLSTATE; and what it has of an error:
# where in the source it was raised.
SETTINGS="log_line_prefix = '%e '
log_error_verbosity = verbose
log_min_error_statement = log
session_preload_libraries = tenant_acl
autovacuum_naptime = 1s"

# psql as the superuser.
ask() {
	as_owner "$BINDIR/psql" -X -q -A -t -v ON_ERROR_STOP=1 "$@"
}

# Runs one SQLsmith for some seconds. Arguments: seconds, seed, the server's
# options, SQLsmith's own. It prints a character for each statement.
smith() {
	as_owner timeout "$1" env PGUSER=smith PGOPTIONS="$3" sqlsmith --target= --verbose \
		--seed="$2" ${4:-} >"$WORK/smith.$2.log" 2>&1 || [ $? -eq 124 ]
}

# The number of statements with one of these outcomes, by their characters.
statements() {
	cat "$WORK"/smith.*.log | grep -E '^[.etSC]+$' | tr -cd "$1" | wc -c
}

# Turns the row-level security of the tables on or off. Argument: what to do.
security() {
	ask -c "SELECT format('ALTER TABLE %I $1 ROW LEVEL SECURITY;', relation) FROM world.kind" |
		ask -f -
}

# The lines of the server's log since the control run.
log_since() {
	tail -n "+$((control_lines + 1))" "$CLUSTER/server.log"
}

# Have tripwires tripped, both of values and of changes?
have_tripped() {
	grep -q 'TRIPWIRE: the value' "$CLUSTER/server.log" &&
		grep -q 'TRIPWIRE: [UD]' "$CLUSTER/server.log"
}

# Ensures that the tripwires trip where there is no protection.
control_run() {
	security DISABLE
	for round in 1 2 3 4 5 6 7 8; do
		smith 15 "$((seed + round))" '' --exclude-catalog
		! have_tripped || break
	done
	have_tripped || die "control run: not all tripwires trip"
	security ENABLE
	rm -f "$WORK"/smith.*.log
	control_lines=$(wc -l <"$CLUSTER/server.log")
	echo "control run: $(grep -c TRIPWIRE "$CLUSTER/server.log") tripwires tripped in $((round * 15)) s"
}

# Internal errors that were raised in a file of the extension's.
internal_errors() {
	log_since | grep -A 3 -E '^XX[0-9]{3} ' | grep -E "LOCATION: .*, ($1):[0-9]+" || :
}

seconds=${1:-600}
seed=${2:-$(date +%s)}
setup_tools
command -v sqlsmith >/dev/null || install_packages sqlsmith
work_begin
install_variant smith || die "the build failed"
cluster_start "$SETTINGS" || die "the server did not start"
ask -f "$SOURCE/t/sqlsmith/world.sql"
control_run
before=$(ask -c 'SELECT world.foreign_rows()')

parallel=force_parallel_mode
ask -c "SHOW $parallel" >/dev/null 2>&1 || parallel=debug_parallel_query
echo "seed $seed, $seconds s"
timeout "$seconds" "$BINDIR/psql" -X -q -f "$SOURCE/t/sqlsmith/disturb.sql" >/dev/null 2>&1 &
smith "$seconds" "$seed" '' &
smith "$seconds" "$((seed + 1))" '-c enable_seqscan=off' --exclude-catalog &
smith "$seconds" "$((seed + 2))" "-c $parallel=on -c parallel_setup_cost=0 -c parallel_tuple_cost=0 -c min_parallel_table_scan_size=0 -c app.tenant=own-3" \
	--exclude-catalog &
wait

bad=0
if log_since | grep -E 'PANIC|was terminated by signal|TRAP:'; then
	echo "a server process crashed"
	bad=1
fi
if log_since | grep -A 6 TRIPWIRE; then
	echo "a tripwire was tripped"
	bad=1
fi
if [ "$(ask -c 'SELECT world.foreign_rows()')" != "$before" ]; then
	echo "foreign rows are not what they were"
	bad=1
fi
internal=$(internal_errors "$(cd "$SOURCE/src" && echo *.c | tr ' ' '|')")
if [ -n "$internal" ]; then
	echo "$internal"
	echo "internal errors of the extension"
	bad=1
fi
echo "$(statements .etSC) statements, $(statements .) without an error; nothing foreign: $([ $bad -eq 0 ] && echo yes || echo no)"
[ "$(statements .)" -gt 0 ] || die "SQLsmith ran nothing: $(tail -n 5 "$WORK"/smith.*.log)"
exit $bad
