# R8, I1, I3: a backend, or the postmaster, is killed with signal 9 while writers
# flip rights and readers ask (t/stress/). After recovery every lever whose last
# COMMIT returned is as it was left, and every answer equals the model over the
# committed rows (t/model.sql): before, between and after the ends of transactions
# that were prepared when the server died, in sessions that are warm by then.
#
# Few of the program's own transactions happen to be prepared at that moment. So
# more are left behind in each round, and the postmaster is killed once more.
#
#   TACL_CRASHES   how many rounds; 3 unless given
#   TACL_PREPARED  how many transactions more are prepared in each; 3 unless given
#   TACL_SEED      what each process and the rounds choose
use strict;
use warnings;
use lib 't/stress';

use PostgreSQL::Test::Utils;
use Stress;
use Test::More;
use Time::HiRes qw(usleep);

my $rounds = $ENV{TACL_CRASHES} // 3;
my $wanted = $ENV{TACL_PREPARED} // 3;
my $seed = $ENV{TACL_SEED} // time;
my %total = map { $_ => 0 } qw(settled checks prepared answers backend postmaster);
srand($seed);

my $node = stress_node('main', 'restart_after_crash = on');
stress_setup($node);
$node->safe_psql('postgres', slurp_file('t/model.sql'));

# What the model is asked about: all that there is, and all names that a prepared
# transaction may bring: t/stress/lever.c has users x that are not there always, and roles r.
my $subjects = q{
	TRUNCATE model.asked_user, model.asked_tenant, model.asked_permission, model.asked_role, model.matches;
	INSERT INTO model.asked_user
		SELECT row_number() OVER (), user_id
		FROM (SELECT user_id FROM tacl.assignment WHERE user_id IS NOT NULL
			UNION SELECT user_id FROM tacl.group_member
			UNION SELECT 'u' || n FROM generate_series(0, 12) AS n
			UNION SELECT 'x' || n FROM generate_series(0, 71) AS n) AS u;
	INSERT INTO model.asked_tenant
		SELECT row_number() OVER (), id
		FROM (SELECT id FROM tacl.tenant UNION SELECT 't' || n FROM generate_series(0, 72) AS n) AS t;
	INSERT INTO model.asked_permission VALUES ('doc.view'), ('doc.list'), ('billing.pay'), ('tacl.assign');
	INSERT INTO model.asked_role
		SELECT name FROM tacl.role UNION SELECT 'r' || n FROM generate_series(0, 71) AS n;
	INSERT INTO model.pattern (pattern) VALUES ('doc.*'), ('doc.view'), ('doc.list') ON CONFLICT DO NOTHING;
	INSERT INTO model.matches SELECT pattern, permission FROM model.pattern, model.asked_permission
		WHERE permission ~ model.regex(pattern);
	ANALYZE;
};

# A session that compares. The model joins small tables many times over.
sub judge
{
	my $judge = $node->background_psql('postgres');

	$judge->set_query_timer_restart();
	$judge->query_safe("SET $_ = off") foreach qw(enable_nestloop enable_sort jit);
	return $judge;
}

# How many answers are wrong; the first of them are shown.
sub report
{
	my ($when, @wrong) = @_;
	my $shown = @wrong > 20 ? 20 : @wrong;

	diag(join "\n  ", "seed $seed, $when: " . @wrong . ' answers differ', @wrong[0 .. $shown - 1]) if @wrong;
	return scalar @wrong;
}

