-- An assignment is in force from starts_at until expires_at, at the later of the
-- statement's and the transaction's start: within one statement the answer stays
-- the same, and the next statement of an open transaction has the new one,
-- although nothing was written and the answer was cached.
SELECT tacl_create_tenant('exp');
SELECT tacl_define_role('exp-viewer', ARRAY['orders.view'], 'exp');
SELECT tacl_create_group('exp-crew', 'exp');
SELECT tacl_add_member('exp-member', 'exp-crew', 'exp');
PREPARE ask AS SELECT
    tacl_can('exp-ends', 'orders.view', 'exp') AS ends,
    tacl_can('exp-starts', 'orders.view', 'exp') AS starts,
    tacl_can('exp-member', 'orders.view', 'exp') AS member,
    tacl_can('exp-barred', 'orders.view', 'exp') AS barred;

-- Never in force, already over, not yet; a deny expires as well.
SELECT tacl_assign('exp-ends', 'exp-viewer', 'exp', now() - interval '1 hour', now() - interval '2 hours');
SELECT tacl_assign('exp-starts', 'exp-viewer', 'exp', NULL, now() + interval '1 hour');
SELECT tacl_assign_group('exp-crew', 'exp-viewer', 'exp', now() - interval '1 hour');
SELECT tacl_assign('exp-barred', 'exp-viewer', 'exp');
SELECT tacl_grant('exp-barred', '!orders.view', 'exp', now() - interval '1 hour');
EXECUTE ask;

-- Statements of one open transaction, in each isolation level. The assignments
-- are written before it, so that what is cached spans the moment.
SELECT tacl_assign('exp-ends', 'exp-viewer', 'exp', clock_timestamp() + interval '2 s'),
    tacl_assign('exp-starts', 'exp-viewer', 'exp', NULL, clock_timestamp() + interval '2 s'),
    tacl_assign_group('exp-crew', 'exp-viewer', 'exp', clock_timestamp() + interval '2 s'),
    tacl_grant('exp-barred', '!orders.view', 'exp', clock_timestamp() + interval '2 s');
BEGIN;
EXECUTE ask;
SELECT builds AS builds_before FROM tacl_stats() \gset
SELECT tacl_can('exp-ends', 'orders.view', 'exp') AS before, pg_sleep(2.1), tacl_can('exp-ends', 'orders.view', 'exp') AS still;
EXECUTE ask;
SELECT builds - :builds_before AS builds FROM tacl_stats();
COMMIT;
EXECUTE ask;

SELECT tacl_assign('exp-ends', 'exp-viewer', 'exp', clock_timestamp() + interval '2 s'),
    tacl_assign('exp-starts', 'exp-viewer', 'exp', NULL, clock_timestamp() + interval '2 s'),
    tacl_assign_group('exp-crew', 'exp-viewer', 'exp', clock_timestamp() + interval '2 s'),
    tacl_grant('exp-barred', '!orders.view', 'exp', clock_timestamp() + interval '2 s');
BEGIN ISOLATION LEVEL REPEATABLE READ;
EXECUTE ask;
SELECT pg_sleep(2.1);
EXECUTE ask;
COMMIT;
EXECUTE ask;

-- Written and expired within the transaction.
BEGIN;
SELECT tacl_assign('exp-ends', 'exp-viewer', 'exp', clock_timestamp() + interval '1 s');
SELECT tacl_can('exp-ends', 'orders.view', 'exp');
SELECT pg_sleep(1.1);
SELECT tacl_can('exp-ends', 'orders.view', 'exp');
COMMIT;

-- In a DO block that commits, a transaction's start is what advances.
SELECT tacl_assign('exp-ends', 'exp-viewer', 'exp', clock_timestamp() + interval '1 s');
DO $$
BEGIN
    RAISE NOTICE 'before: %', tacl_can('exp-ends', 'orders.view', 'exp');
    PERFORM pg_sleep(1.1);
    RAISE NOTICE 'same statement, same transaction: %', tacl_can('exp-ends', 'orders.view', 'exp');
    COMMIT;
    RAISE NOTICE 'next transaction: %', tacl_can('exp-ends', 'orders.view', 'exp');
END $$;

-- The check answers for a list as for one.
SELECT tacl_can_any('exp-ends', ARRAY['orders.view'], 'exp') AS can_any, tacl_has_role('exp-ends', 'exp-viewer', 'exp') AS has_role,
    tacl_check('exp-ends', ARRAY['orders.view'], 'exp') AS checked;

DEALLOCATE ask;
SELECT tacl_drop_tenant('exp', true);
