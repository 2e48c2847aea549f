/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-core-private.h"

#include <string.h>

#include "sighej-await-link.h"
#include "sighej-crypto.h"
#include "sighej-wire.h"

G_DEFINE_FINAL_TYPE (SighejCore, sighej_core, G_TYPE_OBJECT)

static void
sighej_core_init (SighejCore *self)
{
  self->close_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  self->inhibitors = sighej_inhibitors_new ();
}

static void
sighej_core_dispose (GObject *object)
{
  SighejCore *self = SIGHEJ_CORE (object);

  if (self->clock != NULL)
    {
      sighej_clock_clear (self->clock, &self->close_wait_id);
      sighej_clock_clear (self->clock, &self->leave_wait_id);
    }
  g_clear_object (&self->meets);
  g_clear_object (&self->geoclue);
  g_clear_object (&self->planner);
  g_clear_object (&self->rotator);
  g_clear_object (&self->sightings);
  g_clear_object (&self->encounters);
  g_clear_object (&self->presence);
  g_clear_object (&self->link);
  g_clear_object (&self->avoid);
  g_clear_object (&self->calibrator);
  g_clear_object (&self->radio);
  g_clear_object (&self->inhibitors);
  g_clear_object (&self->host);
  g_clear_object (&self->preferences);
  g_clear_object (&self->config);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_core_parent_class)->dispose (object);
}

static void
sighej_core_finalize (GObject *object)
{
  SighejCore *self = SIGHEJ_CORE (object);

  sighej_wipe (self->opening_id, sizeof self->opening_id);
  g_ptr_array_unref (self->close_tasks);

  G_OBJECT_CLASS (sighej_core_parent_class)->finalize (object);
}

static void
sighej_core_class_init (SighejCoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_core_dispose;
  object_class->finalize = sighej_core_finalize;
}

/* ---- what presence wants, done ---- */

void
sighej_core_apply_air (SighejCore *self)
{
  SighejTokenSchedule *schedule = sighej_link_get_schedule (self->link);

  /* Seen if you see: advertising and scanning start and stop together. On battery scanning may
   * pause; whoever could see us meanwhile still does. */
  if (sighej_presence_get_air_wanted (self->presence) && schedule != NULL
      && self->stop_task == NULL)
    {
      sighej_rotator_start (self->rotator, schedule, sighej_link_get_accepted_us (self->link));
      sighej_scan_planner_set_wanted (self->planner, TRUE);
      return;
    }

  sighej_rotator_stop (self->rotator);
  sighej_scan_planner_set_wanted (self->planner, FALSE);
  sighej_sightings_wipe (self->sightings);
}

static void
on_plan_changed (SighejCore *self)
{
  sighej_radio_set_scan (self->radio,
                         sighej_scan_planner_get_listen (self->planner) ? SIGHEJ_SCAN_CONTINUOUS
                                                                        : SIGHEJ_SCAN_OFF);
}

static void
apply_session (SighejCore *self)
{
  gint64 until_us = sighej_presence_get_until_us (self->presence);

  if (!sighej_presence_get_session_wanted (self->presence))
    {
      if (self->link_wanted)
        sighej_core_leave_session (self);
      return;
    }

  if (self->link_wanted && self->link_until_us == until_us)
    return;
  if (self->leave_wait_id != 0)
    sighej_core_end_leaving (self);
  self->link_wanted = TRUE;
  self->link_until_us = until_us;
  sighej_link_open (self->link, self->opening_id, until_us);
}

/* ---- facts for presence ---- */

static void
on_radio_changed (SighejCore *self)
{
  SighejReason trouble = sighej_radio_get_trouble (self->radio);

  sighej_scan_planner_set_trouble (self->planner, trouble != SIGHEJ_REASON_NONE);
  sighej_presence_set_radio (self->presence, trouble, sighej_radio_get_on_air (self->radio, NULL));
  sighej_core_finish_closing (self);
}

