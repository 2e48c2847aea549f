/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-redis-counts"

#include "config.h"

#include "sighej-redis-counts.h"

#include "sighej-redis-args.h"
#include "sighej-redis-scripts.h"
#include "sighej-redis-told.h"

#define TAKE_DAYS 4 /* days closed at once: today, and what a change of day or a pause left */

typedef struct
{
  SighejStoreCounts counts;
  gpointer user_data;
} TakeCall;

static void
take_field (SighejBatch *batch, const char *field, guint64 value)
{
  if (g_str_equal (field, "day"))
    sighej_batch_date ((gint64) value * 86400 * G_USEC_PER_SEC, batch->date);
  else if (g_str_equal (field, "sessions"))
    batch->sessions = value;
  else if (g_str_equal (field, "pings"))
    batch->pings += value;
  else if (g_str_equal (field, "matched")) /* a report that made a match is counted once */
    {
      batch->pings += value;
      batch->matches += value;
    }
  else if (g_str_has_prefix (field, "c:"))
    sighej_batch_add_category (batch, field + 2, value);
}

/* { id, { field, value, … } } */
static SighejBatch *
read_batch (const SighejRedisReply *reply)
{
  const SighejRedisReply *fields = sighej_redis_reply_get (reply, 1);
  SighejBatch *batch = sighej_batch_new (sighej_redis_told_text (reply, 0), "");

  for (gsize i = 0; i + 1 < sighej_redis_reply_get_n (fields); i += 2)
    take_field (
        batch, sighej_redis_told_text (fields, i), sighej_redis_told_number (fields, i + 1));
  return batch;
}

static void
on_counts (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  g_autofree TakeCall *call = user_data;
  g_autoptr (GError) problem = error != NULL ? sighej_redis_told_new_problem (error) : NULL;
  g_autoptr (GPtrArray) batches
      = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_batch_free);

  for (gsize i = 0; i < sighej_redis_reply_get_n (reply); i++)
    g_ptr_array_add (batches, read_batch (sighej_redis_reply_get (reply, i)));
  call->counts (
      (const SighejBatch *const *) batches->pdata, batches->len, problem, call->user_data);
}

void
sighej_redis_counts_take (SighejRedis *commands,
                          const char *worker_id,
                          SighejStoreCounts counts,
                          gpointer user_data)
{
  TakeCall *call = g_new (TakeCall, 1);
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  SighejRedisArgs args;

  *call = (TakeCall){ counts, user_data };
  args.n = args.n_numbers = 0;
  sighej_redis_args_text (&args, worker_id);
  for (guint i = 0; i < TAKE_DAYS; i++)
    {
      g_ptr_array_add (ids, g_uuid_string_random ());
      sighej_redis_args_text (&args, ids->pdata[i]);
    }
  sighej_redis_script (commands,
                       sighej_redis_scripts_get (SIGHEJ_REDIS_TAKE),
                       0,
                       args.n,
                       args.args,
                       args.n_bytes,
                       on_counts,
                       call);
}
