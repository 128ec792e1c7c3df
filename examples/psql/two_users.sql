-- A test as two users in one transaction, of which nothing remains:
--
--     psql -X -q -d examples -v ON_ERROR_STOP=1 -f two_users.sql
--
-- Tokens are made first, and wait in settings: the role of the application may
-- not make any. set_config(…, true) then changes the user, from one statement
-- to the next. With pgTAP, is() and throws_ok(…, '42501') stand for the DOs.

BEGIN;
SELECT set_config('test.alice', tacl_issue_token('alice', 'org-acme'), true),
       set_config('test.bob', tacl_issue_token('bob', 'org-globex'), true) \g /dev/null
SET LOCAL ROLE shop;

\echo alice creates an order and sees it
SELECT set_config('tacl.token', current_setting('test.alice'), true) \g /dev/null
INSERT INTO orders VALUES (10, 'org-acme');
DO $$ BEGIN
    ASSERT (SELECT array_agg(id ORDER BY id) FROM orders) = '{1, 2, 10}';
END $$;

\echo bob does not see it, and cannot create one there
SELECT set_config('tacl.token', current_setting('test.bob'), true) \g /dev/null
DO $$ BEGIN
    ASSERT (SELECT array_agg(id ORDER BY id) FROM orders) = '{3}';
    INSERT INTO orders VALUES (11, 'org-acme');
    RAISE 'bob created an order of org-acme';
EXCEPTION WHEN insufficient_privilege THEN
END $$;

\echo her role is taken away in the same transaction
SET LOCAL ROLE none;
SET LOCAL tacl.token = '';
SELECT tacl_unassign('alice', 'member', 'org-acme') \g /dev/null
SET LOCAL ROLE shop;
SELECT set_config('tacl.token', current_setting('test.alice'), true) \g /dev/null
DO $$ BEGIN
    ASSERT NOT EXISTS (SELECT FROM orders);
END $$;

ROLLBACK;
\echo as it was
