/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-redis.h"
#include "sighej-store.h"

G_BEGIN_DECLS

#define SIGHEJ_REDIS_ACKS_MAX 64 /* one call of the script */
#define SIGHEJ_REDIS_ACKS_MS 20  /* the longest that one waits for others */

/**
 * SighejRedisAcks:
 *
 * Acknowledgements on their way to Redis, many in one call of a script: what is dropped from an
 * outbox a moment later harms nobody. One that is lost with us only means that its nudge is sent
 * again, and the client drops it by its id.
 *
 * Of one session only the newest is sent; those before it are called back at once.
 */
typedef struct _SighejRedisAcks SighejRedisAcks;

/* @commands: (transfer none): outlives the object, and is disposed before it is freed */
SighejRedisAcks *sighej_redis_acks_new (SighejRedis *commands, SighejClock *clock);

/* Nothing may wait: flush, then dispose the connection, then free. */
void sighej_redis_acks_free (SighejRedisAcks *self);

/**
 * sighej_redis_acks_add:
 * @session_id: copied
 * @done: called once, when Redis answered; NOT_FOUND: there is no such session
 */
void sighej_redis_acks_add (SighejRedisAcks *self,
                            const char *session_id,
                            guint64 seq,
                            SighejStoreDone done,
                            gpointer user_data);

/* Sends what waits now: its session is about to detach or to end. */
void sighej_redis_acks_flush (SighejRedisAcks *self);

G_END_DECLS
