# tacl_lint() in databases and clusters of its own: quiet where all is well, the
# library loaded beforehand or not, publications, hostile objects that were
# there before the extension.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(allows_streaming => 'logical');
$node->start;

# What is found, a line for each: severity, object, rule.
sub lint
{
	my ($database) = @_;
	return $node->safe_psql($database,
		q{SET search_path = pg_catalog; SELECT severity, object, split_part(finding, ':', 1) FROM public.tacl_lint()});
}

# Runs what the linter says.
sub mend
{
	my ($database) = @_;
	$node->safe_psql($database, join(';', $node->safe_psql($database, 'SELECT fix FROM tacl_lint()')));
	return;
}

#
# Operators of the script's kind that come before the extension's: none is used
#
$node->safe_psql('postgres', 'CREATE DATABASE hostile');
$node->safe_psql(
	'hostile', q{
	DO $$
	DECLARE
		op text;
		pair text;
	BEGIN
		CREATE FUNCTION public.trap() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE ''caught''; END';
		FOREACH pair IN ARRAY '{"oid,integer", "oid,regclass", "regclass,oid", "oid,regproc", "name,text", "name,name", "text,name",
			"smallint,integer", "smallint[],smallint[]", "\"char\",text"}'::text[] LOOP
			EXECUTE format('CREATE FUNCTION public.trap(%s) RETURNS boolean LANGUAGE sql AS ''SELECT public.trap()''', pair);
			FOREACH op IN ARRAY '{=, <>, <, ~, &&, @>, ||}'::text[] LOOP
				EXECUTE format('CREATE OPERATOR public.%s (FUNCTION = public.trap, LEFTARG = %s, RIGHTARG = %s)',
					op, split_part(pair, ',', 1), split_part(pair, ',', 2));
			END LOOP;
		END LOOP;
	END $$;
	CREATE FUNCTION public.unnest(smallint[]) RETURNS SETOF smallint LANGUAGE sql AS 'SELECT public.trap()::integer::smallint';
	CREATE FUNCTION public.format(text, name, name) RETURNS text LANGUAGE sql AS 'SELECT public.trap()::text';
	CREATE FUNCTION public.min(name) RETURNS text LANGUAGE sql AS 'SELECT public.trap()::text';
	CREATE TABLE public.pg_policy (oid oid);
	CREATE EXTENSION tenant_acl;});
is( $node->safe_psql(
		'hostile', q{
	SET search_path = pg_catalog;
	SELECT string_agg(p.proname || ' on ' || o.identity, ', ')
	FROM pg_proc AS p
	JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'n'
	CROSS JOIN LATERAL pg_identify_object(d.refclassid, d.refobjid, 0) AS o
	WHERE p.proname ~ '^(tacl_)?lint' AND o.schema = 'public'}),
	'', 'no function of the linter depends on what is not PostgreSQL\'s or the extension\'s');
like(lint('hostile'), qr/^warning\|database hostile\|not-preloaded$/, 'and it runs');

#
# Quiet: an owner who cannot log in, an application that has what it needs, roles
# of all kinds, a table with all that belongs to it
#
$node->safe_psql('postgres', 'CREATE DATABASE shop');
$node->safe_psql(
	'shop', q{
	CREATE ROLE shop_owner;
	CREATE ROLE shop_app LOGIN;
	CREATE ROLE shop_operator LOGIN;
	CREATE ROLE shop_issuer LOGIN;
	CREATE ROLE shop_support LOGIN;
	CREATE EXTENSION tenant_acl;
	REVOKE TEMPORARY ON DATABASE shop FROM PUBLIC;
	SELECT tacl_setup_role('shop_app', 'runtime'), tacl_setup_role('shop_operator', 'operator'),
		tacl_setup_role('shop_issuer', 'issuer'), tacl_setup_role('shop_support', 'readonly');
	CREATE TABLE orders (tenant_id uuid NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (tenant_id, id));
	ALTER TABLE orders OWNER TO shop_owner;
	ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
	CREATE POLICY base ON orders USING (tacl_may('orders.view', tenant_id));
	CREATE POLICY view ON orders AS RESTRICTIVE FOR SELECT USING (tenant_id = tacl_active_tenant('orders.view', NULL::uuid));
	CREATE POLICY new ON orders AS RESTRICTIVE FOR INSERT WITH CHECK (tacl_may('orders.create', tenant_id));
	GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO shop_app;
	CREATE VIEW open_orders WITH (security_invoker) AS SELECT * FROM orders;
	GRANT SELECT ON open_orders TO shop_app;
	SELECT tacl_define_role('admin', '{*}'), tacl_define_role('clerk', '{orders.view, orders.create}');});
