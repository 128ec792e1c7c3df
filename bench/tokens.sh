#!/bin/sh
# tokens.sh: what a token costs.
#
# Verified: set_config() of one of 20 tokens of an algorithm in turn, more than
# a session remembers, and tacl_user(), in a loop of PL/pgSQL. Remembered: the
# same with two tokens. Without: the same with a setting that names the user.
# Nothing is subtracted: all contain the loop and set_config(). Per call: one
# statement that calls tacl_may() for each of 1,000,000 rows, with a token, one
# with a scope, and without. Medians of 5; the runs alternate.
set -eu

. "$(dirname "$0")/../scripts/setup.sh"
. "$(dirname "$0")/../scripts/cluster.sh"

RUNS=5
TOKENS=20
CALLS=4000
ROWS=1000000
ALGORITHMS="HS256 HS384 HS512 RS256 PS256 ES256 EdDSA"

sql() {
	as_owner "$BINDIR/psql" -X -q -A -t -v ON_ERROR_STOP=1 "$@"
}

# The median of numbers, one a line.
median() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# Standard input in base64url.
base64url() {
	openssl base64 -A | tr '+/' '-_' | tr -d '='
}

# Writes the private key of an algorithm.
make_key() {
	case $1 in
		RS256 | PS256) openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 ;;
		ES256) openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 ;;
		EdDSA) openssl genpkey -quiet -algorithm ED25519 ;;
	esac >"$WORK/$1.pem" 2>/dev/null
}

# r and s side by side, of a signature of ECDSA in DER.
raw_ecdsa() {
	perl -0777 -ne '$n = ord(substr($_, 3, 1));
		print map { substr("\0" x 32 . $_, -32) } substr($_, 4, $n), substr($_, 6 + $n)'
}

# Prints the signature of the file $2 by an algorithm.
sign() {
	case $1 in
		RS256) openssl dgst -sha256 -sign "$WORK/RS256.pem" "$2" ;;
		PS256) openssl dgst -sha256 -sign "$WORK/PS256.pem" \
			-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 "$2" ;;
		ES256) openssl dgst -sha256 -sign "$WORK/ES256.pem" "$2" | raw_ecdsa ;;
		EdDSA) openssl pkeyutl -sign -rawin -inkey "$WORK/EdDSA.pem" -in "$2" ;;
	esac
}

# Prints the statement that stores a token that was signed by a public key's owner.
store_token() {
	printf '%s.%s' "$(printf '{"alg":"%s","kid":"%s"}' "$1" "$1" | base64url)" \
		"$(printf '{"sub":"user-%s","org_id":"tenant-1","exp":4102444800}' "$2" | base64url)" >"$WORK/signed"
	echo "INSERT INTO token VALUES ('$1', $2, '$(cat "$WORK/signed").$(sign "$1" "$WORK/signed" | base64url)');"
}

# Prints the statements that make key and tokens of an algorithm.
make_tokens() {
	case $1 in
		HS*)
			echo "SELECT tacl_add_key('$1', '$1', repeat('not a secret 16 ', 4)) \\g /dev/null"
			echo "INSERT INTO token SELECT '$1', n, tacl_issue_token('user-' || n, 'tenant-1', '24 hours', kid => '$1') FROM generate_series(1, $TOKENS) AS n;"
			;;
		*)
			make_key "$1"
			echo "SELECT tacl_add_key('$1', '$1', '$(openssl pkey -in "$WORK/$1.pem" -pubout)') \\g /dev/null"
			for n in $(seq $TOKENS); do
				store_token "$1" "$n"
			done
			;;
	esac
}

setup_tools
work_begin
install_variant bench || die "the build failed"
cluster_start "jit = off
max_parallel_workers_per_gather = 0
shared_buffers = 512MB
autovacuum = off
session_preload_libraries = 'tenant_acl'
tacl.user_setting = 'app.user'" || die "the server did not start"

