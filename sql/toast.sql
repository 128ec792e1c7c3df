-- Arguments that are stored out of line or compressed mean what they are.
\set VERBOSITY terse
SET client_min_messages = warning;

SELECT tacl_create_tenant('tst-' || repeat('t', 200)), tacl_define_role('tst-' || repeat('r', 200), ARRAY['p.' || repeat('x', 200)]);
SELECT tacl_assign('tst-' || repeat('u', 200), 'tst-' || repeat('r', 200), 'tst-' || repeat('t', 200));

-- A row wider than 2 kB puts even short values out of line.
CREATE TEMP TABLE tst (kind text, u text, p text, t text, r text, filler text);
ALTER TABLE tst ALTER u SET STORAGE EXTERNAL, ALTER p SET STORAGE EXTERNAL, ALTER t SET STORAGE EXTERNAL,
                ALTER r SET STORAGE EXTERNAL, ALTER filler SET STORAGE MAIN;
INSERT INTO tst
SELECT 'out of line', 'tst-' || repeat('u', 200), 'p.' || repeat('x', 200), 'tst-' || repeat('t', 200), 'tst-' || repeat('r', 200),
       (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 60) AS i);
INSERT INTO tst
SELECT 'over-long', repeat('u', 10000), repeat('p', 10000), repeat('t', 10000), repeat('r', 10000), NULL;
SELECT kind, pg_column_size(u) FROM tst;
SELECT count(*) > 0 AS is_toasted FROM pg_class AS c
WHERE oid = (SELECT reltoastrelid FROM pg_class WHERE oid = 'pg_temp.tst'::regclass) AND pg_relation_size(oid) > 0;

SELECT kind, tacl_can(u, 'p.' || repeat('x', 200), t), tacl_has_role(u, r, t) FROM tst;
SELECT tacl_can(u, p, t), tacl_can_any(u, ARRAY[p], t), tacl_authorize(u, p, t) FROM tst WHERE kind = 'out of line';
SELECT tacl_assign(u, r, t) AS again, tacl_grant(u, p, t) AS grant, tacl_revoke(u, p, t) AS revoke FROM tst WHERE kind = 'out of line';

SELECT tacl_can(u, p, t) FROM tst WHERE kind = 'over-long';
SELECT tacl_define_role(r, '{a}') FROM tst WHERE kind = 'over-long';
SELECT tacl_define_role('tst-x', ARRAY[p]) FROM tst WHERE kind = 'over-long';
SELECT tacl_create_tenant(t) FROM tst WHERE kind = 'over-long';
SELECT tacl_disable_user(u) FROM tst WHERE kind = 'over-long';
SELECT tacl_assign(u, r, t) FROM tst WHERE kind = 'over-long';

-- Compressed.
CREATE TEMP TABLE tst_compressed (u text);
INSERT INTO tst_compressed VALUES (repeat('u', 100000));
SELECT pg_column_size(u) < 10000 AS is_compressed, tacl_can(u, 'a.b', '*') FROM tst_compressed;
SELECT tacl_disable_user(u) FROM tst_compressed;

SELECT tacl_drop_tenant(t, true), tacl_drop_role(r) FROM tst WHERE kind = 'out of line';
