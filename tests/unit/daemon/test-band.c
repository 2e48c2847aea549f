/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-band.h"

#define TX_CAL_DBM (-59)
#define S(seconds) ((gint64) (seconds) *G_USEC_PER_SEC)
#define START_US S (1000)

/* A sample a second of @loss_db, @n times; the band after the last. */
static SighejBand
feed (SighejBandFilter *filter, int loss_db, guint n, gint64 *now_us)
{
  SighejBand band = SIGHEJ_BAND_GONE;

  for (guint i = 0; i < n; i++)
    {
      *now_us += S (1);
      band = sighej_band_filter_add (filter, TX_CAL_DBM - loss_db, TX_CAL_DBM, 0, *now_us);
    }
  return band;
}

static void
test_vector_of_the_design (void)
{
  static const int rssi_dbm[] = { -58, -61, -90, -60, -63, -59, -62, -71, -60, -64 };
  static const double smoothed_dbm[]
      = { -58, -58.45, -59.215, -59.601, -60.02, -60.314, -60.82, -61.174, -61.422, -61.595 };
  SighejBandFilter filter = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (rssi_dbm); i++)
    {
      double loss_db;

      sighej_band_filter_add (&filter, rssi_dbm[i], TX_CAL_DBM, 0, START_US);
      loss_db = TX_CAL_DBM - smoothed_dbm[i];
      g_assert_cmpfloat_with_epsilon (filter.smoothed_db, loss_db, 0.0006);
    }
  g_assert_cmpuint (filter.n_samples, ==, G_N_ELEMENTS (rssi_dbm));
}

static void
test_never_heard_is_around (void)
{
  SighejBandFilter filter = { 0 };

  g_assert_cmpint (sighej_band_filter_get (&filter), ==, SIGHEJ_BAND_AROUND);
}

static void
test_enters_at_the_limits (void)
{
  static const struct
  {
    int loss_db;
    SighejBand band;
  } cases[] = {
    { -20, SIGHEJ_BAND_HERE }, { 0, SIGHEJ_BAND_HERE },   { 1, SIGHEJ_BAND_NEAR },
    { 8, SIGHEJ_BAND_NEAR },   { 9, SIGHEJ_BAND_AROUND }, { 60, SIGHEJ_BAND_AROUND },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SighejBandFilter filter = { 0 };
      gint64 now_us = START_US;

      g_assert_cmpint (feed (&filter, cases[i].loss_db, 1, &now_us), ==, cases[i].band);
    }
}

static void
test_stays_near_between_entering_and_leaving (void)
{
  SighejBandFilter filter = { 0 };
  gint64 now_us = START_US;

  g_assert_cmpint (feed (&filter, 8, 5, &now_us), ==, SIGHEJ_BAND_NEAR);
  g_assert_cmpint (filter.near_since_us, ==, START_US + S (1));
  g_assert_cmpint (feed (&filter, 13, 120, &now_us), ==, SIGHEJ_BAND_NEAR);
  g_assert_cmpint (filter.near_since_us, ==, START_US + S (1));
}

static void
test_leaves_near_after_ten_seconds (void)
{
  SighejBandFilter filter = { 0 };
  gint64 now_us = START_US;

  feed (&filter, 0, 1, &now_us);
  filter.smoothed_db = 40;
  for (guint i = 0; i < SIGHEJ_BAND_MEDIAN_SAMPLES; i++)
    filter.recent_db[i] = 40;
  filter.n_samples = SIGHEJ_BAND_MEDIAN_SAMPLES;

  /* The first sample beyond starts the ten seconds. */
  g_assert_cmpint (feed (&filter, 40, 10, &now_us), ==, SIGHEJ_BAND_NEAR);
  g_assert_cmpint (feed (&filter, 40, 1, &now_us), ==, SIGHEJ_BAND_AROUND);
}

