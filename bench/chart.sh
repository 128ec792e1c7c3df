#!/bin/sh
# chart.sh RESULTS CHART: draws what a check and what policies cost, as SVG.
# What was not measured is left out.
set -eu

results=$1
chart=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Prints the sides of a case of a workload as "n, label, value of a column",
# from the last to the first: gnuplot counts from below.
bars() {
	awk -F '\t' -v workload="$1" -v title="$2" -v column="$3" \
		'$1 == workload && $2 == title && $column != "-" { print $3 "\t" $column }' "$results" |
		tac | awk -F '\t' '{ gsub(/_/, "\\\\\\_", $1); gsub(/[{}]/, "", $1); printf "%d\t\"%s\"\t%s\n", NR, $1, $2 }'
}

bars check_row "warm check, all vary" 6 >"$work/1"
bars policies "Q1 active tenant" 9 >"$work/2"
bars policies "Q2 look-up by key" 9 >"$work/3"
bars policies "Q3 all tenants of the user" 9 >"$work/4"
bars policies "Q4 insert" 9 >"$work/5"

# Prints what draws a diagram: file, title, unit.
diagram() {
	count=$(wc -l <"$work/$1")
	[ "$count" -gt 0 ] || return 0
	cat <<-END
		set title "$2"
		set xlabel "$3"
		set yrange [0.3:$count.7]
		plot "$work/$1" using (\$3):1:($4):(\$3):(\$1 - 0.32):(\$1 + 0.32):(stringcolumn(2)[1:4] eq "tacl" ? 0x2f6f9f : 0xb8b8b8):ytic(2) \\
			with boxxyerror linecolor rgb variable notitle, \\
			"" using (\$3):1:(sprintf(\$3 < 9.995 ? " %.2f" : " %.0f", \$3)) with labels left font ",9" notitle
	END
}

gnuplot <<-END
	set terminal svg size 1200,1000 font "Helvetica,11" background "#ffffff"
	set output "$chart"
	set multiplot layout 3,2
	set logscale x
	set style fill solid
	unset key
	set border 1
	set ytics nomirror scale 0
	set xtics nomirror (0.1, 1, 10, 100, "1,000" 1000, "10,000" 10000)
	set rmargin 7
	set lmargin 28
	set xrange [0.05:100]
	$(diagram 1 "One check, warm, of each row of a scan" "µs, the scan included" 0.05)
	set xrange [0.5:50000]
	$(diagram 2 "Q1: count the active tenant's 1,000 rows" "times the explicit WHERE" 0.5)
	$(diagram 3 "Q2: look up a row by its key" "times the explicit WHERE" 0.5)
	$(diagram 4 "Q3: count the rows of the user's 5 tenants" "times the explicit WHERE" 0.5)
	$(diagram 5 "Q4: insert a row" "times a policy that compares the tenant" 0.5)
	unset multiplot
END
