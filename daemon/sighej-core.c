/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-core.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-rotator.h"
#include "sighej-wire.h"

/* One wait for all who asked to close; so many of them are answered together. */
#define CLOSE_TASKS_MAX 64
#define CLOSE_US ((gint64) SIGHEJ_CLOSE_SECONDS_MAX * G_USEC_PER_SEC)

struct _SighejCore
{
  GObject parent_instance;

  SighejClock *clock;
  SighejConfig *config;
  SighejChoices *choices;

  SighejRadio *radio;
  SighejLink *link;
  SighejPresence *presence;
  SighejSightings *sightings;
  SighejRotator *rotator;
  SighejEncounters *encounters;

  char *backend_uri;
  guint8 realm;
  const char *language;

  /* The running opening; all zero when there is none. */
  guint8 opening_id[SIGHEJ_OPENING_ID_BYTES];
  gboolean link_wanted;
  gint64 link_until_us;

  GPtrArray *close_tasks; /* GTask* */
  guint close_wait_id;
  GTask *stop_task;

  guint64 n_verdicts[SIGHEJ_PAYLOAD_N_VERDICTS];
};

G_DEFINE_FINAL_TYPE (SighejCore, sighej_core, G_TYPE_OBJECT)

enum
{
  SETTINGS_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
sighej_core_init (SighejCore *self)
{
  self->close_tasks = g_ptr_array_new_with_free_func (g_object_unref);
}

static void
sighej_core_dispose (GObject *object)
{
  SighejCore *self = SIGHEJ_CORE (object);

  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->close_wait_id);
  g_clear_object (&self->rotator);
  g_clear_object (&self->sightings);
  g_clear_object (&self->encounters);
  g_clear_object (&self->presence);
  g_clear_object (&self->link);
  g_clear_object (&self->radio);
  g_clear_object (&self->choices);
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
  g_free (self->backend_uri);

  G_OBJECT_CLASS (sighej_core_parent_class)->finalize (object);
}

static void
sighej_core_class_init (SighejCoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_core_dispose;
  object_class->finalize = sighej_core_finalize;

  signals[SETTINGS_CHANGED] = g_signal_new ("settings-changed",
                                            G_TYPE_FROM_CLASS (klass),
                                            G_SIGNAL_RUN_LAST,
                                            0,
                                            NULL,
                                            NULL,
                                            NULL,
                                            G_TYPE_NONE,
                                            0);
}

/* ---- closing and stopping ---- */

static void
answer_close (SighejCore *self)
{
  g_autoptr (GPtrArray) tasks = g_steal_pointer (&self->close_tasks);

  self->close_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  sighej_clock_clear (self->clock, &self->close_wait_id);
  for (guint i = 0; i < tasks->len; i++)
    g_task_return_boolean (g_ptr_array_index (tasks, i), TRUE);
}

static gboolean
on_close_wait_over (gpointer user_data)
{
  SighejCore *self = SIGHEJ_CORE (user_data);

  self->close_wait_id = 0;
  g_warning ("the radio has not confirmed within %u s that nothing is on the air",
             SIGHEJ_CLOSE_SECONDS_MAX);
  answer_close (self);
  return G_SOURCE_REMOVE;
}

static void
finish_closing (SighejCore *self)
{
  g_autoptr (GTask) stop_task = NULL;

  if (self->close_tasks->len > 0 && !sighej_radio_get_on_air (self->radio, NULL))
    answer_close (self);

  if (self->stop_task != NULL && !sighej_presence_get_wanted (self->presence)
      && sighej_link_get_ended (self->link))
    {
      stop_task = g_steal_pointer (&self->stop_task);
      g_task_return_boolean (stop_task, TRUE);
    }
}

/* ---- what presence wants, done ---- */

