# R24: a dump carries the whole access control: after a restore every user may do
# in every tenant exactly what they could before, whatever their names look like.
use strict;
use warnings;
use lib 't/matrix';

use Matrix;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;

my $dir = PostgreSQL::Test::Utils::tempdir;

$node->safe_psql('postgres', 'CREATE DATABASE before TEMPLATE template0 ENCODING UTF8');
matrix_fill($node, 'before');

my $answers = $node->safe_psql('before', $matrix_answers);
my $rows = $node->safe_psql('before', $matrix_rows);
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

	same($node->safe_psql($after, $matrix_answers), $answers, "$format: the same answers");
	same($node->safe_psql($after, $matrix_rows), $rows, "$format: the same rows");
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
