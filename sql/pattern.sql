-- What patterns match, by the plain matcher and by compiled sets; which texts
-- are refused as patterns, permissions and names.
SET client_min_messages = warning;

--
-- The rules
--
CREATE TEMP TABLE rule (
    rule       text COLLATE "C" NOT NULL,
    pattern    text COLLATE "C" NOT NULL,
    permission text COLLATE "C" NOT NULL,
    expected   boolean NOT NULL
);
INSERT INTO rule VALUES
    ('01 a permission is itself', 'orders', 'orders', true),
    ('01 a permission is itself', 'orders.view', 'orders.view', true),
    ('01 a permission is itself', 'orders.items.view', 'orders.items.view', true),
    ('01 a permission is itself', 'orders', 'orders.view', false),
    ('01 a permission is itself', 'orders.view', 'orders', false),
    ('01 a permission is itself', 'orders.view', 'orders.view.all', false),
    ('01 a permission is itself', 'orders.view', 'orders.vie', false),
    ('01 a permission is itself', 'orders.view', 'orders.views', false),
    ('01 a permission is itself', 'orders.view', 'order.view', false),
    ('01 a permission is itself', 'orders.view', 'view.orders', false),
    ('02 case counts', 'orders.view', 'Orders.view', false),
    ('02 case counts', 'orders.view', 'orders.VIEW', false),
    ('02 case counts', 'Orders.*', 'orders.view', false),
    ('02 case counts', 'Orders.*', 'Orders.view', true),
    ('03 characters', 'read:reports', 'read:reports', true),
    ('03 characters', 'read:reports', 'read.reports', false),
    ('03 characters', 'read:reports', 'read', false),
    ('03 characters', 'a-b_c:9.Z', 'a-b_c:9.Z', true),
    ('03 characters', 'a_b', 'a-b', false),
    ('03 characters', '-', '-', true),
    ('03 characters', '-.*', '-.:', true),
    ('03 characters', '0.1', '0.1', true),
    ('03 characters', '0.1', '0.10', false),
    ('04 a last star is one or more', 'orders.*', 'orders.view', true),
    ('04 a last star is one or more', 'orders.*', 'orders.items.view', true),
    ('04 a last star is one or more', 'orders.*', 'orders.items.lines.view', true),
    ('04 a last star is one or more', 'orders.*', 'orders', false),
    ('04 a last star is one or more', 'orders.*', 'orders-x.view', false),
    ('04 a last star is one or more', 'orders.items.*', 'orders.items.view', true),
    ('04 a last star is one or more', 'orders.items.*', 'orders.items', false),
    ('04 a last star is one or more', 'orders.items.*', 'orders.view', false),
    ('05 a lone star is all', '*', 'orders', true),
    ('05 a lone star is all', '*', 'orders.view', true),
    ('05 a lone star is all', '*', 'a.b.c.d', true),
    ('06 another star is exactly one', '*.view', 'orders.view', true),
    ('06 another star is exactly one', '*.view', 'orders.items.view', false),
    ('06 another star is exactly one', '*.view', 'view', false),
    ('06 another star is exactly one', '*.view', 'orders.views', false),
    ('06 another star is exactly one', 'orders.*.view', 'orders.items.view', true),
    ('06 another star is exactly one', 'orders.*.view', 'orders.view', false),
    ('06 another star is exactly one', 'orders.*.view', 'orders.items.lines.view', false),
    ('06 another star is exactly one', 'orders.*.view', 'orders.items.edit', false),
    ('06 another star is exactly one', 'orders.*.view', 'orders.items.view.all', false),
    ('07 several stars', '*.*', 'orders', false),
    ('07 several stars', '*.*', 'orders.view', true),
    ('07 several stars', '*.*', 'a.b.c.d', true),
    ('07 several stars', '*.*.view', 'orders.items.view', true),
    ('07 several stars', '*.*.view', 'orders.view', false),
    ('07 several stars', 'orders.*.*', 'orders.items', false),
    ('07 several stars', 'orders.*.*', 'orders.items.view', true),
    ('07 several stars', 'orders.*.*', 'orders.items.lines.view', true),
    ('07 several stars', '*.items.*', 'orders.items.view', true),
    ('07 several stars', '*.items.*', 'orders.items', false),
    ('07 several stars', '*.items.*', 'items.view', false),
    ('07 several stars', '*.*.*.d', 'a.b.c.d', true),
    ('07 several stars', '*.*.*.d', 'a.b.d', false),
    ('08 a leading star is never tacl', '*', 'tacl', false),
    ('08 a leading star is never tacl', '*', 'tacl.assign', false),
    ('08 a leading star is never tacl', '*.assign', 'tacl.assign', false),
    ('08 a leading star is never tacl', '*.assign', 'orders.assign', true),
    ('08 a leading star is never tacl', '*.*', 'tacl.assign', false),
    ('08 a leading star is never tacl', '*.*.view', 'tacl.keys.view', false),
    ('08 a leading star is never tacl', '*.items.*', 'tacl.items.view', false),
    ('09 tacl written out', 'tacl', 'tacl', true),
    ('09 tacl written out', 'tacl', 'tacl.assign', false),
    ('09 tacl written out', 'tacl.*', 'tacl.assign', true),
    ('09 tacl written out', 'tacl.*', 'tacl.keys.view', true),
    ('09 tacl written out', 'tacl.*', 'tacl', false),
    ('09 tacl written out', 'tacl.assign', 'tacl.assign', true),
    ('09 tacl written out', 'tacl.*.view', 'tacl.keys.view', true),
    ('10 reserved is the whole first segment only', '*', 'tac.view', true),
    ('10 reserved is the whole first segment only', '*', 'tacls.view', true),
    ('10 reserved is the whole first segment only', '*', 'tacl-x.view', true),
    ('10 reserved is the whole first segment only', '*', 'tacl:assign', true),
    ('10 reserved is the whole first segment only', '*', 'TACL.assign', true),
    ('10 reserved is the whole first segment only', '*', 'orders.tacl', true),
    ('10 reserved is the whole first segment only', '*.tacl', 'orders.tacl', true),
    ('10 reserved is the whole first segment only', 'orders.*', 'orders.tacl', true),
    ('11 a deny matches what its pattern does', '!orders.delete', 'orders.delete', true),
    ('11 a deny matches what its pattern does', '!orders.delete', 'orders.view', false),
    ('11 a deny matches what its pattern does', '!orders.*', 'orders.items.view', true),
    ('11 a deny matches what its pattern does', '!*', 'orders.view', true),
    ('11 a deny matches what its pattern does', '!*', 'tacl.assign', false),
    ('11 a deny matches what its pattern does', '!tacl.*', 'tacl.assign', true),
    ('12 long segments', 'abcdefgh', 'abcdefgh', true),
    ('12 long segments', 'abcdefgh', 'abcdefghi', false),
    ('12 long segments', 'abcdefghi', 'abcdefgh', false),
    ('12 long segments', 'abcdefghi', 'abcdefghi', true),
    ('12 long segments', 'abcdefghi', 'abcdefghj', false),
    ('12 long segments', 'abcdefghij', 'abcdefghi', false),
    ('12 long segments', repeat('a', 255), repeat('a', 255), true),
    ('12 long segments', repeat('a', 255), repeat('a', 254) || 'b', false),
    ('13 many segments', repeat('a.', 127) || 'a', repeat('a.', 127) || 'a', true),
    ('13 many segments', repeat('*.', 127) || 'a', repeat('a.', 127) || 'a', true),
    ('13 many segments', repeat('*.', 127) || '*', repeat('a.', 127) || 'a', true),
    ('13 many segments', repeat('*.', 127) || '*', repeat('a.', 126) || 'a', false),
    ('13 many segments', repeat('*.', 126) || '*', repeat('a.', 127) || 'a', true),
    ('13 many segments', repeat('a.', 127) || 'b', repeat('a.', 127) || 'a', false);

