-- What the linter reads out of a policy: the columns that say which tenant a row belongs
-- to, and the permissions that are asked for; of policies written by hand and generated.
-- Guards: only what is equal to the active tenant is a tenant; functions of the extension
-- count in whichever schema they are, those of others do not.
\pset format unaligned
CREATE TABLE rows (id int, a text, b text, c varchar, d text);
ALTER TABLE rows ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION public.tacl_may(permission text, tenant text, more int) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE POLICY "equal" ON rows USING (a = tacl_tenant() AND tacl_active_tenant('rows.x', NULL::text) = b);
CREATE POLICY "not equal" ON rows USING (a <> tacl_tenant() AND b < tacl_active_tenant('rows.y', NULL::text) AND c IS DISTINCT FROM tacl_tenant());
CREATE POLICY "setting" ON rows USING (d = current_setting('app.tenant') AND a = current_setting('app.other'));
CREATE POLICY "checked" ON rows FOR INSERT WITH CHECK (tacl_may('rows.create', c) AND tacl_can('ann', 'rows.too', d) AND tacl_can_any('ann', '{rows.u,rows.v}', b));
CREATE POLICY "below" ON rows FOR DELETE USING (EXISTS (SELECT FROM (SELECT 'x'::text AS a) AS o WHERE o.a = tacl_tenant() AND tacl_may('rows.delete', rows.b)));
CREATE POLICY "of others" ON rows FOR UPDATE USING (tacl_may('rows.none', a, 1));
SELECT tacl_protect('rows', 'c', 'rows', base => false, to_roles => '{pg_monitor}');
SELECT polname AS policy, array_to_string(ARRAY(SELECT attname FROM unnest(tacl.policy_columns(coalesce(polqual, polwithcheck))) AS n
    JOIN pg_attribute ON attrelid = polrelid AND attnum = n ORDER BY 1), ', ') AS columns,
    array_to_string(tacl.policy_permissions(coalesce(polqual, polwithcheck)), ', ') AS permissions
FROM pg_policy WHERE polrelid = 'rows'::regclass ORDER BY polname COLLATE "C";
DROP TABLE rows;
DROP FUNCTION tacl_may(text, text, int);
