-- A set of keys that an identity provider publishes replaces its own keys only:
-- who publishes it chooses the kids, and could take those of others.
\set VERBOSITY default
\set ed '{"kty":"OKP", "crv":"Ed25519", "x":"Nbt2YWbCnfIPrQ6Kmjf117gc8wdaVXfZUAGouUFylSA"'
\set ed2 '{"kty":"OKP", "crv":"Ed25519", "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"'
\set ec '{"kty":"EC", "crv":"P-256", "x":"2rIV8519HIXKaql3SxOXgvfb7WVT7RXb6meLpkvyjug", "y":"G99MX6MSfpqqHNwuy_ensqeXx8SXUACbEaBnvCJEiSw"'
\set rsa '{"kty":"RSA", "e":"AQAB", "n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"'
SELECT tacl_add_key('src-app', 'HS256', 'the secret of the application, 32'),
       tacl_add_key('src-none', NULL, :'ed' || '}'),
       tacl_add_key('src-a', NULL, '{"keys":[' || :'ed' || ', "kid":"src-a"}]}', 'https://a.example/') AS set_a,
       tacl_add_key('src-rsa', 'RS256', '{"keys":[' || :'rsa' || ', "kid":"src-rsa"}]}', 'https://a.example/') AS set_rsa;

-- Another issuer's, nobody's, the application's: not replaced, and with it nothing of the set is added
SELECT tacl_add_key(NULL, NULL, '{"keys":[' || :'ed2' || ', "kid":"src-new"}, ' || :'ed2' || ', "kid":"src-a"}]}', 'https://b.example/');
SELECT tacl_add_key(NULL, NULL, '{"keys":[' || :'ed2' || ', "kid":"src-a"}]}');
SELECT tacl_add_key(NULL, NULL, '{"keys":[' || :'ed2' || ', "kid":"src-none"}]}', 'https://b.example/');
SELECT tacl_add_key(NULL, NULL, '{"keys":[' || :'ed2' || ', "kid":"src-app"}]}');
-- not even as it is
SELECT tacl_add_key(NULL, NULL, '{"keys":[' || :'ed' || ', "kid":"src-a"}]}', 'https://b.example/');
-- and of the same issuer, no key of another kind
SELECT tacl_add_key(NULL, NULL, '{"keys":[' || :'ec' || ', "kid":"src-a"}]}', 'https://a.example/');
SELECT tacl_add_key(NULL, 'RS256', '{"keys":[' || :'rsa' || ', "kid":"src-a"}]}', 'https://a.example/');
SELECT kid, algorithm, issuer FROM tacl.key ORDER BY kid;

-- Its own are: another key, another algorithm of the same kind, another audience
SELECT tacl_add_key(NULL, NULL, '{"keys":[' || :'ed2' || ', "kid":"src-a"}]}', 'https://a.example/') AS key,
       tacl_add_key(NULL, 'PS256', '{"keys":[' || :'rsa' || ', "kid":"src-rsa"}]}', 'https://a.example/') AS algorithm,
       tacl_add_key(NULL, NULL, '{"keys":[' || :'ed2' || ', "kid":"src-a"}]}', 'https://a.example/', 'orders') AS audience;
-- by itself, whatever is there is replaced
SELECT tacl_add_key('src-a', NULL, :'ec' || '}', 'https://b.example/') AS by_itself;
SELECT kid, algorithm, issuer FROM tacl.key ORDER BY kid;

-- A set adds: what is not in it any more stays, and what retires is taken back
SELECT tacl_drop_key('src-rsa', now() + '1 day') AS retires,
       tacl_add_key(NULL, NULL, '{"keys":[' || :'ed' || ', "kid":"src-b"}]}', 'https://a.example/') AS without;
SELECT kid, retires_at IS NOT NULL AS retires FROM tacl.key ORDER BY kid;
SELECT tacl_add_key(NULL, 'PS256', '{"keys":[' || :'rsa' || ', "kid":"src-rsa"}]}', 'https://a.example/') AS with;
SELECT kid, retires_at IS NOT NULL AS retires FROM tacl.key WHERE kid = 'src-rsa';

SELECT count(tacl_drop_key(kid)) FROM (SELECT kid FROM tacl.key OFFSET 0) AS keys;
