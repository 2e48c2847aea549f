/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sim-air.h"

G_BEGIN_DECLS

/**
 * SimScene:
 * @distance_m: between the two people; with @passes, at the closest
 * @n_people: in range, these two included: others stand between the two
 * @moves: FALSE: both stand or sit; TRUE: they walk about, at the same distance
 * @passes: one stays, the other walks past in a straight line
 * @calibrated: both radios were calibrated (BLE 7)
 * @still_sigma_db: not 0: nothing but the distance and one normal error of this size
 *
 * What two people do.
 */
typedef struct
{
  double distance_m;
  guint n_people;
  gboolean moves;
  gboolean passes;
  gboolean calibrated;
  double still_sigma_db;
} SimScene;

/* One figure the world is drawn from, for the table that is printed. */
typedef struct
{
  const char *what;
  const char *value;
  const char *source;
} SimFigure;
const SimFigure *sim_world_figures (guint *n_figures);

typedef struct
{
  double loss_db; /* when the back is turned, at most */
  double heading; /* 0: faces the other */
  double next_turn_s;
} SimBody;

/**
 * SimWorld:
 *
 * How strongly one of two people hears the other, as time goes by.
 */
typedef struct
{
  const SimScene *scene;
  double exponent;
  double wall_db;
  double radio_db; /* error of the two radios */
  SimBody bodies[2];
  double between_db; /* other people */

  double at_s;
  double shadow_db;
  double channel_db[SIM_CHANNELS];
  double fade_share; /* of the power, that changes */
  double fade[SIM_CHANNELS][2];
  double fade_at_s[SIM_CHANNELS];
  double past_m; /* walks past: from so far before the closest point */
} SimWorld;

void sim_world_init (SimWorld *self, SimRandom *random, const SimScene *scene);

/*
 * Strength of a packet on @channel at @at_s, never earlier than at the call before. FALSE: too
 * weak to be heard. The sender says SIM_TX_CAL_DBM.
 */
#define SIM_TX_CAL_DBM (-59)
gboolean
sim_world_hear (SimWorld *self, SimRandom *random, double at_s, guint channel, int *rssi_dbm);

/* When somebody who walks past has left. */
double sim_world_passed_s (const SimScene *scene);

G_END_DECLS
