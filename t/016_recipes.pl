# examples/psql, as its README has it: being alice in psql, a test as two users in
# one transaction, and a token that someone else has signed.
use strict;
use warnings;

use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "log_statement = 'all'");
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE examples');
$node->command_ok(
	[ 'psql', '-XAtq', '-d', 'examples', '-v', 'secret=the secret of the key of this test', '-f', 'examples/setup.sql' ],
	'setup');

$ENV{PGHOST} = $node->host;
$ENV{PGPORT} = $node->port;
$ENV{PGDATABASE} = 'examples';

# Runs psql in the folder of the recipes; returns code, output and errors.
sub run_psql
{
	my ($input, @options) = @_;
	my ($out, $err) = ('', '');

	IPC::Run::run([ 'psql', '-XAtq', @options ],
		'<', \$input, '>', \$out, '2>', \$err, init => sub { chdir 'examples/psql' or die $! });
	chomp $out;
	return ($? >> 8, $out, $err);
}

my $who = q{SELECT concat_ws(' ', current_user, coalesce(tacl_user(), 'nobody'), coalesce(tacl_tenant(), 'nowhere'), 'sees', string_agg(id::text, ' ' ORDER BY id)) FROM orders;};

#
# As alice
#

my $readme = slurp_file('examples/psql/README.md');
my ($as_alice) = $readme =~ /^```\n(.*?)^```$/ms;
ok($as_alice, 'the README has the recipe');
$as_alice =~ s/^examples=[#>] //mg;
$as_alice =~ s/^SELECT \* FROM orders;$/$who/mg;
my ($code, $out, $err) = run_psql("$as_alice\n$who");
is($err, '', 'as alice: no error');
is($out, "shop alice org-acme sees 1 2\npostgres nobody nowhere sees 1 2 3", 'as alice, and back');

# Names that need quoting, no tenant, another role
$node->safe_psql('examples', q{CREATE ROLE "o'neil ""x""" ROLE shop; GRANT SELECT ON orders TO "o'neil ""x"""});
($code, $out, $err) = run_psql(qq{\\set user 'o''neil "x"\\\\'\n\\set role 'o''neil "x"'\n\\i as.psql\n$who});
is("$err$out", q{o'neil "x" o'neil "x"\ nowhere sees}, 'as someone with a difficult name, nowhere');

# A user for whom there is no token: nobody, not the one before
$node->safe_psql('examples', q{SELECT tacl_disable_user('eve')});
($code, $out, $err) = run_psql("$as_alice\n\\i as.psql\n\\set user eve\n\\i as.psql\n$who");
like($err, qr/user "eve" is disabled/, 'as a disabled user: an error');
like($out, qr/^shop nobody org-acme sees$/m, 'as a disabled user: nobody');

# Someone who is not a superuser
$node->safe_psql('examples', 'CREATE ROLE tester LOGIN; GRANT shop TO tester');
($code, $out, $err) = run_psql($as_alice, '-U', 'tester');
like($err, qr/permission denied for function tacl_issue_token/, 'as tester: refused');
$node->safe_psql('examples', 'GRANT EXECUTE ON FUNCTION tacl_issue_token(text, text, interval, text, text[], text) TO tester');
($code, $out, $err) = run_psql($as_alice, '-U', 'tester');
is("$err$out", 'shop alice org-acme sees 1 2', 'as tester, who may issue tokens');

#
# Two users in one transaction
#

my @test = $readme =~ /^    psql (-X -q -d examples .*)$/m or die 'no test in the README';
my $stored = q{SELECT * FROM orders ORDER BY id; SELECT * FROM tacl.assignment ORDER BY 1};
my $before = $node->safe_psql('examples', $stored);
($code, $out, $err) = run_psql('', split(' ', $test[0]));
is($err, '', 'two users: no error');
is($code, 0, 'two users: all as it should be');
like($out, qr/\nas it was$/, 'two users: to the end');
is($node->safe_psql('examples', $stored), $before, 'two users: nothing remains');

# Each of its checks can fail
foreach my $change (
	[ 'an order of alice', q{UPDATE orders SET id = 5 WHERE id = 1} ],
	[ 'an order of bob', q{UPDATE orders SET id = 5 WHERE id = 3} ],
	[ 'an organization', q{SELECT tacl_assign('bob', 'member', '*'), set_config('app.tenant', 'org-acme', true)} ],
	[ 'another right of alice', q{SELECT tacl_grant('alice', 'orders.*', 'org-acme')} ])
{
	my ($what, $sql) = @$change;
	my $test = slurp_file('examples/psql/two_users.sql');

	$test =~ s/^BEGIN;\n/BEGIN;\n$sql;\n/m or die 'no BEGIN in the test';
	($code, $out, $err) = run_psql($test, split(' ', $test[0] =~ s/-f \S+//r));
	is($code, 3, "two users, $what: fails");
	like($err, qr/ERROR:  assertion failed/, "two users, $what: why");
}

#
# A token from elsewhere
#

my $token = $node->safe_psql('examples', q{SELECT tacl_issue_token('bob', 'org-globex')});
my $offset = -s $node->logfile;
{
	local $ENV{PGOPTIONS} = "-c tacl.token=$token";
	($code, $out, $err) = run_psql($who, '-U', 'shop');
	is("$err$out", 'shop bob org-globex sees 3', 'by connection options');
}
if ($node->pg_version >= 16)
{
	$node->append_conf('postgresql.conf', 'log_parameter_max_length = 0');
	$node->reload;
	my ($bind) = $readme =~ /^    (SELECT .* \\bind :token \\g)$/m;
	($code, $out, $err) = run_psql("$bind\n$who", '-U', 'shop', '-v', "token=$token");
	is("$err$out", "(hidden)\nshop bob org-globex sees 3", 'with \bind');
}
unlike(slurp_file($node->logfile, $offset), qr/eyJ/, 'and no statement has it in its text');

done_testing();
