# tokens: what a token costs. Verified: set_config() of one of 20 tokens of an
# algorithm in turn, more than a session remembers, and tacl_user(), in a loop of
# PL/pgSQL. Remembered: the same with two tokens. Against the same with a setting that
# names the user. Then tacl_may() for each row of a scan, with a token, one with a
# scope, and without.

TOKENS=20
CALLS=$(pick 4000 500)
ROWS=$(pick 1000000 100000)
ALGORITHMS="HS256 HS384 HS512 RS256 PS256 ES256 EdDSA"

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

database tokens
sql >/dev/null <<END
SELECT tacl_create_tenant('tenant-1'), tacl_define_role('member', '{orders.*}');
SELECT count(tacl_assign('user-' || n, 'member', 'tenant-1')) FROM generate_series(1, $TOKENS) AS n;
CREATE TABLE token (algorithm text, n integer, token text);
CREATE TABLE question AS SELECT 'orders.view'::text AS p FROM generate_series(1, $ROWS);

-- Microseconds that each value of a setting costs until the user is known
CREATE FUNCTION know_us(setting text, texts text[]) RETURNS numeric LANGUAGE plpgsql AS \$\$
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
    RETURN round(used, 3);
END \$\$;

-- Microseconds that each tacl_may() of a scan costs
CREATE FUNCTION may_us(setting text, value text) RETURNS numeric LANGUAGE plpgsql AS \$\$
DECLARE
    used numeric;
BEGIN
    PERFORM set_config(setting, value, false);
    used := bench_us('SELECT count(*) FROM question WHERE tacl_may(p, ''tenant-1'')', $ROWS);
    PERFORM set_config(setting, '', false);
    RETURN used;
END \$\$;
END
for algorithm in $ALGORITHMS; do
	make_tokens "$algorithm"
done >"$WORK/tokens.sql"
sql <"$WORK/tokens.sql"
sql -c 'VACUUM ANALYZE'

know="set_config() and tacl_user()"
may="tacl_may() of a scan"
{
	for round in $(rounds); do
		echo "SELECT '$know', 'setting', know_us('app.user_id', array_agg('user-' || n)) FROM token WHERE algorithm = 'HS256';"
		for algorithm in $ALGORITHMS; do
			echo "SELECT '$know', '$algorithm, verified', know_us('tacl.token', array_agg(token)) FROM token WHERE algorithm = '$algorithm';"
			echo "SELECT '$know', '$algorithm, remembered', know_us('tacl.token', array_agg(token)) FROM token WHERE algorithm = '$algorithm' AND n <= 2;"
		done
		echo "SELECT '$may', 'setting', may_us('app.user_id', 'user-1');"
		echo "SELECT '$may', 'token', may_us('tacl.token', token) FROM token WHERE algorithm = 'ES256' AND n = 1;"
		echo "SELECT '$may', 'token with a scope', may_us('tacl.token', tacl_issue_token('user-1', scope => '{orders.*}', kid => 'HS256'));"
	done
} | sql | measure

compare "$know" "setting" us
for algorithm in $ALGORITHMS; do
	compare "$know" "$algorithm, verified" us
	compare "$know" "$algorithm, remembered" us
done
compare "$may" "setting" us
compare "$may" "token" us "setting"
compare "$may" "token with a scope" us "setting"
