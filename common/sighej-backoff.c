/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-backoff"

#include "config.h"

#include "sighej-backoff.h"

guint
sighej_backoff_next_ms (SighejBackoff *self)
{
  guint64 top_ms = self->first_ms;
  guint bottom_ms;

  for (guint i = 0; i < self->attempt && top_ms < self->most_ms; i++)
    top_ms *= 2;
  top_ms = MIN (top_ms, self->most_ms);

  if (self->attempt < G_MAXUINT)
    self->attempt++;
  bottom_ms = (guint) (top_ms / 2);
  return bottom_ms + (guint) (g_random_double () * (double) (top_ms - bottom_ms + 1));
}

void
sighej_backoff_reset (SighejBackoff *self)
{
  self->attempt = 0;
}
