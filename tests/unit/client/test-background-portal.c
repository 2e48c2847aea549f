/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-background-portal.h"

#include "sighej-test.h"

#define PORTAL_NAME "org.freedesktop.portal.Desktop"
#define PORTAL_PATH "/org/freedesktop/portal/desktop"

static const char xml[]
    = "<node><interface name='org.freedesktop.portal.Background'>"
      "<method name='RequestBackground'><arg type='s' direction='in'/>"
      "<arg type='a{sv}' direction='in'/><arg type='o' direction='out'/></method>"
      "<property name='version' type='u' access='read'/></interface></node>";

typedef struct
{
  GTestDBus *bus;
  GDBusConnection *portal;
  GDBusConnection *client;
  guint registered;

  gboolean fails;     /* the portal's answer to the call itself */
  guint32 response;   /* what it tells later: 0 yes, 1 the person said no */
  gboolean autostart; /* what it was asked for last */

  GAsyncResult *result;
} Fixture;

static GVariant *
on_get (GDBusConnection *connection,
        const char *sender,
        const char *path,
        const char *interface,
        const char *name,
        GError **error,
        gpointer user_data)
{
  return g_variant_new_uint32 (1);
}

static void
respond (Fixture *fixture, const char *handle)
{
  GVariantBuilder results;

  g_variant_builder_init (&results, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&results, "{sv}", "autostart", g_variant_new_boolean (fixture->autostart));
  g_assert_true (
      g_dbus_connection_emit_signal (fixture->portal,
                                     NULL,
                                     handle,
                                     "org.freedesktop.portal.Request",
                                     "Response",
                                     g_variant_new ("(ua{sv})", fixture->response, &results),
                                     NULL));
}

static void
on_call (GDBusConnection *connection,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autofree char *unique = g_strdup (sender + 1);
  g_autofree char *handle = NULL;
  g_autoptr (GVariant) options = g_variant_get_child_value (parameters, 1);
  const char *token;

  if (fixture->fails)
    {
      g_dbus_method_invocation_return_dbus_error (invocation, "org.example.Broken", "broken");
      return;
    }

  g_assert_true (g_variant_lookup (options, "handle_token", "&s", &token));
  g_assert_true (g_variant_lookup (options, "autostart", "b", &fixture->autostart));
  handle = g_strdup_printf (PORTAL_PATH "/request/%s/%s", g_strdelimit (unique, ".", '_'), token);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", handle));
  respond (fixture, handle);
}

static void
start_portal (Fixture *fixture)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_call, .get_property = on_get };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (xml, NULL);
  g_autoptr (GVariant) reply = NULL;

  fixture->registered = g_dbus_connection_register_object (
      fixture->portal, PORTAL_PATH, node->interfaces[0], &vtable, fixture, NULL, NULL);
  g_assert_cmpuint (fixture->registered, !=, 0);
  reply = g_dbus_connection_call_sync (fixture->portal,
                                       "org.freedesktop.DBus",
                                       "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus",
                                       "RequestName",
                                       g_variant_new ("(su)", PORTAL_NAME, 0),
                                       NULL,
                                       G_DBUS_CALL_FLAGS_NONE,
                                       -1,
                                       NULL,
                                       NULL);
  g_assert_nonnull (reply);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->bus = sighej_test_bus_up ();
  fixture->portal = sighej_test_bus_connect (fixture->bus);
  fixture->client = sighej_test_bus_connect (fixture->bus);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->registered != 0)
    g_dbus_connection_unregister_object (fixture->portal, fixture->registered);
  g_object_unref (fixture->portal);
  g_object_unref (fixture->client);
  g_test_dbus_down (fixture->bus);
  g_object_unref (fixture->bus);
}

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->result = g_object_ref (result);
}

static gboolean
probe (Fixture *fixture)
{
  g_autoptr (GAsyncResult) result = NULL;

  sighej_background_portal_probe_async (fixture->client, NULL, keep_result, fixture);
  WAIT_UNTIL (fixture->result != NULL);
  result = g_steal_pointer (&fixture->result);
  return sighej_background_portal_probe_finish (result, NULL);
}

static gboolean
request (Fixture *fixture, gboolean wished, gboolean *autostart, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  sighej_background_portal_request_async (
      fixture->client, "why", "sighej", wished, NULL, keep_result, fixture);
  WAIT_UNTIL (fixture->result != NULL);
  result = g_steal_pointer (&fixture->result);
  return sighej_background_portal_request_finish (result, autostart, error);
}

static void
test_is_looked_for (Fixture *fixture, gconstpointer data)
{
  g_assert_false (probe (fixture));
  start_portal (fixture);
  g_assert_true (probe (fixture));
}

static void
test_says_yes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean on;

  start_portal (fixture);
  g_assert_true (request (fixture, TRUE, &on, &error));
  g_assert_no_error (error);
  g_assert_true (on);
  g_assert_true (request (fixture, FALSE, &on, &error));
  g_assert_no_error (error);
  g_assert_false (on);
}

static void
test_says_no (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean on;

  start_portal (fixture);
  fixture->response = 1;
  g_assert_false (request (fixture, TRUE, &on, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
}

static void
test_fails (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean on;

  g_assert_false (request (fixture, TRUE, &on, &error));
  g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN);
  g_clear_error (&error);
  start_portal (fixture);
  fixture->fails = TRUE;
  g_assert_false (request (fixture, TRUE, &on, &error));
  g_assert_true (g_dbus_error_is_remote_error (error));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, test)                                                                            \
  g_test_add ("/background-portal/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("is-looked-for", test_is_looked_for);
  ADD ("says-yes", test_says_yes);
  ADD ("says-no", test_says_no);
  ADD ("fails", test_fails);

  return g_test_run ();
}
