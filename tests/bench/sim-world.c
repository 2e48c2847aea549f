/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim-world.h"

#include <math.h>

/* The figures; see the table below for where they come from. */
#define EXPONENT_MIN 1.9
#define EXPONENT_MAX 3.0
#define SHADOW_DB 3.0
#define SHADOW_M 1.0
#define ROOM_M_MIN 4.0
#define ROOM_M_MAX 12.0
#define WALL_DB_MIN 3.0
#define WALL_DB_MAX 7.0
#define ALONE_M 3.0
#define TABLE_SHARE 0.6
#define TABLE_DB_MIN 2.0
#define TABLE_DB_MAX 8.0
#define BODY_DB_MIN 5.0
#define BODY_DB_MAX 20.0
#define BETWEEN_DB 6.0
#define BETWEEN_M 0.5
#define RANGE_M 20.0
#define RADIO_DB 5.2
#define RECEIVER_DB 2.0
#define CALIBRATED_DB 1.5
#define CHANNEL_DB 3.5
#define RICE_DB_MIN (-6.0)
#define RICE_DB_MAX 6.0
#define FADE_STILL_S 0.5
#define FADE_MOVING_M 0.06
#define READING_DB 1.5
#define WALK_M_S 1.3
#define TURN_STILL_S 60.0
#define TURN_MOVING_S 5.0
#define WEAKEST_DBM (-95)
#define PASS_M 15.0

static const SimFigure figures[] = {
  { "path loss exponent",
    "1.9 to 3.0 a room",
    "1.86 to 2.1 office (Strzoda 2022), 2.4 living room (Marolf 2020), 2.8 to 3.0 ITU-R P.1238" },
  { "furniture, still multipath",
    "3 dB, over 1 m",
    "1.2 to 2.8 dB left after distance and angle (MIT Range_Angle 2020); the metre is assumed" },
  { "rooms, walls",
    "sides 4 to 12 m, 3 to 7 dB a wall; same room up to 3 m",
    "about 5 dB (COST 231; ns-3 buildings); rooms assumed" },
  { "body, on a table",
    "2 to 8 dB behind the back, 60 % of people",
    "2.5 to 5 dB deviation over the angle (Range_Angle); shares assumed" },
  { "body, hand or pocket",
    "5 to 20 dB behind the back",
    "20 dB turning, 15 dB front to rear pocket (Leith, Farrell 2020); +-10 dB (same, bus)" },
  { "somebody between",
    "6 dB each, at random within 0.5 m of the line, range 20 m",
    "up to 15 dB (Kyro 2011); half of a person's loss assumed" },
  { "radios, not calibrated",
    "5.2 dB sender, 2 dB receiver",
    "21 phones at 2 m: 5.2 dB, 20.7 dB from end to end (OpenTrace 2020); receiver assumed" },
  { "radios, calibrated", "1.5 dB", "steps of 3 dB and the reading at 1 m (BLE 7)" },
  { "three channels",
    "3.5 dB apart, still",
    "levels differ by channel (Nikoukar 2018); size fitted to the next line" },
  { "fast fading",
    "Rice, K -6 to 6 dB, 0.5 s still, 6 cm moving; reading 1.5 dB",
    "4.6, 5.5, 6.5 dB within a place (quartiles of 291 places, Range_Angle)" },
  { "walking, turning",
    "1.3 m/s; turns every 60 s still, 5 s moving",
    "walking speed (Bohannon 1997); turning assumed" },
  { "packets", "376 us, 0.9 received unless two overlap, -95 dBm the weakest", "BLE 9" },
};

const SimFigure *
sim_world_figures (guint *n_figures)
{
  *n_figures = G_N_ELEMENTS (figures);
  return figures;
}

/* A body in the way: nothing in front, all of it behind, and on average over a turn nothing. */
static double
body_db (const SimBody *body)
{
  double behind = (1 - cos (body->heading)) / 2;

  return body->loss_db * (behind * behind - 3.0 / 8);
}

static double
turn_wait (SimRandom *random, const SimScene *scene)
{
  return sim_random_wait (random, scene->moves || scene->passes ? TURN_MOVING_S : TURN_STILL_S);
}

static void
body_init (SimBody *body, SimRandom *random, const SimScene *scene)
{
  gboolean table = sim_random_uniform (random, 0, 1) < TABLE_SHARE;

  body->loss_db = table ? sim_random_uniform (random, TABLE_DB_MIN, TABLE_DB_MAX)
                        : sim_random_uniform (random, BODY_DB_MIN, BODY_DB_MAX);
  body->heading = sim_random_uniform (random, 0, 2 * G_PI);
  body->next_turn_s = turn_wait (random, scene);
}

/* How many walls a straight line crosses in a building of equal rooms. */
static double
draw_walls (SimRandom *random, double distance_m)
{
  double angle = sim_random_uniform (random, 0, 2 * G_PI);
  double span_m[2] = { distance_m * cos (angle), distance_m * sin (angle) };
  double loss_db = 0;

  if (distance_m <= ALONE_M)
    return 0;

  for (guint i = 0; i < 2; i++)
    {
      double side_m = sim_random_uniform (random, ROOM_M_MIN, ROOM_M_MAX);
      double from = sim_random_uniform (random, 0, 1);
      int n_walls = abs ((int) floor (from + span_m[i] / side_m));

      while (n_walls-- > 0)
        loss_db += sim_random_uniform (random, WALL_DB_MIN, WALL_DB_MAX);
    }
  return loss_db;
}

