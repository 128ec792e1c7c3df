/*
 * holds.h
 *		What a person holds firmly enough to hand it on.
 *
 * To hold a pattern takes more than being allowed what it matches today: one
 * allow has to cover all of it for as long as it is handed on, and no deny may
 * touch it, at the tenant or anywhere below.
 */
#ifndef TACL_HOLDS_H
#define TACL_HOLDS_H

#include "store.h"

/* What somebody is asked to hold. Signs of the patterns do not matter. */
typedef struct Demand
{
	TaclName	tenant;
	TimestampTz until;			/* DT_NOEND for without end */
	NameArray	patterns;
} Demand;

/*
 * Does the person hold all patterns? No if disabled, or if the tenant is not
 * registered, or it or a tenant above is suspended.
 */
extern bool holds(TaclName person, const Demand *demand);

/*
 * Has the user nothing from above the tenant, and at the tenant no right over
 * the extension, now or later; nor anywhere below it, if that matters? No if
 * the tenant is not registered.
 */
extern bool holds_no_power(TaclName user, TaclName tenant, bool below);

#endif							/* TACL_HOLDS_H */
