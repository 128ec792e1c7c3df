/*
 * base64url.h
 *		Bytes as text in the alphabet of JSON Web Tokens.
 *
 * RFC 4648, section 5, without padding. Pure: no tables, no session.
 */
#ifndef TACL_BASE64URL_H
#define TACL_BASE64URL_H

#include "tenant_acl.h"

/* Zero-terminated, allocated in CurrentMemoryContext. */
extern TaclName base64url_encode(TaclName bytes);

/*
 * Into *bytes, allocated in CurrentMemoryContext. False if the text is not
 * the very one that base64url_encode() makes of some bytes.
 */
extern bool base64url_decode(TaclName text, TaclName *bytes);

#endif							/* TACL_BASE64URL_H */
