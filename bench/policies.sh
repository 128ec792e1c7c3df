#!/bin/sh
# policies.sh [TURNS [PARTS]]: what policies cost against the same by hand.
#
# 1,000,000 orders of 1,000 tenants, and 10,000 users with 5 tenants each. One
# table has no row-level security, and is asked with the tenant in the WHERE.
# Its equal is asked without, by database roles with policies of their own: as
# tacl_protect() makes them, or written by hand. The user is said by a setting,
# or by a token. Inserts are compared with a policy that only compares the
# tenant with a setting.
#
# One session measures everything. Both sides of a row take turns, TURNS (5) of
# them, each in a transaction that is rolled back. A turn is a PL/pgSQL loop
# over a statement whose plan is kept: 100 counts, 5,000 look-ups or 2,000
# inserts. A client and a network would cost more than what is measured, and
# hide it; the loop costs both sides the same, and little. On a busy machine
# many small parts of a turn are less disturbed: "policies.sh 80 20".
set -eu

. "$(dirname "$0")/../scripts/setup.sh"
. "$(dirname "$0")/../scripts/cluster.sh"

TURNS=${1:-5}
PARTS=${2:-1}

sql() {
	as_owner "$BINDIR/psql" -X -q -A -t -v ON_ERROR_STOP=1 "$@"
}

setup_tools
work_begin
install_variant bench || die "the build failed"
cluster_start "jit = off
max_parallel_workers_per_gather = 0
shared_buffers = 1GB
autovacuum = off
plan_cache_mode = force_generic_plan
session_preload_libraries = 'tenant_acl'
tacl.user_setting = 'app.user_id'" || die "the server did not start"

sql -v parts="$PARTS" <<'END'
CREATE EXTENSION tenant_acl;
SELECT tacl_define_role('admin', '{*}'), tacl_define_role('member', '{orders.*, members.view}'),
       tacl_define_role('viewer', '{orders.view}') \g /dev/null
INSERT INTO tacl.tenant (id, parent) SELECT 'tenant-' || n, '*' FROM generate_series(0, 999) AS n;
INSERT INTO tacl.assignment (user_id, tenant, role_id)
SELECT 'user-' || u, 'tenant-' || (u * 7 + k * 13) % 1000,
       (SELECT id FROM tacl.role WHERE name = (ARRAY['member', 'admin', 'viewer'])[1 + (u + k) % 3])
FROM generate_series(0, 9999) AS u, generate_series(0, 4) AS k;
SELECT tacl_add_key('bench', 'HS256', 'a secret of this benchmark, 32 bytes') \g /dev/null

CREATE TABLE plain (id bigint PRIMARY KEY, tenant_id text NOT NULL, amount numeric(12, 2));
CREATE INDEX ON plain (tenant_id);
INSERT INTO plain SELECT n, 'tenant-' || n % 1000, n % 997 FROM generate_series(0, 999999) AS n;
CREATE TABLE orders (LIKE plain INCLUDING ALL);
INSERT INTO orders SELECT * FROM plain ORDER BY id;
VACUUM ANALYZE;

CREATE ROLE app;
CREATE ROLE tenant_only;
CREATE ROLE active;
CREATE ROLE all_mine;
CREATE ROLE hand_can;
CREATE ROLE hand_settings;
CREATE ROLE hand_may;
CREATE ROLE hand_mine;
GRANT SELECT, INSERT ON plain, orders
    TO app, tenant_only, active, all_mine, hand_can, hand_settings, hand_may, hand_mine;
SELECT tacl_protect('orders', 'tenant_id', 'orders', to_roles => '{active}'),
       tacl_protect('orders', 'tenant_id', 'orders', 'all_mine', to_roles => '{all_mine}') \g /dev/null
CREATE POLICY tenant_only ON orders TO tenant_only
    USING (tenant_id = current_setting('app.tenant', true));
CREATE POLICY hand_can ON orders TO hand_can
    USING (tenant_id = current_setting('app.tenant', true)
           AND tacl_can(current_setting('app.user_id', true), 'orders.view', tenant_id));
CREATE POLICY hand_settings ON orders TO hand_settings
    USING (tenant_id = current_setting('app.tenant', true)
           AND tacl_can(current_setting('app.user_id', true), 'orders.view', current_setting('app.tenant', true)));
CREATE POLICY hand_may ON orders TO hand_may
    USING (tenant_id = current_setting('app.tenant', true) AND tacl_may('orders.view', tenant_id));
CREATE POLICY hand_mine ON orders TO hand_mine
    USING (tacl_can(current_setting('app.user_id', true), 'orders.view', tenant_id));

-- Makes a function that runs the statement so often, after a few times that do
-- not count, and returns how long one took, in us. The statement can use i, a
-- number from 0 to last, the tenant, and all tenants of the user. It must find in
-- the end what is expected.
CREATE FUNCTION make_turn(name text, times int, expected text, statement text) RETURNS void LANGUAGE plpgsql AS $make$
BEGIN
    EXECUTE format($format$
        CREATE FUNCTION %I() RETURNS numeric LANGUAGE plpgsql AS $turn$
        DECLARE
            tenant CONSTANT text := 'tenant-7';
            tenants CONSTANT text[] := '{tenant-7, tenant-20, tenant-33, tenant-46, tenant-59}';
            last CONSTANT int := %s;
            began timestamptz;
            took numeric;
            found numeric;
        BEGIN
            FOR i IN -20 .. -1 LOOP
                %s
            END LOOP;
            began := clock_timestamp();
            FOR i IN 0 .. last LOOP
                %3$s
            END LOOP;
            took := extract(epoch FROM clock_timestamp() - began) * 1000000 / (last + 1);
            ASSERT found = %4$s, 'not what was expected';
            RETURN took;
        END $turn$ $format$, name, times - 1, statement, expected);
