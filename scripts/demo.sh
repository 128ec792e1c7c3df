#!/bin/sh
# demo.sh: shows tenant_acl at work on real tables, in a throw-away cluster.
#
# Prints each statement with its result, in two sessions that stay open side
# by side: "admin", the operator, and "app", an unprivileged database role
# that row-level security applies to. Ends with 0 only if every result that
# matters is as expected.
set -eu

. "$(dirname "$0")/setup.sh"
. "$(dirname "$0")/cluster.sh"

RESULT=
seen=0

heading() {
	printf '\n--------------------------------------------------------------------\n'
	printf '%s\n' "$@"
	printf -- '--------------------------------------------------------------------\n'
}

# Opens the two sessions. admin reads from 3 and answers on 4, app 5 and 6.
open_sessions() {
	mkfifo "$WORK/admin.in" "$WORK/admin.out" "$WORK/app.in" "$WORK/app.out"
	session postgres admin
	session shop app
	exec 3>"$WORK/admin.in" 4<"$WORK/admin.out"
	exec 5>"$WORK/app.in" 6<"$WORK/app.out"
}

# Starts psql as a database role behind a pair of fifos.
session() {
	as_owner "$BINDIR/psql" -X -U "$1" -d shop -P pager=off \
		<"$WORK/$2.in" >"$WORK/$2.out" 2>&1 3>&- 4>&- 5>&- 6>&- &
}

close_sessions() {
	exec 3>&- 4<&- 5>&- 6<&-
	wait
}

# Sends text to a session, and a mark that tells where its answer ends.
send() {
	case $1 in
		admin) printf '%s\n\\echo :end-of-answer:\n' "$2" >&3 ;;
		app) printf '%s\n\\echo :end-of-answer:\n' "$2" >&5 ;;
	esac
}

# Reads a session's answer up to the mark.
receive() {
	while IFS= read -r line; do
		[ "$line" != ":end-of-answer:" ] || return 0
		printf '%s\n' "$line"
	done
	echo "FATAL: the session has ended"
}

# Runs statements in a session, and prints them with their results.
run() {
	printf '%s\n' "$2" | sed "s/^/$1> /"
	send "$1" "$2"
	case $1 in
		admin) RESULT=$(receive <&4) ;;
		app) RESULT=$(receive <&6) ;;
	esac
	printf '%s\n\n' "$RESULT"
	case $RESULT in
		*ERROR:* | *FATAL:*) [ "${3:-}" = error ] || die "this was not expected" ;;
	esac
}

# The last result must have this line; blanks around it do not count.
expect() {
	printf '%s\n' "$RESULT" | sed 's/^ *//; s/ *$//' | grep -qxF -e "$1" ||
		die "expected: $1"
	seen=$((seen + 1))
}

# Prints standard input as base64url without padding.
base64url() {
	openssl base64 -A | tr '+/' '-_' | tr -d '='
}

# Prints a token with these claims, signed with the secret.
sign() {
	signed="$(printf '{"alg":"HS256","typ":"JWT","kid":"app-1"}' | base64url).$(printf '%s' "$1" | base64url)"
	printf '%s.%s' "$signed" "$(printf '%s' "$signed" | openssl dgst -sha256 -hmac "$secret" -binary | base64url)"
}

setup_tools
work_begin
echo "Building tenant_acl for $("$PG_CONFIG" --version), in $WORK"
install_variant demo || die "the build failed"
cluster_start || die "the server did not start"
as_owner "$BINDIR/psql" -X -q -c "CREATE ROLE shop LOGIN" \
	-c "CREATE DATABASE shop"
open_sessions

heading "(a) A SaaS with two customers." \
	"The extension, the two organizations, and a catalog of roles for both."

run admin "CREATE EXTENSION tenant_acl;"
run admin "SELECT tacl_create_tenant('org-acme'), tacl_create_tenant('org-globex');"
run admin "SELECT tacl_define_role('admin',  '{*}'),
       tacl_define_role('member', '{orders.*, members.view}'),
       tacl_define_role('viewer', '{orders.view}');"

heading "Alice is admin at org-acme and viewer at org-globex." \
	"The same question has another answer in each."

