# R20: through PgBouncer in transaction mode, with one server connection for all,
# no client sees a row of another's: not after errors, rollbacks and savepoints,
# not by plans that both use, not when it forgets to say who it is. And what a
# client can leave behind for the next one, with what stops that.
#
# TACL_TRANSACTIONS: how many scripts the two clients run, 2,000 by default.
use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $transactions = $ENV{TACL_TRANSACTIONS} // 2000;
my $dir = PostgreSQL::Test::Utils::tempdir;
$ENV{PATH} .= ':/usr/sbin';

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', q{
fsync = off
session_preload_libraries = 'tenant_acl'
});
$node->start;
$node->safe_psql('postgres', <<'END');
	CREATE EXTENSION tenant_acl;
	CREATE ROLE app LOGIN;
	CREATE ROLE other NOLOGIN;
	GRANT other TO app;
	SELECT tacl_create_tenant(t) FROM unnest('{org-a, org-b}'::text[]) AS t;
	SELECT tacl_define_role('clerk', '{orders.*, notes.*}');
	SELECT tacl_assign('alice', 'clerk', 'org-a'), tacl_assign('bob', 'clerk', 'org-b');
	SELECT tacl_add_key('pool', 'HS256', 'the secret of the key of this test');

	CREATE TABLE orders AS SELECT t AS tenant_id, 'order ' || n AS body FROM unnest('{org-a, org-b, org-c}'::text[]) AS t, generate_series(1, 10) AS n;
	CREATE TABLE notes AS SELECT * FROM orders;
	CREATE INDEX ON orders (tenant_id);
	CREATE INDEX ON notes (tenant_id);
	GRANT SELECT, INSERT ON orders, notes TO app;
	SELECT tacl_protect('orders', 'tenant_id', 'orders'), tacl_protect('notes', 'tenant_id', 'notes', 'all_mine');

	-- Errors about what a client sees; counts transactions, and how often the
	-- one before on the connection was another client's.
	CREATE SEQUENCE seen;
	CREATE SEQUENCE turns;
	GRANT USAGE, SELECT ON seen, turns TO app;
	CREATE FUNCTION expect(client text, tenant text, own bigint, others bigint, anyone boolean DEFAULT true) RETURNS void LANGUAGE plpgsql AS $$
	BEGIN
		IF others > 0 THEN
			RAISE EXCEPTION 'the client of % sees % foreign rows', client, others;
		ELSIF own <> 10 * anyone::integer THEN
			RAISE EXCEPTION 'the client of % sees % rows of its own', client, own;
		ELSIF coalesce(tacl_user(), '') <> (CASE WHEN anyone THEN client ELSE '' END) THEN
			RAISE EXCEPTION 'the client of % is %', client, tacl_user();
		END IF;
		PERFORM nextval('seen');
		IF current_setting('pool.client', true) IS DISTINCT FROM client THEN
			PERFORM nextval('turns'), set_config('pool.client', client, false);
		END IF;
	END $$;
	-- pgbench goes on after this error, and no other
	CREATE FUNCTION fail() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE SQLSTATE '40001'; END $$;
END

my %tenant_of = (alice => 'org-a', bob => 'org-b');
my %token_of = map { $_ => $node->safe_psql('postgres', "SELECT tacl_issue_token('$_', '$tenant_of{$_}', '1 day')") } keys %tenant_of;

#
# PgBouncer
#

my @poolers;

# Ends those that run, also when the test dies.
END
{
	my $status = $?;

	$_->kill_kill foreach @poolers;
	$? = $status;
}

