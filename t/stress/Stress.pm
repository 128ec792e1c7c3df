# Stress.pm: builds the stress program of this folder and runs it.
package Stress;

use strict;
use warnings;

use Exporter 'import';
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(stress_node stress_setup stress_run stress_start stress_finish);

my $program;

# Compiles the program, once, with the flags of libpq, which can need them.
sub build
{
	return if defined $program;
	my $pg_config = $ENV{PG_CONFIG} // 'pg_config';
	my ($include, $lib, $flags) =
		map { chomp(my $value = `$pg_config --$_`); $value } qw(includedir libdir cflags);

	$program = PostgreSQL::Test::Utils::tempdir . '/stress';
	system_or_bail($ENV{CC} // 'cc', split(' ', $flags), qw(-O1 -Wall -Wextra -o),
		$program, "-I$include", glob('t/stress/*.c'), "-L$lib", "-Wl,-rpath,$lib", '-lpq');
}

# A cluster that runs, for a database with levers; the rest goes to its init().
sub stress_node
{
	my ($name, $settings, @init) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	build();
	$node->init(@init);
	$node->append_conf('postgresql.conf', q{
		fsync = off
		max_prepared_transactions = 20
		tacl.user_setting = 'app.user_id'
	} . ($settings // ''));
	$node->start;
	return $node;
}

# The program with its arguments.
sub command
{
	my ($node, @arguments) = @_;

	return [ $program, '-b', $node->basedir . '/board', @arguments ];
}

# What the program printed, by name; violations and trouble are shown.
sub read_report
{
	my ($output) = @_;
	my %report = $output =~ /^ *(\S[^\n:]*?)(?::|  +)\s*(\d+)$/mg;

	diag($_) foreach $output =~ /^((?:VIOLATION|TROUBLE).*)$/mg;
	@report{qw(checks seconds)} = $output =~ /^(\d+) checks in ([\d.]+) s/m;
	@report{qw(deny allow unjudged)} = $output =~ /^judged: (\d+) must be denied, (\d+) must be allowed; (\d+) not/m;
	@report{qw(own wrong)} = $output =~ /^own checks: (\d+), wrong (\d+)/m;
	@report{qw(disturbances refused)} = $output =~ /^disturbances: (\d+), refused (\d+)/m;
	$report{flipped} = { $output =~ /^  (\S.*?) +flipped +(\d+)/mg };
	$report{output} = $output;
	return \%report;
}

# Makes the extension and the levers.
sub stress_setup
{
	my ($node, @arguments) = @_;
	my $report = stress_run($node, @arguments, 'setup');

	BAIL_OUT("setup failed: $report->{output}") if $report->{status} != 0;
}

# Runs the program to its end.
sub stress_run
{
	return stress_finish(stress_start(@_));
}

# Starts the program.
sub stress_start
{
	my ($node, @arguments) = @_;
	my $output = '';

	local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'postgres');
	return { output => \$output,
		handle => IPC::Run::start(command($node, @arguments), '>', \$output, '2>&1') };
}

# Waits for its end; the report, with "status" 0 if there was no violation.
sub stress_finish
{
	my ($run) = @_;

	$run->{handle}->finish;
	my $report = read_report(${ $run->{output} });
	$report->{status} = $run->{handle}->result(0);
	return $report;
}

1;
