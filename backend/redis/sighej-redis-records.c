/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-redis-records"

#include "config.h"

#include "sighej-redis-records.h"

#include "sighej-redis-args.h"
#include "sighej-redis-scripts.h"
#include "sighej-redis-told.h"

static void
run (SighejRedis *commands,
     SighejRedisScriptName name,
     const SighejRedisArgs *args,
     SighejRedisDone done,
     gpointer user_data)
{
  sighej_redis_script (commands,
                       sighej_redis_scripts_get (name),
                       0,
                       args->n,
                       args->args,
                       args->n_bytes,
                       done,
                       user_data);
}

/* Reading */

typedef struct
{
  SighejStoreRecordRead read;
  gpointer user_data;
} ReadCall;

/* (nullable) (transfer full) */
static GBytes *
read_bytes (const SighejRedisReply *reply, gsize i)
{
  const SighejRedisReply *item = sighej_redis_reply_get (reply, i);
  gsize n_bytes;
  const char *bytes;

  if (sighej_redis_reply_get_kind (item) != SIGHEJ_REDIS_BYTES)
    return NULL;
  bytes = sighej_redis_reply_get_bytes (item, &n_bytes);
  return g_bytes_new (bytes, n_bytes);
}

static void
on_read (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  g_autofree ReadCall *call = user_data;
  g_autoptr (GError) problem = NULL;
  SighejStoreRecord record = { 0 };

  if (error != NULL)
    {
      problem = sighej_redis_told_new_problem (error);
      call->read (NULL, problem, call->user_data);
      return;
    }

  record.now_ms = (gint64) sighej_redis_told_number (reply, 0);
  record.version = sighej_redis_told_number (reply, 1);
  if (record.version > 0)
    {
      record.value = read_bytes (reply, 2);
      for (guint i = 0; i < SIGHEJ_STORE_FLEETING_PARTS; i++)
        record.fleeting[i] = read_bytes (reply, 3 + i);
    }
  call->read (&record, NULL, call->user_data);
  g_clear_pointer (&record.value, g_bytes_unref);
  for (guint i = 0; i < SIGHEJ_STORE_FLEETING_PARTS; i++)
    g_clear_pointer (&record.fleeting[i], g_bytes_unref);
}

void
sighej_redis_records_read (SighejRedis *commands,
                           const char *key,
                           SighejStoreRecordRead read,
                           gpointer user_data)
{
  ReadCall *call = g_new (ReadCall, 1);
  SighejRedisArgs args;

  *call = (ReadCall){ read, user_data };
  args.n = args.n_numbers = 0;
  sighej_redis_args_text (&args, key);
  run (commands, SIGHEJ_REDIS_RECORD_READ, &args, on_read, call);
}

/* Swapping */

typedef struct
{
  SighejStore *store; /* lent: it calls back before it goes */
  SighejRedisWorker *worker;
  SighejStoreSwapped swapped;
  gpointer user_data;
} SwapCall;

/* { number of the swap, version of what it wrote, sessions here that are to look… } */
static void
tell_swapped (const SwapCall *call, const SighejRedisReply *reply)
{
  g_autoptr (SighejStore) store G_GNUC_UNUSED = g_object_ref (call->store);
  guint64 number = sighej_redis_told_number (reply, 0);

  call->swapped (TRUE, sighej_redis_told_number (reply, 1), NULL, call->user_data);
  for (gsize i = 2; i < sighej_redis_reply_get_n (reply); i++)
    sighej_redis_worker_note_swap (call->worker, sighej_redis_told_text (reply, i), number);
}

static void
on_swapped (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  g_autofree SwapCall *call = user_data;
  g_autoptr (GError) problem = error != NULL ? sighej_redis_told_new_problem (error) : NULL;

  if (problem != NULL || sighej_redis_reply_get_kind (reply) == SIGHEJ_REDIS_NIL)
    call->swapped (FALSE, 0, problem, call->user_data);
  else
    tell_swapped (call, reply);
}

static void
add_value (SighejRedisArgs *args, GBytes *value)
{
  gsize n_bytes = 0;
  const char *bytes = value != NULL ? g_bytes_get_data (value, &n_bytes) : NULL;

  sighej_redis_args_bytes (args, bytes != NULL ? bytes : "", n_bytes);
}

static void
add_fleeting (SighejRedisArgs *args, const SighejStoreFleeting *fleeting)
{
  gboolean is_there = fleeting->value != NULL && fleeting->until_ms > 0;

  sighej_redis_args_number (args, is_there ? (guint64) fleeting->until_ms : 0);
  add_value (args, fleeting->value);
}

void
sighej_redis_records_swap (SighejStore *store,
                           SighejRedis *commands,
                           SighejRedisWorker *worker,
                           const char *key,
                           const SighejStoreSwap *swap,
                           SighejStoreSwapped swapped,
                           gpointer user_data)
{
  SwapCall *call = g_new (SwapCall, 1);
  SighejRedisArgs args;

  *call = (SwapCall){ store, worker, swapped, user_data };
  args.n = args.n_numbers = 0;
  sighej_redis_args_text (&args, sighej_redis_worker_get_id (worker));
  sighej_redis_args_text (&args, key);
  sighej_redis_args_number (&args, swap->version);
  sighej_redis_args_number (&args, swap->value != NULL ? swap->lifetime_ms : 0);
  add_value (&args, swap->value);
  for (guint i = 0; i < SIGHEJ_STORE_FLEETING_PARTS; i++)
    add_fleeting (&args, &swap->fleeting[i]);
  for (guint i = 0; swap->wake != NULL && swap->wake[i] != NULL; i++)
    sighej_redis_args_text (&args, swap->wake[i]);
  run (commands, SIGHEJ_REDIS_RECORD_SWAP, &args, on_swapped, call);
}
