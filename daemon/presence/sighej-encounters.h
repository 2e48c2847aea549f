/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-check-result.h"
#include "sighej-clock.h"
#include "sighej-enums.h"
#include "sighej-error.h"

G_BEGIN_DECLS

/* A nudge goes by itself after this. */
#define SIGHEJ_NUDGE_SECONDS (10 * 60)
/* So many nudges live at once; one more sends the oldest away. */
#define SIGHEJ_NUDGES_LIVE_MAX 64
/* So many different nudges are taken in one opening. */
#define SIGHEJ_NUDGES_PER_OPENING_MAX 1024
/* Upper end of MaxNudgesPerHour. */
#define SIGHEJ_NUDGES_PER_HOUR_MAX 60

/**
 * SighejNudge:
 * @number: local, never used again while the program runs; says nothing about anybody
 * @state: NEW, WAVED or MUTUAL until just before it leaves
 * @shared_interests: 1 to 5
 * @message: an English sentence
 * @band: how near the one who caused it may be
 * @created_s: when it came, seconds since 1970
 * @expires_s: when it goes by itself, seconds since 1970
 * @announced: somebody tells the person of it, see Nudge1.Announced
 *
 * Read-only to all but SighejEncounters.
 */
typedef struct
{
  guint64 number;
  SighejNudgeState state;
  GStrv shared_interests;
  char *message;
  SighejBand band;
  guint64 created_s;
  guint64 expires_s;
  gboolean announced;
} SighejNudge;

/**
 * SighejEncounters:
 *
 * The nudges of one opening. Knows nothing of D-Bus, radio or backend.
 *
 * Life of a nudge: sighej_encounters_take() with an id never seen in this opening -> "added" ->
 * perhaps waved at, perhaps mutual, which has no expiry of its own -> dismissed, expired after
 * 10 minutes, or the opening closed -> its state changes ("changed") -> "removed". Its id is kept
 * until the opening closes, so a nudge sent twice is shown once. How many came in the last hour
 * outlives the opening: the quota is the person's.
 *
 * Signals:
 *  "added" (SighejNudge *nudge), "changed" (SighejNudge *nudge)
 *  "removed" (SighejNudge *nudge): freed when the signal is over
 *  "quota-changed" (): sighej_encounters_get_quota_full() answers something else
 */
#define SIGHEJ_TYPE_ENCOUNTERS (sighej_encounters_get_type ())
G_DECLARE_FINAL_TYPE (SighejEncounters, sighej_encounters, SIGHEJ, ENCOUNTERS, GObject)

/* @per_hour_max: 0 to %SIGHEJ_NUDGES_PER_HOUR_MAX; 0: none is wanted at all. */
SighejEncounters *sighej_encounters_new (SighejClock *clock, guint per_hour_max);

/* What came in the last hour counts on. */
void sighej_encounters_set_per_hour_max (SighejEncounters *self, guint per_hour_max);

/**
 * sighej_encounters_take:
 * @id: the backend's id of this nudge
 * @band: how near its cause may be
 *
 * Takes a nudge over; from here on it is not lost. One that was asked to come is shown even when
 * the quota is full by now.
 *
 * Returns: TRUE when it is new; FALSE when @id has been taken before
 */
gboolean sighej_encounters_take (SighejEncounters *self,
                                 const char *id,
                                 const char *const *shared_interests,
                                 const char *message,
                                 SighejBand band);

/* The number of the nudge taken last, 0 when none was. */
guint64 sighej_encounters_get_last_number (SighejEncounters *self);

/* A number that no nudge has or will have. */
guint64 sighej_encounters_draw_number (SighejEncounters *self);

/* (nullable): the live nudge of that number. */
const SighejNudge *sighej_encounters_get (SighejEncounters *self, guint64 number);

/* NEW, WAVED or MUTUAL. Errors: SIGHEJ_ERROR_NOT_FOUND. */
gboolean sighej_encounters_set_state (SighejEncounters *self,
                                      guint64 number,
                                      SighejNudgeState state,
                                      GError **error);

/* Whether somebody tells the person of it. Nothing happens when it has gone. */
void sighej_encounters_set_announced (SighejEncounters *self, guint64 number, gboolean announced);

/* It goes: "not now", or its meet is over. Errors: SIGHEJ_ERROR_NOT_FOUND. */
gboolean sighej_encounters_dismiss (SighejEncounters *self, guint64 number, GError **error);

/* How near the cause of any nudge may be has become @band. */
void sighej_encounters_set_band (SighejEncounters *self, SighejBand band);

/* The opening is over: all nudges go, all ids are forgotten. */
void sighej_encounters_close (SighejEncounters *self);

/* Forgets how many came in the last hour. */
void sighej_encounters_forget_hour (SighejEncounters *self);

guint sighej_encounters_get_n_live (SighejEncounters *self);

/* Live nudge @i, oldest first. */
const SighejNudge *sighej_encounters_get_nth (SighejEncounters *self, guint i);

/* Whether as many nudges came within the last hour as are wanted. */
gboolean sighej_encounters_get_quota_full (SighejEncounters *self);

/* Appends to `doctor`: "presence.quota", when it is full. */
void sighej_encounters_check (SighejEncounters *self, GPtrArray *results);

/* Adds to an a{st}: "nudges.taken", "nudges.repeated", "nudges.refused". */
void sighej_encounters_count (SighejEncounters *self, GVariantBuilder *counters);

G_END_DECLS
