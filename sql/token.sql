-- Good tokens: every algorithm, and what they say.
SELECT tacl_create_tenant('tok-org'), tacl_create_tenant('tok-other');
SELECT tacl_define_role('tok-viewer', '{orders.view}');
SELECT tacl_assign('alice', 'tok-viewer', 'tok-org');

-- What the session's token is worth: its user, else what is wrong with it
CREATE FUNCTION pg_temp.verdict(token text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
BEGIN
    PERFORM set_config('tacl.token', token, true);
    RETURN 'user ' || tacl_user();
EXCEPTION WHEN invalid_authorization_specification THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN detail;
END $$;

--
-- The examples of RFC 7515, A.1 to A.3, and RFC 8037, A.4. The first three name
-- no user, the last has no claims: so their signatures are good. No RFC
-- has an example of HS384, HS512 or PS256 (RFC 7520, 4.2, is of PS384). A.5 is
-- signed by nobody.
--

BEGIN;
SELECT tacl_add_key('a1', 'HS256', '{"kty":"oct", "k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}');
\set a1 eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk
SELECT pg_temp.verdict(:'a1') AS a1, pg_temp.verdict(left(:'a1', -2) || 'cE') AS tampered,
       pg_temp.verdict('eyJhbGciOiJub25lIn0.' || split_part(:'a1', '.', 2) || '.') AS a5;
ROLLBACK;

BEGIN;
SELECT tacl_add_key('a2', 'RS256', '{"kty":"RSA",
    "n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    "e":"AQAB"}');
\set a2 eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw
SELECT pg_temp.verdict(:'a2') AS a2, pg_temp.verdict(left(:'a2', -2) || 'Rg') AS tampered;
ROLLBACK;

BEGIN;
SELECT tacl_add_key('a3', NULL, '{"kty":"EC", "crv":"P-256",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}');
\set a3 eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q
SELECT pg_temp.verdict(:'a3') AS a3, pg_temp.verdict(left(:'a3', -2) || '1g') AS tampered;
ROLLBACK;

BEGIN;
SELECT tacl_add_key('a4', NULL, '{"kty":"OKP", "crv":"Ed25519", "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}');
\set a4 eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg
SELECT pg_temp.verdict(:'a4') AS a4, pg_temp.verdict(left(:'a4', -2) || 'Aw') AS tampered;
ROLLBACK;

--
-- Each algorithm, signed by the openssl command until 2100, of what is before the
-- second dot: openssl dgst -binary with -sha384 -hmac "$secret" for HS384, with
-- -sha256 -sign key.pem for RS256, with -sigopt rsa_padding_mode:pss -sigopt
-- rsa_pss_saltlen:digest as well for PS256; for ES256 as for RS256, and r and s
-- taken out of the DER; for EdDSA openssl pkeyutl -sign -rawin -inkey key.pem. Then
-- openssl base64 -A | tr '+/' '-_' | tr -d '='.
--

SELECT tacl_add_key(lower(left(algorithm, 2)), algorithm, $$-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAzGkOgwOaY0UX5JE/dA8E
tZnQ3QlISledp9sB6ouAaG6EcIu+lq0fIXWTRc53fOLc5y8RSdOHCg9lqNzuYEe6
v94Y9Bl/kGxQ4yvNwVsOmtvf5Asqs+zJ1Kv8pbB7F76dWDZ7nlrrkMnc/WqgqC9J
kFIdmm61vrmGRLaj/Z00M6unYT0OowxdsApbUCxbi6kT3sDsKTBt82SUFcWpyEr8
c0aIcPfQq7RcVQMo2bj31NkW/GHMElq4YgkLpqSII7hxWzolTjfyJ4BnU2LLeon4
8hFMkO7xlwfherYhl9ZwzHwSPkBX6RivprePeMQsquoSPzMTlzjFHx1n/nkatbch
IwIDAQAB
-----END PUBLIC KEY-----$$)
FROM unnest('{RS256, PS256}'::text[]) AS algorithm;
SELECT tacl_add_key('es', 'ES256', $$-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2rIV8519HIXKaql3SxOXgvfb7WVT
7RXb6meLpkvyjugb30xfoxJ+mqoc3C7L96eyp5fHxJdQAJsRoGe8IkSJLA==
-----END PUBLIC KEY-----$$);
SELECT tacl_add_key('ed', NULL, $$-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEANbt2YWbCnfIPrQ6Kmjf117gc8wdaVXfZUAGouUFylSA=
-----END PUBLIC KEY-----$$);
SELECT tacl_add_key('hs256', 'HS256', 'a secret of at least 32 bytes, really'),
       tacl_add_key('hs384', 'HS384', 'a secret of at least 48 bytes, which takes a while'),
       tacl_add_key('hs512', 'HS512', 'a secret of at least 64 bytes, which takes even longer to write down');
\set hs256 eyJhbGciOiJIUzI1NiIsImtpZCI6ImhzMjU2In0.eyJzdWIiOiJhbGljZSIsIm9yZ19pZCI6Im9yZyIsImV4cCI6NDEwMjQ0NDgwMH0.Jz8ylWOwdzzueBWeRZmwPG3nL4CXeWqAaeWU1JUdqJA
\set hs384 eyJhbGciOiJIUzM4NCIsImtpZCI6ImhzMzg0In0.eyJzdWIiOiJhbGljZSIsIm9yZ19pZCI6Im9yZyIsImV4cCI6NDEwMjQ0NDgwMH0.9Qk7zpKk6FUkA3CZDKjWTYT5Uy0LYye6agIngcFJzNEdSWNvSivjZKAwv0wQflTm
\set hs512 eyJhbGciOiJIUzUxMiIsImtpZCI6ImhzNTEyIn0.eyJzdWIiOiJhbGljZSIsIm9yZ19pZCI6Im9yZyIsImV4cCI6NDEwMjQ0NDgwMH0.1aHJwEjHvE7C8WJqX8dsfL5jedWULFveRWVK2aU6hFIZq9UoRpJ0wal4EK5VIUnCxh4gc7VLaRzwzxHZaZEGEQ
\set rs256 eyJhbGciOiJSUzI1NiIsImtpZCI6InJzIn0.eyJzdWIiOiJhbGljZSIsIm9yZ19pZCI6Im9yZyIsImV4cCI6NDEwMjQ0NDgwMH0.VEqEKDJ0XQCF8hCiqS2QjhG2pk4axovId6Oa-nMc3pP248wKcWrIXmHybJrigRpsy2WQ78gtcR_qJxZvl935kGKu8P9K20KxLfhbFl_97yBmWo5u-AhdJHUuSJzjzVxizB8ktGdiG_Ntd941aULpzDZ9dfipX3V9Id7T4oYngakukqhRcbeWNsyJbhSlLOV6TziFKrEjRnqULikhFWC73no2nfqNd_x59zmTLWRxbZXUE4yibTw_Mxn2IKPvdOTliO5ozEPe-bY2s0ZrZBXPgeiVwhsnykxVyXB5MaqMYdOiPZDQ2TzHdvJA4BtDSzSRS43wHi-M2pr9tLPjySeVGg
\set ps256 eyJhbGciOiJQUzI1NiIsImtpZCI6InBzIn0.eyJzdWIiOiJhbGljZSIsIm9yZ19pZCI6Im9yZyIsImV4cCI6NDEwMjQ0NDgwMH0.SMba3xAt7bqaCp3fW91QZQiTumuCSc_kM-EnLk0YrmZYTMA3l-Dz9zezb533L8ATN0xB01ixThTr1g6LxYuxQ6IleX7_p-0sC5hp4dzbUiu8Gs57NsS2L4XkGVNsrbgjYqZj07n4BkLO_ZorTsJIIMf7Qf9KiRJuA5AxzezOUKEvCwDecdHocsLtc7UVSzQiTHjPuuVtGNniAtUsqLR0BioiaeQsmOURjOYJyx8JkTEkyI81HQfI3xKVsO9PjYtah7-NCo2eev7JHLKgmdwfh8KACXZnIShN7QPR6RrpsMLyqqHbGcet_mw0483JG8kN6vHPeQDLuN8eJCzUEj7daA
\set es256 eyJhbGciOiJFUzI1NiIsImtpZCI6ImVzIn0.eyJzdWIiOiJhbGljZSIsIm9yZ19pZCI6Im9yZyIsImV4cCI6NDEwMjQ0NDgwMH0.yRSjkDQ1eMyPPpyiyQsov2kYVIjrqP0_DUNi0mZA2aSpz8tgPhvQftJ9_veafdljtpkOCn1myZU7txsAutVRYQ
\set eddsa eyJhbGciOiJFZERTQSIsImtpZCI6ImVkIn0.eyJzdWIiOiJhbGljZSIsIm9yZ19pZCI6Im9yZyIsImV4cCI6NDEwMjQ0NDgwMH0.TnuUwq8lY4C630xfRvAACnANj8rDJq0kVh1rJV2s5vRBCkx0l3MqVp8j-LBnslzlVupC0cYJvmMeDhKDzdjuDg
SELECT algorithm, pg_temp.verdict(token) AS verdict, pg_temp.verdict(left(token, -6) || 'AAAAAA') AS tampered
FROM (VALUES ('RS256', :'rs256'), ('PS256', :'ps256'), ('ES256', :'es256'), ('EdDSA', :'eddsa'),
             ('HS256', :'hs256'), ('HS384', :'hs384'), ('HS512', :'hs512'),
             ('HS256, ours', tacl_issue_token('alice', kid => 'hs256')),
             ('HS384, ours', tacl_issue_token('alice', kid => 'hs384')),
             ('HS512, ours', tacl_issue_token('alice', kid => 'hs512'))) AS tokens (algorithm, token);

-- A salt of another length than the digest's is not PS256, nor is DER ES256
SELECT pg_temp.verdict('eyJhbGciOiJQUzI1NiIsImtpZCI6InBzIn0.eyJzdWIiOiJhbGljZSIsIm9yZ19pZCI6Im9yZyIsImV4cCI6NDEwMjQ0NDgwMH0.iLx7_4R3lVCvRbWlXSHMh2JPGdI8hiPid3jB1Ce_dAdBXt9t5ga2pHPi9D0RgXZpWCdVrFXYd6_dGYRsLCrN8nmOqLeRiJBVj_76QDLlksxK-93mh_WvvkWbcwQJS5MZoHpnU--XYiyyagQUmOoRrjJL1daUDVo-ykOAn10MWOilJ_C90wDSQOe_QLFLdEXn2usc4mzNWOPSaRWfYYmrufst-AD_DEqMpmqmp1bB8oqv82P7vhiT-u6QJlt7novJHovwabzh1-VA4MA4vfWP84rkSxqRQEZ5N_S-cCgfNUWy2Gxqiz1DOaha2v9D_hrwS_3sqWWSIYaLphC900efQQ') AS salt_0,
       pg_temp.verdict('eyJhbGciOiJQUzI1NiIsImtpZCI6InBzIn0.eyJzdWIiOiJhbGljZSIsIm9yZ19pZCI6Im9yZyIsImV4cCI6NDEwMjQ0NDgwMH0.Y6QMWdII7pqblLXA07kyoHL9DSBDS6MWbw9foU6JFMm6ghBXuMnzx6p7v--CXZRSP73NWEarFVH8ef7f21gu63agKs0aOMB_LVuvKD_8DC3-UQHsv63Da3Kw1AvmE2o42y3Ooz7a2kBkJ0hm9ZkXoL1u3zvwbLP3SvwlkJ8rtT3xh9tB2Q4SNXVhBr-W-gf5NBBRwWM-u6YcxTrSlmxxFkGzx6UlOqwUSKfcywaxJGCTAx-b2ttRNQzB-m7Wk9TdkRP-j-BYedv6G6Phfz5hRFFJk55h4JRYCZkcuOfNVN77Zl1n72xZjB5gjQnP38XO2RXKgZEDC8_Ll-2HvuEKSA') AS salt_64,
       pg_temp.verdict('eyJhbGciOiJFUzI1NiIsImtpZCI6ImVzIn0.eyJzdWIiOiJhbGljZSIsIm9yZ19pZCI6Im9yZyIsImV4cCI6NDEwMjQ0NDgwMH0.MEUCIQCzErcdZ_UfKtzHyDjZYRFSG2hG_Xh36ptPNDTK7THvnAIgdKXrMhGNWZdXgZp0BnQzz97ORpio5pdSbnGhSsfjREg') AS der;

--
-- What a token says, and in which order it counts
--

SELECT tacl_user(), tacl_tenant(), tacl_actor();
SET tacl.user_setting = 'app.user_id';
SET app.user_id = 'bob';
SELECT tacl_user(), tacl_tenant(), tacl_actor();
SELECT set_config('tacl.token', tacl_issue_token('alice', 'tok-org', actor => 'support-eve'), false);
SELECT tacl_user(), tacl_tenant(), tacl_actor(), tacl_may('orders.view') AS may, tacl_may('orders.edit') AS more,
       tacl_may('orders.view', 'tok-other') AS elsewhere;
-- The setting for the tenant comes before the token's
SET app.tenant = 'tok-other';
SELECT tacl_user(), tacl_tenant(), tacl_may('orders.view') AS may;
SET app.tenant = '';
SELECT tacl_tenant();
-- A bad token does not fall back to anything
SET tacl.token = 'garbage';
SELECT tacl_user();
SELECT tacl_actor();
SELECT tacl_tenant(), tacl_may('orders.view', 'tok-org') AS may;
-- The user who is named is asked about all the same
SELECT tacl_can('alice', 'orders.view', 'tok-org') AS can;
-- Nor is a change made with one
SELECT tacl_assign('bob', 'tok-viewer', 'tok-org');
SET tacl.token = '';
SELECT tacl_user(), tacl_may('orders.view', 'tok-org') AS may;
SELECT tacl_assign('bob', 'tok-viewer', 'tok-org');
SET app.user_id = '';
SELECT tacl_user(), tacl_assign('bob', 'tok-viewer', 'tok-org');
SET app.user_id = 'bob';
SELECT tacl_user(), tacl_may('orders.view', 'tok-org') AS may;
RESET app.user_id;
RESET tacl.user_setting;

-- Other claims than sub and org_id, demands of the key, leeway
BEGIN;
SELECT tacl_add_key('hs256', 'HS256', 'a secret of at least 32 bytes, really', issuer => 'https://id.example.com/',
    audience => 'orders-api', user_claim => 'email', tenant_claim => 'https://example.com/org', leeway => 300);
SELECT set_config('tacl.token', tacl_issue_token('alice', 'tok-org', kid => 'hs256'), true) AS token;
SELECT tacl_user(), tacl_tenant(), tacl_may('orders.view') AS may;
ROLLBACK;

-- A user with a name that JSON has to escape
SELECT pg_temp.verdict(tacl_issue_token('ål\"ice\\ {}', kid => 'hs256')) AS verdict;

-- No key, no user
SELECT set_config('tacl.token', :'es256', false);
SELECT tacl_user();
SELECT tacl_drop_key('es');
BEGIN;
SET LOCAL tacl.token = '';
SELECT tacl_drop_key('es');
COMMIT;
SELECT tacl_user();
RESET tacl.token;
SELECT tacl_drop_key('es') AS again;

--
-- tacl.on_missing_user
--

SELECT tacl_may('orders.view', 'tok-org') AS hidden;
SET tacl.on_missing_user = 'error';
SELECT tacl_may('orders.view', 'tok-org');
SELECT tacl_user(), tacl_tenant(), tacl_can('alice', 'orders.view', 'tok-org') AS can;
SET tacl.token = 'garbage';
SELECT tacl_may('orders.view', 'tok-org');
SELECT set_config('tacl.token', :'rs256', false);
SELECT tacl_may('orders.view', 'tok-org') AS may;
SET tacl.on_missing_user = 'loud';
RESET tacl.on_missing_user;
RESET tacl.token;

SELECT count(tacl_drop_key(kid)) FROM (SELECT kid FROM tacl.key OFFSET 0) AS keys;
SELECT tacl_drop_tenant('tok-org', true), tacl_drop_tenant('tok-other'), tacl_drop_role('tok-viewer');
