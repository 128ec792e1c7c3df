# R24: the audit after random changes: replayed from empty it gives the same
# tables, and tacl_history() says what tacl_can() said at the time. A dump and
# logical replication carry records, and repeat none.
#
#   TACL_SEED          replays a run
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{TACL_SEED} // 20261122;
my $dir = PostgreSQL::Test::Utils::tempdir;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(allows_streaming => 'logical');
$node->append_conf('postgresql.conf', "autovacuum = off\nfsync = off\njit = off");
$node->start;

# Runs SQL in the database where changes are made; returns what it prints.
sub sql { return $node->safe_psql('before', $_[0]) }

$node->safe_psql('postgres', 'CREATE DATABASE before TEMPLATE template0 ENCODING UTF8');
sql('CREATE EXTENSION tenant_acl');
sql(slurp_file('t/model.sql'));

#
# Random changes
#

# What a random change is, as SQL: {u} is a user, {t} a tenant that is not the
# root, {a} any, {r} a role, {g} a group, {p} patterns, {x} a pattern.
my $changes = q{
SELECT tacl_assign({u}, {r}, {a})
SELECT tacl_assign({u}, {r}, {a}, clock_timestamp() + '2 s', clock_timestamp() + random() * interval '1 s')
SELECT tacl_sync_roles({u}, ARRAY[{r}, {r}], {a})
SELECT tacl_grant({u}, {x}, {a})
SELECT tacl_grant({u}, {x}, {a}, clock_timestamp() + random() * interval '2 s')
SELECT tacl_define_role({r}, {p}, {a}, override => true)
SELECT tacl_define_role({r}, NULL, {a}, includes => ARRAY[{r}], override => true)
SELECT tacl_drop_role({r}, {a}, random() < 0.5)
SELECT tacl_limit_tenant({t}, model.patterns(0, 1))
SELECT tacl_limit_tenant({t}, NULL)
SELECT tacl_suspend_tenant({t}, model.patterns(0, 0))
SELECT tacl_resume_tenant({t})
SELECT tacl_move_tenant({t}, {a})
SELECT tacl_drop_tenant({t}, random() < 0.3)
SELECT tacl_create_tenant({t}, {a})
SELECT tacl_create_group({g}, {a})
SELECT tacl_drop_group({g}, {a}, random() < 0.5)
SELECT tacl_add_member({u}, {g}, {a})
SELECT tacl_remove_member({u}, {g}, {a})
SELECT tacl_include_group({g}, {g}, {a})
SELECT tacl_assign_group({g}, {r}, {a})
SELECT tacl_disable_user({u})
SELECT tacl_enable_user({u})
INSERT INTO tacl.permission VALUES ({r}, {u}) ON CONFLICT (name) DO UPDATE SET description = EXCLUDED.description
UPDATE tacl.assignment SET user_id = {u} WHERE tenant = {a} AND user_id IS NOT NULL AND id % 3 = 0
UPDATE tacl.assignment SET tenant = {a} WHERE user_id = {u} AND id % 3 = 0
UPDATE tacl.assignment SET id = nextval('tacl.assignment_id_seq') WHERE user_id = {u}
UPDATE tacl.user_account SET user_id = {u} WHERE user_id = {u}
UPDATE tacl.group_member SET user_id = {u} WHERE user_id = {u}
UPDATE tacl.role SET permissions = {p} WHERE tenant = {a}
DELETE FROM tacl.assignment WHERE tenant = {a} AND id % 3 = 0
DELETE FROM tacl.user_group WHERE id % 9 = 0 AND tenant = {a}
DELETE FROM tacl.role AS r WHERE tenant = {a} AND NOT EXISTS (SELECT FROM tacl.assignment AS a WHERE a.role_id = r.id)
MERGE INTO tacl.user_account AS a USING (VALUES ({u})) AS v (u) ON a.user_id = v.u WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (v.u, now())
};

# Each of them may be refused, which leaves no record. TRUNCATE comes seldom.
my %word = (
	u => 'model.random_user()', t => 'model.tenant(1 + floor(random() * 20)::int)',
	a => 'model.tenant(floor(random() * 21)::int)', r => q{('r' || 1 + floor(random() * 10)::int)},
	g => q{('g' || 1 + floor(random() * 6)::int)}, p => 'model.patterns(0.15, 0)', x => 'model.random_pattern(0.2)');

sub random_change
{
	my @all = grep { /\S/ } split /\n/, $changes;
	my $change = rand() < 0.01 ? 'TRUNCATE tacl.' . qw(group_member user_account role_include)[ rand 3 ] : $all[ rand @all ];

	$change =~ s/\{(\w)\}/(SELECT $word{$1})/g;
	return 'SELECT model.attempt($$' . $change . '$$);';
}

