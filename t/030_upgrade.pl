# R24: pg_upgrade, by copies and by links: everybody may do what they could before,
# and sees the same rows of protected tables, with the same plans as in a database that
# was never upgraded; keys and audit are carried, and no record is written.
#
#   TACL_OLD_BINDIR   programs of the PostgreSQL to upgrade from, with the
#                     extension; unless given, the version is upgraded to itself
use strict;
use warnings;
use lib 't/matrix';

use File::Basename qw(dirname);
use Matrix;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $new_bindir = dirname(scalar(`pg_config --bindir`) =~ s/\n//r . '/.');
my $old_bindir = $ENV{TACL_OLD_BINDIR} // $new_bindir;
my @databases = qw(matrix shop);

# A table of each kind of protection, and policies that are written by hand.
my $shop = q{
	CREATE EXTENSION tenant_acl;
	SELECT tacl_create_tenant('org-a'), tacl_create_tenant('org-b'), tacl_create_tenant('org-c');
	SELECT tacl_define_role('editor', '{orders.*, notes.*}');
	SELECT tacl_assign('ann', 'editor', 'org-a'), tacl_assign('ann', 'editor', 'org-b');
	SELECT tacl_limit_tenant('org-b', '{orders.*}'), tacl_set_primary('ann', 'org-b');
	SELECT tacl_add_key('key-1', 'HS256', 'the secret of the key of this test', 'https://id.example/', 'orders');
	INSERT INTO tacl.permission VALUES ('orders.view', 'to see');
	CREATE TABLE orders (id int PRIMARY KEY, tenant text);
	CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders);
	CREATE TABLE events (id int, tenant varchar(40)) PARTITION BY LIST (tenant);
	CREATE TABLE events_a PARTITION OF events FOR VALUES IN ('org-a');
	CREATE TABLE events_other PARTITION OF events DEFAULT;
	CREATE TABLE notes (id int PRIMARY KEY, tenant text);
	CREATE TABLE papers (id int PRIMARY KEY, tenant text);
	CREATE INDEX ON orders (tenant);
	CREATE INDEX ON notes (tenant);
	INSERT INTO orders SELECT i, 'org-' || substr('abcdefgh', i % 8 + 1, 1) FROM generate_series(1, 8000) AS i;
	INSERT INTO lines SELECT i, i FROM generate_series(1, 800) AS i;
	INSERT INTO events SELECT * FROM orders;
	INSERT INTO notes SELECT * FROM orders;
	INSERT INTO papers SELECT * FROM orders;
	GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app, office;
	ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
	ALTER TABLE papers ENABLE ROW LEVEL SECURITY;
	CREATE POLICY may ON notes USING (tacl_may('notes.view', tenant));
	CREATE POLICY can ON papers USING (tacl_can(current_setting('app.user_id', true), 'orders.view', tenant));
};
my @calls = (
	q{tacl_protect('orders', 'tenant', 'orders', to_roles => '{app}')},
	q{tacl_protect('orders', 'tenant', 'orders', 'all_mine', to_roles => '{office}')},
	q{tacl_protect_child('lines', 'order_id')},
	q{tacl_protect('events', 'tenant', 'orders', 'all_mine')});
my $calls = 'SELECT ' . join ', ', @calls;
my @tables = qw(orders lines events events_a notes papers);

# Definitions of what protects.
my $definitions = q{
	SELECT tablename, policyname, permissive, roles, cmd, qual, with_check, obj_description(p.oid, 'pg_policy')
	FROM pg_policies JOIN pg_policy AS p ON polname = policyname AND polrelid = format('%I.%I', schemaname, tablename)::regclass
	ORDER BY tablename COLLATE "C", policyname COLLATE "C";
	SELECT tgrelid::regclass, tgenabled, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 3;
	SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relkind IN ('r', 'p') AND oid >= 16384
	ORDER BY relname COLLATE "C"};

# The extension with its members. Types of rows and arrays are members by
# themselves in some versions.
my $members = q{
	SELECT extversion, extnamespace::regnamespace FROM pg_extension WHERE extname = 'tenant_acl';
	SELECT pg_describe_object(classid, objid, 0) FROM pg_depend
	WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e' AND classid <> 'pg_type'::regclass
		AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'tenant_acl')
	ORDER BY 1};

# What the extension keeps besides rights.
my $kept = q{
	SELECT to_jsonb(k) FROM tacl.key AS k ORDER BY 1;
	SELECT to_jsonb(p) FROM tacl.permission AS p ORDER BY 1;
	SELECT to_jsonb(u) FROM tacl.user_preference AS u ORDER BY 1;
	SELECT to_jsonb(a) FROM tacl.audit AS a ORDER BY a.id};

my $lint = 'SELECT severity, object, finding FROM tacl_lint() ORDER BY 1, 2, 3';

# Runs SQL as a role, for a user in a tenant.
sub as_role
{
	my ($node, $database, $role, $sql) = @_;

	return $node->safe_psql($database, "SET app.user_id = 'ann'; SET app.tenant = 'org-a'; $sql",
		connstr => $node->connstr($database) . " user=$role");
}

# What is seen of the protected tables.
sub seen
{
	my ($node) = @_;
	my $counts = join '; ', map { "SELECT '$_', count(*), sum(id) FROM $_" } @tables;

	return join "\n", map { "$_: " . as_role($node, 'shop', $_, $counts) } qw(app office);
}

