/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"
#include "sighej-redis-url.h"

G_BEGIN_DECLS

#define SIGHEJ_REDIS_SENTINEL_MS 1000 /* for one sentinel, from connecting to its answer */

/**
 * SighejRedisSentinelFound:
 * @place: (nullable): where the master is
 * @error: (nullable): SIGHEJ_ERROR_UNAVAILABLE: no sentinel told, and why each did not
 */
typedef void (*SighejRedisSentinelFound) (const SighejRedisPlace *place,
                                          const GError *error,
                                          gpointer user_data);

#define SIGHEJ_TYPE_REDIS_SENTINEL (sighej_redis_sentinel_get_type ())
G_DECLARE_FINAL_TYPE (SighejRedisSentinel, sighej_redis_sentinel, SIGHEJ, REDIS_SENTINEL, GObject)

/**
 * SighejRedisSentinel:
 *
 * Asks the sentinels of a URL, one after the other, where the master is now. The one that answers
 * is the first to be asked the next time. What they say may be old: whoever connects there asks
 * for the ROLE.
 */

/* @url: copied; has a master's name. */
SighejRedisSentinel *sighej_redis_sentinel_new (const SighejRedisUrl *url, SighejClock *clock);

/* One question at a time; @found is called once, never before this returns, unless cancelled. */
void sighej_redis_sentinel_find (SighejRedisSentinel *self,
                                 SighejRedisSentinelFound found,
                                 gpointer user_data);

/* Nothing is called afterwards. Fine at any time. */
void sighej_redis_sentinel_cancel (SighejRedisSentinel *self);

G_END_DECLS
