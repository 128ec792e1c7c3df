#!/bin/sh
# fuzz.sh [seconds [target]]: tries random inputs on the modules that read what
# comes from outside, with libFuzzer, AddressSanitizer and
# UndefinedBehaviorSanitizer: 20 seconds for each target unless another time or
# one target is given. The targets are the programs of t/fuzz:
#
#   base64url  src/base64url.c against a plain decoder
#   json       src/json.c against a plain reader
#   jwk        src/jwk.c and src/signature.c
#   pattern    src/pattern.c and src/permset.c against a plain matcher
#   token      src/jwt.c and what it is made of
#
# An input that was found to go wrong is printed in base64 and, with what went
# wrong, ends the script. The work tree is not written to.
set -eu

. "$(dirname "$0")/setup.sh"
. "$(dirname "$0")/cluster.sh"

MODULES=$(cat "$SOURCE/t/fuzz/modules")
FLAGS="-std=gnu11 -g -O1 -fno-omit-frame-pointer -fwrapv -fno-strict-aliasing
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
	-DUSE_ASSERT_CHECKING -Wall -Werror -Wno-ignored-attributes"

# Can clang build something with libFuzzer?
can_fuzz() {
	echo 'int LLVMFuzzerTestOneInput(const char *data, long size) { return 0; }' |
		as_owner clang -fsanitize=fuzzer,address,undefined -x c - -o probe 2>/dev/null
}

# Prints the Debian package of the libraries that clang needs for that.
sanitizer_package() {
	apt-cache depends clang |
		sed -n 's/^ *Depends: clang-\([0-9][0-9]*\)$/libclang-rt-\1-dev/p' | head -n 1
}

setup_fuzzer() {
	can_fuzz && return
	refresh_packages
	# shellcheck disable=SC2046
	install_packages clang $(sanitizer_package)
	can_fuzz || die "clang cannot build with -fsanitize=fuzzer,address,undefined"
}

# Builds the program of a target.
build() {
	libraries=$("$PG_CONFIG" --pkglibdir)
	sources=
	for module in $MODULES; do
		sources="$sources source/src/$module.c"
	done
	# shellcheck disable=SC2086
	as_owner clang $FLAGS -Isource/src -Isource/t/fuzz -I"$("$PG_CONFIG" --includedir-server)" \
		-o "$1" "source/t/fuzz/$1.c" source/t/fuzz/stubs.c $sources \
		-L"$libraries" -lpgcommon -lpgport -lcrypto
}

# The longest input to try.
max_bytes() {
	case $1 in
		base64url) echo 300 ;;
		json) echo 2000 ;;
		*) echo 8500 ;;
	esac
}

# Runs a target for some seconds.
run() {
	as_owner mkdir "$1.inputs"
	as_owner sh source/t/fuzz/seeds.sh "$1.inputs" "$1"
	as_owner "./$1" -max_total_time="$2" -max_len="$(max_bytes "$1")" -timeout=10 \
		-dict=source/t/fuzz/words.dict -artifact_prefix=found. -print_final_stats=1 \
		"$1.inputs" >"$WORK/$1.log" 2>&1 || {
		awk '/^FOUND|ERROR: |runtime error: / { found = 1 } found' "$WORK/$1.log" | head -n 40
		for file in "$WORK"/found.*; do
			[ ! -f "$file" ] || base64 "$file"
		done
		echo "$1: something was found; its input is above, in base64"
		exit 1
	}
	sed -n 's/^stat::number_of_executed_units: */'"$1"': nothing found; inputs tried: /p' "$WORK/$1.log"
}

seconds=${1:-20}
setup_tools
work_begin
setup_fuzzer
copy_source "$WORK/source"
for target in ${2:-base64url json jwk pattern token}; do
	build "$target"
	run "$target" "$seconds"
done
