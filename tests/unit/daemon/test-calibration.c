/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-calibration.h"

#include <string.h>

#include "sighej-test.h"

#define MS(ms) ((gint64) (ms) *1000)
#define UNKNOWN_DBM 127
#define ENOUGH SIGHEJ_CALIBRATION_SAMPLES_MIN

static gint64 now_us;

static SighejPayload
payload_of (guint8 who, int tx_cal_dbm)
{
  return (SighejPayload){ SIGHEJ_PAYLOAD_OPEN, 0x35, (gint8) tx_cal_dbm, { { who } } };
}

/* Four packets a second. */
static void
hear (SighejCalibration *calibration, guint8 who, int rssi_dbm, guint n_times)
{
  SighejPayload payload = payload_of (who, -59);

  for (guint i = 0; i < n_times; i++)
    {
      now_us += MS (250);
      sighej_calibration_hear (calibration, &payload, rssi_dbm, now_us);
    }
}

static void
assert_refused (SighejCalibration *calibration, const char *part)
{
  SighejCalibrationResult result;
  g_autoptr (GError) error = NULL;

  g_assert_false (sighej_calibration_judge (calibration, &result, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, part));
}

static SighejCalibrationResult
judge (SighejCalibration *calibration)
{
  SighejCalibrationResult result;
  g_autoptr (GError) error = NULL;

  sighej_calibration_judge (calibration, &result, &error);
  g_assert_no_error (error);
  return result;
}

static void
test_median_of_one_token (void)
{
  static const int heard_dbm[] = { -70, -61, -63, -62, -55 };
  g_autoptr (SighejCalibration) calibration = sighej_calibration_new ();
  SighejCalibrationResult result;

  for (guint i = 0; i < ENOUGH; i++)
    hear (calibration, 1, heard_dbm[i % G_N_ELEMENTS (heard_dbm)], 1);

  g_assert_cmpuint (sighej_calibration_get_n_samples (calibration), ==, ENOUGH);
  result = judge (calibration);
  g_assert_cmpint (result.median_dbm, ==, -62);
  g_assert_cmpuint (result.n_samples, ==, ENOUGH);
  g_assert_cmpuint (result.spread_db, ==, 15);
  g_assert_cmpint (result.tx_cal_dbm, ==, -59);
}

static void
test_even_median_is_the_mean_of_two (void)
{
  g_autoptr (SighejCalibration) calibration = sighej_calibration_new ();

  hear (calibration, 1, -64, ENOUGH / 2);
  hear (calibration, 1, -60, ENOUGH / 2);
  g_assert_cmpint (judge (calibration).median_dbm, ==, -62);
}

static void
test_forged_tx_cal_is_clamped (void)
{
  g_autoptr (SighejCalibration) calibration = sighej_calibration_new ();
  SighejPayload payload = payload_of (1, -20);

  for (guint i = 0; i < ENOUGH; i++)
    sighej_calibration_hear (calibration, &payload, -60, now_us);
  g_assert_cmpint (judge (calibration).tx_cal_dbm, ==, -50);
}

static void
test_nobody_is_heard (void)
{
  g_autoptr (SighejCalibration) calibration = sighej_calibration_new ();

  assert_refused (calibration, "no other machine");
  hear (calibration, 1, UNKNOWN_DBM, ENOUGH);
  hear (calibration, 1, 0, ENOUGH);
  assert_refused (calibration, "no other machine");
  g_assert_cmpuint (sighej_calibration_get_n_samples (calibration), ==, 0);
}

static void
test_too_few_samples (void)
{
  g_autoptr (SighejCalibration) calibration = sighej_calibration_new ();

  hear (calibration, 1, -60, ENOUGH - 1);
  assert_refused (calibration, "only 49 samples");
  hear (calibration, 1, -60, 1);
  judge (calibration);
}

static void
test_strongest_is_taken (void)
{
  g_autoptr (SighejCalibration) calibration = sighej_calibration_new ();

  for (guint i = 0; i < ENOUGH; i++)
    {
      hear (calibration, 1, -75, 1);
      hear (calibration, 2, -60, 1);
      hear (calibration, 3, -66, 1);
    }
  g_assert_cmpint (judge (calibration).median_dbm, ==, -60);
}

static void
test_two_as_strong_are_refused (void)
{
  g_autoptr (SighejCalibration) calibration = sighej_calibration_new ();

  for (guint i = 0; i < ENOUGH; i++)
    {
      hear (calibration, 1, -65, 1);
      hear (calibration, 2, -60, 1);
    }
  assert_refused (calibration, "more than one machine");
}

/* One stray packet of a passer-by is no rival. */
static void
test_few_packets_are_no_rival (void)
{
  g_autoptr (SighejCalibration) calibration = sighej_calibration_new ();

  hear (calibration, 1, -60, ENOUGH - 1);
  hear (calibration, 2, -50, 4);
  hear (calibration, 1, -60, 1);
  g_assert_cmpint (judge (calibration).median_dbm, ==, -60);
}

