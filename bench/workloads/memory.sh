# memory: what a session's cache takes for each user and tenant, when 10,000
# users have the same three roles at 5 of 1,000 tenants each; that it stays within
# tacl.cache_size; and what a check costs when the cache is too small for the
# users who are asked about in turn, against one when it is empty.

model_database memory
sql <<'END'
CREATE UNLOGGED TABLE newcomer AS
SELECT 'user-' || u AS u, 'orders.view'::text AS p, 'tenant-' || u * 7 % 1000 AS t FROM generate_series(0, 9999) AS u;
VACUUM ANALYZE newcomer;

-- The most that the cache holds while all are asked about in turn
CREATE FUNCTION most_bytes() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    most bigint := 0;
BEGIN
    FOR part IN 0 .. 99 LOOP
        PERFORM count(tacl_can(u, p, t)) FROM newcomer WHERE substr(u, 6)::int % 100 = part;
        most := greatest(most, (SELECT bytes FROM tacl_stats()));
    END LOOP;
    RETURN most;
END $$;
END

case="cache"
ask="bench_us('SELECT count(*) FROM newcomer WHERE tacl_can(u, p, t)', 10000)"
{
	for round in $(rounds); do
		cat <<-END
			SET tacl.cache_size = '32MB';
			SELECT tacl_flush() \\g /dev/null
			SELECT '$case', 'empty', $ask;
			SELECT '$case', 'bytes for each user and tenant', round(bytes / 50000.0, 1) FROM tacl_stats();
		END
		forget_users
		cat <<-END
			SELECT '$case', 'users forgotten', $ask;
			SET tacl.cache_size = '4MB';
			SELECT tacl_flush() \\g /dev/null
			SELECT $ask \\g /dev/null
			SELECT '$case', 'too small: 4 MB', $ask;
			SELECT '$case', 'most held within 4 MB', most_bytes() / 1024;
		END
	done
} | sql | measure

compare "$case" "bytes for each user and tenant" B - "<= 300"
compare "$case" "most held within 4 MB" kB - "<= 4096"
compare "$case" "empty" us
compare "$case" "users forgotten" us
compare "$case" "too small: 4 MB" us "empty" "<= 1.05"