static void
apply_air (SighejCore *self)
{
  SighejTokenSchedule *schedule = sighej_link_get_schedule (self->link);

  /* Seen if you see: advertising and scanning start and stop together. */
  if (sighej_presence_get_air_wanted (self->presence) && schedule != NULL
      && self->stop_task == NULL)
    {
      sighej_rotator_start (self->rotator, schedule, sighej_link_get_accepted_us (self->link));
      sighej_radio_set_scan (self->radio, SIGHEJ_SCAN_CONTINUOUS);
      return;
    }

  sighej_rotator_stop (self->rotator);
  sighej_radio_set_scan (self->radio, SIGHEJ_SCAN_OFF);
  sighej_sightings_wipe (self->sightings);
}

static void
apply_session (SighejCore *self)
{
  gint64 until_us = sighej_presence_get_until_us (self->presence);

  if (!sighej_presence_get_session_wanted (self->presence))
    {
      if (self->link_wanted)
        {
          self->link_wanted = FALSE;
          sighej_link_close (self->link);
        }
      return;
    }

  if (self->link_wanted && self->link_until_us == until_us)
    return;
  self->link_wanted = TRUE;
  self->link_until_us = until_us;
  sighej_link_open (self->link, self->opening_id, until_us);
}

/* ---- facts for presence ---- */

static void
on_radio_changed (SighejCore *self)
{
  sighej_presence_set_radio (self->presence,
                             sighej_radio_get_trouble (self->radio),
                             sighej_radio_get_on_air (self->radio, NULL));
  finish_closing (self);
}

static void
on_scanning_changed (SighejCore *self)
{
  sighej_sightings_set_listening (self->sightings, sighej_radio_get_scanning (self->radio));
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
  finish_closing (self);
}