run admin "SELECT tacl_assign('alice', 'admin', 'org-acme'), tacl_assign('alice', 'viewer', 'org-globex');"
run admin "SELECT tacl_can('alice', 'orders.delete', 'org-acme')   AS \"delete at acme\",
       tacl_can('alice', 'orders.delete', 'org-globex') AS \"delete at globex\",
       tacl_can('alice', 'orders.view',   'org-globex') AS \"view at globex\";"
expect "t              | f                | t"

heading "100,000 orders of both customers, with row-level security." \
	"A row needs the active tenant, app.tenant, and a permission there."

run admin "CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id text NOT NULL, amount numeric(12,2) NOT NULL);"
run admin "INSERT INTO orders
SELECT n, CASE WHEN n % 5 < 3 THEN 'org-acme' ELSE 'org-globex' END, n % 1000
FROM generate_series(1, 100000) AS n;"
run admin "CREATE INDEX ON orders (tenant_id);"
run admin "ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE orders FORCE ROW LEVEL SECURITY;"
run admin "CREATE POLICY orders_view ON orders FOR SELECT USING (
    tenant_id = current_setting('app.tenant', true)
    AND tacl_can(current_setting('app.user_id', true), 'orders.view', tenant_id));"
run admin "CREATE POLICY orders_delete ON orders FOR DELETE USING (
    tenant_id = current_setting('app.tenant', true)
    AND tacl_can(current_setting('app.user_id', true), 'orders.delete', tenant_id));"
run admin "GRANT SELECT, DELETE ON orders TO shop;
VACUUM ANALYZE orders;"

heading "The application: an unprivileged database role." \
	"It says per transaction who the user is and where."

run app "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user;"
run app "BEGIN;"
run app "SELECT set_config('app.user_id', 'alice', true), set_config('app.tenant', 'org-acme', true);"
run app "SELECT count(*), min(tenant_id), max(tenant_id) FROM orders;"
expect "60000 | org-acme | org-acme"
run app "DELETE FROM orders WHERE id <= 10;"
expect "DELETE 6"
run app "ROLLBACK;"

heading "The same user at org-globex: sees its orders, deletes none."

run app "BEGIN;"
run app "SELECT set_config('app.user_id', 'alice', true), set_config('app.tenant', 'org-globex', true);"
run app "SELECT count(*), min(tenant_id), max(tenant_id) FROM orders;"
expect "40000 | org-globex | org-globex"
run app "DELETE FROM orders WHERE id <= 10;"
expect "DELETE 0"
run app "ROLLBACK;"

heading "No active tenant, or a user nobody knows: no rows, and no error."

run app "BEGIN;"
run app "SELECT set_config('app.user_id', 'alice', true);"
run app "SELECT count(*) FROM orders;"
expect 0
run app "SELECT set_config('app.user_id', 'mallory', true), set_config('app.tenant', 'org-acme', true);"
run app "SELECT count(*) FROM orders;"
expect 0
run app "ROLLBACK;"

heading "A revocation is seen at once, also in a transaction that is open." \
	"app: alice looks at org-globex and leaves the transaction open."

run app "BEGIN;"
run app "SELECT set_config('app.user_id', 'alice', true), set_config('app.tenant', 'org-globex', true);"
run app "SELECT count(*) FROM orders;"
expect 40000

heading "admin: the invitation is withdrawn."

run admin "SELECT tacl_unassign('alice', 'viewer', 'org-globex');"
expect t

heading "app: the next statement of the same transaction."

run app "SELECT count(*) FROM orders;"
expect 0
run app "COMMIT;"

heading "(b) Dana, a user of org1, may enter org1 to org5," \
	"with a role of her own in each. In org5 she is editor and auditor: the" \
	"auditor's !documents.edit wins. Nobody let her into org6."

run admin "SELECT tacl_create_tenant('org' || n) FROM generate_series(1, 6) AS n;"
run admin "SELECT tacl_define_role('owner',   '{documents.*, billing.*}'),
       tacl_define_role('editor',  '{documents.view, documents.edit}'),
       tacl_define_role('reader',  '{documents.view}'),
       tacl_define_role('auditor', '{documents.view, billing.view, !documents.edit}');"
