\echo Use "CREATE EXTENSION tenant_acl" to load this file. \quit

-- The tables live in a schema of their own; the functions in the schema that
-- CREATE EXTENSION is given. While an extension script runs, pg_catalog is
-- searched first and pg_temp last, so bare type names are pg_catalog's.

CREATE SCHEMA tacl;
COMMENT ON SCHEMA tacl IS 'tenant_acl: who may do what in which tenant';

--
-- Constraint functions: true, or an error 22023 with a hint
--

CREATE FUNCTION tacl.check_name(name text)
RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tacl_check_name';
COMMENT ON FUNCTION tacl.check_name(text) IS 'True for a name of 1 to 255 bytes without control characters, else error 22023';

CREATE FUNCTION tacl.check_pattern(pattern text)
RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tacl_check_pattern';
COMMENT ON FUNCTION tacl.check_pattern(text) IS 'True for a permission pattern, else error 22023';

CREATE FUNCTION tacl.check_patterns(patterns text[])
RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tacl_check_patterns';
COMMENT ON FUNCTION tacl.check_patterns(text[]) IS 'True for an array of at most 1000 permission patterns, else error 22023';

CREATE FUNCTION tacl.check_allows(patterns text[])
RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tacl_check_allows';
COMMENT ON FUNCTION tacl.check_allows(text[]) IS 'True for an array of at most 1000 permission patterns without a deny, else error 22023';

CREATE FUNCTION tacl.check_permission(permission text)
RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tacl_check_permission';
COMMENT ON FUNCTION tacl.check_permission(text) IS 'True for a permission, which is no pattern, else error 22023';

CREATE FUNCTION tacl.pattern_matches(pattern text, permission text)
RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tacl_pattern_matches';
COMMENT ON FUNCTION tacl.pattern_matches(text, text) IS 'Does one pattern, without its leading !, match the permission?';

CREATE FUNCTION tacl.pattern_covers(pattern text, other text)
RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tacl_pattern_covers';
COMMENT ON FUNCTION tacl.pattern_covers(text, text) IS 'Does a pattern, without its leading !, match all that another matches?';

CREATE FUNCTION tacl.pattern_intersection(a text, b text)
RETURNS text LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tacl_pattern_intersection';
COMMENT ON FUNCTION tacl.pattern_intersection(text, text) IS 'The pattern that matches what two patterns both match; NULL if that is nothing';

--
-- The type of a key's material: bytes that only a superuser sees
--

CREATE TYPE tacl.key_material;
CREATE FUNCTION tacl.key_material_in(cstring)
RETURNS tacl.key_material LANGUAGE C STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tacl_key_material_in';
COMMENT ON FUNCTION tacl.key_material_in(cstring) IS 'Input of key_material: as bytea, for superusers';
CREATE FUNCTION tacl.key_material_out(tacl.key_material)
RETURNS cstring LANGUAGE C STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tacl_key_material_out';
COMMENT ON FUNCTION tacl.key_material_out(tacl.key_material) IS 'Output of key_material: as bytea for superusers, else hidden';
CREATE TYPE tacl.key_material (INPUT = tacl.key_material_in, OUTPUT = tacl.key_material_out, STORAGE = extended);
REVOKE ALL ON TYPE tacl.key_material FROM PUBLIC;
COMMENT ON TYPE tacl.key_material IS 'A secret, or a public key as DER of its SubjectPublicKeyInfo; shown to superusers only';

CREATE FUNCTION tacl.check_key(kid text, algorithm text, material tacl.key_material, issuer text, audience text,
    user_claim text, tenant_claim text, leeway integer)
RETURNS boolean LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'tacl_check_key';
COMMENT ON FUNCTION tacl.check_key(text, text, tacl.key_material, text, text, text, text, integer) IS 'True for a key that tokens can be verified with, else error 22023 or 22004';

--
-- Tables
--

CREATE TABLE tacl.tenant (
    id               text COLLATE "C" NOT NULL,
    parent           text COLLATE "C",
    ceiling          text[] COLLATE "C",
    suspended_at     timestamp with time zone,
    suspension_keeps text[] COLLATE "C",
    created_at       timestamp with time zone NOT NULL DEFAULT pg_catalog.now(),
    CONSTRAINT tenant_pkey PRIMARY KEY (id),
    CONSTRAINT tenant_parent_fkey FOREIGN KEY (parent) REFERENCES tacl.tenant (id),
    CONSTRAINT tenant_id_check CHECK (tacl.check_name(id)),
    CONSTRAINT tenant_root_check CHECK ((id OPERATOR(pg_catalog.=) '*') OPERATOR(pg_catalog.=) (parent IS NULL)),
    CONSTRAINT tenant_root_is_free_check CHECK (parent IS NOT NULL OR (ceiling IS NULL AND suspended_at IS NULL)),
    CONSTRAINT tenant_ceiling_check CHECK (tacl.check_allows(ceiling)),
    CONSTRAINT tenant_keeps_check CHECK (tacl.check_allows(suspension_keeps)),
    CONSTRAINT tenant_suspension_check CHECK ((suspended_at IS NULL) OPERATOR(pg_catalog.=) (suspension_keeps IS NULL)),
    CONSTRAINT tenant_finite_check CHECK (pg_catalog.isfinite(suspended_at))
);
CREATE INDEX tenant_parent_idx ON tacl.tenant (parent);
COMMENT ON TABLE tacl.tenant IS 'The tree of tenants under the root *';
COMMENT ON COLUMN tacl.tenant.ceiling IS 'What is assigned here or below is worth nothing beyond these patterns; NULL for no limit';
COMMENT ON COLUMN tacl.tenant.suspended_at IS 'Since when the tenant is suspended; NULL if it is not';
COMMENT ON COLUMN tacl.tenant.suspension_keeps IS 'The patterns that still count while the tenant is suspended';

-- The root, before there are triggers.
INSERT INTO tacl.tenant (id) VALUES ('*');

CREATE TABLE tacl.role (
    id          bigint GENERATED BY DEFAULT AS IDENTITY,
    tenant      text COLLATE "C" NOT NULL,
    name        text COLLATE "C" NOT NULL,
    permissions text[] COLLATE "C" NOT NULL,
    description text,
    CONSTRAINT role_pkey PRIMARY KEY (id),
    CONSTRAINT role_id_check CHECK (id OPERATOR(pg_catalog.>) 0),
    CONSTRAINT role_tenant_name_key UNIQUE (tenant, name),
    CONSTRAINT role_tenant_fkey FOREIGN KEY (tenant) REFERENCES tacl.tenant (id),
    CONSTRAINT role_name_check CHECK (tacl.check_name(name)),
    CONSTRAINT role_permissions_check CHECK (tacl.check_patterns(permissions))
);
COMMENT ON TABLE tacl.role IS 'Named sets of permission patterns, for the tenant that defines them and its descendants';

CREATE TABLE tacl.role_include (
    role_id     bigint NOT NULL,
    included_id bigint NOT NULL,
    CONSTRAINT role_include_pkey PRIMARY KEY (role_id, included_id),
    CONSTRAINT role_include_role_fkey FOREIGN KEY (role_id) REFERENCES tacl.role (id) ON DELETE CASCADE,
    CONSTRAINT role_include_included_fkey FOREIGN KEY (included_id) REFERENCES tacl.role (id)
);
CREATE INDEX role_include_included_idx ON tacl.role_include (included_id);
COMMENT ON TABLE tacl.role_include IS 'Which role includes which';

CREATE TABLE tacl.user_account (
    user_id     text COLLATE "C" NOT NULL,
    disabled_at timestamp with time zone,
    CONSTRAINT user_account_pkey PRIMARY KEY (user_id),
    CONSTRAINT user_account_user_check CHECK (tacl.check_name(user_id)),
    CONSTRAINT user_account_finite_check CHECK (pg_catalog.isfinite(disabled_at))
);
COMMENT ON TABLE tacl.user_account IS 'Users about whom more is known than their assignments; a user needs no row';
COMMENT ON COLUMN tacl.user_account.disabled_at IS 'Since when the user may do nothing anywhere; NULL if not disabled';

CREATE TABLE tacl.user_group (
    id          bigint GENERATED BY DEFAULT AS IDENTITY,
    tenant      text COLLATE "C" NOT NULL,
    name        text COLLATE "C" NOT NULL,
    description text,
    CONSTRAINT user_group_pkey PRIMARY KEY (id),
    CONSTRAINT user_group_id_check CHECK (id OPERATOR(pg_catalog.>) 0),
    CONSTRAINT user_group_tenant_name_key UNIQUE (tenant, name),
    CONSTRAINT user_group_tenant_fkey FOREIGN KEY (tenant) REFERENCES tacl.tenant (id),
    CONSTRAINT user_group_name_check CHECK (tacl.check_name(name))
);
COMMENT ON TABLE tacl.user_group IS 'Named sets of users, owned by a tenant';

