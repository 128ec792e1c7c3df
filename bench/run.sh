#!/bin/sh
# run.sh [--quick] [--instructions] [WORKLOAD...]: what the extension costs.
#
# Makes its own throw-away cluster and data, runs every competitor in turn, and
# prints medians, best values and ratios of 7 rounds, with the goals met and
# missed. Each file of bench/workloads/ is a workload, and says what it
# measures; all are run unless some are named. --quick: 3 rounds and less data.
#
# --instructions counts the instructions of checks instead (workload
# "instructions" only), which are the same on a busy machine: by perf if the
# machine lets it count, else by valgrind.
#
# A full run of all workloads writes bench/results.tsv, doc/performance.svg and
# the table of doc/performance.md; any other one writes bench/last/.
set -eu

SOURCE=$(cd "$(dirname "$0")/.." && pwd)
QUICK=0
WORKLOADS=

for argument in "$@"; do
	case $argument in
		--quick) QUICK=1 ;;
		--instructions) WORKLOADS="$WORKLOADS instructions" ;;
		-*) echo "usage: run.sh [--quick] [--instructions] [WORKLOAD...]" >&2; exit 2 ;;
		*) WORKLOADS="$WORKLOADS $argument" ;;
	esac
done

. "$SOURCE/bench/lib.sh"

# Where the results go: table for people, values, chart.
if [ -z "$WORKLOADS" ] && [ "$QUICK" -eq 0 ]; then
	RESULTS=$SOURCE/bench/results.tsv
	CHART=$SOURCE/doc/performance.svg
	PAGE=$SOURCE/doc/performance.md
else
	mkdir -p "$SOURCE/bench/last"
	RESULTS=$SOURCE/bench/last/results.tsv
	CHART=$SOURCE/bench/last/performance.svg
	PAGE=
fi

# The workloads that are run when none is named, in this order.
: "${WORKLOADS:=check_row check_tenant prepared cold policies plans scale assign readers pooled memory audit lists tokens}"
for WORKLOAD in $WORKLOADS; do
	[ -f "$SOURCE/bench/workloads/$WORKLOAD.sh" ] || die "there is no workload $WORKLOAD"
done

# Prints the results as columns.
print_results() {
	awk -f "$SOURCE/bench/table.awk" "$RESULTS"
}

# Replaces what is between the markers of a page by the results.
fill_page() {
	awk -f "$SOURCE/bench/markdown.awk" "$RESULTS" >"$WORK/table.md"
	awk -v table="$WORK/table.md" '
		/<!-- results end -->/ { inside = 0 }
		!inside { print }
		/<!-- results begin -->/ { inside = 1; while ((getline line < table) > 0) print line }' \
		"$1" >"$WORK/page.md"
	cat "$WORK/page.md" >"$1"
}

began=$(date +%s)
bench_begin
{
	printf '# %s, %s cores of %s, %s\n' "$("$PG_CONFIG" --version)" "$(nproc)" \
		"$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)" "$(date -u +%Y-%m-%d)"
} >"$WORK/results"
for WORKLOAD in $WORKLOADS; do
	printf '%5d s  %s\n' $(($(date +%s) - began)) "$WORKLOAD" >&2
	. "$SOURCE/bench/workloads/$WORKLOAD.sh"
done
printf '%5d s  done\n' $(($(date +%s) - began)) >&2

sort -t '	' -k 1,3 -k 4,4g "$WORK/measured" >"$WORK/sorted"
awk -f "$SOURCE/bench/summary.awk" "$WORK/sorted" "$WORK/compared" >>"$WORK/results"
cat "$WORK/results" >"$RESULTS"
print_results
if [ -n "$PAGE" ]; then
	fill_page "$PAGE"
fi
sh "$SOURCE/bench/chart.sh" "$RESULTS" "$CHART"