run admin "SELECT tacl_assign('dana', 'owner',   'org1'),
       tacl_assign('dana', 'editor',  'org2'),
       tacl_assign('dana', 'reader',  'org3'),
       tacl_assign('dana', 'editor',  'org4'),
       tacl_assign('dana', 'editor',  'org5'),
       tacl_assign('dana', 'auditor', 'org5');"

heading "A table that asks for the session's user and the active tenant." \
	"The superuser names the setting that holds the user, and loads the library" \
	"when a session begins."

run admin "ALTER DATABASE shop SET tacl.user_setting = 'app.user_id';
ALTER DATABASE shop SET session_preload_libraries = 'tenant_acl';"
run admin "CREATE TABLE documents (id bigint PRIMARY KEY, tenant_id text NOT NULL, title text NOT NULL);"
run admin "INSERT INTO documents
SELECT n, 'org' || 1 + n % 6, 'document ' || n FROM generate_series(1, 6000) AS n;"
run admin "CREATE INDEX ON documents (tenant_id);
GRANT SELECT, UPDATE ON documents TO shop;
VACUUM ANALYZE documents;"

heading "One call protects the table: policies for each command, written for the" \
	"planner. UPDATE asks for documents.edit, the others for documents.view," \
	".create and .delete, in the active tenant."

run admin "SELECT tacl_protect('documents', 'tenant_id', 'documents', update_permission => 'documents.edit');"
expect t
run admin "SELECT policyname, cmd, permissive FROM pg_policies WHERE tablename = 'documents' ORDER BY policyname;"

heading "app connects again: ALTER DATABASE ... SET counts for new connections."

run app '\connect'

heading "Where may she go? One question per organization."

run app "SELECT org, tacl_can('dana', 'documents.view', org) AS view,
       tacl_can('dana', 'documents.edit', org) AS edit,
       tacl_can('dana', 'billing.pay', org) AS pay
FROM (VALUES ('org1'), ('org2'), ('org3'), ('org4'), ('org5'), ('org6')) AS v (org);"
expect "org1 | t    | t    | t"
expect "org2 | t    | t    | f"
expect "org3 | t    | f    | f"
expect "org4 | t    | t    | f"
expect "org5 | t    | f    | f"
expect "org6 | f    | f    | f"

heading "She switches from one to the next: app.tenant decides where she is." \
	"Each time: what she sees, what she can change, what a page may offer."

for org in org1 org2 org3 org4 org5 org6; do
	case $org in
		org1) rows=1000 changed=10 buttons='"documents.edit": true, "documents.delete": true' ;;
		org2 | org4) rows=1000 changed=10 buttons='"documents.edit": true, "documents.delete": false' ;;
		org3 | org5) rows=1000 changed=0 buttons='"documents.edit": false, "documents.delete": false' ;;
		org6) rows=0 changed=0 buttons='"documents.edit": false, "documents.delete": false' ;;
	esac
	run app "BEGIN;"
	run app "SELECT set_config('app.user_id', 'dana', true), set_config('app.tenant', '$org', true);"
	run app "SELECT tacl_user(), tacl_tenant(), count(*) FROM documents;"
	expect "dana      | $org        | $(printf '%5s' $rows)"
	run app "UPDATE documents SET title = title || ' (seen)' WHERE id <= 60;"
	expect "UPDATE $changed"
	run app "SELECT tacl_check(tacl_user(), '{documents.edit, documents.delete}');"
	printf '%s\n' "$RESULT" | grep -qF "${buttons%%,*}" &&
		printf '%s\n' "$RESULT" | grep -qF "${buttons#*, }" || die "expected: $buttons"
	seen=$((seen + 1))
	run app "COMMIT;"
done

heading "(c) The same in the other direction: where, who, and why." \
	"A list agrees with the checks: wildcards, denies and all."

run admin "SELECT tenant, roles, inherited_from, suspended FROM tacl_memberships('dana');"
expect "org5   | {auditor,editor} |                | f"
run admin "SELECT * FROM tacl_tenants('dana', 'documents.edit');"
expect "org4"
run admin "SELECT * FROM tacl_users('documents.edit', 'org4');"
expect "dana    | org4"

heading "Why may dana not edit in org5? And why can alice no longer view at org-globex?"

