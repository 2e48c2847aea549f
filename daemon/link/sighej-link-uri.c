/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-link"

#include "config.h"

#include "sighej-backend-uri.h"
#include "sighej-error.h"
#include "sighej-link.h"

gboolean
sighej_link_check_uri (const char *uri, GError **error)
{
  const char *fault = sighej_backend_uri_find_fault (uri);

  if (fault == NULL)
    return TRUE;

  g_set_error (
      error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG, "the backend's address cannot be used: %s", fault);
  return FALSE;
}

char *
sighej_link_dup_host (const char *uri)
{
  g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_NONE, NULL);

  g_return_val_if_fail (parsed != NULL && g_uri_get_host (parsed) != NULL, g_strdup (""));

  return g_ascii_strdown (g_uri_get_host (parsed), -1);
}
