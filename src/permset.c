/*
 * permset.c
 *		Patterns compiled into one searchable set.
 *
 * The set is a trie over segments, flattened into one array of nodes: the
 * children of a node stand side by side, first the one for "*" if there is
 * one, then those for literal segments in order. The root is node 0. The
 * patterns that end at a node are two pairs of bits: "here" for permissions
 * that end there too, "tail" for a trailing "*", which takes one or more
 * further segments.
 *
 * Behind the nodes stand the bytes of long segments. The first eight bytes of
 * a segment are kept in its node as a number, so that most comparisons are
 * one of integers. A segment holds no zero byte, hence numbers padded with
 * zeros order segments as their bytes do.
 *
 * A node is reached by one sequence of segments only, so a match visits it at
 * most once, however literal and star branches cross: "*.*.*.a" and its like
 * cost one visit per node in the worst case, never a power of the depth. The
 * depth is bounded by the length of a permission: 255 bytes are at most 128
 * segments.
 */
#include "compat.h"

#include "utils/memutils.h"

#include "permset.h"

/* How many bytes of a segment its key holds. */
#define KEY_BYTES	((int) sizeof(uint64))

typedef struct TrieNode
{
	uint64		key;			/* first bytes of the segment */
	uint32		rest;			/* offset of the bytes after the key */
	uint32		first_child;
	uint32		literals;		/* children, without the star child */
	uint8		len;			/* of the segment, in bytes */
	uint8		here;			/* PERMSET_* of patterns that end here */
	uint8		tail;			/* PERMSET_* of "*" as the last segment */
	bool		has_star;		/* is the first child for "*"? */
} TrieNode;

struct PermSet
{
	uint32		size;			/* in bytes, all included */
	uint32		node_count;
	uint32		bits;			/* PERMSET_* of all patterns together */
	TrieNode	nodes[FLEXIBLE_ARRAY_MEMBER];
};

/* One segment, ready to be compared with nodes. */
typedef struct Part
{
	Segment		segment;
	uint64		key;
} Part;

/* A pattern while a set is compiled, without its '!'. */
typedef struct Source
{
	const char *data;
	int			len;
	uint8		bit;			/* PERMSET_ALLOW or PERMSET_DENY */
} Source;

/*
 * The patterns that go through a node: sources from "first" to before "end",
 * which agree in everything before "pos", where their next segment starts.
 * Those without a next segment are one byte shorter than pos.
 */
typedef struct Range
{
	uint32		first;
	uint32		end;
	int			pos;
} Range;

/* A set while it is compiled. */
typedef struct Builder
{
	Source	   *sources;		/* sorted */
	uint32		source_count;
	TrieNode   *nodes;
	Range	   *ranges;			/* of each node */
	uint32		node_count;		/* nodes so far */
	char	   *rests;
	uint32		rests_len;		/* bytes so far */
	uint32		max_nodes;
	uint32		max_rests;
} Builder;

/* Returns the bytes behind the nodes. */
static inline const char *
rests_of(const PermSet *set)
{
	return (const char *) (set->nodes + set->node_count);
}

/*
 * Reads the segment at the position. Returns the position of the next, which
 * is beyond the length if this was the last.
 */
static inline int
take_part(const char *text, int len, int pos, Part *part)
{
	int			start = pos;
	int			shift = 64;
	uint64		key = 0;

	for (; pos < len && text[pos] != '.'; pos++)
	{
		if (shift > 0)
		{
			shift -= 8;
			key |= (uint64) (unsigned char) text[pos] << shift;
		}
	}
	part->segment.data = text + start;
	part->segment.len = pos - start;
	part->key = key;
	return pos + 1;
}

/* Compares a segment with a node's as memcmp() would, the shorter first. */
static inline int
compare_part(const Part *part, const TrieNode *node, const char *rests)
{
	int			len = part->segment.len;
	int			diff;

	if (part->key != node->key)
		return part->key < node->key ? -1 : 1;
	if (len <= KEY_BYTES)
		return len - node->len;
	diff = memcmp(part->segment.data + KEY_BYTES, rests + node->rest,
				  Min(len, node->len) - KEY_BYTES);
	return diff != 0 ? diff : len - node->len;
}

