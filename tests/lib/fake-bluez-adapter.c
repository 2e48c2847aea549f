/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "fake-bluez.h"

#define LEGACY_INSTANCES 5
#define EXTENDED_INSTANCES 3
#define FORGET_SECONDS 30

static void
session_free (gpointer data)
{
  FakeSession *session = data;

  g_free (session->client);
  g_free (session);
}

FakeAdapter *
fake_adapter_new (Fake *fake, guint index, gboolean extended)
{
  FakeAdapter *adapter = g_new0 (FakeAdapter, 1);

  adapter->fake = fake;
  adapter->index = index;
  adapter->device = index;
  adapter->path = g_strdup_printf ("/org/bluez/hci%u", index);
  adapter->extended = extended;
  adapter->powered = TRUE;
  adapter->n_instances = extended ? EXTENDED_INSTANCES : LEGACY_INSTANCES;
  adapter->forget_seconds = FORGET_SECONDS;
  adapter->sessions = g_ptr_array_new_with_free_func (session_free);
  fake_adverts_init (adapter);
  fake_monitors_init (adapter);
  fake_devices_init (adapter);

  return adapter;
}

void
fake_adapter_free (FakeAdapter *adapter)
{
  g_clear_pointer (&adapter->crowd, fake_crowd_free);
  fake_adapter_forget_client (adapter, NULL);
  fake_devices_forget (adapter);
  fake_adapter_unexport (adapter);
  g_clear_handle_id (&adapter->forget_id, g_source_remove);
  g_ptr_array_unref (adapter->sessions);
  g_ptr_array_unref (adapter->adverts);
  g_ptr_array_unref (adapter->monitors);
  g_hash_table_unref (adapter->devices);
  g_free (adapter->path);
  g_free (adapter);
}

/* ---- its properties ---- */

static GVariant *
get_adapter_property (FakeAdapter *adapter, const char *name)
{
  g_autofree char *text = NULL;

  if (g_str_equal (name, "Address"))
    text = g_strdup_printf ("00:AA:01:00:00:%02X", adapter->device);
  else if (g_str_equal (name, "AddressType"))
    text = g_strdup ("public");
  else if (g_str_equal (name, "Name") || g_str_equal (name, "Alias"))
    text = g_strdup_printf ("fake-%u", adapter->index);
  if (text != NULL)
    return g_variant_new_string (text);

  if (g_str_equal (name, "Powered"))
    return g_variant_new_boolean (adapter->powered);
  if (g_str_equal (name, "Discoverable"))
    return g_variant_new_boolean (adapter->discoverable);
  if (g_str_equal (name, "Connectable"))
    return adapter->tells_connectable ? g_variant_new_boolean (adapter->connectable) : NULL;
  if (g_str_equal (name, "Discovering"))
    return g_variant_new_boolean (adapter->discovering);
  if (g_str_equal (name, "Pairable"))
    return g_variant_new_boolean (FALSE);

  return g_variant_new_uint32 (0); /* Class, DiscoverableTimeout */
}

static GVariant *
get_advertising_property (FakeAdapter *adapter, const char *name)
{
  static const char *const channels[] = { "1M", "2M", "Coded", NULL };
  static const char *const includes[] = { "tx-power", "appearance", "local-name", NULL };
  guint n_active = fake_adverts_count (adapter);

  if (g_str_equal (name, "ActiveInstances"))
    return g_variant_new_byte ((guint8) n_active);
  if (g_str_equal (name, "SupportedInstances"))
    return g_variant_new_byte (
        (guint8) (adapter->n_instances - MIN (n_active, adapter->n_instances)));
  if (g_str_equal (name, "SupportedSecondaryChannels"))
    return adapter->extended ? g_variant_new_strv (channels, -1) : NULL;

  return g_variant_new_strv (includes, -1);
}

static GVariant *
get_monitors_property (FakeAdapter *adapter, const char *name)
{
  static const char *const types[] = { "or_patterns", NULL };
  static const char *const features[] = { NULL };

  return g_variant_new_strv (g_str_equal (name, "SupportedMonitorTypes") ? types : features, -1);
}

