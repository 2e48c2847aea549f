/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-throttle"

#include "config.h"

#include "sighej-throttle.h"

#include <string.h>

#include "sighej-keyed-hash.h"

#define MOVE_US ((gint64) G_USEC_PER_SEC)

/* Different items of one key: an open-addressed set of 64-bit hashes, 0 meaning empty. */
typedef struct
{
  guint64 *slots;
  guint n_slots; /* a power of two */
  guint n_items;
  gint64 until_us; /* end of the window */
} Items;

/*
 * The bucket as one instant: it is full at @full_us, and each thing taken moves that instant one
 * step on. More than a whole bucket ahead of now means empty.
 */
typedef struct
{
  gint64 key; /* keyed hash: who it is cannot be read here */
  gint64 full_us;
  gint64 moved_us; /* to the end of by_age */
  Items items;
  GList node; /* in by_age */
} Bucket;

struct _SighejThrottle
{
  SighejThrottleRule rule;
  gint64 step_us;      /* until one comes back */
  GHashTable *buckets; /* of Bucket.key -> Bucket */
  GQueue by_age;       /* the one taken from longest ago first, to a second */
  guint64 valid_for;   /* of the places; another one when a bucket is freed */
  Bucket strangers;    /* shared by all that found no place */
};

/* No number twice in the process, so that no place fits another throttle. */
static void
void_places (SighejThrottle *self)
{
  static guint64 last;

  self->valid_for = ++last;
}

static gint64
hash_text (const char *text)
{
  return (gint64) sighej_keyed_hash (text, strlen (text));
}

static void
clear_items (Items *items)
{
  g_clear_pointer (&items->slots, g_free);
  items->n_slots = 0;
  items->n_items = 0;
}

static void
bucket_free (gpointer data)
{
  Bucket *bucket = data;

  clear_items (&bucket->items);
  g_free (bucket);
}

void
sighej_throttle_set_rule (SighejThrottle *self, const SighejThrottleRule *rule)
{
  self->rule = *rule;
  self->step_us = MAX (1, rule->period_us / rule->n_per_period);
}

SighejThrottle *
sighej_throttle_new (const SighejThrottleRule *rule)
{
  SighejThrottle *self = g_new0 (SighejThrottle, 1);

  sighej_throttle_set_rule (self, rule);
  self->buckets = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, bucket_free);
  g_queue_init (&self->by_age);
  void_places (self);
  return self;
}

void
sighej_throttle_free (SighejThrottle *self)
{
  g_hash_table_unref (self->buckets);
  clear_items (&self->strangers.items);
  g_free (self);
}

static gboolean
owes_nothing (const Bucket *bucket, gint64 now_us)
{
  return bucket->full_us <= now_us
         && (bucket->items.slots == NULL || bucket->items.until_us <= now_us);
}

static void
drop (SighejThrottle *self, Bucket *bucket)
{
  g_queue_unlink (&self->by_age, &bucket->node);
  g_hash_table_remove (self->buckets, &bucket->key);
  void_places (self);
}

static Bucket *
add_bucket (SighejThrottle *self, gint64 key, gint64 now_us)
{
  Bucket *bucket = g_new0 (Bucket, 1);

  bucket->key = key;
  bucket->moved_us = now_us;
  bucket->node.data = bucket;
  g_queue_push_tail_link (&self->by_age, &bucket->node);
  g_hash_table_insert (self->buckets, &bucket->key, bucket);
  return bucket;
}

/* No place for a stranger: even the oldest owes something. */
static gboolean
is_crowded (SighejThrottle *self, gint64 now_us)
{
  return self->by_age.length >= self->rule.n_keys
         && !owes_nothing (self->by_age.head->data, now_us);
}

/* Moving it on each time would touch its neighbours, which are nowhere near. */
static Bucket *
rejuvenate (SighejThrottle *self, Bucket *bucket, gint64 now_us)
{
  if (now_us - bucket->moved_us < MOVE_US)
    return bucket;
  bucket->moved_us = now_us;
  g_queue_unlink (&self->by_age, &bucket->node);
  g_queue_push_tail_link (&self->by_age, &bucket->node);
  return bucket;
}

static Bucket *
ensure_bucket (SighejThrottle *self, gint64 key, gint64 now_us)
{
  Bucket *bucket = g_hash_table_lookup (self->buckets, &key);

  if (bucket != NULL)
    return rejuvenate (self, bucket, now_us);
  if (is_crowded (self, now_us))
    return &self->strangers;
  if (self->by_age.length >= self->rule.n_keys)
    drop (self, self->by_age.head->data);
  return add_bucket (self, key, now_us);
}

