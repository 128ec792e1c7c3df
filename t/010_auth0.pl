# examples/auth0, as it is: app_metadata taken over in one statement, wrong input
# refused with nothing changed, and the claims that follow from it.
use strict;
use warnings;

use Cwd qw(getcwd);
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION tenant_acl');

# Setup is what the README says, and some that it need not say.
my $readme = slurp_file('examples/auth0/README.md');
$node->safe_psql('postgres', join "\n", $readme =~ /^```sql\n(.*?)^```$/msg);
$node->safe_psql(
	'postgres', q{
	SELECT tacl_create_tenant('org7'), tacl_create_tenant('org7/team', 'org7'), tacl_create_tenant('or"g\8%#ü');
	SELECT tacl_create_tenant('many' || i) FROM generate_series(1, 21) AS i;
	SELECT tacl_define_role('pro', '{orders.*}'), tacl_define_role('local', '{local.view}', 'org5'), tacl_define_role('staff', '{support.view}');
});

# Runs a file of the example with variables; returns code, output and errors.
sub run_example
{
	my ($role, $file, %variables) = @_;
	my ($out, $err) = ('', '');

	IPC::Run::run(
		[
			'psql', '-XAtq', '-d', $node->connstr('postgres') . " user=$role",
			'-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=verbose',
			(map { ('-v', "$_=$variables{$_}") } sort keys %variables),
			'-f', "examples/auth0/$file"
		],
		'>', \$out, '2>', \$err);
	chomp $out;
	return ($? >> 8, $out, $err);
}

# All that the example can change, row versions included.
sub stored
{
	return $node->safe_psql(
		'postgres', q{
		SELECT 'assignment', xmin, ctid, * FROM tacl.assignment;
		SELECT 'preference', xmin, ctid, * FROM tacl.user_preference;});
}

sub taken_over
{
	my ($user, $metadata, $expected, $what) = @_;
	my ($code, $out, $err) =
	  run_example('metadata_operator', 'take_over.sql', user_id => $user, app_metadata => $metadata);

	is($err, '', "$what: no error");
	is($out, $expected, "$what: what changed");
}

sub refused
{
	my ($user, $metadata, $pattern, $what) = @_;
	my $before = stored();
	my ($code, $out, $err) =
	  run_example('metadata_operator', 'take_over.sql', user_id => $user, app_metadata => $metadata);

	isnt($code, 0, "$what: refused");
	like($err, $pattern, "$what: error");
	is(stored(), $before, "$what: nothing is changed");
}

sub claims_are
{
	my ($user, $expected, $what) = @_;
	my ($code, $out, $err) = run_example('claims_reader', 'claims.sql', user_id => $user);

	is($err . $out, $expected, "$what: claims");
}

#
# Good metadata
#

# The shape of the README: the preferences see the roles of the same statement
my ($shape) = $readme =~ /^```json\n(.*?)\n```$/ms;
taken_over('auth0|ann', $shape, '3|t|t', 'first');
claims_are(
	'auth0|ann',
	'{"user": "auth0|ann", "roles": ["basic"], "tenant": "org1", "primary": "org1", "tenants": {"org1": ["basic"], "org5": ["basic"], "org6": ["basic"]}, "permissions": ["orders.view"]}',
	'first');

my $before = stored();
taken_over('auth0|ann', $shape, '0|f|f', 'the same again');
is(stored(), $before, 'the same again: nothing is written');

# What is to go: roles elsewhere, given otherwise. What is to stay: a grant, a
# group's role, the root's, another user's
$node->safe_psql(
	'postgres', q{
	SELECT tacl_assign('auth0|ann', 'local', 'org5'), tacl_assign('auth0|ann', 'pro', 'org7/team', now() + interval '1 day');
	SELECT tacl_grant('auth0|ann', 'orders.print', 'org1'), tacl_grant('auth0|ann', 'orders.print', 'org7'), tacl_assign('auth0|ann', 'staff', '*');
	SELECT tacl_create_group('crew', 'org7'), tacl_assign_group('crew', 'basic', 'org7'), tacl_add_member('auth0|ann', 'crew', 'org7');
	SELECT tacl_assign('auth0|bob', 'basic', 'org1');
});
my $list = q{
	SELECT string_agg(concat_ws(' ', a.user_id, g.name, r.name, a.pattern, a.tenant), ', '
		ORDER BY a.user_id, g.name, r.name, a.pattern, a.tenant COLLATE "C")
	FROM tacl.assignment AS a LEFT JOIN tacl.role AS r ON r.id = a.role_id LEFT JOIN tacl.user_group AS g ON g.id = a.group_id};
