/*
 * mermaid.h
 *		The text of a Mermaid flowchart.
 */
#ifndef TACL_MERMAID_H
#define TACL_MERMAID_H

#include "tenant_acl.h"

#include "lib/stringinfo.h"

/* A node by the name that the text gives it: a letter and a number. */
typedef struct ChartNode
{
	char		letter;
	int			number;
} ChartNode;

/* What stands around the label of a node. */
typedef struct ChartShape
{
	const char *open;
	const char *close;
} ChartShape;

/* A flowchart while it is written: its lines, by what they say. */
typedef struct Flowchart
{
	StringInfoData nodes;
	StringInfoData edges;
	StringInfoData classes;
} Flowchart;

extern void mermaid_begin(Flowchart *chart);

/* Adds to a label the name, in a form that is shown as it is. */
extern void mermaid_escape(StringInfo label, const char *name);

/* The label is made of mermaid_escape() and of words without quotes. */
extern void mermaid_node(Flowchart *chart, ChartNode node, ChartShape shape,
						 const char *label);
extern void mermaid_edge(Flowchart *chart, ChartNode from, const char *arrow,
						 ChartNode to);
extern void mermaid_class(Flowchart *chart, ChartNode node, const char *class);

/* All of it in one text, beginning with the definitions of its classes. */
extern text *mermaid_end(Flowchart *chart, const char *definitions);

#endif							/* TACL_MERMAID_H */
