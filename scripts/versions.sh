#!/bin/sh
# versions.sh: runs every test with the PostgreSQL of newer Debian suites, and
# upgrades a database of this machine's PostgreSQL to each.
#
#   sh scripts/versions.sh [suite...]     trixie (17) and forky (18) unless given
#
# For each suite a chroot is made with debootstrap, from the mirror that apt uses
# here. scripts/check.sh runs in it, on a copy of the work tree, and installs what
# it needs there. t/030_upgrade.pl finds this machine's PostgreSQL with the
# extension in the chroot's /old (old_put). The chroots stay in
# ${TMPDIR:-/tmp}/tenant_acl-versions and are used again; they can be deleted at
# any time. One that was not finished is made again.
#
# Needs Debian and root. All is mounted in a mount namespace of this script's own,
# which ends with it in whatever way: nothing stays mounted, nobody else sees it.
#
# The last lines are those of check.sh, one for each suite.
set -eu

if [ -z "${VERSIONS_UNSHARED:-}" ]; then
	[ "$(id -u)" -eq 0 ] || {
		echo "error: a chroot is made by root only" >&2
		exit 1
	}
	exec env VERSIONS_UNSHARED=1 unshare --mount sh "$0" "$@"
fi
unset VERSIONS_UNSHARED

. "$(dirname "$0")/setup.sh"
. "$(dirname "$0")/cluster.sh"
. "$(dirname "$0")/examples.sh"

FOLDER=${TMPDIR:-/tmp}/tenant_acl-versions
COMPLETE=etc/tenant_acl-complete

# Makes the folder for the chroots, which must be ours, and waits for no one.
folder_begin() {
	[ -d "$FOLDER" ] || mkdir -m 700 "$FOLDER"
	if [ -L "$FOLDER" ] || [ "$(stat -c %u "$FOLDER")" -ne 0 ]; then
		die "$FOLDER is not root's"
	fi
	exec 9>"$FOLDER/lock"
	flock -n 9 || die "another run is using $FOLDER"
}

# Prints what is in this machine's sources of Debian for a suite, one source a line:
# the suite itself, its updates, security.
sources_for() {
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' \
		'Created-By: Packages' |
		awk -v codename="$codename" -v suite="$1" '
			$1 == "Debian" && index($2, codename) == 1 {
				print "deb", $3, suite substr($2, length(codename) + 1), "main"
			}' | sort -u
}

# Prints the address of the mirror that has a suite.
mirror_for() {
	sources_for "$1" | awk -v suite="$1" '$3 == suite { print $2; exit }'
}

# Installs debootstrap, and sees to it that apt knows of a mirror.
setup_debootstrap() {
	command -v apt-get >/dev/null || die "this is not Debian"
	if [ -z "$(mirror_for any)" ] || ! command -v debootstrap >/dev/null; then
		refresh_packages
	fi
	[ -n "$(mirror_for any)" ] || die "apt has no mirror of this Debian"
	command -v debootstrap >/dev/null || install_packages debootstrap
}

# Copies a file or folder of this machine to the same place in the chroot.
same_here() {
	[ -e "$1" ] || return 0
	mkdir -p "$ROOT${1%/*}"
	cp -rLT "$1" "$ROOT$1"
}

# Copies into the chroot how this machine reaches the mirror: sources, names,
# proxies, certificates.
copy_network() {
	sources_for "$1" >"$ROOT/etc/apt/sources.list"
	same_here /etc/resolv.conf
	same_here /etc/hosts
	same_here /etc/ssl/certs/ca-certificates.crt
	same_here /usr/local/share/ca-certificates
	apt-config dump --format '%F "%v";%n' |
		grep -E '^Acquire::(https?|Retries|Check-(Valid-Until|Date)|ForceIPv[46])[:" ]' \
			>"$ROOT/etc/apt/apt.conf.d/90tenant_acl" || :
}

# Makes the chroot of a suite unless there is one. Sets ROOT.
chroot_make() {
	ROOT=$FOLDER/$1
	[ ! -f "$ROOT/$COMPLETE" ] || return 0
	rm -rf --one-file-system "$ROOT"
	script=
	[ -e "/usr/share/debootstrap/scripts/$1" ] || script=sid
	debootstrap --force-check-gpg --variant=minbase "$1" "$ROOT" "$(mirror_for "$1")" $script \
		>"$FOLDER/$1.debootstrap" 2>&1 || {
		tail -n 20 "$FOLDER/$1.debootstrap" >&2
		die "debootstrap $1 failed"
	}
	touch "$ROOT/$COMPLETE"
}

# Mounts what a server needs.
chroot_mount() {
	mountpoint -q "$ROOT/proc" || mount -t proc proc "$ROOT/proc"
	mount --rbind /dev "$ROOT/dev"
}

# Runs a command in the chroot, with little of this environment.
inside() {
	# shellcheck disable=SC2046
	chroot "$ROOT" env -i HOME=/root TACL_OLD_BINDIR="$OLD_BINDIR" \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		$(env | grep -E '^(TACL_[A-Z]+|(https?|ftp|no)_proxy|(HTTPS?|NO)_PROXY)=' |
			grep -vE '^TACL_(NPM|OLD_BINDIR)=') "$@"
}

# Copies the work tree.
copy_tree() {
	rm -rf --one-file-system "$ROOT/src"
	mkdir "$ROOT/src"
	tar -C "$SOURCE" -cf - --exclude=./.git --exclude=node_modules --exclude='*.o' \
		--exclude='*.bc' --exclude='*.so' . | tar -C "$ROOT/src" -xof -
}

