/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SIGHEJ_TYPE_BLUEZ_MONITOR (sighej_bluez_monitor_get_type ())
G_DECLARE_FINAL_TYPE (SighejBluezMonitor, sighej_bluez_monitor, SIGHEJ, BLUEZ_MONITOR, GObject)

/**
 * SighejBluezMonitor:
 *
 * One org.bluez.AdvertisementMonitor1 object below a root that is an ObjectManager, as
 * RegisterMonitor wants it. Its pattern is the AD type and the UUID of our packets. What it is
 * for: while it is active, discovery delivers every packet (BLE 6).
 *
 * Signals:
 *  "activated" (): it works from now on
 *  "released" (): BlueZ has dropped it by itself
 */

/* Exports it; it lives on @bus as long as it lives. */
SighejBluezMonitor *sighej_bluez_monitor_new (GDBusConnection *bus);

/* What RegisterMonitor and UnregisterMonitor take, (transfer none). */
const char *sighej_bluez_monitor_get_root_path (SighejBluezMonitor *self);

G_END_DECLS
