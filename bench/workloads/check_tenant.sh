# check_tenant: warm tacl_can() of each row of a scan, as a policy asks: one user
# and one permission, the tenant varies. Also tacl_may(), whose user is the
# session's. All times contain the scan.

rows=$(pick 1000000 200000)
model_database check_tenant
load_noop
sql -v rows="$rows" <"$SOURCE/bench/questions.sql" >/dev/null

case="warm check, the tenant varies"
{
	echo "SET app.user_id = 'user-1';"
	echo "DO 'BEGIN PERFORM count(tacl_can(''user-1'', ''orders.view'', t)) FROM question; END';"
	for round in $(rounds 3); do
		us "$case" "C no-op" "$rows" "SELECT count(noop('user-1', 'orders.view', t)) FROM question"
		us "$case" "tacl_can" "$rows" "SELECT count(tacl_can('user-1', 'orders.view', t)) FROM question"
		us "$case" "tacl_may" "$rows" "SELECT count(tacl_may('orders.view', t)) FROM question"
	done
} | sql | measure

compare "$case" "C no-op" us
compare "$case" "tacl_can" us "C no-op" "<= 1.3"
compare "$case" "tacl_may" us "C no-op"
