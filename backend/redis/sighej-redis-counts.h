/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-redis.h"
#include "sighej-store.h"

G_BEGIN_DECLS

/**
 * sighej_redis_counts_take:
 * @worker_id: who takes them
 *
 * The Redis store's half of sighej_store_take_counts(): closes what was counted, and hands out
 * what nobody else is busy with, read from what take.lua answers.
 */
void sighej_redis_counts_take (SighejRedis *commands,
                               const char *worker_id,
                               SighejStoreCounts counts,
                               gpointer user_data);

G_END_DECLS
