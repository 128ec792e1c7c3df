-- The random attacker of t/020_delegate.pl: delegates call what they may call,
-- at random, and after each call a model in plain SQL says what has become of
-- everyone's rights. It builds on model.sql, over a smaller world, and shares
-- nothing with the rules in C: it does not know what "held" means, it only
-- compares what everyone may before and after.
--
-- What is compared is worked out for three moments: now, two hours and two days
-- later; in between end and begin what lasts an hour or a day.
CREATE SCHEMA attack;

--
-- The world
--

TRUNCATE model.asked_user, model.asked_tenant, model.asked_permission, model.pattern, model.matches;
INSERT INTO model.asked_user SELECT n, 'u' || n FROM generate_series(1, 8) AS n;
INSERT INTO model.asked_tenant SELECT n - 1, t FROM unnest('{*, a, a/b, a/b/c, a/d, e, e/f}'::text[]) WITH ORDINALITY AS v (t, n);
INSERT INTO model.asked_permission
SELECT p FROM unnest('{orders.view, orders.edit, orders.items.view, stock.view, tacl.assign, tacl.define, tacl.tenants, tacl.view}'::text[]) AS p;
INSERT INTO model.pattern (pattern)
SELECT p FROM unnest('{*, orders.*, orders.view, orders.edit, orders.items.*, orders.*.view, *.view, *.edit, *.*, stock.*, stock.view,
                       tacl.*, tacl.assign, tacl.define, tacl.tenants, tacl.view, *.assign}'::text[]) AS p;
INSERT INTO model.matches SELECT pattern, permission FROM model.pattern, model.asked_permission WHERE permission ~ model.regex(pattern);

-- When this world began: what has a time, has one that is counted from here.
CREATE TABLE attack.world (began timestamptz);

CREATE FUNCTION attack.pick(VARIADIC items text[]) RETURNS text
LANGUAGE sql VOLATILE AS $$ SELECT items[1 + floor(random() * cardinality(items))::int] $$;

CREATE FUNCTION attack.chance(share float) RETURNS boolean
LANGUAGE sql VOLATILE AS $$ SELECT random() < share $$;

CREATE FUNCTION attack.any_user() RETURNS text
LANGUAGE sql VOLATILE AS $$ SELECT 'u' || 1 + floor(random() * 8)::int $$;

CREATE FUNCTION attack.any_tenant() RETURNS text
LANGUAGE sql VOLATILE AS $$ SELECT attack.pick('a', 'a', 'a/b', 'a/b', 'a/b/c', 'a/d', 'e', 'e/f') $$;

CREATE FUNCTION attack.any_pattern() RETURNS text
LANGUAGE sql VOLATILE AS $$ SELECT pattern FROM model.pattern ORDER BY random() LIMIT 1 $$;