static void
on_session_changed (SighejCore *self)
{
  SighejTokenSchedule *schedule = sighej_link_get_schedule (self->link);

  sighej_sightings_set_own (self->sightings, schedule);
  on_link_changed (self);
  /* Presence may have had nothing to change: a renewed session is as good as the one before. */
  apply_air (self);
  if (schedule != NULL)
    sighej_sightings_report_anew (self->sightings);
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
  apply_air (self);
  apply_session (self);
  if (!sighej_presence_get_wanted (self->presence))
    {
      sighej_encounters_close (self->encounters);
      sighej_wipe (self->opening_id, sizeof self->opening_id);
    }
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
  if (verdict == SIGHEJ_PAYLOAD_ACCEPTED)
    sighej_sightings_hear (self->sightings, &payload, rssi_dbm);
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

static void
on_nudge (SighejLink *link,
          const char *id,
          guint64 seq,
          const char *const *shared_interests,
          const char *message,
          SighejCore *self)
{
  /* Nobody is there to be told any more. */
  if (!sighej_presence_get_wanted (self->presence))
    return;

  sighej_encounters_take (self->encounters,
                          id,
                          shared_interests,
                          message,
                          sighej_sightings_get_closest (self->sightings));
  sighej_link_ack (self->link, seq);
}

static void
on_closest_changed (SighejCore *self)
{
  sighej_encounters_set_band (self->encounters, sighej_sightings_get_closest (self->sightings));
}

/* ---- building ---- */

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
  g_signal_connect_object (self->radio, "heard", G_CALLBACK (on_heard), self, G_CONNECT_DEFAULT);
  g_signal_connect_object (
      self->link, "session-changed", G_CALLBACK (on_session_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->link, "nudge", G_CALLBACK (on_nudge), self, G_CONNECT_DEFAULT);
  g_signal_connect_object (
      self->link, "sighting-result", G_CALLBACK (on_sighting_result), self, G_CONNECT_DEFAULT);
  g_signal_connect_object (
      self->sightings, "report-due", G_CALLBACK (on_report_due), self, G_CONNECT_DEFAULT);
  g_signal_connect_object (
      self->sightings, "closest-changed", G_CALLBACK (on_closest_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->encounters, "quota-changed", G_CALLBACK (on_quota_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->presence, "changed", G_CALLBACK (on_presence_changed), self, G_CONNECT_SWAPPED);
}

static gboolean
make_parts (SighejCore *self, GError **error)
{
  SighejConfig *config = self->config;
  const char *ca_file = sighej_config_get_string (config, "Backend", "CaFile");

  self->link = sighej_link_new (
      self->clock,
      (guint) sighej_config_get_integer (config, "Backend", "ConnectTimeoutSeconds"),
      *ca_file == '\0' ? NULL : ca_file,
      error);
  if (self->link == NULL)
    return FALSE;

  self->presence = sighej_presence_new (self->clock, NULL);
  self->sightings = sighej_sightings_new (
      self->clock,
      (guint) sighej_config_get_integer (config, "Proximity", "DwellSeconds"),
      (int) sighej_config_get_integer (config, "Bluetooth", "ReceiveAdjustment"));
  self->encounters = sighej_encounters_new (
      self->clock, (guint) sighej_config_get_integer (config, "Presence", "MaxNudgesPerHour"));
  self->rotator = sighej_rotator_new (self->clock, self->radio);
  sighej_rotator_set_tx_cal (
      self->rotator, (int) sighej_config_get_integer (config, "Bluetooth", "TxCalibration"));
  return TRUE;
}

/* ---- settings: the choice, else the configuration ---- */

static void
use_backend_uri (SighejCore *self, const char *uri)
{
  g_autofree char *host = NULL;

  g_free (self->backend_uri);
  self->backend_uri = g_strdup (uri);
  if (*uri != '\0')
    {
      host = sighej_link_dup_host (uri);
      self->realm = sighej_payload_realm (host);
      sighej_rotator_set_realm (self->rotator, self->realm);
    }
  sighej_sightings_wipe (self->sightings);
  sighej_link_set_uri (self->link, uri);
}

static void
load_backend_uri (SighejCore *self)
{
  const char *chosen = sighej_choices_get (self->choices, SIGHEJ_CHOICE_BACKEND_URI);
  g_autoptr (GError) error = NULL;

  if (chosen != NULL && *chosen != '\0' && !sighej_link_check_uri (chosen, &error))
    {
      g_warning ("the chosen backend is not used: %s", error->message);
      chosen = NULL;
    }
  if (chosen == NULL)
    chosen = sighej_config_get_string (self->config, "Backend", "Uri");
  use_backend_uri (self, chosen);
}

static void
load_quiet_hours (SighejCore *self)
{
  const char *chosen = sighej_choices_get (self->choices, SIGHEJ_CHOICE_QUIET_HOURS);
  g_autoptr (GError) error = NULL;

  if (chosen != NULL)
    {
      g_auto (GStrv) ranges = *chosen == '\0' ? NULL : g_strsplit (chosen, ";", -1);

      if (sighej_presence_set_quiet_hours (self->presence, (const char *const *) ranges, &error))
        return;
      g_warning ("the chosen quiet hours are not used: %s", error->message);
      g_clear_error (&error);
    }

  if (!sighej_presence_set_quiet_hours (
          self->presence,
          sighej_config_get_string_list (self->config, "Presence", "QuietHours"),
          &error))
    g_warning ("the configured quiet hours are not used: %s", error->message);
}

static const char *
supported_language (const char *language)
{
  if (g_strcmp0 (language, "da") == 0)
    return "da";

  return g_strcmp0 (language, "en") == 0 ? "en" : NULL;
}

static void
load_language (SighejCore *self)
{
  const char *const *wished = g_get_language_names_with_category ("LC_MESSAGES");

  self->language = supported_language (sighej_choices_get (self->choices, SIGHEJ_CHOICE_LANGUAGE));
  if (self->language == NULL)
    self->language = g_str_has_prefix (wished[0], "da") ? "da" : "en";
}

static void
load_adapter (SighejCore *self)
{
  const char *chosen = sighej_choices_get (self->choices, SIGHEJ_CHOICE_ADAPTER);
  const char *configured = sighej_config_get_string (self->config, "Bluetooth", "Adapter");
  const char *origin = sighej_config_get_origin (self->config, "Bluetooth", "Adapter");

  /* What is said on the command line is meant for this run, so it goes before the choice. */
  if (chosen == NULL || g_strcmp0 (origin, "--adapter") == 0)
    chosen = configured;
  sighej_radio_set_adapter (self->radio, chosen);
}

SighejCore *
sighej_core_new (SighejClock *clock,
                 SighejConfig *config,
                 SighejChoices *choices,
                 SighejRadio *radio,
                 GError **error)
{
  g_autoptr (SighejCore) self = g_object_new (SIGHEJ_TYPE_CORE, NULL);

  self->clock = g_object_ref (clock);
  self->config = g_object_ref (config);
  self->choices = g_object_ref (choices);
  self->radio = g_object_ref (radio);
  if (!make_parts (self, error))
    return NULL;

  connect_parts (self);
  load_backend_uri (self);
  load_quiet_hours (self);
  load_language (self);
  load_adapter (self);
  sighej_link_set_interests (self->link, sighej_choices_get_interests (choices));
  sighej_radio_start (radio);
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

SighejRadio *
sighej_core_get_radio (SighejCore *self)
{
  return self->radio;
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

/* ---- what may be asked for ---- */

static gboolean
check_may_open (SighejCore *self, guint seconds, GError **error)
{
  if (!sighej_presence_check_open_seconds (seconds, error))
    return FALSE;

  if (*sighej_core_get_interests (self) == NULL)
    g_set_error_literal (
        error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_INTEREST, "no interest is chosen yet");
  else if (*self->backend_uri == '\0')
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

  if (!sighej_presence_get_wanted (self->presence))
    sighej_random_bytes (self->opening_id, sizeof self->opening_id);
  return sighej_presence_open (self->presence, seconds, error);
}

void
sighej_core_close_async (SighejCore *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, sighej_core_close_async);
  sighej_presence_close (self->presence, SIGHEJ_REASON_USER);
  if (!sighej_radio_get_on_air (self->radio, NULL) || self->close_tasks->len >= CLOSE_TASKS_MAX)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  g_ptr_array_add (self->close_tasks, g_steal_pointer (&task));
  if (self->close_wait_id == 0)
    self->close_wait_id = sighej_clock_add (self->clock, CLOSE_US, on_close_wait_over, self);
}

void
sighej_core_close_finish (SighejCore *self, GAsyncResult *result)
{
  g_assert (g_task_is_valid (result, self));

  g_task_propagate_boolean (G_TASK (result), NULL);
}

static void
on_radio_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejCore) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!sighej_radio_stop_finish (SIGHEJ_RADIO (source), result, &error))
    g_warning ("cannot be sure that nothing is on the air: %s", error->message);

  sighej_presence_close (self->presence, SIGHEJ_REASON_USER);
  finish_closing (self);
}

void
sighej_core_stop_async (SighejCore *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (self->stop_task == NULL);

  self->stop_task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->stop_task, sighej_core_stop_async);
  apply_air (self);
  sighej_radio_stop_async (self->radio, on_radio_stopped, g_object_ref (self));
}

