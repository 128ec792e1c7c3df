# R27, I3, I5: random changes in two sessions; whatever is asked, in these and in
# sessions that have asked before, equals a model in plain SQL (model.sql).
#
# Each round makes a new world of tenants, roles, groups and assignments. Two
# sessions change it, by functions and by hand, in transactions, savepoints and
# prepared transactions; names are random, so much is refused. Those that ask
# have to hear of what is committed, and of nothing else; those that change see
# their own changes as well.
#
# All that is random comes from one seed, and one session acts at a time: even
# a lock that is not to be had is so each time.
#
#   TACL_SEED          replays a run
#   TACL_COMPARISONS   how many answers are compared at least; twelve rounds are
#                      always made, which are some eleven million
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{TACL_SEED} // 20261122;
my $wanted = $ENV{TACL_COMPARISONS} // 100_000;
my $fewest_rounds = 12;
my $steps = 100;
srand($seed);

# The model joins small tables many times over. The planner does not know how many
# rows come out of that, and hashing is never bad.
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', q{
autovacuum = off
enable_nestloop = off
enable_sort = off
fsync = off
jit = off
lock_timeout = 50ms
max_prepared_transactions = 20
});
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION tenant_acl');
$node->safe_psql('postgres', slurp_file('t/model.sql'));

# The questions, and how many answers each gives at once. Explanations are asked
# for one user at a time.
my %size = map { split /\|/ } split /\n/, $node->safe_psql('postgres', 'TABLE model.question');

# The round, and the statements of it with what was refused.
my $round = 0;
my @log;

# How many commits there were: what was read before the last is the past.
my $commits = 0;

# What was done so far.
my %total = map { $_ => 0 } qw(comparisons own can yes done refused);
my $broken = 0;

#
# Sessions
#

# A session. It is open while it is in a transaction and failed if that has to
# be rolled back; level is its isolation, began the commits before its snapshot.
sub session
{
	my ($name, %kind) = @_;
	my $psql = $node->background_psql('postgres', on_error_stop => 0);
	my $session = { name => $name, psql => $psql, open => 0, failed => 0, savepoints => [], last => 'SELECT 1', %kind };

	$psql->set_query_timer_restart();
	foreach my $view (map { ("says_$_", "true_$_") } sort keys %size)
	{
		my $which = $view =~ /explain/ ? 'WHERE user_id = $1' : '';

		lines($session, "PREPARE $view AS SELECT * FROM model.$view $which");
	}
	return $session;
}

# Sends one statement. Returns its output, or undef and the error.
sub run
{
	my ($session, $statement) = @_;
	my $output = $session->{psql}->query_until(qr/^-- end\n/m,
		"$statement;\n\\echo :ERROR :SQLSTATE :LAST_ERROR_MESSAGE\n\\echo -- end\n");
	my ($lines, $error, $message) = $output =~ /\A(.*?)^(true|false) (.*?)\n-- end\n/ms
	  or die "no end in: $output";

	$session->{psql}->{stderr} = '';
	return $error eq 'true' ? (undef, $message) : ($lines, undef);
}

# The lines that a query gives; it must not fail.
sub lines
{
	my ($session, $query) = @_;
	my ($output, $error) = run($session, $query);

	die "round $round of seed $seed, $session->{name}: $query: $error" if defined $error;
	return split /\n/, $output;
}

# Sends a statement that may be refused, and keeps both. True if it was not.
sub attempt
{
	my ($session, $statement) = @_;
	my ($output, $error) = run($session, $statement);

	push @log, "$session->{name}: $statement;" . (defined $error ? "  -- $error" : '');
	$total{ defined $error ? 'refused' : 'done' }++;
	$session->{failed} = $session->{open} if defined $error;
	return !defined $error;
}

#
# Random values, as SQL
#

# One of several.
sub pick { return $_[ int(rand(@_)) ] }

# True as often as said.
sub chance { return rand() < $_[0] }

