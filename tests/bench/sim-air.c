/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim-air.h"

#include <math.h>
#include <stdlib.h>

#include "sighej-bluez-pace.h"

#define RESTART_S (SIGHEJ_BLUEZ_PACE_RESTART_MS / 1000.0)
#define SPARSE_S 12.0

static const struct
{
  const char *word;
  double duty;
  double turn_s; /* one packet in each; 0: all */
} plans[SIM_N_PLANS] = {
  [SIM_PLAN_MONITOR] = { "monitor", SIM_WINDOW_SHARE, 0 },
  [SIM_PLAN_RESTART] = { "restarts", 1, RESTART_S },
  [SIM_PLAN_SPARSE] = { "sparse", 1, SPARSE_S },
};

const char *
sim_plan_to_word (SimPlan plan)
{
  return plans[plan].word;
}

double
sim_air_p_clean (guint n_people, double interval_s)
{
  return exp (-2 * SIM_PACKET_S * (n_people - 1) / (interval_s + SIM_DELAY_S_MAX / 2));
}

double
sim_air_seconds_to (double share, double p_heard, double interval_s)
{
  return (interval_s + SIM_DELAY_S_MAX / 2) * log (1 - share) / log (1 - p_heard);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double difference = *(const double *) a - *(const double *) b;

  return difference < 0 ? -1 : difference > 0;
}

double
sim_air_draw_p_clean (SimRandom *random, guint n_people, double interval_s, double for_s)
{
  g_autoptr (GArray) sent = g_array_new (FALSE, FALSE, sizeof (double));
  double *at;
  guint n_clean = 0;

  /* All three packets of an event follow each other at the same pace, so one channel tells. */
  for (guint i = 0; i < n_people; i++)
    for (double s = sim_random_uniform (random, 0, interval_s); s < for_s;
         s += interval_s + sim_random_uniform (random, 0, SIM_DELAY_S_MAX))
      g_array_append_val (sent, s);

  at = (double *) (void *) sent->data;
  qsort (at, sent->len, sizeof *at, compare);
  for (guint i = 0; i < sent->len; i++)
    n_clean += (i == 0 || at[i] - at[i - 1] >= SIM_PACKET_S)
               && (i + 1 == sent->len || at[i + 1] - at[i] >= SIM_PACKET_S);

  return (double) n_clean / sent->len;
}

double
sim_air_draw_first (SimRandom *random, double p_heard, double interval_s)
{
  /* How many are missed before it; then the sum of as many delays, which is normal. */
  double n_missed = floor (log (1 - sim_random_uniform (random, 0, 1)) / log (1 - p_heard));
  double delays_s = n_missed * SIM_DELAY_S_MAX / 2
                    + sim_random_normal (random, sqrt (n_missed / 12) * SIM_DELAY_S_MAX);

  return sim_random_uniform (random, 0, interval_s) + n_missed * interval_s + MAX (delays_s, 0);
}

/* Each restart makes bluetoothd tell of everybody anew, so in a crowd they are fewer. */
static double
turn_of (SimPlan plan, guint n_people)
{
  if (plan != SIM_PLAN_RESTART)
    return plans[plan].turn_s;

  return MAX (plans[plan].turn_s, (double) n_people / SIGHEJ_BLUEZ_PACE_PACKETS_PER_SECOND);
}

void
sim_air_init (
    SimAir *self, SimRandom *random, SimPlan plan, guint n_people, double min_s, double max_s)
{
  double interval_s = sim_random_uniform (random, min_s, max_s);
  double turn_s = turn_of (plan, n_people);

  *self = (SimAir){
    .interval_s = interval_s,
    .p_heard = plans[plan].duty * sim_air_p_clean (n_people, interval_s) * SIM_RECEIVED,
    .sent_s = sim_random_uniform (random, -interval_s, 0),
    .turn_s = turn_s,
    .turned_s = sim_random_uniform (random, -turn_s, 0),
  };
}

double
sim_air_next (SimAir *self, SimRandom *random, guint *channel)
{
  do
    self->sent_s += self->interval_s + sim_random_uniform (random, 0, SIM_DELAY_S_MAX);
  while (self->sent_s < self->deaf_until_s || sim_random_uniform (random, 0, 1) >= self->p_heard);

  *channel = (guint) sim_random_uniform (random, 0, SIM_CHANNELS);
  return self->sent_s;
}

void
sim_air_took (SimAir *self)
{
  if (self->turn_s > 0)
    self->deaf_until_s
        = self->turned_s
          + self->turn_s * (1 + floor ((self->sent_s - self->turned_s) / self->turn_s));
}
