/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-state-file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "sighej-crypto.h"

#define FILE_MODE 0600
#define FOLDER_MODE 0700

char *
sighej_state_file_read (const char *path, GError **error)
{
  g_autofree char *text = g_malloc0 (SIGHEJ_STATE_FILE_BYTES_MAX + 2);
  FILE *file = g_fopen (path, "re");
  gboolean is_broken;
  gsize n_bytes;
  char *copy;

  if (file == NULL && errno == ENOENT)
    return NULL;
  if (file == NULL)
    {
      g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED, g_strerror (errno));
      return NULL;
    }

  /* No second copy in the stream: a file may hold a key. */
  setvbuf (file, NULL, _IONBF, 0);
  n_bytes = fread (text, 1, SIGHEJ_STATE_FILE_BYTES_MAX + 1, file);
  is_broken = ferror (file) != 0 || n_bytes > SIGHEJ_STATE_FILE_BYTES_MAX
              || memchr (text, '\0', n_bytes) != NULL;
  fclose (file);
  copy = is_broken ? NULL : g_strdup (text);
  sighej_wipe (text, n_bytes);
  if (is_broken)
    g_set_error_literal (
        error, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED, "it is unreadable, too large or not text");
  return copy;
}

gboolean
sighej_state_file_write (const char *path, const char *text, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) local = NULL;

  if (g_mkdir_with_parents (folder, FOLDER_MODE) != 0)
    {
      g_set_error (error,
                   SIGHEJ_ERROR,
                   SIGHEJ_ERROR_FAILED,
                   "cannot make the folder %s: %s",
                   folder,
                   g_strerror (errno));
      return FALSE;
    }

  if (!g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, FILE_MODE, &local))
    {
      g_set_error (error,
                   SIGHEJ_ERROR,
                   SIGHEJ_ERROR_FAILED,
                   "cannot keep it on the disk: %s",
                   local->message);
      return FALSE;
    }

  return TRUE;
}

/* FALSE: it is still there. Of several only the first sets @error. */
static gboolean
delete_one (const char *path, GError **error)
{
  if (g_unlink (path) == 0 || errno == ENOENT)
    return TRUE;

  if (error != NULL && *error == NULL)
    g_set_error (
        error, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED, "cannot delete %s: %s", path, g_strerror (errno));
  return FALSE;
}

gboolean
sighej_state_file_delete (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *prefix = g_strconcat (name, ".", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  gboolean deleted = delete_one (path, error);
  const char *found;

  /* Both `….bad` and the temporary names of g_file_set_contents() begin with the file's own. */
  while (dir != NULL && (found = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (found, prefix))
      {
        g_autofree char *beside = g_build_filename (folder, found, NULL);

        deleted &= delete_one (beside, error);
      }
  return deleted;
}

void
sighej_state_file_put_aside (const char *path, const GError *why)
{
  g_autofree char *aside = g_strconcat (path, ".bad", NULL);

  if (g_rename (path, aside) == 0)
    g_warning (
        "%s cannot be understood (%s): it is kept as %s and not used", path, why->message, aside);
  else
    g_warning ("%s cannot be understood (%s) and is not used", path, why->message);
}
