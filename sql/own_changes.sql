-- R8 in one session: a check sees its own transaction's changes from the next
-- command on, and nothing of them once they are undone, wherever it was made:
-- in a data-modifying CTE, in a trigger that fires before or after the signal,
-- in a cursor, in an exception block. tacl_flush() makes the next check read the
-- tables, so that what it reads is what could be kept too long.
\set SHOW_CONTEXT never
SELECT tacl_create_tenant('own');
SELECT tacl_define_role('own-viewer', ARRAY['orders.view'], 'own');
SELECT tacl_define_role('own-editor', ARRAY['orders.edit'], 'own');
SELECT tacl_assign('own-has', 'own-viewer', 'own');

PREPARE ask AS SELECT tacl_can('own-has', 'orders.view', 'own') AS has, tacl_can('own-not', 'orders.view', 'own') AS has_not;
EXECUTE ask;

--
-- ROLLBACK and COMMIT, each kind of change
--
BEGIN;
SELECT tacl_assign('own-not', 'own-viewer', 'own');
EXECUTE ask;
SELECT tacl_unassign('own-has', 'own-viewer', 'own');
EXECUTE ask;
ROLLBACK;
EXECUTE ask;

BEGIN;
SELECT tacl_define_role('own-viewer', ARRAY['orders.list'], 'own');
EXECUTE ask;
ROLLBACK;
EXECUTE ask;

BEGIN;
SELECT tacl_suspend_tenant('own');
EXECUTE ask;
ROLLBACK;
EXECUTE ask;

BEGIN;
SELECT tacl_disable_user('own-has');
EXECUTE ask;
ROLLBACK;
EXECUTE ask;

BEGIN;
TRUNCATE tacl.assignment;
EXECUTE ask;
ROLLBACK;
EXECUTE ask;

BEGIN;
SELECT tacl_assign('own-not', 'own-viewer', 'own');
COMMIT;
EXECUTE ask;
SELECT tacl_unassign('own-not', 'own-viewer', 'own');
EXECUTE ask;

--
-- Savepoints, nested
--
BEGIN;
SAVEPOINT a;
SELECT tacl_assign('own-not', 'own-viewer', 'own');
SAVEPOINT b;
SELECT tacl_unassign('own-has', 'own-viewer', 'own');
EXECUTE ask;
ROLLBACK TO b;
EXECUTE ask;
RELEASE a;
EXECUTE ask;
ROLLBACK;
EXECUTE ask;

BEGIN;
SAVEPOINT a;
SELECT tacl_unassign('own-has', 'own-viewer', 'own');
EXECUTE ask;
ROLLBACK TO a;
EXECUTE ask;
COMMIT;
EXECUTE ask;

-- A savepoint rolled back in which only a check was made, after a change before it.
BEGIN;
SELECT tacl_unassign('own-has', 'own-viewer', 'own');
SAVEPOINT a;
EXECUTE ask;
ROLLBACK TO a;
EXECUTE ask;
ROLLBACK;
EXECUTE ask;

--
-- A caught exception
--
DO $$
BEGIN
    BEGIN
        PERFORM tacl_assign('own-not', 'own-viewer', 'own');
        PERFORM tacl_unassign('own-has', 'own-viewer', 'own');
        RAISE NOTICE 'changed: has %, has not %', tacl_can('own-has', 'orders.view', 'own'), tacl_can('own-not', 'orders.view', 'own');
        PERFORM 1 / 0;
    EXCEPTION WHEN division_by_zero THEN
        RAISE NOTICE 'caught: has %, has not %', tacl_can('own-has', 'orders.view', 'own'), tacl_can('own-not', 'orders.view', 'own');
    END;
    RAISE NOTICE 'after: has %, has not %', tacl_can('own-has', 'orders.view', 'own'), tacl_can('own-not', 'orders.view', 'own');
END $$;
EXECUTE ask;

