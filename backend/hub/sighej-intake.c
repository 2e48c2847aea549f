/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-intake.h"

SighejIntakeVerdict
sighej_intake_add (SighejIntake *self, gint64 now_us, gsize n_bytes)
{
  if (now_us - self->window_us > SIGHEJ_INTAKE_WINDOW_MS * G_TIME_SPAN_MILLISECOND)
    {
      self->window_us = now_us;
      self->bytes_in_window = 0;
    }
  self->bytes_in_window += (guint) n_bytes;
  self->bytes_since_message += (guint) n_bytes;
  if (self->bytes_in_window > SIGHEJ_INTAKE_BYTES_PER_WINDOW_MAX)
    return SIGHEJ_INTAKE_TOO_FAST;
  if (self->bytes_since_message > SIGHEJ_INTAKE_BYTES_PER_MESSAGE_MAX)
    return SIGHEJ_INTAKE_TOO_LONG;
  return SIGHEJ_INTAKE_FINE;
}