static void
on_scanning_changed (SighejCore *self)
{
  sighej_sightings_set_listening (self->sightings, sighej_radio_get_scanning (self->radio));
  sighej_core_finish_closing (self);
}

static void
on_link_changed (SighejCore *self)
{
  sighej_sightings_set_reporting (
      self->sightings, sighej_link_get_state (self->link) == SIGHEJ_BACKEND_STATE_ONLINE);
  sighej_presence_set_link (self->presence,
                            sighej_link_get_state (self->link),
                            sighej_link_get_reason (self->link),
                            sighej_link_get_schedule (self->link) != NULL,
                            sighej_link_get_ended (self->link));
  sighej_core_finish_closing (self);
}

static void
on_session_changed (SighejCore *self)
{
  SighejTokenSchedule *schedule = sighej_link_get_schedule (self->link);

  sighej_sightings_set_own (self->sightings, schedule);
  on_link_changed (self);
  /* Presence may have had nothing to change: a renewed session is as good as the one before. */
  sighej_core_apply_air (self);
  if (schedule != NULL)
    sighej_sightings_report_anew (self->sightings);
}

static void
on_adjusted (SighejCore *self)
{
  SighejAdjustmentInUse transmit;
  SighejAdjustmentInUse receive;

  sighej_calibrator_get (self->calibrator, SIGHEJ_ADJUSTMENT_TRANSMIT, &transmit);
  sighej_calibrator_get (self->calibrator, SIGHEJ_ADJUSTMENT_RECEIVE, &receive);
  /* From the next token on: two payloads of one token would join the addresses they came from. */
  sighej_rotator_set_tx_cal (self->rotator, transmit.value);
  sighej_sightings_set_rx_adjust (self->sightings, receive.value);
}

static void
on_host_changed (SighejCore *self)
{
  gboolean locked = sighej_host_get_locked (self->host);
  gboolean was_locked = self->was_locked;

  self->was_locked = locked;
  if (locked && !was_locked && sighej_config_get_boolean (self->config, "Presence", "CloseOnLock"))
    sighej_presence_close (self->presence, SIGHEJ_REASON_LOCKED);
  sighej_scan_planner_set_on_battery (self->planner, sighej_host_get_on_battery (self->host));
  sighej_presence_set_host (self->presence,
                            sighej_host_get_suspending (self->host),
                            locked && sighej_preferences_get_pause_on_lock (self->preferences));
}

static void
on_inhibitors_changed (SighejCore *self)
{
  sighej_presence_set_inhibited (self->presence, sighej_inhibitors_get_n (self->inhibitors) > 0);
}

static void
on_quota_changed (SighejCore *self)
{
  sighej_presence_set_quota_full (self->presence,
                                  sighej_encounters_get_quota_full (self->encounters));
}

/* ---- what presence decides ---- */

static void
on_presence_changed (SighejCore *self)
{
  sighej_host_set_open (self->host, sighej_presence_get_wanted (self->presence));
  sighej_core_apply_air (self);
  apply_session (self);
  if (!sighej_presence_get_wanted (self->presence))
    {
      sighej_encounters_close (self->encounters);
      sighej_meets_forget_complaints (self->meets);
      sighej_wipe (self->opening_id, sizeof self->opening_id);
    }
  sighej_calibrator_set_open (self->calibrator,
                              sighej_presence_get_state (self->presence) == SIGHEJ_STATE_OPEN);
  /* With another wish, what is on the air counts otherwise. */
  on_radio_changed (self);
}

/* ---- what is heard, and what comes of it ---- */