CREATE TABLE tacl.group_member (
    user_id  text COLLATE "C" NOT NULL,
    group_id bigint NOT NULL,
    CONSTRAINT group_member_pkey PRIMARY KEY (user_id, group_id),
    CONSTRAINT group_member_group_fkey FOREIGN KEY (group_id) REFERENCES tacl.user_group (id) ON DELETE CASCADE,
    CONSTRAINT group_member_user_check CHECK (tacl.check_name(user_id))
);
CREATE INDEX group_member_group_idx ON tacl.group_member (group_id);
COMMENT ON TABLE tacl.group_member IS 'Which user is in which group';

CREATE TABLE tacl.group_include (
    group_id    bigint NOT NULL,
    included_id bigint NOT NULL,
    CONSTRAINT group_include_pkey PRIMARY KEY (group_id, included_id),
    CONSTRAINT group_include_group_fkey FOREIGN KEY (group_id) REFERENCES tacl.user_group (id) ON DELETE CASCADE,
    CONSTRAINT group_include_included_fkey FOREIGN KEY (included_id) REFERENCES tacl.user_group (id) ON DELETE CASCADE
);
CREATE INDEX group_include_included_idx ON tacl.group_include (included_id);
COMMENT ON TABLE tacl.group_include IS 'The members of the included group are members of the group';

CREATE TABLE tacl.assignment (
    id         bigint GENERATED BY DEFAULT AS IDENTITY,
    user_id    text COLLATE "C",
    group_id   bigint,
    tenant     text COLLATE "C" NOT NULL,
    role_id    bigint,
    pattern    text COLLATE "C",
    starts_at  timestamp with time zone,
    expires_at timestamp with time zone,
    CONSTRAINT assignment_pkey PRIMARY KEY (id),
    CONSTRAINT assignment_key UNIQUE NULLS NOT DISTINCT (user_id, group_id, tenant, role_id, pattern),
    CONSTRAINT assignment_group_fkey FOREIGN KEY (group_id) REFERENCES tacl.user_group (id),
    CONSTRAINT assignment_tenant_fkey FOREIGN KEY (tenant) REFERENCES tacl.tenant (id),
    CONSTRAINT assignment_role_fkey FOREIGN KEY (role_id) REFERENCES tacl.role (id),
    CONSTRAINT assignment_subject_check CHECK ((user_id IS NULL) OPERATOR(pg_catalog.<>) (group_id IS NULL)),
    CONSTRAINT assignment_object_check CHECK ((role_id IS NULL) OPERATOR(pg_catalog.<>) (pattern IS NULL)),
    CONSTRAINT assignment_group_role_check CHECK (group_id IS NULL OR role_id IS NOT NULL),
    CONSTRAINT assignment_user_check CHECK (tacl.check_name(user_id)),
    CONSTRAINT assignment_pattern_check CHECK (tacl.check_pattern(pattern)),
    CONSTRAINT assignment_validity_check CHECK (starts_at OPERATOR(pg_catalog.<) expires_at),
    CONSTRAINT assignment_finite_check CHECK (pg_catalog.isfinite(starts_at) AND pg_catalog.isfinite(expires_at))
);
CREATE INDEX assignment_tenant_idx ON tacl.assignment (tenant, role_id, pattern);
CREATE INDEX assignment_role_idx ON tacl.assignment (role_id) WHERE role_id IS NOT NULL;
CREATE INDEX assignment_group_idx ON tacl.assignment (group_id) WHERE group_id IS NOT NULL;
COMMENT ON TABLE tacl.assignment IS 'Who has which role, or which pattern directly, at which tenant and its descendants';
COMMENT ON COLUMN tacl.assignment.starts_at IS 'In force from here on; NULL for from ever';
COMMENT ON COLUMN tacl.assignment.expires_at IS 'In force before this; NULL for never expiring';

-- No answer depends on the tables that follow.

CREATE TABLE tacl.permission (
    name        text COLLATE "C" NOT NULL,
    description text,
    CONSTRAINT permission_pkey PRIMARY KEY (name),
    CONSTRAINT permission_name_check CHECK (tacl.check_permission(name))
);
COMMENT ON TABLE tacl.permission IS 'Optional catalog of the permissions that the application asks about';

CREATE TABLE tacl.user_preference (
    user_id        text COLLATE "C" NOT NULL,
    primary_tenant text COLLATE "C",
    last_tenant    text COLLATE "C",
    CONSTRAINT user_preference_pkey PRIMARY KEY (user_id),
    CONSTRAINT user_preference_user_check CHECK (tacl.check_name(user_id)),
    CONSTRAINT user_preference_primary_check CHECK (tacl.check_name(primary_tenant)),
    CONSTRAINT user_preference_last_check CHECK (tacl.check_name(last_tenant))
);
COMMENT ON TABLE tacl.user_preference IS 'Where a user begins; gives no right, and the tenant need not exist any more';
COMMENT ON COLUMN tacl.user_preference.primary_tenant IS 'The tenant that the user calls their own';
COMMENT ON COLUMN tacl.user_preference.last_tenant IS 'The tenant that the user was last active in';

-- What makes a row possible is one check, which does not show it; see src/key_row.c.
CREATE TABLE tacl.key (
    kid          text COLLATE "C" NOT NULL,
    algorithm    text COLLATE "C",
    material     tacl.key_material,
    issuer       text COLLATE "C",
    audience     text COLLATE "C",
    user_claim   text COLLATE "C" DEFAULT 'sub',
    tenant_claim text COLLATE "C" DEFAULT 'org_id',
    leeway       integer DEFAULT 0,
    created_at   timestamp with time zone DEFAULT pg_catalog.now(),
    CONSTRAINT key_pkey PRIMARY KEY (kid),
    CONSTRAINT key_check CHECK (tacl.check_key(kid, algorithm, material, issuer, audience, user_claim, tenant_claim, leeway))
);
COMMENT ON TABLE tacl.key IS 'Keys that tokens are verified with, and what each demands of its tokens';
COMMENT ON COLUMN tacl.key.issuer IS 'What the claim iss must be; NULL for anything';
COMMENT ON COLUMN tacl.key.audience IS 'What the claim aud must name; NULL for anything';
COMMENT ON COLUMN tacl.key.user_claim IS 'The claim that is the user';
COMMENT ON COLUMN tacl.key.tenant_claim IS 'The claim that is the tenant where no setting says one';
COMMENT ON COLUMN tacl.key.leeway IS 'How far clocks may differ, in seconds';

--
-- Guards: what a foreign key or a check cannot say. Ordinary triggers: replica
-- role and logical replication apply skip them.
--

CREATE FUNCTION tacl.guard_lock()
RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'tacl_guard_lock';
REVOKE ALL ON FUNCTION tacl.guard_lock() FROM PUBLIC;
COMMENT ON FUNCTION tacl.guard_lock() IS 'Trigger: serializes moves of tenants and changes of includes';

CREATE FUNCTION tacl.guard_row()
RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'tacl_guard_row';
REVOKE ALL ON FUNCTION tacl.guard_row() FROM PUBLIC;
COMMENT ON FUNCTION tacl.guard_row() IS 'Trigger: refuses cycles, excess depth, and use of a role or group outside the tenants it is defined for';

CREATE FUNCTION tacl.guard_truncate()
RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'tacl_guard_truncate';
REVOKE ALL ON FUNCTION tacl.guard_truncate() FROM PUBLIC;
COMMENT ON FUNCTION tacl.guard_truncate() IS 'Trigger: keeps the root';

CREATE FUNCTION tacl.guard_restore()
RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'tacl_guard_restore';
REVOKE ALL ON FUNCTION tacl.guard_restore() FROM PUBLIC;
COMMENT ON FUNCTION tacl.guard_restore() IS 'Trigger: lets pg_restore -j load the tables in any order';

CREATE TRIGGER guard_lock BEFORE UPDATE OF id, parent ON tacl.tenant
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.guard_lock();
CREATE TRIGGER guard_lock BEFORE INSERT OR UPDATE ON tacl.role_include
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.guard_lock();
CREATE TRIGGER guard_lock BEFORE INSERT OR UPDATE ON tacl.group_include
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.guard_lock();

CREATE TRIGGER guard_row AFTER INSERT OR UPDATE OR DELETE ON tacl.tenant
    FOR EACH ROW EXECUTE FUNCTION tacl.guard_row();
CREATE TRIGGER guard_row AFTER UPDATE ON tacl.role
    FOR EACH ROW EXECUTE FUNCTION tacl.guard_row();
CREATE TRIGGER guard_row AFTER INSERT OR UPDATE ON tacl.role_include
    FOR EACH ROW EXECUTE FUNCTION tacl.guard_row();
CREATE TRIGGER guard_row AFTER UPDATE ON tacl.user_group
    FOR EACH ROW EXECUTE FUNCTION tacl.guard_row();
