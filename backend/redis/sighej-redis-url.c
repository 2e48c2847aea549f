/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-redis"

#include "config.h"

#include "sighej-redis-url.h"

#include <string.h>
#include <sys/un.h>

#include "sighej-crypto.h"
#include "sighej-error.h"

#define SCHEME_REDIS "redis://"
#define SCHEME_SENTINEL "redis+sentinel://"
#define SCHEME_UNIX "unix://"
#define FORMS                                                                                      \
  "redis://[user:password@]host[:port][/db], unix:///path?db=N or "                                \
  "redis+sentinel://host1:26379,host2:26379/NAME[/db]"
#define UNIX_PATH_BYTES_MAX (sizeof ((struct sockaddr_un *) NULL)->sun_path - 1)
#define HOST_BYTES_MAX 253
#define HOST_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"
#define HIDDEN "***"

/* ---- values ---- */

void
sighej_redis_place_copy (SighejRedisPlace *to, const SighejRedisPlace *from)
{
  to->path = g_strdup (from->path);
  to->host = g_strdup (from->host);
  to->port = from->port;
}

void
sighej_redis_place_clear (SighejRedisPlace *place)
{
  g_clear_pointer (&place->path, g_free);
  g_clear_pointer (&place->host, g_free);
}

char *
sighej_redis_place_to_text (const SighejRedisPlace *place)
{
  if (place->path != NULL)
    return g_strconcat ("unix:", place->path, NULL);
  return g_strdup_printf (
      strchr (place->host, ':') != NULL ? "[%s]:%u" : "%s:%u", place->host, place->port);
}

void
sighej_redis_url_free (SighejRedisUrl *url)
{
  for (guint i = 0; i < url->n_places; i++)
    sighej_redis_place_clear (&url->places[i]);
  g_free (url->master);
  g_free (url->user);
  sighej_wipe_free_string (url->password);
  g_free (url);
}

SighejRedisUrl *
sighej_redis_url_copy (const SighejRedisUrl *url)
{
  SighejRedisUrl *copy = g_new0 (SighejRedisUrl, 1);

  for (guint i = 0; i < url->n_places; i++)
    sighej_redis_place_copy (&copy->places[i], &url->places[i]);
  copy->n_places = url->n_places;
  copy->master = g_strdup (url->master);
  copy->user = g_strdup (url->user);
  copy->password = g_strdup (url->password);
  copy->database = url->database;
  return copy;
}

/* ---- parsing ---- */

static gboolean G_GNUC_PRINTF (2, 3) refuse (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (error,
                     g_error_new_valist (SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG, format, arguments));
  va_end (arguments);
  return FALSE;
}

/* Undoes %XX. @what: for the message. */
static gboolean
decode (const char *from, gsize n_bytes, const char *what, char **out, GError **error)
{
  char *decoded = g_uri_unescape_segment (from, from + n_bytes, NULL);

  if (decoded == NULL)
    return refuse (error, "the %s has a %% that no two hex digits follow; write %%25 for it", what);
  if (strlen (decoded) > SIGHEJ_REDIS_SECRET_BYTES_MAX)
    {
      sighej_wipe_free_string (decoded);
      return refuse (error, "the %s is longer than %d bytes", what, SIGHEJ_REDIS_SECRET_BYTES_MAX);
    }
  *out = decoded;
  return TRUE;
}

/* "user:password" or ":password". */
static gboolean
parse_credentials (SighejRedisUrl *url, const char *from, gsize n_bytes, GError **error)
{
  const char *colon = memchr (from, ':', n_bytes);
  gsize n_user = colon != NULL ? (gsize) (colon - from) : n_bytes;

  if (colon == NULL || n_user + 1 == n_bytes)
    return refuse (error, "there is a user and no password; write user:password@ or :password@");
  if (n_user > 0 && !decode (from, n_user, "user", &url->user, error))
    return FALSE;
  return decode (colon + 1, n_bytes - n_user - 1, "password", &url->password, error);
}

static gboolean
parse_database (SighejRedisUrl *url, const char *text, GError **error)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, 0, SIGHEJ_REDIS_DATABASE_MAX, &number, NULL))
    return refuse (error,
                   "the database is no number from 0 to %d; Redis counts its databases",
                   SIGHEJ_REDIS_DATABASE_MAX);
  url->database = (guint) number;
  return TRUE;
}

static gboolean
parse_port (const char *text, guint16 *port, GError **error)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT16, &number, NULL))
    return refuse (error,
                   "the port is no number from 1 to 65535; write %%3A, %%2F and %%40 for the :, / "
                   "and @ of a password");
  *port = (guint16) number;
  return TRUE;
}

/* "[address]" at the start of @text; @rest: what follows. */
static char *
parse_brackets (const char *text, const char **rest, GError **error)
{
  const char *end = strchr (text, ']');
  g_autofree char *inner = end != NULL ? g_strndup (text + 1, (gsize) (end - text - 1)) : NULL;
  g_autoptr (GInetAddress) address = inner != NULL ? g_inet_address_new_from_string (inner) : NULL;

  if (address == NULL || g_inet_address_get_family (address) != G_SOCKET_FAMILY_IPV6)
    {
      refuse (error, "there is no IPv6 address between [ and ]; write for instance [::1]:6379");
      return NULL;
    }
  *rest = end + 1;
  return g_steal_pointer (&inner);
}

