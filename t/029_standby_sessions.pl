# R9, I1: on a hot standby, sessions that have cached a yes in every way deny as soon as
# the revocation's COMMIT has returned on the primary, round after round; every
# function works there or says why not; and all goes on through a promotion.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1);
$primary->append_conf('postgresql.conf', "fsync = off\nmax_connections = 50\ntacl.user_setting = 'app.user_id'\n");
$primary->start;
$primary->safe_psql(
	'postgres', q{
	CREATE EXTENSION tenant_acl;
	SELECT tacl_create_tenant('org'), tacl_create_tenant('team', 'org'), tacl_create_tenant('other');
	SELECT tacl_define_role('lister', '{orders.list}'), tacl_define_role('viewer', '{orders.view}', includes => '{lister}');
	SELECT tacl_create_group('crew', 'org'), tacl_assign_group('crew', 'viewer', 'org');
	SELECT tacl_assign('anna', 'viewer', 'org'), tacl_grant('staff', '*', '*');
	SELECT tacl_add_key('k', 'HS256', 'the secret of the key of this test');
	CREATE ROLE app;
	CREATE TABLE by_hand (id int PRIMARY KEY, tenant_id text);
	CREATE TABLE active (LIKE by_hand INCLUDING ALL);
	CREATE TABLE mine (LIKE by_hand INCLUDING ALL);
	CREATE TABLE plain (LIKE by_hand INCLUDING ALL);
	INSERT INTO by_hand VALUES (1, 'team'), (2, 'other');
	INSERT INTO active TABLE by_hand; INSERT INTO mine TABLE by_hand;
	CREATE INDEX ON by_hand (tenant_id); CREATE INDEX ON active (tenant_id); CREATE INDEX ON mine (tenant_id);
	ALTER TABLE by_hand ENABLE ROW LEVEL SECURITY;
	CREATE POLICY by_right ON by_hand USING (tacl_can(current_setting('app.user_id'), 'orders.view', tenant_id));
	SELECT tacl_protect('active', 'tenant_id', 'orders'), tacl_protect('mine', 'tenant_id', 'orders', 'all_mine');
	GRANT SELECT ON by_hand, active, mine TO app;
	CREATE FUNCTION may() RETURNS boolean LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN tacl_can('anna', 'orders.view', 'team'); END $$});
$primary->backup('backup');

my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->append_conf('postgresql.conf', "hot_standby_feedback = on\n");
$standby->start;
$primary->append_conf('postgresql.conf', "synchronous_standby_names = 'standby'\nsynchronous_commit = remote_apply\n");
$primary->reload;
$primary->poll_query_until('postgres', q{SELECT sync_state = 'sync' FROM pg_stat_replication})
  or die 'the standby did not become synchronous';

#
# Sessions that have asked before
#

my $token = $primary->safe_psql('postgres', q{SELECT tacl_issue_token('anna', 'team')});
my $anna = q{SET app.user_id = 'anna'; SET app.tenant = 'team'; SET ROLE app};
my %ways = (
	'a check' => [ '', q{SELECT tacl_can('anna', 'orders.view', 'team')} ],
	'a function' => [ '', q{SELECT may()} ],
	'a list' => [ '', q{SELECT 'team' IN (SELECT tacl_tenants('anna', 'orders.view'))} ],
	'a token' => [ "SET tacl.token = '$token'; SET ROLE app", q{SELECT tacl_may('orders.view')} ],
	'a policy' => [ $anna, q{SELECT count(*) = 1 FROM by_hand} ],
	'tacl_protect, active' => [ $anna, q{SELECT count(*) = 1 FROM active} ],
	'tacl_protect, mine' => [ "$anna; SET enable_seqscan = off", q{SELECT count(*) = 1 FROM mine} ]);
my @levels = ('autocommit', 'READ COMMITTED', 'REPEATABLE READ');
my %sessions;

foreach my $way (sort keys %ways)
{
	foreach my $level (@levels)
	{
		my $session = $sessions{"$way, $level"} = $standby->background_psql('postgres');

		$session->query_safe($ways{$way}->[0]) if $ways{$way}->[0] ne '';
		$session->query_safe("PREPARE ask AS $ways{$way}->[1]");
		$session->query_safe("BEGIN ISOLATION LEVEL $level") if $level ne 'autocommit';
	}
}

# The sessions that do not say this.
sub dissenters
{
	my ($expected) = @_;

	return join('; ', grep { $sessions{$_}->query_safe('EXECUTE ask') ne $expected } sort keys %sessions);
}

is(dissenters('t'), '', 'all are allowed, and have cached it');

