#!/bin/sh
# lists.sh: what lists and explanations cost, by the size of what they list.
#
# Users with 1, 10 and 10,000 tenants; a tenant with 100,000 users, 3 of them
# admins; staff at the root of 111,000 tenants; a tenant 10 levels down, whose
# users were assigned at the top. Medians of 5, in ms, counting the rows in the
# server; all in one session, so that tenants and roles are in its cache.
set -eu

. "$(dirname "$0")/../scripts/setup.sh"
. "$(dirname "$0")/../scripts/cluster.sh"

RUNS=5

sql() {
	as_owner "$BINDIR/psql" -X -q -A -t -v ON_ERROR_STOP=1 "$@"
}

setup_tools
work_begin
install_variant bench || die "the build failed"
cluster_start "jit = off
max_parallel_workers_per_gather = 0
shared_buffers = 512MB
autovacuum = off" || die "the server did not start"

sql <<'END'
CREATE EXTENSION tenant_acl;
SELECT tacl_define_role('admin', '{*}'), tacl_define_role('member', '{orders.*, members.view}') \g /dev/null

-- 111,001 tenants: 100,000 small ones, 11,000 of one user, one chain of 10
INSERT INTO tacl.tenant (id, parent) SELECT 't-' || n, '*' FROM generate_series(1, 100000) AS n;
INSERT INTO tacl.tenant (id, parent) SELECT 'own-' || n, '*' FROM generate_series(1, 10990) AS n;
INSERT INTO tacl.tenant (id, parent)
SELECT 'level-' || n, CASE n WHEN 1 THEN '*' ELSE 'level-' || n - 1 END FROM generate_series(1, 10) AS n;
INSERT INTO tacl.tenant (id, parent) VALUES ('large', '*');

INSERT INTO tacl.assignment (user_id, tenant, role_id)
SELECT u, t, (SELECT id FROM tacl.role WHERE name = r)
FROM (SELECT 'one' AS u, 't-1' AS t, 'member' AS r
      UNION ALL SELECT 'ten', 't-' || n, 'member' FROM generate_series(1, 10) AS n
      UNION ALL SELECT 'many', 'own-' || n, 'member' FROM generate_series(1, 10000) AS n
      UNION ALL SELECT 'staff', '*', 'admin'
      UNION ALL SELECT 'user-' || n, x.t, CASE WHEN n <= 3 THEN 'admin' ELSE 'member' END
                FROM generate_series(1, 100000) AS n, (VALUES ('large'), ('level-1')) AS x (t)) AS a;
VACUUM ANALYZE;
END

# One session measures everything.
{
	cat <<-'END'
		CREATE FUNCTION pg_temp.ms(list text, OUT ms numeric, OUT rows bigint) LANGUAGE plpgsql AS $$
		DECLARE
		    began timestamptz := clock_timestamp();
		BEGIN
		    EXECUTE 'SELECT count(*) FROM ' || list INTO rows;
		    ms := extract(epoch FROM clock_timestamp() - began) * 1000;
		END $$;
		CREATE TEMP TABLE measured (n int, list text, ms numeric, rows bigint);
		CREATE TEMP TABLE list AS SELECT * FROM (VALUES
	END
	n=0
	for list in "tacl_tenants('one')" "tacl_tenants('ten')" "tacl_tenants('many')" "tacl_tenants('staff')" \
		"tacl_tenants('one', 'orders.view')" "tacl_tenants('ten', 'orders.view')" \
		"tacl_tenants('many', 'orders.view')" "tacl_tenants('staff', 'orders.view')" \
		"tacl_memberships('one')" "tacl_memberships('ten')" "tacl_memberships('many')" \
		"tacl_users('tenants.close', 'large')" "tacl_users('orders.view', 'large')" \
		"tacl_users('tenants.close', 'level-10')" "tacl_users('orders.view', 'level-10')" \
		"tacl_members('large')" "tacl_members('level-10')" \
		"tacl_roles('many', 'own-5')" "tacl_permissions('many', 'own-5')" \
		"tacl_explain('one', 'orders.delete', 't-1')" "tacl_explain('many', 'orders.delete', 'own-5')" \
		"tacl_explain('user-7', 'orders.delete', 'level-10')"; do
		[ $n -eq 0 ] || echo ","
		n=$((n + 1))
		printf "(%d, '%s')" $n "$(printf '%s' "$list" | sed "s/'/''/g")"
	done
	echo ") AS v (n, list);"
	for run in $(seq 0 $RUNS); do
		echo "INSERT INTO measured SELECT $run, l.list, m.ms, m.rows FROM list AS l, LATERAL pg_temp.ms(l.list) AS m;"
	done
	cat <<-END
		\\pset format aligned
		\\pset tuples_only off
		SELECT list, max(rows) AS rows, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric, 3) AS ms
		FROM measured JOIN list USING (list) WHERE measured.n > 0 GROUP BY list, list.n ORDER BY list.n;
	END
} | sql
