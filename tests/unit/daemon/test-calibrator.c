/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-calibrator.h"

#include <string.h>

#include "sighej-calibration.h"
#include "sighej-settings.h"
#include "sighej-test.h"

#define S(seconds) ((gint64) (seconds) *G_USEC_PER_SEC)
#define DONGLE "00:1A:7D:DA:71:13"
#define BUILT_IN "9C:B6:D0:00:00:01"
/* The test clock's wall time at its beginning. */
#define WALL_S 1767261600

/* A radio that is nothing but an adapter. */
#define TEST_TYPE_RADIO (test_radio_get_type ())
G_DECLARE_FINAL_TYPE (TestRadio, test_radio, TEST, RADIO, GObject)

struct _TestRadio
{
  GObject parent_instance;

  const char *adapter_id;
};

static void
test_radio_iface_init (SighejRadioInterface *iface)
{
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestRadio,
                               test_radio,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_RADIO, test_radio_iface_init))

static void
test_radio_init (TestRadio *self)
{
}

static void
test_radio_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  g_assert_cmpstr (spec->name, ==, "adapter-id");
  g_value_set_static_string (value, TEST_RADIO (object)->adapter_id);
}

static void
test_radio_class_init (TestRadioClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = test_radio_get_property;
  sighej_radio_override_properties (G_OBJECT_CLASS (klass), 1);
}

typedef struct
{
  SighejTestClock *clock;
  SighejConfig *config;
  char *folder;
  TestRadio *radio;
  SighejCalibrator *calibrator;
  guint n_adjusted;
  guint n_progress;
  /* The last measurement. */
  gboolean is_over;
  GError *error;
  SighejMeasurement measurement;
  guint n_awaited;
} Fixture;

static void
count (guint *n)
{
  ++*n;
}