# Copies the npm packages of the examples: they run no script of their own, so
# that they are the same everywhere, and npm is not needed in the chroot.
copy_npm() {
	mkdir -p "$ROOT${TACL_NPM%/*}"
	[ -d "$ROOT$TACL_NPM" ] || cp -aT "$TACL_NPM" "$ROOT$TACL_NPM"
}

#
# This machine's PostgreSQL in a chroot
#

# Unpacks it into WORK/old, without installing it, and sets OLD_ROOT and OLD_CONFIG.
#
# Of its minor releases the oldest is taken that apt has. A database can be
# upgraded to a minor release of the same time or a later one only: from
# 15.20 on tables have column options that 17.11 and 18.6 refuse; and what a suite has
# may be older than this machine's security updates.
old_unpack() {
	major=$(debian_major)
	version=$(apt-cache madison "postgresql-$major" |
		awk '$NF == "Packages" { version = $3 } END { print version }')
	[ -n "$version" ] || die "apt has no postgresql-$major"
	OLD_ROOT=$WORK/old
	OLD_CONFIG=$OLD_ROOT/usr/lib/postgresql/$major/bin/pg_config
	mkdir -p "$OLD_ROOT" "$WORK/packages"
	(cd "$WORK/packages" && apt-get download -qq "postgresql-$major=$version" \
		"postgresql-client-$major=$version" "postgresql-server-dev-$major=$version") >&2 ||
		die "apt-get download failed"
	for package in "$WORK/packages"/*.deb; do
		dpkg -x "$package" "$OLD_ROOT"
	done
	chown -R "$OWNER" "$OLD_ROOT"
}

# Builds the extension for it, and installs it there: it is found by its place.
old_build() {
	copy_source "$WORK/build"
	logged "$WORK/old.log" make -C "$WORK/build" -j "$(nproc)" \
		PG_CONFIG="$OLD_CONFIG" with_llvm=no all install ||
		die "the build for the old PostgreSQL failed"
	OLD_LIBRARIES=$(old_libraries)
	OLD_LOADER=$(echo "$OLD_LIBRARIES" | sed -n 's,.*/\(ld[-.0-9a-z_]*\.so[.0-9]*\)$,\1,p')
	[ -n "$OLD_LOADER" ] || die "no loader found"
}

# Prints the libraries that it is linked with, and the loader. It runs without
# those of compiled queries.
old_libraries() {
	rm -rf "$("$OLD_CONFIG" --pkglibdir)/llvmjit.so"
	ldd "$("$OLD_CONFIG" --bindir)"/* "$("$OLD_CONFIG" --pkglibdir)"/*.so 2>/dev/null |
		grep -oE '/[^ ]+ \(0x' | sed 's/ (0x$//' | sort -u
}

# Puts it into the chroot's /old, with all libraries that it is linked with, down
# to libc: those of another suite are of other versions. Each program is started
# with the loader that belongs to them, in whose place they find their parts.
old_put() {
	OLD_BINDIR=$("$OLD_CONFIG" --bindir)
	OLD_BINDIR=/old${OLD_BINDIR#"$OLD_ROOT"}
	rm -rf --one-file-system "$ROOT/old"
	mkdir -p "$ROOT/old/libraries" "$ROOT/old/programs"
	cp -a "$OLD_ROOT/usr" "$ROOT/old/"
	for library in $OLD_LIBRARIES; do
		cp -L "$library" "$ROOT/old/libraries/"
	done
	for program in "$ROOT$OLD_BINDIR"/*; do
		name=${program##*/}
		mv "$program" "$ROOT/old/programs/$name"
		cat >"$program" <<-END
			#!/bin/sh
			exec /old/libraries/$OLD_LOADER --library-path /old/libraries \
			    --argv0 $OLD_BINDIR/$name /old/programs/$name "\$@"
		END
		chmod 755 "$program"
	done
}

#
# Suites
#

# Says what is tested, if this is a repository.
say_commit() {
	commit=$(git -C "$SOURCE" rev-parse --short HEAD 2>/dev/null) || return 0
	echo "testing commit $commit" \
		"with $(git -C "$SOURCE" status --porcelain | wc -l) changes that are not committed"
}

# Runs the tests in a suite. Adds to SUMMARY, and to FAILED if it failed.
run_suite() {
	echo
	echo "=== $1"
	began=$(date +%s)
	chroot_make "$1"
	copy_network "$1"
	chroot_mount
	copy_tree
	copy_npm
	old_put
	made=$(date +%s)
	{
		status=0
		inside sh /src/scripts/check.sh 2>&1 || status=$?
		echo "$status" >"$FOLDER/$1.status"
	} | tee "$FOLDER/$1.log"
	[ "$(cat "$FOLDER/$1.status")" -eq 0 ] || FAILED="$FAILED $1"
	version=$(sed -n 's/, built and run in .*//p' "$FOLDER/$1.log")
	SUMMARY="$SUMMARY$1, $version, $((made - began)) s to prepare and"
	SUMMARY="$SUMMARY $(($(date +%s) - made)) s to run: $(tail -n 1 "$FOLDER/$1.log")
"
}

[ $# -gt 0 ] || set -- trixie forky
folder_begin
setup_tools
setup_debootstrap
setup_examples
work_begin
old_unpack
old_build

say_commit
SUMMARY=
FAILED=
for suite; do
	run_suite "$suite"
done
printf '\n%s' "$SUMMARY"
[ -z "$FAILED" ] || die "failed:$FAILED"
