/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SighejBackoff:
 * @first_ms: upper end of the first delay, milliseconds
 * @most_ms: upper end of every later delay, milliseconds
 * @attempt: how often sighej_backoff_next_ms() was asked since the last reset
 *
 * When to try again: full jitter, doubling, capped. A value type; no clock, no timer.
 */
typedef struct
{
  guint first_ms;
  guint most_ms;
  guint attempt;
} SighejBackoff;

#define SIGHEJ_BACKOFF_INIT(first, most)                                                           \
  {                                                                                                \
    (first), (most), 0                                                                             \
  }

/* The next delay in milliseconds: uniform in [top / 2, top], top = min (first × 2^attempt, most).
 */
guint sighej_backoff_next_ms (SighejBackoff *self);

/* It worked: the next failure starts over. */
void sighej_backoff_reset (SighejBackoff *self);

G_END_DECLS
