-- R19: a runtime role hands over tokens that say bob, each made from alice's or by
-- someone who has another key than bob's service has: none is worth anything, in
-- a policy as in a check, and none falls back to who was there before. What each
-- is refused for is in token_bad.sql.
\set VERBOSITY terse
SELECT tacl_create_tenant('bet-a'), tacl_create_tenant('bet-b'), tacl_define_role('bet-viewer', '{bet.view}'),
       tacl_assign('bet-alice', 'bet-viewer', 'bet-a'), tacl_assign('bet-bob', 'bet-viewer', 'bet-b');
SELECT tacl_add_key('bet-1', 'HS256', 'the secret of key bet-1, 32 bytes'),
       tacl_add_key('bet-2', 'HS256', 'the secret of key bet-2, 32 bytes', issuer => 'https://id.example/', audience => 'orders'),
       tacl_add_key('bet-512', 'HS512', 'a secret of at least 64 bytes, which takes even longer to write down'),
       tacl_add_key('bet-ed', NULL, '{"kty":"OKP", "crv":"Ed25519", "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}'),
       tacl_add_key('bet-gone', 'HS256', 'the secret of a key that is dropped');
CREATE TABLE bet_row AS SELECT t AS tenant_id FROM unnest('{bet-a, bet-b}'::text[]) AS t;
ALTER TABLE bet_row ENABLE ROW LEVEL SECURITY;
CREATE POLICY view ON bet_row USING (tacl_may('bet.view', tenant_id));
CREATE ROLE regress_tacl_become;
GRANT SELECT ON bet_row TO regress_tacl_become;

