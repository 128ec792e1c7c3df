# examples.sh: what the tests of examples/ need. Sourced after setup.sh and
# cluster.sh.
#
# setup_examples installs the Debian packages that are missing, as setup_tools
# does, and the npm packages that examples name. These go into a folder that
# stays, /var/cache/tenant_acl or that of the user's cache, and TACL_NPM says
# where to the tests; it can be deleted at any time. When nothing is missing,
# nothing is changed and no network is used.

# Prints the folder for all npm packages.
npm_cache() {
	if [ "$(id -u)" -eq 0 ]; then
		echo /var/cache/tenant_acl
	else
		echo "${XDG_CACHE_HOME:-$HOME/.cache}/tenant_acl"
	fi
}

# Prints a name for what the examples ask of npm.
npm_sum() {
	cat "$SOURCE"/examples/*/package.json "$SOURCE"/examples/*/*.prisma | sha256sum |
		cut -c 1-16
}

# Prints the folder that the npm packages of all examples are, or will be, in.
npm_folder() {
	echo "$(npm_cache)/npm-$(npm_sum)"
}

# Prints what is missing, one Debian package a line. The Python is Debian's,
# whatever other one comes first in the path.
missing_example_tools() {
	if [ -x /usr/bin/python3 ]; then
		/usr/bin/python3 -c '
from importlib.util import find_spec
for name in "asyncpg django greenlet jwt psycopg psycopg2 sqlalchemy".split():
    if not find_spec(name):
        print("python3-" + name)'
	else
		echo python3 python3-asyncpg python3-django python3-greenlet python3-jwt \
			python3-psycopg python3-psycopg2 python3-sqlalchemy
	fi
	if command -v ruby >/dev/null; then
		ruby -e '
{ "active_record" => "activerecord", "jwt" => "jwt", "pg" => "pg" }.each do |file, name|
  require file
rescue LoadError
  puts "ruby-#{name}"
end'
	else
		echo ruby ruby-activerecord ruby-jwt ruby-pg
	fi
	[ -d "$(npm_folder)" ] || command -v npm >/dev/null || echo npm
}

# Prints the names of the examples that have npm packages.
npm_examples() {
	for file in "$SOURCE"/examples/*/package.json; do
		basename "${file%/package.json}"
	done
}

# Installs the packages of one example into the folder it is called in. No script
# of a package is run. Prisma's client is generated without the engines that
# Prisma would fetch for that: it does not run them.
npm_install() {
	cp "$SOURCE/examples/$1/package.json" .
	cp "$SOURCE/examples/$1"/*.prisma . 2>/dev/null || :
	npm install --ignore-scripts --include=dev --omit=optional --no-audit --no-fund \
		--no-package-lock --no-update-notifier || return 1
	PRISMA_SCHEMA_ENGINE_BINARY=/bin/true \
		PRISMA_QUERY_ENGINE_LIBRARY=/bin/true \
		PRISMA_HIDE_UPDATE_MESSAGE=1 CHECKPOINT_DISABLE=1 \
		npm run --if-present generate || return 1
}

# Installs the packages of all examples into a folder that gets its name when it
# is complete. Whoever runs the tests must be able to read it.
setup_npm() {
	TACL_NPM=$(npm_folder)
	export TACL_NPM
	[ ! -d "$TACL_NPM" ] || return 0
	mkdir -p -m 755 "${TACL_NPM%/*}"
	partial=$(mktemp -d "$TACL_NPM.XXXXXX")
	chmod 755 "$partial"
	echo "installing npm packages into $TACL_NPM" >&2
	for example in $(npm_examples); do
		mkdir -m 755 "$partial/$example"
		if ! (umask 022 && cd "$partial/$example" && npm_install "$example") \
			>"$partial/log" 2>&1; then
			cat "$partial/log" >&2
			rm -rf "$partial"
			die "the npm packages of examples/$example could not be installed"
		fi
	done
	# Another run may have been faster
	mv -T "$partial" "$TACL_NPM" 2>/dev/null || rm -rf "$partial"
}

setup_examples() {
	tools=$(missing_example_tools)
	# shellcheck disable=SC2086
	[ -z "$tools" ] || install_packages $tools
	setup_npm
}
