# The examples of doc/reference.md give what it says they give, in its order.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;

# What the page says its examples start from.
$node->safe_psql(
	'postgres', q{
	CREATE EXTENSION tenant_acl;
	SELECT tacl_create_tenant('org-acme'), tacl_create_tenant('org-globex');
	SELECT tacl_define_role('admin', '{*}'), tacl_define_role('member', '{orders.*, members.view}'),
		tacl_define_role('viewer', '{orders.view}');
	SELECT tacl_assign('alice', 'admin', 'org-acme'), tacl_assign('alice', 'viewer', 'org-globex');
	CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id text NOT NULL);
	INSERT INTO orders SELECT n, CASE WHEN n % 5 < 3 THEN 'org-acme' ELSE 'org-globex' END
		FROM generate_series(1, 1000) AS n;
	SELECT tacl_assign('bob', 'viewer', 'org-acme');});

my $page = slurp_file('doc/reference.md');
my (@statements, @expected);
foreach my $block ($page =~ /^```sql\n(.*?)^```$/msg)
{
	while ($block =~ /\G\s*(.*?;)(?:[ ]+--[ ]*(.*?))?[ ]*$/msg)
	{
		my ($statement, $value) = ($1, $2);

		push @statements, $statement;
		push @expected, $value if $statement =~ /^SELECT/;
	}
}
cmp_ok(scalar(@expected), '>', 30, 'the page has examples');

# One session runs them all, so that its settings last; SET prints nothing.
my $output = $node->safe_psql('postgres', join("\n", @statements));
my @lines = split /\n/, $output;
is(scalar(@lines), scalar(@expected), 'each example gives one line');
foreach my $i (0 .. $#expected)
{
	is($lines[$i], $expected[$i], (grep { /^SELECT/ } @statements)[$i]);
}

done_testing();
