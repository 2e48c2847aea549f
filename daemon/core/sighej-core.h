/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-avoid.h"
#include "sighej-calibrator.h"
#include "sighej-config.h"
#include "sighej-encounters.h"
#include "sighej-geoclue.h"
#include "sighej-host.h"
#include "sighej-inhibitors.h"
#include "sighej-link.h"
#include "sighej-meets.h"
#include "sighej-preferences.h"
#include "sighej-presence.h"
#include "sighej-radio.h"
#include "sighej-sightings.h"

G_BEGIN_DECLS

/* Close answers at the latest after this, silent air or not. */
#define SIGHEJ_CLOSE_SECONDS_MAX 5

/* Wipe waits so long for the backend, and answers at the latest then. */
#define SIGHEJ_WIPE_SECONDS_MAX 12

/**
 * SighejCore:
 *
 * The parts of the daemon, joined; all but the bus. What a person may ask for is a function
 * here, and what there is to know is asked of the parts.
 *
 * Life of a token heard: SighejRadio "heard" -> payload decoded, other realms dropped ->
 * SighejSightings -> "report-due" -> SighejLink over the WebSocket -> the backend finds that both
 * heard each other and share an interest -> SighejLink "nudge" -> SighejEncounters, once per id ->
 * whoever listens -> acknowledged to the backend.
 *
 * Life of a meet: SighejMeets takes what a nudge brought; a wave -> SighejLinkMeets asks the
 * backend -> its view of the meet, when both waved -> SighejMeets "added" -> letters, spots, places
 * -> the end, by either, by time, or because the opening is paused or over -> wiped.
 *
 * Life of a token of ours: Open -> SighejPresence wants a session -> SighejLink has one accepted,
 * "session-changed" -> SighejPresence wants the air -> SighejRotator sets each epoch's payload ->
 * Close: SighejPresence wants neither -> the air falls silent, the session is deleted, what was
 * heard and every nudge is wiped.
 */
#define SIGHEJ_TYPE_CORE (sighej_core_get_type ())
G_DECLARE_FINAL_TYPE (SighejCore, sighej_core, SIGHEJ, CORE, GObject)

/**
 * sighej_core_new:
 * @config: settings of the files and the command line
 * @preferences: what lies above them
 * @host: what the machine does
 * @radio: not started yet
 * @calibrator: of this radio
 * @geoclue: where this machine is, when in a meet both want to show that
 *
 * Starts the radio.
 *
 * Returns: (transfer full) (nullable): NULL with SIGHEJ_ERROR_CONFIG when a file the settings
 *   name cannot be read
 */
SighejCore *sighej_core_new (SighejClock *clock,
                             SighejConfig *config,
                             SighejPreferences *preferences,
                             SighejHost *host,
                             SighejRadio *radio,
                             SighejCalibrator *calibrator,
                             SighejGeoclue *geoclue,
                             GError **error);

/* ---- the parts, (transfer none), for reading and listening ---- */

SighejClock *sighej_core_get_clock (SighejCore *self);
SighejPreferences *sighej_core_get_preferences (SighejCore *self);
SighejHost *sighej_core_get_host (SighejCore *self);
SighejInhibitors *sighej_core_get_inhibitors (SighejCore *self);
SighejRadio *sighej_core_get_radio (SighejCore *self);
SighejCalibrator *sighej_core_get_calibrator (SighejCore *self);
SighejLink *sighej_core_get_link (SighejCore *self);
SighejAvoid *sighej_core_get_avoid (SighejCore *self);
SighejPresence *sighej_core_get_presence (SighejCore *self);
SighejSightings *sighej_core_get_sightings (SighejCore *self);
SighejEncounters *sighej_core_get_encounters (SighejCore *self);
SighejMeets *sighej_core_get_meets (SighejCore *self);

/* ---- what may be asked for ---- */

/**
 * sighej_core_open:
 * @seconds: 300 to 14400, 0 for the configured default
 *
 * Errors: SIGHEJ_ERROR_INVALID_DURATION, SIGHEJ_ERROR_INVALID_INTEREST (none chosen),
 * SIGHEJ_ERROR_OFFLINE (no backend chosen).
 */
gboolean sighej_core_open (SighejCore *self, guint seconds, GError **error);

/**
 * sighej_core_resume:
 *
 * Ends the person's pause. Errors: SIGHEJ_ERROR_NOT_OPEN, SIGHEJ_ERROR_INHIBITED (the pause is not
 * the person's: programs ask for silence).
 */
gboolean sighej_core_resume (SighejCore *self, GError **error);

/**
 * sighej_core_prepare_pairing_async:
 *
 * Sees to a session for a pairing code, also when the radio is no use.
 *
 * Errors: SIGHEJ_ERROR_NOT_OPEN, what stands in the way of a session, SIGHEJ_ERROR_OFFLINE.
 */
void sighej_core_prepare_pairing_async (SighejCore *self,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean
sighej_core_prepare_pairing_finish (SighejCore *self, GAsyncResult *result, GError **error);

/* Closes. Done when nothing of ours is on the air, or after %SIGHEJ_CLOSE_SECONDS_MAX. */
void sighej_core_close_async (SighejCore *self, GAsyncReadyCallback callback, gpointer user_data);
void sighej_core_close_finish (SighejCore *self, GAsyncResult *result);

/**
 * sighej_core_stop_async:
 *
 * The end of the program: first off the air, then the session deleted. Each step is bounded by
 * radio and link; the caller bounds the whole.
 */
void sighej_core_stop_async (SighejCore *self, GAsyncReadyCallback callback, gpointer user_data);
void sighej_core_stop_finish (SighejCore *self, GAsyncResult *result);

/**
 * sighej_core_wipe_async:
 *
 * Closes and deletes all that is held about the person: here, at once, and at the backend. What
 * the configuration files say holds again.
 *
 * Errors: SIGHEJ_ERROR_OFFLINE (the backend did not confirm it within %SIGHEJ_WIPE_SECONDS_MAX),
 * SIGHEJ_ERROR_FAILED (the disk).
 */
void sighej_core_wipe_async (SighejCore *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean sighej_core_wipe_finish (SighejCore *self, GAsyncResult *result, GError **error);

/* @path: "/" lets the radio choose. Errors: SIGHEJ_ERROR_NOT_FOUND, SIGHEJ_ERROR_FAILED. */
gboolean sighej_core_set_adapter (SighejCore *self, const char *path, GError **error);

/* ---- what there is to know ---- */

gboolean sighej_core_get_rotating (SighejCore *self);

/* (transfer full) (element-type SighejCheckResult): everything `doctor` has to say. */
GPtrArray *sighej_core_check (SighejCore *self);

/* Adds every part's counters to an a{st}. */
void sighej_core_count (SighejCore *self, GVariantBuilder *counters);

G_END_DECLS
