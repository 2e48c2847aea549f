/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-person.h"

#include <string.h>

#include "sighej-await-link.h"
#include "sighej-core-private.h"
#include "sighej-crypto.h"
#include "sighej-wire.h"

#define LEAVE_US ((gint64) SIGHEJ_MEETS_LEAVE_SECONDS * G_USEC_PER_SEC)

struct _SighejPerson
{
  SighejCore parent_instance;

  SighejCorePrivate *core; /* of the parent */
  SighejLink *link;
  SighejAvoid *avoid;
  SighejSightings *sightings;
  SighejEncounters *encounters;
  SighejMeets *meets;
  SighejGeoclue *geoclue;

  /* The running opening; all zero when there is none. */
  guint8 opening_id[SIGHEJ_OPENING_ID_BYTES];
  gboolean link_wanted;
  gint64 link_until_us;
  guint leave_wait_id; /* the session is to end once the meets are told to */
};

G_DEFINE_FINAL_TYPE (SighejPerson, sighej_person, SIGHEJ_TYPE_CORE)

static void
sighej_person_init (SighejPerson *self)
{
  self->core = sighej_core_private (self);
}

static void
sighej_person_dispose (GObject *object)
{
  SighejPerson *self = SIGHEJ_PERSON (object);

  if (self->core->clock != NULL)
    sighej_clock_clear (self->core->clock, &self->leave_wait_id);
  g_clear_object (&self->meets);
  g_clear_object (&self->geoclue);
  g_clear_object (&self->sightings);
  g_clear_object (&self->encounters);
  g_clear_object (&self->link);
  g_clear_object (&self->avoid);

  G_OBJECT_CLASS (sighej_person_parent_class)->dispose (object);
}

static void
sighej_person_finalize (GObject *object)
{
  SighejPerson *self = SIGHEJ_PERSON (object);

  sighej_wipe (self->opening_id, sizeof self->opening_id);

  G_OBJECT_CLASS (sighej_person_parent_class)->finalize (object);
}

/* ---- what presence wants of the backend ---- */

static gboolean
on_leave_wait_over (gpointer user_data)
{
  SighejPerson *self = user_data;

  self->leave_wait_id = 0;
  sighej_link_close (self->link);
  return G_SOURCE_REMOVE;
}

/* They are told, or need not be any more: now the session ends, if it was waiting for that. */
static void
end_leaving (SighejPerson *self)
{
  if (self->leave_wait_id == 0)
    return;

  sighej_clock_clear (self->core->clock, &self->leave_wait_id);
  sighej_link_close (self->link);
}

/* Ends the session; whoever is met is told while there still is one to say it in. */
static void
leave_session (SighejPerson *self)
{
  self->link_wanted = FALSE;
  sighej_meets_close (self->meets);
  if (sighej_meets_get_leaving (self->meets))
    self->leave_wait_id = sighej_clock_add (self->core->clock, LEAVE_US, on_leave_wait_over, self);
  else
    sighej_link_close (self->link);
}

static void
want_session (SighejPerson *self)
{
  gint64 until_us = sighej_presence_get_until_us (self->core->presence);

  if (self->link_wanted && self->link_until_us == until_us)
    return;
  end_leaving (self);
  self->link_wanted = TRUE;
  self->link_until_us = until_us;
  sighej_link_open (self->link, self->opening_id, until_us);
}

static void
sighej_person_apply_session (SighejCore *core)
{
  SighejPerson *self = SIGHEJ_PERSON (core);

  if (sighej_presence_get_session_wanted (self->core->presence))
    want_session (self);
  else if (self->link_wanted)
    leave_session (self);

  if (!sighej_presence_get_wanted (self->core->presence))
    {
      sighej_encounters_close (self->encounters);
      sighej_meets_forget_complaints (self->meets);
      sighej_wipe (self->opening_id, sizeof self->opening_id);
    }
}

static void
sighej_person_fall_silent (SighejCore *core)
{
  sighej_sightings_wipe (SIGHEJ_PERSON (core)->sightings);
}

/* ---- facts ---- */

static void
on_scanning_changed (SighejPerson *self)
{
  sighej_sightings_set_listening (self->sightings, sighej_radio_get_scanning (self->core->radio));
}

