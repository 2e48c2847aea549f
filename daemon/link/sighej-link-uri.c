/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-link"

#include "config.h"

#include "sighej-error.h"
#include "sighej-link.h"

#define URI_CHARS_MAX 2048

static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return g_ascii_strcasecmp (host, "localhost") == 0
         || (address != NULL && g_inet_address_get_is_loopback (address));
}

static const char *
find_uri_fault (GUri *uri)
{
  const char *host = g_uri_get_host (uri);
  gboolean plain = g_str_equal (g_uri_get_scheme (uri), "http");

  if (!plain && !g_str_equal (g_uri_get_scheme (uri), "https"))
    return "it must begin with https://";
  if (host == NULL || *host == '\0')
    return "it names no host";
  if (g_uri_get_port (uri) == 0)
    return "its port must be 1 to 65535";
  if (g_uri_get_userinfo (uri) != NULL)
    return "it must not hold a user name or password";
  if (g_uri_get_query (uri) != NULL || g_uri_get_fragment (uri) != NULL)
    return "it must not hold \"?\" or \"#\"";
  if (plain && !is_loopback (host))
    return "http:// is only for this machine itself: use https://";
  return NULL;
}

gboolean
sighej_link_check_uri (const char *uri, GError **error)
{
  g_autoptr (GUri) parsed = NULL;
  const char *fault = "it is not an address";

  if (strlen (uri) <= URI_CHARS_MAX)
    parsed = g_uri_parse (uri, G_URI_FLAGS_NONE, NULL);
  if (parsed != NULL)
    fault = find_uri_fault (parsed);
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
