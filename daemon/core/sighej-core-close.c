/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-core-private.h"

/* One wait for all who asked to close; so many of them are answered together. */
#define CLOSE_TASKS_MAX 64
#define CLOSE_US ((gint64) SIGHEJ_CLOSE_SECONDS_MAX * G_USEC_PER_SEC)

/* ---- off the air, and out of the backend ---- */

static void
answer_close (SighejCorePrivate *core)
{
  g_autoptr (GPtrArray) tasks = g_steal_pointer (&core->close_tasks);

  core->close_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  sighej_clock_clear (core->clock, &core->close_wait_id);
  for (guint i = 0; i < tasks->len; i++)
    g_task_return_boolean (g_ptr_array_index (tasks, i), TRUE);
}

static gboolean
on_close_wait_over (gpointer user_data)
{
  SighejCorePrivate *core = sighej_core_private (user_data);

  core->close_wait_id = 0;
  g_warning ("the radio has not confirmed within %u s that nothing is on the air",
             SIGHEJ_CLOSE_SECONDS_MAX);
  answer_close (core);
  return G_SOURCE_REMOVE;
}

void
sighej_core_finish_closing (SighejCore *self)
{
  SighejCorePrivate *core = sighej_core_private (self);
  g_autoptr (GTask) stop_task = NULL;
  gboolean on_air = sighej_radio_get_on_air (core->radio, NULL);

  sighej_host_set_silent (core->host,
                          !on_air && !sighej_radio_get_scanning (core->radio) && core->ended);
  if (core->close_tasks->len > 0 && !on_air)
    answer_close (core);

  if (core->stop_task != NULL && !sighej_presence_get_wanted (core->presence) && core->ended)
    {
      stop_task = g_steal_pointer (&core->stop_task);
      g_task_return_boolean (stop_task, TRUE);
    }
}

/* ---- what may be asked for ---- */

void
sighej_core_close_async (SighejCore *self, GAsyncReadyCallback callback, gpointer user_data)
{
  SighejCorePrivate *core = sighej_core_private (self);
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, sighej_core_close_async);
  sighej_presence_close (core->presence, SIGHEJ_REASON_USER);
  if (!sighej_radio_get_on_air (core->radio, NULL) || core->close_tasks->len >= CLOSE_TASKS_MAX)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  g_ptr_array_add (core->close_tasks, g_steal_pointer (&task));
  if (core->close_wait_id == 0)
    core->close_wait_id = sighej_clock_add (core->clock, CLOSE_US, on_close_wait_over, self);
}

void
sighej_core_close_finish (SighejCore *self, GAsyncResult *result)
{
  g_assert (g_task_is_valid (result, self));

  g_task_propagate_boolean (G_TASK (result), NULL);
}

static void
on_radio_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejCore) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!sighej_radio_stop_finish (SIGHEJ_RADIO (source), result, &error))
    g_warning ("cannot be sure that nothing is on the air: %s", error->message);

  sighej_presence_close (sighej_core_private (self)->presence, SIGHEJ_REASON_USER);
  sighej_core_finish_closing (self);
}

void
sighej_core_stop_async (SighejCore *self, GAsyncReadyCallback callback, gpointer user_data)
{
  SighejCorePrivate *core = sighej_core_private (self);

  g_return_if_fail (core->stop_task == NULL);

  core->stop_task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (core->stop_task, sighej_core_stop_async);
  sighej_core_apply_air (self);
  sighej_radio_stop_async (core->radio, on_radio_stopped, g_object_ref (self));
}

void
sighej_core_stop_finish (SighejCore *self, GAsyncResult *result)
{
  g_assert (g_task_is_valid (result, self));

  g_task_propagate_boolean (G_TASK (result), NULL);
}
