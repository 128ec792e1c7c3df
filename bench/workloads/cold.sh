# cold: the first check of each of 10,000 users after all users were forgotten,
# as assignments of others make a session do; tenants and roles are still
# there. Then the same checks again. Beside it the first checks after
# tacl_flush(), when nothing is there.

model_database cold
sql <<'END'
CREATE UNLOGGED TABLE newcomer AS
SELECT 'user-' || u AS u, 'orders.view'::text AS p, 'tenant-' || u * 7 % 1000 AS t FROM generate_series(0, 9999) AS u;
VACUUM ANALYZE newcomer;
END

case="first check of a user"
ask="bench_us('SELECT count(*) FROM newcomer WHERE tacl_can(u, p, t)', 10000)"
{
	echo "SELECT $ask AS warm \\gset"
	for round in $(rounds 3); do
		forget_users
		echo "SELECT $ask AS cold \\gset"
		echo "SELECT $ask AS warm \\gset"
		echo "SELECT '$case', 'warm', :warm;"
		echo "SELECT '$case', 'users forgotten', :cold;"
		echo "SELECT '$case', 'users forgotten, above warm', :cold - :warm;"
		echo "SELECT tacl_flush() \\g /dev/null"
		echo "SELECT $ask AS cold \\gset"
		echo "SELECT '$case', 'all forgotten, above warm', :cold - :warm;"
	done
} | sql | measure

compare "$case" "warm" us
compare "$case" "users forgotten" us
compare "$case" "users forgotten, above warm" us - "<= 12"
compare "$case" "all forgotten, above warm" us