static void
make_calibrator (Fixture *fixture)
{
  g_autoptr (SighejAdjustments) adjustments = sighej_adjustments_new (fixture->folder);

  fixture->calibrator = sighej_calibrator_new (
      SIGHEJ_CLOCK (fixture->clock), fixture->config, adjustments, SIGHEJ_RADIO (fixture->radio));
  g_signal_connect_swapped (
      fixture->calibrator, "adjusted", G_CALLBACK (count), &fixture->n_adjusted);
  g_signal_connect_swapped (
      fixture->calibrator, "progress", G_CALLBACK (count), &fixture->n_progress);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->clock = sighej_test_clock_new ();
  fixture->config = sighej_config_new (sighej_settings_keys);
  fixture->folder = sighej_test_dup_dir ();
  fixture->radio = g_object_new (TEST_TYPE_RADIO, NULL);
  fixture->radio->adapter_id = DONGLE;
  make_calibrator (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_error (&fixture->error);
  sighej_test_assert_finalized (fixture->calibrator);
  sighej_test_assert_finalized (fixture->radio);
  g_free (fixture->folder);
  g_object_unref (fixture->config);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  g_object_unref (fixture->clock);
}

static void
plug_in (Fixture *fixture, const char *adapter_id)
{
  fixture->radio->adapter_id = adapter_id;
  g_object_notify (G_OBJECT (fixture->radio), "adapter-id");
}

static void
assert_in_use (Fixture *fixture, SighejAdjustmentKind kind, int value, const char *origin)
{
  SighejAdjustmentInUse in_use;

  sighej_calibrator_get (fixture->calibrator, kind, &in_use);
  g_assert_cmpint (in_use.value, ==, value);
  g_assert_cmpstr (in_use.origin, ==, origin);
  g_assert_cmpint (in_use.since_s == 0,
                   ==,
                   g_str_equal (origin, "default") || g_str_equal (origin, "configured"));
}

static void
set (Fixture *fixture, SighejAdjustmentKind kind, int value)
{
  g_autoptr (GError) error = NULL;

  sighej_calibrator_set (fixture->calibrator, kind, value, &error);
  g_assert_no_error (error);
}

static void
on_measured (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->is_over = TRUE;
  sighej_calibrator_measure_finish (
      SIGHEJ_CALIBRATOR (source), result, &fixture->measurement, &fixture->error);
}

static void
measure (Fixture *fixture, SighejAdjustmentKind kind, guint seconds)
{
  fixture->is_over = FALSE;
  g_clear_error (&fixture->error);
  sighej_calibrator_set_open (fixture->calibrator, TRUE);
  sighej_calibrator_measure_async (fixture->calibrator, kind, seconds, on_measured, fixture);
  sighej_test_settle ();
}

/* A machine that says -59 is heard with @rssi_dbm once in @interval_s. */
static void
hear (Fixture *fixture, int rssi_dbm, guint interval_s, guint n_times)
{
  SighejPayload payload = { SIGHEJ_PAYLOAD_OPEN, 0x35, -59, { { 1 } } };

  for (guint i = 0; i < n_times; i++)
    {
      sighej_calibrator_hear (fixture->calibrator, &payload, rssi_dbm);
      sighej_test_clock_advance (fixture->clock, S (interval_s));
    }
  sighej_test_settle ();
}

static void
assert_failed (Fixture *fixture, GQuark domain, int code)
{
  g_assert_true (fixture->is_over);
  g_assert_error (fixture->error, domain, code);
  g_assert_false (sighej_calibrator_is_measuring (fixture->calibrator));
  g_clear_error (&fixture->error);
}

/* ---- values ---- */

static void
test_settings_are_the_default (Fixture *fixture, gconstpointer data)
{
  assert_in_use (fixture, SIGHEJ_ADJUSTMENT_TRANSMIT, -59, "default");
  assert_in_use (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 0, "default");

  sighej_config_set (fixture->config, "Bluetooth", "TxCalibration", "-64", "a file", NULL);
  sighej_config_set (fixture->config, "Bluetooth", "ReceiveAdjustment", "5", "a file", NULL);
  assert_in_use (fixture, SIGHEJ_ADJUSTMENT_TRANSMIT, -65, "configured");
  assert_in_use (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 5, "configured");
}

static void
test_settings_read_anew_are_told (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SighejConfig) fresh = sighej_config_new (sighej_settings_keys);

  sighej_config_set (fresh, "Bluetooth", "ReceiveAdjustment", "5", "a file", NULL);
  sighej_config_replace (fixture->config, fresh);
  g_assert_cmpuint (fixture->n_adjusted, ==, 1);
  assert_in_use (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 5, "configured");
}

static void
test_what_is_set_lies_above (Fixture *fixture, gconstpointer data)
{
  SighejAdjustmentInUse in_use;

  sighej_config_set (fixture->config, "Bluetooth", "ReceiveAdjustment", "5", "a file", NULL);
  set (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 0);
  set (fixture, SIGHEJ_ADJUSTMENT_TRANSMIT, -70);
  g_assert_cmpuint (fixture->n_adjusted, ==, 2);
  assert_in_use (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 0, "set");
  assert_in_use (fixture, SIGHEJ_ADJUSTMENT_TRANSMIT, -71, "set");
  sighej_calibrator_get (fixture->calibrator, SIGHEJ_ADJUSTMENT_RECEIVE, &in_use);
  g_assert_cmpint (in_use.since_s, ==, WALL_S);

  sighej_test_assert_finalized (fixture->calibrator);
  make_calibrator (fixture);
  assert_in_use (fixture, SIGHEJ_ADJUSTMENT_TRANSMIT, -71, "set");

  g_assert_true (sighej_calibrator_reset (fixture->calibrator, NULL));
  g_assert_cmpuint (fixture->n_adjusted, ==, 3);
  assert_in_use (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 5, "configured");
  assert_in_use (fixture, SIGHEJ_ADJUSTMENT_TRANSMIT, -59, "default");
}

static void
test_each_adapter_has_its_own (Fixture *fixture, gconstpointer data)
{
  set (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, -4);
  plug_in (fixture, BUILT_IN);
  g_assert_cmpuint (fixture->n_adjusted, ==, 2);
  assert_in_use (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 0, "default");
  plug_in (fixture, DONGLE);
  assert_in_use (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, -4, "set");
  plug_in (fixture, DONGLE);
  g_assert_cmpuint (fixture->n_adjusted, ==, 3);
}