--
-- A check inside the command that changes: as of the command's start
--
SELECT tacl_flush();
WITH gone AS (DELETE FROM tacl.assignment WHERE user_id = 'own-has' RETURNING tacl_can('own-has', 'orders.view', 'own') AS has)
SELECT has, 1 / 0 AS error FROM gone;
EXECUTE ask;

SELECT tacl_flush();
BEGIN;
WITH gone AS (DELETE FROM tacl.assignment WHERE user_id = 'own-has' RETURNING tacl_can('own-has', 'orders.view', 'own') AS has)
SELECT has, tacl_can('own-has', 'orders.view', 'own') AS main FROM gone;
EXECUTE ask;
ROLLBACK;
EXECUTE ask;

SELECT tacl_flush();
BEGIN;
WITH come AS (INSERT INTO tacl.assignment (user_id, tenant, pattern) VALUES ('own-not', 'own', 'orders.view')
    RETURNING tacl_can('own-not', 'orders.view', 'own') AS has_not)
SELECT has_not, tacl_can('own-not', 'orders.view', 'own') AS main FROM come;
EXECUTE ask;
ROLLBACK;
EXECUTE ask;

--
-- A trigger that asks before the signal is given ("ask" sorts first), one that
-- asks after it, and one that makes the statement fail, before or after it
--
CREATE FUNCTION own_ask() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF tg_name LIKE '%fail' THEN
        RAISE EXCEPTION '%', tg_name;
    END IF;
    RAISE NOTICE '%: has %, has not %', tg_name,
        tacl_can('own-has', 'orders.view', 'own'), tacl_can('own-not', 'orders.view', 'own');
    RETURN NULL;
END $$;
CREATE TRIGGER ask AFTER INSERT OR UPDATE OR DELETE ON tacl.assignment FOR EACH ROW EXECUTE FUNCTION own_ask();
CREATE TRIGGER t_ask AFTER INSERT OR UPDATE OR DELETE ON tacl.assignment FOR EACH ROW EXECUTE FUNCTION own_ask();
CREATE TRIGGER z_fail AFTER INSERT OR UPDATE OR DELETE ON tacl.assignment FOR EACH ROW EXECUTE FUNCTION own_ask();
SELECT tacl_flush();
UPDATE tacl.assignment SET user_id = 'own-not' WHERE user_id = 'own-has';
EXECUTE ask;
SELECT tacl_unassign('own-has', 'own-viewer', 'own');
EXECUTE ask;
SELECT tacl_flush();
BEGIN;
SAVEPOINT a;
UPDATE tacl.assignment SET user_id = 'own-not' WHERE user_id = 'own-has';
ROLLBACK TO a;
EXECUTE ask;
COMMIT;
EXECUTE ask;

-- The signal is never given.
DROP TRIGGER t_ask ON tacl.assignment;
DROP TRIGGER z_fail ON tacl.assignment;
CREATE TRIGGER b_fail AFTER INSERT OR UPDATE OR DELETE ON tacl.assignment FOR EACH ROW EXECUTE FUNCTION own_ask();
SELECT tacl_flush();
UPDATE tacl.assignment SET user_id = 'own-not' WHERE user_id = 'own-has';
EXECUTE ask;
SELECT tacl_flush();
DO $$
BEGIN
    UPDATE tacl.assignment SET user_id = 'own-not' WHERE user_id = 'own-has';
EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE '% | caught: has %, has not %', sqlerrm,
        tacl_can('own-has', 'orders.view', 'own'), tacl_can('own-not', 'orders.view', 'own');
END $$;
EXECUTE ask;
SELECT tacl_flush();
BEGIN;
SAVEPOINT a;
UPDATE tacl.assignment SET user_id = 'own-not' WHERE user_id = 'own-has';
ROLLBACK TO a;
EXECUTE ask;
COMMIT;
EXECUTE ask;
DROP TRIGGER ask ON tacl.assignment;
DROP TRIGGER b_fail ON tacl.assignment;

