-- The model of t/008_model.pl: what tenant_acl has to answer, in plain SQL.
-- It reads the tables with whatever snapshot the statement has, uses no
-- function of the extension and remembers nothing.
--
-- For each kind of question there are two views of the same columns: says_...
-- is what the extension says, true_... what the model says. (Only true_allows
-- and true_anywhere compare a list with what others say.)
CREATE SCHEMA model;

--
-- What is asked about. Names have three lengths: they are hashed and compared
-- in different ways. The last user has nothing.
--

CREATE FUNCTION model.numbered(prefix text, n int) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT prefix || (ARRAY['', '-middle-', '-of-a-longer-name-'])[n % 3 + 1] || n
$$;

CREATE TABLE model.asked_user (n int PRIMARY KEY, user_id text COLLATE "C" NOT NULL);
INSERT INTO model.asked_user SELECT n, model.numbered('u', n) FROM generate_series(1, 31) AS n;

CREATE TABLE model.asked_tenant (n int PRIMARY KEY, tenant text COLLATE "C" NOT NULL);
INSERT INTO model.asked_tenant SELECT n, model.numbered('t', n) FROM generate_series(1, 20) AS n;
INSERT INTO model.asked_tenant VALUES (0, '*');

CREATE TABLE model.asked_permission (permission text COLLATE "C" PRIMARY KEY);
INSERT INTO model.asked_permission
SELECT p FROM unnest(ARRAY['orders', 'orders.view', 'orders.delete', 'orders.items.view',
    'orders.items.delete', 'members.view', 'members.invite', 'billing.pay',
    'billing.invoices.view', 'view', 'tacl.assign', 'tacl.define', 'x:y.view', 'Orders.view',
    'nothing.here', 'orders.zzz']) AS p;

CREATE TABLE model.asked_role (role text COLLATE "C" PRIMARY KEY);
INSERT INTO model.asked_role SELECT 'r' || n FROM generate_series(1, 10) AS n;

CREATE TABLE model.pattern (n int GENERATED ALWAYS AS IDENTITY, pattern text COLLATE "C" PRIMARY KEY);
INSERT INTO model.pattern (pattern)
SELECT p FROM unnest(ARRAY['*', 'orders.*', 'orders.view', 'orders.items.*', 'orders.*.view',
    '*.view', '*.*', '*.items.delete', 'members.*', 'members.invite', 'billing.*', 'billing.pay',
    'view', 'tacl.*', 'tacl.assign', '*.assign', 'x:y.*', 'nothing.here']) AS p;