SELECT rule, count(*) AS pairs, count(*) FILTER (WHERE expected) AS matching
FROM rule GROUP BY rule ORDER BY rule;
-- none expected
SELECT *, tacl.pattern_matches(pattern, permission) AS got
FROM rule WHERE tacl.pattern_matches(pattern, permission) IS DISTINCT FROM expected;

--
-- The same through tacl_can(): every pattern with every permission, as a role,
-- as a direct grant and as a deny of it
--
SELECT tacl_create_tenant('pattern');
SELECT tacl_define_role('everything', '{*,tacl,tacl.*}', 'pattern');

CREATE TEMP TABLE one AS
    SELECT row_number() OVER (ORDER BY pattern) AS n, pattern
    FROM (SELECT DISTINCT ltrim(pattern, '!') COLLATE "C" AS pattern FROM rule) AS allow;
CREATE TEMP TABLE asked AS
    SELECT DISTINCT permission FROM rule;

SELECT count(*) AS patterns,
    bool_and(tacl_define_role('one-' || n, ARRAY[pattern], 'pattern')) AS defined,
    bool_and(tacl_assign('role-' || n, 'one-' || n, 'pattern')) AS assigned,
    bool_and(tacl_grant('grant-' || n, pattern, 'pattern')) AS granted,
    bool_and(tacl_assign('denied-' || n, 'everything', 'pattern')) AS assigned_all,
    bool_and(tacl_grant('denied-' || n, '!' || pattern, 'pattern')) AS denied
