/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim-trial.h"

#include <math.h>

/* As in sighej-band.c. */
#define TAKEN_BACK 0.1

#define BUCKET_DB 8.0
#define BUCKET_GAP_S 12.0

#define DWELL_US ((gint64) (SIM_DWELL_S * G_USEC_PER_SEC))

void
sim_rule_init (SimRule *self, const SimTuning *tuning)
{
  *self = (SimRule){
    .tuning = tuning,
    .dwells_at_s = SIM_NEVER_S,
    .beyond_since_s = SIM_NEVER_S,
    .fifth_s = SIM_NEVER_S,
    .outcome = { SIM_NEVER_S, SIM_NEVER_S, SIM_NEVER_S, 0 },
  };
}

void
sim_rule_wait (SimRule *self, double at_s)
{
  double due_s = MAX (self->dwells_at_s, self->fifth_s);

  if (due_s <= at_s)
    self->outcome.reported_s = MIN (self->outcome.reported_s, due_s);
  if (self->near)
    self->outcome.near_s += at_s - self->last_s;
  self->last_s = at_s;
}

static void
count (SimRule *self, double at_s)
{
  self->n_samples++;
  if (self->n_samples == 1)
    self->outcome.heard_s = at_s;
  if (self->n_samples == SIM_REPORT_SAMPLES)
    self->fifth_s = at_s;
}

void
sim_rule_take_near (SimRule *self, gboolean near, double dwells_at_s, double at_s)
{
  sim_rule_wait (self, at_s);
  count (self, at_s);
  if (near && !self->near)
    self->outcome.entered_s = MIN (self->outcome.entered_s, at_s);
  self->near = near;
  self->dwells_at_s = dwells_at_s;
  sim_rule_wait (self, at_s);
}

static gboolean
is_left (SimRule *self, double level_db, double at_s)
{
  const SimTuning *tuning = self->tuning;

  if (level_db <= tuning->enter_db + tuning->leave_db)
    self->beyond_since_s = SIM_NEVER_S;
  else if (self->beyond_since_s >= SIM_NEVER_S)
    self->beyond_since_s = at_s;
  return at_s - self->beyond_since_s >= tuning->leave_s;
}

void
sim_rule_take (SimRule *self, double level_db, double at_s)
{
  const SimTuning *tuning = self->tuning;
  double passed_s = at_s - self->last_s;
  gboolean near = self->near || level_db <= tuning->enter_db;

  if (self->within)
    self->dwelt_s += passed_s;
  else
    self->dwelt_s = MAX (0, self->dwelt_s - passed_s * TAKEN_BACK);
  if (is_left (self, level_db, at_s))
    near = FALSE;
  if (!near)
    self->dwelt_s = 0;
  self->within = tuning->adds_up ? level_db <= tuning->enter_db : near;

  sim_rule_take_near (
      self, near, self->within ? at_s + SIM_DWELL_S - self->dwelt_s : SIM_NEVER_S, at_s);
}

void
sim_trial_draw (const SimSetting *setting, SimRandom *random, GArray *samples)
{
  SimWorld world;
  SimAir air;

  g_array_set_size (samples, 0);
  sim_world_init (&world, random, &setting->scene);
  sim_air_init (
      &air, random, setting->plan, setting->scene.n_people, setting->min_s, setting->max_s);
  while (TRUE)
    {
      SimSample sample;
      guint channel;

      sample.at_s = sim_air_next (&air, random, &channel);
      if (sample.at_s >= setting->for_s)
        break;
      if (!sim_world_hear (&world, random, sample.at_s, channel, &sample.rssi_dbm))
        continue;
      sim_air_took (&air);
      g_array_append_val (samples, sample);
    }
}

/*
 * Buckets weigh time, so they have a rule of their own: the mean strength of a scan instance puts
 * its seconds into a bucket, and enough weighted seconds are a report.
 */
static SimOutcome
run_buckets (const GArray *samples, double instance_s, double enter_db)
{
  SimOutcome outcome = { SIM_NEVER_S, SIM_NEVER_S, SIM_NEVER_S, 0 };
  double weighted_s = 0;
  double last_s = 0;

  for (guint i = 0, next; i < samples->len; i = next)
    {
      const SimSample *first = &g_array_index (samples, SimSample, i);
      double sum_db = 0;
      double mean_db;
      double end_s = first->at_s;

      for (next = i; next < samples->len
                     && g_array_index (samples, SimSample, next).at_s < first->at_s + instance_s;
           next++)
        {
          sum_db += SIM_TX_CAL_DBM - g_array_index (samples, SimSample, next).rssi_dbm;
          end_s = g_array_index (samples, SimSample, next).at_s;
        }

      mean_db = sum_db / (next - i);
      if (i == 0)
        outcome.heard_s = last_s = first->at_s;
      if (mean_db <= enter_db)
        outcome.entered_s = MIN (outcome.entered_s, end_s);
      if (mean_db <= enter_db + BUCKET_DB)
        weighted_s += MIN (end_s - last_s, BUCKET_GAP_S) * (mean_db <= enter_db ? 1 : 0.5);
      last_s = end_s;
      if (weighted_s >= SIM_DWELL_S && next >= SIM_REPORT_SAMPLES)
        outcome.reported_s = MIN (outcome.reported_s, end_s);
    }
  return outcome;
}

SimOutcome
sim_trial_run (const GArray *samples, const SimTuning *tuning, double for_s)
{
  SimFilter filter;
  SimRule rule;

  if (tuning->kind == SIM_FILTER_BUCKETS)
    return run_buckets (samples, tuning->parameter, tuning->enter_db);

  sim_filter_init (&filter, tuning->kind, tuning->parameter);
  sim_rule_init (&rule, tuning);
  for (guint i = 0; i < samples->len; i++)
    {
      const SimSample *sample = &g_array_index (samples, SimSample, i);

      sim_rule_take (&rule,
                     sim_filter_add (&filter, sample->rssi_dbm, SIM_TX_CAL_DBM, sample->at_s),
                     sample->at_s);
    }
  sim_rule_wait (&rule, for_s);
  return rule.outcome;
}

SimOutcome
sim_trial_run_band (const GArray *samples, double for_s)
{
  SighejBandFilter band = { 0 };
  SimRule rule;

  sim_rule_init (&rule, NULL);
  for (guint i = 0; i < samples->len; i++)
    {
      const SimSample *sample = &g_array_index (samples, SimSample, i);
      /* Zero is the filter's word for never. */
      gint64 now_us = G_USEC_PER_SEC + (gint64) (sample->at_s * G_USEC_PER_SEC);

      gint64 dwells_at_us;

      sighej_band_filter_add (&band, sample->rssi_dbm, SIM_TX_CAL_DBM, 0, now_us);
      dwells_at_us = sighej_band_filter_dwells_at (&band, DWELL_US);
      sim_rule_take_near (&rule,
                          band.near,
                          dwells_at_us == G_MAXINT64
                              ? SIM_NEVER_S
                              : (double) (dwells_at_us - G_USEC_PER_SEC) / G_USEC_PER_SEC,
                          sample->at_s);
    }
  sim_rule_wait (&rule, for_s);
  return rule.outcome;
}
