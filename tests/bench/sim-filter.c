/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim-filter.h"

#include <math.h>
#include <string.h>

#define NOISE_VARIANCE (5.5 * 5.5)
#define BEFORE_SAMPLES 5
#define BEFORE_WEIGHT 0.3

static const struct
{
  const char *word;
  guint n_parameters;
  double parameters[4];
} kinds[SIM_N_FILTERS] = {
  [SIM_FILTER_MEAN] = { "raw mean", 3, { 5, 10, 20 } },
  [SIM_FILTER_MEDIAN] = { "median", 3, { 5, 11, 21 } },
  [SIM_FILTER_EMA] = { "exponential mean", 4, { 0.05, 0.1, 0.2, 0.3 } },
  [SIM_FILTER_KALMAN] = { "Kalman", 4, { 0.01, 0.1, 0.5, 2 } },
  [SIM_FILTER_BUCKETS] = { "buckets", 3, { 2, 5, 10 } },
  [SIM_FILTER_BEFORE] = { "before (5, 0.3)", 1, { BEFORE_WEIGHT } },
  [SIM_FILTER_OURS] = { "ours", 1, { 0 } },
};

const char *
sim_filter_kind_to_word (SimFilterKind kind)
{
  return kinds[kind].word;
}

const double *
sim_filter_kind_get_parameters (SimFilterKind kind, guint *n_parameters)
{
  *n_parameters = kinds[kind].n_parameters;
  return kinds[kind].parameters;
}

void
sim_filter_init (SimFilter *self, SimFilterKind kind, double parameter)
{
  *self = (SimFilter){ .kind = kind, .parameter = parameter };
}

static void
remember (SimFilter *self, guint n_kept, double loss_db)
{
  self->recent_db[self->n_samples % n_kept] = loss_db;
  self->n_samples++;
}

static double
mean_of (const SimFilter *self, guint n_kept)
{
  guint n = MIN (self->n_samples, n_kept);
  double sum = 0;

  for (guint i = 0; i < n; i++)
    sum += self->recent_db[i];
  return sum / n;
}

static double
median_of (const SimFilter *self, guint n_kept)
{
  guint n = MIN (self->n_samples, n_kept);
  double sorted[SIM_FILTER_SAMPLES_MAX] = { 0 };

  for (guint i = 0; i < n; i++)
    {
      guint j = i;

      for (; j > 0 && sorted[j - 1] > self->recent_db[i]; j--)
        sorted[j] = sorted[j - 1];
      sorted[j] = self->recent_db[i];
    }
  return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

static double
smooth (SimFilter *self, double loss_db, double weight, gboolean first)
{
  self->level_db = first ? loss_db : self->level_db + weight * (loss_db - self->level_db);
  return self->level_db;
}

static double
kalman (SimFilter *self, double loss_db)
{
  gboolean first = self->n_samples++ == 0;
  double gain;

  self->variance = first ? NOISE_VARIANCE : self->variance + self->parameter;
  gain = self->variance / (self->variance + NOISE_VARIANCE);
  if (!first)
    self->variance *= 1 - gain;
  return smooth (self, loss_db, gain, first);
}

static double
before (SimFilter *self, double loss_db)
{
  remember (self, BEFORE_SAMPLES, loss_db);
  return smooth (self, median_of (self, BEFORE_SAMPLES), BEFORE_WEIGHT, self->n_samples == 1);
}

double
sim_filter_add (SimFilter *self, int rssi_dbm, int tx_cal_dbm, double at_s)
{
  double loss_db = tx_cal_dbm - rssi_dbm;

  switch (self->kind)
    {
    case SIM_FILTER_MEAN:
      remember (self, (guint) self->parameter, loss_db);
      return mean_of (self, (guint) self->parameter);
    case SIM_FILTER_MEDIAN:
      remember (self, (guint) self->parameter, loss_db);
      return median_of (self, (guint) self->parameter);
    case SIM_FILTER_EMA:
      return smooth (self, loss_db, self->parameter, self->n_samples++ == 0);
    case SIM_FILTER_KALMAN:
      return kalman (self, loss_db);
    case SIM_FILTER_BEFORE:
      return before (self, loss_db);
    case SIM_FILTER_OURS:
      sighej_band_filter_add (
          &self->band, rssi_dbm, tx_cal_dbm, 0, (gint64) (at_s * G_USEC_PER_SEC) + G_USEC_PER_SEC);
      return self->band.smoothed_db;
    case SIM_FILTER_BUCKETS:
    default:
      self->n_samples++;
      return loss_db;
    }
}
