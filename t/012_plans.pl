# I4, R12, R13, R17: random queries give the same rows with planner support of
# the checks and without, however they are planned.
#
# Each round makes a world of tenants and users, and random tables with random
# indexes, partitions and policies, once in schema "ours" and once in schema
# "plain". Both schemas have checks over the same C functions, and those of
# "plain" have no support. Each query is run with each schema first in the
# search_path, under the same random settings: scans and joins turned off,
# generic and custom plans, forced parallel, own uncommitted changes.
#
# At last, rights come and go while others are counted by parallel queries.
#
#   TACL_SEED     replays a run
#   TACL_QUERIES  how many queries are compared
use strict;
use warnings;

use List::Util qw(shuffle);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{TACL_SEED} // 20261122;
my $wanted = $ENV{TACL_QUERIES} // 1000;
my $per_round = 125;
srand($seed);

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', q{
autovacuum = off
fsync = off
jit = off
max_worker_processes = 8
min_parallel_index_scan_size = 0
min_parallel_table_scan_size = 0
parallel_setup_cost = 5
parallel_tuple_cost = 0
tacl.user_setting = 'app.user_id'
});
$node->start;

# Checks with and without support, for text and for any type.
my @forms = map { my $s = $_; map { [ $s, @$_ ] } (
	[ 'can', 'text, text, text' ], [ 'can', 'text, text, "any"' ], [ 'can', '"any", text, text' ], [ 'can', '"any", text, "any"' ],
	[ 'may', 'text, text' ], [ 'may', 'text, "any"' ]) } qw(ours plain);
my $functions = join '', map {
	my ($schema, $name, $args) = @$_;
	my $support = $schema eq 'ours' ? 'SUPPORT tacl.plan_support' : '';

	"CREATE FUNCTION $schema.$name($args) RETURNS boolean LANGUAGE c STABLE PARALLEL SAFE COST 10 $support AS '\$libdir/tenant_acl', 'tacl_$name';\n"
} @forms;
$node->safe_psql('postgres', qq{
	CREATE EXTENSION tenant_acl;
	CREATE ROLE app;
	CREATE DOMAIN label AS text;
	CREATE DOMAIN number AS integer;
	CREATE FUNCTION stable_user() RETURNS text LANGUAGE plpgsql STABLE AS 'BEGIN RETURN current_setting(''app.user_id'', true); END';
	CREATE FUNCTION volatile_user() RETURNS text LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN ''u1''; END';
	SELECT tacl_define_role('viewer', '{orders.view}'), tacl_define_role('editor', '{orders.*}'), tacl_define_role('all', '{*}'),
		tacl_define_role('blind', '{orders.*, !orders.view}'), tacl_define_role('none', '{}');
	CREATE SCHEMA ours;
	CREATE SCHEMA plain;
	$functions
	GRANT USAGE ON SCHEMA ours, plain TO app;});