void
sighej_core_stop_finish (SighejCore *self, GAsyncResult *result)
{
  g_assert (g_task_is_valid (result, self));

  g_task_propagate_boolean (G_TASK (result), NULL);
}

static void
settings_changed (SighejCore *self)
{
  g_signal_emit (self, signals[SETTINGS_CHANGED], 0);
}

gboolean
sighej_core_set_interests (SighejCore *self, const char *const *interests, GError **error)
{
  if (!sighej_choices_set_interests (self->choices, interests, error))
    return FALSE;

  sighej_link_set_interests (self->link, sighej_choices_get_interests (self->choices));
  settings_changed (self);
  return TRUE;
}

gboolean
sighej_core_set_backend_uri (SighejCore *self, const char *uri, GError **error)
{
  if (*uri != '\0' && !sighej_link_check_uri (uri, error))
    return FALSE;
  if (!sighej_choices_set (self->choices, SIGHEJ_CHOICE_BACKEND_URI, uri, error))
    return FALSE;

  if (g_strcmp0 (uri, self->backend_uri) != 0)
    use_backend_uri (self, uri);
  settings_changed (self);
  return TRUE;
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
  if (!sighej_choices_set (self->choices, SIGHEJ_CHOICE_ADAPTER, any ? "auto" : path, error))
    return FALSE;

  sighej_radio_set_adapter (self->radio, any ? NULL : path);
  settings_changed (self);
  return TRUE;
}

