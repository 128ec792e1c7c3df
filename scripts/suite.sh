# suite.sh: which tests there are, and how they are run. Sourced after
# cluster.sh.

# Prints the names of the files in a folder with an ending, without both.
names() {
	for file in "$SOURCE/$1"/*"$2"; do
		[ ! -f "$file" ] || basename "$file" "$2"
	done
}

# Prints the names of the regression tests: sql/ without the shipped scripts.
regress_names() {
	names sql .sql | grep -v -e -- || :
}

# Runs make installcheck for the programs of the variant installed last. What
# hangs is ended.
installcheck() {
	as_owner timeout "${SUITE_TIMEOUT:-1200}" make -C "$BUILD" installcheck \
		PG_CONFIG="$PG_CONFIG" bindir="$BINDIR" "$@"
}

# Makes an empty expected file where there is none: without one, pg_regress
# would not run the tests that follow.
fill_expected() {
	as_owner mkdir -p "$1"
	for name in $2; do
		[ -f "$1/$name.out" ] || as_owner touch "$1/$name.out"
	done
}

# Makes the folder that pg_isolation_regress wants for the specs of specs/fault:
# one with "specs" and "expected" in it.
link_faults() {
	as_owner mkdir "$BUILD/fault"
	as_owner ln -s ../specs/fault "$BUILD/fault/specs"
	as_owner ln -s ../specs/fault/expected "$BUILD/fault/expected"
}