FROM one;

CREATE TEMP TABLE answer AS
    SELECT pattern, permission,
        tacl.pattern_matches(pattern, permission) AS matches,
        tacl_can('role-' || n, permission, 'pattern') AS by_role,
        tacl_can('grant-' || n, permission, 'pattern') AS by_grant,
        NOT tacl_can('denied-' || n, permission, 'pattern') AS denied
    FROM one CROSS JOIN asked;
SELECT count(*) AS pairs, count(*) FILTER (WHERE matches) AS matching FROM answer;
-- none expected
SELECT * FROM answer WHERE NOT (by_role = matches AND by_grant = matches AND denied = matches);

--
-- Many patterns in one role, one in four of them a deny
--
CREATE TEMP TABLE mixed AS
    SELECT k, CASE WHEN n * k % 4 = 1 THEN '!' ELSE '' END || pattern COLLATE "C" AS pattern
    FROM one CROSS JOIN generate_series(1, 60) AS k
    WHERE (n * n + n * k * 7 + k * k * 3) % (2 + k % 9) = 0;
SELECT count(*) AS roles, bool_and(tacl_define_role('mixed-' || k, patterns, 'pattern')) AS defined,
    bool_and(tacl_assign('mixed-' || k, 'mixed-' || k, 'pattern')) AS assigned
FROM (SELECT k, array_agg(pattern ORDER BY md5(pattern)) AS patterns FROM mixed GROUP BY k) AS role;

CREATE TEMP TABLE mixed_answer AS
    SELECT k, permission, tacl_can('mixed-' || k, permission, 'pattern') AS can,
        coalesce(bool_or(tacl.pattern_matches(pattern, permission)) FILTER (WHERE pattern NOT LIKE '!%'), false) AS allowed,
        coalesce(bool_or(tacl.pattern_matches(pattern, permission)) FILTER (WHERE pattern LIKE '!%'), false) AS denied
    FROM mixed CROSS JOIN asked GROUP BY k, permission;
SELECT bool_or(can) AS some_can, bool_or(allowed AND denied) AS some_are_denied, bool_or(NOT allowed) AS some_cannot
FROM mixed_answer;
-- none expected
SELECT * FROM mixed_answer WHERE can <> (allowed AND NOT denied);

