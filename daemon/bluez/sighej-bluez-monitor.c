/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-bluez"

#include "config.h"

#include "sighej-bluez-monitor.h"

#include "sighej-bluez-dbus.h"
#include "sighej-payload.h"

#define ROOT_PATH_FORMAT "/org/sighej/bluez/monitors%u"
#define MONITOR_NAME "token"

/* BLE 2: the AD structure begins with this type, then comes the UUID. */
#define AD_TYPE_SERVICE_DATA_128 0x21
#define PATTERN_START 0

struct _SighejBluezMonitor
{
  GObject parent;

  char *root_path;
  GDBusObjectManagerServer *server;
  SighejBluezAdvertisementMonitor1 *skeleton;
};

G_DEFINE_FINAL_TYPE (SighejBluezMonitor, sighej_bluez_monitor, G_TYPE_OBJECT)

enum
{
  SIGNAL_ACTIVATED,
  SIGNAL_RELEASED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
sighej_bluez_monitor_dispose (GObject *object)
{
  SighejBluezMonitor *self = SIGHEJ_BLUEZ_MONITOR (object);

  if (self->server != NULL)
    g_dbus_object_manager_server_set_connection (self->server, NULL);
  g_clear_object (&self->server);
  g_clear_object (&self->skeleton);

  G_OBJECT_CLASS (sighej_bluez_monitor_parent_class)->dispose (object);
}

static void
sighej_bluez_monitor_finalize (GObject *object)
{
  SighejBluezMonitor *self = SIGHEJ_BLUEZ_MONITOR (object);

  g_free (self->root_path);

  G_OBJECT_CLASS (sighej_bluez_monitor_parent_class)->finalize (object);
}

static void
sighej_bluez_monitor_class_init (SighejBluezMonitorClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sighej_bluez_monitor_dispose;
  G_OBJECT_CLASS (klass)->finalize = sighej_bluez_monitor_finalize;

  signals[SIGNAL_ACTIVATED]
      = g_signal_new ("activated", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_RELEASED]
      = g_signal_new ("released", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static gboolean
handle_activate (SighejBluezMonitor *self, GDBusMethodInvocation *invocation)
{
  sighej_bluez_advertisement_monitor1_complete_activate (self->skeleton, invocation);
  g_signal_emit (self, signals[SIGNAL_ACTIVATED], 0);

  return TRUE;
}

static gboolean
handle_release (SighejBluezMonitor *self, GDBusMethodInvocation *invocation)
{
  sighej_bluez_advertisement_monitor1_complete_release (self->skeleton, invocation);
  g_signal_emit (self, signals[SIGNAL_RELEASED], 0);

  return TRUE;
}

static gboolean
handle_device (SighejBluezMonitor *self, GDBusMethodInvocation *invocation)
{
  g_dbus_method_invocation_return_value (invocation, NULL);

  return TRUE;
}

static GVariant *
build_patterns (void)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(yyay)"));
  g_variant_builder_add (
      &builder,
      "(yy@ay)",
      PATTERN_START,
      AD_TYPE_SERVICE_DATA_128,
      g_variant_new_fixed_array (
          G_VARIANT_TYPE_BYTE, sighej_payload_uuid_on_air, SIGHEJ_UUID_BYTES, 1));

  return g_variant_builder_end (&builder);
}

static void
sighej_bluez_monitor_init (SighejBluezMonitor *self)
{
  static const struct
  {
    const char *signal;
    GCallback handler;
  } handlers[] = {
    { "handle-activate", G_CALLBACK (handle_activate) },
    { "handle-release", G_CALLBACK (handle_release) },
    { "handle-device-found", G_CALLBACK (handle_device) },
    { "handle-device-lost", G_CALLBACK (handle_device) },
  };

  self->skeleton = sighej_bluez_advertisement_monitor1_skeleton_new ();
  g_object_set (self->skeleton,
                "type",
                "or_patterns",
                "patterns",
                build_patterns (),
                "rssisampling-period",
                0,
                NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect_object (
        self->skeleton, handlers[i].signal, handlers[i].handler, self, G_CONNECT_SWAPPED);
}

SighejBluezMonitor *
sighej_bluez_monitor_new (GDBusConnection *bus)
{
  static guint n_made;
  SighejBluezMonitor *self = g_object_new (SIGHEJ_TYPE_BLUEZ_MONITOR, NULL);
  g_autoptr (GDBusObjectSkeleton) object = NULL;
  g_autofree char *path = NULL;

  self->root_path = g_strdup_printf (ROOT_PATH_FORMAT, n_made++);
  path = g_strconcat (self->root_path, "/" MONITOR_NAME, NULL);
  object = g_dbus_object_skeleton_new (path);
  g_dbus_object_skeleton_add_interface (object, G_DBUS_INTERFACE_SKELETON (self->skeleton));
  self->server = g_dbus_object_manager_server_new (self->root_path);
  g_dbus_object_manager_server_export (self->server, object);
  g_dbus_object_manager_server_set_connection (self->server, bus);

  return self;
}

const char *
sighej_bluez_monitor_get_root_path (SighejBluezMonitor *self)
{
  return self->root_path;
}
