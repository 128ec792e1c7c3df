/*
 * lock_tag.c
 *		Locks of the extension's own, by name; and how long locks are kept.
 *
 * A lock's tag has room for 64 bits of a name. Users choose names, and two
 * tenants of the same bits would wait for each other: so they are bits of a
 * SHA-256 of the name and of what the database system is, which is another in
 * each. Who knows that has still to try 2^64 names to meet a given one.
 *
 * A lock belongs to whoever runs when it is taken, and goes with them. That can
 * be a cursor: if it fails within a savepoint, all that it ever locked is given
 * back with the savepoint, also what belongs to rows that it had written before,
 * and these stay. So locks that are to be there as long as rows are taken for
 * the transaction, or the savepoint, that the rows go with; PostgreSQL does the
 * same with the lock of a transaction's number.
 */
#include "lock_tag.h"

#include <openssl/evp.h>

#include "access/xlog.h"
#include "miscadmin.h"

/* The first 64 bits of the digest of a name in this system. */
static uint64
digest_of(TaclName name)
{
	uint64		system = GetSystemIdentifier();
	char	   *source = palloc(sizeof(system) + name.len);
	unsigned char digest[EVP_MAX_MD_SIZE];
	uint64		bits;

	memcpy(source, &system, sizeof(system));
	memcpy(source + sizeof(system), name.data, name.len);
	if (EVP_Digest(source, sizeof(system) + name.len, digest, NULL,
				   EVP_sha256(), NULL) != 1)
		elog(ERROR, "could not compute a digest");
	memcpy(&bits, digest, sizeof(bits));
	pfree(source);
	return bits;
}

/* The lock of a name; see lock_tag.h. */
LOCKTAG
lock_tag(LockKind kind, TaclName name)
{
	uint64		bits = name.len > 0 ? digest_of(name) : 0;
	LOCKTAG		tag;

	memset(&tag, 0, sizeof(tag));
	tag.locktag_field1 = MyDatabaseId;
	tag.locktag_field2 = (uint32) (bits >> 32);
	tag.locktag_field3 = (uint32) bits;
	tag.locktag_field4 = kind;
	tag.locktag_type = LOCKTAG_USERLOCK;
	tag.locktag_lockmethodid = DEFAULT_LOCKMETHOD;
	return tag;
}

/* Has locks taken for the (sub)transaction; see lock_tag.h. */
ResourceOwner
lock_keep_begin(void)
{
	ResourceOwner caller = CurrentResourceOwner;

	CurrentResourceOwner = CurTransactionResourceOwner;
	return caller;
}

/* Has them taken for the caller again. An error does without. */
void
lock_keep_end(ResourceOwner caller)
{
	CurrentResourceOwner = caller;
}
