# R10, R5, I1, I2: writers flip rights in every way that there is, nine readers ask in
# every way and isolation level; nobody is told the past, nor what was never
# committed (t/stress/). Half of it while the catalogs and the extension's tables
# are rewritten and floods of messages are sent.
#
# That the program sees what it looks for is shown by t/fault/001_deaf.pl.
#
#   TACL_CHECKS   how many checks at least; 100,000 unless given
#   TACL_SEED     what each process chooses
use strict;
use warnings;
use lib 't/stress';

use Stress;
use Test::More;

my $checks = $ENV{TACL_CHECKS} // 100_000;
my $seed = $ENV{TACL_SEED} // time;
my $node = stress_node('main');

stress_setup($node);
foreach my $how ([], ['-d'])
{
	my $name = @$how ? 'with maintenance' : 'undisturbed';
	my $report = stress_run($node, '-s', $seed, '-c', $checks / 2, '-m', 6, '-t', 60 + $checks / 1000, @$how, 'run');

	note($report->{output});
	is($report->{status}, 0, "$name, seed $seed: $report->{checks} checks in $report->{seconds} s");
	cmp_ok($report->{checks}, '>=', $checks / 2, "$name: as many as wanted");
	is($report->{'stale allows'}, 0, "$name: I1, I2: no allow after a revocation, or without a grant");
	is($report->{'stale denies'}, 0, "$name: no deny after a grant");
	is($report->{wrong}, 0, "$name: I2: $report->{own} checks of a writer's own changes, done and undone");
	cmp_ok($report->{deny}, '>', $checks / 20, "$name: $report->{deny} had to be denied");
	cmp_ok($report->{allow}, '>', $checks / 20, "$name: $report->{allow} had to be allowed");
	is(join(', ', grep { !$report->{flipped}->{$_} } sort keys %{ $report->{flipped} }), '', "$name: levers of each kind");
	cmp_ok($report->{flips}, '>', 24, "$name: $report->{flips} flips in all");
	cmp_ok($report->{undone}, '>', 0, "$name: and $report->{undone} undone");
	is(scalar(grep { !$report->{$_} } 'direct, as text', 'direct, prepared', 'direct, many at once',
			'in a PL/pgSQL loop', 'in a PL/pgSQL loop, STABLE', 'policy with tacl_may', 'policy with tacl_can',
			'tacl_protect, active tenant', 'tacl_protect, all tenants',
			'autocommit', 'READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'), 0, "$name: in each way and level");
	cmp_ok($report->{disturbances}, @$how ? '>' : '==', 0, "$name: $report->{disturbances} commands of maintenance");
}

$node->stop;
done_testing();