run admin "SELECT role, pattern, effect, decided, reason
FROM tacl_explain('dana', 'documents.edit', 'org5');"
expect "|                 | deny   | t       | denied: !documents.edit of role auditor, assigned at org5"
run admin "SELECT reason FROM tacl_explain('alice', 'orders.view', 'org-globex');"
expect "denied: no assignment at org-globex or above matches orders.view"

heading "Which role may do what: psql turns the list into a matrix."

run admin "SELECT * FROM tacl_matrix() WHERE permission LIKE 'documents.%' OR permission LIKE 'billing.%' \crosstabview permission role effect"
expect "documents.edit | allow | deny    | allow  |        | allow |        |"

heading "A picture: paste this where Mermaid is understood, GitHub for example."

run admin "SELECT tacl_graph('org5') \\g (format=unaligned tuples_only=on)"
expect 'a2("dana")'

heading "(d) What the policies cost: a condition on the index, found when the scan" \
	"starts. Here the generated policy, for dana in org4."

run app "BEGIN;"
run app "SELECT set_config('app.user_id', 'dana', true), set_config('app.tenant', 'org4', true);"
run app "EXPLAIN (COSTS OFF) SELECT * FROM documents;"
expect "Index Cond: (tenant_id = tacl.tacl_active_tenant('documents.view'::text, NULL::text, tacl.at_execution()))"
run app "ROLLBACK;"

heading "And a policy that asks for each row, as everyone writes it first: all" \
	"documents of all organizations where dana may."

run admin "CREATE TABLE notes (LIKE documents INCLUDING ALL);
INSERT INTO notes SELECT n, 'org' || 1 + n % 60, 'note ' || n FROM generate_series(1, 60000) AS n;
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY notes_view ON notes FOR SELECT USING (tacl_may('documents.view', tenant_id));
GRANT SELECT ON notes TO shop;
VACUUM ANALYZE notes;"
run app "BEGIN;"
run app "SELECT set_config('app.user_id', 'dana', true);"
run app "SELECT tenant_id, count(*) FROM notes GROUP BY tenant_id ORDER BY tenant_id;"
expect "org5      |  1000"
run app "EXPLAIN (COSTS OFF) SELECT count(*) FROM notes;"
expect "Index Cond: (tenant_id = ANY (tacl.tenants_as_text('documents.view'::text, NULL::internal)))"
run app "ROLLBACK;"

heading "(e) The linter: what is open around protected tables, with the statement" \
	"that closes it. The table notes was left half done."

run admin "SELECT severity, object, split_part(finding, ':', 1) AS finding, fix FROM tacl_lint() WHERE object = 'table public.notes';"
expect "warning  | table public.notes | force-off | ALTER TABLE public.notes FORCE ROW LEVEL SECURITY"
run admin "SELECT tacl_protect('notes', 'tenant_id', 'documents', scope => 'all_mine', update_permission => 'documents.edit', base => false);"
expect t
run admin "SELECT severity, object, split_part(finding, ':', 1) AS finding FROM tacl_lint() WHERE object = 'table public.notes';"
expect "(0 rows)"
run app "BEGIN;"
run app "SELECT set_config('app.user_id', 'dana', true);"
run app "SELECT count(*) FROM notes;"
expect 5000
run app "ROLLBACK;"

heading "(f) A setting that anyone can set is only as good as the SQL that is sent." \
	"With a signed token no SQL text can become someone else. The operator" \
	"registers the key that the application signs with."

secret=$(openssl rand -hex 32)
run admin "SELECT tacl_add_key('app-1', 'HS256', '$secret');"
expect t

heading "The application signs a token for dana; here the openssl command does." \
	"A driver would pass it as a bind parameter."

now=$(date +%s)
token=$(sign "{\"sub\":\"dana\",\"org_id\":\"org4\",\"exp\":$((now + 600))}")
run app "BEGIN;"
run app "SELECT length(set_config('tacl.token', '$token', true)) > 0;"
run app "SELECT tacl_user(), tacl_tenant(), count(*) FROM documents;"
expect "dana      | org4        |  1000"

heading "She goes to another of her organizations, and cannot go to org6."

run app "SELECT tacl_switch('org3');"
expect org3
run app "SELECT tacl_user(), tacl_tenant(), tacl_may('documents.edit'), count(*) FROM documents;"
expect "dana      | org3        | f        |  1000"
run app "SELECT tacl_switch('org6');" error
expect "ERROR:  permission denied to switch to this tenant"
run app "ROLLBACK;"

