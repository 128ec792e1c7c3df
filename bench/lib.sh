# lib.sh: what the workloads of run.sh are written with. Sourced by run.sh.
#
# A workload measures in rounds, every side once in each round, so that what
# else the machine does meets all sides. It says with compare() what is
# compared with what, and adds measurements to a file by measure(), rate() or
# note(). summary.awk makes the results of both.

. "$SOURCE/scripts/setup.sh"
. "$SOURCE/scripts/cluster.sh"

# The first argument in a full run, the second in a quick one.
pick() {
	if [ "$QUICK" -eq 0 ]; then echo "$1"; else echo "$2"; fi
}

# The numbers of the rounds: 7, or 3 in a quick run; so many times as many.
rounds() {
	seq $(($(pick 7 3) * ${1:-1}))
}

# Installs what only benchmarks need: program and Debian package.
need_tool() {
	command -v "$1" >/dev/null || install_packages "$2"
}

# psql that prints rows as lines, with tabs between the columns.
sql() {
	as_owner "$BINDIR/psql" -X -q -A -t -F '	' -v ON_ERROR_STOP=1 "$@"
}

# Builds the extension and starts a cluster whose databases all begin with it.
bench_begin() {
	setup_tools
	need_tool gnuplot gnuplot-nox
	work_begin
	: >"$WORK/measured"
	: >"$WORK/compared"
	install_variant bench || die "the build failed"
	cluster_start "jit = off
max_connections = 150
shared_buffers = 2GB
maintenance_work_mem = 256MB
max_parallel_workers_per_gather = 0
autovacuum = off
checkpoint_timeout = 1h
max_wal_size = 20GB
plan_cache_mode = force_generic_plan
session_preload_libraries = 'tenant_acl'
tacl.user_setting = 'app.user_id'" || die "the server did not start"
	sql -d template1 <"$SOURCE/bench/helpers.sql" >/dev/null
}

# Makes the database that everything after this uses, from a template.
database() {
	sql -d postgres -c "DROP DATABASE IF EXISTS $1" -c "CREATE DATABASE $1 TEMPLATE ${2:-template1}" 2>/dev/null
	export PGDATABASE="$1"
}

# Adds lines "case, side, value" to what the workload has measured.
measure() {
	sed "s/^/$WORKLOAD	/" >>"$WORK/measured"
}

# Adds one measurement: case, side, value.
note() {
	printf '%s\t%s\t%s\n' "$@" | measure
}

# Prints the statement that measures another one: case, side, number of what it
# does, the statement. The value is microseconds for each of that number.
us() {
	echo "SELECT '$1', '$2', bench_us(\$bench\$$4\$bench\$, $3);"
}

# States a line of the results: case, side, unit, and, as far as there are such,
# the side that it is compared with and the goal ("<= 1.5", ">= 0.95", "= 1").
# The goal is for the ratio to that side; without one ("-"), for the median.
compare() {
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$WORKLOAD" "$1" "$2" "$3" "${4:--}" "${5:--}" >>"$WORK/compared"
}

# Runs pgbench with a script (standard input) and adds the rate of the last
# seconds: case, side, these seconds, seconds before that do not count, arguments.
rate() {
	rate_case=$1
	rate_side=$2
	counted=$3
	skipped=$4
	shift 4
	cat >"$WORK/rate.sql"
	as_owner "$BINDIR/pgbench" -n -M prepared -P 1 -T $((counted + skipped)) -f "$WORK/rate.sql" "$@" >"$WORK/rate.log" 2>&1 ||
		die "pgbench failed: $(grep -i error "$WORK/rate.log")"
	note "$rate_case" "$rate_side" "$(awk -v skipped="$skipped" '$1 == "progress:" && $2 > skipped + 0.5 { sum += $4; n++ }
		END { print sum / n }' "$WORK/rate.log")"
}

# Starts to assign roles to users of its own: assignments per second, seconds.
# writer_end waits until it is done.
writer_begin() {
	cat >"$WORK/writer.sql" <<-'END'
		\set user random(1, 1000000000000000)
		\set tenant random(0, 99)
		SELECT tacl_assign('writer-' || :user, 'member', 'tenant-' || :tenant);
	END
	as_owner "$BINDIR/pgbench" -n -M prepared -R "$1" -T "$2" -f "$WORK/writer.sql" >"$WORK/writer.log" 2>&1 &
	WRITER=$!
}

writer_end() {
	wait "$WRITER" || die "the writer failed: $(grep -i error "$WORK/writer.log")"
}

# A command for psql that makes all sessions forget users, but not tenants and
# roles, as assignments to many of them would.
forget_users() {
	echo "\\! '$BINDIR/psql' -X -q -c 'UPDATE tacl.user_group SET description = description'"
}

# Loads tenants, users with 5 of them each, and roles into the database:
# numbers of users and tenants. Faster than by functions: only the triggers
# that tell the sessions fire.
load_model() {
	sql -v users="$1" -v tenants="$2" <"$SOURCE/bench/model.sql" >/dev/null
}

# Makes the database of 10,000 users and 1,000 tenants that most workloads use.
model_database() {
	if [ ! -e "$WORK/model" ]; then
		database model
		load_model 10000 1000
		: >"$WORK/model"
	fi
	database "$1" model
}

# Builds and installs the functions to compare with, and makes them known.
load_noop() {
	if [ ! -e "$WORK/noop" ]; then
		as_owner mkdir "$WORK/noop"
		(cd "$SOURCE/bench/noop" && tar -cf - Makefile bench_noop.c) | as_owner tar -xof - -C "$WORK/noop"
		logged "$WORK/noop.log" make -C "$WORK/noop" install PG_CONFIG="$PG_CONFIG" \
			DESTDIR="$WORK/bench.root" with_llvm=no || die "the build of bench/noop failed"
	fi
	sql <<-'END'
		CREATE FUNCTION noop(text, text, text) RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE AS 'bench_noop';
		CREATE FUNCTION hash_put(text, text, text, boolean) RETURNS boolean LANGUAGE C AS 'bench_noop';
		CREATE FUNCTION hash_get(text, text, text) RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE AS 'bench_noop';
	END
}
