/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim-check.h"

#include <math.h>
#include <stdio.h>

#include "sim-stats.h"

#define N_CROWDS 3
#define N_INTERVALS 5
static const guint crowds[N_CROWDS] = { 50, 200, 1000 };
static const double intervals_s[N_INTERVALS] = { 0.1, 0.25, 0.5, 1, 1.28 };

/* The limit of `near` that BLE 7 was calculated with. */
#define PUBLISHED_NEAR_DB 8.0
#define AIR_S 60.0
#define NO_ERROR_DB 0.1
#define FIRSTS 50000
#define FADING_S 20.0
#define FADING_INTERVAL_S 0.03

double
sim_check_near (
    SimRandom *random, guint n_trials, double distance_m, double sigma_db, double *calculated)
{
  SimSetting setting = {
    .scene = { .distance_m = distance_m, .n_people = 2, .still_sigma_db = sigma_db },
    .min_s = 0.25,
    .max_s = 0.3,
    .for_s = 10,
  };
  SimTuning tuning = { SIM_FILTER_OURS, 0, PUBLISHED_NEAR_DB, 1, 5, TRUE };
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (SimSample));
  guint n_near = 0;

  for (guint i = 0; i < n_trials; i++)
    {
      SimOutcome outcome;

      sim_trial_draw (&setting, random, samples);
      outcome = sim_trial_run (samples, &tuning, setting.for_s);
      n_near += outcome.entered_s < SIM_NEVER_S;
    }

  *calculated = 0.5 * erfc (-(PUBLISHED_NEAR_DB - 25 * log10 (distance_m)) / sigma_db / G_SQRT2);
  return (double) n_near / n_trials;
}

static double
print_near (SimRandom *random, guint n_trials)
{
  static const struct
  {
    double sigma_db;
    double published[SIM_N_DISTANCES];
  } cases[] = {
    { 6, { 0.91, 0.53, 0.26, 0.06, NAN } },
    { 4, { 0.98, 0.55, 0.16, 0.01, NAN } },
  };
  double worst = 0;

  printf ("\nBLE 7, still and ideal: share within 8 dB, by our filter\n");
  printf ("  sigma  metres  published  calculated  drawn  difference\n");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint j = 0; j < SIM_N_DISTANCES; j++)
      {
        double calculated;
        double drawn
            = sim_check_near (random, n_trials, sim_distances_m[j], cases[i].sigma_db, &calculated);

        printf ("  %5.0f  %6.0f  %9s  %10.3f  %5.3f  %+10.3f\n",
                cases[i].sigma_db,
                sim_distances_m[j],
                sim_stats_word (cases[i].published[j], 2),
                calculated,
                drawn,
                drawn - calculated);
        worst = MAX (worst, fabs (drawn - calculated));
      }
  return worst;
}

static double
print_clean (SimRandom *random, double p_clean[N_CROWDS][N_INTERVALS])
{
  static const double published[N_CROWDS][N_INTERVALS] = {
    { 0.70, 0.87, 0.93, 0.96, 0.97 },
    { 0.24, 0.56, 0.74, 0.86, 0.89 },
    { 0.001, 0.05, 0.23, 0.47, 0.56 },
  };
  double worst = 0;

  printf ("\nBLE 9: share of packets without a collision, published | drawn packet by packet\n");
  printf ("  people    100 ms        250 ms        500 ms        1000 ms       1280 ms\n");
  for (guint i = 0; i < N_CROWDS; i++)
    {
      printf ("  %6u", crowds[i]);
      for (guint j = 0; j < N_INTERVALS; j++)
        {
          p_clean[i][j] = sim_air_draw_p_clean (random, crowds[i], intervals_s[j], AIR_S);
          worst = MAX (worst, fabs (p_clean[i][j] - sim_air_p_clean (crowds[i], intervals_s[j])));
          printf ("  %5.3f | %5.3f", published[i][j], p_clean[i][j]);
        }
      printf ("\n");
    }
  return worst;
}

static double
draw_seconds (SimRandom *random, double p_heard, double interval_s)
{
  g_autoptr (GArray) firsts_s = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < FIRSTS; i++)
    {
      double first_s = sim_air_draw_first (random, p_heard, interval_s);

      g_array_append_val (firsts_s, first_s);
    }
  return sim_stats_quantile (firsts_s, 0.99);
}

static void
print_seconds (SimRandom *random, double duty, double p_clean[N_CROWDS][N_INTERVALS])
{
  static const double published[2][N_CROWDS][N_INTERVALS] = {
    { { 0.5, 0.8, 1.3, 2.3, 2.9 }, { 2.0, 1.7, 2.1, 3.1, 3.7 }, { 688, 24, 10, 8.3, 8.5 } },
    { { 1.3, 2.4, 4.3, 8.1, 10 }, { 4.2, 4.1, 5.7, 9.4, 12 }, { 1375, 49, 22, 19, 20 } },
  };

  printf ("\nBLE 9: seconds until 99 %% are heard, duty %.1f, published | drawn\n", duty);
  printf ("  people    100 ms        250 ms        500 ms        1000 ms       1280 ms\n");
  for (guint i = 0; i < N_CROWDS; i++)
    {
      printf ("  %6u", crowds[i]);
      for (guint j = 0; j < N_INTERVALS; j++)
        printf ("  %5g | %5.1f",
                published[duty < 1][i][j],
                draw_seconds (random, duty * p_clean[i][j] * SIM_RECEIVED, intervals_s[j]));
      printf ("\n");
    }
}