-- A pattern as a regular expression: an oracle that shares nothing with C.
CREATE FUNCTION model.regex(pattern text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT '^' || CASE WHEN s[1] = '*' THEN '(?!tacl(\.|$))' ELSE '' END
        || string_agg(CASE WHEN x = '*' AND i = n THEN '[^.]+(\.[^.]+)*'
                           WHEN x = '*' THEN '[^.]+'
                           ELSE x END, '\.' ORDER BY i) || '$'
    FROM (SELECT string_to_array(pattern, '.') AS s) AS p,
         LATERAL unnest(s) WITH ORDINALITY AS u(x, i),
         LATERAL (SELECT cardinality(s) AS n) AS c
    GROUP BY s
$$;

-- Which pattern matches what, worked out once.
CREATE TABLE model.matches AS
    SELECT pattern, permission FROM model.pattern, model.asked_permission
    WHERE permission ~ model.regex(pattern);
ALTER TABLE model.matches ADD PRIMARY KEY (pattern, permission);

--
-- The model. Rows that refer to nothing count for nothing: replica role can
-- write them.
--

-- Each registered tenant with itself and all above it, up to the root.
CREATE VIEW model.chain AS
    WITH RECURSIVE up (tenant, ancestor) AS (
        SELECT id, id FROM tacl.tenant
        UNION
        SELECT up.tenant, t.parent
        FROM up JOIN tacl.tenant AS t ON t.id = up.ancestor
        WHERE t.parent IS NOT NULL)
    SELECT * FROM up
    WHERE tenant IN (SELECT tenant FROM up WHERE ancestor = '*');

-- Which groups a user is in, directly or by groups in groups.
CREATE VIEW model.member AS
    WITH RECURSIVE m (user_id, group_id) AS (
        SELECT m.user_id, m.group_id
        FROM tacl.group_member AS m JOIN tacl.user_group AS g ON g.id = m.group_id
        UNION
        SELECT m.user_id, i.group_id
        FROM m JOIN tacl.group_include AS i ON i.included_id = m.group_id
               JOIN tacl.user_group AS g ON g.id = i.group_id)
    SELECT * FROM m;

-- Each role with itself and all that it includes.
CREATE VIEW model.closure AS
    WITH RECURSIVE c (role_id, included_id) AS (
        SELECT id, id FROM tacl.role
        UNION
        SELECT c.role_id, i.included_id
        FROM c JOIN tacl.role_include AS i ON i.role_id = c.included_id
               JOIN tacl.role AS r ON r.id = i.included_id)
    SELECT * FROM c;

-- How far down a tenant is.
CREATE VIEW model.depth AS
    SELECT tenant, count(*) AS depth FROM model.chain GROUP BY tenant;

-- All that was assigned at a registered tenant, for each user that it reaches.
-- What is used outside of the tenants that its role and group are defined for
-- is not visible: of it only denies count.
CREATE VIEW model.reach AS
    WITH chain AS MATERIALIZED (SELECT * FROM model.chain)
    SELECT a.id, coalesce(a.user_id, m.user_id) AS user_id, a.tenant, a.role_id, r.name AS role,
           r.tenant AS defined_at, a.pattern, a.group_id, g.name AS group_name, a.starts_at, a.expires_at,
           (r.id IS NULL OR (a.tenant, r.tenant) IN (SELECT * FROM chain)) AND
           (g.id IS NULL OR (a.tenant, g.tenant) IN (SELECT * FROM chain)) AS visible,
           (a.starts_at IS NULL OR a.starts_at <= statement_timestamp()) AND
           (a.expires_at IS NULL OR statement_timestamp() < a.expires_at) AND
           NOT EXISTS (SELECT FROM tacl.user_account AS u
                       WHERE u.user_id = coalesce(a.user_id, m.user_id)
                         AND u.disabled_at IS NOT NULL) AS in_force
    FROM tacl.assignment AS a
    JOIN (SELECT tenant FROM chain WHERE ancestor = '*') AS t USING (tenant)
    LEFT JOIN tacl.role AS r ON r.id = a.role_id
    LEFT JOIN tacl.user_group AS g ON g.id = a.group_id
    LEFT JOIN model.member AS m ON m.group_id = g.id
    WHERE (a.role_id IS NULL OR r.id IS NOT NULL)
      AND (a.group_id IS NULL OR m.user_id IS NOT NULL);

-- The patterns of that, those of included roles as well.
CREATE VIEW model.reach_pattern AS
    SELECT h.*, ltrim(p.pattern, '!') AS bare, p.pattern LIKE '!%' AS deny
    FROM model.reach AS h
    LEFT JOIN model.closure AS c ON c.role_id = h.role_id
    LEFT JOIN tacl.role AS r ON r.id = c.included_id,
    LATERAL unnest(coalesce(r.permissions, ARRAY[h.pattern])) AS p (pattern);

-- Where a permission is cut by a ceiling or a suspension, there or above.
CREATE VIEW model.cut AS
    SELECT DISTINCT k.tenant, q.permission
    FROM model.chain AS k JOIN tacl.tenant AS t ON t.id = k.ancestor, model.asked_permission AS q
    WHERE t.ceiling IS NOT NULL AND NOT EXISTS (
            SELECT FROM model.matches AS m
            WHERE m.pattern = ANY (t.ceiling) AND m.permission = q.permission)
       OR t.suspended_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM model.matches AS m
            WHERE m.pattern = ANY (t.suspension_keeps) AND m.permission = q.permission);

-- Tenants that are suspended themselves or by one above.
CREATE VIEW model.suspended AS
    SELECT DISTINCT k.tenant
    FROM model.chain AS k JOIN tacl.tenant AS t ON t.id = k.ancestor
    WHERE t.suspended_at IS NOT NULL;

