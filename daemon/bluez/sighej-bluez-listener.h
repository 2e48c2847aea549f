/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-clock.h"

G_BEGIN_DECLS

/* No more packets are parsed in a second (BLE 8); the rest is counted as dropped. */
#define SIGHEJ_BLUEZ_PACKETS_PER_SECOND_MAX 2000

/* Service data of so many devices is remembered, the oldest forgotten first. */
#define SIGHEJ_BLUEZ_DEVICES_MAX 4096

#define SIGHEJ_TYPE_BLUEZ_LISTENER (sighej_bluez_listener_get_type ())
G_DECLARE_FINAL_TYPE (SighejBluezListener, sighej_bluez_listener, SIGHEJ, BLUEZ_LISTENER, GObject)

/**
 * SighejBluezListener:
 *
 * Reads packets out of what bluetoothd says of devices. A Device1 object stands for an address;
 * it appears with its first packet and then changes with each. A change names only what differs,
 * so the service data of each device is remembered for the packets that differ in strength alone.
 * Nothing about a device leaves this object but the data and the strength.
 *
 * Signals:
 *  "alive" (): a packet of any device came; whatever it holds
 *  "heard" (const guint8 *data, guint n_bytes, int rssi_dbm): as SighejRadio::heard
 */

SighejBluezListener *sighej_bluez_listener_new (SighejClock *clock, GDBusConnection *bus);

/**
 * sighej_bluez_listener_listen:
 * @owner: (nullable): unique name of bluetoothd; NULL: stop listening and forget all devices
 * @adapter: (nullable): path of the adapter whose devices count
 */
void
sighej_bluez_listener_listen (SighejBluezListener *self, const char *owner, const char *adapter);

/* Tells now of what came before: whatever follows belongs to another scan. */
void sighej_bluez_listener_flush (SighejBluezListener *self);

/* When a packet of any device came last, on the clock's now_us; 0: never. */
gint64 sighej_bluez_listener_get_alive_us (SighejBluezListener *self);

/* Adds "radio.heard", "radio.foreign", "radio.dropped-rate", "radio.devices-evicted". */
void sighej_bluez_listener_count (SighejBluezListener *self, GVariantBuilder *counters);

G_END_DECLS
