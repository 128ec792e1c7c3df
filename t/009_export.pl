# An export applied to an empty database is the same database: the same export,
# and the same answer for every user, permission and tenant. Applied again it is
# nothing; applied in part, or when it is wrong, it leaves the rest alone.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;

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

sub create
{
	my ($database) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE template0 ENCODING UTF8");
	$node->safe_psql($database, 'CREATE EXTENSION tenant_acl');
}

# A document as SQL has it.
sub literal
{
	my ($text) = @_;

	return '$document$' . $text . '$document$';
}

# Applies a document; returns a line for each difference.
sub apply
{
	my ($database, $document, $more) = @_;

	return $node->safe_psql($database,
		'SELECT * FROM tacl_apply(' . literal($document) . ($more // '') . ')');
}

# Names that careless quoting, parsing or comparing would trip over.
my @hostile = (
	q{o'brien}, q{say "hi"}, q{back\slash}, q{\.}, q{\N},
	q{NULL}, q{null}, q{a:b}, q{a:b:c}, q{b:c},
	q{größe}, q{日本}, q[{brace,comma}], q{["json"]}, q{$.roles[0]},
	q{%s %n}, q{%1$s}, q{'; DROP TABLE tacl.tenant; --}, q{$$}, q{$1},
	q{ blanks }, q{x} x 255);
my $names = join ', ', map { (my $name = $_) =~ s/'/''/g; "'$name'" } @hostile;

my $export = 'SELECT * FROM tacl_export()';
my $matrix = q{
	SELECT u, p, t, tacl_can(u, p, t)
	FROM (SELECT user_id FROM tacl.assignment WHERE user_id IS NOT NULL
		  UNION SELECT user_id FROM tacl.group_member
		  UNION SELECT user_id FROM tacl.user_account
		  UNION VALUES ('nobody')) AS users(u),
		unnest(ARRAY['orders.view', 'orders.items.view', 'orders.delete', 'orders.list', 'read:reports',
			'billing.pay', 'tacl.assign']) AS p,
		(SELECT id FROM tacl.tenant UNION VALUES ('nowhere')) AS tenants(t)
	ORDER BY u COLLATE "C", p COLLATE "C", t COLLATE "C"};

create('before');
$node->safe_psql(
	'before', q{
	SELECT tacl_create_tenant('org');
	SELECT tacl_create_tenant('team', 'org');
	SELECT tacl_create_tenant('squad', 'team');
	SELECT tacl_create_tenant('late-parent');
	SELECT tacl_create_tenant('early-child', 'squad');
	SELECT tacl_move_tenant('early-child', 'late-parent');
	SELECT tacl_move_tenant('org', 'late-parent');
	SELECT tacl_limit_tenant('team', ARRAY['orders.*', 'read:reports']);
	SELECT tacl_create_tenant('closed', 'late-parent');
	SELECT tacl_limit_tenant('closed', ARRAY[]::text[]);
	SELECT tacl_create_tenant('unpaid');
	SELECT tacl_suspend_tenant('unpaid', ARRAY['billing.*']);
	SELECT tacl_create_tenant('gone');
	SELECT tacl_suspend_tenant('gone');

	SELECT tacl_define_role('viewer', ARRAY['*.view', 'orders.*.view', 'read:reports']);
	SELECT tacl_define_role('no-delete', ARRAY['!orders.delete'], description => 'keeps ''orders'' "safe"');
	SELECT tacl_define_role('editor', ARRAY['orders.*'], 'org', ARRAY['viewer']);
	SELECT tacl_define_role('admin', ARRAY['*', 'tacl.*'], '*', ARRAY['viewer'], 'may do everything');
	SELECT tacl_assign('early', 'viewer', 'squad');
	SELECT tacl_define_role('lead', ARRAY[]::text[], 'squad', ARRAY['viewer', 'editor']);
	SELECT tacl_define_role('viewer', ARRAY['orders.list'], 'squad', ARRAY['viewer'], override => true);
	SELECT tacl_define_role('viewer', ARRAY['orders.list'], 'team', override => true);
	SELECT tacl_define_role('late', NULL, 'squad', ARRAY['viewer', 'lead']);

	SELECT tacl_create_group('crew', 'org');
	SELECT tacl_create_group('shift', 'org', 'works at night');
	SELECT tacl_create_group('crew', 'squad');
	SELECT tacl_include_group('crew', 'shift', 'org');
	SELECT tacl_include_group('crew', 'crew', 'squad');
	SELECT tacl_add_member('anna', 'crew', 'org');
	SELECT tacl_add_member('bert', 'shift', 'org');
	SELECT tacl_add_member('bert', 'crew', 'squad');
	SELECT tacl_assign_group('crew', 'editor', 'team');
	SELECT tacl_assign_group('crew', 'late', 'squad', now() + interval '1 day');

	SELECT tacl_assign('carl', 'admin', '*');
	SELECT tacl_assign('dora', 'admin', 'unpaid');
	SELECT tacl_assign('dora', 'no-delete', 'org');
	SELECT tacl_assign('dora', 'editor', 'org', now() + interval '1 year', now() - interval '1 day');
	SELECT tacl_assign('emil', 'editor', 'org', now() - interval '1 hour');
	SELECT tacl_assign('emil', 'viewer', 'squad', NULL, now() + interval '1 hour');
	SELECT tacl_assign('early', 'lead', 'squad');
	SELECT tacl_grant('fred', 'tacl.assign', 'org');
	SELECT tacl_grant('fred', '!orders.view', 'team');
	SELECT tacl_grant('fred', 'orders.*', 'org', '0001-01-01 BC');
	SELECT tacl_assign('gone', 'admin', '*');
	SELECT tacl_disable_user('gone'), tacl_disable_user('back'), tacl_enable_user('back');
	INSERT INTO tacl.permission VALUES ('orders.view', E'See\norders'), ('orders.delete', NULL);
	INSERT INTO tacl.user_preference VALUES ('carl', 'org', 'team'), ('dora', NULL, 'nowhere'), ('emil', NULL, NULL);
});
$node->safe_psql(
	'before', qq{
	SELECT tacl_create_tenant(n, 'org') FROM unnest(ARRAY[$names]) n;
	SELECT tacl_define_role(n, ARRAY['orders.view'], n, ARRAY['editor'], n) FROM unnest(ARRAY[$names]) n;
	SELECT tacl_define_role('viewer', ARRAY['orders.*'], n, ARRAY['viewer', n], override => true) FROM unnest(ARRAY[$names]) n;
	SELECT tacl_create_group(n, n, n) FROM unnest(ARRAY[$names]) n;
	SELECT tacl_create_group(n, 'org') FROM unnest(ARRAY[$names]) n;
	SELECT tacl_include_group(n, n, n) FROM unnest(ARRAY[$names]) n;
	SELECT tacl_assign(n, n, n), tacl_assign(n, 'viewer', n) FROM unnest(ARRAY[$names]) n;
	SELECT tacl_add_member('member of ' || left(n, 200), n, n) FROM unnest(ARRAY[$names]) n;
	SELECT tacl_assign_group(n, n, n) FROM unnest(ARRAY[$names]) n;
	INSERT INTO tacl.user_preference SELECT n, n, n FROM unnest(ARRAY[$names]) n;
});

my $rows = $node->safe_psql('before', $export);
my $answers = $node->safe_psql('before', $matrix);
my $count = () = $rows =~ /^/mg;
cmp_ok(scalar(() = $answers =~ /\|t$/mg), '>', 200, 'many answers are yes');
cmp_ok(scalar(() = $answers =~ /\|f$/mg), '>', 1000, 'many answers are no');
like($rows, qr/"includes": \[\{"role": "viewer", "tenant": "\*"\}/, 'a hidden role is included by its tenant');

#
# Everything, into an empty database
#

my $whole = $node->safe_psql('before', 'SELECT jsonb_agg(e) FROM tacl_export() AS e');
create('after');
my $said = apply('after', $whole);
is(scalar(() = $said =~ /^create\|/mg), $count, 'each row of the export is created');
is(scalar(() = $said =~ /^/mg), $count, 'and nothing else');
same($node->safe_psql('after', $export), $rows, 'the same export');
same($node->safe_psql('after', $matrix), $answers, 'the same answers');
is(apply('after', $whole), '', 'the second time there is no difference');

# In any order, in one object, by a session of another zone
my $shuffled = $node->safe_psql(
	'before', q{
	SELECT jsonb_object_agg(s, objects)
	FROM (SELECT key AS s, jsonb_agg(value ORDER BY md5(value::text)) AS objects
		  FROM tacl_export() AS e, jsonb_each(e) GROUP BY key) AS sections});
create('shuffled');
$node->safe_psql('shuffled',
	"SET TimeZone = 'America/Caracas'; SET DateStyle = 'German'; SELECT count(*) FROM tacl_apply(" . literal($shuffled) . ')');
same($node->safe_psql('shuffled', $export), $rows, 'shuffled: the same export');
same($node->safe_psql('shuffled', $matrix), $answers, 'shuffled: the same answers');

#
# A dry run says what is then done
#

$node->safe_psql(
	'after', q{
	SELECT tacl_drop_tenant('squad', true), tacl_define_role('viewer', ARRAY['x.y']), tacl_define_role('extra', ARRAY['z'], 'org', ARRAY['editor']),
		tacl_assign('anna', 'extra', 'team'), tacl_unassign('carl', 'admin', '*'), tacl_remove_member('bert', 'shift', 'org'),
		tacl_create_tenant('extra', 'team'), tacl_create_group('extra', 'extra'), tacl_move_tenant('unpaid', 'closed'), tacl_resume_tenant('gone'),
		tacl_limit_tenant('gone', ARRAY['a']), tacl_enable_user('gone'), tacl_assign('dora', 'no-delete', 'org', now() + interval '1 day');
	DELETE FROM tacl.permission; DELETE FROM tacl.user_preference WHERE user_id <> 'carl'; UPDATE tacl.user_preference SET last_tenant = NULL;});
my $changed = $node->safe_psql('after', $export);
my $dry = apply('after', $whole, ', dry_run => true');
like($dry, qr/^create\|.*^drop\|.*^update\|/ms, 'a dry run finds all kinds of differences');
same($node->safe_psql('after', $export), $changed, 'a dry run changes nothing');
same(apply('after', $whole), $dry, 'what is done is what the dry run said');
same($node->safe_psql('after', $export), $rows, 'the same export again');
same($node->safe_psql('after', $matrix), $answers, 'the same answers again');

#
# A part: what is outside stays
#

$node->safe_psql(
	'after', q{
	SELECT tacl_drop_tenant('squad', true), tacl_assign('new', 'viewer', 'team'), tacl_assign('new', 'viewer', 'org'), tacl_assign('new', 'viewer', 'late-parent'),
		tacl_define_role('new', ARRAY['n'], 'team'), tacl_define_role('new', ARRAY['n'], 'org'), tacl_limit_tenant('team', NULL), tacl_limit_tenant('org', ARRAY['orders.*']),
		tacl_add_member('new', 'shift', 'org'), tacl_disable_user('new'), tacl_create_tenant('new', 'team'), tacl_create_tenant('new-2', 'org');});
my $team = q{SELECT * FROM tacl_export('team')};
my $outside = qq{SELECT e FROM tacl_export() AS e WHERE e NOT IN ($team)};
$changed = $node->safe_psql('after', $outside);
my $part = $node->safe_psql('before', q{SELECT jsonb_agg(e) FROM tacl_export('team') AS e});
$said = apply('after', $part);
like($said, qr/^create\|tenant squad\|/m, 'the part brings back what is inside');
like($said, qr/^drop\|role team\/new\|/m, 'and drops what is inside and not in it');
unlike($said, qr/new-2|role org\/|late-parent|user new/, 'it speaks of nothing outside');
same($node->safe_psql('after', $team), $node->safe_psql('before', $team), 'the part is as it was exported');
same($node->safe_psql('after', $outside), $changed, 'what is outside is as it was');
is(apply('after', $part), '', 'the second time there is no difference');

#
# A wrong document changes nothing, however late it is found to be wrong
#

$changed = $node->safe_psql('after', $export);
my %wrong = (
	'unknown key' => [ '{"extras": []}', qr/invalid document at \$\[\d+\]\.extras/ ],
	'unknown role' => [ '{"assignments": {"user": "u", "role": "none", "tenant": "org"}}', qr/invalid document at \$\[\d+\]\.assignments\.role/ ],
	'cycle' => [ '{"roles": [{"role": "c-1", "includes": ["c-2"]}, {"role": "c-2", "includes": ["c-1"]}]}', qr/would include itself/ ],
	'use outside' => [ '{"assignments": {"user": "u", "role": "editor", "role_tenant": "org", "tenant": "unpaid"}}', qr/does not exist at tenant "unpaid" or above/ ],
	'depth' => [
		'{"tenants": [{"id": "d-1"}' . join('', map { ", {\"id\": \"d-$_\", \"parent\": \"d-" . ($_ - 1) . '"}' } 2 .. 33) . ']}',
		qr/nested too deeply/ ]);
foreach my $name (sort keys %wrong)
{
	my ($more, $message) = @{ $wrong{$name} };
	my ($code, $out, $err) =
	  $node->psql('after', 'SELECT count(*) FROM tacl_apply(' . literal($whole) . '::jsonb || ' . literal("[$more]") . ')');

	isnt($code, 0, "$name: refused");
	like($err, $message, "$name: the error says so");
	same($node->safe_psql('after', $export), $changed, "$name: nothing changed");
}

#
# Many assignments: plans that were made for none of them must do
#

create('many');
my $many = q{
	SET statement_timeout = '120s';
	SELECT count(*) FROM tacl_apply('{"tenants": [], "roles": [], "assignments": []}');
	SELECT count(*) FROM tacl_apply((
		SELECT jsonb_build_object('tenants', jsonb_agg(jsonb_build_object('id', 't' || i) ORDER BY i) FILTER (WHERE i <= 300),
			'roles', jsonb_agg(jsonb_build_object('role', 'r' || i, 'tenant', 't' || i, 'permissions', '["a.*"]'::jsonb)) FILTER (WHERE i <= 300)
				|| jsonb_agg(jsonb_build_object('role', 's' || i, 'tenant', 't' || i, 'includes', jsonb_build_array('r' || i))) FILTER (WHERE i <= 300),
			'assignments', jsonb_agg(jsonb_build_object('user', 'u' || i, 'role', 's' || i % 300 + 1, 'tenant', 't' || i % 300 + 1)))
		FROM generate_series(1, 30000) AS i));
	CREATE TABLE document AS SELECT jsonb_agg(e) AS d FROM tacl_export() AS e;
	SELECT count(*) FROM tacl_apply((SELECT d FROM document));
	SELECT count(*) FROM tacl_apply((SELECT jsonb_agg(CASE WHEN e ? 'assignments' THEN jsonb_set(e, '{assignments,expires_at}', '"2100-01-01"') ELSE e END) FROM tacl_export() AS e));
	SELECT count(*) FROM tacl_apply('{"assignments": []}');
	SELECT count(*) FROM tacl_apply((SELECT d FROM document));
	SELECT count(*) FROM tacl_apply('{"tenants": [], "roles": [], "assignments": []}');};
is($node->safe_psql('many', $many), join("\n", 0, 30900, 0, 30000, 30000, 30000, 30900), 'many: each difference is found and written');

$node->stop;
done_testing();
