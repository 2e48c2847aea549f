/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-calibrator.h"

#include "sighej-calibration.h"

#define TICK_US G_USEC_PER_SEC

static const struct
{
  const char *setting;
  const char *unit;
} kinds[] = {
  [SIGHEJ_ADJUSTMENT_TRANSMIT] = { "TxCalibration", "dBm" },
  [SIGHEJ_ADJUSTMENT_RECEIVE] = { "ReceiveAdjustment", "dB" },
};
G_STATIC_ASSERT (G_N_ELEMENTS (kinds) == SIGHEJ_N_ADJUSTMENT_KINDS);

#define AWAIT_ADAPTER_US ((gint64) SIGHEJ_CALIBRATOR_ADAPTER_SECONDS * G_USEC_PER_SEC)

struct _SighejCalibrator
{
  GObject parent_instance;

  SighejClock *clock;
  SighejConfig *config;
  SighejAdjustments *adjustments;
  SighejRadio *radio;
  char *adapter_id; /* "" for none */
  gboolean open;

  GPtrArray *awaiting; /* GTask*, for an adapter */
  guint await_id;

  /* The running measurement; all of it nothing when there is none. */
  GTask *task;
  SighejCalibration *calibration;
  SighejAdjustmentKind kind;
  guint seconds;
  gint64 begin_us;
  guint tick_id;
};

G_DEFINE_FINAL_TYPE (SighejCalibrator, sighej_calibrator, G_TYPE_OBJECT)

enum
{
  ADJUSTED,
  PROGRESS,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
sighej_calibrator_init (SighejCalibrator *self)
{
  self->awaiting = g_ptr_array_new_with_free_func (g_object_unref);
}

static void
sighej_calibrator_dispose (GObject *object)
{
  SighejCalibrator *self = SIGHEJ_CALIBRATOR (object);

  if (self->clock != NULL)
    {
      sighej_clock_clear (self->clock, &self->tick_id);
      sighej_clock_clear (self->clock, &self->await_id);
    }
  g_clear_pointer (&self->calibration, sighej_calibration_free);
  g_clear_object (&self->radio);
  g_clear_object (&self->adjustments);
  g_clear_object (&self->config);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_calibrator_parent_class)->dispose (object);
}

static void
sighej_calibrator_finalize (GObject *object)
{
  SighejCalibrator *self = SIGHEJ_CALIBRATOR (object);

  g_free (self->adapter_id);
  g_ptr_array_unref (self->awaiting);

  G_OBJECT_CLASS (sighej_calibrator_parent_class)->finalize (object);
}