-- What each allow and deny in force says about each permission.
CREATE VIEW model.voice AS
    WITH cut AS MATERIALIZED (SELECT * FROM model.cut)
    SELECT h.user_id, m.permission, h.tenant, h.deny,
           h.visible AND cut.tenant IS NULL AND NOT h.deny AS allow
    FROM model.reach_pattern AS h
    JOIN model.matches AS m ON m.pattern = h.bare
    LEFT JOIN cut ON cut.tenant = h.tenant AND cut.permission = m.permission
    WHERE h.in_force;

-- What makes a user belong to a tenant: a role, or a pattern that allows.
CREATE VIEW model.belonging AS
    SELECT h.*, c.tenant AS at, d.depth
    FROM model.reach AS h
    JOIN model.chain AS c ON c.ancestor = h.tenant
    JOIN model.depth AS d ON d.tenant = h.tenant
    WHERE h.in_force AND h.visible AND (h.pattern IS NULL OR h.pattern NOT LIKE '!%');

--
-- tacl_can, tacl_tenants and tacl_users: who may do what where, and in the
-- last of them the nearest tenant that it comes from
--

CREATE VIEW model.true_can AS
    SELECT v.user_id, v.permission, c.tenant
    FROM model.voice AS v JOIN model.chain AS c ON c.ancestor = v.tenant
    GROUP BY 1, 2, 3
    HAVING bool_or(v.allow) AND NOT bool_or(v.deny);
CREATE VIEW model.says_can AS
    SELECT user_id, permission, tenant
    FROM model.asked_user, model.asked_permission, model.asked_tenant
    WHERE tacl_can(user_id, permission, tenant);

CREATE VIEW model.true_tenants AS
    SELECT * FROM model.true_can WHERE tenant <> '*';
CREATE VIEW model.says_tenants AS
    SELECT user_id, permission, t.tenant
    FROM model.asked_user, model.asked_permission, LATERAL tacl_tenants(user_id, permission) AS t;

CREATE VIEW model.true_users AS
    SELECT user_id, permission, y.tenant,
           (array_agg(v.tenant ORDER BY d.depth DESC))[1] AS assigned_at
    FROM model.true_can AS y
    JOIN model.chain AS c USING (tenant)
    JOIN model.voice AS v USING (user_id, permission)
    JOIN model.depth AS d ON d.tenant = v.tenant
    WHERE v.allow AND v.tenant = c.ancestor
    GROUP BY 1, 2, 3;
CREATE VIEW model.says_users AS
    SELECT u.user_id, permission, tenant, u.assigned_at
    FROM model.asked_permission, model.asked_tenant, LATERAL tacl_users(permission, tenant) AS u;

-- At a tenant that is not registered nobody may do anything. (A question of its
-- own: each answer is looked up, and who looks up hears what has changed.)
CREATE VIEW model.true_nowhere AS
    SELECT user_id, permission FROM model.true_can WHERE tenant = 'nowhere';
CREATE VIEW model.says_nowhere AS
    SELECT user_id, permission FROM model.asked_user, model.asked_permission
    WHERE tacl_can(user_id, permission, 'nowhere')
    UNION ALL
    SELECT user_id, permission FROM model.asked_permission, LATERAL tacl_users(permission, 'nowhere')
    UNION ALL
    SELECT user_id, pattern FROM model.asked_user, LATERAL tacl_permissions(user_id, 'nowhere')
    UNION ALL
    SELECT user_id, role FROM model.asked_user, LATERAL tacl_roles(user_id, 'nowhere')
    UNION ALL
    SELECT user_id, 'member' FROM tacl_members('nowhere');

--
-- tacl_has_role and tacl_roles: for each role the nearest way, then the most
-- direct, then the one that lasts longest
--

CREATE VIEW model.true_roles AS
    SELECT DISTINCT ON (user_id, tenant, role, defined_at)
           h.user_id, h.at AS tenant, r.name AS role, r.tenant AS defined_at, h.tenant AS assigned_at,
           h.group_name AS through_group,
           CASE WHEN k.included_id <> k.role_id THEN h.role END AS included_by, h.expires_at
    FROM model.belonging AS h
    JOIN model.closure AS k USING (role_id)
    JOIN tacl.role AS r ON r.id = k.included_id
    WHERE h.tenant NOT IN (SELECT tenant FROM model.suspended)
    ORDER BY user_id, tenant, role, defined_at, h.depth DESC, k.included_id <> k.role_id,
             h.group_id IS NOT NULL, h.expires_at DESC NULLS FIRST, included_by, through_group;
