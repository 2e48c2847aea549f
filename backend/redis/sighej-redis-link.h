/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"
#include "sighej-redis-reply.h"
#include "sighej-redis-url.h"

G_BEGIN_DECLS

#define SIGHEJ_REDIS_CONNECT_MS 2000   /* look-up of the name and connecting */
#define SIGHEJ_REDIS_COMMAND_MS 900    /* so that a request is refused within a second (F-02) */
#define SIGHEJ_REDIS_PIPELINE_MAX 1024 /* commands without a reply */
#define SIGHEJ_REDIS_PIPELINE_BYTES_MAX (16 * 1024 * 1024)

/**
 * SighejRedisScript:
 * @text: of a Lua script; static
 * @sha1: its SHA-1 in hex; empty until it is first used, which fills it in
 */
typedef struct
{
  const char *text;
  char sha1[41];
} SighejRedisScript;

/**
 * SighejRedisDone:
 * @reply: (nullable): what Redis answered, no error; lent for the call
 * @error: (nullable): when there is no @reply
 *
 * Called exactly once, in the main context. SIGHEJ_ERROR_UNAVAILABLE: not connected, lost, no
 * answer within %SIGHEJ_REDIS_COMMAND_MS, too many commands under way, Redis loading, busy,
 * out of memory or a replica. SIGHEJ_ERROR_FAILED: Redis refused the command itself. A reply that
 * never came may mean done or not done.
 */
typedef void (*SighejRedisDone) (const SighejRedisReply *reply,
                                 const GError *error,
                                 gpointer user_data);

#define SIGHEJ_TYPE_REDIS_LINK (sighej_redis_link_get_type ())
G_DECLARE_FINAL_TYPE (SighejRedisLink, sighej_redis_link, SIGHEJ, REDIS_LINK, GObject)

/**
 * SighejRedisLink:
 *
 * One connection to one server, for one life; commands go out together once a turn of the main
 * loop, and answers come back in their order.
 *
 * |[
 *  connecting ──"opened"──▸ open ──"lost"──▸ closed
 *      └───────────"lost"──────────────────▸ closed      sighej_redis_link_close(): no "lost"
 * ]|
 *
 * Nothing is allocated for a command: it is written into the bytes to send, which are kept until
 * its answer is there (a script that Redis does not know is sent whole from them), and noted in a
 * ring. One timer watches over the oldest of them.
 */

/**
 * SighejRedisLinkFuncs:
 * @opened: may queue commands
 * @lost: once; every pending command has been called back before. Nothing is called afterwards
 * @pushed: (nullable): a message of a channel. %NULL: what nobody asked for ends the connection
 */
typedef struct
{
  void (*opened) (SighejRedisLink *link, gpointer user_data);
  void (*lost) (SighejRedisLink *link, const GError *error, gpointer user_data);
  void (*pushed) (SighejRedisLink *link, const SighejRedisReply *payload, gpointer user_data);
} SighejRedisLinkFuncs;

/* Connects at once. @funcs: static; never called before this returns. */
SighejRedisLink *sighej_redis_link_new (const SighejRedisPlace *place,
                                        SighejClock *clock,
                                        const SighejRedisLinkFuncs *funcs,
                                        gpointer user_data);

/* Calls back what is pending; nothing is called after this returns. */
void sighej_redis_link_close (SighejRedisLink *self);

/* As if it had been lost: calls back what is pending, then "lost". */
void sighej_redis_link_lose (SighejRedisLink *self, const GError *error);

gboolean sighej_redis_link_is_open (SighejRedisLink *self);

/* Commands without a reply. */
guint sighej_redis_link_get_n_pending (SighejRedisLink *self);

/**
 * sighej_redis_link_command:
 * @n_args: 1 or more
 * @args: the command and its arguments; copied
 * @n_bytes: (nullable): their lengths; %NULL: they end with NUL
 * @done: (nullable): called once, possibly before this returns
 */
void sighej_redis_link_command (SighejRedisLink *self,
                                guint n_args,
                                const char *const *args,
                                const gsize *n_bytes,
                                SighejRedisDone done,
                                gpointer user_data);

/* AUTH. @user: (nullable). */
void sighej_redis_link_auth (SighejRedisLink *self,
                             const char *user,
                             const char *password,
                             SighejRedisDone done,
                             gpointer user_data);

/**
 * sighej_redis_link_script:
 * @script: static
 * @n_keys: how many of @args are keys
 * @n_args: keys and arguments, without the script and the number of keys
 *
 * EVALSHA; when Redis does not know the script, EVAL: then it runs after commands that were queued
 * meanwhile.
 */
void sighej_redis_link_script (SighejRedisLink *self,
                               SighejRedisScript *script,
                               guint n_keys,
                               guint n_args,
                               const char *const *args,
                               const gsize *n_bytes,
                               SighejRedisDone done,
                               gpointer user_data);

G_END_DECLS