static void
on_heard (SighejRadio *radio, const guint8 *data, guint n_bytes, int rssi_dbm, SighejCore *self)
{
  SighejPayloadVerdict verdict;
  SighejPayload payload;

  /* What was on its way when we went silent. */
  if (!sighej_presence_get_air_wanted (self->presence))
    return;

  verdict = sighej_payload_decode (data, n_bytes, self->realm, &payload);
  self->n_verdicts[verdict]++;
  if (verdict != SIGHEJ_PAYLOAD_ACCEPTED)
    return;

  sighej_sightings_hear (self->sightings, &payload, rssi_dbm);
  sighej_meets_hear (self->meets, &payload.token, rssi_dbm);
  /* An echo of our own is no sighting. */
  if (sighej_calibrator_is_measuring (self->calibrator)
      && sighej_sightings_get_band (self->sightings, &payload.token) != SIGHEJ_BAND_GONE)
    sighej_calibrator_hear (self->calibrator, &payload, rssi_dbm);
}

static void
on_token (SighejRotator *rotator, const SighejTokenOrigin *origin, SighejCore *self)
{
  sighej_meets_set_own_token (self->meets, origin);
}

static gboolean
on_report_due (SighejSightings *sightings, const SighejToken *token, SighejCore *self)
{
  if (!sighej_link_report (self->link, token))
    return FALSE;

  g_info ("reported a sighting");
  return TRUE;
}

static void
on_sighting_result (SighejLink *link, const SighejToken *detected, gboolean match, SighejCore *self)
{
  if (match)
    sighej_sightings_answer (self->sightings, detected);
}

/* By whom one was nudged is needed once one of the two avoids the other. */
static void
know_person (SighejCore *self, const SighejLinkNudge *nudge)
{
  g_autoptr (GError) error = NULL;

  if (nudge->peer_key == NULL || nudge->own == NULL)
    return;
  if (!sighej_avoid_add (self->avoid, nudge->id, nudge->own, nudge->peer_key, &error))
    g_warning ("this nudge's person cannot be avoided later: %s", error->message);
}

static gboolean
on_avoid_tags (SighejLink *link, guint8 (*tags)[SIGHEJ_AVOID_TAG_BYTES], SighejCore *self)
{
  sighej_avoid_make_tags (self->avoid, tags);
  return TRUE;
}

