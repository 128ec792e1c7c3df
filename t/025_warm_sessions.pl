# R5: sessions that are warm, in transactions of each isolation level and in none,
# with prepared checks, prepared queries of protected tables and functions that
# ask, while the system catalogs are rewritten, a flood of messages comes that
# they cannot take in, and the extension is altered, damaged, dropped and made
# again. Each says what is right, or an error that says what is wrong; none ever
# says what was right before.
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
tacl.user_setting = 'app.user_id'
});
$node->start;

my $fill = q{
	SELECT tacl_create_tenant('org'), tacl_define_role('viewer', ARRAY['doc.view']), tacl_assign('anna', 'viewer', 'org');
};
my $revoke = q{SELECT tacl_unassign('anna', 'viewer', 'org')};
my $grant = q{SELECT tacl_assign('anna', 'viewer', 'org')};
my $protect = q{
	CREATE POLICY may ON doc USING (tacl_may('doc.view', tenant_id));
	SELECT tacl_protect('protected', 'tenant_id', 'doc');
};
$node->safe_psql('postgres', "CREATE EXTENSION tenant_acl; $fill");
$node->safe_psql('postgres', q{
	CREATE TABLE flood (a int);
	CREATE TABLE doc (tenant_id text);
	CREATE TABLE protected (tenant_id text);
	CREATE INDEX ON doc (tenant_id);
	CREATE INDEX ON protected (tenant_id);
	INSERT INTO doc VALUES ('org');
	INSERT INTO protected VALUES ('org');
	ALTER TABLE doc ENABLE ROW LEVEL SECURITY;
	CREATE ROLE app LOGIN;
	GRANT SELECT ON doc, protected TO app;
	CREATE FUNCTION asks() RETURNS boolean LANGUAGE plpgsql AS $$
	BEGIN
		RETURN tacl_can('anna', 'doc.view', 'org');
	END $$;
} . $protect);

# What a session prepares, and what it says when anna may and when she may not.
my %ask = (
	check => [ q{SELECT tacl_can('anna', 'doc.view', 'org')}, 't', 'f' ],
	function => [ q{SELECT asks()}, 't', 'f' ],
	policy => [ q{SELECT count(*) FROM doc}, '1', '0' ],
	protected => [ q{SELECT count(*) FROM protected}, '1', '0' ]);
my @levels = ('', 'READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE');

# A session that asks in its own way, in a transaction or not.
sub warm_session
{
	my ($kind, $level) = @_;
	my $session = $node->background_psql('postgres', on_error_stop => 0, extra_params => [ '-U', 'app' ]);
	my $asker = { kind => $kind, level => $level, session => $session, name => "$kind, " . ($level || 'autocommit') };

	$session->set_query_timer_restart();
	$session->query_safe(q{SET app.user_id = 'anna'; SET app.tenant = 'org'; SET enable_seqscan = off});
	$session->query_safe("PREPARE ask AS $ask{$kind}->[0]");
	$session->query_safe("BEGIN ISOLATION LEVEL $level") if $level;
	answer($asker) for 1 .. 7;
	return $asker;
}

