/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sim-trial.h"

G_BEGIN_DECLS

/* The distances at which people are looked at, metres. */
#define SIM_N_DISTANCES 5
extern const double sim_distances_m[SIM_N_DISTANCES];

/**
 * SimStats:
 *
 * What became of many trials of one kind.
 */
typedef struct
{
  guint n_trials;
  double near_s;   /* of all trials together */
  GArray *heard_s; /* double, of the trials in which it happened */
  GArray *entered_s;
  GArray *reported_s;
} SimStats;

void sim_stats_init (SimStats *self);
void sim_stats_clear (SimStats *self);
void sim_stats_add (SimStats *self, const SimOutcome *outcome);

/* Of all trials. */
double sim_stats_share (const SimStats *self, const GArray *times_s);
/* Of those in which it happened; NAN when there is none. Sorts. */
double sim_stats_quantile (GArray *times_s, double share);

/* "12.3" or "-"; valid until the eighth call after it. */
const char *sim_stats_word (double value, int n_decimals);

G_END_DECLS