static void
print_packets (double p_clean[N_CROWDS][N_INTERVALS])
{
  static const double published[N_CROWDS][N_INTERVALS] = {
    { 60, 31, 17, 8.6, 6.8 },
    { 21, 20, 13, 7.7, 6.2 },
    { 0.1, 1.9, 4, 4.2, 3.9 },
  };

  printf ("\nBLE 9: packets heard in 10 s, duty 1, published | drawn\n");
  printf ("  people    100 ms        250 ms        500 ms        1000 ms       1280 ms\n");
  for (guint i = 0; i < N_CROWDS; i++)
    {
      printf ("  %6u", crowds[i]);
      for (guint j = 0; j < N_INTERVALS; j++)
        printf ("  %5g | %5.1f",
                published[i][j],
                10 / (intervals_s[j] + SIM_DELAY_S_MAX / 2) * p_clean[i][j] * SIM_RECEIVED);
      printf ("\n");
    }
}

/* Two machines 1 m apart in an ideal room. */
static void
run_pair (SimRandom *random, double min_s, double max_s, guint n_trials, SimStats *stats)
{
  SimSetting setting = {
    .scene = { .distance_m = 1, .n_people = 2, .still_sigma_db = NO_ERROR_DB },
    .min_s = min_s,
    .max_s = max_s,
    .for_s = SIM_TRIAL_S,
  };
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (SimSample));

  sim_stats_init (stats);
  for (guint i = 0; i < n_trials; i++)
    {
      SimOutcome outcome;

      sim_trial_draw (&setting, random, samples);
      outcome = sim_trial_run_band (samples, setting.for_s);
      sim_stats_add (stats, &outcome);
    }
}

static void
print_targets (SimRandom *random, guint n_trials)
{
  SimStats often;
  SimStats seldom;

  run_pair (random, 0.25, 0.3, n_trials, &often);
  run_pair (random, 1.28, 1.28, n_trials, &seldom);
  printf ("\nBLE 9's targets, two at 1 m, still and ideal, half of the time listening\n"
          "  250 to 300 ms: first packet, 95 %%: 2 s | %.1f s\n"
          "  250 to 300 ms: reported, 95 %%: 30 s | %.1f s\n"
          "  1280 ms: first packet, 99 %%: 12 s | %.1f s\n",
          sim_stats_quantile (often.heard_s, 0.95),
          sim_stats_quantile (often.reported_s, 0.95),
          sim_stats_quantile (seldom.heard_s, 0.99));
  sim_stats_clear (&often);
  sim_stats_clear (&seldom);
}

static double
deviation_db (const GArray *samples)
{
  double sum = 0;
  double squares = 0;

  for (guint i = 0; i < samples->len; i++)
    {
      double rssi_dbm = g_array_index (samples, SimSample, i).rssi_dbm;

      sum += rssi_dbm;
      squares += rssi_dbm * rssi_dbm;
    }
  return sqrt (squares / samples->len - pow (sum / samples->len, 2));
}

void
sim_check_fading (SimRandom *random, guint n_places, double quartiles_db[3])
{
  SimSetting setting = {
    .scene = { .distance_m = 2, .n_people = 2 },
    .min_s = FADING_INTERVAL_S,
    .max_s = FADING_INTERVAL_S,
    .for_s = FADING_S,
  };
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (SimSample));
  g_autoptr (GArray) deviations_db = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < n_places; i++)
    {
      double one_db;

      sim_trial_draw (&setting, random, samples);
      one_db = deviation_db (samples);
      g_array_append_val (deviations_db, one_db);
    }
  for (guint i = 0; i < 3; i++)
    quartiles_db[i] = sim_stats_quantile (deviations_db, 0.25 * (i + 1));
}

double
sim_check_print (SimRandom *random, guint n_trials)
{
  double p_clean[N_CROWDS][N_INTERVALS];
  double quartiles_db[3];
  double worst = print_near (random, 10 * n_trials);

  worst = MAX (worst, print_clean (random, p_clean));
  print_seconds (random, 1, p_clean);
  print_seconds (random, SIM_WINDOW_SHARE, p_clean);
  print_packets (p_clean);
  print_targets (random, n_trials);

  sim_check_fading (random, n_trials, quartiles_db);
  printf (
      "\nreadings within one place, deviation (quartiles): measured 4.6, 5.5, 6.5 dB; drawn %.1f, "
      "%.1f, %.1f dB\n",
      quartiles_db[0],
      quartiles_db[1],
      quartiles_db[2]);
  return worst;
}
