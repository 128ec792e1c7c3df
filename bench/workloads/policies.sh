# policies: what policies cost against the same condition in the WHERE, without
# row-level security, and what those cost that are written by hand.
#
# Q1 counts the 1,000 rows of the active tenant, Q2 looks up 5,000 rows by key, Q3
# counts the rows of all 5 tenants of the user, Q4 inserts 2,000 rows. Inserts are
# compared with a policy that only compares the tenant with a setting.
#
# One session measures everything. A turn is a PL/pgSQL loop over a statement
# whose plan is kept: a client and a network would cost more than what is
# measured, and hide it. Each turn is rolled back. Slow sides have shorter turns,
# and the slowest ones a single one.

model_database policies
sql -v rows="$(pick 1000000 200000)" <"$SOURCE/bench/policies.sql" >/dev/null

# One turn: case, side, role, function, how often, and whether a token says who
# the user is.
turn() {
	case ${6:-} in
		token) identity="set_config('app.user_id', '', true), set_config('tacl.token', :'token', true)" ;;
		*) identity="set_config('app.user_id', 'user-1', true), set_config('tacl.token', '', true)" ;;
	esac
	cat <<-END
		BEGIN;
		SELECT $identity, set_config('app.tenant', 'tenant-7', true) \\g /dev/null
		SET LOCAL ROLE $3;
		SELECT '$1', '$2', $4($5);
		ROLLBACK;
	END
}

# Lines of a case: the statement, then all sides as "side|role|function|times|
# goal|token", of which the first is what the others are compared with. A side
# whose times are 1 has one turn.
contest() {
	case=$1
	base=
	cat >"$WORK/sides"
	while IFS='|' read -r side role turn times goal token; do
		compare "$case" "$side" us "${base:--}" "${goal:--}"
		: "${base:=$side}"
	done <"$WORK/sides"
	for round in $(rounds 3); do
		while IFS='|' read -r side role turn times goal token; do
			[ "$times" -gt 1 ] || [ "$round" -eq 1 ] || continue
			turn "$case" "$side" "$role" "$turn" "$times" "$token"
		done <"$WORK/sides"
	done >>"$WORK/turns.sql"
}

echo "SELECT tacl_issue_token('user-1') AS token \\gset" >"$WORK/turns.sql"

contest "Q1 active tenant" <<'END'
explicit WHERE|app|count_plain|100
tacl_protect|active|count_policy|100|<= 1.05
tacl_protect, token|active|count_policy|100|<= 1.05|token
by hand, tacl_may|may_|count_policy|100
by hand, tacl_can|can_|count_policy|100
tenant = setting only|tenant_only|count_policy|100
EXISTS on memberships|exists_|count_policy|50
function per row|fn_|count_policy|4
(SELECT function)|init_|count_policy|100
= ANY (ARRAY(SELECT tenants))|any_|count_policy|100
END

contest "Q1 planned each time" <<'END'
explicit WHERE|app|plan_plain|100
tacl_protect|active|plan_policy|100
tenant = setting only|tenant_only|plan_policy|100
EXISTS on memberships|exists_|plan_policy|50
END

contest "Q2 look-up by key" <<'END'
explicit WHERE|app|look_plain|2500
tacl_protect|active|look_policy|2500|<= 1.10
tacl_protect, token|active|look_policy|2500|<= 1.10|token
tenant = setting only|tenant_only|look_policy|2500
EXISTS on memberships|exists_|look_policy|1000
function per row|fn_|look_policy|1000
(SELECT function)|init_|look_policy|1000
= ANY (ARRAY(SELECT tenants))|any_|look_policy|1000
END

contest "Q3 all tenants of the user" <<'END'
explicit WHERE|app|mine_plain|30
tacl_protect|all_mine|mine_policy|30|<= 1.05
tacl_protect, token|all_mine|mine_policy|30|<= 1.05|token
by hand, tacl_can|mine_can_|mine_policy|30|<= 1.05
EXISTS on memberships|mine_exists_|mine_policy|1
function per row|mine_fn_|mine_policy|1
= ANY (ARRAY(SELECT tenants))|mine_any_|mine_policy|30
END

contest "Q4 insert" <<'END'
tenant = setting only|tenant_only|insert|1000
tacl_protect|active|insert|1000|<= 1.10
tacl_protect, token|active|insert|1000|<= 1.10|token
EXISTS on memberships|exists_|insert|500
function per row|fn_|insert|500
(SELECT function)|init_|insert|500
= ANY (ARRAY(SELECT tenants))|any_|insert|500
END

sql <"$WORK/turns.sql" | measure