-- The same on tacl.role: what was compiled of the new row is not kept.
CREATE TRIGGER ask AFTER UPDATE ON tacl.role FOR EACH ROW EXECUTE FUNCTION own_ask();
CREATE TRIGGER b_fail AFTER UPDATE ON tacl.role FOR EACH ROW EXECUTE FUNCTION own_ask();
SELECT tacl_flush();
SELECT tacl_define_role('own-viewer', ARRAY['orders.list'], 'own');
EXECUTE ask;
DROP TRIGGER ask ON tacl.role;
DROP TRIGGER b_fail ON tacl.role;
DROP FUNCTION own_ask();

-- A stable function asks after the signal, and still as of the command's start:
-- that is not kept for the next command.
CREATE FUNCTION own_ask_stable() RETURNS trigger LANGUAGE plpgsql STABLE AS $$
BEGIN
    RAISE NOTICE '%: has %', tg_name, tacl_can('own-has', 'orders.view', 'own');
    RETURN NULL;
END $$;
CREATE TRIGGER z_ask AFTER DELETE ON tacl.assignment FOR EACH ROW EXECUTE FUNCTION own_ask_stable();
BEGIN;
DELETE FROM tacl.assignment WHERE user_id = 'own-has';
EXECUTE ask;
ROLLBACK;
EXECUTE ask;
BEGIN;
SELECT tacl_grant('own-has', 'orders.list', 'own'); -- the proxy's message is registered by now
DELETE FROM tacl.assignment WHERE user_id = 'own-has';
EXECUTE ask;
ROLLBACK;
EXECUTE ask;
BEGIN;
SAVEPOINT a;
DELETE FROM tacl.assignment WHERE user_id = 'own-has';
COMMIT;
EXECUTE ask;
SELECT tacl_assign('own-has', 'own-viewer', 'own');
DROP TRIGGER z_ask ON tacl.assignment;
DROP FUNCTION own_ask_stable();

--
-- Each command counts, also within a function and within one statement
--
BEGIN;
DO $$
BEGIN
    FOR i IN 1 .. 3 LOOP
        PERFORM tacl_assign('own-not', 'own-viewer', 'own');
        RAISE NOTICE 'assigned: %', tacl_can('own-not', 'orders.view', 'own');
        PERFORM tacl_unassign('own-not', 'own-viewer', 'own');
        RAISE NOTICE 'unassigned: %', tacl_can('own-not', 'orders.view', 'own');
    END LOOP;
END $$;
COMMIT;
EXECUTE ask;
SELECT tacl_assign('own-not', 'own-viewer', 'own'), tacl_can('own-not', 'orders.view', 'own'),
    tacl_unassign('own-not', 'own-viewer', 'own'), tacl_can('own-not', 'orders.view', 'own');

-- A cursor that was opened before the change asks as of now.
BEGIN;
DECLARE c CURSOR FOR SELECT i, tacl_can('own-has', 'orders.view', 'own') AS has FROM generate_series(1, 4) i;
FETCH 2 FROM c;
SELECT tacl_unassign('own-has', 'own-viewer', 'own');
FETCH 2 FROM c;
ROLLBACK;
EXECUTE ask;

-- Own uncommitted changes in REPEATABLE READ and SERIALIZABLE
BEGIN ISOLATION LEVEL REPEATABLE READ;
EXECUTE ask;
SELECT tacl_unassign('own-has', 'own-viewer', 'own');
EXECUTE ask;
ROLLBACK;
EXECUTE ask;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT tacl_assign('own-not', 'own-viewer', 'own');
EXECUTE ask;
ROLLBACK;
EXECUTE ask;

-- The cache works again afterwards: a warm check builds nothing.
SELECT builds AS builds_before FROM tacl_stats() \gset
EXECUTE ask;
SELECT builds - :builds_before AS builds FROM tacl_stats();

DEALLOCATE ask;
SELECT tacl_drop_tenant('own', true);
