-- assign.sql: a table with the columns, checks, keys and indexes of
-- tacl.assignment, and an audit of it as one would write it.

CREATE TABLE plain_assignment (LIKE tacl.assignment INCLUDING ALL,
    FOREIGN KEY (group_id) REFERENCES tacl.user_group (id),
    FOREIGN KEY (tenant) REFERENCES tacl.tenant (id),
    FOREIGN KEY (role_id) REFERENCES tacl.role (id));
CREATE TABLE plain_audit (LIKE tacl.audit INCLUDING ALL);
CREATE FUNCTION plain_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO plain_audit (at, user_id, database_role, login_role, client_addr, application_name, transaction_id,
                             operation, object, subject, tenant, before, after)
    VALUES (now(), current_setting('app.user_id', true), current_user, session_user, inet_client_addr(),
            current_setting('application_name'), txid_current(), TG_OP, TG_TABLE_NAME, NEW.user_id, NEW.tenant,
            CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) END, to_jsonb(NEW));
    RETURN NULL;
END $$;
CREATE TRIGGER plain_audit AFTER INSERT OR UPDATE ON plain_assignment FOR EACH ROW EXECUTE FUNCTION plain_audit();

-- Each returns how long one of so many takes, in us
CREATE FUNCTION assign_calls(first int, calls int) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    began timestamptz := clock_timestamp();
BEGIN
    FOR n IN first .. first + calls - 1 LOOP
        PERFORM tacl_assign('new-' || n, 'member', 'tenant-' || n % 1000);
    END LOOP;
    RETURN round(extract(epoch FROM clock_timestamp() - began) * 1000000 / calls, 3);
END $$;
CREATE FUNCTION insert_calls(first int, calls int) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    began timestamptz := clock_timestamp();
    member bigint := (SELECT id FROM tacl.role WHERE name = 'member');
BEGIN
    FOR n IN first .. first + calls - 1 LOOP
        INSERT INTO plain_assignment (user_id, tenant, role_id) VALUES ('new-' || n, 'tenant-' || n % 1000, member);
    END LOOP;
    RETURN round(extract(epoch FROM clock_timestamp() - began) * 1000000 / calls, 3);
END $$;
