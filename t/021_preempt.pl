# No delegate holds up the operator who takes something away: a delegate's
# transaction that is left open is ended with its session, and the log says so.
# Operators wait for each other as ever. And a delegated change cannot be put
# aside in a prepared transaction, which no session's end would end.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', q{
fsync = off
max_prepared_transactions = 5
tacl.user_setting = 'app.user_id'
});
$node->start;
$node->safe_psql('postgres', q{CREATE EXTENSION tenant_acl});
$node->safe_psql('postgres', $_) foreach split /\n/, q{
SELECT tacl_create_tenant('top'), tacl_create_tenant('top/a', 'top'), tacl_create_tenant('top/a/x', 'top/a'), tacl_create_tenant('top/b', 'top')
SELECT tacl_define_role('admin', '{*, tacl.*}'), tacl_define_role('viewer', '{*.view}'), tacl_define_role('local', '{orders.view}', 'top/a')
SELECT tacl_assign(u, 'admin', t) FROM (VALUES ('rob', 'top'), ('ann', 'top/a'), ('xia', 'top/a/x'), ('bea', 'top/b')) AS v (u, t)
SELECT tacl_create_group('crew', 'top/a')};

# What all of the following begins with.
my $reset = q{
	SELECT tacl_resume_tenant('top/a'), tacl_limit_tenant('top/a', NULL);
	SELECT tacl_sync_roles('bob', '{viewer}', 'top/a'), tacl_assign('bob', 'viewer', 'top/a'), tacl_grant('bob', 'stock.view', 'top/a'), tacl_assign_group('crew', 'viewer', 'top/a'),
		tacl_add_member('bob', 'crew', 'top/a'), tacl_unassign('new', 'viewer', 'top/a')};

# Who waits in vain does not wait for ever.
my $guard = q{SET statement_timeout = '60s'};

# A session with a transaction in which somebody, or an operator, does something.
sub open_session
{
	my ($user, $call) = @_;
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	my $pid = $session->query_safe('SELECT pg_backend_pid()');

	$session->query_safe("SET app.user_id = '$user'");
	$session->query_safe('BEGIN');
	is($session->query_safe("SELECT $call"), 't', ($user || 'an operator') . " does $call");
	return { session => $session, pid => $pid };
}

# Commits; true if the session was there to do so.
sub is_committed
{
	my ($open) = @_;
	my $is_there = $node->safe_psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE pid = $open->{pid}") && eval { $open->{session}->query_safe('COMMIT'); 1 };

	eval { $open->{session}->quit };
	return $is_there;
}

# Whether the log says that the session was ended, and why.
sub is_logged
{
	my ($open, $tenant, $from) = @_;
	my $log = slurp_file($node->logfile, $from);

	return $log =~ /LOG:  ending a session that holds up the operator/ &&
	  $log =~ /DETAIL:  As a delegate, process $open->{pid} has changed something at tenant "\Q$tenant\E" in a transaction that is still open\./;
}

# What is left open by whom, what the operator does meanwhile, and the tenant
# where the delegate is.
my $change = q{tacl_assign('bob', 'viewer', 'top/a', 'tomorrow')};
my @cases = (
	[ ann => $change, q{tacl_unassign('bob', 'viewer', 'top/a')}, 'top/a' ],
	[ ann => $change, q{tacl_assign('bob', 'viewer', 'top/a', now() + '2 days')}, 'top/a' ],
	[ ann => $change, q{tacl_sync_roles('bob', '{}', 'top/a')}, 'top/a' ],
	[ ann => q{tacl_unassign('bob', 'viewer', 'top/a')}, q{tacl_unassign('bob', 'viewer', 'top/a')}, 'top/a' ],
	[ ann => q{tacl_sync_roles('bob', '{local}', 'top/a')}, q{tacl_unassign('bob', 'viewer', 'top/a')}, 'top/a' ],
	[ ann => q{tacl_grant('bob', 'stock.view', 'top/a', 'tomorrow')}, q{tacl_revoke('bob', 'stock.view', 'top/a')}, 'top/a' ],
	[ ann => q{tacl_unassign_group('crew', 'viewer', 'top/a')}, q{tacl_unassign_group('crew', 'viewer', 'top/a')}, 'top/a' ],
	[ ann => q{tacl_remove_member('bob', 'crew', 'top/a')}, q{tacl_remove_member('bob', 'crew', 'top/a')}, 'top/a' ],
	[ rob => q{tacl_suspend_tenant('top/a')}, q{tacl_suspend_tenant('top/a')}, 'top' ],
	[ rob => q{tacl_limit_tenant('top/a', '{*, tacl.*}')}, q{tacl_suspend_tenant('top/a')}, 'top' ],
	[ rob => q{tacl_limit_tenant('top/a', '{*, tacl.*}')}, q{tacl_limit_tenant('top/a', '{orders.*}')}, 'top' ],
	[ rob => $change, q{tacl_unassign('bob', 'viewer', 'top/a')}, 'top/a' ]);

