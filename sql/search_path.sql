-- A hostile search_path and hostile objects change no answer and no change.

--
-- Everything in schema evil raises an error, or answers yes
--

CREATE SCHEMA evil;
CREATE FUNCTION evil.caught() RETURNS boolean LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'something in schema evil was used'; END $$;

-- Operators over each type that the tables have
DO $$
DECLARE
    type text;
    op   text;
BEGIN
    FOREACH type IN ARRAY ARRAY['text', 'bigint', 'boolean', 'timestamp with time zone', 'text[]', 'oid', 'name', 'jsonb'] LOOP
        EXECUTE format('CREATE FUNCTION evil.trap(%1$s, %1$s) RETURNS boolean LANGUAGE sql AS ''SELECT evil.caught()''', type);
        FOREACH op IN ARRAY ARRAY['=', '<>', '<', '<=', '>', '>=', '@>', '<@', '&&', '~~', '~'] LOOP
            EXECUTE format('CREATE OPERATOR evil.%2$s (FUNCTION = evil.trap, LEFTARG = %1$s, RIGHTARG = %1$s)', type, op);
        END LOOP;
    END LOOP;
    FOREACH type IN ARRAY ARRAY['text', 'text[]', 'integer'] LOOP
        EXECUTE format('CREATE FUNCTION evil.trap(jsonb, %1$s) RETURNS boolean LANGUAGE sql AS ''SELECT evil.caught()''', type);
        FOREACH op IN ARRAY ARRAY['-', '->', '->>', '#>>', '?'] LOOP
            EXECUTE format('CREATE OPERATOR evil.%2$s (FUNCTION = evil.trap, LEFTARG = jsonb, RIGHTARG = %1$s)', type, op);
        END LOOP;
    END LOOP;
END $$;

