#!/bin/sh
# versions.sh: runs every test with the PostgreSQL of newer Debian suites, and
# upgrades the database of this machine's PostgreSQL to each.
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
	mkdir -p -m 700 "$FOLDER"
	if [ -L "$FOLDER" ] || [ "$(stat -c %u "$FOLDER")" -ne 0 ]; then
		die "$FOLDER is not root's"
	fi
	exec 9>"$FOLDER/lock"
	flock -n 9 || die "another run is using $FOLDER"
}

# Prints the address of the mirror of this machine's Debian.
mirror_of_apt() {
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' \
		'Created-By: Packages' |
		awk -v codename="$codename" '$1 == "Debian" && $2 == codename { print $3; exit }'
}

# Sets MIRROR, and installs debootstrap.
setup_debootstrap() {
	command -v apt-get >/dev/null || die "this is not Debian"
	MIRROR=$(mirror_of_apt)
	if [ -z "$MIRROR" ] || ! command -v debootstrap >/dev/null; then
		apt-get update -qq >&2 || die "apt-get update failed"
		MIRROR=$(mirror_of_apt)
	fi
	[ -n "$MIRROR" ] || die "apt has no mirror of this Debian"
	command -v debootstrap >/dev/null || install_packages debootstrap
}

# Copies a file or folder of this machine to the same place in the chroot.
same_here() {
	[ -e "$1" ] || return 0
	mkdir -p "$ROOT${1%/*}"
	cp -rLT "$1" "$ROOT$1"
}

# Copies into the chroot how this machine reaches the mirror: names, proxies,
# certificates.
copy_network() {
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
	debootstrap --force-check-gpg --variant=minbase "$1" "$ROOT" "$MIRROR" $script \
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

# Builds the extension for it, in a private copy.
old_build() {
	install_variant old || die "the build failed"
	rm -rf "$WORK/old.root$("$PG_CONFIG" --pkglibdir)/bitcode" \
		"$WORK/old.root$("$PG_CONFIG" --pkglibdir)/llvmjit.so"
}

# Prints the libraries that it is linked with, and the loader.
old_libraries() {
	ldd "$BINDIR"/* "$WORK/old.root$("$PG_CONFIG" --pkglibdir)"/*.so 2>/dev/null |
		grep -oE '/[^ ]+ \(0x' | sed 's/ (0x$//' | grep -vF "$WORK" | sort -u
}

# Puts it into the chroot's /old, with all libraries that it is linked with, down
# to libc: those of another suite are of other versions. Each program is started
# with the loader that belongs to them, in whose place they find their parts.
old_put() {
	OLD_BINDIR=/old$("$PG_CONFIG" --bindir)
	rm -rf --one-file-system "$ROOT/old"
	mkdir -p "$ROOT/old/libraries" "$ROOT/old/programs"
	cp -a "$WORK/old.root/." "$ROOT/old/"
	for library in $(old_libraries); do
		cp -L "$library" "$ROOT/old/libraries/"
	done
	for program in "$ROOT$OLD_BINDIR"/*; do
		name=${program##*/}
		mv "$program" "$ROOT/old/programs/$name"
		cat >"$program" <<-END
			#!/bin/sh
			exec /old/libraries/$LOADER --library-path /old/libraries \\
			    --argv0 $OLD_BINDIR/$name /old/programs/$name "\$@"
		END
		chmod 755 "$program"
	done
}

# Sets LOADER to the name of the file that starts programs here.
old_loader() {
	LOADER=$(old_libraries | sed -n 's,.*/\(ld[-.0-9a-z_]*\.so[.0-9]*\)$,\1,p' | head -n 1)
	[ -n "$LOADER" ] || die "no loader found"
}

#
# Suites
#

# Runs the tests in a suite. Adds to SUMMARY, and to FAILED if it failed.
run_suite() {
	echo
	echo "=== $1"
	began=$(date +%s)
	chroot_make "$1"
	copy_network
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
old_build
old_loader

SUMMARY=
FAILED=
for suite; do
	run_suite "$suite"
done
printf '\n%s' "$SUMMARY"
[ -z "$FAILED" ] || die "failed:$FAILED"
