/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-await-link.h"

#define AWAIT_US ((gint64) SIGHEJ_AWAIT_LINK_SECONDS_MAX * G_USEC_PER_SEC)

typedef struct
{
  SighejClock *clock;
  SighejPresence *presence;
  SighejLink *link;
  gulong presence_handler;
  gulong link_handler;
  guint wait_id;
} Await;

static void
await_free (gpointer data)
{
  Await *self = data;

  g_object_unref (self->clock);
  g_object_unref (self->presence);
  g_object_unref (self->link);
  g_free (self);
}

/* (nullable): why it will not come to anything */
static GError *
new_obstacle (Await *self)
{
  SighejReason reason = sighej_link_get_reason (self->link);

  if (!sighej_presence_get_wanted (self->presence))
    return g_error_new_literal (SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_OPEN, "not open");
  if (!sighej_presence_get_session_wanted (self->presence))
    return sighej_error_new_for_reason (sighej_presence_get_reason (self->presence));
  if (reason != SIGHEJ_REASON_NONE
      && sighej_link_get_state (self->link) != SIGHEJ_BACKEND_STATE_CONNECTING)
    return sighej_error_new_for_reason (reason);
  return NULL;
}

/* Takes back what was waited for; the task of it is the caller's from here on. */
static void
stop_waiting (Await *self)
{
  sighej_clock_clear (self->clock, &self->wait_id);
  g_clear_signal_handler (&self->presence_handler, self->presence);
  g_clear_signal_handler (&self->link_handler, self->link);
}

static gboolean
answer_online (gpointer user_data)
{
  g_task_return_boolean (G_TASK (user_data), TRUE);
  return G_SOURCE_REMOVE;
}

/* Whether it is decided; then the task is answered, now or, once all who follow the link know,
 * soon.
 */
static gboolean
decide (GTask *task)
{
  Await *self = g_task_get_task_data (task);
  gboolean online = sighej_link_get_state (self->link) == SIGHEJ_BACKEND_STATE_ONLINE;
  GError *obstacle = online ? NULL : new_obstacle (self);

  if (online)
    g_idle_add_full (G_PRIORITY_DEFAULT, answer_online, g_object_ref (task), g_object_unref);
  else if (obstacle != NULL)
    g_task_return_error (task, obstacle);
  return online || obstacle != NULL;
}

static void
on_changed (GTask *task)
{
  if (!decide (task))
    return;
  stop_waiting (g_task_get_task_data (task));
  g_object_unref (task);
}

static gboolean
on_wait_over (gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Await *self = g_task_get_task_data (task);

  self->wait_id = 0;
  stop_waiting (self);
  g_task_return_new_error (
      task, SIGHEJ_ERROR, SIGHEJ_ERROR_OFFLINE, "the backend has not been reached in time");
  return G_SOURCE_REMOVE;
}

void
sighej_await_link_async (SighejClock *clock,
                         SighejPresence *presence,
                         SighejLink *link,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (link, NULL, callback, user_data);
  Await *self = g_new0 (Await, 1);

  g_task_set_source_tag (task, sighej_await_link_async);
  g_task_set_task_data (task, self, await_free);
  self->clock = g_object_ref (clock);
  self->presence = g_object_ref (presence);
  self->link = g_object_ref (link);
  if (decide (task))
    return;

  self->wait_id = sighej_clock_add (clock, AWAIT_US, on_wait_over, task);
  self->presence_handler
      = g_signal_connect_swapped (presence, "changed", G_CALLBACK (on_changed), task);
  self->link_handler = g_signal_connect_swapped (link, "notify", G_CALLBACK (on_changed), task);
  /* Until one of these three. */
  g_steal_pointer (&task);
}

gboolean
sighej_await_link_finish (SighejLink *link, GAsyncResult *result, GError **error)
{
  g_assert (g_task_is_valid (result, link));

  return g_task_propagate_boolean (G_TASK (result), error);
}
