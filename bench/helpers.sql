-- helpers.sql: what all databases of the benchmarks have; roles belong to all.

CREATE EXTENSION tenant_acl;

-- Microseconds that each of so many things takes that a statement does
CREATE FUNCTION bench_us(statement text, times bigint) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    began timestamptz := clock_timestamp();
BEGIN
    EXECUTE statement;
    RETURN round(extract(epoch FROM clock_timestamp() - began) * 1000000 / times, 4);
END $$;

-- What the tables of several workloads are asked by
CREATE ROLE app;
CREATE ROLE active;
CREATE ROLE all_mine;
