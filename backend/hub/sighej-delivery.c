/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-delivery.h"

#define FAILED_MAX 5

gboolean
sighej_delivery_begin_read (SighejDelivery *self)
{
  self->reads_again = self->is_reading;
  if (self->is_reading)
    return FALSE;
  self->is_reading = TRUE;
  self->is_stale = FALSE;
  return TRUE;
}

gboolean
sighej_delivery_end_read (SighejDelivery *self, gboolean failed)
{
  self->is_reading = FALSE;
  self->n_failed = failed ? MIN (self->n_failed + 1, FAILED_MAX) : 0;
  if (failed)
    return FALSE;
  self->reads_again |= self->is_stale;
  return !self->is_stale;
}

guint
sighej_delivery_get_retry_ms (const SighejDelivery *self)
{
  return self->n_failed == 0 ? 0 : SIGHEJ_DELIVERY_RETRY_MS << (self->n_failed - 1);
}

void
sighej_delivery_begin_send (SighejDelivery *self, guint64 first_seq)
{
  if (self->sent_seq <= self->acked_seq)
    self->acked_seq = MAX (self->acked_seq, first_seq - 1);
}

gboolean
sighej_delivery_send (SighejDelivery *self, guint64 seq, gint64 now_us)
{
  if (self->is_reliable && seq > self->acked_seq + SIGHEJ_DELIVERY_UNACKED_MAX)
    return FALSE;
  self->sent_seq = seq;
  self->newest_seq = MAX (self->newest_seq, seq);
  sighej_nudge_meter_sent (&self->meter, seq, now_us);
  return TRUE;
}

static void
set_acked (SighejDelivery *self, guint64 seq, gint64 now_us)
{
  sighej_nudge_meter_acked (&self->meter, self->acked_seq, seq, now_us);
  self->acked_seq = seq;
}

gboolean
sighej_delivery_written (SighejDelivery *self, gint64 now_us)
{
  if (self->is_reliable || self->sent_seq <= self->acked_seq)
    return FALSE;
  set_acked (self, self->sent_seq, now_us);
  return TRUE;
}

gboolean
sighej_delivery_acknowledge (SighejDelivery *self, guint64 seq, gint64 now_us)
{
  if (seq <= self->acked_seq || seq > MAX (self->newest_seq, self->sent_seq))
    return FALSE;
  set_acked (self, seq, now_us);
  return TRUE;
}

gboolean
sighej_delivery_resume (SighejDelivery *self, guint64 after, gint64 now_us)
{
  gboolean has_grown;

  if (after > MAX (self->newest_seq, self->sent_seq))
    after = 0;
  has_grown = sighej_delivery_acknowledge (self, after, now_us);
  sighej_nudge_meter_restart (&self->meter);
  self->is_stale |= self->sent_seq != after;
  self->sent_seq = after;
  return has_grown;
}

void
sighej_delivery_take_back (SighejDelivery *self)
{
  self->sent_seq = self->acked_seq;
}
