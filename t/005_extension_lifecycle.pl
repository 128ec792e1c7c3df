# R5: with warm caches in other sessions: the extension dropped and created again,
# the system catalogs rewritten, a flood of messages, the library loaded in
# every way. The answer is right, or an error says what is wrong.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;

my $fill = q{
	SELECT tacl_create_tenant('org');
	SELECT tacl_define_role('viewer', ARRAY['orders.view']);
	SELECT tacl_assign('anna', 'viewer', 'org');
	SELECT tacl_assign('bert', 'viewer', 'org');
};
my $ask = q{SELECT tacl_can('anna', 'orders.view', 'org'), tacl_can('bert', 'orders.view', 'org')};
$node->safe_psql('postgres', "CREATE EXTENSION tenant_acl; $fill");

# A session that asks a prepared question. Errors are kept, not fatal.
sub warm_session
{
	my ($begin) = @_;
	my $session = $node->background_psql('postgres', on_error_stop => 0);

	$session->query_safe("PREPARE ask AS $ask");
	$session->query_safe($begin) if $begin;
	is($session->query_safe('EXECUTE ask'), 't|t', 'warm');
	is($session->query_safe('EXECUTE ask'), 't|t', 'warm, cached');
	return $session;
}

# The answer, or "error: ..." with the first line of the error.
sub answer
{
	my ($session, $query) = @_;

	$session->{stderr} = '';
	my $out = $session->query($query);
	my ($error) = $session->{stderr} =~ /ERROR:\s+(.*)/;
	$session->{stderr} = '';
	return defined $error ? "error: $error" : $out;
}

#
# System catalogs rewritten
#
foreach my $begin ('', 'BEGIN')
{
	my $session = warm_session($begin);

	foreach my $catalog (qw(pg_class pg_proc pg_namespace pg_depend))
	{
		# An open transaction may hold locks on catalogs only for a moment.
		$node->safe_psql('postgres', "VACUUM FULL pg_catalog.$catalog");
		is($session->query_safe('EXECUTE ask'), 't|t', "after VACUUM FULL $catalog");
		$node->safe_psql('postgres', q{SELECT tacl_unassign('anna', 'viewer', 'org')});
		is($session->query_safe('EXECUTE ask'), 'f|t', "and a revocation after VACUUM FULL $catalog");
		$node->safe_psql('postgres', q{SELECT tacl_assign('anna', 'viewer', 'org')});
		is($session->query_safe('EXECUTE ask'), 't|t', "and a grant after VACUUM FULL $catalog");
	}
	$session->query_safe('COMMIT') if $begin;
	$session->quit;
}

# The extension's own tables rewritten, clustered, re-indexed, altered
{
	my $session = warm_session('');

	foreach my $command (
		'VACUUM FULL tacl.assignment',
		'VACUUM FULL tacl.role',
		'CLUSTER tacl.assignment USING assignment_key',
		'REINDEX TABLE tacl.assignment',
		'REINDEX TABLE CONCURRENTLY tacl.tenant',
		'REINDEX SCHEMA tacl',
		'ALTER TABLE tacl.assignment SET (autovacuum_enabled = false)')
	{
		$node->safe_psql('postgres', $command);
		is($session->query_safe('EXECUTE ask'), 't|t', "after $command");
		$node->safe_psql('postgres', q{SELECT tacl_unassign('anna', 'viewer', 'org')});
		is($session->query_safe('EXECUTE ask'), 'f|t', "and a revocation after $command");
		$node->safe_psql('postgres', q{SELECT tacl_assign('anna', 'viewer', 'org')});
	}
	$session->quit;
}

