/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-host"

#include "config.h"

#include "sighej-host-power.h"

#define NAME "org.freedesktop.UPower"
#define PATH "/org/freedesktop/UPower"
#define INTERFACE "org.freedesktop.UPower"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define CALL_TIMEOUT_MS 10000

struct _SighejHostPower
{
  GObject parent_instance;

  GDBusConnection *bus;
  GCancellable *cancellable;
  guint watch_id;
  guint properties_id;
  gboolean present;
  gboolean started; /* it was tried */
  gboolean on_battery;
};

G_DEFINE_FINAL_TYPE (SighejHostPower, sighej_host_power, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
sighej_host_power_init (SighejHostPower *self)
{
  self->cancellable = g_cancellable_new ();
}

static void
sighej_host_power_dispose (GObject *object)
{
  SighejHostPower *self = SIGHEJ_HOST_POWER (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->watch_id, g_bus_unwatch_name);
  if (self->properties_id != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->properties_id);
  self->properties_id = 0;
  g_clear_object (&self->bus);

  G_OBJECT_CLASS (sighej_host_power_parent_class)->dispose (object);
}

static void
sighej_host_power_finalize (GObject *object)
{
  g_object_unref (SIGHEJ_HOST_POWER (object)->cancellable);

  G_OBJECT_CLASS (sighej_host_power_parent_class)->finalize (object);
}

static void
sighej_host_power_class_init (SighejHostPowerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_host_power_dispose;
  object_class->finalize = sighej_host_power_finalize;

  signals[CHANGED] = g_signal_new (
      "changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
set_on_battery (SighejHostPower *self, gboolean on_battery)
{
  if (self->on_battery == on_battery)
    return;

  g_info ("the machine runs on %s", on_battery ? "its battery" : "mains");
  self->on_battery = on_battery;
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SighejHostPower *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    {
      g_debug ("UPower does not say whether the machine runs on its battery: %s", error->message);
      return;
    }

  g_variant_get (reply, "(v)", &value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    set_on_battery (self, g_variant_get_boolean (value));
}

static void
ask (SighejHostPower *self, GDBusCallFlags flags)
{
  g_dbus_connection_call (self->bus,
                          NAME,
                          PATH,
                          PROPERTIES,
                          "Get",
                          g_variant_new ("(ss)", INTERFACE, "OnBattery"),
                          G_VARIANT_TYPE ("(v)"),
                          flags,
                          CALL_TIMEOUT_MS,
                          self->cancellable,
                          on_answer,
                          self);
}

static void
on_properties (GDBusConnection *bus,
               const char *sender,
               const char *path,
               const char *interface,
               const char *signal,
               GVariant *parameters,
               gpointer user_data)
{
  SighejHostPower *self = SIGHEJ_HOST_POWER (user_data);
  g_autoptr (GVariant) changed = NULL;
  gboolean on_battery;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;

  changed = g_variant_get_child_value (parameters, 1);
  if (g_variant_lookup (changed, "OnBattery", "b", &on_battery))
    set_on_battery (self, on_battery);
}

static void
on_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  SighejHostPower *self = SIGHEJ_HOST_POWER (user_data);

  self->present = TRUE;
  ask (self, G_DBUS_CALL_FLAGS_NO_AUTO_START);
}

static void
on_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  SighejHostPower *self = SIGHEJ_HOST_POWER (user_data);

  self->present = FALSE;
  set_on_battery (self, FALSE);
}

SighejHostPower *
sighej_host_power_new (GDBusConnection *bus)
{
  SighejHostPower *self = g_object_new (SIGHEJ_TYPE_HOST_POWER, NULL);

  self->bus = g_object_ref (bus);
  self->properties_id = g_dbus_connection_signal_subscribe (bus,
                                                            NAME,
                                                            PROPERTIES,
                                                            "PropertiesChanged",
                                                            PATH,
                                                            INTERFACE,
                                                            G_DBUS_SIGNAL_FLAGS_NONE,
                                                            on_properties,
                                                            self,
                                                            NULL);
  self->watch_id = g_bus_watch_name_on_connection (
      bus, NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, on_appeared, on_vanished, self, NULL);
  return self;
}

void
sighej_host_power_start (SighejHostPower *self)
{
  if (self->started || self->present)
    return;

  self->started = TRUE;
  ask (self, G_DBUS_CALL_FLAGS_NONE);
}

gboolean
sighej_host_power_get_on_battery (SighejHostPower *self)
{
  return self->on_battery;
}