END $make$;

SELECT make_turn('count_plain', 100 / :parts, '1000', $$SELECT count(*) INTO found FROM plain WHERE tenant_id = tenant;$$),
       make_turn('count_policy', 100 / :parts, '1000', $$SELECT count(*) INTO found FROM orders;$$),
       make_turn('plan_plain', 100 / :parts, '1000', $$EXECUTE 'SELECT count(*) FROM plain WHERE tenant_id = ''tenant-7''' INTO found;$$),
       make_turn('plan_policy', 100 / :parts, '1000', $$EXECUTE 'SELECT count(*) FROM orders' INTO found;$$),
       make_turn('mine_plain', 100 / :parts, '5000', $$SELECT count(*) INTO found FROM plain WHERE tenant_id = ANY (tenants);$$),
       make_turn('mine_policy', 100 / :parts, '5000', $$SELECT count(*) INTO found FROM orders;$$),
       make_turn('look_plain', 5000 / :parts, '(7 + 1000 * (last * 379 & 511)) % 997',
                 $$SELECT amount INTO found FROM plain WHERE id = 7 + 1000 * (i * 379 & 511) AND tenant_id = tenant;$$),
       make_turn('look_policy', 5000 / :parts, '(7 + 1000 * (last * 379 & 511)) % 997',
                 $$SELECT amount INTO found FROM orders WHERE id = 7 + 1000 * (i * 379 & 511);$$),
       make_turn('insert', 2000 / :parts, '1', $$INSERT INTO orders VALUES (2000000 + i, tenant, 12.34); found := 1;$$) \g /dev/null

CREATE TABLE compared (n int, policy text, goal numeric, token boolean, base_role text, base_turn text, role text, turn text);
INSERT INTO compared VALUES
    (1, 'active tenant, generated', 1.10, false, 'app', 'count_plain', 'active', 'count_policy'),
    (2, '  token', 1.10, true, 'app', 'count_plain', 'active', 'count_policy'),
    (3, '  planned anew', NULL, false, 'app', 'plan_plain', 'active', 'plan_policy'),
    (4, 'active tenant, tacl_can(setting, ..., tenant_id)', 4, false, 'app', 'count_plain', 'hand_can', 'count_policy'),
    (5, '  tacl_can(setting, ..., setting)', 4, false, 'app', 'count_plain', 'hand_settings', 'count_policy'),
    (6, '  tacl_may(..., tenant_id)', 4, false, 'app', 'count_plain', 'hand_may', 'count_policy'),
    (7, 'look-up by key, generated', 1.15, false, 'app', 'look_plain', 'active', 'look_policy'),
    (8, '  token', 1.15, true, 'app', 'look_plain', 'active', 'look_policy'),
    (9, '5 tenants, tacl_can(setting, ..., tenant_id)', 1.10, false, 'app', 'mine_plain', 'hand_mine', 'mine_policy'),
    (10, '5 tenants, generated', 1.10, false, 'app', 'mine_plain', 'all_mine', 'mine_policy'),
    (11, '  token', 1.10, true, 'app', 'mine_plain', 'all_mine', 'mine_policy'),
    (12, 'insert, generated', 1.25, false, 'tenant_only', 'insert', 'active', 'insert'),
    (13, '  token', 1.25, true, 'tenant_only', 'insert', 'active', 'insert');
END

# One turn: the row's number and the side, then what it took.
turn() {
	case $5 in
		t) identity="set_config('app.user_id', '', true), set_config('tacl.token', :'token', true)" ;;
		*) identity="set_config('app.user_id', 'user-1', true), set_config('tacl.token', '', true)" ;;
	esac
	cat <<-END
		BEGIN;
		SELECT $identity, set_config('app.tenant', 'tenant-7', true) \\g /dev/null
		SET LOCAL ROLE $3;
		SELECT $1, '$2', $4();
		ROLLBACK;
	END
}

sql -F ' ' -c 'SELECT n, token, base_role, base_turn, role, turn FROM compared ORDER BY n' >"$WORK/compared"
{
	echo "SELECT tacl_issue_token('user-1') AS token \\gset"
	while read -r n token base_role base_turn role turn; do
		for run in $(seq "$TURNS"); do
			turn "$n" base "$base_role" "$base_turn" "$token"
			turn "$n" policy "$role" "$turn" "$token"
		done
	done <"$WORK/compared"
} >"$WORK/turns.sql"
sql -F '	' <"$WORK/turns.sql" >"$WORK/measured"

echo "$("$PG_CONFIG" --version), $(nproc) cores, $TURNS turns each, us for one execution"
{
	echo "CREATE TEMP TABLE measured (n int, side text, us numeric);"
	echo "COPY measured FROM STDIN;"
	cat "$WORK/measured"
	cat <<-'END'
		\.
		\pset format aligned
		\pset tuples_only off
		\pset footer off
		\pset null ''
		WITH summary AS (
		    SELECT n, side, percentile_cont(0.5) WITHIN GROUP (ORDER BY us)::numeric AS median, min(us) AS least
		    FROM measured GROUP BY n, side)
		SELECT compared.policy, round(b.median, 2) AS explicit, round(b.least, 2) AS "(min)",
		       round(p.median, 2) AS policy, round(p.least, 2) AS "(min)",
		       round(p.median / b.median, 2) AS ratio, round(p.least / b.least, 2) AS "(min)", goal
		FROM compared
		JOIN summary AS b ON b.n = compared.n AND b.side = 'base'
		JOIN summary AS p ON p.n = compared.n AND p.side = 'policy'
		ORDER BY compared.n;
	END
} | sql
