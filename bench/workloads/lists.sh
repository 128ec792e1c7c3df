# lists: what lists and explanations take, by the size of what they list. See
# lists.sql for who is who. The rows are counted in the server.

database lists
sql -v many="$(pick 100000 10000)" <"$SOURCE/bench/lists.sql" >/dev/null

case="lists and explanations"
cat >"$WORK/lists" <<'END'
tacl_tenants('one')
tacl_tenants('ten')
tacl_tenants('many')
tacl_tenants('staff')
tacl_tenants('many', 'orders.view')
tacl_tenants('staff', 'orders.view')
tacl_memberships('ten')
tacl_memberships('many')
tacl_users('tenants.close', 'large')
tacl_users('orders.view', 'large')
tacl_users('orders.view', 'level-10')
tacl_members('large')
tacl_members('level-10')
tacl_roles('many', 'own-5')
tacl_permissions('many', 'own-5')
tacl_explain('one', 'orders.delete', 't-1')
tacl_explain('many', 'orders.delete', 'own-5')
tacl_explain('user-7', 'orders.delete', 'level-10')
END

# Prints statements that measure one list, whose quotes are doubled.
list_turn() {
	quoted=$(printf '%s' "$1" | sed "s/'/''/g")
	echo "SELECT '$case', '$quoted', bench_us('SELECT count(*) FROM $quoted', 1000);"
}

{
	sed "s/.*/SELECT count(*) FROM & \\\\g \/dev\/null/" "$WORK/lists"
	for round in $(rounds); do
		while read -r list; do
			list_turn "$list"
		done <"$WORK/lists"
	done
} | sql | measure
while read -r list; do
	compare "$case" "$list" ms
done <"$WORK/lists"
