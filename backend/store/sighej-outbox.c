/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-outbox"

#include "config.h"

#include "sighej-outbox.h"

#include <string.h>

static inline guint
get_length (const SighejOutbox *self)
{
  return self->entries != NULL ? self->entries->len : 0;
}

static inline const SighejStoreNudge *
entry_at (const SighejOutbox *self, guint i)
{
  return &g_array_index (self->entries, SighejStoreNudge, i);
}

void
sighej_outbox_clear (SighejOutbox *self)
{
  g_clear_pointer (&self->entries, g_array_unref);
}

guint
sighej_outbox_count (const SighejOutbox *self)
{
  return get_length (self);
}

gboolean
sighej_outbox_is_full (const SighejOutbox *self)
{
  return get_length (self) >= SIGHEJ_STORE_OUTBOX_MAX;
}

static int
find (const SighejOutbox *self, const guint8 *peer_opening)
{
  for (guint i = 0; i < get_length (self); i++)
    if (memcmp (entry_at (self, i)->peer_opening, peer_opening, SIGHEJ_STORE_OPENING_BYTES) == 0)
      return (int) i;
  return -1;
}

gboolean
sighej_outbox_has (const SighejOutbox *self, const guint8 *peer_opening)
{
  return find (self, peer_opening) >= 0;
}

void
sighej_outbox_push (SighejOutbox *self, const SighejStoreNudge *nudge)
{
  SighejStoreNudge entry = *nudge;

  g_return_if_fail (!sighej_outbox_is_full (self));

  entry.seq = ++self->newest_seq;
  if (self->entries == NULL)
    self->entries = g_array_new (FALSE, FALSE, sizeof (SighejStoreNudge));
  g_array_append_val (self->entries, entry);
}

void
sighej_outbox_push_over (SighejOutbox *self, const SighejStoreNudge *nudge)
{
  int old = find (self, nudge->peer_opening);

  if (old >= 0)
    g_array_remove_index (self->entries, (guint) old);
  else if (sighej_outbox_is_full (self))
    g_array_remove_index (self->entries, 0);
  sighej_outbox_push (self, nudge);
}

guint
sighej_outbox_read (const SighejOutbox *self,
                    guint64 after,
                    SighejStoreNudge nudges[SIGHEJ_STORE_OUTBOX_MAX])
{
  guint n_nudges = 0;

  for (guint i = 0; i < get_length (self); i++)
    if (entry_at (self, i)->seq > after)
      nudges[n_nudges++] = *entry_at (self, i);
  return n_nudges;
}

void
sighej_outbox_ack (SighejOutbox *self, guint64 seq, SighejOutboxTold told, gpointer user_data)
{
  guint n_acked = 0;

  for (; n_acked < get_length (self) && entry_at (self, n_acked)->seq <= seq; n_acked++)
    told (entry_at (self, n_acked), user_data);
  if (n_acked == 0)
    return;

  g_array_remove_range (self->entries, 0, n_acked);
  if (self->entries->len == 0)
    sighej_outbox_clear (self);
}
