/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "fake-bluez.h"

#define MONITOR_INTERFACE "org.bluez.AdvertisementMonitor1"

/* What one RegisterMonitor brought. */
typedef struct
{
  char *client;
  char *root;
  char *path; /* of the monitor; NULL: the client's objects have not been read yet */
  gboolean active;
} Monitor;

/* An Activate that has to wait. */
typedef struct
{
  Fake *fake;
  guint index;
  char *client;
  char *root;
} Activation;

static void
monitor_free (gpointer data)
{
  Monitor *monitor = data;

  g_free (monitor->client);
  g_free (monitor->root);
  g_free (monitor->path);
  g_free (monitor);
}

void
fake_monitors_init (FakeAdapter *adapter)
{
  adapter->monitors = g_ptr_array_new_with_free_func (monitor_free);
}

gboolean
fake_monitors_are_active (FakeAdapter *adapter)
{
  for (guint i = 0; i < adapter->monitors->len; i++)
    {
      const Monitor *monitor = g_ptr_array_index (adapter->monitors, i);

      if (monitor->active)
        return TRUE;
    }

  return FALSE;
}

static Monitor *
find (FakeAdapter *adapter, const char *client, const char *root)
{
  for (guint i = 0; i < adapter->monitors->len; i++)
    {
      Monitor *monitor = g_ptr_array_index (adapter->monitors, i);

      if (g_str_equal (monitor->client, client) && g_str_equal (monitor->root, root))
        return monitor;
    }

  return NULL;
}

static void
tell (Fake *fake, const Monitor *monitor, const char *method)
{
  g_dbus_connection_call (fake->bus,
                          monitor->client,
                          monitor->path,
                          MONITOR_INTERFACE,
                          method,
                          NULL,
                          NULL,
                          G_DBUS_CALL_FLAGS_NONE,
                          FAKE_CLIENT_TIMEOUT_MS,
                          NULL,
                          NULL,
                          NULL);
}

static void
activation_free (gpointer data)
{
  Activation *activation = data;

  g_free (activation->client);
  g_free (activation->root);
  g_free (activation);
}

static void
activate (Fake *fake, Monitor *monitor)
{
  monitor->active = TRUE;
  tell (fake, monitor, "Activate");
}

static gboolean
on_activate (gpointer user_data)
{
  Activation *activation = user_data;
  FakeAdapter *adapter = fake_lookup (activation->fake, (int) activation->index);
  Monitor *monitor = adapter != NULL ? find (adapter, activation->client, activation->root) : NULL;

  if (monitor != NULL)
    activate (activation->fake, monitor);

  return G_SOURCE_REMOVE;
}

static void
activate_later (FakeAdapter *adapter, const Monitor *monitor)
{
  Activation *activation;

  if (fake_rule_hangs (adapter->fake, "Activate"))
    return;

  activation = g_new0 (Activation, 1);
  activation->fake = adapter->fake;
  activation->index = adapter->index;
  activation->client = g_strdup (monitor->client);
  activation->root = g_strdup (monitor->root);
  g_timeout_add_full (G_PRIORITY_DEFAULT,
                      fake_rule_get_delay_ms (adapter->fake, "Activate"),
                      on_activate,
                      activation,
                      activation_free);
}

/* The path of the first monitor among them. */
static char *
find_monitor_path (GVariant *objects)
{
  GVariantIter iter;
  const char *path;
  GVariant *interfaces;
  char *found = NULL;

  g_variant_iter_init (&iter, objects);
  while (g_variant_iter_loop (&iter, "{&o@a{sa{sv}}}", &path, &interfaces))
    {
      g_autoptr (GVariant) properties
          = g_variant_lookup_value (interfaces, MONITOR_INTERFACE, G_VARIANT_TYPE_VARDICT);

      if (properties != NULL && found == NULL)
        found = g_strdup (path);
    }

  return found;
}

static void
objects_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FakeCall *call = user_data;
  FakeAdapter *adapter = fake_lookup (call->fake, call->index);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) objects = NULL;
  Monitor *monitor;

  if (!fake_call_is_pending (call))
    return;
  monitor = adapter != NULL ? find (adapter, call->client, call->detail) : NULL;
  if (reply != NULL && monitor != NULL)
    {
      objects = g_variant_get_child_value (reply, 0);
      monitor->path = find_monitor_path (objects);
    }
  if (monitor == NULL || monitor->path == NULL)
    {
      fake_violate (call->fake, "%s: no monitor below %s", call->client, call->detail);
      fake_call_refuse (call, "org.bluez.Error.Failed", "no monitor there");
      return;
    }
  fake_call_answer (call, NULL);
  activate_later (adapter, monitor);
}

static void
register_monitor (Fake *fake, FakeAdapter *adapter, FakeCall *call)
{
  Monitor *monitor;

  if (find (adapter, call->client, call->detail) != NULL)
    {
      fake_call_refuse (call, "org.bluez.Error.AlreadyExists", "Already Exists");
      return;
    }

  monitor = g_new0 (Monitor, 1);
  monitor->client = g_strdup (call->client);
  monitor->root = g_strdup (call->detail);
  g_ptr_array_add (adapter->monitors, monitor);
  g_dbus_connection_call (fake->bus,
                          call->client,
                          call->detail,
                          FAKE_OBJECTS_INTERFACE,
                          "GetManagedObjects",
                          NULL,
                          G_VARIANT_TYPE ("(a{oa{sa{sv}}})"),
                          G_DBUS_CALL_FLAGS_NONE,
                          FAKE_CLIENT_TIMEOUT_MS,
                          NULL,
                          objects_read,
                          call);
}

static void
unregister_monitor (Fake *fake, FakeAdapter *adapter, FakeCall *call)
{
  Monitor *monitor = find (adapter, call->client, call->detail);

  if (monitor == NULL)
    {
      fake_call_refuse (call, "org.bluez.Error.DoesNotExist", "Does Not Exist");
      return;
    }
  g_ptr_array_remove (adapter->monitors, monitor);
  fake_call_answer (call, NULL);
}

void
fake_monitor_take (FakeAdapter *adapter, GDBusMethodInvocation *invocation, GVariant *values)
{
  const char *method = g_dbus_method_invocation_get_method_name (invocation);
  const char *root;

  g_variant_get_child (values, 0, "&o", &root);
  fake_call_take (adapter->fake,
                  adapter,
                  invocation,
                  FAKE_KIND_SCANNING,
                  g_strdup (root),
                  g_str_equal (method, "RegisterMonitor") ? register_monitor : unregister_monitor);
}

void
fake_monitors_forget_client (FakeAdapter *adapter, const char *client)
{
  for (guint i = adapter->monitors->len; i > 0; i--)
    {
      const Monitor *monitor = g_ptr_array_index (adapter->monitors, i - 1);

      if (client == NULL || g_str_equal (monitor->client, client))
        g_ptr_array_remove_index (adapter->monitors, i - 1);
    }
}

void
fake_monitors_activate (FakeAdapter *adapter)
{
  for (guint i = 0; i < adapter->monitors->len; i++)
    {
      Monitor *monitor = g_ptr_array_index (adapter->monitors, i);

      if (monitor->path != NULL && !monitor->active)
        activate (adapter->fake, monitor);
    }
}

void
fake_monitors_release (FakeAdapter *adapter)
{
  for (guint i = 0; i < adapter->monitors->len; i++)
    {
      const Monitor *monitor = g_ptr_array_index (adapter->monitors, i);

      if (monitor->path != NULL)
        tell (adapter->fake, monitor, "Release");
    }
  g_ptr_array_set_size (adapter->monitors, 0);
}
