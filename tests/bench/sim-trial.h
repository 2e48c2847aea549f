/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sim-filter.h"
#include "sim-world.h"

G_BEGIN_DECLS

/* A report counts for so long at the backend (BLE 8), and so long a trial lasts. */
#define SIM_TRIAL_S 120.0
/* The report rule of sighej-sightings.h. */
#define SIM_DWELL_S 20.0
#define SIM_REPORT_SAMPLES 5

#define SIM_NEVER_S 1e9

typedef struct
{
  double heard_s;    /* the first packet */
  double entered_s;  /* near, for the first time */
  double reported_s; /* SIM_NEVER_S: not */
  double near_s;     /* near in all */
} SimOutcome;

/**
 * SimTuning:
 * @kind: a filter
 * @parameter: its parameter
 * @enter_db: near is entered at this level or below
 * @leave_db: and left when for @leave_s it was more than this beyond it
 * @adds_up: the daemon's dwell: time at @enter_db or less counts, a tenth of the time at more is
 *   taken back; else all the time in near counts
 *
 * A filter with all that can be turned.
 */
typedef struct
{
  SimFilterKind kind;
  double parameter;
  double enter_db;
  double leave_db;
  double leave_s;
  gboolean adds_up;
} SimTuning;

/**
 * SimRule:
 *
 * From a filter's level to a report: near is entered at a limit and left after some time that is
 * all beyond some more; a dwell of 20 s with 5 samples is reported, also between two packets.
 */
typedef struct
{
  const SimTuning *tuning;
  gboolean near;
  double dwells_at_s; /* when without another packet 20 s are full; SIM_NEVER_S */
  gboolean within;
  double dwelt_s;
  double beyond_since_s;
  double last_s;
  guint n_samples;
  double fifth_s;
  SimOutcome outcome;
} SimRule;

/* @tuning: (nullable): for sim_rule_take_near() none is needed. It must outlive the rule. */
void sim_rule_init (SimRule *self, const SimTuning *tuning);
/* What happened until @at_s: a report falls due without a packet. */
void sim_rule_wait (SimRule *self, double at_s);
void sim_rule_take (SimRule *self, double level_db, double at_s);
/* The same for a filter that knows by itself what is near, and when 20 s of it are full. */
void sim_rule_take_near (SimRule *self, gboolean near, double dwells_at_s, double at_s);

/* One stream of packets: what was heard of one person by another. */
typedef struct
{
  double at_s;
  int rssi_dbm;
} SimSample;

typedef struct
{
  SimScene scene;
  SimPlan plan;
  double min_s; /* the interval that was asked for */
  double max_s;
  double for_s;
} SimSetting;

/* Replaces what is in @samples. */
void sim_trial_draw (const SimSetting *setting, SimRandom *random, GArray *samples);

/* One filter on one stream. */
SimOutcome sim_trial_run (const GArray *samples, const SimTuning *tuning, double for_s);

/* The daemon's own band on it, with its own limits. */
SimOutcome sim_trial_run_band (const GArray *samples, double for_s);

G_END_DECLS