CREATE VIEW model.says_roles AS
    SELECT user_id, tenant, r.*
    FROM model.asked_user, model.asked_tenant, LATERAL tacl_roles(user_id, tenant) AS r;

CREATE VIEW model.true_has_role AS
    SELECT DISTINCT user_id, role, tenant FROM model.true_roles;
CREATE VIEW model.says_has_role AS
    SELECT user_id, role, tenant
    FROM model.asked_user, model.asked_role, model.asked_tenant
    WHERE tacl_has_role(user_id, role, tenant);

--
-- tacl_permissions: its patterns are those of the checks, each allow stands
-- for something that is allowed, and tacl_tenants without a permission says
-- where there is one
--

CREATE VIEW model.true_permissions AS
    SELECT user_id, tenant, permission FROM model.true_can;
CREATE VIEW model.says_permissions AS
    SELECT user_id, tenant, permission
    FROM model.asked_user CROSS JOIN model.asked_tenant, LATERAL tacl_permissions(user_id, tenant) AS r
    JOIN model.asked_permission ON tacl.pattern_matches(r.pattern, permission)
    GROUP BY user_id, tenant, permission
    HAVING bool_or(effect = 'allow') AND NOT bool_or(effect = 'deny');

CREATE VIEW model.true_allows AS
    SELECT user_id, tenant, pattern
    FROM model.asked_user, model.asked_tenant, LATERAL tacl_permissions(user_id, tenant)
    WHERE effect = 'allow';
CREATE VIEW model.says_allows AS
    SELECT user_id, tenant, pattern FROM model.true_allows
    WHERE tacl_can(user_id, replace(pattern, '*', 'zzz'), tenant);

CREATE VIEW model.true_denies AS
    SELECT DISTINCT h.user_id, c.tenant, '!' || h.bare AS pattern
    FROM model.reach_pattern AS h JOIN model.chain AS c ON c.ancestor = h.tenant
    WHERE h.in_force AND h.deny;
CREATE VIEW model.says_denies AS
    SELECT user_id, tenant, pattern
    FROM model.asked_user, model.asked_tenant, LATERAL tacl_permissions(user_id, tenant)
    WHERE effect = 'deny';

CREATE VIEW model.true_anywhere AS
    SELECT DISTINCT user_id, tenant FROM model.true_allows WHERE tenant <> '*';
CREATE VIEW model.says_anywhere AS
    SELECT user_id, t.tenant FROM model.asked_user, LATERAL tacl_tenants(user_id) AS t;

--
-- tacl_memberships and tacl_members
--

CREATE VIEW model.true_memberships AS
    SELECT h.user_id, h.at AS tenant,
           coalesce(array_agg(DISTINCT h.role) FILTER (WHERE h.role IS NOT NULL), '{}') AS roles,
           nullif((array_agg(h.tenant ORDER BY h.depth DESC))[1], h.at) AS inherited_from,
           CASE WHEN bool_and(h.expires_at IS NOT NULL) THEN max(h.expires_at) END AS expires_at,
           h.at IN (SELECT tenant FROM model.suspended) AS suspended,
           coalesce(h.at = (SELECT primary_tenant FROM tacl.user_preference AS p
                            WHERE p.user_id = h.user_id), false) AS is_primary
    FROM model.belonging AS h
    WHERE h.at <> '*'
    GROUP BY h.user_id, h.at;
CREATE VIEW model.says_memberships AS
    SELECT user_id, m.* FROM model.asked_user, LATERAL tacl_memberships(user_id) AS m;

-- With what makes someone a member, their denies are listed as well.
CREATE VIEW model.true_members AS
    SELECT h.user_id, c.tenant,
           coalesce(array_agg(DISTINCT h.role) FILTER (WHERE h.role IS NOT NULL), '{}') AS roles,
           coalesce(array_agg(DISTINCT h.pattern) FILTER (WHERE h.pattern IS NOT NULL), '{}') AS grants,
           h.group_name, h.tenant AS assigned_at,
           CASE WHEN bool_and(h.expires_at IS NOT NULL) THEN max(h.expires_at) END AS expires_at
    FROM model.reach AS h JOIN model.chain AS c ON c.ancestor = h.tenant
    WHERE h.in_force AND h.visible
      AND (h.user_id, c.tenant) IN (SELECT user_id, at FROM model.belonging)
    GROUP BY h.user_id, c.tenant, h.group_id, h.group_name, h.tenant;
