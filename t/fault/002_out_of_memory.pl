# R25: memory runs out at each allocation of a check's build, of a list, of the
# verification of a token, of the planning of a policy, of a change, in turn
# (src/fault_memory.c).
# Right before, another session has revoked or granted: the statement is right or
# an error, never the answer of before; the next one is right; and at the end the
# cache is as large as it was.
#
# Every second time it happens in a savepoint of a transaction that goes on.
#
# Each allocation of a check fails; of a list, of planning and of a change, one in
# several: TACL_STEP says which, 23 unless given.
#
# Needs a build with -DTACL_FAULT_POINTS.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', q{
autovacuum = off
fsync = off
jit = off
tacl.user_setting = 'app.user_id'
});
$node->start;

# Anna has something of every kind, Rose more roles than a hash table begins with,
# and there are more users and tenants than that.
$node->safe_psql('postgres', q{
	CREATE EXTENSION tenant_acl;
	CREATE FUNCTION fault_arm(int) RETURNS int AS 'tenant_acl', 'tacl_fault_arm' LANGUAGE C STRICT;
	CREATE FUNCTION fault_disarm() RETURNS int AS 'tenant_acl', 'tacl_fault_disarm' LANGUAGE C STRICT;
	SELECT tacl_create_tenant('org'), tacl_create_tenant('sub', 'org'), tacl_create_tenant('leaf', 'sub');
	SELECT tacl_limit_tenant('sub', '{doc.*, x.*}'), tacl_suspend_tenant('leaf', '{doc.*}');
	SELECT tacl_define_role('lister', '{doc.list, !doc.drop}'), tacl_define_role('viewer', '{doc.view}', '*', '{lister}');
	SELECT tacl_create_group('crew', 'org'), tacl_create_group('all', 'org');
	SELECT tacl_include_group('all', 'crew', 'org'), tacl_add_member('anna', 'crew', 'org'), tacl_assign_group('all', 'viewer', 'org');
	SELECT tacl_assign('anna', 'lister', 'leaf', now() + '1 day', now() - '1 day'::interval);
	SELECT count(tacl_grant('anna', 'doc.p' || i, 'org')) FROM generate_series(1, 40) AS i;
	SELECT tacl_assign('bert', 'viewer', '*');
	SELECT count(tacl_create_tenant('t' || i, 'org')) FROM generate_series(1, 70) AS i;
	SELECT count(tacl_assign('u' || i, 'viewer', 'org')) FROM generate_series(1, 130) AS i;
	SELECT count(tacl_define_role('role' || i, ARRAY['doc.r' || i])) FROM generate_series(1, 70) AS i;
	SELECT count(tacl_assign('rose', 'role' || i, 'org')) FROM generate_series(1, 65) AS i;
	SELECT count(tacl_assign('rob', 'role' || i, 'org')) FROM generate_series(1, 52) AS i;

	CREATE TABLE doc (tenant_id text);
	CREATE INDEX ON doc (tenant_id);
	INSERT INTO doc SELECT 't' || i FROM generate_series(1, 70) AS i;
	ALTER TABLE doc ENABLE ROW LEVEL SECURITY;
	CREATE POLICY doc ON doc USING (tacl_may('doc.view', tenant_id));
	CREATE ROLE app;
	GRANT SELECT ON doc TO app;
	CREATE FUNCTION planned() RETURNS bigint LANGUAGE plpgsql AS $$
	DECLARE n bigint;
	BEGIN
		EXECUTE 'SELECT count(*) FROM doc' INTO n;
		RETURN n;
	END $$;
	SELECT tacl_add_key('k1', 'HS256', '\x' || repeat('0b', 32));
});

# A session whose errors are kept.
sub session
{
	my $session = $node->background_psql('postgres', on_error_stop => 0);

	$session->set_query_timer_restart();
	return $session;
}

my $changer = session();

# Sends statements; their output, with the SQLSTATE of an error as a line.
sub run
{
	my ($session, $statements) = @_;

	$session->{stderr} = '';
	my $output = $session->query("$statements;");
	my @errors = $session->{stderr} =~ /^.*ERROR:  (\w+)$/mg;

	$session->{stderr} = '';
	return (split(/\n/, $output), map { "error $_" } @errors);
}

# How large a session's cache is with one user in it.
sub size
{
	my ($session) = @_;

	$node->safe_psql('postgres', 'SELECT tacl_flush()');
	run($session, q{SELECT tacl_can('anna', 'doc.view', 'leaf')});
	my ($size) = run($session, q{
		SELECT sum(total_bytes) || ' in ' || count(*) FROM pg_backend_memory_contexts WHERE name LIKE 'tenant_acl%'});
	return $size;
}

