-- Counters, flushing and the bound of memory. Each question here is asked in
-- a session that is warm by then.
\set VERBOSITY terse
SET client_min_messages = warning;

SELECT tacl_create_tenant('cch-1'), tacl_create_tenant('cch-2'), tacl_define_role('cch-role', '{orders.*}'),
       tacl_assign('cch-ann', 'cch-role', 'cch-1'), tacl_assign('cch-bob', 'cch-role', 'cch-2');

-- What changed between two looks at the counters.
CREATE TEMP TABLE look AS SELECT * FROM tacl_stats();
CREATE FUNCTION pg_temp.since(OUT hits bigint, OUT misses bigint, OUT builds bigint, OUT flushes bigint)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT s.hits - l.hits, s.misses - l.misses, s.builds - l.builds, s.flushes - l.flushes
    INTO hits, misses, builds, flushes FROM tacl_stats() AS s, look AS l;
    DELETE FROM look;
    INSERT INTO look SELECT * FROM tacl_stats();
END
$$;

SELECT tacl_can('cch-ann', 'orders.view', 'cch-1');
SELECT misses, builds FROM pg_temp.since();
SELECT count(*) FROM generate_series(1, 100) AS i WHERE tacl_can('cch-ann', 'orders.view', 'cch-' || sign(i));
SELECT * FROM pg_temp.since();

-- A tenant that the user has nothing at is read once, the user not again.
SELECT tacl_can('cch-ann', 'orders.view', 'cch-2');
SELECT misses, builds FROM pg_temp.since();
SELECT tacl_can('cch-ann', 'orders.view', 'cch-2');
SELECT hits, misses, builds FROM pg_temp.since();

-- An unknown user is remembered as one with nothing; an unknown tenant is not.
SELECT tacl_can('cch-nobody', 'orders.view', 'cch-1'), tacl_can('cch-nobody', 'orders.view', 'cch-1');
SELECT hits, misses, builds FROM pg_temp.since();
SELECT tacl_can('cch-ann', 'orders.view', 'cch-none'), tacl_can('cch-ann', 'orders.view', 'cch-none');
SELECT hits, misses, builds FROM pg_temp.since();

-- A flush empties.
SELECT entries > 0 AS held FROM tacl_stats();
SELECT tacl_flush();
SELECT tacl_can('cch-ann', 'orders.view', 'cch-1');
SELECT entries FROM tacl_stats();
SELECT misses, builds, flushes FROM pg_temp.since();

-- 100,000 invented names stay within the bound (R25); answers stay right.
SET tacl.cache_size = '1MB';
SELECT count(*) FROM generate_series(1, 100000) AS i WHERE tacl_can('cch-invented-' || i, 'orders.view', 'cch-1');
SELECT bytes <= 1024 * 1024 AS within, entries BETWEEN 100 AND 20000 AS some, builds > 90000 AS built FROM tacl_stats();
SELECT count(*) FROM generate_series(1, 100000) AS i WHERE tacl_can('cch-ann', 'orders.view', 'cch-invented-' || i);
SELECT bytes <= 1024 * 1024 AS within FROM tacl_stats();
SELECT tacl_can('cch-ann', 'orders.view', 'cch-1') AS yes, tacl_can('cch-ann', 'orders.view', 'cch-2') AS no;

-- At no moment it holds more, whatever grows.
CREATE FUNCTION pg_temp.most(prefix text, count integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    most bigint := 0;
BEGIN
    FOR i IN 1 .. count LOOP
        PERFORM tacl_can(prefix || i, 'orders.view', 'cch-1');
        most := greatest(most, (SELECT bytes FROM tacl_stats()));
    END LOOP;
    RETURN most;
END $$;
SELECT size, pg_temp.most('cch-' || size, 20000) <= pg_size_bytes(size) AS within
FROM unnest('{1MB, 2700kB, 4MB}'::text[]) AS size, LATERAL set_config('tacl.cache_size', size, false);
SET tacl.cache_size = '1MB';

-- A user who does not fit is answered all the same, and not kept.
INSERT INTO tacl.assignment (user_id, tenant, pattern)
SELECT 'cch-heavy', 'cch-1', 'orders' || i || '.' || repeat('x', 100) FROM generate_series(1, 20000) AS i;
SELECT tacl_can('cch-heavy', 'orders20000.' || repeat('x', 100), 'cch-1') AS yes, tacl_can('cch-heavy', 'orders.view', 'cch-1') AS no;
SELECT bytes <= 1024 * 1024 AS within FROM tacl_stats();
RESET tacl.cache_size;
SELECT tacl_can('cch-heavy', 'orders20000.' || repeat('x', 100), 'cch-1') AS yes;
SELECT bytes > 1024 * 1024 AS kept_now FROM tacl_stats();

-- Only a superuser sets the bound, also not by putting it back.
CREATE ROLE regress_tacl_cache;
SET ROLE regress_tacl_cache;
SET tacl.cache_size = '64MB';
SET tacl.user_setting = 'app.user_id';
SET tacl.tenant_setting = 'app.org';
SET tacl.invented = 1;
SELECT * FROM tacl_stats();
SELECT tacl_flush();
RESET ROLE;
DROP ROLE regress_tacl_cache;
\set VERBOSITY sqlstate
SET tacl.cache_size = '1kB';
\set VERBOSITY terse

DELETE FROM tacl.assignment WHERE user_id = 'cch-heavy';
SELECT tacl_drop_tenant('cch-1', true), tacl_drop_tenant('cch-2', true), tacl_drop_role('cch-role');
