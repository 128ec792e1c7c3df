# R19: who a session is does not depend on when the library was loaded into it, nor
# on what a client says before that: by a connection's options, by settings of
# roles and databases, by placeholders set before the library is there.
#
# Two databases: in one the library is loaded at connection, as the README says,
# in the other when a session first needs it.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE app LOGIN; CREATE ROLE owner LOGIN; CREATE ROLE trusted LOGIN');

my @databases = qw(preloaded lazy);
my %token;
foreach my $database (@databases)
{
	$node->safe_psql('postgres', "CREATE DATABASE $database OWNER owner");
	$node->safe_psql('postgres', "ALTER DATABASE $database SET session_preload_libraries = 'tenant_acl'") if $database eq 'preloaded';
	$node->safe_psql($database, <<'END');
		CREATE EXTENSION tenant_acl;
		SELECT tacl_create_tenant(t) FROM unnest('{org-a, org-b}'::text[]) AS t;
		SELECT tacl_define_role('viewer', '{orders.view}'), tacl_assign('alice', 'viewer', 'org-a'), tacl_assign('bob', 'viewer', 'org-b');
		SELECT tacl_add_key('key', 'HS256', 'the secret of the key of this test');
		CREATE TABLE orders AS SELECT t AS tenant_id FROM unnest('{org-a, org-b}'::text[]) AS t;
		GRANT SELECT ON orders TO PUBLIC;
		SELECT tacl_protect('orders', 'tenant_id', 'orders', 'all_mine');
END
	$token{$database}{$_} = $node->safe_psql($database, "SELECT tacl_issue_token('$_')") foreach qw(alice bob);
}

# What a new session of a role prints, errors and warnings included; options are
# those of the connection.
sub ask
{
	my ($database, $role, $sql, $options) = @_;
	local $ENV{PGOPTIONS} = $options // '';
	my ($stdout, $stderr);

	$node->psql($database, $sql, stdout => \$stdout, stderr => \$stderr, extra_params => [ '-U', $role ], on_error_stop => 0);
	$stderr =~ s/^psql:[^ ]* //mg;
	return join "\n", grep { $_ ne '' } $stderr, $stdout;
}

my $who = q{SELECT coalesce(tacl_user(), 'nobody'), (SELECT coalesce(string_agg(tenant_id, ','), 'nothing') FROM orders)};
my $nobody = 'nobody|nothing';
my $denied = qr/permission denied to set parameter "tacl.user_setting"/;
my $believing = '-c tacl.user_setting=app.user_id -c app.user_id=bob';

