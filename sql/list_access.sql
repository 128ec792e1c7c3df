-- Who may look up what: the session's user what they have themselves, and no
-- name beyond that; SELECT on the tables lets a database role see all.
\set SHOW_CONTEXT never
SET jit = off;
\pset null ~
CREATE ROLE regress_tacl_app;
CREATE ROLE regress_tacl_reader;
CREATE ROLE regress_tacl_heir IN ROLE regress_tacl_reader;
CREATE ROLE regress_tacl_data IN ROLE pg_read_all_data;
GRANT CREATE ON SCHEMA public TO regress_tacl_app, regress_tacl_reader;

-- A reseller above two customers, which one of them must not know of
SELECT tacl_create_tenant('la-seller'), tacl_create_tenant('la-cust', 'la-seller'), tacl_create_tenant('la-cust/site', 'la-cust'), tacl_create_tenant('la-rival', 'la-seller');
SELECT tacl_define_role('la-base', '{orders.*,stock.view}', 'la-seller'), tacl_define_role('la-lead', '{own.*}', 'la-seller', includes => '{la-base}'), tacl_define_role('la-local', '{!local.x}', 'la-cust'), tacl_define_role('la-all', '{staff.view}'),
       tacl_assign('la-me', 'la-lead', 'la-cust'), tacl_assign('la-me', 'la-local', 'la-cust/site'), tacl_grant('la-me', 'own.view', 'la-cust/site'), tacl_assign('la-me', 'la-all', '*', '2000-01-01'),
       tacl_assign('la-you', 'la-lead', 'la-seller'), tacl_assign('la-you', 'la-lead', 'la-rival'), tacl_assign('la-off', 'la-lead', 'la-cust'), tacl_disable_user('la-off'), tacl_limit_tenant('la-seller', '{orders.*,local.*}');

