/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-check-result.h"
#include "sighej-clock.h"
#include "sighej-enums.h"
#include "sighej-error.h"

G_BEGIN_DECLS

#define SIGHEJ_OPEN_SECONDS_MIN 300
#define SIGHEJ_OPEN_SECONDS_MAX 14400
#define SIGHEJ_PAUSE_SECONDS_MIN 60
#define SIGHEJ_PAUSE_SECONDS_MAX 14400
#define SIGHEJ_EXTEND_SECONDS_MIN 60
#define SIGHEJ_EXTEND_SECONDS_MAX 14400
#define SIGHEJ_QUIET_HOURS_MAX 8

/* Without the backend for so long we leave the air: nobody may greet a person who is not told. */
#define SIGHEJ_PRESENCE_OFFLINE_SECONDS 60
/* The silence between two tokens (2 s at most, sighej-rotator.h) and what the controller needs for
 * the change are no change of state. */
#define SIGHEJ_PRESENCE_ROTATION_SECONDS 7

/**
 * SighejPresence:
 *
 * Whether this person is open to talk, and why not. It is told facts (what was asked for, what
 * radio and link report, the hour) and computes from them alone the state, its reason, and what
 * radio and link should do. It asks nothing of anybody and has one wait: the next instant at
 * which a fact changes by itself.
 *
 *           Open                        session and token there
 *   OFF ------------> OPENING --------------------------------> OPEN
 *    ^                  | ^ \                                  / | ^
 *    |      something   | |  \ pause                   pause  /  | | the way is
 *    |      in the way  v |   v                              v   v | clear again
 *    |                WAITING ------- pause and back ------ PAUSED
 *    |                  |                                    |
 *    |                  | Close, time is up (from all of OPENING, OPEN, WAITING, PAUSED)
 *    |                  v                                    v
 *    +--------------- CLOSING: until the air is silent and the session ended
 *
 *   pause: Pause, or the machine falls asleep, the screen is locked, a program asks for silence;
 *     and back: Resume, awake, unlocked, the last such program is done: always by OPENING or
 *     WAITING, for the session of before is gone
 *
 * With nothing on the air and no session CLOSING is skipped, and entered from OFF should a late
 * answer show that something of ours is; Open during it leads back to OPENING, WAITING or PAUSED,
 * and with the screen locked from OFF to PAUSED. Which fact decides, when several stand in the
 * way: what the person said (paused), the machine's sleep, its locked screen, a program that asks
 * for silence, quiet hours, the quota, the radio, the backend.
 *
 * A session is wanted while open, not paused, outside quiet hours, below the quota; it is first
 * made when the radio has no trouble or the person pairs by code, and kept when it gets some. The
 * air is wanted while there is a session, except when the backend has been away for 60 s.
 *
 * Signals:
 *  "changed" (): any getter below answers something else
 *  "closed" (SighejReason reason): the state has become OFF; once for each opening, after "changed"
 */
#define SIGHEJ_TYPE_PRESENCE (sighej_presence_get_type ())
G_DECLARE_FINAL_TYPE (SighejPresence, sighej_presence, SIGHEJ, PRESENCE, GObject)

/* @zone: (nullable): the time zone quiet hours are in; NULL: the machine's */
SighejPresence *sighej_presence_new (SighejClock *clock, GTimeZone *zone);

/* ---- what the person asks for ---- */

/* Whether an opening may last @seconds. Errors: SIGHEJ_ERROR_INVALID_DURATION. */
gboolean sighej_presence_check_open_seconds (guint seconds, GError **error);

/* Open, or a new end; lifts a pause. Errors: SIGHEJ_ERROR_INVALID_DURATION (300 to 14400 s). */
gboolean sighej_presence_open (SighejPresence *self, guint seconds, GError **error);

/* Open without an end, as a kiosk is. */
void sighej_presence_stay_open (SighejPresence *self);

/* @reason: what "closed" and the reason of OFF will say. Closing what is closed does nothing. */
void sighej_presence_close (SighejPresence *self, SighejReason reason);

/* @seconds: 0: until resumed. Errors: SIGHEJ_ERROR_NOT_OPEN, SIGHEJ_ERROR_INVALID_DURATION. */
gboolean sighej_presence_pause (SighejPresence *self, guint seconds, GError **error);

/* Errors: SIGHEJ_ERROR_NOT_OPEN. */
gboolean sighej_presence_resume (SighejPresence *self, GError **error);

/* Errors: SIGHEJ_ERROR_NOT_OPEN, SIGHEJ_ERROR_INVALID_DURATION (also: ends later than in 4 h, or
 * never). */
gboolean sighej_presence_extend (SighejPresence *self, guint seconds, GError **error);

/**
 * sighej_presence_set_quiet_hours:
 * @ranges: "22:00-08:00", at most %SIGHEJ_QUIET_HOURS_MAX
 *
 * Errors: SIGHEJ_ERROR_CONFIG, and nothing changes.
 */
gboolean
sighej_presence_set_quiet_hours (SighejPresence *self, const char *const *ranges, GError **error);

/* The person pairs by code, which needs no radio; forgotten when the opening ends. */
void sighej_presence_pair (SighejPresence *self);

/* ---- facts ---- */

/* @locked: the screen is, and the person wants that to count */
void sighej_presence_set_host (SighejPresence *self, gboolean suspending, gboolean locked);
void sighej_presence_set_inhibited (SighejPresence *self, gboolean inhibited);
void sighej_presence_set_quota_full (SighejPresence *self, gboolean full);
void sighej_presence_set_radio (SighejPresence *self, SighejReason trouble, gboolean on_air);

/**
 * sighej_presence_set_link:
 * @reason: what keeps the link from the backend, %SIGHEJ_REASON_NONE when nothing does
 * @has_session: a session's tokens may be on the air
 * @ended: no session is left to delete
 */
void sighej_presence_set_link (SighejPresence *self,
                               SighejBackendState state,
                               SighejReason reason,
                               gboolean has_session,
                               gboolean ended);

/* ---- what follows ---- */

SighejState sighej_presence_get_state (SighejPresence *self);
SighejReason sighej_presence_get_reason (SighejPresence *self);

/* Open was called, and neither Close nor the end came yet. */
gboolean sighej_presence_get_wanted (SighejPresence *self);
gboolean sighej_presence_get_session_wanted (SighejPresence *self);
gboolean sighej_presence_get_air_wanted (SighejPresence *self);

/* The end of the opening on the clock's now_us, 0 when off, %G_MAXINT64 when it has none. */
gint64 sighej_presence_get_until_us (SighejPresence *self);

/* Seconds since 1970 for people, 0 for none. */
guint64 sighej_presence_get_open_since_s (SighejPresence *self);
guint64 sighej_presence_get_open_until_s (SighejPresence *self);
guint64 sighej_presence_get_paused_until_s (SighejPresence *self);

const char *const *sighej_presence_get_quiet_hours (SighejPresence *self);

/* Appends to `doctor`: "presence.quiet-hours", only in them. */
void sighej_presence_check (SighejPresence *self, GPtrArray *results);

G_END_DECLS
