/*
 * transfer_export.c
 *		All that the tables hold, as documents for tacl_apply().
 */
#include "transfer_int.h"

#include "catalog/pg_type.h"

PG_FUNCTION_INFO_V1(tacl_export);

/* The first row of an export of less than everything. */
static Statement scope_row = {
	"SELECT pg_catalog.jsonb_build_object('scope', $1)",
	{TEXTOID}
};

/* Ensures that the caller may read what is exported, or raises 42501. */
static void
require_sight(void)
{
	access_require_sight();
	for (int i = 0; i < SECTIONS; i++)
	{
		for (int j = 0; j < STORE_ALL_TABLES; j++)
		{
			if (transfer_sections[i].writes & TABLE_BIT(j))
				access_require(j, ACL_SELECT);
		}
	}
}

/* Appends the rows of all sections, or of those that belong to tenants. */
static void
export_sections(StoreReader *reader, TaclName scope, bool everything,
				FunctionCallInfo fcinfo)
{
	const NullableDatum *args = PARAMS(param_name(scope),
									   param_value(BoolGetDatum(true)));

	if (!everything)
		statement_fill(&scope_row, args, reader, fcinfo);
	for (int i = 0; i < SECTIONS; i++)
	{
		if (everything || !transfer_sections[i].global)
			statement_fill(&transfer_sql[i].export, args, reader, fcinfo);
	}
}

/* tacl_export([tenant]): one document for each object. */
Datum
tacl_export(PG_FUNCTION_ARGS)
{
	IdBuffer	buffer;
	TaclName	scope;
	StoreReader reader;
	int			settings;

	require_sight();
	scope = arg_required_id(fcinfo, 0, &buffer, "tenant");
	settings = transfer_set_clock();
	store_begin(&reader);
	(void) resolve_tenant(&reader, scope);
	export_sections(&reader, scope, name_is_root(scope), fcinfo);
	store_end(&reader);
	transfer_reset_clock(settings);
	return (Datum) 0;
}
