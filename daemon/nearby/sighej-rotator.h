/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-radio.h"
#include "sighej-token-schedule.h"

G_BEGIN_DECLS

/*
 * How long at most a token leaves the air before its epoch's end, and how long at most after it
 * the next one comes. Whole seconds, as epochs are; together less than
 * %SIGHEJ_PRESENCE_ROTATION_SECONDS, and below what the backend allows a token (BLE 3).
 */
#define SIGHEJ_ROTATOR_EARLY_SECONDS_MAX 1
#define SIGHEJ_ROTATOR_LATE_SECONDS_MAX 1

/**
 * SighejRotator:
 *
 * Sets the radio's payload to the token of the running epoch (BLE 3), with a short silence of
 * random length between two tokens:
 *
 *        epoch i            end          epoch i + 1
 *   --------------------------|---------------------------->
 *   on the air ---)  silence     (--- on the air
 *                 0 .. 1 s  0 .. 1 s, both drawn anew each time
 *
 * Epochs are whole seconds from the instant the session was accepted. Changed at their very end,
 * all tokens of a session would come and go at one fraction of the second, by which a sniffer who
 * was away joins them (BLE 8); drawn over a whole second the fraction is any. When a session is
 * renewed the old token goes and the new one comes in the same way.
 *
 * After a sleep through all of that the right token is set at once. When the schedule is over
 * nothing is left on the air. How a payload leaves or comes is the radio's affair.
 *
 * Signals:
 *  "token" (const SighejTokenOrigin *): what the token is made of that goes on the air, as far as
 * the radio can; wiped afterwards
 */
#define SIGHEJ_TYPE_ROTATOR (sighej_rotator_get_type ())
G_DECLARE_FINAL_TYPE (SighejRotator, sighej_rotator, SIGHEJ, ROTATOR, GObject)

/* @flags: what every payload says we are */
SighejRotator *
sighej_rotator_new (SighejClock *clock, SighejRadio *radio, SighejPayloadFlags flags);

/* What every payload says beside its token, from the next one on. */
void sighej_rotator_set_realm (SighejRotator *self, guint8 realm);
void sighej_rotator_set_tx_cal (SighejRotator *self, int tx_cal_dbm);

/* How many people are heard: how often the next token is sent (sighej-interval.h). */
void sighej_rotator_set_visible (SighejRotator *self, guint n_visible);

/**
 * sighej_rotator_start:
 * @schedule: a reference is taken
 * @accepted_us: when the backend accepted the session, on the clock's now_us
 *
 * Puts the schedule's token on the air and keeps it right. Started while running it goes over to
 * the new schedule (a session was renewed), after at most %SIGHEJ_ROTATOR_EARLY_SECONDS_MAX and the
 * silence; with the same one it does nothing.
 */
void sighej_rotator_start (SighejRotator *self, SighejTokenSchedule *schedule, gint64 accepted_us);

/* Takes the token off the air, at once. */
void sighej_rotator_stop (SighejRotator *self);

/* Whether the token on the air will be followed by another. */
gboolean sighej_rotator_get_rotating (SighejRotator *self);

/* Tokens set since the start of the program. */
guint64 sighej_rotator_get_n_tokens (SighejRotator *self);

G_END_DECLS
