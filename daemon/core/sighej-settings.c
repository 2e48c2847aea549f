/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-settings.h"

#include <string.h>

#include "sighej-adjustments.h"
#include "sighej-band.h"
#include "sighej-encounters.h"
#include "sighej-link.h"
#include "sighej-presence.h"

#define PERSON_FILE_NAME "sighejd.conf"
#define KIOSK_FILE_NAME "kiosk.conf"

static gboolean
check_uri (const char *value, GError **error)
{
  return *value == '\0' || sighej_link_check_uri (value, error);
}

static gboolean
check_quiet_hours (const char *value, GError **error)
{
  g_auto (GStrv) ranges = g_strsplit_set (value, ";,", -1);
  guint n_ranges = 0;

  for (guint i = 0; ranges[i] != NULL; i++)
    {
      guint from;
      guint to;

      g_strstrip (ranges[i]);
      if (*ranges[i] == '\0')
        continue;
      if (!sighej_quiet_hours_parse (ranges[i], &from, &to, error))
        return FALSE;
      n_ranges++;
    }

  if (n_ranges <= SIGHEJ_QUIET_HOURS_MAX)
    return TRUE;
  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_CONFIG,
               "must be at most %u ranges",
               SIGHEJ_QUIET_HOURS_MAX);
  return FALSE;
}

static gboolean
check_adapter (const char *value, GError **error)
{
  if (*value != '\0' && strlen (value) <= 255 && g_utf8_validate (value, -1, NULL)
      && (strchr (value, '/') == NULL || g_variant_is_object_path (value)))
    return TRUE;

  g_set_error_literal (error,
                       SIGHEJ_ERROR,
                       SIGHEJ_ERROR_CONFIG,
                       "must be auto, a name such as hci0 or a path such as /org/bluez/hci0");
  return FALSE;
}

const SighejConfigKey sighej_settings_keys[] = {
  { .group = "Presence",
    .key = "DefaultDuration",
    .type = SIGHEJ_CONFIG_DURATION_SECONDS,
    .default_value = "2h",
    .minimum = SIGHEJ_OPEN_SECONDS_MIN,
    .maximum = SIGHEJ_OPEN_SECONDS_MAX,
    .unit = "seconds",
    .help = "How long an opening lasts when nothing else is said." },
  { .group = "Presence",
    .key = "PauseOnLock",
    .type = SIGHEJ_CONFIG_BOOLEAN,
    .default_value = "true",
    .help = "Go silent while the screen is locked." },
  { .group = "Presence",
    .key = "CloseOnLock",
    .type = SIGHEJ_CONFIG_BOOLEAN,
    .default_value = "false",
    .help = "Close when the screen is locked." },
  { .group = "Presence",
    .key = "MaxNudgesPerHour",
    .type = SIGHEJ_CONFIG_INTEGER,
    .default_value = "6",
    .minimum = 0,
    .maximum = SIGHEJ_NUDGES_PER_HOUR_MAX,
    .unit = "nudges",
    .help = "After so many within an hour the daemon goes silent until the hour is over." },
  { .group = "Presence",
    .key = "QuietHours",
    .type = SIGHEJ_CONFIG_STRING_LIST,
    .default_value = "",
    .check = check_quiet_hours,
    .help = "Local times in which the daemon goes silent, such as 22:00-08:00." },
  { .group = "Bluetooth",
    .key = "Radio",
    .type = SIGHEJ_CONFIG_ENUM,
    .default_value = "auto",
    .choices = "auto|bluez|sim|none",
    .help = "The radio to use; the simulated one is never chosen by itself." },
  { .group = "Bluetooth",
    .key = "Adapter",
    .type = SIGHEJ_CONFIG_STRING,
    .default_value = "auto",
    .check = check_adapter,
    .help = "The adapter to use, such as hci0." },
  { .group = "Bluetooth",
    .key = "RfkillFolder",
    .type = SIGHEJ_CONFIG_STRING,
    .default_value = "/sys/class/rfkill",
    .help = "Where the kernel shows the switches of radios; elsewhere in some containers." },
  { .group = "Bluetooth",
    .key = "ManagePower",
    .type = SIGHEJ_CONFIG_BOOLEAN,
    .default_value = "false",
    .help = "Switch an adapter that is stuck off and on again, at most once an hour; for kiosks." },
  { .group = "Bluetooth",
    .key = "TxCalibration",
    .type = SIGHEJ_CONFIG_INTEGER,
    .default_value = "-59",
    .minimum = SIGHEJ_BAND_TX_CAL_MIN_DBM,
    .maximum = SIGHEJ_BAND_TX_CAL_MAX_DBM,
    .unit = "dBm",
    .help
    = "What a reference receiver reads of this machine at one metre; rounded to -71, -68 … -50." },
  { .group = "Bluetooth",
    .key = "ReceiveAdjustment",
    .type = SIGHEJ_CONFIG_INTEGER,
    .default_value = "0",
    .minimum = -SIGHEJ_RX_ADJUST_DB_MAX,
    .maximum = SIGHEJ_RX_ADJUST_DB_MAX,
    .unit = "dB",
    .help = "What this machine's receiver reads too little." },
  { .group = "Proximity",
    .key = "DwellSeconds",
    .type = SIGHEJ_CONFIG_INTEGER,
    .default_value = "20",
    .minimum = 1,
    .maximum = 60,
    .unit = "seconds",
    .help = "How long someone must have been near before the backend is asked; shorter for "
            "demonstrations." },
  { .group = "Backend",
    .key = "Uri",
    .type = SIGHEJ_CONFIG_STRING,
    .default_value = SIGHEJ_DEFAULT_BACKEND,
    .check = check_uri,
    .help = "The matching backend; https, or http on this machine only." },
  { .group = "Backend",
    .key = "ConnectTimeoutSeconds",
    .type = SIGHEJ_CONFIG_INTEGER,
    .default_value = "10",
    .minimum = 1,
    .maximum = 60,
    .unit = "seconds",
    .help = "How long each request to the backend may take." },
  { .group = "Backend",
    .key = "CaFile",
    .type = SIGHEJ_CONFIG_STRING,
    .default_value = "",
    .help = "Certificate authorities (PEM) to trust for the backend instead of the system's." },
  { .group = "Log",
    .key = "Level",
    .type = SIGHEJ_CONFIG_ENUM,
    .default_value = "info",
    .choices = "error|warning|message|info|debug",
    .help = "The least important messages that are still written." },
  { .group = NULL },
};

