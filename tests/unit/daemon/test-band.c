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

typedef struct
{
  guint every_s;
  double smoothed_dbm[10];
} Vector;

static void
test_vector_of_the_design (gconstpointer data)
{
  static const int rssi_dbm[] = { -58, -61, -90, -60, -63, -59, -62, -71, -60, -64 };
  const Vector *vector = data;
  SighejBandFilter filter = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (rssi_dbm); i++)
    {
      double loss_db;

      sighej_band_filter_add (
          &filter, rssi_dbm[i], TX_CAL_DBM, 0, START_US + S ((gint64) i * vector->every_s));
      loss_db = TX_CAL_DBM - vector->smoothed_dbm[i];
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
    { -20, SIGHEJ_BAND_HERE }, { 0, SIGHEJ_BAND_HERE },    { 1, SIGHEJ_BAND_NEAR },
    { 9, SIGHEJ_BAND_NEAR },   { 10, SIGHEJ_BAND_AROUND }, { 60, SIGHEJ_BAND_AROUND },
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

  g_assert_cmpint (feed (&filter, 9, 5, &now_us), ==, SIGHEJ_BAND_NEAR);
  g_assert_cmpint (feed (&filter, 13, 120, &now_us), ==, SIGHEJ_BAND_NEAR);
}

static void
test_dwell_counts_what_is_within (void)
{
  SighejBandFilter filter = { 0 };
  gint64 now_us = START_US;

  g_assert_cmpint (sighej_band_filter_dwells_at (&filter, S (20)), ==, G_MAXINT64);
  feed (&filter, 9, 1, &now_us);
  g_assert_cmpint (sighej_band_filter_dwells_at (&filter, S (20)), ==, now_us + S (20));
  feed (&filter, 9, 10, &now_us);
  g_assert_cmpint (sighej_band_filter_dwells_at (&filter, S (20)), ==, now_us + S (10));
  feed (&filter, 9, 15, &now_us);
  g_assert_cmpint (sighej_band_filter_dwells_at (&filter, S (20)), <=, now_us);
}

static void
test_time_beyond_takes_a_tenth_back (void)
{
  SighejBandFilter filter = { 0 };
  gint64 now_us = START_US;

  feed (&filter, 9, 11, &now_us);
  g_assert_cmpint (feed (&filter, 10, 21, &now_us), ==, SIGHEJ_BAND_NEAR);
  g_assert_cmpint (sighej_band_filter_dwells_at (&filter, S (20)), ==, G_MAXINT64);
  /* 11 s within, 20 s beyond. */
  feed (&filter, 0, 1, &now_us);
  g_assert_cmpint (
      sighej_band_filter_dwells_at (&filter, S (20)), ==, now_us + S (20 - 11 + 2) + S (1) / 10);
}

static void
test_leaving_near_forgets_the_dwell (void)
{
  SighejBandFilter filter = { 0 };
  gint64 now_us = START_US;

  feed (&filter, 3, 30, &now_us);
  g_assert_cmpint (feed (&filter, 60, 30, &now_us), ==, SIGHEJ_BAND_AROUND);
  filter.smoothed_db = 3;
  feed (&filter, 3, 1, &now_us);
  g_assert_cmpint (sighej_band_filter_dwells_at (&filter, S (20)), ==, now_us + S (20));
}

/* As if it had been so far away for long. */
static void
set_level (SighejBandFilter *filter, double level_db, gint64 now_us)
{
  filter->smoothed_db = level_db;
  filter->sample_us = now_us;
}

static void
test_leaves_near_after_ten_seconds (void)
{
  SighejBandFilter filter = { 0 };
  gint64 now_us = START_US;

  feed (&filter, 3, 1, &now_us);
  set_level (&filter, 40, now_us);

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
  set_level (&filter, 13, now_us);
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
    feed (&filter, 9, 1, &now_us);
  while (feed (&filter, 9, 1, &now_us) == SIGHEJ_BAND_HERE)
    n++;
  g_assert_cmpuint (n, ==, 4);
  /* 10 dB would not be enough to enter near, but near was never left. */
  g_assert_cmpint (feed (&filter, 10, 30, &now_us), ==, SIGHEJ_BAND_NEAR);
}

static void
test_one_outlier_does_not_lead_away (void)
{
  SighejBandFilter filter = { 0 };
  gint64 now_us = START_US;
  double before_db;

  feed (&filter, 6, 5, &now_us);
  before_db = filter.smoothed_db;
  g_assert_cmpint (feed (&filter, 45, 1, &now_us), ==, SIGHEJ_BAND_NEAR);
  g_assert_cmpfloat (filter.smoothed_db, <, before_db + 16.0 / 4);
  g_assert_cmpint (feed (&filter, 6, 10, &now_us), ==, SIGHEJ_BAND_NEAR);
}

