/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-redis-queue"

#include "config.h"

#include "sighej-redis-queue.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-error.h"

/* First it waits, then it is under way. */
typedef struct
{
  SighejRedisQueue *queue;
  SighejRedisScript *script;
  SighejRedisDone done;
  gpointer user_data;
  gint64 since_us;
  GList node; /* while it waits */
  guint n_args;
  gsize n_bytes[SIGHEJ_REDIS_QUEUE_ARGS_MAX];
  gsize n_total;
  char bytes[]; /* of all arguments */
} Item;

struct _SighejRedisQueue
{
  SighejRedis *commands;
  SighejClock *clock;
  GQueue waiting; /* of Item, oldest first */
  guint n_under_way;
  gboolean is_moving;
};

SighejRedisQueue *
sighej_redis_queue_new (SighejRedis *commands, SighejClock *clock)
{
  SighejRedisQueue *self = g_new0 (SighejRedisQueue, 1);

  self->commands = commands;
  self->clock = g_object_ref (clock);
  g_queue_init (&self->waiting);
  return self;
}

void
sighej_redis_queue_free (SighejRedisQueue *self)
{
  g_assert (self->waiting.length == 0 && self->n_under_way == 0);

  g_object_unref (self->clock);
  g_free (self);
}

static Item *
item_new (guint n_args, const char *const *args, const gsize *n_bytes)
{
  gsize n_total = 0;
  Item *item;

  g_assert (n_args <= SIGHEJ_REDIS_QUEUE_ARGS_MAX);

  for (guint i = 0; i < n_args; i++)
    n_total += n_bytes[i];
  item = g_malloc (sizeof *item + n_total);
  item->n_args = n_args;
  item->n_total = 0;
  for (guint i = 0; i < n_args; i++)
    {
      memcpy (item->bytes + item->n_total, args[i], n_bytes[i]);
      item->n_bytes[i] = n_bytes[i];
      item->n_total += n_bytes[i];
    }
  return item;
}

static void
item_finish (Item *item, const SighejRedisReply *reply, const GError *error)
{
  item->done (reply, error, item->user_data);
  sighej_wipe (item->bytes, item->n_total);
  g_free (item);
}

static void move_up (SighejRedisQueue *self);

static void
on_answered (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  Item *item = user_data;
  SighejRedisQueue *self = item->queue;

  self->n_under_way--;
  move_up (self);
  item_finish (item, reply, error);
}

static void
send_item (SighejRedisQueue *self, Item *item)
{
  const char *args[SIGHEJ_REDIS_QUEUE_ARGS_MAX];
  const char *bytes = item->bytes;

  for (guint i = 0; i < item->n_args; i++)
    {
      args[i] = bytes;
      bytes += item->n_bytes[i];
    }
  self->n_under_way++;
  sighej_redis_script (
      self->commands, item->script, 0, item->n_args, args, item->n_bytes, on_answered, item);
}

static void
refuse (Item *item)
{
  g_autoptr (GError) error = g_error_new_literal (
      SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "too many commands wait for Redis");

  item_finish (item, NULL, error);
}

static gboolean
is_late (SighejRedisQueue *self, const Item *item)
{
  return sighej_clock_now_us (self->clock) - item->since_us
         > SIGHEJ_REDIS_QUEUE_WAITING_MS * G_GINT64_CONSTANT (1000);
}

/* What fails at once comes back here while we are at it: the loop goes on, not the recursion. */
static void
move_up (SighejRedisQueue *self)
{
  GList *node;

  if (self->is_moving)
    return;
  self->is_moving = TRUE;
  while (self->n_under_way < SIGHEJ_REDIS_QUEUE_UNDER_WAY_MAX
         && (self->n_under_way == 0 || sighej_redis_has_room (self->commands))
         && (node = g_queue_pop_head_link (&self->waiting)) != NULL)
    {
      Item *item = node->data;

      if (is_late (self, item))
        refuse (item);
      else
        send_item (self, item);
    }
  self->is_moving = FALSE;
}

void
sighej_redis_queue_script (SighejRedisQueue *self,
                           SighejRedisScript *script,
                           guint n_args,
                           const char *const *args,
                           const gsize *n_bytes,
                           SighejRedisDone done,
                           gpointer user_data)
{
  Item *item = item_new (n_args, args, n_bytes);

  item->queue = self;
  item->script = script;
  item->done = done;
  item->user_data = user_data;
  item->since_us = sighej_clock_now_us (self->clock);
  if (self->waiting.length >= SIGHEJ_REDIS_QUEUE_WAITING_MAX)
    {
      refuse (item);
      return;
    }
  item->node = (GList){ .data = item };
  g_queue_push_tail_link (&self->waiting, &item->node);
  move_up (self);
}
