-- The table of keys: what a row has to be, however it is written, and that its
-- material is seen by superusers only.
\set VERBOSITY terse
\set ed '{"kty":"OKP", "crv":"Ed25519", "x":"Nbt2YWbCnfIPrQ6Kmjf117gc8wdaVXfZUAGouUFylSA"}'
SELECT tacl_add_key('keys-hs', 'HS256', 'a SECRET of 32 bytes, as it were'), tacl_add_key('keys-ed', NULL, :'ed');

-- What a key can demand
SELECT tacl_add_key('keys-x', NULL, :'ed', issuer => '');
SELECT tacl_add_key('keys-x', NULL, :'ed', audience => repeat('x', 256));
SELECT tacl_add_key('keys-x', NULL, :'ed', user_claim => 'exp');
SELECT tacl_add_key('keys-x', NULL, :'ed', user_claim => 'iss');
SELECT tacl_add_key('keys-x', NULL, :'ed', tenant_claim => 'iss');
SELECT tacl_add_key('keys-x', NULL, :'ed', tenant_claim => 'tacl_scope');
SELECT tacl_add_key('keys-x', NULL, :'ed', user_claim => 'org_id');
SELECT tacl_add_key('keys-x', NULL, :'ed', leeway => 301);
SELECT tacl_add_key('keys-x', NULL, :'ed', leeway => -1);
SELECT tacl_add_key('keys-x', NULL, :'ed', NULL, NULL, NULL, NULL, NULL) AS defaults, tacl_add_key('keys-x', NULL, :'ed') AS same;

-- Written by hand, the same is refused, and no row is shown
\set VERBOSITY default
INSERT INTO tacl.key (kid, algorithm, material) VALUES ('keys-y', 'HS256', '\x534543524554');
COPY tacl.key (kid, algorithm, material) FROM stdin;
keys-y	HS256	\\x534543524554
\.
COPY tacl.key (kid, algorithm, material) FROM stdin;
keys-y	HS256	\\xSECRET
\.
-- in the context of a function neither; the context of what follows is shown
DO $$
BEGIN
    BEGIN
        INSERT INTO tacl.key (kid, algorithm, material) VALUES ('keys-y', 'HS256', '\x00');
    EXCEPTION WHEN OTHERS THEN
        RAISE NOTICE '%', sqlerrm;
    END;
    RAISE 'then';
END $$;
\set VERBOSITY terse
INSERT INTO tacl.key (kid, algorithm, material) VALUES ('keys-y', 'RS256', repeat('SECRET', 10)::tacl.key_material);
INSERT INTO tacl.key (kid, algorithm, material) VALUES ('keys-y', 'none', repeat('SECRET', 10)::tacl.key_material);
INSERT INTO tacl.key (kid, algorithm) VALUES ('keys-y', 'HS256');
INSERT INTO tacl.key (kid, material) VALUES ('keys-y', repeat('SECRET', 10)::tacl.key_material);
UPDATE tacl.key SET leeway = NULL WHERE kid = 'keys-hs';
UPDATE tacl.key SET user_claim = NULL WHERE kid = 'keys-hs';
UPDATE tacl.key SET algorithm = 'RS256' WHERE kid = 'keys-hs';
UPDATE tacl.key SET algorithm = 'RS256' WHERE kid = 'keys-ed';
UPDATE tacl.key SET algorithm = 'HS256' WHERE kid = 'keys-ed';
UPDATE tacl.key SET kid = '' WHERE kid = 'keys-ed';
SELECT kid, algorithm FROM tacl.key ORDER BY kid;

--
-- A superuser sees the material, nobody else does
--

CREATE ROLE regress_tacl_reader BYPASSRLS;
GRANT pg_read_all_data TO regress_tacl_reader;
CREATE ROLE regress_tacl_keeper;
GRANT USAGE ON SCHEMA tacl TO regress_tacl_keeper;
GRANT SELECT, INSERT, UPDATE, DELETE ON tacl.key TO regress_tacl_keeper;
SELECT kid, material FROM tacl.key WHERE kid = 'keys-hs';
SET ROLE regress_tacl_reader;
SELECT kid, algorithm, material, material::text AS as_text, to_jsonb(key) -> 'material' AS as_json,
       format('%s', material) AS formatted, ARRAY[material]::text AS in_array, ROW (material)::text AS in_row
FROM tacl.key WHERE kid = 'keys-hs';
COPY (SELECT material FROM tacl.key WHERE kid = 'keys-hs') TO stdout;
COPY (SELECT material FROM tacl.key WHERE kid = 'keys-hs') TO stdout (FORMAT binary);
-- nor is it hidden in a dump, which could not be restored
RESET ROLE;
SET tacl.dump_keys = on;
COPY (SELECT material FROM tacl.key WHERE kid = 'keys-hs') TO stdout;
SET ROLE regress_tacl_reader;
COPY (SELECT material FROM tacl.key WHERE kid = 'keys-hs') TO stdout;
RESET ROLE;
RESET tacl.dump_keys;
SET ROLE regress_tacl_reader;
SELECT material::bytea FROM tacl.key;
SELECT count(*) FROM tacl.key WHERE material = '\x00';
SELECT count(*) FROM tacl.key WHERE ROW (material) *> ROW ('\x00'::tacl.key_material);
SELECT min(material) FROM tacl.key;
CREATE TEMPORARY TABLE copy AS SELECT material FROM tacl.key;
CREATE DOMAIN pg_temp.material AS tacl.key_material;
SET ROLE regress_tacl_keeper;
SELECT kid, material FROM tacl.key WHERE kid = 'keys-hs';
INSERT INTO tacl.key (kid, algorithm, material) VALUES ('keys-z', 'HS256', '\x00');

-- With the privileges on the table, keys are kept by the functions
SELECT tacl_add_key('keys-z', 'HS256', 'a SECRET of 32 bytes, as it were'), tacl_drop_key('keys-z'),
       tacl_drop_key('keys-z') AS again;
SELECT tacl_drop_key(NULL);
RESET ROLE;
-- Without, nothing else is said
REVOKE UPDATE, DELETE ON tacl.key FROM regress_tacl_keeper;
SET ROLE regress_tacl_keeper;
SELECT tacl_add_key('keys-z', 'nonsense', NULL);
SELECT tacl_drop_key('keys-hs');
RESET ROLE;

DROP OWNED BY regress_tacl_keeper, regress_tacl_reader;
DROP ROLE regress_tacl_keeper, regress_tacl_reader;
SELECT count(tacl_drop_key(kid)) FROM (SELECT kid FROM tacl.key OFFSET 0) AS keys;
