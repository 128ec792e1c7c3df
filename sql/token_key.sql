-- Keys of tokens: the forms they come in, and what is refused. A message says
-- what is wrong and shows nothing of the key.
CREATE FUNCTION pg_temp.fault(kid text, algorithm text, key text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
BEGIN
    PERFORM tacl_add_key(kid, algorithm, key);
    RETURN 'added';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    IF strpos(sqlerrm || detail, 'SECRET') > 0 THEN
        RETURN 'IT IS SHOWN';
    END IF;
    RETURN sqlstate || ' ' || sqlerrm || coalesce(': ' || nullif(detail, ''), '');
END $$;

--
-- Secrets
--

SELECT tacl_add_key('key-hs', 'HS256', 'a SECRET of 32 bytes, as it were'),
       tacl_add_key('key-hs', 'HS256', 'a SECRET of 32 bytes, as it were') AS again,
       tacl_add_key('key-hs', 'HS256', 'a SECRET of 32 bytes, as it were', leeway => 1) AS other;
SELECT algorithm, bytes, pg_temp.fault('key-x', algorithm, rpad('SECRET', bytes, 'x'))
FROM (VALUES ('HS256', 31), ('HS256', 32), ('HS384', 47), ('HS384', 48), ('HS512', 63), ('HS512', 64),
             ('HS512', 8192), ('HS512', 8193)) AS cases (algorithm, bytes);
SELECT what, pg_temp.fault('key-x', algorithm, key)
FROM (VALUES ('nothing', 'HS256', NULL),
             ('empty', 'HS256', ''),
             ('no algorithm', NULL, 'a SECRET of 32 bytes, as it were'),
             ('none', 'none', 'a SECRET of 32 bytes, as it were'),
             ('other case', 'hs256', 'a SECRET of 32 bytes, as it were'),
             ('for a public key', 'RS256', 'a SECRET of 32 bytes, as it were'),
             ('like JSON', 'HS256', '{a SECRET of 32 bytes, as it were'),
             ('JWK', 'HS256', '{"kty":"oct", "k":"U0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVU"}'),
             ('JWK without k', 'HS256', '{"kty":"oct", "key":"U0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVU"}'),
             ('short JWK', 'HS256', '{"kty":"oct", "k":"U0VDUkVU"}'),
             ('PEM in a JWK', 'HS256', '{"kty":"oct", "k":"LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUNvd0JRWURLMlZ3QXlFQU5idDJZV2JDbmZJUHJRNkttamYxMTdnYzh3ZGFWWGZaVUFHb3VVRnlsU0E9Ci0tLS0tRU5EIFBVQkxJQyBLRVktLS0tLQo"}'),
             ('DER in a JWK', 'HS256', '{"kty":"oct", "k":"MCowBQYDK2VwAyEANbt2YWbCnfIPrQ6Kmjf117gc8wdaVXfZUAGouUFylSA"}'),
             ('k twice', 'HS256', '{"kty":"oct", "k":"U0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVU", "k":"U0VDUkVU"}')) AS cases (what, algorithm, key);

--
-- Public keys
--

\set rsa '{"kty":"RSA", "e":"AQAB", "n":"zGkOgwOaY0UX5JE_dA8EtZnQ3QlISledp9sB6ouAaG6EcIu-lq0fIXWTRc53fOLc5y8RSdOHCg9lqNzuYEe6v94Y9Bl_kGxQ4yvNwVsOmtvf5Asqs-zJ1Kv8pbB7F76dWDZ7nlrrkMnc_WqgqC9JkFIdmm61vrmGRLaj_Z00M6unYT0OowxdsApbUCxbi6kT3sDsKTBt82SUFcWpyEr8c0aIcPfQq7RcVQMo2bj31NkW_GHMElq4YgkLpqSII7hxWzolTjfyJ4BnU2LLeon48hFMkO7xlwfherYhl9ZwzHwSPkBX6RivprePeMQsquoSPzMTlzjFHx1n_nkatbchIw"'
\set ec '{"kty":"EC", "crv":"P-256", "x":"2rIV8519HIXKaql3SxOXgvfb7WVT7RXb6meLpkvyjug", "y":"G99MX6MSfpqqHNwuy_ensqeXx8SXUACbEaBnvCJEiSw"'
\set ed '{"kty":"OKP", "crv":"Ed25519", "x":"Nbt2YWbCnfIPrQ6Kmjf117gc8wdaVXfZUAGouUFylSA"'
CREATE TEMPORARY TABLE pem (name text, key text);
INSERT INTO pem VALUES
('rsa', $$-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAzGkOgwOaY0UX5JE/dA8E
tZnQ3QlISledp9sB6ouAaG6EcIu+lq0fIXWTRc53fOLc5y8RSdOHCg9lqNzuYEe6
v94Y9Bl/kGxQ4yvNwVsOmtvf5Asqs+zJ1Kv8pbB7F76dWDZ7nlrrkMnc/WqgqC9J
kFIdmm61vrmGRLaj/Z00M6unYT0OowxdsApbUCxbi6kT3sDsKTBt82SUFcWpyEr8
c0aIcPfQq7RcVQMo2bj31NkW/GHMElq4YgkLpqSII7hxWzolTjfyJ4BnU2LLeon4
8hFMkO7xlwfherYhl9ZwzHwSPkBX6RivprePeMQsquoSPzMTlzjFHx1n/nkatbch
IwIDAQAB
-----END PUBLIC KEY-----$$),
('rsa 1024', $$-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC+qWGI5Sn85yP4uq1aJRS0ZCfn
VFXe5X6tRo1ewhfzXgR5ypS16ds2pL12sRwhPFbzANhIL2R0qfzDJ/8Dcrl0gFIK
0O8wlJcvvKF90XhLriZr8wiSVB1i4Ph0nqM3AiQSOgTix6GbMkOhVNxZF+VjFGRd
fTxRWCDXjnTs/t7wWwIDAQAB
-----END PUBLIC KEY-----$$),
('p-256', $$-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2rIV8519HIXKaql3SxOXgvfb7WVT
7RXb6meLpkvyjugb30xfoxJ+mqoc3C7L96eyp5fHxJdQAJsRoGe8IkSJLA==
-----END PUBLIC KEY-----$$),
('p-384', $$-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEPwJrNtNIVJFkVZ4q9/X8DG9vf9b6EhXc
8Ikxh+QkPUxTx9Xi0WsebZ/WO9t4mU/aDhoKnQ/gIgJXNE2ByLUNDSB6Iqqo+8J9
7DWGH7v0s90zEK1Pr+dzt2E7D2brY/9I
-----END PUBLIC KEY-----$$),
('secp256k1', $$-----BEGIN PUBLIC KEY-----
MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEPVA0lrqXOtiMNvyaK4c9KitoopbJ++Nc
q9JLUnT+22LuUDdeP3Y1bH5616wbD3iH2dYUGSQeIJcqvt+UZClYkw==
-----END PUBLIC KEY-----$$),
('ed25519', $$-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEANbt2YWbCnfIPrQ6Kmjf117gc8wdaVXfZUAGouUFylSA=
-----END PUBLIC KEY-----$$),
('ed448', $$-----BEGIN PUBLIC KEY-----
MEMwBQYDK2VxAzoA3xlSY23Q7WRBx5nx4WT14Hl1NocvWoYVdrbsFfHL7tN8n/Yt
/R9ZMh3sc2zYy9bp3YPs6mii9JmA
-----END PUBLIC KEY-----$$);

-- The same key in another form is the same key
SELECT tacl_add_key('key-rs', 'RS256', key) AS pem,
       tacl_add_key('key-rs', 'RS256', E'\n ' || key || E'\n\n') AS blanks,
       tacl_add_key('key-rs', 'RS256', :'rsa' || '}') AS jwk,
       tacl_add_key(NULL, NULL, :'rsa' || ', "kid":"key-rs", "alg":"RS256", "use":"sig", "key_ops":["verify"], "x5c":["ignored"]}') AS says_all,
       tacl_add_key('key-rs', 'PS256', :'rsa' || '}') AS other_algorithm
FROM pem WHERE name = 'rsa';
SELECT tacl_add_key('key-es', NULL, key) AS pem, tacl_add_key('key-es', 'ES256', :'ec' || '}') AS jwk
FROM pem WHERE name = 'p-256';
SELECT tacl_add_key('key-ed', NULL, key) AS pem, tacl_add_key('key-ed', 'EdDSA', :'ed' || '}') AS jwk
FROM pem WHERE name = 'ed25519';
SELECT kid, algorithm FROM tacl.key ORDER BY kid;

-- PEM
SELECT name, algorithm, pg_temp.fault('key-x', algorithm, key)
FROM pem, unnest('{HS256, RS256, PS256, ES256, EdDSA, NULL}'::text[]) WITH ORDINALITY AS a (algorithm, n)
WHERE algorithm IS DISTINCT FROM 'PS256' OR name LIKE 'rsa%'
ORDER BY name, n;
SELECT what, pg_temp.fault('key-x', 'EdDSA', replace(text, 'PEM', key))
FROM pem, (VALUES ('twin', 'PEM'),
                  ('private', E'-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----'),
                  ('private RSA', E'-----BEGIN RSA PRIVATE KEY-----\nSECRET\n-----END RSA PRIVATE KEY-----'),
                  ('encrypted', E'-----BEGIN ENCRYPTED PRIVATE KEY-----\nSECRET\n-----END ENCRYPTED PRIVATE KEY-----'),
                  ('both halves', E'PEM\n-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----'),
                  ('two keys', E'PEM\nPEM'),
                  ('broken', E'-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----'),
                  ('no end', E'-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA'),
                  ('something else', E'-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----')) AS cases (what, text)
WHERE name = 'ed25519';

-- JWK
SELECT what, pg_temp.fault('key-x', algorithm, key)
FROM (VALUES ('twin', 'RS256', :'rsa' || '}'),
             ('without algorithm', NULL, :'rsa' || '}'),
             ('RSA as HS256', 'HS256', :'rsa' || '}'),
             ('RSA as ES256', 'ES256', :'rsa' || '}'),
             ('RSA as EdDSA', 'EdDSA', :'rsa' || '}'),
             ('P-256 as EdDSA', 'EdDSA', :'ec' || '}'),
             ('Ed25519 as ES256', 'ES256', :'ed' || '}'),
             ('P-384', 'ES256', replace(:'ec' || '}', 'P-256', 'P-384')),
             ('Ed448', 'EdDSA', replace(:'ed' || '}', 'Ed25519', 'Ed448')),
             ('longer coordinate', 'ES256', replace(:'ec' || '}', '"x":"', '"x":"AAAA')),
             ('not on the curve', 'ES256', regexp_replace(:'ec' || '}', '"y":"....', '"y":"AAAA')),
             ('exponent 1', 'RS256', replace(:'rsa' || '}', 'AQAB', 'AQ')),
             ('exponent 2', 'RS256', replace(:'rsa' || '}', 'AQAB', 'Ag')),
             ('exponent 0', 'RS256', replace(:'rsa' || '}', 'AQAB', '')),
             ('even modulus', 'RS256', replace(:'rsa' || '}', 'chIw', 'chIA')),
             ('prime modulus', 'RS256', '{"kty":"RSA", "e":"AQAB", "n":"44fQBVct7N7AKE3MI4zcr-GOPbFwhJHulZUDLPMxTo8vRqNB12XIAYdr8rAMBPLqSAzCIyGoazkwxq75ZnfwKp6SO5RmGbRRgvpTwtu7m1GBTp0HtrwXo9f0NnDi-KFz2gTYo0pev0aZE2i5P8nK9IhnyY-2WljX49BEQw8fkRYhqdl_btXAmD9RC9CkokLy-oirgfv_1CVE4Bl8yKpG-RivlJ8Pce22LpCnl_lnPC6jFgmyDdxnZiZaMnDyf-mwRDop_T6wiv_oKD-QFpOYNcsWKQVEpCOmO2hhoPlwcYwNDjrtu5KWMJsZ_GLBogFEKtJkuM5LhX2KsM4Zzk3XiQ"}'),
             ('no modulus', 'RS256', replace(:'rsa' || '}', '"n"', '"m"')),
             ('padded', 'EdDSA', replace(:'ed' || '}', 'Nbt2YWbCnfIPrQ6Kmjf117gc8wdaVXfZUAGouUFylSA', 'Nbt2YWbCnfIPrQ6Kmjf117gc8wdaVXfZUAGouUFylSA=')),
             ('private', 'EdDSA', :'ed' || ', "d":"SECRET"}'),
             ('private p', 'RS256', :'rsa' || ', "p":"SECRET"}'),
             ('private q', 'RS256', :'rsa' || ', "q":"SECRET"}'),
             ('private dp', 'RS256', :'rsa' || ', "dp":"SECRET"}'),
             ('private dq', 'RS256', :'rsa' || ', "dq":"SECRET"}'),
             ('private qi', 'RS256', :'rsa' || ', "qi":"SECRET"}'),
             ('private oth', 'RS256', :'rsa' || ', "oth":[]}'),
             ('for encryption', 'RS256', :'rsa' || ', "use":"enc"}'),
             ('for wrapping', 'RS256', :'rsa' || ', "key_ops":["wrapKey"]}'),
             ('another kid', 'RS256', :'rsa' || ', "kid":"other"}'),
             ('another alg', 'RS256', :'rsa' || ', "alg":"PS256"}'),
             ('unsupported alg', NULL, :'rsa' || ', "alg":"RS512"}'),
             ('alg twice', 'RS256', :'rsa' || ', "alg":"RS256", "alg":"RS256"}'),
             ('unknown kty', 'RS256', '{"kty":"AKP"}'),
             ('no kty', 'RS256', '{}'),
             ('kid is a number', NULL, :'ed' || ', "kid":7}'),
             ('bytes after it', 'RS256', :'rsa' || '} x')) AS cases (what, algorithm, key);

-- Points of small order, by which anyone could sign: with either sign, also as
-- they must not be written; two that differ from them in one bit
SELECT x, pg_temp.fault('key-x', NULL, '{"kty":"OKP", "crv":"Ed25519", "x":"' || x || '"}')
FROM (VALUES ('AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'), ('AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA'),
             ('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'), ('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA'),
             ('JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU'), ('JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_IU'),
             ('xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o'), ('xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA_o'),
             ('7P_______________________________________38'), ('7P________________________________________8'),
             ('7f_______________________________________38'), ('7f________________________________________8'),
             ('7v_______________________________________38'), ('7v________________________________________8'),
             ('AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'), ('JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AY')) AS points (x);
SELECT pg_temp.fault('key-x', NULL, E'-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA' || encode('\x01' || decode(repeat('00', 31), 'hex'), 'base64') || E'\n-----END PUBLIC KEY-----') AS identity_as_pem;

SELECT pg_temp.fault(NULL, NULL, :'ed' || '}') AS no_kid, pg_temp.fault(E'a\nb', NULL, :'ed' || '}') AS bad_kid,
       pg_temp.fault(NULL, NULL, :'ed' || ', "kid":"a\nb"}') AS bad_kid_inside;

--
-- Sets, as an identity provider publishes them
--

SELECT '{"keys":[' || :'rsa' || ', "kid":"key-1", "alg":"RS256", "use":"sig"},' || :'ec' || ', "kid":"key-2"},'
       || :'rsa' || ', "kid":"key-3", "alg":"RSA-OAEP", "use":"enc"}]}' AS jwks \gset
SELECT tacl_add_key(NULL, NULL, :'jwks', audience => 'orders') AS added,
       tacl_add_key(NULL, NULL, :'jwks', audience => 'orders') AS again,
       tacl_add_key(NULL, 'RS256', :'jwks') AS one_of_them,
       tacl_add_key('key-2', NULL, :'jwks') AS another,
       tacl_add_key(NULL, NULL, :'jwks') AS so_already;
SELECT what, pg_temp.fault(kid, algorithm, key)
FROM (VALUES ('twin', 'key-2', NULL, :'jwks'),
             ('no such kid', 'key-4', NULL, :'jwks'),
             ('for encryption', 'key-3', NULL, :'jwks'),
             ('no such algorithm', NULL, 'EdDSA', :'jwks'),
             ('empty', NULL, NULL, '{"keys":[]}'),
             ('no list', NULL, NULL, '{"keys":{}}'),
             ('no keys', NULL, NULL, '{"keys":[1, "SECRET", null]}'),
             ('private', NULL, NULL, '{"keys":[' || :'ed' || ', "kid":"a"}, ' || :'ed' || ', "d":"SECRET", "kid":"b"}]}'),
             ('private dq', NULL, NULL, '{"keys":[' || :'rsa' || ', "dq":"SECRET", "kid":"b"}]}'),
             ('a secret', NULL, 'HS256', '{"keys":[{"kty":"oct", "kid":"a", "k":"U0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVU"}]}'),
             ('a secret too', NULL, NULL, '{"keys":[' || :'ed' || ', "kid":"a"}, {"kty":"oct", "alg":"HS256", "kid":"b", "k":"U0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVU"}]}'),
             ('the same kid', NULL, NULL, '{"keys":[' || :'ed' || ', "kid":"a"}, ' || :'ec' || ', "kid":"a"}]}'),
             ('no kid', NULL, NULL, '{"keys":[' || :'ed' || '}]}'),
             ('no algorithm', NULL, NULL, '{"keys":[' || :'rsa' || ', "kid":"a"}]}'),
             ('too many', NULL, NULL, '{"keys":[' || repeat('{},', 100) || '{}]}'),
             ('too deep', NULL, NULL, '{"keys":[' || repeat('[', 100000) || repeat(']', 100000) || ']}'),
             ('too long', NULL, NULL, '{"keys":[]}' || repeat(' ', 256 * 1024))) AS cases (what, kid, algorithm, key);

SELECT count(tacl_drop_key(kid)) FROM (SELECT kid FROM tacl.key OFFSET 0) AS keys;
