# Tokens and their keys beyond one session: a dump carries no key unless the
# operator says so; what a session remembers does not outlive the extension; a
# standby verifies tokens, and denies as soon as a key is dropped on the primary.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1);
$primary->start;

my $dir = PostgreSQL::Test::Utils::tempdir;
my $secret = 'the secret of the key of this test';
my $hex = unpack('H*', $secret);

$primary->safe_psql('postgres', 'CREATE DATABASE before');
$primary->safe_psql(
	'before', qq{
	CREATE EXTENSION tenant_acl;
	SELECT tacl_create_tenant('org'), tacl_define_role('viewer', '{orders.view}'), tacl_assign('alice', 'viewer', 'org');
	SELECT tacl_add_key('key-1', 'HS256', '$secret', 'https://id.example/', 'orders', leeway => 10);
	SELECT tacl_add_key('key-2', NULL, '{"kty":"OKP", "crv":"Ed25519", "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}');
	SELECT tacl_add_key('key-3', 'HS256', 'an old secret, which has retired'), tacl_drop_key('key-1', '2999-01-01');
	UPDATE tacl.key SET retires_at = '2001-01-01' WHERE kid = 'key-3';
});
my $token = $primary->safe_psql('before', q{SELECT tacl_issue_token('alice', 'org', '1 hour')});
my $ask = qq{SELECT tacl_may('orders.view') FROM set_config('tacl.token', '$token', false)};
my $keys = q{SELECT kid, algorithm, material, issuer, audience, user_claim, tenant_claim, leeway, retires_at FROM tacl.key ORDER BY kid};
my $rows = $primary->safe_psql('before', $keys);
is($primary->safe_psql('before', $ask), 't', 'the token is good');
like($rows, qr/key-1\|HS256\|\\x$hex\|.*\|2999-/, 'the key is there');

#
# Dumps
#

$primary->safe_psql('postgres', 'CREATE ROLE limited LOGIN; GRANT pg_read_all_data TO limited');

# Restores a dump into a new database.
sub restore
{
	my ($name, @program) = @_;

	$primary->safe_psql('postgres', "CREATE DATABASE $name TEMPLATE template0");
	$primary->command_ok([ @program, '-d', $name ], "$name: restore");
}

