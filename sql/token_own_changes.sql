-- A transaction that changes keys: its tokens are worth what its keys say, from
-- the next command on, also if a token was looked at inside the changing one.
SELECT tacl_create_tenant('own-org'), tacl_define_role('own-viewer', '{own.view}'), tacl_assign('alice', 'own-viewer', 'own-org');
SELECT tacl_add_key('own-1', 'HS256', 'the secret of the key of this test'),
       tacl_add_key('own-2', 'HS256', 'the secret of another key of this test');
SELECT set_config('tacl.token', tacl_issue_token('alice', 'own-org', kid => 'own-1'), false);
\set may 'SELECT tacl_may(''own.view'') AS may'

-- STABLE: it asks in the changing command, after the signal, and sees what was before
CREATE FUNCTION own_ask() RETURNS trigger LANGUAGE plpgsql STABLE AS
    $$ BEGIN RAISE NOTICE 'in the %: %', tg_op, tacl_may('own.view'); RETURN NULL; END $$;
CREATE TRIGGER zz_ask AFTER INSERT OR UPDATE OR DELETE ON tacl.key FOR EACH STATEMENT EXECUTE FUNCTION own_ask();

BEGIN;
:may;
DELETE FROM tacl.key WHERE kid = 'own-2';
:may;
DELETE FROM tacl.key WHERE kid = 'own-1';
:may;
:may;
ROLLBACK;
:may;

BEGIN;
DELETE FROM tacl.key WHERE kid = 'own-2';
SAVEPOINT a;
UPDATE tacl.key SET issuer = 'https://id.example/' WHERE kid = 'own-1';
:may;
ROLLBACK TO a;
:may;
UPDATE tacl.key SET issuer = 'https://id.example/' WHERE kid = 'own-1';
SAVEPOINT b;
UPDATE tacl.key SET issuer = NULL WHERE kid = 'own-1';
:may;
RELEASE b;
:may;
COMMIT;
:may;
UPDATE tacl.key SET audience = 'orders' WHERE kid = 'own-1';
:may;

DROP TRIGGER zz_ask ON tacl.key;
DROP FUNCTION own_ask();
RESET tacl.token;
SELECT tacl_drop_key('own-1'), tacl_drop_key('own-2'), tacl_drop_tenant('own-org', true), tacl_drop_role('own-viewer');