static void
on_link_changed (SighejPerson *self)
{
  sighej_sightings_set_reporting (
      self->sightings, sighej_link_get_state (self->link) == SIGHEJ_BACKEND_STATE_ONLINE);
  sighej_core_set_session (SIGHEJ_CORE (self),
                           sighej_link_get_state (self->link),
                           sighej_link_get_reason (self->link),
                           sighej_link_get_schedule (self->link),
                           sighej_link_get_accepted_us (self->link),
                           sighej_link_get_ended (self->link));
}

static void
on_session_changed (SighejPerson *self)
{
  SighejTokenSchedule *schedule = sighej_link_get_schedule (self->link);

  sighej_sightings_set_own (self->sightings, schedule);
  on_link_changed (self);
  if (schedule != NULL)
    sighej_sightings_report_anew (self->sightings);
}

static void
on_adjusted (SighejPerson *self)
{
  SighejAdjustmentInUse receive;

  sighej_calibrator_get (self->core->calibrator, SIGHEJ_ADJUSTMENT_RECEIVE, &receive);
  sighej_sightings_set_rx_adjust (self->sightings, receive.value);
}

static void
on_quota_changed (SighejPerson *self)
{
  sighej_presence_set_quota_full (self->core->presence,
                                  sighej_encounters_get_quota_full (self->encounters));
}

/* ---- what is heard, and what comes of it ---- */

static void
sighej_person_hear (SighejCore *core, const SighejPayload *payload, int rssi_dbm)
{
  SighejPerson *self = SIGHEJ_PERSON (core);
  SighejCalibrator *calibrator = self->core->calibrator;

  sighej_sightings_hear (self->sightings, payload, rssi_dbm);
  sighej_meets_hear (self->meets, &payload->token, rssi_dbm);
  /* An echo of our own is no sighting. */
  if (sighej_calibrator_is_measuring (calibrator)
      && sighej_sightings_get_band (self->sightings, &payload->token) != SIGHEJ_BAND_GONE)
    sighej_calibrator_hear (calibrator, payload, rssi_dbm);
}

static void
on_token (SighejRotator *rotator, const SighejTokenOrigin *origin, SighejPerson *self)
{
  sighej_meets_set_own_token (self->meets, origin);
}

static gboolean
on_report_due (SighejSightings *sightings, const SighejToken *token, SighejPerson *self)
{
  if (!sighej_link_report (self->link, token))
    return FALSE;

  g_info ("reported a sighting");
  return TRUE;
}

static void
on_sighting_result (SighejLink *link,
                    const SighejToken *detected,
                    gboolean match,
                    SighejPerson *self)
{
  if (match)
    sighej_sightings_answer (self->sightings, detected);
}

/* By whom one was nudged is needed once one of the two avoids the other. */
static void
know_person (SighejPerson *self, const SighejLinkNudge *nudge)
{
  g_autoptr (GError) error = NULL;

  if (nudge->peer_key == NULL || nudge->own == NULL)
    return;
  if (!sighej_avoid_add (self->avoid, nudge->id, nudge->own, nudge->peer_key, &error))
    g_warning ("this nudge's person cannot be avoided later: %s", error->message);
}

static gboolean
on_avoid_tags (SighejLink *link, guint8 (*tags)[SIGHEJ_AVOID_TAG_BYTES], SighejPerson *self)
{
  sighej_avoid_make_tags (self->avoid, tags);
  return TRUE;
}

static void
on_nudge (SighejLink *link, const SighejLinkNudge *nudge, SighejPerson *self)
{
  guint64 number = 0;

  /* Nobody is there to be told any more. */
  if (!sighej_presence_get_wanted (self->core->presence))
    return;

  if (sighej_encounters_take (self->encounters,
                              nudge->id,
                              nudge->shared_interests,
                              nudge->message,
                              sighej_sightings_get_closest (self->sightings)))
    number = sighej_encounters_get_last_number (self->encounters);
  sighej_meets_take_nudge (self->meets, number, nudge);
  sighej_link_ack (self->link, nudge->seq);
  know_person (self, nudge);
}

