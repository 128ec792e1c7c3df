-- The tenants with what is defined and assigned there, as a Mermaid flowchart.
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION graph_lines(tenant text) RETURNS TABLE (line text, place bigint)
    LANGUAGE sql AS $$ SELECT * FROM regexp_split_to_table(tacl_graph(tenant), '\n') WITH ORDINALITY $$;
DO $$
BEGIN
    PERFORM tacl_create_tenant('gr-a'), tacl_create_tenant('gr-a/1', 'gr-a'), tacl_create_tenant('gr-a/2', 'gr-a'), tacl_create_tenant('gr-a/1/x', 'gr-a/1');
    PERFORM tacl_define_role('gr-viewer', '{orders.view}'), tacl_define_role('gr-unused', '{orders.none}');
    PERFORM tacl_define_role('gr-editor', '{orders.*}', 'gr-a', '{gr-viewer}'), tacl_define_role('gr-lead', '{team.*}', 'gr-a/1', '{gr-editor}');
    PERFORM tacl_create_group('staff', 'gr-a'), tacl_create_group('crew', 'gr-a/1'), tacl_include_group('crew', 'staff', 'gr-a/1');
    PERFORM tacl_add_member('dave', 'staff', 'gr-a'), tacl_add_member('carol', 'staff', 'gr-a');
    PERFORM tacl_limit_tenant('gr-a/1', '{orders.*}'), tacl_limit_tenant('gr-a/2', '{}'), tacl_suspend_tenant('gr-a/2');
    PERFORM tacl_assign('bob', 'gr-viewer', 'gr-a'), tacl_assign('alice', 'gr-viewer', 'gr-a'), tacl_assign('erin', 'gr-lead', 'gr-a/1/x');
    PERFORM tacl_assign_group('staff', 'gr-viewer', 'gr-a'), tacl_assign_group('staff', 'gr-lead', 'gr-a/1'), tacl_assign_group('crew', 'gr-lead', 'gr-a/1');
    PERFORM tacl_grant('bob', 'orders.view', 'gr-a/2'), tacl_grant('bob', '!orders.delete', 'gr-a/2'), tacl_grant('ann', 'orders.view', 'gr-a/2'), tacl_assign('ann', 'gr-viewer', 'gr-a/2');
    -- Not in force
    PERFORM tacl_assign('late', 'gr-viewer', 'gr-a', '2001-01-01'), tacl_assign('early', 'gr-editor', 'gr-a', starts_at => now() + interval '1 hour'), tacl_grant('late', 'x', 'gr-a', '2001-01-01');
END $$;

SELECT tacl_graph('gr-a');
-- From above comes what is used
SELECT tacl_graph('gr-a/1/x');
SELECT count(*) FROM graph_lines('*') WHERE line ~ '\["gr-(a|unused)"';

-- Five by name, more as a number
SELECT count(tacl_assign('u' || i, 'gr-editor', 'gr-a/1/x')) FROM generate_series(1, 5) AS i;
SELECT line FROM graph_lines('gr-a/1/x') WHERE line ~ ' a[12]\(';
SELECT tacl_assign('u6', 'gr-editor', 'gr-a/1/x'), tacl_assign_group('crew', 'gr-editor', 'gr-a/1/x');
SELECT count(tacl_create_group('g' || i, 'gr-a/1/x')), count(tacl_assign_group('g' || i, 'gr-lead', 'gr-a/1/x')) FROM generate_series(1, 6) AS i;
SELECT count(tacl_add_member('u' || i, 'g' || n, 'gr-a/1/x')) FROM generate_series(1, 2) AS n, generate_series(1, 4 + n) AS i;
SELECT line FROM graph_lines('gr-a/1/x') WHERE line ~ ' (a[12]|g[123])[[(]';

--
-- Fifty of a kind; what is more ends in one node
--

DO $$
BEGIN
    FOR i IN 1..53 LOOP
        PERFORM tacl_create_tenant('gr-b/' || to_char(i, 'FM00'), 'gr-b') FROM tacl_create_tenant('gr-b');
        PERFORM tacl_define_role('b' || to_char(i, 'FM00'), '{x}', 'gr-b'), tacl_create_group('b' || to_char(i, 'FM00'), 'gr-b'), tacl_assign('ann', 'b' || to_char(i, 'FM00'), 'gr-b/01');
    END LOOP;
    PERFORM tacl_define_role('user', '{y}', 'gr-b/01', '{b50, b51, b52, b53}'), tacl_define_role('b51', includes => '{b01}', tenant => 'gr-b');
END $$;
SELECT line FROM graph_lines('gr-b') WHERE line ~ '50' OR line ~ '\ym\d' OR line ~ '-\.->' ORDER BY place;
SELECT substring(line, '[a-z]+') AS kind, count(*) FROM graph_lines('gr-b') WHERE line ~ '^  [a-z]\d' AND line !~ '[->] [a-z]\d+$' GROUP BY 1 ORDER BY 1;
-- The same when all of it is above
SELECT line FROM graph_lines('gr-b/01') WHERE line ~ 'b(49|50|51)' OR line ~ '\ym\d' OR line ~ '-\.->' ORDER BY place;

-- A cycle of tenants, which only replica role can write, ends
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE tacl.tenant SET parent = 'gr-a/1/x' WHERE id = 'gr-a/1';
SELECT line FROM graph_lines('gr-a/1') WHERE line ~ ' t\d' ORDER BY place;
ROLLBACK;

