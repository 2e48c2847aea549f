/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-autostart.h"

#include <errno.h>
#include <glib/gstdio.h>

#define FILE_NAME "org.sighej.SigHej.desktop"
#define FOLDER_MODE 0700
#define GNOME_KEY "X-GNOME-Autostart-enabled"

static char *
dup_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "autostart", FILE_NAME, NULL);
}

gboolean
sighej_autostart_get (void)
{
  g_autofree char *path = dup_path ();
  g_autoptr (GKeyFile) entry = g_key_file_new ();
  const char *group = G_KEY_FILE_DESKTOP_GROUP;

  if (!g_key_file_load_from_file (entry, path, G_KEY_FILE_NONE, NULL))
    return FALSE;

  return !g_key_file_get_boolean (entry, group, G_KEY_FILE_DESKTOP_KEY_HIDDEN, NULL)
         && (!g_key_file_has_key (entry, group, GNOME_KEY, NULL)
             || g_key_file_get_boolean (entry, group, GNOME_KEY, NULL));
}

static gboolean
write_entry (const char *path, const char *program, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GKeyFile) entry = g_key_file_new ();
  const char *group = G_KEY_FILE_DESKTOP_GROUP;

  if (g_mkdir_with_parents (folder, FOLDER_MODE) != 0)
    {
      int saved = errno;

      g_set_error (error,
                   G_FILE_ERROR,
                   (int) g_file_error_from_errno (saved),
                   "cannot make %s: %s",
                   folder,
                   g_strerror (saved));
      return FALSE;
    }

  g_key_file_set_string (entry, group, G_KEY_FILE_DESKTOP_KEY_TYPE, "Application");
  g_key_file_set_string (entry, group, G_KEY_FILE_DESKTOP_KEY_NAME, "SigHej");
  g_key_file_set_string (entry, group, G_KEY_FILE_DESKTOP_KEY_EXEC, program);
  g_key_file_set_string (entry, group, G_KEY_FILE_DESKTOP_KEY_ICON, "org.sighej.SigHej");
  return g_key_file_save_to_file (entry, path, error);
}

gboolean
sighej_autostart_set (gboolean on, const char *program, GError **error)
{
  g_autofree char *path = dup_path ();

  if (on)
    return write_entry (path, program, error);
  if (g_unlink (path) == 0 || errno == ENOENT)
    return TRUE;

  g_set_error (error,
               G_FILE_ERROR,
               (int) g_file_error_from_errno (errno),
               "cannot remove %s: %s",
               path,
               g_strerror (errno));
  return FALSE;
}
