-- For psycopg2 only: a view to COPY a token to. What COPY reads is not part of
-- its text, and so in no log and not in pg_stat_activity. If it is cancelled at
-- that moment, a log has the first 100 characters of the row: the token, which
-- is longer and worth nothing without its end, comes last.

CREATE VIEW session_token AS SELECT false AS local, ''::text AS tenant, ''::text AS token;

CREATE FUNCTION set_session_token() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('tacl.token', NEW.token, NEW.local), set_config('app.tenant', NEW.tenant, NEW.local);
    RETURN NULL;
END $$;

CREATE TRIGGER set_session_token INSTEAD OF INSERT ON session_token
    FOR EACH ROW EXECUTE FUNCTION set_session_token();

GRANT INSERT ON session_token TO shop;