static void
on_nearby_changed (SighejPerson *self)
{
  sighej_rotator_set_visible (self->core->rotator, sighej_sightings_get_nearby (self->sightings));
}

static void
on_live_changed (SighejPerson *self)
{
  /* Whoever measures listens without a pause, before anything is heard too. */
  sighej_scan_planner_set_live (self->core->planner,
                                sighej_sightings_get_live (self->sightings)
                                    || sighej_calibrator_is_measuring (self->core->calibrator));
}

static void
on_closest_changed (SighejPerson *self)
{
  sighej_encounters_set_band (self->encounters, sighej_sightings_get_closest (self->sightings));
}

/* ---- where we are, while somebody is to be shown that ---- */

static void
on_position_wanted (SighejMeets *meets, gboolean wanted, SighejPerson *self)
{
  sighej_geoclue_set_wanted (self->geoclue, wanted);
}

static void
on_fix (SighejGeoclue *geoclue, const SighejPosition *position, SighejPerson *self)
{
  sighej_meets_take_position (self->meets, position);
}

static SighejMeetProblem
position_problem (SighejGeoclue *geoclue)
{
  const GError *error = sighej_geoclue_get_error (geoclue);

  if (error == NULL)
    return SIGHEJ_MEET_PROBLEM_NONE;
  if (sighej_geoclue_get_state (geoclue) != SIGHEJ_GEOCLUE_FAILED)
    return SIGHEJ_MEET_PROBLEM_LOCATION_UNKNOWN;
  if (error->code == SIGHEJ_ERROR_NOT_SUPPORTED)
    return SIGHEJ_MEET_PROBLEM_LOCATION_MISSING;
  return error->code == SIGHEJ_ERROR_NOT_PERMITTED ? SIGHEJ_MEET_PROBLEM_LOCATION_DENIED
                                                   : SIGHEJ_MEET_PROBLEM_LOCATION_FAILED;
}

static void
on_geoclue_changed (SighejPerson *self)
{
  sighej_meets_set_position_problem (self->meets, position_problem (self->geoclue));
}

/* ---- what the person prefers ---- */

static void
on_backend_uri_changed (SighejPerson *self)
{
  sighej_sightings_wipe (self->sightings);
  sighej_meets_close (self->meets);
  sighej_meets_forget_complaints (self->meets);
  sighej_link_set_uri (self->link, sighej_preferences_get_backend_uri (self->core->preferences));
}

static void
sighej_person_try_now (SighejCore *core)
{
  sighej_link_try_now (SIGHEJ_PERSON (core)->link);
}

static void
on_interests_changed (SighejPerson *self)
{
  sighej_link_set_interests (self->link,
                             sighej_preferences_get_interests (self->core->preferences));
}

static void
on_language_changed (SighejPerson *self)
{
  sighej_meets_set_language (self->meets,
                             sighej_preferences_get_language (self->core->preferences));
}

/* The configuration is read anew. */
static void
on_config_changed (SighejPerson *self)
{
  SighejConfig *config = self->core->config;

  sighej_link_set_connect_timeout (
      self->link, (guint) sighej_config_get_integer (config, "Backend", "ConnectTimeoutSeconds"));
  sighej_sightings_set_dwell (
      self->sightings, (guint) sighej_config_get_integer (config, "Proximity", "DwellSeconds"));
  sighej_encounters_set_per_hour_max (
      self->encounters, (guint) sighej_config_get_integer (config, "Presence", "MaxNudgesPerHour"));
}

/* ---- building ---- */

static void
connect_preferences (SighejPerson *self)
{
  static const struct
  {
    const char *signal;
    void (*follow) (SighejPerson *self);
  } followed[] = {
    { "changed::backend-uri", on_backend_uri_changed },
    { "changed::interests", on_interests_changed },
    { "changed::language", on_language_changed },
  };

  for (guint i = 0; i < G_N_ELEMENTS (followed); i++)
    {
      followed[i].follow (self);
      g_signal_connect_object (self->core->preferences,
                               followed[i].signal,
                               G_CALLBACK (followed[i].follow),
                               self,
                               G_CONNECT_SWAPPED);
    }
}