/* The same walk, from four packets a second down to five a minute. */
static void
test_follows_at_any_rate (void)
{
  static const gint64 every_ms[] = { 250, 2500, 12000 };

  for (guint i = 0; i < G_N_ELEMENTS (every_ms); i++)
    {
      SighejBandFilter filter = { 0 };
      gint64 every_us = every_ms[i] * 1000;
      gint64 now_us = START_US;

      for (guint half = 0; half < 2; half++)
        for (gint64 until_us = now_us + S (60); now_us < until_us; now_us += every_us)
          sighej_band_filter_add (
              &filter, TX_CAL_DBM - (half == 0 ? 20 : 4), TX_CAL_DBM, 0, now_us);
      g_assert_cmpint (sighej_band_filter_get (&filter), ==, SIGHEJ_BAND_NEAR);
    }
}

/* Four packets at once are not four looks: what they add wears off at the pace of a walk. */
static void
test_frequent_packets_count_less_each (void)
{
  SighejBandFilter often = { 0 };
  SighejBandFilter seldom = { 0 };

  for (guint i = 0; i < 400; i++)
    sighej_band_filter_add (&often, TX_CAL_DBM, TX_CAL_DBM, 0, START_US + S (1) / 4 * i);
  for (guint i = 0; i < 40; i++)
    sighej_band_filter_add (&seldom, TX_CAL_DBM, TX_CAL_DBM, 0, START_US + S (5) / 2 * i);
  sighej_band_filter_add (&often, TX_CAL_DBM - 10, TX_CAL_DBM, 0, START_US + S (100));
  sighej_band_filter_add (&seldom, TX_CAL_DBM - 10, TX_CAL_DBM, 0, START_US + S (100));

  g_assert_cmpfloat_with_epsilon (often.smoothed_db, 0.63, 0.02);
  g_assert_cmpfloat_with_epsilon (seldom.smoothed_db, 1.84, 0.02);
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
  static const Vector each_second = {
    1, { -58, -59.512, -64.992, -63.673, -63.525, -62.661, -62.548, -63.889, -63.309, -63.407 }
  };
  static const Vector five_a_minute
      = { 12,
          { -58, -59.636, -66.47, -63.976, -63.616, -61.941, -61.963, -65.207, -63.34, -63.577 } };

  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func (
      "/band/vector-of-the-design/each-second", &each_second, test_vector_of_the_design);
  g_test_add_data_func (
      "/band/vector-of-the-design/five-a-minute", &five_a_minute, test_vector_of_the_design);
  g_test_add_func ("/band/never-heard-is-around", test_never_heard_is_around);
  g_test_add_func ("/band/enters-at-the-limits", test_enters_at_the_limits);
  g_test_add_func ("/band/stays-near-between-entering-and-leaving",
                   test_stays_near_between_entering_and_leaving);
  g_test_add_func ("/band/dwell-counts-what-is-within", test_dwell_counts_what_is_within);
  g_test_add_func ("/band/time-beyond-takes-a-tenth-back", test_time_beyond_takes_a_tenth_back);
  g_test_add_func ("/band/leaving-near-forgets-the-dwell", test_leaving_near_forgets_the_dwell);
  g_test_add_func ("/band/leaves-near-after-ten-seconds", test_leaves_near_after_ten_seconds);
  g_test_add_func ("/band/one-good-sample-restarts-the-ten-seconds",
                   test_one_good_sample_restarts_the_ten_seconds);
  g_test_add_func ("/band/leaves-here-for-near-after-five-seconds",
                   test_leaves_here_for_near_after_five_seconds);
  g_test_add_func ("/band/one-outlier-does-not-lead-away", test_one_outlier_does_not_lead_away);
  g_test_add_func ("/band/follows-at-any-rate", test_follows_at_any_rate);
  g_test_add_func ("/band/frequent-packets-count-less-each", test_frequent_packets_count_less_each);
  g_test_add_func ("/band/forged-calibration-is-clamped", test_forged_calibration_is_clamped);
  g_test_add_func ("/band/receive-adjustment-brings-nearer", test_receive_adjustment_brings_nearer);
  g_test_add_func ("/band/unknown-strengths", test_unknown_strengths);

  return g_test_run ();
}
