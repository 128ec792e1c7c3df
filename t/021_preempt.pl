# No delegate holds up the operator, whatever the operator does: a delegate's
# transaction that is left open, and has locked what the operator needs, is
# ended with its session, and the log says so. No other one is. Operators wait
# for each other as ever. And a delegated change cannot be put aside in a
# prepared transaction, which no session's end would end.
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
$node->safe_psql('postgres', q{SELECT tacl_define_role('admin', '{*, tacl.*}'), tacl_define_role('viewer', '{*.view}')});

# What all of the following begins with.
my $reset = q{
	SET client_min_messages = error;
	SELECT tacl_drop_tenant('top', true);
	SELECT tacl_create_tenant('top'), tacl_create_tenant('top/a', 'top'), tacl_create_tenant('top/a/x', 'top/a'), tacl_create_tenant('top/b', 'top');
	SELECT tacl_define_role(r, '{orders.view}', 'top/a') FROM unnest('{local, used, spare, part}'::text[]) AS r;
	SELECT tacl_define_role('whole', '{orders.view}', 'top/a', '{part}'), tacl_define_role('low', '{orders.view}', 'top/b'), tacl_define_role('lower', '{orders.view}', 'top/b');
	SELECT tacl_assign(u, 'admin', t) FROM (VALUES ('rob', 'top'), ('ann', 'top/a'), ('xia', 'top/a/x'), ('bea', 'top/b')) AS v (u, t);
	SELECT tacl_create_group(g, 'top/a') FROM unnest('{crew, idle, head}'::text[]) AS g;
	SELECT tacl_include_group('head', 'idle', 'top/a');
	SELECT tacl_assign('bob', 'viewer', 'top/a'), tacl_assign('bob', 'used', 'top/a'), tacl_grant('bob', 'stock.view', 'top/a'), tacl_assign_group('crew', 'viewer', 'top/a'), tacl_add_member('bob', 'crew', 'top/a');
	SELECT tacl_assign('late', 'viewer', 'top/a', NULL, 'tomorrow')};

# Who waits in vain does not wait for ever.
my $guard = q{SET statement_timeout = '60s'};

# A session with a transaction in which somebody, or an operator, does something.
sub open_session
{
	my ($user, $call, $before, $after) = @_;
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	my $pid = $session->query_safe('SELECT pg_backend_pid()');

	$session->query_safe("SET app.user_id = '$user'");
	$session->query_safe('BEGIN');
	$session->query_safe($before) if $before;
	is($session->query_safe("SELECT $call"), 't', ($user || 'an operator') . " does $call");
	$session->query_safe($after) if $after;
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
	my ($open, $from) = @_;
	my $log = slurp_file($node->logfile, $from);

	return $log =~ /LOG:  ending a session that holds up the operator/ &&
	  $log =~ /DETAIL:  As a delegate, process $open->{pid} has something of table "tacl\.\w+" locked in a transaction that is still open\./;
}

