# R6: thousands of small transactions that assign are no more to an idle session
# than what they change: it catches up with their messages while it waits for its
# client, and what it knows of other users stays.
#
# A session that is busy inside one statement while more than 4,096 messages are
# sent cannot catch up; PostgreSQL then tells it to forget everything, which
# costs it one reading and no answer (specs/revoke_overflow.spec).
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
});
$node->start;
$node->safe_psql(
	'postgres', q{
	CREATE EXTENSION tenant_acl;
	SELECT tacl_create_tenant('org');
	SELECT tacl_define_role('viewer', ARRAY['orders.view']);
	SELECT tacl_assign('anna', 'viewer', 'org');
	CREATE PROCEDURE assign(prefix text, many int) LANGUAGE plpgsql AS $$
	BEGIN
		FOR i IN 1 .. many LOOP
			PERFORM tacl_assign(prefix || i, 'viewer', 'org');
			COMMIT;
		END LOOP;
	END $$;
});

my $ask = q{SELECT tacl_can('anna', 'orders.view', 'org')};
my $stats = 'SELECT builds, flushes FROM tacl_stats()';

my $session = $node->background_psql('postgres');
is($session->query_safe($ask), 't', 'warm');
my ($builds, $flushes) = split /\|/, $session->query_safe($stats);

# One other user, of another bucket, with 6,000 tenants' worth of transactions:
# forgotten in one bucket, again and again, and nowhere else.
$node->safe_psql('postgres', q{
	DO $$
	BEGIN
		FOR i IN 1 .. 6000 LOOP
			PERFORM tacl_grant('bert', 'p' || i || '.view', 'org');
			COMMIT;
		END LOOP;
	END $$;});
is($session->query_safe($ask), 't', 'still warm');
my ($builds_after, $flushes_after) = split /\|/, $session->query_safe($stats);
is($builds_after - $builds, 0, 'nothing was read again for 6,000 transactions about someone else');
cmp_ok($flushes_after - $flushes, '<=', 6000, 'and flushes are counted');

# 6,000 users: all buckets are hit, and the session's own user is read once more.
($builds, $flushes) = split /\|/, $session->query_safe($stats);
$node->safe_psql('postgres', q{CALL assign('user', 6000)});
is($session->query_safe($ask), 't', 'still right');
($builds_after, $flushes_after) = split /\|/, $session->query_safe($stats);
is($builds_after - $builds, 1, 'read once more after 6,000 transactions about everyone');

# The same while it keeps asking: each answer is right, and at most every
# transaction that shares its bucket costs a reading.
($builds, $flushes) = split /\|/, $session->query_safe($stats);
my $writer = $node->background_psql('postgres');
$writer->query_until(qr/started/, q{\echo started
CALL assign('more', 3000);
\echo finished
});
my $wrong = 0;
my $asked = 0;
for (1 .. 500)
{
	$wrong++ if $session->query_safe($ask) ne 't';
	$asked++;
}
$writer->quit;
is($wrong, 0, "right each time while others assign ($asked times)");
($builds_after, $flushes_after) = split /\|/, $session->query_safe($stats);
cmp_ok($builds_after - $builds, '<=', 3000 / 16, 'read again only for transactions that may concern it');

$session->quit;
$node->stop;
done_testing();