-- Some patterns, of which a share are denies.
CREATE FUNCTION attack.some_patterns(fewest int, most int, denies float) RETURNS text[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE patterns text[] := '{}';
BEGIN
    FOR i IN 1 .. fewest + floor(random() * (most - fewest + 1))::int LOOP
        patterns := patterns || (CASE WHEN random() < denies THEN '!' ELSE '' END || attack.any_pattern());
    END LOOP;
    RETURN patterns;
END $$;

CREATE FUNCTION attack.any_role() RETURNS text
LANGUAGE sql VOLATILE AS $$ SELECT attack.pick('admin', 'boss', 'clerk', 'viewer', 'careful', 'nosy', 'r1', 'r2', 'r3', 'r4', 'r5') $$;

CREATE FUNCTION attack.any_group() RETURNS text
LANGUAGE sql VOLATILE AS $$ SELECT attack.pick('g1', 'g2', 'g3', 'g4') $$;

-- The arguments expires_at and starts_at of a call; most often there are none.
CREATE FUNCTION attack.any_validity() RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE began timestamptz := (SELECT began FROM attack.world);
BEGIN
    RETURN CASE floor(random() * 12)::int
        WHEN 0 THEN format(', %L', began + interval '1 hour')
        WHEN 1 THEN format(', %L', began + interval '1 day')
        WHEN 2 THEN format(', NULL, %L', began + interval '1 hour')
        WHEN 3 THEN format(', %L, %L', began + interval '1 day', began + interval '1 hour')
        WHEN 4 THEN format(', %L', began - interval '1 hour')
        ELSE '' END;
END $$;

--
-- The model
--

-- What a user may do at a tenant at a moment: "may" now that tenants are
-- suspended and users disabled as they are; "open" if that were not so, but for
-- what the operator has suspended; and whether it is denied. They are an
-- administrator if not disabled and if they may assign by what was assigned
-- there without end, suspended or not.
CREATE TYPE attack.cell AS (moment int, user_id text, tenant text, permission text, may boolean, open boolean, denied boolean, administrator boolean);

CREATE FUNCTION attack.cells() RETURNS SETOF attack.cell
LANGUAGE sql STABLE AS $$
    WITH chain AS MATERIALIZED (SELECT * FROM model.chain),
    cut AS MATERIALIZED (
        SELECT k.tenant, q.permission, bool_or(NOT by_delegate) AS always, bool_or(by_ceiling) AS by_ceiling
        FROM chain AS k JOIN tacl.tenant AS t ON t.id = k.ancestor
        CROSS JOIN LATERAL (
            SELECT t.ceiling AS keeps, false AS by_delegate, true AS by_ceiling WHERE t.ceiling IS NOT NULL
            UNION ALL
            SELECT t.suspension_keeps, t.suspended_by IS NOT NULL, false WHERE t.suspended_at IS NOT NULL) AS c
        CROSS JOIN model.asked_permission AS q
        WHERE NOT EXISTS (SELECT FROM model.matches AS m WHERE m.pattern = ANY (c.keeps) AND m.permission = q.permission)
        GROUP BY k.tenant, q.permission),
    said AS MATERIALIZED (
        SELECT h.user_id, h.tenant, m.permission, h.starts_at, h.expires_at, h.deny,
               NOT h.deny AND h.visible AND cut.tenant IS NULL AND d.user_id IS NULL AS may,
               NOT h.deny AND h.visible AND cut.always IS NOT TRUE AS open,
               NOT h.deny AND h.visible AND cut.by_ceiling IS NOT TRUE AND h.expires_at IS NULL AND d.user_id IS NULL AND m.permission = 'tacl.assign' AS administrator
        FROM model.reach_pattern AS h
        JOIN model.matches AS m ON m.pattern = h.bare
        LEFT JOIN cut ON cut.tenant = h.tenant AND cut.permission = m.permission
        LEFT JOIN tacl.user_account AS d ON d.user_id = h.user_id AND d.disabled_at IS NOT NULL)
    SELECT i.moment, s.user_id, c.tenant, s.permission, bool_or(s.may) AND NOT bool_or(s.deny), bool_or(s.open) AND NOT bool_or(s.deny), bool_or(s.deny),
           bool_or(s.administrator AND c.tenant = s.tenant AND i.moment = 0) AND NOT bool_or(s.deny)
    FROM attack.world AS w,
         LATERAL (VALUES (0, w.began), (1, w.began + interval '2 hours'), (2, w.began + interval '2 days')) AS i (moment, at),
         said AS s JOIN chain AS c ON c.ancestor = s.tenant
    WHERE (s.starts_at IS NULL OR s.starts_at <= i.at) AND (s.expires_at IS NULL OR i.at < s.expires_at)
    GROUP BY i.moment, s.user_id, c.tenant, s.permission
$$;

--
-- What a delegate may have done, and what not
--

-- A call: by whom (the user, and who acts for them), within what scope, where,
-- and by which right.
CREATE TYPE attack.step AS (function text, persons text[], scope text[], place text, required text, call text);

-- Is the tenant this one or below it?
CREATE FUNCTION attack.is_below(tenant text, other text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM model.chain AS c WHERE c.tenant = is_below.tenant AND c.ancestor = other)
$$;

-- Is the permission within the scope of the token?
CREATE FUNCTION attack.in_scope(permission text, scope text[]) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT scope IS NULL OR
           EXISTS (SELECT FROM unnest(scope) AS s WHERE s NOT LIKE '!%' AND permission ~ model.regex(s)) AND
           NOT EXISTS (SELECT FROM unnest(scope) AS s WHERE s LIKE '!%' AND permission ~ model.regex(ltrim(s, '!')))
$$;

-- What is wrong about a change that was made, one line each. What a tenant that
-- is new had before is what its parent had.
--
-- These follow from the rules, and say nothing about how it is done:
--
-- 1. Nobody gains what those who make the change do not have there at that
--    moment, by day or by night: rules 2, 8 and 12. To suspend and to resume
--    gives nothing but what the suspension had cut.
-- 2. Hence they gain nothing themselves. Nor do they lose anything by what is
--    done to people: rule 3. (A delegate may limit their own tenant, if it is
--    below one where they may, and take from a role that they have.)
-- 3. Whoever loses a right over the extension loses it to who has it, unless by
--    a ceiling: rule 4. By a definition nobody loses any.
-- 4. By a definition nobody loses anything that those who define do not have.
-- 5. What is denied anew, they have themselves; it is denied to who had nothing
--    from above and no right over the extension at the tenant: rule 5.
-- 6. Nothing changes outside of the tenant where they have the right.
-- 7. Who had an administrator still has one: rule 9.
CREATE FUNCTION attack.wrong(step attack.step, before attack.cell[], after attack.cell[]) RETURNS SETOF text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    suspends boolean := step.function IN ('tacl_suspend_tenant', 'tacl_resume_tenant');
    limits boolean := step.function = 'tacl_limit_tenant';
    defines boolean := step.function IN ('tacl_define_role', 'tacl_drop_role');
    change record;
    others boolean;
BEGIN
    FOR change IN
        WITH b AS (
            SELECT * FROM unnest(before)
            UNION ALL
            SELECT o.moment, o.user_id, t.id, o.permission, o.may, o.open, o.denied, false FROM unnest(before) AS o, tacl.tenant AS t
            WHERE step.function = 'tacl_create_tenant' AND t.parent = o.tenant AND t.created_at = now()),
        changed AS (
            SELECT moment, user_id, tenant, permission,
                   coalesce(b.may, false) AS could, coalesce(a.may, false) AS can,
                   coalesce(b.open, false) AS was_open, coalesce(a.open, false) AS open,
                   coalesce(b.denied, false) AS was_denied, coalesce(a.denied, false) AS denied
            FROM b FULL JOIN unnest(after) AS a USING (moment, user_id, tenant, permission))
        SELECT c.*,
               attack.in_scope(c.permission, step.scope) AND
               NOT EXISTS (SELECT FROM unnest(step.persons) AS p
                           WHERE NOT EXISTS (SELECT FROM b WHERE (b.moment, b.user_id, b.tenant, b.permission) = (c.moment, p, c.tenant, c.permission) AND b.may)) AS theirs
        FROM changed AS c
        WHERE (could, was_open, was_denied) <> (can, open, denied)
    LOOP
        IF NOT change.theirs AND (change.open AND NOT change.was_open OR change.can AND NOT change.could AND NOT suspends) THEN
            RETURN NEXT format('1. gained: %s', change);
        END IF;
        IF change.user_id = ANY (step.persons) AND change.can <> change.could AND NOT suspends AND NOT limits AND NOT defines THEN
            RETURN NEXT format('2. their own: %s', change);
        END IF;
        IF change.permission LIKE 'tacl.%' AND change.was_open AND NOT change.open AND NOT limits AND (defines OR NOT change.theirs) THEN
            RETURN NEXT format('3. lost a right: %s', change);
        END IF;
        IF defines AND change.was_open AND NOT change.open AND NOT change.theirs THEN
            RETURN NEXT format('4. lost by a definition: %s', change);
        END IF;
        IF change.denied AND NOT change.was_denied AND (NOT change.theirs OR EXISTS (
            SELECT FROM tacl.tenant AS t
            WHERE t.id = change.tenant
              AND NOT EXISTS (SELECT FROM unnest(after) AS a WHERE (a.moment, a.user_id, a.tenant, a.permission, a.denied) = (change.moment, change.user_id, t.parent, change.permission, true))
              AND EXISTS (SELECT FROM unnest(before) AS b
                          WHERE b.user_id = change.user_id AND b.may AND (b.tenant = t.parent OR b.tenant = t.id AND b.permission LIKE 'tacl.%')))) THEN
            RETURN NEXT format('5. denied: %s', change);
        END IF;
        IF NOT attack.is_below(change.tenant, step.place) OR suspends AND (change.was_open, change.was_denied) <> (change.open, change.denied) THEN
            RETURN NEXT format('6. elsewhere: %s', change);
        END IF;
    END LOOP;
    IF NOT attack.in_scope(step.required, step.scope) OR EXISTS (
        SELECT FROM unnest(step.persons) AS p
        WHERE NOT EXISTS (SELECT FROM unnest(before) AS b WHERE (b.moment, b.user_id, b.tenant, b.permission, b.may) = (0, p, step.place, step.required, true))) THEN
        RETURN NEXT '6. without the right';
    END IF;
    RETURN QUERY
        SELECT '7. without an administrator: ' || tenant FROM unnest(before) AS b WHERE b.administrator
        EXCEPT SELECT '7. without an administrator: ' || tenant FROM unnest(after) AS a WHERE a.administrator;
END $$;

--
-- Calls
--

-- A call by a function at a place: mostly of something that is there.
CREATE FUNCTION attack.any_call(function text, place text, operator boolean) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    child text := coalesce((SELECT id FROM tacl.tenant WHERE parent = place
                            ORDER BY function = 'tacl_resume_tenant' AND suspended_by IS NULL, random() LIMIT 1), place || '/none');
    own_group text := coalesce((SELECT name FROM tacl.user_group AS g WHERE tenant = place
                                ORDER BY function = 'tacl_exclude_group' AND NOT EXISTS (SELECT FROM tacl.group_include AS i WHERE i.group_id = g.id), random() LIMIT 1), attack.any_group());
    own_role text := coalesce((SELECT name FROM tacl.role WHERE tenant = place ORDER BY random() LIMIT 1), attack.any_role());
    there record;
BEGIN
    SELECT a.user_id, g.name AS group_name, r.name AS role, a.pattern INTO there
    FROM tacl.assignment AS a LEFT JOIN tacl.role AS r ON r.id = a.role_id LEFT JOIN tacl.user_group AS g ON g.id = a.group_id
    WHERE a.tenant = place AND CASE function WHEN 'tacl_revoke' THEN a.pattern IS NOT NULL WHEN 'tacl_unassign_group' THEN a.group_id IS NOT NULL
                                             WHEN 'tacl_unassign' THEN a.role_id IS NOT NULL AND a.user_id IS NOT NULL
                                             WHEN 'tacl_assign' THEN a.role_id IS NOT NULL AND a.user_id IS NOT NULL AND attack.chance(0.3) END
    ORDER BY random() LIMIT 1;
    RETURN CASE function
        WHEN 'tacl_assign' THEN format('tacl_assign(%L, %L, %L%s)', coalesce(there.user_id, attack.any_user()), coalesce(there.role, attack.any_role()), place, attack.any_validity())
        WHEN 'tacl_unassign' THEN format('tacl_unassign(%L, %L, %L)', coalesce(there.user_id, attack.any_user()), coalesce(there.role, attack.any_role()), place)
        WHEN 'tacl_sync_roles' THEN format('tacl_sync_roles(%L, %L, %L)', attack.any_user(),
                                           array(SELECT attack.any_role() FROM generate_series(1, floor(random() * 3)::int)), place)
        WHEN 'tacl_grant' THEN format('tacl_grant(%L, %L, %L%s)', attack.any_user(), (attack.some_patterns(1, 1, CASE WHEN operator THEN 0.4 ELSE 0.1 END))[1], place, attack.any_validity())
        WHEN 'tacl_revoke' THEN format('tacl_revoke(%L, %L, %L)', coalesce(there.user_id, attack.any_user()), coalesce(there.pattern, attack.any_pattern()), place)
        WHEN 'tacl_create_group' THEN format('tacl_create_group(%L, %L)', attack.any_group(), place)
        WHEN 'tacl_drop_group' THEN format('tacl_drop_group(%L, %L, %L)', own_group, place, operator)
        WHEN 'tacl_add_member' THEN format('tacl_add_member(%L, %L, %L)', attack.any_user(), own_group, place)
        WHEN 'tacl_remove_member' THEN format('tacl_remove_member(%L, %L, %L)',
            coalesce((SELECT m.user_id FROM tacl.group_member AS m JOIN tacl.user_group AS g ON g.id = m.group_id
                      WHERE (g.name, g.tenant) = (own_group, place) ORDER BY random() LIMIT 1), attack.any_user()), own_group, place)
        WHEN 'tacl_include_group' THEN format('tacl_include_group(%L, %L, %L)', own_group,
            coalesce((SELECT g.name FROM tacl.user_group AS g JOIN model.chain AS c ON c.ancestor = g.tenant
                      WHERE c.tenant = place AND g.name <> own_group ORDER BY random() LIMIT 1), attack.any_group()), place)
        WHEN 'tacl_exclude_group' THEN format('tacl_exclude_group(%L, %L, %L)', own_group,
            coalesce((SELECT i.name FROM tacl.group_include AS x JOIN tacl.user_group AS g ON g.id = x.group_id JOIN tacl.user_group AS i ON i.id = x.included_id
                      WHERE (g.name, g.tenant) = (own_group, place) ORDER BY random() LIMIT 1), attack.any_group()), place)
        WHEN 'tacl_assign_group' THEN format('tacl_assign_group(%L, %L, %L%s)', own_group, attack.any_role(), place, attack.any_validity())
        WHEN 'tacl_unassign_group' THEN format('tacl_unassign_group(%L, %L, %L)', coalesce(there.group_name, own_group), coalesce(there.role, attack.any_role()), place)
        WHEN 'tacl_define_role' THEN format('tacl_define_role(%L, %L, %L, %L, NULL, %L)', attack.pick(own_role, 'r1', 'r2', 'r3', 'r4', 'r5'),
                                            CASE WHEN attack.chance(0.9) THEN attack.some_patterns(0, 3, CASE WHEN operator THEN 0.2 ELSE 0.05 END) END, place,
                                            CASE WHEN attack.chance(0.4) THEN array(SELECT attack.any_role() FROM generate_series(1, floor(random() * 3)::int)) END,
                                            attack.chance(0.3))
        WHEN 'tacl_drop_role' THEN format('tacl_drop_role(%L, %L, %L)', own_role, place, operator)
        WHEN 'tacl_create_tenant' THEN format('tacl_create_tenant(%L, %L)', place || attack.pick('/n', '/b', '/f', 'n'), place)
        WHEN 'tacl_limit_tenant' THEN format('tacl_limit_tenant(%L, %L)', child,
                                             CASE WHEN attack.chance(0.8) THEN attack.some_patterns(1, 3, 0) || CASE WHEN attack.chance(0.5) THEN '{tacl.*}'::text[] END END)
        WHEN 'tacl_suspend_tenant' THEN format('tacl_suspend_tenant(%L, %L)', child, attack.some_patterns(0, 2, 0))
        WHEN 'tacl_resume_tenant' THEN format('tacl_resume_tenant(%L)', child)
        WHEN 'tacl_disable_user' THEN format('tacl_disable_user(%L)', attack.any_user())
        WHEN 'tacl_enable_user' THEN format('tacl_enable_user(%L)', coalesce((SELECT user_id FROM tacl.user_account ORDER BY random() LIMIT 1), attack.any_user()))
        WHEN 'tacl_move_tenant' THEN format('tacl_move_tenant(%L, %L)', child, attack.pick('*', attack.any_tenant()))
        WHEN 'tacl_drop_tenant' THEN format('tacl_drop_tenant(%L, true)', child)
    END;
END $$;

-- What delegates can call, how often, and what it takes.
CREATE TABLE attack.callable (function text PRIMARY KEY, share int, required text);
INSERT INTO attack.callable VALUES
    ('tacl_assign', 6, 'tacl.assign'), ('tacl_unassign', 4, 'tacl.assign'), ('tacl_sync_roles', 4, 'tacl.assign'), ('tacl_grant', 5, 'tacl.assign'),
    ('tacl_revoke', 3, 'tacl.assign'), ('tacl_create_group', 2, 'tacl.assign'), ('tacl_drop_group', 2, 'tacl.assign'), ('tacl_add_member', 4, 'tacl.assign'),
    ('tacl_remove_member', 3, 'tacl.assign'), ('tacl_include_group', 4, 'tacl.assign'), ('tacl_exclude_group', 2, 'tacl.assign'), ('tacl_assign_group', 4, 'tacl.assign'),
    ('tacl_unassign_group', 3, 'tacl.assign'), ('tacl_define_role', 6, 'tacl.define'), ('tacl_drop_role', 2, 'tacl.define'), ('tacl_create_tenant', 1, 'tacl.tenants'),
    ('tacl_limit_tenant', 2, 'tacl.tenants'), ('tacl_suspend_tenant', 2, 'tacl.tenants'), ('tacl_resume_tenant', 2, 'tacl.tenants');

-- Something that a delegate calls, most of the time one with the right to.
CREATE FUNCTION attack.any_step(before attack.cell[]) RETURNS attack.step
LANGUAGE plpgsql VOLATILE AS $$
DECLARE step attack.step;
BEGIN
    SELECT c.function, c.required INTO step.function, step.required
    FROM attack.callable AS c, generate_series(1, c.share) ORDER BY random() LIMIT 1;
    SELECT ARRAY[b.user_id], b.tenant INTO step.persons, step.place
    FROM unnest(before) AS b
    WHERE b.moment = 0 AND b.may AND b.permission = step.required AND b.tenant <> '*' AND attack.chance(0.95) ORDER BY random() LIMIT 1;
    step.persons := coalesce(step.persons, ARRAY[attack.any_user()]);
    step.place := CASE WHEN attack.chance(0.9) THEN step.place END;
    step.place := coalesce(step.place, attack.any_tenant());
    IF attack.chance(0.1) THEN
        step.persons := step.persons || coalesce(
            (SELECT b.user_id FROM unnest(before) AS b
             WHERE b.moment = 0 AND b.may AND b.permission = step.required AND b.tenant = step.place AND attack.chance(0.8) ORDER BY random() LIMIT 1), attack.any_user());
    END IF;
    IF attack.chance(0.1) THEN
        step.scope := attack.some_patterns(1, 2, 0.1) || CASE WHEN attack.chance(0.9) THEN ARRAY[attack.pick('tacl.*', step.required)] END;
    END IF;

    -- To who is disabled no token is given.
    IF EXISTS (SELECT FROM tacl.user_account AS u WHERE u.user_id = ANY (step.persons) AND u.disabled_at IS NOT NULL) THEN
        step.persons := step.persons[:1];
        step.scope := NULL;
    END IF;
    step.call := attack.any_call(step.function, step.place, false);
    RETURN step;
END $$;

-- Makes the session that of the user, by the setting, or by a token; or of none.
CREATE FUNCTION attack.become(persons text[], scope text[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('tacl.token', '', false), set_config('app.user_id', '', false);
    IF cardinality(persons) > 1 OR scope IS NOT NULL THEN
        PERFORM set_config('tacl.token', tacl_issue_token(persons[1], actor => persons[2], scope => scope), false);
    ELSIF persons IS NOT NULL THEN
        PERFORM set_config('app.user_id', persons[1], false);
    END IF;
END $$;

-- Calls; returns what it answers, or the SQLSTATE.
CREATE FUNCTION attack.answer(call text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE answer boolean;
BEGIN
    EXECUTE 'SELECT ' || call INTO answer;
    RETURN left(answer::text, 1);
EXCEPTION WHEN OTHERS THEN
    IF SQLSTATE NOT IN ('42501', '42704', '42710', '42P17', '2BP01', '22023', '54000') THEN
        RAISE WARNING '%: % %', call, SQLSTATE, SQLERRM;
    END IF;
    RETURN SQLSTATE;
END $$;

-- What was called in this world, and in all of them.
CREATE TABLE attack.called (n int GENERATED ALWAYS AS IDENTITY, persons text[], scope text[], call text, answer text);
CREATE TABLE attack.tally (function text, answer text, count int, PRIMARY KEY (function, answer));

-- As the operator.
CREATE FUNCTION attack.operate(call text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO attack.called (call, answer) VALUES (call, attack.answer(call));
END $$;

CREATE FUNCTION attack.operate_at_random() RETURNS void
LANGUAGE sql VOLATILE AS $$
    SELECT attack.operate(attack.any_call(
        attack.pick('tacl_assign', 'tacl_assign', 'tacl_unassign', 'tacl_grant', 'tacl_grant', 'tacl_revoke', 'tacl_add_member', 'tacl_remove_member', 'tacl_assign_group',
                    'tacl_define_role', 'tacl_limit_tenant', 'tacl_suspend_tenant', 'tacl_resume_tenant', 'tacl_disable_user', 'tacl_enable_user', 'tacl_enable_user',
                    'tacl_move_tenant', 'tacl_drop_tenant'),
        attack.any_tenant(), true))
$$;

-- Makes a new world with nothing in it but tenants and roles.
CREATE FUNCTION attack.empty_world() RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    DELETE FROM tacl.assignment;
    DELETE FROM tacl.role_include;
    DELETE FROM tacl.role;
    DELETE FROM tacl.user_group;
    DELETE FROM tacl.user_account;
    PERFORM tacl_drop_tenant(id, true) FROM tacl.tenant WHERE parent = '*';
    DELETE FROM attack.called;
    DELETE FROM attack.world;
    INSERT INTO attack.world VALUES (now());
    PERFORM attack.operate(c) FROM unnest(ARRAY[
        $c$tacl_create_tenant('a')$c$, $c$tacl_create_tenant('a/b', 'a')$c$, $c$tacl_create_tenant('a/b/c', 'a/b')$c$, $c$tacl_create_tenant('a/d', 'a')$c$,
        $c$tacl_create_tenant('e')$c$, $c$tacl_create_tenant('e/f', 'e')$c$,
        $c$tacl_define_role('admin', '{*, tacl.*}')$c$, $c$tacl_define_role('boss', '{orders.*, tacl.assign, tacl.define}')$c$,
        $c$tacl_define_role('clerk', '{orders.view, orders.edit, tacl.assign}')$c$, $c$tacl_define_role('viewer', '{*.view}')$c$,
        $c$tacl_define_role('careful', '{orders.*, !orders.edit}')$c$, $c$tacl_define_role('nosy', '{stock.*, !tacl.assign}')$c$]) AS c;
END $$;

-- Makes a new world, with something of every kind.
CREATE FUNCTION attack.new_world() RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM attack.empty_world();
    FOR i IN 1 .. 5 LOOP
        PERFORM attack.operate(attack.any_call('tacl_define_role', attack.any_tenant(), true));
    END LOOP;
    FOR i IN 1 .. 6 LOOP
        PERFORM attack.operate(format('tacl_assign(%L, %L, %L)', attack.any_user(), attack.pick('admin', 'boss', 'clerk'), attack.any_tenant()));
        PERFORM attack.operate(attack.any_call('tacl_create_group', attack.any_tenant(), true));
    END LOOP;
    FOR i IN 1 .. 5 LOOP
        PERFORM attack.operate(attack.any_call(f, attack.any_tenant(), true))
        FROM unnest('{tacl_assign, tacl_grant, tacl_add_member, tacl_assign_group, tacl_include_group}'::text[]) AS f;
    END LOOP;
    PERFORM attack.operate_at_random() FROM generate_series(1, 6);
END $$;

-- Where checks do not say what the model does.
CREATE FUNCTION attack.differing() RETURNS SETOF text
LANGUAGE sql STABLE AS $$
    SELECT 'not said: ' || c FROM (SELECT user_id, permission, tenant FROM model.true_can WHERE tenant IN (SELECT tenant FROM model.asked_tenant)
                                   EXCEPT SELECT * FROM model.says_can) AS c
    UNION ALL
    SELECT 'not true: ' || c FROM (SELECT * FROM model.says_can EXCEPT SELECT user_id, permission, tenant FROM model.true_can) AS c
$$;

-- Calls at random, each in a transaction of its own. At the first thing that is
-- wrong it ends; what was called in that world stays in attack.called.
CREATE PROCEDURE attack.run(steps int, steps_per_world int)
LANGUAGE plpgsql AS $$
DECLARE
    before attack.cell[];		-- NULL if the operator has changed something
    after attack.cell[];
    step attack.step;
    answer text;
    wrote boolean;
    wrong text[];
BEGIN
    FOR i IN 0 .. steps - 1 LOOP
        IF i % steps_per_world = 0 THEN
            PERFORM attack.new_world();
            before := NULL;
        ELSIF attack.chance(0.04) THEN
            PERFORM attack.operate_at_random();
            before := NULL;
        END IF;
        COMMIT;
        IF before IS NULL THEN
            before := array(SELECT c FROM attack.cells() AS c);
        END IF;
        step := attack.any_step(before);
        PERFORM attack.become(step.persons, step.scope);
        answer := attack.answer(step.call);
        wrote := pg_current_xact_id_if_assigned() IS NOT NULL;
        PERFORM attack.become(NULL, NULL);
        INSERT INTO attack.called (persons, scope, call, answer) VALUES (step.persons, step.scope, step.call, answer);
        INSERT INTO attack.tally AS t VALUES (step.function, answer, 1)
        ON CONFLICT ON CONSTRAINT tally_pkey DO UPDATE SET count = t.count + 1;
        IF answer = 't' OR answer = 'f' AND wrote THEN
            after := array(SELECT c FROM attack.cells() AS c);
            wrong := array(SELECT attack.wrong(step, before, after));
            IF answer = 'f' THEN
                wrong := wrong || array(SELECT '0. was changed: ' || c FROM (SELECT * FROM unnest(before) EXCEPT SELECT * FROM unnest(after)) AS c);
            END IF;
            before := after;
        END IF;
        COMMIT;
        IF i % 50 = 0 THEN
            wrong := wrong || array(SELECT attack.differing());
        END IF;
        IF cardinality(wrong) > 0 THEN
            RAISE WARNING E'% (%)%\n%', step.call, step.persons, ' within ' || step.scope::text, array_to_string(wrong, E'\n');
            RETURN;
        END IF;
    END LOOP;
END $$;
