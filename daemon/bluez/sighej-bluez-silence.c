/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-bluez-silence.h"

#define SILENCE_US ((gint64) SIGHEJ_BLUEZ_SILENCE_SECONDS * G_USEC_PER_SEC)

/* Longer than the pauses of any plan. */
#define PAUSE_US_MAX SILENCE_US

/* From when on the silence that lasts now would count, had there been no pause. */
static gint64
get_start_us (const SighejBluezSilence *self, gint64 alive_us)
{
  return alive_us >= self->since_us ? alive_us : self->since_us - self->silence_us;
}

void
sighej_bluez_silence_begin (SighejBluezSilence *self, gint64 now_us)
{
  if (now_us - self->left_us > PAUSE_US_MAX)
    sighej_bluez_silence_forget (self);
  self->listening = TRUE;
  self->since_us = now_us;
}

void
sighej_bluez_silence_end (SighejBluezSilence *self, gint64 alive_us, gint64 now_us)
{
  self->silence_us = now_us - get_start_us (self, alive_us);
  self->left_us = now_us;
  self->listening = FALSE;
}

gboolean
sighej_bluez_silence_forget (SighejBluezSilence *self)
{
  gboolean was_silent = self->silent;

  self->silence_us = 0;
  self->n_silences = 0;
  self->silent = FALSE;
  return was_silent;
}

gint64
sighej_bluez_silence_get_due_us (const SighejBluezSilence *self, gint64 alive_us)
{
  return get_start_us (self, alive_us) + SILENCE_US;
}

gboolean
sighej_bluez_silence_take (SighejBluezSilence *self, gint64 now_us)
{
  self->since_us = now_us;
  self->silence_us = 0;
  self->n_silences++;
  if (self->silent || self->n_silences < SIGHEJ_BLUEZ_SILENCES_UNTIL_TOLD)
    return FALSE;

  self->silent = TRUE;
  return TRUE;
}

gboolean
sighej_bluez_silence_is_silent (const SighejBluezSilence *self, gint64 now_us)
{
  return self->silent && (self->listening || now_us - self->left_us <= PAUSE_US_MAX);
}
