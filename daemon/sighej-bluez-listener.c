/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-bluez"

#include "config.h"

#include "sighej-bluez-listener.h"

#include <string.h>

#include "sighej-bluez-adapters.h"
#include "sighej-names.h"

#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"
#define OBJECTS_INTERFACE "org.freedesktop.DBus.ObjectManager"
#define DATA_BYTES_MAX 31
#define RSSI_UNKNOWN_DBM 127
#define RSSI_STRONGEST_DBM 20

/* What a device sent last under our UUID. */
typedef struct
{
  GList link; /* in devices_by_age; data is this */
  char *path;
  guint n_bytes;
  guint8 data[DATA_BYTES_MAX];
} Device;

struct _SighejBluezListener
{
  GObject parent;

  SighejClock *clock;
  GDBusConnection *bus;
  guint changed_id;
  guint objects_id;
  char *owner;
  char *prefix; /* "/org/bluez/hci0/" */

  GHashTable *devices; /* path -> Device, owned */
  GQueue devices_by_age;

  gint64 alive_us;
  gint64 second_us; /* beginning of the second that is being counted */
  guint n_in_second;

  guint64 n_heard;
  guint64 n_foreign;
  guint64 n_dropped;
  guint64 n_evicted;
};

G_DEFINE_FINAL_TYPE (SighejBluezListener, sighej_bluez_listener, G_TYPE_OBJECT)

enum
{
  SIGNAL_ALIVE,
  SIGNAL_HEARD,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
device_free (gpointer data)
{
  Device *device = data;

  g_free (device->path);
  g_free (device);
}

static void
stop (SighejBluezListener *self)
{
  if (self->changed_id != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->changed_id);
  if (self->objects_id != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->objects_id);
  self->changed_id = 0;
  self->objects_id = 0;
  g_clear_pointer (&self->owner, g_free);
  g_clear_pointer (&self->prefix, g_free);
  g_queue_init (&self->devices_by_age);
  g_hash_table_remove_all (self->devices);
}

static void
sighej_bluez_listener_dispose (GObject *object)
{
  SighejBluezListener *self = SIGHEJ_BLUEZ_LISTENER (object);

  stop (self);
  g_clear_object (&self->clock);
  g_clear_object (&self->bus);

  G_OBJECT_CLASS (sighej_bluez_listener_parent_class)->dispose (object);
}

static void
sighej_bluez_listener_finalize (GObject *object)
{
  SighejBluezListener *self = SIGHEJ_BLUEZ_LISTENER (object);

  g_hash_table_unref (self->devices);

  G_OBJECT_CLASS (sighej_bluez_listener_parent_class)->finalize (object);
}

static void
sighej_bluez_listener_class_init (SighejBluezListenerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->dispose = sighej_bluez_listener_dispose;
  object_class->finalize = sighej_bluez_listener_finalize;

  signals[SIGNAL_ALIVE]
      = g_signal_new ("alive", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_HEARD] = g_signal_new ("heard",
                                        type,
                                        G_SIGNAL_RUN_LAST,
                                        0,
                                        NULL,
                                        NULL,
                                        NULL,
                                        G_TYPE_NONE,
                                        3,
                                        G_TYPE_POINTER,
                                        G_TYPE_UINT,
                                        G_TYPE_INT);
}

static void
sighej_bluez_listener_init (SighejBluezListener *self)
{
  self->devices = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, device_free);
  g_queue_init (&self->devices_by_age);
}

static void
forget_device (SighejBluezListener *self, const char *path)
{
  Device *device = g_hash_table_lookup (self->devices, path);

  if (device == NULL)
    return;
  g_queue_unlink (&self->devices_by_age, &device->link);
  g_hash_table_remove (self->devices, device->path);
}