-- Functions of the names and types that a script or a query could mean
CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT evil.caught()::text::timestamptz';
CREATE FUNCTION evil.statement_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT evil.caught()::text::timestamptz';
CREATE FUNCTION evil.isfinite(timestamptz) RETURNS boolean LANGUAGE sql AS 'SELECT evil.caught()';
CREATE FUNCTION evil.current_setting(text, boolean) RETURNS text LANGUAGE sql AS 'SELECT evil.caught()::text';
CREATE FUNCTION evil.pg_extension_config_dump(regclass, text) RETURNS void LANGUAGE sql AS 'SELECT evil.caught()';
CREATE FUNCTION evil.array_length(anyarray, integer) RETURNS integer LANGUAGE sql AS 'SELECT evil.caught()::integer';
CREATE FUNCTION evil.unnest(jsonb[]) RETURNS SETOF jsonb LANGUAGE sql AS 'SELECT evil.caught()::text::jsonb';
CREATE FUNCTION evil.jsonb_array_elements(jsonb) RETURNS SETOF jsonb LANGUAGE sql AS 'SELECT evil.caught()::text::jsonb';
CREATE FUNCTION evil.jsonb_strip_nulls(jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT evil.caught()::text::jsonb';
CREATE FUNCTION evil.unnest(text[]) RETURNS SETOF text LANGUAGE sql AS 'SELECT evil.caught()::text';
CREATE FUNCTION evil.nextval(regclass) RETURNS bigint LANGUAGE sql AS 'SELECT evil.caught()::integer::bigint';
CREATE FUNCTION evil.check_name(text) RETURNS boolean LANGUAGE sql AS 'SELECT evil.caught()';
CREATE FUNCTION evil.check_pattern(text) RETURNS boolean LANGUAGE sql AS 'SELECT evil.caught()';
CREATE FUNCTION evil.check_patterns(text[]) RETURNS boolean LANGUAGE sql AS 'SELECT evil.caught()';
CREATE FUNCTION evil.signal() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM evil.caught(); END';
CREATE FUNCTION evil.tacl_can(text, text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION evil.tacl_can(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION evil.tacl_user() RETURNS text LANGUAGE sql AS $$ SELECT 'search-eve'::pg_catalog.text $$;
CREATE FUNCTION evil.tacl_tenant() RETURNS text LANGUAGE sql AS $$ SELECT '*'::pg_catalog.text $$;
CREATE DOMAIN evil.int8 AS integer CHECK (VALUE < 0);
CREATE DOMAIN evil.timestamptz AS integer CHECK (VALUE < 0);
CREATE DOMAIN evil.bool AS integer CHECK (VALUE < 0);
CREATE DOMAIN evil.text AS integer CHECK (VALUE < 0);

-- Relations of the tables' names, in schema evil and in pg_temp
DO $$
DECLARE
    relation text;
BEGIN
    FOREACH relation IN ARRAY ARRAY['tenant', 'role', 'role_include', 'assignment', 'user_account',
        'user_group', 'group_member', 'group_include', 'proxy_tenants', 'pg_class', 'pg_extension'] LOOP
        EXECUTE format('CREATE TABLE evil.%1$I (id text, tenant text, user_id text, role_id bigint, pattern text)', relation);
        EXECUTE format('INSERT INTO evil.%1$I VALUES (''*'', ''*'', ''search-eve'', NULL, ''*'')', relation);
        EXECUTE format('CREATE TEMPORARY TABLE %1$I (id text, tenant text, user_id text, role_id bigint, pattern text)', relation);
        EXECUTE format('INSERT INTO pg_temp.%1$I VALUES (''*'', ''*'', ''search-eve'', NULL, ''*'')', relation);
    END LOOP;
END $$;

--
-- Every function that is there, under that path
--

SET search_path = evil, pg_temp, pg_catalog, public;
SHOW search_path;
SELECT tacl_can('search-eve', 'orders.view', '*') AS "evil's, as the caller's path says",
       public.tacl_can('search-eve', 'orders.view', '*') AS "ours";

SELECT public.tacl_create_tenant('search-a');
SELECT public.tacl_create_tenant('search-b', 'search-a');
SELECT public.tacl_create_tenant('search-c');
SELECT public.tacl_move_tenant('search-c', 'search-a');
SELECT public.tacl_limit_tenant('search-c', '{orders.*}');
SELECT public.tacl_suspend_tenant('search-c', '{orders.view}');
SELECT public.tacl_resume_tenant('search-c');
SELECT public.tacl_define_role('search-reader', '{orders.view}');
SELECT public.tacl_define_role('search-writer', '{orders.edit}', 'search-a', '{search-reader}', 'may write');
SELECT public.tacl_assign('search-ann', 'search-writer', 'search-a', '2100-01-01', '2000-01-01');
SELECT public.tacl_assign('search-ann', 'search-writer', 'search-a', '2100-01-01', '2000-01-01');
SELECT public.tacl_sync_roles('search-bob', '{search-reader, search-writer}', 'search-b');
SELECT public.tacl_sync_roles('search-bob', '{search-reader}', 'search-b');
SELECT public.tacl_grant('search-bob', '!orders.delete', 'search-a');
SELECT public.tacl_revoke('search-bob', '!orders.delete', 'search-a');
SELECT public.tacl_disable_user('search-eve');
SELECT public.tacl_enable_user('search-eve');
SELECT public.tacl_create_group('search-staff', 'search-a');
SELECT public.tacl_create_group('search-guests', 'search-a');
SELECT public.tacl_add_member('search-cat', 'search-guests', 'search-a');
SELECT public.tacl_include_group('search-staff', 'search-guests', 'search-a');
SELECT public.tacl_assign_group('search-staff', 'search-writer', 'search-a');

SELECT public.tacl_can('search-ann', 'orders.edit', 'search-a') AS ann,
       public.tacl_can('search-ann', 'orders.edit', 'search-b') AS "ann below",
       public.tacl_can('search-bob', 'orders.edit', 'search-b') AS bob,
       public.tacl_can('search-bob', 'orders.view', 'search-b') AS "bob views",
       public.tacl_can('search-cat', 'orders.edit', 'search-c') AS cat,
       public.tacl_can('search-eve', 'orders.edit', 'search-a') AS eve;
SELECT public.tacl_can_any('search-ann', '{orders.edit, orders.delete}', 'search-a') AS "any",
       public.tacl_can_all('search-ann', '{orders.edit, orders.delete}', 'search-a') AS "all",
       public.tacl_has_role('search-cat', 'search-reader', 'search-b') AS has_role,
       public.tacl_check('search-ann', '{orders.edit, orders.delete}', 'search-a') AS checked;
SELECT public.tacl_authorize('search-eve', 'orders.edit', 'search-a');
SET app.tenant = 'search-b';
SELECT public.tacl_user(), public.tacl_tenant(), public.tacl_may('orders.view') AS may,
       public.tacl_can('search-bob', 'orders.view') AS active;
RESET app.tenant;

-- Definitions, with a catalog and without
SELECT * FROM public.tacl_role_permissions('search-writer', 'search-a');
SELECT * FROM public.tacl_tenant_roles('search-a') WHERE defined_at OPERATOR(pg_catalog.=) 'search-a';
SELECT * FROM public.tacl_matrix('search-a') WHERE role OPERATOR(pg_catalog.=) 'search-writer';
SELECT public.tacl_graph('search-a');
INSERT INTO tacl.permission (name) VALUES ('orders.edit');
SELECT public.tacl_define_role('search-writer', '{orders.edit, orders.eidt}', 'search-a');
SELECT * FROM public.tacl_matrix('search-a') WHERE role OPERATOR(pg_catalog.=) 'search-writer';
DELETE FROM tacl.permission;

-- Export and apply, all of their statements
SELECT * FROM public.tacl_export('search-a') WHERE pg_catalog.jsonb_exists(tacl_export, 'roles') OR pg_catalog.jsonb_exists(tacl_export, 'assignments');
BEGIN;
SELECT object FROM public.tacl_apply('{"scope": "search-a", "tenants": [{"id": "search-a", "ceiling": ["orders.*"]}, {"id": "search-d", "parent": "search-a"}],
    "roles": {"role": "search-new", "tenant": "search-a", "includes": ["search-reader"]}, "groups": {"group": "search-staff", "tenant": "search-a"},
    "members": {"user": "search-dan", "group": "search-staff", "tenant": "search-a"}, "assignments": [{"user": "search-dan", "role": "search-new", "tenant": "search-d"},
    {"group": "search-staff", "role": "search-new", "tenant": "search-d", "expires_at": "2100-01-01"}]}');
SELECT pg_catalog.count(*) OPERATOR(pg_catalog.>=) 3 AS applied FROM public.tacl_apply('{"permissions": {"name": "a"}, "users": {"user": "search-eve", "disabled_at": "2000-01-01"}, "preferences": {"user": "search-eve"}}');
SELECT pg_catalog.count(*) OPERATOR(pg_catalog.>=) 11 AS exported FROM public.tacl_export();
SELECT object FROM public.tacl_apply('{"scope": "search-a", "tenants": []}');
ROLLBACK;

-- Constraints, foreign keys, defaults, guards and signals too
INSERT INTO tacl.assignment (user_id, tenant, pattern) VALUES ('search-dan', 'search-a', 'orders.delete');
SELECT public.tacl_can('search-dan', 'orders.delete', 'search-b') AS dan;
UPDATE tacl.tenant SET parent = 'search-c' WHERE id OPERATOR(pg_catalog.=) 'search-a';
INSERT INTO tacl.assignment (user_id, tenant, pattern) VALUES ('search-dan', 'search-a', 'a..b');
INSERT INTO tacl.assignment (user_id, tenant, pattern) VALUES ('search-dan', 'search-z', 'a.b');
DELETE FROM tacl.assignment WHERE user_id OPERATOR(pg_catalog.=) 'search-dan';
SELECT public.tacl_can('search-dan', 'orders.delete', 'search-b') AS dan;

SELECT public.tacl_unassign_group('search-staff', 'search-writer', 'search-a');
SELECT public.tacl_exclude_group('search-staff', 'search-guests', 'search-a');
SELECT public.tacl_remove_member('search-cat', 'search-guests', 'search-a');
SELECT public.tacl_drop_group('search-staff', 'search-a');
SELECT public.tacl_unassign('search-ann', 'search-writer', 'search-a');
SELECT public.tacl_drop_role('search-writer', 'search-a', true);
SELECT public.tacl_drop_tenant('search-a', true);
SELECT public.tacl_drop_role('search-reader');
SELECT public.tacl_flush();
SELECT pg_catalog.count(*) FROM public.tacl_stats();

-- An empty path
SET search_path = '';
SELECT public.tacl_create_tenant('search-a');
SELECT public.tacl_grant('search-ann', 'orders.*', 'search-a');
SELECT public.tacl_can('search-ann', 'orders.view', 'search-a') AS ann;
SELECT public.tacl_drop_tenant('search-a', true);
RESET search_path;

--
-- Hostile objects that were there before CREATE EXTENSION
--

\set main :DBNAME
CREATE DATABASE regress_tacl_hostile TEMPLATE template0;
\c regress_tacl_hostile

-- In the way: refused
\set VERBOSITY sqlstate
CREATE SCHEMA tacl;
CREATE EXTENSION tenant_acl;
DROP SCHEMA tacl;
CREATE FUNCTION public.tacl_can(text, text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE EXTENSION tenant_acl SCHEMA public;
DROP FUNCTION public.tacl_can(text, text, text);
\set VERBOSITY default

-- In front: not used
CREATE SCHEMA evil;
CREATE FUNCTION evil.caught() RETURNS boolean LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'something in schema evil was used'; END $$;
CREATE FUNCTION evil.trap(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT evil.caught()';
CREATE FUNCTION evil.trap(bigint, bigint) RETURNS boolean LANGUAGE sql AS 'SELECT evil.caught()';
CREATE FUNCTION evil.trap(boolean, boolean) RETURNS boolean LANGUAGE sql AS 'SELECT evil.caught()';
CREATE FUNCTION evil.trap(timestamptz, timestamptz) RETURNS boolean LANGUAGE sql AS 'SELECT evil.caught()';
CREATE OPERATOR evil.= (FUNCTION = evil.trap, LEFTARG = text, RIGHTARG = text);
CREATE OPERATOR evil.<> (FUNCTION = evil.trap, LEFTARG = text, RIGHTARG = text);
CREATE OPERATOR evil.= (FUNCTION = evil.trap, LEFTARG = boolean, RIGHTARG = boolean);
CREATE OPERATOR evil.<> (FUNCTION = evil.trap, LEFTARG = boolean, RIGHTARG = boolean);
CREATE OPERATOR evil.= (FUNCTION = evil.trap, LEFTARG = bigint, RIGHTARG = bigint);
CREATE OPERATOR evil.< (FUNCTION = evil.trap, LEFTARG = timestamptz, RIGHTARG = timestamptz);
CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT evil.caught()::text::timestamptz';
CREATE FUNCTION evil.isfinite(timestamptz) RETURNS boolean LANGUAGE sql AS 'SELECT evil.caught()';
CREATE FUNCTION evil.check_name(text) RETURNS boolean LANGUAGE sql AS 'SELECT evil.caught()';
CREATE FUNCTION evil.pg_extension_config_dump(regclass, text) RETURNS void LANGUAGE sql AS 'SELECT evil.caught()';
CREATE DOMAIN evil.text AS integer CHECK (VALUE < 0);
CREATE DOMAIN evil.int8 AS integer CHECK (VALUE < 0);
CREATE DOMAIN evil.timestamptz AS integer CHECK (VALUE < 0);
CREATE TABLE evil.tenant (id text);
CREATE TEMPORARY TABLE tenant (id text);
SET search_path = evil, pg_temp, pg_catalog, public;
CREATE EXTENSION tenant_acl SCHEMA public;

-- Nothing outside of schema evil depends on anything in it
SELECT d.identity AS dependent
FROM pg_depend AS p
CROSS JOIN LATERAL pg_identify_object(p.classid, p.objid, p.objsubid) AS d
CROSS JOIN LATERAL pg_identify_object(p.refclassid, p.refobjid, p.refobjsubid) AS r
WHERE r.identity OPERATOR(pg_catalog.~) '\mevil\M' AND d.identity OPERATOR(pg_catalog.!~) '\mevil\M'
  AND d.type OPERATOR(pg_catalog.<>) 'toast table'
ORDER BY d.identity COLLATE "C" USING OPERATOR(pg_catalog.<);
SELECT public.tacl_create_tenant('search-a');
SELECT public.tacl_define_role('search-reader', '{orders.view}');
SELECT public.tacl_assign('search-ann', 'search-reader', 'search-a');
SELECT public.tacl_can('search-ann', 'orders.view', 'search-a') AS ann,
       public.tacl_can('search-eve', 'orders.view', 'search-a') AS eve;
DROP EXTENSION tenant_acl;

\c :main
DROP DATABASE regress_tacl_hostile;
SET client_min_messages = warning;
DROP SCHEMA evil CASCADE;
