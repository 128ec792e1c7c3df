# R9, R7, I1: writers flip rights on a primary with remote_apply while all readers ask
# on a hot standby, then on a logical replica (t/stress/, as t/023_stress.pl): when
# a COMMIT has returned on the primary, nobody there is told the past.
#
# That it would be seen is shown at the end, on a standby that lags.
#
#   TACL_CHECKS   how many checks at least; 60,000 unless given
#   TACL_SEED     what each process chooses
use strict;
use warnings;
use lib 't/stress';

use Stress;
use Test::More;

my $checks = $ENV{TACL_CHECKS} // 60_000;
my $seed = $ENV{TACL_SEED} // time;
my @run = ('-s', $seed, '-r', 5, '-t', 60 + $checks / 1000);
my $primary = stress_node('primary', "max_connections = 30\n", allows_streaming => 'logical');

stress_setup($primary);
$primary->safe_psql(
	'postgres', q{
	CREATE PUBLICATION rights FOR TABLE tacl.tenant WHERE (id <> '*'), tacl.role, tacl.role_include, tacl.user_account,
		tacl.user_group, tacl.group_member, tacl.group_include, tacl.assignment;
	SELECT pg_create_logical_replication_slot('replica', 'pgoutput')});
$primary->backup('backup');

# One goes on as a standby. Queries there are waited for, never cancelled.
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->append_conf('postgresql.conf', "hot_standby_feedback = on\nmax_standby_streaming_delay = -1\n");
$standby->start;

# The other, which has the same rows, subscribes to what comes after them.
my $replica = PostgreSQL::Test::Cluster->new('replica');
$replica->init_from_backup($primary, 'backup');
$replica->start;
my $connection = $primary->connstr . ' dbname=postgres';
$replica->safe_psql('postgres', "CREATE SUBSCRIPTION replica CONNECTION '$connection' PUBLICATION rights WITH (create_slot = false, copy_data = false, synchronous_commit = local)");

# From now on the primary's COMMIT waits for that node.
sub wait_for
{
	my ($name, $commit) = @_;

	$primary->append_conf('postgresql.conf', "synchronous_standby_names = '$name'\nsynchronous_commit = $commit\n");
	$primary->reload;
	$primary->poll_query_until('postgres', "SELECT sync_state = 'sync' FROM pg_stat_replication WHERE application_name = '$name'")
	  or die "$name did not become synchronous";
}

my @ways = ('direct, as text', 'direct, prepared', 'direct, many at once', 'in a PL/pgSQL loop',
	'in a PL/pgSQL loop, STABLE', 'policy with tacl_may', 'policy with tacl_can', 'tacl_protect, active tenant',
	'tacl_protect, all tenants', 'autocommit', 'READ COMMITTED', 'REPEATABLE READ');

foreach my $node ($standby, $replica)
{
	my $name = $node->name;
	wait_for($name, 'remote_apply');
	my $report = stress_run($primary, '-R', 'host=' . $node->host . ' port=' . $node->port,
		@run, '-c', $checks / 2, '-m', 6, 'run');

	note($report->{output});
	is($report->{status}, 0, "$name, seed $seed: $report->{checks} checks in $report->{seconds} s");
	cmp_ok($report->{checks}, '>=', $checks / 2, "$name: as many as wanted");
	is($report->{'stale allows'}, 0, "$name: I1: no allow after a revocation's COMMIT returned on the primary");
	is($report->{'stale denies'}, 0, "$name: no deny after a grant's");
	cmp_ok($report->{deny}, '>', $checks / 20, "$name: $report->{deny} had to be denied");
	cmp_ok($report->{allow}, '>', $checks / 20, "$name: $report->{allow} had to be allowed");
	is(join(', ', grep { !$report->{flipped}->{$_} } sort keys %{ $report->{flipped} }), '', "$name: levers of each kind");
	cmp_ok($report->{flips}, '>', 24, "$name: $report->{flips} flips in all, and $report->{undone} undone");
	is(join(', ', grep { !$report->{$_} } @ways), '', "$name: in each way and level");
	is(!!$report->{SERIALIZABLE}, $node eq $replica, "$name: SERIALIZABLE where PostgreSQL has it");
}

# What lag is, and that it does not go unnoticed: the COMMIT returns when the
# standby has the change on disk, and it is replayed later.
wait_for('standby', 'on');
$standby->append_conf('postgresql.conf', "recovery_min_apply_delay = '50 ms'\n");
$standby->reload;
my $late = stress_run($primary, '-R', 'host=' . $standby->host . ' port=' . $standby->port,
	@run, '-c', 5_000, 'run');
is($late->{status}, 1, 'without remote_apply there are violations');
cmp_ok($late->{'stale allows'}, '>', 0, "$late->{'stale allows'} stale allows in $late->{checks} checks");

$replica->stop;
$standby->stop;
$primary->stop;
done_testing();
