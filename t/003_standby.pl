# R9: a hot standby answers as the primary does, read-only; with remote_apply a
# session that is open there denies as soon as the revocation's COMMIT returns on
# the primary; and after promotion it goes on.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1);
$primary->append_conf('postgresql.conf', 'max_prepared_transactions = 10');
$primary->start;

$primary->safe_psql(
	'postgres', q{
	CREATE EXTENSION tenant_acl;
	SELECT tacl_create_tenant('org');
	SELECT tacl_create_tenant('team', 'org');
	SELECT tacl_define_role('viewer', ARRAY['orders.view']);
	SELECT tacl_create_group('crew', 'org');
	SELECT tacl_assign_group('crew', 'viewer', 'org');
	CREATE ROLE app;
	CREATE TABLE orders (id int, tenant_id text);
	INSERT INTO orders VALUES (1, 'org'), (2, 'team'), (3, 'elsewhere');
	ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
	CREATE POLICY by_right ON orders USING (tacl_can(current_setting('app.user_id', true), 'orders.view', tenant_id));
	GRANT SELECT ON orders TO app;
});

$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);

# Else the primary may remove rows that the open transactions below could still
# see, and they would be cancelled.
$standby->append_conf('postgresql.conf', 'hot_standby_feedback = on');
$standby->start;

$primary->append_conf(
	'postgresql.conf', q{
synchronous_standby_names = '*'
synchronous_commit = remote_apply
});
$primary->reload;
$primary->poll_query_until('postgres',
	q{SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'})
  or die 'the standby did not become synchronous';

my $ask = q{SELECT tacl_can('anna', 'orders.view', 'team'), tacl_can('bert', 'orders.view', 'team'), tacl_can('carl', 'orders.view', 'team')};

# Everything that the standby's sessions are asked, after each of these.
my @changes = (
	[ q{SELECT tacl_assign('anna', 'viewer', 'org'), tacl_add_member('bert', 'crew', 'org'), tacl_grant('carl', '*', '*')}, 't|t|t', 'granted' ],
	[ q{SELECT tacl_unassign('anna', 'viewer', 'org')}, 'f|t|t', 'unassigned' ],
	[ q{SELECT tacl_remove_member('bert', 'crew', 'org')}, 'f|f|t', 'member removed' ],
	[ q{SELECT tacl_disable_user('carl')}, 'f|f|f', 'disabled' ],
	[ q{SELECT tacl_enable_user('carl'), tacl_add_member('bert', 'crew', 'org'), tacl_assign('anna', 'viewer', 'org')}, 't|t|t', 'granted again' ],
	[ q{SELECT tacl_define_role('viewer', ARRAY['orders.list'])}, 'f|f|t', 'role redefined' ],
	[ q{SELECT tacl_define_role('viewer', ARRAY['orders.view'])}, 't|t|t', 'and back' ],
	[ q{SELECT tacl_suspend_tenant('org')}, 'f|f|t', 'suspended' ],
	[ q{SELECT tacl_resume_tenant('org')}, 't|t|t', 'resumed' ],
	[ q{BEGIN; SELECT tacl_unassign('anna', 'viewer', 'org'); ROLLBACK}, 't|t|t', 'rolled back' ],
	[ q{BEGIN; SELECT tacl_unassign('anna', 'viewer', 'org'); PREPARE TRANSACTION 'p'}, 't|t|t', 'prepared' ],
	[ q{COMMIT PREPARED 'p'}, 'f|t|t', 'prepared and committed' ],
	[ q{TRUNCATE tacl.assignment}, 'f|f|f', 'truncated' ],
	[ q{SELECT tacl_assign('anna', 'viewer', 'org'), tacl_assign_group('crew', 'viewer', 'org')}, 't|t|f', 'granted once more' ]);

my %sessions = (
	autocommit => $standby->background_psql('postgres'),
	'read committed' => $standby->background_psql('postgres'),
	'repeatable read' => $standby->background_psql('postgres'));
foreach my $name (sort keys %sessions)
{
	$sessions{$name}->query_safe("PREPARE ask AS $ask");
	$sessions{$name}->query_safe("BEGIN ISOLATION LEVEL $name") unless $name eq 'autocommit';
	is($sessions{$name}->query_safe('EXECUTE ask'), 'f|f|f', "$name: at first");
}
foreach my $change (@changes)
{
	my ($sql, $expected, $what) = @$change;

	# TRUNCATE's lock is replayed: it would wait for open transactions that have
	# read the tables, were the locks not given back after reading.
	$primary->safe_psql('postgres', $sql);
	is($primary->safe_psql('postgres', $ask), $expected, "primary: $what");
	foreach my $name (sort keys %sessions)
	{
		is($sessions{$name}->query_safe('EXECUTE ask'), $expected, "standby, $name: $what");
		is($sessions{$name}->query_safe('EXECUTE ask'), $expected, "standby, $name: $what, cached");
	}
}

# A policy on the standby
my $rows = q{SET ROLE app; SET app.user_id = 'anna'; SELECT string_agg(id::text, ',' ORDER BY id) FROM orders};
is($standby->safe_psql('postgres', $rows), '1,2', 'standby: the rows of a policy');

# Claims, with a preference that is the primary's to set
$primary->safe_psql('postgres', q{SELECT tacl_set_primary('anna', 'team')});
is( $standby->safe_psql('postgres', q{SELECT tacl_claims('anna')}),
	'{"user": "anna", "roles": ["viewer"], "tenant": "team", "primary": "team", "tenants": {"org": ["viewer"], "team": ["viewer"]}, "permissions": ["orders.view"]}',
	'standby: claims');
my (undef, undef, $refusal) = $standby->psql('postgres', q{SELECT tacl_set_primary('anna', 'team')});
like($refusal, qr/cannot execute tacl_set_primary\(\) during recovery/, 'standby: no preference');

# It is read-only, and says so.
my ($code, $out, $err) = $standby->psql('postgres', q{SELECT tacl_assign('x', 'viewer', 'org')});
isnt($code, 0, 'standby: no writing');
like($err, qr/read-only|recovery/, 'standby: the error says why');

# After promotion the same sessions go on, now on a primary.
foreach my $name (sort keys %sessions)
{
	is($sessions{$name}->query_safe('EXECUTE ask'), 't|t|f', "before promotion, $name");
}
$primary->stop;
$standby->promote;
$standby->safe_psql('postgres', q{ALTER SYSTEM RESET ALL; SELECT pg_reload_conf()});
$standby->append_conf('postgresql.conf', "synchronous_standby_names = ''\n");
$standby->reload;
foreach my $name (sort keys %sessions)
{
	is($sessions{$name}->query_safe('EXECUTE ask'), 't|t|f', "promoted, $name");
}
$standby->safe_psql('postgres', q{SELECT tacl_unassign('anna', 'viewer', 'org')});
foreach my $name (sort keys %sessions)
{
	is($sessions{$name}->query_safe('EXECUTE ask'), 'f|t|f', "promoted, $name: revoked");
	$sessions{$name}->query_safe('COMMIT') unless $name eq 'autocommit';
	is($sessions{$name}->query_safe('EXECUTE ask'), 'f|t|f', "promoted, $name: and beyond the transaction");
	$sessions{$name}->quit;
}

$standby->stop;
done_testing();