# Starts a PgBouncer of one server connection; its Unix socket is in the result.
sub start_pooler
{
	my ($name, $settings) = @_;
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	my $home = "$dir/$name";

	mkdir $home or die $!;
	append_to_file("$home/pgbouncer.ini", <<"END");
[databases]
postgres = host=${\$node->host} port=${\$node->port} user=app connect_query='PREPARE shared AS SELECT count(*) FILTER (WHERE tenant_id = tacl_tenant()) AS own, count(*) FILTER (WHERE tenant_id <> tacl_tenant()) AS others FROM public.orders'
[pgbouncer]
listen_addr =
listen_port = $port
unix_socket_dir = $home
auth_type = any
pool_mode = transaction
default_pool_size = 1
max_db_connections = 1
$settings
END
	my $handle = IPC::Run::start([ 'pgbouncer', "$home/pgbouncer.ini" ], '>', "$home/log", '2>&1');
	push @poolers, $handle;
	for (1 .. 100)
	{
		last if -S "$home/.s.PGSQL.$port";
		sleep 0.1;
	}
	return { name => $name, host => $home, port => $port };
}

# The version as a number: 1.18 is 118.
sub pooler_version
{
	my ($stdout, $stderr) = run_command([ 'pgbouncer', '--version' ]);
	$stdout =~ /^PgBouncer (\d+)\.(\d+)/ or die "what version is $stdout$stderr?";
	return $1 * 100 + $2;
}

# What psql prints as a new client of a pooler: all rows, else the error.
sub ask
{
	my ($pooler, $sql, @options) = @_;
	my ($stdout, $stderr);

	IPC::Run::run([ 'psql', '-XAtq', '-d', "host=$pooler->{host} port=$pooler->{port} user=app dbname=postgres @options" ],
		'<', \$sql, '>', \$stdout, '2>', \$stderr);
	chomp($stdout, $stderr);
	return $stderr eq '' ? $stdout : $stderr;
}

# Statements in one transaction of a user.
sub as_user
{
	my ($user, $sql, $local) = @_;

	$local //= 'true';
	return "BEGIN; SELECT set_config('tacl.token', '$token_of{$user}', $local), set_config('app.tenant', '$tenant_of{$user}', $local) \\g /dev/null\n$sql;\nCOMMIT;\n";
}

#
# Many transactions of two clients
#

my $identify = q{SELECT set_config('tacl.token', :token, :local), set_config('app.tenant', :tenant, :local);};
my $counts = 'count(*) FILTER (WHERE tenant_id = :tenant), count(*) FILTER (WHERE tenant_id <> :tenant)';
my $look = join '', map { "SELECT expect(:client, :tenant, $counts) FROM $_;\n" } qw(orders notes);
my $look_as_nobody = join '', map { "SELECT expect(:client, :tenant, $counts, false) FROM $_;\n" } qw(orders notes);

my %scripts = (
	works => "BEGIN;\n$identify\n${look}COMMIT;\n",
	shared => "BEGIN;\n$identify\nEXECUTE shared \\gset\nSELECT expect(:client, :tenant, :own, :others);\nCOMMIT;\n",
	rolls_back => "BEGIN;\n$identify\n${look}INSERT INTO orders VALUES (:tenant, 'not kept');\nROLLBACK;\n",
	fails => "BEGIN;\n$identify\n${look}SELECT fail();\nCOMMIT;\n",
	saves => "BEGIN;\n$identify\nSAVEPOINT a;\nSELECT set_config('tacl.token', '', true);\n${look_as_nobody}ROLLBACK TO a;\n${look}RELEASE a;\nCOMMIT;\n",
	forgets => "BEGIN;\n${look_as_nobody}COMMIT;\n",
	has_no_transaction => $look_as_nobody);
append_to_file("$dir/$_.sql", $scripts{$_}) foreach keys %scripts;

