/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-redis-acks"

#include "config.h"

#include "sighej-redis-acks.h"

#include "sighej-error.h"
#include "sighej-redis-args.h"
#include "sighej-redis-scripts.h"

G_STATIC_ASSERT (2 * SIGHEJ_REDIS_ACKS_MAX <= SIGHEJ_REDIS_ARGS_MAX);
G_STATIC_ASSERT (SIGHEJ_REDIS_ACKS_MAX <= SIGHEJ_REDIS_ARGS_NUMBERS_MAX);

typedef struct
{
  char session_id[SIGHEJ_UUID_CHARS + 1];
  guint64 seq;
  SighejStoreDone done;
  gpointer user_data;
} Ack;

/* Those of one call of the script. */
typedef struct
{
  guint n;
  Ack acks[SIGHEJ_REDIS_ACKS_MAX];
} Batch;

struct _SighejRedisAcks
{
  SighejRedis *commands;
  SighejClock *clock;
  Batch *batch; /* (nullable): what waits */
  guint timer;
};

SighejRedisAcks *
sighej_redis_acks_new (SighejRedis *commands, SighejClock *clock)
{
  SighejRedisAcks *self = g_new0 (SighejRedisAcks, 1);

  self->commands = commands;
  self->clock = g_object_ref (clock);
  return self;
}

void
sighej_redis_acks_free (SighejRedisAcks *self)
{
  g_assert (self->batch == NULL);

  g_object_unref (self->clock);
  g_free (self);
}

static void
on_answered (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  g_autofree Batch *batch = user_data;
  g_autoptr (GError) unknown = NULL;

  for (guint i = 0; i < batch->n; i++)
    {
      const Ack *ack = &batch->acks[i];
      const GError *problem = error;

      if (error == NULL && sighej_redis_reply_get_integer (sighej_redis_reply_get (reply, i)) == 0)
        {
          if (unknown == NULL)
            unknown
                = g_error_new (SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND, "there is no such session");
          problem = unknown;
        }
      ack->done (problem, ack->user_data);
    }
}

void
sighej_redis_acks_flush (SighejRedisAcks *self)
{
  Batch *batch = g_steal_pointer (&self->batch);
  SighejRedisArgs args;

  sighej_clock_clear (self->clock, &self->timer);
  if (batch == NULL)
    return;
  args.n = args.n_numbers = 0;
  for (guint i = 0; i < batch->n; i++)
    {
      sighej_redis_args_text (&args, batch->acks[i].session_id);
      sighej_redis_args_number (&args, batch->acks[i].seq);
    }
  sighej_redis_script (self->commands,
                       sighej_redis_scripts_get (SIGHEJ_REDIS_ACK),
                       0,
                       args.n,
                       args.args,
                       args.n_bytes,
                       on_answered,
                       batch);
}

static gboolean
on_timer (gpointer user_data)
{
  SighejRedisAcks *self = user_data;

  self->timer = 0;
  sighej_redis_acks_flush (self);
  return G_SOURCE_REMOVE;
}

/* (nullable) */
static Ack *
find (Batch *batch, const char *session_id)
{
  for (guint i = 0; i < batch->n; i++)
    if (g_str_equal (batch->acks[i].session_id, session_id))
      return &batch->acks[i];
  return NULL;
}

static void
begin (SighejRedisAcks *self)
{
  self->batch = g_new (Batch, 1);
  self->batch->n = 0;
  self->timer = sighej_clock_add (
      self->clock, SIGHEJ_REDIS_ACKS_MS * G_GINT64_CONSTANT (1000), on_timer, self);
}

void
sighej_redis_acks_add (SighejRedisAcks *self,
                       const char *session_id,
                       guint64 seq,
                       SighejStoreDone done,
                       gpointer user_data)
{
  Ack *ack, before;

  if (self->batch == NULL)
    begin (self);
  ack = find (self->batch, session_id);
  if (ack != NULL)
    {
      before = *ack;
      *ack = (Ack){ .seq = MAX (seq, before.seq), .done = done, .user_data = user_data };
      g_strlcpy (ack->session_id, before.session_id, sizeof ack->session_id);
      before.done (NULL, before.user_data);
      return;
    }
  ack = &self->batch->acks[self->batch->n++];
  g_strlcpy (ack->session_id, session_id, sizeof ack->session_id);
  ack->seq = seq;
  ack->done = done;
  ack->user_data = user_data;
  if (self->batch->n == SIGHEJ_REDIS_ACKS_MAX)
    sighej_redis_acks_flush (self);
}