is(lint('shop'), 'warning|database shop|not-preloaded', 'all is well but for the library');

#
# The library loaded beforehand: by the database, by the server's configuration
#
mend('shop');
is(lint('shop'), '', 'quiet after its own fix');
is($node->safe_psql('shop', 'SHOW session_preload_libraries'), 'tenant_acl', 'which loads it');
like(lint('hostile'), qr/not-preloaded/, 'in this database only');

$node->safe_psql('postgres', 'ALTER DATABASE shop RESET session_preload_libraries');
foreach my $setting ('session_preload_libraries', 'shared_preload_libraries')
{
	$node->append_conf('postgresql.conf', "$setting = 'auto_explain, tenant_acl'");
	$node->restart;
	is(lint('shop'), '', "quiet with $setting");
	$node->safe_psql('postgres', q{ALTER DATABASE shop SET session_preload_libraries = 'auto_explain'});
	is(lint('shop'), $setting =~ /^session/ ? 'warning|database shop|not-preloaded' : '',
		'unless the database has a value of its own without it');
	$node->safe_psql('postgres', 'ALTER DATABASE shop RESET session_preload_libraries');
	$node->append_conf('postgresql.conf', "$setting = ''") if $setting =~ /^session/;
}

#
# Publications: of the table, of its schema, of all tables
#
$node->safe_psql('shop', q{CREATE PUBLICATION "a ""%" FOR TABLE orders, tacl.tenant});
is(lint('shop'), q{warning|publication "a ""%"|publication}, 'publication of a table');
is($node->safe_psql('shop', 'SELECT fix FROM tacl_lint()'), q{ALTER PUBLICATION "a ""%" DROP TABLE public.orders}, 'its fix');
mend('shop');
is(lint('shop'), '', 'quiet after its own fix');
$node->safe_psql('shop', 'CREATE PUBLICATION b FOR TABLES IN SCHEMA public; CREATE PUBLICATION c FOR ALL TABLES');
is(lint('shop'), "warning|publication b|publication\nwarning|publication c|publication", 'publications of a schema and of all tables');
$node->safe_psql('shop', q{COMMENT ON PUBLICATION b IS 'tacl: ignore publication - to the warehouse'});
is(lint('shop'), 'warning|publication c|publication', 'waived by a comment on the publication');
$node->safe_psql('shop', 'DROP PUBLICATION "a ""%"; DROP PUBLICATION b; DROP PUBLICATION c');

#
# Roles of other databases are no concern of this one
#
$node->safe_psql(
	'shop', q{
	CREATE ROLE elsewhere LOGIN BYPASSRLS;
	REVOKE CONNECT ON DATABASE shop FROM PUBLIC;
	GRANT CONNECT ON DATABASE shop TO shop_app;});
is(lint('shop'), '', 'a role that may not connect');
$node->safe_psql('shop', 'GRANT CONNECT ON DATABASE shop TO elsewhere');
is(lint('shop'), 'error|role elsewhere|bypass-rls', 'a role that may');
mend('shop');

#
# pg_upgrade makes the functions from their definitions, as pg_dump writes them
#
$node->safe_psql(
	'shop', q{
	ALTER TABLE orders NO FORCE ROW LEVEL SECURITY;
	SET search_path = '';
	DO $$
	DECLARE
		function pg_catalog.oid;
	BEGIN
		FOR function IN SELECT p.oid FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_language AS l ON l.oid OPERATOR(pg_catalog.=) p.prolang
			WHERE l.lanname OPERATOR(pg_catalog.=) 'sql' AND p.proname OPERATOR(pg_catalog.~) '^(tacl_)?lint' LOOP
			EXECUTE pg_catalog.pg_get_functiondef(function);
		END LOOP;
	END $$});
is(lint('shop'), 'warning|table public.orders|force-off', 'functions made again from their definitions');

$node->stop;
done_testing();