-- What all functions say of one user; what a query gives, or its error
CREATE FUNCTION pg_temp.said(u text, p text, t text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT 'tenants ' || l FROM tacl_tenants(u) AS l
    UNION ALL SELECT 'tenants, may ' || l FROM tacl_tenants(u, p) AS l
    UNION ALL SELECT 'memberships ' || l::text FROM tacl_memberships(u) AS l
    UNION ALL SELECT 'roles ' || l::text FROM tacl_roles(u, t) AS l
    UNION ALL SELECT 'permissions ' || l::text FROM tacl_permissions(u, t) AS l
    UNION ALL SELECT 'explain ' || l::text FROM tacl_explain(u, p, t) AS l
$$;
CREATE FUNCTION pg_temp.attempt(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text; hint text; rows int;
BEGIN
    EXECUTE query;
    GET DIAGNOSTICS rows = ROW_COUNT;
    RETURN rows || ' rows';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', sqlstate, sqlerrm, nullif(detail, ''), nullif(hint, ''));
END
$$;
-- In what is said, names that the user must not know; and differences between tenants that are hidden and one that is not there
CREATE FUNCTION pg_temp.hidden(u text) RETURNS TABLE (names bigint, differences bigint) LANGUAGE sql AS $$
    SELECT (SELECT count(*) FROM unnest('{orders.view,orders.edit,stock.view,own.view,local.x,staff.view}'::text[]) AS p, unnest('{*,la-cust,la-cust/site,nowhere}'::text[]) AS t, pg_temp.said(u, p, t) AS s WHERE s ~ 'seller|rival|la-you'),
           (SELECT count(DISTINCT array(SELECT replace(pg_temp.said(u, 'orders.view', t), t, '?'))) FROM unnest('{la-seller,la-rival,nowhere}'::text[]) AS t) - 1
$$;
-- Every function, about users who exist or not, at tenants that exist or not, for permissions that can be or not
CREATE TEMP TABLE asked AS
SELECT format('SELECT * FROM %s', format(f, u, t, p)) AS query
FROM unnest('{"tacl_tenants(%1$L)","tacl_tenants(%1$L, %3$L)",tacl_memberships(%1$L),tacl_roles(%1$L),"tacl_roles(%1$L, %2$L)",tacl_permissions(%1$L),"tacl_permissions(%1$L, %2$L)","tacl_explain(%1$L, %3$L)","tacl_explain(%1$L, %3$L, %2$L)",tacl_members(%2$L),"tacl_users(%3$L, %2$L)"}'::text[]) AS f,
     unnest('{la-you,nobody,NULL,"",*}'::text[]) AS u, unnest('{la-seller,nowhere,*,NULL,""}'::text[]) AS t, unnest('{orders.view,orders.*,a b,NULL,""}'::text[]) AS p;
GRANT SELECT ON asked TO PUBLIC;

-- Nobody's session: nothing, and always the same error
SELECT tacl_user();
SET ROLE regress_tacl_app;
SELECT pg_temp.attempt(query), count(*) FROM asked GROUP BY 1;
RESET ROLE;
-- With a user in the session no more about others; nor by a name that begins alike, or in other letters
SET tacl.user_setting = 'app.user_id';
SET app.user_id = 'la-me';
SET ROLE regress_tacl_app;
SELECT pg_temp.attempt(query), count(*) FROM asked GROUP BY 1;
SELECT DISTINCT pg_temp.attempt(format('SELECT * FROM tacl_tenants(%L)', u)) FROM unnest('{la-m,la-me2,LA-ME,"la-me "}'::text[]) AS u;
SELECT tacl_tenants(true);
-- Of themselves they are told what there is, and what is no permission
SELECT * FROM tacl_tenants('la-me');
SELECT * FROM tacl_memberships('la-me');
SELECT * FROM tacl_roles('la-me', 'la-cust/site');
SELECT * FROM tacl_permissions('la-me', 'la-cust/site');
SELECT role, defined_at, pattern, assigned_at, cut_by, decided, reason FROM tacl_explain('la-me', 'own.view', 'la-cust/site');
SELECT reason FROM tacl_explain('la-me', 'local.x', 'la-cust/site') WHERE decided;
SELECT tacl_explain('la-me', 'orders.*', 'la-cust');

-- No name beyond that, whatever they ask; what is hidden looks like what is not there
SELECT * FROM pg_temp.hidden('la-me');
RESET ROLE;
SET app.user_id = '';
SELECT tacl_suspend_tenant('la-seller', '{orders.view,local.*}');
SET app.user_id = 'la-me';
SET ROLE regress_tacl_app;
SELECT reason FROM tacl_explain('la-me', 'orders.edit', 'la-cust') WHERE kind = 'verdict';
SELECT * FROM pg_temp.hidden('la-me');
SET app.user_id = 'la-off';
SELECT * FROM pg_temp.hidden('la-off');
SELECT kind, role, reason FROM tacl_explain('la-off', 'orders.view', 'la-cust');
SET app.user_id = 'nobody';
SELECT * FROM pg_temp.hidden('nobody');
-- Nor does it show what others change
CREATE TEMP TABLE before AS SELECT s, t FROM unnest('{la-seller,la-rival,nowhere,la-cust/site}'::text[]) AS t, pg_temp.said('nobody', 'orders.view', t) AS s;
RESET ROLE;
SET app.user_id = '';
SELECT tacl_drop_tenant('la-rival', true), tacl_unassign('la-you', 'la-lead', 'la-seller'), tacl_create_tenant('nowhere');
SET app.user_id = 'nobody';
SET ROLE regress_tacl_app;
SELECT s, t FROM unnest('{la-seller,la-rival,nowhere,la-cust/site}'::text[]) AS t, pg_temp.said('nobody', 'orders.view', t) AS s EXCEPT TABLE before;
-- The setting counts as it is now; without it nobody is told anything
SET app.user_id = 'la-you';
BEGIN;
SET LOCAL app.user_id = 'la-me';
SELECT count(*) FROM tacl_tenants('la-me');
ROLLBACK;
SELECT pg_temp.attempt($$SELECT * FROM tacl_tenants('la-me')$$);
SET app.user_id = '';
SELECT DISTINCT pg_temp.attempt(format('SELECT * FROM tacl_tenants(%L)', u)) FROM unnest('{"",NULL,la-me}'::text[]) AS u;
-- The user of the session by another type of id
SET app.user_id = '7';
SELECT count(*) FROM (SELECT tenant FROM tacl_tenants(7) UNION ALL SELECT role FROM tacl_roles(7::bigint, 'la-cust') UNION ALL SELECT reason FROM tacl_explain('7'::varchar, 'x.y', 42)) AS l;
SELECT pg_temp.attempt('SELECT tacl_tenants(8)'), pg_temp.attempt('SELECT tacl_tenants(NULL::uuid)');
RESET ROLE;

-- SELECT on all tables lets a role see all, itself or by another; USAGE on the schema is not needed
GRANT SELECT ON tacl.tenant, tacl.role, tacl.role_include, tacl.assignment, tacl.user_account, tacl.user_group, tacl.group_member, tacl.group_include TO regress_tacl_reader;
CREATE FUNCTION pg_temp.attempt_as(database_role text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SET ROLE %I', database_role);
    RETURN QUERY SELECT DISTINCT pg_temp.attempt(q) FROM unnest(ARRAY[$q$SELECT * FROM tacl_tenants('la-me')$q$, $q$SELECT * FROM tacl_members('la-cust')$q$]) AS q;
    RESET ROLE;
END
$$;
SELECT r, a FROM unnest('{reader,heir,data,app}'::text[]) AS r, pg_temp.attempt_as('regress_tacl_' || r) AS a;
-- All but one of them is not enough, nor are columns of that one
DO $$
DECLARE
    t text;
BEGIN
    FOR t IN SELECT unnest('{tenant,role,role_include,assignment,user_account,user_group,group_member,group_include}'::text[]) LOOP
        EXECUTE format('REVOKE SELECT ON tacl.%I FROM regress_tacl_reader', t);
        RAISE NOTICE '% %', t, array(SELECT pg_temp.attempt_as('regress_tacl_reader'));
        EXECUTE format('GRANT SELECT ON tacl.%I TO regress_tacl_reader', t);
    END LOOP;
    REVOKE SELECT ON tacl.role FROM regress_tacl_reader;
    GRANT SELECT (id, tenant, name, permissions, description), UPDATE ON tacl.role TO regress_tacl_reader;
    RAISE NOTICE 'columns %', array(SELECT pg_temp.attempt_as('regress_tacl_reader'));
    GRANT SELECT ON tacl.role TO regress_tacl_reader;
END $$;
-- Who sees all is told all names, also as the session's user
SET app.user_id = 'la-me';
SET ROLE regress_tacl_reader;
SELECT role, defined_at, cut_by, reason FROM tacl_explain('la-me', 'own.view', 'la-cust');
SELECT reason FROM tacl_explain('la-me', 'own.view', 'la-rival');
RESET ROLE;

-- A function runs as who owns it if it says so; a view's functions run as the caller
CREATE FUNCTION public.la_members() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$ SELECT DISTINCT user_id FROM tacl_members('la-cust') $$;
CREATE VIEW public.la_members AS SELECT DISTINCT user_id FROM tacl_members('la-cust');
GRANT SELECT ON public.la_members TO PUBLIC;
SET ROLE regress_tacl_app;
CREATE FUNCTION public.la_members_app() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$ SELECT DISTINCT user_id FROM tacl_members('la-cust') $$;
SELECT pg_temp.attempt('SELECT la_members()'), pg_temp.attempt('TABLE la_members');
RESET ROLE;
SELECT pg_temp.attempt('SELECT la_members_app()'), pg_temp.attempt('TABLE la_members');

-- EXECUTE is PUBLIC's, and can be taken away
SELECT count(*), bool_and(has_function_privilege('regress_tacl_app', oid, 'EXECUTE')) AS all FROM pg_proc WHERE proname IN ('tacl_tenants', 'tacl_users', 'tacl_memberships', 'tacl_members', 'tacl_roles', 'tacl_permissions', 'tacl_explain');
BEGIN;
REVOKE EXECUTE ON FUNCTION tacl_tenants(text) FROM PUBLIC;
SET LOCAL ROLE regress_tacl_app;
SELECT pg_temp.attempt($$SELECT tacl_tenants('la-me')$$);
ROLLBACK;

-- Who has nothing but a deny cannot tell by it whether a tenant is there
BEGIN;
SET LOCAL app.user_id = '';
SELECT tacl_grant('la-denied', '!orders.*', '*'), tacl_grant('la-denied', '!members.*', 'la-cust');
SELECT * FROM tacl_permissions('la-denied', 'la-cust');
SET LOCAL app.user_id = 'la-denied';
SET LOCAL ROLE regress_tacl_app;
SELECT t, count(p) FROM (VALUES ('la-cust'), ('la-seller'), ('nowhere'), ('*')) AS v (t) LEFT JOIN LATERAL tacl_permissions('la-denied', t) AS p ON true GROUP BY t ORDER BY t COLLATE "C";
ROLLBACK;

-- Who has left a tenant cannot tell what is below it, by a deny or by what has ended
BEGIN;
SET LOCAL app.user_id = '';
SELECT tacl_create_tenant('la-below', 'la-cust'), tacl_grant('la-gone', 'orders.view', 'la-cust', expires_at => now() - interval '1 day'),
    tacl_grant('la-soon', 'orders.view', 'la-cust', starts_at => now() + interval '1 day'), tacl_grant('la-denied', '!orders.*', 'la-cust');
SET LOCAL ROLE regress_tacl_app;
SELECT u, t, set_config('app.user_id', u, true) = u AS as_user, (SELECT string_agg(coalesce(e.assigned_at || ': ', '') || e.reason, ', ') FROM tacl_explain(u, 'orders.view', t) AS e) AS why
FROM unnest('{la-gone,la-soon,la-denied}'::text[]) AS u, unnest('{la-below,la-nowhere}'::text[]) AS t;
ROLLBACK;

-- Reading only
BEGIN READ ONLY;
SELECT count(*) FROM pg_temp.said('la-me', 'orders.view', 'la-cust'), tacl_users('orders.view', 'la-cust'), tacl_members('la-cust');
COMMIT;

RESET app.user_id;
RESET tacl.user_setting;
SELECT tacl_drop_tenant('la-seller', true), tacl_drop_tenant('nowhere'), tacl_drop_role('la-all', '*', true);
DELETE FROM tacl.user_account WHERE user_id ^@ 'la-';
DROP VIEW la_members;
DROP FUNCTION la_members(), la_members_app();
REVOKE ALL ON ALL TABLES IN SCHEMA tacl FROM regress_tacl_reader;
REVOKE CREATE ON SCHEMA public FROM regress_tacl_app, regress_tacl_reader;
DROP TABLE asked, before;
DROP ROLE regress_tacl_app, regress_tacl_heir, regress_tacl_reader, regress_tacl_data;
