/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sim-random.h"

G_BEGIN_DECLS

/*
 * The simulator against what can be calculated, printed: BLE 7's odds of entering near for people
 * who stand still in an ideal room, BLE 9's tables of the air, and the spread of readings within
 * a place against the measured one. Returns: the largest difference of a share.
 */
double sim_check_print (SimRandom *random, guint n_trials);

/* Quartiles of the deviation of readings within one place, dB. */
void sim_check_fading (SimRandom *random, guint n_places, double quartiles_db[3]);

/* Share of people at @distance_m, still and ideal, whom our filter finds within BLE 7's 8 dB. */
double sim_check_near (
    SimRandom *random, guint n_trials, double distance_m, double sigma_db, double *calculated);

G_END_DECLS
