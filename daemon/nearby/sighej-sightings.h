/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-band.h"
#include "sighej-clock.h"
#include "sighej-payload.h"
#include "sighej-token-schedule.h"

G_BEGIN_DECLS

/* So many tokens are followed; beyond that the one not heard for longest is forgotten (BLE 2). */
#define SIGHEJ_SIGHTINGS_TOKENS_MAX 4096
/* NearbyCount counts tokens heard within this. */
#define SIGHEJ_SIGHTINGS_NEARBY_SECONDS 90
/* A token is near enough to be reported after so many samples of known strength. */
#define SIGHEJ_SIGHTINGS_REPORT_SAMPLES 5
/* An unanswered report is repeated this often, so many times (BLE 8) ... */
#define SIGHEJ_SIGHTINGS_REPEAT_SECONDS 30
#define SIGHEJ_SIGHTINGS_REPEATS_MAX 4
/* ... and then again after this (BLE 7). */
#define SIGHEJ_SIGHTINGS_AGAIN_SECONDS (5 * 60)
/* All reports together stay below the backend's 120 a minute, burst 60 (BLE 8). */
#define SIGHEJ_SIGHTINGS_REPORTS_PER_MINUTE 100
#define SIGHEJ_SIGHTINGS_REPORTS_BURST 50

/**
 * SighejSightings:
 *
 * What was heard, by token; never by address, so nothing here can join a token to the next one
 * of the same person. Knows no radio and no backend: packets are put in, signals come out, and
 * time is a clock. Nothing waits while nothing is heard.
 *
 * Life of a sighting: heard -> a band by its strength (sighej-band.h) -> near or closer for the
 * dwell time, with 5 samples -> "report-due", repeated each 30 s at most 4
 * times and then after 5 minutes, until sighej_sightings_answer() -> not heard for 12 of its
 * intervals (30 s to 120 s): gone, its history forgotten -> not heard for 90 s: no longer nearby,
 * forgotten.
 *
 * Nobody is gone because we did not listen (sighej_sightings_set_listening()):
 *
 *   listened all the while since it was heard   gone after 12 intervals, 30 s to 120 s
 *   listening again after a pause               12 intervals, 60 s to 120 s, and at least 10 s of
 *                                               listening without it
 *   not listening                               120 s: what was known is too old
 *
 * Signals:
 *  "report-due" (SighejToken *token) -> gboolean: this token should be reported. TRUE: taken;
 *    FALSE: could not be now, it is due again in 5 s
 *  "nearby-changed" (): sighej_sightings_get_nearby() answers something else
 *  "closest-changed" (): sighej_sightings_get_closest() does
 *  "live-changed" (): sighej_sightings_get_live() does
 */
#define SIGHEJ_TYPE_SIGHTINGS (sighej_sightings_get_type ())
G_DECLARE_FINAL_TYPE (SighejSightings, sighej_sightings, SIGHEJ, SIGHTINGS, GObject)

/**
 * sighej_sightings_new:
 * @dwell_s: how long a token must have been near before it is reported, seconds
 */
SighejSightings *sighej_sightings_new (SighejClock *clock, guint dwell_s);

/* From the next packet on; @dwell_s as in sighej_sightings_new(). */
void sighej_sightings_set_dwell (SighejSightings *self, guint dwell_s);

/* From the next packet on: what this receiver reads too little, dB; 0 at first. */
void sighej_sightings_set_rx_adjust (SighejSightings *self, int rx_adjust_db);

/**
 * sighej_sightings_hear:
 * @payload: as the receiver's rules let it through
 * @rssi_dbm: 127 or 0 when unknown: the token is there, nobody knows how near
 */
void sighej_sightings_hear (SighejSightings *self, const SighejPayload *payload, int rssi_dbm);

/* The backend knows this pair now: no more reports while the token lives. */
void sighej_sightings_answer (SighejSightings *self, const SighejToken *token);

/* Whether reports have somewhere to go. FALSE keeps them due; TRUE asks for them at once. */
void sighej_sightings_set_reporting (SighejSightings *self, gboolean reporting);

/**
 * sighej_sightings_set_listening:
 * @listening: whether packets would be heard now
 *
 * Initially TRUE. Pauses of less than a second that belong to listening (a restarted discovery)
 * need not be told.
 */
void sighej_sightings_set_listening (SighejSightings *self, gboolean listening);

/* Our session is a new one, so what was reported from the old one is reported again. */
void sighej_sightings_report_anew (SighejSightings *self);

/**
 * sighej_sightings_set_own:
 * @schedule: (nullable): our tokens, which are never sightings: an echo, or a second radio here
 *
 * The schedule before this one counts as ours too.
 */
void sighej_sightings_set_own (SighejSightings *self, SighejTokenSchedule *schedule);

/* Forgets every token. */
void sighej_sightings_wipe (SighejSightings *self);

/* Open people's tokens heard within the last 90 s. */
guint sighej_sightings_get_nearby (SighejSightings *self);

/* Somebody's token, or a kiosk's, was heard and is not gone: a reason to go on listening. */
gboolean sighej_sightings_get_live (SighejSightings *self);

/* The band of the closest token that was reported: what a nudge can stem from. */
SighejBand sighej_sightings_get_closest (SighejSightings *self);

/* The band of one token, %SIGHEJ_BAND_GONE when unknown. */
SighejBand sighej_sightings_get_band (SighejSightings *self, const SighejToken *token);

/* Tokens followed now. */
guint sighej_sightings_get_n_tokens (SighejSightings *self);

/* Adds to an a{st}: "sightings.new", "sightings.evicted", "sightings.own", "sightings.reports". */
void sighej_sightings_count (SighejSightings *self, GVariantBuilder *counters);

G_END_DECLS
