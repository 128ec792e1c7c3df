# R24: a dump carries the whole access control: after a restore every user may do
# in every tenant exactly what they could before, whatever their names look like.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;

my $dir = PostgreSQL::Test::Utils::tempdir;

# Like is(), but shows only the lines that differ.
sub same
{
	my ($got, $expected, $name) = @_;
	my %seen;

	$seen{$_}++ foreach split /^/, $got;
	$seen{$_}-- foreach split /^/, $expected;
	ok($got eq $expected, $name);
	note map { ($seen{$_} > 0 ? '+ ' : '- ') . $_ } grep { $seen{$_} != 0 } sort keys %seen;
}

# Names that a careless dump, restore or cache key would trip over. They are put
# into SQL by format's %L, so that this file does not have to quote them.
my @hostile = (
	q{o'brien}, q{say "hi"}, q{back\slash}, q{\.}, q{\N},
	q{NULL}, q{a:b}, q{a:b:c}, q{b:c}, q{größe},
	q{日本}, q[{brace,comma}], q{%s %n}, q{'; DROP TABLE tacl.tenant; --}, q{$$},
	q{$1}, q{ blanks }, q{x} x 255);

sub literals
{
	return join ', ', map { (my $name = $_) =~ s/'/''/g; $name = "'$name'"; $name } @_;
}

# One row per user, permission and tenant.
my $matrix = q{
	SELECT u, p, t, tacl_can(u, p, t)
	FROM (SELECT user_id FROM tacl.assignment WHERE user_id IS NOT NULL
		  UNION SELECT user_id FROM tacl.group_member
		  UNION SELECT user_id FROM tacl.user_account
		  UNION VALUES ('nobody')) AS users(u),
		unnest(ARRAY['orders.view', 'orders.items.view', 'orders.delete', 'orders', 'read:reports',
			'billing.pay', 'tacl.assign']) AS p,
		(SELECT id FROM tacl.tenant UNION VALUES ('nowhere')) AS tenants(t)
	ORDER BY u COLLATE "C", p COLLATE "C", t COLLATE "C"};

my $tables = q{
	SELECT 'tenant', to_jsonb(x) FROM tacl.tenant x WHERE id <> '*' UNION ALL
	SELECT 'role', to_jsonb(x) FROM tacl.role x UNION ALL
	SELECT 'role_include', to_jsonb(x) FROM tacl.role_include x UNION ALL
	SELECT 'user_account', to_jsonb(x) FROM tacl.user_account x UNION ALL
	SELECT 'user_group', to_jsonb(x) FROM tacl.user_group x UNION ALL
	SELECT 'group_member', to_jsonb(x) FROM tacl.group_member x UNION ALL
	SELECT 'group_include', to_jsonb(x) FROM tacl.group_include x UNION ALL
	SELECT 'assignment', to_jsonb(x) FROM tacl.assignment x
	ORDER BY 1, 2};

$node->safe_psql('postgres', 'CREATE DATABASE before TEMPLATE template0 ENCODING UTF8');
$node->safe_psql('before', 'CREATE EXTENSION tenant_acl');
$node->safe_psql(
	'before', q{
	SELECT tacl_create_tenant('org');
	SELECT tacl_create_tenant('team', 'org');
	SELECT tacl_create_tenant('squad', 'team');
	SELECT tacl_create_tenant('late-parent');
	SELECT tacl_create_tenant('early-child', 'squad');
	SELECT tacl_move_tenant('early-child', 'late-parent');
	SELECT tacl_move_tenant('org', 'late-parent');
	SELECT tacl_limit_tenant('team', ARRAY['orders.*', 'read:reports']);
	SELECT tacl_create_tenant('unpaid');
	SELECT tacl_suspend_tenant('unpaid', ARRAY['billing.*']);
	SELECT tacl_define_role('viewer', ARRAY['*.view', 'orders.*.view', 'read:reports']);
	SELECT tacl_define_role('no-delete', ARRAY['!orders.delete']);
	SELECT tacl_define_role('editor', ARRAY['orders.*'], 'org', ARRAY['viewer']);
	SELECT tacl_define_role('admin', ARRAY['*'], '*', ARRAY['viewer'], 'may do everything');
	SELECT tacl_define_role('viewer', ARRAY['orders.list'], 'squad', override => true);
	SELECT tacl_create_group('crew', 'org');
	SELECT tacl_create_group('shift', 'org', 'works at night');
	SELECT tacl_include_group('crew', 'shift', 'org');
	SELECT tacl_add_member('anna', 'crew', 'org');
	SELECT tacl_add_member('bert', 'shift', 'org');
	SELECT tacl_assign_group('crew', 'editor', 'team');
	SELECT tacl_assign('carl', 'admin', '*');
	SELECT tacl_assign('dora', 'admin', 'unpaid');
	SELECT tacl_assign('dora', 'no-delete', 'org');
	SELECT tacl_assign('dora', 'editor', 'org', now() + interval '1 year', now() - interval '1 day');
	SELECT tacl_assign('emil', 'editor', 'org', now() - interval '1 hour');
	SELECT tacl_assign('emil', 'viewer', 'squad');
	SELECT tacl_grant('fred', 'tacl.assign', 'org');
	SELECT tacl_grant('fred', '!orders.view', 'team');
	SELECT tacl_grant('fred', 'orders.*', 'org');
	SELECT tacl_assign('gone', 'admin', '*');
	SELECT tacl_disable_user('gone');
});
my $names = literals(@hostile);
$node->safe_psql(
	'before', qq{
	SELECT tacl_create_tenant(n, 'org') FROM unnest(ARRAY[$names]) n;
	SELECT tacl_define_role(n, ARRAY['orders.view'], n) FROM unnest(ARRAY[$names]) n;
	SELECT tacl_create_group(n, n, n) FROM unnest(ARRAY[$names]) n;
	SELECT tacl_assign(n, n, n) FROM unnest(ARRAY[$names]) n;
	SELECT tacl_add_member('member of ' || left(n, 200), n, n) FROM unnest(ARRAY[$names]) n;
	SELECT tacl_assign_group(n, n, n) FROM unnest(ARRAY[$names]) n;
});

my $answers = $node->safe_psql('before', $matrix);
my $rows = $node->safe_psql('before', $tables);
like($answers, qr/^o'brien\|orders\.view\|o'brien\|t$/m, 'a hostile name may do what it may');
like($answers, qr/^a:b\|orders\.view\|a:b:c\|f$/m, 'and not what a similar one may');
cmp_ok(scalar(() = $answers =~ /\|t$/mg), '>', 100, 'many answers are yes');
cmp_ok(scalar(() = $answers =~ /\|f$/mg), '>', 1000, 'many answers are no');

$node->safe_psql('postgres', 'CREATE ROLE limited LOGIN; GRANT pg_read_all_data TO limited');

my %dumps = (
	plain => [ 'pg_dump', '-f', "$dir/plain.sql" ],
	limited => [ 'pg_dump', '-U', 'limited', '-f', "$dir/limited.sql" ],
	custom => [ 'pg_dump', '-Fc', '-f', "$dir/custom.dump" ],
	parallel => [ 'pg_dump', '-Fc', '-f', "$dir/parallel.dump" ],
	directory => [ 'pg_dump', '-Fd', '-j2', '-f', "$dir/directory" ]);
my %restores = (
	plain => [ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/plain.sql", '-d' ],
	limited => [ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/limited.sql", '-d' ],
	custom => [ 'pg_restore', '--exit-on-error', "$dir/custom.dump", '-d' ],
	parallel => [ 'pg_restore', '--exit-on-error', '-j2', "$dir/parallel.dump", '-d' ],
	directory => [ 'pg_restore', '--exit-on-error', '-j2', "$dir/directory", '-d' ]);

foreach my $format (qw(plain limited custom parallel directory))
{
	my $after = "after_$format";

	$node->safe_psql('postgres', "CREATE DATABASE $after TEMPLATE template0 ENCODING UTF8");
	$node->command_ok([ @{ $dumps{$format} }, 'before' ], "$format: dump");
	$node->command_ok([ @{ $restores{$format} }, $after ], "$format: restore");

	same($node->safe_psql($after, $matrix), $answers, "$format: the same answers");
	same($node->safe_psql($after, $tables), $rows, "$format: the same rows");
	is($node->safe_psql($after, q{SELECT count(*) FROM tacl.tenant WHERE id = '*'}),
		'1', "$format: one root");

	# The identity columns continue where they were.
	is( $node->safe_psql(
			$after, q{
			SELECT tacl_define_role('new', ARRAY['new.thing'], 'org'), tacl_create_group('new', 'org'),
				tacl_assign('new', 'new', 'org'), tacl_can('new', 'new.thing', 'team'),
				tacl_can('new', 'orders.view', 'org');}),
		't|t|t|t|f', "$format: ids continue");

	# The guards are there again: triggers, constraints, the root's protection.
	foreach my $refused (
		q{INSERT INTO tacl.tenant (id, parent) VALUES ('*', NULL)},
		q{DELETE FROM tacl.tenant WHERE id = '*'},
		q{SELECT tacl_move_tenant('late-parent', 'org')},
		q{INSERT INTO tacl.assignment (user_id, tenant, pattern) VALUES ('u', 'org', 'a..b')})
	{
		isnt($node->psql($after, $refused), 0, "$format: refused: $refused");
	}
}

# A restored database dumps to the same thing again.
$node->command_ok([ 'pg_dump', '--data-only', '-f', "$dir/first.sql", 'before' ], 'dump the data');
$node->safe_psql('postgres', 'CREATE DATABASE again TEMPLATE template0 ENCODING UTF8');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/plain.sql", '-d', 'again' ],
	'restore once more');
$node->command_ok([ 'pg_dump', '--data-only', '-f', "$dir/second.sql", 'again' ], 'dump the restored data');
my ($first, $second) =
  map { join '', sort grep { !/^(--|\\(un)?restrict)/ } split /^/, slurp_file("$dir/$_.sql") } qw(first second);
same($second, $first, 'the second dump holds what the first does');

$node->stop;
done_testing();
