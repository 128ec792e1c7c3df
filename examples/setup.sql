-- What every example here needs, in a new database, as a superuser:
--
--     psql -d examples -v secret="$TOKEN_SECRET" -f setup.sql
--
-- Two organizations with one member each, a protected table with orders of
-- both, the key that the application signs with, and the application's role,
-- which owns nothing.

\set ON_ERROR_STOP on

CREATE EXTENSION tenant_acl;
ALTER DATABASE :"DBNAME" SET session_preload_libraries = 'tenant_acl';

-- The secret is a literal here, so neither the log nor pg_stat_activity is to have
-- this statement. With psql 16 it can be a parameter instead:
-- SELECT tacl_add_key('app-1', 'HS256', $1) \bind :secret \g
BEGIN;
SET LOCAL track_activities = off;
SET LOCAL log_statement = 'none';
SET LOCAL log_min_duration_statement = -1;
SET LOCAL log_min_duration_sample = -1;
SET LOCAL log_transaction_sample_rate = 0;
SET LOCAL log_min_error_statement = 'panic';
SELECT tacl_add_key('app-1', 'HS256', :'secret');
COMMIT;

SELECT tacl_create_tenant('org-acme'), tacl_create_tenant('org-globex');
SELECT tacl_define_role('member', '{orders.*}');
SELECT tacl_assign('alice', 'member', 'org-acme'), tacl_assign('bob', 'member', 'org-globex');

CREATE TABLE orders (id integer PRIMARY KEY, tenant_id text NOT NULL);
CREATE INDEX ON orders (tenant_id);
INSERT INTO orders VALUES (1, 'org-acme'), (2, 'org-acme'), (3, 'org-globex');
SELECT tacl_protect('orders', 'tenant_id', 'orders');

SELECT 'CREATE ROLE shop LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shop') \gexec
GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO shop;
