/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-redis-worker.h"

G_BEGIN_DECLS

/*
 * The Redis store's records: what record-read.lua and record-swap.lua are asked and answer. The
 * numbers of all swaps in a Redis rise, so a worker knows which of the wakes for a session it has
 * told already, whether they came by its channel, with a heartbeat or as the answer to its own.
 */

/* As sighej_store_read_record(). */
void sighej_redis_records_read (SighejRedis *commands,
                                const char *key,
                                SighejStoreRecordRead read,
                                gpointer user_data);

/* As sighej_store_swap_record(). @store: outlives its callbacks, and is held while one of them runs
 */
void sighej_redis_records_swap (SighejStore *store,
                                SighejRedis *commands,
                                SighejRedisWorker *worker,
                                const char *key,
                                const SighejStoreSwap *swap,
                                SighejStoreSwapped swapped,
                                gpointer user_data);

G_END_DECLS