my $forced = $node->safe_psql('postgres', q{SELECT name FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query')});

#
# Chance
#

sub one_of { return $_[ int(rand(@_)) ] }
sub chance { return rand() < $_[0] }

# Some of a list, at least one.
sub some_of
{
	my @items = shuffle(@_);

	return @items[ 0 .. int(rand(@items)) ];
}

sub literal { my $text = shift; $text =~ s/'/''/g; return "'$text'" }

#
# The world
#

my @users = map { "u$_" } 1 .. 6;
my %ids = (
	text => [ (map { "t$_" } 1 .. 14), 'T1', 't1 ', q{o'brien}, '007' ],
	number => [ (map { "$_" } 0 .. 11), '-3', '40000', '3000000000' ],
	uuid => [ map { sprintf('%08x-0000-0000-0000-00000000000%s', $_, $_ == 5 ? 'A' : 'a') } 1 .. 6 ]);
my %kinds = (
	text => 'text', varchar => 'text', 'varchar(40)' => 'text', label => 'text', 'text COLLATE "C"' => 'text',
	smallint => 'number', integer => 'number', number => 'number', bigint => 'number', uuid => 'uuid');

# Statements that make tenants, and give rights. Some are refused: it is chance.
sub make_rights
{
	my @known = ('*');
	my @all = shuffle(map { @{ $ids{$_} } } sort keys %ids);
	my $sql = "DELETE FROM tacl.assignment; DELETE FROM tacl.user_group; DELETE FROM tacl.user_account;\n"
	  . "DELETE FROM tacl.tenant WHERE id <> '*';\n";

	foreach my $id (@all[ 0 .. $#all - 6 ])
	{
		$sql .= sprintf("SELECT tacl_create_tenant(%s, %s);\n", literal($id), literal(chance(0.4) ? '*' : one_of(@known)));
		push @known, $id;
	}
	$sql .= "SELECT tacl_create_group('crew', '*'), tacl_add_member('u1', 'crew', '*'), tacl_add_member('u5', 'crew', '*');\n";
	$sql .= sprintf("SELECT tacl_assign_group('crew', %s, %s);\n", literal(one_of(qw(viewer editor blind))), literal(one_of(@known)));
	foreach my $user (@users[ 0 .. 4 ])
	{
		$sql .= make_right($user, \@known) for 1 .. 1 + int(rand(5));
	}
	$sql .= sprintf("SELECT tacl_suspend_tenant(%s);\n", literal(one_of(@known))) if chance(0.5);
	$sql .= sprintf("SELECT tacl_limit_tenant(%s, '{orders.edit}');\n", literal(one_of(@known))) if chance(0.5);
	$sql .= "SELECT tacl_disable_user('u5');\n" if chance(0.3);
	return ($sql, \@known);
}

sub make_right
{
	my ($user, $known) = @_;
	my $tenant = literal(chance(0.1) ? '*' : one_of(@$known));
	my $times = one_of('', '', '', q{, now() - interval '1 hour'}, q{, now() + interval '1 hour'}, q{, NULL, now() + interval '1 hour'});

	return sprintf("SELECT tacl_grant('%s', %s, %s%s);\n", $user, literal(one_of('orders.view', '!orders.view', 'orders.*')), $tenant, $times)
	  if chance(0.3);
	return sprintf("SELECT tacl_assign('%s', '%s', %s%s);\n", $user, one_of(qw(viewer viewer editor all blind none)), $tenant, $times);
}

# A value of the column's type, as SQL.
sub value
{
	my $table = shift;
	my $id = one_of(@{ $ids{ $table->{kind} } });

	return 'NULL' if chance(0.03);
	$id = '*' if $table->{kind} eq 'text' && chance(0.05);
	$id = 'nowhere' if $table->{kind} eq 'text' && chance(0.05);
	$id = 77 if $table->{kind} eq 'number' && (chance(0.05) || $table->{type} ne 'bigint' && abs($id) > 32767);
	return literal($id);
}

# A table of either schema: how it is made, and what is known of it.
sub make_table
{
	my $name = shift;
	my $type = one_of(sort keys %kinds);
	my %table = (name => $name, type => $type, kind => $kinds{$type});
	my $columns = "(id int, tenant $type, created int, owner text)";
	my @rows;
	my $sql;

	$table{partitioned} = one_of('', '', '', 'hash', 'list', 'inherited');
	if ($table{partitioned} eq 'hash')
	{
		my $key = one_of(qw(tenant id));

		$sql = "CREATE TABLE $name $columns PARTITION BY HASH ($key);\n"
		  . join '', map { "CREATE TABLE ${name}_$_ PARTITION OF $name FOR VALUES WITH (MODULUS 3, REMAINDER $_);\n" } 0 .. 2;
	}
	elsif ($table{partitioned} eq 'list')
	{
		$sql = "CREATE TABLE $name $columns PARTITION BY LIST (created);\n"
		  . "CREATE TABLE ${name}_0 PARTITION OF $name FOR VALUES IN (0, 1, 2);\nCREATE TABLE ${name}_1 PARTITION OF $name DEFAULT;\n";
	}
	else
	{
		$sql = "CREATE TABLE $name $columns;\n";
		$sql .= "CREATE TABLE ${name}_0 () INHERITS ($name);\n" if $table{partitioned} eq 'inherited';
	}
	push @rows, sprintf("(%d, %s, %d, '%s')", $_, value(\%table), int(rand(7)), one_of(@users)) for 1 .. 20 + int(rand(300));
	$sql .= "INSERT INTO $name VALUES " . join(', ', @rows) . ";\n";
	$sql .= "INSERT INTO ${name}_0 SELECT id + 1000, tenant, created, owner FROM $name WHERE id % 3 = 0;\n" if $table{partitioned} eq 'inherited';
	$sql .= make_index(\%table) for 1 .. 1 + int(rand(3));
	$sql .= "ANALYZE $name;\n" if chance(0.7);
	$sql .= make_policies(\%table) if chance(0.5);
	$sql .= "GRANT SELECT, UPDATE, DELETE ON $name TO app;\n";
	$table{sql} = $sql;
	return \%table;
}

sub make_index
{
	my $table = shift;
	my $on = one_of('(tenant)', '(tenant)', '(tenant)', '(tenant, created)', '(tenant, id)', '(created, tenant)', '(created, tenant)', '(tenant DESC, created)',
		'(tenant NULLS FIRST)', '(created) INCLUDE (tenant)', '(tenant) INCLUDE (id, owner)', '(tenant) WHERE created > 2', 'USING hash (tenant)',
		'USING brin (tenant)', '(owner, tenant)', '(id)', '((tenant::text))',
		$table->{kind} eq 'text' ? ('(tenant COLLATE "C")', '(tenant text_pattern_ops)') : ());
	my $target = $table->{partitioned} eq 'inherited' && chance(0.5) ? "$table->{name}_0" : $table->{name};

	return "CREATE INDEX ON $target $on;\n";
}

sub make_policies
{
	my $table = shift;
	my $sql = "ALTER TABLE $table->{name} ENABLE ROW LEVEL SECURITY;\n";
	my @permissive = some_of(
		q{may('orders.view', tenant)},
		q{can(current_setting('app.user_id', true), 'orders.edit', tenant)},
		q{owner = current_setting('app.user_id', true)},
		q{may('orders.view', tenant) AND created < 5});

	$sql .= "CREATE POLICY p$_ ON $table->{name} USING ($permissive[$_]);\n" for 0 .. $#permissive;
	$sql .= sprintf("CREATE POLICY %s ON %s AS RESTRICTIVE USING (%s);\n", one_of(qw(a z)), $table->{name},
		one_of('created <> 3', q{may('orders.edit', tenant)})) if chance(0.3);
	return $sql;
}

#
# Queries
#

# What asks: an expression of a user, where $t is the alias of a table.
sub user
{
	my ($t, $parameter) = @_;

	return one_of(map({ literal($_) } @users, 'nobody'), q{current_setting('app.user_id', true)}, 'stable_user()', 'NULL::text',
		"$t.owner", 'volatile_user()', q{(SELECT min(owner) FROM a)}, $parameter ? ('$1') x 8 : ());
}

sub check
{
	my ($t, $parameter) = @_;
	my $permission = one_of(qw('orders.view' 'orders.view' 'orders.edit' 'x.y'));

	return "may($permission, $t.tenant)" if chance(0.4);
	return sprintf('can(%s, %s, %s.tenant)', user($t, $parameter), $permission, $t);
}

# Anything else of a row.
sub plain_atom
{
	my ($t, $table) = @_;

	return one_of("$t.created = " . int(rand(7)), "$t.created < " . int(rand(7)), "$t.owner = " . literal(one_of(@users)), "$t.tenant IS NOT NULL",
		"$t.id % 5 <> 0", "$t.tenant = " . value($table), sprintf('%s.tenant IN (%s, %s)', $t, value($table), value($table)),
		"$t.tenant > " . value($table), "$t.tenant = $t.tenant", "$t.id < " . int(rand(200)));
}

sub predicate
{
	my ($t, $table, $parameter, $depth) = @_;
	my @arguments = ($t, $table, $parameter, $depth - 1);

	if ($depth == 0 || chance(0.3))
	{
		return chance(0.65) ? check($t, $parameter) : plain_atom($t, $table);
	}
	my $left = predicate(@arguments);
	my $right = predicate(@arguments);
	return one_of("($left AND $right)", "($left AND $right)", "($left AND $right)", "($left OR $right)", "($left OR $right)", "NOT ($left)",
		"CASE WHEN $left THEN $right ELSE false END", "($left) IS NOT FALSE", "($left) = true", "coalesce($left, $right)");
}

# A query; "ordered" if the order of its rows is determined.
sub make_query
{
	my ($a, $b, $parameter) = @_;
	my $p = sub { return predicate($_[0], $_[1], $parameter, int(rand(3))) };
	my $pa = $p->('a', $a);
	my $simple = chance(0.7) ? check('a', $parameter) . (chance(0.5) ? ' AND ' . plain_atom('a', $a) : '') : $pa;
	my $columns = 'a.id, a.tenant, a.created, a.owner';
	my $limit = 1 + int(rand(30));
	my $join = one_of('JOIN', 'LEFT JOIN', 'RIGHT JOIN');
	my $on = one_of('a.id = b.id', 'a.created = b.created AND a.owner = b.owner');
	my $pb = $p->('b', $b);
	my @queries = (
		([ "SELECT $columns FROM a WHERE $simple" ]) x 4,
		[ "SELECT $columns FROM a WHERE $pa" ],
		[ "SELECT $columns FROM a WHERE $simple ORDER BY " . one_of('a.tenant', 'a.created', 'a.tenant DESC', 'a.created DESC', 'a.id') . ", a.id, a.owner LIMIT $limit", 1 ],
		([ "SELECT a.created FROM a WHERE $simple ORDER BY a.created LIMIT $limit", 1 ]) x 3,
		[ "SELECT a.tenant, a.created FROM a WHERE $simple ORDER BY a.created, a.tenant LIMIT $limit", 1 ],
		[ "SELECT a.tenant, count(*), min(a.id) FROM a WHERE $simple GROUP BY a.tenant" ],
		[ "SELECT a.tenant, count(*) FROM a GROUP BY a.tenant HAVING " . check('a', $parameter) =~ s/a\.owner/'u2'/r ],
		[ "SELECT count(*) FROM a WHERE $simple" ],
		[ "SELECT $columns, b.id FROM a $join b ON $on AND $simple WHERE $pb" ],
		[ "SELECT $columns, b.id FROM a $join b ON $on AND $pb WHERE $simple" ],
		[ "SELECT a.id, b.id FROM (SELECT * FROM a WHERE $simple) a FULL JOIN (SELECT * FROM b WHERE $pb) b ON a.id = b.id" ],
		[ "SELECT $columns FROM a WHERE " . one_of('', 'NOT ') . "EXISTS (SELECT FROM b WHERE b.created = a.created AND $pb) AND $simple" ],
		[ "SELECT $columns FROM a WHERE a.id " . one_of('IN', 'NOT IN') . " (SELECT b.id FROM b WHERE $pb)" ],
		[ "SELECT $columns, s.n FROM a, LATERAL (SELECT count(*) AS n FROM b WHERE b.created = a.created AND " . $pb . ") s WHERE $simple" ],
		[ "SELECT u, s.* FROM unnest('{u1,u2,u3}'::text[]) AS u, LATERAL (SELECT b.id FROM b WHERE can(u, 'orders.view', b.tenant) OFFSET 0) s" ],
		[ "WITH s AS " . one_of('MATERIALIZED', 'NOT MATERIALIZED') . " (SELECT $columns FROM a WHERE $simple) SELECT s.*, t.id FROM s JOIN s AS t USING (created)" ],
		[ "SELECT $columns FROM a WHERE $simple UNION ALL SELECT b.id, NULL, b.created, b.owner FROM b WHERE $pb" ],
		[ "SELECT a.id, a.owner FROM a EXCEPT SELECT b.id, b.owner FROM b WHERE $pb" ],
		[ "SELECT * FROM (SELECT $columns, row_number() OVER (PARTITION BY a.tenant ORDER BY a.id, a.owner) FROM a) a WHERE $simple" ],
		[ "SELECT DISTINCT ON (a.tenant) a.tenant, a.id FROM a WHERE $simple ORDER BY a.tenant, a.id" ],
		[ "SELECT $columns FROM a WHERE $simple " . one_of('FOR UPDATE', 'FOR SHARE') ],
		[ "UPDATE a SET created = a.created + 1 WHERE $simple RETURNING $columns" ],
		[ "DELETE FROM a USING b WHERE $on AND $simple AND $pb RETURNING a.id" ]);
	my ($text, $ordered) = @{ one_of(@queries) };

	return ($text, $ordered);
}

# Settings for one query, in a transaction.
sub make_settings
{
	my @off = qw(enable_seqscan enable_seqscan enable_seqscan enable_indexscan enable_indexonlyscan enable_bitmapscan enable_nestloop enable_hashjoin
	  enable_mergejoin enable_memoize enable_sort enable_incremental_sort enable_hashagg enable_partition_pruning);
	my $sql = join '', map { chance(0.25) ? "SET LOCAL $_ = off; " : '' } @off;

	$sql .= 'SET LOCAL enable_partitionwise_join = on; SET LOCAL enable_partitionwise_aggregate = on; ' if chance(0.3);
	$sql .= sprintf('SET LOCAL max_parallel_workers_per_gather = %s; ', chance(0.3) ? 2 : 0);
	$sql .= "SET LOCAL $forced = on; " if chance(0.15);
	$sql .= sprintf("SET LOCAL app.user_id = '%s'; ", one_of(@users, ''));
	$sql .= sprintf('SET LOCAL plan_cache_mode = %s; ', one_of(qw(auto force_generic_plan force_custom_plan)));
	return $sql;
}

#
# Comparing
#

my %total = (queries => 0, helped => 0, rows => 0, parallel => 0, errors => 0);
my $broken = 0;

# A query of a round with all that comes before it, as psql is to run it in a
# schema between marks. What failed gives its SQLSTATE.
sub script
{
	my ($number, $schema, $case) = @_;
	my $query = $case->{query};
	my @runs = ($query);
	my $prepare = '';
	my $explain = '';

	if ($case->{parameter})
	{
		$prepare = "PREPARE q(text) AS $query;\n";
		@runs = map { "EXECUTE q('$_')" } @{ $case->{parameter} };
	}
	$explain = "\\echo == $number explain\nEXPLAIN (COSTS OFF) $runs[0];\n" if $schema eq 'ours';
	return "BEGIN; SET LOCAL search_path = $schema, public; $case->{before}\n$prepare\\echo == $number $schema\n"
	  . join('', map { "$_;\n\\echo :SQLSTATE\n" } @runs)
	  . "$explain\\echo == none\nROLLBACK;\nDEALLOCATE ALL;\n";
}

# What psql printed, by mark.
sub parts
{
	my %parts;
	my $mark = 'none';

	foreach my $line (split /\n/, shift)
	{
		if ($line =~ /^== (.*)/) { $mark = $1 }
		else { push @{ $parts{$mark} }, $line }
	}
	return \%parts;
}

# Runs statements, of which some may fail; gives what they print.
sub run
{
	my $sql = shift;
	my $stdout = '';
	my $stderr = '';

	$node->psql('postgres', $sql, stdout => \$stdout, stderr => \$stderr, on_error_stop => 0);
	return $stdout;
}

sub make_case
{
	my ($tables, $known) = @_;
	my $parameter = chance(0.4) ? [ map { one_of(@users, 'nobody') } 1 .. 3 ] : undef;
	my $before = '';

	# Own changes that nobody else sees, made while there is no user
	$before .= make_right(one_of(@users), $known) =~ s/\n/ /r for 1 .. (chance(0.2) ? 2 : 0);
	$before .= sprintf('DELETE FROM tacl.assignment WHERE user_id = %s; ', literal(one_of(@users))) if chance(0.1);
	$before .= make_settings();
	$before .= 'SET LOCAL ROLE app; ' if chance(0.6);
	my ($query, $ordered) = make_query(@$tables, $parameter);
	return { query => $query, ordered => $ordered, parameter => $parameter, before => $before };
}

# Compares what a case gave in both schemas.
sub compare
{
	my ($number, $case, $parts, $world) = @_;
	my %rows;

	foreach my $schema (qw(ours plain))
	{
		my @lines = @{ $parts->{"$number $schema"} // ['nothing'] };

		@lines = sort @lines unless $case->{ordered};
		$rows{$schema} = \@lines;
	}
	my $plan = join "\n", @{ $parts->{"$number explain"} // [] };
	$total{queries}++;
	$total{rows} += @{ $rows{ours} };
	$total{helped}++ if $plan =~ /tenants_as_/;
	$total{parallel}++ if $plan =~ /Workers Planned/;
	$total{errors}++ if grep { /^[0-9A-Z]{5}$/ && $_ ne '00000' } @{ $rows{ours} };
	return if "@{ $rows{ours} }" eq "@{ $rows{plain} }";
	diag(join "\n", '', "-- the world, for each schema first in the search_path", $world, '-- the query',
		script($number, 'ours', $case), $plan, '-- with support', @{ $rows{ours} }, '-- without', @{ $rows{plain} }) if $broken++ == 0;
}

sub play_round
{
	my ($rights, $known) = make_rights();
	my @tables = map { make_table($_) } qw(a b);
	my $tables = join '', map { $_->{sql} } @tables;
	my @cases = map { make_case(\@tables, $known) } 1 .. $per_round;
	my $script = '';

	run("DROP TABLE IF EXISTS ours.a, ours.b, plain.a, plain.b CASCADE;\n$rights"
		  . join '', map { "SET search_path = $_, public;\n$tables" } qw(ours plain));
	$script .= script($_, 'ours', $cases[$_]) . script($_, 'plain', $cases[$_]) for 0 .. $#cases;
	my $parts = parts(run("\\set VERBOSITY terse\n$script"));
	compare($_, $cases[$_], $parts, $rights . $tables) for 0 .. $#cases;
}

play_round() while $total{queries} < $wanted && $broken == 0;
is($broken, 0, "the same rows with support and without; TACL_SEED=$seed");
note(join ', ', map { "$_ $total{$_}" } sort keys %total);
cmp_ok($total{helped}, '>', $total{queries} / 10, 'index conditions were used');
cmp_ok($total{parallel}, '>', $total{queries} / 50, 'parallel plans were used');
cmp_ok($total{rows}, '>', $total{queries}, 'there are rows');
cmp_ok($total{errors}, '<', $total{queries} / 10, 'few queries fail');

# Rights come and go; rows of other tenants are all there, and once.
$node->safe_psql('postgres', q{
	SELECT tacl_create_tenant('race-' || n) FROM generate_series(1, 50) AS n;
	SELECT tacl_assign('racer', 'viewer', 'race-' || n) FROM generate_series(1, 9) AS n;
	CREATE TABLE race AS SELECT i AS id, 'race-' || i % 50 + 1 AS tenant, repeat('x', 100) AS note FROM generate_series(0, 99999) AS i;
	CREATE INDEX ON race (tenant);
	ALTER TABLE race SET (parallel_workers = 2);
	VACUUM ANALYZE race;
	CREATE TABLE stop ();
	CREATE PROCEDURE flip() LANGUAGE plpgsql AS $$
	BEGIN
		WHILE to_regclass('stop') IS NOT NULL LOOP
			PERFORM tacl_unassign('racer', 'viewer', 'race-' || n) FROM generate_series(1, 3) AS n;
			COMMIT;
			PERFORM tacl_assign('racer', 'viewer', 'race-' || n) FROM generate_series(1, 3) AS n;
			COMMIT;
		END LOOP;
	END $$;});
my $writer = $node->background_psql('postgres');
$writer->query_until(qr/started/, "\\echo started\nCALL flip();\n");
my $count = q{SELECT count(note) FILTER (WHERE tenant > 'race-3') FROM race WHERE tacl_can('racer', 'orders.view', tenant);};
foreach my $off ('enable_bitmapscan', 'enable_indexscan')
{
	my %counts = map { $_ => 1 } split /\n/, run("SET enable_seqscan = off; SET $off = off;\n" . join "\n", ($count) x 100);

	is(join(' ', sort keys %counts), '12000', "rows of tenants that stay, while others come and go, without $off");
}
$node->safe_psql('postgres', 'DROP TABLE stop');
$writer->quit;

$node->stop;
done_testing();
