/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "fake-bluez.h"
#include "sighej-names.h"

#define RSSI_THRESHOLD_DB 8 /* smaller changes are not told where a client has no filter */
#define SCAN_RUN_US (10240 * G_TIME_SPAN_MILLISECOND)
#define OTHER_UUID "0000fe9f-0000-1000-8000-00805f9b34fb"

typedef struct
{
  GList link; /* in devices_by_age; data is this */
  guint8 address[FAKE_ADDRESS_BYTES];
  char *path;
  const char *uuid;
  guint8 data[FAKE_DATA_BYTES_MAX];
  guint n_bytes;
  gint16 rssi_dbm; /* 0: unknown */
  gint64 heard_us;
} Device;

static guint
hash_address (gconstpointer key)
{
  guint32 last;

  memcpy (&last, (const guint8 *) key + 2, sizeof last);

  return last;
}

static gboolean
equal_address (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, FAKE_ADDRESS_BYTES) == 0;
}

static void
device_free (gpointer data)
{
  Device *device = data;

  g_free (device->path);
  g_free (device);
}

void
fake_devices_init (FakeAdapter *adapter)
{
  adapter->devices = g_hash_table_new_full (hash_address, equal_address, NULL, device_free);
  g_queue_init (&adapter->devices_by_age);
}

static void
remove_device (FakeAdapter *adapter, Device *device)
{
  static const char *const interfaces[]
      = { "org.freedesktop.DBus.Properties", FAKE_DEVICE_INTERFACE, NULL };

  fake_emit_objects (
      adapter->fake, "InterfacesRemoved", g_variant_new ("(o^as)", device->path, interfaces));
  g_queue_unlink (&adapter->devices_by_age, &device->link);
  g_hash_table_remove (adapter->devices, device->address);
}

void
fake_devices_forget (FakeAdapter *adapter)
{
  while (adapter->devices_by_age.head != NULL)
    {
      Device *device = adapter->devices_by_age.head->data;

      if (device->rssi_dbm != 0)
        fake_emit_changed (adapter, device->path, FAKE_DEVICE_INTERFACE, "RSSI", NULL);
      remove_device (adapter, device);
    }
}

static gboolean
on_forget (gpointer user_data)
{
  FakeAdapter *adapter = user_data;
  gint64 limit_us = g_get_monotonic_time () - adapter->forget_seconds * G_USEC_PER_SEC;

  while (adapter->devices_by_age.head != NULL)
    {
      Device *device = adapter->devices_by_age.head->data;

      if (device->heard_us > limit_us)
        break;
      remove_device (adapter, device);
    }
  if (adapter->devices_by_age.head != NULL)
    return G_SOURCE_CONTINUE;

  adapter->forget_id = 0;
  return G_SOURCE_REMOVE;
}

static GVariant *
build_service_data (const Device *device)
{
  GVariant *bytes
      = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, device->data, device->n_bytes, 1);
  GVariantBuilder services;

  g_variant_builder_init (&services, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&services, "{sv}", device->uuid, bytes);

  return g_variant_builder_end (&services);
}

static char *
format_address (const guint8 *address, char separator)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < FAKE_ADDRESS_BYTES; i++)
    {
      if (i > 0)
        g_string_append_c (text, separator);
      g_string_append_printf (text, "%02X", address[i]);
    }

  return g_strdup (text->str);
}

/* What bluetoothd 5.66 says of a device it meets. */
static GVariant *
describe (FakeAdapter *adapter, const Device *device)
{
  g_autofree char *address = format_address (device->address, ':');
  g_autofree char *alias = format_address (device->address, '-');
  GVariantBuilder properties;

  g_variant_builder_init (&properties, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&properties, "{sv}", "Address", g_variant_new_string (address));
  g_variant_builder_add (&properties, "{sv}", "AddressType", g_variant_new_string ("random"));
  g_variant_builder_add (&properties, "{sv}", "Alias", g_variant_new_string (alias));
  for (const char *const *name = (const char *const[]){ "Paired",
                                                        "Bonded",
                                                        "Trusted",
                                                        "Blocked",
                                                        "LegacyPairing",
                                                        "Connected",
                                                        "ServicesResolved",
                                                        NULL };
       *name != NULL;
       name++)
    g_variant_builder_add (&properties, "{sv}", *name, g_variant_new_boolean (FALSE));
  if (device->rssi_dbm != 0)
    g_variant_builder_add (&properties, "{sv}", "RSSI", g_variant_new_int16 (device->rssi_dbm));
  g_variant_builder_add (&properties, "{sv}", "UUIDs", g_variant_new_strv (NULL, 0));
  g_variant_builder_add (&properties, "{sv}", "Adapter", g_variant_new_object_path (adapter->path));
  g_variant_builder_add (&properties, "{sv}", "ServiceData", build_service_data (device));

  return g_variant_builder_end (&properties);
}

