#!/bin/sh
# audit.sh: what the audit costs.
#
# tacl_assign() one by one, and 100,000 assignments in one statement, with the
# trigger that records them and without. Everything is rolled back. Medians of
# 5, alternating; also the server's own CPU time, which other load of the
# machine does not change, and the room that a record takes.
set -eu

. "$(dirname "$0")/../scripts/setup.sh"
. "$(dirname "$0")/../scripts/cluster.sh"

RUNS=5
CALLS=5000
ROWS=100000

sql() {
	as_owner "$BINDIR/psql" -X -q -A -t -v ON_ERROR_STOP=1 "$@"
}

# The median of numbers, one a line.
median() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# Prints what a statement cost: "seconds elapsed" and "seconds of CPU". The
# statement is run in a transaction of its own, which is rolled back.
cost() {
	sql <<-END 2>&1 | awk '/elapsed/ { cpu = $2 + $5; print $8, cpu }'
		BEGIN;
		ALTER TABLE tacl.assignment $1 TRIGGER audit_row;
		SELECT tacl_assign('warm', 'member', 'tenant-1') \g /dev/null
		SET LOCAL client_min_messages = log;
		SET LOCAL log_executor_stats = on;
		$2;
		SET LOCAL log_executor_stats = off;
		ROLLBACK;
	END
}

# Measures a statement both ways; $2 is the number of records that it makes.
compare() {
	: >"$WORK/DISABLE"
	: >"$WORK/ENABLE"
	for run in $(seq $RUNS); do
		for how in DISABLE ENABLE; do
			cost $how "$3" | tail -n 1 >>"$WORK/$how"
		done
	done
	for column in 1 2; do
		without=$(cut -d ' ' -f $column "$WORK/DISABLE" | median)
		with=$(cut -d ' ' -f $column "$WORK/ENABLE" | median)
		awk "BEGIN { printf \"%s, %s: %.1f us each, without audit %.1f us, ratio %.2f\n\", \"$1\",
			$column == 1 ? \"elapsed\" : \"CPU\", $with * 1e6 / $2, $without * 1e6 / $2, $with / $without }"
	done
}

setup_tools
work_begin
install_variant bench || die "the build failed"
cluster_start "jit = off
shared_buffers = 512MB
autovacuum = off" || die "the server did not start"

sql <<'END'
CREATE EXTENSION tenant_acl;
SELECT tacl_define_role('member', '{orders.*, members.view}') \g /dev/null
SELECT count(tacl_create_tenant('tenant-' || n)) FROM generate_series(1, 100) AS n \g /dev/null
END

echo "$("$PG_CONFIG" --version), $(nproc) cores, medians of $RUNS runs"
compare "tacl_assign()" $CALLS \
	"SELECT count(tacl_assign('user-' || n, 'member', 'tenant-' || 1 + n % 100)) FROM generate_series(1, $CALLS) AS n"
compare "$ROWS in one statement" $ROWS \
	"INSERT INTO tacl.assignment (user_id, tenant, role_id) SELECT 'user-' || n, 'tenant-' || 1 + n % 100, r.id FROM generate_series(1, $ROWS) AS n, tacl.role AS r"

sql <<END
TRUNCATE tacl.audit;
INSERT INTO tacl.assignment (user_id, tenant, role_id)
SELECT 'user-' || n, 'tenant-' || 1 + n % 100, r.id FROM generate_series(1, $ROWS) AS n, tacl.role AS r;
SELECT 'bytes of a record: ' || pg_relation_size('tacl.audit') / count(*) || ' and ' || pg_indexes_size('tacl.audit') / count(*) || ' in indexes'
FROM tacl.audit;
END

# A question about the past, among these records
{
	echo "VACUUM ANALYZE tacl.audit;"
	for run in $(seq $RUNS); do
		cat <<-'END'
			SELECT tacl_grant('user-7', 'orders.view', 'tenant-8'), tacl_revoke('user-7', 'orders.view', 'tenant-8') \g /dev/null
			\timing on
			SELECT count(*) FROM tacl_history('user-7', 'orders.view', 'tenant-8', now()) \g /dev/null
			SELECT count(*) FROM tacl_audit('tenant-8', now() - interval '1 hour') \g /dev/null
			\timing off
		END
	done
} | sql | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' >"$WORK/times"
echo "tacl_history(): $(sed -n 1p "$WORK/times") ms the first time, then $(sed -n '3~2p' "$WORK/times" | median) ms"
echo "tacl_audit() of about 1,000 records: $(sed -n '2~2p' "$WORK/times" | median) ms"