static guint
new_signal (SighejCalibratorClass *klass, const char *name)
{
  return g_signal_new (
      name, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sighej_calibrator_class_init (SighejCalibratorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_calibrator_dispose;
  object_class->finalize = sighej_calibrator_finalize;

  signals[ADJUSTED] = new_signal (klass, "adjusted");
  signals[PROGRESS] = new_signal (klass, "progress");
}

/* ---- the end of a measurement ---- */

/* A running task holds a reference to us, so whoever ends it may be the last to know us. */
static GTask *
stop_measuring (SighejCalibrator *self)
{
  GTask *task = g_steal_pointer (&self->task);

  sighej_clock_clear (self->clock, &self->tick_id);
  g_clear_pointer (&self->calibration, sighej_calibration_free);
  g_signal_emit (self, signals[PROGRESS], 0);
  return task;
}

/* @error is consumed. */
static void
fail (SighejCalibrator *self, GError *error)
{
  g_autoptr (GTask) task = NULL;

  if (self->task == NULL)
    {
      g_error_free (error);
      return;
    }

  task = stop_measuring (self);
  g_task_return_error (task, error);
}

/* ---- the adapter and its values ---- */

static gboolean
check_adapter (SighejCalibrator *self, GError **error)
{
  if (*self->adapter_id != '\0')
    return TRUE;

  g_set_error_literal (error,
                       SIGHEJ_ERROR,
                       SIGHEJ_ERROR_BLUETOOTH_MISSING,
                       "there is no Bluetooth adapter to calibrate");
  return FALSE;
}

/* Answers who waits for an adapter: there is one, or it took too long. */
static void
answer_awaiting (SighejCalibrator *self)
{
  g_autoptr (GPtrArray) tasks = g_steal_pointer (&self->awaiting);

  self->awaiting = g_ptr_array_new_with_free_func (g_object_unref);
  sighej_clock_clear (self->clock, &self->await_id);
  for (guint i = 0; i < tasks->len; i++)
    {
      GError *error = NULL;

      if (check_adapter (self, &error))
        g_task_return_boolean (tasks->pdata[i], TRUE);
      else
        g_task_return_error (tasks->pdata[i], error);
    }
}

static gboolean
on_awaited_long (gpointer user_data)
{
  SighejCalibrator *self = user_data;

  self->await_id = 0;
  answer_awaiting (self);
  return G_SOURCE_REMOVE;
}

void
sighej_calibrator_await_adapter_async (SighejCalibrator *self,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, sighej_calibrator_await_adapter_async);
  g_ptr_array_add (self->awaiting, task);
  if (*self->adapter_id != '\0')
    answer_awaiting (self);
  else if (self->await_id == 0)
    self->await_id = sighej_clock_add (self->clock, AWAIT_ADAPTER_US, on_awaited_long, self);
}

gboolean
sighej_calibrator_await_adapter_finish (SighejCalibrator *self,
                                        GAsyncResult *result,
                                        GError **error)
{
  g_assert (g_task_is_valid (result, self));

  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
keep (
    SighejCalibrator *self, SighejAdjustmentKind kind, int value, gboolean measured, GError **error)
{
  SighejAdjustment adjustment = {
    .value = value,
    .measured = measured,
    .since_s = sighej_clock_wall_us (self->clock) / G_USEC_PER_SEC,
  };

  if (!sighej_adjustments_keep (self->adjustments, self->adapter_id, kind, &adjustment, error))
    return FALSE;

  g_info ("%s of this adapter is %s to be %+d %s",
          kinds[kind].setting,
          measured ? "measured" : "said",
          value,
          kinds[kind].unit);

  g_signal_emit (self, signals[ADJUSTED], 0);
  return TRUE;
}

static void
on_adapter_id_changed (SighejCalibrator *self)
{
  g_autofree char *id = sighej_radio_dup_adapter_id (self->radio);

  if (g_str_equal (id, self->adapter_id))
    return;

  g_free (self->adapter_id);
  self->adapter_id = g_steal_pointer (&id);
  fail (self,
        g_error_new_literal (SIGHEJ_ERROR,
                             SIGHEJ_ERROR_FAILED,
                             "the Bluetooth adapter changed during the calibration"));
  g_signal_emit (self, signals[ADJUSTED], 0);
  /* Who waits may be the last to know us. */
  if (*self->adapter_id != '\0')
    answer_awaiting (self);
}

/* ---- measuring ---- */

static guint
elapsed_s (SighejCalibrator *self)
{
  return (guint) ((sighej_clock_now_us (self->clock) - self->begin_us) / G_USEC_PER_SEC);
}

static guint
limit_s (SighejCalibrator *self)
{
  return MIN (SIGHEJ_CALIBRATE_STRETCH * self->seconds, SIGHEJ_CALIBRATE_SECONDS_MAX);
}

/* Too few samples are worth waiting for; nobody there, or all that were wanted, are not. */
static gboolean
is_over (SighejCalibrator *self)
{
  guint n_samples = sighej_calibration_get_n_samples (self->calibration);
  guint elapsed = elapsed_s (self);

  if (elapsed < self->seconds)
    return FALSE;

  return elapsed >= limit_s (self) || n_samples == 0 || n_samples >= SIGHEJ_CALIBRATION_SAMPLES_MIN;
}

/* For the receiver: what it reads too little of a machine that says how loud it is. For the
 * transmitter: what a receiver that is not off would have read. */
static int
value_of (SighejCalibrator *self, const SighejCalibrationResult *result)
{
  SighejAdjustmentInUse receiver;

  if (self->kind == SIGHEJ_ADJUSTMENT_RECEIVE)
    return result->tx_cal_dbm - result->median_dbm;

  sighej_calibrator_get (self, SIGHEJ_ADJUSTMENT_RECEIVE, &receiver);
  return result->median_dbm + receiver.value;
}

static gboolean
check_received (int value, GError **error)
{
  if (sighej_adjustment_is_valid (SIGHEJ_ADJUSTMENT_RECEIVE, value))
    return TRUE;

  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_FAILED,
               "the other machine is heard %d dB %s than it says, more than %d cannot be right; "
               "check the metre between them and what the other machine sends",
               ABS (value),
               value > 0 ? "weaker" : "stronger",
               SIGHEJ_RX_ADJUST_DB_MAX);
  return FALSE;
}

static SighejMeasurement *
conclude (SighejCalibrator *self, GError **error)
{
  SighejCalibrationResult result;
  int value;

  if (!sighej_calibration_judge (self->calibration, &result, error))
    return NULL;

  value = value_of (self, &result);
  if (self->kind == SIGHEJ_ADJUSTMENT_TRANSMIT)
    value = sighej_payload_round_tx_cal (value);
  else if (!check_received (value, error)
           || !keep (self, SIGHEJ_ADJUSTMENT_RECEIVE, value, TRUE, error))
    return NULL;

  return g_memdup2 (&(SighejMeasurement){ .value = value,
                                          .median_dbm = result.median_dbm,
                                          .n_samples = result.n_samples,
                                          .spread_db = result.spread_db,
                                          .seconds = elapsed_s (self) },
                    sizeof (SighejMeasurement));
}

static void
finish (SighejCalibrator *self)
{
  g_autoptr (GError) error = NULL;
  SighejMeasurement *measurement = conclude (self, &error);
  g_autoptr (GTask) task = NULL;

  if (measurement == NULL)
    {
      fail (self, g_steal_pointer (&error));
      return;
    }

  task = stop_measuring (self);
  g_task_return_pointer (task, measurement, g_free);
}

static void wait_for_tick (SighejCalibrator *self);

static gboolean
on_tick (gpointer user_data)
{
  g_autoptr (SighejCalibrator) self = g_object_ref (SIGHEJ_CALIBRATOR (user_data));

  self->tick_id = 0;
  if (is_over (self))
    {
      finish (self);
      return G_SOURCE_REMOVE;
    }

  wait_for_tick (self);
  g_signal_emit (self, signals[PROGRESS], 0);
  return G_SOURCE_REMOVE;
}

static void
wait_for_tick (SighejCalibrator *self)
{
  self->tick_id = sighej_clock_add (self->clock, TICK_US, on_tick, self);
}

static gboolean
check_start (SighejCalibrator *self, guint seconds, GError **error)
{
  if (seconds < SIGHEJ_CALIBRATE_SECONDS_MIN || seconds > SIGHEJ_CALIBRATE_SECONDS_MAX)
    g_set_error (error,
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_INVALID_DURATION,
                 "a calibration takes %d to %d seconds; choose as many",
                 SIGHEJ_CALIBRATE_SECONDS_MIN,
                 SIGHEJ_CALIBRATE_SECONDS_MAX);
  else if (self->task != NULL)
    g_set_error_literal (error,
                         SIGHEJ_ERROR,
                         SIGHEJ_ERROR_UNAVAILABLE,
                         "a calibration is running already; wait until it is over");
  else if (!self->open)
    g_set_error_literal (
        error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_OPEN, "a calibration needs both machines to be open");
  else
    return check_adapter (self, error);

  return FALSE;
}

static void
on_config_changed (SighejCalibrator *self)
{
  g_signal_emit (self, signals[ADJUSTED], 0);
}

/* ---- public ---- */

SighejCalibrator *
sighej_calibrator_new (SighejClock *clock,
                       SighejConfig *config,
                       SighejAdjustments *adjustments,
                       SighejRadio *radio)
{
  SighejCalibrator *self = g_object_new (SIGHEJ_TYPE_CALIBRATOR, NULL);

  self->clock = g_object_ref (clock);
  self->config = g_object_ref (config);
  self->adjustments = g_object_ref (adjustments);
  self->radio = g_object_ref (radio);
  self->adapter_id = sighej_radio_dup_adapter_id (radio);
  g_signal_connect_object (
      radio, "notify::adapter-id", G_CALLBACK (on_adapter_id_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      config, "changed", G_CALLBACK (on_config_changed), self, G_CONNECT_SWAPPED);
  return self;
}

void
sighej_calibrator_get (SighejCalibrator *self,
                       SighejAdjustmentKind kind,
                       SighejAdjustmentInUse *in_use)
{
  const char *setting = kinds[kind].setting;
  const char *origin = sighej_config_get_origin (self->config, "Bluetooth", setting);
  SighejAdjustment kept;

  if (sighej_adjustments_get (self->adjustments, self->adapter_id, kind, &kept))
    {
      *in_use = (SighejAdjustmentInUse){
        .value = kept.value,
        .origin = kept.measured ? "measured" : "set",
        .since_s = kept.since_s,
      };
      return;
    }

  *in_use = (SighejAdjustmentInUse){
    .value = (int) sighej_config_get_integer (self->config, "Bluetooth", setting),
    .origin = g_strcmp0 (origin, "default") == 0 ? "default" : "configured",
  };
  if (kind == SIGHEJ_ADJUSTMENT_TRANSMIT)
    in_use->value = sighej_payload_round_tx_cal (in_use->value);
}

gboolean
sighej_calibrator_set (SighejCalibrator *self, SighejAdjustmentKind kind, int value, GError **error)
{
  if (!check_adapter (self, error))
    return FALSE;

  if (!sighej_adjustment_is_valid (kind, value))
    {
      g_set_error_literal (error,
                           SIGHEJ_ERROR,
                           SIGHEJ_ERROR_INVALID_REQUEST,
                           kind == SIGHEJ_ADJUSTMENT_TRANSMIT
                               ? "what is sent must be -71 to -50 dBm; measure it on another "
                                 "machine: sighejctl calibrate --transmit"
                               : "what is received may be off by -30 to 30 dB; measure it: "
                                 "sighejctl calibrate");
      return FALSE;
    }

  return keep (self, kind, value, FALSE, error);
}

gboolean
sighej_calibrator_reset (SighejCalibrator *self, GError **error)
{
  if (!check_adapter (self, error)
      || !sighej_adjustments_forget (self->adjustments, self->adapter_id, error))
    return FALSE;

  g_signal_emit (self, signals[ADJUSTED], 0);
  return TRUE;
}

gboolean
sighej_calibrator_forget_all (SighejCalibrator *self, GError **error)
{
  gboolean forgotten = sighej_adjustments_forget_all (self->adjustments, error);

  g_signal_emit (self, signals[ADJUSTED], 0);
  return forgotten;
}

GVariant *
sighej_calibrator_to_variant (SighejCalibrator *self)
{
  return sighej_adjustments_to_variant (self->adjustments);
}

void
sighej_calibrator_set_open (SighejCalibrator *self, gboolean open)
{
  self->open = open;
  if (!open)
    fail (self,
          g_error_new_literal (SIGHEJ_ERROR,
                               SIGHEJ_ERROR_NOT_OPEN,
                               "this machine did not stay open during the calibration"));
}

void
sighej_calibrator_hear (SighejCalibrator *self, const SighejPayload *payload, int rssi_dbm)
{
  if (self->task != NULL)
    sighej_calibration_hear (
        self->calibration, payload, rssi_dbm, sighej_clock_now_us (self->clock));
}

void
sighej_calibrator_measure_async (SighejCalibrator *self,
                                 SighejAdjustmentKind kind,
                                 guint seconds,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, sighej_calibrator_measure_async);
  if (seconds == 0)
    seconds = SIGHEJ_CALIBRATE_SECONDS_DEFAULT;
  if (!check_start (self, seconds, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  self->task = g_steal_pointer (&task);
  self->calibration = sighej_calibration_new ();
  self->kind = kind;
  self->seconds = seconds;
  self->begin_us = sighej_clock_now_us (self->clock);
  wait_for_tick (self);
  g_signal_emit (self, signals[PROGRESS], 0);
}

gboolean
sighej_calibrator_measure_finish (SighejCalibrator *self,
                                  GAsyncResult *result,
                                  SighejMeasurement *measurement,
                                  GError **error)
{
  g_autofree SighejMeasurement *measured = NULL;

  g_assert (g_task_is_valid (result, self));

  measured = g_task_propagate_pointer (G_TASK (result), error);
  if (measured == NULL)
    return FALSE;

  *measurement = *measured;
  return TRUE;
}

void
sighej_calibrator_cancel (SighejCalibrator *self)
{
  fail (self,
        g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "the calibration was cancelled"));
}

gboolean
sighej_calibrator_is_measuring (SighejCalibrator *self)
{
  return self->task != NULL;
}

void
sighej_calibrator_get_progress (SighejCalibrator *self,
                                guint *elapsed,
                                guint *limit,
                                guint *n_samples)
{
  gboolean is_measuring = self->task != NULL;

  *elapsed = is_measuring ? elapsed_s (self) : 0;
  *limit = is_measuring ? limit_s (self) : 0;
  *n_samples = is_measuring ? sighej_calibration_get_n_samples (self->calibration) : 0;
}

/* ---- the line of the doctor ---- */

static char *
describe (SighejCalibrator *self, SighejAdjustmentKind kind)
{
  SighejAdjustmentInUse in_use;
  g_autoptr (GDateTime) since = NULL;
  g_autofree char *day = NULL;

  sighej_calibrator_get (self, kind, &in_use);
  if (in_use.since_s != 0)
    {
      since = g_date_time_new_from_unix_local (in_use.since_s);
      day = g_date_time_format (since, " on %Y-%m-%d");
    }
  return g_strdup_printf ("%s %+d %s (%s%s)",
                          kind == SIGHEJ_ADJUSTMENT_TRANSMIT ? "sends as" : "receives",
                          in_use.value,
                          kinds[kind].unit,
                          in_use.origin,
                          day == NULL ? "" : day);
}

void
sighej_calibrator_check (SighejCalibrator *self, GPtrArray *results)
{
  g_autofree char *transmit = NULL;
  g_autofree char *receive = NULL;
  g_autofree char *text = NULL;

  if (*self->adapter_id == '\0')
    return;

  transmit = describe (self, SIGHEJ_ADJUSTMENT_TRANSMIT);
  receive = describe (self, SIGHEJ_ADJUSTMENT_RECEIVE);
  text = g_strdup_printf ("%s, %s", transmit, receive);
  sighej_check_results_add (results, "bluetooth.calibration", "ok", text, "");
}
