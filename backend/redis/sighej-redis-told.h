/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-redis-reply.h"
#include "sighej-store.h"

G_BEGIN_DECLS

/* What went wrong, of a script that cannot be run: one that Redis refuses is our mistake or the
 * operator's; either way nothing was done. Returns: (transfer full) */
GError *sighej_redis_told_new_problem (const GError *error);

/* An element of an answer: a number, also when it comes as text; 0 when there is none. */
guint64 sighej_redis_told_number (const SighejRedisReply *reply, gsize i);

/* The same as text; "" when there is none. */
const char *sighej_redis_told_text (const SighejRedisReply *reply, gsize i);

/**
 * SighejRedisTold:
 * @info: lends from the answer and from here
 *
 * A session as the scripts of backend/redis tell it: { id, first token, opening, remaining ms,
 * newest number, day, interests, sealed labels, categories, public key or "" }.
 */
typedef struct
{
  SighejStoreInfo info;
  guint8 opening[SIGHEJ_STORE_OPENING_BYTES];
  guint8 public_key[SIGHEJ_PUBLIC_KEY_BYTES];
} SighejRedisTold;

/* @reply: (nullable): lives as long as @told is used */
void sighej_redis_told_read (SighejRedisTold *told, const SighejRedisReply *reply);
void sighej_redis_told_clear (SighejRedisTold *told);

/* Returns: how many of @nudges were filled from an outbox: all with seq > @after */
guint sighej_redis_told_nudges (const SighejRedisReply *entries,
                                guint64 after,
                                SighejStoreNudge nudges[SIGHEJ_STORE_OUTBOX_MAX]);

G_END_DECLS
