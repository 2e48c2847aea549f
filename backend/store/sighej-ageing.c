/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-ageing"

#include "config.h"

#include "sighej-ageing.h"

#include <string.h>

typedef struct
{
  guint8 key[SIGHEJ_AGEING_KEY_BYTES];
  gint64 until_us;
  guint flags;
  GList node; /* in by_age */
} Entry;

struct _SighejAgeing
{
  GHashTable *entries; /* of Entry, as a set */
  GQueue by_age;       /* the oldest first */
  gint64 lifetime_us;
  guint n_max;
};

static guint
entry_hash (gconstpointer key)
{
  const guint8 *bytes = key;
  guint first, second;

  /* The keys are hashes themselves. */
  memcpy (&first, bytes, sizeof first);
  memcpy (&second, bytes + SIGHEJ_AGEING_KEY_BYTES / 2, sizeof second);
  return first ^ second;
}

static gboolean
entry_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, SIGHEJ_AGEING_KEY_BYTES) == 0;
}

SighejAgeing *
sighej_ageing_new (gint64 lifetime_us, guint n_max)
{
  SighejAgeing *self = g_new0 (SighejAgeing, 1);

  self->entries = g_hash_table_new_full (entry_hash, entry_equal, g_free, NULL);
  g_queue_init (&self->by_age);
  self->lifetime_us = lifetime_us;
  self->n_max = n_max;
  return self;
}

void
sighej_ageing_free (SighejAgeing *self)
{
  g_hash_table_unref (self->entries);
  g_free (self);
}

static void
drop (SighejAgeing *self, Entry *entry)
{
  g_queue_unlink (&self->by_age, &entry->node);
  g_hash_table_remove (self->entries, entry);
}

guint *
sighej_ageing_lookup (SighejAgeing *self, const guint8 key[SIGHEJ_AGEING_KEY_BYTES], gint64 now_us)
{
  Entry *entry = g_hash_table_lookup (self->entries, key);

  return entry != NULL && entry->until_us > now_us ? &entry->flags : NULL;
}

guint *
sighej_ageing_add (SighejAgeing *self, const guint8 key[SIGHEJ_AGEING_KEY_BYTES], gint64 now_us)
{
  guint *flags = sighej_ageing_lookup (self, key, now_us);
  Entry *entry;

  if (flags != NULL)
    return flags;

  sighej_ageing_expire (self, now_us);
  if (self->by_age.length >= self->n_max)
    drop (self, self->by_age.head->data);

  entry = g_new0 (Entry, 1);
  memcpy (entry->key, key, sizeof entry->key);
  entry->until_us = now_us + self->lifetime_us;
  entry->node.data = entry;
  g_queue_push_tail_link (&self->by_age, &entry->node);
  g_hash_table_add (self->entries, entry);
  return &entry->flags;
}

void
sighej_ageing_expire (SighejAgeing *self, gint64 now_us)
{
  while (sighej_ageing_next_us (self) <= now_us)
    drop (self, self->by_age.head->data);
}

gint64
sighej_ageing_next_us (SighejAgeing *self)
{
  const Entry *oldest = g_queue_peek_head (&self->by_age);

  return oldest != NULL ? oldest->until_us : G_MAXINT64;
}

guint
sighej_ageing_get_size (SighejAgeing *self)
{
  return self->by_age.length;
}