static GVariant *
get_property (FakeAdapter *adapter, const char *interface, const char *name)
{
  if (g_str_equal (interface, FAKE_ADAPTER_INTERFACE))
    return get_adapter_property (adapter, name);
  if (g_str_equal (interface, FAKE_ADVERTISING_INTERFACE))
    return get_advertising_property (adapter, name);

  return get_monitors_property (adapter, name);
}

static GVariant *
describe_interface (FakeAdapter *adapter, const char *interface)
{
  GDBusInterfaceInfo *info = fake_get_interface (adapter->fake, interface);
  GVariantBuilder properties;

  g_variant_builder_init (&properties, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; info->properties[i] != NULL; i++)
    {
      GVariant *value = get_property (adapter, interface, info->properties[i]->name);

      if (value != NULL)
        g_variant_builder_add (&properties, "{sv}", info->properties[i]->name, value);
    }

  return g_variant_builder_end (&properties);
}

static const char *
get_interface_name (FakeAdapter *adapter, guint i)
{
  static const char *const names[FAKE_N_INTERFACES]
      = { FAKE_ADAPTER_INTERFACE, FAKE_ADVERTISING_INTERFACE, FAKE_MONITORS_INTERFACE };

  return i < FAKE_N_INTERFACES - 1 || adapter->fake->experimental ? names[i] : NULL;
}

GVariant *
fake_adapter_describe (FakeAdapter *adapter)
{
  GVariantBuilder interfaces;

  g_variant_builder_init (&interfaces, G_VARIANT_TYPE ("a{sa{sv}}"));
  for (guint i = 0; i < FAKE_N_INTERFACES; i++)
    {
      const char *name = get_interface_name (adapter, i);

      if (name != NULL)
        g_variant_builder_add (&interfaces, "{s@a{sv}}", name, describe_interface (adapter, name));
    }

  return g_variant_builder_end (&interfaces);
}

/* ---- discovery ---- */

static FakeSession *
find_session (FakeAdapter *adapter, const char *client)
{
  for (guint i = 0; i < adapter->sessions->len; i++)
    {
      FakeSession *session = g_ptr_array_index (adapter->sessions, i);

      if (g_str_equal (session->client, client))
        return session;
    }

  return NULL;
}

static FakeSession *
ensure_session (FakeAdapter *adapter, const char *client)
{
  FakeSession *session = find_session (adapter, client);

  if (session == NULL)
    {
      session = g_new0 (FakeSession, 1);
      session->client = g_strdup (client);
      g_ptr_array_add (adapter->sessions, session);
    }

  return session;
}

static gboolean
has_running_session (FakeAdapter *adapter)
{
  for (guint i = 0; i < adapter->sessions->len; i++)
    {
      const FakeSession *session = g_ptr_array_index (adapter->sessions, i);

      if (session->running)
        return TRUE;
    }

  return FALSE;
}

gboolean
fake_adapter_has_filter (FakeAdapter *adapter)
{
  gboolean all = TRUE;

  for (guint i = 0; i < adapter->sessions->len; i++)
    {
      const FakeSession *session = g_ptr_array_index (adapter->sessions, i);

      all = all && (session->has_filter || !session->running);
    }

  return all;
}

gboolean
fake_adapter_wants_duplicates (FakeAdapter *adapter)
{
  for (guint i = 0; i < adapter->sessions->len; i++)
    {
      const FakeSession *session = g_ptr_array_index (adapter->sessions, i);

      if (session->running && session->duplicates)
        return TRUE;
    }

  return FALSE;
}

/* A discovery that ends takes with it every device nobody can connect to: ours are all such. */
void
fake_adapter_update_discovering (FakeAdapter *adapter)
{
  gboolean scans = has_running_session (adapter);
  gboolean discovering
      = adapter->powered && !adapter->stopped_by_others && (scans || adapter->foreign_scan);

  if (!scans)
    fake_devices_forget (adapter);
  if (discovering == adapter->discovering)
    return;

  adapter->discovering = discovering;
  fake_emit_changed (adapter,
                     adapter->path,
                     FAKE_ADAPTER_INTERFACE,
                     "Discovering",
                     g_variant_new_boolean (discovering));
}