my $others = 'auth0|bob basic org1, crew basic org7';

# A secondary removed, one added, another role, primary and active changed
taken_over(
	'auth0|ann',
	'{"active": "org6", "primary": "org5", "secondary": ["org6", "or\"g\\\\8%#ü"], "role": "pro"}',
	'5|t|t', 'changed');
is( $node->safe_psql('postgres', $list),
	qq{auth0|ann pro or"g\\8%#ü, auth0|ann pro org5, auth0|ann pro org6, auth0|ann staff *, auth0|ann orders.print org1, auth0|ann orders.print org7, $others},
	'changed: assignments');
is($node->safe_psql('postgres', 'SELECT user_id, primary_tenant, last_tenant FROM tacl.user_preference'),
	'auth0|ann|org5|org6', 'changed: preferences');
my ($code, $out, $err) = run_example('claims_reader', 'claims.sql', user_id => 'auth0|ann');
like($out, qr/"tenant": "org6".*"tenants": \{"org6": \["pro", "staff"\]\}.*"tenants_omitted": true/,
	'changed: claims of one who is staff everywhere');
$node->safe_psql('postgres', q{SELECT tacl_unassign('auth0|ann', 'staff', '*')});

# One tenant only; each of the three results by itself
taken_over('auth0|ann', '{"active": "org5", "primary": "org5", "secondary": [], "role": "pro"}', '2|f|t', 'no secondary');
taken_over('auth0|ann', '{"role": "local", "secondary": [], "primary": "org5", "active": "org5"}', '1|f|f', 'another role');
taken_over('auth0|ann', '{"active": "org5", "primary": "org6", "secondary": ["org5"], "role": "basic"}', '2|t|f', 'another primary');

# Whatever way the planner takes, each step comes after the one before
foreach my $options ('-c enable_hashagg=off', '-c enable_sort=off', '-c enable_material=off', '-c enable_nestloop=off')
{
	local $ENV{PGOPTIONS} = $options;

	taken_over("auth0|$options", $shape, '3|t|t', $options);
	taken_over("auth0|$options", '{"active": "org7", "primary": "org1", "secondary": ["org7"], "role": "pro"}', '4|f|t', $options);
}

# As a prepared statement of two parameters, with plans of both kinds
my $prepared = slurp_file('examples/auth0/take_over.sql');
is($prepared =~ s/:'user_id'/\$1/g, 1, 'the user id stands there once');
is($prepared =~ s/:'app_metadata'/\$2/g, 1, 'the metadata stand there once');
foreach my $mode ('force_custom_plan', 'force_generic_plan')
{
	is( $node->safe_psql(
			'postgres', qq{
		SET plan_cache_mode = $mode;
		PREPARE take_over (text, jsonb) AS $prepared
		EXECUTE take_over ('auth0|$mode', '$shape');
		EXECUTE take_over ('auth0|$mode', '{"active": "org1", "primary": "org1", "secondary": ["org7"], "role": "pro"}');
		EXECUTE take_over ('auth0|$mode', '{"active": "org1", "primary": "org1", "secondary": ["org7"], "role": "pro"}');}),
		"3|t|t\n4|f|f\n0|f|f", $mode);
}

#
# Wrong metadata
#

my $shape_error = qr/22P02: .*"app_metadata: not of the shape/;
my %wrong = (
	'no active' => '{"primary": "org1", "secondary": ["org5"], "role": "basic"}',
	'no primary' => '{"active": "org5", "secondary": ["org5"], "role": "basic"}',
	'no secondary' => '{"active": "org1", "primary": "org1", "role": "basic"}',
	'no role' => '{"active": "org1", "primary": "org1", "secondary": ["org5"]}',
	'nothing' => '{}',
	'misspelled active' => '{"actve": "org1", "primary": "org1", "secondary": ["org5"], "role": "basic"}',
	'misspelled primary' => '{"active": "org1", "Primary": "org1", "secondary": ["org5"], "role": "basic"}',
	'misspelled secondary' => '{"active": "org1", "primary": "org1", "secondaries": ["org5"], "role": "basic"}',
	'misspelled role' => '{"active": "org1", "primary": "org1", "secondary": ["org5"], "roles": "basic"}',
	'a key too many' => '{"active": "org1", "primary": "org1", "secondary": ["org5"], "role": "basic", "admin": true}',
	'active null' => '{"active": null, "primary": "org1", "secondary": ["org5"], "role": "basic"}',
	'primary null' => '{"active": "org5", "primary": null, "secondary": ["org5"], "role": "basic"}',
	'secondary null' => '{"active": "org1", "primary": "org1", "secondary": null, "role": "basic"}',
	'role null' => '{"active": "org1", "primary": "org1", "secondary": ["org5"], "role": null}',
	'a secondary null' => '{"active": "org1", "primary": "org1", "secondary": ["org5", null], "role": "basic"}',
	'active a number' => '{"active": 1, "primary": "org1", "secondary": ["org5"], "role": "basic"}',
	'primary an array' => '{"active": "org1", "primary": ["org1"], "secondary": ["org5"], "role": "basic"}',
	'secondary a string' => '{"active": "org1", "primary": "org1", "secondary": "org5", "role": "basic"}',
	'secondary an object' => '{"active": "org1", "primary": "org1", "secondary": {"org5": true}, "role": "basic"}',
	'secondary nested' => '{"active": "org1", "primary": "org1", "secondary": [["org5"]], "role": "basic"}',
	'a secondary a boolean' => '{"active": "org1", "primary": "org1", "secondary": [true], "role": "basic"}',
	'role an array' => '{"active": "org1", "primary": "org1", "secondary": ["org5"], "role": ["basic"]}',
	'role false' => '{"active": "org1", "primary": "org1", "secondary": ["org5"], "role": false}',
	'json null' => 'null',
	'an array' => "[$shape]",
	'a string' => '"org1"');
refused('auth0|ann', $wrong{$_}, $shape_error, $_) foreach sort keys %wrong;

refused('auth0|ann', '{"active": "org6", "primary": "org1", "secondary": ["org5"], "role": "basic"}',
	qr/22P02: .*"app_metadata: the active tenant is neither/, 'active elsewhere');
refused('auth0|ann', '{"active": "org1", "primary": "org1", "secondary": ["org5", "org1"], "role": "basic"}',
	qr/22P02: .*"app_metadata: a tenant is there twice/, 'primary is secondary, too');
refused('auth0|ann', '{"active": "org1", "primary": "org1", "secondary": ["org5", "org6", "org5"], "role": "basic"}',
	qr/22P02: .*"app_metadata: a tenant is there twice/, 'a secondary twice');
refused('auth0|ann', '{"active": "org1", "primary": "org1", "secondary": ["org5", "*"], "role": "basic"}',
	qr/22P02: .*"app_metadata: the root/, 'the root as secondary');
refused('auth0|ann', '{"active": "*", "primary": "*", "secondary": ["org5"], "role": "basic"}',
	qr/22P02: .*"app_metadata: the root/, 'the root as primary');

# Found out by the functions, when some of them have already changed something
refused('auth0|ann', '{"active": "org1", "primary": "org1", "secondary": ["org7", "unknown"], "role": "pro"}',
	qr/42704: tenant "unknown" does not exist/, 'unknown tenant');
refused('auth0|ann', '{"active": "org1", "primary": "org1", "secondary": ["org5"], "role": "unknown"}',
	qr/42704: role "unknown" does not exist/, 'unknown role');
refused('auth0|ann', '{"active": "org5", "primary": "org5", "secondary": ["org6"], "role": "local"}',
	qr/42704: role "local" does not exist at tenant "org6"/, 'a role of another tenant');
refused('auth0|ann', '{"active": "org1", "primary": "org1", "secondary": [""], "role": "basic"}',
	qr/22023: invalid tenant/, 'empty tenant');
refused('auth0|ann', '{"active": "org1", "primary": "org1", "secondary": [], "role": "ba\nsic"}',
	qr/22023: invalid role/, 'line end in the role');
refused('', $shape, qr/22023: invalid user/, 'empty user');
refused('auth0|ann', '{"active": "org1"', qr/22P02: invalid input syntax for type json/, 'no json');
refused('auth0|ann', '', qr/22P02: invalid input syntax for type json/, 'empty');

# NULL has no psql variable
$before = stored();
foreach my $arguments ("NULL, '$shape'", "'auth0|ann', NULL", 'NULL, NULL')
{
	my ($code, $out, $err) = $node->psql('postgres', qq{PREPARE take_over (text, jsonb) AS $prepared EXECUTE take_over ($arguments)});

	isnt($code, 0, "$arguments: refused");
	like($err, qr/user must not be NULL|app_metadata: not of the shape/, "$arguments: error");
}
is(stored(), $before, 'NULL: nothing is changed');

# Users who are disabled, and database roles without the rights
$node->safe_psql('postgres', q{SELECT tacl_disable_user('auth0|off')});
refused('auth0|off', $shape, qr/22023: user "auth0\|off" has nothing at tenant/, 'disabled user');
($code, $out, $err) = run_example('claims_reader', 'take_over.sql', user_id => 'auth0|ann', app_metadata => $shape);
like($err, qr/42501: permission denied for table tacl\.assignment/, 'a reader cannot take over');
is(stored(), $before, 'a reader changes nothing');

#
# Claims
#

claims_are('auth0|nobody', '{"user": "auth0|nobody", "roles": [], "tenant": null, "primary": null, "tenants": {}, "permissions": []}', 'nobody');
taken_over(
	'auth0|many',
	'{"active": "many2", "primary": "many1", "secondary": [' . join(', ', map { "\"many$_\"" } 2 .. 21) . '], "role": "basic"}',
	'21|t|t', 'many');
claims_are(
	'auth0|many',
	'{"user": "auth0|many", "roles": ["basic"], "tenant": "many2", "primary": "many1", "tenants": {"many2": ["basic"]}, "permissions": ["orders.view"], "tenants_omitted": true}',
	'many');

# The Action asks the same as claims.sql
my $action = slurp_file('examples/auth0/post-login.js');
my ($asked) = $action =~ /^const QUERY = '(.*)';$/m;
my ($said) = slurp_file('examples/auth0/claims.sql') =~ /^(SELECT .*);$/m;
$said =~ s/:'user_id'/\$1/;
is($asked, $said, 'the Action asks what claims.sql says');

# It runs under node, with psql in the place of "pg".
my ($out, $err) = ('', '');
my $modules = PostgreSQL::Test::Utils::tempdir();

mkdir "$modules/pg" or die $!;
append_to_file("$modules/pg/index.js", <<'END');
exports.Client = class {
	constructor(options) { this.connection = options.connectionString; }
	async connect() { this.open = true; }
	async query(sql, values) {
		if (!this.open || values.length !== 1) throw new Error('not connected, or not one value');
		const output = require('child_process').execFileSync('psql',
			['-XAtq', '-d', this.connection, '-v', 'ON_ERROR_STOP=1', '-v', 'value=' + values[0]],
			{ input: sql.replace('$1', ":'value'"), encoding: 'utf8' });
		return { rows: [{ claims: JSON.parse(output) }] };
	}
	async end() { this.open = false; console.log('closed'); }
};
END
local $ENV{NODE_PATH} = $modules;
foreach my $case ([ 'claims_reader', qr/^https:\S+ many2 orders\.view\nclosed$/ ], [ 'nobody_at_all', qr/^closed$/ ])
{
	my ($role, $pattern) = @$case;
	my $succeeded = IPC::Run::run(
		[
			'node', '-e', q{
require(process.argv[1]).onExecutePostLogin(
	{ secrets: { DATABASE_URL: process.argv[2] }, user: { user_id: 'auth0|many' } },
	{ accessToken: { setCustomClaim: (name, value) => console.log(name, value.tenant, value.permissions.join()) } });},
			getcwd() . "/examples/auth0/post-login.js", $node->connstr('postgres') . " user=$role"
		],
		'>', \$out, '2>', \$err);
	chomp $out;
	like($out, $pattern, "the Action as $role");
	ok(!$succeeded, 'the Action fails if the query does') if $role eq 'nobody_at_all';
}

done_testing();
