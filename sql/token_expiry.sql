-- R19: a token's times are compared at every statement, also in the middle of a
-- transaction, and when it was good before.
SELECT tacl_create_tenant('exp-org'), tacl_define_role('exp-viewer', '{exp.view}'), tacl_assign('alice', 'exp-viewer', 'exp-org');
SELECT tacl_add_key('exp', 'HS256', 'the secret of the key of this test');

CREATE TABLE exp_row (tenant_id text);
INSERT INTO exp_row VALUES ('exp-org');
ALTER TABLE exp_row ENABLE ROW LEVEL SECURITY;
CREATE POLICY view ON exp_row USING (tacl_may('exp.view', tenant_id));
CREATE ROLE regress_tacl_exp;
GRANT SELECT ON exp_row TO regress_tacl_exp;
PREPARE ask AS SELECT tacl_may('exp.view', 'exp-org') AS may;

-- In a transaction, prepared, and cached
BEGIN;
SELECT set_config('tacl.token', tacl_issue_token('alice', 'exp-org', '3 seconds'), false);
SET LOCAL ROLE regress_tacl_exp;
SELECT tacl_user(), (SELECT count(*) FROM exp_row) AS rows;
EXECUTE ask;
SAVEPOINT a;
SELECT pg_sleep(3);
EXECUTE ask;
SELECT count(*) AS rows FROM exp_row;
SELECT tacl_tenant();
SELECT tacl_user();
ROLLBACK TO a;
EXECUTE ask;
COMMIT;
EXECUTE ask;
SELECT tacl_user();

-- One statement has one time, as rights do; a procedure that commits has several
SELECT set_config('tacl.token', tacl_issue_token('alice', 'exp-org', '3 seconds'), false);
SELECT tacl_may('exp.view', 'exp-org') AS before, (SELECT true FROM pg_sleep(3)) AS slept, tacl_may('exp.view', 'exp-org') AS after;
SELECT tacl_may('exp.view', 'exp-org') AS next;
SELECT set_config('tacl.token', tacl_issue_token('alice', 'exp-org', '3 seconds'), false);
DO $$
BEGIN
    RAISE NOTICE 'before: %', tacl_may('exp.view', 'exp-org');
    PERFORM pg_sleep(3);
    RAISE NOTICE 'the same transaction: %', tacl_may('exp.view', 'exp-org');
    COMMIT;
    RAISE NOTICE 'the next: %', tacl_may('exp.view', 'exp-org');
END $$;

-- Not yet, and then
CREATE FUNCTION pg_temp.xored(bytes bytea, pad integer) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    bytes := bytes || decode(repeat('00', 64 - length(bytes)), 'hex');
    FOR i IN 0 .. 63 LOOP
        bytes := set_byte(bytes, i, get_byte(bytes, i) # pad);
    END LOOP;
    RETURN bytes;
END $$;
CREATE FUNCTION pg_temp.hmac(data bytea, secret bytea) RETURNS bytea LANGUAGE sql IMMUTABLE
RETURN sha256(pg_temp.xored(CASE WHEN length(secret) > 64 THEN sha256(secret) ELSE secret END, 92)
              || sha256(pg_temp.xored(CASE WHEN length(secret) > 64 THEN sha256(secret) ELSE secret END, 54) || data));
CREATE FUNCTION pg_temp.base64url(bytes bytea) RETURNS text LANGUAGE sql IMMUTABLE
RETURN translate(encode(bytes, 'base64'), E'+/=\n', '-_');
SELECT signed || '.' || pg_temp.base64url(pg_temp.hmac(signed::bytea, 'the secret of the key of this test')) AS later
FROM (SELECT pg_temp.base64url('{"alg":"HS256","kid":"exp"}') || '.'
             || pg_temp.base64url(format('{"sub":"alice","exp":4102444800,"nbf":%s}', extract(epoch FROM clock_timestamp()) + 1)::bytea) AS signed) AS s \gset
SELECT set_config('tacl.token', :'later', false);
BEGIN;
EXECUTE ask;
SELECT pg_sleep(1.1);
EXECUTE ask;
COMMIT;
SELECT tacl_user();

-- To the microsecond: from nbf on, until before exp. A time is cut to
-- microseconds, so half of one is added for what is lost by a double.
CREATE FUNCTION pg_temp.may_with(claim text, microseconds integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    at text := (extract(epoch FROM statement_timestamp()) + microseconds * 0.000001)::text || '5';
    signed text := pg_temp.base64url('{"alg":"HS256","kid":"exp"}') || '.'
        || pg_temp.base64url((jsonb_build_object('sub', 'alice', 'exp', 4102444800) || jsonb_build_object(claim, at::numeric))::text::bytea);
BEGIN
    PERFORM set_config('tacl.token', signed || '.' || pg_temp.base64url(pg_temp.hmac(signed::bytea, 'the secret of the key of this test')), true);
    RETURN tacl_may('exp.view', 'exp-org');
END $$;
SELECT claim, microseconds, pg_temp.may_with(claim, microseconds)
FROM unnest('{nbf, exp}'::text[]) AS claim, generate_series(-1, 1) AS microseconds ORDER BY claim, microseconds;

RESET tacl.token;
DEALLOCATE ask;
DROP TABLE exp_row;
DROP ROLE regress_tacl_exp;
SELECT tacl_drop_key('exp'), tacl_drop_tenant('exp-org', true), tacl_drop_role('exp-viewer');
