/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-redis-link.h"

G_BEGIN_DECLS

#define SIGHEJ_REDIS_RETRY_FIRST_MS 100
#define SIGHEJ_REDIS_RETRY_MOST_MS 5000
#define SIGHEJ_REDIS_RETRY_SENTINELS_MOST_MS 1000 /* a failover takes 10 s at most (F-02) */
#define SIGHEJ_REDIS_PING_MS 5000                 /* how often a connection proves that it lives */

#define SIGHEJ_TYPE_REDIS (sighej_redis_get_type ())
G_DECLARE_FINAL_TYPE (SighejRedis, sighej_redis, SIGHEJ, REDIS, GObject)

/**
 * SighejRedis:
 *
 * A connection to the master, kept alive: found (through sentinels), opened, greeted, and again
 * after each loss, 0.1 to 5 s later (1 s with sentinels), with jitter.
 *
 * |[
 *                  ┌──────────────── refused, lost, late ◂───────────────┬────────────┐
 *                  ▼                                                     │            │
 *  new ──▸      waiting ──▸ seeking ──▸ opening ──▸ greeting ──▸ connected            │
 *   │  back-off              where is    name,       AUTH, SELECT,  commands, PING    │
 *   │                        the master  connect     ROLE: master?                    │
 *   │                                                SUBSCRIBE                        │
 *   └──▸ seeking (with sentinels) or opening ─────────────────────────────────────────┘
 * ]|
 *
 * A connection for commands and one that listens are two objects. While it is not
 * connected a command fails at once.
 *
 * Signals:
 *  "connected" (void): a master, authenticated, its database chosen; before any command of others
 *  "disconnected" (void): after all that was pending has been called back
 *  "message" (GBytes *payload): on a connection that listens
 */

/**
 * sighej_redis_new:
 * @url: copied
 * @channel: (nullable): %NULL: for commands; else it only listens to this channel
 * @clock: a reference is taken; where its time is turned by a test, PING and all that
 *   is late follow it
 *
 * Connects at once.
 */
SighejRedis *sighej_redis_new (const SighejRedisUrl *url, const char *channel, SighejClock *clock);

gboolean sighej_redis_is_connected (SighejRedis *self);

/* Whether one more command would be taken now. When not connected it fails at once, so TRUE. */
gboolean sighej_redis_has_room (SighejRedis *self);

/* See sighej_redis_link_command(). Not on a connection that listens. */
void sighej_redis_command (SighejRedis *self,
                           guint n_args,
                           const char *const *args,
                           const gsize *n_bytes,
                           SighejRedisDone done,
                           gpointer user_data);

/* See sighej_redis_link_script(). Not on a connection that listens. */
void sighej_redis_script (SighejRedis *self,
                          SighejRedisScript *script,
                          guint n_keys,
                          guint n_args,
                          const char *const *args,
                          const gsize *n_bytes,
                          SighejRedisDone done,
                          gpointer user_data);

G_END_DECLS
