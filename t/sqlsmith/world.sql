-- What SQLsmith meets: tables under every kind of protection with rows that its
-- user may view, may view and change, or may not know of; and tripwires for the
-- last ones.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE EXTENSION tenant_acl;

-- Who SQLsmith is: alice, by a token, so that no SQL text makes it anybody else.
SELECT tacl_add_key('smith', 'HS256', 'a secret of this cluster, 32 bytes long') AS key \gset
CREATE ROLE smith LOGIN;
REVOKE EXECUTE ON FUNCTION pg_terminate_backend, pg_cancel_backend FROM PUBLIC;

-- Tenants whose ids fit each type; alice changes "own", views "view", and has
-- nothing in "far" that counts.
CREATE SCHEMA world;
CREATE TABLE world.tenant (id text PRIMARY KEY, sees boolean, changes boolean);
INSERT INTO world.tenant
SELECT id, kind <> 'far', kind = 'own'
FROM (VALUES ('own', 100), ('view', 200), ('far', 300)) AS k (kind, base),
     generate_series(1, 3) AS n,
     LATERAL (VALUES (kind || '-' || n), ((base + n)::text), (md5(kind || n)::uuid::text)) AS t (id);
SELECT count(tacl_create_tenant(id)) AS tenants FROM world.tenant \gset
SELECT tacl_define_role('editor', '{data.*}'), tacl_define_role('viewer', '{data.view}'),
       tacl_define_role('spoiled', '{data.*,!data.*}') \gset r_
SELECT count(tacl_assign('alice', CASE WHEN changes THEN 'editor' WHEN sees THEN 'viewer' ELSE 'spoiled' END, id)) AS given
FROM world.tenant WHERE sees OR id LIKE '%3' \gset
SELECT count(tacl_assign('bob', 'editor', id)) AS others FROM world.tenant \gset

-- A value of a row of a far tenant, by type, and how it is known again. What is
-- looked for stands nowhere as it is, so that no catalog has it.
CREATE TABLE world.mark (type regtype, own text, far text, test text);
INSERT INTO world.mark VALUES
    ('text', 'i || '' own''', 'md5(''tripwire'') || i', 'strpos($1, md5(''tripwire'')) > 0'),
    ('bigint', 'i', '777177000000 + i', '$1 / 1000000 = 777177'),
    ('integer', 'i % 100', '777177000 + i % 1000', '$1 / 1000 = 777177'),
    ('numeric', 'i / 7.0', '777177717771777177.5', 'trunc($1) = 777177717771777177'),
    ('uuid', 'md5(i::text)::uuid', 'md5(''tripwire'')::uuid', '$1 = md5(''tripwire'')::uuid'),
    ('jsonb', 'jsonb_build_object(''n'', i)', 'jsonb_build_object(''n'', md5(''tripwire''))', 'strpos($1::text, md5(''tripwire'')) > 0'),
    ('text[]', 'ARRAY[i::text]', 'ARRAY[md5(''tripwire'')]', 'strpos(array_to_string($1, '',''), md5(''tripwire'')) > 0'),
    ('timestamptz', 'make_timestamptz(2000 + i % 50, 1, 1, 0, 0, 0)', 'make_timestamptz(7771, 1, 1, 0, 0, 0)', 'isfinite($1) AND extract(year FROM $1) = 7771');

-- Tripwires: functions and operators, for SQLsmith to call and as leaky as can be.
-- They cost nothing, so that the planner puts them first wherever it may; and they
-- are many, since SQLsmith takes them at random, among all of PostgreSQL's.
DO $do$
DECLARE
    m world.mark;
    name text;
BEGIN
    FOR m IN SELECT * FROM world.mark LOOP FOR i IN 0..63 LOOP
        name := format('wire_%s_%s', regexp_replace(m.type::text, '\W+', '_', 'g'), i);
        EXECUTE format($f$
            CREATE FUNCTION %1$I(%2$s) RETURNS %2$s LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 0.0001 AS $$
            BEGIN
                IF %3$s THEN RAISE LOG 'TRIPWIRE: the value of a foreign row, %%', $1; END IF;
                RETURN $1;
            END $$;
            CREATE FUNCTION %4$I(%2$s, %2$s) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 0.0001 AS $$
            BEGIN
                RETURN %1$I($1) IS NOT NULL AND %1$I($2) IS NOT NULL;
            END $$;
            CREATE OPERATOR %5$s (LEFTARG = %2$s, RIGHTARG = %2$s, FUNCTION = %4$I)$f$,
            name, m.type, m.test, name || '_both',
            '@' || substr('@#%&', i / 16 + 1, 1) || substr('@#%&', i / 4 % 4 + 1, 1) || substr('@#%&', i % 4 + 1, 1));
    END LOOP; END LOOP;