static gboolean
add_only_file (SighejConfig *config, const char *path, GError **error)
{
  /* An absent file is fine among the layers, but not when the person named it. */
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG, "there is no file %s", path);
      return FALSE;
    }

  return sighej_config_add_file (config, path, error);
}

/* Of the vendor and of the machine, by a name beginning with "/". */
static gboolean
add_machine_layers (SighejConfig *config, const char *name, GError **error)
{
  g_autofree char *vendor = g_strconcat (SIGHEJ_VENDOR_CONF_DIR, name, NULL);
  g_autofree char *machine = g_strconcat (SIGHEJ_SYSCONF_DIR, name, NULL);
  g_autofree char *drop_ins = g_strconcat (machine, ".d", NULL);

  return sighej_config_add_file (config, vendor, error)
         && sighej_config_add_file (config, machine, error)
         && sighej_config_add_drop_ins (config, drop_ins, error);
}

static gboolean
add_layers (SighejConfig *config, gboolean for_person, GError **error)
{
  g_autofree char *own
      = g_build_filename (g_get_user_config_dir (), "sighej", PERSON_FILE_NAME, NULL);

  if (!for_person)
    return add_machine_layers (config, "/" KIOSK_FILE_NAME, error);

  return add_machine_layers (config, "/" PERSON_FILE_NAME, error)
         && sighej_config_add_file (config, own, error);
}

SighejConfig *
sighej_settings_load (const char *only_file, gboolean for_person, GError **error)
{
  g_autoptr (SighejConfig) config = sighej_config_new (sighej_settings_keys);

  if (only_file != NULL ? !add_only_file (config, only_file, error)
                        : !add_layers (config, for_person, error))
    return NULL;

  return g_steal_pointer (&config);
}

static gboolean
needs_restart (const SighejConfigKey *key)
{
  static const char *const keys[] = { "Radio", "RfkillFolder", "CaFile", NULL };

  return g_strv_contains (keys, key->key);
}

char *
sighej_settings_take (SighejConfig *config, SighejConfig *fresh)
{
  g_autofree char *waiting = sighej_config_keep (fresh, config, needs_restart);

  sighej_config_replace (config, fresh);
  return g_steal_pointer (&waiting);
}
