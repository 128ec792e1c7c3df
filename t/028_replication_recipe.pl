# R7: doc/replication.md, as it stands there: one writer, a node, and a node of the
# node. No node answers before all of it has been copied; what lag is, and that the
# gate and the lease bound it; with remote_apply a revocation counts when its
# COMMIT has returned; stuck, begun again, and made the writer.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my %recipe = slurp_file('doc/replication.md') =~ /^<!-- (\S+) -->\n```sql\n(.*?)^```$/msg;
is( join(' ', sort keys %recipe),
	'again compare gate heartbeat lease node promote revoke synchronous watch-node watch-writer writer',
	'the recipes of the document');

# Runs a recipe, or part of it, in one session of psql.
sub follow
{
	my ($node, $sql, $from) = @_;
	my $writer = $from ? $from->connstr . ' dbname=postgres user=acl_node' : '';
	my ($code, $out, $err) =
	  $node->psql('postgres', $sql, extra_params => [ '-v', 'node=' . $node->name, '-v', "writer=$writer" ]);

	BAIL_OUT($node->name . ": $err\n$sql") if $code != 0;
	return $out;
}

# What the gate says, which lets answers be of a given age: five minutes unless
# given, since the machine may be slow.
sub gate
{
	my ($node, $behind) = @_;
	my $sql = $recipe{gate};

	$behind //= '5 min';
	$sql =~ s/30 s/$behind/ or die;
	return follow($node, $sql);
}

my ($writer, $node1, $node2) = map {
	my $node = PostgreSQL::Test::Cluster->new($_);
	$node->init(allows_streaming => 'logical');
	$node->append_conf('postgresql.conf', q{
		fsync = off
		tacl.user_setting = 'app.user_id'
		wal_retrieve_retry_interval = '500 ms'
	});
	$node->start;
	$node;
} qw(writer node1 node2);

$writer->safe_psql(
	'postgres', q{
	CREATE EXTENSION tenant_acl;
	SELECT tacl_create_tenant('org-acme'), tacl_create_tenant('org-old'), tacl_suspend_tenant('org-old');
	SELECT tacl_define_role('member', '{orders.view}'), tacl_define_role('head', '{tacl.*}', includes => '{member}');
	SELECT tacl_assign('bob', 'member', 'org-acme'), tacl_assign('head', 'head', 'org-acme'), tacl_assign('bob', 'member', 'org-old');
	SELECT tacl_create_group('crew', 'org-acme'), tacl_assign_group('crew', 'member', 'org-acme'), tacl_add_member('carl', 'crew', 'org-acme');
	SELECT tacl_grant('staff', '*', '*'), tacl_grant('eve', '*', '*'), tacl_disable_user('eve');
	SELECT tacl_add_key('k', 'HS256', 'the secret of the key of this test')});
follow($writer, $recipe{writer});

# Who may see orders at acme, of those that it is about
my $ask = q{SELECT string_agg(u, ' ' ORDER BY u) FROM unnest('{bob,carl,eve,head,staff}'::text[]) AS u WHERE tacl_can(u, 'orders.view', 'org-acme')};
my $rows = q{SET ROLE app; SET app.user_id = 'bob'; SELECT count(*) FROM orders};
my $everybody = 'bob carl head staff';

#
# Closed from the beginning, until all is there
#

my ($made, $subscribed) = $recipe{node} =~ /^(.*)^(CREATE SUBSCRIPTION.*)$/ms;

follow($node1, $made, $writer);
$node1->safe_psql(
	'postgres', q{
	CREATE ROLE app;
	CREATE TABLE orders (id int, tenant_id text);
	INSERT INTO orders VALUES (1, 'org-acme'), (2, 'org-old');
	SELECT tacl_protect('orders', 'tenant_id', 'orders', 'all_mine');
	GRANT SELECT ON orders TO app});
is($node1->safe_psql('postgres', 'SELECT count(*) FROM tacl.tenant'), '0', 'a node is made without its root');
is(gate($node1), 'not copied yet: tacl.tenant, tacl.role, tacl.role_include, tacl.user_account, tacl.user_group, '
	. 'tacl.group_member, tacl.group_include, tacl.assignment, acl_node.heartbeat', 'no subscription: closed');

# Who is disabled is copied last. The lock lets everybody read.
my $late = $node1->background_psql('postgres');
$late->query_safe('BEGIN; LOCK TABLE tacl.user_account IN SHARE MODE');
follow($node1, $subscribed, $writer);
$node1->poll_query_until('postgres', q{SELECT count(*) = 8 FROM pg_subscription_rel WHERE srsubstate = 'r'})
  or die 'the other tables were not copied';

