/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-redis-queue.h"
#include "sighej-store.h"

G_BEGIN_DECLS

#define SIGHEJ_REDIS_BEAT_MS                                                                       \
  5000 /* heartbeat, and the longest that a lost message goes unnoticed */
#define SIGHEJ_REDIS_CHECK_MAX 256 /* sessions one call of a script looks after */

/**
 * SighejRedisWorker:
 *
 * The half of the Redis store that is about this process among others: which sessions have
 * sockets here, what others tell us about them, and that we live.
 *
 * Redis knows of each session the one worker that has its sockets. Who nudges it, ends it or
 * takes it over says so on the channel of that worker; what it says about outboxes it also
 * leaves in wake:{worker}. Every %SIGHEJ_REDIS_BEAT_MS a heartbeat collects that, so that a lost
 * message is repaired by then; and the next %SIGHEJ_REDIS_CHECK_MAX sessions are asked for as a
 * whole, as all are after each connection: Redis may know less than we do (it restarted), or more
 * (we were away).
 */
typedef struct _SighejRedisWorker SighejRedisWorker;

/**
 * sighej_redis_worker_new:
 * @store: (transfer none): emits the signals of a store; outlives the worker
 * @commands: (transfer none): outlives the worker; disposed before it is freed, so that nothing
 *   is under way
 * @handshakes: (transfer none): to @commands; outlives the worker
 * @key_tag: a text that says, and no more, whether two processes have the same interest key:
 *   the log warns of others with another one
 */
SighejRedisWorker *sighej_redis_worker_new (SighejStore *store,
                                            SighejRedis *commands,
                                            SighejRedisQueue *handshakes,
                                            const char *key_tag,
                                            const SighejRedisUrl *url,
                                            SighejClock *clock);
void sighej_redis_worker_free (SighejRedisWorker *self);

/* 16 hex digits, drawn for this object. */
const char *sighej_redis_worker_get_id (SighejRedisWorker *self);

/* As sighej_store_is_attached(). */
void sighej_redis_worker_is_attached (SighejRedisWorker *self,
                                      const char *session_id,
                                      SighejStoreAttached attached,
                                      gpointer user_data);

/* Swap number @number says that the session is to look: emits "outbox" when it is attached here
 * and has not been told of this or a later one. */
void
sighej_redis_worker_note_swap (SighejRedisWorker *self, const char *session_id, guint64 number);

/* As sighej_store_attach(): Redis is told of the first and the last socket only. */
void sighej_redis_worker_attach (SighejRedisWorker *self,
                                 const char *session_id,
                                 int change,
                                 SighejStoreDone done,
                                 gpointer user_data);

/* "" when it is not attached here, or not known yet. */
const char *sighej_redis_worker_get_first_token (SighejRedisWorker *self, const char *session_id);

/* Its outbox was read up to @seq: no need to be told of that again. */
void sighej_redis_worker_note_read (SighejRedisWorker *self, const char *session_id, guint64 seq);

G_END_DECLS