# How the protected tables are read.
sub plans
{
	my ($node, $database) = @_;
	my $explain = join '; ', map { "EXPLAIN (COSTS OFF) SELECT * FROM $_" } @tables;

	$node->safe_psql($database, 'ANALYZE');
	return join "\n", map { as_role($node, $database, $_, $explain) } qw(app office);
}

# All that must be after an upgrade as it was before.
sub state
{
	my ($node) = @_;
	my %state = (seen => seen($node));

	foreach my $database (@databases)
	{
		my %queries = (answers => $matrix_answers, rows => $matrix_rows, definitions => $definitions,
			members => $members, kept => $kept, lint => $lint);

		$state{"$database: $_"} = $node->safe_psql($database, $queries{$_}) foreach keys %queries;
	}
	return \%state;
}

# A version, for the names of tests.
sub version
{
	my ($node) = @_;

	return $node->safe_psql('postgres', 'SHOW server_version') =~ s/ .*//r;
}

my $old = PostgreSQL::Test::Cluster->new('old', install_path => dirname($old_bindir));
$old->init(extra => ['-k']);
$old->start;
my $old_version = version($old);
$old->safe_psql(
	'postgres', q{
	CREATE ROLE app LOGIN;
	CREATE ROLE office LOGIN;
	ALTER ROLE app SET tacl.user_setting = 'app.user_id';
	ALTER ROLE office SET tacl.user_setting = 'app.user_id'});
$old->safe_psql('postgres', "CREATE DATABASE $_ TEMPLATE template0 ENCODING UTF8") foreach @databases;
matrix_fill($old, 'matrix');
$old->safe_psql('shop', $shop);
$old->safe_psql('shop', $calls);
my $token = $old->safe_psql('shop', q{SELECT tacl_issue_token('ann', 'org-a', '1 hour')});
my $before = state($old);

like($before->{'matrix: answers'}, qr/^o'brien\|orders\.view\|o'brien\|t$/m, 'before: a hostile name may do what it may');
like($before->{seen}, qr/^app: orders\|1000\|/, 'before: the application sees its tenant');
like($before->{seen}, qr/^office: orders\|2000\|/m, 'before: the office sees all of its tenants');
cmp_ok(scalar(() = $before->{'shop: kept'} =~ /"operation"/g), '>', 8, 'before: changes are in the audit');
is($old->safe_psql('shop', q{
	SELECT count(*) FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
	WHERE c.relnamespace = 'tacl'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
		AND (a.atttypid = 'oid'::regtype OR format_type(a.atttypid, NULL) LIKE 'reg%')}),
	'0', 'no table of the extension holds an OID');
$old->stop;

# Upgrades the old cluster in a way. Returns the new one, which runs.
sub upgrade
{
	my ($how) = @_;
	my $new = PostgreSQL::Test::Cluster->new("new_$how");
	my $dir = PostgreSQL::Test::Utils::tempdir;

	$new->init(extra => ['-k']);
	$new->command_ok([ 'sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', $dir, "$new_bindir/pg_upgrade",
			'-d', $old->data_dir, '-D', $new->data_dir, '-b', $old_bindir, '-B', $new_bindir,
			'-s', $new->host, '-p', $old->port, '-P', $new->port, $how eq 'link' ? '--link' : () ],
		"$how: pg_upgrade");
	$new->start;
	return $new;
}

# A session that has asked before is told of a change.
sub is_heard
{
	my ($new, $how) = @_;
	my $warm = $new->background_psql('shop');
	my $ask = q{SELECT tacl_can('ann', 'orders.view', 'org-a')};
	my @heard = $warm->query_safe($ask);

	$new->safe_psql('shop', q{SELECT tacl_unassign('ann', 'editor', 'org-a')});
	push @heard, $warm->query_safe($ask);
	$new->safe_psql('shop', q{SELECT tacl_assign('ann', 'editor', 'org-a')});
	push @heard, $warm->query_safe($ask);
	$warm->quit;
	is("@heard", 't f t', "$how: changes are heard");
}

foreach my $how (qw(copy link))
{
	my $new = upgrade($how);
	my $after = state($new);

	same($after->{$_}, $before->{$_}, "$how, $old_version to " . version($new) . ": $_") foreach sort keys %$before;
	is($new->safe_psql('shop', "SELECT tacl_may('orders.view') FROM set_config('tacl.token', '$token', false)"),
		't', "$how: a token is still good");
	is($new->safe_psql('shop', $calls), 'f|f|f|f', "$how: nothing is left to protect");
	is($new->safe_psql('shop', 'ALTER EXTENSION tenant_acl UPDATE; ' . $members), $before->{'shop: members'},
		"$how: there is nothing to update");

	$new->safe_psql('postgres', 'CREATE DATABASE fresh TEMPLATE template0 ENCODING UTF8');
	$new->safe_psql('fresh', $shop);
	$new->safe_psql('fresh', $calls);
	same(plans($new, 'shop'), plans($new, 'fresh'), "$how: the plans of a database that was never upgraded");

	is_heard($new, $how);
	is( $new->safe_psql('shop', q{
			SELECT tacl_define_role('new', '{new.thing}'), tacl_create_group('new', 'org-a'), tacl_assign('new', 'new', 'org-a'),
				tacl_can('new', 'new.thing', 'org-a')}),
		't|t|t|t', "$how: ids continue");
	is($new->safe_psql('shop', 'SELECT count(*) FROM tacl.audit'), 5 + (() = $before->{'shop: kept'} =~ /"operation"/g),
		"$how: a record for each change since");
	$new->stop;
}

done_testing();