# The answer, or "error: ..." with the first line of the error; "yes", "no" for
# what is said when anna may, and may not.
sub answer
{
	my ($asker, $query) = @_;
	my (undef, $yes, $no) = @{ $ask{ $asker->{kind} } };

	$asker->{session}->{stderr} = '';
	my $out = $asker->{session}->query($query // 'EXECUTE ask');
	my ($error) = $asker->{session}->{stderr} =~ /ERROR:\s+(.*)/;
	$asker->{session}->{stderr} = '';
	return "error: $error" if defined $error;
	return $out eq $yes ? 'yes' : $out eq $no ? 'no' : "neither: $out";
}

# All sessions must say the same.
sub all_say
{
	my ($expected, $askers, $when) = @_;
	my @wrong = grep { $_->[1] !~ /^(?:$expected)$/ } map { [ $_->{name}, answer($_) ] } @$askers;

	is(join('; ', map { "$_->[0]: $_->[1]" } @wrong), '', "$expected: $when");
}

# Revoked and granted again, all have heard of it.
sub all_hear
{
	my ($askers, $when) = @_;

	all_say('yes', $askers, $when);
	$node->safe_psql('postgres', $revoke);
	all_say('no', $askers, "$when, revoked");
	$node->safe_psql('postgres', $grant);
	all_say('yes', $askers, "$when, granted");
}

# Ends transactions.
sub let_go
{
	foreach my $asker (@{ $_[0] })
	{
		$asker->{session}->query('ROLLBACK') if $asker->{level};
		$asker->{level} = '';
	}
}

my @askers = map { my $kind = $_; map { warm_session($kind, $_) } @levels } sort keys %ask;
all_hear(\@askers, 'before');

#
# Each system catalog rewritten
#
foreach my $catalog (split /\n/, $node->safe_psql('postgres', q{
	SELECT relname FROM pg_class
	WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r' AND relname <> 'pg_largeobject'
	ORDER BY relname}))
{
	$node->safe_psql('postgres', "VACUUM FULL pg_catalog.$catalog");
	$node->safe_psql('postgres', $revoke);
	all_say('no', \@askers, "VACUUM FULL $catalog, revoked");
	$node->safe_psql('postgres', $grant);
}
all_hear(\@askers, 'every catalog rewritten');
$node->safe_psql('postgres', "REINDEX SYSTEM postgres");
all_hear(\@askers, 'every index of the catalogs made anew');

#
# Floods while all are busy inside a statement: more than 4,096 messages, which
# reset every cache, with the change before and after them
#
my $flood = q{
	FOR i IN 1 .. 1500 LOOP
		GRANT SELECT ON flood TO PUBLIC;
		REVOKE SELECT ON flood FROM PUBLIC;
	END LOOP;};
my $gate = $node->background_psql('postgres');
$gate->set_query_timer_restart();

sub flood_busy
{
	my ($change, $expected, $when) = @_;

	$gate->query_safe('SELECT pg_advisory_lock(1)');
	$_->{session}->query_until(qr/busy/, "\\echo busy\nSELECT pg_advisory_lock_shared(1) IS NULL, pg_advisory_unlock_shared(1);\n") foreach @askers;
	$node->poll_query_until('postgres', q{SELECT count(*) = } . @askers . q{ FROM pg_locks WHERE locktype = 'advisory' AND NOT granted});
	$node->safe_psql('postgres', "DO \$\$ BEGIN $change END \$\$");
	$gate->query_safe('SELECT pg_advisory_unlock(1)');
	$_->{session}->query('') foreach @askers;
	all_say($expected, \@askers, $when);
}

flood_busy("PERFORM tacl_unassign('anna', 'viewer', 'org'); $flood", 'no', 'revoked before a flood');
flood_busy("$flood PERFORM tacl_assign('anna', 'viewer', 'org');", 'yes', 'granted after a flood');
flood_busy("$flood PERFORM tacl_suspend_tenant('org'); $flood", 'no', 'suspended in the middle of a flood');
flood_busy("PERFORM tacl_resume_tenant('org'); $flood", 'yes', 'resumed before a flood');
$gate->quit;

#
# The extension altered
#
foreach my $statement (
	'ALTER EXTENSION tenant_acl UPDATE',
	'ALTER EXTENSION tenant_acl DROP FUNCTION tacl_flush(); ALTER EXTENSION tenant_acl ADD FUNCTION tacl_flush()',
	'ALTER FUNCTION tacl_can(text, text, text) COST 10',
	'ALTER TABLE tacl.assignment SET (fillfactor = 90)',
	'ALTER TABLE tacl.assignment ADD COLUMN note text; ALTER TABLE tacl.assignment DROP COLUMN note',
	'CREATE INDEX extra ON tacl.assignment (tenant); DROP INDEX tacl.extra',
	'ALTER SCHEMA tacl RENAME TO elsewhere; ALTER SCHEMA elsewhere RENAME TO tacl')
{
	$node->safe_psql('postgres', $statement);
	all_hear(\@askers, $statement);
}
isnt($node->psql('postgres', 'ALTER EXTENSION tenant_acl SET SCHEMA pg_catalog'), 0, 'SET SCHEMA is refused');
all_hear(\@askers, 'SET SCHEMA refused');

# What is not a member any more, or not where it belongs, is none of the
# extension's: new sessions say so, and nobody can revoke anything unheard.
let_go(\@askers);
foreach my $damage (
	[ 'ALTER EXTENSION tenant_acl DROP TABLE tacl.assignment', 'ALTER EXTENSION tenant_acl ADD TABLE tacl.assignment' ],
	[ 'ALTER EXTENSION tenant_acl DROP VIEW tacl.proxy_roles', 'ALTER EXTENSION tenant_acl ADD VIEW tacl.proxy_roles' ],
	[ 'ALTER SCHEMA tacl RENAME TO elsewhere', 'ALTER SCHEMA elsewhere RENAME TO tacl' ])
{
	my ($break, $mend) = @$damage;

	$node->safe_psql('postgres', $break);
	isnt($node->psql('postgres', $ask{check}->[0]), 0, "$break: an error in a new session");
	all_say('yes|error: .*', \@askers, $break);
	my $revoked = $node->psql('postgres', $revoke) == 0;
	all_say($revoked ? 'no|error: .*' : 'yes|error: .*', \@askers, "$break, and a revocation that is " . ($revoked ? 'done' : 'refused'));
	$node->safe_psql('postgres', "$mend; $grant");
	all_hear(\@askers, $mend);
}

#
# Dropped, with the policies that call it, and made again
#
foreach my $round (1 .. 3)
{
	$node->safe_psql('postgres', 'DROP EXTENSION tenant_acl CASCADE');
	all_say('no|error: .*', \@askers, "dropped, $round");
	$node->safe_psql('postgres', "CREATE EXTENSION tenant_acl; $protect");
	all_say('no|error: .*', \@askers, "created, $round");
	$node->safe_psql('postgres', $fill);

	# What was prepared for a function that is gone stays an error.
	foreach my $asker (@askers)
	{
		$asker->{session}->query("DEALLOCATE ask; PREPARE ask AS $ask{ $asker->{kind} }->[0]");
	}
	all_hear(\@askers, "filled, $round");
}

$_->{session}->quit foreach @askers;
$node->stop;
done_testing();
