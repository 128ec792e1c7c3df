-- I3: tacl_can() equals a slow reference, written in plain SQL without any
-- cache, for every user, permission and tenant of random data. Reads the
-- tables only; a difference is printed with all that is needed to ask again.
\set VERBOSITY terse
SET client_min_messages = warning;
SET jit = off;

CREATE SCHEMA model;

-- A pattern as a regular expression: an oracle that shares nothing with C.
CREATE FUNCTION model.regex(pattern text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT '^' || CASE WHEN s[1] = '*' THEN '(?!tacl(\.|$))' ELSE '' END
        || string_agg(CASE WHEN x = '*' AND i = n THEN '[^.]+(\.[^.]+)*'
                           WHEN x = '*' THEN '[^.]+'
                           ELSE x END, '\.' ORDER BY i) || '$'
    FROM (SELECT string_to_array(ltrim(pattern, '!'), '.') AS s) AS p,
         LATERAL unnest(s) WITH ORDINALITY AS u(x, i),
         LATERAL (SELECT cardinality(s) AS n) AS c
    GROUP BY s
$$;

CREATE TABLE model.asked (permission text PRIMARY KEY);
INSERT INTO model.asked
SELECT p FROM unnest(ARRAY['orders', 'orders.view', 'orders.delete', 'orders.items.view',
    'orders.items.delete', 'members.view', 'members.invite', 'billing.pay',
    'billing.invoices.view', 'view', 'tacl.assign', 'tacl.define', 'x:y.view', 'Orders.view']) AS p;

CREATE TABLE model.pattern (n int GENERATED ALWAYS AS IDENTITY, pattern text PRIMARY KEY);
INSERT INTO model.pattern (pattern)
SELECT p FROM unnest(ARRAY['*', 'orders.*', 'orders.view', 'orders.items.*', 'orders.*.view',
    '*.view', '*.*', '*.items.delete', 'members.*', 'members.invite', 'billing.*', 'billing.pay',
    'view', 'tacl.*', 'tacl.assign', '*.assign', 'x:y.*', 'nothing.here']) AS p;

-- Which pattern matches what, worked out once.
CREATE TABLE model.matches AS
    SELECT pattern, permission FROM model.pattern, model.asked
    WHERE permission ~ model.regex(pattern);
ALTER TABLE model.matches ADD PRIMARY KEY (pattern, permission);

CREATE VIEW model.chain AS
    WITH RECURSIVE up(tenant, ancestor) AS (
        SELECT id, id FROM tacl.tenant
        UNION
        SELECT up.tenant, t.parent
        FROM up JOIN tacl.tenant AS t ON t.id = up.ancestor
        WHERE t.parent IS NOT NULL)
    SELECT * FROM up;

CREATE VIEW model.member AS
    WITH RECURSIVE m(user_id, group_id) AS (
        SELECT user_id, group_id FROM tacl.group_member
        UNION
        SELECT m.user_id, i.group_id
        FROM m JOIN tacl.group_include AS i ON i.included_id = m.group_id)
    SELECT * FROM m;

CREATE VIEW model.closure AS
    WITH RECURSIVE c(role_id, included_id) AS (
        SELECT id, id FROM tacl.role
        UNION
        SELECT c.role_id, i.included_id
        FROM c JOIN tacl.role_include AS i ON i.role_id = c.included_id)
    SELECT * FROM c;

-- What is in force, assigned where, for which user.
CREATE VIEW model.held AS
    SELECT coalesce(a.user_id, m.user_id) AS user_id, a.tenant, p.pattern
    FROM tacl.assignment AS a
    LEFT JOIN model.member AS m ON m.group_id = a.group_id
    LEFT JOIN model.closure AS c ON c.role_id = a.role_id
    LEFT JOIN tacl.role AS r ON r.id = c.included_id,
    LATERAL unnest(coalesce(r.permissions, ARRAY[a.pattern])) AS p(pattern)
    WHERE (a.starts_at IS NULL OR a.starts_at <= statement_timestamp())
      AND (a.expires_at IS NULL OR statement_timestamp() < a.expires_at);

-- Where a permission is cut by a ceiling or a suspension, there or above.
CREATE VIEW model.cut AS
    SELECT DISTINCT k.tenant, q.permission
    FROM model.chain AS k JOIN tacl.tenant AS t ON t.id = k.ancestor, model.asked AS q
    WHERE t.ceiling IS NOT NULL AND NOT EXISTS (
            SELECT FROM model.matches AS m
            WHERE m.pattern = ANY (t.ceiling) AND m.permission = q.permission)
       OR t.suspended_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM model.matches AS m
            WHERE m.pattern = ANY (t.suspension_keeps) AND m.permission = q.permission);