my $waits = 0;
foreach my $case (@cases)
{
	my ($user, $left_open, $call, $tenant) = @$case;

	$node->safe_psql('postgres', $reset);
	my $open = open_session($user, $left_open);
	my $from = -s $node->logfile;
	my ($result, $stdout, $stderr) = $node->psql('postgres', "$guard; SELECT $call");
	is($stdout, 't', "the operator does $call");
	is($stderr, '', 'and does not wait') or $waits = 1;
	ok(is_logged($open, $tenant, $from), 'the log says so');
	ok(!is_committed($open), "the session of $user has ended");
	last if $waits;
}

# Whoever is not in the way goes on: every delegate where no row is locked, and
# one at another tenant in any case.
$node->safe_psql('postgres', $reset);
my $from = -s $node->logfile;
my $bea = open_session('bea', q{tacl_assign('new', 'viewer', 'top/b')});
my $ann = open_session('ann', q{tacl_assign('new', 'viewer', 'top/a')});
is($node->safe_psql('postgres', q{SELECT tacl_unassign('bob', 'viewer', 'top/a'), tacl_disable_user('zoe')}), 't|t', 'the operator, of other rows');
unlike(slurp_file($node->logfile, $from), qr/ending a session/, 'nobody is in the way');
ok(is_committed($ann), 'a delegate at the tenant goes on');
$node->safe_psql('postgres', "$reset; SELECT tacl_enable_user('ann')");
$ann = open_session('ann', $change);
is($node->safe_psql('postgres', "$guard; SELECT tacl_unassign('bob', 'viewer', 'top/a')"), 't', 'the operator, of the same row');
ok(!is_committed($ann), 'the delegate who has changed it has ended');
ok(is_committed($bea), 'a delegate beside goes on');

# Operators wait for each other, and end nobody who is below or beside.
$node->safe_psql('postgres', $reset);
$from = -s $node->logfile;
my $xia = open_session('xia', q{tacl_assign('new', 'viewer', 'top/a/x')});
my $operator = open_session('', $change);
my $second = $node->background_psql('postgres', on_error_stop => 0);
my $second_pid = $second->query_safe('SELECT pg_backend_pid()');
$second->query_until(qr/begun/, "\\echo begun\nSELECT tacl_unassign('bob', 'viewer', 'top/a') AS done \\gset\n\\echo done :done\n");
ok($node->poll_query_until('postgres', "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $second_pid"), 'a second operator waits');
is($node->safe_psql('postgres', "SELECT pg_blocking_pids($second_pid)"), "{$operator->{pid}}", 'for the first');
ok(is_committed($operator), 'who goes on');
is($second->query_until(qr/done \w/, ''), "done t\n", 'and then it is done');
unlike(slurp_file($node->logfile, $from), qr/ending a session/, 'nobody was ended');
ok(is_committed($xia), 'a delegate below goes on');
$second->quit;

# A delegated change is not put aside; anything else may be.
sub prepare
{
	my (@statements) = @_;
	my ($result, $stdout, $stderr) = $node->psql('postgres', join("\n", '\set VERBOSITY sqlstate', 'BEGIN;', @statements, "PREPARE TRANSACTION 'p';"), on_error_stop => 0);
	my $prepared = $node->safe_psql('postgres', 'SELECT count(*) FROM pg_prepared_xacts');

	$node->safe_psql('postgres', q{ROLLBACK PREPARED 'p'}) if $prepared;
	return $stderr =~ /ERROR:  (\w+)/ ? $1 : $prepared;
}
my $as_ann = q{SET LOCAL app.user_id = 'ann';};
my $assign = q{SELECT tacl_assign('new', 'viewer', 'top/a');};
$node->safe_psql('postgres', $reset);
is(prepare($as_ann, $assign), '0A000', 'a delegated change is not prepared');
is(prepare($as_ann, $assign, q{SET LOCAL app.user_id = '';}), '0A000', 'whoever the user is in the end');
is(prepare($assign), '1', 'the operator\'s is');
is(prepare($as_ann, q{SELECT tacl_may('tacl.assign', 'top/a');}), '1', 'and so is a transaction in which a user changes nothing');
is(prepare($as_ann, q{SELECT tacl_set_primary('ann', 'top/a');}), '1', 'or only where they begin');
is( $node->safe_psql('postgres', "BEGIN; $as_ann $assign ROLLBACK; BEGIN; SELECT tacl_assign('newer', 'viewer', 'top/b'); PREPARE TRANSACTION 'p'; ROLLBACK PREPARED 'p'; SELECT 'prepared'"),
	"t\nt\nprepared", 'it counts for its own transaction only');

$node->stop;
done_testing();
