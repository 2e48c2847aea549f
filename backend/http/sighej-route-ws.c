/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-route-ws"

#include "config.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-names.h"
#include "sighej-routes.h"
#include "sighej-server.h"
#include "sighej-soup-carrier.h"

#define WS_VERSION "13"
#define WS_KEY_BYTES 16
#define WS_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455 section 1.3 */

/* What goes to the hub once the 101 has been written. */
typedef struct
{
  SighejParts *parts;
  char *token;
  char *secret; /* (nullable) */
  SighejHubFlags flags;
} Upgrade;

static void
upgrade_free (gpointer data, GClosure *closure)
{
  Upgrade *upgrade = data;

  sighej_wipe_free_string (upgrade->token);
  sighej_wipe_free_string (upgrade->secret);
  g_free (upgrade);
}

/* ---- the handshake, RFC 6455 section 4.2 ---- */

static gboolean
header_contains (SighejExchange *exchange, const char *name, const char *token)
{
  SoupServerMessage *message
      = sighej_soup_carrier_get_message (sighej_exchange_get_carrier (exchange));

  return soup_message_headers_header_contains (
      soup_server_message_get_request_headers (message), name, token);
}

static gboolean
is_key (const char *text)
{
  g_autofree guchar *bytes = NULL;
  gsize n;

  /* base64 of 16 bytes is 24 characters. */
  if (text == NULL || strlen (text) != 24)
    return FALSE;
  bytes = g_base64_decode (text, &n);
  return n == WS_KEY_BYTES;
}

static gboolean
check_handshake (SighejExchange *exchange)
{
  const char *version = sighej_exchange_get_header (exchange, "Sec-WebSocket-Version");
  SoupServerMessage *message
      = sighej_soup_carrier_get_message (sighej_exchange_get_carrier (exchange));

  if (strcmp (soup_server_message_get_method (message), "GET") != 0
      || soup_server_message_get_http_version (message) != SOUP_HTTP_1_1
      || !header_contains (exchange, "Upgrade", "websocket")
      || !header_contains (exchange, "Connection", "Upgrade")
      || !is_key (sighej_exchange_get_header (exchange, "Sec-WebSocket-Key")))
    {
      sighej_exchange_refuse (
          exchange, SIGHEJ_ERROR_INVALID_REQUEST, "this path takes a WebSocket handshake only");
      return FALSE;
    }
  if (g_strcmp0 (version, WS_VERSION) != 0)
    {
      sighej_exchange_set_header (exchange, "Sec-WebSocket-Version", WS_VERSION);
      sighej_exchange_refuse (exchange,
                              SIGHEJ_ERROR_INVALID_REQUEST,
                              "only version 13 of the WebSocket protocol is spoken here");
      return FALSE;
    }
  return TRUE;
}

static void
set_accept (SighejExchange *exchange)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  const char *key = sighej_exchange_get_header (exchange, "Sec-WebSocket-Key");
  guint8 digest[20];
  gsize n = sizeof digest;
  g_autofree char *accept = NULL;

  g_checksum_update (checksum, (const guchar *) key, -1);
  g_checksum_update (checksum, (const guchar *) WS_GUID, -1);
  g_checksum_get_digest (checksum, digest, &n);
  accept = g_base64_encode (digest, n);
  sighej_exchange_set_header (exchange, "Upgrade", "websocket");
  sighej_exchange_set_header (exchange, "Connection", "Upgrade");
  sighej_exchange_set_header (exchange, "Sec-WebSocket-Accept", accept);
}

/* ---- who it is ---- */

/* `sighej.v1` is agreed to; `sighej.auth.<secret>` carries a secret and is never echoed. */
static void
read_protocols (SighejExchange *exchange, Upgrade *upgrade)
{
  const char *header = sighej_exchange_get_header (exchange, "Sec-WebSocket-Protocol");
  g_auto (GStrv) protocols = g_strsplit (header != NULL ? header : "", ",", -1);

  for (gsize i = 0; protocols[i] != NULL; i++)
    {
      const char *protocol = g_strstrip (protocols[i]);

      if (strcmp (protocol, SIGHEJ_WS_PROTOCOL) == 0)
        upgrade->flags |= SIGHEJ_HUB_RELIABLE;
      else if (upgrade->secret == NULL
               && g_str_has_prefix (protocol, SIGHEJ_WS_AUTH_PROTOCOL_PREFIX)
               && sighej_wire_is_token (protocol + strlen (SIGHEJ_WS_AUTH_PROTOCOL_PREFIX)))
        upgrade->secret = g_strdup (protocol + strlen (SIGHEJ_WS_AUTH_PROTOCOL_PREFIX));
      sighej_wipe (protocols[i], strlen (protocols[i]));
    }
  if (upgrade->flags & SIGHEJ_HUB_RELIABLE)
    sighej_exchange_set_header (exchange, "Sec-WebSocket-Protocol", SIGHEJ_WS_PROTOCOL);
}

static Upgrade *
upgrade_new (SighejExchange *exchange, SighejParts *parts)
{
  Upgrade *upgrade = g_new0 (Upgrade, 1);

  upgrade->parts = parts;
  upgrade->token = g_strdup (sighej_exchange_get_parameter (exchange));
  upgrade->secret = sighej_exchange_dup_bearer (exchange);
  if (sighej_service_get_auth_mode (parts->service) == SIGHEJ_AUTH_LEGACY)
    upgrade->flags |= SIGHEJ_HUB_LEGACY;
  read_protocols (exchange, upgrade);
  return upgrade;
}

/* ---- handing over ---- */

static void
on_switched (SoupServerMessage *message, gpointer user_data)
{
  Upgrade *upgrade = user_data;
  g_autoptr (SighejGuardStream) guard = sighej_server_dup_guard (message);
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (GBytes) early = NULL;
  SighejTicket *ticket = NULL;
  int fd = sighej_guard_stream_steal_fd (guard, &early, &ticket);

  /* Stealing may free the message, and with it this closure's data. */
  if (fd >= 0)
    {
      if (ticket != NULL)
        g_hash_table_insert (upgrade->parts->tickets, GINT_TO_POINTER (fd), ticket);
      sighej_hub_adopt (
          upgrade->parts->hub, fd, early, upgrade->token, upgrade->secret, upgrade->flags);
    }
  stream = soup_server_message_steal_connection (message);
  g_io_stream_close (stream, NULL, NULL);
}

void
sighej_route_ws (SighejExchange *exchange, SighejParts *parts)
{
  if (!sighej_wire_is_token (sighej_exchange_get_parameter (exchange)))
    {
      sighej_exchange_refuse (exchange, SIGHEJ_ERROR_NOT_FOUND, "there is no such path");
      return;
    }
  if (!check_handshake (exchange))
    return;

  set_accept (exchange);
  g_signal_connect_data (sighej_soup_carrier_get_message (sighej_exchange_get_carrier (exchange)),
                         "wrote-informational",
                         G_CALLBACK (on_switched),
                         upgrade_new (exchange, parts),
                         upgrade_free,
                         0);
  sighej_exchange_answer_empty (exchange, SOUP_STATUS_SWITCHING_PROTOCOLS);
}
