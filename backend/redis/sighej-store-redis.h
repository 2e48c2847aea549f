/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-redis-url.h"
#include "sighej-store.h"

G_BEGIN_DECLS

/**
 * SighejStoreRedis:
 *
 * The store that several processes share: one script call of Redis a decision, on Redis' own
 * time. Each object is one worker among those of the cell; what others do to sessions with
 * sockets here comes as the signals of a store.
 *
 * While Redis is away every call fails at once with UNAVAILABLE. A Redis that lost its data has
 * lost the sessions: those attached here are told "gone", and clients come back with new ones.
 */
#define SIGHEJ_TYPE_STORE_REDIS (sighej_store_redis_get_type ())
G_DECLARE_FINAL_TYPE (SighejStoreRedis, sighej_store_redis, SIGHEJ, STORE_REDIS, GObject)

/**
 * sighej_store_redis_new:
 * @url: copied
 * @tombstone_key: the same in all processes; hides the tokens that are not to be used again
 * @clock: for heartbeats and for how long to wait; decisions are on Redis' time
 */
SighejStore *sighej_store_redis_new (const SighejRedisUrl *url,
                                     const guint8 tombstone_key[SIGHEJ_KEY_BYTES],
                                     SighejClock *clock);

/* For tests and for logs: 16 hex digits. */
const char *sighej_store_redis_get_worker_id (SighejStoreRedis *self);

G_END_DECLS