/* Returns the node's child for a literal segment, or NULL. */
static inline const TrieNode *
literal_child(const PermSet *set, const TrieNode *node, const Part *part)
{
	const TrieNode *base = set->nodes + node->first_child + node->has_star;
	uint32		low = 0;
	uint32		high = node->literals;

	while (low < high)
	{
		uint32		middle = low + (high - low) / 2;
		int			diff = compare_part(part, base + middle, rests_of(set));

		if (diff == 0)
			return base + middle;
		if (diff < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* Returns the node's child for "*", or NULL. */
static inline const TrieNode *
star_child(const PermSet *set, const TrieNode *node)
{
	return node->has_star ? set->nodes + node->first_child : NULL;
}

/*
 * Returns what a permission finds from a node on that stands for all its
 * segments before the position. Recurses into a star branch only where a
 * literal one has to be walked as well; gives up when everything that the set
 * holds has been found, which is often before the last segment is read.
 */
static int
match_from(const PermSet *set, const TrieNode *node, TaclName permission,
		   int pos)
{
	int			found = 0;

	while (pos <= permission.len)
	{
		const TrieNode *star = star_child(set, node);
		const TrieNode *literal;
		Part		part;

		found |= node->tail;
		if (found == set->bits)
			return found;
		pos = take_part(permission.data, permission.len, pos, &part);
		literal = literal_child(set, node, &part);
		if (literal != NULL && star != NULL)
			found |= match_from(set, star, permission, pos);
		node = literal != NULL ? literal : star;
		if (node == NULL)
			return found;
	}
	return found | node->here;
}

/* Is the first segment the reserved one? */
static inline bool
begins_reserved(TaclName permission)
{
	const int	len = sizeof(TACL_RESERVED) - 1;

	return permission.len >= len &&
		memcmp(permission.data, TACL_RESERVED, len) == 0 &&
		(permission.len == len || permission.data[len] == '.');
}

/* Returns which of PERMSET_ALLOW and PERMSET_DENY the permission finds. */
int
permset_match(const PermSet *set, const char *permission, int len)
{
	const TrieNode *root = set->nodes;
	const TaclName name = {permission, len};
	Part		first;
	int			pos = 0;

	Assert(permission_fault(permission, len).problem == NULL);
	if (len > TACL_MAX_NAME_BYTES)
		return 0;				/* never valid, and bounds the recursion */

	/* No leading star matches the reserved segment: neither branch nor tail. */
	if (unlikely(begins_reserved(name)))
	{
		pos = take_part(permission, len, pos, &first);
		root = literal_child(set, root, &first);
		if (root == NULL)
			return 0;
	}
	return match_from(set, root, name, pos);
}

/* Returns the size of the set in bytes. */
Size
permset_size(const PermSet *set)
{
	return set->size;
}

/* What kinds of patterns the set has. */
int
permset_bits(const PermSet *set)
{
	return set->bits;
}

/* Returns a byte's rank: the end of a segment comes before all characters. */
static inline int
rank(char c)
{
	return c == '.' ? 0 : (unsigned char) c;
}

/*
 * The order of sources, for qsort(): by segments, a pattern before those that
 * continue it, and "*" before literals, since it is below the characters of
 * segments.
 */
static int
compare_sources(const void *left, const void *right)
{
	const Source *a = left;
	const Source *b = right;
	int			len = Min(a->len, b->len);

	for (int i = 0; i < len; i++)
	{
		if (a->data[i] != b->data[i])
			return rank(a->data[i]) - rank(b->data[i]);
	}
	return a->len - b->len;
}

/* Raises the error that the patterns are too many for one set. */
static void
report_too_large(int count)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("too many permission patterns apply together: %d", count),
			 errhint("Replace patterns by fewer with \"*\".")));
}

/*
 * Counts the nodes and bytes that the patterns can need at most, which also
 * bounds every other size. Raises an error if that is too much to allocate.
 */
static void
measure(Builder *builder, const TaclName *patterns, int count)
{
	uint64		nodes = 1;
	uint64		rests = 0;

	for (int i = 0; i < count; i++)
	{
		nodes++;
		for (int j = 0; j < patterns[i].len; j++)
			nodes += patterns[i].data[j] == '.';
		rests += patterns[i].len;
	}
	StaticAssertStmt(sizeof(Source) <= sizeof(TrieNode) &&
					 sizeof(Range) <= sizeof(TrieNode),
					 "sources and ranges need bounds of their own");
	if (sizeof(PermSet) + nodes * sizeof(TrieNode) + rests > MaxAllocSize)
		report_too_large(count);
	builder->max_nodes = nodes;
	builder->max_rests = rests;
}