gboolean
fake_adapter_scans (FakeAdapter *adapter)
{
  return adapter->discovering || (adapter->powered && fake_monitors_are_active (adapter));
}

static gboolean
refuse_unpowered (FakeAdapter *adapter, FakeCall *call)
{
  if (!adapter->powered)
    fake_call_refuse (call, "org.bluez.Error.NotReady", "Resource Not Ready");

  return !adapter->powered;
}

static void
set_filter (Fake *fake, FakeAdapter *adapter, FakeCall *call)
{
  FakeSession *session;

  if (refuse_unpowered (adapter, call))
    return;

  session = ensure_session (adapter, call->client);
  session->has_filter = !g_str_equal (call->detail, "none");
  session->duplicates = g_strrstr (call->detail, "DuplicateData=true") != NULL;
  if (session->running)
    adapter->run_us = g_get_monotonic_time ();
  fake_call_answer (call, NULL);
}

static void
start_discovery (Fake *fake, FakeAdapter *adapter, FakeCall *call)
{
  FakeSession *session;

  if (refuse_unpowered (adapter, call))
    return;

  session = ensure_session (adapter, call->client);
  if (session->running)
    {
      fake_call_refuse (call, "org.bluez.Error.InProgress", "Operation already in progress");
      return;
    }
  session->running = TRUE;
  adapter->stopped_by_others = FALSE;
  adapter->run_us = g_get_monotonic_time ();
  fake_adapter_update_discovering (adapter);
  fake_call_answer (call, NULL);
}

static void
stop_discovery (Fake *fake, FakeAdapter *adapter, FakeCall *call)
{
  FakeSession *session = find_session (adapter, call->client);

  if (refuse_unpowered (adapter, call))
    return;

  if (session == NULL || !session->running)
    {
      fake_call_refuse (call, "org.bluez.Error.Failed", "No discovery started");
      return;
    }
  session->running = FALSE;
  fake_adapter_update_discovering (adapter);
  fake_call_answer (call, NULL);
}

/* "Transport='le',DuplicateData=true", "none": an empty one */
static char *
describe_filter (GVariant *parameters)
{
  g_autoptr (GVariant) filter = g_variant_get_child_value (parameters, 0);
  g_autoptr (GString) text = g_string_new (NULL);
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, filter);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    {
      g_autofree char *printed = g_variant_print (value, FALSE);

      g_string_append_printf (text, "%s%s=%s", text->len > 0 ? "," : "", name, printed);
    }
  g_string_replace (text, " ", "", 0);

  return g_strdup (text->len > 0 ? text->str : "none");
}

static void
take_call (FakeAdapter *adapter, GDBusMethodInvocation *invocation, GVariant *parameters)
{
  static const struct
  {
    const char *method;
    FakePerform perform;
  } methods[] = {
    { "SetDiscoveryFilter", set_filter },
    { "StartDiscovery", start_discovery },
    { "StopDiscovery", stop_discovery },
  };
  const char *method = g_dbus_method_invocation_get_method_name (invocation);

  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      if (g_str_equal (method, methods[i].method))
        fake_call_take (adapter->fake,
                        adapter,
                        invocation,
                        FAKE_KIND_SCANNING,
                        i == 0 ? describe_filter (parameters) : g_strdup ("-"),
                        methods[i].perform);
    }
}

/* ---- what befalls it ---- */

void
fake_adapter_forget_client (FakeAdapter *adapter, const char *client)
{
  for (guint i = adapter->sessions->len; i > 0; i--)
    {
      const FakeSession *session = g_ptr_array_index (adapter->sessions, i - 1);

      if (client == NULL || g_str_equal (session->client, client))
        g_ptr_array_remove_index (adapter->sessions, i - 1);
    }
  fake_adverts_forget_client (adapter, client);
  fake_monitors_forget_client (adapter, client);
  fake_adapter_update_discovering (adapter);
}