CREATE VIEW model.says_members AS
    SELECT m.user_id, tenant, roles, grants, through_group, assigned_at, expires_at
    FROM model.asked_tenant, LATERAL tacl_members(tenant) AS m;

--
-- tacl_explain: a row for all that reaches the user there, in force or not,
-- and the verdict. An allow that a deny beats has not decided.
--

CREATE VIEW model.matching AS
    SELECT h.id, h.user_id, m.permission, CASE WHEN bool_or(h.deny) THEN 'deny' ELSE 'allow' END AS effect
    FROM model.reach_pattern AS h JOIN model.matches AS m ON m.pattern = h.bare
    GROUP BY h.id, h.user_id, m.permission;

CREATE VIEW model.true_explain AS
    WITH can AS MATERIALIZED (SELECT * FROM model.true_can),
         cut AS MATERIALIZED (SELECT * FROM model.cut)
    SELECT h.user_id, q.permission, c.tenant, CASE WHEN h.role IS NULL THEN 'grant' ELSE 'role' END AS kind,
           h.role, h.defined_at, m.effect, h.tenant AS assigned_at, h.group_name, h.starts_at, h.expires_at,
           coalesce(h.in_force AND
                    CASE m.effect
                        WHEN 'deny' THEN true
                        WHEN 'allow' THEN h.visible AND (h.tenant, q.permission) NOT IN (TABLE cut)
                            AND (h.user_id, q.permission, c.tenant) IN (TABLE can)
                    END, false) AS decided
    FROM model.reach AS h
    JOIN model.chain AS c ON c.ancestor = h.tenant
    CROSS JOIN model.asked_permission AS q
    LEFT JOIN model.matching AS m USING (id, user_id, permission)
    UNION ALL
    SELECT user_id, permission, tenant, 'verdict', NULL, NULL,
           CASE WHEN (user_id, permission, tenant) IN (TABLE can) THEN 'allow' ELSE 'deny' END,
           NULL, NULL, NULL, NULL, true
    FROM model.asked_user, model.asked_permission, model.asked_tenant;
CREATE VIEW model.says_explain AS
    SELECT user_id, permission, tenant,
           CASE WHEN (kind = 'verdict') = (place = max(place) OVER (PARTITION BY user_id, permission, tenant))
                THEN kind ELSE kind || ' not last' END,
           role, defined_at, effect, assigned_at, through_group, starts_at, expires_at, decided
    FROM model.asked_user, model.asked_permission, model.asked_tenant,
         LATERAL tacl_explain(user_id, permission, tenant) WITH ORDINALITY
             AS e (kind, role, defined_at, pattern, effect, assigned_at, through_group, through_role,
                   starts_at, expires_at, cut_by, decided, reason, place);

-- How many answers are compared at once.
CREATE VIEW model.question AS
    SELECT q.name, q.size
    FROM (SELECT count(*) AS u FROM model.asked_user) AS a, (SELECT count(*) AS t FROM model.asked_tenant) AS b,
         (SELECT count(*) AS p FROM model.asked_permission) AS c, (SELECT count(*) AS r FROM model.asked_role) AS d,
         LATERAL (VALUES ('can', u * t * p), ('nowhere', u * p), ('has_role', u * t * r), ('tenants', u * (t - 1) * p),
                         ('users', u * t * p), ('anywhere', u * (t - 1)), ('roles', u * t), ('permissions', u * t * p),
                         ('allows', u * t), ('denies', u * t), ('memberships', u * (t - 1)), ('members', u * t),
                         ('explain', t * p)) AS q (name, size);

--
-- A random world. setseed() has been called.
--

CREATE FUNCTION model.random_pattern(denies float) RETURNS text
LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN random() < denies THEN '!' ELSE '' END || pattern
    FROM (SELECT 1 + floor(random() * 18)::int AS n OFFSET 0) AS d JOIN model.pattern USING (n)
$$;