srand($seed);
sql(q{
	CREATE FUNCTION model.attempt(statement text) RETURNS boolean LANGUAGE plpgsql AS $$
	BEGIN
		EXECUTE statement;
		RETURN true;
	EXCEPTION WHEN OTHERS THEN
		RETURN false;
	END $$;
	CREATE TABLE asked (at timestamptz, user_id text, permission text, tenant text, said boolean);
});
sql("SELECT setseed(" . rand() . "); SELECT model.fill();");
foreach my $round (1 .. 12)
{
	sql("SELECT setseed(" . rand() . ");" . join("\n", map { random_change() } 1 .. 80));
	# A few of the answers that are yes, and of all.
	sql(q{
		INSERT INTO asked
		(SELECT statement_timestamp(), user_id, permission, tenant, true FROM model.says_can ORDER BY random() LIMIT 150)
		UNION ALL
		(SELECT statement_timestamp(), user_id, permission, tenant, tacl_can(user_id, permission, tenant)
		 FROM model.asked_user, model.asked_permission, model.asked_tenant ORDER BY random() LIMIT 180)});
}

#
# History
#

is( sql(q{
		SELECT a.*, h.reason FROM asked AS a, tacl_history(a.user_id, a.permission, a.tenant, a.at) AS h
		WHERE h.kind = 'verdict' AND a.said <> (h.effect = 'allow') LIMIT 20}),
	'', "seed $seed: tacl_history() says what tacl_can() said");
cmp_ok(sql('SELECT count(*) FROM asked'), '>', 3000, 'thousands of questions');
cmp_ok(sql('SELECT count(*) FROM asked WHERE said'), '>', 1000, 'of which many were answered yes');

# Of now it tells what tacl_explain() tells.
my ($told, $explained) = map {
	my $function = $_;
	qq{SELECT user_id, permission, tenant, kind, role, defined_at, effect, assigned_at, through_group, starts_at, expires_at, cut_by, decided
		FROM sample, LATERAL $function}
} 'tacl_history(user_id, permission, tenant, statement_timestamp())', 'tacl_explain(user_id, permission, tenant)';
sql(q{CREATE TABLE sample AS SELECT user_id, permission, tenant FROM model.asked_user, model.asked_permission, model.asked_tenant
	ORDER BY random() LIMIT 1500});
is(sql("($told EXCEPT ALL $explained) UNION ALL ($explained EXCEPT ALL $told) LIMIT 20"), '', 'and why, as tacl_explain() does');

#
# Replay
#

# Each record changes one row of a table like the one that it is of.
my @tables = qw(tenant role role_include assignment user_account user_group group_member group_include permission);
sql('CREATE SCHEMA replay');
sql("CREATE TABLE replay.$_ (LIKE tacl.$_)") foreach @tables;
sql(q{
	CREATE FUNCTION replay.apply(entry tacl.audit) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE
		done bigint := 1;
	BEGIN
		IF entry.before IS NOT NULL THEN
			EXECUTE format('DELETE FROM replay.%I AS x WHERE jsonb_strip_nulls(to_jsonb(x)) = $1', entry.object) USING entry.before;
			GET DIAGNOSTICS done = ROW_COUNT;
		END IF;
		IF done <> 1 THEN
			RAISE EXCEPTION '% rows were as record % says', done, entry.id;
		END IF;
		IF entry.after IS NOT NULL THEN
			EXECUTE format('INSERT INTO replay.%I SELECT (jsonb_populate_record(NULL::replay.%1$I, $1)).*', entry.object) USING entry.after;
		END IF;
	END $$});
sql(q{INSERT INTO replay.tenant SELECT * FROM tacl.tenant WHERE id = '*'});
sql(q{SET timezone = 'UTC'; SELECT count(replay.apply(a)) FROM (SELECT * FROM tacl.audit ORDER BY id) AS a});
is( sql("SELECT count(*) FROM ((TABLE tacl.$_ EXCEPT ALL TABLE replay.$_) UNION ALL (TABLE replay.$_ EXCEPT ALL TABLE tacl.$_)) AS x"),
	'0', "replayed from empty: $_")
  foreach @tables;
foreach my $operation (qw(INSERT UPDATE DELETE TRUNCATE))
{
	cmp_ok(sql("SELECT count(*) FROM tacl.audit WHERE operation = '$operation'"), '>', 0, "there was $operation");
}

