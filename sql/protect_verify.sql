-- R22: what tacl_protect_child() makes compares by the operators of the foreign key and
-- of the column's type. Where those are in a schema of other people, one for just the
-- types at hand would be preferred: that is found out, and refused.
-- Guards: operators of policies and of the trigger are the expected ones; nothing of the
-- table owner's is evaluated to find an index.
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA regress_ops;
SET search_path = regress_ops, public;
-- A type whose operators are not PostgreSQL's own
CREATE TYPE code;
CREATE FUNCTION code_in(cstring) RETURNS code IMMUTABLE STRICT LANGUAGE internal AS 'textin';
CREATE FUNCTION code_out(code) RETURNS cstring IMMUTABLE STRICT LANGUAGE internal AS 'textout';
CREATE TYPE code (INPUT = code_in, OUTPUT = code_out, LIKE = text, COLLATABLE = true);
CREATE FUNCTION code_less(code, code) RETURNS boolean IMMUTABLE STRICT LANGUAGE internal AS 'text_lt';
CREATE FUNCTION code_same(code, code) RETURNS boolean IMMUTABLE STRICT LANGUAGE internal AS 'texteq';
CREATE FUNCTION code_compare(code, code) RETURNS int IMMUTABLE STRICT LANGUAGE internal AS 'bttextcmp';
CREATE OPERATOR < (FUNCTION = code_less, LEFTARG = code, RIGHTARG = code);
CREATE OPERATOR = (FUNCTION = code_same, LEFTARG = code, RIGHTARG = code, MERGES);
CREATE OPERATOR CLASS code_ops DEFAULT FOR TYPE code USING btree AS OPERATOR 1 <, OPERATOR 3 =, FUNCTION 1 code_compare(code, code);
CREATE DOMAIN short_code AS code;
CREATE TABLE orders (id code PRIMARY KEY, tenant_id text);
CREATE TABLE lines (id int, order_id short_code REFERENCES orders);
SELECT tacl_protect('orders', 'tenant_id', 'orders');
SELECT tacl_protect_child('lines', 'order_id'), tacl_protect_child('lines', 'order_id');
SELECT DISTINCT refobjid::regoperator AS "depends on" FROM pg_depend WHERE classid IN ('pg_policy'::regclass, 'pg_trigger'::regclass) AND refclassid = 'pg_operator'::regclass;
SELECT tacl_unprotect('lines');

-- In the way of the trigger
CREATE FUNCTION always(short_code, short_code) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR = (FUNCTION = always, LEFTARG = short_code, RIGHTARG = short_code);
SELECT tacl_protect_child('lines', 'order_id');
DROP OPERATOR = (short_code, short_code);

-- In the way of the policies
CREATE FUNCTION always(code, short_code) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR = (FUNCTION = always, LEFTARG = code, RIGHTARG = short_code);
SELECT tacl_protect_child('lines', 'order_id');
-- Later, it does not matter until a dump is restored
DROP OPERATOR = (code, short_code);
SELECT tacl_protect_child('lines', 'order_id');
CREATE OPERATOR = (FUNCTION = always, LEFTARG = code, RIGHTARG = short_code);
SELECT DISTINCT refobjid::regoperator AS "depends on" FROM pg_depend WHERE classid IN ('pg_policy'::regclass, 'pg_trigger'::regclass) AND refclassid = 'pg_operator'::regclass;

-- An index that a superuser does not look into
CREATE ROLE regress_tacl_mal;
GRANT CREATE, USAGE ON SCHEMA regress_ops TO regress_tacl_mal;
SET ROLE regress_tacl_mal;
CREATE FUNCTION evil(int) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'runs as %', current_user; RETURN true; END $$;
CREATE TABLE bait (id int, tenant_id text);
SET client_min_messages = error;
CREATE INDEX ON bait (tenant_id) WHERE evil(1);
SET client_min_messages = warning;
RESET ROLE;
SELECT tacl_protect('bait', 'tenant_id', 'orders');

SET client_min_messages = error;
RESET search_path;
DROP SCHEMA regress_ops CASCADE;
DROP ROLE regress_tacl_mal;