static void
test_one_good_sample_restarts_the_ten_seconds (void)
{
  SighejBandFilter filter = { 0 };
  gint64 now_us = START_US;

  feed (&filter, 0, 1, &now_us);
  filter.beyond_near_us = now_us - S (9);
  filter.smoothed_db = 13;
  g_assert_cmpint (feed (&filter, 0, 1, &now_us), >=, SIGHEJ_BAND_NEAR);
  g_assert_cmpint (filter.beyond_near_us, ==, 0);
}

static void
test_leaves_here_for_near_after_five_seconds (void)
{
  SighejBandFilter filter = { 0 };
  gint64 now_us = START_US;
  guint n = 0;

  g_assert_cmpint (feed (&filter, 0, 5, &now_us), ==, SIGHEJ_BAND_HERE);
  while (filter.smoothed_db <= 4)
    feed (&filter, 10, 1, &now_us);
  while (feed (&filter, 10, 1, &now_us) == SIGHEJ_BAND_HERE)
    n++;
  g_assert_cmpuint (n, ==, 4);
  /* 10 dB would not be enough to enter near, but near was never left. */
  g_assert_cmpint (feed (&filter, 10, 30, &now_us), ==, SIGHEJ_BAND_NEAR);
}

static void
test_one_outlier_changes_nothing (void)
{
  SighejBandFilter filter = { 0 };
  gint64 now_us = START_US;

  feed (&filter, 6, 5, &now_us);
  g_assert_cmpint (feed (&filter, 45, 1, &now_us), ==, SIGHEJ_BAND_NEAR);
  g_assert_cmpfloat_with_epsilon (filter.smoothed_db, 6.0, 1e-9);
}

static void
test_forged_calibration_is_clamped (void)
{
  SighejBandFilter forged = { 0 };
  SighejBandFilter honest = { 0 };

  sighej_band_filter_add (&forged, -80, -100, 0, START_US);
  sighej_band_filter_add (&honest, -80, SIGHEJ_BAND_TX_CAL_MIN_DBM, 0, START_US);
  g_assert_cmpfloat (forged.smoothed_db, ==, honest.smoothed_db);

  sighej_band_filter_add (&forged, -80, -20, 0, START_US);
  sighej_band_filter_add (&honest, -80, SIGHEJ_BAND_TX_CAL_MAX_DBM, 0, START_US);
  g_assert_cmpfloat (forged.smoothed_db, ==, honest.smoothed_db);
}

static void
test_receive_adjustment_brings_nearer (void)
{
  SighejBandFilter filter = { 0 };

  sighej_band_filter_add (&filter, -80, TX_CAL_DBM, 6, START_US);
  g_assert_cmpfloat (filter.smoothed_db, ==, 15);
}

static void
test_unknown_strengths (void)
{
  g_assert_false (sighej_band_is_known (127));
  g_assert_false (sighej_band_is_known (0));
  g_assert_true (sighej_band_is_known (-1));
  g_assert_true (sighej_band_is_known (-127));
  g_assert_true (sighej_band_is_known (20));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/band/vector-of-the-design", test_vector_of_the_design);
  g_test_add_func ("/band/never-heard-is-around", test_never_heard_is_around);
  g_test_add_func ("/band/enters-at-the-limits", test_enters_at_the_limits);
  g_test_add_func ("/band/stays-near-between-entering-and-leaving",
                   test_stays_near_between_entering_and_leaving);
  g_test_add_func ("/band/leaves-near-after-ten-seconds", test_leaves_near_after_ten_seconds);
  g_test_add_func ("/band/one-good-sample-restarts-the-ten-seconds",
                   test_one_good_sample_restarts_the_ten_seconds);
  g_test_add_func ("/band/leaves-here-for-near-after-five-seconds",
                   test_leaves_here_for_near_after_five_seconds);
  g_test_add_func ("/band/one-outlier-changes-nothing", test_one_outlier_changes_nothing);
  g_test_add_func ("/band/forged-calibration-is-clamped", test_forged_calibration_is_clamped);
  g_test_add_func ("/band/receive-adjustment-brings-nearer", test_receive_adjustment_brings_nearer);
  g_test_add_func ("/band/unknown-strengths", test_unknown_strengths);

  return g_test_run ();
}
