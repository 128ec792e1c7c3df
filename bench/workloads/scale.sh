# scale: 1,000,000 users with 5 of 100,000 tenants each and 1,000 roles, against a
# database that has 1,000 of these users and nothing else: the same questions
# about those, warm and cold. Also how long loading takes and what it needs.

users=$(pick 1000000 50000)
tenants=$((users / 10))

# Makes and loads a database: its name, one of how many users. What loading the
# assignments took is in the file "took", in ms.
load_scale() {
	database "$1"
	sql -v users="$users" -v tenants="$tenants" -v every="$2" <"$SOURCE/bench/scale.sql" |
		sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' >"$WORK/took"
}

load_scale scale_small $((users / 1000))
load_scale scale_large 1
note "$users users" "load $((users * 5)) assignments" "$(awk '{ print $1 / 1000 }' "$WORK/took")"
compare "$users users" "load $((users * 5)) assignments" s
sql -c "SELECT '$users users', relname, round(pg_relation_size(oid) / 1048576.0, 1) FROM pg_class
	WHERE oid = 'tacl.assignment'::regclass
	OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = 'tacl.assignment'::regclass)" |
	tee "$WORK/sizes" | measure
for relation in $(cut -f 2 "$WORK/sizes"); do
	compare "$users users" "$relation" MB
done

ask_warm="bench_us('SELECT count(*) FROM question WHERE tacl_can(u, p, t)', 100000)"
ask_cold="bench_us('SELECT count(*) FROM newcomer WHERE tacl_can(u, p, t)', 1000)"

# Measures one database, in a session of its own.
scale_turn() {
	export PGDATABASE="$1"
	{
		echo "SELECT $ask_warm, $ask_warm \\g /dev/null"
		for turn in 1 2 3; do
			echo "SELECT 'warm check of 1,000 users', '$2', $ask_warm;"
			forget_users
			echo "SELECT 'cold check of 1,000 users', '$2', $ask_cold;"
			echo "SELECT $ask_warm \\g /dev/null"
		done
	} | sql | measure
}

for round in $(rounds); do
	scale_turn scale_small "1,000 users"
	scale_turn scale_large "$users users"
done

for case in "warm check of 1,000 users" "cold check of 1,000 users"; do
	compare "$case" "1,000 users" us
	compare "$case" "$users users" us "1,000 users" "<= 1.2"
done
