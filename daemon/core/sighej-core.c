/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-core-private.h"

#include "sighej-link.h"
#include "sighej-log.h"

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (SighejCore, sighej_core, G_TYPE_OBJECT)

SighejCorePrivate *
sighej_core_private (gpointer self)
{
  return sighej_core_get_instance_private (SIGHEJ_CORE (self));
}

static void
sighej_core_init (SighejCore *self)
{
  SighejCorePrivate *core = sighej_core_private (self);

  core->ended = TRUE;
  core->close_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  core->inhibitors = sighej_inhibitors_new ();
}

static void
sighej_core_dispose (GObject *object)
{
  SighejCorePrivate *core = sighej_core_private (object);

  if (core->clock != NULL)
    sighej_clock_clear (core->clock, &core->close_wait_id);
  g_clear_object (&core->planner);
  g_clear_object (&core->rotator);
  g_clear_object (&core->presence);
  g_clear_object (&core->calibrator);
  g_clear_object (&core->radio);
  g_clear_object (&core->inhibitors);
  g_clear_object (&core->host);
  g_clear_object (&core->preferences);
  g_clear_object (&core->config);
  g_clear_object (&core->clock);
  g_clear_pointer (&core->schedule, sighej_token_schedule_unref);

  G_OBJECT_CLASS (sighej_core_parent_class)->dispose (object);
}

static void
sighej_core_finalize (GObject *object)
{
  g_ptr_array_unref (sighej_core_private (object)->close_tasks);

  G_OBJECT_CLASS (sighej_core_parent_class)->finalize (object);
}

/* All is deleted that can be; only the first that cannot is told. */
static gboolean
forget (SighejCore *self, GError **error)
{
  SighejCorePrivate *core = sighej_core_private (self);
  g_autoptr (GError) preferences_error = NULL;
  g_autoptr (GError) calibrator_error = NULL;

  sighej_preferences_forget (core->preferences, &preferences_error);
  sighej_calibrator_forget_all (core->calibrator, &calibrator_error);
  if (preferences_error != NULL)
    g_propagate_error (error, g_steal_pointer (&preferences_error));
  else if (calibrator_error != NULL)
    g_propagate_error (error, g_steal_pointer (&calibrator_error));
  else
    return TRUE;
  return FALSE;
}

