/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-background-portal.h"

#include <glib/gi18n.h>
#include <string.h>

#define PORTAL_NAME "org.freedesktop.portal.Desktop"
#define PORTAL_PATH "/org/freedesktop/portal/desktop"
#define BACKGROUND_INTERFACE "org.freedesktop.portal.Background"
#define REQUEST_INTERFACE "org.freedesktop.portal.Request"
#define CALL_TIMEOUT_MS 10000

/* ---- is there one? ---- */

static void
probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GVariant) reply = NULL;
  GError *error = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

void
sighej_background_portal_probe_async (GDBusConnection *connection,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (connection, cancellable, callback, user_data);

  g_task_set_source_tag (task, sighej_background_portal_probe_async);
  g_dbus_connection_call (connection,
                          PORTAL_NAME,
                          PORTAL_PATH,
                          "org.freedesktop.DBus.Properties",
                          "Get",
                          g_variant_new ("(ss)", BACKGROUND_INTERFACE, "version"),
                          G_VARIANT_TYPE ("(v)"),
                          G_DBUS_CALL_FLAGS_NONE,
                          CALL_TIMEOUT_MS,
                          cancellable,
                          probed,
                          g_steal_pointer (&task));
}

gboolean
sighej_background_portal_probe_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ---- asking ---- */

/* The portal answers by a signal of an object whose path the caller chooses. */
typedef struct
{
  GDBusConnection *connection;
  guint subscription;
  gboolean autostart;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  if (request->subscription != 0)
    g_dbus_connection_signal_unsubscribe (request->connection, request->subscription);
  g_object_unref (request->connection);
  g_free (request);
}

static void
on_response (GDBusConnection *connection,
             const char *sender,
             const char *path,
             const char *interface,
             const char *signal,
             GVariant *parameters,
             gpointer user_data)
{
  GTask *task = user_data;
  Request *request = g_task_get_task_data (task);
  g_autoptr (GVariant) results = NULL;
  guint32 response;

  if (g_task_get_completed (task) || request->subscription == 0
      || !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ua{sv})")))
    return;

  g_variant_get (parameters, "(u@a{sv})", &response, &results);
  if (!g_variant_lookup (results, "autostart", "b", &request->autostart))
    request->autostart = FALSE;
  g_object_ref (task);
  if (response == 0)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (
        task, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, _ ("the desktop did not allow it"));
  g_dbus_connection_signal_unsubscribe (connection, request->subscription);
  request->subscription = 0;
  g_object_unref (task);
}

static void
requested (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Request *request = g_task_get_task_data (task);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;
  guint subscription = request->subscription;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply != NULL || subscription == 0)
    return;

  g_task_return_error (task, g_steal_pointer (&error));
  request->subscription = 0;
  g_dbus_connection_signal_unsubscribe (request->connection, subscription);
}

static char *
dup_request_path (GDBusConnection *connection, const char *token)
{
  g_autofree char *sender = g_strdup (g_dbus_connection_get_unique_name (connection) + 1);

  return g_strdup_printf (PORTAL_PATH "/request/%s/%s", g_strdelimit (sender, ".", '_'), token);
}

static GVariant *
request_arguments (const char *token, const char *reason, const char *program, gboolean autostart)
{
  const char *const command[] = { program, NULL };
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "handle_token", g_variant_new_string (token));
  g_variant_builder_add (&options, "{sv}", "reason", g_variant_new_string (reason));
  g_variant_builder_add (&options, "{sv}", "autostart", g_variant_new_boolean (autostart));
  g_variant_builder_add (&options, "{sv}", "commandline", g_variant_new_strv (command, -1));
  return g_variant_new ("(sa{sv})", "", &options);
}

void
sighej_background_portal_request_async (GDBusConnection *connection,
                                        const char *reason,
                                        const char *program,
                                        gboolean autostart,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (connection, cancellable, callback, user_data);
  g_autofree char *token = g_strdup_printf ("sighej%u", g_random_int ());
  g_autofree char *path = dup_request_path (connection, token);
  Request *request = g_new0 (Request, 1);

  g_task_set_source_tag (task, sighej_background_portal_request_async);
  request->connection = g_object_ref (connection);
  g_task_set_task_data (task, request, request_free);
  request->subscription = g_dbus_connection_signal_subscribe (connection,
                                                              PORTAL_NAME,
                                                              REQUEST_INTERFACE,
                                                              "Response",
                                                              path,
                                                              NULL,
                                                              G_DBUS_SIGNAL_FLAGS_NONE,
                                                              on_response,
                                                              g_object_ref (task),
                                                              g_object_unref);
  g_dbus_connection_call (connection,
                          PORTAL_NAME,
                          PORTAL_PATH,
                          BACKGROUND_INTERFACE,
                          "RequestBackground",
                          request_arguments (token, reason, program, autostart),
                          G_VARIANT_TYPE ("(o)"),
                          G_DBUS_CALL_FLAGS_NONE,
                          CALL_TIMEOUT_MS,
                          cancellable,
                          requested,
                          g_steal_pointer (&task));
}

gboolean
sighej_background_portal_request_finish (GAsyncResult *result, gboolean *autostart, GError **error)
{
  Request *request = g_task_get_task_data (G_TASK (result));

  *autostart = request->autostart;
  return g_task_propagate_boolean (G_TASK (result), error);
}