# What is left open by whom, what the operator does meanwhile, and what was done
# before, if anything.
my $change = q{tacl_assign('bob', 'viewer', 'top/a', 'tomorrow')};
my $drop_top = q{tacl_drop_tenant('top/a', true)};
my $apply = q{(SELECT count(*) > 0 FROM tacl_apply(%s))};
my $without_spare = sprintf $apply, q{jsonb_build_object('scope', 'top/a', 'roles', (SELECT jsonb_agg(jsonb_build_object('role', r, 'tenant', 'top/a', 'permissions', '{orders.view}'::text[])) FROM unnest('{local, used, part}'::text[]) AS r))};
my $no_assignments = sprintf $apply, q{'{"scope": "top/a", "assignments": []}'};
my $give_spare = sprintf $apply, q{'{"scope": "top/a/x", "assignments": [{"user": "new", "role": "spare", "role_tenant": "top/a", "tenant": "top/a/x"}]}'};
my $give_to_idle = sprintf $apply, q{'{"scope": "top/a/x", "assignments": [{"group": "idle", "group_tenant": "top/a", "role": "spare", "role_tenant": "top/a", "tenant": "top/a/x"}]}'};
my $move_to_idle = sprintf $apply, q{'{"scope": "top/a", "members": [{"user": "new", "group": "idle", "tenant": "top/a"}]}'};
my @cases = (

	# Assignments
	[ ann => $change, q{tacl_unassign('bob', 'viewer', 'top/a')} ],
	[ ann => $change, q{tacl_assign('bob', 'viewer', 'top/a', now() + '2 days')} ],
	[ ann => $change, q{tacl_sync_roles('bob', '{}', 'top/a')} ],
	[ ann => q{tacl_unassign('bob', 'viewer', 'top/a')}, q{tacl_unassign('bob', 'viewer', 'top/a')} ],
	[ ann => q{tacl_sync_roles('bob', '{local}', 'top/a')}, q{tacl_unassign('bob', 'viewer', 'top/a')} ],
	[ ann => q{tacl_grant('bob', 'stock.view', 'top/a', 'tomorrow')}, q{tacl_revoke('bob', 'stock.view', 'top/a')} ],
	[ ann => q{tacl_unassign_group('crew', 'viewer', 'top/a')}, q{tacl_unassign_group('crew', 'viewer', 'top/a')} ],
	[ rob => $change, q{tacl_unassign('bob', 'viewer', 'top/a')} ],
	[ ann => q{tacl_assign('late', 'viewer', 'top/a')}, q{tacl_sync_roles('late', '{viewer}', 'top/a')} ],
	[ ann => q{tacl_assign('new', 'viewer', 'top/a')}, q{tacl_sync_roles('new', '{viewer}', 'top/a')} ],
	[ ann => q{tacl_assign('new', 'viewer', 'top/a')}, q{tacl_assign('new', 'viewer', 'top/a')} ],
	[ ann => q{tacl_assign_group('idle', 'viewer', 'top/a')}, q{tacl_assign_group('idle', 'viewer', 'top/a')} ],
	[ ann => q{tacl_grant('new', 'stock.view', 'top/a')}, q{tacl_grant('new', 'stock.view', 'top/a')} ],
	[ ann => q{tacl_drop_role('spare', 'top/a')}, q{tacl_assign('new', 'spare', 'top/a')} ],
	[ ann => q{tacl_drop_role('spare', 'top/a')}, q{tacl_sync_roles('new', '{spare}', 'top/a')} ],
	[ ann => q{tacl_drop_group('idler', 'top/a')}, q{tacl_assign_group('idler', 'viewer', 'top/a')}, q{SELECT tacl_create_group('idler', 'top/a')} ],
	[ ann => q{tacl_create_group('idler', 'top/a', 'Here') AND tacl_drop_group('idler', 'top/a')}, q{tacl_assign_group('idler', 'viewer', 'top/a')}, q{SELECT tacl_create_group('idler', 'top/a')} ],
	[ ann => q{tacl_define_role('spare', '{a.b}', 'top/a') AND tacl_drop_role('spare', 'top/a')}, q{tacl_assign('new', 'spare', 'top/a')} ],

	# Tenants
	[ rob => q{tacl_suspend_tenant('top/a')}, q{tacl_suspend_tenant('top/a')} ],
	[ rob => q{tacl_limit_tenant('top/a', '{*, tacl.*}')}, q{tacl_suspend_tenant('top/a')} ],
	[ rob => q{tacl_limit_tenant('top/a', '{*, tacl.*}')}, q{tacl_limit_tenant('top/a', '{orders.*}')} ],
	[ rob => q{tacl_resume_tenant('top/a')}, q{tacl_resume_tenant('top/a')}, q{SET app.user_id = 'rob'; SELECT tacl_suspend_tenant('top/a')} ],
	[ rob => q{tacl_create_tenant('top/new', 'top')}, q{tacl_create_tenant('top/new', 'top')} ],
	[ rob => q{tacl_suspend_tenant('top/a/x')}, q{tacl_move_tenant('top/a/x', 'top/b')} ],
	[ rob => q{tacl_create_tenant('top/a/new', 'top/a')}, $drop_top ],
	[ rob => q{tacl_create_tenant('top/b/new', 'top/b')}, q{tacl_drop_tenant('top/b')}, q{SELECT tacl_unassign('bea', 'admin', 'top/b')} ],
	[ ann => q{tacl_assign('new', 'viewer', 'top/a')}, $drop_top ],
	[ ann => q{tacl_unassign('bob', 'viewer', 'top/a')}, $drop_top ],
	[ xia => q{tacl_assign('new', 'viewer', 'top/a/x')}, $drop_top ],
	[ ann => q{tacl_define_role('fresh', '{a.b}', 'top/a')}, $drop_top ],
	[ ann => q{tacl_define_role('local', '{a.b}', 'top/a')}, $drop_top ],
	[ ann => q{tacl_define_role('local', NULL, 'top/a', '{spare}')}, $drop_top ],
	[ ann => q{tacl_define_role('whole', NULL, 'top/a', '{}')}, $drop_top ],
	[ ann => q{tacl_create_group('fresh', 'top/a')}, $drop_top ],
	[ ann => q{tacl_add_member('new', 'crew', 'top/a')}, $drop_top ],
	[ ann => q{tacl_remove_member('bob', 'crew', 'top/a')}, $drop_top ],
	[ ann => q{tacl_include_group('crew', 'idle', 'top/a')}, $drop_top ],
	[ ann => q{tacl_exclude_group('head', 'idle', 'top/a')}, $drop_top ],
	[ ann => q{tacl_exclude_group('head', 'all', 'top/a')}, $drop_top, q{SELECT tacl_create_group('all', 'top'), tacl_include_group('head', 'all', 'top/a')} ],

	# Roles
	[ ann => q{tacl_define_role('local', '{a.b}', 'top/a')}, q{tacl_define_role('local', '{c.d}', 'top/a')} ],
	[ ann => q{tacl_define_role('local', '{a.b}', 'top/a')}, q{tacl_define_role('local', description => 'Here', tenant => 'top/a')} ],
	[ ann => q{tacl_define_role('fresh', '{a.b}', 'top/a')}, q{tacl_define_role('fresh', '{a.b}', 'top/a')} ],
	[ ann => q{tacl_drop_role('spare', 'top/a')}, q{tacl_define_role('local', NULL, 'top/a', '{spare}')} ],
	[ ann => q{tacl_define_role('local', NULL, 'top/a', '{spare}')}, q{tacl_define_role('local', NULL, 'top/a', '{spare}')} ],
	[ ann => q{tacl_define_role('whole', NULL, 'top/a', '{}')}, q{tacl_define_role('whole', NULL, 'top/a', '{}')} ],
	[ ann => q{tacl_define_role('spare', '{a.b}', 'top/a')}, q{tacl_drop_role('spare', 'top/a')} ],
	[ ann => q{tacl_drop_role('spare', 'top/a')}, q{tacl_drop_role('spare', 'top/a')} ],
	[ ann => q{tacl_assign('new', 'spare', 'top/a')}, q{tacl_drop_role('spare', 'top/a')} ],
	[ ann => q{tacl_unassign('bob', 'used', 'top/a')}, q{tacl_drop_role('used', 'top/a', true)} ],
	[ ann => q{tacl_define_role('local', NULL, 'top/a', '{spare}')}, q{tacl_drop_role('spare', 'top/a')} ],
	[ ann => q{tacl_define_role('whole', NULL, 'top/a', '{}')}, q{tacl_drop_role('whole', 'top/a')} ],
	[ ann => q{tacl_define_role('whole', NULL, 'top/a', '{}')}, q{tacl_drop_role('part', 'top/a', true)} ],

	# Groups
	[ ann => q{tacl_create_group('fresh', 'top/a')}, q{tacl_create_group('fresh', 'top/a')} ],
	[ ann => q{tacl_create_group('crew', 'top/a', 'Here')}, q{tacl_create_group('crew', 'top/a', 'There')} ],
	[ ann => q{tacl_add_member('new', 'crew', 'top/a')}, q{tacl_add_member('new', 'crew', 'top/a')} ],
	[ ann => q{tacl_drop_group('idler', 'top/a')}, q{tacl_add_member('new', 'idler', 'top/a')}, q{SELECT tacl_create_group('idler', 'top/a')} ],
	[ ann => q{tacl_remove_member('bob', 'crew', 'top/a')}, q{tacl_remove_member('bob', 'crew', 'top/a')} ],
	[ ann => q{tacl_include_group('crew', 'idle', 'top/a')}, q{tacl_include_group('crew', 'idle', 'top/a')} ],
	[ ann => q{tacl_drop_group('idler', 'top/a')}, q{tacl_include_group('crew', 'idler', 'top/a')}, q{SELECT tacl_create_group('idler', 'top/a')} ],
	[ ann => q{tacl_exclude_group('head', 'idle', 'top/a')}, q{tacl_exclude_group('head', 'idle', 'top/a')} ],
	[ ann => q{tacl_add_member('new', 'idle', 'top/a')}, q{tacl_drop_group('idle', 'top/a')} ],
	[ ann => q{tacl_assign_group('idle', 'viewer', 'top/a')}, q{tacl_drop_group('idle', 'top/a')} ],
	[ ann => q{tacl_remove_member('bob', 'crew', 'top/a')}, q{tacl_drop_group('crew', 'top/a', true)} ],
	[ ann => q{tacl_unassign_group('crew', 'viewer', 'top/a')}, q{tacl_drop_group('crew', 'top/a', true)} ],
	[ ann => q{tacl_include_group('crew', 'idle', 'top/a')}, q{tacl_drop_group('idle', 'top/a')} ],
	[ ann => q{tacl_exclude_group('head', 'idle', 'top/a')}, q{tacl_drop_group('idle', 'top/a')} ],
	[ ann => q{tacl_exclude_group('head', 'idle', 'top/a')}, q{tacl_drop_group('head', 'top/a')} ],

	# Documents
	[ ann => $change, $no_assignments ],
	[ bea => q{tacl_assign('new', 'viewer', 'top/b')}, $no_assignments ],
	[ ann => q{tacl_assign('new', 'spare', 'top/a')}, $without_spare ],
	[ bea => q{tacl_define_role('low', NULL, 'top/b', '{lower}')}, $without_spare ],
	[ ann => q{tacl_drop_role('spare', 'top/a')}, $give_spare ],
	[ ann => q{tacl_drop_group('idle', 'top/a')}, $give_to_idle, q{SELECT tacl_exclude_group('head', 'idle', 'top/a')} ],
	[ ann => q{tacl_drop_group('idle', 'top/a')}, $move_to_idle, q{SELECT tacl_exclude_group('head', 'idle', 'top/a')} ]);

