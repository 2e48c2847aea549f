/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-backend"

#include "config.h"

#include "sighej-reload.h"

#include <systemd/sd-daemon.h>

#include "sighej-metrics.h"

static void
log_warnings (SighejConfig *config)
{
  const char *const *warnings = sighej_config_get_warnings (config);

  for (gsize i = 0; warnings[i] != NULL; i++)
    g_message ("%s", warnings[i]);
}

static gboolean
count_reload (gboolean taken)
{
  sighej_metrics_add (
      SIGHEJ_METRIC_CONFIG_RELOADS, taken ? SIGHEJ_RELOAD_TAKEN : SIGHEJ_RELOAD_REFUSED, 1);
  return taken;
}

gboolean
sighej_reload (const SighejSettings *settings,
               const SighejSettingsSource *source,
               SighejReloadTake take,
               gpointer user_data)
{
  g_autoptr (SighejSettings) fresh = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *fixed = NULL;

  /* The manager's clock is CLOCK_MONOTONIC, as GLib's. */
  sd_notifyf (0, "RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time ());
  fresh = sighej_settings_reread (settings, source, &fixed, &error);
  if (fresh != NULL)
    log_warnings (fresh->config);
  if (fresh == NULL || !take (fresh, user_data, &error))
    {
      g_message ("the configuration is not taken, the old settings stay: %s", error->message);
      return count_reload (FALSE);
    }
  if (fixed != NULL)
    g_message ("changed, but needs a restart: %s", fixed);
  g_message ("the configuration is read again");
  return count_reload (TRUE);
}

void
sighej_reload_done (void)
{
  sd_notify (0, "READY=1");
}
