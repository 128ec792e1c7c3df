# The programs of scripts/fuzz.sh build from what they are made of, also without
# a fuzzer, and find nothing wrong with the inputs that they begin with.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

my $config = $ENV{PG_CONFIG} || 'pg_config';
my $place = PostgreSQL::Test::Utils::tempdir;
my @compile = (split(' ', $ENV{CC} || 'cc'), qw(-std=gnu11 -O1 -fwrapv -fno-strict-aliasing -DUSE_ASSERT_CHECKING -Wall -Werror),
	'-Isrc', '-It/fuzz', '-I' . pg_config('--includedir-server'));

# What pg_config says.
sub pg_config
{
	my ($what) = @_;
	my $path = qx($config $what);

	chomp $path;
	return $path;
}

# Compiles a file; the name of what comes out.
sub compile
{
	my ($file) = @_;
	my $object = "$place/" . ($file =~ s{/}{_}gr =~ s/\.c$/.o/r);

	system_or_bail(@compile, '-c', '-o', $object, $file);
	return $object;
}

my @common = map { compile("src/$_.c") } split ' ', slurp_file('t/fuzz/modules');
push @common, compile('t/fuzz/stubs.c'), compile('t/fuzz/plain_main.c');
my @targets = map { m{t/fuzz/(.*)\.c$} } grep { slurp_file($_) =~ /^fuzz_one\(TaclName input\)$/m } glob 't/fuzz/*.c';
is("@targets", 'base64url json jwk pattern token', 'all targets are found');

foreach my $target (@targets)
{
	my $program = "$place/$target";
	my $inputs = "$place/$target.inputs";

	mkdir $inputs;
	command_ok([ 'sh', 't/fuzz/seeds.sh', $inputs, $target ], "$target: inputs to begin with");
	command_ok([ @compile, '-o', $program, compile("t/fuzz/$target.c"), @common, '-L' . pg_config('--pkglibdir'), qw(-lpgcommon -lpgport -lcrypto -lm) ],
		"$target: it is built");
	my @files = glob "$inputs/*";
	cmp_ok(scalar(@files), '>', 2, "$target: there are inputs");
	command_ok([ $program, @files ], "$target: nothing is found");
}

done_testing();
