/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-radio.h"

G_BEGIN_DECLS

#define SIGHEJ_TYPE_RADIO_BLUEZ (sighej_radio_bluez_get_type ())
G_DECLARE_FINAL_TYPE (SighejRadioBluez, sighej_radio_bluez, SIGHEJ, RADIO_BLUEZ, GObject)

/**
 * SighejRadioBluez:
 *
 * The real radio: bluetoothd over D-Bus (BLE 1). It joins the parts and keeps no state machine of
 * its own:
 *
 *   SighejBluezAdapters    is bluetoothd there, which adapters are there, what can they do
 *   SighejBluezGuard       would the public address show; what is the privacy
 *   SighejBluezAdvertiser  keeps the payload on the air, through SighejBluezAdvert
 *   SighejBluezScanner     listens, through SighejBluezMonitor and SighejBluezListener
 *   SighejBluezPower       switches an adapter that is stuck off and on, where that is allowed
 *   SighejBluezReviver     has bluetoothd started again when it died with something on the air
 *
 * Life of a fact: bluetoothd says it, "changed" of the adapters; the best adapter is chosen and,
 * if it is powered, given to the guard, the advertiser and the scanner, which act by themselves;
 * their "changed" becomes the radio's properties.
 *
 * When bluetoothd dies with something of ours registered, the kernel leaves it on the air until
 * bluetoothd starts again: so the radio asks the bus to start it. Meanwhile the trouble is
 * BLUETOOTH_LOST, and sighej_radio_get_on_air() says what may still be there.
 */

/**
 * sighej_radio_bluez_new:
 * @clock: the clock
 * @bluez_bus: (nullable): the bus BlueZ is on; NULL, or when it closes: trouble is
 * BLUETOOTH_MISSING
 * @rfkill_folder: "/sys/class/rfkill", or where else the kernel shows its switches
 *
 * Returns: (transfer full): the radio
 */
SighejRadio *
sighej_radio_bluez_new (SighejClock *clock, GDBusConnection *bluez_bus, const char *rfkill_folder);

/* Whether an adapter that is stuck may be switched off and on; it is not unless this is said. */
void sighej_radio_bluez_set_manage_power (SighejRadioBluez *self, gboolean manage_power);

G_END_DECLS
