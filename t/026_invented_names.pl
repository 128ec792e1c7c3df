# R25: whatever names an ordinary user invents, of users, tenants and permissions,
# roles, in checks, in policies and as the session's user: the cache stays within
# tacl.cache_size, which that user cannot raise, and the process does not grow
# with the number of names.
#
#   TACL_NAMES   how many names; 100,000 unless given
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $names = $ENV{TACL_NAMES} // 100_000;
my $limit = 2 * 1024 * 1024;
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', q{
autovacuum = off
fsync = off
jit = off
session_preload_libraries = 'tenant_acl'
tacl.cache_size = '2MB'
tacl.user_setting = 'app.user_id'
});
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION tenant_acl;
	SELECT tacl_create_tenant('org'), tacl_define_role('viewer', '{doc.view}'), tacl_assign('anna', 'viewer', 'org');
	CREATE TABLE doc (tenant_id text);
	CREATE INDEX ON doc (tenant_id);
	INSERT INTO doc VALUES ('org');
	ALTER TABLE doc ENABLE ROW LEVEL SECURITY;
	CREATE POLICY may ON doc USING (tacl_may('doc.view', tenant_id));
	CREATE ROLE ordinary LOGIN;
	GRANT SELECT ON doc TO ordinary;
	GRANT EXECUTE ON FUNCTION tacl_stats() TO ordinary;
	CREATE FUNCTION see(who text) RETURNS bigint LANGUAGE plpgsql AS $$
	BEGIN
		PERFORM set_config('app.user_id', who, false);
		RETURN (SELECT count(*) FROM doc);
	END $$;
});

my $session = $node->background_psql('postgres', on_error_stop => 0, extra_params => [ '-U', 'ordinary' ]);
$session->set_query_timer_restart();
my $pid = $session->query_safe('SELECT pg_backend_pid()');

# Memory of the session's process that is its own, in bytes; 0 where there is no /proc.
sub own_memory
{
	open(my $status, '<', "/proc/$pid/status") or return 0;
	my ($kb) = join('', <$status>) =~ /^RssAnon:\s+(\d+) kB/m;

	return ($kb // 0) * 1024;
}

# Asks about invented names; the answers must be no, and the cache stay small.
sub invent
{
	my ($what, $query) = @_;

	is($session->query_safe($query), '0', "$names invented names: $what");
	cmp_ok($session->query_safe('SELECT bytes FROM tacl_stats()'), '<=', $limit, "$what: within tacl.cache_size");
}

$session->query(q{SET tacl.cache_size = '1GB'});
like($session->{stderr}, qr/permission denied/, 'an ordinary user cannot raise the bound');
$session->{stderr} = '';
$session->query_safe(q{SELECT see('anna')});
invent('warm up', "SELECT count(*) FROM generate_series(1, 20000) AS i WHERE tacl_can('first' || i, 'doc.view', 'org')");
my $before = own_memory();

my $series = "FROM generate_series(1, $names) AS i WHERE";
invent('users', "SELECT count(*) $series tacl_can('user' || i, 'doc.view', 'org')");
invent('long users', "SELECT count(*) $series tacl_can(repeat('u', 200) || i, 'doc.view', 'org')");
invent('tenants', "SELECT count(*) $series tacl_can('anna', 'doc.view', 'tenant' || i)");
invent('permissions', "SELECT count(*) $series tacl_can('anna', 'doc.p' || i, 'org')");
invent('all three', "SELECT count(*) $series tacl_can('u' || i, 'p' || i || '.view', 't' || i)");
invent('roles', "SELECT count(*) $series tacl_has_role('anna', 'role' || i, 'org')");
invent('users of the session', "SELECT count(*) FROM generate_series(1, $names / 20) AS i WHERE see('user' || i) > 0");

# Tools that watch over memory keep more of it.
my $limit = ($ENV{TACL_GROWTH_MB} // 8) * 1024 * 1024;
my $grown = own_memory() - $before;
cmp_ok($grown, '<=', $limit, "the process has grown by $grown bytes, however many names there were");
is($session->query_safe(q{SELECT see('anna'), tacl_can('anna', 'doc.view', 'org'), tacl_can('anna', 'doc.edit', 'org')}), '1|t|f', 'and answers are right');

$session->quit;
$node->stop;
done_testing();
