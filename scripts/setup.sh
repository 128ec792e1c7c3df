# setup.sh: what building and testing needs. Sourced by the other scripts.
#
# setup_tools sets PG_CONFIG to a PostgreSQL 15 to 18 that has its server and
# what extensions are built and tested with. What is missing is installed with
# apt-get if this is Debian and the user is root; otherwise the script ends
# with a list of what to install. When nothing is missing, nothing is changed
# and no network is used.

# Ends the script with a message.
die() {
	echo "error: $*" >&2
	exit 1
}

# Is this pg_config that of a complete, supported PostgreSQL?
pg_config_complete() {
	command -v "$1" >/dev/null 2>&1 || return 1
	case "$("$1" --version 2>/dev/null)" in
		"PostgreSQL 15"* | "PostgreSQL 16"* | "PostgreSQL 17"* | "PostgreSQL 18"*) ;;
		*) return 1 ;;
	esac
	[ -x "$("$1" --bindir)/postgres" ] || return 1
	pgxs=$("$1" --pgxs)
	tests=${pgxs%/makefiles/pgxs.mk}/test
	[ -f "$pgxs" ] &&
		[ -x "$tests/regress/pg_regress" ] &&
		[ -x "$tests/isolation/pg_isolation_regress" ] &&
		[ -f "$tests/perl/PostgreSQL/Test/Cluster.pm" ]
}

# Prints the first complete pg_config: the one given, the path's, Debian's.
find_pg_config() {
	if [ -n "${PG_CONFIG:-}" ]; then
		pg_config_complete "$PG_CONFIG" && echo "$PG_CONFIG"
		return
	fi
	for found in pg_config $(debian_bindirs pg_config); do
		if pg_config_complete "$found"; then
			command -v "$found"
			return
		fi
	done
	return 1
}

# Prints the paths of a program of Debian's server packages, newest first.
debian_bindirs() {
	for major in 18 17 16 15; do
		if [ -x "/usr/lib/postgresql/$major/bin/$1" ]; then
			echo "/usr/lib/postgresql/$major/bin/$1"
		fi
	done
}

# Prints what is missing besides PostgreSQL, one Debian package a line.
missing_tools() {
	if ! command -v make >/dev/null || ! command -v cc >/dev/null; then
		echo build-essential
	fi
	if ! echo '#include <openssl/evp.h>' | cc -E - >/dev/null 2>&1; then
		echo libssl-dev
	fi
	include=$("${PG_CONFIG:-pg_config}" --includedir 2>/dev/null || :)
	if ! echo '#include <libpq-fe.h>' |
		cc -E ${include:+-I"$include"} - >/dev/null 2>&1; then
		echo libpq-dev
	fi
	if ! command -v prove >/dev/null; then
		echo perl
	fi
	if ! perl -MIPC::Run -e 1 2>/dev/null; then
		echo libipc-run-perl
	fi
	command -v openssl >/dev/null || echo openssl
	command -v node >/dev/null || echo nodejs
	[ -x /usr/sbin/pgbouncer ] || command -v pgbouncer >/dev/null || echo pgbouncer
}

# Prints the major version to install: the server's that is there already,
# else the one that the distribution's "postgresql" stands for.
debian_major() {
	for found in $(debian_bindirs postgres); do
		found=${found%/bin/postgres}
		echo "${found##*/}"
		return
	done
	apt-cache depends postgresql |
		sed -n 's/^ *Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | head -n 1
}

# Fetches what apt knows of packages, once in a run; only root can.
refresh_packages() {
	[ -z "${packages_are_fresh:-}" ] && [ "$(id -u)" -eq 0 ] &&
		command -v apt-get >/dev/null || return 0
	apt-get update -qq >&2 || die "apt-get update failed"
	packages_are_fresh=yes
}

# Installs Debian packages. No database cluster is made for the server, and no
# service is started.
install_packages() {
	command -v apt-get >/dev/null || die "please install: $*"
	[ "$(id -u)" -eq 0 ] || die "please install, as root: apt-get install $*"
	refresh_packages
	no_cluster=/etc/postgresql-common/createcluster.d/tenant_acl.conf
	echo "installing $*" >&2
	mkdir -p "${no_cluster%/*}"
	echo "create_main_cluster = false" >"$no_cluster"
	no_service=
	if [ ! -e /usr/sbin/policy-rc.d ]; then
		no_service=/usr/sbin/policy-rc.d
		printf '#!/bin/sh\nexit 101\n' >"$no_service"
		chmod 755 "$no_service"
	fi
	status=0
	output=$(DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
		--no-install-recommends "$@" 2>&1) || status=$?
	rm -f "$no_cluster" ${no_service:+"$no_service"}
	if [ "$status" -ne 0 ]; then
		echo "$output" >&2
		die "apt-get install $* failed"
	fi
}

setup_tools() {
	tools=$(missing_tools)
	found=$(find_pg_config || :)
	if [ -n "$tools" ] || [ -z "$found" ]; then
		if [ -z "$found" ]; then
			refresh_packages
			[ -z "${PG_CONFIG:-}" ] ||
				die "$PG_CONFIG is not that of a complete PostgreSQL 15 to 18"
			major=$(debian_major 2>/dev/null || :)
			[ -n "$major" ] || die "no PostgreSQL 15 to 18 found; set PG_CONFIG"
			tools="$tools postgresql-$major postgresql-server-dev-$major"
		fi
		# shellcheck disable=SC2086
		install_packages $tools
		found=$(find_pg_config) || die "no complete PostgreSQL 15 to 18 was found"
	fi
	PG_CONFIG=$found
	export PG_CONFIG
}