# How many answers of the session differ from the model: too many, too few.
sub differences
{
	my ($judge, $when) = @_;
	my $sum = 0;

	foreach my $question (qw(can tenants users has_role roles permissions memberships members))
	{
		my $wrong = $judge->query_safe(
			"SELECT 'says ' || s FROM (TABLE model.says_$question EXCEPT ALL TABLE model.true_$question) AS s
				UNION ALL
				SELECT 'does not say ' || t FROM (TABLE model.true_$question EXCEPT ALL TABLE model.says_$question) AS t");

		$sum += report("$when, $question", split /\n/, $wrong);
	}
	$total{answers} += $judge->query_safe('SELECT sum(size) FROM model.question WHERE name ' .
		q{IN ('can', 'tenants', 'users', 'has_role', 'roles', 'permissions', 'memberships', 'members')});
	return $sum;
}

# How many answers of a session differ from the model as another sees it.
sub differences_between
{
	my ($session, $judge, $when) = @_;
	my %wrong;

	$wrong{"says $_"}++ foreach split /\n/, $session->query_safe('TABLE model.says_can');
	foreach my $row (split /\n/, $judge->query_safe('TABLE model.true_can'))
	{
		delete $wrong{"says $row"} or $wrong{"does not say $row"} = 1;
	}
	return report("$when, can, in a transaction", sort keys %wrong);
}

# Waits until everyone is at work, and then some.
sub wait_for_load
{
	$node->poll_query_until('postgres', q{SELECT count(*) >= 12 FROM pg_stat_activity WHERE application_name = 'stress'});
	usleep(200_000 + int(rand(800_000)));
}

# Kills one of the program's backends; the postmaster then restarts all.
sub kill_backend
{
	my $pid = $node->safe_psql('postgres',
		q{SELECT pid FROM pg_stat_activity WHERE application_name = 'stress' ORDER BY random() LIMIT 1});

	kill('KILL', $pid) or die "could not kill $pid: $!";
}

# Kills the postmaster; a new one starts when the last backend has noticed.
sub restart
{
	foreach (1 .. 600)
	{
		return if $node->start(fail_ok => 1);
		usleep(100_000);
		$node->stop('fast', fail_ok => 1);
	}
	die 'the server did not start again';
}

# Kills one or the other under load. Returns the program's report.
sub crash
{
	my ($what, $number) = @_;
	my $load = stress_start($node, '-s', $seed + $number, '-l', '-t', 60, 'run');

	wait_for_load();
	$what eq 'backend' ? kill_backend() : $node->kill9;
	my $report = stress_finish($load);
	restart() if $what eq 'postmaster';
	$node->poll_query_until('postgres', 'SELECT 1', '1') or die 'the server did not recover';
	$total{checks} += $report->{checks};
	$total{$what}++;
	return $report;
}

# Leaves transactions prepared, and kills the postmaster. Returns the report.
sub crash_with_prepared
{
	my ($number) = @_;
	my $report = stress_run($node, '-s', $seed + $number, '-c', $wanted, 'prepare');

	$node->kill9;
	restart();
	return $report;
}

# Ends all transactions that were prepared, in any way. After each the sessions
# that have asked before are compared: one in a transaction, one without.
sub end_prepared
{
	my @sessions = map { judge() } 1 .. 2;
	my $wrong = 0;

	$sessions[0]->query_safe('BEGIN ISOLATION LEVEL ' . (rand() < 0.5 ? 'READ COMMITTED' : 'REPEATABLE READ'));
	$sessions[1]->query_safe('SELECT count(*) FROM model.says_can');
	$sessions[0]->query_safe('SELECT count(*) FROM model.says_can');
	foreach my $gid (split /\n/, $node->safe_psql('postgres', 'SELECT gid FROM pg_prepared_xacts'))
	{
		my $end = rand() < 0.5 ? 'COMMIT' : 'ROLLBACK';

		$node->safe_psql('postgres', "$end PREPARED '$gid'");
		$wrong += differences($sessions[1], "$end PREPARED '$gid'");
		$wrong += differences_between(@sessions, "$end PREPARED '$gid'");
		$total{prepared}++;
	}
	$_->quit foreach @sessions;
	return $wrong;
}

# The comparison sees that something is wrong.
$node->safe_psql('postgres', $subjects);
my $judge = judge();
is(differences($judge, 'before'), 0, 'before: as the model says');
$judge->query_safe('CREATE OR REPLACE VIEW model.true_tenants AS SELECT * FROM model.true_can LIMIT 1');
cmp_ok(differences($judge, 'on purpose'), '>', 0, 'a wrong model is seen');
$judge->query_safe(q{CREATE OR REPLACE VIEW model.true_tenants AS SELECT * FROM model.true_can WHERE tenant <> '*'});
$judge->quit;

foreach my $number (1 .. $rounds)
{
	my $what = $number % 2 ? 'backend' : 'postmaster';
	my $load = crash($what, $number);
	my $left = crash_with_prepared($number);
	my $after = stress_run($node, 'verify');

	is($left->{status}, 0, "$left->{prepared} transactions were left prepared");
	is($load->{status}, 0, "round $number of seed $seed: a $what killed after $load->{checks} checks without a violation");
	is($after->{status}, 0, 'each lever is as its last COMMIT left it: ' . ($after->{allow} + $after->{deny}) . " of $after->{checks} are known");
	$total{settled} += $after->{allow} + $after->{deny};

	$node->safe_psql('postgres', $subjects);
	my $session = judge();
	is(differences($session, "round $number"), 0, 'as the model says');
	$session->quit;
	is(end_prepared(), 0, 'after the end of each prepared transaction, too');
}
cmp_ok($total{settled}, '>', 0, "$rounds crashes of $total{backend} backends and $total{postmaster} postmasters under $total{checks} checks: " .
	"$total{settled} levers known, $total{prepared} transactions prepared, $total{answers} answers compared");

$node->stop;
done_testing();
