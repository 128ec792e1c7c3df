# cluster.sh: builds tenant_acl and runs throw-away clusters with it. Sourced
# after setup.sh.
#
# Everything happens in one new directory under /tmp that is removed when the
# script ends: the build, a private copy of the PostgreSQL installation into
# which it is installed, and the clusters. Neither the work tree nor the
# PostgreSQL of the machine is changed, and several runs do not meet. All of
# it runs as an ordinary user: as "postgres" when the script is root's. The
# servers listen on a Unix socket in that directory and nowhere else.

export LC_ALL=C
unset PGDATA PGDATABASE PGHOST PGHOSTADDR PGOPTIONS PGPASSFILE PGPASSWORD
unset PGPORT PGSERVICE PGSERVICEFILE PGSSLMODE PGUSER
unset COPT MAKEFLAGS MAKELEVEL PROFILE

SOURCE=$(cd "$(dirname "$0")/.." && pwd)
WORK=
OWNER=
CLUSTER=

# Makes the directory WORK and says who owns it.
work_begin() {
	if [ "$(id -u)" -eq 0 ]; then
		OWNER=postgres
		id "$OWNER" >/dev/null 2>&1 || {
			OWNER=tenant_acl_test
			id "$OWNER" >/dev/null 2>&1 ||
				useradd --system --shell /bin/sh "$OWNER"
		}
	fi
	trap work_end EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	WORK=$(mktemp -d /tmp/tenant_acl.XXXXXX)
	[ -z "$OWNER" ] || chown "$OWNER" "$WORK"
}

# Stops what runs and removes everything.
work_end() {
	cluster_stop
	[ -z "$WORK" ] || rm -rf "$WORK"
}

# Runs a command as the owner of WORK, there.
as_owner() {
	if [ -n "$OWNER" ]; then
		(cd "$WORK" && runuser -u "$OWNER" -- env HOME="$WORK" "$@")
	else
		(cd "$WORK" && env HOME="$WORK" "$@")
	fi
}

# Runs a command as the owner with its output in a file, shown if it fails.
logged() {
	log=$1
	shift
	if ! as_owner "$@" >"$log" 2>&1; then
		cat "$log"
		return 1
	fi
}

# Copies what is built and tested from the work tree, without build products.
copy_source() {
	as_owner mkdir -p "$1"
	(cd "$SOURCE" && tar -cf - --exclude='*.o' --exclude='*.bc' --exclude=node_modules \
		Makefile tenant_acl.control src sql \
		$(for part in doc examples expected specs t; do
			[ ! -d "$part" ] || echo "$part"
		done)) | as_owner tar -xof - -C "$1"
}

# Prints with_llvm=no if PostgreSQL has JIT but its clang is not there.
llvm_option() {
	pgxs=$("$PG_CONFIG" --pgxs)
	settings=${pgxs%/src/makefiles/pgxs.mk}/src/Makefile.global
	clang=$(sed -n 's/^CLANG *= *//p' "$settings")
	llvm=$(sed -n 's/^LLVM_BINPATH *= *//p' "$settings")
	if [ ! -x "$clang" ] || [ ! -x "$llvm/llvm-lto" ]; then
		echo with_llvm=no
	fi
}

# Builds a variant in WORK/<name> with the given arguments of make, and
# installs it into a private copy of PostgreSQL. Sets BUILD and BINDIR.
install_variant() {
	variant=$1
	shift
	BUILD=$WORK/$variant
	private=$WORK/$variant.root
	copy_source "$BUILD"
	for dir in bindir pkglibdir sharedir; do
		dir=$("$PG_CONFIG" --$dir) && [ -n "$dir" ] || return 1
		as_owner mkdir -p "$private$dir"
		as_owner cp -a "$dir/." "$private$dir/"
	done
	logged "$WORK/$variant.log" make -C "$BUILD" -j "$(nproc)" \
		PG_CONFIG="$PG_CONFIG" $(llvm_option) "$@" || return 1
	logged "$WORK/$variant.log" make -C "$BUILD" install DESTDIR="$private" \
		PG_CONFIG="$PG_CONFIG" $(llvm_option) "$@" || return 1
	BINDIR=$private$("$PG_CONFIG" --bindir)
}

# Starts a new cluster of the variant installed last, with the settings given
# as lines of postgresql.conf. psql finds it by the environment.
cluster_start() {
	cluster_stop
	CLUSTER=$(as_owner mktemp -d "$WORK/cluster.XXXXXX")
	logged "$WORK/initdb.log" "$BINDIR/initdb" -D "$CLUSTER/data" -A trust \
		-U postgres -E UTF8 --no-locale --no-sync || return 1
	as_owner tee -a "$CLUSTER/data/postgresql.conf" >/dev/null <<-END
		listen_addresses = ''
		unix_socket_directories = '$CLUSTER'
		unix_socket_permissions = 0700
		port = 54320
		fsync = off
		max_prepared_transactions = 20
		max_wal_size = 4GB
		${1:-}
	END
	logged "$WORK/start.log" "$BINDIR/pg_ctl" -D "$CLUSTER/data" -w \
		-l "$CLUSTER/server.log" start || {
		cat "$CLUSTER/server.log"
		CLUSTER=
		return 1
	}
	PGHOST=$CLUSTER PGPORT=54320 PGUSER=postgres PGDATABASE=postgres
	export PGHOST PGPORT PGUSER PGDATABASE
}

# Stops the cluster if one runs.
cluster_stop() {
	if [ -n "$CLUSTER" ] && [ -f "$CLUSTER/data/postmaster.pid" ]; then
		as_owner "$BINDIR/pg_ctl" -D "$CLUSTER/data" -w -m fast stop \
			>/dev/null 2>&1 ||
			as_owner "$BINDIR/pg_ctl" -D "$CLUSTER/data" -w -m immediate stop \
				>/dev/null 2>&1 || :
	fi
	CLUSTER=
}