# Runs scripts, all if none are named for a user, as two clients at once; returns
# what they complained about.
sub run_clients
{
	my ($pooler, $count, $local, $mode, %names) = @_;
	my %errors;
	my @clients;

	foreach my $user (sort keys %token_of)
	{
		my @command = ('pgbench', '-n', '-c1', '-t', $count, '-M', $mode, '-D', "client=$user", '-D', "token=$token_of{$user}",
			'-D', "tenant=$tenant_of{$user}", '-D', "local=$local", (map { ('-f', "$dir/$_.sql") } @{ $names{$user} // [ sort keys %scripts ] }),
			'-h', $pooler->{host}, '-p', $pooler->{port}, '-U', 'app', 'postgres');

		$errors{$user} = '';
		push @clients, IPC::Run::start(\@command, '>', "$dir/$user.out", '2>', \$errors{$user});
	}
	IPC::Run::finish($_) foreach @clients;
	$errors{$_} = join "\n", grep { /ERROR|FATAL|abort|could not/ } split /\n/, $errors{$_} foreach keys %errors;
	return join "\n", grep { $_ ne '' } @errors{ sort keys %errors };
}

my $pooler = start_pooler('plain', '');
my $begin = time;
is(run_clients($pooler, $transactions / 2, 'true', 'extended'), '', 'no client saw a foreign row');
note sprintf('%d transactions in %.0f s', $transactions, time - $begin);
cmp_ok($node->safe_psql('postgres', 'SELECT last_value FROM seen'), '>=', $transactions, 'each looked');
cmp_ok($node->safe_psql('postgres', 'SELECT last_value FROM turns'), '>=', $transactions / 4, 'in turns');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'}), '1', 'on one connection');
is($node->safe_psql('postgres', q{SELECT count(*) FROM orders WHERE body = 'not kept'}), '0', 'what was rolled back is not there');

# What the protocol prepares is shared by clients from 1.21 on.
if (pooler_version() >= 121)
{
	my $preparing = start_pooler('preparing', 'max_prepared_statements = 100');
	is(run_clients($preparing, $transactions / 2, 'true', 'prepared'), '', 'nor with statements prepared by the protocol');
}

# The test can see it: settings of the session, not of the transaction, and one
# that forgets.
ask($pooler, 'DISCARD ALL');
like(run_clients(start_pooler('careless', ''), 1000, 'false', 'extended', alice => [ 'works', 'shared' ], bob => ['forgets']),
	qr/the client of bob sees 10 foreign rows/, 'with settings of the session one does');

#
# What is left behind
#

my $resetting = start_pooler('resetting', "server_reset_query = DISCARD ALL\nserver_reset_query_always = 1");
my $rows = q{SELECT count(*), min(tenant_id) FROM orders};

# What the first client does, what the next one asks, what it is told without
# and with the reset.
my @leavings = (
	[ 'user in the transaction', as_user('alice', $rows), $rows, '0|', '0|' ],
	[ 'user of two statements in one message', "SELECT set_config('tacl.token', '$token_of{alice}', true) \\; $rows;", $rows, '0|', '0|' ],
	[ 'user of a transaction that failed', as_user('alice', 'SELECT 1 / 0'), $rows, '0|', '0|' ],
	[ 'user of the session', as_user('alice', 'SELECT', 'false'), $rows, '10|org-a', '0|' ],
	[ 'user of the session, next has its own', as_user('alice', 'SELECT', 'false'), as_user('bob', $rows), '10|org-b', '10|org-b' ],
	[ 'tenant of the session', q{SET app.tenant = 'org-a'}, "BEGIN; SELECT set_config('tacl.token', '$token_of{bob}', true) \\g /dev/null\n$rows; COMMIT;", '0|', '10|org-b' ],
	[ 'cursor WITH HOLD', as_user('alice', 'DECLARE c CURSOR WITH HOLD FOR SELECT tenant_id FROM orders'), 'FETCH 1 FROM c', 'org-a', qr/cursor "c" does not exist/ ],
	[ 'temporary table', as_user('alice', q{CREATE TEMPORARY TABLE mine AS SELECT * FROM orders}), q{SELECT count(*), min(tenant_id) FROM mine}, '10|org-a', qr/relation "mine" does not exist/ ],
	[ 'temporary table in front of another', q{CREATE TEMPORARY TABLE orders (tenant_id text, body text)}, as_user('bob', $rows), '0|', '10|org-b' ],
	[ 'the same, but the next qualifies its name', q{CREATE TEMPORARY TABLE orders (tenant_id text, body text)}, as_user('bob', q{SELECT count(*) FROM public.orders}), '10', '10' ],
	[ 'the same, and the next writes', q{CREATE TEMPORARY TABLE notes (tenant_id text, body text)}, as_user('bob', q{INSERT INTO notes VALUES ('org-b', 'theirs'); SELECT count(*) FROM notes}), '1', '11' ],
	[ 'temporary function', q{CREATE FUNCTION pg_temp.lower(text) RETURNS text RETURN 'evil'}, q{SELECT lower('A'), pg_temp.lower('A')}, 'a|evil', qr/schema "pg_temp" does not exist|function pg_temp.lower\(unknown\) does not exist/ ],
	[ 'prepared statement', q{PREPARE list AS SELECT min(tenant_id) FROM orders}, as_user('bob', 'EXECUTE list'), 'org-b', qr/prepared statement "list" does not exist/ ],
	[ 'prepared statement of a name that others use', q{PREPARE list AS SELECT 'evil'}, as_user('bob', 'EXECUTE list'), 'evil', qr/prepared statement "list" does not exist/ ],
	[ 'prepared statement that asks as the next user', q{PREPARE list AS SELECT tacl_user() || ' sees ' || count(*) FROM orders}, as_user('bob', 'EXECUTE list'), 'bob sees 10', qr/prepared statement "list" does not exist/ ],
	[ 'another setting', q{SET lock_timeout = '1s'}, 'SHOW lock_timeout', '1s', '0' ],
	[ 'logging of parameters', 'SET log_parameter_max_length_on_error = -1', 'SHOW log_parameter_max_length_on_error', '-1', '0' ],
	# PostgreSQL 18 reports it, and a PgBouncer that knows keeps it to its client.
	[ 'search_path', 'SET search_path = pg_catalog', 'SELECT count(*) FROM orders', qr/relation "orders" does not exist|\A0\z/, '0' ],
	[ 'row_security', 'SET row_security = off', as_user('bob', 'SELECT min(tenant_id) FROM orders'), qr/query would be affected by row-level security/, 'org-b' ],
	[ 'role', 'SET ROLE other', 'SELECT current_user', 'other', 'app' ],
	[ 'advisory lock', 'SELECT pg_advisory_lock(7)', q{SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'}, '1', '0' ],
	[ 'LISTEN', 'LISTEN news', 'SELECT count(*) FROM pg_listening_channels()', '1', '0' ],
	[ 'currval', q{SELECT nextval('public.seen') > 0}, q{SELECT currval('public.seen') > 0}, 't', qr/currval of sequence "seen" is not yet defined/ ]);
foreach my $case (@leavings)
{
	my ($what, $first, $next, $without, $with) = @$case;

	foreach ([ $pooler, $without ], [ $resetting, $with ])
	{
		my ($through, $expected) = @$_;
		my $message = "$through->{name}: $what";

		ask($through, $first);
		my $told = ask($through, $next);
		ref $expected ? like($told, $expected, $message) : is($told, $expected, $message);
		ask($through, 'DISCARD ALL');
	}
}

# Without the right to temporary objects there is none.
$node->safe_psql('postgres', 'REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC');
like(ask($pooler, q{CREATE TEMPORARY TABLE orders (tenant_id text)}), qr/permission denied/, 'no temporary table without the right to it');
like(ask($pooler, q{CREATE FUNCTION pg_temp.f() RETURNS text RETURN 'evil'}), qr/permission denied/, 'nor a temporary function');

# Options of the connection do not get through.
like(ask($pooler, 'SELECT 1', "options='-c tacl.token=x'"), qr/unsupported startup parameter/, 'no options');

$_->kill_kill foreach splice @poolers;
$node->stop;
done_testing();
