/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-backend"

#include "config.h"

#include "sighej-single.h"

#include <signal.h>

#include <glib-unix.h>
#include <systemd/sd-daemon.h>

#include "sighej-backend.h"
#include "sighej-exit.h"
#include "sighej-metrics.h"
#include "sighej-reload.h"
#include "sighej-watchdog.h"

typedef struct
{
  SighejSettings *settings;
  const SighejSettingsSource *source;
  GMainLoop *loop;
  SighejClock *clock;
  SighejSockets *sockets;
  SighejBackend *backend;
  SighejWatchdog *watchdog; /* (nullable): the manager wants none */
  int status;
} Single;

static void
single_clear (Single *self)
{
  g_clear_pointer (&self->watchdog, sighej_watchdog_free);
  g_clear_object (&self->backend);
  g_clear_pointer (&self->sockets, sighej_sockets_free);
  g_clear_object (&self->clock);
  g_clear_pointer (&self->loop, g_main_loop_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Single, single_clear)

/* ---- signals ---- */

static gboolean
on_stop_signal (gpointer user_data)
{
  Single *self = user_data;

  sd_notify (0, "STOPPING=1");
  sighej_backend_stop (self->backend);
  return G_SOURCE_CONTINUE;
}

static gboolean
take_settings (SighejSettings *fresh, gpointer user_data, GError **error)
{
  Single *self = user_data;

  return sighej_backend_check (fresh, error) && sighej_backend_reload (self->backend, fresh, error);
}

static gboolean
on_reload_signal (gpointer user_data)
{
  Single *self = user_data;

  sighej_reload (self->settings, self->source, take_settings, self);
  sighej_reload_done ();
  return G_SOURCE_CONTINUE;
}

/* ---- life ---- */

static void
tell_ready (Single *self)
{
  guint64 watchdog_us = 0;

  sighej_sockets_print (self->sockets);
  if (sd_watchdog_enabled (0, &watchdog_us) > 0)
    self->watchdog = sighej_watchdog_new (
        watchdog_us, sighej_sockets_get_probe (self->sockets), self->clock, NULL, NULL);
  sighej_metrics_set (SIGHEJ_METRIC_WORKERS, 0, 1);
  sd_notify (0, "READY=1");
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Single *self = user_data;
  g_autoptr (GError) error = NULL;

  if (sighej_backend_start_finish (SIGHEJ_BACKEND (source), result, &error))
    tell_ready (self);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      self->status = sighej_exit_fail (error);
      g_main_loop_quit (self->loop);
    }
}

static gboolean
build (Single *self, GError **error)
{
  if (!sighej_backend_check (self->settings, error))
    return FALSE;
  self->sockets = sighej_sockets_open (self->settings, error);
  if (self->sockets == NULL)
    return FALSE;
  self->clock = sighej_clock_new_system ();
  self->backend = sighej_backend_new (self->settings, self->sockets, self->clock, error);
  return self->backend != NULL;
}

int
sighej_single_run (SighejSettings *settings, const SighejSettingsSource *source)
{
  g_auto (Single) self = { .settings = settings, .source = source };
  g_autoptr (GError) error = NULL;

  if (!build (&self, &error))
    return sighej_exit_fail (error);
  self.loop = g_main_loop_new (NULL, FALSE);
  g_signal_connect_swapped (self.backend, "stopped", G_CALLBACK (g_main_loop_quit), self.loop);
  g_unix_signal_add (SIGTERM, on_stop_signal, &self);
  g_unix_signal_add (SIGINT, on_stop_signal, &self);
  g_unix_signal_add (SIGHUP, on_reload_signal, &self);
  sighej_backend_start_async (self.backend, on_started, &self);
  g_main_loop_run (self.loop);
  return self.status;
}