# No program of PostgreSQL shows a key without being told to.
foreach my $who (qw(postgres limited))
{
	my $user = $who eq 'limited' ? [ '-U', 'limited' ] : [];

	$primary->command_ok([ 'pg_dump', @$user, '-f', "$dir/$who.sql", 'before' ], "$who: dump");
	unlike(slurp_file("$dir/$who.sql"), qr/$hex/i, "$who: no key in it");
	restore("without_$who", 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/$who.sql");
	is($primary->safe_psql("without_$who", q{SELECT tacl_can('alice', 'orders.view', 'org')}), 't', "$who: rights are restored");
	is($primary->safe_psql("without_$who", $ask), 'f', "$who: the token is worth nothing there");
	is($primary->safe_psql("without_$who", $keys), '', "$who: no key is there");
}

foreach my $format (qw(plain custom directory))
{
	my @options = { plain => ['-Fp'], custom => ['-Fc'], directory => [ '-Fd', '-j2' ] }->{$format}->@*;
	my @program = $format eq 'plain'
	  ? ('psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/$format")
	  : ('pg_restore', '--exit-on-error', '-j2', "$dir/$format");
	local $ENV{PGOPTIONS} = '-c tacl.dump_keys=on';

	$primary->command_ok([ 'pg_dump', @options, '-f', "$dir/$format", 'before' ], "$format: dump with keys");
	delete $ENV{PGOPTIONS};
	restore("with_$format", @program);
	is($primary->safe_psql("with_$format", $keys), $rows, "$format: the same keys");
	is($primary->safe_psql("with_$format", $ask), 't', "$format: the token is good there");
}

# Who is no superuser cannot say so: what such a dump would hold is no key.
{
	local $ENV{PGOPTIONS} = '-c tacl.dump_keys=on';
	$primary->run_log([ 'pg_dump', '-U', 'limited', '-f', "$dir/refused.sql", 'before' ]);
	unlike(-e "$dir/refused.sql" ? slurp_file("$dir/refused.sql") : '', qr/$hex/i, 'limited: no key, whatever is said');
}

# Where a superuser has said so for them, a dump of what they cannot see fails.
$primary->safe_psql('postgres', 'ALTER ROLE limited SET tacl.dump_keys = on');
$primary->command_fails_like([ 'pg_dump', '-U', 'limited', '-f', "$dir/hidden.sql", 'before' ],
	qr/permission denied to dump keys of tokens/, 'limited: no dump with hidden keys');
$primary->safe_psql('postgres', 'ALTER ROLE limited RESET tacl.dump_keys');

# A key that is restored is one that this version can verify with.
my ($code, $out, $err) = $primary->psql('before', q{COPY tacl.key (kid, algorithm, material) FROM stdin;
key-4	RS256	\\\\x00
\.
});
isnt($code, 0, 'a key that is none is not restored');

#
# The extension dropped and created again under a session that has verified
#

my $warm = $primary->background_psql('with_plain');
is($warm->query_safe($ask), 't', 'a session has verified the token');
$primary->safe_psql(
	'with_plain', q{
	DROP EXTENSION tenant_acl;
	CREATE EXTENSION tenant_acl;
	SELECT tacl_create_tenant('org'), tacl_define_role('viewer', '{orders.view}'), tacl_assign('alice', 'viewer', 'org')});
is($warm->query_safe(q{SELECT tacl_may('orders.view', 'org')}), 'f', 'without a key it is worth nothing');
$primary->safe_psql('with_plain', qq{SELECT tacl_add_key('key-1', 'HS256', '$secret')});
is($warm->query_safe(q{SELECT tacl_may('orders.view', 'org')}), 't', 'with the key it is again');
$warm->quit;

#
# Standby
#

$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->append_conf('postgresql.conf', 'hot_standby_feedback = on');
$standby->start;
$primary->append_conf(
	'postgresql.conf', q{
synchronous_standby_names = '*'
synchronous_commit = remote_apply
});
$primary->reload;
$primary->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'})
  or die 'the standby did not become synchronous';

my %sessions = (
	autocommit => $standby->background_psql('before'),
	'read committed' => $standby->background_psql('before'),
	'repeatable read' => $standby->background_psql('before'));
foreach my $name (sort keys %sessions)
{
	$sessions{$name}->query_safe($ask);
	$sessions{$name}->query_safe("BEGIN ISOLATION LEVEL $name") unless $name eq 'autocommit';
}
foreach my $change (
	[ 't', 'at first', q{SELECT 1} ],
	[ 'f', 'key dropped', q{SELECT tacl_drop_key('key-1')} ],
	[ 't', 'key added', qq{SELECT tacl_add_key('key-1', 'HS256', '$secret')} ],
	[ 't', 'drop rolled back', q{BEGIN; SELECT tacl_drop_key('key-1'); ROLLBACK} ],
	[ 'f', 'key changed', q{SELECT tacl_add_key('key-1', 'HS256', 'another secret of the key of this test')} ],
	[ 't', 'and back', qq{SELECT tacl_add_key('key-1', 'HS256', '$secret')} ],
	[ 'f', 'key retired', q{UPDATE tacl.key SET retires_at = '2001-01-01'} ],
	[ 't', 'and added again', qq{SELECT tacl_add_key('key-1', 'HS256', '$secret')} ],
	[ 'f', 'truncated', q{TRUNCATE tacl.key} ])
{
	my ($expected, $what, $sql) = @$change;

	$primary->safe_psql('before', $sql);
	foreach my $name (sort keys %sessions)
	{
		is($sessions{$name}->query_safe(q{SELECT tacl_may('orders.view')}), $expected, "standby, $name: $what");
		is($sessions{$name}->query_safe(q{SELECT tacl_may('orders.view')}), $expected, "standby, $name: $what, remembered");
	}
}

# A token can be issued there, as nothing is written.
$primary->safe_psql('before', qq{SELECT tacl_add_key('key-1', 'HS256', '$secret')});
is($standby->safe_psql('before', q{SELECT tacl_may('orders.view') FROM set_config('tacl.token', tacl_issue_token('alice', 'org'), false)}),
	't', 'standby: a token issued and used');

# Nor does switching write anything, unless it shall remember.
my $switch = q{SELECT tacl_switch('org', %s), tacl_may('orders.view') FROM set_config('tacl.token', tacl_issue_token('alice'), false)};
is($standby->safe_psql('before', sprintf($switch, 'false')), 'org|t', 'standby: switched');
($code, $out, $err) = $standby->psql('before', sprintf($switch, 'true'));
like($err, qr/cannot execute tacl_switch\(\) during recovery/, 'standby: not remembered');
is($primary->safe_psql('before', sprintf($switch, 'true')), 'org|t', 'remembered on the primary');
is($standby->safe_psql('before', q{SELECT tacl_switch(), tacl_may('orders.view') FROM set_config('tacl.token', tacl_issue_token('alice'), false)}), 'org|t', 'standby: switched to the remembered one');
$_->quit foreach values %sessions;

$standby->stop;
$primary->stop;
done_testing();
