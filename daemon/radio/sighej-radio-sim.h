/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-radio.h"

G_BEGIN_DECLS

/**
 * SighejRadioSim:
 *
 * A radio without hardware: what one puts on the air the others hear, on one machine, in one
 * folder (sighej-sim-air.h, which also says what can be set; sighej-sim-packet.h for the
 * packets). How strongly follows from where they stand:
 *
 *   rssi = loudness at 1 m - 10 × 2.5 × log10 (distance in m) + noise      (BLE 7)
 *
 * unless air.ini gives a fixed strength. Whoever stands nearer than half a metre counts as half a
 * metre away; what would arrive below -100 dBm is not heard. Each payload is sent from a fresh
 * random address, as the real stack does (BLE 4), so its privacy is "private".
 *
 * Never chosen unless asked for.
 */
#define SIGHEJ_TYPE_RADIO_SIM (sighej_radio_sim_get_type ())
G_DECLARE_FINAL_TYPE (SighejRadioSim, sighej_radio_sim, SIGHEJ, RADIO_SIM, GObject)

/* Air and name from the environment; @bus is not used. */
SighejRadio *sighej_radio_sim_new (SighejClock *clock, GDBusConnection *bus);

/**
 * sighej_radio_sim_new_in:
 * @dir: the air
 * @name: in air.ini; what may not stand in a name becomes "_"
 */
SighejRadio *sighej_radio_sim_new_in (SighejClock *clock, const char *dir, const char *name);

G_END_DECLS
