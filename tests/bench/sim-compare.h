/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sim-stats.h"

G_BEGIN_DECLS

/* So many of those five metres away may be reported: the published figure of BLE 7. */
#define SIM_FALSE_SHARE 0.06
#define SIM_FALSE_METRES 5

/**
 * SimPlace:
 *
 * How packets come to us, and how many people there are: what is compared is the mean over the
 * places of sim_places().
 */
typedef struct
{
  SimPlan plan;
  guint n_people;
} SimPlace;
const SimPlace *sim_places (guint *n_places);

/* Two people at @distance_m in @place; every other pair walks about. */
void sim_place_set (SimSetting *setting,
                    const SimPlace *place,
                    double distance_m,
                    gboolean calibrated,
                    guint trial);

/* A filter, tuned, and how it did. */
typedef struct
{
  SimTuning tuning;
  double training; /* Youden's J on the streams it was tuned on */
  SimStats by_distance[SIM_N_DISTANCES];
  SimStats by_place[4][SIM_N_DISTANCES]; /* of sim_places (), every packet, growing crowd */
} SimContestant;

/*
 * Tunes every filter on streams of its own: of its parameters, and of four rules for near, the
 * one is kept that is best at the limit where SIM_FALSE_SHARE of people at 5 m are reported. Then
 * all run on the same new streams, with the limit at which the same share of these is. @contestants
 * has SIM_N_FILTERS.
 */
void sim_compare (SimRandom *random,
                  gboolean calibrated,
                  guint n_trials,
                  SimContestant contestants[SIM_N_FILTERS]);
void sim_contestant_clear (SimContestant *self);

/* Youden's J: share reported at 1 and 2 m less that at 5 m. */
double sim_contestant_get_j (const SimContestant *self);

G_END_DECLS