static char *
parse_host (const char *text, const char **rest, GError **error)
{
  gsize n_bytes = strcspn (text, ":");

  *rest = text + n_bytes;
  if (**rest == ':' && strchr (*rest + 1, ':') != NULL)
    refuse (error, "there are several colons after the host; write [ and ] around an IPv6 address");
  else if (n_bytes == 0)
    refuse (error,
            "there is no host; write one of " FORMS ", with %%40 and %%2F for the @ and / of a "
            "password");
  else if (n_bytes > HOST_BYTES_MAX || strspn (text, HOST_CHARACTERS) != n_bytes)
    refuse (error,
            "the host is neither a name nor an address; write %%40 and %%2F for the @ and / of a "
            "password");
  else
    return g_strndup (text, n_bytes);
  return NULL;
}

static gboolean
parse_place (SighejRedisUrl *url, const char *text, guint16 default_port, GError **error)
{
  SighejRedisPlace *place = &url->places[url->n_places];
  const char *rest = NULL;

  if (url->n_places == SIGHEJ_REDIS_PLACES_MAX)
    return refuse (error, "there are more than %d sentinels", SIGHEJ_REDIS_PLACES_MAX);
  place->host
      = text[0] == '[' ? parse_brackets (text, &rest, error) : parse_host (text, &rest, error);
  if (place->host == NULL)
    return FALSE;
  url->n_places++;
  place->port = default_port;
  if (*rest == '\0')
    return TRUE;
  if (*rest != ':')
    return refuse (error, "after ] there is neither : nor /");
  return parse_port (rest + 1, &place->port, error);
}

/* Cuts "credentials@hosts/path" into the credentials, which are taken, and the hosts; @path: what
 * follows the first slash. */
static gboolean
parse_authority (
    SighejRedisUrl *url, const char *text, char **hosts, const char **path, GError **error)
{
  gsize n_bytes = strcspn (text, "/");
  const char *at = memrchr (text, '@', n_bytes);
  const char *start = at != NULL ? at + 1 : text;

  if (strpbrk (text, "?#") != NULL)
    return refuse (error,
                   "this form has no ? and no #; write %%3F and %%23 for those of a password, and "
                   "the database as /N");
  if (at != NULL && !parse_credentials (url, text, (gsize) (at - text), error))
    return FALSE;
  *hosts = g_strndup (start, n_bytes - (gsize) (start - text));
  *path = text[n_bytes] == '/' ? text + n_bytes + 1 : text + n_bytes;
  return TRUE;
}

static gboolean
parse_plain (SighejRedisUrl *url, const char *text, GError **error)
{
  g_autofree char *hosts = NULL;
  const char *path;

  if (!parse_authority (url, text, &hosts, &path, error))
    return FALSE;
  if (strchr (hosts, ',') != NULL)
    return refuse (error,
                   "there are several hosts; write redis+sentinel:// when they are sentinels");
  return parse_place (url, hosts, SIGHEJ_REDIS_PORT, error)
         && (*path == '\0' || parse_database (url, path, error));
}

static gboolean
parse_sentinel (SighejRedisUrl *url, const char *text, GError **error)
{
  g_autofree char *hosts = NULL;
  g_auto (GStrv) parts = NULL;
  const char *path, *slash;

  if (!parse_authority (url, text, &hosts, &path, error))
    return FALSE;
  parts = g_strsplit (hosts, ",", SIGHEJ_REDIS_PLACES_MAX + 1);
  for (guint i = 0; i == 0 || parts[i] != NULL; i++)
    if (!parse_place (url, parts[i] != NULL ? parts[i] : "", SIGHEJ_REDIS_SENTINEL_PORT, error))
      return FALSE;
  slash = strchrnul (path, '/');
  if (slash == path)
    return refuse (error,
                   "the master's name is missing; write "
                   "redis+sentinel://host1:26379,host2:26379/NAME");
  return decode (path, (gsize) (slash - path), "master's name", &url->master, error)
         && (*slash == '\0' || parse_database (url, slash + 1, error));
}

/* One "key=value" of a UNIX socket's URL. */
static gboolean
parse_parameter (SighejRedisUrl *url, const char *pair, GError **error)
{
  const char *value = strchrnul (pair, '=');
  gsize n_key = (gsize) (value - pair);

  value += *value == '=' ? 1 : 0;
  if (n_key == 2 && strncmp (pair, "db", n_key) == 0)
    return parse_database (url, value, error);
  if (n_key == 4 && strncmp (pair, "user", n_key) == 0 && url->user == NULL && *value != '\0')
    return decode (value, strlen (value), "user", &url->user, error);
  if (n_key == 8 && strncmp (pair, "password", n_key) == 0 && url->password == NULL
      && *value != '\0')
    return decode (value, strlen (value), "password", &url->password, error);
  return refuse (error,
                 "after ? there is something else than db=N, user=U and password=P, each once; "
                 "write %%26 for the & of a password");
}

