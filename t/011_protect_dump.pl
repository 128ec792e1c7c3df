# R22, R24: protection is carried by dumps of all kinds, also by one of the schema
# alone and one without comments; and where the extension is dropped, or missing
# when a dump is restored, no row of a protected table can be seen. Functions that
# would be preferred to the extension's do not capture what is restored.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;

my $dir = PostgreSQL::Test::Utils::tempdir;

# Who uses the tables. The setting is the roles', so that it needs no dump.
$node->safe_psql(
	'postgres', q{
	CREATE ROLE owner LOGIN;
	CREATE ROLE app LOGIN;
	CREATE ROLE office LOGIN;
	CREATE ROLE "ware house" LOGIN;
	CREATE ROLE mal LOGIN;
	ALTER ROLE app SET tacl.user_setting = 'app.user_id';
	ALTER ROLE office SET tacl.user_setting = 'app.user_id';
	ALTER ROLE app SET session_preload_libraries = 'tenant_acl';
	ALTER ROLE office SET session_preload_libraries = 'tenant_acl';
	CREATE DATABASE before;});

# The calls that protect the tables; each is false where nothing is to be done.
my @calls = (
	q{tacl_protect('shop.orders', 'tenant id', 'orders', to_roles => '{app}', exempt_roles => '{ware house}')},
	q{tacl_protect('shop.orders', 'tenant id', 'orders', 'all_mine', 'orders.list', to_roles => '{office, owner}')},
	q{tacl_protect_child('shop.lines', 'order_id')},
	q{tacl_protect_child('shop.parts', 'line_id', base => false)},
	q{tacl_protect('shop.events', 'tenant', 'events', force => false)});
my $calls = 'SELECT ' . join ', ', @calls;

$node->safe_psql('before',
	'CREATE EXTENSION tenant_acl; CREATE SCHEMA shop AUTHORIZATION owner; GRANT USAGE ON SCHEMA shop TO PUBLIC');
$node->safe_psql(
	'before', qq{
	SELECT tacl_create_tenant('org-a'), tacl_create_tenant('org-b'), tacl_create_tenant('org-c');
	SELECT tacl_define_role('editor', '{orders.*, events.*}');
	SELECT tacl_assign('ann', 'editor', 'org-a'), tacl_assign('ann', 'editor', 'org-b');
	SET ROLE owner;
	SET search_path = shop, public;
	CREATE DOMAIN tenant_id AS text;
	CREATE TABLE orders (id int PRIMARY KEY, "tenant id" tenant_id);
	CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders);
	CREATE TABLE parts (id int, line_id int REFERENCES lines);
	CREATE TABLE events (id int, tenant varchar(40)) PARTITION BY LIST (tenant);
	CREATE TABLE events_a PARTITION OF events FOR VALUES IN ('org-a');
	CREATE TABLE events_other PARTITION OF events DEFAULT;
	CREATE POLICY small ON parts USING (id < 100);
	CREATE POLICY late ON events AS RESTRICTIVE USING (id > 0);
	INSERT INTO orders SELECT i, 'org-' || substr('abc', i % 3 + 1, 1) FROM generate_series(1, 30) AS i;
	INSERT INTO lines SELECT i, i FROM generate_series(1, 30) AS i;
	INSERT INTO parts SELECT i, i FROM generate_series(1, 30) AS i;
	INSERT INTO events SELECT i, 'org-' || substr('abc', i % 3 + 1, 1) FROM generate_series(1, 30) AS i;
	GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA shop TO app, office, "ware house";
	$calls;});

