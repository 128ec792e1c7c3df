#!/bin/sh
# check_cost.sh: what one tacl_can() costs, warm and cold.
#
# Warm: count(*) over 1,000,000 rows whose user, permission and tenant vary,
# filtered by tacl_can(u, p, t), against starts_with(u, p), a built-in function
# of two texts, on the same rows. Nothing is subtracted: both medians contain
# the scan. Cold: one statement that asks about 10,000 users once each, right
# after tacl_flush(). Medians of 5; warm runs alternate.
set -eu

. "$(dirname "$0")/../scripts/setup.sh"
. "$(dirname "$0")/../scripts/cluster.sh"

RUNS=5

sql() {
	as_owner "$BINDIR/psql" -X -q -A -t -v ON_ERROR_STOP=1 "$@"
}

# The median of numbers, one a line.
median() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
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

CREATE FUNCTION bench_ms(statement text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    began timestamptz := clock_timestamp();
BEGIN
    EXECUTE statement;
    RETURN round(extract(epoch FROM clock_timestamp() - began) * 1000, 3);
END $$;

-- 50 tenants, 20 permissions, 5 roles, 1,000 users with 2 or 3 assignments
SELECT count(tacl_create_tenant('tenant-' || n)) FROM generate_series(1, 50) AS n \g /dev/null
CREATE TABLE permission AS
SELECT 4 * area + verb AS n, 'area' || area || '.' || (ARRAY['view', 'create', 'update', 'delete'])[verb + 1] AS name
FROM generate_series(0, 4) AS area, generate_series(0, 3) AS verb;
SELECT tacl_define_role('admin', '{*}'),
       tacl_define_role('manager', '{area0.*, area1.*, area2.*, !area2.delete}'),
       tacl_define_role('member', '{area0.*, area1.view, area2.view, area3.view}'),
       tacl_define_role('clerk', '{area3.*, area4.view, area4.create}'),
       tacl_define_role('viewer', '{*.view}') \g /dev/null
SELECT count(tacl_assign('user-' || u, (ARRAY['admin', 'manager', 'member', 'clerk', 'viewer'])[1 + (u + k) % 5],
                         'tenant-' || 1 + (u * 7 + k * 13) % 50))
FROM generate_series(1, 1000) AS u, generate_series(0, 2) AS k
WHERE k < 2 OR u % 2 = 0 \g /dev/null

-- Half of the rows ask about a tenant where the user has something
SELECT setseed(0.5) \g /dev/null
CREATE UNLOGGED TABLE question AS
SELECT 'user-' || u AS u, 'area' || a || '.' || (ARRAY['view', 'create', 'update', 'delete'])[v] AS p,
       'tenant-' || CASE WHEN own THEN 1 + (u * 7 + k * 13) % 50 ELSE 1 + t END AS t
FROM (SELECT 1 + floor(random() * 1000)::integer AS u, floor(random() * 5)::integer AS a,
             1 + floor(random() * 4)::integer AS v, floor(random() * 2)::integer AS k,
             floor(random() * 50)::integer AS t, random() < 0.5 AS own
      FROM generate_series(1, 1000000)) AS drawn;

-- 10,000 more users for the cold cost
SELECT count(tacl_assign('cold-' || u, (ARRAY['admin', 'manager', 'member', 'clerk', 'viewer'])[1 + (u + k) % 5],
                         'tenant-' || 1 + (u * 7 + k * 13) % 50))
FROM generate_series(1, 10000) AS u, generate_series(0, 2) AS k
WHERE k < 2 OR u % 2 = 0 \g /dev/null
CREATE UNLOGGED TABLE newcomer AS
SELECT 'cold-' || u AS u, 'area0.view'::text AS p, 'tenant-' || 1 + (u * 7) % 50 AS t
FROM generate_series(1, 10000) AS u;
END
sql -c 'VACUUM ANALYZE'

echo "$("$PG_CONFIG" --version), $(nproc) cores, medians of $RUNS runs"
sql -c "SELECT 'rows: ' || count(*) || ', distinct (u, p, t): ' || count(DISTINCT (u, p, t))
	|| ', allowed: ' || round(100.0 * count(*) FILTER (WHERE tacl_can(u, p, t)) / count(*)) || ' %' FROM question"

# All warm runs are one session's: its cache stays.
check='SELECT count(*) FROM question WHERE tacl_can(u, p, t)'
text='SELECT count(*) FROM question WHERE starts_with(u, p)'
{
	echo "SELECT 'first', bench_ms('$check'), bench_ms('$text');"
	for run in $(seq $RUNS); do
		echo "SELECT 'check', bench_ms('$check');"
		echo "SELECT 'text', bench_ms('$text');"
	done
	echo "SELECT 'stats', * FROM tacl_stats();"
} | sql -F ' ' >"$WORK/warm"
check_ms=$(sed -n 's/^check //p' "$WORK/warm" | median)
text_ms=$(sed -n 's/^text //p' "$WORK/warm" | median)
echo "warm, 1,000,000 rows: tacl_can $check_ms ms, starts_with $text_ms ms, ratio $(
	awk "BEGIN { printf \"%.2f\", $check_ms / $text_ms }")"
echo "  cache (hits misses builds retries flushes entries bytes): $(sed -n 's/^stats //p' "$WORK/warm")"

# The statement after tacl_flush() finds an empty cache.
{
	for run in $(seq $RUNS); do
		echo "SELECT 'flush', tacl_flush();"
		echo "SELECT 'before', builds FROM tacl_stats();"
		echo "SELECT 'cold', bench_ms('SELECT count(*) FROM newcomer WHERE tacl_can(u, p, t)');"
		echo "SELECT 'again', bench_ms('SELECT count(*) FROM newcomer WHERE tacl_can(u, p, t)');"
		echo "SELECT 'after', builds FROM tacl_stats();"
	done
} | sql -F ' ' >"$WORK/cold"
cold_ms=$(sed -n 's/^cold //p' "$WORK/cold" | median)
again_ms=$(sed -n 's/^again //p' "$WORK/cold" | median)
echo "cold, 10,000 users: $(awk "BEGIN { printf \"%.2f\", $cold_ms / 10 }") us a call," \
	"the same again $(awk "BEGIN { printf \"%.2f\", $again_ms / 10 }") us"
echo "  builds before and after each run: $(sed -n 's/^before //p; s/^after //p' "$WORK/cold" | tr '\n' ' ')"
