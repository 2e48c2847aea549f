/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-band.h"

G_BEGIN_DECLS

/**
 * SimFilterKind:
 * @SIM_FILTER_MEAN: raw mean of the last samples; parameter: how many
 * @SIM_FILTER_MEDIAN: median of the last samples; parameter: how many
 * @SIM_FILTER_EMA: exponential mean; parameter: weight of a sample
 * @SIM_FILTER_KALMAN: one dimension, a state that drifts with each sample, noise of 5.5 dB;
 *   parameter: variance of the drift, dB²
 * @SIM_FILTER_BUCKETS: attenuation buckets as Exposure Notification has them: seconds near count
 *   one, seconds in the bucket beyond (8 dB more) half; parameter: seconds of one scan instance
 * @SIM_FILTER_BEFORE: what the daemon did before: median of 5, then an exponential mean of 0.3
 * @SIM_FILTER_OURS: the daemon's, sighej-band.h
 *
 * The filters that are compared.
 */
typedef enum
{
  SIM_FILTER_MEAN,
  SIM_FILTER_MEDIAN,
  SIM_FILTER_EMA,
  SIM_FILTER_KALMAN,
  SIM_FILTER_BUCKETS,
  SIM_FILTER_BEFORE,
  SIM_FILTER_OURS,
} SimFilterKind;
#define SIM_N_FILTERS (SIM_FILTER_OURS + 1)

const char *sim_filter_kind_to_word (SimFilterKind kind);

/* The parameters that are tried, the best of which is compared. At least one. */
const double *sim_filter_kind_get_parameters (SimFilterKind kind, guint *n_parameters);

#define SIM_FILTER_SAMPLES_MAX 21

typedef struct
{
  SimFilterKind kind;
  double parameter;
  guint n_samples;
  double recent_db[SIM_FILTER_SAMPLES_MAX];
  double level_db;
  double variance;
  SighejBandFilter band;
} SimFilter;

void sim_filter_init (SimFilter *self, SimFilterKind kind, double parameter);

/* Takes a sample. Returns: what is compared with a limit, dB beyond one metre. */
double sim_filter_add (SimFilter *self, int rssi_dbm, int tx_cal_dbm, double at_s);

G_END_DECLS