my $waits = 0;
foreach my $case (@cases)
{
	my ($user, $left_open, $call, $before) = @$case;

	$node->safe_psql('postgres', $reset);
	$node->safe_psql('postgres', $before) if $before;
	my $open = open_session($user, $left_open);
	my $from = -s $node->logfile;
	my ($result, $stdout, $stderr) = $node->psql('postgres', "$guard; SELECT $call");
	is($stdout, 't', "the operator does $call");
	is($stderr, '', 'and does not wait') or $waits++;
	ok(is_logged($open, $from), 'the log says so');
	ok(!is_committed($open), "the session of $user has ended");
	BAIL_OUT('the operator waits') if $waits > 3;
}

# What a delegate has done does not keep the operator, nor other delegates, from
# anything that needs none of it: nobody waits, nobody is ended.
my @beside = (
	[ ann => q{tacl_define_role('local', NULL, 'top/a', '{spare}')}, q{tacl_move_tenant('top/a/x', 'top')} ],
	[ ann => q{tacl_define_role('local', NULL, 'top/a', '{spare}')}, q{tacl_define_role('low', NULL, 'top/b', '{lower}')} ],
	[ ann => q{tacl_define_role('local', NULL, 'top/a', '{spare}')}, q{set_config('app.user_id', 'bea', false) = 'bea' AND tacl_define_role('low', NULL, 'top/b', '{lower}')} ],
	[ ann => q{tacl_include_group('crew', 'idle', 'top/a')}, q{tacl_move_tenant('top/a', 'top/b')} ],
	[ ann => q{tacl_assign('new', 'viewer', 'top/a')}, q{tacl_assign('newer', 'viewer', 'top/a')} ],
	[ ann => q{tacl_assign('new', 'spare', 'top/a')}, q{tacl_define_role('spare', '{a.b}', 'top/a')} ],
	[ ann => q{tacl_assign('new', 'spare', 'top/a')}, q{tacl_assign('new', 'used', 'top/a')} ],
	[ ann => q{tacl_assign('new', 'viewer', 'top/a')}, q{tacl_suspend_tenant('top/a')} ],
	[ rob => q{tacl_suspend_tenant('top/a')}, q{tacl_assign('new', 'viewer', 'top/a')} ],
	[ ann => q{tacl_add_member('new', 'crew', 'top/a')}, q{tacl_create_group('crew', 'top/a', 'Here')} ],
	[ ann => q{tacl_define_role('local', '{a.b}', 'top/a')}, q{tacl_assign('new', 'local', 'top/a')} ],
	[ bea => q{tacl_assign('new', 'viewer', 'top/b')}, $drop_top ]);
