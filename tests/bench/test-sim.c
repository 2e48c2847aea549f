/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pieces of bench-proximity, held to what can be calculated and to the daemon's own rule. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "sighej-sightings.h"
#include "sighej-test.h"
#include "sim-check.h"
#include "sim-compare.h"

#define SEED 7
#define DWELL_S 20
#define STREAMS 60

static void
test_same_seed_same_world (void)
{
  g_autoptr (GArray) first = g_array_new (FALSE, FALSE, sizeof (SimSample));
  g_autoptr (GArray) second = g_array_new (FALSE, FALSE, sizeof (SimSample));
  SimSetting setting;
  SimRandom random;

  sim_place_set (&setting, sim_places (&(guint){ 0 }), 2, FALSE, 1);
  sim_random_init (&random, SEED);
  sim_trial_draw (&setting, &random, first);
  sim_random_init (&random, SEED);
  sim_trial_draw (&setting, &random, second);

  g_assert_cmpuint (first->len, >, 100);
  g_assert_cmpmem (
      first->data, first->len * sizeof (SimSample), second->data, second->len * sizeof (SimSample));
}

static void
test_normal_is_normal (void)
{
  const guint n = 20000;
  double sum = 0;
  double squares = 0;
  SimRandom random;

  sim_random_init (&random, SEED);
  for (guint i = 0; i < n; i++)
    {
      double value = sim_random_normal (&random, 2);

      sum += value;
      squares += value * value;
    }
  g_assert_cmpfloat_with_epsilon (sum / n, 0, 0.05);
  g_assert_cmpfloat_with_epsilon (squares / n, 4, 0.1);
}

static void
test_near_as_calculated (void)
{
  SimRandom random;

  sim_random_init (&random, SEED);
  for (guint i = 0; i < SIM_N_DISTANCES; i++)
    {
      double calculated;
      double drawn = sim_check_near (&random, 2000, sim_distances_m[i], 6, &calculated);

      g_assert_cmpfloat_with_epsilon (drawn, calculated, 0.03);
    }
}

static void
test_air_as_calculated (void)
{
  SimRandom random;

  sim_random_init (&random, SEED);
  g_assert_cmpfloat_with_epsilon (sim_air_p_clean (200, 0.25), 0.56, 0.005);
  g_assert_cmpfloat_with_epsilon (sim_air_p_clean (1000, 1), 0.47, 0.005);
  g_assert_cmpfloat_with_epsilon (
      sim_air_draw_p_clean (&random, 200, 0.25, 10), sim_air_p_clean (200, 0.25), 0.03);
  g_assert_cmpfloat_with_epsilon (
      sim_air_seconds_to (0.99, 0.9 * sim_air_p_clean (1000, 1), 1), 8.3, 0.1);
}

static void
test_duplicate_filter_lets_one_through_each_turn (void)
{
  SimRandom random;
  double last_s = -1;
  SimAir air;

  sim_random_init (&random, SEED);
  sim_air_init (&air, &random, SIM_PLAN_RESTART, 2, 0.25, 0.3);
  for (guint i = 0; i < 100; i++)
    {
      guint channel;
      double at_s = sim_air_next (&air, &random, &channel);

      sim_air_took (&air);
      g_assert_cmpuint (channel, <, SIM_CHANNELS);
      g_assert_cmpfloat (floor ((at_s - air.turned_s) / air.turn_s), >, last_s);
      last_s = floor ((at_s - air.turned_s) / air.turn_s);
    }
  g_assert_cmpfloat (last_s, <, 110);
}