sql <<END
CREATE EXTENSION tenant_acl;
SELECT tacl_create_tenant('tenant-1'), tacl_define_role('member', '{orders.*}') \g /dev/null
SELECT count(tacl_assign('user-' || n, 'member', 'tenant-1')) FROM generate_series(1, $TOKENS) AS n \g /dev/null
CREATE TABLE token (algorithm text, n integer, token text);
CREATE TABLE question AS SELECT 'orders.view'::text AS p FROM generate_series(1, $ROWS);

-- Microseconds that each value of a setting costs until the user is known
CREATE FUNCTION bench_us(setting text, texts text[]) RETURNS numeric LANGUAGE plpgsql AS \$\$
DECLARE
    began timestamptz := clock_timestamp();
    used numeric;
BEGIN
    FOR i IN 1 .. $CALLS LOOP
        PERFORM set_config(setting, texts[1 + i % cardinality(texts)], false);
        ASSERT tacl_user() IS NOT NULL;
    END LOOP;
    used := extract(epoch FROM clock_timestamp() - began) * 1000000 / $CALLS;
    PERFORM set_config(setting, '', false);
    RETURN round(used, 2);
END \$\$;
-- Nanoseconds that each tacl_may() costs, with the scan
CREATE FUNCTION bench_ns(setting text, value text) RETURNS numeric LANGUAGE plpgsql AS \$\$
DECLARE
    began timestamptz;
    used numeric;
BEGIN
    PERFORM set_config(setting, value, false);
    began := clock_timestamp();
    ASSERT (SELECT count(*) FROM question WHERE tacl_may(p, 'tenant-1')) = $ROWS;
    used := extract(epoch FROM clock_timestamp() - began) * 1000000000 / $ROWS;
    PERFORM set_config(setting, '', false);
    RETURN round(used);
END \$\$;
END
for algorithm in $ALGORITHMS; do
	make_tokens "$algorithm"
done >"$WORK/tokens.sql"
sql <"$WORK/tokens.sql"
sql -c 'VACUUM ANALYZE'

echo "$("$PG_CONFIG" --version), $(nproc) cores, $(openssl version | cut -d ' ' -f 1,2), medians of $RUNS runs"

# All runs are one session's.
{
	for run in 0 $(seq $RUNS); do
		echo "SELECT '$run', 'without', bench_us('app.user', array_agg('user-' || n)) FROM token WHERE algorithm = 'HS256';"
		for algorithm in $ALGORITHMS; do
			echo "SELECT '$run', 'verified-$algorithm', bench_us('tacl.token', array_agg(token)) FROM token WHERE algorithm = '$algorithm';"
			echo "SELECT '$run', 'remembered-$algorithm', bench_us('tacl.token', array_agg(token)) FROM token WHERE algorithm = '$algorithm' AND n <= 2;"
		done
		echo "SELECT '$run', 'call-without', bench_ns('app.user', 'user-1');"
		echo "SELECT '$run', 'call-token', bench_ns('tacl.token', token) FROM token WHERE algorithm = 'ES256' AND n = 1;"
		echo "SELECT '$run', 'call-scope', bench_ns('tacl.token', tacl_issue_token('user-1', scope => '{orders.*}', kid => 'HS256'));"
	done
} | sql -F ' ' | grep -v '^0 ' >"$WORK/costs"

# The median of what is called so.
cost() {
	sed -n "s/^[0-9]* $1 //p" "$WORK/costs" | median
}

echo "us for set_config() and tacl_user(), by a setting: $(cost without)"
for algorithm in $ALGORITHMS; do
	echo "  by a token, $algorithm: verified $(cost "verified-$algorithm"), remembered $(cost "remembered-$algorithm")"
done
echo "ns for a call of tacl_may() in a scan: by a setting $(cost call-without)," \
	"by a token $(cost call-token), with a scope $(cost call-scope)"
