/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim-compare.h"

#include "sighej-interval.h"

#define LIMIT_DB_MIN (-15.0)
#define LIMIT_DB_MAX 30.0
#define BISECTIONS 14
/* Of the trials, so many tune. */
#define TRAINING_SHARE 0.4
#define N_TRAINED 3 /* of the distances: 1 and 2 m, and the false ones */
#define FALSE_ONES 2

static const guint trained[N_TRAINED] = { 0, 1, 3 };

static const SimPlace places[] = {
  { SIM_PLAN_MONITOR, 2 },    { SIM_PLAN_MONITOR, 50 }, { SIM_PLAN_MONITOR, 200 },
  { SIM_PLAN_MONITOR, 1000 }, { SIM_PLAN_RESTART, 2 },  { SIM_PLAN_RESTART, 50 },
  { SIM_PLAN_SPARSE, 2 },
};
#define N_PLACES G_N_ELEMENTS (places)

/* How near is left and time in it counted: as it was, half-way, without hysteresis, as it is. */
static const struct
{
  double leave_db;
  double leave_s;
  gboolean adds_up;
} rules[] = { { 5, 10, FALSE }, { 1.5, 5, FALSE }, { 0, 0, FALSE }, { 4, 10, TRUE } };

const SimPlace *
sim_places (guint *n_places)
{
  *n_places = N_PLACES;
  return places;
}

void
sim_place_set (
    SimSetting *setting, const SimPlace *place, double distance_m, gboolean calibrated, guint trial)
{
  SighejInterval interval = sighej_interval_among (place->n_people);

  *setting = (SimSetting){
    .scene = { .distance_m = distance_m,
               .n_people = place->n_people,
               .moves = trial % 2 == 1,
               .calibrated = calibrated },
    .plan = place->plan,
    .min_s = interval.min_ms / 1000.0,
    .max_s = interval.max_ms / 1000.0,
    .for_s = SIM_TRIAL_S,
  };
}

/* ---- tuning ---- */

static GPtrArray *
draw_streams (SimRandom *random, double distance_m, gboolean calibrated, guint n_trials)
{
  GPtrArray *streams = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);

  for (guint i = 0; i < N_PLACES; i++)
    for (guint trial = 0; trial < n_trials; trial++)
      {
        GArray *samples = g_array_new (FALSE, FALSE, sizeof (SimSample));
        SimSetting setting;

        sim_place_set (&setting, &places[i], distance_m, calibrated, trial);
        sim_trial_draw (&setting, random, samples);
        g_ptr_array_add (streams, samples);
      }
  return streams;
}

static double
reported_share (const GPtrArray *streams, const SimTuning *tuning)
{
  guint n_reported = 0;

  for (guint i = 0; i < streams->len; i++)
    n_reported += sim_trial_run (g_ptr_array_index (streams, i), tuning, SIM_TRIAL_S).reported_s
                  < SIM_NEVER_S;
  return (double) n_reported / streams->len;
}

static void
find_limit (SimTuning *tuning, const GPtrArray *false_streams)
{
  double low_db = LIMIT_DB_MIN;
  double high_db = LIMIT_DB_MAX;

  for (guint i = 0; i < BISECTIONS; i++)
    {
      tuning->enter_db = (low_db + high_db) / 2;
      if (reported_share (false_streams, tuning) > SIM_FALSE_SHARE)
        high_db = tuning->enter_db;
      else
        low_db = tuning->enter_db;
    }
  tuning->enter_db = low_db;
}

static gboolean
is_offered (SimFilterKind kind, guint rule)
{
  /* Each as it was, or is; buckets have their own; the others have the choice. */
  if (kind == SIM_FILTER_BEFORE || kind == SIM_FILTER_BUCKETS)
    return rule == 0;

  return kind != SIM_FILTER_OURS || rule == G_N_ELEMENTS (rules) - 1;
}

