/*
 * stats.c
 *		What the session's cache did, and how to empty it.
 */
#include "tenant_acl.h"

#include "access/htup_details.h"
#include "funcapi.h"

#include "cache.h"
#include "inval.h"

PG_FUNCTION_INFO_V1(tacl_stats);
PG_FUNCTION_INFO_V1(tacl_flush);

/* tacl_stats(): one row of counters and sizes. */
Datum
tacl_stats(PG_FUNCTION_ARGS)
{
	TupleDesc	tupdesc;
	CacheStats	stats;
	Datum		values[7];
	bool		nulls[7] = {false};

	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE ||
		tupdesc->natts != lengthof(values))
		elog(ERROR, "tacl_stats() is not declared as it should be");
	cache_get_stats(&stats);
	values[0] = Int64GetDatum(stats.hits);
	values[1] = Int64GetDatum(stats.misses);
	values[2] = Int64GetDatum(stats.builds);
	values[3] = Int64GetDatum(stats.retries);
	values[4] = Int64GetDatum(stats.flushes);
	values[5] = Int64GetDatum(stats.entries);
	values[6] = Int64GetDatum(stats.bytes);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls)));
}

/* tacl_flush(): makes all sessions forget everything; always true. */
Datum
tacl_flush(PG_FUNCTION_ARGS)
{
	inval_flush_everyone();
	PG_RETURN_BOOL(true);
}
