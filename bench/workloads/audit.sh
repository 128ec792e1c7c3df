# audit: what it costs to record each change, how large a record is, and how long
# questions about the past take among 100,000 of them.

many=$(pick 100000 20000)
model_database audit
sql <"$SOURCE/bench/assign.sql" >/dev/null

case="assignments with their audit"

# Prints the call that assigns many users, from this number on, in one statement.
bulk() {
	echo "bench_us('INSERT INTO tacl.assignment (user_id, tenant, role_id) SELECT ''new-'' || n, ''tenant-'' || n % 1000, r.id
		FROM generate_series($1, $1 + $many - 1) AS n, tacl.role AS r WHERE r.name = ''member''', $many)"
}

first=1000000
for round in $(rounds); do
	for how in DISABLE ENABLE; do
		case $how in
			ENABLE) side="with" ;;
			DISABLE) side="without" ;;
		esac
		cat <<-END
			BEGIN;
			ALTER TABLE tacl.assignment $how TRIGGER audit_row;
			SELECT '$case', 'tacl_assign, $side', assign_calls($first, 5000);
			ROLLBACK;
			BEGIN;
			ALTER TABLE tacl.assignment $how TRIGGER audit_row;
			SELECT '$case', 'one INSERT, $side', $(bulk $((first + 5000)));
			ROLLBACK;
		END
		first=$((first + 5000 + many))
	done
done | sql | measure
compare "$case" "tacl_assign, without" us
compare "$case" "tacl_assign, with" us "tacl_assign, without"
compare "$case" "one INSERT, without" us
compare "$case" "one INSERT, with" us "one INSERT, without"

case="audit of $many records"
sql -c "TRUNCATE tacl.audit" -c "SELECT $(bulk 0)" -c "VACUUM ANALYZE tacl.audit" >/dev/null
{
	cat <<-END
		SELECT '$case', 'record', round(pg_relation_size('tacl.audit') / count(*)::numeric, 1) FROM tacl.audit;
		SELECT '$case', 'indexes of a record', round(pg_indexes_size('tacl.audit') / count(*)::numeric, 1) FROM tacl.audit;
	END
	for round in $(rounds); do
		us "$case" "tacl_history" 1 "SELECT count(*) FROM tacl_history('new-7', 'orders.view', 'tenant-8', now())"
		us "$case" "tacl_audit of a tenant" 1 "SELECT count(*) FROM tacl_audit('tenant-8', now() - interval '1 hour')"
	done
} | sql | measure
compare "$case" "record" B
compare "$case" "indexes of a record" B
compare "$case" "tacl_history" us
compare "$case" "tacl_audit of a tenant" us
