-- policies.sql: 1,000,000 orders of 1,000 tenants, once without row-level
-- security, and once with policies for a database role each.

CREATE TABLE plain (id bigint PRIMARY KEY, tenant_id text NOT NULL, amount numeric(12, 2));
CREATE INDEX ON plain (tenant_id);
INSERT INTO plain SELECT n, 'tenant-' || n % 1000, n % 997 FROM generate_series(0, :rows - 1) AS n;
CREATE TABLE orders (LIKE plain INCLUDING ALL);
INSERT INTO orders SELECT * FROM plain ORDER BY id;
SELECT tacl_add_key('bench', 'HS256', 'a secret of this benchmark, 32 bytes');
VACUUM ANALYZE;

GRANT SELECT, INSERT ON plain, orders TO app, active, all_mine;
SELECT tacl_protect('orders', 'tenant_id', 'orders', to_roles => '{active}'),
       tacl_protect('orders', 'tenant_id', 'orders', 'all_mine', to_roles => '{all_mine}');

-- Policies by hand. Those for a role whose name begins with "mine" let it see all
-- tenants of the user, the others the active one, which %s stands for.
CREATE TABLE by_hand (role name, condition text);
INSERT INTO by_hand VALUES
    ('tenant_only', 'true'),
    ('exists_', $$EXISTS (SELECT FROM membership AS m JOIN role_permission AS r USING (role)
                          WHERE m.user_id = current_setting('app.user_id', true)
                          AND m.tenant_id = orders.tenant_id AND r.permission = 'orders.%1$s')$$),
    ('fn_', $$hand_plpgsql(current_setting('app.user_id', true), 'orders.%1$s', tenant_id)$$),
    ('init_', $$(SELECT hand_plpgsql(current_setting('app.user_id', true), 'orders.%1$s', current_setting('app.tenant', true)))$$),
    ('any_', $$tenant_id = ANY (ARRAY(SELECT hand_tenants(current_setting('app.user_id', true), 'orders.%1$s')))$$),
    ('can_', $$tacl_can(current_setting('app.user_id', true), 'orders.%1$s', tenant_id)$$),
    ('may_', $$tacl_may('orders.%1$s', tenant_id)$$);
INSERT INTO by_hand SELECT 'mine_' || role, condition FROM by_hand WHERE role LIKE '%\_' AND role <> 'init_';
DO $$
DECLARE
    hand by_hand;
    active text;
BEGIN
    FOR hand IN SELECT * FROM by_hand LOOP
        active := CASE WHEN hand.role LIKE 'mine%' THEN '' ELSE 'tenant_id = current_setting(''app.tenant'', true) AND ' END;
        EXECUTE format('CREATE ROLE %I', hand.role);
        EXECUTE format('GRANT SELECT, INSERT ON orders TO %I', hand.role);
        EXECUTE format('GRANT SELECT ON membership, role_permission TO %I', hand.role);
        EXECUTE format('CREATE POLICY %1$I ON orders TO %1$I USING (%2$s) WITH CHECK (%3$s)', hand.role,
                       active || format(hand.condition, 'view'), active || format(hand.condition, 'create'));
    END LOOP;
END $$;

-- Makes a function that runs a statement so often, after a few times that do not
-- count, and returns how long one took, in us. The statement can use i, a number
-- from 0 on, the tenant, and all tenants of the user. It must find in the end
-- what is expected.
CREATE FUNCTION make_turn(name text, expected text, statement text) RETURNS void LANGUAGE plpgsql AS $make$
BEGIN
    EXECUTE format($format$
        CREATE FUNCTION %I(times int) RETURNS numeric LANGUAGE plpgsql AS $turn$
        DECLARE
            tenant CONSTANT text := 'tenant-7';
            tenants CONSTANT text[] := '{tenant-7, tenant-20, tenant-33, tenant-46, tenant-59}';
            last CONSTANT int := times - 1;
            began timestamptz;
            took numeric;
            found numeric;
        BEGIN
            FOR i IN -20 .. -1 LOOP
                EXIT WHEN times = 1;
                %s
            END LOOP;
            began := clock_timestamp();
            FOR i IN 0 .. last LOOP
                %2$s
            END LOOP;
            took := extract(epoch FROM clock_timestamp() - began) * 1000000 / times;
            ASSERT found = %3$s, 'not what was expected';
            RETURN round(took, 3);
        END $turn$ $format$, name, statement, expected);
END $make$;

SELECT make_turn('count_plain', :rows || '/ 1000', $$SELECT count(*) INTO found FROM plain WHERE tenant_id = tenant;$$),
       make_turn('count_policy', :rows || '/ 1000', $$SELECT count(*) INTO found FROM orders;$$),
       make_turn('plan_plain', :rows || '/ 1000', $$EXECUTE 'SELECT count(*) FROM plain WHERE tenant_id = ''tenant-7''' INTO found;$$),
       make_turn('plan_policy', :rows || '/ 1000', $$EXECUTE 'SELECT count(*) FROM orders' INTO found;$$),
       make_turn('mine_plain', :rows || '/ 200', $$SELECT count(*) INTO found FROM plain WHERE tenant_id = ANY (tenants);$$),
       make_turn('mine_policy', :rows || '/ 200', $$SELECT count(*) INTO found FROM orders;$$),
       make_turn('look_plain', '(7 + 1000 * (last * 379 % (' || :rows || '/ 1000))) % 997',
                 format($$SELECT amount INTO found FROM plain WHERE id = 7 + 1000 * (i * 379 %% %s) AND tenant_id = tenant;$$, :rows / 1000)),
       make_turn('look_policy', '(7 + 1000 * (last * 379 % (' || :rows || '/ 1000))) % 997',
                 format($$SELECT amount INTO found FROM orders WHERE id = 7 + 1000 * (i * 379 %% %s);$$, :rows / 1000)),
       make_turn('insert', '1', $$INSERT INTO orders VALUES (20000000 + i, tenant, 12.34); found := 1;$$);
