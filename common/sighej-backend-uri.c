/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-backend-uri.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#define URI_BYTES_MAX 2048

static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return g_ascii_strcasecmp (host, "localhost") == 0
         || (address != NULL && g_inet_address_get_is_loopback (address));
}

static const char *
find_fault (GUri *uri)
{
  const char *host = g_uri_get_host (uri);
  gboolean plain = g_str_equal (g_uri_get_scheme (uri), "http");

  if (!plain && !g_str_equal (g_uri_get_scheme (uri), "https"))
    return N_ ("it must begin with https://");
  if (host == NULL || *host == '\0')
    return N_ ("it names no host");
  if (g_uri_get_port (uri) == 0)
    return N_ ("its port must be 1 to 65535");
  if (g_uri_get_userinfo (uri) != NULL)
    return N_ ("it must not hold a user name or password");
  if (g_uri_get_query (uri) != NULL || g_uri_get_fragment (uri) != NULL)
    return N_ ("it must not hold \"?\" or \"#\"");
  if (plain && !is_loopback (host))
    return N_ ("http:// is only for this machine itself: use https://");
  return NULL;
}

const char *
sighej_backend_uri_find_fault (const char *uri)
{
  g_autoptr (GUri) parsed = NULL;

  if (strlen (uri) <= URI_BYTES_MAX)
    parsed = g_uri_parse (uri, G_URI_FLAGS_NONE, NULL);
  return parsed != NULL ? find_fault (parsed) : N_ ("it is not an address");
}
