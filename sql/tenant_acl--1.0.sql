\echo Use "CREATE EXTENSION tenant_acl" to load this file. \quit

-- The tables live in a schema of their own; the functions in the schema that
-- CREATE EXTENSION is given. All is parsed here and now, where no bare name can
-- mean anything but what is in pg_catalog, and nothing depends on the search_path
-- of who calls.
--
-- What generated policies and triggers call is in the schema of the tables as
-- well. Where others may create functions, one with just the arguments of a
-- call would be preferred, at the latest when a dump is restored. So everybody
-- may name what is in that schema, and nobody may create anything.

SET LOCAL search_path TO pg_catalog, pg_temp;

CREATE SCHEMA tacl;
GRANT USAGE ON SCHEMA tacl TO PUBLIC;
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
    user_claim text, tenant_claim text, leeway integer, retires_at timestamp with time zone)
RETURNS boolean LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'tacl_check_key';
COMMENT ON FUNCTION tacl.check_key(text, text, tacl.key_material, text, text, text, text, integer, timestamp with time zone) IS 'True for a key that tokens can be verified with, else error 22023 or 22004';

--
-- Tables
--

CREATE TABLE tacl.tenant (
    id               text COLLATE "C" NOT NULL,
    parent           text COLLATE "C",
    ceiling          text[] COLLATE "C",
    suspended_at     timestamp with time zone,
    suspension_keeps text[] COLLATE "C",
    suspended_by     text COLLATE "C",
    created_at       timestamp with time zone NOT NULL DEFAULT pg_catalog.now(),
    CONSTRAINT tenant_pkey PRIMARY KEY (id),
    CONSTRAINT tenant_parent_fkey FOREIGN KEY (parent) REFERENCES tacl.tenant (id),
    CONSTRAINT tenant_id_check CHECK (tacl.check_name(id)),
    CONSTRAINT tenant_root_check CHECK ((id OPERATOR(pg_catalog.=) '*') OPERATOR(pg_catalog.=) (parent IS NULL)),
    CONSTRAINT tenant_root_is_free_check CHECK (parent IS NOT NULL OR (ceiling IS NULL AND suspended_at IS NULL)),
    CONSTRAINT tenant_ceiling_check CHECK (tacl.check_allows(ceiling)),
    CONSTRAINT tenant_keeps_check CHECK (tacl.check_allows(suspension_keeps)),
    CONSTRAINT tenant_suspension_check CHECK ((suspended_at IS NULL) OPERATOR(pg_catalog.=) (suspension_keeps IS NULL)),
    CONSTRAINT tenant_suspended_by_check CHECK (tacl.check_name(suspended_by) AND (suspended_by IS NULL OR suspended_at IS NOT NULL)),
    CONSTRAINT tenant_finite_check CHECK (pg_catalog.isfinite(suspended_at))
);
CREATE INDEX tenant_parent_idx ON tacl.tenant (parent);
COMMENT ON TABLE tacl.tenant IS 'The tree of tenants under the root *';
COMMENT ON COLUMN tacl.tenant.ceiling IS 'What is assigned here or below is worth nothing beyond these patterns; NULL for no limit';
COMMENT ON COLUMN tacl.tenant.suspended_at IS 'Since when the tenant is suspended; NULL if it is not';
COMMENT ON COLUMN tacl.tenant.suspension_keeps IS 'The patterns that still count while the tenant is suspended';
COMMENT ON COLUMN tacl.tenant.suspended_by IS 'The user who suspended it by delegated administration; NULL for the operator';

-- The root, before there are triggers.
INSERT INTO tacl.tenant (id) VALUES ('*');

CREATE TABLE tacl.role (
    id          bigint GENERATED BY DEFAULT AS IDENTITY,
    tenant      text COLLATE "C" NOT NULL,
    name        text COLLATE "C" NOT NULL,
    permissions text[] COLLATE "C" NOT NULL,
    description text,
    defined_by  text COLLATE "C",
    CONSTRAINT role_pkey PRIMARY KEY (id),
    CONSTRAINT role_id_check CHECK (id OPERATOR(pg_catalog.>) 0),
    CONSTRAINT role_tenant_name_key UNIQUE (tenant, name),
    CONSTRAINT role_tenant_fkey FOREIGN KEY (tenant) REFERENCES tacl.tenant (id),
    CONSTRAINT role_name_check CHECK (tacl.check_name(name)),
    CONSTRAINT role_permissions_check CHECK (tacl.check_patterns(permissions)),
    CONSTRAINT role_defined_by_check CHECK (tacl.check_name(defined_by))
);
COMMENT ON TABLE tacl.role IS 'Named sets of permission patterns, for the tenant that defines them and its descendants';
COMMENT ON COLUMN tacl.role.defined_by IS 'The user who defined it last by delegated administration; NULL for the operator';

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
    added_by text COLLATE "C",
    CONSTRAINT group_member_pkey PRIMARY KEY (user_id, group_id),
    CONSTRAINT group_member_group_fkey FOREIGN KEY (group_id) REFERENCES tacl.user_group (id) ON DELETE CASCADE,
    CONSTRAINT group_member_user_check CHECK (tacl.check_name(user_id)),
    CONSTRAINT group_member_added_by_check CHECK (tacl.check_name(added_by))
);
CREATE INDEX group_member_group_idx ON tacl.group_member (group_id);
COMMENT ON TABLE tacl.group_member IS 'Which user is in which group';
COMMENT ON COLUMN tacl.group_member.added_by IS 'The user who added them by delegated administration; NULL for the operator';

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
    assigned_by text COLLATE "C",
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
    CONSTRAINT assignment_assigned_by_check CHECK (tacl.check_name(assigned_by)),
    CONSTRAINT assignment_validity_check CHECK (starts_at OPERATOR(pg_catalog.<) expires_at),
    CONSTRAINT assignment_finite_check CHECK (pg_catalog.isfinite(starts_at) AND pg_catalog.isfinite(expires_at))
);
CREATE INDEX assignment_tenant_idx ON tacl.assignment (tenant, role_id, pattern);
CREATE INDEX assignment_role_idx ON tacl.assignment (role_id) WHERE role_id IS NOT NULL;
CREATE INDEX assignment_group_idx ON tacl.assignment (group_id) WHERE group_id IS NOT NULL;
COMMENT ON TABLE tacl.assignment IS 'Who has which role, or which pattern directly, at which tenant and its descendants';
COMMENT ON COLUMN tacl.assignment.starts_at IS 'In force from here on; NULL for from ever';
COMMENT ON COLUMN tacl.assignment.expires_at IS 'In force before this; NULL for never expiring';
COMMENT ON COLUMN tacl.assignment.assigned_by IS 'The user who made or changed it last by delegated administration; NULL for the operator';

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
    retires_at   timestamp with time zone,
    CONSTRAINT key_pkey PRIMARY KEY (kid),
    CONSTRAINT key_check CHECK (tacl.check_key(kid, algorithm, material, issuer, audience, user_claim, tenant_claim, leeway, retires_at))
);
COMMENT ON TABLE tacl.key IS 'Keys that tokens are verified with, and what each demands of its tokens';
COMMENT ON COLUMN tacl.key.issuer IS 'What the claim iss must be; NULL for anything';
COMMENT ON COLUMN tacl.key.audience IS 'What the claim aud must name; NULL for anything';
COMMENT ON COLUMN tacl.key.user_claim IS 'The claim that is the user';
COMMENT ON COLUMN tacl.key.tenant_claim IS 'The claim that is the tenant where no setting says one';
COMMENT ON COLUMN tacl.key.leeway IS 'How far clocks may differ, in seconds';
COMMENT ON COLUMN tacl.key.retires_at IS 'From here on its tokens are worth nothing, and none is signed; NULL for never';

