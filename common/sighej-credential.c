/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-credential.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "sighej-names.h"

/* Shorter is none: a line's end is not a secret. */
#define CREDENTIAL_BYTES_MIN 2

static gboolean
refuse (GError **error, const char *name, const char *where, const char *why)
{
  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_CONFIG,
               "credential %s: %s: %s; correct " SIGHEJ_ENV_CREDENTIALS_DIRECTORY
               " or let the service's user read it",
               name,
               where,
               why);
  return FALSE;
}

/* @path: (transfer full) */
static gboolean
take (const char *name, char *path, const GStatBuf *info, char **found, GError **error)
{
  g_autofree char *owned = path;

  if (!S_ISREG (info->st_mode))
    return refuse (error, name, path, "it is not a file");
  if (g_access (path, R_OK) != 0)
    return refuse (error, name, path, g_strerror (errno));
  if (info->st_size >= CREDENTIAL_BYTES_MIN)
    *found = g_steal_pointer (&owned);
  return TRUE;
}

gboolean
sighej_credential_find (const char *name, char **path, GError **error)
{
  const char *folder = g_getenv (SIGHEJ_ENV_CREDENTIALS_DIRECTORY);
  g_autofree char *wanted = NULL;
  GStatBuf info;

  *path = NULL;
  if (folder == NULL || folder[0] == '\0')
    return TRUE;
  /* A folder out of reach looks like one without the file: that must not pass for "not given". */
  if (g_access (folder, X_OK) != 0)
    return refuse (error, name, folder, g_strerror (errno));
  wanted = g_build_filename (folder, name, NULL);
  if (g_stat (wanted, &info) == 0)
    return take (name, g_steal_pointer (&wanted), &info, path, error);
  return errno == ENOENT || refuse (error, name, wanted, g_strerror (errno));
}