my %sessions = map { $_ => $node1->background_psql('postgres') } ('autocommit', 'read committed', 'repeatable read');
foreach my $name (sort keys %sessions)
{
	$sessions{$name}->query_safe("PREPARE ask AS $ask");
	$sessions{$name}->query_safe("BEGIN ISOLATION LEVEL $name") unless $name eq 'autocommit';
}

# The answers of all sessions of the first node.
sub warm_are
{
	my ($expected, $what) = @_;

	is($sessions{$_}->query_safe('EXECUTE ask'), $expected, "$what, $_") foreach sort keys %sessions;
}

warm_are('', 'one table is missing: no to everybody');
is(gate($node1), 'not copied yet: tacl.user_account', 'the gate knows which');
warm_are('', 'and leaves it closed');
is($node1->safe_psql('postgres', $rows), '0', 'and tables show nothing');
like(
	$node1->safe_psql('postgres', "BEGIN; SET LOCAL session_replication_role = replica; INSERT INTO tacl.tenant (id) VALUES ('*'); $ask; ROLLBACK"),
	qr/eve/, 'were it open, somebody disabled would be allowed');

$late->query_safe('COMMIT');
$late->quit;
$node1->wait_for_subscription_sync($writer, 'node1');
warm_are('', 'all is copied, and nobody has opened it');
follow($writer, $recipe{heartbeat});
$writer->wait_for_catchup('node1');
is(gate($node1), 'open', 'the gate opens');
warm_are($everybody, 'open');
is(gate($node1), 'open', 'and stays so');
is($node1->safe_psql('postgres', $rows), '1', 'tables show what they should');
is(follow($node1, $recipe{compare}), follow($writer, $recipe{compare}), 'the two are equal');
is($node1->safe_psql('postgres', 'SELECT count(*) FROM tacl.audit'), '0', 'nothing is recorded twice');
like(follow($node1, $recipe{'watch-node'}), qr/^[^|]+\|[^|]+\|node1\|t\|t\|/, 'watched on the node');
like(follow($writer, $recipe{'watch-writer'}), qr/^node1\|t\|reserved\|async\|/m, 'watched on the writer');

#
# Nobody else writes
#

foreach my $write (
	q{SELECT tacl_assign('mal', 'member', 'org-acme')},
	q{SET app.user_id = 'head'; SELECT tacl_assign('mal', 'member', 'org-acme')},
	q{INSERT INTO tacl.assignment (user_id, tenant, pattern) VALUES ('mal', '*', '*')},
	q{DELETE FROM tacl.user_account},
	q{TRUNCATE tacl.group_member})
{
	my (undef, undef, $err) = $node1->psql('postgres', $write, extra_params => [ '-v', 'VERBOSITY=verbose' ]);

	like($err, qr/ERROR:  25006: cannot change tacl\.\w+ on this node/, "refused on the node: $write");
}
is($node1->safe_psql('postgres', q{SELECT tacl_set_primary('bob', 'org-acme'), tacl_add_key('k', 'HS256', 'the secret of the key of this test')}),
	't|t', 'preferences and keys are the node\'s own');

#
# What arrives is heard
#

my @changes = (
	[ q{SELECT tacl_unassign('bob', 'member', 'org-acme')}, 'carl head staff', 'revoked' ],
	[ q{SELECT tacl_assign('bob', 'member', 'org-acme')}, $everybody, 'granted' ],
	[ q{SELECT tacl_define_role('head', NULL, includes => '{}')}, 'bob carl staff', 'not included any more' ],
	[ q{SELECT tacl_define_role('head', NULL, includes => '{member}')}, $everybody, 'included' ],
	[ q{TRUNCATE tacl.group_member}, 'bob head staff', 'members truncated' ],
	[ q{TRUNCATE tacl.role_include}, 'bob staff', 'includes truncated' ],
	[ q{SELECT tacl_add_member('carl', 'crew', 'org-acme'), tacl_define_role('head', NULL, includes => '{member}')}, $everybody, 'made again' ],
	[ q{SELECT tacl_suspend_tenant('org-acme')}, 'staff', 'suspended' ],
	[ q{SELECT tacl_resume_tenant('org-acme'), tacl_enable_user('eve')}, 'bob carl eve head staff', 'resumed, and somebody enabled' ],
	[ q{SELECT tacl_disable_user('eve')}, $everybody, 'and disabled' ]);

foreach my $change (@changes)
{
	my ($sql, $expected, $what) = @$change;

	$writer->safe_psql('postgres', $sql);
	$writer->wait_for_catchup('node1');
	warm_are($expected, $what);
}

