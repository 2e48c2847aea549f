/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-outbox"

#include "config.h"

#include "sighej-outbox.h"

typedef struct
{
  SighejStoreNudge nudge;
  guint side;
} Entry;

static inline guint
get_length (const SighejOutbox *self)
{
  return self->entries != NULL ? self->entries->len : 0;
}

static inline const Entry *
entry_at (const SighejOutbox *self, guint i)
{
  return &g_array_index (self->entries, Entry, i);
}

void
sighej_outbox_clear (SighejOutbox *self)
{
  g_clear_pointer (&self->entries, g_array_unref);
}

gboolean
sighej_outbox_is_full (const SighejOutbox *self)
{
  return get_length (self) >= SIGHEJ_STORE_OUTBOX_MAX;
}

static int
find (const SighejOutbox *self, const char *nudge_id)
{
  for (guint i = 0; i < get_length (self); i++)
    if (g_str_equal (entry_at (self, i)->nudge.nudge_id, nudge_id))
      return (int) i;
  return -1;
}

gboolean
sighej_outbox_has (const SighejOutbox *self, const char *nudge_id)
{
  return find (self, nudge_id) >= 0;
}

void
sighej_outbox_push (SighejOutbox *self, const char *nudge_id, guint side, guint32 shared_mask)
{
  Entry entry = { .nudge = { .shared_mask = shared_mask }, .side = side };

  g_return_if_fail (!sighej_outbox_is_full (self));

  g_strlcpy (entry.nudge.nudge_id, nudge_id, sizeof entry.nudge.nudge_id);
  entry.nudge.seq = ++self->newest_seq;
  if (self->entries == NULL)
    self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_append_val (self->entries, entry);
}

void
sighej_outbox_push_over (SighejOutbox *self, const char *nudge_id, guint side, guint32 shared_mask)
{
  int old = find (self, nudge_id);

  if (old >= 0)
    g_array_remove_index (self->entries, (guint) old);
  else if (sighej_outbox_is_full (self))
    g_array_remove_index (self->entries, 0);
  sighej_outbox_push (self, nudge_id, side, shared_mask);
}

guint
sighej_outbox_read (const SighejOutbox *self,
                    guint64 after,
                    SighejStoreNudge nudges[SIGHEJ_STORE_OUTBOX_MAX])
{
  guint n_nudges = 0;

  for (guint i = 0; i < get_length (self); i++)
    if (entry_at (self, i)->nudge.seq > after)
      nudges[n_nudges++] = entry_at (self, i)->nudge;
  return n_nudges;
}

void
sighej_outbox_ack (SighejOutbox *self, guint64 seq, SighejOutboxTold told, gpointer user_data)
{
  guint n_acked = 0;

  for (; n_acked < get_length (self) && entry_at (self, n_acked)->nudge.seq <= seq; n_acked++)
    told (entry_at (self, n_acked)->nudge.nudge_id, entry_at (self, n_acked)->side, user_data);
  if (n_acked == 0)
    return;

  g_array_remove_range (self->entries, 0, n_acked);
  if (self->entries->len == 0)
    sighej_outbox_clear (self);
}
