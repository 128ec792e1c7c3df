# The programs of examples/, as they are: what each prints, that no token is in
# the text of a statement, and what a server must be told to keep parameters out
# of its log.
use strict;
use warnings;

use Cwd qw(getcwd);
use File::Copy qw(copy);
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# Debian's Python, whatever other one comes first in the path.
my $python = -x '/usr/bin/python3' ? '/usr/bin/python3' : 'python3';
my $secret = 'the secret of the key of this test';
my $npm = $ENV{TACL_NPM} // getcwd() . '/examples';

# In each way the users see what is theirs, and then there is no user.
sub ways
{
	return join '', map { "$_: alice sees 1 2\n$_: bob sees 3\n$_: then nobody sees \n" } @_;
}

my $paper = "error: no more paper\n";
my $errors = "${paper}error: division by zero\nerror: then nobody sees \nerror: then alice sees 1 2\n";
my $left_open = "left open: then nobody sees \n";
my $prepared = "prepared: bob sees 3\n";
my $lazy = "lazy: alice sees 0\n";
my $together = "together: 300 requests, 0 wrong\n";
my @examples = (
	{
		name => 'node-postgres',
		command => [ 'node', 'demo.mjs' ],
		prints => ways('transaction', 'autocommit') . $errors . $left_open . $prepared . $together
	},
	{
		name => 'prisma',
		command => [ 'node', 'demo.mjs' ],
		prints => ways('transaction', 'batch') . $errors =~ s/.*division.*\n//r . $prepared . "not of tx: alice sees \n" . $together
	},
	{
		name => 'django',
		command => [ $python, '-B', 'demo.py' ],
		prints => ways('transaction', 'autocommit') . $errors
		  . "outer transaction: A durable atomic block cannot be nested within another atomic block.\n"
		  . "outer transaction: as_user_in_autocommit() in a transaction\n"
		  . $left_open . $prepared . "shadow: alice has 0 tokens\n" . $lazy . $together
	},
	{
		name => 'sqlalchemy',
		command => [ $python, '-B', 'demo.py' ],
		prints => ways('transaction', 'autocommit') . $errors . "after commit: alice sees 1 2\nafter commit: then nobody sees \n" . $left_open . $prepared . $together
	},
	{
		name => 'activerecord',
		command => [ 'ruby', 'demo.rb' ],
		prints => ways('in_transaction', 'in_autocommit') . $errors
		  . "outer transaction: already in a transaction\n" x 2 . $left_open . $prepared
		  . "cache: nobody sees \ncache: alice sees 1 2\ncache: bob sees 3\ncache: then nobody sees \n" . $lazy . $together
		  . "log: has no token in 213 lines\n"
	});

# Everything is logged; by default that is with the parameters.
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', <<'END');
log_statement = 'all'
log_min_duration_statement = 0
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
END
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE examples');
foreach my $script ('setup.sql', 'django/psycopg2.sql')
{
	$node->command_ok([ 'psql', '-XAtq', '-d', 'examples', '-v', "secret=$secret", '-f', "examples/$script" ],
		$script);
}
unlike(slurp_file($node->logfile), qr/\Q$secret\E/, 'setup.sql: the log has no secret');

$ENV{PGHOST} = $node->host;
$ENV{PGPORT} = $node->port;
$ENV{PGDATABASE} = 'examples';
$ENV{TOKEN_SECRET} = $secret;

# A folder with a copy of an example, and the npm packages that it asks for:
# those that scripts/check.sh has installed, or "npm install" in the folder.
sub place
{
	my ($name) = @_;
	my $dir = PostgreSQL::Test::Utils::tempdir();

	foreach my $file (grep { -f } glob "examples/$name/*")
	{
		copy($file, $dir) or die "could not copy $file: $!";
	}
	if (-f "$dir/package.json")
	{
		my $modules = "$npm/$name/node_modules";

		-d $modules or die "$modules is not there: scripts/check.sh installs the npm packages";
		symlink($modules, "$dir/node_modules") or die $!;
	}
	return $dir;
}