heading "Somebody writes another name into the token: the signature does not fit." \
	"No rows, whatever the plain setting says, and an error for who asks."

forged="$(printf '%s' "${token%%.*}").$(printf '{"sub":"root","exp":%s}' $((now + 600)) | base64url).${token##*.}"
run app "BEGIN;"
run app "SELECT length(set_config('tacl.token', '$forged', true)) > 0, set_config('app.user_id', 'dana', true), set_config('app.tenant', 'org1', true);"
run app "SELECT count(*) FROM documents;"
expect 0
run app "SELECT tacl_user();" error
expect "ERROR:  the token of this session is not valid"
run app "ROLLBACK;"

heading "A token that ends in five seconds, in a transaction that goes on."

token=$(sign "{\"sub\":\"dana\",\"org_id\":\"org4\",\"exp\":$(($(date +%s) + 5))}")
run app "BEGIN;"
run app "SELECT length(set_config('tacl.token', '$token', true)) > 0;"
run app "SELECT count(*) FROM documents;"
expect 1000
run app "SELECT pg_sleep(6);"
run app "SELECT count(*) FROM documents;"
expect 0
run app "ROLLBACK;"

heading "(g) A customer's own administrator. Olivia manages org4: members, roles," \
	"and a look at the audit. The operator gives her that, with the ticket."

run admin "SET tacl.reason = 'TICKET-4711';"
run admin "SELECT tacl_define_role('manager', '{documents.*, tacl.assign, tacl.define, tacl.view, tacl.audit}'),
       tacl_assign('olivia', 'manager', 'org4');"
expect "t                | t"

heading "Everything below runs as the application's role, which has no privilege on" \
	"any table of the extension: what counts is what olivia holds."

token=$(sign "{\"sub\":\"olivia\",\"org_id\":\"org4\",\"exp\":$(($(date +%s) + 600))}")
run app "SELECT length(set_config('tacl.token', '$token', false)) > 0;"
run app "SELECT tacl_define_role('archivist', '{documents.view, documents.archive}', 'org4');"
expect t
run app "SELECT tacl_assign('paul', 'archivist', 'org4', expires_at => now() + interval '90 days');"
expect t
run app "SELECT user_id, roles, assigned_at FROM tacl_members('org4');"
expect "paul    | {archivist} | org4"

heading "She overreaches: a role with more than she holds, her own rights, a deny, and" \
	"another organization, which looks the same as one that does not exist."

run app "SELECT tacl_assign('paul', 'owner', 'org4');" error
expect 'ERROR:  permission denied for role "owner" at tenant "org4"'
run app "SELECT tacl_assign('olivia', 'archivist', 'org4');" error
expect 'ERROR:  permission denied for role "archivist" at tenant "org4"'
run app "SELECT tacl_grant('dana', '!documents.view', 'org4');" error
expect 'ERROR:  permission denied for pattern "!documents.view" at tenant "org4"'
run app "SELECT tacl_assign('paul', 'archivist', 'org5');" error
expect 'ERROR:  permission denied at tenant "org5"'
run app "SELECT tacl_unassign('olivia', 'manager', 'org4');" error
expect 'ERROR:  permission denied for role "manager" at tenant "org4"'

heading "The audit, read back by her: who did what, with the operator's ticket."

run app "SELECT user_id, operation, object, subject, reason FROM tacl_audit('org4', now() - interval '1 hour') ORDER BY id DESC LIMIT 3;"
expect "olivia  | INSERT    | assignment | paul    |"
expect "| INSERT    | assignment | olivia  | TICKET-4711"

heading "And what an auditor asks: could paul archive, before and now?"

run app "SELECT effect, reason FROM tacl_history('paul', 'documents.archive', 'org4', (SELECT max(at) FROM tacl_audit('org4') WHERE object = 'role')) LIMIT 1;"
expect "deny   | denied: no assignment at org4 or above matched documents.archive"
run app "SELECT effect, reason FROM tacl_history('paul', 'documents.archive', 'org4', now()) LIMIT 1;"
expect "allow  | allowed: documents.archive of role archivist, assigned at org4"

close_sessions
heading "All $seen results that were checked are as expected."
