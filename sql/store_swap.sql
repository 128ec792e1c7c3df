-- A table of the extension that a superuser puts in another's place is read from
-- then on, and nothing of the one before counts beside it.
SET client_min_messages = warning;
SELECT tacl_create_tenant('swa'), tacl_define_role('swa-role', '{x.a}'), tacl_assign('swa-1', 'swa-role', 'swa'), tacl_assign('swa-2', 'swa-role', 'swa');
SELECT tacl_can('swa-1', 'x.a', 'swa') AS one, tacl_can('swa-2', 'x.a', 'swa') AS two;

BEGIN;
ALTER EXTENSION tenant_acl DROP TABLE tacl.assignment;
ALTER TABLE tacl.assignment RENAME TO assignment_before;
CREATE TABLE tacl.assignment (LIKE tacl.assignment_before INCLUDING ALL);
ALTER EXTENSION tenant_acl ADD TABLE tacl.assignment;
INSERT INTO tacl.assignment OVERRIDING SYSTEM VALUE SELECT * FROM tacl.assignment_before WHERE user_id = 'swa-2';

-- Who was not asked about before is read, and what was read before is forgotten
SELECT tacl_can('swa-3', 'x.a', 'swa') AS three;
SELECT tacl_can('swa-1', 'x.a', 'swa') AS one, tacl_can('swa-2', 'x.a', 'swa') AS two;
ROLLBACK;
SELECT tacl_can('swa-1', 'x.a', 'swa') AS one, tacl_can('swa-2', 'x.a', 'swa') AS two;

SELECT tacl_unassign('swa-1', 'swa-role', 'swa'), tacl_unassign('swa-2', 'swa-role', 'swa'), tacl_drop_role('swa-role'), tacl_drop_tenant('swa');
