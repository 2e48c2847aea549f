/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* So many packets wait for the main thread; what comes beyond is counted as dropped. */
#define SIGHEJ_BLUEZ_TAP_PACKETS_MAX 2000

#define SIGHEJ_BLUEZ_TAP_DATA_BYTES_MAX 31
#define SIGHEJ_BLUEZ_TAP_DEVICE_CHARS_MAX 23

/**
 * SighejBluezPacket:
 * @device: the end of the device's path, "dev_3A_01_02_03_04_05"
 * @removed: BlueZ has forgotten the device; nothing else counts
 * @has_data: it holds service data under our UUID
 * @n_bytes: of @data; more than 31 are cut
 * @rssi_dbm: as BlueZ says; 0: not said
 */
typedef struct
{
  char device[SIGHEJ_BLUEZ_TAP_DEVICE_CHARS_MAX + 1];
  gboolean removed;
  gboolean has_data;
  guint8 n_bytes;
  guint8 data[SIGHEJ_BLUEZ_TAP_DATA_BYTES_MAX];
  gint16 rssi_dbm;
} SighejBluezPacket;

#define SIGHEJ_TYPE_BLUEZ_TAP (sighej_bluez_tap_get_type ())
G_DECLARE_FINAL_TYPE (SighejBluezTap, sighej_bluez_tap, SIGHEJ, BLUEZ_TAP, GObject)

/**
 * SighejBluezTap:
 *
 * Takes what bluetoothd says of devices off a connection, before GDBus makes a call in the main
 * loop of each: a crowd brings 500 signals a second. They are read in GDBus's own thread, and
 * handed over many at a time. It exists only while somebody listens; the bus delivers nothing
 * of devices before and after.
 *
 *   ARMED --packet--> "ready", TOLD --sighej_bluez_tap_take(), sighej_bluez_tap_arm()--> ARMED
 *   TOLD --packet--> TOLD: it is kept, and nobody is woken
 *
 * All functions are for the main thread.
 *
 * Signals:
 *  "ready" (): packets wait, the first since it was armed
 */

/**
 * sighej_bluez_tap_new:
 * @owner: the unique name of bluetoothd, which alone is believed
 * @adapter: the path of the adapter whose devices count
 *
 * Returns: (transfer full): an armed one
 */
SighejBluezTap *sighej_bluez_tap_new (GDBusConnection *bus, const char *owner, const char *adapter);

/* All that wait, SighejBluezPacket, oldest first. (transfer none): valid until the next call. */
GArray *sighej_bluez_tap_take (SighejBluezTap *self);

void sighej_bluez_tap_arm (SighejBluezTap *self);

/* How many came while too many waited. */
guint64 sighej_bluez_tap_get_n_dropped (SighejBluezTap *self);

G_END_DECLS