# Where everybody may create functions: some with just the arguments of policies.
$node->safe_psql(
	'before', q{
	GRANT CREATE ON SCHEMA public TO mal;
	SET ROLE mal;
	CREATE FUNCTION public.tacl_may(permission text, tenant shop.tenant_id) RETURNS boolean LANGUAGE sql AS 'SELECT true';
	CREATE FUNCTION public.tacl_may(permission text, tenant varchar) RETURNS boolean LANGUAGE sql AS 'SELECT true';
	CREATE FUNCTION public.tacl_active_tenant(permission text, type text) RETURNS text LANGUAGE sql AS $$SELECT 'org-c'::text$$;
	CREATE FUNCTION public.tacl_protected(condition boolean) RETURNS boolean LANGUAGE sql AS 'SELECT true';
	CREATE FUNCTION public.tacl_reads_only() RETURNS boolean LANGUAGE sql AS 'SELECT true';
	CREATE FUNCTION public.tacl_guard_move() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';});

my $definitions = q{
	SELECT tablename, policyname, permissive, roles, cmd, qual, with_check, obj_description(p.oid, 'pg_policy')
	FROM pg_policies JOIN pg_policy p ON polname = policyname AND polrelid = format('%I.%I', schemaname, tablename)::regclass
	ORDER BY tablename, policyname COLLATE "C";
	SELECT tgrelid::regclass, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = '~tacl move' ORDER BY tgrelid::regclass::text COLLATE "C";
	SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relnamespace = 'shop'::regnamespace AND relkind IN ('r', 'p')
	ORDER BY relname COLLATE "C";};

my @tables = qw(orders lines parts events events_a events_other);

# How many rows a role sees in each table.
sub seen
{
	my ($database, $role, $user, $tenant) = @_;
	my $counts = join ', ', map { "(SELECT count(*) FROM shop.$_)" } @tables;

	return $node->safe_psql($database,
		"SET app.user_id = '$user'; SET app.tenant = '$tenant'; SELECT $counts",
		connstr => $node->connstr($database) . " user='$role'");
}

# What everybody sees and may write.
sub answers
{
	my ($database) = @_;
	my @answers;

	foreach my $role ('app', 'office', 'ware house', 'owner')
	{
		foreach my $user ('ann', 'bob')
		{
			foreach my $tenant ('org-a', 'org-c', '')
			{
				push @answers, "$role $user $tenant: " . seen($database, $role, $user, $tenant);
			}
		}
	}
	foreach my $statement (
		q{INSERT INTO shop.orders VALUES (99, 'org-b')},
		q{INSERT INTO shop.lines VALUES (99, 1)},
		q{UPDATE shop.orders SET "tenant id" = 'org-c'},
		q{UPDATE shop.lines SET order_id = 2},
		q{UPDATE shop.events SET tenant = 'org-b'},
		q{INSERT INTO shop.events_a VALUES (99, 'org-a')})
	{
		my ($code, $out, $error) = $node->psql($database,
			"SET app.user_id = 'ann'; SET app.tenant = 'org-a'; BEGIN; $statement; ROLLBACK",
			connstr => $node->connstr($database) . ' user=app');
		my ($message) = $error =~ /ERROR:\s+(.*)/;

		push @answers, "$statement: " . ($message // 'done');
	}
	return join "\n", @answers;
}

my $before = $node->safe_psql('before', $definitions);
my $answers = answers('before');
like($answers, qr/^app ann org-a: 10\|10\|10\|10\|10\|0$/m, 'the application sees its tenant');
like($answers, qr/^office ann : 20\|20\|20\|0\|/m, 'the office sees all of its tenants');
like($answers, qr/^ware house bob : 30\|30\|30\|0\|/m, 'the exempt see all');
like($answers, qr/^app bob org-a: 0\|0\|0\|0\|0\|0$/m, 'others see nothing');
like($answers, qr/INSERT INTO shop\.lines.*"!tacl orders\.create \(insert\)"/, 'and write nothing');
is($node->safe_psql('before', "SET ROLE owner; $calls"), 'f|f|f|f|f', 'the calls are done');

my %dumps = (
	plain => [ 'pg_dump', '-f', "$dir/plain.sql" ],
	custom => [ 'pg_dump', '-Fc', '-f', "$dir/custom.dump" ],
	schema => [ 'pg_dump', '--schema-only', '-f', "$dir/schema.sql" ],
	comments => [ 'pg_dump', '--no-comments', '-f', "$dir/comments.sql" ]);
my %restores = (
	plain => [ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/plain.sql", '-d' ],
	custom => [ 'pg_restore', '--exit-on-error', '-j2', "$dir/custom.dump", '-d' ],
	schema => [ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/schema.sql", '-d' ],
	comments => [ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/comments.sql", '-d' ]);

foreach my $kind (sort keys %dumps)
{
	$node->safe_psql('postgres', "CREATE DATABASE after_$kind TEMPLATE template0");
	$node->command_ok([ @{ $dumps{$kind} }, 'before' ], "$kind: dump");
	$node->command_ok([ @{ $restores{$kind} }, "after_$kind" ], "$kind: restore");
}

foreach my $kind ('plain', 'custom', 'schema')
{
	my $database = "after_$kind";

	is($node->safe_psql($database, $definitions), $before, "$kind: the same policies, comments and triggers");
	is($node->safe_psql($database, "SET ROLE owner; $calls"), 'f|f|f|f|f', "$kind: nothing is left to do");
	is(answers($database), $answers, "$kind: the same rows") if $kind ne 'schema';
}

# The schema alone protects what comes later, too.
$node->safe_psql(
	'after_schema', q{
	SELECT tacl_create_tenant('org-a');
	SELECT tacl_grant('ann', 'orders.*', 'org-a');
	INSERT INTO shop.orders VALUES (1, 'org-a'), (2, 'org-b');
	INSERT INTO shop.lines VALUES (1, 1), (2, 2);});
is(seen('after_schema', 'app', 'ann', 'org-a'), '1|1|0|0|0|0', 'schema: what is loaded later is protected');
is(seen('after_schema', 'app', 'bob', 'org-a'), '0|0|0|0|0|0', 'schema: from everybody else');

# Without comments, policies still protect, and are known for ours.
is(answers('after_comments'), $answers, 'without comments: the same rows');
is($node->safe_psql('after_comments', "SET ROLE owner; $calls"), 't|t|t|t|t', 'without comments: they are written again');
is($node->safe_psql('after_comments', "SET ROLE owner; $calls"), 'f|f|f|f|f', 'without comments: once');
is($node->safe_psql('after_comments', 'SELECT count(*) FROM pg_policy'),
	$node->safe_psql('before', 'SELECT count(*) FROM pg_policy'), 'without comments: no policy is there twice');

# A restored database can be undone.
is( $node->safe_psql(
		'after_plain', q{
		SET ROLE owner;
		SELECT tacl_unprotect('shop.parts'), tacl_unprotect('shop.lines'), tacl_unprotect('shop.orders'), tacl_unprotect('shop.events');
		SELECT string_agg(polname, ', ' ORDER BY polname) FROM pg_policy;
		SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_class WHERE relrowsecurity OR relforcerowsecurity;}),
	"t|t|t|t\nlate, small\nevents, parts", 'all is undone but what is not ours');

# Dropped with all that depends on it, the extension takes the policies along.
my ($code, $out, $error) = $node->psql('after_custom', 'DROP EXTENSION tenant_acl');
like($error, qr/other objects depend on it/, 'the extension cannot be dropped alone');
$node->safe_psql('after_custom', 'DROP EXTENSION tenant_acl CASCADE');
foreach my $role ('app', 'office')
{
	is(seen('after_custom', $role, 'ann', 'org-a'), '0|0|0|0|0|0', "dropped: $role sees nothing");
}
is(seen('after_custom', 'ware house', 'ann', 'org-a'), '0|0|30|0|0|0', 'dropped: the exempt see what others permit');
is($node->safe_psql('after_custom', 'SELECT string_agg(polname, \', \' ORDER BY polname) FROM pg_policy'),
	'late, small, tacl (guard 2), tacl (guard)', 'dropped: only policies of others are left, and those against them');
$node->safe_psql('after_custom', 'CREATE EXTENSION tenant_acl');
is(seen('after_custom', 'app', 'ann', 'org-a'), '0|0|0|0|0|0', 'created again: nothing is seen before the tables are protected again');
is($node->safe_psql('after_custom', 'SET ROLE owner; SELECT count(*) FROM shop.orders'),
	'0', 'dropped: nor does the owner, where it was forced');

# Restored by who may not create the extension.
$node->safe_psql('postgres', 'CREATE DATABASE after_none OWNER owner TEMPLATE template0');
$node->run_log([ 'pg_restore', '-U', 'owner', '-d', 'after_none', "$dir/custom.dump" ]);
is($node->safe_psql('after_none', q{SELECT count(*) FROM pg_extension WHERE extname = 'tenant_acl'}),
	'0', 'missing: there is no extension');
is($node->safe_psql('after_none', 'SELECT count(*) FROM shop.orders'), '30', 'missing: the rows are there');
foreach my $role ('app', 'office')
{
	is(seen('after_none', $role, 'ann', 'org-a'), '0|0|0|0|0|0', "missing: $role sees nothing");
}

$node->stop;
done_testing();
