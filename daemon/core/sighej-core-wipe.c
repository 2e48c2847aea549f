/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-core-private.h"

#define WIPE_US ((gint64) SIGHEJ_WIPE_SECONDS_MAX * G_USEC_PER_SEC)

/*
 *   sighej_core_wipe_async(): closed; all of this machine deleted
 *     --no session is left to delete, or the wait is over--> deleted once more --> answered
 */
typedef struct
{
  guint64 n_left; /* sessions the backend did not confirm the end of, before */
  gulong ended_id;
  guint wait_id;
} Wiping;

static guint64
get_n_left (SighejCore *self)
{
  SighejCoreClass *klass = SIGHEJ_CORE_GET_CLASS (self);

  return klass->get_n_left != NULL ? klass->get_n_left (self) : 0;
}

static void
finish (GTask *task)
{
  SighejCore *self = g_task_get_source_object (task);
  SighejCorePrivate *core = sighej_core_private (self);
  Wiping *wiping = g_task_get_task_data (task);
  gboolean is_told = core->ended && get_n_left (self) == wiping->n_left;
  GError *error = NULL;

  sighej_clock_clear (core->clock, &wiping->wait_id);
  g_clear_signal_handler (&wiping->ended_id, self);
  /* What was on its way meanwhile may have been kept. */
  if (!SIGHEJ_CORE_GET_CLASS (self)->forget (self, &error))
    g_task_return_error (task, error);
  else if (!is_told)
    g_task_return_new_error (task,
                             SIGHEJ_ERROR,
                             SIGHEJ_ERROR_OFFLINE,
                             "all is deleted on this machine, but the backend did not confirm it; "
                             "wait: what it has ends by itself within 2 hours");
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static gboolean
on_wait_over (gpointer user_data)
{
  GTask *task = user_data;
  Wiping *wiping = g_task_get_task_data (task);

  wiping->wait_id = 0;
  finish (task);
  return G_SOURCE_REMOVE;
}

static void
on_ended (SighejCore *self, gpointer user_data)
{
  finish (user_data);
}

void
sighej_core_wipe_async (SighejCore *self, GAsyncReadyCallback callback, gpointer user_data)
{
  SighejCorePrivate *core = sighej_core_private (self);
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Wiping *wiping = g_new0 (Wiping, 1);
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, sighej_core_wipe_async);
  g_task_set_task_data (task, wiping, g_free);
  wiping->n_left = get_n_left (self);
  sighej_presence_close (core->presence, SIGHEJ_REASON_USER);
  if (!SIGHEJ_CORE_GET_CLASS (self)->forget (self, &error))
    g_info ("not all could be deleted at once: %s", error->message);

  if (core->ended)
    {
      finish (task);
      return;
    }
  wiping->ended_id = g_signal_connect (self, "ended", G_CALLBACK (on_ended), task);
  wiping->wait_id = sighej_clock_add (core->clock, WIPE_US, on_wait_over, task);
}

gboolean
sighej_core_wipe_finish (SighejCore *self, GAsyncResult *result, GError **error)
{
  g_assert (g_task_is_valid (result, self));

  return g_task_propagate_boolean (G_TASK (result), error);
}
