-- What does not fit exactly gets no index condition (R13); and with one or
-- without, each query gives the rows that it gives without planner support
-- (I4): the same C functions, declared again without it, are the measure.
\set VERBOSITY terse
SET client_min_messages = warning;
SET tacl.user_setting = 'app.user_id';
SET max_parallel_workers_per_gather = 0;
SET jit = off;

CREATE SCHEMA plain;
SELECT format('CREATE FUNCTION plain.%s RETURNS boolean LANGUAGE c STABLE PARALLEL SAFE COST 10 AS ''$libdir/tenant_acl'', %L', f, 'tacl_' || substr(f, 1, 3))
FROM unnest('{"can(text, text, text)","can(text, text, \"any\")","can(\"any\", text, text)","can(\"any\", text, \"any\")","may(text, text)","may(text, \"any\")"}'::text[]) AS f \gexec

-- Runs a query with and without planner support of can() and may(). Was there
-- an index condition, how many rows are there, and are they the same?
CREATE FUNCTION plain.compare(query text, OUT helped boolean, OUT rows bigint, OUT same boolean) LANGUAGE plpgsql AS $$
DECLARE
    ours text := regexp_replace(query, '\m(can|may)\(', 'tacl_\1(', 'g');
    line text;
BEGIN
    helped := false;
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || ours LOOP
        helped := helped OR line LIKE '%tenants_as_%';
    END LOOP;
    EXECUTE 'CREATE TEMP TABLE ours AS ' || ours;
    EXECUTE 'CREATE TEMP TABLE plain AS ' || regexp_replace(query, '\m(can|may)\(', 'plain.\1(', 'g');
    SELECT count(*) INTO rows FROM ours;
    same := NOT EXISTS (TABLE ours EXCEPT ALL TABLE plain) AND NOT EXISTS (TABLE plain EXCEPT ALL TABLE ours);
    DROP TABLE ours, plain;
END $$;

-- Users: one with two tenants, one with odd ones, one with the root, one with most.
CREATE SCHEMA nh;
SELECT count(tacl_create_tenant(t)) FROM (
    SELECT 'nh-' || n FROM generate_series(1, 40) AS n
    UNION ALL SELECT unnest('{7,-7,007,+8,9999999999,ABCDEF00-0000-0000-0000-000000000001,abcdef00-0000-0000-0000-000000000002}'::text[])) AS s (t);
SELECT tacl_define_role('nh-viewer', '{orders.view}'), tacl_assign('nh-two', 'nh-viewer', 'nh-1'), tacl_assign('nh-two', 'nh-viewer', 'nh-2'),
       tacl_assign('nh-root', 'nh-viewer', '*');
SELECT count(tacl_assign('nh-odd', 'nh-viewer', t)) FROM unnest('{7,-7,007,+8,9999999999,ABCDEF00-0000-0000-0000-000000000001,abcdef00-0000-0000-0000-000000000002}'::text[]) AS t;
SELECT count(tacl_assign('nh-most', 'nh-viewer', 'nh-' || n)) FROM generate_series(1, 30) AS n;

CREATE TABLE nh.orders AS
    SELECT i AS id, i / 3 % 11 AS created, CASE i % 3 WHEN 0 THEN 'nh-two' WHEN 1 THEN 'nh-most' ELSE 'nh-root' END AS owner,
           CASE WHEN i % 41 = 40 THEN NULL ELSE 'nh-' || i % 41 + 1 END AS tenant_id, 'orders.view' AS permission
    FROM generate_series(1, 410) AS i;
INSERT INTO nh.orders SELECT 1000 + n, n, 'nh-odd', t, 'orders.view'
    FROM unnest('{*,7,007,+7,"7 ",nh-1x,NH-1,"",abcdef00-0000-0000-0000-000000000001,ABCDEF00-0000-0000-0000-000000000001}'::text[]) WITH ORDINALITY AS s (t, n);