foreach my $case (@beside)
{
	my ($user, $left_open, $call) = @$case;

	$node->safe_psql('postgres', $reset);
	my $open = open_session($user, $left_open);
	my ($result, $stdout, $stderr) = $node->psql('postgres', "$guard; SELECT $call");
	is($stdout, 't', "beside it, $call");
	is($stderr, '', 'does not wait');
	ok($node->safe_psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE pid = $open->{pid}"), "the session of $user is there");
	$open->{session}->quit;
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
ok(is_committed($bea), 'a delegate beside goes on');
$node->safe_psql('postgres', $reset);
$bea = open_session('bea', q{tacl_assign('new', 'viewer', 'top/b')});
$ann = open_session('ann', $change);
is($node->safe_psql('postgres', "$guard; SELECT tacl_unassign('bob', 'viewer', 'top/a')"), 't', 'the operator, of the same row');
ok(!is_committed($ann), 'the delegate who has changed it has ended');
ok(is_committed($bea), 'a delegate beside goes on');

# What is in the way can have been done before a savepoint that is there no more.
$node->safe_psql('postgres', $reset);
$ann = open_session('ann', $change, 'SAVEPOINT a', 'RELEASE a');
is($node->safe_psql('postgres', "$guard; SELECT tacl_unassign('bob', 'viewer', 'top/a')"), 't', 'the operator, of a row changed within a savepoint');
ok(!is_committed($ann), 'the delegate has ended');

# Operators wait for each other, and end nobody who has only other rows, were it
# at the same tenant, or only refers to the row.
my $second = $node->background_psql('postgres', on_error_stop => 0);
my $second_pid = $second->query_safe('SELECT pg_backend_pid()');
my $operator;
foreach my $both (
	[ $change, q{tacl_unassign('bob', 'viewer', 'top/a')} ],
	[ q{tacl_limit_tenant('top/a', '{*, tacl.*}')}, q{tacl_limit_tenant('top/a', '{*, tacl.*, stock.*}')} ])
{
	my ($first_call, $second_call) = @$both;

	$node->safe_psql('postgres', $reset);
	$from = -s $node->logfile;
	$ann = open_session('ann', q{tacl_assign('new', 'viewer', 'top/a')});
	$operator = open_session('', $first_call);
	$second->query_until(qr/begun/, "\\echo begun\nSELECT $second_call AS done \\gset\n\\echo done :done\n");
	ok($node->poll_query_until('postgres', "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $second_pid"), 'a second operator waits');
	is($node->safe_psql('postgres', "SELECT pg_blocking_pids($second_pid)"), "{$operator->{pid}}", 'for the first');
	ok(is_committed($operator), 'who goes on');
	is($second->query_until(qr/done \w/, ''), "done t\n", 'and then it is done');
	unlike(slurp_file($node->logfile, $from), qr/ending a session/, 'nobody was ended');
	ok(is_committed($ann), 'the delegate goes on');
}

# Nor who has only referred to the row that they wait for.
$node->safe_psql('postgres', $reset);
$ann = open_session('ann', q{tacl_assign('new', 'local', 'top/a')});
$operator = open_session('', q{tacl_define_role('local', '{c.d}', 'top/a')});
$second->query_until(qr/begun/, "\\echo begun\nSELECT tacl_define_role('local', '{e.f}', 'top/a') AS done \\gset\n\\echo done :done\n");
ok($node->poll_query_until('postgres', "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $second_pid"), 'a second operator waits');
ok(is_committed($operator), 'the first goes on');
is($second->query_until(qr/done \w/, ''), "done t\n", 'and the second');
ok(is_committed($ann), 'and the delegate');

# A delegate who waits for the first operator is not before the second.
$node->safe_psql('postgres', $reset);
$operator = open_session('', $change);
my $waiting = $node->background_psql('postgres', on_error_stop => 0);
my $waiting_pid = $waiting->query_safe('SELECT pg_backend_pid()');
$waiting->query_until(qr/begun/, "\\echo begun\nSET app.user_id = 'ann';\nBEGIN;\nSELECT $change;\n");
ok($node->poll_query_until('postgres', "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $waiting_pid"), 'a delegate waits');
$second->query_until(qr/begun/, "\\echo begun\nSELECT tacl_unassign('bob', 'viewer', 'top/a') AS done \\gset\n\\echo done :done\n");
ok($node->poll_query_until('postgres', "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $second_pid"), 'and a second operator');
ok(is_committed($operator), 'the first goes on');
is($second->query_until(qr/done \w/, ''), "done t\n", 'and the second, whoever else was there');
eval { $waiting->quit };
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
