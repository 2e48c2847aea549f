/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-bluez"

#include "config.h"

#include "sighej-bluez-adapters.h"

#include <string.h>

#define ADAPTER_PATH_PREFIX "/org/bluez/hci"
#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"
#define OBJECTS_INTERFACE "org.freedesktop.DBus.ObjectManager"

struct _SighejBluezAdapters
{
  GObject parent;

  GDBusConnection *bus;
  guint watch_id;
  SighejBluezPresence presence;
  char *owner;

  /* of the present owner */
  GCancellable *owner_cancellable;
  guint objects_id;
  guint properties_id;
  gboolean loading;
  gboolean load_again;
  GPtrArray *adapters; /* SighejBluezAdapter, by index */
};

G_DEFINE_FINAL_TYPE (SighejBluezAdapters, sighej_bluez_adapters, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void load (SighejBluezAdapters *self);

static void
adapter_free (gpointer data)
{
  SighejBluezAdapter *adapter = data;

  g_free (adapter->path);
  g_free (adapter->address);
  g_free (adapter);
}

gboolean
sighej_bluez_adapter_parse_path (const char *path, guint16 *index)
{
  const char *digits;
  guint64 number;

  if (!g_str_has_prefix (path, ADAPTER_PATH_PREFIX))
    return FALSE;

  digits = path + strlen (ADAPTER_PATH_PREFIX);
  if (!g_ascii_string_to_unsigned (digits, 10, 0, G_MAXUINT16, &number, NULL))
    return FALSE;
  if (index != NULL)
    *index = (guint16) number;

  return TRUE;
}

/*
 * The bus delivers ObjectManager's signals for the paths of adapters only. GDBus cannot express
 * that (its arg0 is a string, not an object path), so the rules are added by hand.
 */
static void
call_match (SighejBluezAdapters *self, const char *method)
{
  for (guint i = 0; i < SIGHEJ_BLUEZ_ADAPTERS_MAX; i++)
    {
      g_autofree char *rule = g_strdup_printf ("type='signal',sender='" SIGHEJ_BLUEZ_NAME
                                               "',interface='" OBJECTS_INTERFACE
                                               "',path='/',arg0path='" ADAPTER_PATH_PREFIX "%u'",
                                               i);

      g_dbus_connection_call (self->bus,
                              "org.freedesktop.DBus",
                              "/org/freedesktop/DBus",
                              "org.freedesktop.DBus",
                              method,
                              g_variant_new ("(s)", rule),
                              NULL,
                              G_DBUS_CALL_FLAGS_NONE,
                              SIGHEJ_BLUEZ_CALL_TIMEOUT_MS,
                              NULL,
                              NULL,
                              NULL);
    }
}

static void
forget_owner (SighejBluezAdapters *self)
{
  g_cancellable_cancel (self->owner_cancellable);
  g_clear_object (&self->owner_cancellable);
  if (self->objects_id != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->objects_id);
  if (self->properties_id != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->properties_id);
  self->objects_id = 0;
  self->properties_id = 0;
  g_clear_pointer (&self->owner, g_free);
  g_ptr_array_set_size (self->adapters, 0);
  self->loading = FALSE;
  self->load_again = FALSE;
}

static void
sighej_bluez_adapters_dispose (GObject *object)
{
  SighejBluezAdapters *self = SIGHEJ_BLUEZ_ADAPTERS (object);

  forget_owner (self);
  if (self->watch_id != 0)
    {
      g_bus_unwatch_name (self->watch_id);
      self->watch_id = 0;
      call_match (self, "RemoveMatch");
    }
  g_clear_object (&self->bus);

  G_OBJECT_CLASS (sighej_bluez_adapters_parent_class)->dispose (object);
}

static void
sighej_bluez_adapters_finalize (GObject *object)
{
  SighejBluezAdapters *self = SIGHEJ_BLUEZ_ADAPTERS (object);

  g_ptr_array_unref (self->adapters);

  G_OBJECT_CLASS (sighej_bluez_adapters_parent_class)->finalize (object);
}

static void
sighej_bluez_adapters_class_init (SighejBluezAdaptersClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_bluez_adapters_dispose;
  object_class->finalize = sighej_bluez_adapters_finalize;

  signals[SIGNAL_CHANGED] = g_signal_new (
      "changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sighej_bluez_adapters_init (SighejBluezAdapters *self)
{
  self->adapters = g_ptr_array_new_with_free_func (adapter_free);
}

static void
apply_adapter_properties (SighejBluezAdapter *adapter, GVariant *properties)
{
  const char *power_state;

  if (g_variant_lookup (properties, "PowerState", "&s", &power_state))
    adapter->blocked = g_str_equal (power_state, "off-blocked");
  g_variant_lookup (properties, "Powered", "b", &adapter->powered);
  g_variant_lookup (properties, "Discoverable", "b", &adapter->discoverable);
  g_variant_lookup (properties, "Connectable", "b", &adapter->connectable);
  g_variant_lookup (properties, "Discovering", "b", &adapter->discovering);
}

static gboolean
has_or_patterns (GVariant *properties)
{
  g_autofree const char **types = NULL;

  return g_variant_lookup (properties, "SupportedMonitorTypes", "^a&s", &types)
         && g_strv_contains (types, "or_patterns");
}

static SighejBluezAdapter *
read_adapter (const char *path, guint16 index, GVariant *interfaces)
{
  g_autoptr (GVariant) own
      = g_variant_lookup_value (interfaces, SIGHEJ_BLUEZ_ADAPTER_INTERFACE, G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) advertising = g_variant_lookup_value (
      interfaces, SIGHEJ_BLUEZ_ADVERTISING_INTERFACE, G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) monitor
      = g_variant_lookup_value (interfaces, SIGHEJ_BLUEZ_MONITOR_INTERFACE, G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) channels = NULL;
  SighejBluezAdapter *adapter;

  if (own == NULL)
    return NULL;

  adapter = g_new0 (SighejBluezAdapter, 1);
  adapter->path = g_strdup (path);
  adapter->name = strrchr (adapter->path, '/') + 1;
  adapter->index = index;
  if (!g_variant_lookup (own, "Address", "s", &adapter->address))
    adapter->address = g_strdup ("");
  apply_adapter_properties (adapter, own);
  adapter->can_advertise = advertising != NULL;
  if (advertising != NULL)
    channels = g_variant_lookup_value (advertising, "SupportedSecondaryChannels", NULL);
  adapter->extended = channels != NULL;
  adapter->can_monitor = monitor != NULL && has_or_patterns (monitor);

  return adapter;
}

static int
compare_adapters (gconstpointer a, gconstpointer b)
{
  const SighejBluezAdapter *const *first = a;
  const SighejBluezAdapter *const *second = b;

  return (*first)->index - (*second)->index;
}

static void
read_objects (SighejBluezAdapters *self, GVariant *reply)
{
  g_autoptr (GVariant) objects = g_variant_get_child_value (reply, 0);
  GVariantIter iter;
  const char *path;
  GVariant *interfaces;

  g_ptr_array_set_size (self->adapters, 0);
  g_variant_iter_init (&iter, objects);
  while (g_variant_iter_loop (&iter, "{&o@a{sa{sv}}}", &path, &interfaces))
    {
      SighejBluezAdapter *adapter;
      guint16 index;

      if (self->adapters->len == SIGHEJ_BLUEZ_ADAPTERS_MAX)
        continue;
      if (!sighej_bluez_adapter_parse_path (path, &index))
        continue;
      adapter = read_adapter (path, index, interfaces);
      if (adapter != NULL)
        g_ptr_array_add (self->adapters, adapter);
    }
  g_ptr_array_sort (self->adapters, compare_adapters);
}

static void
objects_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  SighejBluezAdapters *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  self->loading = FALSE;
  if (reply != NULL)
    {
      read_objects (self, reply);
      self->presence = SIGHEJ_BLUEZ_PRESENT;
    }
  else if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
    self->presence = SIGHEJ_BLUEZ_DENIED;
  else
    {
      g_message ("cannot read the Bluetooth adapters: %s", error->message);
      self->load_again = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
    }

  if (self->load_again)
    load (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
load (SighejBluezAdapters *self)
{
  self->load_again = self->loading;
  if (self->loading)
    return;

  self->loading = TRUE;
  g_dbus_connection_call (self->bus,
                          self->owner,
                          "/",
                          OBJECTS_INTERFACE,
                          "GetManagedObjects",
                          NULL,
                          G_VARIANT_TYPE ("(a{oa{sa{sv}}})"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          SIGHEJ_BLUEZ_CALL_TIMEOUT_MS,
                          self->owner_cancellable,
                          objects_loaded,
                          self);
}

/* An adapter or one of its interfaces came or went: that is rare, so all is read anew. */
static void
on_objects_changed (GDBusConnection *bus,
                    const char *sender,
                    const char *path,
                    const char *interface,
                    const char *signal,
                    GVariant *parameters,
                    gpointer user_data)
{
  SighejBluezAdapters *self = user_data;
  g_autoptr (GVariant) object = NULL;

  if (g_variant_n_children (parameters) != 2)
    return;
  object = g_variant_get_child_value (parameters, 0);
  if (!g_variant_is_of_type (object, G_VARIANT_TYPE_OBJECT_PATH))
    return;
  if (sighej_bluez_adapter_parse_path (g_variant_get_string (object, NULL), NULL))
    load (self);
}

static SighejBluezAdapter *
find (SighejBluezAdapters *self, const char *path)
{
  for (guint i = 0; i < self->adapters->len; i++)
    {
      SighejBluezAdapter *adapter = g_ptr_array_index (self->adapters, i);

      if (g_str_equal (adapter->path, path) || g_str_equal (adapter->name, path))
        return adapter;
    }

  return NULL;
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
  SighejBluezAdapters *self = user_data;
  SighejBluezAdapter *adapter = find (self, path);
  g_autoptr (GVariant) properties = NULL;

  if (adapter == NULL || !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;

  properties = g_variant_get_child_value (parameters, 1);
  apply_adapter_properties (adapter, properties);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* Signals are taken from the owner's unique name: nobody else can speak for it. */
static void
on_name_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  SighejBluezAdapters *self = user_data;

  forget_owner (self);
  self->owner = g_strdup (owner);
  self->owner_cancellable = g_cancellable_new ();
  self->presence = SIGHEJ_BLUEZ_LOADING;
  self->objects_id = g_dbus_connection_signal_subscribe (bus,
                                                         owner,
                                                         OBJECTS_INTERFACE,
                                                         NULL,
                                                         "/",
                                                         NULL,
                                                         G_DBUS_SIGNAL_FLAGS_NO_MATCH_RULE,
                                                         on_objects_changed,
                                                         self,
                                                         NULL);
  self->properties_id = g_dbus_connection_signal_subscribe (bus,
                                                            owner,
                                                            PROPERTIES_INTERFACE,
                                                            "PropertiesChanged",
                                                            NULL,
                                                            SIGHEJ_BLUEZ_ADAPTER_INTERFACE,
                                                            G_DBUS_SIGNAL_FLAGS_NONE,
                                                            on_properties_changed,
                                                            self,
                                                            NULL);
  load (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
on_name_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  SighejBluezAdapters *self = user_data;

  forget_owner (self);
  self->presence = SIGHEJ_BLUEZ_ABSENT;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

SighejBluezAdapters *
sighej_bluez_adapters_new (GDBusConnection *bus)
{
  SighejBluezAdapters *self = g_object_new (SIGHEJ_TYPE_BLUEZ_ADAPTERS, NULL);

  self->bus = g_object_ref (bus);

  return self;
}

void
sighej_bluez_adapters_start (SighejBluezAdapters *self)
{
  g_return_if_fail (self->watch_id == 0);

  if (g_dbus_connection_is_closed (self->bus))
    return; /* GDBus calls subscribing to a closed bus a programmer's error */

  call_match (self, "AddMatch");
  self->watch_id = g_bus_watch_name_on_connection (self->bus,
                                                   SIGHEJ_BLUEZ_NAME,
                                                   G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                   on_name_appeared,
                                                   on_name_vanished,
                                                   self,
                                                   NULL);
}

SighejBluezPresence
sighej_bluez_adapters_get_presence (SighejBluezAdapters *self)
{
  return self->presence;
}

const char *
sighej_bluez_adapters_get_owner (SighejBluezAdapters *self)
{
  return self->owner;
}

const SighejBluezAdapter *
sighej_bluez_adapters_lookup (SighejBluezAdapters *self, const char *path)
{
  return find (self, path);
}

GStrv
sighej_bluez_adapters_dup_paths (SighejBluezAdapters *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < self->adapters->len; i++)
    {
      const SighejBluezAdapter *adapter = g_ptr_array_index (self->adapters, i);

      g_strv_builder_add (builder, adapter->path);
    }

  return g_strv_builder_end (builder);
}
