/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-redis.h"

G_BEGIN_DECLS

#define SIGHEJ_REDIS_QUEUE_UNDER_WAY_MAX 256 /* of the pipeline; the rest is for sightings */
#define SIGHEJ_REDIS_QUEUE_WAITING_MAX 8192
#define SIGHEJ_REDIS_QUEUE_WAITING_MS 900 /* whoever waited longer is refused */
#define SIGHEJ_REDIS_QUEUE_ARGS_MAX 4

/**
 * SighejRedisQueue:
 *
 * What a socket needs to begin: who is it, its place, its outbox. When an instance restarts all of
 * its clients come back at once, to the others; they wait here, in order, for their share of the
 * pipeline, instead of being refused because it is full.
 *
 * Nothing waits unless something of the queue is under way, so whoever waits hears of a lost
 * connection with it. How long they waited is looked at with each answer.
 */
typedef struct _SighejRedisQueue SighejRedisQueue;

/* @commands: (transfer none): outlives the object, and is disposed before it is freed */
SighejRedisQueue *sighej_redis_queue_new (SighejRedis *commands, SighejClock *clock);
void sighej_redis_queue_free (SighejRedisQueue *self);

/**
 * sighej_redis_queue_script:
 * @n_args: %SIGHEJ_REDIS_QUEUE_ARGS_MAX at most
 * @args, @n_bytes: copied
 *
 * As sighej_redis_script() without keys; may also fail with UNAVAILABLE after waiting.
 */
void sighej_redis_queue_script (SighejRedisQueue *self,
                                SighejRedisScript *script,
                                guint n_args,
                                const char *const *args,
                                const gsize *n_bytes,
                                SighejRedisDone done,
                                gpointer user_data);

G_END_DECLS
