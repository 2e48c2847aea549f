/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-route-session"

#include "config.h"

#include "sighej-crypto.h"
#include "sighej-routes.h"

/* What a route needs again after the session has been found. */
typedef struct
{
  SighejExchange *exchange;
  SighejParts *parts;
} Asking;

static Asking *
asking_new (SighejExchange *exchange, SighejParts *parts)
{
  Asking *asking = g_new0 (Asking, 1);

  asking->exchange = sighej_exchange_ref (exchange);
  asking->parts = parts;
  return asking;
}

static void
asking_free (Asking *asking)
{
  sighej_exchange_unref (asking->exchange);
  g_free (asking);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Asking, asking_free)

/* ---- POST ---- */

static void
on_opened (const SighejWireSessionAnswer *answer, const GError *error, gpointer user_data)
{
  g_autoptr (Asking) opening = user_data;
  SighejExchange *exchange = opening->exchange;

  SighejQuota quota;

  if (sighej_service_get_session_quota (
          opening->parts->service, sighej_exchange_get_address (exchange), error, &quota))
    sighej_exchange_set_quota (exchange, &quota);
  if (error != NULL)
    {
      sighej_exchange_answer_error (exchange, error);
      return;
    }
  sighej_exchange_set_made (exchange, answer->session_id, answer->expires_at_us);
  sighej_exchange_answer_json (
      exchange, SOUP_STATUS_CREATED, sighej_wire_session_answer_write (answer));
}

void
sighej_route_session_open (SighejExchange *exchange, SighejParts *parts)
{
  g_autoptr (GBytes) body = sighej_exchange_dup_body (exchange);
  g_autoptr (SighejWireSessionRequest) request = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_bytes;
  const char *data = g_bytes_get_data (body, &n_bytes);

  request = sighej_wire_session_request_read (data, n_bytes, &error);
  if (request == NULL)
    sighej_exchange_answer_error (exchange, error);
  else
    sighej_service_open_session (parts->service,
                                 request,
                                 sighej_exchange_get_address (exchange),
                                 on_opened,
                                 asking_new (exchange, parts));
}

/* ---- GET and DELETE ---- */

static void
authenticate (SighejExchange *exchange, SighejParts *parts, SighejStoreFound found)
{
  char *secret = sighej_exchange_dup_bearer (exchange);

  if (secret == NULL)
    sighej_exchange_refuse (
        exchange, SIGHEJ_ERROR_UNAUTHORIZED, "send the session_secret as Authorization: Bearer");
  else
    sighej_service_authenticate (parts->service, secret, found, asking_new (exchange, parts));
  sighej_wipe_free_string (secret);
}

static void
on_found_to_show (const SighejStoreInfo *info, const GError *error, gpointer user_data)
{
  g_autoptr (Asking) asking = user_data;

  if (error != NULL)
    sighej_exchange_answer_error (asking->exchange, error);
  else
    sighej_exchange_answer_json (
        asking->exchange, SOUP_STATUS_OK, sighej_service_describe (asking->parts->service, info));
}

void
sighej_route_session_show (SighejExchange *exchange, SighejParts *parts)
{
  authenticate (exchange, parts, on_found_to_show);
}

static void
on_ended (const GError *error, gpointer user_data)
{
  g_autoptr (SighejExchange) exchange = user_data;

  if (error != NULL)
    sighej_exchange_answer_error (exchange, error);
  else
    sighej_exchange_answer_empty (exchange, SOUP_STATUS_NO_CONTENT);
}

static void
on_found_to_end (const SighejStoreInfo *info, const GError *error, gpointer user_data)
{
  g_autoptr (Asking) asking = user_data;

  if (error != NULL)
    sighej_exchange_answer_error (asking->exchange, error);
  else
    sighej_service_end_session (
        asking->parts->service, info->id, on_ended, sighej_exchange_ref (asking->exchange));
}

void
sighej_route_session_end (SighejExchange *exchange, SighejParts *parts)
{
  authenticate (exchange, parts, on_found_to_end);
}