static gboolean
parse_unix (SighejRedisUrl *url, const char *text, GError **error)
{
  gsize n_path = strcspn (text, "?");
  g_auto (GStrv) pairs = text[n_path] == '?' ? g_strsplit (text + n_path + 1, "&", 4) : NULL;
  SighejRedisPlace *place = &url->places[url->n_places++];

  if (text[0] != '/' || memchr (text, '#', n_path) != NULL)
    return refuse (error, "there is no path of a socket; write unix:///path?db=N");
  if (!decode (text, n_path, "path", &place->path, error))
    return FALSE;
  if (strlen (place->path) > UNIX_PATH_BYTES_MAX)
    return refuse (
        error, "the path of the socket is longer than %zu bytes", (gsize) UNIX_PATH_BYTES_MAX);
  for (guint i = 0; pairs != NULL && pairs[i] != NULL; i++)
    if (!parse_parameter (url, pairs[i], error))
      return FALSE;
  if (url->user != NULL && url->password == NULL)
    return refuse (error, "there is a user and no password; add &password=P");
  return TRUE;
}

static gboolean
parse_scheme (SighejRedisUrl *url, const char *text, GError **error)
{
  if (strlen (text) > SIGHEJ_REDIS_URL_BYTES_MAX)
    return refuse (error, "the URL is longer than %d bytes", SIGHEJ_REDIS_URL_BYTES_MAX);
  if (!g_utf8_validate (text, -1, NULL))
    return refuse (error, "the URL is not UTF-8; write %%XX for other bytes");
  if (g_str_has_prefix (text, SCHEME_REDIS))
    return parse_plain (url, text + strlen (SCHEME_REDIS), error);
  if (g_str_has_prefix (text, SCHEME_SENTINEL))
    return parse_sentinel (url, text + strlen (SCHEME_SENTINEL), error);
  if (g_str_has_prefix (text, SCHEME_UNIX))
    return parse_unix (url, text + strlen (SCHEME_UNIX), error);
  if (g_str_has_prefix (text, "rediss://") || g_str_has_prefix (text, "rediss+sentinel://"))
    return refuse (error,
                   "this build's hiredis has no TLS; put stunnel or a UNIX socket in front, or use "
                   "a private network");
  return refuse (error, "the URL is of no form we know; write " FORMS);
}

SighejRedisUrl *
sighej_redis_url_parse (const char *text, GError **error)
{
  g_autoptr (SighejRedisUrl) url = g_new0 (SighejRedisUrl, 1);

  g_return_val_if_fail (text != NULL, NULL);

  return parse_scheme (url, text, error) ? g_steal_pointer (&url) : NULL;
}

gboolean
sighej_redis_url_check (const char *text, GError **error)
{
  g_autoptr (SighejRedisUrl) url = text[0] != '\0' ? sighej_redis_url_parse (text, error) : NULL;

  if (text[0] == '\0' || url != NULL)
    return TRUE;
  g_prefix_error (error, "is wrong: ");
  return FALSE;
}

/* ---- showing ---- */

static void
append_escaped (GString *text, const char *value)
{
  g_string_append_uri_escaped (text, value, NULL, FALSE);
}

static char *
unix_to_text (const SighejRedisUrl *url)
{
  GString *text = g_string_new (SCHEME_UNIX);

  g_string_append_uri_escaped (text, url->places[0].path, "/", FALSE);
  g_string_append_printf (text, "?db=%u", url->database);
  if (url->user != NULL)
    append_escaped (g_string_append (text, "&user="), url->user);
  if (url->password != NULL)
    g_string_append (text, "&password=" HIDDEN);
  return g_string_free (text, FALSE);
}

char *
sighej_redis_url_to_text (const SighejRedisUrl *url)
{
  GString *text;

  if (url->places[0].path != NULL)
    return unix_to_text (url);
  text = g_string_new (url->master != NULL ? SCHEME_SENTINEL : SCHEME_REDIS);
  if (url->user != NULL)
    append_escaped (text, url->user);
  if (url->password != NULL)
    g_string_append (text, ":" HIDDEN "@");
  for (guint i = 0; i < url->n_places; i++)
    {
      g_autofree char *place = sighej_redis_place_to_text (&url->places[i]);

      g_string_append_printf (text, "%s%s", i > 0 ? "," : "", place);
    }
  if (url->master != NULL)
    append_escaped (g_string_append_c (text, '/'), url->master);
  g_string_append_printf (text, "/%u", url->database);
  return g_string_free (text, FALSE);
}

char *
sighej_redis_url_dup_shown (const char *text)
{
  g_autoptr (SighejRedisUrl) url = text[0] != '\0' ? sighej_redis_url_parse (text, NULL) : NULL;

  if (url != NULL)
    return sighej_redis_url_to_text (url);
  return g_strdup (text[0] != '\0' ? HIDDEN : "");
}