CREATE INDEX orders_tenant_idx ON nh.orders (tenant_id);
CREATE TABLE nh.people AS SELECT unnest('{nh-two,nh-most,nh-root,nh-odd,nobody,NULL}'::text[]) AS name;
CREATE FUNCTION nh.volatile_user() RETURNS text LANGUAGE plpgsql VOLATILE AS $$ BEGIN RETURN 'nh-two'; END $$;
CREATE FUNCTION nh.stable_user() RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN 'nh-two'; END $$;
ANALYZE nh.orders;
ANALYZE nh.people;
CREATE ROLE regress_tacl_nh;
GRANT USAGE ON SCHEMA nh, plain TO regress_tacl_nh;
ALTER DEFAULT PRIVILEGES IN SCHEMA nh GRANT SELECT ON TABLES TO regress_tacl_nh;
GRANT SELECT ON ALL TABLES IN SCHEMA nh TO regress_tacl_nh;
SET enable_seqscan = off;
SET app.user_id = 'nh-two';

-- Who asks and what for, from where it is known.
SET ROLE regress_tacl_nh;
SELECT what, c.* FROM (VALUES
    ('constant',            $$SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id)$$),
    ('session',             $$SELECT * FROM nh.orders WHERE may('orders.view', tenant_id)$$),
    ('odd tenants',         $$SELECT * FROM nh.orders WHERE can('nh-odd', 'orders.view', tenant_id)$$),
    ('stable',              $$SELECT * FROM nh.orders WHERE can(nh.stable_user(), 'orders.view', tenant_id)$$),
    ('volatile',            $$SELECT * FROM nh.orders WHERE can(nh.volatile_user(), 'orders.view', tenant_id)$$),
    ('column, same table',  $$SELECT * FROM nh.orders WHERE can(owner, 'orders.view', tenant_id)$$),
    ('tenant as user',      $$SELECT * FROM nh.orders WHERE can(tenant_id, 'orders.view', tenant_id)$$),
    ('permission column',   $$SELECT * FROM nh.orders WHERE can('nh-two', permission, tenant_id)$$),
    ('column, other table', $$SELECT * FROM nh.people p JOIN nh.orders o ON can(p.name, 'orders.view', o.tenant_id)$$),
    ('sub-select',          $$SELECT * FROM nh.orders WHERE can((SELECT min(name) FROM nh.people WHERE name LIKE '%two'), 'orders.view', tenant_id)$$),
    ('sub-select of row',   $$SELECT * FROM nh.orders WHERE can((SELECT name FROM nh.people WHERE name = owner), 'orders.view', tenant_id)$$),
    ('lateral',             $$SELECT * FROM nh.people p, LATERAL (SELECT * FROM nh.orders WHERE can(p.name, 'orders.view', tenant_id)) s$$),
    ('lateral, fenced',     $$SELECT * FROM nh.people p, LATERAL (SELECT * FROM nh.orders WHERE can(p.name, 'orders.view', tenant_id) OFFSET 0) s$$),
    ('most of the tenants', $$SELECT * FROM nh.orders WHERE can('nh-most', 'orders.view', tenant_id)$$),
    ('all tenants',         $$SELECT * FROM nh.orders WHERE can('nh-root', 'orders.view', tenant_id)$$),
    ('nobody',              $$SELECT * FROM nh.orders WHERE can('nobody', 'orders.view', tenant_id)$$),
    ('NULL user',           $$SELECT * FROM nh.orders WHERE can(NULL, 'orders.view', tenant_id)$$),
    ('empty user',          $$SELECT * FROM nh.orders WHERE can('', 'orders.view', tenant_id)$$),
    ('over-long user',      $$SELECT * FROM nh.orders WHERE can(repeat('u', 256), 'orders.view', tenant_id)$$),
    ('NULL permission',     $$SELECT * FROM nh.orders WHERE can('nh-two', NULL, tenant_id)$$),
    ('empty permission',    $$SELECT * FROM nh.orders WHERE can('nh-two', '', tenant_id)$$)
) AS q (what, query), LATERAL plain.compare(query) AS c;

