/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-route-match"

#include "config.h"

#include "sighej-crypto.h"
#include "sighej-routes.h"

typedef struct
{
  SighejExchange *exchange;
  SighejService *service;
  SighejWireMatchRequest request;
  char session_id[SIGHEJ_UUID_CHARS + 1];
} Match;

static void
match_free (Match *match)
{
  sighej_exchange_unref (match->exchange);
  sighej_wipe (&match->request, sizeof match->request);
  g_free (match);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Match, match_free)

static void
on_sighted (const SighejServiceSight *sight, const GError *error, gpointer user_data)
{
  g_autoptr (Match) match = user_data;
  SighejExchange *exchange = match->exchange;
  SighejQuota quota;

  /* Charged whatever comes of it, so this says nothing about the outcome. */
  sighej_service_get_sighting_quota (match->service, match->session_id, error, &quota);
  sighej_exchange_set_quota (exchange, &quota);
  if (error != NULL)
    sighej_exchange_answer_error (exchange, error);
  else
    sighej_exchange_answer_json (
        exchange,
        SOUP_STATUS_OK,
        sighej_wire_match_answer_write (sight->match, sight->shared_interests, sight->nudge_sent));
}

static void
on_found (const SighejStoreInfo *info, const GError *error, gpointer user_data)
{
  g_autoptr (Match) match = user_data;

  if (error != NULL)
    {
      sighej_exchange_answer_error (match->exchange, error);
      return;
    }
  g_strlcpy (match->session_id, info->id, sizeof match->session_id);
  sighej_service_sight (match->service,
                        match->session_id,
                        match->request.own_token,
                        match->request.detected_token,
                        on_sighted,
                        match);
  g_steal_pointer (&match);
}

/* In the first contract the own token is all there is; an unknown one matches nobody. */
static void
on_found_legacy (const SighejStoreInfo *info, const GError *error, gpointer user_data)
{
  if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND))
    {
      g_autoptr (Match) match = user_data;

      sighej_exchange_answer_json (
          match->exchange, SOUP_STATUS_OK, sighej_wire_match_answer_write (FALSE, NULL, FALSE));
    }
  else
    on_found (info, error, user_data);
}

static void
find_session (Match *match)
{
  char *secret;

  if (sighej_service_get_auth_mode (match->service) == SIGHEJ_AUTH_LEGACY)
    {
      sighej_service_find (match->service, match->request.own_token, on_found_legacy, match);
      return;
    }

  /* Reading the body first costs nothing and says nothing: the head was judged already. */
  secret = sighej_exchange_dup_bearer (match->exchange);
  if (secret != NULL)
    sighej_service_authenticate (match->service, secret, on_found, match);
  else
    {
      sighej_exchange_refuse (match->exchange,
                              SIGHEJ_ERROR_UNAUTHORIZED,
                              "send the session_secret as Authorization: Bearer");
      match_free (match);
    }
  sighej_wipe_free_string (secret);
}

void
sighej_route_match (SighejExchange *exchange, SighejParts *parts)
{
  g_autoptr (Match) match = g_new0 (Match, 1);
  g_autoptr (GBytes) body = sighej_exchange_dup_body (exchange);
  g_autoptr (GError) error = NULL;
  gsize n_bytes;
  const char *data = g_bytes_get_data (body, &n_bytes);

  match->exchange = sighej_exchange_ref (exchange);
  match->service = parts->service;
  if (sighej_wire_match_request_read (data, n_bytes, &match->request, &error))
    find_session (g_steal_pointer (&match));
  else
    sighej_exchange_answer_error (exchange, error);
}
