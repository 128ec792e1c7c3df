# R8: what was committed survives a restart and a crash, and a crash between
# PREPARE TRANSACTION and COMMIT PREPARED does not lose the message that the
# prepared transaction will send.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', 'max_prepared_transactions = 10');
$node->start;

my $ask = q{SELECT tacl_can('anna', 'orders.view', 'org'), tacl_can('bert', 'orders.view', 'org'),
	tacl_can('bert', 'orders.delete', 'org'), tacl_can('carl', 'orders.view', 'org')};

$node->safe_psql(
	'postgres', q{
	CREATE EXTENSION tenant_acl;
	SELECT tacl_create_tenant('org');
	SELECT tacl_define_role('viewer', ARRAY['orders.view']);
	SELECT tacl_define_role('admin', ARRAY['*'], '*', ARRAY['viewer']);
	SELECT tacl_assign('anna', 'viewer', 'org');
	SELECT tacl_assign('bert', 'admin', 'org');
	SELECT tacl_assign('carl', 'viewer', 'org');
	SELECT tacl_disable_user('carl');
});
is($node->safe_psql('postgres', $ask), 't|t|t|f', 'before');

$node->restart;
is($node->safe_psql('postgres', $ask), 't|t|t|f', 'after a restart');

$node->safe_psql('postgres', q{SELECT tacl_unassign('bert', 'admin', 'org')});
$node->stop('immediate');
$node->start;
is($node->safe_psql('postgres', $ask), 't|f|f|f', 'after a crash: the revocation stays');

# Prepared, then a crash. A session that starts afterwards and fills its cache
# has never heard of the transaction until someone commits it.
foreach my $end ('COMMIT', 'ROLLBACK')
{
	foreach my $stop ('fast', 'immediate')
	{
		$node->safe_psql('postgres', q{SELECT tacl_assign('anna', 'viewer', 'org')});
		$node->safe_psql(
			'postgres', q{
			BEGIN;
			SELECT tacl_unassign('anna', 'viewer', 'org');
			PREPARE TRANSACTION 'revoke';});
		$node->stop($stop);
		$node->start;

		my $warm = $node->background_psql('postgres');
		$warm->query_safe('BEGIN');
		$warm->query_safe("PREPARE ask AS $ask");
		is($warm->query_safe('EXECUTE ask'), 't|f|f|f', "$stop, $end PREPARED: not yet");
		is($warm->query_safe('EXECUTE ask'), 't|f|f|f', "$stop, $end PREPARED: not yet, cached");
		$node->safe_psql('postgres', "$end PREPARED 'revoke'");
		is($warm->query_safe('EXECUTE ask'), $end eq 'COMMIT' ? 'f|f|f|f' : 't|f|f|f',
			"$stop, $end PREPARED: heard in the open transaction");
		$warm->query_safe('COMMIT');
		is($warm->query_safe('EXECUTE ask'), $end eq 'COMMIT' ? 'f|f|f|f' : 't|f|f|f',
			"$stop, $end PREPARED: and beyond it");
		$warm->quit;
	}
}

# A crash with a change that nobody committed.
$node->safe_psql('postgres', q{SELECT tacl_assign('anna', 'viewer', 'org')});
my $open = $node->background_psql('postgres');
$open->query_safe('BEGIN');
$open->query_safe(q{SELECT tacl_assign('bert', 'admin', 'org'), tacl_unassign('anna', 'viewer', 'org')});
is($open->query_safe($ask), 'f|t|t|f', 'an open transaction sees its own changes');
$node->stop('immediate');
eval { $open->quit };
$node->start;
is($node->safe_psql('postgres', $ask), 't|f|f|f', 'of which a crash leaves nothing');

$node->stop;
done_testing();
