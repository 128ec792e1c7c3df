-- tacl_explain_row(): nothing of the table owner's runs with the caller's rights.
-- Policies, the constraints of a key's type and its operators run as the owner of the
-- table, or as the role that is asked about if the owner could become it; and whatever
-- they do, settings and the current user are afterwards what they were.
-- Guards: the change of user, the restricted operation, settings that are undone,
-- current_user in expressions.
\set SHOW_CONTEXT never
\pset format unaligned
\pset footer off
\pset null '(null)'
CREATE ROLE regress_tacl_mal;
CREATE ROLE regress_tacl_app;
CREATE ROLE regress_tacl_mate;
CREATE ROLE regress_tacl_bypass BYPASSRLS;
GRANT regress_tacl_mate, regress_tacl_bypass TO regress_tacl_mal;
CREATE SCHEMA regress_bait AUTHORIZATION regress_tacl_mal;
SET tacl.user_setting = 'app.user_id';
SELECT tacl_create_tenant('org-a'), tacl_grant('ann', 'bait.view', 'org-a');
SET app.user_id = 'ann';
SET app.tenant = 'org-a';

SET search_path = regress_bait, public;
SET ROLE regress_tacl_mal;
CREATE TABLE seen (what text, who text);
CREATE FUNCTION evil(what text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO regress_bait.seen VALUES (what, current_user);
    RETURN true;
END $$;
CREATE DOMAIN number AS int CHECK (regress_bait.evil('domain'));
CREATE TABLE bait (id number PRIMARY KEY, tenant_id text);
SET client_min_messages = warning;
INSERT INTO bait VALUES (1, 'org-a');
ALTER TABLE bait ENABLE ROW LEVEL SECURITY;
CREATE POLICY evil ON bait USING (regress_bait.evil('policy'));
CREATE POLICY ours ON bait AS RESTRICTIVE FOR SELECT USING (tacl_may('bait.view', tenant_id));
GRANT ALL ON bait TO regress_tacl_app, regress_tacl_mate;
TRUNCATE seen;
RESET client_min_messages;

-- The superuser asks, for itself and for others
RESET ROLE;
SELECT count(*) FROM tacl_explain_row('bait', 1);
SELECT count(*) FROM tacl_explain_row('bait', '{"id": 1}'::jsonb, for_role => 'regress_tacl_app');
SELECT what, who, count(*) FROM seen GROUP BY 1, 2 ORDER BY 1, 2;
TRUNCATE seen;
-- A role that the owner can become anyway; not one that no policy stops
SELECT count(*) FROM tacl_explain_row('bait', 1, 'regress_tacl_mate');
SELECT count(*) FROM tacl_explain_row('bait', 1, 'regress_tacl_bypass');
SELECT what, who, count(*) FROM seen GROUP BY 1, 2 ORDER BY 1, 2;

-- What it tries beside: to become somebody, to act later, to leave settings behind
SET ROLE regress_tacl_mal;
CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'later, as %', current_user; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON seen DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION later();
RESET ROLE;
SELECT command, policy, passes, note FROM tacl_explain_row('bait', 1) WHERE command = 'select';
SET ROLE regress_tacl_mal;
DROP TRIGGER later ON seen;
CREATE OR REPLACE FUNCTION evil(what text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RESET ROLE; RETURN true; END $$;
RESET ROLE;
SELECT command, policy, passes, note FROM tacl_explain_row('bait', 1) WHERE command = 'select';
SET ROLE regress_tacl_mal;
CREATE OR REPLACE FUNCTION evil(what text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.user_id', 'bob', false), set_config('app.tenant', what, true), set_config('search_path', 'regress_bait', false);
    RETURN true;
END $$;
RESET ROLE;
SELECT command, policy, passes, note FROM tacl_explain_row('bait', 1) WHERE command = 'select';
SELECT tacl_user(), tacl_tenant(), current_user = session_user AS "still the superuser", current_setting('search_path');
-- In a transaction, and after an error in one
BEGIN;
SELECT count(*) FROM tacl_explain_row('bait', 1);
SAVEPOINT s;
SELECT * FROM tacl_explain_row('bait', 2);
ROLLBACK TO s;
SELECT tacl_user(), tacl_tenant(), current_user = session_user AS "still the superuser", current_setting('search_path');
COMMIT;

-- A policy that asks for the current user is asked for the role, whoever runs it
SET ROLE regress_tacl_mal;
CREATE OR REPLACE FUNCTION evil(what text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE TABLE others (who name);
CREATE POLICY by_name ON bait AS RESTRICTIVE FOR UPDATE
    USING (current_user = 'regress_tacl_app' AND EXISTS (SELECT FROM (VALUES (current_role)) AS v (who) WHERE who = user) AND session_user <> current_user);
CREATE POLICY others ON bait AS RESTRICTIVE FOR DELETE USING (NOT EXISTS (SELECT FROM others));
RESET ROLE;
SELECT command, policy, passes, note FROM tacl_explain_row('bait', 1, 'regress_tacl_app') WHERE policy IN ('by_name', 'others');
SELECT command, policy, passes, note FROM tacl_explain_row('bait', 1, 'regress_tacl_mate') WHERE policy IN ('by_name', 'others');

-- Who owns the table still has to be able to read it
REVOKE SELECT ON bait FROM regress_tacl_mal, regress_tacl_mate;
SELECT * FROM tacl_explain_row('bait', 1);
GRANT SELECT ON bait TO regress_tacl_mal;

-- System columns are those of the row, also below a sub-select and in a partition;
-- a column may be called like the row in the query that finds it
SET ROLE regress_tacl_mal;
CREATE TABLE parts (gone int, id int, tenant_id text, "row of tacl" int) PARTITION BY LIST (tenant_id);
ALTER TABLE parts DROP COLUMN gone;
CREATE TABLE parts_a PARTITION OF parts FOR VALUES IN ('org-a');
INSERT INTO parts VALUES (1, 'org-a', 5), (2, 'org-a', 6);
ALTER TABLE parts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY here ON parts USING (tableoid = 'parts_a'::regclass AND ctid = '(0,1)' AND xmin::text::bigint > 2 AND cmin = '0');
CREATE POLICY also ON parts AS RESTRICTIVE FOR SELECT USING (EXISTS (SELECT FROM others AS o RIGHT JOIN (SELECT 1) AS x ON true WHERE parts.ctid < '(0,3)' AND parts."row of tacl" > 4));
SELECT command, policy, kind, passes, note FROM tacl_explain_row('parts', '{"id": 1}'::jsonb) WHERE command = 'select';
SELECT command, policy, kind, passes, note FROM tacl_explain_row('parts', '{"row of tacl": 6}'::jsonb) WHERE command = 'select';
SELECT id FROM parts;

RESET ROLE;
RESET search_path;
RESET app.user_id;
RESET app.tenant;
SET client_min_messages = warning;
DROP SCHEMA regress_bait CASCADE;
DROP ROLE regress_tacl_mal, regress_tacl_app, regress_tacl_mate, regress_tacl_bypass;
SELECT tacl_drop_tenant('org-a', true);
