-- tacl_lint(): the trigger that keeps rows from moving is gone, or was never there;
-- and what is read through a table above. Each fix is run, and the move refused.

\pset format unaligned
\pset footer off
\set lint 'SELECT severity, object, finding, fix FROM tacl_lint() WHERE object ~ \'lint_\''
\set fix 'SELECT fix FROM tacl_lint() WHERE object ~ \'lint_\' AND fix IS NOT NULL'
SET client_min_messages = warning;
CREATE ROLE "regress_tacl_lint ""App%";
CREATE ROLE regress_tacl_lint_exempt;
DO $$
BEGIN
    PERFORM tacl_create_tenant('lint-a'), tacl_create_tenant('lint-b');
    PERFORM tacl_define_role('lint-editor', '{lint.*}'), tacl_define_role('lint-changer', '{lint.view, lint.update}');
    PERFORM tacl_assign('lint-ann', 'lint-editor', 'lint-a'), tacl_assign('lint-ann', 'lint-changer', 'lint-b');
END $$;
SET tacl.user_setting = 'app.user_id';
SET app.user_id = 'lint-ann';
-- Who moves how many rows of a table
CREATE FUNCTION pg_temp.move(relation regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    moved bigint;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', 'regress_tacl_lint "App%');
    EXECUTE format('UPDATE %s SET org = ''lint-b'' WHERE org = ''lint-a''', relation);
    GET DIAGNOSTICS moved = ROW_COUNT;
    RAISE '% moved', moved;
EXCEPTION WHEN others THEN
    RETURN sqlerrm;
END $$;

-- A table that inherits from a protected one, made afterwards
CREATE TABLE "lint_o ""2%" (org text NOT NULL, id bigint, PRIMARY KEY (org, id));
SELECT tacl_protect('"lint_o ""2%"', 'org', 'lint', 'all_mine', delete_permission => 'lint.update', to_roles => '{"regress_tacl_lint \"App%"}', exempt_roles => '{regress_tacl_lint_exempt}');
:lint;
CREATE TABLE lint_o2c (PRIMARY KEY (org, id)) INHERITS ("lint_o ""2%");
INSERT INTO lint_o2c VALUES ('lint-a', 1), ('lint-a', 2);
GRANT SELECT, UPDATE ON "lint_o ""2%" TO "regress_tacl_lint ""App%";
SELECT pg_temp.move('"lint_o ""2%"');
:lint;
-- ... the fix of one finding does not hide the other
SELECT fix FROM tacl_lint() WHERE object ~ 'lint_' AND finding ~ '^partition-open' \gexec
SELECT pg_temp.move('"lint_o ""2%"');
:lint;
:fix \gexec
:lint;
SELECT pg_temp.move('"lint_o ""2%"');

-- The trigger dropped, on the table or on the one below
DROP TRIGGER "~tacl move" ON "lint_o ""2%";
:lint;
:fix \gexec
DROP TRIGGER "~tacl move" ON lint_o2c;
SELECT pg_temp.move('"lint_o ""2%"');
:lint;
:fix \gexec
SELECT pg_temp.move('"lint_o ""2%"');
-- Disabled, in either way; or another one in its place
ALTER TABLE "lint_o ""2%" DISABLE TRIGGER "~tacl move";
ALTER TABLE lint_o2c ENABLE REPLICA TRIGGER "~tacl move";
:lint;
:fix \gexec
CREATE OR REPLACE TRIGGER "~tacl move" BEFORE UPDATE OF id ON lint_o2c FOR EACH ROW EXECUTE FUNCTION tacl.tacl_guard_move();
:lint;
:fix \gexec
CREATE OR REPLACE TRIGGER "~tacl move" BEFORE UPDATE ON lint_o2c FOR EACH ROW WHEN ((OLD.org = NEW.org) IS NOT TRUE AND NEW.id > 5) EXECUTE FUNCTION tacl.tacl_guard_move();
SELECT severity, object, split_part(finding, ':', 1) AS rule FROM tacl_lint() WHERE object ~ 'lint_';
CREATE OR REPLACE TRIGGER "~tacl move" BEFORE UPDATE ON lint_o2c FOR EACH ROW EXECUTE FUNCTION tacl.tacl_guard_move();
SELECT severity, object, split_part(finding, ':', 1) AS rule FROM tacl_lint() WHERE object ~ 'lint_';
CREATE OR REPLACE TRIGGER "~tacl move" BEFORE UPDATE ON lint_o2c FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
SELECT severity, object, split_part(finding, ':', 1) AS rule FROM tacl_lint() WHERE object ~ 'lint_';
DROP TRIGGER "~tacl move" ON lint_o2c;
:fix \gexec
:lint;

-- What is lost of the call cannot be said again; the column's new name can
DROP TRIGGER "~tacl move" ON "lint_o ""2%";
ALTER TABLE "lint_o ""2%" RENAME COLUMN org TO "Org '";
:fix \gexec
ALTER TABLE "lint_o ""2%" RENAME COLUMN "Org '" TO org;
DROP TRIGGER "~tacl move" ON "lint_o ""2%";
SELECT format('COMMENT ON POLICY %I ON %s IS %L', polname, polrelid::regclass, '{"scope": "\q"}') FROM pg_policy WHERE polrelid = '"lint_o ""2%"'::regclass ORDER BY polname \gexec
:lint;
DROP TABLE "lint_o ""2%" CASCADE;

-- A partition that is detached keeps its policies, and loses the trigger; scopes of two roles
CREATE TABLE lint_pt (org text NOT NULL, id bigint, PRIMARY KEY (org, id)) PARTITION BY HASH (org);
CREATE TABLE lint_pt0 PARTITION OF lint_pt FOR VALUES WITH (MODULUS 1, REMAINDER 0);
SELECT tacl_protect('lint_pt', 'org', 'lint', 'all_mine', to_roles => '{"regress_tacl_lint \"App%"}'),
       tacl_protect('lint_pt', 'org', 'lint', to_roles => '{regress_tacl_lint_exempt}', force => false, base => false);
INSERT INTO lint_pt VALUES ('lint-a', 1), ('lint-a', 2);
GRANT SELECT, UPDATE ON lint_pt, lint_pt0 TO "regress_tacl_lint ""App%";
DROP TRIGGER "~tacl move" ON lint_pt;
:lint;
:fix \gexec
SELECT pg_temp.move('lint_pt'), pg_temp.move('lint_pt0');
ALTER TABLE lint_pt DETACH PARTITION lint_pt0;
SELECT pg_temp.move('lint_pt0');
:lint;
:fix \gexec
SELECT pg_temp.move('lint_pt0');
:lint;

-- A table that is protected as its parent's rows
CREATE TABLE lint_lines (org text, id bigint, order_org text, order_id bigint UNIQUE);
ALTER TABLE lint_pt0 ADD UNIQUE (id);
ALTER TABLE lint_lines ADD FOREIGN KEY (order_id) REFERENCES lint_pt0 (id);
SELECT tacl_protect_child('lint_lines', 'order_id', base => false);
DROP TRIGGER "~tacl move" ON lint_lines;
SELECT object, finding, fix FROM tacl_lint() WHERE finding ~ '^move-guard';
SELECT fix FROM tacl_lint() WHERE finding ~ '^move-guard' \gexec
SELECT object, finding, fix FROM tacl_lint() WHERE finding ~ '^move-guard';
DROP TABLE lint_lines, lint_pt0, lint_pt;

-- Columns of all types and a collation of their own are what the trigger is made for
CREATE COLLATION lint_collation (provider = icu, locale = 'und', deterministic = false);
CREATE DOMAIN lint_domain AS varchar;
CREATE TABLE lint_t1 (org text COLLATE lint_collation);
CREATE INDEX ON lint_t1 (org COLLATE "C");
CREATE TABLE lint_t2 (org lint_domain PRIMARY KEY);
CREATE TABLE lint_t3 ("old.org = new.org) IS NOT TRUE" varchar(99) PRIMARY KEY);
CREATE TABLE lint_t4 (org uuid PRIMARY KEY);
SELECT tacl_protect('lint_t1', 'org', 'lint'), tacl_protect('lint_t2', 'org', 'lint'),
       tacl_protect('lint_t3', 'old.org = new.org) IS NOT TRUE', 'lint'), tacl_protect('lint_t4', 'org', 'lint');
:lint;
DROP TABLE lint_t1, lint_t2, lint_t3, lint_t4;
DROP DOMAIN lint_domain;
DROP COLLATION lint_collation;

-- Policies by hand have no such trigger, and are not looked at for it
CREATE TABLE lint_hand (org text NOT NULL, id bigint, PRIMARY KEY (org, id));
ALTER TABLE lint_hand ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY view ON lint_hand USING (tacl_may('lint.view', org));
:lint;

-- table-above: rows of a protected table, read through another one
CREATE TABLE lint_above (id bigint);
ALTER TABLE lint_hand INHERIT lint_above;
CREATE TABLE lint_top (id bigint);
ALTER TABLE lint_above INHERIT lint_top;
GRANT SELECT ON lint_above TO "regress_tacl_lint ""App%";
:lint;
:fix \gexec
:lint;
CREATE POLICY open ON lint_above USING (true);
CREATE POLICY closed ON lint_top AS RESTRICTIVE USING (true);
:lint;
DROP POLICY open ON lint_above;
CREATE POLICY view ON lint_above USING (tacl_may('lint.view'));
:lint;
ALTER TABLE lint_hand NO INHERIT lint_above;
DROP TABLE lint_hand, lint_above, lint_top;

RESET app.user_id;
DROP ROLE "regress_tacl_lint ""App%", regress_tacl_lint_exempt;
SELECT tacl_drop_tenant('lint-a', true), tacl_drop_tenant('lint-b', true), tacl_drop_role('lint-editor'), tacl_drop_role('lint-changer');
