/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SimRandom:
 *
 * The chance in a simulation: the same seed draws the same numbers on every machine.
 */
typedef struct
{
  guint64 state;
  gboolean has_spare;
  double spare;
} SimRandom;

void sim_random_init (SimRandom *self, guint64 seed);

/* From @low to @high, the latter excluded. */
double sim_random_uniform (SimRandom *self, double low, double high);

/* Normal, with mean 0 and standard deviation @sigma. */
double sim_random_normal (SimRandom *self, double sigma);

/* Exponential: the wait for what happens every @mean on average. */
double sim_random_wait (SimRandom *self, double mean);

G_END_DECLS
