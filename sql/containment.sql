-- One pattern covers another, and what two have in common: both against
-- enumeration over all patterns of up to three segments of a small alphabet.

CREATE TEMP TABLE segment AS SELECT unnest(ARRAY['a', 'b', 'tacl', '*']) AS s;
CREATE TEMP TABLE pattern AS
    SELECT s AS pattern FROM segment
    UNION ALL SELECT x.s || '.' || y.s FROM segment AS x, segment AS y
    UNION ALL SELECT x.s || '.' || y.s || '.' || z.s FROM segment AS x, segment AS y, segment AS z;

-- Four segments, so that the last star of a pattern can be longer than any
-- pattern; "z" stands for all segments that no pattern names.
CREATE TEMP TABLE permission AS
    WITH RECURSIVE p (permission, n) AS (
        SELECT s, 1 FROM unnest(ARRAY['a', 'b', 'tacl', 'z']) AS s
        UNION ALL
        SELECT permission || '.' || s, n + 1 FROM p, unnest(ARRAY['a', 'b', 'tacl', 'z']) AS s WHERE n < 4)
    SELECT permission FROM p;

-- What a pattern matches, as a string of bits
CREATE TEMP TABLE matched AS
    SELECT pattern, string_agg(tacl.pattern_matches(pattern, permission)::int::text, '' ORDER BY permission)::bit(340) AS bits
    FROM pattern, permission GROUP BY pattern;
SELECT count(*) AS patterns, (SELECT count(*) FROM permission) AS permissions FROM matched;

-- Every pair; none expected
SELECT a.pattern, b.pattern AS other, tacl.pattern_covers(a.pattern, b.pattern) AS covers
FROM matched AS a, matched AS b
WHERE tacl.pattern_covers(a.pattern, b.pattern) <> ((a.bits & b.bits) = b.bits);
SELECT a.pattern, b.pattern AS other, i AS intersection
FROM matched AS a, matched AS b,
    LATERAL (SELECT tacl.pattern_intersection(a.pattern, b.pattern) OFFSET 0) AS x (i)
    LEFT JOIN matched AS m ON m.pattern = i
WHERE coalesce(m.bits, 0::bit(340)) <> (a.bits & b.bits) OR (i IS NOT NULL AND m.pattern IS NULL);

-- The comparison can see a difference: of all pairs, so many cover and meet
SELECT count(*) AS pairs, count(*) FILTER (WHERE tacl.pattern_covers(a.pattern, b.pattern)) AS cover,
    count(tacl.pattern_intersection(a.pattern, b.pattern)) AS meet
FROM matched AS a, matched AS b;

-- Several patterns never cover what none of them covers
SELECT b.pattern
FROM matched AS b
WHERE (SELECT bit_or(a.bits) & b.bits FROM matched AS a
       WHERE NOT tacl.pattern_covers(a.pattern, b.pattern)) = b.bits;

-- Signs do not matter, names are bytes
SELECT tacl.pattern_covers('!orders.*', 'orders.view') AS sign, tacl.pattern_covers('orders.*', 'Orders.view') AS letter_case,
    tacl.pattern_covers('orders.*', 'orders') AS bare, tacl.pattern_covers(NULL, 'orders') AS none;
SELECT tacl.pattern_covers('orders.*', 'read:*');
SELECT tacl.pattern_intersection('!orders.*', '*.view') AS sign, tacl.pattern_intersection('*', 'tacl.assign') AS reserved,
    tacl.pattern_intersection('a.*.c', 'a.*') AS inner_star, tacl.pattern_intersection(NULL, 'a') AS none;

-- What both match may be too long to be asked for
SELECT length(tacl.pattern_intersection(repeat('a', 126) || '.*', '*.' || repeat('b', 128))) AS longest,
    tacl.pattern_intersection(repeat('a', 127) || '.*', '*.' || repeat('b', 128)) AS too_long;