static void
sighej_core_class_init (SighejCoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_core_dispose;
  object_class->finalize = sighej_core_finalize;
  klass->forget = forget;

  g_signal_new (
      "ended", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

/* ---- what presence wants, done ---- */

void
sighej_core_apply_air (SighejCore *self)
{
  SighejCorePrivate *core = sighej_core_private (self);
  SighejCoreClass *klass = SIGHEJ_CORE_GET_CLASS (self);

  /* Seen if you see: advertising and scanning start and stop together. On battery scanning may
   * pause; whoever could see us meanwhile still does. */
  if (sighej_presence_get_air_wanted (core->presence) && core->schedule != NULL
      && core->stop_task == NULL)
    {
      sighej_rotator_start (core->rotator, core->schedule, core->accepted_us);
      sighej_scan_planner_set_wanted (core->planner, TRUE);
      return;
    }

  sighej_rotator_stop (core->rotator);
  sighej_scan_planner_set_wanted (core->planner, FALSE);
  if (klass->fall_silent != NULL)
    klass->fall_silent (self);
}

static void
on_plan_changed (SighejCore *self)
{
  SighejCorePrivate *core = sighej_core_private (self);

  sighej_radio_set_scan (core->radio,
                         sighej_scan_planner_get_listen (core->planner) ? SIGHEJ_SCAN_CONTINUOUS
                                                                        : SIGHEJ_SCAN_OFF);
}

/* ---- facts for presence ---- */

static void
on_radio_changed (SighejCore *self)
{
  SighejCorePrivate *core = sighej_core_private (self);
  SighejReason trouble = sighej_radio_get_trouble (core->radio);

  sighej_scan_planner_set_trouble (core->planner, trouble != SIGHEJ_REASON_NONE);
  sighej_presence_set_radio (core->presence, trouble, sighej_radio_get_on_air (core->radio, NULL));
  sighej_core_finish_closing (self);
}

static void
on_adjusted (SighejCore *self)
{
  SighejCorePrivate *core = sighej_core_private (self);
  SighejAdjustmentInUse transmit;

  sighej_calibrator_get (core->calibrator, SIGHEJ_ADJUSTMENT_TRANSMIT, &transmit);
  /* From the next token on: two payloads of one token would join the addresses they came from. */
  sighej_rotator_set_tx_cal (core->rotator, transmit.value);
}

static void
on_host_changed (SighejCore *self)
{
  SighejCorePrivate *core = sighej_core_private (self);
  gboolean locked = sighej_host_get_locked (core->host);
  gboolean was_locked = core->was_locked;

  core->was_locked = locked;
  if (locked && !was_locked && sighej_config_get_boolean (core->config, "Presence", "CloseOnLock"))
    sighej_presence_close (core->presence, SIGHEJ_REASON_LOCKED);
  sighej_scan_planner_set_on_battery (core->planner, sighej_host_get_on_battery (core->host));
  sighej_presence_set_host (core->presence,
                            sighej_host_get_suspending (core->host),
                            locked && sighej_preferences_get_pause_on_lock (core->preferences));
}

static void
on_inhibitors_changed (SighejCore *self)
{
  SighejCorePrivate *core = sighej_core_private (self);

  sighej_presence_set_inhibited (core->presence, sighej_inhibitors_get_n (core->inhibitors) > 0);
}

static void
tell_preferences (SighejCorePrivate *core)
{
  sighej_preferences_set_open (core->preferences,
                               sighej_presence_get_wanted (core->presence) || !core->ended);
}

void
sighej_core_set_session (SighejCore *self,
                         SighejBackendState state,
                         SighejReason reason,
                         SighejTokenSchedule *schedule,
                         gint64 accepted_us,
                         gboolean ended)
{
  SighejCorePrivate *core = sighej_core_private (self);
  gboolean is_other = core->schedule != schedule || core->accepted_us != accepted_us;
  gboolean has_ended = ended && !core->ended;

  if (schedule != NULL)
    sighej_token_schedule_ref (schedule);
  g_clear_pointer (&core->schedule, sighej_token_schedule_unref);
  core->schedule = schedule;
  core->accepted_us = accepted_us;
  core->ended = ended;

  sighej_presence_set_link (core->presence, state, reason, schedule != NULL, ended);
  sighej_core_finish_closing (self);
  /* Presence may have had nothing to change: a renewed session is as good as the one before. */
  if (is_other)
    sighej_core_apply_air (self);
  if (has_ended)
    {
      tell_preferences (core);
      g_signal_emit_by_name (self, "ended");
    }
}

/* ---- what presence decides ---- */

static void
on_presence_changed (SighejCore *self)
{
  SighejCorePrivate *core = sighej_core_private (self);

  sighej_host_set_open (core->host, sighej_presence_get_wanted (core->presence));
  sighej_core_apply_air (self);
  SIGHEJ_CORE_GET_CLASS (self)->apply_session (self);
  sighej_calibrator_set_open (core->calibrator,
                              sighej_presence_get_state (core->presence) == SIGHEJ_STATE_OPEN);
  /* With another wish, what is on the air counts otherwise. */
  on_radio_changed (self);
  tell_preferences (core);
}

/* ---- what is heard ---- */

static void
on_heard (SighejRadio *radio, const guint8 *data, guint n_bytes, int rssi_dbm, SighejCore *self)
{
  SighejCorePrivate *core = sighej_core_private (self);
  SighejPayloadVerdict verdict;
  SighejPayload payload;

  /* What was on its way when we went silent. */
  if (!sighej_presence_get_air_wanted (core->presence))
    return;

  verdict = sighej_payload_decode (data, n_bytes, core->realm, &payload);
  core->n_verdicts[verdict]++;
  if (verdict == SIGHEJ_PAYLOAD_ACCEPTED)
    SIGHEJ_CORE_GET_CLASS (self)->hear (self, &payload, rssi_dbm);
}

/* ---- what is preferred ---- */

static void
on_backend_uri_changed (SighejCore *self)
{
  SighejCorePrivate *core = sighej_core_private (self);
  const char *uri = sighej_preferences_get_backend_uri (core->preferences);
  g_autofree char *host = NULL;

  if (*uri == '\0')
    return;
  host = sighej_link_dup_host (uri);
  core->realm = sighej_payload_realm (host);
  sighej_rotator_set_realm (core->rotator, core->realm);
}

static void
on_quiet_hours_changed (SighejCore *self)
{
  SighejCorePrivate *core = sighej_core_private (self);
  g_autoptr (GError) error = NULL;

  if (!sighej_presence_set_quiet_hours (
          core->presence, sighej_preferences_get_quiet_hours (core->preferences), &error))
    g_warning ("the quiet hours are not used: %s", error->message);
}

static void
on_adapter_changed (SighejCore *self)
{
  SighejCorePrivate *core = sighej_core_private (self);

  sighej_radio_set_adapter (core->radio, sighej_preferences_get_adapter (core->preferences));
}

static void
on_config_changed (SighejCore *self)
{
  SighejCorePrivate *core = sighej_core_private (self);

  if (!core->level_chosen)
    sighej_log_set_level (sighej_config_get_string (core->config, "Log", "Level"));
}

/* ---- building ---- */

static void
follow (SighejCore *self, gpointer part, const char *signal, void (*callback) (SighejCore *self))
{
  g_signal_connect_object (part, signal, G_CALLBACK (callback), self, G_CONNECT_SWAPPED);
}

static void
connect_parts (SighejCore *self, SighejCorePrivate *core)
{
  follow (self, core->config, "changed", on_config_changed);
  follow (self, core->radio, "notify::trouble", on_radio_changed);
  follow (self, core->radio, "notify::on-air", on_radio_changed);
  follow (self, core->radio, "notify::scanning", sighej_core_finish_closing);
  follow (self, core->calibrator, "adjusted", on_adjusted);
  follow (self, core->planner, "changed", on_plan_changed);
  follow (self, core->presence, "changed", on_presence_changed);
  follow (self, core->host, "changed", on_host_changed);
  follow (self, core->inhibitors, "changed", on_inhibitors_changed);
  follow (self, core->preferences, "changed::backend-uri", on_backend_uri_changed);
  follow (self, core->preferences, "changed::quiet-hours", on_quiet_hours_changed);
  follow (self, core->preferences, "changed::adapter", on_adapter_changed);
  follow (self, core->preferences, "changed::pause-on-lock", on_host_changed);
  g_signal_connect_object (core->radio, "heard", G_CALLBACK (on_heard), self, G_CONNECT_DEFAULT);
}

void
sighej_core_build (SighejCore *self, const SighejCoreParts *parts, SighejPayloadFlags flags)
{
  SighejCorePrivate *core = sighej_core_private (self);
  gboolean is_kiosk = (flags & SIGHEJ_PAYLOAD_KIOSK) != 0;

  core->clock = g_object_ref (parts->clock);
  core->config = g_object_ref (parts->config);
  core->preferences = g_object_ref (parts->preferences);
  core->host = g_object_ref (parts->host);
  core->radio = g_object_ref (parts->radio);
  core->calibrator = g_object_ref (parts->calibrator);
  core->presence = sighej_presence_new (core->clock, NULL);
  core->rotator = sighej_rotator_new (core->clock, core->radio, flags);
  core->planner = sighej_scan_planner_new (core->clock, is_kiosk);
  connect_parts (self, core);
  on_backend_uri_changed (self);
}

void
sighej_core_begin (SighejCore *self)
{
  SighejCorePrivate *core = sighej_core_private (self);

  on_quiet_hours_changed (self);
  on_adapter_changed (self);
  sighej_radio_start (core->radio);
  on_adjusted (self);
  on_host_changed (self);
  on_radio_changed (self);
}

/* ---- the parts ---- */

SighejClock *
sighej_core_get_clock (SighejCore *self)
{
  return sighej_core_private (self)->clock;
}

SighejPreferences *
sighej_core_get_preferences (SighejCore *self)
{
  return sighej_core_private (self)->preferences;
}

SighejHost *
sighej_core_get_host (SighejCore *self)
{
  return sighej_core_private (self)->host;
}

SighejInhibitors *
sighej_core_get_inhibitors (SighejCore *self)
{
  return sighej_core_private (self)->inhibitors;
}

SighejRadio *
sighej_core_get_radio (SighejCore *self)
{
  return sighej_core_private (self)->radio;
}

SighejCalibrator *
sighej_core_get_calibrator (SighejCore *self)
{
  return sighej_core_private (self)->calibrator;
}

SighejPresence *
sighej_core_get_presence (SighejCore *self)
{
  return sighej_core_private (self)->presence;
}

/* ---- what may be asked for ---- */

gboolean
sighej_core_open (SighejCore *self, guint seconds, GError **error)
{
  return SIGHEJ_CORE_GET_CLASS (self)->open (self, seconds, error);
}

gboolean
sighej_core_resume (SighejCore *self, GError **error)
{
  SighejCorePrivate *core = sighej_core_private (self);

  sighej_host_see_person (core->host);
  if (sighej_presence_get_reason (core->presence) == SIGHEJ_REASON_INHIBITED)
    {
      g_propagate_error (error, sighej_inhibitors_to_error (core->inhibitors));
      return FALSE;
    }

  return sighej_presence_resume (core->presence, error);
}

gboolean
sighej_core_set_adapter (SighejCore *self, const char *path, GError **error)
{
  SighejCorePrivate *core = sighej_core_private (self);
  gboolean any = g_strcmp0 (path, "/") == 0;
  g_auto (GStrv) adapters = sighej_radio_dup_adapters (core->radio);

  if (!any && !g_strv_contains ((const char *const *) adapters, path))
    {
      g_set_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND, "there is no adapter %s", path);
      return FALSE;
    }

  return sighej_preferences_set_adapter (core->preferences, any ? "auto" : path, error);
}

gboolean
sighej_core_set_log_level (SighejCore *self, const char *level)
{
  if (!sighej_log_set_level (level))
    return FALSE;

  sighej_core_private (self)->level_chosen = TRUE;
  return TRUE;
}

gboolean
sighej_core_set_backend_uri (SighejCore *self, const char *uri, GError **error)
{
  SighejCoreClass *klass = SIGHEJ_CORE_GET_CLASS (self);

  if (!sighej_preferences_set_backend_uri (sighej_core_private (self)->preferences, uri, error))
    return FALSE;

  /* Another one begins at once anyway; the same one is asked for again. */
  if (klass->try_now != NULL)
    klass->try_now (self);
  return TRUE;
}

/* ---- what there is to know ---- */

gboolean
sighej_core_get_rotating (SighejCore *self)
{
  return sighej_rotator_get_rotating (sighej_core_private (self)->rotator);
}

GPtrArray *
sighej_core_check (SighejCore *self)
{
  SighejCorePrivate *core = sighej_core_private (self);
  SighejCoreClass *klass = SIGHEJ_CORE_GET_CLASS (self);
  GPtrArray *results = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_check_result_free);

  sighej_radio_check (core->radio, results);
  sighej_scan_planner_check (core->planner, results);
  sighej_calibrator_check (core->calibrator, results);
  sighej_host_check (core->host, results);
  sighej_presence_check (core->presence, results);
  sighej_inhibitors_check (core->inhibitors, results);
  if (klass->check != NULL)
    klass->check (self, results);
  return results;
}

void
sighej_core_count (SighejCore *self, GVariantBuilder *counters)
{
  SighejCorePrivate *core = sighej_core_private (self);
  SighejCoreClass *klass = SIGHEJ_CORE_GET_CLASS (self);

  sighej_radio_count (core->radio, counters);
  for (guint i = 0; i < SIGHEJ_PAYLOAD_N_VERDICTS; i++)
    {
      g_autofree char *name = g_strconcat (
          "payload.", sighej_payload_verdict_to_word ((SighejPayloadVerdict) i), NULL);

      g_variant_builder_add (counters, "{st}", name, core->n_verdicts[i]);
    }
  g_variant_builder_add (
      counters, "{st}", "rotator.tokens", sighej_rotator_get_n_tokens (core->rotator));
  sighej_scan_planner_count (core->planner, counters);
  if (klass->count != NULL)
    klass->count (self, counters);
}
