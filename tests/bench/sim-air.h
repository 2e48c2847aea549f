/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sim-random.h"

G_BEGIN_DECLS

/* BLE 9. */
#define SIM_PACKET_S 376e-6   /* 31 bytes, on one channel */
#define SIM_DELAY_S_MAX 0.010 /* what a controller adds to each interval, at random */
#define SIM_RECEIVED 0.9      /* a packet without a collision is received */
#define SIM_CHANNELS 3
#define SIM_WINDOW_SHARE 0.5 /* of the time a monitor's scan listens: 30 of 60 ms (BLE 6) */

/**
 * SimPlan:
 * @SIM_PLAN_MONITOR: every packet is delivered, half of the time is spent listening
 * @SIM_PLAN_RESTART: all of it is, but a duplicate filter lets one packet through for each
 *   discovery; that is restarted every 1.5 s (sighej-bluez-pace.h), in a crowd less often
 * @SIM_PLAN_SPARSE: the same every 12 s: five samples in a minute
 *
 * How the scanner gets its packets (BLE 6).
 */
typedef enum
{
  SIM_PLAN_MONITOR,
  SIM_PLAN_RESTART,
  SIM_PLAN_SPARSE,
} SimPlan;
#define SIM_N_PLANS (SIM_PLAN_SPARSE + 1)

const char *sim_plan_to_word (SimPlan plan);

/* The formulas of BLE 9, for @n_people in range who send every @interval_s. */
double sim_air_p_clean (guint n_people, double interval_s);
double sim_air_seconds_to (double share, double p_heard, double interval_s);

/* The same by drawing every packet of everybody for @for_s and looking which ones overlap. */
double sim_air_draw_p_clean (SimRandom *random, guint n_people, double interval_s, double for_s);
/* When the first of packets sent every @interval_s is heard, seconds. */
double sim_air_draw_first (SimRandom *random, double p_heard, double interval_s);

/**
 * SimAir:
 *
 * The moments at which one sender is heard.
 */
typedef struct
{
  double interval_s;
  double p_heard;
  double sent_s;
  double deaf_until_s; /* the duplicate filter */
  double turn_s;       /* how long a discovery lasts */
  double turned_s;     /* when one of them was started */
} SimAir;

/* What we ask BlueZ for is between @min_s and @max_s; its choice is drawn. */
void sim_air_init (
    SimAir *self, SimRandom *random, SimPlan plan, guint n_people, double min_s, double max_s);

/* The next packet that reaches us: when, in seconds from the start, and on which channel. */
double sim_air_next (SimAir *self, SimRandom *random, guint *channel);

/*
 * It was too weak: nothing was filtered. Otherwise sim_air_took() says that the packet just
 * returned was delivered, so that its duplicates are not.
 */
void sim_air_took (SimAir *self);

G_END_DECLS
