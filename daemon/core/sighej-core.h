/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-calibrator.h"
#include "sighej-config.h"
#include "sighej-host.h"
#include "sighej-inhibitors.h"
#include "sighej-preferences.h"
#include "sighej-presence.h"
#include "sighej-radio.h"
#include "sighej-token-schedule.h"

G_BEGIN_DECLS

/* Close answers at the latest after this, silent air or not. */
#define SIGHEJ_CLOSE_SECONDS_MAX 5

/* Wipe waits so long for the backend, and answers at the latest then. */
#define SIGHEJ_WIPE_SECONDS_MAX 12

/**
 * SighejCore:
 *
 * What every daemon is: a presence, and a radio that does what it wants. Whose presence, and where
 * the tokens come from, is for those derived from it: SighejPerson, whose tokens come with a
 * session of the backend, and SighejKiosk, which draws its own. What may be asked for is a function
 * here, and what there is to know is asked of the parts.
 *
 * Life of a token of ours: open -> SighejPresence wants a session -> apply_session() has one made
 * -> sighej_core_set_session() -> SighejPresence wants the air -> SighejRotator sets each epoch's
 * payload -> Close: SighejPresence wants neither -> the air falls silent, the session ends.
 *
 * Signals:
 *  "ended" (): no session is left to delete
 */
#define SIGHEJ_TYPE_CORE (sighej_core_get_type ())
G_DECLARE_DERIVABLE_TYPE (SighejCore, sighej_core, SIGHEJ, CORE, GObject)

/**
 * SighejCoreClass:
 * @open: as sighej_core_open()
 * @apply_session: presence may have come to want a session, or none any more, or may be closed
 * @fall_silent: (nullable): nothing is on the air any more: what was heard is of no more use
 * @hear: of our realm, while on the air
 * @forget: deletes what is kept on this machine; goes on after what cannot be deleted, and tells
 *   of the first of it
 * @get_n_left: (nullable): sessions whose end the backend never confirmed
 * @try_now: (nullable): the backend was chosen once more
 * @check: (nullable): as sighej_core_check()
 * @count: (nullable): as sighej_core_count()
 */
struct _SighejCoreClass
{
  GObjectClass parent_class;

  gboolean (*open) (SighejCore *self, guint seconds, GError **error);
  void (*apply_session) (SighejCore *self);
  void (*fall_silent) (SighejCore *self);
  void (*hear) (SighejCore *self, const SighejPayload *payload, int rssi_dbm);
  gboolean (*forget) (SighejCore *self, GError **error);
  guint64 (*get_n_left) (SighejCore *self);
  void (*try_now) (SighejCore *self);
  void (*check) (SighejCore *self, GPtrArray *results);
  void (*count) (SighejCore *self, GVariantBuilder *counters);
};

/**
 * SighejCoreParts:
 * @config: settings of the files and the command line
 * @preferences: what lies above them
 * @host: what the machine does
 * @radio: not started yet
 * @calibrator: of this radio
 *
 * What a core is made of; it takes a reference on each.
 */
typedef struct
{
  SighejClock *clock;
  SighejConfig *config;
  SighejPreferences *preferences;
  SighejHost *host;
  SighejRadio *radio;
  SighejCalibrator *calibrator;
} SighejCoreParts;

/* ---- the parts, (transfer none), for reading and listening ---- */

SighejClock *sighej_core_get_clock (SighejCore *self);
SighejPreferences *sighej_core_get_preferences (SighejCore *self);
SighejHost *sighej_core_get_host (SighejCore *self);
SighejInhibitors *sighej_core_get_inhibitors (SighejCore *self);
SighejRadio *sighej_core_get_radio (SighejCore *self);
SighejCalibrator *sighej_core_get_calibrator (SighejCore *self);
SighejPresence *sighej_core_get_presence (SighejCore *self);

/* ---- what may be asked for ---- */

/**
 * sighej_core_open:
 * @seconds: 300 to 14400, 0 for the configured default; at a kiosk 0 only: it has no end
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

/* The same one is asked for again. Errors: as sighej_preferences_set_backend_uri(). */
gboolean sighej_core_set_backend_uri (SighejCore *self, const char *uri, GError **error);

/* Until the end of the program, whatever the files say. FALSE: not a level's name. */
gboolean sighej_core_set_log_level (SighejCore *self, const char *level);

/* ---- what there is to know ---- */

gboolean sighej_core_get_rotating (SighejCore *self);

/* (transfer full) (element-type SighejCheckResult): everything `doctor` has to say. */
GPtrArray *sighej_core_check (SighejCore *self);

/* Adds every part's counters to an a{st}. */
void sighej_core_count (SighejCore *self, GVariantBuilder *counters);

G_END_DECLS