static void
test_without_an_adapter (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) results
      = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_check_result_free);
  g_autoptr (GError) error = NULL;

  plug_in (fixture, "");
  g_assert_false (
      sighej_calibrator_set (fixture->calibrator, SIGHEJ_ADJUSTMENT_RECEIVE, 1, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_BLUETOOTH_MISSING);
  g_clear_error (&error);
  g_assert_false (sighej_calibrator_reset (fixture->calibrator, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_BLUETOOTH_MISSING);
  measure (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 0);
  assert_failed (fixture, SIGHEJ_ERROR, SIGHEJ_ERROR_BLUETOOTH_MISSING);
  sighej_calibrator_check (fixture->calibrator, results);
  g_assert_cmpuint (results->len, ==, 0);
}

static void
note_awaited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_awaited++;
  g_clear_error (&fixture->error);
  sighej_calibrator_await_adapter_finish (SIGHEJ_CALIBRATOR (source), result, &fixture->error);
}

static void
await_adapter (Fixture *fixture)
{
  sighej_calibrator_await_adapter_async (fixture->calibrator, note_awaited, fixture);
}

static void
assert_awaited (Fixture *fixture, guint n_awaited)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (fixture->n_awaited, ==, n_awaited);
}

/* Just after the start no adapter is known, and soon one is. */
static void
test_awaits_an_adapter (Fixture *fixture, gconstpointer data)
{
  await_adapter (fixture);
  assert_awaited (fixture, 1);
  plug_in (fixture, "");
  await_adapter (fixture);
  await_adapter (fixture);
  assert_awaited (fixture, 1);
  plug_in (fixture, DONGLE);
  assert_awaited (fixture, 3);
  g_assert_no_error (fixture->error);

  plug_in (fixture, "");
  await_adapter (fixture);
  sighej_test_clock_advance (fixture->clock,
                             (gint64) SIGHEJ_CALIBRATOR_ADAPTER_SECONDS * G_USEC_PER_SEC - 1);
  assert_awaited (fixture, 3);
  sighej_test_clock_advance (fixture->clock, 1);
  assert_awaited (fixture, 4);
  g_assert_error (fixture->error, SIGHEJ_ERROR, SIGHEJ_ERROR_BLUETOOTH_MISSING);
}

static void
test_values_out_of_range (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    SighejAdjustmentKind kind;
    int value;
  } bad[] = {
    { SIGHEJ_ADJUSTMENT_TRANSMIT, -72 }, { SIGHEJ_ADJUSTMENT_TRANSMIT, -49 },
    { SIGHEJ_ADJUSTMENT_TRANSMIT, 0 },   { SIGHEJ_ADJUSTMENT_RECEIVE, 31 },
    { SIGHEJ_ADJUSTMENT_RECEIVE, -62 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (
          sighej_calibrator_set (fixture->calibrator, bad[i].kind, bad[i].value, &error));
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST);
    }
  g_assert_cmpuint (fixture->n_adjusted, ==, 0);
}

static void
test_doctor_says_what_is_in_use (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) results
      = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_check_result_free);
  SighejCheckResult *result;

  set (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 4);
  sighej_calibrator_check (fixture->calibrator, results);
  g_assert_cmpuint (results->len, ==, 1);
  result = g_ptr_array_index (results, 0);
  g_assert_cmpstr (result->id, ==, "bluetooth.calibration");
  g_assert_cmpstr (
      result->text, ==, "sends as -59 dBm (default), receives +4 dB (set on 2026-01-01)");
}

/* ---- measuring ---- */

