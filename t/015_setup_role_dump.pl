# R24: what tacl_setup_role() has granted is carried by dumps, and what it
# prints can be run instead of it.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;

my $dir = PostgreSQL::Test::Utils::tempdir;
my %kinds = (app => 'runtime', 'back "office' => 'operator', 'the issuer' => 'issuer', support => 'readonly');
my $setup = 'SELECT ' . join ', ', map { qq{tacl_setup_role('$_', '$kinds{$_}')} } sort keys %kinds;

# What an administrator may have revoked: EXECUTE of everything.
my $harden = q{
	DO $$
	DECLARE
		function regprocedure;
	BEGIN
		FOR function IN SELECT objid FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'tenant_acl'
			WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' LOOP
			EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', function);
		END LOOP;
	END $$;};
my $privileges = q{
	SELECT o.name, a.grantor::regrole, a.grantee::regrole, a.privilege_type, a.is_grantable
	FROM (SELECT oid::regclass::text, relacl FROM pg_class UNION ALL SELECT oid::regprocedure::text, proacl FROM pg_proc
		  UNION ALL SELECT oid::regnamespace::text, nspacl FROM pg_namespace) AS o (name, acl)
	CROSS JOIN LATERAL aclexplode(o.acl) AS a
	WHERE a.grantee <> a.grantor AND o.name ~ 'tacl'
	ORDER BY o.name COLLATE "C", a.grantee, a.privilege_type};

$node->safe_psql('postgres', 'CREATE ROLE app; CREATE ROLE "back ""office"; CREATE ROLE "the issuer"; CREATE ROLE support');

foreach my $case ('plain', 'hardened')
{
	my $prepare = 'CREATE EXTENSION tenant_acl;' . ($case eq 'hardened' ? $harden : '');

	$node->safe_psql('postgres', "CREATE DATABASE $case TEMPLATE template0");
	$node->safe_psql($case, $prepare);
	my ($code, $out, $said) = $node->psql($case, $setup);
	is($out, $case eq 'hardened' ? 't|t|t|t' : 'f|t|t|t', "$case: set up");
	my $granted = $node->safe_psql($case, $privileges);
	like($granted, qr/^tacl\.assignment\|postgres\|"back ""office"\|DELETE\|f$/m, "$case: granted by the owner");

	# Dumps
	my %restores = (
		sql => [ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/$case.sql", '-d' ],
		custom => [ 'pg_restore', '--exit-on-error', '-j2', "$dir/$case.custom", '-d' ]);
	$node->command_ok([ 'pg_dump', '-f', "$dir/$case.sql", $case ], "$case: dump");
	$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dir/$case.custom", $case ], "$case: custom dump");
	foreach my $format (sort keys %restores)
	{
		my $database = "${case}_$format";

		$node->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE template0");
		$node->command_ok([ @{ $restores{$format} }, $database ], "$database: restore");
		is($node->safe_psql($database, $privileges), $granted, "$database: the same privileges");
		is($node->safe_psql($database, $setup), 'f|f|f|f', "$database: nothing is left to grant");
	}

	# What it printed
	my $printed = join "\n", $said =~ /NOTICE:  (GRANT .*;)$/mg;
	$node->safe_psql('postgres', "CREATE DATABASE ${case}_printed TEMPLATE template0");
	$node->safe_psql("${case}_printed", "$prepare SET search_path = pg_catalog; $printed");
	is($node->safe_psql("${case}_printed", $privileges), $granted, "$case: what it prints grants the same");
}

$node->stop;
done_testing();