# Tokens, by the node's key, and what has arrived
my $token = $writer->safe_psql('postgres', q{SELECT tacl_issue_token('bob', 'org-acme')});
my $who = qq{SET tacl.token = '$token'; SET ROLE app; SELECT tacl_may('orders.view'), (SELECT count(*) FROM orders)};
is($node1->safe_psql('postgres', $who), 't|1', 'a token of the writer');
$writer->safe_psql('postgres', q{SELECT tacl_unassign('bob', 'member', 'org-acme')});
$writer->wait_for_catchup('node1');
is($node1->safe_psql('postgres', $who), 'f|0', 'is worth what its user may do now');
$writer->safe_psql('postgres', q{SELECT tacl_assign('bob', 'member', 'org-acme')});

#
# What lag is, and what bounds it
#

follow($node1, $recipe{lease});
follow($writer, $recipe{heartbeat});
$writer->wait_for_catchup('node1');
is($node1->safe_psql('postgres', $rows), '1', 'with a lease');
$node1->safe_psql('postgres', 'ALTER SUBSCRIPTION node1 DISABLE');
$node1->poll_query_until('postgres', q{SELECT pid IS NULL FROM pg_stat_subscription WHERE subname = 'node1'})
  or die 'the worker did not end';
$writer->safe_psql('postgres', q{SELECT tacl_unassign('bob', 'member', 'org-acme')});
warm_are($everybody, 'behind: as it was');
is(gate($node1), 'open', 'and open, as long as that is allowed');
$node1->safe_psql('postgres', q{SELECT pg_sleep(0.2)});
like(gate($node1, '100 ms'), qr/^behind since \d/, 'too far behind');
warm_are('', 'too far behind: closed');
is(gate($node1), 'open', 'not too far');
is($node1->safe_psql('postgres', "BEGIN; ALTER TABLE acl_node.heartbeat DISABLE TRIGGER ALL; UPDATE acl_node.heartbeat SET at = at - interval '1 minute'; $rows; RESET ROLE; RESET app.user_id; $ask; ROLLBACK"),
	"0\n$everybody", 'the lease has ended, whatever the gate does, and binds rows only');

$node1->safe_psql('postgres', 'ALTER SUBSCRIPTION node1 ENABLE');
follow($writer, $recipe{heartbeat});
$writer->wait_for_catchup('node1');
is(gate($node1), 'open', 'up to date');
warm_are('carl head staff', 'up to date: revoked');

# Somebody has written here all the same, and is in the way.
my $next = $writer->safe_psql('postgres', q{SELECT last_value + 1 FROM tacl.assignment_id_seq});
$node1->safe_psql('postgres', qq{SET session_replication_role = replica; INSERT INTO tacl.assignment (id, user_id, tenant, pattern) VALUES ($next, 'mal', '*', 'nothing')});
$writer->safe_psql('postgres', q{SELECT tacl_assign('bob', 'member', 'org-acme'); SELECT tacl_disable_user('staff')});
follow($writer, $recipe{heartbeat});
$node1->poll_query_until('postgres', 'SELECT apply_error_count > 0 FROM pg_stat_subscription_stats')
  or die 'no conflict';
warm_are('carl head staff', 'stuck: neither the grant nor what came after it');
like(gate($node1, '0 s'), qr/^behind since /, 'stuck: the gate closes');
like(follow($node1, $recipe{'watch-node'}), qr/\|[1-9]\d*\|0$/, 'stuck: seen');
$node1->safe_psql('postgres', q{SET session_replication_role = replica; DELETE FROM tacl.assignment WHERE user_id = 'mal'});
$writer->wait_for_catchup('node1');
is(gate($node1), 'open', 'no longer');
warm_are('bob carl head', 'no longer stuck');
$writer->safe_psql('postgres', q{SELECT tacl_enable_user('staff')});

#
# A COMMIT that returns when the node has it
#

follow($node1, 'ALTER SUBSCRIPTION node1 SET (synchronous_commit = local)');
follow($writer, $recipe{synchronous});
$writer->poll_query_until('postgres', q{SELECT sync_state = 'sync' FROM pg_stat_replication WHERE application_name = 'node1'})
  or die 'the node did not become synchronous';
my $operator = $writer->background_psql('postgres');
my $wrong = 0;
for my $round (1 .. 25)
{
	(my $grant = $recipe{revoke}) =~ s/tacl_unassign/tacl_assign/;

	foreach my $step ([ $recipe{revoke}, 'carl head staff' ], [ $grant, $everybody ])
	{
		$operator->query_safe($step->[0]);
		$wrong += $_->query_safe('EXECUTE ask') ne $step->[1] foreach values %sessions;
	}
}
is($wrong, 0, 'revoked and granted 25 times: no session of the node was told the past');
$operator->quit;
$writer->safe_psql('postgres', 'ALTER SYSTEM RESET synchronous_standby_names; SELECT pg_reload_conf()');

#
# A node of the node
#