-- Beside and around the check.
SELECT what, c.* FROM (VALUES
    ('or',                  $$SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id) OR created = 3$$),
    ('or, both checks',     $$SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id) OR can('nh-odd', 'orders.view', tenant_id)$$),
    ('or of ands',          $$SELECT * FROM nh.orders WHERE (can('nh-two', 'orders.view', tenant_id) AND created = 3) OR (may('orders.view', tenant_id) AND tenant_id = 'nh-2')$$),
    ('not',                 $$SELECT * FROM nh.orders WHERE NOT can('nh-two', 'orders.view', tenant_id)$$),
    ('case',                $$SELECT * FROM nh.orders WHERE CASE WHEN created = 3 THEN can('nh-two', 'orders.view', tenant_id) ELSE false END$$),
    ('is not false',        $$SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id) IS NOT FALSE$$),
    ('is unknown',          $$SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id) IS UNKNOWN$$),
    ('= true',              $$SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id) = true$$),
    ('= false',             $$SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id) = false$$),
    ('coalesce',            $$SELECT * FROM nh.orders WHERE coalesce(can('nh-two', 'orders.view', tenant_id), true)$$),
    ('tenant given',        $$SELECT * FROM nh.orders WHERE tenant_id = 'nh-2' AND can('nh-two', 'orders.view', tenant_id)$$),
    ('tenant given, stable', $$SELECT * FROM nh.orders WHERE nh.stable_user() = tenant_id AND can('nh-two', 'orders.view', tenant_id)$$),
    ('tenants given',       $$SELECT * FROM nh.orders WHERE tenant_id IN ('nh-2', 'nh-3') AND can('nh-two', 'orders.view', tenant_id)$$),
    ('tenant volatile',     $$SELECT * FROM nh.orders WHERE tenant_id = replace(nh.volatile_user(), 'two', '2') AND can('nh-two', 'orders.view', tenant_id)$$),
    ('tenant is a column',  $$SELECT * FROM nh.orders WHERE tenant_id = owner AND can('nh-two', 'orders.view', tenant_id)$$),
    ('tenant in a range',   $$SELECT * FROM nh.orders WHERE tenant_id > 'nh-1' AND can('nh-two', 'orders.view', tenant_id)$$),
    ('tenant not given',    $$SELECT * FROM nh.orders WHERE tenant_id <> 'nh-2' AND can('nh-two', 'orders.view', tenant_id)$$),
    ('two checks',          $$SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id) AND can('nh-most', 'orders.view', tenant_id)$$),
    ('expression',          $$SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id || '')$$),
    ('other collation',     $$SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id COLLATE "C")$$),
    ('cast',                $$SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id::varchar(4))$$),
    ('cast to name',        $$SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id::name)$$)
) AS q (what, query), LATERAL plain.compare(query) AS c;

-- Larger queries around it.
SELECT what, c.* FROM (VALUES
    ('join',                $$SELECT a.id, b.id AS other FROM nh.orders a JOIN nh.orders b USING (tenant_id, created) WHERE can('nh-two', 'orders.view', a.tenant_id) AND can('nh-most', 'orders.view', b.tenant_id)$$),
    ('left join, outer',    $$SELECT a.*, b.id AS other FROM nh.orders a LEFT JOIN nh.orders b ON a.id = b.id + 1 AND can('nh-two', 'orders.view', a.tenant_id)$$),
    ('left join, inner',    $$SELECT a.*, b.id AS other FROM nh.orders a LEFT JOIN nh.orders b ON a.id = b.id + 1 AND can('nh-two', 'orders.view', b.tenant_id)$$),
    ('left join, above',    $$SELECT a.*, b.id AS other FROM nh.orders a LEFT JOIN nh.orders b ON a.id = b.id + 1 WHERE can('nh-two', 'orders.view', b.tenant_id)$$),
    ('left join, not above', $$SELECT a.*, b.id AS other FROM nh.orders a LEFT JOIN nh.orders b ON a.id = b.id + 1 WHERE NOT can('nh-two', 'orders.view', b.tenant_id)$$),
    ('full join',           $$SELECT a.*, b.id AS other FROM nh.orders a FULL JOIN (SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id)) b ON a.id = b.id + 1$$),
    ('semi-join',           $$SELECT * FROM nh.orders a WHERE EXISTS (SELECT FROM nh.orders b WHERE can('nh-two', 'orders.view', b.tenant_id) AND b.id = a.id + 1)$$),
    ('anti-join',           $$SELECT * FROM nh.orders a WHERE NOT EXISTS (SELECT FROM nh.orders b WHERE can('nh-two', 'orders.view', b.tenant_id) AND b.id = a.id + 1)$$),
    ('not in',              $$SELECT * FROM nh.orders a WHERE id NOT IN (SELECT id FROM nh.orders b WHERE can('nh-two', 'orders.view', b.tenant_id))$$),
    ('correlated exists',   $$SELECT * FROM nh.orders a WHERE EXISTS (SELECT FROM nh.people WHERE name = a.owner AND can('nh-two', 'orders.view', a.tenant_id))$$),
    ('select list',         $$SELECT id, can('nh-two', 'orders.view', tenant_id) AS may FROM nh.orders$$),
    ('cte',                 $$WITH seen AS MATERIALIZED (SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id)) SELECT a.* FROM seen a JOIN seen b USING (id)$$),
    ('union all',           $$SELECT * FROM (SELECT * FROM nh.orders UNION ALL SELECT * FROM nh.orders WHERE created = 2) s WHERE can('nh-two', 'orders.view', tenant_id)$$),
    ('except',              $$SELECT * FROM nh.orders EXCEPT SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id)$$),
    ('having',              $$SELECT tenant_id, count(*) FROM nh.orders GROUP BY tenant_id HAVING can('nh-two', 'orders.view', tenant_id)$$),
    ('window',              $$SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY tenant_id ORDER BY id) AS n FROM nh.orders) s WHERE can('nh-two', 'orders.view', tenant_id)$$),
    ('window of all',       $$SELECT * FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM nh.orders) s WHERE can('nh-two', 'orders.view', tenant_id)$$),
    ('limit below',         $$SELECT * FROM (SELECT * FROM nh.orders ORDER BY id LIMIT 50) s WHERE can('nh-two', 'orders.view', tenant_id)$$),
    ('order and limit',     $$SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id) ORDER BY tenant_id DESC, id LIMIT 15$$)
) AS q (what, query), LATERAL plain.compare(query) AS c;
RESET ROLE;

