# Makes mutants: the source with one thing wrong that some test must notice.
#
#   mutate.pl check                    prints what is wrong with the list
#   mutate.pl names MAJOR [NAME...]    prints the names of those for a version of
#                                      PostgreSQL, or says which are unknown
#   mutate.pl intent NAME              prints what is wrong in the mutant
#   mutate.pl tests NAME               prints the tests that must notice
#   mutate.pl apply NAME TREE          makes the mutant of the source in TREE
#
# The list are the files *.mutants beside this one. Each mutant is
#
#   = name: what is wrong
#   ! sql/test specs/test specs/fault/test t/test t/fault/test
#   < version of PostgreSQL from which on nothing is wrong in it, if there is one
#   @ the file that is changed
#    a line that is there
#   -a line that is left out
#   +a line that is put in
#
# with as many changes, each from its "@" on, as it takes. The lines that are
# there or left out follow on one another, and must be in the file exactly once:
# a mutant whose place has changed is an error, and has to be written anew.
use strict;
use warnings;

use File::Basename qw(dirname);

my $here = dirname(__FILE__);
my $root = "$here/../..";
my %extensions = (
    'sql' => 'sql', 'specs' => 'spec', 'specs/fault' => 'spec', 't' => 'pl', 't/fault' => 'pl');
my (@names, %mutants);

# The whole text of a file.
sub slurp
{
    my ($path) = @_;
    open my $in, '<', $path or die "$path: $!\n";
    local $/;
    return scalar <$in>;
}

# Takes one line of a list.
sub take_line
{
    my ($where, $line, $mutant) = @_;
    if ($line =~ /^= ([a-z0-9-]+): (.+)$/)
    {
        die "$where: there are two mutants \"$1\"\n" if $mutants{$1};
        push @names, $1;
        return $mutants{$1} = { intent => $2, tests => [], changes => [] };
    }
    return $mutant if $line =~ /^(#|$)/;
    my $sign = substr $line, 0, 1;
    if ($mutant && $line =~ /^! (.+)$/)
    {
        push @{ $mutant->{tests} }, split ' ', $1;
    }
    elsif ($mutant && $line =~ /^< (\d+)$/)
    {
        $mutant->{before} = $1;
    }
    elsif ($mutant && $line =~ /^@ (.+)$/)
    {
        push @{ $mutant->{changes} }, { file => $1, old => '', new => '' };
    }
    elsif ($mutant && @{ $mutant->{changes} } && $sign =~ /[ +-]/)
    {
        my $change = $mutant->{changes}[-1];
        my $text = substr($line, 1) . "\n";
        $change->{old} .= $text if $sign ne '+';
        $change->{new} .= $text if $sign ne '-';
    }
    else
    {
        die "$where: cannot be read: $line\n";
    }
    return $mutant;
}

# Reads all lists.
sub read_lists
{
    for my $list (sort glob "$here/*.mutants")
    {
        my $mutant;
        my $number = 0;
        for my $line (split /\n/, slurp($list))
        {
            $mutant = take_line("$list:" . ++$number, $line, $mutant);
        }
    }
    die "$here: no mutants\n" unless @names;
}

# The mutant of a name.
sub mutant
{
    my ($name) = @_;
    return $mutants{ $name // '' } // die "there is no mutant \"" . ($name // '') . "\"\n";
}

# The text with a change, or an error.
sub changed
{
    my ($text, $change) = @_;
    my ($old, $file) = @$change{qw(old file)};
    my $padded = "\n$text";
    my $at = index $padded, "\n$old";
    die "does not apply any more: not found in $file:\n$old" if $old eq '' || $at < 0;
    die "is ambiguous: more than once in $file:\n$old"
      if index($padded, "\n$old", $at + 1) >= 0;
    die "changes nothing in $file\n" if $old eq $change->{new};
    substr $padded, $at + 1, length $old, $change->{new};
    return substr $padded, 1;
}

# Changes the source in a folder.
sub apply
{
    my ($mutant, $tree) = @_;
    for my $change (@{ $mutant->{changes} })
    {
        my $path = "$tree/$change->{file}";
        my $text = changed(slurp($path), $change);
        open my $out, '>', $path or die "$path: $!\n";
        print $out $text or die "$path: $!\n";
        close $out or die "$path: $!\n";
    }
}

# Prints what is wrong with a mutant; true if nothing is.
sub is_good
{
    my ($name) = @_;
    my $mutant = $mutants{$name};
    my @problems;
    my %texts;
    push @problems, "has no tests\n" unless @{ $mutant->{tests} };
    push @problems, "has no changes\n" unless @{ $mutant->{changes} };
    for my $test (@{ $mutant->{tests} })
    {
        my $extension = $extensions{ dirname($test) };
        push @problems, "names a test that is not there: $test\n"
          unless $extension && -f "$root/$test.$extension";
    }
    for my $change (@{ $mutant->{changes} })
    {
        my $file = $change->{file};
        eval {
            $texts{$file} //= slurp("$root/$file");
            $texts{$file} = changed($texts{$file}, $change);
        };
        push @problems, $@ if $@;
    }
    print "mutant \"$name\" $_" for @problems;
    return !@problems;
}

my ($command, @arguments) = @ARGV;
$command //= '';
read_lists();
if ($command eq 'check')
{
    exit(scalar(grep { !is_good($_) } @names) ? 1 : 0);
}
elsif ($command eq 'names')
{
    my ($major, @wanted) = @arguments;
    mutant($_) for @wanted;
    print map { "$_\n" }
      grep { $major < ($mutants{$_}{before} // 999) } @wanted ? @wanted : @names;
}
elsif ($command eq 'intent')
{
    print mutant($arguments[0])->{intent}, "\n";
}
elsif ($command eq 'tests')
{
    print map { "$_\n" } @{ mutant($arguments[0])->{tests} };
}
elsif ($command eq 'apply')
{
    apply(mutant($arguments[0]), $arguments[1]);
}
else
{
    die "unknown command \"$command\"\n";
}
