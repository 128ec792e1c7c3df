# pooled: 100 sessions behind a pool, where every statement is another user's out
# of 100,000, and 50 assignments a second are committed. A transaction says who
# the user is and where, then looks up a row by its key: under tacl_protect, and
# in a table without row-level security, by a WHERE that has the tenant. A
# session's first transaction makes it remember all tenants, as after some hours;
# these seconds do not count. The same by 8 sessions, as a pooler would have them
# on few cores: the memory of so many processes does not leave the processor's
# caches between two of its transactions.
#
# A change makes sessions forget one of 64 parts of all users, that of its
# proxy. The number is a constant of the build and not more than 64: builds with
# 8 and 1 show what it does.

seconds=$(pick 8 3)
skipped=$(pick 4 3)
database pooled
load_model 100000 1000
sql >/dev/null <<'END'
CREATE TABLE plain (id bigint PRIMARY KEY, tenant_id text NOT NULL, amount numeric(12, 2));
INSERT INTO plain SELECT n, 'tenant-' || n % 1000, n % 997 FROM generate_series(0, 99999) AS n;
CREATE INDEX ON plain (tenant_id);
CREATE TABLE orders (LIKE plain INCLUDING ALL);
INSERT INTO orders SELECT * FROM plain ORDER BY id;
CREATE ROLE pooled LOGIN;
GRANT SELECT ON plain, orders TO pooled;
SELECT tacl_protect('orders', 'tenant_id', 'orders');
VACUUM ANALYZE;
END

# Measures for some seconds while somebody writes: side, the statement, sessions.
pooled_turn() {
	writer_begin 50 "$((seconds + skipped + 1))"
	rate "$case" "$1" "$seconds" $skipped -U pooled -c "${3:-100}" -j 2 -D begun=0 <<-END
		\\if :begun = 0
		SELECT count(tacl_can('nobody', 'orders.view', 'tenant-' || n)) FROM generate_series(0, 999) AS n;
		\\set begun 1
		\\endif
		\\set u random(0, 99999)
		\\set n random(0, 99)
		SELECT set_config('app.user_id', 'user-' || :u, false), set_config('app.tenant', 'tenant-' || :u * 7 % 1000, false);
		$2
	END
	writer_end
}

plain="SELECT amount FROM plain WHERE id = :u * 7 % 1000 + :n * 1000 AND tenant_id = current_setting('app.tenant', true);"
protected="SELECT amount FROM orders WHERE id = :u * 7 % 1000 + :n * 1000;"

case="100 pooled sessions"
for round in $(rounds); do
	pooled_turn "without row-level security" "$plain"
	pooled_turn "tacl_protect, 64 proxies" "$protected"
done
compare "$case" "without row-level security" "1/s"
compare "$case" "tacl_protect, 64 proxies" "1/s" "without row-level security" ">= 0.8"

case="8 pooled sessions"
for round in 1 2 3; do
	pooled_turn "without row-level security" "$plain" 8
	pooled_turn "tacl_protect, 64 proxies" "$protected" 8
done
compare "$case" "without row-level security" "1/s"
compare "$case" "tacl_protect, 64 proxies" "1/s" "without row-level security"
case="100 pooled sessions"

# Restarts the server with the library of a build for this number of proxies.
use_proxies() {
	if [ ! -e "$WORK/proxies-$1" ]; then
		copy_source "$WORK/proxies-$1"
		as_owner sed -i "s/^\\(#define TACL_USER_BUCKETS[[:space:]]*\\).*/\\1$1/" "$WORK/proxies-$1/src/tenant_acl.h"
		logged "$WORK/proxies.log" make -C "$WORK/proxies-$1" -j "$(nproc)" PG_CONFIG="$PG_CONFIG" with_llvm=no ||
			die "the build for $1 proxies failed"
	fi
	as_owner "$BINDIR/pg_ctl" -D "$CLUSTER/data" -w -m fast stop >/dev/null
	as_owner cp "$WORK/proxies-$1/tenant_acl.so" "$WORK/bench.root$("$PG_CONFIG" --pkglibdir)/"
	as_owner "$BINDIR/pg_ctl" -D "$CLUSTER/data" -w -l "$CLUSTER/server.log" start >/dev/null
}

if [ "$QUICK" -eq 0 ]; then
	for round in 1 2 3; do
		for proxies in 8 1; do
			use_proxies $proxies
			pooled_turn "tacl_protect, $proxies proxies" "$protected"
		done
	done
	use_proxies 64
	compare "$case" "tacl_protect, 8 proxies" "1/s" "without row-level security"
	compare "$case" "tacl_protect, 1 proxies" "1/s" "without row-level security"
fi
