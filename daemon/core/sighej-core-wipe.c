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

/* All is deleted that can be; only the first that cannot is told. */
static gboolean
delete_all (SighejCore *self, GError **error)
{
  g_autoptr (GError) preferences_error = NULL;
  g_autoptr (GError) avoid_error = NULL;
  g_autoptr (GError) calibrator_error = NULL;

  sighej_preferences_forget (self->preferences, &preferences_error);
  sighej_avoid_clear (self->avoid, &avoid_error);
  sighej_calibrator_forget_all (self->calibrator, &calibrator_error);
  sighej_encounters_forget_hour (self->encounters);

  if (preferences_error != NULL)
    g_propagate_error (error, g_steal_pointer (&preferences_error));
  else if (avoid_error != NULL)
    g_propagate_error (error, g_steal_pointer (&avoid_error));
  else if (calibrator_error != NULL)
    g_propagate_error (error, g_steal_pointer (&calibrator_error));
  else
    return TRUE;
  return FALSE;
}

static void
finish (GTask *task)
{
  SighejCore *self = g_task_get_source_object (task);
  Wiping *wiping = g_task_get_task_data (task);
  gboolean is_told
      = sighej_link_get_ended (self->link) && sighej_link_get_n_left (self->link) == wiping->n_left;
  GError *error = NULL;

  sighej_clock_clear (self->clock, &wiping->wait_id);
  g_clear_signal_handler (&wiping->ended_id, self->link);
  /* What was on its way meanwhile may have been kept. */
  if (!delete_all (self, &error))
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
on_ended (SighejLink *link, GParamSpec *pspec, gpointer user_data)
{
  if (sighej_link_get_ended (link))
    finish (user_data);
}

void
sighej_core_wipe_async (SighejCore *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Wiping *wiping = g_new0 (Wiping, 1);
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, sighej_core_wipe_async);
  g_task_set_task_data (task, wiping, g_free);
  wiping->n_left = sighej_link_get_n_left (self->link);
  sighej_presence_close (self->presence, SIGHEJ_REASON_USER);
  if (!delete_all (self, &error))
    g_info ("not all could be deleted at once: %s", error->message);

  if (sighej_link_get_ended (self->link))
    {
      finish (task);
      return;
    }
  wiping->ended_id = g_signal_connect (self->link, "notify::ended", G_CALLBACK (on_ended), task);
  wiping->wait_id = sighej_clock_add (self->clock, WIPE_US, on_wait_over, task);
}

gboolean
sighej_core_wipe_finish (SighejCore *self, GAsyncResult *result, GError **error)
{
  g_assert (g_task_is_valid (result, self));

  return g_task_propagate_boolean (G_TASK (result), error);
}