# Runs a program in a folder as the application's role; returns what it prints,
# its errors, and what the server logs meanwhile.
sub run_program
{
	my ($dir, @command) = @_;
	my $offset = -s $node->logfile;
	my ($out, $err) = ('', '');
	local $ENV{PGUSER} = 'shop';

	IPC::Run::run(\@command, '>', \$out, '2>', \$err, init => sub { chdir $dir or die $! }, IPC::Run::timeout(120));
	return ($out, $err, slurp_file($node->logfile, $offset));
}

my $before = $node->safe_psql('examples', 'SELECT * FROM orders ORDER BY id');
my %dir;

foreach my $example (@examples)
{
	my $name = $example->{name};
	$dir{$name} = place($name);
	my ($out, $err, $log) = run_program($dir{$name}, @{ $example->{command} });

	is($out, $example->{prints}, "$name: what it prints");
	is($err, '', "$name: no error");
	is($node->safe_psql('examples', 'SELECT * FROM orders ORDER BY id'), $before, "$name: nothing is changed");
	like($log, qr/pg_catalog\.set_config\('tacl\.token', \$1|COPY public\.session_token/, "$name: the log has the statement");
	unlike($log, qr/eyJ/, "$name: no token is in the text of a statement");
}

#
# What the programs depend on
#

# The signature
{
	local $ENV{TOKEN_SECRET} = $secret =~ tr/a-z/b-za/r;
	my ($out) = run_program($dir{'node-postgres'}, 'node', 'demo.mjs');

	like($out, qr/^transaction: alice sees \ntransaction: bob sees \n/, 'another secret: no rows');
}

# log_parameter_max_length, where statements are logged
$node->safe_psql('postgres', 'ALTER ROLE shop SET log_parameter_max_length = -1');
my (undef, undef, $log) = run_program($dir{'node-postgres'}, 'node', 'demo.mjs');
like($log, qr/\$1 = 'eyJ/, 'by default parameters are logged with statements');
$node->safe_psql('postgres', 'ALTER ROLE shop RESET log_parameter_max_length');

# COPY, with psycopg2
my $token = $node->safe_psql('examples', q{SELECT tacl_issue_token('alice', 'org-acme')});
(undef, undef, $log) = run_program(
	$dir{django}, $python, '-c',
	q{import psycopg2, sys; psycopg2.connect("").cursor().execute("SELECT set_config('tacl.token', %s, true)", [sys.argv[1]])},
	$token);
like($log, qr/set_config\('tacl\.token', 'eyJ/, 'psycopg2 writes parameters into the text');

# A transaction or a session, not one statement that sets the token and reads:
# partitions are chosen when a statement starts, before it sets anything
$node->safe_psql('examples', <<'END');
CREATE TABLE parts (tenant_id text NOT NULL) PARTITION BY LIST (tenant_id);
CREATE TABLE parts_acme PARTITION OF parts FOR VALUES IN ('org-acme');
CREATE TABLE parts_globex PARTITION OF parts FOR VALUES IN ('org-globex');
INSERT INTO parts VALUES ('org-acme');
SELECT tacl_protect('parts', 'tenant_id', 'orders');
GRANT SELECT ON parts TO shop;
END
my $one_statement = q{
	SELECT count(*) FROM set_config('tacl.token', $1, true) AS s (token),
		LATERAL (SELECT * FROM %s WHERE s.token <> '' OFFSET 0) AS r};
is( $node->safe_psql(
		'examples', join(';', 'SET ROLE shop', map { sprintf "PREPARE $_ AS $one_statement; EXECUTE $_ ('$token')", $_ } qw(orders parts))),
	"2\n0", 'one statement for all: right for a table, no rows of a partitioned one');

done_testing();