/* Fills the builder's sorted sources. */
static void
sort_sources(Builder *builder, const TaclName *patterns, int count)
{
	builder->sources = palloc(sizeof(Source) * Max(count, 1));
	builder->source_count = count;
	for (int i = 0; i < count; i++)
	{
		bool		deny = pattern_is_deny(patterns[i].data, patterns[i].len);

		builder->sources[i].data = patterns[i].data + deny;
		builder->sources[i].len = patterns[i].len - deny;
		builder->sources[i].bit = deny ? PERMSET_DENY : PERMSET_ALLOW;
	}
	qsort(builder->sources, count, sizeof(Source), compare_sources);
}

/* Adds a node for the segment, whose patterns are the range. */
static void
add_node(Builder *builder, const Part *part, Range range)
{
	TrieNode   *node = &builder->nodes[builder->node_count];
	int			rest = part->segment.len - KEY_BYTES;

	Assert(builder->node_count < builder->max_nodes);
	memset(node, 0, sizeof(TrieNode));
	node->key = part->key;
	node->len = part->segment.len;
	if (rest > 0)
	{
		node->rest = builder->rests_len;
		memcpy(builder->rests + builder->rests_len,
			   part->segment.data + KEY_BYTES, rest);
		builder->rests_len += rest;
	}
	builder->ranges[builder->node_count++] = range;
}

/* True if the pattern has the segment at the position. */
static bool
has_segment_at(const Source *source, int pos, const Segment *segment)
{
	int			end = pos + segment->len;

	return source->len >= end &&
		memcmp(source->data + pos, segment->data, segment->len) == 0 &&
		(source->len == end || source->data[end] == '.');
}

/*
 * Takes the patterns that end at a node, or below it with "*", from the start
 * of its range, where the order has put them, and sets the node's bits.
 */
static void
take_endings(Builder *builder, TrieNode *node, Range *range)
{
	for (; range->first < range->end; range->first++)
	{
		Source	   *source = &builder->sources[range->first];

		if (source->len < range->pos)
			node->here |= source->bit;
		else if (source->len == range->pos + 1 &&
				 source->data[range->pos] == '*')
			node->tail |= source->bit;
		else
			break;
	}
}

/* Adds the next child of a node, taking its patterns from the range. */
static void
add_child(Builder *builder, TrieNode *node, Range *range)
{
	Source	   *source = &builder->sources[range->first];
	Range		below = {.first = range->first};
	Part		part;

	below.pos = take_part(source->data, source->len, range->pos, &part);
	while (range->first < range->end &&
		   has_segment_at(&builder->sources[range->first], range->pos,
						  &part.segment))
		range->first++;
	below.end = range->first;
	if (segment_is_star(&part.segment))
		node->has_star = true;
	else
		node->literals++;
	add_node(builder, &part, below);
}

/* Completes all nodes, level by level, so that children are side by side. */
static void
build_nodes(Builder *builder)
{
	static const Part root = {{"", 0}, 0};

	builder->nodes = palloc(sizeof(TrieNode) * builder->max_nodes);
	builder->ranges = palloc(sizeof(Range) * builder->max_nodes);
	builder->rests = palloc(Max(builder->max_rests, 1));
	add_node(builder, &root, (Range) {.end = builder->source_count});
	for (uint32 i = 0; i < builder->node_count; i++)
	{
		TrieNode   *node = &builder->nodes[i];
		Range		range = builder->ranges[i];

		take_endings(builder, node, &range);
		node->first_child = builder->node_count;
		while (range.first < range.end)
			add_child(builder, node, &range);
	}
}

/* Returns the finished set in one piece. */
static PermSet *
assemble(const Builder *builder)
{
	Size		nodes_size = sizeof(TrieNode) * builder->node_count;
	Size		size = offsetof(PermSet, nodes) + nodes_size + builder->rests_len;
	PermSet    *set = palloc0(size);

	set->size = size;
	set->node_count = builder->node_count;
	for (uint32 i = 0; i < builder->source_count; i++)
		set->bits |= builder->sources[i].bit;
	memcpy(set->nodes, builder->nodes, nodes_size);
	memcpy((char *) set->nodes + nodes_size, builder->rests,
		   builder->rests_len);
	return set;
}

/* Returns a set of the patterns, allocated in CurrentMemoryContext. */
PermSet *
permset_compile(const TaclName *patterns, int count)
{
	Builder		builder = {0};
	PermSet    *set;

	measure(&builder, patterns, count);
	sort_sources(&builder, patterns, count);
	build_nodes(&builder);
	set = assemble(&builder);
	pfree(builder.sources);
	pfree(builder.nodes);
	pfree(builder.ranges);
	pfree(builder.rests);
	return set;
}