-- What was changed, by whom. Only triggers write to it; see src/audit.c.
CREATE TABLE tacl.audit (
    id               bigint GENERATED BY DEFAULT AS IDENTITY,
    at               timestamp with time zone NOT NULL,
    user_id          text COLLATE "C",
    actor            text COLLATE "C",
    database_role    text COLLATE "C" NOT NULL,
    login_role       text COLLATE "C" NOT NULL,
    client_addr      text COLLATE "C",
    application_name text,
    transaction_id   bigint NOT NULL,
    operation        text COLLATE "C" NOT NULL,
    object           text COLLATE "C" NOT NULL,
    subject          text COLLATE "C",
    tenant           text COLLATE "C",
    before           jsonb,
    after            jsonb,
    reason           text,
    CONSTRAINT audit_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_subject_idx ON tacl.audit (subject);
CREATE INDEX audit_tenant_idx ON tacl.audit (tenant, at);
COMMENT ON TABLE tacl.audit IS 'What was changed, when and by whom: one record for each row';
CREATE SEQUENCE tacl.recorded;
COMMENT ON SEQUENCE tacl.recorded IS 'Begins when something is recorded in this database: it is in no dump, and is what tells a restore from a change';
COMMENT ON COLUMN tacl.audit.at IS 'The time of the change, not of the COMMIT';
COMMENT ON COLUMN tacl.audit.user_id IS 'The user of the session; NULL for a change without one';
COMMENT ON COLUMN tacl.audit.actor IS 'Who acted for the user, as the token says';
COMMENT ON COLUMN tacl.audit.database_role IS 'The database role that the session acted as (SET ROLE)';
COMMENT ON COLUMN tacl.audit.login_role IS 'The database role that the session belongs to';
COMMENT ON COLUMN tacl.audit.client_addr IS 'NULL for a Unix socket';
COMMENT ON COLUMN tacl.audit.operation IS 'INSERT, UPDATE, DELETE, TRUNCATE or PURGE';
COMMENT ON COLUMN tacl.audit.object IS 'The table in schema tacl';
COMMENT ON COLUMN tacl.audit.subject IS 'The user that the row is about, else the id or name of what it is about';
COMMENT ON COLUMN tacl.audit.tenant IS 'The tenant that the row belongs to; NULL for none';
COMMENT ON COLUMN tacl.audit.before IS 'The row before, without columns that are NULL; NULL if there was none';
COMMENT ON COLUMN tacl.audit.after IS 'The row after; NULL if there is none any more';
COMMENT ON COLUMN tacl.audit.reason IS 'The setting tacl.reason';

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

CREATE FUNCTION tacl.guard_cascade()
RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'tacl_guard_cascade';
REVOKE ALL ON FUNCTION tacl.guard_cascade() FROM PUBLIC;
COMMENT ON FUNCTION tacl.guard_cascade() IS 'Trigger: keeps others'' triggers from running as the owner in a cascade';

CREATE FUNCTION tacl.guard_suspension()
RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'tacl_guard_suspension';
REVOKE ALL ON FUNCTION tacl.guard_suspension() FROM PUBLIC;
COMMENT ON FUNCTION tacl.guard_suspension() IS 'Trigger: a user''s suspension that somebody else changes is the operator''s';

-- Triggers fire in the order of their names: before the foreign keys', "RI_...".
CREATE TRIGGER "GUARD_CASCADE" AFTER DELETE ON tacl.role
    FOR EACH ROW EXECUTE FUNCTION tacl.guard_cascade();
CREATE TRIGGER "GUARD_CASCADE" AFTER DELETE ON tacl.user_group
    FOR EACH ROW EXECUTE FUNCTION tacl.guard_cascade();

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
CREATE TRIGGER guard_suspension BEFORE UPDATE ON tacl.tenant
    FOR EACH ROW WHEN (NEW.suspended_by OPERATOR(pg_catalog.=) OLD.suspended_by
                       AND (NEW.suspended_at OPERATOR(pg_catalog.<>) OLD.suspended_at
                            OR NEW.suspension_keeps OPERATOR(pg_catalog.<>) OLD.suspension_keeps))
    EXECUTE FUNCTION tacl.guard_suspension();
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON tacl.tenant
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.guard_truncate();

--
-- Audit: ordinary triggers, so that replica role, logical replication apply
-- and what a dump restores repeat no record
--

CREATE FUNCTION tacl.audit_row()
RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'tacl_audit_row';
REVOKE ALL ON FUNCTION tacl.audit_row() FROM PUBLIC;
COMMENT ON FUNCTION tacl.audit_row() IS 'Trigger: records the change of a row';

CREATE FUNCTION tacl.audit_truncate()
RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'tacl_audit_truncate';
REVOKE ALL ON FUNCTION tacl.audit_truncate() FROM PUBLIC;
COMMENT ON FUNCTION tacl.audit_truncate() IS 'Trigger: records each row that TRUNCATE removes';

CREATE FUNCTION tacl.audit_guard()
RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'tacl_audit_guard';
REVOKE ALL ON FUNCTION tacl.audit_guard() FROM PUBLIC;
COMMENT ON FUNCTION tacl.audit_guard() IS 'Trigger: lets nobody but the owner and superusers write to the audit, whatever was granted';

CREATE TRIGGER audit_row AFTER INSERT OR UPDATE OR DELETE ON tacl.tenant
    FOR EACH ROW EXECUTE FUNCTION tacl.audit_row();
CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON tacl.tenant
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.audit_truncate();
CREATE TRIGGER audit_row AFTER INSERT OR UPDATE OR DELETE ON tacl.role
    FOR EACH ROW EXECUTE FUNCTION tacl.audit_row();
CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON tacl.role
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.audit_truncate();
CREATE TRIGGER audit_row AFTER INSERT OR UPDATE OR DELETE ON tacl.role_include
    FOR EACH ROW EXECUTE FUNCTION tacl.audit_row();
CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON tacl.role_include
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.audit_truncate();
CREATE TRIGGER audit_row AFTER INSERT OR UPDATE OR DELETE ON tacl.user_account
    FOR EACH ROW EXECUTE FUNCTION tacl.audit_row();
CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON tacl.user_account
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.audit_truncate();
CREATE TRIGGER audit_row AFTER INSERT OR UPDATE OR DELETE ON tacl.user_group
    FOR EACH ROW EXECUTE FUNCTION tacl.audit_row();
CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON tacl.user_group
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.audit_truncate();
CREATE TRIGGER audit_row AFTER INSERT OR UPDATE OR DELETE ON tacl.group_member
    FOR EACH ROW EXECUTE FUNCTION tacl.audit_row();
CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON tacl.group_member
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.audit_truncate();
CREATE TRIGGER audit_row AFTER INSERT OR UPDATE OR DELETE ON tacl.group_include
    FOR EACH ROW EXECUTE FUNCTION tacl.audit_row();
CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON tacl.group_include
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.audit_truncate();
CREATE TRIGGER audit_row AFTER INSERT OR UPDATE OR DELETE ON tacl.assignment
    FOR EACH ROW EXECUTE FUNCTION tacl.audit_row();
CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON tacl.assignment
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.audit_truncate();
CREATE TRIGGER audit_row AFTER INSERT OR UPDATE OR DELETE ON tacl.permission
    FOR EACH ROW EXECUTE FUNCTION tacl.audit_row();
CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON tacl.permission
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.audit_truncate();
CREATE TRIGGER audit_row AFTER INSERT OR UPDATE OR DELETE ON tacl.key
    FOR EACH ROW EXECUTE FUNCTION tacl.audit_row();
CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON tacl.key
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.audit_truncate();
CREATE TRIGGER audit_guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON tacl.audit
    FOR EACH STATEMENT EXECUTE FUNCTION tacl.audit_guard();

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
SELECT pg_catalog.pg_extension_config_dump('tacl.audit', '');
SELECT pg_catalog.pg_extension_config_dump('tacl.role_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('tacl.user_group_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('tacl.assignment_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('tacl.audit_id_seq', '');

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

CREATE FUNCTION tacl.setting(name text)
RETURNS text LANGUAGE C STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tacl_setting';
COMMENT ON FUNCTION tacl.setting(text) IS 'current_setting(name, true), for each row of a policy; put in its place by plans';

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

-- To estimate, the planner would call a function whose arguments are known, and
-- keep a plan for whoever is in the session then. It does not call one that
-- returns a record, so that what depends on one stays unknown.
CREATE FUNCTION tacl.at_execution()
RETURNS record LANGUAGE C STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'tacl_at_execution';
COMMENT ON FUNCTION tacl.at_execution() IS 'NULL, which the planner does not know';

CREATE FUNCTION @extschema@.tacl_active_tenant(permission text, type anyelement, moment record DEFAULT tacl.at_execution())
RETURNS anyelement LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_active_tenant(text, anyelement, record) IS 'The active tenant in the type of NULL::type, if the user of the session may do this there; else NULL';

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

CREATE FUNCTION @extschema@.tacl_switch()
RETURNS text LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_switch() IS 'Goes to the tenant where the user of the session was last, else to their primary one, for the transaction';
CREATE FUNCTION @extschema@.tacl_switch(tenant text, remember boolean DEFAULT false)
RETURNS text LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_switch(text, boolean) IS 'Makes it the active tenant for the transaction if the user of the session has anything there, else error 42501';
CREATE FUNCTION @extschema@.tacl_switch(tenant "any", remember boolean DEFAULT false)
RETURNS text LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_switch("any", boolean) IS 'Makes it the active tenant for the transaction if the user of the session has anything there, else error 42501';

--
-- Keys and tokens
--

CREATE FUNCTION @extschema@.tacl_add_key(kid text, algorithm text, key text, issuer text DEFAULT NULL,
    audience text DEFAULT NULL, user_claim text DEFAULT 'sub', tenant_claim text DEFAULT 'org_id', leeway integer DEFAULT 0)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_add_key(text, text, text, text, text, text, text, integer) IS 'Adds or replaces a key that tokens are verified with: a secret, PEM, JWK or JWKS';
CREATE FUNCTION @extschema@.tacl_drop_key(kid text, retires_at timestamp with time zone DEFAULT NULL)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_drop_key(text, timestamp with time zone) IS 'Drops a key, now or by letting it retire at a time: its tokens are worth nothing any more';

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
-- Tables: tacl_protect(), and what its policies and triggers call
--

CREATE FUNCTION tacl.plan_policy(internal)
RETURNS internal LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tacl_plan_policy';
COMMENT ON FUNCTION tacl.plan_policy(internal) IS 'Planner support of tacl_protected() and tacl_reads_only()';

CREATE FUNCTION tacl.tacl_may(permission text, tenant text)
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 SUPPORT tacl.plan_support AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tacl.tacl_may(text, text) IS 'In generated policies: may the user of the session do this in the tenant?';
CREATE FUNCTION tacl.tacl_may(permission text, tenant "any")
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE COST 10 SUPPORT tacl.plan_support AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tacl.tacl_may(text, "any") IS 'In generated policies: may the user of the session do this in the tenant?';
CREATE FUNCTION tacl.tacl_active_tenant(permission text, type anyelement, moment record DEFAULT tacl.at_execution())
RETURNS anyelement LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tacl.tacl_active_tenant(text, anyelement, record) IS 'In generated policies: the active tenant in the type of NULL::type, if the user of the session may do this there; else NULL';
CREATE FUNCTION tacl.tacl_protected(condition boolean)
RETURNS boolean LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT tacl.plan_policy AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tacl.tacl_protected(boolean) IS 'True, and does not evaluate its argument: a policy that calls it is dropped with all that the argument depends on';
CREATE FUNCTION tacl.tacl_reads_only()
RETURNS boolean LANGUAGE C STABLE PARALLEL SAFE SUPPORT tacl.plan_policy AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tacl.tacl_reads_only() IS 'In a policy: does the query only read, without locking rows?';
CREATE FUNCTION tacl.tacl_guard_move()
RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tacl.tacl_guard_move() IS 'Trigger: keeps an UPDATE from moving a row to a tenant where it could not be inserted';

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
-- Audit: what was changed, and what was so at some time
--

CREATE FUNCTION tacl.past_rows(object text, subject text, moment timestamp with time zone)
RETURNS TABLE (past jsonb) LANGUAGE sql STABLE PARALLEL RESTRICTED
BEGIN ATOMIC
    WITH changed (key, past) AS MATERIALIZED (
        SELECT DISTINCT ON (k.key) k.key, a.before
        FROM tacl.audit AS a
        CROSS JOIN LATERAL (
            SELECT coalesce(a.after, a.before) ->> CASE past_rows.object WHEN 'assignment' THEN 'id'
                                                                         WHEN 'role_include' THEN 'included_id'
                                                                         ELSE 'group_id' END) AS k (key)
        WHERE a.subject = past_rows.subject AND a.object = past_rows.object AND a.at > past_rows.moment
        ORDER BY k.key, a.id),
    present (key, entry) AS (
        SELECT NULL, to_jsonb(x)
        FROM (SELECT t.id, t.parent, t.ceiling, t.suspended_at, t.suspension_keeps
              FROM tacl.tenant AS t WHERE past_rows.object = 'tenant' AND t.id = past_rows.subject) AS x
        UNION ALL
        SELECT NULL, to_jsonb(x)
        FROM (SELECT r.id, r.tenant, r.name, r.permissions
              FROM tacl.role AS r WHERE r.id = CASE past_rows.object WHEN 'role' THEN past_rows.subject::bigint END) AS x
        UNION ALL
        SELECT i.included_id::text, jsonb_build_object('included_id', i.included_id)
        FROM tacl.role_include AS i
        WHERE i.role_id = CASE past_rows.object WHEN 'role_include' THEN past_rows.subject::bigint END
        UNION ALL
        SELECT NULL, jsonb_build_object('disabled_at', u.disabled_at)
        FROM tacl.user_account AS u WHERE past_rows.object = 'user_account' AND u.user_id = past_rows.subject
        UNION ALL
        SELECT NULL, to_jsonb(x)
        FROM (SELECT g.id, g.tenant, g.name
              FROM tacl.user_group AS g WHERE g.id = CASE past_rows.object WHEN 'user_group' THEN past_rows.subject::bigint END) AS x
        UNION ALL
        SELECT m.group_id::text, jsonb_build_object('group_id', m.group_id)
        FROM tacl.group_member AS m WHERE past_rows.object = 'group_member' AND m.user_id = past_rows.subject
        UNION ALL
        SELECT i.group_id::text, jsonb_build_object('group_id', i.group_id)
        FROM tacl.group_include AS i
        WHERE i.included_id = CASE past_rows.object WHEN 'group_include' THEN past_rows.subject::bigint END
        UNION ALL
        SELECT x.id::text, to_jsonb(x)
        FROM (SELECT a.id, a.user_id, a.group_id, a.tenant, a.role_id, a.pattern, a.starts_at, a.expires_at
              FROM tacl.assignment AS a WHERE past_rows.object = 'assignment' AND a.user_id = past_rows.subject
              UNION ALL
              SELECT a.id, a.user_id, a.group_id, a.tenant, a.role_id, a.pattern, a.starts_at, a.expires_at
              FROM tacl.assignment AS a
              WHERE a.group_id = CASE WHEN past_rows.object = 'assignment' AND past_rows.subject ~ '^[0-9]{1,18}$'
                                      THEN past_rows.subject::bigint END) AS x)
    SELECT c.past FROM changed AS c WHERE c.past IS NOT NULL
    UNION ALL
    SELECT p.entry FROM present AS p WHERE NOT EXISTS (SELECT FROM changed AS c WHERE c.key IS NOT DISTINCT FROM p.key);
END;
REVOKE ALL ON FUNCTION tacl.past_rows(text, text, timestamp with time zone) FROM PUBLIC;
COMMENT ON FUNCTION tacl.past_rows(text, text, timestamp with time zone) IS 'A subject''s rows as they were: before the first change since, or as they are';

-- Decides as src/decide.c does, and tells as src/explain.c does
CREATE FUNCTION tacl.past_answer(user_id text, permission text, tenant text, moment timestamp with time zone)
RETURNS TABLE (kind text, role text, defined_at text, pattern text, effect text, assigned_at text,
               through_group text, through_role text, starts_at timestamp with time zone, expires_at timestamp with time zone,
               cut_by text, decided boolean, reason text)
LANGUAGE sql STABLE PARALLEL RESTRICTED
BEGIN ATOMIC
    WITH RECURSIVE
    -- The tenant and those above
    chain (id, parent, ceiling, keeps, step) AS (
        SELECT t.id, t.parent, t.ceiling, CASE WHEN t.suspended_at IS NOT NULL THEN t.suspension_keeps END, 0
        FROM tacl.past_rows('tenant', past_answer.tenant, past_answer.moment) AS p
        CROSS JOIN LATERAL jsonb_to_record(p.past)
            AS t (id text, parent text, ceiling text[], suspended_at timestamp with time zone, suspension_keeps text[])
        UNION ALL
        SELECT t.id, t.parent, t.ceiling, CASE WHEN t.suspended_at IS NOT NULL THEN t.suspension_keeps END, c.step + 1
        FROM chain AS c
        CROSS JOIN LATERAL tacl.past_rows('tenant', c.parent, past_answer.moment) AS p
        CROSS JOIN LATERAL jsonb_to_record(p.past)
            AS t (id text, parent text, ceiling text[], suspended_at timestamp with time zone, suspension_keeps text[])
        WHERE c.step < 1000),
    -- Those that leave the permission out
    cut (step, name, text) AS (
        SELECT c.step, x.kind || ' of ' || c.id,
               CASE x.kind WHEN 'suspension' THEN format('tenant %s was suspended', c.id)
                           ELSE format('the ceiling of tenant %s left out %s', c.id, past_answer.permission) END
        FROM chain AS c
        CROSS JOIN LATERAL (VALUES ('suspension', c.keeps), ('ceiling', c.ceiling)) AS x (kind, patterns)
        WHERE x.patterns IS NOT NULL
        AND NOT EXISTS (SELECT FROM unnest(x.patterns) AS p (pattern)
                        WHERE tacl.pattern_matches(p.pattern, past_answer.permission))),
    -- The user's groups
    crew (id, tenant, name) AS (
        SELECT g.id, g.tenant, g.name
        FROM tacl.past_rows('group_member', past_answer.user_id, past_answer.moment) AS m
        CROSS JOIN LATERAL tacl.past_rows('user_group', m.past ->> 'group_id', past_answer.moment) AS p
        CROSS JOIN LATERAL jsonb_to_record(p.past) AS g (id bigint, tenant text, name text)
        UNION
        SELECT g.id, g.tenant, g.name
        FROM crew AS c
        CROSS JOIN LATERAL tacl.past_rows('group_include', c.id::text, past_answer.moment) AS i
        CROSS JOIN LATERAL tacl.past_rows('user_group', i.past ->> 'group_id', past_answer.moment) AS p
        CROSS JOIN LATERAL jsonb_to_record(p.past) AS g (id bigint, tenant text, name text)),
    -- What was assigned to them at these tenants
    holding (id, step, assigned_at, role_id, pattern, starts_at, expires_at, group_name, group_tenant) AS (
        SELECT a.id, c.step, a.tenant, a.role_id, a.pattern, a.starts_at, a.expires_at, s.name, s.tenant
        FROM (SELECT past_answer.user_id, NULL::bigint, NULL::text, NULL::text
              UNION ALL
              SELECT crew.id::text, crew.id, crew.name, crew.tenant FROM crew) AS s (subject, group_id, name, tenant)
        CROSS JOIN LATERAL tacl.past_rows('assignment', s.subject, past_answer.moment) AS p
        CROSS JOIN LATERAL jsonb_to_record(p.past)
            AS a (id bigint, group_id bigint, tenant text, role_id bigint, pattern text,
                  starts_at timestamp with time zone, expires_at timestamp with time zone)
        JOIN chain AS c ON c.id = a.tenant
        WHERE a.group_id IS NOT DISTINCT FROM s.group_id),
    -- Its roles with what they include
    part (role_id, id, name, tenant, permissions) AS (
        SELECT r.id, r.id, r.name, r.tenant, r.permissions
        FROM (SELECT DISTINCT h.role_id FROM holding AS h) AS h
        CROSS JOIN LATERAL tacl.past_rows('role', h.role_id::text, past_answer.moment) AS p
        CROSS JOIN LATERAL jsonb_to_record(p.past) AS r (id bigint, tenant text, name text, permissions text[])
        UNION
        SELECT c.role_id, r.id, r.name, r.tenant, r.permissions
        FROM part AS c
        CROSS JOIN LATERAL tacl.past_rows('role_include', c.id::text, past_answer.moment) AS i
        CROSS JOIN LATERAL tacl.past_rows('role', i.past ->> 'included_id', past_answer.moment) AS p
        CROSS JOIN LATERAL jsonb_to_record(p.past) AS r (id bigint, tenant text, name text, permissions text[])),
    -- The pattern of each that speaks: a deny before an allow, the role's own before included ones
    voice (role_id, pattern, through_role) AS (
        SELECT DISTINCT ON (c.role_id) c.role_id, p.pattern, CASE WHEN c.id <> c.role_id THEN c.name END
        FROM part AS c
        CROSS JOIN LATERAL unnest(c.permissions) WITH ORDINALITY AS p (pattern, place)
        WHERE tacl.pattern_matches(p.pattern, past_answer.permission)
        ORDER BY c.role_id, starts_with(p.pattern, '!') DESC, c.id <> c.role_id, c.id, p.place),
    reason AS (
        SELECT h.*, r.name AS role, r.tenant AS defined_at, coalesce(h.pattern, v.pattern) AS spoken, v.through_role, x.effect,
               CASE WHEN h.role_id IS NULL THEN h.pattern || ', granted' ELSE 'role ' || r.name || ', assigned' END
                   || ' at ' || h.assigned_at || coalesce(' to group ' || h.group_name, '') AS title,
               f.flaw, CASE WHEN f.flaw = 1 THEN k.name END AS cut_by,
               CASE f.flaw WHEN 1 THEN k.text
                           WHEN 2 THEN 'starts at ' || h.starts_at
                           WHEN 3 THEN 'expired at ' || h.expires_at
                           WHEN 4 THEN 'role or group was not defined where it was assigned, nor above' END AS text
        FROM holding AS h
        LEFT JOIN part AS r ON r.role_id = h.role_id AND r.id = h.role_id
        LEFT JOIN voice AS v ON v.role_id = h.role_id
        LEFT JOIN LATERAL (SELECT c.name, c.text FROM cut AS c WHERE c.step >= h.step
                           ORDER BY c.step, c.name DESC LIMIT 1) AS k ON true
        CROSS JOIN LATERAL (
            SELECT CASE WHEN NOT coalesce(tacl.pattern_matches(coalesce(h.pattern, v.pattern), past_answer.permission), false) THEN NULL
                        WHEN starts_with(coalesce(h.pattern, v.pattern), '!') THEN 'deny' ELSE 'allow' END) AS x (effect)
        CROSS JOIN LATERAL (
            SELECT CASE WHEN x.effect IS NULL THEN NULL
                        WHEN past_answer.moment < h.starts_at THEN 2
                        WHEN past_answer.moment >= h.expires_at THEN 3
                        WHEN x.effect = 'deny' THEN NULL
                        WHEN r.tenant NOT IN (SELECT c.id FROM chain AS c WHERE c.step >= h.step)
                            OR h.group_tenant NOT IN (SELECT c.id FROM chain AS c WHERE c.step >= h.step) THEN 4
                        WHEN k.name IS NOT NULL THEN 1 END) AS f (flaw)
        WHERE h.role_id IS NULL OR r.id IS NOT NULL),
    verdict AS (
        SELECT EXISTS (SELECT FROM chain AS c WHERE c.id = '*') AS registered,
               EXISTS (SELECT FROM tacl.past_rows('user_account', past_answer.user_id, past_answer.moment) AS p
                       WHERE p.past ->> 'disabled_at' IS NOT NULL) AS disabled,
               EXISTS (SELECT FROM reason AS r WHERE r.effect = 'deny' AND r.flaw IS NULL) AS denied,
               EXISTS (SELECT FROM reason AS r WHERE r.effect = 'allow' AND r.flaw IS NULL) AS allowed),
    told AS (
        SELECT 1 AS place, 'verdict' AS kind, NULL::text AS role, NULL::text AS defined_at, NULL::text AS pattern,
               CASE WHEN v.registered AND NOT v.disabled AND v.allowed AND NOT v.denied THEN 'allow' ELSE 'deny' END AS effect,
               NULL::text AS assigned_at, NULL::text AS through_group, NULL::text AS through_role,
               NULL::timestamp with time zone AS starts_at, NULL::timestamp with time zone AS expires_at,
               NULL::text AS cut_by, true AS decided,
               CASE WHEN NOT v.registered THEN format('denied: tenant %s was not registered', past_answer.tenant)
                    WHEN v.disabled THEN format('denied: user %s was disabled', past_answer.user_id)
                    WHEN v.denied OR v.allowed THEN (
                        SELECT CASE r.effect WHEN 'deny' THEN 'denied: ' ELSE 'allowed: ' END
                               || CASE WHEN r.role_id IS NOT NULL THEN r.spoken || ' of ' ELSE '' END || r.title
                        FROM reason AS r WHERE r.effect IS NOT NULL AND r.flaw IS NULL
                        ORDER BY r.effect = 'allow', r.step, r.role_id IS NULL, r.role, r.pattern, r.id LIMIT 1)
                    ELSE coalesce(
                        (SELECT 'denied: ' || CASE r.flaw WHEN 1 THEN r.text WHEN 4 THEN r.title || ': ' || r.text
                                                          ELSE r.title || ', ' || r.text END
                         FROM reason AS r WHERE r.effect = 'allow'
                         ORDER BY r.flaw, r.step, r.role_id IS NULL, r.role, r.pattern, r.id LIMIT 1),
                        format('denied: no assignment at %s%s matched %s', past_answer.tenant,
                               CASE past_answer.tenant WHEN '*' THEN '' ELSE ' or above' END, past_answer.permission)) END AS reason,
               0 AS step, 0::bigint AS id
        FROM verdict AS v
        UNION ALL
        SELECT 2, CASE WHEN r.role_id IS NULL THEN 'grant' ELSE 'role' END, r.role, r.defined_at, r.spoken, r.effect,
               r.assigned_at, r.group_name, r.through_role, r.starts_at, r.expires_at, r.cut_by,
               coalesce(r.flaw IS NULL AND NOT v.disabled AND (r.effect = 'deny' OR (r.effect = 'allow' AND NOT v.denied)), false),
               CASE WHEN r.effect IS NULL THEN 'does not match'
                    WHEN r.flaw = 1 THEN 'cut by the ' || r.cut_by
                    WHEN r.flaw IS NOT NULL THEN r.text
                    ELSE CASE r.effect WHEN 'deny' THEN 'denies it' ELSE 'allows it' END
                         || CASE WHEN v.disabled THEN ', but the user was disabled'
                                 WHEN r.effect = 'allow' AND v.denied THEN ', but a deny beats it' ELSE '' END END,
               r.step, r.id
        FROM reason AS r CROSS JOIN verdict AS v
        WHERE v.registered)
    SELECT t.kind, t.role, t.defined_at, t.pattern, t.effect, t.assigned_at, t.through_group, t.through_role,
           t.starts_at, t.expires_at, t.cut_by, t.decided, t.reason
    FROM told AS t
    ORDER BY t.place, t.step, t.kind DESC, t.role COLLATE "C", t.defined_at COLLATE "C", t.pattern COLLATE "C",
             t.through_group COLLATE "C" NULLS FIRST, t.id;
END;
REVOKE ALL ON FUNCTION tacl.past_answer(text, text, text, timestamp with time zone) FROM PUBLIC;
COMMENT ON FUNCTION tacl.past_answer(text, text, text, timestamp with time zone) IS 'Could the user do this there at that time, and through what';

CREATE FUNCTION tacl.audit_named(object text, entry jsonb)
RETURNS jsonb LANGUAGE sql STABLE STRICT PARALLEL RESTRICTED
BEGIN ATOMIC
    SELECT audit_named.entry || jsonb_strip_nulls(jsonb_build_object(
        'role', coalesce(
            (SELECT x.name FROM tacl.role AS x WHERE x.id = (audit_named.entry ->> 'role_id')::bigint),
            (SELECT a.before ->> 'name' FROM tacl.audit AS a
             WHERE a.subject = audit_named.entry ->> 'role_id' AND a.object = 'role' AND a.after IS NULL ORDER BY a.id DESC LIMIT 1)),
        'group', coalesce(
            (SELECT x.name FROM tacl.user_group AS x WHERE x.id = (audit_named.entry ->> 'group_id')::bigint),
            (SELECT a.before ->> 'name' FROM tacl.audit AS a
             WHERE a.subject = audit_named.entry ->> 'group_id' AND a.object = 'user_group' AND a.after IS NULL ORDER BY a.id DESC LIMIT 1)),
        'included', CASE audit_named.object WHEN 'role_include' THEN coalesce(
            (SELECT x.name FROM tacl.role AS x WHERE x.id = (audit_named.entry ->> 'included_id')::bigint),
            (SELECT a.before ->> 'name' FROM tacl.audit AS a
             WHERE a.subject = audit_named.entry ->> 'included_id' AND a.object = 'role' AND a.after IS NULL ORDER BY a.id DESC LIMIT 1))
        WHEN 'group_include' THEN coalesce(
            (SELECT x.name FROM tacl.user_group AS x WHERE x.id = (audit_named.entry ->> 'included_id')::bigint),
            (SELECT a.before ->> 'name' FROM tacl.audit AS a
             WHERE a.subject = audit_named.entry ->> 'included_id' AND a.object = 'user_group' AND a.after IS NULL ORDER BY a.id DESC LIMIT 1)) END));
END;
REVOKE ALL ON FUNCTION tacl.audit_named(text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION tacl.audit_named(text, jsonb) IS 'A recorded row with the names of the roles and groups that it refers to, also of those that are gone';

-- A tenant that was dropped and made again is another one: nothing of before is
-- its own. All there is belongs to the root.
CREATE FUNCTION tacl.audit_records(tenant text, since timestamp with time zone)
RETURNS TABLE (id bigint, at timestamp with time zone, user_id text, actor text, database_role text, login_role text,
               client_addr text, application_name text, transaction_id bigint, operation text, object text, subject text,
               tenant text, before jsonb, after jsonb, reason text)
LANGUAGE sql STABLE PARALLEL RESTRICTED
BEGIN ATOMIC
    WITH RECURSIVE below (id) AS (
        SELECT t.id FROM tacl.tenant AS t WHERE t.id = audit_records.tenant AND t.id <> '*'
        UNION
        SELECT c.id
        FROM below AS b
        CROSS JOIN LATERAL (SELECT t.id FROM tacl.tenant AS t WHERE t.parent = b.id OFFSET 0) AS c),
    own AS (
        SELECT a.*
        FROM below AS b
        CROSS JOIN LATERAL (SELECT coalesce(max(CASE WHEN a.operation = 'INSERT' THEN a.id ELSE a.id + 1 END), 0) FROM tacl.audit AS a
                            WHERE a.subject = b.id AND a.object = 'tenant' AND a.operation <> 'UPDATE') AS born (id)
        CROSS JOIN LATERAL (SELECT a.* FROM tacl.audit AS a
                            WHERE a.tenant = b.id AND a.at >= audit_records.since AND a.id >= born.id OFFSET 0) AS a
        UNION ALL
        SELECT a.* FROM tacl.audit AS a WHERE audit_records.tenant = '*' AND a.at >= audit_records.since)
    SELECT o.id, o.at, o.user_id, o.actor, o.database_role, o.login_role, o.client_addr, o.application_name, o.transaction_id,
           o.operation, o.object, o.subject, o.tenant, tacl.audit_named(o.object, o.before), tacl.audit_named(o.object, o.after),
           o.reason
    FROM own AS o
    ORDER BY o.id;
END;
REVOKE ALL ON FUNCTION tacl.audit_records(text, timestamp with time zone) FROM PUBLIC;
COMMENT ON FUNCTION tacl.audit_records(text, timestamp with time zone) IS 'The records of a tenant and those below it';

CREATE FUNCTION @extschema@.tacl_audit(tenant text, since timestamp with time zone DEFAULT NULL)
RETURNS TABLE (id bigint, at timestamp with time zone, user_id text, actor text, database_role text, login_role text,
               client_addr text, application_name text, transaction_id bigint, operation text, object text, subject text,
               tenant text, before jsonb, after jsonb, reason text)
LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'tacl_audit';
COMMENT ON FUNCTION @extschema@.tacl_audit(text, timestamp with time zone) IS 'What was changed in a tenant and below, and by whom';
CREATE FUNCTION @extschema@.tacl_audit(tenant "any", since timestamp with time zone DEFAULT NULL)
RETURNS TABLE (id bigint, at timestamp with time zone, user_id text, actor text, database_role text, login_role text,
               client_addr text, application_name text, transaction_id bigint, operation text, object text, subject text,
               tenant text, before jsonb, after jsonb, reason text)
LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'tacl_audit';
COMMENT ON FUNCTION @extschema@.tacl_audit("any", timestamp with time zone) IS 'What was changed in a tenant and below, and by whom';

CREATE FUNCTION @extschema@.tacl_history(user_id text, permission text, tenant text, at timestamp with time zone)
RETURNS TABLE (kind text, role text, defined_at text, pattern text, effect text, assigned_at text,
               through_group text, through_role text, starts_at timestamp with time zone, expires_at timestamp with time zone,
               cut_by text, decided boolean, reason text)
LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'tacl_history';
COMMENT ON FUNCTION @extschema@.tacl_history(text, text, text, timestamp with time zone) IS 'Could the user do this there at that time, and through what?';
CREATE FUNCTION @extschema@.tacl_history(user_id text, permission text, tenant "any", at timestamp with time zone)
RETURNS TABLE (kind text, role text, defined_at text, pattern text, effect text, assigned_at text,
               through_group text, through_role text, starts_at timestamp with time zone, expires_at timestamp with time zone,
               cut_by text, decided boolean, reason text)
LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'tacl_history';
COMMENT ON FUNCTION @extschema@.tacl_history(text, text, "any", timestamp with time zone) IS 'Could the user do this there at that time, and through what?';
CREATE FUNCTION @extschema@.tacl_history(user_id "any", permission text, tenant text, at timestamp with time zone)
RETURNS TABLE (kind text, role text, defined_at text, pattern text, effect text, assigned_at text,
               through_group text, through_role text, starts_at timestamp with time zone, expires_at timestamp with time zone,
               cut_by text, decided boolean, reason text)
LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'tacl_history';
COMMENT ON FUNCTION @extschema@.tacl_history("any", text, text, timestamp with time zone) IS 'Could the user do this there at that time, and through what?';
CREATE FUNCTION @extschema@.tacl_history(user_id "any", permission text, tenant "any", at timestamp with time zone)
RETURNS TABLE (kind text, role text, defined_at text, pattern text, effect text, assigned_at text,
               through_group text, through_role text, starts_at timestamp with time zone, expires_at timestamp with time zone,
               cut_by text, decided boolean, reason text)
LANGUAGE C STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'tacl_history';
COMMENT ON FUNCTION @extschema@.tacl_history("any", text, "any", timestamp with time zone) IS 'Could the user do this there at that time, and through what?';

CREATE FUNCTION @extschema@.tacl_audit_purge(before timestamp with time zone)
RETURNS bigint LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'tacl_audit_purge';
REVOKE ALL ON FUNCTION @extschema@.tacl_audit_purge(timestamp with time zone) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.tacl_audit_purge(timestamp with time zone) IS 'Removes the records from before that time; their number';

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

CREATE FUNCTION @extschema@.tacl_setup_role(database_role name, kind text)
RETURNS boolean LANGUAGE C AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION @extschema@.tacl_setup_role(name, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.tacl_setup_role(name, text) IS 'Grants a database role what its kind needs: runtime, operator, issuer or readonly';

--
-- Explain a row, and lint
--

CREATE FUNCTION @extschema@.tacl_explain_row(relation regclass, key text, for_role name DEFAULT NULL)
RETURNS TABLE (command text, policy text, kind text, expression text, passes boolean, note text)
LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_explain_row(regclass, text, name) IS 'Why a row may or may not be viewed, updated and deleted, policy by policy; for the owner of the table';
CREATE FUNCTION @extschema@.tacl_explain_row(relation regclass, key "any", for_role name DEFAULT NULL)
RETURNS TABLE (command text, policy text, kind text, expression text, passes boolean, note text)
LANGUAGE C AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION @extschema@.tacl_explain_row(regclass, "any", name) IS 'Why a row may or may not be viewed, updated and deleted, policy by policy; for the owner of the table';

-- Of expressions, as pg_policy holds them
CREATE FUNCTION tacl.policy_columns(expression pg_node_tree)
RETURNS smallint[] LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'tacl_policy_columns';
COMMENT ON FUNCTION tacl.policy_columns(pg_node_tree) IS 'The columns that a policy takes for the tenant of the row';
CREATE FUNCTION tacl.policy_permissions(expression pg_node_tree)
RETURNS text[] LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'tacl_policy_permissions';
COMMENT ON FUNCTION tacl.policy_permissions(pg_node_tree) IS 'The permissions that a policy asks for';
CREATE FUNCTION tacl.policy_asks_once(expression pg_node_tree)
RETURNS boolean LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'tacl_policy_asks_once';
COMMENT ON FUNCTION tacl.policy_asks_once(pg_node_tree) IS 'Does a policy ask in a sub-select that does not depend on the row?';
CREATE FUNCTION tacl.policy_calls(expression pg_node_tree)
RETURNS text[] LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'tacl_policy_calls';
COMMENT ON FUNCTION tacl.policy_calls(pg_node_tree) IS 'The names of the extension''s functions that a policy calls, but for those of which nothing is evaluated';
CREATE FUNCTION tacl.is_signalled(relation oid)
RETURNS boolean LANGUAGE C STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tacl_is_signalled';
COMMENT ON FUNCTION tacl.is_signalled(oid) IS 'Is it a table of the extension that answers depend on?';

-- The linter reads catalogs with the caller's rights.

-- What a rule returns for each hole: how bad it is (error, warning, notice), the
-- object on which a comment can waive it, the table whose owner may see it
-- (NULL: only who may read all settings), the rule's name with what is wrong,
-- and the statements that mend it. There is no fix where only a person can
-- know what is meant.
CREATE TYPE tacl.finding AS (severity text, class regclass, object oid, relation oid, finding text, fix text);
COMMENT ON TYPE tacl.finding IS 'What a rule of tacl_lint() has found';

--
-- Lint: words
--

CREATE FUNCTION tacl.lint_name(relation oid)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT format('%I.%I', n.nspname, c.relname)
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.oid = lint_name.relation;
END;
COMMENT ON FUNCTION tacl.lint_name(oid) IS 'A relation, for a statement';

CREATE FUNCTION tacl.lint_grantee(role oid)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE role WHEN 0 THEN 'PUBLIC' ELSE role::regrole::text END;
END;
COMMENT ON FUNCTION tacl.lint_grantee(oid) IS 'A role or PUBLIC, for a statement';

-- Only a grantor can take away what it has granted; the owner's grants are
-- taken away by whoever has the owner's rights.
CREATE FUNCTION tacl.lint_revoke(what text, grantee oid, grantor oid, owner oid)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT format(CASE WHEN grantor = owner THEN '%2$s' ELSE 'SET ROLE %1$s; %2$s; RESET ROLE' END, grantor::regrole,
                  format('REVOKE %s FROM %s CASCADE', what, tacl.lint_grantee(grantee)));
END;
COMMENT ON FUNCTION tacl.lint_revoke(text, oid, oid, oid) IS 'The statement that takes a privilege away';

CREATE FUNCTION tacl.lint_revoke_member(role oid, member oid)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT string_agg(format('REVOKE %s FROM %s', m.roleid::regrole, m.member::regrole)
                      || coalesce(' GRANTED BY ' || quote_ident(g.rolname), ''), '; ')
    FROM pg_auth_members AS m
    LEFT JOIN pg_roles AS g ON g.oid = m.grantor
    WHERE m.roleid = role AND m.member = lint_revoke_member.member;
END;
COMMENT ON FUNCTION tacl.lint_revoke_member(oid, oid) IS 'The statement that ends a membership; NULL for one through other roles';

CREATE FUNCTION tacl.lint_column(relation oid, number smallint)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT quote_ident(a.attname) FROM pg_attribute AS a WHERE a.attrelid = relation AND a.attnum = number;
END;
COMMENT ON FUNCTION tacl.lint_column(oid, smallint) IS 'A column, for a statement';

-- It must not mean something else where the statement is run. PostgreSQL puts
-- it in parentheses.
CREATE FUNCTION tacl.lint_using(policy oid)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE SET search_path TO pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT pg_get_expr(p.polqual, p.polrelid) FROM pg_policy AS p WHERE p.oid = policy;
END;
COMMENT ON FUNCTION tacl.lint_using(oid) IS 'What a policy asks, for a statement';

-- In a comment, a line "tacl: ignore unique-key - ids are random", or with * for
-- all findings. The names of rules are letters and hyphens.
CREATE FUNCTION tacl.lint_reason(comment text, rule text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT rtrim(substring(comment, '(?n)^[ \t]*tacl: ignore (?:\*|' || rule || ') - *(\S.*)$'), E' \t\r');
END;
COMMENT ON FUNCTION tacl.lint_reason(text, text) IS 'Why a comment waives the findings of a rule; NULL if it does not';

-- Only an object's owner can comment on it. NULL for a role: it has none.
CREATE FUNCTION tacl.lint_owner(class regclass, object oid)
RETURNS oid LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN class = 'pg_class'::regclass THEN (SELECT c.relowner FROM pg_class AS c WHERE c.oid = object)
        WHEN class = 'pg_proc'::regclass THEN (SELECT f.proowner FROM pg_proc AS f WHERE f.oid = object)
        WHEN class = 'pg_policy'::regclass
        THEN (SELECT c.relowner FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid WHERE p.oid = object)
        WHEN class = 'pg_constraint'::regclass
        THEN (SELECT c.relowner FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid WHERE k.oid = object)
        WHEN class = 'pg_trigger'::regclass
        THEN (SELECT c.relowner FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid WHERE t.oid = object)
        WHEN class = 'pg_publication'::regclass THEN (SELECT p.pubowner FROM pg_publication AS p WHERE p.oid = object)
        WHEN class = 'pg_database'::regclass THEN (SELECT d.datdba FROM pg_database AS d WHERE d.oid = object)
        WHEN class = 'pg_namespace'::regclass
        THEN (SELECT CASE o.rolname WHEN 'pg_database_owner' THEN d.datdba ELSE n.nspowner END
              FROM pg_namespace AS n
              JOIN pg_roles AS o ON o.oid = n.nspowner
              JOIN pg_database AS d ON d.datname = current_database()
              WHERE n.oid = object)
    END;
END;
COMMENT ON FUNCTION tacl.lint_owner(regclass, oid) IS 'Who can comment on an object';

-- A waiver counts if whoever can write it can open the hole anyway: the owner of
-- the table whose rows are seen through it, and superusers or the owner of the
-- extension for everything. Comments on roles are for whoever has CREATEROLE:
-- they do not count for a role that has it.
CREATE FUNCTION tacl.lint_waives(class regclass, object oid, relation oid)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN class = 'pg_authid'::regclass
                THEN NOT EXISTS (SELECT FROM pg_roles AS r
                                 WHERE r.rolcreaterole AND NOT r.rolsuper AND pg_has_role(object, r.oid, 'MEMBER'))
                ELSE (SELECT pg_has_role(o.owner, e.extowner, 'MEMBER')
                          OR EXISTS (SELECT FROM pg_class AS c
                                     WHERE c.oid = lint_waives.relation AND pg_has_role(o.owner, c.relowner, 'MEMBER'))
                      FROM (SELECT tacl.lint_owner(class, object)) AS o (owner)
                      JOIN pg_extension AS e ON e.extname = 'tenant_acl')
           END;
END;
COMMENT ON FUNCTION tacl.lint_waives(regclass, oid, oid) IS 'Does a comment on the object waive what is found about the table?';

--
-- Lint: what is looked at
--
-- STRICT keeps PostgreSQL from making those that return many rows a part of the
-- query around them: of that it expects one row, and reads its own lists once
-- for each of them.
--

CREATE FUNCTION tacl.lint_members()
RETURNS TABLE (class regclass, object oid, extension_owner oid) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.classid, d.objid, e.extowner
    FROM pg_extension AS e
    JOIN pg_depend AS d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
    WHERE e.extname = 'tenant_acl';
END;
COMMENT ON FUNCTION tacl.lint_members() IS 'The objects of the extension';

CREATE FUNCTION tacl.lint_policies()
RETURNS TABLE (policy oid, relation oid) LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 5000
BEGIN ATOMIC
    SELECT p.oid, p.polrelid
    FROM pg_policy AS p
    WHERE EXISTS (
        SELECT FROM pg_depend AS d
        JOIN tacl.lint_members() AS m ON m.class = d.refclassid AND m.object = d.refobjid
        WHERE d.classid = 'pg_policy'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_proc'::regclass);
END;
COMMENT ON FUNCTION tacl.lint_policies() IS 'The policies that depend on functions of the extension';

CREATE FUNCTION tacl.lint_tables()
RETURNS TABLE (relation oid, owner oid, enabled boolean, forced boolean) LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 1000
BEGIN ATOMIC
    SELECT c.oid, c.relowner, c.relrowsecurity, c.relforcerowsecurity
    FROM pg_class AS c
    WHERE c.oid IN (SELECT p.relation FROM tacl.lint_policies() AS p);
END;
COMMENT ON FUNCTION tacl.lint_tables() IS 'Protected tables: those with policies that depend on the extension';

CREATE FUNCTION tacl.lint_columns()
RETURNS TABLE (relation oid, number smallint) LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 1000
BEGIN ATOMIC
    SELECT DISTINCT p.polrelid, c.number
    FROM pg_policy AS p
    CROSS JOIN LATERAL unnest(tacl.policy_columns(p.polqual) || tacl.policy_columns(p.polwithcheck)) AS c (number)
    WHERE p.oid IN (SELECT o.policy FROM tacl.lint_policies() AS o);
END;
COMMENT ON FUNCTION tacl.lint_columns() IS 'The tenant columns of protected tables';

CREATE FUNCTION tacl.lint_tenant()
RETURNS TABLE (relation oid, number smallint, numbers smallint[], name text, type oid) LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 1000
BEGIN ATOMIC
    SELECT t.relation, t.number, t.numbers, quote_ident(a.attname), a.atttypid
    FROM (SELECT c.relation, min(c.number) AS number, array_agg(c.number) AS numbers
          FROM tacl.lint_columns() AS c
          GROUP BY c.relation) AS t
    JOIN pg_attribute AS a ON a.attrelid = t.relation AND a.attnum = t.number;
END;
COMMENT ON FUNCTION tacl.lint_tenant() IS 'Protected tables with all their tenant columns, and the first of them';

-- The names of a call's policies bear its number, their comments the permissions;
-- of the columns of the table they depend on one. Where something of it is lost,
-- there is no statement.
CREATE FUNCTION tacl.lint_calls()
RETURNS TABLE (relation oid, statement text) LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 1000
BEGIN ATOMIC
    WITH made AS (
        SELECT p.oid, p.polrelid AS relation, p.polname, substring(p.polname, ' (\d+)\)$') AS number,
               ARRAY(SELECT CASE r.oid WHEN 0 THEN 'public' ELSE (SELECT a.rolname FROM pg_roles AS a WHERE a.oid = r.oid) END
                     FROM unnest(p.polroles) AS r (oid))::text AS roles,
               obj_description(p.oid, 'pg_policy') AS comment,
               starts_with(p.polname, '!tacl ') AS restricts
        FROM pg_policy AS p
        WHERE p.polname ~ '^(!tacl |tacl \((base|guard|exempt))'
        AND p.polrelid IN (SELECT t.relation FROM tacl.lint_tables() AS t)),
    call AS (
        SELECT m.relation,
               min(m.roles) FILTER (WHERE m.restricts) AS roles,
               coalesce(min(m.roles) FILTER (WHERE starts_with(m.polname, 'tacl (exempt')), '{}') AS exempt,
               min(substring(m.comment, '"function": "(tacl_protect|tacl_protect_child)"')) AS function,
               min(substring(m.comment, '"scope": "(active|all_mine)"')) AS scope,
               min(substring(m.comment, '"view": "([\w.:-]+)"')) AS view,
               min(substring(m.comment, '"create": "([\w.:-]+)"')) AS create,
               min(substring(m.comment, '"update": "([\w.:-]+)"')) AS update,
               min(substring(m.comment, '"delete": "([\w.:-]+)"')) AS delete,
               bool_or(starts_with(m.polname, 'tacl (base')) AS base,
               (SELECT min(a.attname::text)
                FROM pg_depend AS d
                JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                WHERE d.classid = 'pg_policy'::regclass AND d.objid = min(m.oid) FILTER (WHERE m.restricts)
                AND d.refclassid = 'pg_class'::regclass AND d.refobjid = m.relation AND d.refobjsubid > 0) AS column
        FROM made AS m
        GROUP BY m.relation, m.number
        HAVING bool_or(m.restricts))
    SELECT k.relation, string_agg(DISTINCT
        CASE k.function
            WHEN 'tacl_protect'
            THEN format('SELECT %I.tacl_protect(%L, %L, NULL, ', n.nspname, tacl.lint_name(c.oid), k.column)
                 || quote_literal(k.scope) || ', ' || quote_literal(k.view) || ', ' || quote_literal(k.create) || ', '
                 || quote_literal(k.update) || ', ' || quote_literal(k.delete) || ', ' || quote_literal(k.roles) || ', '
                 || quote_literal(k.exempt) || format(', %s, %s)', c.relforcerowsecurity::text, k.base::text)
            WHEN 'tacl_protect_child'
            THEN format('SELECT %I.tacl_protect_child(%L, %L, %s, %s)', n.nspname, tacl.lint_name(c.oid), k.column,
                        c.relforcerowsecurity::text, k.base::text)
        END, '; ')
    FROM call AS k
    JOIN pg_class AS c ON c.oid = k.relation
    JOIN pg_extension AS e ON e.extname = 'tenant_acl'
    JOIN pg_namespace AS n ON n.oid = e.extnamespace
    GROUP BY k.relation;
END;
COMMENT ON FUNCTION tacl.lint_calls() IS 'Tables that tacl_protect() and tacl_protect_child() protected, with the call that does it again';

CREATE FUNCTION tacl.lint_partitions()
RETURNS TABLE (relation oid, root oid) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE below (relation, root) AS (
        SELECT i.inhrelid, t.relation
        FROM tacl.lint_tables() AS t
        JOIN pg_inherits AS i ON i.inhparent = t.relation
        UNION
        SELECT i.inhrelid, b.root
        FROM below AS b
        JOIN pg_inherits AS i ON i.inhparent = b.relation)
    SELECT b.relation, min(b.root)
    FROM below AS b
    WHERE b.relation NOT IN (SELECT p.relation FROM tacl.lint_policies() AS p)
    GROUP BY b.relation;
END;
COMMENT ON FUNCTION tacl.lint_partitions() IS 'Tables below protected ones that are not protected themselves';

-- A column that alone is a key is an id of the tenants themselves: what others
-- have of its name is probably an id of something else.
CREATE FUNCTION tacl.lint_unprotected()
RETURNS TABLE (relation oid, number smallint, enabled boolean, forced boolean) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT c.oid, min(a.attnum), c.relrowsecurity, c.relforcerowsecurity
    FROM (SELECT DISTINCT a.attname, a.atttypid
          FROM tacl.lint_columns() AS t
          JOIN pg_attribute AS a ON a.attrelid = t.relation AND a.attnum = t.number
          WHERE NOT EXISTS (SELECT FROM pg_index AS i
                            WHERE i.indrelid = t.relation AND i.indisunique AND i.indnkeyatts = 1 AND i.indkey[0] = t.number)
         ) AS tenant
    JOIN pg_attribute AS a ON a.attname = tenant.attname AND a.atttypid = tenant.atttypid AND NOT a.attisdropped
    JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
    WHERE NOT c.relispartition
    AND c.oid NOT IN (SELECT p.relation FROM tacl.lint_policies() AS p)
    AND c.oid NOT IN (SELECT p.relation FROM tacl.lint_partitions() AS p)
    AND NOT EXISTS (SELECT FROM tacl.lint_members() AS m WHERE m.class = 'pg_class'::regclass AND m.object = c.oid)
    GROUP BY c.oid, c.relrowsecurity, c.relforcerowsecurity;
END;
COMMENT ON FUNCTION tacl.lint_unprotected() IS 'Other tables that have a column like the tenant column of a protected one';

-- Who has what beside the owner; superusers have it anyway
CREATE FUNCTION tacl.lint_grants(relation oid)
RETURNS TABLE (owner oid, privilege text, what text, grantee oid, grantor oid) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT c.relowner, g.privilege, g.what, g.grantee, g.grantor
    FROM pg_class AS c
    CROSS JOIN LATERAL (
        SELECT a.privilege_type, a.privilege_type, a.grantee, a.grantor
        FROM aclexplode(c.relacl) AS a
        UNION ALL
        SELECT a.privilege_type, format('%s (%I)', a.privilege_type, t.attname), a.grantee, a.grantor
        FROM pg_attribute AS t
        CROSS JOIN LATERAL aclexplode(t.attacl) AS a
        WHERE t.attrelid = c.oid AND NOT t.attisdropped) AS g (privilege, what, grantee, grantor)
    WHERE c.oid = lint_grants.relation AND g.grantee <> c.relowner
    AND NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.oid = g.grantee AND r.rolsuper);
END;
COMMENT ON FUNCTION tacl.lint_grants(oid) IS 'Privileges on a table and its columns that others than its owner have';

-- Roles that applications can run as. Who is or becomes the owner is another
-- matter: see owner-login.
CREATE FUNCTION tacl.lint_runtime()
RETURNS TABLE (role oid) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.oid
    FROM pg_roles AS r
    WHERE r.rolcanlogin AND NOT r.rolsuper AND has_database_privilege(r.oid, current_database(), 'CONNECT')
    AND EXISTS (
        SELECT FROM (SELECT DISTINCT g.grantee, g.owner
                     FROM tacl.lint_tables() AS t
                     CROSS JOIN LATERAL tacl.lint_grants(t.relation) AS g
                     WHERE g.privilege IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')) AS g
        WHERE (g.grantee = 0 OR pg_has_role(r.oid, g.grantee, 'MEMBER')) AND NOT pg_has_role(r.oid, g.owner, 'MEMBER'));
END;
COMMENT ON FUNCTION tacl.lint_runtime() IS 'Login roles without superuser that can get at protected tables which are not theirs';

CREATE FUNCTION tacl.lint_readers()
RETURNS TABLE (reader oid, relation oid) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE reading (reader, relation) AS (
        SELECT t.relation, t.relation
        FROM tacl.lint_tables() AS t
        UNION
        SELECT r.ev_class, reading.relation
        FROM reading
        JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = reading.reader
                           AND d.classid = 'pg_rewrite'::regclass
        JOIN pg_rewrite AS r ON r.oid = d.objid)
    SELECT reading.reader, reading.relation FROM reading;
END;
COMMENT ON FUNCTION tacl.lint_readers() IS 'Protected tables, and the views and materialized views that read them, through others too';

--
-- Lint: rules about tables
--

CREATE FUNCTION tacl.lint_rls_off()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'error', 'pg_class'::regclass, t.relation, t.relation,
           'rls-off: has policies, but row-level security is not enabled',
           format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', tacl.lint_name(t.relation))
    FROM tacl.lint_tables() AS t
    WHERE NOT t.enabled;
END;
COMMENT ON FUNCTION tacl.lint_rls_off() IS 'Rule: policies that are not in force';

-- The fix closes the table; which policies open it again is to be said
CREATE FUNCTION tacl.lint_not_protected()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN EXISTS (SELECT FROM tacl.lint_grants(u.relation))
                THEN 'error' ELSE 'warning' END,
           'pg_class'::regclass, u.relation, u.relation,
           format('unprotected: has the tenant column %s, but row-level security is not enabled; see tacl_protect()',
                  tacl.lint_column(u.relation, u.number)),
           format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', tacl.lint_name(u.relation))
    FROM tacl.lint_unprotected() AS u
    WHERE NOT u.enabled;
END;
COMMENT ON FUNCTION tacl.lint_not_protected() IS 'Rule: tables with a tenant column and without row-level security';

CREATE FUNCTION tacl.lint_force_off()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'warning', 'pg_class'::regclass, c.oid, c.oid,
           'force-off: row-level security is not forced, so policies do not stop its owner',
           format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tacl.lint_name(c.oid))
    FROM pg_class AS c
    WHERE c.relrowsecurity AND NOT c.relforcerowsecurity
    AND c.oid IN (SELECT t.relation FROM tacl.lint_tables() AS t
                  UNION ALL SELECT u.relation FROM tacl.lint_unprotected() AS u
                  UNION ALL SELECT p.relation FROM tacl.lint_partitions() AS p);
END;
COMMENT ON FUNCTION tacl.lint_force_off() IS 'Rule: tables whose owner is not subject to their policies';

-- A partition without any policy is closed, and still read through its parent
CREATE FUNCTION tacl.lint_partition_open()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN EXISTS (SELECT FROM tacl.lint_grants(c.oid))
                THEN 'error' ELSE 'warning' END,
           'pg_class'::regclass, c.oid, c.oid,
           format('partition-open: holds rows of protected table %s, but has %s', tacl.lint_name(p.root),
                  CASE WHEN c.relrowsecurity THEN 'policies that do not ask' ELSE 'no row-level security' END),
           CASE WHEN NOT c.relrowsecurity AND c.relkind <> 'f'
                THEN format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', tacl.lint_name(c.oid))
           END
    FROM tacl.lint_partitions() AS p
    JOIN pg_class AS c ON c.oid = p.relation AND c.relkind IN ('r', 'p', 'f')
    WHERE NOT c.relrowsecurity
    OR EXISTS (SELECT FROM pg_policy AS o WHERE o.polrelid = c.oid AND o.polpermissive);
END;
COMMENT ON FUNCTION tacl.lint_partition_open() IS 'Rule: partitions and inheriting tables that can be read directly';

CREATE FUNCTION tacl.lint_init_plan()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'error', 'pg_policy'::regclass, p.oid, p.polrelid,
           'init-plan: asks in a sub-select that does not depend on the row, so the answer outlives a revocation', NULL
    FROM pg_policy AS p
    WHERE p.oid IN (SELECT o.policy FROM tacl.lint_policies() AS o)
    AND (tacl.policy_asks_once(p.polqual) OR tacl.policy_asks_once(p.polwithcheck));
END;
COMMENT ON FUNCTION tacl.lint_init_plan() IS 'Rule: policies whose check is evaluated once for all rows';

-- A condition on the index is evaluated when the scan starts. What is called for
-- each row where rows are locked or changed, hears of a revocation.
CREATE FUNCTION tacl.lint_row_unchecked()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE p.polcmd WHEN 'r' THEN 'warning' ELSE 'error' END, 'pg_policy'::regclass, p.oid, p.polrelid,
           'row-unchecked: asks about the active tenant when a scan starts, but not of each row, so a statement that waits goes on with a right that was revoked',
           CASE WHEN cardinality(a.permissions) = 1 AND cardinality(a.columns) = 1
                THEN format('ALTER POLICY %I ON %s USING (%s AND %I.tacl_may(%L, %s))', p.polname, tacl.lint_name(p.polrelid),
                            tacl.lint_using(p.oid), may.nspname, a.permissions[1],
                            tacl.lint_column(p.polrelid, a.columns[1]))
           END
    FROM pg_policy AS p
    CROSS JOIN LATERAL (
        SELECT tacl.policy_calls(p.polqual), tacl.policy_columns(p.polqual),
               ARRAY(SELECT DISTINCT u.permission FROM unnest(tacl.policy_permissions(p.polqual)) AS u (permission))
        OFFSET 0 -- else each is called for each of its uses
        ) AS a (calls, columns, permissions)
    CROSS JOIN (
        SELECT n.nspname
        FROM tacl.lint_members() AS m
        JOIN pg_proc AS f ON m.class = 'pg_proc'::regclass AND f.oid = m.object AND f.proname = 'tacl_may'
        JOIN pg_namespace AS n ON n.oid = f.pronamespace
        ORDER BY n.nspname = 'tacl' DESC
        LIMIT 1) AS may
    WHERE p.polcmd <> 'a' AND p.oid IN (SELECT o.policy FROM tacl.lint_policies() AS o)
    AND 'tacl_active_tenant' = ANY (a.calls)
    AND a.calls <@ '{tacl_active_tenant, tacl_tenant, tacl_user, tacl_reads_only, tacl_protected}';
END;
COMMENT ON FUNCTION tacl.lint_row_unchecked() IS 'Rule: policies that ask about the active tenant alone';

-- Policies that permit are added up: one that asks nothing opens what the others
-- close, unless one of ours restricts the same command for the same roles. What
-- reads another protected table asks there.
CREATE FUNCTION tacl.lint_open_policy()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH policy AS MATERIALIZED (
        SELECT p.oid, p.polrelid, p.polname, p.polpermissive, p.polroles, p.polcmd,
               p.oid IN (SELECT o.policy FROM tacl.lint_policies() AS o) AS own,
               p.polqual IS NOT NULL AND tacl.policy_calls(p.polqual) <@ '{tacl_protected, tacl_reads_only, tacl_tenant}'
                   AND pg_get_expr(p.polqual, p.polrelid) <> 'false' AS open_using,
               p.polwithcheck IS NOT NULL AND tacl.policy_calls(p.polwithcheck) <@ '{tacl_protected, tacl_reads_only, tacl_tenant}'
                   AND pg_get_expr(p.polwithcheck, p.polrelid) <> 'false' AS open_check,
               p.polwithcheck IS NOT NULL AS has_check
        FROM pg_policy AS p
        WHERE p.polrelid IN (SELECT t.relation FROM tacl.lint_tables() AS t)),
    opens AS MATERIALIZED (
        SELECT p.oid, p.polrelid, p.polname, c.name, c.place
        FROM policy AS p
        JOIN (VALUES ('r', 'SELECT', 1), ('a', 'INSERT', 2), ('w', 'UPDATE', 3), ('d', 'DELETE', 4)) AS c (cmd, name, place)
          ON p.polcmd IN (c.cmd, '*')
        WHERE p.polpermissive AND NOT starts_with(p.polname, 'tacl (exempt')
        AND CASE c.cmd WHEN 'a' THEN p.open_check OR (p.open_using AND NOT p.has_check)
                       WHEN 'w' THEN p.open_check OR p.open_using
                       ELSE p.open_using END
        AND EXISTS (
            SELECT FROM policy AS r
            WHERE r.own AND r.polrelid = p.polrelid AND (0 = ANY (r.polroles || p.polroles) OR r.polroles && p.polroles))
        AND NOT EXISTS (
            SELECT FROM policy AS r
            WHERE r.own AND r.polrelid = p.polrelid AND NOT r.polpermissive AND NOT r.open_using AND NOT r.open_check
            AND r.polcmd IN (c.cmd, '*') AND (0 = ANY (r.polroles) OR r.polroles @> p.polroles))),
    made AS MATERIALIZED (
        SELECT k.relation, k.statement
        FROM tacl.lint_calls() AS k
        WHERE k.relation NOT IN (SELECT i.inhrelid FROM pg_inherits AS i))
    SELECT 'error', 'pg_policy'::regclass, o.oid, o.polrelid,
           format('open-policy: permits %s without asking, whatever other policies of the table ask',
                  string_agg(o.name, ', ' ORDER BY o.place)),
           min(m.statement)
    FROM opens AS o
    LEFT JOIN made AS m ON m.relation = o.polrelid AND starts_with(o.polname, 'tacl (base')
    WHERE o.oid NOT IN (
        SELECT p.oid FROM policy AS p
        JOIN pg_depend AS d ON d.classid = 'pg_policy'::regclass AND d.objid = p.oid
                           AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> p.polrelid
        WHERE d.refobjid IN (SELECT t.relation FROM tacl.lint_tables() AS t))
    GROUP BY o.oid, o.polrelid;
END;
COMMENT ON FUNCTION tacl.lint_open_policy() IS 'Rule: policies that permit without asking, beside ours';

-- Partitions have the trigger of the table above
CREATE FUNCTION tacl.lint_move_guard()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE made AS MATERIALIZED (SELECT k.relation, k.statement FROM tacl.lint_calls() AS k),
    below (relation, root) AS (
        SELECT m.relation, m.relation FROM made AS m
        UNION
        SELECT i.inhrelid, b.root
        FROM below AS b
        JOIN pg_inherits AS i ON i.inhparent = b.relation),
    guard AS MATERIALIZED (
        SELECT t.oid, t.tgrelid, t.tgqual
        FROM pg_trigger AS t
        WHERE t.tgtype = 19 AND cardinality(t.tgattr::smallint[]) = 0
        AND t.tgfoid IN (SELECT f.oid FROM pg_proc AS f JOIN tacl.lint_members() AS m ON m.class = 'pg_proc'::regclass AND m.object = f.oid
                         WHERE f.proname = 'tacl_guard_move'))
    SELECT 'error', 'pg_class'::regclass, c.oid, c.oid,
           'move-guard: has no trigger of tacl_guard_move(), so an UPDATE can move rows to where the user may not create any',
           CASE WHEN c.relkind <> 'f' THEN min(m.statement) END
    FROM below AS b
    JOIN pg_class AS c ON c.oid = b.relation AND c.relkind IN ('r', 'p', 'f')
    LEFT JOIN made AS m ON m.relation = b.root AND NOT EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhrelid = b.root)
    WHERE c.oid NOT IN (
        SELECT t.tgrelid FROM guard AS t
        WHERE (t.tgqual IS NULL OR pg_get_triggerdef(t.oid)
             ~ 'WHEN \(\(\(\(?old\.(.+) (=|OPERATOR\(pg_catalog\.=\)) \(?new\.\1\) IS NOT TRUE\)\)'))
    AND c.oid NOT IN (
        SELECT i.inhrelid FROM below AS p
        JOIN pg_class AS parent ON parent.oid = p.relation AND parent.relkind = 'p'
        JOIN pg_inherits AS i ON i.inhparent = p.relation)
    GROUP BY c.oid, c.relkind;
END;
COMMENT ON FUNCTION tacl.lint_move_guard() IS 'Rule: tables that tacl_protect() protected, and what inherits from them, without the trigger';

-- What is read through a table is subject to the policies of that table alone
CREATE FUNCTION tacl.lint_table_above()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE above (relation, protected) AS (
        SELECT i.inhparent, t.relation
        FROM tacl.lint_tables() AS t
        JOIN pg_inherits AS i ON i.inhrelid = t.relation
        UNION
        SELECT i.inhparent, a.protected
        FROM above AS a
        JOIN pg_inherits AS i ON i.inhrelid = a.relation)
    SELECT CASE WHEN EXISTS (SELECT FROM tacl.lint_grants(c.oid))
                THEN 'error' ELSE 'warning' END,
           'pg_class'::regclass, c.oid, a.protected,
           format('table-above: gives rows of protected table %s, but has %s', tacl.lint_name(a.protected),
                  CASE WHEN c.relrowsecurity THEN 'policies that do not ask' ELSE 'no row-level security' END),
           CASE WHEN NOT c.relrowsecurity
                THEN format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', tacl.lint_name(c.oid))
           END
    FROM (SELECT a.relation, min(a.protected) AS protected FROM above AS a GROUP BY a.relation) AS a
    JOIN pg_class AS c ON c.oid = a.relation
    WHERE c.oid NOT IN (SELECT p.relation FROM tacl.lint_policies() AS p)
    AND c.oid NOT IN (SELECT p.relation FROM tacl.lint_partitions() AS p)
    AND (NOT c.relrowsecurity
         OR EXISTS (SELECT FROM pg_policy AS o WHERE o.polrelid = c.oid AND o.polpermissive));
END;
COMMENT ON FUNCTION tacl.lint_table_above() IS 'Rule: tables through which protected tables can be read';

CREATE FUNCTION tacl.lint_foreign_check()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'error', 'pg_policy'::regclass, p.oid, p.polrelid,
           format('foreign-check: calls %s, which only bears the name of a function of the extension',
                  (pg_identify_object('pg_proc'::regclass, f.oid, 0)).identity), NULL
    FROM pg_policy AS p
    JOIN pg_depend AS d ON d.classid = 'pg_policy'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_proc'::regclass
    JOIN pg_proc AS f ON f.oid = d.refobjid
    WHERE f.proname IN (SELECT own.proname FROM tacl.lint_members() AS m
                        JOIN pg_proc AS own ON m.class = 'pg_proc'::regclass AND m.object = own.oid)
    AND f.oid NOT IN (SELECT m.object FROM tacl.lint_members() AS m WHERE m.class = 'pg_proc'::regclass);
END;
COMMENT ON FUNCTION tacl.lint_foreign_check() IS 'Rule: policies that call namesakes of the extension''s functions';

-- Policies that restrict are applied by name, those that permit after them. An
-- index can serve only what is applied first. What is ours and permits matters
-- only where nothing of ours restricts.
CREATE FUNCTION tacl.lint_policy_order()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'warning', 'pg_policy'::regclass, p.oid, p.polrelid,
           format('policy-order: is applied before policy %I, which then cannot use an index', min(o.polname::text)),
           CASE WHEN NOT bool_or(o.polpermissive) AND '~' || p.polname > min(o.polname::text)
                THEN format('ALTER POLICY %I ON %s RENAME TO %I', p.polname, tacl.lint_name(p.polrelid), '~' || p.polname)
           END
    FROM pg_policy AS p
    JOIN LATERAL (
        SELECT own.polname, own.polpermissive,
               bool_or(NOT own.polpermissive) OVER () AS restricts
        FROM pg_policy AS own
        WHERE own.polrelid = p.polrelid
        AND own.oid IN (SELECT x.policy FROM tacl.lint_policies() AS x)
        AND (own.polcmd = p.polcmd OR own.polcmd = '*' OR p.polcmd = '*')) AS o
      ON o.restricts <> o.polpermissive AND (o.polpermissive OR p.polname < o.polname)
    WHERE NOT p.polpermissive
    AND p.oid NOT IN (SELECT x.policy FROM tacl.lint_policies() AS x)
    GROUP BY p.oid, p.polname, p.polrelid;
END;
COMMENT ON FUNCTION tacl.lint_policy_order() IS 'Rule: restrictive policies of others that come before ours';

CREATE FUNCTION tacl.lint_table_grant()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE g.privilege WHEN 'REFERENCES' THEN 'warning' ELSE 'error' END,
           'pg_class'::regclass, t.relation, t.relation,
           format('table-grant: %s has %s, which no policy limits', tacl.lint_grantee(g.grantee), g.what),
           tacl.lint_revoke(format('%s ON %s', g.what, tacl.lint_name(t.relation)), g.grantee, g.grantor, g.owner)
    FROM tacl.lint_tables() AS t
    CROSS JOIN LATERAL tacl.lint_grants(t.relation) AS g
    WHERE g.privilege IN ('TRUNCATE', 'REFERENCES', 'TRIGGER');
END;
COMMENT ON FUNCTION tacl.lint_table_grant() IS 'Rule: privileges on protected tables that policies do not limit';

-- Does a role see all rows of a table? Of who may become such a role: bypass-rls.
CREATE FUNCTION tacl.lint_bypasses(role oid, relation oid)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT EXISTS (SELECT FROM pg_roles AS r WHERE r.oid = role AND (r.rolsuper OR r.rolbypassrls))
        OR EXISTS (SELECT FROM pg_class AS c WHERE c.oid = relation AND NOT c.relforcerowsecurity
                   AND pg_has_role(role, c.relowner, 'USAGE'));
END;
COMMENT ON FUNCTION tacl.lint_bypasses(oid, oid) IS 'Do policies of the table not stop the role?';

CREATE FUNCTION tacl.lint_definer_view()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN tacl.lint_bypasses(c.relowner, r.relation) THEN 'error' ELSE 'warning' END,
           'pg_class'::regclass, c.oid, r.relation,
           format('definer-view: reads %s with the rights of %s, not of who asks', tacl.lint_name(r.relation),
                  c.relowner::regrole),
           format('ALTER VIEW %s SET (security_invoker = true)', tacl.lint_name(c.oid))
    FROM tacl.lint_readers() AS r
    JOIN pg_class AS c ON c.oid = r.reader AND c.relkind = 'v'
    WHERE NOT EXISTS (SELECT FROM pg_options_to_table(c.reloptions) AS o
                      WHERE o.option_name = 'security_invoker' AND o.option_value::boolean);
END;
COMMENT ON FUNCTION tacl.lint_definer_view() IS 'Rule: views over protected tables without security_invoker';

CREATE FUNCTION tacl.lint_materialized_view()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'error', 'pg_class'::regclass, c.oid, r.relation,
           format('materialized-view: gives %s rows of %s without policies', tacl.lint_grantee(g.grantee),
                  tacl.lint_name(r.relation)),
           tacl.lint_revoke(format('%s ON %s', g.what, tacl.lint_name(c.oid)), g.grantee, g.grantor, g.owner)
    FROM tacl.lint_readers() AS r
    JOIN pg_class AS c ON c.oid = r.reader AND c.relkind = 'm'
    CROSS JOIN LATERAL tacl.lint_grants(c.oid) AS g
    WHERE g.privilege = 'SELECT';
END;
COMMENT ON FUNCTION tacl.lint_materialized_view() IS 'Rule: materialized views over protected tables that others may read';

CREATE FUNCTION tacl.lint_publication()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'warning', 'pg_publication'::regclass, p.oid, t.relation,
           format('publication: sends rows of %s without policies', tacl.lint_name(t.relation)),
           CASE WHEN r.oid IS NOT NULL
                THEN format('ALTER PUBLICATION %I DROP TABLE %s', p.pubname, tacl.lint_name(t.relation))
           END
    FROM pg_publication AS p
    CROSS JOIN tacl.lint_tables() AS t
    JOIN pg_class AS c ON c.oid = t.relation
    LEFT JOIN pg_publication_rel AS r ON r.prpubid = p.oid AND r.prrelid = t.relation
    WHERE r.oid IS NOT NULL
    OR p.puballtables
    OR EXISTS (SELECT FROM pg_publication_namespace AS n WHERE n.pnpubid = p.oid AND n.pnnspid = c.relnamespace);
END;
COMMENT ON FUNCTION tacl.lint_publication() IS 'Rule: publications of protected tables';

-- Partitions by list of tenants need none: each has rows of few
CREATE FUNCTION tacl.lint_no_index()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'warning', 'pg_class'::regclass, c.oid, c.oid,
           format('no-index: no btree index leads with the tenant column %I', a.attname),
           format('CREATE INDEX %sON %s (%I%s)', CASE c.relkind WHEN 'r' THEN 'CONCURRENTLY ' END,
                  tacl.lint_name(c.oid), a.attname, CASE WHEN NOT l.collisdeterministic THEN ' COLLATE pg_catalog."C"' END)
    FROM tacl.lint_columns() AS t
    JOIN pg_class AS c ON c.oid = t.relation AND NOT c.relispartition
    JOIN pg_attribute AS a ON a.attrelid = t.relation AND a.attnum = t.number
    LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
    WHERE NOT EXISTS (
        SELECT FROM pg_index AS i
        JOIN pg_class AS ic ON ic.oid = i.indexrelid
        JOIN pg_am AS m ON m.oid = ic.relam AND m.amname = 'btree'
        WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL AND i.indkey[0] = t.number
        AND i.indcollation[0] = CASE WHEN l.collisdeterministic THEN a.attcollation
                                     WHEN l.oid IS NULL THEN 0 ELSE 'pg_catalog."C"'::regcollation END)
    AND NOT EXISTS (
        SELECT FROM pg_partitioned_table AS p
        WHERE p.partrelid = c.oid AND p.partstrat = 'l' AND p.partattrs[0] = t.number);
END;
COMMENT ON FUNCTION tacl.lint_no_index() IS 'Rule: protected tables without an index by tenant';

-- Ids that say nothing are only a notice: who learns that one is taken learns
-- little. Exclusion constraints tell the same. The fix is the index as it is with the tenant column in front; none
-- for keys that foreign keys refer to.
CREATE FUNCTION tacl.lint_unique_key()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN NOT EXISTS (SELECT FROM pg_attribute AS a
                                 WHERE a.attrelid = i.indexrelid AND a.attnum <= i.indnkeyatts
                                 AND a.atttypid NOT IN ('uuid'::regtype, 'smallint'::regtype, 'integer'::regtype, 'bigint'::regtype))
                THEN 'notice' ELSE 'warning' END,
           CASE WHEN k.oid IS NULL THEN 'pg_class'::regclass ELSE 'pg_constraint'::regclass END,
           coalesce(k.oid, c.oid), t.relation,
           format(CASE k.contype WHEN 'x' THEN 'unique-key: does not compare the tenant column %s by equality, so an error tells what other tenants have'
                  ELSE 'unique-key: does not include the tenant column %s, so an error tells what other tenants have' END, t.name),
           CASE WHEN EXISTS (SELECT FROM pg_constraint AS f WHERE f.conindid = c.oid AND f.contype = 'f') THEN NULL
                WHEN k.contype = 'x'
                THEN CASE WHEN NOT i.indkey::smallint[] && t.numbers AND pg_indexam_has_property(c.relam, 'can_multi_col')
                          AND EXISTS (SELECT FROM pg_opclass AS o
                                      WHERE o.opcmethod = c.relam AND o.opcdefault
                                      AND o.opcintype = CASE t.type WHEN 'varchar'::regtype THEN 'text'::regtype ELSE t.type END)
                     THEN format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %2$I %s', tacl.lint_name(t.relation), k.conname,
                                 regexp_replace(pg_get_constraintdef(k.oid), '\(', format('(%s WITH =, ', replace(t.name, '\', '\\')))) END
                WHEN k.oid IS NOT NULL
                THEN format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %2$I %s', tacl.lint_name(t.relation), k.conname,
                            regexp_replace(pg_get_constraintdef(k.oid), '\(', format('(%s, ', replace(t.name, '\', '\\'))))
                WHEN starts_with(pg_get_indexdef(c.oid), d.head)
                THEN format('DROP INDEX %s; %s%s, %s', tacl.lint_name(c.oid), d.head, t.name,
                            substr(pg_get_indexdef(c.oid), length(d.head) + 1))
           END
    FROM tacl.lint_tenant() AS t
    JOIN pg_index AS i ON i.indrelid = t.relation AND (i.indisunique OR i.indisexclusion) AND i.indislive
    JOIN pg_class AS c ON c.oid = i.indexrelid AND NOT c.relispartition
    LEFT JOIN pg_constraint AS k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
    CROSS JOIN LATERAL format('CREATE UNIQUE INDEX %I ON %s USING btree (', c.relname, tacl.lint_name(t.relation)) AS d (head)
    WHERE NOT EXISTS (
        SELECT FROM unnest(i.indkey[0 : i.indnkeyatts - 1]::smallint[]) WITH ORDINALITY AS n (number, place)
        WHERE n.number = ANY (t.numbers)
        AND (i.indisunique OR '=' = (SELECT o.oprname FROM pg_operator AS o WHERE o.oid = k.conexclop[n.place])));
END;
COMMENT ON FUNCTION tacl.lint_unique_key() IS 'Rule: unique keys and exclusion constraints of protected tables that do not include the tenant';

-- A foreign key is verified without policies. The fix adds the tenant to both
-- sides; a key that is set to NULL or a default then keeps its tenant.
CREATE FUNCTION tacl.lint_foreign_key()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH tenant AS MATERIALIZED (SELECT t.* FROM tacl.lint_tenant() AS t)
    SELECT 'warning', 'pg_constraint'::regclass, k.oid, k.confrelid,
           format('foreign-key: does not tie rows to rows of the same tenant in %s, so whoever may insert here finds out what others have',
                  tacl.lint_name(k.confrelid)),
           CASE WHEN referring.type = referred.type
                AND NOT (k.conkey && referring.numbers OR k.confkey && referred.numbers) THEN
               CASE WHEN NOT EXISTS (SELECT FROM pg_index AS i
                                     WHERE i.indrelid = k.confrelid AND i.indisunique AND i.indisvalid AND i.indimmediate
                                     AND i.indpred IS NULL
                                     AND i.indnkeyatts = cardinality(k.confkey) + 1
                                     AND i.indkey[0 : i.indnkeyatts - 1]::smallint[] @> (k.confkey || referred.number))
                    THEN format('ALTER TABLE %s ADD UNIQUE (%s, %s); ', tacl.lint_name(k.confrelid), referred.name, names.referred)
                    ELSE '' END
               || format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %2$I FOREIGN KEY (%s, %s) REFERENCES %s (%s, %s)',
                         tacl.lint_name(k.conrelid), k.conname, referring.name, names.referring,
                         tacl.lint_name(k.confrelid), referred.name, names.referred)
               || CASE k.confmatchtype WHEN 'f' THEN ' MATCH FULL' ELSE '' END
               || CASE k.confupdtype WHEN 'a' THEN '' WHEN 'r' THEN ' ON UPDATE RESTRICT' WHEN 'c' THEN ' ON UPDATE CASCADE' END
               || CASE k.confdeltype WHEN 'a' THEN '' WHEN 'r' THEN ' ON DELETE RESTRICT' WHEN 'c' THEN ' ON DELETE CASCADE'
                      WHEN 'n' THEN format(' ON DELETE SET NULL (%s)', names.cleared)
                      WHEN 'd' THEN format(' ON DELETE SET DEFAULT (%s)', names.cleared) END
               || CASE WHEN k.condeferred THEN ' DEFERRABLE INITIALLY DEFERRED' WHEN k.condeferrable THEN ' DEFERRABLE' ELSE '' END
           END
    FROM pg_constraint AS k
    JOIN tenant AS referred ON referred.relation = k.confrelid
    LEFT JOIN tenant AS referring ON referring.relation = k.conrelid
    CROSS JOIN LATERAL (
        SELECT string_agg(tacl.lint_column(k.conrelid, n.own), ', ' ORDER BY n.place) AS referring,
               string_agg(tacl.lint_column(k.confrelid, n.other), ', ' ORDER BY n.place) AS referred,
               string_agg(tacl.lint_column(k.conrelid, n.own), ', ' ORDER BY n.place)
                   FILTER (WHERE n.own = ANY (coalesce(k.confdelsetcols, k.conkey))) AS cleared
        FROM unnest(k.conkey, k.confkey) WITH ORDINALITY AS n (own, other, place)) AS names
    WHERE k.contype = 'f' AND k.conparentid = 0
    AND CASE WHEN referring.number IS NULL
             THEN k.conrelid NOT IN (SELECT p.relation FROM tacl.lint_policies() AS p) AND NOT k.confkey && referred.numbers
             ELSE NOT EXISTS (SELECT FROM unnest(k.conkey, k.confkey) AS n (own, other)
                              WHERE n.own = ANY (referring.numbers) AND n.other = ANY (referred.numbers)) END;
END;
COMMENT ON FUNCTION tacl.lint_foreign_key() IS 'Rule: foreign keys to protected tables that do not include the tenant';

-- Only what a body that was parsed when it was created depends on: no text is read
CREATE FUNCTION tacl.lint_definer_function()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'notice', 'pg_proc'::regclass, f.oid, r.relation,
           format('definer-function: uses %s with the rights of %s, whom policies do not stop', tacl.lint_name(r.relation),
                  f.proowner::regrole), NULL
    FROM tacl.lint_readers() AS r
    JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = r.reader
    JOIN pg_proc AS f ON f.oid = d.objid AND f.prosecdef
    WHERE tacl.lint_bypasses(f.proowner, r.relation)
    GROUP BY f.oid, f.proowner, r.relation;
END;
COMMENT ON FUNCTION tacl.lint_definer_function() IS 'Rule: SECURITY DEFINER functions that see protected tables without policies';

--
-- Lint: rules about database roles and what they hold
--

CREATE FUNCTION tacl.lint_bypass_rls()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'error', 'pg_authid'::regclass, r.oid, NULL::oid,
           format('bypass-rls: can log in, and %s policies', CASE WHEN b.oid = r.oid THEN 'bypasses'
                  ELSE format('as a member of %s can bypass', b.oid::regrole) END),
           CASE WHEN b.oid = r.oid THEN format('ALTER ROLE %I NOBYPASSRLS', r.rolname)
                ELSE tacl.lint_revoke_member(b.oid, r.oid) END
    FROM pg_roles AS r
    JOIN pg_roles AS b ON pg_has_role(r.oid, b.oid, 'MEMBER')
    WHERE r.rolcanlogin AND NOT r.rolsuper AND (b.rolsuper OR b.rolbypassrls)
    AND has_database_privilege(r.oid, current_database(), 'CONNECT')
    AND EXISTS (SELECT FROM tacl.lint_tables());
END;
COMMENT ON FUNCTION tacl.lint_bypass_rls() IS 'Rule: login roles that bypass row-level security or can become one that does';

-- With CREATEROLE a role can give itself any role before PostgreSQL 16, and from
-- then on those that it may pass on; REPLICATION reads all there is.
CREATE FUNCTION tacl.lint_runtime_attribute()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN a.name = 'CREATEROLE' AND current_setting('server_version_num')::integer >= 160000
                THEN 'warning' ELSE 'error' END,
           'pg_authid'::regclass, r.role, NULL::oid,
           format('runtime-attribute: an application''s role %s %s', CASE WHEN b.oid = r.role THEN 'has'
                  ELSE format('as a member of %s can have', b.oid::regrole) END, a.name),
           CASE WHEN b.oid = r.role THEN format('ALTER ROLE %I NO%s', b.rolname, a.name)
                ELSE tacl.lint_revoke_member(b.oid, r.role) END
    FROM tacl.lint_runtime() AS r
    JOIN pg_roles AS b ON NOT b.rolsuper AND pg_has_role(r.role, b.oid, 'MEMBER')
    CROSS JOIN LATERAL (VALUES ('CREATEROLE', b.rolcreaterole), ('REPLICATION', b.rolreplication)) AS a (name, held)
    WHERE a.held;
END;
COMMENT ON FUNCTION tacl.lint_runtime_attribute() IS 'Rule: roles of applications that can create roles or replicate';

-- No fix: a new owner runs what the old one left in rules, defaults and indexes
CREATE FUNCTION tacl.lint_owner_login()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN o.owner = r.oid THEN 'warning' ELSE 'notice' END, 'pg_authid'::regclass, r.oid, NULL::oid,
           format('owner-login: can log in, and change the policies of %s%s as %s owner', o.name,
                  CASE WHEN o.tables > 1 THEN format(' and %s more', o.tables - 1) END,
                  CASE WHEN o.owner = r.oid THEN 'the' ELSE format('a member of %s, the', o.owner::regrole) END), NULL
    FROM pg_roles AS r
    JOIN (SELECT t.owner, min(tacl.lint_name(t.relation)) AS name, count(*) AS tables
          FROM tacl.lint_tables() AS t
          GROUP BY t.owner) AS o ON pg_has_role(r.oid, o.owner, 'MEMBER')
    WHERE r.rolcanlogin AND NOT r.rolsuper;
END;
COMMENT ON FUNCTION tacl.lint_owner_login() IS 'Rule: login roles that own protected tables or are members of who does';

-- Temporary and large objects are not meant; no fix, for the reason above
CREATE FUNCTION tacl.lint_runtime_owner()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'warning', 'pg_authid'::regclass, r.role, NULL::oid,
           format('runtime-owner: an application''s role owns %s%s', min(i.type || ' ' || i.identity),
                  CASE WHEN count(*) > 1 THEN format(' and %s more', count(*) - 1) END), NULL
    FROM tacl.lint_runtime() AS r
    JOIN pg_shdepend AS d ON d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o'
                         AND pg_has_role(r.role, d.refobjid, 'MEMBER')
    CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS i
    CROSS JOIN (SELECT oid FROM pg_database WHERE datname = current_database()) AS b
    WHERE (d.dbid = b.oid OR (d.classid = 'pg_database'::regclass AND d.objid = b.oid))
    AND d.classid <> 'pg_largeobject'::regclass
    AND NOT EXISTS (SELECT FROM pg_class AS c
                    WHERE d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relpersistence = 't')
    GROUP BY r.role;
END;
COMMENT ON FUNCTION tacl.lint_runtime_owner() IS 'Rule: roles of applications that own objects';

CREATE FUNCTION tacl.lint_runtime_create()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'warning', 'pg_authid'::regclass, r.role, NULL::oid,
           format('runtime-create: an application''s role may create objects in %s', o.what),
           tacl.lint_revoke('CREATE ON ' || o.what, a.grantee, a.grantor, o.owner)
    FROM tacl.lint_runtime() AS r
    CROSS JOIN (SELECT format('SCHEMA %I', nspname), nspowner, nspacl
                FROM pg_namespace
                WHERE oid NOT IN (SELECT e.extnamespace FROM pg_extension AS e WHERE e.extname = 'tenant_acl')
                UNION ALL
                SELECT format('DATABASE %I', datname), datdba, datacl
                FROM pg_database
                WHERE datname = current_database()) AS o (what, owner, acl)
    CROSS JOIN LATERAL aclexplode(o.acl) AS a
    WHERE a.privilege_type = 'CREATE' AND a.grantee <> o.owner
    AND (a.grantee = 0 OR pg_has_role(r.role, a.grantee, 'MEMBER'));
END;
COMMENT ON FUNCTION tacl.lint_runtime_create() IS 'Rule: roles of applications that may create objects';

CREATE FUNCTION tacl.lint_runtime_temporary()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'warning', 'pg_authid'::regclass, r.role, NULL::oid,
           'runtime-temporary: an application''s role may create temporary tables, which a pooled connection keeps for its next client',
           tacl.lint_revoke(format('TEMPORARY ON DATABASE %I', d.datname), a.grantee, a.grantor, d.datdba)
    FROM tacl.lint_runtime() AS r
    JOIN pg_database AS d ON d.datname = current_database()
    CROSS JOIN LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a
    WHERE a.privilege_type = 'TEMPORARY' AND (a.grantee = 0 OR pg_has_role(r.role, a.grantee, 'MEMBER'));
END;
COMMENT ON FUNCTION tacl.lint_runtime_temporary() IS 'Rule: roles of applications that may create temporary tables';

CREATE FUNCTION tacl.lint_parameter_grant()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'error', CASE a.grantee WHEN 0 THEN 'pg_parameter_acl'::regclass ELSE 'pg_authid'::regclass END,
           CASE a.grantee WHEN 0 THEN p.oid ELSE a.grantee END, NULL::oid,
           format('parameter-grant: %s may %s %s', tacl.lint_grantee(a.grantee), a.privilege_type, p.parname),
           tacl.lint_revoke(format('%s ON PARAMETER %s', a.privilege_type, p.parname), a.grantee, a.grantor, a.grantor)
    FROM pg_parameter_acl AS p
    CROSS JOIN LATERAL aclexplode(p.paracl) AS a
    WHERE starts_with(p.parname, 'tacl.')
    AND NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.oid = a.grantee AND r.rolsuper);
END;
COMMENT ON FUNCTION tacl.lint_parameter_grant() IS 'Rule: settings of the extension that others than superusers may set';

-- What sessions of this database get: a value of the role's in the database, or
-- of the role's, or the database's, or the server's. A linting superuser's own
-- value stands for the server's.
CREATE FUNCTION tacl.lint_not_preloaded()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH set_to (database, role, libraries) AS (
        SELECT s.setdatabase, s.setrole, substr(c.line, length('session_preload_libraries=') + 1)
        FROM pg_db_role_setting AS s
        CROSS JOIN LATERAL unnest(s.setconfig) AS c (line)
        WHERE starts_with(c.line, 'session_preload_libraries='))
    SELECT 'warning', v.class, v.object, NULL::oid,
           format('not-preloaded: connections begin without the library%s, so until the first check nothing guards its settings', v.why),
           format('ALTER %s SET session_preload_libraries = %s', v.target,
                  (SELECT coalesce(string_agg(CASE WHEN starts_with(l.name[1], '"') THEN l.name[1] ELSE quote_ident(l.name[1]) END || ', ', ''), '')
                   FROM regexp_matches(v.libraries, '"(?:[^"]|"")*"|[^",[:space:]]+', 'g') AS l (name)
                   WHERE l.name[1] <> '""')
                  || 'tenant_acl')
    FROM (SELECT 'pg_database'::regclass, d.oid, '', format('DATABASE %I', d.datname),
                 coalesce((SELECT s.libraries FROM set_to AS s WHERE s.database = d.oid AND s.role = 0),
                          (SELECT reset_val FROM pg_settings WHERE name = 'session_preload_libraries'))
          FROM pg_database AS d
          WHERE d.datname = current_database()
          UNION ALL
          SELECT 'pg_authid'::regclass, r.oid, ', by a value of the role''s own',
                 format('ROLE %I IN DATABASE %I', r.rolname, d.datname), own.libraries
          FROM pg_roles AS r
          JOIN pg_database AS d ON d.datname = current_database() AND has_database_privilege(r.oid, d.oid, 'CONNECT')
          CROSS JOIN LATERAL (SELECT s.libraries FROM set_to AS s WHERE s.role = r.oid AND s.database IN (d.oid, 0)
                              ORDER BY s.database = 0 LIMIT 1) AS own
          WHERE r.rolcanlogin AND NOT r.rolsuper) AS v (class, object, why, target, libraries)
    WHERE NOT v.libraries || ',' || (SELECT reset_val FROM pg_settings WHERE name = 'shared_preload_libraries')
              ~ '(^|[,/" ])tenant_acl($|[," ])';
END;
COMMENT ON FUNCTION tacl.lint_not_preloaded() IS 'Rule: the library is not loaded when a connection begins';

--
-- Lint: rules about the extension's own objects
--

CREATE FUNCTION tacl.lint_signal_trigger()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'error', 'pg_class'::regclass, m.object, NULL::oid,
           format('signal-trigger: trigger %s is not as it was made or not ALWAYS, so other sessions do not hear of changes', s.name),
           format('CREATE OR REPLACE TRIGGER %1$s AFTER %3$s ON %2$s FOR EACH %4$s EXECUTE FUNCTION tacl.signal(); ALTER TABLE %2$s ENABLE ALWAYS TRIGGER %1$s',
                  s.name, tacl.lint_name(m.object), s.events, s.level)
    FROM tacl.lint_members() AS m
    CROSS JOIN (VALUES ('signal_row', 29, 'INSERT OR UPDATE OR DELETE', 'ROW'),
                       ('signal_truncate', 32, 'TRUNCATE', 'STATEMENT')) AS s (name, type, events, level)
    WHERE m.class = 'pg_class'::regclass AND tacl.is_signalled(m.object)
    AND NOT EXISTS (SELECT FROM pg_trigger AS t
                    WHERE t.tgrelid = m.object AND t.tgfoid = 'tacl.signal()'::regprocedure AND t.tgtype = s.type
                    AND t.tgenabled = 'A' AND t.tgqual IS NULL AND cardinality(t.tgattr::smallint[]) = 0);
END;
COMMENT ON FUNCTION tacl.lint_signal_trigger() IS 'Rule: triggers that signal are gone, changed, or not ALWAYS';

-- Of guards, and of tables that tacl_protect() has protected
CREATE FUNCTION tacl.lint_trigger_off()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'error', 'pg_trigger'::regclass, t.oid, t.tgrelid,
           'trigger-off: does not fire',
           format('ALTER TABLE %s ENABLE TRIGGER %I', tacl.lint_name(t.tgrelid), t.tgname)
    FROM pg_trigger AS t
    JOIN tacl.lint_members() AS m ON m.class = 'pg_proc'::regclass AND m.object = t.tgfoid
    WHERE t.tgenabled IN ('D', 'R') AND t.tgfoid <> 'tacl.signal()'::regprocedure;
END;
COMMENT ON FUNCTION tacl.lint_trigger_off() IS 'Rule: triggers of the extension that are disabled';

CREATE FUNCTION tacl.lint_extension_owner()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'error', m.class, m.object, NULL::oid,
           format('extension-owner: belongs to %s, the extension to %s', o.owner::regrole, m.extension_owner::regrole),
           format('ALTER %s %s OWNER TO %s', o.kind, i.identity, m.extension_owner::regrole)
    FROM tacl.lint_members() AS m
    CROSS JOIN LATERAL (
        SELECT c.relowner, CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END
        FROM pg_class AS c
        WHERE m.class = 'pg_class'::regclass AND c.oid = m.object AND c.relkind IN ('r', 'v')
        UNION ALL
        SELECT p.proowner, 'FUNCTION' FROM pg_proc AS p WHERE m.class = 'pg_proc'::regclass AND p.oid = m.object
        UNION ALL
        SELECT n.nspowner, 'SCHEMA' FROM pg_namespace AS n
        WHERE m.class = 'pg_namespace'::regclass AND n.oid = m.object) AS o (owner, kind)
    CROSS JOIN LATERAL pg_identify_object(m.class, m.object, 0) AS i
    WHERE o.owner <> m.extension_owner;
END;
COMMENT ON FUNCTION tacl.lint_extension_owner() IS 'Rule: objects of the extension that do not belong to its owner';

-- Roles that administer need INSERT, UPDATE, DELETE or SELECT, and of keys
-- nothing. Who has more can run code as the owner, or stop others; and an
-- application's role that may write can give itself any right.
CREATE FUNCTION tacl.lint_extension_grant()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN x.excess OR (x.writes_keys AND x.runs) THEN 'error' ELSE 'warning' END, m.class, m.object, NULL::oid,
           format('extension-grant: %s has %s%s%s', tacl.lint_grantee(g.grantee), g.what,
                  CASE WHEN x.writes_keys THEN ', and so can become every user' END,
                  CASE WHEN NOT x.excess AND x.runs THEN ', and an application can run as it' END),
           tacl.lint_revoke(format('%s ON %s%s', g.what, CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' END, tacl.lint_name(m.object)),
                            g.grantee, g.grantor, g.owner)
    FROM tacl.lint_members() AS m
    JOIN pg_class AS c ON m.class = 'pg_class'::regclass AND c.oid = m.object AND c.relkind IN ('r', 'S')
    CROSS JOIN LATERAL tacl.lint_grants(m.object) AS g
    CROSS JOIN LATERAL (
        SELECT g.grantee = 0 OR g.privilege NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
                   OR ((m.object = 'tacl.audit'::regclass OR c.relkind = 'S') AND g.privilege <> 'SELECT'),
               m.object = 'tacl.key'::regclass AND g.privilege IN ('INSERT', 'UPDATE'),
               EXISTS (SELECT FROM tacl.lint_runtime() AS r WHERE pg_has_role(r.role, g.grantee, 'MEMBER'))
        OFFSET 0 -- else the last is planned for each of its uses
        ) AS x (excess, writes_keys, runs)
    WHERE x.excess
    OR m.object = 'tacl.key'::regclass
    OR (g.privilege <> 'SELECT' AND tacl.is_signalled(m.object) AND x.runs)
    UNION ALL
    SELECT 'error', m.class, m.object, NULL::oid,
           format('extension-grant: %s may purge the audit%s', tacl.lint_grantee(a.grantee),
                  CASE WHEN a.grantee <> 0 THEN ', and an application can run as it' END),
           tacl.lint_revoke('EXECUTE ON FUNCTION ' || i.identity, a.grantee, a.grantor, f.proowner)
    FROM tacl.lint_members() AS m
    JOIN pg_proc AS f ON m.class = 'pg_proc'::regclass AND f.oid = m.object AND f.proname = 'tacl_audit_purge'
    CROSS JOIN LATERAL pg_identify_object(m.class, m.object, 0) AS i
    CROSS JOIN LATERAL aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) AS a
    WHERE a.grantee = 0
    OR EXISTS (SELECT FROM tacl.lint_runtime() AS r WHERE a.grantee <> f.proowner AND pg_has_role(r.role, a.grantee, 'MEMBER'));
END;
COMMENT ON FUNCTION tacl.lint_extension_grant() IS 'Rule: privileges on the extension''s tables, sequences and audit that nobody should have';

CREATE FUNCTION tacl.lint_token_grant()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'error', m.class, m.object, NULL::oid,
           format('token-grant: %s may issue tokens, and so can become every user%s', tacl.lint_grantee(a.grantee),
                  CASE WHEN a.grantee <> 0 THEN ', and an application can run as it' END),
           tacl.lint_revoke('EXECUTE ON FUNCTION ' || i.identity, a.grantee, a.grantor, f.proowner)
    FROM tacl.lint_members() AS m
    JOIN pg_proc AS f ON m.class = 'pg_proc'::regclass AND f.oid = m.object AND f.proname = 'tacl_issue_token'
    CROSS JOIN LATERAL pg_identify_object(m.class, m.object, 0) AS i
    CROSS JOIN LATERAL aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) AS a
    WHERE a.grantee = 0
    OR EXISTS (SELECT FROM tacl.lint_runtime() AS r WHERE a.grantee <> f.proowner AND pg_has_role(r.role, a.grantee, 'MEMBER'));
END;
COMMENT ON FUNCTION tacl.lint_token_grant() IS 'Rule: roles of applications that can issue tokens';

-- No fix while something uses it, or it belongs to another extension: only a
-- person knows what is to stand there instead.
CREATE FUNCTION tacl.lint_namesake()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN f.proname IN (SELECT own.proname FROM tacl.lint_members() AS m
                                   JOIN pg_proc AS own ON m.class = 'pg_proc'::regclass AND m.object = own.oid)
                THEN 'error' ELSE 'warning' END,
           'pg_proc'::regclass, f.oid, NULL::oid,
           'namesake: bears a name of the extension''s kind, and a call may mean it' || coalesce(', as in ' || u.used, ''),
           CASE WHEN u.used IS NULL THEN format('DROP ROUTINE %s', i.identity) END
    FROM pg_proc AS f
    JOIN pg_namespace AS n ON n.oid = f.pronamespace
    CROSS JOIN LATERAL pg_identify_object('pg_proc'::regclass, f.oid, 0) AS i
    CROSS JOIN LATERAL (
        SELECT min(o.type || ' ' || o.identity)
        FROM (SELECT d.classid, d.objid, d.objsubid FROM pg_depend AS d
              WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = f.oid
              UNION ALL
              SELECT d.refclassid, d.refobjid, d.refobjsubid FROM pg_depend AS d
              WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e') AS d (class, object, sub)
        CROSS JOIN LATERAL pg_identify_object(d.class, d.object, d.sub) AS o) AS u (used)
    WHERE starts_with(f.proname, 'tacl_') AND NOT starts_with(n.nspname, 'pg_temp_')
    AND f.oid NOT IN (SELECT m.object FROM tacl.lint_members() AS m WHERE m.class = 'pg_proc'::regclass);
END;
COMMENT ON FUNCTION tacl.lint_namesake() IS 'Rule: functions outside the extension whose names begin with tacl_';

CREATE FUNCTION tacl.lint_schema_create()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH own AS (
        SELECT n.oid, n.nspname, n.nspacl, n.nspowner, e.extowner,
               CASE o.rolname WHEN 'pg_database_owner' THEN d.datdba ELSE n.nspowner END AS owner
        FROM pg_extension AS e
        JOIN pg_namespace AS n ON n.oid = e.extnamespace OR n.nspname = 'tacl'
        JOIN pg_roles AS o ON o.oid = n.nspowner
        JOIN pg_database AS d ON d.datname = current_database()
        WHERE e.extname = 'tenant_acl')
    SELECT 'error', 'pg_namespace'::regclass, own.oid, NULL::oid,
           format('schema-create: %s may create objects beside the extension''s', tacl.lint_grantee(a.grantee)),
           tacl.lint_revoke(format('CREATE ON SCHEMA %I', own.nspname), a.grantee, a.grantor, own.nspowner)
    FROM own
    CROSS JOIN LATERAL aclexplode(own.nspacl) AS a
    WHERE a.privilege_type = 'CREATE' AND a.grantee <> own.nspowner
    AND NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.oid = a.grantee AND r.rolsuper)
    UNION ALL
    SELECT 'warning', 'pg_namespace'::regclass, own.oid, NULL::oid,
           format('schema-create: its owner %s may create objects beside the extension''s', own.owner::regrole),
           format('ALTER SCHEMA %I OWNER TO %s', own.nspname, own.extowner::regrole)
    FROM own
    WHERE own.owner <> own.extowner
    AND NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.oid = own.owner AND r.rolsuper);
END;
COMMENT ON FUNCTION tacl.lint_schema_create() IS 'Rule: roles that may create objects in the extension''s schemas';

--
-- Lint: rule about the application's roles
--

-- Not for who may not read them. VOLATILE, so that it is called as a function:
-- as part of the caller's query it would need the privileges in any case.
CREATE FUNCTION tacl.lint_create_without_view()
RETURNS TABLE (object text, description text, finding text, fix text) LANGUAGE sql VOLATILE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE part (role_id, id) AS (
        SELECT r.id, r.id FROM tacl.role AS r
        UNION
        SELECT p.role_id, i.included_id FROM part AS p JOIN tacl.role_include AS i ON i.role_id = p.id),
    held (role_id, pattern, denies) AS (
        SELECT DISTINCT p.role_id, ltrim(h.pattern, '!'), starts_with(h.pattern, '!')
        FROM part AS p
        JOIN tacl.role AS r ON r.id = p.id
        CROSS JOIN LATERAL unnest(r.permissions) AS h (pattern)),
    asked (relation, command, permission) AS (
        SELECT DISTINCT p.polrelid, p.polcmd, a.permission
        FROM pg_policy AS p
        CROSS JOIN LATERAL unnest(tacl.policy_permissions(p.polqual) || tacl.policy_permissions(p.polwithcheck)) AS a (permission)
        WHERE p.polcmd IN ('a', 'r') AND p.oid IN (SELECT o.policy FROM tacl.lint_policies() AS o)),
    pair (creates, views) AS (
        SELECT DISTINCT a.permission, v.permission
        FROM asked AS a
        JOIN asked AS v ON v.relation = a.relation AND v.command = 'r'
        WHERE a.command = 'a')
    SELECT format('tenant role %L at %L', r.name, r.tenant), r.description,
           format('create-without-view: allows %s but not %s, so INSERT ... RETURNING fails', p.creates, p.views),
           CASE WHEN NOT v.denied
                THEN format('SELECT %I.tacl_define_role(%L, %L, %L)', n.nspname, r.name, r.permissions || p.views, r.tenant) END
    FROM tacl.role AS r
    CROSS JOIN pair AS p
    CROSS JOIN LATERAL (SELECT coalesce(bool_or(NOT h.denies), false), coalesce(bool_or(h.denies), false)
                        FROM held AS h
                        WHERE h.role_id = r.id AND tacl.pattern_matches(h.pattern, p.creates)) AS c (allowed, denied)
    CROSS JOIN LATERAL (SELECT coalesce(bool_or(NOT h.denies), false), coalesce(bool_or(h.denies), false)
                        FROM held AS h
                        WHERE h.role_id = r.id AND tacl.pattern_matches(h.pattern, p.views)) AS v (allowed, denied)
    JOIN pg_extension AS e ON e.extname = 'tenant_acl'
    JOIN pg_namespace AS n ON n.oid = e.extnamespace
    WHERE c.allowed AND NOT c.denied AND (v.denied OR NOT v.allowed);
END;
COMMENT ON FUNCTION tacl.lint_create_without_view() IS 'Rule: roles that may create what they may not view';

--
-- Lint
--

CREATE FUNCTION tacl.lint_findings()
RETURNS SETOF tacl.finding LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.* FROM tacl.lint_rls_off() AS f
    UNION ALL SELECT f.* FROM tacl.lint_not_protected() AS f
    UNION ALL SELECT f.* FROM tacl.lint_force_off() AS f
    UNION ALL SELECT f.* FROM tacl.lint_partition_open() AS f
    UNION ALL SELECT f.* FROM tacl.lint_init_plan() AS f
    UNION ALL SELECT f.* FROM tacl.lint_row_unchecked() AS f
    UNION ALL SELECT f.* FROM tacl.lint_open_policy() AS f
    UNION ALL SELECT f.* FROM tacl.lint_move_guard() AS f
    UNION ALL SELECT f.* FROM tacl.lint_table_above() AS f
    UNION ALL SELECT f.* FROM tacl.lint_foreign_check() AS f
    UNION ALL SELECT f.* FROM tacl.lint_policy_order() AS f
    UNION ALL SELECT f.* FROM tacl.lint_table_grant() AS f
    UNION ALL SELECT f.* FROM tacl.lint_definer_view() AS f
    UNION ALL SELECT f.* FROM tacl.lint_materialized_view() AS f
    UNION ALL SELECT f.* FROM tacl.lint_publication() AS f
    UNION ALL SELECT f.* FROM tacl.lint_no_index() AS f
    UNION ALL SELECT f.* FROM tacl.lint_unique_key() AS f
    UNION ALL SELECT f.* FROM tacl.lint_foreign_key() AS f
    UNION ALL SELECT f.* FROM tacl.lint_definer_function() AS f
    UNION ALL SELECT f.* FROM tacl.lint_bypass_rls() AS f
    UNION ALL SELECT f.* FROM tacl.lint_runtime_attribute() AS f
    UNION ALL SELECT f.* FROM tacl.lint_owner_login() AS f
    UNION ALL SELECT f.* FROM tacl.lint_runtime_owner() AS f
    UNION ALL SELECT f.* FROM tacl.lint_runtime_create() AS f
    UNION ALL SELECT f.* FROM tacl.lint_runtime_temporary() AS f
    UNION ALL SELECT f.* FROM tacl.lint_parameter_grant() AS f
    UNION ALL SELECT f.* FROM tacl.lint_not_preloaded() AS f
    UNION ALL SELECT f.* FROM tacl.lint_signal_trigger() AS f
    UNION ALL SELECT f.* FROM tacl.lint_trigger_off() AS f
    UNION ALL SELECT f.* FROM tacl.lint_extension_owner() AS f
    UNION ALL SELECT f.* FROM tacl.lint_extension_grant() AS f
    UNION ALL SELECT f.* FROM tacl.lint_token_grant() AS f
    UNION ALL SELECT f.* FROM tacl.lint_namesake() AS f
    UNION ALL SELECT f.* FROM tacl.lint_schema_create() AS f;
END;
COMMENT ON FUNCTION tacl.lint_findings() IS 'All findings of rules about objects of the database';

-- A comment waives findings on the object, on its table, and of a role in its
-- description. All rules become one query, which takes PostgreSQL 0.1 s to plan
-- and run, and half a minute to compile.
CREATE FUNCTION @extschema@.tacl_lint(waived boolean DEFAULT false)
RETURNS TABLE (severity text, object text, finding text, fix text) LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
BEGIN ATOMIC
    WITH found (severity, object, finding, fix, comments) AS (
        SELECT f.severity, i.type || ' ' || i.identity, f.finding, f.fix,
               ARRAY(SELECT d.description FROM pg_description AS d
                     WHERE d.objsubid = 0 AND ((d.classoid = f.class AND d.objoid = f.object
                                                AND tacl.lint_waives(f.class, f.object, f.relation))
                                            OR (d.classoid = 'pg_class'::regclass AND d.objoid = f.relation))
                     UNION ALL
                     SELECT d.description FROM pg_shdescription AS d
                     WHERE d.classoid = f.class AND d.objoid = f.object AND tacl.lint_waives(f.class, f.object, f.relation))
        FROM tacl.lint_findings() AS f
        CROSS JOIN LATERAL pg_identify_object(f.class, f.object, 0) AS i
        WHERE pg_has_role('pg_read_all_settings', 'USAGE')
        OR pg_has_role((SELECT c.relowner FROM pg_class AS c WHERE c.oid = f.relation), 'USAGE')
        UNION ALL
        SELECT 'warning', f.object, f.finding, f.fix, ARRAY[f.description]
        FROM tacl.lint_create_without_view() AS f
        WHERE has_table_privilege('tacl.role'::regclass, 'SELECT')
        AND has_table_privilege('tacl.role_include'::regclass, 'SELECT'))
    SELECT CASE WHEN w.reason IS NULL THEN found.severity ELSE 'waived' END AS severity, found.object,
           found.finding || coalesce('; waived: ' || w.reason, '') AS finding, found.fix
    FROM found
    CROSS JOIN LATERAL (
        SELECT min(tacl.lint_reason(c.comment, split_part(found.finding, ':', 1)))
        FROM unnest(found.comments) AS c (comment)) AS w (reason)
    WHERE w.reason IS NULL OR waived
    ORDER BY array_position(ARRAY['error', 'warning', 'notice', 'waived'],
                            CASE WHEN w.reason IS NULL THEN found.severity ELSE 'waived' END),
             found.object COLLATE "C", found.finding COLLATE "C", found.fix COLLATE "C";
END;
COMMENT ON FUNCTION @extschema@.tacl_lint(boolean) IS 'Holes around protected tables, each with the statement that mends it';