CREATE TRIGGER guard_row AFTER INSERT OR UPDATE ON tacl.group_include
    FOR EACH ROW EXECUTE FUNCTION tacl.guard_row();
CREATE TRIGGER guard_row AFTER INSERT OR UPDATE ON tacl.assignment
    FOR EACH ROW EXECUTE FUNCTION tacl.guard_row();
CREATE TRIGGER guard_restore BEFORE INSERT ON tacl.role
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.guard_restore();
CREATE TRIGGER guard_restore BEFORE INSERT ON tacl.role_include
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.guard_restore();
CREATE TRIGGER guard_restore BEFORE INSERT ON tacl.user_group
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.guard_restore();
CREATE TRIGGER guard_restore BEFORE INSERT ON tacl.group_member
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.guard_restore();
CREATE TRIGGER guard_restore BEFORE INSERT ON tacl.group_include
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.guard_restore();
CREATE TRIGGER guard_restore BEFORE INSERT ON tacl.assignment
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.guard_restore();
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON tacl.tenant
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.guard_truncate();

--
-- Invalidation proxies: views without storage whose relcache messages tell
-- all sessions what changed (see src/inval.c). Users follow by hash.
--

CREATE VIEW tacl.proxy_tenants AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_roles AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_groups AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_keys AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_00 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_01 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_02 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_03 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_04 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_05 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_06 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_07 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_08 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_09 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_10 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_11 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_12 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_13 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_14 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_15 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_16 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_17 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_18 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_19 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_20 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_21 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_22 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_23 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_24 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_25 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_26 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_27 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_28 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_29 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_30 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_31 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_32 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_33 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_34 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_35 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_36 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_37 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_38 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_39 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_40 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_41 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_42 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_43 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_44 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_45 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_46 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_47 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_48 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_49 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_50 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_51 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_52 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_53 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_54 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_55 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_56 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_57 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_58 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_59 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_60 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_61 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_62 AS SELECT 1 AS unused;
CREATE VIEW tacl.proxy_user_63 AS SELECT 1 AS unused;

CREATE FUNCTION tacl.signal()
RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'tacl_signal';
REVOKE ALL ON FUNCTION tacl.signal() FROM PUBLIC;
COMMENT ON FUNCTION tacl.signal() IS 'Trigger: tells all sessions at COMMIT what to forget';

CREATE TRIGGER signal_row AFTER INSERT OR UPDATE OR DELETE ON tacl.tenant
    FOR EACH ROW EXECUTE FUNCTION tacl.signal();
CREATE TRIGGER signal_truncate AFTER TRUNCATE ON tacl.tenant
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.signal();
ALTER TABLE tacl.tenant ENABLE ALWAYS TRIGGER signal_row, ENABLE ALWAYS TRIGGER signal_truncate;
CREATE TRIGGER signal_row AFTER INSERT OR UPDATE OR DELETE ON tacl.role
    FOR EACH ROW EXECUTE FUNCTION tacl.signal();
CREATE TRIGGER signal_truncate AFTER TRUNCATE ON tacl.role
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.signal();
ALTER TABLE tacl.role ENABLE ALWAYS TRIGGER signal_row, ENABLE ALWAYS TRIGGER signal_truncate;
CREATE TRIGGER signal_row AFTER INSERT OR UPDATE OR DELETE ON tacl.role_include
    FOR EACH ROW EXECUTE FUNCTION tacl.signal();
CREATE TRIGGER signal_truncate AFTER TRUNCATE ON tacl.role_include
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.signal();
ALTER TABLE tacl.role_include ENABLE ALWAYS TRIGGER signal_row, ENABLE ALWAYS TRIGGER signal_truncate;
CREATE TRIGGER signal_row AFTER INSERT OR UPDATE OR DELETE ON tacl.user_account
    FOR EACH ROW EXECUTE FUNCTION tacl.signal();
CREATE TRIGGER signal_truncate AFTER TRUNCATE ON tacl.user_account
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.signal();
ALTER TABLE tacl.user_account ENABLE ALWAYS TRIGGER signal_row, ENABLE ALWAYS TRIGGER signal_truncate;
CREATE TRIGGER signal_row AFTER INSERT OR UPDATE OR DELETE ON tacl.user_group
    FOR EACH ROW EXECUTE FUNCTION tacl.signal();
CREATE TRIGGER signal_truncate AFTER TRUNCATE ON tacl.user_group
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.signal();
ALTER TABLE tacl.user_group ENABLE ALWAYS TRIGGER signal_row, ENABLE ALWAYS TRIGGER signal_truncate;
CREATE TRIGGER signal_row AFTER INSERT OR UPDATE OR DELETE ON tacl.group_member
    FOR EACH ROW EXECUTE FUNCTION tacl.signal();
CREATE TRIGGER signal_truncate AFTER TRUNCATE ON tacl.group_member
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.signal();
ALTER TABLE tacl.group_member ENABLE ALWAYS TRIGGER signal_row, ENABLE ALWAYS TRIGGER signal_truncate;
CREATE TRIGGER signal_row AFTER INSERT OR UPDATE OR DELETE ON tacl.group_include
    FOR EACH ROW EXECUTE FUNCTION tacl.signal();
CREATE TRIGGER signal_truncate AFTER TRUNCATE ON tacl.group_include
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.signal();
ALTER TABLE tacl.group_include ENABLE ALWAYS TRIGGER signal_row, ENABLE ALWAYS TRIGGER signal_truncate;
CREATE TRIGGER signal_row AFTER INSERT OR UPDATE OR DELETE ON tacl.assignment
    FOR EACH ROW EXECUTE FUNCTION tacl.signal();
CREATE TRIGGER signal_truncate AFTER TRUNCATE ON tacl.assignment
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.signal();
ALTER TABLE tacl.assignment ENABLE ALWAYS TRIGGER signal_row, ENABLE ALWAYS TRIGGER signal_truncate;
CREATE TRIGGER signal_row AFTER INSERT OR UPDATE OR DELETE ON tacl.key
    FOR EACH ROW EXECUTE FUNCTION tacl.signal();
CREATE TRIGGER signal_truncate AFTER TRUNCATE ON tacl.key
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.signal();
ALTER TABLE tacl.key ENABLE ALWAYS TRIGGER signal_row, ENABLE ALWAYS TRIGGER signal_truncate;

--
-- Dump and restore
--

SELECT pg_catalog.pg_extension_config_dump('tacl.tenant', 'WHERE id OPERATOR(pg_catalog.<>) ''*''');
SELECT pg_catalog.pg_extension_config_dump('tacl.role', '');
SELECT pg_catalog.pg_extension_config_dump('tacl.role_include', '');
SELECT pg_catalog.pg_extension_config_dump('tacl.user_account', '');
SELECT pg_catalog.pg_extension_config_dump('tacl.user_group', '');
SELECT pg_catalog.pg_extension_config_dump('tacl.group_member', '');
SELECT pg_catalog.pg_extension_config_dump('tacl.group_include', '');
SELECT pg_catalog.pg_extension_config_dump('tacl.assignment', '');
SELECT pg_catalog.pg_extension_config_dump('tacl.permission', '');
SELECT pg_catalog.pg_extension_config_dump('tacl.user_preference', '');
-- Keys only where the operator says so: PGOPTIONS='-c tacl.dump_keys=on' pg_dump ...
SELECT pg_catalog.pg_extension_config_dump('tacl.key',
    'WHERE pg_catalog.current_setting(''tacl.dump_keys'', true) OPERATOR(pg_catalog.=) ''on''');
