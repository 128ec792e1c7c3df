# R21: delegates who call at random what they may call never make anyone more
# than they are, whatever they call and whoever they are: see attack.sql, which
# has the calls and says what is compared.
#
# Users, tenants, roles, groups, ceilings, suspensions, denies, and what begins
# and ends, are random, and the operator changes some of them in between. Some
# delegates have a token, with a scope or with somebody who acts for them.
#
#   TACL_SEED    replays a run
#   TACL_STEPS   how many calls
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{TACL_SEED} // 20261122;
my $steps = $ENV{TACL_STEPS} // 10_000;
my $steps_per_world = 250;

# The model joins small tables many times over; see t/008_model.pl.
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', q{
autovacuum = off
enable_nestloop = off
fsync = off
jit = off
client_min_messages = warning
tacl.user_setting = 'app.user_id'
});
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION tenant_acl');
$node->safe_psql('postgres', q{SELECT tacl_add_key('k', 'HS256', 'the secret of the key of this test')});
$node->safe_psql('postgres', slurp_file("t/$_.sql")) foreach qw(model attack);

# What is said to be wrong about a change that a user makes in a small world.
sub wrong
{
	my ($function, $place, $required, $change) = @_;

	return $node->safe_psql('postgres', qq{
		BEGIN;
		SET LOCAL client_min_messages = error;
		SELECT attack.empty_world();
		SELECT count(tacl_assign(u, r, t)) FROM (VALUES ('u1', 'boss', 'a'), ('u2', 'admin', 'a'), ('u3', 'viewer', 'a/b'), ('u4', 'careful', 'a')) AS v (u, r, t);
		CREATE TEMP TABLE step AS
		SELECT ROW('$function', '{u1}', NULL, '$place', '$required', 'as made up')::attack.step AS step, array(SELECT c FROM attack.cells() AS c) AS before;
		SELECT count($change) FROM generate_series(1, 1);
		SELECT string_agg(DISTINCT left(w, 1), '' ORDER BY left(w, 1)) FROM step, attack.wrong(step, before, array(SELECT c FROM attack.cells() AS c)) AS w;
		ROLLBACK}) =~ s/^\n4\n1\n//r;
}

# What no rule allows is seen to be wrong, and what one does is not.
is(wrong('tacl_assign', 'a', 'tacl.assign', q{tacl_assign('u5', 'boss', 'a')}), '', 'to give what one has is right');
is(wrong('tacl_assign', 'a', 'tacl.assign', q{tacl_assign('u5', 'admin', 'a', starts_at => now() + interval '1 day')}), '1', 'to give more is wrong, also later');
is(wrong('tacl_grant', 'a', 'tacl.assign', q{tacl_revoke('u1', 'orders.view', 'a') OR tacl_grant('u1', 'stock.view', 'a')}), '12', 'so it is to give it to oneself');
is(wrong('tacl_unassign', 'a', 'tacl.assign', q{tacl_unassign('u1', 'boss', 'a')}), '2', 'or to take from oneself');
is(wrong('tacl_unassign', 'a', 'tacl.assign', q{tacl_unassign('u3', 'viewer', 'a/b')}), '', 'to take what is no right is right');
is(wrong('tacl_unassign', 'a', 'tacl.assign', q{tacl_unassign('u2', 'admin', 'a')}), '3', 'to take a right that one has not is wrong');
is(wrong('tacl_unassign', 'a', 'tacl.assign', q{tacl_unassign('u4', 'careful', 'a')}), '', 'to take a deny that one has is right');
is(wrong('tacl_define_role', '*', 'tacl.define', q{tacl_define_role('viewer', '{orders.view}')}), '46', 'to define without the right is wrong');
is(wrong('tacl_grant', 'a', 'tacl.assign', q{tacl_grant('u3', '!stock.view', 'a')}), '5', 'to deny what one has not is wrong');
is(wrong('tacl_grant', 'a', 'tacl.assign', q{tacl_grant('u2', '!orders.view', 'a')}), '5', 'or to who has a right');
is(wrong('tacl_grant', 'a/b', 'tacl.assign', q{tacl_grant('u4', '!orders.view', 'a/b')}), '5', 'or something from above');
is(wrong('tacl_grant', 'a', 'tacl.assign', q{tacl_grant('u3', '!orders.view', 'a')}), '', 'else it is not');
is(wrong('tacl_grant', 'a/b', 'tacl.assign', q{tacl_grant('u5', 'orders.view', 'a')}), '6', 'to change anything elsewhere is wrong');
is(wrong('tacl_suspend_tenant', 'a', 'tacl.tenants', q{tacl_suspend_tenant('a/b')}), '6', 'and to do what is not delegated');
is(wrong('tacl_limit_tenant', '*', 'tacl.tenants', q{tacl_limit_tenant('a', '{orders.*}')}), '67', 'to leave nobody who may assign is wrong');

my ($stdout, $stderr);
my $result = $node->psql('postgres', 'SELECT setseed(' . (sin($seed) * 0.999) . "); CALL attack.run($steps, $steps_per_world)",
	stdout => \$stdout, stderr => \$stderr);
is($result, 0, "seed $seed: the calls were made");
is($stderr, '', "seed $seed: nothing is wrong about what was done");
diag($node->safe_psql('postgres', q{SELECT concat_ws(' ', coalesce('as ' || persons::text, 'as the operator'), 'within ' || scope::text, call, '->', answer) FROM attack.called ORDER BY n}))
  if $result != 0 || $stderr ne '';

# That it was worth something: all functions were called, and often enough to
# some effect.
my $sums = q{coalesce(sum(count) FILTER (WHERE answer = 't'), 0), coalesce(sum(count) FILTER (WHERE answer = 'f'), 0), coalesce(sum(count) FILTER (WHERE answer NOT IN ('t', 'f')), 0)};
foreach my $line (split /\n/, $node->safe_psql('postgres', "SELECT c.function, $sums FROM attack.callable AS c LEFT JOIN attack.tally USING (function) GROUP BY 1 ORDER BY 1"))
{
	my ($function, $changed, $same, $refused) = split /\|/, $line;

	cmp_ok($changed, '>', $steps / 1000, "$function: changed something $changed times, nothing $same times, was refused $refused times");
}

$node->stop;
done_testing();
