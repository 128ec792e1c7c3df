-- Takes over one user's app_metadata, all or nothing. Two parameters: the user
-- id and the metadata; with psql as variables, in a driver $1 and $2 instead.

WITH given AS MATERIALIZED (
    SELECT m.user_id, m.metadata,
           m.metadata ->> 'active' AS active,
           m.metadata ->> 'primary' AS primary_tenant,
           m.metadata ->> 'role' AS role,
           ARRAY(SELECT s.value #>> '{}' FROM jsonb_path_query(m.metadata, '$.secondary[*]') AS s (value)) AS secondary
    FROM (VALUES (:'user_id'::text, :'app_metadata'::jsonb)) AS m (user_id, metadata)
),

-- What is wrong with it; NULL if nothing is. Whether tenants and the role exist,
-- and what a name may be, the functions below say.
judged AS MATERIALIZED (
    SELECT given.*,
           CASE
               WHEN metadata IS DISTINCT FROM jsonb_build_object('active', active, 'primary', primary_tenant, 'secondary', secondary, 'role', role)
                   OR num_nulls(active, primary_tenant, role) > 0 OR array_position(secondary, NULL) IS NOT NULL
                   THEN 'not of the shape {"active": text, "primary": text, "secondary": [text, ...], "role": text}'
               WHEN '*' = ANY (primary_tenant || secondary)
                   THEN 'the root * is nobody''s tenant'
               WHEN cardinality(primary_tenant || secondary) > (SELECT count(DISTINCT t) FROM unnest(primary_tenant || secondary) AS t)
                   THEN 'a tenant is there twice'
               WHEN active <> ALL (primary_tenant || secondary)
                   THEN 'the active tenant is neither primary nor secondary'
           END AS fault
    FROM given
),

-- SQL has no RAISE: the cast of the fault to a boolean fails with SQLSTATE 22P02
-- and the fault in its message.
sound AS MATERIALIZED (
    SELECT * FROM judged
    WHERE CASE WHEN fault IS NULL THEN true ELSE CAST('app_metadata: ' || fault AS boolean) END
),

-- The roles that the user shall have at each tenant: none where something was
-- assigned to them that the metadata does not list. Sorted, and so read to its
-- end before anything is changed.
wanted AS MATERIALIZED (
    SELECT s.user_id, s.primary_tenant, s.active, t.tenant, ARRAY[s.role] AS roles
    FROM sound AS s, unnest(s.primary_tenant || s.secondary) AS t (tenant)
    UNION ALL
    SELECT s.user_id, s.primary_tenant, s.active, m.tenant, '{}'
    FROM sound AS s, tacl_memberships(s.user_id) AS m
    WHERE m.inherited_from IS NULL AND m.tenant <> ALL (s.primary_tenant || s.secondary)
    ORDER BY tenant
),

-- From here on each step reads only what the step before returns, and so comes
-- after it. An aggregate returns nothing before all its rows were counted.
assigned AS MATERIALIZED (
    SELECT user_id, primary_tenant, active,
           count(*) FILTER (WHERE tacl_sync_roles(user_id, roles, tenant)) AS tenants_changed
    FROM wanted
    GROUP BY user_id, primary_tenant, active
),
at_home AS MATERIALIZED (
    SELECT user_id, active, tenants_changed,
           tacl_set_primary(user_id, primary_tenant) AS primary_changed
    FROM assigned
)
SELECT tenants_changed, primary_changed,
       tacl_remember_tenant(user_id, active) AS active_changed
FROM at_home;