static void
test_weaker_with_distance_and_walls (void)
{
  double mean_dbm[SIM_N_DISTANCES] = { 0 };
  SimRandom random;

  sim_random_init (&random, SEED);
  for (guint i = 0; i < SIM_N_DISTANCES; i++)
    for (guint trial = 0; trial < 1000; trial++)
      {
        SimScene scene = { .distance_m = sim_distances_m[i], .n_people = 2 };
        SimWorld world;
        int rssi_dbm;

        sim_world_init (&world, &random, &scene);
        if (scene.distance_m <= 3)
          g_assert_cmpfloat (world.wall_db, ==, 0);
        sim_world_hear (&world, &random, 0, 0, &rssi_dbm);
        mean_dbm[i] += rssi_dbm / 1000.0;
      }
  for (guint i = 1; i < SIM_N_DISTANCES; i++)
    g_assert_cmpfloat (mean_dbm[i], <, mean_dbm[i - 1] - 2);
}

static void
test_readings_spread_as_measured (void)
{
  double quartiles_db[3];
  SimRandom random;

  sim_random_init (&random, SEED);
  sim_check_fading (&random, 100, quartiles_db);
  g_assert_cmpfloat_with_epsilon (quartiles_db[0], 4.6, 0.8);
  g_assert_cmpfloat_with_epsilon (quartiles_db[1], 5.5, 0.8);
  g_assert_cmpfloat_with_epsilon (quartiles_db[2], 6.5, 0.8);
}

/* ---- the rule ---- */

static void
test_rule_reports_after_the_dwell (void)
{
  SimTuning tuning = { SIM_FILTER_MEAN, 5, 8, 5, 10, FALSE };
  SimRule rule;

  sim_rule_init (&rule, &tuning);
  for (guint i = 0; i < 5; i++)
    sim_rule_take (&rule, 7, 1 + i);
  g_assert_cmpfloat (rule.outcome.entered_s, ==, 1);
  sim_rule_wait (&rule, 20.9);
  g_assert_cmpfloat (rule.outcome.reported_s, ==, SIM_NEVER_S);
  sim_rule_wait (&rule, 30);
  g_assert_cmpfloat (rule.outcome.reported_s, ==, 21);
}

static gboolean
on_report_due (SighejSightings *sightings, SighejToken *token, gboolean *is_reported)
{
  *is_reported = TRUE;
  return TRUE;
}

/* When the daemon's own sightings report what is in @samples, seconds; SIM_NEVER_S: not. */
static double
report_of_the_daemon (const GArray *samples, double for_s)
{
  SighejTestClock *clock = sighej_test_clock_new ();
  SighejSightings *sightings = sighej_sightings_new (SIGHEJ_CLOCK (clock), DWELL_S);
  SighejPayload payload = { .flags = SIGHEJ_PAYLOAD_OPEN, .tx_cal_dbm = SIM_TX_CAL_DBM };
  gint64 start_us = sighej_clock_now_us (SIGHEJ_CLOCK (clock));
  gboolean is_reported = FALSE;
  double reported_s = SIM_NEVER_S;

  memset (payload.token.bytes, 1, sizeof payload.token.bytes);
  g_signal_connect (sightings, "report-due", G_CALLBACK (on_report_due), &is_reported);
  sighej_sightings_set_reporting (sightings, TRUE);

  /* A tenth of a second at a time, so that a report that falls due in between is seen. */
  for (guint i = 0, tenth = 0; tenth < 10 * (guint) for_s && reported_s >= SIM_NEVER_S; tenth++)
    {
      for (; i < samples->len && g_array_index (samples, SimSample, i).at_s <= tenth / 10.0; i++)
        sighej_sightings_hear (sightings, &payload, g_array_index (samples, SimSample, i).rssi_dbm);
      if (is_reported)
        reported_s
            = (double) (sighej_clock_now_us (SIGHEJ_CLOCK (clock)) - start_us) / G_USEC_PER_SEC;
      sighej_test_clock_advance (clock, G_USEC_PER_SEC / 10);
    }

  sighej_test_assert_finalized (sightings);
  sighej_test_assert_finalized (clock);
  return reported_s;
}

