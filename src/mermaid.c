/*
 * mermaid.c
 *		The text of a Mermaid flowchart.
 *
 * Names in it are anybody's text. Nodes are therefore called by letter and
 * number, and labels stand in double quotes. That alone does not make a label
 * safe, since Mermaid looks at more than its grammar:
 *
 * - before parsing it looks for comments, directives (%%), HTML tags, and for
 *	 "style" or "classDef" with a ":" and a "#" behind;
 * - its lexer takes any line with "direction TB" (or BT, LR, RL) in it, quoted
 *	 or not, for a statement;
 * - several releases read every label as Markdown: a label "*" or "1. a" is a
 *	 list, www.example.com a link, and neither is shown;
 * - "fa:fa-user" is shown as an icon.
 *
 * So what is not a letter or a digit becomes an entity code, which all of them
 * leave alone, unless nothing gives it a meaning where it stands; and the word
 * "direction" is broken by one. Bytes beyond ASCII stay.
 */
#include "mermaid.h"

#include "utils/builtins.h"

/* The word that the lexer looks for in the middle of a line. */
#define KEYWORD		"direction"

/* Is it a letter or digit of ASCII? */
static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9');
}

/* Can the byte at the position stay as it is? */
static bool
can_stay(const char *name, int at)
{
	switch (name[at])
	{
		case ' ':
		case '-':
		case '_':
			return at > 0 && is_plain(name[at - 1]) && is_plain(name[at + 1]);
		case '/':
			return true;
	}
	return IS_HIGHBIT_SET(name[at]) ||
		(is_plain(name[at]) &&
		 pg_strncasecmp(name + at, KEYWORD, strlen(KEYWORD)) != 0);
}

/* Starts an empty flowchart. */
void
mermaid_begin(Flowchart *chart)
{
	initStringInfo(&chart->nodes);
	initStringInfo(&chart->edges);
	initStringInfo(&chart->classes);
}

/* Adds a name to a label; see mermaid.h. */
void
mermaid_escape(StringInfo label, const char *name)
{
	for (int i = 0; name[i] != '\0'; i++)
	{
		if (can_stay(name, i))
			appendStringInfoChar(label, name[i]);
		else
			appendStringInfo(label, "#%d;", name[i]);
	}
}

/* Adds a node with its label. */
void
mermaid_node(Flowchart *chart, ChartNode node, ChartShape shape,
			 const char *label)
{
	appendStringInfo(&chart->nodes, "  %c%d%s\"%s\"%s\n",
					 node.letter, node.number, shape.open, label,
					 shape.close);
}

/* Adds an edge between nodes. */
void
mermaid_edge(Flowchart *chart, ChartNode from, const char *arrow, ChartNode to)
{
	appendStringInfo(&chart->edges, "  %c%d %s %c%d\n",
					 from.letter, from.number, arrow, to.letter, to.number);
}

/* Gives a node a class. */
void
mermaid_class(Flowchart *chart, ChartNode node, const char *class)
{
	appendStringInfo(&chart->classes, "  class %c%d %s\n",
					 node.letter, node.number, class);
}

/* The whole text; see mermaid.h. */
text *
mermaid_end(Flowchart *chart, const char *definitions)
{
	StringInfoData all;

	initStringInfo(&all);
	appendStringInfoString(&all, "flowchart TD\n");
	appendStringInfoString(&all, definitions);
	appendBinaryStringInfo(&all, chart->nodes.data, chart->nodes.len);
	appendBinaryStringInfo(&all, chart->edges.data, chart->edges.len);
	appendBinaryStringInfo(&all, chart->classes.data, chart->classes.len);
	return cstring_to_text_with_len(all.data, all.len);
}