static guint
to_whole_seconds (gint64 us)
{
  return (guint) MAX (1, (us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
}

static gboolean
take_one (SighejThrottle *self, Bucket *bucket, gint64 now_us, guint *retry_after_s)
{
  gint64 full_us = MAX (bucket->full_us, now_us) + self->step_us;
  gint64 ahead_us = full_us - now_us - self->step_us * self->rule.n_burst;

  if (ahead_us > 0)
    {
      *retry_after_s = to_whole_seconds (ahead_us);
      return FALSE;
    }
  bucket->full_us = full_us;
  return TRUE;
}

static guint
find_slot (const Items *items, guint64 hash)
{
  guint slot = (guint) hash & (items->n_slots - 1);

  while (items->slots[slot] != 0 && items->slots[slot] != hash)
    slot = (slot + 1) & (items->n_slots - 1);
  return slot;
}

static void
grow (Items *items)
{
  g_autofree guint64 *old = items->slots;
  guint n_old = items->n_slots;

  items->n_slots = MAX (16, 2 * n_old);
  items->slots = g_new0 (guint64, items->n_slots);
  for (guint i = 0; i < n_old; i++)
    if (old[i] != 0)
      items->slots[find_slot (items, old[i])] = old[i];
}

static gboolean
name_item (
    SighejThrottle *self, Items *items, const char *item, gint64 now_us, guint *retry_after_s)
{
  guint64 hash = MAX (1, (guint64) hash_text (item));
  guint slot;

  if (items->slots != NULL && items->until_us <= now_us)
    clear_items (items);
  if (items->slots == NULL)
    items->until_us = now_us + self->rule.distinct_us;
  if (2 * items->n_items >= items->n_slots)
    grow (items);

  slot = find_slot (items, hash);
  if (items->slots[slot] != 0)
    return TRUE;
  if (items->n_items >= self->rule.n_distinct)
    {
      *retry_after_s = to_whole_seconds (items->until_us - now_us);
      return FALSE;
    }
  items->slots[slot] = hash;
  items->n_items++;
  return TRUE;
}

static Bucket *
find_bucket (SighejThrottle *self, SighejThrottlePlace *place, const char *key, gint64 now_us)
{
  Bucket *bucket;

  if (place != NULL && place->valid_for == self->valid_for)
    return rejuvenate (self, place->bucket, now_us);

  bucket = ensure_bucket (self, hash_text (key), now_us);
  if (place != NULL && bucket != &self->strangers)
    *place = (SighejThrottlePlace){ bucket, self->valid_for };
  return bucket;
}

gboolean
sighej_throttle_take (
    SighejThrottle *self, const char *key, const char *item, gint64 now_us, guint *retry_after_s)
{
  return sighej_throttle_take_at (self, NULL, key, item, now_us, retry_after_s);
}

gboolean
sighej_throttle_take_at (SighejThrottle *self,
                         SighejThrottlePlace *place,
                         const char *key,
                         const char *item,
                         gint64 now_us,
                         guint *retry_after_s)
{
  Bucket *bucket = find_bucket (self, place, key, now_us);

  if (!take_one (self, bucket, now_us, retry_after_s))
    return FALSE;
  if (item == NULL || self->rule.n_distinct == 0)
    return TRUE;
  return name_item (self, &bucket->items, item, now_us, retry_after_s);
}

void
sighej_throttle_give_back (SighejThrottle *self, const char *key, gint64 now_us)
{
  Bucket *bucket = find_bucket (self, NULL, key, now_us);

  bucket->full_us = MAX (bucket->full_us - self->step_us, now_us);
}

SighejThrottleLeft
sighej_throttle_peek (SighejThrottle *self, const char *key, gint64 now_us)
{
  gint64 hash = hash_text (key);
  const Bucket *bucket = g_hash_table_lookup (self->buckets, &hash);
  gint64 owed_us;
  guint n_owed;

  if (bucket == NULL && is_crowded (self, now_us))
    bucket = &self->strangers;
  owed_us = bucket != NULL ? bucket->full_us - now_us : 0;
  if (owed_us <= 0)
    return (SighejThrottleLeft){ self->rule.n_burst, 0 };

  n_owed = (guint) ((owed_us + self->step_us - 1) / self->step_us);
  return (SighejThrottleLeft){
    self->rule.n_burst - MIN (n_owed, self->rule.n_burst),
    to_whole_seconds (owed_us),
  };
}

void
sighej_throttle_forget (SighejThrottle *self, const char *key)
{
  gint64 hash = hash_text (key);
  Bucket *bucket = g_hash_table_lookup (self->buckets, &hash);

  if (bucket != NULL)
    drop (self, bucket);
}

guint
sighej_throttle_prune (SighejThrottle *self, gint64 now_us)
{
  GList *next;

  for (GList *node = self->by_age.head; node != NULL; node = next)
    {
      next = node->next;
      if (owes_nothing (node->data, now_us))
        drop (self, node->data);
    }
  return self->by_age.length;
}
