/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-link"

#include "config.h"

#include "sighej-error.h"
#include "sighej-link-private.h"

static GTask *
task_of_live (SighejLink *self, gpointer tag, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, tag);
  if (sighej_link_get_live (self) != NULL)
    return task;

  g_task_return_new_error (
      task, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_OPEN, "there is no session at the backend");
  g_object_unref (task);
  return NULL;
}

static void
posted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (sighej_link_session_post_finish (SIGHEJ_LINK_SESSION (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
sighej_link_post_async (SighejLink *self,
                        const char *path,
                        const char *key,
                        GBytes *body,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = task_of_live (self, sighej_link_post_async, callback, user_data);

  if (task != NULL)
    sighej_link_session_post_async (sighej_link_get_live (self), path, key, body, posted, task);
}

gboolean
sighej_link_post_finish (SighejLink *self, GAsyncResult *result, GError **error)
{
  g_assert (g_task_is_valid (result, self));

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  GBytes *body = sighej_link_session_fetch_finish (SIGHEJ_LINK_SESSION (source), result, &error);

  if (body != NULL)
    g_task_return_pointer (task, body, (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_error (task, error);
}

void
sighej_link_fetch_async (SighejLink *self,
                         const char *path,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = task_of_live (self, sighej_link_fetch_async, callback, user_data);

  if (task != NULL)
    sighej_link_session_fetch_async (sighej_link_get_live (self), path, fetched, task);
}

GBytes *
sighej_link_fetch_finish (SighejLink *self, GAsyncResult *result, GError **error)
{
  g_assert (g_task_is_valid (result, self));

  return g_task_propagate_pointer (G_TASK (result), error);
}
