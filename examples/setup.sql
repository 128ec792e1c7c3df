-- What every example here needs, in a new database, as a superuser:
--
--     psql -d shop -v secret="$TOKEN_SECRET" -f setup.sql
--
-- Two organizations with one member each, a protected table with orders of
-- both, the key that the application signs with, and the application's role,
-- which owns nothing.

CREATE EXTENSION tenant_acl;
ALTER DATABASE :"DBNAME" SET session_preload_libraries = 'tenant_acl';
SELECT tacl_add_key('app-1', 'HS256', :'secret');

SELECT tacl_create_tenant('org-acme'), tacl_create_tenant('org-globex');
SELECT tacl_define_role('member', '{orders.*}');
SELECT tacl_assign('alice', 'member', 'org-acme'), tacl_assign('bob', 'member', 'org-globex');

CREATE TABLE orders (id integer PRIMARY KEY, tenant_id text NOT NULL);
CREATE INDEX ON orders (tenant_id);
INSERT INTO orders VALUES (1, 'org-acme'), (2, 'org-acme'), (3, 'org-globex');
SELECT tacl_protect('orders', 'tenant_id', 'orders');

CREATE ROLE shop LOGIN;
GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO shop;