foreach my $database (@databases)
{
	my $alice = $token{$database}{alice};
	my $bob = $token{$database}{bob};
	my $to_bob = "SET tacl.user_setting = 'app.user_id'; SET app.user_id = 'bob'";

	# The twins
	is(ask($database, 'app', $who), $nobody, "$database: nobody at first");
	is(ask($database, 'app', "SET tacl.token = '$alice'; $who"), 'alice|org-a', "$database: alice by her token");
	is(ask($database, 'postgres', "$to_bob; SET ROLE app; $who"), 'bob|org-b', "$database: bob by a setting that a superuser believes");

	# Options of the connection: a warning, and nothing else
	like(ask($database, 'app', $who, $believing), qr/\AWARNING:  permission denied to set parameter "tacl.user_setting"\n\Q$nobody\E\z/,
		"$database: no setting is believed by an option");
	is(ask($database, 'app', $who, '-c app.user_id=bob'), $nobody, "$database: nor the application's setting alone");
	is(ask($database, 'app', $who, "-c tacl.token=$alice"), 'alice|org-a', "$database: alice by an option");
	is(ask($database, 'app', "$who; SET tacl.token = '$bob'; $who; RESET ALL; $who; SET tacl.token = ''; $who; DISCARD ALL; $who", "-c tacl.token=$alice"),
		"alice|org-a\nbob|org-b\nalice|org-a\n$nobody\nalice|org-a", "$database: and RESET goes back to that");
	is(ask($database, 'app', "SELECT count(*) FROM orders", '-c tacl.token=bob'), '0', "$database: nobody by a bad one");
	is(ask($database, 'app', $who, '-c tacl.on_missing_user=error -c tacl.tenant_setting=app.user_id') =~ s/^WARNING.*\n//mgr, $nobody, "$database: no other setting either")
	  if $database eq 'lazy';

	# Before the library is there
	my %setting = (
		'SET' => $to_bob,
		'SET SESSION' => "SET SESSION tacl.user_setting TO 'app.user_id'; SET app.user_id = 'bob'",
		'set_config()' => "SELECT set_config('tacl.user_setting', 'app.user_id', false), set_config('app.user_id', 'bob', false) \\g /dev/null\n",
		'SET LOCAL' => "BEGIN; SET LOCAL tacl.user_setting = 'app.user_id'; SET LOCAL app.user_id = 'bob'",
		'a savepoint' => "BEGIN; $to_bob; SAVEPOINT a; RESET tacl.user_setting; ROLLBACK TO a",
		'pg_settings' => "UPDATE pg_settings SET setting = 'app.user_id' WHERE name = 'tacl.user_setting' \\g /dev/null\n");
	foreach my $how (sort keys %setting)
	{
		my $told = ask($database, 'app', "$setting{$how}; $who; ROLLBACK; $who");

		unlike($told, qr/bob|org/, "$database: not bob by $how");
		like($told, qr/^\Q$nobody\E\z/m, "$database: but nobody");
	}
	is(ask($database, 'app', "BEGIN; SET LOCAL tacl.token = '$alice'; SAVEPOINT a; SET LOCAL tacl.token = '$bob'; ROLLBACK TO a; $who; COMMIT; $who"),
		"alice|org-a\n$nobody", "$database: a token set before, with a savepoint");
	is(ask($database, 'app', "SET tacl.token = '$bob'; BEGIN; SET tacl.token = '$alice'; ROLLBACK; $who"), 'bob|org-b', "$database: and rolled back");
	unlike(ask($database, 'app', "SET tacl.user = 'bob'; SET tacl.anything = 'bob'; $who"), qr/bob\||org-b/, "$database: settings that are none");
	like(ask($database, 'app', "CREATE FUNCTION pg_temp.f() RETURNS text LANGUAGE plpgsql SET tacl.user_setting = 'app.user_id' AS 'BEGIN RETURN tacl_user(); END'"),
		$denied, "$database: no function with a SET clause");

	# Settings of roles and databases
	like(ask($database, 'app', "ALTER ROLE app SET tacl.user_setting = 'app.user_id'"), $denied, "$database: not by ALTER ROLE");
	like(ask($database, 'app', "ALTER ROLE app IN DATABASE $database SET tacl.user_setting = 'app.user_id'"), $denied, "$database: nor for a database");
	like(ask($database, 'owner', "ALTER DATABASE $database SET tacl.user_setting = 'app.user_id'"), $denied, "$database: not by the owner of the database");
	like(ask($database, 'app', "ALTER SYSTEM SET tacl.user_setting = 'app.user_id'"), qr/permission denied|unrecognized/, "$database: not by ALTER SYSTEM");
	like(ask($database, 'app', "ALTER ROLE app SET session_preload_libraries = ''"), qr/permission denied/, "$database: nor is the library kept away");
	like(ask($database, 'app', 'SET ROLE postgres'), qr/permission denied/, "$database: not by SET ROLE");
	like(ask($database, 'app', 'SET SESSION AUTHORIZATION postgres'), qr/permission denied/, "$database: nor SET SESSION AUTHORIZATION");
	is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_db_role_setting WHERE setconfig::text LIKE '%tacl.%'}), '0', "$database: nothing was stored");

	# Who is told to believe a setting does, and nobody else
	$node->safe_psql('postgres', "ALTER ROLE trusted IN DATABASE $database SET tacl.user_setting = 'app.user_id'");
	is(ask($database, 'trusted', "SET app.user_id = 'bob'; $who"), 'bob|org-b', "$database: bob where a superuser said so for the role");
	is(ask($database, 'trusted', "SET app.user_id = 'bob'; RESET ALL; $who; SET app.user_id = 'bob'; $who"), "$nobody\nbob|org-b", "$database: also after RESET ALL");
	is(ask($database, 'trusted', $who, '-c app.user_id=bob'), 'bob|org-b', "$database: also by an option");
	is(ask($database, 'app', "SET app.user_id = 'bob'; $who"), $nobody, "$database: no other role");
	is(ask($database, 'trusted', "SET tacl.token = '$alice'; SET app.user_id = 'bob'; $who"), 'alice|org-a', "$database: and a token comes first");
	# A client can put the setting back to what is compiled in: that believes nobody.
	unlike(ask($database, 'trusted', "SET app.user_id = 'bob'; $who", '-c tacl.user_setting='), qr/alice/, "$database: an option that empties it");
	$node->safe_psql('postgres', "ALTER ROLE trusted IN DATABASE $database RESET ALL");
}

# Until the library is there the setting is any setting, and is shown: a reason to
# load it at connection.
my $shown = q{SELECT current_setting('tacl.token')};
is(ask('preloaded', 'app', "SET tacl.token = 'x.y.z'; $shown"), '(hidden)', 'preloaded: a token is hidden');
is(ask('preloaded', 'app', "$shown", '-c tacl.token=x.y.z'), '(hidden)', 'preloaded: one by an option too');
is(ask('lazy', 'app', "SET tacl.token = 'x.y.z'; $shown"), 'x.y.z', 'lazy: it is not before the library is there');
is(ask('lazy', 'app', "SET tacl.token = 'x.y.z'; SELECT tacl_tenant() IS NULL; $shown"), "t\n(hidden)", 'lazy: and is from then on');
is(ask('lazy', 'app', q{SELECT count(*) FROM pg_settings WHERE name = 'tacl.token'}, '-c tacl.token=x.y.z'), '0', 'lazy: no view shows it');

$node->stop;
done_testing();