static GVariant *
describe_interfaces (FakeAdapter *adapter, const Device *device)
{
  GVariantBuilder interfaces;

  g_variant_builder_init (&interfaces, G_VARIANT_TYPE ("a{sa{sv}}"));
  g_variant_builder_add (
      &interfaces, "{s@a{sv}}", FAKE_DEVICE_INTERFACE, describe (adapter, device));

  return g_variant_builder_end (&interfaces);
}

void
fake_devices_describe (FakeAdapter *adapter, GVariantBuilder *objects)
{
  for (GList *item = adapter->devices_by_age.head; item != NULL; item = item->next)
    {
      const Device *device = item->data;

      g_variant_builder_add (
          objects, "{o@a{sa{sv}}}", device->path, describe_interfaces (adapter, device));
    }
}

/* ---- packets ---- */

static Device *
add_device (FakeAdapter *adapter, const guint8 *address, gboolean ours)
{
  g_autofree char *name = format_address (address, '_');
  Device *device = g_new0 (Device, 1);

  memcpy (device->address, address, FAKE_ADDRESS_BYTES);
  device->path = g_strconcat (adapter->path, "/dev_", name, NULL);
  device->uuid = ours ? SIGHEJ_SERVICE_UUID : OTHER_UUID;
  device->link.data = device;
  g_hash_table_insert (adapter->devices, device->address, device);
  g_queue_push_tail_link (&adapter->devices_by_age, &device->link);
  if (adapter->forget_id == 0)
    adapter->forget_id = g_timeout_add_seconds (1, on_forget, adapter);

  return device;
}

/* One signal for all that a packet changed. */
static void
emit_packet (FakeAdapter *adapter, const Device *device, gboolean with_data, gboolean with_rssi)
{
  GVariantBuilder properties;

  g_variant_builder_init (&properties, G_VARIANT_TYPE_VARDICT);
  if (with_data)
    g_variant_builder_add (&properties, "{sv}", "ServiceData", build_service_data (device));
  if (with_rssi)
    g_variant_builder_add (&properties, "{sv}", "RSSI", g_variant_new_int16 (device->rssi_dbm));
  fake_emit (adapter->fake,
             device->path,
             FAKE_PROPERTIES_INTERFACE,
             "PropertiesChanged",
             g_variant_new ("(sa{sv}as)", FAKE_DEVICE_INTERFACE, &properties, NULL));
  adapter->fake->n_sent++;
}

static gboolean
is_same (const Device *device, const guint8 *data, guint n_bytes)
{
  return device->n_bytes == n_bytes && memcmp (device->data, data, n_bytes) == 0;
}

static void
change_device (
    FakeAdapter *adapter, Device *device, const guint8 *data, guint n_bytes, gint16 rssi_dbm)
{
  gboolean with_data = fake_adapter_wants_duplicates (adapter) || !is_same (device, data, n_bytes);
  gboolean with_rssi = rssi_dbm != 0
                       && (fake_adapter_has_filter (adapter) || device->rssi_dbm == 0
                           || abs (rssi_dbm - device->rssi_dbm) >= RSSI_THRESHOLD_DB);

  memcpy (device->data, data, n_bytes);
  device->n_bytes = n_bytes;
  if (with_rssi)
    device->rssi_dbm = rssi_dbm;
  if (with_data || with_rssi)
    emit_packet (adapter, device, with_data, with_rssi);
}

/* The controller reports an address once per scan, unless a monitor has switched that off. */
static gboolean
is_filtered (FakeAdapter *adapter, const Device *device, gint64 now_us)
{
  if (!adapter->filters_duplicates || fake_monitors_are_active (adapter))
    return FALSE;

  while (now_us - adapter->run_us >= SCAN_RUN_US)
    adapter->run_us += SCAN_RUN_US;

  return device != NULL && device->heard_us >= adapter->run_us;
}

static void
greet_device (FakeAdapter *adapter, Device *device)
{
  fake_emit_objects (
      adapter->fake,
      "InterfacesAdded",
      g_variant_new ("(o@a{sa{sv}})", device->path, describe_interfaces (adapter, device)));
  adapter->fake->n_sent++;
}

gboolean
fake_device_hear (FakeAdapter *adapter,
                  const guint8 *address,
                  const guint8 *data,
                  guint n_bytes,
                  gint16 rssi_dbm,
                  gboolean ours)
{
  Device *device = g_hash_table_lookup (adapter->devices, address);
  gint64 now_us = g_get_monotonic_time ();

  g_assert (n_bytes <= FAKE_DATA_BYTES_MAX);
  if (adapter->fake->bus == NULL || !adapter->discovering || is_filtered (adapter, device, now_us))
    return FALSE;

  if (device != NULL)
    {
      change_device (adapter, device, data, n_bytes, rssi_dbm);
      g_queue_unlink (&adapter->devices_by_age, &device->link);
      g_queue_push_tail_link (&adapter->devices_by_age, &device->link);
    }
  else
    {
      device = add_device (adapter, address, ours);
      memcpy (device->data, data, n_bytes);
      device->n_bytes = n_bytes;
      device->rssi_dbm = rssi_dbm;
      greet_device (adapter, device);
    }
  device->heard_us = now_us;

  return TRUE;
}
