/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-admin"

#include "config.h"

#include "sighej-admin.h"

#include <string.h>

#include <glib/gstdio.h>

#include "sighej-credential.h"
#include "sighej-crypto.h"

#define CREDENTIAL "admin-token"
#define TOKEN_CHARS_MIN 16
#define TOKEN_CHARS_MAX 256
#define OTHERS_MAY_READ 0007

struct _SighejAdmin
{
  gboolean has_token;
  guint8 hash[SIGHEJ_SHA256_BYTES];
};

static gboolean
refuse (GError **error, const char *path, const char *why)
{
  g_set_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG, "admin token file %s: %s", path, why);
  return FALSE;
}

static gboolean
take_token (SighejAdmin *self, const char *path, char *token, GError **error)
{
  gsize n;

  g_strstrip (token);
  n = strlen (token);
  if (n < TOKEN_CHARS_MIN || n > TOKEN_CHARS_MAX)
    return refuse (error, path, "the token must be 16 to 256 characters");
  for (gsize i = 0; i < n; i++)
    if (!g_ascii_isgraph (token[i]))
      return refuse (error, path, "the token must be one word of ASCII characters");

  sighej_sha256 ((const guint8 *) token, n, self->hash);
  self->has_token = TRUE;
  return TRUE;
}

static gboolean
read_token (SighejAdmin *self, const char *path, GError **error)
{
  g_autoptr (GError) cause = NULL;
  char *token = NULL;
  GStatBuf info;
  gboolean good;

  if (g_stat (path, &info) == 0 && (info.st_mode & OTHERS_MAY_READ) != 0)
    return refuse (error, path, "others may read it; run chmod o-rwx on it");
  if (!g_file_get_contents (path, &token, NULL, &cause))
    return refuse (error, path, cause->message);
  good = take_token (self, path, token, error);
  sighej_wipe_free_string (token);
  return good;
}

SighejAdmin *
sighej_admin_new (const char *file, GError **error)
{
  g_autoptr (SighejAdmin) self = g_new0 (SighejAdmin, 1);
  g_autofree char *path = NULL;

  if (!sighej_credential_find (CREDENTIAL, &path, error))
    return NULL;
  if (path == NULL && file != NULL && file[0] != '\0')
    path = g_strdup (file);
  if (path != NULL && !read_token (self, path, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
sighej_admin_free (SighejAdmin *self)
{
  sighej_wipe (self->hash, sizeof self->hash);
  g_free (self);
}

gboolean
sighej_admin_has_token (SighejAdmin *self)
{
  return self->has_token;
}

gboolean
sighej_admin_check (SighejAdmin *self, const char *bearer)
{
  guint8 hash[SIGHEJ_SHA256_BYTES];

  if (!self->has_token)
    return TRUE;
  if (bearer == NULL)
    return FALSE;
  sighej_sha256 ((const guint8 *) bearer, strlen (bearer), hash);
  return sighej_equal_constant_time (hash, self->hash, sizeof hash);
}