my @flips = (
	[ 'an assignment', q{tacl_unassign('anna', 'viewer', 'org')}, q{tacl_assign('anna', 'viewer', 'org')} ],
	[ 'a deny', q{tacl_grant('anna', '!orders.*', 'team')}, q{tacl_revoke('anna', '!orders.*', 'team')} ],
	[ 'a role', q{tacl_define_role('viewer', '{orders.edit}')}, q{tacl_define_role('viewer', '{orders.view}')} ],
	[ 'a disabled user', q{tacl_disable_user('anna')}, q{tacl_enable_user('anna')} ],
	[ 'a suspension', q{tacl_suspend_tenant('org')}, q{tacl_resume_tenant('org')} ],
	[ 'a ceiling', q{tacl_limit_tenant('team', '{}'), tacl_limit_tenant('org', '{billing.*}')}, q{tacl_limit_tenant('org', NULL)} ],
	[ 'a move', q{tacl_move_tenant('team', 'other')}, q{tacl_move_tenant('team', 'org')} ],
	[ 'a group', q{tacl_unassign('anna', 'viewer', 'org')}, q{tacl_add_member('anna', 'crew', 'org')} ],
	[ 'its member', q{tacl_remove_member('anna', 'crew', 'org')}, q{tacl_assign('anna', 'viewer', 'org')} ]);
my $operator = $primary->background_psql('postgres');

for my $round (1 .. 3)
{
	foreach my $flip (@flips)
	{
		my ($what, $take, $give) = @$flip;

		$operator->query_safe("SELECT $take");
		is(dissenters('f'), '', "$what, round $round: denied when the COMMIT has returned");
		$operator->query_safe("SELECT $give");
		is(dissenters('t'), '', "$what, round $round: allowed again");
	}
}
$operator->query_safe(q{SELECT tacl_drop_key('k')});
is(dissenters('t'), join('; ', map { "a token, $_" } sort @levels), 'a key: its tokens are worth nothing');
$operator->query_safe(q{SELECT tacl_add_key('k', 'HS256', 'the secret of the key of this test')});
is(dissenters('t'), '', 'a key, again');

# What lag is, where a COMMIT waits for the standby's disk at most.
$standby->safe_psql('postgres', 'SELECT pg_wal_replay_pause()');
$standby->poll_query_until('postgres', q{SELECT pg_get_wal_replay_pause_state() = 'paused'}) or die 'not paused';
$operator->query_safe(q{SET synchronous_commit = on});
$operator->query_safe(q{SELECT tacl_unassign('anna', 'viewer', 'org')});
is(dissenters('t'), '', 'without remote_apply the old answer, while it is not replayed');
$standby->safe_psql('postgres', 'SELECT pg_wal_replay_resume()');
$primary->wait_for_catchup('standby');
is(dissenters('f'), '', 'and the new one when it is');
$operator->query_safe(q{SET synchronous_commit = remote_apply});
$operator->query_safe(q{SELECT tacl_assign('anna', 'viewer', 'org')});

#
# Every function
#

my @reading = (
	q{tacl_active_tenant('orders.view', NULL::text)}, q{tacl_actor()}, q{count(*) FROM tacl_audit('org')},
	q{tacl_authorize('anna', 'orders.view', 'org')}, q{tacl_can('anna', 'orders.view', 'org')},
	q{tacl_can_all('anna', '{orders.view}', 'org')}, q{tacl_can_any('anna', '{orders.view}', 'org')},
	q{tacl_check('anna', '{orders.view, orders.edit}', 'org')}, q{tacl_claims('anna')},
	q{e FROM tacl_explain('anna', 'orders.view', 'team') AS e}, q{e FROM tacl_explain_row('mine', '1', 'app') AS e},
	q{tacl_export()}, q{tacl_flush()}, q{g FROM tacl_graph() AS g}, q{tacl_has_role('anna', 'viewer', 'team')},
	q{count(*) > 0 FROM tacl_history('anna', 'orders.view', 'org', now())}, q{tacl_issue_token('anna') <> ''},
	q{count(*) FROM tacl_lint()}, q{m FROM tacl_matrix() AS m}, q{tacl_may('orders.view', 'org')}, q{m FROM tacl_members('org') AS m},
	q{m FROM tacl_memberships('anna') AS m}, q{p FROM tacl_permissions('anna', 'org') AS p}, q{p FROM tacl_role_permissions('viewer') AS p},
	q{r FROM tacl_roles('anna', 'org') AS r}, q{bytes > 0 FROM tacl_stats(), tacl_may('orders.view', 'org')}, q{tacl_switch('team')},
	q{tacl_tenant()}, q{r FROM tacl_tenant_roles('org') AS r}, q{tacl_tenants('anna')}, q{tacl_user()}, q{tacl_users('orders.view', 'org')});
