# instructions: how many instructions a check takes, scan and executor included:
# the same figures on a busy machine. Not run unless asked for (--instructions).
#
# A server in single-user mode runs a preamble, the same with a statement, and the
# same with that statement twice; the differences are what the statement took the
# first time and again. They are counted by perf where the machine lets it, else
# by callgrind, which takes minutes. See check_row, check_tenant and cold for what is
# asked.

rows=$(pick 100000 20000)
model_database instructions
load_noop
sql -v rows="$rows" <"$SOURCE/bench/questions.sql" >/dev/null
sql <<'END'
CREATE UNLOGGED TABLE newcomer AS
SELECT 'user-' || u AS u, 'orders.view'::text AS p, 'tenant-' || u * 7 % 1000 AS t FROM generate_series(0, 9999) AS u;
VACUUM ANALYZE newcomer;
END
as_owner "$BINDIR/pg_ctl" -D "$CLUSTER/data" -w -m fast stop >/dev/null
if as_owner perf stat -x , -e instructions:u true 2>&1 | grep -q '^[0-9][0-9]*,'; then
	COUNTER=perf
else
	need_tool valgrind valgrind
	COUNTER=callgrind
fi

# Prints the number of instructions that a server takes for statements (standard
# input, a line each).
instructions() {
	server="$BINDIR/postgres --single -D $CLUSTER/data -c autovacuum=off instructions"
	# shellcheck disable=SC2086
	case $COUNTER in
		perf)
			as_owner perf stat -x , -e instructions:u -o "$WORK/count" $server >/dev/null 2>"$WORK/single.log"
			sed -n 's/^\([0-9]*\),.*/\1/p' "$WORK/count"
			;;
		callgrind)
			as_owner valgrind -q --tool=callgrind --callgrind-out-file="$WORK/count" $server >/dev/null 2>"$WORK/single.log"
			sed -n 's/^summary: \([0-9]*\).*/\1/p' "$WORK/count"
			;;
	esac
}

# Measures a statement: case, sides for its first and its second run ("-" for
# none), number of what it does, preamble, statement.
count_instructions() {
	none=$(echo "$5" | instructions)
	once=$(printf '%s\n%s\n' "$5" "$6" | instructions)
	twice=$(printf '%s\n%s\n%s\n' "$5" "$6" "$6" | instructions)
	first=$(((once - none) / $4))
	again=$(((twice - once) / $4))
	[ "$2" = - ] || note "$1" "$2" "$((first - again))"
	[ "$3" = - ] || note "$1" "$3" "$again"
}

case="all vary"
count_instructions "$case" - "C no-op" "$rows" "SELECT noop('a', 'b', 'c')" \
	"SELECT count(noop(u, p, t)) FROM question"
count_instructions "$case" - "tacl_can" "$rows" "SELECT count(tacl_can(u, p, t)) FROM question" \
	"SELECT count(tacl_can(u, p, t)) FROM question"
count_instructions "$case" - "C hash table" "$rows" "SELECT count(hash_put(u, p, t, tacl_can(u, p, t))) FROM question" \
	"SELECT count(hash_get(u, p, t)) FROM question"
compare "$case" "C no-op" instructions
compare "$case" "tacl_can" instructions "C no-op"
compare "$case" "C hash table" instructions "C no-op"

case="the tenant varies"
count_instructions "$case" - "C no-op" "$rows" "SELECT noop('a', 'b', 'c')" \
	"SELECT count(noop('user-1', 'orders.view', t)) FROM question"
count_instructions "$case" - "tacl_can" "$rows" "SELECT count(tacl_can('user-1', 'orders.view', t)) FROM question" \
	"SELECT count(tacl_can('user-1', 'orders.view', t)) FROM question"
compare "$case" "C no-op" instructions
compare "$case" "tacl_can" instructions "C no-op"

case="first check of a user"
count_instructions "$case" "above a warm one" "warm" 10000 \
	"SELECT count(tacl_can('nobody', 'orders.view', 'tenant-' || n)) FROM generate_series(0, 999) AS n" \
	"SELECT count(*) FROM newcomer WHERE tacl_can(u, p, t)"
compare "$case" "warm" instructions
compare "$case" "above a warm one" instructions

as_owner "$BINDIR/pg_ctl" -D "$CLUSTER/data" -w -l "$CLUSTER/server.log" start >/dev/null
