/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-bluez"

#include "config.h"

#include "sighej-bluez-listener.h"

#include <string.h>

#include "sighej-bluez-tap.h"

/*
 * In a crowd the packets of so long are taken together: then it costs no more wake-ups than this,
 * and how near somebody is does not depend on it.
 */
#define CROWD_PAUSE_US (50 * G_TIME_SPAN_MILLISECOND)

#define RSSI_UNKNOWN_DBM 127
#define RSSI_STRONGEST_DBM 20

/* What a device sent last under our UUID. */
typedef struct
{
  GList link; /* in devices_by_age; data is this */
  char name[SIGHEJ_BLUEZ_TAP_DEVICE_CHARS_MAX + 1];
  guint n_bytes;
  guint8 data[SIGHEJ_BLUEZ_TAP_DATA_BYTES_MAX];
} Device;

struct _SighejBluezListener
{
  GObject parent;

  SighejClock *clock;
  GDBusConnection *bus;
  SighejBluezTap *tap; /* NULL: nobody listens */
  char *owner;
  char *adapter;
  guint pause_id;
  gint64 taken_us; /* when packets were taken last */

  GHashTable *devices; /* name -> Device, owned */
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
stop (SighejBluezListener *self)
{
  if (self->tap == NULL)
    return;

  self->n_dropped += sighej_bluez_tap_get_n_dropped (self->tap);
  g_signal_handlers_disconnect_by_data (self->tap, self);
  g_clear_object (&self->tap);
  sighej_clock_clear (self->clock, &self->pause_id);
  g_clear_pointer (&self->owner, g_free);
  g_clear_pointer (&self->adapter, g_free);
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
  self->devices = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_queue_init (&self->devices_by_age);
}

static void
forget_device (SighejBluezListener *self, const char *name)
{
  Device *device = g_hash_table_lookup (self->devices, name);

  if (device == NULL)
    return;
  g_queue_unlink (&self->devices_by_age, &device->link);
  g_hash_table_remove (self->devices, device->name);
}

static Device *
add_device (SighejBluezListener *self, const char *name)
{
  Device *device;

  if (self->devices_by_age.length == SIGHEJ_BLUEZ_DEVICES_MAX)
    {
      Device *oldest = self->devices_by_age.head->data;

      self->n_evicted++;
      forget_device (self, oldest->name);
    }

  device = g_new0 (Device, 1);
  g_strlcpy (device->name, name, sizeof device->name);
  device->link.data = device;
  g_hash_table_insert (self->devices, device->name, device);
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

static Device *
remember_data (SighejBluezListener *self, Device *device, const SighejBluezPacket *packet)
{
  if (device == NULL)
    device = add_device (self, packet->device);
  device->n_bytes = packet->n_bytes;
  memcpy (device->data, packet->data, sizeof device->data);

  return device;
}

/* 0 and 127 mean unknown (BLE 6); so does what no receiver can measure. */
static int
judge_rssi (gint16 rssi_dbm)
{
  if (rssi_dbm == 0 || rssi_dbm > RSSI_STRONGEST_DBM || rssi_dbm < -RSSI_UNKNOWN_DBM)
    return RSSI_UNKNOWN_DBM;

  return rssi_dbm;
}

static void
emit_heard (SighejBluezListener *self, const Device *device, int rssi_dbm)
{
  guint8 data[SIGHEJ_BLUEZ_TAP_DATA_BYTES_MAX];
  guint n_bytes = device->n_bytes;

  /* A copy: who hears it may make us stop, which forgets the device. */
  memcpy (data, device->data, sizeof data);
  self->n_heard++;
  g_signal_emit (self, signals[SIGNAL_HEARD], 0, data, n_bytes, rssi_dbm);
}

static void
take_packet (SighejBluezListener *self, const SighejBluezPacket *packet, gint64 now_us)
{
  Device *device;

  self->alive_us = now_us;
  g_signal_emit (self, signals[SIGNAL_ALIVE], 0);
  if (self->tap == NULL || !is_within_rate (self, now_us))
    return;

  device = g_hash_table_lookup (self->devices, packet->device);
  if (packet->has_data)
    device = remember_data (self, device, packet);
  if (device == NULL)
    {
      self->n_foreign++;
      return;
    }

  emit_heard (self, device, judge_rssi (packet->rssi_dbm));
}

/* Who hears one of them may make us stop, or begin anew: then the others are void. */
static guint
take_all (SighejBluezListener *self, gint64 now_us)
{
  g_autoptr (SighejBluezTap) tap = g_object_ref (self->tap);
  GArray *packets = sighej_bluez_tap_take (tap);

  for (guint i = 0; i < packets->len && self->tap == tap; i++)
    {
      const SighejBluezPacket *packet = &g_array_index (packets, SighejBluezPacket, i);

      if (packet->removed)
        forget_device (self, packet->device);
      else
        take_packet (self, packet, now_us);
    }

  return packets->len;
}

static gboolean on_pause_over (gpointer user_data);

/* Where few are, each is told at once; where many are, only the first. */
static void
go_on (SighejBluezListener *self, gboolean is_crowd)
{
  if (self->tap == NULL)
    return;

  if (is_crowd && self->pause_id == 0)
    self->pause_id = sighej_clock_add (self->clock, CROWD_PAUSE_US, on_pause_over, self);
  else if (!is_crowd)
    sighej_bluez_tap_arm (self->tap);
}

static gboolean
on_pause_over (gpointer user_data)
{
  g_autoptr (SighejBluezListener) self = g_object_ref (user_data);
  guint n_taken;

  self->pause_id = 0;
  self->taken_us = sighej_clock_now_us (self->clock);
  n_taken = take_all (self, self->taken_us);
  go_on (self, n_taken > 1);

  return G_SOURCE_REMOVE;
}

static void
on_ready (SighejBluezListener *self)
{
  g_autoptr (SighejBluezListener) kept = g_object_ref (self);
  gint64 now_us = sighej_clock_now_us (self->clock);
  gboolean is_crowd = now_us - self->taken_us < CROWD_PAUSE_US;

  self->taken_us = now_us;
  take_all (self, now_us);
  go_on (kept, is_crowd);
}

SighejBluezListener *
sighej_bluez_listener_new (SighejClock *clock, GDBusConnection *bus)
{
  SighejBluezListener *self = g_object_new (SIGHEJ_TYPE_BLUEZ_LISTENER, NULL);

  self->clock = g_object_ref (clock);
  self->bus = g_object_ref (bus);

  return self;
}

void
sighej_bluez_listener_listen (SighejBluezListener *self, const char *owner, const char *adapter)
{
  if (owner == NULL || adapter == NULL)
    {
      stop (self);
      return;
    }
  if (g_strcmp0 (owner, self->owner) == 0 && g_strcmp0 (adapter, self->adapter) == 0)
    return;

  stop (self);
  self->owner = g_strdup (owner);
  self->adapter = g_strdup (adapter);
  self->taken_us = 0;
  self->tap = sighej_bluez_tap_new (self->bus, owner, adapter);
  g_signal_connect_object (self->tap, "ready", G_CALLBACK (on_ready), self, G_CONNECT_SWAPPED);
}

void
sighej_bluez_listener_flush (SighejBluezListener *self)
{
  if (self->tap != NULL)
    take_all (self, sighej_clock_now_us (self->clock));
}

gint64
sighej_bluez_listener_get_alive_us (SighejBluezListener *self)
{
  return self->alive_us;
}

void
sighej_bluez_listener_count (SighejBluezListener *self, GVariantBuilder *counters)
{
  guint64 n_dropped = self->n_dropped;

  if (self->tap != NULL)
    n_dropped += sighej_bluez_tap_get_n_dropped (self->tap);
  g_variant_builder_add (counters, "{st}", "radio.heard", self->n_heard);
  g_variant_builder_add (counters, "{st}", "radio.foreign", self->n_foreign);
  g_variant_builder_add (counters, "{st}", "radio.dropped-rate", n_dropped);
  g_variant_builder_add (counters, "{st}", "radio.devices-evicted", self->n_evicted);
}