-- Kinds of indexes. Only one at a time, so that each is tried.
DROP INDEX nh.orders_tenant_idx;
CREATE PROCEDURE nh.try(what text, index text, query text DEFAULT $$SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id)$$) LANGUAGE plpgsql AS $$
DECLARE
    result record;
BEGIN
    EXECUTE 'CREATE INDEX tried ON nh.orders ' || index;
    SELECT * INTO result FROM plain.compare(query);
    RAISE INFO '%: helped %, rows %, same %', what, result.helped, result.rows, result.same;
    DROP INDEX nh.tried;
END $$;
CREATE COLLATION nh.any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CALL nh.try('collation C', '(tenant_id COLLATE "C")');
CALL nh.try('pattern_ops', '(tenant_id text_pattern_ops)');
CALL nh.try('hash', 'USING hash (tenant_id)');
CALL nh.try('brin', 'USING brin (tenant_id)');
CALL nh.try('spgist', 'USING spgist (tenant_id)');
CALL nh.try('gin', 'USING gin (to_tsvector(''simple'', tenant_id))');
CALL nh.try('expression', '((tenant_id || ''''))', $$SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id || '')$$);
CALL nh.try('any case', '(tenant_id COLLATE nh.any_case)');
CALL nh.try('partial, implied', '(tenant_id) WHERE created > 3', $$SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id) AND created = 5$$);
CALL nh.try('partial, not implied', '(tenant_id) WHERE created > 3');
CALL nh.try('included', '(created) INCLUDE (tenant_id)', $$SELECT tenant_id FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id) AND created = 5$$);
CALL nh.try('descending', '(tenant_id DESC NULLS LAST, id)', $$SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id) ORDER BY tenant_id DESC NULLS LAST, id LIMIT 12$$);
CALL nh.try('nulls first', '(tenant_id NULLS FIRST, id)', $$SELECT * FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id) ORDER BY tenant_id DESC NULLS LAST, id DESC LIMIT 12$$);
CALL nh.try('or, first columns', '(tenant_id, created)', $$SELECT * FROM nh.orders WHERE created = 3 AND (can('nh-two', 'orders.view', tenant_id) OR can('nh-odd', 'orders.view', tenant_id))$$);

-- A second column: PostgreSQL 15 and 16 would believe the order of the first.
CREATE INDEX second_idx ON nh.orders (created, tenant_id);
SET enable_sort = off;
SELECT helped = (current_setting('server_version_num')::int >= 170000) AS as_it_should, rows, same
FROM plain.compare($$SELECT created, tenant_id FROM nh.orders WHERE can('nh-two', 'orders.view', tenant_id) ORDER BY created, tenant_id LIMIT 7$$);
SELECT created, count(*) FROM (SELECT created FROM nh.orders WHERE tacl_can('nh-two', 'orders.view', tenant_id) ORDER BY created LIMIT 7) s GROUP BY 1 ORDER BY 1;
RESET enable_sort;
DROP INDEX nh.second_idx;

-- An operator class of one's own, with an equality that is wider.
CREATE FUNCTION nh.ci_compare(a text, b text) RETURNS int LANGUAGE sql IMMUTABLE RETURN bttextcmp(lower(a), lower(b));
SELECT format('CREATE FUNCTION nh.ci_%s(a text, b text) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN lower(a) %s lower(b)', name, sign),
       format('CREATE OPERATOR nh.~~%s~~ (FUNCTION = nh.ci_%s, LEFTARG = text, RIGHTARG = text)', sign, name)
FROM (VALUES ('lt', '<'), ('le', '<='), ('eq', '='), ('ge', '>='), ('gt', '>')) AS s (name, sign) \gexec
CREATE OPERATOR CLASS nh.ci_ops FOR TYPE text USING btree AS OPERATOR 1 nh.~~<~~, OPERATOR 2 nh.~~<=~~, OPERATOR 3 nh.~~=~~,
    OPERATOR 4 nh.~~>=~~, OPERATOR 5 nh.~~>~~, FUNCTION 1 nh.ci_compare(text, text);
UPDATE nh.orders SET tenant_id = 'NH-2' WHERE id % 41 = 1;
CALL nh.try('own equality', '(tenant_id nh.ci_ops)');

-- Columns of other types, each with an index.
CREATE TYPE nh.like_text;
CREATE FUNCTION nh.like_text_in(cstring) RETURNS nh.like_text LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION nh.like_text_out(nh.like_text) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE nh.like_text (INPUT = nh.like_text_in, OUTPUT = nh.like_text_out, LIKE = text, CATEGORY = 'S', COLLATABLE = true);
CREATE CAST (nh.like_text AS text) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (text AS nh.like_text) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE TABLE nh.typed AS
    SELECT id, n AS number, n::smallint AS small, tenant_id::char(9) AS padded, tenant_id::name AS name, tenant_id::nh.like_text AS liked,
           ('abcdef00-0000-0000-0000-' || lpad((n + 20)::text, 12, '0'))::uuid AS key, n::numeric AS numeric
    FROM (SELECT id, tenant_id, id % 41 - 20 AS n FROM nh.orders) s;
CREATE INDEX ON nh.typed (number);
CREATE INDEX ON nh.typed (small);
CREATE INDEX ON nh.typed (padded);
CREATE INDEX ON nh.typed (name);
CREATE INDEX ON nh.typed (liked);
CREATE INDEX ON nh.typed (key);
ANALYZE nh.typed;
SET ROLE regress_tacl_nh;
SELECT what, c.* FROM (VALUES
    ('integer',             $$SELECT id FROM nh.typed WHERE can('nh-odd', 'orders.view', number)$$),
    ('integer as bigint',   $$SELECT id FROM nh.typed WHERE can('nh-odd', 'orders.view', number::bigint)$$),
    ('smallint',            $$SELECT id FROM nh.typed WHERE can('nh-odd', 'orders.view', small)$$),
    ('smallint as integer', $$SELECT id FROM nh.typed WHERE can('nh-odd', 'orders.view', small::integer)$$),
    ('integer as text',     $$SELECT id FROM nh.typed WHERE can('nh-odd', 'orders.view', number::text)$$),
    ('bigint given',        $$SELECT id FROM nh.typed WHERE number = 7::bigint AND can('nh-odd', 'orders.view', number)$$),
    ('char(n)',             $$SELECT id FROM nh.typed WHERE can('nh-two', 'orders.view', padded)$$),
    ('name',                $$SELECT id FROM nh.typed WHERE can('nh-two', 'orders.view', name)$$),
    ('like text',           $$SELECT id FROM nh.typed WHERE can('nh-two', 'orders.view', liked)$$),
    ('uuid',                $$SELECT id FROM nh.typed WHERE can('nh-odd', 'orders.view', key)$$),
    ('uuid as text',        $$SELECT id FROM nh.typed WHERE can('nh-odd', 'orders.view', key::text)$$)
) AS q (what, query), LATERAL plain.compare(query) AS c;
SELECT tacl_can('nh-odd', 'orders.view', "numeric") FROM nh.typed;
RESET ROLE;

-- A column whose collation says that NH-2 is nh-2; and an index of it that does not.
CREATE TABLE nh.loose (id int, tenant_id text COLLATE nh.any_case);
INSERT INTO nh.loose SELECT id, tenant_id FROM nh.orders;
CREATE INDEX loose_idx ON nh.loose (tenant_id);
ANALYZE nh.loose;
SELECT * FROM plain.compare($$SELECT id FROM nh.loose WHERE can('nh-two', 'orders.view', tenant_id)$$);
DROP INDEX nh.loose_idx;
CREATE INDEX loose_idx ON nh.loose (tenant_id COLLATE "C");
SELECT * FROM plain.compare($$SELECT id FROM nh.loose WHERE can('nh-two', 'orders.view', tenant_id)$$);

-- Inheritance, views, and sets that are too large.
CREATE TABLE nh.parent (id int, tenant_id text);
CREATE TABLE nh.child (note text) INHERITS (nh.parent);
INSERT INTO nh.parent SELECT id, tenant_id FROM nh.orders WHERE id % 2 = 0;
INSERT INTO nh.child SELECT id, tenant_id FROM nh.orders WHERE id % 2 = 1;
CREATE INDEX ON nh.child (tenant_id);
CREATE INDEX ON nh.orders (tenant_id);
CREATE VIEW nh.fenced WITH (security_barrier) AS SELECT * FROM nh.orders WHERE tacl_can('nh-two', 'orders.view', tenant_id);
CREATE VIEW nh.fenced_plain WITH (security_barrier) AS SELECT * FROM nh.orders WHERE plain.can('nh-two', 'orders.view', tenant_id);
CREATE TABLE nh.large AS SELECT n AS id, 'nh-l' || n AS tenant_id FROM generate_series(1, 25000) AS n;
CREATE INDEX ON nh.large (tenant_id);
INSERT INTO tacl.tenant (id, parent) SELECT 'nh-l' || n, '*' FROM generate_series(1, 10001) AS n;
SET app.user_id = '';
SELECT count(tacl_grant('nh-fewer', 'orders.view', 'nh-l' || n)) FROM generate_series(1, 250) AS n;
SET app.user_id = 'nh-two';
ANALYZE nh.parent, nh.child, nh.large;
GRANT SELECT ON ALL TABLES IN SCHEMA nh TO regress_tacl_nh;
SET ROLE regress_tacl_nh;
SELECT what, c.* FROM (VALUES
    ('inheritance',         $$SELECT * FROM nh.parent WHERE can('nh-two', 'orders.view', tenant_id)$$),
    ('only the parent',     $$SELECT * FROM ONLY nh.parent WHERE can('nh-two', 'orders.view', tenant_id)$$),
    ('in a fenced view',    $$SELECT * FROM nh.fenced_plain WHERE can('nh-most', 'orders.view', tenant_id)$$),
    ('many tenants',        $$SELECT * FROM nh.large WHERE can('nh-root', 'orders.view', tenant_id)$$),
    ('250 tenants',         $$SELECT * FROM nh.large WHERE can('nh-fewer', 'orders.view', tenant_id)$$)
) AS q (what, query), LATERAL plain.compare(query) AS c;
SELECT count(*), count(*) FILTER (WHERE tenant_id IN ('nh-1', 'nh-2')) AS due FROM nh.fenced;
SELECT count(*) FROM (TABLE nh.fenced EXCEPT ALL TABLE nh.fenced_plain) s;
RESET ROLE;

DROP SCHEMA nh, plain CASCADE;
DROP ROLE regress_tacl_nh;
DELETE FROM tacl.assignment WHERE user_id LIKE 'nh-%';
DELETE FROM tacl.tenant WHERE id LIKE 'nh-%' OR id LIKE '%7' OR id IN ('+8', '9999999999') OR lower(id) LIKE 'abcdef00%';
SET app.user_id = '';
SELECT tacl_drop_role('nh-viewer');