static void
listen (SighejPerson *self, gpointer part, const char *signal, GCallback callback)
{
  g_signal_connect_object (part, signal, callback, self, G_CONNECT_DEFAULT);
}

static void
follow (SighejPerson *self, gpointer part, const char *signal, void (*callback) (SighejPerson *))
{
  g_signal_connect_object (part, signal, G_CALLBACK (callback), self, G_CONNECT_SWAPPED);
}

static void
connect_parts (SighejPerson *self)
{
  follow (self, self->core->config, "changed", on_config_changed);
  follow (self, self->core->radio, "notify::scanning", on_scanning_changed);
  follow (self, self->core->calibrator, "adjusted", on_adjusted);
  follow (self, self->core->calibrator, "progress", on_live_changed);
  follow (self, self->link, "notify::state", on_link_changed);
  follow (self, self->link, "notify::reason", on_link_changed);
  follow (self, self->link, "notify::ended", on_link_changed);
  follow (self, self->link, "session-changed", on_session_changed);
  follow (self, self->sightings, "closest-changed", on_closest_changed);
  follow (self, self->sightings, "nearby-changed", on_nearby_changed);
  follow (self, self->sightings, "live-changed", on_live_changed);
  follow (self, self->encounters, "quota-changed", on_quota_changed);
  follow (self, self->meets, "left", end_leaving);
  follow (self, self->geoclue, "changed", on_geoclue_changed);
  listen (self, self->core->rotator, "token", G_CALLBACK (on_token));
  listen (self, self->link, "nudge", G_CALLBACK (on_nudge));
  listen (self, self->link, "avoid-tags", G_CALLBACK (on_avoid_tags));
  listen (self, self->link, "sighting-result", G_CALLBACK (on_sighting_result));
  listen (self, self->sightings, "report-due", G_CALLBACK (on_report_due));
  listen (self, self->meets, "position-wanted", G_CALLBACK (on_position_wanted));
  listen (self, self->geoclue, "fix", G_CALLBACK (on_fix));
}

static gboolean
make_parts (SighejPerson *self, GError **error)
{
  SighejConfig *config = self->core->config;
  SighejClock *clock = self->core->clock;
  const char *ca_file = sighej_config_get_string (config, "Backend", "CaFile");
  g_autofree char *folder = sighej_choices_dup_folder ();

  self->link = sighej_link_new (
      clock,
      (guint) sighej_config_get_integer (config, "Backend", "ConnectTimeoutSeconds"),
      *ca_file == '\0' ? NULL : ca_file,
      error);
  if (self->link == NULL)
    return FALSE;

  self->avoid = sighej_avoid_new (clock, folder);
  self->sightings = sighej_sightings_new (
      clock, (guint) sighej_config_get_integer (config, "Proximity", "DwellSeconds"));
  self->encounters = sighej_encounters_new (
      clock, (guint) sighej_config_get_integer (config, "Presence", "MaxNudgesPerHour"));
  self->meets
      = sighej_meets_new (clock, self->link, self->encounters, self->sightings, self->avoid);
  return TRUE;
}

SighejPerson *
sighej_person_new (const SighejCoreParts *parts, SighejGeoclue *geoclue, GError **error)
{
  g_autoptr (SighejPerson) self = g_object_new (SIGHEJ_TYPE_PERSON, NULL);

  sighej_core_build (SIGHEJ_CORE (self), parts, SIGHEJ_PAYLOAD_OPEN);
  self->geoclue = g_object_ref (geoclue);
  if (!make_parts (self, error))
    return NULL;

  connect_parts (self);
  connect_preferences (self);
  sighej_core_begin (SIGHEJ_CORE (self));
  on_adjusted (self);
  on_quota_changed (self);
  on_scanning_changed (self);
  on_link_changed (self);
  return g_steal_pointer (&self);
}

/* ---- the parts ---- */

SighejLink *
sighej_person_get_link (SighejPerson *self)
{
  return self->link;
}

SighejAvoid *
sighej_person_get_avoid (SighejPerson *self)
{
  return self->avoid;
}

SighejSightings *
sighej_person_get_sightings (SighejPerson *self)
{
  return self->sightings;
}

