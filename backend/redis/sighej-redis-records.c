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

static void
on_read (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  g_autofree ReadCall *call = user_data;
  g_autoptr (GError) problem = NULL;
  g_autoptr (GBytes) value = NULL;
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
      gsize n_bytes;
      const char *bytes
          = sighej_redis_reply_get_bytes (sighej_redis_reply_get (reply, 2), &n_bytes);

      record.value = value = g_bytes_new (bytes, n_bytes);
    }
  call->read (&record, NULL, call->user_data);
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
  gboolean deletes;
  SighejStoreSwapped swapped;
  gpointer user_data;
} SwapCall;

/* { number of the swap, sessions here that are to look… } */
static void
tell_swapped (const SwapCall *call, const SighejRedisReply *reply)
{
  g_autoptr (SighejStore) store G_GNUC_UNUSED = g_object_ref (call->store);
  guint64 number = sighej_redis_told_number (reply, 0);

  call->swapped (TRUE, call->deletes ? 0 : number, NULL, call->user_data);
  for (gsize i = 1; i < sighej_redis_reply_get_n (reply); i++)
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

void
sighej_redis_records_swap (SighejStore *store,
                           SighejRedis *commands,
                           SighejRedisWorker *worker,
                           const SighejRedisSwap *swap,
                           SighejStoreSwapped swapped,
                           gpointer user_data)
{
  SwapCall *call = g_new (SwapCall, 1);
  gsize n_bytes = 0;
  const char *bytes = swap->value != NULL ? g_bytes_get_data (swap->value, &n_bytes) : NULL;
  SighejRedisArgs args;

  *call = (SwapCall){ .store = store,
                      .worker = worker,
                      .deletes = swap->value == NULL,
                      .swapped = swapped,
                      .user_data = user_data };
  args.n = args.n_numbers = 0;
  sighej_redis_args_text (&args, sighej_redis_worker_get_id (worker));
  sighej_redis_args_text (&args, swap->key);
  sighej_redis_args_number (&args, swap->version);
  sighej_redis_args_number (&args, call->deletes ? 0 : swap->lifetime_ms);
  sighej_redis_args_bytes (&args, bytes != NULL ? bytes : "", n_bytes);
  for (guint i = 0; swap->wake != NULL && swap->wake[i] != NULL; i++)
    sighej_redis_args_text (&args, swap->wake[i]);
  run (commands, SIGHEJ_REDIS_RECORD_SWAP, &args, on_swapped, call);
}
