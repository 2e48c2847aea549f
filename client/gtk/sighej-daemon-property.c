/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-daemon-property.h"

#include <glib/gi18n.h>

GVariant *
sighej_daemon_property_read (SighejModel *model, const char *name)
{
  SighejDBusManager1 *manager = sighej_model_get_manager (model);

  return manager != NULL ? g_dbus_proxy_get_cached_property (G_DBUS_PROXY (manager), name) : NULL;
}

static void
written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GVariant) reply = NULL;
  GError *error = NULL;

  reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);
  if (reply == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

void
sighej_daemon_property_write_async (SighejModel *model,
                                    const char *name,
                                    GVariant *value,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (model, cancellable, callback, user_data);
  SighejDBusManager1 *manager = sighej_model_get_manager (model);
  g_autoptr (GVariant) arguments
      = g_variant_ref_sink (g_variant_new ("(ssv)", "org.sighej.Manager1", name, value));

  g_task_set_source_tag (task, sighej_daemon_property_write_async);
  if (manager == NULL)
    {
      g_task_return_new_error (
          task, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, _ ("SigHej's service is not there"));
      return;
    }

  g_dbus_proxy_call (G_DBUS_PROXY (manager),
                     "org.freedesktop.DBus.Properties.Set",
                     arguments,
                     G_DBUS_CALL_FLAGS_NONE,
                     SIGHEJ_MODEL_CALL_TIMEOUT_MS,
                     cancellable,
                     written,
                     g_steal_pointer (&task));
}

gboolean
sighej_daemon_property_write_finish (SighejModel *model, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
