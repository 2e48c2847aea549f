/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-check-result.h"
#include "sighej-clock.h"

G_BEGIN_DECLS

/* After Open, and after each return to the air, we listen without a pause for so long. */
#define SIGHEJ_SCAN_FIRST_SECONDS 60
/* On battery: so long in a turn ... */
#define SIGHEJ_SCAN_TURN_SECONDS 10
/* ... then a pause ... */
#define SIGHEJ_SCAN_PAUSE_SECONDS 20
/* ... and a longer one where no token was heard for so long. */
#define SIGHEJ_SCAN_QUIET_AFTER_SECONDS (5 * 60)
#define SIGHEJ_SCAN_QUIET_PAUSE_SECONDS 50

/**
 * SighejScanPlannerState:
 * @SIGHEJ_SCAN_PLANNER_OFF: nobody wants to listen; no timer runs
 * @SIGHEJ_SCAN_PLANNER_STEADY: listening without an end
 * @SIGHEJ_SCAN_PLANNER_TURN: listening, a pause follows
 * @SIGHEJ_SCAN_PLANNER_PAUSE: not listening for a while
 */
typedef enum
{
  SIGHEJ_SCAN_PLANNER_OFF,
  SIGHEJ_SCAN_PLANNER_STEADY,
  SIGHEJ_SCAN_PLANNER_TURN,
  SIGHEJ_SCAN_PLANNER_PAUSE,
} SighejScanPlannerState;
#define SIGHEJ_SCAN_PLANNER_N_STATES (SIGHEJ_SCAN_PLANNER_PAUSE + 1)

/* The table of allowed moves, for the test that walks it. */
gboolean sighej_scan_planner_may_move (SighejScanPlannerState from, SighejScanPlannerState to);

#define SIGHEJ_TYPE_SCAN_PLANNER (sighej_scan_planner_get_type ())
G_DECLARE_FINAL_TYPE (SighejScanPlanner, sighej_scan_planner, SIGHEJ, SCAN_PLANNER, GObject)

/**
 * SighejScanPlanner:
 *
 * When to listen while a person is open, so that a battery lasts (BLE 6). It is told facts and
 * knows no radio; what it answers is whether to listen now. We advertise all the while: only
 * listening pauses, so whoever is near still hears us.
 *
 *   OFF ------------ wanted -----------> STEADY
 *   STEADY --- may pause -----> TURN --- 10 s ---> PAUSE
 *   PAUSE --- 20 s; 50 s where it is quiet ---> TURN
 *   TURN, PAUSE --- may not pause ---> STEADY
 *   STEADY, TURN, PAUSE --- not wanted ---> OFF
 *
 * It may pause on battery, unless this is a kiosk, when the first minute is over, no token is live
 * and the radio has no trouble: one that does not listen saves nothing by a pause, and would seem
 * well in each. It is quiet when no token was live for 5 minutes. How long a pause lasts is settled
 * when it begins. A token heard in a turn is live, so listening goes on without a pause until it is
 * gone: meetings happen at the pace of a machine on mains.
 *
 * The one wait is for the end of the first minute, turn or pause; on mains and when off there is
 * none after that minute.
 *
 * Signals:
 *  "changed" (): sighej_scan_planner_get_listen() answers something else
 */

/* @kiosk: never pauses */
SighejScanPlanner *sighej_scan_planner_new (SighejClock *clock, gboolean kiosk);

/* ---- facts ---- */

/* Whether a person is on the air; TRUE begins the first minute. */
void sighej_scan_planner_set_wanted (SighejScanPlanner *self, gboolean wanted);
void sighej_scan_planner_set_on_battery (SighejScanPlanner *self, gboolean on_battery);
/* Whether any token was heard and is not gone (sighej_sightings_get_live()). */
void sighej_scan_planner_set_live (SighejScanPlanner *self, gboolean live);
/* Whether the radio can not do what it is told. */
void sighej_scan_planner_set_trouble (SighejScanPlanner *self, gboolean trouble);

/* ---- what follows ---- */

gboolean sighej_scan_planner_get_listen (SighejScanPlanner *self);
SighejScanPlannerState sighej_scan_planner_get_state (SighejScanPlanner *self);

/* Appends "bluetooth.plan" to what `doctor` has to say (SighejCheckResult), nothing while off. */
void sighej_scan_planner_check (SighejScanPlanner *self, GPtrArray *results);

/* Adds to an a{st}: "scan.pauses", "scan.listened-seconds", "scan.paused-seconds". */
void sighej_scan_planner_count (SighejScanPlanner *self, GVariantBuilder *counters);

G_END_DECLS