my @changing = (
	q{tacl_add_key('k2', 'HS256', 'the secret of the key of this test')}, q{tacl_add_member('x', 'crew', 'org')}, q{tacl_apply('{"roles": []}')},
	q{tacl_assign('x', 'viewer', 'org')}, q{tacl_assign_group('crew', 'viewer', 'team')}, q{tacl_audit_purge(now())}, q{tacl_create_group('x', 'org')},
	q{tacl_create_tenant('x')}, q{tacl_define_role('x', '{x}')}, q{tacl_disable_user('x')}, q{tacl_drop_group('crew', 'org')},
	q{tacl_drop_key('k')}, q{tacl_drop_role('viewer')}, q{tacl_drop_tenant('other')}, q{tacl_enable_user('x')},
	q{tacl_exclude_group('crew', 'crew', 'org')}, q{tacl_grant('x', 'x', 'org')}, q{tacl_include_group('crew', 'crew', 'org')},
	q{tacl_limit_tenant('org', '{}')}, q{tacl_move_tenant('team', 'other')}, q{tacl_protect('plain', 'tenant_id', 'orders')},
	q{tacl_protect_child('plain', 'id')}, q{tacl_remember_tenant('anna', 'org')}, q{tacl_remove_member('x', 'crew', 'org')},
	q{tacl_resume_tenant('org')}, q{tacl_revoke('x', 'x', 'org')}, q{tacl_set_primary('anna', 'org')}, q{tacl_setup_role('app', 'runtime')},
	q{tacl_suspend_tenant('org')}, q{tacl_switch('org', remember => true)}, q{tacl_sync_roles('x', '{viewer}', 'org')},
	q{tacl_unassign('anna', 'viewer', 'org')}, q{tacl_unassign_group('crew', 'viewer', 'org')}, q{tacl_unprotect('mine')});
my %named = map { /(tacl_\w+)/; $1 => 1 } @reading, @changing;

is( join(
		' ',
		grep { !$named{$_} } split /\n/,
		$primary->safe_psql(
			'postgres', q{
			SELECT DISTINCT p.proname FROM pg_depend AS d JOIN pg_proc AS p ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
			WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND p.proname LIKE 'tacl\_%' AND p.pronamespace <> 'tacl'::regnamespace})),
	'', 'no function is left out');
foreach my $call (@reading)
{
	my $as = $call =~ /tacl_(?:active|may|switch|user\()/ ? 'anna' : '';
	my $sql = "BEGIN; SET LOCAL app.user_id = '$as'; SET LOCAL app.tenant = 'team'; SELECT $call";

	is($standby->safe_psql('postgres', $sql), $primary->safe_psql('postgres', $sql), "as on the primary: $call");
}
foreach my $call (@changing)
{
	my $as = $call =~ /remember|primary/ ? 'anna' : '';
	my (undef, undef, $err) =
	  $standby->psql('postgres', "SET app.user_id = '$as'; SELECT $call", extra_params => [ '-v', 'VERBOSITY=verbose' ]);

	like($err, qr/ERROR:  25006: cannot execute/, "not on a standby: $call");
}

#
# Promotion in the middle of all sessions
#

is(dissenters('t'), '', 'before the promotion');
$operator->quit;
$primary->stop;
$standby->append_conf('postgresql.conf', "synchronous_standby_names = ''\n");
$standby->promote;
is(dissenters('t'), '', 'promoted');

# One that was there before takes the right away.
my $old = $sessions{'a check, autocommit'};
is($old->query_safe(q{SELECT tacl_unassign('anna', 'viewer', 'org')}), 't', 'an old session can write');
is(dissenters('f'), '', 'and all others hear of it');
is($old->query_safe(q{SELECT tacl_assign('anna', 'viewer', 'org')}), 't', 'an old session grants');
is(dissenters('t'), '', 'and all others hear of it');
$old->query_safe('BEGIN');
$old->query_safe(q{SELECT tacl_suspend_tenant('org')});
is($old->query_safe('EXECUTE ask'), 'f', 'in its own transaction it counts');
$old->query_safe('ROLLBACK');
is(dissenters('t'), '', 'and when that was rolled back, it does not');
$standby->safe_psql('postgres', q{BEGIN; SELECT tacl_disable_user('anna'); COMMIT});
is(dissenters('f'), '', 'a new session disables');

foreach my $name (sort keys %sessions)
{
	$sessions{$name}->query_safe('COMMIT') unless $name =~ /autocommit/;
}
is(dissenters('f'), '', 'and beyond their transactions');
$_->quit foreach values %sessions;

$standby->stop;
done_testing();