# What a connection sets can be in no encoding, and is recorded all the same.
{
	local $ENV{PGOPTIONS} = "-c tacl.reason=a\xff\xe2\x82b -c app.user_id=\xffu";
	sql(q{ALTER DATABASE before SET tacl.user_setting = 'app.user_id'});
	is( sql(q{
			INSERT INTO tacl.tenant (id, parent) VALUES ('optional', '*');
			SELECT user_id, reason FROM tacl.audit ORDER BY id DESC LIMIT 1}),
		"?u|a???b", 'settings of a connection');
	sql(q{ALTER DATABASE before RESET tacl.user_setting});
}

#
# Dump and restore
#

my $all = 'SELECT * FROM tacl.audit ORDER BY id';

sql(q{SELECT tacl_add_key('key-1', 'HS256', 'the secret of the key of this test')});

# INSERT by INSERT a tenant can only be restored after its parent: they are put
# into this order, unrecorded.
sql('CREATE TABLE tree AS SELECT t.* FROM tacl.tenant AS t JOIN model.depth AS d ON d.tenant = t.id WHERE depth > 1 ORDER BY depth');
sql(q{SET session_replication_role = replica; DELETE FROM tacl.tenant WHERE id <> '*'});
sql('VACUUM FULL tacl.tenant');
sql('SET session_replication_role = replica; INSERT INTO tacl.tenant TABLE tree');
sql('DROP SCHEMA model CASCADE; DROP SCHEMA replay CASCADE; DROP TABLE tree, sample');
my $records = sql($all);
$node->safe_psql('postgres', 'CREATE ROLE limited LOGIN; GRANT pg_read_all_data TO limited');
my @psql = ('psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1');
my %forms = (
	plain => [ [], [@psql] ],
	'in one transaction' => [ [], [ @psql, '-1' ] ],
	inserts => [ ['--inserts'], [@psql] ],
	'many rows an insert' => [ ['--rows-per-insert=100'], [@psql] ],
	'column inserts in one transaction' => [ ['--column-inserts'], [ @psql, '-1' ] ],
	limited => [ [ '-U', 'limited' ], [@psql] ],
	custom => [ ['-Fc'], ['pg_restore'] ],
	'custom in one transaction' => [ ['-Fc'], [ 'pg_restore', '-1' ] ],
	'custom inserts' => [ [ '-Fc', '--inserts' ], ['pg_restore'] ],
	parallel => [ [ '-Fd', '-j2' ], [ 'pg_restore', '-j2' ] ]);
foreach my $form (sort keys %forms)
{
	my ($how, $with) = @{ $forms{$form} };
	my $restored = 'after ' . $form;
	my $file = "$dir/" . $form =~ s/ /_/gr;

	$node->command_ok([ 'pg_dump', @$how, '-f', $file, 'before' ], "$form: dump");
	$node->safe_psql('postgres', qq{CREATE DATABASE "$restored" TEMPLATE template0 ENCODING UTF8});
	$node->command_ok([ @$with, '-d', $restored, $with->[0] eq 'psql' ? ('-f', $file) : ('--exit-on-error', $file) ], "$form: restore");
	ok($node->safe_psql($restored, $all) eq $records, "$form: the same records");
	is( $node->safe_psql(
			$restored, q{
			SELECT tacl_create_tenant('restored');
			SELECT a.id > b.id, a.subject FROM tacl.audit AS a, tacl.audit AS b ORDER BY a.id DESC, b.id DESC OFFSET 1 LIMIT 1}),
		"t\nt|restored", "$form: what follows is recorded after them");
}
is( $node->safe_psql('after plain', q{
		SELECT count(*) FROM asked AS a, tacl_history(a.user_id, a.permission, a.tenant, a.at) AS h
		WHERE h.kind = 'verdict' AND a.said <> (h.effect = 'allow') AND a.user_id < 'u2'}),
	'0', 'a restored database has the same history');

#
# Logical replication
#

