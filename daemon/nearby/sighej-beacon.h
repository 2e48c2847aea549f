/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"
#include "sighej-token-schedule.h"

G_BEGIN_DECLS

/**
 * SighejBeacon:
 *
 * The tokens of a kiosk, which needs no backend for them: schedules like those of a person's
 * sessions (BLE 3), one after another without an end. Each is of 32 random bytes that are drawn
 * here, kept in memory only and forgotten at once.
 *
 *   OFF --begin--> a schedule --2 h--> another --2 h--> …
 *    ^                                                 |
 *    +------------------------ end --------------------+
 *
 * Signals:
 *  "changed" (): there is another schedule, or none
 */
#define SIGHEJ_TYPE_BEACON (sighej_beacon_get_type ())
G_DECLARE_FINAL_TYPE (SighejBeacon, sighej_beacon, SIGHEJ, BEACON, GObject)

SighejBeacon *sighej_beacon_new (SighejClock *clock);

/* Begin when begun, and end when ended, do nothing. */
void sighej_beacon_begin (SighejBeacon *self);
void sighej_beacon_end (SighejBeacon *self);

/* (nullable) (transfer none): NULL when ended. */
SighejTokenSchedule *sighej_beacon_get_schedule (SighejBeacon *self);

/* When its first token began, on the clock's now_us. */
gint64 sighej_beacon_get_begin_us (SighejBeacon *self);

G_END_DECLS