#
# A flood of messages, with the revocation before, among and after them
#
{
	my $flood = q{
		FOR i IN 1 .. 1500 LOOP
			GRANT SELECT ON flood TO PUBLIC;
			REVOKE SELECT ON flood FROM PUBLIC;
		END LOOP;};
	my $session = warm_session('BEGIN');

	$node->safe_psql('postgres', 'CREATE TABLE flood (a int)');
	$node->safe_psql('postgres', "DO \$\$ BEGIN $flood END \$\$");
	is($session->query_safe('EXECUTE ask'), 't|t', 'after a flood');
	$node->safe_psql('postgres',
		"DO \$\$ BEGIN PERFORM tacl_unassign('anna', 'viewer', 'org'); $flood END \$\$");
	is($session->query_safe('EXECUTE ask'), 'f|t', 'a revocation before a flood');
	$node->safe_psql('postgres',
		"DO \$\$ BEGIN $flood PERFORM tacl_unassign('bert', 'viewer', 'org'); END \$\$");
	is($session->query_safe('EXECUTE ask'), 'f|f', 'a revocation after a flood');
	$node->safe_psql('postgres',
		q{SELECT tacl_assign('anna', 'viewer', 'org'), tacl_assign('bert', 'viewer', 'org')});
	is($session->query_safe('EXECUTE ask'), 't|t', 'a grant after it');
	$session->query_safe('COMMIT');
	$session->quit;
}

#
# The extension dropped, and created again
#
foreach my $begin ('', 'BEGIN')
{
	my $session = warm_session($begin);

	$node->safe_psql('postgres', 'DROP EXTENSION tenant_acl');
	my $dropped = answer($session, 'EXECUTE ask');
	like($dropped, qr/^error: .*(does not exist|not complete|tenant_acl)|^f\|f$/, 'dropped: an error or a no');
	$session->query_safe('ROLLBACK') if $begin;
	isnt(answer($session, $ask), 't|t', 'dropped: no stale allow in a new statement');

	$node->safe_psql('postgres', 'CREATE EXTENSION tenant_acl');
	is(answer($session, $ask), 'f|f', 'created again: nobody may do anything');
	$node->safe_psql('postgres', $fill);
	is(answer($session, $ask), 't|t', 'created again: what is granted counts');
	$node->safe_psql('postgres', q{SELECT tacl_unassign('anna', 'viewer', 'org')});
	is(answer($session, $ask), 'f|t', 'created again: what is revoked is denied');
	$node->safe_psql('postgres', q{SELECT tacl_assign('anna', 'viewer', 'org')});
	is(answer($session, 'EXECUTE ask'), 't|t', 'created again: the old prepared statement');
	$session->quit;
}

# Dropped and created again between two questions of one open transaction
{
	my $session = warm_session('BEGIN');

	$node->safe_psql('postgres', 'DROP EXTENSION tenant_acl; CREATE EXTENSION tenant_acl');
	my $answer = answer($session, 'EXECUTE ask');
	like($answer, qr/^error: |^f\|f$/, "dropped and created: $answer");
	$session->query_safe('ROLLBACK');
	is(answer($session, $ask), 'f|f', 'dropped and created: the next transaction');
	$session->quit;
	$node->safe_psql('postgres', $fill);
}

# Created and undone in one transaction, with a cache that belongs to it
{
	my $session = $node->background_psql('postgres', on_error_stop => 0);

	is(answer($session, $ask), 't|t', 'before DROP in a transaction');
	$session->query_safe('BEGIN');
	$session->query_safe('DROP EXTENSION tenant_acl');
	$session->query_safe('CREATE EXTENSION tenant_acl');
	is(answer($session, $ask), 'f|f', 'inside: an empty extension');
	is($node->safe_psql('postgres', 'SELECT 1'), '1', 'others go on');
	$session->query_safe('ROLLBACK');
	is(answer($session, $ask), 't|t', 'rolled back: the old one');
	$session->quit;
}

# In another schema, and in a second database of the same name of things
$node->safe_psql('postgres', 'CREATE DATABASE other');
$node->safe_psql('other', q{CREATE SCHEMA app; CREATE EXTENSION tenant_acl SCHEMA app});
is($node->safe_psql('other', q{SELECT app.tacl_can('anna', 'orders.view', 'org')}), 'f', 'another database knows nothing of it');
is($node->safe_psql('postgres', $ask), 't|t', 'and changes nothing here');

#
# The library loaded beforehand
#
foreach my $setting ('session_preload_libraries', 'shared_preload_libraries')
{
	$node->append_conf('postgresql.conf', "$setting = 'tenant_acl'");
	$node->restart;
	is($node->safe_psql('postgres', $ask), 't|t', "$setting");
	is($node->safe_psql('template1', 'SHOW tacl.user_setting'), '', "$setting: harmless where the extension is not created");
}

$node->stop;
done_testing();
