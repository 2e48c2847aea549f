/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is found, how soon, and who is taken for near though they are not: people, walls, bodies,
 * radios and packet loss drawn from published figures (sim-world.c names them), heard through
 * the daemon's own band filter and report rule, beside other filters on the same packets.
 *
 *   bench-proximity [--trials=N] [--seed=N]
 *
 * The same seed prints the same on every machine.
 */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim-check.h"
#include "sim-compare.h"

#define CHANCE_OF_ONE 0.4
#define TRIALS_MIN 50
#define TRIALS_MAX 100000

/* BLE 7 with an error of 6 dB, uncalibrated, and of 4 dB. */
static const double published[2][SIM_N_DISTANCES] = {
  { 0.91, 0.53, 0.26, 0.06, NAN },
  { 0.98, 0.55, 0.16, 0.01, NAN },
};

static int n_trials = 1000;
static int seed = 1;

static const GOptionEntry entries[] = {
  { "trials", 0, 0, G_OPTION_ARG_INT, &n_trials, "pairs of people in each place", "N" },
  { "seed", 0, 0, G_OPTION_ARG_INT, &seed, "what chance begins with", "N" },
  { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
};

static const char *
radios (gboolean calibrated)
{
  return calibrated ? "calibrated" : "not calibrated";
}

static void
print_world (void)
{
  guint n_figures;
  const SimFigure *figures = sim_world_figures (&n_figures);

  printf (
      "%d pairs in each place, seed %d, %.0f s each\n\nthe world\n", n_trials, seed, SIM_TRIAL_S);
  for (guint i = 0; i < n_figures; i++)
    printf ("  %-26s %s\n  %-26s   %s\n", figures[i].what, figures[i].value, "", figures[i].source);
}

/* ---- the daemon's filter with its own limits ---- */

static void
run_band (SimRandom *random, const SimSetting *setting, SimStats *stats)
{
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (SimSample));
  SimOutcome outcome;

  sim_trial_draw (setting, random, samples);
  outcome = sim_trial_run_band (samples, setting->for_s);
  sim_stats_add (stats, &outcome);
}

static void
print_times (const char *name, SimStats *stats)
{
  printf ("  %-9s  %7.3f  %5.3f  %8.3f    %5s %5s    %5s %5s    %5s %5s\n",
          name,
          stats->near_s / stats->n_trials / SIM_TRIAL_S,
          sim_stats_share (stats, stats->entered_s),
          sim_stats_share (stats, stats->reported_s),
          sim_stats_word (sim_stats_quantile (stats->heard_s, 0.5), 1),
          sim_stats_word (sim_stats_quantile (stats->heard_s, 0.95), 1),
          sim_stats_word (sim_stats_quantile (stats->entered_s, 0.5), 1),
          sim_stats_word (sim_stats_quantile (stats->entered_s, 0.95), 1),
          sim_stats_word (sim_stats_quantile (stats->reported_s, 0.5), 1),
          sim_stats_word (sim_stats_quantile (stats->reported_s, 0.95), 1));
}

/* What of BLE 7 it is held against: near at a moment, at least once, and what comes of it. */
typedef struct
{
  double near_now[SIM_N_DISTANCES];
  double near_ever[SIM_N_DISTANCES];
  double reported[SIM_N_DISTANCES];
} Means;

static void
print_place (SimRandom *random, const SimPlace *place, gboolean calibrated, Means *means)
{
  printf ("  %s, %u people, radios %s\n",
          sim_plan_to_word (place->plan),
          place->n_people,
          radios (calibrated));
  for (guint i = 0; i < SIM_N_DISTANCES; i++)
    {
      g_autofree char *name = g_strdup_printf ("%.0f m", sim_distances_m[i]);
      SimStats stats;

      sim_stats_init (&stats);
      for (guint trial = 0; trial < (guint) n_trials; trial++)
        {
          SimSetting setting;

          sim_place_set (&setting, place, sim_distances_m[i], calibrated, trial);
          run_band (random, &setting, &stats);
        }
      print_times (name, &stats);
      means->near_now[i] += stats.near_s / stats.n_trials / SIM_TRIAL_S;
      means->near_ever[i] += sim_stats_share (&stats, stats.entered_s);
      means->reported[i] += sim_stats_share (&stats, stats.reported_s);
      sim_stats_clear (&stats);
    }
}

