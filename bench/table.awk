# table.awk RESULTS: the results for people.

BEGIN {
    FS = "\t"
    line = "  %-46s %10s %10s %-6s %7s %7s  %-8s %s\n"
}

/^#/ { print substr($0, 3); next }
$1 == "workload" { next }

$1 != workload || $2 != title {
    if ($1 != workload)
        printf "\n%s\n", toupper($1)
    workload = $1
    title = $2
    printf line, title, "median", "best", "", "ratio", "(best)", "goal", ""
}

{
    printf line, "  " $3, $6, $7, $4, $9 == "-" ? "" : $9, $10 == "-" ? "" : $10, $11 == "-" ? "" : $11, $12 == "-" ? "" : $12
    if ($12 != "-")
        verdicts[$12]++
}

END { printf "\ngoals met %d, missed %d\n", verdicts["met"], verdicts["missed"] }