-- From "fewest" to "fewest" + 3 of them.
CREATE FUNCTION model.patterns(denies float, fewest int) RETURNS text[]
LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(array_agg(model.random_pattern(denies)), '{}')
    FROM generate_series(1, fewest + floor(random() * 4)::int)
$$;

CREATE FUNCTION model.random_user() RETURNS text
LANGUAGE sql VOLATILE AS $$
    SELECT model.numbered('u', 1 + floor(random() * 30)::int)
$$;

-- The n-th tenant; the root if n is 0.
CREATE FUNCTION model.tenant(n int) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN n = 0 THEN '*' ELSE model.numbered('t', n) END
$$;

CREATE FUNCTION model.clear() RETURNS void
LANGUAGE sql AS $$
    DELETE FROM tacl.assignment;
    DELETE FROM tacl.user_group;
    DELETE FROM tacl.group_member;
    DELETE FROM tacl.group_include;
    DELETE FROM tacl.role_include;
    DELETE FROM tacl.role;
    DELETE FROM tacl.user_account;
    DELETE FROM tacl.user_preference;
    DELETE FROM tacl.tenant WHERE id <> '*';
$$;

-- Roles of the root, four of which include each other in a row, and roles of
-- the same names elsewhere. The later ones include earlier ones: no cycles.
CREATE FUNCTION model.fill_roles() RETURNS void
LANGUAGE sql AS $$
    INSERT INTO tacl.role (tenant, name, permissions)
    SELECT CASE WHEN i <= 8 THEN '*' ELSE model.tenant(1 + floor(random() * 20)::int) END,
           'r' || CASE WHEN i <= 8 THEN i ELSE 1 + floor(random() * 10)::int END,
           model.patterns(0.1, 0)
    FROM generate_series(1, 20) AS i
    ON CONFLICT DO NOTHING;
    INSERT INTO tacl.role_include (role_id, included_id)
    SELECT a.id, b.id
    FROM tacl.role AS a JOIN tacl.role AS b ON b.id < a.id
    JOIN model.chain AS c ON c.tenant = a.tenant AND c.ancestor = b.tenant
    WHERE random() < 0.08
       OR a.tenant = '*' AND (a.name, b.name) IN (('r8', 'r7'), ('r7', 'r6'), ('r6', 'r5'));
$$;

-- Groups, and groups in groups, of different tenants, with members.
CREATE FUNCTION model.fill_groups() RETURNS void
LANGUAGE sql AS $$
    INSERT INTO tacl.user_group (tenant, name)
    SELECT CASE WHEN i <= 4 THEN '*' ELSE model.tenant(1 + floor(random() * 20)::int) END, 'g' || 1 + i % 6
    FROM generate_series(1, 10) AS i
    ON CONFLICT DO NOTHING;
    INSERT INTO tacl.group_include (group_id, included_id)
    SELECT a.id, b.id
    FROM tacl.user_group AS a JOIN tacl.user_group AS b ON b.id < a.id
    JOIN model.chain AS c ON c.tenant = a.tenant AND c.ancestor = b.tenant
    WHERE random() < 0.3;
    INSERT INTO tacl.group_member (user_id, group_id)
    SELECT user_id, g.id FROM model.asked_user AS u, tacl.user_group AS g
    WHERE u.n <= 30 AND random() < 0.08;
$$;

CREATE FUNCTION model.fill_tenants() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1..20 LOOP
        INSERT INTO tacl.tenant (id, parent, ceiling)
        VALUES (model.tenant(i),
                model.tenant(CASE WHEN i < 4 OR random() < 0.15 THEN 0
                                  ELSE i - 1 - floor(random() ^ 2 * (i - 1))::int END),
                CASE WHEN random() < 0.2 THEN model.patterns(0, 2) END);
    END LOOP;
    UPDATE tacl.tenant SET suspended_at = now(), suspension_keeps = model.patterns(0, 1)
    WHERE id <> '*' AND random() < 0.1;
END
$$;

