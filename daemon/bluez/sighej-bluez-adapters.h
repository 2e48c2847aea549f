/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* More than any machine has, and as many as libbluetooth counts (HCI_MAX_DEV). */
#define SIGHEJ_BLUEZ_ADAPTERS_MAX 16

/* For every call to bluetoothd that answers from its memory, milliseconds. */
#define SIGHEJ_BLUEZ_CALL_TIMEOUT_MS 5000

#define SIGHEJ_BLUEZ_NAME "org.bluez"
#define SIGHEJ_BLUEZ_ADAPTER_INTERFACE "org.bluez.Adapter1"
#define SIGHEJ_BLUEZ_DEVICE_INTERFACE "org.bluez.Device1"
#define SIGHEJ_BLUEZ_ADVERTISING_INTERFACE "org.bluez.LEAdvertisingManager1"
#define SIGHEJ_BLUEZ_MONITOR_INTERFACE "org.bluez.AdvertisementMonitorManager1"

/**
 * SighejBluezPresence:
 * @SIGHEJ_BLUEZ_ABSENT: nobody owns org.bluez, or the bus is gone
 * @SIGHEJ_BLUEZ_LOADING: somebody does; its objects are being read for the first time
 * @SIGHEJ_BLUEZ_PRESENT: the adapters are known
 * @SIGHEJ_BLUEZ_DENIED: the bus's policy forbids us to talk to it
 */
typedef enum
{
  SIGHEJ_BLUEZ_ABSENT,
  SIGHEJ_BLUEZ_LOADING,
  SIGHEJ_BLUEZ_PRESENT,
  SIGHEJ_BLUEZ_DENIED,
} SighejBluezPresence;

/**
 * SighejBluezAdapter:
 * @path: "/org/bluez/hci0"
 * @name: "hci0", the end of @path
 * @index: 0, its number for the management socket
 * @address: Adapter1.Address, which stays with the device; "" when not told. Never logged
 * @powered: Adapter1.Powered
 * @discoverable: Adapter1.Discoverable
 * @connectable: Adapter1.Connectable; FALSE before BlueZ 5.79, which does not tell
 * @discovering: Adapter1.Discovering: somebody scans
 * @blocked: Adapter1.PowerState is off-blocked (BlueZ 5.66 and later tell): by a switch
 * @can_advertise: it has LEAdvertisingManager1
 * @extended: it has extended advertising (BLE 4)
 * @can_monitor: it has AdvertisementMonitorManager1 with or_patterns
 */
typedef struct
{
  char *path;
  const char *name;
  guint16 index;
  char *address;
  gboolean powered;
  gboolean discoverable;
  gboolean connectable;
  gboolean discovering;
  gboolean blocked;
  gboolean can_advertise;
  gboolean extended;
  gboolean can_monitor;
} SighejBluezAdapter;

#define SIGHEJ_TYPE_BLUEZ_ADAPTERS (sighej_bluez_adapters_get_type ())
G_DECLARE_FINAL_TYPE (SighejBluezAdapters, sighej_bluez_adapters, SIGHEJ, BLUEZ_ADAPTERS, GObject)

/**
 * SighejBluezAdapters:
 *
 * Whether bluetoothd is there, and its adapters with what we need to know of each. It listens to
 * nothing but adapters, so a crowd of devices does not wake an idle daemon.
 *
 * Signals:
 *  "changed" (): anything above is different
 */

/* Nothing is asked before sighej_bluez_adapters_start(). */
SighejBluezAdapters *sighej_bluez_adapters_new (GDBusConnection *bus);

void sighej_bluez_adapters_start (SighejBluezAdapters *self);

SighejBluezPresence sighej_bluez_adapters_get_presence (SighejBluezAdapters *self);

/* The unique name that owns org.bluez, (nullable) (transfer none). */
const char *sighej_bluez_adapters_get_owner (SighejBluezAdapters *self);

/* (nullable) (transfer none): valid until the next "changed". @path: or a name like "hci0" */
const SighejBluezAdapter *sighej_bluez_adapters_lookup (SighejBluezAdapters *self,
                                                        const char *path);

/* The paths in the order of their numbers, (transfer full). */
GStrv sighej_bluez_adapters_dup_paths (SighejBluezAdapters *self);

/**
 * sighej_bluez_adapter_parse_path:
 * @path: any object path
 * @index: (out) (optional): the number
 *
 * Returns: whether @path is that of an adapter
 */
gboolean sighej_bluez_adapter_parse_path (const char *path, guint16 *index);

G_END_DECLS
