/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-radio.h"
#include "sighej-token-schedule.h"

G_BEGIN_DECLS

/**
 * SighejRotator:
 *
 * Sets the radio's payload to the token of the running epoch, and to the next at the very
 * instant the epoch ends (BLE 3). How a payload replaces another on the air (Unregister, then
 * Register) is the radio's affair. When the schedule is over nothing is left on the air.
 */
#define SIGHEJ_TYPE_ROTATOR (sighej_rotator_get_type ())
G_DECLARE_FINAL_TYPE (SighejRotator, sighej_rotator, SIGHEJ, ROTATOR, GObject)

SighejRotator *sighej_rotator_new (SighejClock *clock, SighejRadio *radio);

/* What every payload says beside its token, from the next one on. */
void sighej_rotator_set_realm (SighejRotator *self, guint8 realm);
void sighej_rotator_set_tx_cal (SighejRotator *self, int tx_cal_dbm);

/**
 * sighej_rotator_start:
 * @schedule: a reference is taken
 * @accepted_us: when the backend accepted the session, on the clock's now_us
 *
 * Puts the schedule's token on the air and keeps it right. Started while running it goes over to
 * the new schedule at once (a session was renewed); with the same one it does nothing.
 */
void sighej_rotator_start (SighejRotator *self, SighejTokenSchedule *schedule, gint64 accepted_us);

/* Takes the token off the air. */
void sighej_rotator_stop (SighejRotator *self);

/* Whether the token on the air will be followed by another. */
gboolean sighej_rotator_get_rotating (SighejRotator *self);

/* Tokens set since the start of the program. */
guint64 sighej_rotator_get_n_tokens (SighejRotator *self);

G_END_DECLS
