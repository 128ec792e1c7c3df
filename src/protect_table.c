/*
 * protect_table.c
 *		Tables that are to be protected: which, whose, and with what column.
 *
 * A table is taken together with its partitions, or the tables that inherit
 * from it: their rows are reached through it, and its rows through them.
 */
#include "protect.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/catalog.h"
#include "catalog/dependency.h"
#include "catalog/partition.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_operator.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "partitioning/partdefs.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/partcache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "statement.h"

/* Only other calls and changes of the table's definition have to wait. */
#define PROTECT_LOCK ShareUpdateExclusiveLock

/* Raises an error unless the caller owns the table. */
static void
require_owner(Oid relid)
{
	char		kind = get_rel_relkind(relid);

	if (kind == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	if (!object_ownercheck(RelationRelationId, relid, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, get_relkind_objtype(kind),
					   get_rel_name(relid));
}

/* Is it a table of the kind that can have policies? */
static bool
is_table(Oid relid)
{
	char		kind = get_rel_relkind(relid);

	return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE;
}

/* Raises an error unless the relation is such a table. */
static void
require_table(Oid relid)
{
	char		kind = get_rel_relkind(relid);

	if (!is_table(relid))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a table", get_rel_name(relid)),
				 errdetail_relkind_not_supported(kind),
				 kind == RELKIND_VIEW ?
				 errhint("Protect the tables that it reads, and give it the option security_invoker.") : 0));
}

/* Raises an error for tables that are not the caller's to protect. */
static void
require_ordinary(Oid relid)
{
	if (IsCatalogRelationOid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied: \"%s\" is a system catalog",
						get_rel_name(relid))));
	if (getExtensionOfObject(RelationRelationId, relid) ==
		get_extension_oid(TACL_EXTENSION, false))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("table \"%s\" belongs to extension \"%s\"",
						get_rel_name(relid), TACL_EXTENSION),
				 errhint("Its tables are protected by privileges.")));
}

/* Raises an error if rows of the table are reached through another one. */
static void
require_root(Oid relid, const char *function)
{
	if (!has_superclass(relid))
		return;
	if (get_rel_relispartition(relid))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is a partition", get_rel_name(relid)),
				 errhint("Call %s for \"%s\": it includes all partitions.",
						 function,
						 get_rel_name(llast_oid(get_partition_ancestors(relid))))));
	ereport(ERROR,
			(errcode(ERRCODE_WRONG_OBJECT_TYPE),
			 errmsg("\"%s\" inherits from another table", get_rel_name(relid)),
			 errhint("Call %s for that one: it includes all that inherit from it.",
					 function)));
}

/*
 * Locks the table and all below it. Those that cannot have policies are an
 * error if the whole is meant, else left out.
 */
static List *
lock_tables(Oid root, bool whole)
{
	List	   *tables = NIL;
	ListCell   *cell;

	LockRelationOid(root, PROTECT_LOCK);
	require_owner(root);
	foreach(cell, find_all_inheritors(root, PROTECT_LOCK, NULL))
	{
		Oid			relid = lfirst_oid(cell);

		if (!whole && !is_table(relid))
			continue;
		require_table(relid);
		require_owner(relid);
		tables = lappend_oid(tables, relid);
	}
	return tables;
}

/*
 * Begins a call whose first argument is the table: decides whether the caller
 * may do it before anything else is looked at, locks what it is about, and
 * connects to SPI under a search_path of its own.
 */
void
protect_begin(ProtectCall *call, FunctionCallInfo fcinfo,
			  const char *function, bool whole)
{
	if (InSecurityRestrictedOperation())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("cannot execute %s within security-restricted operation",
						function)));
	/* Else PostgreSQL would speak of its locks. */
	PreventCommandDuringRecovery(function);
	if (PG_ARGISNULL(0))
		report_missing("table");
	call->function = function;
	call->root = PG_GETARG_OID(0);
	require_owner(call->root);
	require_table(call->root);
	require_ordinary(call->root);
	require_root(call->root, function);
	call->guc_level = statement_pin_path();
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	call->tables = lock_tables(call->root, whole);
}

/* Ends it. The locks stay. */
void
protect_end(const ProtectCall *call)
{
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	AtEOXact_GUC(true, call->guc_level);
}

/* The table's name for a statement. */
const char *
protect_table_name(Oid relid)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
									  get_rel_name(relid));
}

/* The number of a column that can say which tenant a row belongs to. */
AttrNumber
protect_column(Oid relid, const char *column)
{
	HeapTuple	tuple = SearchSysCacheAttName(relid, column);
	Form_pg_attribute form;
	AttrNumber	number;
	bool		generated;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of table \"%s\" does not exist",
						column, get_rel_name(relid))));
	form = (Form_pg_attribute) GETSTRUCT(tuple);
	number = form->attnum;
	generated = form->attgenerated != '\0';
	ReleaseSysCache(tuple);
	if (number < 0 || generated)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_COLUMN_REFERENCE),
				 errmsg("cannot protect table \"%s\" by column \"%s\"",
						get_rel_name(relid), column),
				 number < 0 ? errdetail("It is a system column.") :
				 errdetail("It is a generated column.")));
	return number;
}