SELECT pg_catalog.pg_extension_config_dump('tacl.role_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('tacl.user_group_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('tacl.assignment_id_seq', '');

--
-- Planner: an index condition in place of a check of each row. The functions
-- that find tenants can be called by plans only.
--

CREATE FUNCTION tacl.plan_support(internal)
RETURNS internal LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tacl_plan_support';
COMMENT ON FUNCTION tacl.plan_support(internal) IS 'Planner support of tacl_can() and tacl_may()';
CREATE FUNCTION tacl.array_support(internal)
RETURNS internal LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tacl_array_support';
COMMENT ON FUNCTION tacl.array_support(internal) IS 'Planner support of the functions that find tenants';

CREATE FUNCTION tacl.tenants_as_text(user_id "any", permission text, plan internal)
RETURNS text[] LANGUAGE C STABLE PARALLEL SAFE SUPPORT tacl.array_support AS 'MODULE_PATHNAME', 'tacl_tenants_array';
COMMENT ON FUNCTION tacl.tenants_as_text("any", text, internal) IS 'Tenants where the user may do this; called by plans only';
CREATE FUNCTION tacl.tenants_as_text(permission text, plan internal)
RETURNS text[] LANGUAGE C STABLE PARALLEL SAFE SUPPORT tacl.array_support AS 'MODULE_PATHNAME', 'tacl_tenants_array';
COMMENT ON FUNCTION tacl.tenants_as_text(text, internal) IS 'Tenants where the user of the session may do this; called by plans only';
CREATE FUNCTION tacl.tenants_as_uuid(user_id "any", permission text, plan internal)
RETURNS uuid[] LANGUAGE C STABLE PARALLEL SAFE SUPPORT tacl.array_support AS 'MODULE_PATHNAME', 'tacl_tenants_array';
COMMENT ON FUNCTION tacl.tenants_as_uuid("any", text, internal) IS 'Tenants where the user may do this; called by plans only';
CREATE FUNCTION tacl.tenants_as_uuid(permission text, plan internal)
RETURNS uuid[] LANGUAGE C STABLE PARALLEL SAFE SUPPORT tacl.array_support AS 'MODULE_PATHNAME', 'tacl_tenants_array';
COMMENT ON FUNCTION tacl.tenants_as_uuid(text, internal) IS 'Tenants where the user of the session may do this; called by plans only';
CREATE FUNCTION tacl.tenants_as_smallint(user_id "any", permission text, plan internal)
RETURNS smallint[] LANGUAGE C STABLE PARALLEL SAFE SUPPORT tacl.array_support AS 'MODULE_PATHNAME', 'tacl_tenants_array';
COMMENT ON FUNCTION tacl.tenants_as_smallint("any", text, internal) IS 'Tenants where the user may do this; called by plans only';
CREATE FUNCTION tacl.tenants_as_smallint(permission text, plan internal)
RETURNS smallint[] LANGUAGE C STABLE PARALLEL SAFE SUPPORT tacl.array_support AS 'MODULE_PATHNAME', 'tacl_tenants_array';
COMMENT ON FUNCTION tacl.tenants_as_smallint(text, internal) IS 'Tenants where the user of the session may do this; called by plans only';
CREATE FUNCTION tacl.tenants_as_integer(user_id "any", permission text, plan internal)
RETURNS integer[] LANGUAGE C STABLE PARALLEL SAFE SUPPORT tacl.array_support AS 'MODULE_PATHNAME', 'tacl_tenants_array';
COMMENT ON FUNCTION tacl.tenants_as_integer("any", text, internal) IS 'Tenants where the user may do this; called by plans only';
CREATE FUNCTION tacl.tenants_as_integer(permission text, plan internal)
RETURNS integer[] LANGUAGE C STABLE PARALLEL SAFE SUPPORT tacl.array_support AS 'MODULE_PATHNAME', 'tacl_tenants_array';
COMMENT ON FUNCTION tacl.tenants_as_integer(text, internal) IS 'Tenants where the user of the session may do this; called by plans only';
CREATE FUNCTION tacl.tenants_as_bigint(user_id "any", permission text, plan internal)
RETURNS bigint[] LANGUAGE C STABLE PARALLEL SAFE SUPPORT tacl.array_support AS 'MODULE_PATHNAME', 'tacl_tenants_array';
COMMENT ON FUNCTION tacl.tenants_as_bigint("any", text, internal) IS 'Tenants where the user may do this; called by plans only';
CREATE FUNCTION tacl.tenants_as_bigint(permission text, plan internal)
RETURNS bigint[] LANGUAGE C STABLE PARALLEL SAFE SUPPORT tacl.array_support AS 'MODULE_PATHNAME', 'tacl_tenants_array';
COMMENT ON FUNCTION tacl.tenants_as_bigint(text, internal) IS 'Tenants where the user of the session may do this; called by plans only';

--
-- Check: false, never NULL
--

CREATE FUNCTION @extschema@.tacl_can(user_id text, permission text, tenant text)
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 SUPPORT tacl.plan_support AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_can(text, text, text) IS 'May the user do this in the tenant?';
CREATE FUNCTION @extschema@.tacl_can(user_id text, permission text, tenant "any")
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 SUPPORT tacl.plan_support AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_can(text, text, "any") IS 'May the user do this in the tenant?';
CREATE FUNCTION @extschema@.tacl_can(user_id "any", permission text, tenant text)
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 SUPPORT tacl.plan_support AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_can("any", text, text) IS 'May the user do this in the tenant?';
CREATE FUNCTION @extschema@.tacl_can(user_id "any", permission text, tenant "any")
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 SUPPORT tacl.plan_support AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_can("any", text, "any") IS 'May the user do this in the tenant?';
CREATE FUNCTION @extschema@.tacl_can(user_id text, permission text)
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_can(text, text) IS 'May the user do this in the active tenant?';
CREATE FUNCTION @extschema@.tacl_can(user_id "any", permission text)
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_can("any", text) IS 'May the user do this in the active tenant?';

CREATE FUNCTION @extschema@.tacl_may(permission text)
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_may(text) IS 'May the user of the session do this in the active tenant?';
CREATE FUNCTION @extschema@.tacl_may(permission text, tenant text)
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 SUPPORT tacl.plan_support AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_may(text, text) IS 'May the user of the session do this in the tenant?';
CREATE FUNCTION @extschema@.tacl_may(permission text, tenant "any")
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 SUPPORT tacl.plan_support AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_may(text, "any") IS 'May the user of the session do this in the tenant?';

CREATE FUNCTION @extschema@.tacl_active_tenant(permission text, type anyelement)
RETURNS anyelement LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_active_tenant(text, anyelement) IS 'The active tenant in the type of NULL::type, if the user of the session may do this there; else NULL';

CREATE FUNCTION @extschema@.tacl_can_any(user_id text, permissions text[], tenant text)
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_can_any(text, text[], text) IS 'May the user do at least one of these in the tenant? False for an empty list';
CREATE FUNCTION @extschema@.tacl_can_any(user_id text, permissions text[], tenant "any")
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_can_any(text, text[], "any") IS 'May the user do at least one of these in the tenant? False for an empty list';
CREATE FUNCTION @extschema@.tacl_can_any(user_id "any", permissions text[], tenant text)
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_can_any("any", text[], text) IS 'May the user do at least one of these in the tenant? False for an empty list';
CREATE FUNCTION @extschema@.tacl_can_any(user_id "any", permissions text[], tenant "any")
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_can_any("any", text[], "any") IS 'May the user do at least one of these in the tenant? False for an empty list';
CREATE FUNCTION @extschema@.tacl_can_any(user_id text, permissions text[])
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_can_any(text, text[]) IS 'May the user do at least one of these in the active tenant? False for an empty list';
CREATE FUNCTION @extschema@.tacl_can_any(user_id "any", permissions text[])
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_can_any("any", text[]) IS 'May the user do at least one of these in the active tenant? False for an empty list';

CREATE FUNCTION @extschema@.tacl_can_all(user_id text, permissions text[], tenant text)
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_can_all(text, text[], text) IS 'May the user do each of these in the tenant? False for an empty list';
CREATE FUNCTION @extschema@.tacl_can_all(user_id text, permissions text[], tenant "any")
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_can_all(text, text[], "any") IS 'May the user do each of these in the tenant? False for an empty list';
CREATE FUNCTION @extschema@.tacl_can_all(user_id "any", permissions text[], tenant text)
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_can_all("any", text[], text) IS 'May the user do each of these in the tenant? False for an empty list';
CREATE FUNCTION @extschema@.tacl_can_all(user_id "any", permissions text[], tenant "any")
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_can_all("any", text[], "any") IS 'May the user do each of these in the tenant? False for an empty list';
CREATE FUNCTION @extschema@.tacl_can_all(user_id text, permissions text[])
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_can_all(text, text[]) IS 'May the user do each of these in the active tenant? False for an empty list';
CREATE FUNCTION @extschema@.tacl_can_all(user_id "any", permissions text[])
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_can_all("any", text[]) IS 'May the user do each of these in the active tenant? False for an empty list';

CREATE FUNCTION @extschema@.tacl_authorize(user_id text, permission text, tenant text)
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_authorize(text, text, text) IS 'True if the user may do this in the tenant, else error 42501';
CREATE FUNCTION @extschema@.tacl_authorize(user_id text, permission text, tenant "any")
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_authorize(text, text, "any") IS 'True if the user may do this in the tenant, else error 42501';
CREATE FUNCTION @extschema@.tacl_authorize(user_id "any", permission text, tenant text)
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_authorize("any", text, text) IS 'True if the user may do this in the tenant, else error 42501';
CREATE FUNCTION @extschema@.tacl_authorize(user_id "any", permission text, tenant "any")
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_authorize("any", text, "any") IS 'True if the user may do this in the tenant, else error 42501';
CREATE FUNCTION @extschema@.tacl_authorize(user_id text, permission text)
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_authorize(text, text) IS 'True if the user may do this in the active tenant, else error 42501';
CREATE FUNCTION @extschema@.tacl_authorize(user_id "any", permission text)
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_authorize("any", text) IS 'True if the user may do this in the active tenant, else error 42501';

CREATE FUNCTION @extschema@.tacl_has_role(user_id text, role text, tenant text)
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_has_role(text, text, text) IS 'Does a role of this name reach the user in the tenant, directly or by group, include or ancestor?';
CREATE FUNCTION @extschema@.tacl_has_role(user_id text, role text, tenant "any")
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_has_role(text, text, "any") IS 'Does a role of this name reach the user in the tenant, directly or by group, include or ancestor?';
CREATE FUNCTION @extschema@.tacl_has_role(user_id "any", role text, tenant text)
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_has_role("any", text, text) IS 'Does a role of this name reach the user in the tenant, directly or by group, include or ancestor?';
CREATE FUNCTION @extschema@.tacl_has_role(user_id "any", role text, tenant "any")
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_has_role("any", text, "any") IS 'Does a role of this name reach the user in the tenant, directly or by group, include or ancestor?';
CREATE FUNCTION @extschema@.tacl_has_role(user_id text, role text)
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_has_role(text, text) IS 'Does a role of this name reach the user in the active tenant, directly or by group, include or ancestor?';
CREATE FUNCTION @extschema@.tacl_has_role(user_id "any", role text)
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_has_role("any", text) IS 'Does a role of this name reach the user in the active tenant, directly or by group, include or ancestor?';

CREATE FUNCTION @extschema@.tacl_check(user_id text, permissions text[], tenant text)
RETURNS jsonb LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_check(text, text[], text) IS 'An object of permission: boolean, what the user may do in the tenant';
CREATE FUNCTION @extschema@.tacl_check(user_id text, permissions text[], tenant "any")
RETURNS jsonb LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_check(text, text[], "any") IS 'An object of permission: boolean, what the user may do in the tenant';
CREATE FUNCTION @extschema@.tacl_check(user_id "any", permissions text[], tenant text)
RETURNS jsonb LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_check("any", text[], text) IS 'An object of permission: boolean, what the user may do in the tenant';
CREATE FUNCTION @extschema@.tacl_check(user_id "any", permissions text[], tenant "any")
RETURNS jsonb LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_check("any", text[], "any") IS 'An object of permission: boolean, what the user may do in the tenant';
CREATE FUNCTION @extschema@.tacl_check(user_id text, permissions text[])
RETURNS jsonb LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_check(text, text[]) IS 'An object of permission: boolean, what the user may do in the active tenant';
CREATE FUNCTION @extschema@.tacl_check(user_id "any", permissions text[])
RETURNS jsonb LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_check("any", text[]) IS 'An object of permission: boolean, what the user may do in the active tenant';

--
-- Session
--

CREATE FUNCTION @extschema@.tacl_user()
RETURNS text LANGUAGE C STABLE PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_user() IS 'The user of the session, NULL if there is none';
CREATE FUNCTION @extschema@.tacl_tenant()
RETURNS text LANGUAGE C STABLE PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_tenant() IS 'The active tenant, NULL if there is none';

CREATE FUNCTION @extschema@.tacl_actor()
RETURNS text LANGUAGE C STABLE PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_actor() IS 'Who acts for the user of the session, or NULL';

--
-- Keys and tokens
--

CREATE FUNCTION @extschema@.tacl_add_key(kid text, algorithm text, key text, issuer text DEFAULT NULL,
    audience text DEFAULT NULL, user_claim text DEFAULT 'sub', tenant_claim text DEFAULT 'org_id', leeway integer DEFAULT 0)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_add_key(text, text, text, text, text, text, text, integer) IS 'Adds or replaces a key that tokens are verified with: a secret, PEM, JWK or JWKS';
CREATE FUNCTION @extschema@.tacl_drop_key(kid text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_drop_key(text) IS 'Drops a key: its tokens are worth nothing any more';

CREATE FUNCTION @extschema@.tacl_issue_token(user_id text, tenant text DEFAULT NULL, lifetime interval DEFAULT '15 minutes',
    actor text DEFAULT NULL, scope text[] DEFAULT NULL, kid text DEFAULT NULL)
RETURNS text LANGUAGE C AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION @extschema@.tacl_issue_token(text, text, interval, text, text[], text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.tacl_issue_token(text, text, interval, text, text[], text) IS 'Signs a token that says who the user of a session is';
CREATE FUNCTION @extschema@.tacl_issue_token(user_id text, tenant "any", lifetime interval DEFAULT '15 minutes',
    actor text DEFAULT NULL, scope text[] DEFAULT NULL, kid text DEFAULT NULL)
RETURNS text LANGUAGE C AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION @extschema@.tacl_issue_token(text, "any", interval, text, text[], text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.tacl_issue_token(text, "any", interval, text, text[], text) IS 'Signs a token that says who the user of a session is';
CREATE FUNCTION @extschema@.tacl_issue_token(user_id "any", tenant text DEFAULT NULL, lifetime interval DEFAULT '15 minutes',
    actor text DEFAULT NULL, scope text[] DEFAULT NULL, kid text DEFAULT NULL)
RETURNS text LANGUAGE C AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION @extschema@.tacl_issue_token("any", text, interval, text, text[], text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.tacl_issue_token("any", text, interval, text, text[], text) IS 'Signs a token that says who the user of a session is';
CREATE FUNCTION @extschema@.tacl_issue_token(user_id "any", tenant "any", lifetime interval DEFAULT '15 minutes',
    actor text DEFAULT NULL, scope text[] DEFAULT NULL, kid text DEFAULT NULL)
RETURNS text LANGUAGE C AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION @extschema@.tacl_issue_token("any", "any", interval, text, text[], text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.tacl_issue_token("any", "any", interval, text, text[], text) IS 'Signs a token that says who the user of a session is';

--
-- Define: true if something changed
--
-- Each verifies that the caller may do by hand what it is going to do (INSERT,
-- UPDATE or DELETE on the tables concerned) before it looks at anything;
-- EXECUTE is PUBLIC's.
--

CREATE FUNCTION @extschema@.tacl_create_tenant(tenant text, parent text DEFAULT '*')
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_create_tenant(text, text) IS 'Registers a tenant under a parent';
CREATE FUNCTION @extschema@.tacl_create_tenant(tenant text, parent "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_create_tenant(text, "any") IS 'Registers a tenant under a parent';
CREATE FUNCTION @extschema@.tacl_create_tenant(tenant "any", parent text DEFAULT '*')
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_create_tenant("any", text) IS 'Registers a tenant under a parent';
CREATE FUNCTION @extschema@.tacl_create_tenant(tenant "any", parent "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_create_tenant("any", "any") IS 'Registers a tenant under a parent';
CREATE FUNCTION @extschema@.tacl_move_tenant(tenant text, parent text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_move_tenant(text, text) IS 'Puts a tenant with all below it under another parent';
CREATE FUNCTION @extschema@.tacl_move_tenant(tenant text, parent "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_move_tenant(text, "any") IS 'Puts a tenant with all below it under another parent';
CREATE FUNCTION @extschema@.tacl_move_tenant(tenant "any", parent text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_move_tenant("any", text) IS 'Puts a tenant with all below it under another parent';
CREATE FUNCTION @extschema@.tacl_move_tenant(tenant "any", parent "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_move_tenant("any", "any") IS 'Puts a tenant with all below it under another parent';
CREATE FUNCTION @extschema@.tacl_limit_tenant(tenant text, patterns text[])
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_limit_tenant(text, text[]) IS 'Sets the ceiling of a tenant; NULL removes it';
CREATE FUNCTION @extschema@.tacl_limit_tenant(tenant "any", patterns text[])
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_limit_tenant("any", text[]) IS 'Sets the ceiling of a tenant; NULL removes it';
CREATE FUNCTION @extschema@.tacl_suspend_tenant(tenant text, keep text[] DEFAULT NULL)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_suspend_tenant(text, text[]) IS 'Suspends a tenant, keeping the patterns given';
CREATE FUNCTION @extschema@.tacl_suspend_tenant(tenant "any", keep text[] DEFAULT NULL)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_suspend_tenant("any", text[]) IS 'Suspends a tenant, keeping the patterns given';
CREATE FUNCTION @extschema@.tacl_resume_tenant(tenant text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_resume_tenant(text) IS 'Ends the suspension of a tenant';
CREATE FUNCTION @extschema@.tacl_resume_tenant(tenant "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_resume_tenant("any") IS 'Ends the suspension of a tenant';
CREATE FUNCTION @extschema@.tacl_drop_tenant(tenant text, cascade boolean DEFAULT false)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_drop_tenant(text, boolean) IS 'Drops a tenant with its roles and groups; with cascade also all below it and all assignments there';
CREATE FUNCTION @extschema@.tacl_drop_tenant(tenant "any", cascade boolean DEFAULT false)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_drop_tenant("any", boolean) IS 'Drops a tenant with its roles and groups; with cascade also all below it and all assignments there';

CREATE FUNCTION @extschema@.tacl_define_role(role text, permissions text[] DEFAULT NULL, tenant text DEFAULT '*',
    includes text[] DEFAULT NULL, description text DEFAULT NULL, override boolean DEFAULT false)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_define_role(text, text[], text, text[], text, boolean) IS 'Creates a role, or replaces what is given of an existing one';
CREATE FUNCTION @extschema@.tacl_define_role(role text, permissions text[], tenant "any",
    includes text[] DEFAULT NULL, description text DEFAULT NULL, override boolean DEFAULT false)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_define_role(text, text[], "any", text[], text, boolean) IS 'Creates a role, or replaces what is given of an existing one';
CREATE FUNCTION @extschema@.tacl_drop_role(role text, tenant text DEFAULT '*', cascade boolean DEFAULT false)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_drop_role(text, text, boolean) IS 'Drops a role; with cascade also its assignments and its use in other roles';
CREATE FUNCTION @extschema@.tacl_drop_role(role text, tenant "any", cascade boolean DEFAULT false)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_drop_role(text, "any", boolean) IS 'Drops a role; with cascade also its assignments and its use in other roles';

--
-- Assign: true if something changed
--

CREATE FUNCTION @extschema@.tacl_assign(user_id text, role text, tenant text,
    expires_at timestamp with time zone DEFAULT NULL, starts_at timestamp with time zone DEFAULT NULL)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_assign(text, text, text, timestamp with time zone, timestamp with time zone) IS 'Gives the user a role at the tenant and its descendants';
CREATE FUNCTION @extschema@.tacl_assign(user_id text, role text, tenant "any",
    expires_at timestamp with time zone DEFAULT NULL, starts_at timestamp with time zone DEFAULT NULL)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_assign(text, text, "any", timestamp with time zone, timestamp with time zone) IS 'Gives the user a role at the tenant and its descendants';
CREATE FUNCTION @extschema@.tacl_assign(user_id "any", role text, tenant text,
    expires_at timestamp with time zone DEFAULT NULL, starts_at timestamp with time zone DEFAULT NULL)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_assign("any", text, text, timestamp with time zone, timestamp with time zone) IS 'Gives the user a role at the tenant and its descendants';
CREATE FUNCTION @extschema@.tacl_assign(user_id "any", role text, tenant "any",
    expires_at timestamp with time zone DEFAULT NULL, starts_at timestamp with time zone DEFAULT NULL)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_assign("any", text, "any", timestamp with time zone, timestamp with time zone) IS 'Gives the user a role at the tenant and its descendants';

CREATE FUNCTION @extschema@.tacl_unassign(user_id text, role text, tenant text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_unassign(text, text, text) IS 'Takes every role of this name, assigned at the tenant itself, from the user';
CREATE FUNCTION @extschema@.tacl_unassign(user_id text, role text, tenant "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_unassign(text, text, "any") IS 'Takes every role of this name, assigned at the tenant itself, from the user';
CREATE FUNCTION @extschema@.tacl_unassign(user_id "any", role text, tenant text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_unassign("any", text, text) IS 'Takes every role of this name, assigned at the tenant itself, from the user';
CREATE FUNCTION @extschema@.tacl_unassign(user_id "any", role text, tenant "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_unassign("any", text, "any") IS 'Takes every role of this name, assigned at the tenant itself, from the user';

CREATE FUNCTION @extschema@.tacl_sync_roles(user_id text, roles text[], tenant text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_sync_roles(text, text[], text) IS 'Gives the user exactly these roles at the tenant, and touches no other tenant';
CREATE FUNCTION @extschema@.tacl_sync_roles(user_id text, roles text[], tenant "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_sync_roles(text, text[], "any") IS 'Gives the user exactly these roles at the tenant, and touches no other tenant';
CREATE FUNCTION @extschema@.tacl_sync_roles(user_id "any", roles text[], tenant text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_sync_roles("any", text[], text) IS 'Gives the user exactly these roles at the tenant, and touches no other tenant';
CREATE FUNCTION @extschema@.tacl_sync_roles(user_id "any", roles text[], tenant "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_sync_roles("any", text[], "any") IS 'Gives the user exactly these roles at the tenant, and touches no other tenant';

CREATE FUNCTION @extschema@.tacl_grant(user_id text, pattern text, tenant text,
    expires_at timestamp with time zone DEFAULT NULL, starts_at timestamp with time zone DEFAULT NULL)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_grant(text, text, text, timestamp with time zone, timestamp with time zone) IS 'Gives the user one pattern at the tenant and its descendants';
CREATE FUNCTION @extschema@.tacl_grant(user_id text, pattern text, tenant "any",
    expires_at timestamp with time zone DEFAULT NULL, starts_at timestamp with time zone DEFAULT NULL)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_grant(text, text, "any", timestamp with time zone, timestamp with time zone) IS 'Gives the user one pattern at the tenant and its descendants';
CREATE FUNCTION @extschema@.tacl_grant(user_id "any", pattern text, tenant text,
    expires_at timestamp with time zone DEFAULT NULL, starts_at timestamp with time zone DEFAULT NULL)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_grant("any", text, text, timestamp with time zone, timestamp with time zone) IS 'Gives the user one pattern at the tenant and its descendants';
CREATE FUNCTION @extschema@.tacl_grant(user_id "any", pattern text, tenant "any",
    expires_at timestamp with time zone DEFAULT NULL, starts_at timestamp with time zone DEFAULT NULL)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_grant("any", text, "any", timestamp with time zone, timestamp with time zone) IS 'Gives the user one pattern at the tenant and its descendants';

CREATE FUNCTION @extschema@.tacl_revoke(user_id text, pattern text, tenant text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_revoke(text, text, text) IS 'Takes a pattern, granted directly at the tenant itself, from the user';
CREATE FUNCTION @extschema@.tacl_revoke(user_id text, pattern text, tenant "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_revoke(text, text, "any") IS 'Takes a pattern, granted directly at the tenant itself, from the user';
CREATE FUNCTION @extschema@.tacl_revoke(user_id "any", pattern text, tenant text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_revoke("any", text, text) IS 'Takes a pattern, granted directly at the tenant itself, from the user';
CREATE FUNCTION @extschema@.tacl_revoke(user_id "any", pattern text, tenant "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_revoke("any", text, "any") IS 'Takes a pattern, granted directly at the tenant itself, from the user';

CREATE FUNCTION @extschema@.tacl_disable_user(user_id text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_disable_user(text) IS 'The user may do nothing anywhere until enabled';
CREATE FUNCTION @extschema@.tacl_disable_user(user_id "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_disable_user("any") IS 'The user may do nothing anywhere until enabled';
CREATE FUNCTION @extschema@.tacl_enable_user(user_id text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_enable_user(text) IS 'Ends what tacl_disable_user() did';
CREATE FUNCTION @extschema@.tacl_enable_user(user_id "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_enable_user("any") IS 'Ends what tacl_disable_user() did';

--
-- Groups: true if something changed
--

CREATE FUNCTION @extschema@.tacl_create_group(group_name text, tenant text, description text DEFAULT NULL)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_create_group(text, text, text) IS 'Creates a group owned by the tenant';
CREATE FUNCTION @extschema@.tacl_create_group(group_name text, tenant "any", description text DEFAULT NULL)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_create_group(text, "any", text) IS 'Creates a group owned by the tenant';
CREATE FUNCTION @extschema@.tacl_drop_group(group_name text, tenant text, cascade boolean DEFAULT false)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_drop_group(text, text, boolean) IS 'Drops a group with its memberships; with cascade also its assignments';
CREATE FUNCTION @extschema@.tacl_drop_group(group_name text, tenant "any", cascade boolean DEFAULT false)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_drop_group(text, "any", boolean) IS 'Drops a group with its memberships; with cascade also its assignments';

CREATE FUNCTION @extschema@.tacl_add_member(user_id text, group_name text, tenant text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_add_member(text, text, text) IS 'Puts the user into a group of the tenant';
CREATE FUNCTION @extschema@.tacl_add_member(user_id text, group_name text, tenant "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_add_member(text, text, "any") IS 'Puts the user into a group of the tenant';
CREATE FUNCTION @extschema@.tacl_add_member(user_id "any", group_name text, tenant text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_add_member("any", text, text) IS 'Puts the user into a group of the tenant';
CREATE FUNCTION @extschema@.tacl_add_member(user_id "any", group_name text, tenant "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_add_member("any", text, "any") IS 'Puts the user into a group of the tenant';

CREATE FUNCTION @extschema@.tacl_remove_member(user_id text, group_name text, tenant text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_remove_member(text, text, text) IS 'Takes the user out of a group of the tenant';
CREATE FUNCTION @extschema@.tacl_remove_member(user_id text, group_name text, tenant "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_remove_member(text, text, "any") IS 'Takes the user out of a group of the tenant';
CREATE FUNCTION @extschema@.tacl_remove_member(user_id "any", group_name text, tenant text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_remove_member("any", text, text) IS 'Takes the user out of a group of the tenant';
CREATE FUNCTION @extschema@.tacl_remove_member(user_id "any", group_name text, tenant "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_remove_member("any", text, "any") IS 'Takes the user out of a group of the tenant';

CREATE FUNCTION @extschema@.tacl_include_group(group_name text, included text, tenant text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_include_group(text, text, text) IS 'Makes all members of one group members of another of the tenant';
CREATE FUNCTION @extschema@.tacl_include_group(group_name text, included text, tenant "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_include_group(text, text, "any") IS 'Makes all members of one group members of another of the tenant';
CREATE FUNCTION @extschema@.tacl_exclude_group(group_name text, included text, tenant text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_exclude_group(text, text, text) IS 'Ends what tacl_include_group() did';
CREATE FUNCTION @extschema@.tacl_exclude_group(group_name text, included text, tenant "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_exclude_group(text, text, "any") IS 'Ends what tacl_include_group() did';
CREATE FUNCTION @extschema@.tacl_assign_group(group_name text, role text, tenant text,
    expires_at timestamp with time zone DEFAULT NULL, starts_at timestamp with time zone DEFAULT NULL)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_assign_group(text, text, text, timestamp with time zone, timestamp with time zone) IS 'Gives the members of a group a role at the tenant and its descendants';
CREATE FUNCTION @extschema@.tacl_assign_group(group_name text, role text, tenant "any",
    expires_at timestamp with time zone DEFAULT NULL, starts_at timestamp with time zone DEFAULT NULL)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_assign_group(text, text, "any", timestamp with time zone, timestamp with time zone) IS 'Gives the members of a group a role at the tenant and its descendants';
CREATE FUNCTION @extschema@.tacl_unassign_group(group_name text, role text, tenant text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_unassign_group(text, text, text) IS 'Takes every role of this name, assigned at the tenant itself, from the group';
CREATE FUNCTION @extschema@.tacl_unassign_group(group_name text, role text, tenant "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_unassign_group(text, text, "any") IS 'Takes every role of this name, assigned at the tenant itself, from the group';

--
-- Look up: for the user of the session everyone may ask; else it takes SELECT
-- on the tables
--

CREATE FUNCTION @extschema@.tacl_tenants(user_id text)
RETURNS TABLE (tenant text) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_tenants(text) IS 'The tenants where there is anything that the user may do';
CREATE FUNCTION @extschema@.tacl_tenants(user_id "any")
RETURNS TABLE (tenant text) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_tenants("any") IS 'The tenants where there is anything that the user may do';
CREATE FUNCTION @extschema@.tacl_tenants(user_id text, permission text)
RETURNS TABLE (tenant text) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_tenants(text, text) IS 'The tenants where the user may do this';
CREATE FUNCTION @extschema@.tacl_tenants(user_id "any", permission text)
RETURNS TABLE (tenant text) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_tenants("any", text) IS 'The tenants where the user may do this';

CREATE FUNCTION @extschema@.tacl_users(permission text, tenant text)
RETURNS TABLE (user_id text, assigned_at text) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_users(text, text) IS 'The users who may do this in the tenant, and where they got it';
CREATE FUNCTION @extschema@.tacl_users(permission text, tenant "any")
RETURNS TABLE (user_id text, assigned_at text) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_users(text, "any") IS 'The users who may do this in the tenant, and where they got it';

CREATE FUNCTION @extschema@.tacl_memberships(user_id text)
RETURNS TABLE (tenant text, roles text[], inherited_from text, expires_at timestamp with time zone,
    suspended boolean, is_primary boolean) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_memberships(text) IS 'The tenants that the user belongs to, with roles';
CREATE FUNCTION @extschema@.tacl_memberships(user_id "any")
RETURNS TABLE (tenant text, roles text[], inherited_from text, expires_at timestamp with time zone,
    suspended boolean, is_primary boolean) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_memberships("any") IS 'The tenants that the user belongs to, with roles';

CREATE FUNCTION @extschema@.tacl_members(tenant text)
RETURNS TABLE (user_id text, roles text[], grants text[], through_group text, assigned_at text,
    expires_at timestamp with time zone) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_members(text) IS 'The users who belong to the tenant, with roles';
CREATE FUNCTION @extschema@.tacl_members(tenant "any")
RETURNS TABLE (user_id text, roles text[], grants text[], through_group text, assigned_at text,
    expires_at timestamp with time zone) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_members("any") IS 'The users who belong to the tenant, with roles';

CREATE FUNCTION @extschema@.tacl_roles(user_id text, tenant text)
RETURNS TABLE (role text, defined_at text, assigned_at text, through_group text, included_by text,
    expires_at timestamp with time zone) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_roles(text, text) IS 'The roles that reach the user in the tenant';
CREATE FUNCTION @extschema@.tacl_roles(user_id text, tenant "any")
RETURNS TABLE (role text, defined_at text, assigned_at text, through_group text, included_by text,
    expires_at timestamp with time zone) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_roles(text, "any") IS 'The roles that reach the user in the tenant';
CREATE FUNCTION @extschema@.tacl_roles(user_id "any", tenant text)
RETURNS TABLE (role text, defined_at text, assigned_at text, through_group text, included_by text,
    expires_at timestamp with time zone) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_roles("any", text) IS 'The roles that reach the user in the tenant';
CREATE FUNCTION @extschema@.tacl_roles(user_id "any", tenant "any")
RETURNS TABLE (role text, defined_at text, assigned_at text, through_group text, included_by text,
    expires_at timestamp with time zone) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_roles("any", "any") IS 'The roles that reach the user in the tenant';
CREATE FUNCTION @extschema@.tacl_roles(user_id text)
RETURNS TABLE (role text, defined_at text, assigned_at text, through_group text, included_by text,
    expires_at timestamp with time zone) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_roles(text) IS 'The roles that reach the user in the active tenant';
CREATE FUNCTION @extschema@.tacl_roles(user_id "any")
RETURNS TABLE (role text, defined_at text, assigned_at text, through_group text, included_by text,
    expires_at timestamp with time zone) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_roles("any") IS 'The roles that reach the user in the active tenant';

CREATE FUNCTION @extschema@.tacl_permissions(user_id text, tenant text)
RETURNS TABLE (pattern text, effect text) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_permissions(text, text) IS 'What the user may do in the tenant, as patterns';
CREATE FUNCTION @extschema@.tacl_permissions(user_id text, tenant "any")
RETURNS TABLE (pattern text, effect text) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_permissions(text, "any") IS 'What the user may do in the tenant, as patterns';
CREATE FUNCTION @extschema@.tacl_permissions(user_id "any", tenant text)
RETURNS TABLE (pattern text, effect text) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_permissions("any", text) IS 'What the user may do in the tenant, as patterns';
CREATE FUNCTION @extschema@.tacl_permissions(user_id "any", tenant "any")
RETURNS TABLE (pattern text, effect text) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_permissions("any", "any") IS 'What the user may do in the tenant, as patterns';
CREATE FUNCTION @extschema@.tacl_permissions(user_id text)
RETURNS TABLE (pattern text, effect text) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_permissions(text) IS 'What the user may do in the active tenant, as patterns';
CREATE FUNCTION @extschema@.tacl_permissions(user_id "any")
RETURNS TABLE (pattern text, effect text) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_permissions("any") IS 'What the user may do in the active tenant, as patterns';

CREATE FUNCTION @extschema@.tacl_explain(user_id text, permission text, tenant text)
RETURNS TABLE (kind text, role text, defined_at text, pattern text, effect text, assigned_at text,
    through_group text, through_role text, starts_at timestamp with time zone, expires_at timestamp with time zone,
    cut_by text, decided boolean, reason text) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_explain(text, text, text) IS 'Why the user may or may not do this in the tenant';
CREATE FUNCTION @extschema@.tacl_explain(user_id text, permission text, tenant "any")
RETURNS TABLE (kind text, role text, defined_at text, pattern text, effect text, assigned_at text,
    through_group text, through_role text, starts_at timestamp with time zone, expires_at timestamp with time zone,
    cut_by text, decided boolean, reason text) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_explain(text, text, "any") IS 'Why the user may or may not do this in the tenant';
CREATE FUNCTION @extschema@.tacl_explain(user_id "any", permission text, tenant text)
RETURNS TABLE (kind text, role text, defined_at text, pattern text, effect text, assigned_at text,
    through_group text, through_role text, starts_at timestamp with time zone, expires_at timestamp with time zone,
    cut_by text, decided boolean, reason text) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_explain("any", text, text) IS 'Why the user may or may not do this in the tenant';
CREATE FUNCTION @extschema@.tacl_explain(user_id "any", permission text, tenant "any")
RETURNS TABLE (kind text, role text, defined_at text, pattern text, effect text, assigned_at text,
    through_group text, through_role text, starts_at timestamp with time zone, expires_at timestamp with time zone,
    cut_by text, decided boolean, reason text) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_explain("any", text, "any") IS 'Why the user may or may not do this in the tenant';
CREATE FUNCTION @extschema@.tacl_explain(user_id text, permission text)
RETURNS TABLE (kind text, role text, defined_at text, pattern text, effect text, assigned_at text,
    through_group text, through_role text, starts_at timestamp with time zone, expires_at timestamp with time zone,
    cut_by text, decided boolean, reason text) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_explain(text, text) IS 'Why the user may or may not do this in the active tenant';
CREATE FUNCTION @extschema@.tacl_explain(user_id "any", permission text)
RETURNS TABLE (kind text, role text, defined_at text, pattern text, effect text, assigned_at text,
    through_group text, through_role text, starts_at timestamp with time zone, expires_at timestamp with time zone,
    cut_by text, decided boolean, reason text) LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_explain("any", text) IS 'Why the user may or may not do this in the active tenant';

CREATE FUNCTION @extschema@.tacl_role_permissions(role text, tenant text DEFAULT '*')
RETURNS TABLE (from_role text, defined_at text, pattern text, effect text)
LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_role_permissions(text, text) IS 'What a role holds: its own patterns, then those of the roles it includes';
CREATE FUNCTION @extschema@.tacl_role_permissions(role text, tenant "any")
RETURNS TABLE (from_role text, defined_at text, pattern text, effect text)
LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_role_permissions(text, "any") IS 'What a role holds: its own patterns, then those of the roles it includes';
CREATE FUNCTION @extschema@.tacl_tenant_roles(tenant text)
RETURNS TABLE (role text, defined_at text, permissions text[], includes text[], description text)
LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_tenant_roles(text) IS 'The roles that can be assigned at the tenant; of several of one name the nearest';
CREATE FUNCTION @extschema@.tacl_tenant_roles(tenant "any")
RETURNS TABLE (role text, defined_at text, permissions text[], includes text[], description text)
LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_tenant_roles("any") IS 'The roles that can be assigned at the tenant; of several of one name the nearest';
CREATE FUNCTION @extschema@.tacl_matrix(tenant text DEFAULT '*')
RETURNS TABLE (role text, permission text, effect text, pattern text)
LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_matrix(text) IS 'What each role of the tenant says about each permission, and by which pattern';
CREATE FUNCTION @extschema@.tacl_matrix(tenant "any")
RETURNS TABLE (role text, permission text, effect text, pattern text)
LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_matrix("any") IS 'What each role of the tenant says about each permission, and by which pattern';
CREATE FUNCTION @extschema@.tacl_graph(tenant text DEFAULT '*')
RETURNS text
LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_graph(text) IS 'The tenant and all below it, with roles, groups and who has what, as a Mermaid flowchart';
CREATE FUNCTION @extschema@.tacl_graph(tenant "any")
RETURNS text
LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_graph("any") IS 'The tenant and all below it, with roles, groups and who has what, as a Mermaid flowchart';

--
-- Preferences, and claims for a token
--

CREATE FUNCTION @extschema@.tacl_set_primary(user_id text, tenant text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_set_primary(text, text) IS 'Sets the tenant that the user calls their own; NULL for none';
CREATE FUNCTION @extschema@.tacl_set_primary(user_id text, tenant "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_set_primary(text, "any") IS 'Sets the tenant that the user calls their own; NULL for none';
CREATE FUNCTION @extschema@.tacl_set_primary(user_id "any", tenant text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_set_primary("any", text) IS 'Sets the tenant that the user calls their own; NULL for none';
CREATE FUNCTION @extschema@.tacl_set_primary(user_id "any", tenant "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_set_primary("any", "any") IS 'Sets the tenant that the user calls their own; NULL for none';

CREATE FUNCTION @extschema@.tacl_remember_tenant(user_id text, tenant text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_remember_tenant(text, text) IS 'Sets the tenant that the user was last active in; NULL for none';
CREATE FUNCTION @extschema@.tacl_remember_tenant(user_id text, tenant "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_remember_tenant(text, "any") IS 'Sets the tenant that the user was last active in; NULL for none';
CREATE FUNCTION @extschema@.tacl_remember_tenant(user_id "any", tenant text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_remember_tenant("any", text) IS 'Sets the tenant that the user was last active in; NULL for none';
CREATE FUNCTION @extschema@.tacl_remember_tenant(user_id "any", tenant "any")
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_remember_tenant("any", "any") IS 'Sets the tenant that the user was last active in; NULL for none';

CREATE FUNCTION @extschema@.tacl_claims(user_id text)
RETURNS jsonb LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_claims(text) IS 'What a token may say about the user, where they begin';
CREATE FUNCTION @extschema@.tacl_claims(user_id "any")
RETURNS jsonb LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_claims("any") IS 'What a token may say about the user, where they begin';
CREATE FUNCTION @extschema@.tacl_claims(user_id text, tenant text, max_tenants integer DEFAULT 50)
RETURNS jsonb LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_claims(text, text, integer) IS 'What a token may say about the user in the tenant';
CREATE FUNCTION @extschema@.tacl_claims(user_id text, tenant "any", max_tenants integer DEFAULT 50)
RETURNS jsonb LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_claims(text, "any", integer) IS 'What a token may say about the user in the tenant';
CREATE FUNCTION @extschema@.tacl_claims(user_id "any", tenant text, max_tenants integer DEFAULT 50)
RETURNS jsonb LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_claims("any", text, integer) IS 'What a token may say about the user in the tenant';
CREATE FUNCTION @extschema@.tacl_claims(user_id "any", tenant "any", max_tenants integer DEFAULT 50)
RETURNS jsonb LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_claims("any", "any", integer) IS 'What a token may say about the user in the tenant';

--
-- Tables: tacl_protect() and what its policies call. These are not in schema
-- tacl, because whoever owns a table must be able to name them.
--

CREATE FUNCTION tacl.plan_policy(internal)
RETURNS internal LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tacl_plan_policy';
COMMENT ON FUNCTION tacl.plan_policy(internal) IS 'Planner support of tacl_protected() and tacl_reads_only()';

CREATE FUNCTION @extschema@.tacl_protected(condition boolean)
RETURNS boolean LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT tacl.plan_policy AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_protected(boolean) IS 'True, and does not evaluate its argument: a policy that calls it is dropped with all that the argument depends on';
CREATE FUNCTION @extschema@.tacl_reads_only()
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE SUPPORT tacl.plan_policy AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_reads_only() IS 'In a policy: does the query only read, without locking rows?';
CREATE FUNCTION @extschema@.tacl_guard_move()
RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_guard_move() IS 'Trigger: keeps an UPDATE from moving a row to a tenant where it could not be inserted';

CREATE FUNCTION @extschema@.tacl_protect(relation regclass, tenant_column name, resource text,
    scope text DEFAULT 'active', view_permission text DEFAULT NULL, create_permission text DEFAULT NULL,
    update_permission text DEFAULT NULL, delete_permission text DEFAULT NULL, to_roles name[] DEFAULT '{public}',
    exempt_roles name[] DEFAULT '{}', force boolean DEFAULT true, base boolean DEFAULT true)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_protect(regclass, name, text, text, text, text, text, text, name[], name[], boolean, boolean) IS 'Row-level security for a table by the tenant of each row';
CREATE FUNCTION @extschema@.tacl_protect_child(relation regclass, foreign_key_column name,
    force boolean DEFAULT true, base boolean DEFAULT true)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_protect_child(regclass, name, boolean, boolean) IS 'Row-level security for a table by the row of another table that each row refers to';
CREATE FUNCTION @extschema@.tacl_unprotect(relation regclass)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_unprotect(regclass) IS 'Takes away what tacl_protect() and tacl_protect_child() made for the table';

--
-- Export and apply
--

CREATE FUNCTION @extschema@.tacl_export(tenant text DEFAULT '*')
RETURNS SETOF jsonb LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_export(text) IS 'All that is defined and assigned, one document per object; of a tenant and what is below it, or everything';
CREATE FUNCTION @extschema@.tacl_export(tenant "any")
RETURNS SETOF jsonb LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_export("any") IS 'All that is defined and assigned, one document per object; of a tenant and what is below it, or everything';
CREATE FUNCTION @extschema@.tacl_apply(document jsonb, dry_run boolean DEFAULT false)
RETURNS TABLE (operation text, object text, before jsonb, after jsonb) LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_apply(jsonb, boolean) IS 'Makes the sections that the document names equal to it, and returns what differed; a dry run only returns it';

--
-- Run
--

CREATE FUNCTION @extschema@.tacl_stats(OUT hits bigint, OUT misses bigint, OUT builds bigint, OUT retries bigint,
    OUT flushes bigint, OUT entries bigint, OUT bytes bigint)
RETURNS record LANGUAGE C AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION @extschema@.tacl_stats() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.tacl_stats() IS 'What the cache of this session did since its start, and what it holds';
CREATE FUNCTION @extschema@.tacl_flush()
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION @extschema@.tacl_flush() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.tacl_flush() IS 'Makes all sessions forget what they have cached';