SighejEncounters *
sighej_person_get_encounters (SighejPerson *self)
{
  return self->encounters;
}

SighejMeets *
sighej_person_get_meets (SighejPerson *self)
{
  return self->meets;
}

/* ---- what may be asked for ---- */

static gboolean
check_may_open (SighejPerson *self, guint seconds, GError **error)
{
  SighejPreferences *preferences = self->core->preferences;

  if (!sighej_presence_check_open_seconds (seconds, error))
    return FALSE;

  if (*sighej_preferences_get_interests (preferences) == NULL)
    g_set_error_literal (
        error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_INTEREST, "no interest is chosen yet");
  else if (*sighej_preferences_get_backend_uri (preferences) == '\0')
    g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_OFFLINE, "no backend is chosen yet");
  else
    return TRUE;

  return FALSE;
}

static gboolean
sighej_person_open (SighejCore *core, guint seconds, GError **error)
{
  SighejPerson *self = SIGHEJ_PERSON (core);

  if (seconds == 0)
    seconds = sighej_config_get_duration_s (self->core->config, "Presence", "DefaultDuration");
  if (!check_may_open (self, seconds, error))
    return FALSE;

  sighej_host_see_person (self->core->host);
  if (!sighej_presence_get_wanted (self->core->presence))
    sighej_random_bytes (self->opening_id, sizeof self->opening_id);
  return sighej_presence_open (self->core->presence, seconds, error);
}

static void
on_pairing_prepared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (!sighej_await_link_finish (SIGHEJ_LINK (source), result, &error))
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

void
sighej_person_prepare_pairing_async (SighejPerson *self,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, sighej_person_prepare_pairing_async);
  sighej_host_see_person (self->core->host);
  sighej_presence_pair (self->core->presence);
  sighej_await_link_async (
      self->core->clock, self->core->presence, self->link, on_pairing_prepared, task);
}

gboolean
sighej_person_prepare_pairing_finish (SighejPerson *self, GAsyncResult *result, GError **error)
{
  g_assert (g_task_is_valid (result, self));

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* All is deleted that can be; only the first that cannot is told. */
static gboolean
sighej_person_forget (SighejCore *core, GError **error)
{
  SighejPerson *self = SIGHEJ_PERSON (core);
  g_autoptr (GError) avoid_error = NULL;
  gboolean is_gone = SIGHEJ_CORE_CLASS (sighej_person_parent_class)->forget (core, error);

  sighej_encounters_forget_hour (self->encounters);
  if (sighej_avoid_clear (self->avoid, &avoid_error))
    return is_gone;

  if (is_gone)
    g_propagate_error (error, g_steal_pointer (&avoid_error));
  return FALSE;
}

static guint64
sighej_person_get_n_left (SighejCore *core)
{
  return sighej_link_get_n_left (SIGHEJ_PERSON (core)->link);
}

/* ---- what there is to know ---- */

static void
sighej_person_check (SighejCore *core, GPtrArray *results)
{
  SighejPerson *self = SIGHEJ_PERSON (core);

  sighej_link_check (self->link, results);
  sighej_encounters_check (self->encounters, results);
  sighej_preferences_check (self->core->preferences, results);
}

static void
sighej_person_count (SighejCore *core, GVariantBuilder *counters)
{
  SighejPerson *self = SIGHEJ_PERSON (core);

  sighej_sightings_count (self->sightings, counters);
  sighej_encounters_count (self->encounters, counters);
  sighej_meets_count (self->meets, counters);
  sighej_link_count (self->link, counters);
}

static void
sighej_person_class_init (SighejPersonClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  SighejCoreClass *core_class = SIGHEJ_CORE_CLASS (klass);

  object_class->dispose = sighej_person_dispose;
  object_class->finalize = sighej_person_finalize;
  core_class->open = sighej_person_open;
  core_class->apply_session = sighej_person_apply_session;
  core_class->fall_silent = sighej_person_fall_silent;
  core_class->hear = sighej_person_hear;
  core_class->forget = sighej_person_forget;
  core_class->get_n_left = sighej_person_get_n_left;
  core_class->try_now = sighej_person_try_now;
  core_class->check = sighej_person_check;
  core_class->count = sighej_person_count;
}