gboolean
sighej_core_set_language (SighejCore *self, const char *language, GError **error)
{
  const char *supported = supported_language (language);

  if (supported == NULL)
    {
      g_set_error_literal (
          error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_SUPPORTED, "the language must be en or da");
      return FALSE;
    }
  if (!sighej_choices_set (self->choices, SIGHEJ_CHOICE_LANGUAGE, supported, error))
    return FALSE;

  self->language = supported;
  settings_changed (self);
  return TRUE;
}

static gboolean
check_quiet_hours (const char *const *ranges, GError **error)
{
  guint from;
  guint to;

  for (guint i = 0; ranges[i] != NULL; i++)
    if (!sighej_quiet_hours_parse (ranges[i], &from, &to, error))
      {
        g_prefix_error (error, "quiet hours ");
        return FALSE;
      }

  if (g_strv_length ((GStrv) ranges) <= SIGHEJ_QUIET_HOURS_MAX)
    return TRUE;
  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_CONFIG,
               "there may be at most %u quiet hours",
               SIGHEJ_QUIET_HOURS_MAX);
  return FALSE;
}

gboolean
sighej_core_set_quiet_hours (SighejCore *self, const char *const *ranges, GError **error)
{
  g_autofree char *text = g_strjoinv (";", (GStrv) ranges);

  if (!check_quiet_hours (ranges, error)
      || !sighej_choices_set (self->choices, SIGHEJ_CHOICE_QUIET_HOURS, text, error)
      || !sighej_presence_set_quiet_hours (self->presence, ranges, error))
    return FALSE;

  settings_changed (self);
  return TRUE;
}

gboolean
sighej_core_set_notice_accepted (SighejCore *self, gboolean accepted, GError **error)
{
  if (!sighej_choices_set (
          self->choices, SIGHEJ_CHOICE_NOTICE_ACCEPTED, accepted ? "true" : "false", error))
    return FALSE;

  settings_changed (self);
  return TRUE;
}

/* ---- what there is to know ---- */

const char *const *
sighej_core_get_interests (SighejCore *self)
{
  return sighej_choices_get_interests (self->choices);
}

const char *
sighej_core_get_backend_uri (SighejCore *self)
{
  return self->backend_uri;
}

const char *
sighej_core_get_language (SighejCore *self)
{
  return self->language;
}

gboolean
sighej_core_get_notice_accepted (SighejCore *self)
{
  return g_strcmp0 (sighej_choices_get (self->choices, SIGHEJ_CHOICE_NOTICE_ACCEPTED), "true") == 0;
}

gboolean
sighej_core_get_rotating (SighejCore *self)
{
  return sighej_rotator_get_rotating (self->rotator);
}

static void
check_presence (SighejCore *self, GPtrArray *results)
{
  SighejReason reason = sighej_presence_get_reason (self->presence);

  if (reason == SIGHEJ_REASON_QUIET_HOURS)
    sighej_check_results_add (results,
                              "presence.quiet-hours",
                              "warning",
                              "these are quiet hours",
                              "wait until they are over, or change the quiet hours");
  if (sighej_encounters_get_quota_full (self->encounters))
    sighej_check_results_add (results,
                              "presence.quota",
                              "warning",
                              "as many nudges as you want in an hour have come",
                              "wait, or raise MaxNudgesPerHour in sighejd.conf");
  if (*sighej_core_get_interests (self) == NULL)
    sighej_check_results_add (results,
                              "presence.interests",
                              "error",
                              "no interest is chosen",
                              "choose some: sighejctl interests set devops \"board games\"");
  else
    sighej_check_results_add (results, "presence.interests", "ok", "interests are chosen", "");
}

GPtrArray *
sighej_core_check (SighejCore *self)
{
  GPtrArray *results = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_check_result_free);

  sighej_radio_check (self->radio, results);
  sighej_link_check (self->link, results);
  check_presence (self, results);
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
  sighej_sightings_count (self->sightings, counters);
  sighej_encounters_count (self->encounters, counters);
  sighej_link_count (self->link, counters);
}