/* Both see the packets at whole tenths of a second, and both or neither report. */
static void
test_rule_is_the_one_of_sightings (void)
{
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (SimSample));
  guint n_reported = 0;
  guint n_places;
  const SimPlace *places = sim_places (&n_places);
  SimRandom random;

  sim_random_init (&random, SEED);
  for (guint stream = 0; stream < STREAMS; stream++)
    {
      SimSetting setting;
      SimOutcome outcome;
      double reported_s;

      sim_place_set (
          &setting, &places[stream % n_places], sim_distances_m[stream % 3], FALSE, stream);
      setting.for_s = 60;
      sim_trial_draw (&setting, &random, samples);
      for (guint i = 0; i < samples->len; i++)
        g_array_index (samples, SimSample, i).at_s
            = ceil (g_array_index (samples, SimSample, i).at_s * 10) / 10;

      outcome = sim_trial_run_band (samples, setting.for_s - 1);
      reported_s = report_of_the_daemon (samples, setting.for_s);
      if (outcome.reported_s < SIM_NEVER_S)
        g_assert_cmpfloat_with_epsilon (reported_s, outcome.reported_s, 0.35);
      else
        g_assert_cmpfloat (reported_s, >=, setting.for_s - 1);
      n_reported += outcome.reported_s < SIM_NEVER_S;
    }
  g_assert_cmpuint (n_reported, >, STREAMS / 4);
  g_assert_cmpuint (n_reported, <, STREAMS);
}

/* ---- the filters ---- */

static void
test_all_filters_settle_on_what_is_there (void)
{
  for (guint kind = 0; kind < SIM_N_FILTERS; kind++)
    {
      guint n_parameters;
      const double *parameters
          = sim_filter_kind_get_parameters ((SimFilterKind) kind, &n_parameters);

      for (guint i = 0; i < n_parameters; i++)
        {
          SimFilter filter;
          double level_db = 0;

          sim_filter_init (&filter, (SimFilterKind) kind, parameters[i]);
          for (guint second = 1; second < 200; second++)
            level_db = sim_filter_add (&filter, second < 20 ? -50 : -70, -59, second);
          g_assert_cmpfloat_with_epsilon (level_db, 11, 0.5);
        }
    }
}

static void
test_all_are_wrong_equally_often (void)
{
  SimContestant contestants[SIM_N_FILTERS];
  SimRandom random;

  sim_random_init (&random, SEED);
  sim_compare (&random, FALSE, 50, contestants);
  for (guint kind = 0; kind < SIM_N_FILTERS; kind++)
    {
      SimStats *wrong = &contestants[kind].by_distance[3];

      g_assert_cmpuint (wrong->n_trials, ==, 350);
      g_assert_cmpfloat (sim_stats_share (wrong, wrong->reported_s), <=, SIM_FALSE_SHARE);
      g_assert_cmpfloat (sim_contestant_get_j (&contestants[kind]), >, 0.5);
      sim_contestant_clear (&contestants[kind]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sim/same-seed-same-world", test_same_seed_same_world);
  g_test_add_func ("/sim/normal-is-normal", test_normal_is_normal);
  g_test_add_func ("/sim/near-as-calculated", test_near_as_calculated);
  g_test_add_func ("/sim/air-as-calculated", test_air_as_calculated);
  g_test_add_func ("/sim/duplicate-filter-lets-one-through-each-turn",
                   test_duplicate_filter_lets_one_through_each_turn);
  g_test_add_func ("/sim/weaker-with-distance-and-walls", test_weaker_with_distance_and_walls);
  g_test_add_func ("/sim/readings-spread-as-measured", test_readings_spread_as_measured);
  g_test_add_func ("/sim/rule-reports-after-the-dwell", test_rule_reports_after_the_dwell);
  g_test_add_func ("/sim/rule-is-the-one-of-sightings", test_rule_is_the_one_of_sightings);
  g_test_add_func ("/sim/all-filters-settle-on-what-is-there",
                   test_all_filters_settle_on_what_is_there);
  g_test_add_func ("/sim/all-are-wrong-equally-often", test_all_are_wrong_equally_often);

  return g_test_run ();
}
