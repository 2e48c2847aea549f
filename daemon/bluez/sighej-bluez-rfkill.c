/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-bluez"

#include "config.h"

#include "sighej-bluez-rfkill.h"

#define SWITCHES_MAX 64

static char *
read_word (const char *folder, const char *entry, const char *file)
{
  g_autofree char *path = g_build_filename (folder, entry, file, NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;

  return g_strdup (g_strstrip (text));
}

static gboolean
is_set (const char *folder, const char *entry, const char *file)
{
  g_autofree char *word = read_word (folder, entry, file);

  return g_strcmp0 (word, "1") == 0;
}

/* Each adapter has a switch of its own name; others ("tpacpi_bluetooth_sw") stand for all. */
static gboolean
concerns (const char *folder, const char *entry, const char *adapter)
{
  g_autofree char *type = read_word (folder, entry, "type");
  g_autofree char *name = read_word (folder, entry, "name");

  if (g_strcmp0 (type, "bluetooth") != 0 || name == NULL)
    return FALSE;

  return !g_str_has_prefix (name, "hci") || g_strcmp0 (name, adapter) == 0;
}

SighejReason
sighej_bluez_rfkill_read (const char *folder, const char *adapter)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  SighejReason reason = SIGHEJ_REASON_NONE;
  const char *entry;

  if (dir == NULL)
    return SIGHEJ_REASON_NONE;

  for (guint i = 0; i < SWITCHES_MAX && (entry = g_dir_read_name (dir)) != NULL; i++)
    {
      if (!concerns (folder, entry, adapter))
        continue;
      if (is_set (folder, entry, "hard"))
        return SIGHEJ_REASON_BLUETOOTH_BLOCKED_HARD;
      if (is_set (folder, entry, "soft"))
        reason = SIGHEJ_REASON_BLUETOOTH_BLOCKED_SOFT;
    }

  return reason;
}