static Device *
add_device (SighejBluezListener *self, const char *path)
{
  Device *device;

  if (self->devices_by_age.length == SIGHEJ_BLUEZ_DEVICES_MAX)
    {
      Device *oldest = self->devices_by_age.head->data;

      self->n_evicted++;
      forget_device (self, oldest->path);
    }

  device = g_new0 (Device, 1);
  device->path = g_strdup (path);
  device->link.data = device;
  g_hash_table_insert (self->devices, device->path, device);
  g_queue_push_tail_link (&self->devices_by_age, &device->link);

  return device;
}

static gboolean
is_within_rate (SighejBluezListener *self, gint64 now_us)
{
  if (now_us - self->second_us >= G_USEC_PER_SEC)
    {
      self->second_us = now_us;
      self->n_in_second = 0;
    }
  if (self->n_in_second == SIGHEJ_BLUEZ_PACKETS_PER_SECOND_MAX)
    {
      self->n_dropped++;
      return FALSE;
    }
  self->n_in_second++;

  return TRUE;
}

/* More than 31 bytes are cut: the receiver's rules refuse every length but 13 anyway. */
static void
remember_data (SighejBluezListener *self, const char *path, GVariant *services)
{
  g_autoptr (GVariant) bytes
      = g_variant_lookup_value (services, SIGHEJ_SERVICE_UUID, G_VARIANT_TYPE_BYTESTRING);
  Device *device;
  const guint8 *data;
  gsize n_bytes;

  if (bytes == NULL)
    return;

  data = g_variant_get_fixed_array (bytes, &n_bytes, 1);
  device = g_hash_table_lookup (self->devices, path);
  if (device == NULL)
    device = add_device (self, path);
  device->n_bytes = (guint) MIN (n_bytes, DATA_BYTES_MAX);
  if (device->n_bytes > 0)
    memcpy (device->data, data, device->n_bytes);
}

/* 0 and 127 mean unknown (BLE 6); so does what no receiver can measure. */
static int
read_rssi (GVariant *properties)
{
  gint16 rssi_dbm = 0;

  if (!g_variant_lookup (properties, "RSSI", "n", &rssi_dbm) || rssi_dbm == 0
      || rssi_dbm > RSSI_STRONGEST_DBM || rssi_dbm < -RSSI_UNKNOWN_DBM)
    return RSSI_UNKNOWN_DBM;

  return rssi_dbm;
}

static void
emit_heard (SighejBluezListener *self, const Device *device, int rssi_dbm)
{
  guint8 data[DATA_BYTES_MAX];
  guint n_bytes = device->n_bytes;

  /* A copy: who hears it may make us stop, which forgets the device. */
  memcpy (data, device->data, sizeof data);
  self->n_heard++;
  g_signal_emit (self, signals[SIGNAL_HEARD], 0, data, n_bytes, rssi_dbm);
}

/* @properties: those of Device1 that are new or different; each such set is one packet. */
static void
take_packet (SighejBluezListener *self, const char *path, GVariant *properties)
{
  g_autoptr (GVariant) services
      = g_variant_lookup_value (properties, "ServiceData", G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) rssi = g_variant_lookup_value (properties, "RSSI", G_VARIANT_TYPE_INT16);
  gint64 now_us = sighej_clock_now_us (self->clock);
  const Device *device;

  if (services == NULL && rssi == NULL)
    return;
  self->alive_us = now_us;
  g_signal_emit (self, signals[SIGNAL_ALIVE], 0);
  if (self->owner == NULL || !is_within_rate (self, now_us))
    return;

  if (services != NULL)
    remember_data (self, path, services);
  device = g_hash_table_lookup (self->devices, path);
  if (device == NULL)
    {
      self->n_foreign++;
      return;
    }

  emit_heard (self, device, read_rssi (properties));
}

static gboolean
is_ours (SighejBluezListener *self, const char *path)
{
  return self->prefix != NULL && g_str_has_prefix (path, self->prefix);
}

