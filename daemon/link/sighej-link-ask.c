/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-link"

#include "config.h"

#include "sighej-link-ask.h"

#include "sighej-error.h"
#include "sighej-link-http.h"

static void
return_failure (GTask *task, const SighejLinkFailure *failure, SighejError code)
{
  if (failure->kind == SIGHEJ_LINK_FAILURE_RATE_LIMITED)
    g_task_return_new_error (task,
                             SIGHEJ_ERROR,
                             SIGHEJ_ERROR_RATE_LIMITED,
                             "too many in a short time, try again in %u s",
                             MAX (failure->retry_after_s, 1));
  else
    g_task_return_new_error (task, SIGHEJ_ERROR, (int) code, "%s", failure->text);
}

static void
answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = sighej_link_http_send_finish (SOUP_SESSION (source), result, &error);
  SoupMessage *message = g_task_get_task_data (task);
  guint status = soup_message_get_status (message);
  g_autoptr (SighejLinkFailure) failure = NULL;

  if (body != NULL && status < SOUP_STATUS_MULTIPLE_CHOICES)
    {
      g_task_return_pointer (task, g_steal_pointer (&body), (GDestroyNotify) g_bytes_unref);
      return;
    }

  failure = body == NULL ? sighej_link_failure_new_for_error (error)
                         : sighej_link_failure_new_for_message (message);
  return_failure (
      task, failure, body == NULL ? SIGHEJ_ERROR_OFFLINE : sighej_error_from_http_status (status));
}

void
sighej_link_ask_async (gpointer asker,
                       SoupSession *soup,
                       SoupMessage *message,
                       SighejClock *clock,
                       guint timeout_s,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (asker, cancellable, callback, user_data);

  g_task_set_source_tag (task, sighej_link_ask_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, g_object_ref (message), g_object_unref);
  sighej_link_http_send_async (
      soup, message, clock, timeout_s, cancellable, answered, g_steal_pointer (&task));
}

GBytes *
sighej_link_ask_finish (gpointer asker, GAsyncResult *result, GError **error)
{
  g_assert (g_task_is_valid (result, asker));

  return g_task_propagate_pointer (G_TASK (result), error);
}
