-- The answer: deny beats allow; ancestors, the root, groups, includes,
-- validity, ceilings, suspension and disabling all count.
\set VERBOSITY terse
SET client_min_messages = warning;

SELECT tacl_create_tenant('can-acme'), tacl_create_tenant('can-acme/eu', 'can-acme'),
       tacl_create_tenant('can-acme/eu/de', 'can-acme/eu'), tacl_create_tenant('can-globex');
SELECT tacl_define_role('can-admin', '{*}'), tacl_define_role('can-viewer', '{orders.view}'),
       tacl_define_role('can-careful', '{orders.*,!orders.delete}');

-- A role counts where it was assigned and below, and nowhere else.
SELECT tacl_assign('can-ann', 'can-admin', 'can-acme/eu');
SELECT t, tacl_can('can-ann', 'orders.delete', t)
FROM unnest(ARRAY['*', 'can-acme', 'can-acme/eu', 'can-acme/eu/de', 'can-globex', 'nowhere']) AS t;

-- At the root it counts everywhere that is registered.
SELECT tacl_assign('can-root', 'can-viewer', '*');
SELECT t, tacl_can('can-root', 'orders.view', t), tacl_can('can-root', 'orders.edit', t)
FROM unnest(ARRAY['*', 'can-acme', 'can-acme/eu/de', 'nowhere']) AS t;

-- A deny beats every allow, wherever either comes from; not beside its tenant.
SELECT tacl_assign('can-ben', 'can-admin', '*'), tacl_assign('can-ben', 'can-careful', 'can-acme/eu');
SELECT t, tacl_can('can-ben', 'orders.delete', t), tacl_can('can-ben', 'orders.view', t)
FROM unnest(ARRAY['can-acme', 'can-acme/eu', 'can-acme/eu/de', 'can-globex']) AS t;
SELECT tacl_assign('can-bob', 'can-careful', '*'), tacl_assign('can-bob', 'can-admin', 'can-acme/eu/de'),
       tacl_grant('can-bob', 'orders.delete', 'can-acme/eu/de');
SELECT t, tacl_can('can-bob', 'orders.delete', t), tacl_can('can-bob', 'members.view', t)
FROM unnest(ARRAY['can-acme', 'can-acme/eu/de']) AS t;

-- Groups, and groups in groups.
SELECT tacl_create_group('can-staff', '*'), tacl_create_group('can-support', 'can-acme'),
       tacl_include_group('can-support', 'can-staff', 'can-acme'),
       tacl_add_member('can-cid', 'can-staff', '*'), tacl_add_member('can-dan', 'can-support', 'can-acme'),
       tacl_assign_group('can-support', 'can-viewer', 'can-acme/eu');
SELECT u, tacl_can(u, 'orders.view', 'can-acme/eu/de') AS below, tacl_can(u, 'orders.view', 'can-acme') AS above
FROM unnest(ARRAY['can-cid', 'can-dan', 'can-eve']) AS u;
SELECT tacl_remove_member('can-cid', 'can-staff', '*'), tacl_can('can-cid', 'orders.view', 'can-acme/eu');
SELECT tacl_can('can-cid', 'orders.view', 'can-acme/eu'), tacl_can('can-dan', 'orders.view', 'can-acme/eu');

-- Includes: allows and denies of all roles below.
SELECT tacl_define_role('can-base', '{members.view}'), tacl_define_role('can-middle', '{!members.edit}', includes => '{can-base}'),
       tacl_define_role('can-top', '{members.*}', includes => '{can-middle,can-viewer}'),
       tacl_assign('can-fay', 'can-top', 'can-acme');
SELECT p, tacl_can('can-fay', p, 'can-acme')
FROM unnest(ARRAY['members.view', 'members.edit', 'members.invite', 'orders.view', 'orders.edit']) AS p;

-- A ceiling cuts what is assigned at the tenant or below, not what is held
-- above; it never softens a deny.
SELECT tacl_assign('can-gil', 'can-admin', 'can-acme/eu/de'), tacl_assign('can-hal', 'can-admin', 'can-acme'),
       tacl_limit_tenant('can-acme/eu', '{orders.*,members.view}');
SELECT u, p, tacl_can(u, p, 'can-acme/eu/de')
FROM unnest(ARRAY['can-gil', 'can-hal']) AS u, unnest(ARRAY['orders.delete', 'billing.pay']) AS p ORDER BY 1, 2;
SELECT tacl_limit_tenant('can-acme/eu', '{members.view}'), tacl_limit_tenant('can-acme', '{orders.*}');
SELECT p, tacl_can('can-gil', p, 'can-acme/eu/de') FROM unnest(ARRAY['orders.view', 'members.view']) AS p;
SELECT tacl_can('can-ben', 'orders.delete', 'can-acme/eu');
SELECT tacl_limit_tenant('can-acme/eu', NULL), tacl_limit_tenant('can-acme', NULL);