--
-- Bad patterns: an error with a hint, and nothing is written
--
CREATE FUNCTION pg_temp.attempt(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text;
    detail text;
    hint text;
BEGIN
    EXECUTE command;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    message := concat_ws(E'\n', SQLSTATE || ': ' || message, 'DETAIL: ' || nullif(detail, ''), 'HINT: ' || nullif(hint, ''));
    RETURN replace(regexp_replace(message, 'a{200,}', '<many>'), chr(233), '<e9>');
END
$$;

CREATE TEMP TABLE bad (n int, what text, pattern text, permission text);
INSERT INTO bad VALUES
    (1, 'empty', '', NULL),
    (2, '256 bytes', repeat('a', 256), repeat('a', 256)),
    (3, '256 bytes after !', '!' || repeat('a', 256), NULL),
    (4, 'blank only', ' ', ' '),
    (5, 'blank inside', 'orders view', 'orders view'),
    (6, 'blank at the end', 'orders.view ', 'orders.view '),
    (7, 'line end', E'orders.view\n', E'orders.view\n'),
    (8, 'control character', E'orders.\x01view', E'orders.\x01view'),
    (9, 'delete character', E'orders.view\x7f', E'orders.view\x7f'),
    (10, 'two dots', 'orders..view', 'orders..view'),
    (11, 'leading dot', '.orders', '.orders'),
    (12, 'trailing dot', 'orders.', 'orders.'),
    (13, 'only a dot', '.', '.'),
    (14, 'star in front', '*x', '*x'),
    (15, 'star behind', 'orders.x*', 'orders.x*'),
    (16, 'two stars', 'orders.**', 'orders.**'),
    (17, '! alone', '!', '!'),
    (18, '! twice', '!!a', '!!a'),
    (19, '! inside', 'orders.!view', 'orders.!view'),
    (20, '! and dot', '!.a', '!.a'),
    (21, 'slash', 'orders/view', 'orders/view'),
    (22, 'quote', 'orders''"view', 'orders''"view'),
    (23, 'not ASCII', 'caf' || chr(233), 'caf' || chr(233)),
    (24, 'pattern', NULL, 'orders.*'),
    (25, 'only a star', NULL, '*'),
    (26, 'deny', NULL, '!orders.view');

CREATE TEMP TABLE before AS
    SELECT (SELECT count(*) FROM tacl.role) AS roles, (SELECT count(*) FROM tacl.assignment) AS assignments;
\pset format unaligned
SELECT what, pg_temp.attempt(format('SELECT tacl.check_pattern(%L)', pattern)) AS error
FROM bad WHERE pattern IS NOT NULL ORDER BY n;
\pset format aligned
-- the same error from everything that writes patterns; none expected
SELECT what, writes, error
FROM bad,
    LATERAL (VALUES
        ('role', format('SELECT tacl_define_role(%L, ARRAY[%L, %L], %L)', 'bad', 'a', pattern, 'pattern')),
        ('replaced role', format('SELECT tacl_define_role(%L, ARRAY[%L, %L], %L)', 'everything', 'a', pattern, 'pattern')),
        ('grant', format('SELECT tacl_grant(%L, %L, %L)', 'bad', pattern, 'pattern')),
        ('ceiling', format('SELECT tacl_limit_tenant(%L, ARRAY[%L, %L])', 'pattern', 'a', pattern)),
        ('suspension', format('SELECT tacl_suspend_tenant(%L, ARRAY[%L, %L])', 'pattern', 'a', pattern)),
        ('row', format('INSERT INTO tacl.role (tenant, name, permissions) VALUES (%L, %L, ARRAY[%L, %L])', 'pattern', 'bad', 'a', pattern)),
        ('match', format('SELECT tacl.pattern_matches(%L, %L)', pattern, 'a'))
    ) AS writer (writes, command),
    LATERAL (SELECT pg_temp.attempt(command) AS error) AS attempt
WHERE pattern IS NOT NULL
    AND error <> pg_temp.attempt(format('SELECT tacl.check_pattern(%L)', pattern))
ORDER BY n, writes;

-- lists
\pset format unaligned
SELECT what, function, pg_temp.attempt(format('SELECT tacl.%I(%s)', function, list)) AS error
FROM (VALUES
    (1, 'NULL element', $$ARRAY['a', NULL]$$),
    (2, 'two dimensions', $$ARRAY[['a', 'b'], ['c', 'd']]$$),
    (3, '1001 patterns', $$(SELECT array_agg('a' || i) FROM generate_series(1, 1001) AS i)$$),
    (4, 'deny', $$ARRAY['a', '!b']$$),
    (5, 'bad pattern', $$ARRAY['a', 'b..c']$$)
) AS lists (n, what, list), unnest(ARRAY['check_patterns', 'check_allows']) AS function
ORDER BY n, function;
SELECT what, pg_temp.attempt(format('SELECT tacl_define_role(%L, %s, %L)', 'bad', list, 'pattern')) AS error
FROM (VALUES
    (1, 'NULL element', $$ARRAY['a', NULL]$$),
    (2, 'two dimensions', $$ARRAY[['a', 'b'], ['c', 'd']]$$),
    (3, '1001 patterns', $$(SELECT array_agg('a' || i) FROM generate_series(1, 1001) AS i)$$)
) AS lists (n, what, list)
ORDER BY n;
SELECT pg_temp.attempt($$SELECT tacl_limit_tenant('pattern', '{a,!b}')$$) AS ceiling;
SELECT pg_temp.attempt($$SELECT tacl_suspend_tenant('pattern', '{a,!b}')$$) AS suspension;
\pset format aligned

-- nothing was written
SELECT (SELECT count(*) FROM tacl.role) - roles AS roles,
    (SELECT count(*) FROM tacl.assignment) - assignments AS assignments,
    (SELECT permissions FROM tacl.role WHERE tenant = 'pattern' AND name = 'everything') AS everything,
    (SELECT ceiling IS NULL AND suspended_at IS NULL FROM tacl.tenant WHERE id = 'pattern') AS unlimited
FROM before;

-- just within the limits
SELECT tacl.check_pattern(repeat('a', 255)) AS pattern, tacl.check_pattern('!' || repeat('a', 255)) AS deny,
    tacl.check_patterns('{}') AS no_patterns, tacl.check_allows('{}') AS no_allows,
    tacl.check_patterns((SELECT array_agg('!a' || i) FROM generate_series(1, 1000) AS i)) AS patterns,
    tacl.check_patterns('[5:6]={a,b}') AS other_bounds;

-- NULL passes, as it does in a CHECK
SELECT tacl.check_name(NULL), tacl.check_pattern(NULL), tacl.check_patterns(NULL), tacl.check_allows(NULL);

--
-- Bad permissions: a typo is no quiet no
--
\pset format unaligned
SELECT what, pg_temp.attempt(format('SELECT tacl_can(%L, %L, %L)', 'role-1', permission, 'pattern')) AS error
FROM bad WHERE permission IS NOT NULL ORDER BY n;
\pset format aligned
-- the same whoever is asked about, and wherever; none expected
SELECT what, user_id, tenant, error
FROM bad,
    (VALUES ('denied-1', 'pattern'), ('nobody', 'pattern'), ('role-1', 'no such tenant'), ('nobody', '*')) AS asking (user_id, tenant),
    LATERAL (SELECT pg_temp.attempt(format('SELECT tacl_can(%L, %L, %L)', user_id, permission, tenant)) AS error) AS attempt
WHERE permission IS NOT NULL
    AND error <> pg_temp.attempt(format('SELECT tacl_can(%L, %L, %L)', 'role-1', permission, 'pattern'))
ORDER BY n, user_id;

-- NULL and empty are no, not NULL
SELECT tacl_assign('owner', 'everything', 'pattern');
SELECT tacl_can('owner', 'orders.refund', 'pattern') AS can,
    tacl_can('owner', NULL, 'pattern') AS no_permission, tacl_can('owner', '', 'pattern') AS empty_permission,
    tacl_can(NULL, 'orders.refund', 'pattern') AS no_user, tacl_can('', 'orders.refund', 'pattern') AS empty_user,
    tacl_can('owner', 'orders.refund', NULL) AS no_tenant, tacl_can('owner', 'orders.refund', '') AS empty_tenant;

--
-- Names
--
SELECT tacl.check_name('a') AS one, tacl.check_name(repeat('a', 255)) AS long, tacl.check_name('any ''name'' <x@example.com>') AS any_character,
    tacl.check_name('*') AS star, tacl.check_name('caf' || chr(233)) AS not_ascii;
\pset format unaligned
SELECT what, pg_temp.attempt(format('SELECT tacl.check_name(%L)', name)) AS error
FROM (VALUES
    (1, 'empty', ''),
    (2, '256 bytes', repeat('a', 256)),
    (3, 'line end', E'acme\n'),
    (4, 'control character', E'\x1bacme'),
    (5, 'delete character', E'acme\x7f')
) AS names (n, what, name)
ORDER BY n;
\pset format aligned

SELECT tacl_drop_tenant('pattern', true);
