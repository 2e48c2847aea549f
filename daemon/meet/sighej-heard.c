/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-heard.h"

#include "sighej-crypto.h"

#define HEARD_US ((gint64) SIGHEJ_HEARD_SECONDS * G_USEC_PER_SEC)

typedef struct
{
  SighejToken token;
  gint64 heard_us;
  GList link; /* in recent */
} Entry;

struct _SighejHeard
{
  GHashTable *entries; /* SighejToken * -> Entry *, one block */
  GQueue recent;       /* of Entry, the one heard last at the tail */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  sighej_wipe (entry, sizeof *entry);
  g_free (entry);
}

SighejHeard *
sighej_heard_new (void)
{
  SighejHeard *self = g_new0 (SighejHeard, 1);

  self->entries
      = g_hash_table_new_full (sighej_token_hash, sighej_token_equal_func, NULL, entry_free);
  g_queue_init (&self->recent);
  return self;
}

void
sighej_heard_wipe (SighejHeard *self)
{
  g_queue_init (&self->recent);
  g_hash_table_remove_all (self->entries);
}

void
sighej_heard_free (SighejHeard *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->entries);
  g_free (self);
}

static void
forget_oldest (SighejHeard *self)
{
  GList *link = g_queue_pop_head_link (&self->recent);
  Entry *entry = link->data;

  g_hash_table_remove (self->entries, &entry->token);
}

static void
forget_old (SighejHeard *self, gint64 now_us)
{
  const Entry *oldest;

  while ((oldest = g_queue_peek_head (&self->recent)) != NULL
         && (now_us - oldest->heard_us > HEARD_US
             || g_queue_get_length (&self->recent) > SIGHEJ_HEARD_TOKENS_MAX))
    forget_oldest (self);
}

void
sighej_heard_add (SighejHeard *self, const SighejToken *token, gint64 now_us)
{
  Entry *entry = g_hash_table_lookup (self->entries, token);

  if (entry == NULL)
    {
      entry = g_new0 (Entry, 1);
      entry->token = *token;
      entry->link.data = entry;
      g_hash_table_insert (self->entries, &entry->token, entry);
    }
  else
    {
      g_queue_unlink (&self->recent, &entry->link);
    }
  entry->heard_us = now_us;
  g_queue_push_tail_link (&self->recent, &entry->link);
  forget_old (self, now_us);
}

gboolean
sighej_heard_has (SighejHeard *self, const SighejToken *token, gint64 now_us)
{
  const Entry *entry = g_hash_table_lookup (self->entries, token);

  return entry != NULL && now_us - entry->heard_us <= HEARD_US;
}

guint
sighej_heard_count (SighejHeard *self)
{
  return g_hash_table_size (self->entries);
}