my $judge = session('judge');
my @users = lines($judge, 'SELECT user_id FROM model.asked_user WHERE n <= 30 ORDER BY n');
my @tenants = lines($judge, 'SELECT tenant FROM model.asked_tenant WHERE n BETWEEN 1 AND 20 ORDER BY n');
my @patterns = lines($judge, 'SELECT pattern FROM model.pattern ORDER BY n');

# What there was when the world was new, by kind: rows of text that begin with
# a tenant.
my %known;

# The rest of a row of that kind at the tenant, most of the time and if there
# was one; else the made-up one.
sub known
{
	my ($kind, $tenant, @made_up) = @_;
	my @there = grep { $_->[0] eq $tenant } @{ $known{$kind} };
	my @row = @there && chance(0.8) ? @{ pick(@there) } : ($tenant, @made_up);

	return join(', ', map { "'$_'" } @row[ 1 .. $#row ]);
}

sub user { return pick(@users) }
sub role { return 'r' . (1 + int(rand(10))) }
sub group { return 'g' . (1 + int(rand(6))) }
sub tenant { return chance(0.1) ? '*' : pick(@tenants) }
sub pattern { return (chance($_[0]) ? '!' : '') . pick(@patterns) }
sub array { return "'{" . join(',', map { qq("$_") } @_) . "}'" }

# A tenant, more often one where there was something.
sub place
{
	return tenant() if chance(0.5);
	my $rows = $known{ pick(sort keys %known) };
	return @$rows ? pick(@$rows)->[0] : tenant();
}

# What the words in braces of a statement stand for.
my %words = (
	at => sub { "'$_[0]'" },
	tenant => sub { "'" . tenant() . "'" },
	user => sub { "'" . user() . "'" },
	role => sub { "'" . role() . "'" },
	roles => sub { array(map { role() } 1 .. int(rand(4))) },
	group => sub { "'" . group() . "'" },
	pattern => sub { "'" . pattern(0.2) . "'" },
	allows => sub { array(map { pattern(0) } 1 .. int(rand(5))) },
	patterns => sub { array(map { pattern(0.15) } 1 .. int(rand(4))) },
	yesno => sub { pick('true', 'false') },

	# From when until when: none of it is near the present.
	validity => sub {
		pick(('NULL, NULL') x 6,
			q{now() + '3 days', NULL},
			q{now() - '3 days'::interval, NULL},
			q{now() + '3 days', now() - '5 days'::interval},
			q{now() - '3 days'::interval, now() - '9 days'::interval},
			q{now() + '4 days', now() + '2 days'},
			q{'2990-01-01', '1990-01-01'},
			q{NULL, '2990-01-01'});
	},

	# What is there at the tenant, or might be.
	assigned => sub { known('assigned', $_[0], user(), role()) },
	granted => sub { known('granted', $_[0], user(), pattern(0.2)) },
	'defined' => sub { known('defined', $_[0], role()) },
	grouped => sub { known('grouped', $_[0], group()) },
	member => sub { known('member', $_[0], user(), group()) },
	included => sub { known('included', $_[0], group(), group()) },
	crew => sub { known('crew', $_[0], group(), role()) });

# A statement of a list, with its words replaced; {<n} is a number below n. Lines
# that begin with 3x are three.
sub statement
{
	my ($list, $tenant) = @_;
	my $statement = pick(map { /^(\d+)x (.*)/ ? ($2) x $1 : $_ } grep { /\S/ } split /\n/, $list);

	$statement =~ s/\{(\w+)\}/$words{$1}->($tenant)/ge;
	$statement =~ s/\{<(\d+)\}/int(rand($1))/ge;
	return $statement;
}

#
# Changes
#

# What is done for one tenant.
my $local_changes = q{
2x SELECT tacl_assign({user}, {role}, {at})
2x SELECT tacl_assign({user}, {role}, {at}, {validity})
SELECT tacl_unassign({assigned}, {at})
SELECT tacl_sync_roles({user}, {roles}, {at})
SELECT tacl_grant({user}, {pattern}, {at}, {validity})
SELECT tacl_revoke({granted}, {at})
SELECT tacl_define_role({role}, {patterns}, {at}, override => true)
SELECT tacl_define_role({role}, NULL, {at}, includes => {roles}, override => true)
SELECT tacl_define_role({defined}, {patterns}, {at}, {roles})
SELECT tacl_drop_role({defined}, {at}, {yesno})
SELECT tacl_limit_tenant({at}, {allows})
SELECT tacl_limit_tenant({at}, NULL)
SELECT tacl_suspend_tenant({at}, {allows})
SELECT tacl_resume_tenant({at})
SELECT tacl_move_tenant({at}, {tenant})
SELECT tacl_drop_tenant({at}, {yesno})
SELECT tacl_create_tenant({at}, {tenant})
SELECT tacl_create_group({group}, {at})
SELECT tacl_drop_group({grouped}, {at}, {yesno})
SELECT tacl_add_member({user}, {grouped}, {at})
SELECT tacl_remove_member({member}, {at})
SELECT tacl_include_group({grouped}, {group}, {at})
SELECT tacl_exclude_group({included}, {at})
SELECT tacl_assign_group({group}, {role}, {at}, {validity})
SELECT tacl_unassign_group({crew}, {at})
3x INSERT INTO tacl.assignment (user_id, tenant, role_id) SELECT {user}, {at}, id FROM tacl.role WHERE name = {role} AND tenant = '*' ON CONFLICT DO NOTHING
3x UPDATE tacl.assignment SET user_id = {user} WHERE tenant = {at} AND id % 3 = {<3}
UPDATE tacl.assignment SET expires_at = starts_at + '1 day' WHERE tenant = {at} AND id % 2 = {<2}
DELETE FROM tacl.assignment WHERE tenant = {at} AND id % 3 = {<3}
UPDATE tacl.role SET permissions = {patterns} WHERE tenant = {at} AND id % 4 = {<4}
UPDATE tacl.tenant SET ceiling = {allows} WHERE id = {at}
};

# What is done by hand, wherever it is.
my $wide_changes = q{
SELECT tacl_disable_user({user})
SELECT tacl_enable_user({user})
SELECT tacl_set_primary({user}, {tenant})
DELETE FROM tacl.user_preference WHERE primary_tenant > {tenant}
INSERT INTO tacl.user_account VALUES ({user}, now()) ON CONFLICT (user_id) DO UPDATE SET disabled_at = CASE WHEN user_account.disabled_at IS NULL THEN now() END
DELETE FROM tacl.user_account
INSERT INTO tacl.assignment (user_id, tenant, pattern) SELECT {user}, id, {pattern} FROM tacl.tenant WHERE parent = {tenant} ON CONFLICT DO NOTHING
INSERT INTO tacl.assignment (group_id, tenant, role_id) SELECT g.id, g.tenant, r.id FROM tacl.user_group AS g, tacl.role AS r WHERE g.name = {group} AND r.name = {role} AND r.tenant IN ('*', g.tenant) ON CONFLICT DO NOTHING
UPDATE tacl.assignment SET starts_at = NULL, expires_at = now() + '3 days' WHERE id % 9 = {<9}
UPDATE tacl.assignment SET starts_at = NULL, expires_at = now() - '3 days'::interval WHERE id % 30 = {<30}
UPDATE tacl.assignment SET tenant = {tenant} WHERE id % 30 = {<30}
DELETE FROM tacl.assignment WHERE user_id = {user}
MERGE INTO tacl.assignment AS a USING tacl.role AS r ON a.role_id = r.id AND a.user_id = {user} WHEN MATCHED AND r.id % 2 = {<2} THEN DELETE WHEN NOT MATCHED AND r.tenant = '*' AND r.id % 3 = {<3} THEN INSERT (user_id, tenant, role_id) VALUES ({user}, {tenant}, r.id)
UPDATE tacl.role SET permissions = permissions || {pattern}::text WHERE id % 5 = {<5}
UPDATE tacl.role SET name = {role} WHERE id % 12 = {<12}
DELETE FROM tacl.role WHERE id % 12 = {<12}
INSERT INTO tacl.role_include SELECT a.id, b.id FROM tacl.role AS a, tacl.role AS b WHERE a.name = {role} AND b.name = {role} AND b.tenant = '*' ON CONFLICT DO NOTHING
UPDATE tacl.role_include SET included_id = (SELECT min(id) FROM tacl.role WHERE name = {role}) WHERE role_id % 6 = {<6}
DELETE FROM tacl.role_include WHERE (role_id + included_id) % 4 = {<4}
INSERT INTO tacl.group_member SELECT {user}, id FROM tacl.user_group WHERE name = {group} ON CONFLICT DO NOTHING
2x UPDATE tacl.assignment SET user_id = {user} WHERE user_id = {user}
2x UPDATE tacl.group_member SET user_id = {user} WHERE user_id = {user}
DELETE FROM tacl.group_member WHERE group_id % 7 = {<7}
INSERT INTO tacl.group_include SELECT a.id, b.id FROM tacl.user_group AS a, tacl.user_group AS b WHERE a.name = {group} AND b.name = {group} AND b.tenant = '*' ON CONFLICT DO NOTHING
DELETE FROM tacl.group_include WHERE (group_id + included_id) % 4 = {<4}
DELETE FROM tacl.user_group WHERE id % 10 = {<10}
SELECT tacl_create_tenant({tenant}, {tenant})
SELECT tacl_create_tenant({tenant}, '*')
INSERT INTO tacl.tenant (id, parent) VALUES ({tenant}, {tenant})
UPDATE tacl.tenant SET parent = {tenant} WHERE id = {tenant}
UPDATE tacl.tenant SET suspended_at = now(), suspension_keeps = {allows} WHERE parent = {tenant}
UPDATE tacl.tenant SET suspended_at = NULL, suspension_keeps = NULL WHERE suspended_at IS NOT NULL
};

# What only replica role or logical replication can write: roles and groups that
# are used where they are not defined, cycles, and what refers to nothing.
my $stray_changes = q{
INSERT INTO tacl.assignment (user_id, tenant, role_id) SELECT {user}, {tenant}, id FROM tacl.role WHERE id % 4 = {<4} ON CONFLICT DO NOTHING
INSERT INTO tacl.assignment (user_id, tenant, role_id) SELECT {user}, {tenant}, id FROM tacl.role WHERE tenant <> '*' AND name = {role} ON CONFLICT DO NOTHING
INSERT INTO tacl.assignment (group_id, tenant, role_id) SELECT g.id, {tenant}, r.id FROM tacl.role AS r, tacl.user_group AS g WHERE g.name = {group} AND r.name = {role} ON CONFLICT DO NOTHING
INSERT INTO tacl.assignment (group_id, tenant, role_id) SELECT g.id, {tenant}, r.id FROM tacl.role AS r, tacl.user_group AS g WHERE g.tenant <> '*' AND r.tenant = '*' AND r.name = {role} ON CONFLICT DO NOTHING
INSERT INTO tacl.role_include SELECT a.id, b.id FROM tacl.role AS a, tacl.role AS b WHERE (a.id + b.id) % 20 = {<20} ON CONFLICT DO NOTHING
INSERT INTO tacl.group_include SELECT a.id, b.id FROM tacl.user_group AS a, tacl.user_group AS b WHERE (a.id + b.id) % 8 = {<8} ON CONFLICT DO NOTHING
DELETE FROM tacl.role WHERE id % 12 = {<12}
DELETE FROM tacl.user_group WHERE id % 8 = {<8}
DELETE FROM tacl.tenant WHERE id = {tenant} AND id <> '*'
UPDATE tacl.tenant SET parent = 'gone' WHERE id = {tenant} AND id <> '*'
};

# One change, in one of the ways in which a change comes. What the session asks
# in the middle of it, even of rows that have not been signalled yet, must leave
# nothing behind.
sub change
{
	my $statement = chance(0.6) ? statement($local_changes, place()) : statement($wide_changes);
	my $dice = rand();

	return 'SELECT model.as_replica($$' . statement($stray_changes) . '$$)' if $dice < 0.1;
	$statement .= ' RETURNING ' . pick('model.ask()', '1 / (model.ask() - 1)')
	  if $statement =~ /^(INSERT|UPDATE|DELETE)/ && chance(0.4);
	$statement = 'SELECT model.' . pick('asking', 'undone', 'failing') . "(\$\$$statement\$\$)" if $dice < 0.25;
	return $statement;
}

#
# Transactions
#

# Names of prepared transactions that wait for their end, and how many there were.
my @prepared;
my $prepared = 0;

# Starts a transaction, of which the first statement takes the snapshot.
sub begin_transaction
{
	my ($session, $level) = @_;

	attempt($session, "BEGIN ISOLATION LEVEL $level");
	attempt($session, 'SELECT 1');
	@$session{qw(open level began)} = (1, $level, $commits);
}

# Ends the session's transaction, if it has one.
sub end_transaction
{
	my ($session, $statement) = @_;

	return unless $session->{open};
	my $done = attempt($session, $statement);

	$commits++ if $statement eq 'COMMIT';
	push @prepared, $1 if $done && $statement =~ /^PREPARE TRANSACTION '(.*)'/;
	@$session{qw(open failed savepoints)} = (0, 0, []);
}

# Ends one of the prepared transactions.
sub end_prepared
{
	my ($session) = @_;
	my ($name) = splice(@prepared, int(rand(@prepared)), 1);

	attempt($session, pick('COMMIT', 'ROLLBACK') . " PREPARED '$name'");
	$commits++;
}

# Goes back to a savepoint. As often as not, what was done last is done again, as
# someone does who tries once more, and committed.
sub rollback_to
{
	my ($session) = @_;
	my $number = int(rand(@{ $session->{savepoints} }));

	$session->{failed} = 0;
	attempt($session, "ROLLBACK TO $session->{savepoints}->[$number]");
	splice(@{ $session->{savepoints} }, $number + 1);
	end_transaction($session, 'COMMIT') if chance(0.5) && attempt($session, $session->{last}) && chance(0.5);
}

# Lets go of a savepoint and those after it.
sub release
{
	my ($session) = @_;
	my $number = int(rand(@{ $session->{savepoints} }));

	attempt($session, "RELEASE $session->{savepoints}->[$number]");
	splice(@{ $session->{savepoints} }, $number);
}

# Sets a savepoint.
sub savepoint
{
	my ($session) = @_;
	my $name = 's' . scalar(@{ $session->{savepoints} });

	attempt($session, "SAVEPOINT $name");
	push @{ $session->{savepoints} }, $name;
}

# The next thing that a session does outside of a transaction. What everyone has
# forgotten is read again in the middle of it. TRUNCATE's lock would keep the
# others from asking, were the transaction left open.
sub act_outside
{
	my ($session) = @_;
	my $dice = rand();

	return end_prepared($session) if @prepared && $dice < 0.15;
	attempt($session, 'SELECT tacl_flush()') if chance(0.2);
	return begin_transaction($session, pick('READ COMMITTED', 'READ COMMITTED', 'REPEATABLE READ'))
	  if $dice < 0.45;
	attempt($session, $dice < 0.97 ? change() : 'TRUNCATE tacl.' . pick(qw(role_include group_include group_member user_account)));
	$commits++;
}

# The next thing that a session does in a transaction.
sub act_inside
{
	my ($session) = @_;
	my $has_savepoint = @{ $session->{savepoints} } > 0;
	my $dice = rand();

	return $has_savepoint && $dice < 0.7 ? rollback_to($session) : end_transaction($session, 'ROLLBACK')
	  if $session->{failed};
	return savepoint($session) if $dice < 0.15;
	return rollback_to($session) if $dice < 0.25 && $has_savepoint;
	return release($session) if $dice < 0.28 && $has_savepoint;
	return end_transaction($session, 'COMMIT') if $dice < 0.38;
	return end_transaction($session, 'ROLLBACK') if $dice < 0.42;
	return end_transaction($session, q{PREPARE TRANSACTION 'p} . ++$prepared . q{'}) if $dice < 0.44;
	my $change = change();
	$session->{last} = $change if attempt($session, $change);
}

#
# Comparisons
#

# A question: most often whether, else any other.
sub question
{
	my $name = chance(0.8) ? 'can' : pick(sort keys %size);

	return $name eq 'explain' ? explanation() : $name;
}

sub explanation { return "explain('" . user() . "')" }

# The model's answers to a question over what is committed.
my %committed;
my $committed_at = -1;

sub committed
{
	my ($question) = @_;

	%committed = () if $committed_at != $commits;
	$committed_at = $commits;
	$committed{$question} //= [ lines($judge, "EXECUTE true_$question") ];
	return $committed{$question};
}

# What the session has to be told. In a transaction that may have changed
# something the model looks with its eyes; undef if these see the past.
sub truth
{
	my ($session, $question) = @_;

	return committed($question) if $session->{asks_only} || !$session->{open};
	return undef if $session->{level} ne 'READ COMMITTED' && $session->{began} != $commits;
	$total{own} += size($question);
	return [ lines($session, "EXECUTE true_$question") ];
}

# The number of answers to a question.
sub size { return $size{ $_[0] =~ s/\(.*//r } }

# What is more often in one list than in the other, both ways, as EXCEPT ALL of
# SQL would find it, were there a session that sees both.
sub differences
{
	my ($said, $true) = @_;
	my %more;

	$more{$_}++ foreach @$said;
	$more{$_}-- foreach @$true;
	return map { ($more{$_} > 0 ? 'said, but not true: ' : 'true, but not said: ') . $_ }
	  grep { $more{$_} != 0 } sort keys %more;
}

# Counts comparisons. The first that differ are reported, with all that it
# takes to look for the reason; the differences last, where they are read first.
sub tally
{
	my ($number, $what, @differences) = @_;

	$total{comparisons} += $number;
	return if $broken || @differences == 0;
	$broken = 1;
	diag("statements of round $round of seed $seed:");
	diag("  $_") foreach @log;
	diag("round $round of seed $seed, $what: " . scalar(@differences) . ' differences');
	diag("  $_") foreach @differences > 20 ? @differences[ 0 .. 19 ] : @differences;
}

# Compares all answers to a question in a session with what they have to be.
sub compare
{
	my ($session, $question) = @_;
	my $true = truth($session, $question) // return;
	my @said = lines($session, "EXECUTE says_$question");

	if ($question eq 'can')
	{
		$total{can} += size('can');
		$total{yes} += @said;
	}
	tally(size($question), "$session->{name} asks $question", differences(\@said, $true));
}

#
# Rounds
#

my @writers = map { session($_) } qw(w1 w2);
my @askers = map { session($_, asks_only => 1) } qw(a1 a2);

# Makes a new world, and looks at what there is.
sub new_world
{
	@log = ();
	attempt($judge, $_) or die foreach 'SELECT model.clear()', 'SELECT setseed(' . rand() . ')', 'SELECT model.fill()', 'ANALYZE';
	$commits++;
	foreach my $kind (qw(assigned granted defined grouped member included crew))
	{
		$known{$kind} = [ map { [ split /\|/ ] } lines($judge, "TABLE model.known_$kind") ];
	}
}

# The tenant and all below it.
sub subtree { return lines($judge, "SELECT tenant FROM model.chain WHERE ancestor = '$_[0]'") }

# I5: what is done for a tenant changes no answer outside of it and what is
# below it, before or after.
sub change_one_tenant
{
	my ($writer, $asker) = @_;
	my $tenant = pick(@tenants);
	my %inside = map { $_ => 1 } $tenant, subtree($tenant);
	my @before = lines($asker, 'EXECUTE says_can');

	attempt($writer, statement($local_changes, $tenant));
	$commits++;
	my @after = lines($asker, 'EXECUTE says_can');
	$inside{$_} = 1 foreach subtree($tenant);
	my ($before, $after) = map { [ grep { !$inside{ (split /\|/)[2] } } @$_ ] } \@before, \@after;
	tally(size('can') / 21 * (21 - keys %inside), "$asker->{name} asks outside of $tenant", differences($after, $before));
}

# Begins or ends a long transaction of a session that asks, now and then.
sub change_transaction
{
	my ($asker) = @_;

	return if chance(0.2);
	end_transaction($asker, 'COMMIT');
	begin_transaction($asker, pick('READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE')) if chance(0.8);
}

# The writers change something. Who asks hears of each commit at once, and of
# nothing while there is none.
sub play
{
	for (1 .. $steps)
	{
		my $writer = pick(@writers);
		my $before = $commits;

		$writer->{open} ? act_inside($writer) : act_outside($writer);
		compare(pick(@askers), question()) if $commits != $before || chance(0.1);
		compare($writer, question()) if !$writer->{failed} && chance(0.5);
		return if $broken;
	}
}

# Ends what is open, and asks everything somewhere.
sub settle
{
	end_transaction($_, $_->{failed} ? 'ROLLBACK' : pick('COMMIT', 'ROLLBACK')) foreach @writers;
	end_prepared(pick(@writers)) while @prepared;
	compare($_, 'can') foreach @askers, @writers;
	compare(pick(@askers, @writers), $_) foreach explanation(), grep { $_ ne 'explain' } sort keys %size;
}

# One round.
sub play_round
{
	new_world();
	change_one_tenant($writers[0], $askers[0]) for 1 .. 5;
	change_transaction($askers[1]);
	play();
	settle() unless $broken;
}

# The comparison sees what is missing, too much or there twice, and answers of
# before a change.
new_world();
my @true = @{ committed('can') };
is(scalar(differences([ @true[ 1 .. $#true ] ], \@true)), 1, 'a missing answer is seen');
is(scalar(differences([ @true, 'u3|view|nowhere' ], \@true)), 1, 'a wrong answer is seen');
is(scalar(differences([ @true, $true[0] ], \@true)), 1, 'an answer given twice is seen');
begin_transaction($writers[0], 'READ COMMITTED');
attempt($writers[0], q{UPDATE tacl.role SET permissions = permissions || '!*'::text});
my @changed = lines($writers[0], 'EXECUTE says_can');
cmp_ok(scalar(differences(\@changed, \@true)), '>', 0, 'the answers of before a change are seen');
is(scalar(differences(\@changed, truth($writers[0], 'can'))), 0, 'which is what the model says, too');
end_transaction($writers[0], 'ROLLBACK');

while (!$broken && ($total{comparisons} < $wanted || $round < $fewest_rounds))
{
	my $before = $total{comparisons};

	$round++;
	eval { play_round(); 1 } or tally(0, 'an error', $@);
	ok(!$broken, "round $round of seed $seed: " . ($total{comparisons} - $before) . ' comparisons');
}

# That it was worth something.
if (!$broken)
{
	my $share = 100 * $total{yes} / $total{can};

	cmp_ok($total{comparisons}, '>=', $wanted, "seed $seed: $total{comparisons} comparisons");
	cmp_ok($total{own}, '>', 0, "$total{own} of them of a session's own changes");
	ok($share > 1 && $share < 60, sprintf('%.1f %% of the answers are yes', $share));
	cmp_ok($total{done}, '>', $total{refused}, "$total{done} statements were done and $total{refused} refused");
}

$_->{psql}->quit foreach $judge, @writers, @askers;
$node->stop;
done_testing();