-- Every yes of the model.
CREATE VIEW model.yes AS
    WITH cut AS MATERIALIZED (SELECT * FROM model.cut)
    SELECT h.user_id, m.permission, c.tenant
    FROM model.held AS h
    JOIN model.chain AS c ON c.ancestor = h.tenant
    JOIN model.matches AS m ON m.pattern = ltrim(h.pattern, '!')
    LEFT JOIN cut ON cut.tenant = h.tenant AND cut.permission = m.permission
    WHERE h.user_id NOT IN (SELECT user_id FROM tacl.user_account WHERE disabled_at IS NOT NULL)
    GROUP BY 1, 2, 3
    HAVING NOT bool_or(h.pattern LIKE '!%')
       AND bool_or(h.pattern NOT LIKE '!%' AND cut.tenant IS NULL);

-- Random data: u1..u30, t1..t20, roles and groups at some of the tenants.
CREATE FUNCTION model.random_pattern(denies float) RETURNS text
LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN random() < denies THEN '!' ELSE '' END || pattern
    FROM (SELECT 1 + floor(random() * 18)::int AS n OFFSET 0) AS d JOIN model.pattern USING (n)
$$;

CREATE FUNCTION model.patterns(denies float) RETURNS text[]
LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(array_agg(model.random_pattern(denies)), '{}')
    FROM generate_series(1, (random() * 4)::int)
$$;

CREATE FUNCTION model.fill() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1..20 LOOP
        INSERT INTO tacl.tenant (id, parent, ceiling)
        VALUES ('t' || i,
                CASE WHEN i < 4 OR random() < 0.2 THEN '*'
                     ELSE 't' || 1 + floor(random() * (i - 1))::int END,
                CASE WHEN random() < 0.25 THEN model.patterns(0) END);
    END LOOP;
    UPDATE tacl.tenant SET suspended_at = now(), suspension_keeps = model.patterns(0)
    WHERE id LIKE 't%' AND random() < 0.15;
    INSERT INTO tacl.role (tenant, name, permissions)
    SELECT CASE WHEN i <= 8 THEN '*' ELSE 't' || i END, 'r' || i, model.patterns(0.15)
    FROM generate_series(1, 16) AS i;
    -- Includes go from later to earlier roles of the root: no cycles.
    INSERT INTO tacl.role_include (role_id, included_id)
    SELECT a.id, b.id FROM tacl.role AS a, tacl.role AS b
    WHERE b.tenant = '*' AND b.id < a.id AND a.name LIKE 'r%' AND b.name LIKE 'r%'
      AND random() < 0.12;
    INSERT INTO tacl.user_group (tenant, name)
    SELECT CASE WHEN i <= 4 THEN '*' ELSE 't' || i END, 'g' || i FROM generate_series(1, 8) AS i;
    INSERT INTO tacl.group_include (group_id, included_id)
    SELECT a.id, b.id FROM tacl.user_group AS a, tacl.user_group AS b
    WHERE b.tenant = '*' AND b.id < a.id AND random() < 0.3;
    INSERT INTO tacl.group_member (user_id, group_id)
    SELECT 'u' || u, g.id FROM generate_series(1, 30) AS u, tacl.user_group AS g
    WHERE random() < 0.08;
    INSERT INTO tacl.user_account (user_id, disabled_at)
    SELECT 'u' || u, CASE WHEN random() < 0.5 THEN now() END
    FROM generate_series(1, 30) AS u WHERE random() < 0.15;
END
$$;

