# markdown.awk RESULTS: the results as a table of a page.

BEGIN { FS = "\t" }

/^#/ {
    print "\n" substr($0, 3) ".\n"
    print "| work | side | median | best | unit | ratio | of best | goal | |"
    print "|---|---|---|---|---|---|---|---|---|"
    next
}
$1 == "workload" { next }

{
    for (i = 9; i <= 12; i++)
        sub(/^-$/, "", $i)
    sub(/^<= /, "≤ ", $11)
    sub(/^>= /, "≥ ", $11)
    printf "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", $1 == was && $2 == title ? "" : $1 ": " $2, $3, $6, $7, $4, $9, $10, $11, $12 == "missed" ? "**missed**" : $12
    was = $1
    title = $2
}

END { print "" }
