/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-clock.h"

G_BEGIN_DECLS

/* An adapter is switched off and on again no more often than this. */
#define SIGHEJ_BLUEZ_POWER_CYCLE_SECONDS (60 * 60)
/* So often it is tried to switch it on again before it is given up. */
#define SIGHEJ_BLUEZ_POWER_TRIES_MAX 20

/**
 * SighejBluezPowerState:
 * @SIGHEJ_BLUEZ_POWER_IDLE: nothing is asked of the adapter
 * @SIGHEJ_BLUEZ_POWER_SWITCHING_OFF: Powered = false is under way
 * @SIGHEJ_BLUEZ_POWER_SWITCHING_ON: Powered = true is under way
 * @SIGHEJ_BLUEZ_POWER_RETRYING: that failed; a timer runs
 */
typedef enum
{
  SIGHEJ_BLUEZ_POWER_IDLE,
  SIGHEJ_BLUEZ_POWER_SWITCHING_OFF,
  SIGHEJ_BLUEZ_POWER_SWITCHING_ON,
  SIGHEJ_BLUEZ_POWER_RETRYING,
} SighejBluezPowerState;
#define SIGHEJ_BLUEZ_POWER_N_STATES (SIGHEJ_BLUEZ_POWER_RETRYING + 1)

/* The table of allowed moves, for the test that walks it. */
gboolean sighej_bluez_power_may_move (SighejBluezPowerState from, SighejBluezPowerState to);

#define SIGHEJ_TYPE_BLUEZ_POWER (sighej_bluez_power_get_type ())
G_DECLARE_FINAL_TYPE (SighejBluezPower, sighej_bluez_power, SIGHEJ, BLUEZ_POWER, GObject)

/**
 * SighejBluezPower:
 *
 * The last resort for an adapter nobody stands beside (BLE 6): off and on again. Never unless it
 * was allowed (ManagePower), for whoever shares the machine loses mouse and headset for a moment.
 * What was switched off is switched on again, whatever the first answer was.
 *
 *   IDLE --cycle, allowed, none in the last hour--> SWITCHING_OFF --answer or none--> SWITCHING_ON
 *   SWITCHING_ON --done, or refused for the 20th time--> IDLE
 *   SWITCHING_ON --refused--> RETRYING --1, 2, 4, 8, 15, 15 … s--> SWITCHING_ON
 *   any --bluetoothd gone--> IDLE
 *
 * What follows from Powered is seen by whoever watches the adapter.
 */

SighejBluezPower *sighej_bluez_power_new (SighejClock *clock, GDBusConnection *bus);

void sighej_bluez_power_set_allowed (SighejBluezPower *self, gboolean allowed);

/* Begins to switch @adapter, an object path, off and on; or does nothing. */
void sighej_bluez_power_cycle (SighejBluezPower *self, const char *adapter);

/* bluetoothd is gone; it comes back with the adapter as its own settings say. */
void sighej_bluez_power_forget (SighejBluezPower *self);

SighejBluezPowerState sighej_bluez_power_get_state (SighejBluezPower *self);

/* Adds "radio.power-cycles". */
void sighej_bluez_power_count (SighejBluezPower *self, GVariantBuilder *counters);

G_END_DECLS
