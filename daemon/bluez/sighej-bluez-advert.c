/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-bluez"

#include "config.h"

#include "sighej-bluez-advert.h"

#include <string.h>

#include "sighej-bluez-dbus.h"
#include "sighej-names.h"

#define ADVERT_PATH_FORMAT "/org/sighej/bluez/advertisement%u"

struct _SighejBluezAdvert
{
  GObject parent;

  SighejBluezLEAdvertisement1 *skeleton;
  SighejPayload payload;
};

G_DEFINE_FINAL_TYPE (SighejBluezAdvert, sighej_bluez_advert, G_TYPE_OBJECT)

enum
{
  SIGNAL_RELEASED,
  SIGNAL_RENEWED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static gboolean
on_idle (gpointer user_data)
{
  return G_SOURCE_REMOVE;
}

/*
 * GDBus does not look whether an object is still exported when a write to a property, received
 * before, gets its turn. So the skeleton lives until all that was received has had its turn.
 */
static void
unexport_later_unref (SighejBluezLEAdvertisement1 *skeleton)
{
  GDBusInterfaceSkeleton *exported = G_DBUS_INTERFACE_SKELETON (skeleton);

  if (g_dbus_interface_skeleton_get_connection (exported) != NULL)
    g_dbus_interface_skeleton_unexport (exported);
  g_idle_add_full (G_PRIORITY_LOW, on_idle, skeleton, g_object_unref);
}

static void
sighej_bluez_advert_dispose (GObject *object)
{
  SighejBluezAdvert *self = SIGHEJ_BLUEZ_ADVERT (object);

  if (self->skeleton != NULL)
    unexport_later_unref (g_steal_pointer (&self->skeleton));

  G_OBJECT_CLASS (sighej_bluez_advert_parent_class)->dispose (object);
}

static void
sighej_bluez_advert_class_init (SighejBluezAdvertClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_bluez_advert_dispose;

  signals[SIGNAL_RELEASED] = g_signal_new ("released",
                                           G_TYPE_FROM_CLASS (klass),
                                           G_SIGNAL_RUN_LAST,
                                           0,
                                           NULL,
                                           NULL,
                                           NULL,
                                           G_TYPE_NONE,
                                           0);
  signals[SIGNAL_RENEWED] = g_signal_new (
      "renewed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
on_power_written (SighejBluezAdvert *self)
{
  g_signal_emit (self, signals[SIGNAL_RENEWED], 0);
}

static gboolean
handle_release (SighejBluezAdvert *self, GDBusMethodInvocation *invocation)
{
  sighej_bluez_leadvertisement1_complete_release (self->skeleton, invocation);
  g_signal_emit (self, signals[SIGNAL_RELEASED], 0);

  return TRUE;
}

static void
sighej_bluez_advert_init (SighejBluezAdvert *self)
{
  self->skeleton = sighej_bluez_leadvertisement1_skeleton_new ();
  g_signal_connect_object (
      self->skeleton, "handle-release", G_CALLBACK (handle_release), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->skeleton, "notify::tx-power", G_CALLBACK (on_power_written), self, G_CONNECT_SWAPPED);
}

static GVariant *
build_service_data (const SighejPayload *payload)
{
  guint8 bytes[SIGHEJ_PAYLOAD_BYTES];
  GVariantBuilder builder;

  sighej_payload_encode (payload, bytes);
  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder,
                         "{sv}",
                         SIGHEJ_SERVICE_UUID,
                         g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes, sizeof bytes, 1));

  return g_variant_builder_end (&builder);
}

SighejBluezAdvert *
sighej_bluez_advert_new (GDBusConnection *bus,
                         const SighejPayload *payload,
                         SighejInterval interval,
                         GError **error)
{
  static guint n_made;
  g_autoptr (SighejBluezAdvert) self = g_object_new (SIGHEJ_TYPE_BLUEZ_ADVERT, NULL);
  g_autofree char *path = g_strdup_printf (ADVERT_PATH_FORMAT, n_made++);

  self->payload = *payload;
  /* Both or none must be given (BLE 5). */
  g_object_set (self->skeleton,
                "type",
                "broadcast",
                "service-data",
                build_service_data (payload),
                "min-interval",
                interval.min_ms,
                "max-interval",
                interval.max_ms,
                NULL);
  if (!g_dbus_interface_skeleton_export (
          G_DBUS_INTERFACE_SKELETON (self->skeleton), bus, path, error))
    return NULL;

  return g_steal_pointer (&self);
}

const char *
sighej_bluez_advert_get_path (SighejBluezAdvert *self)
{
  return g_dbus_interface_skeleton_get_object_path (G_DBUS_INTERFACE_SKELETON (self->skeleton));
}

const SighejPayload *
sighej_bluez_advert_get_payload (SighejBluezAdvert *self)
{
  return &self->payload;
}

gboolean
sighej_bluez_advert_holds (SighejBluezAdvert *self, const SighejPayload *payload)
{
  guint8 ours[SIGHEJ_PAYLOAD_BYTES];
  guint8 other[SIGHEJ_PAYLOAD_BYTES];

  sighej_payload_encode (&self->payload, ours);
  sighej_payload_encode (payload, other);

  return memcmp (ours, other, sizeof ours) == 0;
}