# Fails at the n-th allocation; true if there were fewer. What is not as it
# must be is said.
sub starve
{
	my ($session, $what, $n, $state) = @_;
	my ($begin, $undo, $end) = $n % 2 ? ('', '', '') : ('BEGIN ISOLATION LEVEL REPEATABLE READ; SAVEPOINT s;', 'ROLLBACK TO s;', 'COMMIT;');

	run($changer, $what->{$state});
	my @lines = run($session, "$begin " . ($what->{before} // '') . "
		SELECT 'armed', fault_arm($n) > 0, ($what->{ask}), fault_disarm() > 0;
		$undo SELECT ($what->{then}); $end");
	my $failed = (grep { $_ eq 'error 53200' } @lines) == 1;
	my @expected = ($failed ? () : "armed|t|$what->{says}->{$state}|t", $what->{later}->{$state} // $what->{says}->{$state});

	push @expected, 'error 53200' if $failed;
	if ("@lines" ne "@expected")
	{
		$what->{wrong}++;
		diag("$what->{name}, allocation $n, $state: got @lines, expected @expected") if $what->{wrong} <= 5;
	}
	$what->{failed} += $failed;
	return !$failed;
}

# Fails at each allocation, until there are no more of them.
sub starve_each
{
	my (%what) = @_;
	my $session = session();
	my $step = $what{each} ? 1 : $ENV{TACL_STEP} // 23;
	my ($n, $done) = (1, 0);

	@what{qw(wrong failed)} = (0, 0);
	$what{then} //= $what{ask};
	run($session, "\\set VERBOSITY sqlstate\n" . ($what{settings} // '') . "SELECT $what{ask}");
	my $before = size($session);
	while (!$done && $what{wrong} < 5)
	{
		$done = grep({ starve($session, \%what, $n, $_) } qw(revoke grant)) == 2;
		$n += $step;
	}
	is($what{wrong}, 0, "$what{name}: right or an error each of $what{failed} times");
	cmp_ok($what{failed}, '>=', $what{least}, "$what{name}: at least $what{least} times");
	is(size($session), $before, "$what{name}: the cache is as large as before");
	$session->quit;
	return;
}

my %org = (revoke => q{SELECT tacl_suspend_tenant('org', '{}')}, grant => q{SELECT tacl_resume_tenant('org')});
my $many = q{(SELECT count(*) FROM generate_series(%d, %d) AS i WHERE tacl_can(%s, 'doc.view', %s))};

# Checks, of which each allocation fails. Tables of users, tenants and roles grow
# in the middle of a check; that failing there leaves them whole is not hash
# tables' own merit.
starve_each(%org, name => 'a check', each => 1, least => 300,
	ask => q{tacl_can('anna', 'doc.view', 'leaf')}, says => { revoke => 'f', grant => 't' });
starve_each(%org, name => 'a table of users that grows', each => 1, least => 300,
	before => 'SELECT 1 WHERE ' . sprintf($many, 1, 112, q{'u' || i}, q{'org'}) . ' < 0;',
	ask => sprintf($many, 113, 118, q{'u' || i}, q{'org'}), says => { revoke => 0, grant => 6 },
	then => sprintf($many, 1, 130, q{'u' || i}, q{'org'}), later => { revoke => 0, grant => 130 });
starve_each(%org, name => 'a table of tenants that grows', each => 1, least => 300,
	before => 'SELECT 1 WHERE ' . sprintf($many, 1, 50, q{'bert'}, q{'t' || i}) . ' < 0;',
	ask => sprintf($many, 51, 62, q{'anna'}, q{'t' || i}), says => { revoke => 0, grant => 12 },
	then => sprintf($many, 1, 70, q{'anna'}, q{'t' || i}), later => { revoke => 0, grant => 70 });
starve_each(%org, name => 'a table of roles that grows', each => 1, least => 500,
	before => q{SELECT 1 WHERE tacl_can('rob', 'x', 't1');},
	ask => q{tacl_can('rose', 'doc.r65', 't1')}, says => { revoke => 'f', grant => 't' });
starve_each(name => 'a check by token', each => 1, least => 300,
	settings => q{SELECT set_config('tacl.token', tacl_issue_token('anna'), false);},
	revoke => q{SELECT tacl_drop_key('k1'), tacl_flush()},
	grant => q{SELECT tacl_add_key('k1', 'HS256', '\x' || repeat('0b', 32)), tacl_flush()},
	ask => q{tacl_may('doc.view', 'leaf')}, says => { revoke => 'f', grant => 't' });

# What is planned with the user's tenants in view.
starve_each(%org, name => 'a policy', least => 50,
	settings => q{SET app.user_id = 'anna'; SET ROLE app;},
	ask => q{planned()}, says => { revoke => 0, grant => 70 });

# Lists.
my %list = (
	tenants => [ q{tacl_tenants('anna', 'doc.view')}, 0, 73 ],
	users => [ q{tacl_users('doc.view', 't1')}, 1, 132 ],
	memberships => [ q{tacl_memberships('anna') WHERE NOT suspended}, 0, 72 ],
	members => [ q{tacl_members('t1') WHERE user_id = 'anna'}, 2, 2 ],
	roles => [ q{tacl_roles('anna', 't1')}, 0, 2 ],
	permissions => [ q{tacl_permissions('anna', 't1') WHERE effect = 'allow'}, 0, 42 ],
	explanation => [ q{tacl_explain('anna', 'doc.view', 't1') WHERE kind = 'verdict' AND effect = 'allow'}, 0, 1 ]);
foreach my $name (sort keys %list)
{
	my ($from, $revoked, $granted) = @{ $list{$name} };

	starve_each(%org, name => "the list of $name", least => 20,
		ask => "(SELECT count(*) FROM $from)", says => { revoke => $revoked, grant => $granted });
}

# Changes: done, or not at all. Both sessions see which.
my %both = (revoke => 't', grant => 't');
my %change = (
	assign => [ q{SELECT tacl_unassign('carl', 'viewer', 't1')}, q{SELECT tacl_unassign('carl', 'viewer', 't1'), tacl_flush()} ],
	unassign => [ q{SELECT tacl_assign('carl', 'viewer', 't1')}, q{SELECT tacl_assign('carl', 'viewer', 't1'), tacl_flush()} ]);
foreach my $name (sort keys %change)
{
	starve_each(revoke => $change{$name}->[0], grant => $change{$name}->[1], name => $name, least => 10,
		ask => "tacl_$name('carl', 'viewer', 't1')", says => \%both, later => \%both,
		then => q{tacl_can('carl', 'doc.view', 't1') = EXISTS (SELECT FROM tacl.assignment WHERE user_id = 'carl')});
}

$changer->quit;
$node->stop;
done_testing();
