# summary.awk MEASURED COMPARED: the results, one line for each that was stated.
#
# MEASURED has lines of workload, case, side and value, ordered by these;
# COMPARED what compare() of lib.sh states.

BEGIN {
    FS = OFS = "\t"
    print "workload", "case", "side", "unit", "rounds", "median", "best", "compared_with", "ratio", "ratio_of_best", "goal", "verdict"
}

# A number with three digits that count, or all before the point.
function short(number) {
    if (number == "-")
        return number
    if (number >= 1000 || number <= -1000 || number == int(number))
        return sprintf("%.0f", number)
    return sprintf("%.3g", number)
}

function median(key,    n) {
    n = count[key]
    if (n % 2 == 1)
        return value[key, (n + 1) / 2]
    return (value[key, n / 2] + value[key, n / 2 + 1]) / 2
}

# The least, or the highest of a rate.
function best(key, unit) {
    return unit ~ /\/s$/ ? value[key, count[key]] : value[key, 1]
}

function is_met(number, goal,    part) {
    split(goal, part, " ")
    if (part[1] == "<=")
        return number <= part[2] + 0
    if (part[1] == ">=")
        return number >= part[2] + 0
    return number == part[2] + 0
}

FILENAME == ARGV[1] {
    key = $1 FS $2 FS $3
    value[key, ++count[key]] = $4
    next
}

{
    key = $1 FS $2 FS $3
    base = $1 FS $2 FS $5
    if (!(key in count) || ($5 != "-" && !(base in count))) {
        print "summary.awk: not measured: " $0 > "/dev/stderr"
        next
    }
    judged = median(key)
    ratio = least = "-"
    if ($5 != "-") {
        judged = ratio = median(key) / median(base)
        least = best(key, $4) / best(base, $4)
    }
    verdict = $6 == "-" ? "-" : is_met(judged, $6) ? "met" : "missed"
    print $1, $2, $3, $4, count[key], short(median(key)), short(best(key, $4)), $5, short(ratio), short(least), $6, verdict
}