-- Assignments of what is visible, to users and groups, and direct grants.
CREATE FUNCTION model.fill_assignments() RETURNS void
LANGUAGE sql AS $$
    INSERT INTO tacl.assignment (user_id, tenant, role_id, starts_at, expires_at)
    SELECT model.random_user(), x.tenant, x.id, x.starts, x.starts + '2 days'
    FROM (SELECT c.tenant, r.id, CASE WHEN random() < 0.3
                                      THEN now() + (floor(random() * 5) * 2 - 5) * interval '1 day' END AS starts
          FROM tacl.role AS r JOIN model.chain AS c ON c.ancestor = r.tenant
          WHERE random() < 0.4) AS x
    ON CONFLICT DO NOTHING;
    INSERT INTO tacl.assignment (group_id, tenant, role_id)
    SELECT g.id, c.tenant, r.id
    FROM tacl.user_group AS g
    JOIN model.chain AS c ON c.ancestor = g.tenant
    JOIN model.chain AS d ON d.tenant = c.tenant
    JOIN tacl.role AS r ON r.tenant = d.ancestor
    WHERE random() < 0.02
    ON CONFLICT DO NOTHING;
    INSERT INTO tacl.assignment (user_id, tenant, pattern)
    SELECT model.random_user(), model.tenant(floor(random() * 21)::int), model.random_pattern(0.2)
    FROM generate_series(1, 25)
    ON CONFLICT DO NOTHING;
    INSERT INTO tacl.user_account (user_id, disabled_at)
    SELECT user_id, CASE WHEN random() < 0.5 THEN now() END
    FROM model.asked_user WHERE n <= 30 AND random() < 0.15;
    INSERT INTO tacl.user_preference (user_id, primary_tenant)
    SELECT user_id, model.tenant(1 + floor(random() * 20)::int)
    FROM model.asked_user WHERE n <= 30 AND random() < 0.5;
$$;

CREATE FUNCTION model.fill() RETURNS void
LANGUAGE sql AS $$
    SELECT model.fill_tenants(), model.fill_roles(), model.fill_groups(), model.fill_assignments();
$$;

-- Runs a statement as logical replication would, past guards and foreign keys.
CREATE FUNCTION model.as_replica(statement text) RETURNS void
LANGUAGE plpgsql SET session_replication_role = replica AS $$
BEGIN
    EXECUTE statement;
END
$$;

-- Asks, with the rows of the running statement in view; always 1.
CREATE FUNCTION model.ask() RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM count(*) FROM model.says_can;
    RETURN 1;
END
$$;

-- Runs a statement and asks.
CREATE FUNCTION model.asking(statement text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    PERFORM model.ask();
END
$$;

-- The same, undone by an exception block.
CREATE FUNCTION model.undone(statement text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM model.asking(statement);
    RAISE EXCEPTION 'undone';
EXCEPTION WHEN OTHERS THEN
    NULL;
END
$$;

-- The same, ended by an error.
CREATE FUNCTION model.failing(statement text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM model.asking(statement);
    RAISE EXCEPTION 'failed on purpose';
END
$$;

-- What there is, for changes to refer to: rows that begin with a tenant.
CREATE VIEW model.known_assigned AS
    SELECT a.tenant, a.user_id, r.name
    FROM tacl.assignment AS a JOIN tacl.role AS r ON r.id = a.role_id
    WHERE a.user_id IS NOT NULL ORDER BY a.id;
CREATE VIEW model.known_granted AS
    SELECT tenant, user_id, pattern FROM tacl.assignment WHERE pattern IS NOT NULL ORDER BY id;
CREATE VIEW model.known_defined AS
    SELECT tenant, name FROM tacl.role ORDER BY id;
CREATE VIEW model.known_grouped AS
    SELECT tenant, name FROM tacl.user_group ORDER BY id;
CREATE VIEW model.known_member AS
    SELECT g.tenant, m.user_id, g.name
    FROM tacl.group_member AS m JOIN tacl.user_group AS g ON g.id = m.group_id
    ORDER BY g.id, m.user_id;
CREATE VIEW model.known_included AS
    SELECT g.tenant, g.name, h.name AS included
    FROM tacl.group_include AS i JOIN tacl.user_group AS g ON g.id = i.group_id
    JOIN tacl.user_group AS h ON h.id = i.included_id
    ORDER BY g.id, h.id;
CREATE VIEW model.known_crew AS
    SELECT a.tenant, g.name, r.name AS role
    FROM tacl.assignment AS a JOIN tacl.user_group AS g ON g.id = a.group_id
    JOIN tacl.role AS r ON r.id = a.role_id
    ORDER BY a.id;