void
fake_adapter_set_powered (FakeAdapter *adapter, gboolean powered)
{
  if (powered == adapter->powered)
    return;

  adapter->powered = powered;
  fake_emit_changed (
      adapter, adapter->path, FAKE_ADAPTER_INTERFACE, "Powered", g_variant_new_boolean (powered));
  if (!powered)
    g_ptr_array_set_size (adapter->sessions, 0);
  fake_adverts_power (adapter, powered);
  fake_adapter_update_discovering (adapter);
}

void
fake_adapter_set_discoverable (FakeAdapter *adapter, gboolean discoverable)
{
  if (discoverable == adapter->discoverable)
    return;

  adapter->discoverable = discoverable;
  fake_adverts_note_address (adapter);
  fake_emit_changed (adapter,
                     adapter->path,
                     FAKE_ADAPTER_INTERFACE,
                     "Discoverable",
                     g_variant_new_boolean (discoverable));
}

void
fake_adapter_set_connectable (FakeAdapter *adapter, gboolean connectable)
{
  adapter->connectable = connectable;
  fake_adverts_note_address (adapter);
  if (adapter->tells_connectable)
    fake_emit_changed (adapter,
                       adapter->path,
                       FAKE_ADAPTER_INTERFACE,
                       "Connectable",
                       g_variant_new_boolean (connectable));
}

/* ---- on the bus ---- */

static void
on_method (GDBusConnection *bus,
           const char *sender,
           const char *path,
           const char *interface,
           const char *method,
           GVariant *parameters,
           GDBusMethodInvocation *invocation,
           gpointer user_data)
{
  FakeAdapter *adapter = user_data;

  if (g_str_equal (interface, FAKE_ADVERTISING_INTERFACE))
    fake_advert_take (adapter, invocation, parameters);
  else if (g_str_equal (interface, FAKE_MONITORS_INTERFACE))
    fake_monitor_take (adapter, invocation, parameters);
  else
    take_call (adapter, invocation, parameters);
}

static GVariant *
on_get (GDBusConnection *bus,
        const char *sender,
        const char *path,
        const char *interface,
        const char *name,
        GError **error,
        gpointer user_data)
{
  GVariant *value = get_property (user_data, interface, name);

  if (value == NULL)
    g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS, "No such property '%s'", name);

  return value;
}

/* Any program may do so. */
static gboolean
on_set (GDBusConnection *bus,
        const char *sender,
        const char *path,
        const char *interface,
        const char *name,
        GVariant *value,
        GError **error,
        gpointer user_data)
{
  if (g_str_equal (name, "Powered"))
    fake_adapter_set_powered (user_data, g_variant_get_boolean (value));
  else
    fake_adapter_set_discoverable (user_data, g_variant_get_boolean (value));

  return TRUE;
}

void
fake_adapter_export (FakeAdapter *adapter)
{
  static const GDBusInterfaceVTable vtable = { on_method, on_get, on_set, { 0 } };
  Fake *fake = adapter->fake;

  for (guint i = 0; i < FAKE_N_INTERFACES; i++)
    {
      const char *name = get_interface_name (adapter, i);

      if (name != NULL)
        adapter->exported[i] = g_dbus_connection_register_object (fake->bus,
                                                                  adapter->path,
                                                                  fake_get_interface (fake, name),
                                                                  &vtable,
                                                                  adapter,
                                                                  NULL,
                                                                  NULL);
    }
  fake_emit_objects (
      fake,
      "InterfacesAdded",
      g_variant_new ("(o@a{sa{sv}})", adapter->path, fake_adapter_describe (adapter)));
}

void
fake_adapter_unexport (FakeAdapter *adapter)
{
  GVariantBuilder names;

  if (adapter->fake->bus == NULL)
    return;

  g_variant_builder_init (&names, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; i < FAKE_N_INTERFACES; i++)
    {
      if (adapter->exported[i] != 0)
        g_variant_builder_add (&names, "s", get_interface_name (adapter, i));
      if (adapter->exported[i] != 0)
        g_dbus_connection_unregister_object (adapter->fake->bus, adapter->exported[i]);
      adapter->exported[i] = 0;
    }
  fake_emit_objects (
      adapter->fake, "InterfacesRemoved", g_variant_new ("(oas)", adapter->path, &names));
}
