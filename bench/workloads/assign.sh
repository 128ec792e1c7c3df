# assign: tacl_assign() one by one in a prepared statement, against INSERTs into
# a table with the same columns, checks, keys and indexes, and an audit in
# PL/pgSQL. By a loop in the server, where nothing else costs time, and by pgbench.
# All of this is rolled back, and nobody is assigned twice: what is left would be in
# the way.
#
# Then many at once: does each of 100,000 cost what each of 10,000 costs, and do
# other sessions keep what they have cached? A session with 1,000 tenants in its
# cache looks on while 100,000 users are assigned in one statement, and in
# 100,000 transactions. They make it forget users, as they must; if it forgot
# its tenants, its cache was reset, as PostgreSQL does with sessions that could not
# follow the messages.

many=$(pick 100000 10000)
few=$((many / 10))
model_database assign
sql <"$SOURCE/bench/assign.sql" >/dev/null

case="one by one, in a loop"
for round in $(rounds); do
	cat <<-END
		BEGIN;
		SELECT '$case', 'INSERT', insert_calls($((round * 10000)), 2000);
		ROLLBACK;
		BEGIN;
		SELECT '$case', 'tacl_assign', assign_calls($((round * 10000)), 2000);
		ROLLBACK;
	END
done | sql | measure
compare "$case" "INSERT" us
compare "$case" "tacl_assign" us "INSERT" "<= 1.67"

case="one by one, by pgbench"
for round in $(rounds); do
	rate "$case" "INSERT" "$(pick 3 1)" 1 -c 1 -D r="$(sql -c "SELECT id FROM tacl.role WHERE name = 'member'")" <<-'END'
		\set n random(1, 1000000000000000)
		\set t random(0, 999)
		INSERT INTO plain_assignment (user_id, tenant, role_id) VALUES ('p-' || :n, 'tenant-' || :t, :r);
	END
	rate "$case" "tacl_assign" "$(pick 3 1)" 1 -c 1 <<-'END'
		\set n random(1, 1000000000000000)
		\set t random(0, 999)
		SELECT tacl_assign('p-' || :n, 'member', 'tenant-' || :t);
	END
done
compare "$case" "INSERT" "1/s"
compare "$case" "tacl_assign" "1/s" "INSERT" ">= 0.6"

# Prints statements that fill a session's cache with tenants, do something in
# another session, and tell whether the first one still has its tenants.
watch_resets() {
	cat <<-END
		SELECT count(tacl_can('user-0', 'orders.view', 'tenant-' || n)) FROM generate_series(0, 999) AS n \\g /dev/null
		SELECT bytes AS before FROM tacl_stats() \\gset
		\\! $2
		SELECT tacl_can('user-0', 'orders.view', 'tenant-0') \\g /dev/null
		SELECT '$case', '$1', (bytes < 0.9 * :before)::int FROM tacl_stats();
	END
}

case="$many at once"
cat >"$WORK/many.sql" <<-'END'
	SELECT tacl_assign('m-' || :client_id || '-' || nextval('many'), 'member', 'tenant-7');
END
sql -c "CREATE SEQUENCE many"
one_statement="'$BINDIR/psql' -X -q -c \"SELECT count(tacl_assign('s-' || n, 'member', 'tenant-7')) FROM generate_series(1, $many) AS n\" >'$WORK/many.log'"
many_calls="'$BINDIR/pgbench' -n -M prepared -c 1 -t $many -f '$WORK/many.sql' >'$WORK/many.log' 2>&1"
{
	first=1000000
	for round in $(rounds); do
		for calls in $few $many; do
			cat <<-END
				BEGIN;
				SELECT 'one statement', '$calls', bench_us('SELECT count(tacl_assign(''new-'' || n, ''member'', ''tenant-'' || n % 1000))
					FROM generate_series($first, $first + $calls - 1) AS n', $calls);
				ROLLBACK;
				BEGIN;
				SELECT 'a transaction of calls', '$calls', assign_calls($first + $calls, $calls);
				ROLLBACK;
			END
			first=$((first + 2 * calls))
		done
	done
	watch_resets "caches reset by one statement" "$one_statement"
	watch_resets "caches reset by $many transactions" "$many_calls"
} | sql | measure
for side in "one statement" "a transaction of calls"; do
	compare "$side" "$few" us
	compare "$side" "$many" us "$few" "<= 1.2"
done
compare "$case" "caches reset by one statement" "" - "= 0"
compare "$case" "caches reset by $many transactions" "" - "= 0"