static void
test_receiver_is_measured (Fixture *fixture, gconstpointer data)
{
  measure (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 0);
  hear (fixture, -66, 1, 59);
  g_assert_false (fixture->is_over);
  g_assert_cmpuint (fixture->n_adjusted, ==, 0);
  hear (fixture, -66, 1, 1);
  g_assert_true (fixture->is_over);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (fixture->measurement.value, ==, 7);
  g_assert_cmpint (fixture->measurement.median_dbm, ==, -66);
  g_assert_cmpuint (fixture->measurement.n_samples, ==, 60);
  g_assert_cmpuint (fixture->measurement.seconds, ==, SIGHEJ_CALIBRATE_SECONDS_DEFAULT);
  g_assert_cmpuint (fixture->n_adjusted, ==, 1);
  assert_in_use (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 7, "measured");
}

/* What a receiver that is not off would have read; and it is kept at the other machine only. */
static void
test_transmitter_is_measured (Fixture *fixture, gconstpointer data)
{
  set (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 3);
  measure (fixture, SIGHEJ_ADJUSTMENT_TRANSMIT, SIGHEJ_CALIBRATE_SECONDS_DEFAULT);
  hear (fixture, -66, 1, 60);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (fixture->measurement.value, ==, -62);
  g_assert_cmpint (fixture->measurement.median_dbm, ==, -66);
  g_assert_cmpuint (fixture->n_adjusted, ==, 1);
  assert_in_use (fixture, SIGHEJ_ADJUSTMENT_TRANSMIT, -59, "default");
}

/* As on software that reports an address every 2.5 s. */
static void
test_goes_on_until_there_are_enough (Fixture *fixture, gconstpointer data)
{
  guint elapsed_s;
  guint limit_s;
  guint n_samples;

  measure (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 60);
  hear (fixture, -60, 3, 40);
  g_assert_false (fixture->is_over);
  sighej_calibrator_get_progress (fixture->calibrator, &elapsed_s, &limit_s, &n_samples);
  g_assert_cmpuint (elapsed_s, ==, 120);
  g_assert_cmpuint (limit_s, ==, 180);
  g_assert_cmpuint (n_samples, ==, 40);
  g_assert_cmpuint (fixture->n_progress, ==, 1 + 120);

  hear (fixture, -60, 3, 10);
  g_assert_true (fixture->is_over);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->measurement.n_samples, ==, SIGHEJ_CALIBRATION_SAMPLES_MIN);
  sighej_calibrator_get_progress (fixture->calibrator, &elapsed_s, &limit_s, &n_samples);
  g_assert_cmpuint (elapsed_s + limit_s + n_samples, ==, 0);
}

static void
test_too_few_by_the_limit (Fixture *fixture, gconstpointer data)
{
  measure (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 60);
  hear (fixture, -60, 9, 19);
  g_assert_false (fixture->is_over);
  hear (fixture, -60, 9, 1);
  g_assert_nonnull (strstr (fixture->error->message, "only 20 samples"));
  assert_failed (fixture, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED);
  assert_in_use (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 0, "default");
}

static void
test_limit_has_a_limit (Fixture *fixture, gconstpointer data)
{
  guint elapsed_s;
  guint limit_s;
  guint n_samples;

  measure (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, SIGHEJ_CALIBRATE_SECONDS_MAX);
  sighej_calibrator_get_progress (fixture->calibrator, &elapsed_s, &limit_s, &n_samples);
  g_assert_cmpuint (limit_s, ==, SIGHEJ_CALIBRATE_SECONDS_MAX);
  sighej_calibrator_cancel (fixture->calibrator);
  sighej_test_settle ();
}

/* Nobody to wait for. */
static void
test_nobody_ends_it_early (Fixture *fixture, gconstpointer data)
{
  measure (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, SIGHEJ_CALIBRATE_SECONDS_MIN);
  sighej_test_clock_advance (fixture->clock, S (SIGHEJ_CALIBRATE_SECONDS_MIN - 1));
  sighej_test_settle ();
  g_assert_false (fixture->is_over);
  sighej_test_clock_advance (fixture->clock, S (1));
  sighej_test_settle ();
  assert_failed (fixture, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED);
}

static void
test_more_than_30_db_off (Fixture *fixture, gconstpointer data)
{
  measure (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 60);
  hear (fixture, -90, 1, 60);
  g_assert_nonnull (strstr (fixture->error->message, "31 dB weaker"));
  assert_failed (fixture, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED);
  assert_in_use (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 0, "default");
}