-- Assignments change in every round, within what the guards let through.
CREATE FUNCTION model.assign() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM tacl.assignment WHERE random() < 0.5;
    INSERT INTO tacl.assignment (user_id, tenant, role_id, starts_at, expires_at)
    SELECT 'u' || 1 + floor(random() * 30)::int, x.tenant, x.id, x.starts, x.starts + '2 days'
    FROM (SELECT c.tenant, r.id, CASE WHEN random() < 0.3
                                      THEN now() + (random() * 6 - 4) * interval '1 day' END AS starts
          FROM tacl.role AS r JOIN model.chain AS c ON c.ancestor = r.tenant
          WHERE random() < 0.4) AS x
    ON CONFLICT DO NOTHING;
    INSERT INTO tacl.assignment (group_id, tenant, role_id)
    SELECT g.id, c.tenant, r.id
    FROM tacl.user_group AS g JOIN model.chain AS c ON c.ancestor = g.tenant, tacl.role AS r
    WHERE r.tenant = '*' AND random() < 0.06
    ON CONFLICT DO NOTHING;
    INSERT INTO tacl.assignment (user_id, tenant, pattern)
    SELECT 'u' || 1 + floor(random() * 30)::int, 't' || 1 + floor(random() * 20)::int,
           model.random_pattern(0.2)
    FROM generate_series(1, 25)
    ON CONFLICT DO NOTHING;
END
$$;

-- Differences between the two, both ways.
CREATE VIEW model.difference AS
    WITH yes AS MATERIALIZED (SELECT * FROM model.yes),
    can AS MATERIALIZED (
        SELECT user_id, permission, tenant
        FROM (SELECT 'u' || generate_series(1, 31) AS user_id) AS u, model.asked,
             (SELECT id AS tenant FROM tacl.tenant UNION SELECT 'unknown') AS t
        WHERE tacl_can(user_id, permission, tenant))
    SELECT 'only the check says yes' AS what, * FROM (TABLE can EXCEPT ALL TABLE yes) AS x
    UNION ALL
    SELECT 'only the model says yes', * FROM (TABLE yes EXCEPT ALL TABLE can) AS x;

SELECT setseed(0.20261122);
SELECT model.fill();

-- Moves one tenant to the root, if there is one in which nothing is used that
-- is defined above.
CREATE FUNCTION model.move() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    t text;
BEGIN
    FOR t IN SELECT id FROM tacl.tenant WHERE parent <> '*' ORDER BY random() LOOP
        BEGIN
            UPDATE tacl.tenant SET parent = '*' WHERE id = t;
            RETURN;
        EXCEPTION WHEN dependent_objects_still_exist THEN
            CONTINUE;
        END;
    END LOOP;
END
$$;

-- One round after the other; each is compared three times: with a cold cache,
-- warm, and after changes of a role and of the tree.
CREATE FUNCTION model.rounds(n int) RETURNS TABLE (round int, differences bigint, some_yes boolean, some_no boolean)
LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1..n LOOP
        PERFORM model.assign();
        round := i;
        SELECT (SELECT count(*) FROM model.difference) + (SELECT count(*) FROM model.difference)
        INTO differences;
        UPDATE tacl.role SET permissions = model.patterns(0.15)
        WHERE id = (SELECT min(id) + i FROM tacl.role WHERE name LIKE 'r%');
        UPDATE tacl.tenant SET suspended_at = NULL, suspension_keeps = NULL
        WHERE suspended_at IS NOT NULL AND random() < 0.5;
        PERFORM model.move();
        SELECT differences + count(*) INTO differences FROM model.difference;
        SELECT count(*) > 0, count(*) < 9000 INTO some_yes, some_no FROM model.yes;
        RETURN NEXT;
    END LOOP;
END
$$;

SELECT * FROM model.rounds(8);
SELECT * FROM model.difference LIMIT 5;

-- The comparison is able to see a difference: an answer of before the change.
BEGIN;
CREATE TEMP TABLE before AS SELECT * FROM model.yes;
UPDATE tacl.role SET permissions = permissions || '!*'::text WHERE tenant = '*';
SELECT count(*) > 0 AS seen FROM before
WHERE NOT tacl_can(user_id, permission, tenant);
ROLLBACK;

DELETE FROM tacl.assignment WHERE user_id ~ '^u[0-9]+$' OR group_id IN (SELECT id FROM tacl.user_group WHERE name ~ '^g[0-9]$');
DELETE FROM tacl.user_group WHERE name ~ '^g[0-9]$';
DELETE FROM tacl.role_include;
DELETE FROM tacl.role WHERE name ~ '^r[0-9]+$';
DELETE FROM tacl.user_account WHERE user_id ~ '^u[0-9]+$';
DELETE FROM tacl.tenant WHERE id ~ '^t[0-9]+$';
DROP SCHEMA model CASCADE;
