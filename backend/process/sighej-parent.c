/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-parent"

#include "config.h"

#include "sighej-parent.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib-unix.h>
#include <systemd/sd-daemon.h>

#include "sighej-backend.h"
#include "sighej-control.h"
#include "sighej-crypto.h"
#include "sighej-exit.h"
#include "sighej-log.h"
#include "sighej-metrics.h"
#include "sighej-reload.h"
#include "sighej-supervisor.h"
#include "sighej-watchdog.h"
#include "sighej-worker.h"

#define STATUS_US (5 * G_USEC_PER_SEC)

typedef struct
{
  SighejSettings *settings;
  const SighejSettingsSource *source;
  GMainLoop *loop;
  SighejClock *clock;
  SighejSockets *sockets;
  int metrics_fd; /* -1: none */
  int log_fd;     /* -1: none */
  SighejSupervisor *supervisor;
  SighejWatchdog *watchdog; /* (nullable): the manager wants none */
  char *told;               /* the last STATUS */
  guint tell;
  int status;
} Parent;

static void
parent_clear (Parent *self)
{
  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->tell);
  g_clear_pointer (&self->watchdog, sighej_watchdog_free);
  g_clear_object (&self->supervisor);
  g_clear_pointer (&self->sockets, sighej_sockets_free);
  if (self->metrics_fd >= 0)
    close (self->metrics_fd);
  if (self->log_fd >= 0)
    close (self->log_fd);
  g_clear_object (&self->clock);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_free (self->told);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parent, parent_clear)

/* Never from the disk, where another release may lie by now. */
static const char *const worker_argv[]
    = { "/proc/self/exe", "sighej-backend", SIGHEJ_WORKER_OPTION, NULL };

/* ---- the service manager ---- */

static void
tell_status (Parent *self)
{
  g_autofree char *status = sighej_supervisor_dup_status (self->supervisor);

  if (g_strcmp0 (status, self->told) != 0)
    sd_notifyf (0, "STATUS=%s", status);
  g_free (self->told);
  self->told = g_steal_pointer (&status);
}

static gboolean
on_status_due (gpointer user_data)
{
  Parent *self = user_data;

  self->tell = sighej_clock_add (self->clock, STATUS_US, on_status_due, self);
  tell_status (self);
  return G_SOURCE_REMOVE;
}

static gboolean
is_well (gpointer user_data)
{
  return sighej_supervisor_is_well (SIGHEJ_SUPERVISOR (user_data));
}

static void
on_ready (Parent *self)
{
  guint64 watchdog_us = 0;

  sighej_sockets_print (self->sockets);
  if (sd_watchdog_enabled (0, &watchdog_us) > 0)
    self->watchdog = sighej_watchdog_new (watchdog_us,
                                          sighej_sockets_get_probe (self->sockets),
                                          self->clock,
                                          is_well,
                                          self->supervisor);
  sd_notify (0, "READY=1");
  on_status_due (self);
}

static void
on_ended (Parent *self, guint number)
{
  sighej_metrics_drop_gauges (number);
}

static void
on_stopped (Parent *self, int status)
{
  self->status = status;
  g_main_loop_quit (self->loop);
}

/* ---- signals ---- */

static gboolean
on_stop_signal (gpointer user_data)
{
  Parent *self = user_data;

  sd_notify (0, "STOPPING=1");
  /* First, so that the last worker to take what waits in the queue is the last to hold it: who
   * connects between the two would be reset. */
  sighej_sockets_refuse (self->sockets);
  sighej_sockets_stop (self->sockets);
  sighej_supervisor_stop (self->supervisor);
  return G_SOURCE_CONTINUE;
}

static gboolean
give_settings (Parent *self, const SighejSettings *settings, GError **error)
{
  char *text = sighej_config_to_data (settings->config);
  gboolean fits = strlen (text) <= SIGHEJ_CONTROL_BYTES_MAX;

  if (fits)
    sighej_supervisor_set_settings (self->supervisor, text);
  else
    g_set_error (error,
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_CONFIG,
                 "the settings are longer than %d KiB together; shorten the lists",
                 SIGHEJ_CONTROL_BYTES_MAX / 1024);
  sighej_wipe_free_string (text);
  return fits;
}

static gboolean
take_settings (SighejSettings *fresh, gpointer user_data, GError **error)
{
  Parent *self = user_data;

  if (!sighej_backend_check (fresh, error) || !give_settings (self, fresh, error))
    return FALSE;
  sighej_settings_swap (self->settings, fresh);
  return TRUE;
}

static gboolean
on_reload_signal (gpointer user_data)
{
  Parent *self = user_data;

  if (!sighej_reload (self->settings, self->source, take_settings, self))
    sighej_reload_done ();
  return G_SOURCE_CONTINUE;
}

/* ---- life ---- */

static gboolean
share_metrics (Parent *self, guint n_workers, GError **error)
{
  self->metrics_fd = sighej_metrics_create (n_workers + 1, error);
  return self->metrics_fd >= 0
         && sighej_metrics_attach (self->metrics_fd, SIGHEJ_METRICS_PARENT_SLOT, error);
}

static gboolean
build (Parent *self, GError **error)
{
  const guint n_workers = sighej_settings_get_workers (self->settings);
  SighejHandoff *handoff;

  if (!sighej_backend_check (self->settings, error))
    return FALSE;
  self->sockets = sighej_sockets_open (self->settings, error);
  if (self->sockets == NULL || !share_metrics (self, n_workers, error))
    return FALSE;
  handoff = sighej_handoff_new ();
  sighej_sockets_hand_on (self->sockets, handoff);
  sighej_handoff_add (handoff, SIGHEJ_WORKER_METRICS_NAME, self->metrics_fd);
  self->log_fd = sighej_log_share_key ();
  if (self->log_fd >= 0)
    sighej_handoff_add (handoff, SIGHEJ_WORKER_LOG_NAME, self->log_fd);
  self->clock = sighej_clock_new_system ();
  self->supervisor = sighej_supervisor_new (worker_argv, n_workers, handoff, self->clock);
  return give_settings (self, self->settings, error);
}

int
sighej_parent_run (SighejSettings *settings, const SighejSettingsSource *source)
{
  g_auto (Parent) self = { .settings = settings, .source = source, .metrics_fd = -1, .log_fd = -1 };
  g_autoptr (GError) error = NULL;

  if (!build (&self, &error))
    return sighej_exit_fail (error);
  self.loop = g_main_loop_new (NULL, FALSE);
  g_signal_connect_swapped (self.supervisor, "ready", G_CALLBACK (on_ready), &self);
  g_signal_connect_swapped (self.supervisor, "ended", G_CALLBACK (on_ended), &self);
  g_signal_connect (self.supervisor, "reloaded", G_CALLBACK (sighej_reload_done), NULL);
  g_signal_connect_swapped (self.supervisor, "stopped", G_CALLBACK (on_stopped), &self);
  g_unix_signal_add (SIGTERM, on_stop_signal, &self);
  g_unix_signal_add (SIGINT, on_stop_signal, &self);
  g_unix_signal_add (SIGHUP, on_reload_signal, &self);
  sighej_supervisor_start (self.supervisor);
  g_main_loop_run (self.loop);
  return self.status;
}