/* The collation of a column. */
static Oid
column_collation(Oid relid, AttrNumber column)
{
	Oid			type;
	int32		typmod;
	Oid			collation;

	get_atttypetypmodcoll(relid, column, &type, &typmod, &collation);
	return collation;
}

/* The collation by which it is compared: one in which equal is the same. */
static Oid
exact_collation(Oid relid, AttrNumber column)
{
	Oid			collation = column_collation(relid, column);

	if (OidIsValid(collation) && !get_collation_isdeterministic(collation))
		return C_COLLATION_OID;
	return collation;
}

/* The column for an expression that compares it, byte by byte if it is text. */
const char *
protect_exact_column(Oid relid, AttrNumber column)
{
	const char *name = quote_identifier(get_attname(relid, column, false));

	if (exact_collation(relid, column) == column_collation(relid, column))
		return name;
	return psprintf("%s COLLATE pg_catalog.\"C\"", name);
}

/* An operator for a statement. */
const char *
protect_operator(Oid operator)
{
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(operator));
	Form_pg_operator form;
	char	   *text;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator %u", operator);
	form = (Form_pg_operator) GETSTRUCT(tuple);
	text = psprintf("OPERATOR(%s.%s)",
					quote_identifier(get_namespace_name(form->oprnamespace)),
					NameStr(form->oprname));
	ReleaseSysCache(tuple);
	return text;
}

/*
 * Can the index be used to find the rows of a tenant? Whether there is a
 * predicate is read from the catalog, for PostgreSQL would evaluate parts of it,
 * and they are not the caller's.
 */
static bool
index_leads_with(Oid index_oid, AttrNumber column, Oid collation)
{
	Relation	index = index_open(index_oid, AccessShareLock);
	bool		leads = index->rd_rel->relam == BTREE_AM_OID &&
		index->rd_index->indisvalid &&
		index->rd_index->indkey.values[0] == column &&
		index->rd_indcollation[0] == collation &&
		heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL);

	index_close(index, AccessShareLock);
	return leads;
}

/* Has the table itself an index that finds the rows of a tenant? */
static bool
has_index(Oid relid, AttrNumber column)
{
	Relation	table = table_open(relid, AccessShareLock);
	Oid			collation = exact_collation(relid, column);
	bool		found = false;
	ListCell   *cell;

	foreach(cell, RelationGetIndexList(table))
		found = found || index_leads_with(lfirst_oid(cell), column, collation);
	table_close(table, AccessShareLock);
	return found;
}

/* Are partitions made by tenant, so that each has rows of few? */
static bool
is_partitioned_by_list_of(Oid relid, AttrNumber column)
{
	Relation	table = table_open(relid, AccessShareLock);
	PartitionKey key = RelationGetPartitionKey(table);
	bool		by_list = key != NULL &&
		key->strategy == PARTITION_STRATEGY_LIST && key->partattrs[0] == column;

	table_close(table, AccessShareLock);
	return by_list;
}

/* The tables with rows of their own that have no such index. */
static List *
tables_without_index(const ProtectCall *call, const char *column)
{
	List	   *without = NIL;
	ListCell   *cell;

	foreach(cell, call->tables)
	{
		Oid			relid = lfirst_oid(cell);

		if (get_rel_relkind(relid) == RELKIND_RELATION &&
			!has_index(relid, get_attnum(relid, column)))
			without = lappend_oid(without, relid);
	}
	return without;
}

/* Says how to make an index where the rows of a tenant cannot be found. */
void
protect_advise_index(const ProtectCall *call, const char *column)
{
	AttrNumber	number = get_attnum(call->root, column);
	bool		partitioned =
		get_rel_relkind(call->root) == RELKIND_PARTITIONED_TABLE;
	List	   *without;
	Oid			first;

	if (partitioned && is_partitioned_by_list_of(call->root, number))
		return;
	without = tables_without_index(call, column);
	if (without == NIL)
		return;
	first = linitial_oid(without);
	ereport(NOTICE,
			(errmsg("table \"%s\" has no index that leads with column \"%s\"",
					get_rel_name(first), column),
			 list_length(without) > 1 ?
			 errdetail_plural("Nor has %d other table below \"%s\".",
							  "Nor have %d other tables below \"%s\".",
							  list_length(without) - 1,
							  list_length(without) - 1,
							  get_rel_name(call->root)) : 0,
			 errhint("CREATE INDEX %sON %s (%s);",
					 partitioned ? "" : "CONCURRENTLY ",
					 protect_table_name(partitioned ? call->root : first),
					 protect_exact_column(first, get_attnum(first, column)))));
}