static void
test_who_left_is_no_rival (void)
{
  g_autoptr (SighejCalibration) calibration = sighej_calibration_new ();

  hear (calibration, 2, -58, 40);
  hear (calibration, 1, -60, 4 * SIGHEJ_CALIBRATION_STALE_SECONDS);
  assert_refused (calibration, "only 40 samples");
  hear (calibration, 1, -60, 1);
  hear (calibration, 1, -60, ENOUGH);
  g_assert_cmpint (judge (calibration).median_dbm, ==, -60);
}

/* A new token is nobody's next one: its samples count from the first. */
static void
test_changed_token_starts_anew (void)
{
  g_autoptr (SighejCalibration) calibration = sighej_calibration_new ();

  hear (calibration, 1, -60, ENOUGH - 1);
  hear (calibration, 2, -60, 4 * SIGHEJ_CALIBRATION_STALE_SECONDS + 1);
  g_assert_cmpuint (
      sighej_calibration_get_n_samples (calibration), ==, 4 * SIGHEJ_CALIBRATION_STALE_SECONDS + 1);
  assert_refused (calibration, "only 41 samples");
}

static void
test_silence_of_all_makes_nobody_stale (void)
{
  g_autoptr (SighejCalibration) calibration = sighej_calibration_new ();

  hear (calibration, 1, -60, ENOUGH);
  now_us += MS (60000);
  g_assert_cmpuint (sighej_calibration_get_n_samples (calibration), ==, ENOUGH);
  judge (calibration);
}

static void
test_too_much_spread (void)
{
  g_autoptr (SighejCalibration) calibration = sighej_calibration_new ();
  g_autoptr (SighejCalibration) narrower = sighej_calibration_new ();

  hear (calibration, 1, -50, ENOUGH / 2);
  hear (calibration, 1, -71, ENOUGH / 2);
  assert_refused (calibration, "varied by 21 dB");
  hear (narrower, 1, -50, ENOUGH / 2);
  hear (narrower, 1, -70, ENOUGH / 2);
  judge (narrower);
}

/* A few outliers are what a median is for. */
static void
test_outliers_are_no_spread (void)
{
  g_autoptr (SighejCalibration) calibration = sighej_calibration_new ();

  hear (calibration, 1, -60, ENOUGH);
  hear (calibration, 1, -95, 5);
  hear (calibration, 1, -30, 5);
  g_assert_cmpuint (judge (calibration).spread_db, ==, 0);
}

/* The one at 1 m is found among any number of others. */
static void
test_crowd_is_bounded (void)
{
  g_autoptr (SighejCalibration) calibration = sighej_calibration_new ();

  for (guint round = 0; round < ENOUGH; round++)
    for (guint i = 0; i < 200; i++)
      {
        SighejPayload payload = payload_of ((guint8) i, -59);
        int rssi_dbm = i == 150 ? -60 : -70 - (int) i % 25;

        sighej_calibration_hear (calibration, &payload, rssi_dbm, now_us);
      }
  g_assert_cmpint (judge (calibration).median_dbm, ==, -60);
  g_assert_cmpuint (judge (calibration).n_samples, ==, ENOUGH);
}

static void
test_impossible_strengths_are_taken (void)
{
  g_autoptr (SighejCalibration) calibration = sighej_calibration_new ();

  hear (calibration, 1, -500, ENOUGH);
  g_assert_cmpint (judge (calibration).median_dbm, ==, -127);
  hear (calibration, 2, 100, ENOUGH);
  g_assert_cmpint (judge (calibration).median_dbm, ==, 20);
}

#define ADD(path, function) g_test_add_func ("/calibration/" path, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("median-of-one-token", test_median_of_one_token);
  ADD ("even-median-is-the-mean-of-two", test_even_median_is_the_mean_of_two);
  ADD ("forged-tx-cal-is-clamped", test_forged_tx_cal_is_clamped);
  ADD ("nobody-is-heard", test_nobody_is_heard);
  ADD ("too-few-samples", test_too_few_samples);
  ADD ("strongest-is-taken", test_strongest_is_taken);
  ADD ("two-as-strong-are-refused", test_two_as_strong_are_refused);
  ADD ("few-packets-are-no-rival", test_few_packets_are_no_rival);
  ADD ("who-left-is-no-rival", test_who_left_is_no_rival);
  ADD ("changed-token-starts-anew", test_changed_token_starts_anew);
  ADD ("silence-of-all-makes-nobody-stale", test_silence_of_all_makes_nobody_stale);
  ADD ("too-much-spread", test_too_much_spread);
  ADD ("outliers-are-no-spread", test_outliers_are_no_spread);
  ADD ("crowd-is-bounded", test_crowd_is_bounded);
  ADD ("impossible-strengths-are-taken", test_impossible_strengths_are_taken);

  return g_test_run ();
}