-- Suspension: nothing, or the few patterns kept; staff above are not cut.
SELECT tacl_suspend_tenant('can-acme/eu', '{billing.*}');
SELECT u, p, tacl_can(u, p, 'can-acme/eu/de')
FROM unnest(ARRAY['can-gil', 'can-hal']) AS u, unnest(ARRAY['billing.pay', 'orders.view']) AS p ORDER BY 1, 2;
SELECT tacl_can('can-ann', 'orders.view', 'can-acme/eu') AS there, tacl_has_role('can-ann', 'can-admin', 'can-acme/eu') AS role_there,
       tacl_has_role('can-hal', 'can-admin', 'can-acme/eu') AS role_above;
SELECT tacl_suspend_tenant('can-acme/eu'), tacl_can('can-gil', 'billing.pay', 'can-acme/eu/de');
SELECT tacl_can('can-gil', 'billing.pay', 'can-acme/eu/de');
SELECT tacl_resume_tenant('can-acme/eu');
SELECT tacl_can('can-gil', 'orders.view', 'can-acme/eu/de');

-- Disabling: nothing anywhere.
SELECT tacl_disable_user('can-root');
SELECT tacl_can('can-root', 'orders.view', '*'), tacl_has_role('can-root', 'can-viewer', '*');
SELECT tacl_enable_user('can-root');
SELECT tacl_can('can-root', 'orders.view', '*');

-- Validity: from starts_at on, before expires_at; also of a deny.
SELECT tacl_grant('can-ida', 'a.past', 'can-acme', now() - interval '1 second'),
       tacl_grant('can-ida', 'a.present', 'can-acme', now() + interval '1 day', now() - interval '1 day'),
       tacl_grant('can-ida', 'a.future', 'can-acme', NULL, now() + interval '1 day'),
       tacl_grant('can-ida', 'b.*', 'can-acme'), tacl_grant('can-ida', '!b.past', 'can-acme', now() - interval '1 second'),
       tacl_grant('can-ida', '!b.present', 'can-acme', now() + interval '1 day');
SELECT p, tacl_can('can-ida', p, 'can-acme/eu')
FROM unnest(ARRAY['a.past', 'a.present', 'a.future', 'b.past', 'b.present']) AS p;

-- Two roles of one name: the name is bound when it is written.
SELECT tacl_define_role('can-clerk', '{orders.view}'), tacl_assign('can-joe', 'can-clerk', 'can-acme');
SELECT tacl_define_role('can-clerk', '{orders.delete}', 'can-acme', override => true);
SELECT p, tacl_can('can-joe', p, 'can-acme') FROM unnest(ARRAY['orders.view', 'orders.delete']) AS p;

-- Names are compared byte by byte, with their lengths.
SELECT tacl_create_tenant('can-b:c'), tacl_grant('can-a', 'x.y', 'can-b:c');
SELECT tacl_can('can-a', 'x.y', 'can-b:c') AS yes, tacl_can('can-a:b', 'x.y', 'can-c') AS no,
       tacl_can('CAN-A', 'x.y', 'can-b:c') AS no, tacl_can('can-a ', 'x.y', 'can-b:c') AS no;

-- One path for everything that is none (R18), never NULL.
SELECT tacl_can(NULL, 'x.y', 'can-b:c') AS user_null, tacl_can('', 'x.y', 'can-b:c') AS user_empty,
       tacl_can(repeat('u', 256), 'x.y', 'can-b:c') AS user_long, tacl_can(E'can-a\n', 'x.y', 'can-b:c') AS user_control,
       tacl_can('nobody', 'x.y', 'can-b:c') AS user_unknown;
SELECT tacl_can('can-a', 'x.y', NULL) AS tenant_null, tacl_can('can-a', 'x.y', '') AS tenant_empty,
       tacl_can('can-a', 'x.y', repeat('t', 256)) AS tenant_long, tacl_can('can-a', 'x.y', E'\t') AS tenant_control;
SELECT tacl_can('can-a', NULL, 'can-b:c') AS permission_null, tacl_can('can-a', '', 'can-b:c') AS permission_empty,
       tacl_can(NULL, NULL, NULL) AS all_null;

SELECT tacl_drop_tenant('can-acme', cascade => true), tacl_drop_tenant('can-globex', true), tacl_drop_tenant('can-b:c', true);
SELECT tacl_drop_group('can-staff', '*', true);
SELECT count(tacl_drop_role(r, cascade => true))
FROM unnest(ARRAY['can-top', 'can-middle', 'can-base', 'can-admin', 'can-viewer', 'can-careful', 'can-clerk']) AS r;
SELECT * FROM tacl.assignment WHERE user_id LIKE 'can-%';