static void
tune (SimContestant *self, SimFilterKind kind, GPtrArray *streams[N_TRAINED])
{
  guint n_parameters;
  const double *parameters = sim_filter_kind_get_parameters (kind, &n_parameters);

  self->training = -1;
  for (guint i = 0; i < n_parameters; i++)
    for (guint rule = 0; rule < G_N_ELEMENTS (rules); rule++)
      {
        SimTuning tuning = { .kind = kind,
                             .parameter = parameters[i],
                             .leave_db = rules[rule].leave_db,
                             .leave_s = rules[rule].leave_s,
                             .adds_up = rules[rule].adds_up };
        double j;

        if (!is_offered (kind, rule))
          continue;
        find_limit (&tuning, streams[FALSE_ONES]);
        j = (reported_share (streams[0], &tuning) + reported_share (streams[1], &tuning)) / 2
            - reported_share (streams[FALSE_ONES], &tuning);
        if (j > self->training)
          {
            self->training = j;
            self->tuning = tuning;
          }
      }
}

static void
tune_all (SimRandom *random, gboolean calibrated, guint n_trials, SimContestant *contestants)
{
  GPtrArray *streams[N_TRAINED];

  for (guint i = 0; i < N_TRAINED; i++)
    streams[i] = draw_streams (
        random, sim_distances_m[trained[i]], calibrated, (guint) (n_trials * TRAINING_SHARE));
  for (guint kind = 0; kind < SIM_N_FILTERS; kind++)
    tune (&contestants[kind], (SimFilterKind) kind, streams);
  for (guint i = 0; i < N_TRAINED; i++)
    g_ptr_array_unref (streams[i]);
}

/* ---- comparing ---- */

/* The parameters are as trained; the limit is found anew, so that all are wrong equally often. */
static void
run_distance (SimRandom *random,
              guint distance,
              gboolean calibrated,
              guint n_trials,
              SimContestant *contestants)
{
  g_autoptr (GPtrArray) streams
      = draw_streams (random, sim_distances_m[distance], calibrated, n_trials);

  for (guint kind = 0; kind < SIM_N_FILTERS; kind++)
    {
      SimContestant *self = &contestants[kind];

      if (distance == trained[FALSE_ONES])
        find_limit (&self->tuning, streams);
      for (guint i = 0; i < streams->len; i++)
        {
          guint place = i / n_trials;
          SimOutcome outcome
              = sim_trial_run (g_ptr_array_index (streams, i), &self->tuning, SIM_TRIAL_S);

          sim_stats_add (&self->by_distance[distance], &outcome);
          if (place < G_N_ELEMENTS (self->by_place))
            sim_stats_add (&self->by_place[place][distance], &outcome);
        }
    }
}

void
sim_compare (SimRandom *random,
             gboolean calibrated,
             guint n_trials,
             SimContestant contestants[SIM_N_FILTERS])
{
  for (guint kind = 0; kind < SIM_N_FILTERS; kind++)
    for (guint i = 0; i < SIM_N_DISTANCES; i++)
      {
        sim_stats_init (&contestants[kind].by_distance[i]);
        for (guint place = 0; place < G_N_ELEMENTS (contestants[kind].by_place); place++)
          sim_stats_init (&contestants[kind].by_place[place][i]);
      }

  tune_all (random, calibrated, n_trials, contestants);
  run_distance (random, trained[FALSE_ONES], calibrated, n_trials, contestants);
  for (guint i = 0; i < SIM_N_DISTANCES; i++)
    if (i != trained[FALSE_ONES])
      run_distance (random, i, calibrated, n_trials, contestants);
}

void
sim_contestant_clear (SimContestant *self)
{
  for (guint i = 0; i < SIM_N_DISTANCES; i++)
    {
      sim_stats_clear (&self->by_distance[i]);
      for (guint place = 0; place < G_N_ELEMENTS (self->by_place); place++)
        sim_stats_clear (&self->by_place[place][i]);
    }
}

double
sim_contestant_get_j (const SimContestant *self)
{
  double shares[N_TRAINED];

  for (guint i = 0; i < N_TRAINED; i++)
    shares[i] = sim_stats_share (&self->by_distance[trained[i]],
                                 self->by_distance[trained[i]].reported_s);
  return (shares[0] + shares[1]) / 2 - shares[FALSE_ONES];
}
