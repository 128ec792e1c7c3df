-- Every role against every permission.
\set SHOW_CONTEXT never

SELECT tacl_create_tenant('mat-a'), tacl_create_tenant('mat-a1', 'mat-a'), tacl_create_tenant('mat-b'), tacl_create_tenant(471300, 'mat-a');
-- Nothing is known yet
SELECT * FROM tacl_matrix('mat-a');

SELECT tacl_define_role('base', '{files.*, !orders.delete, orders.*, orders.view}', 'mat-a'),
       tacl_define_role('clerk', '{!orders.refund, orders.view, orders.v-2}', 'mat-a', '{base}'),
       tacl_define_role('boss', '{*}', 'mat-a'), tacl_define_role('none', '{}', 'mat-a'),
       tacl_define_role('clerk', '{orders.view.all}', 'mat-a1', '{clerk}', override => true),
       tacl_define_role('other', '{elsewhere.do}', 'mat-b');
SELECT tacl_limit_tenant('mat-a', '{orders.*, plan.use}'), tacl_suspend_tenant('mat-a1', '{billing.pay, billing.*}'), tacl_suspend_tenant('mat-b', '{beyond.do}');

--
-- Without a catalog: what is written out in roles, ceilings and suspensions
--

SELECT * FROM tacl_matrix('mat-a') \crosstabview permission role effect
SELECT * FROM tacl_matrix('mat-a') \crosstabview permission role pattern
-- Below, a nearer role hides the one of its name, but includes it
SELECT * FROM tacl_matrix('mat-a1') \crosstabview permission role pattern
SELECT * FROM tacl_matrix('mat-a1') WHERE role = 'clerk';
-- Forms
SELECT count(*) FROM tacl_matrix(471300);
SELECT count(*) FROM tacl_matrix() WHERE role IN ('base', 'boss', 'none', 'other') OR permission ~ '^(orders|plan|billing|beyond)';

--
-- With a catalog: that, and only that
--

BEGIN;
SET LOCAL client_min_messages = error;
INSERT INTO tacl.permission (name) VALUES ('orders.view'), ('orders.delete'), ('orders.refund'), ('tacl.assign'), ('zoo.feed');
SELECT * FROM tacl_matrix('mat-a') \crosstabview permission role effect
SELECT tacl_define_role('warden', '{tacl.*, *}', 'mat-a');
SELECT permission, effect, pattern FROM tacl_matrix('mat-a') WHERE role = 'warden';

-- The one row of a pair, in order, as a slow query finds it
INSERT INTO tacl.permission SELECT format('area%s.thing%s.%s', i % 5, i % 7, (ARRAY['view', 'edit', 'delete'])[1 + i % 3]) FROM generate_series(1, 60) AS i ON CONFLICT DO NOTHING;
DO $$
BEGIN
    FOR i IN 1..12 LOOP
        PERFORM tacl_define_role('r' || i, ARRAY(
            SELECT (ARRAY['', '', '', '!'])[1 + (i * j) % 4]
                || format((ARRAY['area%s.*', 'area%s.thing%s.*', '*.thing%2$s.view', 'area%s.*.edit', '*.*.delete', 'area%s.thing%s.view'])[1 + (i + j) % 6], (i * j) % 5, j % 7)
            FROM generate_series(1, 8) AS j), 'mat-a', CASE WHEN i > 2 THEN ARRAY['r' || i - 1, 'r' || i - 2] END);
    END LOOP;
END $$;
CREATE TEMPORARY TABLE expected AS
WITH RECURSIVE reached (root, id, depth) AS (
    SELECT id, id, 0 FROM tacl.role WHERE tenant = 'mat-a'
    UNION
    SELECT c.root, i.included_id, 1 FROM reached AS c JOIN tacl.role_include AS i ON i.role_id = c.id)
SELECT r.name AS role, p.name AS permission, d.pattern
FROM tacl.role AS r CROSS JOIN tacl.permission AS p
LEFT JOIN LATERAL (
    SELECT x.pattern FROM reached AS c JOIN tacl.role AS i ON i.id = c.id, unnest(i.permissions) AS x (pattern)
    WHERE c.root = r.id AND tacl.pattern_matches(x.pattern, p.name)
    ORDER BY x.pattern !~ '^!', c.depth, x.pattern COLLATE "C" LIMIT 1) AS d ON true
WHERE r.tenant = 'mat-a';
SELECT count(*), count(pattern) AS decided, count(*) FILTER (WHERE pattern ~ '^!') AS denied FROM expected;
SELECT count(*) FROM (SELECT role, permission, pattern FROM tacl_matrix('mat-a') EXCEPT ALL TABLE expected) AS x;
SELECT count(*) FROM (TABLE expected EXCEPT ALL SELECT role, permission, pattern FROM tacl_matrix('mat-a')) AS x;
SELECT count(*) FROM tacl_matrix('mat-a') WHERE effect IS DISTINCT FROM CASE WHEN pattern ~ '^!' THEN 'deny' WHEN pattern IS NOT NULL THEN 'allow' END;
SELECT bool_and(before IS NULL OR before < now_) AS ordered
FROM (SELECT ROW(permission COLLATE "C", role COLLATE "C") AS now_, lag(ROW(permission COLLATE "C", role COLLATE "C")) OVER (ORDER BY place) AS before
      FROM tacl_matrix('mat-a') WITH ORDINALITY AS m (role, permission, effect, pattern, place)) AS x;
ROLLBACK;

-- A catalog without roles gives no rows
BEGIN;
DELETE FROM tacl.assignment; DELETE FROM tacl.role_include; DELETE FROM tacl.role;
INSERT INTO tacl.permission (name) VALUES ('orders.view');
SELECT count(*) FROM tacl_matrix();
ROLLBACK;

-- Unknown, NULL; and it takes sight of all
SELECT * FROM tacl_matrix('mat-aa');
SELECT * FROM tacl_matrix(NULL);
CREATE ROLE matrix_none;
SET ROLE matrix_none;
SELECT * FROM tacl_matrix('mat-none');
RESET ROLE;
DROP ROLE matrix_none;

-- Clean up
SELECT tacl_drop_tenant(id, true) FROM tacl.tenant WHERE id ~ '^mat-' AND parent = '*' ORDER BY id;