--
-- Names are shown as they are, and are nothing else
--

CREATE TABLE hostile (name text);
INSERT INTO hostile VALUES ('"]'), ('a"b'), ('"]:::limited'), ('#35;'), ('&quot;'), ('<b>x</b>'), ('%%{init: {}}%%'), ('%% no'), ('`md`'), ('*'), ('**b**'), ('_i_'), ('a_b-c d/e'), ('- x'), ('--'),
    ('---'), ('1. x'), ('www.example.com'), ('ann@example.com'), ('http://x'), ('fa:fa-user'), ('style:x;#y;'), ('classDef a:#b;'), ('direction TB'), ('REDIRECTION  LR'), ('in a direction'), ('end'), ('click t1'), (' x '), ('a  b'),
    ('a|b'), ('{x}'), ('(x)'), ('[x]'), ('a\b'), ('a\nb'), (''''), ('=~^$+,;!?.:'), ('$$x$$'), ('Zoë'), ('direction TB'), ('-a-'), ('A--B'), ('t1 --> t2');
CREATE FUNCTION shown(label text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    code text;
BEGIN
    FOR code IN SELECT DISTINCT m[1] FROM regexp_matches(label, '#(\d+);', 'g') AS m ORDER BY 1 LOOP
        -- # and ; themselves last
        CONTINUE WHEN code IN ('35', '59');
        label := replace(label, '#' || code || ';', chr(code::integer));
    END LOOP;
    RETURN replace(replace(replace(label, '#59;', E'\x01'), '#35;', '#'), E'\x01', ';');
END $$;
SELECT count(tacl_create_tenant('gr-c/' || name, 'gr-c')), count(tacl_create_group(name, 'gr-c')), count(tacl_add_member(name, name, 'gr-c'))
FROM (SELECT DISTINCT name FROM hostile, tacl_create_tenant('gr-c')) AS x;
SELECT count(tacl_define_role(name, '{x}', 'gr-c', override => true)), count(tacl_assign(name, name, 'gr-c')) FROM (SELECT DISTINCT name FROM hostile) AS x;
SELECT line FROM graph_lines('gr-c') WHERE line ~ ' t\d+\[' ORDER BY place;
-- Every line is one of these
SELECT line FROM graph_lines('gr-c') WHERE line !~ '^(flowchart TD|  classDef [a-z]+ [a-z0-9:, -]+|  [a-z]\d+ (-->|---|-\.->) [a-z]\d+|  class t\d+ [a-z]+|)$'
   AND line !~ '^  [a-z]\d+(\["[^"]*"\]|\(\["[^"]*"\]\)|\[\["[^"]*"\]\]|\("[^"]*"\))$';
-- No label holds anything that means something
SELECT line FROM graph_lines('gr-c'), substring(line, '"(.*)"') AS label
WHERE regexp_replace(label, '#\d+;', '', 'g') ~ '[^[:alnum:]ë ,:/_-]' OR label ~* 'direction' OR label ~ ':(?! )' OR label ~ '^[- _]|[- _]$|[-_ ]{2}';
-- And they are the names
SELECT name FROM hostile EXCEPT SELECT shown(substring(line, '\(\["(.*)"\]\)')) FROM graph_lines('gr-c');
SELECT 'gr-c/' || name FROM hostile EXCEPT SELECT shown(substring(line, '\["(.*)"\]')) FROM graph_lines('gr-c');
SELECT name || ': ' || name FROM hostile EXCEPT SELECT shown(substring(line, '\[\["(.*)"\]\]')) FROM graph_lines('gr-c');
SELECT name FROM hostile EXCEPT SELECT shown(substring(line, '\("(.*)"\)')) FROM graph_lines('gr-c');

-- The same tables give the same text, whatever the order of their rows
CREATE TABLE graph_before AS SELECT tacl_graph('gr-a') AS graph;
BEGIN;
CREATE TEMPORARY TABLE moved AS SELECT * FROM tacl.assignment WHERE tenant ~ '^gr-a' ORDER BY id DESC;
DELETE FROM tacl.assignment WHERE tenant ~ '^gr-a';
INSERT INTO tacl.assignment SELECT * FROM moved;
UPDATE tacl.role SET description = 'moved' WHERE name = 'gr-editor';
SELECT graph = tacl_graph('gr-a') AS same FROM graph_before;
ROLLBACK;

-- What is committed now is seen in any isolation level, and the own changes
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT tacl_unassign('erin', 'gr-lead', 'gr-a/1/x');
SELECT count(*) FROM graph_lines('gr-a') WHERE line ~ 'erin';
ROLLBACK;

-- Forms, unknown, NULL; and it takes sight of all
SELECT tacl_create_tenant(471400, 'gr-a');
SELECT tacl_graph(471400);
SELECT tacl_graph() = tacl_graph('*') AS root_unless_given;
SELECT tacl_graph('gr-aa');
SELECT tacl_graph(NULL);
SELECT tacl_graph(true);
CREATE ROLE graph_none;
SET ROLE graph_none;
SELECT tacl_graph('gr-none');
RESET ROLE;
DROP ROLE graph_none;

-- Clean up
DROP TABLE hostile, graph_before;
DROP FUNCTION shown, graph_lines;
SELECT tacl_drop_tenant(id, true) FROM tacl.tenant WHERE id IN ('gr-a', 'gr-b', 'gr-c') ORDER BY id;
SELECT tacl_drop_role('gr-viewer'), tacl_drop_role('gr-unused');
