/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim-random.h"

#include <math.h>

/* splitmix64 (Steele, Lea, Flood 2014): one add and three mixes a number. */
static guint64
next (SimRandom *self)
{
  guint64 z = (self->state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

void
sim_random_init (SimRandom *self, guint64 seed)
{
  *self = (SimRandom){ .state = seed };
}

double
sim_random_uniform (SimRandom *self, double low, double high)
{
  return low
         + (high - low) * (double) (next (self) >> 11) / (double) (G_GUINT64_CONSTANT (1) << 53);
}

double
sim_random_normal (SimRandom *self, double sigma)
{
  double x;
  double y;
  double r;

  if (self->has_spare)
    {
      self->has_spare = FALSE;
      return sigma * self->spare;
    }

  /* Marsaglia's polar method gives two. */
  do
    {
      x = sim_random_uniform (self, -1, 1);
      y = sim_random_uniform (self, -1, 1);
      r = x * x + y * y;
    }
  while (r >= 1 || r <= 0);

  r = sqrt (-2 * log (r) / r);
  self->spare = y * r;
  self->has_spare = TRUE;
  return sigma * x * r;
}

double
sim_random_wait (SimRandom *self, double mean)
{
  return -mean * log (1 - sim_random_uniform (self, 0, 1));
}