static void
on_nudge (SighejLink *link, const SighejLinkNudge *nudge, SighejCore *self)
{
  guint64 number = 0;

  /* Nobody is there to be told any more. */
  if (!sighej_presence_get_wanted (self->presence))
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
on_nearby_changed (SighejCore *self)
{
  sighej_rotator_set_visible (self->rotator, sighej_sightings_get_nearby (self->sightings));
}

static void
on_live_changed (SighejCore *self)
{
  /* Whoever measures listens without a pause, before anything is heard too. */
  sighej_scan_planner_set_live (self->planner,
                                sighej_sightings_get_live (self->sightings)
                                    || sighej_calibrator_is_measuring (self->calibrator));
}

static void
on_closest_changed (SighejCore *self)
{
  sighej_encounters_set_band (self->encounters, sighej_sightings_get_closest (self->sightings));
}

/* ---- where we are, while somebody is to be shown that ---- */

static void
on_position_wanted (SighejMeets *meets, gboolean wanted, SighejCore *self)
{
  sighej_geoclue_set_wanted (self->geoclue, wanted);
}

static void
on_fix (SighejGeoclue *geoclue, const SighejPosition *position, SighejCore *self)
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
on_geoclue_changed (SighejCore *self)
{
  sighej_meets_set_position_problem (self->meets, position_problem (self->geoclue));
}

/* ---- what the person prefers ---- */

static void
on_backend_uri_changed (SighejCore *self)
{
  const char *uri = sighej_preferences_get_backend_uri (self->preferences);
  g_autofree char *host = NULL;

  if (*uri != '\0')
    {
      host = sighej_link_dup_host (uri);
      self->realm = sighej_payload_realm (host);
      sighej_rotator_set_realm (self->rotator, self->realm);
    }
  sighej_sightings_wipe (self->sightings);
  sighej_meets_close (self->meets);
  sighej_meets_forget_complaints (self->meets);
  sighej_link_set_uri (self->link, uri);
}

static void
on_quiet_hours_changed (SighejCore *self)
{
  g_autoptr (GError) error = NULL;

  if (!sighej_presence_set_quiet_hours (
          self->presence, sighej_preferences_get_quiet_hours (self->preferences), &error))
    g_warning ("the quiet hours are not used: %s", error->message);
}

static void
on_interests_changed (SighejCore *self)
{
  sighej_link_set_interests (self->link, sighej_preferences_get_interests (self->preferences));
}

static void
on_language_changed (SighejCore *self)
{
  sighej_meets_set_language (self->meets, sighej_preferences_get_language (self->preferences));
}

static void
on_adapter_changed (SighejCore *self)
{
  sighej_radio_set_adapter (self->radio, sighej_preferences_get_adapter (self->preferences));
}

/* ---- building ---- */

static void
connect_preferences (SighejCore *self)
{
  static const struct
  {
    const char *signal;
    void (*follow) (SighejCore *self);
  } followed[] = {
    { "changed::backend-uri", on_backend_uri_changed },
    { "changed::quiet-hours", on_quiet_hours_changed },
    { "changed::interests", on_interests_changed },
    { "changed::adapter", on_adapter_changed },
    { "changed::language", on_language_changed },
    { "changed::pause-on-lock", on_host_changed },
  };

  for (guint i = 0; i < G_N_ELEMENTS (followed); i++)
    {
      followed[i].follow (self);
      g_signal_connect_object (self->preferences,
                               followed[i].signal,
                               G_CALLBACK (followed[i].follow),
                               self,
                               G_CONNECT_SWAPPED);
    }
}

static void
connect_parts (SighejCore *self)
{
  static const char *const radio_facts[] = { "notify::trouble", "notify::on-air" };
  static const char *const link_facts[] = { "notify::state", "notify::reason", "notify::ended" };

  for (guint i = 0; i < G_N_ELEMENTS (radio_facts); i++)
    g_signal_connect_object (
        self->radio, radio_facts[i], G_CALLBACK (on_radio_changed), self, G_CONNECT_SWAPPED);
  for (guint i = 0; i < G_N_ELEMENTS (link_facts); i++)
    g_signal_connect_object (
        self->link, link_facts[i], G_CALLBACK (on_link_changed), self, G_CONNECT_SWAPPED);

  g_signal_connect_object (
      self->radio, "notify::scanning", G_CALLBACK (on_scanning_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->calibrator, "adjusted", G_CALLBACK (on_adjusted), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->calibrator, "progress", G_CALLBACK (on_live_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->radio, "heard", G_CALLBACK (on_heard), self, G_CONNECT_DEFAULT);
  g_signal_connect_object (self->rotator, "token", G_CALLBACK (on_token), self, G_CONNECT_DEFAULT);
  g_signal_connect_object (
      self->link, "session-changed", G_CALLBACK (on_session_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->link, "nudge", G_CALLBACK (on_nudge), self, G_CONNECT_DEFAULT);
  g_signal_connect_object (
      self->link, "avoid-tags", G_CALLBACK (on_avoid_tags), self, G_CONNECT_DEFAULT);
  g_signal_connect_object (
      self->link, "sighting-result", G_CALLBACK (on_sighting_result), self, G_CONNECT_DEFAULT);
  g_signal_connect_object (
      self->sightings, "report-due", G_CALLBACK (on_report_due), self, G_CONNECT_DEFAULT);
  g_signal_connect_object (
      self->sightings, "closest-changed", G_CALLBACK (on_closest_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->sightings, "nearby-changed", G_CALLBACK (on_nearby_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->sightings, "live-changed", G_CALLBACK (on_live_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->meets, "position-wanted", G_CALLBACK (on_position_wanted), self, G_CONNECT_DEFAULT);
  g_signal_connect_object (
      self->meets, "left", G_CALLBACK (sighej_core_end_leaving), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->geoclue, "fix", G_CALLBACK (on_fix), self, G_CONNECT_DEFAULT);
  g_signal_connect_object (
      self->geoclue, "changed", G_CALLBACK (on_geoclue_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->planner, "changed", G_CALLBACK (on_plan_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->encounters, "quota-changed", G_CALLBACK (on_quota_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->presence, "changed", G_CALLBACK (on_presence_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->host, "changed", G_CALLBACK (on_host_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->inhibitors, "changed", G_CALLBACK (on_inhibitors_changed), self, G_CONNECT_SWAPPED);
}

static gboolean
make_parts (SighejCore *self, GError **error)
{
  SighejConfig *config = self->config;
  const char *ca_file = sighej_config_get_string (config, "Backend", "CaFile");
  g_autofree char *folder = sighej_choices_dup_folder ();

  self->link = sighej_link_new (
      self->clock,
      (guint) sighej_config_get_integer (config, "Backend", "ConnectTimeoutSeconds"),
      *ca_file == '\0' ? NULL : ca_file,
      error);
  if (self->link == NULL)
    return FALSE;

  self->avoid = sighej_avoid_new (self->clock, folder);
  self->presence = sighej_presence_new (self->clock, NULL);
  self->sightings = sighej_sightings_new (
      self->clock, (guint) sighej_config_get_integer (config, "Proximity", "DwellSeconds"));
  self->encounters = sighej_encounters_new (
      self->clock, (guint) sighej_config_get_integer (config, "Presence", "MaxNudgesPerHour"));
  self->meets
      = sighej_meets_new (self->clock, self->link, self->encounters, self->sightings, self->avoid);
  self->rotator = sighej_rotator_new (self->clock, self->radio);
  self->planner = sighej_scan_planner_new (self->clock, FALSE);
  return TRUE;
}

SighejCore *
sighej_core_new (SighejClock *clock,
                 SighejConfig *config,
                 SighejPreferences *preferences,
                 SighejHost *host,
                 SighejRadio *radio,
                 SighejCalibrator *calibrator,
                 SighejGeoclue *geoclue,
                 GError **error)
{
  g_autoptr (SighejCore) self = g_object_new (SIGHEJ_TYPE_CORE, NULL);

  self->clock = g_object_ref (clock);
  self->config = g_object_ref (config);
  self->preferences = g_object_ref (preferences);
  self->host = g_object_ref (host);
  self->radio = g_object_ref (radio);
  self->calibrator = g_object_ref (calibrator);
  self->geoclue = g_object_ref (geoclue);
  if (!make_parts (self, error))
    return NULL;

  connect_parts (self);
  connect_preferences (self);
  sighej_radio_start (radio);
  on_adjusted (self);
  on_host_changed (self);
  on_quota_changed (self);
  on_radio_changed (self);
  on_scanning_changed (self);
  on_link_changed (self);
  return g_steal_pointer (&self);
}

/* ---- the parts ---- */

SighejClock *
sighej_core_get_clock (SighejCore *self)
{
  return self->clock;
}

SighejPreferences *
sighej_core_get_preferences (SighejCore *self)
{
  return self->preferences;
}

SighejHost *
sighej_core_get_host (SighejCore *self)
{
  return self->host;
}

SighejInhibitors *
sighej_core_get_inhibitors (SighejCore *self)
{
  return self->inhibitors;
}

SighejRadio *
sighej_core_get_radio (SighejCore *self)
{
  return self->radio;
}

SighejCalibrator *
sighej_core_get_calibrator (SighejCore *self)
{
  return self->calibrator;
}

SighejAvoid *
sighej_core_get_avoid (SighejCore *self)
{
  return self->avoid;
}

SighejLink *
sighej_core_get_link (SighejCore *self)
{
  return self->link;
}

SighejPresence *
sighej_core_get_presence (SighejCore *self)
{
  return self->presence;
}

SighejSightings *
sighej_core_get_sightings (SighejCore *self)
{
  return self->sightings;
}

SighejEncounters *
sighej_core_get_encounters (SighejCore *self)
{
  return self->encounters;
}

SighejMeets *
sighej_core_get_meets (SighejCore *self)
{
  return self->meets;
}

/* ---- what may be asked for ---- */

static gboolean
check_may_open (SighejCore *self, guint seconds, GError **error)
{
  if (!sighej_presence_check_open_seconds (seconds, error))
    return FALSE;

  if (*sighej_preferences_get_interests (self->preferences) == NULL)
    g_set_error_literal (
        error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_INTEREST, "no interest is chosen yet");
  else if (*sighej_preferences_get_backend_uri (self->preferences) == '\0')
    g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_OFFLINE, "no backend is chosen yet");
  else
    return TRUE;

  return FALSE;
}

gboolean
sighej_core_open (SighejCore *self, guint seconds, GError **error)
{
  if (seconds == 0)
    seconds = sighej_config_get_duration_s (self->config, "Presence", "DefaultDuration");
  if (!check_may_open (self, seconds, error))
    return FALSE;

  sighej_host_see_person (self->host);
  if (!sighej_presence_get_wanted (self->presence))
    sighej_random_bytes (self->opening_id, sizeof self->opening_id);
  return sighej_presence_open (self->presence, seconds, error);
}

gboolean
sighej_core_resume (SighejCore *self, GError **error)
{
  sighej_host_see_person (self->host);
  if (sighej_presence_get_reason (self->presence) == SIGHEJ_REASON_INHIBITED)
    {
      g_propagate_error (error, sighej_inhibitors_to_error (self->inhibitors));
      return FALSE;
    }

  return sighej_presence_resume (self->presence, error);
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
sighej_core_prepare_pairing_async (SighejCore *self,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, sighej_core_prepare_pairing_async);
  sighej_host_see_person (self->host);
  sighej_presence_pair (self->presence);
  sighej_await_link_async (self->clock, self->presence, self->link, on_pairing_prepared, task);
}

gboolean
sighej_core_prepare_pairing_finish (SighejCore *self, GAsyncResult *result, GError **error)
{
  g_assert (g_task_is_valid (result, self));

  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
sighej_core_set_adapter (SighejCore *self, const char *path, GError **error)
{
  gboolean any = g_strcmp0 (path, "/") == 0;
  g_auto (GStrv) adapters = sighej_radio_dup_adapters (self->radio);

  if (!any && !g_strv_contains ((const char *const *) adapters, path))
    {
      g_set_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND, "there is no adapter %s", path);
      return FALSE;
    }

  return sighej_preferences_set_adapter (self->preferences, any ? "auto" : path, error);
}

/* ---- what there is to know ---- */

gboolean
sighej_core_get_rotating (SighejCore *self)
{
  return sighej_rotator_get_rotating (self->rotator);
}

GPtrArray *
sighej_core_check (SighejCore *self)
{
  GPtrArray *results = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_check_result_free);

  sighej_radio_check (self->radio, results);
  sighej_scan_planner_check (self->planner, results);
  sighej_calibrator_check (self->calibrator, results);
  sighej_link_check (self->link, results);
  sighej_host_check (self->host, results);
  sighej_presence_check (self->presence, results);
  sighej_inhibitors_check (self->inhibitors, results);
  sighej_encounters_check (self->encounters, results);
  sighej_preferences_check (self->preferences, results);
  return results;
}

void
sighej_core_count (SighejCore *self, GVariantBuilder *counters)
{
  sighej_radio_count (self->radio, counters);
  for (guint i = 0; i < SIGHEJ_PAYLOAD_N_VERDICTS; i++)
    {
      g_autofree char *name = g_strconcat (
          "payload.", sighej_payload_verdict_to_word ((SighejPayloadVerdict) i), NULL);

      g_variant_builder_add (counters, "{st}", name, self->n_verdicts[i]);
    }
  g_variant_builder_add (
      counters, "{st}", "rotator.tokens", sighej_rotator_get_n_tokens (self->rotator));
  sighej_scan_planner_count (self->planner, counters);
  sighej_sightings_count (self->sightings, counters);
  sighej_encounters_count (self->encounters, counters);
  sighej_meets_count (self->meets, counters);
  sighej_link_count (self->link, counters);
}