END $do$;
CREATE FUNCTION world.watch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND NOT (SELECT changes FROM world.tenant WHERE id = OLD.tenant::text) THEN
        RAISE LOG 'TRIPWIRE: % of a foreign row, %', TG_OP, OLD;
    END IF;
    IF TG_OP <> 'DELETE' AND NOT COALESCE((SELECT changes FROM world.tenant WHERE id = NEW.tenant::text), false) THEN
        RAISE LOG 'TRIPWIRE: a row was put where it must not be, %', NEW;
    END IF;
    RETURN NULL;
END $$;

-- The tables.
CREATE TABLE world.kind (relation text, type text, rest text, scope text);
INSERT INTO world.kind VALUES
    ('docs', 'text', '', 'active'),
    ('orders', 'text', '', 'all_mine'),
    ('assets', 'uuid', '', 'all_mine'),
    ('events', 'bigint', '', 'all_mine'),
    ('notes', 'integer', '', 'all_mine'),
    ('parts', 'text', 'PARTITION BY LIST (tenant)', 'all_mine');
DO $do$
DECLARE
    k world.kind;
    columns text;
    own text;
    far text;
BEGIN
    SELECT string_agg(format('c%s %s', row_number, type), ', '), string_agg(format('(%s)', m.own), ', '),
           string_agg(format('(%s)', m.far), ', ')
    INTO columns, own, far FROM (SELECT *, row_number() OVER () FROM world.mark) AS m;
    FOR k IN SELECT * FROM world.kind LOOP
        EXECUTE format('CREATE TABLE %I (id bigint GENERATED BY DEFAULT AS IDENTITY, tenant %s NOT NULL, %s, flag boolean DEFAULT true, PRIMARY KEY (tenant, id)) %s',
                       k.relation, k.type, columns, k.rest);
        IF k.rest <> '' THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES IN (''own-1'', ''far-1'')', k.relation || '_1', k.relation);
            EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', k.relation || '_2', k.relation);
        END IF;
        EXECUTE format('INSERT INTO %I SELECT i, t.id::%s, %s FROM world.tenant AS t, generate_series(1, 25) AS i WHERE t.sees AND t.id ~ %L',
                       k.relation, k.type, own, CASE k.type WHEN 'text' THEN '^[ovf][a-z]+-\d$' WHEN 'uuid' THEN '^[0-9a-f]{8}-' ELSE '^\d{3}$' END);
        EXECUTE format('INSERT INTO %I SELECT 1000 + i, t.id::%s, %s FROM world.tenant AS t, generate_series(1, 100) AS i WHERE NOT t.sees AND t.id ~ %L',
                       k.relation, k.type, far, CASE k.type WHEN 'text' THEN '^[ovf][a-z]+-\d$' WHEN 'uuid' THEN '^[0-9a-f]{8}-' ELSE '^\d{3}$' END);
        EXECUTE format('CREATE INDEX ON %I (c2)', k.relation);
        EXECUTE format('CREATE TRIGGER watch AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION world.watch()', k.relation);
        PERFORM tacl_protect(k.relation::regclass, 'tenant', 'data', scope => k.scope);
    END LOOP;
END $do$;

-- Rows that are protected by the row that they refer to, and views.
CREATE TABLE places (id bigint PRIMARY KEY, tenant text NOT NULL, label text);
INSERT INTO places SELECT id, tenant, c1 FROM (SELECT row_number() OVER () AS id, tenant, c1 FROM orders) AS o;
CREATE TABLE lines (id bigint GENERATED BY DEFAULT AS IDENTITY, place bigint NOT NULL REFERENCES places, label text, amount numeric);
INSERT INTO lines (place, label, amount) SELECT id, label, id FROM places, generate_series(1, 2);
CREATE INDEX ON places (tenant);
CREATE INDEX ON lines (place);
SELECT tacl_protect('places', 'tenant', 'data', scope => 'all_mine') AS p, tacl_protect_child('lines', 'place') AS c \gset
CREATE VIEW orders_view WITH (security_invoker) AS SELECT o.tenant, o.c1, o.c2, a.c5 FROM orders AS o JOIN parts AS a USING (tenant, id);
CREATE VIEW lines_view WITH (security_invoker) AS SELECT l.label AS line, p.label, p.tenant FROM lines AS l JOIN places AS p ON p.id = l.place;

CREATE FUNCTION world.foreign_rows() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    k world.kind;
    one text;
    sums text := '';
BEGIN
    FOR k IN SELECT * FROM world.kind LOOP
        EXECUTE format('SELECT count(*) || md5(string_agg(r::text, ''|'' ORDER BY r.tenant, r.id)) FROM %I AS r WHERE NOT (SELECT changes FROM world.tenant AS t WHERE t.id = r.tenant::text)', k.relation) INTO one;
        sums := sums || k.relation || ' ' || one || E'\n';
    END LOOP;
    RETURN sums;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO smith;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO smith;
SELECT tacl_issue_token('alice', lifetime => '1 day', kid => 'smith') AS token \gset
ALTER ROLE smith SET tacl.token = :'token';
ALTER ROLE smith SET app.tenant = 'own-1';
ALTER ROLE smith SET statement_timeout = '2s';
ANALYZE;