my $subscriber = PostgreSQL::Test::Cluster->new('subscriber');
$subscriber->init(allows_streaming => 'logical');
$subscriber->start;
$subscriber->safe_psql('postgres', 'CREATE EXTENSION tenant_acl');
my $published = join ', ', map { "tacl.$_" } grep { $_ ne 'tenant' } @tables;
sql("CREATE PUBLICATION rights FOR TABLE tacl.tenant WHERE (id <> '*'), tacl.audit, $published");
my $connection = $node->connstr . ' dbname=before';
$subscriber->safe_psql('postgres', "CREATE SUBSCRIPTION rights CONNECTION '$connection' PUBLICATION rights");
$subscriber->wait_for_subscription_sync($node, 'rights');
ok($subscriber->safe_psql('postgres', $all) eq $records, 'the first copy repeats no record');
sql(q{
	SELECT tacl_create_tenant('replicated'), tacl_define_role('replicated', '{a.b}', 'replicated'), tacl_assign('u', 'replicated', 'replicated');
	UPDATE tacl.assignment SET expires_at = '2040-01-01' WHERE user_id = 'u';
	DELETE FROM tacl.assignment WHERE user_id = 'u';
	TRUNCATE tacl.user_account});
$node->wait_for_catchup('rights');
$records = sql($all);
like($records, qr/\|TRUNCATE\|user_account\|/, 'more was recorded');
ok($subscriber->safe_psql('postgres', $all) eq $records, 'what is applied repeats no record');

# Without the audit's own table, nothing is recorded on the subscriber.
sql('ALTER PUBLICATION rights DROP TABLE tacl.audit');
$subscriber->safe_psql('postgres', 'ALTER SUBSCRIPTION rights REFRESH PUBLICATION; TRUNCATE tacl.audit');
sql(q{SELECT tacl_create_tenant('unrecorded'), tacl_grant('u', 'a.b', 'unrecorded'); TRUNCATE tacl.assignment});
$node->wait_for_catchup('rights');
is($subscriber->safe_psql('postgres', q{SELECT count(*) FROM tacl.tenant WHERE id = 'unrecorded'}), '1', 'a change is applied');
is($subscriber->safe_psql('postgres', 'SELECT count(*) FROM tacl.audit'), '0', 'and not recorded');

$subscriber->safe_psql('postgres', 'DROP SUBSCRIPTION rights');
$subscriber->stop;

#
# Refusals in the server log
#

# What a session that was refused has put into the log.
sub logged
{
	my ($setting, @asked) = @_;
	my $from = -s $node->logfile;

	$node->psql('after plain', "SET tacl.log_denied = $setting; SET log_statement = none; SET client_min_messages = log; SET log_min_messages = log;" . join('', map { "SELECT $_;" } @asked),
		on_error_stop => 0, stderr => \my $stderr);
	unlike($stderr, qr/LOG:  permission/, 'the client hears nothing of the log');
	return substr(slurp_file($node->logfile), $from);
}

my $ask = q{tacl_authorize('no', 'orders.view', 'where')};
my $hostile = q{tacl_authorize(E'e\n2026-11-22 LOG:  "x"\\\\', NULL, E'\t')};
unlike(logged('off', $ask), qr/permission denied/, 'nothing by default');
my $log = logged('on', $ask, $hostile, q{set_config('tacl.token', 'secret token', false)}, $ask);
like($log, qr/LOG:  permission denied: user "no", permission "orders\.view", tenant "where"\n/, 'a refusal is logged');
like($log, qr/user "e\\x0a2026-11-22 LOG:  \\x22x\\x22\\x5c", permission NULL, tenant "\\x09"\n/, 'and quoted');
unlike($log, qr/STATEMENT|secret token/, 'without the statement or a token');
$log = logged('on', ($ask) x 200, 'pg_sleep(1.1)', $ask);
my $lines = () = $log =~ /LOG:  permission denied/g;
cmp_ok($lines, '>=', 11, 'many refusals are logged');
cmp_ok($lines, '<', 100, 'but not each of them');
my $missing = 0;
$missing += $1 while $log =~ /DETAIL:  (\d+) refusals before this one were not logged/g;
is($lines + $missing, 201, 'the log says how many are missing');

# Ten a second from the first on; each number of those missing is told once.
$node->safe_psql('after plain', q{
	CREATE FUNCTION public.tacl_check_often(times integer) RETURNS void LANGUAGE plpgsql AS $$
	BEGIN
		FOR i IN 1 .. times LOOP
			BEGIN
				PERFORM tacl_authorize('no', 'orders.view', 'where');
			EXCEPTION WHEN insufficient_privilege THEN NULL;
			END;
		END LOOP;
	END $$});
$log = logged('on', 'tacl_check_often(30)', 'pg_sleep(1.1)', 'tacl_check_often(15)', 'pg_sleep(1.1)', 'tacl_check_often(2)');
$lines = () = $log =~ /LOG:  permission denied/g;
is($lines, 22, 'ten lines a second at most');
is(join(' ', $log =~ /DETAIL:  (\d+) refusals before this one were not logged/g), '20 5', 'what is missing is told once');

$node->stop;
done_testing();