static void
on_properties_changed (GDBusConnection *bus,
                       const char *sender,
                       const char *path,
                       const char *interface,
                       const char *signal,
                       GVariant *parameters,
                       gpointer user_data)
{
  g_autoptr (SighejBluezListener) self = g_object_ref (user_data);
  g_autoptr (GVariant) properties = NULL;

  if (!is_ours (self, path) || !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;

  properties = g_variant_get_child_value (parameters, 1);
  take_packet (self, path, properties);
}

static void
take_added (SighejBluezListener *self, const char *path, GVariant *interfaces)
{
  g_autoptr (GVariant) properties
      = g_variant_lookup_value (interfaces, SIGHEJ_BLUEZ_DEVICE_INTERFACE, G_VARIANT_TYPE_VARDICT);

  if (properties != NULL)
    take_packet (self, path, properties);
}

static void
on_objects_changed (GDBusConnection *bus,
                    const char *sender,
                    const char *manager,
                    const char *interface,
                    const char *signal,
                    GVariant *parameters,
                    gpointer user_data)
{
  g_autoptr (SighejBluezListener) self = g_object_ref (user_data);
  g_autoptr (GVariant) interfaces = NULL;
  const char *path;

  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(oa{sa{sv}})")))
    {
      g_variant_get (parameters, "(&o@a{sa{sv}})", &path, &interfaces);
      if (is_ours (self, path))
        take_added (self, path, interfaces);
    }
  else if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(oas)")))
    {
      g_variant_get (parameters, "(&o@as)", &path, &interfaces);
      forget_device (self, path);
    }
}

SighejBluezListener *
sighej_bluez_listener_new (SighejClock *clock, GDBusConnection *bus)
{
  SighejBluezListener *self = g_object_new (SIGHEJ_TYPE_BLUEZ_LISTENER, NULL);

  self->clock = g_object_ref (clock);
  self->bus = g_object_ref (bus);

  return self;
}

static void
subscribe (SighejBluezListener *self)
{
  self->changed_id = g_dbus_connection_signal_subscribe (self->bus,
                                                         self->owner,
                                                         PROPERTIES_INTERFACE,
                                                         "PropertiesChanged",
                                                         NULL,
                                                         SIGHEJ_BLUEZ_DEVICE_INTERFACE,
                                                         G_DBUS_SIGNAL_FLAGS_NONE,
                                                         on_properties_changed,
                                                         self,
                                                         NULL);
  self->objects_id = g_dbus_connection_signal_subscribe (self->bus,
                                                         self->owner,
                                                         OBJECTS_INTERFACE,
                                                         NULL,
                                                         "/",
                                                         NULL,
                                                         G_DBUS_SIGNAL_FLAGS_NONE,
                                                         on_objects_changed,
                                                         self,
                                                         NULL);
}

void
sighej_bluez_listener_listen (SighejBluezListener *self, const char *owner, const char *adapter)
{
  g_autofree char *prefix = adapter != NULL ? g_strconcat (adapter, "/", NULL) : NULL;

  if (owner == NULL || adapter == NULL)
    {
      stop (self);
      return;
    }
  if (g_strcmp0 (owner, self->owner) == 0 && g_strcmp0 (prefix, self->prefix) == 0)
    return;

  stop (self);
  self->owner = g_strdup (owner);
  self->prefix = g_steal_pointer (&prefix);
  subscribe (self);
}

gint64
sighej_bluez_listener_get_alive_us (SighejBluezListener *self)
{
  return self->alive_us;
}

void
sighej_bluez_listener_count (SighejBluezListener *self, GVariantBuilder *counters)
{
  g_variant_builder_add (counters, "{st}", "radio.heard", self->n_heard);
  g_variant_builder_add (counters, "{st}", "radio.foreign", self->n_foreign);
  g_variant_builder_add (counters, "{st}", "radio.dropped-rate", self->n_dropped);
  g_variant_builder_add (counters, "{st}", "radio.devices-evicted", self->n_evicted);
}
