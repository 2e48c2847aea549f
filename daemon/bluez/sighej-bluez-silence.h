/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Nothing at all heard in so much listening is suspicious (BLE 6) ... */
#define SIGHEJ_BLUEZ_SILENCE_SECONDS 90
/* ... and told when it happened so often in a row. */
#define SIGHEJ_BLUEZ_SILENCES_UNTIL_TOLD 2

/**
 * SighejBluezSilence:
 * @listening: now
 * @since_us: from when on
 * @left_us: when listening ended last
 * @silence_us: time spent listening without a packet, up to @left_us
 * @n_silences: how often in a row %SIGHEJ_BLUEZ_SILENCE_SECONDS were full
 * @silent: often enough to be told
 *
 * The watchdog of a scan: how long nothing was heard, of no device whatever. Only the time spent
 * listening counts, over the pauses of a plan; not over a longer one, for who closed may have
 * gone elsewhere. A value without a clock; all zero bytes have not listened yet. Every now_us is
 * microseconds on a clock that never jumps; alive_us is when a packet of any device came last.
 */
typedef struct
{
  gboolean listening;
  gint64 since_us;
  gint64 left_us;
  gint64 silence_us;
  guint n_silences;
  gboolean silent;
} SighejBluezSilence;

void sighej_bluez_silence_begin (SighejBluezSilence *self, gint64 now_us);
void sighej_bluez_silence_end (SighejBluezSilence *self, gint64 alive_us, gint64 now_us);

/* A packet came, or everything is different now. TRUE: it was silent until then. */
gboolean sighej_bluez_silence_forget (SighejBluezSilence *self);

/* When %SIGHEJ_BLUEZ_SILENCE_SECONDS will be full if nothing is heard; while listening. */
gint64 sighej_bluez_silence_get_due_us (const SighejBluezSilence *self, gint64 alive_us);

/* They are full: they begin again. TRUE: this made it silent. */
gboolean sighej_bluez_silence_take (SighejBluezSilence *self, gint64 now_us);

gboolean sighej_bluez_silence_is_silent (const SighejBluezSilence *self, gint64 now_us);

G_END_DECLS
