-- For psycopg2 only: a view to COPY a token to. What COPY reads is not part of
-- its text, and so in no log and not in pg_stat_activity. If it is cancelled at
-- that moment, a log has the first 100 characters of the row: the token, which
-- is longer and worth nothing without its end, comes last. Its name is written with
-- the schema everywhere: a temporary table of the name, left in a pooled session by
-- injected SQL, would collect the tokens of those who come next.

\set ON_ERROR_STOP on

CREATE VIEW public.session_token AS SELECT false AS local, ''::text AS tenant, ''::text AS token;

CREATE FUNCTION public.set_session_token() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_catalog.set_config('tacl.token', NEW.token, NEW.local),
            pg_catalog.set_config('app.tenant', NEW.tenant, NEW.local);
    RETURN NULL;
END $$;

CREATE TRIGGER set_session_token INSTEAD OF INSERT ON public.session_token
    FOR EACH ROW EXECUTE FUNCTION public.set_session_token();

GRANT INSERT ON public.session_token TO shop;
