-- What each way of asking stops, and does not, when someone can put an expression
-- or statements of their own into the SQL of alice's request: a user in the call,
-- a signed token, a setting of the application's. (Through a pooler:
-- t/018_pooler.pl. The table that the README has of it is this file's and that.)
\set VERBOSITY terse
SELECT tacl_create_tenant('ask-a'), tacl_create_tenant('ask-b'), tacl_define_role('ask-clerk', '{ask.*}'),
       tacl_assign('ask-alice', 'ask-clerk', 'ask-a'), tacl_assign('ask-bob', 'ask-clerk', 'ask-b');
SELECT tacl_add_key('ask', 'HS256', 'the secret of the key of this test');
CREATE ROLE regress_tacl_ask;
CREATE TABLE ask_open AS SELECT t AS tenant_id FROM unnest('{ask-a, ask-b}'::text[]) AS t;
CREATE TABLE ask_row AS TABLE ask_open;
ALTER TABLE ask_row ENABLE ROW LEVEL SECURITY;
CREATE POLICY view ON ask_row USING (tacl_may('ask.view', tenant_id));
GRANT SELECT ON ask_open, ask_row TO regress_tacl_ask;
SELECT tacl_issue_token('ask-alice') AS alice \gset
\set who 'SELECT tacl_user(), (SELECT string_agg(tenant_id, '' '') FROM ask_row) AS rows'

-- A user in the call: the application filters with tacl_can(), without policies
SET SESSION AUTHORIZATION regress_tacl_ask;
PREPARE filtered(text) AS SELECT tenant_id FROM ask_open WHERE tacl_can($1, 'ask.view', tenant_id);
EXECUTE filtered('ask-alice');
-- an expression
SELECT tenant_id FROM ask_open WHERE tacl_can('ask-alice', 'ask.view', tenant_id) AND (true) OR (true);
SELECT tenant_id FROM ask_open WHERE tacl_can('ask-alice', 'ask.view', tenant_id) AND ((SELECT count(*) FROM ask_open) = 2);
-- a statement
EXECUTE filtered('ask-bob');
-- Where there are policies as well, they ask for the user of the session all the same
SELECT tenant_id FROM ask_row WHERE tacl_can('ask-bob', 'ask.view', tenant_id) OR true;

-- A setting of the application's
RESET SESSION AUTHORIZATION;
SET tacl.user_setting = 'app.user_id';
SET SESSION AUTHORIZATION regress_tacl_ask;
BEGIN;
SELECT set_config('app.user_id', 'ask-alice', true);
:who;
-- an expression: a condition without set_config() is harmless, one with it is not
SELECT tenant_id FROM ask_row WHERE true OR true;
WITH injected AS MATERIALIZED (SELECT set_config('app.user_id', 'ask-bob', true)) SELECT tenant_id FROM injected, ask_row;
ROLLBACK;
BEGIN;
SELECT set_config('app.user_id', 'ask-alice', true);
SELECT count(*) FROM ask_row WHERE set_config('app.user_id', 'ask-bob', true) = 'ask-bob';
:who;
ROLLBACK;
-- a statement
SET app.user_id = 'ask-bob';
:who;
RESET app.user_id;
RESET SESSION AUTHORIZATION;
RESET tacl.user_setting;

-- A token
SET SESSION AUTHORIZATION regress_tacl_ask;
BEGIN;
SELECT set_config('tacl.token', :'alice', true);
:who;
-- an expression: no other rows, and no token to be taken away
SELECT tenant_id FROM ask_row WHERE true OR true;
SELECT tenant_id, current_setting('tacl.token') FROM ask_row;
WITH injected AS MATERIALIZED (SELECT set_config('app.user_id', 'ask-bob', true), set_config('app.tenant', 'ask-b', true)) SELECT tenant_id FROM injected, ask_row;
SELECT count(*) FROM pg_settings WHERE name = 'tacl.token';
-- but what PUBLIC may ask of the functions (README: revoke it where that matters),
SELECT tacl_can('ask-bob', 'ask.view', 'ask-b') AS asked_about_bob, tacl_has_role('ask-bob', 'ask-clerk', 'ask-b') AS role_of_bob;
-- and whatever alice herself may
SELECT tacl_may('ask.delete', 'ask-a') AS alice_may;
-- a statement: nobody, or whoever the token is of that the attacker has
SAVEPOINT a;
SET LOCAL tacl.token = '';
:who;
ROLLBACK TO a;
SET LOCAL tacl.token = 'x.y.z';
SELECT count(*) FROM ask_row;
COMMIT;
:who;

RESET SESSION AUTHORIZATION;
DROP TABLE ask_open, ask_row;
DROP ROLE regress_tacl_ask;
SELECT tacl_drop_key('ask'), tacl_drop_tenant('ask-a', true), tacl_drop_tenant('ask-b', true), tacl_drop_role('ask-clerk');
