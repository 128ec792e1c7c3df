#!/bin/sh
# sanitize.sh: runs every test in a PostgreSQL that watches over memory.
#
# PostgreSQL itself is built for it, from the source package of the distribution:
# with assertions, AddressSanitizer and UndefinedBehaviorSanitizer, and with what
# PostgreSQL tells Valgrind told to AddressSanitizer. So each allocation in a memory
# context is watched by itself, freed memory is overwritten and may not be touched,
# and lists move with each element that is added. The extension is built with the
# same flags; then scripts/check.sh runs as ever. Everything that a sanitizer
# reports, whatever process it was in, is printed at the end and is a failure.
#
# Building takes as long as the tests do. TACL_SANITIZED names a folder in which
# the server stays, to be used again; without it there is nothing left.
set -eu

. "$(dirname "$0")/setup.sh"
. "$(dirname "$0")/cluster.sh"

# Prints what is missing to build PostgreSQL, one Debian package a line.
missing_for_server() {
	command -v pkg-config >/dev/null || echo pkg-config
	pkg-config --exists icu-uc icu-i18n 2>/dev/null || echo libicu-dev
	command -v bzip2 >/dev/null || echo bzip2
	command -v bison >/dev/null || echo bison
	command -v flex >/dev/null || echo flex
}

# Runs an apt command with sources, which the machine's lists need not have, and
# lists of its own.
apt_here() {
	program=$1
	shift
	"$program" -o APT::Sandbox::User=root -o Dir::Etc::SourceList="$WORK/apt/sources.list" -o Dir::Etc::SourceParts=- \
		-o Dir::State::Lists="$WORK/apt/lists" -o Dir::Cache="$WORK/apt/cache" "$@"
}

# Fetches the newest source of this major version that there is.
fetch_source() {
	mkdir -p "$WORK/apt/lists/partial" "$WORK/apt/cache/archives/partial"
	apt-cache madison "postgresql-$1" |
		sed -n 's/^.*| *\([^ ]*\) \([^ /]*\)\/\([^ ]*\) .*Packages$/deb-src \1 \2 \3/p' |
		sort -u >"$WORK/apt/sources.list"
	[ -s "$WORK/apt/sources.list" ] || die "apt knows no package postgresql-$1"
	apt_here apt-get update -qq >&2 || die "apt-get update failed"
	for version in $(apt_here apt-cache showsrc "postgresql-$1" |
		sed -n 's/^Version: //p' | sort -Vru); do
		if (cd "$WORK/apt" && apt_here apt-get source -qq --download-only \
			"postgresql-$1=$version" >"$WORK/fetch.log" 2>&1); then
			echo "postgresql-$1 $version"
			return
		fi
	done
	cat "$WORK/fetch.log"
	die "the source of postgresql-$1 cannot be fetched"
}

# Writes the headers that stand for Valgrind's: its requests, as far as there is
# something like them, for AddressSanitizer.
write_headers() {
	as_owner mkdir -p "$1/valgrind"
	as_owner tee "$1/valgrind/memcheck.h" >/dev/null <<-'END'
		#include <sanitizer/asan_interface.h>
		#define VALGRIND_CHECK_MEM_IS_DEFINED(at, size) do {} while (0)
		#define VALGRIND_CREATE_MEMPOOL(pool, redzones, zeroed) do {} while (0)
		#define VALGRIND_DESTROY_MEMPOOL(pool) do {} while (0)
		#define VALGRIND_MAKE_MEM_DEFINED(at, size) __asan_unpoison_memory_region(at, size)
		#define VALGRIND_MAKE_MEM_NOACCESS(at, size) __asan_poison_memory_region(at, size)
		#define VALGRIND_MAKE_MEM_UNDEFINED(at, size) __asan_unpoison_memory_region(at, size)
		#define VALGRIND_MEMPOOL_ALLOC(pool, at, size) __asan_unpoison_memory_region(at, size)
		#define VALGRIND_MEMPOOL_FREE(pool, at) do {} while (0)
		#define VALGRIND_MEMPOOL_CHANGE(pool, old, at, size) __asan_unpoison_memory_region(at, size)
	END
	as_owner tee "$1/valgrind/valgrind.h" >/dev/null <<-'END'
		#define RUNNING_ON_VALGRIND 0
		#define VALGRIND_COUNT_ERRORS 0
		#define VALGRIND_PRINTF(...) do {} while (0)
	END
}

# Builds and installs the server in a folder.
build_server() {
	echo "building $(fetch_source "$1") with sanitizers"
	as_owner mkdir -p "$2" "$WORK/source" "$WORK/build"
	as_owner tar -xf "$(ls "$WORK"/apt/postgresql-*.orig.tar.*)" -C "$WORK/source" \
		--strip-components=1
	write_headers "$2/include-valgrind"
	logged "$WORK/configure.log" env --chdir="$WORK/build" ../source/configure -q --prefix="$2" \
		--enable-cassert --enable-debug --enable-tap-tests --with-icu --with-openssl \
		--without-readline --without-zlib \
		CFLAGS="-O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer -DUSE_VALGRIND -I$2/include-valgrind" ||
		die "configure failed"
	logged "$WORK/make.log" make -s -C "$WORK/build" -j "$(nproc)" ||
		die "the build of PostgreSQL failed"
	logged "$WORK/make.log" make -s -C "$WORK/build" install ||
		die "the installation of PostgreSQL failed"
	# What tests load
	logged "$WORK/make.log" make -s -C "$WORK/build/contrib/auto_explain" install ||
		die "the installation of auto_explain failed"
	rm -rf "$WORK/source" "$WORK/build"
}

setup_tools
tools=$(missing_for_server)
# shellcheck disable=SC2086
[ -z "$tools" ] || install_packages $tools
work_begin
as_owner mkdir "$WORK/reports"
export ASAN_OPTIONS="detect_leaks=0:detect_stack_use_after_return=0:abort_on_error=1:log_path=$WORK/reports/address"
export UBSAN_OPTIONS="print_stacktrace=1:log_path=$WORK/reports/undefined"
server=${TACL_SANITIZED:-$WORK/server}
if [ ! -x "$server/bin/pg_config" ]; then
	if [ -n "$OWNER" ] && [ ! -d "$server" ]; then
		mkdir -p "$server"
		chown "$OWNER" "$server"
	fi
	major=$("$PG_CONFIG" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/')
	build_server "$major" "$server"
fi
# All is several times slower.
export SUITE_TIMEOUT=7200 PGISOLATIONTIMEOUT=3600 TACL_GROWTH_MB=400
status=0
TACL_WARNINGS='' PG_CONFIG="$server/bin/pg_config" sh "$SOURCE/scripts/check.sh" || status=1
for report in "$WORK"/reports/*; do
	[ -f "$report" ] || continue
	head -n 40 "$report"
	status=1
done
echo "$(find "$WORK/reports" -type f | wc -l) processes with reports of sanitizers"
exit $status
