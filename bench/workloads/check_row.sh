# check_row: warm tacl_can() of each row of a scan, where user, permission and
# tenant vary: 10,000 users, 20 permissions, 1,000 tenants. Against functions in
# C that only look at the same arguments, or look them up in one hash table, and
# against what can be written by hand. All times contain the scan. Every
# answer is counted, yes or no, so that all sides do the same with it. Functions written
# by hand are asked about a twentieth of the rows.

rows=$(pick 1000000 200000)
model_database check_row
load_noop
sql -v rows="$rows" <"$SOURCE/bench/questions.sql" >/dev/null

case="warm check, all vary"
semi_join="SELECT count(*) FROM question AS q WHERE EXISTS (SELECT FROM membership AS m
	JOIN role_permission AS r USING (role) WHERE m.user_id = u AND m.tenant_id = t AND r.permission = p)"
{
	echo "DO 'BEGIN PERFORM count(tacl_can(u, p, t)), count(hash_put(u, p, t, tacl_can(u, p, t))) FROM question; END';"
	echo "DO 'BEGIN ASSERT (SELECT bool_and(tacl_can(u, p, t) = hash_get(u, p, t) AND tacl_can(u, p, t) = hand_sql(u, p, t)
		AND tacl_can(u, p, t) = hand_plpgsql(u, p, t)) FROM question_few); END';"
	for round in $(rounds); do
		us "$case" "C no-op" "$rows" "SELECT count(noop(u, p, t)) FROM question"
		us "$case" "tacl_can" "$rows" "SELECT count(tacl_can(u, p, t)) FROM question"
		us "$case" "C hash table" "$rows" "SELECT count(hash_get(u, p, t)) FROM question"
		us "$case" "semi-join, no function" "$rows" "$semi_join"
		us "$case" "SQL function" $((rows / 20)) "SELECT count(hand_sql(u, p, t)) FROM question_few"
		us "$case" "PL/pgSQL function" $((rows / 20)) "SELECT count(hand_plpgsql(u, p, t)) FROM question_few"
	done
} | sql | measure

compare "$case" "C no-op" us
compare "$case" "tacl_can" us "C no-op" "<= 2"
compare "$case" "C hash table" us "C no-op"
compare "$case" "semi-join, no function" us "tacl_can"
compare "$case" "SQL function" us "tacl_can" ">= 50"
compare "$case" "PL/pgSQL function" us "tacl_can" ">= 50"
