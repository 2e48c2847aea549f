/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-bluez-pace.h"

#include <string.h>

#define RESTART_US ((gint64) SIGHEJ_BLUEZ_PACE_RESTART_MS * G_TIME_SPAN_MILLISECOND)
#define US_PER_PACKET (G_USEC_PER_SEC / SIGHEJ_BLUEZ_PACE_PACKETS_PER_SECOND)
#define TOKEN_US ((gint64) SIGHEJ_BLUEZ_PACE_TOKEN_SECONDS * G_USEC_PER_SEC)
#define TRUST_US ((gint64) SIGHEJ_BLUEZ_PACE_TRUST_SECONDS * G_USEC_PER_SEC)

/* What BlueZ says of one packet comes closer together than this; two packets do not. */
#define REPEAT_US_MIN (50 * G_TIME_SPAN_MILLISECOND)

static void
begin (SighejBluezPace *self, gint64 now_us)
{
  self->start_us = now_us;
  self->n_packets = 0;
}

void
sighej_bluez_pace_start (SighejBluezPace *self, gint64 now_us)
{
  begin (self, now_us);
  self->sample_n_bytes = 0;
}

void
sighej_bluez_pace_count (SighejBluezPace *self)
{
  self->n_packets++;
}

static void
take_sample (SighejBluezPace *self, const guint8 *data, guint n_bytes, gint64 now_us)
{
  self->sample_n_bytes = MIN (n_bytes, SIGHEJ_BLUEZ_PACE_SAMPLE_BYTES_MAX);
  self->sample_us = now_us;
  if (self->sample_n_bytes > 0)
    memcpy (self->sample, data, self->sample_n_bytes);
}

void
sighej_bluez_pace_hear (SighejBluezPace *self, const guint8 *data, guint n_bytes, gint64 now_us)
{
  gint64 age_us = now_us - self->sample_us;

  self->heard_us = now_us;
  /* A sample that does not come again is let go: its sender may have left. */
  if (self->sample_n_bytes == 0 || age_us >= TRUST_US)
    take_sample (self, data, n_bytes, now_us);
  else if (age_us >= REPEAT_US_MIN && n_bytes == self->sample_n_bytes
           && memcmp (self->sample, data, n_bytes) == 0)
    {
      self->sample_us = now_us;
      self->trust_until_us = now_us + TRUST_US;
    }
}

gint64
sighej_bluez_pace_get_due_us (const SighejBluezPace *self, gint64 now_us)
{
  if (self->heard_us == 0 || now_us - self->heard_us >= TOKEN_US)
    return 0;

  return self->start_us + MAX (RESTART_US, self->n_packets * US_PER_PACKET);
}

gboolean
sighej_bluez_pace_take_due (SighejBluezPace *self, gint64 now_us)
{
  if (now_us >= self->trust_until_us)
    return TRUE;

  begin (self, now_us);
  return FALSE;
}
