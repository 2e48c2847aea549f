/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim-stats.h"

#include <math.h>
#include <stdlib.h>

const double sim_distances_m[SIM_N_DISTANCES] = { 1, 2, 3, 5, 10 };

void
sim_stats_init (SimStats *self)
{
  *self = (SimStats){
    .heard_s = g_array_new (FALSE, FALSE, sizeof (double)),
    .entered_s = g_array_new (FALSE, FALSE, sizeof (double)),
    .reported_s = g_array_new (FALSE, FALSE, sizeof (double)),
  };
}

void
sim_stats_clear (SimStats *self)
{
  g_array_unref (self->heard_s);
  g_array_unref (self->entered_s);
  g_array_unref (self->reported_s);
}

static void
add_time (GArray *times_s, double at_s)
{
  if (at_s < SIM_NEVER_S)
    g_array_append_val (times_s, at_s);
}

void
sim_stats_add (SimStats *self, const SimOutcome *outcome)
{
  self->n_trials++;
  self->near_s += outcome->near_s;
  add_time (self->heard_s, outcome->heard_s);
  add_time (self->entered_s, outcome->entered_s);
  add_time (self->reported_s, outcome->reported_s);
}

double
sim_stats_share (const SimStats *self, const GArray *times_s)
{
  return (double) times_s->len / self->n_trials;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double first = *(const double *) a;
  double second = *(const double *) b;

  return (first > second) - (first < second);
}

double
sim_stats_quantile (GArray *times_s, double share)
{
  if (times_s->len == 0)
    return NAN;

  g_array_sort (times_s, compare);
  return g_array_index (times_s, double, (guint) (share * (times_s->len - 1)));
}

const char *
sim_stats_word (double value, int n_decimals)
{
  static char words[8][16];
  static guint n_words;
  char *word = words[n_words++ % G_N_ELEMENTS (words)];

  if (isnan (value))
    g_strlcpy (word, "-", sizeof words[0]);
  else
    g_snprintf (word, sizeof words[0], "%.*f", n_decimals, value);
  return word;
}
