# R10: the stress program (t/stress/) sees it when sessions do not accept the
# messages of others before they answer, and sees nothing in the same build if
# they do.
#
# Needs a build with -DTACL_FAULT_POINTS: the setting tacl_fault.leave_out =
# 'accept-messages' leaves that one call out.
use strict;
use warnings;
use lib 't/stress';

use Stress;
use Test::More;

my $seed = $ENV{TACL_SEED} // time;
my $node = stress_node('main');
my @run = ('-s', $seed, '-c', 50_000, '-t', 60, 'run');

stress_setup($node);

my $hearing = stress_run($node, @run);
is($hearing->{status}, 0, "seed $seed: $hearing->{checks} checks without a violation");
cmp_ok($hearing->{checks}, '>=', 50_000, 'as many as wanted');

{
	local $ENV{PGOPTIONS} = '-c tacl_fault.leave_out=accept-messages';
	my $deaf = stress_run($node, @run);

	is($deaf->{status}, 1, 'without the acceptance of messages there are violations');
	cmp_ok($deaf->{'stale allows'}, '>', 0, "$deaf->{'stale allows'} stale allows in $deaf->{checks} checks");
	cmp_ok($deaf->{'stale denies'}, '>', 0, "and $deaf->{'stale denies'} stale denies");
}

$node->stop;
done_testing();