-- A token in plain SQL: HMAC by RFC 2104 over PostgreSQL's own sha256()
CREATE FUNCTION pg_temp.xored(bytes bytea, pad integer) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    bytes := bytes || decode(repeat('00', 64 - length(bytes)), 'hex');
    FOR i IN 0 .. 63 LOOP
        bytes := set_byte(bytes, i, get_byte(bytes, i) # pad);
    END LOOP;
    RETURN bytes;
END $$;
CREATE FUNCTION pg_temp.base64url(bytes bytea) RETURNS text LANGUAGE sql IMMUTABLE
RETURN translate(encode(bytes, 'base64'), E'+/=\n', '-_');
CREATE FUNCTION pg_temp.token(payload text, header text DEFAULT '{"alg":"HS256","kid":"bet-1"}', secret text DEFAULT 'the secret of key bet-1, 32 bytes') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    signed text := pg_temp.base64url(header::bytea) || '.' || pg_temp.base64url(payload::bytea);
BEGIN
    RETURN signed || '.' || pg_temp.base64url(sha256(pg_temp.xored(secret::bytea, 92) || sha256(pg_temp.xored(secret::bytea, 54) || signed::bytea)));
END $$;

-- What a token is worth when alice's was there before, and her name stands in the setting
CREATE FUNCTION pg_temp.seen(alice text, token text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    seen text;
BEGIN
    PERFORM set_config('tacl.token', alice, true);
    IF NOT tacl_may('bet.view', 'bet-a') THEN RAISE 'alice is not there'; END IF;
    PERFORM set_config('tacl.token', token, true);
    seen := concat('sees ', coalesce((SELECT string_agg(tenant_id, ' ') FROM bet_row), 'nothing'), CASE WHEN tacl_may('bet.view', 'bet-a') OR tacl_may('bet.view', 'bet-b') THEN ', may' END);
    RETURN concat(coalesce(tacl_user(), 'nobody'), ' ', seen);
EXCEPTION WHEN invalid_authorization_specification THEN
    RETURN 'bad token, ' || seen;
END $$;

\set bob '{"sub":"bet-bob","exp":4102444800}'
SELECT tacl_issue_token('bet-alice', kid => 'bet-1') AS alice, tacl_issue_token('bet-bob', kid => 'bet-gone') AS dropped,
       pg_temp.token('{"sub":"bet-alice","exp":4102444800}') AS hers, pg_temp.token(:'bob') AS good, tacl_drop_key('bet-gone') \gset
SET tacl.user_setting = 'app.user_id';
SET app.user_id = 'bet-alice';
SET SESSION AUTHORIZATION regress_tacl_become;
SELECT what, pg_temp.seen(:'alice', token) AS worth
FROM (VALUES
    ('twin: alice''s', :'hers'), ('twin: bob''s', :'good'), ('twin: none', ''),
    ('unsigned', pg_temp.base64url('{"alg":"none"}') || '.' || split_part(:'good', '.', 2) || '.'),
    ('unsigned, with the kid', pg_temp.base64url('{"alg":"none","kid":"bet-1"}') || '.' || split_part(:'good', '.', 2) || '.'),
    ('without the signature', regexp_replace(:'good', '[^.]*$', '')), ('truncated', left(:'good', -1)), ('truncated by 4', left(:'good', -4)),
    ('bob''s claims, alice''s signature', split_part(:'good', '.', 1) || '.' || split_part(:'good', '.', 2) || '.' || split_part(:'hers', '.', 3)),
    ('padded', :'good' || '='), ('in base64', :'hers' || '+'), ('other last bits', left(:'good', -1) || chr(ascii(right(:'good', 1)) + 1)),
    ('another header of the same sense', pg_temp.base64url('{"kid":"bet-1","alg":"HS256"}') || substr(:'good', strpos(:'good', '.'))),
    ('alg HS512', pg_temp.token(:'bob', '{"alg":"HS512","kid":"bet-1"}')), ('a key for HS512', pg_temp.token(:'bob', '{"alg":"HS256","kid":"bet-512"}', 'a secret of at least 64 bytes, which takes even longer to write down')),
    ('a public key as secret', pg_temp.token(:'bob', '{"alg":"HS256","kid":"bet-ed"}', '{"kty":"OKP", "crv":"Ed25519", "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}')),
    ('another key''s secret', pg_temp.token(:'bob', secret => 'the secret of key bet-2, 32 bytes')), ('a secret of one''s own', pg_temp.token(:'bob', secret => 'the secret of another database ...')),
    ('a key in the header', pg_temp.token(:'bob', '{"alg":"HS256","kid":"bet-1","jwk":{"kty":"oct","k":"AAAA"}}', 'AAAA')),
    ('a dropped key', :'dropped'), ('an unknown key', pg_temp.token(:'bob', '{"alg":"HS256","kid":"bet-3"}')), ('no kid', pg_temp.token(:'bob', '{"alg":"HS256"}')),
    ('twin: issuer and audience', pg_temp.token('{"sub":"bet-bob","exp":4102444800,"iss":"https://id.example/","aud":"orders"}', '{"alg":"HS256","kid":"bet-2"}', 'the secret of key bet-2, 32 bytes')),
    ('another issuer', pg_temp.token('{"sub":"bet-bob","exp":4102444800,"iss":"https://evil.example/","aud":"orders"}', '{"alg":"HS256","kid":"bet-2"}', 'the secret of key bet-2, 32 bytes')),
    ('another audience', pg_temp.token('{"sub":"bet-bob","exp":4102444800,"iss":"https://id.example/","aud":"bills"}', '{"alg":"HS256","kid":"bet-2"}', 'the secret of key bet-2, 32 bytes')),
    ('no issuer', pg_temp.token('{"sub":"bet-bob","exp":4102444800,"aud":"orders"}', '{"alg":"HS256","kid":"bet-2"}', 'the secret of key bet-2, 32 bytes')),
    ('expired', pg_temp.token('{"sub":"bet-bob","exp":1300819380}')), ('expires this moment', pg_temp.token(format('{"sub":"bet-bob","exp":%s}', extract(epoch FROM statement_timestamp())))),
    ('without expiry', pg_temp.token('{"sub":"bet-bob"}')), ('expiry as text', pg_temp.token('{"sub":"bet-bob","exp":"4102444800"}')),
    ('not yet valid', pg_temp.token('{"sub":"bet-bob","exp":4102444800,"nbf":4070908800}')),
    ('alice, then bob', pg_temp.token('{"sub":"bet-alice","exp":4102444800,"sub":"bet-bob"}')), ('expired, then not', pg_temp.token('{"sub":"bet-bob","exp":1,"exp":4102444800}')),
    ('critical', pg_temp.token(:'bob', '{"alg":"HS256","kid":"bet-1","crit":["exp"]}')), ('compressed', pg_temp.token(:'bob', '{"alg":"HS256","kid":"bet-1","zip":"DEF"}')),
    ('another type', pg_temp.token(:'bob', '{"alg":"HS256","kid":"bet-1","typ":"logout+jwt"}')), ('too long', pg_temp.token(rpad(:'bob', 8192)))) AS v (what, token);

-- Good before, remembered, and then bad: the memo is not asked without the times and the keys
SELECT pg_temp.seen(:'alice', :'good') AS worth;
RESET SESSION AUTHORIZATION;
SET tacl.token = '';
SET app.user_id = '';
SELECT tacl_add_key('bet-1', 'HS256', 'another secret of key bet-1, 32 b');
SET SESSION AUTHORIZATION regress_tacl_become;
SELECT set_config('tacl.token', :'good', false);
SELECT count(*) AS rows FROM bet_row;
SELECT tacl_may('bet.view', 'bet-b') AS may;

RESET SESSION AUTHORIZATION;
RESET tacl.token;
RESET tacl.user_setting;
RESET app.user_id;
DROP TABLE bet_row;
DROP ROLE regress_tacl_become;
SELECT count(tacl_drop_key(kid)) FROM (SELECT kid FROM tacl.key WHERE kid LIKE 'bet-%' OFFSET 0) AS keys;
SELECT tacl_drop_tenant('bet-a', true), tacl_drop_tenant('bet-b', true), tacl_drop_role('bet-viewer');
