# plans: does a policy leave the plan as it is without row-level security but for
# the tenant condition? The active tenant prunes partitions, all tenants of the
# user visit all; three protected tables are joined; ORDER BY ... LIMIT; a
# parallel scan of 10,000,000 rows. The statement without policies runs as a
# database role with BYPASSRLS and has the conditions in its WHERE. "plan" is 1
# if both plans have the same nodes, relations, indexes, pruning and workers. The
# conditions compare with the setting, so that pruning is left to execution, but that
# of the parallel scan, which evaluates it for each row.

large=$(pick 10000000 1000000)
model_database plans
sql -v large="$large" <"$SOURCE/bench/plans.sql" >/dev/null

active="current_setting('app.tenant', true)"
mine="ANY ('{tenant-7,tenant-20,tenant-33,tenant-46,tenant-59}')"

# Emits a case: name, role, workers, times in a turn, goals for plan and time,
# statement with and without the conditions.
plan_case() {
	compare "$1" "explicit WHERE" us
	compare "$1" "tacl_protect" us "explicit WHERE" "$6"
	[ "$5" = - ] || compare "$1" "plan" "" - "$5"
	cat <<-END
		SET max_parallel_workers_per_gather = $3;
		SET ROLE free;
		SELECT plan_of(\$s\$$7\$s\$) AS wanted \\gset
		SET ROLE $2;
		SELECT plan_of(\$s\$$8\$s\$) AS plan \\gset
		SELECT '$1', 'plan', (:'wanted' = :'plan')::int;
	END
	for round in $(rounds); do
		cat <<-END
			SET ROLE free;
			SELECT '$1', 'explicit WHERE', bench_us(\$s\$DO \$d\$ BEGIN FOR i IN 1 .. $4 LOOP PERFORM * FROM ($7) AS s; END LOOP; END \$d\$\$s\$, $4);
			SET ROLE $2;
			SELECT '$1', 'tacl_protect', bench_us(\$s\$DO \$d\$ BEGIN FOR i IN 1 .. $4 LOOP PERFORM * FROM ($8) AS s; END LOOP; END \$d\$\$s\$, $4);
		END
	done
}

{
	echo "SET app.user_id = 'user-1'; SET app.tenant = 'tenant-7';"
	plan_case "partitions, active tenant" active 0 50 "= 1" - \
		"SELECT sum(amount) FROM event WHERE tenant_id = $active" "SELECT sum(amount) FROM event"
	plan_case "partitions, all tenants of the user" all_mine 0 50 - - \
		"SELECT sum(amount) FROM event WHERE tenant_id = $mine" "SELECT sum(amount) FROM event"
	plan_case "join of three tables" active 0 20 "= 1" - \
		"SELECT sum(price) FROM item AS i JOIN orders AS o ON o.id = order_id JOIN customer AS c ON c.id = customer_id
		WHERE i.tenant_id = $active AND o.tenant_id = $active AND c.tenant_id = $active" \
		"SELECT sum(price) FROM item AS i JOIN orders AS o ON o.id = order_id JOIN customer AS c ON c.id = customer_id"
	plan_case "ORDER BY ... LIMIT 20" active 0 200 "= 1" - \
		"SELECT id, at FROM orders WHERE tenant_id = $active ORDER BY at DESC LIMIT 20" \
		"SELECT id, at FROM orders ORDER BY at DESC LIMIT 20"
	plan_case "ORDER BY ... LIMIT 20, all tenants" all_mine 0 50 - - \
		"SELECT id, at FROM orders WHERE tenant_id = $mine ORDER BY at DESC LIMIT 20" \
		"SELECT id, at FROM orders ORDER BY at DESC LIMIT 20"
	plan_case "parallel scan of $large rows" active 2 1 "= 1" - \
		"SELECT sum(amount) FROM large WHERE tenant_id = 'tenant-7'" "SELECT sum(amount) FROM large"
} >"$WORK/plans.sql"
sql <"$WORK/plans.sql" | measure