static void
test_durations_out_of_range (Fixture *fixture, gconstpointer data)
{
  static const guint bad[]
      = { 1, SIGHEJ_CALIBRATE_SECONDS_MIN - 1, SIGHEJ_CALIBRATE_SECONDS_MAX + 1, G_MAXUINT };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      measure (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, bad[i]);
      assert_failed (fixture, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_DURATION);
    }
}

static void
test_one_at_a_time (Fixture *fixture, gconstpointer data)
{
  Fixture second = { 0 };

  measure (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 60);
  sighej_calibrator_measure_async (
      fixture->calibrator, SIGHEJ_ADJUSTMENT_TRANSMIT, 0, on_measured, &second);
  sighej_test_settle ();
  g_assert_true (second.is_over);
  g_assert_error (second.error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE);
  g_clear_error (&second.error);
  g_assert_false (fixture->is_over);
  hear (fixture, -60, 1, 60);
  g_assert_no_error (fixture->error);
}

static void
test_seen_if_you_see (Fixture *fixture, gconstpointer data)
{
  measure (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 60);
  hear (fixture, -60, 1, 30);
  sighej_calibrator_set_open (fixture->calibrator, FALSE);
  sighej_test_settle ();
  assert_failed (fixture, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_OPEN);

  sighej_calibrator_measure_async (
      fixture->calibrator, SIGHEJ_ADJUSTMENT_RECEIVE, 0, on_measured, fixture);
  sighej_test_settle ();
  assert_failed (fixture, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_OPEN);
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  sighej_calibrator_cancel (fixture->calibrator);
  measure (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 60);
  sighej_calibrator_cancel (fixture->calibrator);
  sighej_test_settle ();
  assert_failed (fixture, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  /* Packets that were on their way find nobody, and the next one begins at 0. */
  hear (fixture, -60, 1, 1);
  measure (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 60);
  hear (fixture, -61, 1, 60);
  g_assert_cmpuint (fixture->measurement.n_samples, ==, 60);
}

static void
test_another_adapter_ends_it (Fixture *fixture, gconstpointer data)
{
  measure (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 60);
  hear (fixture, -60, 1, 59);
  plug_in (fixture, BUILT_IN);
  sighej_test_settle ();
  assert_failed (fixture, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED);
  assert_in_use (fixture, SIGHEJ_ADJUSTMENT_RECEIVE, 0, "default");
}

#define ADD(path, function)                                                                        \
  g_test_add ("/calibrator/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("settings-are-the-default", test_settings_are_the_default);
  ADD ("settings-read-anew-are-told", test_settings_read_anew_are_told);
  ADD ("what-is-set-lies-above", test_what_is_set_lies_above);
  ADD ("each-adapter-has-its-own", test_each_adapter_has_its_own);
  ADD ("without-an-adapter", test_without_an_adapter);
  ADD ("awaits-an-adapter", test_awaits_an_adapter);
  ADD ("values-out-of-range", test_values_out_of_range);
  ADD ("doctor-says-what-is-in-use", test_doctor_says_what_is_in_use);
  ADD ("receiver-is-measured", test_receiver_is_measured);
  ADD ("transmitter-is-measured", test_transmitter_is_measured);
  ADD ("goes-on-until-there-are-enough", test_goes_on_until_there_are_enough);
  ADD ("too-few-by-the-limit", test_too_few_by_the_limit);
  ADD ("limit-has-a-limit", test_limit_has_a_limit);
  ADD ("nobody-ends-it-early", test_nobody_ends_it_early);
  ADD ("more-than-30-db-off", test_more_than_30_db_off);
  ADD ("durations-out-of-range", test_durations_out_of_range);
  ADD ("one-at-a-time", test_one_at_a_time);
  ADD ("seen-if-you-see", test_seen_if_you_see);
  ADD ("cancelled", test_cancelled);
  ADD ("another-adapter-ends-it", test_another_adapter_ends_it);

  return g_test_run ();
}
