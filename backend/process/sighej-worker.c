/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-worker"

#include "config.h"

#include "sighej-worker.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <glib-unix.h>

#include "sighej-backend.h"
#include "sighej-control.h"
#include "sighej-crypto.h"
#include "sighej-exit.h"
#include "sighej-log.h"
#include "sighej-metrics.h"

#define BEAT_US G_USEC_PER_SEC
#define PROCESS_NAME "sighej-backend" /* at most 15 bytes */

typedef struct
{
  GMainLoop *loop;
  SighejClock *clock;
  SighejControl *control;
  SighejSettings *settings;
  SighejSockets *sockets;
  SighejBackend *backend;
  guint beat;
  int status;
} Worker;

static void
worker_clear (Worker *self)
{
  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->beat);
  g_clear_object (&self->backend);
  g_clear_pointer (&self->sockets, sighej_sockets_free);
  g_clear_pointer (&self->settings, sighej_settings_free);
  g_clear_pointer (&self->control, sighej_control_free);
  g_clear_object (&self->clock);
  g_clear_pointer (&self->loop, g_main_loop_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Worker, worker_clear)

/* ---- the line to the parent ---- */

static gboolean
on_beat (gpointer user_data)
{
  Worker *self = user_data;
  g_autofree char *n = g_strdup_printf ("%u", sighej_backend_get_n_sockets (self->backend));

  self->beat = sighej_clock_add (self->clock, BEAT_US, on_beat, self);
  sighej_control_send (self->control, SIGHEJ_CONTROL_BEAT, n);
  return G_SOURCE_REMOVE;
}

static void
take_settings (Worker *self, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejSettings) fresh = sighej_settings_load_data (text, &error);

  if (fresh == NULL || !sighej_backend_reload (self->backend, fresh, &error))
    g_message ("a worker cannot take the new settings: %s", error->message);
  sighej_control_send (self->control, SIGHEJ_CONTROL_RELOADED, NULL);
}

static void
on_received (SighejControlKind kind, const char *text, gpointer user_data)
{
  Worker *self = user_data;

  switch (kind)
    {
    case SIGHEJ_CONTROL_SETTINGS:
      take_settings (self, text);
      break;
    case SIGHEJ_CONTROL_DRAIN:
      sighej_backend_stop (self->backend);
      break;
    case SIGHEJ_CONTROL_READY:
    case SIGHEJ_CONTROL_BEAT:
    case SIGHEJ_CONTROL_RELOADED:
    default:
      g_debug ("the parent says what only a worker says");
    }
}

static void
on_closed (gpointer user_data)
{
  Worker *self = user_data;

  g_message ("the parent is gone, so this worker finishes too");
  sighej_backend_stop (self->backend);
}

/* ---- life ---- */

static gboolean
on_stop_signal (gpointer user_data)
{
  sighej_backend_stop (SIGHEJ_BACKEND (user_data));
  return G_SOURCE_CONTINUE;
}

/* So that an id reads the same in the lines of every worker. */
static void
share_log (void)
{
  int fd = sighej_handoff_take (SIGHEJ_WORKER_LOG_NAME);

  if (fd < 0)
    return;
  if (!sighej_log_take_key (fd))
    g_message ("ids in this worker's lines are its own");
  close (fd);
}

/* One place for the counters of all workers; the parent's has number 0. */
static gboolean
share_metrics (guint slot, GError **error)
{
  int fd = sighej_handoff_take (SIGHEJ_WORKER_METRICS_NAME);
  gboolean good = sighej_metrics_attach (fd, slot, error);

  if (fd >= 0)
    close (fd);
  return good;
}

static gboolean
build (Worker *self, guint number, const char *text, GError **error)
{
  share_log ();
  if (!share_metrics (number, error))
    return FALSE;
  self->settings = sighej_settings_load_data (text, error);
  if (self->settings == NULL)
    return FALSE;
  sighej_settings_use_log_level (self->settings);
  self->sockets = sighej_sockets_take (error);
  if (self->sockets == NULL)
    return FALSE;
  self->clock = sighej_clock_new_system ();
  self->backend = sighej_backend_new (self->settings, self->sockets, self->clock, error);
  return self->backend != NULL;
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Worker *self = user_data;
  g_autoptr (GError) error = NULL;

  if (sighej_backend_start_finish (SIGHEJ_BACKEND (source), result, &error))
    {
      sighej_control_send (self->control, SIGHEJ_CONTROL_READY, NULL);
      on_beat (self);
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      self->status = sighej_exit_fail (error);
      g_main_loop_quit (self->loop);
    }
}

static void
serve (Worker *self, int control_fd)
{
  self->loop = g_main_loop_new (NULL, FALSE);
  self->control = sighej_control_new (control_fd, on_received, on_closed, self);
  g_signal_connect_swapped (self->backend, "stopped", G_CALLBACK (g_main_loop_quit), self->loop);
  /* A terminal's signals reach us too; when to reload the parent says. */
  g_unix_signal_add (SIGTERM, on_stop_signal, self->backend);
  g_unix_signal_add (SIGINT, on_stop_signal, self->backend);
  signal (SIGHUP, SIG_IGN);
  sighej_backend_start_async (self->backend, on_started, self);
  g_main_loop_run (self->loop);
}

int
sighej_worker_run (const char *number)
{
  guint64 slot = g_ascii_strtoull (number, NULL, 10);
  int control_fd = sighej_handoff_take (SIGHEJ_CONTROL_NAME);
  char *text = control_fd >= 0 ? sighej_control_read_settings (control_fd) : NULL;
  g_auto (Worker) self = { NULL };
  g_autoptr (GError) error = NULL;
  gboolean good;

  /* Started as /proc/self/exe, the journal and ps would call us "exe". */
  prctl (PR_SET_NAME, PROCESS_NAME);
  if (text == NULL)
    {
      g_printerr ("sighej-backend: " SIGHEJ_WORKER_OPTION
                  " is how the program starts its own processes; leave it out\n");
      return SIGHEJ_EXIT_USAGE;
    }
  good = build (&self, (guint) slot, text, &error);
  sighej_wipe_free_string (text);
  if (!good)
    return sighej_exit_fail (error);
  serve (&self, control_fd);
  return self.status;
}
