-- R19: bad tokens. Each differs from a good one in one thing, and is refused
-- for that: an error for tacl_user(), a no for tacl_may().
SELECT tacl_create_tenant('bad-org'), tacl_define_role('bad-viewer', '{bad.view}'), tacl_assign('alice', 'bad-viewer', 'bad-org');

-- A token in plain SQL: HMAC by RFC 2104 over PostgreSQL's own sha256()
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

CREATE FUNCTION pg_temp.token(header text, payload text, secret text DEFAULT 'the secret of key bad-1, 32 bytes') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    signed text := pg_temp.base64url(convert_to(header, 'UTF8')) || '.' || pg_temp.base64url(convert_to(payload, 'UTF8'));
BEGIN
    RETURN signed || '.' || pg_temp.base64url(pg_temp.hmac(convert_to(signed, 'UTF8'), convert_to(secret, 'UTF8')));
END $$;

-- What a token is worth: its user, or what is wrong with it
CREATE FUNCTION pg_temp.verdict(token text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
    may boolean;
BEGIN
    PERFORM set_config('tacl.token', token, true);
    may := tacl_may('bad.view', 'bad-org');
    BEGIN
        RETURN concat('user ', tacl_user(), CASE WHEN may THEN ', may' END);
    EXCEPTION WHEN invalid_authorization_specification THEN
        GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
        RETURN concat(detail, CASE WHEN may THEN ' AND MAY' END);
    END;
END $$;

SELECT tacl_add_key('bad-1', 'HS256', 'the secret of key bad-1, 32 bytes'),
       tacl_add_key('bad-2', 'HS256', 'the secret of key bad-2, 32 bytes'),
       tacl_add_key('bad-512', 'HS512', 'a secret of at least 64 bytes, which takes even longer to write down'),
       tacl_add_key('bad-rs', 'RS256', pem)
FROM (VALUES ($$-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAzGkOgwOaY0UX5JE/dA8E
tZnQ3QlISledp9sB6ouAaG6EcIu+lq0fIXWTRc53fOLc5y8RSdOHCg9lqNzuYEe6
v94Y9Bl/kGxQ4yvNwVsOmtvf5Asqs+zJ1Kv8pbB7F76dWDZ7nlrrkMnc/WqgqC9J
kFIdmm61vrmGRLaj/Z00M6unYT0OowxdsApbUCxbi6kT3sDsKTBt82SUFcWpyEr8
c0aIcPfQq7RcVQMo2bj31NkW/GHMElq4YgkLpqSII7hxWzolTjfyJ4BnU2LLeon4
8hFMkO7xlwfherYhl9ZwzHwSPkBX6RivprePeMQsquoSPzMTlzjFHx1n/nkatbch
IwIDAQAB
-----END PUBLIC KEY-----
$$)) AS v (pem);
SELECT E'-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAzGkOgwOaY0UX5JE/dA8E\ntZnQ3QlISledp9sB6ouAaG6EcIu+lq0fIXWTRc53fOLc5y8RSdOHCg9lqNzuYEe6\nv94Y9Bl/kGxQ4yvNwVsOmtvf5Asqs+zJ1Kv8pbB7F76dWDZ7nlrrkMnc/WqgqC9J\nkFIdmm61vrmGRLaj/Z00M6unYT0OowxdsApbUCxbi6kT3sDsKTBt82SUFcWpyEr8\nc0aIcPfQq7RcVQMo2bj31NkW/GHMElq4YgkLpqSII7hxWzolTjfyJ4BnU2LLeon4\n8hFMkO7xlwfherYhl9ZwzHwSPkBX6RivprePeMQsquoSPzMTlzjFHx1n/nkatbch\nIwIDAQAB\n-----END PUBLIC KEY-----\n' AS pem \gset
\set header '{"alg":"HS256","kid":"bad-1"}'
\set claims '{"sub":"alice","exp":4102444800}'
SELECT pg_temp.token(:'header', :'claims') AS good \gset

--
-- Form
--

SELECT what, pg_temp.verdict(token)
FROM (VALUES ('twin', :'good'),
             ('no signature', regexp_replace(:'good', '[^.]*$', '')),
             ('two parts', regexp_replace(:'good', '\.[^.]*$', '')),
             ('one part', split_part(:'good', '.', 1)),
             ('four parts', :'good' || '.'),
             ('five parts', :'good' || '.AA.AA'),
             ('no header', '.' || split_part(:'good', '.', 2) || '.' || split_part(:'good', '.', 3)),
             ('no claims', split_part(:'good', '.', 1) || '..' || split_part(:'good', '.', 3)),
             ('dots', '..'),
             ('a blank', ' '),
             ('a blank before', ' ' || :'good'),
             ('a blank after', :'good' || ' '),
             ('a line end after', :'good' || E'\n'),
             ('Bearer', 'Bearer ' || :'good'),
             ('bytes after', :'good' || 'AAAA'),
             ('one byte less', left(:'good', -1)),
             ('padded', :'good' || '='),
             ('padded claims', replace(:'good', '.' || split_part(:'good', '.', 3), '=.' || split_part(:'good', '.', 3))),
             ('base64, not base64url', translate(:'good', '-_', '+/')),
             ('other last bits', left(:'good', -1) || chr(ascii(right(:'good', 1)) + 1)),
             ('other bytes', regexp_replace(:'good', '\.(.)', '.Z')),
             ('not ASCII', replace(:'good', '.', U&'\FF0E')),
             ('JSON form', '{"payload":"", "signatures":[]}')) AS cases (what, token);

-- 8192 bytes are the most
SELECT what, length(token), pg_temp.verdict(token)
FROM (VALUES ('8192', pg_temp.token(:'header', rpad('{"sub":"alice","exp":4102444800,"x":"', 6079, 'x') || '"}')),
             ('8193', pg_temp.token(:'header' || ' ', rpad('{"sub":"alice","exp":4102444800,"x":"', 6079, 'x') || '"}')),
             ('10 MB', repeat('x', 10000000))) AS cases (what, token);

--
-- Header
--

SELECT what, pg_temp.verdict(pg_temp.token(header, :'claims'))
FROM (VALUES ('twin', :'header'),
             ('with blanks', E' {\t"alg" : "HS256",\r\n "kid":"bad-1" } '),
             ('typ JWT', '{"alg":"HS256","kid":"bad-1","typ":"JWT"}'),
             ('typ jwt', '{"alg":"HS256","kid":"bad-1","typ":"jwt"}'),
             ('typ at+jwt', '{"alg":"HS256","kid":"bad-1","typ":"at+JWT"}'),
             ('what is ignored', '{"alg":"HS256","kid":"bad-1","jku":"https://evil.example/","jwk":{"kty":"oct","k":"AAAA"},"x5u":"","x5c":[],"cty":"JWT"}'),
             ('escaped', '{"\u0061lg":"HS\u0032\u00356","kid":"bad-1"}'),
             ('typ other', '{"alg":"HS256","kid":"bad-1","typ":"JWE"}'),
             ('typ logout', '{"alg":"HS256","kid":"bad-1","typ":"logout+jwt"}'),
             ('typ empty', '{"alg":"HS256","kid":"bad-1","typ":""}'),
             ('typ null', '{"alg":"HS256","kid":"bad-1","typ":null}'),
             ('alg none', '{"alg":"none","kid":"bad-1"}'),
             ('alg None', '{"alg":"None","kid":"bad-1"}'),
             ('alg hs256', '{"alg":"hs256","kid":"bad-1"}'),
             ('alg empty', '{"alg":"","kid":"bad-1"}'),
             ('alg longer', '{"alg":"HS256 ","kid":"bad-1"}'),
             ('alg HS512', '{"alg":"HS512","kid":"bad-1"}'),
             ('alg RS256', '{"alg":"RS256","kid":"bad-1"}'),
             ('alg missing', '{"kid":"bad-1"}'),
             ('alg null', '{"alg":null,"kid":"bad-1"}'),
             ('alg a list', '{"alg":["HS256"],"kid":"bad-1"}'),
             ('alg twice', '{"alg":"HS256","kid":"bad-1","alg":"HS256"}'),
             ('alg twice, escaped', '{"alg":"HS256","kid":"bad-1","al\u0067":"none"}'),
             ('Alg too', '{"Alg":"none","alg":"HS256","kid":"bad-1"}'),
             ('kid missing', '{"alg":"HS256"}'),
             ('kid null', '{"alg":"HS256","kid":null}'),
             ('kid empty', '{"alg":"HS256","kid":""}'),
             ('kid a number', '{"alg":"HS256","kid":1}'),
             ('kid twice', '{"alg":"HS256","kid":"bad-1","kid":"bad-1"}'),
             ('kid unknown', '{"alg":"HS256","kid":"bad-3"}'),
             ('kid a path', '{"alg":"HS256","kid":"../../dev/null"}'),
             ('kid SQL', '{"alg":"HS256","kid":"'' OR true --"}'),
             ('kid too long', '{"alg":"HS256","kid":"' || repeat('x', 256) || '"}'),
             ('kid of another key', '{"alg":"HS256","kid":"bad-2"}'),
             ('kid of HS512', '{"alg":"HS512","kid":"bad-512"}'),
             ('kid of a public key', '{"alg":"HS256","kid":"bad-rs"}'),
             ('crit', '{"alg":"HS256","kid":"bad-1","crit":["exp"]}'),
             ('crit empty', '{"alg":"HS256","kid":"bad-1","crit":[]}'),
             ('b64', '{"alg":"HS256","kid":"bad-1","b64":false}'),
             ('b64 and crit', '{"alg":"HS256","kid":"bad-1","b64":false,"crit":["b64"]}'),
             ('zip', '{"alg":"HS256","kid":"bad-1","zip":"DEF"}'),
             ('a list', '[{"alg":"HS256","kid":"bad-1"}]'),
             ('a string', '"HS256"'),
             ('empty', ''),
             ('blank', ' '),
             ('two', :'header' || :'header'),
             ('bytes after', :'header' || ' x'),
             ('a comma', '{"alg":"HS256","kid":"bad-1",}'),
             ('no quotes', '{alg:"HS256",kid:"bad-1"}'),
             ('\u0000', '{"alg":"HS256","kid":"bad-1","x":"\u0000"}'),
             ('half a surrogate', '{"alg":"HS256","kid":"bad-1","x":"\ud800"}'),
             ('deep', '{"alg":"HS256","kid":"bad-1","x":' || repeat('[', 31) || repeat(']', 31) || '}'),
             ('too deep', '{"alg":"HS256","kid":"bad-1","x":' || repeat('[', 32) || repeat(']', 32) || '}'),
             ('only open', repeat('[', 5000)),
             ('only objects', repeat('{"a":', 1000)),
             ('a name twice inside', '{"alg":"HS256","kid":"bad-1","x":{"a":1,"a":2}}')) AS cases (what, header);

-- Bytes that are no UTF-8, or zero, in the header and in the claims
SELECT bytes, pg_temp.verdict(signed || '.' || pg_temp.base64url(pg_temp.hmac(signed::bytea, 'the secret of key bad-1, 32 bytes')))
FROM (SELECT bytes, n, CASE n WHEN 1 THEN pg_temp.base64url('{"alg":"HS256","kid":"bad-1","x":"'::bytea || bytes || '"}'::bytea)
                              ELSE split_part(:'good', '.', 1) END || '.'
                    || CASE n WHEN 2 THEN pg_temp.base64url('{"sub":"alice","exp":4102444800,"x":"'::bytea || bytes || '"}'::bytea)
                              ELSE split_part(:'good', '.', 2) END AS signed
      FROM generate_series(1, 2) AS n, (VALUES ('\xc3a4'::bytea), ('\xff'), ('\xc0af'), ('\xeda080'), ('\xf4908080'), ('\x00'), ('\xc3')) AS v (bytes)) AS tokens
ORDER BY bytes, n;

--
-- Signature
--

SELECT what, pg_temp.verdict(token)
FROM (VALUES ('twin', :'good'),
             ('another secret', pg_temp.token(:'header', :'claims', 'the secret of key bad-2, 32 bytes')),
             ('no secret', pg_temp.token(:'header', :'claims', '')),
             ('a public key as secret', pg_temp.token('{"alg":"HS256","kid":"bad-rs"}', :'claims', :'pem')),
             ('shorter', regexp_replace(:'good', '[^.]{16}$', '')),
             ('longer', :'good' || 'AAAA'),
             ('of zeros', regexp_replace(:'good', '[^.]*$', repeat('A', 43))),
             ('of other claims', split_part(:'good', '.', 1) || '.' || split_part(pg_temp.token(:'header', '{"sub":"eve","exp":4102444800}'), '.', 2) || '.' || split_part(:'good', '.', 3)),
             ('RS256', 'eyJhbGciOiJSUzI1NiIsImtpZCI6ImJhZC1ycyJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.mntzVDdM-Ooof1kBBwDIuHgDEOAOWDBVZUANWeZsxZyvW6WuvYJZ6gDf60ShZ7lao9rVzunuKDaT2NZ_l8I0X15dRju7rof6G_kad6FV2_MGIR1PnETVB_LmY4mqQ2qU8cG-bg15eCq-LLlSyOiVPN_QJv1mZ45AB3zJtcQAbXxssa1oQb_PoaccfkEXEcs5GJ53ZwHArNCuls84O_ZpOxp6R5EmREuROjK5hKZYJV-BKyutykADoN0MB2vZPoZJ-1yB0KXrY47YwF3sglYaX4CEUG3n2mQ7R0mDEmHIIu1uCWn5GuNf1klrQ062E3kqo7E4PXtv4wCQXIf6T80hYw'),
             ('RS256 of another key', 'eyJhbGciOiJSUzI1NiIsImtpZCI6ImJhZC1ycyJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.wse8J4cfnm7As-sOwgrnyuhZhp0M8gz3uDAt9en9nI0auk2OnnO2q0f0vVrZYZux6VpdQrrMw7i4ACRA4F8U9099Qm6XAOESZc5Bnp4YmBqWDd5JxR4kQe3oOKmtwxwobooRYtE0i3DYJF7AhUyLq1t2V3wn5rMuarz6UBb8B0Nr6ytjyI5kBLT_hh7T25bf9cut8wZbMRA25bSZ1XgidvR0J1J83Km9hsWTm0JgbaeFPA84TBiFEsDEwGQpWo7lJmHU6I6I3Zs4hFS_8CIgNxtB2SZ9oqembxpTUmj_xPhPzd_WVgH5ayyR7OcyHIt5QAqQlxsiyRISmqVFq3-DjQ'),
             ('RS256 as PS256', 'eyJhbGciOiJQUzI1NiIsImtpZCI6ImJhZC1ycyJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.jgizsZmHZ8B23nPu4tsnHkJ14cK7hLEtNU8NW3Pad50JfsRvM_BSy80XEePJIG-HSeU22ljbCQmhrrkBV7nTVA18xlM-TEy-iGIIH4V1k94xWpZyC5vJsjV-ZLMWRVk2v9E5Jl_Xxlvzbzc6a7QVBnUWKgaA3mmwP1DDV_6pxVU0x13doEM7RR9OwcknNmmpJ6xQ-TOMA0ucVfH8WdcT4TwOjgSJxfLn3WQsalRsU4fcliZbqbVu5ipBMJJQlv3MYKuZlZgF5L8RETGQAeQPSEkZXKrIiL0Nx2fB8tjEjXeUVPUtTKRSkTKN6YPbeeytEaFIJ0DSa5wVA-UcVxUYgA')) AS cases (what, token);

--
-- Claims
--

CREATE FUNCTION pg_temp.verdict_on(claims text) RETURNS text LANGUAGE sql
RETURN pg_temp.verdict(pg_temp.token('{"alg":"HS256","kid":"bad-1"}', claims));

SELECT what, left(pg_temp.verdict_on(claims), 60) AS verdict
FROM (VALUES ('twin', :'claims'),
             ('more', '{"sub":"alice","exp":4102444800,"iss":"x","aud":["y"],"iat":1,"jti":"z","tacl_scope":["bad.*"]}'),
             ('deep', '{"sub":"alice","exp":4102444800,"x":' || repeat('{"a":', 31) || '1' || repeat('}', 31) || '}'),
             ('too deep', '{"sub":"alice","exp":4102444800,"x":' || repeat('{"a":', 32) || '1' || repeat('}', 32) || '}'),
             ('nested names', '{"sub":"alice","exp":4102444800,"x":{"sub":"eve","exp":1}}'),
             ('a list', '[{"sub":"alice","exp":4102444800}]'),
             ('a string', '"alice"'),
             ('empty', ''),
             ('no members', '{}'),
             ('garbage', 'sub=alice&exp=4102444800'),
             ('bytes after', '{"sub":"alice","exp":4102444800}x'),
             ('two objects', '{"sub":"alice","exp":4102444800}{}'),
             ('sub twice', '{"sub":"alice","exp":4102444800,"sub":"eve"}'),
             ('sub twice, escaped', '{"sub":"alice","exp":4102444800,"s\u0075b":"eve"}'),
             ('sub twice inside', '{"sub":"alice","exp":4102444800,"act":{"sub":"a","sub":"b"}}'),
             ('sub missing', '{"exp":4102444800}'),
             ('sub in other case', '{"Sub":"alice","exp":4102444800}'),
             ('sub empty', '{"sub":"","exp":4102444800}'),
             ('sub null', '{"sub":null,"exp":4102444800}'),
             ('sub a number', '{"sub":7,"exp":4102444800}'),
             ('sub a list', '{"sub":["alice"],"exp":4102444800}'),
             ('sub with a tab', '{"sub":"ali\tce","exp":4102444800}'),
             ('sub with \u0000', '{"sub":"alice\u0000","exp":4102444800}'),
             ('sub of 255 bytes', '{"sub":"' || repeat('x', 255) || '","exp":4102444800}'),
             ('sub of 256 bytes', '{"sub":"' || repeat('x', 256) || '","exp":4102444800}'),
             ('sub escaped', '{"sub":"\u0061lice","exp":4102444800}'),
             ('org_id a number', '{"sub":"alice","exp":4102444800,"org_id":7}'),
             ('org_id null', '{"sub":"alice","exp":4102444800,"org_id":null}'),
             ('org_id empty', '{"sub":"alice","exp":4102444800,"org_id":""}'),
             ('act', '{"sub":"alice","exp":4102444800,"act":{"sub":"eve"}}'),
             ('act a string', '{"sub":"alice","exp":4102444800,"act":"eve"}'),
             ('act empty', '{"sub":"alice","exp":4102444800,"act":{}}'),
             ('act null', '{"sub":"alice","exp":4102444800,"act":null}'),
             ('act.sub a number', '{"sub":"alice","exp":4102444800,"act":{"sub":1}}'),
             ('tacl_scope of 1,000', '{"sub":"alice","exp":4102444800,"tacl_scope":[' || repeat('"a",', 998) || '"bad.*","b"]}'),
             ('tacl_scope of 1,001', '{"sub":"alice","exp":4102444800,"tacl_scope":[' || repeat('"a",', 999) || '"bad.*","b"]}'),
             ('1,000 with blanks', '{"sub":"alice","exp":4102444800,"tacl_scope":"' || repeat('a  ', 999) || 'bad.*"}'),
             ('1,001 with blanks', '{"sub":"alice","exp":4102444800,"tacl_scope":"' || repeat('a ', 1000) || 'bad.*"}'),
             ('tacl_scope null', '{"sub":"alice","exp":4102444800,"tacl_scope":null}'),
             ('tacl_scope a number', '{"sub":"alice","exp":4102444800,"tacl_scope":1}'),
             ('tacl_scope of numbers', '{"sub":"alice","exp":4102444800,"tacl_scope":["bad.view",1]}'),
             ('tacl_scope no pattern', '{"sub":"alice","exp":4102444800,"tacl_scope":["bad.view","a..b"]}'),
             ('tacl_scope no pattern', '{"sub":"alice","exp":4102444800,"tacl_scope":"bad.view,bad.edit"}')) AS cases (what, claims);

-- Times
SELECT exp, pg_temp.verdict_on('{"sub":"alice","exp":' || exp || '}')
FROM unnest(ARRAY['4102444800', '4102444800.5', '4.1024448e9', '253402300799', '0', '-0', '1', '-1', '-1e400',
                  '253402300800', '1e400', '1e999999999', '4102444800000', 'NaN', 'Infinity', '-Infinity', '0x10', '0777',
                  '+1', '"4102444800"', 'null', 'true', '[4102444800]', '{}']) AS exp;
SELECT what, pg_temp.verdict_on('{"sub":"alice"' || times || '}')
FROM (VALUES ('twin', ',"exp":4102444800,"nbf":1,"iat":1'),
             ('no exp', ''),
             ('nbf in 2099', ',"exp":4102444800,"nbf":4070908800'),
             ('nbf a string', ',"exp":4102444800,"nbf":"1"'),
             ('nbf null', ',"exp":4102444800,"nbf":null'),
             ('nbf beyond', ',"exp":4102444800,"nbf":1e400'),
             ('iat a string', ',"exp":4102444800,"iat":"1"'),
             ('exp twice', ',"exp":1,"exp":4102444800')) AS cases (what, times);
-- Leeway
CREATE FUNCTION pg_temp.with_leeway(seconds integer, OUT expired text, OUT not_yet text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('tacl.token', '', true);
    PERFORM tacl_add_key('bad-1', 'HS256', 'the secret of key bad-1, 32 bytes', leeway => seconds);
    expired := pg_temp.verdict_on(format('{"sub":"alice","exp":%s}', extract(epoch FROM now()) - 60));
    not_yet := pg_temp.verdict_on(format('{"sub":"alice","exp":4102444800,"nbf":%s}', extract(epoch FROM now()) + 60));
END $$;
SELECT seconds, (pg_temp.with_leeway(seconds)).* FROM unnest('{0, 50, 120}'::integer[]) AS seconds;

-- Issuer and audience, where the key demands them
SELECT tacl_add_key('bad-1', 'HS256', 'the secret of key bad-1, 32 bytes', issuer => 'https://id.example/', audience => 'orders');
SELECT what, pg_temp.verdict_on('{"sub":"alice","exp":4102444800' || parties || '}')
FROM (VALUES ('twin', ',"iss":"https://id.example/","aud":"orders"'),
             ('one of several', ',"iss":"https://id.example/","aud":["other","orders"]'),
             ('no iss', ',"aud":"orders"'),
             ('other iss', ',"iss":"https://evil.example/","aud":"orders"'),
             ('iss without the slash', ',"iss":"https://id.example","aud":"orders"'),
             ('iss in other case', ',"iss":"HTTPS://id.example/","aud":"orders"'),
             ('iss a list', ',"iss":["https://id.example/"],"aud":"orders"'),
             ('no aud', ',"iss":"https://id.example/"'),
             ('other aud', ',"iss":"https://id.example/","aud":"other"'),
             ('aud empty', ',"iss":"https://id.example/","aud":[]'),
             ('aud null', ',"iss":"https://id.example/","aud":null'),
             ('aud of objects', ',"iss":"https://id.example/","aud":["orders",{}]'),
             ('aud an object', ',"iss":"https://id.example/","aud":{"orders":1}')) AS cases (what, parties);

-- Of another database: there the key of this name has another secret
SELECT tacl_add_key('bad-1', 'HS256', 'the secret of another database ...');
SELECT pg_temp.verdict(:'good');

-- Without a kid, when there is one key only
SELECT tacl_drop_key('bad-2'), tacl_drop_key('bad-512'), tacl_drop_key('bad-rs');
SELECT pg_temp.verdict(pg_temp.token('{"alg":"HS256"}', :'claims', 'the secret of another database ...')) AS one_key,
       pg_temp.verdict(pg_temp.token('{"alg":"HS256","kid":"bad-2"}', :'claims', 'the secret of another database ...')) AS another_kid;
SELECT tacl_drop_key('bad-1');
SELECT pg_temp.verdict(pg_temp.token('{"alg":"HS256"}', :'claims', 'the secret of another database ...')) AS no_key;

SELECT tacl_drop_tenant('bad-org', true), tacl_drop_role('bad-viewer');