static gboolean
print_detection (SimRandom *random, gboolean calibrated)
{
  Means means = { 0 };
  gboolean kept = TRUE;
  guint n_places;
  const SimPlace *places = sim_places (&n_places);

  printf ("\nours: share of the time near, share near at least once, share reported;\n"
          "seconds to the first packet, to near, to the report (median, 95 %%)\n");
  printf ("  distance   of time   near  reported    heard            near           report\n");
  for (guint i = 0; i < n_places; i++)
    print_place (random, &places[i], calibrated, &means);

  printf ("  mean of these places            of time   near  reported   published (BLE 7)\n");
  for (guint i = 0; i < SIM_N_DISTANCES; i++)
    {
      printf ("  %30.0f m  %7.3f  %5.3f  %8.3f   %s\n",
              sim_distances_m[i],
              means.near_now[i] / n_places,
              means.near_ever[i] / n_places,
              means.reported[i] / n_places,
              sim_stats_word (published[calibrated][i], 2));
      if (sim_distances_m[i] < SIM_FALSE_METRES)
        kept = kept && means.near_ever[i] / n_places >= published[calibrated][i];
    }
  return kept;
}

static void
print_passing (SimRandom *random)
{
  guint n_places;
  const SimPlace *places = sim_places (&n_places);

  printf ("\nours: somebody walks past, 1 m away at the closest\n");
  for (guint i = 0; i < n_places; i++)
    {
      g_autofree char *name
          = g_strdup_printf ("%s %u", sim_plan_to_word (places[i].plan), places[i].n_people);
      SimStats stats;

      sim_stats_init (&stats);
      for (guint trial = 0; trial < (guint) n_trials; trial++)
        {
          SimSetting setting;

          sim_place_set (&setting, &places[i], 1, FALSE, 0);
          setting.scene.passes = TRUE;
          setting.for_s = sim_world_passed_s (&setting.scene);
          run_band (random, &setting, &stats);
        }
      printf ("  %-14s near %.3f, reported %.3f\n",
              name,
              sim_stats_share (&stats, stats.entered_s),
              sim_stats_share (&stats, stats.reported_s));
      sim_stats_clear (&stats);
    }
}

/* ---- the others ---- */

static void
print_contestant (SimContestant *self)
{
  printf ("  %-16s %5g %6.1f dB %4g, %2g s%s",
          sim_filter_kind_to_word (self->tuning.kind),
          self->tuning.parameter,
          self->tuning.enter_db,
          self->tuning.leave_db,
          self->tuning.leave_s,
          self->tuning.adds_up ? "*" : " ");
  for (guint i = 0; i < SIM_N_DISTANCES; i++)
    printf ("  %.3f", sim_stats_share (&self->by_distance[i], self->by_distance[i].reported_s));
  printf ("   %.3f   %3s %3s   %3s %3s\n",
          sim_contestant_get_j (self),
          sim_stats_word (sim_stats_quantile (self->by_distance[0].reported_s, 0.5), 0),
          sim_stats_word (sim_stats_quantile (self->by_distance[0].reported_s, 0.95), 0),
          sim_stats_word (sim_stats_quantile (self->by_distance[1].reported_s, 0.5), 0),
          sim_stats_word (sim_stats_quantile (self->by_distance[1].reported_s, 0.95), 0));
}

