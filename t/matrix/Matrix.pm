# Matrix.pm: a database with a bit of everything, whatever its names look like, and
# what everybody may do in it.
package Matrix;

use strict;
use warnings;

use Exporter 'import';
use Test::More;

our @EXPORT = qw(same matrix_fill $matrix_answers $matrix_rows);

# Like is(), but shows only the lines that differ.
sub same
{
	my ($got, $expected, $name) = @_;
	my %seen;

	$seen{$_}++ foreach split /^/, $got;
	$seen{$_}-- foreach split /^/, $expected;
	ok($got eq $expected, $name);
	note map { ($seen{$_} > 0 ? '+ ' : '- ') . $_ } grep { $seen{$_} != 0 } sort keys %seen;
}

# Names that a careless dump, restore or cache key would trip over. They are put
# into SQL by format's %L, so that this file does not have to quote them.
my @hostile = (
	q{o'brien}, q{say "hi"}, q{back\slash}, q{\.}, q{\N},
	q{NULL}, q{a:b}, q{a:b:c}, q{b:c}, q{größe},
	q{日本}, q[{brace,comma}], q{%s %n}, q{'; DROP TABLE tacl.tenant; --}, q{$$},
	q{$1}, q{ blanks }, q{x} x 255);

sub literals
{
	return join ', ', map { (my $name = $_) =~ s/'/''/g; $name = "'$name'"; $name } @_;
}

# What everybody may do: one row per user, permission and tenant.
our $matrix_answers = q{
	SELECT u, p, t, tacl_can(u, p, t)
	FROM (SELECT user_id FROM tacl.assignment WHERE user_id IS NOT NULL
		  UNION SELECT user_id FROM tacl.group_member
		  UNION SELECT user_id FROM tacl.user_account
		  UNION VALUES ('nobody')) AS users(u),
		unnest(ARRAY['orders.view', 'orders.items.view', 'orders.delete', 'orders', 'read:reports',
			'billing.pay', 'tacl.assign']) AS p,
		(SELECT id FROM tacl.tenant UNION VALUES ('nowhere')) AS tenants(t)
	ORDER BY u COLLATE "C", p COLLATE "C", t COLLATE "C"};

# All rows.
our $matrix_rows = q{
	SELECT 'tenant', to_jsonb(x) FROM tacl.tenant x WHERE id <> '*' UNION ALL
	SELECT 'role', to_jsonb(x) FROM tacl.role x UNION ALL
	SELECT 'role_include', to_jsonb(x) FROM tacl.role_include x UNION ALL
	SELECT 'user_account', to_jsonb(x) FROM tacl.user_account x UNION ALL
	SELECT 'user_group', to_jsonb(x) FROM tacl.user_group x UNION ALL
	SELECT 'group_member', to_jsonb(x) FROM tacl.group_member x UNION ALL
	SELECT 'group_include', to_jsonb(x) FROM tacl.group_include x UNION ALL
	SELECT 'assignment', to_jsonb(x) FROM tacl.assignment x
	ORDER BY 1, 2};

# Makes the extension in a database, and fills it.
sub matrix_fill
{
	my ($node, $database) = @_;

	$node->safe_psql($database, 'CREATE EXTENSION tenant_acl');
	$node->safe_psql(
		$database, q{
		SELECT tacl_create_tenant('org');
		SELECT tacl_create_tenant('team', 'org');
		SELECT tacl_create_tenant('squad', 'team');
		SELECT tacl_create_tenant('late-parent');
		SELECT tacl_create_tenant('early-child', 'squad');
		SELECT tacl_move_tenant('early-child', 'late-parent');
		SELECT tacl_move_tenant('org', 'late-parent');
		SELECT tacl_limit_tenant('team', ARRAY['orders.*', 'read:reports']);
		SELECT tacl_create_tenant('unpaid');
		SELECT tacl_suspend_tenant('unpaid', ARRAY['billing.*']);
		SELECT tacl_define_role('viewer', ARRAY['*.view', 'orders.*.view', 'read:reports']);
		SELECT tacl_define_role('no-delete', ARRAY['!orders.delete']);
		SELECT tacl_define_role('editor', ARRAY['orders.*'], 'org', ARRAY['viewer']);
		SELECT tacl_define_role('admin', ARRAY['*'], '*', ARRAY['viewer'], 'may do everything');
		SELECT tacl_define_role('viewer', ARRAY['orders.list'], 'squad', override => true);
		SELECT tacl_create_group('crew', 'org');
		SELECT tacl_create_group('shift', 'org', 'works at night');
		SELECT tacl_include_group('crew', 'shift', 'org');
		SELECT tacl_add_member('anna', 'crew', 'org');
		SELECT tacl_add_member('bert', 'shift', 'org');
		SELECT tacl_assign_group('crew', 'editor', 'team');
		SELECT tacl_assign('carl', 'admin', '*');
		SELECT tacl_assign('dora', 'admin', 'unpaid');
		SELECT tacl_assign('dora', 'no-delete', 'org');
		SELECT tacl_assign('dora', 'editor', 'org', now() + interval '1 year', now() - interval '1 day');
		SELECT tacl_assign('emil', 'editor', 'org', now() - interval '1 hour');
		SELECT tacl_assign('emil', 'viewer', 'squad');
		SELECT tacl_grant('fred', 'tacl.assign', 'org');
		SELECT tacl_grant('fred', '!orders.view', 'team');
		SELECT tacl_grant('fred', 'orders.*', 'org');
		SELECT tacl_assign('gone', 'admin', '*');
		SELECT tacl_disable_user('gone');
	});
	my $names = literals(@hostile);
	$node->safe_psql(
		$database, qq{
		SELECT tacl_create_tenant(n, 'org') FROM unnest(ARRAY[$names]) n;
		SELECT tacl_define_role(n, ARRAY['orders.view'], n) FROM unnest(ARRAY[$names]) n;
		SELECT tacl_create_group(n, n, n) FROM unnest(ARRAY[$names]) n;
		SELECT tacl_assign(n, n, n) FROM unnest(ARRAY[$names]) n;
		SELECT tacl_add_member('member of ' || left(n, 200), n, n) FROM unnest(ARRAY[$names]) n;
		SELECT tacl_assign_group(n, n, n) FROM unnest(ARRAY[$names]) n;
	});
}

1;