/* Others stand anywhere within range; who is near enough to the line is in the way. */
static double
draw_between (SimRandom *random, const SimScene *scene)
{
  double per_m2 = (scene->n_people - 2) / (G_PI * RANGE_M * RANGE_M);
  double mean = per_m2 * BETWEEN_M * scene->distance_m;
  double loss_db = 0;

  for (double at = sim_random_wait (random, 1); at < mean; at += sim_random_wait (random, 1))
    loss_db += BETWEEN_DB;
  return loss_db;
}

static void
draw_channels (SimWorld *self, SimRandom *random)
{
  for (guint i = 0; i < SIM_CHANNELS; i++)
    self->channel_db[i] = sim_random_normal (random, CHANNEL_DB);
}

void
sim_world_init (SimWorld *self, SimRandom *random, const SimScene *scene)
{
  *self = (SimWorld){ .scene = scene, .exponent = 2.5 };
  if (scene->still_sigma_db > 0)
    {
      self->radio_db = sim_random_normal (random, scene->still_sigma_db);
      return;
    }

  self->exponent = sim_random_uniform (random, EXPONENT_MIN, EXPONENT_MAX);
  self->wall_db = draw_walls (random, scene->distance_m);
  self->radio_db = scene->calibrated ? sim_random_normal (random, CALIBRATED_DB)
                                     : sim_random_normal (random, RADIO_DB)
                                           + sim_random_normal (random, RECEIVER_DB);
  for (guint i = 0; i < 2; i++)
    body_init (&self->bodies[i], random, scene);
  self->between_db = draw_between (random, scene);
  self->shadow_db = sim_random_normal (random, SHADOW_DB);
  draw_channels (self, random);
  self->fade_share = 1 / (1 + pow (10, sim_random_uniform (random, RICE_DB_MIN, RICE_DB_MAX) / 10));
  for (guint i = 0; i < SIM_CHANNELS; i++)
    for (guint part = 0; part < 2; part++)
      self->fade[i][part] = sim_random_normal (random, G_SQRT2 / 2);
}

static gboolean
walks (const SimWorld *self)
{
  return self->scene->moves || self->scene->passes;
}

/* Turns, and what comes with steps: other furniture, other reflections, others in between. */
static void
live_on (SimWorld *self, SimRandom *random, double at_s)
{
  double moved_m = walks (self) ? WALK_M_S * (at_s - self->at_s) : 0;
  double kept = exp (-moved_m / SHADOW_M);

  self->at_s = at_s;
  for (guint i = 0; i < 2; i++)
    while (self->bodies[i].next_turn_s <= at_s)
      {
        self->bodies[i].heading = sim_random_uniform (random, 0, 2 * G_PI);
        self->bodies[i].next_turn_s += turn_wait (random, self->scene);
        self->between_db = draw_between (random, self->scene);
      }

  if (moved_m <= 0)
    return;
  self->shadow_db
      = kept * self->shadow_db + sqrt (1 - kept * kept) * sim_random_normal (random, SHADOW_DB);
  for (guint i = 0; i < SIM_CHANNELS; i++)
    self->channel_db[i] = kept * self->channel_db[i]
                          + sqrt (1 - kept * kept) * sim_random_normal (random, CHANNEL_DB);
}

static double
fade_db (SimWorld *self, SimRandom *random, guint channel)
{
  double *fade = self->fade[channel];
  double passed_s = self->at_s - self->fade_at_s[channel];
  double kept = exp (-passed_s / (walks (self) ? FADE_MOVING_M / WALK_M_S : FADE_STILL_S));
  double still = sqrt (1 - self->fade_share);
  double changing = sqrt (self->fade_share);
  double power;

  self->fade_at_s[channel] = self->at_s;
  for (guint part = 0; part < 2; part++)
    fade[part]
        = kept * fade[part] + sqrt (1 - kept * kept) * sim_random_normal (random, G_SQRT2 / 2);

  power = pow (still + changing * fade[0], 2) + pow (changing * fade[1], 2);
  return -10 * log10 (MAX (power, 1e-4));
}

static double
distance_m (const SimWorld *self)
{
  double along_m = WALK_M_S * self->at_s - PASS_M;

  return self->scene->passes ? hypot (self->scene->distance_m, along_m) : self->scene->distance_m;
}

double
sim_world_passed_s (const SimScene *scene)
{
  return 2 * PASS_M / WALK_M_S;
}

gboolean
sim_world_hear (SimWorld *self, SimRandom *random, double at_s, guint channel, int *rssi_dbm)
{
  double loss_db;

  if (self->scene->still_sigma_db > 0)
    {
      /* Rounded down, so that a whole limit is met exactly. */
      *rssi_dbm
          = (int) floor (SIM_TX_CAL_DBM - 25 * log10 (self->scene->distance_m) - self->radio_db);
      return TRUE;
    }

  live_on (self, random, at_s);
  loss_db = 10 * self->exponent * log10 (distance_m (self)) + self->wall_db + self->radio_db
            + body_db (&self->bodies[0]) + body_db (&self->bodies[1]) + self->between_db
            + self->shadow_db + self->channel_db[channel] + fade_db (self, random, channel)
            + sim_random_normal (random, READING_DB);
  *rssi_dbm = (int) lrint (SIM_TX_CAL_DBM - loss_db);
  return *rssi_dbm >= WEAKEST_DBM;
}
