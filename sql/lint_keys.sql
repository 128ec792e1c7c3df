-- tacl_lint(): keys that tell what other tenants have.

\pset format unaligned
\pset footer off
\set lint 'SELECT * FROM tacl_lint() WHERE object LIKE \'%lint_%\''
\set fix 'SELECT fix FROM tacl_lint() WHERE object LIKE \'%lint_%\' AND fix IS NOT NULL'

-- A tenant column whose name wants to be more
CREATE TABLE lint_parent (
    id integer PRIMARY KEY,
    email text CONSTRAINT "lint_(email" UNIQUE NULLS NOT DISTINCT DEFERRABLE,
    "org (\1 ""%" text NOT NULL,
    CONSTRAINT lint_with UNIQUE ("org (\1 ""%", email));
CREATE UNIQUE INDEX "lint_USING btree (" ON lint_parent (lower(email) text_pattern_ops DESC) INCLUDE (id) WHERE id > 0;
CREATE INDEX lint_not_unique ON lint_parent (email);
ALTER TABLE lint_parent ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY all_mine ON lint_parent USING (tacl_may('lint.view', "org (\1 ""%"));
:lint;
:fix \gexec
:lint;
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'lint_parent'::regclass AND contype <> 'n' ORDER BY 1;
SELECT pg_get_indexdef('"lint_USING btree ("'::regclass);

-- Exclusion constraints tell the same, unless they compare the tenant by equality
CREATE TABLE lint_rooms (org text NOT NULL, number integer, taken int4range, owner integer,
    CONSTRAINT lint_number EXCLUDE (number WITH =),
    CONSTRAINT lint_taken EXCLUDE USING gist (taken WITH &&),
    CONSTRAINT lint_hash EXCLUDE USING hash (number WITH =),
    CONSTRAINT lint_own EXCLUDE (number WITH =, org WITH =));
CREATE INDEX ON lint_rooms (org);
ALTER TABLE lint_rooms ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY all_mine ON lint_rooms USING (tacl_may('lint.view', org));
:lint;
:fix \gexec
SELECT severity, object, fix FROM tacl_lint() WHERE object LIKE '%lint_%';
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'lint_rooms'::regclass AND contype = 'x' ORDER BY 1;
ALTER TABLE lint_rooms DROP CONSTRAINT lint_taken, DROP CONSTRAINT lint_hash;
CREATE FUNCTION lint_differs(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 <> $2';
CREATE OPERATOR <<>> (FUNCTION = lint_differs, LEFTARG = text, RIGHTARG = text, COMMUTATOR = <<>>);
CREATE OPERATOR CLASS lint_ops FOR TYPE text USING hash AS OPERATOR 1 <<>>, FUNCTION 1 hashtext(text);
ALTER TABLE lint_rooms ADD CONSTRAINT lint_other EXCLUDE USING hash (org lint_ops WITH <<>>);
:lint;
DROP TABLE lint_rooms;
DROP OPERATOR FAMILY lint_ops USING hash;
DROP OPERATOR <<>> (text, text);
DROP FUNCTION lint_differs(text, text);

-- Of partitioned tables, once
CREATE TABLE lint_parted (org text NOT NULL, id integer, UNIQUE (id)) PARTITION BY HASH (id);
CREATE TABLE lint_part PARTITION OF lint_parted FOR VALUES WITH (MODULUS 1, REMAINDER 0);
ALTER TABLE lint_parted ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE lint_part ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE INDEX ON lint_parted (org);
CREATE POLICY all_mine ON lint_parted USING (tacl_may('lint.view', org));
CREATE POLICY all_mine ON lint_part USING (tacl_may('lint.view', org));
:lint;
:fix \gexec
:lint;
DROP TABLE lint_parted;

-- Foreign keys from tables with a tenant, and from one that is not protected
ALTER TABLE lint_parent ADD CONSTRAINT lint_id_key UNIQUE (id);
CREATE TABLE lint_child (
    parent integer CONSTRAINT lint_child_fkey REFERENCES lint_parent (id) MATCH FULL ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    other integer,
    tenant_id text);
CREATE INDEX ON lint_child (tenant_id);
:lint;
ALTER TABLE lint_child ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY all_mine ON lint_child USING (tacl_may('lint.view', tenant_id));
:lint;
:fix \gexec
:lint;
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid IN ('lint_child'::regclass, 'lint_parent'::regclass) AND contype <> 'n' ORDER BY 1;

-- The key is there already; and the tenant is in it, but not the row's own
ALTER TABLE lint_child DROP CONSTRAINT lint_child_fkey, ADD CONSTRAINT lint_child_fkey FOREIGN KEY (parent) REFERENCES lint_parent (id);
:lint;
ALTER TABLE lint_child ADD COLUMN guest text, DROP CONSTRAINT lint_child_fkey,
    ADD CONSTRAINT lint_child_fkey FOREIGN KEY (guest, parent) REFERENCES lint_parent ("org (\1 ""%", id);
:lint;

-- A table that is protected by its parent's row has no tenant column to include
DROP TABLE lint_child;
CREATE TABLE lint_child (parent integer REFERENCES lint_parent (id));
ALTER TABLE lint_child ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY as_parent ON lint_child USING (EXISTS (SELECT FROM lint_parent AS p WHERE p.id = parent AND tacl_may('lint.view', p."org (\1 ""%")));
:lint;
DROP TABLE lint_child, lint_parent;