my ($publication) = $recipe{writer} =~ /^(CREATE PUBLICATION.*)/ms; # without the heartbeat, which arrives
follow($node1, $publication);
follow($node2, $recipe{node}, $node1);
$node2->wait_for_subscription_sync($node1, 'node2');
is($node2->safe_psql('postgres', $ask), '', 'a node of the node: closed');
is(gate($node2), 'open', 'a node of the node: the gate opens');
is($node2->safe_psql('postgres', $ask), $everybody, 'a node of the node: answers');
$writer->safe_psql('postgres', q{SELECT tacl_unassign('bob', 'member', 'org-acme')});
$writer->wait_for_catchup('node1');
$node1->wait_for_catchup('node2');
is($node2->safe_psql('postgres', $ask), 'carl head staff', 'a node of the node: what it hears is the writer\'s');
$node1->safe_psql('postgres', q{SET session_replication_role = replica; DELETE FROM tacl.tenant WHERE id = '*'});
$node1->wait_for_catchup('node2');
is($node2->safe_psql('postgres', $ask), 'carl head staff', 'a node of the node: each has a gate of its own');
follow($node2, 'DROP SUBSCRIPTION node2');
is(gate($node1), 'open', 'the first is open again');

#
# What has passed a node by, as after its files were put back, it cannot know; but
# that something has
#

my $errors = $node1->safe_psql('postgres', 'SELECT apply_error_count FROM pg_stat_subscription_stats');
$node1->safe_psql('postgres', 'ALTER SUBSCRIPTION node1 DISABLE');
$writer->poll_query_until('postgres', q{SELECT NOT active FROM pg_replication_slots WHERE slot_name = 'node1'})
  or die 'the worker did not end';
$writer->safe_psql('postgres', q{SELECT tacl_disable_user('head')});
follow($writer, $recipe{heartbeat});
$writer->safe_psql('postgres', q{SELECT pg_replication_slot_advance('node1', pg_current_wal_lsn())});
$node1->safe_psql('postgres', 'ALTER SUBSCRIPTION node1 ENABLE');
follow($writer, $recipe{heartbeat});
my $last = $writer->safe_psql('postgres', 'SELECT at FROM acl_node.heartbeat');
$node1->poll_query_until('postgres', qq{SELECT (SELECT apply_error_count > $errors FROM pg_stat_subscription_stats) OR (SELECT at = '$last' FROM acl_node.heartbeat)})
  or die 'no heartbeat';
warm_are('carl head staff', 'put back: a revocation is missing');
isnt($node1->safe_psql('postgres', 'SELECT at FROM acl_node.heartbeat'), $last, 'put back: no heartbeat any more');
like(slurp_file($node1->logfile), qr/ERROR:  changes are missing: between the heartbeats of /, 'put back: the log says why');
like($node1->safe_psql('postgres', q{SELECT acl_node.why_closed('0 s')}), qr/^behind since /, 'put back: the gate will close');
$writer->safe_psql('postgres', q{SELECT tacl_enable_user('head')});

#
# A node begins again, and becomes the writer
#

my ($away, $back) = $recipe{again} =~ /^(.*)^(CREATE SUBSCRIPTION.*)$/ms;
$node1->safe_psql('postgres', q{SET session_replication_role = replica; DELETE FROM tacl.group_member; UPDATE tacl.role SET permissions = '{*}'});
isnt(follow($node1, $recipe{compare}), follow($writer, $recipe{compare}), 'the two differ, and it shows');
like(follow($node1, $away, $writer), qr/^not copied yet: tacl.tenant, /, 'begins again: closed');
warm_are('', 'begins again: closed');
follow($node1, $back, $writer);
$node1->wait_for_subscription_sync($writer, 'node1');
warm_are('', 'begins again: copied');
follow($writer, $recipe{heartbeat});
$writer->wait_for_catchup('node1');
is(gate($node1), 'open', 'begins again: open');
warm_are('carl head staff', 'begins again: open');
is(follow($node1, $recipe{compare}), follow($writer, $recipe{compare}), 'begins again: equal');

$writer->stop('immediate');
follow($node1, $recipe{promote});
warm_are('carl head staff', 'the writer now');
is($node1->safe_psql('postgres', q{SELECT tacl_assign('bob', 'member', 'org-acme'), tacl_create_group('new', 'org-acme'), tacl_define_role('new', '{x}')}),
	't|t|t', 'the writer now: changes');
warm_are($everybody, 'the writer now: heard');
is($node1->safe_psql('postgres', q{SELECT string_agg(DISTINCT operation || ' ' || object, ', ') FROM tacl.audit}),
	'INSERT assignment, INSERT key, INSERT role, INSERT user_group', 'the writer now: recorded, and nothing before');

foreach my $name (sort keys %sessions)
{
	$sessions{$name}->query_safe('COMMIT') unless $name eq 'autocommit';
	$sessions{$name}->quit;
}
$node2->stop;
$node1->stop;
done_testing();