static void
print_crowds (SimContestant *self)
{
  const SimPlace *places = sim_places (&(guint){ 0 });

  for (guint place = 0; place < G_N_ELEMENTS (self->by_place); place++)
    {
      printf ("  %-16s %6u ", sim_filter_kind_to_word (self->tuning.kind), places[place].n_people);
      for (guint i = 0; i < SIM_N_DISTANCES; i++)
        {
          SimStats *stats = &self->by_place[place][i];

          printf ("  %.3f %3s %3s",
                  sim_stats_share (stats, stats->reported_s),
                  sim_stats_word (sim_stats_quantile (stats->reported_s, 0.5), 0),
                  sim_stats_word (sim_stats_quantile (stats->reported_s, 0.95), 0));
        }
      printf ("\n");
    }
}

static void
print_comparison (SimRandom *random, gboolean calibrated, double j[SIM_N_FILTERS])
{
  SimContestant contestants[SIM_N_FILTERS];

  sim_compare (random, calibrated, (guint) n_trials, contestants);
  printf (
      "\nfilters, radios %s: each at its best parameter, with the limit where %.0f %% at %d m are "
      "reported;\nshare reported, J, seconds to the report at 1 and at 2 m (median, 95 %%)\n",
      radios (calibrated),
      100 * SIM_FALSE_SHARE,
      SIM_FALSE_METRES);
  printf ("  filter            turn     limit   leave      1 m    2 m    3 m    5 m   10 m      "
          "J     1 m       2 m\n");
  for (guint i = 0; i < SIM_N_FILTERS; i++)
    {
      print_contestant (&contestants[i]);
      j[i] += sim_contestant_get_j (&contestants[i]) / 2;
    }

  printf ("\nthe same by crowd, every packet delivered: share reported, seconds (median, 95 %%)\n");
  printf ("  filter           people   1 m            2 m            3 m            5 m            "
          "10 m\n");
  for (guint i = 0; i < SIM_N_FILTERS; i++)
    {
      print_crowds (&contestants[i]);
      sim_contestant_clear (&contestants[i]);
    }
}

/* Two filters on the same packets differ by this much less than once in twenty seeds. */
static double
chance_of_j (void)
{
  guint n_places;

  sim_places (&n_places);
  return CHANCE_OF_ONE / sqrt ((double) n_places * n_trials);
}

/* Returns: by how much ours is better than the best of the others; negative: it is not. */
static double
print_filters (SimRandom *random)
{
  double j[SIM_N_FILTERS] = { 0 };
  double best = 0;

  print_comparison (random, FALSE, j);
  print_comparison (random, TRUE, j);
  printf ("\nmean J of both:");
  for (guint i = 0; i < SIM_N_FILTERS; i++)
    {
      printf (" %s %.4f%s",
              sim_filter_kind_to_word ((SimFilterKind) i),
              j[i],
              i + 1 < SIM_N_FILTERS ? "," : "\n");
      if (i != SIM_FILTER_OURS)
        best = MAX (best, j[i]);
    }
  return j[SIM_FILTER_OURS] - best;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  gboolean kept;
  double margin;
  double worst;
  SimRandom random;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || n_trials < TRIALS_MIN
      || n_trials > TRIALS_MAX)
    {
      g_printerr ("bench-proximity: %s\n",
                  error != NULL ? error->message : "there must be 50 to 100000 trials");
      return EXIT_FAILURE;
    }

  sim_random_init (&random, (guint64) seed);
  print_world ();
  worst = sim_check_print (&random, (guint) n_trials);
  kept = print_detection (&random, FALSE);
  kept = print_detection (&random, TRUE) && kept;
  print_passing (&random);
  margin = print_filters (&random);

  printf ("\nsimulator within %.3f of the calculation; detection at least as published: %s; ours "
          "beside the "
          "best other filter: J %+.4f (chance %.4f): %s\n",
          worst,
          kept ? "yes" : "NO",
          margin,
          chance_of_j (),
          margin > -chance_of_j () ? "none is better" : "WORSE");
  return EXIT_SUCCESS;
}
