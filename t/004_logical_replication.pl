# R7: the extension's tables can be replicated logically; what the apply worker
# writes is heard by the open sessions of the subscriber, although it writes as a
# replica, without foreign keys and ordinary triggers, and fires row triggers
# only.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($publisher, $subscriber) = map {
	my $node = PostgreSQL::Test::Cluster->new($_);
	$node->init(allows_streaming => 'logical');
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION tenant_acl');
	$node;
} qw(publisher subscriber);

$publisher->safe_psql(
	'postgres', q{
	SELECT tacl_create_tenant('org');
	SELECT tacl_define_role('viewer', ARRAY['orders.view']);
	SELECT tacl_define_role('lead', ARRAY['reports.view'], '*', ARRAY['viewer']);
	SELECT tacl_create_group('crew', 'org');
	SELECT tacl_assign_group('crew', 'viewer', 'org');
	SELECT tacl_add_member('bert', 'crew', 'org');
	SELECT tacl_assign('anna', 'viewer', 'org');
	SELECT tacl_assign('carl', 'lead', 'org');
});

# The root is there already; each side keeps its own.
$publisher->safe_psql(
	'postgres', q{
	CREATE PUBLICATION rights FOR TABLE tacl.tenant WHERE (id <> '*'), tacl.role, tacl.role_include, tacl.user_account,
		tacl.user_group, tacl.group_member, tacl.group_include, tacl.assignment});
my $connection = $publisher->connstr . ' dbname=postgres';
$subscriber->safe_psql('postgres', "CREATE SUBSCRIPTION rights CONNECTION '$connection' PUBLICATION rights");
$subscriber->wait_for_subscription_sync($publisher, 'rights');

my $ask = q{SELECT tacl_can('anna', 'orders.view', 'org'), tacl_can('bert', 'orders.view', 'org'), tacl_can('carl', 'orders.view', 'org')};

my $warm = $subscriber->background_psql('postgres');
$warm->query_safe("PREPARE ask AS $ask");
$warm->query_safe('BEGIN');
is($warm->query_safe('EXECUTE ask'), 't|t|t', 'the first copy');

my @changes = (
	[ q{SELECT tacl_unassign('anna', 'viewer', 'org')}, 'f|t|t', 'DELETE of an assignment' ],
	[ q{SELECT tacl_assign('anna', 'viewer', 'org')}, 't|t|t', 'INSERT of an assignment' ],
	[ q{SELECT tacl_assign('anna', 'viewer', 'org', now() - interval '1 s')}, 'f|t|t', 'UPDATE of an assignment' ],
	[ q{UPDATE tacl.assignment SET expires_at = NULL}, 't|t|t', 'UPDATE of all' ],
	[ q{SELECT tacl_remove_member('bert', 'crew', 'org')}, 't|f|t', 'DELETE of a member' ],
	[ q{SELECT tacl_add_member('bert', 'crew', 'org')}, 't|t|t', 'INSERT of a member' ],
	[ q{SELECT tacl_define_role('lead', NULL, '*', ARRAY[]::text[])}, 't|t|f', 'DELETE of an include' ],
	[ q{SELECT tacl_define_role('lead', NULL, '*', ARRAY['viewer'])}, 't|t|t', 'INSERT of an include' ],
	[ q{SELECT tacl_define_role('viewer', ARRAY['orders.list'])}, 'f|f|f', 'UPDATE of a role' ],
	[ q{SELECT tacl_define_role('viewer', ARRAY['orders.view'])}, 't|t|t', 'and back' ],
	[ q{SELECT tacl_suspend_tenant('org')}, 'f|f|f', 'UPDATE of a tenant' ],
	[ q{SELECT tacl_resume_tenant('org')}, 't|t|t', 'and back' ],
	[ q{SELECT tacl_disable_user('carl')}, 't|t|f', 'INSERT of an account' ],
	[ q{SELECT tacl_enable_user('carl')}, 't|t|t', 'and back' ],
	[ q{TRUNCATE tacl.group_member}, 't|f|t', 'TRUNCATE of members' ],
	[ q{TRUNCATE tacl.assignment}, 'f|f|f', 'TRUNCATE of assignments' ]);

foreach my $change (@changes)
{
	my ($sql, $expected, $what) = @$change;

	$publisher->safe_psql('postgres', $sql);
	is($publisher->safe_psql('postgres', $ask), $expected, "publisher: $what");
	$publisher->wait_for_catchup('rights');
	is($warm->query_safe('EXECUTE ask'), $expected, "subscriber: $what");
	is($subscriber->safe_psql('postgres', $ask), $expected, "subscriber, new session: $what");
}
$warm->query_safe('COMMIT');
$warm->quit;

# Inside logical decoding nothing can be asked: the tables are not what they
# were when the change was made. A plugin that tries gets an error, and so does
# a row filter, which PostgreSQL refuses already when it is made.
my ($code, $out, $err) = $publisher->psql(
	'postgres', q{
	CREATE TABLE t (id int PRIMARY KEY);
	CREATE PUBLICATION filtered FOR TABLE t WHERE (tacl_can('anna', 'orders.view', 'org'))});
isnt($code, 0, 'no check in a row filter');

$subscriber->safe_psql('postgres', 'DROP SUBSCRIPTION rights');
$subscriber->stop;
$publisher->stop;
done_testing();
