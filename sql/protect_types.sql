-- tacl_protect() on each type of column, in both scopes: an index condition in the
-- column's own type, the right rows, and R18: whatever stands in app.tenant, no
-- error, and no row unless it is exactly the tenant's id.
-- Guards: idtype_value(); the type of NULL::type; exact comparison.
SET tacl.user_setting = 'app.user_id';
CREATE ROLE regress_tacl_app;
CREATE SCHEMA regress_types;
SET search_path = regress_types, public;
CREATE DOMAIN domain_text AS text CHECK (VALUE <> '');
CREATE DOMAIN domain_uuid AS uuid;
CREATE DOMAIN domain_of_domain AS domain_uuid;

-- One table per type, with rows of 100 tenants; ann may in number 7 and 8
CREATE FUNCTION tenant_id(number int, type regtype) RETURNS text IMMUTABLE LANGUAGE sql RETURN
    CASE WHEN type::text LIKE '%uuid' OR type::text LIKE '%domain_of_domain' THEN lpad(number::text, 32, 'a')::uuid::text
         WHEN type::text IN ('smallint', 'integer', 'bigint') THEN number::text
         ELSE 'org-' || number END;
CREATE TABLE types (type regtype, name text);
INSERT INTO types SELECT t, replace(replace(t::text, ' ', '_'), 'regress_types.', '') || '_rows'
    FROM unnest('{text, varchar, uuid, smallint, integer, bigint, domain_text, domain_uuid, domain_of_domain}'::regtype[]) AS t;
SELECT tacl_create_tenant(t) FROM (SELECT DISTINCT tenant_id(n, type) AS t FROM types, unnest('{7,8,9}'::int[]) AS n ORDER BY 1) AS ids \g /dev/null
SELECT tacl_define_role('editor', '{rows.*}'), tacl_define_role('admin', '{*}');
SELECT tacl_assign('ann', 'editor', tenant_id(n, type)) FROM types, unnest('{7,8}'::int[]) AS n \g /dev/null
DO $$
DECLARE
    t types;
BEGIN
    FOR t IN SELECT * FROM types LOOP
        EXECUTE format('CREATE TABLE %I (tenant %s, n int)', t.name, t.type);
        EXECUTE format('INSERT INTO %I SELECT tenant_id(i %% 100, %L)::%s, i FROM generate_series(1, 5000) AS i', t.name, t.type, t.type);
        EXECUTE format('CREATE INDEX ON %I (tenant)', t.name);
        EXECUTE format('ANALYZE %I', t.name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO regress_tacl_app', t.name);
    END LOOP;
END $$;
GRANT USAGE ON SCHEMA regress_types TO regress_tacl_app;
GRANT SELECT ON types TO regress_tacl_app;

-- What a query finds with each of the settings, and the plan's condition
CREATE FUNCTION found(name text, tenant text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    PERFORM set_config('app.tenant', tenant, true);
    EXECUTE format('SELECT string_agg(DISTINCT tenant::text, '', '' ORDER BY tenant::text) || '' x '' || count(*) FROM %I', name) INTO result;
    RETURN coalesce(result, 'none');
END $$;
CREATE FUNCTION condition(name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE format('EXPLAIN (COSTS OFF) SELECT * FROM %I', name) LOOP
        IF line LIKE '%Index Cond%' THEN RETURN trim(line); END IF;
    END LOOP;
END $$;
SET app.user_id = 'ann';

SELECT bool_and(tacl_protect(name::regclass, 'tenant', 'rows')) FROM types;
SELECT bool_or(tacl_protect(name::regclass, 'tenant', 'rows')) AS again FROM types;
SET ROLE regress_tacl_app;
SELECT name, condition(name) FROM types;
SELECT name, found(name, tenant_id(7, type)) AS allowed, found(name, tenant_id(9, type)) AS "not allowed" FROM types;
-- Nothing that is not the id as it is written finds rows, nor is it an error
SELECT DISTINCT setting, found(name, setting)
FROM types, unnest(ARRAY['', ' ', 'x', '*', '07', '+7', ' 7', '7 ', '7.0', '0x7', '-0', '-', '1e1', 'Org-7', 'org-7 ', '32768', '2147483648',
    '9223372036854775808', '-9223372036854775809', '99999999999999999999999', upper(tenant_id(7, 'uuid')), '{' || tenant_id(7, 'uuid') || '}',
    replace(tenant_id(7, 'uuid'), '-', ''), left(tenant_id(7, 'uuid'), 35), tenant_id(7, 'uuid') || 'a', 'NaN', 'null', repeat('7', 300), 'größe', '''', '\']) AS setting
WHERE found(name, setting) <> 'none';
RESET ROLE;
-- Nor with a tenant of such a name, where ann may
SET app.user_id = '';
SELECT tacl_create_tenant(t), tacl_assign('ann', 'editor', t) FROM unnest(ARRAY['07', '+7', '65543', '4294967303', 'Org-7', upper(tenant_id(7, 'uuid'))]) AS t \g /dev/null
SET app.user_id = 'ann';
SET ROLE regress_tacl_app;
SELECT name, found(name, '07') AS "07", found(name, '+7') AS "+7", found(name, '65543') AS "2^16+7", found(name, '4294967303') AS "2^32+7",
    found(name, 'Org-7') AS "Org-7", found(name, upper(tenant_id(7, 'uuid'))) AS "upper case" FROM types;
RESET ROLE;

SELECT bool_and(tacl_protect(name::regclass, 'tenant', 'rows', 'all_mine')) FROM types;
SET ROLE regress_tacl_app;
SELECT name, condition(name) FROM types;
SELECT name, found(name, '') AS "all mine" FROM types;
-- Moves
UPDATE integer_rows SET tenant = 9 WHERE tenant = 7;
UPDATE domain_of_domain_rows SET tenant = tenant_id(9, 'uuid')::uuid WHERE n = 7;
UPDATE character_varying_rows SET tenant = 'org-8' WHERE n = 7 RETURNING tenant;
RESET ROLE;

-- What a collation takes for equal is not: where there is ICU, and for UTF8
SELECT count(*) > 0 AND getdatabaseencoding() = 'UTF8' AS has_icu FROM pg_collation WHERE collprovider = 'i' \gset
\if :has_icu
CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
\else
CREATE COLLATION blind FROM "C";
\endif
CREATE TABLE blind_rows (tenant text COLLATE blind, n int);
INSERT INTO blind_rows VALUES ('org-8', 1), ('ORG-8', 2), ('Org-8', 3);
GRANT SELECT, UPDATE ON blind_rows TO regress_tacl_app;
SET client_min_messages = warning;
SELECT tacl_protect('blind_rows', 'tenant', 'rows');
RESET client_min_messages;
SET ROLE regress_tacl_app;
SELECT found('blind_rows', 'org-8');
-- A change of case is a move
SET app.tenant = 'org-8';
UPDATE blind_rows SET tenant = 'ORG-8';

RESET ROLE;
RESET app.user_id;
RESET app.tenant;
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA regress_types CASCADE;
DROP ROLE regress_tacl_app;
SELECT bool_and(tacl_drop_tenant(id, true)) FROM tacl.tenant WHERE id <> '*';
SELECT tacl_drop_role('editor'), tacl_drop_role('admin');
